//! Where the mails of a mailbox begin.
//!
//! A line that starts with `From ` is a separator if known header fields follow it, or if a blank line stands before it and a date
//! within it; and if it does not stand within the header block of the mail just begun, where some programs repeat it.
//!
//! The rule looks at 59 lines and 64 KiB after a candidate, and at what follows the last separator, so every window that begins at a
//! separator gives the same answer.

use std::collections::VecDeque;

use memchr::memmem;

use super::super::mime::lines::{NAME_MAX, is_header, is_known_header, line};

/// Lines after a candidate that are looked at.
const LINES: usize = 59;

/// Bytes after a candidate, or a separator, that are looked at.
pub(super) const REACH: usize = 64 << 10;

const DAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];

const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// How sure a separator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// A date in it, or a blank line before it.
    Sure,
    /// Neither: it may be a line of a text that quotes a mail.
    Doubtful,
}

/// A separator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Separator {
    /// Where the line begins.
    pub(super) at: usize,
    /// How sure it is.
    pub(super) decision: Decision,
}

/// Lines that may stand in a header block but decide nothing, from the candidate on. Kept from one candidate to the next: many
/// candidates in a row would else be looked at again and again.
#[derive(Default)]
struct Ahead {
    lines: VecDeque<usize>,
    /// The line after them.
    at: usize,
    /// What that line decides.
    verdict: Option<bool>,
}

impl Ahead {
    /// Forgets lines before `next`.
    fn move_to(&mut self, next: usize) {
        while self.lines.front().is_some_and(|line| *line < next) {
            self.lines.pop_front();
        }
        if next > self.at {
            (self.at, self.verdict) = (next, None);
        }
    }
}

/// The separators of some bytes that begin at a separator, or at the start of the object.
pub(super) struct Separators<'b> {
    bytes: &'b [u8],
    candidates: memmem::FindIter<'b, 'static>,
    is_complete: bool,
    ahead: Ahead,
    /// How far the header block of the mail just begun is known to reach, and whether it ends there.
    block: usize,
    block_end: Option<usize>,
    block_cap: usize,
}

impl<'b> Separators<'b> {
    /// `is_complete`: nothing follows these bytes that could matter.
    pub(super) fn new(bytes: &'b [u8], is_complete: bool) -> Self {
        let candidates = memmem::find_iter(bytes, b"From ");
        let ahead = Ahead::default();
        Self { bytes, candidates, is_complete, ahead, block: 0, block_end: Some(0), block_cap: 0 }
    }

    /// Whether a candidate stands within the header block of the mail just begun.
    fn is_in_header(&mut self, at: usize) -> bool {
        while self.block_end.is_none() && self.block < at {
            let (end, next) = line(self.bytes, self.block);
            if self.block >= self.block_cap || !belongs(&self.bytes[self.block..end]) {
                self.block_end = Some(self.block);
            } else {
                self.block = next;
            }
        }
        self.block_end.is_none()
    }

    /// Whether known fields follow. `None`: too little is there to see it.
    fn leads_fields(&mut self, next: usize) -> Option<bool> {
        self.ahead.move_to(next);
        while self.ahead.lines.len() < LINES {
            if let Some(verdict) = self.ahead.verdict {
                return Some(verdict);
            }
            let at = self.ahead.at;
            if at >= next.saturating_add(REACH) {
                return Some(false);
            }
            if at >= self.bytes.len() {
                return self.is_complete.then_some(false);
            }
            let (end, after) = line(self.bytes, at);
            if end == self.bytes.len() && !self.is_complete && end - at < NAME_MAX {
                return None;
            }
            let text = &self.bytes[at..end];
            if is_known_header(text) {
                self.ahead.verdict = Some(true);
            } else if !belongs(text) {
                self.ahead.verdict = Some(false);
            } else {
                self.ahead.lines.push_back(at);
                self.ahead.at = after;
            }
        }
        Some(false)
    }

    fn is_blank_before(&self, at: usize) -> bool {
        let before = &self.bytes[..at];
        let rest =
            before.strip_suffix(b"\r\n").or_else(|| before.split_last().map(|(_, rest)| rest));
        rest.is_none_or(|rest| matches!(rest.last(), None | Some(b'\r' | b'\n')))
    }
}

impl Iterator for Separators<'_> {
    type Item = Separator;

    fn next(&mut self) -> Option<Separator> {
        loop {
            let at = self.candidates.next()?;
            if at > 0 && !matches!(self.bytes[at - 1], b'\r' | b'\n') {
                continue;
            }
            let (end, next) = line(self.bytes, at);
            let leads = self.leads_fields(next)?;
            let is_blank = self.is_blank_before(at);
            let is_dated = has_date(&self.bytes[at..end]);
            if !(leads || (is_blank && is_dated)) || self.is_in_header(at) {
                continue;
            }
            (self.block, self.block_end) = (next, None);
            self.block_cap = next.saturating_add(REACH);
            let decision = if is_blank || is_dated { Decision::Sure } else { Decision::Doubtful };
            return Some(Separator { at, decision });
        }
    }
}

/// Whether a line may stand in a header block.
fn belongs(line: &[u8]) -> bool {
    match line.first() {
        None => false,
        Some(b' ' | b'\t') => true,
        Some(_) => is_header(line) || line.starts_with(b">From ") || line.starts_with(b"From "),
    }
}

/// Whether a line holds a date as `asctime` writes it: day of the week, month and day, time; with some liberties.
fn has_date(line: &[u8]) -> bool {
    let line = &line[..line.len().min(1024)];
    (5..line.len())
        .any(|at| DAYS.iter().any(|day| line[at..].starts_with(day)) && is_date(&line[at + 3..]))
}

/// What follows the day of the week: `,? (\d{1,2} )?Mon (\d{1,2}|\d{4}) \d{1,2}:\d\d`.
fn is_date(text: &[u8]) -> bool {
    let text = text.strip_prefix(b",").unwrap_or(text);
    let mut words = text.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty());
    let starts_blank = text.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
    let is_number =
        |word: &[u8], max| (1..=max).contains(&word.len()) && word.iter().all(u8::is_ascii_digit);
    let mut month = words.next().unwrap_or_default();
    if is_number(month, 2) {
        month = words.next().unwrap_or_default();
    }
    let day = words.next().unwrap_or_default();
    let clock = words.next().unwrap_or_default();
    let colon = clock.iter().position(|byte| *byte == b':').unwrap_or(0);
    starts_blank
        && MONTHS.contains(&month)
        && (is_number(day, 2) || (day.len() == 4 && is_number(day, 4)))
        && is_number(&clock[..colon], 2)
        && clock.get(colon + 1..colon + 3).is_some_and(|minute| is_number(minute, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<(usize, Decision)> {
        Separators::new(text.as_bytes(), true).map(|found| (found.at, found.decision)).collect()
    }

    #[test]
    fn a_line_of_a_text_is_no_separator() {
        let text = "From a Mon Jan  1 00:00:00 2026\nSubject: x\n\nHej\n\nFrom Russia with love\n\nFrom b\n";
        assert_eq!(split(text), [(0, Decision::Sure)]);
    }

    #[test]
    fn known_fields_make_a_separator() {
        let text =
            "From -\nX-Status: 1\n\nHej\n\nFrom -\nX-a b: c\n\nFrom -\nodd: 1\nSubject: x\n\n";
        assert_eq!(split(text), [(0, Decision::Sure), (42, Decision::Sure)]);
    }

    #[test]
    fn a_date_and_a_blank_line_make_a_separator() {
        let text = "From a Mon Jan  1 00:00:00 2026\n\nHej\n\nFrom a Mon, 1 Jan 2026 00:00\nHej\n";
        assert_eq!(split(text).len(), 2);
        assert_eq!(split("Hej\nFrom a Mon Jan  1 00:00:00 2026\nHej\n"), []);
        for no in ["Mon Jan 00:00", "Mon Jan 1 0000", "MonJan 1 00:00", "Mon 1 Foo 2026 00:00"] {
            assert!(!has_date(format!("From a {no}").as_bytes()), "{no}");
        }
    }

    #[test]
    fn a_repeated_line_in_a_header_block_is_no_separator() {
        let text = "From - Mon Jan  1 00:00:00 2026\nX-a: 1\nFrom - Mon Jan  1 00:00:00 2026\nX-a: 1\nSubject: x\n\nHej\n";
        assert_eq!(split(text).len(), 1);
    }

    #[test]
    fn a_quoted_mail_is_a_doubtful_separator() {
        let text = "From a Mon Jan  1 00:00:00 2026\nSubject: x\n\nHej\nFrom Anna\nSubject: y\n\n";
        assert_eq!(split(text), [(0, Decision::Sure), (48, Decision::Doubtful)]);
    }

    #[test]
    fn lines_may_end_in_cr() {
        let text = "From a Mon Jan  1 00:00:00 2026\rSubject: x\r\rHej\r\rFrom b Mon Jan  1 00:00:00 2026\rTo: x\r";
        assert_eq!(split(text).len(), 2);
        assert_eq!(split(&text.replace('\r', "\r\n")).len(), 2);
    }

    #[test]
    fn too_few_bytes_give_no_answer() {
        let text = b"From a\nSubject: x\n\nHej\n\nFrom b\nodd: 1\n";
        assert_eq!(Separators::new(text, false).count(), 1);
        assert_eq!(Separators::new(&text[..10], false).count(), 0);
    }
}
