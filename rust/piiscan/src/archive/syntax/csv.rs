//! CSV and its relatives: exports of case systems, contact centers and spreadsheets.
//!
//! The delimiter comes from a `sep=` line, else it is the one of `; , TAB |` with the most constant number of columns. Column names are labels and paths. A
//! record is a message. Quoted cells may hold line ends; a quote that does not close within 1 MiB is text, its record ends with its
//! line. What Excel writes as `="0701"` is the text between the quotes. Source: RFC 4180.

use std::ops::Range;

use encoding_rs::UTF_8;

use super::json::remarks;
use super::layer::Layer;
use crate::archive::charset::{self, Detected, Unit};
use crate::archive::profile::{Clock, Does, Profile};
use crate::archive::seam::{self, Seam};
use crate::archive::{Arena, Block, Cut, Head, Probe, Reader, Rewrite, Sink, Syntax, Window};
use crate::coverage::Status;
use crate::error::Error;
use crate::message::Role;
use crate::view::{Edit, View};
use codecs::{Bare, Quoted};
use records::{Cell, Record, record};

mod codecs;
mod dialect;
mod records;

use dialect::Dialect;

/// The syntax.
#[derive(Debug)]
pub struct Csv;

impl Syntax for Csv {
    fn id(&self) -> &'static str {
        "csv"
    }

    fn probe(&self, probe: &Probe<'_>) -> u8 {
        let named = matches!(probe.extension().as_str(), "csv" | "tsv" | "tab");
        let text = probe.text();
        if matches!(text.trim_ascii_start().first(), None | Some(b'{' | b'[' | b'<')) {
            return 0;
        }
        match (Dialect::detect(text).fit, named) {
            (dialect::Fit::Declared, _) => 60,
            (dialect::Fit::Constant, _) => 50,
            (dialect::Fit::Weak, true) => 45,
            (_, true) => 15,
            (_, false) => 0,
        }
    }

    fn rewrite(&self) -> Rewrite {
        Rewrite::SpanExact
    }

    fn open(&self, head: &Head<'_>) -> Box<dyn Reader> {
        let bytes = head.probe.head;
        let detected = head.probe.detected();
        let text = View::coded(&bytes[detected.bom..], 0, detected.codec()).bytes();
        let dialect = Dialect::detect(&text);
        let columns = dialect.columns.iter().map(|name| Column::new(name, head.profile)).collect();
        let channel = head.profile.and_then(|profile| profile.channel.clone());
        Box::new(CsvReader { detected, dialect, columns, channel })
    }
}

/// What a column is for.
#[derive(Debug)]
struct Column {
    name: String,
    role: Role,
    sent: Option<Clock>,
    closed: Option<Clock>,
    id: bool,
}

impl Column {
    fn new(name: &str, profile: Option<&Profile>) -> Self {
        let mut column =
            Self { name: name.to_owned(), role: Role::Meta, sent: None, closed: None, id: false };
        for rule in profile.into_iter().flat_map(|profile| profile.rules_of(name)) {
            match &rule.does {
                Does::Role(role) => column.role = *role,
                Does::Sent(clock) => (column.role, column.sent) = (Role::Time, Some(clock.clone())),
                Does::Closed(clock) => {
                    (column.role, column.closed) = (Role::Closed, Some(clock.clone()));
                }
                Does::Key => column.id = true,
                Does::Nested(_) | Does::Join => {}
            }
        }
        column
    }
}

/// Reads records.
#[derive(Debug)]
struct CsvReader {
    detected: Detected,
    dialect: Dialect,
    columns: Vec<Column>,
    channel: Option<String>,
}

impl CsvReader {
    /// The end of the last complete record. The rows before the first message stay with it.
    fn last_record(&self, bytes: &[u8], first: bool) -> usize {
        let mut heading = if first { self.dialect.heading() } else { 0 };
        let mut cells = Vec::new();
        let (mut at, mut end) = (0, 0);
        while let Ok(record) = record(bytes, at, self.dialect.delimiter, false, &mut cells) {
            at = record.end;
            if heading == 0 {
                end = at;
            } else if !cells.iter().all(Cell::is_empty) {
                heading -= 1;
            }
        }
        end
    }

    /// Reads the records of a layer. `line` counts the rows before the first message, where the object begins.
    fn records<'a>(
        &self,
        layer: &Layer<'a>,
        line: &mut Option<usize>,
        arena: &'a Arena<'a>,
        sink: &mut dyn Sink<'a>,
    ) {
        let mojibake = charset::is_mojibake(layer.bytes);
        let mut cells = Vec::new();
        let mut at = 0;
        while let Ok(Record { end, broken }) =
            record(layer.bytes, at, self.dialect.delimiter, true, &mut cells)
        {
            let from = at;
            at = end;
            if end == from {
                break;
            }
            if cells.iter().all(Cell::is_empty) {
                continue;
            }
            if broken {
                let raw = layer.raw(from)..layer.raw(end);
                sink.problem(raw, Status::Warn, OPEN_QUOTE);
            }
            let texts = cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
            let texts = texts.map(|(number, cell)| (number, view(layer, cell)));
            // Excel writes `=""` for an empty text.
            let texts = texts.filter(|(_, text)| text.raw_len() > 0);
            let texts = texts.map(|(number, text)| {
                (number, if mojibake { Layer::mended(text, arena) } else { text })
            });
            match line.as_mut() {
                Some(line) if *line < self.dialect.heading() => {
                    let is_declaration = self.dialect.declared && *line == 0;
                    *line += 1;
                    if !is_declaration {
                        // Names of columns are fields too.
                        texts.for_each(|(_, text)| sink.field(Role::Meta, "header", "", text));
                    }
                }
                _ => {
                    sink.begin(layer.raw(from));
                    texts.for_each(|(number, text)| self.cell(number, text, sink));
                    sink.end(layer.raw(end), false);
                }
            }
        }
    }

    fn cell<'a>(&self, number: usize, text: View<'a>, sink: &mut dyn Sink<'a>) {
        let Some(column) = self.columns.get(number) else {
            return sink.field(Role::Meta, &(number + 1).to_string(), "", text);
        };
        if let Some(clock) = &column.sent {
            sink.sent(clock.read(&text.bytes()));
        }
        if let Some(clock) = &column.closed {
            sink.closed(clock.read(&text.bytes()));
        }
        if column.id {
            sink.key(&text.bytes());
        }
        sink.field(column.role, &column.name, &column.name, text);
    }
}

/// Reason for a record in another charset.
const MIXED: &str = "some records are not UTF-8: read as windows-1252";

/// Reason for a record whose quote was taken for text.
const OPEN_QUOTE: &str = "a quote is not closed: its record ends with its line";

/// The text of a cell.
fn view<'a>(layer: &Layer<'a>, cell: &Cell) -> View<'a> {
    match cell {
        Cell::Bare { from, to } => {
            let text = &layer.bytes[*from..*to];
            // Excel's way to keep a number from losing its zeros.
            if text.len() > 2 && text.starts_with(b"=\"") && text.ends_with(b"\"") {
                return layer.view(from + 2, to - 1, &Bare);
            }
            layer.view(*from, *to, &Bare)
        }
        Cell::Quoted { from, to, end } if to + 1 == *end => {
            let text = &layer.bytes[*from..*to];
            if text.len() > 4 && text.starts_with(b"=\"\"") && text.ends_with(b"\"\"") {
                return layer.view(from + 3, to - 2, &Quoted);
            }
            layer.view(*from, *to, &Quoted)
        }
        Cell::Quoted { from, to, end } => {
            let quoted = layer.part(*from, *to, &Quoted, false);
            layer.joined(vec![quoted, layer.part(to + 1, *end, &Bare, true)])
        }
    }
}

impl Reader for CsvReader {
    fn cut(&self, window: &Window<'_>) -> Cut {
        let end = match self.detected.unit() {
            Unit::Byte => self.last_record(window.bytes, window.base == 0),
            unit => 2 * self.last_record(&structure(window.bytes, unit), window.base == 0),
        };
        if end == 0 { Cut::More } else { Cut::At(end) }
    }

    fn read<'a>(&self, block: &Block<'a>, sink: &mut dyn Sink<'a>) {
        if block.torn {
            return super::text::torn(&Layer::of_block(block, &self.detected), &Quoted, sink);
        }
        let mut line = block.first.then_some(0);
        let bom = if block.first { self.detected.bom.min(block.bytes.len()) } else { 0 };
        let bytes = &block.bytes[bom..];
        if self.detected.encoding != UTF_8 || simdutf8::basic::from_utf8(bytes).is_ok() {
            let layer = Layer::of_block(block, &self.detected);
            return self.records(&layer, &mut line, block.arena, sink);
        }
        // Some record is in another charset: each is a layer of its own.
        let mut cells = Vec::new();
        let mut at = 0;
        while let Ok(record) = record(bytes, at, self.dialect.delimiter, true, &mut cells) {
            if record.end == at {
                break;
            }
            let base = block.base + (bom + at) as u64;
            let layer = Layer::lenient(&bytes[at..record.end], base, &self.detected, block.arena);
            if layer.is_decoded() && !layer.lossy {
                sink.problem(base..base + (record.end - at) as u64, Status::Warn, MIXED);
            }
            self.records(&layer, &mut line, block.arena, sink);
            at = record.end;
        }
    }

    fn remarks(&self) -> Vec<(Status, String)> {
        remarks(&self.detected)
    }

    fn channel(&self) -> Option<&str> {
        self.channel.as_deref()
    }

    /// A row of one column of which nothing is left is still a row.
    fn derive(&self, block: &Block<'_>, message: Range<u64>, edits: &mut Vec<Edit>) {
        let place = |at: u64| usize::try_from(at - block.base).unwrap_or(usize::MAX);
        let mut is_left = false;
        let mut at = message.start;
        let own = |edit: &&mut Edit| message.contains(&edit.raw.start);
        for edit in edits.iter_mut().filter(own) {
            let kept = &block.bytes[place(at)..place(edit.raw.start)];
            is_left |= !edit.bytes.is_empty() || !kept.is_empty();
            at = edit.raw.end;
        }
        let end = &block.bytes[place(at)..place(message.end)];
        is_left |= !end.iter().all(|byte| matches!(byte, b'\r' | b'\n' | 0));
        if let (Some(edit), false) = (edits.iter_mut().find(own), is_left) {
            let _ = self.detected.codec().encode("\"\"", &mut edit.bytes);
        }
    }

    fn erase(
        &self,
        block: &Block<'_>,
        messages: &[Range<u64>],
        edits: &mut Vec<Edit>,
    ) -> Result<Seam, Error> {
        seam::take_messages(block, messages, edits)
    }
}

/// One byte for each unit of UTF-16: itself if it is ASCII.
fn structure(bytes: &[u8], unit: Unit) -> Vec<u8> {
    let high = usize::from(unit == Unit::Utf16Le);
    let ascii = |unit: &[u8; 2]| if unit[high] == 0 { unit[1 - high] } else { 0xff };
    bytes.as_chunks::<2>().0.iter().map(ascii).collect()
}
