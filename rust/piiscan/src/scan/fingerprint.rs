//! Fingerprints of findings: canonical form, then a keyed hash.

use std::fmt;

use super::Scanner;
use crate::detect::DETECTORS;
use crate::finding::{Attributes, Fingerprint};

/// Working memory for canonical forms.
#[derive(Default)]
pub(super) struct Prints {
    canonical: Vec<u8>,
}

/// `Debug` never shows a value.
impl fmt::Debug for Prints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prints(..)")
    }
}

impl Prints {
    /// The fingerprint of a found text; all zero when the scanner has no key.
    pub(super) fn of(
        &mut self,
        scanner: &Scanner,
        detector: u8,
        found: &[u8],
        attributes: &Attributes,
    ) -> Fingerprint {
        let Some(fingerprints) = &scanner.fingerprints else { return Fingerprint::default() };
        let active = &scanner.active[usize::from(detector)];
        self.canonical.clear();
        let found = String::from_utf8_lossy(found);
        let options = &scanner.options;
        DETECTORS[active.place].canonical(&found, attributes, options, &mut self.canonical);
        fingerprints.of(DETECTORS[active.place].id(), &self.canonical)
    }
}
