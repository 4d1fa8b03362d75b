//! Values that must not stand anywhere any more: those that were removed, looked for in every spelling of digits and words.
//!
//! A value that a detector found once may stand elsewhere without the context that made it a finding: in a subject, a quoted reply, an id, a file
//! name. So what is removed is remembered, as keyed hashes only, and looked for in whole fields. Numbers are compared by their digits, whatever
//! stands between them, and names and addresses by their words. Values that are too short to mean one thing are not remembered: a first name,
//! a number of less than seven digits.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

use starts::{Start, Starts};
use words::{Seeds, Word};

mod starts;
mod words;

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
    first: HashMap<u64, Start, Plain>,
    /// What says so before a word is hashed.
    starts: Starts,
    most_words: usize,
}

/// What is remembered of a value: one hash, or two of a number that may be written without its century.
#[derive(Clone, Copy)]
pub(super) struct Print {
    hashes: [Begun; 2],
    count: usize,
    /// Number of words; none if it is compared by its digits.
    words: usize,
}

/// A hash, and how the value begins: the hash of its first word or digit, and that as it stands.
#[derive(Clone, Copy, Default)]
struct Begun {
    first: u64,
    start: Start,
    all: u64,
}

/// `Debug` shows nothing of the value.
impl std::fmt::Debug for Print {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Print({} words)", self.words)
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

impl Default for Known {
    fn default() -> Self {
        Self {
            key: Seeds::random(),
            digits: HashMap::default(),
            words: HashMap::default(),
            first: HashMap::default(),
            starts: Starts::default(),
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
            first: HashMap::default(),
            starts: Starts::default(),
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
        self.starts.clear();
        self.most_words = 0;
    }

    /// Remembers how a value begins.
    fn begin(&mut self, hash: u64, start: Start) {
        if self.first.insert(hash, start).is_some() {
            return;
        }
        if self.starts.is_full(self.first.len()) {
            self.starts.grow();
            self.first.values().for_each(|start| self.starts.add(*start));
        } else {
            self.starts.add(start);
        }
    }

    /// Takes in the values of a sibling.
    pub fn join(&mut self, other: &Self) {
        for (own, others) in [(&mut self.digits, &other.digits), (&mut self.words, &other.words)] {
            for (hash, note) in others {
                own.entry(*hash).and_modify(|own| *own = (*own).min(*note)).or_insert(*note);
            }
        }
        for (hash, start) in &other.first {
            self.begin(*hash, *start);
        }
        self.most_words = self.most_words.max(other.most_words);
    }

    /// What this set and its siblings remember of a value; nothing if it is too short. A value in one spelling is found as it is
    /// written only, but for the case of letters and what stands between its words.
    pub(super) fn print(&self, value: &str, spelling: Spelling) -> Option<Print> {
        let mut buffer = [0; DIGITS_MAX];
        let mut count = 0;
        for digit in value.bytes().filter(u8::is_ascii_digit) {
            if let Some(place) = buffer.get_mut(count) {
                *place = digit;
            }
            count += 1;
        }
        let digits = &buffer[..count.min(DIGITS_MAX)];
        if !value.chars().any(char::is_alphabetic) {
            let same = digits.windows(2).all(|pair| pair[0] == pair[1]);
            if count < DIGITS || same {
                return None;
            }
            if spelling == Spelling::Any {
                if count > DIGITS_MAX {
                    return None;
                }
                // A personal number is written with its century or without.
                let has_century = count == 12 && matches!(&digits[..2], b"18" | b"19" | b"20");
                let short = if has_century { &digits[2..] } else { digits };
                let hashes = [self.number_print(digits), self.number_print(short)];
                return Some(Print { hashes, count: 1 + usize::from(has_century), words: 0 });
            }
        }
        let (mut words, mut length, mut begun) = (0, 0, Begun::default());
        let mut at = 0;
        while let Some(word) = self.key.next_word(value.as_bytes(), at) {
            if words == 0 {
                begun.first = word.hash;
                begun.start = Start::word(value.as_bytes(), word.start);
            }
            begun.all = join(begun.all, word.hash);
            length += word.end - word.start;
            words += 1;
            at = word.end;
        }
        let says_enough = length >= LETTERS && (words > 1 || (words == 1 && count > 0));
        (says_enough && words <= WORDS_MAX).then_some(Print { hashes: [begun; 2], count: 1, words })
    }

    fn number_print(&self, digits: &[u8]) -> Begun {
        let hash = digits.iter().fold(0, |hash, digit| join(hash, u64::from(*digit)));
        let start = Start::Digits(digits[0], digits[1]);
        Begun {
            first: u64::from(digits[0]) << 8 | u64::from(digits[1]),
            start,
            all: self.key.mix(0, hash),
        }
    }

    /// Remembers a value, with a note that [`Self::find`] gives back. Of several notes the least counts, whichever came first.
    pub(super) fn add(&mut self, print: &Print, note: u32) {
        self.most_words = self.most_words.max(print.words);
        for begun in &print.hashes[..print.count] {
            self.begin(begun.first, begun.start);
            let values = if print.words == 0 { &mut self.digits } else { &mut self.words };
            values.entry(begun.all).and_modify(|own| *own = (*own).min(note)).or_insert(note);
        }
    }

    /// Where a text holds a value, with its note: the longest of those that begin at one place, none within another.
    pub(super) fn find(&self, text: &[u8], out: &mut Vec<(Range<usize>, u32)>) {
        if self.is_empty() {
            return;
        }
        let mut next = 0;
        let mut begins = |at: usize| {
            if at < next {
                return next;
            }
            let Some(word) = self.key.next_word(text, at) else { return text.len() };
            let found = self.number(text, word).or_else(|| self.phrase(text, word));
            if let Some((end, note)) = found {
                out.push((word.start..end, note));
                next = end;
            }
            next.max(word.end)
        };
        let is_sign = |byte: &u8| byte.is_ascii() && !byte.is_ascii_alphanumeric();
        let mut at = 0;
        while at < text.len() {
            let foreign = starts::foreign(text, at).unwrap_or(text.len());
            let known = &text[at..foreign];
            let end = match known.iter().rposition(is_sign) {
                _ if foreign == text.len() => foreign,
                Some(sign) => at + sign + 1,
                None => at,
            };
            self.starts.each(text, at..end, |at| {
                begins(at);
            });
            // What stands together with a foreign character is looked at word by word.
            let rest = &text[foreign..];
            let stop = foreign + rest.iter().position(is_sign).unwrap_or(rest.len());
            at = end;
            while at < stop {
                at = begins(at);
            }
        }
    }

    /// The end of a number that begins with a word.
    #[inline]
    fn number(&self, text: &[u8], mut word: Word) -> Option<(usize, u32)> {
        if self.digits.is_empty() || !text[word.start].is_ascii_digit() {
            return None;
        }
        let (mut hash, mut count, mut end, mut found) = (0, 0, word.start, None);
        for _ in 0..GROUPS_MAX {
            let (between, own) = (&text[end..word.start], &text[word.start..word.end]);
            // What stands between says that it is a time, a sum or a list, or the end of a line.
            let parts = between.iter().any(|byte| {
                matches!(byte, b':' | b',' | b';' | b'=') || (*byte < b' ' && *byte != b'\t')
            });
            let is_number = own.iter().all(u8::is_ascii_digit);
            if !is_number || between.len() > GAP || parts || count > DIGITS_MAX {
                break;
            }
            hash = own.iter().fold(hash, |hash, digit| join(hash, u64::from(*digit)));
            count += own.len();
            end = word.end;
            if count >= DIGITS
                && let Some(note) = self.digits.get(&self.key.mix(0, hash))
            {
                found = Some((end, *note));
            }
            let Some(next) = self.key.next_word(text, end) else { break };
            word = next;
        }
        found
    }

    /// The end of a value of words that begins with a word.
    #[inline]
    fn phrase(&self, text: &[u8], mut word: Word) -> Option<(usize, u32)> {
        if self.words.is_empty() || !self.first.contains_key(&word.hash) {
            return None;
        }
        let (mut hash, mut end, mut found) = (0, word.start, None);
        for _ in 0..self.most_words {
            if word.start - end > GAP {
                break;
            }
            hash = join(hash, word.hash);
            end = word.end;
            if let Some(note) = self.words.get(&hash) {
                found = Some((end, *note));
            }
            let Some(next) = self.key.next_word(text, end) else { break };
            word = next;
        }
        found
    }
}

/// The hash of what came before and one more.
fn join(hash: u64, next: u64) -> u64 {
    (hash.rotate_left(23) ^ next).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn add(known: &mut Known, value: &str, spelling: Spelling, note: u32) {
        if let Some(print) = known.print(value, spelling) {
            known.add(&print, note);
        }
    }

    fn hits(known: &Known, text: &[u8]) -> Vec<(Range<usize>, u32)> {
        let mut out = Vec::new();
        known.find(text, &mut out);
        out
    }

    fn found(values: &[&str], text: &str) -> Vec<String> {
        let mut known = Known::default();
        for value in values {
            add(&mut known, value, Spelling::Any, 7);
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
        add(&mut known, "20020815", Spelling::One, 0);
        add(&mut known, "1 250 000", Spelling::One, 1);
        add(&mut known, "0 0 0 0 0 0 0", Spelling::One, 2);
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
    fn no_value_goes_across_what_stands_between_fields() {
        for text in ["Åsa\n\n\n\n\nÖberg", "811218\n\n\n\n\n9876"] {
            assert!(found(&["Åsa Öberg", "811218-9876"], text).is_empty(), "{text:?}");
        }
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
        add(&mut two, "Åsa Öberg", Spelling::One, 0);
        one.join(&two);
        assert_eq!(hits(&one, "från Åsa Öberg".as_bytes()).len(), 1);
        one.clear();
        assert!(one.is_empty());
    }

    #[test]
    fn broken_text_is_no_problem() {
        let mut known = Known::default();
        add(&mut known, "Åsa Öberg", Spelling::One, 0);
        assert_eq!(hits(&known, b"\xff\xfe \xc3\x85sa \xc3\x96berg \xc3"), [(3..14, 0)]);
    }

    #[test]
    fn of_many_values_each_is_found_and_words_keep_their_order_of_letters() {
        let name = |at: u32| format!("namn{} efternamn{}x", at % 97, at);
        let mut known = Known::default();
        (0..3_000).for_each(|at| add(&mut known, &name(at), Spelling::One, at));
        for at in 0..3_000 {
            let text = format!("hej {} tack", name(at));
            assert_eq!(hits(&known, text.as_bytes()), [(4..text.len() - 5, at)]);
        }
        for other in ["namn1 efternamn3001x", "amnn1 efternamn1x", "efternamn1x namn1", "namn1"] {
            assert!(hits(&known, other.as_bytes()).is_empty(), "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_value_is_found_wherever_it_stands(
            pieces in prop::collection::vec((0..VALUES.len() + FILLERS.len(), 0..BETWEEN.len()), 1..12),
        ) {
            let mut known = Known::default();
            for (at, value) in VALUES.iter().enumerate() {
                add(&mut known, value, Spelling::One, u32::try_from(at).unwrap());
            }
            let (mut text, mut expected) = (String::new(), Vec::new());
            for (piece, between) in pieces {
                let start = text.len();
                text.push_str(VALUES.get(piece).unwrap_or_else(|| &FILLERS[piece - VALUES.len()]));
                if piece < VALUES.len() {
                    expected.push((start..text.len(), u32::try_from(piece).unwrap()));
                }
                text.push_str(BETWEEN[between]);
            }
            prop_assert_eq!(hits(&known, text.as_bytes()), expected);
        }
    }

    const VALUES: [&str; 5] =
        ["Åsa Öberg", "kim.berg@example.org", "131052-308T", "Šárka Nováková", "Bo–Lindqvist-Ek"];
    const FILLERS: [&str; 6] =
        ["åsa", "Öbergsson", "×", "naïve “ord”", "kim", "ett längre ord som ingen söker"];
    const BETWEEN: [&str; 6] = [". .. ", " – och – ", "😊", "\n\n; (", "“ ... ”", "…… "];
}
