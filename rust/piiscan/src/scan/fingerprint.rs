//! Fingerprints of findings: canonical form, then a keyed hash.
//!
//! In a block of an archive the same few addresses and numbers come again and again, so the last ones are remembered while a batch is scanned.

use std::fmt;

use super::Scanner;
use crate::detect::DETECTORS;
use crate::finding::{Attributes, Fingerprint};
use crate::token::Fingerprints;

const PLACES: usize = 512; // a power of two
const CANONICAL_MAX: usize = 30; // bytes; longer values are rare and not remembered

/// Working memory for canonical forms and what was made of the last ones.
#[derive(Default)]
pub(super) struct Prints {
    canonical: Vec<u8>,
    last: Vec<Last>,
    batch: u32,
}

/// A value and its fingerprint. A place per hash of the value: the last one stays.
#[derive(Clone, Copy)]
struct Last {
    /// Number of the batch that it was made for.
    batch: u32,
    detector: u8,
    len: u8,
    canonical: [u8; CANONICAL_MAX],
    fingerprint: Fingerprint,
}

/// `Debug` never shows a value.
impl fmt::Debug for Prints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prints(..)")
    }
}

impl Scanner {
    /// The fingerprint, under a key of its own, that a text has as a finding of a detector.
    pub fn print_of(
        &self,
        keyed: &Fingerprints,
        detector: u8,
        found: &str,
        attributes: &Attributes,
    ) -> Fingerprint {
        let mut canonical = Vec::new();
        self.canonical(detector, found.as_bytes(), attributes, &mut canonical);
        let id = self.detectors.get(usize::from(detector)).map_or("", |found| found.id.as_str());
        keyed.of(id, &canonical)
    }

    /// Appends the canonical form of a found text.
    fn canonical(&self, detector: u8, found: &[u8], attributes: &Attributes, out: &mut Vec<u8>) {
        if let Some(active) = self.active.get(usize::from(detector)) {
            let (found, options) = (String::from_utf8_lossy(found), &self.options);
            DETECTORS[active.place].canonical(&found, attributes, options, out);
        } else {
            // A keyword stands for its term, not for a person.
            let name = self.term_name(attributes.term).unwrap_or_default();
            out.extend_from_slice(name.as_bytes());
        }
    }
}

impl Prints {
    /// Forgets everything: another batch begins, perhaps under another key.
    pub(super) fn reset(&mut self) {
        self.batch = self.batch.wrapping_add(1);
        if self.batch == 0 {
            self.last.clear();
            self.batch = 1;
        }
    }

    /// The fingerprint of a found text; all zero when the scanner has no key.
    pub(super) fn of(
        &mut self,
        scanner: &Scanner,
        detector: u8,
        found: &[u8],
        attributes: &Attributes,
    ) -> Fingerprint {
        let Some(fingerprints) = &scanner.fingerprints else { return Fingerprint::default() };
        self.canonical.clear();
        scanner.canonical(detector, found, attributes, &mut self.canonical);
        let id = &scanner.detectors[usize::from(detector)].id;
        self.remembered(fingerprints, id, detector)
    }

    fn remembered(&mut self, keyed: &Fingerprints, id: &str, detector: u8) -> Fingerprint {
        let len = self.canonical.len();
        let Some(len) = u8::try_from(len).ok().filter(|_| len <= CANONICAL_MAX) else {
            return keyed.of(id, &self.canonical);
        };
        let mut canonical = [0; CANONICAL_MAX];
        canonical[..self.canonical.len()].copy_from_slice(&self.canonical);
        if self.last.is_empty() {
            let none =
                Last { batch: 0, detector, len, canonical, fingerprint: Fingerprint([0; 16]) };
            self.last.resize(PLACES, none);
        }
        let last = &mut self.last[place(&canonical, detector)];
        let same = last.batch == self.batch && last.detector == detector && last.len == len;
        if !same || last.canonical != canonical {
            let fingerprint = keyed.of(id, &self.canonical);
            *last = Last { batch: self.batch, detector, len, canonical, fingerprint };
        }
        last.fingerprint
    }
}

fn place(canonical: &[u8; CANONICAL_MAX], detector: u8) -> usize {
    let (words, rest) = canonical.as_chunks::<8>();
    let mix =
        |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let rest = rest.iter().fold(u64::from(detector), |word, byte| word << 8 | u64::from(*byte));
    let hash = words.iter().fold(mix(0, rest), |hash, word| mix(hash, u64::from_le_bytes(*word)));
    usize::try_from(hash >> (64 - PLACES.ilog2())).expect("a place has nine bits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::Key;

    #[test]
    fn a_remembered_fingerprint_is_the_one_of_its_value_and_detector() {
        let keyed = [1, 2].map(|key| Key::new([key; 32]).fingerprints());
        let mut prints = Prints::default();
        for (round, keyed) in (0..4).zip(keyed.iter().cycle()) {
            prints.reset();
            for (number, detector) in (0..3000_u32).flat_map(|number| [(number, 0), (number, 1)]) {
                prints.canonical = format!("{}", number % 1500).into_bytes();
                let id = ["phone", "email"][usize::from(detector)];
                let expected = keyed.of(id, &prints.canonical);
                assert_eq!(prints.remembered(keyed, id, detector), expected, "{round}");
            }
        }
    }

    #[test]
    fn a_long_value_is_not_cut() {
        let (keyed, mut prints) = (Key::new([1; 32]).fingerprints(), Prints::default());
        prints.reset();
        let [one, other] = ["x", "y"].map(|end| {
            prints.canonical = format!("{}{end}", "a".repeat(CANONICAL_MAX)).into_bytes();
            prints.remembered(&keyed, "email", 0)
        });
        assert_ne!(one, other);
    }
}
