//! The stage of words of a pass: terms of the lexicons, verified where they stand and settled when their field has ended; and
//! anchors, words that make a place a candidate of a detector by structure.

#![expect(clippy::inline_always, reason = "the filters are compiled with the pass")]

use super::batch::Batch;
use super::pass::Cursor;
use super::tile::Tile;
use super::{Scanner, Slots};
use crate::detect::anchor::Anchor;
use crate::detect::claims::Claims;
use crate::detect::keyword::{KeywordMatch, Keywords};
use crate::detect::{Match, Near};

const RANK: u8 = 14; // of keywords among claims

/// Working memory of the stage.
#[derive(Debug, Default)]
pub(super) struct Stage {
    /// Places of words that passed the filters.
    places: Vec<u32>,
    /// Matches of fields that have not ended.
    found: Vec<KeywordMatch>,
    /// Matches of the field that is settled.
    settled: Vec<KeywordMatch>,
    /// Anchors of the tile, by place in the buffer.
    anchors: Vec<(usize, Anchor)>,
}

impl Stage {
    /// Looks at the words of a tile whose fields begin at `first`.
    #[inline(always)]
    pub(super) fn tile(
        &mut self,
        scanner: &Scanner,
        batch: &Batch,
        tile: &Tile,
        base: usize,
        first: usize,
    ) {
        self.places.clear();
        let (text, starts, ends) = (&batch.text, tile.starts(), tile.ends());
        if !scanner.slots.is_empty() {
            // The filter of the keywords knows the anchors.
            scanner.keywords.filter(text, base, starts, ends, &mut self.places);
        } else if !scanner.anchors.is_empty() {
            scanner.anchors.filter(text, base, starts, ends, &mut self.places);
        }
        if !self.places.is_empty() {
            self.verify(scanner, batch, first);
        }
    }

    #[inline(never)]
    fn verify(&mut self, scanner: &Scanner, batch: &Batch, first: usize) {
        self.places.sort_unstable();
        self.places.dedup();
        let mut fields = Cursor::new(first);
        for &at in &self.places {
            let at = at as usize;
            let place = fields.at(&batch.fields, at);
            if !scanner.slots.is_empty() {
                let (field, label) = (place.text.clone(), batch.label_of(place));
                scanner.keywords.verify(&batch.text, field, at, label, &mut self.found);
            }
            let anchors = scanner.anchors.at(&batch.text, &place.text, at);
            self.anchors.extend(anchors.into_iter().map(|anchor| (at, anchor)));
        }
    }

    /// Takes out the anchors of the tile.
    pub(super) fn anchors(&mut self) -> impl Iterator<Item = (usize, Anchor)> {
        self.anchors.drain(..)
    }

    /// Claims the matches in fields that end before `end`. The first of those is `first`.
    pub(super) fn settle(
        &mut self,
        slots: &Slots,
        batch: &Batch,
        first: usize,
        end: usize,
        claims: &mut Claims,
    ) {
        let mut fields = Cursor::new(first);
        let mut at = 0;
        while let Some(found) = self.found.get(at) {
            let place = fields.at(&batch.fields, found.start);
            if place.text.end >= end {
                break;
            }
            let rest = &self.found[at..];
            let len = rest.iter().take_while(|found| found.start < place.text.end).count();
            self.settled.clear();
            self.settled.extend_from_slice(&rest[..len]);
            at += len;
            Keywords::settle(&mut self.settled);
            for found in &self.settled {
                let Some(slot) = slots[found.category] else { continue };
                let offset = |at: usize| {
                    u32::try_from(at - place.text.start).expect("fields are capped below 4 GiB")
                };
                claims.ask(fields.number(), slot);
                claims.push(Match {
                    start: offset(found.start),
                    end: offset(found.end),
                    rank: RANK,
                    confidence: found.confidence,
                    near: Near::No,
                    attributes: found.attributes,
                });
            }
        }
        self.found.drain(..at);
    }
}
