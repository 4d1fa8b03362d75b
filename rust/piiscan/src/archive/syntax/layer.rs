//! The text of a block: its bytes if they are valid UTF-8, else a decoded layer around everything in it.

use encoding_rs::{UTF_8, WINDOWS_1252};

use crate::archive::charset::{self, Detected};
use crate::archive::{Arena, Block};
use crate::view::{Codec, Decoded, Part, Plain, View};

/// Valid UTF-8 text that views are cut from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layer<'a> {
    /// The text, as bytes.
    pub(super) bytes: &'a [u8],
    /// Offset of the first byte: in the object, or in the outer layer.
    at: u64,
    outer: Option<&'a Decoded<'a>>,
    /// Whether bytes were lost on decoding.
    pub(super) lossy: bool,
}

impl<'a> Layer<'a> {
    /// Text of a whole block. The byte order mark of the object is left out.
    pub(super) fn of_block(block: &Block<'a>, detected: &Detected) -> Self {
        let bom = if block.first { detected.bom.min(block.bytes.len()) } else { 0 };
        let at = block.base + bom as u64;
        Self::new(&block.bytes[bom..], at, detected, block.arena)
    }

    /// Text of some bytes of the object.
    pub(super) fn new(bytes: &'a [u8], at: u64, detected: &Detected, arena: &'a Arena<'a>) -> Self {
        let plain = if detected.encoding == UTF_8 {
            simdutf8::basic::from_utf8(bytes).is_ok()
        } else {
            detected.encoding.is_ascii_compatible() && !detected.utf7 && bytes.is_ascii()
        };
        if plain {
            return Self { bytes, at, outer: None, lossy: false };
        }
        Self::within(View::coded(bytes, at, detected.codec()), arena)
    }

    /// Text of a line or record: what is not UTF-8, and has no character of it either, is read as windows-1252.
    pub(super) fn lenient(
        bytes: &'a [u8],
        at: u64,
        detected: &Detected,
        arena: &'a Arena<'a>,
    ) -> Self {
        let layer = Self::new(bytes, at, detected, arena);
        let foreign = || bytes.utf8_chunks().all(|chunk| chunk.valid().is_ascii());
        if layer.lossy && detected.encoding == UTF_8 && foreign() {
            return Self::within(View::coded(bytes, at, charset::codec(WINDOWS_1252)), arena);
        }
        layer
    }

    /// The view, or what it says with double-encoded characters decoded, if it has any.
    pub(super) fn mended(view: View<'a>, arena: &'a Arena<'a>) -> View<'a> {
        if charset::is_mojibake(&view.bytes()) { Self::decoded_again(view, arena) } else { view }
    }

    /// What a view says with double-encoded characters decoded.
    pub(super) fn decoded_again(view: View<'a>, arena: &'a Arena<'a>) -> View<'a> {
        let layer = Self::within(view, arena);
        layer.view(0, layer.bytes.len(), &charset::MOJIBAKE)
    }

    /// Whether the text is a layer around the bytes of the object.
    pub(super) fn is_decoded(&self) -> bool {
        self.outer.is_some()
    }

    /// Text of a view that has to be decoded.
    pub(super) fn within(view: View<'a>, arena: &'a Arena<'a>) -> Self {
        let outer: &'a Decoded<'a> = arena.alloc(Decoded::new(view));
        let lossy = memchr::memmem::find(outer.bytes(), "\u{fffd}".as_bytes()).is_some();
        Self { bytes: outer.bytes(), at: 0, outer: Some(outer), lossy }
    }

    /// The text before a place.
    pub(super) fn until(mut self, to: usize) -> Self {
        self.bytes = &self.bytes[..to];
        self
    }

    /// A view of some of the text.
    #[inline]
    pub(super) fn view(&self, from: usize, to: usize, codec: &'static dyn Codec) -> View<'a> {
        View::coded(&self.bytes[from..to], self.at + from as u64, codec).within(self.outer)
    }

    /// A view of some of the text as it is.
    pub(super) fn plain(&self, from: usize, to: usize) -> View<'a> {
        self.view(from, to, &Plain)
    }

    /// Several stretches that form one text, with gaps that must survive between them.
    pub(super) fn joined(&self, parts: Vec<Part<'a>>) -> View<'a> {
        View::joined(parts).within(self.outer)
    }

    /// One stretch for [`Self::joined`].
    pub(super) fn part(
        &self,
        from: usize,
        to: usize,
        codec: &'static dyn Codec,
        hard: bool,
    ) -> Part<'a> {
        Part { raw: &self.bytes[from..to], at: self.at + from as u64, codec, hard }
    }

    /// Offset in the object of a byte of the text; of its end, the end of the last byte.
    pub(super) fn raw(&self, at: usize) -> u64 {
        if self.outer.is_none() {
            return self.at + at as u64;
        }
        if at < self.bytes.len() {
            return self.plain(at, at + 1).raw(0..1).start;
        }
        if at == 0 { self.outer.map_or(0, start_of) } else { self.plain(at - 1, at).raw(0..1).end }
    }
}

/// Where an empty decoded layer stands.
fn start_of(outer: &Decoded<'_>) -> u64 {
    outer.view().parts().first().map_or(0, |part| part.at)
}
