//! Folding: one spelling of digits, dashes and spaces, so that detectors meet ASCII only.
//!
//! | in | becomes |
//! |---|---|
//! | a decimal digit of any script; fullwidth forms U+FF01-FF5E | ASCII |
//! | U+2010-2015, U+2212; U+00AD between digits | `-` |
//! | U+00A0, U+2007, U+2009, U+202F | space |
//! | quotation marks other than ASCII, bullets, emoji; U+2026 | `"`; `.` |
//! | U+00AD elsewhere; characters without width or that steer direction; U+FEFF | nothing |
//! | a letter and a combining accent that Latin-1 has as one letter | å ä ö é ü ç ñ ... |
//!
//! The folded text is never longer than the text. Fields of ASCII and Latin-1 letters, nearly all, are only looked at. What is folded is
//! remembered, so that spans go back to the text: a span begins and ends at whole characters and covers what was removed inside.

#![expect(clippy::inline_always, reason = "the search is compiled for every way to classify")]

use crate::simd;

/// One folded place: `folded_len` bytes of folded text stand for `len` bytes of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    folded: u32,
    at: u32,
    folded_len: u8,
    len: u8,
}

/// The first digit of every script that has decimal digits (general category Nd of Unicode 14).
#[rustfmt::skip]
const ZEROS: [u32; 65] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20, 0x1040, 0x1090,
    0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50,
    0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730,
    0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140,
    0x1E2F0, 0x1E950, 0x1FBF0,
];

/// What becomes of a character.
enum Fold {
    Keep,
    Byte(u8),
    Remove,
    SoftHyphen,
    Combine,
}

/// Folds `text[from..]` in place and appends what changed, counted from `from`.
pub(super) fn fold(text: &mut Vec<u8>, from: usize, changes: &mut Vec<Change>) {
    let Some(mut read) = next_foreign(text, from) else { return };
    let first = changes.len();
    let mut write = read;
    while read < text.len() {
        let (code, len) = decode(&text[read..]);
        let change = |write, folded_len, len| Change {
            folded: short(write - from),
            at: short(read - from),
            folded_len,
            len,
        };
        let wide = u8::try_from(len).expect("a character has 4 bytes at most");
        match class(code) {
            Fold::Byte(byte) => {
                changes.push(change(write, 1, wide));
                text[write] = byte;
                write += 1;
            }
            Fold::SoftHyphen if is_digit(text, from, write, read + len) => {
                changes.push(change(write, 1, wide));
                text[write] = b'-';
                write += 1;
            }
            Fold::SoftHyphen | Fold::Remove => changes.push(change(write, 0, wide)),
            Fold::Combine
                if compose(
                    &mut text[from..],
                    write - from,
                    code,
                    read - from,
                    (changes, first),
                ) =>
            {
                write += 1;
            }
            Fold::Keep | Fold::Combine => {
                text.copy_within(read..read + len, write);
                write += len;
            }
        }
        read += len;
        let next = next_foreign(text, read).unwrap_or(text.len());
        text.copy_within(read..next, write);
        write += next - read;
        read = next;
    }
    text.truncate(write);
}

impl Change {
    fn end(self) -> u32 {
        self.folded + u32::from(self.folded_len)
    }

    /// Where `folded` behind this change lies in the text.
    fn after(self, folded: u32) -> u32 {
        self.at + u32::from(self.len) + (folded - self.end())
    }
}

/// The place in the text of a span's first byte in the folded text.
pub(super) fn unfold_start(changes: &[Change], folded: u32) -> u32 {
    match changes[..changes.partition_point(|change| change.folded <= folded)].last() {
        None => folded,
        Some(change) if folded < change.end() => change.at,
        Some(change) => change.after(folded),
    }
}

/// The same for one past a span's last byte.
pub(super) fn unfold_end(changes: &[Change], folded: u32) -> u32 {
    match changes[..changes.partition_point(|change| change.folded < folded)].last() {
        None => folded,
        Some(change) if folded <= change.end() => change.at + u32::from(change.len),
        Some(change) => change.after(folded),
    }
}

fn short(len: usize) -> u32 {
    u32::try_from(len).expect("fields are capped below 4 GiB")
}

/// Whether folding leaves a text as it is.
pub(super) fn is_plain(text: &[u8]) -> bool {
    next_foreign(text, 0).is_none()
}

/// The next lead byte of a character that is neither ASCII nor a Latin-1 letter.
fn next_foreign(text: &[u8], from: usize) -> Option<usize> {
    let rest = &text[from..];
    let found = if rest.len() < LONG { near(rest) } else { simd::dispatch(Foreign { text: rest }) };
    found.map(|at| from + at)
}

/// Texts from which vectors pay, in bytes: most fields are shorter.
const LONG: usize = 128;

/// The first such byte of a short text, eight bytes at a time.
fn near(text: &[u8]) -> Option<usize> {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let (words, rest) = text.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let bytes = u64::from_le_bytes(*word);
        let lead = bytes & bytes << 1; // highest bit of a byte: it is C0 or more
        let other = bytes ^ (0xC3 * EACH);
        let other = ((other & (0x7F * EACH)) + 0x7F * EACH) | other; // highest bit: it is not C3
        let found = lead & other & (0x80 * EACH);
        if found != 0 {
            return Some(at * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let place = rest.iter().position(|byte| is_foreign(*byte))?;
    Some(words.len() * 8 + place)
}

#[inline]
fn is_foreign(byte: u8) -> bool {
    byte >= 0xC0 && byte != 0xC3
}

/// Looks for the first such lead byte.
struct Foreign<'t> {
    text: &'t [u8],
}

const STEP: usize = 64; // bytes looked at together: the compiler makes vectors of it

impl simd::Task for Foreign<'_> {
    type Output = Option<usize>;

    #[inline(always)]
    fn run(self, _: impl simd::Classify) -> Option<usize> {
        let any = |step: &[u8; STEP]| step.iter().fold(false, |any, byte| any | is_foreign(*byte));
        let (steps, rest) = self.text.as_chunks::<STEP>();
        let mut last = [0; STEP];
        last[..rest.len()].copy_from_slice(rest);
        let whole = steps.iter().position(any);
        let at = whole.or_else(|| any(&last).then_some(steps.len()))? * STEP;
        self.text[at..].iter().position(|byte| is_foreign(*byte)).map(|place| at + place)
    }
}

/// The character at the start and its length; a byte that begins none stands for itself.
fn decode(text: &[u8]) -> (u32, usize) {
    let len = match text[0] {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        _ => 1,
    };
    let tail = text.get(1..len).unwrap_or_default();
    if len == 1 || tail.len() + 1 != len || tail.iter().any(|byte| byte & 0xC0 != 0x80) {
        return (0, 1);
    }
    let lead = u32::from(text[0]) & (0x7F >> len);
    (tail.iter().fold(lead, |code, byte| code << 6 | u32::from(byte & 0x3F)), len)
}

fn class(code: u32) -> Fold {
    match code {
        0xA0 | 0x2007 | 0x2009 | 0x202F => Fold::Byte(b' '),
        0xAD => Fold::SoftHyphen,
        0xAB | 0xBB | 0x2018..=0x2022 | 0x2039 | 0x203A | 0x2600..=0x27BF | 0x1F000..=0x1FAFF => {
            Fold::Byte(b'"')
        }
        0x2026 => Fold::Byte(b'.'),
        0x300..=0x303 | 0x308 | 0x30A | 0x327 => Fold::Combine,
        0x2010..=0x2015 | 0x2212 => Fold::Byte(b'-'),
        0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x2069 | 0xFEFF => Fold::Remove,
        0xFF01..=0xFF5E => Fold::Byte(low(code - 0xFF01) + b'!'),
        0x660.. => match ZEROS[..ZEROS.partition_point(|zero| *zero <= code)].last() {
            Some(zero) if code - zero < 10 => Fold::Byte(low(code - zero) + b'0'),
            _ => Fold::Keep,
        },
        _ => Fold::Keep,
    }
}

fn low(offset: u32) -> u8 {
    u8::try_from(offset).expect("ranges of folded characters are short")
}

/// Whether a digit stands before `write` and another at `next`.
fn is_digit(text: &[u8], from: usize, write: usize, next: usize) -> bool {
    write > from
        && text[write - 1].is_ascii_digit()
        && text.get(next).is_some_and(u8::is_ascii_digit)
}

/// Joins an accent at `read` with the letter before `write`, if they have a letter of their own. The changes of this text begin
/// with the one numbered `first`.
fn compose(
    text: &mut [u8],
    write: usize,
    accent: u32,
    read: usize,
    (changes, first): (&mut Vec<Change>, usize),
) -> bool {
    let Some(at) = write.checked_sub(1) else { return false };
    let Some(second) = composed(text[at], accent) else { return false };
    match changes[first..].last_mut() {
        Some(last) if last.end() == short(write) => {
            // Behind something removed the place of the letter is not known.
            if last.folded_len != 1 {
                return false;
            }
            last.folded_len = 2;
            last.len += 2;
        }
        _ => changes.push(Change { folded: short(at), at: short(read - 1), folded_len: 2, len: 3 }),
    }
    text[at] = 0xC3;
    text[write] = second;
    true
}

/// Letters of Latin-1 with an accent of their own in Unicode: letter, accent, second byte of the capital in UTF-8. The first is C3; the small
/// letter has bit 0x20 set in both bytes.
#[rustfmt::skip]
const COMPOSED: [(u8, u32, u8); 26] = [
    (b'A', 0x300, 0x80), (b'A', 0x301, 0x81), (b'A', 0x302, 0x82), (b'A', 0x303, 0x83), (b'A', 0x308, 0x84), (b'A', 0x30A, 0x85),
    (b'C', 0x327, 0x87), (b'E', 0x300, 0x88), (b'E', 0x301, 0x89), (b'E', 0x302, 0x8A), (b'E', 0x308, 0x8B), (b'I', 0x300, 0x8C),
    (b'I', 0x301, 0x8D), (b'I', 0x302, 0x8E), (b'I', 0x308, 0x8F), (b'N', 0x303, 0x91), (b'O', 0x300, 0x92), (b'O', 0x301, 0x93),
    (b'O', 0x302, 0x94), (b'O', 0x303, 0x95), (b'O', 0x308, 0x96), (b'U', 0x300, 0x99), (b'U', 0x301, 0x9A), (b'U', 0x302, 0x9B),
    (b'U', 0x308, 0x9C), (b'Y', 0x301, 0x9D),
];

/// The second byte of the letter with its accent; the first is C3.
fn composed(letter: u8, accent: u32) -> Option<u8> {
    let capital = letter.to_ascii_uppercase();
    let known = |(of, with, _): &&(u8, u32, u8)| (*of, *with) == (capital, accent);
    COMPOSED.iter().find(known).map(|(_, _, second)| second | letter & 0x20)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded(text: &str) -> (String, Vec<Change>) {
        let (mut bytes, mut changes) = (text.as_bytes().to_vec(), Vec::new());
        fold(&mut bytes, 0, &mut changes);
        (String::from_utf8(bytes).unwrap(), changes)
    }

    /// The part of the text that stands for a part of the folded text.
    fn unfolded<'t>(text: &'t str, part: &str) -> &'t str {
        let (folded, changes) = folded(text);
        let start = short(folded.find(part).unwrap());
        let end = start + short(part.len());
        &text[unfold_start(&changes, start) as usize..unfold_end(&changes, end) as usize]
    }

    #[test]
    fn folds_digits_dashes_and_spaces() {
        assert_eq!(folded("２０２１‑１１−５1").0, "2021-11-51");
        assert_eq!(folded("٠٧٠ 𝟗𝟬").0, "070 90");
        assert_eq!(folded("08\u{A0}581\u{202F}690").0, "08 581 690");
        assert_eq!(folded("ａ＠ｂ").0, "a@b");
    }

    #[test]
    fn a_soft_hyphen_is_a_dash_between_digits_only() {
        assert_eq!(folded("8112\u{AD}18 per\u{AD}son").0, "8112-18 person");
    }

    #[test]
    fn composes_letters() {
        assert_eq!(folded("A\u{30A}sa o\u{308}ga e\u{301} n\u{303}").0, "Åsa öga é ñ");
        assert_eq!(folded("ａ\u{308}").0, "ä");
        assert_eq!(
            folded("u\u{308}U\u{308} c\u{327} x\u{308} s\u{30A}").0,
            "üÜ ç x\u{308} s\u{30A}"
        );
        assert_eq!(unfolded("xa\u{308}y", "ä"), "a\u{308}");
    }

    #[test]
    fn texts_that_share_a_list_of_changes_do_not_touch_those_of_others() {
        let mut changes = Vec::new();
        let mut text = "–x".as_bytes().to_vec();
        fold(&mut text, 0, &mut changes);
        let [from, first] = [text.len(), changes.len()];
        text.extend("a\u{308}".as_bytes());
        fold(&mut text, from, &mut changes);
        assert_eq!(changes[..first], [Change { folded: 0, at: 0, folded_len: 1, len: 3 }]);
        assert_eq!(changes[first..], [Change { folded: 0, at: 0, folded_len: 2, len: 3 }]);
    }

    #[test]
    fn spans_cover_what_was_removed_inside_but_not_around() {
        let text = "a\u{200B}1\u{200B}2\u{200B}b";
        assert_eq!(unfolded(text, "12"), "1\u{200B}2");
        assert_eq!(unfolded("１\u{200E}２３", "23"), "２３");
    }

    #[test]
    fn text_of_ascii_and_latin_letters_is_not_touched() {
        assert_eq!(folded("Åsa åt 3 ägg på Ön"), ("Åsa åt 3 ägg på Ön".to_owned(), vec![]));
    }

    proptest! {
        #[test]
        fn spans_of_any_text_begin_and_end_at_characters(
            text in "([a-z0-9 åo]|[\u{301}\u{308}\u{30A}\u{AD}\u{200B}\u{FEFF}\u{A0}]|[０-９]|–|”|😀){0,40}"
        ) {
            let (short_text, changes) = folded(&text);
            let borders: Vec<usize> = short_text.char_indices().map(|(at, _)| at).collect();
            for pair in borders.windows(2) {
                let start = unfold_start(&changes, short(pair[0])) as usize;
                let end = unfold_end(&changes, short(pair[1])) as usize;
                prop_assert!(start < end && text.is_char_boundary(start) && text.is_char_boundary(end));
            }
        }

        #[test]
        fn foreign_bytes_are_found_at_every_place(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let expected = bytes.iter().position(|byte| is_foreign(*byte));
            prop_assert_eq!(near(&bytes), expected);
            prop_assert_eq!(simd::dispatch(Foreign { text: &bytes }), expected);
        }

        #[test]
        fn any_bytes_fold_without_growing(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut text = bytes.clone();
            fold(&mut text, 0, &mut Vec::new());
            prop_assert!(text.len() <= bytes.len());
        }
    }
}
