//! JSON Lines: one message a line. The fast path of chat archives.
//!
//! A line that is not JSON is counted as a message, read flat and named; the next line is read normally.

use std::ops::Range;

use super::json::flat;
use super::json::marks::Marks;
use super::json::shape::Shapes;
use super::json::uniform::Uniform;
use super::json::walker::{FaultKind, Kept, Mojibake, Walker, hand_over};
use super::json::{check, depth, is_document, mojibake, remarks};
use super::layer::Layer;
use crate::archive::charset::{Detected, Unit};
use crate::archive::profile::Profile;
use crate::archive::seam::{self, Seam};
use crate::archive::{Block, Cut, Head, Probe, Reader, Rewrite, Sink, Syntax, Window};
use crate::coverage::Status;
use crate::error::Error;
use crate::view::Edit;

/// Lines of a head that a probe looks at.
const PROBE_LINES: usize = 20;

/// The syntax.
#[derive(Debug)]
pub struct Jsonl;

impl Syntax for Jsonl {
    fn id(&self) -> &'static str {
        "jsonl"
    }

    fn probe(&self, probe: &Probe<'_>) -> u8 {
        if looks_like_lines(probe, probe.text().trim_ascii_start()) { 60 } else { 0 }
    }

    fn rewrite(&self) -> Rewrite {
        Rewrite::SpanExact
    }

    fn open(&self, head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(JsonlReader {
            detected: head.probe.detected(),
            profile: head.profile.cloned(),
            depth: depth(head),
        })
    }
}

/// Whether text is one JSON value a line: at least half of its first lines are, two or more, and all of it is no single document. With the name of
/// JSON Lines one line is enough. Broken lines are part of the trade.
pub(super) fn looks_like_lines(probe: &Probe<'_>, text: &[u8]) -> bool {
    let named = matches!(probe.extension().as_str(), "jsonl" | "ndjson");
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    let whole = probe.len.is_none_or(|len| len <= probe.head.len() as u64);
    if lines.len() > 1 && !whole {
        lines.pop(); // cut off by the end of the head
    }
    let lines = lines.iter().map(|line| line.trim_ascii()).filter(|line| !line.is_empty());
    let (mut all, mut good) = (0, 0);
    for line in lines.take(PROBE_LINES) {
        all += 1;
        let opened = matches!(line.first(), Some(b'{' | b'['));
        good += usize::from(opened && check(line).is_ok_and(|end| end == line.len()));
    }
    if all == 1 {
        // One line, which may be longer than the head.
        return named && (good == 1 || !whole && text.first() == Some(&b'{'));
    }
    let enough = if named { good > 0 } else { good > 1 && 2 * good >= all };
    enough && !is_document(text)
}

/// Reads lines.
#[derive(Debug)]
struct JsonlReader {
    detected: Detected,
    profile: Option<Profile>,
    depth: usize,
}

impl Reader for JsonlReader {
    fn cut(&self, window: &Window<'_>) -> Cut {
        match self.detected.unit().last_line_end(window.bytes, b'\n') {
            Some(end) => Cut::At(end),
            None => Cut::More,
        }
    }

    fn read<'a>(&self, block: &Block<'a>, sink: &mut dyn Sink<'a>) {
        if block.torn {
            let layer = Layer::of_block(block, &self.detected);
            return flat::read(&layer, 0, layer.bytes.len(), sink);
        }
        let mut shapes = Shapes::new(self.profile.as_ref(), None);
        let mut lines = Lines { reader: self, block, shapes: &mut shapes, kept: Kept::default() };
        let bom = if block.first { self.detected.bom.min(block.bytes.len()) } else { 0 };
        let utf8 = self.detected.encoding == encoding_rs::UTF_8;
        let valid = utf8 && simdutf8::basic::from_utf8(&block.bytes[bom..]).is_ok();
        if valid || self.detected.unit() != Unit::Byte || self.detected.utf7 {
            let layer = Layer::of_block(block, &self.detected);
            return lines.read(&layer, sink);
        }
        // One broken line must not cost the others their short way: each line is a layer of its own.
        let mut at = bom;
        while at < block.bytes.len() {
            let end = line_end(block.bytes, at);
            let (bytes, base) = (&block.bytes[at..end], block.base + at as u64);
            let layer = Layer::lenient(bytes, base, &self.detected, block.arena);
            lines.read(&layer, sink);
            at = end;
        }
    }

    fn remarks(&self) -> Vec<(Status, String)> {
        remarks(&self.detected)
    }

    fn channel(&self) -> Option<&str> {
        self.profile.as_ref()?.channel.as_deref()
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

fn line_end(bytes: &[u8], from: usize) -> usize {
    memchr::memchr(b'\n', &bytes[from..]).map_or(bytes.len(), |at| from + at + 1)
}

/// The lines of one block.
struct Lines<'r, 'a, 'p> {
    reader: &'p JsonlReader,
    block: &'r Block<'a>,
    shapes: &'r mut Shapes<'p>,
    kept: Kept<'a>,
}

impl<'a> Lines<'_, 'a, '_> {
    fn read(&mut self, layer: &Layer<'a>, sink: &mut dyn Sink<'a>) {
        let mojibake = mojibake(self.reader.profile.as_ref(), layer.bytes);
        let (mut uniform, mut marks) = (Uniform::default(), Marks::new(layer.bytes));
        let mut at = 0;
        while at < layer.bytes.len() {
            let (start, end) = (at, line_end(layer.bytes, at));
            at = end;
            if layer.bytes[start..end].trim_ascii().is_empty() {
                continue;
            }
            if mojibake == Mojibake::No
                && self.reader.depth > 0
                && let Some(values) = uniform.read(layer.bytes, &mut marks, start, end)
            {
                sink.begin(layer.raw(start));
                hand_over(values, layer, self.shapes, sink);
                sink.end(layer.raw(end), false);
            } else if self.line(layer, start, end, mojibake, sink) {
                uniform.learn(&layer.bytes[start..end], self.shapes);
            }
        }
    }

    /// Reads a line; whether it is one JSON value.
    fn line(
        &mut self,
        layer: &Layer<'a>,
        from: usize,
        to: usize,
        mojibake: Mojibake,
        sink: &mut dyn Sink<'a>,
    ) -> bool {
        sink.begin(layer.raw(from));
        let mut walker = Walker {
            layer: layer.until(to),
            arena: self.block.arena,
            sink,
            shapes: self.shapes,
            depth: self.reader.depth,
            mojibake,
            kept: std::mem::take(&mut self.kept),
        };
        let (broken, reason) = match walker.value(from) {
            Ok(at) if at == to || layer.bytes[at..to].trim_ascii().is_empty() => (None, ""),
            Ok(at) => (Some(at), "a line has text after its json value"),
            Err(fault) if fault.kind == FaultKind::End => {
                (Some(fault.at), "a line of json is cut off")
            }
            Err(fault) => (Some(fault.at), "a line is not valid json: read without paths"),
        };
        walker.join();
        self.kept = walker.kept;
        if let Some(at) = broken {
            sink.problem(layer.raw(from)..layer.raw(to), Status::Warn, reason);
            flat::read(layer, at, to, sink);
        }
        sink.end(layer.raw(to), false);
        broken.is_none()
    }
}
