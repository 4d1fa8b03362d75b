//! The seven laws of formats, for every syntax, over the inputs of its cases.

use piiscan::archive::syntax::SYNTAXES;
use piiscan::coverage::Status;
use piiscan::message::Role;
use piiscan::rewrite;
use piiscan::view::Edit;
use proptest::prelude::*;

use crate::reading::{Case, Field, Object, cases};

/// Replaces found text: printable ASCII, nothing that any charset or syntax would have to escape.
const TOKEN: &str = "x-1";

/// Every case with its object.
fn each(mut law: impl FnMut(&Case, &Object<'_>)) {
    for room in ["archive", "profile"] {
        for (_, case) in cases(room) {
            let object = Object::new(&case.name, &case.bytes).expect("a case is recognized");
            law(&case, &object);
        }
    }
}

fn apply(source: &[u8], edits: Vec<Edit>) -> Vec<u8> {
    let mut out = Vec::new();
    rewrite::apply(&mut &source[..], edits, &mut out).expect("edits of a reader can be applied");
    out
}

fn texts(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.text.as_str()).collect()
}

#[test]
fn law_1_without_edits_the_output_is_the_input() {
    each(|case, _| assert_eq!(apply(&case.bytes, Vec::new()), case.bytes));
}

/// Law 2 is checked by the sink for every field of every test: pieces cover the text. Here: text that stands in the
/// source as it is has its own raw range.
#[test]
fn law_2_pieces_decode_to_their_text() {
    let mut identical = 0;
    each(|case, object| {
        for field in object.read(&case.bytes, usize::MAX).fields {
            let raw =
                usize::try_from(field.raw.start).unwrap()..usize::try_from(field.raw.end).unwrap();
            assert!(raw.end <= case.bytes.len());
            assert!(!field.text.is_empty(), "{}: an empty field", case.dir.display());
            if raw.len() == field.text.len() && field.text.is_ascii() && field.raw.ranges == 1 {
                identical += usize::from(case.bytes[raw] == *field.text.as_bytes());
            }
        }
    });
    assert!(identical > 100, "only {identical} fields stand in the source as they are");
}

/// Characters to replace in a field: the first run of ASCII letters or digits, and the first character beyond ASCII.
fn spans(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut spans = Vec::new();
    if let Some(from) = text.find(|c: char| c.is_ascii_alphanumeric()) {
        let len = text[from..].bytes().take_while(u8::is_ascii_alphanumeric).count();
        spans.push(from..from + len);
    }
    if let Some((from, c)) = text.char_indices().find(|(_, c)| !c.is_ascii() && *c != '\u{fffd}') {
        spans.push(from..from + c.len_utf8());
    }
    spans
}

#[test]
fn laws_3_and_4_an_edit_changes_its_span_and_nothing_else() {
    let mut done: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    each(|case, object| {
        let before = object.read(&case.bytes, usize::MAX);
        for (number, field) in before.fields.iter().enumerate() {
            // The time of a chat in text is what tells where its messages begin.
            let of_line = object.profile().is_some_and(|profile| profile.line.is_some());
            if of_line && field.role == Role::Time {
                continue;
            }
            for span in spans(&field.text) {
                let Some(edits) = object.edits(&case.bytes, number, span.clone(), TOKEN) else {
                    continue;
                };
                let edited = apply(&case.bytes, edits.clone());
                let place = || format!("{} field {number} span {span:?}", case.dir.display());

                // Law 4: what no edit covers is the same.
                let (first, last) = (edits[0].raw.start, edits[edits.len() - 1].raw.end);
                let (first, last) =
                    (usize::try_from(first).unwrap(), usize::try_from(last).unwrap());
                assert_eq!(edited[..first], case.bytes[..first], "{}", place());
                assert!(edited.ends_with(&case.bytes[last..]), "{}", place());

                // Law 3: read again, only the span differs. A unit that can only be taken whole counts as the span.
                // By the same reader: a guess of the charset may change with the text.
                let after = object.read_by(&*object.open(&case.bytes), &edited, usize::MAX);
                let (old, new) = (texts(&before.fields), texts(&after.fields));
                assert_eq!(old.len(), new.len(), "{}", place());
                for (at, (old, new)) in old.iter().zip(&new).enumerate() {
                    if at != number && old != new {
                        // The same bytes seen through another field: an alternative view.
                        assert!(new.contains(TOKEN), "{}: field {at} changed as well", place());
                    }
                }
                let (head, tail) = (&field.text[..span.start], &field.text[span.end..]);
                let (kept_head, kept_tail) = new[number].split_once(TOKEN).unwrap_or_else(|| {
                    panic!("{}: the token is not there", place());
                });
                // An address of a mail stays an address: it gets a name or a domain with the token.
                let of_mail = matches!(object.syntax.id(), "eml" | "mbox");
                let is_address = of_mail && matches!(field.role, Role::Sender | Role::Recipient);
                if is_address {
                    continue;
                }
                assert!(head.starts_with(kept_head) && tail.ends_with(kept_tail), "{}", place());
                let is_atomic =
                    edits.iter().any(|edit| edit.raw.end - edit.raw.start != span.len() as u64);
                if !is_atomic && edits.len() == 1 {
                    assert_eq!((kept_head, kept_tail), (head, tail), "{}", place());
                }
                *done.entry(object.syntax.id()).or_default() += 1;
            }
        }
    });
    for syntax in SYNTAXES {
        assert!(done.contains_key(syntax.id()), "no field of {} can be edited", syntax.id());
    }
}

#[test]
fn law_5_a_cut_document_is_reported() {
    each(|case, object| {
        if object.syntax.id() != "json" || !object.read(&case.bytes, usize::MAX).problems.is_empty()
        {
            return;
        }
        let text = case.bytes.trim_ascii_end();
        for len in [text.len() - 1, text.len() * 3 / 4, text.len() / 2] {
            let problems = object.read(&text[..len], usize::MAX).problems;
            // Half a unit of UTF-16 is another fault than the end.
            let worst = if text.contains(&0) { Status::Warn } else { Status::Error };
            let cut_off = problems.iter().any(|(_, status, _)| *status >= worst);
            assert!(cut_off, "{} cut at {len}: {problems:?}", case.dir.display());
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    /// The sink asserts that messages are closed and that every place is within the object.
    #[test]
    fn law_5_damage_never_panics(
        cut in any::<prop::sample::Index>(),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), 0_u8..8), 0..4),
        window in 1_usize..5000,
    ) {
        each(|case, object| {
            if case.bytes.is_empty() {
                return;
            }
            let mut bytes = case.bytes.clone();
            for (at, bit) in &flips {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
            }
            bytes.truncate(1 + cut.index(bytes.len()));
            object.read(&bytes, window);
            if let Some(other) = Object::new(&case.name, &bytes) {
                other.read(&bytes, window);
            }
        });
    }
}

#[test]
fn law_6_windows_do_not_change_the_fields() {
    each(|case, object| {
        let whole = object.read(&case.bytes, usize::MAX);
        for window in [1, 64, 257, 1000, 4096] {
            let windows = object.read(&case.bytes, window);
            let place = || format!("{} in windows of {window}", case.dir.display());
            for (one, two) in whole.fields.iter().zip(&windows.fields) {
                assert_eq!(one, two, "{}", place());
            }
            assert_eq!(whole.fields.len(), windows.fields.len(), "{}", place());
            assert_eq!(whole.messages, windows.messages, "{}", place());
        }
    });
}

#[test]
fn law_7_line_ends_do_not_change_the_text() {
    each(|case, object| {
        // Line ends of UTF-16 are not single bytes.
        if case.bytes.contains(&0) || case.bytes.contains(&b'\r') {
            return;
        }
        let mut twin = Vec::with_capacity(case.bytes.len() * 2);
        for byte in &case.bytes {
            twin.extend((*byte == b'\n').then_some(b'\r'));
            twin.push(*byte);
        }
        let (lf, crlf) = (object.read(&case.bytes, usize::MAX), object.read(&twin, usize::MAX));
        let plain = |fields: &[Field]| -> Vec<String> {
            fields.iter().map(|field| field.text.replace('\r', "")).collect()
        };
        assert!(plain(&lf.fields) == plain(&crlf.fields), "{}", case.dir.display());
        let times = |read: &crate::reading::Recorded| -> Vec<_> {
            read.messages.iter().map(|message| (message.sent, message.closed)).collect()
        };
        assert_eq!(times(&lf), times(&crlf), "{}", case.dir.display());
    });
}

/// Lines of one shape are compared with those before and not parsed (see the JSON Lines reader): nothing may come of it.
#[test]
fn a_line_says_the_same_after_any_other_lines() {
    const LINES: &[&str] = &[
        r#"{"id": "a1", "text": "hej \"du\" 811218-9876", "sent": "2024-11-04T07:30:19+01:00", "n": 5}"#,
        r#"{"id": "a2", "text": "", "sent": null, "n": -1.5e3}"#,
        r#"{"id": "a3", "text": "h\u00e5 \\", "sent": "x", "n": true }"#,
        r#"{"id":"a4","text":"tät","sent":"2024-11-04","n":1}"#,
        r#"{"id": "a5", "text": ["a", {"b": "c"}], "sent": "x", "n": 1}"#,
        r#"{"id": "a6", "text": "bruten"#,
        r#"{"id": "a7", "text": "x", "sent": "x", "n": 1} och mer"#,
        r#"{"id": "a8", "text": "x", "sent": "x", "n": 1x}"#,
        r#"{"id": "a9", "811218-9876": "x", "n": 1}"#,
        r#"{"text": "annan form", "id": "b1"}"#,
        "{}",
        "[1, 2]",
        "",
    ];
    let read = |lines: &[&str]| {
        let text = lines.join("\n") + "\n";
        let object = Object::new("x.jsonl", text.as_bytes()).expect("it is named so");
        object.read(text.as_bytes(), usize::MAX)
    };
    let told = |fields: &[Field], from: u64| {
        let told = |f: &Field| (f.role, f.path.clone(), f.text.clone(), f.raw.start - from);
        fields.iter().map(told).collect::<Vec<_>>()
    };
    for line in LINES {
        for before in LINES {
            let lines = [LINES[0], LINES[0], before, before, line];
            let start: usize = lines[..4].iter().map(|line| line.len() + 1).sum();
            let (first, all) = (read(&[LINES[0], line]), read(&lines));
            let own = |fields: &[Field], from: usize| {
                let from = from as u64;
                told(&fields[fields.partition_point(|f| f.raw.start < from)..], from)
            };
            let expected = own(&first.fields, LINES[0].len() + 1);
            assert_eq!(own(&all.fields, start), expected, "{line} behind {before}");
        }
    }
}
