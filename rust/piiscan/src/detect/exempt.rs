//! Shapes that are no personal data: dates, times, amounts, law references. They claim their digits and are not reported.

use super::{Candidate, Claims};

/// Claims the whole run of digits of a candidate if it is one of these shapes.
pub fn claim(_candidate: &Candidate<'_>, _claims: &mut Claims) {}
