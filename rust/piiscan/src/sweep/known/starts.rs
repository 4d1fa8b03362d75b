//! Where a text may hold the beginning of a value: the first eight bytes of each word against a bitmap, before anything is hashed.
//!
//! Only for texts of ASCII and the letters of Latin-1, nearly all: there every run of bytes that are no signs of ASCII is a word.

use super::words::latin;
use crate::eight::{FOLD, HIGH, load, mask, signs};

/// Bits for each beginning, at least.
const SPARSE: usize = 16;
/// Words of 64 bits at least and at most: those of most messages are few, and all of them fit the second cache.
const LEAST: usize = 8;
const MOST: usize = 1 << 15;

/// How a value begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Start {
    /// With nothing.
    #[default]
    Empty,
    /// With a digit, which need not be the only one of its word.
    Digit(u8),
    /// With a word of which these are the first eight bytes, folded, zeros behind its end.
    Word(u64),
}

impl Start {
    /// The word that begins at a place.
    pub(super) fn word(text: &[u8], at: usize) -> Self {
        Self::Word(Padded::new(text).word(at))
    }
}

/// How some values begin. Says too much, never too little.
#[derive(Clone, Debug)]
pub(super) struct Starts {
    /// A bit for each byte of ASCII that is such a digit.
    digits: u128,
    bits: Vec<u64>,
}

impl Default for Starts {
    fn default() -> Self {
        Self { digits: 0, bits: vec![0; LEAST] }
    }
}

impl Starts {
    pub(super) fn clear(&mut self) {
        self.digits = 0;
        self.bits.fill(0);
    }

    /// Whether with so many there is need for more room.
    pub(super) fn is_full(&self, count: usize) -> bool {
        self.bits.len() < MOST && count * SPARSE > self.bits.len() * 64
    }

    /// Makes room. What was there is to be added again.
    pub(super) fn grow(&mut self) {
        self.bits = vec![0; self.bits.len() * 4];
    }

    pub(super) fn add(&mut self, start: Start) {
        match start {
            Start::Empty => {}
            Start::Digit(digit) => self.digits |= 1 << (digit & 127),
            Start::Word(word) => {
                let (at, bit) = self.place(word);
                self.bits[at] |= bit;
            }
        }
    }

    /// The bit of a word.
    #[inline]
    fn place(&self, word: u64) -> (usize, u64) {
        let mixed = word.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        #[expect(clippy::cast_possible_truncation, reason = "32 bits")]
        let at = (mixed >> 6) as usize & (self.bits.len() - 1);
        (at, 1 << (mixed & 63))
    }

    /// Whether a value may begin with a word.
    #[inline]
    fn has(&self, word: u64) -> bool {
        let (at, bit) = self.place(word);
        #[expect(clippy::cast_possible_truncation, reason = "the lowest byte")]
        let first = word as u8;
        let is_digit = self.digits >> (first & 127) & u128::from(first < 0x80);
        (self.bits[at] & bit != 0) | (is_digit != 0)
    }

    /// Calls for every place where a value may begin, in order. The text has to be Latin: see [`is_latin`].
    #[inline]
    pub(super) fn each(&self, text: &[u8], mut call: impl FnMut(usize)) {
        let padded = Padded::new(text);
        let mut before = 0;
        for base in (0..text.len()).step_by(64) {
            let mut letters = 0;
            for at in (base..text.len().min(base + 64)).step_by(8) {
                let marks = !signs(padded.load(at)) & HIGH;
                letters |= bits(marks) << (at - base);
            }
            let mut starts = letters & !(letters << 1 | before);
            before = letters >> 63;
            while starts != 0 {
                let at = base + starts.trailing_zeros() as usize;
                starts &= starts - 1;
                if self.has(padded.word(at)) {
                    call(at);
                }
            }
        }
    }
}

/// The high bits of eight bytes, together.
#[inline]
fn bits(marks: u64) -> u64 {
    (marks >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// A text with zeros behind it.
struct Padded<'t> {
    text: &'t [u8],
    /// The last bytes, fewer than eight, and zeros.
    last: [u8; 16],
    /// Where they begin.
    from: usize,
}

impl<'t> Padded<'t> {
    #[inline]
    fn new(text: &'t [u8]) -> Self {
        let from = text.len().saturating_sub(7);
        let mut last = [0; 16];
        last[..text.len() - from].copy_from_slice(&text[from..]);
        Self { text, last, from }
    }

    /// The eight bytes at a place within the text.
    #[inline]
    fn load(&self, at: usize) -> u64 {
        load(self.text, at).or_else(|| load(&self.last, at - self.from)).unwrap_or_default()
    }

    /// The first eight bytes of the word at a place, folded, zeros behind its end.
    #[inline]
    fn word(&self, at: usize) -> u64 {
        let bytes = self.load(at);
        (bytes | FOLD) & mask(signs(bytes).trailing_zeros() as usize / 8)
    }
}

/// Whether everything beyond ASCII is a letter of Latin-1, whole.
#[inline]
pub(super) fn is_latin(text: &[u8]) -> bool {
    let mut at = 0;
    while at < text.len() {
        match load(text, at) {
            Some(bytes) if bytes & HIGH == 0 => at += 8,
            _ if text[at].is_ascii() => at += 1,
            _ if latin(&text[at..]) => at += 2,
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn starts(of: &[&str]) -> Starts {
        let mut starts = Starts::default();
        of.iter().for_each(|word| starts.add(Start::word(word.as_bytes(), 0)));
        starts
    }

    fn places(starts: &Starts, text: &str) -> Vec<usize> {
        let mut out = Vec::new();
        starts.each(text.as_bytes(), |at| out.push(at));
        out
    }

    #[test]
    fn a_word_is_seen_where_it_begins() {
        let some = starts(&["Åsa", "efternamnet", "x"]);
        assert_eq!(places(&some, "åsa, kåsa ÅSA x åsan EfterNamnet xx"), [0, 12, 17, 25]);
        // Eight bytes do not tell where a longer word ends.
        assert_eq!(places(&some, "efternam efternamn efte"), [0, 9]);
        let mut number = Starts::default();
        number.add(Start::Digit(b'8'));
        assert_eq!(places(&number, "8 81 18 a8 8x"), [0, 2, 11]);
        assert!(places(&Starts::default(), "åsa 8").is_empty());
    }

    #[test]
    fn latin_letters_are_told_from_signs() {
        assert!(is_latin("Åsa Öberg, 12 ÿ and a longer text".as_bytes()));
        for text in ["a–b", "÷", "šå", "ok 😊", "x\u{a0}y", "eight by\u{300}"] {
            assert!(!is_latin(text.as_bytes()), "{text}");
        }
        assert!(!is_latin(b"\xc3"));
    }

    proptest! {
        #[test]
        fn every_word_is_seen_wherever_it_stands(text in "[a-cA-CåäÖ ,.1-]{0,200}") {
            let is_part = |c: char| c.is_alphanumeric();
            let mut all = Starts::default();
            let words: Vec<(usize, &str)> = text
                .split(|c| !is_part(c))
                .filter(|word| !word.is_empty())
                .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
                .collect();
            words.iter().for_each(|(_, word)| all.add(Start::word(word.as_bytes(), 0)));
            let expected: Vec<usize> = words.iter().map(|(at, _)| *at).collect();
            prop_assert_eq!(places(&all, &text), expected);
        }
    }
}
