//! `Edits`: what changes in a stretch of an object, as JSON.

use piiscan::scan::Scanner;
use piiscan::sweep::{self, EditRow, Outcome};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::sweep::bytes;

/// Changes of a stretch of an object.
#[pyclass(frozen, get_all, module = "piiscan._core")]
pub(crate) struct Edits {
    object: u64,
    rows: Py<PyBytes>,
    kinds: Vec<(String, u64)>,
    count: usize,
    outcomes: Vec<(u32, &'static str, u64)>,
    alerts: u64,
}

impl Edits {
    /// Rows as JSON, one list each: start, old length, new length, type, and the replacement if an operator wrote all of it.
    pub(crate) fn new(py: Python<'_>, scanner: &Scanner, edits: &sweep::Edits) -> Self {
        let detectors = scanner.detectors();
        let name = |kind: u8| match kind {
            EditRow::ERASED => "erased",
            EditRow::DERIVED => "derived",
            EditRow::INNER => "attachment",
            EditRow::UNREAD => "unread",
            place => detectors.get(usize::from(place)).map_or("", |found| found.id.as_str()),
        };
        let mut rows = String::with_capacity(edits.rows.len() * 64);
        let mut counts = [0_u64; 256];
        // One for each finding of an archive: the machinery of `write!` is too slow for that.
        let mut buffer = itoa::Buffer::new();
        for row in &edits.rows {
            counts[usize::from(row.kind)] += 1;
            rows.push_str(if rows.is_empty() { "[" } else { ",[" });
            for number in [row.raw.start, row.raw.end - row.raw.start, row.len] {
                rows.push_str(buffer.format(number));
                rows.push(',');
            }
            rows.push('"');
            rows.push_str(name(row.kind));
            rows.push('"');
            let token = row.token.as_deref().filter(|token| is_shown(token));
            if let Some(token) = token.and_then(|token| str::from_utf8(token).ok()) {
                rows.push_str(",\"");
                rows.push_str(token);
                rows.push('"');
            }
            rows.push(']');
        }
        let kinds = (0..=u8::MAX).zip(counts).filter(|(_, count)| *count > 0);
        let kinds = kinds.map(|(kind, count)| (name(kind).to_owned(), count)).collect();
        let outcome = |outcome: &Outcome| match outcome {
            Outcome::Done => "done",
            Outcome::Held => "held",
            Outcome::Undetermined => "undetermined",
        };
        Self {
            object: edits.object,
            rows: bytes(py, rows.as_bytes()),
            kinds,
            count: edits.rows.len(),
            outcomes: edits
                .outcomes
                .iter()
                .map(|(rule, what, n)| (*rule, outcome(what), *n))
                .collect(),
            alerts: edits.alerts,
        }
    }
}

/// Whether a token may stand in a JSON string as it is.
fn is_shown(token: &[u8]) -> bool {
    token.iter().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'))
}
