//! Display names of senders and recipients.
//!
//! A field that says who wrote or got a message holds names that are in no list. What the whole field says is judged here, part by part: a name of
//! a person, of a system, of a department.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memchr_iter;

use super::names::{self, Kinds};
use super::phrase::{self, Token, is_upper, is_word};
use crate::finding::Confidence;

const WORDS: usize = 4; // of a display name without small words
pub(super) const LEFT: usize = 2; // bytes that a name has at least

/// Words of names of systems, departments and organizations.
const NO_PERSON: &[&str] = &[
    "ab",
    "admin",
    "administration",
    "administrator",
    "agent",
    "anonym",
    "anonymous",
    "asiakas",
    "assistant",
    "assistent",
    "besökare",
    "bibliotek",
    "bot",
    "botti",
    "center",
    "chatbot",
    "chatt",
    "city",
    "contact",
    "enhet",
    "forum",
    "förening",
    "gäst",
    "guest",
    "handläggare",
    "helpdesk",
    "hotline",
    "info",
    "intranet",
    "it",
    "kaupunki",
    "kirjaamo",
    "kommun",
    "kommunen",
    "kommune",
    "kommuns",
    "kontakt",
    "kund",
    "kunta",
    "käyttäjä",
    "mail",
    "mailer",
    "microsoft",
    "facebook",
    "google",
    "myndighet",
    "newsletter",
    "no",
    "noreply",
    "notification",
    "notifications",
    "nyhetsbrev",
    "okänd",
    "oy",
    "operator",
    "palvelu",
    "post",
    "postmaster",
    "puhelin",
    "region",
    "registrator",
    "registraturen",
    "reply",
    "robot",
    "server",
    "service",
    "skola",
    "stad",
    "staden",
    "stads",
    "stöd",
    "support",
    "system",
    "team",
    "teams",
    "tuki",
    "unknown",
    "user",
    "vieras",
    "virasto",
    "visitor",
    "voicemail",
    "webb",
    "webmaster",
    "whatsapp",
    "chat",
    "you",
    "du",
    "sinä",
    "me",
    "jag",
    "minä",
    "all",
    "alla",
    "kaikki",
    "everyone",
];

/// Their hashes, in order.
static NO_PERSONS: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut hashes: Vec<u64> = NO_PERSON.iter().map(|word| names::hash(word.as_bytes())).collect();
    hashes.sort_unstable();
    hashes
});

/// Endings of such words.
const NO_PERSON_ENDINGS: &[&str] = &[
    "bolaget",
    "ionen",
    "byrån",
    "centralen",
    "centret",
    "centrum",
    "enheten",
    "förbundet",
    "föreningen",
    "förvaltningen",
    "gruppen",
    "kansliet",
    "keskus",
    "kommittén",
    "kontor",
    "kontoret",
    "kunnan",
    "kaupungin",
    "ministeriet",
    "myndigheten",
    "nämnden",
    "palvelu",
    "palvelut",
    "personalen",
    "posten",
    "redaktionen",
    "service",
    "skolan",
    "styrelsen",
    "supporten",
    "tjänst",
    "tjänsten",
    "toimisto",
    "verket",
    "verksamheten",
    "avdelningen",
    "biblioteket",
    "virasto",
    "botten",
];

/// A name in a field of senders or recipients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) range: Range<usize>,
    pub(super) confidence: Confidence,
}

/// Calls `visit` with every name of a person in a field of senders or recipients.
pub(super) fn each(text: &[u8], mut visit: impl FnMut(Name)) {
    if let Some(name) = turned(text) {
        visit(name);
        return;
    }
    let mut at = 0;
    while at < text.len() {
        let len = part(&text[at..]);
        if let Some(name) = judge(text, display(text, at..at + len)) {
            visit(name);
        }
        at += len + 1;
    }
}

/// Length of the part of a list of addresses that begins here.
fn part(text: &[u8]) -> usize {
    let mut quoted = false;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' | b';' | b'\n' if !quoted => return at,
            _ => {}
        }
    }
    // An unclosed quotation mark protects nothing.
    if quoted {
        text.iter().position(|byte| b",;\n".contains(byte)).unwrap_or(text.len())
    } else {
        text.len()
    }
}

/// The display name of a part: without the address, what stands in brackets, quotation marks and spaces.
fn display(text: &[u8], part: Range<usize>) -> Range<usize> {
    let cut = text[part.clone()].iter().position(|byte| b"<([|".contains(byte));
    let mut range = part.start..cut.map_or(part.end, |cut| part.start + cut);
    let edge = |byte: u8| matches!(byte, b' ' | b'\t' | b'\r' | b'"' | b'\'');
    while range.start < range.end && edge(text[range.start]) {
        range.start += 1;
    }
    while range.start < range.end && edge(text[range.end - 1]) {
        range.end -= 1;
    }
    range
}

/// `Svensson, Anna` as the whole field or before its only address.
fn turned(text: &[u8]) -> Option<Name> {
    if memchr_iter(b',', text).count() != 1 || memchr_iter(b'@', text).count() > 1 {
        return None;
    }
    let range = display(text, 0..text.len());
    let comma = text[range.clone()].iter().position(|byte| *byte == b',')? + range.start;
    let last = Token { start: range.start, end: comma };
    let first = Token { start: comma + 1, end: range.end };
    let first =
        Token { start: first.start + usize::from(text.get(first.start) == Some(&b' ')), ..first };
    let is_word_alone = |token: Token| {
        is_upper(text, token.start)
            && token.start < token.end
            && Token::around(text, token.start) == token
    };
    // A second name after the first one, as in `Svensson, Anna Maria`.
    let given = Token::around(text, first.start.min(text.len().saturating_sub(1)));
    let fits = is_word_alone(last)
        && last.kinds(text, names::inflected).is_surname()
        && given.kinds(text, names::exact).has(Kinds::FIRST)
        && tokens(text, first.start..range.end).all(is_word_alone);
    fits.then_some(Name { range, confidence: Confidence::High })
}

/// Whether a display name is that of a person.
fn judge(text: &[u8], range: Range<usize>) -> Option<Name> {
    let name = text.get(range.clone())?;
    if name.len() <= LEFT || name.iter().any(|byte| b"@_/:0123456789=#\\{}".contains(byte)) {
        return None;
    }
    let (mut count, mut listed, mut first, mut lower) = (0, false, false, 0);
    for token in tokens(text, range.clone()) {
        let word = token.of(text);
        if !word.iter().copied().all(|byte| is_word(byte) || b"-'.".contains(&byte)) {
            return None;
        }
        if phrase::is_particle(word) {
            continue;
        }
        let kinds = token.kinds(text, names::inflected);
        if !kinds.has(Kinds::FIRST.with(Kinds::LAST)) && is_no_person(word) {
            return None;
        }
        first |= count == 0 && kinds.has(Kinds::FIRST);
        listed |= kinds.has(Kinds::FIRST) || kinds.is_surname();
        lower += usize::from(!is_upper(text, token.start));
        count += 1;
    }
    // Without capitals only what the lists know.
    let known = lower == 0 || lower == count && first;
    if count == 0 || count > WORDS || !known {
        return None;
    }
    let confidence = match (count, listed) {
        (1, true) => Confidence::Medium,
        (1, _) => Confidence::Low,
        (_, true) => Confidence::High,
        (_, false) => Confidence::Medium,
    };
    Some(Name { range, confidence })
}

/// The words between spaces.
pub(super) fn tokens(text: &[u8], range: Range<usize>) -> impl Iterator<Item = Token> {
    let mut at = range.start;
    std::iter::from_fn(move || {
        let start = (at..range.end).find(|at| !matches!(text[*at], b' ' | b','))?;
        let end =
            (start..range.end).find(|at| matches!(text[*at], b' ' | b',')).unwrap_or(range.end);
        at = end;
        Some(Token { start, end })
    })
}

/// Whether a word is that of a system, a department or an organization.
pub(super) fn is_no_person(word: &[u8]) -> bool {
    let mut buffer = [0; names::LONGEST];
    let Some(lower) = names::lower(word, &mut buffer) else { return true };
    // The last byte decides mostly: these are many endings.
    let is_ending = |ending: &&str| {
        ending.as_bytes().last() == lower.last() && lower.ends_with(ending.as_bytes())
    };
    NO_PERSONS.binary_search(&names::hash(lower)).is_ok() || NO_PERSON_ENDINGS.iter().any(is_ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, Confidence)> {
        let mut found = Vec::new();
        each(text.as_bytes(), |name| found.push((&text[name.range.clone()], name.confidence)));
        found
    }

    #[test]
    fn names_are_read_from_addresses() {
        let high = Confidence::High;
        assert_eq!(found("Anna Exempel <anna@example.se>"), [("Anna Exempel", high)]);
        assert_eq!(
            found("\"Exempelsson, Anna\" <a@example.se>, Bo von Ek <b@example.se>"),
            [("Exempelsson, Anna", high), ("Bo von Ek", high)]
        );
        assert_eq!(found("Exempelsson, Anna"), [("Exempelsson, Anna", high)]);
        assert_eq!(found("Kovács Bertalan"), [("Kovács Bertalan", Confidence::Medium)]);
        assert_eq!(found("anna exempelsson"), [("anna exempelsson", high)]);
        assert_eq!(found("Björn"), [("Björn", Confidence::Medium)]);
        assert_eq!(found("Zuzana"), [("Zuzana", Confidence::Low)]);
        assert_eq!(found("Anna Exempel (Exempel kommun)"), [("Anna Exempel", high)]);
    }

    #[test]
    fn systems_and_departments_are_nobody() {
        for text in [
            "Kundtjänst",
            "Exempel kommun",
            "noreply@example.se",
            "No Reply <no@example.se>",
            "Kommun Kim",
            "agent47",
            "System",
            "Stadsbyggnadskontoret",
            "Besökare",
            "+46701740605",
            "",
            "<a@example.se>",
            "Microsoft Teams",
            "any_user",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
