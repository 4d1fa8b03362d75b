//! Swedish *bankgiro* numbers.
//!
//! Seven or eight digits, `NNN-NNNC` or `NNNN-NNNC`, where `C` is a Luhn digit. One in ten numbers passes, so only what stands beside the word
//! is one. Numbers 900 to 904 belong to charities. Source: Bankgirot, *Bankgironummer* and *Bank Account Numbers*.

use super::beside::{attributes, claim, each_run};
use super::number::{Piece, digits_of, gap, value};
use super::{CONTEXT, Candidate, Claims, Detector, Match, Near, Options, Trigger};
use crate::checksum::luhn;
use crate::finding::{Attributes, Category, Confidence};

const RANK: u8 = 12;

/// The detector `se-bankgiro`.
#[derive(Debug)]
pub(super) struct SeBankgiro;

impl Detector for SeBankgiro {
    fn id(&self) -> &'static str {
        "se-bankgiro"
    }

    fn category(&self) -> Category {
        Category::Financial
    }

    fn summary(&self) -> &'static str {
        "Swedish bankgiro numbers"
    }

    fn rule(&self) -> &'static str {
        "Shape: NNN-NNNC or NNNN-NNNC with a Luhn digit, beside bankgiro or bg; without the hyphen, or with a space for it, only directly behind \
         the word. kind=charity \
         for 900-904.\n\
         high: passes; medium with a space for the hyphen. low: wrong check digit (check=fail). Nothing without the word.\n\
         Source: Bankgirot."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["bankgiro 5402-9681", "bg 640-5070", "Bankgironr: 54029681"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Word(0)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[&["bankgiro*", "bank giro*", "bg", "bgnr", "bgnummer"]]
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        each_run(candidate, |run| {
            for from in 0..run.groups.len() {
                let found = [1, 2].iter().filter_map(|len| {
                    let piece = Piece { run, from, to: from + len };
                    (piece.to <= run.groups.len()).then(|| judge(candidate, piece)).flatten()
                });
                found.for_each(|found| claims.push(found));
            }
        });
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        out.extend(digits_of(found).iter().map(|digit| digit + b'0'));
    }
}

fn judge(candidate: &Candidate<'_>, piece: Piece<'_>) -> Option<Match> {
    let text = candidate.field.text;
    let pair = piece.has_shape(&[3, 4]) || piece.has_shape(&[4, 4]);
    let parted = |by: &[u8]| pair && gap(text, piece.run, piece.from + 1) == by;
    let (dashed, spaced) = (parted(b"-"), parted(b" "));
    let single = piece.groups().len() == 1 && matches!(piece.count(), 7 | 8);
    if !(dashed || spaced || single) || piece.run.plus || !piece.opens(text) || !piece.closes(text)
    {
        return None;
    }
    let near = candidate.near(CONTEXT, piece.start(), piece.end());
    if !(near == Near::Adjacent || (dashed && near.is_near())) {
        return None;
    }
    let passes = luhn(piece.digits());
    let charity = matches!(value(&piece.digits()[..3]), 900..=904) && piece.count() == 7;
    let attributes = Attributes { kind: charity.then_some("charity"), ..attributes(piece, passes) };
    let confidence = if passes { Confidence::High } else { Confidence::Low };
    let confidence = if spaced { confidence.lowered() } else { confidence };
    Some(claim(piece.start()..piece.end(), RANK, confidence, near, attributes))
}
