//! Anchors in labels: a value under the label `passnummer` is a candidate as it is behind the word.
//!
//! Fields of a few kinds follow each other in turn, so what a label holds is kept in a small table by its first and last bytes.

use std::ops::Range;

use crate::detect::anchor::{Anchors, Found};

const KNOWN: usize = 64; // labels; a power of two

/// The labels of one batch that were looked at.
#[derive(Debug, Default)]
pub(super) struct Labels {
    known: Vec<(Range<usize>, Found)>,
}

impl Labels {
    /// Forgets the labels of the batch before.
    pub(super) fn reset(&mut self) {
        self.known.clear();
    }

    /// The anchors in the label at `place` of all labels.
    pub(super) fn anchors(
        &mut self,
        anchors: &Anchors,
        labels: &str,
        place: &Range<usize>,
    ) -> &Found {
        if self.known.is_empty() {
            self.known.resize(KNOWN, (0..0, Found::new()));
        }
        let label = &labels[place.clone()];
        let known = &mut self.known[slot(label.as_bytes())];
        if known.0 != *place {
            if known.0.len() != place.len() || labels[known.0.clone()] != *label {
                known.1 = anchors.in_label(label);
            }
            known.0 = place.clone();
        }
        &known.1
    }
}

/// Place of a label in the table.
fn slot(label: &[u8]) -> usize {
    let byte = |at: usize| label.get(at).map_or(0, |byte| usize::from(*byte));
    let ends = byte(0)
        ^ byte(1) << 1
        ^ byte(label.len() / 2) << 2
        ^ byte(label.len().wrapping_sub(1)) << 3;
    (ends ^ ends >> 6 ^ label.len()) % KNOWN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_known_again_and_not_taken_for_another() {
        let anchors = Anchors::compile([(1, 0, ["pass", "konto"].as_slice())].into_iter());
        let names: Vec<String> =
            (0..200).map(|n| format!("{n}{}", ["pass", " pass"][n % 2])).collect();
        let (all, mut labels) = (names.concat(), Labels::default());
        for _ in 0..2 {
            let mut start = 0;
            for (number, name) in names.iter().enumerate() {
                let place = start..start + name.len();
                start = place.end;
                let found = labels.anchors(&anchors, &all, &place).len();
                assert_eq!(found, number % 2, "{name}");
            }
            labels.reset();
        }
    }
}
