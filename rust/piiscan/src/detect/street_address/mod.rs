//! Addresses of streets, boxes and places.
//!
//! A capitalized word with the ending of a street and a number behind it, then perhaps a door, a postcode and a city. A postcode with its city
//! and a box are an address too, but seldom that of a person. Sources: SIS SS 613401 and Postnord, *Rätt adress*; Posti, *Osoitteet*;
//! libpostal dictionaries. Streets without such an ending are not found.

mod shape;
mod words;

use super::person_name::phrase::{Token, is_upper};
use super::person_name::{Kinds, LONGEST, exact, lower};
use super::{CONTEXT, Candidate, Claims, Detector, Match, Near, Options, Trigger};
use crate::finding::{Attributes, Category, Confidence, Flags};
use words::Weight;

const RANK: u8 = 13;
const ROLE: usize = 1; // list of words around addresses of organizations
const WORDS_BEFORE: usize = 3; // words of the name of a street before the last

/// The detector `street-address`.
#[derive(Debug)]
pub(super) struct StreetAddress;

/// Whether a number at `at`, or a capital behind a number, is worth asking for.
pub(crate) fn is_worth(text: &[u8], at: usize) -> bool {
    let Some(before) = text[..at].strip_suffix(b" ") else { return false };
    if text[at].is_ascii_digit() {
        return words::may_end(before);
    }
    let [.., a, b, gap, d, e] = *before else { return false };
    [a, b, d, e].iter().all(u8::is_ascii_digit) && (gap == b' ' || gap.is_ascii_digit())
}

impl Detector for StreetAddress {
    fn id(&self) -> &'static str {
        "street-address"
    }

    fn category(&self) -> Category {
        Category::Address
    }

    fn summary(&self) -> &'static str {
        "Addresses of streets with numbers, boxes, postcodes with cities"
    }

    fn rule(&self) -> &'static str {
        "Shape: a capitalized word with the ending of a street (gatan, vägen, gränd, torget, katu, tie, kuja, polku, gate, vej ...), or such a \
         word behind capitalized ones; a number with letter or range; then perhaps a door, a postcode of five digits and a city, on the \
         same line or the next; with locale NO or DK also one of four digits on the same line.\n\
         high: with postcode and city. medium: street and number. low: postcode and city alone; a box; an ending that ordinary words \
         have too (plan, plats, leden, ringen, tori), or no capital, without a word about addresses.\n\
         role_address near besöksadress, postadress, käyntiosoite and the like. Not: numbers before a unit (km, m, kr, år, personer), \
         years, utgången, färdvägen, omvägen.\n\
         Source: libpostal dictionaries; Postnord, Rätt adress."
    }

    fn examples(&self) -> &'static [&'static str] {
        &[
            "Storgatan 12 B, 791 29 Falun",
            "Norra Vägen 3",
            "Mannerheimintie 5 B 12",
            "Box 123, 791 29 Falun",
        ]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Place]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[
            &[
                "adress*",
                "gatuadress*",
                "hemadress*",
                "bostadsadress*",
                "folkbokföringsadress*",
                "bor på",
                "bor i",
                "bodde på",
                "bosatt",
                "flyttat till",
                "osoite*",
                "kotiosoite*",
                "asuu",
                "asun",
                "bopæl",
                "bopel",
                "address",
                "lives at",
            ],
            &[
                "besöksadress*",
                "postadress*",
                "fakturaadress*",
                "leveransadress*",
                "käyntiosoite*",
                "postiosoite*",
                "besøksadresse*",
                "visiting address",
                "postal address",
                "kommunhuset",
                "stadshuset",
                "kommunkontoret",
                "kaupungintalo",
                "kunnantalo",
                "reception*",
                "öppettider",
                "org.nr",
                "y-tunnus",
                "kommun",
                "kundtjänst*",
                "växel*",
                "kirjaamo",
                "registrator*",
            ],
        ]
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let (text, at) = (candidate.field.text, candidate.at);
        let locales = candidate.options.locales;
        let found = if text[at].is_ascii_digit() {
            street(candidate, at).or_else(|| {
                let (start, end) = shape::post_box(text, at)?;
                let end = shape::postcode_and_city(text, end, locales).unwrap_or(end);
                Some((start, end, Confidence::Low))
            })
        } else {
            shape::before_city(text, at).map(|(start, end)| (start, end, Confidence::Low))
        };
        let Some((start, end, confidence)) = found else { return };
        let role = candidate.near(ROLE, start, end).is_near();
        let flags = if role { Flags::ROLE_ADDRESS } else { Flags::default() };
        claims.push(Match {
            start: u32::try_from(start).expect("fields are capped below 4 GiB"),
            end: u32::try_from(end).expect("fields are capped below 4 GiB"),
            rank: RANK,
            confidence,
            near: Near::No,
            attributes: Attributes { flags, ..Attributes::default() },
        });
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        let lower = found.to_lowercase();
        let mut last = "";
        for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            // A postcode is one word with and without its space.
            let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
            let split = last.len() == 3 && word.len() == 2 && is_number(last) && is_number(word);
            if !(out.is_empty() || split) {
                out.push(b' ');
            }
            out.extend_from_slice(word.as_bytes());
            last = word;
        }
    }
}

/// A street whose number begins at `at`.
fn street(candidate: &Candidate<'_>, at: usize) -> Option<(usize, usize, Confidence)> {
    let text = candidate.field.text;
    let last = at.checked_sub(2)?;
    let word = Token::around(text, last);
    let weight = weight(word.of(text))?;
    let capital = is_upper(text, word.start);
    let (start, after_somebody) = match bare(word.of(text)) {
        Some(ending) => called(text, word, ending)?,
        None => (named(text, word), false),
    };
    let house = shape::house(text, at)?;
    let door = shape::door(text, house);
    let whole = shape::postcode_and_city(text, door, candidate.options.locales);
    if whole.is_none() && shape::is_year(text, at) {
        return None;
    }
    let end = whole.unwrap_or(door);
    let sure = after_somebody || weight == Weight::Strong && (capital || start < word.start);
    let confidence = match () {
        () if whole.is_some() => Confidence::High,
        () if sure || candidate.near(CONTEXT, start, end).is_near() => Confidence::Medium,
        () if capital || weight == Weight::Strong => Confidence::Low,
        () => return None,
    };
    Some((start, end, confidence))
}

/// What the ending of a word says, if it is one of streets.
fn weight(word: &[u8]) -> Option<Weight> {
    let mut buffer = [0; LONGEST];
    let word = lower(word, &mut buffer)?;
    let (_, weight) = words::ENDINGS
        .iter()
        .filter(|(ending, _)| word.ends_with(ending.as_bytes()))
        .max_by_key(|(ending, _)| ending.len())?;
    let is_bare = words::ENDINGS.iter().any(|(ending, _)| ending.as_bytes() == word);
    let is_other = words::NO_STREET.iter().any(|other| other.as_bytes() == word);
    (is_bare || !is_other).then_some(*weight)
}

/// The ending, if the word is nothing else.
fn bare(word: &[u8]) -> Option<&'static str> {
    let mut buffer = [0; LONGEST];
    let word = lower(word, &mut buffer)?;
    words::ENDINGS.iter().map(|(ending, _)| *ending).find(|ending| ending.as_bytes() == word)
}

/// Where the name of a street begins whose last word is an ending alone: `Norra Vägen`, `Karl Johans gate`. Also whether it is called
/// after somebody.
fn called(text: &[u8], word: Token, ending: &str) -> Option<(usize, bool)> {
    let before = word.previous(text).filter(|before| !is_among(before.of(text), words::LABELS))?;
    let capital = is_upper(text, word.start);
    // "hela vägen", "Min gata" are no names; that of a person is in the genitive.
    let genitive = matches!(before.of(text).last(), Some(b's' | b'x' | b'z'));
    if !capital && (words::DEFINITE.contains(&ending) || !genitive) {
        return None;
    }
    let mut start = before;
    for _ in 1..WORDS_BEFORE {
        let more = start.previous(text).filter(|more| !is_among(more.of(text), words::LABELS));
        let Some(more) = more.filter(|more| is_part(more.of(text))) else { break };
        start = more;
    }
    Some((start.start, genitive))
}

/// Where the name of a street begins whose last word has a stem: `Norra Skolgatan`, `Nils Ericsonsgatan`.
fn named(text: &[u8], word: Token) -> usize {
    let after_somebody = is_after_somebody(word.of(text));
    let belongs = |more: &Token| {
        is_among(more.of(text), words::PARTS) || after_somebody && is_part(more.of(text))
    };
    let mut start = word;
    for _ in 0..WORDS_BEFORE {
        let Some(more) = start.previous(text).filter(belongs) else { break };
        start = more;
    }
    let saint = text[..start.start].ends_with(b"S:t ");
    start.start - if saint { 4 } else { 0 }
}

/// Whether the stem of the last word of a street is a name: `Ericsonsgatan`.
fn is_after_somebody(word: &[u8]) -> bool {
    let mut buffer = [0; LONGEST];
    let Some(word) = lower(word, &mut buffer) else { return false };
    let stems =
        words::ENDINGS.iter().filter_map(|(ending, _)| word.strip_suffix(ending.as_bytes()));
    stems.min_by_key(|stem| stem.len()).is_some_and(|stem| {
        let name = stem.strip_suffix(b"s").unwrap_or(stem);
        !exact(name).is_none()
    })
}

/// Whether a capitalized word may be part of the name of a street behind it.
fn is_part(word: &[u8]) -> bool {
    is_among(word, words::PARTS) || {
        let kinds = exact(word);
        kinds.has(Kinds::FIRST) && !kinds.has(Kinds::OPENER)
    }
}

fn is_among(word: &[u8], words: &[&str]) -> bool {
    let mut buffer = [0; LONGEST];
    lower(word, &mut buffer).is_some_and(|word| words.iter().any(|known| known.as_bytes() == word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Date;
    use crate::finding::Countries;

    #[test]
    fn one_address_has_one_canonical_form() {
        let options = Options {
            locales: Countries::default(),
            reference_date: Date::new(2026, 1, 1).unwrap(),
            min_digits: 7,
            strict: false,
            grouped: true,
            norway_2032: false,
        };
        for text in ["Storgatan 12 B, 791 29 Falun", "STORGATAN 12 B\n79129 FALUN"] {
            let mut out = Vec::new();
            StreetAddress.canonical(text, &Attributes::default(), &options, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), "storgatan 12 b 79129 falun");
        }
    }
}
