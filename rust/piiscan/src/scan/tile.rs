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
    colon: Map,
    /// Digits, and separators between digits that are at most three bytes apart.
    cluster: Map,
    anchors: [u64; WORDS],
    bare: [u64; WORDS],
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
            colon: map,
            cluster: map,
            anchors: bits,
            bare: bits,
            clusters: bits,
            colons: bits,
            capitals: bits,
        }
    }
}

/// A bitmap with its neighbors, as slices of one length: the compiler makes vectors of loops over them.
#[derive(Clone, Copy)]
struct Around<'m> {
    before: &'m [u64],
    here: &'m [u64],
    after: &'m [u64],
}

impl<'m> Around<'m> {
    /// The first `len` words of the tile.
    #[inline(always)]
    fn new(map: &'m Map, len: usize) -> Self {
        Self { before: &map[..len], here: &map[1..=len], after: &map[2..len + 2] }
    }

    /// Bit i tells of byte i - `by`.
    #[inline(always)]
    fn back(self, at: usize, by: u32) -> u64 {
        self.here[at] << by | self.before[at] >> (64 - by)
    }

    /// Bit i tells of byte i + `by`.
    #[inline(always)]
    fn ahead(self, at: usize, by: u32) -> u64 {
        self.here[at] >> by | self.after[at] << (64 - by)
    }
}

impl Tile {
    /// Forgets the tile before: a buffer begins.
    pub(super) fn reset(&mut self) {
        self.words = 0;
        for map in self.maps() {
            map[0] = 0;
        }
    }

    fn maps(&mut self) -> [&mut Map; 5] {
        [&mut self.digit, &mut self.separator, &mut self.word, &mut self.colon, &mut self.cluster]
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
            }
        }
        self.mark_clusters();
        self.mark_colons();
        self.mark_words();
    }

    /// A separator belongs to a cluster when digits stand on both sides and the gap has three bytes at most.
    #[inline(always)]
    fn mark_clusters(&mut self) {
        let len = self.words + 1;
        let [digit, separator] = [&self.digit, &self.separator].map(|map| Around::new(map, len));
        for (at, cluster) in self.cluster[1..=len].iter_mut().enumerate() {
            let near = separator.here[at];
            let left_1 = digit.back(at, 1) & near;
            let left_2 = digit.back(at, 2) & separator.back(at, 1) & near;
            let left_3 = digit.back(at, 3) & separator.back(at, 2) & separator.back(at, 1) & near;
            let right_1 = digit.ahead(at, 1) & near;
            let right_2 = digit.ahead(at, 2) & separator.ahead(at, 1) & near;
            let right_3 =
                digit.ahead(at, 3) & separator.ahead(at, 2) & separator.ahead(at, 1) & near;
            *cluster = digit.here[at]
                | left_1 & (right_1 | right_2 | right_3)
                | left_2 & (right_1 | right_2)
                | left_3 & right_1;
        }
        let cluster = Around::new(&self.cluster, self.words);
        for (at, clusters) in self.clusters[..self.words].iter_mut().enumerate() {
            let mut start = cluster.here[at] & !cluster.back(at, 1);
            for by in 1..SHAPE {
                start &= cluster.ahead(at, by);
            }
            *clusters = start;
        }
    }

    /// The first colon of a token of short groups and two or more colons, but for the time of day. Whether the groups are
    /// hexadecimal is for others to see.
    #[inline(always)]
    fn mark_colons(&mut self) {
        let mut group: Map = [0; 1 + WORDS + AFTER];
        for (at, group) in group.iter_mut().enumerate() {
            *group = self.word[at] | self.colon[at];
        }
        let [digit, colon, group] =
            [&self.digit, &self.colon, &group].map(|map| Around::new(map, self.words));
        for (at, colons) in self.colons[..self.words].iter_mut().enumerate() {
            let (mut left, mut before) = (!0, 0);
            let (mut right, mut after) = (!0, 0);
            for by in 1..=5 {
                before |= left & colon.back(at, by);
                left &= group.back(at, by);
                after |= right & colon.ahead(at, by);
                right &= group.ahead(at, by);
            }
            let of_group = group.back(at, 1) | colon.ahead(at, 1);
            let pairs = digit.back(at, 2)
                & digit.back(at, 1)
                & digit.ahead(at, 1)
                & digit.ahead(at, 2)
                & colon.ahead(at, 3)
                & digit.ahead(at, 4)
                & digit.ahead(at, 5);
            let time = pairs & !colon.ahead(at, 6);
            *colons = colon.here[at] & of_group & after & !before & !time;
        }
    }

    /// Words of two letters and two digits or more; words that are "at".
    #[inline(always)]
    fn mark_words(&mut self) {
        let [word, digit] = [&self.word, &self.digit].map(|map| Around::new(map, self.words));
        let marks = self.capitals[..self.words].iter_mut().zip(&mut self.bare[..self.words]);
        for (at, (capitals, bare)) in marks.enumerate() {
            let start = word.here[at] & !word.back(at, 1) & !digit.here[at];
            let letter = word.ahead(at, 1) & !digit.ahead(at, 1);
            *capitals = start & letter & digit.ahead(at, 2) & digit.ahead(at, 3);
            *bare &= start & !word.ahead(at, 2);
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

    /// Words that are "at".
    pub(super) fn bare(&self) -> &[u64] {
        &self.bare[..self.words]
    }

    /// First colons of what may be addresses.
    pub(super) fn colons(&self) -> &[u64] {
        &self.colons[..self.words]
    }

    /// Two letters and two digits at the start of a word: capitals or not.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::simd::{self, Scalar, Task};

    /// Clusters, colons and letters before digits of a text.
    type Marks = [Vec<usize>; 3];

    struct Mark<'t> {
        text: &'t [u8],
    }

    impl Task for Mark<'_> {
        type Output = Marks;

        fn run(self, isa: impl Classify) -> Marks {
            let mut padded = self.text.to_vec();
            padded.resize(self.text.len() + PADDING, 0);
            let (mut tile, mut marks) = (Tile::default(), Marks::default());
            for base in (0..self.text.len()).step_by(TILE) {
                tile.read(isa, &padded, base, self.text.len());
                let maps = [tile.clusters(), tile.colons(), tile.capitals()];
                for (marks, map) in marks.iter_mut().zip(maps) {
                    let bits = (0..map.len() * WORD)
                        .filter(|bit| map[bit / WORD] >> (bit % WORD) & 1 == 1);
                    marks.extend(bits.map(|bit| base + bit));
                }
            }
            marks
        }
    }

    /// The same byte by byte.
    fn slow(text: &[u8]) -> Marks {
        let byte = |at: usize| text.get(at).copied().unwrap_or(0);
        let digit = |at: usize| byte(at).is_ascii_digit();
        let word = |at: usize| byte(at).is_ascii_alphanumeric() || byte(at) >= 0x80;
        let next = |end: usize| {
            let gap = (0..3).take_while(|by| b" -./:()+".contains(&byte(end + by))).count();
            digit(end + gap).then_some(end + gap)
        };
        let mut marks = Marks::default();
        let mut at = 0;
        while at < text.len() {
            let start = at;
            let mut end = None;
            while digit(at) {
                at += 1;
                end = Some(at);
                at = next(at).unwrap_or(at);
            }
            match end {
                Some(end) if end - start >= 6 => marks[0].push(start),
                Some(_) => {}
                None => at += 1,
            }
        }
        let group = |at: usize| word(at) || byte(at) == b':';
        for at in 0..text.len() {
            let pair = |at: usize| digit(at) && digit(at + 1);
            let time =
                at >= 2 && pair(at - 2) && pair(at + 1) && byte(at + 3) == b':' && pair(at + 4);
            let later = (1..=5)
                .take_while(|by| *by == 1 || group(at + by - 1))
                .any(|by| byte(at + by) == b':');
            let earlier = (1..=5.min(at))
                .take_while(|by| *by == 1 || group(at - (by - 1)))
                .any(|by| byte(at - by) == b':');
            let of_group = at > 0 && group(at - 1) || byte(at + 1) == b':';
            let is_time = time && byte(at + 6) != b':';
            if byte(at) == b':' && of_group && later && !earlier && !is_time {
                marks[1].push(at);
            }
            let letter = |at| word(at) && !digit(at);
            if letter(at)
                && letter(at + 1)
                && digit(at + 2)
                && digit(at + 3)
                && (at == 0 || !word(at - 1))
            {
                marks[2].push(at);
            }
        }
        marks
    }

    fn marks(text: &str) -> Marks {
        simd::dispatch(Mark { text: text.as_bytes() })
    }

    #[test]
    fn marks_numbers_addresses_and_heads_of_ibans() {
        assert_eq!(marks("ring 08-581 690 00 nu")[0], [5]);
        assert_eq!(marks("07:14:00, fe80::1 och aa:bb:cc:dd:ee:ff")[1], [14, 24]);
        assert_eq!(marks("::1 a:b c:d:e")[1], [0, 9]);
        assert_eq!(marks("till SE45 5000, NSE45")[2], [5]);
    }

    #[test]
    fn a_cluster_is_seen_across_every_tile_border() {
        for at in TILE - 20..TILE + 3 {
            let text = format!("{}08-581 690 00{}", "x".repeat(at), "y".repeat(100));
            assert_eq!(marks(&text)[0], [at], "{at}");
            assert_eq!(marks(&text), slow(text.as_bytes()));
        }
    }

    #[test]
    fn the_window_of_a_cluster_reaches_the_next_words() {
        let text = format!("{}{}", "x".repeat(TILE - 1), "1".repeat(200));
        let mut padded = text.into_bytes();
        let len = padded.len();
        padded.resize(len + PADDING, 0);
        let mut tile = Tile::default();
        tile.read(Scalar, &padded, 0, len);
        assert_eq!(tile.cluster(WORDS - 1, 63).len, 64);
    }

    proptest! {
        #[test]
        fn marks_are_those_of_a_slow_reader(
            text in "([0-9]{1,5}|[ -./:()+]{1,4}|[a-z:]{1,3}|[A-Z]{2}|å|,|\n){0,60}",
            shift in 0..70_usize,
        ) {
            let text = format!("{}{text}", "x".repeat(TILE - shift));
            let expected = slow(text.as_bytes());
            prop_assert_eq!(&Mark { text: text.as_bytes() }.run(Scalar), &expected);
            prop_assert_eq!(&marks(&text), &expected);
        }

        #[test]
        fn marks_of_any_bytes_are_those_of_a_slow_reader(text in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(simd::dispatch(Mark { text: &text }), slow(&text));
        }
    }
}
