//! The structure of a mail: parts within parts, in one pass over the lines that begin with `--`.
//!
//! A stack holds the open boundaries. A boundary of an outer part closes the inner ones, so a missing end costs nothing but a
//! warning; lines between parts (preamble, epilogue) are text. A nested mail (`message/rfc822`) is read in place, its fields
//! belong to the mail around it. Depth, number of parts and header lines are limited; what is beyond is read as text.
//!
//! Source: RFC 2045-2046.

use std::ops::Range;

use memchr::memmem;

use super::body::Use;
use super::entity::{Entity, Transfer};
use super::lines::{line, without_line_end};
use super::outline::Outline;
use super::values::Value;
use crate::archive::limits::Limits;
use crate::archive::{Arena, Sink};
use crate::coverage::Status;
use crate::message::Role;

/// The longest boundary that is believed (the standard allows 70).
const BOUNDARY_MAX: usize = 1000;

/// A mail that is being read.
pub(super) struct Mail<'a, 's> {
    pub(super) bytes: &'a [u8],
    pub(super) base: u64,
    /// Whether lines may be quoted as `>From `.
    pub(super) is_mbox: bool,
    pub(super) arena: &'a Arena<'a>,
    pub(super) sink: &'s mut dyn Sink<'a>,
    /// Header lines that may still come.
    pub(super) header_lines: u64,
    /// Where the path of a field is put together.
    pub(super) path: String,
    /// What those want to know who change the mail.
    pub(super) outline: Option<&'s mut Outline>,
    parts: u64,
    depth: u64,
    open: Vec<Open>,
    /// The character before a boundary.
    line_end: u8,
}

/// A multipart whose end has not come.
struct Open {
    boundary: Vec<u8>,
    path: String,
    children: u64,
    kind: Kind,
}

/// What a multipart says about its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Mixed,
    /// The second part is encrypted (RFC 1847).
    Encrypted,
    /// A part without a type is a mail (RFC 2046, 5.1.5).
    Digest,
}

/// A line that ends a part.
struct Delimiter {
    /// Where the part before it ends, without the line end.
    end: usize,
    next: usize,
    level: usize,
    is_close: bool,
}

impl<'a, 's> Mail<'a, 's> {
    pub(super) fn new(
        bytes: &'a [u8],
        base: u64,
        limits: &Limits,
        arena: &'a Arena<'a>,
        sink: &'s mut dyn Sink<'a>,
    ) -> Self {
        let line_end = if memchr::memchr(b'\n', bytes).is_some() { b'\n' } else { b'\r' };
        Self {
            bytes,
            base,
            is_mbox: false,
            arena,
            sink,
            header_lines: limits.headers,
            path: String::new(),
            outline: None,
            parts: limits.mime_parts,
            depth: limits.mime_depth,
            open: Vec::new(),
            line_end,
        }
    }

    /// The same, for a message of an mbox.
    pub(super) fn of_mbox(mut self) -> Self {
        self.is_mbox = true;
        self
    }

    /// Reads the mail whose header starts at `at`.
    pub(super) fn read(&mut self, at: usize) {
        let mut at = self.part(at, String::new(), Kind::Mixed);
        while at < self.bytes.len() {
            let Some(found) = self.delimiter(at) else {
                // The end is missing, or this is what stands after the last boundary.
                self.between(at..self.bytes.len());
                break;
            };
            self.between(at..found.end);
            at = self.pass(&found);
        }
        if !self.open.is_empty() {
            let end = self.bytes.len();
            let place = self.place(end..end);
            self.sink.problem(place, Status::Warn, "the last boundary is missing");
        }
    }

    /// Goes past a boundary; after one that opens a part, reads that part. Returns where to go on.
    fn pass(&mut self, found: &Delimiter) -> usize {
        if found.level + 1 < self.open.len() {
            let place = self.place(found.end..found.next);
            self.sink.problem(place, Status::Warn, "a boundary is missing before this one");
            self.open.truncate(found.level + 1);
        }
        if found.is_close {
            self.open.truncate(found.level);
            return found.next;
        }
        if self.parts == 0 {
            self.open.clear();
            let rest = found.next..self.bytes.len();
            return self.give_up(rest, "more parts than the limit `mime-parts`");
        }
        self.parts -= 1;
        let open = self.open.last_mut().expect("the delimiter is of an open part");
        open.children += 1;
        let path = format!("{}/{}", open.path, open.children);
        let kind = match open.kind {
            Kind::Encrypted if open.children != 2 => Kind::Mixed,
            kind => kind,
        };
        self.part(found.next, path, kind)
    }

    /// Reads a header and what follows it, up to the next boundary. Returns where to go on.
    fn part(&mut self, at: usize, path: String, kind: Kind) -> usize {
        let (mut at, mut path) = (at, path);
        let mut depth = self.open.len() as u64;
        loop {
            let is_top = path.is_empty();
            let entity = self.entity(at, &path, is_top);
            at = entity.body;
            let body = if is_top { "body".to_owned() } else { path.clone() };
            let is_multipart = entity.media.starts_with(b"multipart/");
            let is_mail = entity.transfer == Transfer::Identity
                && match &*entity.media {
                    b"message/rfc822" | b"message/global" | b"message/news" => true,
                    media => media.is_empty() && kind == Kind::Digest && !path.ends_with("message"),
                };
            if (is_multipart || is_mail) && depth >= self.depth {
                let end = self.delimiter(at).map_or(self.bytes.len(), |found| found.end);
                return self.give_up(at..end, "deeper than the limit `mime-depth`");
            }
            if is_mail {
                depth += 1;
                path = format!("{body}/message");
                continue;
            }
            if is_multipart {
                if let Some(boundary) = self.boundary(&entity, at) {
                    let kind = match &*entity.media {
                        b"multipart/encrypted" => Kind::Encrypted,
                        b"multipart/digest" => Kind::Digest,
                        _ => Kind::Mixed,
                    };
                    self.open.push(Open { boundary, path: body, children: 0, kind });
                    return at;
                }
                let place = self.place(at..at);
                self.sink.problem(place, Status::Warn, "multipart without a boundary");
            }
            let (end, next) = match self.delimiter(at) {
                Some(found) => (found.end, found.end),
                None => (self.bytes.len(), self.bytes.len()),
            };
            if kind == Kind::Encrypted && Use::of(&entity) == Use::Child {
                self.encrypted(at..end);
            } else {
                let entity =
                    if is_multipart { Entity { media: Vec::new(), ..entity } } else { entity };
                self.leaf(&entity, at..end, &body);
            }
            return next;
        }
    }

    /// Reads a range as text, because a limit was reached.
    fn give_up(&mut self, range: Range<usize>, reason: &str) -> usize {
        let place = self.place(range.clone());
        self.sink.problem(place, Status::Limit, reason);
        let end = range.end;
        self.flat(range, "body/rest");
        end
    }

    /// Text between parts.
    fn between(&mut self, range: Range<usize>) {
        let path = match self.open.last() {
            Some(open) if open.children == 0 => format!("{}/preamble", open.path),
            _ => "body/epilogue".to_owned(),
        };
        self.flat(range, &path);
    }

    /// The boundary of a multipart: the declared one, else the first line that looks like one.
    fn boundary(&self, entity: &Entity<'_>, at: usize) -> Option<Vec<u8>> {
        if let Some(boundary) = &entity.boundary {
            return (boundary.len() <= BOUNDARY_MAX).then(|| boundary.trim_ascii_end().to_vec());
        }
        let mut at = at;
        for _ in 0..100 {
            let (end, next) = line(self.bytes, at);
            if let Some(name) = self.bytes[at..end].strip_prefix(b"--") {
                let name = name.trim_ascii_end();
                let is_boundary = name.len() >= 3 && name.len() <= 70 && !name.ends_with(b"--");
                return is_boundary.then(|| name.to_vec());
            }
            at = next;
        }
        None
    }

    /// The next line at or after `from` that is a boundary of an open part.
    fn delimiter(&self, from: usize) -> Option<Delimiter> {
        if self.open.is_empty() {
            return None;
        }
        let pattern = [self.line_end, b'-', b'-'];
        let starts_here = self.bytes[from..].starts_with(b"--").then_some(from);
        let others = memmem::find_iter(&self.bytes[from..], &pattern).map(|found| from + found + 1);
        starts_here.into_iter().chain(others).find_map(|at| {
            let (end, next) = line(self.bytes, at);
            let (level, is_close) = self.match_boundary(&self.bytes[at..end])?;
            let end = if at == from { at } else { without_line_end(self.bytes, from..at).end };
            Some(Delimiter { end, next, level, is_close })
        })
    }

    /// Which open part a line belongs to, the innermost first, and whether it closes it.
    fn match_boundary(&self, line: &[u8]) -> Option<(usize, bool)> {
        let rest = line.strip_prefix(b"--")?;
        self.open.iter().enumerate().rev().find_map(|(level, open)| {
            let rest = rest.strip_prefix(&*open.boundary)?;
            let (rest, is_close) = match rest.strip_prefix(b"--") {
                Some(rest) => (rest, true),
                None => (rest, false),
            };
            rest.iter().all(u8::is_ascii_whitespace).then_some((level, is_close))
        })
    }

    /// Whether a line ends the part it stands in.
    pub(super) fn is_boundary(&self, line: &[u8]) -> bool {
        self.match_boundary(line).is_some()
    }

    /// A range of the mail in bytes of the object.
    pub(super) fn place(&self, range: Range<usize>) -> Range<u64> {
        self.base + range.start as u64..self.base + range.end as u64
    }

    pub(super) fn value(&self, range: Range<usize>) -> Value<'a> {
        let at = self.base + range.start as u64;
        Value { raw: &self.bytes[range], at }
    }

    /// Hands over sender and date of the line that begins a message of an mbox.
    pub(super) fn envelope(&mut self, range: Range<usize>) {
        let value = self.value(range);
        if value.raw.is_empty() {
            return;
        }
        let view = value.text();
        self.sink.field(Role::Meta, "envelope", "From", view);
    }
}
