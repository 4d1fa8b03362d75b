//! Numbers that hold a personal identity number: found once, as the identity number, with the span of the whole.
//!
//! The VAT number of a sole trader is `SE`, ten digits and `01`; the account of a private customer of Nordea is clearing number 3300 or 3782
//! and ten digits. Sources: mervärdesskattelagen (2023:200); Bankgirot, *Bank Account Numbers*.

use super::super::number::{Piece, gap};
use super::super::{CONTEXT, Candidate, Claims, Run, se_organisationsnummer};
use super::arithmetic::{Verdict, judge};
use super::{attributes, claim};
use crate::finding::{Attributes, Confidence, Flags};

/// Carrier of a VAT number.
pub(super) const VAT: &str = "vat";
/// Carrier of an account number.
pub(super) const ACCOUNT: &str = "se-bank-account";

const ACCOUNT_RANK: u8 = 10;

/// `SE`, ten digits, `01`: the VAT number of a sole trader.
pub(super) fn vat(candidate: &Candidate<'_>, run: &Run, claims: &mut Claims) {
    let Some(vat) = se_organisationsnummer::vat(candidate.field.text, run) else { return };
    let verdict = judge(vat.digits, false, candidate.options.reference_date);
    let Verdict::Valid(kind) = verdict else { return };
    claims.push(vat.claim(Attributes {
        kind: Some(kind),
        carrier: Some(VAT),
        flags: Flags::SOLE_TRADER,
        ..Attributes::default()
    }));
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
