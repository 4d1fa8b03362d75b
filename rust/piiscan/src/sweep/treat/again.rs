//! What was treated, looked at again: where a value goes, what stands beside it may come to light, since the label in its place is another
//! context. Such findings are treated as if they had been there from the start, until nothing more is found.

use std::borrow::Cow;
use std::ops::Range;

use super::apply::{Given, Treated};
use crate::finding::{Confidence, Finding, Flags, Reading, Span};
use crate::sweep::known::Known;

/// How often a text is looked at again.
const ROUNDS: usize = 4;

/// A span of a field and what came in its place.
#[derive(Debug)]
pub(in crate::sweep) struct Replaced {
    /// The field.
    pub(super) place: usize,
    pub(super) span: Range<usize>,
    pub(super) output: String,
}

impl Treated {
    /// Treats a block until nothing more comes to light. `scan` finds what stands in new texts of all fields, `values` makes empty
    /// sets as for [`Treated::of`].
    pub(in crate::sweep) fn thoroughly(
        given: &Given<'_, '_>,
        values: impl Fn() -> Known,
        mut scan: impl FnMut(&[Cow<'_, [u8]>]) -> Vec<Finding>,
    ) -> Self {
        let mut found = Cow::Borrowed(given.found);
        let mut round = 0;
        loop {
            let given = Given { found: &found, ..*given };
            let treated = Self::of(&given, values());
            round += 1;
            if treated.replaced.is_empty() || round == ROUNDS {
                return treated;
            }
            let texts = new_texts(&given, &treated.replaced);
            let news = scan(&texts);
            let more = come_to_light(&given, &treated.replaced, &texts, &news);
            if more.is_empty() {
                return treated;
            }
            let mut all = found.into_owned();
            all.extend(more);
            all.sort_by_key(|finding| (finding.field, finding.span.start));
            found = Cow::Owned(all);
        }
    }
}

/// The texts of all fields with what came in the place of values.
fn new_texts<'a>(given: &Given<'a, '_>, replaced: &[Replaced]) -> Vec<Cow<'a, [u8]>> {
    let text = |(place, field): (usize, &super::Field<'a, '_>)| {
        let text = field.view.bytes();
        let own = of_place(replaced, place);
        if own.is_empty() {
            return text;
        }
        let (mut out, mut done) = (Vec::with_capacity(text.len()), 0);
        for Replaced { span, output, .. } in own {
            out.extend_from_slice(&text[done..span.start]);
            out.extend_from_slice(output.as_bytes());
            done = span.end;
        }
        out.extend_from_slice(&text[done..]);
        Cow::Owned(out)
    };
    given.fields.iter().enumerate().map(text).collect()
}

/// What was found in new texts and not before, where it stands in the old ones.
fn come_to_light(
    given: &Given<'_, '_>,
    replaced: &[Replaced],
    texts: &[Cow<'_, [u8]>],
    news: &[Finding],
) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::new();
    for new in news.iter().filter(|new| new.attributes.alert.is_none()) {
        let place = new.field as usize;
        let own = of_place(replaced, place);
        let span = new.span.start as usize..new.span.end as usize;
        let value = texts.get(place).and_then(|text| text.get(span.clone()));
        let Some(Ok(value)) = value.map(str::from_utf8) else { continue };
        let Some(old) = old_span(own, &span) else { continue };
        let key = |finding: &Finding| (finding.field, finding.span.start);
        let from = given.found.partition_point(|known| key(known) < (new.field, old.start));
        let mut same = given.found[from..]
            .iter()
            .take_while(|known| key(known) == (new.field, old.start))
            .filter(|known| known.span == old && known.detector == new.detector)
            // What was there before may be surer now, or said of a person.
            .filter(|known| judged(known) == judged(new));
        let operator = &given.treatment.operators[usize::from(new.detector)];
        let stays = operator.op.is_found_again()
            || given.treatment.is_output_of(new.detector, value)
            || same.next().is_some();
        if !stays {
            out.push(Finding { span: old, ..*new });
        }
    }
    out
}

/// What decides whether a rule takes a finding.
fn judged(finding: &Finding) -> (Confidence, Option<Reading>, Flags) {
    (finding.confidence, finding.attributes.reading, finding.attributes.flags)
}

/// Where a span of the new text stands in the old one: what it touches of an output is all that the output stands for. Nothing, if
/// it lies in an output.
fn old_span(replaced: &[Replaced], span: &Range<usize>) -> Option<Span> {
    let (mut longer, mut shorter) = (0, 0);
    let (mut start, mut end) = (None, None);
    for Replaced { span: old, output, .. } in replaced {
        let new = old.start + longer - shorter..old.start + longer - shorter + output.len();
        if new.start <= span.start && span.end <= new.end {
            return None;
        }
        let unmoved = |at: usize| at + shorter - longer;
        if start.is_none() && span.start < new.end {
            start = Some(unmoved(span.start).min(old.start));
        }
        if end.is_none() && span.end <= new.end {
            end = Some(if span.end <= new.start { unmoved(span.end) } else { old.end });
        }
        longer += output.len();
        shorter += old.len();
    }
    let unmoved = |at: usize| at + shorter - longer;
    let (start, end) =
        (start.unwrap_or_else(|| unmoved(span.start)), end.unwrap_or_else(|| unmoved(span.end)));
    Some(Span { start: u32::try_from(start).ok()?, end: u32::try_from(end).ok()? })
}

/// The changes of a field; all are in order.
fn of_place(replaced: &[Replaced], place: usize) -> &[Replaced] {
    let from = replaced.partition_point(|change| change.place < place);
    let to = replaced.partition_point(|change| change.place <= place);
    &replaced[from..to]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_found_where_it_stood() {
        // "ab 12345 cd 678 ef" with [x] in the place of both numbers.
        let change = |span| Replaced { place: 0, span, output: "[x]".into() };
        let replaced = [change(3..8), change(12..15)];
        let old = |span: Range<usize>| {
            old_span(&replaced, &span).map(|span| span.start as usize..span.end as usize)
        };
        assert_eq!(old(0..2), Some(0..2));
        assert_eq!(old(7..9), Some(9..11));
        assert_eq!(old(14..16), Some(16..18));
        assert_eq!(old(0..16), Some(0..18));
        // A part of an output stands for all of it.
        assert_eq!(old(5..9), Some(3..11));
        assert_eq!(old(7..11), Some(9..15));
        for within in [3..6, 4..5, 10..13] {
            assert_eq!(old(within), None);
        }
    }

    #[test]
    fn a_value_of_which_nothing_is_left_moves_what_follows() {
        let replaced = [Replaced { place: 0, span: 3..8, output: String::new() }];
        let old = |span: Range<usize>| old_span(&replaced, &span);
        assert_eq!(old(0..3), Some(Span { start: 0, end: 3 }));
        assert_eq!(old(4..6), Some(Span { start: 9, end: 11 }));
        assert_eq!(old(2..4), Some(Span { start: 2, end: 9 }));
    }
}
