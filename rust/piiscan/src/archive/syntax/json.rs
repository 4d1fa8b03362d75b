//! JSON documents: exports of chats and cases, transcripts, tables of a database.
//!
//! Own tokenizer: a library would not tell where each escape stands, and gives up at the first fault. A string without escapes is a view
//! straight on the block; an escape is one atomic piece. Numbers are fields, and so are keys that are data. Paths are JSON Pointers
//! (RFC 6901). A document is cut between messages, so that exports of any size are read in windows by all cores; without
//! an array of messages it has to be in memory.

use std::borrow::Cow;
use std::ops::Range;

use super::layer::Layer;
use crate::archive::charset::{self, Detected, Unit};
use crate::archive::profile::{Profile, Rule, Step};
use crate::archive::seam::Seam;
use crate::archive::{Block, Cut, Head, Probe, Reader, Rewrite, Sink, Syntax, Window};
use crate::coverage::Status;
use crate::error::{Error, ErrorKind};
use crate::view::Edit;
use shape::Shapes;
use walker::{FaultKind, Kept, Mojibake, Walker};

mod border;
mod codecs;
mod erase;
pub(super) mod flat;
pub(super) mod marks;
pub(super) mod shape;
pub(super) mod uniform;
pub(super) mod walker;

/// The syntax.
#[derive(Debug)]
pub struct Json;

impl Syntax for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn probe(&self, probe: &Probe<'_>) -> u8 {
        let text = probe.text().trim_ascii_start();
        if !matches!(text.first(), Some(b'{' | b'[')) || super::jsonl::looks_like_lines(probe, text)
        {
            return 0;
        }
        if is_document(text) { 50 } else { 20 }
    }

    fn rewrite(&self) -> Rewrite {
        Rewrite::SpanExact
    }

    fn open(&self, head: &Head<'_>) -> Box<dyn Reader> {
        let detected = head.probe.detected();
        let array = head.probe.text().trim_ascii_start().first() == Some(&b'[');
        let profile = head.profile.map(|profile| adapt(profile, array));
        let top = if array { vec![Step::Any] } else { Vec::new() };
        let record = profile.as_ref().and_then(|profile| profile.record.clone()).unwrap_or(top);
        Box::new(JsonReader { detected, profile, record, depth: depth(head) })
    }
}

/// Deepest nesting that is read with paths.
pub(super) fn depth(head: &Head<'_>) -> usize {
    usize::try_from(head.limits.json_depth).unwrap_or(usize::MAX)
}

/// Whether the head is JSON as far as it goes, and not a line of text in brackets.
pub(super) fn is_document(text: &[u8]) -> bool {
    let text = match std::str::from_utf8(text) {
        Ok(text) => Cow::Borrowed(text.as_bytes()),
        Err(_) => Cow::Owned(String::from_utf8_lossy(text).into_owned().into_bytes()),
    };
    match check(&text) {
        Ok(end) => text[end..].trim_ascii().is_empty(),
        Err(FaultKind::End) => true,
        Err(FaultKind::Syntax) => false,
    }
}

/// Reads a value without a reader: its end, or why there is none.
pub(super) fn check(text: &[u8]) -> Result<usize, FaultKind> {
    let arena = crate::archive::Arena::new();
    let detected = charset::detect(b"", None);
    let mut walker = Walker {
        layer: Layer::new(text, 0, &detected, &arena),
        arena: &arena,
        sink: &mut Nowhere,
        shapes: &mut Shapes::new(None, None),
        depth: 512,
        mojibake: Mojibake::No,
        kept: Kept::default(),
    };
    walker.value(0).map_err(|fault| fault.kind)
}

/// Takes fields and forgets them.
#[derive(Debug)]
struct Nowhere;

impl<'a> Sink<'a> for Nowhere {
    fn begin(&mut self, _: u64) {}
    fn field(&mut self, _: crate::message::Role, _: &str, _: &str, _: crate::view::View<'a>) {}
    fn sent(&mut self, _: crate::message::Ts) {}
    fn closed(&mut self, _: crate::message::Ts) {}
    fn key(&mut self, _: &[u8]) {}
    fn child(&mut self, _: crate::archive::Child<'a>) {}
    fn end(&mut self, _: u64, _: bool) {}
    fn problem(&mut self, _: Range<u64>, _: Status, _: &str) {}
}

/// Fits a profile to a document whose top is an array: what the profile expects in a list below the top, or as a document of its own,
/// are the elements of it.
fn adapt(profile: &Profile, array: bool) -> Profile {
    let mut profile = profile.clone();
    let Some(record) = profile.record.as_mut().filter(|_| array) else { return profile };
    if record.is_empty() {
        record.push(Step::Any);
        for rule in &mut profile.rules {
            rule.steps.insert(0, Step::Any);
        }
        return profile;
    }
    let keys = record.iter().take_while(|step| **step != Step::Any).count();
    let prefix: Vec<Step> = record.drain(..keys).collect();
    profile.rules.retain(|rule| rule.steps.starts_with(&prefix));
    for Rule { steps, .. } in &mut profile.rules {
        steps.drain(..keys);
    }
    profile
}

/// Reads documents.
#[derive(Debug)]
struct JsonReader {
    detected: Detected,
    profile: Option<Profile>,
    /// The path of messages.
    record: Vec<Step>,
    depth: usize,
}

impl JsonReader {
    /// Whether bytes tell structure: no byte of a character is a quote or a bracket.
    fn has_plain_bytes(&self) -> bool {
        let encoding = self.detected.encoding;
        self.detected.unit() == Unit::Byte
            && (encoding == encoding_rs::UTF_8 || encoding.is_single_byte())
    }

    /// The path of messages, if the document can be cut between them.
    fn borders(&self) -> Option<&[Step]> {
        (self.has_plain_bytes() && border::is_cuttable(&self.record)).then_some(&self.record)
    }
}

/// How strings of a block are double-encoded.
pub(super) fn mojibake(profile: Option<&Profile>, text: &[u8]) -> Mojibake {
    if profile.is_some_and(|profile| profile.mojibake) {
        Mojibake::Always
    } else if charset::is_mojibake(text) {
        Mojibake::Seen
    } else {
        Mojibake::No
    }
}

impl Reader for JsonReader {
    fn cut(&self, window: &Window<'_>) -> Cut {
        let Some(record) = self.borders() else { return Cut::Whole };
        match border::last(window.bytes, window.base == 0, record) {
            Some(end) => Cut::At(end),
            None => Cut::More,
        }
    }

    fn read<'a>(&self, block: &Block<'a>, sink: &mut dyn Sink<'a>) {
        let layer = Layer::of_block(block, &self.detected);
        if block.torn {
            return super::text::torn(&layer, &codecs::Json, sink);
        }
        let mut shapes = Shapes::new(self.profile.as_ref(), Some(&self.record));
        let mut walker = Walker {
            layer,
            arena: block.arena,
            sink,
            shapes: &mut shapes,
            depth: self.depth,
            mojibake: mojibake(self.profile.as_ref(), layer.bytes),
            kept: Kept::default(),
        };
        let text = layer.bytes;
        let (mut start, mut first) = (0, block.first);
        loop {
            let done = match self.borders() {
                Some(record) if !first => walker.elements(start, record),
                _ => walker.value(start),
            };
            let (from, status, reason) = match done {
                Ok(at) if text[at..].trim_ascii().is_empty() => return,
                Ok(at) => (at, Status::Warn, "text after the end of the json document"),
                Err(fault) if fault.at == text.len() && walker.is_between() && !block.last => {
                    return;
                }
                Err(fault) if fault.kind == FaultKind::End => {
                    (fault.at, Status::Error, "the json document is cut off")
                }
                Err(fault) => (
                    fault.at,
                    Status::Warn,
                    "not valid json: read without paths up to the next message",
                ),
            };
            walker.join();
            let border = self.borders().filter(|_| done.is_err());
            let border = border.and_then(|record| {
                border::next(&text[start..], first, record, from - start).map(|at| start + at)
            });
            let end = border.unwrap_or(text.len());
            // What is left of a document that is cut off is scanned: a range would count as not scanned.
            let raw = if status == Status::Warn { from } else { end };
            walker.sink.problem(layer.raw(raw)..layer.raw(end), status, reason);
            flat::read(&layer, from, end, walker.sink);
            if walker.is_within() {
                walker.sink.end(layer.raw(end), true);
            }
            let Some(border) = border else { return };
            (start, first) = (border, false);
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
        if !messages.is_empty() && self.detected.unit() == Unit::Byte && !self.has_plain_bytes() {
            let reason = "messages in this charset cannot be taken out";
            return Err(Error::new(ErrorKind::Unsupported, reason));
        }
        erase::erase(self, self.detected.unit(), block, messages, edits)
    }
}

/// What is odd about the charset of an object.
pub(super) fn remarks(detected: &Detected) -> Vec<(Status, String)> {
    let mut remarks = Vec::new();
    if detected.invalid_declared {
        remarks.push((Status::Warn, "the bytes contradict the declared charset".to_owned()));
    }
    if detected.guessed {
        remarks.push((Status::Warn, format!("charset guessed: {}", detected.name())));
    }
    remarks
}
