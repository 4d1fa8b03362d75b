//! Uuencode within a text body: `begin 644 name`, lines, `end` (POSIX, uuencode).

use std::ops::Range;

use memchr::memmem;

use super::base64::splice;
use super::lines::line;
use crate::error::Error;
use crate::view::{Codec, Piece};

/// The lines between `begin` and `end`. They have no place where a span could be cut out: the file is encoded again as a whole.
#[derive(Debug)]
pub(super) struct Uuencode;

/// An encoded file, as ranges of the text around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) name: Range<usize>,
    pub(super) lines: Range<usize>,
}

/// The next encoded file at or after `from`.
pub(super) fn find(text: &[u8], from: usize) -> Option<File> {
    let mut at = from;
    loop {
        at += memmem::find(&text[at..], b"begin ")?;
        let starts_line = at == 0 || matches!(text[at - 1], b'\r' | b'\n');
        if starts_line && let Some(file) = file_at(text, at) {
            return Some(file);
        }
        at += 6;
    }
}

fn file_at(text: &[u8], at: usize) -> Option<File> {
    let (end, first) = line(text, at);
    let rest = &text[at + 6..end];
    let mode = rest.iter().position(|byte| *byte == b' ')?;
    let is_mode = (3..=4).contains(&mode) && rest[..mode].iter().all(|b| (b'0'..=b'7').contains(b));
    if !is_mode || rest.len() <= mode + 1 {
        return None;
    }
    let mut to = first;
    while to < text.len() {
        let (end, next) = line(text, to);
        if !is_data(&text[to..end]) {
            break;
        }
        to = next;
    }
    (to > first).then_some(File { name: at + 6 + mode + 1..end, lines: first..to })
}

/// Whether a line has the length that its first character says. Blanks at its end may be lost, and a check character may follow.
fn is_data(line: &[u8]) -> bool {
    let Some(first) = line.first().filter(|byte| (b' '..=b'`').contains(byte)) else {
        return false;
    };
    let count = usize::from((first - b' ') & 0x3f);
    let need = count.div_ceil(3) * 4;
    let rest = &line[1..];
    let fits = rest.len() <= need + 2 && (rest.len() + 3 > need || count == 0);
    fits && rest.iter().all(|byte| (b' '..=b'`').contains(byte))
}

impl Codec for Uuencode {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, mut map: Option<&mut Vec<Piece>>) {
        let start = out.len();
        let mut at = 0;
        while at < raw.len() {
            let (end, next) = line(raw, at);
            let text = &raw[at..end];
            if let Some((first, rest)) = text.split_first() {
                let count = usize::from(first.wrapping_sub(b' ') & 0x3f);
                let before = out.len();
                for chunk in rest.chunks(4) {
                    let mut bits = 0_u32;
                    for place in 0..4 {
                        let byte = chunk.get(place).copied().unwrap_or(b' ');
                        bits = bits << 6 | u32::from(byte.wrapping_sub(b' ') & 0x3f);
                    }
                    out.extend_from_slice(&bits.to_be_bytes()[1..]);
                }
                out.truncate(out.len().min(before + count));
                if let Some(map) = map.as_deref_mut().filter(|_| out.len() > before) {
                    map.push(Piece::atomic(
                        before - start,
                        out.len() - before,
                        at as u64,
                        end - at,
                    ));
                }
            }
            at = next;
        }
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        self.encode_bytes(text.as_bytes(), out)
    }

    fn encode_bytes(&self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend_from_slice(bytes); // `rebuild` encodes
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
        let (end, next) = line(raw, 0);
        let full = raw.first().map_or(0, |first| usize::from(first.wrapping_sub(b' ') & 0x3f));
        for chunk in bytes.chunks(if full == 0 { LINE } else { full }) {
            write_line(chunk, out);
            out.extend_from_slice(&raw[end..next]);
        }
        out.extend_from_slice(&raw[last_line(raw)..]);
        Ok(())
    }
}

/// Bytes of a full line.
const LINE: usize = 45;

/// Where the line begins that says that there is no more; the end without one.
fn last_line(raw: &[u8]) -> usize {
    let mut at = 0;
    while at < raw.len() && !matches!(raw[at], b' ' | b'`') {
        at = line(raw, at).1;
    }
    at
}

/// At most 63 bytes as a line. Nothing is written as a blank: blanks at the end of a line get lost.
fn write_line(bytes: &[u8], out: &mut Vec<u8>) {
    let mut write = |six: u32| {
        let six = (six & 0x3f) as u8;
        out.push(if six == 0 { b'`' } else { b' ' + six });
    };
    write(u32::try_from(bytes.len()).unwrap_or_default());
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for shift in [18, 12, 6, 0] {
            write(bits >> shift);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::View;

    #[test]
    fn finds_and_decodes_a_file() {
        let text = b"Hej\nbegin 644 namn.txt\n#0V%T\n`\nend\nslut";
        let file = find(text, 0).unwrap();
        assert_eq!(&text[file.name.clone()], b"namn.txt");
        let view = View::coded(&text[file.lines.clone()], 0, &Uuencode);
        assert_eq!(&*view.bytes(), b"Cat");
        assert_eq!(find(text, file.lines.end), None);
    }

    #[test]
    fn a_file_is_written_again() {
        let content = "Mejla kim.example@example.org, tack så mycket. ".repeat(5);
        for (end, stop) in [("\n", "`\n"), ("\r\n", " \r\n"), ("\n", "")] {
            let mut raw = Vec::new();
            for chunk in content.as_bytes().chunks(45) {
                write_line(chunk, &mut raw);
                raw.extend_from_slice(end.as_bytes());
            }
            raw.extend_from_slice(stop.as_bytes());
            let (mut same, mut new, mut text) = (Vec::new(), Vec::new(), Vec::new());
            Uuencode.rebuild(&raw, &[], &mut same).unwrap();
            assert_eq!(same, raw);
            Uuencode.rebuild(&raw, &[(6..29, b"[e-post]")], &mut new).unwrap();
            Uuencode.decode(&new, &mut text, None);
            let wanted = content.replacen("kim.example@example.org", "[e-post]", 1);
            assert_eq!(String::from_utf8(text).unwrap(), wanted);
            assert!(new.ends_with(format!("{end}{stop}").as_bytes()));
        }
    }

    #[test]
    fn a_sentence_is_no_file() {
        assert_eq!(find(b"begin 644 av allt\nbla bla\n", 0), None);
        assert_eq!(find(b"we begin 644 x\n#0V%T\n", 0), None);
        assert_eq!(find(b"begin 999 x\n#0V%T\n", 0), None);
    }
}
