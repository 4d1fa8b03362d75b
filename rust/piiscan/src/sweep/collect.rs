//! A block to findings: takes the fields of a reader, scans them in batches, maps what was found back to raw bytes.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use encoding_rs::UTF_8;

use ask::ask;
use sums::{count, union};

use super::Shared;
use super::event::MessageRow;
use super::item::{Problems, Scanned, Work};
use super::name;
use super::paths::Paths;
use super::survey::{Found, Pass};
use super::treat::{Carrier, Treated};
use crate::archive::{Block, Child, Sink, charset};
use crate::coverage::{Problem, Status};
use crate::finding::Finding;
use crate::message::{Role, Ts};
use crate::scan::{Batch, Scanner};
use crate::view::{RawSpan, View};

mod ask;
mod scan;
mod sums;
mod treat;

/// How much text is scanned at once: it stays in the cache from decoding to the findings.
const BATCH: usize = 128 << 10; // bytes
/// Fields of a batch that room is made for.
const FIELDS: usize = 1 << 10;

/// U+FFFD, which stands for bytes that do not decode.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// Memory of a worker that is reused for every block.
#[derive(Debug)]
pub(super) struct Scratch {
    batch: Batch,
    found: Vec<Finding>,
    paths: Paths,
    keys: Vec<u8>,
    /// Paths of all fields of the block, where something may be changed.
    all_paths: Paths,
    /// How much the last block held: the next holds about as much.
    last: Lengths,
}

/// Numbers of what a block holds.
#[derive(Clone, Copy, Debug, Default)]
struct Lengths {
    fields: usize,
    messages: usize,
    findings: usize,
    keys: usize,
    paths: usize,
    /// Most fields of a batch that were asked about.
    asked: usize,
}

/// A field that may have findings.
struct Asked<'a> {
    /// Its number in the batch.
    number: u32,
    view: View<'a>,
    path: (u32, u32),
}

impl Scratch {
    /// Memory for the scans of one scanner.
    pub(super) fn new(scanner: &Scanner) -> Self {
        Self {
            batch: Batch::remembering(scanner),
            found: Vec::new(),
            paths: Paths::default(),
            keys: Vec::new(),
            all_paths: Paths::default(),
            last: Lengths::default(),
        }
    }
}

/// Longest name of a channel that a message names itself.
const CHANNEL_MAX: usize = 64; // bytes
/// Most names of channels in a block: with more it is no channel.
const CHANNELS: usize = 256;

/// What a block held.
#[derive(Debug)]
pub(super) struct Collected<'a> {
    pub(super) scanned: Scanned,
    pub(super) treated: Option<Treated>,
    pub(super) children: Vec<Inner<'a>>,
    /// The messages that carry them, by row, where something may be changed.
    pub(super) carriers: HashMap<u32, Arc<Carrier>>,
}

/// An object within a block.
#[derive(Debug)]
pub(super) struct Inner<'a> {
    /// The number of its message in the block, where messages are numbered.
    pub(super) record: Option<u64>,
    /// The row of its message.
    pub(super) row: Option<u32>,
    pub(super) child: Child<'a>,
}

/// A field of a block in which something may be changed.
#[derive(Debug)]
struct Taken<'a> {
    view: View<'a>,
    role: Role,
    /// Places of its path and its label.
    path: (u32, u32),
    label: (u32, u32),
}

/// Takes the fields of a block.
pub(super) struct Collector<'a, 'w> {
    shared: &'w Shared,
    scratch: &'w mut Scratch,
    work: &'a Work,
    asked: Vec<Asked<'a>>,
    /// Fields before those in the batch.
    flushed: u32,
    done: Scanned,
    name_found: Vec<(Finding, RawSpan)>,
    keys: Vec<(u32, Range<usize>)>,
    open: bool,
    missed: Vec<Range<u64>>,
    handed: u64,
    /// Every field of the block, where something may be changed.
    fields: Option<Vec<Taken<'a>>>,
    /// What a first pass found.
    recalled: Option<Found>,
    /// Objects within.
    pub(super) children: Vec<Inner<'a>>,
}

impl<'a, 'w> Collector<'a, 'w> {
    pub(super) fn new(shared: &'w Shared, scratch: &'w mut Scratch, work: &'a Work) -> Self {
        scratch.batch.clear();
        scratch.batch.forget_people();
        scratch.paths.clear();
        scratch.keys.clear();
        scratch.all_paths.clear();
        let mut collector = Self {
            shared,
            scratch,
            work,
            asked: Vec::new(),
            flushed: 0,
            done: Scanned { handle: work.object.handle, ..Scanned::default() },
            name_found: Vec::new(),
            keys: Vec::new(),
            open: false,
            missed: Vec::new(),
            handed: 0,
            fields: (work.scope.is_some() || !shared.config.texts.is_empty()).then(Vec::new),
            recalled: match &shared.config.pass {
                Pass::Second(survey) if work.scope.is_some() => survey.recall(&work.piece()),
                _ => None,
            },
            children: Vec::new(),
        };
        let (last, part) = (collector.scratch.last, &mut collector.done.part);
        collector.asked.reserve(last.asked.clamp(FIELDS, 16 * FIELDS));
        collector.keys.reserve(last.keys);
        if let Some(fields) = &mut collector.fields {
            fields.reserve(last.fields);
        }
        part.index = work.index;
        part.paths.reserve(last.paths);
        part.roles.reserve(last.fields);
        part.messages.reserve(last.messages);
        part.findings.reserve(last.findings);
        part.raws.reserve(last.findings);
        if work.index == 0 {
            let name = View::coded(&work.object.name, 0, charset::codec(UTF_8));
            collector.add(Role::EntryName, "", "", name);
        }
        collector
    }

    /// Everything that was taken, what changes in it, and the objects within.
    pub(super) fn finish(mut self, block: &Block<'a>) -> Collected<'a> {
        let known = self.find();
        let treated = self.treat(block, known);
        let part = &self.done.part;
        self.scratch.last = Lengths {
            fields: part.roles.len(),
            messages: part.messages.len(),
            findings: part.findings.len(),
            keys: self.keys.len(),
            paths: part.paths.len(),
            asked: self.asked.capacity(),
        };
        let own = self.work.chunk.from..self.work.chunk.to;
        let size = own.end - own.start;
        let missed = union(&mut self.missed, &own);
        let seen = if self.work.sparse { self.handed } else { size };
        let done = &mut self.done;
        done.bytes = seen.saturating_sub(missed + done.lossy);
        done.lossy = done.lossy.min(size - done.bytes);
        done.masked =
            name::masked(&self.work.object.name, &self.name_found, &self.shared.config.scanner);
        let part = &mut done.part;
        count(part.messages.as_mut_slice(), &part.findings);
        let rows = &part.messages;
        // Whoever changes an archive asks for what changes.
        let asks = self.shared.config.treatment.is_none();
        if let Some(ids) = self.shared.ids.as_ref().filter(|_| asks) {
            // Hashed only where somebody asks for them: most messages have no findings.
            let all = self.shared.config.all_keys;
            let found =
                |row: u32| all || rows.get(row as usize).is_some_and(|row| row.findings > 0);
            let keys = self.keys.iter().filter(|(row, _)| found(*row));
            part.keys =
                keys.map(|(row, at)| (*row, ids.of(&self.scratch.keys[at.clone()]))).collect();
        }
        let carriers = self.carriers();
        Collected { scanned: self.done, treated, children: self.children, carriers }
    }

    /// Remembers the channel that a message names.
    fn channel(&mut self, view: &View<'a>) {
        let text = view.bytes();
        let Some(name) = str::from_utf8(&text).ok().filter(|name| name.len() <= CHANNEL_MAX) else {
            return;
        };
        let channels = &mut self.done.part.channels;
        let known = channels.iter().position(|channel| channel == name);
        if known.is_none() && channels.len() == CHANNELS {
            return;
        }
        let place = known.unwrap_or_else(|| {
            channels.push(name.to_owned());
            channels.len() - 1
        });
        if let (Ok(channel), Some(row)) = (u16::try_from(place + 1), self.row()) {
            row.channel = channel;
        }
    }

    #[inline]
    fn add(&mut self, role: Role, path: &str, label: &str, view: View<'a>) {
        self.done.part.roles.push(role as u8);
        if let Some(fields) = &mut self.fields {
            let paths = &mut self.scratch.all_paths;
            let path = paths.place(path);
            let label = if self.shared.config.thorough { paths.place(label) } else { (0, 0) };
            fields.push(Taken { view: view.clone(), role, path, label });
        }
        if self.recalled.is_some() {
            return;
        }
        let pushed = ask(self.work, &mut self.scratch.batch, role, label, &view);
        if pushed.pending {
            let path = self.scratch.paths.place(path);
            self.asked.push(Asked { number: pushed.number, view, path });
            if self.scratch.batch.len_bytes() >= BATCH {
                self.flush();
            }
        }
    }

    fn row(&mut self) -> Option<&mut MessageRow> {
        if self.open { self.done.part.messages.last_mut() } else { None }
    }

    fn fields(&self) -> u32 {
        short(self.done.part.roles.len())
    }
}

impl<'a> Sink<'a> for Collector<'a, '_> {
    fn begin(&mut self, raw_start: u64) {
        let first_field = self.fields();
        self.done.part.messages.push(MessageRow {
            raw_start,
            first_field,
            ..MessageRow::default()
        });
        self.done.records += 1;
        self.open = true;
    }

    fn field(&mut self, role: Role, path: &str, label: &str, view: View<'a>) {
        let len = view.raw_len();
        if len == 0 || self.shared.is_cancelled() {
            return;
        }
        self.handed += len as u64;
        if role == Role::Channel && self.open {
            self.channel(&view);
        }
        if !self.open
            && let Some(last) = self.done.part.messages.last()
            && last.flags & MessageRow::OUTSIDE == 0
        {
            let raw_start = last.raw_start + last.raw_len;
            let (first_field, flags) = (self.fields(), MessageRow::OUTSIDE);
            let row = MessageRow { raw_start, first_field, flags, ..MessageRow::default() };
            self.done.part.messages.push(row);
        }
        self.add(role, path, label, view);
    }

    fn sent(&mut self, at: Ts) {
        if let Some(row) = self.row() {
            row.sent = at;
        }
    }

    fn closed(&mut self, at: Ts) {
        if let Some(row) = self.row() {
            row.closed = at;
        }
    }

    fn key(&mut self, key: &[u8]) {
        if !self.open {
            return;
        }
        let row = short(self.done.part.messages.len() - 1);
        if self.keys.last().is_some_and(|(last, _)| *last == row) {
            self.keys.pop();
        }
        let start = self.scratch.keys.len();
        self.scratch.keys.extend_from_slice(key);
        self.keys.push((row, start..self.scratch.keys.len()));
    }

    fn child(&mut self, child: Child<'a>) {
        let record = self.done.records.checked_sub(1).filter(|_| self.work.numbered);
        let row = self.open.then(|| short(self.done.part.messages.len() - 1));
        self.children.push(Inner { record, row, child });
    }

    fn end(&mut self, raw_end: u64, doubtful: bool) {
        if let Some(row) = self.row() {
            row.raw_len = raw_end.saturating_sub(row.raw_start);
            row.flags |= if doubtful { MessageRow::DOUBTFUL } else { 0 };
        }
        self.open = false;
    }

    fn problem(&mut self, raw: Range<u64>, status: Status, reason: &str) {
        if status.is_incomplete() {
            self.missed.push(raw.clone());
        }
        self.done.problems.add(Problem { raw, status, reason: reason.to_owned() });
    }
}

fn short(n: usize) -> u32 {
    u32::try_from(n).expect("a block has less than 2^32 fields and bytes of paths")
}

/// The stand-in of a block whose scan failed: nothing of it counts as scanned.
pub(super) fn failed(work: &Work) -> Scanned {
    let mut done = Scanned { handle: work.object.handle, ..Scanned::default() };
    done.part.index = work.index;
    let raw = work.chunk.from..work.chunk.to;
    let reason = "internal error".to_owned();
    let mut problems = Problems::default();
    problems.add(Problem { raw, status: Status::Error, reason });
    done.problems = problems;
    done
}
