//! Cases of formats: `tests/cases/archive/<format>/<case>/input.*` and `tests/cases/profile/<id>/<case>/input.*`, each with
//! `messages.jsonl`: everything the reader says, one line a thing. `UPDATE_CASES=1` writes them anew.

use std::collections::HashMap;
use std::env;
use std::fmt::Write as _;
use std::fs;

use piiscan::archive::profile::{Does, PROFILES};
use piiscan::archive::syntax::SYNTAXES;

use proptest::prelude::*;
use serde_json::Value;

use crate::reading::{Case, Object, cases, describe};

/// Compares a case with what it expects; gives what differs.
fn check(case: &Case) -> Option<String> {
    let Some(object) = Object::new(&case.name, &case.bytes) else {
        return Some(format!("{}: not recognized", case.dir.display()));
    };
    let found = describe(&object, &case.bytes);
    let path = case.dir.join("messages.jsonl");
    if env::var_os("UPDATE_CASES").is_some() {
        fs::write(&path, found).expect("a case can be written");
        return None;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if expected == found {
        return None;
    }
    let differs = |(one, two): &(&str, &str)| one != two;
    let line = expected.lines().zip(found.lines()).find(differs);
    let (expected, found) = line.unwrap_or(("(another number of lines)", ""));
    Some(format!("{}\n  expected {expected}\n  found    {found}", case.dir.display()))
}

fn check_all(room: &str) {
    let failed: Vec<String> = cases(room).iter().filter_map(|(_, case)| check(case)).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn formats_are_read_as_their_cases_say() {
    check_all("archive");
}

#[test]
fn profiles_are_read_as_their_cases_say() {
    check_all("profile");
}

#[test]
fn every_format_has_cases() {
    let cases = cases("archive");
    for syntax in SYNTAXES {
        let own = cases.iter().filter(|(format, _)| format == syntax.id());
        let mut recognized = own.filter_map(|(_, case)| Object::new(&case.name, &case.bytes));
        assert!(
            recognized.any(|object| object.syntax.id() == syntax.id()),
            "no case of {}",
            syntax.id()
        );
    }
}

#[test]
fn every_profile_has_a_sample_that_it_recognizes() {
    let mut samples: HashMap<String, usize> = HashMap::new();
    for (id, case) in cases("profile") {
        let object = Object::new(&case.name, &case.bytes).expect("a sample is recognized");
        let found = object.profile().map(|profile| profile.id.clone());
        assert_eq!(found.as_deref(), Some(id.as_str()), "{}", case.dir.display());
        *samples.entry(id).or_default() += 1;
    }
    for (id, _) in PROFILES {
        assert!(samples.contains_key(*id), "no sample of {id}");
    }
}

#[test]
fn every_path_of_a_profile_hits_in_its_samples() {
    let mut missed: HashMap<String, Vec<String>> = HashMap::new();
    for (id, case) in cases("profile") {
        let object = Object::new(&case.name, &case.bytes).expect("a sample is recognized");
        let profile = object.profile().expect("a sample has a profile").clone();
        let read = object.read(&case.bytes, usize::MAX);
        let record = profile.record.as_ref().map_or(0, Vec::len);
        let hits = |rule: &piiscan::archive::profile::Rule| {
            read.fields.iter().any(|field| {
                // Paths of fields are relative to the message.
                let within = field.record.is_some() && matches!(profile.syntax.as_str(), "json");
                let steps: Vec<&str> = rule.path.split('/').skip(1).collect();
                let steps = if within { steps.get(record..).unwrap_or_default() } else { &steps };
                let path: Vec<&str> = field.path.split('/').skip(1).collect();
                let pointer = field.path.starts_with('/')
                    && path.len() >= steps.len()
                    && !steps.is_empty()
                    && steps.iter().zip(&path).all(|(step, part)| *step == "*" || step == part);
                let exact =
                    path.len() == steps.len() || matches!(rule.does, Does::Join | Does::Nested(_));
                (pointer && exact) || field.path.to_lowercase() == rule.path.to_lowercase()
            })
        };
        let missing = profile.rules.iter().filter(|rule| !hits(rule)).map(|rule| rule.path.clone());
        let missing: Vec<String> = missing.collect();
        let left = missed.entry(id).or_insert_with(|| missing.clone());
        left.retain(|path| missing.contains(path));
    }
    missed.retain(|_, paths| !paths.is_empty());
    assert!(missed.is_empty(), "paths without a field in any sample: {missed:#?}");
}

/// Strings and numbers of a value, in order, as the reader tells them: no empty strings, keys only if they are data.
fn leaves(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) if !text.is_empty() => out.push(text.clone()),
        Value::Number(number) => out.push(number.to_string()),
        Value::Array(list) => list.iter().for_each(|value| leaves(value, out)),
        Value::Object(members) => {
            for (key, value) in members {
                let of_schema = |c: char| c.is_ascii_alphabetic() || "_$.-".contains(c);
                if key.len() > 40 || !key.chars().all(of_schema) {
                    out.push(key.clone());
                }
                leaves(value, out);
            }
        }
        _ => {}
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let members =
            proptest::collection::btree_map("[a-zA-Z_åäö0-9 \"/~\\\\]{0,8}", inner.clone(), 0..6);
        prop_oneof![
            proptest::collection::vec(inner, 0..6).prop_map(Value::from),
            members.prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// `\uXXXX` for everything beyond ASCII.
fn escaped(json: &str) -> String {
    let mut out = String::new();
    for c in json.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            c.encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|unit| write!(out, "\\u{unit:04X}").expect("a string grows"));
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_has_the_strings_that_serde_finds(values in proptest::collection::vec(value(), 1..4)) {
        let value = Value::from(values);
        let mut expected = Vec::new();
        leaves(&value, &mut expected);
        let plain = serde_json::to_string(&value).unwrap();
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        for json in [escaped(&plain), plain, pretty] {
            let object = Object::new("x.json", json.as_bytes()).expect("json");
            prop_assert_eq!(object.syntax.id(), "json");
            let read = object.read(json.as_bytes(), 64);
            prop_assert_eq!(&read.problems, &[]);
            // What looks double-encoded is read as what it was.
            let found: Vec<String> = read.fields.into_iter().map(|field| field.text).collect();
            if !expected.iter().any(|text| text.contains('Ã')) {
                prop_assert_eq!(&found, &expected);
            }
        }
    }
}

#[test]
fn values_nested_beyond_any_limit_are_found() {
    for (open, close, depth) in [("[", "]", 500_000), ("{\"a\":", "}", 150_000)] {
        let json = format!("{}\"811218-9876\"{}", open.repeat(depth), close.repeat(depth));
        let object = Object::new("x.json", json.as_bytes()).expect("json");
        let read = object.read(json.as_bytes(), usize::MAX);
        assert!(read.fields.iter().any(|field| field.text == "811218-9876"));
        assert!(!read.problems.is_empty());
    }
}

#[test]
fn a_line_of_ten_megabytes_is_one_field() {
    let mut text = "rad ett\n".to_owned();
    text.push_str(&"lorem ipsum ".repeat(10 << 20 >> 3));
    text.push_str("811218-9876\nrad tre\n");
    let object = Object::new("x.txt", text.as_bytes()).expect("text");
    let read = object.read(text.as_bytes(), 1 << 20);
    let hits: Vec<_> = read.fields.iter().filter(|field| field.text.contains("811218")).collect();
    assert_eq!(hits.len(), 1);
}

#[test]
fn an_unbalanced_quote_needs_bounded_memory() {
    let mut text = "namn;text\n\"Anna;811218-9876\n".to_owned();
    (0..200_000).for_each(|number| writeln!(text, "rad {number};x").expect("a string grows"));
    let object = Object::new("x.csv", text.as_bytes()).expect("csv");
    let read = object.read(text.as_bytes(), 64 << 10);
    assert!(read.fields.iter().any(|field| field.text == "811218-9876" && field.path == "text"));
    assert_eq!(read.messages.len(), 200_001);
}
