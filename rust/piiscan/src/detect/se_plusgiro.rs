//! Swedish *plusgiro* numbers, formerly *postgiro*.
//!
//! Two to eight digits in pairs from the right, a hyphen before the last: `NNN NN NN-C`, where `C` is a Luhn digit. One in ten numbers passes,
//! so only what stands beside the word is one, and short ones only directly behind it. Source: Nordea, *Plusgiro*; Bankgirot, *Bank Account
//! Numbers*.

use super::beside::{attributes, claim, each_run};
use super::number::{Piece, digits_of, gap};
use super::{CONTEXT, Candidate, Claims, Detector, Match, Near, Options, Trigger};
use crate::checksum::luhn;
use crate::finding::{Attributes, Category, Confidence};

const RANK: u8 = 12;
const DIGITS_MAX: usize = 8;
const GROUPS_MAX: usize = 5;
const SHORT: usize = 5; // digits: fewer may be any number, so they stand directly behind the word

/// The detector `se-plusgiro`.
#[derive(Debug)]
pub(super) struct SePlusgiro;

impl Detector for SePlusgiro {
    fn id(&self) -> &'static str {
        "se-plusgiro"
    }

    fn category(&self) -> Category {
        Category::Financial
    }

    fn summary(&self) -> &'static str {
        "Swedish plusgiro numbers"
    }

    fn rule(&self) -> &'static str {
        "Shape: two to eight digits, in pairs with spaces or in one piece, a hyphen before the Luhn digit, beside plusgiro, postgiro or pg; \
         fewer than five digits, or no hyphen, only directly behind the word.\n\
         high: passes. low: five digits or more with a hyphen and a wrong check digit (check=fail). Nothing without the word.\n\
         Source: Bankgirot."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["plusgiro 28 65 43-4", "pg 410 54 68-5", "postgiro 4-2"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Word(0)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[&["plusgiro*", "postgiro*", "pg", "pgnr", "plus giro*"]]
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        each_run(candidate, |run| {
            let ends = (1..=run.groups.len().min(GROUPS_MAX)).rev();
            let mut found = ends.filter_map(|to| judge(candidate, Piece { run, from: 0, to }));
            if let Some(found) = found.next() {
                claims.push(found);
            }
        });
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        out.extend(digits_of(found).iter().map(|digit| digit + b'0'));
    }
}

fn judge(candidate: &Candidate<'_>, piece: Piece<'_>) -> Option<Match> {
    let text = candidate.field.text;
    let (groups, count) = (piece.groups(), piece.count());
    if !(2..=DIGITS_MAX).contains(&count) || piece.run.plus {
        return None;
    }
    let gap = |at: usize| gap(text, piece.run, piece.from + at);
    let hyphen = groups.len() > 1 && groups[groups.len() - 1].len == 1;
    let (head, tail) = groups.split_at(groups.len() - usize::from(hyphen));
    let paired = head.len() == 1 || head[0].len <= 3 && head[1..].iter().all(|g| g.len == 2);
    let spaced = (1..head.len()).all(|at| gap(at) == b" ");
    let whole = tail.is_empty() && head.len() == 1 && count >= SHORT;
    if !(paired && spaced && (whole || hyphen && gap(head.len()) == b"-")) {
        return None;
    }
    if !piece.opens(text) || !piece.closes(text) {
        return None;
    }
    let near = candidate.near(CONTEXT, piece.start(), piece.end());
    let passes = luhn(piece.digits());
    let sure = near == Near::Adjacent || (near.is_near() && hyphen && count >= SHORT);
    if !sure || !(passes || hyphen && count >= SHORT) {
        return None;
    }
    let confidence = if passes { Confidence::High } else { Confidence::Low };
    Some(claim(piece.start()..piece.end(), RANK, confidence, near, attributes(piece, passes)))
}
