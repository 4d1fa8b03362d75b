//! Which bytes are letters, where a run of them ends, and its first eight bytes as an integer.
//!
//! The bitmaps of the scan know bytes only: every byte from 0x80 counts as a letter there. The scan folds curly quotes, ellipses and
//! emoji to ASCII; other symbols are told apart here by their lead byte. Eight bytes are looked at together.

#![expect(clippy::inline_always, reason = "compiled with the filters, for their processor")]

use crate::simd::eight::{FOLD, HIGH, every, load, mask, signs};

/// No word of a language is longer, in bytes: a run without spaces is no text.
pub(super) const WORD_MAX: usize = 128;

/// What a byte is, on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Byte {
    /// An ASCII sign or control.
    Sign,
    /// A letter or digit, or a part of one.
    Letter,
    /// The lead of a symbol: Latin-1 signs, punctuation and arrows, emoji.
    Lead,
}

const BYTES: [Byte; 256] = bytes();

const fn bytes() -> [Byte; 256] {
    let mut table = [Byte::Sign; 256];
    let mut at = 0;
    while at < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the loop ends at 256")]
        let byte = at as u8;
        table[at] = match byte {
            0xc2 | 0xe2 | 0xef..=0xff => Byte::Lead,
            0x80.. => Byte::Letter,
            _ if byte.is_ascii_alphanumeric() => Byte::Letter,
            _ => Byte::Sign,
        };
        at += 1;
    }
    table
}

/// What the byte at `at` is, on its own.
#[inline(always)]
pub(super) fn byte_at(text: &[u8], at: usize) -> Byte {
    BYTES[usize::from(text[at])]
}

/// Whether a letter or digit stands at `at`. C2 is one as the second half of å ä ö encoded twice.
pub(super) fn is_letter(text: &[u8], at: usize) -> bool {
    match BYTES[usize::from(text[at])] {
        Byte::Sign => false,
        Byte::Letter => true,
        Byte::Lead => text[at] == 0xc2 && at >= 2 && text[at - 2..at] == [0xc3, 0x83],
    }
}

/// The high bits of those of eight bytes that may lead a symbol.
#[inline(always)]
fn leads(bytes: u64) -> u64 {
    let is = |byte: u8| {
        let other = bytes ^ every(byte);
        !((other & !HIGH).wrapping_add(!HIGH) | other) & HIGH
    };
    let four = bytes & bytes << 1 & bytes << 2 & bytes << 3 & HIGH;
    is(0xc2) | is(0xe2) | is(0xef) | four
}

/// The high bits of those of eight bytes that are perhaps not part of a word.
#[inline(always)]
fn breaks(bytes: u64) -> u64 {
    signs(bytes) | if bytes & HIGH == 0 { 0 } else { leads(bytes) }
}

/// The first eight bytes of the word that starts at `at`, folded, first byte lowest, zeros behind its end.
#[inline(always)]
pub(in crate::detect) fn word8(text: &[u8], at: usize) -> u64 {
    match load(text, at) {
        Some(bytes) => {
            let rest = breaks(bytes);
            let len = rest.trailing_zeros() as usize / 8;
            if len < 8 && text[at + len] == 0xc2 {
                return part8(text, at, text.len());
            }
            (bytes | FOLD) & mask(len)
        }
        None => part8(text, at, text.len()),
    }
}

/// The same for a word that ends before `end` at the latest: slow, but for any text.
#[cold]
fn part8(text: &[u8], at: usize, end: usize) -> u64 {
    let end = word_end(text, at, end).unwrap_or(at + 8);
    cut8(text, at, end)
}

/// The first eight bytes of the word from `at` to `end`, folded, first byte lowest, zeros behind its end.
#[inline]
pub(super) fn cut8(text: &[u8], at: usize, end: usize) -> u64 {
    if let Some(bytes) = load(text, at) {
        return (bytes | FOLD) & mask(end - at);
    }
    let bytes = text[at..end.min(at + 8)].iter().rev();
    bytes.fold(0, |all, byte| all << 8 | u64::from(byte | 0x20))
}

/// Bytes of the sign or symbol at `at`: what does not continue it is not part of it, even in broken text.
pub(super) fn symbol(text: &[u8], at: usize, end: usize) -> usize {
    let most = match text[at] {
        0..=0xc1 => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xff => 4,
    };
    let rest = &text[at + 1..end.min(at + most)];
    1 + rest.iter().take_while(|byte| **byte & 0xc0 == 0x80).count()
}

/// One past the word that starts at `at`, `at` itself if none does; `None` if it is longer than any word.
pub(super) fn word_end(text: &[u8], at: usize, end: usize) -> Option<usize> {
    let limit = end.min(at + WORD_MAX);
    let mut to = at;
    while let Some(bytes) = load(text, to).filter(|_| to < limit) {
        let rest = breaks(bytes);
        to += rest.trailing_zeros() as usize / 8;
        if rest != 0 && (to >= limit || !is_letter(text, to)) {
            break;
        }
        to += usize::from(rest != 0);
    }
    while to < limit && is_letter(text, to) {
        to += 1;
    }
    let to = to.min(limit);
    (to < limit || to == end).then_some(to)
}

/// Whether the bitmaps of the scan count the byte as part of a word.
pub(in crate::detect) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A byte of a word, of a symbol, or any.
    fn byte() -> impl Strategy<Value = u8> {
        let some = b"aaZz09@[`{/: \xc3\x83\xc2\xa5\xe2\x80\xa6\xef\xf0\xee\xc1".to_vec();
        prop_oneof![4 => prop::sample::select(some), 1 => any::<u8>()]
    }

    proptest! {
        #[test]
        fn eight_bytes_at_once_say_what_one_by_one_say(
            text in prop::collection::vec(byte(), 1..60), letters in 0..140_usize, at in 0..8_usize,
        ) {
            let text = [&text[..], &vec![b'x'; letters], &text].concat();
            let at = at.min(text.len() - 1);
            for end in [text.len(), text.len().div_ceil(2).max(at)] {
                let limit = end.min(at + WORD_MAX);
                let slow = (at..limit).find(|at| !is_letter(&text, *at)).unwrap_or(limit);
                let slow = (slow < limit || slow == end).then_some(slow);
                prop_assert_eq!(word_end(&text, at, end), slow);
            }
            let end = word_end(&text, at, text.len()).unwrap_or(at + 8);
            let expected = text[at..end.min(at + 8)].iter().rev().fold(0, |all, byte| all << 8 | u64::from(byte | 0x20));
            prop_assert_eq!(word8(&text, at), expected);
            prop_assert_eq!(cut8(&text, at, end), expected);
        }
    }
}
