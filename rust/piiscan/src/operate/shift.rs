//! A date moved by days, in the form it had.

use jiff::ToSpan as _;
use jiff::civil::Date;

/// The date moved by `days`; `None` if the text is no whole date in digits.
pub(super) fn moved(text: &str, days: i32) -> Option<String> {
    let mut groups: Vec<(usize, &str)> = Vec::new();
    for group in text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()) {
        // A subslice of the text: its place is the distance of their starts.
        let at = group.as_ptr() as usize - text.as_ptr() as usize;
        groups.push((at, group));
    }
    let (order, fields): ([usize; 3], [(usize, &str); 3]) = match *groups.as_slice() {
        [a, b, c] if a.1.len() == 4 => ([0, 1, 2], [a, b, c]),
        [a, b, c] if c.1.len() == 4 => ([2, 1, 0], [a, b, c]),
        _ => return None,
    };
    let number = |at: usize| fields[order[at]].1.parse::<i16>().ok();
    let date =
        Date::new(number(0)?, i8::try_from(number(1)?).ok()?, i8::try_from(number(2)?).ok()?)
            .ok()?;
    let moved = date.checked_add(days.days()).ok()?;
    let mut values = [String::new(), String::new(), String::new()];
    for (at, value) in [i32::from(moved.year()), i32::from(moved.month()), i32::from(moved.day())]
        .iter()
        .enumerate()
    {
        let wide = fields[order[at]].1.len() > 1;
        values[order[at]] = if wide { format!("{value:02}") } else { value.to_string() };
    }
    let mut out = String::with_capacity(text.len() + 2);
    let mut end = 0;
    for ((at, group), value) in fields.iter().zip(&values) {
        out.push_str(&text[end..*at]);
        out.push_str(value);
        end = at + group.len();
    }
    out.push_str(&text[end..]);
    out.is_ascii().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_keeps_its_form() {
        for (text, days, expected) in [
            ("1981-12-18", 14, "1982-01-01"),
            ("18.12.1981", 14, "01.01.1982"),
            ("1.2.2024", 28, "29.2.2024"),
            ("1981/12/18", -365, "1980/12/18"),
        ] {
            assert_eq!(moved(text, days).as_deref(), Some(expected), "{text}");
        }
        for text in ["1981-13-18", "18.12.81", "i maj", "1981"] {
            assert_eq!(moved(text, 1), None, "{text}");
        }
    }
}
