//! Sweeps in tests: a folder that goes away, a syntax of lines, a scanner, and what a sweep says as text.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use piiscan::archive::container::CONTAINERS;
use piiscan::archive::magic::Formats;
use piiscan::archive::profile::Profiles;
use piiscan::archive::{Block, Child, Cut, Head, Probe, Reader, Rewrite, Sink, Syntax, Window};
use piiscan::calendar::Date;
use piiscan::coverage::Status;
use piiscan::detect::Options;
use piiscan::finding::{Confidence, Countries};
use piiscan::message::Role;
use piiscan::scan::{Config, Scanner};
use piiscan::sweep::{Event, Next, ObjectDone, Part, Sweep, SweepConfig};
use piiscan::token::Key;
use piiscan::view::View;

/// A published test number: Skatteverket's list of test personal numbers.
pub(crate) const NUMBER: &str = "19811218-9876";

/// A folder for one test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("sweep-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Lines as messages. `child NAME TEXT` holds another object, `panic` is a fault of the reader, `broken` cannot be parsed,
/// `outside` is no message, `append to PATH` changes a file while it is read.
#[derive(Debug)]
pub(crate) struct Lines;

impl Syntax for Lines {
    fn id(&self) -> &'static str {
        "lines"
    }

    fn probe(&self, probe: &Probe<'_>) -> u8 {
        if probe.head.is_ascii() && !probe.head.contains(&0) { 5 } else { 1 }
    }

    fn rewrite(&self) -> Rewrite {
        Rewrite::ReadOnly
    }

    fn open(&self, _: &Head<'_>) -> Box<dyn Reader> {
        Box::new(Lines)
    }
}

impl Reader for Lines {
    fn cut(&self, window: &Window<'_>) -> Cut {
        match window.bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(at) => Cut::At(at + 1),
            None => Cut::More,
        }
    }

    fn read<'a>(&self, block: &Block<'a>, sink: &mut dyn Sink<'a>) {
        let mut at = 0;
        for line in block.bytes.split_inclusive(|byte| *byte == b'\n') {
            let raw = block.base + at as u64;
            let end = raw + line.len() as u64;
            at += line.len();
            assert!(line != b"panic\n", "a fault of the reader");
            if let Some(path) = line.strip_prefix(b"append to ") {
                let path = str::from_utf8(path.trim_ascii_end()).unwrap();
                let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
                file.write_all(b"more\n").unwrap();
            }
            let codec = piiscan::archive::charset::codec(encoding_rs::UTF_8);
            let view = View::coded(line, raw, codec);
            if line == b"outside\n" {
                sink.field(Role::Meta, "", "", view);
                continue;
            }
            sink.begin(raw);
            if line == b"broken\n" {
                sink.problem(raw..end, Status::Error, "a broken line");
            }
            sink.field(Role::Body, "/line", "", view);
            let text = line.trim_ascii_end();
            if let Some(rest) = text.strip_prefix(b"child ") {
                let space = rest.iter().position(|byte| *byte == b' ').unwrap();
                let (name, bytes) = (&rest[..space], &rest[space + 1..]);
                let begin = raw + (line.len() - "\n".len() - bytes.len()) as u64;
                sink.child(Child { name, bytes, raw: raw..end, layer: None, at: begin });
            }
            sink.end(end, false);
        }
    }
}

/// A scanner with every detector and a fixed key.
pub(crate) fn scanner() -> Arc<Scanner> {
    let options = Options {
        locales: Countries::of("SE").with(Countries::of("FI")),
        reference_date: Date::new(2026, 11, 20).unwrap(),
        min_digits: 7,
        strict: false,
        grouped: true,
        norway_2032: false,
    };
    let key = Some(Key::new([7; 32]));
    Arc::new(Scanner::new(Config { detectors: None, options, key, lexicons: Vec::new() }).unwrap())
}

/// A sweep over `root` with the syntax of lines.
pub(crate) fn config(root: &Path) -> SweepConfig {
    let mut config = SweepConfig::new(vec![root.to_path_buf()], scanner()).unwrap();
    config.formats =
        Formats { containers: CONTAINERS, syntaxes: &[&Lines], profiles: Profiles::default() };
    config.jobs = 2;
    config.key = Some(Key::new([9; 32]));
    config
}

/// What a sweep said.
#[derive(Default)]
pub(crate) struct Swept {
    pub(crate) events: Vec<Event>,
    pub(crate) objects: Vec<ObjectDone>,
    pub(crate) parts: Vec<Part>,
    scanner: Option<Arc<Scanner>>,
}

/// Runs a sweep to its end and checks what holds for every sweep.
pub(crate) fn sweep(config: SweepConfig) -> Swept {
    let scanner = Arc::clone(&config.scanner);
    let sweep = Sweep::start(config).unwrap();
    let mut swept = Swept { scanner: Some(scanner), ..Swept::default() };
    loop {
        match sweep.next(Duration::from_mins(1)) {
            Next::Event(event) => {
                match &*event {
                    Event::Part(part) => swept.parts.push(part.clone()),
                    Event::Object(object) => swept.objects.push(object.clone()),
                    Event::Unchanged { .. } => {}
                }
                swept.events.push(*event);
            }
            Next::Idle => panic!("the sweep stands still"),
            Next::Finished => break,
        }
    }
    swept.check();
    swept
}

/// Sweeps one folder.
pub(crate) fn sweep_folder(folder: &Folder) -> Swept {
    sweep(config(folder.path()))
}

impl Swept {
    fn check(&self) {
        for object in &self.objects {
            let sums = &object.coverage;
            let sum = sums.scanned + sums.lossy + sums.not_scanned;
            assert_eq!(sum, object.size, "the ledger of {} does not sum", object.shown);
            let whole = matches!(sums.status, Status::Ok | Status::Warn);
            assert!(!whole || sums.not_scanned == 0, "{} is not whole", object.shown);
            assert_ne!(sums.reason, "not every byte was scanned", "{}", object.shown);
        }
        for part in &self.parts {
            assert_eq!(part.findings.len(), part.raws.len());
            assert!(part.findings.is_sorted_by_key(|finding| (finding.field, finding.span.start)));
        }
    }

    /// The object at a place.
    pub(crate) fn object(&self, shown: &str) -> &ObjectDone {
        let found = self.objects.iter().find(|object| object.loc.to_string() == shown);
        found.unwrap_or_else(|| panic!("no object {shown} in\n{}", self.text()))
    }

    pub(crate) fn status(&self, shown: &str) -> Status {
        self.object(shown).coverage.status
    }

    pub(crate) fn reason(&self, shown: &str) -> &str {
        &self.object(shown).coverage.reason
    }

    /// Raw places of findings of personal numbers in the content of an object.
    pub(crate) fn numbers(&self, shown: &str) -> Vec<u64> {
        let ordinal = self.object(shown).ordinal;
        let number = self.scanner.as_ref().unwrap().detectors().iter();
        let number = number.clone().position(|detector| detector.id == "se-personnummer").unwrap();
        let parts = self.parts.iter().filter(|part| part.object == ordinal);
        parts
            .flat_map(|part| {
                let found = part.findings.iter().zip(&part.raws);
                found.filter(|(finding, _)| {
                    usize::from(finding.detector) == number
                        && finding.confidence > Confidence::Low
                        && part.roles[finding.field as usize] != Role::EntryName as u8
                })
            })
            .map(|(_, raw)| raw.start)
            .collect()
    }

    /// Everything, as text.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        for event in &self.events {
            writeln!(out, "{event:?}").unwrap();
        }
        out
    }

    /// The objects, one line each.
    pub(crate) fn ledger(&self) -> String {
        let line = |object: &ObjectDone| {
            let ObjectDone { shown, size, format, coverage, .. } = object;
            let (status, reason) = (coverage.status.name(), &coverage.reason);
            format!("{shown} | {format} | {status} | {reason} | {size}\n")
        };
        self.objects.iter().map(line).collect()
    }
}
