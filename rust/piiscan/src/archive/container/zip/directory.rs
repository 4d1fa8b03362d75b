//! The directory at the end of a zip.

use std::io::{self, BufRead};
use std::ops::Range;

use crate::archive::source::{ReadAt, Source};
use crate::error::Error;

/// The end record and the longest comment behind it.
const TAIL: u64 = 22 + 65_535; // bytes

/// Where the directory is.
#[derive(Debug)]
pub(super) struct Directory {
    /// Its records.
    pub(super) records: Range<u64>,
    /// Number of entries that it counts.
    pub(super) entries: u64,
    /// What offsets in it must be raised by, because something stands before the zip.
    pub(super) shift: u64,
    /// Where the end record stands.
    pub(super) end: u64,
    /// The comment on the zip, up to the end of the file.
    pub(super) comment: Vec<u8>,
    /// Whether the comment is as long as it says.
    pub(super) complete: bool,
}

impl Directory {
    /// Looks for the end record; `None` if there is none that makes sense.
    pub(super) fn find(bytes: &dyn ReadAt) -> Result<Option<Self>, Error> {
        let size = bytes.size();
        let start = size.saturating_sub(TAIL);
        let mut tail = vec![0; usize::try_from(size - start).unwrap_or(0)];
        bytes.read_exact_at(&mut tail, start)?;
        let mut until = tail.len();
        while let Some(at) = memchr::memmem::rfind(&tail[..until], b"PK\x05\x06") {
            if let Some(directory) = Self::parse(bytes, &tail[at..], start + at as u64)? {
                return Ok(Some(directory));
            }
            until = at + 3;
        }
        Ok(None)
    }

    fn parse(bytes: &dyn ReadAt, end: &[u8], at: u64) -> Result<Option<Self>, Error> {
        if end.len() < 22 {
            return Ok(None);
        }
        let (mut entries, mut len) = (u64::from(u16_at(end, 10)), u64::from(u32_at(end, 12)));
        let mut offset = u64::from(u32_at(end, 16));
        // What follows a comment that is longer than it says is handed out all the same.
        let comment = end[22..].to_vec();
        let complete = comment.len() == usize::from(u16_at(end, 20));
        let mut limit = at;
        let wide = entries == 0xffff || len == 0xffff_ffff || offset == 0xffff_ffff;
        if wide && let Some((record, found)) = zip64(bytes, at)? {
            (entries, len, offset) =
                (u64_at(&record, 32), u64_at(&record, 40), u64_at(&record, 48));
            limit = found;
        }
        // The directory ends where its end record begins.
        let Some(start) = limit.checked_sub(len) else { return Ok(None) };
        let Some(shift) = start.checked_sub(offset) else { return Ok(None) };
        let mut mark = [0; 4];
        if entries > 0 && (bytes.read_exact_at(&mut mark, start).is_err() || mark != *b"PK\x01\x02")
        {
            return Ok(None);
        }
        Ok(Some(Self { records: start..limit, entries, shift, end: at, comment, complete }))
    }
}

/// The end record of zip64, and where it stands.
fn zip64(bytes: &dyn ReadAt, end: u64) -> Result<Option<([u8; 56], u64)>, Error> {
    let mut locator = [0; 20];
    let Some(at) = end.checked_sub(20) else { return Ok(None) };
    bytes.read_exact_at(&mut locator, at)?;
    if !locator.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    let mut record = [0; 56];
    // The declared place, or right before the locator when something stands before the zip.
    for at in [u64_at(&locator, 8), at.saturating_sub(56)] {
        if bytes.read_exact_at(&mut record, at).is_ok() && record.starts_with(b"PK\x06\x06") {
            return Ok(Some((record, at)));
        }
    }
    Ok(None)
}

/// A record of the directory.
#[derive(Debug, Default)]
pub(super) struct Central {
    /// The record as it stands.
    pub(super) raw: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    pub(super) disk: u32,
    pub(super) offset: u64,
    pub(super) name: Vec<u8>,
    pub(super) comment: Vec<u8>,
}

impl Central {
    /// The next record; `None` where there is none.
    pub(super) fn read(source: &mut Source<'_>) -> io::Result<Option<Self>> {
        let head = source.head(46)?;
        if head.len() < 46 || !head.starts_with(b"PK\x01\x02") {
            return Ok(None);
        }
        let lens = [28, 30, 32].map(|at| usize::from(u16_at(head, at)));
        let record = source.head(46 + lens.iter().sum::<usize>())?;
        let Some((name, rest)) = record[46..].split_at_checked(lens[0]) else { return Ok(None) };
        let Some((extra, rest)) = rest.split_at_checked(lens[1]) else { return Ok(None) };
        let mut central = Self {
            raw: record.to_vec(),
            flags: u16_at(record, 8),
            method: u16_at(record, 10),
            crc: u32_at(record, 16),
            packed: u64::from(u32_at(record, 20)),
            size: u64::from(u32_at(record, 24)),
            disk: u32::from(u16_at(record, 34)),
            offset: u64::from(u32_at(record, 42)),
            name: name.to_vec(),
            comment: rest.to_vec(),
        };
        let Self { packed, size, disk, offset, .. } = &mut central;
        let mut wide = Wide::of(extra);
        for field in [size, packed, offset] {
            if *field == 0xffff_ffff {
                *field = wide.next().unwrap_or(*field);
            }
        }
        if *disk == 0xffff {
            *disk = wide.volume();
        }
        let len = record.len();
        source.consume(len);
        Ok(Some(central))
    }
}

/// The 64-bit values of an extra field.
pub(super) struct Wide<'x>(&'x [u8]);

impl<'x> Wide<'x> {
    /// Those of the extra field 1; none if there is no such field.
    pub(super) fn of(mut extra: &'x [u8]) -> Self {
        while extra.len() >= 4 {
            let (id, len) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
            let Some(field) = extra.get(4..4 + len) else { break };
            if id == 1 {
                return Self(field);
            }
            extra = &extra[4 + len..];
        }
        Self(&[])
    }

    /// The number of the volume, which comes last.
    fn volume(&self) -> u32 {
        if self.0.len() < 4 { 0 } else { u32_at(self.0, 0) }
    }
}

impl Iterator for Wide<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let (value, rest) = self.0.split_at_checked(8)?;
        self.0 = rest;
        Some(u64_at(value, 0))
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
