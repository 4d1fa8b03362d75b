//! Marks of any text are those of a reader that looks at one byte after the other.

use proptest::prelude::*;

use super::*;
use crate::simd::{self, Scalar, Task};

/// Clusters, colons, letters before digits, pairs, capitals and places of a text.
type Marks = [Vec<usize>; 6];

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
            let maps = [
                &tile.clusters,
                &tile.colons,
                &tile.capitals,
                &tile.pairs,
                &tile.uppers,
                &tile.places,
            ];
            for (marks, map) in marks.iter_mut().zip(maps.map(|map| &map[..tile.words])) {
                let bits =
                    (0..map.len() * WORD).filter(|bit| map[bit / WORD] >> (bit % WORD) & 1 == 1);
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
        let time = at >= 2 && pair(at - 2) && pair(at + 1) && byte(at + 3) == b':' && pair(at + 4);
        let longer = word(at + 6) && (word(at + 7) || byte(at + 7) == b':');
        let later =
            (1..=5).take_while(|by| *by == 1 || group(at + by - 1)).any(|by| byte(at + by) == b':');
        let earlier = (1..=5.min(at))
            .take_while(|by| *by == 1 || group(at - (by - 1)))
            .any(|by| byte(at - by) == b':');
        let of_group = at > 0 && group(at - 1) || byte(at + 1) == b':';
        let is_time = time && byte(at + 6) != b':' && !longer;
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
        let sign = |at: usize| b" -./:()+".contains(&byte(at));
        let all = |from: usize, len: usize| (from..from + len).all(word);
        let two = |end: usize| end >= 2 && sign(end) && all(end - 2, 2);
        let last = all(at + 1, 2) && !word(at + 3);
        let pairs = at >= 14 && [0, 3, 6, 9, 12].iter().all(|by| two(at - by)) && last;
        let held = |end: usize| (end - 4..end).any(digit);
        let four =
            |end: usize| end >= 4 && sign(end) && all(end - 4, 4) && (end == 4 || !word(end - 5));
        let fours = at >= 9 && four(at) && four(at - 5) && (held(at) || held(at - 5));
        if pairs || fours {
            marks[3].push(at);
        }
        let start = word(at) && (at == 0 || !word(at - 1));
        let latin = byte(at) == 0xC3 && (0x80..0x9F).contains(&byte(at + 1));
        let upper = start && (byte(at).is_ascii_uppercase() || latin || byte(at) & 0xFE == 0xC4);
        if upper {
            marks[4].push(at);
        }
        let behind = start && at > 1 && b" -./:()+".contains(&byte(at - 1)) && word(at - 2);
        let place = if digit(at) {
            !digit(at.saturating_sub(2))
        } else {
            upper && digit(at.saturating_sub(2))
        };
        if behind && place {
            marks[5].push(at);
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
    assert_eq!(marks("x 00-11-22-aa-bb-cc 0011.22aa.bbcc")[3], [16, 29]);
    assert_eq!(marks("till SE45 5000, NSE45")[2], [5]);
}

#[test]
fn marks_capitals_and_what_may_be_an_address() {
    assert_eq!(marks("Åsa åt ÄggA på 3 Ö")[4], [0, 9, 21]);
    assert_eq!(marks("Storgatan 12 B, 791 29 Falun, 2 Ö")[5], [10, 13, 23, 32]);
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
        text in "([0-9]{1,5}|[0-9a-f]{2}[-:]|[0-9a-f]{4}\\.|[ -./:()+]{1,4}|[a-z:]{1,3}|[A-Z]{2}|å|Å|Š|,|\n){0,60}",
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
