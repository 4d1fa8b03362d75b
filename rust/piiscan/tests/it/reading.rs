//! Reads an object as the sweep does, window by window, and records what the reader says.

use std::fmt::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use piiscan::archive::limits::Limits;
use piiscan::archive::magic::{Format, Formats};
use piiscan::archive::profile::{Profile, Profiles};
use piiscan::archive::syntax::SYNTAXES;
use piiscan::archive::{Arena, Block, Child, Cut, Head, Probe, Reader, Sink, Syntax, Window};
use piiscan::coverage::Status;
use piiscan::message::{Role, Ts};
use piiscan::view::{Edit, RawSpan, View};

/// A field as it was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) record: Option<u64>,
    pub(crate) role: Role,
    pub(crate) path: String,
    pub(crate) label: String,
    pub(crate) text: String,
    pub(crate) raw: RawSpan,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) raw: Range<u64>,
    pub(crate) sent: Ts,
    pub(crate) closed: Ts,
    pub(crate) key: Vec<u8>,
    pub(crate) doubtful: bool,
}

/// Everything a reader said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) fields: Vec<Field>,
    pub(crate) messages: Vec<Message>,
    pub(crate) problems: Vec<(Range<u64>, Status, String)>,
    pub(crate) children: Vec<(Range<u64>, Vec<u8>, Vec<u8>)>,
    open: bool,
    /// Collects edits: (number of the field, span, token).
    wanted: Option<(usize, Range<usize>, String)>,
    pub(crate) edits: Option<Vec<Edit>>,
}

impl<'a> Sink<'a> for Recorded {
    fn begin(&mut self, raw_start: u64) {
        assert!(!self.open, "a message begins within a message");
        self.open = true;
        let (sent, closed) = (Ts::UNKNOWN, Ts::UNKNOWN);
        let raw = raw_start..raw_start;
        self.messages.push(Message { raw, sent, closed, key: Vec::new(), doubtful: false });
    }

    fn field(&mut self, role: Role, path: &str, label: &str, view: View<'a>) {
        let text = String::from_utf8(view.bytes().into_owned()).expect("a view is text");
        check_map(&view, &text);
        if let Some((_, span, token)) =
            self.wanted.as_ref().filter(|want| want.0 == self.fields.len())
        {
            self.edits = view.edits(span.clone(), token).ok();
        }
        let record = self.open.then(|| self.messages.len() as u64 - 1);
        let (path, label, raw) = (path.to_owned(), label.to_owned(), view.raw(0..text.len()));
        self.fields.push(Field { record, role, path, label, text, raw });
    }

    fn sent(&mut self, at: Ts) {
        self.messages.last_mut().expect("a time belongs to a message").sent = at;
    }

    fn closed(&mut self, at: Ts) {
        self.messages.last_mut().expect("a time belongs to a message").closed = at;
    }

    fn key(&mut self, key: &[u8]) {
        self.messages.last_mut().expect("a key belongs to a message").key = key.to_vec();
    }

    fn child(&mut self, child: Child<'a>) {
        self.children.push((child.raw, child.name.to_vec(), child.bytes.to_vec()));
    }

    fn end(&mut self, raw_end: u64, doubtful: bool) {
        assert!(self.open, "a message ends that did not begin");
        self.open = false;
        let message = self.messages.last_mut().expect("a message is open");
        message.raw.end = raw_end;
        message.doubtful = doubtful;
    }

    fn problem(&mut self, raw: Range<u64>, status: Status, reason: &str) {
        self.problems.push((raw, status, reason.to_owned()));
    }
}

/// Law 2 as far as one layer tells: pieces are contiguous in the text, rise in the raw bytes, and decode to the text.
fn check_map(view: &View<'_>, text: &str) {
    let (mut log, mut raw) = (0, 0);
    for piece in view.pieces() {
        assert_eq!(piece.log, log, "a gap in the text");
        assert!(piece.raw >= raw, "raw offsets go back");
        assert!(!piece.identity || piece.raw_len == piece.log_len);
        log += piece.log_len;
        raw = piece.raw + u64::from(piece.raw_len);
    }
    assert_eq!(log as usize, text.len(), "the map does not cover the text");
}

/// An object that was recognized.
pub(crate) struct Object<'o> {
    pub(crate) name: &'o str,
    pub(crate) syntax: &'static dyn Syntax,
    profile: Option<Arc<Profile>>,
}

impl<'o> Object<'o> {
    /// An object of a syntax, without a profile.
    pub(crate) fn of(id: &str) -> Self {
        let syntax = SYNTAXES.iter().find(|syntax| syntax.id() == id).expect("the syntax exists");
        Self { name: "x", syntax: *syntax, profile: None }
    }

    pub(crate) fn new(name: &'o str, bytes: &[u8]) -> Option<Self> {
        static FORMATS: LazyLock<Formats> = LazyLock::new(|| {
            let profiles = Profiles::builtin().expect("shipped profiles are valid");
            Formats { containers: &[], syntaxes: SYNTAXES, profiles }
        });
        let Format::Syntax(syntax, profile) = FORMATS.choose(&probe(name, bytes)).format else {
            return None;
        };
        Some(Self { name, syntax, profile })
    }

    pub(crate) fn profile(&self) -> Option<&Profile> {
        self.profile.as_deref()
    }

    pub(crate) fn open(&self, bytes: &[u8]) -> Box<dyn Reader> {
        let probe = probe(self.name, bytes);
        let limits = Limits::default();
        self.syntax.open(&Head { probe, profile: self.profile(), limits: &limits })
    }

    /// Reads in windows of `window` bytes, which grow where no unit ends.
    pub(crate) fn read(&self, bytes: &[u8], window: usize) -> Recorded {
        self.read_by(&*self.open(bytes), bytes, window)
    }

    /// Reads with a reader that was opened before.
    #[expect(clippy::unused_self, reason = "reads as a method beside `read`")]
    pub(crate) fn read_by(&self, reader: &dyn Reader, bytes: &[u8], window: usize) -> Recorded {
        Self::run(reader, bytes, window, Recorded::default())
    }

    /// The edits that put `token` in the place of a span of a field.
    pub(crate) fn edits(
        &self,
        bytes: &[u8],
        field: usize,
        span: Range<usize>,
        token: &str,
    ) -> Option<Vec<Edit>> {
        let wanted = Some((field, span, token.to_owned()));
        let recorded = Recorded { wanted, ..Recorded::default() };
        Self::run(&*self.open(bytes), bytes, usize::MAX, recorded).edits
    }

    fn run(reader: &dyn Reader, bytes: &[u8], window: usize, mut out: Recorded) -> Recorded {
        each_block(reader, bytes, window, &mut |block| {
            reader.read(block, &mut out);
            assert!(!out.open, "a message is open at the end of a block");
        });
        for (raw, ..) in &out.problems {
            assert!(
                raw.start <= raw.end && raw.end <= bytes.len() as u64,
                "a problem outside of the object"
            );
        }
        for message in &out.messages {
            assert!(message.raw.start <= message.raw.end && message.raw.end <= bytes.len() as u64);
        }
        out
    }
}

/// Cuts an object into blocks as the sweep does, in windows of `window` bytes, which grow where no unit ends.
pub(crate) fn each_block(
    reader: &dyn Reader,
    bytes: &[u8],
    window: usize,
    each: &mut dyn FnMut(&Block<'_>),
) {
    let (mut at, mut size) = (0, window);
    while at < bytes.len() || bytes.is_empty() {
        let end = at.saturating_add(size).min(bytes.len());
        let last = end == bytes.len();
        let cut = match reader.cut(&Window { bytes: &bytes[at..end], base: at as u64, last }) {
            _ if last => end,
            Cut::At(len) => {
                assert!(len > 0 && at + len <= end, "a cut outside of the window");
                at + len
            }
            Cut::More => {
                size = size.saturating_mul(2);
                continue;
            }
            Cut::Whole => bytes.len(),
        };
        let arena = Arena::new();
        each(&Block {
            bytes: &bytes[at..cut],
            base: at as u64,
            first: at == 0,
            last: cut == bytes.len(),
            torn: false,
            arena: &arena,
        });
        (at, size) = (cut, window);
        if bytes.is_empty() {
            break;
        }
    }
}

pub(crate) fn probe<'a>(name: &'a str, bytes: &'a [u8]) -> Probe<'a> {
    let head = &bytes[..bytes.len().min(64 << 10)];
    Probe::new(name.as_bytes(), head, Some(bytes.len() as u64))
}

/// Everything a reader says, one line a thing.
pub(crate) fn describe(object: &Object<'_>, bytes: &[u8]) -> String {
    let read = object.read(bytes, usize::MAX);
    let reader = object.open(bytes);
    let json = |text: &str| serde_json::to_string(text).expect("text is JSON");
    let time = |at: Ts| if at == Ts::UNKNOWN { "null".to_owned() } else { at.0.to_string() };
    let mut out = String::new();
    let profile = object.profile().map_or("null".to_owned(), |profile| json(&profile.id));
    let syntax = object.syntax.id();
    let channel = reader.channel().map_or("null".to_owned(), json);
    writeln!(out, "{{\"syntax\": \"{syntax}\", \"profile\": {profile}, \"channel\": {channel}}}")
        .unwrap();
    for (status, reason) in reader.remarks() {
        writeln!(out, "{{\"remark\": \"{}\", \"reason\": {}}}", status.name(), json(&reason))
            .unwrap();
    }
    let mut next = 0;
    for field in &read.fields {
        while field.record.is_some_and(|record| record >= next) {
            let message = &read.messages[usize::try_from(next).unwrap()];
            let Message { raw, sent, closed, key, doubtful } = message;
            let (sent, closed) = (time(*sent), time(*closed));
            let key = json(&String::from_utf8_lossy(key));
            let (from, to) = (raw.start, raw.end);
            writeln!(out, "{{\"message\": {next}, \"raw\": [{from}, {to}], \"sent\": {sent}, \"closed\": {closed}, \"key\": {key}, \"doubtful\": {doubtful}}}").unwrap();
            next += 1;
        }
        let record = field.record.map_or("null".to_owned(), |record| record.to_string());
        let RawSpan { start, end, ranges } = field.raw;
        let (role, path, label) = (field.role.name(), json(&field.path), json(&field.label));
        let text = json(&field.text);
        writeln!(out, "{{\"record\": {record}, \"role\": \"{role}\", \"path\": {path}, \"label\": {label}, \"text\": {text}, \"raw\": [{start}, {end}, {ranges}]}}").unwrap();
    }
    for (raw, name, bytes) in &read.children {
        let len = bytes.len();
        let name = json(&String::from_utf8_lossy(name));
        writeln!(
            out,
            "{{\"child\": {name}, \"raw\": [{}, {}], \"bytes\": {len}}}",
            raw.start, raw.end
        )
        .unwrap();
    }
    for (raw, status, reason) in &read.problems {
        let (status, reason) = (status.name(), json(reason));
        writeln!(
            out,
            "{{\"problem\": \"{status}\", \"reason\": {reason}, \"raw\": [{}, {}]}}",
            raw.start, raw.end
        )
        .unwrap();
    }
    out
}

/// A case: its folder, and the object in it.
pub(crate) struct Case {
    pub(crate) dir: PathBuf,
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// The cases below `tests/cases/<room>/<what>/`, as (what, case).
pub(crate) fn cases(room: &str) -> Vec<(String, Case)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases").join(room);
    let mut cases = Vec::new();
    for what in folders(&root) {
        for dir in folders(&what) {
            let files = std::fs::read_dir(&dir).expect("a case is a folder");
            let mut files = files.map(|entry| entry.expect("readable").path());
            let input = files.find(|path| path.file_stem().is_some_and(|stem| stem == "input"));
            let Some(input) = input else { continue };
            let name = input.file_name().expect("a file").to_string_lossy().into_owned();
            let bytes = std::fs::read(&input).expect("readable");
            let what = what.file_name().expect("a folder").to_string_lossy().into_owned();
            let is_container = SYNTAXES.iter().all(|syntax| syntax.id() != what);
            if room == "archive" && is_container {
                continue;
            }
            cases.push((what, Case { dir, name, bytes }));
        }
    }
    cases
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(root) else { return Vec::new() };
    let mut folders: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}
