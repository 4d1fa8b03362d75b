//! Values that were scanned before: archives repeat themselves.
//!
//! The name of a program, an address of the net, a sender, the ready-made answer of a bot come again and again. What is found in a field depends
//! on its text, its label and its kind alone, so a short text that came before has the findings that it had then, also when it came in
//! the same batch and is not scanned yet. Texts are compared whole: a hash decides nothing. Texts that may name a sender or recipient
//! are not looked up: what is found in them depends on who is known.

use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::{FieldKind, fold};
use crate::detect::{Capitals, People};
use crate::finding::Finding;

/// Longest label and text that are remembered, together in bytes: a slot is four lines of the cache.
const ROOM: usize = 182;
/// Texts that are remembered; a power of two. About a megabyte for each worker.
const SLOTS: usize = 1 << 12;
/// How often a text that comes again withstands others that want its place.
const USES_MAX: u8 = 4;

/// The first byte of U+FFFD, which stands for bytes that do not decode: those are counted wherever they stand, so nothing with it is kept.
const FOREIGN: u8 = 0xEF;

/// The tag of an empty slot: those of texts are odd.
const NONE: u32 = 0;

/// What a field consists of.
#[derive(Clone, Copy)]
pub(super) struct Value<'t> {
    pub(super) text: &'t [u8],
    pub(super) label: &'t str,
    pub(super) kind: FieldKind,
}

/// Kinds of fields whose luck is watched; a power of two.
const LUCKS: usize = 64;
/// What a text that came again is worth, in texts that did not.
const LUCK: u8 = 32;
/// Of the texts of a kind that never come again, one in so many is looked up still.
const SELDOM: u8 = 16;

/// How often texts of fields with a label came again: ids never do, and looking them up would cost as much as scanning them.
#[derive(Clone, Copy)]
struct Luck {
    left: u8,
    skipped: u8,
}

/// The last texts and what was found in them, for one scanner.
pub(super) struct Seen {
    /// The identity of the scanner.
    scanner: Arc<()>,
    hash: FixedState,
    /// Bits of the hashes of the slots, together: a text that did not come before is told without touching a slot.
    tags: Vec<u32>,
    slots: Vec<Slot>,
    lucks: [Luck; LUCKS],
    /// Number of the batch.
    batch: u64,
    /// Slots of this batch, with the number of the field that will tell their findings, by that number.
    waiting: Vec<(u32, u32)>,
    /// Fields of this batch that came before, by number.
    again: Vec<Again>,
    /// Findings of fields that are known.
    known: Vec<Finding>,
    /// Memory in which findings are put in order.
    merged: Vec<Finding>,
}

/// A field whose text came before.
#[derive(Clone, Copy)]
struct Again {
    number: u32,
    from: Origin,
}

/// Where its findings stand.
#[derive(Clone, Copy)]
enum Origin {
    /// So many in [`Seen::known`], behind those of the field before.
    Known(u32),
    /// Nowhere yet: this field of the batch will tell.
    Field(u32),
}

/// A text that came. In this order, so that a short text stands in one line of the cache with what is asked about it.
#[derive(Clone)]
#[repr(C, align(64))]
struct Slot {
    /// The batch that it came in first: until it is scanned nothing is known.
    batch: u64,
    found: Vec<Finding>,
    /// The number of its field in that batch.
    field: u32,
    kind: FieldKind,
    uses: u8,
    /// Lengths of the label, and of the label with the text behind it.
    label: u8,
    len: u8,
    text: [u8; ROOM],
    /// What is found in a text also depends on whether somebody known is named in it.
    capitals: Capitals,
}

const _: () = assert!(size_of::<Slot>() <= 256, "four lines");

/// What is known of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// That it need not be scanned.
    Known {
        /// Whether it may have findings.
        pending: bool,
    },
    /// Nothing.
    New,
}

/// `Debug` never shows text.
impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seen(..)")
    }
}

impl Seen {
    pub(super) fn new(scanner: &Arc<()>) -> Self {
        let slot = Slot {
            kind: FieldKind::Text,
            uses: 0,
            label: 0,
            len: 0,
            field: 0,
            batch: 0,
            found: Vec::new(),
            capitals: Capitals::default(),
            text: [0; ROOM],
        };
        Self {
            scanner: Arc::clone(scanner),
            hash: FixedState::with_seed(0),
            tags: vec![NONE; SLOTS],
            slots: vec![slot; SLOTS],
            lucks: [Luck { left: u8::MAX, skipped: 0 }; LUCKS],
            batch: 1,
            waiting: Vec::new(),
            again: Vec::new(),
            known: Vec::new(),
            merged: Vec::new(),
        }
    }

    /// Whether it is for this scanner.
    pub(super) fn is_of(&self, scanner: &Arc<()>) -> bool {
        Arc::ptr_eq(&self.scanner, scanner)
    }

    /// Forgets the fields of the batch, and texts that were never scanned.
    pub(super) fn clear(&mut self) {
        for (place, field) in self.waiting.drain(..) {
            let slot = &mut self.slots[place as usize];
            if (slot.batch, slot.field) == (self.batch, field) {
                (slot.batch, slot.uses) = (0, 0);
                self.tags[place as usize] = NONE;
            }
        }
        self.again.clear();
        self.known.clear();
        self.batch += 1;
    }

    /// Looks a field up that has this number and knows these people, if it matters who is named in it. A new text is taken, and
    /// [`Self::complete`] will tell its findings.
    pub(super) fn look_up(
        &mut self,
        value: Value<'_>,
        number: u32,
        people: Option<&People>,
    ) -> Answer {
        if value.label.len() + value.text.len() > ROOM {
            return Answer::New;
        }
        let last = value.label.as_bytes().last().copied().unwrap_or_default();
        let luck = &mut self.lucks[(value.label.len() * 11 + usize::from(last)) % LUCKS];
        if luck.left == 0 {
            luck.skipped = (luck.skipped + 1) % SELDOM;
            if luck.skipped != 0 {
                return Answer::New;
            }
        }
        let label = value.label.len() as u64;
        let hash = self.hash.hash_one(value.text) ^ label << 1 ^ value.kind as u64;
        let place = usize::try_from(hash >> (64 - SLOTS.ilog2())).expect("a place has few bits");
        #[expect(clippy::cast_possible_truncation, reason = "the low bits; the place has others")]
        let tag = hash as u32 | 1;
        if self.tags[place] == tag && self.slots[place].is(value) {
            let slot = &mut self.slots[place];
            if people.is_some_and(|people| slot.capitals.may_name(people)) {
                return Answer::New;
            }
            slot.uses = USES_MAX.min(slot.uses + 1);
            luck.left = luck.left.saturating_add(LUCK);
            if slot.batch == self.batch {
                self.again.push(Again { number, from: Origin::Field(slot.field) });
                return Answer::Known { pending: true };
            }
            let pending = !slot.found.is_empty();
            if pending {
                let len = u32::try_from(slot.found.len()).expect("a text is short");
                self.again.push(Again { number, from: Origin::Known(len) });
                self.known.extend_from_slice(&slot.found);
            }
            return Answer::Known { pending };
        }
        luck.left = luck.left.saturating_sub(1);
        let slot = &mut self.slots[place];
        if slot.uses > 0 {
            slot.uses -= 1;
        } else if memchr::memchr(FOREIGN, value.text).is_none() {
            // Text that is folded may name somebody in other letters.
            let capitals = match people {
                Some(_) if fold::is_plain(value.text) => Capitals::of(value.text),
                _ => Capitals::ANY,
            };
            if people.is_some_and(|people| capitals.may_name(people)) {
                return Answer::New;
            }
            slot.fill(value);
            slot.capitals = capitals;
            self.tags[place] = tag;
            (slot.batch, slot.field) = (self.batch, number);
            self.waiting.push((u32::try_from(place).expect("a place has few bits"), number));
        }
        Answer::New
    }

    /// Adds what was known to the findings of the batch, which stand in `out` from `first` on by field, and remembers those of new texts.
    pub(super) fn complete(&mut self, first: usize, out: &mut Vec<Finding>) {
        let mut rest = &out[first..];
        for (slot, field) in self.waiting.drain(..) {
            // The next is near, mostly.
            let before = rest.iter().take_while(|found| found.field < field).count();
            rest = &rest[before..];
            let slot = &mut self.slots[slot as usize];
            if (slot.batch, slot.field) == (self.batch, field) {
                let own = rest.iter().take_while(|found| found.field == field);
                slot.found.clear();
                slot.found.extend(own);
                slot.batch = 0;
            }
        }
        if !self.again.is_empty() {
            self.merge(first, out);
        }
        self.clear();
    }

    /// Puts the findings of fields that came before between those of the others.
    fn merge(&mut self, first: usize, out: &mut Vec<Finding>) {
        let (found, merged) = (&out[first..], &mut self.merged);
        merged.clear();
        let (mut done, mut known) = (0, self.known.as_slice());
        for Again { number, from } in &self.again {
            let before = found[done..].iter().take_while(|found| found.field < *number).count();
            merged.extend_from_slice(&found[done..done + before]);
            done += before;
            let own = match *from {
                Origin::Known(len) => {
                    let (own, rest) = known.split_at(len as usize);
                    known = rest;
                    own
                }
                Origin::Field(field) => {
                    let from = found.partition_point(|found| found.field < field);
                    let len = found[from..].iter().take_while(|found| found.field == field).count();
                    &found[from..from + len]
                }
            };
            merged.extend(own.iter().map(|found| Finding { field: *number, ..*found }));
        }
        merged.extend_from_slice(&found[done..]);
        if first == 0 {
            std::mem::swap(out, merged);
        } else {
            out.truncate(first);
            out.extend_from_slice(merged);
        }
    }
}

/// Whether a label is the same, of the same length: short, mostly, so a loop is faster than a call that compares.
fn is_same(label: &[u8], other: &str) -> bool {
    label.iter().eq(other.as_bytes())
}

impl Slot {
    fn is(&self, value: Value<'_>) -> bool {
        let (label, len) = (usize::from(self.label), usize::from(self.len));
        let same = self.kind == value.kind && label == value.label.len();
        same && self.text[label..len] == *value.text && is_same(&self.text[..label], value.label)
    }

    fn fill(&mut self, value: Value<'_>) {
        let (label, len) = (value.label.len(), value.label.len() + value.text.len());
        self.kind = value.kind;
        self.text[..label].copy_from_slice(value.label.as_bytes());
        self.text[label..len].copy_from_slice(value.text);
        let short = |len| u8::try_from(len).expect("a slot has room for less than 256 bytes");
        (self.label, self.len) = (short(label), short(len));
        self.found.clear();
    }
}
