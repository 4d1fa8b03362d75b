//! Objects within a mail: changes of their bytes become edits of the mail, in whatever encoding they stand.

use std::ops::Range;

use piiscan::archive::{Child, Sink};
use piiscan::coverage::Status;
use piiscan::error::{Error, ErrorKind};
use piiscan::message::{Role, Ts};
use piiscan::rewrite;
use piiscan::view::{Edit, View};
use proptest::prelude::*;

use crate::reading::{Object, each_block};

/// Lifts edits of the child with a number, and keeps the bytes of all children.
#[derive(Default)]
struct Children {
    wanted: Vec<(usize, Vec<Edit>)>,
    bytes: Vec<Vec<u8>>,
    lifted: Vec<Result<Vec<Edit>, Error>>,
    texts: Vec<String>,
}

impl<'a> Sink<'a> for Children {
    fn child(&mut self, child: Child<'a>) {
        for (_, edits) in self.wanted.iter().filter(|wanted| wanted.0 == self.bytes.len()) {
            self.lifted.push(child.lift(edits));
        }
        self.bytes.push(child.bytes.to_vec());
    }

    fn field(&mut self, _: Role, path: &str, _: &str, view: View<'a>) {
        if !path.to_lowercase().contains("length") {
            self.texts.push(String::from_utf8(view.bytes().into_owned()).unwrap());
        }
    }

    fn begin(&mut self, _: u64) {}
    fn end(&mut self, _: u64, _: bool) {}
    fn sent(&mut self, _: Ts) {}
    fn closed(&mut self, _: Ts) {}
    fn key(&mut self, _: &[u8]) {}
    fn problem(&mut self, _: Range<u64>, _: Status, _: &str) {}
}

fn children(name: &str, bytes: &[u8], wanted: Vec<(usize, Vec<Edit>)>) -> Children {
    let reader = Object::new(name, bytes).expect("a mail").open(bytes);
    let mut sink = Children { wanted, ..Children::default() };
    each_block(&*reader, bytes, usize::MAX, &mut |block| reader.read(block, &mut sink));
    sink
}

fn base64(bytes: &[u8], len: usize, end: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut word = [0; 4];
        word[1..=chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes(word);
        for at in 0..4 {
            let letter = char::from(ALPHABET[(bits >> (18 - 6 * at) & 63) as usize]);
            text.push(if at <= chunk.len() { letter } else { '=' });
        }
    }
    let lines: Vec<&str> =
        text.as_bytes().chunks(len).map(|l| str::from_utf8(l).unwrap()).collect();
    lines.join(end)
}

fn quoted(bytes: &[u8], end: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for byte in bytes {
        let word = match byte {
            b'\n' => end.to_owned(),
            b'!'..=b'<' | b'>'..=b'~' => char::from(*byte).to_string(),
            _ => format!("={byte:02X}"),
        };
        if column + word.len() > 75 {
            out.push('=');
            out.push_str(end);
            column = 0;
        }
        column = if *byte == b'\n' { 0 } else { column + word.len() };
        out.push_str(&word);
    }
    out
}

/// A mail with a table attached in three encodings.
fn mail(table: &str, end: &str, is_mbox: bool) -> String {
    let envelope = if is_mbox { "From a Mon Jan  1 00:00:00 2026\n" } else { "" };
    // In an mbox no line may look like a separator.
    let plain = if is_mbox { table.replace("From ", ">From ") } else { table.to_owned() };
    let part = |encoding: &str, body: &str| {
        format!(
            "--b\nContent-Type: text/csv; name=a.csv\nContent-Transfer-Encoding: {encoding}\n\n"
        )
        .replace('\n', end)
            + body
            + end
    };
    let mail = format!("{envelope}From: a@example.se\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHej!\n")
        .replace('\n', end);
    mail + &part("base64", &base64(table.as_bytes(), 76, end))
        + &part("quoted-printable", &quoted(table.as_bytes(), end))
        + &part("8bit", &plain.replace('\n', end))
        + &"--b--\n".replace('\n', end)
}

fn apply(bytes: &[u8], edits: Vec<Edit>) -> Vec<u8> {
    let mut out = Vec::new();
    rewrite::apply(&mut &bytes[..], edits, &mut out).expect("lifted edits can be applied");
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edits_of_an_attachment_become_edits_of_the_mail(
        rows in proptest::collection::vec("(From |[a-zåäö=;. -]){0,30}", 1..8),
        places in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..12, 0_usize..4), 1..4),
        crlf in prop::bool::ANY,
        is_mbox in prop::bool::ANY,
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let table = "namn;text\n".to_owned() + &rows.join("\n") + "\nslut;slut";
        let name = if is_mbox { "x.mbox" } else { "x.eml" };
        let bytes = mail(&table, end, is_mbox).into_bytes();
        let before = children(name, &bytes, Vec::new());
        prop_assert_eq!(before.bytes.len(), 3);
        prop_assert_eq!(&before.bytes[0], table.as_bytes());
        for number in 0..3 {
            let own = &before.bytes[number];
            let mut edits: Vec<Edit> = Vec::new();
            for (place, len, token) in &places {
                let start = place.index(own.len() + 1);
                let stop = (start + len).min(own.len());
                let bytes = ["[x]", "", "å ", "PNR_bdfh_bcdf"][*token].as_bytes().to_vec();
                let raw = start as u64..stop as u64;
                let is_free = edits.iter().all(|e| e.raw.end < raw.start || raw.end < e.raw.start);
                // What stands in the mail as it is keeps its line ends and marks.
                let text = &own[start..stop];
                let is_simple = !text.contains(&b'\n') && !text.contains(&b'\r') && !text.contains(&b'>');
                if is_free && is_simple {
                    edits.push(Edit { raw, bytes, within: None });
                }
            }
            edits.sort_by_key(|edit| edit.raw.start);
            let expected = apply(own, edits.clone());
            let lifted = children(name, &bytes, vec![(number, edits)]).lifted.remove(0).unwrap();
            let after = children(name, &apply(&bytes, lifted), Vec::new());
            let marked = is_mbox && number == 2;
            if !marked {
                prop_assert_eq!(
                    String::from_utf8_lossy(&after.bytes[number]),
                    String::from_utf8_lossy(&expected)
                );
            }
            for other in (0..3).filter(|other| *other != number) {
                prop_assert_eq!(&after.bytes[other], &before.bytes[other]);
            }
            prop_assert_eq!(&after.texts, &before.texts);
        }
    }

    #[test]
    fn an_attachment_can_be_replaced(new in proptest::collection::vec(any::<u8>(), 0..200)) {
        let bytes = mail("namn;text\nAnna;811218-9876", "\n", false).into_bytes();
        let before = children("x.eml", &bytes, Vec::new());
        for number in 0..2 {
            let whole = 0..before.bytes[number].len() as u64;
            let edit = Edit { raw: whole, bytes: new.clone(), within: None };
            let lifted = children("x.eml", &bytes, vec![(number, vec![edit])]).lifted.remove(0);
            let after = children("x.eml", &apply(&bytes, lifted.unwrap()), Vec::new());
            if new.is_empty() {
                continue; // nothing is handed over of an empty part
            }
            prop_assert_eq!(&after.bytes[number], &new);
        }
    }
}

#[test]
fn a_uuencoded_file_is_written_again() {
    let mail = "From: a@example.se\nSubject: x\n\nHej\nbegin 644 namn.txt\n#0V%T\n`\nend\n";
    let edit = Edit { raw: 0..1, bytes: b"x".to_vec(), within: None };
    let mut found = children("x.eml", mail.as_bytes(), vec![(0, vec![edit])]);
    assert_eq!(found.bytes, [b"Cat"]);
    let edited = apply(mail.as_bytes(), found.lifted.remove(0).unwrap());
    assert_eq!(children("x.eml", &edited, Vec::new()).bytes, [b"xat"]);
    let before = mail.find('#').unwrap();
    assert_eq!(edited[..before], mail.as_bytes()[..before]);
}

#[test]
fn a_uuencoded_file_within_an_encoded_text_is_read_only() {
    let head = "From: a@example.se\nSubject: x\nContent-Transfer-Encoding: quoted-printable\n\n";
    let mail = format!("{head}H=C3=A4r\nbegin 644 namn.txt\n#0V%T\n`\nend\n");
    let edit = Edit { raw: 0..1, bytes: b"x".to_vec(), within: None };
    let mut found = children("x.eml", mail.as_bytes(), vec![(0, vec![edit])]);
    assert_eq!(found.bytes, [b"Cat"]);
    assert_eq!(found.lifted.remove(0).unwrap_err().kind(), ErrorKind::Unsupported);
}
