//! Names that an e-mail address spells: `anna.svensson@` beside "Anna Svensson".

use super::names::{self, Kinds};
use super::party::is_no_person;
use super::phrase::{Span, Token, begins_sentence, is_upper, is_word, stands_alone};

const WINDOW: usize = 160; // bytes on either side of the address
const PART_MIN: usize = 2; // letters of a part of the name
const PART_MAX: usize = 30;

/// Calls `visit` with the words near the `@` at `at` that its local part spells.
pub(super) fn each(text: &[u8], at: usize, mut visit: impl FnMut(Span)) {
    let Some((start, given, family)) = parts(text, at) else { return };
    if is_no_person(given) || is_no_person(family) {
        return;
    }
    let from = start.saturating_sub(WINDOW);
    let to = text.len().min(at + WINDOW);
    let mut place = from;
    while place < to {
        // The address itself spells nothing new.
        if place == start {
            place = at;
            continue;
        }
        let begins = is_word(text[place]) && (place == 0 || !is_word(text[place - 1]));
        if !begins || !same_letter(&text[place..], given[0]) {
            place += 1;
            continue;
        }
        let word = Token { start: place, end: Token::around(text, place).end };
        place = word.end;
        if !is_same(word.of(text), given) {
            continue;
        }
        let next = Token::around(text, (word.end + 1).min(text.len() - 1));
        let beside = text.get(word.end) == Some(&b' ') && next.start == word.end + 1;
        let span = if beside && is_same(next.of(text), family) {
            place = next.end;
            Some(Span { start: word.start, end: next.end })
        } else {
            alone(text, word)
        };
        if let Some(span) = span.filter(|span| stands_alone(text, *span)) {
            visit(span);
        }
    }
}

/// A first name alone, capitalized; an ordinary word only where no capital belongs.
fn alone(text: &[u8], word: Token) -> Option<Span> {
    let kinds = word.kinds(text, names::exact);
    let listed = kinds.has(Kinds::FIRST) && !kinds.is_ambiguous();
    let clear = listed || !begins_sentence(text, word.start);
    (is_upper(text, word.start) && clear).then_some(Span { start: word.start, end: word.end })
}

/// Where a local part `given.family` begins, and its parts.
fn parts(text: &[u8], at: usize) -> Option<(usize, &[u8], &[u8])> {
    let letters = |end: usize| {
        let len = text[..end]
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80)
            .count();
        (PART_MIN..=PART_MAX).contains(&len).then_some(end - len)
    };
    let family = letters(at)?;
    let dot = family.checked_sub(1).filter(|dot| matches!(text[*dot], b'.' | b'_'))?;
    let given = letters(dot)?;
    let opens = given == 0
        || !(text[given - 1].is_ascii_alphanumeric() || b"._-@/".contains(&text[given - 1]));
    opens.then_some((given, &text[given..dot], &text[family..at]))
}

/// Whether a word begins with a letter of a local part, with or without its accent.
fn same_letter(word: &[u8], letter: u8) -> bool {
    word[0] >= 0x80 || letter >= 0x80 || word[0].eq_ignore_ascii_case(&letter)
}

/// Whether a word is a part of a local part, in any case; å and ä may be a, ö and ø may be o, é may be e.
fn is_same(word: &[u8], part: &[u8]) -> bool {
    plain(word).eq(plain(part))
}

fn plain(word: &[u8]) -> impl Iterator<Item = u8> {
    word.iter().filter_map(|byte| {
        Some(match byte {
            0xC3 => return None,
            0x84 | 0x85 | 0xA4 | 0xA5 => b'a',
            0x96 | 0x98 | 0xB6 | 0xB8 => b'o',
            0x89 | 0xA9 => b'e',
            0x9C | 0xBC => b'u',
            other => other.to_ascii_lowercase(),
        })
    })
}
