//! A zip in the order of its local headers, for streams and for zips without a directory.

use std::io::{self, BufRead, Read};

use super::decode::{self, Expected};
use super::local::{Alone, descriptor_len};
use crate::archive::container::{Each, Report, skip};
use crate::archive::source::Source;
use crate::archive::{Content, Entry, Flow};
use crate::coverage::Status;
use crate::error::{Error, ErrorKind};

/// A header with the longest name and extra field.
const HEADER: usize = 30 + 2 * 65_535; // bytes

/// Reads entries until something else than a local header comes.
///
/// # Errors
///
/// If the bytes end or break off within an entry.
pub(super) fn entries(
    source: &mut Source<'_>,
    each: Each<'_>,
    problem: Report<'_>,
) -> Result<(), Error> {
    loop {
        let head = source.head(HEADER)?;
        let Some(local) = Alone::parse(head) else {
            return end(source, problem);
        };
        source.consume(local.len);
        if entry(source, &local, each)?.is_break() {
            return Ok(());
        }
    }
}

/// What follows the last entry: the directory, or damage.
fn end(source: &mut Source<'_>, problem: Report<'_>) -> Result<(), Error> {
    let head = source.head(4)?;
    if head.is_empty() {
        return Ok(());
    }
    if head.starts_with(b"PK\x01\x02") || head.starts_with(b"PK\x05\x06") {
        let start = source.position();
        decode::drain(source)?;
        problem(start..source.position(), Status::Warn, "the directory of the zip was not used");
        return Ok(());
    }
    Err(Error::new(ErrorKind::Damaged, "the zip is damaged: no header where one is due"))
}

fn entry(source: &mut Source<'_>, local: &Alone, each: Each<'_>) -> Result<Flow, Error> {
    let known = !local.described || local.packed > 0;
    let (len, packed) = (known.then_some(local.size), known.then_some(local.packed));
    let refuse = |each: Each<'_>, status, reason: &str| {
        let content = Content::Refused(status, reason.into());
        each(Entry { name: &local.name, len, packed, content })
    };
    if !known && (local.encrypted || local.method != 8) {
        let status = if local.encrypted { Status::Encrypted } else { Status::Limit };
        let _ = refuse(each, status, "its end cannot be told without the directory of the zip");
        let reason = "the zip cannot be read further: raise the limit `field`";
        return Err(Error::new(ErrorKind::Limit, reason));
    }
    if !known {
        let start = source.position();
        let mut data = decode::open(source, local.method, None)?;
        let flow =
            each(Entry { name: &local.name, len, packed, content: Content::Data(&mut *data) });
        if flow.is_break() {
            return Ok(flow);
        }
        // The next header stands where the decoder ends.
        io::copy(&mut data, &mut io::sink())?;
        drop(data);
        let packed = source.position() - start;
        let n = descriptor_len(source.head(28)?, packed);
        source.consume(n);
        return Ok(flow);
    }
    let end = source.position().saturating_add(local.packed);
    let mut taken = source.take(local.packed);
    let flow = if local.encrypted {
        refuse(each, Status::Encrypted, "needs a password")
    } else {
        let mut inner = Source::stream(&mut taken, packed);
        let expected = Expected { crc: local.crc, size: local.size };
        match decode::open(&mut inner, local.method, (!local.described).then_some(expected)) {
            Ok(mut data) => {
                each(Entry { name: &local.name, len, packed, content: Content::Data(&mut *data) })
            }
            Err(error) => refuse(each, decode::status(&error), error.reason()),
        }
    };
    if flow.is_continue() {
        let left = end.saturating_sub(source.position());
        if skip(source, left)? < left {
            return Err(Error::new(ErrorKind::Damaged, "the zip is cut off within an entry"));
        }
        if local.described {
            let n = descriptor_len(source.head(28)?, local.packed);
            source.consume(n);
        }
    }
    Ok(flow)
}
