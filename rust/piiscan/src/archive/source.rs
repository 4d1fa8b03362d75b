//! Where bytes come from: files, memory, decoders. Never mapped, never the whole file.
//!
//! A [`Source`] hands out the bytes of one object in order, lets a probe look at its head, and offers random access where the
//! origin has it. [`Blocks`] turns a source into blocks of whole units, as the reader of its syntax cuts them. No
//! allocation follows a size that a file declares.

use std::cell::Cell;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, UNIX_EPOCH};

use crate::error::{Error, ErrorKind};

mod blocks;

pub use blocks::{BIG, Blocks, Chunk};

/// How much a source reads ahead.
const AHEAD: usize = 64 << 10; // bytes

/// The least that is read at once, whatever size a container declares.
const LEAST: usize = 4 << 10; // bytes

/// How often and how long an open waits for a free file descriptor.
const PATIENCE: (u32, Duration) = (20, Duration::from_millis(20));

/// Bytes that can be read at any place.
pub trait ReadAt: fmt::Debug {
    /// Number of bytes.
    fn size(&self) -> u64;

    /// Reads some bytes at an offset; 0 at the end.
    ///
    /// # Errors
    ///
    /// As the system reports.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize>;

    /// Reads until the buffer is full.
    ///
    /// # Errors
    ///
    /// If the bytes end before.
    fn read_exact_at(&self, mut buffer: &mut [u8], mut at: u64) -> io::Result<()> {
        while !buffer.is_empty() {
            match self.read_at(buffer, at) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => {
                    buffer = &mut buffer[n..];
                    at += n as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// A range of bytes with random access.
#[derive(Debug)]
pub struct Stretch<'b> {
    /// The bytes around it.
    pub bytes: &'b dyn ReadAt,
    /// The range.
    pub range: std::ops::Range<u64>,
}

impl ReadAt for Stretch<'_> {
    fn size(&self) -> u64 {
        self.range.end - self.range.start
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let left = self.size().saturating_sub(at);
        let n = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.bytes.read_at(&mut buffer[..n], self.range.start + at)
    }
}

/// What tells whether a file is still the one that was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Size in bytes.
    pub size: u64,
    /// Time of the last change, in nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Device and file number; zero where the system has none.
    pub id: (u64, u64),
}

impl Stamp {
    /// The stamp of a file.
    pub fn of(meta: &fs::Metadata) -> Self {
        let mtime_ns = meta.modified().map_or(0, |time| match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
            Err(before) => {
                i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, i64::wrapping_neg)
            }
        });
        Self { size: meta.len(), mtime_ns, id: file_id(meta) }
    }
}

#[cfg(unix)]
fn file_id(meta: &fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (meta.dev(), meta.ino())
}

#[cfg(not(unix))]
fn file_id(_: &fs::Metadata) -> (u64, u64) {
    (0, 0)
}

/// An open regular file.
#[derive(Debug)]
pub struct OpenFile {
    file: File,
    stamp: Stamp,
}

impl OpenFile {
    /// Opens a regular file without following a link and without waiting for a writer, should it have become a pipe.
    ///
    /// # Errors
    ///
    /// If it cannot be opened, or is no regular file any more.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let mut tries = 0;
        let file = loop {
            match options().open(path) {
                Ok(file) => break file,
                Err(error) if tries < PATIENCE.0 && is_out_of_descriptors(&error) => {
                    tries += 1;
                    std::thread::sleep(PATIENCE.1);
                }
                Err(error) => return Err(error.into()),
            }
        };
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Err(Error::new(ErrorKind::Unsupported, "not a regular file any more"));
        }
        Ok(Self { file, stamp: Stamp::of(&meta) })
    }

    /// The stamp at the time of opening.
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// Whether the file changed since it was opened, or another one has taken its name.
    pub fn changed(&self, path: &Path) -> bool {
        let open = self.file.metadata().map(|meta| Stamp::of(&meta));
        let named = fs::symlink_metadata(path).map(|meta| Stamp::of(&meta));
        !matches!((open, named), (Ok(open), Ok(named)) if open == self.stamp && named == self.stamp)
    }
}

impl ReadAt for OpenFile {
    fn size(&self) -> u64 {
        self.stamp.size
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        read_file_at(&self.file, buffer, at)
    }
}

#[cfg(unix)]
pub(super) fn read_file_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
pub(super) fn read_file_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

#[cfg(unix)]
fn options() -> fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = fs::OpenOptions::new();
    options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC);
    options
}

#[cfg(windows)]
fn options() -> fs::OpenOptions {
    use std::os::windows::fs::OpenOptionsExt;
    const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
    let mut options = fs::OpenOptions::new();
    options.read(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    options
}

#[cfg(unix)]
pub(crate) fn is_out_of_descriptors(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
}

#[cfg(not(unix))]
pub(crate) fn is_out_of_descriptors(_: &io::Error) -> bool {
    false
}

impl ReadAt for &[u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let from = usize::try_from(at).unwrap_or(usize::MAX).min(self.len());
        let n = buffer.len().min(self.len() - from);
        buffer[..n].copy_from_slice(&self[from..from + n]);
        Ok(n)
    }
}

/// Where the bytes of a source are.
enum Origin<'r> {
    Random(&'r dyn ReadAt),
    Memory(Vec<u8>),
    Stream(&'r mut dyn Read),
}

/// Bytes of one object, in order.
pub struct Source<'r> {
    origin: Origin<'r>,
    /// Bytes read ahead, from `taken` on still to be handed out.
    front: Vec<u8>,
    taken: usize,
    /// Offset of the next byte to fetch from the origin.
    next: u64,
    ended: bool,
    /// An error behind the bytes read ahead.
    failure: Option<io::Error>,
    size: Option<u64>,
    meter: Rc<Cell<u64>>,
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source(at {} of {:?})", self.position(), self.size)
    }
}

impl<'r> Source<'r> {
    /// Bytes with random access: a file or memory.
    pub fn random_access(bytes: &'r dyn ReadAt) -> Self {
        Self::new(Origin::Random(bytes), Some(bytes.size()))
    }

    /// Bytes from a decoder. The size is what a container declares.
    pub fn stream(bytes: &'r mut dyn Read, size: Option<u64>) -> Self {
        Self::new(Origin::Stream(bytes), size)
    }

    fn new(origin: Origin<'r>, size: Option<u64>) -> Self {
        let meter = Rc::new(Cell::new(0));
        Self {
            origin,
            front: Vec::new(),
            taken: 0,
            next: 0,
            ended: false,
            failure: None,
            size,
            meter,
        }
    }

    /// The size, if known. Declared by a container: never trusted for an allocation.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// Whether the bytes come from a decoder, so that their number is known only at the end.
    pub fn is_stream(&self) -> bool {
        matches!(self.origin, Origin::Stream(_))
    }

    /// Number of bytes handed out so far.
    pub fn position(&self) -> u64 {
        self.meter.get()
    }

    /// A counter of the bytes handed out, readable while the source is borrowed.
    pub fn meter(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.meter)
    }

    /// The next bytes without taking them: `want` of them, fewer only at the end.
    ///
    /// # Errors
    ///
    /// As the origin reports, when there is nothing to show before the error.
    pub fn head(&mut self, want: usize) -> io::Result<&[u8]> {
        while self.front.len() - self.taken < want && !self.ended {
            match self.fetch() {
                Ok(()) => {}
                Err(error) if self.front.len() == self.taken => return Err(error),
                Err(error) => {
                    // Not lost: it comes up again when the bytes before it are taken.
                    self.failure = Some(error);
                    break;
                }
            }
        }
        let end = self.front.len().min(self.taken.saturating_add(want));
        Ok(&self.front[self.taken..end])
    }

    /// Whether nothing is left.
    ///
    /// # Errors
    ///
    /// As the origin reports.
    pub fn at_end(&mut self) -> io::Result<bool> {
        Ok(self.fill_buf()?.is_empty())
    }

    /// The whole object with random access: the origin's own, or the bytes of a stream, read into memory if they are at most
    /// `cap`. `None` for a longer stream, which can still be read in order.
    ///
    /// # Errors
    ///
    /// As the origin reports.
    pub fn random(&mut self, cap: usize) -> io::Result<Option<&dyn ReadAt>> {
        if matches!(self.origin, Origin::Stream(_)) {
            while self.front.len() <= cap && !self.ended {
                self.fetch()?;
            }
            if !self.ended || self.front.len() > cap {
                return Ok(None);
            }
            self.size = Some(self.front.len() as u64);
            self.origin = Origin::Memory(std::mem::take(&mut self.front));
            self.next = 0;
            self.taken = 0;
            self.ended = false;
        }
        Ok(match &self.origin {
            Origin::Random(bytes) => Some(*bytes),
            Origin::Memory(bytes) => Some(bytes),
            Origin::Stream(_) => None,
        })
    }

    /// Says that bytes were looked at by random access, up to here.
    pub fn mark(&mut self, position: u64) {
        self.meter.set(position);
    }

    /// Says that everything was looked at by random access.
    pub fn mark_all(&mut self) {
        let size = match &self.origin {
            Origin::Random(bytes) => bytes.size(),
            Origin::Memory(bytes) => bytes.len() as u64,
            Origin::Stream(_) => self.position(),
        };
        self.meter.set(size);
    }

    /// Fetches some more bytes behind `front`.
    fn fetch(&mut self) -> io::Result<()> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        if self.taken == self.front.len() {
            self.front.clear();
            self.taken = 0;
        }
        let len = self.front.len();
        // One more than what is left: a small object needs no big buffer, and its end is seen at once.
        let left = self.size.map_or(u64::MAX, |size| size.saturating_sub(self.next));
        let step = usize::try_from(left).unwrap_or(AHEAD).saturating_add(1).clamp(LEAST, AHEAD);
        self.front.resize(len + step, 0);
        let got = read_from(&mut self.origin, &mut self.front[len..], self.next);
        let n = *got.as_ref().unwrap_or(&0);
        self.front.truncate(len + n);
        self.next += n as u64;
        self.ended |= matches!(got, Ok(0));
        got.map(|_| ())
    }
}

impl ReadAt for Vec<u8> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        self.as_slice().read_at(buffer, at)
    }
}

fn read_from(origin: &mut Origin<'_>, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    loop {
        let got = match origin {
            Origin::Random(bytes) => bytes.read_at(buffer, at),
            Origin::Memory(bytes) => bytes.read_at(buffer, at),
            Origin::Stream(bytes) => bytes.read(buffer),
        };
        match got {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            got => return got,
        }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let direct =
            self.taken == self.front.len() && buffer.len() >= AHEAD && self.failure.is_none();
        if direct && !self.ended {
            let n = read_from(&mut self.origin, buffer, self.next)?;
            self.next += n as u64;
            self.ended |= n == 0;
            self.meter.set(self.meter.get() + n as u64);
            return Ok(n);
        }
        let ready = self.fill_buf()?;
        let n = ready.len().min(buffer.len());
        buffer[..n].copy_from_slice(&ready[..n]);
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken == self.front.len() && !self.ended {
            self.fetch()?;
        }
        Ok(&self.front[self.taken..])
    }

    fn consume(&mut self, n: usize) {
        self.taken += n;
        self.meter.set(self.meter.get() + n as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_not_taken() {
        let bytes = vec![7_u8; 200_000];
        let mut source = Source::random_access(&bytes);
        assert_eq!(source.head(64 << 10).unwrap().len(), 64 << 10);
        assert_eq!(source.position(), 0);
        let mut all = Vec::new();
        source.read_to_end(&mut all).unwrap();
        assert_eq!((all, source.position()), (bytes, 200_000));
    }

    #[test]
    fn a_short_stream_gets_random_access() {
        let mut bytes: &[u8] = &[1, 2, 3];
        let mut source = Source::stream(&mut bytes, None);
        let random = source.random(3).unwrap().unwrap();
        let mut buffer = [0; 2];
        random.read_exact_at(&mut buffer, 1).unwrap();
        assert_eq!(buffer, [2, 3]);
    }

    #[test]
    fn a_long_stream_is_still_read_in_order() {
        let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
        let mut stream = bytes.as_slice();
        let mut source = Source::stream(&mut stream, None);
        assert!(source.random(1000).unwrap().is_none());
        let mut all = Vec::new();
        source.read_to_end(&mut all).unwrap();
        assert_eq!(all, bytes);
    }

    #[test]
    fn an_error_behind_the_head_is_not_lost() {
        struct Broken(bool);
        impl Read for Broken {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if std::mem::replace(&mut self.0, true) {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                buffer[0] = 7;
                Ok(1)
            }
        }
        let mut broken = Broken(false);
        let mut source = Source::stream(&mut broken, None);
        assert_eq!(source.head(100).unwrap(), [7]);
        let mut all = Vec::new();
        assert!(source.read_to_end(&mut all).is_err());
        assert_eq!(all, [7]);
    }

    #[test]
    fn a_folder_is_no_regular_file() {
        assert!(OpenFile::open(Path::new("/")).is_err());
    }
}
