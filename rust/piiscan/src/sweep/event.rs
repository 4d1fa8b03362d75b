//! What a sweep tells its caller.

use crate::coverage::{Coverage, Problem};
use crate::finding::Finding;
use crate::message::{Loc, Ts};
use crate::view::RawSpan;

/// Something that happened, in the order of the archive.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Findings of a stretch of an object.
    Part(Part),
    /// An object is done. Its parts and the objects within it came before.
    Object(ObjectDone),
    /// A file that was finished before and has not changed.
    Unchanged {
        /// Number of its root.
        root: u32,
        /// Its id, as in [`ObjectDone::id`].
        id: [u8; 8],
    },
}

/// A message, as its place and times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageRow {
    /// First byte in the object.
    pub raw_start: u64,
    /// Length in bytes.
    pub raw_len: u64,
    /// When it came.
    pub sent: Ts,
    /// When its case was closed.
    pub closed: Ts,
    /// Number of its first field in the part; its fields go up to the first one of the next row.
    pub first_field: u32,
    /// [`MessageRow::DOUBTFUL`], [`MessageRow::OUTSIDE`].
    pub flags: u16,
    /// Number of findings in its fields.
    pub findings: u32,
}

impl MessageRow {
    /// Where the message ends is a guess.
    pub const DOUBTFUL: u16 = 1;
    /// No message: the fields that follow stand between messages. Not counted, without a number.
    pub const OUTSIDE: u16 = 2;
}

/// Findings and messages of a stretch of an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// Ordinal of the object.
    pub object: u64,
    /// Ordinal in the object.
    pub index: u32,
    /// Findings by field and place; `field` is the ordinal of the field in the part.
    pub findings: Vec<Finding>,
    /// Where each finding stands in the bytes of the object; for a name, in the name.
    pub raws: Vec<RawSpan>,
    /// The messages, in order. Fields before the first row belong to no message.
    pub messages: Vec<MessageRow>,
    /// The role of each field, as a number.
    pub roles: Vec<u8>,
    /// Number of messages of the object before this part.
    pub first_record: u64,
    /// Paths within their messages of the fields that have findings.
    pub paths: Vec<(u32, String)>,
    /// Ids of the stable keys of messages that have findings, by their place in `messages`.
    pub keys: Vec<(u32, [u8; 8])>,
    /// The matched text of each finding: only when the sweep was asked to reveal.
    pub values: Option<Vec<String>>,
}

/// An object and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectDone {
    /// Its ordinal.
    pub ordinal: u64,
    /// Ordinal of the object that it lies in, which is done later.
    pub parent: Option<u64>,
    /// Number of its root.
    pub root: u32,
    /// Where it is, exactly. May hold personal data.
    pub loc: Loc,
    /// Where it is, with values that were found in names replaced by what they are.
    pub shown: Loc,
    /// Keyed hash of the location; the ordinal when there is no key.
    pub id: [u8; 8],
    /// Size in bytes.
    pub size: u64,
    /// Time of the last change of the file, in nanoseconds since 1970; 0 within a container.
    pub mtime_ns: i64,
    /// How it was read.
    pub format: &'static str,
    /// The layout that was recognized.
    pub profile: Option<String>,
    /// The channel of its messages.
    pub channel: Option<String>,
    /// What became of its bytes.
    pub coverage: Coverage,
    /// Places that are not ok: the first of them.
    pub problems: Vec<Problem>,
    /// How many places are not ok.
    pub problem_count: u64,
    /// BLAKE3 of the content, on request.
    pub content_hash: Option<[u8; 32]>,
    /// Number of parts.
    pub parts: u32,
    /// Number of findings for each detector that has any.
    pub counts: Vec<(u8, u64)>,
}

impl ObjectDone {
    /// Number of findings.
    pub fn findings(&self) -> u64 {
        self.counts.iter().map(|(_, n)| n).sum()
    }
}
