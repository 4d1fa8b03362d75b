//! What somebody is and which school somebody goes to: evidence of who is meant, of low confidence, and never a name.
//!
//! A role counts where it is said of somebody (`är rektor`, `jobbar som präst`, `on rehtori`, `as a midwife`) or beside its place (`rektor på
//! Norrskolan`). A school counts behind words of going there, with its name. The words are in `data/role/roles.tsv`; whether they tell more
//! than that is for a report to say, which sees the whole message.

use std::sync::LazyLock;

use super::phrase::{Span, Token, is_upper, is_word};
use crate::detect::Word;

/// Kind of what is found: a role.
const ROLE: &str = "role";
/// Kind of what is found: a school.
const SCHOOL: &str = "school";

const TOKENS: usize = 3; // words of the name of a school
const LEFT: usize = 3; // bytes before the ending of a school's name

/// The words of a kind.
fn read(kind: &str) -> Vec<&'static str> {
    let rows = include_str!("../../../data/role/roles.tsv").lines();
    let fields = rows.filter(|row| !row.starts_with('#')).map(|row| row.splitn(3, '\t'));
    let words = fields.filter_map(|mut row| (row.next() == Some(kind)).then(|| row.last()));
    words.flatten().collect()
}

/// Roles, a list of [`Detector::words`](crate::detect::Detector::words).
pub(super) static ROLES: LazyLock<Vec<&'static str>> = LazyLock::new(|| read(ROLE));
/// Words of going to a school, a list of [`Detector::words`](crate::detect::Detector::words).
pub(super) static SCHOOLED: LazyLock<Vec<&'static str>> = LazyLock::new(|| read(SCHOOL));

/// Words before a role that is said of somebody.
const SAID: &[&str] = &[
    "är", "e", "var", "blev", "som", "olen", "on", "oli", "olin", "a", "an", "the", "er", "ble",
    "en", "ett", "et", "enda", "ainoa", "only", "eneste",
];
/// Words between a role and its place.
const AT: &[&str] = &["på", "vid", "i", "at", "of", "in", "ved", "af"];
/// Kinds of schools: no names.
const GENERIC: &[&str] = &[
    "förskola",
    "förskolan",
    "grundskola",
    "grundskolan",
    "högskola",
    "högskolan",
    "gymnasieskola",
    "gymnasieskolan",
    "folkhögskola",
    "folkhögskolan",
    "musikskolan",
    "kulturskolan",
    "friskola",
    "friskolan",
    "peruskoulu",
    "peruskoulua",
    "yläkoulu",
    "yläkoulua",
    "ammattikoulu",
    "ammattikoulua",
    "kansakoulu",
    "highschool",
    "ungdomsskolen",
    "barneskolen",
    "folkeskolen",
    "grunnskolen",
    "yrkesskolan",
    "körskolan",
];
/// Endings of the names of schools, and words behind such a name.
const SCHOOLS: &[&str] = &[
    "skola",
    "skolan",
    "skolans",
    "gymnasiet",
    "gymnasium",
    "dagis",
    "montessori",
    "koulu",
    "koulua",
    "koulun",
    "koulussa",
    "koulusta",
    "lukio",
    "lukiota",
    "lukion",
    "lukiossa",
    "päiväkoti",
    "päiväkodissa",
    "päiväkodin",
    "päiväkotia",
    "school",
    "college",
    "academy",
    "kindergarten",
    "skole",
    "skolen",
    "barnehage",
    "barnehagen",
    "børnehave",
    "børnehaven",
    "videregående",
];

/// A role or the name of a school, and which of both.
pub(super) fn find(
    text: &[u8],
    at: usize,
    word: Word,
    is_role: bool,
) -> Option<(Span, &'static str)> {
    if is_role { role(text, at, word.end) } else { school(text, word.end) }
}

fn role(text: &[u8], start: usize, end: usize) -> Option<(Span, &'static str)> {
    let before = text[..start].strip_suffix(b" ")?;
    let len = before.iter().rev().take_while(|byte| is_word(**byte)).count();
    let said = is_one_of(&before[before.len() - len..], SAID);
    let place = placed(text, end);
    (said || place.is_some()).then(|| (Span { start, end: place.unwrap_or(end) }, ROLE))
}

/// The end of the capitalized place behind a role.
fn placed(text: &[u8], end: usize) -> Option<usize> {
    let rest = text[end..].strip_prefix(b" ")?;
    let len = rest.iter().take_while(|byte| is_word(**byte)).count();
    let at = end + 1 + len + 1;
    let place = is_one_of(&rest[..len], AT) && rest.get(len) == Some(&b' ') && is_upper(text, at);
    place.then(|| Token::around(text, at).end)
}

/// The name of a school: capitalized words of which one ends like a school, or before a word for one.
fn school(text: &[u8], end: usize) -> Option<(Span, &'static str)> {
    let start = end + 1;
    if text.get(end) != Some(&b' ') || !is_upper(text, start) {
        return None;
    }
    let mut last = Token { start, end: Token::around(text, start).end };
    let mut named = is_school(last.of(text), Alone::Name);
    for _ in 1..TOKENS {
        let at = last.end + 1;
        if named || text.get(last.end) != Some(&b' ') || !text.get(at).copied().is_some_and(is_word)
        {
            break;
        }
        last = Token { start: at, end: Token::around(text, at).end };
        named = is_school(last.of(text), Alone::Word);
        if !is_upper(text, at) {
            break;
        }
    }
    named.then_some((Span { start, end: last.end }, SCHOOL))
}

/// What a word is that is nothing but an ending of [`SCHOOLS`]: nothing alone, the end of a name behind another word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alone {
    Name,
    Word,
}

/// Whether a word ends like the name of a school.
fn is_school(word: &[u8], alone: Alone) -> bool {
    let mut buffer = [0; super::names::LONGEST];
    let Some(word) = super::names::lower(word, &mut buffer) else { return false };
    let ends = |ending: &&str| word.ends_with(ending.as_bytes());
    let more = |ending: &&str| alone == Alone::Word || ending.len() + LEFT <= word.len();
    !GENERIC.iter().any(|kind| kind.as_bytes() == word && alone == Alone::Name)
        && SCHOOLS.iter().filter(|ending| ends(ending)).any(more)
}

fn is_one_of(word: &[u8], words: &[&str]) -> bool {
    words.iter().any(|known| known.as_bytes() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_a_kind_and_two_letters() {
        assert!(ROLES.len() > 150 && SCHOOLED.len() > 40);
        assert!(ROLES.iter().chain(&*SCHOOLED).all(|word| word.len() > 2));
    }
}
