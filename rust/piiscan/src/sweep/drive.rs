//! Drives a file: opens it, goes into containers, cuts blocks and hands them out.
//!
//! Only the driver of a file hands out blocks. What is found within a block (attachments) is driven on the spot, because its
//! bytes live as long as the block.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::Shared;
use super::block;
use super::budget::{Budget, Input, Metered};
use super::deliver::exact;
use super::item::{Close, Handle, Item, Object, Open, Work};
use super::object;
use super::slots::{Out, Place};
use super::survey::Trail;
use super::treat::Carrier;
use super::worker::Worker;
use crate::archive::source::{Blocks, OpenFile, ReadAt, Source};
use crate::archive::walk::{Found, Kind};
use crate::archive::{Container, Content, Entry, Flow, Reader};
use crate::coverage::{Problem, Status};
use crate::error::ErrorKind;
use crate::message::Loc;

/// Where an object lies.
#[derive(Clone, Copy)]
pub(super) struct Spot<'p> {
    pub(super) parent: Option<Handle>,
    /// The message that holds it, counted within the block.
    pub(super) record: Option<u64>,
    pub(super) name: &'p [u8],
    pub(super) root: u32,
    pub(super) depth: u64,
    /// The path of what it lies in.
    pub(super) path: &'p str,
    /// Whether it lies within a block of its parent.
    pub(super) inner: bool,
    /// The message that carries it, or what it lies in.
    pub(super) carrier: Option<&'p Arc<Carrier>>,
    pub(super) trail: Trail,
}

/// Drives objects into slots.
pub(super) struct Driver<'d, 's> {
    pub(super) worker: &'d mut Worker<'s>,
    pub(super) out: &'d mut Out<'s>,
    pub(super) budget: &'d Budget,
    /// Whether blocks are handed out.
    pub(super) hands_out: bool,
    /// How many zips around the present object are held in memory.
    pub(super) zips: u32,
}

/// Drives one thing that the walk found.
pub(super) fn file(worker: &mut Worker<'_>, place: Place, found: &Found) {
    let mut out = Out::new(worker.shared, place);
    let stamp = found.stamp;
    if let (Some(only), Some(ids)) = (&worker.shared.config.only, &worker.shared.ids)
        && !only.contains(&ids.of(&exact(&Loc::file(&found.name))))
    {
        return;
    }
    if let (Kind::File, Some(ids)) = (&found.kind, &worker.shared.ids) {
        let id = ids.of(&exact(&Loc::file(&found.name)));
        if worker.shared.config.known.get(&id) == Some(&(stamp.size, stamp.mtime_ns)) {
            out.push(Item::Unchanged { root: found.root, id });
            return;
        }
    }
    let budget = Budget::new(stamp.size);
    let mut driver = Driver { worker, out: &mut out, budget: &budget, hands_out: true, zips: 0 };
    let spot = Spot {
        parent: None,
        record: None,
        name: &found.name,
        root: found.root,
        depth: 0,
        path: "",
        inner: false,
        carrier: None,
        trail: Trail::file(found.root, &found.name),
    };
    let refused = Close { size: stamp.size, mtime_ns: stamp.mtime_ns, ..Close::default() };
    match &found.kind {
        Kind::Refused(status, reason) => driver.refuse(&spot, refused, *status, reason),
        Kind::Empty => {
            driver.refuse(&spot, Close { format: "folder", ..refused }, Status::Ok, "");
        }
        Kind::File => match OpenFile::open(&found.path) {
            Ok(file) => driver.open(&spot, &file, found),
            Err(error) => {
                let status = match error.kind() {
                    ErrorKind::Unsupported => Status::Skipped,
                    _ => Status::Error,
                };
                driver.refuse(&spot, refused, status, error.reason());
            }
        },
    }
}

impl Driver<'_, '_> {
    fn shared(&self) -> &Shared {
        self.worker.shared
    }

    /// Puts an item into the slot. With many undelivered results, does earlier work until there is room.
    pub(super) fn emit(&mut self, item: Item) {
        if self.out.push(item) {
            self.make_room();
        }
    }

    fn make_room(&mut self) {
        while let Some((place, work)) = self.out.wait_for_room() {
            self.worker.scan(place, work);
        }
    }

    /// Reads an open file, and looks whether it changed meanwhile.
    fn open(&mut self, spot: &Spot<'_>, file: &OpenFile, found: &Found) {
        let mut source = Source::random_access(file);
        self.object(spot, &mut source, &mut |close, shared| {
            close.mtime_ns = file.stamp().mtime_ns;
            if shared.config.hash && close.content_hash.is_none() && !shared.is_cancelled() {
                close.content_hash = hash(file, shared);
            }
            if file.stamp() != found.stamp || file.changed(&found.path) {
                close.problems.note(Status::Error, "changed while it was read");
            }
        });
    }

    /// An object that is listed and not read. Its name is scanned all the same.
    pub(super) fn refuse(&mut self, spot: &Spot<'_>, close: Close, status: Status, reason: &str) {
        let object = self.begin(spot);
        self.name(&object);
        let mut close = Close { handle: object.handle, ..close };
        close.problems.note(status, reason);
        self.emit(Item::Close(Box::new(close)));
    }

    fn begin(&mut self, spot: &Spot<'_>) -> Arc<Object> {
        let handle = self.shared().handles.fetch_add(1, Ordering::Relaxed);
        let name = spot.name.to_vec();
        let Spot { parent, record, root, depth, path, inner, carrier, trail, .. } = *spot;
        let path = match self.shared().config.treatment {
            Some(_) if path.is_empty() => String::from_utf8_lossy(&name).into_owned(),
            Some(_) => format!("{path}/{}", String::from_utf8_lossy(&name)),
            None => String::new(),
        };
        let open = Open { handle, parent, record, name: name.clone(), root, inner };
        self.emit(Item::Open(Box::new(open)));
        Arc::new(Object { handle, name, root, depth, path, carrier: carrier.cloned(), trail })
    }

    /// Scans the name of an object without blocks.
    pub(super) fn name(&mut self, object: &Arc<Object>) {
        let (scanned, edited) = block::name(self.worker, object);
        if let Some(scanned) = scanned {
            self.emit(Item::Scanned(Box::new(scanned)));
        }
        if let Some(edited) = edited {
            self.emit(Item::Edited(Box::new(edited)));
        }
    }

    /// An object from beginning to end. `last` looks at it before it is closed.
    pub(super) fn object(
        &mut self,
        spot: &Spot<'_>,
        source: &mut Source<'_>,
        last: &mut dyn FnMut(&mut Close, &Shared),
    ) {
        let object = self.begin(spot);
        let mut close = Close { handle: object.handle, format: "unknown", ..Close::default() };
        let read = AssertUnwindSafe(|| object::read(self, &object, source, &mut close));
        if catch_unwind(read).is_err() {
            close.problems.note(Status::Error, "internal error");
        }
        object::measure(self.shared(), source, &mut close);
        last(&mut close, self.shared());
        self.emit(Item::Close(Box::new(close)));
    }

    /// Goes through the entries of a container.
    pub(super) fn container(
        &mut self,
        container: &dyn Container,
        object: &Object,
        source: &mut Source<'_>,
        close: &mut Close,
    ) {
        let shared = self.worker.shared;
        let mut limits = shared.config.limits.clone();
        // A zip in a stream is held in memory: zips within zips share what one may take.
        limits.field >>= self.zips.min(63);
        let holds = u32::from(container.id() == "zip" && source.is_stream());
        self.zips += holds;
        let meter = source.meter();
        let (mut entries, mut stop, mut office) = (0, None, false);
        let problems = &mut close.problems;
        let result = container.entries(
            source,
            &object.name,
            &limits,
            &mut |entry| {
                entries += 1;
                if shared.is_cancelled() {
                    return Flow::Break(());
                }
                if entries > limits.entries {
                    stop = Some("more entries than the limit `entries`");
                    return Flow::Break(());
                }
                office |= entry.name == b"[Content_Types].xml";
                let start = meter.get();
                let input = match entry.packed {
                    Some(size) => Input::Packed(size),
                    None => Input::Meter(std::rc::Rc::clone(&meter), start),
                };
                stop = self.entry(container, object, entry, input, object.trail.entry(entries));
                if stop.is_some() { Flow::Break(()) } else { Flow::Continue(()) }
            },
            &mut |raw, status, reason| {
                problems.add(Problem { raw, status, reason: reason.to_owned() });
            },
        );
        self.zips -= holds;
        close.scanned = source.position();
        if let Err(error) = result {
            close.problems.note(object::status(error.kind()), error.reason());
        }
        if let Some(reason) = stop {
            close.problems.note(Status::Limit, reason);
        }
        if office {
            let reason = "an office document: text that is split over runs was scanned in pieces";
            close.problems.note(Status::Warn, reason);
        }
    }

    /// One entry of a container. Says why the container cannot be read further.
    fn entry(
        &mut self,
        container: &dyn Container,
        object: &Object,
        entry: Entry<'_>,
        input: Input,
        trail: Trail,
    ) -> Option<&'static str> {
        let shared = self.worker.shared;
        let spot = Spot {
            parent: Some(object.handle),
            record: None,
            name: entry.name,
            root: object.root,
            depth: object.depth + 1,
            path: &object.path,
            inner: false,
            carrier: object.carrier.as_ref(),
            trail,
        };
        let inner = match entry.content {
            Content::Refused(status, reason) => {
                let size = object::declared(shared, entry.len);
                self.refuse(&spot, Close { size, ..Close::default() }, status, &reason);
                return None;
            }
            Content::Data(inner) => inner,
        };
        let seekable = matches!(input, Input::Packed(_));
        let mut metered = Metered {
            inner,
            shared,
            budget: self.budget,
            input,
            expands: container.id() != "tar",
            output: 0,
            stopped: None,
        };
        let mut source = Source::stream(&mut metered, entry.len);
        self.object(&spot, &mut source, &mut |_, _| {});
        let excess = self.budget.excess(&shared.config.limits);
        excess.or(metered.stopped.filter(|_| !seekable))
    }

    /// Cuts an object into blocks and scans them, or hands them out.
    pub(super) fn blocks(
        &mut self,
        object: &Arc<Object>,
        source: &mut Source<'_>,
        reader: &Arc<dyn Reader>,
        sparse: bool,
        close: &mut Close,
    ) {
        let shared = self.worker.shared;
        let cap = usize::try_from(shared.config.limits.field).unwrap_or(usize::MAX);
        let stall = Duration::from_secs(shared.config.limits.stall);
        let mut blocks = Blocks::new(cap, self.worker.buffer());
        let mut hasher = shared.config.hash.then(blake3::Hasher::new);
        let mut hashed = 0;
        let mut index = 0;
        let profile = close.profile.as_deref().unwrap_or_default();
        let channel = close.channel.as_deref().unwrap_or_default();
        let known = shared.config.formats.profiles.get(profile).cloned();
        // Runs of text in what nobody can read are not changed: the file is refused.
        let scope =
            (!sparse).then(|| shared.scope(object, profile, close.format, channel)).flatten();
        while !shared.is_cancelled() {
            let begun = Instant::now();
            let spare = self.worker.buffer();
            let (mut big, mut waited) = (false, Duration::ZERO);
            let mut wait = || {
                big = self.hands_out;
                waited = self.wait_for_memory();
            };
            let chunk = blocks.next(source, &**reader, spare, &mut wait);
            let stalled = begun.elapsed() > stall + waited;
            let Some(chunk) = chunk else { break };
            shared.counters.read.fetch_add(chunk.to - chunk.from, Ordering::Relaxed);
            if let Some(hasher) = &mut hasher {
                let new = usize::try_from(hashed - chunk.base).unwrap_or(0);
                hasher.update(&chunk.bytes()[new..]);
                hashed = chunk.base + chunk.len as u64;
            }
            // A file of one block is not worth handing out: there are other files.
            let alone = chunk.first && chunk.last && object.depth == 0;
            let work = Work {
                object: Arc::clone(object),
                reader: Arc::clone(reader),
                chunk,
                index,
                sparse,
                numbered: !blocks.whole(),
                profile: known.clone(),
                scope: scope.clone(),
            };
            index += 1;
            if self.hands_out && !alone && !big {
                self.hand_out(work);
            } else {
                block::scan(self.worker, work, self.out);
                if big {
                    self.out.give_memory();
                }
                self.make_room();
            }
            if stalled {
                close.problems.note(Status::Limit, "no progress within the limit `stall`");
                break;
            }
        }
        if index == 0 {
            self.name(object);
        }
        if let Some(error) = blocks.failure() {
            let (status, reason) = object::failure(&error);
            close.problems.note(status, reason);
        } else {
            close.content_hash = hasher.map(|hasher| *hasher.finalize().as_bytes());
        }
        if blocks.torn() {
            let reason = "a unit above the limit `field` was read as flat text";
            close.problems.note(Status::Limit, reason);
        }
        self.worker.keep(blocks.into_window());
    }

    /// Waits until a big block may be read, and says how long. Blocks within blocks are counted with the one around them.
    fn wait_for_memory(&mut self) -> Duration {
        let begun = Instant::now();
        if self.hands_out {
            while let Some((place, work)) = self.out.wait_for_memory() {
                self.worker.scan(place, work);
            }
        }
        begun.elapsed()
    }

    fn hand_out(&mut self, work: Work) {
        while self.out.is_ahead() {
            let Some((place, work)) = self.out.earlier_work() else { break };
            self.worker.scan(place, work);
        }
        self.out.hand_out(work);
        self.make_room();
    }
}

/// BLAKE3 of a file that was not read in order.
fn hash(file: &OpenFile, shared: &Shared) -> Option<[u8; 32]> {
    let mut hasher = blake3::Hasher::new();
    let (mut buffer, mut at) = (vec![0; 1 << 20], 0);
    while !shared.is_cancelled() {
        match file.read_at(&mut buffer, at).ok()? {
            0 => return Some(*hasher.finalize().as_bytes()),
            n => {
                hasher.update(&buffer[..n]);
                at += n as u64;
            }
        }
    }
    None
}
