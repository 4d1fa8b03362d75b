//! Byte strings by the first eight bytes of a word: one integer comparison tells nearly always whether a word can be one of them.
//!
//! The bytes of a word are folded and loaded as one integer, first byte lowest, zeros behind its end. A string that is a whole word
//! is compared with all eight bytes, so it fits no longer word; one that may be continued only with its own. All strings that
//! share four bytes stand side by side behind a slot of a small hash table. Two bitmaps tell before that, without a branch, whether
//! any string begins with the same six bytes, or with the same four and may be continued before the sixth: most words that share
//! four bytes with some string are let go so.

#![expect(clippy::inline_always, reason = "compiled with the filters, for their processor")]

use std::ops::Range;

use crate::simd::eight::mask;

/// What the first eight bytes of a word must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::detect) struct Key {
    bits: u64,
    mask: u64,
}

/// The first eight of these bytes as an integer, zeros behind the end.
fn eight(bytes: &[u8]) -> u64 {
    let mut first = [0; 8];
    let len = bytes.len().min(8);
    first[..len].copy_from_slice(&bytes[..len]);
    u64::from_le_bytes(first)
}

impl Key {
    /// Words that are these folded bytes, as far as eight bytes tell.
    pub(in crate::detect) fn whole(bytes: &[u8]) -> Self {
        Self { bits: eight(bytes), mask: !0 }
    }

    /// Words that begin with these folded bytes, three or more.
    pub(in crate::detect) fn open(bytes: &[u8]) -> Self {
        Self { bits: eight(bytes), mask: mask(bytes.len()) }
    }

    /// Whether the first eight bytes of a word are those.
    #[inline(always)]
    pub(super) fn fits(self, word: u64) -> bool {
        (self.bits ^ word) & self.mask == 0
    }

    /// The first four bytes.
    fn low(self) -> u32 {
        low(self.bits)
    }

    /// The bytes that are known, zeros behind them.
    pub(super) fn bits(self) -> u64 {
        self.bits
    }

    /// Every fourth byte that the word may have: one, unless only three bytes are known.
    pub(super) fn spread(self) -> impl Iterator<Item = Self> {
        let known = self.mask & 0xff00_0000 != 0;
        let fourths = if known { 0..1 } else { 0..256_u64 };
        fourths
            .filter(move |byte| {
                let folded = byte & 0x20 != 0 && (byte & 0x80 != 0 || is_alphanumeric(*byte));
                known || *byte == 0 || folded
            })
            .map(move |byte| Self { bits: self.bits | byte << 24, mask: self.mask | 0xff00_0000 })
    }

    /// Whether it is a whole word of three bytes.
    pub(super) fn is_triple(self) -> bool {
        self.mask == !0 && self.bits >> 24 == 0 && self.bits >> 16 != 0
    }
}

fn is_alphanumeric(byte: u64) -> bool {
    u8::try_from(byte).is_ok_and(|byte| byte.is_ascii_alphanumeric())
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is meant")]
fn low(bits: u64) -> u32 {
    bits as u32
}

/// Where the strings of the same first four bytes stand.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    low: u32,
    from: u32,
    len: u32,
}

/// A set of integers that takes others for its own now and then.
#[derive(Clone, Debug)]
struct Bloom(Box<[u64]>);

impl Bloom {
    fn new(all: &[u64]) -> Self {
        let mut words = vec![0; (all.len() * ROOM / 64 + 1).next_power_of_two()];
        let len = words.len();
        for one in all {
            let (word, bit) = Self::place(*one, len);
            words[word] |= 1 << bit;
        }
        Self(words.into())
    }

    #[inline(always)]
    fn place(one: u64, len: usize) -> (usize, u64) {
        let hash = one.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let word = usize::try_from(hash >> 38).unwrap_or(0) & len.wrapping_sub(1);
        (word, hash >> 32 & 63)
    }

    /// 1 if it has the integer, 0 if not; the other bits mean nothing.
    #[inline(always)]
    fn has(&self, one: u64) -> u64 {
        let (word, bit) = Self::place(one, self.0.len());
        self.0[word] >> bit
    }
}

/// Bits of the bitmap for each string, at least.
const ROOM: usize = 16;
const SIX: u64 = 0xffff_ffff_ffff;
const FOUR: u64 = 0xffff_ffff;

/// Keys, each with what it stands for, by their first four bytes. Those that share them keep their order.
#[derive(Clone, Debug)]
pub(in crate::detect) struct Eights<T> {
    slots: Box<[Slot]>,
    shift: u32,
    /// First six bytes of the strings that have so many or end before.
    sixes: Bloom,
    /// First four bytes of the others.
    fours: Bloom,
    keys: Vec<Key>,
    items: Vec<T>,
}

impl<T: Copy> Eights<T> {
    pub(super) fn new(entries: impl Iterator<Item = (Key, T)>) -> Self {
        let mut all: Vec<(Key, T)> =
            entries.flat_map(|(key, item)| key.spread().map(move |key| (key, item))).collect();
        all.sort_by_key(|(key, _)| key.low());
        let groups = || all.chunk_by(|a, b| a.0.low() == b.0.low());
        let size = (groups().count() * 3 / 2 + 2).next_power_of_two();
        let (mut slots, shift) = (vec![Slot::default(); size], 32 - size.ilog2());
        let mut from = 0;
        for group in groups() {
            let low = group[0].0.low();
            let mut at = spread(low, shift);
            while slots[at].len > 0 {
                at = (at + 1) & (size - 1);
            }
            let count = |len| u32::try_from(len).expect("a lexicon is far below 4 GiB");
            slots[at] = Slot { low, from, len: count(group.len()) };
            from += count(group.len());
        }
        let told = |key: &Key| key.mask & SIX == SIX;
        let (longer, shorter): (Vec<Key>, Vec<Key>) =
            all.iter().map(|(key, _)| *key).partition(told);
        let longer: Vec<u64> = longer.iter().map(|key| key.bits & SIX).collect();
        let shorter: Vec<u64> = shorter.iter().map(|key| key.bits & FOUR).collect();
        let (sixes, fours) = (Bloom::new(&longer), Bloom::new(&shorter));
        let (keys, items) = all.into_iter().unzip();
        Self { slots: slots.into(), shift, sixes, fours, keys, items }
    }

    /// Whether a key may fit the first eight bytes of a word: 1 if so, 0 if not; the other bits mean nothing.
    #[inline(always)]
    pub(super) fn may_have(&self, word: u64) -> u64 {
        self.sixes.has(word & SIX) | self.fours.has(word & FOUR)
    }

    /// The keys that share the first four bytes of a word.
    #[inline]
    fn bucket(&self, word: u64) -> Range<usize> {
        let low = low(word);
        let mut at = spread(low, self.shift);
        loop {
            let slot = &self.slots[at];
            if slot.low == low || slot.len == 0 {
                let from = slot.from as usize;
                return from..from.wrapping_add(slot.len as usize);
            }
            at = at.wrapping_add(1) & (self.slots.len() - 1);
        }
    }

    /// Whether a key fits the first eight bytes of a word.
    #[inline]
    pub(super) fn has(&self, word: u64) -> bool {
        self.may_have(word) & 1 == 1
            && self.keys[self.bucket(word)].iter().any(|key| key.fits(word))
    }

    /// What the keys stand for that fit the first eight bytes of a word, in the order in which they were given.
    #[inline]
    pub(super) fn each(&self, word: u64, mut found: impl FnMut(T)) {
        if self.may_have(word) & 1 == 0 {
            return;
        }
        let bucket = self.bucket(word);
        for (key, item) in self.keys[bucket.clone()].iter().zip(&self.items[bucket]) {
            if key.fits(word) {
                found(*item);
            }
        }
    }

    /// Everything that the keys stand for.
    #[cfg(test)]
    pub(super) fn items(&self) -> &[T] {
        &self.items
    }
}

/// The slot where the search for four bytes begins.
#[inline]
fn spread(low: u32, shift: u32) -> usize {
    (low.wrapping_mul(0x9E37_79B1) >> shift) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(eights: &Eights<usize>, word: &[u8]) -> Vec<usize> {
        let mut all = Vec::new();
        eights.each(eight(word), |item| all.push(item));
        assert_eq!(eights.has(eight(word)), !all.is_empty());
        all
    }

    #[test]
    fn whole_words_fit_no_longer_word_and_open_ones_do() {
        let keys = [Key::whole(b"hiv"), Key::open(b"cancer"), Key::whole(b"ms"), Key::open(b"bil")];
        let eights = Eights::new(keys.into_iter().zip(0..));
        let all = |word: &str| found(&eights, word.as_bytes());
        assert_eq!([all("hiv"), all("ms"), all("cancervård"), all("bilar")], [[0], [2], [1], [3]]);
        assert_eq!([found(&eights, b"bil"), found(&eights, b"bil\xe3\xa5")], [[3], [3]]);
        assert!(all("hivs").is_empty() && all("cance").is_empty() && all("m").is_empty());
    }

    proptest! {
        #[test]
        fn what_fits_is_what_comparing_every_key_says(
            forms in prop::collection::vec(("[a-c]{3,10}", any::<bool>()), 0..60),
            words in prop::collection::vec("[a-c]{1,10}", 1..40),
        ) {
            let key = |(form, open): &(String, bool)| {
                if *open { Key::open(form.as_bytes()) } else { Key::whole(form.as_bytes()) }
            };
            let eights = Eights::new(forms.iter().map(key).zip(0..));
            for word in words {
                let first = &word[..word.len().min(8)];
                let fits = |(form, open): &(String, bool)| {
                    let form = &form[..form.len().min(8)];
                    if *open { first.starts_with(form) } else { first == form }
                };
                let expected: Vec<usize> =
                    (0..forms.len()).filter(|at| fits(&forms[*at])).collect();
                prop_assert_eq!(found(&eights, word.as_bytes()), expected);
            }
        }
    }
}
