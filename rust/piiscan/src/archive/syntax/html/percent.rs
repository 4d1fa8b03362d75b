//! Percent-encoding of addresses (RFC 3986, 2.1) and of header parameters (RFC 2231).
//!
//! `%XX` is one atomic piece. A malformed `%` stands for itself.

use memchr::memchr;

use crate::error::Error;
use crate::view::{Codec, Piece};

use super::entities::copy;

/// Percent-encoded UTF-8: what does not decode becomes U+FFFD. The pieces are characters.
#[derive(Debug)]
pub(in super::super) struct Percent;

/// Percent-encoded bytes of any charset: the layer around it decodes them.
#[derive(Debug)]
pub(in super::super) struct PercentBytes;

impl Codec for Percent {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, mut map: Option<&mut Vec<Piece>>) {
        let start = out.len();
        let mut bytes = Vec::new();
        let mut plain = 0;
        let mut at = 0;
        while let Some(found) = memchr(b'%', &raw[at..]) {
            at += found;
            let first = at;
            bytes.clear();
            while let Some(byte) = escape(&raw[at..]) {
                bytes.push(byte);
                at += 3;
            }
            if bytes.is_empty() {
                at += 1;
                continue;
            }
            copy(raw, plain..first, start, out, map.as_deref_mut());
            plain = at;
            let mut from = first;
            for chunk in bytes.utf8_chunks() {
                for c in chunk.valid().chars() {
                    push(c, c.len_utf8(), &mut from, start, out, map.as_deref_mut());
                }
                if !chunk.invalid().is_empty() {
                    let c = char::REPLACEMENT_CHARACTER;
                    push(c, chunk.invalid().len(), &mut from, start, out, map.as_deref_mut());
                }
            }
        }
        copy(raw, plain..raw.len(), start, out, map);
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        encode(text, out);
        Ok(())
    }
}

/// Lines of a log, in which addresses are percent-encoded and other words are not: only what would be an escape is written as one.
#[derive(Debug)]
pub(in super::super) struct PercentLine;

impl Codec for PercentLine {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        Percent.decode(raw, out, map);
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend_from_slice(text.replace('%', "%25").as_bytes());
        Ok(())
    }
}

impl Codec for PercentBytes {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, mut map: Option<&mut Vec<Piece>>) {
        let start = out.len();
        let mut plain = 0;
        let mut at = 0;
        while let Some(found) = memchr(b'%', &raw[at..]) {
            at += found;
            let Some(byte) = escape(&raw[at..]) else {
                at += 1;
                continue;
            };
            copy(raw, plain..at, start, out, map.as_deref_mut());
            if let Some(map) = map.as_deref_mut() {
                map.push(Piece::atomic(out.len() - start, 1, at as u64, 3));
            }
            out.push(byte);
            at += 3;
            plain = at;
        }
        copy(raw, plain..raw.len(), start, out, map);
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        encode(text, out);
        Ok(())
    }
}

/// Appends a character that `count` escapes stand for.
fn push(
    c: char,
    count: usize,
    from: &mut usize,
    start: usize,
    out: &mut Vec<u8>,
    map: Option<&mut Vec<Piece>>,
) {
    if let Some(map) = map {
        map.push(Piece::atomic(out.len() - start, c.len_utf8(), *from as u64, 3 * count));
    }
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    *from += 3 * count;
}

/// The byte that `%XX` stands for.
fn escape(raw: &[u8]) -> Option<u8> {
    match raw {
        [b'%', high, low, ..] => byte_of_hex(*high, *low),
        _ => None,
    }
}

/// The byte of two hex digits; no sign, no space.
pub(in super::super) fn byte_of_hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

fn encode(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::View;

    #[test]
    fn a_character_is_one_piece() {
        let view = View::coded(b"%C3%A5sa%40x%2", 5, &Percent);
        assert_eq!(&*view.bytes(), "åsa@x%2".as_bytes());
        assert_eq!(view.raw(0..2).start..view.raw(0..2).end, 5..11);
        assert_eq!(view.edits(0..4, "[a]").unwrap()[0].bytes, b"%5Ba%5D");
    }

    #[test]
    fn what_is_not_utf8_is_replaced() {
        assert_eq!(&*View::coded(b"%E5sa", 0, &Percent).bytes(), "\u{fffd}sa".as_bytes());
        assert_eq!(&*View::coded(b"%E5sa%+1", 0, &PercentBytes).bytes(), b"\xe5sa%+1");
    }
}
