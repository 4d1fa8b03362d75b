//! Case numbers of registries, courts and the police: indirect personal data.
//!
//! By pattern: the letters of a registry, a year and a number (`KS/2019/0001/0009`, `KS 2019:12`, `VM/1959/03.01.01/2017`); the police's
//! `5000-K123456-20`; the courts' `T 12345-19`. By keyword: whatever holds four digits directly behind *dnr*, *ärende*, *mål nr* and the like,
//! and behind the words of journals, decisions and meters. Statutes, school years and standards look the same and are none. Sources: Riksarkivet,
//! arkivlagen (1990:782); Skatteverket, *Rättslig vägledning* (case numbers are indirect personal data); Polismyndigheten and Domstolsverket,
//! forms of case numbers.

mod keyword;
mod pattern;

use super::number::Piece;
use super::{Candidate, Claims, Detector, Match, Options, Trigger};
use crate::finding::{Attributes, Category, Confidence};

const PATTERN_RANK: u8 = 5;
const KEYWORD_RANK: u8 = 12;

/// List of [`Detector::words`]: numbers of cases.
const CASES: usize = 0;
/// List of [`Detector::words`]: numbers that other systems give.
const OTHERS: usize = 1;

/// The detector `case-number`.
#[derive(Debug)]
pub(super) struct CaseNumber;

impl Detector for CaseNumber {
    fn id(&self) -> &'static str {
        "case-number"
    }

    fn category(&self) -> Category {
        Category::Case
    }

    fn summary(&self) -> &'static str {
        "Case numbers of registries, courts and the police; journal, customer and meter numbers"
    }

    fn rule(&self) -> &'static str {
        "Shape: two to six capitals, a year and a number (KS/2019/0001/0009, KS 2019:12) or a number and a year behind a slash \
         (VM/1959/03.01.01/2017); four digits, K, a number and a year (police, kind=police); one of B T M Ä K Ö, a number and a year (court, \
         kind=court), with six digits or more in all; four digits or more directly behind dnr, diarienummer, ärende, mål nr, dnro, diaarinumero, asianumero, saksnr.\n\
         high: all but the court form. low: the court form without a word before it; what stands behind journalnr, LSS, beslut, kundnr, \
         anläggnings-id, mätarnr (kind=keyword).\n\
         Not: statutes, government bills, court reports, standards, school years, dates, amounts. With `strict` the digits are counted as those \
         of a long number.\n\
         Source: Skatteverket, Rättslig vägledning; Polismyndigheten, Domstolsverket."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["KS/2019/0001/0009", "VM/1959/03.01.01/2017", "2200-K1276-14", "dnr 2019-123456"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        const CASES_LIST: u8 = 0;
        const OTHERS_LIST: u8 = 1;
        &[Trigger::Digits(6, u8::MAX), Trigger::Word(CASES_LIST), Trigger::Word(OTHERS_LIST)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[
            &[
                "dnr",
                "dnr.",
                "diarienr*",
                "diarienummer*",
                "diarie nr",
                "ärende",
                "ärendet",
                "ärendenr*",
                "ärendenummer*",
                "ärende-id",
                "mål",
                "målet",
                "målnr",
                "målnummer*",
                "dnro",
                "diaarinumero*",
                "diaarinro",
                "asianumero*",
                "asianro",
                "sak",
                "saksnr",
                "saksnummer*",
                "sagsnr",
                "sagsnummer*",
                "journalnummer (sag)",
                "case number",
                "case no",
            ],
            &[
                "journalnr*",
                "journalnummer*",
                "lss",
                "beslut",
                "beslutsnr*",
                "beslutsnummer*",
                "kundnr*",
                "kundnummer*",
                "anläggnings-id",
                "anläggningsid",
                "anläggningsnummer*",
                "mätarnr*",
                "mätarnummer*",
                "asiakasnumero*",
            ],
        ]
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        match (candidate.run, candidate.word) {
            (Some(run), _) => pattern::find(candidate, run, claims),
            (None, Some(word)) => keyword::find(candidate, word, claims),
            (None, None) => {}
        }
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        let mut parted = false;
        for letter in found.chars() {
            if letter.is_alphanumeric() {
                if std::mem::take(&mut parted) {
                    out.push(b'/');
                }
                out.extend(letter.to_uppercase().collect::<String>().bytes());
            } else {
                parted = !out.is_empty();
            }
        }
    }
}

/// A claim. The digits are said where they have to be counted: case numbers are exempt from long numbers, unless that is `strict`.
fn claim(candidate: &Candidate<'_>, found: Match, digits: usize, counted: bool) -> Match {
    let counted = counted || candidate.options.strict;
    let digits = if counted { u8::try_from(digits).unwrap_or(u8::MAX) } else { 0 };
    Match { attributes: Attributes { digits, ..found.attributes }, ..found }
}

/// Whether a group of a run is a year from 1900 to 2099.
fn is_year(piece: Piece<'_>, at: usize) -> bool {
    let group = Piece { from: piece.from + at, to: piece.from + at + 1, ..piece };
    matches!(group.digits(), [1, 9, _, _] | [2, 0, _, _])
}

/// How sure a case number by keyword is.
fn confidence(list: usize) -> Confidence {
    if list == CASES { Confidence::High } else { Confidence::Low }
}
