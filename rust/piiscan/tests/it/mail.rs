//! Mails: fields with their places, attachments, broken mails, limits, edits.

use std::fmt::Write;
use std::time::{Duration, Instant};

use piiscan::coverage::Status;
use piiscan::message::{Role, Ts};
use proptest::prelude::*;

use crate::record::{check_edit, edited, read};

/// A mail with a part of each kind.
const MAIL: &str = "Return-Path: <anna@example.se>\n\
    Received: from a (a [192.0.2.1]) by b; Sun, 22 Nov 2026 08:50:00 +0100\n\
    From: =?utf-8?Q?=C3=85sa?= Ek <anna@example.se>\n\
    To: \"Berg, Bo\" <bo@example.se>,\n\
    \tc@example.se (Cia)\n\
    Subject: =?iso-8859-1?Q?=C4rende?= =?utf-8?B?IDgxMTIxOC05ODc2?=\n\
    Date: Sun, 22 Nov 2026 08:49:51 +0100\n\
    Message-ID: <1234567890@example.se>\n\
    Content-Type: multipart/mixed; boundary=\"b1\"\n\
    \n\
    preamble\n\
    --b1\n\
    Content-Type: multipart/alternative; boundary=b1-2\n\
    \n\
    --b1-2\n\
    Content-Type: text/plain; charset=utf-8\n\
    Content-Transfer-Encoding: quoted-printable\n\
    \n\
    Hej, mitt nummer =C3=A4r 811218=\n\
    -9876. H=C3=A4lsningar\n\
    --b1-2\n\
    Content-Type: text/html; charset=utf-8\n\
    Content-Transfer-Encoding: base64\n\
    \n\
    PHA+TWl0dCBudW1tZXIgJmF1bWw7ciA8Yj44MTEy\n\
    MTg8L2I+LTk4NzYuPC9wPgo=\n\
    --b1-2--\n\
    --b1\n\
    Content-Type: text/csv; name=\"x.csv\"\n\
    Content-Disposition: attachment; filename*0*=utf-8''L%C3%B6n; filename*1=er.csv\n\
    Content-Transfer-Encoding: base64\n\
    \n\
    YTtiCg==\n\
    --b1\n\
    Content-Type: message/rfc822\n\
    \n\
    From: d@example.se\n\
    Subject: inre\n\
    Date: Sun, 22 Nov 2020 08:49:51 +0100\n\
    \n\
    inre text\n\
    --b1--\n\
    epilogue\n";

#[test]
fn every_part_of_a_mail_is_a_field() {
    let record = read("eml", MAIL.as_bytes());
    assert_eq!(record.text("from"), "Åsa Ek <anna@example.se>");
    assert_eq!(record.text("to"), "\"Berg, Bo\" <bo@example.se>,\tc@example.se (Cia)");
    assert_eq!(record.text("subject"), "Ärende 811218-9876");
    assert_eq!(record.text("body/1/1"), "Hej, mitt nummer är 811218-9876. Hälsningar");
    assert_eq!(record.text("body/1/2"), "Mitt nummer är 811218-9876.");
    assert_eq!(record.text("body/2/content-disposition/filename"), "Löner.csv");
    assert_eq!(record.text("body/3/message/subject"), "inre");
    assert_eq!(record.text("body/3/message"), "inre text");
    assert_eq!(record.text("body/preamble"), "preamble");
    assert_eq!(record.text("body/epilogue"), "epilogue\n");
    assert_eq!(record.reasons(), [""; 0]);
}

#[test]
fn the_outermost_header_tells_who_and_when() {
    let record = read("eml", MAIL.as_bytes());
    let [message] = &record.messages[..] else { panic!("one message") };
    assert_eq!(message.sent, Ts(1_795_333_791_000));
    assert_eq!(message.key, b"<1234567890@example.se>");
    for (path, role) in [
        ("from", Role::Sender),
        ("to", Role::Recipient),
        ("subject", Role::Subject),
        ("date", Role::Time),
        ("received", Role::Meta),
        ("message-id", Role::Opaque),
        ("body/1/1", Role::Body),
    ] {
        let field = record.fields.iter().find(|field| field.path == path).unwrap();
        assert_eq!(field.role, role, "{path}");
    }
    assert_eq!(record.holding("192.0.2.1").label, "Received");
}

#[test]
fn fields_know_their_place() {
    let record = read("eml", MAIL.as_bytes());
    let raw = |text: &str| {
        let raw = &record.holding(text).raw;
        &MAIL[usize::try_from(raw.start).unwrap()..usize::try_from(raw.end).unwrap()]
    };
    assert_eq!(raw("inre text"), "inre text");
    assert_eq!(raw("Hej, mitt"), "Hej, mitt nummer =C3=A4r 811218=\n-9876. H=C3=A4lsningar");
    assert_eq!(raw("Ärende"), "=C4rende?= =?utf-8?B?IDgxMTIxOC05ODc2");
}

#[test]
fn an_attachment_is_an_object_of_its_own() {
    let record = read("eml", MAIL.as_bytes());
    let [(raw, name, bytes)] = &record.children[..] else { panic!("one attachment") };
    assert_eq!((name.as_slice(), bytes.as_slice()), ("Löner.csv".as_bytes(), b"a;b\n".as_slice()));
    assert_eq!(MAIL.find("YTtiCg==").unwrap() as u64, raw.start);
}

#[test]
fn line_ends_make_no_difference() {
    let texts = |bytes: &str| {
        let record = read("eml", bytes.as_bytes());
        assert_eq!(record.reasons(), [""; 0]);
        let texts = record
            .fields
            .into_iter()
            .map(|field| (field.path, field.text.replace(['\r', '\n'], "|")));
        (texts.collect::<Vec<_>>(), record.children.len())
    };
    let crlf = texts(&MAIL.replace('\n', "\r\n"));
    let expected = texts(MAIL);
    assert_eq!(crlf.0.len(), expected.0.len());
    assert_eq!(texts(&MAIL.replace('\n', "\r")), expected);
    for (one, two) in crlf.0.iter().zip(&expected.0) {
        assert_eq!((&one.0, one.1.replace("||", "|")), (&two.0, two.1.clone()));
    }
}

#[test]
fn edits_reach_every_layer() {
    check_edit("eml", MAIL.as_bytes(), "811218-9876", "[nummer]");
    check_edit("eml", MAIL.as_bytes(), "Mitt", "[ord]");
    check_edit("eml", MAIL.as_bytes(), "Löner", "[namn]");
    check_edit("eml", MAIL.replace('\n', "\r\n").as_bytes(), "811218-9876", "[nummer]");
    let out = edited("eml", MAIL.as_bytes(), "anna@example.se", "[e-post]");
    let record = read("eml", &out);
    assert_eq!(record.text("from"), "Åsa Ek <e-post@piiscan.invalid>");
    assert_eq!(record.text("return-path"), "<e-post@piiscan.invalid>");
}

#[test]
fn an_edit_leaves_other_bytes_alone() {
    let out = String::from_utf8(edited("eml", MAIL.as_bytes(), "inre text", "[x]")).unwrap();
    assert_eq!(out, MAIL.replace("inre text", "[x]"));
    let out = String::from_utf8(edited("eml", MAIL.as_bytes(), "Hälsningar", "[x]")).unwrap();
    assert_eq!(out, MAIL.replace("H=C3=A4lsningar", "[x]"));
}

#[test]
fn several_edits_of_a_base64_part_are_one() {
    let mail = "Subject: x\nContent-Transfer-Encoding: base64\n\nYW5uYSBvY2ggYW5uYSBpZ2Vu\n";
    let out = String::from_utf8(edited("eml", mail.as_bytes(), "anna", "[namn]")).unwrap();
    assert!(out.starts_with("Subject: x\nContent-Transfer-Encoding: base64\n\n"));
    assert_eq!(read("eml", out.as_bytes()).text("body"), "[namn] och [namn] igen");
}

#[test]
fn odd_encodings_are_taken_as_none() {
    for encoding in ["7-bit", "8bits", "plain", "text/html", ""] {
        let mail = format!("Subject: x\nContent-Transfer-Encoding: {encoding}\n\na=3Db\n");
        assert_eq!(read("eml", mail.as_bytes()).text("body"), "a=3Db\n");
    }
    let mail = "Subject: x\nContent-Transfer-Encoding: Quoted Printable\n\na=3Db\n";
    assert_eq!(read("eml", mail.as_bytes()).text("body"), "a=b\n");
    let mail = "Subject: x\nContent-Transfer-Encoding: base64\n\nHej, det här är text.\n";
    assert_eq!(read("eml", mail.as_bytes()).text("body"), "Hej, det här är text.\n");
}

#[test]
fn charsets_are_declared_or_guessed() {
    let mail = |charset: &str, body: &[u8]| {
        let head = format!("Subject: x\nContent-Type: text/plain; charset={charset}\n\n");
        read("eml", &[head.as_bytes(), body].concat())
    };
    assert_eq!(mail("iso-8859-1", b"r\xe4tt").text("body"), "rätt");
    assert_eq!(mail("utf-7", b"r+AOQ-tt").text("body"), "rätt");
    assert_eq!(mail("x-unknown", "rätt".as_bytes()).text("body"), "rätt");
    let wrong = mail("utf-8", b"Det \xe4r r\xe4tt att g\xf6ra s\xe5");
    assert_eq!(wrong.text("body"), "Det är rätt att göra så");
    assert_eq!(wrong.reasons(), ["not in the charset it declares"]);
}

#[test]
fn flowed_lines_are_joined() {
    let mail =
        "Subject: x\nContent-Type: text/plain; format=flowed; delsp=yes\n\nnr 811218 \n-9876\n";
    assert_eq!(read("eml", mail.as_bytes()).text("body"), "nr 811218-9876\n");
    check_edit("eml", mail.as_bytes(), "811218-9876", "[nummer]");
}

#[test]
fn a_file_within_the_text_is_an_attachment() {
    let mail = "Subject: x\n\nHej\nbegin 644 katt.txt\n#0V%T\n`\nend\nslut\n";
    let record = read("eml", mail.as_bytes());
    assert_eq!(record.texts("body"), ["Hej\nbegin 644 katt.txt\n", "end\nslut\n"]);
    assert_eq!(record.children[0].1, b"katt.txt");
    assert_eq!(record.children[0].2, b"Cat");
}

#[test]
fn encrypted_parts_are_named() {
    for (mail, place) in [
        (
            "Subject: x\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nMIAG\n",
            "MIAG\n",
        ),
        (
            "Subject: x\nContent-Type: multipart/encrypted; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\n\
             Version: 1\n--b\nContent-Type: application/octet-stream\n\nSECRET\n--b--\n",
            "SECRET",
        ),
        (
            "Subject: x\n\nHej\n-----BEGIN PGP MESSAGE-----\nabc\n-----END PGP MESSAGE-----\nslut",
            "-----BEGIN PGP MESSAGE-----\nabc\n-----END PGP MESSAGE-----",
        ),
    ] {
        let record = read("eml", mail.as_bytes());
        let at = mail.find(place).unwrap() as u64;
        let [(raw, status, _)] = &record.problems[..] else { panic!("{:?}", record.problems) };
        assert_eq!((raw, *status), (&(at..at + place.len() as u64), Status::Encrypted));
        assert!(record.children.is_empty());
    }
}

#[test]
fn a_signature_is_not_encrypted() {
    let mail = "Subject: x\nContent-Type: multipart/signed; boundary=b\n\n--b\n\nHej\n--b\n\
        Content-Type: application/pgp-signature; name=s.asc\n\niQEz\n--b--\n";
    let record = read("eml", mail.as_bytes());
    assert_eq!(record.reasons(), [""; 0]);
    assert_eq!(record.holding("iQEz").role, Role::Opaque);
}

#[test]
fn broken_mails_are_read_on() {
    for (mail, reason, texts) in [
        (
            "Subject: x\nodd line\nTo: b@c.se\n\nHej",
            "header line without a colon",
            vec!["odd line", "Hej"],
        ),
        ("Subject: x\nHej du\nglade", "no blank line after the header", vec!["Hej du\nglade"]),
        (
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHej",
            "the last boundary is missing",
            vec!["Hej"],
        ),
        ("Content-Type: multipart/mixed\n\nHej", "multipart without a boundary", vec!["Hej"]),
        (
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nHej\n--b\n\nDu\n--b--",
            "a boundary is missing before this one",
            vec!["Hej", "Du"],
        ),
    ] {
        let record = read("eml", mail.as_bytes());
        assert_eq!(record.reasons(), [reason], "{mail}");
        assert!(record.problems.iter().all(|(_, status, _)| *status == Status::Warn));
        for text in texts {
            assert!(record.fields.iter().any(|field| field.text == text), "{text}");
        }
    }
}

#[test]
fn a_boundary_that_begins_like_another_is_told_apart() {
    let mail = "Content-Type: multipart/mixed; boundary=abc\n\n--abc\nContent-Type: multipart/mixed; boundary=abcd\n\n\
        --abcd\n\nett\n--abcd--\n--abc\n\ntva\n--abc--\n";
    let record = read("eml", mail.as_bytes());
    assert_eq!((record.text("body/1/1"), record.text("body/2")), ("ett", "tva"));
    assert_eq!(record.reasons(), [""; 0]);
}

#[test]
fn dates_that_are_not_sure_stay_unknown() {
    assert_eq!(read("eml", b"Subject: x\nDate: yesterday\n\n").messages[0].sent, Ts::UNKNOWN);
    let mail = b"Subject: x\nReceived: by a; Sun, 22 Nov 2026 08:49:51 +0100\n\n";
    assert_eq!(read("eml", mail).messages[0].sent, Ts(1_795_333_791_000));
}

/// Mails that are built to cost time or depth, with a number at their end.
fn hostile() -> Vec<(&'static str, String)> {
    let head = "From: a@example.com\nSubject: x\n";
    let mut nested = head.to_owned();
    for level in 0..2000 {
        write!(nested, "Content-Type: multipart/mixed; boundary=\"b{level}\"\n\n--b{level}\n")
            .unwrap();
    }
    nested.push_str("\nnr 811218-9876\n");
    for level in (0..2000).rev() {
        writeln!(nested, "--b{level}--").unwrap();
    }
    let mails =
        format!("{head}{}\n\nnr 811218-9876\n", "Content-Type: message/rfc822\n\n".repeat(100_000));
    let parts = "--x\n\na\n".repeat(120_000);
    let tiny = format!(
        "{head}Content-Type: multipart/mixed; boundary=x\n\n{parts}nr 811218-9876\n--x--\n"
    );
    let lines: String = (0..100_000).fold(String::new(), |mut lines, at| {
        writeln!(lines, "X-H{at}: v").unwrap();
        lines
    });
    let long = "a =?utf-8?Q?b".repeat(80_000);
    let headers = format!("{lines}Subject: {long}\n{head}\nnr 811218-9876\n");
    vec![("mime-depth", nested), ("mime-depth", mails), ("mime-parts", tiny), ("headers", headers)]
}

#[test]
fn limits_are_said_and_the_rest_is_read_as_text() {
    for (limit, mail) in hostile() {
        let start = Instant::now();
        let record = read("eml", mail.as_bytes());
        assert!(start.elapsed() < Duration::from_secs(5), "{limit}");
        assert!(record.fields.len() < 20_000);
        let found = record.problems.iter().find(|(_, status, _)| *status == Status::Limit);
        assert!(found.unwrap().2.contains(&format!("`{limit}`")));
        assert!(record.fields.iter().any(|field| field.text.contains("811218-9876")), "{limit}");
    }
}

#[test]
fn a_subject_of_a_mebibyte_is_read() {
    let start = Instant::now();
    let mail = format!("Subject: {}811218-9876\n\nHej", "=?utf-8?Q?a?= =?x ".repeat(60_000));
    let record = read("eml", mail.as_bytes());
    assert!(record.text("subject").ends_with("811218-9876"));
    assert!(start.elapsed() < Duration::from_secs(5));
}

proptest! {
    #[test]
    fn damaged_mails_never_panic(at in 0..MAIL.len(), byte: u8, cut in 0..MAIL.len()) {
        let mut mail = MAIL.as_bytes().to_vec();
        mail[at] = byte;
        read("eml", &mail);
        read("eml", &mail[..cut]);
    }
}
