//! One file with its changes, to a new file.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Changes, Tools, Written, object};
use crate::archive::limits::Limits;
use crate::archive::magic::Formats;
use crate::archive::source::{OpenFile, ReadAt, Source};
use crate::error::{Error, ErrorKind};

/// How much is hashed and written at a time.
const BUFFER: usize = 1 << 20; // bytes

/// From which size on the source is hashed by a thread of its own while it is copied.
const ASIDE: u64 = 4 << 20; // bytes

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

/// Writes a file with its changes to `target`, which is there and empty. `stamp` is the size and time of change (nanoseconds since 1970) that it
/// had when its changes were made.
///
/// # Errors
///
/// If the file is not what it was, if changes do not fit it, or if reading or writing fails. What was written until then must not be used.
pub fn file(
    formats: &Formats,
    limits: &Limits,
    source: &Path,
    stamp: (u64, i64),
    changes: &Changes,
    target: &Path,
) -> Result<FileWritten, Error> {
    let open = OpenFile::open(source)?;
    let changed = || Error::new(ErrorKind::Damaged, "changed since it was scanned");
    if (open.stamp().size, open.stamp().mtime_ns) != stamp {
        return Err(changed());
    }
    let out = OpenOptions::new().write(true).open(target)?;
    let (before, after, written) = std::thread::scope(|scope| -> Result<_, Error> {
        // A small file is hashed sooner than a thread is made.
        let aside = (stamp.0 > ASIDE).then(|| {
            std::thread::Builder::new().spawn_scoped(scope, || hash(&open)).map_err(Error::from)
        });
        let aside = aside.transpose()?;
        let mut out = Hashing { out: BufWriter::with_capacity(BUFFER, out), hasher: Sha256::new() };
        let folder = target.parent().unwrap_or_else(|| Path::new("."));
        let mut spool = || unnamed(folder);
        let mut tools = Tools { formats, limits, make_file: &mut spool };
        let name = source.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let mut from = Source::random_access(&open);
        let written = object(&mut tools, name.as_bytes(), &mut from, changes, &mut out)?;
        out.flush()?;
        let before = match aside {
            Some(aside) => aside.join().map_err(|_| internal())??,
            None => hash(&open)?,
        };
        Ok((before, out.hasher.finalize().into(), written))
    })?;
    if open.changed(source) {
        return Err(changed());
    }
    Ok(FileWritten { written, source: before, target: after })
}

fn internal() -> Error {
    Error::new(ErrorKind::Io, "internal error")
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

/// SHA-256 of an open file.
fn hash(file: &OpenFile) -> Result<[u8; 32], Error> {
    let mut hasher = Sha256::new();
    let (mut buffer, mut at) = (vec![0; BUFFER], 0);
    loop {
        match file.read_at(&mut buffer, at)? {
            0 => return Ok(hasher.finalize().into()),
            n => {
                hasher.update(&buffer[..n]);
                at += n as u64;
            }
        }
    }
}

/// Hashes what is written.
struct Hashing {
    out: BufWriter<File>,
    hasher: Sha256,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.hasher.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
