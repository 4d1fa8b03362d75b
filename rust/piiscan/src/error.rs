//! The one error type of the core. A message says where and what; it never holds text of an archive.

use std::fmt;

use crate::message::Loc;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Not readable.
    Io,
    /// Not what its format promises.
    Damaged,
    /// A limit was reached.
    Limit,
    /// Needs a key.
    Encrypted,
    /// No reader for it.
    Unsupported,
    /// A configuration, profile, lexicon or option is wrong.
    Config,
    /// The caller asked to stop.
    Interrupted,
    /// No room for what is written: the disk is full, or takes nothing. No fault of any file that is read.
    NoSpace,
    /// What is written cannot be written for another reason: the disk fails.
    Output,
}

/// An error with its place.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    loc: Option<Loc>,
    reason: String,
}

impl Error {
    /// An error with a reason: one lowercase clause, no full stop, no text of the archive.
    pub fn new(kind: ErrorKind, reason: impl Into<String>) -> Self {
        Self { kind, loc: None, reason: reason.into() }
    }

    /// The same error at a place.
    #[must_use]
    pub fn at(mut self, loc: &Loc) -> Self {
        self.loc.get_or_insert_with(|| loc.clone());
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The reason without the place.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.loc {
            Some(loc) => write!(f, "`{loc}`: {}", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}: {self})", self.kind)
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    /// Keeps the kind of a system error; its text may hold a path, so it is not kept. An error of our own that went through a reader
    /// comes out as it was.
    fn from(error: std::io::Error) -> Self {
        if let Some(own) = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            return own.clone();
        }
        let kind = match error.kind() {
            std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof => {
                ErrorKind::Damaged
            }
            // Only writing meets these.
            std::io::ErrorKind::StorageFull
            | std::io::ErrorKind::QuotaExceeded
            | std::io::ErrorKind::FileTooLarge
            | std::io::ErrorKind::ReadOnlyFilesystem => {
                return Self::new(ErrorKind::NoSpace, "no space for the result");
            }
            _ => ErrorKind::Io,
        };
        Self::new(kind, format!("{}", error.kind()))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_full_disk_is_no_fault_of_a_file() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            assert_eq!(Error::from(io::Error::from(kind)).kind(), ErrorKind::NoSpace);
        }
        assert_eq!(Error::from(io::Error::from(io::ErrorKind::NotFound)).kind(), ErrorKind::Io);
    }
}
