//! Words and sentences around a candidate, in folded text.
//!
//! A word is a run of letters and digits (`letters`). A sentence ends at `!`, `?` and tabs, at a full stop before a
//! space unless it closes an abbreviation, at a blank line, and at a line end unless the next line goes on in lower case.

use std::ops::Range;

use smallvec::SmallVec;

use super::letters::{WORD_MAX, cut8, is_letter, is_word_byte, symbol, word_end};

/// Bytes that are looked at on either side of a candidate.
const REACH_BYTES: usize = 96;
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
    use super::*;

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
