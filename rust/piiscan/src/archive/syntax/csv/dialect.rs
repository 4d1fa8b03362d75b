//! The delimiter and the names of columns, from the head of an object.

use super::records::{Cell, record};

/// Records of a head that are looked at.
const PROBE_RECORDS: usize = 50;

/// Longest name of a column, in bytes.
const NAME_MAX: usize = 64;

/// Delimiters in the order of ties.
const DELIMITERS: &[u8] = b";,\t|";

/// How cells are written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    /// Whether the first line is `sep=`.
    pub(super) declared: bool,
    /// Names of columns; empty if the first row has none.
    pub(super) columns: Vec<String>,
    pub(super) fit: Fit,
}

/// How plainly a text is CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// One column, or columns that vary.
    None,
    /// Two or more columns, but few records or a delimiter that prose has as well.
    Weak,
    /// The same columns in nearly all of several records.
    Constant,
    /// Says so itself.
    Declared,
}

impl Dialect {
    /// Looks at the head of a text. A record that the head cuts off does not count.
    pub(super) fn detect(text: &[u8]) -> Self {
        let (declared, text) = match declaration(text) {
            Some((delimiter, len)) => (Some(delimiter), &text[len..]),
            None => (None, text),
        };
        // Without any fit: a tab in text is hardly anything but a delimiter.
        let fallback = if text.contains(&b'\t') { b'\t' } else { DELIMITERS[0] };
        let mut best = (Fit::None, 0, fallback);
        for delimiter in declared.as_slice().iter().chain(DELIMITERS).take(if declared.is_some() {
            1
        } else {
            4
        }) {
            let (fit, share) = fit(text, *delimiter);
            if fit > Fit::None && (fit, share) > (best.0, best.1) || declared.is_some() {
                best = (fit, share, *delimiter);
            }
        }
        let fit = if declared.is_some() { Fit::Declared } else { best.0 };
        let columns = names(text, best.2);
        Self { delimiter: best.2, declared: declared.is_some(), columns, fit }
    }

    /// Number of rows before the first message.
    pub(super) fn heading(&self) -> usize {
        usize::from(self.declared) + usize::from(!self.columns.is_empty())
    }
}

/// The delimiter of a `sep=` line, and the length of the line.
fn declaration(text: &[u8]) -> Option<(u8, usize)> {
    let end = memchr::memchr2(b'\n', b'\r', text)?;
    let line = text[..end].trim_ascii_start().to_ascii_lowercase();
    let rest = line.strip_prefix(b"sep=").or_else(|| line.strip_prefix(b"\"sep="))?;
    let delimiter = *rest.first()?;
    let len = end + if text[end..].starts_with(b"\r\n") { 2 } else { 1 };
    // A byte of a character would cut characters apart.
    let is_delimiter = delimiter == b'\t' || delimiter.is_ascii_punctuation() && delimiter != b'"';
    (is_delimiter && rest.len() <= 2).then_some((delimiter, len))
}

/// How constant the number of columns is with a delimiter, and how many records in a thousand have it.
fn fit(text: &[u8], delimiter: u8) -> (Fit, usize) {
    let mut counts = Vec::new();
    let mut cells = Vec::new();
    let mut at = 0;
    while counts.len() < PROBE_RECORDS && at < text.len() {
        let Ok(found) = record(text, at, delimiter, false, &mut cells) else { break };
        at = found.end;
        if !cells.iter().all(Cell::is_empty) {
            counts.push(cells.len());
        }
    }
    if counts.is_empty() && record(text, 0, delimiter, true, &mut cells).is_ok() {
        counts.push(cells.len());
    }
    let columns = counts
        .iter()
        .copied()
        .max_by_key(|count| (counts.iter().filter(|other| *other == count).count(), *count));
    let Some(columns) = columns.filter(|columns| *columns > 1) else { return (Fit::None, 0) };
    let share = 1000 * counts.iter().filter(|count| **count == columns).count() / counts.len();
    let rare_in_prose = matches!(delimiter, b';' | b'\t') || columns > 2;
    if share >= 900 && counts.len() > 2 && rare_in_prose {
        (Fit::Constant, share)
    } else if share > 500 {
        (Fit::Weak, share)
    } else {
        (Fit::None, share)
    }
}

/// The first row, if it holds names: every cell is filled, short, different from the others, and no cell looks like data.
fn names(text: &[u8], delimiter: u8) -> Vec<String> {
    let mut cells = Vec::new();
    if record(text, 0, delimiter, true, &mut cells).is_err() {
        return Vec::new();
    }
    let mut names = Vec::with_capacity(cells.len());
    for cell in &cells {
        let text = match *cell {
            Cell::Bare { from, to } | Cell::Quoted { from, to, .. } => &text[from..to],
        };
        let name = String::from_utf8_lossy(text).trim().replace("\"\"", "\"");
        let digits = name.bytes().filter(u8::is_ascii_digit).count();
        let is_name = !name.is_empty()
            && name.len() <= NAME_MAX
            && digits < 5
            && digits < name.len()
            && !name.contains('@')
            && !names.contains(&name);
        if !is_name {
            return Vec::new();
        }
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_constant_delimiter_wins() {
        for (text, delimiter, fit) in [
            ("a;b;c\n1,5;2;3\n4;5,1;6\n", b';', Fit::Constant),
            ("a,b,c\n1,2,3\n4,5,\"x;y\nz\"\n", b',', Fit::Constant),
            ("a\tb\n1\t2\n3\t4\n", b'\t', Fit::Constant),
            ("sep=|\na;b\nc;d\n", b'|', Fit::Declared),
            ("Hej, du\nTa, den\nJa, nu\n", b',', Fit::Weak),
            ("Hej du.\nTa den, nu, och gå.\n", b';', Fit::None),
        ] {
            let found = Dialect::detect(text.as_bytes());
            assert_eq!((found.delimiter, found.fit), (delimiter, fit), "{text:?}");
        }
    }

    #[test]
    fn a_byte_of_a_character_is_no_delimiter() {
        assert!(!Dialect::detect("sep=å\na;b\nc;d\n".as_bytes()).declared);
        assert!(!Dialect::detect(b"sep=\"\na;b\n").declared);
    }

    #[test]
    fn names_are_told_from_data() {
        assert_eq!(
            Dialect::detect(b"Namn;E-post;Rad 2\nA;b;c\n").columns,
            ["Namn", "E-post", "Rad 2"]
        );
        for data in ["Anna;0701740605\n", "a;a\n", "a;\n", "a;b@example.org\n", "1;2\n"] {
            assert!(Dialect::detect(data.as_bytes()).columns.is_empty(), "{data}");
        }
    }
}
