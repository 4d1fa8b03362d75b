//! Case numbers by their pattern alone.

use super::super::beside::{capitals_before, offset};
use super::super::number::{Piece, char_before, closes, gap, value, word_before};
use super::super::run::{Run, Sep};
use super::super::{Candidate, Claims, Match, Near};
use super::{CASES, PATTERN_RANK, claim, is_year};
use crate::calendar::Date;
use crate::finding::{Attributes, Confidence};

const GROUPS_MAX: usize = 6; // of a number with a classification: `1959/03.01.01/2017`

/// Capitals before a year that belong to no registry: collections of statutes and reports, standards, terms, currencies, words of forms.
const OTHERS: &[&str] = &[
    "AD", "ART", "BET", "COM", "COVID", "COV", "DIR", "DKK", "DNR", "DOK", "DS", "EEG", "EES",
    "EG", "EM", "EN", "EU", "EUR", "FAX", "FN", "FRÅN", "HFD", "HT", "IEC", "IMG", "ISO", "JO",
    "KL", "KLO", "KOM", "LAG", "LSS", "LVM", "LVU", "LÅ", "MIG", "MOT", "MÖD", "NJA", "NOK", "NR",
    "OCH", "OS", "PNR", "PROP", "PUL", "RFC", "RH", "RIC", "RSKR", "RÅ", "SEK", "SIS", "SKR",
    "SOL", "SOU", "SS", "TEL", "TF", "TILL", "USD", "UTC", "VERS", "VT", "ÅR",
];

/// Claims what a run of digits and the letters before it are.
pub(super) fn find(candidate: &Candidate<'_>, run: &Run, claims: &mut Claims) {
    let (text, start) = (candidate.field.text, run.start as usize);
    if run.groups.len() < 2 || run.plus || start == 0 {
        return;
    }
    // A capital stands before the run, with one sign between or none.
    let sign = matches!(text[start - 1], b'/' | b'-' | b' ');
    let letter = start - usize::from(sign);
    let capital = |byte: u8| byte.is_ascii_uppercase() || (0x80..0xA0).contains(&byte);
    if letter == 0 || !capital(text[letter - 1]) {
        return;
    }
    let found = registry(candidate, run, letter)
        .or_else(|| police(candidate, run, letter))
        .or_else(|| court(candidate, run, letter));
    if let Some(found) = found {
        claims.push(found);
    }
}

/// `KS/2019/0001/0009`, `KS 2019:12`, `VM/1959/03.01.01/2017`.
fn registry(candidate: &Candidate<'_>, run: &Run, letter: usize) -> Option<Match> {
    let text = candidate.field.text;
    let (count, from) = capitals_before(text, letter);
    let letters = str::from_utf8(&text[from..letter]).ok()?;
    let statutes = letters.ends_with("FS");
    if !(2..=6).contains(&count) || word_before(text, from) || statutes || OTHERS.contains(&letters)
    {
        return None;
    }
    let tight = |at: &usize| gap(text, run, *at).len() == 1 && run.groups[*at].sep != Sep::Space;
    let groups = 1 + (1..run.groups.len().min(GROUPS_MAX)).take_while(tight).count();
    let sign = text.get(letter).copied().filter(|byte| !byte.is_ascii_digit());
    let piece = [year_first(text, run, groups, sign), year_last(run, groups, sign)];
    let piece = piece.into_iter().flatten().next()?;
    ends(text, piece).then(|| {
        let span = (from, piece.end());
        made(candidate, span, Confidence::High, None, piece.count())
    })
}

/// Whether no further group is glued to the piece.
fn ends(text: &[u8], piece: Piece<'_>) -> bool {
    match piece.run.groups.get(piece.to) {
        Some(next) => next.sep == Sep::Space || gap(text, piece.run, piece.to).contains(&b' '),
        None => closes(text, piece.end()),
    }
}

/// A year, a number of up to six digits, and a document number of up to four.
fn year_first<'r>(text: &[u8], run: &'r Run, groups: usize, sign: Option<u8>) -> Option<Piece<'r>> {
    let piece = Piece { run, from: 0, to: groups.min(3) };
    let parted = |at: usize| matches!(run.groups[at].sep, Sep::Slash | Sep::Colon | Sep::Dash);
    let number = groups >= 2 && parted(1) && run.groups[1].len <= 6;
    let document = piece.to < 3 || (parted(2) && run.groups[2].len <= 4);
    if !is_year(piece, 0) || !number || !document {
        return None;
    }
    let loose = !matches!(sign, Some(b'/'));
    (!(loose && is_period(text, piece))).then_some(piece)
}

/// Whether a year and what follows are a date, a month, a session, or several years.
fn is_period(text: &[u8], piece: Piece<'_>) -> bool {
    let (digits, groups) = (piece.digits(), piece.groups());
    let year = value(&digits[..4]);
    let second = value(&digits[4..4 + groups[1].len as usize]);
    if let [_, next, third] = groups {
        // A session of the parliament, as in "NU 1984/85:19".
        let follows = next.len == 2 && second == (year + 1) % 100;
        if follows && next.sep == Sep::Slash && third.sep == Sep::Colon {
            return true;
        }
        let rest = &digits[digits.len() - third.len as usize..];
        let [year, month, day] =
            [year, second, value(rest)].map(|number| u16::try_from(number).unwrap_or(0));
        let [month, day] = [month, day].map(|number| u8::try_from(number).unwrap_or(0));
        return Date::new(year, month, day).is_some() && groups[1].len == 2;
    }
    let years = match groups[1].len {
        4 => (1..=20).contains(&second.wrapping_sub(year)),
        2 => second == (year + 1) % 100 || gap(text, piece.run, piece.from + 1) == b"-",
        _ => false,
    };
    years && groups[1].sep != Sep::Colon
}

/// A number behind a slash, a classification, a year.
fn year_last(run: &Run, groups: usize, sign: Option<u8>) -> Option<Piece<'_>> {
    let piece = Piece { run, from: 0, to: groups };
    let inner = run.groups[1..groups].iter().all(|g| matches!(g.sep, Sep::Slash | Sep::Dot));
    let last = groups - 1;
    let slash = sign == Some(b'/') && last > 0 && run.groups[last].sep == Sep::Slash;
    (slash && inner && is_year(piece, last)).then_some(piece)
}

/// `5000-K123456-20`: the run begins behind the K.
fn police(candidate: &Candidate<'_>, run: &Run, letter: usize) -> Option<Match> {
    let text = candidate.field.text;
    let piece = number_and_year(run, 7)?;
    let office = text[..letter].strip_suffix(b"-K").filter(|_| letter == run.start as usize)?;
    let digits = office.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let from = office.len() - digits;
    (digits == 4 && !word_before(text, from) && ends(text, piece)).then(|| {
        let span = (from, piece.end());
        made(candidate, span, Confidence::High, Some("police"), piece.count() + 4)
    })
}

/// `T 12345-19`.
fn court(candidate: &Candidate<'_>, run: &Run, letter: usize) -> Option<Match> {
    let text = candidate.field.text;
    let piece = number_and_year(run, 5)?;
    let spaced = letter == run.start as usize || text[letter] == b' ';
    let kind = char_before(text, letter).filter(|letter| "BTMÄKÖ".contains(*letter))?;
    let from = letter - kind.len_utf8();
    let alone = !word_before(text, from) && !text[..from].ends_with(b"-");
    if !(spaced && alone && ends(text, piece)) {
        return None;
    }
    let near = candidate.near(CASES, from, piece.end());
    let confidence = if near == Near::Adjacent { Confidence::High } else { Confidence::Low };
    Some(made(candidate, (from, piece.end()), confidence, Some("court"), piece.count()))
}

/// A number of at most so many digits, a dash, two digits of a year.
fn number_and_year(run: &Run, most: u32) -> Option<Piece<'_>> {
    let [number, year, ..] = &run.groups[..] else { return None };
    let shaped = number.len <= most && year.len == 2 && year.sep == Sep::Dash;
    (shaped && year.start == number.end() + 1).then_some(Piece { run, from: 0, to: 2 })
}

fn made(
    candidate: &Candidate<'_>,
    (start, end): (usize, usize),
    confidence: Confidence,
    kind: Option<&'static str>,
    digits: usize,
) -> Match {
    let attributes = Attributes { kind, ..Attributes::default() };
    let (start, end) = (offset(start), offset(end));
    let found = Match { start, end, rank: PATTERN_RANK, confidence, near: Near::No, attributes };
    claim(candidate, found, digits, false)
}
