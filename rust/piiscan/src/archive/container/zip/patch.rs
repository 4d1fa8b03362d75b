//! Headers and records of a zip with other values; every other byte of them stays.

use super::directory::{Central, u16_at, u32_at};
use crate::error::{Error, ErrorKind};

/// From here on a value stands in the field for zip64.
const WIDE: u64 = 0xffff_ffff;

/// Ids of extra fields.
const ZIP64: u16 = 1;
const UNICODE_COMMENT: u16 = 0x6375;
const UNICODE_PATH: u16 = 0x7075;
const AES: u16 = 0x9901;

/// The version that reads zip64.
const VERSION_ZIP64: u16 = 45;

/// Flags: encrypted, sizes behind the data, strongly encrypted, names hidden.
const CLEARED: u16 = 1 | 8 | 64 | 8192;

/// What changes about the data of an entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Data {
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
}

/// What changes about an entry.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) data: Option<Data>,
    /// The name in the directory.
    pub(super) name: Option<Vec<u8>>,
    /// The name in the local header.
    pub(super) local_name: Option<Vec<u8>>,
    pub(super) comment: Option<Vec<u8>>,
}

/// A local header with its name and extra field.
pub(super) fn local(old: &[u8], changed: &Changed) -> Result<Vec<u8>, Error> {
    let name_len = usize::from(u16_at(old, 26));
    let (name, extra) = old[30..].split_at(name_len);
    let mut fixed = old[..30].to_vec();
    let mut extra = extra.to_vec();
    if changed.local_name.is_some() {
        extra = without(&extra, &[UNICODE_PATH]);
    }
    if let Some(data) = changed.data {
        set_u16(&mut fixed, 6, u16_at(old, 6) & !CLEARED);
        set_u16(&mut fixed, 8, data.method);
        set_u32(&mut fixed, 14, data.crc);
        let mut narrow = (data.packed, data.size);
        extra = without(&extra, &[AES]);
        let field = find(&extra, ZIP64);
        if field.is_some() || data.packed >= WIDE || data.size >= WIDE {
            let body = [data.size.to_le_bytes(), data.packed.to_le_bytes()].concat();
            put(&mut extra, ZIP64, &body);
            narrow = (WIDE, WIDE);
            let version = u16_at(old, 4).max(VERSION_ZIP64);
            set_u16(&mut fixed, 4, version);
        }
        set_u32(&mut fixed, 18, narrow_u32(narrow.0));
        set_u32(&mut fixed, 22, narrow_u32(narrow.1));
    }
    let name = changed.local_name.as_deref().unwrap_or(name);
    set_u16(&mut fixed, 26, short(name)?);
    set_u16(&mut fixed, 28, short(&extra)?);
    Ok([&fixed, name, &extra].concat())
}

/// A record of the directory, with the place of the entry as it has to be written there.
pub(super) fn central(central: &Central, changed: &Changed, offset: u64) -> Result<Vec<u8>, Error> {
    let old = &central.raw;
    let lens = [28, 30, 32].map(|at| usize::from(u16_at(old, at)));
    if old.len() != 46 + lens.iter().sum::<usize>() {
        return Err(Error::new(ErrorKind::Damaged, "the directory of the zip is damaged"));
    }
    let mut fixed = old[..46].to_vec();
    let mut extra = old[46 + lens[0]..46 + lens[0] + lens[1]].to_vec();
    if changed.name.is_some() {
        extra = without(&extra, &[UNICODE_PATH]);
    }
    if changed.comment.is_some() {
        extra = without(&extra, &[UNICODE_COMMENT]);
    }
    let (mut size, mut packed) = (central.size, central.packed);
    if let Some(data) = changed.data {
        set_u16(&mut fixed, 8, central.flags & !CLEARED);
        set_u16(&mut fixed, 10, data.method);
        set_u32(&mut fixed, 16, data.crc);
        extra = without(&extra, &[AES]);
        (size, packed) = (data.size, data.packed);
    }
    let fields = [(24, size), (20, packed), (42, offset)];
    let was_wide = fields.map(|(at, _)| u64::from(u32_at(old, at)) == WIDE);
    let is_wide: Vec<bool> =
        fields.iter().zip(was_wide).map(|((_, value), was)| was || *value >= WIDE).collect();
    if is_wide.contains(&true) {
        let before = 8 * was_wide.iter().filter(|was| **was).count();
        let rest = find(&extra, ZIP64).and_then(|body| body.get(before..)).unwrap_or_default();
        let values = fields.iter().zip(&is_wide).filter(|(_, wide)| **wide);
        let mut body: Vec<u8> = values.flat_map(|((_, value), _)| value.to_le_bytes()).collect();
        body.extend_from_slice(rest);
        put(&mut extra, ZIP64, &body);
        let version = u16_at(old, 6).max(VERSION_ZIP64);
        set_u16(&mut fixed, 6, version);
    }
    for ((at, value), wide) in fields.into_iter().zip(is_wide) {
        set_u32(&mut fixed, at, narrow_u32(if wide { WIDE } else { value }));
    }
    let name = changed.name.as_deref().unwrap_or(&central.name);
    let comment = changed.comment.as_deref().unwrap_or(&central.comment);
    for (at, bytes) in [(28, name), (30, &*extra), (32, comment)] {
        set_u16(&mut fixed, at, short(bytes)?);
    }
    Ok([&fixed, name, &extra, comment].concat())
}

/// A length of a name, a comment or extra fields.
pub(super) fn short(bytes: &[u8]) -> Result<u16, Error> {
    let long = |_| Error::new(ErrorKind::Unsupported, "a name or comment is too long for a zip");
    u16::try_from(bytes.len()).map_err(long)
}

/// A value that fits, or the mark that it stands elsewhere.
pub(super) fn narrow_u32(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

pub(super) fn set_u16(bytes: &mut [u8], at: usize, value: u16) {
    bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
}

pub(super) fn set_u32(bytes: &mut [u8], at: usize, value: u32) {
    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

pub(super) fn set_u64(bytes: &mut [u8], at: usize, value: u64) {
    bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
}

/// The extra fields: id and body. What is no field ends the list.
fn fields(extra: &[u8]) -> impl Iterator<Item = (u16, std::ops::Range<usize>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let head = extra.get(at..at + 4)?;
        let body = at + 4..at + 4 + usize::from(u16_at(head, 2));
        extra.get(body.clone())?;
        at = body.end;
        Some((u16_at(head, 0), body))
    })
}

fn find(extra: &[u8], id: u16) -> Option<&[u8]> {
    fields(extra).find(|(found, _)| *found == id).map(|(_, body)| &extra[body])
}

/// The extra fields without some of them.
fn without(extra: &[u8], ids: &[u16]) -> Vec<u8> {
    let (mut out, mut at) = (Vec::new(), 0);
    for (id, body) in fields(extra) {
        if !ids.contains(&id) {
            out.extend_from_slice(&extra[body.start - 4..body.end]);
        }
        at = body.end;
    }
    out.extend_from_slice(&extra[at..]);
    out
}

/// Puts a body in place of that of the first field with this id; a new field comes first.
fn put(extra: &mut Vec<u8>, id: u16, body: &[u8]) {
    let len = u16::try_from(body.len()).unwrap_or(u16::MAX);
    let field = [&id.to_le_bytes(), &len.to_le_bytes(), body].concat();
    let place = fields(extra).find(|(found, _)| *found == id);
    let place = place.map_or(0..0, |(_, body)| body.start - 4..body.end);
    extra.splice(place, field);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_replaced_in_its_place() {
        let mut extra = b"\x55\x54\x01\0a\x01\0\x02\0bc\x99\x99\0\0rest".to_vec();
        put(&mut extra, ZIP64, b"12345678");
        assert_eq!(extra, b"\x55\x54\x01\0a\x01\0\x08\x0012345678\x99\x99\0\0rest");
        assert_eq!(without(&extra, &[ZIP64, 0x9999]), b"\x55\x54\x01\0arest");
    }

    #[test]
    fn a_big_entry_gets_the_fields_of_zip64() {
        let old = [&b"PK\x03\x04\x14\0\x08\0\x08\0"[..], &[7; 16], b"\x01\0\0\0a"].concat();
        let data = Data { method: 8, crc: 1, packed: 5, size: 1 << 33 };
        let new = local(&old, &Changed { data: Some(data), ..Changed::default() }).unwrap();
        assert_eq!(new[4..10], *b"\x2d\0\0\0\x08\0");
        assert_eq!(new[18..26], [0xff; 8]);
        assert_eq!(new[26..35], *b"\x01\0\x14\0a\x01\0\x10\0");
        assert_eq!(new[35..], [(1_u64 << 33).to_le_bytes(), 5_u64.to_le_bytes()].concat());
    }
}
