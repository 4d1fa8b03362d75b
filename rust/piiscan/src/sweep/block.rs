//! One block: fields to findings, then the objects that lie within it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::budget::Budget;
use super::collect::{Collector, failed};
use super::drive::{Driver, Spot};
use super::item::{Item, Object, Scanned, Work};
use super::slots::Out;
use super::worker::Worker;
use crate::archive::runs::Runs;
use crate::archive::source::{Chunk, Source};
use crate::archive::{Arena, Block, Child};

/// Scans a block and what lies within it. A panic costs the block.
pub(super) fn scan<'s>(worker: &mut Worker<'s>, work: Work, out: &mut Out<'s>) {
    read(worker, &work, out);
    worker.keep(work.chunk.buffer);
}

fn read<'s>(worker: &mut Worker<'s>, work: &Work, out: &mut Out<'s>) {
    let arena = Arena::new();
    let mut scratch = worker.scratch();
    let shared = worker.shared;
    let collected = AssertUnwindSafe(|| {
        let mut collector = Collector::new(shared, &mut scratch, work);
        let chunk = &work.chunk;
        let block = Block {
            bytes: chunk.bytes(),
            base: chunk.base,
            first: chunk.first,
            last: chunk.last,
            torn: chunk.torn,
            arena: &arena,
        };
        work.reader.read(&block, &mut collector);
        collector.finish()
    });
    let Ok((scanned, children)) = catch_unwind(collected) else {
        out.push(Item::Scanned(Box::new(failed(work))));
        return;
    };
    worker.keep_scratch(scratch);
    out.push(Item::Scanned(Box::new(scanned)));
    let budget = Budget::new(work.chunk.len as u64);
    let mut driver = Driver { worker, out, budget: &budget, hands_out: false, zips: 0 };
    for (record, child) in children {
        if shared.is_cancelled() {
            break;
        }
        inner(&mut driver, &work.object, record, &child);
    }
}

/// An object within a block.
fn inner(driver: &mut Driver<'_, '_>, object: &Object, record: Option<u64>, child: &Child<'_>) {
    let spot = Spot {
        parent: Some(object.handle),
        record,
        name: if child.name.is_empty() { b"(unnamed)" } else { child.name },
        root: object.root,
        depth: object.depth + 1,
    };
    let mut source = Source::random_access(&child.bytes);
    driver.object(&spot, &mut source, &mut |_, _| {});
}

/// Scans the name of an object that has no blocks; `None` if nothing is found in it.
pub(super) fn name(worker: &mut Worker<'_>, object: &Arc<Object>) -> Option<Scanned> {
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
    };
    let mut scratch = worker.scratch();
    let (scanned, _) = Collector::new(worker.shared, &mut scratch, &work).finish();
    worker.keep_scratch(scratch);
    Some(scanned).filter(|scanned| !scanned.part.findings.is_empty())
}
