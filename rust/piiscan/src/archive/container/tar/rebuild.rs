//! Writes a tar again: headers of touched entries get a new size, name and checksum, every other block stays.
//!
//! The name of an entry may stand in its header, in a pax record, in a GNU long name, and in several of them, cut off in the header; all
//! of them are written. A name that fits nowhere gets a GNU long name. Sparse entries are read-only.

use std::io::{self, Read, Write};

use super::headers::{
    LINK, NAME, Pending, is_sparse, padding_of, seal, set_name, set_size, set_text, write_extended,
};
use super::{BLOCK, EXTENDED, Extended, fill, is_header, number, stored_name, until_zero};
use crate::archive::container::spool::{Spool, copy, copy_next};
use crate::archive::source::Source;
use crate::archive::{Job, MakeFile, Rework};
use crate::error::{Error, ErrorKind};

/// What extended headers of one entry may take in memory.
const PENDING: usize = 8 << 20; // bytes

struct Writer<'w, 's> {
    source: &'w mut Source<'s>,
    work: &'w mut dyn Rework,
    make_file: MakeFile<'w>,
    out: &'w mut dyn Write,
    next: u32,
}

/// Writes the tar of a job.
pub(super) fn tar(job: Job<'_, '_>, out: &mut dyn Write) -> Result<(), Error> {
    let Job { source, work, make_file, .. } = job;
    Writer { source, work, make_file, out, next: 0 }.run()
}

fn damaged(reason: &str) -> Error {
    Error::new(ErrorKind::Damaged, reason)
}

impl Writer<'_, '_> {
    fn run(mut self) -> Result<(), Error> {
        let (mut pending, mut extended) = (Vec::new(), Extended::default());
        while self.work.next(self.next).is_some() {
            let mut block = [0; BLOCK];
            let n = fill(self.source, &mut block)?;
            if block.iter().all(|byte| *byte == 0) {
                self.out.write_all(&block[..n])?;
                return self.trailing();
            }
            if n < BLOCK || !is_header(&block) {
                return Err(damaged("the tar is damaged: a broken header"));
            }
            let size = extended.size.take().or_else(|| number(&block[124..136]));
            let size = size.ok_or_else(|| damaged("the tar is damaged: a broken size"))?;
            match block[156] {
                kind @ (b'x' | b'g' | b'L' | b'K') if size <= EXTENDED => {
                    let record = self.pending(&block, size)?;
                    extended.add(kind, &record.content);
                    pending.push(record);
                    let held = pending.iter().map(|pending| pending.content.len() + 2 * BLOCK);
                    if held.sum::<usize>() > PENDING {
                        let reason = "an entry of the tar has too many extended headers";
                        return Err(Error::new(ErrorKind::Limit, reason));
                    }
                }
                _ => {
                    self.entry(block, size, &mut pending, &extended)?;
                    pending.clear();
                    extended = Extended::default();
                }
            }
        }
        for record in &pending {
            self.extended(record)?;
        }
        io::copy(self.source, self.out)?;
        Ok(())
    }

    fn pending(&mut self, header: &[u8; BLOCK], size: u64) -> Result<Pending, Error> {
        let (mut content, mut padding) = (Vec::new(), Vec::new());
        self.source.take(size).read_to_end(&mut content)?;
        self.source.take(padding_of(size)).read_to_end(&mut padding)?;
        Ok(Pending { header: *header, content, padding, is_changed: false })
    }

    fn entry(
        &mut self,
        mut block: [u8; BLOCK],
        size: u64,
        pending: &mut Vec<Pending>,
        extended: &Extended,
    ) -> Result<(), Error> {
        let kind = block[156];
        let is_link = matches!(kind, b'1' | b'2' | b'3' | b'4' | b'6');
        let name = extended.name.clone().unwrap_or_else(|| stored_name(&block));
        let ordinal = self.pass();
        if let Some(new) = self.work.take_name(ordinal).filter(|new| *new != name) {
            set_name(&mut block, pending, &NAME, &new)?;
        }
        let link = extended.link.clone().unwrap_or_else(|| until_zero(&block[157..257]).to_vec());
        if is_link && !link.is_empty() {
            let target = self.pass();
            if let Some(new) = self.aside(target, b"(link target)", &link)? {
                set_name(&mut block, pending, &LINK, &new)?;
            }
        }
        // It is handed out behind the entry, but stands before it.
        if !extended.text.is_empty() {
            let text = self.pass();
            if let Some(new) = self.aside(text, b"(pax header)", &extended.text)? {
                set_text(pending, &new)?;
            }
        }
        if is_link || !self.work.touches(ordinal) {
            self.headers(&mut block, pending)?;
            if !is_link && kind == b'S' && block[482] != 0 {
                self.map_of_holes()?;
            }
            copy_next(self.source, size, self.out)?;
            // The last padding may be missing.
            io::copy(&mut self.source.take(padding_of(size)), self.out)?;
            return Ok(());
        }
        if kind == b'S' || is_sparse(pending) {
            return Err(Error::new(ErrorKind::Unsupported, "a sparse entry of a tar is read-only"));
        }
        self.content(&mut block, pending, ordinal, &name, size)
    }

    /// An entry with new content.
    fn content(
        &mut self,
        block: &mut [u8; BLOCK],
        pending: &mut [Pending],
        ordinal: u32,
        name: &[u8],
        size: u64,
    ) -> Result<(), Error> {
        let known = self.work.growth(ordinal).and_then(|more| size.checked_add_signed(more));
        let mut data = self.source.take(size);
        let new = if let Some(new) = known {
            set_size(block, pending, new)?;
            for record in pending.iter() {
                write_extended(self.out, record)?;
            }
            seal(block);
            self.out.write_all(block)?;
            let mut counted = Counted { out: self.out, len: 0 };
            self.work.write(ordinal, name, &mut data, Some(size), &mut counted)?;
            if counted.len != new {
                return Err(damaged(
                    "an entry of the tar did not get the length that its edits say",
                ));
            }
            new
        } else {
            let mut spool = Spool::new(self.make_file);
            self.work.write(ordinal, name, &mut data, Some(size), &mut spool)?;
            set_size(block, pending, spool.len())?;
            for record in pending.iter() {
                write_extended(self.out, record)?;
            }
            seal(block);
            self.out.write_all(block)?;
            copy(&spool, 0..spool.len(), self.out)?;
            spool.len()
        };
        // What a reader of the content left, and the padding.
        let left = data.limit();
        if super::skip(self.source, left)? < left {
            return Err(damaged("the tar is cut off within an entry"));
        }
        let mut padding = Vec::new();
        self.source.take(padding_of(size)).read_to_end(&mut padding)?;
        if padding_of(new) == padding.len() as u64 {
            self.out.write_all(&padding)?;
        } else {
            self.out.write_all(&[0; BLOCK][..usize::try_from(padding_of(new)).unwrap_or(0)])?;
        }
        Ok(())
    }

    fn pass(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }

    /// The new bytes of what is handed out beside an entry.
    fn aside(&mut self, ordinal: u32, name: &[u8], bytes: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        if !self.work.touches(ordinal) {
            return Ok(None);
        }
        let (mut out, mut content) = (Vec::new(), bytes);
        self.work.write(ordinal, name, &mut content, Some(bytes.len() as u64), &mut out)?;
        Ok(Some(out))
    }

    fn extended(&mut self, record: &Pending) -> Result<(), Error> {
        write_extended(self.out, record)
    }

    fn headers(&mut self, block: &mut [u8; BLOCK], pending: &[Pending]) -> Result<(), Error> {
        for record in pending {
            self.extended(record)?;
        }
        seal(block);
        Ok(self.out.write_all(block)?)
    }

    /// The map of holes goes on in blocks of its own.
    fn map_of_holes(&mut self) -> Result<(), Error> {
        let mut more = [0; BLOCK];
        loop {
            let n = fill(self.source, &mut more)?;
            self.out.write_all(&more[..n])?;
            if n < BLOCK || more[504] == 0 {
                return Ok(());
            }
        }
    }

    /// What stands behind the end marker.
    fn trailing(mut self) -> Result<(), Error> {
        loop {
            let head = io::BufRead::fill_buf(self.source)?;
            let (zeros, len) = (head.iter().take_while(|byte| **byte == 0).count(), head.len());
            self.out.write_all(&head[..zeros])?;
            io::BufRead::consume(self.source, zeros);
            if len == 0 || zeros < len {
                break;
            }
        }
        let ordinal = self.pass();
        if self.work.touches(ordinal) && !self.source.at_end()? {
            let left = self.source.size().map(|size| size.saturating_sub(self.source.position()));
            return self.work.write(ordinal, b"(trailing bytes)", self.source, left, self.out);
        }
        io::copy(self.source, self.out)?;
        Ok(())
    }
}

/// Counts what is written.
struct Counted<'o> {
    out: &'o mut dyn Write,
    len: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.len += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
