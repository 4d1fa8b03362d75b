//! xz: streams of blocks, each with a dictionary of a declared size.
//!
//! A dictionary above 128 MiB is refused before it is allocated.

use std::io::{self, Read, Write};

use lzma_rust2::{CheckType, XzOptions, XzReader, XzWriter};

use super::members::{self, Encode, Fill, Members, Names};
use super::{Each, Report, limit};
use crate::archive::limits::Limits;
use crate::archive::source::Source;
use crate::archive::{Container, Job, Probe};
use crate::error::Error;

/// Memory of a decoder: the largest dictionary and what is around it.
const MEMORY: u32 = (128 << 10) + 512; // KiB

/// The usual preset: the original one is not known.
const PRESET: u32 = 6;

/// The format.
#[derive(Debug)]
pub(super) struct Xz;

impl Container for Xz {
    fn id(&self) -> &'static str {
        "xz"
    }

    fn probe(&self, probe: &Probe<'_>) -> u8 {
        if Xz::begins(probe.head) { 95 } else { 0 }
    }

    fn entries(
        &self,
        source: &mut Source<'_>,
        name: &[u8],
        _limits: &Limits,
        each: Each<'_>,
        problem: Report<'_>,
    ) -> Result<(), Error> {
        members::entries::<Xz>(source, &members::stem(name), each, problem)
    }

    fn rebuild(&self, job: Job<'_, '_>, out: &mut dyn Write) -> Result<(), Error> {
        members::rebuild::<Xz>(job, out)
    }
}

/// A decoder of one stream.
pub(super) struct Stream<'s, 'r>(XzReader<&'s mut Source<'r>>);

impl Read for Stream<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::OutOfMemory => limit("an xz dictionary above 128 MiB"),
            _ => error,
        })
    }
}

impl Members for Xz {
    type Decoder<'s, 'r: 's> = Stream<'s, 'r>;

    fn open<'s, 'r>(source: &'s mut Source<'r>) -> io::Result<Self::Decoder<'s, 'r>> {
        Ok(Stream(XzReader::new_mem_limit(source, false, MEMORY)))
    }

    fn close<'s, 'r>(decoder: Self::Decoder<'s, 'r>) -> &'s mut Source<'r> {
        decoder.0.into_inner()
    }

    fn begins(head: &[u8]) -> bool {
        head.starts_with(&[0xfd, b'7', b'z', b'X', b'Z', 0])
    }
}

impl Encode for Xz {
    fn encode(
        head: &[u8],
        _names: &Names,
        _len: Option<u64>,
        fill: Fill<'_>,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let mut options = XzOptions::with_preset(PRESET);
        options.set_check_sum_type(match head.get(7).map(|flags| flags & 15) {
            Some(0) => CheckType::None,
            Some(1) => CheckType::Crc32,
            Some(10) => CheckType::Sha256,
            _ => CheckType::Crc64,
        });
        let mut writer = XzWriter::new(out, options)?;
        fill(&mut writer)?;
        writer.finish()?;
        Ok(())
    }
}
