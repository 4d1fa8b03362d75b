//! Parts of an identity number beside the words that say so: the birth date, the last four digits.
//!
//! `personnummer: 811218`, `personnummer 811218-XXXX`: six digits that are a birth date, at most 15 characters after a context word.
//! `sista fyra 1234`, `fyra sista siffrorna är: 1234`: four digits. Both are only as sure as the word.

use super::super::number::{Piece, closes, starts_with};
use super::super::run::Run;
use super::super::{CONTEXT, Candidate, Claims, Near, Word};
use super::{PERSONNUMMER, arithmetic, claim};
use crate::finding::{Attributes, Confidence, Flags};

/// Words before the last four digits.
pub(super) const LAST_FOUR_WORDS: &[&str] = &["sista fyra", "sista siffrorna", "fyra sista"];

const RANK: u8 = 12;
const REACH: usize = 15; // characters between a word and a birth date
const BETWEEN: &[&str] = &["siffrorna", "siffror", "är"]; // of the words and the four digits

/// Claims the part of a number that follows a word.
pub(super) fn beside(candidate: &Candidate<'_>, word: Word, claims: &mut Claims) {
    let text = candidate.field.text;
    let rest = &text[word.end..];
    let found = if word.list == CONTEXT {
        let start = date_after(rest);
        start.and_then(|start| alone(text, word.end + start, 6)).filter(|(_, run)| {
            arithmetic::is_birth_date(&run.digits, candidate.options.reference_date)
        })
    } else {
        alone(text, word.end + skip_words(rest), 4)
    };
    let Some((end, run)) = found else { return };
    let attributes =
        Attributes { kind: Some(PERSONNUMMER), flags: Flags::PARTIAL, ..Attributes::default() };
    let span = (run.start as usize, end);
    claims.push(claim(candidate, span, RANK, Confidence::Low, Near::Before, attributes));
}

/// The first digit within reach, in the same paragraph.
fn date_after(rest: &[u8]) -> Option<usize> {
    let mut characters = 0;
    for (at, byte) in rest.iter().enumerate() {
        if byte.is_ascii_digit() {
            return Some(at);
        }
        characters += usize::from(byte & 0xC0 != 0x80);
        if characters > REACH || rest[at..].starts_with(b"\n\n") {
            return None;
        }
    }
    None
}

/// How many bytes the words, spaces and the colon take that may stand before four digits.
fn skip_words(rest: &[u8]) -> usize {
    let mut at = 0;
    for word in BETWEEN {
        let spaces = spaces(&rest[at..]);
        if spaces > 0 && starts_with(&rest[at + spaces..], word) {
            at += spaces + word.len();
        }
    }
    at += usize::from(rest.get(at) == Some(&b':'));
    at + spaces(&rest[at..])
}

fn spaces(text: &[u8]) -> usize {
    text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// The run at a place and its end, if it is a number of just so many digits, with nothing after it.
fn alone(text: &[u8], at: usize, digits: u32) -> Option<(usize, Run)> {
    if !text.get(at).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let run = Run::parse(text, at);
    let end = run.end as usize;
    let single = run.groups.len() == 1 && run.count == digits && !run.plus;
    let opens = (Piece { run: &run, from: 0, to: 1 }).opens(text);
    (single && opens && closes(text, end)).then_some((end, run))
}
