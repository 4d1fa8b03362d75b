//! Encoded words of header fields: `=?utf-8?Q?=C3=85sa?=` (RFC 2047), with a language (RFC 2231, 5).
//!
//! A run of words with white space between is one part: the white space does not count, and the bytes of neighbors in one charset are
//! decoded together, because a character may be split over words. A piece is a character; characters that share a base64
//! group are one piece. An edit encodes the run again, as words of at most 75 characters in UTF-8.

use std::ops::Range;

use memchr::memmem;

use super::super::html::percent::byte_of_hex;
use super::base64::{self, Base64};
use crate::archive::charset;
use crate::error::Error;
use crate::view::{Codec, Piece};

/// The longest word.
const WORD_MAX: usize = 75;

/// The longest name of a charset.
const LABEL_MAX: usize = 64;

/// What stands around the text of a written word: `=?utf-8?Q?` and `?=`.
const FRAME: usize = 12;

/// A run of encoded words.
#[derive(Debug)]
pub(super) struct Words;

/// One word, as ranges of the raw bytes.
#[derive(Clone, Debug)]
struct Word {
    charset: Range<usize>,
    is_base64: bool,
    text: Range<usize>,
    end: usize,
}

/// The range of the first run of encoded words at or after `from`.
pub(super) fn find(raw: &[u8], from: usize) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        at += memmem::find(&raw[at..], b"=?")?;
        match word_at(raw, at) {
            Ok(word) => {
                let mut end = word.end;
                while let Ok(next) = word_at(raw, end + blank(&raw[end..])) {
                    end = next.end;
                }
                return Some(at..end);
            }
            Err(next) => at = next,
        }
    }
}

fn blank(raw: &[u8]) -> usize {
    raw.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// The word that starts at `at`, or where to look on: behind a line without an end of a word, there is no need to look again. Longer
/// words than the standard allows are common.
fn word_at(raw: &[u8], at: usize) -> Result<Word, usize> {
    let rest = raw.get(at..).and_then(|rest| rest.strip_prefix(b"=?")).ok_or(at + 2)?;
    let name = rest.iter().take(LABEL_MAX).position(|byte| *byte == b'?').ok_or(at + 2)?;
    let (kind, text) = match rest.get(name..name + 3) {
        Some([b'?', kind @ (b'q' | b'Q' | b'b' | b'B'), b'?']) => (*kind, at + 2 + name + 3),
        _ => return Err(at + 2),
    };
    let label = &rest[..name];
    if label.is_empty() || !label.iter().all(u8::is_ascii_graphic) {
        return Err(at + 2);
    }
    let is_end = |byte: &u8| matches!(byte, b'?' | b'\r' | b'\n');
    let mut end = text;
    loop {
        end += raw[end..].iter().position(is_end).unwrap_or(raw.len() - end);
        if raw[end..].starts_with(b"?=") {
            break;
        }
        if raw.get(end) != Some(&b'?') {
            return Err(end);
        }
        end += 1; // a `?` that should have been encoded
    }
    let label_end = label.iter().position(|byte| *byte == b'*').unwrap_or(name);
    Ok(Word {
        charset: at + 2..at + 2 + label_end,
        is_base64: kind.eq_ignore_ascii_case(&b'b'),
        text: text..end,
        end: end + 2,
    })
}

fn words(raw: &[u8]) -> Vec<Word> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Ok(word) = word_at(raw, at + blank(&raw[at..])) {
        at = word.end;
        out.push(word);
    }
    out
}

/// Bytes of one charset with the raw range of each.
#[derive(Default)]
struct Bytes {
    bytes: Vec<u8>,
    raw: Vec<Range<usize>>,
}

impl Bytes {
    fn push(&mut self, raw: &[u8], word: &Word) {
        let text = &raw[word.text.clone()];
        let first = word.text.start;
        if word.is_base64 {
            let mut pieces = Vec::new();
            Base64.decode(text, &mut self.bytes, Some(&mut pieces));
            for piece in pieces {
                let start = first + usize::try_from(piece.raw).expect("fits in memory");
                let range = start..start + piece.raw_len as usize;
                self.raw.extend(std::iter::repeat_n(range, piece.log_len as usize));
            }
            return;
        }
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            let escape = match &text[at..] {
                [b'=', high, low, ..] => byte_of_hex(*high, *low),
                _ => None,
            };
            let (byte, len) = match (escape, byte) {
                (Some(byte), _) => (byte, 3),
                (None, b'_') => (b' ', 1),
                (None, byte) => (*byte, 1),
            };
            self.bytes.push(byte);
            self.raw.push(first + at..first + at + len);
            at += len;
        }
    }

    /// Appends the text.
    fn decode(
        &mut self,
        label: &[u8],
        start: usize,
        out: &mut Vec<u8>,
        map: Option<&mut Vec<Piece>>,
    ) {
        let codec = charset::detect(&self.bytes, Some(label)).codec();
        let Some(map) = map else {
            codec.decode(&self.bytes, out, None);
            return;
        };
        let (log, mut pieces) = (out.len() - start, Vec::new());
        codec.decode(&self.bytes, out, Some(&mut pieces));
        for piece in pieces {
            let from = usize::try_from(piece.raw).expect("fits in memory");
            let (base, bytes) =
                (log + piece.log as usize, &self.raw[from..from + piece.raw_len as usize]);
            if piece.identity {
                let text = &self.bytes[from..from + bytes.len()];
                let text = std::str::from_utf8(text).expect("identity pieces are text");
                for (at, c) in text.char_indices() {
                    push(base + at, c.len_utf8(), hull(&bytes[at..at + c.len_utf8()]), map);
                }
            } else {
                push(base, piece.log_len as usize, hull(bytes), map);
            }
        }
    }
}

/// From the first byte to the last. Bytes that stand for nothing have no place.
fn hull(raw: &[Range<usize>]) -> Range<usize> {
    match raw {
        [first, .., last] => first.start..last.end,
        [only] => only.clone(),
        [] => 0..0,
    }
}

/// Appends a piece, or makes the last one longer if they share raw bytes.
fn push(log: usize, len: usize, raw: Range<usize>, map: &mut Vec<Piece>) {
    let start = raw.start as u64;
    match map.last_mut() {
        Some(last) if start < last.raw + u64::from(last.raw_len) => {
            let end = (last.raw + u64::from(last.raw_len)).max(raw.end as u64);
            let len = log + len - last.log as usize;
            *last = Piece::atomic(
                last.log as usize,
                len,
                last.raw,
                usize::try_from(end - last.raw).expect("fits in memory"),
            );
        }
        _ => map.push(Piece::atomic(log, len, start, raw.len())),
    }
}

impl Codec for Words {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        let start = out.len();
        let mut pieces = Vec::new();
        let words = words(raw);
        let same = |one: &Word, two: &Word| {
            raw[one.charset.clone()].eq_ignore_ascii_case(&raw[two.charset.clone()])
        };
        for group in words.chunk_by(same) {
            let mut bytes = Bytes::default();
            for word in group {
                bytes.push(raw, word);
            }
            let label = &raw[group[0].charset.clone()];
            bytes.decode(label, start, out, map.is_some().then_some(&mut pieces));
        }
        if let Some(map) = map {
            map.append(&mut pieces);
        }
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend_from_slice(text.as_bytes()); // `rebuild` encodes
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
        let bytes = base64::splice(&bytes, spans);
        let text = String::from_utf8_lossy(&bytes);
        let is_base64 = words(raw).first().is_some_and(|word| word.is_base64);
        let gap = match memchr::memchr2(b'\r', b'\n', raw) {
            Some(at) if raw[at..].starts_with(b"\r\n") => b"\r\n ".as_slice(),
            Some(at) => &[raw[at], b' '],
            None => b" ",
        };
        let mut rest = &*text;
        while !rest.is_empty() {
            let room = WORD_MAX - FRAME;
            let cost = |c: char| if is_base64 { c.len_utf8() } else { q_len(c) };
            let room = if is_base64 { room / 4 * 3 } else { room };
            let mut used = 0;
            let fits = |c: &char| {
                used += cost(*c);
                used <= room
            };
            let len = rest.chars().take_while(fits).map(char::len_utf8).sum();
            let (word, after) = rest.split_at(len);
            if rest.len() < text.len() {
                out.extend_from_slice(gap);
            }
            out.extend_from_slice(if is_base64 { b"=?utf-8?B?" } else { b"=?utf-8?Q?" });
            if is_base64 {
                base64::encode(word.as_bytes(), out);
            } else {
                encode_q(word, out);
            }
            out.extend_from_slice(b"?=");
            rest = after;
        }
        Ok(())
    }
}

/// Whether a byte needs no escape, also in a phrase (RFC 2047, 5 (3)).
fn is_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!*+-/".contains(&byte)
}

fn q_len(c: char) -> usize {
    let mut buffer = [0; 4];
    let bytes = c.encode_utf8(&mut buffer).bytes();
    bytes.map(|byte| if is_safe(byte) || byte == b' ' { 1 } else { 3 }).sum()
}

fn encode_q(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            b' ' => out.push(b'_'),
            byte if is_safe(byte) => out.push(byte),
            _ => out.extend_from_slice(format!("={byte:02X}").as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{View, settle};

    fn decoded(raw: &str) -> String {
        String::from_utf8(View::coded(raw.as_bytes(), 0, &Words).bytes().into_owned()).unwrap()
    }

    #[test]
    fn both_encodings_are_read() {
        assert_eq!(decoded("=?utf-8?Q?=C3=85sa_=5F?="), "Åsa _");
        assert_eq!(decoded("=?ISO-8859-1*sv?q?=C5sa?="), "Åsa");
        assert_eq!(decoded("=?utf-8?b?w4VzYQ==?="), "Åsa");
        assert_eq!(decoded("=?x-what?q?=C5sa?="), "Åsa");
    }

    #[test]
    fn a_character_may_be_split_over_words() {
        assert_eq!(decoded("=?utf-8?Q?=C3?=\r\n =?UTF-8?Q?=85sa?="), "Åsa");
        assert_eq!(decoded("=?utf-8?B?w4VzYQ==?= =?utf-8?Q?_=C3?= =?utf-8?B?hQ==?="), "Åsa Å");
    }

    #[test]
    fn a_run_ends_at_other_text() {
        let raw = b"a =?utf-8?Q?b?= =?utf-8?Q?c?= d =?x =?utf-8?Q?e?=";
        assert_eq!(find(raw, 0), Some(2..29));
        assert_eq!(find(raw, 29), Some(36..49));
        assert_eq!(find(b"=?a?b", 0), None);
    }

    #[test]
    fn pieces_are_characters_or_groups() {
        let pieces = |raw: &'static str| -> Vec<(u32, u32, u64, u32)> {
            let view = View::coded(raw.as_bytes(), 0, &Words);
            view.pieces().iter().map(|p| (p.log, p.log_len, p.raw, p.raw_len)).collect()
        };
        assert_eq!(pieces("=?utf-8?Q?=C3=85s?="), [(0, 2, 10, 6), (2, 1, 16, 1)]);
        assert_eq!(pieces("=?utf-8?B?w4VzYQ==?="), [(0, 3, 10, 4), (3, 1, 14, 4)]);
    }

    #[test]
    fn an_edit_encodes_the_run_again() {
        for raw in [
            "=?utf-8?Q?=C3=85sa?= =?utf-8?Q?_811218-9876?=",
            "=?utf-8?B?w4VzYSA4MTEyMTgtOTg3Ng==?=",
        ] {
            let view = View::coded(raw.as_bytes(), 0, &Words);
            let edits = view.edits(5..16, "[nummer_1]").unwrap();
            let edits = settle(edits, |_| raw.as_bytes()).unwrap();
            assert_eq!(edits[0].raw, 0..raw.len() as u64);
            assert_eq!(decoded(std::str::from_utf8(&edits[0].bytes).unwrap()), "Åsa [nummer_1]");
        }
    }

    #[test]
    fn written_words_are_short() {
        for raw in ["=?utf-8?Q?a?=\n =?utf-8?Q?b?=", "=?utf-8?B?YWI=?="] {
            let long = "Åsa [x] ".repeat(30);
            let mut out = Vec::new();
            Words.rebuild(raw.as_bytes(), &[(0..1, long.as_bytes())], &mut out).unwrap();
            let out = String::from_utf8(out).unwrap();
            assert_eq!(decoded(&out), format!("{long}b"));
            assert!(out.split_ascii_whitespace().all(|word| word.len() <= WORD_MAX));
        }
    }

    #[test]
    fn words_that_never_end_take_linear_time() {
        assert_eq!(find(&b"=?a?q?x".repeat(100_000), 0), None);
    }
}
