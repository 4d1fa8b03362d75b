//! A batch: the fields of a block in one buffer, folded, so that one pass scans them all.

use std::fmt;
use std::ops::Range;

use super::Scanner;
use super::fold::{self, Change};
use super::moment;
use super::pass::Scratch;
use super::seen::{Answer, Seen, Value};
use crate::detect::{FieldKind, People};
use crate::finding::{Finding, Span};
use crate::view::View;

/// A field that was added to a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// Its number: 0, 1, 2 ...
    pub number: u32,
    /// Whether it may have findings. If not, nothing will be said of it any more.
    pub pending: bool,
}

/// Stands between fields: no part of a word, a number or an address.
const BORDER: u8 = 0;
/// U+FFFD.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

const LABELS: usize = 16;

/// Texts to be scanned together. Holds no view: the caller keeps them by the numbers that [`Batch::push`] gives.
#[derive(Default)]
pub struct Batch {
    pub(super) text: Vec<u8>,
    /// The fields whose text is in the buffer: all but those of which everything is known.
    pub(super) fields: Vec<Place>,
    /// Number of fields.
    count: u32,
    seen: Option<Box<Seen>>,
    /// Whether the scanner looks for no names: then nobody has to be known.
    nameless: bool,
    pub(super) labels: String,
    /// Where the last labels stand, by length and last byte: fields of a few kinds follow each other in turn.
    last_labels: [Range<usize>; LABELS],
    changes: Vec<Change>,
    /// Fields of senders and recipients in the buffer.
    pub(super) parties: Vec<u32>,
    /// The people in all of them since [`Self::forget_people`].
    pub(super) people: People,
    pub(super) scratch: Scratch,
}

/// Where a field lies.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Number of the field.
    pub(super) number: u32,
    /// Bytes of the buffer.
    pub(super) text: Range<usize>,
    pub(super) label: Range<usize>,
    pub(super) kind: FieldKind,
    /// How many words of people's names were known when it came.
    pub(super) known: u32,
    changes: Range<usize>,
}

/// `Debug` never shows text.
impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} fields, {} bytes)", self.count, self.text.len())
    }
}

impl Batch {
    /// An empty batch. Reuse it: its buffers are the memory of a scan.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty batch that remembers what was found in short texts which come again. Only for the scans of one scanner.
    pub fn remembering(scanner: &Scanner) -> Self {
        let seen = Some(Box::new(Seen::new(&scanner.identity)));
        Self { seen, nameless: scanner.names == 0, ..Self::default() }
    }

    /// Takes all fields out.
    pub fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
        self.count = 0;
        if let Some(seen) = &mut self.seen {
            seen.clear();
        }
        self.labels.clear();
        self.last_labels = Default::default();
        self.changes.clear();
        self.parties.clear();
    }

    /// Forgets senders and recipients: another block begins. Emptying a batch does not, so that batches of one block know them all.
    pub fn forget_people(&mut self) {
        self.people.clear();
    }

    /// Adds the text of a view and gives its number: 0, 1, 2 ...
    ///
    /// # Panics
    ///
    /// If the batch holds more than 4 GiB; blocks are far below.
    pub fn push(&mut self, view: &View<'_>, label: &str, kind: FieldKind) -> Pushed {
        let start = self.text.len();
        if let Some(text) = view.plain_bytes() {
            return self.look_up(text, start, label, kind);
        }
        view.decode_into(&mut self.text);
        self.look_up_last(start, label, kind)
    }

    /// Adds a text and gives its number.
    ///
    /// # Panics
    ///
    /// If the batch holds more than 4 GiB; blocks are far below.
    pub fn push_text(&mut self, text: &str, label: &str, kind: FieldKind) -> Pushed {
        self.look_up(text.as_bytes(), self.text.len(), label, kind)
    }

    /// Counts a field of which nothing will be said, such as the name of a bot.
    ///
    /// # Panics
    ///
    /// If the batch has more than 2^32 fields.
    pub fn pass_over(&mut self) -> Pushed {
        Pushed { number: self.number(), pending: false }
    }

    /// Adds a text that is not in the buffer, unless everything is known of it.
    fn look_up(&mut self, text: &[u8], start: usize, label: &str, kind: FieldKind) -> Pushed {
        let (answer, number) = (self.answer(text, label, kind), self.number());
        if let Answer::Known { pending } = answer {
            return Pushed { number, pending };
        }
        self.text.extend_from_slice(text);
        self.add(number, start, label, kind)
    }

    /// Adds the text at the end of the buffer, unless everything is known of it.
    fn look_up_last(&mut self, start: usize, label: &str, kind: FieldKind) -> Pushed {
        let text = std::mem::take(&mut self.text);
        let (answer, number) = (self.answer(&text[start..], label, kind), self.number());
        self.text = text;
        if let Answer::Known { pending } = answer {
            self.text.truncate(start);
            return Pushed { number, pending };
        }
        self.add(number, start, label, kind)
    }

    /// What is known of the next field.
    fn answer(&mut self, text: &[u8], label: &str, kind: FieldKind) -> Answer {
        if kind == FieldKind::Party && !self.nameless {
            self.acquaint(text);
        }
        let people = (kind == FieldKind::Text && !self.nameless).then_some(&self.people);
        match &mut self.seen {
            _ if moment::is_timestamp(text) => Answer::Known { pending: false },
            Some(seen) => seen.look_up(Value { text, label, kind }, self.count, people),
            None => Answer::New,
        }
    }

    /// Learns the names in a field of senders or recipients.
    fn acquaint(&mut self, text: &[u8]) {
        if fold::is_plain(text) {
            self.people.add(text);
        } else {
            let mut folded = text.to_vec();
            fold::fold(&mut folded, 0, &mut Vec::new());
            self.people.add(&folded);
        }
    }

    fn number(&mut self) -> u32 {
        let number = self.count;
        self.count = number.checked_add(1).expect("a batch has less than 2^32 fields");
        number
    }

    fn add(&mut self, number: u32, start: usize, label: &str, kind: FieldKind) -> Pushed {
        let first = self.changes.len();
        fold::fold(&mut self.text, start, &mut self.changes);
        let text = start..self.text.len();
        self.text.push(BORDER);
        let changes = first..self.changes.len();
        let label = self.label(label);
        if kind == FieldKind::Party {
            self.parties
                .push(u32::try_from(self.fields.len()).expect("there are less fields than bytes"));
        }
        let known = self.people.count();
        self.fields.push(Place { number, text, label, kind, known, changes });
        Pushed { number, pending: true }
    }

    /// Adds the findings of the fields that are known to those of the others, which stand in `out` from `first` on.
    pub(super) fn complete(&mut self, first: usize, out: &mut Vec<Finding>) {
        if let Some(seen) = &mut self.seen {
            seen.complete(first, out);
        }
    }

    /// Whether this scanner may scan it.
    pub(super) fn is_for(&self, scanner: &Scanner) -> bool {
        self.seen.as_ref().is_none_or(|seen| seen.is_of(&scanner.identity))
    }

    /// Where a label stands.
    fn label(&mut self, label: &str) -> Range<usize> {
        // Not compared when empty: `memcmp` at a dangling address can take a hundred nanoseconds.
        let Some(end) = label.as_bytes().last() else { return 0..0 };
        let last = &mut self.last_labels[(label.len() * 5 + usize::from(*end)) % LABELS];
        if last.len() != label.len() || self.labels[last.clone()] != *label {
            let start = self.labels.len();
            self.labels.push_str(label);
            *last = start..self.labels.len();
        }
        last.clone()
    }

    /// Number of bytes in the buffer.
    pub fn len_bytes(&self) -> usize {
        self.text.len()
    }

    /// Number of fields.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The numbers of the fields whose folded text holds U+FFFD, which stands for bytes that do not decode: one search over all of them.
    pub fn lossy(&self) -> impl Iterator<Item = u32> {
        let any = self.contains(REPLACEMENT);
        let lossy = |place: &&Place| {
            memchr::memmem::find(&self.text[place.text.clone()], REPLACEMENT).is_some()
        };
        self.fields.iter().filter(move |_| any).filter(lossy).map(|place| place.number)
    }

    /// Whether the folded text of any field holds `what`.
    fn contains(&self, what: &[u8]) -> bool {
        memchr::memmem::find(&self.text, what).is_some()
    }

    pub(super) fn label_of(&self, place: &Place) -> &str {
        &self.labels[place.label.clone()]
    }

    /// Bytes of the decoded field that stand for bytes of its folded text.
    pub(super) fn unfold(&self, place: &Place, start: u32, end: u32) -> Span {
        let changes = &self.changes[place.changes.clone()];
        Span { start: fold::unfold_start(changes, start), end: fold::unfold_end(changes, end) }
    }
}
