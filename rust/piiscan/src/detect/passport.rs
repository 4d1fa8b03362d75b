//! Numbers of passports and national identity cards.
//!
//! Sweden: eight digits until 2021, nine letters and digits from 2022. Finland: two letters and seven digits. No check digit is printed with them,
//! so only what stands beside the word is one. Sources: Polismyndigheten, *Pass och nationellt id-kort*; Microsoft Purview, *Finland passport
//! number* and *Sweden passport number*; ICAO Doc 9303-4 (nine characters).

use super::beside::{each_word, offset};
use super::number::{closes, opens};
use super::{Candidate, Claims, Detector, Match, Near, Options, Trigger};
use crate::calendar::Date;
use crate::finding::{Attributes, Category, Confidence, Countries};

const RANK: u8 = 12;
/// List of [`Detector::words`]: passports.
const PASSPORT: usize = 0;
/// List of [`Detector::words`]: identity cards.
const CARD: usize = 1;
/// List of [`Detector::words`]: words that mean the number and nothing else. *Pass* is also a shift and a class.
const SURE: usize = 2;

/// The detector `passport`.
#[derive(Debug)]
pub(super) struct Passport;

impl Detector for Passport {
    fn id(&self) -> &'static str {
        "passport"
    }

    fn category(&self) -> Category {
        Category::Document
    }

    fn summary(&self) -> &'static str {
        "Numbers of passports and national identity cards (SE, FI)"
    }

    fn rule(&self) -> &'static str {
        "Shape: two capitals and seven digits (FI, and SE from 2022), other nine capitals and digits with at least five digits (SE), eight digits \
         that are no date (SE until 2021); beside passnummer, id-kort, resehandling, passi, passport and the like. Eight digits beside the bare \
         word pass only directly behind it. kind: passport, id-card.\n\
         high: two capitals and seven digits. medium: the others. Nothing without the word.\n\
         Source: Polismyndigheten; ICAO Doc 9303."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["passnummer 12345678", "passi XP1234567", "id-kort: AB1234567"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Word(0), Trigger::Word(1)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[
            &[
                "pass",
                "passet",
                "passnr*",
                "passnummer*",
                "pass nr",
                "pass-nr",
                "resehandling*",
                "passi",
                "passin numero",
                "passinumero*",
                "passport*",
                "pasnummer*",
            ],
            &[
                "id-kort*",
                "idkort*",
                "id kort",
                "identitetskort*",
                "henkilökort*",
                "identity card*",
                "id card*",
            ],
            &[
                "passnr*",
                "passnummer*",
                "pass nr",
                "pass-nr",
                "resehandling*",
                "passin numero",
                "passinumero*",
                "passport n*",
                "pasnummer*",
                "id-kort*",
                "idkort*",
                "identitetskort*",
                "henkilökort*",
            ],
        ]
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        each_word(candidate, |at| {
            if let Some(found) = judge(candidate, at) {
                claims.push(found);
            }
        });
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        out.extend(found.bytes().filter(u8::is_ascii_alphanumeric));
    }
}

/// What a number may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Two capitals and seven digits.
    Letters,
    /// Nine capitals and digits.
    Mixed,
    /// Eight digits.
    Digits,
}

fn judge(candidate: &Candidate<'_>, start: usize) -> Option<Match> {
    let text = candidate.field.text;
    let (end, shape) = shape(text, start)?;
    if !opens(text, start) || text[..start].ends_with(b"-") || !closes(text, end) {
        return None;
    }
    let near = |list| candidate.near(list, start, end);
    let (passport, card) = (near(PASSPORT), near(CARD));
    let nearest = passport.max(card);
    let sure = nearest == Near::Adjacent || near(SURE).is_near();
    if !nearest.is_near() || (shape != Shape::Letters && !sure) {
        return None;
    }
    let kind = if card > passport { "id-card" } else { "passport" };
    let (confidence, countries) = match shape {
        Shape::Letters => (Confidence::High, Countries::of("FI").with(Countries::of("SE"))),
        Shape::Mixed | Shape::Digits => (Confidence::Medium, Countries::of("SE")),
    };
    let digits = text[start..end].iter().filter(|byte| byte.is_ascii_digit()).count();
    Some(Match {
        start: offset(start),
        end: offset(end),
        rank: RANK,
        confidence,
        near: nearest,
        attributes: Attributes {
            kind: Some(kind),
            countries,
            digits: u8::try_from(digits).unwrap_or(u8::MAX),
            ..Attributes::default()
        },
    })
}

/// The end and the shape of what begins at `start`.
fn shape(text: &[u8], start: usize) -> Option<(usize, Shape)> {
    let rest = &text[start..];
    let len = rest.iter().take(10).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let word = &rest[..len];
    let digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    let capitals = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_uppercase);
    match len {
        2 if capitals(word) => {
            let number = rest.get(3..10)?;
            (rest[2] == b' ' && digits(number)).then_some((start + 10, Shape::Letters))
        }
        8 => (digits(word) && !is_date(word)).then_some((start + 8, Shape::Digits)),
        9 if capitals(&word[..2]) && digits(&word[2..]) => Some((start + 9, Shape::Letters)),
        9 => {
            let count = word.iter().filter(|byte| byte.is_ascii_digit()).count();
            let upper = word.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            (upper && count >= 5).then_some((start + 9, Shape::Mixed))
        }
        _ => None,
    }
}

/// `YYYYMMDD` of the last and this century.
fn is_date(digits: &[u8]) -> bool {
    let number = |range: std::ops::Range<usize>| {
        digits[range].iter().fold(0_u16, |number, digit| number * 10 + u16::from(digit - b'0'))
    };
    let part = |range| u8::try_from(number(range)).unwrap_or(0);
    (1900..2100).contains(&number(0..4))
        && Date::new(number(0..4), part(4..6), part(6..8)).is_some()
}
