//! The header block: which lines belong to it, and where each field and its value stand.
//!
//! A field is a name, a colon and a value that may be folded over lines that begin with white space (RFC 5322, 2.2). Broken blocks
//! are read on: a line that is no field is kept as one if more fields follow, else the body begins there.

use std::ops::Range;

use super::lines::{is_header, line, name_len};

/// A header field, as ranges of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// The name; empty for a line that is no field.
    pub(super) name: Range<usize>,
    /// The value without the white space around it.
    pub(super) value: Range<usize>,
}

/// Why a block ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// A blank line, or the end of the bytes.
    Regular,
    /// A line that belongs to the body or is a boundary.
    NoBlankLine,
    /// Too many lines.
    Limit,
}

/// Reads a header block.
#[derive(Debug)]
pub(super) struct Headers<'m> {
    bytes: &'m [u8],
    at: usize,
    end: Option<End>,
}

impl<'m> Headers<'m> {
    /// The block that starts at `at`.
    pub(super) fn new(bytes: &'m [u8], at: usize) -> Self {
        Self { bytes, at, end: None }
    }

    /// Where the body starts, or what stopped the block. To be asked after the last field.
    pub(super) fn end(&self) -> (usize, End) {
        (self.at, self.end.unwrap_or(End::Regular))
    }

    /// The next field. `lines` counts down; `is_boundary` says whether a line ends the part.
    pub(super) fn next(
        &mut self,
        lines: &mut u64,
        is_boundary: impl Fn(&[u8]) -> bool,
    ) -> Option<Field> {
        if self.end.is_some() || self.at >= self.bytes.len() {
            return None;
        }
        let first = self.at;
        let (end, next) = line(self.bytes, first);
        let text = &self.bytes[first..end];
        if text.is_empty() {
            self.at = next;
            self.end = Some(End::Regular);
            return None;
        }
        if text.starts_with(b"--") && is_boundary(text) {
            self.end = Some(End::NoBlankLine);
            return None;
        }
        let name = name_len(text);
        if name.is_none() && !self.goes_on(text, next) {
            self.end = Some(End::NoBlankLine);
            return None;
        }
        let (mut end, mut next) = (end, next);
        loop {
            if *lines == 0 {
                self.end = Some(End::Limit);
                return None;
            }
            *lines -= 1;
            match self.bytes.get(next) {
                Some(b' ' | b'\t') => (end, next) = line(self.bytes, next),
                _ => break,
            }
        }
        self.at = next;
        let value = match name {
            Some(len) => {
                let colon = memchr::memchr(b':', &text[len..]).map_or(len, |at| len + at);
                first + colon + 1..end
            }
            None => first..end,
        };
        Some(Field { name: first..first + name.unwrap_or(0), value: trim(self.bytes, value) })
    }

    /// Whether a line that is no field stands within the block.
    fn goes_on(&self, text: &[u8], next: usize) -> bool {
        if text.starts_with(b"From ") || text.starts_with(b">From ") {
            return true;
        }
        let (end, _) = line(self.bytes, next);
        is_header(&self.bytes[next..end]) && text.len() < 256
    }
}

fn trim(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let text = &bytes[range.clone()];
    let front = text.len() - text.trim_ascii_start().len();
    let len = text.trim_ascii().len();
    range.start + front..range.start + front + len
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<(&str, &str)>, &str, End) {
        let mut headers = Headers::new(text.as_bytes(), 0);
        let mut lines = 5;
        let mut fields = Vec::new();
        while let Some(field) = headers.next(&mut lines, |line| line == b"--b") {
            fields.push((&text[field.name], &text[field.value]));
        }
        let (at, end) = headers.end();
        (fields, &text[at..], end)
    }

    #[test]
    fn a_field_may_be_folded() {
        let (fields, body, end) = read("A: b\r\n c\r\nD :\te \r\n\r\nbody");
        assert_eq!(fields, [("A", "b\r\n c"), ("D", "e")]);
        assert_eq!((body, end), ("body", End::Regular));
    }

    #[test]
    fn a_line_without_a_colon_is_kept_if_fields_follow() {
        let (fields, body, _) = read("A: b\nodd line\nC: d\n\nbody");
        assert_eq!(fields, [("A", "b"), ("", "odd line"), ("C", "d")]);
        assert_eq!(body, "body");
    }

    #[test]
    fn the_body_may_begin_without_a_blank_line() {
        let (fields, body, end) = read("A: b\nHej, här är texten\nmed mer");
        assert_eq!(fields, [("A", "b")]);
        assert_eq!((body, end), ("Hej, här är texten\nmed mer", End::NoBlankLine));
        assert_eq!(read("A: b\n--b\n").1, "--b\n");
    }

    #[test]
    fn lines_are_limited() {
        let (fields, body, end) = read("A: 1\nA: 2\n f\nA: 3\nA: 4\nA: 5\nA: 6");
        assert_eq!(fields.len(), 4);
        assert_eq!((body, end), ("A: 5\nA: 6", End::Limit));
    }
}
