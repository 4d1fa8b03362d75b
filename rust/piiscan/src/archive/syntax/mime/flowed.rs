//! `format=flowed` (RFC 3676): a line that ends in a space goes on in the next one.
//!
//! The line end, and quote marks and stuffing of the next line, are a soft gap. With `delsp=yes` the space is one too. A change of the
//! quote depth, a blank line and the signature mark `-- ` end a paragraph.

use crate::error::Error;
use crate::view::{Codec, Piece, Plain};

use super::super::html::copy;
use super::lines::line;

/// Flowed text.
#[derive(Debug)]
pub(super) struct Flowed;

/// Flowed text whose last space belongs to the line break.
#[derive(Debug)]
pub(super) struct FlowedDelSp;

impl Codec for Flowed {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        decode(raw, 0, out, map);
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        Plain.encode(text, out)
    }
}

impl Codec for FlowedDelSp {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        decode(raw, 1, out, map);
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        Plain.encode(text, out)
    }
}

/// `cut` blanks at a soft line end are dropped.
fn decode(raw: &[u8], cut: usize, out: &mut Vec<u8>, mut map: Option<&mut Vec<Piece>>) {
    let start = out.len();
    let (mut at, mut from) = (0, 0);
    while at < raw.len() {
        let (end, next) = line(raw, at);
        let (depth, text) = quoted(&raw[at..end]);
        let (next_end, _) = line(raw, next);
        let (next_depth, next_text) = quoted(&raw[next..next_end]);
        let is_soft = text.ends_with(b" ")
            && text != b"-- "
            && text != b" -- "
            && depth == next_depth
            && !next_text.is_empty()
            && next_text != b"-- ";
        if is_soft {
            copy(raw, from..end - cut, start, out, map.as_deref_mut());
            from = next_end - next_text.len() + usize::from(next_text.starts_with(b" "));
        }
        at = next;
    }
    if from < raw.len() {
        copy(raw, from..raw.len(), start, out, map);
    }
}

/// Quote depth and text of a line.
fn quoted(line: &[u8]) -> (usize, &[u8]) {
    let depth = line.iter().take_while(|byte| **byte == b'>').count();
    (depth, &line[depth..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::View;

    fn decoded(raw: &str, codec: &'static dyn Codec) -> String {
        String::from_utf8(View::coded(raw.as_bytes(), 0, codec).bytes().into_owned()).unwrap()
    }

    #[test]
    fn soft_lines_are_joined() {
        assert_eq!(decoded("a b \r\nc\r\nd", &Flowed), "a b c\r\nd");
        assert_eq!(decoded("a \n b \n  c", &Flowed), "a b  c");
        assert_eq!(decoded("0701 \n234", &FlowedDelSp), "0701234");
    }

    #[test]
    fn quoted_lines_are_joined_at_their_depth() {
        assert_eq!(decoded("> a \n> b\n>> c \n> d", &Flowed), "> a b\n>> c \n> d");
    }

    #[test]
    fn hard_ends_stay() {
        for text in ["a \n\nb", "-- \nAnna", "a \n-- \nAnna", "a\nb", "a ", ""] {
            assert_eq!(decoded(text, &Flowed), text);
        }
    }

    #[test]
    fn a_soft_end_is_a_soft_gap() {
        let view = View::coded(b"> nr 0701 \n> 234567", 0, &Flowed);
        assert_eq!(view.raw(5..16).ranges, 1);
        assert_eq!(view.edits(5..16, "[x]").unwrap()[0].raw, 5..19);
    }
}
