//! A view: the logical text of a field with a lazy, piecewise map to the raw bytes it came from.
//!
//! Text is decoded for scanning; raw bytes are what a rewrite patches. A view is a recipe (slices of raw bytes and the
//! codec of each), so decoding costs one pass and no map. The map is built by decoding once more, and only for
//! fields that have findings.
//!
//! Vocabulary: an **identity** piece has logical bytes equal to its raw bytes, so any part of it can be cut out. Every other
//! piece is **atomic**: one escape, one encoded character; an edit that touches it takes all of it. A **soft gap** is raw
//! bytes between two pieces without logical bytes (a quoted-printable soft break) and may be overwritten. A **hard gap**
//! (markup between two runs of text) must survive: a range across it becomes several raw ranges.
//!
//! Layers compose: a view may lie within the decoded bytes of an outer view (HTML within a JSON string, a CSV cell within
//! a UTF-16 file). Raw offsets are always those of the outermost layer.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;
use std::ops::Range;

use crate::error::{Error, ErrorKind};

mod edit;

pub use edit::{Edit, Layout, Within, settle};

/// How raw bytes become logical text, and back. One implementation per encoding layer.
pub trait Codec: fmt::Debug + Sync {
    /// Appends the logical bytes of `raw` to `out`. The last layer of a view must append valid UTF-8. With a map, also appends
    /// pieces: `log` counts from the start of this call's output (the caller shifts), `raw` from the start of `raw`.
    /// Bytes that do not decode become U+FFFD, one atomic piece for each maximal invalid sequence.
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>);

    /// Appends what stands for `text` in the raw bytes. The text is a replacement token: printable ASCII, one line.
    ///
    /// # Errors
    ///
    /// If `text` cannot stand there.
    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error>;

    /// The same for bytes that need not be text: those of an attachment.
    ///
    /// # Errors
    ///
    /// If they cannot stand there.
    fn encode_bytes(&self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.encode(text, out),
            Err(_) => {
                Err(Error::new(ErrorKind::Unsupported, "bytes that are no text cannot stand here"))
            }
        }
    }

    /// Whether `decode` copies its input, so that text and raw bytes are the same.
    fn is_identity(&self) -> bool {
        false
    }

    /// Whether a replacement takes the whole part, not only the touched pieces: a JSON number becomes a string.
    fn replaces_whole(&self) -> bool {
        false
    }

    /// Whether a part must be encoded again as a whole when any of it changes: base64 has no place where a span could be cut out.
    fn is_rebuilt(&self) -> bool {
        false
    }

    /// For such a codec: appends the part with `spans` of its decoded bytes replaced. Spans are sorted and do not overlap.
    ///
    /// # Errors
    ///
    /// If the part cannot be encoded again.
    fn rebuild(
        &self,
        _raw: &[u8],
        _spans: &[(Range<usize>, &[u8])],
        _out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        Err(Error::new(ErrorKind::Unsupported, "this encoding cannot be written"))
    }
}

/// Text that stands in the raw bytes as it is: valid UTF-8.
#[derive(Debug)]
pub struct Plain;

impl Codec for Plain {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        let start = out.len();
        out.extend_from_slice(raw);
        if let Some(map) = map {
            map.push(Piece::identity(0, 0, out.len() - start));
        }
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn encode_bytes(&self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend_from_slice(bytes);
        Ok(())
    }

    fn is_identity(&self) -> bool {
        true
    }
}

/// One stretch of the map. Ordered and contiguous in logical offsets; raw offsets rise and may leave gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// First logical byte.
    pub log: u32,
    /// Logical length in bytes.
    pub log_len: u32,
    /// First raw byte.
    pub raw: u64,
    /// Raw length in bytes.
    pub raw_len: u32,
    /// Whether logical and raw bytes are equal.
    pub identity: bool,
    /// Whether the gap before it must survive.
    pub hard: bool,
}

impl Piece {
    /// A piece whose logical bytes are its raw bytes.
    ///
    /// # Panics
    ///
    /// If a field is longer than 4 GiB; fields are capped far below.
    pub fn identity(log: usize, raw: u64, len: usize) -> Self {
        let len = u32::try_from(len).expect("fields are capped below 4 GiB");
        Self { raw_len: len, identity: true, ..Self::atomic(log, len as usize, raw, 0) }
    }

    /// A piece that can only be taken whole.
    ///
    /// # Panics
    ///
    /// If a field is longer than 4 GiB; fields are capped far below.
    pub fn atomic(log: usize, log_len: usize, raw: u64, raw_len: usize) -> Self {
        let short = |len| u32::try_from(len).expect("fields are capped below 4 GiB");
        Self {
            log: short(log),
            log_len: short(log_len),
            raw,
            raw_len: short(raw_len),
            identity: false,
            hard: false,
        }
    }

    fn log_end(&self) -> u32 {
        self.log + self.log_len
    }

    fn raw_end(&self) -> u64 {
        self.raw + u64::from(self.raw_len)
    }
}

/// One run of raw bytes with its codec.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The bytes, within the block or within the outer layer's decoded bytes.
    pub raw: &'a [u8],
    /// Offset of `raw` in the object, or in the outer layer's decoded bytes.
    pub at: u64,
    /// How they decode.
    pub codec: &'static dyn Codec,
    /// Whether what stands before this part must survive an edit.
    pub hard: bool,
}

/// Logical text with its way back to raw bytes.
#[derive(Clone)]
pub struct View<'a> {
    parts: Parts<'a>,
    outer: Option<&'a Decoded<'a>>,
}

/// Nearly every view has one part. Not a small vector of a library: its destructor would forbid that decoded layers in one arena
/// refer to each other.
#[derive(Clone)]
enum Parts<'a> {
    One([Part<'a>; 1]),
    Many(Vec<Part<'a>>),
}

/// `Debug` never shows text.
impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let raw: usize = self.parts().iter().map(|part| part.raw.len()).sum();
        write!(f, "View({} parts, {raw} bytes)", self.parts().len())
    }
}

/// Where a span of a view lies in the raw bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RawSpan {
    /// First byte of the first range.
    pub start: u64,
    /// One past the last byte of the last range.
    pub end: u64,
    /// Number of ranges; more than 1 when a hard gap lies between.
    pub ranges: u32,
}

impl<'a> View<'a> {
    /// Valid UTF-8 text that stands in the object at `at` as it is.
    pub fn plain(raw: &'a [u8], at: u64) -> Self {
        Self::coded(raw, at, &Plain)
    }

    /// One run of bytes with one codec.
    #[inline]
    pub fn coded(raw: &'a [u8], at: u64, codec: &'static dyn Codec) -> Self {
        Self { parts: Parts::One([Part { raw, at, codec, hard: false }]), outer: None }
    }

    /// Several runs that form one text.
    pub fn joined(parts: impl IntoIterator<Item = Part<'a>>) -> Self {
        Self { parts: Parts::Many(parts.into_iter().collect()), outer: None }
    }

    /// The same view, its parts lying within the decoded bytes of `outer`.
    #[inline]
    #[must_use]
    pub fn within(mut self, outer: Option<&'a Decoded<'a>>) -> Self {
        self.outer = outer;
        self
    }

    /// The runs, in order.
    #[inline]
    pub fn parts(&self) -> &[Part<'a>] {
        match &self.parts {
            Parts::One(part) => part,
            Parts::Many(parts) => parts,
        }
    }

    /// Number of raw bytes of the innermost layer.
    #[inline]
    pub fn raw_len(&self) -> usize {
        self.parts().iter().map(|part| part.raw.len()).sum()
    }

    /// Appends the logical bytes.
    pub fn decode_into(&self, out: &mut Vec<u8>) {
        for part in self.parts() {
            part.codec.decode(part.raw, out, None);
        }
    }

    /// The logical bytes, if they stand in the raw bytes as they are.
    #[inline]
    pub fn plain_bytes(&self) -> Option<&'a [u8]> {
        match self.parts() {
            [part] if part.codec.is_identity() => Some(part.raw),
            _ => None,
        }
    }

    /// The logical bytes, borrowed when they stand in the raw bytes as they are.
    pub fn bytes(&self) -> Cow<'a, [u8]> {
        if let Some(bytes) = self.plain_bytes() {
            return Cow::Borrowed(bytes);
        }
        let mut out = Vec::with_capacity(self.raw_len());
        self.decode_into(&mut out);
        Cow::Owned(out)
    }

    /// The map of this layer: raw offsets are those of the layer around it.
    pub fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut text = Vec::new();
        for part in self.parts() {
            part.map_into(&mut text, &mut pieces);
        }
        pieces
    }

    /// Where `span` lies in the object: the hull and the number of ranges.
    pub fn raw(&self, span: Range<usize>) -> RawSpan {
        self.mapped().raw(span)
    }

    /// The view with its map, which is built once for any number of spans.
    pub fn mapped(&self) -> Mapped<'_, 'a> {
        let pieces = match (self.parts(), self.outer) {
            // The map of plain text is one addition.
            ([part], None) if part.codec.is_identity() => Vec::new(),
            _ => self.pieces(),
        };
        Mapped { view: self, pieces }
    }

    /// Ranges of this layer's raw bytes, as ranges of the object.
    fn through_outer(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let Some(outer) = self.outer else { return vec![range] };
        ranges_of(outer.map(), &offsets(&range))
            .into_iter()
            .flat_map(|range| outer.view.through_outer(range))
            .collect()
    }
}

impl Part<'_> {
    /// Appends the logical bytes to `text` and their pieces, which count from the start of `text`.
    fn map_into(&self, text: &mut Vec<u8>, pieces: &mut Vec<Piece>) {
        let (log, first) = (text.len(), pieces.len());
        self.codec.decode(self.raw, text, Some(pieces));
        let log = u32::try_from(log).expect("fields are capped below 4 GiB");
        for piece in &mut pieces[first..] {
            piece.log += log;
            piece.raw += self.at;
        }
        if let Some(piece) = pieces.get_mut(first) {
            piece.hard |= self.hard;
        }
    }
}

/// A view with its map.
#[derive(Debug)]
pub struct Mapped<'v, 'a> {
    view: &'v View<'a>,
    pieces: Vec<Piece>,
}

impl Mapped<'_, '_> {
    /// Where `span` lies in the object: the hull and the number of ranges.
    pub fn raw(&self, span: Range<usize>) -> RawSpan {
        if let ([part], []) = (self.view.parts(), self.pieces.as_slice())
            && part.codec.is_identity()
        {
            let len = part.raw.len();
            let (start, end) = (span.start.min(len) as u64, span.end.min(len) as u64);
            if start >= end {
                return RawSpan::default();
            }
            return RawSpan { start: part.at + start, end: part.at + end, ranges: 1 };
        }
        let inner = ranges_of(&self.pieces, &span);
        let mut ranges = inner.into_iter().flat_map(|range| self.view.through_outer(range));
        let Some(first) = ranges.next() else { return RawSpan::default() };
        let (end, more) =
            ranges.fold((first.end, 0_u32), |(_, more), range| (range.end, more.saturating_add(1)));
        RawSpan { start: first.start, end, ranges: more.saturating_add(1) }
    }
}

/// Decoded bytes of a layer that other views lie within. Kept in an arena for the time of a block.
pub struct Decoded<'a> {
    bytes: Vec<u8>,
    view: View<'a>,
    map: OnceCell<Vec<Piece>>,
    layout: Layout,
}

impl fmt::Debug for Decoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decoded({} bytes of {:?})", self.bytes.len(), self.view)
    }
}

impl<'a> Decoded<'a> {
    /// Decodes `view`.
    pub fn new(view: View<'a>) -> Self {
        let mut bytes = Vec::with_capacity(view.raw_len());
        view.decode_into(&mut bytes);
        Self { bytes, view, map: OnceCell::new(), layout: Layout::default() }
    }

    /// The decoded bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The view they came from.
    pub fn view(&self) -> &View<'a> {
        &self.view
    }

    /// The map for edits, made when the first comes.
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn map(&self) -> &[Piece] {
        self.map.get_or_init(|| self.view.pieces())
    }
}

fn offsets(range: &Range<u64>) -> Range<usize> {
    let narrow = |at| usize::try_from(at).expect("decoded layers fit in memory");
    narrow(range.start)..narrow(range.end)
}

/// Raw ranges of a logical span: pieces that follow each other without a hard gap are one range.
fn ranges_of(pieces: &[Piece], span: &Range<usize>) -> Vec<Range<u64>> {
    let mut out: Vec<Range<u64>> = Vec::new();
    let first = pieces.partition_point(|piece| piece.log_end() as usize <= span.start);
    for piece in pieces[first..].iter().take_while(|piece| (piece.log as usize) < span.end) {
        if piece.log_len == 0 {
            continue;
        }
        let raw = if piece.identity {
            let from = span.start.max(piece.log as usize) - piece.log as usize;
            let to = span.end.min(piece.log_end() as usize) - piece.log as usize;
            piece.raw + from as u64..piece.raw + to as u64
        } else {
            piece.raw..piece.raw_end()
        };
        match out.last_mut() {
            Some(last) if !piece.hard => last.end = last.end.max(raw.end),
            _ => out.push(raw),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_span_is_its_raw_bytes() {
        let view = View::plain("Anna åker".as_bytes(), 100);
        assert_eq!(view.raw(5..7), RawSpan { start: 105, end: 107, ranges: 1 });
    }

    #[test]
    fn layers_compose_to_offsets_of_the_outermost() {
        let part = |raw, at| Part { raw, at, codec: &Plain, hard: false };
        let outer = Decoded::new(View::joined([part(b"abc".as_slice(), 50), part(b"def", 60)]));
        let inner = View::plain(&outer.bytes()[1..5], 1).within(Some(&outer));
        assert_eq!(inner.raw(0..4), RawSpan { start: 51, end: 62, ranges: 1 });
        assert_eq!(inner.edits(0..1, "x").unwrap()[0].raw, 51..52);
    }

    #[test]
    fn layers_of_one_arena_refer_to_each_other() {
        let bytes = b"xabcdefx".to_vec();
        let arena = typed_arena::Arena::new();
        let outer: &Decoded<'_> = arena.alloc(Decoded::new(View::plain(&bytes[1..7], 1)));
        let view = View::plain(&outer.bytes()[2..5], 2).within(Some(outer));
        let middle: &Decoded<'_> = arena.alloc(Decoded::new(view));
        let inner = View::plain(&middle.bytes()[1..], 1).within(Some(middle));
        assert_eq!(inner.raw(0..2), RawSpan { start: 4, end: 6, ranges: 1 });
    }

    #[test]
    fn debug_shows_no_text() {
        let view = View::plain(b"hemligt", 0);
        assert_eq!(format!("{view:?}"), "View(1 parts, 7 bytes)");
    }
}
