//! The exact comparison: which terms a word matches, by its start, its end, or as the anchor of a pattern.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use smallvec::SmallVec;

use super::eights::{Eights, Key};
use super::filter::{Filter, tail8};
use super::letters::cut8;
use crate::lexicon::{Fold, Form, Inflection, Modes, PatternWord, Term, folded, variants};

/// Every way to spell an ending.
const ENDING_FOLDS: &[Fold] = &[Fold::Nfc, Fold::Dotless, Fold::Aeoe, Fold::Mojibake];

/// What a byte string means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// A stem at the start of a word.
    Stem { word: bool, head: bool, inflection: Inflection },
    /// A word of the anchor of a pattern; any ending for a prefix.
    Anchor { prefix: bool },
    /// A stem with its ending at the end of a word.
    Tail,
}

/// A byte string with its term.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Its first byte among the bytes of all.
    at: u32,
    len: u16,
    term: u32,
    what: What,
}

/// A term that a word matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    pub(super) term: u32,
    /// Bytes of the word that are the stem (with its ending for a tail).
    pub(super) stem: (u16, u16),
}

pub(super) type Hits = SmallVec<[Hit; 4]>;

/// Passes integer keys through: they are spread by multiplication already.
#[derive(Debug, Default)]
pub(in crate::detect) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, key: u32) {
        self.write_u64(u64::from(key));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = (self.0 ^ key).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 ^= self.0 >> 32;
    }
}

/// A map by integer key.
pub(in crate::detect) type ByKey<K, V> = HashMap<K, V, BuildHasherDefault<Spread>>;

/// Every byte string of the compiled lexicons.
#[derive(Debug)]
pub(super) struct Forms {
    /// The bytes of all forms, folded; those of tails reversed.
    bytes: Vec<u8>,
    heads: Eights<Entry>,
    tails: Eights<Entry>,
    endings: Vec<Endings>,
    pub(super) head_filter: Filter,
    pub(super) tail_filter: Filter,
    /// Bytes of the shortest tail: a word that has it is longer. At most 63.
    pub(super) tail_least: u32,
}

/// The endings of an inflection, in every spelling.
#[derive(Debug)]
struct Endings {
    inflection: Inflection,
    spelled: Vec<Vec<u8>>,
    /// Those of one to eight bytes as an integer: all, so far.
    keys: Vec<u64>,
}

impl Endings {
    fn new(inflection: Inflection) -> Self {
        let all = inflection.endings();
        let spelled: Vec<Vec<u8>> =
            all.iter().flat_map(|ending| variants(ending, ENDING_FOLDS)).collect();
        let mut keys: Vec<u64> =
            spelled.iter().map(|ending| cut8(ending, 0, ending.len())).collect();
        keys.sort_unstable();
        keys.dedup();
        Self { inflection, spelled, keys }
    }
}

/// Collects the forms of terms.
#[derive(Default)]
struct Collected {
    bytes: Vec<u8>,
    heads: Vec<(Key, Entry)>,
    tails: Vec<(Key, Entry)>,
}

impl Collected {
    fn entry(&mut self, form: impl Iterator<Item = u8>, term: u32, what: What) -> (Key, Entry) {
        let at = self.bytes.len();
        self.bytes.extend(form);
        let len = u16::try_from(self.bytes.len() - at).expect("a stem is short");
        let open = match what {
            What::Anchor { prefix } => prefix,
            What::Stem { head, inflection, .. } => head || inflection != Inflection::None,
            What::Tail => true,
        };
        // nothing of three bytes is the start of a longer word
        let open = open && len > 3;
        let form = &self.bytes[at..];
        let key = if open { Key::open(form) } else { Key::whole(form) };
        (key, Entry { at: u32::try_from(at).expect("far below 4 GiB"), len, term, what })
    }

    fn head(&mut self, form: &[u8], term: u32, what: What) {
        let entry = self.entry(form.iter().copied(), term, what);
        self.heads.push(entry);
    }

    fn tail(&mut self, stem: &[u8], ending: &[u8], term: u32) {
        let reversed = stem.iter().chain(ending).rev().copied();
        let entry = self.entry(reversed, term, What::Tail);
        self.tails.push(entry);
    }
}

impl Forms {
    /// The forms of these terms; the number of a term is its place.
    pub(super) fn new<'t>(terms: impl Iterator<Item = &'t Term>) -> Self {
        let mut inflections: Vec<Endings> = Vec::new();
        let mut all = Collected::default();
        for (term, number) in terms.zip(0u32..) {
            match &term.form {
                Form::Stems { stems, modes: Modes { word, head, tail }, inflection } => {
                    let known = inflections.iter().position(|e| e.inflection == *inflection);
                    let known = known.unwrap_or_else(|| {
                        inflections.push(Endings::new(*inflection));
                        inflections.len() - 1
                    });
                    for stem in stems.iter().flat_map(|stem| variants(stem, &term.folds)) {
                        if *tail {
                            for ending in &inflections[known].spelled {
                                all.tail(&stem, ending, number);
                            }
                        }
                        if *word || *head {
                            let inflection = *inflection;
                            let what = What::Stem { word: *word, head: *head, inflection };
                            all.head(&stem, number, what);
                        }
                    }
                }
                Form::Pattern(pattern) => {
                    for word in pattern.anchor_words() {
                        let (text, prefix) = match word {
                            PatternWord::Exact(text) => (text, false),
                            PatternWord::Prefix(text) => (text, true),
                            PatternWord::ClauseEnd => continue,
                        };
                        for bytes in variants(text, &term.folds) {
                            all.head(&bytes, number, What::Anchor { prefix });
                        }
                    }
                }
            }
        }
        let Collected { bytes, heads, tails } = all;
        let keys = |entries: &[(Key, Entry)]| entries.iter().map(|(key, _)| *key).collect();
        let tail_least = tails.iter().map(|(_, entry)| entry.len).min().unwrap_or(4).min(63);
        Self {
            head_filter: Filter::new(keys(&heads)),
            tail_filter: Filter::of_tails(keys(&tails), tail_least.min(8).into()),
            heads: Eights::new(heads.into_iter()),
            tails: Eights::new(tails.into_iter()),
            endings: inflections,
            tail_least: tail_least.into(),
            bytes,
        }
    }

    fn form(&self, entry: Entry) -> &[u8] {
        &self.bytes[entry.at as usize..][..usize::from(entry.len)]
    }

    /// Whether a term may match the start of the word that begins here, as far as eight bytes tell.
    pub(super) fn may_start(&self, word: u64) -> bool {
        self.heads.has(word)
    }

    /// The terms that a word matches, each once, with its longest stem; in the order of terms.
    pub(super) fn hits(&self, text: &[u8], start: usize, end: usize) -> Hits {
        self.hits_and_start(text, start, end).0
    }

    /// The same, and [`Self::may_start`] of the word.
    #[inline]
    pub(super) fn hits_and_start(&self, text: &[u8], start: usize, end: usize) -> (Hits, bool) {
        let word = &text[start..end];
        let (mut hits, mut starts) = (Hits::new(), false);
        self.heads.each(cut8(text, start, end), |entry| {
            starts = true;
            self.head(entry, word, &mut hits);
        });
        if word.len() > 4 {
            self.tails.each(tail8(text, end - 1), |entry| self.tail(entry, word, &mut hits));
        }
        if hits.len() > 1 {
            hits.sort_unstable();
        }
        (hits, starts)
    }

    #[inline]
    fn head(&self, entry: Entry, word: &[u8], hits: &mut Hits) {
        let length = usize::from(entry.len);
        if word.len() < length || (length > 8 && !same(&word[8..], &self.form(entry)[8..])) {
            return;
        }
        let rest = &word[length..];
        let fits = match entry.what {
            What::Anchor { prefix } => prefix || rest.is_empty(),
            What::Stem { head: true, .. } => true,
            What::Stem { word, inflection, .. } => word && self.is_ending(inflection, rest),
            What::Tail => false,
        };
        if fits {
            keep(hits, entry.term, 0, length);
        }
    }

    fn tail(&self, entry: Entry, word: &[u8], hits: &mut Hits) {
        let length = usize::from(entry.len);
        let mut same = word.iter().rev().zip(self.form(entry));
        if word.len() > length && same.all(|(byte, folded)| byte | 0x20 == *folded) {
            keep(hits, entry.term, word.len() - length, word.len());
        }
    }

    pub(super) fn is_ending(&self, inflection: Inflection, rest: &[u8]) -> bool {
        if rest.is_empty() || rest.len() > 8 {
            return rest.is_empty();
        }
        let key = cut8(rest, 0, rest.len());
        let own = self.endings.iter().find(|endings| endings.inflection == inflection);
        own.is_some_and(|endings| endings.keys.binary_search(&key).is_ok())
    }

    /// The same without keys and filters: compares the word with every form there is.
    #[cfg(test)]
    pub(super) fn hits_by_walking(&self, text: &[u8], start: usize, end: usize) -> Hits {
        let word = &text[start..end];
        let mut hits = Hits::new();
        if word.is_empty() {
            return hits;
        }
        for entry in self.heads.items() {
            if same(word, self.form(*entry)) && word.len() >= usize::from(entry.len) {
                self.head(*entry, word, &mut hits);
            }
        }
        self.tails.items().iter().for_each(|entry| self.tail(*entry, word, &mut hits));
        hits.sort_unstable();
        hits
    }
}

/// Whether folded bytes are the start of others, as far as these reach.
fn same(word: &[u8], folded: &[u8]) -> bool {
    word.iter().zip(folded).all(|(byte, folded)| byte | 0x20 == *folded)
}

/// Adds a hit; of two for one term the longer stem stays.
fn keep(hits: &mut Hits, term: u32, from: usize, to: usize) {
    let place = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
    let stem = (place(from), place(to));
    match hits.iter_mut().find(|hit| hit.term == term) {
        Some(hit) if hit.stem.1 - hit.stem.0 < stem.1 - stem.0 => hit.stem = stem,
        Some(_) => {}
        None => hits.push(Hit { term, stem }),
    }
}

/// A word or prefix as folded bytes.
#[derive(Debug)]
pub(super) struct Wild {
    bytes: Vec<u8>,
    prefix: bool,
    key: Key,
    /// Whether eight bytes do not tell.
    long: bool,
}

impl Wild {
    pub(super) fn new(word: &str) -> Self {
        let (stem, prefix) = word.strip_suffix('*').map_or((word, false), |stem| (stem, true));
        Self::of(folded(stem), prefix)
    }

    pub(super) fn of(bytes: Vec<u8>, prefix: bool) -> Self {
        let key = if prefix { Key::open(&bytes) } else { Key::whole(&bytes) };
        let long = bytes.len() > 8 || (bytes.len() == 8 && !prefix);
        Self { bytes, prefix, key, long }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn is_prefix(&self) -> bool {
        self.prefix
    }

    pub(super) fn key(&self) -> Key {
        self.key
    }

    /// Whether the key tells of every word whether it matches.
    pub(super) fn is_told(&self) -> bool {
        !self.long
    }

    pub(super) fn matches(&self, word: &[u8]) -> bool {
        self.fits(cut8(word, 0, word.len()), word)
    }

    /// The same, given the first eight bytes of the word, folded, zeros behind its end.
    #[inline]
    pub(super) fn fits(&self, head: u64, word: &[u8]) -> bool {
        self.key.fits(head) && (!self.long || self.continues(word))
    }

    #[inline(never)]
    fn continues(&self, word: &[u8]) -> bool {
        let length = self.bytes.len();
        (word.len() == length || (self.prefix && word.len() > length)) && same(word, &self.bytes)
    }
}
