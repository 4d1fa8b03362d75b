//! Placeholder of `fi-hetu`.

use super::{Candidate, Claims, Detector, Options, Trigger};
use crate::finding::{Attributes, Category};

/// The detector `fi-hetu`.
#[derive(Debug)]
pub(super) struct FiHetu;

impl Detector for FiHetu {
    fn id(&self) -> &'static str {
        "fi-hetu"
    }

    fn category(&self) -> Category {
        Category::IdentityNumber
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
