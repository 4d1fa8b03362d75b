//! The edits of a block, settled, completed by its format, and told of.

use std::ops::Range;

use super::apply::Work;
use crate::sweep::event::EditRow;
use crate::view::{Edit, settle};

impl Work<'_, '_, '_> {
    /// Settles the edits and lets the format complete them.
    pub(super) fn finish(&mut self) {
        let given = self.given;
        let base = given.block.base;
        let bytes = given.block.bytes;
        let narrow = |at: u64| {
            usize::try_from(at.saturating_sub(base)).unwrap_or(usize::MAX).min(bytes.len())
        };
        let source = |raw: Range<u64>| &bytes[narrow(raw.start)..narrow(raw.end)];
        let edits = match settle(std::mem::take(&mut self.out.edits), source) {
            Ok(edits) => edits,
            Err(error) => {
                self.out.failure = Some(error);
                return;
            }
        };
        let mut rest = edits.into_iter().peekable();
        let mut done: Vec<Edit> = Vec::new();
        for row in &given.part.messages {
            let message = row.raw_start..row.raw_start + row.raw_len;
            while let Some(edit) = rest.next_if(|edit| edit.raw.start < message.start) {
                done.push(edit);
            }
            let mut own = Vec::new();
            while let Some(edit) = rest.next_if(|edit| edit.raw.start < message.end) {
                own.push(edit);
            }
            if !own.is_empty() {
                given.reader.derive(given.block, message, &mut own);
                done.append(&mut own);
            }
        }
        done.extend(rest);
        // A block from which nothing is taken is asked too: the next one may want to know where its last comma is.
        match given.reader.erase(given.block, &self.erased, &mut done) {
            Ok(seam) => self.out.seam = seam,
            Err(error) => self.out.failure = Some(error),
        }
        done.sort_by_key(|edit| (edit.raw.start, edit.raw.end));
        self.kinds.sort_unstable();
        self.out.rows = done
            .iter()
            .map(|edit| {
                let meets =
                    |range: &Range<u64>| range.start < edit.raw.end && edit.raw.start < range.end;
                let erased = self.erased.iter().any(meets);
                let known = self.kinds.partition_point(|(at, ..)| *at < edit.raw.start);
                let (kind, whole) = match self.kinds.get(known) {
                    Some((at, kind, whole)) if *at == edit.raw.start => (*kind, *whole),
                    _ if erased => (EditRow::ERASED, false),
                    _ => (EditRow::DERIVED, true),
                };
                let token = (!whole).then(|| edit.bytes.clone());
                EditRow { raw: edit.raw.clone(), len: edit.bytes.len() as u64, token, kind }
            })
            .collect();
        self.out.edits = done;
    }
}
