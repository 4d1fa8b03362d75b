//! The parts of an address as they stand in a text: number of a house, door, postcode and city, box.

use memchr::memchr_iter;

use super::words::{BOXES, UNITS};
use crate::detect::person_name::phrase::{is_upper, is_word};
use crate::finding::Countries;

const NUMBER_MAX: usize = 4; // digits of a number of a house
const BOX_MAX: usize = 5; // digits of a number of a box
const CITY_MAX: usize = 40; // bytes

/// Two words of one city: the first is one of these.
const CITY_PARTS: &[&str] = &[
    "Norra",
    "Södra",
    "Östra",
    "Västra",
    "Stora",
    "Lilla",
    "Nya",
    "Gamla",
    "Upplands",
    "Sankt",
    "Saint",
    "Mariehamn",
    "København",
    "Oslo",
    "Uusi",
];

fn digits(text: &[u8], at: usize) -> usize {
    text[at.min(text.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// The end of the word at `at`.
fn word_end(text: &[u8], at: usize) -> usize {
    (at..text.len()).find(|at| !is_word(text[*at])).unwrap_or(text.len())
}

fn is_border(text: &[u8], at: usize) -> bool {
    text.get(at).is_none_or(|byte| !is_word(*byte) && !byte.is_ascii_digit() && *byte != b'_')
}

/// The end of a number of a house with its letter or range, if it is one.
pub(super) fn house(text: &[u8], at: usize) -> Option<usize> {
    let len = digits(text, at);
    if len == 0 || len > NUMBER_MAX || text[at] == b'0' {
        return None;
    }
    let mut end = letter(text, at + len);
    if matches!(text.get(end), Some(b'-' | b'/')) {
        let more = digits(text, end + 1);
        if (1..=NUMBER_MAX).contains(&more) {
            end = letter(text, end + 1 + more);
        }
    }
    let goes_on = matches!(text.get(end), Some(b'.' | b',' | b':' | b'-' | b'/'))
        && text.get(end + 1).is_some_and(u8::is_ascii_digit);
    (is_border(text, end) && !goes_on && !counts_something(text, end)).then_some(end)
}

/// Behind the letter of an entrance, with or without a space before it.
fn letter(text: &[u8], at: usize) -> usize {
    match text.get(at..) {
        Some([b'A'..=b'Z' | b'a'..=b'z', ..]) if is_border(text, at + 1) => at + 1,
        Some([b' ', b'A'..=b'H', ..]) if is_border(text, at + 2) => at + 2,
        _ => at,
    }
}

fn counts_something(text: &[u8], end: usize) -> bool {
    let start = end + usize::from(text.get(end) == Some(&b' '));
    let word = &text[start..word_end(text, start)];
    if text.get(start) == Some(&b'%') {
        return true;
    }
    UNITS.iter().any(|unit| unit.as_bytes() == word)
}

/// Whether the number of a house could be a year.
pub(super) fn is_year(text: &[u8], at: usize) -> bool {
    digits(text, at) == 4 && matches!(&text[at..at + 2], b"19" | b"20")
}

/// The end of the door behind the number of a house: `lgh 1102`, `3 tr`, `as. 5`, `B 12`.
pub(super) fn door(text: &[u8], at: usize) -> usize {
    let start = match text.get(at..) {
        Some([b',', b' ', ..]) => at + 2,
        Some([b' ', ..]) => at + 1,
        _ => return at,
    };
    let rest = &text[start..];
    let numbered = ["lgh ", "lgh. ", "as. ", "as ", "bst ", "vån ", "våning ", "port ", "uppgång "];
    for word in numbered {
        if rest.starts_with(word.as_bytes()) {
            let from = start + word.len();
            let len = digits(text, from);
            let end = letter(text, from + len);
            return if (1..=4).contains(&len) || end > from { end } else { at };
        }
    }
    let len = digits(text, start);
    let floor = (1..=2).contains(&len) && text[start + len..].starts_with(b" tr");
    // The entrance belongs to the number of the house: `5 B 12`.
    let flat = (1..=3).contains(&len)
        && matches!(text.get(at.wrapping_sub(1)), Some(b'A'..=b'Z'))
        && text.get(at) == Some(&b' ')
        && is_border(text, start + len)
        && !counts_something(text, start + len);
    match () {
        () if floor && is_border(text, start + len + 3) => start + len + 3,
        () if flat => start + len,
        () => at,
    }
}

/// The end of a postcode and a city behind a comma, a space or one line break. Postcodes of four digits count on the same line, where
/// their countries are expected.
pub(super) fn postcode_and_city(text: &[u8], at: usize, locales: Countries) -> Option<usize> {
    let gap = text[at..].iter().take(4).take_while(|byte| b", \r\n".contains(byte)).count();
    let gap_text = &text[at..at + gap];
    let lines = memchr_iter(b'\n', gap_text).count();
    if gap == 0 || gap > 3 || lines > 1 {
        return None;
    }
    let mut start = at + gap;
    for prefix in ["SE-", "S-", "FI-", "AX-", "SE ", "FIN-"] {
        if text[start..].starts_with(prefix.as_bytes()) {
            start += prefix.len();
            break;
        }
    }
    let expected = || locales.meets(Countries::of("NO").with(Countries::of("DK")));
    let short = || (digits(text, start) == 4 && lines == 0 && expected()).then_some(start + 4);
    city(text, postcode(text, start).or_else(short)?)
}

/// The end of a postcode of five digits.
fn postcode(text: &[u8], at: usize) -> Option<usize> {
    match digits(text, at) {
        5 => Some(at + 5),
        3 if text[at] != b'0' && text.get(at + 3) == Some(&b' ') && digits(text, at + 4) == 2 => {
            Some(at + 6)
        }
        _ => None,
    }
}

/// The end of a city behind a postcode and one or two spaces.
fn city(text: &[u8], at: usize) -> Option<usize> {
    let gap = text[at..].iter().take(3).take_while(|byte| **byte == b' ').count();
    let start = at + gap;
    if !(1..=2).contains(&gap) || !is_upper(text, start) {
        return None;
    }
    let mut end = city_word(text, start);
    if CITY_PARTS.iter().any(|part| part.as_bytes() == &text[start..end])
        && text.get(end) == Some(&b' ')
        && (is_upper(text, end + 1) || text.get(end + 1).is_some_and(u8::is_ascii_uppercase))
    {
        end = city_word(text, end + 1);
    }
    let fits = (2..=CITY_MAX).contains(&(end - start)) && is_border(text, end);
    (fits && !UNITS.iter().any(|unit| unit.as_bytes().eq_ignore_ascii_case(&text[start..end])))
        .then_some(end)
}

/// The end of a word with hyphens.
fn city_word(text: &[u8], at: usize) -> usize {
    let mut end = word_end(text, at);
    while text.get(end) == Some(&b'-') && text.get(end + 1).copied().is_some_and(is_word) {
        end = word_end(text, end + 1);
    }
    end
}

/// The start of the postcode before a capital at `at` and the end of the city there.
pub(super) fn before_city(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let end = at.checked_sub(1).filter(|end| text[*end] == b' ')?;
    let [.., a, b, gap, d, e] = text[..end] else { return None };
    let start = match gap {
        b' ' if [a, b, d, e].iter().all(u8::is_ascii_digit) => end.checked_sub(6)?,
        _ if [a, b, gap, d, e].iter().all(u8::is_ascii_digit) => end - 5,
        _ => return None,
    };
    if postcode(text, start)? != end {
        return None;
    }
    let mut from = start;
    for prefix in ["SE-", "S-", "FI-", "AX-", "FIN-"] {
        if text[..start].ends_with(prefix.as_bytes()) {
            from = start - prefix.len();
        }
    }
    let open = match &text[..from] {
        [] => true,
        // Groups of a longer number, a telephone number, an amount.
        [.., digit, b' ' | b'.' | b',' | b'-' | b'/' | b':'] if digit.is_ascii_digit() => {
            text[from - 1] == b','
        }
        [.., byte] => !is_word(*byte) && !byte.is_ascii_digit() && !b"_@-+./".contains(byte),
    };
    let end = city(text, end)?;
    open.then_some((from, end))
}

/// The start of the word "Box" whose number begins at `at`, and the end of the number.
pub(super) fn post_box(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let before = text[..at].strip_suffix(b" ")?;
    let found = BOXES
        .iter()
        .filter(|word| before.ends_with(word.as_bytes()))
        .max_by_key(|word| word.len())?;
    let start = before.len() - found.len();
    let opens = start == 0 || !is_word(text[start - 1]) && !b"_-@.".contains(&text[start - 1]);
    let len = digits(text, at);
    let end = at + len;
    (opens && (1..=BOX_MAX).contains(&len) && is_border(text, end) && !counts_something(text, end))
        .then_some((start, end))
}
