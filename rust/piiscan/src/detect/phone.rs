//! Placeholder of `phone`.

use super::{Candidate, Claims, Detector, Options, Trigger};
use crate::finding::{Attributes, Category};

/// The detector `phone`.
#[derive(Debug)]
pub(super) struct Phone;

impl Detector for Phone {
    fn id(&self) -> &'static str {
        "phone"
    }

    fn category(&self) -> Category {
        Category::Contact
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
