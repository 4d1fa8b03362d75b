//! The words beside a candidate, known by two bits each: a pattern that needs others is let go before its sentence is read.
//!
//! Nearly every word that may be part of a pattern is an ordinary word in an ordinary sentence. Here it costs a few bytes to the left
//! and to the right. What is said is never less than what the sentence holds: where a symbol makes it hard to say what is a word,
//! every word is thought possible, and words beyond the end of the sentence are counted in.

use std::ops::Range;

use super::letters::{Byte, byte_at, cut8};
use crate::simd::eight::mask;

/// Words that are looked at on either side: what a pattern spans.
const MOST: usize = crate::lexicon::WINDOW_MAX as usize;
/// Words as two sets of 64 kinds, by their first three bytes and by their first six.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kinds {
    three: u64,
    six: u64,
}

impl Kinds {
    pub(super) const ANY: Self = Self { three: !0, six: !0 };

    /// A word, given its first eight folded bytes.
    fn of(word: u64) -> Self {
        let bit =
            |bytes: usize| 1 << ((word & mask(bytes)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58);
        Self { three: bit(3), six: bit(6) }
    }

    /// The words that one of a list is, or begins with if it is a prefix. What is too short to tell is any word.
    pub(super) fn of_list<'w>(words: impl Iterator<Item = (&'w [u8], bool)>) -> Self {
        words.fold(Self::default(), |kinds, (word, prefix)| {
            let own = Self::of(cut8(word, 0, word.len()));
            let told = |bytes| !prefix || word.len() >= bytes;
            Self {
                three: kinds.three | if told(3) { own.three } else { !0 },
                six: kinds.six | if told(6) { own.six } else { !0 },
            }
        })
    }

    fn meets(self, other: Self) -> bool {
        self.three & other.three != 0 && self.six & other.six != 0
    }

    /// How many words are meant, roughly.
    pub(super) fn count(self) -> u32 {
        self.three.count_ones()
    }
}

/// One of the two sides of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// The words on one side, as far as they were asked for.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// Where the next word is looked for.
    at: usize,
    count: usize,
    kinds: [Kinds; MOST],
}

/// The words on both sides of a candidate.
#[derive(Debug)]
pub(super) struct Beside<'t> {
    text: &'t [u8],
    field: &'t Range<usize>,
    left: Seen,
    right: Seen,
}

impl<'t> Beside<'t> {
    pub(super) fn new(text: &'t [u8], field: &'t Range<usize>, word: &Range<usize>) -> Self {
        let seen = |at| Seen { at, count: 0, kinds: [Kinds::default(); MOST] };
        Self { text, field, left: seen(word.start), right: seen(word.end) }
    }

    /// Whether one of the words from the `nearest`th to the `farthest`th on a side may be one of these.
    pub(super) fn has(&mut self, side: Side, (nearest, farthest): (u8, u8), these: Kinds) -> bool {
        (usize::from(nearest)..=usize::from(farthest)).any(|nth| self.nth(side, nth).meets(these))
    }

    /// The `nth` word on a side, from 1; none if the field ends before.
    fn nth(&mut self, side: Side, nth: usize) -> Kinds {
        if nth == 0 || nth > MOST {
            return Kinds::ANY;
        }
        let Self { text, field, left, right } = self;
        let seen = if side == Side::Left { left } else { right };
        while seen.count < nth {
            seen.kinds[seen.count] = match side {
                Side::Left => before(text, field, &mut seen.at),
                Side::Right => behind(text, field, &mut seen.at),
            };
            seen.count += 1;
        }
        seen.kinds[nth - 1]
    }
}

/// The next word from `at` on, which moves behind it; it stays where a symbol stands.
fn behind(text: &[u8], field: &Range<usize>, at: &mut usize) -> Kinds {
    let end = field.end;
    while *at < end && byte_at(text, *at) == Byte::Sign {
        *at += 1;
    }
    let start = *at;
    while *at < end {
        match byte_at(text, *at) {
            Byte::Sign => break,
            Byte::Letter => *at += 1,
            Byte::Lead => {
                *at = start;
                return Kinds::ANY;
            }
        }
    }
    if *at == start { Kinds::default() } else { Kinds::of(cut8(text, start, *at)) }
}

/// The same to the left.
fn before(text: &[u8], field: &Range<usize>, at: &mut usize) -> Kinds {
    let start = field.start;
    while *at > start && byte_at(text, *at - 1) == Byte::Sign {
        *at -= 1;
    }
    let end = *at;
    while *at > start {
        match byte_at(text, *at - 1) {
            Byte::Sign => break,
            Byte::Letter => *at -= 1,
            Byte::Lead => {
                *at = end;
                return Kinds::ANY;
            }
        }
    }
    if *at == end { Kinds::default() } else { Kinds::of(cut8(text, *at, end)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{letters, words};
    use super::*;

    #[test]
    fn the_words_of_both_sides_are_counted_from_the_candidate() {
        let text = "jag har, som du vet, diabetes sedan 1999.";
        let start = text.find("diabetes").unwrap();
        let (field, word) = (0..text.len(), start..start + 8);
        let mut beside = Beside::new(text.as_bytes(), &field, &word);
        let mut has = |side, near, far, word: &str, prefix| {
            beside.has(side, (near, far), Kinds::of_list([(word.as_bytes(), prefix)].into_iter()))
        };
        assert!(has(Side::Left, 1, 1, "vet", false) && has(Side::Left, 2, 4, "har", false));
        assert!(has(Side::Right, 1, 1, "sed", true) && has(Side::Right, 2, 2, "1999", false));
        assert!(!has(Side::Left, 6, 6, "jag", false) && !has(Side::Right, 3, 8, "sedan", false));
        assert!(has(Side::Left, 1, 1, "x", true));
    }

    proptest! {
        #[test]
        fn no_word_of_the_sentence_is_denied(
            text in "([a-zåäö]{1,12}|[ ]{1,2}|[,.!:;()\n-]|→|😢|Ã¥|«|…|[0-9]){0,40}", at in 0..40_usize,
        ) {
            let mut bytes = text.as_bytes().to_vec();
            bytes.resize(text.len() + 64, 0);
            let field = 0..text.len();
            let starts: Vec<usize> = (0..text.len())
                .filter(|at| letters::is_word_byte(bytes[*at]))
                .filter(|at| *at == 0 || !letters::is_word_byte(bytes[*at - 1]))
                .collect();
            let start = starts.get(at).copied().unwrap_or(0);
            if let Some((word, _)) = words::word_from(&bytes, start, &field) {
                let window = words::window(&bytes, &field, &word, MOST);
                let mut beside = Beside::new(&bytes, &field, &word);
                for (nth, token) in window.tokens.iter().enumerate() {
                    let one = Kinds::of_list([(&*text.as_bytes()[token.start..token.end].to_ascii_lowercase(), false)].into_iter());
                    let (side, far) = if nth < window.at {
                        (Side::Left, window.at - nth)
                    } else {
                        (Side::Right, nth - window.at)
                    };
                    let far = u8::try_from(far).unwrap();
                    prop_assert!(far == 0 || beside.has(side, (far, far), one), "{nth} of {window:?}");
                }
            }
        }
    }
}
