//! Touched lines of a mail as they read after some edits, and patches of them as edits.
//!
//! A patch is in offsets of the new text. Where that text stands in the mail, the patch becomes an edit of its own; where an edit wrote it,
//! the edit is changed. So no edit takes in text that it does not change.

use std::ops::Range;

use crate::view::Edit;

/// Other bytes for a range of touched lines, in offsets of their new text.
pub(super) struct Patch {
    pub(super) at: Range<usize>,
    pub(super) bytes: Vec<u8>,
}

/// Lines with edits in them, as they read afterwards.
pub(super) struct Touched {
    pub(super) text: Vec<u8>,
    /// Where each stretch of the text comes from.
    stretches: Vec<(Range<usize>, Origin)>,
    edits: Vec<Edit>,
    end: u64,
}

/// The bytes of the mail from here on, or an edit.
#[derive(Clone, Copy)]
enum Origin {
    Raw(u64),
    Edit(usize),
}

impl Touched {
    /// Lines in a range of a mail with edits in them.
    pub(super) fn of(bytes: &[u8], range: Range<usize>, edits: Vec<Edit>) -> Self {
        let (mut text, mut stretches, mut at) = (Vec::new(), Vec::new(), range.start);
        let mut push = |bytes: &[u8], from| {
            stretches.push((text.len()..text.len() + bytes.len(), from));
            text.extend_from_slice(bytes);
        };
        for (number, edit) in edits.iter().enumerate() {
            push(&bytes[at..narrow(edit.raw.start)], Origin::Raw(at as u64));
            push(&edit.bytes, Origin::Edit(number));
            at = narrow(edit.raw.end);
        }
        push(&bytes[at..range.end], Origin::Raw(at as u64));
        Self { text, stretches, edits, end: range.end as u64 }
    }

    /// The edits, and what the patches add.
    pub(super) fn patched(mut self, mut patches: Vec<Patch>) -> Vec<Edit> {
        patches.sort_by_key(|patch| (patch.at.start, patch.at.end));
        let mut more = Vec::new();
        for Patch { at, bytes } in patches.into_iter().rev() {
            let is_within = |stretch: &Range<usize>| {
                let shares = stretch.start < at.end && at.start < stretch.end;
                shares || (at.is_empty() && stretch.contains(&at.start))
            };
            let mut bytes = Some(bytes);
            for (stretch, from) in self.stretches.iter().filter(|(stretch, _)| is_within(stretch)) {
                let own = at.start.max(stretch.start) - stretch.start
                    ..at.end.min(stretch.end) - stretch.start;
                let bytes = bytes.take().unwrap_or_default();
                match from {
                    Origin::Raw(start) => {
                        let raw = start + own.start as u64..start + own.end as u64;
                        more.push(Edit { raw, bytes, within: None });
                    }
                    Origin::Edit(number) => {
                        self.edits[*number].bytes.splice(own, bytes);
                    }
                }
            }
            // Behind the last line, which has no end.
            if let Some(bytes) = bytes {
                more.push(Edit { raw: self.end..self.end, bytes, within: None });
            }
        }
        self.edits.append(&mut more);
        self.edits.sort_by_key(|edit| (edit.raw.start, edit.raw.end));
        self.edits
    }
}

/// An offset within a mail, which is in memory.
pub(super) fn narrow(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
