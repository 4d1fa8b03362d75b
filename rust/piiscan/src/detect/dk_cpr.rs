//! Danish identity numbers (*CPR-nummer*).
//!
//! `DDMMYY-SSSS`: the seventh digit and the year tell the century. Weights 4, 3, 2, 7, 6, 5, 4, 3, 2, 1 give a sum divisible by 11, but since 2007 numbers are given
//! out that do not: so far to people born on 1 January. One Swedish number in four has a Danish date, so the date alone is no evidence. Sources:
//! CPR-loven; CPR-kontoret, *Personnummeret i CPR* and *Personnumre uden kontrolciffer*.

use super::claims::ONLY_CANDIDATE;
use super::number::{Joint, Piece, REFERENCE_WORDS, digits_of, joint, shaped, value};
use super::{CONTEXT, Candidate, Claims, Detector, Match, Near, Options, Trigger};
use crate::calendar::Date;
use crate::checksum::mod11;
use crate::finding::{Attributes, Category, Check, Confidence, Countries, Flags};

/// List of [`Detector::words`]: payment references.
const REFERENCE: usize = 1;
/// List of [`Detector::words`]: a word that Swedes and Norwegians use for numbers of their own.
const PERSONNUMMER: usize = 2;

const SIX_AND_FOUR: u8 = 9; // rank
const UNSEPARATED: u8 = 12; // rank
const SHAPES: &[&[u32]] = &[&[6, 4], &[10]];
const WEIGHTS: [u8; 10] = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1];

/// The detector `dk-cpr`.
#[derive(Debug)]
pub(super) struct DkCpr;

impl Detector for DkCpr {
    fn id(&self) -> &'static str {
        "dk-cpr"
    }

    fn category(&self) -> Category {
        Category::IdentityNumber
    }

    fn summary(&self) -> &'static str {
        "Danish identity numbers (CPR)"
    }

    fn rule(&self) -> &'static str {
        "Shape: DDMMYY-SSSS, with a space for the hyphen, or unseparated; the date exists in the century that the seventh digit tells, not after \
         the reference date.\n\
         high: modulo 11, hyphen, a context word.\n\
         medium: modulo 11 with a hyphen and locale DK, or unseparated with a context word; without modulo 11 (check=none) born on 1 January, \
         with a context word.\n\
         low: another date without modulo 11 (check=fail), with a context word.\n\
         Otherwise only a candidate of what another detector finds there, if modulo 11. One step down with a space for the hyphen.\n\
         Source: CPR-loven; CPR-kontoret, numbers without modulus check."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["CPR 211062-5629", "cpr-nr. 2110625629"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Digits(10, u8::MAX)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[
            &[
                "cpr",
                "cpr-nr",
                "cpr.nr",
                "cpr nr",
                "cprnr",
                "cpr-nummer*",
                "cprnummer*",
                "cpr-numre",
                "mit personnummer",
                "dit personnummer",
                "sit personnummer",
                "personnummeret er",
            ],
            REFERENCE_WORDS,
            &["personnummer*", "pnr"],
        ]
    }

    fn countries(&self) -> Countries {
        Countries::of("DK")
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let Some(run) = candidate.run.filter(|run| !run.plus) else { return };
        for piece in shaped(run, SHAPES) {
            if let Some(found) = judge(candidate, piece) {
                claims.push(found);
            }
        }
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        out.extend(digits_of(found).iter().map(|digit| digit + b'0'));
    }
}

fn judge(candidate: &Candidate<'_>, piece: Piece<'_>) -> Option<Match> {
    let text = candidate.field.text;
    let digits = <&[u8; 10]>::try_from(piece.digits()).ok()?;
    let date = birth_date(digits)?;
    if date > candidate.options.reference_date || !piece.opens(text) || !piece.closes(text) {
        return None;
    }
    let joint = joint(text, piece)?;
    let passes = mod11(digits, &WEIGHTS);
    let (start, end) = (piece.start(), piece.end());
    let near = near(candidate, start, end);
    let local = candidate.options.locales.meets(Countries::of("DK"));
    let check = match passes {
        true => Check::Pass,
        false if (date.month(), date.day()) == (1, 1) => Check::None,
        false => Check::Fail,
    };
    let confidence = match (check, joint) {
        (Check::Pass, Joint::Hyphen | Joint::Space) if near.is_near() => Some(Confidence::High),
        (Check::Pass, Joint::Hyphen | Joint::Space) => local.then_some(Confidence::Medium),
        (Check::Fail, _) => near.is_near().then_some(Confidence::Low),
        (Check::Pass | Check::None, _) => near.is_near().then_some(Confidence::Medium),
    };
    if confidence.is_none() && check != Check::Pass
        || candidate.near(REFERENCE, start, end) == Near::Adjacent
    {
        return None;
    }
    let lowered = |sure: Confidence| if joint == Joint::Space { sure.lowered() } else { sure };
    Some(Match {
        start: u32::try_from(start).ok()?,
        end: u32::try_from(end).ok()?,
        rank: match joint {
            _ if confidence.is_none() => ONLY_CANDIDATE,
            Joint::None => UNSEPARATED,
            Joint::Hyphen | Joint::Space => SIX_AND_FOUR,
        },
        confidence: confidence.map_or(Confidence::Low, lowered),
        near,
        attributes: Attributes {
            check: Some(check),
            flags: if joint == Joint::None { Flags::default() } else { Flags::GROUPED },
            digits: 10,
            ..Attributes::default()
        },
    })
}

/// The nearest context word. *Personnummer* counts where Danish numbers are expected and Swedish ones are not.
fn near(candidate: &Candidate<'_>, start: usize, end: usize) -> Near {
    let near = candidate.near(CONTEXT, start, end);
    let locales = candidate.options.locales;
    let danish = locales.meets(Countries::of("DK")) && !locales.meets(Countries::of("SE"));
    if danish { near.max(candidate.near(PERSONNUMMER, start, end)) } else { near }
}

/// The date of birth, if it exists. The seventh digit and the year tell the century.
fn birth_date(digits: &[u8; 10]) -> Option<Date> {
    let two = |at: usize| digits[at] * 10 + digits[at + 1];
    let year = u16::try_from(value(&digits[4..6])).ok()?;
    let century = match digits[6] {
        4 | 9 if year <= 36 => 2000,
        0..=4 | 9 => 1900,
        _ if year <= 57 => 2000,
        _ => 1800,
    };
    Date::new(century + year, two(2), two(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(text: &str) -> Option<u16> {
        birth_date(digits_of(text)[..].try_into().unwrap()).map(Date::year)
    }

    #[test]
    fn the_seventh_digit_tells_the_century() {
        let years = ["010136-0000", "010136-4000", "010137-4000", "010157-5000", "010158-8000"];
        assert_eq!(years.map(year), [1936, 2036, 1937, 2057, 1858].map(Some));
        assert_eq!(year("511062-5629"), None);
    }
}
