//! Values beside a word: what the detectors of anchors share.
//!
//! An [anchor](super::anchor) makes a candidate of the surroundings of a word. A detector reads the values there itself, and asks for the
//! exact nearness with [`Candidate::near`] when a value has the right shape.

use std::ops::Range;

use super::number::{Piece, char_before};
use super::run::Run;
use super::{Candidate, Match, Near};
use crate::finding::{Attributes, Check, Confidence, Flags};

const REACH: usize = 96; // bytes on either side: 40 characters and the value

/// The surroundings of the word of a candidate, or the start of a field whose label holds it. Whole characters.
pub(super) fn reach(candidate: &Candidate<'_>) -> Range<usize> {
    let text = candidate.field.text;
    let end = candidate.word.map_or(candidate.at, |word| word.end);
    let border = |mut at: usize| {
        while at > 0 && text.get(at).is_some_and(|byte| byte & 0xC0 == 0x80) {
            at -= 1;
        }
        at
    };
    border(candidate.at.saturating_sub(REACH))..border(text.len().min(end + REACH))
}

/// Calls `visit` with every run of digits in the surroundings. A run that begins before them is left out.
pub(super) fn each_run(candidate: &Candidate<'_>, mut visit: impl FnMut(&Run)) {
    let (text, reach) = (candidate.field.text, reach(candidate));
    let digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    let mut at = reach.start;
    while at > 0 && digit(at - 1) && digit(at) {
        at += 1;
    }
    let mut run = Run::default();
    while at < reach.end {
        if digit(at) {
            run.parse_again(text, at);
            visit(&run);
            at = run.end as usize;
        } else {
            at += 1;
        }
    }
}

/// A claim on a number that is valid beside a word only. With a wrong check digit it does not stand in the way of what is valid.
pub(super) fn claim(
    span: Range<usize>,
    rank: u8,
    confidence: Confidence,
    near: Near,
    attributes: Attributes,
) -> Match {
    let failed = attributes.check == Some(Check::Fail);
    Match {
        start: offset(span.start),
        end: offset(span.end),
        rank,
        confidence,
        near: if failed { Near::No } else { near },
        attributes,
    }
}

/// What is said of a piece of a run: how many digits, grouped or not, a wrong check digit.
pub(super) fn attributes(piece: Piece<'_>, passes: bool) -> Attributes {
    let grouped = piece.groups().len() > 1;
    Attributes {
        check: (!passes).then_some(Check::Fail),
        digits: u8::try_from(piece.count()).unwrap_or(u8::MAX),
        flags: if grouped { Flags::GROUPED } else { Flags::default() },
        ..Attributes::default()
    }
}

/// A place in a field.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("fields are capped below 4 GiB")
}
/// Calls `visit` with the place of every word that begins in the surroundings.
pub(super) fn each_word(candidate: &Candidate<'_>, mut visit: impl FnMut(usize)) {
    let (text, reach) = (candidate.field.text, reach(candidate));
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80;
    for at in reach {
        if word(text[at]) && (at == 0 || !word(text[at - 1])) {
            visit(at);
        }
    }
}

/// How many capitals end at `at`, of ASCII and å ä ö, and where they begin.
pub(super) fn capitals_before(text: &[u8], mut at: usize) -> (usize, usize) {
    let mut count = 0;
    while let Some(letter) = char_before(text, at).filter(|letter| letter.is_uppercase()) {
        (at, count) = (at - letter.len_utf8(), count + 1);
    }
    (count, at)
}
