//! Flat reading: what is no JSON, or nested too deep, is handed over string by string, without paths.

use super::codecs::{Json, JsonNumber};
use super::walker::quoted;
use crate::archive::Sink;
use crate::archive::syntax::layer::Layer;
use crate::message::Role;
use crate::view::{Codec, Plain};

/// Hands over everything between two places: strings decoded one by one, the text between them if it holds more than punctuation. A
/// string before a colon is the label of what comes next.
pub(in crate::archive::syntax) fn read<'a>(
    layer: &Layer<'a>,
    mut at: usize,
    end: usize,
    sink: &mut dyn Sink<'a>,
) {
    let bytes = &layer.bytes[..end];
    let (mut label, mut line) = (None, None);
    while at < end {
        let quote = memchr::memchr(b'"', &bytes[at..]).map_or(end, |quote| at + quote);
        between(layer, at, quote, label.take(), sink);
        at = quote + 1;
        if quote == end {
            break;
        }
        // A quote that is not closed ends with its line, so that one fault does not turn strings inside out for good. Lines may be long, so
        // the end of one is sought once.
        let stop = line.filter(|line| *line >= at).unwrap_or_else(|| {
            memchr::memchr2(b'\n', b'\r', &bytes[at..]).map_or(end, |line| at + line)
        });
        line = Some(stop);
        let (to, escaped) = match quoted(&bytes[..stop], at) {
            Some(text) => (text.end, text.escaped),
            None => (stop, true),
        };
        let after = bytes.get(to + 1..).unwrap_or_default().trim_ascii_start();
        let codec: &'static dyn Codec = if escaped { &Json } else { &Plain };
        if to > at {
            let view = layer.view(at, to, codec);
            sink.field(Role::Meta, "", label_of(label), view);
        }
        label = after.starts_with(b":").then(|| &bytes[at..to]);
        at = to + 1;
    }
}

fn label_of(label: Option<&[u8]>) -> &str {
    let text = label.and_then(|label| std::str::from_utf8(label).ok());
    text.map_or("", super::shape::shorten)
}

/// Text between strings.
fn between<'a>(
    layer: &Layer<'a>,
    from: usize,
    to: usize,
    label: Option<&[u8]>,
    sink: &mut dyn Sink<'a>,
) {
    let text = &layer.bytes[from..to];
    let structure = |byte: &u8| {
        byte.is_ascii_whitespace() || matches!(byte, b'{' | b'}' | b'[' | b']' | b':' | b',' | 0)
    };
    let Some(first) = text.iter().position(|byte| !structure(byte)) else { return };
    let last = text.iter().rposition(|byte| !structure(byte)).unwrap_or(first);
    let (from, to) = (from + first, from + last + 1);
    let text = &layer.bytes[from..to];
    if matches!(text, b"true" | b"false" | b"null") {
        return;
    }
    let number = text.iter().all(|byte| is_of_number(*byte));
    let codec: &'static dyn Codec = if number { &JsonNumber } else { &Plain };
    sink.field(Role::Meta, "", label_of(label), layer.view(from, to, codec));
}

/// Whether a byte can be part of a number.
pub(in crate::archive::syntax) fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E')
}

/// The end of the container that is opened at `at`: its closing bracket, or the end of the text.
pub(in crate::archive::syntax) fn subtree(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => match quoted(bytes, at + 1) {
                Some(text) => at = text.end,
                None => return bytes.len(),
            },
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subtree_ends_with_its_bracket() {
        assert_eq!(subtree(br#"[[1, "]"], {"a": "\"]"}], 2"#, 0), 24);
        assert_eq!(subtree(b"[[1", 0), 3);
        assert_eq!(subtree(b"[\"a", 0), 3);
    }
}
