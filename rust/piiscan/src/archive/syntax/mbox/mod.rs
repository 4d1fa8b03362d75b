//! Mailboxes in one file (mbox, in all its dialects): mails that each begin with a line `From sender date`.
//!
//! Where a mail begins is decided by what follows the line, not by the line alone (`split`). A body line `>From ` is read without its
//! mark; the file keeps it. `Content-Length` is not believed: programs that edit mailboxes leave wrong ones behind.
//!
//! Every byte belongs to one message: what stands before the first separator is a message without a header.
//! Source: RFC 4155 for the default form; the dialects are named mboxo, mboxrd, mboxcl and mboxcl2.

use std::ops::Range;

use crate::archive::limits::Limits;
use crate::archive::seam::{self, Seam};
use crate::archive::{Block, Cut, Head, Probe, Reader, Rewrite, Sink, Syntax, Window};
use crate::coverage::Status;
use crate::error::Error;
use crate::view::Edit;

mod split;

use super::mime;
use split::{Decision, Separators};

/// Mailbox files.
#[derive(Debug)]
pub struct Mbox;

impl Syntax for Mbox {
    fn id(&self) -> &'static str {
        "mbox"
    }

    fn probe(&self, probe: &Probe<'_>) -> u8 {
        let head = &probe.head[mime::bom_len(probe.head)..];
        let is_named = matches!(probe.extension().as_str(), "mbox" | "mbx");
        match Separators::new(head, true).next() {
            Some(first) if first.at == 0 => 80,
            Some(_) if is_named => 60,
            _ if head.starts_with(b"From ") && is_named => 40,
            _ => 0,
        }
    }

    fn rewrite(&self) -> Rewrite {
        Rewrite::PartRebuild
    }

    fn open(&self, head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(MboxReader { limits: head.limits.clone() })
    }
}

#[derive(Debug)]
struct MboxReader {
    limits: Limits,
}

impl Reader for MboxReader {
    /// Cuts before the last separator that needs nothing before it to be judged.
    fn cut(&self, window: &Window<'_>) -> Cut {
        if window.last {
            return Cut::At(window.bytes.len());
        }
        let skip = if window.base == 0 { mime::bom_len(window.bytes) } else { 0 };
        let found = Separators::new(&window.bytes[skip..], false)
            .filter(|found| found.at > 0 && found.decision == Decision::Sure)
            .last();
        found.map_or(Cut::More, |found| Cut::At(skip + found.at))
    }

    fn read<'a>(&self, block: &Block<'a>, sink: &mut dyn Sink<'a>) {
        let skip = if block.first { mime::bom_len(block.bytes) } else { 0 };
        let bytes = &block.bytes[skip..];
        let mut separators = Separators::new(bytes, true).peekable();
        let mut emit = |from: usize, to: usize, is_doubtful: bool| {
            let at = block.base + (skip + from) as u64;
            let start = if from == 0 { block.base } else { at };
            sink.begin(start);
            let end = at + (to - from) as u64;
            if is_doubtful {
                sink.problem(at..at, Status::Warn, "doubtful separator");
            }
            if block.first && !bytes[from..].starts_with(b"From ") {
                sink.problem(start..end, Status::Warn, "text before the first separator");
            }
            mime::message(&bytes[from..to], at, &self.limits, block, sink);
            if block.torn && to == bytes.len() {
                sink.problem(at..end, Status::Limit, "larger than the limit `field`");
            }
            sink.end(end, is_doubtful);
        };
        let first = separators.peek().map_or(bytes.len(), |found| found.at);
        if first > 0 {
            emit(0, first, false);
        }
        while let Some(found) = separators.next() {
            let end = separators.peek().map_or(bytes.len(), |next| next.at);
            emit(found.at, end, found.decision == Decision::Doubtful);
        }
    }

    fn channel(&self) -> Option<&str> {
        Some("e-mail")
    }

    fn derive(&self, block: &Block<'_>, message: Range<u64>, edits: &mut Vec<Edit>) {
        mime::derive(mime::Form::OfMbox, &self.limits, block, &message, edits);
    }

    fn erase(
        &self,
        block: &Block<'_>,
        messages: &[Range<u64>],
        edits: &mut Vec<Edit>,
    ) -> Result<Seam, Error> {
        let mut own = Vec::new();
        let seam = seam::take_messages(block, messages, &mut own)?;
        for edit in &mut own {
            close_up(block, edit);
        }
        edits.append(&mut own);
        edits.sort_by_key(|edit| (edit.raw.start, edit.raw.end));
        Ok(seam)
    }
}

/// Leaves what the mails around need: the byte order mark, and a blank line before a separator that would be none without it.
fn close_up(block: &Block<'_>, edit: &mut Edit) {
    if block.first && edit.raw.start == block.base {
        edit.raw.start = (block.base + mime::bom_len(block.bytes) as u64).min(edit.raw.end);
        return;
    }
    let place = |at: u64| usize::try_from(at - block.base).unwrap_or(usize::MAX);
    let (before, after) =
        (&block.bytes[..place(edit.raw.start)], &block.bytes[place(edit.raw.end)..]);
    let (line_end, rest): (&[u8], _) = match before {
        [rest @ .., b'\r', b'\n'] => (b"\r\n", rest),
        [rest @ .., b'\n'] => (b"\n", rest),
        [rest @ .., b'\r'] => (b"\r", rest),
        _ => return,
    };
    if matches!(rest.last(), None | Some(b'\r' | b'\n')) || after.is_empty() {
        return;
    }
    let alone = [b"x\n", &after[..after.len().min(split::REACH)]].concat();
    if Separators::new(&alone, true).next().is_none_or(|found| found.at != 2) {
        edit.bytes = line_end.to_vec();
    }
}
