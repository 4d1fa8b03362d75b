//! Records and cells, with the place of each in the text.

use memchr::{memchr, memchr3};

/// A quote that does not close within this many bytes is text.
const QUOTED_MAX: usize = 1 << 20;

/// A cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// Without quotes.
    Bare { from: usize, to: usize },
    /// `from..to` is the inside of the quotes. What stands behind the closing quote, up to `end`, is text as well.
    Quoted { from: usize, to: usize, end: usize },
}

impl Cell {
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Bare { from, to } => from == to,
            Self::Quoted { from, to, end } => from == to && to + 1 == *end,
        }
    }
}

/// A record that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Its end, behind the line end.
    pub(super) end: usize,
    /// Whether a quote was taken for text, because it does not close.
    pub(super) broken: bool,
}

/// The text ends within the record.
#[derive(Debug)]
pub(super) struct Short;

/// Reads the record at `from`. `complete`: nothing comes after the text.
pub(super) fn record(
    bytes: &[u8],
    from: usize,
    delimiter: u8,
    complete: bool,
    cells: &mut Vec<Cell>,
) -> Result<Record, Short> {
    match read(bytes, from, delimiter, complete, Quotes::Structure, cells) {
        Ok(end) => Ok(Record { end, broken: false }),
        Err(Stop::Short) => Err(Short),
        Err(Stop::Unbalanced) => {
            match read(bytes, from, delimiter, complete, Quotes::Text, cells) {
                Ok(end) => Ok(Record { end, broken: true }),
                Err(_) => Err(Short),
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Structure,
    Text,
}

enum Stop {
    Short,
    Unbalanced,
}

fn read(
    bytes: &[u8],
    from: usize,
    delimiter: u8,
    complete: bool,
    quotes: Quotes,
    cells: &mut Vec<Cell>,
) -> Result<usize, Stop> {
    cells.clear();
    let mut at = from;
    loop {
        let quoted = quotes == Quotes::Structure && bytes.get(at) == Some(&b'"');
        let close = if quoted { Some(closing(bytes, at + 1, complete)?) } else { None };
        let start = close.map_or(at, |close| close + 1);
        let end = match memchr3(delimiter, b'\n', b'\r', &bytes[start..]) {
            Some(found) => start + found,
            None if complete => bytes.len(),
            None => return Err(Stop::Short),
        };
        cells.push(match close {
            Some(close) => Cell::Quoted { from: at + 1, to: close, end },
            None => Cell::Bare { from: at, to: end },
        });
        match bytes.get(end) {
            Some(byte) if *byte == delimiter => at = end + 1,
            Some(b'\n') => return Ok(end + 1),
            Some(_) => {
                return match bytes.get(end + 1) {
                    Some(b'\n') => Ok(end + 2),
                    None if !complete => Err(Stop::Short),
                    _ => Ok(end + 1),
                };
            }
            None => return Ok(end),
        }
    }
}

/// The closing quote of the cell whose inside begins at `from`.
fn closing(bytes: &[u8], from: usize, complete: bool) -> Result<usize, Stop> {
    let window = &bytes[..bytes.len().min(from + QUOTED_MAX)];
    let mut at = from;
    while let Some(found) = memchr(b'"', &window[at..]) {
        at += found;
        match bytes.get(at + 1) {
            Some(b'"') => at = (at + 2).min(window.len()),
            None if !complete => return Err(Stop::Short),
            _ => return Ok(at),
        }
    }
    let known = complete || window.len() == from + QUOTED_MAX;
    Err(if known { Stop::Unbalanced } else { Stop::Short })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(bytes: &[u8]) -> Vec<Vec<String>> {
        let (mut at, mut cells, mut out) = (0, Vec::new(), Vec::new());
        while at < bytes.len() {
            at = record(bytes, at, b';', true, &mut cells).unwrap().end;
            let text = |cell: &Cell| match *cell {
                Cell::Bare { from, to } => String::from_utf8_lossy(&bytes[from..to]).into_owned(),
                Cell::Quoted { from, to, end } => {
                    let inside = String::from_utf8_lossy(&bytes[from..to]).replace("\"\"", "\"");
                    inside + &String::from_utf8_lossy(&bytes[to + 1..end])
                }
            };
            out.push(cells.iter().map(text).collect());
        }
        out
    }

    #[test]
    fn cells_know_their_place() {
        let mut cells = Vec::new();
        let found = record(b"a;\"b\nc\"x;\r\nd", 0, b';', false, &mut cells).unwrap();
        assert_eq!(found, Record { end: 11, broken: false });
        let bare = |from, to| Cell::Bare { from, to };
        assert_eq!(cells, [bare(0, 1), Cell::Quoted { from: 3, to: 6, end: 8 }, bare(9, 9)]);
    }

    #[test]
    fn a_record_that_is_cut_is_short() {
        let mut cells = Vec::new();
        for cut in ["a;b", "a;\"b\n", "a;\"b\"", "a;b\r"] {
            assert!(record(cut.as_bytes(), 0, b';', false, &mut cells).is_err(), "{cut:?}");
            assert!(record(cut.as_bytes(), 0, b';', true, &mut cells).is_ok(), "{cut:?}");
        }
    }

    #[test]
    fn a_quote_that_does_not_close_is_text() {
        assert_eq!(texts(b"a;\"b\nc;d\n"), [["a", "\"b"], ["c", "d"]]);
        let long = format!("\"{}\na;b\n", "x".repeat(QUOTED_MAX));
        let mut cells = Vec::new();
        let found = record(long.as_bytes(), 0, b';', false, &mut cells).unwrap();
        assert_eq!(found, Record { end: QUOTED_MAX + 2, broken: true });
    }

    proptest! {
        #[test]
        fn agrees_with_csv_core(text in "[a;\"\n\r ]{0,40}") {
            // An open quote is read to the end there, and two line ends are one.
            prop_assume!(!texts(text.as_bytes()).iter().any(|row| row.iter().any(|cell| cell.starts_with('"'))));
            let mut reader = csv_core::ReaderBuilder::new().delimiter(b';').build();
            let (mut input, mut rows, mut row) = (text.as_bytes(), Vec::new(), Vec::new());
            let mut field = Vec::new();
            loop {
                let mut out = [0; 64];
                let (result, read, written) = reader.read_field(input, &mut out);
                input = &input[read..];
                field.extend_from_slice(&out[..written]);
                match result {
                    csv_core::ReadFieldResult::Field { record_end } => {
                        row.push(String::from_utf8(std::mem::take(&mut field)).unwrap());
                        if record_end {
                            rows.push(std::mem::take(&mut row));
                        }
                    }
                    csv_core::ReadFieldResult::End => break,
                    _ => {}
                }
            }
            let blank = |row: &Vec<String>| row.iter().all(String::is_empty);
            rows.retain(|row| !blank(row));
            let mut own = texts(text.as_bytes());
            own.retain(|row| !blank(row));
            prop_assert_eq!(own, rows);
        }
    }
}
