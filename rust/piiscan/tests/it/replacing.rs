//! Any replacements in any fields: read again, the text differs in the replaced spans and nowhere else.

use std::ops::Range;

use piiscan::archive::syntax::SYNTAXES;
use piiscan::archive::{Block, Child, Reader, Sink};
use piiscan::coverage::Status;
use piiscan::message::{Role, Ts};
use piiscan::rewrite;
use piiscan::view::{Edit, View, settle};
use proptest::prelude::*;

use crate::reading::{Case, Field, Object, Recorded, cases, each_block};

/// What operators write: a label, a token, nothing.
const TOKENS: [&str; 3] = ["[x]", "PNR_bdfh_bcdfghjkmnpqrstvbcdfghjkmn", ""];

/// A replacement: field, span of its text, token.
type Wanted = (usize, Range<usize>, &'static str);

/// Makes the edits that are wanted, as a rewrite does: settled and completed message by message.
struct Editor<'e, 'b> {
    reader: &'e dyn Reader,
    block: &'e Block<'b>,
    wanted: &'e [Wanted],
    field: &'e mut usize,
    message: Option<(u64, Vec<Edit>)>,
    edits: &'e mut Vec<Edit>,
    /// Which replacements were made.
    done: &'e mut Vec<Wanted>,
}

impl Editor<'_, '_> {
    fn settled(&self, edits: Vec<Edit>) -> Option<Vec<Edit>> {
        let place = |at: u64| usize::try_from(at - self.block.base).unwrap();
        settle(edits, |raw| &self.block.bytes[place(raw.start)..place(raw.end)]).ok()
    }
}

impl<'a> Sink<'a> for Editor<'_, '_> {
    fn begin(&mut self, start: u64) {
        self.message = Some((start, Vec::new()));
    }

    fn field(&mut self, _: Role, _: &str, _: &str, view: View<'a>) {
        let number = *self.field;
        *self.field += 1;
        for wanted in self.wanted.iter().filter(|wanted| wanted.0 == number) {
            let Ok(mut more) = view.edits(wanted.1.clone(), wanted.2) else { continue };
            let mut edits = match &self.message {
                Some((_, edits)) => edits.clone(),
                None => self.edits.clone(),
            };
            edits.append(&mut more);
            // What overlaps with an earlier one is left out.
            let both = edits.iter().filter(|edit| edit.raw.start >= self.block.base);
            if self.settled(both.cloned().collect()).is_none() {
                continue;
            }
            match &mut self.message {
                Some((_, own)) => *own = edits,
                None => *self.edits = edits,
            }
            self.done.push(wanted.clone());
        }
    }

    fn end(&mut self, end: u64, _: bool) {
        let (start, edits) = self.message.take().unwrap();
        let mut edits = self.settled(edits).expect("looked at before");
        self.reader.derive(self.block, start..end, &mut edits);
        self.edits.append(&mut edits);
    }

    fn sent(&mut self, _: Ts) {}
    fn closed(&mut self, _: Ts) {}
    fn key(&mut self, _: &[u8]) {}
    fn child(&mut self, _: Child<'a>) {}
    fn problem(&mut self, _: Range<u64>, _: Status, _: &str) {}
}

/// The bytes with replacements, and which of them were made.
fn replaced(
    reader: &dyn Reader,
    bytes: &[u8],
    window: usize,
    wanted: &[Wanted],
) -> (Vec<u8>, Vec<Wanted>, Vec<Edit>) {
    let (mut field, mut edits, mut done) = (0, Vec::new(), Vec::new());
    each_block(reader, bytes, window, &mut |block| {
        let mut editor = Editor {
            reader,
            block,
            wanted,
            field: &mut field,
            message: None,
            edits: &mut edits,
            done: &mut done,
        };
        reader.read(block, &mut editor);
    });
    let mut out = Vec::new();
    rewrite::apply(&mut &bytes[..], edits.clone(), &mut out).expect("edits can be applied");
    (out, done, edits)
}

/// Whether `new` is `old` with the span replaced; an atomic piece counts as the span.
fn is_replaced(old: &str, span: &Range<usize>, token: &str, new: &str) -> bool {
    let (head, tail) = (&old[..span.start], &old[span.end..]);
    let fits =
        |kept_head: &str, kept_tail: &str| head.starts_with(kept_head) && tail.ends_with(kept_tail);
    // Blanks beside what was taken out may go, or become a line end with its quote mark.
    let is_blank = |c: &char| c.is_whitespace() || *c == '>';
    let bare = |text: &str| -> String { text.chars().filter(|c| !is_blank(c)).collect() };
    if token.is_empty() && bare(new) == bare(&[head, tail].concat()) {
        return true;
    }
    // A chat keeps a mark where it needs one.
    let marked = |at: &usize| new[*at..].starts_with('_') && fits(&new[..*at], &new[at + 1..]);
    if token.is_empty() {
        return (0..new.len()).filter(|at| new.is_char_boundary(*at)).any(|at| marked(&at))
            || (0..=new.len()).filter(|at| new.is_char_boundary(*at)).any(|at| {
                let (kept_head, kept_tail) = new.split_at(at);
                fits(kept_head, kept_tail)
            });
    }
    new.match_indices(token).any(|(at, _)| fits(&new[..at], &new[at + token.len()..]))
}

/// The fields that may differ: those that were edited, and others that show the same bytes.
fn touches(field: &Field, edits: &[Edit]) -> bool {
    edits.iter().any(|edit| edit.raw.start < field.raw.end && field.raw.start < edit.raw.end)
}

/// Whether a replacement may take away what tells where messages begin: the time and key of a chat, the one name of a
/// column. The name of a tag is text when it is none any more.
fn is_structure(object: &Object<'_>, field: &Field) -> bool {
    let is_chat = object.profile().is_some_and(|profile| profile.line.is_some());
    (is_chat && (field.role == Role::Time || field.path == "key"))
        || (object.syntax.id() == "csv" && field.path == "header")
        || field.path.ends_with("/#name")
        || (field.path == "header" && field.text.starts_with("From "))
        || field.text.contains("begin 644 ")
}

/// The part of a span in one line, without blanks around: so are findings.
fn in_line(text: &str, span: Range<usize>) -> Range<usize> {
    let from = span.start + text[span.clone()].len() - text[span.clone()].trim_start().len();
    let from = from.min(span.end);
    let end = text[from..span.end].find(['\r', '\n']).map_or(span.end, |len| from + len);
    from..from + text[from..end].trim_end().len()
}

/// Where paragraphs end depends on their size and on empty lines, so the text is compared as a whole, blanks aside.
fn check_paragraphs(before: &Recorded, after: &Recorded, done: &[Wanted], place: &str) {
    let joined = |texts: Vec<String>| -> String {
        texts.concat().chars().filter(|c| !c.is_whitespace() && *c != '\0').collect()
    };
    let mut texts: Vec<String> = before.fields.iter().map(|field| field.text.clone()).collect();
    for (number, span, token) in done {
        texts[*number].replace_range(span.clone(), token);
    }
    let after = after.fields.iter().map(|field| field.text.clone()).collect();
    assert_eq!(joined(after), joined(texts), "{place}");
}

fn check(case: &Case, object: &Object<'_>, before: &Recorded, wanted: &[Wanted]) -> usize {
    // Text that is read without its grammar ends at a bracket.
    let is_flat = object.syntax.id().starts_with("json") && !before.problems.is_empty();
    if is_flat && wanted.iter().any(|wanted| wanted.2 == TOKENS[0]) {
        return 0;
    }
    let reader = object.open(&case.bytes);
    let (written, done, edits) = replaced(&*reader, &case.bytes, usize::MAX, wanted);
    let place = || format!("{}: {done:?}", case.dir.display());
    if done.is_empty() {
        assert!(written == case.bytes, "{}", place());
        return 0;
    }
    // Windows change nothing.
    for window in [1, 257] {
        let again = replaced(&*reader, &case.bytes, window, wanted);
        assert!(again.0 == written, "{} in windows of {window}", place());
    }
    let after = object.read_by(&*reader, &written, usize::MAX);
    if before.messages.is_empty() && object.syntax.id() == "text" {
        check_paragraphs(before, &after, &done, &place());
        return done.len();
    }
    let messages = |read: &Recorded| read.messages.len();
    // A key is part of the paths below it.
    let is_key = |wanted: &Wanted| {
        let field = &before.fields[wanted.0];
        field.path.ends_with("~key") || field.path.eq_ignore_ascii_case(&field.text)
    };
    let renames = done.iter().any(is_key);
    let mut new = after.fields.iter().peekable();
    for (number, old) in before.fields.iter().enumerate() {
        let own: Vec<&Wanted> = done.iter().filter(|wanted| wanted.0 == number).collect();
        let is_empty = |wanted: &&Wanted| wanted.2.is_empty();
        let next = new.peek().copied();
        let is_at = |new: &Field| new.path == old.path || renames;
        let same = |new: &&Field| is_at(new) || !own.is_empty();
        let unchanged = next.filter(|new| is_at(new) && new.text == old.text);
        if own.is_empty() && !touches(old, &edits) {
            assert!(
                unchanged.is_some(),
                "{}: field {number} changed as well: {:?} {:?}",
                place(),
                old,
                next
            );
            new.next();
            continue;
        }
        // Nothing is handed over of a field that is empty.
        let gone = next.is_none_or(|new| !is_at(new));
        if gone && !own.is_empty() && own.iter().all(is_empty) {
            continue;
        }
        let Some(next) = next.filter(same) else {
            let may_go = own.iter().all(|own| is_empty(own) || is_key(own));
            assert!(may_go, "{}: field {number} is gone", place());
            continue;
        };
        let of_mail = matches!(object.syntax.id(), "eml" | "mbox");
        let is_address = of_mail && matches!(old.role, Role::Sender | Role::Recipient);
        if let ([(_, span, token)], false) = (&own[..], is_address) {
            let may_be_gone = token.is_empty() || is_key(own[0]);
            if may_be_gone && !is_replaced(&old.text, span, token, &next.text) {
                continue; // it is gone, and the next field has the same path
            }
            assert!(
                is_replaced(&old.text, span, token, &next.text),
                "{}: field {number} was {:?} and is {:?}",
                place(),
                old.text,
                next.text
            );
        }
        new.next();
    }
    assert!(new.next().is_none(), "{}: a field came into being", place());
    let emptied = done.iter().any(|(_, _, token)| token.is_empty());
    // A record of which nothing is left is none.
    assert!(messages(&after) == messages(before) || emptied, "{}", place());
    done.len()
}

fn spans(text: &str, start: usize, len: usize) -> Range<usize> {
    let next = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at += 1;
        }
        at
    };
    let start = next(start.min(text.len() - 1));
    let start = if start == text.len() { 0 } else { start };
    start..next((start + len.max(1)).min(text.len()))
}

fn each(mut law: impl FnMut(&Case, &Object<'_>)) {
    for room in ["archive", "profile"] {
        for (_, case) in cases(room) {
            let object = Object::new(&case.name, &case.bytes).expect("a case is recognized");
            law(&case, &object);
        }
    }
}

#[test]
fn every_field_can_be_emptied() {
    let mut done: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    each(|case, object| {
        let before = object.read(&case.bytes, usize::MAX);
        for (number, field) in before.fields.iter().enumerate() {
            if is_structure(object, field) {
                continue;
            }
            let span = in_line(&field.text, 0..field.text.len());
            for token in TOKENS {
                let count = check(case, object, &before, &[(number, span.clone(), token)]);
                *done.entry(object.syntax.id()).or_default() += count;
            }
        }
    });
    for syntax in SYNTAXES {
        assert!(done[syntax.id()] > 0, "no field of {} can be replaced", syntax.id());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_the_replaced_spans_differ(
        picks in proptest::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1_usize..30, 0..TOKENS.len()), 1..5,
        ),
    ) {
        each(|case, object| {
            let before = object.read(&case.bytes, usize::MAX);
            if before.fields.is_empty() {
                return;
            }
            let mut wanted: Vec<Wanted> = Vec::new();
            for (field, start, len, token) in &picks {
                let number = field.index(before.fields.len());
                let field = &before.fields[number];
                let is_taken = wanted.iter().any(|(taken, ..)| *taken == number);
                // What a key is for shows in its letters: one at a time, above.
                let is_key = field.path.ends_with("~key") || field.path.eq_ignore_ascii_case(&field.text);
                if is_taken || is_key || is_structure(object, field) {
                    continue;
                }
                let span = spans(&field.text, start.index(field.text.len()), *len);
                let span = in_line(&field.text, span);
                // No finding is the mark of a quoted line or a signature. The charset of broken bytes is a guess from those around.
                let found = &field.text[span.clone()];
                let is_mark = found.contains('>') || !found.contains(char::is_alphanumeric);
                if is_mark || field.text.contains('\u{fffd}') {
                    continue;
                }
                wanted.push((number, span, TOKENS[*token]));
            }
            check(case, object, &before, &wanted);
        });
    }
}
