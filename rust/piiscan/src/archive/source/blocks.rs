//! A source as blocks of whole units.
//!
//! Bytes are read into a window; the reader of the syntax says up to where its units are complete, the rest goes to the next
//! window. A unit above the cap on a field is torn into windows that overlap: a finding belongs to the window on whose
//! side of the border in the middle of the overlap it starts, so each is reported once.

use std::io::{self, Read};

use super::Source;
use crate::archive::{Cut, Reader, Window};

/// What is read before the reader is asked where to cut.
const WINDOW: usize = 1 << 20; // bytes

/// Above this a block is big: only a few of them may be in memory.
pub const BIG: usize = 8 << 20; // bytes

/// Up to here copying is cheaper than handing over a window.
const SMALL: usize = 64 << 10; // bytes

/// How much torn windows share.
const OVERLAP: usize = 1 << 10; // bytes

/// Bytes of a block, owned.
pub struct Chunk {
    /// A buffer that is reused; the block is its first `len` bytes.
    pub buffer: Vec<u8>,
    /// Length of the block.
    pub len: usize,
    /// Offset of the first byte in the object.
    pub base: u64,
    /// Whether the object begins here.
    pub first: bool,
    /// Whether the object ends here, or cannot be read further.
    pub last: bool,
    /// Whether the block is torn out of a unit above the cap.
    pub torn: bool,
    /// Findings that start before it belong to the block before.
    pub from: u64,
    /// Findings that start at or after it belong to the next block.
    pub to: u64,
}

impl std::fmt::Debug for Chunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Chunk({} bytes at {})", self.len, self.base)
    }
}

impl Chunk {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[..self.len]
    }
}

/// Cuts a source into blocks.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, not a state")]
pub struct Blocks {
    cap: usize,
    /// Bytes read and not yet handed out: `window[start..end]`.
    window: Vec<u8>,
    start: usize,
    end: usize,
    /// Offset of `start` in the object.
    base: u64,
    from: u64,
    tearing: bool,
    whole: bool,
    ended: bool,
    torn: bool,
    failure: Option<io::Error>,
}

impl Blocks {
    /// Blocks of units up to `cap` bytes. `window` is a buffer that is reused.
    pub fn new(cap: usize, window: Vec<u8>) -> Self {
        Self {
            cap: cap.max(4 * OVERLAP),
            window,
            start: 0,
            end: 0,
            base: 0,
            from: 0,
            tearing: false,
            whole: false,
            ended: false,
            torn: false,
            failure: None,
        }
    }

    /// Why reading ended before the end, once the last block is out.
    pub fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Whether a unit was above the cap.
    pub fn torn(&self) -> bool {
        self.torn
    }

    /// Whether the syntax wants the object in memory as a whole.
    pub fn whole(&self) -> bool {
        self.whole
    }

    /// The buffer, to be reused.
    pub fn into_window(self) -> Vec<u8> {
        self.window
    }

    /// The next block, in memory taken from `spare`. `None` after the last one. An error of the source ends the object;
    /// what was read before it is still cut into blocks. `big` is called before a block of more than [`BIG`] bytes is read.
    pub fn next(
        &mut self,
        source: &mut Source<'_>,
        reader: &dyn Reader,
        spare: Vec<u8>,
        big: &mut dyn FnMut(),
    ) -> Option<Chunk> {
        if self.ended {
            return None;
        }
        let mut want = WINDOW.min(self.cap);
        loop {
            self.fill(source, want);
            let held = self.end - self.start;
            let seen = if self.tearing { held.min(want) } else { held };
            let last = seen == held && self.is_end(source);
            if held == 0 && last {
                self.ended = true;
                return None;
            }
            let bytes = &self.window[self.start..self.start + seen];
            let window = Window { bytes, base: self.base, last };
            let cut = if self.whole { Cut::Whole } else { reader.cut(&window) };
            self.whole |= cut == Cut::Whole;
            match cut {
                _ if last => return Some(self.cut(spare, seen, last)),
                Cut::At(end) => return Some(self.cut(spare, end.clamp(1, seen), last)),
                Cut::More | Cut::Whole if self.tearing || seen >= self.cap => {
                    self.tearing = true;
                    self.torn = true;
                    let end = seen.min(WINDOW.min(self.cap)) & !3;
                    return Some(self.tear(spare, end));
                }
                Cut::More | Cut::Whole => {
                    if want <= BIG && want * 2 > BIG {
                        big();
                    }
                    want = want.saturating_mul(2).min(self.cap);
                }
            }
        }
    }

    /// Reads until `want` bytes are held or the source ends.
    fn fill(&mut self, source: &mut Source<'_>, want: usize) {
        if self.start > 0 && self.end - self.start < want {
            self.window.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        while self.end - self.start < want && self.failure.is_none() {
            if self.end == self.window.len() {
                // Grown by what really comes, never by what a header declares.
                let step = match source.size() {
                    Some(size) if size < WINDOW as u64 => SMALL,
                    _ => WINDOW,
                };
                self.window.resize(want.min(self.end + step), 0);
            }
            let until = self.window.len().min(self.start + want);
            match source.read(&mut self.window[self.end..until]) {
                Ok(0) => break,
                Ok(n) => self.end += n,
                Err(error) => self.failure = Some(error),
            }
        }
    }

    fn is_end(&mut self, source: &mut Source<'_>) -> bool {
        if self.failure.is_some() {
            return true;
        }
        match source.at_end() {
            Ok(end) => end,
            Err(error) => {
                self.failure = Some(error);
                true
            }
        }
    }

    /// A block that ends with a unit.
    fn cut(&mut self, spare: Vec<u8>, len: usize, last: bool) -> Chunk {
        let to = self.base + len as u64;
        let chunk = Chunk {
            buffer: self.take(spare, len, len),
            len,
            base: self.base,
            first: self.base == 0,
            last,
            torn: self.tearing,
            from: self.from,
            to,
        };
        self.ended = last;
        self.tearing &= self.whole;
        self.base = to;
        self.from = to;
        chunk
    }

    /// A block that ends within a unit.
    fn tear(&mut self, spare: Vec<u8>, len: usize) -> Chunk {
        let next = len - OVERLAP;
        let to = self.base + (len - OVERLAP / 2) as u64;
        let chunk = Chunk {
            buffer: self.take(spare, len, next),
            len,
            base: self.base,
            first: self.base == 0,
            last: false,
            torn: true,
            from: self.from,
            to,
        };
        self.base += next as u64;
        self.from = to;
        chunk
    }

    /// Hands out `len` bytes and keeps what stands behind `next`. The smaller of the two is copied.
    fn take(&mut self, mut spare: Vec<u8>, len: usize, next: usize) -> Vec<u8> {
        let rest = self.end - self.start - next;
        if self.start > 0 || len < SMALL || rest > len {
            if spare.len() < len {
                spare.resize(len, 0);
            }
            spare[..len].copy_from_slice(&self.window[self.start..self.start + len]);
            self.start += next;
            return spare;
        }
        if spare.len() < rest {
            spare.resize(rest, 0);
        }
        spare[..rest].copy_from_slice(&self.window[next..self.end]);
        self.end = rest;
        std::mem::replace(&mut self.window, spare)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{Block, Sink};

    #[derive(Debug)]
    struct Lines;

    impl Reader for Lines {
        fn cut(&self, window: &Window<'_>) -> Cut {
            match window.bytes.iter().rposition(|byte| *byte == b'\n') {
                Some(at) => Cut::At(at + 1),
                None => Cut::More,
            }
        }

        fn read<'a>(&self, _: &Block<'a>, _: &mut dyn Sink<'a>) {}
    }

    fn blocks(bytes: &[u8], cap: usize) -> Vec<Chunk> {
        let mut source = Source::random_access(&bytes);
        let mut blocks = Blocks::new(cap, Vec::new());
        std::iter::from_fn(|| blocks.next(&mut source, &Lines, Vec::new(), &mut || {})).collect()
    }

    #[test]
    fn blocks_hold_whole_lines_and_every_byte() {
        let bytes = "en rad till\n".repeat(400_000).into_bytes();
        let chunks = blocks(&bytes, 64 << 20);
        assert!(chunks.len() > 3);
        assert!(chunks.iter().all(|chunk| chunk.bytes().ends_with(b"\n") && !chunk.torn));
        let joined: Vec<u8> = chunks.iter().flat_map(|chunk| chunk.bytes().to_vec()).collect();
        assert_eq!(joined, bytes);
        assert!(chunks.last().unwrap().last);
    }

    #[test]
    fn a_line_above_the_cap_is_torn_with_overlap_and_owned_once() {
        let mut bytes = b"first\n".to_vec();
        bytes.extend(std::iter::repeat_n(b'x', 20_000));
        bytes.extend(b"\nlast\n");
        let chunks = blocks(&bytes, 4096);
        assert!(chunks.iter().any(|chunk| chunk.torn));
        let mut at = 0;
        for chunk in &chunks {
            assert_eq!(chunk.from, at, "no gap and no double between owners");
            assert!(chunk.base <= chunk.from && chunk.to <= chunk.base + chunk.len as u64);
            at = chunk.to;
        }
        assert_eq!(at, bytes.len() as u64);
    }

    #[test]
    fn an_empty_object_has_no_block() {
        assert!(blocks(b"", 4096).is_empty());
    }
}
