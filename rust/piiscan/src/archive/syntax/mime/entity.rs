//! The header of a mail or of a part: hands over its fields and keeps what the body needs.

use std::ops::Range;

use super::date;
use super::headers::{End, Field, Headers};
use super::params::Params;
use super::reader::Mail;
use super::roles::{self, Shape};
use super::values::{Structure, Value};
use crate::coverage::Status;
use crate::message::{Role, Ts};
use crate::view::{Decoded, Part, View};

/// How the body is encoded for transfer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Transfer {
    /// As it is; also for names that nobody knows.
    #[default]
    Identity,
    QuotedPrintable,
    Base64,
    Uuencode,
}

impl Transfer {
    fn of(label: &[u8]) -> Self {
        let label: Vec<u8> = label.trim_ascii().to_ascii_lowercase();
        match label
            .split(|byte| matches!(byte, b';' | b'('))
            .next()
            .unwrap_or_default()
            .trim_ascii()
        {
            b"base64" | b"\"base64\"" | b"b" | b"base-64" => Self::Base64,
            b"quoted-printable"
            | b"quoted printable"
            | b"quoted_printable"
            | b"qp"
            | b"\"quoted-printable\""
            | b"q" => Self::QuotedPrintable,
            b"x-uuencode" | b"uuencode" | b"x-uue" => Self::Uuencode,
            _ => Self::Identity,
        }
    }
}

/// What the header says about the body.
#[derive(Debug, Default)]
pub(super) struct Entity<'a> {
    /// `type/subtype` in lower case; empty if there is none.
    pub(super) media: Vec<u8>,
    pub(super) transfer: Transfer,
    pub(super) charset: Option<Vec<u8>>,
    pub(super) boundary: Option<Vec<u8>>,
    pub(super) smime: Option<Vec<u8>>,
    pub(super) is_flowed: bool,
    pub(super) drops_space: bool,
    /// Name of the attachment.
    pub(super) name: &'a [u8],
    /// Where the body begins.
    pub(super) body: usize,
}

impl<'a> Mail<'a, '_> {
    /// Reads the header block at `at`. The fields of the outermost one tell who, when and which mail.
    pub(super) fn entity(&mut self, at: usize, path: &str, is_top: bool) -> Entity<'a> {
        let mut entity = Entity::default();
        let mut headers = Headers::new(self.bytes, at);
        let (mut sent, mut received) = (Ts::UNKNOWN, Ts::UNKNOWN);
        let mut lines = std::mem::take(&mut self.header_lines);
        let mut fields = 0_u32;
        while let Some(field) = headers.next(&mut lines, |line| self.is_boundary(line)) {
            fields += 1;
            let raw = &self.bytes[field.value.clone()];
            let name = self.bytes[field.name.clone()].to_ascii_lowercase();
            match &*name {
                b"date" if sent == Ts::UNKNOWN => sent = date::parse(raw),
                b"received" if received == Ts::UNKNOWN => {
                    received = raw.rsplit(|b| *b == b';').next().map_or(received, date::parse);
                }
                b"message-id" if is_top => self.sink.key(raw),
                b"content-transfer-encoding" => entity.transfer = Transfer::of(raw),
                _ => {}
            }
            if name.is_empty() {
                let place = self.place(field.value.clone());
                if !raw.starts_with(b"From ") && !raw.starts_with(b">From ") {
                    self.sink.problem(place, Status::Warn, "header line without a colon");
                }
            }
            if let (Some(outline), true) = (&mut self.outline, is_top) {
                outline.note_field(&name, &field.value);
            }
            self.field(&field, &name, path, &mut entity);
        }
        self.header_lines = lines;
        if is_top && (sent != Ts::UNKNOWN || received != Ts::UNKNOWN) {
            self.sink.sent(if sent == Ts::UNKNOWN { received } else { sent });
        }
        let (body, end) = headers.end();
        entity.body = match end {
            End::Regular => body,
            End::NoBlankLine => {
                if fields > 0 {
                    let place = self.place(body..body);
                    self.sink.problem(place, Status::Warn, "no blank line after the header");
                }
                body
            }
            End::Limit => self.skip_header(body, path),
        };
        if let Some(outline) = &mut self.outline {
            outline.headers.push(at..entity.body);
        }
        entity
    }

    /// Hands over the rest of a header block as text.
    fn skip_header(&mut self, from: usize, path: &str) -> usize {
        let rest = &self.bytes[from..];
        let blank =
            |pattern: &[u8]| memchr::memmem::find(rest, pattern).map(|at| at + pattern.len());
        let found = [&b"\r\n\r\n"[..], b"\n\n", b"\r\r"].into_iter().filter_map(blank).min();
        let end = from + found.unwrap_or(rest.len());
        let place = self.place(from..end);
        self.sink.problem(place, Status::Limit, "more header lines than the limit `headers`");
        self.flat(from..end, &format!("{path}/header"));
        end
    }

    fn field(&mut self, field: &Field, name: &[u8], path: &str, entity: &mut Entity<'a>) {
        let value = self.value(field.value.clone());
        let (role, shape) = roles::of(name);
        let label = String::from_utf8_lossy(&self.bytes[field.name.clone()]);
        let mut target = std::mem::take(&mut self.path);
        target.clear();
        target.push_str(path);
        if !path.is_empty() {
            target.push('/');
        }
        target.push_str(if name.is_empty() { "header" } else { &label });
        target.make_ascii_lowercase();
        if is_odd(name) {
            let view = View::plain(
                self.bytes.get(field.name.clone()).unwrap_or_default(),
                self.base + field.name.start as u64,
            );
            self.sink.field(Role::Meta, &target, "", view);
        }
        if value.raw.is_empty() {
            self.path = target;
            return;
        }
        match shape {
            Shape::Text => self.sink.field(role, &target, &label, value.text()),
            Shape::Addresses => self.sink.field(role, &target, &label, value.addresses()),
            Shape::Structure => self.sink.field(role, &target, &label, value.structure()),
            Shape::Params => {
                let params = Params::parse(value.raw);
                keep(&params, value.raw, name, entity);
                let key: &[u8] = if name == b"content-type" { b"name" } else { b"filename" };
                let taken = match params.text(value, key, self.arena) {
                    Some((view, taken)) if view.raw_len() > 0 => {
                        self.keep_name(&view, name, entity);
                        let name = if key == b"name" { "name" } else { "filename" };
                        let path = format!("{target}/{name}");
                        self.sink.field(Role::AttachName, &path, "", view);
                        taken
                    }
                    _ => Vec::new(),
                };
                self.sink.field(role, &target, &label, rest_of(value, taken));
            }
        }
        self.path = target;
    }

    /// The name in the disposition wins over the one in the type.
    fn keep_name(&self, view: &View<'a>, name: &[u8], entity: &mut Entity<'a>) {
        if entity.name.is_empty() || name == b"content-disposition" {
            let name: &Decoded<'a> = self.arena.alloc(Decoded::new(view.clone()));
            entity.name = name.bytes();
        }
    }
}

/// Keeps what a content type says. The first one counts.
fn keep(params: &Params, raw: &[u8], name: &[u8], entity: &mut Entity<'_>) {
    if name != b"content-type" || !entity.media.is_empty() {
        return;
    }
    entity.media = raw[params.main.clone()].trim_ascii().to_ascii_lowercase();
    let owned = |key: &[u8]| params.get(raw, key).map(std::borrow::Cow::into_owned);
    entity.charset = owned(b"charset");
    entity.boundary = owned(b"boundary").filter(|boundary| !boundary.is_empty());
    entity.smime = owned(b"smime-type");
    entity.is_flowed = params.is(raw, b"format", b"flowed");
    entity.drops_space = params.is(raw, b"delsp", b"yes");
}

/// Whether a name of a field looks like data: then it is scanned too.
fn is_odd(name: &[u8]) -> bool {
    name.len() > 40
        || name.contains(&b'@')
        || name.iter().filter(|b| b.is_ascii_digit()).count() >= 6
}

/// A value without the ranges that are fields of their own.
fn rest_of(value: Value<'_>, mut taken: Vec<Range<usize>>) -> View<'_> {
    if taken.is_empty() {
        return value.structure();
    }
    taken.sort_by_key(|range| range.start);
    taken.push(value.raw.len()..value.raw.len());
    let mut from = 0;
    let parts = taken.into_iter().filter_map(|range| {
        let gap = from..range.start;
        from = range.end;
        let at = value.at + gap.start as u64;
        (!gap.is_empty()).then(|| Part { raw: &value.raw[gap], at, codec: &Structure, hard: true })
    });
    View::joined(parts)
}
