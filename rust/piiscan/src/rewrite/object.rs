//! One object with its changes: a leaf is copied through with its edits, a container is rebuilt entry by entry.
//!
//! What an object is, is decided as the sweep decides it, by the same probe of the same bytes. What does not change is copied byte for byte.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};

use super::changes::Changes;
use super::{Written, apply};
use crate::archive::limits::Limits;
use crate::archive::magic::{Format, Formats};
use crate::archive::source::Source;
use crate::archive::{Probe, Rework};
use crate::error::{Error, ErrorKind};

/// How much of an object a probe looks at.
const HEAD: usize = 64 << 10; // bytes

/// What a rewrite works with.
pub struct Tools<'t> {
    /// What there is to read: the same as for the sweep.
    pub formats: &'t Formats,
    /// The limits: the same as for the sweep.
    pub limits: &'t Limits,
    /// Makes an empty file that nobody else can read, for what is too big for memory.
    pub spool: &'t mut dyn FnMut() -> io::Result<File>,
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
    let probe = Probe { name, head: source.head(HEAD)?, len };
    let Format::Container(container) = tools.formats.choose(&probe).format else {
        if changes.entries.values().any(|changes| !changes.is_empty()) {
            return Err(Error::new(ErrorKind::Config, "changes of entries in what holds none"));
        }
        return apply(source, changes.edits.clone(), out);
    };
    let mut limits = tools.limits.clone();
    // As the sweep shares the memory for zips within zips.
    limits.field >>= zips.min(63);
    let holds = u32::from(container.id() == "zip" && source.is_stream());
    let mut out = Counter { out, written: 0 };
    let mut work = Work { tools, zips: zips + holds, changes, edits: 0 };
    container.rebuild(source, name, &limits, &mut work, &mut out)?;
    let edits = work.edits;
    out.flush()?;
    Ok(Written { read: source.position(), written: out.written, edits })
}

/// The changes of the entries of a container.
struct Work<'w, 't> {
    tools: &'w mut Tools<'t>,
    zips: u32,
    changes: &'w Changes,
    edits: u64,
}

impl Rework for Work<'_, '_> {
    fn next(&self, ordinal: u32) -> Option<u32> {
        let mut from = self.changes.entries.range(ordinal..);
        from.find(|(_, changes)| !changes.is_empty()).map(|(ordinal, _)| *ordinal)
    }

    fn name(&self, ordinal: u32) -> Option<&[u8]> {
        self.changes.entries.get(&ordinal)?.name.as_deref()
    }

    fn touches(&self, ordinal: u32) -> bool {
        self.changes.entries.get(&ordinal).is_some_and(Changes::touches_content)
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
        let changes = self.changes.entries.get(&ordinal).unwrap_or(&nothing);
        let mut source = Source::stream(content, len);
        let done = write(self.tools, self.zips, name, &mut source, changes, out)?;
        self.edits += done.edits;
        Ok(())
    }

    fn spool(&mut self) -> io::Result<File> {
        (self.tools.spool)()
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
