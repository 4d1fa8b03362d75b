//! Hostile inputs: bombs, lies, damage, and what a file system can hold.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use piiscan::coverage::Status;
use proptest::prelude::*;

use crate::build::{Zip, bzip2, gzip, tar_entry, tar_file, xz, zstd};
use crate::harness::{Folder, NUMBER, Swept, config, sweep, sweep_folder};

fn swept(name: &str, bytes: &[u8]) -> Swept {
    let folder = Folder::new();
    folder.write(name, bytes);
    sweep_folder(&folder)
}

/// A bomb of `mib` MiB of zeros behind a line with a number.
fn bomb(mib: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writeln!(encoder, "personnummer {NUMBER}").unwrap();
    let line = vec![b'x'; 1 << 20];
    for _ in 0..mib {
        encoder.write_all(&line).unwrap();
        encoder.write_all(b"\n").unwrap();
    }
    encoder.finish().unwrap()
}

#[test]
fn a_bomb_is_stopped_by_its_ratio_and_its_start_is_kept() {
    let swept = swept("x.txt.gz", &bomb(64));
    let entry = swept.object("x.txt.gz!/x.txt");
    assert_eq!(entry.coverage.status, Status::Limit);
    assert!(entry.coverage.reason.contains("limit `ratio`"), "{}", entry.coverage.reason);
    assert!(entry.size < 40 << 20);
    assert_eq!(swept.numbers("x.txt.gz!/x.txt").len(), 1);
    assert_eq!(swept.status("x.txt.gz"), Status::Limit);
}

#[test]
fn a_budget_holds_for_all_entries_together() {
    let folder = Folder::new();
    let mut zip = Zip::default();
    for number in 0..50 {
        zip = zip.file(&format!("{number:02}.txt"), &b"rad efter rad\n".repeat(10_000));
    }
    folder.write("x.zip", zip.bytes());
    let mut config = config(folder.path());
    config.limits.expanded = 1 << 20;
    let swept = sweep(config);
    assert_eq!(swept.status("x.zip"), Status::Limit);
    assert_eq!(swept.reason("x.zip"), "expands to more than the limit `expanded`");
    let read = swept.objects.iter().filter(|object| object.coverage.status == Status::Ok).count();
    assert_eq!(read, 7, "{}", swept.ledger());
}

#[test]
fn containers_within_containers_end_at_the_depth_limit() {
    let letter = format!("personnummer {NUMBER}\n").into_bytes();
    let mut bytes = Zip::default().file("djupast.txt", &letter).bytes();
    for level in (0..39).rev() {
        let mut zip = Zip::default();
        if level == 1 {
            zip = zip.file("brev.txt", &letter);
        }
        bytes = zip.file(&format!("{level}.zip"), &bytes).bytes();
    }
    let swept = swept("x.zip", &bytes);
    assert_eq!(swept.numbers("x.zip!/0.zip!/brev.txt").len(), 1);
    let limited: Vec<_> =
        swept.objects.iter().filter(|object| object.coverage.status == Status::Limit).collect();
    assert_eq!(limited.len(), 1);
    assert_eq!(limited[0].loc.depth(), 16);
    assert!(limited[0].loc.to_string().ends_with("!/14.zip!/15.zip"));
    assert_eq!(limited[0].coverage.reason, "lies deeper than the limit `depth`");
}

#[test]
fn what_lies_too_deep_in_messages_is_searched_for_text() {
    let text = format!("{}personnummer {NUMBER}\n", "child a.txt ".repeat(20));
    let swept = swept("x.txt", text.as_bytes());
    let deepest = swept.objects.iter().max_by_key(|object| object.loc.depth()).unwrap();
    assert_eq!((deepest.loc.depth(), deepest.coverage.status), (17, Status::Limit));
    assert!(swept.objects.iter().all(|object| object.findings() > 0));
}

#[test]
fn sizes_in_headers_allocate_nothing() {
    // A window of 2 GiB; a frame that declares 2^60 bytes; a dictionary of 4 GiB; a tar entry of 2^63 - 1 bytes.
    let window = [&[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8][..], &[1, 0, 0]].concat();
    let mut declared = vec![0x28, 0xb5, 0x2f, 0xfd, 0xe0];
    declared.extend((1_u64 << 60).to_le_bytes());
    declared.extend([1, 0, 0]);
    let mut dictionary = xz(b"x\n");
    let header = 12;
    assert_eq!(dictionary[header + 2], 0x21, "the filter is LZMA2");
    dictionary[header + 4] = 40;
    let len = (usize::from(dictionary[header]) + 1) * 4;
    let mut crc = flate2::Crc::new();
    crc.update(&dictionary[header..header + len - 4]);
    dictionary[header + len - 4..header + len].copy_from_slice(&crc.sum().to_le_bytes());
    let mut size = [0xff; 12];
    size[..4].copy_from_slice(&[0x80, 0, 0, 0]);
    size[4] = 0x7f;
    let tar = tar_entry(b"a.txt", b'0', &size, b"12345");
    for (name, bytes) in [
        ("window.zst", window),
        ("declared.zst", declared),
        ("dictionary.xz", dictionary),
        ("size.tar", tar),
    ] {
        let begun = Instant::now();
        let swept = swept(name, &bytes);
        assert!(matches!(swept.status(name), Status::Limit | Status::Error), "{name}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{name}");
        if name != "size.tar" && name != "declared.zst" {
            assert!(swept.reason(name).contains("above 128 MiB"), "{}", swept.ledger());
        }
    }
}

#[test]
fn a_unit_above_the_cap_is_torn_and_each_value_is_found_once() {
    let folder = Folder::new();
    let mut text = String::new();
    while text.len() < 200_000 {
        text.push_str("fyllning utan siffror ");
        if text.len().is_multiple_of(7) {
            text.extend(["personnummer ", NUMBER, " "]);
        }
    }
    folder.write("x.txt", format!("första\n{text}\nsista\n"));
    let mut config = config(folder.path());
    config.limits.field = 10_000;
    let swept = sweep(config);
    let prefix = "första\n".len();
    let expected: Vec<u64> =
        text.match_indices(NUMBER).map(|(at, _)| (at + prefix) as u64).collect();
    assert!(expected.len() > 100);
    assert_eq!(swept.numbers("x.txt"), expected);
    assert_eq!(swept.reason("x.txt"), "a unit above the limit `field` was read as flat text");
    assert_eq!(swept.object("x.txt").coverage.not_scanned, 0);
}

#[test]
fn folders_of_any_depth_are_walked() {
    let folder = Folder::new();
    let deep = "d/".repeat(300) + "brev.txt";
    folder.write(&deep, "x\n");
    assert_eq!(sweep_folder(&folder).status(&deep), Status::Ok);
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::*;

    #[test]
    fn links_are_not_followed_unless_asked_for() {
        let folder = Folder::new();
        let outside = Folder::new();
        outside.write("secret.txt", "x\n");
        folder.write("a/brev.txt", "x\n");
        let at = |name: &str| folder.path().join(name);
        symlink("..", at("a/upp")).unwrap();
        symlink("själv", at("själv")).unwrap();
        symlink("ingenstans", at("tom")).unwrap();
        symlink(outside.path(), at("ut")).unwrap();
        symlink("/dev/zero", at("noll")).unwrap();
        symlink("a/brev.txt", at("fil")).unwrap();
        symlink("a", at("mapp")).unwrap();
        let swept = sweep_folder(&folder);
        assert_eq!(swept.objects.iter().filter(|object| object.format == "lines").count(), 1);
        for name in ["a/upp", "själv", "tom", "ut", "noll", "fil", "mapp"] {
            assert_eq!(swept.reason(name), "link not followed");
            assert_eq!(swept.status(name), Status::Skipped);
        }
        let mut follow = config(folder.path());
        follow.follow = true;
        let swept = sweep(follow);
        for (name, reason) in [
            ("a/upp", "link to a folder above it"),
            ("själv", "link to nothing, or to itself"),
            ("tom", "link to nothing, or to itself"),
            ("ut", "link out of the root"),
            ("noll", "link out of the root"),
        ] {
            assert_eq!(swept.reason(name), reason);
        }
        assert_eq!(swept.status("fil"), Status::Ok);
        assert_eq!(swept.status("mapp/brev.txt"), Status::Ok);
    }

    #[test]
    fn pipes_and_sockets_are_listed_and_not_opened() {
        let folder = Folder::new();
        folder.write("a.txt", "x\n");
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let _socket = UnixListener::bind(folder.path().join("s"));
        let swept = sweep_folder(&folder);
        assert_eq!((swept.status("pipe"), swept.reason("pipe")), (Status::Skipped, "named pipe"));
        if folder.path().join("s").exists() {
            assert_eq!(swept.reason("s"), "socket");
        }
        assert_eq!(swept.status("a.txt"), Status::Ok);
    }

    #[test]
    fn a_file_that_became_a_pipe_does_not_hang() {
        let folder = Folder::new();
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(piiscan::archive::source::OpenFile::open(&pipe).is_err());
    }

    #[test]
    fn what_may_not_be_read_is_an_error_and_the_rest_is_scanned() {
        let folder = Folder::new();
        let file = folder.write("hemlig.txt", "x\n");
        folder.write("mapp/brev.txt", "x\n");
        folder.write("öppen.txt", "x\n");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
        let closed = folder.path().join("mapp");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
        let privileged = fs::read(&file).is_ok();
        let swept = sweep_folder(&folder);
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(swept.status("öppen.txt"), Status::Ok);
        if !privileged {
            assert_eq!(swept.reason("hemlig.txt"), "permission denied");
            assert_eq!(swept.status("mapp"), Status::Error);
        }
    }

    #[test]
    fn names_of_any_bytes_are_scanned_and_kept() {
        let folder = Folder::new();
        let names: [&[u8]; 5] =
            [b"\x1b[31m", b"\xff\xfe19811218-9876", b"-rf", b"a\nb", "e\u{301}".as_bytes()];
        for name in names {
            fs::write(folder.path().join(OsStr::from_bytes(name)), "x\n").unwrap();
        }
        let swept = sweep_folder(&folder);
        assert_eq!(swept.objects.len(), names.len());
        let shown: Vec<String> = swept.objects.iter().map(|o| o.shown.to_string()).collect();
        assert!(shown.iter().all(|name| !name.contains(['\x1b', '\n'])), "{shown:?}");
        assert!(shown.iter().any(|name| name.starts_with("\\xff\\xfe[se-personnummer 13")));
        for name in names {
            let seg = piiscan::message::Seg::Entry(name.to_vec());
            assert!(swept.objects.iter().any(|object| object.loc.0[0] == seg));
        }
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_an_error() {
        let folder = Folder::new();
        let path = folder.path().join("x.txt");
        folder.write("x.txt", format!("personnummer {NUMBER}\nappend to {}\n", path.display()));
        folder.write("y.txt", "x\n");
        let swept = sweep_folder(&folder);
        assert_eq!(swept.status("x.txt"), Status::Error);
        assert_eq!(swept.reason("x.txt"), "changed while it was read");
        assert_eq!(swept.numbers("x.txt").len(), 1);
        assert_eq!(swept.status("y.txt"), Status::Ok);
    }

    #[test]
    fn a_file_is_known_by_its_size_its_time_and_its_number() {
        let folder = Folder::new();
        let path = folder.write("x.txt", "12345\n");
        let open = || piiscan::archive::source::OpenFile::open(&path).unwrap();
        let file = open();
        assert!(!file.changed(&path));
        fs::write(folder.path().join("new"), "12345\n").unwrap();
        fs::rename(folder.path().join("new"), &path).unwrap();
        assert!(file.changed(&path), "replaced");
        let file = open();
        fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(3).unwrap();
        assert!(file.changed(&path), "cut off");
        let file = open();
        fs::remove_file(&path).unwrap();
        assert!(file.changed(&path), "removed");
    }

    #[test]
    fn a_file_that_never_rests_is_swept_without_a_fault() {
        use std::sync::atomic::{AtomicBool, Ordering};
        let folder = Folder::new();
        let path = folder.write("x.txt", "rad\n".repeat(400_000));
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for round in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let cut = 1_000_000 + round;
                    fs::write(&path, "rad\n".repeat(400_000)).unwrap();
                    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(cut).unwrap();
                }
            });
            for _ in 0..5 {
                // That the ledger sums is checked by every sweep.
                assert!(matches!(
                    sweep_folder(&folder).status("x.txt"),
                    Status::Ok | Status::Error
                ));
            }
            stop.store(true, Ordering::Relaxed);
        });
    }
}

/// Containers to damage.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let letter = format!("Hej\npersonnummer {NUMBER}\n").repeat(20).into_bytes();
    let zip = Zip::default().file("a.txt", &letter).file("b.txt", b"x\n").with_comment("hej");
    vec![
        ("x.zip", zip.clone()),
        ("x.tar", [tar_file("a.txt", &letter), tar_file("b.zip", &zip), vec![0; 1024]].concat()),
        ("x.gz", [gzip("a.txt", &letter), gzip("", b"x\n")].concat()),
        ("x.zst", [zstd(&letter), zstd(b"x\n")].concat()),
        ("x.bz2", [bzip2(&letter), bzip2(b"x\n")].concat()),
        ("x.xz", [xz(&letter), xz(b"x\n")].concat()),
    ]
}

/// The ledger sums (checked by every sweep), and damage of what is packed is not passed over in silence.
fn survives(name: &str, bytes: &[u8]) {
    let swept = swept(name, bytes);
    assert!(!swept.objects.is_empty());
    let internal = |reason: &str| reason == "internal error";
    assert!(
        !swept.objects.iter().any(|object| internal(&object.coverage.reason)),
        "{}",
        swept.ledger()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_containers_never_panic(
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8_u8), 1..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        for (name, mut bytes) in seeds() {
            for (at, bit) in &flips {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
            }
            if let Some(cut) = &cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            survives(name, &bytes);
        }
    }
}

#[test]
fn every_truncation_of_a_container_is_said() {
    for (name, bytes) in seeds() {
        for len in (1..bytes.len()).step_by(bytes.len() / 40 + 1) {
            let swept = swept(name, &bytes[..len]);
            let silent = swept.objects.iter().all(|object| object.coverage.status == Status::Ok);
            // Cut between two members, or within padding, what is left is a whole container.
            let whole = len == first_member(name, &bytes) || bytes[len..].iter().all(|b| *b == 0);
            assert!(!silent || whole || len < 8, "{name} cut at {len}: {}", swept.ledger());
        }
    }
}

/// Length of the first member; 0 where there are none.
fn first_member(name: &str, bytes: &[u8]) -> usize {
    let second = match name {
        "x.gz" => gzip("", b"x\n"),
        "x.zst" => zstd(b"x\n"),
        "x.bz2" => bzip2(b"x\n"),
        "x.xz" => xz(b"x\n"),
        _ => return 0,
    };
    bytes.len() - second.len()
}

#[test]
fn a_root_may_be_a_file_or_gone() {
    let folder = Folder::new();
    let path = folder.write("brev.txt", "x\n");
    assert_eq!(sweep(config(&path)).status("brev.txt"), Status::Ok);
    let gone = piiscan::sweep::Sweep::start(config(Path::new("/ingenstans")));
    assert_eq!(gone.err().unwrap().kind(), piiscan::ErrorKind::Io);
}
