//! Writes a zip again: untouched entries with all that stands around them as they are, touched ones encoded again.
//!
//! A touched entry keeps its method, name, times and extra fields; checksum and sizes go into both headers, and a data descriptor is
//! dropped. Then the directory follows with new places, then the end records. A zip whose entries share bytes is refused, and so is
//! one on several volumes.

use std::io::{self, Read, Write};
use std::ops::Range;

use super::directory::{Central, Directory, u16_at, u32_at, u64_at};
use super::encode::{Encoder, method_for};
use super::local::{self, Local};
use super::patch::{self, Changed, Data};
use super::{Judged, Used, decode, gaps, judge};
use crate::archive::container::spool::{Spool, copy};
use crate::archive::limits::Limits;
use crate::archive::source::{ReadAt, Source, Stretch};
use crate::archive::{Flow, Job, MakeFile, Rework};
use crate::coverage::Status;
use crate::error::{Error, ErrorKind};

/// The largest directory that is held in memory.
const DIRECTORY_MAX: u64 = 256 << 20; // bytes

/// The largest end, comment included.
const TAIL_MAX: u64 = 1 << 20; // bytes

/// Writes the zip of a job.
pub(super) fn zip(job: Job<'_, '_>, out: &mut dyn Write) -> Result<(), Error> {
    let Job { source, limits, work, make_file, .. } = job;
    let cap = usize::try_from(limits.field).unwrap_or(usize::MAX);
    let Some(bytes) = source.random(cap)? else {
        let reason = "a zip above the limit `field` within another cannot be written";
        return Err(Error::new(ErrorKind::Limit, reason));
    };
    let Some(directory) = Directory::find(bytes)? else {
        return Err(damaged("a zip without an end record cannot be written"));
    };
    if directory.records.end - directory.records.start > DIRECTORY_MAX {
        return Err(Error::new(ErrorKind::Limit, "the directory of the zip is too large"));
    }
    let plan = Plan::of(bytes, &directory, limits, work)?;
    let writer = Writer { bytes, directory: &directory, make_file, work, out, written: 0 };
    writer.run(plan)?;
    source.mark_all();
    Ok(())
}

fn damaged(reason: &str) -> Error {
    Error::new(ErrorKind::Damaged, reason)
}

/// An entry of the directory.
struct Listed {
    central: Central,
    local: Local,
    data: Range<u64>,
    ordinal: u32,
    changed: Changed,
}

/// What is written anew, in the order in which it stands.
enum Anew {
    /// An entry, by its place in the directory.
    Entry(usize),
    /// Bytes between entries, by their ordinal.
    Gap(u32),
}

/// What the zip holds, and what of it changes.
struct Plan {
    listed: Vec<Listed>,
    comment: Option<Vec<u8>>,
    /// Bytes of the directory behind the records that it counts.
    rest: Range<u64>,
    anew: Vec<(Range<u64>, Anew)>,
    used: Used,
}

/// Counts entries as `entries` hands them out.
struct Count<'w> {
    next: u32,
    work: &'w mut dyn Rework,
}

impl Count<'_> {
    fn pass(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }

    /// A comment or name that is an entry of its own, unless it is empty: its new bytes.
    fn aside(&mut self, name: &[u8], mut bytes: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let ordinal = self.pass();
        if !self.work.touches(ordinal) {
            return Ok(None);
        }
        let (mut out, len) = (Vec::new(), bytes.len() as u64);
        self.work.write(ordinal, name, &mut bytes, Some(len), &mut out)?;
        Ok(Some(out))
    }
}

impl Plan {
    /// Goes through the zip in the order of `listed`.
    fn of(
        bytes: &dyn ReadAt,
        directory: &Directory,
        limits: &Limits,
        work: &mut dyn Rework,
    ) -> Result<Self, Error> {
        let mut count = Count { next: 0, work };
        let comment = count.aside(b"(comment)", &directory.comment)?;
        let part = Stretch { bytes, range: directory.records.clone() };
        let mut records = Source::random_access(&part);
        let mut used = Used::default();
        used.add(directory.records.start..bytes.size());
        let (mut listed, mut anew) = (Vec::new(), Vec::new());
        for _ in 0..directory.entries {
            let Some(central) = Central::read(&mut records)? else {
                return Err(damaged("the directory of the zip is damaged"));
            };
            let (local, data) = match judge(bytes, directory, &central, &mut used)? {
                Judged::Found(local, data) => (local, data),
                Judged::Refused(Status::Unsupported, reason) => {
                    return Err(Error::new(ErrorKind::Unsupported, reason));
                }
                Judged::Refused(..) => {
                    return Err(damaged("a zip with entries that do not fit cannot be written"));
                }
            };
            let mut changed = Changed::default();
            let has_two_names = local.name != central.name;
            if has_two_names {
                changed.local_name = count.aside(b"(other name)", &local.name)?;
            }
            changed.comment = count.aside(b"(comment)", &central.comment)?;
            let ordinal = count.pass();
            changed.name = count.work.take_name(ordinal);
            if !has_two_names {
                changed.local_name.clone_from(&changed.name);
            }
            if count.work.touches(ordinal) || changed.local_name.is_some() {
                anew.push((local.start..data.end, Anew::Entry(listed.len())));
            }
            listed.push(Listed { central, local, data, ordinal, changed });
            if listed.len() as u64 > limits.entries && count.work.next(count.next).is_some() {
                return Err(Error::new(ErrorKind::Limit, "more entries than the limit `entries`"));
            }
        }
        let rest = directory.records.start + records.position()..directory.records.end;
        if !rest.is_empty() {
            count.pass();
        }
        if count.work.next(count.next).is_some() {
            let each = &mut |range: Option<Range<u64>>, _: crate::archive::Entry<'_>| {
                let ordinal = count.pass();
                if let (Some(range), true) = (range, count.work.touches(ordinal)) {
                    anew.push((range, Anew::Gap(ordinal)));
                }
                Flow::Continue(())
            };
            gaps(bytes, &used, each, &mut |_, _, _| {})?;
        }
        anew.sort_by_key(|(range, _)| range.start);
        Ok(Self { listed, comment, rest, anew, used })
    }
}

/// Where bytes came to stand: those from the first offset on begin at the second.
type Moved = (u64, u64);

struct Writer<'w> {
    bytes: &'w dyn ReadAt,
    directory: &'w Directory,
    make_file: MakeFile<'w>,
    work: &'w mut dyn Rework,
    out: &'w mut dyn Write,
    written: u64,
}

impl Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.written += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Writer<'_> {
    fn run(mut self, mut plan: Plan) -> Result<(), Error> {
        let (bytes, start) = (self.bytes, self.directory.records.start);
        let mut moved: Vec<Moved> = vec![(0, 0)];
        let mut at = 0;
        for (range, anew) in std::mem::take(&mut plan.anew) {
            copy(bytes, at..range.start, &mut self)?;
            at = match anew {
                Anew::Gap(ordinal) => self.gap(ordinal, range)?,
                Anew::Entry(index) => self.entry(&mut plan.listed[index], &plan.used)?,
            };
            moved.push((at, self.written));
        }
        copy(bytes, at..start, &mut self)?;
        self.end(&plan, &moved)
    }

    fn gap(&mut self, ordinal: u32, range: Range<u64>) -> Result<u64, Error> {
        let (end, part) = (range.end, Stretch { bytes: self.bytes, range });
        let mut source = Source::random_access(&part);
        let mut spool = Spool::new(self.make_file);
        let name = b"(bytes between entries)";
        self.work.write(ordinal, name, &mut source, Some(part.size()), &mut spool)?;
        copy(&spool, 0..spool.len(), self)?;
        Ok(end)
    }

    /// Writes an entry. Says where the bytes behind it go on.
    fn entry(&mut self, listed: &mut Listed, used: &Used) -> Result<u64, Error> {
        let Listed { central, local, data, ordinal, changed } = listed;
        let head = Stretch { bytes: self.bytes, range: local.start..local.data };
        let mut header = Vec::new();
        Source::random_access(&head).read_to_end(&mut header)?;
        if header.len() as u64 != head.size() {
            return Err(damaged("the zip is cut off within an entry"));
        }
        if !self.work.touches(*ordinal) {
            self.write_all(&patch::local(&header, changed)?)?;
            return Ok(local.data);
        }
        let mut spool = Spool::new(self.make_file);
        let method = method_for(central.method);
        let mut encoder = Encoder::new(method, central.flags, &mut spool)?;
        let part = Stretch { bytes: self.bytes, range: data.clone() };
        let mut packed = Source::random_access(&part);
        let expected = decode::Expected { crc: central.crc, size: central.size };
        let mut nothing = io::empty();
        let mut decoder = match decode::open(&mut packed, central.method, Some(expected)) {
            Ok(decoder) if central.flags & 1 == 0 => decoder,
            // Only other content can come in its place.
            _ => Box::new(&mut nothing) as Box<dyn Read>,
        };
        let len = Some(central.size);
        self.work.write(*ordinal, &central.name, &mut decoder, len, &mut encoder)?;
        drop(decoder);
        let (crc, size) = encoder.finish()?;
        changed.data = Some(Data { method, crc, packed: spool.len(), size });
        self.write_all(&patch::local(&header, changed)?)?;
        copy(&spool, 0..spool.len(), self)?;
        let described =
            if u16_at(&header, 6) & 8 == 0 { 0 } else { self.descriptor(central, data.end, used)? };
        Ok(data.end + described)
    }

    /// Length of the data descriptor at a place.
    fn descriptor(&self, central: &Central, at: u64, used: &Used) -> Result<u64, Error> {
        let gap = used.gap_at(at);
        let part = Stretch { bytes: self.bytes, range: at..at + gap.min(24) };
        let mut head = Vec::new();
        Source::random_access(&part).read_to_end(&mut head)?;
        if local::descriptor(&head, gap) || gap == 0 {
            return Ok(gap);
        }
        let sums = |wide: bool| {
            let value = |value: u64| value.to_le_bytes()[..if wide { 8 } else { 4 }].to_vec();
            [central.crc.to_le_bytes().to_vec(), value(central.packed), value(central.size)]
                .concat()
        };
        for wide in [false, true] {
            for mark in [&b"PK\x07\x08"[..], b""] {
                let whole = [mark, &sums(wide)].concat();
                if head.starts_with(&whole) {
                    return Ok(whole.len() as u64);
                }
            }
        }
        Err(damaged("a zip with a data descriptor that cannot be told cannot be written"))
    }

    /// Writes the directory and what follows.
    fn end(mut self, plan: &Plan, moved: &[Moved]) -> Result<(), Error> {
        let place = |at: u64| {
            let (old, new) = moved[moved.partition_point(|(old, _)| *old <= at) - 1];
            new + (at - old)
        };
        let directory = self.directory;
        let start = self.written;
        let first = plan.listed.iter().map(|listed| place(listed.local.start)).min();
        let shift = directory.shift.min(first.unwrap_or(start));
        for listed in &plan.listed {
            let offset = place(listed.local.start) - shift;
            let record = patch::central(&listed.central, &listed.changed, offset)?;
            self.write_all(&record)?;
        }
        copy(self.bytes, plan.rest.clone(), &mut self)?;
        let (end, size) = (self.written, self.bytes.size());
        if size - directory.records.end > TAIL_MAX {
            return Err(Error::new(ErrorKind::Limit, "the end of the zip is too large"));
        }
        let part = Stretch { bytes: self.bytes, range: directory.records.end..size };
        let mut tail = Vec::new();
        Source::random_access(&part).read_to_end(&mut tail)?;
        let at = usize::try_from(directory.end - directory.records.end).unwrap_or(usize::MAX);
        if tail.len() < at.saturating_add(22) {
            return Err(damaged("the end of the zip is damaged"));
        }
        let (len, offset) = (end - start, start - shift);
        if at > 0 {
            patch::set_u64(&mut tail, 40, len);
            patch::set_u64(&mut tail, 48, offset);
            let locator = at - 20;
            let is_raised = u64_at(&tail, locator + 8) == directory.records.end;
            patch::set_u64(&mut tail, locator + 8, if is_raised { end } else { end - shift });
        }
        for (field, value) in [(at + 12, len), (at + 16, offset)] {
            if at > 0 && u32_at(&tail, field) == u32::MAX {
                continue;
            }
            if value >= u64::from(u32::MAX) {
                let reason = "the zip would grow above 4 GiB and is no zip64";
                return Err(Error::new(ErrorKind::Unsupported, reason));
            }
            patch::set_u32(&mut tail, field, patch::narrow_u32(value));
        }
        if let Some(comment) = &plan.comment {
            patch::set_u16(&mut tail, at + 20, patch::short(comment)?);
            tail.truncate(at + 22);
            tail.extend_from_slice(comment);
        }
        self.write_all(&tail)?;
        Ok(())
    }
}
