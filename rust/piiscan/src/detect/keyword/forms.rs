//! The exact comparison: which terms a word matches, by its start, its end, or as the anchor of a pattern.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use smallvec::SmallVec;

use super::filter::{Direction, Filter, Heads, Pairs, Tails};
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
}

/// A byte string with its term.
#[derive(Debug)]
struct Entry {
    bytes: Box<[u8]>,
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
    /// By the first four bytes, three for forms of three bytes.
    heads: ByKey<u32, Vec<Entry>>,
    /// Words of one or two bytes.
    short: Vec<Entry>,
    /// Reversed, by the last four bytes.
    tails: ByKey<u32, Vec<Entry>>,
    endings: Vec<(Inflection, Vec<Vec<u8>>)>,
    pub(super) head_filter: Filter,
    /// The first filter without anchors.
    own_filter: Filter,
    pub(super) tail_filter: Filter,
    /// First bytes of short words.
    pub(super) pairs: Pairs,
    /// Bytes of the shortest tail: a word that has it is longer. At most 63.
    pub(super) tail_least: u32,
}

fn key4(bytes: &[u8]) -> u32 {
    let mut key = [0; 4];
    let kept = bytes.len().min(4);
    key[..kept].copy_from_slice(&bytes[..kept]);
    u32::from_le_bytes(key)
}

impl Forms {
    /// The forms of these terms; the number of a term is its place.
    pub(super) fn new<'t>(terms: impl Iterator<Item = &'t Term>) -> Self {
        let mut inflections: Vec<(Inflection, Vec<Vec<u8>>)> = Vec::new();
        let (mut heads, mut tails): (Vec<Entry>, Vec<Entry>) = (Vec::new(), Vec::new());
        for (term, number) in terms.zip(0u32..) {
            let mut head = |bytes: Vec<u8>, what: What| {
                heads.push(Entry { bytes: bytes.into(), term: number, what });
            };
            match &term.form {
                Form::Stems { stems, modes: Modes { word, head: compound, tail }, inflection } => {
                    if !inflections.iter().any(|(known, _)| known == inflection) {
                        let all = inflection.endings();
                        let spelled = all.iter().flat_map(|ending| variants(ending, ENDING_FOLDS));
                        inflections.push((*inflection, spelled.collect()));
                    }
                    for stem in stems.iter().flat_map(|stem| variants(stem, &term.folds)) {
                        if *tail {
                            let (_, endings) = inflections
                                .iter()
                                .find(|(known, _)| known == inflection)
                                .expect("just added");
                            tails.extend(endings.iter().map(|ending| Entry {
                                bytes: stem.iter().chain(ending).rev().copied().collect(),
                                term: number,
                                what: What::Stem {
                                    word: false,
                                    head: false,
                                    inflection: *inflection,
                                },
                            }));
                        }
                        if *word || *compound {
                            let what = What::Stem {
                                word: *word,
                                head: *compound,
                                inflection: *inflection,
                            };
                            head(stem, what);
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
                            head(bytes, What::Anchor { prefix });
                        }
                    }
                }
            }
        }
        let (short, heads): (Vec<_>, Vec<_>) = heads.into_iter().partition(|e| e.bytes.len() < 3);
        let head_filter = Filter::new(heads.iter().map(|entry| &*entry.bytes));
        let tail_filter = Filter::new(tails.iter().map(|entry| &*entry.bytes));
        let mut pairs = Pairs::default();
        for entry in &short {
            pairs.add(&entry.bytes);
        }
        let tail_least = tails.iter().map(|entry| entry.bytes.len()).min().unwrap_or(4).min(63);
        let tail_least = u32::try_from(tail_least).expect("at most 63");
        let by_key = |entries: Vec<Entry>| {
            let mut map: ByKey<u32, Vec<Entry>> = ByKey::default();
            for entry in entries {
                map.entry(key4(&entry.bytes)).or_default().push(entry);
            }
            map
        };
        Self {
            heads: by_key(heads),
            tails: by_key(tails),
            short,
            endings: inflections,
            own_filter: head_filter.clone(),
            head_filter,
            tail_filter,
            pairs,
            tail_least,
        }
    }

    /// Whether the filters let the start of this word through, so that it is a candidate without its end. Anchors do not count.
    pub(super) fn start_passes(&self, text: &[u8], start: usize) -> bool {
        self.own_filter.passes(Heads::key8(text, start))
    }

    /// The terms that a word matches, each once, with its longest stem; in the order of terms.
    pub(super) fn hits(&self, text: &[u8], start: usize, end: usize) -> Hits {
        let word = &text[start..end];
        let mut hits = Hits::new();
        if word.len() < 3 {
            self.short.iter().for_each(|entry| self.head(entry, word, &mut hits));
        } else {
            let key = Heads::key4(text, start);
            let mut look = |key: u32| {
                let entries = self.heads.get(&key).into_iter().flatten();
                entries.for_each(|entry| self.head(entry, word, &mut hits));
            };
            if word.len() == 3 {
                look(key & 0x00ff_ffff);
            } else {
                look(key);
            }
            if word.len() > 4 {
                let key = Tails::key4(text, end - 1);
                let entries = self.tails.get(&key).into_iter().flatten();
                entries.for_each(|entry| tail(entry, word, &mut hits));
            }
        }
        hits.sort_unstable();
        hits
    }

    fn head(&self, entry: &Entry, word: &[u8], hits: &mut Hits) {
        let length = entry.bytes.len();
        let same = word.len() >= length
            && word[0] | 0x20 == entry.bytes[0]
            && word.iter().zip(&entry.bytes).all(|(byte, folded)| byte | 0x20 == *folded);
        if !same {
            return;
        }
        let rest = &word[length..];
        let fits = match entry.what {
            What::Anchor { prefix } => prefix || rest.is_empty(),
            What::Stem { head: true, .. } => true,
            What::Stem { word, inflection, .. } => word && self.is_ending(inflection, rest),
        };
        if fits {
            keep(hits, entry.term, 0, length);
        }
    }

    pub(super) fn is_ending(&self, inflection: Inflection, rest: &[u8]) -> bool {
        let matches = |ending: &Vec<u8>| {
            ending.len() == rest.len() && ending.iter().zip(rest).all(|(e, byte)| *e == byte | 0x20)
        };
        rest.is_empty()
            || self
                .endings
                .iter()
                .any(|(known, all)| *known == inflection && all.iter().any(matches))
    }

    /// The same without keys and filters: compares the word with every form there is.
    #[cfg(test)]
    pub(super) fn hits_by_walking(&self, text: &[u8], start: usize, end: usize) -> Hits {
        let word = &text[start..end];
        let mut hits = Hits::new();
        if word.is_empty() {
            return hits;
        }
        let all = self.short.iter().chain(self.heads.values().flatten());
        all.for_each(|entry| self.head(entry, word, &mut hits));
        self.tails.values().flatten().for_each(|entry| tail(entry, word, &mut hits));
        hits.sort_unstable();
        hits
    }
}

fn tail(entry: &Entry, word: &[u8], hits: &mut Hits) {
    let length = entry.bytes.len();
    let last = word.last().map(|byte| byte | 0x20);
    let same = last == entry.bytes.first().copied()
        && word.iter().rev().zip(&entry.bytes).all(|(byte, folded)| byte | 0x20 == *folded);
    if word.len() > length && same {
        keep(hits, entry.term, word.len() - length, word.len());
    }
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
}

impl Wild {
    pub(super) fn new(word: &str) -> Self {
        let (stem, prefix) = word.strip_suffix('*').map_or((word, false), |stem| (stem, true));
        Self::of(folded(stem), prefix)
    }

    pub(super) fn of(bytes: Vec<u8>, prefix: bool) -> Self {
        Self { bytes, prefix }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn is_prefix(&self) -> bool {
        self.prefix
    }

    pub(super) fn matches(&self, word: &[u8]) -> bool {
        let length = self.bytes.len();
        (word.len() == length || (self.prefix && word.len() > length))
            && word.iter().zip(&self.bytes).all(|(byte, folded)| byte | 0x20 == *folded)
    }
}
