//! Items in order become events: ordinals, locations, sums and ids depend on what came before.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Shared;
use super::event::{EditRow, Edits, Event, ObjectDone};
use super::gather::Gather;
use super::item::{Close, Edited, Handle, Item, Open, Problems, Scanned};
use crate::coverage::{Coverage, Status};
use crate::message::{Loc, Seg};
use crate::token::Ids;

/// An object that is not done yet.
#[derive(Debug, Default)]
struct Active {
    ordinal: u64,
    parent: Option<u64>,
    root: u32,
    loc: Loc,
    shown: Loc,
    /// Messages before the last part, and with it.
    before: u64,
    records: u64,
    parts: u32,
    scanned: u64,
    lossy: u64,
    problems: Problems,
    counts: Vec<(u8, u64)>,
    renamed: Option<Vec<u8>>,
    unchanged: Option<String>,
    /// How often each name was used within it; within its last message, if messages hold objects.
    names: HashMap<Vec<u8>, u32>,
    names_of: Option<u64>,
    /// What was put behind its name to make it distinct.
    suffix: String,
}

/// Numbers what is delivered.
#[derive(Debug)]
pub(super) struct Delivery {
    shared: Arc<Shared>,
    next: u64,
    active: HashMap<Handle, Active>,
    gather: Gather,
}

impl Delivery {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        Self {
            shared: Arc::clone(shared),
            next: 0,
            active: HashMap::new(),
            gather: Gather::new(shared.config.spool.clone(), shared.config.notice.clone()),
        }
    }

    /// Turns an item into events.
    pub(super) fn add(&mut self, mut item: Item, events: &mut VecDeque<Event>) {
        if self.shared.config.treatment.is_some() {
            self.gather.see(&mut item);
        }
        match item {
            Item::Edited(edited) => events.extend(self.edited(*edited)),
            Item::Open(open) => self.open(&open),
            Item::Scanned(scanned) => events.extend(self.scanned(*scanned)),
            Item::Close(close) => {
                events.extend(self.left_out(&close));
                events.extend(self.close(*close));
            }
            Item::Unchanged { root, id } => events.push_back(Event::Unchanged { root, id }),
        }
    }

    fn open(&mut self, open: &Open) {
        let ordinal = self.next;
        self.next += 1;
        let parent = open.parent.and_then(|parent| self.active.get_mut(&parent));
        let mut active = Active { ordinal, root: open.root, ..Active::default() };
        match parent {
            None => active.loc = Loc::file(&open.name),
            Some(parent) => {
                active.parent = Some(parent.ordinal);
                active.loc = parent.loc.clone();
                active.shown = parent.shown.clone();
                let record = open.record.map(|record| parent.before + record);
                active.suffix = parent.suffix(record, &open.name);
                let name = [open.name.as_slice(), active.suffix.as_bytes()].concat();
                active.loc.0.extend(record.map(Seg::Record));
                active.loc.0.push(Seg::Entry(name));
                active.shown.0.extend(record.map(Seg::Record));
            }
        }
        active.shown.0.extend(active.loc.0.last().cloned());
        self.active.insert(open.handle, active);
    }

    fn scanned(&mut self, mut scanned: Scanned) -> Option<Event> {
        let active = self.active.get_mut(&scanned.handle)?;
        active.before = active.records;
        active.records += scanned.records;
        active.scanned += scanned.bytes;
        active.lossy += scanned.lossy;
        active.problems.append(scanned.problems);
        if let (Some(masked), Some(Seg::Entry(name))) = (scanned.masked, active.shown.0.last_mut())
        {
            *name = [&masked, active.suffix.as_bytes()].concat();
        }
        let mut part = std::mem::take(&mut scanned.part);
        if part.roles.is_empty() && part.messages.is_empty() {
            return None;
        }
        part.object = active.ordinal;
        part.id = match &self.shared.ids {
            Some(ids) => ids.of(&exact(&active.loc)),
            None => active.ordinal.to_be_bytes(),
        };
        if !self.shared.config.texts.contains(&part.id) {
            part.texts = None;
        }
        part.index = active.parts;
        part.first_record = active.before;
        active.parts += 1;
        for finding in &part.findings {
            match active.counts.binary_search_by_key(&finding.detector, |(detector, _)| *detector) {
                Ok(at) => active.counts[at].1 += 1,
                Err(at) => active.counts.insert(at, (finding.detector, 1)),
            }
        }
        let found = part.findings.len() as u64;
        self.shared.counters.findings.fetch_add(found, Ordering::Relaxed);
        Some(Event::Part(part))
    }

    fn edited(&mut self, edited: Edited) -> Option<Event> {
        let active = self.active.get_mut(&edited.handle)?;
        if edited.renamed.is_some() {
            active.renamed = edited.renamed;
        }
        if edited.failure.is_some() {
            active.unchanged = edited.failure;
        }
        let Edited { rows, outcomes, alerts, .. } = edited;
        let says = !rows.is_empty() || !outcomes.is_empty() || alerts > 0;
        says.then_some(Event::Edits(Edits { object: active.ordinal, rows, outcomes, alerts }))
    }

    /// The edit that puts a notice in the place of an object.
    fn left_out(&self, close: &Close) -> Option<Event> {
        let notice = self.shared.config.notice.as_ref().filter(|_| close.is_left_out)?;
        let object = self.active.get(&close.handle)?.ordinal;
        let row = EditRow {
            raw: 0..close.size,
            len: notice.len() as u64,
            token: Some(notice.clone().into_bytes()),
            kind: EditRow::UNREAD,
        };
        Some(Event::Edits(Edits { object, rows: vec![row], outcomes: Vec::new(), alerts: 0 }))
    }

    fn close(&mut self, close: Close) -> Option<Event> {
        let mut active = self.active.remove(&close.handle)?;
        let changes = self.gather.done.pop().filter(|(of, _)| *of == close.handle);
        active.problems.append(close.problems);
        let Problems { mut status, mut reason, first, count } = active.problems;
        let scanned = (active.scanned + close.scanned).min(close.size);
        let lossy = active.lossy.min(close.size - scanned);
        let not_scanned = close.size - scanned - lossy;
        if not_scanned > 0 && status < Status::Skipped {
            // Nothing may be passed over without a word, not even by a mistake of ours.
            (status, reason) = (Status::Error, "not every byte was scanned".to_owned());
        }
        let id = match &self.shared.ids {
            Some(ids) => ids.of(&exact(&active.loc)),
            None => active.ordinal.to_be_bytes(),
        };
        Some(Event::Object(ObjectDone {
            ordinal: active.ordinal,
            parent: active.parent,
            root: active.root,
            loc: active.loc,
            shown: active.shown,
            id,
            size: close.size,
            mtime_ns: close.mtime_ns,
            format: close.format,
            profile: close.profile,
            channel: close.channel,
            coverage: Coverage {
                status,
                reason,
                scanned,
                lossy,
                not_scanned,
                messages: active.records,
            },
            problems: first,
            problem_count: count,
            content_hash: close.content_hash,
            parts: active.parts,
            counts: active.counts,
            renamed: active.renamed,
            unchanged: active.unchanged,
            changes: changes.map(|(_, changes)| Box::new(changes)),
        }))
    }
}

impl Active {
    /// What makes the name of an object within this one distinct: the second `a` is `a~2`.
    fn suffix(&mut self, record: Option<u64>, name: &[u8]) -> String {
        if self.names_of != record {
            self.names.clear();
            self.names_of = record;
        }
        let used = self.names.entry(name.to_vec()).or_insert(0);
        *used += 1;
        if *used == 1 { String::new() } else { format!("~{used}") }
    }
}

/// The id of a file, by its name below its root.
pub fn file_id(ids: &Ids, name: &[u8]) -> [u8; 8] {
    ids.of(&exact(&Loc::file(name)))
}

/// A location as bytes that no other location has.
pub(super) fn exact(loc: &Loc) -> Vec<u8> {
    let mut out = Vec::new();
    for seg in &loc.0 {
        let (kind, bytes) = match seg {
            Seg::Entry(name) => (0, name.clone()),
            Seg::Record(number) => (1, number.to_be_bytes().to_vec()),
            Seg::Field(path) => (2, path.clone().into_bytes()),
        };
        out.push(kind);
        out.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        out.extend_from_slice(&bytes);
    }
    out
}
