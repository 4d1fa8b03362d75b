//! The two filters that every word of a text passes through: nearly all of the time of keyword detection is spent here.
//!
//! Input are bitmaps of word starts and word ends, one bit a byte. The first filter looks at four folded bytes, one bit in a small
//! table; the second, on the few that are left, at the 3, 4, 6 and 8 bytes of the length classes. Both only ever let too much
//! through: the exact comparison comes after. Compound tails run through the same filters on the reversed bytes at word ends.
//! Branch-free over a flat list of positions, since a mispredicted branch costs more than the look-up (simdjson's way).

#![expect(
    clippy::inline_always,
    reason = "the filters are compiled with the pass, for its processor"
)]

use memchr::memchr;

/// Words of the small and the large first table: 2^17 bits fit the first-level cache beside the text.
const SMALL: usize = 1 << 12;
const LARGE: usize = 1 << 15;
/// Words of the second table: few words get so far that it has to be in the cache, so one size does.
const SECOND: usize = 1 << 14;
/// Forms from which the large table pays.
const MANY: usize = 8_000;
/// Positions that one bitmap word can give: the flat list keeps so much room.
const ROOM: usize = 64;
/// Starts flattened without a branch; a bitmap word of ordinary text holds fewer.
const FLAT: usize = 12;
const M3: u64 = 0xff_ffff;
const M4: u64 = 0xffff_ffff;
const M6: u64 = 0xffff_ffff_ffff;
const FOLD4: u32 = 0x2020_2020;
const FOLD8: u64 = 0x2020_2020_2020_2020;

/// The first table, in one of two sizes known at compile time.
#[derive(Debug)]
enum First {
    Small(Box<[u32; SMALL]>),
    Large(Box<[u32; LARGE]>),
}

/// Both filters over one set of byte strings.
#[derive(Debug)]
pub(super) struct Filter {
    first: First,
    second: Box<[u32; SECOND]>,
    empty: bool,
}

/// A table of zeros on the heap.
#[expect(clippy::unnecessary_box_returns, reason = "too large for the stack")]
fn zeros<const WORDS: usize>() -> Box<[u32; WORDS]> {
    vec![0; WORDS].try_into().expect("the vector has this length")
}

/// Place of a four-byte key in a table.
#[inline(always)]
fn place4<const WORDS: usize>(key: u32) -> (usize, u32) {
    let hash = key.wrapping_mul(0x9E37_79B1) >> const { 32 - (WORDS * 32).ilog2() };
    ((hash >> 5) as usize, hash & 31)
}

/// Place of an eight-byte key in the second table.
#[expect(clippy::cast_possible_truncation, reason = "the shift leaves 19 bits")]
fn place8(key: u64) -> (usize, u32) {
    let hash =
        (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> const { 64 - (SECOND * 32).ilog2() }) as u32;
    ((hash >> 5) as usize, hash & 31)
}

/// The bytes that a length class compares.
fn class(length: usize) -> u64 {
    match length {
        8.. => !0,
        6 | 7 => M6,
        4 | 5 => M4,
        _ => M3,
    }
}

impl Filter {
    /// Filters for these folded byte strings of three bytes or more; shorter ones need a path of their own.
    pub(super) fn new<'f>(forms: impl Iterator<Item = &'f [u8]> + Clone) -> Self {
        let count = forms.clone().count();
        let first = if count < MANY { First::Small(zeros()) } else { First::Large(zeros()) };
        let mut filter = Self { first, second: zeros(), empty: count == 0 };
        forms.for_each(|form| filter.add(form));
        filter
    }

    fn add(&mut self, form: &[u8]) {
        let mut bytes = [0; 8];
        let kept = form.len().min(8);
        bytes[..kept].copy_from_slice(&form[..kept]);
        let key = u64::from_le_bytes(bytes);
        let first = [bytes[0], bytes[1], bytes[2], bytes[3]];
        if form.len() > 3 {
            self.add_first(u32::from_le_bytes(first));
        } else {
            // a whole word of three bytes: the fourth byte of the text is whatever is not a letter or digit
            (0..=255u8).filter(|byte| !byte.is_ascii_alphanumeric()).for_each(|byte| {
                self.add_first(u32::from_le_bytes([first[0], first[1], first[2], byte | 0x20]));
            });
        }
        let (word, bit) = place8(key & class(form.len()));
        self.second[word] |= 1 << bit;
    }

    fn add_first(&mut self, key: u32) {
        match &mut self.first {
            First::Small(table) => {
                let (word, bit) = place4::<SMALL>(key);
                table[word] |= 1 << bit;
            }
            First::Large(table) => {
                let (word, bit) = place4::<LARGE>(key);
                table[word] |= 1 << bit;
            }
        }
    }

    /// Whether the folded eight bytes pass both filters.
    pub(super) fn passes(&self, key: u64) -> bool {
        #[expect(clippy::cast_possible_truncation, reason = "the low half is the key")]
        let low = key as u32;
        let first = match &self.first {
            First::Small(table) => hit4(table, low),
            First::Large(table) => hit4(table, low),
        };
        first & self.hit8(key) & 1 == 1
    }

    #[inline(always)]
    fn hit8(&self, key: u64) -> u32 {
        let hit = |key: u64| {
            let (word, bit) = place8(key);
            self.second[word] >> bit
        };
        hit(key) | hit(key & M6) | hit(key & M4) | hit(key & M3)
    }

    /// Appends the places of `bits` (bit i is `text[base + i]`) whose words pass. `Direction` says which bytes are the key.
    #[inline(always)]
    pub(super) fn collect<D: Direction>(
        &self,
        text: &[u8],
        base: usize,
        bits: impl Iterator<Item = u64>,
        out: &mut Vec<u32>,
    ) {
        if self.empty {
            return;
        }
        match &self.first {
            First::Small(table) => self.run::<D, SMALL>(table, text, base, bits, out),
            First::Large(table) => self.run::<D, LARGE>(table, text, base, bits, out),
        }
    }

    #[inline(always)]
    fn run<D: Direction, const WORDS: usize>(
        &self,
        table: &[u32; WORDS],
        text: &[u8],
        base: usize,
        bits: impl Iterator<Item = u64>,
        out: &mut Vec<u32>,
    ) {
        let mark = out.len();
        flatten(base, bits, out);
        let places = &mut out[mark..];
        let mut kept = 0;
        for at in 0..places.len() {
            let place = places[at];
            places[kept] = place;
            kept += (hit4(table, D::key4(text, place as usize)) & 1) as usize;
        }
        let mut passed = 0;
        for at in 0..kept {
            let place = places[at];
            places[passed] = place;
            passed += (self.hit8(D::key8(text, place as usize)) & 1) as usize;
        }
        out.truncate(mark + passed);
    }
}

#[inline(always)]
fn hit4<const WORDS: usize>(table: &[u32; WORDS], key: u32) -> u32 {
    let (word, bit) = place4::<WORDS>(key);
    table[word] >> bit
}

/// Writes the places of the set bits as a flat list.
#[expect(clippy::cast_possible_truncation, reason = "a buffer is far under 4 GiB: places are u32")]
#[inline(always)]
fn flatten(base: usize, bits: impl Iterator<Item = u64>, out: &mut Vec<u32>) {
    let mut from = base as u32;
    let mut used = out.len();
    for mut word in bits {
        if out.len() < used + ROOM {
            out.resize(used + 16 * ROOM, 0);
        }
        let room: &mut [u32; ROOM] =
            out[used..].first_chunk_mut().expect("there is room for every bit");
        used += word.count_ones() as usize;
        for place in &mut room[..FLAT] {
            *place = from.wrapping_add(word.trailing_zeros());
            word &= word.wrapping_sub(1);
        }
        if word != 0 {
            for place in &mut room[FLAT..] {
                *place = from.wrapping_add(word.trailing_zeros());
                word &= word.wrapping_sub(1);
                if word == 0 {
                    break;
                }
            }
        }
        from = from.wrapping_add(64);
    }
    out.truncate(used);
}

/// Which eight bytes of a word are its key, folded, first byte lowest.
pub(super) trait Direction {
    fn key4(text: &[u8], at: usize) -> u32;
    fn key8(text: &[u8], at: usize) -> u64;
}

/// The first bytes of a word that starts here.
#[derive(Debug)]
pub(super) struct Heads;

impl Direction for Heads {
    #[inline(always)]
    fn key4(text: &[u8], at: usize) -> u32 {
        let bytes = text.get(at..).and_then(|bytes| bytes.first_chunk()).unwrap_or(&[0; 4]);
        u32::from_le_bytes(*bytes) | FOLD4
    }

    #[inline(always)]
    fn key8(text: &[u8], at: usize) -> u64 {
        let bytes = text.get(at..).and_then(|bytes| bytes.first_chunk()).unwrap_or(&[0; 8]);
        u64::from_le_bytes(*bytes) | FOLD8
    }
}

/// The last bytes of a word that ends here, reversed.
#[derive(Debug)]
pub(super) struct Tails;

impl Direction for Tails {
    #[inline(always)]
    fn key4(text: &[u8], at: usize) -> u32 {
        let bytes = at.checked_sub(3).and_then(|from| text.get(from..=at)?.first_chunk());
        u32::from_be_bytes(*bytes.unwrap_or(&[0; 4])) | FOLD4
    }

    #[inline(always)]
    fn key8(text: &[u8], at: usize) -> u64 {
        if let Some(bytes) = at.checked_sub(7).and_then(|from| text.get(from..=at)?.first_chunk()) {
            return u64::from_be_bytes(*bytes) | FOLD8;
        }
        // the first word of the buffer
        let mut bytes = [0; 8];
        for (to, byte) in bytes.iter_mut().zip(text[..=at].iter().rev()) {
            *to = *byte;
        }
        u64::from_le_bytes(bytes) | FOLD8
    }
}

/// Starts of longer words, and of words of one or two bytes. A start in the last bit is in both: its end is in the next tile.
#[inline(always)]
pub(super) fn split<'b>(
    starts: &'b [u64],
    ends: &'b [u64],
) -> (impl Iterator<Item = u64> + 'b, impl Iterator<Item = u64> + 'b) {
    let short = move |at: usize| {
        let next = ends.get(at + 1).copied().unwrap_or(0);
        let end = ends.get(at).copied().unwrap_or(0);
        end | end >> 1 | next << 63
    };
    let longer = starts.iter().enumerate().map(move |(at, word)| word & !short(at));
    let cut = move |at: usize| if at + 1 == starts.len() { 1 << 63 } else { 0 };
    let shorter = starts.iter().enumerate().map(move |(at, word)| word & (short(at) | cut(at)));
    (longer, shorter)
}

/// Ends of words of more than `least` bytes. A word that started before the tile counts as long.
#[inline(always)]
pub(super) fn long_ends<'b>(
    starts: &'b [u64],
    ends: &'b [u64],
    least: u32,
) -> impl Iterator<Item = u64> + 'b {
    ends.iter().enumerate().map(move |(at, word)| {
        let start = starts.get(at).copied().unwrap_or(0);
        let before = if at == 0 { 0 } else { starts.get(at - 1).copied().unwrap_or(0) };
        let near = (1..least).fold(start, |near, by| near | start << by | before >> (64 - by));
        word & !near
    })
}

/// Appends the places of short words that start with one of `capitals`: the path of terms of one or two letters.
#[expect(clippy::cast_possible_truncation, reason = "a buffer is far under 4 GiB: places are u32")]
pub(super) fn collect_short(
    text: &[u8],
    base: usize,
    bits: impl Iterator<Item = u64>,
    capitals: &[u8],
    out: &mut Vec<u32>,
) {
    if capitals.is_empty() {
        return;
    }
    for (at, mut word) in bits.enumerate() {
        while word != 0 {
            let place = base + at * 64 + word.trailing_zeros() as usize;
            word &= word - 1;
            if text.get(place).is_some_and(|byte| memchr(*byte, capitals).is_some()) {
                out.push(place as u32);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_passes_and_most_others_do_not() {
        let forms: [&[u8]; 3] = [b"cancer", b"hiv", b"diabetes"];
        let filter = Filter::new(forms.iter().copied());
        let pass = |text: &[u8; 8]| filter.passes(Heads::key8(text, 0));
        assert!(pass(b"CancerVA") && pass(b"hiv, and") && pass(b"diabetes"));
        assert!(!pass(b"hivaste ") && !pass(b"cancel i") && !pass(b"diabolic"));
    }

    #[test]
    fn short_words_are_told_from_long_ones_over_a_word_of_the_bitmap() {
        let (starts, ends) = ([1 << 63 | 1 << 8, 1 << 63], [1 << 20, 1]);
        let (longer, shorter) = split(&starts, &ends);
        assert_eq!(longer.collect::<Vec<_>>(), [1 << 8, 1 << 63]);
        assert_eq!(shorter.collect::<Vec<_>>(), [1 << 63, 1 << 63]);
        assert_eq!(long_ends(&starts, &ends, 4).collect::<Vec<_>>(), [1 << 20, 0]);
    }

    #[test]
    fn a_full_bitmap_word_is_flattened_whole() {
        let mut out = vec![7];
        flatten(64, [!0, 0, 1].into_iter(), &mut out);
        assert_eq!(out.len(), 1 + 64 + 1);
        assert_eq!((out[1], out[64], out[65]), (64, 127, 192));
    }
}
