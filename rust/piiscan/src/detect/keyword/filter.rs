//! The two filters that every word of a text passes through: nearly all of the time of keyword detection is spent here.
//!
//! Input are bitmaps of word starts and word ends, one bit a byte. The first filter looks at four folded bytes, one bit in a small
//! table; the second, on the few that are left, at the 3, 4, 6 and 8 bytes of the length classes. Both only ever let too much
//! through: the exact comparison comes after. Compound tails run through the same filters on the reversed bytes at word ends.
//! Branch-free for as many places as a bitmap word mostly holds, since a mispredicted branch costs more than the look-up.

#![expect(
    clippy::inline_always,
    reason = "the filters are compiled with the pass, for its processor"
)]

/// Words of the small and the large first table: 2^17 bits fit the first-level cache beside the text.
const SMALL: usize = 1 << 12;
const LARGE: usize = 1 << 15;
/// Words of the second table: few words get so far that it has to be in the cache, so one size does.
const SECOND: usize = 1 << 14;
/// Forms from which the large table pays.
const MANY: usize = 8_000;
/// Places that one bitmap word can give: so much room must be left.
const ROOM: usize = 64;
/// Places that pass the first filter and are kept until the second.
const KEPT: usize = 512;
/// Bytes before a bitmap word that belong to its window: the key of a word's end.
const BEFORE: usize = 8;
/// Bytes that the first filter may look at for one bitmap word, one more place and its key included.
const WINDOW: usize = BEFORE + 64 + 64 + 8;
const M3: u64 = 0xff_ffff;
const M4: u64 = 0xffff_ffff;
const M6: u64 = 0xffff_ffff_ffff;
const FOLD4: u32 = 0x2020_2020;
const FOLD8: u64 = 0x2020_2020_2020_2020;

/// The first table, in one of two sizes known at compile time.
#[derive(Clone, Debug)]
enum First {
    Small(Box<[u32; SMALL]>),
    Large(Box<[u32; LARGE]>),
}

/// Both filters over one set of byte strings.
#[derive(Clone, Debug)]
pub(in crate::detect) struct Filter {
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
    pub(in crate::detect) fn new<'f>(forms: impl Iterator<Item = &'f [u8]> + Clone) -> Self {
        let count = forms.clone().count();
        let first = if count < MANY { First::Small(zeros()) } else { First::Large(zeros()) };
        let mut filter = Self { first, second: zeros(), empty: count == 0 };
        forms.for_each(|form| filter.add(form));
        filter
    }

    /// Lets words through that begin with these folded bytes, three or more; those of three bytes must end there.
    pub(in crate::detect) fn add(&mut self, form: &[u8]) {
        self.empty = false;
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

    /// Lets words through that begin with these three folded bytes, whatever follows.
    pub(in crate::detect) fn add_stem(&mut self, stem: &[u8]) {
        self.add(stem);
        for byte in (0..=255u8).filter(u8::is_ascii_alphanumeric) {
            self.add_first(u32::from_le_bytes([stem[0], stem[1], stem[2], byte | 0x20]));
        }
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
    pub(in crate::detect) fn collect<D: Direction>(
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
        bits: impl Iterator<Item = u64>,
        out: &mut Vec<u32>,
    ) {
        let (mut kept, mut used, mut copy) = ([0; KEPT], 0, [0; WINDOW]);
        for (at, mut word) in bits.enumerate() {
            let from = base + at * 64;
            let window = window(text, from, &mut copy);
            let room: &mut [u32; ROOM] =
                kept[used..].first_chunk_mut().expect("room is left for every place");
            let mut passed = 0;
            let mut see = |word: u64| {
                let place = word.trailing_zeros();
                room[passed & (ROOM - 1)] = (from as u32).wrapping_add(place);
                let key = D::window4(window, place as usize & 127);
                passed += (hit4(table, key) & u32::from(word != 0)) as usize;
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
                self.pass::<D>(text, &kept[..used], out);
                used = 0;
            }
        }
        self.pass::<D>(text, &kept[..used], out);
    }

    /// Appends the places that pass the second filter too.
    #[inline(always)]
    fn pass<D: Direction>(&self, text: &[u8], places: &[u32], out: &mut Vec<u32>) {
        for &place in places {
            if self.hit8(D::key8(text, place as usize)) & 1 == 1 {
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
    let bytes = &text[start..text.len().min(from + WINDOW - BEFORE)];
    copy.fill(0);
    copy[BEFORE - (from - start)..][..bytes.len()].copy_from_slice(bytes);
    copy
}

#[inline(always)]
fn hit4<const WORDS: usize>(table: &[u32; WORDS], key: u32) -> u32 {
    let (word, bit) = place4::<WORDS>(key);
    table[word] >> bit
}

/// Which eight bytes of a word are its key, folded, first byte lowest.
pub(in crate::detect) trait Direction {
    /// Places that are looked at without a branch; a bitmap word of ordinary text holds about as many.
    const FLAT: usize;

    /// The key of the first filter, of the place `at` in a window.
    fn window4(window: &[u8; WINDOW], at: usize) -> u32;
    fn key4(text: &[u8], at: usize) -> u32;
    fn key8(text: &[u8], at: usize) -> u64;
}

/// The first bytes of a word that starts here.
#[derive(Debug)]
pub(in crate::detect) struct Heads;

impl Direction for Heads {
    const FLAT: usize = 11;

    #[inline(always)]
    fn window4(window: &[u8; WINDOW], at: usize) -> u32 {
        let bytes = window[BEFORE + at..].first_chunk().expect("a window holds the key");
        u32::from_le_bytes(*bytes) | FOLD4
    }

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
    const FLAT: usize = 6;

    #[inline(always)]
    fn window4(window: &[u8; WINDOW], at: usize) -> u32 {
        let bytes = window[BEFORE + at - 3..].first_chunk().expect("a window holds the key");
        u32::from_be_bytes(*bytes) | FOLD4
    }

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
pub(in crate::detect) fn split<'b>(
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

/// First two bytes of words, by five bits of each: those of a letter, whatever its case.
#[derive(Clone, Debug, Default)]
pub(in crate::detect) struct Pairs([u32; 32]);

impl Pairs {
    /// Lets words through that start with these bytes; with any second byte if there is but one.
    pub(in crate::detect) fn add(&mut self, start: &[u8]) {
        let second = start.get(1).map_or(u32::MAX, |second| 1 << (second & 31));
        self.0[usize::from(start[0] & 31)] |= second;
    }

    #[inline(always)]
    fn has(&self, first: u8, second: u8) -> bool {
        self.0[usize::from(first & 31)] >> (second & 31) & 1 == 1
    }

    /// Appends the places of `bits` whose words start with a pair: the path of words of one or two letters.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a buffer is far under 4 GiB: places are u32"
    )]
    #[inline(always)]
    pub(in crate::detect) fn collect(
        &self,
        text: &[u8],
        base: usize,
        bits: impl Iterator<Item = u64>,
        out: &mut Vec<u32>,
    ) {
        if self.0 == [0; 32] {
            return;
        }
        for (at, mut word) in bits.enumerate() {
            while word != 0 {
                let place = base + at * 64 + word.trailing_zeros() as usize;
                word &= word - 1;
                let byte = |at: usize| text.get(at).copied().unwrap_or(0);
                if self.has(byte(place), byte(place + 1)) {
                    out.push(place as u32);
                }
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
    fn pairs_are_told_by_their_letters_in_any_case() {
        let (mut pairs, mut out) = (Pairs::default(), Vec::new());
        pairs.add(b"ms");
        pairs.add(b"x");
        pairs.collect(
            b"ms MS mr x. ax X",
            0,
            [1 | 1 << 3 | 1 << 6 | 1 << 9 | 1 << 12 | 1 << 15].into_iter(),
            &mut out,
        );
        assert_eq!(out, [0, 3, 9, 15]);
    }

    #[test]
    fn every_place_of_a_full_bitmap_word_is_looked_at() {
        let filter = Filter::new([b"aaaa".as_slice()].into_iter());
        let (text, mut out) = (vec![b'a'; 1024], Vec::new());
        filter.collect::<Heads>(&text, 64, std::iter::repeat_n(!0, 14), &mut out);
        assert_eq!(out, (64..960).collect::<Vec<_>>());
    }

    #[test]
    fn a_key_at_the_border_of_the_text_is_that_of_zeros_beyond() {
        let filter = Filter::new([b"cba".as_slice(), b"dcba"].into_iter());
        let mut out = Vec::new();
        filter.collect::<Tails>(b"abc abcd", 0, [1 << 2 | 1 << 7].into_iter(), &mut out);
        assert_eq!(out, [2, 7]);
        let filter = Filter::new([b"abcd".as_slice()].into_iter());
        filter.collect::<Heads>(b"abcd abcd\0\0\0\0", 0, [1 | 1 << 5].into_iter(), &mut out);
        assert_eq!(out[2..], [0, 5]);
    }
}
