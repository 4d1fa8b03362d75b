//! Words around a span: 40 characters on either side, whole words, any case, within the paragraph.
//!
//! The lists of all detectors are compiled into one table, so a window is read once however many detectors ask. A term is looked up at
//! word starts by its first two bytes. Terms are lower case; `*` at their end stands for any ending; a space in a term stands for any white
//! space that is no blank line.

use std::cell::Cell;
use std::ops::Range;

use memchr::memchr_iter;

use super::Field;

const WINDOW: usize = 40; // characters on either side
const LISTS_MAX: usize = 128; // one bit each
const BUCKETS: usize = 1024; // of terms, by their first two bytes
const WORD_MAX: usize = 40; // bytes of a word that begins in the window and ends behind it
const LOWER_MAX: usize = 4 * WINDOW + WORD_MAX; // a character has 4 bytes at most

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
type Lists = u128;

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
    /// Its first bytes up to a space, eight at most, and which bits of eight bytes they fill.
    head: u64,
    filled: u64,
    any_ending: bool,
    lists: Lists,
}

impl Words {
    /// Compiles lists. Their numbers are their places.
    ///
    /// # Panics
    ///
    /// If there are more than 128 lists or a term has less than two bytes: lists are part of the program.
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
                    None => terms.push(Term::new(stem, any_ending, 1 << place)),
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
        let (mut at, limit) = (0, limit.min(lower.len().saturating_sub(1)));
        while at < limit {
            if !is_word(lower[at]) {
                at += 1;
                continue;
            }
            let range = &self.buckets[bucket(lower[at], lower[at + 1])];
            if range.start < range.end {
                let head = first_eight(&lower[at..]);
                for term in &self.terms[usize::from(range.start)..usize::from(range.end)] {
                    let same = (head ^ term.head) & term.filled == 0;
                    if let Some(end) = same.then(|| term.end(lower, at)).flatten() {
                        hit(term.lists, end);
                    }
                }
            }
            at = end_of_word(lower, at);
        }
    }
}

impl Term {
    fn new(text: &str, any_ending: bool, lists: Lists) -> Self {
        let bytes = text.as_bytes();
        let len = bytes.iter().position(|byte| *byte == b' ').unwrap_or(bytes.len()).min(8);
        let filled = u64::MAX >> (64 - 8 * len);
        Self { text: bytes.into(), head: first_eight(bytes) & filled, filled, any_ending, lists }
    }

    /// Where the term ends that begins at `at`, if it does.
    fn end(&self, lower: &[u8], at: usize) -> Option<usize> {
        let rest = &lower[at..];
        let end = if rest.starts_with(&self.text) {
            at + self.text.len()
        } else if self.text.contains(&b' ') {
            at + self.spaced(rest)?
        } else {
            return None;
        };
        if self.any_ending {
            return Some(end_of_word(lower, end));
        }
        (!lower.get(end).copied().is_some_and(is_word)).then_some(end)
    }

    /// Bytes of the term where its spaces may be any white space.
    fn spaced(&self, text: &[u8]) -> Option<usize> {
        let mut at = 0;
        for byte in &self.text {
            if *byte == b' ' {
                let space = text.get(at..)?.iter().take_while(|byte| is_space(**byte)).count();
                at += Some(space).filter(|space| *space > 0)?;
            } else if text.get(at) == Some(byte) {
                at += 1;
            } else {
                return None;
            }
        }
        Some(at)
    }
}

/// The first eight bytes as a number; what is missing is zero.
fn first_eight(bytes: &[u8]) -> u64 {
    if let Some(whole) = bytes.first_chunk() {
        return u64::from_le_bytes(*whole);
    }
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn bucket(first: u8, second: u8) -> usize {
    (usize::from(first) * 37 + usize::from(second) * 5) % BUCKETS
}

/// Whether a byte is part of a word for the pass: letters and digits.
pub(in crate::detect) fn is_word(byte: u8) -> bool {
    const WORD: [bool; 256] = {
        let mut word = [false; 256];
        let mut byte = 0_u8;
        while byte < u8::MAX {
            byte += 1;
            word[byte as usize] = byte >= 0x80 || byte.is_ascii_alphanumeric();
        }
        word
    };
    WORD[usize::from(byte)]
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn end_of_word(lower: &[u8], at: usize) -> usize {
    at + lower[at..].iter().position(|byte| !is_word(*byte)).unwrap_or(lower.len() - at)
}

/// Lists by how near their words stand.
#[derive(Clone, Copy, Debug, Default)]
struct Hits {
    adjacent: Lists,
    any: Lists,
}

const LABELS: usize = 16;

/// What was looked up for the candidate at hand: detectors ask for the same spans.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    before: Cell<Option<(u32, Hits)>>,
    after: Cell<Option<(u32, Lists)>>,
    label: Cell<Option<Lists>>,
    /// The last labels, by where they stand: fields of a few kinds follow each other in turn.
    labels: [Cell<Option<(usize, usize, Lists)>>; LABELS],
}

impl Cache {
    /// Forgets everything: other labels may stand where the last ones stood.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Lists with a word in a label.
    fn label(&self, words: &Words, label: &str) -> Lists {
        let (at, len) = (label.as_ptr().addr(), label.len());
        let kept = &self.labels[(at ^ at >> 4) % LABELS];
        match kept.get() {
            Some((of, long, lists)) if (of, long) == (at, len) => lists,
            _ => {
                let lists = in_label(words, label);
                kept.set(Some((at, len, lists)));
                lists
            }
        }
    }

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
        let found = self.before(field, list, start);
        if found.is_near() {
            return found;
        }
        let bit = 1 << (self.first + list);
        let after = kept_at(&self.cache.after, end, || after(self.words, field.text, end));
        if after & bit != 0 { Near::After } else { Near::No }
    }
}

impl Lookup<'_> {
    /// The same for words before `start` alone.
    pub(crate) fn before(&self, field: Field<'_>, list: usize, start: usize) -> Near {
        let bit = 1 << (self.first + list);
        if !field.label.is_empty() {
            let label = kept(&self.cache.label, || self.cache.label(self.words, field.label));
            if label & bit != 0 {
                return Near::Adjacent;
            }
        }
        let before = kept_at(&self.cache.before, start, || before(self.words, field.text, start));
        if before.adjacent & bit != 0 {
            return Near::Adjacent;
        }
        if before.any & bit != 0 { Near::Before } else { Near::No }
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

#[inline(never)]
fn before(words: &Words, text: &[u8], end: usize) -> Hits {
    if end == 0 {
        return Hits::default(); // a value that is a field of its own
    }
    let mut start = window_start(text, end);
    start += after_blank_line(&text[start..end]);
    // A word that the window cuts is not a whole word.
    if start > 0 && is_word(text[start - 1]) {
        start = end_of_word(&text[..end], start);
    }
    let mut lower = [0; LOWER_MAX];
    let line = lowered(&text[start..end], &mut lower);
    let mut hits = Hits::default();
    words.each(line, line.len(), |lists, end| {
        hits.any |= lists;
        if is_nothing(&line[end..]) {
            hits.adjacent |= lists;
        }
    });
    hits
}

#[inline(never)]
fn after(words: &Words, text: &[u8], start: usize) -> Lists {
    if start == text.len() {
        return 0;
    }
    let end = window_end(text, start);
    // A word that begins in the window is read to its end.
    let rest = &text[start..text.len().min(end + WORD_MAX)];
    let rest = &rest[..blank_line(rest)];
    // What the span cuts is not a word start.
    let cut = end_of_word(rest, 0);
    let mut lower = [0; LOWER_MAX];
    let line = lowered(&rest[cut..], &mut lower);
    let mut lists = 0;
    words.each(line, (end - start).saturating_sub(cut), |hit, _| lists |= hit);
    lists
}

/// Where the 40 characters before `end` begin.
fn window_start(text: &[u8], end: usize) -> usize {
    let short = end.saturating_sub(WINDOW);
    if text[short..end].is_ascii() {
        return short;
    }
    let starts = (0..end).rev().filter(|at| text[*at] & 0xC0 != 0x80);
    starts.take(WINDOW).last().unwrap_or(0).max(end.saturating_sub(4 * WINDOW))
}

/// Where the 40 characters from `start` end.
fn window_end(text: &[u8], start: usize) -> usize {
    let short = text.len().min(start + WINDOW);
    if text[start..short].is_ascii() {
        return short;
    }
    let mut starts = (start..text.len()).filter(|at| text[*at] & 0xC0 != 0x80);
    starts.nth(WINDOW).unwrap_or(text.len()).min(start + 4 * WINDOW)
}

/// Words of a label, also of one like `phoneNumber` or `phone_number`, and the label as one word: `bankId` is "bankid".
fn in_label(words: &Words, label: &str) -> Lists {
    let label = &label.as_bytes()[..label.len().min(LOWER_MAX / 2)];
    let mut parts = Vec::with_capacity(2 * label.len());
    for (at, &byte) in label.iter().enumerate() {
        if byte.is_ascii_uppercase() && at > 0 && label[at - 1].is_ascii_lowercase() {
            parts.push(b' ');
        }
        parts.push(byte);
    }
    let mut lists = 0;
    for text in [label, &parts] {
        let mut lower = [0; LOWER_MAX];
        let line = lowered(text, &mut lower);
        words.each(line, line.len(), |hit, _| lists |= hit);
    }
    lists
}

/// Whether only white space, `:`, `.`, `#` or "nr" stand there.
fn is_nothing(mut rest: &[u8]) -> bool {
    loop {
        rest = match rest {
            [] => return true,
            [b' ' | b'\t' | b'\r' | b'\n' | b':' | b'.' | b'#', after @ ..]
            | [b'n', b'r', after @ ..] => after,
            _ => return false,
        }
    }
}

/// The text in lower case, as far as the buffer holds it. In UTF-8 the second bytes of Latin-1 letters differ from those of their capitals
/// by the same bit as ASCII letters do; other bytes from 0x80 to 0x9E are changed in the text alone, which makes no term of them.
fn lowered<'b>(text: &[u8], buffer: &'b mut [u8; LOWER_MAX]) -> &'b [u8] {
    let len = text.len().min(LOWER_MAX);
    for (to, byte) in buffer.iter_mut().zip(text) {
        let capital = byte.wrapping_sub(b'A') < 26 || byte.wrapping_sub(0x80) < 0x1F;
        *to = byte | u8::from(capital) << 5;
    }
    &buffer[..len]
}

/// Where the text after the last blank line begins.
fn after_blank_line(text: &[u8]) -> usize {
    let mut from = 0;
    while let Some(len) = blank_line_end(&text[from..]) {
        from += len;
    }
    from
}

/// Where the first blank line begins.
fn blank_line(text: &[u8]) -> usize {
    let ends = memchr_iter(b'\n', text);
    ends.into_iter().find(|at| is_blank(&text[at + 1..])).unwrap_or(text.len())
}

/// Where the first blank line ends.
fn blank_line_end(text: &[u8]) -> Option<usize> {
    let end = blank_line(text) + 1;
    let space = text.get(end..)?.iter().position(|byte| *byte == b'\n')?;
    Some(end + space + 1)
}

/// Whether a line holds nothing but white space, and ends.
fn is_blank(line: &[u8]) -> bool {
    line.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r')) == Some(&b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::FieldKind;

    const LISTS: &[&[&str]] = &[
        &["personnummer", "pnr", "person-/samordningsn*", "de fyra sista", "bankid"],
        &["tel", "telefon*", "mobil*", "nås på", "växel", "org.nr"],
    ];

    /// How near the words of both lists stand to the bracket.
    fn near(text: &str, label: &str) -> [Near; 2] {
        let (start, end) = (text.find('[').unwrap(), text.find(']').unwrap() + 1);
        let (words, cache) = (Words::compile(LISTS), Cache::default());
        let lookup = Lookup { words: &words, cache: &cache, first: 0 };
        let field = Field { text: text.as_bytes(), label, kind: FieldKind::Text };
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
