//! Norwegian organization numbers (*organisasjonsnummer*).
//!
//! Nine digits from 8 or 9 on, weights 3, 2, 7, 6, 5, 4, 3, 2, 1, a sum divisible by 11; often `NNN NNN NNN`. With `MVA` after it, it is the VAT number.
//! Source: enhetsregisterloven (1994-06-03-15) § 5; Brønnøysundregistrene.

use super::number::{Piece, REFERENCE_WORDS, country_before, digits_of, shaped, word_after};
use super::organization::{Number, claim, is_grouped};
use super::{Candidate, Claims, Detector, Match, Options, Trigger};
use crate::checksum::mod11;
use crate::finding::{Attributes, Category, Confidence, Countries};

const SHAPES: &[&[u32]] = &[&[9], &[3, 3, 3]];
const WEIGHTS: [u8; 9] = [3, 2, 7, 6, 5, 4, 3, 2, 1];

/// The detector `no-organisasjonsnummer`.
#[derive(Debug)]
pub(super) struct NoOrganisasjonsnummer;

impl Detector for NoOrganisasjonsnummer {
    fn id(&self) -> &'static str {
        "no-organisasjonsnummer"
    }

    fn category(&self) -> Category {
        Category::OrganizationNumber
    }

    fn summary(&self) -> &'static str {
        "Norwegian organization numbers and VAT numbers"
    }

    fn rule(&self) -> &'static str {
        "Shape: nine digits from 8 or 9 on, in one piece or as NNN NNN NNN, modulo 11. VAT number: MVA after it, NO before it or not \
         (kind=vat).\n\
         high: with a context word; VAT number. low: in groups with locale NO; wrong check digit directly after a context word \
         (check=fail). Otherwise not reported.\n\
         Source: enhetsregisterloven § 5; Brønnøysundregistrene."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["org.nr. 988 077 917", "organisasjonsnummer 995525828", "NO 988077917 MVA"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Digits(9, u8::MAX)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[
            &[
                "organisasjonsnummer*",
                "organisasjonsnr",
                "organisationsnummer",
                "org.nr",
                "org nr",
                "orgnr",
                "org-nr",
                "org.nummer",
                "foretak*",
                "mva-nummer",
                "mva-nr",
            ],
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
    if !matches!(piece.digits()[0], 8 | 9) {
        return None;
    }
    let grouped = is_grouped(text, piece)?;
    let country = (piece.from == 0).then(|| country_before(text, piece.start(), *b"NO")).flatten();
    let suffix = vat_suffix(text, piece);
    if country.is_none() && !piece.opens(text) || suffix.is_none() && !piece.closes(text) {
        return None;
    }
    let local = candidate.options.locales.meets(Countries::of("NO"));
    let number = Number {
        piece,
        start: country.unwrap_or(piece.start()),
        end: suffix.unwrap_or(piece.end()),
        vat: suffix.is_some(),
        passes: mod11(piece.digits(), &WEIGHTS),
        alone: (grouped && local).then_some(Confidence::Low),
    };
    claim(candidate, &number)
}

/// Where the `MVA` ends that follows the number, directly or behind a space.
fn vat_suffix(text: &[u8], piece: Piece<'_>) -> Option<usize> {
    let rest = &text[piece.end()..];
    let space = usize::from(rest.starts_with(b" "));
    let end = piece.end() + space + 3;
    (rest[space..].starts_with(b"MVA") && !word_after(text, end)).then_some(end)
}
