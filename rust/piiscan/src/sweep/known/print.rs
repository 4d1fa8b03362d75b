//! What is remembered of a value: hashes under the key of a set.

use super::starts::Start;
use super::{DIGITS, DIGITS_MAX, Known, LETTERS, Spelling, WORDS_MAX, join};

/// What is remembered of a value: one hash, or two of a number that may be written without its century.
#[derive(Clone, Copy)]
pub(in crate::sweep) struct Print {
    hashes: [Begun; 2],
    count: usize,
    /// Number of words; none if it is compared by its digits.
    pub(super) words: usize,
}

/// A hash, and how the value begins: the hash of its first word or digit, and that as it stands.
#[derive(Clone, Copy, Default)]
pub(super) struct Begun {
    pub(super) first: u64,
    pub(super) start: Start,
    pub(super) all: u64,
}

/// `Debug` shows nothing of the value.
impl std::fmt::Debug for Print {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Print({} words)", self.words)
    }
}

impl Print {
    /// Each way in which the value is looked for.
    pub(super) fn begun(&self) -> &[Begun] {
        &self.hashes[..self.count]
    }
}

impl Known {
    /// What this set and its siblings remember of a value; nothing if it is too short. A value in one spelling is found as it is
    /// written only, but for the case of letters and what stands between its words.
    pub(in crate::sweep) fn print(&self, value: &str, spelling: Spelling) -> Option<Print> {
        let mut buffer = [0; DIGITS_MAX];
        let mut count = 0;
        for digit in value.bytes().filter(u8::is_ascii_digit) {
            if let Some(place) = buffer.get_mut(count) {
                *place = digit;
            }
            count += 1;
        }
        let digits = &buffer[..count.min(DIGITS_MAX)];
        if !value.chars().any(char::is_alphabetic) {
            let same = digits.windows(2).all(|pair| pair[0] == pair[1]);
            if count < DIGITS || same {
                return None;
            }
            if spelling == Spelling::Any {
                if count > DIGITS_MAX {
                    return None;
                }
                // A personal number is written with its century or without.
                let has_century = count == 12 && matches!(&digits[..2], b"18" | b"19" | b"20");
                let short = if has_century { &digits[2..] } else { digits };
                let hashes = [self.number_print(digits), self.number_print(short)];
                return Some(Print { hashes, count: 1 + usize::from(has_century), words: 0 });
            }
        }
        let (mut words, mut length, mut begun) = (0, 0, Begun::default());
        let mut at = 0;
        while let Some(word) = self.key.next_word(value.as_bytes(), at) {
            if words == 0 {
                begun.first = word.hash;
                begun.start = Start::word(value.as_bytes(), word.start);
            }
            begun.all = join(begun.all, word.hash);
            length += word.end - word.start;
            words += 1;
            at = word.end;
        }
        let says_enough = length >= LETTERS && (words > 1 || (words == 1 && count > 0));
        (says_enough && words <= WORDS_MAX).then_some(Print { hashes: [begun; 2], count: 1, words })
    }

    fn number_print(&self, digits: &[u8]) -> Begun {
        let hash = digits.iter().fold(0, |hash, digit| join(hash, u64::from(*digit)));
        let start = Start::Digits(digits[0], digits[1]);
        Begun {
            first: u64::from(digits[0]) << 8 | u64::from(digits[1]),
            start,
            all: self.key.mix(0, hash),
        }
    }
}
