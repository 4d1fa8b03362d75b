//! Finnish business identity codes (*Y-tunnus*, *FO-nummer*).
//!
//! `NNNNNNN-C`: weights 7, 9, 10, 5, 8, 4, 2 over the seven digits; a rest of 0 by 11 gives 0, a rest of 1 is never given out, any other is taken from 11.
//! The oldest codes have six digits. The VAT number is `FI` and the eight digits. One code in eleven is right by chance, so the number alone
//! is nothing. Source: yritys- ja yhteisötietolaki (244/2001); Finnish Patent and Registration Office.

use super::number::{Piece, REFERENCE_WORDS, country_before, digits_of, gap, shaped};
use super::{CONTEXT, Candidate, Claims, Detector, Match, Near, Options, Trigger};
use crate::finding::{Attributes, Category, Check, Confidence, Countries, Flags};

/// List of [`Detector::words`]: payment references.
const REFERENCE: usize = 1;

const VAT: &str = "vat";
const VAT_RANK: u8 = 2;
const RANK: u8 = 12;
const SHAPES: &[&[u32]] = &[&[7, 1], &[6, 1], &[8]];

/// The detector `fi-y-tunnus`.
#[derive(Debug)]
pub(super) struct FiYTunnus;

impl Detector for FiYTunnus {
    fn id(&self) -> &'static str {
        "fi-y-tunnus"
    }

    fn category(&self) -> Category {
        Category::OrganizationNumber
    }

    fn summary(&self) -> &'static str {
        "Finnish business identity codes (Y-tunnus) and VAT numbers"
    }

    fn rule(&self) -> &'static str {
        "Shape: NNNNNNN-C or NNNNNN-C, weights 7 9 10 5 8 4 2 modulo 11. VAT number: FI and the eight digits (kind=vat).\n\
         high: with a context word; VAT number. low: wrong check digit directly after a context word (check=fail). Without a \
         context word: not reported.\n\
         Source: laki 244/2001; Finnish Patent and Registration Office."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["Y-tunnus 2077474-0", "FO-nummer 0000001-9", "FI20774740"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Digits(7, u8::MAX)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[
            &[
                "y-tunnu*",
                "ytunnus",
                "ly-tunnu*",
                "yritystunnus",
                "yritys- ja yhteisötunnus",
                "fo-nummer*",
                "fo-nr",
                "fo-signum",
                "företagssignum",
                "företags- och organisationsnummer",
                "business id",
                "business identity code",
                "alv-numero",
                "alv-tunnus",
                "momsnummer",
                "vat number",
            ],
            REFERENCE_WORDS,
        ]
    }

    fn countries(&self) -> Countries {
        Countries::of("FI")
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let Some(run) = candidate.run.filter(|run| !run.plus) else { return };
        for piece in shaped(run, SHAPES) {
            let found = vat(candidate, piece).or_else(|| judge(candidate, piece));
            if let Some(found) = found {
                claims.push(found);
            }
        }
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        let digits = digits_of(found);
        // The oldest codes are written without their leading zero.
        out.extend(std::iter::repeat_n(b'0', 8_usize.saturating_sub(digits.len())));
        out.extend(digits.iter().map(|digit| digit + b'0'));
    }
}

/// `FI20774740`, `FI 2077474-0`.
fn vat(candidate: &Candidate<'_>, piece: Piece<'_>) -> Option<Match> {
    let text = candidate.field.text;
    if piece.from > 0 || piece.count() != 8 || !passes(piece.digits()) || !piece.closes(text) {
        return None;
    }
    let start = country_before(text, piece.start(), *b"FI")?;
    let tight = piece.to == 1 || gap(text, piece.run, 1) == b"-";
    let found = Attributes { kind: Some(VAT), ..attributes(piece) };
    tight.then(|| claim(start, piece.end(), VAT_RANK, Confidence::High, Near::No, found))
}

/// `2077474-0` beside a context word.
fn judge(candidate: &Candidate<'_>, piece: Piece<'_>) -> Option<Match> {
    let text = candidate.field.text;
    let hyphen = piece.groups().len() == 2 && gap(text, piece.run, piece.from + 1) == b"-";
    if !hyphen || !piece.opens(text) || !piece.closes(text) {
        return None;
    }
    let (start, end) = (piece.start(), piece.end());
    let near = candidate.near(CONTEXT, start, end);
    if !near.is_near() || candidate.near(REFERENCE, start, end) == Near::Adjacent {
        return None;
    }
    let found = attributes(piece);
    if passes(piece.digits()) {
        return Some(claim(start, end, RANK, Confidence::High, near, found));
    }
    let found = Attributes { check: Some(Check::Fail), ..found };
    let typed = near == Near::Adjacent;
    typed.then(|| claim(start, end, RANK, Confidence::Low, Near::No, found))
}

/// Whether the last of seven or eight digits is the check digit.
fn passes(digits: &[u8]) -> bool {
    const WEIGHTS: [u8; 7] = [7, 9, 10, 5, 8, 4, 2];
    let Some((check, number)) = digits.split_last() else { return false };
    let weights = WEIGHTS.iter().rev();
    let sum: u32 =
        number.iter().rev().zip(weights).map(|(&d, &w)| u32::from(d) * u32::from(w)).sum();
    match sum % 11 {
        0 => *check == 0,
        1 => false,
        rest => u32::from(*check) == 11 - rest,
    }
}

fn attributes(piece: Piece<'_>) -> Attributes {
    let grouped = piece.groups().len() > 1;
    Attributes {
        flags: if grouped { Flags::GROUPED } else { Flags::default() },
        digits: u8::try_from(piece.count()).unwrap_or(u8::MAX),
        ..Attributes::default()
    }
}

fn claim(
    start: usize,
    end: usize,
    rank: u8,
    confidence: Confidence,
    near: Near,
    attributes: Attributes,
) -> Match {
    let offset = |at| u32::try_from(at).expect("fields are capped below 4 GiB");
    Match { start: offset(start), end: offset(end), rank, confidence, near, attributes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_published_codes() {
        assert!(passes(&digits_of("2077474-0")));
        assert!(passes(&digits_of("0000001-9")));
        assert!(passes(&digits_of("000001-9")));
        assert!(!passes(&digits_of("0737546-1")));
    }

    #[test]
    fn a_rest_of_one_is_never_given_out() {
        // 0000006: 6 * 2 = 12, the rest is 1, no digit is right.
        assert!((0..10).all(|check| !passes(&[0, 0, 0, 0, 0, 0, 6, check])));
    }
}
