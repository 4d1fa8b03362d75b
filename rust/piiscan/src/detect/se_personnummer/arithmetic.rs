//! Date and check digit of a Swedish identity number.

use super::super::number::value;
use crate::calendar::Date;
use crate::checksum::luhn;

/// What arithmetic says of ten or twelve digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Passes; its kind.
    Valid(&'static str),
    /// A plausible date and serial, but another check digit.
    WrongCheck(&'static str),
    /// No such number.
    Impossible,
}

/// Judges `YYMMDDNNNC` or `YYYYMMDDNNNC`.
pub(super) fn judge(digits: &[u8], plus: bool, today: Date) -> Verdict {
    let (century, short) = match digits {
        [1, c @ (8 | 9), short @ ..] if short.len() == 10 => (Some(10 + u16::from(*c)), short),
        [2, 0, short @ ..] if short.len() == 10 => (Some(20), short),
        short if short.len() == 10 => (None, short),
        _ => return Verdict::Impossible,
    };
    let (month, day) = (short[2] * 10 + short[3], short[4] * 10 + short[5]);
    if short[6..9] == [0, 0, 0] {
        return Verdict::Impossible;
    }
    let kind = if day >= 60 {
        // Official numbers have month 00 and days such as 30 February: no calendar here.
        if day > 91 || month > 12 {
            return Verdict::Impossible;
        }
        "samordningsnummer"
    } else {
        let year = match century {
            Some(century) => Some(century * 100 + u16::from(short[0] * 10 + short[1])),
            None => full_year_of(short, plus, today),
        };
        let date = year.and_then(|year| Date::new(year, month, day));
        if date.is_none_or(|date| date > today) {
            return Verdict::Impossible;
        }
        super::PERSONNUMMER
    };
    if luhn(short) { Verdict::Valid(kind) } else { Verdict::WrongCheck(kind) }
}

/// Whether `YYMMDD` is a day of the last hundred years, or of a samordningsnummer.
pub(super) fn is_birth_date(digits: &[u8], today: Date) -> bool {
    let [_, _, m1, m2, d1, d2] = *digits else { return false };
    let (month, day) = (m1 * 10 + m2, d1 * 10 + d2);
    let year = full_year_of(digits, false, today);
    (61..=91).contains(&day) && (1..=12).contains(&month)
        || year.is_some_and(|year| Date::new(year, month, day).is_some())
}

/// The year of birth of ten digits (or nine and a letter): with century where the date tells it.
pub(super) fn full_year(digits: &[u8], plus: bool, today: Date) -> u16 {
    full_year_of(digits, plus, today).unwrap_or_else(|| {
        // No such day in any century: samordningsnummer. The latest year not after today's.
        latest(digits, today) - if plus { 100 } else { 0 }
    })
}

/// The latest year not after today's with these two digits.
fn latest(digits: &[u8], today: Date) -> u16 {
    let short = u16::try_from(value(&digits[..2])).unwrap_or(0);
    today.year() - (today.year() + 100 - short) % 100
}

/// Ten digits mean the latest such date that is not after today; `+` one century earlier.
fn full_year_of(digits: &[u8], plus: bool, today: Date) -> Option<u16> {
    let year = latest(digits, today);
    let (month, day) = (digits[2] * 10 + digits[3], digits[4] * 10 + digits[5]);
    let day = if day > 60 { day - 60 } else { day };
    match (plus, Date::new(year, month, day)) {
        (true, _) => Some(year - 100),
        (false, Some(date)) if date > today => Some(year - 100),
        (false, Some(_)) => Some(year),
        (false, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: Verdict = Verdict::Valid("personnummer");
    const COORDINATION: Verdict = Verdict::Valid("samordningsnummer");

    fn verdict(text: &str) -> Verdict {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
        judge(&digits, text.contains('+'), Date::new(2026, 11, 22).unwrap())
    }

    #[test]
    fn accepts_published_numbers() {
        for text in [
            "640823-3234",
            "19640823-3234",
            "811218-9876",
            "121212+1212",
            "000229-2399",
            "190905271474",
        ] {
            assert_eq!(verdict(text), VALID, "{text}");
        }
    }

    #[test]
    fn accepts_official_coordination_numbers_outside_the_calendar() {
        for text in ["701063-2391", "191500722390", "191806602395", "192200902399"] {
            assert_eq!(verdict(text), COORDINATION, "{text}");
        }
    }

    #[test]
    fn rejects_wrong_dates_serials_and_centuries() {
        for text in ["196418233234", "150916-0006", "166408233234", "296003012819", "811318-9870"] {
            assert_eq!(verdict(text), Verdict::Impossible, "{text}");
        }
    }

    #[test]
    fn tells_a_wrong_check_digit_apart() {
        assert_eq!(verdict("811218-9877"), Verdict::WrongCheck("personnummer"));
    }

    #[test]
    fn a_date_after_today_belongs_to_the_century_before() {
        let today = Date::new(2026, 11, 22).unwrap();
        assert_eq!(full_year(&[2, 6, 1, 1, 2, 3, 0, 0, 0, 0], false, today), 1926);
        assert_eq!(full_year(&[2, 6, 1, 1, 2, 2, 0, 0, 0, 0], false, today), 2026);
        assert_eq!(full_year(&[1, 2, 1, 2, 1, 2, 0, 0, 0, 0], true, today), 1912);
        assert_eq!(full_year(&[0, 0, 0, 2, 2, 9, 0, 0, 0, 0], false, today), 2000);
    }
}
