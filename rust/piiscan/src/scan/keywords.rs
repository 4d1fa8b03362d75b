//! The keyword stage of a pass: words that may be terms, verified where they stand, settled when their field has ended.

#![expect(clippy::inline_always, reason = "the filters are compiled with the pass")]

use super::batch::Batch;
use super::pass::Cursor;
use super::tile::Tile;
use super::{Scanner, Slots};
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
        if scanner.slots.is_empty() {
            return;
        }
        self.places.clear();
        scanner.keywords.filter(&batch.text, base, tile.starts(), tile.ends(), &mut self.places);
        if !self.places.is_empty() {
            self.verify(&scanner.keywords, batch, first);
        }
    }

    #[inline(never)]
    fn verify(&mut self, keywords: &Keywords, batch: &Batch, first: usize) {
        self.places.sort_unstable();
        self.places.dedup();
        let mut fields = Cursor::new(first);
        for &at in &self.places {
            let at = at as usize;
            let place = fields.at(&batch.fields, at);
            let label = batch.label_of(place);
            keywords.verify(&batch.text, place.text.clone(), at, label, &mut self.found);
        }
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
