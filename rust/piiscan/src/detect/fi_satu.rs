//! Finnish unique identification numbers (*sähköinen asiointitunnus*, SATU; FINUID).
//!
//! `NNNNNNNNC`: eight digits and the check character of personal identity codes, the number modulo 31. It is printed on identity cards and in
//! certificates. Source: laki väestötietojärjestelmästä (661/2009) 12 §; Digital and Population Data Services Agency.

use super::number::{Piece, closes};
use super::{CONTEXT, Candidate, Claims, Detector, Match, Options, Trigger};
use crate::checksum::mod31;
use crate::finding::{Attributes, Category, Confidence, Countries};

const RANK: u8 = 4;
const LENGTH: usize = 9; // characters

/// The detector `fi-satu`.
#[derive(Debug)]
pub(super) struct FiSatu;

impl Detector for FiSatu {
    fn id(&self) -> &'static str {
        "fi-satu"
    }

    fn category(&self) -> Category {
        Category::IdentityNumber
    }

    fn summary(&self) -> &'static str {
        "Finnish electronic client identifiers (SATU, FINUID)"
    }

    fn rule(&self) -> &'static str {
        "Shape: eight digits and a check character, the number modulo 31.\n\
         high: with a context word. low: the check character is a capital letter, no context word.\n\
         Source: laki 661/2009 12 §; Digital and Population Data Services Agency."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["SATU 10000001N"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Digits(8, u8::MAX)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[&[
            "sähköinen asiointitunnus",
            "asiointitunnus",
            "asiointitunnukse*",
            "satu",
            "satu-tunnus",
            "finuid",
            "elektronisk kommunikationskod",
            "electronic client identifier",
        ]]
    }

    fn countries(&self) -> Countries {
        Countries::of("FI")
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let Some(run) = candidate.run.filter(|run| !run.plus) else { return };
        for from in 0..run.groups.len() {
            let piece = Piece { run, from, to: from + 1 };
            let found = match run.groups[from].len {
                8 | 9 => judge(candidate, piece),
                _ => None,
            };
            if let Some(found) = found {
                claims.push(found);
            }
        }
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        out.extend(found.bytes().map(|byte| byte.to_ascii_uppercase()));
    }
}

fn judge(candidate: &Candidate<'_>, piece: Piece<'_>) -> Option<Match> {
    let text = candidate.field.text;
    let (start, end) = (piece.start(), piece.start() + LENGTH);
    let check = *text.get(end - 1)?;
    let digits = piece.digits().get(..LENGTH - 1)?;
    if mod31(digits) != check.to_ascii_uppercase() || !piece.opens(text) || !closes(text, end) {
        return None;
    }
    let near = candidate.near(CONTEXT, start, end);
    let confidence = match near.is_near() {
        true => Confidence::High,
        false if check.is_ascii_uppercase() => Confidence::Low,
        false => return None,
    };
    let digits = if check.is_ascii_digit() { LENGTH } else { LENGTH - 1 };
    Some(Match {
        start: u32::try_from(start).ok()?,
        end: u32::try_from(end).ok()?,
        rank: RANK,
        confidence,
        near,
        attributes: Attributes {
            digits: u8::try_from(digits).unwrap_or(u8::MAX),
            ..Attributes::default()
        },
    })
}
