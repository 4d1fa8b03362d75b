//! One object with its changes: a leaf is copied through with its edits, a container is rebuilt entry by entry.
//!
//! What an object is, is decided as the sweep decides it, by the same probe of the same bytes. What does not change is copied byte for byte.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Read, Write};

use super::changes::Changes;
use super::{Written, apply, apply_sorted};
use crate::archive::limits::Limits;
use crate::archive::magic::{Format, Formats};
use crate::archive::source::Source;
use crate::archive::{Job, MakeFile, Probe, Rework};
use crate::error::{Error, ErrorKind};
use crate::view::Edit;

/// How much of an object a probe looks at.
const HEAD: usize = 64 << 10; // bytes

/// What a rewrite works with.
pub struct Tools<'t> {
    /// What there is to read: the same as for the sweep.
    pub formats: &'t Formats,
    /// The limits: the same as for the sweep.
    pub limits: &'t Limits,
    /// Makes an empty file that nobody else can read, for what is too big for memory.
    pub make_file: MakeFile<'t>,
}

impl fmt::Debug for Tools<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tools").field("limits", self.limits).finish_non_exhaustive()
    }
}

/// Copies an object to `out` with its changes. `name` is the one it has: that of the file, or of the entry as stored. A new name is
/// written by what holds the object.
///
/// # Errors
///
/// If changes do not fit the object, or it cannot be read or written. What was written until then must not be used.
pub fn object(
    tools: &mut Tools<'_>,
    name: &[u8],
    source: &mut Source<'_>,
    changes: &Changes,
    out: &mut dyn Write,
) -> Result<Written, Error> {
    write(tools, 0, name, source, changes, out)
}

/// `zips`: how many zips around the object are held in memory.
fn write(
    tools: &mut Tools<'_>,
    zips: u32,
    name: &[u8],
    source: &mut Source<'_>,
    changes: &Changes,
    out: &mut dyn Write,
) -> Result<Written, Error> {
    if let Some(bytes) = &changes.replaced {
        out.write_all(bytes)?;
        return Ok(Written { read: 0, written: bytes.len() as u64, edits: 1 });
    }
    if !changes.touches_content() {
        return apply(source, Vec::new(), out);
    }
    let len = source.size();
    let probe = Probe::new(name, source.head(HEAD)?, len);
    let Format::Container(container) = tools.formats.choose(&probe).format else {
        if changes.entries.values().any(|changes| !changes.is_empty()) {
            return Err(Error::new(ErrorKind::Config, "changes of entries in what holds none"));
        }
        return apply_sorted(source, &changes.edits, out);
    };
    if !changes.edits.is_empty() {
        return Err(Error::new(ErrorKind::Config, "edits in the bytes of a container"));
    }
    let mut limits = tools.limits.clone();
    // As the sweep shares the memory for zips within zips.
    limits.field >>= zips.min(63);
    let make_file = tools.make_file;
    let holds = u32::from(container.id() == "zip" && source.is_stream());
    let mut out = Counter { out, written: 0 };
    let mut work = Work { tools, zips: zips + holds, changes, done: BTreeSet::new(), edits: 0 };
    let job = Job { source, name, limits: &limits, work: &mut work, make_file };
    container.rebuild(job, &mut out)?;
    let edits = work.edits;
    work.finish()?;
    out.flush()?;
    Ok(Written { read: source.position(), written: out.written, edits })
}

/// What of an entry was written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Name,
    Content,
}

/// The changes of the entries of a container.
struct Work<'w, 't> {
    tools: &'w mut Tools<'t>,
    zips: u32,
    changes: &'w Changes,
    done: BTreeSet<(u32, Side)>,
    edits: u64,
}

impl<'w> Work<'w, '_> {
    fn of(&self, ordinal: u32) -> Option<&'w Changes> {
        self.changes.entries.get(&ordinal)
    }

    /// No change may be lost without a word.
    fn finish(&self) -> Result<(), Error> {
        let lost = self.changes.entries.iter().any(|(ordinal, changes)| {
            (changes.name.is_some() && !self.done.contains(&(*ordinal, Side::Name)))
                || (changes.touches_content() && !self.done.contains(&(*ordinal, Side::Content)))
        });
        if lost {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "a part of the container cannot be written",
            ));
        }
        Ok(())
    }
}

impl Rework for Work<'_, '_> {
    fn next(&self, ordinal: u32) -> Option<u32> {
        let mut from = self.changes.entries.range(ordinal..);
        from.find(|(_, changes)| !changes.is_empty()).map(|(ordinal, _)| *ordinal)
    }

    fn touches(&self, ordinal: u32) -> bool {
        self.of(ordinal).is_some_and(Changes::touches_content)
    }

    fn growth(&self, ordinal: u32) -> Option<i64> {
        self.of(ordinal).and_then(Changes::growth)
    }

    fn take_name(&mut self, ordinal: u32) -> Option<Vec<u8>> {
        let name = self.of(ordinal)?.name.clone()?;
        self.done.insert((ordinal, Side::Name));
        self.edits += 1;
        Some(name)
    }

    fn take_edits(&mut self, ordinal: u32) -> Option<Vec<Edit>> {
        let changes = self.of(ordinal)?;
        changes.growth()?;
        // So many that they went to a file: the content is written as a whole.
        let edits = changes.edits.in_memory()?;
        self.done.insert((ordinal, Side::Content));
        Some(edits)
    }

    fn apply(
        &mut self,
        content: &mut dyn Read,
        edits: Vec<Edit>,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        self.edits += apply(content, edits, out)?.edits;
        Ok(())
    }

    fn write(
        &mut self,
        ordinal: u32,
        name: &[u8],
        content: &mut dyn Read,
        len: Option<u64>,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let nothing = Changes::default();
        let changes = self.of(ordinal).unwrap_or(&nothing);
        self.done.insert((ordinal, Side::Content));
        let mut source = Source::stream(content, len);
        let done = write(self.tools, self.zips, name, &mut source, changes, out)?;
        self.edits += done.edits;
        Ok(())
    }
}

/// Counts what is written.
struct Counter<'o> {
    out: &'o mut dyn Write,
    written: u64,
}

impl Write for Counter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.written += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
