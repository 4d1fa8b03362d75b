//! Containers: files that hold other files.
//!
//! Entries are read in memory and in order; nothing is written anywhere, so a name such as `../x` is data, not a path.
//! Comments and bytes behind the last entry are handed out as entries of their own, because no byte is passed over.

use std::io::{self, Read};
use std::ops::Range;

use super::source::Source;
use super::{Container, Content, Entry, Flow};
use crate::coverage::Status;
use crate::error::{Error, ErrorKind};

mod bzip2;
mod gzip;
mod members;
mod spool;
mod tar;
mod xz;
mod zip;
mod zstd;

/// Every container, in the order of ties.
pub const CONTAINERS: &[&dyn Container] =
    &[&zip::Zip, &tar::Tar, &gzip::Gzip, &zstd::Zstd, &bzip2::Bzip2, &xz::Xz];

/// Takes the entries of a container.
type Each<'f> = &'f mut dyn FnMut(Entry<'_>) -> Flow;
/// Takes the problems of a container.
type Report<'f> = &'f mut dyn FnMut(Range<u64>, Status, &str);

/// An error that stands for a limit of this run, not for damage.
fn limit(reason: &str) -> io::Error {
    io::Error::other(Error::new(ErrorKind::Limit, reason))
}

/// Hands out a comment or the like as an entry.
fn aside(name: &[u8], mut bytes: &[u8], each: Each<'_>) -> Flow {
    if bytes.is_empty() {
        return Flow::Continue(());
    }
    let len = Some(bytes.len() as u64);
    each(Entry { name, len, packed: len, content: Content::Data(&mut bytes) })
}

/// Skips the zero bytes that pad containers.
fn skip_zeros(source: &mut Source<'_>) -> io::Result<()> {
    loop {
        let head = io::BufRead::fill_buf(source)?;
        let (zeros, len) = (head.iter().take_while(|byte| **byte == 0).count(), head.len());
        io::BufRead::consume(source, zeros);
        if len == 0 || zeros < len {
            return Ok(());
        }
    }
}

/// Hands out what stands behind the last entry.
fn trailing(source: &mut Source<'_>, each: Each<'_>, report: Report<'_>) -> io::Result<()> {
    skip_zeros(source)?;
    if source.at_end()? {
        return Ok(());
    }
    let start = source.position();
    let len = source.size().map(|size| size.saturating_sub(start));
    let entry =
        Entry { name: b"(trailing bytes)", len, packed: len, content: Content::Data(source) };
    let _ = each(entry);
    report(start..source.position(), Status::Warn, "bytes after the end of the container");
    Ok(())
}

/// Reads over `n` bytes; fewer only at the end.
fn skip(source: &mut Source<'_>, n: u64) -> io::Result<u64> {
    io::copy(&mut source.take(n), &mut io::sink())
}
