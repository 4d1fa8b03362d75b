//! zip and zip64 (APPNOTE 6.3.10), read by hand.
//!
//! Libraries trust either the directory or the local headers; here both are looked at, because what only one of them shows must
//! not be passed over. Entries that share bytes are refused, so that a small file cannot expand without end. Names are bytes.
//! A zip without random access that is too big for memory is read in order of its local headers.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};
use std::ops::ControlFlow::{Break, Continue};
use std::ops::Range;

use super::{Each, Report, aside};
use crate::archive::limits::Limits;
use crate::archive::source::{ReadAt, Source, Stretch};
use crate::archive::{Container, Content, Entry, Flow, Job, Probe};
use crate::coverage::Status;
use crate::error::{Error, ErrorKind};

mod decode;
mod directory;
mod encode;
mod local;
mod ordered;
mod patch;
mod rebuild;

use directory::{Central, Directory};
use local::Local;

/// The format.
#[derive(Debug)]
pub(super) struct Zip;

impl Container for Zip {
    fn id(&self) -> &'static str {
        "zip"
    }

    fn probe(&self, probe: &Probe<'_>) -> u8 {
        match probe.head {
            // A local header, or the end record of an empty zip, or the mark of a spanned one.
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => 95,
            // A program that unpacks itself: the end record settles it.
            [b'M', b'Z', ..] if probe.extension() == "exe" && holds_zip(probe) => 95,
            _ => 0,
        }
    }

    fn entries(
        &self,
        source: &mut Source<'_>,
        _name: &[u8],
        limits: &Limits,
        each: Each<'_>,
        problem: Report<'_>,
    ) -> Result<(), Error> {
        let cap = usize::try_from(limits.field).unwrap_or(usize::MAX);
        let Some(bytes) = source.random(cap)? else {
            let reason = "a zip above the limit `field` within another: read in order";
            problem(0..0, Status::Warn, reason);
            return ordered::entries(source, each, problem);
        };
        let Some(directory) = Directory::find(bytes)? else {
            let mut inner = Source::random_access(bytes);
            let read = ordered::entries(&mut inner, each, problem);
            let position = inner.position();
            source.mark(position);
            read?;
            return Err(Error::new(ErrorKind::Damaged, "the zip has no end record: read in order"));
        };
        let read = listed(bytes, &directory, each, problem);
        source.mark_all();
        read
    }

    fn rebuild(&self, job: Job<'_, '_>, out: &mut dyn Write) -> Result<(), Error> {
        rebuild::zip(job, out)
    }
}

/// Whether a local header stands in the head of a program.
fn holds_zip(probe: &Probe<'_>) -> bool {
    memchr::memmem::find(probe.head, b"PK\x03\x04").is_some()
}

/// The entries that the directory lists, then what it does not.
fn listed(
    bytes: &dyn ReadAt,
    directory: &Directory,
    each: Each<'_>,
    problem: Report<'_>,
) -> Result<(), Error> {
    if !directory.complete {
        let at = directory.records.end..bytes.size();
        problem(at, Status::Warn, "the comment of the zip is not as long as it says");
    }
    if aside(b"(comment)", &directory.comment, each).is_break() {
        return Ok(());
    }
    let part = Stretch { bytes, range: directory.records.clone() };
    let mut records = Source::random_access(&part);
    let mut used = Used::default();
    used.add(directory.records.start..bytes.size());
    for _ in 0..directory.entries {
        let Some(central) = Central::read(&mut records)? else {
            let reason = "the directory of the zip is damaged";
            return Err(Error::new(ErrorKind::Damaged, reason));
        };
        if entry(bytes, directory, &central, &mut used, each, problem)?.is_break() {
            return Ok(());
        }
    }
    if !records.at_end()? {
        let at = directory.records.start + records.position()..directory.records.end;
        problem(at.clone(), Status::Warn, "the directory of the zip holds more than it counts");
        let part = Stretch { bytes, range: at };
        if whole(b"(bytes of the directory)", &part, each).is_break() {
            return Ok(());
        }
    }
    gaps(bytes, &used, &mut |_, entry| each(entry), problem)
}

/// What a record of the directory points at.
enum Judged {
    /// A header with its data, which no other entry shares.
    Found(Local, Range<u64>),
    Refused(Status, &'static str),
}

fn judge(
    bytes: &dyn ReadAt,
    directory: &Directory,
    central: &Central,
    used: &mut Used,
) -> Result<Judged, Error> {
    if central.disk != 0 {
        return Ok(Judged::Refused(Status::Unsupported, "on another volume of the zip"));
    }
    let at = central.offset.checked_add(directory.shift);
    let local = match at.map(|at| Local::read(bytes, at)) {
        Some(Ok(Some(local))) => local,
        Some(Err(error)) if error.kind() == ErrorKind::Io => return Err(error),
        _ => return Ok(Judged::Refused(Status::Error, "no header where the directory says")),
    };
    let data = local.data..local.data.saturating_add(central.packed);
    if data.end > directory.records.start {
        return Ok(Judged::Refused(Status::Error, "longer than the zip"));
    }
    if !used.add(local.start..data.end) {
        return Ok(Judged::Refused(Status::Error, "shares bytes with another entry"));
    }
    Ok(Judged::Found(local, data))
}

/// One entry of the directory.
fn entry(
    bytes: &dyn ReadAt,
    directory: &Directory,
    central: &Central,
    used: &mut Used,
    each: Each<'_>,
    problem: Report<'_>,
) -> Result<Flow, Error> {
    let refuse = |each: Each<'_>, status, reason: String| {
        let content = Content::Refused(status, reason);
        Ok(each(Entry { name: &central.name, len: Some(central.size), packed: None, content }))
    };
    let (local, data) = match judge(bytes, directory, central, used)? {
        Judged::Found(local, data) => (local, data),
        Judged::Refused(status, reason) => return refuse(each, status, reason.into()),
    };
    if local.name != central.name {
        problem(local.start..local.data, Status::Warn, "an entry has two names");
        if aside(b"(other name)", &local.name, each).is_break() {
            return Ok(Break(()));
        }
    }
    if aside(b"(comment)", &central.comment, each).is_break() {
        return Ok(Break(()));
    }
    if central.flags & 1 != 0 {
        return refuse(each, Status::Encrypted, "needs a password".into());
    }
    let part = Stretch { bytes, range: data };
    let mut packed = Source::random_access(&part);
    let expected = decode::Expected { crc: central.crc, size: central.size };
    match decode::open(&mut packed, central.method, Some(expected)) {
        Ok(mut data) => Ok(each(Entry {
            name: &central.name,
            len: Some(central.size),
            packed: Some(central.packed),
            content: Content::Data(&mut *data),
        })),
        Err(error) => refuse(each, decode::status(&error), error.reason().into()),
    }
}

/// What stands between the entries: unlisted entries are read, other bytes are handed out as they are, with their place.
fn gaps(
    bytes: &dyn ReadAt,
    used: &Used,
    each: &mut dyn FnMut(Option<Range<u64>>, Entry<'_>) -> Flow,
    problem: Report<'_>,
) -> Result<(), Error> {
    for gap in used.gaps() {
        let part = Stretch { bytes, range: gap.clone() };
        let mut source = Source::random_access(&part);
        let head = source.head(30)?;
        if local::descriptor(head, gap.end - gap.start) {
            continue;
        }
        // Bytes in front of the first header: what unpacks itself, or a descriptor.
        let start = find_header(&mut source)?;
        let before = gap.start..gap.start + start;
        let len = before.end - before.start;
        let part = Stretch { bytes, range: before.clone() };
        if len > 0 && !local::descriptor(Source::random_access(&part).head(30)?, len) {
            problem(before.clone(), Status::Warn, "bytes between the entries of the zip");
            let each: Each<'_> = &mut |entry| each(Some(before.clone()), entry);
            if whole(b"(bytes between entries)", &part, each).is_break() {
                return Ok(());
            }
        }
        if !source.at_end()? {
            let at = gap.start + source.position()..gap.end;
            problem(at, Status::Warn, "an entry that the directory does not list");
            // What breaks off here is no damage of the zip: it goes on behind.
            let unlisted: Each<'_> = &mut |entry| each(None, entry);
            if let Err(error) = ordered::entries(&mut source, unlisted, problem) {
                let at = gap.start + source.position()..gap.end;
                problem(at.clone(), Status::Warn, error.reason());
                let part = Stretch { bytes, range: at.clone() };
                let each: Each<'_> = &mut |entry| each(Some(at.clone()), entry);
                if whole(b"(bytes between entries)", &part, each).is_break() {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// Goes to the next local header, or to the end. Says how many bytes were passed.
fn find_header(source: &mut Source<'_>) -> io::Result<u64> {
    loop {
        let head = source.head(64 << 10)?;
        if head.len() < 4 {
            let n = head.len();
            source.consume(n);
            return Ok(source.position());
        }
        let found = memchr::memmem::find(head, b"PK\x03\x04");
        let pass = found.unwrap_or(head.len() - 3);
        source.consume(pass);
        if found.is_some() {
            return Ok(source.position());
        }
    }
}

fn whole(name: &[u8], part: &Stretch<'_>, each: Each<'_>) -> Flow {
    let len = Some(part.size());
    if len == Some(0) {
        return Continue(());
    }
    let mut source = Source::random_access(part);
    each(Entry { name, len, packed: len, content: Content::Data(&mut source) })
}

/// Bytes that belong to an entry: no byte may belong to two.
#[derive(Default)]
struct Used(BTreeMap<u64, u64>);

impl Used {
    /// Takes a range; false if any byte of it is taken.
    fn add(&mut self, range: Range<u64>) -> bool {
        let before = self.0.range(..range.end).next_back();
        if before.is_some_and(|(start, end)| *end > range.start || *start == range.start) {
            return false;
        }
        self.0.insert(range.start, range.end);
        true
    }

    /// How many bytes from a place on belong to no entry.
    fn gap_at(&self, at: u64) -> u64 {
        self.0.range(at..).next().map_or(0, |(start, _)| start - at)
    }

    fn gaps(&self) -> Vec<Range<u64>> {
        let mut at = 0;
        let mut gaps = Vec::new();
        for (start, end) in &self.0 {
            if *start > at {
                gaps.push(at..*start);
            }
            at = at.max(*end);
        }
        gaps
    }
}
