//! Compression methods of zip, for entries that change. The level of the original is not known, so the usual one is taken.

use std::io::{self, Write};

use flate2::{Compression, Crc, write::DeflateEncoder};
use lzma_rust2::{LzmaOptions, LzmaWriter, XzOptions, XzWriter};

use crate::archive::container::spool::Spool;

/// The usual preset of LZMA.
const PRESET: u32 = 6;

/// The flag of an LZMA stream that says where it ends.
const ENDS: u16 = 2;

/// The method that takes the place of another one: itself, or deflate where there is no encoder.
pub(super) fn method_for(method: u16) -> u16 {
    match method {
        0 | 12 | 14 | 93 | 95 => method,
        _ => 8,
    }
}

/// Takes the bytes of an entry, counts and sums them, and gives them compressed to a spool.
pub(super) struct Encoder<'s, 'f> {
    packer: Packer<'s, 'f>,
    crc: Crc,
    size: u64,
}

enum Packer<'s, 'f> {
    Stored(&'s mut Spool<'f>),
    Deflate(DeflateEncoder<&'s mut Spool<'f>>),
    Bzip2(bzip2::write::BzEncoder<&'s mut Spool<'f>>),
    Zstd(zstd::stream::write::Encoder<'static, &'s mut Spool<'f>>),
    Lzma(Box<LzmaWriter<&'s mut Spool<'f>>>),
    Xz(Box<XzWriter<&'s mut Spool<'f>>>),
}

impl<'s, 'f> Encoder<'s, 'f> {
    /// An encoder of a method that [`method_for`] gave.
    pub(super) fn new(method: u16, flags: u16, spool: &'s mut Spool<'f>) -> io::Result<Self> {
        let packer = match method {
            0 => Packer::Stored(spool),
            12 => Packer::Bzip2(bzip2::write::BzEncoder::new(spool, bzip2::Compression::default())),
            14 => {
                let options = LzmaOptions::with_preset(PRESET);
                let props = (options.pb * 5 + options.lp) * 9 + options.lc;
                // Version 9.20 of the tool that made the format, and five bytes of properties.
                spool.write_all(&[9, 20, 5, 0, u8::try_from(props).unwrap_or(0)])?;
                spool.write_all(&options.dict_size.to_le_bytes())?;
                let writer = LzmaWriter::new_no_header(spool, &options, flags & ENDS != 0)?;
                Packer::Lzma(Box::new(writer))
            }
            93 => Packer::Zstd(zstd::stream::write::Encoder::new(spool, 0)?),
            95 => {
                let options = XzOptions::with_preset(PRESET);
                Packer::Xz(Box::new(XzWriter::new(spool, options)?))
            }
            _ => Packer::Deflate(DeflateEncoder::new(spool, Compression::default())),
        };
        Ok(Self { packer, crc: Crc::new(), size: 0 })
    }

    /// Ends the data. Gives checksum and size of what was taken.
    pub(super) fn finish(self) -> io::Result<(u32, u64)> {
        match self.packer {
            Packer::Stored(_) => {}
            Packer::Deflate(encoder) => drop(encoder.finish()?),
            Packer::Bzip2(encoder) => drop(encoder.finish()?),
            Packer::Zstd(encoder) => drop(encoder.finish()?),
            Packer::Lzma(encoder) => drop(encoder.finish()?),
            Packer::Xz(encoder) => drop(encoder.finish()?),
        }
        Ok((self.crc.sum(), self.size))
    }
}

impl Write for Encoder<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = match &mut self.packer {
            Packer::Stored(spool) => spool.write(bytes)?,
            Packer::Deflate(encoder) => encoder.write(bytes)?,
            Packer::Bzip2(encoder) => encoder.write(bytes)?,
            Packer::Zstd(encoder) => encoder.write(bytes)?,
            Packer::Lzma(encoder) => encoder.write(bytes)?,
            Packer::Xz(encoder) => encoder.write(bytes)?,
        };
        self.crc.update(&bytes[..n]);
        self.size += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
