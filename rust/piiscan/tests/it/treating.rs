//! What a sweep says changes, carried out: messages taken out of blocks that depend on each other, and mails that count their attachments.

use std::sync::Arc;

use piiscan::archive::container::CONTAINERS;
use piiscan::archive::limits::Limits;
use piiscan::archive::magic::Formats;
use piiscan::archive::profile::Profiles;
use piiscan::archive::source::Source;
use piiscan::archive::syntax::SYNTAXES;
use piiscan::rewrite::{self, Tools};
use piiscan::sweep::{Event, Treatment};
use serde_json::Value;

use crate::harness::{Folder, NUMBER, config, scanner, sweep};

fn formats() -> Formats {
    let profiles = Profiles::builtin().expect("shipped profiles are valid");
    Formats { containers: CONTAINERS, syntaxes: SYNTAXES, profiles }
}

/// A file after one rule is carried out on it, and the rows of its edits.
fn treated(name: &str, bytes: &[u8], rule: &str) -> (Vec<u8>, Vec<(u64, u64)>) {
    let folder = Folder::new();
    folder.write(name, bytes);
    let scanner = scanner();
    let operators: Vec<String> = scanner
        .detectors()
        .iter()
        .map(|detector| format!(r#""{}": {{"op": "label", "label": "[x]"}}"#, detector.id))
        .collect();
    let spec = format!(
        r#"{{"channels": [{{"name": "c", "path": "**", "profile": "*", "format": "*", "channel": "*", "keep": [], "rules": [0]}}],
            "rules": [{{"detectors": ["se-personnummer"], "readings": [], "offices": false, "fields": ["*"], {rule}}}],
            "operators": {{{}}}, "minimum": 1, "removed": "borttagen"}}"#,
        operators.join(", ")
    );
    let mut config = config(folder.path());
    config.formats = formats();
    config.treatment = Some(Arc::new(Treatment::new(&spec, &scanner, None).unwrap()));
    let swept = sweep(config);
    let mut rows = Vec::new();
    for event in &swept.events {
        if let Event::Edits(edits) = event {
            rows.extend(edits.rows.iter().map(|row| (row.raw.start, row.raw.end)));
        }
    }
    let done = swept.objects.into_iter().find(|done| done.parent.is_none()).unwrap();
    assert_eq!(done.unchanged, None);
    let (formats, limits) = (formats(), Limits::default());
    let make_file = &|| -> std::io::Result<std::fs::File> { panic!("a small thing") };
    let mut tools = Tools { formats: &formats, limits: &limits, make_file };
    let mut out = Vec::new();
    let changes = done.changes.expect("something changes");
    let mut source = Source::random_access(&bytes);
    rewrite::object(&mut tools, name.as_bytes(), &mut source, &changes, &mut out).unwrap();
    (out, rows)
}

/// An export of Messenger with a message a minute, the newest first or last.
fn messenger(count: usize, newest_first: bool) -> Vec<u8> {
    let message = |at: usize| {
        let age = if newest_first { count - at } else { at };
        let sent = 1_700_000_000_000 + age * 60_000;
        format!(
            r#"{{"sender_name": "A", "timestamp_ms": {sent}, "content": "{}"}}"#,
            "hej ".repeat(200)
        )
    };
    let messages: Vec<String> = (0..count).map(message).collect();
    format!(
        r#"{{"participants": [{{"name": "A"}}], "messages": [{}], "title": "t", "thread_path": "x"}}"#,
        messages.join(", ")
    )
    .into_bytes()
}

#[test]
fn an_array_over_many_blocks_stays_an_array() {
    let count = 5000; // 4 MiB
    for newest_first in [true, false] {
        let bytes = messenger(count, newest_first);
        for left in [0, 1, 700, 1300, 2500, 4999] {
            let before = 1_700_000_000_000_u64 + (count - left) as u64 * 60_000;
            let before = if newest_first { before + 1 } else { before };
            let rule = format!(
                r#""action": "erase", "clock": "sent", "before": {before}, "now": 1790000000000"#
            );
            let (written, _) = treated("message_1.json", &bytes, &rule);
            let value: Value = serde_json::from_slice(&written).unwrap_or_else(|error| {
                panic!("{left} left, newest first {newest_first}: {error}")
            });
            assert_eq!(value["messages"].as_array().unwrap().len(), left);
            assert_eq!(value["title"], "t");
        }
    }
}

#[test]
fn a_mail_counts_its_attachments() {
    let table = format!("namn;nummer\nKim;{NUMBER}\n");
    let body = format!(
        "--b\n\nPersonnummer {NUMBER}\n--b\nContent-Type: text/csv; name=a.csv\nContent-Transfer-Encoding: quoted-printable\n\n{table}--b--\n"
    );
    let top = "From a Mon Jan  1 00:00:00 2026\nFrom: a@example.se\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n";
    let mail = format!("{top}Content-Length: {}\n\n{body}", body.len());
    let (written, rows) = treated("x.mbox", mail.as_bytes(), r#""action": "replace""#);
    let new = body.replace(NUMBER, "[x]");
    let expected = format!("{top}Content-Length: {}\n\n{new}", new.len());
    assert_eq!(String::from_utf8(written).unwrap(), expected);
    assert_eq!(rows.iter().filter(|(from, to)| to - from == NUMBER.len() as u64).count(), 3);
}

#[test]
fn an_attachment_goes_with_its_mail() {
    let mail = |year: u32| {
        format!(
            "From a Mon Jan  1 00:00:00 {year}\nFrom: a@example.se\nDate: Mon, 1 Jan {year} 00:00:00 +0000\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/csv; name=a.csv\n\nnamn;nummer\nKim;{NUMBER}\n--b--\n\n"
        )
    };
    let bytes = mail(2020) + &mail(2024) + &mail(2021);
    let rule =
        r#""action": "erase", "clock": "sent", "before": 1672531200000, "now": 1790000000000"#;
    let (written, _) = treated("x.mbox", bytes.as_bytes(), rule);
    assert_eq!(String::from_utf8(written).unwrap(), mail(2024));
}
