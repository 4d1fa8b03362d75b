//! Zstandard (RFC 8878): frames, and skippable frames that may hold anything.
//!
//! A window above 128 MiB is refused: it would be memory that a header asks for. Skippable frames are scanned as an entry
//! beside the text.

use std::io::{self, BufReader, Read, Write};

use zstd::stream::read::Decoder;

use super::members::{self, Encode, Fill, Members, Names};
use super::{Each, Report, limit};
use crate::archive::limits::Limits;
use crate::archive::source::Source;
use crate::archive::{Container, Job, Probe};
use crate::error::Error;

/// Largest window, as a power of two.
const WINDOW_LOG: u32 = 27;

/// How much of skippable frames is collected; a longer one is a text of its own.
const BESIDE: usize = 1 << 20; // bytes

/// The format.
#[derive(Debug)]
pub(super) struct Zstd;

impl Container for Zstd {
    fn id(&self) -> &'static str {
        "zstd"
    }

    fn probe(&self, probe: &Probe<'_>) -> u8 {
        let skippable = skippable(probe.head).is_some() && probe.extension().starts_with("zst");
        if Zstd::begins(probe.head) || skippable { 95 } else { 0 }
    }

    fn entries(
        &self,
        source: &mut Source<'_>,
        name: &[u8],
        _limits: &Limits,
        each: Each<'_>,
        problem: Report<'_>,
    ) -> Result<(), Error> {
        members::entries::<Zstd>(source, &members::stem(name), each, problem)
    }

    fn rebuild(&self, job: Job<'_, '_>, out: &mut dyn Write) -> Result<(), Error> {
        members::rebuild::<Zstd>(job, out)
    }
}

/// A decoder of one frame.
pub(super) struct Frame<'s, 'r>(Decoder<'static, &'s mut Source<'r>>);

impl Read for Frame<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| {
            // The library tells its own errors apart by their text only.
            if error.to_string().contains("too much memory") {
                limit("a zstd window above 128 MiB")
            } else {
                error
            }
        })
    }
}

impl Members for Zstd {
    type Decoder<'s, 'r: 's> = Frame<'s, 'r>;

    fn open<'s, 'r>(source: &'s mut Source<'r>) -> io::Result<Self::Decoder<'s, 'r>> {
        let mut decoder = Decoder::with_buffer(source)?.single_frame();
        decoder.window_log_max(WINDOW_LOG)?;
        Ok(Frame(decoder))
    }

    fn close<'s, 'r>(decoder: Self::Decoder<'s, 'r>) -> &'s mut Source<'r> {
        decoder.0.finish()
    }

    fn begins(head: &[u8]) -> bool {
        head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
    }

    fn around(source: &mut Source<'_>, beside: &mut Vec<u8>) -> io::Result<()> {
        while let Some(len) = skippable(source.head(8)?) {
            if beside.len().saturating_add(len as usize) > BESIDE {
                break;
            }
            let mut frame = BufReader::with_capacity(0, source.take(8 + u64::from(len)));
            io::copy(&mut frame.by_ref().take(8), &mut io::sink())?;
            frame.read_to_end(beside)?;
        }
        Ok(())
    }
}

impl Encode for Zstd {
    fn encode(
        head: &[u8],
        _names: &Names,
        len: Option<u64>,
        fill: Fill<'_>,
        out: &mut dyn Write,
    ) -> Result<(), Error> {
        let descriptor = head.get(4).copied().unwrap_or(0);
        let mut encoder = zstd::stream::write::Encoder::new(out, 0)?;
        encoder.include_checksum(descriptor & 4 != 0)?;
        // The size stands in the header if the old one had it and the new one is known.
        let sized = len.filter(|_| descriptor & 0xe0 != 0);
        encoder.include_contentsize(sized.is_some())?;
        encoder.set_pledged_src_size(sized)?;
        fill(&mut encoder)?;
        encoder.finish()?;
        Ok(())
    }
}

/// Length of the skippable frame that begins here.
fn skippable(head: &[u8]) -> Option<u32> {
    match head {
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, ..] => {
            Some(u32::from_le_bytes([*a, *b, *c, *d]))
        }
        _ => None,
    }
}
