//! Values that must not stand anywhere any more: those that were removed, looked for in every spelling of digits and words.
//!
//! A value that a detector found once may stand elsewhere without the context that made it a finding: in a subject, a quoted reply, an id, a file
//! name. So what is removed is remembered, as keyed hashes only, and looked for in whole fields. Numbers are compared by their digits, whatever
//! stands between them, and names and addresses by their words. Values that are too short to mean one thing are not remembered: a first name,
//! a number of less than seven digits.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::ops::Range;

pub(super) use print::Print;
use starts::{May, Start, Starts};
use words::Seeds;

mod print;
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
    /// What was said of each value when it was added, by its hash.
    notes: HashMap<u64, u32, Plain>,
    /// All notes of the values that have several, where every note counts.
    several: HashMap<u64, Vec<u32>, Plain>,
    /// By the hash of the first word or the first digits: most words of a text begin no value.
    first: HashMap<u64, First, Plain>,
    /// What says so before a word is hashed.
    starts: Starts,
}

/// What begins with a word or with digits.
#[derive(Clone, Copy)]
struct First {
    start: Start,
    /// Words of the longest value; none if it is compared by its digits.
    words: usize,
}

/// Where a text holds a value.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) span: Range<usize>,
    pub(super) note: u32,
    hash: u64,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Known({} values)", self.notes.len())
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
        Self::under(Seeds::random())
    }
}

impl Known {
    /// An empty set whose hashes can be joined with those of this one.
    pub(super) fn sibling(&self) -> Self {
        Self::under(self.key)
    }

    fn under(key: Seeds) -> Self {
        Self {
            key,
            notes: HashMap::default(),
            several: HashMap::default(),
            first: HashMap::default(),
            starts: Starts::default(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.notes.clear();
        self.several.clear();
        self.first.clear();
        self.starts.clear();
    }

    /// Remembers how a value begins.
    fn begin(&mut self, hash: u64, first: First) {
        if let Some(known) = self.first.get_mut(&hash) {
            known.words = known.words.max(first.words);
            return;
        }
        self.first.insert(hash, first);
        if self.starts.is_full(self.first.len()) {
            self.starts.grow();
            self.first.values().for_each(|first| self.starts.add(first.start));
        } else {
            self.starts.add(first.start);
        }
    }

    /// Takes in the values of a sibling, as the values are that were removed while these were sought.
    pub fn join(&mut self, other: &Self) {
        debug_assert!(self.key == other.key, "hashes under two keys have nothing in common");
        for (hash, note) in &other.notes {
            self.note_also(*hash, *note);
        }
        for (hash, notes) in &other.several {
            for note in notes {
                self.note_also(*hash, *note);
            }
        }
        for (hash, first) in &other.first {
            self.begin(*hash, *first);
        }
    }

    /// Remembers a value, with a note that [`Self::find`] gives back. Of several notes the least counts, whichever came first.
    pub(super) fn add(&mut self, print: &Print, note: u32) {
        self.look_for(print);
        self.learn(print, note);
    }

    /// The same, with every note: see [`Self::notes_of`].
    pub(super) fn gather(&mut self, print: &Print, note: u32) {
        self.look_for(print);
        for begun in print.begun() {
            self.note_also(begun.all, note);
        }
    }

    fn look_for(&mut self, print: &Print) {
        for begun in print.begun() {
            self.begin(begun.first, First { start: begun.start, words: print.words });
        }
    }

    /// Remembers a value that is not looked for: [`Self::note_of`] knows it when it was found by a sibling.
    pub(super) fn learn(&mut self, print: &Print, note: u32) {
        for begun in print.begun() {
            self.note(begun.all, note);
        }
    }

    fn note(&mut self, hash: u64, note: u32) {
        self.notes.entry(hash).and_modify(|own| *own = (*own).min(note)).or_insert(note);
    }

    fn note_also(&mut self, hash: u64, note: u32) {
        if let Some(known) = self.notes.get(&hash).copied().filter(|known| *known != note) {
            let several = self.several.entry(hash).or_insert_with(|| vec![known]);
            if !several.contains(&note) {
                several.push(note);
            }
        }
        self.note(hash, note);
    }

    /// Whether a value is there, in every way that it is looked for.
    pub(super) fn has(&self, print: &Print) -> bool {
        print.begun().iter().all(|begun| self.notes.contains_key(&begun.all))
    }

    /// Whether there is anything to be looked for.
    pub(super) fn seeks(&self) -> bool {
        !self.first.is_empty()
    }

    /// The note of a value that a sibling found.
    pub(super) fn note_of(&self, hit: &Hit) -> Option<u32> {
        self.notes.get(&hit.hash).copied()
    }

    /// All notes of a value that was found here.
    pub(super) fn notes_of<'k>(&'k self, hit: &'k Hit) -> &'k [u32] {
        self.several.get(&hit.hash).map_or(std::slice::from_ref(&hit.note), Vec::as_slice)
    }

    /// Where a text holds a value, the longest of those that begin at one place: in order, none within another.
    pub(super) fn find(&self, text: &[u8], out: &mut Vec<Hit>) {
        if !self.seeks() {
            return;
        }
        let mut last = 0;
        let mut begins = |at: usize, may: May| {
            let number = if may.number { self.number(text, at) } else { None };
            let found = number.or_else(|| if may.words { self.phrase(text, at) } else { None });
            if let Some(hit) = found.filter(|hit| hit.span.end > last) {
                last = hit.span.end;
                out.push(hit);
            }
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
            self.starts.each(text, at..end, &mut begins);
            // What stands together with a foreign character is looked at word by word.
            let rest = &text[foreign..];
            let stop = foreign + rest.iter().position(is_sign).unwrap_or(rest.len());
            at = end;
            while at < stop {
                let Some(word) = self.key.next_word(text, at) else { return };
                begins(word.start, May::ANYTHING);
                at = word.end;
            }
        }
    }

    /// A number that begins at a place, where a word does: groups of digits, each of them a word.
    fn number(&self, text: &[u8], start: usize) -> Option<Hit> {
        let (mut hash, mut count, mut at, mut found) = (0, 0, start, None);
        for _ in 0..GROUPS_MAX {
            let group = at;
            while let Some(digit) = text.get(at).filter(|byte| byte.is_ascii_digit()) {
                hash = join(hash, u64::from(*digit));
                at += 1;
            }
            if at == group || words::goes_on(text, at) {
                break;
            }
            count += at - group;
            if count >= DIGITS {
                found = self.hit(start..at, self.key.mix(0, hash)).or(found);
            }
            let end = at;
            while at - end <= GAP
                && text.get(at).copied().is_some_and(joins)
                && let Some(len) = words::sign(text, at)
            {
                at += len;
            }
            if at - end > GAP || count > DIGITS_MAX {
                break;
            }
        }
        found
    }

    /// A value of words that begins at a place, where a word does.
    fn phrase(&self, text: &[u8], start: usize) -> Option<Hit> {
        let mut word = self.key.next_word(text, start)?;
        let most = self.first.get(&word.hash)?.words;
        let (mut hash, mut end, mut found) = (0, start, None);
        for _ in 0..most {
            if word.start - end > GAP {
                break;
            }
            hash = join(hash, word.hash);
            end = word.end;
            found = self.hit(start..end, hash).or(found);
            let Some(next) = self.key.next_word(text, end) else { break };
            word = next;
        }
        found
    }

    fn hit(&self, span: Range<usize>, hash: u64) -> Option<Hit> {
        self.notes.get(&hash).map(|note| Hit { span, note: *note, hash })
    }
}

/// Whether a byte may stand within a number: it does not say that it is a time, a sum or a list, or the end of a line.
fn joins(byte: u8) -> bool {
    !matches!(byte, b':' | b',' | b';' | b'=') && (byte >= b' ' || byte == b'\t')
}

/// The hash of what came before and one more.
fn join(hash: u64, next: u64) -> u64 {
    (hash.rotate_left(23) ^ next).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
mod tests;
