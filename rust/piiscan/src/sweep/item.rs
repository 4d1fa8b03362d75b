//! What workers put into slots: events in the making, whose numbers depend on what comes before them.

use std::sync::Arc;

use super::event::{EditRow, Outcome, Part};
use super::survey::{Piece, Trail};
use super::treat::{Carrier, Scope};
use crate::archive::Reader;
use crate::archive::profile::Profile;
use crate::archive::seam::Seam;
use crate::archive::source::Chunk;
use crate::coverage::{Problem, Status};
use crate::view::Edit;

/// Tells objects apart while they are under way. Not in order: ordinals are given on delivery.
pub(super) type Handle = u64;

/// How many problems of an object are kept.
pub(super) const PROBLEMS: usize = 100;

/// Something for the caller, not yet numbered.
#[derive(Debug)]
pub(super) enum Item {
    /// An object begins.
    Open(Box<Open>),
    /// A stretch of it was scanned.
    Scanned(Box<Scanned>),
    /// What changes in the stretch before.
    Edited(Box<Edited>),
    /// It is done.
    Close(Box<Close>),
    /// A file was not opened, because it was finished before.
    Unchanged { root: u32, id: [u8; 8] },
}

impl Item {
    /// About how much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Scanned(scanned) => {
                let Part { findings, raws, messages, roles, paths, .. } = &scanned.part;
                512 + size_of_val(findings.as_slice())
                    + size_of_val(raws.as_slice())
                    + size_of_val(messages.as_slice())
                    + roles.len()
                    + paths.len() * 64
            }
            Self::Edited(edited) => 512 + edited.edits.len() * 256,
            _ => 512,
        }
    }
}

/// The beginning of an object.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) handle: Handle,
    pub(super) parent: Option<Handle>,
    /// The message that holds it, counted within the last part of the parent.
    pub(super) record: Option<u64>,
    pub(super) name: Vec<u8>,
    pub(super) root: u32,
    /// Whether it lies within a block of its parent: an attachment. Its changes are edits of the parent.
    pub(super) inner: bool,
}

/// What changes in a stretch of an object.
#[derive(Debug, Default)]
pub(super) struct Edited {
    pub(super) handle: Handle,
    pub(super) edits: Vec<Edit>,
    pub(super) rows: Vec<EditRow>,
    /// What taking messages out means for the blocks before.
    pub(super) seam: Seam,
    pub(super) outcomes: Vec<(u32, Outcome, u64)>,
    pub(super) alerts: u64,
    pub(super) renamed: Option<Vec<u8>>,
    pub(super) failure: Option<String>,
}

impl Edited {
    /// Whether there is anything to tell.
    pub(super) fn says_something(&self) -> bool {
        !self.rows.is_empty()
            || self.seam != Seam::default()
            || !self.outcomes.is_empty()
            || self.alerts > 0
            || self.renamed.is_some()
            || self.failure.is_some()
    }
}

/// A stretch of an object.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    pub(super) handle: Handle,
    pub(super) part: Part,
    /// Number of messages.
    pub(super) records: u64,
    pub(super) bytes: u64,
    pub(super) lossy: u64,
    /// The name with its findings masked, if it has any.
    pub(super) masked: Option<Vec<u8>>,
    pub(super) problems: Problems,
}

/// Problems: the worst, the first, and how many.
#[derive(Debug, Default, Clone)]
pub(super) struct Problems {
    pub(super) status: Status,
    pub(super) reason: String,
    pub(super) first: Vec<Problem>,
    pub(super) count: u64,
}

impl Problems {
    /// What is odd about the object as a whole.
    pub(super) fn note(&mut self, status: Status, reason: impl Into<String>) {
        if status > self.status {
            self.status = status;
            self.reason = reason.into();
        }
    }

    /// A place that is not ok.
    pub(super) fn add(&mut self, problem: Problem) {
        self.note(problem.status, problem.reason.as_str());
        self.count += 1;
        if self.first.len() < PROBLEMS {
            self.first.push(problem);
        }
    }

    /// Those of a later stretch.
    pub(super) fn append(&mut self, other: Self) {
        self.note(other.status, other.reason);
        self.count += other.count;
        let room = PROBLEMS - self.first.len();
        self.first.extend(other.first.into_iter().take(room));
    }
}

/// The end of an object.
#[derive(Debug, Default)]
pub(super) struct Close {
    pub(super) handle: Handle,
    pub(super) size: u64,
    pub(super) mtime_ns: i64,
    /// Bytes that were scanned outside of parts: those of containers.
    pub(super) scanned: u64,
    pub(super) format: &'static str,
    pub(super) profile: Option<String>,
    pub(super) channel: Option<String>,
    pub(super) problems: Problems,
    pub(super) content_hash: Option<[u8; 32]>,
    /// Whether a notice comes in its place.
    pub(super) is_left_out: bool,
}

/// What the blocks of an object have in common.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) handle: Handle,
    pub(super) name: Vec<u8>,
    pub(super) root: u32,
    /// Entries above it.
    pub(super) depth: u64,
    /// Its path below the root, through containers: what policies speak of. Empty when nothing is changed.
    pub(super) path: String,
    /// The message that carries it, if it is an attachment or lies in one.
    pub(super) carrier: Option<Arc<Carrier>>,
    pub(super) trail: Trail,
}

/// A block to be scanned.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) object: Arc<Object>,
    pub(super) reader: Arc<dyn Reader>,
    pub(super) chunk: Chunk,
    pub(super) index: u32,
    /// Whether only what the reader hands over counts as scanned.
    pub(super) sparse: bool,
    /// Whether messages are numbered in the locations of what they hold.
    pub(super) numbered: bool,
    /// The layout of the object, if it was recognized.
    pub(super) profile: Option<Arc<Profile>>,
    /// What may change in the object, and the channel of its messages.
    pub(super) scope: Option<Arc<(Scope, String)>>,
}

impl Work {
    /// What a survey knows the block by.
    pub(super) fn piece(&self) -> Piece<'_> {
        let Object { trail, name, .. } = &*self.object;
        Piece { trail: *trail, index: self.index, name, bytes: self.chunk.bytes() }
    }
}
