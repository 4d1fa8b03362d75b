//! Icelandic identity numbers (*kennitala*), of people and of organizations.
//!
//! `DDMMYY-RRPC`: `P` is a check digit by weights 3, 2, 7, 6, 5, 4, 3, 2 modulo 11, `C` is 8, 9 or 0 for the 1800s, 1900s, 2000s. Numbers given out since
//! 2026-02-18 have no check digit. Organizations have 40 added to the day. A *kerfiskennitala* of somebody not registered begins with 8 or 9 and
//! has neither date nor check digit. An Icelandic IBAN ends with the kennitala of its owner. Source: lög um skráningu einstaklinga
//! (140/2019); Registers Iceland.

use super::iban;
use super::number::{Joint, Piece, REFERENCE_WORDS, digits_of, joint, shaped, value};
use super::{CONTEXT, Candidate, Claims, Detector, Match, Near, Options, Trigger};
use crate::calendar::Date;
use crate::checksum::mod11;
use crate::finding::{Attributes, Category, Check, Confidence, Countries, Flags};

/// List of [`Detector::words`]: payment references.
const REFERENCE: usize = 1;
/// List of [`Detector::words`]: accounts.
const ACCOUNT: usize = 2;

const IBAN: &str = "iban";
const IBAN_RANK: u8 = 2;
const SIX_AND_FOUR: u8 = 9; // rank
const UNSEPARATED: u8 = 12; // rank
const SHAPES: &[&[u32]] = &[&[6, 4], &[10]];
const WEIGHTS: [u8; 9] = [3, 2, 7, 6, 5, 4, 3, 2, 1];
const LENGTH: usize = 10; // digits

/// The detector `is-kennitala`.
#[derive(Debug)]
pub(super) struct IsKennitala;

impl Detector for IsKennitala {
    fn id(&self) -> &'static str {
        "is-kennitala"
    }

    fn category(&self) -> Category {
        Category::IdentityNumber
    }

    fn summary(&self) -> &'static str {
        "Icelandic identity numbers (kennitala)"
    }

    fn rule(&self) -> &'static str {
        "Shape: DDMMYY-RRPC, with a space for the hyphen, or unseparated; the date exists, not after the reference date; P modulo 11; C is 8, 9 or 0. \
         Organizations: day + 40 (kind=organization). Kerfiskennitala: ten digits from 8 or 9 on. A person's number at the end of an \
         Icelandic IBAN (carrier=iban).\n\
         high: check digit and a context word; in an IBAN.\n\
         medium: a context word without the check digit (check=none), also kerfiskennitala; hyphen, check digit and locale IS.\n\
         Otherwise not reported. One step down with a space for the hyphen.\n\
         Source: lög 140/2019; Registers Iceland, numbers without check digit from 2026-02-18."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["kennitala 120174-3399", "kt. 120160-3389", "kt. 892350-1739"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Digits(10, u8::MAX), Trigger::Capitals]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[
            &["kennitala*", "kennitölu*", "kt", "kt.nr", "icelandic id"],
            REFERENCE_WORDS,
            iban::WORDS,
        ]
    }

    fn countries(&self) -> Countries {
        Countries::of("IS")
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let Some(run) = candidate.run else {
            in_iban(candidate, claims);
            return;
        };
        if run.plus {
            return;
        }
        for piece in shaped(run, SHAPES) {
            if let Some(found) = judge(candidate, piece) {
                claims.push(found);
            }
        }
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        let digits = digits_of(found);
        let number = &digits[digits.len().saturating_sub(LENGTH)..];
        out.extend(number.iter().map(|digit| digit + b'0'));
    }
}

fn judge(candidate: &Candidate<'_>, piece: Piece<'_>) -> Option<Match> {
    let text = candidate.field.text;
    let digits = <&[u8; LENGTH]>::try_from(piece.digits()).ok()?;
    let kind = kind(digits, candidate.options.reference_date)?;
    if !piece.opens(text) || !piece.closes(text) {
        return None;
    }
    let joint = joint(text, piece)?;
    let passes = kind != Kind::System && mod11(digits, &WEIGHTS);
    let (start, end) = (piece.start(), piece.end());
    let near = candidate.near(CONTEXT, start, end);
    let local = candidate.options.locales.meets(Countries::of("IS"));
    let confidence = match (passes, near.is_near()) {
        (true, true) => Confidence::High,
        (false, true) => Confidence::Medium,
        (true, false) if local && joint != Joint::None => Confidence::Medium,
        _ => return None,
    };
    if candidate.near(REFERENCE, start, end) == Near::Adjacent {
        return None;
    }
    Some(Match {
        start: u32::try_from(start).ok()?,
        end: u32::try_from(end).ok()?,
        rank: if joint == Joint::None { UNSEPARATED } else { SIX_AND_FOUR },
        confidence: if joint == Joint::Space { confidence.lowered() } else { confidence },
        near,
        attributes: Attributes {
            kind: match kind {
                Kind::Person => None,
                Kind::Organization => Some("organization"),
                Kind::System => Some("kerfiskennitala"),
            },
            check: Some(if passes { Check::Pass } else { Check::None }),
            flags: if joint == Joint::None { Flags::default() } else { Flags::GROUPED },
            digits: 10,
            ..Attributes::default()
        },
    })
}

/// The kennitala of a person at the end of an Icelandic IBAN.
fn in_iban(candidate: &Candidate<'_>, claims: &mut Claims) {
    let (text, start) = (candidate.field.text, candidate.at);
    if !text[start..].starts_with(b"IS") {
        return;
    }
    let Some((account, end)) = iban::valid(text, start) else { return };
    let digits = account[account.len() - LENGTH..].iter().map(|byte| byte.wrapping_sub(b'0'));
    let mut number = [0; LENGTH];
    number.iter_mut().zip(digits).for_each(|(to, digit)| *to = digit);
    let person = number.iter().all(|digit| *digit <= 9)
        && kind(&number, candidate.options.reference_date) == Some(Kind::Person)
        && mod11(&number, &WEIGHTS);
    if !person {
        return;
    }
    let near = candidate.near(ACCOUNT, start, end).max(candidate.near(CONTEXT, start, end));
    let grouped = end - start > account.len();
    claims.push(Match {
        start: u32::try_from(start).expect("fields are capped below 4 GiB"),
        end: u32::try_from(end).expect("fields are capped below 4 GiB"),
        rank: IBAN_RANK,
        confidence: Confidence::High,
        near,
        attributes: Attributes {
            carrier: Some(IBAN),
            check: Some(Check::Pass),
            flags: if grouped { Flags::GROUPED } else { Flags::default() },
            digits: u8::try_from(account.len() - 2).unwrap_or(u8::MAX),
            ..Attributes::default()
        },
    });
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Person,
    Organization,
    /// Kerfiskennitala: of somebody not registered.
    System,
}

/// Whose number it is, by its date.
fn kind(digits: &[u8; LENGTH], today: Date) -> Option<Kind> {
    if digits[0] >= 8 {
        return Some(Kind::System);
    }
    let two = |at: usize| digits[at] * 10 + digits[at + 1];
    let century = match digits[9] {
        8 => 1800,
        9 => 1900,
        0 => 2000,
        _ => return None,
    };
    let (day, kind) = match two(0) {
        day @ 41.. => (day - 40, Kind::Organization),
        day => (day, Kind::Person),
    };
    let year = u16::try_from(value(&digits[4..6])).ok()?;
    let date = Date::new(century + year, two(2), day)?;
    (date <= today).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> (Option<Kind>, bool) {
        let digits = <[u8; LENGTH]>::try_from(&digits_of(text)[..]).unwrap();
        (kind(&digits, Date::new(2026, 11, 22).unwrap()), mod11(&digits, &WEIGHTS))
    }

    #[test]
    fn follows_published_numbers() {
        assert_eq!(verdict("120174-3399"), (Some(Kind::Person), true));
        assert_eq!(verdict("120160-3389"), (Some(Kind::Person), true));
        assert_eq!(verdict("450401-3150"), (Some(Kind::Organization), true));
        assert_eq!(verdict("892350-1739").0, Some(Kind::System));
    }

    #[test]
    fn dates_exist_and_are_past() {
        assert_eq!(verdict("310274-3399").0, None);
        assert_eq!(verdict("120174-3395").0, None);
        assert_eq!(verdict("231126-3390").0, None);
    }
}
