//! Marked text: what each detector must find, and nothing else.
//!
//! `tests/cases/detect/<id>.txt` holds one case a line. What must be found stands between ⟦ and ⟧; `{key=value ..}` after ⟧ asserts attributes or
//! the confidence. `\n` in a case is a line break. Lines that begin with `# ` are comments; these set options for the cases after them:
//! `# locales: SE FI`, `# strict: yes`, `# grouped: no`, `# min_digits: 6`, `# norway_2032: yes`, `# reference_date: 2032-02-01`,
//! `# label: Telefon`, `# sender: Anna Ek` for another field before the case, `# kind: party` for what the case is, and `# detectors: all` runs
//! every detector (`{detector=..}` asserts which one found it, `{candidates=..}` which others fit). A number on a comment line, `# #42`, names the
//! mistake that a case keeps away.

use std::fs;
use std::path::{Path, PathBuf};

use piiscan::calendar::Date;
use piiscan::detect::{DETECTORS, Options};
use piiscan::finding::{Attributes, Countries, Finding, Flags};
use piiscan::lexicon::Lexicon;
use piiscan::scan::{Batch, Config, FieldKind, Scanner};

const OPEN: char = '⟦';
const CLOSE: char = '⟧';

/// The options of tests: the day never changes.
pub(crate) fn options() -> Options {
    Options {
        locales: countries("SE FI"),
        reference_date: Date::new(2026, 11, 22).unwrap(),
        min_digits: 7,
        strict: false,
        grouped: true,
        norway_2032: false,
    }
}

fn countries(codes: &str) -> Countries {
    codes.split_whitespace().map(Countries::of).fold(Countries::default(), Countries::with)
}

/// A scanner of one detector, or of all.
pub(crate) fn scanner(detector: Option<&str>, options: Options) -> Scanner {
    let by_structure = detector.is_some_and(|id| DETECTORS.iter().any(|known| known.id() == id));
    // Compiling words takes time that scanners of numbers do not need.
    let lexicons = if by_structure { Vec::new() } else { Lexicon::builtin().unwrap() };
    let detectors = detector.map(|id| vec![id.to_owned()]);
    Scanner::new(Config { detectors, options, key: None, lexicons }).unwrap()
}

/// The findings in one text.
pub(crate) fn scan(scanner: &Scanner, text: &str, label: &str) -> Vec<Finding> {
    let (mut batch, mut found) = (Batch::new(), Vec::new());
    batch.push_text(text, label, FieldKind::Text);
    scanner.scan(&mut batch, &mut found);
    found
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/detect")
}

/// What the comment lines of a file have set.
struct Setting {
    options: Options,
    all: bool,
    label: String,
    kind: FieldKind,
    sender: String,
}

impl Setting {
    /// Reads one comment line; true if it changes what the scanner is made of.
    fn read(&mut self, comment: &str) -> bool {
        let (name, value) = comment.split_once(':').unwrap_or((comment, "yes"));
        let (value, options) = (value.trim(), &mut self.options);
        match name.trim() {
            "locales" => options.locales = countries(value),
            "strict" => options.strict = value == "yes",
            "grouped" => options.grouped = value == "yes",
            "norway_2032" => options.norway_2032 = value == "yes",
            "reference_date" => options.reference_date = Date::parse(value).unwrap(),
            "min_digits" => options.min_digits = value.parse().unwrap(),
            "detectors" => self.all = value == "all",
            "label" => value.clone_into(&mut self.label),
            "sender" => value.clone_into(&mut self.sender),
            "kind" => {
                self.kind = if value == "party" { FieldKind::Party } else { FieldKind::Text };
            }
            _ => return false,
        }
        true
    }
}

impl Setting {
    /// The findings in one case.
    fn scan(&self, scanner: &Scanner, text: &str) -> Vec<Finding> {
        let (mut batch, mut found) = (Batch::new(), Vec::new());
        batch.push_text(&self.sender, "", FieldKind::Party);
        let own = batch.push_text(text, &self.label, self.kind).number;
        scanner.scan(&mut batch, &mut found);
        found.retain(|finding| finding.field == own);
        found
    }
}

/// A case without its marks, and the asserted keys of each mark in order.
fn unmark(case: &str) -> (String, Vec<Vec<&str>>) {
    let (mut text, mut keys) = (String::new(), Vec::new());
    let mut rest = case;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let (inside, after) = after.split_once(CLOSE).expect("every mark is closed");
        text.extend([before, inside]);
        rest = after;
        let mut asserted = Vec::new();
        if let Some((list, after)) = after.strip_prefix('{').and_then(|list| list.split_once('}')) {
            asserted = list
                .split_whitespace()
                .map(|pair| pair.split_once('=').map_or(pair, |p| p.0))
                .collect();
            rest = after;
        }
        keys.push(asserted);
    }
    text.push_str(rest);
    (text, keys)
}

/// The text with what was found marked, and the asserted keys with their found values.
fn mark(scanner: &Scanner, text: &str, found: &[Finding], keys: &[Vec<&str>]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for (place, finding) in found.iter().enumerate() {
        let (start, end) = (finding.span.start as usize, finding.span.end as usize);
        out.push_str(&text[at..start]);
        out.push(OPEN);
        out.push_str(&text[start..end]);
        out.push(CLOSE);
        let asserted = keys.get(place).map_or(&[][..], Vec::as_slice);
        let pairs: Vec<String> =
            asserted.iter().map(|key| format!("{key}={}", value(scanner, finding, key))).collect();
        if !pairs.is_empty() {
            out.extend(["{", &pairs.join(" "), "}"]);
        }
        at = end;
    }
    out.push_str(&text[at..]);
    out
}

fn value(scanner: &Scanner, finding: &Finding, key: &str) -> String {
    let info = &scanner.detectors()[usize::from(finding.detector)];
    let Attributes { kind, scheme, carrier, range, countries, check, flags, digits, alert, .. } =
        finding.attributes;
    let flag = Flags::ALL.iter().find(|(_, name)| *name == key).map(|(flag, _)| flags.has(*flag));
    let named = match key {
        "detector" => Some(info.id.as_str()),
        "confidence" => Some(finding.confidence.name()),
        "kind" => kind,
        "scheme" => scheme,
        "carrier" => carrier,
        "range" => range,
        "alert" => alert,
        "check" => {
            return format!("{check:?}").to_lowercase().replace("some(", "").replace(')', "");
        }
        "candidates" => {
            let places = scanner.detectors().iter().enumerate();
            let set = places.filter(|(at, _)| finding.attributes.candidates >> at & 1 == 1);
            return set.map(|(_, info)| info.id.as_str()).collect::<Vec<_>>().join(",");
        }
        "countries" => return countries.codes().collect::<Vec<_>>().join(","),
        "term" => scanner.term_name(finding.attributes.term),
        "reading" => return format!("{:?}", finding.attributes.reading.unwrap()).to_lowercase(),
        "digits" => return digits.to_string(),
        _ => return flag.unwrap_or_else(|| panic!("no attribute is called `{key}`")).to_string(),
    };
    named.unwrap_or("none").to_owned()
}

/// Runs one file and gives the lines that differ.
fn run(path: &Path, id: &str) -> Vec<String> {
    let mut setting = Setting {
        options: options(),
        all: false,
        label: String::new(),
        kind: FieldKind::Text,
        sender: String::new(),
    };
    let make = |setting: &Setting| scanner((!setting.all).then_some(id), setting.options.clone());
    let mut scanner = make(&setting);
    let mut wrong = Vec::new();
    for (number, line) in fs::read_to_string(path).unwrap().lines().enumerate() {
        if let Some(comment) = line.strip_prefix('#') {
            if setting.read(comment) {
                scanner = make(&setting);
            }
            continue;
        }
        let (text, keys) = unmark(line);
        let text = text.replace("\\n", "\n");
        let found = setting.scan(&scanner, &text);
        let marked = mark(&scanner, &text, &found, &keys).replace('\n', "\\n");
        if marked != line {
            wrong.push(format!(
                "{}:{}\n  want {line}\n  have {marked}",
                path.display(),
                number + 1
            ));
        }
    }
    wrong
}

#[test]
fn every_detector_has_cases() {
    for info in &scanner(None, options()).detectors()[..DETECTORS.len()] {
        let cases = fs::read_to_string(folder().join(format!("{}.txt", info.id)))
            .unwrap_or_else(|_| panic!("`{}` has no file of cases", info.id));
        let lines = || cases.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        assert!(lines().any(|line| line.contains(OPEN)), "`{}` finds nothing", info.id);
        assert!(lines().any(|line| !line.contains(OPEN)), "`{}` has no counter-example", info.id);
    }
}

#[test]
fn cases_are_found_as_marked() {
    let mut wrong = Vec::new();
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let known = scanner(None, options());
    for path in files {
        let id = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(known.detectors().iter().any(|info| info.id == id), "no detector is called `{id}`");
        wrong.extend(run(&path, &id));
    }
    assert!(wrong.is_empty(), "{} of the cases differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_detector_finds_its_examples() {
    for info in scanner(None, options()).detectors() {
        let alone = scanner(Some(&info.id), options());
        for example in &info.examples {
            assert_eq!(scan(&alone, example, "").len(), 1, "`{}` in `{example}`", info.id);
        }
    }
}
