//! Writes a tar again: headers of touched entries get a new size, name and checksum, every other block stays.
//!
//! The name of an entry may stand in its header, in a pax record, in a GNU long name, and in several of them, cut off in the header; all
//! of them are written. A name that fits nowhere gets a GNU long name. Sparse entries are read-only.

use std::io::{self, Read, Write};

use super::{BLOCK, EXTENDED, Extended, decimal, fill, is_header, number, records, stored_name};
use crate::archive::container::spool::{Spool, copy, copy_next};
use crate::archive::source::Source;
use crate::archive::{Job, MakeFile, Rework};
use crate::error::{Error, ErrorKind};

/// What extended headers of one entry may take in memory.
const PENDING: usize = 8 << 20; // bytes

/// An extended header with its content, as it stands or changed.
struct Pending {
    header: [u8; BLOCK],
    content: Vec<u8>,
    padding: Vec<u8>,
    is_changed: bool,
}

/// Where a name stands.
struct Place {
    /// The kind of GNU's long form.
    long: u8,
    /// The key of pax.
    key: &'static [u8],
    /// Another key of pax that names the same.
    other: &'static [u8],
    /// Where it stands in the header.
    from: usize,
}

const NAME: Place = Place { long: b'L', key: b"path", other: b"GNU.sparse.name", from: 0 };
const LINK: Place = Place { long: b'K', key: b"linkpath", other: b"linkpath", from: 157 };

/// Length of a name in the header.
const SHORT: usize = 100; // bytes

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
                    let record = self.pending(block, size)?;
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

    fn pending(&mut self, header: [u8; BLOCK], size: u64) -> Result<Pending, Error> {
        let (mut content, mut padding) = (Vec::new(), Vec::new());
        self.source.take(size).read_to_end(&mut content)?;
        self.source.take(padding_of(size)).read_to_end(&mut padding)?;
        Ok(Pending { header, content, padding, is_changed: false })
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
        if let Some(new) = self.work.take_name(ordinal) {
            set_name(&mut block, pending, &NAME, &new)?;
        }
        let link =
            extended.link.clone().unwrap_or_else(|| super::until_zero(&block[157..257]).to_vec());
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
        pending: &mut Vec<Pending>,
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

fn padding_of(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

fn write_extended(out: &mut dyn Write, record: &Pending) -> Result<(), Error> {
    let Pending { header, content, padding, is_changed } = record;
    out.write_all(header)?;
    out.write_all(content)?;
    if *is_changed {
        let len = usize::try_from(padding_of(content.len() as u64)).unwrap_or(0);
        out.write_all(&[0; BLOCK][..len])?;
    } else {
        out.write_all(padding)?;
    }
    Ok(())
}

impl Pending {
    fn set(&mut self, content: Vec<u8>) -> Result<(), Error> {
        if content == self.content {
            return Ok(());
        }
        if content.len() as u64 > EXTENDED {
            return Err(Error::new(ErrorKind::Unsupported, "a name is too long for a tar"));
        }
        put_number(&mut self.header[124..136], content.len() as u64);
        (self.content, self.is_changed) = (content, true);
        seal(&mut self.header);
        Ok(())
    }

    fn is_pax(&self) -> bool {
        matches!(self.header[156], b'x' | b'g')
    }
}

/// Puts a name in every place where the old one stands.
fn set_name(
    block: &mut [u8; BLOCK],
    pending: &mut Vec<Pending>,
    place: &Place,
    name: &[u8],
) -> Result<(), Error> {
    if name.contains(&0) {
        return Err(Error::new(ErrorKind::Config, "a name holds a zero byte"));
    }
    let mut is_extended = false;
    for record in pending.iter_mut() {
        if record.header[156] == place.long {
            is_extended = true;
            record.set([name, b"\0"].concat())?;
        } else if record.is_pax() {
            let mut hit = false;
            let content = map_records(&record.content, |key, value| {
                let is_name = key == place.key || key == place.other;
                hit |= is_name;
                if is_name { name.to_vec() } else { value.to_vec() }
            });
            if hit {
                is_extended = true;
                record.set(content)?;
            }
        }
    }
    let is_name = place.from == 0;
    let is_ustar = &block[257..263] == b"ustar\0";
    let prefix = super::until_zero(&block[345..500]).to_vec();
    let field = place.from..place.from + SHORT;
    if is_name && is_ustar && !prefix.is_empty() {
        let rest = name.strip_prefix(&*prefix).and_then(|rest| rest.strip_prefix(b"/"));
        if let Some(rest) = rest.filter(|rest| !rest.is_empty() && rest.len() <= SHORT) {
            put_text(&mut block[field], rest);
            return Ok(());
        }
        // Another prefix: the last slash that lets both halves fit.
        block[345..500].fill(0);
        let slash = (0..name.len()).rev().find(|at| {
            name[*at] == b'/'
                && *at > 0
                && *at <= 155
                && name.len() - at - 1 <= SHORT
                && at + 1 < name.len()
        });
        if let (Some(at), true) = (slash, name.len() > SHORT) {
            put_text(&mut block[345..500], &name[..at]);
            put_text(&mut block[field], &name[at + 1..]);
            return Ok(());
        }
    }
    let short = &name[..name.len().min(SHORT)];
    put_text(&mut block[field], short);
    if name.len() > SHORT && !is_extended {
        let mut header = [0; BLOCK];
        header[..13].copy_from_slice(b"././@LongLink");
        header[100..108].copy_from_slice(b"0000644\0");
        for at in [108, 116] {
            header[at..at + 8].copy_from_slice(b"0000000\0");
        }
        header[136..148].copy_from_slice(b"00000000000\0");
        header[156] = place.long;
        header[257..265].copy_from_slice(b"ustar  \0");
        let mut record =
            Pending { header, content: Vec::new(), padding: Vec::new(), is_changed: true };
        record.set([name, b"\0"].concat())?;
        pending.push(record);
    }
    Ok(())
}

/// Puts a size in the header and in the pax records that say it.
fn set_size(block: &mut [u8; BLOCK], pending: &mut [Pending], size: u64) -> Result<(), Error> {
    for record in pending.iter_mut().filter(|record| record.is_pax()) {
        let content = map_records(&record.content, |key, value| {
            if key == b"size" { size.to_string().into_bytes() } else { value.to_vec() }
        });
        record.set(content)?;
    }
    put_number(&mut block[124..136], size);
    Ok(())
}

/// Puts new text in the place of the records that are handed out as text.
fn set_text(pending: &mut [Pending], text: &[u8]) -> Result<(), Error> {
    let lines = |value: &[u8]| value.iter().filter(|byte| **byte == b'\n').count() + 1;
    let mut rest: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let mut is_wrong = false;
    for record in pending.iter_mut().filter(|record| record.is_pax()) {
        let mut changed = Vec::new();
        for (key, value) in records(&record.content) {
            if Extended::is_known(key) {
                push_record(&mut changed, key, value);
                continue;
            }
            let count = lines(value).min(rest.len());
            let new: Vec<u8> = rest.drain(..count).collect::<Vec<_>>().concat();
            let new = new.strip_suffix(b"\n").unwrap_or(&new);
            match new.iter().position(|byte| *byte == b'=') {
                Some(at) => push_record(&mut changed, &new[..at], &new[at + 1..]),
                None => is_wrong = true,
            }
        }
        record.set(changed)?;
    }
    if is_wrong || !rest.is_empty() {
        return Err(Error::new(ErrorKind::Unsupported, "a pax header cannot be written"));
    }
    Ok(())
}

fn is_sparse(pending: &[Pending]) -> bool {
    let names =
        |record: &Pending| records(&record.content).any(|(key, _)| key.starts_with(b"GNU.sparse."));
    pending.iter().any(|record| record.is_pax() && names(record))
}

/// A pax header with other values; bytes that are no records stay at its end.
fn map_records(content: &[u8], mut map: impl FnMut(&[u8], &[u8]) -> Vec<u8>) -> Vec<u8> {
    let (mut out, mut read) = (Vec::new(), 0);
    for (key, value) in records(content) {
        let new = map(key, value);
        let start = read;
        read += record_len(&content[read..]);
        if new == value {
            out.extend_from_slice(&content[start..read]);
        } else {
            push_record(&mut out, key, &new);
        }
    }
    out.extend_from_slice(&content[read..]);
    out
}

/// Length of the record that begins here.
fn record_len(bytes: &[u8]) -> usize {
    let digits = bytes.iter().position(|byte| *byte == b' ').unwrap_or(0);
    decimal(&bytes[..digits]).and_then(|len| usize::try_from(len).ok()).unwrap_or(0)
}

/// Appends `<length> <key>=<value>\n`; the length counts its own digits.
fn push_record(out: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    let rest = key.len() + value.len() + 3;
    let mut len = rest + 1;
    while len != rest + len.to_string().len() {
        len = rest + len.to_string().len();
    }
    out.extend_from_slice(len.to_string().as_bytes());
    for part in [b" ", key, b"=", value, b"\n"] {
        out.extend_from_slice(part);
    }
}

fn put_text(field: &mut [u8], text: &[u8]) {
    field.fill(0);
    field[..text.len()].copy_from_slice(text);
}

/// A number in octal with its old end, or in base 256 if it is too big.
fn put_number(field: &mut [u8], value: u64) {
    let digits = field.len() - 1;
    let octal = format!("{value:0digits$o}");
    if octal.len() <= digits {
        field[..digits].copy_from_slice(octal.as_bytes());
        if field[digits] != b' ' {
            field[digits] = 0;
        }
        return;
    }
    field.fill(0);
    let at = field.len() - 8;
    field[at..].copy_from_slice(&value.to_be_bytes());
    field[0] = 0x80;
}

/// Puts the checksum in, if it is not right.
fn seal(block: &mut [u8; BLOCK]) {
    if is_header(block) {
        return;
    }
    block[148..156].fill(b' ');
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_record_counts_its_own_digits() {
        for len in 0..120 {
            let mut out = Vec::new();
            push_record(&mut out, b"k", &vec![b'v'; len]);
            assert_eq!(record_len(&out), out.len());
            assert_eq!(records(&out).count(), 1);
        }
    }

    #[test]
    fn a_number_too_big_for_octal_is_binary() {
        for value in [0, 511, (1 << 33) - 1, 1 << 33, u64::MAX >> 8] {
            let mut field = *b"00000000000\0";
            put_number(&mut field, value);
            assert_eq!(number(&field), Some(value));
        }
    }
}
