//! The scan as a whole: every way to classify, every border, every spelling gives the same findings.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::pass::Pass;
use super::tile::TILE;
use super::*;
use crate::calendar::Date;
use crate::finding::{Countries, Fingerprint};
use crate::simd::{Scalar, Task};

fn options() -> Options {
    Options {
        locales: Countries::of("SE").with(Countries::of("FI")),
        reference_date: Date::new(2026, 11, 22).unwrap(),
        min_digits: 7,
        strict: false,
        grouped: true,
        norway_2032: false,
    }
}

fn scanner(detectors: Option<&[&str]>, key: Option<u8>) -> Scanner {
    let detectors = detectors.map(|ids| ids.iter().map(|id| (*id).to_owned()).collect());
    let key = key.map(|byte| Key::new([byte; 32]));
    let lexicons = Lexicon::builtin().unwrap();
    Scanner::new(Config { detectors, options: options(), key, lexicons }).unwrap()
}

static ALL: LazyLock<Scanner> = LazyLock::new(|| scanner(None, Some(1)));

/// The findings in fields.
fn findings(fields: &[impl AsRef<str>]) -> Vec<Finding> {
    let (mut batch, mut out) = (Batch::new(), Vec::new());
    push(&mut batch, fields);
    ALL.scan(&mut batch, &mut out);
    out
}

fn push(batch: &mut Batch, fields: &[impl AsRef<str>]) {
    for field in fields {
        batch.push_text(field.as_ref(), "", FieldKind::Text);
    }
}

/// Id and text of each finding.
fn found<'t>(scanner: &Scanner, text: &'t str) -> Vec<(String, &'t str)> {
    let (mut batch, mut out) = (Batch::new(), Vec::new());
    scanner.scan_text(text, &mut batch, &mut out);
    let part = |finding: &Finding| &text[finding.span.start as usize..finding.span.end as usize];
    let id = |finding: &Finding| scanner.detectors()[usize::from(finding.detector)].id.clone();
    out.iter().map(|finding| (id(finding), part(finding))).collect()
}

/// What people write, and what comes near it.
fn piece() -> impl Strategy<Value = String> {
    let written = prop::sample::select(vec![
        "811218-9876",
        "personnummer",
        "131052-308T",
        "131052A308T",
        "070-174 06 05",
        "+46 (0)8 581 690 00",
        "12345678",
        "anna@exempel.se",
        "anna (at) exempel.se",
        "anna at exempel punkt se",
        "192.0.2.17",
        "2001:db8::8a2e:370:7334",
        "SE45 5000 0000 0583 9825 7466",
        "4111 1111 1111 1111",
        "2026-09-02T07:14:00Z",
        "8.00-16.30",
        "1 250 000 kr",
        "jag har diabetes",
        "bröstcancer",
        "tel",
        "nr",
        "åäö",
        "”",
        "–",
        "０７０",
        "\u{200B}",
        "a\u{308}",
    ]);
    let between =
        prop::sample::select(vec![" ", " ", " ", ": ", ", ", ". ", "\n", "\n\n", "", "x"]);
    (written, between).prop_map(|(written, between)| format!("{written}{between}"))
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..30).prop_map(|pieces| pieces.concat())
}

/// Texts of which some hold words of others.
const NAMED: [&str; 14] = [
    "Anna Exempelsson <anna@example.se>",
    "Kovács Bertalan",
    "Matti Virtanen, Eva Ek",
    "Björn",
    "Anna-Lena Ek",
    "Hej Anna",
    "Tack Annas mamma",
    "Bertalan Kovács och Kovácsin Bertalan",
    "tack Bjo\u{308}rn",
    "Kerro Matille ja Virtaselle",
    "Hej Evas!",
    "ring 070-174 06 05",
    "Tack Anna-Lena",
    "Hej",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_fast_path_finds_what_the_scalar_one_finds(text in text(), shift in 0..80_usize) {
        let text = format!("{}{text}", "x ".repeat((TILE - shift) / 2));
        let (mut batch, mut scalar) = (Batch::new(), Vec::new());
        push(&mut batch, &[&text]);
        Pass { scanner: &ALL, batch: &mut batch, out: &mut scalar }.run(Scalar);
        prop_assert_eq!(findings(&[text]), scalar);
    }

    #[test]
    fn fields_do_not_leak_into_each_other(fields in prop::collection::vec(text(), 0..8)) {
        let alone = fields.iter().zip(0..).flat_map(|(field, number)| {
            findings(&[field]).into_iter().map(move |finding| Finding { field: number, ..finding })
        });
        prop_assert_eq!(findings(&fields), alone.collect::<Vec<_>>());
    }

    #[test]
    fn what_comes_again_has_the_same_findings(
        texts in prop::collection::vec(text(), 1..6),
        order in prop::collection::vec((0..6_usize, 0..3_usize), 1..40),
        batches in 1..4_usize
    ) {
        let mut remembering = Batch::remembering(&ALL);
        for chosen in order.chunks(order.len().div_ceil(batches)) {
            let (mut plain, mut expected, mut out) = (Batch::new(), Vec::new(), Vec::new());
            let mut pending = Vec::new();
            remembering.clear();
            for (text, label) in chosen {
                let (text, label) = (&texts[text % texts.len()], ["", "ip", "mobil"][*label]);
                plain.push_text(text, label, FieldKind::Text);
                pending.push(remembering.push_text(text, label, FieldKind::Text).pending);
            }
            ALL.scan(&mut plain, &mut expected);
            ALL.scan(&mut remembering, &mut out);
            prop_assert!(out.iter().all(|finding| pending[finding.field as usize]));
            prop_assert_eq!(out, expected);
        }
    }

    #[test]
    fn who_is_known_does_not_depend_on_batches_and_memory(
        order in prop::collection::vec((0..NAMED.len(), any::<bool>()), 1..60),
        batches in 1..5_usize
    ) {
        let (mut plain, mut expected) = (Batch::new(), Vec::new());
        let (mut remembering, mut out) = (Batch::remembering(&ALL), Vec::new());
        let kind = |is_party| if is_party { FieldKind::Party } else { FieldKind::Text };
        // Somebody else's names before: what is remembered of those days must not count.
        for text in NAMED.iter().rev() {
            remembering.push_text(text, "", FieldKind::Party);
            remembering.push_text(text, "", FieldKind::Text);
        }
        ALL.scan(&mut remembering, &mut Vec::new());
        remembering.forget_people();
        let mut before = 0;
        for chosen in order.chunks(order.len().div_ceil(batches)) {
            remembering.clear();
            for (text, is_party) in chosen {
                plain.push_text(NAMED[*text], "", kind(*is_party));
                remembering.push_text(NAMED[*text], "", kind(*is_party));
            }
            let first = out.len();
            ALL.scan(&mut remembering, &mut out);
            out[first..].iter_mut().for_each(|finding| finding.field += before);
            before += u32::try_from(chosen.len()).unwrap();
        }
        ALL.scan(&mut plain, &mut expected);
        prop_assert_eq!(out, expected);
    }

    #[test]
    fn a_timestamp_holds_nothing(
        date in "(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]",
        time in "[T ][0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,9})?(Z|[+-][01][0-9]:[0-5][0-9])?"
    ) {
        // A blank behind it: the whole field is told by its shape and never scanned.
        let text = format!("{date}{time}");
        prop_assert_eq!(findings(&[format!("{text} ")]), []);
        let mut batch = Batch::new();
        prop_assert!(!batch.push_text(&text, "", FieldKind::Text).pending);
    }

    #[test]
    fn spans_begin_and_end_at_characters_and_do_not_overlap(text in text()) {
        let mut end = 0;
        for finding in findings(&[&text]) {
            prop_assert!(finding.span.start >= end && finding.span.start < finding.span.end);
            end = finding.span.end;
            prop_assert!(text.is_char_boundary(finding.span.start as usize));
            prop_assert!(text.is_char_boundary(end as usize));
        }
    }

    #[test]
    fn any_bytes_are_scanned(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let (mut batch, mut fast, mut scalar) = (Batch::new(), Vec::new(), Vec::new());
        let view = crate::view::View::plain(&bytes, 0);
        batch.push(&view, "", FieldKind::Text);
        ALL.scan(&mut batch, &mut fast);
        Pass { scanner: &ALL, batch: &mut batch, out: &mut scalar }.run(Scalar);
        prop_assert_eq!(fast, scalar);
    }
}

#[test]
fn a_finding_is_seen_across_every_tile_border() {
    let pii = "Mitt personnummer är 811218-9876, mejla anna@exempel.se";
    for at in (TILE - 60..TILE + 4).step_by(3) {
        let text = format!("{} {pii} {}", "x".repeat(at), "y ".repeat(40));
        let ids: Vec<String> = found(&ALL, &text).into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, ["se-personnummer", "email"], "{at}");
    }
}

#[test]
fn a_whole_field_is_a_finding() {
    let fields = ["811218-9876", "anna@exempel.se", "192.0.2.17", ""];
    let found = findings(&fields);
    let spans: Vec<(u32, usize)> = found.iter().map(|f| (f.field, f.span.len() as usize)).collect();
    assert_eq!(spans, [(0, fields[0].len()), (1, fields[1].len()), (2, fields[2].len())]);
}

#[test]
fn spans_are_those_of_the_text_as_it_was_written() {
    let text = "ring\u{A0}０７０‑１７４\u{200B} ０６ ０５!";
    assert_eq!(found(&ALL, text), [("phone".to_owned(), "０７０‑１７４\u{200B} ０６ ０５")]);
}

#[test]
fn decomposed_letters_hidden_hyphens_and_odd_spaces_do_not_hide_anything() {
    for (text, id, value) in [
        ("Fo\u{308}delsenummer: 8112189876", "se-personnummer", "8112189876"),
        ("pnr 811218\u{2212}9876", "se-personnummer", "811218\u{2212}9876"),
        ("pnr 8112\u{AD}18-98\u{200B}76", "long-number", "8112\u{AD}18-98\u{200B}76"),
        ("skriv till A\u{30A}sa\u{A0}O\u{308}berg!", "person-name", "A\u{30A}sa\u{A0}O\u{308}berg"),
        (
            "Bjo\u{308}rkva\u{308}gen\u{202F}３",
            "street-address",
            "Bjo\u{308}rkva\u{308}gen\u{202F}３",
        ),
        ("fo\u{308}dd １９６２‑０３‑０１", "date-of-birth", "１９６２‑０３‑０１"),
        ("Jag har dia\u{AD}be\u{200B}tes", "health", "dia\u{AD}be\u{200B}tes"),
    ] {
        assert_eq!(found(&ALL, text), [(id.to_owned(), value)], "{text}");
    }
}

#[test]
fn a_run_of_two_mebibytes_is_one_number() {
    let text = "7".repeat(2 << 20);
    let found = findings(&[&text]);
    assert_eq!((found.len(), found[0].span.len()), (1, 2 << 20));
}

#[test]
fn an_opaque_field_holds_no_long_number() {
    let (mut batch, mut out) = (Batch::new(), Vec::new());
    batch.push_text("1234567890123", "", FieldKind::Opaque);
    batch.push_text("1234567890123", "", FieldKind::Text);
    ALL.scan(&mut batch, &mut out);
    assert_eq!(out.iter().map(|finding| finding.field).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_label_is_context() {
    let (mut batch, mut out) = (Batch::new(), Vec::new());
    batch.push_text("8112189876", "personnummer", FieldKind::Text);
    batch.push_text("8112189876", "", FieldKind::Text);
    ALL.scan(&mut batch, &mut out);
    assert!(out[0].confidence > out[1].confidence);
}

#[test]
fn detectors_that_do_not_run_are_not_listed() {
    let scanner = scanner(Some(&["email", "health"]), None);
    let ids: Vec<&str> = scanner.detectors().iter().map(|d| d.id.as_str()).collect();
    assert_eq!(ids, ["email", "health"]);
    let text = "jag har diabetes, anna@exempel.se 811218-9876";
    let ids: Vec<String> = found(&scanner, text).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["health", "email"]);
}

#[test]
fn an_unknown_detector_is_an_error() {
    let detectors = Some(vec!["e-mail".to_owned()]);
    let config = Config { detectors, options: options(), key: None, lexicons: Vec::new() };
    assert_eq!(Scanner::new(config).unwrap_err().reason(), "no detector is called `e-mail`");
}

#[test]
fn the_digest_names_what_decides() {
    let all = scanner(None, None).digest();
    assert_eq!(all, scanner(None, Some(1)).digest(), "a key finds nothing");
    assert_ne!(all, scanner(Some(&["email"]), None).digest());
    let options = Options { min_digits: 6, ..options() };
    let lexicons = Lexicon::builtin().unwrap();
    let other = Config { detectors: None, options, key: None, lexicons };
    assert_ne!(all, Scanner::new(other).unwrap().digest());
}

#[test]
fn one_person_has_one_fingerprint_in_every_spelling() {
    let fields = ["19811218-9876", "811218-9876", "８１１２１８‐９８７６"];
    let prints: Vec<Fingerprint> = findings(&fields).iter().map(|f| f.fingerprint).collect();
    assert_eq!(prints, [prints[0]; 3]);
    assert_ne!(prints[0], Fingerprint::default());
    let unkeyed = scanner(None, None);
    let (mut batch, mut out) = (Batch::new(), Vec::new());
    unkeyed.scan_text(fields[0], &mut batch, &mut out);
    assert_eq!(out[0].fingerprint, Fingerprint::default());
}

#[test]
fn findings_are_appended_and_the_batch_is_left_as_it_is() {
    let (mut batch, mut out) = (Batch::new(), Vec::new());
    push(&mut batch, &["anna@exempel.se"]);
    let bytes = batch.len_bytes();
    ALL.scan(&mut batch, &mut out);
    ALL.scan(&mut batch, &mut out);
    assert_eq!((out.len(), batch.len_bytes()), (2, bytes));
    assert_eq!(out[0], out[1]);
}

#[test]
#[should_panic(expected = "a batch that remembers is for one scanner")]
fn what_is_remembered_is_for_one_scanner() {
    ALL.scan(&mut Batch::remembering(&scanner(None, None)), &mut Vec::new());
}

#[test]
fn debug_shows_no_text() {
    let mut batch = Batch::new();
    push(&mut batch, &["hemligt"]);
    assert_eq!(format!("{batch:?}"), "Batch(1 fields, 8 bytes)");
}
