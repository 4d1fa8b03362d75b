//! The filters that every word of a text passes through: nearly all of the time of keyword detection is spent here.
//!
//! Input are bitmaps of word starts and word ends, one bit a byte. The first filter looks at four folded bytes, fewer for a shorter
//! word, as many as the shortest form has for a tail: one bit in a small table; the second, on the few that are left, compares eight bytes with everything that begins like that
//! ([`Eights`]). Both only ever let too much through: the exact comparison comes after. Compound tails run through the same filters
//! on the reversed bytes at word ends. Branch-free for as many places as a bitmap word mostly holds, since a mispredicted branch
//! costs more than the look-up.

#![expect(
    clippy::inline_always,
    reason = "the filters are compiled with the pass, for its processor"
)]

use super::eights::{Eights, Key};
use super::letters::{is_word_byte, word8};
use crate::simd::eight::{FOLD, mask};

/// Words of the small and the large first table: 2^17 bits fit the first-level cache beside the text.
const SMALL: usize = 1 << 12;
const LARGE: usize = 1 << 15;
/// Entries from which the large table pays.
const MANY: usize = 12_000;
/// Places that one bitmap word can give: so much room must be left.
const ROOM: usize = 64;
/// Places that pass the first filter and are kept until the second.
const KEPT: usize = 512;
/// Bytes before a bitmap word that belong to its window: the key of a word's end.
const BEFORE: usize = 8;
/// Bytes that the first filter may look at for one bitmap word, one more place and its key included.
const WINDOW: usize = BEFORE + 64 + 64 + 8;

/// The first table, in one of two sizes known at compile time.
#[derive(Clone, Debug)]
enum First {
    Small(Box<[u32; SMALL]>),
    Large(Box<[u32; LARGE]>),
}

/// Both filters over one set of byte strings.
#[derive(Clone, Debug)]
pub(in crate::detect) struct Filter {
    keys: Vec<Key>,
    /// The bytes that the first filter looks at, as far as a word has them.
    head: u64,
    first: First,
    second: Eights<()>,
}

/// Place of a key in a table.
#[expect(clippy::cast_possible_truncation, reason = "the shift leaves 20 bits at most")]
#[inline(always)]
fn place<const WORDS: usize>(key: u64) -> (usize, u32) {
    let hash = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> const { 64 - (WORDS * 32).ilog2() };
    ((hash >> 5) as usize, hash as u32 & 31)
}

/// A table with these keys.
#[expect(clippy::unnecessary_box_returns, reason = "too large for the stack")]
fn table<const WORDS: usize>(keys: &[u64]) -> Box<[u32; WORDS]> {
    let mut table: Box<[u32; WORDS]> =
        vec![0; WORDS].try_into().expect("the vector has this length");
    for key in keys {
        let (word, bit) = place::<WORDS>(*key);
        table[word] |= 1 << bit;
    }
    table
}

/// The keys of the first filter: these bytes.
fn firsts(keys: &[Key], head: u64) -> Vec<u64> {
    // The bitmaps do not know that a symbol is no letter: where one stands behind a word of three bytes, it is the fourth.
    let leads = (0xe0..=0xff_u64).filter(|lead| matches!(lead, 0xe2 | 0xef..));
    let glued = |bits: u64| leads.clone().map(move |lead| bits | lead << 24);
    let mut firsts: Vec<u64> =
        keys.iter().flat_map(|key| key.spread()).map(|key| key.bits() & head).collect();
    firsts.extend(keys.iter().filter(|key| key.is_triple()).flat_map(|key| glued(key.bits())));
    firsts.sort_unstable();
    firsts.dedup();
    firsts
}

impl Filter {
    /// A filter of the starts of words.
    pub(in crate::detect) fn new(keys: Vec<Key>) -> Self {
        Self::of(keys, 4)
    }

    /// A filter of the ends of words; all keys are those of tails of at least so many bytes.
    pub(super) fn of_tails(keys: Vec<Key>, least: usize) -> Self {
        Self::of(keys, least)
    }

    fn of(mut keys: Vec<Key>, head: usize) -> Self {
        keys.sort_unstable();
        keys.dedup();
        let head = mask(head);
        let firsts = firsts(&keys, head);
        let first = match firsts.len() {
            0..MANY => First::Small(table(&firsts)),
            _ => First::Large(table(&firsts)),
        };
        Self { head, first, second: Eights::new(keys.iter().map(|key| (*key, ()))), keys }
    }

    /// The same, letting words through that fit these keys too.
    pub(in crate::detect) fn and(&self, keys: impl Iterator<Item = Key>) -> Self {
        Self::new(self.keys.iter().copied().chain(keys).collect())
    }

    /// Whether a key fits the first eight bytes of a word, folded, zeros behind its end.
    #[inline]
    pub(in crate::detect) fn has(&self, word: u64) -> bool {
        self.second.has(word)
    }

    /// Appends the places of word starts (bit i is `text[base + i]`) that pass. The ends tell how long a word is.
    #[inline(always)]
    pub(in crate::detect) fn starts(
        &self,
        text: &[u8],
        base: usize,
        starts: &[u64],
        ends: &[u64],
        out: &mut Vec<u32>,
    ) {
        let past = ends_past(text, base + ends.len() * 64);
        let next = |at: usize| ends.get(at + 1).copied().unwrap_or(past);
        let ends = (0..).zip(ends).map(|(at, end)| (*end, next(at)));
        self.collect::<Heads>(text, base, starts.iter().copied().zip(ends), out);
    }

    /// Appends the places of word ends that pass and have more than `least` bytes before and with them.
    #[inline(always)]
    pub(super) fn ends(
        &self,
        text: &[u8],
        base: usize,
        (starts, ends): (&[u64], &[u64]),
        least: u32,
        out: &mut Vec<u32>,
    ) {
        let ends = long_ends(starts, ends, least).map(|ends| (ends, (0, 0)));
        self.collect::<Tails>(text, base, ends, out);
    }

    /// `bits` are the places of a bitmap word, and the ends of words there and in the next one.
    #[inline(always)]
    fn collect<D: Direction>(
        &self,
        text: &[u8],
        base: usize,
        bits: impl Iterator<Item = (u64, (u64, u64))>,
        out: &mut Vec<u32>,
    ) {
        if self.keys.is_empty() {
            return;
        }
        match &self.first {
            First::Small(table) => self.run::<D, SMALL>(table, text, base, bits, out),
            First::Large(table) => self.run::<D, LARGE>(table, text, base, bits, out),
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a buffer is far under 4 GiB: places are u32"
    )]
    #[inline(always)]
    fn run<D: Direction, const WORDS: usize>(
        &self,
        table: &[u32; WORDS],
        text: &[u8],
        base: usize,
        bits: impl Iterator<Item = (u64, (u64, u64))>,
        out: &mut Vec<u32>,
    ) {
        let (mut kept, mut used, mut copy) = ([0; KEPT], 0_usize, [0; WINDOW]);
        let mut from = base;
        for (mut word, ends) in bits {
            let window = window(text, from, &mut copy);
            let room: &mut [u32; ROOM] =
                kept[used..].first_chunk_mut().expect("room is left for every place");
            let mut passed = 0_usize;
            let mut see = |word: u64| {
                let place = word.trailing_zeros();
                room[passed & (ROOM - 1)] = (from as u32).wrapping_add(place);
                let key = D::first(window, place as usize & 127, ends) & self.head;
                let hit = hit(table, key) & u32::from(word != 0);
                passed = passed.wrapping_add(hit as usize);
            };
            for _ in 0..D::FLAT {
                see(word);
                word &= word.wrapping_sub(1);
            }
            while word != 0 {
                see(word);
                word &= word - 1;
            }
            used += passed;
            if used > KEPT - ROOM {
                self.pass::<D>(text, &mut kept[..used], out);
                used = 0;
            }
            from += 64;
        }
        self.pass::<D>(text, &mut kept[..used], out);
    }

    /// Appends the places that pass the second filter too.
    #[inline(always)]
    fn pass<D: Direction>(&self, text: &[u8], places: &mut [u32], out: &mut Vec<u32>) {
        let mut passed = 0_usize;
        for at in 0..places.len() {
            let place = places[at];
            places[passed] = place;
            let may = self.second.may_have(D::second(text, place as usize)) & 1;
            passed = passed.wrapping_add(may as usize);
        }
        for &place in &places[..passed] {
            if self.has(D::second(text, place as usize)) {
                out.push(place);
            }
        }
    }
}

/// The bytes around the 64 from `from`; zeros where the text has none.
#[inline(always)]
fn window<'w>(text: &'w [u8], from: usize, copy: &'w mut [u8; WINDOW]) -> &'w [u8; WINDOW] {
    let whole = from.checked_sub(BEFORE).and_then(|start| text.get(start..)?.first_chunk());
    match whole {
        Some(whole) => whole,
        None => padded(text, from, copy),
    }
}

#[cold]
fn padded<'w>(text: &[u8], from: usize, copy: &'w mut [u8; WINDOW]) -> &'w [u8; WINDOW] {
    let start = from.saturating_sub(BEFORE);
    let bytes = &text[start.min(text.len())..text.len().min(from + WINDOW - BEFORE)];
    copy.fill(0);
    copy[BEFORE - (from - start)..][..bytes.len()].copy_from_slice(bytes);
    copy
}

#[inline(always)]
fn hit<const WORDS: usize>(table: &[u32; WORDS], key: u64) -> u32 {
    let (word, bit) = place::<WORDS>(key);
    table[word] >> bit
}

/// The ends of words in the four bytes from `from`, which the bitmaps do not reach.
fn ends_past(text: &[u8], from: usize) -> u64 {
    let is_word = |at: usize| text.get(at).is_some_and(|byte| is_word_byte(*byte));
    let ends = (0..4).filter(|at| is_word(from + at) && !is_word(from + at + 1));
    ends.fold(0, |ends, at| ends | 1 << at)
}

/// Which bytes of a word are its key, folded, first byte lowest.
trait Direction {
    /// Places that are looked at without a branch; a bitmap word of ordinary text holds about as many.
    const FLAT: usize;

    /// The key of the first filter, of the place `at` in a window, with the ends of words there and in the next window.
    fn first(window: &[u8; WINDOW], at: usize, ends: (u64, u64)) -> u64;
    /// The key of the second filter.
    fn second(text: &[u8], at: usize) -> u64;
}

/// The first bytes of a word that starts here, zeros behind its end.
struct Heads;

impl Direction for Heads {
    const FLAT: usize = 11;

    #[inline(always)]
    fn first(window: &[u8; WINDOW], at: usize, (here, next): (u64, u64)) -> u64 {
        let bytes = window[BEFORE + at..].first_chunk().expect("a window holds the key");
        let ends = here >> (at & 63) | (next << 1) << (!at & 63);
        let more = ends.trailing_zeros().min(3); // bytes behind the first
        (u64::from_le_bytes(*bytes) | FOLD) & (!0 >> (56 - 8 * more))
    }

    #[inline(always)]
    fn second(text: &[u8], at: usize) -> u64 {
        word8(text, at)
    }
}

/// The last bytes of a word that ends here, reversed.
struct Tails;

impl Direction for Tails {
    const FLAT: usize = 6;

    #[inline(always)]
    fn first(window: &[u8; WINDOW], at: usize, _: (u64, u64)) -> u64 {
        let bytes = window[BEFORE + at - 7..].first_chunk().expect("a window holds the key");
        u64::from_be_bytes(*bytes) | FOLD
    }

    #[inline(always)]
    fn second(text: &[u8], at: usize) -> u64 {
        tail8(text, at)
    }
}

/// The last eight bytes of a word that ends at `at`, folded and reversed; zeros where the text has none.
#[inline(always)]
pub(super) fn tail8(text: &[u8], at: usize) -> u64 {
    if let Some(bytes) = at.checked_sub(7).and_then(|from| text.get(from..=at)?.first_chunk()) {
        return u64::from_be_bytes(*bytes) | FOLD;
    }
    // the first word of the buffer
    let mut bytes = [0; 8];
    for (to, byte) in bytes.iter_mut().zip(text[..=at].iter().rev()) {
        *to = *byte;
    }
    u64::from_le_bytes(bytes) | FOLD
}

/// Ends of words of more than `least` bytes. A word that started before the tile counts as long.
#[inline(always)]
fn long_ends<'b>(starts: &'b [u64], ends: &'b [u64], least: u32) -> impl Iterator<Item = u64> + 'b {
    ends.iter().enumerate().map(move |(at, word)| {
        let start = starts.get(at).copied().unwrap_or(0);
        let before = if at == 0 { 0 } else { starts.get(at - 1).copied().unwrap_or(0) };
        let near = (1..least).fold(start, |near, by| near | start << by | before >> (64 - by));
        word & !near
    })
}

#[cfg(test)]
mod tests {
    use super::super::gate::bitmaps;
    use super::*;

    fn filter(whole: &[&str], open: &[&str]) -> Filter {
        let whole = whole.iter().map(|form| Key::whole(form.as_bytes()));
        Filter::new(whole.chain(open.iter().map(|form| Key::open(form.as_bytes()))).collect())
    }

    fn starts(filter: &Filter, text: &str, tile: usize) -> Vec<u32> {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(text.len() + 64, 0);
        let mut out = Vec::new();
        for base in (0..text.len()).step_by(tile) {
            let (starts, ends) = bitmaps(&bytes, base..text.len().min(base + tile));
            filter.starts(&bytes, base, &starts, &ends, &mut out);
        }
        out
    }

    #[test]
    fn a_form_passes_and_most_others_do_not() {
        let filter = filter(&["hiv"], &["cancer", "diabetes"]);
        let text = "CancerVA hiv, hiv and diabetes hivaste cancel diabolic hi HIV";
        assert_eq!(starts(&filter, text, 64), [0, 9, 14, 22, 58]);
    }

    #[test]
    fn a_word_passes_wherever_a_tile_ends() {
        let filter = filter(&["x", "ms", "hiv", "same"], &["cancer"]);
        let text = "x ms hiv same cancers y mx hix sam";
        for shift in 0..130 {
            let found = starts(&filter, &format!("{}{text}", " ".repeat(shift)), 64);
            let found: Vec<usize> = found.iter().map(|at| *at as usize - shift).collect();
            assert_eq!(found, [0, 2, 5, 9, 14], "{shift}");
        }
    }

    #[test]
    fn a_symbol_behind_a_short_word_does_not_hide_it() {
        assert_eq!(starts(&filter(&["hiv"], &[]), "hiv→ (hiv«) hivå", 64), [0, 8]);
    }

    #[test]
    fn ends_of_short_words_are_left_out() {
        let (starts, ends) = ([1 << 63 | 1 << 8, 1 << 63], [1 << 20, 1]);
        assert_eq!(long_ends(&starts, &ends, 4).collect::<Vec<_>>(), [1 << 20, 0]);
    }

    #[test]
    fn every_place_of_a_full_bitmap_word_is_looked_at() {
        let filter = filter(&[], &["aaaa"]);
        let (text, mut out) = (vec![b'a'; 1024], Vec::new());
        filter.starts(&text, 64, &[!0; 14], &[0; 14], &mut out);
        assert_eq!(out, (64..960).collect::<Vec<_>>());
    }

    #[test]
    fn a_key_at_the_border_of_the_text_is_that_of_zeros_beyond() {
        let mut out = Vec::new();
        let tails = Filter::of_tails(vec![Key::open(b"dcba")], 4);
        tails.ends(b"abcd abcd", 0, (&[0], &[1 << 3 | 1 << 8]), 1, &mut out);
        assert_eq!(out, [3, 8]);
        filter(&[], &["abcd"]).starts(b"abcd abcd", 0, &[1 | 1 << 5], &[1 << 3 | 1 << 8], &mut out);
        assert_eq!(out[2..], [0, 5]);
    }
}
