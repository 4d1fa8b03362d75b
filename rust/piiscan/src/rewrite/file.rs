//! One file with its changes, to a new file.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};

use super::{Changes, Tools, Written, object};
use crate::archive::limits::Limits;
use crate::archive::magic::Formats;
use crate::archive::source::{OpenFile, ReadAt, Source};
use crate::error::{Error, ErrorKind};

/// How much is hashed and written at a time.
const BUFFER: usize = 1 << 20; // bytes

/// A file that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileWritten {
    /// What was done.
    pub written: Written,
    /// SHA-256 of the source.
    pub source: [u8; 32],
    /// SHA-256 of the target.
    pub target: [u8; 32],
}

/// A file that is as it was when its changes were made. Hashing and writing it do not wait for each other.
#[derive(Debug)]
pub struct Original<'p> {
    path: &'p Path,
    open: OpenFile,
    /// Set by somebody else when it is time to stop.
    stop: &'p AtomicBool,
}

impl<'p> Original<'p> {
    /// Opens a file. `stamp` is the size and time of change (nanoseconds since 1970) that it had when its changes were made. When `stop` is set,
    /// hashing and writing end with an error, soon.
    ///
    /// # Errors
    ///
    /// If it cannot be opened, or is not what it was.
    pub fn open(path: &'p Path, stamp: (u64, i64), stop: &'p AtomicBool) -> Result<Self, Error> {
        let open = OpenFile::open(path)?;
        if (open.stamp().size, open.stamp().mtime_ns) != stamp {
            return Err(changed());
        }
        Ok(Self { path, open, stop })
    }

    /// Its SHA-256.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn hash(&self) -> Result<[u8; 32], Error> {
        let mut hasher = Sha256::new();
        let (mut buffer, mut at) = (vec![0; BUFFER], 0);
        loop {
            match self.open.read_at(&mut buffer, at)? {
                0 => return Ok(hasher.finalize().into()),
                _ if self.stop.load(Ordering::Relaxed) => return Err(stopped()),
                n => {
                    hasher.update(&buffer[..n]);
                    at += n as u64;
                }
            }
        }
    }

    /// Writes it with its changes to `target`, which is there and empty. Gives the SHA-256 of what was written too.
    ///
    /// # Errors
    ///
    /// If changes do not fit it, or if reading or writing fails. What was written until then must not be used.
    pub fn write(
        &self,
        formats: &Formats,
        limits: &Limits,
        changes: &Changes,
        target: &Path,
    ) -> Result<(Written, [u8; 32]), Error> {
        let out = OpenOptions::new().write(true).open(target)?;
        let out = BufWriter::with_capacity(BUFFER, out);
        let mut out = Hashing { out, hasher: Sha256::new(), stop: self.stop };
        let folder = target.parent().unwrap_or_else(|| Path::new("."));
        let mut spool = || unnamed(folder);
        let mut tools = Tools { formats, limits, make_file: &mut spool };
        let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let mut from = Source::random_access(&self.open);
        let written = object(&mut tools, name.as_bytes(), &mut from, changes, &mut out)?;
        out.flush()?;
        Ok((written, out.hasher.finalize().into()))
    }

    /// Looks once more whether it is what it was.
    ///
    /// # Errors
    ///
    /// If it is not.
    pub fn close(self) -> Result<(), Error> {
        if self.open.changed(self.path) { Err(changed()) } else { Ok(()) }
    }
}

fn changed() -> Error {
    Error::new(ErrorKind::Damaged, "changed since it was scanned")
}

fn stopped() -> Error {
    Error::new(ErrorKind::Interrupted, "was asked to stop")
}

/// A file without a name in a folder: it is gone when it is closed.
///
/// # Errors
///
/// If it cannot be made.
pub fn unnamed(folder: &Path) -> io::Result<File> {
    let mut number = 0_u32;
    loop {
        let name = format!(".piiscan-spool-{number}.tmp");
        let path = folder.join(name);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(file) => {
                std::fs::remove_file(&path)?;
                return Ok(file);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Hashes what is written.
struct Hashing<'p> {
    out: BufWriter<File>,
    hasher: Sha256,
    stop: &'p AtomicBool,
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(io::Error::other(stopped()));
        }
        let n = self.out.write(bytes).map_err(failed)?;
        self.hasher.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush().map_err(failed)
    }
}

/// A failure of the target is none of the file that is read: whoever reads and writes must not take one for the other.
fn failed(error: io::Error) -> io::Error {
    let own = Error::from(error);
    match own.kind() {
        ErrorKind::NoSpace => io::Error::other(own),
        _ => io::Error::other(Error::new(ErrorKind::Output, "the result cannot be written")),
    }
}
