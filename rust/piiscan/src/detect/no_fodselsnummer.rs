//! Norwegian identity numbers: *fødselsnummer*, *D-nummer*, *H-nummer*, *FH-nummer*.
//!
//! `DDMMYYIIIKK`: two check digits by weights modulo 11. A D-nummer has 40 added to the day, an H-nummer 40 to the month, a synthetic number of the test
//! population 80 to the month; an FH-nummer begins with 8 or 9 and has no date. From 2032 the first check digit may be up to three higher than
//! its weights say. III does not tell the century any longer: a date counts that exists in one of three. Sources: folkeregisterforskriften
//! (2017-07-14-1201) § 2-2-1; Skatteetaten, *Ny kontrollsifferberegning fra 2032*, *Test-Norge*; KITH 1001:2010.

use super::number::{Joint, Piece, REFERENCE_WORDS, digits_of, joint, shaped, value};
use super::{ANTI, CONTEXT, Candidate, Claims, Detector, Match, Near, Options, Trigger};
use crate::calendar::Date;
use crate::finding::{Attributes, Category, Check, Confidence, Countries, Flags};

/// List of [`Detector::words`]: payment references.
const REFERENCE: usize = 2;

const RANK: u8 = 10;
const RANK_WRONG_CHECK: u8 = 12;
const SHAPES: &[&[u32]] = &[&[6, 5], &[11]];

/// The detector `no-fodselsnummer`.
#[derive(Debug)]
pub(super) struct NoFodselsnummer;

impl Detector for NoFodselsnummer {
    fn id(&self) -> &'static str {
        "no-fodselsnummer"
    }

    fn category(&self) -> Category {
        Category::IdentityNumber
    }

    fn summary(&self) -> &'static str {
        "Norwegian identity numbers: fødselsnummer, D-nummer, H-nummer, FH-nummer"
    }

    fn rule(&self) -> &'static str {
        "Shape: DDMMYYIIIKK, DDMMYY IIIKK, DDMMYY-IIIKK; two check digits modulo 11; the date exists in the 1800s, 1900s or 2000s. \
         D-nummer: day + 40. H-nummer: month + 40. Synthetic: month + 80. FH-nummer: first digit 8 or 9, no date.\n\
         high: with a context word; in groups with locale NO.\n\
         medium: in groups, or locale NO.\n\
         low: unseparated with neither; FH-nummer with a context word; wrong check digits with a context word (check=fail).\n\
         Option norway_2032: check digits by the rule of 2032 (rule2032): low, from 2032 medium with a context word.\n\
         Not near kontonummer, kontonr: accounts have eleven digits too.\n\
         Source: folkeregisterforskriften § 2-2-1; Skatteetaten."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["130972 48022", "fnr 29020075838", "D-nummer 53097248016", "10915596784"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Digits(11, u8::MAX)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[
            &[
                "fødselsnummer*",
                "fødselsnr",
                "fødselsnumre",
                "fodselsnummer*",
                "fnr",
                "f.nr",
                "personnummer*",
                "pnr",
                "persnr",
                "d-nummer*",
                "dnummer",
                "d-nr",
                "h-nummer",
                "fh-nummer",
                "hjelpenummer",
                "national identity number",
            ],
            &["kontonummer*", "kontonr", "konto", "bankkonto*", "kontonr.", "tilinumero*"],
            REFERENCE_WORDS,
        ]
    }

    fn countries(&self) -> Countries {
        Countries::of("NO")
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
    let digits = <&[u8; 11]>::try_from(piece.digits()).ok()?;
    let kind = kind(digits)?;
    let rule = rule(digits);
    if !piece.opens(text) || !piece.closes(text) {
        return None;
    }
    let grouped = joint(text, piece)? != Joint::None;
    let (start, end) = (piece.start(), piece.end());
    let near = candidate.near(CONTEXT, start, end);
    if rule == Rule::Neither && !near.is_near() {
        return None;
    }
    let account = candidate.near(ANTI, start, end);
    if account.is_near() && account >= near
        || candidate.near(REFERENCE, start, end) == Near::Adjacent
    {
        return None;
    }
    let options = candidate.options;
    let local = options.locales.meets(Countries::of("NO"));
    let rule2032 = rule == Rule::Of2032;
    let confidence = match rule {
        Rule::Of2032 if !options.norway_2032 && !near.is_near() => return None,
        Rule::Of2032 if options.norway_2032 => {
            let common = Options::norway_2032_on(options.reference_date) && near.is_near();
            if common { Confidence::Medium } else { Confidence::Low }
        }
        Rule::Old if kind == FH => near.is_near().then_some(Confidence::Low)?,
        Rule::Old if near.is_near() || (grouped && local) => Confidence::High,
        Rule::Old if grouped || local => Confidence::Medium,
        Rule::Old | Rule::Of2032 | Rule::Neither => Confidence::Low,
    };
    let wrong = rule == Rule::Neither || (rule2032 && !options.norway_2032);
    if wrong && kind == FH {
        return None;
    }
    let mut flags = if grouped { Flags::GROUPED } else { Flags::default() };
    if rule2032 && !wrong {
        flags = flags.with(Flags::RULE2032);
    }
    if is_synthetic(digits) && kind != FH {
        flags = flags.with(Flags::SYNTHETIC);
    }
    Some(Match {
        start: u32::try_from(start).ok()?,
        end: u32::try_from(end).ok()?,
        rank: if wrong { RANK_WRONG_CHECK } else { RANK },
        confidence,
        near: if wrong { Near::No } else { near },
        attributes: Attributes {
            kind: Some(kind),
            check: wrong.then_some(Check::Fail),
            flags,
            digits: 11,
            ..Attributes::default()
        },
    })
}

/// By which rule the check digits are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Old,
    Of2032,
    Neither,
}

fn rule(digits: &[u8; 11]) -> Rule {
    const FIRST: [u8; 9] = [3, 7, 6, 1, 8, 9, 4, 5, 2];
    const SECOND: [u8; 10] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
    let rest = |weights: &[u8]| {
        let sum: u32 = digits.iter().zip(weights).map(|(&d, &w)| u32::from(d) * u32::from(w)).sum();
        sum % 11
    };
    if (11 - rest(&SECOND)) % 11 != u32::from(digits[10]) {
        return Rule::Neither;
    }
    let first = rest(&FIRST);
    let by = |more: u32| (11 + more - first) % 11 == u32::from(digits[9]);
    match () {
        () if by(0) => Rule::Old,
        () if (1..=3).any(by) => Rule::Of2032,
        () => Rule::Neither,
    }
}

const FH: &str = "fh-nummer";

/// What number it is by its date, if the date exists.
fn kind(digits: &[u8; 11]) -> Option<&'static str> {
    let two = |at: usize| digits[at] * 10 + digits[at + 1];
    if digits[0] >= 8 {
        return Some(FH);
    }
    let (day, d) = if two(0) > 40 { (two(0) - 40, true) } else { (two(0), false) };
    let (month, h) = match two(2) {
        month @ 81.. => (month - 80, false),
        month @ 41.. => (month - 40, true),
        month => (month, false),
    };
    let year = u16::try_from(value(&digits[4..6])).unwrap_or(0);
    let exists = [1800, 1900, 2000].iter().any(|c| Date::new(c + year, month, day).is_some());
    exists.then_some(match (d, h) {
        (false, false) => "fodselsnummer",
        (true, false) => "d-nummer",
        (false, true) => "h-nummer",
        (true, true) => "dh-nummer",
    })
}

fn is_synthetic(digits: &[u8; 11]) -> bool {
    digits[2] * 10 + digits[3] > 80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> [u8; 11] {
        digits_of(text)[..].try_into().unwrap()
    }

    #[test]
    fn follows_published_numbers() {
        for (text, expected) in [
            ("13097248022", "fodselsnummer"),
            ("29020075838", "fodselsnummer"),
            ("15021951940", "fodselsnummer"),
            ("53097248016", "d-nummer"),
            ("13527248013", "h-nummer"),
            ("10915596784", "fodselsnummer"),
            ("68467038838", "dh-nummer"),
            ("50846202355", "d-nummer"),
        ] {
            assert_eq!((kind(&number(text)), rule(&number(text))), (Some(expected), Rule::Old));
        }
    }

    #[test]
    fn the_first_check_digit_may_be_higher_from_2032_on() {
        assert_eq!(rule(&number("28811108687")), Rule::Of2032);
        assert_eq!(rule(&number("22835565304")), Rule::Of2032);
        // Published beside the rule of 2032; the old rule accepts them, too.
        assert_eq!(rule(&number("02013299997")), Rule::Old);
        assert_eq!(rule(&number("30108299920")), Rule::Old);
    }

    #[test]
    fn refuses_slips() {
        assert_eq!(rule(&number("13097248032")), Rule::Neither);
        assert_eq!(rule(&number("13097248023")), Rule::Neither);
        assert_eq!(kind(&number("13137248022")), None);
    }
}
