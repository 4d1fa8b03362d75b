//! Plain text and logs; chats written as text, if a profile tells how their messages begin.
//!
//! Text without a profile is no message: its fields are paragraphs, ended by an empty line or, in logs and long paragraphs, by the first
//! line end after 8 KiB. Every window begins at the start of a paragraph, so windows never change what a field is. With a profile, a
//! message begins at each line that matches its pattern; lines between belong to the message before.
//!
//! The charset is looked at once more per paragraph: logs mix them. A line that is not UTF-8 is read as windows-1252.

use std::ops::Range;

use encoding_rs::UTF_8;
use regex::bytes::Regex;

use super::html::percent::PercentLine;
use super::json::remarks;
use super::layer::Layer;
use super::url;
use crate::archive::charset::{self, Detected, Unit};
use crate::archive::profile::{Does, Profile};
use crate::archive::seam::{self, Seam};
use crate::archive::{Block, Cut, Head, Probe, Reader, Rewrite, Sink, Syntax, Window};
use crate::coverage::Status;
use crate::error::Error;
use crate::message::Role;
use crate::view::{Codec, Edit, Plain, View};

/// Size from which a paragraph ends at the next line end, in bytes.
const PARAGRAPH: usize = 8 << 10;

/// Lines of a head that are tried against a pattern.
const PROBE_LINES: usize = 50;

/// The syntax.
#[derive(Debug)]
pub struct Text;

impl Syntax for Text {
    fn id(&self) -> &'static str {
        "text"
    }

    fn probe(&self, probe: &Probe<'_>) -> u8 {
        if is_text(probe.text()) { 5 } else { 0 }
    }

    fn rewrite(&self) -> Rewrite {
        Rewrite::SpanExact
    }

    fn open(&self, head: &Head<'_>) -> Box<dyn Reader> {
        let has = |byte| memchr::memchr(byte, head.probe.head).is_some();
        let line_end = if has(b'\r') && !has(b'\n') { b'\r' } else { b'\n' };
        let lines = Lines { detected: head.probe.detected(), line_end };
        match head.profile {
            Some(profile) if profile.line.is_some() => {
                Box::new(ChatReader { lines, profile: profile.clone() })
            }
            _ => Box::new(TextReader { lines }),
        }
    }
}

/// Whether bytes are text: hardly any control character. NUL bytes are counted out, since text may stand between runs of them.
fn is_text(head: &[u8]) -> bool {
    let odd = |byte: &&u8| matches!(byte, 1..=8 | 14..=26 | 28..=31 | 127);
    let nul = memchr::memchr_iter(0, head).count();
    head.iter().filter(odd).count() * 100 <= head.len() - nul && nul * 10 <= head.len() * 9
}

/// How many of the first lines begin a message of a profile; 0 when its pattern does not fit.
pub(in crate::archive) fn matching_lines(head: &[u8], pattern: &Regex) -> usize {
    let lines = head.split(|byte| matches!(byte, b'\n' | b'\r'));
    let lines = lines.filter(|line| !line.trim_ascii().is_empty()).take(PROBE_LINES);
    let matches: Vec<bool> = lines.map(|line| pattern.is_match(line)).collect();
    let count = matches.iter().filter(|is_match| **is_match).count();
    if matches.first() == Some(&true) || count > 1 { count } else { 0 }
}

/// Hands over a block that was torn out of a unit above the cap.
pub(super) fn torn<'a>(layer: &Layer<'a>, codec: &'static dyn Codec, sink: &mut dyn Sink<'a>) {
    if !layer.bytes.is_empty() {
        sink.field(Role::Body, "", "", layer.view(0, layer.bytes.len(), codec));
    }
}

/// How the bytes of an object are lines.
#[derive(Debug)]
struct Lines {
    detected: Detected,
    line_end: u8,
}

impl Lines {
    /// The end of the line that begins at `from`, if it is there.
    fn line(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let (width, high) = match self.detected.unit() {
            Unit::Byte => {
                return memchr::memchr(self.line_end, &bytes[from..]).map(|at| from + at + 1);
            }
            Unit::Utf16Le => (2, 1),
            Unit::Utf16Be => (2, 0),
        };
        let is_end = |unit: &[u8]| unit[high] == 0 && unit[1 - high] == self.line_end;
        let mut units = bytes[from..].chunks_exact(width);
        units.position(is_end).map(|at| from + (at + 1) * width)
    }

    /// The end of the paragraph that begins at `from`, if it is there. Line ends count as one byte, in whatever way they are written.
    fn paragraph(&self, bytes: &[u8], from: usize) -> Option<usize> {
        let (mut at, mut size) = (from, 0);
        loop {
            let end = self.line(bytes, at)?;
            let text = &bytes[at..end];
            size += text.len() - usize::from(text.ends_with(b"\r\n"));
            if size >= PARAGRAPH || is_blank(text) {
                return Some(end);
            }
            at = end;
        }
    }

    /// Hands over text that is no message.
    fn paragraphs<'a>(&self, block: &Block<'a>, from: usize, to: usize, sink: &mut dyn Sink<'a>) {
        let bytes = &block.bytes[..to];
        let mut at = from;
        while at < to {
            let end = self.paragraph(bytes, at).unwrap_or(to);
            self.field(block, at, end, sink);
            at = end;
        }
    }

    /// Hands over a paragraph; line by line if it is of several charsets or percent-encoded.
    fn field<'a>(&self, block: &Block<'a>, from: usize, to: usize, sink: &mut dyn Sink<'a>) {
        let bytes = &block.bytes[from..to];
        if is_blank(bytes) {
            return;
        }
        let end = self.line(bytes, 0).map_or(to, |end| from + end);
        let mixed = self.detected.encoding == UTF_8 && simdutf8::basic::from_utf8(bytes).is_err();
        if end < to && (mixed || url::is_encoded(bytes)) {
            self.field(block, from, end, sink);
            self.rest(block, end, to, sink);
            return;
        }
        let base = block.base + from as u64;
        let layer = Layer::lenient(bytes, base, &self.detected, block.arena);
        if mixed && !layer.lossy {
            sink.problem(base..base + bytes.len() as u64, Status::Warn, MIXED);
        }
        let codec: &'static dyn Codec = if charset::is_mojibake(layer.bytes) {
            &charset::MOJIBAKE
        } else if url::is_encoded(layer.bytes) {
            &PercentLine
        } else {
            &Plain
        };
        sink.field(Role::Body, "", "", layer.view(0, layer.bytes.len(), codec));
    }

    /// The lines of a paragraph after its first, one by one.
    fn rest<'a>(&self, block: &Block<'a>, from: usize, to: usize, sink: &mut dyn Sink<'a>) {
        let mut at = from;
        while at < to {
            let end = self.line(&block.bytes[..to], at).unwrap_or(to);
            self.field(block, at, end, sink);
            at = end;
        }
    }
}

/// Reason for a line in another charset.
const MIXED: &str = "some lines are not UTF-8: read as windows-1252";

/// What ends where the first line of a message does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineEnd {
    OfMessage,
    Within,
}

/// Stands where nothing is left of what a line needs.
const MARK: &str = "_";

/// Whether a line is empty, in any charset.
fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0))
}

/// Where the text of a block begins.
fn start(block: &Block<'_>, detected: &Detected) -> usize {
    if block.first { detected.bom.min(block.bytes.len()) } else { 0 }
}

/// Reads text without messages.
#[derive(Debug)]
struct TextReader {
    lines: Lines,
}

impl Reader for TextReader {
    fn cut(&self, window: &Window<'_>) -> Cut {
        let mut end = 0;
        while let Some(next) = self.lines.paragraph(window.bytes, end) {
            end = next;
        }
        if end == 0 { Cut::More } else { Cut::At(end) }
    }

    fn read<'a>(&self, block: &Block<'a>, sink: &mut dyn Sink<'a>) {
        if block.torn {
            return torn(&Layer::of_block(block, &self.lines.detected), &Plain, sink);
        }
        self.lines.paragraphs(block, start(block, &self.lines.detected), block.bytes.len(), sink);
    }

    fn remarks(&self) -> Vec<(Status, String)> {
        remarks(&self.lines.detected)
    }
}

/// Reads chats.
#[derive(Debug)]
struct ChatReader {
    lines: Lines,
    profile: Profile,
}

impl ChatReader {
    fn pattern(&self) -> &Regex {
        self.profile.line.as_ref().expect("a chat has the pattern of its profile")
    }

    /// Starts of messages, from the last one backwards.
    fn last_start(&self, bytes: &[u8]) -> Option<usize> {
        let mut end = memchr::memrchr(self.lines.line_end, bytes)? + 1;
        while let Some(at) = memchr::memrchr(self.lines.line_end, &bytes[..end - 1]) {
            if self.pattern().is_match(line(&bytes[at + 1..end])) {
                return Some(at + 1);
            }
            end = at + 1;
        }
        None
    }

    /// The numbers of the groups that hold text, if a line begins a message. Where the message ends with its line, the last may be
    /// empty.
    fn groups(&self, raw: &[u8], end: LineEnd) -> Option<Vec<usize>> {
        let text = View::coded(raw, 0, self.lines.detected.codec()).bytes().into_owned();
        let groups = self.pattern().captures(line(&text))?;
        let numbers = 0..groups.len();
        let holds = |group: regex::bytes::Match<'_>| end == LineEnd::OfMessage || !group.is_empty();
        Some(numbers.filter(|number| groups.get(*number).is_some_and(holds)).collect())
    }

    fn message<'a>(&self, layer: &Layer<'a>, from: usize, to: usize, sink: &mut dyn Sink<'a>) {
        let first = memchr::memchr(self.lines.line_end, &layer.bytes[from..to]);
        let first = line(&layer.bytes[from..first.map_or(to, |at| from + at)]);
        let Some(groups) = self.pattern().captures(first) else { return };
        sink.begin(layer.raw(from));
        // Where the last group ends, whether or not it holds anything.
        let seen = groups.iter().flatten().skip(1).map(|group| group.end()).max().unwrap_or(0);
        let mut told = false;
        for name in self.pattern().capture_names().flatten() {
            let Some(group) = groups.name(name).filter(|group| !group.is_empty()) else { continue };
            let mut role = Role::Meta;
            for rule in self.profile.rules_of(name) {
                match &rule.does {
                    Does::Role(found) => role = *found,
                    Does::Sent(clock) => {
                        role = Role::Time;
                        sink.sent(clock.read(group.as_bytes()));
                    }
                    Does::Closed(clock) => {
                        role = Role::Closed;
                        sink.closed(clock.read(group.as_bytes()));
                    }
                    Does::Key => sink.key(group.as_bytes()),
                    Does::Nested(_) | Does::Join => {}
                }
            }
            // Lines that follow belong to what stands last in the first line.
            let last = group.end() == first.len();
            told |= last;
            let end = if last { to } else { from + group.end() };
            let text = layer.bytes[from + group.start()..end].trim_ascii_end();
            let codec: &'static dyn Codec =
                if charset::is_mojibake(text) { &charset::MOJIBAKE } else { &Plain };
            let start = from + group.start();
            if !text.is_empty() {
                sink.field(role, name, "", layer.view(start, start + text.len(), codec));
            }
        }
        // What no group took: an empty text in the first line and lines after it, or the rest of a line.
        if !told {
            let text = layer.bytes[from + seen..to].trim_ascii_end();
            if !text.trim_ascii().is_empty() {
                let codec: &'static dyn Codec =
                    if charset::is_mojibake(text) { &charset::MOJIBAKE } else { &Plain };
                let start = from + seen;
                sink.field(Role::Body, "", "", layer.view(start, start + text.len(), codec));
            }
        }
        sink.end(layer.raw(to), false);
    }
}

/// A line without its end.
fn line(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r'));
    &line[..end.map_or(0, |end| end + 1)]
}

impl Reader for ChatReader {
    fn cut(&self, window: &Window<'_>) -> Cut {
        if self.lines.detected.unit() != Unit::Byte {
            return Cut::Whole;
        }
        match self.last_start(window.bytes) {
            Some(start) => Cut::At(start),
            None => Cut::More,
        }
    }

    fn read<'a>(&self, block: &Block<'a>, sink: &mut dyn Sink<'a>) {
        if block.torn {
            return torn(&Layer::of_block(block, &self.lines.detected), &Plain, sink);
        }
        let layer = Layer::of_block(block, &self.lines.detected);
        let bytes = layer.bytes;
        let mut starts = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let end = memchr::memchr(self.lines.line_end, &bytes[at..])
                .map_or(bytes.len(), |to| at + to + 1);
            if self.pattern().is_match(line(&bytes[at..end])) {
                starts.push(at);
            }
            at = end;
        }
        let head = starts.first().copied().unwrap_or(bytes.len());
        if head > 0 && !is_blank(&bytes[..head]) {
            sink.field(Role::Body, "", "", layer.plain(0, head));
        }
        for (at, from) in starts.iter().enumerate() {
            let to = starts.get(at + 1).copied().unwrap_or(bytes.len());
            self.message(&layer, *from, to, sink);
        }
    }

    fn remarks(&self) -> Vec<(Status, String)> {
        remarks(&self.lines.detected)
    }

    fn channel(&self) -> Option<&str> {
        self.profile.channel.as_deref()
    }

    /// A line that begins a message must still match, with the same groups: what was taken out of it leaves a mark.
    fn derive(&self, block: &Block<'_>, message: Range<u64>, edits: &mut Vec<Edit>) {
        let place = |at: u64| usize::try_from(at - block.base).unwrap_or(usize::MAX);
        let raw = &block.bytes[place(message.start)..place(message.end)];
        let end = self.lines.line(raw, 0).unwrap_or(raw.len());
        let first = message.start..message.start + end as u64;
        let is_last = raw[end..].iter().all(u8::is_ascii_whitespace);
        let last = if is_last { LineEnd::OfMessage } else { LineEnd::Within };
        let Some(groups) = self.groups(&raw[..end], last) else { return };
        let of_line = |edit: &Edit| first.start <= edit.raw.start && edit.raw.end < first.end;
        let fits = |edits: &[Edit]| {
            let (mut new, mut at) = (Vec::new(), 0);
            for edit in edits.iter().filter(|edit| of_line(edit)) {
                let own = place(edit.raw.start) - place(first.start);
                new.extend_from_slice(&raw[at..own]);
                new.extend_from_slice(&edit.bytes);
                at = place(edit.raw.end) - place(first.start);
            }
            new.extend_from_slice(&raw[at..end]);
            self.groups(&new, last)
                .is_some_and(|new| groups.iter().all(|group| new.contains(group)))
        };
        let is_empty = |edit: &&mut Edit| of_line(edit) && edit.bytes.is_empty();
        if !fits(edits) {
            for edit in edits.iter_mut().filter(is_empty) {
                // A mark that every charset can write.
                let _ = self.lines.detected.codec().encode(MARK, &mut edit.bytes);
            }
        }
    }

    fn erase(
        &self,
        block: &Block<'_>,
        messages: &[Range<u64>],
        edits: &mut Vec<Edit>,
    ) -> Result<Seam, Error> {
        seam::take_messages(block, messages, edits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(encoding: &'static encoding_rs::Encoding) -> Lines {
        let detected = Detected { encoding, ..charset::detect(b"", None) };
        Lines { detected, line_end: b'\n' }
    }

    #[test]
    fn a_paragraph_ends_with_an_empty_line_or_when_it_is_long() {
        let lines = lines(UTF_8);
        assert_eq!(lines.paragraph(b"a\nb\n \r\nc\n", 0), Some(7));
        assert_eq!(lines.paragraph(b"c\n", 0), None);
        let log = "0123456789abcde\n".repeat(1000);
        assert_eq!(lines.paragraph(log.as_bytes(), 0), Some(PARAGRAPH));
    }

    #[test]
    fn lines_of_utf16_are_found_in_whole_units() {
        let bytes: Vec<u8> = "a\u{0a00}\nb".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(lines(encoding_rs::UTF_16LE).line(&bytes, 0), Some(6));
    }

    #[test]
    fn binary_data_is_no_text() {
        assert!(is_text(b"Hej\tdu\r\n"));
        assert!(is_text(b"\0\0\0\0\0\0text\0\0\0"));
        assert!(!is_text(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"));
        assert!(!is_text(&[0; 100]));
    }
}
