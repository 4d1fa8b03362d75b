//! Dates of mail: `Sun, 22 Nov 2026 08:49:51 +0100 (CET)` (RFC 5322, 3.3, with the obsolete forms of 4.3).
//!
//! Read tolerantly, but never guessed: without a zone that is known the instant is unknown, and so is a date that does not exist.

use crate::calendar::Date;
use crate::message::Ts;

const MONTHS: [&[u8]; 12] = [
    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
];

/// Zones with a name, in hours from UTC. The others of RFC 822 are said to be wrong more often than right.
const ZONES: [(&[u8], i64); 13] = [
    (b"gmt", 0),
    (b"ut", 0),
    (b"utc", 0),
    (b"z", 0),
    (b"cet", 1),
    (b"cest", 2),
    (b"eet", 2),
    (b"eest", 3),
    (b"est", -5),
    (b"edt", -4),
    (b"pst", -8),
    (b"pdt", -7),
    (b"wet", 0),
];

/// The instant of a date, or unknown.
pub(super) fn parse(text: &[u8]) -> Ts {
    instant(text).map_or(Ts::UNKNOWN, Ts)
}

fn instant(text: &[u8]) -> Option<i64> {
    let text = text.get(..text.len().min(200))?.to_ascii_lowercase();
    let is_gap = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',';
    let mut words = text.split(is_gap).filter(|word| !word.is_empty()).peekable();
    if words.peek()?[0].is_ascii_alphabetic() {
        words.next(); // the day of the week
    }
    let first = words.next()?;
    let (day, month, year) = match first.split(|byte| *byte == b'-').collect::<Vec<_>>()[..] {
        [day, month, year] => (number(day)?, month, number(year)?),
        _ => (number(first)?, words.next()?, number(words.next()?)?),
    };
    let month = MONTHS.iter().position(|name| month.starts_with(name))? + 1;
    let year = match year {
        0..=49 => year + 2000,
        50..=999 => year + 1900,
        _ => year,
    };
    let date =
        Date::new(u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)?;
    let mut clock = words.next()?.split(|byte| matches!(byte, b':' | b'.'));
    let (hour, minute) = (number(clock.next()?)?, number(clock.next()?)?);
    let second = clock.next().map_or(Some(0), number)?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let offset = zone(words.next()?)?;
    let seconds = (days(date) * 24 + hour) * 3600 + minute * 60 + second - offset;
    Some(seconds * 1000)
}

/// Seconds from UTC.
fn zone(word: &[u8]) -> Option<i64> {
    let (sign, digits) = match word {
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => {
            let (_, hours) = ZONES.iter().find(|(name, _)| *name == word)?;
            return Some(hours * 3600);
        }
    };
    let digits: Vec<u8> = digits.iter().copied().filter(|byte| *byte != b':').collect();
    let value = number(&digits).filter(|_| digits.len() == 4)?;
    let (hours, minutes) = (value / 100, value % 100);
    (hours <= 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn number(word: &[u8]) -> Option<i64> {
    let is_number = !word.is_empty() && word.len() <= 4 && word.iter().all(u8::is_ascii_digit);
    is_number.then(|| word.iter().fold(0, |value, byte| value * 10 + i64::from(byte - b'0')))
}

/// Days since 1970-01-01 (H. Hinnant, `days_from_civil`).
fn days(date: Date) -> i64 {
    let (month, day) = (i64::from(date.month()), i64::from(date.day()));
    let year = i64::from(date.year()) - i64::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_usual_forms() {
        for text in [
            "Sun, 22 Nov 2026 08:49:51 +0100 (CET)",
            "22 Nov 2026 07:49:51 GMT",
            "Sun,22 November 26 09:49:51 +02:00",
            "Sunday, 22-Nov-26 02:49:51 EST",
            "Sun, 22 Nov 2026\r\n 08.49.51 CET",
        ] {
            assert_eq!(parse(text.as_bytes()), Ts(1_795_333_791_000), "{text}");
        }
        assert_eq!(parse(b"1 Jan 1970 00:00 +0000"), Ts(0));
        assert_eq!(parse(b"29 Feb 2000 00:00 +0000"), Ts(951_782_400_000));
    }

    #[test]
    fn what_is_not_sure_is_unknown() {
        for text in [
            "",
            "Sun, 22 Nov 2026 08:49:51",
            "Sun, 22 Nov 2026 08:49:51 XYZ",
            "30 Feb 2026 08:49:51 +0000",
            "22 Nov 2026 24:49:51 +0000",
            "22 Nov 2026 08:49:51 +9999",
            "22 11 2026 08:49:51 +0000",
            "2026-11-22T08:49:51Z",
            ",",
        ] {
            assert_eq!(parse(text.as_bytes()), Ts::UNKNOWN, "{text}");
        }
    }
}
