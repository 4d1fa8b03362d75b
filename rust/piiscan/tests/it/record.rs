//! Reads an object and keeps what the sink was given, for tests of readers.

use std::ops::Range;

use piiscan::archive::limits::Limits;
use piiscan::archive::syntax::SYNTAXES;
use piiscan::archive::{Arena, Block, Child, Cut, Head, Probe, Reader, Sink, Window};
use piiscan::coverage::Status;
use piiscan::message::{Role, Ts};
use piiscan::view::{View, settle};

/// A field, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) role: Role,
    pub(crate) path: String,
    pub(crate) label: String,
    pub(crate) text: String,
    pub(crate) raw: Range<u64>,
    pub(crate) ranges: u32,
}

/// What a reader told about one object.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) fields: Vec<Field>,
    pub(crate) children: Vec<(String, Vec<u8>, Range<u64>)>,
    pub(crate) problems: Vec<(Range<u64>, Status, String)>,
    pub(crate) messages: Vec<(u64, u64, bool)>,
    pub(crate) sent: Vec<Ts>,
    pub(crate) keys: Vec<Vec<u8>>,
    /// Applied to every field that holds the first text: replaced by the second.
    edit: Option<(String, String)>,
    edits: Vec<piiscan::view::Edit>,
}

impl<'a> Sink<'a> for Record {
    fn begin(&mut self, raw_start: u64) {
        self.messages.push((raw_start, raw_start, false));
    }

    fn field(&mut self, role: Role, path: &str, label: &str, view: View<'a>) {
        let text = String::from_utf8(view.bytes().into_owned()).expect("views are text");
        let raw = view.raw(0..text.len());
        check_pieces(&view, &text);
        if let Some((old, new)) = &self.edit {
            for (at, _) in text.match_indices(old.as_str()) {
                self.edits.extend(view.edits(at..at + old.len(), new).unwrap());
            }
        }
        let (path, label) = (path.to_owned(), label.to_owned());
        let ranges = raw.ranges;
        self.fields.push(Field { role, path, label, text, raw: raw.start..raw.end, ranges });
    }

    fn sent(&mut self, at: Ts) {
        self.sent.push(at);
    }

    fn closed(&mut self, _at: Ts) {}

    fn key(&mut self, key: &[u8]) {
        self.keys.push(key.to_vec());
    }

    fn child(&mut self, child: Child<'a>) {
        let name = String::from_utf8_lossy(child.name).into_owned();
        self.children.push((name, child.bytes.to_vec(), child.raw));
    }

    fn end(&mut self, raw_end: u64, doubtful: bool) {
        let last = self.messages.last_mut().expect("a message has begun");
        (last.1, last.2) = (raw_end, doubtful);
    }

    fn problem(&mut self, raw: Range<u64>, status: Status, reason: &str) {
        self.problems.push((raw, status, reason.to_owned()));
    }
}

/// Pieces cover the text in order, and raw offsets rise.
fn check_pieces(view: &View<'_>, text: &str) {
    let (mut log, mut raw) = (0, 0);
    for piece in view.pieces() {
        assert_eq!(piece.log, log);
        assert!(piece.raw >= raw, "raw offsets rise");
        assert!(!piece.identity || piece.log_len == piece.raw_len);
        (log, raw) = (piece.log + piece.log_len, piece.raw + u64::from(piece.raw_len));
    }
    assert_eq!(log as usize, text.len());
}

impl Record {
    /// The texts of a path.
    pub(crate) fn texts(&self, path: &str) -> Vec<&str> {
        self.fields.iter().filter(|field| field.path == path).map(|field| &*field.text).collect()
    }

    /// The only text of a path.
    pub(crate) fn text(&self, path: &str) -> &str {
        let [text] = self.texts(path)[..] else { panic!("{path}: {:?}", self.texts(path)) };
        text
    }

    /// The field that holds a text.
    pub(crate) fn holding(&self, text: &str) -> &Field {
        let found = self.fields.iter().find(|field| field.text.contains(text));
        found.unwrap_or_else(|| panic!("no field holds {text}: {:?}", self.fields))
    }

    /// The reasons of all problems.
    pub(crate) fn reasons(&self) -> Vec<&str> {
        self.problems.iter().map(|(_, _, reason)| &**reason).collect()
    }
}

fn open(id: &str, bytes: &[u8]) -> Box<dyn Reader> {
    let syntax = SYNTAXES.iter().find(|syntax| syntax.id() == id).expect("the syntax exists");
    let probe = Probe { name: b"x", head: &bytes[..bytes.len().min(64 << 10)], len: None };
    syntax.open(&Head { probe, profile: None, limits: &Limits::default() })
}

/// Reads an object as one block.
pub(crate) fn read(id: &str, bytes: &[u8]) -> Record {
    let mut record = Record::default();
    read_block(&*open(id, bytes), bytes, 0, (true, true), &mut record);
    record
}

/// Reads an object in windows of about `size` bytes.
pub(crate) fn read_windows(id: &str, bytes: &[u8], size: usize) -> Record {
    let (reader, mut record) = (open(id, bytes), Record::default());
    let (mut at, mut len) = (0, size);
    while at < bytes.len() {
        let end = (at + len).min(bytes.len());
        let window = Window { bytes: &bytes[at..end], base: at as u64, last: end == bytes.len() };
        match reader.cut(&window) {
            Cut::At(cut) => {
                let last = at + cut == bytes.len();
                let flags = (at == 0, last);
                read_block(&*reader, &bytes[at..at + cut], at as u64, flags, &mut record);
                (at, len) = (at + cut, size);
            }
            Cut::More => len += size,
            Cut::Whole => panic!("cannot be read in windows"),
        }
    }
    record
}

fn read_block(
    reader: &dyn Reader,
    bytes: &[u8],
    base: u64,
    (first, last): (bool, bool),
    record: &mut Record,
) {
    // The buffer ends with the block, so that a read behind it is seen.
    let bytes = bytes.to_vec();
    let arena: Arena<'_> = Arena::new();
    let block = Block { bytes: &bytes, base, first, last, torn: false, arena: &arena };
    let mut one = Record { edit: record.edit.clone(), ..Record::default() };
    reader.read(&block, &mut one);
    record.fields.append(&mut one.fields);
    record.children.append(&mut one.children);
    record.problems.append(&mut one.problems);
    record.messages.append(&mut one.messages);
    record.sent.append(&mut one.sent);
    record.keys.append(&mut one.keys);
    record.edits.append(&mut one.edits);
}

/// The object with a text replaced in every field that holds it.
pub(crate) fn edited(id: &str, bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    let edit = Some((old.to_owned(), new.to_owned()));
    let mut record = Record { edit, ..Record::default() };
    read_block(&*open(id, bytes), bytes, 0, (true, true), &mut record);
    let narrow = |range: &Range<u64>| {
        usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()
    };
    let edits = settle(record.edits, |range| &bytes[narrow(&range)]).unwrap();
    let mut out = bytes.to_vec();
    for edit in edits.into_iter().rev() {
        out.splice(narrow(&edit.raw), edit.bytes);
    }
    out
}

/// Checks that an edit changes what it should and nothing else.
pub(crate) fn check_edit(id: &str, bytes: &[u8], old: &str, new: &str) {
    let (before, after) = (read(id, bytes), read(id, &edited(id, bytes, old, new)));
    let texts = |record: &Record| -> Vec<(String, String)> {
        record.fields.iter().map(|field| (field.path.clone(), field.text.clone())).collect()
    };
    assert!(before.fields.iter().any(|field| field.text.contains(old)), "nothing to edit");
    let expected: Vec<_> =
        texts(&before).into_iter().map(|(path, text)| (path, text.replace(old, new))).collect();
    assert_eq!(texts(&after), expected);
}
