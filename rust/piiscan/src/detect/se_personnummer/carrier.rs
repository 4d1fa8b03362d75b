//! Numbers that hold a personal identity number: found once, as the identity number, with the span of the whole.
//!
//! The VAT number of a sole trader is `SE`, ten digits and `01`; the account of a private customer of Nordea is clearing number 3300 or 3782
//! and ten digits. Sources: mervärdesskattelagen (2023:200); Bankgirot, *Bank Account Numbers*.

use super::super::number::{Piece, gap, opens};
use super::super::{CONTEXT, Candidate, Claims, Match, Near};
use super::arithmetic::{Verdict, judge};
use super::{attributes, claim};
use crate::finding::{Attributes, Confidence, Flags};

/// Carrier of a VAT number.
pub(super) const VAT: &str = "vat";
/// Carrier of an account number.
pub(super) const ACCOUNT: &str = "se-bank-account";

const VAT_RANK: u8 = 2;
const ACCOUNT_RANK: u8 = 10;

/// `SE` + 10 digits + `01`, in one piece.
pub(super) fn vat(candidate: &Candidate<'_>, piece: Piece<'_>, claims: &mut Claims) {
    let text = candidate.field.text;
    let Some((person, [0, 1])) = piece.digits().split_at_checked(10) else { return };
    let Some(start) = piece.start().checked_sub(2) else { return };
    let prefixed = piece.from == 0 && text[start..].starts_with(b"SE") && opens(text, start);
    if !prefixed || !piece.closes(text) {
        return;
    }
    let verdict = judge(person, false, candidate.options.reference_date);
    let Verdict::Valid(kind) = verdict else { return };
    let found = attributes(piece, kind, None);
    claims.push(Match {
        start: u32::try_from(start).expect("fields are capped below 4 GiB"),
        end: u32::try_from(piece.end()).expect("fields are capped below 4 GiB"),
        rank: VAT_RANK,
        confidence: Confidence::High,
        near: Near::No,
        attributes: Attributes {
            carrier: Some(VAT),
            flags: found.flags.with(Flags::SOLE_TRADER),
            ..found
        },
    });
}

/// The group before an identity number, if it is a clearing number that makes both an account number.
pub(super) fn account<'r>(text: &[u8], person: Piece<'r>) -> Option<Piece<'r>> {
    let whole = Piece { from: person.from.checked_sub(1)?, ..person };
    let clearing = matches!(whole.digits(), [3, 3, 0, 0, ..] | [3, 7, 8, 2, ..]);
    let joined = matches!(gap(text, person.run, person.from), b" " | b"-");
    (whole.groups()[0].len == 4 && clearing && joined && whole.opens(text)).then_some(whole)
}

/// An account in one piece: clearing number 3300 or 3782 and ten digits.
pub(super) fn unseparated_account(
    candidate: &Candidate<'_>,
    piece: Piece<'_>,
    claims: &mut Claims,
) {
    let text = candidate.field.text;
    let Some(([3, 3, 0, 0] | [3, 7, 8, 2], person)) = piece.digits().split_at_checked(4) else {
        return;
    };
    let Verdict::Valid(kind) = judge(person, false, candidate.options.reference_date) else {
        return;
    };
    if !piece.opens(text) || !piece.closes(text) {
        return;
    }
    let (start, end) = (piece.start(), piece.end());
    let near = candidate.near(CONTEXT, start, end);
    let attributes = Attributes { carrier: Some(ACCOUNT), ..attributes(piece, kind, None) };
    claims.push(claim(candidate, (start, end), ACCOUNT_RANK, Confidence::Medium, near, attributes));
}
