//! Swedish organization numbers (*organisationsnummer*).
//!
//! `NNNNNN-NNNC`: the first digit is the group of the legal form (1, 2, 3, 5-9), the third and fourth together are 20 or more, `C` is the Luhn digit;
//! `16` may stand before it. The VAT number is `SE`, the ten digits and `01`. A sole trader has the number of the person, which is
//! [`se-personnummer`](super::se_personnummer). Sources: lag (1974:174) om identitetsbeteckning för juridiska personer; Skatteverket, SKV 709;
//! mervärdesskattelagen (2023:200).

use super::number::{Joint, Piece, REFERENCE_WORDS, country_before, digits_of, gap, joint, shaped};
use super::run::Run;
use super::{CONTEXT, Candidate, Claims, Detector, Match, Near, Options, Trigger};
use crate::checksum::luhn;
use crate::finding::{Attributes, Category, Check, Confidence, Countries, Flags};

/// List of [`Detector::words`]: payment references.
const REFERENCE: usize = 1;

const VAT: &str = "vat";
const VAT_RANK: u8 = 2;
const TWELVE_WITH_HYPHEN: u8 = 6; // rank
const SIX_AND_FOUR: u8 = 9; // rank
const TWELVE: u8 = 10; // rank
const TEN: u8 = 12; // rank

const SHAPES: &[&[u32]] = &[&[6, 4], &[8, 4], &[10], &[12]];
const VAT_SHAPES: &[&[u32]] = &[&[12], &[10, 2], &[6, 4, 2], &[6, 6]];

/// The detector `se-organisationsnummer`.
#[derive(Debug)]
pub(super) struct SeOrganisationsnummer;

impl Detector for SeOrganisationsnummer {
    fn id(&self) -> &'static str {
        "se-organisationsnummer"
    }

    fn category(&self) -> Category {
        Category::OrganizationNumber
    }

    fn summary(&self) -> &'static str {
        "Swedish organization numbers and VAT numbers"
    }

    fn rule(&self) -> &'static str {
        "Shape: NNNNNN-NNNC, with 16 before it or not, with or without the hyphen; the first digit is not 0 or 4, the third and fourth are 20 or \
         more, C is the Luhn digit. VAT number: SE, ten digits, 01 (kind=vat). A sole trader has a personnummer: se-personnummer.\n\
         high: hyphen and a context word; VAT number.\n\
         medium: hyphen and locale SE; 16 before it; ten digits unseparated with a context word.\n\
         low: hyphen, wrong check digit, directly after a context word (check=fail). One step down with a space for the hyphen.\n\
         Source: lag (1974:174); Skatteverket SKV 709; mervärdesskattelagen (2023:200)."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["212000-0142", "556036-0793", "16556036-0793", "SE556047352101"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Digits(10, u8::MAX)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[
            &[
                "organisationsnummer*",
                "organisationsnr",
                "org.nr",
                "org nr",
                "orgnr",
                "org-nr",
                "org.nummer",
                "orgnummer",
                "företagsnummer",
                "momsnr",
                "moms.nr",
                "momsregistreringsnummer",
                "momsreg.nr",
                "vat",
                "vat-nr",
                "vat-nummer",
                "orgnumber",
                "org number",
                "organizationnumber",
                "organization number",
                "organisationnumber",
                "organisation number",
                "company registration number",
            ],
            REFERENCE_WORDS,
        ]
    }

    fn countries(&self) -> Countries {
        Countries::of("SE")
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let Some(run) = candidate.run.filter(|run| !run.plus) else { return };
        let text = candidate.field.text;
        if let Some(vat) = vat(text, run).filter(|vat| is_organization(vat.digits)) {
            claims.push(vat.claim(Attributes { kind: Some(VAT), ..Attributes::default() }));
        }
        for piece in shaped(run, SHAPES) {
            if let Some(found) = judge(candidate, piece) {
                claims.push(found);
            }
        }
    }

    fn canonical(&self, found: &str, attributes: &Attributes, _: &Options, out: &mut Vec<u8>) {
        let digits = digits_of(found);
        let number = match attributes.kind {
            Some(VAT) => &digits[..digits.len().min(10)],
            _ => &digits[digits.len().saturating_sub(10)..],
        };
        out.extend(number.iter().map(|digit| digit + b'0'));
    }
}

/// A Swedish VAT number, of an organization or of a person.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vat<'r> {
    start: usize,
    piece: Piece<'r>,
    /// The ten digits between `SE` and `01`.
    pub(super) digits: &'r [u8],
}

impl Vat<'_> {
    /// The claim on it.
    pub(super) fn claim(self, attributes: Attributes) -> Match {
        let grouped = if self.piece.groups().len() > 1 { Flags::GROUPED } else { Flags::default() };
        Match {
            start: u32::try_from(self.start).expect("fields are capped below 4 GiB"),
            end: u32::try_from(self.piece.end()).expect("fields are capped below 4 GiB"),
            rank: VAT_RANK,
            confidence: Confidence::High,
            near: Near::No,
            attributes: Attributes {
                digits: u8::try_from(self.piece.count()).unwrap_or(u8::MAX),
                flags: attributes.flags.with(grouped),
                ..attributes
            },
        }
    }
}

/// The VAT number that a run begins with: `SE`, ten digits, `01`. Whose digits they are is left open.
pub(super) fn vat<'r>(text: &[u8], run: &'r Run) -> Option<Vat<'r>> {
    let piece = VAT_SHAPES.iter().find_map(|shape| {
        let piece = Piece { run, from: 0, to: shape.len() };
        (piece.to <= run.groups.len() && piece.has_shape(shape)).then_some(piece)
    })?;
    let (digits, [0, 1]) = piece.digits().split_at_checked(10)? else { return None };
    let start = country_before(text, piece.start(), *b"SE")?;
    let plain = (1..piece.to).all(|at| is_plain(text, run, at));
    (plain && piece.closes(text)).then_some(Vat { start, piece, digits })
}

/// Whether a group follows a space or a hyphen.
fn is_plain(text: &[u8], run: &Run, at: usize) -> bool {
    matches!(gap(text, run, at), b" " | b"-")
}

/// Whether ten digits have the form of an organization number; the last digit may be wrong.
fn has_form(digits: &[u8]) -> bool {
    !matches!(digits[0], 0 | 4) && digits[2] >= 2
}

fn is_organization(digits: &[u8]) -> bool {
    has_form(digits) && luhn(digits)
}

/// Ten digits, or twelve that begin with 16.
fn judge(candidate: &Candidate<'_>, piece: Piece<'_>) -> Option<Match> {
    let text = candidate.field.text;
    let (short, long) = match piece.digits() {
        [1, 6, short @ ..] if short.len() == 10 => (short, true),
        short if short.len() == 10 => (short, false),
        _ => return None,
    };
    if !has_form(short) || !piece.opens(text) || !piece.closes(text) {
        return None;
    }
    let joint = joint(text, piece)?;
    let passes = luhn(short);
    let (start, end) = (piece.start(), piece.end());
    let near = candidate.near(CONTEXT, start, end);
    let local = candidate.options.locales.meets(Countries::of("SE"));
    let grouped = joint != Joint::None;
    let confidence = match (passes, grouped) {
        (false, true) if joint == Joint::Hyphen && near == Near::Adjacent => Confidence::Low,
        (true, true) if near.is_near() => Confidence::High,
        (true, true) if local || long => Confidence::Medium,
        (true, false) if near.is_near() || long => Confidence::Medium,
        _ => return None,
    };
    if candidate.near(REFERENCE, start, end) == Near::Adjacent {
        return None;
    }
    let rank = match (joint, long) {
        _ if !passes => TEN,
        (Joint::Hyphen, true) => TWELVE_WITH_HYPHEN,
        (Joint::Hyphen | Joint::Space, false) => SIX_AND_FOUR,
        (_, true) => TWELVE,
        (Joint::None, false) => TEN,
    };
    Some(Match {
        start: u32::try_from(start).ok()?,
        end: u32::try_from(end).ok()?,
        rank,
        confidence: if joint == Joint::Space { confidence.lowered() } else { confidence },
        near: if passes { near } else { Near::No },
        attributes: Attributes {
            check: (!passes).then_some(Check::Fail),
            flags: if grouped { Flags::GROUPED } else { Flags::default() },
            digits: u8::try_from(piece.count()).unwrap_or(u8::MAX),
            ..Attributes::default()
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_published_numbers() {
        for text in ["212000-0142", "556036-0793", "232100-0016", "857209-0606", "802005-1952"] {
            assert!(is_organization(&digits_of(text)), "{text}");
        }
    }

    #[test]
    fn a_month_is_no_organization() {
        // The serial number makes the check digit right: only the third digit speaks against it.
        assert!(luhn(&digits_of("811218-9876")));
        assert!(!is_organization(&digits_of("811218-9876")));
    }

    #[test]
    fn a_vat_number_ends_with_01() {
        let digits = |text: &str| {
            let at = text.bytes().position(|byte| byte.is_ascii_digit())?;
            let run = Run::parse(text.as_bytes(), at);
            vat(text.as_bytes(), &run).map(|vat| vat.digits.len())
        };
        assert_eq!(digits("SE556047352101"), Some(10));
        assert_eq!(digits("SE 556047-3521 01"), Some(10));
        assert_eq!(digits("SE 556047352101"), Some(10));
        assert_eq!(digits("SE556047352102"), None);
        assert_eq!(digits("XSE556047352101"), None);
    }
}
