//! Sweeps over folders: order, names, coverage, cancelling, incremental runs.

use std::collections::HashMap;
use std::fs;
use std::time::{Duration, Instant};

use crate::harness::{Folder, NUMBER, config, sweep, sweep_folder};
use piiscan::coverage::Status;
use piiscan::message::Role;
use piiscan::sweep::{Event, MessageRow, Next, Sweep};

/// Lines with a number on every hundredth.
fn long_text(lines: usize) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for line in 0..lines {
        if line % 100 == 7 {
            writeln!(text, "Mitt personnummer är {NUMBER}, rad {line}").unwrap();
        } else {
            writeln!(text, "En vanlig rad utan något särskilt, rad {line}").unwrap();
        }
    }
    text
}

#[test]
fn finds_a_value_at_its_raw_place() {
    let folder = Folder::new();
    let text = format!("Hej\nMitt personnummer är {NUMBER}.\n");
    folder.write("a/brev.txt", &text);
    let swept = sweep_folder(&folder);
    assert_eq!(swept.status("a/brev.txt"), Status::Ok);
    assert_eq!(swept.numbers("a/brev.txt"), [text.find(NUMBER).unwrap() as u64]);
    let object = swept.object("a/brev.txt");
    assert_eq!((object.coverage.messages, object.parts), (2, 1));
    let part = &swept.parts[0];
    assert_eq!(part.roles, [Role::EntryName as u8, Role::Body as u8, Role::Body as u8]);
    let row = |place: usize| (part.messages[place].first_field, part.messages[place].findings);
    assert_eq!((row(0), row(1).0), ((1, 0), 2));
    assert!(row(1).1 >= 1);
    assert_eq!(part.paths, [(2, "/line".into())]);
}

#[test]
fn the_result_is_the_same_for_any_number_of_threads() {
    let folder = Folder::new();
    folder.write("big.txt", long_text(60_000));
    for number in 0..40 {
        folder.write(&format!("small/{number:02}.txt"), long_text(number));
        let child = format!("child bilaga.txt Ring {NUMBER}\nrad\n").repeat(number);
        folder.write(&format!("mail/{number:02}.txt"), child);
    }
    let run = |jobs| {
        let mut config = config(folder.path());
        config.jobs = jobs;
        config.hash = true;
        sweep(config).text()
    };
    let one = run(1);
    assert!(one.matches("Part(Part").count() > 40);
    for jobs in [2, 8] {
        assert!(one == run(jobs), "{jobs} threads say something else");
    }
}

#[test]
fn records_are_numbered_through_the_blocks_of_an_object() {
    let folder = Folder::new();
    folder.write("big.txt", long_text(60_000));
    let swept = sweep_folder(&folder);
    assert!(swept.parts.len() > 2, "more than one block");
    let mut first = 0;
    for (index, part) in swept.parts.iter().enumerate() {
        assert_eq!((part.index as usize, part.first_record), (index, first));
        first += part.messages.len() as u64;
    }
    assert_eq!(swept.object("big.txt").coverage.messages, 60_000);
    assert_eq!(swept.numbers("big.txt").len(), 600);
    let starts: Vec<u64> =
        long_text(60_000).match_indices(NUMBER).map(|(at, _)| at as u64).collect();
    assert_eq!(swept.numbers("big.txt"), starts);
}

#[test]
fn objects_come_in_the_order_of_their_paths() {
    let folder = Folder::new();
    for name in ["b.txt", "a/z.txt", "a.txt", "a-b.txt", "c/d/e.txt", "Å.txt"] {
        folder.write(name, "x\n");
    }
    let swept = sweep_folder(&folder);
    let names: Vec<String> = swept.objects.iter().map(|object| object.loc.to_string()).collect();
    assert_eq!(names, ["a-b.txt", "a.txt", "a/z.txt", "b.txt", "c/d/e.txt", "Å.txt"]);
}

#[test]
fn a_value_in_a_name_is_found_and_masked_but_kept_exactly() {
    let folder = Folder::new();
    folder.write(&format!("{NUMBER}/brev.txt"), "child 19811218-9876.txt hej\n");
    let swept = sweep_folder(&folder);
    for object in &swept.objects {
        assert!(object.loc.to_string().contains(NUMBER));
        let shown = object.shown.to_string();
        assert!(!shown.contains("9876"), "{shown}");
        assert!(shown.starts_with("[se-personnummer 13 "), "{shown}");
        assert!(object.findings() > 0);
    }
    assert_eq!(swept.objects.len(), 2);
    let found = swept.parts.iter().find(|part| !part.findings.is_empty()).unwrap();
    assert_eq!((found.findings[0].field, found.raws[0].start), (0, 0));
}

#[test]
fn what_lies_in_a_message_is_named_after_it() {
    let folder = Folder::new();
    let mut text = "rad\n".repeat(400_000);
    text.push_str("child a.txt x\nchild b.txt y\n");
    folder.write("lång.txt", text);
    folder.write("tvilling.txt", "child a.txt x\n");
    let swept = sweep_folder(&folder);
    assert_eq!(
        swept.object("lång.txt#400000!/a.txt").parent,
        Some(swept.object("lång.txt").ordinal)
    );
    assert_eq!(swept.object("lång.txt#400001!/b.txt").coverage.status, Status::Ok);
    assert_eq!(swept.object("tvilling.txt#0!/a.txt").size, 1);
}

#[test]
fn a_panic_costs_its_block_and_nothing_else() {
    let folder = Folder::new();
    folder.write("a.txt", format!("{NUMBER} personnummer\n"));
    folder.write("b.txt", "rad\npanic\nrad\n");
    folder.write("c.txt", format!("{NUMBER} personnummer\n"));
    let swept = sweep_folder(&folder);
    assert_eq!((swept.status("b.txt"), swept.reason("b.txt")), (Status::Error, "internal error"));
    assert_eq!(swept.object("b.txt").coverage.not_scanned, 14);
    for name in ["a.txt", "c.txt"] {
        assert_eq!((swept.status(name), swept.numbers(name).len()), (Status::Ok, 1));
    }
}

#[test]
fn a_broken_place_counts_as_not_scanned_and_is_listed() {
    let folder = Folder::new();
    folder.write("a.txt", "rad\nbroken\nrad\n");
    let swept = sweep_folder(&folder);
    let object = swept.object("a.txt");
    assert_eq!((object.coverage.status, object.coverage.not_scanned), (Status::Error, 7));
    assert_eq!((object.problems.len(), object.problems[0].raw.clone()), (1, 4..11));
}

#[test]
fn bytes_that_do_not_decode_are_counted() {
    let folder = Folder::new();
    folder.write("a.txt", b"sm\xf6rg\xe5s\noch U+FFFD: \xef\xbf\xbd\n".repeat(3));
    let swept = sweep_folder(&folder);
    let coverage = &swept.object("a.txt").coverage;
    assert_eq!((coverage.status, coverage.lossy), (Status::Warn, 6));
}

#[test]
fn a_file_that_was_finished_before_is_not_opened() {
    let folder = Folder::new();
    folder.write("a.txt", "x\n");
    folder.write("b.txt", "y\n");
    let first = sweep_folder(&folder);
    let object = first.object("a.txt");
    let mut again = config(folder.path());
    again.known = HashMap::from([(object.id, (object.size, object.mtime_ns))]);
    let second = sweep(again);
    assert_eq!(second.events[0], Event::Unchanged { root: 0, id: object.id });
    assert_eq!(second.objects.len(), 1);
    assert_eq!(second.object("b.txt").id, first.object("b.txt").id);
}

#[test]
fn what_is_left_out_is_listed() {
    let folder = Folder::new();
    folder.write("in.txt", "x\n");
    folder.write("out/a.log", "x\n");
    folder.write("store.db", "x\n");
    let mut config = config(folder.path());
    config.exclude = vec!["**/*.log".into()];
    config.skip = vec![folder.path().join("store.db")];
    let swept = sweep(config);
    assert_eq!(swept.status("in.txt"), Status::Ok);
    assert_eq!(swept.reason("out/a.log"), "left out on request");
    assert_eq!(swept.status("store.db"), Status::Skipped);
}

#[test]
fn several_roots_are_told_apart() {
    let folder = Folder::new();
    folder.write("a/x.txt", "x\n");
    folder.write("b/x.txt", "x\n");
    folder.write("c.txt", "x\n");
    let mut config = config(folder.path());
    config.roots = ["a", "b", "c.txt"].map(|name| folder.path().join(name)).to_vec();
    let swept = sweep(config);
    let names: Vec<_> = swept.objects.iter().map(|o| (o.loc.to_string(), o.root)).collect();
    let expected = [("a/x.txt", 0), ("b/x.txt", 1), ("c.txt", 2)];
    assert_eq!(names, expected.map(|(name, root)| (name.to_owned(), root)));
}

#[test]
fn a_content_hash_is_made_on_request() {
    let folder = Folder::new();
    let text = long_text(50_000);
    folder.write("a.txt", &text);
    let mut config = config(folder.path());
    config.hash = true;
    let swept = sweep(config);
    let expected = *blake3::hash(text.as_bytes()).as_bytes();
    assert_eq!(swept.object("a.txt").content_hash, Some(expected));
}

#[test]
fn cancelling_ends_a_sweep_at_once() {
    let folder = Folder::new();
    for number in 0..20 {
        folder.write(&format!("{number}.txt"), long_text(40_000));
    }
    let sweep = Sweep::start(config(folder.path())).unwrap();
    assert!(matches!(sweep.next(Duration::from_mins(1)), Next::Event(_)));
    let begun = Instant::now();
    sweep.cancel();
    assert!(matches!(sweep.next(Duration::from_mins(1)), Next::Finished));
    drop(sweep);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[test]
fn a_slow_caller_does_not_lose_anything() {
    let folder = Folder::new();
    folder.write("a.txt", long_text(50_000));
    let sweep = Sweep::start(config(folder.path())).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let mut findings = 0;
    loop {
        match sweep.next(Duration::from_millis(50)) {
            Next::Event(event) => {
                if let Event::Object(object) = *event {
                    findings += object.findings();
                }
            }
            Next::Idle => {}
            Next::Finished => break,
        }
    }
    assert_eq!(sweep.progress().findings, findings);
    assert!(findings >= 500);
    assert_eq!(sweep.progress().read, fs::metadata(folder.path().join("a.txt")).unwrap().len());
}

#[test]
fn an_empty_folder_is_listed_by_name() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path().join(format!("akt {NUMBER}"))).unwrap();
    folder.write("tom.txt", "");
    let swept = sweep_folder(&folder);
    let empty = swept.objects.iter().find(|object| object.format == "folder").unwrap();
    assert!(empty.findings() > 0 && empty.coverage.status == Status::Ok);
    assert_eq!((swept.status("tom.txt"), swept.object("tom.txt").format), (Status::Ok, "empty"));
}

#[test]
fn fields_between_messages_belong_to_no_message() {
    let folder = Folder::new();
    folder.write("a.txt", "outside\nrad\noutside\noutside\nrad\n");
    let swept = sweep_folder(&folder);
    let rows = &swept.parts[0].messages;
    let shape: Vec<_> = rows.iter().map(|row| (row.first_field, row.flags)).collect();
    // The name and the first line stand before the first message.
    assert_eq!(shape, [(2, 0), (3, MessageRow::OUTSIDE), (5, 0)]);
    assert_eq!(swept.object("a.txt").coverage.messages, 2);
}
