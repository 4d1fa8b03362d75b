//! Dates as people write them.
//!
//! `1962-03-01`, `19620301`, `620301`, `1.3.1962`, `1/3 -62`, `1 mars 1962`, `1. maaliskuuta 1962`, `March 1, 1962`, a year alone. Whether the day
//! exists is judged; a year of two digits stands for either century.

use crate::calendar::{Date, days_in};

/// Names of months by their first letters; the first twelve are Swedish.
const MONTHS: &[(&str, u8)] = &[
    ("januari", 1),
    ("februari", 2),
    ("mars", 3),
    ("april", 4),
    ("maj", 5),
    ("juni", 6),
    ("juli", 7),
    ("augusti", 8),
    ("september", 9),
    ("oktober", 10),
    ("november", 11),
    ("december", 12),
    ("jan", 1),
    ("feb", 2),
    ("apr", 4),
    ("jun", 6),
    ("jul", 7),
    ("aug", 8),
    ("sep", 9),
    ("sept", 9),
    ("okt", 10),
    ("nov", 11),
    ("dec", 12),
    ("tammikuu", 1),
    ("helmikuu", 2),
    ("maaliskuu", 3),
    ("huhtikuu", 4),
    ("toukokuu", 5),
    ("kesäkuu", 6),
    ("heinäkuu", 7),
    ("elokuu", 8),
    ("syyskuu", 9),
    ("lokakuu", 10),
    ("marraskuu", 11),
    ("joulukuu", 12),
    ("tammikuuta", 1),
    ("helmikuuta", 2),
    ("maaliskuuta", 3),
    ("huhtikuuta", 4),
    ("toukokuuta", 5),
    ("kesäkuuta", 6),
    ("heinäkuuta", 7),
    ("elokuuta", 8),
    ("syyskuuta", 9),
    ("lokakuuta", 10),
    ("marraskuuta", 11),
    ("joulukuuta", 12),
    ("mai", 5),
    ("august", 8),
    ("desember", 12),
    ("marts", 3),
    ("januar", 1),
    ("februar", 2),
    ("des", 12),
    ("january", 1),
    ("february", 2),
    ("march", 3),
    ("may", 5),
    ("june", 6),
    ("july", 7),
    ("october", 10),
    ("oct", 10),
    ("mar", 3),
];

const OLDEST: u16 = 1880; // years of birth before it are not of the living

/// How much of a date is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precision {
    /// Day, month and four digits of the year.
    Full,
    /// Day, month and two digits of the year.
    ShortYear,
    /// The year alone.
    Year,
}

/// Reads `text` from a place on.
#[derive(Clone, Copy)]
struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    /// A number of eight digits at most, and how many it has.
    fn number(&mut self) -> Option<(u32, usize)> {
        let rest = &self.text[self.at..];
        let len = rest.iter().take(9).take_while(|byte| byte.is_ascii_digit()).count();
        if len == 0 || len > 8 {
            return None;
        }
        self.at += len;
        Some((rest[..len].iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0')), len))
    }

    fn skip(&mut self, byte: u8) -> bool {
        let found = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn spaces(&mut self) {
        while self.skip(b' ') {}
    }

    /// The number of the month whose name stands here.
    fn month(&mut self) -> Option<u32> {
        let rest = &self.text[self.at..];
        let len = rest.iter().take_while(|byte| is_letter(**byte)).count();
        let month = number_of(&rest[..len])?;
        self.at += len;
        Some(month)
    }

    /// A year of four digits, or of two with or without `-` or an apostrophe before it.
    fn year(&mut self) -> Option<(u32, Precision)> {
        let short = self.skip(b'-') || self.skip(b'\'');
        match self.number()? {
            (year, 4) if !short => Some((year, Precision::Full)),
            (year, 2) => Some((year, Precision::ShortYear)),
            _ => None,
        }
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

/// The number of a month by its name, in any case.
fn number_of(name: &[u8]) -> Option<u32> {
    let same = |(known, _): &&(&str, u8)| {
        // Letters of both alphabets differ from their capitals by one bit.
        known.len() == name.len()
            && known.bytes().zip(name).all(|(known, byte)| known == *byte || known == byte | 0x20)
    };
    MONTHS.iter().find(same).map(|(_, month)| u32::from(*month))
}

/// Whether a word is the name of a month.
pub(super) fn is_month(word: &[u8]) -> bool {
    number_of(word).is_some()
}

/// The date that begins at `at`: its end and precision. It exists and is not after `today`.
pub(super) fn read(text: &[u8], at: usize, today: Date) -> Option<(usize, Precision)> {
    let reader = Reader { text, at };
    let found = named(reader).or_else(|| numbers(reader))?;
    let (end, (year, month, day), precision) = found;
    let exists = match precision {
        Precision::Full => is_past(year, month, day, today),
        Precision::ShortYear => {
            [1900, 2000].iter().any(|century| is_past(century + year, month, day, today))
        }
        Precision::Year => year >= u32::from(OLDEST) && year <= u32::from(today.year()),
    };
    (exists && closes(text, end)).then_some((end, precision))
}

type Found = (usize, (u32, u32, u32), Precision);

/// `1 mars 1962`, `1:a mars -62`, `1. maaliskuuta 1962`, `March 1, 1962`.
fn named(mut reader: Reader<'_>) -> Option<Found> {
    if let Some(month) = reader.month() {
        reader.spaces();
        let (day, _) = reader.number()?;
        ordinal(&mut reader);
        reader.skip(b',');
        reader.spaces();
        let (year, precision) = reader.year()?;
        return Some((reader.at, (year, month, day), precision));
    }
    let (day, _) = reader.number().filter(|(_, len)| *len <= 2)?;
    ordinal(&mut reader);
    reader.spaces();
    let month = reader.month()?;
    reader.skip(b'.');
    reader.skip(b',');
    reader.spaces();
    let (year, precision) = reader.year()?;
    Some((reader.at, (year, month, day), precision))
}

/// What makes a number an ordinal: `1:a`, `3:e`, `3rd`, `3.`.
fn ordinal(reader: &mut Reader<'_>) {
    for ending in [":e", ":a", ":de", "st", "nd", "rd", "th", "."] {
        if reader.text[reader.at..].starts_with(ending.as_bytes()) {
            reader.at += ending.len();
            return;
        }
    }
}

/// Dates of numbers alone.
fn numbers(mut reader: Reader<'_>) -> Option<Found> {
    if matches!(reader.text.get(reader.at), Some(b'-' | b'\'')) {
        let (year, precision) = reader.year()?;
        let whole = if year < 30 { 2000 + year } else { 1900 + year };
        return (precision == Precision::ShortYear).then_some((
            reader.at,
            (whole, 0, 0),
            Precision::Year,
        ));
    }
    let (first, len) = reader.number()?;
    match len {
        8 => {
            return Some((
                reader.at,
                (first / 10_000, first / 100 % 100, first % 100),
                Precision::Full,
            ));
        }
        6 => {
            return Some((
                reader.at,
                (first / 10_000, first / 100 % 100, first % 100),
                Precision::ShortYear,
            ));
        }
        1 | 2 | 4 => {}
        _ => return None,
    }
    let separator = reader.text.get(reader.at).copied().filter(|byte| b"-./ ".contains(byte));
    let alone = (reader.at, (first, 0, 0), Precision::Year);
    let Some(separator) = separator else { return (len == 4).then_some(alone) };
    let mut rest = Reader { at: reader.at + 1, ..reader };
    rest.spaces();
    let second = rest.number().filter(|(_, len)| *len <= 2);
    if len == 4 {
        let third = second.filter(|_| rest.skip(separator)).and_then(|(month, _)| {
            rest.number().filter(|(_, len)| *len <= 2).map(|(day, _)| (month, day))
        });
        let found = third.map(|(month, day)| (rest.at, (first, month, day), Precision::Full));
        // A year before something else: the next sentence, a range of years.
        let range =
            separator == b'-' && reader.text.get(reader.at + 1).is_some_and(u8::is_ascii_digit);
        return found.or_else(|| (!range).then_some(alone));
    }
    let (month, _) = second?;
    if !rest.skip(separator) && separator != b'/' {
        return None;
    }
    rest.spaces();
    let (year, precision) = rest.year()?;
    Some((rest.at, (year, month, first), precision))
}

fn is_past(year: u32, month: u32, day: u32, today: Date) -> bool {
    let small = |number| u8::try_from(number).unwrap_or(u8::MAX);
    let year = u16::try_from(year).unwrap_or(u16::MAX);
    year >= OLDEST
        && small(month) > 0
        && small(day) <= days_in(year, small(month))
        && Date::new(year, small(month), small(day)).is_some_and(|date| date <= today)
}

/// Whether nothing goes on behind a date, as the last four of a personal number would.
fn closes(text: &[u8], end: usize) -> bool {
    match text.get(end..) {
        Some([byte, ..]) if byte.is_ascii_alphanumeric() || *byte >= 0x80 || *byte == b'_' => false,
        Some([b'-' | b'+' | b'.' | b'/' | b':', next, ..]) => !next.is_ascii_digit(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Option<(usize, Precision)> {
        read(text.as_bytes(), 0, Date::new(2026, 11, 22).unwrap())
    }

    #[test]
    fn dates_are_read_in_every_form() {
        for text in [
            "1962-03-01",
            "1962/3/1",
            "19620301",
            "1.3.1962",
            "1. 3. 1962",
            "1/3/1962",
            "1-3-1962",
            "1 mars 1962",
            "1 MARS 1962",
            "1:a mars 1962",
            "1. maaliskuuta 1962",
            "March 1, 1962",
            "1st March 1962",
            "12. kesäkuuta 1962",
            "1/3 1962",
        ] {
            assert_eq!(seen(text), Some((text.len(), Precision::Full)), "{text}");
        }
        for text in ["620301", "1/3 -62", "1.3.62", "1 mars -62", "1 mars '62", "1/3-62"] {
            assert_eq!(seen(text), Some((text.len(), Precision::ShortYear)), "{text}");
        }
        for text in ["1962", "-62"] {
            assert_eq!(seen(text), Some((text.len(), Precision::Year)), "{text}");
        }
    }

    #[test]
    fn what_does_not_exist_is_no_date() {
        for text in [
            "1962-02-30",
            "2030-01-01",
            "19621301",
            "32.3.1962",
            "1 marsch 1962",
            "811218-9876",
            "1962-1965",
            "12345",
            "3",
            "1.3",
            "mars",
            "",
            "1700",
            "1/13 -62",
            "19811218-9876",
        ] {
            assert_eq!(seen(text), None, "{text}");
        }
    }
}
