//! Words around a span: 40 characters on either side, whole words, any case, within the paragraph.
//!
//! The lists of all detectors are compiled into one table, so a window is read once however many detectors ask. A term is looked up at
//! word starts by its first two bytes. Terms are lower case; `*` at their end stands for any ending; a space in a term stands for any white
//! space that is no blank line.

use std::cell::Cell;
use std::ops::Range;

use super::Field;

const WINDOW: usize = 40; // characters on either side
const LISTS_MAX: usize = 64; // one bit each
const BUCKETS: usize = 1024; // of terms, by their first two bytes
const LOWER_MAX: usize = 256; // bytes: 40 characters of at most 4 bytes, and the rest of a word that begins in the window

/// How near a context word stands. Greater is nearer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Near {
    /// None in the window.
    #[default]
    No,
    /// After the span.
    After,
    /// Before the span.
    Before,
    /// Directly before it: only spaces, `:`, `.`, `#` or "nr" between; or in the label.
    Adjacent,
}

impl Near {
    /// Whether there is a word at all.
    pub fn is_near(self) -> bool {
        self != Self::No
    }
}

/// A set of lists, one bit each.
type Lists = u64;

/// The terms of all lists.
#[derive(Debug, Default)]
pub(crate) struct Words {
    terms: Vec<Term>,
    /// Ranges of `terms`, by [`bucket`].
    buckets: Vec<Range<u16>>,
}

#[derive(Debug)]
struct Term {
    text: Box<[u8]>,
    any_ending: bool,
    lists: Lists,
}

impl Words {
    /// Compiles lists. Their numbers are their places.
    ///
    /// # Panics
    ///
    /// If there are more than 64 lists or a term has less than two bytes: lists are part of the program.
    pub(crate) fn compile(lists: &[&[&str]]) -> Self {
        assert!(lists.len() <= LISTS_MAX, "lists of context words fit in one set");
        let mut terms: Vec<Term> = Vec::new();
        for (place, list) in lists.iter().enumerate() {
            for written in *list {
                let stem = written.trim_end_matches('*');
                let any_ending = stem.len() < written.len();
                assert!(stem.len() >= 2, "context words have two bytes at least");
                let same = |term: &&mut Term| {
                    *term.text == *stem.as_bytes() && term.any_ending == any_ending
                };
                match terms.iter_mut().find(same) {
                    Some(term) => term.lists |= 1 << place,
                    None => terms.push(Term {
                        text: stem.as_bytes().into(),
                        any_ending,
                        lists: 1 << place,
                    }),
                }
            }
        }
        terms.sort_by_key(|term| bucket(term.text[0], term.text[1]));
        let mut buckets = vec![0..0; BUCKETS];
        for (place, term) in (0_u16..).zip(&terms) {
            let range = &mut buckets[bucket(term.text[0], term.text[1])];
            let start = if range.end == 0 { place } else { range.start };
            *range = start..place + 1;
        }
        Self { terms, buckets }
    }

    /// Calls `hit` with the lists and the end of every term that begins at a word start of `lower` before `limit`.
    fn each(&self, lower: &[u8], limit: usize, mut hit: impl FnMut(Lists, usize)) {
        let mut in_word = false;
        for at in 0..limit.min(lower.len().saturating_sub(1)) {
            let starts = is_word(lower[at]) && !in_word;
            in_word = is_word(lower[at]);
            if !starts {
                continue;
            }
            let range = self.buckets[bucket(lower[at], lower[at + 1])].clone();
            for term in &self.terms[usize::from(range.start)..usize::from(range.end)] {
                let end = at + term.text.len();
                let whole = |end| term.any_ending || !lower.get(end).copied().is_some_and(is_word);
                if lower[at..].starts_with(&term.text) && whole(end) {
                    hit(term.lists, word_end(lower, end, term.any_ending));
                }
            }
        }
    }
}

fn bucket(first: u8, second: u8) -> usize {
    (usize::from(first) * 37 + usize::from(second) * 5) % BUCKETS
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

fn word_end(lower: &[u8], end: usize, any_ending: bool) -> usize {
    let ending = lower[end..].iter().take_while(|byte| any_ending && is_word(**byte)).count();
    end + ending
}

/// Lists by how near their words stand.
#[derive(Clone, Copy, Debug, Default)]
struct Hits {
    adjacent: Lists,
    any: Lists,
}

/// What was looked up for the candidate at hand: detectors ask for the same spans.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    before: Cell<Option<(u32, Hits)>>,
    after: Cell<Option<(u32, Lists)>>,
    label: Cell<Option<Lists>>,
}

impl Cache {
    /// Forgets the last field.
    pub(crate) fn next_field(&self) {
        self.label.set(None);
        self.next_candidate();
    }

    /// Forgets the last candidate.
    pub(crate) fn next_candidate(&self) {
        self.before.set(None);
        self.after.set(None);
    }
}

/// Looks words up for one detector.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lookup<'t> {
    pub(crate) words: &'t Words,
    pub(crate) cache: &'t Cache,
    /// Number of the detector's first list.
    pub(crate) first: usize,
}

impl Lookup<'_> {
    pub(crate) fn near(&self, field: Field<'_>, list: usize, start: usize, end: usize) -> Near {
        let bit = 1 << (self.first + list);
        let label = kept(&self.cache.label, || in_label(self.words, field.label));
        if label & bit != 0 {
            return Near::Adjacent;
        }
        let before = kept_at(&self.cache.before, start, || before(self.words, field.text, start));
        if before.adjacent & bit != 0 {
            return Near::Adjacent;
        }
        if before.any & bit != 0 {
            return Near::Before;
        }
        let after = kept_at(&self.cache.after, end, || after(self.words, field.text, end));
        if after & bit != 0 { Near::After } else { Near::No }
    }
}

fn kept<T: Copy>(cell: &Cell<Option<T>>, look: impl FnOnce() -> T) -> T {
    let value = cell.get().unwrap_or_else(look);
    cell.set(Some(value));
    value
}

fn kept_at<T: Copy>(cell: &Cell<Option<(u32, T)>>, at: usize, look: impl FnOnce() -> T) -> T {
    let at = u32::try_from(at).expect("fields are capped below 4 GiB");
    match cell.get() {
        Some((of, value)) if of == at => value,
        _ => {
            let value = look();
            cell.set(Some((at, value)));
            value
        }
    }
}

fn before(words: &Words, text: &[u8], end: usize) -> Hits {
    let mut start = end;
    for _ in 0..WINDOW {
        if start == 0 {
            break;
        }
        start -= 1;
        while start > 0 && text[start] & 0xC0 == 0x80 {
            start -= 1;
        }
    }
    // A word that the window cuts is not a whole word.
    while start > 0 && start < end && is_word(text[start - 1]) && is_word(text[start]) {
        start += 1;
    }
    let mut lower = Lower::default();
    lower.push_all(&text[start..end]);
    let line = &lower.bytes()[after_blank_line(lower.bytes())..];
    let mut hits = Hits::default();
    words.each(line, line.len(), |lists, end| {
        hits.any |= lists;
        if is_nothing(&line[end.min(line.len())..]) {
            hits.adjacent |= lists;
        }
    });
    hits
}

fn after(words: &Words, text: &[u8], start: usize) -> Lists {
    let mut end = start;
    for _ in 0..WINDOW {
        if end >= text.len() {
            break;
        }
        end += 1;
        while text.get(end).is_some_and(|byte| byte & 0xC0 == 0x80) {
            end += 1;
        }
    }
    let mut lower = Lower::default();
    lower.push_all(&text[start..end]);
    let limit = lower.len;
    // A word that begins in the window is read to its end.
    lower.push_all(&text[end..text.len().min(end + WINDOW)]);
    let line = &lower.bytes()[..blank_line(lower.bytes())];
    // What the span cuts is not a word start.
    let cut = line.iter().take_while(|byte| is_word(**byte)).count();
    let mut lists = 0;
    words.each(&line[cut..], limit.saturating_sub(cut), |hit, _| lists |= hit);
    lists
}

/// Words of a label, also of one like `phoneNumber` or `phone_number`.
fn in_label(words: &Words, label: &str) -> Lists {
    let mut lower = Lower::default();
    let mut last = 0;
    for &byte in label.as_bytes() {
        if byte.is_ascii_uppercase() && u8::is_ascii_lowercase(&last) {
            lower.push(b' ');
        }
        lower.push(byte);
        last = byte;
    }
    let mut lists = 0;
    words.each(lower.bytes(), lower.len, |hit, _| lists |= hit);
    // The label as one word too: `bankId` is "bankid".
    let mut joined = Lower::default();
    joined.push_all(label.as_bytes());
    words.each(joined.bytes(), joined.len, |hit, _| lists |= hit);
    lists
}

/// Whether only spaces, `:`, `.`, `#` or "nr" stand there.
fn is_nothing(mut rest: &[u8]) -> bool {
    loop {
        rest = match rest {
            [] => return true,
            [b' ' | b'\n' | b':' | b'.' | b'#', after @ ..] | [b'n', b'r', after @ ..] => after,
            _ => return false,
        }
    }
}

/// Lower-case text on the stack, white space made single: a blank line is one newline, other white space one space.
struct Lower {
    bytes: [u8; LOWER_MAX],
    len: usize,
    /// Line ends in the white space at the end.
    line_ends: u8,
}

impl Default for Lower {
    fn default() -> Self {
        Self { bytes: [0; LOWER_MAX], len: 0, line_ends: 0 }
    }
}

impl Lower {
    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn push_all(&mut self, text: &[u8]) {
        for &byte in text {
            self.push(byte);
        }
    }

    fn push(&mut self, byte: u8) {
        let last = self.len.checked_sub(1).map(|at| self.bytes[at]);
        let byte = match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                self.line_ends += u8::from(byte == b'\n' && self.line_ends < 2);
                let blank = if self.line_ends == 2 { b'\n' } else { b' ' };
                if matches!(last, Some(b' ' | b'\n')) {
                    self.bytes[self.len - 1] = blank;
                    return;
                }
                blank
            }
            // Capital letters of Latin-1 after their lead byte, but not the sign of multiplication.
            0x80..=0x9E if last == Some(0xC3) && byte != 0x97 => byte + 0x20,
            _ => byte.to_ascii_lowercase(),
        };
        if byte != b' ' && byte != b'\n' {
            self.line_ends = 0;
        }
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
    }
}

/// Where the text after the last blank line begins.
fn after_blank_line(lower: &[u8]) -> usize {
    lower.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}

/// Where the first blank line begins.
fn blank_line(lower: &[u8]) -> usize {
    lower.iter().position(|byte| *byte == b'\n').unwrap_or(lower.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTS: &[&[&str]] = &[
        &["personnummer", "pnr", "person-/samordningsn*", "de fyra sista", "bankid"],
        &["tel", "telefon*", "mobil*", "nås på", "växel", "org.nr"],
    ];

    /// How near the words of both lists stand to the bracket.
    fn near(text: &str, label: &str) -> [Near; 2] {
        let (start, end) = (text.find('[').unwrap(), text.find(']').unwrap() + 1);
        let (words, cache) = (Words::compile(LISTS), Cache::default());
        let lookup = Lookup { words: &words, cache: &cache, first: 0 };
        let field = Field { text: text.as_bytes(), label };
        [0, 1].map(|list| lookup.near(field, list, start, end))
    }

    #[test]
    fn a_word_directly_before_is_adjacent() {
        for text in ["pnr [1]", "PNR: [1]", "pnr. #[1]", "pnr nr [1]", "pnr\n[1]", "bankID[1]"] {
            assert_eq!(near(text, ""), [Near::Adjacent, Near::No], "{text}");
        }
    }

    #[test]
    fn a_word_before_beats_a_word_after() {
        assert_eq!(near("pnr är [1] tel", ""), [Near::Before, Near::After]);
    }

    #[test]
    fn words_are_whole_but_for_their_star() {
        assert_eq!(near("pnrx mobiltelefon x [1]", ""), [Near::No, Near::Before]);
        assert_eq!(near("xpnr xmobil x [1]", ""), [Near::No, Near::No]);
        assert_eq!(near("org.nr x [1] telefonnummer", ""), [Near::No, Near::Before]);
    }

    #[test]
    fn case_and_white_space_do_not_matter() {
        assert_eq!(near("DE  FYRA\nSISTA x [1] VÄXEL", ""), [Near::Before, Near::After]);
        assert_eq!(near("NÅS PÅ x [1]", ""), [Near::No, Near::Before]);
    }

    #[test]
    fn a_blank_line_ends_the_window() {
        assert_eq!(near("pnr\n\nx [1]\n \ntel", ""), [Near::No, Near::No]);
        assert_eq!(near("pnr\r\n\r\nx [1]\r\n\r\ntel", ""), [Near::No, Near::No]);
    }

    #[test]
    fn the_window_has_40_characters() {
        let before = |n| near(&format!("pnr {}[1]", "å".repeat(n)), "")[0];
        assert_eq!([before(36), before(37)], [Near::Before, Near::No]);
        let after = |n| near(&format!("[1] {} mobiltelefon", "å".repeat(n)), "")[1];
        assert_eq!([after(37), after(38)], [Near::After, Near::No]);
    }

    #[test]
    fn a_label_stands_directly_before() {
        assert_eq!(near("[1]", "Personnummer (12 siffror)"), [Near::Adjacent, Near::No]);
        assert_eq!(near("[1]", "telefon_hem"), [Near::No, Near::Adjacent]);
        assert_eq!(near("[1]", "mobilNummer"), [Near::No, Near::Adjacent]);
        assert_eq!(near("[1]", "bankId"), [Near::Adjacent, Near::No]);
    }
}
