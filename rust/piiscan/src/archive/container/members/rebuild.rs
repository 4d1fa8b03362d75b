//! Writes gzip, zstd, bzip2 and xz again: touched members are encoded anew with what their headers say, the others stay.
//!
//! Plain edits change the members that they lie in. If the text is a container itself, or is replaced, its members become one. What
//! stands between and behind members stays.

use std::io::{self, Write};
use std::ops::Range;

use super::{Joined, Members, PEEK, reason, skip_zeros, stem};
use crate::archive::container::spool::{Spool, copy};
use crate::archive::source::{ReadAt, Source, Stretch};
use crate::archive::{Job, Rework};
use crate::error::{Error, ErrorKind};
use crate::view::Edit;

/// How much of a member is looked at to find the end of its header.
const HEADER: usize = 1 << 20; // bytes

/// Writes the content of a member.
pub(in super::super) type Fill<'f> = &'f mut dyn FnMut(&mut dyn Write) -> Result<(), Error>;

/// What a header of a member says anew.
#[derive(Debug, Default)]
pub(in super::super) struct Names {
    pub(in super::super) name: Option<Vec<u8>>,
    pub(in super::super) comment: Option<Vec<u8>>,
}

/// A format of members that can be written.
pub(in super::super) trait Encode: Members {
    /// The comment in the first header, which is handed out before the text.
    fn comment(_head: &[u8]) -> Option<Vec<u8>> {
        None
    }

    /// The header of a member with other names: the length of the old one, and the new one.
    fn header(_head: &[u8], _names: &Names) -> Result<(usize, Vec<u8>), Error> {
        Ok((0, Vec::new()))
    }

    /// Writes a member. `head` is how the old one begins, `len` the length of the content if it is known.
    fn encode(
        head: &[u8],
        names: &Names,
        len: Option<u64>,
        fill: Fill<'_>,
        out: &mut dyn Write,
    ) -> Result<(), Error>;
}

/// Writes the container of a job.
pub(in super::super) fn rebuild<M: Encode>(
    job: Job<'_, '_>,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let Job { source, name, work, make_file, .. } = job;
    let mut spool = Spool::new(make_file);
    // A member is read twice: to see where it ends, and to change it.
    if source.is_stream() {
        io::copy(source, &mut spool)?;
    }
    let bytes: &dyn ReadAt = match source.random(0)? {
        Some(bytes) if !source_is_spooled(&spool) => bytes,
        _ => &spool,
    };
    let stem = stem(name);
    let mut writer = Writer { bytes, work, out, stem: &stem, next: 0, at: 0 };
    writer.run::<M>()?;
    let at = writer.at;
    copy(bytes, at..bytes.size(), out)?;
    source.mark_all();
    Ok(())
}

fn source_is_spooled(spool: &Spool<'_>) -> bool {
    spool.len() > 0
}

struct Writer<'w> {
    bytes: &'w dyn ReadAt,
    work: &'w mut dyn Rework,
    out: &'w mut dyn Write,
    stem: &'w [u8],
    next: u32,
    /// What stands before is written.
    at: u64,
}

impl Writer<'_> {
    fn pass(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }

    /// Goes through the members in the order of `entries`.
    fn run<M: Encode>(&mut self) -> Result<(), Error> {
        let bytes = self.bytes;
        let mut source = Source::random_access(bytes);
        let mut names = Names::default();
        if let Some(comment) = M::comment(source.head(PEEK)?) {
            let ordinal = self.pass();
            if self.work.touches(ordinal) {
                let (mut new, len) = (Vec::new(), Some(comment.len() as u64));
                self.work.write(ordinal, b"(comment)", &mut comment.as_slice(), len, &mut new)?;
                names.comment = Some(new);
            }
        }
        while self.work.next(self.next).is_some() || names.comment.is_some() {
            let mut beside = Vec::new();
            M::around(&mut source, &mut beside)?;
            if M::begins(source.head(PEEK)?) {
                self.text::<M>(&mut source, &mut beside, std::mem::take(&mut names))?;
                if !beside.is_empty() {
                    self.pass();
                }
                skip_zeros(&mut source)?;
                continue;
            }
            if !beside.is_empty() {
                self.pass();
            }
            skip_zeros(&mut source)?;
            let ordinal = self.pass();
            if !source.at_end()? && self.work.touches(ordinal) {
                self.through(source.position())?;
                let left = Some(bytes.size() - source.position());
                self.work.write(ordinal, b"(trailing bytes)", &mut source, left, self.out)?;
                self.at = bytes.size();
            }
            break;
        }
        Ok(())
    }

    /// Copies up to a place.
    fn through(&mut self, to: u64) -> Result<(), Error> {
        copy(self.bytes, self.at..to, self.out)?;
        self.at = to;
        Ok(())
    }

    /// The members of one text. Leaves the source where `Joined` leaves it.
    fn text<M: Encode>(
        &mut self,
        source: &mut Source<'_>,
        beside: &mut Vec<u8>,
        mut names: Names,
    ) -> Result<(), Error> {
        let ordinal = self.pass();
        let old = M::name(source.head(PEEK)?);
        names.name = self.work.take_name(ordinal).filter(|_| old.is_some());
        let name = old.unwrap_or_else(|| self.stem.to_vec());
        let touches = self.work.touches(ordinal);
        let edits = if touches { self.work.take_edits(ordinal) } else { None };
        let (first, mut edits, rebuilt) = (source.position(), edits.unwrap_or_default(), touches);
        let is_whole = rebuilt && edits.is_empty();
        let (mut offset, mut gaps, mut end): (u64, Vec<Range<u64>>, u64) = (0, Vec::new(), first);
        if !is_whole {
            self.names::<M>(first, &names, &edits)?;
        }
        loop {
            let begin = source.position();
            if begin > end {
                gaps.push(end..begin);
            }
            let len = measure::<M>(source)?;
            end = source.position();
            if !is_whole {
                gaps.clear();
                let mine = take_until(&mut edits, offset, offset + len);
                if !mine.is_empty() {
                    let names = if begin == first { &names } else { &Names::default() };
                    self.member::<M>(begin..end, len, mine, names)?;
                }
            }
            offset += len;
            skip_zeros(source)?;
            M::around(source, beside)?;
            if !M::continues(source.head(PEEK)?) {
                break;
            }
        }
        if !edits.is_empty() {
            return Err(Error::new(ErrorKind::Damaged, "the source ends before an edit"));
        }
        if is_whole {
            self.whole::<M>(first..end, ordinal, &name, &names)?;
            for gap in gaps {
                copy(self.bytes, gap, self.out)?;
            }
        }
        Ok(())
    }

    /// New names in the header of a first member whose content stays.
    fn names<M: Encode>(&mut self, first: u64, names: &Names, edits: &[Edit]) -> Result<(), Error> {
        if names.name.is_none() && names.comment.is_none() {
            return Ok(());
        }
        let part = Stretch { bytes: self.bytes, range: first..self.bytes.size() };
        let mut source = Source::random_access(&part);
        let len = measure::<M>(&mut source)?;
        if edits.first().is_some_and(|edit| begins_before(edit, len)) {
            // The member is encoded anew, and its header with it.
            return Ok(());
        }
        let (old, new) = M::header(Source::random_access(&part).head(HEADER)?, names)?;
        self.through(first)?;
        self.out.write_all(&new)?;
        self.at = first + old as u64;
        Ok(())
    }

    /// A member with some edits, which count from the start of the member.
    fn member<M: Encode>(
        &mut self,
        range: Range<u64>,
        len: u64,
        edits: Vec<Edit>,
        names: &Names,
    ) -> Result<(), Error> {
        self.through(range.start)?;
        let grows = |edit: &Edit| (edit.bytes.len() as u64, edit.raw.end - edit.raw.start);
        let new = edits.iter().map(grows).fold(len, |len, (more, less)| len + more - less);
        let part = Stretch { bytes: self.bytes, range: range.clone() };
        let head = Source::random_access(&part).head(HEADER)?.to_vec();
        let mut source = Source::random_access(&part);
        let (work, mut edits) = (&mut *self.work, Some(edits));
        let fill: Fill<'_> = &mut |out| {
            let mut decoder = M::open(&mut source)?;
            work.apply(&mut decoder, edits.take().unwrap_or_default(), out)
        };
        M::encode(&head, names, Some(new), fill, self.out)?;
        self.at = range.end;
        Ok(())
    }

    /// All members of a text as one.
    fn whole<M: Encode>(
        &mut self,
        range: Range<u64>,
        ordinal: u32,
        name: &[u8],
        names: &Names,
    ) -> Result<(), Error> {
        self.through(range.start)?;
        let part = Stretch { bytes: self.bytes, range: range.clone() };
        let head = Source::random_access(&part).head(HEADER)?.to_vec();
        let mut source = Source::random_access(&part);
        let (mut beside, mut failure) = (Vec::new(), None);
        let mut joined = Joined::<M> {
            decoder: None,
            source: Some(&mut source),
            begun: false,
            beside: &mut beside,
            failure: &mut failure,
        };
        let work = &mut *self.work;
        let fill: Fill<'_> = &mut |out| work.write(ordinal, name, &mut joined, None, out);
        M::encode(&head, names, None, fill, self.out)?;
        self.at = range.end;
        Ok(())
    }
}

/// Reads over a member. Gives the length of its content.
fn measure<M: Members>(source: &mut Source<'_>) -> Result<u64, Error> {
    let mut decoder = M::open(source).map_err(|error| reason(&error))?;
    let len = io::copy(&mut decoder, &mut io::sink()).map_err(|error| reason(&error))?;
    M::close(decoder);
    Ok(len)
}

/// Whether an edit belongs to what ends at a place. Bytes put in at a border belong to what stands before it.
fn begins_before(edit: &Edit, end: u64) -> bool {
    edit.raw.start < end || edit.raw == (end..end)
}

/// Takes the edits that lie in a range, as edits of that range. One that goes on behind it is split: its bytes come first.
fn take_until(edits: &mut Vec<Edit>, from: u64, to: u64) -> Vec<Edit> {
    let count = edits.iter().take_while(|edit| begins_before(edit, to)).count();
    let mut taken: Vec<Edit> = edits.drain(..count).collect();
    if let Some(last) = taken.last_mut().filter(|last| last.raw.end > to) {
        edits.insert(0, Edit { raw: to..last.raw.end, bytes: Vec::new(), within: None });
        last.raw.end = to;
    }
    for edit in &mut taken {
        edit.raw = edit.raw.start - from..edit.raw.end - from;
    }
    taken
}
