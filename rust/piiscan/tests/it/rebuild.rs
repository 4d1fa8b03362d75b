//! The laws of rewriting for every container: nothing changes unasked, everything asked for changes, and what cannot be written is refused.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;

use piiscan::archive::container::CONTAINERS;
use piiscan::archive::limits::Limits;
use piiscan::archive::magic::{Format, Formats};
use piiscan::archive::profile::Profiles;
use piiscan::archive::source::Source;
use piiscan::archive::syntax::SYNTAXES;
use piiscan::archive::{Container, Content, Flow, Probe};
use piiscan::error::{Error, ErrorKind};
use piiscan::rewrite::{self, Changes, Tools};
use piiscan::view::Edit;
use proptest::prelude::*;

use crate::build::{Oddity, Zip, bzip2, gzip, tar_entry, tar_file, xz, zstd};

/// What a container hands out: name, and content if it can be read.
type Entries = Vec<(Vec<u8>, Option<Vec<u8>>)>;

fn formats() -> Formats {
    let profiles = Profiles::builtin().expect("shipped profiles are valid");
    Formats { containers: CONTAINERS, syntaxes: SYNTAXES, profiles }
}

fn container(name: &str, bytes: &[u8]) -> Option<&'static dyn Container> {
    let head = &bytes[..bytes.len().min(64 << 10)];
    let probe = Probe::new(name.as_bytes(), head, Some(bytes.len() as u64));
    match formats().choose(&probe).format {
        Format::Container(container) => Some(container),
        _ => None,
    }
}

fn entries(name: &str, bytes: &[u8]) -> Result<Entries, Error> {
    let container = container(name, bytes).expect("it is a container");
    let mut found = Vec::new();
    let each = &mut |entry: piiscan::archive::Entry<'_>| {
        let content = match entry.content {
            Content::Data(data) => {
                let mut content = Vec::new();
                data.read_to_end(&mut content).is_ok().then_some(content)
            }
            Content::Refused(..) => None,
        };
        found.push((entry.name.to_vec(), content));
        Flow::Continue(())
    };
    let mut source = Source::random_access(&bytes);
    let limits = Limits::default();
    container.entries(&mut source, name.as_bytes(), &limits, each, &mut |_, _, _| {})?;
    Ok(found)
}

/// Writes an object; small things need no file.
fn rebuild(name: &str, bytes: &[u8], changes: &Changes) -> Result<Vec<u8>, Error> {
    written(name, &mut Source::random_access(&bytes), changes)
}

fn written(name: &str, source: &mut Source<'_>, changes: &Changes) -> Result<Vec<u8>, Error> {
    let (formats, limits) = (formats(), Limits::default());
    let make_file = &|| -> io::Result<File> { panic!("a small thing goes to a file") };
    let mut tools = Tools { formats: &formats, limits: &limits, make_file };
    let mut out = Vec::new();
    let done = rewrite::object(&mut tools, name.as_bytes(), source, changes, &mut out)?;
    assert_eq!(done.written, out.len() as u64);
    Ok(out)
}

fn plain(range: std::ops::Range<usize>, bytes: &[u8]) -> Edit {
    Edit { raw: range.start as u64..range.end as u64, bytes: bytes.to_vec(), within: None }
}

fn edited(edits: Vec<Edit>) -> Changes {
    Changes { edits: edits.into(), ..Changes::default() }
}

fn named(name: &str) -> Changes {
    Changes { name: Some(name.as_bytes().to_vec()), ..Changes::default() }
}

fn replaced(bytes: &[u8]) -> Changes {
    Changes { replaced: Some(bytes.to_vec()), ..Changes::default() }
}

fn holding(entries: impl IntoIterator<Item = (u32, Changes)>) -> Changes {
    Changes { entries: entries.into_iter().collect(), ..Changes::default() }
}

/// Every input of the cases of containers, and some that are built here.
fn samples() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/archive");
    let mut samples = Vec::new();
    for container in CONTAINERS {
        for case in std::fs::read_dir(root.join(container.id())).unwrap() {
            let case = case.unwrap().path();
            let Ok(files) = std::fs::read_dir(&case) else { continue };
            let mut files = files.map(|file| file.unwrap().path());
            let named = |file: &Path| file.file_name().unwrap().to_str().unwrap().to_owned();
            let input = files.find(|file| named(file).starts_with("input.")).unwrap();
            let name = input.file_name().unwrap().to_str().unwrap().to_owned();
            samples.push((name, std::fs::read(&input).unwrap()));
        }
    }
    let (described, two_names, unlisted, secret) = (
        Oddity { flags: 8, ..Oddity::default() },
        Oddity { other_name: Some("annat.txt"), ..Oddity::default() },
        Oddity { unlisted: true, ..Oddity::default() },
        Oddity { flags: 1, ..Oddity::default() },
    );
    let zip = || {
        Zip::default()
            .file("a.txt", b"Hej Anna\n")
            .odd("b.txt", &b"Hej Britta\n".repeat(200), &described)
            .file("mapp/c.txt", b"")
    };
    let odd = zip().odd("d.txt", b"Hej\n", &two_names).odd("e.txt", b"x\n", &unlisted);
    let odd = odd.odd("f.txt", b"hemligt", &secret).with_comment("en kommentar");
    samples.push(("odd.zip".into(), odd.clone()));
    samples.push(("prefix.exe".into(), [b"MZ#!/bin/sh\nexit\n".as_slice(), &odd].concat()));
    let prefixed = [b"PK\x07\x08 bytes before".as_slice(), &zip().bytes()].concat();
    samples.push(("before.zip".into(), prefixed));
    let members = [gzip("a.txt", b"Hej\n"), gzip("", b"du\n"), gzip("c.txt", b"glade\n")].concat();
    samples.push(("m.gz".into(), [members, b"slut".to_vec()].concat()));
    let frame = b"\x50\x2a\x4d\x18\x04\0\0\0abcd".to_vec();
    samples.push(("m.zst".into(), [zstd(b"Hej\n"), frame, zstd(b"du\n")].concat()));
    samples.push(("m.bz2".into(), [bzip2(b"Hej\n"), bzip2(b"du\n")].concat()));
    samples.push(("m.xz".into(), [xz(b"Hej\n"), vec![0; 8], xz(b"du\n")].concat()));
    samples.push(("x.tar".into(), tars()));
    samples.push(("x.tar.gz".into(), gzip("", &tars())));
    samples
}

/// A tar with names in every form.
fn tars() -> Vec<u8> {
    let long = "mapp/".repeat(40) + "brev.txt";
    let size = |n: usize| -> [u8; 12] { format!("{n:011o}\0").into_bytes().try_into().unwrap() };
    let record = |key: &str, value: &str| {
        let rest = format!(" {key}={value}\n");
        let len = rest.len() + 2;
        format!("{}{rest}", len + usize::from(len > 99))
    };
    let pax = record("path", &long) + &record("size", "3") + &record("comment", "av Anna");
    let mut link = tar_entry(b"lank", b'2', &size(0), b"");
    link[157..161].copy_from_slice(b"mal/");
    link[148..156].fill(b' ');
    let sum: u32 = link[..512].iter().map(|byte| u32::from(*byte)).sum();
    link[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    [
        tar_file("a.txt", b"Hej Anna\n"),
        tar_entry(b"././@LongLink", b'L', &size(long.len() + 1), format!("{long}\0").as_bytes()),
        tar_file(&long[..100], &b"Hej\n".repeat(200)),
        tar_entry(b"pax", b'x', &size(pax.len()), pax.as_bytes()),
        tar_file("kort", b"22\n"),
        link,
        tar_file("tom", b""),
        vec![0; 1024],
        b"efter slutet".to_vec(),
    ]
    .concat()
}

#[test]
fn without_changes_every_container_is_the_same() {
    for (name, bytes) in samples() {
        assert!(rebuild(&name, &bytes, &Changes::default()).unwrap() == bytes, "{name}");
        let empty = holding([(0, Changes::default())]);
        assert!(rebuild(&name, &bytes, &empty).unwrap() == bytes, "{name}");
    }
}

#[test]
fn an_entry_under_its_own_name_changes_nothing() {
    for (name, bytes) in samples() {
        for (at, (entry, _)) in entries(&name, &bytes).unwrap().iter().enumerate() {
            let changes = Changes { name: Some(entry.clone()), ..Changes::default() };
            match rebuild(&name, &bytes, &holding([(u32::try_from(at).unwrap(), changes)])) {
                Ok(new) => assert!(new == bytes, "{name}: entry {at}"),
                // A comment has no name.
                Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported, "{name}: {at}"),
            }
        }
    }
}

/// Which entries cannot be written: unlisted ones, skippable frames, links as such.
fn is_fixed(sample: &str, name: &[u8], content: Option<&[u8]>) -> bool {
    let is_link = content.is_none() && sample.contains("tar");
    let of_gap = matches!(sample, "odd.zip" | "prefix.exe")
        && (name == b"e.txt" || name.starts_with(b"(bytes of"));
    is_link || of_gap || name == b"(skippable frames)"
}

#[test]
fn every_entry_can_be_replaced_and_the_others_stay() {
    for (name, bytes) in samples() {
        let before = entries(&name, &bytes).unwrap();
        for at in 0..before.len() {
            let (entry, content) = &before[at];
            let text = content.as_deref().unwrap_or_default();
            // Of pax the new text must be records again, and the start of a zip must stay one.
            let new = match text.iter().position(|byte| *byte == b'=') {
                Some(equals) if entry == b"(pax header)" => [&text[..=equals], b"[x]\n"].concat(),
                _ if entry.starts_with(b"(bytes") => [&text[..4], b"[x]"].concat(),
                _ => b"[x]".to_vec(),
            };
            let changes = holding([(u32::try_from(at).unwrap(), replaced(&new))]);
            let written = rebuild(&name, &bytes, &changes);
            if is_fixed(&name, entry, content.as_deref()) {
                assert_eq!(written.unwrap_err().kind(), ErrorKind::Unsupported, "{name}: {at}");
                continue;
            }
            let written = written.unwrap_or_else(|error| panic!("{name}: {at}: {error}"));
            let after = entries(&name, &written).unwrap();
            let mut expected = before.clone();
            expected[at].1 = Some(new);
            assert!(after == expected, "{name}: {at}");
            // Once more changes nothing.
            assert!(rebuild(&name, &written, &Changes::default()).unwrap() == written);
        }
    }
}

#[test]
fn a_name_is_changed_wherever_it_stands() {
    let long = "nya/".repeat(60) + "namn.txt";
    for (name, bytes) in samples() {
        let before = entries(&name, &bytes).unwrap();
        let has_names = ["zip", "tar", "gzip"].contains(&container(&name, &bytes).unwrap().id());
        for at in 0..before.len() {
            for new in ["x", "mapp/nytt.txt", &long] {
                let changes = holding([(u32::try_from(at).unwrap(), named(new))]);
                let Ok(written) = rebuild(&name, &bytes, &changes) else { continue };
                let mut expected = before.clone();
                // Only gzip members whose header has a name have one of their own.
                let is_own = has_names
                    && (container(&name, &bytes).unwrap().id() != "gzip" || written != bytes);
                if is_own {
                    expected[at].0 = new.as_bytes().to_vec();
                }
                let after = entries(&name, &written).unwrap();
                assert!(after == expected, "{name}: {at} {new}");
                let old = &before[at].0;
                if is_own && name == "odd.zip" && old.len() > 3 {
                    let stands = memchr::memmem::find(&written, old).is_some();
                    assert_eq!(stands, old == b"e.txt", "{at}: the old name is still there");
                }
            }
        }
    }
}

#[test]
fn a_long_name_of_a_tar_leaves_no_trace() {
    let bytes = tars();
    for at in [1, 2] {
        let changes = holding([(at, named("kort.txt"))]);
        let written = rebuild("x.tar", &bytes, &changes).unwrap();
        let count = |bytes: &[u8]| memchr::memmem::find_iter(bytes, b"mapp/mapp/").count();
        assert!(count(&written) < count(&bytes));
        let header = if at == 1 { &b"kort.txt\0"[..] } else { b"path=kort.txt\n" };
        assert!(memchr::memmem::find(&written, header).is_some());
    }
}

#[test]
fn a_change_of_what_is_not_there_is_refused() {
    for (name, bytes) in samples() {
        let past = u32::try_from(entries(&name, &bytes).unwrap().len()).unwrap();
        for changes in [replaced(b"x"), named("x"), edited(vec![plain(0..0, b"x")])] {
            let error = rebuild(&name, &bytes, &holding([(past, changes)])).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{name}");
        }
        let error = rebuild(&name, &bytes, &edited(vec![plain(0..1, b"x")])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{name}");
    }
    let changes = holding([(0, replaced(b"x"))]);
    assert_eq!(rebuild("a.txt", b"Hej\n", &changes).unwrap_err().kind(), ErrorKind::Config);
}

#[test]
fn changes_reach_through_containers() {
    let zip = Zip::default().file("a.txt", b"x\n").file("brev.txt", b"Hej Anna\n").bytes();
    let bytes = gzip("", &[tar_file("z.zip", &zip), tar_file("b.txt", b"b\n")].concat());
    let letter = holding([(1, edited(vec![plain(4..8, b"[namn]")]))]);
    let changes = holding([(0, holding([(0, letter), (1, named("c.txt"))]))]);
    let written = rebuild("x.tar.gz", &bytes, &changes).unwrap();
    let tar = entries("x.tar.gz", &written).unwrap().remove(0).1.unwrap();
    let mut inner = entries("x.tar", &tar).unwrap();
    assert_eq!(inner[1], (b"c.txt".to_vec(), Some(b"b\n".to_vec())));
    let zip = entries("z.zip", &inner.remove(0).1.unwrap()).unwrap();
    assert_eq!(zip[0].1.as_deref(), Some(&b"x\n"[..]));
    assert_eq!(zip[1].1.as_deref(), Some(&b"Hej [namn]\n"[..]));
    // The same from a stream.
    let mut stream = bytes.as_slice();
    let streamed =
        super::rebuild::written("x.tar.gz", &mut Source::stream(&mut stream, None), &changes);
    assert!(streamed.unwrap() == written);
}

#[test]
fn untouched_members_stay_as_they_are() {
    let (a, b, c) = (b"Hej Anna, ", b"Britta och ", b"Cecilia\n");
    let gap = b"\x50\x2a\x4d\x18\x04\0\0\0abcd".to_vec();
    for (name, members) in [
        ("x.gz", [gzip("", a), gzip("", b), gzip("", c)]),
        ("x.zst", [[zstd(a), gap].concat(), zstd(b), zstd(c)]),
        ("x.bz2", [bzip2(a), bzip2(b), bzip2(c)]),
        ("x.xz", [[xz(a), vec![0; 4]].concat(), xz(b), xz(c)]),
    ] {
        let bytes = members.concat();
        for (edit, from, to) in [
            (plain(10..16, b"[x]"), 1, 2),
            (plain(4..8, b""), 0, 1),
            (plain(4..16, b"[x]"), 0, 2),
            (plain(21..29, b"[x]"), 2, 3),
            (plain(29..29, b"[x]"), 2, 3),
        ] {
            let range =
                usize::try_from(edit.raw.start).unwrap()..usize::try_from(edit.raw.end).unwrap();
            let mut text = [&a[..], b, c].concat();
            text.splice(range, edit.bytes.clone());
            let written = rebuild(name, &bytes, &holding([(0, edited(vec![edit]))])).unwrap();
            assert!(entries(name, &written).unwrap()[0].1.as_ref() == Some(&text), "{name}");
            assert!(written.starts_with(&members[..from].concat()), "{name}");
            assert!(written.ends_with(&members[to..].concat()), "{name}");
        }
    }
}

#[test]
fn headers_of_members_are_kept() {
    let flags = 4 | 2 | 8 | 16;
    let mut header = vec![0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 2, 7, 3, 0, 9, 9, 9];
    header.extend(b"anna.txt\0om anna\0");
    let mut crc = flate2::Crc::new();
    crc.update(&header);
    header.extend(&crc.sum().to_le_bytes()[..2]);
    let bytes = [header.clone(), gzip("", b"Hej Anna\n")[10..].to_vec()].concat();
    let written =
        rebuild("x.gz", &bytes, &holding([(1, edited(vec![plain(4..8, b"[x]")]))])).unwrap();
    assert!(written.starts_with(&header));
    let changes = [(0, edited(vec![plain(3..7, b"[x]")])), (1, named("b.txt"))];
    let written = rebuild("x.gz", &bytes, &holding(changes)).unwrap();
    assert_eq!(written[..15], header[..15]);
    assert_eq!(
        written[15..29],
        *b"b.txt\0om [x]\0\0"[..13].iter().chain(&written[28..29]).copied().collect::<Vec<_>>()
    );
    let found = entries("x.gz", &written).unwrap();
    assert_eq!(found[0].1.as_deref(), Some(&b"om [x]"[..]));
    assert_eq!(found[1], (b"b.txt".to_vec(), Some(b"Hej Anna\n".to_vec())));
}

#[test]
fn untouched_entries_of_a_zip_stay_byte_for_byte() {
    let described = Oddity { flags: 8, ..Oddity::default() };
    let first = Zip::default().odd("a.txt", b"Hej\n", &described).bytes();
    let zip = || Zip::default().odd("a.txt", b"Hej\n", &described);
    let bytes = zip().odd("b.txt", b"Anna\n", &described).odd("c.txt", b"du\n", &described).bytes();
    let written =
        rebuild("x.zip", &bytes, &holding([(1, edited(vec![plain(0..4, b"[x]")]))])).unwrap();
    let start = memchr::memmem::find(&first, b"PK\x01\x02").unwrap();
    assert_eq!(written[..start], bytes[..start]);
    // The descriptor of the touched entry is gone, the last entry as it was.
    let last = memchr::memmem::rfind(&bytes, b"PK\x03\x04").unwrap();
    let end = memchr::memmem::find(&bytes, b"PK\x01\x02").unwrap();
    assert!(memchr::memmem::find(&written, &bytes[last..end]).is_some());
    assert_eq!(memchr::memmem::find_iter(&written, b"PK\x07\x08").count(), 2);
    let local = memchr::memmem::find(&written[start..], b"PK\x03\x04").unwrap() + start;
    assert_eq!(written[local + 6] & 8, 0);
    assert_eq!(entries("x.zip", &written).unwrap()[1].1.as_deref(), Some(&b"[x]\n"[..]));
}

#[test]
fn a_zip_that_lies_is_refused() {
    let again = Oddity { again: Some(0), ..Oddity::default() };
    let long = Oddity { size: Some(1 << 30), ..Oddity::default() };
    let change = |at| holding([(at, replaced(b"x"))]);
    let overlap = Zip::default().file("a", b"x\n").odd("b", b"x\n", &again).bytes();
    assert_eq!(rebuild("x.zip", &overlap, &change(0)).unwrap_err().kind(), ErrorKind::Damaged);
    let size = Zip::default().odd("a", b"x\n", &long).bytes();
    let edit = holding([(0, edited(vec![plain(0..1, b"y")]))]);
    assert_eq!(rebuild("x.zip", &size, &edit).unwrap_err().kind(), ErrorKind::Damaged);
    let mut cut = Zip::default().file("a", b"x\n").bytes();
    cut.truncate(cut.len() - 22);
    assert_eq!(rebuild("x.zip", &cut, &change(0)).unwrap_err().kind(), ErrorKind::Damaged);
}

/// Changes of any entries: contents, edits at any place, names.
fn any_changes()
-> impl Strategy<Value = Vec<(prop::sample::Index, u8, prop::sample::Index, u8, usize)>> {
    let one =
        (any::<prop::sample::Index>(), 0_u8..3, any::<prop::sample::Index>(), 0_u8..3, 0_usize..20);
    proptest::collection::vec(one, 1..4)
}

const TOKENS: [&[u8]; 3] = [b"[x]", b"PNR_bdfh_bcdfghjkmnpqrstvbcdfghjkmn", b""];

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_changes_are_what_is_read_again(wanted in any_changes()) {
        for (name, bytes) in samples() {
            let before = entries(&name, &bytes).unwrap();
            let mut expected = before.clone();
            let mut changes: BTreeMap<u32, Changes> = BTreeMap::new();
            for (entry, what, place, token, len) in &wanted {
                let at = entry.index(before.len());
                let ordinal = u32::try_from(at).unwrap();
                let (old, Some(content)) = &before[at] else { continue };
                let is_special = old.starts_with(b"(") || container("x", content).is_some();
                if is_special || is_fixed(&name, old, Some(content)) || changes.contains_key(&ordinal) {
                    continue;
                }
                let token = TOKENS[usize::from(*token)];
                let start = place.index(content.len() + 1);
                let end = (start + len).min(content.len());
                let change = match what {
                    0 => {
                        expected[at].1 = Some(token.to_vec());
                        replaced(token)
                    }
                    _ if start == end && token.is_empty() => continue,
                    _ => {
                        let mut new = content.clone();
                        new.splice(start..end, token.iter().copied());
                        expected[at].1 = Some(new);
                        edited(vec![plain(start..end, token)])
                    }
                };
                changes.insert(ordinal, change);
            }
            let written = rebuild(&name, &bytes, &holding(changes.clone())).unwrap();
            prop_assert!(entries(&name, &written).unwrap() == expected, "{}", name);
            if changes.is_empty() {
                prop_assert!(written == bytes);
            }
        }
    }

    #[test]
    fn damage_is_refused_and_never_panics(
        cut in any::<prop::sample::Index>(),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), 0_u8..8), 0..4),
        entry in 0_u32..6,
    ) {
        for (name, mut bytes) in samples() {
            for (at, bit) in &flips {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
            }
            if flips.len() < 2 {
                bytes.truncate(1 + cut.index(bytes.len()));
            }
            let Some(_) = container(&name, &bytes) else { continue };
            for change in [replaced(b"[x]"), named("x"), edited(vec![plain(0..1, b"y")])] {
                let Ok(written) = rebuild(&name, &bytes, &holding([(entry, change)])) else { continue };
                // What is written can be read as far as the source can.
                if entries(&name, &bytes).is_ok() && container(&name, &written).is_some() {
                    prop_assert!(entries(&name, &written).is_ok(), "{}", name);
                }
            }
        }
    }
}
