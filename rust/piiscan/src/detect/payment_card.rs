//! Payment card numbers.
//!
//! 12 to 19 digits that begin with the range of a brand and end with a Luhn digit, in one piece or in groups of 4-4-4-4, 4-6-5 or 4-6-4.
//! Source: ISO/IEC 7812-1; the brands' published ranges and test numbers.

use super::number::{Piece, REFERENCE_WORDS, digits_of, gap, value};
use super::{CONTEXT, Candidate, Claims, Detector, Match, Near, Options, Trigger};
use crate::checksum::luhn;
use crate::finding::{Attributes, Category, Check, Confidence, Flags};

/// List of [`Detector::words`]: payment references.
const REFERENCE: usize = 1;

const GROUPED: u8 = 7; // rank
const UNSEPARATED: u8 = 12; // rank
const SHAPES: &[&[u32]] = &[&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3], &[4, 4, 4, 1]];

/// The detector `payment-card`.
#[derive(Debug)]
pub(super) struct PaymentCard;

impl Detector for PaymentCard {
    fn id(&self) -> &'static str {
        "payment-card"
    }

    fn category(&self) -> Category {
        Category::Financial
    }

    fn summary(&self) -> &'static str {
        "Payment card numbers: brand range and Luhn digit"
    }

    fn rule(&self) -> &'static str {
        "Shape: 12-19 digits in the range and length of Visa, Mastercard, American Express, Diners, JCB, Discover, UnionPay or Maestro, \
         with a Luhn digit; in one piece or as 4-4-4-4, 4-6-5, 4-6-4 with spaces or hyphens.\n\
         high: with a context word. medium: in groups without one. low: in groups, wrong check digit, a context word (check=fail). \
         In one piece without a context word: not reported.\n\
         Source: ISO/IEC 7812-1."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["4111 1111 1111 1111", "kort 5555555555554444", "3782-822463-10005"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Digits(12, u8::MAX)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[
            &[
                "kort",
                "kortet",
                "kortnummer*",
                "kortnr",
                "betalkort*",
                "bankkort*",
                "kreditkort*",
                "kontokort*",
                "visa",
                "mastercard",
                "amex",
                "maestro",
                "dankort",
                "cvc",
                "cvv",
                "giltigt t.o.m",
                "giltig till",
                "luottokort*",
                "pankkikort*",
                "maksukort*",
                "kortti*",
                "korttinumero*",
                "card",
                "card number",
                "credit card",
                "kredittkort*",
                "betalingskort*",
            ],
            REFERENCE_WORDS,
        ]
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let Some(run) = candidate.run.filter(|run| !run.plus) else { return };
        let mut from = 0;
        while from < run.groups.len() {
            let found = pieces(Piece { run, from, to: run.groups.len() })
                .find_map(|piece| Some((piece.to, judge(candidate, piece)?)));
            match found {
                Some((to, found)) => {
                    claims.push(found);
                    from = to;
                }
                None => from += 1,
            }
        }
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        out.extend(digits_of(found).iter().map(|digit| digit + b'0'));
    }
}

/// What the first groups may be: a number in one piece, or in groups.
fn pieces(rest: Piece<'_>) -> impl Iterator<Item = Piece<'_>> {
    let single = (12..=19).contains(&rest.groups()[0].len).then_some(1);
    let grouped = SHAPES.iter().map(|shape| shape.len()).filter(move |_| rest.groups()[0].len == 4);
    let lengths = single.into_iter().chain(grouped).filter(move |len| *len <= rest.groups().len());
    lengths.map(move |len| Piece { to: rest.from + len, ..rest }).filter(|piece| {
        piece.groups().len() == 1 || SHAPES.iter().any(|shape| piece.has_shape(shape))
    })
}

fn judge(candidate: &Candidate<'_>, piece: Piece<'_>) -> Option<Match> {
    let text = candidate.field.text;
    let grouped = piece.groups().len() > 1;
    let sep = |at| gap(text, piece.run, at);
    let alike = (piece.from + 1..piece.to)
        .all(|at| matches!(sep(at), b" " | b"-") && sep(at) == sep(piece.from + 1));
    let brand = brand(piece.digits())?;
    if !alike || !piece.opens(text) || !piece.closes(text) {
        return None;
    }
    let (start, end) = (piece.start(), piece.end());
    let near = candidate.near(CONTEXT, start, end);
    let passes = luhn(piece.digits());
    let confidence = match (passes, near.is_near(), grouped) {
        (true, true, _) => Confidence::High,
        (true, false, true) => Confidence::Medium,
        (false, true, true) => Confidence::Low,
        _ => return None,
    };
    if candidate.near(REFERENCE, start, end) == Near::Adjacent {
        return None;
    }
    let flags = if grouped { Flags::GROUPED } else { Flags::default() };
    Some(Match {
        start: u32::try_from(start).ok()?,
        end: u32::try_from(end).ok()?,
        rank: if grouped && passes { GROUPED } else { UNSEPARATED },
        confidence,
        near: if passes { near } else { Near::No },
        attributes: Attributes {
            scheme: Some(brand),
            flags,
            check: (!passes).then_some(Check::Fail),
            digits: u8::try_from(piece.count()).unwrap_or(u8::MAX),
            ..Attributes::default()
        },
    })
}

/// The brand whose ranges and lengths have the number.
fn brand(digits: &[u8]) -> Option<&'static str> {
    let first = |count: usize| value(&digits[..count.min(digits.len())]);
    let brand = match digits.len() {
        13 | 16 | 19 if digits[0] == 4 => "visa",
        16 if matches!(first(2), 51..=55) || matches!(first(4), 2221..=2720) => "mastercard",
        15 if matches!(first(2), 34 | 37) => "amex",
        14 if matches!(first(2), 36 | 38 | 39) || matches!(first(3), 300..=305) => "diners",
        16..=19 if matches!(first(4), 3528..=3589) => "jcb",
        16..=19 if first(4) == 6011 || matches!(first(3), 644..=649) || first(2) == 65 => {
            "discover"
        }
        16..=19 if first(2) == 62 => "unionpay",
        12..=19 if matches!(first(2), 50 | 56..=69) => "maestro",
        _ => return None,
    };
    Some(brand)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_brands_of_published_test_numbers() {
        for (number, expected) in [
            ("4111111111111111", "visa"),
            ("4012888888881881", "visa"),
            ("5555555555554444", "mastercard"),
            ("2223003122003222", "mastercard"),
            ("378282246310005", "amex"),
            ("30569309025904", "diners"),
            ("3530111333300000", "jcb"),
            ("6011111111111117", "discover"),
            ("5019717010103742", "maestro"),
        ] {
            assert_eq!(brand(&digits_of(number)), Some(expected));
            assert!(luhn(&digits_of(number)));
        }
    }

    #[test]
    fn refuses_ranges_of_nobody() {
        assert_eq!(brand(&digits_of("1111111111111117")), None);
        assert_eq!(brand(&digits_of("41111111111111")), None);
    }
}
