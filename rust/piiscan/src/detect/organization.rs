//! What the organization numbers of Norway and Denmark share: digits modulo 11 in one piece or in groups with spaces, too often right by
//! chance to be anything without a word or the form of a VAT number.

use super::number::{Joint, Piece, joint};
use super::{CONTEXT, Candidate, Match, Near};
use crate::finding::{Attributes, Check, Confidence, Flags};

/// List of [`Detector::words`](super::Detector::words) of both: payment references.
const REFERENCE: usize = 1;

const VAT: &str = "vat";
const VAT_RANK: u8 = 2;
const RANK: u8 = 12;

/// A number of the right shape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number<'r> {
    /// Its digits.
    pub(super) piece: Piece<'r>,
    /// First byte, with the letters of the country.
    pub(super) start: usize,
    /// One past the last byte, with what follows the digits of a VAT number.
    pub(super) end: usize,
    /// Whether it has the form of a VAT number.
    pub(super) vat: bool,
    /// Whether the check digit is right.
    pub(super) passes: bool,
    /// What a right number is without a word.
    pub(super) alone: Option<Confidence>,
}

/// Whether the digits stand in groups with spaces; `None` if something else is between.
pub(super) fn is_grouped(text: &[u8], piece: Piece<'_>) -> Option<bool> {
    match joint(text, piece)? {
        Joint::None => Some(false),
        Joint::Space => Some(true),
        Joint::Hyphen => None,
    }
}

/// The claim on a number, if anything speaks for it.
pub(super) fn claim(candidate: &Candidate<'_>, number: &Number<'_>) -> Option<Match> {
    let Number { piece, start, end, vat, passes, alone } = *number;
    let near = candidate.near(CONTEXT, start, end);
    let confidence = match passes {
        true if vat || near.is_near() => Confidence::High,
        true => alone?,
        false if near == Near::Adjacent => Confidence::Low,
        false => return None,
    };
    if !vat && candidate.near(REFERENCE, start, end) == Near::Adjacent {
        return None;
    }
    let grouped = piece.groups().len() > 1;
    Some(Match {
        start: u32::try_from(start).ok()?,
        end: u32::try_from(end).ok()?,
        rank: if vat && passes { VAT_RANK } else { RANK },
        confidence,
        near: if passes { near } else { Near::No },
        attributes: Attributes {
            kind: vat.then_some(VAT),
            check: (!passes).then_some(Check::Fail),
            flags: if grouped { Flags::GROUPED } else { Flags::default() },
            digits: u8::try_from(piece.count()).unwrap_or(u8::MAX),
            ..Attributes::default()
        },
    })
}
