//! What taking messages out of one block means for the block before it.
//!
//! Elements of a list are kept apart by commas, and a block ends behind a comma. If all that is left of the list is taken out of a later
//! block, the comma before it must go too. Blocks are read in any order; their seams are put together in the order of the blocks.

use std::ops::Range;

use super::Block;
use crate::error::{Error, ErrorKind};
use crate::view::Edit;

/// Why messages cannot be taken out: the object is one message, or they are no records of their own.
pub(super) const INDIVISIBLE: &str = "messages of this format cannot be taken out one by one";

/// The borders of a block from which messages were taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seam {
    /// Whether the list that goes on from the block before ends in this one.
    pub(super) closes: bool,
    /// Whether anything of that list is left in this block.
    pub(super) is_left: bool,
    /// The comma behind the last element that is left of the list that goes on in the next block.
    pub(super) comma: Option<Range<u64>>,
}

impl Default for Seam {
    /// The seam of blocks that do not depend on each other.
    fn default() -> Self {
        Self { closes: true, is_left: true, comma: None }
    }
}

/// The seams of an object, in the order of its blocks.
#[derive(Debug, Default)]
pub struct Seams {
    comma: Option<Range<u64>>,
}

impl Seams {
    /// Adds the seam of the next block. Gives the edit that takes out a comma behind which nothing is left; it lies in an earlier block.
    pub fn add(&mut self, seam: Seam) -> Option<Edit> {
        if !seam.closes {
            self.comma = seam.comma.or(self.comma.take());
            return None;
        }
        let dangling = std::mem::replace(&mut self.comma, seam.comma);
        let dangling = dangling.filter(|_| !seam.is_left);
        dangling.map(|raw| Edit { raw, bytes: Vec::new(), within: None })
    }
}

/// Takes out messages that are lines or records of their own.
pub(super) fn take_messages(
    block: &Block<'_>,
    messages: &[Range<u64>],
    edits: &mut Vec<Edit>,
) -> Result<Seam, Error> {
    if block.torn && !messages.is_empty() {
        let reason = "a message above the limit `field` cannot be taken out";
        return Err(Error::new(ErrorKind::Limit, reason));
    }
    take_out(messages.iter().cloned(), edits);
    Ok(Seam::default())
}

/// Adds the edits that take ranges out, neighbors as one.
pub(super) fn take_out(ranges: impl IntoIterator<Item = Range<u64>>, edits: &mut Vec<Edit>) {
    let mut out: Vec<Range<u64>> = Vec::new();
    for range in ranges.into_iter().filter(|range| !range.is_empty()) {
        match out.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => out.push(range),
        }
    }
    edits.extend(out.into_iter().map(|raw| Edit { raw, bytes: Vec::new(), within: None }));
    edits.sort_by_key(|edit| (edit.raw.start, edit.raw.end));
}
