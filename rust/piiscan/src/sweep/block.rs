//! One block: fields to findings, then the objects that lie within it.

use std::cell::Cell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::Shared;
use super::budget::Budget;
use super::collect::{Collected, Collector, Inner, failed};
use super::drive::{Driver, Spot};
use super::event::{EditRow, MessageRow};
use super::item::{Edited, Item, Object, Scanned, Work};
use super::slots::Out;
use super::survey::Trail;
use super::treat::{Carrier, Treated};
use super::worker::Worker;
use crate::archive::runs::Runs;
use crate::archive::source::{Chunk, Source};
use crate::archive::{Arena, Block, Child};
use crate::rewrite::{self, Changes, Spool, Tools, apply};
use crate::view::{Edit, settle};

/// Scans a block and what lies within it. A panic costs the block.
pub(super) fn scan<'s>(worker: &mut Worker<'s>, work: Work, out: &mut Out<'s>) {
    read(worker, &work, out);
    worker.keep(work.chunk.buffer);
}

fn read<'s>(worker: &mut Worker<'s>, work: &Work, out: &mut Out<'s>) {
    let arena = Arena::new();
    let mut scratch = worker.scratch();
    let shared = worker.shared;
    let chunk = &work.chunk;
    let block = Block {
        bytes: chunk.bytes(),
        base: chunk.base,
        first: chunk.first,
        last: chunk.last,
        torn: chunk.torn,
        arena: &arena,
    };
    let collected = AssertUnwindSafe(|| {
        let mut collector = Collector::new(shared, &mut scratch, work);
        work.reader.read(&block, &mut collector);
        collector.finish(&block)
    });
    let Ok(Collected { scanned, treated, children, carriers }) = catch_unwind(collected) else {
        out.push(Item::Scanned(Box::new(failed(work))));
        return;
    };
    worker.keep_scratch(scratch);
    let messages: Vec<Range<u64>> = match &treated {
        Some(_) => scanned.part.messages.iter().map(range).collect(),
        None => Vec::new(),
    };
    out.push(Item::Scanned(Box::new(scanned)));
    let mut edited = treated.map(|treated| edited(shared, work, treated));
    let mut is_lifted = false;
    let budget = Budget::new(work.chunk.len as u64);
    let mut driver = Driver { worker, out, budget: &budget, hands_out: false, zips: 0 };
    for (number, Inner { record, row, child }) in children.into_iter().enumerate() {
        if shared.is_cancelled() {
            break;
        }
        if edited.is_some() {
            driver.out.capture();
        }
        let own = row.and_then(|row| carriers.get(&row));
        let place = (work.object.trail.child(work.index, number), record);
        inner(&mut driver, &work.object, place, &child, own.or(work.object.carrier.as_ref()));
        let changes = driver.out.captured();
        if let (Some(edited), Some(changes)) = (&mut edited, changes)
            && changes.touches_content()
            && !is_gone(edited, &child)
        {
            lift(shared, edited, &child, &changes);
            is_lifted = true;
        }
    }
    if let Some(edited) = edited.as_mut().filter(|_| is_lifted) {
        complete(work, &block, &messages, edited);
    }
    if let Some(edited) = edited.filter(Edited::says_something) {
        out.push(Item::Edited(Box::new(edited)));
    }
}

/// What changes in a block, as an item.
fn edited(shared: &Shared, work: &Work, treated: Treated) -> Edited {
    shared.remember(&treated.removed);
    let mut failure = treated.failure.map(|error| error.reason().to_owned());
    let mut renamed = None;
    if !treated.name.is_empty() {
        let mut name = Vec::new();
        match apply(&mut work.object.name.as_slice(), treated.name, &mut name) {
            Ok(_) => renamed = Some(name),
            Err(error) => failure = Some(error.reason().to_owned()),
        }
    }
    Edited {
        handle: work.object.handle,
        edits: treated.edits,
        rows: treated.rows,
        seam: treated.seam,
        outcomes: treated.outcomes,
        alerts: treated.alerts,
        renamed,
        failure,
    }
}

/// Adds the changes of an object within as edits of the block.
fn lift(shared: &Shared, edited: &mut Edited, child: &Child<'_>, changes: &Changes) {
    let config = &shared.config;
    let lifted = if changes.entries.is_empty() && changes.replaced.is_none() {
        changes.edits.iter().collect::<Result<Vec<_>, _>>().and_then(|edits| child.lift(&edits))
    } else {
        let lacks_file = Cell::new(false);
        let mut spool = || {
            if let Spool::Folder(folder) = &config.spool {
                return rewrite::unnamed(folder);
            }
            lacks_file.set(true);
            Err(std::io::Error::from(std::io::ErrorKind::Unsupported))
        };
        let mut tools =
            Tools { formats: &config.formats, limits: &config.limits, make_file: &mut spool };
        let mut source = Source::random_access(&child.bytes);
        let mut out = Vec::new();
        let made = rewrite::object(&mut tools, child.name, &mut source, changes, &mut out);
        if lacks_file.get() && config.spool == Spool::Count {
            // Nothing is going to be written: that a large object changes is enough.
            child.replace(b"-".to_vec())
        } else {
            made.and_then(|_| child.replace(out))
        }
    };
    match lifted {
        Ok(edits) => {
            edited.rows.extend(edits.iter().map(|edit| EditRow {
                raw: edit.raw.clone(),
                len: edit.bytes.len() as u64,
                token: None,
                kind: EditRow::INNER,
            }));
            edited.edits.extend(edits);
            edited.edits.sort_by_key(|edit| (edit.raw.start, edit.raw.end));
            edited.rows.sort_by_key(|row| (row.raw.start, row.raw.end));
        }
        Err(error) => edited.failure = Some(error.reason().to_owned()),
    }
}

fn range(row: &MessageRow) -> Range<u64> {
    row.raw_start..row.raw_start + row.raw_len
}

/// Whether the message around an object is taken out, and the object with it.
fn is_gone(edited: &Edited, child: &Child<'_>) -> bool {
    let holds = |raw: &Range<u64>| raw.start <= child.raw.start && child.raw.end <= raw.end;
    edited.edits.iter().any(|edit| edit.bytes.is_empty() && holds(&edit.raw))
}

/// Lets the format complete the edits once more: those of the objects within have come, and the lengths that a mail tells count them.
fn complete(work: &Work, block: &Block<'_>, messages: &[Range<u64>], edited: &mut Edited) {
    let place = |at: u64| usize::try_from(at.saturating_sub(block.base)).unwrap_or(usize::MAX);
    let source = |raw: Range<u64>| &block.bytes[place(raw.start)..place(raw.end)];
    let edits = match settle(std::mem::take(&mut edited.edits), source) {
        Ok(edits) => edits,
        Err(error) => {
            edited.failure = Some(error.reason().to_owned());
            return;
        }
    };
    let mut rest = edits.into_iter().peekable();
    let mut done: Vec<Edit> = Vec::new();
    for message in messages {
        while let Some(edit) = rest.next_if(|edit| edit.raw.start < message.start) {
            done.push(edit);
        }
        let mut own = Vec::new();
        while let Some(edit) = rest.next_if(|edit| edit.raw.start < message.end) {
            own.push(edit);
        }
        let is_taken_out = own.iter().any(|edit| message.end <= edit.raw.end);
        if !own.is_empty() && !is_taken_out {
            work.reader.derive(block, message.clone(), &mut own);
        }
        done.append(&mut own);
    }
    done.extend(rest);
    let rows = std::mem::take(&mut edited.rows);
    edited.rows = done.iter().map(|edit| row(edit, &rows)).collect();
    edited.edits = done;
}

/// The row of an edit: the one that it had, or that of something that was derived. `rows` are sorted.
fn row(edit: &Edit, rows: &[EditRow]) -> EditRow {
    let (raw, len) = (edit.raw.clone(), edit.bytes.len() as u64);
    let from = rows.partition_point(|row| row.raw.start < raw.start);
    let old = rows[from..].iter().take_while(|row| row.raw.start == raw.start);
    let old = old.filter(|row| row.raw == raw).last();
    let is_same = |row: &&EditRow| row.token.as_ref().is_some_and(|token| *token == edit.bytes);
    let token = old.filter(is_same).map(|_| edit.bytes.clone());
    EditRow { raw, len, token, kind: old.map_or(EditRow::DERIVED, |row| row.kind) }
}

/// An object within a block.
fn inner(
    driver: &mut Driver<'_, '_>,
    object: &Object,
    (trail, record): (Trail, Option<u64>),
    child: &Child<'_>,
    carrier: Option<&Arc<Carrier>>,
) {
    let spot = Spot {
        parent: Some(object.handle),
        record,
        name: if child.name.is_empty() { b"(unnamed)" } else { child.name },
        root: object.root,
        depth: object.depth + 1,
        path: &object.path,
        inner: true,
        carrier,
        trail,
    };
    let mut source = Source::random_access(&child.bytes);
    driver.object(&spot, &mut source, &mut |_, _| {});
}

/// Scans the name of an object that has no blocks: what is found in it, if anything, and what changes.
pub(super) fn name(
    worker: &mut Worker<'_>,
    object: &Arc<Object>,
) -> (Option<Scanned>, Option<Edited>) {
    let chunk = Chunk {
        buffer: Vec::new(),
        len: 0,
        base: 0,
        first: true,
        last: true,
        torn: false,
        from: 0,
        to: 0,
    };
    let work = Work {
        object: Arc::clone(object),
        reader: Arc::new(Runs),
        chunk,
        index: 0,
        sparse: false,
        numbered: false,
        profile: None,
        scope: worker.shared.scope(object, "", "", ""),
    };
    let arena = Arena::new();
    let block = Block { bytes: &[], base: 0, first: true, last: true, torn: false, arena: &arena };
    let mut scratch = worker.scratch();
    let collected = Collector::new(worker.shared, &mut scratch, &work).finish(&block);
    worker.keep_scratch(scratch);
    let edited = collected.treated.map(|treated| edited(worker.shared, &work, treated));
    let scanned = Some(collected.scanned).filter(|scanned| !scanned.part.findings.is_empty());
    (scanned, edited.filter(Edited::says_something))
}
