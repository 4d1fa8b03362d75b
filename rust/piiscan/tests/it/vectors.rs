//! Published test values against the detectors: `tests/cases/vectors.tsv`.

use std::fs;
use std::path::Path;

use piiscan::finding::Check;

use crate::cases::{options, scan, scanner};

/// What the detector says of a value behind a label: its scheme or kind, `-` without one, `invalid` if it is not found as valid.
fn verdict(detector: &str, value: &str, label: &str) -> String {
    let found = scan(&scanner(Some(detector), options()), value, label);
    let whole = |end: u32| end as usize == value.len();
    match found[..] {
        [found]
            if found.span.start == 0
                && whole(found.span.end)
                && found.attributes.check != Some(Check::Fail) =>
        {
            let attributes = found.attributes;
            attributes.scheme.or(attributes.kind).unwrap_or("-").to_owned()
        }
        _ => "invalid".to_owned(),
    }
}

#[test]
fn detectors_agree_with_published_values() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/vectors.tsv");
    let text = fs::read_to_string(path).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let [detector, value, label, expected, _source] = line.split('\t').collect::<Vec<_>>()[..]
        else {
            panic!("five columns: {line}");
        };
        count += 1;
        let have = verdict(detector, value, label);
        if have != expected {
            wrong.push(format!("{line}\n  have {have}"));
        }
    }
    assert_eq!(count, 156, "no row is left out");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
