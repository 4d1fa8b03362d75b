//! Shapes that are no personal data: dates, times, amounts, law references. They claim their digits and are not reported.
//!
//! An exempt claim covers whole numbers of a run (see [`numbers`](super::number::numbers)), never a part of one. What is exempt is a row of
//! [`items`] with a space or a dash between, or a run in surroundings that say what it is: a URL, a UUID, a case number, a version, an address.
//! With `strict` only written dates and times are exempt.
//!
//! Sources: SFS and Riksdag notation of statutes (`1998:204`, `2009/10:80`), Finnish statute numbers (`661/2019`), EU acts
//! (`2016/679`); ISO 8601; municipal registry numbers (`KS/2019/0001`, `Dnr 2019/123`).

mod currency;
mod items;
mod surroundings;

use super::number::{Piece, numbers};
use super::{Candidate, Claims, Options};

pub(super) use currency::unit_after;
pub(super) use items::is_timestamp;
pub(super) use surroundings::word_before;

const FEWEST: u32 = 6; // digits of the shortest number that any detector takes from a run
const RANK: u8 = 5;
const VERSION_RANK: u8 = 3;
const URL_RANK: u8 = 1;

/// Claims what is no personal data in a run.
pub(crate) fn claim(candidate: &Candidate<'_>, claims: &mut Claims) {
    let Some(run) = candidate.run.filter(|run| run.count >= FEWEST) else { return };
    let (text, options) = (candidate.field.text, candidate.options);
    if let Some(rank) = rank_by_surroundings(text, Piece::whole(run), options) {
        claims.exempt(run.start, run.end, rank);
        return;
    }
    // Four groups with dots are an address or a version, no row of dates and times.
    if run.groups.len() < 2 || run.is_quad() {
        return;
    }
    // Where numbers of this run begin and end: an item row must not cut one.
    let mut borders = [false; super::run::DIGITS_MAX + 1];
    for number in numbers(run, options) {
        (borders[number.from], borders[number.to]) = (true, true);
    }
    let mut from = 0;
    while from < run.groups.len() {
        let end = borders[from]
            .then(|| items::longest(text, run, options, from, |to| borders[to]))
            .flatten();
        if let Some(to) = end {
            let piece = Piece { run, from, to };
            claims.exempt(offset(piece.start()), offset(piece.end()), RANK);
        }
        from = end.unwrap_or(from + 1);
    }
}

/// Whether a piece of a run would be exempt if it stood alone.
pub(super) fn covers(text: &[u8], piece: Piece<'_>, options: &Options) -> bool {
    items::longest(text, piece.run, options, piece.from, |to| to == piece.to).is_some()
}

fn rank_by_surroundings(text: &[u8], run: Piece<'_>, options: &Options) -> Option<u8> {
    if options.strict {
        return None;
    }
    if surroundings::in_url(text, run.start()) || surroundings::in_uuid(text, run) {
        return Some(URL_RANK);
    }
    if surroundings::is_version(text, run) {
        return Some(VERSION_RANK);
    }
    let exempt = surroundings::is_case_number(text, run) || surroundings::is_address(text, run);
    exempt.then_some(RANK)
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("fields are capped below 4 GiB")
}
