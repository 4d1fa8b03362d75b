//! What an edit of a mail brings with it: fields that count the body, and lines that must not come into being.
//!
//! Only touched lines are looked at, and no edit takes in text that it does not change: what an edit writes goes into the audit log. A line of a body that would now be a separator of an mbox or look like a boundary is marked; a line of
//! quoted-printable is wrapped again and keeps its last blank as an escape; a line of flowed text does not become soft; a line of a header
//! that is left empty goes, and one that is too long is folded.
//!
//! `Content-Length` and `Lines` change by as much as the body does: whatever they meant before, they still mean.

use std::collections::HashSet;
use std::ops::Range;

use super::lines::line;
use super::outline::Outline;
use super::touched::{Patch, Touched, narrow};
use crate::archive::Block;
use crate::archive::limits::Limits;
use crate::view::Edit;

/// The longest line of a header (RFC 5322, 2.1.1).
const HEADER_MAX: usize = 998;

/// The longest line of quoted-printable (RFC 2045, 6.7), and what fits before a soft line break.
const QUOTED_MAX: usize = 76;

/// What stands for the name of a header field of which nothing is left.
const NAMELESS: &[u8] = b"X-Removed";

/// A kind of mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Form {
    Single,
    /// Begins with a line `From `, which no other line may look like.
    OfMbox,
}

/// Completes the edits of one mail.
pub(in super::super) fn derive(
    form: Form,
    limits: &Limits,
    block: &Block<'_>,
    message: &Range<u64>,
    edits: &mut Vec<Edit>,
) {
    let first = edits.partition_point(|edit| edit.raw.start < message.start);
    let last = edits.partition_point(|edit| edit.raw.start < message.end);
    let mut own: Vec<Edit> = edits.drain(first..last).collect();
    // Not of a message that is taken out.
    let is_within = |edit: &Edit| edit.within.is_none() && edit.raw.end <= message.end;
    if !own.is_empty() && own.iter().all(is_within) {
        let place = |at: u64| usize::try_from(at - block.base).unwrap_or(usize::MAX);
        let bytes = &block.bytes[place(message.start)..place(message.end)];
        let shift = |edits: &mut [Edit], by: &dyn Fn(u64) -> u64| {
            for edit in edits {
                edit.raw = by(edit.raw.start)..by(edit.raw.end);
            }
        };
        shift(&mut own, &|at| at - message.start);
        let head = super::bom_len(bytes);
        let start = match form {
            Form::OfMbox if bytes[head..].starts_with(b"From ") => line(bytes, head).1,
            Form::OfMbox => bytes.len(),
            Form::Single => head,
        };
        let outline = Outline::of(bytes, start, limits);
        let mut mail = Mail { bytes, form, start, outline };
        own = mail.settle_lines(own);
        mail.count(&mut own);
        shift(&mut own, &|at| at + message.start);
    }
    edits.splice(first..first, own);
}

struct Mail<'m> {
    bytes: &'m [u8],
    form: Form,
    /// Where the header begins.
    start: usize,
    outline: Outline,
}

fn holds(ranges: &[Range<usize>], at: usize) -> bool {
    ranges.iter().any(|range| range.contains(&at))
}

impl Mail<'_> {
    /// Looks at the touched lines, and adds what must be written otherwise. No edit takes text in that it does not change.
    fn settle_lines(&mut self, edits: Vec<Edit>) -> Vec<Edit> {
        let mut out = Vec::with_capacity(edits.len());
        let mut rest = edits.into_iter().peekable();
        while let Some(edit) = rest.next() {
            let start = self.line_start(narrow(edit.raw.start));
            let mut end = line(self.bytes, narrow(edit.raw.end)).1;
            let mut group = vec![edit];
            while let Some(next) = rest.next_if(|next| narrow(next.raw.start) < end) {
                end = end.max(line(self.bytes, narrow(next.raw.end)).1);
                group.push(next);
            }
            let touched = Touched::of(self.bytes, start..end, group);
            let patches = self.patches(start..end, &touched.text);
            out.append(&mut touched.patched(patches));
        }
        out
    }

    fn line_start(&self, at: usize) -> usize {
        let before = &self.bytes[..at];
        // Between CR and LF is the end of the line before.
        let before = match (before, self.bytes.get(at)) {
            ([rest @ .., b'\r'], Some(b'\n')) => rest,
            _ => before,
        };
        memchr::memrchr2(b'\r', b'\n', before).map_or(0, |end| end + 1)
    }

    /// What has to be written otherwise in touched lines, in offsets of their new text.
    fn patches(&self, range: Range<usize>, new: &[u8]) -> Vec<Patch> {
        let old = Old::of(&self.bytes[range.clone()]);
        let (mut patches, mut at) = (Vec::new(), 0);
        for (text, end) in lines(new) {
            let is_new = range.start >= self.start && !old.lines.contains(text);
            let line = Line { at, text, end, old: &old };
            if is_new && holds(&self.outline.headers, range.start) {
                line.of_header(&mut patches);
            } else if is_new {
                self.body_line(range.start, &line, &mut patches);
            }
            at += text.len() + end.len();
        }
        patches
    }

    fn body_line(&self, raw: usize, line: &Line<'_>, patches: &mut Vec<Patch>) {
        let (mut from, mut to) = (0, line.text.len());
        let was_blank = line.old.ends_blank;
        if holds(&self.outline.flowed, raw) && ends_blank(line.text) && !was_blank {
            to = line.text.trim_ascii_end().len();
            patches.push(line.patch(to..line.text.len(), b""));
        }
        // The mark of a line that is none of those any more that need it.
        let was_marked = self.form == Form::OfMbox && line.old.is_marked;
        if was_marked && line.text.starts_with(b">") && !is_marked(line.text) {
            from = 1;
            patches.push(line.patch(0..1, b""));
        }
        let text = &line.text[from.min(to)..to];
        let is_separator = self.form == Form::OfMbox && line.is_new(text, b"From ");
        if holds(&self.outline.quoted, raw) {
            let ends_blank = ends_blank(text) && !was_blank;
            let begins_badly = is_separator || line.is_new(text, b"--");
            return line.wrap(from..to, begins_badly, ends_blank, patches);
        }
        if is_separator {
            patches.push(line.patch(from..from, b">"));
        } else if line.is_new(text, b"--") {
            patches.push(line.patch(from..from, b" "));
        }
    }

    /// Patches the fields that count the body. Edits of an earlier call are brought up to date.
    fn count(&self, edits: &mut Vec<Edit>) {
        let Some(body) = self.outline.headers.first().map(|header| header.end) else { return };
        let (mut bytes, mut rows) = (0_i64, 0_i64);
        for edit in edits.iter().filter(|edit| narrow(edit.raw.start) >= body) {
            let old = &self.bytes[narrow(edit.raw.start)..narrow(edit.raw.end)];
            let len = |bytes: &[u8]| i64::try_from(bytes.len()).unwrap_or(0);
            let ends = |bytes: &[u8]| {
                i64::try_from(lines(bytes).filter(|(_, end)| !end.is_empty()).count()).unwrap_or(0)
            };
            bytes += len(&edit.bytes) - len(old);
            rows += ends(&edit.bytes) - ends(old);
        }
        for (fields, more) in [(&self.outline.lengths, bytes), (&self.outline.lines, rows)] {
            for field in fields.iter().filter(|_| more != 0) {
                let digits = std::str::from_utf8(&self.bytes[field.clone()]).unwrap_or_default();
                let new = digits.parse::<u64>().ok().and_then(|old| old.checked_add_signed(more));
                let raw = field.start as u64..field.end as u64;
                let at = edits.partition_point(|edit| edit.raw.end <= raw.start);
                let there = edits.get_mut(at).filter(|edit| edit.raw.start < raw.end);
                let Some(new) = new.map(|new| new.to_string().into_bytes()) else { continue };
                match there {
                    None => edits.insert(at, Edit { raw, bytes: new, within: None }),
                    // Of an earlier call, before more edits came.
                    Some(edit) if edit.raw == raw && edit.bytes.iter().all(u8::is_ascii_digit) => {
                        edit.bytes = new;
                    }
                    Some(_) => {}
                }
            }
        }
    }
}

/// A touched line.
struct Line<'l> {
    /// Where it begins in the new text.
    at: usize,
    text: &'l [u8],
    end: &'l [u8],
    /// The lines that stood there.
    old: &'l Old<'l>,
}

/// The lines that edits touch, as they stand. An attachment that is encoded again has a million.
struct Old<'l> {
    lines: HashSet<&'l [u8]>,
    /// What some of them begin with, of [`BEGINNINGS`].
    begin: [bool; BEGINNINGS.len()],
    ends_blank: bool,
    is_marked: bool,
}

/// How no line may begin that did not before: a separator of an mbox, a boundary, a field without a name.
const BEGINNINGS: [&[u8]; 3] = [b"From ", b"--", b":"];

impl<'l> Old<'l> {
    fn of(bytes: &'l [u8]) -> Self {
        let lines: HashSet<&[u8]> = lines(bytes).map(|(text, _)| text).collect();
        let any = |is: &dyn Fn(&[u8]) -> bool| lines.iter().any(|line| is(line));
        Self {
            begin: BEGINNINGS.map(|begins| any(&|line| line.starts_with(begins))),
            ends_blank: any(&ends_blank),
            is_marked: any(&is_marked),
            lines,
        }
    }

    fn begins(&self, with: &[u8]) -> bool {
        BEGINNINGS.iter().zip(self.begin).any(|(begins, does)| *begins == with && does)
    }
}

impl Line<'_> {
    fn patch(&self, range: Range<usize>, bytes: &[u8]) -> Patch {
        Patch { at: self.at + range.start..self.at + range.end, bytes: bytes.to_vec() }
    }

    /// Whether a text begins in a way that no line here did.
    fn is_new(&self, text: &[u8], begins: &[u8]) -> bool {
        text.starts_with(begins) && !self.old.begins(begins)
    }

    fn line_end(&self) -> &[u8] {
        if self.end.is_empty() { b"\n" } else { self.end }
    }

    fn of_header(&self, patches: &mut Vec<Patch>) {
        if self.text.trim_ascii().is_empty() {
            return patches.push(self.patch(0..self.text.len() + self.end.len(), b""));
        }
        if self.is_new(self.text, b":") {
            patches.push(self.patch(0..0, NAMELESS));
        }
        let mut from = 0;
        while self.text.len() - from > HEADER_MAX {
            let rest = &self.text[from..from + HEADER_MAX];
            // The first blank may be the one of a fold.
            let Some(at) = rest.iter().rposition(|byte| *byte == b' ') else { break };
            if rest[..at].trim_ascii().is_empty() {
                break;
            }
            from += at;
            patches.push(self.patch(from..from, self.line_end()));
        }
    }

    /// Keeps a line of quoted-printable within 76 characters; its first or last character may have to become an escape.
    fn wrap(&self, range: Range<usize>, first: bool, last: bool, patches: &mut Vec<Patch>) {
        let mut line: Vec<u8> = self.text[range.clone()].to_vec();
        let mut origin: Vec<usize> = range.clone().collect();
        let mut replace = |at: usize| {
            let byte = line[at];
            line.splice(at..=at, escape(byte));
            origin.splice(at..=at, [origin[at]; 3]);
            byte
        };
        if last {
            let byte = replace(range.len() - 1);
            patches.push(self.patch(range.end - 1..range.end, &escape(byte)));
        }
        if first {
            let byte = replace(0);
            patches.push(self.patch(range.start..range.start + 1, &escape(byte)));
        }
        let soft = [b"=", self.line_end()].concat();
        for at in breaks(&line) {
            patches.push(self.patch(origin[at]..origin[at], &soft));
        }
    }
}

fn ends_blank(text: &[u8]) -> bool {
    matches!(text.last(), Some(b' ' | b'\t'))
}

/// Lines with their ends.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let from = at;
        let (end, next) = (from < bytes.len()).then(|| line(bytes, from))?;
        at = next;
        Some((&bytes[from..end], &bytes[end..next]))
    })
}

/// Whether a line is `From ` with quote marks before it.
fn is_marked(line: &[u8]) -> bool {
    let marks = line.iter().take_while(|byte| **byte == b'>').count();
    marks > 0 && line[marks..].starts_with(b"From ")
}

fn escape(byte: u8) -> [u8; 3] {
    let digit = |value: u8| b"0123456789ABCDEF"[usize::from(value)];
    [b'=', digit(byte >> 4), digit(byte & 15)]
}

/// Where a line of quoted-printable is broken, so that none of its lines is longer than 76 characters.
fn breaks(text: &[u8]) -> Vec<usize> {
    let (mut out, mut from) = (Vec::new(), 0);
    while text.len() - from > QUOTED_MAX {
        let mut at = from + QUOTED_MAX - 1;
        // An escape is not cut, and the next line begins with nothing that means something.
        if let Some(escape) = (at - 2..at).find(|escape| text[*escape] == b'=') {
            at = escape;
        }
        while at > from + 1 && (text[at..].starts_with(b"From ") || text[at..].starts_with(b"--")) {
            at -= 1;
        }
        out.push(at);
        from = at;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::Arena;

    /// What becomes of a mail when each `from` is replaced by its `to`. To complete edits again changes nothing.
    fn edited(form: Form, mail: &str, changes: &[(&str, &str)]) -> String {
        let mut edits: Vec<Edit> = Vec::new();
        for (from, to) in changes {
            let at = mail.find(from).unwrap() as u64;
            let raw = at..at + from.len() as u64;
            edits.push(Edit { raw, bytes: to.as_bytes().to_vec(), within: None });
        }
        edits.sort_by_key(|edit| edit.raw.start);
        let arena = Arena::new();
        let bytes = mail.as_bytes();
        let block = Block { bytes, base: 0, first: true, last: true, torn: false, arena: &arena };
        derive(form, &Limits::default(), &block, &(0..mail.len() as u64), &mut edits);
        assert!(edits.windows(2).all(|pair| pair[0].raw.end <= pair[1].raw.start));
        let once = edits.clone();
        derive(form, &Limits::default(), &block, &(0..mail.len() as u64), &mut edits);
        assert_eq!(edits, once);
        // What is changed holds nothing of what is not.
        for edit in &edits {
            let text = String::from_utf8(edit.bytes.clone()).unwrap();
            assert!(
                !text.contains("Anna") && !text.contains("abcdef") && !text.contains("Subject")
            );
        }
        String::from_utf8(Touched::of(bytes, 0..bytes.len(), edits).text).unwrap()
    }

    const TOP: &str = "From a Mon Jan  1 00:00:00 2026\n";

    #[test]
    fn fields_that_count_the_body_follow_it() {
        let mail = "Subject: abc\nContent-Length: 18\nLines: 2\n\nabc def\nghi\n jklmn\n";
        assert_eq!(
            edited(Form::Single, mail, &[("abc\nC", "x\nC"), ("ghi\n", ""), (" def", " [namn]")]),
            "Subject: x\nContent-Length: 17\nLines: 1\n\nabc [namn]\n jklmn\n"
        );
        // A value that is none, or is replaced itself, stays.
        let mail = "Content-Length: -5\nLines: 12345678\n\nabc\n";
        assert_eq!(
            edited(Form::Single, mail, &[("abc\n", ""), ("12345678", "[x]")]),
            "Content-Length: -5\nLines: [x]\n\n"
        );
    }

    #[test]
    fn edits_that_come_later_count_too() {
        let mail = b"Content-Length: 8\n\nabc def\n";
        let (arena, all) = (Arena::new(), 0..mail.len() as u64);
        let block =
            Block { bytes: mail, base: 0, first: true, last: true, torn: false, arena: &arena };
        let edit = |raw| Edit { raw, bytes: b"[x]".to_vec(), within: None };
        let mut edits = vec![edit(23..26)];
        derive(Form::Single, &Limits::default(), &block, &all, &mut edits);
        assert_eq!(edits.len(), 1, "the length is the same");
        edits.insert(0, edit(20..20));
        derive(Form::Single, &Limits::default(), &block, &all, &mut edits);
        edits.insert(1, edit(19..19));
        derive(Form::Single, &Limits::default(), &block, &all, &mut edits);
        let new = Touched::of(mail, 0..mail.len(), edits).text;
        assert_eq!(new, b"Content-Length: 14\n\n[x]a[x]bc [x]\n");
    }

    #[test]
    fn no_line_becomes_a_separator() {
        let mail = TOP.to_owned() + "Subject: x\n\n0701234567From Anna\nFrom Bo 0701234568\n";
        let new = edited(Form::OfMbox, &mail, &[("0701234567", ""), ("0701234568", "[x]")]);
        assert_eq!(new, TOP.to_owned() + "Subject: x\n\n>From Anna\nFrom Bo [x]\n");
        assert!(
            edited(Form::OfMbox, &mail, &[("From a M", "From [x] M")]).starts_with("From [x] M")
        );
        let marked = TOP.to_owned() + "Subject: x\n\n>From Anna Ek\n>From Bo\n";
        let new = edited(Form::OfMbox, &marked, &[("From Anna", "[x]"), ("Bo", "[x]")]);
        assert_eq!(new, TOP.to_owned() + "Subject: x\n\n[x] Ek\n>From [x]\n");
        let single = "Subject: x\n\n0701234567From Anna\n";
        assert_eq!(
            edited(Form::Single, single, &[("0701234567", "")]),
            "Subject: x\n\nFrom Anna\n"
        );
    }

    #[test]
    fn no_line_becomes_a_boundary() {
        let mail = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n0701234567--b\n--b--\n";
        let new = edited(Form::Single, mail, &[("0701234567", "")]);
        assert_eq!(new, mail.replace("0701234567", " "));
        let mail =
            mail.replace("--b\n\n0", "--b\nContent-Transfer-Encoding: quoted-printable\n\n0");
        let new = edited(Form::Single, &mail, &[("0701234567", "")]);
        assert_eq!(new, mail.replace("0701234567-", "=2D"));
    }

    #[test]
    fn quoted_printable_is_wrapped_and_keeps_its_blanks() {
        let top = "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
        let new = edited(Form::Single, &format!("{top}Ring 0701\r\n"), &[("0701", "")]);
        assert_eq!(new, format!("{top}Ring=20\r\n"));
        let long = "abcdef=C3=A5".repeat(6);
        let mail = format!("{top}{long}0701\r\nrad\r\n");
        let new = edited(Form::Single, &mail, &[("0701", "[telefonnummer]")]);
        let body = &new[top.len()..];
        assert!(body.lines().all(|line| line.len() <= 76), "{body}");
        assert_eq!(body.replace("=\r\n", ""), format!("{long}[telefonnummer]\r\nrad\r\n"));
        assert!(body.lines().all(|line| !line.ends_with("=C=") && !line.ends_with("==")));
    }

    #[test]
    fn a_wrapped_line_begins_with_nothing_that_means_something() {
        for at in 60..80 {
            for word in ["From ", "--"] {
                let line = "x".repeat(at) + word + &"y".repeat(200);
                let mut out = line.clone();
                for at in breaks(line.as_bytes()).into_iter().rev() {
                    out.insert_str(at, "=\n");
                }
                assert!(out.lines().all(|line| !line.starts_with(word) && line.len() <= 76));
                assert_eq!(out.replace("=\n", ""), line);
            }
        }
    }

    #[test]
    fn a_flowed_line_does_not_become_soft() {
        let mail = "Content-Type: text/plain; format=flowed\n\nRing 0701234567\nHej\n";
        let new = edited(Form::Single, mail, &[("0701234567", "")]);
        assert_eq!(new, mail.replace(" 0701234567", ""));
    }

    #[test]
    fn header_lines_are_neither_empty_nor_too_long() {
        let mail = "Subject:\r\n 0701234567\r\nTo: x\r\n\r\nHej\r\n";
        let new = edited(Form::Single, mail, &[("0701234567", "")]);
        assert_eq!(new, "Subject:\r\nTo: x\r\n\r\nHej\r\n");
        let mail = format!("To: {}\r\n\r\nHej\r\n", "a@example.se, ".repeat(70));
        let new = edited(Form::Single, &mail, &[("a@example.se, a", &"x".repeat(60))]);
        assert!(new.lines().all(|line| line.len() <= HEADER_MAX));
        assert_eq!(new.replace("\r\n ", " ").lines().count(), 3);
        let new = edited(Form::Single, "anna@x: 1\nTo: x\n\n", &[("anna@x", "")]);
        assert_eq!(new, "X-Removed: 1\nTo: x\n\n");
    }
}
