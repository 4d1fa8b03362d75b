//! Headers of a tar with other values: names, sizes and records, and the checksum after them.

use std::io::Write;

use super::{BLOCK, EXTENDED, Extended, decimal, is_header, records, until_zero};
use crate::error::{Error, ErrorKind};

/// An extended header with its content, as it stands or changed.
pub(super) struct Pending {
    pub(super) header: [u8; BLOCK],
    pub(super) content: Vec<u8>,
    pub(super) padding: Vec<u8>,
    pub(super) is_changed: bool,
}

/// Where a name stands.
pub(super) struct Place {
    /// The kind of GNU's long form.
    long: u8,
    /// The key of pax.
    key: &'static [u8],
    /// Another key of pax that names the same.
    other: &'static [u8],
    /// Where it stands in the header.
    from: usize,
}

pub(super) const NAME: Place =
    Place { long: b'L', key: b"path", other: b"GNU.sparse.name", from: 0 };
pub(super) const LINK: Place =
    Place { long: b'K', key: b"linkpath", other: b"linkpath", from: 157 };

/// Length of a name in the header.
const SHORT: usize = 100; // bytes

pub(super) fn padding_of(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

pub(super) fn write_extended(out: &mut dyn Write, record: &Pending) -> Result<(), Error> {
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
pub(super) fn set_name(
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
    let prefix = until_zero(&block[345..500]).to_vec();
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
pub(super) fn set_size(
    block: &mut [u8; BLOCK],
    pending: &mut [Pending],
    size: u64,
) -> Result<(), Error> {
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
pub(super) fn set_text(pending: &mut [Pending], text: &[u8]) -> Result<(), Error> {
    let lines = |value: &[u8]| memchr::memchr_iter(b'\n', value).count() + 1;
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

pub(super) fn is_sparse(pending: &[Pending]) -> bool {
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
pub(super) fn seal(block: &mut [u8; BLOCK]) {
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
    use crate::archive::container::tar::number;

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
