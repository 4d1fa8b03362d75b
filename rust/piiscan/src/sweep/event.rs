//! What a sweep tells its caller.

use std::ops::Range;
use std::sync::Arc;

use crate::coverage::{Coverage, Problem};
use crate::finding::Finding;
use crate::message::{Loc, Ts};
use crate::rewrite::Changes;
use crate::view::RawSpan;

/// Something that happened, in the order of the archive.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Findings of a stretch of an object.
    Part(Part),
    /// An object is done. Its parts and the objects within it came before.
    Object(ObjectDone),
    /// Changes of a stretch of an object. They come after its part, and before the next one.
    Edits(Edits),
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
    /// Place in [`Part::channels`] plus one of the channel that it names itself; 0 for that of its object.
    pub channel: u16,
}

impl MessageRow {
    /// A row that says nothing.
    pub(super) const UNTIMED: Self = Self {
        raw_start: 0,
        raw_len: 0,
        sent: Ts::UNKNOWN,
        closed: Ts::UNKNOWN,
        first_field: 0,
        flags: 0,
        findings: 0,
        channel: 0,
    };
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
    /// Where each finding stands in the bytes of the object; for a name, in the name. Empty in the second pass of a treatment.
    pub raws: Vec<RawSpan>,
    /// The messages, in order. Fields before the first row belong to no message.
    pub messages: Vec<MessageRow>,
    /// The role of each field, as a number.
    pub roles: Vec<u8>,
    /// Number of messages of the object before this part.
    pub first_record: u64,
    /// Paths within their messages of the fields that have findings.
    pub paths: Vec<(u32, Arc<str>)>,
    /// Ids of the stable keys of messages that have findings, by their place in `messages`.
    pub keys: Vec<(u32, [u8; 8])>,
    /// Id of the object, as in [`ObjectDone::id`].
    pub id: [u8; 8],
    /// Path and decoded text of every field: only of objects that were asked for.
    pub texts: Option<Vec<(String, String)>>,
    /// Channels that messages name themselves.
    pub channels: Vec<String>,
    /// The matched text of each finding: only when the sweep was asked to reveal.
    pub values: Option<Vec<String>>,
}

/// What became of messages under a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Something was changed, or the message taken out.
    Done,
    /// It was due, and is held.
    Held,
    /// Its time is not known, so it stays.
    Undetermined,
}

/// A replacement of raw bytes, and what for.
#[derive(Clone, PartialEq, Eq)]
pub struct EditRow {
    /// What is replaced, in bytes of the object.
    pub raw: Range<u64>,
    /// How many bytes come in its place.
    pub len: u64,
    /// Those bytes, if an operator wrote them all: a part that is encoded again as a whole holds other text too.
    pub token: Option<Vec<u8>>,
    /// Place of the detector; [`EditRow::ERASED`], [`EditRow::DERIVED`], [`EditRow::INNER`], [`EditRow::UNREAD`].
    pub kind: u8,
}

impl EditRow {
    /// A message was taken out, or a field emptied.
    pub const ERASED: u8 = 255;
    /// Something that the format derives from the content.
    pub const DERIVED: u8 = 254;
    /// An object within changed.
    pub const INNER: u8 = 253;
    /// A notice came in the place of an object that cannot be read whole.
    pub const UNREAD: u8 = 252;
}

/// `Debug` shows no text.
impl std::fmt::Debug for EditRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EditRow({:?} by {} bytes, {})", self.raw, self.len, self.kind)
    }
}

/// Changes of a stretch of an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edits {
    /// Ordinal of the object.
    pub object: u64,
    /// In order.
    pub rows: Vec<EditRow>,
    /// Messages by number of the rule and outcome.
    pub outcomes: Vec<(u32, Outcome, u64)>,
    /// Findings that a person has to look at first: left as they are.
    pub alerts: u64,
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
    /// Its name with the findings in it replaced, if they are.
    pub renamed: Option<Vec<u8>>,
    /// Why some of it could not be changed.
    pub unchanged: Option<String>,
    /// Of a file: everything that changes in it.
    pub changes: Option<Box<Changes>>,
}

impl ObjectDone {
    /// Number of findings.
    pub fn findings(&self) -> u64 {
        self.counts.iter().map(|(_, n)| n).sum()
    }
}
