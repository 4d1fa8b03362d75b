//! Dates of birth and ages.
//!
//! A date is one of a birth only beside a word that says so; an age is a number before "år gammal", "-åring", "vuotias". The date may be in any
//! of the forms that people write ([`date`]). What can be read from identity numbers is not looked at.

mod date;

use super::{Candidate, Claims, Detector, Match, Near, Options, Trigger};
use crate::finding::{Attributes, Category, Confidence};
use date::Precision;

const RANK: u8 = 13;
/// List of [`Detector::words`]: births.
const BORN: usize = 0;
/// List of [`Detector::words`]: ages, behind their number. The third list is of classes, before theirs.
const AGE: usize = 1;
const GAP_MAX: usize = 40; // bytes between the word and its date
const BEFORE_MAX: usize = 20; // bytes of a date before its word
const OLDEST: u32 = 120;
const LAST_CLASS: u32 = 9;

/// Words between one of birth and its date.
const SMALL: &[&str] =
    &["den", "d", "on", "in", "i", "er", "dag", "nr", "is", "datum", "år", "under"];
/// Words before a span of time.
const SPAN_BEFORE: &[&str] = &[
    "i", "om", "för", "under", "på", "efter", "inom", "per", "var", "de", "senaste", "kommande",
    "första", "minst", "över", "än", "till", "och", "in", "for", "noin", "yli", "cirka", "ca",
];
/// What stands behind one.
const SPAN_BEHIND: &[&str] =
    &[" sedan", " sitten", " framåt", " efter", " tillbaka", " i rad", " gammalt", " gamla"];
/// What belongs to an age.
const MORE_OF_AGE: &[&str] = &[" gammal", " gammel", " ung", " fyllda"];

/// The detector `date-of-birth`.
#[derive(Debug)]
pub(super) struct DateOfBirth;

impl Detector for DateOfBirth {
    fn id(&self) -> &'static str {
        "date-of-birth"
    }

    fn category(&self) -> Category {
        Category::Person
    }

    fn summary(&self) -> &'static str {
        "Dates of birth and ages"
    }

    fn rule(&self) -> &'static str {
        "Shape: a date behind född, födelsedatum, f., syntynyt, synt., s., født, f.d., born, DOB, or in a field of such a name. It exists and \
         is not after the reference date.\n\
         high: four digits of the year. medium: two. low: the year alone; ages such as 35 år, 35-åring, 35-vuotias, årskurs 3 (kind=age).\n\
         A date without such a word is never one of a birth, a span of time (i 3 år, 3 år sedan) no age."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["född 1962-03-01", "syntynyt 1.3.1962", "født 1. mars 1962", "född -62", "35-åring"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Word(0), Trigger::Word(1), Trigger::Word(2)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[
            &[
                "född",
                "födda",
                "föddes",
                "födelsedatum",
                "födelsedag*",
                "födelsetid",
                "födelseår",
                "f.",
                "f.d.",
                "syntynyt",
                "syntyi",
                "syntymäaika*",
                "syntymäpäivä*",
                "synt",
                "s.",
                "født",
                "fødselsdato*",
                "fødselsdag*",
                "fødd",
                "born",
                "dob",
                "birthdate",
                "birthday",
                "date of birth",
                "birth date",
                "dateofbirth",
            ],
            &[
                "år",
                "åring*",
                "årig*",
                "vuotias*",
                "vuotiaa*",
                "vuotta",
                "years old",
                "year old",
                "year-old*",
            ],
            &["årskurs", "årskursen", "vuosiluokka", "vuosiluokalla"],
        ]
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let Some(word) = candidate.word else { return };
        let found = match word.list {
            BORN => born(candidate, word.end),
            AGE => age(candidate.field.text, candidate.at, word.end),
            _ => class(candidate.field.text, candidate.at, word.end),
        };
        let Some((start, end, confidence, kind)) = found else { return };
        claims.push(Match {
            start: u32::try_from(start).expect("fields are capped below 4 GiB"),
            end: u32::try_from(end).expect("fields are capped below 4 GiB"),
            rank: RANK,
            confidence,
            near: Near::No,
            attributes: Attributes { kind, ..Attributes::default() },
        });
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        let lower = found.to_lowercase();
        let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        if let Some(first) = words.next() {
            out.extend_from_slice(first.as_bytes());
        }
        for word in words {
            out.push(b' ');
            out.extend_from_slice(word.as_bytes());
        }
    }
}

type Found = (usize, usize, Confidence, Option<&'static str>);

/// The date of a birth behind the word that ends at `end`, or before it.
fn born(candidate: &Candidate<'_>, end: usize) -> Option<Found> {
    let (text, today) = (candidate.field.text, candidate.options.reference_date);
    let (start, near) = date_start(text, end)?;
    let behind = date::read(text, start, today).map(|(end, precision)| (start, end, precision));
    // Between the word and a date farther off stands a place: "född i Falun 1 mars 1962".
    // Short words mean other things too: "f.d. rektor", "s. 12".
    let short = text[..end].ends_with(b".");
    let page = short && text[candidate.at] | 0x20 == b's';
    let behind = behind.filter(|(_, _, precision)| match precision {
        Precision::Full => near || !short,
        Precision::ShortYear => near,
        Precision::Year => near && !page,
    });
    let found = behind.or_else(|| {
        let word = candidate.at;
        // Of the words only the Finnish participle stands behind a date.
        let participle =
            text[word..].get(..5).is_some_and(|word| word.eq_ignore_ascii_case(b"synty"));
        if !participle {
            return None;
        }
        let from = word.saturating_sub(BEFORE_MAX);
        let fits = |start: &usize| {
            text[*start].is_ascii_digit()
                && (*start == 0 || !text[*start - 1].is_ascii_alphanumeric())
        };
        (from..word).filter(fits).find_map(|start| {
            let (end, precision) = date::read(text, start, today)?;
            let beside = text[end..word].iter().all(|byte| b" ,".contains(byte));
            (precision == Precision::Full && beside).then_some((start, end, precision))
        })
    });
    let (start, end, precision) = found?;
    let confidence = match precision {
        Precision::Full => Confidence::High,
        Precision::ShortYear => Confidence::Medium,
        Precision::Year => Confidence::Low,
    };
    Some((start, end, confidence, None))
}

/// Where the first number or month behind a word stands, and whether nothing but small words is between. The end of the text if there is
/// none near.
fn date_start(text: &[u8], end: usize) -> Option<(usize, bool)> {
    let window = text.get(end..text.len().min(end + GAP_MAX))?;
    let (mut at, mut near) = (0, true);
    while at < window.len() {
        let byte = window[at];
        if byte.is_ascii_digit()
            || matches!(byte, b'-' | b'\'') && window.get(at + 1).is_some_and(u8::is_ascii_digit)
        {
            return Some((end + at, near));
        }
        if matches!(byte, b'!' | b'?' | b';')
            || window[at..].starts_with(b"\n\n")
            || at > 3 && (window[at..].starts_with(b". ") || window[at..].starts_with(b".\n"))
        {
            break;
        }
        if byte.is_ascii_alphabetic() || byte >= 0x80 {
            let len = window[at..]
                .iter()
                .take_while(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80)
                .count();
            let word = &window[at..at + len];
            // A month before its day: "born March 1, 1962".
            if word[0].is_ascii_uppercase()
                && window.get(at + len) == Some(&b' ')
                && window.get(at + len + 1).is_some_and(u8::is_ascii_digit)
                && near
            {
                let start = end + at;
                return Some((
                    if date::is_month(word) { start } else { start + len + 1 },
                    date::is_month(word),
                ));
            }
            near &= is_among(word, SMALL);
            at += len;
        } else {
            at += 1;
        }
    }
    Some((text.len(), false))
}

/// A number right before a word of age: `35 år`, `35-åring`.
fn age(text: &[u8], at: usize, end: usize) -> Option<Found> {
    let gap = matches!(text.get(at.checked_sub(1)?), Some(b' ' | b'-'));
    let last = at - usize::from(gap);
    let start = number_before(text, last)?;
    let value =
        text[start..last].iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
    let before = text[..start].trim_ascii_end();
    // A span of time.
    let word = before
        .rsplit(|byte| !byte.is_ascii_alphabetic() && *byte < 0x80)
        .next()
        .unwrap_or_default();
    let is_year = &text[at..end] == "år".as_bytes() || &text[at..end] == b"vuotta";
    let rest = &text[end..];
    let is_span = is_year && (is_among(word, SPAN_BEFORE) || follows(rest, SPAN_BEHIND).is_some());
    if value == 0 || value > OLDEST || is_span {
        return None;
    }
    let end = end + follows(rest, MORE_OF_AGE).unwrap_or(0);
    Some((start, end, Confidence::Low, Some("age")))
}

fn is_among(word: &[u8], words: &[&str]) -> bool {
    words.iter().any(|known| known.as_bytes() == word)
}

/// Length of the first of the texts that stands here.
fn follows(rest: &[u8], texts: &[&str]) -> Option<usize> {
    texts.iter().find(|text| rest.starts_with(text.as_bytes())).map(|text| text.len())
}

/// Where the number of one to three digits begins that ends at `end`.
fn number_before(text: &[u8], end: usize) -> Option<usize> {
    let len = text[..end].iter().rev().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let start = end - len;
    let open = match text[..start] {
        [.., digit, b'.' | b',' | b'-' | b'/' | b':'] => !digit.is_ascii_digit(),
        [.., byte] => !byte.is_ascii_alphanumeric() && byte < 0x80 && byte != b'_',
        [] => true,
    };
    ((1..=3).contains(&len) && open).then_some(start)
}

/// A number of a class right behind its word.
fn class(text: &[u8], at: usize, end: usize) -> Option<Found> {
    let start = end + 1;
    let len = text.get(start..)?.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    let fits = text[end] == b' ' && len == 1 && u32::from(text[start] - b'0') <= LAST_CLASS;
    let border = text.get(start + 1).is_none_or(|byte| !byte.is_ascii_digit());
    (fits && border).then_some((at, start + 1, Confidence::Low, Some("age")))
}
