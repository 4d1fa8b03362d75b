//! Base64 (RFC 2045, 6.8), read leniently: bytes outside of the alphabet are skipped, padding may stand anywhere.
//!
//! The map has one atomic piece for each group of four characters. Nothing can be cut out of base64, so an edit encodes the part again,
//! with its own length of line and line end.

use std::ops::Range;

use crate::error::Error;
use crate::view::{Codec, Piece};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Not of the alphabet.
const SKIP: u8 = 0x40;

const VALUES: [u8; 256] = {
    let mut values = [SKIP; 256];
    let mut at = 0;
    while at < 64 {
        values[ALPHABET[at as usize] as usize] = at;
        at += 1;
    }
    values
};

/// Above this size a piece is a line of up to 19 groups: a map must not be many times its text.
const FINE_MAX: usize = 8 << 20;

/// The usual length of a line (RFC 2045).
const LINE: usize = 76;

/// The transfer encoding. Its output is bytes.
#[derive(Debug)]
pub(super) struct Base64;

/// A group of up to four characters.
#[derive(Default)]
struct Group {
    bits: u32,
    len: usize,
    first: usize,
}

impl Group {
    /// Appends the bytes of the group; a single character holds none.
    fn flush(
        &mut self,
        end: usize,
        start: usize,
        grain: usize,
        out: &mut Vec<u8>,
        map: Option<&mut Vec<Piece>>,
    ) {
        let count = self.len.saturating_sub(1);
        if let Some(map) = map.filter(|_| count > 0) {
            let log = out.len() - start;
            let last =
                map.last_mut().filter(|last| last.log as usize / grain == log / grain && grain > 3);
            match last {
                Some(last) => {
                    last.log_len += u32::try_from(count).expect("is at most 3");
                    let len = end as u64 - last.raw;
                    last.raw_len = u32::try_from(len).expect("fields are capped below 4 GiB");
                }
                None => map.push(Piece::atomic(log, count, self.first as u64, end - self.first)),
            }
        }
        let bits = self.bits << (6 * (4 - self.len));
        out.extend_from_slice(&bits.to_be_bytes()[1..=count]);
        *self = Self::default();
    }
}

impl Codec for Base64 {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, mut map: Option<&mut Vec<Piece>>) {
        let start = out.len();
        let grain = if raw.len() > FINE_MAX { 57 } else { 3 };
        out.reserve(raw.len() / 4 * 3);
        let mut group = Group::default();
        let mut at = 0;
        while at < raw.len() {
            if group.len == 0
                && let Some(bits) = raw.get(at..at + 4).and_then(quad)
            {
                if map.is_some() {
                    group = Group { bits, len: 4, first: at };
                    group.flush(at + 4, start, grain, out, map.as_deref_mut());
                } else {
                    let [_, one, two, three] = bits.to_be_bytes();
                    out.extend_from_slice(&[one, two, three]);
                }
                at += 4;
                continue;
            }
            let value = VALUES[raw[at] as usize];
            at += 1;
            if value != SKIP {
                if group.len == 0 {
                    group.first = at - 1;
                }
                group.bits = group.bits << 6 | u32::from(value);
                group.len += 1;
            }
            if group.len == 4 || (raw[at - 1] == b'=' && group.len > 0) {
                let padding = raw[at..].iter().take_while(|byte| **byte == b'=').count();
                at += if group.len == 4 { 0 } else { padding };
                group.flush(at, start, grain, out, map.as_deref_mut());
            }
        }
        if group.len > 0 {
            group.flush(at, start, grain, out, map);
        }
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend_from_slice(text.as_bytes()); // `rebuild` encodes
        Ok(())
    }

    fn encode_bytes(&self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend_from_slice(bytes);
        Ok(())
    }

    fn is_rebuilt(&self) -> bool {
        true
    }

    fn rebuild(
        &self,
        raw: &[u8],
        spans: &[(Range<usize>, &[u8])],
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let mut bytes = Vec::new();
        self.decode(raw, &mut bytes, None);
        let bytes = splice(&bytes, spans);
        let lines = Lines::of(raw);
        for (at, line) in bytes.chunks((lines.len / 4).max(1) * 3).enumerate() {
            if at > 0 {
                out.extend_from_slice(lines.end);
            }
            encode(line, out);
        }
        out.extend_from_slice(lines.tail);
        Ok(())
    }
}

/// The shape of an encoded part.
struct Lines<'r> {
    len: usize,
    end: &'r [u8],
    tail: &'r [u8],
}

impl<'r> Lines<'r> {
    fn of(raw: &'r [u8]) -> Self {
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let tail = raw.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |at| at + 1);
        let (body, tail) = raw.split_at(tail);
        let Some(len) = body.iter().position(is_end) else {
            return Self { len: LINE.max(body.len()), end: b"", tail };
        };
        let rest = &body[len..];
        let end = if rest.starts_with(b"\r\n") { &rest[..2] } else { &rest[..1] };
        Self { len: if len == 0 { LINE } else { len }, end, tail }
    }
}

/// The four values at the start of a group without gaps.
fn quad(raw: &[u8]) -> Option<u32> {
    let [a, b, c, d] = *raw else { return None };
    let [a, b, c, d] = [a, b, c, d].map(|byte| u32::from(VALUES[byte as usize]));
    ((a | b | c | d) < u32::from(SKIP)).then_some(a << 18 | b << 12 | c << 6 | d)
}

/// Appends the characters of some bytes, with padding.
pub(super) fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    for chunk in bytes.chunks(3) {
        let mut word = [0; 4];
        word[1..=chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes(word);
        for at in 0..4_usize {
            let value = bits >> (18 - 6 * at) & 0x3f;
            out.push(if at <= chunk.len() { ALPHABET[value as usize] } else { b'=' });
        }
    }
}

/// Bytes with some spans replaced.
pub(super) fn splice(bytes: &[u8], spans: &[(Range<usize>, &[u8])]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for (span, new) in spans {
        out.extend_from_slice(&bytes[at..span.start]);
        out.extend_from_slice(new);
        at = span.end;
    }
    out.extend_from_slice(&bytes[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Decoded, View, settle};
    use proptest::prelude::*;

    fn decoded(raw: &[u8]) -> Vec<u8> {
        View::coded(raw, 0, &Base64).bytes().into_owned()
    }

    #[test]
    fn bytes_outside_of_the_alphabet_are_skipped() {
        assert_eq!(decoded(b"SGVq\r\nIGR*l ZA=="), b"Hej ded");
        assert_eq!(decoded(b"SGVqIQ==SGVq"), b"Hej!Hej");
        assert_eq!(decoded(b"SGVqI"), b"Hej");
        assert_eq!(decoded(b"=SGVqIQ"), b"Hej!");
        assert_eq!(decoded(b"==== !"), b"");
    }

    #[test]
    fn a_piece_is_a_group_of_four() {
        let view = View::coded(b"SGVq\r\nIGR\r\nlZA==", 100, &Base64);
        let pieces: Vec<_> =
            view.pieces().iter().map(|p| (p.log, p.log_len, p.raw, p.raw_len)).collect();
        assert_eq!(pieces, [(0, 3, 100, 4), (3, 3, 106, 6), (6, 1, 112, 4)]);
    }

    #[test]
    fn an_edit_keeps_the_shape_of_the_lines() {
        let raw = b"MTIzNDU2\r\nNzg5MGFi\r\nYw==\r\n";
        let outer = Decoded::new(View::coded(raw, 0, &Base64));
        let view = View::plain(outer.bytes(), 0).within(Some(&outer));
        let edits = view.edits(2..4, "[x]").unwrap();
        let edits = settle(edits, |_| raw).unwrap();
        assert_eq!(edits[0].raw, 0..26);
        assert_eq!(decoded(&edits[0].bytes), b"12[x]567890abc");
        assert_eq!(edits[0].bytes, b"MTJbeF01\r\nNjc4OTBh\r\nYmM=\r\n");
    }

    #[test]
    fn pieces_of_a_big_part_are_lines() {
        let mut raw = Vec::new();
        encode(&vec![b'x'; FINE_MAX], &mut raw);
        let view = View::coded(&raw, 0, &Base64);
        let pieces = view.pieces();
        assert_eq!(pieces[1], Piece::atomic(57, 57, 76, 76));
        assert!(pieces.windows(2).all(|p| p[0].raw + u64::from(p[0].raw_len) == p[1].raw));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut raw = Vec::new();
            encode(&bytes, &mut raw);
            prop_assert_eq!(decoded(&raw), bytes);
        }
    }
}
