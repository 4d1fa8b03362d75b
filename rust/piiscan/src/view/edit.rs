//! Edits: what a replacement of text changes in the raw bytes.
//!
//! An edit is made from the inside out: the innermost codec writes the token, each layer around it replaces what that layer
//! takes. Nearly every edit is a plain replacement of a range. A part that has no place where a span could be cut out (base64) is
//! named with the span of its decoded bytes, and [`settle`] encodes it once for all of them.

use std::cell::OnceCell;
use std::fmt;
use std::ops::Range;

use super::{Codec, Decoded, Part, Piece, View, offsets, ranges_of};
use crate::error::{Error, ErrorKind};

/// A replacement of raw bytes.
#[derive(Clone)]
pub struct Edit {
    /// What is replaced, in bytes of the object.
    pub raw: Range<u64>,
    /// What comes in its place.
    pub bytes: Vec<u8>,
    /// If set, `raw` is a whole encoded part and `bytes` replace a span of its decoded bytes: see [`settle`].
    pub within: Option<Within>,
}

/// The span of an encoded part that an edit replaces, and how the part is encoded again.
#[derive(Clone, Debug)]
pub struct Within {
    /// The codec of the part.
    pub codec: &'static dyn Codec,
    /// Bytes of the decoded part.
    pub span: Range<usize>,
}

impl PartialEq for Edit {
    fn eq(&self, other: &Self) -> bool {
        let span = |edit: &Self| edit.within.as_ref().map(|within| within.span.clone());
        self.raw == other.raw && self.bytes == other.bytes && span(self) == span(other)
    }
}

impl Eq for Edit {}

/// Sorts edits and encodes parts again that have spans replaced; several spans of one part become one edit. Afterwards every edit
/// is a plain replacement of `raw` by `bytes`. `source` gives the bytes of a range of the object.
///
/// # Errors
///
/// If a part cannot be encoded again, or edits overlap.
pub fn settle<'s>(
    mut edits: Vec<Edit>,
    source: impl Fn(Range<u64>) -> &'s [u8],
) -> Result<Vec<Edit>, Error> {
    let span_start = |edit: &Edit| edit.within.as_ref().map_or(0, |within| within.span.start);
    edits.sort_by_key(|edit| (edit.raw.start, edit.raw.end, span_start(edit)));
    if edits.iter().any(|edit| edit.within.is_some()) {
        edits = rebuilt(&edits, source)?;
    }
    if edits.windows(2).any(|pair| pair[1].raw.start < pair[0].raw.end) {
        return Err(Error::new(ErrorKind::Config, "edits overlap"));
    }
    Ok(edits)
}

/// The same edits, in the same order, those of each encoded part as one.
fn rebuilt<'s>(
    edits: &[Edit],
    source: impl Fn(Range<u64>) -> &'s [u8],
) -> Result<Vec<Edit>, Error> {
    let mut out: Vec<Edit> = Vec::with_capacity(edits.len());
    for group in edits.chunk_by(|one, two| one.within.is_some() && one.raw == two.raw) {
        let first = &group[0];
        let Some(within) = &first.within else {
            out.push(first.clone());
            continue;
        };
        let spans: Vec<(Range<usize>, &[u8])> = group
            .iter()
            .filter_map(|edit| Some((edit.within.as_ref()?.span.clone(), &*edit.bytes)))
            .collect();
        if spans.windows(2).any(|pair| pair[1].0.start < pair[0].0.end) {
            return Err(Error::new(ErrorKind::Config, "edits overlap"));
        }
        let mut bytes = Vec::new();
        within.codec.rebuild(source(first.raw.clone()), &spans, &mut bytes)?;
        out.push(Edit { raw: first.raw.clone(), bytes, within: None });
    }
    Ok(out)
}

impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Edit({:?} by {} bytes)", self.raw, self.bytes.len())
    }
}

/// A part of a view with its map: made once for any number of edits.
#[derive(Debug)]
pub(super) struct Laid {
    /// Place of the part in the view.
    part: usize,
    /// Its logical bytes.
    log: Range<usize>,
    /// Their pieces, which count from the start of the view.
    pieces: Vec<Piece>,
}

/// The map of a view for edits, part by part: made when the first edit asks for it, for any number of them.
#[derive(Debug, Default)]
pub struct Layout(OnceCell<Vec<Laid>>);

impl<'a> View<'a> {
    /// The map for edits.
    fn lay(&self) -> Vec<Laid> {
        let mut text = Vec::new();
        let lay = |(at, part): (usize, &Part<'a>)| {
            let (base, mut pieces) = (text.len(), Vec::new());
            part.map_into(&mut text, &mut pieces);
            Laid { part: at, log: base..text.len(), pieces }
        };
        self.parts().iter().enumerate().map(lay).collect()
    }

    /// The part of a text that stands in the object as it is, so that any span of it can be cut out.
    fn stands_as_is(&self) -> Option<&Part<'a>> {
        match (self.parts(), self.outer) {
            ([part], None) => {
                let codec = part.codec;
                let cuts = codec.is_identity() && !codec.replaces_whole() && !codec.is_rebuilt();
                cuts.then_some(part)
            }
            _ => None,
        }
    }

    /// The edits that put `token` in the place of `span`: the first range takes the token, ranges after a hard gap become empty.
    ///
    /// # Errors
    ///
    /// If the token cannot stand there, or the span is empty or outside of the text.
    pub fn edits(&self, span: Range<usize>, token: &str) -> Result<Vec<Edit>, Error> {
        let mut edits = Vec::new();
        self.edits_in(&Layout::default(), span, token, &mut edits)?;
        Ok(edits)
    }

    /// Appends them, with the map of the edits of this view before.
    ///
    /// # Errors
    ///
    /// As [`Self::edits`].
    pub fn edits_in(
        &self,
        layout: &Layout,
        span: Range<usize>,
        token: &str,
        out: &mut Vec<Edit>,
    ) -> Result<(), Error> {
        if let Some(part) = self.stands_as_is()
            && span.start < span.end
            && span.end <= part.raw.len()
        {
            let mut bytes = Vec::with_capacity(token.len());
            part.codec.encode(token, &mut bytes)?;
            let raw = part.at + span.start as u64..part.at + span.end as u64;
            out.push(Edit { raw, bytes, within: None });
            return Ok(());
        }
        let ranges = self.edit_ranges(layout, &span);
        if ranges.is_empty() {
            return Err(Error::new(ErrorKind::Config, "span outside of the view"));
        }
        for (at, (part, raw, within)) in ranges.into_iter().enumerate() {
            let mut bytes = Vec::new();
            if at == 0 {
                part.codec.encode(token, &mut bytes)?;
            }
            let Some(outer) = self.outer else {
                out.push(Edit { raw, bytes, within });
                continue;
            };
            if within.is_some() {
                return Err(Error::new(
                    ErrorKind::Unsupported,
                    "an encoded part within a decoded layer cannot be written",
                ));
            }
            let text = String::from_utf8(bytes).map_err(|_| {
                Error::new(ErrorKind::Config, "a token must be text in every layer")
            })?;
            outer.view.edits_in(outer.layout(), offsets(&raw), &text, out)?;
        }
        Ok(())
    }

    /// What an edit changes that puts bytes in before the logical byte `at`.
    fn insertion(
        &self,
        layout: &Layout,
        at: usize,
    ) -> Option<(&Part<'a>, Range<u64>, Option<Within>)> {
        let mut last = None;
        let laid = layout.0.get_or_init(|| self.lay());
        let from = laid.partition_point(|laid| laid.log.end < at);
        for Laid { part, log, pieces } in &laid[from..] {
            let part = &self.parts()[*part];
            if at > log.end || (at == log.end && log.start == at) {
                continue;
            }
            if part.codec.is_rebuilt() {
                let span = at - log.start..at - log.start;
                let whole = part.at..part.at + part.raw.len() as u64;
                last = Some((part, whole, Some(Within { codec: part.codec, span })));
            } else {
                let piece = pieces.iter().find(|piece| at <= piece.log_end() as usize)?;
                let raw = match at - piece.log as usize {
                    0 => piece.raw,
                    into if piece.identity => piece.raw + into as u64,
                    _ => piece.raw_end(),
                };
                last = Some((part, raw..raw, None));
            }
            if at < log.end {
                break;
            }
        }
        last
    }

    /// What an edit of `span` replaces: the part it begins in, its raw range, and the span of the decoded part if that has to be
    /// encoded again. Such a part, and one that is replaced whole, never shares a range with its neighbors.
    fn edit_ranges(
        &self,
        layout: &Layout,
        span: &Range<usize>,
    ) -> Vec<(&Part<'a>, Range<u64>, Option<Within>)> {
        let mut out: Vec<(&Part<'a>, Range<u64>, Option<Within>)> = Vec::new();
        let mut apart = true;
        let laid = layout.0.get_or_init(|| self.lay());
        let from = laid.partition_point(|laid| laid.log.end <= span.start);
        for Laid { part, log, pieces } in &laid[from..] {
            if log.start >= span.end {
                break;
            }
            let part = &self.parts()[*part];
            let touched = span.start.max(log.start)..span.end.min(log.end);
            if touched.is_empty() {
                continue;
            }
            let whole = part.at..part.at + part.raw.len() as u64;
            if part.codec.is_rebuilt() {
                let span = touched.start - log.start..touched.end - log.start;
                out.push((part, whole, Some(Within { codec: part.codec, span })));
                apart = true;
            } else if part.codec.replaces_whole() {
                out.push((part, whole, None));
                apart = true;
            } else {
                let seen = pieces.iter().find(|piece| piece.log_len > 0);
                let hard = apart || seen.is_some_and(|piece| piece.hard);
                for (at, range) in ranges_of(pieces, &touched).into_iter().enumerate() {
                    match out.last_mut() {
                        Some((_, last, _)) if at == 0 && !hard => last.end = range.end,
                        _ => out.push((part, range, None)),
                    }
                }
                apart = false;
            }
        }
        out
    }
}

impl Decoded<'_> {
    /// Plain edits of the decoded bytes as edits of the object. The new bytes need not be text.
    ///
    /// # Errors
    ///
    /// If a layer cannot be written.
    pub fn lift(&self, edits: Vec<Edit>) -> Result<Vec<Edit>, Error> {
        let (view, layout) = (self.view(), self.layout());
        let mut out: Vec<Edit> = Vec::with_capacity(edits.len());
        for edit in edits {
            let span = offsets(&edit.raw);
            let ranges = if span.is_empty() {
                view.insertion(layout, span.start).into_iter().collect()
            } else {
                view.edit_ranges(layout, &span)
            };
            if ranges.is_empty() {
                return Err(Error::new(ErrorKind::Config, "span outside of the layer"));
            }
            for (at, (part, raw, within)) in ranges.into_iter().enumerate() {
                let mut bytes = Vec::new();
                if at == 0 {
                    part.codec.encode_bytes(&edit.bytes, &mut bytes)?;
                }
                out.push(Edit { raw, bytes, within });
            }
        }
        match view.outer {
            None => Ok(out),
            Some(_) if out.iter().any(|edit| edit.within.is_some()) => Err(Error::new(
                ErrorKind::Unsupported,
                "an encoded part within a decoded layer cannot be written",
            )),
            Some(outer) => outer.lift(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Decoded, Piece, Plain, RawSpan};

    fn plain(raw: Range<u64>, bytes: &[u8]) -> Edit {
        Edit { raw, bytes: bytes.to_vec(), within: None }
    }

    /// Decodes pairs of hex digits; can only be encoded as a whole.
    #[derive(Debug)]
    struct Pairs;

    impl Codec for Pairs {
        fn decode(&self, raw: &[u8], out: &mut Vec<u8>, mut map: Option<&mut Vec<Piece>>) {
            for (at, pair) in raw.chunks_exact(2).enumerate() {
                out.push(u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
                if let Some(map) = map.as_deref_mut() {
                    map.push(Piece::atomic(at, 1, 2 * at as u64, 2));
                }
            }
        }

        fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
            Plain.encode(text, out)
        }

        fn is_rebuilt(&self) -> bool {
            true
        }

        fn rebuild(
            &self,
            raw: &[u8],
            spans: &[(Range<usize>, &[u8])],
            out: &mut Vec<u8>,
        ) -> Result<(), Error> {
            let mut text = Vec::new();
            self.decode(raw, &mut text, None);
            for (span, bytes) in spans.iter().rev() {
                text.splice(span.clone(), bytes.iter().copied());
            }
            out.extend(text.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()));
            Ok(())
        }
    }

    #[test]
    fn edits_of_one_encoded_part_go_together() {
        let source = b"xx616263646566yy";
        let outer = Decoded::new(View::coded(&source[2..14], 2, &Pairs));
        let view = View::plain(outer.bytes(), 0).within(Some(&outer));
        let mut edits = view.edits(4..6, "Z").unwrap();
        edits.extend(view.edits(0..2, "Y").unwrap());
        let narrow = |range: Range<u64>| &source[offsets(&range)];
        assert_eq!(settle(edits, narrow).unwrap(), [plain(2..14, b"5963645a")]);
        let mut twice = view.edits(0..2, "Y").unwrap();
        twice.extend(view.edits(1..3, "Z").unwrap());
        assert!(settle(twice, narrow).is_err());
    }

    #[test]
    fn an_encoded_part_shares_no_range_with_its_neighbors() {
        let part = |raw, at, codec| Part { raw, at, codec, hard: false };
        let view = View::joined([
            part(b"6162".as_slice(), 10, &Pairs as &dyn Codec),
            part(b"cd", 14, &Plain),
        ]);
        let edits = view.edits(1..3, "T").unwrap();
        assert_eq!(edits[0].raw, 10..14);
        assert_eq!(edits[0].within.as_ref().unwrap().span, 1..2);
        assert_eq!(edits[1], plain(14..15, b""));
    }

    #[test]
    fn a_range_across_a_hard_gap_is_two_edits() {
        let part = |raw, at, hard| Part { raw, at, codec: &Plain, hard };
        let view = View::joined([part(b"1234".as_slice(), 10, false), part(b"567", 30, true)]);
        assert_eq!(view.raw(2..6), RawSpan { start: 12, end: 32, ranges: 2 });
        let edits = view.edits(2..6, "[nummer]").unwrap();
        assert_eq!(edits[0], plain(12..14, b"[nummer]"));
        assert_eq!(edits[1], plain(30..32, b""));
    }
}
