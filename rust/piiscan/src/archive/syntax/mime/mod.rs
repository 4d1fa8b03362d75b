//! Mail: a header block and a body, in parts with transfer encodings and charsets (RFC 5322, RFC 2045-2049).
//!
//! An own tokenizer, because every field needs the place of its raw bytes. Fields: every header field (encoded words and folding
//! decoded), names of attachments, every text body. Attachments are objects of their own. A nested mail is read in place. Broken mails
//! are read on, with a warning; unknown transfer encodings are taken as none.
//!
//! **Invariant:** one pass, no recursion; time grows with the length alone.

use std::ops::Range;

use crate::archive::limits::Limits;
use crate::archive::{Block, Cut, Head, Probe, Reader, Rewrite, Sink, Syntax, Window};
use crate::coverage::Status;
use crate::view::Edit;

mod base64;
mod body;
mod date;
mod derive;
mod entity;
mod flowed;
mod headers;
pub(super) mod lines;
mod outline;
mod params;
mod qp;
mod reader;
mod roles;
mod touched;
mod uu;
mod values;
mod words;

pub(super) use derive::{Form, derive};
use lines::{is_header, is_known_header, line};
use reader::Mail;

/// How far a header block is looked for.
const PROBE_MAX: usize = 4096;

/// Single mails: `.eml`, files of a Maildir.
#[derive(Debug)]
pub struct Mime;

impl Syntax for Mime {
    fn id(&self) -> &'static str {
        "eml"
    }

    fn probe(&self, probe: &Probe<'_>) -> u8 {
        let head = &probe.head[..probe.head.len().min(PROBE_MAX)];
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let (mut fields, mut known, mut at) = (0, 0, 0);
        while at < head.len() {
            let (end, next) = line(head, at);
            let text = &head[at..end];
            if is_header(text) {
                fields += 1;
                known += u32::from(is_known_header(text));
            } else if !(fields > 0 && matches!(text.first(), Some(b' ' | b'\t'))) {
                break;
            }
            at = next;
        }
        match (fields, known) {
            (_, 0) => 0,
            (1, _) => 30,
            (2, _) => 50,
            _ => 65,
        }
    }

    fn rewrite(&self) -> Rewrite {
        Rewrite::PartRebuild
    }

    fn open(&self, head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(MimeReader { limits: head.limits.clone() })
    }
}

#[derive(Debug)]
struct MimeReader {
    limits: Limits,
}

impl Reader for MimeReader {
    fn cut(&self, _window: &Window<'_>) -> Cut {
        Cut::Whole
    }

    fn read<'a>(&self, block: &Block<'a>, sink: &mut dyn Sink<'a>) {
        let end = block.base + block.bytes.len() as u64;
        sink.begin(block.base);
        let mut mail = Mail::new(block.bytes, block.base, &self.limits, block.arena, sink);
        if block.first {
            mail.read(bom_len(block.bytes));
        } else {
            mail.flat(0..block.bytes.len(), "body");
        }
        if block.torn {
            sink.problem(block.base..end, Status::Limit, "larger than the limit `field`");
        }
        sink.end(end, false);
    }

    fn channel(&self) -> Option<&str> {
        Some("e-mail")
    }

    fn derive(&self, block: &Block<'_>, message: Range<u64>, edits: &mut Vec<Edit>) {
        derive(Form::Single, &self.limits, block, &message, edits);
    }
}

/// Length of a UTF-8 byte order mark.
pub(super) fn bom_len(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 }
}

/// A message of an mbox: an envelope line, if it has one, and a mail.
pub(super) fn message<'a>(
    bytes: &'a [u8],
    base: u64,
    limits: &Limits,
    block: &Block<'a>,
    sink: &mut dyn Sink<'a>,
) {
    let mut mail = Mail::new(bytes, base, limits, block.arena, sink).of_mbox();
    let (end, next) = line(bytes, 0);
    if bytes.starts_with(b"From ") {
        mail.envelope(b"From ".len()..end);
        mail.read(next);
    } else {
        mail.flat(0..bytes.len(), "body");
    }
}
