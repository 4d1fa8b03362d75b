//! Runs of text in bytes that are no text: ASCII, UTF-8 and UTF-16.
//!
//! The last resort for documents without a reader and for unknown binary data. A run has at least 6 characters: shorter ones
//! are chance. The rest of the bytes is not scanned, and the coverage says so.

use encoding_rs::{UTF_16BE, UTF_16LE};

use super::{Block, Cut, Reader, Sink, Window, charset};
use crate::message::Role;
use crate::view::View;

/// Shortest run.
const SHORTEST: usize = 6; // characters

/// Reads runs of text.
#[derive(Debug)]
pub struct Runs;

impl Reader for Runs {
    /// Between two bytes that belong to no run.
    fn cut(&self, window: &Window<'_>) -> Cut {
        let bytes = window.bytes;
        let apart = |pair: &[u8]| !is_text(pair[0]) && !is_text(pair[1]);
        match bytes.windows(2).rposition(apart) {
            Some(at) => Cut::At(at + 1),
            None => Cut::More,
        }
    }

    fn read<'a>(&self, block: &Block<'a>, sink: &mut dyn Sink<'a>) {
        let bytes = block.bytes;
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let (len, characters) = plain(rest);
            let raw = block.base + at as u64;
            if characters >= SHORTEST {
                sink.field(Role::Body, "", "", View::plain(&rest[..len], raw));
                at += len;
                continue;
            }
            let wide = [(UTF_16LE, wide(rest, 0)), (UTF_16BE, wide(rest, 1))];
            match wide.into_iter().find(|(_, len)| *len >= 2 * SHORTEST) {
                Some((encoding, len)) => {
                    let view = View::coded(&rest[..len], raw, charset::codec(encoding));
                    sink.field(Role::Body, "", "", view);
                    at += len;
                }
                // A run of wide characters may begin at its second byte.
                None => at += len.saturating_sub(1).max(1),
            }
        }
    }
}

fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..)
}

/// Bytes and characters (counted up to [`SHORTEST`]) of the UTF-8 text at the start, without control characters.
fn plain(bytes: &[u8]) -> (usize, usize) {
    let (mut len, mut characters) = (0, 0);
    while let Some(byte) = bytes.get(len).filter(|byte| is_text(**byte)) {
        len += if byte.is_ascii() {
            1
        } else {
            // Only a few bytes are looked at, so that the whole stays linear.
            let next = &bytes[len..bytes.len().min(len + 4)];
            let valid = next.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
            let Some(character) = valid else { break };
            character.len_utf8()
        };
        characters = SHORTEST.min(characters + 1);
    }
    (len, characters)
}

/// Bytes of the UTF-16 text at the start: Latin letters, one of whose bytes is zero. `low` is the place of the other one.
fn wide(bytes: &[u8], low: usize) -> usize {
    let is_letter = |pair: &&[u8]| {
        pair[1 - low] == 0 && matches!(pair[low], b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0xa0..)
    };
    2 * bytes.chunks_exact(2).take_while(is_letter).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{Arena, Child};
    use crate::coverage::Status;
    use crate::message::Ts;
    use std::ops::Range;

    #[derive(Default)]
    struct Texts(Vec<(String, u64)>);

    impl<'a> Sink<'a> for Texts {
        fn begin(&mut self, _: u64) {}
        fn field(&mut self, _: Role, _: &str, _: &str, view: View<'a>) {
            let text = String::from_utf8(view.bytes().into_owned()).unwrap();
            let start = view.raw(0..text.len()).start;
            self.0.push((text, start));
        }
        fn sent(&mut self, _: Ts) {}
        fn closed(&mut self, _: Ts) {}
        fn key(&mut self, _: &[u8]) {}
        fn child(&mut self, _: Child<'a>) {}
        fn end(&mut self, _: u64, _: bool) {}
        fn problem(&mut self, _: Range<u64>, _: Status, _: &str) {}
    }

    fn texts(bytes: &[u8]) -> Vec<(String, u64)> {
        let arena = Arena::new();
        let block = Block { bytes, base: 0, first: true, last: true, torn: false, arena: &arena };
        let mut sink = Texts::default();
        Runs.read(&block, &mut sink);
        sink.0
    }

    #[test]
    fn finds_text_in_three_encodings() {
        let mut bytes = b"\0\x01\x02kalle@example.se\0\0\x03".to_vec();
        let at = bytes.len() as u64;
        bytes.extend("Hälsa 1".encode_utf16().flat_map(u16::to_le_bytes));
        bytes.extend([0xff, 0xff, 1]);
        bytes.extend("åtta bitar".bytes());
        assert_eq!(
            texts(&bytes),
            [
                ("kalle@example.se".to_owned(), 3),
                ("Hälsa 1".to_owned(), at),
                ("åtta bitar".to_owned(), at + 17),
            ]
        );
    }

    #[test]
    fn finds_big_endian_text_and_leaves_short_runs() {
        let mut bytes = vec![1, 2];
        bytes.extend("811218".encode_utf16().flat_map(u16::to_be_bytes));
        bytes.extend(b"\x01abc\x01");
        assert_eq!(texts(&bytes), [("811218".to_owned(), 2)]);
    }

    #[test]
    fn cuts_where_no_run_is() {
        let bytes = b"abc\0\0def";
        let window = Window { bytes, base: 0, last: false };
        assert_eq!(Runs.cut(&window), Cut::At(4));
    }
}
