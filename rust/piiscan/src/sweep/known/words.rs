//! The words of a text, one after the other: letters and digits without a break, hashed as if they were in lower case.
//!
//! Nearly all are ASCII and the letters of Latin-1, of which the lower case is one bit away in UTF-8 too: eight bytes are hashed at
//! once as they stand. Words with other letters are put in lower case first, by the tables of Unicode.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use super::starts::foreign;
use crate::simd::eight::{FOLD, HIGH, load, mask, signs};

/// Within so many bytes most words end.
const FAR: usize = 64;

/// A word of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) hash: u64,
}

/// What words are hashed with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Seeds([u64; 2]);

impl Seeds {
    /// New ones.
    pub(super) fn random() -> Self {
        let state = RandomState::new();
        Self([state.hash_one(1_u64), state.hash_one(2_u64) | 1])
    }

    /// Adds eight bytes to a hash: the halves of a product of 128 bits, which depends on every bit of both.
    #[inline]
    pub(super) fn mix(self, hash: u64, next: u64) -> u64 {
        let wide = u128::from(hash.rotate_left(29) ^ next ^ self.0[0]) * u128::from(self.0[1]);
        #[expect(clippy::cast_possible_truncation, reason = "the two halves of a product")]
        let (low, high) = (wide as u64, (wide >> 64) as u64);
        low ^ high
    }

    /// The next word of a text. `at` stands in none, but perhaps before one.
    #[inline]
    pub(super) fn next_word(self, text: &[u8], mut at: usize) -> Option<Word> {
        while let Some(&byte) = text.get(at) {
            if byte.is_ascii_alphanumeric() || byte >= 0x80 {
                let word = self.word(text, at);
                if word.end > at {
                    return Some(word);
                }
                at += character(&text[at..]).map_or(1, |(_, len)| len);
            } else {
                at += 1;
            }
        }
        None
    }

    /// The word that begins at a place; it is empty if none does.
    #[inline]
    fn word(self, text: &[u8], start: usize) -> Word {
        let (mut hash, mut at, mut beyond) = (0, start, 0);
        while let Some(bytes) = load(text, at) {
            let stop = signs(bytes);
            let len = stop.trailing_zeros() as usize / 8;
            let own = bytes & mask(len);
            beyond |= own;
            if len > 0 {
                hash = self.mix(hash, (own | FOLD) & mask(len));
            }
            at += len;
            if len < 8 {
                return self.checked(text, Word { start, end: at, hash }, beyond);
            }
            // What is no word may go on and on, in a text without signs of ASCII.
            if beyond & HIGH != 0 && at - start >= FAR {
                return self.long(text, start);
            }
        }
        let rest = &text[at..];
        let sign = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphanumeric();
        let len = rest.iter().position(sign).unwrap_or(rest.len());
        if len > 0 {
            let own = rest[..len].iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte));
            beyond |= own;
            hash = self.mix(hash, (own | FOLD) & mask(len));
        }
        self.checked(text, Word { start, end: at + len, hash }, beyond)
    }

    /// A word up to the next ASCII sign, if nothing beyond ASCII in it needs the long way. `beyond` is all of its bytes together.
    #[inline]
    fn checked(self, text: &[u8], word: Word, beyond: u64) -> Word {
        if beyond & HIGH == 0 || foreign(&text[..word.end], word.start).is_none() {
            word
        } else {
            self.long(text, word.start)
        }
    }

    /// The word that begins at a place, whatever its letters are.
    #[cold]
    fn long(self, text: &[u8], start: usize) -> Word {
        let (mut end, mut lower) = (start, String::new());
        while let Some((c, len)) = character(&text[end..]).filter(|(c, _)| c.is_alphanumeric()) {
            lower.extend(c.to_lowercase());
            end += len;
        }
        let mut folded = lower.into_bytes();
        let mut at = 0;
        while at < folded.len() {
            let is_short = folded[at].is_ascii() || latin(&folded[at..]);
            let len = character(&folded[at..]).map_or(1, |(_, len)| len);
            if is_short {
                folded[at..at + len].iter_mut().for_each(|byte| *byte |= 0x20);
            }
            at += len;
        }
        let eights = folded.chunks(8);
        let number =
            |eight: &[u8]| eight.iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte));
        Word { start, end, hash: eights.fold(0, |hash, eight| self.mix(hash, number(eight))) }
    }
}

/// Whether a letter of U+00C0 to U+00FF stands first. Its lower case has one more bit, as that of an ASCII letter.
#[inline]
pub(super) fn latin(text: &[u8]) -> bool {
    matches!(text, [0xC3, 0x80..=0xBF, ..]) && !matches!(text[1], 0x97 | 0xB7)
}

/// Whether a word that came up to a place goes on there.
pub(super) fn goes_on(text: &[u8], at: usize) -> bool {
    at < text.len() && sign(text, at).is_none()
}

/// The length of what stands at a place, if it belongs to no word.
pub(super) fn sign(text: &[u8], at: usize) -> Option<usize> {
    match text[at] {
        byte if byte.is_ascii() => (!byte.is_ascii_alphanumeric()).then_some(1),
        _ => match character(&text[at..]) {
            Some((c, len)) => (!c.is_alphanumeric()).then_some(len),
            None => Some(1),
        },
    }
}

/// The character that a text begins with.
fn character(text: &[u8]) -> Option<(char, usize)> {
    // The longest has four bytes: what follows need not be looked at.
    let valid = text[..text.len().min(4)].utf8_chunks().next()?.valid();
    let c = valid.chars().next()?;
    Some((c, c.len_utf8()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEEDS: Seeds = Seeds([11, 0x9E37_79B9_7F4A_7C15]);

    fn words(text: &[u8]) -> Vec<Word> {
        let (mut at, mut out) = (0, Vec::new());
        while let Some(word) = SEEDS.next_word(text, at) {
            at = word.end;
            out.push(word);
        }
        out
    }

    fn hash(text: &str) -> u64 {
        let [word] = words(text.as_bytes())[..] else { panic!("{text} is one word") };
        assert_eq!((word.start, word.end), (0, text.len()));
        word.hash
    }

    #[test]
    fn one_word_in_any_case_has_one_hash() {
        for word in ["a", "Öberg", "GUÐRÚN", "abcdefgh", "Åsaåsaåsaåsa1", "Ÿvonne", "Šárka", "ΑΒΓ"]
        {
            assert_eq!(hash(&word.to_lowercase()), hash(word), "{word}");
            assert_eq!(hash(&word.to_uppercase()), hash(word), "{word}");
        }
        let others = ["a", "aa", "b", "ā", "ġ", "å", "ä", "abcdefgh", "abcdefgi", "abcdefgha", "1"];
        for (at, one) in others.iter().enumerate() {
            for other in &others[at + 1..] {
                assert_ne!(hash(one), hash(other), "{one} {other}");
            }
        }
    }

    #[test]
    fn a_letter_by_the_short_way_and_by_the_long_one_is_the_same() {
        for c in '\u{c0}'..='\u{ff}' {
            let text = c.to_string();
            assert_eq!(latin(text.as_bytes()), c.is_alphabetic(), "{c}");
            if c.is_alphabetic() {
                assert_eq!(
                    SEEDS.word(text.as_bytes(), 0).hash,
                    SEEDS.long(text.as_bytes(), 0).hash
                );
            }
        }
    }

    proptest! {
        #[test]
        fn words_are_runs_of_letters_and_digits(text in "[a-zA-Z0-9ÅÄÖåäö×÷ß ,.—“Šš😊-]{0,60}") {
            let is_part = |c: char| c.is_alphanumeric();
            let runs: Vec<&str> =
                text.split(|c| !is_part(c)).filter(|run| !run.is_empty()).collect();
            let found: Vec<&str> =
                words(text.as_bytes()).iter().map(|word| &text[word.start..word.end]).collect();
            prop_assert_eq!(&found, &runs);
            for (word, run) in words(text.as_bytes()).iter().zip(runs) {
                prop_assert_eq!(word.hash, SEEDS.long(run.as_bytes(), 0).hash);
            }
        }

        #[test]
        fn no_bytes_are_a_problem(text in prop::collection::vec(any::<u8>(), 0..60)) {
            let words = words(&text);
            prop_assert!(words.windows(2).all(|pair| pair[0].end <= pair[1].start));
            prop_assert!(words.iter().all(|word| word.start < word.end && word.end <= text.len()));
        }
    }
}
