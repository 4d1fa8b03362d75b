//! Codecs of JSON: the inside of a string, and a number.

use memchr::memchr;

use crate::error::Error;
use crate::view::{Codec, Piece};

/// The inside of a JSON string that holds escapes. Each escape is one atomic piece, a pair of surrogates as well; half a pair is U+FFFD. What is
/// no escape of the grammar stays as it is. Source: RFC 8259 section 7.
#[derive(Debug)]
pub(super) struct Json;

/// A number: text as it is, but a replacement takes the whole literal and puts a string in its place, since a bare token is not JSON.
#[derive(Debug)]
pub(super) struct JsonNumber;

/// What an escape stands for.
struct Escape {
    c: char,
    len: usize,
}

impl Codec for Json {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, mut map: Option<&mut Vec<Piece>>) {
        let first = out.len();
        let (mut done, mut from) = (0, 0);
        let identity =
            |out: &mut Vec<u8>, map: &mut Option<&mut Vec<Piece>>, done: usize, end: usize| {
                if let (Some(map), true) = (map, end > done) {
                    map.push(Piece::identity(out.len() - first, done as u64, end - done));
                }
                out.extend_from_slice(&raw[done..end]);
            };
        out.reserve(raw.len());
        while let Some(at) = next_escape(raw, from) {
            let Some(escape) = escape(&raw[at..]) else {
                from = at + 1;
                continue;
            };
            identity(out, &mut map, done, at);
            let start = out.len();
            match u8::try_from(u32::from(escape.c)) {
                Ok(byte @ ..0x80) => out.push(byte),
                // The letters of Nordic languages: two bytes.
                Ok(byte) => out.extend([0xC0 | byte >> 6, 0x80 | byte & 0x3F]),
                Err(_) => out.extend_from_slice(escape.c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            if let Some(map) = &mut map {
                let (log, len) = (start - first, out.len() - start);
                map.push(Piece::atomic(log, len, at as u64, escape.len));
            }
            done = at + escape.len;
            from = done;
        }
        identity(out, &mut map, done, raw.len());
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        for byte in text.bytes() {
            match byte {
                b'"' | b'\\' => out.extend([b'\\', byte]),
                ..0x20 => out.extend(format!("\\u{byte:04x}").bytes()),
                _ => out.push(byte),
            }
        }
        Ok(())
    }
}

impl Codec for JsonNumber {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        crate::view::Plain.decode(raw, out, map);
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        out.push(b'"');
        Json.encode(text, out)?;
        out.push(b'"');
        Ok(())
    }

    fn is_identity(&self) -> bool {
        true
    }

    fn replaces_whole(&self) -> bool {
        true
    }
}

/// The next backslash. In texts with escapes they stand near each other: a few words of the machine are looked at before the search is called.
fn next_escape(raw: &[u8], from: usize) -> Option<usize> {
    const NEAR: usize = 32;
    const EACH: u64 = 0x0101_0101_0101_0101;
    let mut at = from;
    while at < from + NEAR {
        let Some(word) = raw.get(at..).and_then(<[u8]>::first_chunk) else { break };
        let other = u64::from_le_bytes(*word) ^ (u64::from(b'\\') * EACH);
        // Highest bit of a byte that is zero; the first of them is right.
        let found = other.wrapping_sub(EACH) & !other & (0x80 * EACH);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr(b'\\', raw.get(at..)?).map(|found| at + found)
}

/// The escape at the start of `raw`.
fn escape(raw: &[u8]) -> Option<Escape> {
    let c = match raw.get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(raw),
        _ => return None,
    };
    Some(Escape { c, len: 2 })
}

fn unicode(raw: &[u8]) -> Option<Escape> {
    let high = unit(raw, 2)?;
    let low = || unit(raw, 8).filter(|low| (0xdc00..0xe000).contains(low));
    if (0xd800..0xdc00).contains(&high)
        && raw.get(6..8) == Some(b"\\u")
        && let Some(low) = low()
    {
        let c = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        return Some(Escape { c: char::from_u32(c).unwrap_or('\u{fffd}'), len: 12 });
    }
    Some(Escape { c: char::from_u32(high).unwrap_or('\u{fffd}'), len: 6 })
}

/// Four hex digits by table; number parsers of the library would take a sign.
fn unit(raw: &[u8], at: usize) -> Option<u32> {
    raw.get(at..at + 4)?.iter().try_fold(0, |sum, byte| {
        let digit = HEX[usize::from(*byte)];
        (digit < 16).then(|| sum << 4 | u32::from(digit))
    })
}

/// The value of a hex digit; 16 for any other byte.
const HEX: [u8; 256] = {
    let mut table = [16; 256];
    let mut digit = 0_u8;
    while digit < 16 {
        table[b"0123456789abcdef"[digit as usize] as usize] = digit;
        table[b"0123456789ABCDEF"[digit as usize] as usize] = digit;
        digit += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Edit, View};

    fn text(raw: &[u8]) -> String {
        String::from_utf8(View::coded(raw, 0, &Json).bytes().into_owned()).unwrap()
    }

    #[test]
    fn decodes_every_escape_of_the_grammar() {
        assert_eq!(text(br#"\"\\\/\b\f\n\r\t\u00e5\u00C5"#), "\"\\/\u{8}\u{c}\n\r\tåÅ");
        assert_eq!(text(br"\ud83d\ude00!"), "😀!");
    }

    #[test]
    fn half_a_pair_is_a_replacement_character() {
        assert_eq!(text(br"\ud83dx\ude00\ud83d\u0041"), "\u{fffd}x\u{fffd}\u{fffd}A");
    }

    #[test]
    fn what_is_no_escape_stays() {
        assert_eq!(text(br"\x41 \u+12f \u12 \"), r"\x41 \u+12f \u12 \");
    }

    #[test]
    fn an_escape_is_taken_whole() {
        let view = View::coded(br"a\u00e5b", 10, &Json);
        let raw = view.raw(1..2);
        assert_eq!((raw.start, raw.end), (11, 17));
        let edits = view.edits(1..4, "[\"x\"]").unwrap();
        assert_eq!(edits, [Edit { raw: 11..18, bytes: br#"[\"x\"]"#.to_vec(), within: None }]);
    }

    #[test]
    fn a_number_becomes_a_string() {
        let view = View::coded(b"8112189876", 5, &JsonNumber);
        let edits = view.edits(2..4, "[pnr]").unwrap();
        assert_eq!(edits, [Edit { raw: 5..15, bytes: b"\"[pnr]\"".to_vec(), within: None }]);
    }
}
