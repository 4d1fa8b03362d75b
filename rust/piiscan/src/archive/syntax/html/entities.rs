//! Character references of HTML: `&aring;`, `&#229;`, `&#xE5;`.
//!
//! One reference is one atomic piece, everything else is identity. The names are those of the HTML Living Standard, 13.5; without a
//! semicolon only the old ones count, and in an attribute not before `=` or a letter (13.2.5.73). Numbers 128 to 159
//! mean windows-1252, and what is no character becomes U+FFFD.

use std::collections::HashMap;
use std::sync::LazyLock;

use memchr::memchr;

use crate::error::Error;
use crate::view::{Codec, Piece, Plain};

/// The longest name, `CounterClockwiseContourIntegral;`, and the longest without a semicolon, `frac12` and its like.
const NAME_MAX: usize = 32;
const BARE_MAX: usize = 6;

static NAMES: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    include_str!("../../../../data/html/entities.tsv")
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, text)| match text {
            "\\n" => (name, "\n"),
            "\\t" => (name, "\t"),
            _ => (name, text),
        })
        .collect()
});

/// Text between tags.
#[derive(Debug)]
pub(super) struct HtmlText;

/// The value of an attribute.
#[derive(Debug)]
pub(super) struct HtmlAttr;

impl Codec for HtmlText {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        decode(raw, Place::Text, out, map);
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        encode(text, out);
        Ok(())
    }
}

impl Codec for HtmlAttr {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        decode(raw, Place::Attribute, out, map);
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        encode(text, out);
        Ok(())
    }
}

/// The value of an attribute without quotes: it must not become empty, and holds no blank.
#[derive(Debug)]
pub(super) struct HtmlBare;

impl Codec for HtmlBare {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        decode(raw, Place::Attribute, out, map);
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        let text = if text.is_empty() { EMPTY } else { text };
        for (at, word) in text.split(' ').enumerate() {
            if at > 0 {
                out.extend_from_slice(b"&#32;");
            }
            encode(word, out);
        }
        Ok(())
    }
}

/// Stands for a value of which nothing is left: else the next attribute would become the value.
const EMPTY: &str = "_";

/// The codec for such text: references cost a pass only where there are any.
pub(super) fn codec_of(raw: &[u8], codec: &'static dyn Codec) -> &'static dyn Codec {
    if memchr(b'&', raw).is_some() { codec } else { &Plain }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    Attribute,
}

fn decode(raw: &[u8], place: Place, out: &mut Vec<u8>, mut map: Option<&mut Vec<Piece>>) {
    let start = out.len();
    let mut at = 0;
    let mut plain = 0;
    while let Some(found) = memchr(b'&', &raw[at..]) {
        at += found;
        let Some((len, text)) = reference(&raw[at..], place) else {
            at += 1;
            continue;
        };
        copy(raw, plain..at, start, out, map.as_deref_mut());
        if let Some(map) = map.as_deref_mut() {
            map.push(Piece::atomic(out.len() - start, text.len(), at as u64, len));
        }
        out.extend_from_slice(text.as_bytes());
        at += len;
        plain = at;
    }
    copy(raw, plain..raw.len(), start, out, map);
}

/// Appends raw bytes that stand for themselves.
pub(in super::super) fn copy(
    raw: &[u8],
    range: std::ops::Range<usize>,
    start: usize,
    out: &mut Vec<u8>,
    map: Option<&mut Vec<Piece>>,
) {
    if range.is_empty() {
        return;
    }
    if let Some(map) = map {
        map.push(Piece::identity(out.len() - start, range.start as u64, range.len()));
    }
    out.extend_from_slice(&raw[range]);
}

/// A short text, owned or of the table.
enum Text {
    Name(&'static str),
    Char(char, [u8; 4]),
}

impl Text {
    fn len(&self) -> usize {
        self.as_bytes().len()
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Name(text) => text.as_bytes(),
            Self::Char(c, bytes) => &bytes[..c.len_utf8()],
        }
    }
}

/// Length and text of the reference that starts here, at `&`.
fn reference(raw: &[u8], place: Place) -> Option<(usize, Text)> {
    if raw.get(1) == Some(&b'#') {
        return numeric(raw);
    }
    let name = &raw[1..raw.len().min(NAME_MAX + 1)];
    let len = name.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(name.len());
    if name.get(len) == Some(&b';')
        && let Some(text) = lookup(&name[..=len])
    {
        return Some((len + 2, Text::Name(text)));
    }
    let (len, text) =
        (2..=len.min(BARE_MAX)).rev().find_map(|len| Some((len, lookup(&name[..len])?)))?;
    let next = name.get(len).copied().unwrap_or(b' ');
    let is_part = place == Place::Attribute && (next == b'=' || next.is_ascii_alphanumeric());
    (!is_part).then_some((len + 1, Text::Name(text)))
}

fn lookup(name: &[u8]) -> Option<&'static str> {
    NAMES.get(std::str::from_utf8(name).ok()?).copied()
}

fn numeric(raw: &[u8]) -> Option<(usize, Text)> {
    let (radix, first) = match raw.get(2)? {
        b'x' | b'X' => (16, 3),
        _ => (10, 2),
    };
    let mut value = 0_u32;
    let mut at = first;
    while let Some(digit) = raw.get(at).and_then(|byte| char::from(*byte).to_digit(radix)) {
        value = value.saturating_mul(radix).saturating_add(digit);
        at += 1;
    }
    if at == first {
        return None;
    }
    let c = match value {
        0x80..=0x9f => windows_1252(u8::try_from(value).expect("is below 256")),
        0 => char::REPLACEMENT_CHARACTER,
        _ => char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    let mut bytes = [0; 4];
    c.encode_utf8(&mut bytes);
    Some((at + usize::from(raw.get(at) == Some(&b';')), Text::Char(c, bytes)))
}

fn windows_1252(byte: u8) -> char {
    let bytes = [byte];
    let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes);
    text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn encode(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'"' => out.extend_from_slice(b"&quot;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            _ => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::View;

    fn decoded(raw: &str, codec: &'static dyn Codec) -> String {
        String::from_utf8(View::coded(raw.as_bytes(), 0, codec).bytes().into_owned()).unwrap()
    }

    #[test]
    fn references_become_characters() {
        assert_eq!(decoded("g&aring;s &#229;&#xE5; &euro;&#128;&commat;", &HtmlText), "gås åå €€@");
        assert_eq!(decoded("&#0;&#xD800;&#99999999999;", &HtmlText), "\u{fffd}\u{fffd}\u{fffd}");
    }

    #[test]
    fn what_is_no_reference_stays() {
        assert_eq!(
            decoded("a & b &; &unknown; &# &#x; &", &HtmlText),
            "a & b &; &unknown; &# &#x; &"
        );
    }

    #[test]
    fn old_names_need_no_semicolon_but_in_attributes() {
        assert_eq!(decoded("&aringsa &copy=1", &HtmlText), "åsa ©=1");
        assert_eq!(decoded("?a=1&copy=1&aring", &HtmlAttr), "?a=1&copy=1å");
    }

    #[test]
    fn a_reference_is_taken_whole() {
        let view = View::coded(b"1&#50;3", 10, &HtmlText);
        assert_eq!(view.edits(1..2, "<x>").unwrap()[0].raw, 11..16);
        assert_eq!(view.edits(1..2, "<x>").unwrap()[0].bytes, b"&lt;x&gt;");
    }

    #[test]
    fn the_lengths_of_names_are_known() {
        assert!(NAMES.keys().all(|name| name.len() <= NAME_MAX));
        let bare = NAMES.keys().filter(|name| !name.ends_with(';'));
        assert_eq!(bare.map(|name| name.len()).max(), Some(BARE_MAX));
    }
}
