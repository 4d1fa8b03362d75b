//! A batch: the fields of a block in one buffer, folded, so that one pass scans them all.

use std::fmt;
use std::ops::Range;

use super::fold::{self, Change};
use super::pass::Scratch;
use crate::finding::Span;
use crate::view::View;

/// What a field may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldKind {
    /// What people wrote.
    #[default]
    Text,
    /// Ids of systems: no number in it is a number of a person because of its length alone.
    Opaque,
}

/// Stands between fields: no part of a word, a number or an address.
const BORDER: u8 = 0;

/// Texts to be scanned together. Holds no view: the caller keeps them by the numbers that [`Batch::push`] gives.
#[derive(Default)]
pub struct Batch {
    pub(super) text: Vec<u8>,
    pub(super) fields: Vec<Place>,
    labels: String,
    changes: Vec<Change>,
    pub(super) scratch: Scratch,
}

/// Where a field lies.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Bytes of the buffer.
    pub(super) text: Range<usize>,
    pub(super) label: Range<usize>,
    pub(super) kind: FieldKind,
    changes: Range<usize>,
}

/// `Debug` never shows text.
impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} fields, {} bytes)", self.fields.len(), self.text.len())
    }
}

impl Batch {
    /// An empty batch. Reuse it: its buffers are the memory of a scan.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes all fields out.
    pub fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
        self.labels.clear();
        self.changes.clear();
    }

    /// Adds the text of a view and gives its number: 0, 1, 2 ...
    ///
    /// # Panics
    ///
    /// If the batch holds more than 4 GiB; blocks are far below.
    pub fn push(&mut self, view: &View<'_>, label: &str, kind: FieldKind) -> u32 {
        let start = self.text.len();
        view.decode_into(&mut self.text);
        self.add(start, label, kind)
    }

    /// Adds a text and gives its number.
    ///
    /// # Panics
    ///
    /// If the batch holds more than 4 GiB; blocks are far below.
    pub fn push_text(&mut self, text: &str, label: &str, kind: FieldKind) -> u32 {
        let start = self.text.len();
        self.text.extend_from_slice(text.as_bytes());
        self.add(start, label, kind)
    }

    fn add(&mut self, start: usize, label: &str, kind: FieldKind) -> u32 {
        let first = self.changes.len();
        fold::fold(&mut self.text, start, &mut self.changes);
        let text = start..self.text.len();
        self.text.push(BORDER);
        let changes = first..self.changes.len();
        let label = self.label(label);
        self.fields.push(Place { text, label, kind, changes });
        u32::try_from(self.fields.len() - 1).expect("a batch has less than 2^32 fields")
    }

    /// Labels of neighbors are often the same.
    fn label(&mut self, label: &str) -> Range<usize> {
        // Not compared when empty: `memcmp` at a dangling address can take a hundred nanoseconds.
        if label.is_empty() {
            return 0..0;
        }
        match self.fields.last() {
            Some(last) if self.labels[last.label.clone()] == *label => last.label.clone(),
            _ => {
                let start = self.labels.len();
                self.labels.push_str(label);
                start..self.labels.len()
            }
        }
    }

    /// Number of bytes in the buffer.
    pub fn len_bytes(&self) -> usize {
        self.text.len()
    }

    /// Number of fields.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether the folded text of any field holds `what`: one search over the text of all of them.
    pub fn contains(&self, what: &[u8]) -> bool {
        memchr::memmem::find(&self.text, what).is_some()
    }

    /// The folded text of a field, as detectors see it.
    pub fn text_of(&self, field: u32) -> &[u8] {
        &self.text[self.fields[field as usize].text.clone()]
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
