//! Compression methods of zip, with the check of size and sum at the end.

use std::io::{self, BufRead, Read};

use flate2::Crc;

use crate::archive::container::limit;
use crate::archive::source::Source;
use crate::coverage::Status;
use crate::error::{Error, ErrorKind};

/// Memory of an LZMA decoder.
const MEMORY: u32 = (128 << 10) + 512; // KiB

/// What a header says about the decoded data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    pub(super) crc: u32,
    pub(super) size: u64,
}

/// A decoder of one entry.
pub(super) fn open<'s, 'r: 's>(
    source: &'s mut Source<'r>,
    method: u16,
    expected: Option<Expected>,
) -> Result<Box<dyn Read + 's>, Error> {
    let size = expected.map(|expected| expected.size);
    let data: Box<dyn Read + 's> = match method {
        0 => Box::new(source),
        8 => Box::new(flate2::bufread::DeflateDecoder::new(source)),
        9 => Box::new(deflate64::Deflate64Decoder::with_buffer(source)),
        12 => Box::new(bzip2::bufread::BzDecoder::new(source)),
        14 => lzma(source, size)?,
        93 => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(source)?;
            decoder.window_log_max(27)?;
            Box::new(decoder)
        }
        95 => Box::new(lzma_rust2::XzReader::new_mem_limit(source, true, MEMORY)),
        _ => {
            let reason = format!("compression method {method} is not known");
            return Err(Error::new(ErrorKind::Unsupported, reason));
        }
    };
    Ok(match expected {
        Some(expected) => {
            Box::new(Checked { data, expected, crc: Crc::new(), size: 0, ended: false })
        }
        None => data,
    })
}

/// LZMA: version, length of the properties, properties, then data.
fn lzma<'s, 'r: 's>(
    source: &'s mut Source<'r>,
    size: Option<u64>,
) -> Result<Box<dyn Read + 's>, Error> {
    let mut head = [0; 9];
    source.read_exact(&mut head)?;
    let dictionary = u32::from_le_bytes([head[5], head[6], head[7], head[8]]);
    let need = lzma_rust2::lzma_get_memory_usage_by_props(dictionary, head[4])
        .map_err(|_| Error::new(ErrorKind::Damaged, "broken properties of LZMA"))?;
    if need > MEMORY {
        return Err(Error::new(ErrorKind::Limit, "an LZMA dictionary above 128 MiB"));
    }
    let size = size.unwrap_or(u64::MAX);
    let reader = lzma_rust2::LzmaReader::new_with_props(source, size, head[4], dictionary, None)
        .map_err(|_| Error::new(ErrorKind::Damaged, "broken properties of LZMA"))?;
    Ok(Box::new(reader))
}

/// What an error of [`open`] makes of an entry.
pub(super) fn status(error: &Error) -> Status {
    match error.kind() {
        ErrorKind::Unsupported => Status::Unsupported,
        ErrorKind::Limit => Status::Limit,
        _ => Status::Error,
    }
}

/// Checks sum and size at the end.
struct Checked<'s> {
    data: Box<dyn Read + 's>,
    expected: Expected,
    crc: Crc,
    size: u64,
    ended: bool,
}

impl Read for Checked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = match self.data.read(buffer) {
            Ok(n) => n,
            Err(error) if is_own(&error) => return Err(error),
            Err(error) if error.kind() == io::ErrorKind::OutOfMemory => {
                return Err(limit("a dictionary above 128 MiB"));
            }
            Err(error) if error.to_string().contains("too much memory") => {
                return Err(limit("a zstd window above 128 MiB"));
            }
            Err(_) => return Err(damaged("the compressed data is damaged")),
        };
        self.crc.update(&buffer[..n]);
        self.size += n as u64;
        if n == 0 && !buffer.is_empty() && !self.ended {
            self.ended = true;
            if self.size != self.expected.size {
                return Err(damaged("the size differs from the one in the header"));
            }
            if self.crc.sum() != self.expected.crc {
                return Err(damaged("the checksum is wrong"));
            }
        }
        Ok(n)
    }
}

/// Whether a reader of ours made the error, not a library.
fn is_own(error: &io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).is_some()
}

fn damaged(reason: &str) -> io::Error {
    io::Error::other(Error::new(ErrorKind::Damaged, reason))
}

/// Reads to the end of what a decoder left.
pub(super) fn drain(source: &mut dyn BufRead) -> io::Result<()> {
    io::copy(source, &mut io::sink()).map(|_| ())
}
