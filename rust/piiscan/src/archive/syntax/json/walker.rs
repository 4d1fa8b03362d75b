//! From JSON text to fields: a state machine with its own stack, so that nesting costs no stack of the machine.
//!
//! Lenient where it costs nothing: duplicate keys, numbers of any size, `NaN`, control characters in strings, a comma before a
//! closing bracket. At anything else it stops; what is left is then read flat.

use super::codecs::{Json, JsonNumber};
use super::flat;
use super::shape::{Node, ROOT, Shapes};
use super::uniform::{Kind, Value};
use crate::archive::profile::{Does, Step};
use crate::archive::syntax::Field;
use crate::archive::syntax::layer::Layer;
use crate::archive::{Arena, Sink};
use crate::coverage::Status;
use crate::view::{Codec, Part, Plain, View};

/// A container that is open.
#[derive(Debug)]
struct Frame {
    array: bool,
    /// Path of the container.
    node: u32,
    /// Path of the member or element that is read.
    child: u32,
    index: u64,
}

/// Reads the values of one block.
pub(in crate::archive::syntax) struct Walker<'w, 'a, 'p> {
    pub(in crate::archive::syntax) layer: Layer<'a>,
    pub(in crate::archive::syntax) arena: &'a Arena<'a>,
    pub(in crate::archive::syntax) sink: &'w mut dyn Sink<'a>,
    pub(in crate::archive::syntax) shapes: &'w mut Shapes<'p>,
    /// Deepest nesting that is read with paths.
    pub(in crate::archive::syntax) depth: usize,
    /// Whether text is double-encoded: told by the profile, or seen in the block.
    pub(in crate::archive::syntax) mojibake: Mojibake,
    /// Buffers that are kept from value to value.
    pub(in crate::archive::syntax) kept: Kept<'a>,
}

/// Buffers of a walker.
#[derive(Debug, Default)]
pub(in crate::archive::syntax) struct Kept<'a> {
    stack: Vec<Frame>,
    path: String,
    parts: Vec<Part<'a>>,
    /// Number of containers around the message that is read.
    record: Option<usize>,
}

/// What is known about double encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::archive::syntax) enum Mojibake {
    /// The block shows no trace of it.
    No,
    /// Some strings show it.
    Seen,
    /// The profile says that all text is.
    Always,
}

/// Where and why reading stopped.
#[derive(Clone, Copy, Debug)]
pub(in crate::archive::syntax) struct Fault {
    pub(in crate::archive::syntax) at: usize,
    pub(in crate::archive::syntax) kind: FaultKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::archive::syntax) enum FaultKind {
    /// The text ends within a value.
    End,
    /// Not JSON.
    Syntax,
}

/// What is expected next.
enum State {
    Value,
    FirstElement,
    FirstKey,
    Key,
    After,
}

/// A string: where it ends (at the quote), and whether it holds escapes.
pub(in crate::archive::syntax) struct Quoted {
    pub(in crate::archive::syntax) end: usize,
    pub(in crate::archive::syntax) escaped: bool,
}

/// The string whose inside begins at `from`; `None` if it does not end.
pub(in crate::archive::syntax) fn quoted(bytes: &[u8], from: usize) -> Option<Quoted> {
    let mut at = from;
    let mut escaped = false;
    loop {
        // Most strings are short: a loop is faster than a call.
        let near = bytes.get(at..)?;
        let near = &near[..near.len().min(16)];
        at += match near.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
            Some(found) => found,
            None => near.len() + memchr::memchr2(b'"', b'\\', &bytes[at + near.len()..])?,
        };
        if bytes[at] == b'"' {
            return Some(Quoted { end: at, escaped });
        }
        escaped = true;
        at += 2;
    }
}

/// The first byte from `at` on that is no white space.
pub(super) fn skip(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}

impl Walker<'_, '_, '_> {
    /// Reads the value at `at`; gives its end.
    pub(in crate::archive::syntax) fn value(&mut self, at: usize) -> Result<usize, Fault> {
        self.kept.stack.clear();
        self.kept.record = None;
        self.run(at, State::Value)
    }

    /// Reads elements of the array of messages from `at` on, as if the containers around it had just been opened. Ends with the text, or with the
    /// outermost container.
    pub(in crate::archive::syntax) fn elements(
        &mut self,
        at: usize,
        record: &[Step],
    ) -> Result<usize, Fault> {
        self.kept.stack.clear();
        self.kept.record = None;
        let mut node = ROOT;
        for step in record {
            let (array, child) = match step {
                Step::Any => (true, self.shapes.element(node)),
                Step::Key(key) => (false, self.shapes.child(node, key.as_bytes())),
            };
            self.kept.stack.push(Frame { array, node, child, index: 0 });
            node = child;
        }
        self.run(at, State::Value)
    }

    /// Whether the text ended between two messages.
    pub(in crate::archive::syntax) fn is_between(&self) -> bool {
        let top = self.kept.stack.last();
        top.is_some_and(|frame| frame.array && self.shapes.node(frame.child).record)
    }

    /// Whether reading stopped within a message.
    pub(in crate::archive::syntax) fn is_within(&self) -> bool {
        self.kept.record.is_some()
    }

    fn current(&self) -> u32 {
        self.kept.stack.last().map_or(ROOT, |frame| frame.child)
    }

    fn run(&mut self, mut at: usize, mut state: State) -> Result<usize, Fault> {
        let bytes = self.layer.bytes;
        loop {
            at = skip(bytes, at);
            let fault = |kind| Err(Fault { at, kind });
            let Some(byte) = bytes.get(at).copied() else {
                if matches!(state, State::After) && self.kept.stack.is_empty() {
                    return Ok(at);
                }
                return fault(FaultKind::End);
            };
            state = match (state, byte) {
                (State::FirstElement | State::Value, b']') if self.is_in_array() => {
                    at = self.close(at);
                    State::After
                }
                (State::Value | State::FirstElement, _) => {
                    let node = self.current();
                    if self.shapes.node(node).record {
                        self.sink.begin(self.layer.raw(at));
                        self.kept.record = Some(self.kept.stack.len());
                    }
                    match byte {
                        b'{' | b'[' if self.kept.stack.len() >= self.depth => {
                            at = self.too_deep(at);
                            self.ended(at);
                            State::After
                        }
                        b'{' => {
                            self.shapes.restart(node);
                            self.kept.stack.push(Frame {
                                array: false,
                                node,
                                child: node,
                                index: 0,
                            });
                            at += 1;
                            State::FirstKey
                        }
                        b'[' => {
                            let child = self.shapes.element(node);
                            self.kept.stack.push(Frame { array: true, node, child, index: 0 });
                            at += 1;
                            State::FirstElement
                        }
                        b'"' => {
                            let Some(text) = quoted(bytes, at + 1) else {
                                return fault(FaultKind::End);
                            };
                            self.string(at + 1, &text);
                            at = text.end + 1;
                            self.ended(at);
                            State::After
                        }
                        _ => {
                            let end = match scalar(bytes, at) {
                                Some(Scalar::Number(end)) => {
                                    self.text(at, end, &JsonNumber);
                                    end
                                }
                                Some(Scalar::Word(end)) => end,
                                None if is_cut_word(&bytes[at..]) => return fault(FaultKind::End),
                                None => return fault(FaultKind::Syntax),
                            };
                            at = end;
                            self.ended(at);
                            State::After
                        }
                    }
                }
                (State::FirstKey | State::Key, b'}') => {
                    at = self.close(at);
                    State::After
                }
                (State::FirstKey | State::Key, b'"') => {
                    let end = if let Some(end) = self.expected_key(at + 1) {
                        end
                    } else {
                        let Some(key) = quoted(bytes, at + 1) else {
                            return fault(FaultKind::End);
                        };
                        self.key(at + 1, &key);
                        key.end
                    };
                    let colon = skip(bytes, end + 1);
                    match bytes.get(colon) {
                        Some(b':') => at = colon + 1,
                        Some(_) => return Err(Fault { at: colon, kind: FaultKind::Syntax }),
                        None => return Err(Fault { at: colon, kind: FaultKind::End }),
                    }
                    State::Value
                }
                (State::FirstKey | State::Key, _) => return fault(FaultKind::Syntax),
                (State::After, _) => {
                    let Some(frame) = self.kept.stack.last_mut() else { return Ok(at) };
                    match (byte, frame.array) {
                        (b',', true) => {
                            frame.index += 1;
                            at += 1;
                            State::Value
                        }
                        (b',', false) => {
                            at += 1;
                            State::Key
                        }
                        (b']', true) | (b'}', false) => {
                            at = self.close(at);
                            State::After
                        }
                        _ => return fault(FaultKind::Syntax),
                    }
                }
            };
        }
    }

    fn is_in_array(&self) -> bool {
        self.kept.stack.last().is_some_and(|frame| frame.array)
    }

    /// Closes the innermost container, whose bracket is at `at`.
    fn close(&mut self, at: usize) -> usize {
        if let Some(frame) = self.kept.stack.pop()
            && frame.child != frame.node
        {
            self.shapes.forget(frame.child);
        }
        if self.shapes.node(self.current()).join {
            self.join();
        }
        self.ended(at + 1);
        at + 1
    }

    /// Hands over the strings of an array as one text. Also what there is of it when reading stops within.
    pub(in crate::archive::syntax) fn join(&mut self) {
        if self.kept.parts.is_empty() {
            return;
        }
        let view = self.layer.joined(std::mem::take(&mut self.kept.parts));
        let node = self.shapes.node(self.current());
        let path = path(self.shapes, &self.kept.stack, self.kept.record, &mut self.kept.path);
        self.sink.field(node.role, path, &node.label, view);
    }

    /// A value has ended before `at`.
    fn ended(&mut self, at: usize) {
        if self.kept.record == Some(self.kept.stack.len()) {
            self.kept.record = None;
            self.sink.end(self.layer.raw(at), false);
        }
    }

    /// Takes the key that is expected at `from`, if it is there; gives its end.
    fn expected_key(&mut self, from: usize) -> Option<usize> {
        let frame = self.kept.stack.last_mut()?;
        let (child, len) = self.shapes.expected(frame.node, &self.layer.bytes[from..])?;
        // A node that is kept has nothing to forget; the one before it may.
        if frame.child != frame.node {
            self.shapes.forget(frame.child);
        }
        frame.child = child;
        Some(from + len)
    }

    fn key(&mut self, from: usize, key: &Quoted) {
        let Some(frame) = self.kept.stack.last_mut() else { return };
        if frame.child != frame.node {
            self.shapes.forget(frame.child);
        }
        frame.child = self.shapes.child(frame.node, &self.layer.bytes[from..key.end]);
        if self.shapes.node(frame.child).data_key {
            let parent = frame.node;
            let view = self.layer.view(from, key.end, codec(key));
            let stack = &self.kept.stack[..self.kept.stack.len() - 1];
            let up = path_of(self.shapes, parent, stack, self.kept.record, &mut self.kept.path);
            let path = format!("{up}/~key");
            self.sink.field(
                crate::message::Role::Meta,
                &path,
                &self.shapes.node(parent).label,
                view,
            );
        }
    }

    fn string(&mut self, from: usize, text: &Quoted) {
        if from < text.end {
            self.text(from, text.end, codec(text));
        }
    }

    /// Hands over a string or number.
    fn text(&mut self, from: usize, to: usize, codec: &'static dyn Codec) {
        let node = self.shapes.node(self.current());
        if node.member {
            let hard = !self.kept.parts.is_empty();
            self.kept.parts.push(self.layer.part(from, to, codec, hard));
            return;
        }
        let mut view = self.layer.view(from, to, codec);
        if self.shapes.is_message(self.kept.record) {
            tell(self.shapes, node, &view, self.sink);
        }
        match self.mojibake {
            Mojibake::Always if !codec.replaces_whole() && !view.bytes().is_ascii() => {
                view = Layer::decoded_again(view, self.arena);
            }
            Mojibake::Seen if !codec.replaces_whole() => view = Layer::mended(view, self.arena),
            _ => {}
        }
        let path = path(self.shapes, &self.kept.stack, self.kept.record, &mut self.kept.path);
        match node.nested {
            Some(nested) if !codec.replaces_whole() => {
                let field = Field { role: node.role, path, label: &node.label };
                nested(view, &field, self.arena, self.sink);
            }
            _ => self.sink.field(node.role, path, &node.label, view),
        }
    }

    /// Reads a value flat whose bracket is one too many; gives its end.
    fn too_deep(&mut self, at: usize) -> usize {
        let end = flat::subtree(self.layer.bytes, at);
        let raw = self.layer.raw(at)..self.layer.raw(end);
        self.sink.problem(
            raw,
            Status::Warn,
            "json is nested deeper than the limit `json-depth`: read without paths",
        );
        flat::read(&self.layer, at, end, self.sink);
        end
    }
}

/// Hands over what a value tells of its message: its key, its times.
fn tell<'a>(shapes: &Shapes<'_>, node: &Node, view: &View<'a>, sink: &mut dyn Sink<'a>) {
    if node.id {
        sink.key(&view.bytes());
    }
    if let Some(Does::Sent(clock)) = node.sent.map(|rule| shapes.does(rule)) {
        sink.sent(clock.read(&view.bytes()));
    }
    if let Some(Does::Closed(clock)) = node.closed.map(|rule| shapes.does(rule)) {
        sink.closed(clock.read(&view.bytes()));
    }
}

/// Hands over the values of a line of a known shape (see [`super::uniform`]), as the walker would.
pub(in crate::archive::syntax) fn hand_over<'a>(
    values: &[Value],
    layer: &Layer<'a>,
    shapes: &Shapes<'_>,
    sink: &mut dyn Sink<'a>,
) {
    for value in values {
        let codec: &'static dyn Codec = match value.kind {
            Kind::Plain => &Plain,
            Kind::Escaped => &Json,
            Kind::Number => &JsonNumber,
            Kind::Word => continue,
        };
        if value.from < value.to {
            let (node, view) = (shapes.node(value.node), layer.view(value.from, value.to, codec));
            if node.tells() {
                tell(shapes, node, &view, sink);
            }
            sink.field(node.role, &node.path, &node.label, view);
        }
    }
}

fn codec(text: &Quoted) -> &'static dyn Codec {
    if text.escaped { &Json } else { &Plain }
}

/// The path of the value that is read.
fn path<'s>(
    shapes: &'s Shapes<'_>,
    stack: &[Frame],
    record: Option<usize>,
    buffer: &'s mut String,
) -> &'s str {
    let node = stack.last().map_or(ROOT, |frame| frame.child);
    path_of(shapes, node, stack, record, buffer)
}

/// The path of `node`, which the last frame leads to. Put together only if it has indexes.
fn path_of<'s>(
    shapes: &'s Shapes<'_>,
    node: u32,
    stack: &[Frame],
    record: Option<usize>,
    buffer: &'s mut String,
) -> &'s str {
    let node = shapes.node(node);
    if !node.indexed {
        return &node.path;
    }
    buffer.clear();
    for frame in &stack[record.unwrap_or(0)..] {
        let step = shapes.node(frame.child);
        buffer.push('/');
        if frame.array && !step.on_the_way {
            buffer.push_str(&frame.index.to_string());
        } else {
            buffer.push_str(&step.step);
        }
    }
    buffer
}

/// The literals of JSON, and those that some programs write.
const WORDS: &[&str] = &["true", "false", "null", "NaN", "Infinity", "-Infinity"];

/// Whether the text ends within a literal.
fn is_cut_word(rest: &[u8]) -> bool {
    WORDS.iter().any(|word| word.as_bytes().starts_with(rest))
}

pub(super) enum Scalar {
    Number(usize),
    Word(usize),
}

/// A number or word at `at`, and where it ends.
pub(super) fn scalar(bytes: &[u8], at: usize) -> Option<Scalar> {
    if matches!(bytes.get(at), Some(b'0'..=b'9')) {
        let len = bytes[at..].iter().take_while(|byte| flat::is_of_number(**byte)).count();
        return Some(Scalar::Number(at + len));
    }
    // Of most the first byte is another: no call is needed to see that.
    let first = bytes.get(at)?;
    for word in WORDS.iter().filter(|word| word.as_bytes().first() == Some(first)) {
        if bytes[at..].starts_with(word.as_bytes()) {
            return Some(Scalar::Word(at + word.len()));
        }
    }
    let len = bytes[at..].iter().take_while(|byte| flat::is_of_number(**byte)).count();
    let has_digit = bytes[at..at + len].iter().any(u8::is_ascii_digit);
    (has_digit && matches!(bytes[at], b'-' | b'0'..=b'9')).then_some(Scalar::Number(at + len))
}
