//! New bytes that are kept until their length and checksum are known, because a header stands before them.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};

use crate::archive::MakeFile;
use crate::archive::source::{ReadAt, Source, Stretch, read_file_at};

/// What is kept in memory; more goes to a file.
const MEMORY: usize = 16 << 20; // bytes

/// Bytes in memory, or in a file of the caller.
pub(super) struct Spool<'f> {
    make: MakeFile<'f>,
    memory: Vec<u8>,
    file: Option<File>,
    len: u64,
}

impl fmt::Debug for Spool<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spool({} bytes)", self.len)
    }
}

impl<'f> Spool<'f> {
    pub(super) fn new(make: MakeFile<'f>) -> Self {
        Self { make, memory: Vec::new(), file: None, len: 0 }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }
}

impl Write for Spool<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.file.is_none() && self.memory.len() + bytes.len() > MEMORY {
            let mut file = (self.make)()?;
            file.write_all(&self.memory)?;
            self.memory = Vec::new();
            self.file = Some(file);
        }
        match &mut self.file {
            Some(file) => file.write_all(bytes)?,
            None => self.memory.extend_from_slice(bytes),
        }
        self.len += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ReadAt for Spool<'_> {
    fn size(&self) -> u64 {
        self.len
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        match &self.file {
            Some(file) => read_file_at(file, buffer, at),
            None => self.memory.read_at(buffer, at),
        }
    }
}

/// Copies a range.
pub(super) fn copy(
    bytes: &dyn ReadAt,
    range: std::ops::Range<u64>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let len = range.end.saturating_sub(range.start);
    if len == 0 {
        return Ok(());
    }
    let part = Stretch { bytes, range };
    let copied = io::copy(&mut Source::random_access(&part), out)?;
    if copied < len { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// Copies the next `n` bytes of a source; fewer are an error.
pub(super) fn copy_next(source: &mut Source<'_>, n: u64, out: &mut dyn Write) -> io::Result<()> {
    let copied = io::copy(&mut source.take(n), out)?;
    if copied < n { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file without a name, which the system takes back.
    fn file() -> io::Result<File> {
        let mut path = std::env::temp_dir();
        path.push(format!("piiscan-spool-{}", std::process::id()));
        let file =
            File::options().read(true).write(true).create(true).truncate(true).open(&path)?;
        std::fs::remove_file(&path)?;
        Ok(file)
    }

    #[test]
    fn what_is_too_big_for_memory_goes_to_a_file() {
        for len in [0, 1, MEMORY, MEMORY + 1, 2 * MEMORY] {
            let mut spool = Spool::new(&file);
            let bytes: Vec<u8> = (0..=255).cycle().take(len).collect();
            for chunk in bytes.chunks(1 << 20) {
                spool.write_all(chunk).unwrap();
            }
            assert_eq!((spool.len(), spool.file.is_some()), (len as u64, len > MEMORY));
            let mut out = Vec::new();
            copy(&spool, 0..len as u64, &mut out).unwrap();
            assert!(out == bytes);
        }
    }
}
