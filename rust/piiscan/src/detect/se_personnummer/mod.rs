//! Swedish personal identity numbers: *personnummer*, *samordningsnummer*, *interimsnummer*, *reservnummer*.
//!
//! `YYMMDD-NNNC` or `YYYYMMDD-NNNC`, where `C` is a Luhn digit over the nine before it; `+` for `-` from the year of the 100th birthday;
//! the day of a samordningsnummer is 60 higher and need not be in the calendar. Sources: folkbokföringslagen (1991:481) § 18;
//! Skatteverket, SKV 704, SKV 707 and its official test numbers; Inera, *Lokala reserv-id* and *Nationellt reserv-id*.

mod arithmetic;
mod carrier;
mod partial;
mod reserve;

use super::number::{Piece, REFERENCE_WORDS, closes, digits_of, gap};
use super::{ANTI, CONTEXT, Candidate, Claims, Detector, Match, Near, Options, Trigger, exempt};
use crate::finding::{Attributes, Category, Check, Confidence, Countries, Flags};
use arithmetic::{Verdict, judge};

/// List of [`Detector::words`]: payment references.
const REFERENCE: usize = 2;
/// List of [`Detector::words`]: reserve numbers.
const RESERVE: usize = 3;
/// List of [`Detector::words`]: organizations. The number of a sole trader is that of the person.
const TRADE: usize = 4;

const PERSONNUMMER: &str = "personnummer";
const INTERIM: &str = "interimsnummer";

/// The detector `se-personnummer`.
#[derive(Debug)]
pub(super) struct SePersonnummer;

impl Detector for SePersonnummer {
    fn id(&self) -> &'static str {
        "se-personnummer"
    }

    fn category(&self) -> Category {
        Category::IdentityNumber
    }

    fn summary(&self) -> &'static str {
        "Swedish identity numbers: personnummer, samordningsnummer, interimsnummer, reservnummer"
    }

    fn rule(&self) -> &'static str {
        "Shape: YYMMDD-NNNC, YYYYMMDD-NNNC, + for -, without a sign, or with a space for it. The date exists and is not after the \
         reference date, NNN is not 000, C is the Luhn digit. Samordningsnummer: day + 60, month 00-12, no calendar check. \
         Interimsnummer: YYMMDD-XNNC with a letter X. Reservnummer: SLL, VGR, LiV, ROL, CLNK, NRID, Skåne.\n\
         high: 12 digits with sign; 10 digits with sign and a context word or locale SE; any form with a context word.\n\
         medium: 10 digits with sign in other locales; 12 digits unseparated; interimsnummer without a context word.\n\
         low: 10 digits unseparated; six digits of a birth date at most 15 characters after a context word, four digits after \
         \"sista fyra\" (partial); a wrong check digit beside a context word (check=fail).\n\
         One step down with a space for the sign, and near order, article, invoice, customer numbers.\n\
         Source: folkbokföringslagen (1991:481) § 18; Skatteverket SKV 704 and 707; Inera, reserv-id."
    }

    fn examples(&self) -> &'static [&'static str] {
        &[
            "811218-9876",
            "19640823-3234",
            "121212+1212",
            "701063-2391",
            "000101-T220",
            "22950606FH20",
        ]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Digits(6, u8::MAX), Trigger::Word(0), Trigger::Word(5)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[
            &[
                "personnummer*",
                "personnumm*",
                "personnumr*",
                "personnr",
                "pers.nr",
                "pers nr",
                "persnr",
                "pnr",
                "p.nr",
                "person-/samordningsn*",
                "person/samordningsn*",
                "samordningsn*",
                "interimsn*",
                "födelsenummer",
                "födelsetid",
                "id-nummer",
                "idnummer",
                "legitimation*",
                "bankid",
                "de fyra sista",
                "fyra sista",
                "personal identity number",
                "personal number",
                "person number",
                "personnumber",
                "ssn",
                "ruotsalainen henkilötunnus",
                "tf-nummer",
                "t-nummer",
                "ssnr",
            ],
            &[
                "ocr",
                "ref*",
                "artikel*",
                "art.nr",
                "artnr",
                "ean",
                "order*",
                "faktura*",
                "kundnr",
                "kundnummer",
                "mätarnr",
                "mätarnummer",
            ],
            REFERENCE_WORDS,
            &["reservnummer*", "reservnr", "reserv-id", "reservid", "rnr", "nrid"],
            &[
                "organisationsnummer*",
                "organisationsnr",
                "org.nr",
                "org nr",
                "orgnr",
                "org-nr",
                "företagsnummer",
                "momsnr",
                "moms.nr",
                "momsregistreringsnummer",
                "vat",
                "enskild firma",
            ],
            partial::LAST_FOUR_WORDS,
        ]
    }

    fn countries(&self) -> Countries {
        Countries::of("SE")
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        if let Some(word) = candidate.word {
            partial::beside(candidate, word, claims);
        }
        let Some(run) = candidate.run else { return };
        let text = candidate.field.text;
        if run.count >= 12 {
            carrier::vat(candidate, run, claims);
        }
        for at in 0..run.groups.len() {
            let group = &run.groups[at];
            let to = match (group.len, run.groups.get(at + 1).map(|next| next.len)) {
                (6 | 8, Some(4)) => at + 2,
                (6 | 8 | 10 | 12 | 14, _) => at + 1,
                _ => continue,
            };
            let piece = Piece { run, from: at, to };
            if group.len == 14 {
                carrier::unseparated_account(candidate, piece, claims);
            }
            let in_account = || carrier::account(text, piece).is_some();
            if !(piece.opens(text) || in_account()) || (at == 0 && run.plus) {
                continue;
            }
            match piece.count() {
                10 | 12 => numeric(candidate, piece, claims),
                14 => {}
                6 => interim(candidate, piece, claims),
                _ => {
                    interim(candidate, piece, claims);
                    reserve::with_letters(candidate, piece, claims);
                }
            }
            if piece.to == at + 2 && group.len == 8 {
                reserve::with_letters(candidate, Piece { to: at + 1, ..piece }, claims);
            }
        }
    }

    fn canonical(
        &self,
        found: &str,
        attributes: &Attributes,
        options: &Options,
        out: &mut Vec<u8>,
    ) {
        let person = match attributes.carrier {
            // `SE` before it, with a space or not, and `01` after it.
            Some(carrier::VAT) => {
                found.strip_suffix("01").map(|found| found[2..].trim_matches([' ', '-']))
            }
            Some(carrier::ACCOUNT) => found.get(4..),
            _ => None,
        };
        let found = person.unwrap_or(found).trim_start_matches([' ', '-', '.', ',']);
        let digits = digits_of(found);
        let reserve = attributes.scheme.is_some();
        if reserve || attributes.flags.has(Flags::PARTIAL) || !matches!(digits.len(), 9..=12) {
            let kept = found.bytes().filter(u8::is_ascii_alphanumeric);
            out.extend(kept.map(|byte| byte.to_ascii_uppercase()));
            return;
        }
        // An interimsnummer has a letter for its seventh digit from the right.
        let short = digits.len() <= 10;
        let year = short
            .then(|| arithmetic::full_year(&digits, found.contains('+'), options.reference_date));
        if let Some(year) = year {
            out.extend((year / 100).to_string().bytes());
        }
        let kept = found.bytes().filter(u8::is_ascii_alphanumeric);
        out.extend(kept.map(|byte| byte.to_ascii_uppercase()));
    }
}

/// Whether ten or twelve digits are a valid identity number.
pub(super) fn is_identity(candidate: &Candidate<'_>, digits: &[u8]) -> bool {
    matches!(judge(digits, false, candidate.options.reference_date), Verdict::Valid(_))
}

/// Ten or twelve digits.
fn numeric(candidate: &Candidate<'_>, piece: Piece<'_>, claims: &mut Claims) {
    let text = candidate.field.text;
    if !piece.closes(text) {
        return;
    }
    let (digits, signed) = (piece.digits(), piece.groups().len() == 2);
    let sign = if signed { gap(text, piece.run, piece.from + 1) } else { b"" };
    if signed && !matches!(sign, b"-" | b"+" | b" ") {
        return;
    }
    let spaced = sign == b" ";
    let verdict = judge(digits, sign == b"+", candidate.options.reference_date);
    let account = carrier::account(text, piece);
    let whole = account.unwrap_or(piece);
    let (start, end) = (whole.start(), whole.end());
    if verdict == Verdict::Impossible {
        reserve::of_digits(candidate, piece, claims);
        return;
    }
    let trade = candidate.near(TRADE, start, end);
    let person = candidate.near(CONTEXT, start, end);
    let near = person.max(trade);
    if candidate.near(REFERENCE, start, end) == Near::Adjacent {
        return;
    }
    let found = |kind, rank, confidence, check, near| {
        let mut attributes = attributes(whole, kind, check);
        attributes.carrier = account.map(|_| carrier::ACCOUNT);
        if trade.is_near() {
            attributes.flags = attributes.flags.with(Flags::SOLE_TRADER);
        }
        claim(candidate, (start, end), rank, confidence, near, attributes)
    };
    if let Verdict::WrongCheck(kind) = verdict {
        // A typing error beside a context word. It must not stand in the way of what is valid.
        if person.is_near() && (signed || digits.len() == 12) {
            claims.push(found(kind, 12, Confidence::Low, Some(Check::Fail), Near::No));
        }
        return;
    }
    let Verdict::Valid(kind) = verdict else { return };
    let local = candidate.options.locales.meets(Countries::of("SE"));
    let confidence = match (digits.len(), signed) {
        _ if near.is_near() => Confidence::High,
        (12, true) => Confidence::High,
        (10, true) if local => Confidence::High,
        (10, true) | (12, false) => Confidence::Medium,
        _ => Confidence::Low,
    };
    let rank = match (digits.len(), signed) {
        // What looks like a timestamp is one, unless a context word says otherwise.
        (12, true) if near.is_near() && exempt::is_timestamp(piece, candidate.options) => 4,
        (12, true) if !spaced => 6,
        (10, true) => 9,
        (12, _) => 10,
        _ => 12,
    };
    let confidence = if spaced { confidence.lowered() } else { confidence };
    claims.push(found(kind, rank, confidence, None, near));
}

/// `YYMMDD-XNNC`: a letter for the first digit of the serial.
fn interim(candidate: &Candidate<'_>, piece: Piece<'_>, claims: &mut Claims) {
    let text = candidate.field.text;
    let (start, end) = (piece.start(), piece.end());
    let [sign @ (b'-' | b'+'), letter, tail @ ..] = &text[end..] else { return };
    let [a, b, check, ..] = tail else { return };
    let known = b"TRSUWXJKLMN".contains(&letter.to_ascii_uppercase());
    if !known || ![a, b, check].iter().all(|byte| byte.is_ascii_digit()) || !closes(text, end + 5) {
        return;
    }
    let mut digits = digits_of("");
    digits.extend_from_slice(piece.digits());
    digits.extend([1, a - b'0', b - b'0', check - b'0']);
    let near = candidate.near(CONTEXT, start, end + 5);
    let valid = judge(&digits, *sign == b'+', candidate.options.reference_date);
    if valid != Verdict::Valid(PERSONNUMMER) || (letter.is_ascii_lowercase() && !near.is_near()) {
        return;
    }
    let confidence = if near.is_near() { Confidence::High } else { Confidence::Medium };
    let attributes = Attributes {
        kind: Some(INTERIM),
        digits: u8::try_from(digits.len() - 1).unwrap_or(u8::MAX),
        ..Attributes::default()
    };
    claims.push(claim(candidate, (start, end + 5), 4, confidence, near, attributes));
}

fn attributes(piece: Piece<'_>, kind: &'static str, check: Option<Check>) -> Attributes {
    let grouped = if piece.groups().len() > 1 { Flags::GROUPED } else { Flags::default() };
    let digits = u8::try_from(piece.count()).unwrap_or(u8::MAX);
    Attributes { kind: Some(kind), check, digits, flags: grouped, ..Attributes::default() }
}

/// A claim, one step down near a word that speaks against it.
fn claim(
    candidate: &Candidate<'_>,
    (start, end): (usize, usize),
    rank: u8,
    confidence: Confidence,
    near: Near,
    attributes: Attributes,
) -> Match {
    let anti = candidate.near(ANTI, start, end).is_near();
    Match {
        start: u32::try_from(start).expect("fields are capped below 4 GiB"),
        end: u32::try_from(end).expect("fields are capped below 4 GiB"),
        rank,
        confidence: if anti { confidence.lowered() } else { confidence },
        near,
        attributes,
    }
}
