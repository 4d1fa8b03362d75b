//! Slots: results in the order of the archive, and the work that fills them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::PoisonError;

use super::Shared;
use super::gather::Gather;
use super::item::{Item, Work};
use crate::rewrite::{Changes, Spool};

/// Place of a slot: ordinal of the file, ordinal in the file.
pub(super) type Place = (u64, u64);

/// How much may wait to be delivered before whoever is not first pauses.
const UNDELIVERED: usize = 64 << 20; // bytes

/// How many big blocks may be in memory, beside one of whoever is first.
const BIG_BLOCKS: usize = 1;

/// Results of one stretch.
#[derive(Debug, Default)]
struct Slot {
    items: VecDeque<Item>,
    bytes: usize,
    done: bool,
}

/// What is waiting.
#[derive(Debug, Default)]
pub(super) struct State {
    slots: BTreeMap<Place, Slot>,
    work: BTreeMap<Place, Work>,
    next_file: u64,
    walked: bool,
    undelivered: usize,
    /// Big blocks in memory.
    big: usize,
    /// Workers that may still hand out work.
    pub(super) busy: usize,
}

impl State {
    /// Items of the first slot, if it has any. Slots that are empty and done are removed on the way.
    pub(super) fn take(&mut self) -> Option<VecDeque<Item>> {
        while let Some(mut first) = self.slots.first_entry() {
            let slot = first.get_mut();
            if !slot.items.is_empty() {
                self.undelivered -= std::mem::take(&mut slot.bytes);
                return Some(std::mem::take(&mut slot.items));
            }
            if !slot.done {
                return None;
            }
            first.remove();
        }
        None
    }

    /// Whether everything was delivered and nothing more can come.
    pub(super) fn is_finished(&self) -> bool {
        self.walked && self.slots.is_empty()
    }

    /// No more files.
    pub(super) fn end_walk(&mut self) {
        self.walked = true;
    }

    pub(super) fn is_walked(&self) -> bool {
        self.walked
    }

    /// Whether no work can come any more.
    pub(super) fn is_idle(&self) -> bool {
        self.walked && self.busy == 0 && self.work.is_empty()
    }

    /// Opens the slot of the next file.
    pub(super) fn open_file(&mut self) -> Place {
        let place = (self.next_file, 0);
        self.next_file += 1;
        self.slots.insert(place, Slot::default());
        place
    }

    /// Whether results may pile up behind this place.
    fn has_room(&self, place: Place) -> bool {
        self.undelivered < UNDELIVERED
            || self.slots.first_key_value().is_none_or(|(first, _)| *first >= place)
    }

    /// Whether a new file may be begun.
    pub(super) fn has_room_for_file(&self) -> bool {
        self.undelivered < UNDELIVERED || self.slots.is_empty()
    }

    /// The earliest work before a place.
    pub(super) fn take_work(&mut self, before: Option<Place>) -> Option<(Place, Work)> {
        let (place, _) = self.work.first_key_value()?;
        if before.is_some_and(|before| *place >= before) {
            return None;
        }
        self.work.pop_first()
    }

    fn work_of(&self, file: u64) -> usize {
        self.work.range((file, 0)..(file + 1, 0)).count()
    }
}

/// Where a driver or a block puts its items.
#[derive(Debug)]
pub(super) struct Out<'s> {
    shared: &'s Shared,
    place: Place,
    pending: VecDeque<Item>,
    bytes: usize,
    /// Changes of objects within the present blocks, innermost last.
    captures: Vec<Gather>,
}

/// Whoever fills a slot closes it, also when it is left by a panic.
impl Drop for Out<'_> {
    fn drop(&mut self) {
        self.flush(true);
    }
}

impl<'s> Out<'s> {
    /// Fills the slot at `place`.
    pub(super) fn new(shared: &'s Shared, place: Place) -> Self {
        Self { shared, place, pending: VecDeque::new(), bytes: 0, captures: Vec::new() }
    }

    /// Adds an item. Says whether there is much of it, so that the caller should look for room.
    pub(super) fn push(&mut self, mut item: Item) -> bool {
        for capture in self.captures.iter_mut().rev() {
            capture.see(&mut item);
        }
        self.bytes += item.bytes();
        self.pending.push_back(item);
        let full = self.bytes > 256 << 10;
        if full {
            self.flush(false);
        }
        full
    }

    /// From now on, puts together what changes in the objects that are told of.
    pub(super) fn capture(&mut self) {
        let notice = self.shared.config.notice.clone();
        self.captures.push(Gather::new(Spool::Memory, notice));
    }

    /// What was put together since the last [`Self::capture`]: the changes of the first object. `None` without a capture.
    pub(super) fn captured(&mut self) -> Option<Changes> {
        let gather = self.captures.pop()?;
        gather.done.into_iter().next().map(|(_, changes)| changes)
    }

    /// Puts what is pending into the slot.
    fn flush(&mut self, done: bool) {
        let shared = self.shared;
        self.fill(&mut shared.state(), done);
        shared.ready.notify_one();
    }

    fn fill(&mut self, state: &mut State, done: bool) {
        let bytes = std::mem::take(&mut self.bytes);
        if let Some(slot) = state.slots.get_mut(&self.place) {
            slot.items.append(&mut self.pending);
            slot.bytes += bytes;
            slot.done = done;
            state.undelivered += bytes;
        }
    }

    /// Hands out work between what was said before and what is said after.
    pub(super) fn hand_out(&mut self, work: Work) {
        let shared = self.shared;
        let mut state = shared.state();
        self.fill(&mut state, true);
        let (file, ordinal) = self.place;
        self.place = (file, ordinal + 2);
        state.slots.insert((file, ordinal + 1), Slot::default());
        state.slots.insert(self.place, Slot::default());
        state.work.insert((file, ordinal + 1), work);
        drop(state);
        shared.work.notify_all();
        shared.ready.notify_one();
    }

    /// Whether enough of this file waits to be scanned.
    pub(super) fn is_ahead(&self) -> bool {
        self.shared.state().work_of(self.place.0) > 2 * self.shared.jobs
    }

    /// Waits until there is room for more results; gives earlier work to do meanwhile. `None` when there is room, or at the end.
    pub(super) fn wait_for_room(&mut self) -> Option<(Place, Work)> {
        let mut state = self.shared.state();
        loop {
            if self.shared.is_cancelled() || state.has_room(self.place) {
                return None;
            }
            if let Some(work) = state.take_work(Some(self.place)) {
                return Some(work);
            }
            state = self.shared.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until another big block may be read; gives earlier work to do meanwhile. `None` when it may.
    pub(super) fn wait_for_memory(&mut self) -> Option<(Place, Work)> {
        let mut state = self.shared.state();
        loop {
            let first = state.slots.first_key_value().is_none_or(|(first, _)| *first >= self.place);
            if first || state.big < BIG_BLOCKS || self.shared.is_cancelled() {
                state.big += 1;
                return None;
            }
            if let Some(work) = state.take_work(Some(self.place)) {
                return Some(work);
            }
            state = self.shared.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Says that a big block is not in memory any more.
    pub(super) fn give_memory(&self) {
        self.shared.state().big -= 1;
        self.shared.work.notify_all();
    }

    /// The earliest work of all up to here.
    pub(super) fn earlier_work(&self) -> Option<(Place, Work)> {
        self.shared.state().take_work(Some(self.place))
    }
}
