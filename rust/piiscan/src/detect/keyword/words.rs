//! Words and sentences around a candidate, in folded text.
//!
//! A word is a run of letters and digits. The bitmaps of the scan know bytes only: every byte from 0x80 counts as a letter there. The
//! scan folds curly quotes, ellipses and emoji to ASCII; other symbols are told apart here by their lead byte. A sentence ends at `!`, `?` and tabs, at a full stop before a
//! space unless it closes an abbreviation, at a blank line, and at a line end unless the next line goes on in lower case.

#![expect(clippy::inline_always, reason = "compiled with the filters, for their processor")]

use std::ops::Range;

use smallvec::SmallVec;

use super::eights::mask;

const FOLD: u64 = every(0x20);
/// Bytes that are looked at on either side of a candidate.
const REACH_BYTES: usize = 96;
/// No word of a language is longer, in bytes: a run without spaces is no text.
const WORD_MAX: usize = 128;
/// Letters up to which a word before a full stop and a small letter is an abbreviation.
const ABBREVIATION_MAX: usize = 3;

/// A word with what stands before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Its first eight bytes, folded, first byte lowest, zeros behind its end.
    pub(super) head: u64,
    /// Whether a comma, colon, semicolon, bracket or dash with spaces stands before it.
    pub(super) clause: bool,
}

/// The tokens around a candidate, of its sentence only.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) tokens: SmallVec<[Token; 32]>,
    /// Index of the candidate in `tokens`.
    pub(super) at: usize,
    /// First byte of the sentence, as far as the window reaches.
    pub(super) sentence: usize,
    /// Whether the last token closes a clause or the sentence.
    pub(super) closed: bool,
}

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
fn is_letter(text: &[u8], at: usize) -> bool {
    match BYTES[usize::from(text[at])] {
        Byte::Sign => false,
        Byte::Letter => true,
        Byte::Lead => text[at] == 0xc2 && at >= 2 && text[at - 2..at] == [0xc3, 0x83],
    }
}

/// The high bit of every byte.
const HIGH: u64 = every(0x80);

/// Eight times this byte.
const fn every(byte: u8) -> u64 {
    byte as u64 * 0x0101_0101_0101_0101
}

/// The high bits of those of eight bytes that are ASCII, but no letter or digit.
#[inline(always)]
fn signs(bytes: u64) -> u64 {
    // No sum reaches the next byte: seven bits and less than 0x80.
    let low = bytes & !HIGH;
    let folded = low | every(0x20);
    let letter = folded.wrapping_add(every(0x80 - b'a'));
    let beyond = folded.wrapping_add(every(0x80 - b'z' - 1));
    let digit = low.wrapping_add(every(0x80 - b'0'));
    let past = low.wrapping_add(every(0x80 - b'9' - 1));
    !(letter & !beyond | digit & !past | bytes) & HIGH
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

/// Eight bytes, if there are so many.
#[inline(always)]
fn load8(text: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*text.get(at..)?.first_chunk()?))
}

/// The first eight bytes of the word that starts at `at`, folded, first byte lowest, zeros behind its end.
#[inline(always)]
pub(in crate::detect) fn word8(text: &[u8], at: usize) -> u64 {
    match load8(text, at) {
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
    if let Some(bytes) = load8(text, at) {
        return (bytes | FOLD) & mask(end - at);
    }
    let bytes = text[at..end.min(at + 8)].iter().rev();
    bytes.fold(0, |all, byte| all << 8 | u64::from(byte | 0x20))
}

/// Bytes of the sign or symbol at `at`: what does not continue it is not part of it, even in broken text.
fn symbol(text: &[u8], at: usize, end: usize) -> usize {
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
    while let Some(bytes) = load8(text, to).filter(|_| to < limit) {
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

/// The word that starts at `at`, and whether it fills its run of word bytes: it does not if a symbol is glued to it.
pub(super) fn word_from(
    text: &[u8],
    at: usize,
    field: &Range<usize>,
) -> Option<(Range<usize>, bool)> {
    let end = word_end(text, at, field.end)?;
    let whole = end == field.end || !is_word_byte(text[end]);
    (end > at).then_some((at..end, whole))
}

/// The word that fills its run and has its last byte at `last`.
pub(super) fn word_to(text: &[u8], last: usize, field: &Range<usize>) -> Option<Range<usize>> {
    let least = field.start.max(last.saturating_sub(WORD_MAX));
    let letters = text[least..last].iter().rev().take_while(|byte| is_word_byte(**byte)).count();
    let start = last - letters;
    if start > field.start && is_word_byte(text[start - 1]) {
        return None;
    }
    let (word, _) = word_from(text, start, field)?;
    (word.end == last + 1).then_some(word)
}

/// What stands between two words.
#[derive(Default)]
struct Gap {
    lines: u8,
    stop: bool,
    ends: bool,
    clause: bool,
}

impl Gap {
    fn see(&mut self, text: &[u8], at: usize, end: usize) {
        match text[at] {
            b'\n' => self.lines = self.lines.saturating_add(1),
            b'!' | b'?' | b'\t' => self.ends = true,
            b'.' => {
                self.stop |= at + 1 >= end || text[at + 1].is_ascii_whitespace();
                self.clause = true;
            }
            b',' | b';' | b':' | b'(' | b')' => self.clause = true,
            0xe2 if at + 2 < end && text[at + 1..at + 3] == [0x80, 0xa6] => self.ends = true,
            _ => {}
        }
    }

    /// Whether the sentence ends here, given the word before and the first bytes of the next.
    fn ends_sentence(&self, before: usize, next: &[u8]) -> bool {
        let small = match next {
            [0xc3, second, ..] => *second >= 0xa0,
            [first, ..] => first.is_ascii_lowercase(),
            [] => false,
        };
        self.ends
            || self.lines > 1
            || (self.lines == 1 && !small)
            || (self.stop && !(small && before <= ABBREVIATION_MAX))
    }
}

/// The sentence around `word`, at most `reach` tokens to either side.
pub(super) fn window(
    text: &[u8],
    field: &Range<usize>,
    word: &Range<usize>,
    reach: usize,
) -> Window {
    let limit = field.end.min(word.end + REACH_BYTES);
    let mut at = field.start.max(word.start.saturating_sub(REACH_BYTES));
    if at > field.start {
        // not in the middle of a word
        while at < word.start && is_word_byte(text[at]) {
            at += 1;
        }
    }
    let mut window = Window { tokens: SmallVec::new(), at: 0, sentence: at, closed: false };
    loop {
        let mut gap = Gap::default();
        while at < limit && !is_letter(text, at) {
            gap.see(text, at, limit);
            at += symbol(text, at, limit);
        }
        let past = window.tokens.last().is_some_and(|token| token.start >= word.start);
        let before = window.tokens.last().map_or(0, |token| token.end - token.start);
        let ends = gap.ends_sentence(before, text.get(at..limit).unwrap_or_default());
        if past && (ends || at >= limit || window.tokens.len() - window.at > reach) {
            window.closed = ends || gap.clause || at >= field.end;
            return window;
        }
        if at >= limit {
            return window;
        }
        if ends {
            window.tokens.clear();
            window.sentence = at;
        }
        let Some(end) = word_end(text, at, field.end) else {
            if past {
                return window;
            }
            // no text: whatever was before it is another sentence
            window.tokens.clear();
            while at < limit && is_letter(text, at) {
                at += 1;
            }
            continue;
        };
        if at == word.start {
            window.at = window.tokens.len();
        }
        let head = cut8(text, at, end);
        window.tokens.push(Token { start: at, end, head, clause: gap.clause });
        at = end;
    }
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

    fn sentence(text: &str, word: &str) -> Vec<String> {
        let start = text.find(word).unwrap();
        let window = window(text.as_bytes(), &(0..text.len()), &(start..start + word.len()), 12);
        assert_eq!(&text[window.tokens[window.at].start..window.tokens[window.at].end], word);
        window.tokens.iter().map(|t| text[t.start..t.end].to_owned()).collect()
    }

    #[test]
    fn a_sentence_ends_at_full_stops_but_not_at_abbreviations() {
        assert_eq!(sentence("Hej. Jag har t.ex. astma sedan i fjol. Tack", "astma").len(), 8);
        assert_eq!(sentence("vem? jag har astma! tack", "astma"), ["jag", "har", "astma"]);
    }

    #[test]
    fn a_wrapped_line_goes_on_and_a_new_line_of_chat_does_not() {
        assert_eq!(sentence("jag har\nastma", "astma").len(), 3);
        assert_eq!(sentence("Ja.\nAstma", "Astma").len(), 1);
        assert_eq!(sentence("jag har\n\nastma", "astma").len(), 1);
    }

    #[test]
    fn quotes_and_emoji_are_no_letters() {
        assert_eq!(sentence("jag har ”astma”… tack", "astma").len(), 3);
        assert_eq!(sentence("jag har 😢astma", "astma").len(), 3);
    }

    #[test]
    fn a_word_is_found_from_its_end_unless_a_symbol_is_glued_to_it() {
        let to = |text: &str| word_to(text.as_bytes(), text.len() - 1, &(0..text.len()));
        assert_eq!(to("en hudcancer"), Some(3..12));
        assert_eq!(to("en →hudcancer"), None);
        assert_eq!(word_from("astma→ ".as_bytes(), 0, &(0..9)), Some((0..5, false)));
    }

    #[test]
    fn a_word_may_reach_beyond_the_window() {
        for letters in [90, 97, 100] {
            let text = format!("jag har astma {} {} vi", "x".repeat(letters), "y".repeat(30));
            assert!(sentence(&text, "astma").len() >= 4, "{letters}");
        }
    }

    #[test]
    fn a_run_without_spaces_is_no_word() {
        let text = format!("{} astma", "x".repeat(400));
        assert_eq!(word_end(text.as_bytes(), 0, text.len()), None);
        assert_eq!(sentence(&text, "astma"), ["astma"]);
    }
}
