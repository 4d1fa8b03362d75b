//! Percent-encoding in lines of logs and in fields: `%40` is `@`, `%C3%A5` is `å`.
//!
//! The escapes of one character are one atomic piece. Source: RFC 3986 section 2.1.

use super::Field;
use crate::archive::{Arena, Sink};
use crate::error::Error;
use crate::view::{Codec, Decoded, Piece, View};

/// Percent-encoded UTF-8.
#[derive(Debug)]
pub(super) struct Url;

impl Codec for Url {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, mut map: Option<&mut Vec<Piece>>) {
        let first = out.len();
        let mut bytes = Vec::new();
        let mut at = 0;
        while at < raw.len() {
            let plain = next(&raw[at..]).map_or(raw.len(), |escape| at + escape);
            if plain > at {
                if let Some(map) = map.as_deref_mut() {
                    map.push(Piece::identity(out.len() - first, at as u64, plain - at));
                }
                out.extend_from_slice(&raw[at..plain]);
            }
            at = plain;
            bytes.clear();
            bytes.extend(raw[at..].chunks_exact(3).map_while(escape));
            for chunk in bytes.utf8_chunks() {
                let lost =
                    (!chunk.invalid().is_empty()).then_some(('\u{fffd}', chunk.invalid().len()));
                for (c, len) in chunk.valid().chars().map(|c| (c, c.len_utf8())).chain(lost) {
                    if let Some(map) = map.as_deref_mut() {
                        map.push(Piece::atomic(
                            out.len() - first,
                            c.len_utf8(),
                            at as u64,
                            3 * len,
                        ));
                    }
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    at += 3 * len;
                }
            }
        }
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        for byte in text.bytes() {
            if byte.is_ascii_graphic() && byte != b'%' {
                out.push(byte);
            } else {
                out.extend(format!("%{byte:02X}").bytes());
            }
        }
        Ok(())
    }
}

/// The byte that `%XX` stands for.
fn escape(triple: &[u8]) -> Option<u8> {
    let [b'%', high, low] = triple else { return None };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}

/// Where the first escape stands.
fn next(raw: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'%', raw).find(|at| raw.get(*at..at + 3).and_then(escape).is_some())
}

/// Whether text plainly is percent-encoded: an encoded `@`, or a letter beyond ASCII.
pub(super) fn is_encoded(text: &[u8]) -> bool {
    memchr::memchr_iter(b'%', text).any(|at| {
        let tail = &text[at..];
        match tail.get(..3).and_then(escape) {
            Some(b'@') => true,
            Some(0xc2..=0xdf) => matches!(tail.get(3..6).and_then(escape), Some(0x80..=0xbf)),
            _ => false,
        }
    })
}

/// Hands over a field that is percent-encoded.
pub(super) fn nested<'a>(
    view: View<'a>,
    field: &Field<'_>,
    arena: &'a Arena<'a>,
    sink: &mut dyn Sink<'a>,
) {
    let outer: &'a Decoded<'a> = arena.alloc(Decoded::new(view));
    let view = View::coded(outer.bytes(), 0, &Url).within(Some(outer));
    sink.field(field.role, field.path, field.label, view);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str) -> String {
        String::from_utf8(View::coded(raw.as_bytes(), 0, &Url).bytes().into_owned()).unwrap()
    }

    #[test]
    fn decodes_escapes_and_leaves_the_rest() {
        assert_eq!(text("q=anna%40example.org&n=%C3%85sa%20B"), "q=anna@example.org&n=Åsa B");
        assert_eq!(text("100 % %4 %zz %"), "100 % %4 %zz %");
        assert_eq!(text("%C3x%FF"), "\u{fffd}x\u{fffd}");
    }

    #[test]
    fn a_character_is_taken_whole() {
        let view = View::coded(b"n=%C3%85sa", 0, &Url);
        let raw = view.raw(2..4);
        assert_eq!((raw.start, raw.end), (2, 8));
        assert_eq!(view.edits(2..6, "[a b]").unwrap()[0].bytes, b"[a%20b]");
    }

    #[test]
    fn only_plain_signs_count() {
        assert!(is_encoded(b"GET /?m=a%40b"));
        assert!(is_encoded(b"%c3%a5"));
        assert!(!is_encoded(b"100 %20 %C3 %41"));
    }
}
