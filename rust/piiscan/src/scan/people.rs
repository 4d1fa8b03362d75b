//! The stage of a pass for names and addresses: capitalized words that are listed first names or words of the names of senders and recipients,
//! numbers behind a word that ends like a street, capitals behind a postcode.
//!
//! One bit each. Four letters of a word are looked up in a small table, the few that pass are looked up whole; of the word before a number
//! three.

#![expect(clippy::inline_always, reason = "compiled with the pass, for its processor")]

use super::pass::{Ask, Cause, Cursor, each_bit};
use super::tile::Tile;
use crate::detect::{FieldKind, person_name, street_address};
use crate::simd::WORD;

/// Working memory of the stage.
#[derive(Debug, Default)]
pub(super) struct Stage {
    /// Places of words that may be names, then of what may be in addresses.
    places: Vec<u32>,
    /// How many fields of senders and recipients were shown.
    shown: usize,
}

impl Stage {
    /// A batch begins.
    pub(super) fn reset(&mut self) {
        self.shown = 0;
    }

    /// Shows the names of a tile whose fields begin at `first`.
    #[inline(always)]
    pub(super) fn tile(&mut self, ask: &mut Ask<'_, '_>, tile: &Tile, base: usize, first: usize) {
        let text = ask.batch.text.as_slice();
        if ask.scanner.names != 0 {
            let heads = ask.batch.people.heads();
            self.places.clear();
            each_bit(tile.uppers(), |at, bit| {
                let start = base + at * WORD + bit as usize;
                let head = text[start..].first_chunk().expect("the text is padded");
                if heads.may_hold(u32::from_le_bytes(*head), tile.word_len(at, bit) as usize) {
                    self.places.push(u32::try_from(start).expect("a batch holds less than 4 GiB"));
                }
            });
            self.show(ask, base + tile.len(), first);
        }
        if ask.scanner.places != 0 {
            self.places.clear();
            each_bit(tile.places(), |at, bit| {
                let start = base + at * WORD + bit as usize;
                if street_address::is_worth(text, start) {
                    self.places.push(u32::try_from(start).expect("a batch holds less than 4 GiB"));
                }
            });
            self.show_places(ask, first);
        }
    }

    #[inline(never)]
    fn show_places(&self, ask: &mut Ask<'_, '_>, first: usize) {
        let mut fields = Cursor::new(first);
        for &at in &self.places {
            let place = fields.at(&ask.batch.fields, at as usize);
            if place.kind != FieldKind::Opaque {
                let (field, start) = (fields.number() as usize, at as usize - place.text.start);
                ask.detectors(ask.scanner.places, field, place, start, Cause::Sign);
            }
        }
    }

    #[inline(never)]
    fn show(&mut self, ask: &mut Ask<'_, '_>, end: usize, first: usize) {
        let (batch, wanted) = (ask.batch, ask.scanner.names);
        while let Some(&party) = batch.parties.get(self.shown) {
            let place = &batch.fields[party as usize];
            if place.text.start >= end {
                break;
            }
            ask.detectors(wanted, party as usize, place, 0, Cause::Sign);
            self.shown += 1;
        }
        let mut fields = Cursor::new(first);
        for &at in &self.places {
            let at = at as usize;
            let rest = &batch.text[at..];
            let place = fields.at(&batch.fields, at);
            let word = |byte: &u8| byte.is_ascii_alphabetic() || *byte >= 0x80;
            let len = rest.iter().position(|byte| !word(byte)).unwrap_or(rest.len());
            if !person_name::is_worth(&rest[..len], batch.people.until(place.known)) {
                continue;
            }
            if place.kind == FieldKind::Text {
                let field = fields.number() as usize;
                ask.detectors(wanted, field, place, at - place.text.start, Cause::Sign);
            }
        }
    }
}
