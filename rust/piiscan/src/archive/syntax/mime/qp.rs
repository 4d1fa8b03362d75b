//! Quoted-printable (RFC 2045, 6.7).
//!
//! `=XX` is one atomic piece, `=` at the end of a line is a soft gap, and a malformed `=` stands for itself. What is neither is
//! identity, line ends included.

use memchr::memchr;

use super::super::html::percent::byte_of_hex;
use crate::error::Error;
use crate::view::{Codec, Piece};

/// The transfer encoding. Its output is bytes of a charset.
#[derive(Debug)]
pub(super) struct QuotedPrintable;

enum Escape {
    Byte(u8),
    SoftBreak(usize),
    None,
}

impl Codec for QuotedPrintable {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, mut map: Option<&mut Vec<Piece>>) {
        let start = out.len();
        let mut plain = 0;
        let mut at = 0;
        while let Some(found) = memchr(b'=', &raw[at..]) {
            at += found;
            let escape = escape(&raw[at..]);
            if matches!(escape, Escape::None) {
                at += 1;
                continue;
            }
            if plain < at {
                if let Some(map) = map.as_deref_mut() {
                    map.push(Piece::identity(out.len() - start, plain as u64, at - plain));
                }
                out.extend_from_slice(&raw[plain..at]);
            }
            match escape {
                Escape::Byte(byte) => {
                    if let Some(map) = map.as_deref_mut() {
                        map.push(Piece::atomic(out.len() - start, 1, at as u64, 3));
                    }
                    out.push(byte);
                    at += 3;
                }
                Escape::SoftBreak(len) => at += len,
                Escape::None => {}
            }
            plain = at;
        }
        if plain < raw.len() {
            if let Some(map) = map {
                map.push(Piece::identity(out.len() - start, plain as u64, raw.len() - plain));
            }
            out.extend_from_slice(&raw[plain..]);
        }
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        for byte in text.bytes() {
            match byte {
                b' '..=b'<' | b'>'..=b'~' => out.push(byte),
                _ => out.extend_from_slice(format!("={byte:02X}").as_bytes()),
            }
        }
        Ok(())
    }

    /// Line ends stay line ends.
    fn encode_bytes(&self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b' ' | b'\t' if is_last(&bytes[at + 1..]) => {
                    out.extend_from_slice(format!("={byte:02X}").as_bytes());
                }
                // Alone at the end it would become one with the line end behind.
                b'\r' if bytes.get(at + 1) == Some(&b'\n') => out.push(*byte),
                b'\n' | b'\t' | b' '..=b'<' | b'>'..=b'~' => out.push(*byte),
                _ => out.extend_from_slice(format!("={byte:02X}").as_bytes()),
            }
        }
        Ok(())
    }
}

/// Whether a blank is the last byte of its line, where it would be lost on the way.
fn is_last(rest: &[u8]) -> bool {
    matches!(rest.first(), None | Some(b'\r' | b'\n'))
}

/// What the `=` at the start of `raw` means.
fn escape(raw: &[u8]) -> Escape {
    if let [_, high, low, ..] = raw
        && let Some(byte) = byte_of_hex(*high, *low)
    {
        return Escape::Byte(byte);
    }
    // White space may have been added on the way.
    let blank = raw[1..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    match &raw[1 + blank..] {
        [b'\r', b'\n', ..] => Escape::SoftBreak(blank + 3),
        [b'\r' | b'\n', ..] => Escape::SoftBreak(blank + 2),
        [] => Escape::SoftBreak(blank + 1),
        _ => Escape::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::View;

    fn decoded(raw: &[u8]) -> Vec<u8> {
        View::coded(raw, 0, &QuotedPrintable).bytes().into_owned()
    }

    #[test]
    fn a_number_across_a_soft_break_is_one_range() {
        for (raw, end) in [(&b"nr 811218=\r\n-9876"[..], 17), (b"nr 811218=\n-9876", 16)] {
            let view = View::coded(raw, 0, &QuotedPrintable);
            assert_eq!(&*view.bytes(), b"nr 811218-9876");
            assert_eq!(view.raw(3..14).start..view.raw(3..14).end, 3..end);
            assert_eq!(view.raw(3..14).ranges, 1);
        }
    }

    #[test]
    fn a_malformed_escape_stands_for_itself() {
        assert_eq!(decoded(b"a==3Db=+Ac=XYd=4"), b"a==b=+Ac=XYd=4");
        assert_eq!(decoded(b"a= \t\r\nb=\rc="), b"abc");
    }

    #[test]
    fn an_edit_takes_whole_escapes() {
        let view = View::coded(b"=C3=A5sa", 10, &QuotedPrintable);
        let edits = view.edits(0..2, "a=b").unwrap();
        assert_eq!((edits[0].raw.clone(), &*edits[0].bytes), (10..16, &b"a=3Db"[..]));
    }

    #[test]
    fn blanks_before_no_line_end_take_linear_time() {
        let raw = [b"=".as_slice(), &b" ".repeat(1 << 20)].concat();
        assert_eq!(decoded(&raw), b"");
    }
}
