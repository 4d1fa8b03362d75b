//! Reading archives: containers, syntaxes and profiles, and the traits between them.
//!
//! A format is a syntax (the grammar) times a profile (which path means what). A [`Syntax`] looks at the head of an
//! object and makes a [`Reader`] for it: immutable, shared by all workers. The sweep reads the object in windows, asks the
//! reader where independent units end ([`Reader::cut`]) and hands each [`Block`] to [`Reader::read`], which is a
//! pure function from bytes to fields. So one big file uses all cores, and the windows never change the findings.
//!
//! **Invariant:** nothing here knows detectors, policies or the clock; nothing is extracted to disk.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt::Debug;
use std::ops::Range;

use crate::coverage::Status;
use crate::error::{Error, ErrorKind};
use crate::message::{Role, Ts};
use crate::view::{Decoded, Edit, View, settle};

pub mod charset;
pub mod container;
pub mod limits;
pub mod magic;
pub mod profile;
pub mod runs;
pub mod seam;
pub mod source;
pub mod syntax;
pub mod walk;

use charset::{Detected, Unit};
use limits::Limits;
use profile::Profile;
use seam::Seam;

/// What a probe may look at. The charset is looked for once, however many ask.
#[derive(Clone)]
pub struct Probe<'a> {
    /// Name of the file or entry; breaks ties only.
    pub name: &'a [u8],
    /// The first 64 KiB at most.
    pub head: &'a [u8],
    /// Size, if known.
    pub len: Option<u64>,
    detected: OnceCell<Detected>,
    text: OnceCell<Cow<'a, [u8]>>,
}

impl Debug for Probe<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Probe({} bytes of {:?})", self.head.len(), self.len)
    }
}

impl<'a> Probe<'a> {
    /// A name, the first bytes and the size.
    pub fn new(name: &'a [u8], head: &'a [u8], len: Option<u64>) -> Self {
        Self { name, head, len, detected: OnceCell::new(), text: OnceCell::new() }
    }

    /// The charset of the head, if nothing in it declares one.
    pub fn detected(&self) -> Detected {
        *self.detected.get_or_init(|| charset::detect(self.head, None))
    }

    /// The head as bytes in which ASCII can be searched: UTF-16 is decoded.
    pub fn text(&self) -> &[u8] {
        self.text.get_or_init(|| {
            let detected = self.detected();
            let head = &self.head[detected.bom..];
            match detected.unit() {
                Unit::Byte => Cow::Borrowed(head),
                Unit::Utf16Le | Unit::Utf16Be => View::coded(head, 0, detected.codec()).bytes(),
            }
        })
    }

    /// The extension of the name in lower case, without the dot.
    pub fn extension(&self) -> String {
        let name = self.name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        match name.iter().rposition(|byte| *byte == b'.') {
            Some(dot) => String::from_utf8_lossy(&name[dot + 1..]).to_ascii_lowercase(),
            None => String::new(),
        }
    }
}

/// How a syntax can be written back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewrite {
    /// Only the bytes of the found spans change.
    SpanExact,
    /// A part is encoded again, the rest is exact.
    PartRebuild,
    /// Scanned and reported, never written.
    ReadOnly,
}

/// Bytes of an object in memory, with what is known about their place.
#[derive(Clone, Copy)]
pub struct Window<'a> {
    /// The bytes. The first is the start of a unit.
    pub bytes: &'a [u8],
    /// Offset of the first byte in the object.
    pub base: u64,
    /// Whether the object ends here.
    pub last: bool,
}

impl Debug for Window<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Window({} bytes at {}, last {})", self.bytes.len(), self.base, self.last)
    }
}

/// Where a window may be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Units are complete up to this many bytes (more than 0); the rest belongs to the next window.
    At(usize),
    /// No unit ends here: read more, up to the cap on a field; above it the reader is given what there is.
    More,
    /// The syntax needs the whole object in memory, up to the cap on a field.
    Whole,
}

/// Memory that lives as long as a block: decoded layers that views lie within.
pub type Arena<'a> = typed_arena::Arena<Decoded<'a>>;

/// Whole units of an object.
#[derive(Clone, Copy)]
pub struct Block<'a> {
    /// The bytes of this block.
    pub bytes: &'a [u8],
    /// Offset of the first byte in the object.
    pub base: u64,
    /// Whether the object begins here.
    pub first: bool,
    /// Whether the object ends here.
    pub last: bool,
    /// Whether the block was forced to end within a unit, because the unit is above the cap. Read it flat.
    pub torn: bool,
    /// Where decoded layers are kept.
    pub arena: &'a Arena<'a>,
}

impl Debug for Block<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Block({} bytes at {})", self.bytes.len(), self.base)
    }
}

/// What a syntax may look at when it opens an object.
#[derive(Clone, Debug)]
pub struct Head<'a> {
    /// Name and first bytes.
    pub probe: Probe<'a>,
    /// The vendor's layout, if one was recognized.
    pub profile: Option<&'a Profile>,
    /// The limits of this run.
    pub limits: &'a Limits,
}

/// A grammar: one file, one line in [`syntax::SYNTAXES`].
pub trait Syntax: Debug + Send + Sync {
    /// The name used in outputs, profiles and cases.
    fn id(&self) -> &'static str;

    /// How well the bytes fit, 0 to 100: magic number 95, marks of a profile 90 (added by the caller), header block or grammar
    /// seen 40-70, a leading `{`, `[` or `<` 20, valid text 5, bytes 1. Content beats the name.
    fn probe(&self, probe: &Probe<'_>) -> u8;

    /// How it can be written back.
    fn rewrite(&self) -> Rewrite;

    /// Makes a reader for one object. What the head decides (charset, delimiter, column names) is decided once, here.
    fn open(&self, head: &Head<'_>) -> Box<dyn Reader>;
}

/// Reads the blocks of one object. Shared by threads; equal blocks give equal fields.
pub trait Reader: Debug + Send + Sync {
    /// Where this window may be cut.
    fn cut(&self, window: &Window<'_>) -> Cut;

    /// Hands every field of the block to the sink, in order. Never panics; what cannot be parsed is handed over as flat text
    /// and named as a problem, so that no byte is passed over.
    fn read<'a>(&self, block: &Block<'a>, sink: &mut dyn Sink<'a>);

    /// What was odd about the object as a whole: a guessed charset, a broken head. Reported once.
    fn remarks(&self) -> Vec<(Status, String)> {
        Vec::new()
    }

    /// The channel of the messages, such as `e-mail` or `chat`, if the format tells.
    fn channel(&self) -> Option<&str> {
        None
    }

    /// Completes the edits of one message: what the format derives from the content (`Content-Length`), and what must not come into
    /// being by an edit (a line that looks like a separator). The edits are settled and sorted, and are so afterwards.
    fn derive(&self, _block: &Block<'_>, _message: Range<u64>, _edits: &mut Vec<Edit>) {}

    /// Adds the edits that take whole messages out of the block, so that what is left is as valid as before. The messages are sorted
    /// ranges as `Sink::begin` and `Sink::end` gave them; edits within them must not be there. Gives what it means for other blocks, to
    /// be put together by [`seam::Seams`]: so blocks from which nothing is taken have to be asked too.
    ///
    /// # Errors
    ///
    /// If this syntax cannot take messages out.
    fn erase(
        &self,
        _block: &Block<'_>,
        messages: &[Range<u64>],
        _edits: &mut Vec<Edit>,
    ) -> Result<Seam, Error> {
        if messages.is_empty() {
            return Ok(Seam::default());
        }
        Err(Error::new(ErrorKind::Unsupported, seam::INDIVISIBLE))
    }
}

/// A name within an object that holds another object, such as an attachment.
#[derive(Clone, Debug)]
pub struct Child<'a> {
    /// Name of the attachment, as bytes; empty when it has none.
    pub name: &'a [u8],
    /// Its content after transfer decoding.
    pub bytes: &'a [u8],
    /// Where its encoded form stands in the object.
    pub raw: Range<u64>,
    /// The layer that `bytes` lie within; `None` if they stand in the object as they are.
    pub layer: Option<&'a Decoded<'a>>,
    /// Where `bytes` begin: in the layer, else in the object.
    pub at: u64,
}

impl Child<'_> {
    /// Edits of the bytes of the child as edits of the object that holds it.
    ///
    /// # Errors
    ///
    /// If the encoding of the child cannot be written, or the edits overlap.
    pub fn lift(&self, edits: &[Edit]) -> Result<Vec<Edit>, Error> {
        let narrow = |at| usize::try_from(at).unwrap_or(usize::MAX).min(self.bytes.len());
        let within = |raw: Range<u64>| &self.bytes[narrow(raw.start)..narrow(raw.end)];
        let shift =
            |edit: Edit| Edit { raw: self.at + edit.raw.start..self.at + edit.raw.end, ..edit };
        let edits = settle(edits.to_vec(), within)?.into_iter().map(shift).collect();
        match self.layer {
            Some(layer) => layer.lift(edits),
            None => Ok(edits),
        }
    }

    /// The edit of the object that puts other bytes in place of all those of the child.
    ///
    /// # Errors
    ///
    /// If the encoding of the child cannot be written.
    pub fn replace(&self, bytes: Vec<u8>) -> Result<Vec<Edit>, Error> {
        self.lift(&[Edit { raw: 0..self.bytes.len() as u64, bytes, within: None }])
    }
}

/// Takes what a reader finds. Calls come in document order; fields between `begin` and `end` belong to that message.
pub trait Sink<'a> {
    /// A message begins at this byte of the object.
    fn begin(&mut self, raw_start: u64);

    /// A field. `path` names it within the message (JSON Pointer, header name, column); `label` is what a reader of the archive
    /// sees before the value, and counts as context directly before it.
    fn field(&mut self, role: Role, path: &str, label: &str, view: View<'a>);

    /// When the message came.
    fn sent(&mut self, at: Ts);

    /// When its case was closed.
    fn closed(&mut self, at: Ts);

    /// The stable key of the message: Message-ID, ts, case id.
    fn key(&mut self, key: &[u8]);

    /// Another object within this one.
    fn child(&mut self, child: Child<'a>);

    /// The message ends before this byte. `doubtful`: where it ends is a guess.
    fn end(&mut self, raw_end: u64, doubtful: bool);

    /// A place that is not ok. Bytes of an `Encrypted`, `Unsupported`, `Limit` or `Error` place count as not scanned.
    fn problem(&mut self, raw: Range<u64>, status: Status, reason: &str);
}

/// An object found in a container.
#[derive(Debug)]
pub struct Entry<'e> {
    /// Name as stored.
    pub name: &'e [u8],
    /// Size if the container knows it. Never trusted for an allocation.
    pub len: Option<u64>,
    /// Size within the container if it is known beforehand: what an expansion is measured against.
    pub packed: Option<u64>,
    /// The content.
    pub content: Content<'e>,
}

/// The content of an entry.
pub enum Content<'e> {
    /// Bytes to read, decoded on the way.
    Data(&'e mut dyn std::io::Read),
    /// Not readable, with the reason.
    Refused(Status, String),
}

impl Debug for Content<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Data(_) => f.write_str("Data"),
            Self::Refused(status, reason) => write!(f, "Refused({status:?}, {reason})"),
        }
    }
}

/// Whether to go on.
pub type Flow = std::ops::ControlFlow<()>;

/// A container: one file, one line in [`container::CONTAINERS`].
pub trait Container: Debug + Send + Sync {
    /// The name used in outputs and cases.
    fn id(&self) -> &'static str;

    /// How well the bytes fit: 95 for the magic number at its place, else 0.
    fn probe(&self, probe: &Probe<'_>) -> u8;

    /// Calls `each` for every entry in stored order. A stream format (gzip) has one entry per member, named after its header or
    /// after `name` without the extension. Problems between entries (trailing bytes, an unlisted entry) go to `problem`.
    ///
    /// # Errors
    ///
    /// If the container is damaged from some point on; the entries before it were delivered.
    fn entries(
        &self,
        source: &mut source::Source<'_>,
        name: &[u8],
        limits: &Limits,
        each: &mut dyn FnMut(Entry<'_>) -> Flow,
        problem: &mut dyn FnMut(Range<u64>, Status, &str),
    ) -> Result<(), Error>;

    /// Writes the container again with some entries changed, and every other byte as it is. Entries are counted as [`Self::entries`]
    /// hands them out.
    ///
    /// # Errors
    ///
    /// If it is damaged, or an entry that changes cannot be written. What was written until then must not be used.
    fn rebuild(&self, job: Job<'_, '_>, out: &mut dyn std::io::Write) -> Result<(), Error>;
}

/// A container that is written again.
pub struct Job<'j, 's> {
    /// Its bytes.
    pub source: &'j mut source::Source<'s>,
    /// Its name.
    pub name: &'j [u8],
    /// The limits, as they were when it was read.
    pub limits: &'j Limits,
    /// What becomes of its entries.
    pub work: &'j mut dyn Rework,
    /// Where files for what is too big for memory come from.
    pub make_file: MakeFile<'j>,
}

impl Debug for Job<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Job({:?})", self.source)
    }
}

/// Makes an empty file that nobody else can read, for what is too big for memory.
pub type MakeFile<'f> = &'f dyn Fn() -> std::io::Result<std::fs::File>;

/// Knows what becomes of the entries of a container that is written again. Every change has to be taken or written, else it would be
/// lost without a word.
pub trait Rework {
    /// The first entry from `ordinal` on that changes.
    fn next(&self, ordinal: u32) -> Option<u32>;

    /// Whether the content of an entry changes, not only its name.
    fn touches(&self, ordinal: u32) -> bool;

    /// By how many bytes the content of an entry grows, if that is known before it is written.
    fn growth(&self, ordinal: u32) -> Option<i64>;

    /// The new name of an entry, if it has one.
    fn take_name(&mut self, ordinal: u32) -> Option<Vec<u8>>;

    /// The plain edits of an entry, sorted, if they are all that changes in its content and not too many for memory.
    fn take_edits(&mut self, ordinal: u32) -> Option<Vec<Edit>>;

    /// Copies bytes with edits that were taken before.
    ///
    /// # Errors
    ///
    /// If the edits do not fit, or reading or writing fails.
    fn apply(
        &mut self,
        content: &mut dyn std::io::Read,
        edits: Vec<Edit>,
        out: &mut dyn std::io::Write,
    ) -> Result<(), Error>;

    /// Writes the new content of an entry. `name` is the one it had, `len` its size if the container knows it.
    ///
    /// # Errors
    ///
    /// If the content cannot be read or written.
    fn write(
        &mut self,
        ordinal: u32,
        name: &[u8],
        content: &mut dyn std::io::Read,
        len: Option<u64>,
        out: &mut dyn std::io::Write,
    ) -> Result<(), Error>;
}
