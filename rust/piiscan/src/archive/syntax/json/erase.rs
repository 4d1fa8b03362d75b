//! Takes elements out of the arrays of messages, with the commas that keep them apart.
//!
//! An element goes with what stands before it since the last comma, and with its own comma. If the last ones of an array go, the comma of
//! the last one that is left goes too; where that one stands in an earlier block, the seam tells.

use std::ops::Range;

use crate::archive::charset::Unit;
use crate::archive::seam::{INDIVISIBLE, Seam, take_out};
use crate::archive::{Block, Reader, Sink};
use crate::coverage::Status;
use crate::error::{Error, ErrorKind};
use crate::message::{Role, Ts};
use crate::view::{Edit, View};

/// The messages of a block, erased or not.
#[derive(Default)]
struct Messages(Vec<Range<u64>>);

impl<'a> Sink<'a> for Messages {
    fn begin(&mut self, start: u64) {
        self.0.push(start..start);
    }

    fn end(&mut self, end: u64, _: bool) {
        if let Some(last) = self.0.last_mut() {
            last.end = end;
        }
    }

    fn field(&mut self, _: Role, _: &str, _: &str, _: View<'a>) {}
    fn sent(&mut self, _: Ts) {}
    fn closed(&mut self, _: Ts) {}
    fn key(&mut self, _: &[u8]) {}
    fn child(&mut self, _: crate::archive::Child<'a>) {}
    fn problem(&mut self, _: Range<u64>, _: Status, _: &str) {}
}

/// An element of an array.
struct Element {
    /// From behind what stands before it, to behind its comma.
    whole: Range<usize>,
    comma: Option<Range<usize>>,
    is_erased: bool,
    /// Whether it is the first of an array that begins in this block.
    begins: bool,
}

/// Bytes as characters of one or two bytes.
struct Text<'b> {
    bytes: &'b [u8],
    unit: Unit,
}

impl Text<'_> {
    fn width(&self) -> usize {
        if self.unit == Unit::Byte { 1 } else { 2 }
    }

    /// The character at a place; zero if it is none of ASCII, or there is none.
    fn at(&self, at: usize) -> u8 {
        match (self.unit, self.bytes.get(at..at + self.width())) {
            (Unit::Byte, Some([byte]))
            | (Unit::Utf16Le, Some([byte, 0]))
            | (Unit::Utf16Be, Some([0, byte])) => *byte,
            _ => 0,
        }
    }

    fn skip_blanks(&self, mut at: usize) -> usize {
        while at < self.bytes.len() && self.at(at).is_ascii_whitespace() {
            at += self.width();
        }
        at
    }

    /// Behind the character that stands before a place, blanks aside; and that character, zero at the start.
    fn before(&self, mut at: usize) -> (usize, u8) {
        while at >= self.width() {
            match self.at(at - self.width()) {
                blank if blank.is_ascii_whitespace() => at -= self.width(),
                found => return (at, found),
            }
        }
        (at, 0)
    }
}

fn broken() -> Error {
    Error::new(ErrorKind::Unsupported, INDIVISIBLE)
}

/// Takes messages out of a block.
pub(super) fn erase(
    reader: &dyn Reader,
    unit: Unit,
    block: &Block<'_>,
    erased: &[Range<u64>],
    edits: &mut Vec<Edit>,
) -> Result<Seam, Error> {
    if block.torn {
        return Err(broken());
    }
    let end = block.base + block.bytes.len() as u64;
    if erased.is_empty() {
        // A block that is not the last one ends behind a comma.
        let comma = (!block.last).then(|| end - 1..end);
        return Ok(Seam { comma, ..Seam::default() });
    }
    let mut all = Messages::default();
    reader.read(block, &mut all);
    let text = Text { bytes: block.bytes, unit };
    let mut elements = Vec::with_capacity(all.0.len());
    let mut rest = erased.iter().peekable();
    for message in &all.0 {
        let is_erased = rest.next_if(|erased| *erased == message).is_some();
        elements.push(element(&text, block, message, is_erased)?);
    }
    if rest.next().is_some() {
        return Err(broken());
    }
    let place =
        |range: Range<usize>| block.base + range.start as u64..block.base + range.end as u64;
    let mut seam = Seam::default();
    let (mut out, mut from) = (Vec::new(), 0);
    while from < elements.len() {
        let more = elements[from + 1..].iter().zip(&elements[from..]);
        let to = from + 1 + more.take_while(|(next, before)| follows(before, next)).count();
        let list = &elements[from..to];
        let left = list.iter().rfind(|element| !element.is_erased);
        let last = &list[list.len() - 1];
        let goes_on = !block.last
            && last
                .comma
                .as_ref()
                .is_some_and(|comma| text.skip_blanks(comma.end) == text.bytes.len());
        for element in list.iter().filter(|element| element.is_erased) {
            out.push(place(element.whole.clone()));
        }
        if last.is_erased && last.comma.is_none() {
            out.extend(left.and_then(|left| left.comma.clone()).map(place));
        }
        if from == 0 && !block.first && !list[0].begins {
            seam.closes = !goes_on;
            // Behind a comma of its own, none has to go.
            seam.is_left = left.is_some() || last.comma.is_some();
        }
        if goes_on {
            seam.comma = left.and_then(|left| left.comma.clone()).map(place);
        }
        from = to;
    }
    out.sort_by_key(|range| range.start);
    take_out(out, edits);
    Ok(seam)
}

fn follows(before: &Element, next: &Element) -> bool {
    before.comma.as_ref().is_some_and(|comma| comma.end == next.whole.start)
}

fn element(
    text: &Text<'_>,
    block: &Block<'_>,
    message: &Range<u64>,
    is_erased: bool,
) -> Result<Element, Error> {
    let place = |at: u64| usize::try_from(at - block.base).unwrap_or(usize::MAX);
    let (start, end) = (place(message.start), place(message.end));
    let (from, before) = text.before(start);
    let (at, begins) = (text.skip_blanks(end), before == b'[');
    let comma = (text.at(at) == b',').then(|| at..at + text.width());
    let is_element = begins || before == b',' || (from == 0 && !block.first);
    let is_ended = comma.is_some() || text.at(at) == b']';
    // Beside a broken element nobody can tell which comma is whose.
    if !(is_element && is_ended) {
        return Err(broken());
    }
    let to = comma.as_ref().map_or(end, |comma| comma.end);
    Ok(Element { whole: from..to, comma, is_erased, begins })
}
