//! gzip (RFC 1952): members with a header that may name the text.
//!
//! A member with a name of its own begins a new entry; others continue the text before. Comments are fields, handed out as
//! an entry beside the text.

use std::io::{self, Write};

use flate2::bufread::GzDecoder;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc, CrcWriter};

use super::members::{self, Encode, Fill, Members, Names};
use super::{Each, Report, aside};
use crate::archive::limits::Limits;
use crate::archive::source::Source;
use crate::archive::{Container, Job, Probe};
use crate::error::{Error, ErrorKind};

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

    fn rebuild(&self, job: Job<'_, '_>, out: &mut dyn Write) -> Result<(), Error> {
        members::rebuild::<Gzip>(job, out)
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

impl Encode for Gzip {
    fn comment(head: &[u8]) -> Option<Vec<u8>> {
        text(head, COMMENT)
    }

    fn header(head: &[u8], names: &Names) -> Result<(usize, Vec<u8>), Error> {
        header(head, names).ok_or_else(|| Error::new(ErrorKind::Damaged, "a broken header of gzip"))
    }

    fn encode(
        head: &[u8],
        names: &Names,
        _len: Option<u64>,
        fill: Fill<'_>,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let (_, header) = Self::header(head, names)?;
        out.write_all(&header)?;
        let encoder = DeflateEncoder::new(&mut *out, Compression::default());
        let mut encoder = CrcWriter::new(encoder);
        fill(&mut encoder)?;
        let (sum, len) = (encoder.crc().sum(), encoder.crc().amount());
        encoder.into_inner().finish()?;
        out.write_all(&[sum.to_le_bytes(), len.to_le_bytes()].concat())?;
        Ok(())
    }
}

/// The length of the header of a member, and the header with other names. A name that it does not have is not added.
fn header(head: &[u8], names: &Names) -> Option<(usize, Vec<u8>)> {
    let flags = *head.get(3)?;
    let mut at = 10;
    if flags & EXTRA != 0 {
        at += 2 + usize::from(u16::from_le_bytes([*head.get(at)?, *head.get(at + 1)?]));
    }
    let mut new = head.get(..at)?.to_vec();
    for (flag, name) in [(NAME, &names.name), (COMMENT, &names.comment)] {
        if flags & flag != 0 {
            let len = head.get(at..)?.iter().position(|byte| *byte == 0)?;
            let old = &head[at..at + len];
            let name = name.as_deref().unwrap_or(old);
            new.extend(name.iter().filter(|byte| **byte != 0));
            new.push(0);
            at += len + 1;
        }
    }
    if flags & SUM != 0 {
        head.get(at..at + 2)?;
        let mut crc = Crc::new();
        crc.update(&new);
        new.extend_from_slice(&crc.sum().to_le_bytes()[..2]);
        at += 2;
    }
    Some((at, new))
}

const SUM: u8 = 2;
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
