//! Values that must not stand anywhere any more: those that were removed, looked for in every spelling of digits and words.
//!
//! A value that a detector found once may stand elsewhere without the context that made it a finding: in a subject, a quoted reply, an id, a file
//! name. So what is removed is remembered, as keyed hashes only, and looked for in whole fields. Numbers are compared by their digits, whatever
//! stands between them, and names and addresses by their words. Values that are too short to mean one thing are not remembered: a first name,
//! a number of less than seven digits.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

/// Fewest digits of a number.
const DIGITS: usize = 7;
/// Most digits of a number, and most groups that they stand in.
const DIGITS_MAX: usize = 40;
const GROUPS_MAX: usize = 10;
/// Fewest characters of a value of words, and most words.
const LETTERS: usize = 6;
const WORDS_MAX: usize = 12;
/// Most bytes between two groups of digits of one number, or two words of one name.
const GAP: usize = 4;

/// How many bits of the sieve stand for one hash, at least.
const SPARSE: usize = 16;

/// How a value may be written elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// With other characters between its digits, or none.
    Any,
    /// As it is.
    One,
}

/// A set of values, as keyed hashes. `Debug` shows how many.
#[derive(Clone)]
pub struct Known {
    /// A key of this process: the hashes tell nothing to others.
    key: Seeds,
    /// What was said of each value when it was added.
    digits: HashMap<u64, u32, Plain>,
    words: HashMap<u64, u32, Plain>,
    /// Hashes of first words and first digits: most words of a text begin no value.
    first: HashSet<u64, Plain>,
    /// What says so without a look into the set: a bit for each hash.
    sieve: Vec<u64>,
    most_words: usize,
}

/// What hashes are made with.
#[derive(Clone, Copy)]
struct Seeds([u64; 2]);

impl Seeds {
    /// New ones.
    fn random() -> Self {
        let state = RandomState::new();
        Self([state.hash_one(1_u64), state.hash_one(2_u64) | 1])
    }

    /// Adds eight bytes to a hash: the halves of a product of 128 bits, which depends on every bit of both.
    #[inline]
    fn mix(self, hash: u64, next: u64) -> u64 {
        let wide = u128::from(hash.rotate_left(29) ^ next ^ self.0[0]) * u128::from(self.0[1]);
        #[expect(clippy::cast_possible_truncation, reason = "the two halves of a product")]
        let (low, high) = (wide as u64, (wide >> 64) as u64);
        low ^ high
    }
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Known({} values)", self.digits.len() + self.words.len())
    }
}

/// The keys are hashes already.
#[derive(Clone, Copy, Debug, Default)]
struct Plain(u64);

impl BuildHasher for Plain {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        *self
    }
}

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Only `u64` are hashed.
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// What an ASCII byte is in a word: itself in lower case, or 0 if it stands in none; 1 for what is not ASCII.
const LOWER: [u8; 256] = {
    let (mut table, mut byte) = ([1; 256], 0_u8);
    while byte < 128 {
        let stands = byte.is_ascii_alphanumeric();
        table[byte as usize] = if stands { byte.to_ascii_lowercase() } else { 0 };
        byte += 1;
    }
    table
};

/// A word of a text: letters and digits without a break.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    start: usize,
    end: usize,
    hash: u64,
    digits: bool,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            key: Seeds::random(),
            digits: HashMap::default(),
            words: HashMap::default(),
            first: HashSet::default(),
            sieve: Vec::new(),
            most_words: 0,
        }
    }
}

impl Known {
    /// An empty set whose hashes can be joined with those of this one.
    pub(super) fn sibling(&self) -> Self {
        Self {
            key: self.key,
            digits: HashMap::default(),
            words: HashMap::default(),
            first: HashSet::default(),
            sieve: Vec::new(),
            most_words: 0,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.digits.is_empty() && self.words.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.digits.clear();
        self.words.clear();
        self.first.clear();
        self.sieve.clear();
        self.most_words = 0;
    }

    /// Remembers how a value begins.
    fn begin(&mut self, hash: u64) {
        if !self.first.insert(hash) {
            return;
        }
        let bits = (self.first.len() * SPARSE).next_power_of_two();
        if bits > self.sieve.len() * 64 {
            self.sieve = vec![0; bits.div_ceil(64) * 2];
            for hash in &self.first {
                let (at, bit) = place(*hash, self.sieve.len());
                self.sieve[at] |= bit;
            }
        } else {
            let (at, bit) = place(hash, self.sieve.len());
            self.sieve[at] |= bit;
        }
    }

    /// Whether a value may begin so.
    #[inline]
    fn begins(&self, hash: u64) -> bool {
        let (at, bit) = place(hash, self.sieve.len());
        self.sieve.get(at).is_some_and(|bits| bits & bit != 0) && self.first.contains(&hash)
    }

    /// Takes in the values of a sibling.
    pub fn join(&mut self, other: &Self) {
        for (own, others) in [(&mut self.digits, &other.digits), (&mut self.words, &other.words)] {
            for (hash, note) in others {
                own.entry(*hash).or_insert(*note);
            }
        }
        for hash in &other.first {
            self.begin(*hash);
        }
        self.most_words = self.most_words.max(other.most_words);
    }

    /// Remembers a value, with a note that [`Self::find`] gives back. The first note of a value counts. A value in one spelling is
    /// found as it is written only, but for the case of letters and what stands between its words.
    pub(super) fn add(&mut self, text: &str, spelling: Spelling, note: u32) {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        if letters == 0 {
            let same = digits.windows(2).all(|pair| pair[0] == pair[1]);
            if digits.len() < DIGITS || same {
                return;
            }
            if spelling == Spelling::Any {
                self.add_digits(&digits, note);
                // A personal number is written with its century or without.
                if digits.len() == 12 && matches!(&digits[..2], b"18" | b"19" | b"20") {
                    self.add_digits(&digits[2..], note);
                }
                return;
            }
        }
        let mut words = Vec::new();
        self.split(text.as_bytes(), &mut words);
        let length: usize = words.iter().map(|word| word.end - word.start).sum();
        if words.len() > WORDS_MAX || length < LETTERS || (words.len() < 2 && digits.is_empty()) {
            return;
        }
        self.begin(words[0].hash);
        self.most_words = self.most_words.max(words.len());
        let hash = words.iter().fold(0, |hash, word| join(hash, word.hash));
        self.words.entry(hash).or_insert(note);
    }

    fn add_digits(&mut self, digits: &[u8], note: u32) {
        if digits.len() > DIGITS_MAX {
            return;
        }
        self.begin(u64::from(digits[0]));
        let hash = digits.iter().fold(0, |hash, digit| join(hash, u64::from(*digit)));
        self.digits.entry(self.key.mix(0, hash)).or_insert(note);
    }

    /// Where a text holds a value, with its note: the longest of those that begin at one place, none within another. `words` are those
    /// that [`Self::split`] of this set or a sibling found.
    pub(super) fn find(&self, text: &[u8], words: &[Word], out: &mut Vec<(Range<usize>, u32)>) {
        if self.is_empty() {
            return;
        }
        let mut next = 0;
        for (at, word) in words.iter().enumerate() {
            if word.start < next {
                continue;
            }
            let found = self.number(text, &words[at..]).or_else(|| self.phrase(&words[at..]));
            if let Some((end, note)) = found {
                out.push((word.start..end, note));
                next = end;
            }
        }
    }

    /// The end of a number that begins with the first of these words.
    fn number(&self, text: &[u8], words: &[Word]) -> Option<(usize, u32)> {
        let first = words.first().filter(|word| word.digits)?;
        if self.digits.is_empty() || !self.begins(u64::from(text[first.start])) {
            return None;
        }
        let (mut hash, mut count, mut end, mut found) = (0, 0, first.start, None);
        for word in words.iter().take(GROUPS_MAX) {
            let between = &text[end..word.start];
            // What stands between says that it is a time, a sum or a list.
            let parts =
                between.iter().any(|byte| matches!(byte, b':' | b',' | b';' | b'=' | b'\n'));
            if !word.digits || between.len() > GAP || parts || count > DIGITS_MAX {
                break;
            }
            for digit in &text[word.start..word.end] {
                hash = join(hash, u64::from(*digit));
            }
            count += word.end - word.start;
            end = word.end;
            if count >= DIGITS
                && let Some(note) = self.digits.get(&self.key.mix(0, hash))
            {
                found = Some((end, *note));
            }
        }
        found
    }

    /// The end of a value of words that begins with the first of these words.
    fn phrase(&self, words: &[Word]) -> Option<(usize, u32)> {
        let first = words.first()?;
        if self.words.is_empty() || !self.begins(first.hash) {
            return None;
        }
        let (mut hash, mut end, mut found) = (0, first.start, None);
        for word in words.iter().take(self.most_words) {
            if word.start - end > GAP {
                break;
            }
            hash = join(hash, word.hash);
            end = word.end;
            if let Some(note) = self.words.get(&hash) {
                found = Some((end, *note));
            }
        }
        found
    }

    /// The words of a text, in lower case, in place of what `words` held.
    pub(super) fn split(&self, text: &[u8], words: &mut Vec<Word>) {
        words.clear();
        let mut at = 0;
        while at < text.len() {
            let start = at;
            let (mut hash, mut eight, mut count) = (0, 0, 0_u32);
            let mut digits = true;
            loop {
                let mut last = 0;
                while let Some(&byte) = text.get(at) {
                    last = LOWER[usize::from(byte)];
                    if last <= 1 {
                        break;
                    }
                    digits &= last <= b'9';
                    eight = eight << 8 | u64::from(last);
                    count += 1;
                    if count.is_multiple_of(8) {
                        hash = self.key.mix(hash, eight);
                        eight = 0;
                    }
                    at += 1;
                }
                if last != 1 || at == text.len() {
                    break;
                }
                if let Some(lower) = latin(text[at], text.get(at + 1)) {
                    digits = false;
                    hash = self.key.mix(hash, u64::from(lower) << 32 | eight);
                    at += 2;
                    continue;
                }
                let Some((c, len)) = character(&text[at..]).filter(|(c, _)| c.is_alphanumeric())
                else {
                    break;
                };
                digits = false;
                for lower in c.to_lowercase() {
                    hash = self.key.mix(hash, u64::from(u32::from(lower)) << 32 | eight);
                }
                at += len;
            }
            if at > start {
                hash = self.key.mix(hash, eight);
                words.push(Word { start, end: at, hash, digits });
            } else if text[at] < 0x80 {
                at += 1;
            } else {
                at += character(&text[at..]).map_or(1, |(_, len)| len);
            }
        }
    }
}

/// The letters of most Nordic words beyond ASCII, U+00C0 to U+00FF, in lower case: the same as of the tables for all characters.
#[inline]
fn latin(first: u8, second: Option<&u8>) -> Option<u32> {
    match (first, second) {
        (0xC3, Some(0x97 | 0xB7)) => None,
        (0xC3, Some(&byte @ 0x80..=0x9E)) => Some(0xE0 + u32::from(byte - 0x80)),
        (0xC3, Some(&byte @ 0x9F..=0xBF)) => Some(0xC0 + u32::from(byte - 0x80)),
        _ => None,
    }
}

/// The character that a text begins with.
fn character(text: &[u8]) -> Option<(char, usize)> {
    // The longest has four bytes: what follows need not be looked at.
    let valid = text[..text.len().min(4)].utf8_chunks().next()?.valid();
    let c = valid.chars().next()?;
    Some((c, c.len_utf8()))
}

/// The bit of a hash in a sieve.
#[inline]
fn place(hash: u64, len: usize) -> (usize, u64) {
    let at = (hash >> 6) as usize & len.wrapping_sub(1);
    (at, 1 << (hash & 63))
}

/// The hash of what came before and one more.
fn join(hash: u64, next: u64) -> u64 {
    (hash.rotate_left(23) ^ next).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(known: &Known, text: &[u8]) -> Vec<(Range<usize>, u32)> {
        let (mut words, mut out) = (Vec::new(), Vec::new());
        known.split(text, &mut words);
        known.find(text, &words, &mut out);
        out
    }

    fn found(values: &[&str], text: &str) -> Vec<String> {
        let mut known = Known::default();
        for value in values {
            known.add(value, Spelling::Any, 7);
        }
        let out = hits(&known, text.as_bytes());
        assert!(out.iter().all(|(_, note)| *note == 7));
        out.into_iter().map(|(range, _)| text[range].to_owned()).collect()
    }

    #[test]
    fn numbers_are_found_in_any_spelling() {
        let values = ["19811218-9876"];
        for text in ["811218-9876", "8112189876", "19811218 9876", "81 12 18 98 76"] {
            assert_eq!(found(&values, &format!("nr {text}, tack")), [text]);
        }
        for text in
            ["811218-98765", "5811218-9876", "8112189877", "811218", "81\n1218\n\n\n\n\n9876"]
        {
            assert!(found(&values, text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_number_of_one_spelling_is_no_time_of_day() {
        let mut known = Known::default();
        known.add("20020815", Spelling::One, 0);
        known.add("1 250 000", Spelling::One, 1);
        known.add("0 0 0 0 0 0 0", Spelling::One, 2);
        let none = b"22 Aug 2002 08:15:02, 2002-08-15, 1250000, 0 0 0 0 0 0 0";
        assert!(hits(&known, none).is_empty());
        assert_eq!(hits(&known, b"nr 20020815 och 1 250 000."), [(3..11, 0), (16..25, 1)]);
    }

    #[test]
    fn words_are_found_whole_and_in_any_case() {
        let values = ["Åsa Öberg", "kim.berg@example.org", "ABC 12D", "131052-308T"];
        assert_eq!(
            found(
                &values,
                "hej ÅSA ÖBERG och Kim.Berg@Example.org, bil abc12d eller ABC 12D, 131052-308t"
            ),
            ["ÅSA ÖBERG", "Kim.Berg@Example.org", "ABC 12D", "131052-308t"]
        );
        assert!(found(&values, "Åsa Öbergsson, Öberg Åsa, berg@example.org").is_empty());
    }

    #[test]
    fn what_means_too_little_is_not_remembered() {
        for value in ["Anna", "123456", "", "Li Bo", "diabetes"] {
            assert!(found(&[value], value).is_empty(), "{value}");
        }
    }

    #[test]
    fn siblings_join() {
        let mut one = Known::default();
        let mut two = one.sibling();
        two.add("Åsa Öberg", Spelling::One, 0);
        one.join(&two);
        assert_eq!(hits(&one, "från Åsa Öberg".as_bytes()).len(), 1);
        one.clear();
        assert!(one.is_empty());
    }

    #[test]
    fn the_short_way_for_latin_letters_is_the_long_one() {
        for c in '\u{80}'..='\u{17f}' {
            let mut bytes = [0; 2];
            c.encode_utf8(&mut bytes);
            let long: Vec<u32> = c.to_lowercase().map(u32::from).collect();
            if let Some(short) = latin(bytes[0], bytes.get(1)) {
                assert!(c.is_alphanumeric());
                assert_eq!(long, [short], "{c}");
            } else {
                assert!(!('\u{c0}'..='\u{ff}').contains(&c) || !c.is_alphanumeric(), "{c}");
            }
        }
    }

    #[test]
    fn broken_text_is_no_problem() {
        let mut known = Known::default();
        known.add("Åsa Öberg", Spelling::One, 0);
        assert_eq!(hits(&known, b"\xff\xfe \xc3\x85sa \xc3\x96berg \xc3"), [(3..14, 0)]);
    }

    #[test]
    fn of_many_values_each_is_found_and_words_keep_their_order_of_letters() {
        let name = |at: u32| format!("namn{} efternamn{}x", at % 97, at);
        let mut known = Known::default();
        (0..3_000).for_each(|at| known.add(&name(at), Spelling::One, at));
        for at in 0..3_000 {
            let text = format!("hej {} tack", name(at));
            assert_eq!(hits(&known, text.as_bytes()), [(4..text.len() - 5, at)]);
        }
        for other in ["namn1 efternamn3001x", "amnn1 efternamn1x", "efternamn1x namn1", "namn1"] {
            assert!(hits(&known, other.as_bytes()).is_empty(), "{other}");
        }
    }
}
