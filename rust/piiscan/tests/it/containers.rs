//! Containers: what lies in them is found, and what cannot be read is said.

use std::fs;
use std::path::Path;

use piiscan::archive::container::CONTAINERS;
use piiscan::coverage::Status;

use crate::build::{Oddity, Zip, bzip2, gzip, tar_entry, tar_file, xz, zstd};
use crate::harness::{Folder, NUMBER, Swept, config, sweep, sweep_folder};

/// A text with one number.
fn letter() -> Vec<u8> {
    format!("Hej\nMitt personnummer är {NUMBER}.\n").into_bytes()
}

fn swept(name: &str, bytes: &[u8]) -> Swept {
    let folder = Folder::new();
    folder.write(name, bytes);
    sweep_folder(&folder)
}

fn is_input(file: &Path) -> bool {
    file.file_name().unwrap().to_str().unwrap().starts_with("input.")
}

/// Bytes that do not compress.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let step = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..len).map(step).collect()
}

#[test]
fn every_container_has_cases_with_a_ledger() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/archive");
    for container in CONTAINERS {
        let cases = fs::read_dir(root.join(container.id())).unwrap();
        let mut count = 0;
        for case in cases.map(|case| case.unwrap().path()).filter(|case| case.is_dir()) {
            count += 1;
            let input = fs::read_dir(&case).unwrap().map(|file| file.unwrap().path());
            let input = input.into_iter().find(|file| is_input(file)).unwrap();
            let ledger = sweep(config(&input)).ledger();
            let expected = case.join("objects.txt");
            if std::env::var_os("UPDATE_CASES").is_some() {
                fs::write(&expected, &ledger).unwrap();
            }
            assert_eq!(ledger, fs::read_to_string(&expected).unwrap(), "{}", case.display());
        }
        assert!(count > 0, "{} has no case", container.id());
    }
}

#[test]
fn finds_a_value_in_every_container() {
    let text = letter();
    let place = [text.windows(NUMBER.len()).position(|w| w == NUMBER.as_bytes()).unwrap() as u64];
    let tar = tar_file("brev.txt", &text);
    let zip = Zip::default().file("brev.txt", &text).bytes();
    for (name, bytes) in [
        ("brev.txt.gz", gzip("", &text)),
        ("brev.txt.zst", zstd(&text)),
        ("brev.txt.bz2", bzip2(&text)),
        ("brev.txt.xz", xz(&text)),
        ("a.tar", tar.clone()),
        ("a.zip", zip.clone()),
    ] {
        let swept = swept(name, &bytes);
        assert_eq!(swept.numbers(&format!("{name}!/brev.txt")), place, "{name}");
        assert!(swept.status(name) <= Status::Warn, "{name}");
    }
    let swept = swept("a.tar.gz", &gzip("", &tar_file("b.zip", &zip)));
    assert_eq!(swept.numbers("a.tar.gz!/a.tar!/b.zip!/brev.txt"), place);
}

#[test]
fn a_value_across_two_members_is_one_text() {
    let text = letter();
    let (a, b) = text.split_at(text.len() - 8);
    for (name, bytes) in [
        ("brev.txt.gz", [gzip("", a), gzip("", b)].concat()),
        ("brev.txt.zst", [zstd(a), zstd(b)].concat()),
        ("brev.txt.bz2", [bzip2(a), bzip2(b)].concat()),
        ("brev.txt.xz", [xz(a), vec![0; 8], xz(b)].concat()),
    ] {
        let swept = swept(name, &bytes);
        assert_eq!(swept.numbers(&format!("{name}!/brev.txt")).len(), 1, "{name}");
        assert_eq!(swept.status(name), Status::Ok, "{name}");
    }
}

#[test]
fn members_with_names_of_their_own_are_entries() {
    let bytes = [gzip("a.txt", b"a\n"), gzip("", b"b\n"), gzip("c.txt", &letter())].concat();
    let swept = swept("x.gz", &bytes);
    assert_eq!(swept.object("x.gz!/a.txt").size, 4);
    assert_eq!(swept.numbers("x.gz!/c.txt").len(), 1);
}

#[test]
fn bytes_behind_the_end_are_scanned_and_said() {
    for (name, bytes) in
        [("x.gz", gzip("", b"a\n")), ("x.tar", [tar_file("a", b"a\n"), vec![0; 1024]].concat())]
    {
        let swept = swept(name, &[bytes, letter()].concat());
        assert_eq!(swept.status(name), Status::Warn);
        assert_eq!(swept.numbers(&format!("{name}!/(trailing bytes)")).len(), 1);
    }
}

#[test]
fn what_comes_before_damage_is_kept() {
    let text = [letter(), "rad\n".repeat(100_000).into_bytes(), vec![b'x'; 200_000]].concat();
    let text = [text, noise(500_000)].concat();
    for (name, bytes) in
        [("x.txt.gz", gzip("", &text)), ("x.txt.zst", zstd(&text)), ("x.txt.xz", xz(&text))]
    {
        let swept = swept(name, &bytes[..bytes.len() / 2]);
        let entry = format!("{name}!/x.txt");
        assert_eq!(swept.status(name), Status::Error, "{name}");
        assert_eq!(swept.status(&entry), Status::Error, "{name}");
        assert_eq!(swept.numbers(&entry).len(), 1, "{name}");
        assert_eq!(swept.reason(&entry), "the compressed data is cut off", "{name}");
    }
    let mut wrong = gzip("", &text);
    let sum = wrong.len() - 6;
    wrong[sum] ^= 1;
    let swept = swept("x.txt.gz", &wrong);
    assert_eq!(swept.reason("x.txt.gz!/x.txt"), "the compressed data is damaged");
    assert_eq!(swept.numbers("x.txt.gz!/x.txt").len(), 1);
}

#[test]
fn skippable_frames_are_scanned() {
    let mut frame = vec![0x50, 0x2a, 0x4d, 0x18];
    frame.extend(u32::try_from(letter().len()).unwrap().to_le_bytes());
    frame.extend(letter());
    let swept = swept("x.txt.zst", &[zstd(b"a\n"), frame, zstd(b"b\n")].concat());
    assert_eq!(swept.object("x.txt.zst!/x.txt").size, 4);
    assert_eq!(swept.numbers("x.txt.zst!/(skippable frames)").len(), 1);
}

#[test]
fn tar_names_are_read_in_every_form() {
    let long = "mapp/".repeat(40) + "brev.txt";
    let size = |n: usize| -> [u8; 12] { format!("{n:011o}\0").into_bytes().try_into().unwrap() };
    let record = format!("path={long}\n");
    let record = format!("{} {record}", record.len() + 4);
    let comment = format!("comment={NUMBER} personnummer\n");
    let comment = format!("{} {comment}", comment.len() + 3);
    let bytes = [
        tar_entry(b"././@LongLink", b'L', &size(long.len() + 1), format!("{long}\0").as_bytes()),
        tar_file("kort", b"1\n"),
        tar_entry(
            b"pax",
            b'x',
            &size(record.len() + comment.len()),
            (record + &comment).as_bytes(),
        ),
        tar_file("kort", b"22\n"),
        vec![0; 1024],
    ]
    .concat();
    let swept = swept("x.tar", &bytes);
    assert_eq!(swept.object(&format!("x.tar!/{long}")).size, 2);
    assert_eq!(swept.object(&format!("x.tar!/{long}~2")).size, 3);
    assert_eq!(swept.numbers("x.tar!/(pax header)").len(), 1);
    assert_eq!(swept.status("x.tar"), Status::Ok);
}

#[test]
fn links_and_devices_are_listed_and_never_followed() {
    let zero = b"00000000000\0";
    let mut link = tar_entry(b"../../lank", b'2', zero, b"");
    link[157..168].copy_from_slice(b"/etc/passwd");
    link[148..156].fill(b' ');
    let sum: u32 = link[..512].iter().map(|byte| u32::from(*byte)).sum();
    link[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let bytes =
        [link, tar_entry(b"/dev/x", b'3', zero, b""), tar_entry(b"p", b'6', zero, b"")].concat();
    let swept = swept("x.tar", &bytes);
    for name in ["../../lank", "/dev/x", "p"] {
        assert_eq!(swept.status(&format!("x.tar!/{name}")), Status::Skipped);
    }
    assert_eq!(swept.object("x.tar!/(link target)").size, 11);
    assert_eq!(swept.reason("x.tar"), "the end marker of the tar is missing");
}

#[test]
fn an_encrypted_entry_does_not_hide_the_one_beside_it() {
    let secret = Oddity { flags: 1, ..Oddity::default() };
    let zip = Zip::default().odd("hemlig.txt", b"x\n", &secret).file("brev.txt", &letter());
    let swept = swept("x.zip", &zip.bytes());
    assert_eq!(swept.status("x.zip!/hemlig.txt"), Status::Encrypted);
    assert_eq!(swept.object("x.zip!/hemlig.txt").coverage.not_scanned, 2);
    assert_eq!(swept.numbers("x.zip!/brev.txt").len(), 1);
}

#[test]
fn both_names_of_an_entry_are_seen() {
    let odd = Oddity { other_name: Some("19811218-9876"), ..Oddity::default() };
    let swept = swept("x.zip", &Zip::default().odd("a.txt", b"x\n", &odd).bytes());
    assert_eq!(
        (swept.status("x.zip"), swept.reason("x.zip")),
        (Status::Warn, "an entry has two names")
    );
    assert_eq!(swept.numbers("x.zip!/(other name)").len(), 1);
    assert_eq!(swept.status("x.zip!/a.txt"), Status::Ok);
}

#[test]
fn an_entry_that_is_not_listed_is_read() {
    let hidden = Oddity { unlisted: true, ..Oddity::default() };
    let zip = Zip::default()
        .file("a.txt", b"x\n")
        .odd("dold.txt", &letter(), &hidden)
        .file("b.txt", b"y\n");
    let swept = swept("x.zip", &zip.bytes());
    assert_eq!(swept.reason("x.zip"), "an entry that the directory does not list");
    assert_eq!(swept.numbers("x.zip!/dold.txt").len(), 1);
    assert_eq!(swept.status("x.zip!/b.txt"), Status::Ok);
}

#[test]
fn entries_that_share_bytes_are_read_once() {
    let again = Oddity { again: Some(0), ..Oddity::default() };
    let zip = Zip::default().file("a.txt", &letter()).odd("b.txt", &letter(), &again);
    let swept = swept("x.zip", &zip.bytes());
    assert_eq!(swept.numbers("x.zip!/a.txt").len(), 1);
    assert_eq!(swept.reason("x.zip!/b.txt"), "shares bytes with another entry");
    assert_eq!(swept.status("x.zip!/b.txt"), Status::Error);
}

#[test]
fn sizes_that_lie_are_an_error_and_no_memory() {
    let lie = Oddity { size: Some(0xffff_fff0), ..Oddity::default() };
    let swept = swept("x.zip", &Zip::default().odd("a.txt", &letter(), &lie).bytes());
    assert_eq!(swept.reason("x.zip!/a.txt"), "the size differs from the one in the header");
    assert_eq!(swept.numbers("x.zip!/a.txt").len(), 1);
}

#[test]
fn a_zip_without_its_end_is_read_in_order() {
    let described = Oddity { flags: 8, ..Oddity::default() };
    let zip = Zip::default().odd("a.txt", b"x\n", &described).file("b.txt", &letter()).bytes();
    let cut = swept("x.zip", &zip[..zip.len() - 22]);
    assert_eq!(cut.status("x.zip"), Status::Error);
    assert_eq!(cut.numbers("x.zip!/b.txt").len(), 1);
    assert_eq!(cut.status("x.zip!/a.txt"), Status::Ok);
    let whole = swept("x.zip", &zip);
    assert_eq!(whole.status("x.zip"), Status::Ok, "{}", whole.ledger());
}

#[test]
fn a_zip_in_a_stream_above_the_cap_is_read_in_order() {
    let described = Oddity { flags: 8, ..Oddity::default() };
    let zip =
        Zip::default().odd("a.bin", &noise(60_000), &described).odd("b.txt", &letter(), &described);
    let folder = Folder::new();
    folder.write("x.zip.gz", gzip("", &zip.bytes()));
    let mut config = config(folder.path());
    config.limits.field = 20_000;
    let swept = sweep(config);
    assert_eq!(swept.numbers("x.zip.gz!/x.zip!/b.txt").len(), 1, "{}", swept.ledger());
    assert_eq!(swept.status("x.zip.gz!/x.zip"), Status::Warn);
}

#[test]
fn bytes_around_the_entries_and_comments_are_scanned() {
    let zip = Zip::default().file("a.txt", b"x\n").with_comment(&format!("personnummer {NUMBER}"));
    let swept = swept("x.exe", &[b"MZ ".to_vec(), letter(), zip].concat());
    assert_eq!(swept.numbers("x.exe!/(comment)").len(), 1, "{}", swept.ledger());
    assert_eq!(swept.numbers("x.exe!/(bytes between entries)").len(), 1);
    assert_eq!(swept.status("x.exe!/a.txt"), Status::Ok);
}

#[test]
fn many_entries_are_all_read() {
    let mut zip = Zip::default();
    for number in 0..20_001 {
        zip = zip.file(&format!("{number}.txt"), if number == 20_000 { b"sist\n" } else { b"x\n" });
    }
    let bytes = zip.bytes();
    let all = swept("x.zip", &bytes);
    assert_eq!((all.objects.len(), all.object("x.zip!/20000.txt").size), (20_002, 5));
    let folder = Folder::new();
    folder.write("x.zip", bytes);
    let mut config = config(folder.path());
    config.limits.entries = 100;
    let some = sweep(config);
    assert_eq!((some.objects.len(), some.status("x.zip")), (101, Status::Limit));
    assert_eq!(some.reason("x.zip"), "more entries than the limit `entries`");
}

#[test]
fn duplicate_and_hostile_names_are_kept_apart_and_escaped() {
    let zip = Zip::default().file("a\x1b[31m.txt", b"x\n").file("a\x1b[31m.txt", b"yy\n");
    let swept = swept("x.zip", &zip.bytes());
    assert_eq!(swept.object("x.zip!/a\\x1b[31m.txt").size, 2);
    assert_eq!(swept.object("x.zip!/a\\x1b[31m.txt~2").size, 3);
}

#[test]
fn content_beats_the_name() {
    let folder = Folder::new();
    folder.write("a.txt", gzip("", &letter()));
    folder.write("b.gz", letter());
    let swept = sweep_folder(&folder);
    assert_eq!(swept.reason("a.txt"), "the name ends in .txt, the content is gzip");
    assert_eq!(swept.reason("b.gz"), "the name ends in .gz, the content is lines");
    assert_eq!((swept.status("b.gz"), swept.numbers("b.gz").len()), (Status::Warn, 1));
    assert_eq!(swept.numbers("a.txt!/a").len(), 1);
}

#[test]
fn documents_and_unknown_data_are_searched_for_text() {
    let folder = Folder::new();
    let runs = [b"\x00\x01\x02".to_vec(), letter(), vec![0; 40]].concat();
    folder.write("a.pdf", [b"%PDF-1.7\n".to_vec(), runs.clone()].concat());
    folder.write("b.dat", &runs);
    folder.write("c.png", [b"\x89PNG\r\n\x1a\n".to_vec(), runs].concat());
    let swept = sweep_folder(&folder);
    for name in ["a.pdf", "b.dat"] {
        assert_eq!((swept.status(name), swept.numbers(name).len()), (Status::Unsupported, 1));
        assert!(swept.object(name).coverage.not_scanned > 0);
    }
    assert_eq!(swept.status("c.png"), Status::Skipped);
    assert_eq!(swept.object("c.png").coverage.scanned, 0);
}
