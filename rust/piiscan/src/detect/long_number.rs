//! Placeholder of `long-number`.

use super::{Candidate, Claims, Detector, Options, Trigger};
use crate::finding::{Attributes, Category};

/// The detector `long-number`.
#[derive(Debug)]
pub(super) struct LongNumber;

impl Detector for LongNumber {
    fn id(&self) -> &'static str {
        "long-number"
    }

    fn category(&self) -> Category {
        Category::Number
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
