//! Names of files and entries: fields that are scanned, and places that are shown with what was found in them masked.

use std::ops::Range;

use crate::finding::{Finding, Fingerprint};
use crate::scan::Scanner;
use crate::view::RawSpan;

/// The name with every finding replaced by what it is: `[se-personnummer 11]`, with the start of its fingerprint if there is one, so
/// that two people's files are told apart. `None` if there are no findings.
pub(super) fn masked(
    name: &[u8],
    found: &[(Finding, RawSpan)],
    scanner: &Scanner,
) -> Option<Vec<u8>> {
    if found.is_empty() {
        return None;
    }
    let mut out = Vec::with_capacity(name.len() + 32);
    let mut at = 0;
    let mut order: Vec<_> = found.iter().collect();
    order.sort_by_key(|(finding, raw)| (raw.start, std::cmp::Reverse(raw.end), finding.detector));
    for (finding, raw) in order {
        let Range { start, end } = range(raw, name.len());
        if start < at {
            // Overlaps the one before: what sticks out is hidden as well.
            at = at.max(end);
            continue;
        }
        out.extend_from_slice(&name[at..start]);
        let characters = String::from_utf8_lossy(&name[start..end]).chars().count();
        let id = scanner
            .detectors()
            .get(usize::from(finding.detector))
            .map_or("finding", |detector| detector.id.as_str());
        out.extend_from_slice(format!("[{id} {characters}").as_bytes());
        if finding.fingerprint != Fingerprint::default() {
            let [a, b, c, d, ..] = finding.fingerprint.0;
            out.extend_from_slice(format!(" {a:02x}{b:02x}{c:02x}{d:02x}").as_bytes());
        }
        out.push(b']');
        at = end;
    }
    out.extend_from_slice(&name[at..]);
    Some(out)
}

fn range(raw: &RawSpan, len: usize) -> Range<usize> {
    let clip = |at: u64| usize::try_from(at).unwrap_or(len).min(len);
    clip(raw.start)..clip(raw.end)
}
