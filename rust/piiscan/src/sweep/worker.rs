//! Threads: take the earliest block that waits, else the next file.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::Shared;
use super::block;
use super::collect::Scratch;
use super::drive;
use super::item::Work;
use super::slots::{Out, Place};
use crate::archive::walk::Found;

/// A thread of a sweep, with memory that it reuses.
#[derive(Debug)]
pub(super) struct Worker<'s> {
    pub(super) shared: &'s Shared,
    scratches: Vec<Scratch>,
    buffers: Vec<Vec<u8>>,
}

/// How many buffers a worker keeps, and up to which size.
const KEPT: (usize, usize) = (8, 2 << 20); // buffers, bytes

impl Worker<'_> {
    /// A buffer for a block.
    pub(super) fn buffer(&mut self) -> Vec<u8> {
        self.buffers.pop().unwrap_or_default()
    }

    /// Takes a buffer back.
    pub(super) fn keep(&mut self, buffer: Vec<u8>) {
        if self.buffers.len() < KEPT.0 && buffer.len() <= KEPT.1 {
            self.buffers.push(buffer);
        }
    }

    pub(super) fn scratch(&mut self) -> Scratch {
        self.scratches.pop().unwrap_or_else(|| Scratch::new(&self.shared.config.scanner))
    }

    pub(super) fn keep_scratch(&mut self, scratch: Scratch) {
        self.scratches.push(scratch);
    }

    /// Scans a block that was handed out.
    pub(super) fn scan(&mut self, place: Place, work: Work) {
        let mut out = Out::new(self.shared, place);
        block::scan(self, work, &mut out);
    }
}

enum Task {
    Block(Place, Work),
    File(Place, Found),
    End,
}

/// The life of a thread.
pub(super) fn run(shared: &Shared) {
    let mut worker = Worker { shared, scratches: Vec::new(), buffers: Vec::new() };
    loop {
        // Panics are caught where they belong to an object. One that comes here leaves no slot open: they are closed on the way.
        let task = match next(shared) {
            Task::End => return,
            Task::Block(place, work) => catch_unwind(AssertUnwindSafe(|| worker.scan(place, work))),
            Task::File(place, found) => {
                catch_unwind(AssertUnwindSafe(|| drive::file(&mut worker, place, &found)))
            }
        };
        drop(task);
        let mut state = shared.state();
        state.busy -= 1;
        drop(state);
        shared.work.notify_all();
        shared.ready.notify_all();
    }
}

/// Waits for something to do.
fn next(shared: &Shared) -> Task {
    loop {
        let mut state = shared.state();
        if shared.is_cancelled() || state.is_idle() {
            return Task::End;
        }
        if let Some((place, work)) = state.take_work(None) {
            state.busy += 1;
            return Task::Block(place, work);
        }
        if state.is_walked() || !state.has_room_for_file() {
            drop(shared.work.wait(state).unwrap_or_else(PoisonError::into_inner));
            continue;
        }
        state.busy += 1;
        drop(state);
        if let Some((place, found)) = walk(shared) {
            return Task::File(place, found);
        }
        shared.state().busy -= 1;
        shared.work.notify_all();
        shared.ready.notify_all();
    }
}

/// The next file, with its slot: files get their places in the order of the walk.
fn walk(shared: &Shared) -> Option<(Place, Found)> {
    let mut walk = shared.walk.lock().unwrap_or_else(PoisonError::into_inner);
    let found = walk.as_mut().and_then(Iterator::next);
    let mut state = shared.state();
    let Some(found) = found else {
        *walk = None;
        state.end_walk();
        return None;
    };
    shared.counters.known.fetch_add(found.stamp.size, Ordering::Relaxed);
    Some((state.open_file(), found))
}
