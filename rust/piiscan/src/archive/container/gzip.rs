//! gzip (RFC 1952): members with a header that may name the text.
//!
//! A member with a name of its own begins a new entry; others continue the text before. Comments are fields, handed out as
//! an entry beside the text.

use std::io;

use flate2::bufread::GzDecoder;

use super::members::{self, Members};
use super::{Each, Report, aside};
use crate::archive::limits::Limits;
use crate::archive::source::Source;
use crate::archive::{Container, Probe};
use crate::error::Error;

/// The format.
#[derive(Debug)]
pub(super) struct Gzip;

impl Container for Gzip {
    fn id(&self) -> &'static str {
        "gzip"
    }

    fn probe(&self, probe: &Probe<'_>) -> u8 {
        if Gzip::begins(probe.head) { 95 } else { 0 }
    }

    fn entries(
        &self,
        source: &mut Source<'_>,
        name: &[u8],
        _limits: &Limits,
        each: Each<'_>,
        problem: Report<'_>,
    ) -> Result<(), Error> {
        if let Some(comment) = text(source.head(4 << 10)?, COMMENT)
            && aside(b"(comment)", &comment, each).is_break()
        {
            return Ok(());
        }
        members::entries::<Gzip>(source, &members::stem(name), each, problem)
    }
}

impl Members for Gzip {
    type Decoder<'s, 'r: 's> = GzDecoder<&'s mut Source<'r>>;

    fn open<'s, 'r>(source: &'s mut Source<'r>) -> io::Result<Self::Decoder<'s, 'r>> {
        Ok(GzDecoder::new(source))
    }

    fn close<'s, 'r>(decoder: Self::Decoder<'s, 'r>) -> &'s mut Source<'r> {
        decoder.into_inner()
    }

    fn begins(head: &[u8]) -> bool {
        // Method 8 is the only one there is; the reserved flags must be 0.
        matches!(head, [0x1f, 0x8b, 8, flags, ..] if flags & 0xe0 == 0)
    }

    fn continues(head: &[u8]) -> bool {
        Self::begins(head) && Self::name(head).is_none()
    }

    fn name(head: &[u8]) -> Option<Vec<u8>> {
        text(head, NAME)
    }
}

const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;

/// The name or the comment in a header, if it is not empty.
fn text(head: &[u8], which: u8) -> Option<Vec<u8>> {
    let flags = *head.get(3)?;
    let mut rest = head.get(10..)?;
    if flags & EXTRA != 0 {
        let len = u16::from_le_bytes([*rest.first()?, *rest.get(1)?]);
        rest = rest.get(2 + usize::from(len)..)?;
    }
    for flag in [NAME, COMMENT] {
        if flags & flag != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            if flag == which {
                return (end > 0).then(|| rest[..end].to_vec());
            }
            rest = &rest[end + 1..];
        }
    }
    None
}
