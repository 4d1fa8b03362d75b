//! HTML: text across tags, references, attributes, labels, charsets.

use piiscan::coverage::Status;
use piiscan::message::Role;
use proptest::prelude::*;

use crate::record::{check_edit, edited, read};

const PAGE: &str = "<!DOCTYPE html><html><head><title>&Auml;rende &amp; mer</title>\
    <style>p { color: red }</style></head><body class=\"x\"><!-- nr 811218-9876 -->\
    <p>Nummer <b>8112</b>18-98<i>76</i>, <br>tel &#48;&#x37;01-234567</p>\
    <a href=\"mailto:%C3%A5sa%40example.se?x=1&amp;y=2\" title='Åsa'>skriv</a>\
    <script>var nr = \"811218-9876\";</script></body></html>";

#[test]
fn a_number_across_tags_is_one_text() {
    let record = read("html", PAGE.as_bytes());
    let field = record.holding("Nummer");
    assert_eq!(field.text, "Nummer 811218-9876, \ntel 0701-234567");
    assert_eq!(field.role, Role::Body);
    assert!(field.raw.ranges > 3);
    assert_eq!(record.holding("Ärende").role, Role::Subject);
    assert_eq!(record.holding("Ärende").text, "Ärende & mer");
}

#[test]
fn attributes_comments_and_scripts_are_fields() {
    let record = read("html", PAGE.as_bytes());
    assert_eq!(record.text("body/@href"), "åsa@example.se?x=1&y=2");
    assert_eq!(record.text("body/@title"), "Åsa");
    assert_eq!(record.text("body/#comment"), " nr 811218-9876 ");
    assert_eq!(record.texts("body/#script"), ["p { color: red }", "var nr = \"811218-9876\";"]);
    assert_eq!(record.texts("body/@class"), [""; 0]);
}

#[test]
fn names_that_look_like_data_are_fields() {
    let record =
        read("html", b"<html>Fr\xc3\xa5n: Anna <anna@example.se> <p 811218-9876></p 811218-9876>");
    assert_eq!(record.texts("body/#name"), ["anna@example.se", "811218-9876", " 811218-9876"]);
}

#[test]
fn edits_keep_the_markup() {
    check_edit("html", PAGE.as_bytes(), "811218-9876", "[nummer]");
    check_edit("html", PAGE.as_bytes(), "0701-234567", "[telefon]");
    check_edit("html", PAGE.as_bytes(), "åsa@example.se", "[e-post]");
    let out = String::from_utf8(edited("html", PAGE.as_bytes(), "811218-9876, ", "[x]")).unwrap();
    assert!(out.contains("Nummer <b>[x]</b><i></i><br>tel"), "{out}");
}

#[test]
fn block_elements_end_a_text() {
    let record = read("html", b"<html><p>81<p>12<td>18</td><td>x<div>-98</div>76</html>");
    assert_eq!(record.texts("body"), ["81", "12", "18", "x", "-98", "76"]);
}

#[test]
fn hidden_addresses_are_decoded() {
    let hidden = "2a4b44444b6a4f524b475a464f04594f"; // anna@example.se, key 2a
    for page in [
        format!("<html><a data-cfemail=\"{hidden}\">[email&#160;protected]</a>"),
        format!("<html><a href=\"/cdn-cgi/l/email-protection#{hidden}\">skriv</a>"),
    ] {
        let record = read("html", page.as_bytes());
        assert!(record.fields.iter().any(|field| field.text == "anna@example.se"));
        assert!(record.problems.is_empty());
        check_edit("html", page.as_bytes(), "anna@example.se", "[e-post]");
    }
}

#[test]
fn a_removed_address_is_said() {
    let record = read("html", "<html><a href=\"/x\">[email\u{a0}protected]</a>".as_bytes());
    assert_eq!(record.problems[0].0, 19..37);
    assert_eq!(record.problems[0].1, Status::Warn);
}

#[test]
fn values_are_labeled_by_what_stands_before() {
    let page = "<html><table><tr><th>Namn</th><th>Personnummer:</th></tr><tr><td>Anna</td><td>811218-9876</td></tr></table>\
        <table><tr><td>Telefon *</td><td>0701</td></tr></table>\
        <dl><dt>Adress<dd>Storgatan 1</dl><label>E-post</label><input value=\"a@b.se\"><input value=\"5\">";
    let record = read("html", page.as_bytes());
    let label = |text: &str| record.holding(text).label.clone();
    assert_eq!(label("Anna"), "Namn");
    assert_eq!(label("811218"), "Personnummer");
    assert_eq!(label("0701"), "Telefon");
    assert_eq!(label("Storgatan"), "Adress");
    assert_eq!(label("a@b.se"), "E-post");
    assert_eq!(record.fields.last().unwrap().label, "value");
}

#[test]
fn charsets_are_declared_or_marked() {
    let latin = b"<html><meta charset=iso-8859-1><p>r\xe4tt 811218-9876";
    let record = read("html", latin);
    assert_eq!(record.text("body"), "rätt 811218-9876");
    let raw = record.holding("rätt").raw;
    assert_eq!(raw.start..raw.end, 34..50);
    check_edit("html", latin, "811218-9876", "[nummer]");
    let wide: Vec<u8> =
        "\u{feff}<html><p>rätt &aring;".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read("html", &wide).text("body"), "rätt å");
    check_edit("html", &wide, "rätt", "[ord]");
    let old =
        b"<html><meta http-equiv='Content-Type' content='text/html; charset=windows-1252'><p>\x80";
    assert_eq!(read("html", old).text("body"), "€");
}

proptest! {
    #[test]
    fn damaged_pages_never_panic(at in 0..PAGE.len(), byte: u8) {
        let mut page = PAGE.as_bytes().to_vec();
        page[at] = byte;
        read("html", &page);
        read("html", &page[..at]);
    }

    #[test]
    fn every_text_is_found(words in proptest::collection::vec("[a-z0-9]{1,5}|<b>|</b>|<p>|&amp;|<|>|\"|<a b=", 0..40)) {
        let page = format!("<html>{}811218</html>", words.concat());
        let record = read("html", page.as_bytes());
        prop_assert!(record.fields.iter().any(|field| field.text.contains("811218")));
    }
}
