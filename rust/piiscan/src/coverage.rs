//! The ledger: what became of every byte of an archive.
//!
//! A row per object, and a problem per place that is not `ok`. `scanned + lossy + not_scanned` is the size of the object.

use std::ops::Range;

/// What became of an object. Ordered: the worst of several wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Every byte decoded and scanned.
    #[default]
    Ok,
    /// Every byte scanned, but something is odd.
    Warn,
    /// Not a regular file, a link not followed, left out on request, or media without text.
    Skipped,
    /// A document or unknown binary without a reader; text runs were searched.
    Unsupported,
    /// Needs a key.
    Encrypted,
    /// A limit stopped it; what came before was scanned.
    Limit,
    /// Unreadable, damaged or changed while read; what was decoded before was scanned.
    Error,
}

impl Status {
    /// Every status in the order of outputs.
    pub const ALL: &'static [Self] = &[
        Self::Ok,
        Self::Warn,
        Self::Limit,
        Self::Error,
        Self::Encrypted,
        Self::Unsupported,
        Self::Skipped,
    ];

    /// The name used in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Skipped => "skipped",
            Self::Unsupported => "unsupported",
            Self::Encrypted => "encrypted",
            Self::Limit => "limit",
            Self::Error => "error",
        }
    }

    /// Whether personal data may have been missed, so that the run is incomplete.
    pub fn is_incomplete(self) -> bool {
        matches!(self, Self::Unsupported | Self::Encrypted | Self::Limit | Self::Error)
    }
}

/// One place in an object that is not `ok`. The reason names what and where, never a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Bytes of the innermost object.
    pub raw: Range<u64>,
    /// What became of them.
    pub status: Status,
    /// One lowercase clause without a full stop: `line 12 is not valid json`.
    pub reason: String,
}

/// The ledger row of one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The worst status of the object and its places.
    pub status: Status,
    /// Reason of that status; empty when ok.
    pub reason: String,
    /// Bytes decoded and scanned.
    pub scanned: u64,
    /// Bytes replaced by U+FFFD on decoding.
    pub lossy: u64,
    /// Bytes not scanned.
    pub not_scanned: u64,
    /// Number of messages.
    pub messages: u64,
}

impl Coverage {
    /// Takes the status of a problem if it is worse than what the row holds.
    pub fn note(&mut self, status: Status, reason: &str) {
        if status > self.status {
            self.status = status;
            reason.clone_into(&mut self.reason);
        }
    }
}
