//! Case numbers by the word before them.

use std::ops::Range;

use super::super::beside::offset;
use super::super::exempt::{self, unit_after};
use super::super::number::{Piece, char_after, starts_with};
use super::super::run::Run;
use super::super::se_personnummer::is_identity;
use super::super::{Candidate, Claims, Match, Near, Options, Word};
use super::{CASES, KEYWORD_RANK, OTHERS, claim, confidence};
use crate::finding::Attributes;

const FEWEST: usize = 4; // digits
const LONGEST: usize = 40; // bytes of a number
const PREFIX: usize = 6; // letters before a number and a space: `KS 2019/12`, `T 12345-19`

/// What may stand between the word and the number, apart from spaces and signs.
const BETWEEN: &[&str] = &["nr", "nummer", "no", "är", "on", "er"];

/// Claims the number directly behind the word.
pub(super) fn find(candidate: &Candidate<'_>, word: Word, claims: &mut Claims) {
    let text = candidate.field.text;
    let Some(start) = skip(text, word.end) else { return };
    let Some(mut span) = token(text, start) else { return };
    if text[span.start] == b'0' {
        // More like a phone number: what follows the space belongs to it.
        span.end = span.end.max(Run::parse(text, span.start).end as usize);
    }
    let found = &text[span.clone()];
    let digits = found.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits < FEWEST || is_other(candidate, span.clone(), word.list) {
        return;
    }
    let kind = (word.list == OTHERS).then_some("keyword");
    let found = Match {
        start: offset(span.start),
        end: offset(span.end),
        rank: KEYWORD_RANK,
        confidence: confidence(word.list),
        near: Near::Adjacent,
        attributes: Attributes { kind, ..Attributes::default() },
    };
    claims.push(claim(candidate, found, digits, word.list == OTHERS));
}

/// Where the number may begin: behind spaces, signs and small words.
fn skip(text: &[u8], end: usize) -> Option<usize> {
    let mut at = end;
    loop {
        let rest = &text[at..];
        at += rest.iter().take(4).take_while(|byte| b" \t:.#=-\n(".contains(byte)).count();
        let small = BETWEEN.iter().find(|word| {
            starts_with(&text[at..], word)
                && !char_after(text, at + word.len()).is_some_and(char::is_alphanumeric)
        });
        match small {
            Some(word) => at += word.len(),
            None => return (at < text.len()).then_some(at),
        }
    }
}

/// The letters, digits and signs of a number; capitals and a space may stand before it.
fn token(text: &[u8], start: usize) -> Option<Range<usize>> {
    let part =
        |byte: &&u8| byte.is_ascii_alphanumeric() || b"/:.-_".contains(byte) || **byte >= 0x80;
    let len = |at: usize| text[at..].iter().take(LONGEST + 1).take_while(part).count();
    let mut end = start + len(start);
    let capitals = str::from_utf8(&text[start..end]).ok()?;
    let prefix = !capitals.is_empty()
        && capitals.chars().count() <= PREFIX
        && capitals.chars().all(char::is_uppercase);
    if prefix && text.get(end) == Some(&b' ') && text.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = end + 1 + len(end + 1);
    }
    while end > start && b"/:.-_".contains(&text[end - 1]) {
        end -= 1;
    }
    let fits = end > start && end - start <= LONGEST;
    // A word in the middle of a sentence holds no digits at its end.
    (fits && text[end - 1].is_ascii_alphanumeric()).then_some(start..end)
}

/// Whether the number is something else: a year, a date, an amount, a person, an address on the web.
fn is_other(candidate: &Candidate<'_>, span: Range<usize>, list: usize) -> bool {
    let text = candidate.field.text;
    let found = &text[span.clone()];
    let Some(first) = found.iter().position(u8::is_ascii_digit) else { return true };
    if found.contains(&b'@')
        || found.windows(2).any(|pair| pair == b"//")
        || text.get(span.end) == Some(&b'@')
    {
        return true;
    }
    if first > 0 {
        return false;
    }
    let run = Run::parse(text, span.start);
    let piece = Piece::whole(&run);
    let whole = run.end as usize <= span.end;
    let year = matches!(piece.digits(), [1, 9, _, _] | [2, 0, _, _]) && whole;
    let person = piece.has_shape(&[6, 4]) || piece.has_shape(&[8, 4]) || piece.has_shape(&[12]);
    // A date stays one behind any word; statutes and amounts behind those that name no case.
    let strict =
        Options { strict: list == CASES && run.groups.len() > 1, ..candidate.options.clone() };
    let amount = unit_after(text, span.end);
    year || amount
        || (person && is_identity(candidate, piece.digits()))
        || exempt::covers(text, piece, &strict)
}
