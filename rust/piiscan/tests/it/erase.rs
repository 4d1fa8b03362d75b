//! Messages that are taken out: what is left is read as before, whatever the windows.

use std::ops::Range;

use piiscan::archive::Reader;
use piiscan::archive::seam::Seams;
use piiscan::coverage::Status;
use piiscan::error::{Error, ErrorKind};
use piiscan::rewrite;
use piiscan::view::Edit;
use proptest::prelude::*;
use serde_json::Value;

use crate::reading::{Field, Object, Recorded, cases, each_block};

/// Windows from one message to all of them.
const WINDOWS: [usize; 5] = [1, 64, 257, 4096, usize::MAX];

/// Formats whose messages are records of their own.
const ERASABLE: [&str; 4] = ["csv", "jsonl", "mbox", "json"];

/// The bytes without some messages.
fn without(
    reader: &dyn Reader,
    bytes: &[u8],
    erased: &[Range<u64>],
    window: usize,
) -> Result<Vec<u8>, Error> {
    let (mut edits, mut seams) = (Vec::new(), Seams::default());
    let mut failed = None;
    each_block(reader, bytes, window, &mut |block| {
        let end = block.base + block.bytes.len() as u64;
        let own = erased.iter().filter(|range| (block.base..end).contains(&range.start));
        let own: Vec<Range<u64>> = own.cloned().collect();
        match reader.erase(block, &own, &mut edits) {
            Ok(seam) => edits.extend(seams.add(seam)),
            Err(error) => failed = Some(error),
        }
    });
    if let Some(error) = failed {
        return Err(error);
    }
    let mut out = Vec::new();
    rewrite::apply(&mut &bytes[..], edits, &mut out)?;
    Ok(out)
}

/// What is said about the messages that are left, and outside of messages; without places.
fn left(read: &Recorded, is_erased: impl Fn(usize) -> bool) -> Vec<(bool, String, String)> {
    let of = |field: &&Field| {
        field.record.is_none_or(|record| !is_erased(usize::try_from(record).unwrap()))
    };
    let told = |field: &Field| (field.record.is_some(), field.path.clone(), field.text.clone());
    read.fields.iter().filter(of).map(told).collect()
}

/// Ways to choose messages: all, each end, one in two, one alone.
fn choices(count: usize) -> Vec<Vec<usize>> {
    let mut choices = vec![(0..count).collect(), (0..count).step_by(2).collect()];
    choices.push((1..count).step_by(2).collect());
    for part in [1, 2, 3] {
        choices.push((0..count * part / 4).collect());
        choices.push((count * part / 4..count).collect());
    }
    choices.extend((0..count.min(12)).map(|one| vec![one]));
    choices.extend(count.checked_sub(1).map(|last| vec![last]));
    choices.retain(|choice| !choice.is_empty());
    choices
}

#[test]
fn what_is_left_is_read_as_before() {
    let mut done: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    for room in ["archive", "profile"] {
        for (_, case) in cases(room) {
            let object = Object::new(&case.name, &case.bytes).expect("a case is recognized");
            let reader = object.open(&case.bytes);
            let before = object.read_by(&*reader, &case.bytes, usize::MAX);
            for choice in choices(before.messages.len()) {
                let ranges: Vec<Range<u64>> =
                    choice.iter().map(|at| before.messages[*at].raw.clone()).collect();
                let place = || format!("{} without {choice:?}", case.dir.display());
                let whole = without(&*reader, &case.bytes, &ranges, usize::MAX);
                let whole = match whole {
                    Ok(whole) => whole,
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::Unsupported, "{}", place());
                        let is_odd = before.problems.iter().any(|(_, s, _)| *s >= Status::Warn);
                        let is_erasable = ERASABLE.contains(&object.syntax.id());
                        let is_list =
                            !matches!(object.syntax.id(), "json") || before.messages.len() > 1;
                        assert!(!is_erasable || is_odd || !is_list, "{}", place());
                        continue;
                    }
                };
                let after = object.read_by(&*reader, &whole, usize::MAX);
                let expected = left(&before, |at| choice.contains(&at));
                // A paragraph outside of messages may become one with another.
                assert_eq!(left(&after, |_| false), expected, "{}", place());
                if let (Ok(_), "json") =
                    (serde_json::from_slice::<Value>(&case.bytes), object.syntax.id())
                {
                    serde_json::from_slice::<Value>(&whole)
                        .unwrap_or_else(|error| panic!("{}: {error}", place()));
                }
                for window in WINDOWS {
                    let written = without(&*reader, &case.bytes, &ranges, window).unwrap();
                    let texts = || {
                        format!(
                            "{}\n{}",
                            String::from_utf8_lossy(&written),
                            String::from_utf8_lossy(&whole)
                        )
                    };
                    assert!(written == whole, "{} in windows of {window}:\n{}", place(), texts());
                }
                *done.entry(object.syntax.id()).or_default() += 1;
            }
        }
    }
    for syntax in ERASABLE.into_iter().chain(["text"]) {
        assert!(done.contains_key(syntax), "no message of {syntax} can be taken out");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn elements_of_a_json_array_go_with_their_commas(
        values in proptest::collection::vec((prop::bool::ANY, 0_u8..6), 1..12),
        pretty in prop::bool::ANY,
        window in 1_usize..80,
        unit in 0_u8..3,
    ) {
        let element = |kind: u8| match kind {
            0 => Value::from(7),
            1 => serde_json::json!({"a": [1, {"b": "x, ]"}], "text": "hej \" ,"}),
            2 => serde_json::json!([]),
            3 => Value::from("a],["),
            4 => Value::Null,
            _ => serde_json::json!({}),
        };
        let all: Vec<Value> = values.iter().map(|(_, kind)| element(*kind)).collect();
        let expected: Vec<Value> =
            values.iter().filter(|(erased, _)| !erased).map(|(_, kind)| element(*kind)).collect();
        let text = if pretty { serde_json::to_string_pretty(&all) } else { serde_json::to_string(&all) };
        let text = text.unwrap();
        let wide = |bytes: fn(u16) -> [u8; 2], mark: u16| -> Vec<u8> {
            std::iter::once(mark).chain(text.encode_utf16()).flat_map(bytes).collect()
        };
        let bytes = match unit {
            0 => text.clone().into_bytes(),
            1 => wide(u16::to_le_bytes, 0xfeff),
            _ => wide(u16::to_be_bytes, 0xfeff),
        };
        let object = Object::new("x.json", &bytes).expect("json");
        prop_assume!(object.syntax.id() == "json");
        let reader = object.open(&bytes);
        let read = object.read_by(&*reader, &bytes, usize::MAX);
        prop_assert_eq!(read.messages.len(), all.len());
        let erased = read.messages.iter().zip(&values).filter(|(_, (erased, _))| *erased);
        let erased: Vec<Range<u64>> = erased.map(|(message, _)| message.raw.clone()).collect();
        let written = without(&*reader, &bytes, &erased, window).unwrap();
        let json = match unit {
            0 => String::from_utf8(written).unwrap(),
            1 => encoding_rs::UTF_16LE.decode(&written).0.into_owned(),
            _ => encoding_rs::UTF_16BE.decode(&written).0.into_owned(),
        };
        let found: Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(found, Value::from(expected));
    }
}

#[test]
fn arrays_within_arrays_keep_their_own_commas() {
    let reader_of = |text: &str| {
        let object = Object::new("result.json", text.as_bytes()).expect("json");
        (object.open(text.as_bytes()), object.read(text.as_bytes(), usize::MAX))
    };
    // Threads with messages, as in an export of Messenger.
    let text = r#"{"participants": [{"name": "A"}], "messages": [{"sender_name": "A", "content": "x", "timestamp_ms": 1}, {"sender_name": "B", "content": "y", "timestamp_ms": 2}], "title": "t"}"#;
    let (reader, read) = reader_of(text);
    assert_eq!(read.messages.len(), 2);
    for window in 1..=text.len() {
        for (erased, rest) in [
            (vec![0], r#""messages": [ {"sender_name": "B""#),
            (vec![1], r#""timestamp_ms": 1}], "title""#),
            (vec![0, 1], r#""messages": [], "title""#),
        ] {
            let ranges: Vec<Range<u64>> =
                erased.iter().map(|at: &usize| read.messages[*at].raw.clone()).collect();
            let written = without(&*reader, text.as_bytes(), &ranges, window).unwrap();
            let written = String::from_utf8(written).unwrap();
            assert!(written.contains(rest), "{window}: {written}");
        }
    }
}

#[test]
fn a_blank_line_is_left_where_a_separator_needs_it() {
    // The last mail has no header: only its date and the blank line tell it.
    let text = "From a Mon Jan  1 00:00:00 2026\nSubject: x\n\nHej\nFrom b Mon Jan  1 00:00:00 2026\nSubject: y\n\nHej\n\nFrom c Mon Jan  1 00:00:00 2026\n\nHej\n";
    let object = Object::new("x.mbox", text.as_bytes()).expect("mbox");
    let read = object.read(text.as_bytes(), usize::MAX);
    assert_eq!(read.messages.len(), 3);
    let reader = object.open(text.as_bytes());
    let erased = [read.messages[1].raw.clone()];
    let written = without(&*reader, text.as_bytes(), &erased, usize::MAX).unwrap();
    assert_eq!(object.read(&written, usize::MAX).messages.len(), 2);
}

#[test]
fn what_is_no_list_of_messages_is_refused() {
    for (name, bytes) in [
        ("a.eml", &b"From: a@example.se\nSubject: x\n\nHej\n"[..]),
        ("a.json", br#"{"ticket": {"id": 1}}"#),
        ("a.json", br#"[{"a": 1}, {"a": 2"#),
    ] {
        let object = Object::new(name, bytes).expect("recognized");
        let read = object.read(bytes, usize::MAX);
        let ranges: Vec<Range<u64>> = read.messages.iter().map(|m| m.raw.clone()).collect();
        if ranges.is_empty() {
            continue;
        }
        let refused = without(&*object.open(bytes), bytes, &ranges, usize::MAX).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Unsupported, "{name}");
    }
    let mut edits: Vec<Edit> = Vec::new();
    let object = Object::new("a.txt", b"Hej\n").expect("text");
    each_block(&*object.open(b"Hej\n"), b"Hej\n", 10, &mut |block| {
        let all = std::slice::from_ref(&(0..4));
        assert!(object.open(b"Hej\n").erase(block, all, &mut edits).is_err());
    });
    assert!(edits.is_empty());
}
