//! Bitmaps of one tile of the buffer, and the candidates that are seen in them without looking at bytes.
//!
//! A tile fits in the first cache. Its maps have one word before and two after, so a shape is found whatever tile borders it crosses.

#![expect(clippy::inline_always, reason = "the pass is compiled as one for every way to classify")]

use crate::simd::{Classify, REACH, WORD};

/// Words of 64 bytes in a tile.
pub(super) const WORDS: usize = 64;
/// Bytes of a tile.
pub(super) const TILE: usize = WORDS * WORD;
/// Zero bytes that must follow the text: the rest of its last word, two words after it, and what classification reads ahead.
pub(super) const PADDING: usize = 3 * WORD + REACH;

const AFTER: usize = 2; // words after the tile
const SHAPE: u32 = 6; // bytes of the shortest cluster that holds a candidate
const IPV4_DIGITS: u32 = 4; // with three dots: as few as a candidate may have
const IPV4_DOTS: u32 = 3;

/// A bitmap: the word before the tile, the tile, the words after it.
type Map = [u64; 1 + WORDS + AFTER];

/// The bitmaps of a tile.
#[derive(Debug)]
pub(super) struct Tile {
    /// Words in use: less than [`WORDS`] in the last tile.
    words: usize,
    digit: Map,
    separator: Map,
    word: Map,
    hex: Map,
    colon: Map,
    upper: Map,
    /// Digits, and separators between digits that are at most three bytes apart.
    cluster: Map,
    anchors: [u64; WORDS],
    clusters: [u64; WORDS],
    colons: [u64; WORDS],
    capitals: [u64; WORDS],
}

impl Default for Tile {
    fn default() -> Self {
        let (map, bits) = ([0; 1 + WORDS + AFTER], [0; WORDS]);
        Self {
            words: 0,
            digit: map,
            separator: map,
            word: map,
            hex: map,
            colon: map,
            upper: map,
            cluster: map,
            anchors: bits,
            clusters: bits,
            colons: bits,
            capitals: bits,
        }
    }
}

/// Bit i tells of byte i - `by`.
#[inline(always)]
fn back(map: &Map, at: usize, by: u32) -> u64 {
    map[at] << by | map[at - 1] >> (64 - by)
}

/// Bit i tells of byte i + `by`.
#[inline(always)]
fn ahead(map: &Map, at: usize, by: u32) -> u64 {
    map[at] >> by | map[at + 1] << (64 - by)
}

impl Tile {
    /// Forgets the tile before: a buffer begins.
    pub(super) fn reset(&mut self) {
        self.words = 0;
        for map in self.maps() {
            map[0] = 0;
        }
    }

    fn maps(&mut self) -> [&mut Map; 7] {
        [
            &mut self.digit,
            &mut self.separator,
            &mut self.word,
            &mut self.hex,
            &mut self.colon,
            &mut self.upper,
            &mut self.cluster,
        ]
    }

    /// Reads the tile at `base` of a text of `len` bytes, and two words more, and marks its candidates.
    #[inline(always)]
    pub(super) fn read(&mut self, isa: impl Classify, text: &[u8], base: usize, len: usize) {
        let before = self.words;
        for map in self.maps() {
            map[0] = map[before];
        }
        self.words = (len - base).div_ceil(WORD).min(WORDS);
        let bytes = &text[base..base + (self.words + AFTER) * WORD + REACH - WORD];
        for at in 0..self.words + AFTER {
            let bytes = bytes[at * WORD..].first_chunk().expect("the text is padded");
            let classes = isa.classify(bytes);
            self.digit[at + 1] = classes.digit;
            self.separator[at + 1] = classes.separator;
            self.word[at + 1] = classes.word;
            self.hex[at + 1] = classes.hex;
            self.colon[at + 1] = classes.colon;
            self.upper[at + 1] = classes.upper;
            if let Some(anchors) = self.anchors.get_mut(at) {
                *anchors = classes.anchor;
            }
        }
        self.mark_clusters();
        self.mark_colons();
        self.mark_words();
    }

    /// A separator belongs to a cluster when digits stand on both sides and the gap has three bytes at most.
    #[inline(always)]
    fn mark_clusters(&mut self) {
        let (digit, separator) = (&self.digit, &self.separator);
        for at in 1..=self.words + 1 {
            let near = separator[at];
            let left_1 = back(digit, at, 1) & near;
            let left_2 = back(digit, at, 2) & back(separator, at, 1) & near;
            let left_3 =
                back(digit, at, 3) & back(separator, at, 2) & back(separator, at, 1) & near;
            let right_1 = ahead(digit, at, 1) & near;
            let right_2 = ahead(digit, at, 2) & ahead(separator, at, 1) & near;
            let right_3 =
                ahead(digit, at, 3) & ahead(separator, at, 2) & ahead(separator, at, 1) & near;
            self.cluster[at] = digit[at]
                | left_1 & (right_1 | right_2 | right_3)
                | left_2 & (right_1 | right_2)
                | left_3 & right_1;
        }
        for at in 1..=self.words {
            let mut start = self.cluster[at] & !back(&self.cluster, at, 1);
            for by in 1..SHAPE {
                start &= ahead(&self.cluster, at, by);
            }
            self.clusters[at - 1] = start;
        }
    }

    /// The first colon of a token of hexadecimal groups and two or more colons, but for the time of day.
    #[inline(always)]
    fn mark_colons(&mut self) {
        let mut group: Map = [0; 1 + WORDS + AFTER];
        for (at, group) in group.iter_mut().take(self.words + AFTER).enumerate() {
            *group = self.digit[at] | self.hex[at] | self.colon[at];
        }
        let (digit, colon) = (&self.digit, &self.colon);
        for at in 1..=self.words {
            let (mut left, mut before) = (!0, 0);
            let (mut right, mut after) = (!0, 0);
            for by in 1..=5 {
                before |= left & back(colon, at, by);
                left &= back(&group, at, by);
                after |= right & ahead(colon, at, by);
                right &= ahead(&group, at, by);
            }
            let of_group = back(&group, at, 1) | ahead(colon, at, 1);
            let pairs = back(digit, at, 2)
                & back(digit, at, 1)
                & ahead(digit, at, 1)
                & ahead(digit, at, 2)
                & ahead(colon, at, 3)
                & ahead(digit, at, 4)
                & ahead(digit, at, 5);
            let time = pairs & !ahead(colon, at, 6);
            self.colons[at - 1] = colon[at] & of_group & after & !before & !time;
        }
    }

    #[inline(always)]
    fn mark_words(&mut self) {
        let (word, upper, digit) = (&self.word, &self.upper, &self.digit);
        for at in 1..=self.words {
            let starts = word[at] & !back(word, at, 1);
            self.capitals[at - 1] = starts
                & upper[at]
                & ahead(upper, at, 1)
                & ahead(digit, at, 2)
                & ahead(digit, at, 3);
        }
    }

    /// Where clusters of digits begin that may hold a candidate.
    pub(super) fn clusters(&self) -> &[u64] {
        &self.clusters[..self.words]
    }

    /// Where `@` or a spelled form of it may stand.
    pub(super) fn anchors(&self) -> &[u64] {
        &self.anchors[..self.words]
    }

    /// First colons of what may be addresses.
    pub(super) fn colons(&self) -> &[u64] {
        &self.colons[..self.words]
    }

    /// Two capitals and two digits at the start of a word.
    pub(super) fn capitals(&self) -> &[u64] {
        &self.capitals[..self.words]
    }

    /// The cluster that begins at bit `bit` of word `at`.
    #[inline(always)]
    pub(super) fn cluster(&self, at: usize, bit: u32) -> Cluster {
        let window = |map: &Map| map[at + 1] >> bit | (map[at + 2] << 1) << (63 - bit);
        let len = window(&self.cluster).trailing_ones();
        let digits = window(&self.digit) & (!0 >> (64 - len.max(1)));
        Cluster { len, digits }
    }
}

/// The first 64 bytes of a cluster.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cluster {
    /// Length in bytes; 64 when it may be longer.
    pub(super) len: u32,
    /// Which bytes are digits.
    pub(super) digits: u64,
}

impl Cluster {
    /// Whether it may hold a number of `least` digits, or an IPv4 address.
    #[inline(always)]
    pub(super) fn may_hold(self, least: u32) -> bool {
        let digits = self.digits.count_ones();
        let ipv4 = digits >= IPV4_DIGITS && self.len - digits >= IPV4_DOTS;
        digits >= least || ipv4 || self.len == u64::BITS
    }
}
