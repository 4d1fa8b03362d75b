//! Names behind the words of [`cues`](super::cues).

use super::cues::{CLOSING_LIST, HERE_LIST, LABEL_LIST, SELF_LIST, SIGNATURE_LIST};
use super::names::{self, Kinds};
use super::party::is_no_person;
use super::phrase::{Span, Token, is_shouted, is_upper, is_word, stands_alone};
use crate::detect::{Candidate, Word};
use crate::finding::Confidence;

const TOKENS: usize = 3; // words of a name
const VALUE_MAX: usize = 60; // bytes of a field that is a name
const GAP_MAX: usize = 6; // bytes between the word and the name

/// The name behind a word.
pub(super) fn name(candidate: &Candidate<'_>, word: Word) -> Option<(Span, Confidence)> {
    let text = candidate.field.text;
    let of_label = word.end == candidate.at;
    let is_part_of_sentence = matches!(word.list, SELF_LIST | HERE_LIST | CLOSING_LIST);
    if of_label && (text.len() > VALUE_MAX || is_part_of_sentence) {
        return None;
    }
    // The second letter of an abbreviation: "m.t.".
    if word.list == SIGNATURE_LIST && text[..candidate.at].ends_with(b".") {
        return None;
    }
    let start = begin(text, word, of_label)?;
    let mut names = tokens(text, start, word.list == SELF_LIST);
    // The next sentence or a title, as in "Anna Ek Rektor".
    while names.len() > 2 && names.last().is_some_and(|last| !is_listed(text, *last)) {
        names.pop();
    }
    let ends = names.last().is_none_or(|last| ends_line(text, last.end));
    if names.len() == 2 && !ends && word.list != SELF_LIST && !is_listed(text, names[1]) {
        names.pop();
    }
    let (first, last) = (*names.first()?, *names.last()?);
    let span = Span { start: first.start, end: last.end };
    if names.iter().any(|token| is_no_person(token.of(text))) || !stands_alone(text, span) {
        return None;
    }
    let is_listed = names.iter().any(|token| is_listed(text, *token));
    let line_ends = ends_line(text, span.end);
    let fits = match word.list {
        SELF_LIST => true,
        HERE_LIST => is_first_name(text, first),
        CLOSING_LIST => line_ends && is_first_name(text, first),
        // A capital begins the next sentence as well.
        SIGNATURE_LIST => line_ends || is_listed,
        LABEL_LIST => is_listed || line_ends && names.len() > 1,
        _ => is_listed,
    };
    let confidence = match names.len() {
        1 => Confidence::Medium,
        _ if is_listed || word.list == SELF_LIST => Confidence::High,
        _ => Confidence::Medium,
    };
    fits.then_some((span, confidence))
}

/// Whether a list or an ending knows a word.
fn is_listed(text: &[u8], token: Token) -> bool {
    let kinds = token.kinds(text, names::nominative);
    kinds.has(Kinds::FIRST) || kinds.is_surname()
}

/// Whether a word is a listed first name where no other word has a capital.
fn is_first_name(text: &[u8], token: Token) -> bool {
    let kinds = token.kinds(text, names::nominative);
    let other = kinds.has(Kinds::OPENER.with(Kinds::ICELANDIC)) || is_shouted(token.of(text));
    kinds.has(Kinds::FIRST) && !other
}

/// Whether the text or the line ends there.
fn ends_line(text: &[u8], at: usize) -> bool {
    let rest = text[at..].strip_prefix(b" ").unwrap_or(&text[at..]);
    matches!(rest, [] | [b'\n' | b'\r', ..])
}

/// Where the name begins, behind what may stand between.
fn begin(text: &[u8], word: Word, of_label: bool) -> Option<usize> {
    let rest = &text[word.end..];
    let allowed: &[u8] = match word.list {
        _ if of_label => b" \"",
        SELF_LIST => b" :\"",
        SIGNATURE_LIST | CLOSING_LIST => b" ,.!:/\r\n-",
        _ => b" :\t",
    };
    let gap = rest.iter().take(GAP_MAX).take_while(|byte| allowed.contains(byte)).count();
    let has = |sign: u8| rest[..gap].contains(&sign);
    let parted = match word.list {
        // In a text a label has a colon.
        LABEL_LIST => of_label || has(b':'),
        CLOSING_LIST => has(b'\n'),
        _ => true,
    };
    let start = word.end + gap;
    let from = if word.list == SIGNATURE_LIST {
        let small = ["från ", "fra ", "from "]
            .iter()
            .find(|small| text[start..].starts_with(small.as_bytes()));
        start + small.map_or(0, |small| small.len())
    } else {
        start
    };
    (parted && (gap > 0 || of_label) && from < text.len()).then_some(from)
}

/// The words of the name that begins there. In lower case only first names of the lists.
fn tokens(text: &[u8], start: usize, any_case: bool) -> smallvec::SmallVec<[Token; TOKENS]> {
    let mut found = smallvec::SmallVec::new();
    if !text.get(start).copied().is_some_and(is_word) {
        return found;
    }
    let first = Token { start, end: Token::around(text, start).end };
    let upper = is_upper(text, start);
    let known = any_case && first.kinds(text, names::exact).has(Kinds::FIRST);
    if !(upper || known) || first.end - start < 2 {
        return found;
    }
    found.push(first);
    let mut at = first;
    while found.len() < TOKENS {
        let next = at.next_of_name(text).or_else(|| {
            let next = Token::around(text, (at.end + 1).min(text.len().saturating_sub(1)));
            let beside = text.get(at.end) == Some(&b' ') && next.start == at.end + 1 && !upper;
            (beside && next.kinds(text, names::exact).is_surname()).then_some(next)
        });
        let Some(next) = next else { break };
        found.push(next);
        at = next;
    }
    found
}
