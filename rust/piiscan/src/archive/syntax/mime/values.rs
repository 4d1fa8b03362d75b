//! Values of header fields as views: folding, encoded words, 8-bit bytes, addresses.
//!
//! A line end within a value is a soft gap. Bytes that are not UTF-8 are windows-1252. In an address field the edit of an address writes a
//! valid one, and the edit of a name writes a valid phrase, so that mail programs can still read the field (RFC 5322, 3.4).

use std::ops::Range;

use memchr::memchr2;

use super::words::{self, Words};
use crate::archive::charset;
use crate::error::{Error, ErrorKind};
use crate::view::{Codec, Part, Piece, Plain, View};

/// The domain of written addresses; `.invalid` never resolves (RFC 2606).
const DOMAIN: &str = "@piiscan.invalid";

/// What stands for an address whose token has no letters.
const REMOVED: &str = "borttagen";

/// Unstructured text.
#[derive(Debug)]
pub(super) struct Folded;

/// A value that says how the mail is to be read. It cannot be replaced: nobody could read the mail any more.
#[derive(Debug)]
pub(super) struct Structure;

/// A display name outside of quotes.
#[derive(Debug)]
struct Phrase;

/// An address, without its brackets.
#[derive(Debug)]
struct Address;

/// Removes line ends and decodes 8-bit bytes.
fn unfold(raw: &[u8], out: &mut Vec<u8>, mut map: Option<&mut Vec<Piece>>) {
    let start = out.len();
    let codec: &dyn Codec = if std::str::from_utf8(raw).is_ok() {
        &Plain
    } else {
        charset::codec(encoding_rs::WINDOWS_1252)
    };
    let mut at = 0;
    while at < raw.len() {
        let len = memchr2(b'\r', b'\n', &raw[at..]).unwrap_or(raw.len() - at);
        if len > 0 {
            let (log, first) = (out.len() - start, map.as_deref().map_or(0, Vec::len));
            codec.decode(&raw[at..at + len], out, map.as_deref_mut());
            let log = u32::try_from(log).expect("fields are capped below 4 GiB");
            for piece in map.as_deref_mut().into_iter().flat_map(|map| &mut map[first..]) {
                piece.log += log;
                piece.raw += at as u64;
            }
        }
        at += len + 1;
    }
}

impl Codec for Folded {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        unfold(raw, out, map);
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        Plain.encode(text, out)
    }
}

impl Codec for Structure {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        unfold(raw, out, map);
    }

    fn encode(&self, _text: &str, _out: &mut Vec<u8>) -> Result<(), Error> {
        Err(Error::new(ErrorKind::Config, "the mail needs this field as it is"))
    }
}

impl Codec for Phrase {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        unfold(raw, out, map);
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        if text.bytes().all(|byte| is_atom(byte) || byte == b' ') {
            return Plain.encode(text, out);
        }
        out.push(b'"');
        for byte in text.bytes() {
            if matches!(byte, b'"' | b'\\') {
                out.push(b'\\');
            }
            out.push(byte);
        }
        out.push(b'"');
        Ok(())
    }
}

impl Codec for Address {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        unfold(raw, out, map);
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        let first = out.len();
        out.extend(
            text.bytes().filter(|byte| is_atom(*byte)).map(|byte| byte.to_ascii_lowercase()),
        );
        if out.len() == first {
            out.extend_from_slice(REMOVED.as_bytes());
        }
        out.extend_from_slice(DOMAIN.as_bytes());
        Ok(())
    }

    fn replaces_whole(&self) -> bool {
        true
    }
}

/// A character of an atom (RFC 5322, 3.2.3).
fn is_atom(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

/// Bytes of the object at a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a> {
    pub(super) raw: &'a [u8],
    pub(super) at: u64,
}

impl<'a> Value<'a> {
    fn part(self, range: Range<usize>, codec: &'static dyn Codec) -> Part<'a> {
        let at = self.at + range.start as u64;
        Part { raw: &self.raw[range], at, codec, hard: false }
    }

    fn is_plain(self) -> bool {
        self.raw.is_ascii() && memchr2(b'\r', b'\n', self.raw).is_none()
    }

    /// Unstructured text: a subject.
    pub(super) fn text(self) -> View<'a> {
        match words::find(self.raw, 0) {
            None if self.is_plain() => View::plain(self.raw, self.at),
            None => View::coded(self.raw, self.at, &Folded),
            Some(_) => {
                let mut parts = Vec::new();
                self.push(0..self.raw.len(), &Folded, &mut parts);
                View::joined(parts)
            }
        }
    }

    /// A value of the protocol.
    pub(super) fn structure(self) -> View<'a> {
        View::coded(self.raw, self.at, &Structure)
    }

    /// Appends a stretch, its encoded words apart.
    fn push(self, range: Range<usize>, codec: &'static dyn Codec, parts: &mut Vec<Part<'a>>) {
        let text = &self.raw[..range.end];
        let mut at = range.start;
        while let Some(run) = words::find(text, at) {
            if at < run.start {
                parts.push(self.part(at..run.start, codec));
            }
            parts.push(self.part(run.clone(), &Words));
            at = run.end;
        }
        if at < range.end {
            parts.push(self.part(at..range.end, codec));
        }
    }

    /// A list of addresses with names and comments.
    pub(super) fn addresses(self) -> View<'a> {
        let raw = self.raw;
        let mut parts = Vec::new();
        let mut at = 0;
        while let Some(byte) = raw.get(at) {
            let from = at;
            match byte {
                b'"' | b'(' => {
                    at = closed(raw, at);
                    self.push(from..at, &Folded, &mut parts);
                }
                b'<' => {
                    let rest = &raw[at + 1..];
                    let len = rest.iter().position(|byte| matches!(byte, b'>' | b',' | b'<'));
                    let end = at + 1 + len.unwrap_or(rest.len());
                    parts.push(self.part(from..from + 1, &Folded));
                    let codec: &dyn Codec =
                        if raw[from + 1..end].contains(&b'@') { &Address } else { &Folded };
                    if from + 1 < end {
                        parts.push(self.part(from + 1..end, codec));
                    }
                    at = end;
                }
                _ => {
                    let is_end = |byte: &u8| matches!(byte, b'"' | b'(' | b'<');
                    let rest = &raw[at + 1..];
                    at += 1 + rest.iter().position(is_end).unwrap_or(rest.len());
                    self.push_bare(from..at, &mut parts);
                }
            }
        }
        if parts.is_empty() { View::plain(raw, self.at) } else { View::joined(parts) }
    }

    /// Appends text outside of quotes and brackets: phrases, and addresses without brackets.
    fn push_bare(self, range: Range<usize>, parts: &mut Vec<Part<'a>>) {
        let is_end =
            |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b';' | b':' | b'>');
        let mut phrase = range.start;
        let mut at = range.start;
        while at < range.end {
            let rest = &self.raw[at..range.end];
            let len = rest.iter().position(|byte| is_end(*byte)).unwrap_or(rest.len());
            let word = &rest[..len];
            if word.contains(&b'@') && !word.starts_with(b"=?") {
                if phrase < at {
                    self.push(phrase..at, &Phrase, parts);
                }
                parts.push(self.part(at..at + len, &Address));
                phrase = at + len;
            }
            at += len + 1;
        }
        if phrase < range.end {
            self.push(phrase..range.end, &Phrase, parts);
        }
    }
}

/// Where the quoted string or comment that starts here ends. Comments nest (RFC 5322, 3.2.2).
fn closed(raw: &[u8], from: usize) -> usize {
    let mut depth = 0_u32;
    let mut at = from;
    while let Some(byte) = raw.get(at) {
        at += 1;
        match byte {
            b'\\' => at += 1,
            b'"' if raw[from] == b'"' && at > from + 1 => return at,
            b'(' if raw[from] == b'(' => depth += 1,
            b')' if raw[from] == b'(' => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    raw.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::settle;

    fn edited(raw: &str, view: &View<'_>, found: &str, token: &str) -> String {
        let text = String::from_utf8(view.bytes().into_owned()).unwrap();
        let at = text.find(found).unwrap();
        let edits = view.edits(at..at + found.len(), token).unwrap();
        let narrow = |range: Range<u64>| {
            &raw.as_bytes()
                [usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()]
        };
        let mut out = raw.as_bytes().to_vec();
        for edit in settle(edits, narrow).unwrap().into_iter().rev() {
            let raw =
                usize::try_from(edit.raw.start).unwrap()..usize::try_from(edit.raw.end).unwrap();
            out.splice(raw, edit.bytes);
        }
        String::from_utf8(out).unwrap()
    }

    fn value(raw: &str) -> Value<'_> {
        Value { raw: raw.as_bytes(), at: 0 }
    }

    fn decoded(view: &View<'_>) -> String {
        String::from_utf8(view.bytes().into_owned()).unwrap()
    }

    #[test]
    fn folding_is_a_soft_gap() {
        let view = value("nr 811218\r\n -9876").text();
        assert_eq!(decoded(&view), "nr 811218 -9876");
        assert_eq!(view.raw(3..15).ranges, 1);
        assert_eq!(
            edited(
                "nr 811218\r\n -9876 x",
                &value("nr 811218\r\n -9876 x").text(),
                "811218 -9876",
                "[x]"
            ),
            "nr [x] x"
        );
    }

    #[test]
    fn eight_bit_bytes_are_text() {
        let raw = b"\xc5sa\r\n Ek";
        let view = Value { raw, at: 5 }.text();
        assert_eq!(decoded(&view), "Åsa Ek");
        assert_eq!(view.raw(0..2).start..view.raw(0..2).end, 5..6);
        assert_eq!(decoded(&value("Åsa").text()), "Åsa");
    }

    #[test]
    fn words_stand_among_other_text() {
        let raw = "Sv: =?utf-8?Q?=C3=85sa?=\r\n =?utf-8?Q?_Ek?= (811218-9876)";
        assert_eq!(decoded(&value(raw).text()), "Sv: Åsa Ek (811218-9876)");
        assert_eq!(
            edited(raw, &value(raw).text(), "811218-9876", "[nr]"),
            raw.replace("811218-9876", "[nr]")
        );
        assert_eq!(
            edited(raw, &value(raw).text(), "Åsa Ek", "[namn]"),
            "Sv: =?utf-8?Q?=5Bnamn=5D?= (811218-9876)"
        );
    }

    #[test]
    fn an_address_field_stays_valid() {
        let raw = "Anna Ek <anna@example.se>, \"Ek, Bo\" <bo@example.se>, c@example.se (Cia)";
        let view = value(raw).addresses();
        assert_eq!(decoded(&view), raw);
        for (found, token, new) in [
            ("anna@example.se", "[e-post]", "e-post@piiscan.invalid"),
            ("bo@example.se", "[]", "borttagen@piiscan.invalid"),
            ("c@example.se", "EPO_bdf", "epo_bdf@piiscan.invalid"),
            ("Anna Ek", "[namn]", "\"[namn]\""),
            ("Ek, Bo", "[namn]", "[namn]"),
            ("Cia", "[namn]", "[namn]"),
        ] {
            assert_eq!(edited(raw, &view, found, token), raw.replace(found, new));
        }
    }

    #[test]
    fn a_value_of_the_protocol_is_not_replaced() {
        let view = value("multipart/mixed;\r\n boundary=b").structure();
        assert_eq!(decoded(&view), "multipart/mixed; boundary=b");
        assert!(view.edits(0..4, "[x]").is_err());
    }

    #[test]
    fn broken_address_fields_are_kept_whole() {
        for raw in ["\"Anna <a@b.se>", "<a@b.se", "a@b.se <", "((a)", "\\", "\"\\", "<>,<", ""] {
            assert_eq!(decoded(&value(raw).addresses()), raw);
        }
    }
}
