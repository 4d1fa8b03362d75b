//! Placeholder of `payment-card`.

use super::{Candidate, Claims, Detector, Options, Trigger};
use crate::finding::{Attributes, Category};

/// The detector `payment-card`.
#[derive(Debug)]
pub(super) struct PaymentCard;

impl Detector for PaymentCard {
    fn id(&self) -> &'static str {
        "payment-card"
    }

    fn category(&self) -> Category {
        Category::Financial
    }

    fn summary(&self) -> &'static str {
        ""
    }

    fn rule(&self) -> &'static str {
        ""
    }

    fn examples(&self) -> &'static [&'static str] {
        &[]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[]
    }

    fn find(&self, _candidate: &Candidate<'_>, _claims: &mut Claims) {}

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        out.extend_from_slice(found.as_bytes());
    }
}
