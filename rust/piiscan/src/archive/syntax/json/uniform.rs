//! Lines of one shape: compared with the lines before instead of parsed.
//!
//! A program that exports messages writes every object alike: the same keys in the same order with the same spaces. So what stands before each
//! value of a line is one comparison, and the value is what stands between. A line that differs in anything is left to the parser, which is
//! also the definition of what is found.

use super::marks::Marks;
use super::shape::{ROOT, Shapes};
use super::walker::{Scalar, quoted, scalar, skip};

/// Shapes that are kept: as many kinds of messages a chat may mix.
const FORMS_MAX: usize = 4;
/// Values of a shape.
const PARTS_MAX: usize = 64;
/// Lines that may fit no shape before nothing is compared any more, beside those that fit.
const MISSES_MAX: u32 = 64;

/// What stands before a value, and the path of the value.
#[derive(Debug)]
struct Part {
    before: Box<[u8]>,
    node: u32,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::archive::syntax) enum Kind {
    /// A string without escapes.
    Plain,
    /// A string with escapes.
    Escaped,
    Number,
    /// `null`, `true` and the like.
    Word,
}

/// A value of a line: of a string, what stands between the quotes.
#[derive(Clone, Copy, Debug)]
pub(in crate::archive::syntax) struct Value {
    pub(in crate::archive::syntax) node: u32,
    pub(in crate::archive::syntax) from: usize,
    pub(in crate::archive::syntax) to: usize,
    pub(in crate::archive::syntax) kind: Kind,
}

/// The shapes of the lines of a block.
#[derive(Debug, Default)]
pub(in crate::archive::syntax) struct Uniform {
    forms: Vec<Vec<Part>>,
    /// The shape of the line before.
    last: usize,
    values: Vec<Value>,
    misses: u32,
}

impl Uniform {
    /// The values of the line, if it has one of the shapes.
    pub(in crate::archive::syntax) fn read(
        &mut self,
        bytes: &[u8],
        marks: &mut Marks<'_>,
        from: usize,
        to: usize,
    ) -> Option<&[Value]> {
        if self.misses > MISSES_MAX {
            return None;
        }
        for by in 0..self.forms.len() {
            let form = (self.last + by) % self.forms.len();
            self.values.clear();
            if values(&self.forms[form], bytes, marks, from, to, &mut self.values).is_some() {
                (self.last, self.misses) = (form, self.misses.saturating_sub(1));
                return Some(&self.values);
            }
        }
        self.misses += 1;
        None
    }

    /// Takes the shape of a line that was parsed without fault.
    pub(in crate::archive::syntax) fn learn(&mut self, line: &[u8], shapes: &mut Shapes<'_>) {
        if self.forms.len() < FORMS_MAX && self.misses <= MISSES_MAX {
            self.forms.extend(form(line, shapes));
        }
    }
}

/// Appends the values of a line of this shape.
fn values(
    form: &[Part],
    bytes: &[u8],
    marks: &mut Marks<'_>,
    from: usize,
    to: usize,
    out: &mut Vec<Value>,
) -> Option<()> {
    let mut at = from;
    for Part { before, node } in form {
        at += is_next(&bytes[at..to], before).then_some(before.len())?;
        let node = *node;
        if bytes.get(at)? == &b'"' {
            let (end, kind) = string(bytes, marks, at + 1)?;
            out.push(Value { node, from: at + 1, to: end, kind });
            at = end + 1;
        } else {
            let (end, kind) = match scalar(&bytes[..to], at)? {
                Scalar::Number(end) => (end, Kind::Number),
                Scalar::Word(end) => (end, Kind::Word),
            };
            out.push(Value { node, from: at, to: end, kind });
            at = end;
        }
        if at > to {
            return None;
        }
    }
    let rest = bytes[at..to].strip_prefix(b"}")?;
    rest.trim_ascii().is_empty().then_some(())
}

/// Whether a text begins so. Keys are short: whole words of the machine, the last over the one before, are faster than a call that compares.
fn is_next(text: &[u8], before: &[u8]) -> bool {
    let Some(text) = text.get(..before.len()) else { return false };
    let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    match (text.last_chunk(), before.last_chunk()) {
        (Some(last), Some(end)) => {
            let (words, _) = text.as_chunks();
            let (others, _) = before.as_chunks();
            word(last) == word(end) && words.iter().map(word).eq(others.iter().map(word))
        }
        _ => text.iter().eq(before),
    }
}

/// The end of the string whose inside begins at `from`.
fn string(bytes: &[u8], marks: &mut Marks<'_>, from: usize) -> Option<(usize, Kind)> {
    let (mut at, mut kind) = (marks.next(from)?, Kind::Plain);
    while bytes[at] != b'"' {
        kind = Kind::Escaped;
        at = marks.next(at + 2)?;
    }
    Some((at, kind))
}

/// The shape of an object of strings, numbers and words whose paths need nothing but to be handed over.
fn form(line: &[u8], shapes: &mut Shapes<'_>) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, skip(line, 0));
    if line.get(at) != Some(&b'{') {
        return None;
    }
    loop {
        at = skip(line, at + 1);
        if line.get(at) != Some(&b'"') || parts.len() == PARTS_MAX {
            return None;
        }
        let key = quoted(line, at + 1).filter(|key| !key.escaped)?;
        let node = shapes.child(ROOT, &line[at + 1..key.end]);
        if !shapes.node(node).is_leaf() {
            shapes.forget(node);
            return None;
        }
        let colon = skip(line, key.end + 1);
        at = skip(line, colon + 1);
        let value = line.get(at).filter(|_| line[colon] == b':')?;
        parts.push(Part { before: line[start..at].into(), node });
        start = if *value == b'"' {
            quoted(line, at + 1)?.end + 1
        } else {
            match scalar(line, at)? {
                Scalar::Number(end) | Scalar::Word(end) => end,
            }
        };
        at = skip(line, start);
        match line.get(at)? {
            b',' => {}
            b'}' => return Some(parts),
            _ => return None,
        }
    }
}
