//! Which of several claims on the same bytes wins.
//!
//! Sort by rank, then length (longer first), then start, then detector; accept a claim if it does not overlap an accepted one. The result
//! is independent of threads and windows.

use super::Match;

/// Collects the claims of one field.
#[derive(Debug, Default)]
pub struct Claims {
    pub(crate) matches: Vec<(u8, Match)>,
    pub(crate) detector: u8,
}

impl Claims {
    /// A claim by the detector that is being asked.
    pub fn push(&mut self, found: Match) {
        self.matches.push((self.detector, found));
    }
}
