//! Containers built by hand, right and wrong.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

/// One member of gzip, with a name if it is not empty.
pub(crate) fn gzip(name: &str, bytes: &[u8]) -> Vec<u8> {
    let builder = flate2::GzBuilder::new();
    let builder = if name.is_empty() { builder } else { builder.filename(name) };
    let mut encoder: GzEncoder<Vec<u8>> = builder.write(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 3).unwrap()
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(3);
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// An entry of tar.
pub(crate) fn tar_entry(name: &[u8], kind: u8, size: &[u8; 12], bytes: &[u8]) -> Vec<u8> {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name);
    header[100..107].copy_from_slice(b"0000644");
    header[124..136].copy_from_slice(size);
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut out = header.to_vec();
    out.extend_from_slice(bytes);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

/// An entry of tar with an honest size.
pub(crate) fn tar_file(name: &str, bytes: &[u8]) -> Vec<u8> {
    let size = format!("{:011o}\0", bytes.len());
    tar_entry(name.as_bytes(), b'0', size.as_bytes().try_into().unwrap(), bytes)
}

/// A zip in the making, whose directory may lie.
#[derive(Default)]
pub(crate) struct Zip {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    entries: u16,
}

/// What is odd about an entry.
#[derive(Default)]
pub(crate) struct Oddity<'o> {
    pub(crate) flags: u16,
    pub(crate) unlisted: bool,
    pub(crate) other_name: Option<&'o str>,
    pub(crate) size: Option<u32>,
    /// Lists the data of an earlier entry, by offset of its header.
    pub(crate) again: Option<u32>,
}

impl Zip {
    pub(crate) fn file(self, name: &str, bytes: &[u8]) -> Self {
        self.odd(name, bytes, &Oddity::default())
    }

    pub(crate) fn odd(mut self, name: &str, bytes: &[u8], odd: &Oddity<'_>) -> Self {
        let at = odd.again.unwrap_or(u32::try_from(self.bytes.len()).unwrap());
        let packed = deflate(bytes);
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let described = odd.flags & 8 != 0;
        let size = odd.size.unwrap_or(u32::try_from(bytes.len()).unwrap());
        let mut sums = Vec::new();
        for value in [crc.sum(), u32::try_from(packed.len()).unwrap(), size] {
            sums.extend(value.to_le_bytes());
        }
        let fixed = |described: bool| {
            let mut out = Vec::new();
            for value in [20, odd.flags, 8, 0, 0] {
                out.extend(u16::to_le_bytes(value));
            }
            out.extend(if described { vec![0; 12] } else { sums.clone() });
            out
        };
        if odd.again.is_none() {
            let local = odd.other_name.unwrap_or(name);
            self.bytes.extend(b"PK\x03\x04");
            self.bytes.extend(fixed(described));
            self.bytes.extend(u16::try_from(local.len()).unwrap().to_le_bytes());
            self.bytes.extend([0; 2]);
            self.bytes.extend(local.as_bytes());
            self.bytes.extend(&packed);
            if described {
                self.bytes.extend(b"PK\x07\x08");
                self.bytes.extend(&sums);
            }
        }
        if !odd.unlisted {
            self.entries += 1;
            self.directory.extend(b"PK\x01\x02\x14\x00");
            self.directory.extend(fixed(false));
            self.directory.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
            self.directory.extend([0; 12]);
            self.directory.extend(at.to_le_bytes());
            self.directory.extend(name.as_bytes());
        }
        self
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        self.with_comment("")
    }

    pub(crate) fn with_comment(self, comment: &str) -> Vec<u8> {
        let mut out = self.bytes;
        let start = u32::try_from(out.len()).unwrap();
        out.extend(&self.directory);
        out.extend(b"PK\x05\x06\0\0\0\0");
        out.extend(self.entries.to_le_bytes());
        out.extend(self.entries.to_le_bytes());
        out.extend(u32::try_from(self.directory.len()).unwrap().to_le_bytes());
        out.extend(start.to_le_bytes());
        out.extend(u16::try_from(comment.len()).unwrap().to_le_bytes());
        out.extend(comment.as_bytes());
        out
    }
}
