//! The body of a part: transfer encoding, charset and syntax, one layer each.

use std::ops::Range;

use memchr::memmem;

use super::super::html::{self, Text};
use super::base64::Base64;
use super::entity::{Entity, Transfer};
use super::flowed::{Flowed, FlowedDelSp};
use super::lines::line;
use super::qp::QuotedPrintable;
use super::reader::Mail;
use super::uu::{self, Uuencode};
use crate::archive::syntax::Field;
use crate::archive::{Child, charset};
use crate::coverage::Status;
use crate::message::Role;
use crate::view::{Codec, Decoded, Part, Plain, View};

/// How much of a part is looked at to see whether it is base64 as declared.
const SNIFF: usize = 1024;

/// Extensions of attachments in plain text; others are read as what they are.
const TEXT: [&[u8]; 8] = [b"txt", b"text", b"log", b"asc", b"md", b"html", b"htm", b"diff"];

/// Bytes of a body after transfer decoding.
#[derive(Clone, Copy)]
struct Bytes<'a> {
    inner: &'a [u8],
    at: u64,
    outer: Option<&'a Decoded<'a>>,
}

/// What becomes of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Plain,
    Html,
    Signature,
    Encrypted,
    Child,
}

impl Use {
    pub(super) fn of(entity: &Entity<'_>) -> Self {
        match &*entity.media {
            b"text/html" | b"text/x-amp-html" if is_text_name(entity.name) => Self::Html,
            b"application/pgp-signature"
            | b"application/pkcs7-signature"
            | b"application/x-pkcs7-signature" => Self::Signature,
            b"application/pkcs7-mime" | b"application/x-pkcs7-mime" => {
                match entity.smime.as_deref().map(<[u8]>::to_ascii_lowercase).as_deref() {
                    Some(b"signed-data" | b"certs-only" | b"compressed-data") => Self::Child,
                    _ => Self::Encrypted,
                }
            }
            b"text/csv"
            | b"text/calendar"
            | b"text/vcard"
            | b"text/x-vcard"
            | b"text/xml"
            | b"text/tab-separated-values"
            | b"text/html"
            | b"text/x-amp-html" => Self::Child,
            media if media.starts_with(b"text/") || !media.contains(&b'/') => {
                if is_text_name(entity.name) { Self::Plain } else { Self::Child }
            }
            b"application/pgp-encrypted" => Self::Plain,
            b"message/rfc822" | b"message/global" | b"message/news" => Self::Child,
            media if media.starts_with(b"message/") => Self::Plain,
            _ => Self::Child,
        }
    }
}

fn is_text_name(name: &[u8]) -> bool {
    let Some(dot) = name.iter().rposition(|byte| *byte == b'.') else { return true };
    TEXT.iter().any(|text| name[dot + 1..].eq_ignore_ascii_case(text))
}

impl<'a> Mail<'a, '_> {
    /// Reads the body of a part.
    pub(super) fn leaf(&mut self, entity: &Entity<'a>, range: Range<usize>, path: &str) {
        if range.is_empty() {
            return;
        }
        if let Some(outline) = &mut self.outline {
            outline.note_leaf(entity, &range);
        }
        match Use::of(entity) {
            Use::Encrypted => self.encrypted(range),
            Use::Child => {
                let bytes = self.transfer(entity, range.clone(), path);
                self.child(entity.name, bytes, range);
            }
            Use::Signature => {
                let bytes = self.transfer(entity, range, path);
                let charset = charset::detect(bytes.inner, Some(b"windows-1252"));
                let text =
                    Text::of_charset(bytes.inner, bytes.at, bytes.outer, &charset, self.arena);
                let view = text.view(0..text.bytes().len(), &Plain);
                self.sink.field(Role::Opaque, path, "", view);
            }
            Use::Plain | Use::Html => {
                let bytes = self.transfer(entity, range.clone(), path);
                let label = match &entity.charset {
                    None if Use::of(entity) == Use::Html => html::declared_charset(bytes.inner),
                    label => label.as_deref(),
                };
                let text = self.charset(bytes, label, range);
                if Use::of(entity) == Use::Html {
                    let whole = Field { role: Role::Body, path, label: "" };
                    html::fields(text, whole, self.arena, self.sink);
                } else {
                    self.plain(entity, text, path);
                }
            }
        }
    }

    /// Says that a part needs a key.
    pub(super) fn encrypted(&mut self, range: Range<usize>) {
        let place = self.place(range);
        self.sink.problem(place, Status::Encrypted, "encrypted mail");
    }

    /// Hands over an attachment.
    fn child(&mut self, name: &'a [u8], bytes: Bytes<'a>, range: Range<usize>) {
        let raw = self.place(range);
        let Bytes { inner, at, outer: layer } = bytes;
        self.sink.child(Child { name, bytes: inner, raw, layer, at });
    }

    /// Bytes that are not parsed, as text in whatever charset they are.
    pub(super) fn flat(&mut self, range: Range<usize>, path: &str) {
        let raw = &self.bytes[range.clone()];
        if raw.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let bytes = self.unquoted(range);
        let charset = charset::detect(bytes.inner, None);
        let text = Text::of_charset(bytes.inner, bytes.at, bytes.outer, &charset, self.arena);
        let view = text.view(0..text.bytes().len(), &Plain);
        self.sink.field(Role::Body, path, "", view);
    }

    fn transfer(&mut self, entity: &Entity<'_>, range: Range<usize>, path: &str) -> Bytes<'a> {
        let raw = &self.bytes[range.clone()];
        let codec: &'static dyn Codec = match entity.transfer {
            Transfer::Identity => return self.unquoted(range),
            Transfer::QuotedPrintable => &QuotedPrintable,
            Transfer::Base64 if looks_like_base64(raw) => &Base64,
            Transfer::Base64 => {
                let place = self.place(range.clone());
                self.sink.problem(place, Status::Warn, "declared as base64, but is not");
                return self.unquoted(range);
            }
            Transfer::Uuencode => match uu::find(raw, 0) {
                Some(file) => {
                    self.flat(range.start..range.start + file.lines.start, path);
                    self.flat(range.start + file.lines.end..range.end, path);
                    let lines = range.start + file.lines.start..range.start + file.lines.end;
                    return self.decoded(self.view(lines, &Uuencode));
                }
                None => return self.unquoted(range),
            },
        };
        let view = self.unquoting(range.clone(), codec).unwrap_or_else(|| self.view(range, codec));
        self.decoded(view)
    }

    fn view(&self, range: Range<usize>, codec: &'static dyn Codec) -> View<'a> {
        View::coded(&self.bytes[range.clone()], self.base + range.start as u64, codec)
    }

    fn decoded(&self, view: View<'a>) -> Bytes<'a> {
        let decoded: &Decoded<'a> = self.arena.alloc(Decoded::new(view));
        Bytes { inner: decoded.bytes(), at: 0, outer: Some(decoded) }
    }

    /// The bytes without the quote marks of an mbox.
    fn unquoted(&self, range: Range<usize>) -> Bytes<'a> {
        match self.unquoting(range.clone(), &Plain) {
            Some(view) => self.decoded(view),
            None => Bytes {
                inner: &self.bytes[range.clone()],
                at: self.base + range.start as u64,
                outer: None,
            },
        }
    }

    /// A view that leaves out one `>` of each line that begins with `>From ` or `>>From `, if there is one.
    fn unquoting(&self, range: Range<usize>, codec: &'static dyn Codec) -> Option<View<'a>> {
        if !self.is_mbox {
            return None;
        }
        let bytes = &self.bytes[..range.end];
        let (mut parts, mut from) = (Vec::new(), range.start);
        for found in memmem::find_iter(&bytes[range.start..], b">From ") {
            let mark = range.start + found;
            let marks = bytes[from..mark].iter().rev().take_while(|byte| **byte == b'>').count();
            let first = mark - marks;
            let starts_line = first == range.start || matches!(bytes[first - 1], b'\r' | b'\n');
            if !starts_line {
                continue;
            }
            if from < first {
                parts.push(self.slice(from..first, codec));
            }
            from = first + 1;
        }
        if from == range.start {
            return None;
        }
        parts.push(self.slice(from..range.end, codec));
        Some(View::joined(parts))
    }

    fn slice(&self, range: Range<usize>, codec: &'static dyn Codec) -> Part<'a> {
        let at = self.base + range.start as u64;
        Part { raw: &self.bytes[range], at, codec, hard: false }
    }

    fn charset(&mut self, bytes: Bytes<'a>, label: Option<&[u8]>, range: Range<usize>) -> Text<'a> {
        if is_certain(bytes.inner, label) {
            return Text::new(bytes.inner, bytes.at, bytes.outer);
        }
        let charset = charset::detect(bytes.inner, label);
        if charset.invalid_declared {
            let place = self.place(range);
            self.sink.problem(place, Status::Warn, "not in the charset it declares");
        } else if charset.guessed {
            let place = self.place(range);
            let reason = format!("charset guessed: {}", charset.name());
            self.sink.problem(place, Status::Warn, &reason);
        }
        let (inner, at) = (&bytes.inner[charset.bom..], bytes.at + charset.bom as u64);
        Text::of_charset(inner, at, bytes.outer, &charset, self.arena)
    }

    /// Text, with the files within it apart.
    fn plain(&mut self, entity: &Entity<'_>, text: Text<'a>, path: &str) {
        let codec: &'static dyn Codec = match (entity.is_flowed, entity.drops_space) {
            (false, _) => &Plain,
            (true, false) => &Flowed,
            (true, true) => &FlowedDelSp,
        };
        let bytes = text.bytes();
        let mut from = 0;
        while let Some(file) = uu::find(bytes, from) {
            self.text(text, from..file.lines.start, codec, path);
            let view = text.view(file.lines.clone(), &Uuencode);
            let decoded = self.decoded(view);
            let raw = text.raw(file.lines.clone());
            let Bytes { inner, at, outer: layer } = decoded;
            self.sink.child(Child { name: &bytes[file.name], bytes: inner, raw, layer, at });
            from = file.lines.end;
        }
        self.text(text, from..bytes.len(), codec, path);
    }

    fn text(&mut self, text: Text<'a>, range: Range<usize>, codec: &'static dyn Codec, path: &str) {
        let bytes = &text.bytes()[range.clone()];
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        for (begin, end, status, reason) in [
            (
                &b"-----BEGIN PGP MESSAGE-----"[..],
                &b"-----END PGP MESSAGE-----"[..],
                Status::Encrypted,
                "encrypted text",
            ),
            (b"=ybegin ", b"=yend ", Status::Unsupported, "file in yenc"),
        ] {
            let mut from = 0;
            while let Some(found) = find_line(bytes, begin, from) {
                let len = memmem::find(&bytes[found..], end)
                    .map_or(bytes.len() - found, |len| len + end.len());
                let place = text.raw(range.start + found..range.start + found + len);
                self.sink.problem(place, status, reason);
                from = found + len;
            }
        }
        self.sink.field(Role::Body, path, "", text.view(range, codec));
    }
}

/// Whether bytes are text in UTF-8 by their label, so that nothing has to be guessed. Nearly every mail is.
fn is_certain(bytes: &[u8], label: Option<&[u8]>) -> bool {
    let Some(label) = label.map(<[u8]>::trim_ascii) else { return false };
    let begins =
        |word: &[u8]| label.get(..word.len()).is_some_and(|l| l.eq_ignore_ascii_case(word));
    if label.eq_ignore_ascii_case(b"utf-8") {
        !bytes.starts_with(b"\xef\xbb\xbf") && simdutf8::basic::from_utf8(bytes).is_ok()
    } else {
        (begins(b"us-ascii") || begins(b"iso-8859-") || begins(b"windows-125")) && bytes.is_ascii()
    }
}

/// The next line that begins with `word`.
fn find_line(bytes: &[u8], word: &[u8], from: usize) -> Option<usize> {
    memmem::find_iter(&bytes[from..], word)
        .map(|found| from + found)
        .find(|at| *at == 0 || matches!(bytes[at - 1], b'\r' | b'\n'))
}

/// Whether bytes that are declared as base64 may be: lines of its alphabet, without spaces between words.
fn looks_like_base64(raw: &[u8]) -> bool {
    let head = &raw[..raw.len().min(SNIFF)];
    let (mut good, mut bad, mut at) = (0, 0, 0);
    while at < head.len() {
        let (end, next) = line(head, at);
        let text = head[at..end].trim_ascii();
        let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        if text.iter().all(fits) {
            good += text.len();
        } else {
            bad += text.len();
        }
        at = next;
    }
    good >= bad
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_base64() {
        assert!(looks_like_base64(b"SGVq\r\nSGVq\r\n"));
        assert!(looks_like_base64(b""));
        assert!(!looks_like_base64(b"Hej hej,\nhur mar du?"));
    }

    #[test]
    fn what_becomes_of_a_part_depends_on_type_and_name() {
        let of = |media: &str, name: &'static str| {
            let media = media.as_bytes().to_vec();
            Use::of(&Entity { media, name: name.as_bytes(), ..Entity::default() })
        };
        assert_eq!(of("text/plain", ""), Use::Plain);
        assert_eq!(of("text/plain", "a.csv"), Use::Child);
        assert_eq!(of("text/html", "a.HTML"), Use::Html);
        assert_eq!(of("", ""), Use::Plain);
        assert_eq!(of("image/png", "a.txt"), Use::Child);
        assert_eq!(of("application/pkcs7-mime", "smime.p7m"), Use::Encrypted);
        assert_eq!(of("message/delivery-status", ""), Use::Plain);
    }
}
