//! Where quotes and backslashes stand: found for many bytes at a time, so that the end of a string is looked up and not searched for.

#![expect(clippy::inline_always, reason = "the search is compiled for every way to classify")]

use crate::simd::{self, Classify, REACH, WORD};

/// Words of 64 bytes that are looked at together.
const WORDS: usize = 64;
const WINDOW: usize = WORDS * WORD;

/// The marks of a text, a window at a time. Places are asked for in rising order, mostly.
pub(in crate::archive::syntax) struct Marks<'a> {
    bytes: &'a [u8],
    /// Place of the first byte of the window.
    base: usize,
    /// Bytes of the window: none at first.
    len: usize,
    words: [u64; WORDS],
}

impl<'a> Marks<'a> {
    pub(in crate::archive::syntax) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, base: 0, len: 0, words: [0; WORDS] }
    }

    /// The first quote or backslash at `from` or behind it.
    #[inline]
    pub(in crate::archive::syntax) fn next(&mut self, from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            let offset = at.wrapping_sub(self.base);
            if offset >= self.len {
                if at >= self.bytes.len() {
                    return None;
                }
                self.read(at);
                continue;
            }
            let rest = self.words[offset / WORD] >> (offset % WORD);
            if rest != 0 {
                return Some(at + rest.trailing_zeros() as usize);
            }
            at += WORD - offset % WORD;
        }
    }

    #[cold]
    fn read(&mut self, at: usize) {
        (self.base, self.len) = (at, WINDOW);
        simd::dispatch(Read { bytes: &self.bytes[at..], words: &mut self.words });
    }
}

/// Reads one window.
struct Read<'m> {
    bytes: &'m [u8],
    words: &'m mut [u64; WORDS],
}

impl simd::Task for Read<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: impl Classify) {
        for (at, word) in self.words.iter_mut().enumerate() {
            let rest = self.bytes.get(at * WORD..).unwrap_or_default();
            let (mut last, len) = ([0; REACH], rest.len().min(WORD));
            // One call for both: two would be compiled as a choice of every single bit.
            let bytes = rest.first_chunk().unwrap_or_else(|| {
                last[..len].copy_from_slice(&rest[..len]);
                &last
            });
            *word = isa.quotes(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_mark_is_found(text in "[a\"\\\\é]{0,40}", times in 0_usize..300, from in 0_usize..9000) {
            let text = text.repeat(times);
            let (bytes, mut marks) = (text.as_bytes(), Marks::new(text.as_bytes()));
            let places = (0..bytes.len()).filter(|at| matches!(bytes[*at], b'"' | b'\\'));
            let mut at = 0;
            for place in places.clone() {
                prop_assert_eq!(marks.next(at), Some(place));
                at = place + 1;
            }
            prop_assert_eq!(marks.next(at), None);
            prop_assert_eq!(marks.next(from), places.clone().find(|place| *place >= from));
        }
    }
}
