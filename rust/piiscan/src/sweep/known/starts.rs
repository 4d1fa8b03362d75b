//! Where a text may hold the beginning of a value: the first eight bytes of each word against a bitmap, before anything is hashed.
//!
//! Only where all is ASCII or a letter of Latin-1, nearly everywhere: there every run of bytes that are no signs of ASCII is a word.

#![expect(clippy::inline_always, reason = "the search is compiled for every way to classify")]

use std::num::NonZero;
use std::ops::Range;

use super::words::latin;
use crate::simd::eight::{FOLD, HIGH, load, mask, signs};
use crate::simd::{self, Classify, REACH, WORD};

/// Bits for each beginning, at least.
const SPARSE: usize = 16;
/// Words of 64 bits at least and at most: those of most messages are few, and all of them fit the second cache.
const LEAST: usize = 8;
const MOST: usize = 1 << 15;

/// Signs by their lower five bits.
const SIGNS: u32 = 0xFC00_FFFF;

/// How a value begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Start {
    /// With nothing.
    #[default]
    Empty,
    /// With two digits, between which a sign may stand.
    Digits(u8, u8),
    /// With a word of which these are the first eight bytes, folded, zeros behind its end.
    Word(u64),
}

impl Start {
    /// The word that begins at a place.
    pub(super) fn word(text: &[u8], at: usize) -> Self {
        Self::Word(word(text, at))
    }
}

/// What may begin at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct May {
    pub(super) number: bool,
    pub(super) words: bool,
}

impl May {
    /// Where nobody looked.
    pub(super) const ANYTHING: Self = Self { number: true, words: true };
}

/// How some values begin. Says too much, never too little.
#[derive(Clone, Debug)]
pub(super) struct Starts {
    /// The first two bytes, by their lower five bits, which no case changes: most words of most texts are let go by them.
    two: [u32; 32],
    /// A bit for each digit that a number begins with.
    digits: u16,
    /// The first eight bytes of words.
    bits: Vec<u64>,
}

impl Default for Starts {
    fn default() -> Self {
        Self { two: [0; 32], digits: 0, bits: vec![0; LEAST] }
    }
}

impl Starts {
    pub(super) fn clear(&mut self) {
        self.two.fill(0);
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
            Start::Digits(first, second) => {
                self.digits |= 1 << (first & 15);
                self.two[low(first)] |= SIGNS | 1 << low(second);
            }
            Start::Word(word) => {
                let [first, second, ..] = word.to_le_bytes();
                self.two[low(first)] |= if second == 0 { u32::MAX } else { 1 << low(second) };
                let (at, bit) = self.place(word);
                self.bits[at] |= bit;
            }
        }
    }

    /// The bit of a word.
    #[inline]
    fn place(&self, word: u64) -> (usize, u64) {
        let mixed = word.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let at = (mixed >> 6) as usize & (self.bits.len() - 1);
        (at, 1 << (mixed & 63))
    }

    /// What may begin with a word, of which these are the first two bytes.
    #[inline(always)]
    fn may(&self, [first, second]: [u8; 2], text: &[u8], at: usize) -> May {
        if self.two[low(first)] >> low(second) & 1 == 0 {
            return May { number: false, words: false };
        }
        let number = first.is_ascii_digit() && self.digits >> (first & 15) & 1 != 0;
        let (place, bit) = self.place(word(text, at));
        May { number, words: self.bits[place] & bit != 0 }
    }

    /// Calls for every place of a stretch where a value may begin, in order. Before and behind the stretch stand signs of ASCII, or
    /// nothing, and all that is beyond ASCII in it are letters of Latin-1.
    pub(super) fn each(&self, text: &[u8], stretch: Range<usize>, call: impl FnMut(usize, May)) {
        simd::dispatch(Each { starts: self, text, stretch, call });
    }
}

struct Each<'t, F> {
    starts: &'t Starts,
    text: &'t [u8],
    stretch: Range<usize>,
    call: F,
}

impl<F: FnMut(usize, May)> simd::Task for Each<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(mut self, isa: impl Classify) {
        let own = &self.text[..self.stretch.end];
        let (mut base, mut before) = (self.stretch.start, 0);
        while base < own.len() {
            let rest = &own[base..];
            let mut last = [0; REACH];
            let bytes = rest.first_chunk().unwrap_or_else(|| {
                last[..rest.len()].copy_from_slice(rest);
                &last
            });
            let letters = isa.classify(bytes).word;
            let mut starts = letters & !(letters << 1 | before);
            before = letters >> 63;
            while let Some(next) = NonZero::new(starts) {
                let at = next.trailing_zeros() as usize;
                starts &= starts - 1;
                let two = [bytes[at], bytes[at + 1]];
                let may = self.starts.may(two, self.text, base + at);
                if may.number || may.words {
                    (self.call)(base + at, may);
                }
            }
            base += WORD;
        }
    }
}

/// The lower five bits of a byte: those of a letter are the same in either case.
#[inline]
fn low(byte: u8) -> usize {
    usize::from(byte & 31)
}

/// The eight bytes at a place within a text, zeros behind its end.
#[inline]
fn padded(text: &[u8], at: usize) -> u64 {
    let rest = text.len() - at;
    if rest >= 8 {
        return load(text, at).unwrap_or_default();
    }
    match text.len().checked_sub(8).and_then(|last| load(text, last)) {
        Some(last) => last >> (64 - 8 * rest),
        None => text[at..].iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte)),
    }
}

/// The first eight bytes of the word at a place, folded, zeros behind its end.
#[inline]
fn word(text: &[u8], at: usize) -> u64 {
    let bytes = padded(text, at);
    (bytes | FOLD) & mask(signs(bytes).trailing_zeros() as usize / 8)
}

/// The first place that is neither ASCII nor a letter of Latin-1, whole.
#[inline]
pub(super) fn foreign(text: &[u8], mut at: usize) -> Option<usize> {
    if text[at..].is_ascii() {
        return None;
    }
    while at < text.len() {
        let beyond = padded(text, at) & HIGH;
        if beyond == 0 {
            at += 8;
            continue;
        }
        at += beyond.trailing_zeros() as usize / 8;
        if !latin(&text[at..]) {
            return Some(at);
        }
        at += 2;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn starts(of: &[&str]) -> Starts {
        let mut starts = Starts::default();
        for word in of {
            starts.add(Start::word(word.as_bytes(), 0));
        }
        starts
    }

    fn places(starts: &Starts, text: &str) -> Vec<usize> {
        let mut out = Vec::new();
        starts.each(text.as_bytes(), 0..text.len(), |at, _| out.push(at));
        out
    }

    #[test]
    fn a_word_is_seen_where_it_begins() {
        let some = starts(&["Åsa", "efternamnet", "x"]);
        assert_eq!(places(&some, "åsa, kåsa ÅSA x åsan EfterNamnet xx"), [0, 12, 17, 25]);
        // Eight bytes do not tell where a longer word ends.
        assert_eq!(places(&some, "efternam efternamn efte"), [0, 9]);
        let mut number = Starts::default();
        number.add(Start::Digits(b'8', b'1'));
        assert_eq!(places(&number, "8 81 18 a8 8x 82 8-1 8"), [0, 2, 17, 21]);
        for sign in (b' '..128).filter(|byte| !byte.is_ascii_alphanumeric()).chain([b'\t']) {
            assert_eq!(places(&number, &format!("8{}1", char::from(sign))), [0], "{sign:#x}");
        }
        assert!(places(&Starts::default(), "åsa 8").is_empty());
    }

    #[test]
    fn latin_letters_are_told_from_signs() {
        assert_eq!(foreign("Åsa Öberg, 12 ÿ and a longer text".as_bytes(), 0), None);
        for text in ["a–b", "÷", "šå", "ok 😊", "x\u{a0}y", "eight by\u{300}", "åååå ååååå “"]
        {
            let place = text.find(|c: char| !c.is_ascii() && !('À'..='ÿ').contains(&c) || c == '÷');
            assert_eq!(foreign(text.as_bytes(), 0), place, "{text}");
        }
        assert_eq!(foreign(b"ab\xc3", 1), Some(2));
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
            for (_, word) in &words {
                all.add(Start::word(word.as_bytes(), 0));
            }
            let expected: Vec<usize> = words.iter().map(|(at, _)| *at).collect();
            prop_assert_eq!(places(&all, &text), expected);
        }
    }
}
