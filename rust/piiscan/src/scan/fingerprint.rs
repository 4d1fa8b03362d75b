//! Fingerprints of findings: canonical form, then a keyed hash.
//!
//! In an archive the same few addresses and numbers come again and again, so the last ones are remembered as they were written. A fingerprint
//! depends on the text, its detector and its attributes alone, for one scanner.

use std::fmt;
use std::sync::Arc;

use super::Scanner;
use crate::detect::DETECTORS;
use crate::finding::{Attributes, Fingerprint};
use crate::token::Fingerprints;

const PLACES: usize = 1024; // a power of two
const TEXT_MAX: usize = 30; // bytes; longer values are rare and not remembered

/// Working memory for canonical forms and what was made of the last ones.
#[derive(Default)]
pub(super) struct Prints {
    /// The identity of the scanner that they were made for.
    scanner: Option<Arc<()>>,
    canonical: Vec<u8>,
    last: Vec<Last>,
}

/// A value and its fingerprint. A place per hash of the value: the last one stays.
#[derive(Clone, Copy)]
struct Last {
    detector: u8,
    /// Length of the text; 0 when there is none.
    len: u8,
    text: [u8; TEXT_MAX],
    attributes: Attributes,
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
    /// Forgets everything if another scanner begins.
    pub(super) fn reset(&mut self, scanner: &Arc<()>) {
        if self.scanner.as_ref().is_none_or(|of| !Arc::ptr_eq(of, scanner)) {
            self.last.clear();
            self.scanner = Some(Arc::clone(scanner));
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
        let Some(keyed) = &scanner.fingerprints else { return Fingerprint::default() };
        self.remembered(detector, found, attributes, |canonical| {
            scanner.canonical(detector, found, attributes, canonical);
            keyed.of(&scanner.detectors[usize::from(detector)].id, canonical)
        })
    }

    /// The fingerprint that was made for this value, or that `make` makes with an empty buffer.
    fn remembered(
        &mut self,
        detector: u8,
        found: &[u8],
        attributes: &Attributes,
        make: impl FnOnce(&mut Vec<u8>) -> Fingerprint,
    ) -> Fingerprint {
        self.canonical.clear();
        let len =
            u8::try_from(found.len()).ok().filter(|len| (1..=TEXT_MAX).contains(&(*len).into()));
        let Some(len) = len else { return make(&mut self.canonical) };
        let mut text = [0; TEXT_MAX];
        text[..found.len()].copy_from_slice(found);
        if self.last.is_empty() {
            let (attributes, fingerprint) = (Attributes::default(), Fingerprint::default());
            let none = Last { detector: 0, len: 0, text: [0; TEXT_MAX], attributes, fingerprint };
            self.last.resize(PLACES, none);
        }
        let last = &mut self.last[place(&text, detector)];
        let same = last.len == len && last.detector == detector && last.text == text;
        if !same || last.attributes != *attributes {
            let fingerprint = make(&mut self.canonical);
            *last = Last { detector, len, text, attributes: *attributes, fingerprint };
        }
        last.fingerprint
    }
}

fn place(text: &[u8; TEXT_MAX], detector: u8) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    let mix =
        |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let rest = rest.iter().fold(u64::from(detector), |word, byte| word << 8 | u64::from(*byte));
    let hash = words.iter().fold(mix(0, rest), |hash, word| mix(hash, u64::from_le_bytes(*word)));
    usize::try_from(hash >> (64 - PLACES.ilog2())).expect("a place has ten bits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Flags;
    use crate::token::Key;

    #[test]
    fn a_remembered_fingerprint_is_the_one_of_its_value_and_detector() {
        let keyed = [1, 2].map(|key| Key::new([key; 32]).fingerprints());
        let scanners = [Arc::new(()), Arc::new(())];
        let plain = Attributes::default();
        let grouped = Attributes { flags: Flags::GROUPED, ..plain };
        let mut prints = Prints::default();
        for (keyed, scanner) in keyed.iter().zip(&scanners).cycle().take(4) {
            prints.reset(scanner);
            for number in (0..6000_u32).map(|number| number % 1500) {
                for (detector, attributes) in [(0, plain), (1, plain), (1, grouped)] {
                    let text = format!("{number}");
                    let id = ["phone", "email"][usize::from(detector)];
                    let make = |canonical: &mut Vec<u8>| {
                        assert!(canonical.is_empty());
                        canonical.extend(
                            text.bytes()
                                .chain(attributes.flags.has(Flags::GROUPED).then_some(b'g')),
                        );
                        keyed.of(id, canonical)
                    };
                    let (mut buffer, mut other) = (Vec::new(), Vec::new());
                    let expected = make(&mut buffer);
                    let found = prints.remembered(detector, text.as_bytes(), &attributes, make);
                    assert_eq!(found, expected);
                    assert_eq!(make(&mut other), expected);
                }
            }
        }
    }

    #[test]
    fn a_long_value_is_not_cut() {
        let (keyed, mut prints) = (Key::new([1; 32]).fingerprints(), Prints::default());
        let [one, other] = ["x", "y"].map(|end| {
            let text = format!("{}{end}", "a".repeat(TEXT_MAX));
            let attributes = Attributes::default();
            prints
                .remembered(0, text.as_bytes(), &attributes, |_| keyed.of("email", text.as_bytes()))
        });
        assert_ne!(one, other);
    }
}
