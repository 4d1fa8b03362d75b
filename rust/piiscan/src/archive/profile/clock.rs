//! Times of messages: units of numbers, ISO 8601 by hand (it is read once per message), other patterns through `jiff`.
//!
//! A time that cannot be read is unknown. It is never guessed, and never taken from a file.

use jiff::civil::DateTime;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;

use crate::calendar::{Date, days_in};
use crate::message::Ts;

/// Milliseconds from 1970 to 2001, where Apple's clocks begin.
const APPLE_EPOCH: i64 = 978_307_200_000;

/// How a profile's times are written.
#[derive(Clone, Debug)]
pub struct Clock {
    units: Vec<Unit>,
    zone: Option<TimeZone>,
}

#[derive(Clone, Debug)]
enum Unit {
    Millis,
    Micros,
    Seconds,
    Epoch,
    Nanos2001,
    Iso,
    Pattern(String),
}

impl Clock {
    /// A clock that tries these units in order: `ms`, `us`, `s`, `ns2001`, `epoch` (seconds to microseconds since 1970, told apart by
    /// their length), `iso` or a pattern with `%`. Times without an offset are in
    /// `zone`; without one they are unknown: an hour or two decide whether a day has passed.
    pub(super) fn new(units: &[String], zone: Option<&str>) -> Result<Self, String> {
        let unit = |unit: &String| match unit.as_str() {
            "ms" => Ok(Unit::Millis),
            "us" => Ok(Unit::Micros),
            "s" => Ok(Unit::Seconds),
            "epoch" => Ok(Unit::Epoch),
            "ns2001" => Ok(Unit::Nanos2001),
            "iso" => Ok(Unit::Iso),
            pattern if pattern.contains('%') => Ok(Unit::Pattern(pattern.to_owned())),
            other => Err(format!("`{other}` is not a unit of time")),
        };
        let known = |name| TimeZone::get(name).map_err(|_| format!("no time zone is `{name}`"));
        let zone = zone.map(known).transpose()?;
        Ok(Self { units: units.iter().map(unit).collect::<Result<_, _>>()?, zone })
    }

    /// Reads a time.
    pub fn read(&self, text: &[u8]) -> Ts {
        let text = text.trim_ascii();
        if let [Unit::Iso, ..] = self.units.as_slice()
            && let Some(found) = self.iso(text)
        {
            return Ts(found);
        }
        let Ok(text) = std::str::from_utf8(text) else { return Ts::UNKNOWN };
        let found = self.units.iter().find_map(|unit| match unit {
            Unit::Millis => decimal(text, 0),
            Unit::Micros => decimal(text, -3),
            Unit::Seconds => decimal(text, 3),
            Unit::Epoch => epoch(text),
            Unit::Nanos2001 => decimal(text, -6)?.checked_add(APPLE_EPOCH),
            Unit::Iso => self.iso(text.as_bytes()),
            Unit::Pattern(pattern) => self.pattern(pattern, text),
        });
        found.map_or(Ts::UNKNOWN, Ts)
    }

    fn pattern(&self, pattern: &str, text: &str) -> Option<i64> {
        let text = text.replace(['\u{a0}', '\u{202f}'], " ");
        let parsed = BrokenDownTime::parse(pattern, &text).ok()?;
        if parsed.offset().is_some() {
            return Some(parsed.to_timestamp().ok()?.as_millisecond());
        }
        let at = parsed.to_datetime().or_else(|_| parsed.to_date().map(DateTime::from)).ok()?;
        self.local(at)
    }

    fn local(&self, at: DateTime) -> Option<i64> {
        // In the hour that the clock skips, or goes through twice, the time says nothing.
        let zoned = self.zone.as_ref()?.to_ambiguous_zoned(at).unambiguous().ok()?;
        Some(zoned.timestamp().as_millisecond())
    }

    /// `YYYY-MM-DD`, then maybe `T` or a space and `HH:MM[:SS[.fraction]]`, then maybe `Z` or `±HH[:]MM`.
    fn iso(&self, text: &[u8]) -> Option<i64> {
        let (year, month, day) = (number(text, 0, 4)?, number(text, 5, 2)?, number(text, 8, 2)?);
        if text[4] != b'-' || text[7] != b'-' {
            return None;
        }
        let date = Date::new(
            u16::try_from(year).ok()?,
            u8::try_from(month).ok()?,
            u8::try_from(day).ok()?,
        )?;
        let mut millis = 0;
        let mut rest = &text[10..];
        if let [b'T' | b't' | b' ', clock @ ..] = rest {
            (millis, rest) = time_of_day(clock)?;
        }
        let offset = match rest.trim_ascii_start() {
            b"Z" | b"z" => 0,
            [] => {
                let midnight = DateTime::from(civil(date)?);
                return self
                    .local(midnight.checked_add(jiff::SignedDuration::from_millis(millis)).ok()?);
            }
            [sign @ (b'+' | b'-'), offset @ ..] => {
                let (hours, minutes) = match offset.len() {
                    2 => (number(offset, 0, 2)?, 0),
                    4 => (number(offset, 0, 2)?, number(offset, 2, 2)?),
                    5 if offset[2] == b':' => (number(offset, 0, 2)?, number(offset, 3, 2)?),
                    _ => return None,
                };
                let minutes = hours * 60 + minutes;
                if *sign == b'+' { minutes } else { -minutes }
            }
            _ => return None,
        };
        Some(days_from_1970(date) * 86_400_000 + millis - offset * 60_000)
    }
}

fn civil(date: Date) -> Option<jiff::civil::Date> {
    let year = i16::try_from(date.year()).ok()?;
    jiff::civil::Date::new(year, i8::try_from(date.month()).ok()?, i8::try_from(date.day()).ok()?)
        .ok()
}

/// `HH:MM[:SS[.fraction]]`, in milliseconds, and what stands after it.
fn time_of_day(text: &[u8]) -> Option<(i64, &[u8])> {
    let (hour, minute) = (number(text, 0, 2)?, number(text, 3, 2)?);
    if text[2] != b':' || hour > 24 || minute > 59 {
        return None;
    }
    let (mut millis, mut rest) = ((hour * 60 + minute) * 60_000, &text[5..]);
    if let [b':', seconds @ ..] = rest {
        millis += number(seconds, 0, 2)?.min(59) * 1000; // a leap second counts as the one before
        rest = &seconds[2..];
        if let [b'.' | b',', fraction @ ..] = rest {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let scale = [100, 10, 1];
            millis += fraction[..digits]
                .iter()
                .zip(scale)
                .map(|(d, s)| i64::from(d - b'0') * s)
                .sum::<i64>();
            rest = &fraction[digits..];
        }
    }
    Some((millis, rest))
}

/// The number that the `len` digits at `at` write.
fn number(text: &[u8], at: usize, len: usize) -> Option<i64> {
    text.get(at..at + len)?.iter().try_fold(0, |sum, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| sum * 10 + i64::from(digit))
    })
}

/// Days from 1970-01-01 to a date.
/// Days of a year without a leap day before each month.
const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

fn days_from_1970(date: Date) -> i64 {
    let year = i64::from(date.year()) - 1;
    let years = year * 365 + year / 4 - year / 100 + year / 400;
    let month = usize::from(date.month());
    let leap = i64::from(month > 2 && days_in(date.year(), 2) == 29);
    years + BEFORE[month - 1] + leap + i64::from(date.day()) - 719_163
}

/// Seconds, milliseconds or microseconds since 1970, for times from 2001 on; other lengths are no time.
fn epoch(text: &str) -> Option<i64> {
    match text.find('.').unwrap_or(text.len()) {
        10 => decimal(text, 3),
        13 => decimal(text, 0),
        16 => decimal(text, -3),
        _ => None,
    }
}

/// A decimal number of units of 10^`exponent` milliseconds, as whole milliseconds: `1516454398.000069` seconds.
fn decimal(text: &str, exponent: i32) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) {
        return None;
    }
    let mut value: i64 = whole.parse().ok()?;
    if exponent < 0 {
        value /= 10_i64.pow(exponent.unsigned_abs());
    } else {
        let mut fraction = fraction.bytes().map(|byte| i64::from(byte - b'0'));
        for _ in 0..exponent {
            value = value.checked_mul(10)?.checked_add(fraction.next().unwrap_or(0))?;
        }
    }
    Some(sign * value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(unit: &str, zone: Option<&str>, text: &str) -> i64 {
        Clock::new(&[unit.to_owned()], zone).unwrap().read(text.as_bytes()).0
    }

    const UNKNOWN: i64 = Ts::UNKNOWN.0;

    #[test]
    fn reads_numbers_in_their_unit() {
        assert_eq!(read("ms", None, "1700000000123"), 1_700_000_000_123);
        assert_eq!(read("s", None, "1516454398.000069"), 1_516_454_398_000);
        assert_eq!(read("s", None, "1516454398.5"), 1_516_454_398_500);
        assert_eq!(read("us", None, "1700000000123456"), 1_700_000_000_123);
        assert_eq!(read("ns2001", None, "721692800000000000"), 1_700_000_000_000);
        assert_eq!(read("s", None, "99999999999999999999"), UNKNOWN);
        assert_eq!(read("s", None, "+5"), UNKNOWN);
        for text in ["1700000000.5", "1700000000500", "1700000000500000"] {
            assert_eq!(read("epoch", None, text), 1_700_000_000_500);
        }
        assert_eq!(read("epoch", None, "20231114"), UNKNOWN);
    }

    #[test]
    fn reads_iso_times_with_and_without_offset() {
        for text in [
            "2023-11-14T22:13:20Z",
            "2023-11-14T23:13:20+01:00",
            "2023-11-14T23:13:20.000+0100",
            "2023-11-15T00:13:20,0+02",
        ] {
            assert_eq!(read("iso", None, text), 1_700_000_000_000, "{text}");
        }
        assert_eq!(read("iso", None, "2023-11-14 22:13:20"), UNKNOWN);
        assert_eq!(read("iso", None, "1970-01-02"), UNKNOWN);
        assert_eq!(read("iso", Some("UTC"), "1970-01-02"), 86_400_000);
        assert_eq!(read("iso", Some("Europe/Stockholm"), "2023-07-01T12:00"), 1_688_205_600_000);
        for bad in
            ["2023-02-29", "2023-11-14T25:00Z", "2023/11/14", "", "2023-11-14T22:13x", "20231114"]
        {
            assert_eq!(read("iso", None, bad), UNKNOWN, "{bad}");
        }
    }

    #[test]
    fn reads_patterns_in_a_zone() {
        let zone = Some("Europe/Helsinki");
        assert_eq!(read("%d.%m.%Y %H:%M", zone, "15.11.2023 00:13"), 1_699_999_980_000);
        assert_eq!(read("%Y-%m-%d %H:%M %z", None, "2023-11-14 23:13 +0100"), 1_699_999_980_000);
        assert_eq!(read("%d.%m.%Y", None, "02.01.1970"), UNKNOWN);
        assert_eq!(read("%d.%m.%Y", Some("UTC"), "02.01.1970"), 86_400_000);
        assert_eq!(read("%d.%m.%Y", None, "x"), UNKNOWN);
    }

    #[test]
    fn tries_units_in_order() {
        let clock = Clock::new(&["iso".into(), "ms".into()], Some("UTC")).unwrap();
        assert_eq!(clock.read(b"86400000"), Ts(86_400_000));
        assert_eq!(clock.read(b"1970-01-02"), Ts(86_400_000));
    }

    proptest! {
        #[test]
        fn never_panics(text in "[-0-9T:.+Z ]{0,40}", odd in "\\PC{0,12}") {
            for unit in ["ms", "us", "s", "epoch", "ns2001", "iso", "%Y-%m-%d %H:%M", "%s %p %j %z"] {
                read(unit, Some("Europe/Stockholm"), &text);
                read(unit, None, &odd);
            }
        }

        #[test]
        fn iso_agrees_with_jiff(seconds in -62_000_000_000_i64..250_000_000_000) {
            let text = jiff::Timestamp::from_second(seconds).unwrap().to_string();
            prop_assert_eq!(read("iso", None, &text), seconds * 1000);
        }
    }
}
