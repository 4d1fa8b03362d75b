//! bzip2: streams of blocks of up to 900 kB.

use std::io::{self, Write};

use bzip2::Compression;
use bzip2::bufread::BzDecoder;
use bzip2::write::BzEncoder;

use super::members::{self, Encode, Fill, Members, Names};
use super::{Each, Report};
use crate::archive::limits::Limits;
use crate::archive::source::Source;
use crate::archive::{Container, Job, Probe};
use crate::error::Error;

/// The format.
#[derive(Debug)]
pub(super) struct Bzip2;

impl Container for Bzip2 {
    fn id(&self) -> &'static str {
        "bzip2"
    }

    fn probe(&self, probe: &Probe<'_>) -> u8 {
        if Bzip2::begins(probe.head) { 95 } else { 0 }
    }

    fn entries(
        &self,
        source: &mut Source<'_>,
        name: &[u8],
        _limits: &Limits,
        each: Each<'_>,
        problem: Report<'_>,
    ) -> Result<(), Error> {
        members::entries::<Bzip2>(source, &members::stem(name), each, problem)
    }

    fn rebuild(&self, job: Job<'_, '_>, out: &mut dyn Write) -> Result<(), Error> {
        members::rebuild::<Bzip2>(job, out)
    }
}

impl Members for Bzip2 {
    type Decoder<'s, 'r: 's> = BzDecoder<&'s mut Source<'r>>;

    fn open<'s, 'r>(source: &'s mut Source<'r>) -> io::Result<Self::Decoder<'s, 'r>> {
        Ok(BzDecoder::new(source))
    }

    fn close<'s, 'r>(decoder: Self::Decoder<'s, 'r>) -> &'s mut Source<'r> {
        decoder.into_inner()
    }

    fn begins(head: &[u8]) -> bool {
        // The first block, or the end of an empty stream.
        let block = |rest: &[u8]| {
            rest.starts_with(&[0x31, 0x41, 0x59, 0x26, 0x53, 0x59])
                || rest.starts_with(&[0x17, 0x72, 0x45, 0x38, 0x50, 0x90])
        };
        matches!(head, [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] if block(rest))
    }
}

impl Encode for Bzip2 {
    fn encode(
        head: &[u8],
        _names: &Names,
        _len: Option<u64>,
        fill: Fill<'_>,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let level = head.get(3).map_or(9, |digit| u32::from(digit.saturating_sub(b'0')));
        let mut encoder = BzEncoder::new(out, Compression::new(level.clamp(1, 9)));
        fill(&mut encoder)?;
        encoder.finish()?;
        Ok(())
    }
}
