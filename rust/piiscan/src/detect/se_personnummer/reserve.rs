//! Reserve numbers: for patients without a known identity number, twelve characters, one scheme per region and a national one.
//!
//! | scheme | format | check |
//! |---|---|---|
//! | `SLL` | `99yyyyNNNNNC` | Luhn over the last 8, in older numbers over all 12 |
//! | `VGR` | `yyyymmdd` `K`/`M`/`X` `ggC` | Luhn over the last 10 with K = 5, M = 7, X = 8; older: all 12 |
//! | `LiV` | `yyyymmddSBNC` | none |
//! | `ROL` | 8 digits, `T`, letter or digit, digit, letter or digit | none |
//! | `CLNK` | `yyyymmxxNNNC`, xx 32-59 | Luhn over the last 10 |
//! | `NRID` | `XXYYMMDDNNGC` | Luhn over all 12, a letter counts as its ASCII code |
//! | `Skane` | date and 4 characters, one a letter | none |
//!
//! Source: Inera, *Lokala reserv-id* and *Nationellt reserv-id (NRID)*.

use super::super::number::{Piece, closes, value};
use super::super::{CONTEXT, Candidate, Claims, Near};
use super::{RESERVE, attributes, claim};
use crate::calendar::Date;
use crate::checksum::luhn;
use crate::finding::{Attributes, Confidence};

const KIND: &str = "reservnummer";
const LETTERS: u8 = 4; // rank
const DIGITS: u8 = 10; // rank

/// Schemes of twelve digits count beside a word only.
pub(super) fn of_digits(candidate: &Candidate<'_>, piece: Piece<'_>, claims: &mut Claims) {
    let Ok(number) = <&[u8; 12]>::try_from(piece.digits()) else { return };
    let scheme = match number {
        [9, 9, 1, 9, ..] | [9, 9, 2, 0..=2, ..] if luhn(&number[4..]) => "SLL",
        [9, 9, 1, 9, ..] | [9, 9, 2, 0..=2, ..] if luhn(number) => "SLL-old12",
        [1, 9, ..] | [2, 0, ..] if is_clinic(number) => "CLNK",
        _ => return,
    };
    let near = near(candidate, piece.start(), piece.end());
    if near.is_near() {
        let attributes = Attributes { scheme: Some(scheme), ..attributes(piece, KIND, None) };
        let span = (piece.start(), piece.end());
        claims.push(claim(candidate, span, DIGITS, Confidence::Medium, near, attributes));
    }
}

/// The nearest word that speaks of reserve numbers, or of identity numbers.
fn near(candidate: &Candidate<'_>, start: usize, end: usize) -> Near {
    candidate.near(RESERVE, start, end).max(candidate.near(CONTEXT, start, end))
}

fn is_clinic(number: &[u8; 12]) -> bool {
    let (month, day) = (number[4] * 10 + number[5], number[6] * 10 + number[7]);
    (1..=12).contains(&month) && (32..=59).contains(&day) && luhn(&number[2..])
}

/// Eight digits, then four characters with a letter among them.
pub(super) fn with_letters(candidate: &Candidate<'_>, date: Piece<'_>, claims: &mut Claims) {
    let text = candidate.field.text;
    let hyphen = usize::from(text.get(date.end()) == Some(&b'-'));
    let from = date.end() + hyphen;
    let Some(tail) = text.get(from..from + 4).and_then(|tail| <&[u8; 4]>::try_from(tail).ok())
    else {
        return;
    };
    let letters = tail.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let plain = tail.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    if letters == 0 || !plain || !closes(text, from + 4) {
        return;
    }
    let near = near(candidate, date.start(), from + 4);
    let Some((scheme, alone, beside)) = scheme(date.digits(), *tail) else { return };
    let Some(confidence) = (if near.is_near() { Some(beside) } else { alone }) else { return };
    let digits = u8::try_from(12 - letters).unwrap_or(0);
    let found =
        Attributes { kind: Some(KIND), scheme: Some(scheme), digits, ..Attributes::default() };
    claims.push(claim(candidate, (date.start(), from + 4), LETTERS, confidence, near, found));
}

/// The scheme, with how sure it is alone and beside a context word.
fn scheme(digits: &[u8], tail: [u8; 4]) -> Option<(&'static str, Option<Confidence>, Confidence)> {
    use Confidence::{High, Low, Medium};
    let date = <[u8; 8]>::try_from(digits).ok()?;
    let checked = |scheme| Some((scheme, Some(Medium), High));
    let [first, second, third, last] = tail;
    if matches!(first, b'K' | b'M' | b'X')
        && [second, third, last].iter().all(u8::is_ascii_digit)
        && is_date(date)
    {
        let letter = match first {
            b'K' => 5,
            b'M' => 7,
            _ => 8,
        };
        let mut number = [0; 12];
        number[..8].copy_from_slice(&date);
        number[8..].copy_from_slice(&[letter, second - b'0', third - b'0', last - b'0']);
        if luhn(&number[2..]) {
            return checked("VGR");
        }
        if luhn(&number) {
            return checked("VGR-old12");
        }
    }
    if is_national(date, tail) {
        return checked("NRID");
    }
    let word = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    if first == b'S'
        && b"FUXPL".contains(&second)
        && third.is_ascii_digit()
        && !b"V0".contains(&last)
        && is_date(date)
    {
        return Some(("LiV", Some(Low), Medium));
    }
    if first == b'T' && word(second) && third.is_ascii_digit() {
        return Some(("ROL", Some(Low), Medium));
    }
    is_date(date).then_some(("Skane", None, Low))
}

fn is_date(digits: [u8; 8]) -> bool {
    let year = u16::try_from(value(&digits[..4])).unwrap_or(0);
    let (month, day) = (digits[4] * 10 + digits[5], digits[6] * 10 + digits[7]);
    (1800..=2100).contains(&year) && Date::new(year, month, day).is_some()
}

/// `XXYYMMDDNNGC`: XX tells the century, or is 00 with impossible months and days.
fn is_national(digits: [u8; 8], tail: [u8; 4]) -> bool {
    let allowed = |byte: u8| byte.is_ascii_uppercase() && !b"IOQVW".contains(&byte);
    let [first, second, third, last] = tail;
    let shaped = allowed(first)
        && allowed(second)
        && (allowed(third) || third.is_ascii_digit())
        && last.is_ascii_digit();
    let (century, month, day) = (value(&digits[..2]), value(&digits[4..6]), value(&digits[6..]));
    let dated = century >= 22 && (1..=12).contains(&month) && (1..=31).contains(&day);
    let undated = century == 0 && month >= 20 && (40..=59).contains(&day);
    if !shaped || !(dated || undated) {
        return false;
    }
    let tail = tail
        .map(|byte| if byte.is_ascii_digit() { u32::from(byte - b'0') } else { u32::from(byte) });
    let values = digits.map(u32::from).into_iter().chain(tail);
    // Twelve places: the doubled ones are the even ones from the left, counted from 0.
    let sum: u32 = values
        .enumerate()
        .map(|(at, value)| if at % 2 == 0 { value * 2 } else { value })
        .map(|value| value / 100 + value / 10 % 10 + value % 10)
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheme_of(text: &str) -> Option<&'static str> {
        let digits: Vec<u8> = text.bytes().take(8).map(|b| b - b'0').collect();
        let tail = text.as_bytes()[8..].try_into().unwrap();
        scheme(&digits, tail).map(|(scheme, ..)| scheme)
    }

    #[test]
    fn accepts_published_numbers() {
        for (text, scheme) in [
            ("19810829M071", "VGR"),
            ("19450829K088", "VGR"),
            ("19930829X802", "VGR"),
            ("19810829M070", "VGR-old12"),
            ("19810829SU3A", "LiV"),
            ("12345678TA0A", "ROL"),
            ("22950606FH20", "NRID"),
            ("25780404KHD5", "NRID"),
            ("00342145BZ31", "NRID"),
            ("00749852BZK0", "NRID"),
        ] {
            assert_eq!(scheme_of(text), Some(scheme), "{text}");
        }
    }

    #[test]
    fn refuses_a_wrong_national_check_digit() {
        assert_eq!(scheme_of("22950606FH21"), None);
        assert_eq!(scheme_of("00342145BZ32"), None);
    }
}
