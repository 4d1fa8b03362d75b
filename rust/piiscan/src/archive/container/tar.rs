//! tar: 512-byte headers and content in blocks (POSIX.1-2024 pax, ustar, GNU).
//!
//! Read by hand, because the size of a long name or a pax record is attacker-controlled and must not become memory. The `size`
//! record of pax wins over the header. Links, devices and pipes are listed with what they are; the target of a link is text
//! and is scanned. A sparse file is read as it is stored, without its holes.

use std::io::{Read, Write};

use super::{Each, Report, aside, skip, trailing};
use crate::archive::limits::Limits;
use crate::archive::source::Source;
use crate::archive::{Container, Content, Entry, Job, Probe};
use crate::coverage::Status;
use crate::error::{Error, ErrorKind};

mod headers;
mod rebuild;

const BLOCK: usize = 512; // bytes

/// Longest extended header that is understood; a longer one is read as text.
const EXTENDED: u64 = 1 << 20; // bytes

/// The format.
#[derive(Debug)]
pub(super) struct Tar;

/// What extended headers say about the next entry.
#[derive(Default)]
struct Extended {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    /// The other records: they may hold comments and names of people.
    text: Vec<u8>,
}

impl Container for Tar {
    fn id(&self) -> &'static str {
        "tar"
    }

    fn probe(&self, probe: &Probe<'_>) -> u8 {
        let block = probe.head.get(..BLOCK);
        if block.is_some_and(|block| block[0] != 0 && is_header(block)) { 95 } else { 0 }
    }

    fn entries(
        &self,
        source: &mut Source<'_>,
        _name: &[u8],
        _limits: &Limits,
        each: Each<'_>,
        problem: Report<'_>,
    ) -> Result<(), Error> {
        let mut extended = Extended::default();
        loop {
            let at = source.position();
            let mut block = [0; BLOCK];
            let n = fill(source, &mut block)?;
            if block.iter().all(|byte| *byte == 0) {
                if n == 0 {
                    problem(at..at, Status::Warn, "the end marker of the tar is missing");
                }
                return Ok(trailing(source, each, problem)?);
            }
            if n < BLOCK || !is_header(&block) {
                return Err(Error::new(ErrorKind::Damaged, "the tar is damaged: a broken header"));
            }
            let size = extended.size.take().or_else(|| number(&block[124..136]));
            let Some(size) = size else {
                return Err(Error::new(ErrorKind::Damaged, "the tar is damaged: a broken size"));
            };
            match block[156] {
                kind @ (b'x' | b'g' | b'L' | b'K') if size <= EXTENDED => {
                    let mut record = Vec::new();
                    source.take(size).read_to_end(&mut record)?;
                    pad(source, size)?;
                    extended.add(kind, &record);
                }
                kind => {
                    let flow = entry(source, &block, kind, size, &extended, each)?;
                    if flow.is_break() {
                        return Ok(());
                    }
                    if extended.text.is_empty()
                        || aside(b"(pax header)", &extended.text, each).is_continue()
                    {
                        extended = Extended::default();
                    } else {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn rebuild(&self, job: Job<'_, '_>, out: &mut dyn Write) -> Result<(), Error> {
        rebuild::tar(job, out)
    }
}

/// Hands out one entry and goes behind it.
fn entry(
    source: &mut Source<'_>,
    block: &[u8; BLOCK],
    kind: u8,
    size: u64,
    extended: &Extended,
    each: Each<'_>,
) -> Result<super::Flow, Error> {
    let name = extended.name.clone().unwrap_or_else(|| stored_name(block));
    let link = extended.link.clone().unwrap_or_else(|| until_zero(&block[157..257]).to_vec());
    let refused = match kind {
        b'1' => Some("hard link"),
        b'2' => Some("symbolic link"),
        b'3' | b'4' => Some("device"),
        b'6' => Some("named pipe"),
        _ => None,
    };
    if let Some(what) = refused {
        let content = Content::Refused(Status::Skipped, format!("{what}: not followed"));
        let mut flow = each(Entry { name: &name, len: Some(0), packed: Some(0), content });
        if flow.is_continue() {
            flow = aside(b"(link target)", &link, each);
        }
        skip(source, size)?;
        pad(source, size)?;
        return Ok(flow);
    }
    if kind == b'S' && block[482] != 0 {
        // The map of holes goes on in blocks of its own.
        let mut more = [0; BLOCK];
        while fill(source, &mut more)? == BLOCK && more[504] != 0 {}
    }
    let end = source.position().checked_add(size);
    let end =
        end.ok_or_else(|| Error::new(ErrorKind::Damaged, "the tar is damaged: a broken size"))?;
    let mut data = source.take(size);
    let flow = each(Entry {
        name: &name,
        len: Some(size),
        packed: Some(size),
        content: Content::Data(&mut data),
    });
    let left = end - source.position();
    if flow.is_continue() && (skip(source, left)? < left || source.position() < end) {
        return Err(Error::new(ErrorKind::Damaged, "the tar is cut off within an entry"));
    }
    if flow.is_continue() {
        pad(source, size)?;
    }
    Ok(flow)
}

impl Extended {
    /// Whether a record says something that is understood, so that it is no text.
    fn is_known(key: &[u8]) -> bool {
        matches!(key, b"path" | b"linkpath" | b"size" | b"atime" | b"ctime" | b"mtime")
            || key.starts_with(b"GNU.sparse.")
    }

    fn add(&mut self, kind: u8, record: &[u8]) {
        match kind {
            b'L' => self.name = Some(until_zero(record).to_vec()),
            b'K' => self.link = Some(until_zero(record).to_vec()),
            _ => {
                for (key, value) in records(record) {
                    match key {
                        b"path" | b"GNU.sparse.name" => self.name = Some(value.to_vec()),
                        b"linkpath" => self.link = Some(value.to_vec()),
                        b"size" => self.size = decimal(value).or(self.size),
                        _ if Self::is_known(key) => {}
                        _ => self.text.extend([key, b"=", value, b"\n"].concat()),
                    }
                }
            }
        }
    }
}

/// The records `<length> <key>=<value>\n` of a pax header; broken ones end the list.
fn records(mut bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let space = bytes.iter().position(|byte| *byte == b' ')?;
        let len = usize::try_from(decimal(&bytes[..space])?).ok()?;
        let record = bytes.get(space + 1..len)?;
        bytes = bytes.get(len..)?;
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        let equals = record.iter().position(|byte| *byte == b'=')?;
        Some((&record[..equals], &record[equals + 1..]))
    })
}

fn fill(source: &mut Source<'_>, block: &mut [u8; BLOCK]) -> Result<usize, Error> {
    let mut n = 0;
    while n < BLOCK {
        match source.read(&mut block[n..])? {
            0 => break,
            got => n += got,
        }
    }
    Ok(n)
}

fn pad(source: &mut Source<'_>, size: u64) -> Result<(), Error> {
    skip(source, size.wrapping_neg() % BLOCK as u64)?;
    Ok(())
}

/// Whether the checksum is right: the sum of all bytes with the checksum itself as spaces. Old writers summed signed bytes.
fn is_header(block: &[u8]) -> bool {
    let Some(stored) = number(&block[148..156]) else { return false };
    let field = |at: usize| (148..156).contains(&at);
    let bytes = || block.iter().enumerate().map(|(at, byte)| if field(at) { b' ' } else { *byte });
    let unsigned: u64 = bytes().map(u64::from).sum();
    let signed: i64 = bytes().map(|byte| i64::from(byte.cast_signed())).sum();
    stored == unsigned || i64::try_from(stored) == Ok(signed)
}

/// A number in octal, or in base 256 when its first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        return field[1..].iter().try_fold(u64::from(field[0] & 0x3f), |sum, byte| {
            sum.checked_mul(256)?.checked_add(u64::from(*byte))
        });
    }
    let digits = field.trim_ascii_start();
    let digits = &digits[..digits.iter().take_while(|byte| byte.is_ascii_digit()).count()];
    digits.iter().try_fold(0_u64, |sum, byte| match byte {
        b'0'..=b'7' => sum.checked_mul(8)?.checked_add(u64::from(byte - b'0')),
        _ => None,
    })
}

fn decimal(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.trim().parse().ok()
}

fn until_zero(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len())]
}

/// The name in the header, with the prefix of ustar.
fn stored_name(block: &[u8; BLOCK]) -> Vec<u8> {
    let name = until_zero(&block[..100]);
    let prefix = until_zero(&block[345..500]);
    if &block[257..263] == b"ustar\0" && !prefix.is_empty() {
        return [prefix, b"/", name].concat();
    }
    name.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_octal_or_binary() {
        assert_eq!(number(b"0000644\0"), Some(0o644));
        assert_eq!(number(&[0x80, 0, 0, 0, 0, 0, 1, 0]), Some(256));
        assert_eq!(number(b"00009\0"), None);
        assert_eq!(number(&[0xbf; 12]), None, "more than 64 bits");
    }

    #[test]
    fn pax_records_may_hold_any_byte() {
        let record = b"14 path=a=b\nc\n19 size=1000000000\n";
        let all: Vec<_> = records(record).collect();
        assert_eq!(all, [(&b"path"[..], &b"a=b\nc"[..]), (b"size", b"1000000000")]);
    }
}
