//! What a block comes to: findings by message, bytes by range.

use std::ops::Range;

use crate::finding::Finding;
use crate::sweep::event::MessageRow;

/// Counts the findings of each message.
pub(super) fn count(rows: &mut [MessageRow], findings: &[Finding]) {
    let mut at = 0;
    for finding in findings {
        while rows.get(at + 1).is_some_and(|next| next.first_field <= finding.field) {
            at += 1;
        }
        if let Some(row) = rows.get_mut(at).filter(|row| row.first_field <= finding.field) {
            row.findings += 1;
        }
    }
}

/// Number of bytes within `own` that are in any of the ranges.
pub(super) fn union(ranges: &mut [Range<u64>], own: &Range<u64>) -> u64 {
    ranges.sort_unstable_by_key(|range| range.start);
    let (mut at, mut sum) = (own.start, 0);
    for range in ranges {
        let (start, end) = (range.start.max(at), range.end.min(own.end));
        if start < end {
            sum += end - start;
            at = end;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Attributes, Confidence, Fingerprint, Span};

    #[test]
    fn overlapping_ranges_count_once() {
        let mut ranges = [10..20, 5..12, 30..99, 31..40];
        assert_eq!(union(&mut ranges, &(6..50)), 14 + 20);
    }

    #[test]
    fn findings_are_counted_for_their_message() {
        let row = |first_field| MessageRow { first_field, ..MessageRow::default() };
        let mut rows = [row(1), row(3), row(3)];
        let finding = |field| Finding {
            field,
            span: Span { start: 0, end: 1 },
            detector: 0,
            confidence: Confidence::High,
            attributes: Attributes::default(),
            fingerprint: Fingerprint::default(),
        };
        count(&mut rows, &[finding(0), finding(2), finding(3), finding(4)]);
        assert_eq!(rows.map(|row| row.findings), [1, 0, 2]);
    }
}
