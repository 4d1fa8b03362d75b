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

/// Words that shapes are sought in together: loops of a known length become vector instructions.
const GROUP: usize = 8;

/// A bitmap: the word before the tile, the tile, the words after it, up to the end of the last group that holds one of them.
type Map = [u64; 1 + WORDS + GROUP + 1];
/// Candidates in a tile.
type Marks = [u64; WORDS];

/// The bitmaps of a tile.
#[derive(Debug)]
pub(super) struct Tile {
    /// Words in use: less than [`WORDS`] in the last tile.
    words: usize,
    digit: Map,
    separator: Map,
    word: Map,
    colon: Map,
    /// Digits, and separators between digits that are at most three bytes apart.
    cluster: Map,
    anchors: Marks,
    bare: Marks,
    /// Words of 64 bytes that hold an anchor, "at", colons or capitals.
    rare: Marks,
    clusters: Marks,
    colons: Marks,
    capitals: Marks,
    pairs: Marks,
    /// Signs behind two word bytes; behind words of four, and such words with a digit.
    behind_two: Map,
    behind_four: Map,
    behind_digits: Map,
    starts: Marks,
    ends: Marks,
    /// Capitals at the start of a word.
    uppers: Marks,
    /// A number behind a word, or a capital behind a number, with one byte between.
    places: Marks,
}

impl Default for Tile {
    fn default() -> Self {
        let (map, bits) = ([0; 1 + WORDS + GROUP + 1], [0; WORDS]);
        Self {
            words: 0,
            digit: map,
            separator: map,
            word: map,
            colon: map,
            cluster: map,
            anchors: bits,
            bare: bits,
            rare: bits,
            clusters: bits,
            colons: bits,
            capitals: bits,
            pairs: bits,
            behind_two: map,
            behind_four: map,
            behind_digits: map,
            starts: bits,
            ends: bits,
            uppers: bits,
            places: bits,
        }
    }
}

/// A group of a bitmap with the words before and after it.
#[derive(Clone, Copy)]
struct Group<'m>(&'m [u64; GROUP + 2]);

impl<'m> Group<'m> {
    #[inline(always)]
    fn new(map: &'m Map, group: usize) -> Self {
        Self(map[group * GROUP..].first_chunk().expect("maps hold whole groups"))
    }

    /// Bit i tells of byte i.
    #[inline(always)]
    fn here(self, at: usize) -> u64 {
        self.0[at + 1]
    }

    /// Bit i tells of byte i - `by`.
    #[inline(always)]
    fn back(self, at: usize, by: u32) -> u64 {
        self.0[at + 1] << by | self.0[at] >> (64 - by)
    }

    /// Bit i tells of byte i + `by`.
    #[inline(always)]
    fn ahead(self, at: usize, by: u32) -> u64 {
        self.0[at + 1] >> by | self.0[at + 2] << (64 - by)
    }
}

/// The part of the marks of a tile that a group of words has.
#[inline(always)]
fn group_of(marks: &mut [u64], group: usize) -> &mut [u64; GROUP] {
    marks[group * GROUP..].first_chunk_mut().expect("marks hold whole groups")
}

impl Tile {
    /// Forgets the tile before: a buffer begins.
    pub(super) fn reset(&mut self) {
        self.words = 0;
        for map in self.maps() {
            map[0] = 0;
        }
    }

    fn maps(&mut self) -> [&mut Map; 8] {
        [
            &mut self.digit,
            &mut self.separator,
            &mut self.word,
            &mut self.colon,
            &mut self.cluster,
            &mut self.behind_two,
            &mut self.behind_four,
            &mut self.behind_digits,
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
            self.colon[at + 1] = classes.colon;
            if at < WORDS {
                self.anchors[at] = classes.anchor;
                self.bare[at] = classes.at;
                self.uppers[at] = classes.upper;
            }
        }
        for group in 0..(self.words + 1).div_ceil(GROUP) {
            self.join_clusters(group);
        }
        for group in 0..self.words.div_ceil(GROUP) {
            self.mark_clusters(group);
            self.mark_colons(group);
            self.mark_words(group);
            self.mark_pairs(group);
            self.mark_rare(group);
        }
    }

    /// A separator belongs to a cluster when digits stand on both sides and the gap has three bytes at most.
    #[inline(always)]
    fn join_clusters(&mut self, group: usize) {
        let [digit, separator] = [&self.digit, &self.separator].map(|map| Group::new(map, group));
        let cluster = group_of(&mut self.cluster[1..], group);
        for (at, cluster) in cluster.iter_mut().enumerate() {
            let near = separator.here(at);
            let left_1 = digit.back(at, 1) & near;
            let left_2 = digit.back(at, 2) & separator.back(at, 1) & near;
            let left_3 = digit.back(at, 3) & separator.back(at, 2) & separator.back(at, 1) & near;
            let right_1 = digit.ahead(at, 1) & near;
            let right_2 = digit.ahead(at, 2) & separator.ahead(at, 1) & near;
            let right_3 =
                digit.ahead(at, 3) & separator.ahead(at, 2) & separator.ahead(at, 1) & near;
            *cluster = digit.here(at)
                | left_1 & (right_1 | right_2 | right_3)
                | left_2 & (right_1 | right_2)
                | left_3 & right_1;
        }
    }

    #[inline(always)]
    fn mark_clusters(&mut self, group: usize) {
        let cluster = Group::new(&self.cluster, group);
        for (at, clusters) in group_of(&mut self.clusters, group).iter_mut().enumerate() {
            let mut start = cluster.here(at) & !cluster.back(at, 1);
            for by in 1..SHAPE {
                start &= cluster.ahead(at, by);
            }
            *clusters = start;
        }
    }

    /// The first colon of a token of short groups and two or more colons, but for the time of day. Whether the groups are
    /// hexadecimal is for others to see.
    #[inline(always)]
    fn mark_colons(&mut self, group: usize) {
        let [digit, colon, word] =
            [&self.digit, &self.colon, &self.word].map(|map| Group::new(map, group));
        let marks = group_of(&mut self.colons, group);
        for (at, mark) in marks.iter_mut().enumerate() {
            let mut after = 0;
            for by in 1..=5 {
                after |= colon.ahead(at, by);
            }
            let pairs = digit.back(at, 2)
                & digit.back(at, 1)
                & digit.ahead(at, 1)
                & digit.ahead(at, 2)
                & colon.ahead(at, 3)
                & digit.ahead(at, 4)
                & digit.ahead(at, 5);
            // A letter may follow, as in `07:14:00Z`, but no longer group.
            let longer = word.ahead(at, 6) & (word.ahead(at, 7) | colon.ahead(at, 7));
            *mark = colon.here(at) & after & !(pairs & !colon.ahead(at, 6) & !longer);
        }
        // Most text has no two colons so near each other.
        if marks.iter().all(|mark| *mark == 0) {
            return;
        }
        let mut token = [0; GROUP + 2];
        for (at, token) in token.iter_mut().enumerate() {
            *token = colon.0[at] | word.0[at];
        }
        let token = Group(&token);
        for (at, mark) in marks.iter_mut().enumerate() {
            let (mut left, mut before) = (!0, 0);
            let (mut right, mut after) = (!0, 0);
            for by in 1..=5 {
                before |= left & colon.back(at, by);
                left &= token.back(at, by);
                after |= right & colon.ahead(at, by);
                right &= token.ahead(at, by);
            }
            let of_token = token.back(at, 1) | colon.ahead(at, 1);
            *mark &= of_token & after & !before;
        }
    }

    /// Borders of words; words of two letters and two digits or more; words that are "at"; capitals; what may be part of an address.
    #[inline(always)]
    fn mark_words(&mut self, group: usize) {
        let [word, digit, separator] =
            [&self.word, &self.digit, &self.separator].map(|map| Group::new(map, group));
        let [starts, ends] = [&mut self.starts, &mut self.ends].map(|marks| group_of(marks, group));
        let [uppers, places] =
            [&mut self.uppers, &mut self.places].map(|marks| group_of(marks, group));
        let [capitals, bare] =
            [&mut self.capitals, &mut self.bare].map(|marks| group_of(marks, group));
        for at in 0..GROUP {
            starts[at] = word.here(at) & !word.back(at, 1);
            ends[at] = word.here(at) & !word.ahead(at, 1);
            let start = starts[at] & !digit.here(at);
            let letter = word.ahead(at, 1) & !digit.ahead(at, 1);
            capitals[at] = start & letter & digit.ahead(at, 2) & digit.ahead(at, 3);
            bare[at] &= start & !word.ahead(at, 2);
            uppers[at] &= start;
            let [number, word] = [digit.back(at, 2), word.back(at, 2)];
            let behind = starts[at] & separator.back(at, 1) & word;
            places[at] = behind & (digit.here(at) & !number | uppers[at] & number);
        }
    }

    /// The sign between five pairs of word bytes and a sixth, and behind two words of four bytes with a digit among them.
    #[inline(always)]
    fn mark_pairs(&mut self, group: usize) {
        let [digit, separator, word] =
            [&self.digit, &self.separator, &self.word].map(|map| Group::new(map, group));
        let [twos, fours, digits] =
            [&mut self.behind_two, &mut self.behind_four, &mut self.behind_digits]
                .map(|map| group_of(&mut map[1..], group));
        for at in 0..GROUP {
            let two = separator.here(at) & word.back(at, 1) & word.back(at, 2);
            let four = two & word.back(at, 3) & word.back(at, 4) & !word.back(at, 5);
            let held =
                digit.back(at, 1) | digit.back(at, 2) | digit.back(at, 3) | digit.back(at, 4);
            (twos[at], fours[at], digits[at]) = (two, four, four & held);
        }
        let [word, twos, fours, digits] =
            [&self.word, &self.behind_two, &self.behind_four, &self.behind_digits]
                .map(|map| Group::new(map, group));
        for (at, mark) in group_of(&mut self.pairs, group).iter_mut().enumerate() {
            let last = word.ahead(at, 1) & word.ahead(at, 2) & !word.ahead(at, 3);
            let earlier = twos.back(at, 3) & twos.back(at, 6) & twos.back(at, 9);
            let pairs = twos.here(at) & earlier & twos.back(at, 12) & last;
            let held = digits.here(at) | digits.back(at, 5);
            *mark = pairs | fours.here(at) & fours.back(at, 5) & held;
        }
    }

    #[inline(always)]
    fn mark_rare(&mut self, group: usize) {
        let marks = [
            &mut self.anchors,
            &mut self.bare,
            &mut self.colons,
            &mut self.capitals,
            &mut self.pairs,
        ];
        let marks = marks.map(|marks| *group_of(marks, group));
        for (at, rare) in group_of(&mut self.rare, group).iter_mut().enumerate() {
            *rare = marks.iter().fold(0, |rare, marks| rare | marks[at]);
        }
    }

    /// Where clusters of digits begin that may hold a candidate.
    pub(super) fn clusters(&self) -> &[u64] {
        &self.clusters[..self.words]
    }

    /// First bytes of words.
    pub(super) fn starts(&self) -> &[u64] {
        &self.starts[..self.words]
    }

    /// Last bytes of words.
    pub(super) fn ends(&self) -> &[u64] {
        &self.ends[..self.words]
    }

    /// Number of bytes, up to the end of the last word of 64.
    pub(super) fn len(&self) -> usize {
        self.words * WORD
    }

    /// Capitals at the start of a word.
    pub(super) fn uppers(&self) -> &[u64] {
        &self.uppers[..self.words]
    }

    /// Numbers behind a word and capitals behind a number, with one byte between: perhaps parts of an address.
    pub(super) fn places(&self) -> &[u64] {
        &self.places[..self.words]
    }

    /// Bytes of the word whose bit is `bit` of word `at`, from there on; 64 when it may be longer.
    #[inline(always)]
    pub(super) fn word_len(&self, at: usize, bit: u32) -> u32 {
        (self.word[at + 1] >> bit | (self.word[at + 2] << 1) << (63 - bit)).trailing_ones()
    }

    /// Where something else than a cluster may stand, of any kind.
    pub(super) fn rare(&self) -> &[u64] {
        &self.rare[..self.words]
    }

    /// What may stand at a bit of [`Tile::rare`].
    #[inline(always)]
    pub(super) fn kind(&self, at: usize, bit: u32) -> Kind {
        let is = |marks: &Marks| marks[at] >> bit & 1 == 1;
        // A word and a group of four before an address are no pairs: "from 2001:db8::1", "mail 1985(at)example.org".
        let of_four = self.behind_four[at + 1] >> bit & 1 == 1;
        let other = of_four && (is(&self.colons) || is(&self.anchors));
        match () {
            // `-a` may be the end of a spelled `@`, but not between pairs.
            () if is(&self.pairs) && !other => Kind::Pairs,
            () if is(&self.anchors) => Kind::Anchor,
            () if is(&self.bare) => Kind::Bare,
            () if is(&self.colons) => Kind::Colon,
            () => Kind::Capitals,
        }
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

/// What may stand at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `@` or a spelled form of it.
    Anchor,
    /// The word "at".
    Bare,
    /// The first colon of an address.
    Colon,
    /// The sign behind the fifth pair, or the second group of four, of what may be a MAC address.
    Pairs,
    /// Two letters and two digits at the start of a word: capitals or not.
    Capitals,
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

    /// Whether it is digits only, all of them seen.
    #[inline(always)]
    pub(super) fn is_whole(self) -> bool {
        self.len < u64::BITS && self.digits.count_ones() == self.len
    }
}

#[cfg(test)]
mod tests;
