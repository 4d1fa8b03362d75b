//! Numbers of more than six digits, whatever they are: the promise "a number with more than 6 digits is anonymized", made exact.
//!
//! A number is a run of digits with separators (see [`run`](super::run)). Spaces and dots join only groups that look like one number: two to
//! four digits after the first; years and rows of single digits are never joined. All digits count, those of a country code too. What another
//! detector recognizes is that; dates, times, amounts, law references and the like are [`exempt`](super::exempt). Source: privacy notice of
//! a municipal chatbot (*ett nummer med fler än 6 siffror*).

use super::number::{Piece, digits_of, numbers, parts, word_after, word_before};
use super::{Candidate, Claims, Detector, Match, Near, Options, Trigger, exempt};
use crate::finding::{Attributes, Category, Confidence, Flags};

const RANK: u8 = 14;
const SHORTEST_ENTITY: usize = 6; // digits: with fewer beside it, a number has no other detector's number in it
const PARTS_MAX: usize = 8; // of a number with spaces: more are a table, tried from both ends only

/// The detector `long-number`.
#[derive(Debug)]
pub(super) struct LongNumber;

impl Detector for LongNumber {
    fn id(&self) -> &'static str {
        "long-number"
    }

    fn category(&self) -> Category {
        Category::Number
    }

    fn summary(&self) -> &'static str {
        "Numbers with more than six digits that no other detector knows"
    }

    fn rule(&self) -> &'static str {
        "Shape: digits with single spaces, dashes, dots, slashes, colons or parentheses between, at least `min_digits` (7) of them; groups \
         after a space or a dot have 2-4 digits; no letter, digit, _ or @ before, no letter or _ after.\n\
         Not: what another detector finds; dates, times, opening hours, timestamps, statute numbers, amounts, years, case numbers, \
         versions, sections, URLs, postal addresses. With `strict` only dates and times are left out and every separator joins. Without \
         `grouped` digits must stand together.\n\
         high: in one piece. medium: in groups.\n\
         Source: privacy notices that promise to remove numbers with more than six digits."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["12345678", "123 4567", "5551-234567"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Digits(6, u8::MAX)]
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let (text, options) = (candidate.field.text, candidate.options);
        let least = usize::from(options.min_digits);
        let Some(run) = candidate.run.filter(|run| run.count >= u32::from(options.min_digits))
        else {
            return;
        };
        for number in numbers(run, options) {
            // The kept groups may end before the run does: digits that are not kept count.
            let cut = number.to == run.groups.len() && run.count as usize > run.digits.len();
            if number.count() < least && !cut {
                continue;
            }
            claim(text, number, claims);
            if number.count() >= least + SHORTEST_ENTITY {
                remainders(candidate, number, claims);
            }
        }
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        out.extend(digits_of(found).iter().map(|digit| digit + b'0'));
    }
}

/// Claims what may be left of a number when another detector takes a part of it. The longest that overlaps nothing wins.
fn remainders(candidate: &Candidate<'_>, number: Piece<'_>, claims: &mut Claims) {
    let (text, options) = (candidate.field.text, candidate.options);
    let borders =
        |at: &usize| *at == number.from || *at == number.to || parts(text, number.run, *at);
    let count = (number.from..=number.to).filter(borders).count();
    for from in (number.from..number.to).filter(borders) {
        for to in (from + 1..=number.to).filter(borders) {
            let whole = from == number.from && to == number.to;
            let inner = from != number.from && to != number.to;
            let piece = Piece { run: number.run, from, to };
            let counts = piece.count() >= usize::from(options.min_digits);
            let skipped = whole || !counts || (inner && count > PARTS_MAX);
            if !skipped && !exempt::covers(text, piece, options) {
                claim(text, piece, claims);
            }
        }
    }
}

fn claim(text: &[u8], piece: Piece<'_>, claims: &mut Claims) {
    let run = piece.run;
    let last = piece.to == run.groups.len();
    let end = if last { run.end as usize } else { piece.end() };
    // A `+` that stands directly after something is no prefix of this number.
    let glued = piece.from == 0 && run.plus && word_before(text, piece.start());
    let start = if glued { run.groups[0].start as usize } else { piece.start() };
    let before = piece.from == 0 && (word_before(text, start) || text[..start].ends_with(b"@"));
    if before || (last && word_after(text, end)) {
        return;
    }
    let lost = if last { run.count as usize - run.digits.len() } else { 0 };
    let grouped = piece.groups().len() > 1;
    let (confidence, flags) = if grouped {
        (Confidence::Medium, Flags::GROUPED)
    } else {
        (Confidence::High, Flags::default())
    };
    let digits = u8::try_from(piece.count() + lost).unwrap_or(u8::MAX);
    claims.push(Match {
        start: u32::try_from(start).expect("fields are capped below 4 GiB"),
        end: u32::try_from(end).expect("fields are capped below 4 GiB"),
        rank: RANK,
        confidence,
        near: Near::No,
        attributes: Attributes { flags, digits, ..Attributes::default() },
    });
}
