//! Mailboxes: where mails begin, windows, quoted lines.

use std::ops::Range;

use piiscan::coverage::Status;
use proptest::prelude::*;

use crate::reading::Recorded;
use crate::record::{check_edit, edited, read, read_windows};

const FROM: &str = "From a@example.se Mon Jan  5 09:00:00 2026\n";

fn mail(number: usize, body: &str) -> String {
    format!("{FROM}Subject: nr {number}\nMessage-ID: <{number}@example.se>\n\n{body}\n\n")
}

fn starts(record: &Recorded) -> Vec<u64> {
    record.messages.iter().map(|message| message.raw.start).collect()
}

/// Every byte belongs to exactly one message.
fn check_cover(record: &Recorded, len: usize) {
    let mut at = 0;
    for message in &record.messages {
        let Range { start, end } = &message.raw;
        assert_eq!(*start, at);
        at = *end;
    }
    assert_eq!(at, len as u64);
}

#[test]
fn mails_begin_where_the_header_says() {
    let text =
        [mail(1, "Hej"), mail(2, "From Russia with love\n\nFrom here"), mail(3, "x")].concat();
    let record = read("mbox", text.as_bytes());
    check_cover(&record, text.len());
    assert_eq!(record.texts("subject"), ["nr 1", "nr 2", "nr 3"]);
    assert!(record.messages.iter().all(|message| !message.key.is_empty()));
    assert_eq!(record.texts("envelope").len(), 3);
    assert_eq!(starts(&record)[1], mail(1, "Hej").len() as u64);
}

#[test]
fn the_length_in_a_header_is_not_believed() {
    for length in ["5", "-7", "99999999999999999999", "0"] {
        let text =
            format!("{FROM}Content-Length: {length}\n\n{}\n{}", "Hej ".repeat(9), mail(2, "x"));
        assert_eq!(read("mbox", text.as_bytes()).messages.len(), 2);
    }
}

#[test]
fn a_mark_before_from_is_left_out_of_the_text_and_kept_in_the_file() {
    let text = mail(1, ">From here on\n>>From there\n > From\nnr 811218-9876");
    let record = read("mbox", text.as_bytes());
    assert_eq!(record.text("body"), "From here on\n>From there\n > From\nnr 811218-9876\n\n");
    check_edit("mbox", text.as_bytes(), "811218-9876", "[nummer]");
    let out = edited("mbox", text.as_bytes(), "811218-9876", "[nummer]");
    assert_eq!(String::from_utf8(out).unwrap(), text.replace("811218-9876", "[nummer]"));
}

#[test]
fn what_stands_before_the_first_separator_is_a_message() {
    let text = format!("nr 811218-9876\n\n{}", mail(1, "x"));
    let record = read("mbox", text.as_bytes());
    check_cover(&record, text.len());
    assert_eq!(record.fields[0].text, "nr 811218-9876\n\n");
    assert_eq!(record.reasons(), ["text before the first separator"]);
}

#[test]
fn a_mark_at_the_start_belongs_to_the_first_message() {
    let text = format!("\u{feff}{}", mail(1, "x"));
    let record = read("mbox", text.as_bytes());
    check_cover(&record, text.len());
    assert_eq!(record.messages.len(), 1);
}

#[test]
fn a_doubtful_separator_is_said() {
    let text = format!(
        "{}{}",
        mail(1, "Hej\nFrom Anna\nDate: Mon, 5 Jan 1998 09:00:00 +0100\n\nx"),
        mail(2, "y")
    );
    let record = read("mbox", text.as_bytes());
    assert_eq!(
        record.messages.iter().map(|message| message.doubtful).collect::<Vec<_>>(),
        [false, true, false]
    );
    assert_eq!(record.problems.len(), 1);
    assert_eq!((record.problems[0].1, record.reasons()[0]), (Status::Warn, "doubtful separator"));
}

#[test]
fn line_ends_make_no_difference() {
    let text = [mail(1, "Hej"), mail(2, ">From here\nFrom there"), mail(3, "x")].concat();
    for line_end in ["\r\n", "\r"] {
        let record = read("mbox", text.replace('\n', line_end).as_bytes());
        assert_eq!(record.texts("subject"), ["nr 1", "nr 2", "nr 3"]);
        assert_eq!(
            record.texts("body")[1].trim_end().replace(line_end, "\n"),
            "From here\nFrom there"
        );
    }
}

#[test]
fn many_candidates_take_linear_time() {
    let start = std::time::Instant::now();
    let text = format!("{}{}", mail(1, "x"), "From a\n".repeat(200_000));
    assert_eq!(read("mbox", text.as_bytes()).messages.len(), 1);
    assert!(start.elapsed() < std::time::Duration::from_secs(5));
}

/// Texts of mailboxes, put together from lines that matter.
fn mailboxes() -> impl Strategy<Value = String> {
    let lines = prop_oneof![
        Just(FROM),
        Just("From -\n"),
        Just("From Anna\n"),
        Just("Subject: x\n"),
        Just("odd: y\n"),
        Just(" folded\n"),
        Just("\n"),
        Just("Hej From du\n"),
        Just(">From x\n"),
        Just("\r\n"),
    ];
    proptest::collection::vec(lines, 0..60).prop_map(|lines| format!("{FROM}{}", lines.concat()))
}

proptest! {
    #[test]
    fn windows_make_no_difference(text in mailboxes(), size in 40..200_usize) {
        let whole = read("mbox", text.as_bytes());
        check_cover(&whole, text.len());
        prop_assert_eq!(read_windows("mbox", text.as_bytes(), size), whole);
    }

    #[test]
    fn damaged_mailboxes_never_panic(text in mailboxes(), at: prop::sample::Index, byte: u8) {
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        check_cover(&read("mbox", &bytes), bytes.len());
        check_cover(&read("mbox", &bytes[..at]), at);
    }
}
