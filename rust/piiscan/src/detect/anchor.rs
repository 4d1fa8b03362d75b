//! Anchors: words that make a place a candidate of the detectors whose words they are.
//!
//! A detector that is only valid beside a word is asked where its word stands rather than about every short number. The words pass the
//! filter of the keywords, so a text is read once for both; what passes is compared here. A term is one of a list of
//! [`Detector::words`](super::Detector::words): lower case, any case in the text, whole words, `*` for any ending, a space for any white
//! space that is no blank line. A word starts where the byte before is no letter or digit.

#![expect(
    clippy::inline_always,
    reason = "the filters are compiled with the pass, for its processor"
)]

use std::ops::Range;

use smallvec::SmallVec;

use super::keyword::{ByKey, Filter, Key, is_word_byte, word8};

const LABEL_MAX: usize = 128; // bytes of a label that are looked at

/// An anchor in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Anchor {
    /// One past its last byte.
    pub(crate) end: usize,
    /// Place of the detector among those that run.
    pub(crate) slot: u8,
    /// Number of its list.
    pub(crate) list: u8,
}

/// The anchors at one place: for every list the longest.
pub(crate) type Found = SmallVec<[Anchor; 4]>;

/// The anchors of all detectors that run.
#[derive(Debug)]
pub(crate) struct Anchors {
    /// By the first two bytes, folded.
    terms: ByKey<u32, Vec<Term>>,
    /// The filter where no keywords are sought.
    filter: Filter,
}

#[derive(Debug)]
struct Term {
    text: Box<[u8]>,
    /// Its first bytes up to a space, folded, eight at most, and which bits of eight bytes they fill.
    head: u64,
    filled: u64,
    any_ending: bool,
    owners: SmallVec<[(u8, u8); 4]>,
}

impl Anchors {
    /// Compiles lists of words: place of the detector among those that run, number of the list, its words.
    ///
    /// # Panics
    ///
    /// If a term has less than two bytes, or less than three and any ending: lists are part of the program.
    pub(crate) fn compile<'w>(lists: impl Iterator<Item = (u8, u8, &'w [&'w str])>) -> Self {
        let mut terms: ByKey<u32, Vec<Term>> = ByKey::default();
        for (slot, list, words) in lists {
            for word in words {
                let stem = word.trim_end_matches('*');
                let any_ending = stem.len() < word.len();
                assert!(stem.len() >= 2, "anchors have two bytes at least");
                let bucket = terms.entry(key2(stem.as_bytes())).or_default();
                let same =
                    |t: &&mut Term| *t.text == *stem.as_bytes() && t.any_ending == any_ending;
                match bucket.iter_mut().find(same) {
                    Some(term) => term.owners.push((slot, list)),
                    None => bucket.push(Term::new(stem.as_bytes(), any_ending, (slot, list))),
                }
            }
        }
        let filter = Filter::new(terms.values().flatten().filter_map(Term::key).collect());
        Self { terms, filter }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// What the words of a text must be to be anchors, as far as eight bytes tell.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        self.terms.values().flatten().filter_map(Term::key)
    }

    /// Appends the places of words that may be anchors; the bitmaps are those of the keywords.
    #[inline(always)]
    pub(crate) fn filter(
        &self,
        text: &[u8],
        base: usize,
        starts: &[u64],
        ends: &[u64],
        out: &mut Vec<u32>,
    ) {
        self.filter.starts(text, base, starts, ends, out);
    }

    /// The anchors that begin at `at`, inside a field.
    pub(crate) fn at(&self, text: &[u8], field: &Range<usize>, at: usize) -> Found {
        let mut found = Found::new();
        let starts = at == field.start || !is_word_byte(text[at - 1]);
        if !starts || field.end - at < 2 {
            return found;
        }
        if is_word_byte(text[at]) && !self.filter.has(word8(text, at)) {
            return found; // a keyword
        }
        let head = first_eight(&text[at..]);
        for term in self.terms.get(&key2(&text[at..])).into_iter().flatten() {
            if (head ^ term.head) & term.filled != 0 {
                continue;
            }
            let Some(end) = term.end(&text[..field.end], at) else { continue };
            for &(slot, list) in &term.owners {
                let own = |known: &&mut Anchor| (known.slot, known.list) == (slot, list);
                match found.iter_mut().find(own) {
                    Some(known) => known.end = known.end.max(end),
                    None => found.push(Anchor { end, slot, list }),
                }
            }
        }
        found.sort_unstable_by_key(|anchor| (anchor.slot, anchor.list));
        found
    }

    /// The anchors in a label, also in one like `passNumber` or `pass_nr`. Their ends are those of no text: 0.
    pub(crate) fn in_label(&self, label: &str) -> Found {
        let label = &label.as_bytes()[..label.len().min(LABEL_MAX)];
        let mut parts: SmallVec<[u8; 2 * LABEL_MAX]> = SmallVec::new();
        for (at, &byte) in label.iter().enumerate() {
            if byte.is_ascii_uppercase() && at > 0 && label[at - 1].is_ascii_lowercase() {
                parts.push(b' ');
            }
            parts.push(byte);
        }
        let mut found = Found::new();
        for text in [label, &parts[..]] {
            let here = (0..text.len()).flat_map(|at| self.at(text, &(0..text.len()), at));
            for anchor in here.map(|anchor| Anchor { end: 0, ..anchor }) {
                if !found.contains(&anchor) {
                    found.push(anchor);
                }
            }
        }
        found.sort_unstable_by_key(|anchor| (anchor.slot, anchor.list));
        found
    }
}

impl Term {
    fn new(text: &[u8], any_ending: bool, owner: (u8, u8)) -> Self {
        let len = text.iter().position(|byte| *byte == b' ').unwrap_or(text.len()).min(8);
        let filled = u64::MAX >> (64 - 8 * len);
        let head = first_eight(text) & filled;
        let owners = SmallVec::from_slice(&[owner]);
        Self { text: text.into(), head, filled, any_ending, owners }
    }

    /// The key of its first word; `None` if it starts with a sign, as only labels may.
    fn key(&self) -> Option<Key> {
        let letters = self.text.iter().take_while(|byte| is_word_byte(**byte)).count();
        let folded: SmallVec<[u8; 32]> = self.text[..letters].iter().map(|b| b | 0x20).collect();
        let open = self.any_ending && letters == self.text.len();
        assert!(!open || letters >= 3, "any ending needs three bytes");
        let key = if open { Key::open(&folded) } else { Key::whole(&folded) };
        (letters > 0).then_some(key)
    }

    /// Where the term ends that begins at `at`, if it does.
    fn end(&self, text: &[u8], at: usize) -> Option<usize> {
        let mut end = at;
        for &byte in &self.text {
            if byte == b' ' {
                end += white_space(&text[end..])?;
            } else if text.get(end).is_some_and(|found| is_same(*found, byte)) {
                end += 1;
            } else {
                return None;
            }
        }
        let letters = text[end..].iter().take_while(|byte| is_word_byte(**byte)).count();
        let whole = letters == 0 || !is_word_byte(self.text[self.text.len() - 1]);
        (self.any_ending || whole).then_some(if self.any_ending { end + letters } else { end })
    }
}

/// The first eight bytes, folded; what is missing is zero.
fn first_eight(text: &[u8]) -> u64 {
    const FOLD: u64 = 0x2020_2020_2020_2020;
    let whole = text.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    let bytes = || text.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
    whole.unwrap_or_else(bytes) | FOLD
}

/// The first two bytes, folded.
fn key2(text: &[u8]) -> u32 {
    u32::from(text[0] | 0x20) << 8 | u32::from(text[1] | 0x20)
}

/// Whether a byte of a text is one of a term in lower case. The second bytes of å ä ö ø in UTF-8 differ from those of their capitals by the
/// same bit as ASCII letters do.
fn is_same(found: u8, of: u8) -> bool {
    found == of || ((of.is_ascii_lowercase() || of >= 0x80) && found | 0x20 == of)
}

/// Bytes of white space at the start that holds no blank line.
fn white_space(text: &[u8]) -> Option<usize> {
    let len = text.iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
    let mut lines = text[..len].iter().filter(|byte| **byte == b'\n');
    (len > 0 && lines.nth(1).is_none()).then_some(len)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::keyword::bitmaps;
    use super::*;

    const PLATE: &[&str] = &["bil", "reg.nr", "registrering*", "bil*", "pg", "på väg"];
    const PASS: &[&str] = &["pass", "passnummer", "id-kort", "på väg till", "ägare*", "f."];

    fn anchors() -> Anchors {
        Anchors::compile([(3, 0, PLATE), (5, 2, PASS)].into_iter())
    }

    /// Each anchor with its detector and its text.
    fn found(text: &str, tile: usize) -> Vec<(u8, String)> {
        let anchors = anchors();
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(text.len() + 64, 0);
        let mut places = Vec::new();
        for base in (0..text.len()).step_by(tile) {
            let (starts, ends) = bitmaps(&bytes, base..text.len().min(base + tile));
            anchors.filter(&bytes, base, &starts, &ends, &mut places);
        }
        places.sort_unstable();
        places.dedup();
        let at = |place: u32| {
            let place = place as usize;
            let found = anchors.at(&bytes, &(0..text.len()), place);
            found.into_iter().map(move |a| (a.slot, text[place..a.end].to_owned()))
        };
        places.into_iter().flat_map(at).collect()
    }

    /// The same word by word, in lower case as Unicode has it.
    fn naive(text: &str) -> Vec<(u8, String)> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii();
        let mut out = Vec::new();
        let mut before = ' ';
        for (at, c) in text.char_indices() {
            let starts = is_word(c) && !is_word(before);
            before = c;
            for (slot, words) in [(3, PLATE), (5, PASS)].into_iter().filter(|_| starts) {
                let end = |word: &&str| {
                    let (stem, open) = word.strip_suffix('*').map_or((*word, false), |s| (s, true));
                    let (mut rest, mut taken) = (&text[at..], 0);
                    for part in stem.split(' ') {
                        let space = rest.len() - rest.trim_start_matches([' ', '\n']).len();
                        let lines = rest[..space].matches('\n').count();
                        if taken > 0 && (space == 0 || lines > 1) {
                            return None;
                        }
                        let space = if taken > 0 { space } else { 0 };
                        let head = rest[space..].get(..part.len())?;
                        if head.to_lowercase() != part {
                            return None;
                        }
                        taken += space + part.len();
                        rest = &text[at + taken..];
                    }
                    let tail = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                    let whole = tail == 0 || stem.ends_with('.');
                    (open || whole).then_some(at + taken + if open { tail } else { 0 })
                };
                if let Some(end) = words.iter().filter_map(end).max() {
                    out.push((slot, text[at..end].to_owned()));
                }
            }
        }
        out
    }

    #[test]
    fn finds_the_longest_whole_words_in_any_case() {
        let text = "Bil, BILEN, sambil; Reg.nr ABC, PÅ  VÄG\ntill, id-kortet ID-KORT f.1962 pg passa PASS ÄGAREN";
        let expected = [
            (3, "Bil"),
            (3, "BILEN"),
            (3, "Reg.nr"),
            (3, "PÅ  VÄG"),
            (5, "PÅ  VÄG\ntill"),
            (5, "ID-KORT"),
            (5, "f."),
            (3, "pg"),
            (5, "PASS"),
            (5, "ÄGAREN"),
        ];
        assert_eq!(found(text, 64), expected.map(|(slot, text)| (slot, text.to_owned())));
        assert_eq!(found(text, 64), naive(text));
    }

    #[test]
    fn a_word_is_found_in_a_label() {
        let lists = |label: &str| -> Vec<u8> {
            anchors().in_label(label).iter().map(|anchor| anchor.list).collect()
        };
        assert_eq!(lists("Passnummer"), [2]);
        assert_eq!(lists("användare.passNr"), [2]);
        assert_eq!(lists("bil_pass"), [0, 2]);
        assert!(lists("kompass").is_empty());
        assert!(lists("").is_empty());
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_a_slow_reader_finds(
            text in "(bil|BILAR|reg.nr|Registrerings|pg|Pg|på|PÅ|väg|till|pass|nummer|id-kort|ägare|ÄGARE|f\\.|[a-z]{1,3}|å|[ ]{1,2}|\n|[ ]|[-.,1]){0,60}",
            shift in 0..70_usize,
        ) {
            let text = format!("{}{text}", "x ".repeat(shift));
            let expected = naive(&text);
            for tile in [64, 128, 4096] {
                prop_assert_eq!(&found(&text, tile), &expected);
            }
        }
    }
}
