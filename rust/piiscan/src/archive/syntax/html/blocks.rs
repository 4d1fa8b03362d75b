//! From tokens to fields: runs of text joined up to the next block element, attributes, comments.
//!
//! A number that inline tags split is one text; the markup between is a hard gap. `br` is a line break without raw bytes.

use std::ops::Range;

use memchr::memmem;

use crate::archive::syntax::Field;
use crate::archive::{Arena, Sink};
use crate::coverage::Status;
use crate::error::{Error, ErrorKind};
use crate::message::Role;
use crate::view::{Codec, Decoded, Part, Piece, View};

use super::Text;
use super::cfemail::{CfEmail, is_hidden};
use super::elements::{Element, is_layout, is_odd};
use super::entities::{HtmlAttr, HtmlBare, HtmlText, codec_of};
use super::percent::Percent;
use super::tables::{LABEL_MAX, Labels};
use super::tokens::{Attribute, Token, Tokens};

/// A line break that stands for a tag.
#[derive(Debug)]
struct LineBreak;

impl Codec for LineBreak {
    fn decode(&self, _raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        out.push(b'\n');
        if let Some(map) = map {
            map.push(Piece::atomic(0, 1, 0, 0));
        }
    }

    fn encode(&self, _text: &str, _out: &mut Vec<u8>) -> Result<(), Error> {
        Err(Error::new(ErrorKind::Config, "a tag cannot be replaced by text"))
    }
}

/// Reads one text.
pub(super) struct Blocks<'a, 's> {
    text: Text<'a>,
    whole: Field<'s>,
    arena: &'a Arena<'a>,
    sink: &'s mut dyn Sink<'a>,
    parts: Vec<Part<'a>>,
    /// Whether the parts hold more than white space.
    is_said: bool,
    /// The element whose text this is.
    element: Element,
    labels: Labels,
    /// The address that the element before hides, so that its visible text is a stand-in.
    hides_email: bool,
}

impl<'a, 's> Blocks<'a, 's> {
    pub(super) fn new(
        text: Text<'a>,
        whole: Field<'s>,
        arena: &'a Arena<'a>,
        sink: &'s mut dyn Sink<'a>,
    ) -> Self {
        Self {
            text,
            whole,
            arena,
            sink,
            parts: Vec::new(),
            is_said: false,
            element: Element::Block,
            labels: Labels::default(),
            hides_email: false,
        }
    }

    pub(super) fn read(&mut self) {
        let bytes = self.text.bytes;
        let (mut tokens, mut attributes) = (Tokens::new(bytes), Vec::new());
        while let Some(token) = tokens.next(&mut attributes) {
            match token {
                Token::Text(range) => self.say(range),
                Token::Raw(range) => self.raw(range),
                Token::Start(name) => self.start(name, &attributes),
                Token::End(name, rest) => {
                    self.name(name.clone());
                    self.name(rest);
                    self.end(Element::of(&bytes[name]));
                }
                Token::Comment(range) => {
                    let is_doctype = bytes[range.clone()]
                        .get(..7)
                        .is_some_and(|word| word.eq_ignore_ascii_case(b"doctype"));
                    if is_doctype {
                        self.name(range);
                    } else {
                        self.plain(range, "#comment");
                    }
                }
            }
        }
        self.flush();
    }

    fn part(&self, range: Range<usize>, codec: &'static dyn Codec) -> Part<'a> {
        let at = self.text.at + range.start as u64;
        Part { raw: &self.text.bytes[range], at, codec, hard: true }
    }

    fn say(&mut self, range: Range<usize>) {
        let raw = &self.text.bytes[range.clone()];
        self.is_said |= raw.iter().any(|byte| !byte.is_ascii_whitespace());
        if !self.hides_email && raw.len() < LABEL_MAX && is_stripped(raw) {
            let place = self.text.raw(range.clone());
            self.sink.problem(place, Status::Warn, "an e-mail address was removed by a web server");
        }
        let part = self.part(range, codec_of(raw, &HtmlText));
        self.parts.push(part);
    }

    /// The content of an element without markup.
    fn raw(&mut self, range: Range<usize>) {
        if self.element == Element::Script {
            self.plain(range, "#script");
            return;
        }
        self.say(range);
    }

    fn start(&mut self, name: Range<usize>, attributes: &[Attribute]) {
        let element = Element::of(&self.text.bytes[name.clone()]);
        self.name(name.clone());
        if element.ends_text() {
            self.flush();
            self.element = element;
        }
        match element {
            Element::Break => {
                let part = self.part(name.start - 1..name.start - 1, &LineBreak);
                self.parts.push(part);
            }
            Element::Table => self.labels.open_table(),
            Element::Row => self.labels.open_row(),
            Element::Cell => self.labels.open_cell(),
            _ => {}
        }
        if !attributes.is_empty() {
            self.hides_email = false;
        }
        for attribute in attributes {
            self.attribute(element, attribute);
        }
        if element == Element::Control {
            self.labels.close_control();
        }
    }

    fn end(&mut self, element: Element) {
        if !element.ends_text() {
            return;
        }
        self.flush();
        match element {
            Element::Table => self.labels.close_table(),
            Element::Cell | Element::Header => self.labels.close_cell(),
            _ => {}
        }
        self.element = Element::Block;
    }

    /// Hands over what was said since the last block element.
    fn flush(&mut self) {
        let parts = std::mem::take(&mut self.parts);
        if !std::mem::take(&mut self.is_said) {
            self.parts = parts;
            self.parts.clear();
            return;
        }
        let view = match *parts {
            [part] => View::coded(part.raw, part.at, part.codec),
            _ => View::joined(parts),
        };
        let view = view.within(self.text.outer);
        let text = (view.raw_len() <= LABEL_MAX).then(|| label_of(&view));
        let role = if self.element == Element::Title { Role::Subject } else { self.whole.role };
        let label = match self.element {
            Element::Cell => self.labels.of_cell(),
            Element::Detail => self.labels.of_detail(),
            Element::Control => self.labels.of_control(),
            _ => self.whole.label,
        };
        self.sink.field(role, self.whole.path, label, view);
        let Some(text) = text else { return };
        match self.element {
            Element::Header => self.labels.header(text),
            Element::Cell => self.labels.first_cell(text),
            Element::Term => self.labels.term(text),
            Element::Label => self.labels.control(text),
            _ => {}
        }
    }

    /// Text that holds no references: a comment, a script.
    fn plain(&mut self, range: Range<usize>, name: &str) {
        let raw = &self.text.bytes[range.clone()];
        if raw.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let path = format!("{}/{name}", self.whole.path);
        let view = View::plain(raw, self.text.at + range.start as u64).within(self.text.outer);
        self.sink.field(Role::Meta, &path, "", view);
    }

    /// A name in the markup, if it looks like data: text with `<anna@example.se>` that nobody has escaped.
    fn name(&mut self, range: Range<usize>) {
        if is_odd(&self.text.bytes[range.clone()]) {
            self.plain(range, "#name");
        }
    }

    fn attribute(&mut self, element: Element, attribute: &Attribute) {
        let bytes = self.text.bytes;
        self.name(attribute.name.clone());
        let (name, value) = (&bytes[attribute.name.clone()], &bytes[attribute.value.clone()]);
        if value.iter().all(u8::is_ascii_whitespace) || is_layout(name, value) {
            return;
        }
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let at = self.text.at + attribute.value.start as u64;
        let path = format!("{}/@{name}", self.whole.path);
        let hidden = match memmem::find(value, b"/cdn-cgi/l/email-protection#") {
            Some(found) => Some(found + b"/cdn-cgi/l/email-protection#".len()),
            None => (name == "data-cfemail").then_some(0),
        };
        if let Some(skip) = hidden.filter(|skip| is_hidden(&value[*skip..])) {
            self.hides_email = true;
            let view = View::coded(&value[skip..], at + skip as u64, &CfEmail);
            self.sink.field(self.whole.role, &path, &name, view.within(self.text.outer));
            return;
        }
        let is_url = matches!(name.as_str(), "href" | "src" | "action" | "cite" | "data");
        let before = attribute.value.start.checked_sub(1).map(|at| self.text.bytes()[at]);
        let codec: &'static dyn Codec = match before {
            Some(b'"' | b'\'') => codec_of(value, &HtmlAttr),
            _ => &HtmlBare,
        };
        let view = if is_url { self.url(value, at, codec) } else { self.value(value, at, codec) };
        if view.raw_len() == 0 {
            return;
        }
        let label = match self.labels.of_control() {
            label if element == Element::Control && name == "value" && !label.is_empty() => label,
            _ => &name,
        };
        self.sink.field(Role::Meta, &path, label, view);
    }

    fn value(&self, value: &'a [u8], at: u64, codec: &'static dyn Codec) -> View<'a> {
        View::coded(value, at, codec).within(self.text.outer)
    }

    /// An address: references first, then percent-encoding. Of `mailto:` and `tel:` only what follows.
    fn url(&self, value: &'a [u8], at: u64, codec: &'static dyn Codec) -> View<'a> {
        let skip = ["mailto:", "tel:", "sms:", "callto:"].iter().find_map(|scheme| {
            let head = value.get(..scheme.len())?;
            head.eq_ignore_ascii_case(scheme.as_bytes()).then_some(scheme.len())
        });
        let skip = skip.unwrap_or_default();
        let (value, at) = (&value[skip..], at + skip as u64);
        let view = self.value(value, at, codec);
        if !value.contains(&b'%') {
            return view;
        }
        if codec.is_identity() {
            return View::coded(value, at, &Percent).within(self.text.outer);
        }
        let decoded: &Decoded<'a> = self.arena.alloc(Decoded::new(view));
        View::coded(decoded.bytes(), 0, &Percent).within(Some(decoded))
    }
}

/// The text of a heading: one line, no colon at its end.
fn label_of(view: &View<'_>) -> String {
    let bytes = view.bytes();
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == ':' || c == '*');
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text that a web server puts in the place of an address.
fn is_stripped(raw: &[u8]) -> bool {
    let text = raw.trim_ascii();
    [&b"[email protected]"[..], "[email\u{a0}protected]".as_bytes(), b"[email&#160;protected]"]
        .contains(&text)
}
