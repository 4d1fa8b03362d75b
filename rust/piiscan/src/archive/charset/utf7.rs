//! UTF-7: text that survived mail programs of the 1990s.
//!
//! `+` begins base64 of UTF-16BE, `-` (or any character outside the alphabet) ends it; `+-` is a plus sign. A run is one atomic piece. Source:
//! RFC 2152.

use super::codecs::Pieces;
use crate::error::Error;
use crate::view::{Codec, Piece};

/// The codec.
#[derive(Debug)]
pub(super) struct Utf7;

pub(super) static UTF_7: Utf7 = Utf7;

impl Codec for Utf7 {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        let mut pieces = Pieces::new(out, map);
        let mut at = 0;
        while at < raw.len() {
            let plain = memchr::memchr(b'+', &raw[at..]).unwrap_or(raw.len() - at);
            for chunk in raw[at..at + plain].utf8_chunks() {
                pieces.identity(chunk.valid().as_bytes());
                if !chunk.invalid().is_empty() {
                    pieces.atomic("\u{fffd}".as_bytes(), chunk.invalid().len());
                }
            }
            at += plain;
            if at < raw.len() {
                let run = Run::at(&raw[at..]);
                pieces.atomic(run.text.as_bytes(), run.len);
                at += run.len;
            }
        }
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        for byte in text.bytes() {
            out.push(byte);
            if byte == b'+' {
                out.push(b'-');
            }
        }
        Ok(())
    }
}

/// One shifted run, from its `+` to its end.
struct Run {
    text: String,
    len: usize,
    /// Whether it is exactly what an encoder writes.
    clean: bool,
}

impl Run {
    fn at(raw: &[u8]) -> Self {
        let digits = raw[1..].iter().map_while(|byte| value(*byte)).count();
        let ended = raw.get(1 + digits) == Some(&b'-');
        let len = 1 + digits + usize::from(ended);
        if digits == 0 {
            return Self { text: "+".into(), len, clean: ended };
        }
        let (mut bits, mut have) = (0_u32, 0);
        let mut units = Vec::with_capacity(digits / 2);
        for digit in raw[1..=digits].iter().filter_map(|byte| value(*byte)) {
            bits = (bits << 6 | u32::from(digit)) & 0x3f_ffff;
            have += 6;
            if have >= 16 {
                have -= 16;
                units.push(u16::try_from(bits >> have & 0xffff).expect("masked to 16 bits"));
            }
        }
        let padding = bits & ((1 << have) - 1);
        let text = String::from_utf16_lossy(&units);
        let clean =
            ended && padding == 0 && have < 6 && !units.is_empty() && !text.contains('\u{fffd}');
        Self { text: if units.is_empty() { "\u{fffd}".into() } else { text }, len, clean }
    }
}

fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// Whether ASCII bytes are plainly UTF-7: a clean run of Latin letters beyond ASCII, and no run that is not clean.
pub(super) fn looks_like(head: &[u8]) -> bool {
    let mut letters = false;
    let mut at = 0;
    while let Some(plus) = memchr::memchr(b'+', &head[at..]) {
        let run = Run::at(&head[at + plus..]);
        let latin = |c: char| matches!(c, '\u{c0}'..='\u{24f}');
        if run.clean && run.text.chars().all(latin) {
            letters = true;
        } else if run.text != "+" {
            return false;
        }
        at += plus + run.len;
    }
    letters && head.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::View;

    fn text(raw: &[u8]) -> String {
        String::from_utf8(View::coded(raw, 0, &UTF_7).bytes().into_owned()).unwrap()
    }

    #[test]
    fn reads_the_examples_of_the_standard() {
        assert_eq!(text(b"A+ImIDkQ."), "A\u{2262}\u{391}.");
        assert_eq!(text(b"Hi Mom -+Jjo--!"), "Hi Mom -\u{263a}-!");
        assert_eq!(text(b"+ZeVnLIqe-"), "\u{65e5}\u{672c}\u{8a9e}");
        assert_eq!(text(b"1 +- 1"), "1 + 1");
    }

    #[test]
    fn a_run_is_taken_whole() {
        let view = View::coded(b"H+AOQ-n 070", 5, &UTF_7);
        let raw = view.raw(1..3);
        assert_eq!((raw.start, raw.end), (6, 11));
        assert_eq!(view.raw(5..8).start, 13);
    }

    #[test]
    fn broken_runs_stay_visible() {
        assert_eq!(text(b"+A"), "\u{fffd}");
        assert_eq!(text(b"x+"), "x+");
    }
}
