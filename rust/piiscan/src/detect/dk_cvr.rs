//! Danish organization numbers (*CVR-nummer*, *SE-nummer*).
//!
//! Eight digits, the first not 0, weights 2, 7, 6, 5, 4, 3, 2, 1, a sum divisible by 11; written in one piece or in pairs. The VAT number is `DK` and the
//! digits. One number in twelve is right by chance, so the number alone is nothing. Source: CVR-loven; Erhvervsstyrelsen.

use super::number::{Piece, REFERENCE_WORDS, country_before, digits_of, shaped};
use super::organization::{Number, claim, is_grouped};
use super::{Candidate, Claims, Detector, Match, Options, Trigger};
use crate::checksum::mod11;
use crate::finding::{Attributes, Category, Countries};

const SHAPES: &[&[u32]] = &[&[8], &[2, 2, 2, 2]];
const WEIGHTS: [u8; 8] = [2, 7, 6, 5, 4, 3, 2, 1];

/// The detector `dk-cvr`.
#[derive(Debug)]
pub(super) struct DkCvr;

impl Detector for DkCvr {
    fn id(&self) -> &'static str {
        "dk-cvr"
    }

    fn category(&self) -> Category {
        Category::OrganizationNumber
    }

    fn summary(&self) -> &'static str {
        "Danish organization numbers (CVR) and VAT numbers"
    }

    fn rule(&self) -> &'static str {
        "Shape: eight digits, the first not 0, in one piece or in pairs with spaces, modulo 11. VAT number: DK before eight digits in one piece \
         (kind=vat).\n\
         high: with a context word; VAT number. low: wrong check digit directly after a context word (check=fail). Without a \
         context word: not reported.\n\
         Source: CVR-loven; Erhvervsstyrelsen."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["CVR 13585628", "CVR-nr. 13 58 56 28", "DK13585628"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Digits(8, u8::MAX)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[
            &[
                "cvr",
                "cvr-nr",
                "cvr.nr",
                "cvr nr",
                "cvrnr",
                "cvr-nummer*",
                "cvrnummer",
                "se-nr",
                "se-nummer",
                "momsnr",
            ],
            REFERENCE_WORDS,
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
    if piece.digits()[0] == 0 || !piece.closes(text) {
        return None;
    }
    let grouped = is_grouped(text, piece)?;
    let passes = mod11(piece.digits(), &WEIGHTS);
    let country = (piece.from == 0).then(|| country_before(text, piece.start(), *b"DK")).flatten();
    if country.is_none() && !piece.opens(text) {
        return None;
    }
    let number = Number {
        piece,
        start: country.unwrap_or(piece.start()),
        end: piece.end(),
        vat: country.is_some() && !grouped && passes,
        passes,
        alone: None,
    };
    claim(candidate, &number)
}
