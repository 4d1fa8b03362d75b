//! Local headers and data descriptors.

use super::directory::{Wide, u16_at, u32_at};
use crate::archive::source::ReadAt;
use crate::error::Error;

/// A local header.
#[derive(Debug)]
pub(super) struct Local {
    /// Where it begins.
    pub(super) start: u64,
    /// Where the data begins.
    pub(super) data: u64,
    pub(super) name: Vec<u8>,
}

impl Local {
    /// The header at a place; `None` if there is none.
    pub(super) fn read(bytes: &dyn ReadAt, start: u64) -> Result<Option<Self>, Error> {
        let mut fixed = [0; 30];
        bytes.read_exact_at(&mut fixed, start)?;
        if !fixed.starts_with(b"PK\x03\x04") {
            return Ok(None);
        }
        let (name_len, extra_len) = (u16_at(&fixed, 26), u16_at(&fixed, 28));
        let mut name = vec![0; usize::from(name_len)];
        bytes.read_exact_at(&mut name, start + 30)?;
        let data = start + 30 + u64::from(name_len) + u64::from(extra_len);
        Ok(Some(Self { start, data, name }))
    }
}

/// A local header that is all there is to go by.
#[derive(Debug)]
pub(super) struct Alone {
    /// Length of the header with name and extra field.
    pub(super) len: usize,
    pub(super) encrypted: bool,
    /// Whether sizes and checksum stand behind the data.
    pub(super) described: bool,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    pub(super) name: Vec<u8>,
}

impl Alone {
    /// The header at the start of `head`, which holds up to 131,100 bytes.
    pub(super) fn parse(head: &[u8]) -> Option<Self> {
        if head.len() < 30 || !head.starts_with(b"PK\x03\x04") {
            return None;
        }
        let (name_len, extra_len) = (usize::from(u16_at(head, 26)), usize::from(u16_at(head, 28)));
        let name = head.get(30..30 + name_len)?.to_vec();
        let extra = head.get(30 + name_len..30 + name_len + extra_len)?;
        let flags = u16_at(head, 6);
        let (mut packed, mut size) = (u64::from(u32_at(head, 18)), u64::from(u32_at(head, 22)));
        let mut wide = Wide::of(extra);
        for field in [&mut size, &mut packed] {
            if *field == 0xffff_ffff {
                *field = wide.next().unwrap_or(*field);
            }
        }
        Some(Self {
            len: 30 + name_len + extra_len,
            encrypted: flags & 1 != 0,
            described: flags & 8 != 0,
            method: u16_at(head, 8),
            crc: u32_at(head, 14),
            packed,
            size,
            name,
        })
    }
}

/// Whether `len` bytes that begin with `head` are a data descriptor: checksum and two sizes of 4 or 8 bytes, with or without a mark.
pub(super) fn descriptor(head: &[u8], len: u64) -> bool {
    match len {
        16 | 24 => head.starts_with(b"PK\x07\x08"),
        12 | 20 => !head.starts_with(b"PK"),
        _ => false,
    }
}

/// Length of the data descriptor at the start of `head`, told by the size of the data before it.
pub(super) fn descriptor_len(head: &[u8], packed: u64) -> usize {
    let marked = if head.starts_with(b"PK\x07\x08") { 4 } else { 0 };
    let next = |at: usize| head.get(at..at + 2) == Some(b"PK") || head.len() == at;
    let narrow = head.get(marked + 4..marked + 8).map(|bytes| u64::from(u32_at(bytes, 0)));
    match narrow {
        Some(stored) if stored == packed && next(marked + 12) => marked + 12,
        Some(stored) if stored == packed & 0xffff_ffff && next(marked + 20) => marked + 20,
        _ => 0,
    }
}
