//! HTML: pages, mail bodies, chat messages, fragments within JSON.
//!
//! Text is handed over per block element, so that a value which inline tags split is found; attributes, comments and scripts are
//! fields of their own, in document order. Character references, percent-encoded addresses and addresses hidden by `data-cfemail`
//! are decoded. Not handed over: names of tags and attributes, and values of layout attributes, unless they look like data.
//!
//! Source: HTML Living Standard, 13.2. No tree is built, nothing is fetched and no script is run.

use std::ops::Range;

use encoding_rs::UTF_8;
use memchr::memmem;

use crate::archive::charset::{self, Detected};
use crate::archive::syntax::Field;
use crate::archive::{Arena, Block, Cut, Head, Probe, Reader, Rewrite, Sink, Syntax, Window};
use crate::coverage::Status;
use crate::message::Role;
use crate::view::{Codec, Decoded, Plain, View};

mod blocks;
mod cfemail;
mod elements;
mod entities;
pub(super) mod percent;
mod tables;
mod tokens;

use blocks::Blocks;
pub(super) use entities::copy;
use tokens::{Attribute, Token, Tokens};

/// How far a declared charset and the first tags are looked for.
const PRESCAN: usize = 4096;

/// HTML files.
#[derive(Debug)]
pub struct Html;

/// Valid UTF-8 that is HTML: bytes of the object, or of a decoded layer.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    bytes: &'a [u8],
    at: u64,
    outer: Option<&'a Decoded<'a>>,
}

impl<'a> Text<'a> {
    /// Bytes that stand in the object at `at` as they are.
    pub fn plain(bytes: &'a [u8], at: u64) -> Self {
        Self { bytes, at, outer: None }
    }

    /// Valid UTF-8 that stands at `at` in the object, or in the decoded layer `outer`.
    pub(super) fn new(bytes: &'a [u8], at: u64, outer: Option<&'a Decoded<'a>>) -> Self {
        Self { bytes, at, outer }
    }

    /// Bytes of a charset: of the object, or of the decoded layer `outer`. Those that are not UTF-8 become a layer of their own.
    pub fn of_charset(
        bytes: &'a [u8],
        at: u64,
        outer: Option<&'a Decoded<'a>>,
        charset: &Detected,
        arena: &'a Arena<'a>,
    ) -> Self {
        let is_utf8 = charset.encoding == UTF_8 && !charset.utf7;
        if is_utf8 && simdutf8::basic::from_utf8(bytes).is_ok() {
            return Self { bytes, at, outer };
        }
        let view = View::coded(bytes, at, charset.codec()).within(outer);
        Self::decoded(arena.alloc(Decoded::new(view)))
    }

    /// All of a decoded layer.
    pub fn decoded(outer: &'a Decoded<'a>) -> Self {
        Self { bytes: outer.bytes(), at: 0, outer: Some(outer) }
    }

    /// The bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// A range of the bytes with one codec.
    pub fn view(&self, range: Range<usize>, codec: &'static dyn Codec) -> View<'a> {
        let at = self.at + range.start as u64;
        View::coded(&self.bytes[range], at, codec).within(self.outer)
    }

    /// Where a range of the bytes lies in the object.
    pub fn raw(&self, range: Range<usize>) -> Range<u64> {
        let span = self.view(range.clone(), &Plain).raw(0..range.len());
        span.start..span.end
    }
}

/// Hands over the fields of an HTML text.
pub fn fields<'a>(text: Text<'a>, whole: Field<'_>, arena: &'a Arena<'a>, sink: &mut dyn Sink<'a>) {
    Blocks::new(text, whole, arena, sink).read();
}

/// Hands over the fields of a field that holds HTML.
pub(super) fn nested<'a>(
    view: View<'a>,
    field: &Field<'_>,
    arena: &'a Arena<'a>,
    sink: &mut dyn Sink<'a>,
) {
    fields(Text::decoded(arena.alloc(Decoded::new(view))), *field, arena, sink);
}

impl Syntax for Html {
    fn id(&self) -> &'static str {
        "html"
    }

    fn probe(&self, probe: &Probe<'_>) -> u8 {
        let text = probe.text();
        let text = text[..text.len().min(PRESCAN)].trim_ascii_start();
        if text.first() != Some(&b'<') {
            return 0;
        }
        let text = text.to_ascii_lowercase();
        let text = text.as_slice();
        let begins = |word: &&[u8]| text.starts_with(word);
        let holds = |word: &&[u8]| memmem::find(text, word).is_some();
        if !matches!(text, [b'<', b'!' | b'?', ..])
            && !matches!(text, [b'<', byte, ..] if byte.is_ascii_alphabetic())
        {
            return 0;
        }
        if [&b"<!doctype html"[..], b"<html"].iter().any(begins) {
            70
        } else if [&b"<html"[..], b"<head>", b"<body", b"<title>"].iter().any(holds) {
            60
        } else if [&b"<div"[..], b"<p>", b"<table", b"<span", b"<meta ", b"<br>"].iter().any(begins)
        {
            45
        } else {
            20
        }
    }

    fn rewrite(&self) -> Rewrite {
        Rewrite::SpanExact
    }

    fn open(&self, head: &Head<'_>) -> Box<dyn Reader> {
        let bytes = head.probe.head;
        Box::new(HtmlReader { charset: charset::detect(bytes, declared_charset(bytes)) })
    }
}

/// The charset that a `meta` element near the start declares.
pub(super) fn declared_charset(bytes: &[u8]) -> Option<&[u8]> {
    let head = &bytes[..bytes.len().min(PRESCAN)];
    let (mut tokens, mut attributes) = (Tokens::new(head), Vec::<Attribute>::new());
    while let Some(token) = tokens.next(&mut attributes) {
        let Token::Start(name) = token else { continue };
        if !head[name].eq_ignore_ascii_case(b"meta") {
            continue;
        }
        for attribute in &attributes {
            let value = &head[attribute.value.clone()];
            if head[attribute.name.clone()].eq_ignore_ascii_case(b"charset") {
                return Some(value);
            }
            let lower = value.to_ascii_lowercase();
            if let Some(found) = memmem::find(&lower, b"charset=") {
                let label = &value[found + b"charset=".len()..];
                return Some(label.split(|byte| b";\"' ".contains(byte)).next().unwrap_or(label));
            }
        }
    }
    None
}

#[derive(Debug)]
struct HtmlReader {
    charset: Detected,
}

impl Reader for HtmlReader {
    fn cut(&self, _window: &Window<'_>) -> Cut {
        Cut::Whole
    }

    fn read<'a>(&self, block: &Block<'a>, sink: &mut dyn Sink<'a>) {
        let skip = if block.first { self.charset.bom.min(block.bytes.len()) } else { 0 };
        let (bytes, at) = (&block.bytes[skip..], block.base + skip as u64);
        let end = block.base + block.bytes.len() as u64;
        sink.begin(block.base);
        let text = Text::of_charset(bytes, at, None, &self.charset, block.arena);
        let whole = Field { role: Role::Body, path: "body", label: "" };
        fields(text, whole, block.arena, sink);
        if block.torn {
            sink.problem(block.base..end, Status::Limit, "larger than the limit `field`");
        }
        sink.end(end, false);
    }

    fn remarks(&self) -> Vec<(Status, String)> {
        if self.charset.guessed {
            vec![(Status::Warn, format!("charset guessed: {}", self.charset.name()))]
        } else {
            Vec::new()
        }
    }
}
