//! Roots to findings and coverage, in parallel. The only threads of the core.
//!
//! Each call has threads of its own. A worker takes a file and drives it: it reads, decompresses, cuts blocks of whole units and
//! hands them out; idle workers scan them, so one big file uses all cores. Everything goes into **slots** that are numbered in the
//! order of the archive: one for what a driver says between two blocks, one for each block. The caller is handed the slots in that
//! order, so the result is the same for any number of threads.
//!
//! Memory is bounded: a driver with enough blocks waiting scans one itself; whoever has results that are not next in order
//! pauses when many results wait, and does earlier work meanwhile. The owner of the first slot never pauses, so nothing can
//! lock up. A panic costs one object or one block. Cancelling is seen at least once per MiB.
//!
//! **Invariant:** what is delivered depends on the roots, the scanner, the tables and the limits, on nothing else.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::archive::walk::{self, Walk};
use crate::error::{Error, ErrorKind};
use crate::rewrite::{self, Changes, FileWritten};
use crate::token::{Ids, Key};

mod block;
mod budget;
mod collect;
mod config;
mod deliver;
mod drive;
mod event;
mod gather;
mod item;
mod known;
mod name;
mod object;
mod paths;
mod slots;
mod survey;
mod treat;
mod worker;

pub use config::SweepConfig;
pub use deliver::file_id;
pub use event::{EditRow, Edits, Event, MessageRow, ObjectDone, Outcome, Part};
pub use known::Known;
use known::Print;
pub use survey::{Pass, Survey};
pub use treat::{TextTreated, Treatment};

use deliver::Delivery;
use slots::State;

/// Stack of a worker. Containers within containers are the only recursion, and it has a limit.
const STACK: usize = 16 << 20; // bytes

/// From which size on a source is hashed by a thread of its own while it is copied.
const ASIDE: u64 = 4 << 20; // bytes

/// What [`Sweep::next`] has.
#[derive(Debug)]
pub enum Next {
    /// The next event, in order.
    Event(Box<Event>),
    /// Nothing within the time.
    Idle,
    /// There are no more events.
    Finished,
}

/// How far a sweep is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of objects read, those within containers too.
    pub read: u64,
    /// Bytes of files seen so far.
    pub known: u64,
    /// Objects delivered.
    pub objects: u64,
    /// Findings made.
    pub findings: u64,
}

/// Counters of a sweep.
#[derive(Debug, Default)]
struct Counters {
    read: AtomicU64,
    known: AtomicU64,
    objects: AtomicU64,
    findings: AtomicU64,
}

/// What the threads of a sweep share.
#[derive(Debug)]
struct Shared {
    config: SweepConfig,
    ids: Option<Ids>,
    jobs: usize,
    walk: Mutex<Option<Walk>>,
    state: Mutex<State>,
    /// Something to do, or room for results.
    work: Condvar,
    /// Something to deliver.
    ready: Condvar,
    cancelled: AtomicBool,
    handles: AtomicU64,
    counters: Counters,
    /// Values that were removed so far.
    removed: Mutex<Known>,
}

impl Shared {
    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
        // Whoever is about to wait holds the lock, so nobody misses it.
        drop(self.state());
        self.work.notify_all();
        self.ready.notify_all();
    }

    /// What may change in an object, with the channel of its messages.
    fn scope(
        &self,
        object: &item::Object,
        profile: &str,
        format: &str,
        channel: &str,
    ) -> Option<Arc<(treat::Scope, String)>> {
        let treatment = self.config.treatment.as_ref()?;
        let carrier = object.carrier.clone();
        // An attachment comes on the channel of its message, unless it says something else.
        let channel = match &carrier {
            Some(carrier) if channel.is_empty() => &carrier.channel,
            _ => channel,
        };
        let scope = treatment.scope(&object.path, profile, format, carrier.clone());
        Some(Arc::new((scope, channel.to_owned())))
    }

    /// An empty set of values that can be joined with the removed ones.
    fn sibling(&self) -> Known {
        self.removed.lock().unwrap_or_else(PoisonError::into_inner).sibling()
    }

    /// Remembers values that were removed, each with what found it.
    fn remember(&self, values: &[(Print, u32)]) {
        if values.is_empty() {
            return;
        }
        let mut removed = self.removed.lock().unwrap_or_else(PoisonError::into_inner);
        for (print, note) in values {
            removed.gather(print, *note);
        }
    }

    /// The state. A panic while it is held is an error in this module; the state itself stays whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A sweep under way. Dropping it cancels it and waits for its threads.
#[derive(Debug)]
pub struct Sweep {
    shared: Arc<Shared>,
    delivery: Mutex<(Delivery, VecDeque<Event>)>,
    threads: Vec<JoinHandle<()>>,
}

impl Sweep {
    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// If a root does not exist, a glob is malformed, or the system gives no thread.
    pub fn start(mut config: SweepConfig) -> Result<Self, Error> {
        let walk = Walk::new(walk::Options {
            roots: std::mem::take(&mut config.roots),
            follow: config.follow,
            exclude: std::mem::take(&mut config.exclude),
            skip: std::mem::take(&mut config.skip),
        })?;
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let jobs = if config.jobs == 0 { cores() } else { config.jobs };
        // What is removed here can be joined with what was before.
        let removed = config.sought.as_ref().map_or_else(Known::default, |sought| sought.sibling());
        let shared = Arc::new(Shared {
            ids: config.key.as_ref().map(Key::ids),
            config,
            jobs,
            walk: Mutex::new(Some(walk)),
            state: Mutex::new(State::default()),
            work: Condvar::new(),
            ready: Condvar::new(),
            cancelled: AtomicBool::new(false),
            handles: AtomicU64::new(0),
            counters: Counters::default(),
            removed: Mutex::new(removed),
        });
        let mut sweep = Self {
            delivery: Mutex::new((Delivery::new(&shared), VecDeque::new())),
            shared: Arc::clone(&shared),
            threads: Vec::with_capacity(jobs),
        };
        for number in 0..jobs {
            let shared = Arc::clone(&shared);
            let thread = std::thread::Builder::new()
                .name(format!("sweep-{number}"))
                .stack_size(STACK)
                .spawn(move || worker::run(&shared))
                .map_err(|error| Error::new(ErrorKind::Io, error.kind().to_string()))?;
            sweep.threads.push(thread);
        }
        Ok(sweep)
    }

    /// The next event, waiting up to `timeout` for it.
    ///
    /// # Panics
    ///
    /// Never: a lock that a panic left is taken over.
    pub fn next(&self, timeout: Duration) -> Next {
        let mut delivery = self.delivery.lock().unwrap_or_else(PoisonError::into_inner);
        let (delivery, events) = &mut *delivery;
        let until = Instant::now() + timeout;
        loop {
            if self.shared.is_cancelled() {
                return Next::Finished;
            }
            if let Some(event) = events.pop_front() {
                if matches!(event, Event::Object(_) | Event::Unchanged { .. }) {
                    self.shared.counters.objects.fetch_add(1, Ordering::Relaxed);
                }
                return Next::Event(Box::new(event));
            }
            let mut state = self.shared.state();
            if let Some(items) = state.take() {
                drop(state);
                self.shared.work.notify_all();
                for item in items {
                    delivery.add(item, events);
                }
                continue;
            }
            if state.is_finished() {
                return Next::Finished;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Next::Idle;
            }
            let waited = self.shared.ready.wait_timeout(state, left);
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Asks the threads to stop. [`Sweep::next`] then says that it is finished.
    pub fn cancel(&self) {
        self.shared.cancel();
    }

    /// The values that were removed so far, as hashes that mean nothing outside of this process.
    ///
    /// # Panics
    ///
    /// Never: a lock that a panic left is taken over.
    pub fn removed(&self) -> Known {
        self.shared.removed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes a file of this sweep to `target` with its changes. Ends with an error, soon, when the sweep is cancelled.
    ///
    /// # Errors
    ///
    /// See [`rewrite::Original`].
    pub fn write(
        &self,
        source: &Path,
        done: &ObjectDone,
        target: &Path,
    ) -> Result<FileWritten, Error> {
        let config = &self.shared.config;
        let nothing = Changes::default();
        let changes = done.changes.as_deref().unwrap_or(&nothing);
        let stamp = (done.size, done.mtime_ns);
        let original = rewrite::Original::open(source, stamp, &self.shared.cancelled)?;
        let write = || original.write(&config.formats, &config.limits, changes, target);
        // A small file is hashed sooner than a thread is made.
        let (hash, written) = if done.size < ASIDE {
            (original.hash(), write())
        } else {
            std::thread::scope(|scope| {
                let hash = scope.spawn(|| original.hash());
                let written = write();
                let failed = |_| Err(Error::new(ErrorKind::Io, "internal error"));
                (hash.join().unwrap_or_else(failed), written)
            })
        };
        let ((written, target), source) = (written?, hash?);
        original.close()?;
        Ok(FileWritten { written, source, target })
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let Counters { read, known, objects, findings } = &self.shared.counters;
        let [read, known, objects, findings] =
            [read, known, objects, findings].map(|counter| counter.load(Ordering::Relaxed));
        Progress { read, known, objects, findings }
    }
}

impl Drop for Sweep {
    fn drop(&mut self) {
        self.shared.cancel();
        for thread in self.threads.drain(..) {
            // A panic of a thread was counted where it happened.
            drop(thread.join());
        }
    }
}
