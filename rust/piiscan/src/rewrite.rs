//! Source and edits to target: sort, refuse overlap, copy through.
//!
//! Nothing is parsed and serialized again. Bytes outside of the edits are copied as they are; a part that has to be encoded again as a whole
//! (base64) is read into memory, rebuilt and written in its place. A container is rebuilt entry by entry (`object`).

use std::io::{Read, Write};
use std::ops::Range;

use crate::error::{Error, ErrorKind};
use crate::view::{Edit, settle};

mod changes;
mod file;
mod list;
mod object;

pub use changes::Changes;
pub use file::{FileWritten, Original, unnamed};
pub use list::{EditList, Shared, Spool};
pub use object::{Tools, object};

/// Size of the buffer that bytes are copied through.
const COPY: usize = 64 << 10; // bytes

/// Largest part that is encoded again, in bytes; the limit `field` keeps parts below.
const PART_MAX: u64 = 1 << 30;

/// What a rewrite did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Bytes read.
    pub read: u64,
    /// Bytes written.
    pub written: u64,
    /// Places replaced: edits, or parts that were encoded again.
    pub edits: u64,
}

/// Copies `source` to `out` with the edits applied. The order of the edits does not matter.
///
/// # Errors
///
/// If edits overlap or lie behind the end of the source, if a part cannot be encoded again, or if reading or writing fails. What was
/// written until then must not be used.
pub fn apply(
    source: &mut dyn Read,
    mut edits: Vec<Edit>,
    out: &mut dyn Write,
) -> Result<Written, Error> {
    let span_start = |edit: &Edit| edit.within.as_ref().map_or(0, |within| within.span.start);
    edits.sort_by_key(|edit| (edit.raw.start, edit.raw.end, span_start(edit)));
    apply_sorted(source, edits.into_iter().map(Ok), out)
}

/// As [`apply`], of edits that come sorted by their places.
///
/// # Errors
///
/// As [`apply`], and if an edit cannot be read.
pub fn apply_sorted(
    source: &mut dyn Read,
    edits: impl IntoIterator<Item = Result<Edit, Error>>,
    out: &mut dyn Write,
) -> Result<Written, Error> {
    let mut copy = Copy { source, out, done: Written::default(), buffer: vec![0; COPY] };
    let mut edits = edits.into_iter();
    let mut next = edits.next().transpose()?;
    while let Some(edit) = next.take() {
        let raw = edit.raw.clone();
        if raw.start < copy.done.read {
            return Err(Error::new(ErrorKind::Config, "edits overlap"));
        }
        copy.through(raw.start)?;
        next = edits.next().transpose()?;
        if edit.within.is_some() {
            let mut group = vec![edit];
            while let Some(more) = next.take_if(|more| more.within.is_some() && more.raw == raw) {
                group.push(more);
                next = edits.next().transpose()?;
            }
            let part = copy.part(&raw)?;
            for edit in settle(group, |_| &part)? {
                copy.write(&edit.bytes)?;
            }
        } else {
            copy.skip(&raw)?;
            copy.write(&edit.bytes)?;
        }
        copy.done.edits += 1;
    }
    copy.rest()?;
    copy.out.flush()?;
    Ok(copy.done)
}

struct Copy<'s> {
    source: &'s mut dyn Read,
    out: &'s mut dyn Write,
    done: Written,
    buffer: Vec<u8>,
}

impl Copy<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.out.write_all(bytes)?;
        self.done.written += bytes.len() as u64;
        Ok(())
    }

    /// Reads at most `len` bytes into the buffer; 0 at the end of the source.
    fn fill(&mut self, len: u64) -> Result<usize, Error> {
        let len = usize::try_from(len).map_or(COPY, |len| len.min(COPY));
        loop {
            match self.source.read(&mut self.buffer[..len]) {
                Ok(read) => {
                    self.done.read += read as u64;
                    return Ok(read);
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Copies up to an offset of the source.
    fn through(&mut self, to: u64) -> Result<(), Error> {
        while self.done.read < to {
            let read = self.fill(to - self.done.read)?;
            found(read)?;
            self.out.write_all(&self.buffer[..read])?;
            self.done.written += read as u64;
        }
        Ok(())
    }

    /// Reads a range that is replaced.
    fn skip(&mut self, raw: &Range<u64>) -> Result<(), Error> {
        while self.done.read < raw.end {
            let read = self.fill(raw.end - self.done.read)?;
            found(read)?;
        }
        Ok(())
    }

    /// Reads a range into memory.
    fn part(&mut self, raw: &Range<u64>) -> Result<Vec<u8>, Error> {
        if raw.end - raw.start > PART_MAX {
            return Err(Error::new(ErrorKind::Limit, "a part is too large to be encoded again"));
        }
        let mut part = Vec::new();
        while self.done.read < raw.end {
            let read = self.fill(raw.end - self.done.read)?;
            found(read)?;
            part.extend_from_slice(&self.buffer[..read]);
        }
        Ok(part)
    }

    fn rest(&mut self) -> Result<(), Error> {
        loop {
            let read = self.fill(COPY as u64)?;
            if read == 0 {
                return Ok(());
            }
            self.out.write_all(&self.buffer[..read])?;
            self.done.written += read as u64;
        }
    }
}

fn found(read: usize) -> Result<(), Error> {
    if read == 0 {
        return Err(Error::new(ErrorKind::Damaged, "the source ends before an edit"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(raw: Range<u64>, bytes: &str) -> Edit {
        Edit { raw, bytes: bytes.as_bytes().to_vec(), within: None }
    }

    fn run(source: &str, edits: Vec<Edit>) -> Result<String, Error> {
        let mut out = Vec::new();
        apply(&mut source.as_bytes(), edits, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn without_edits_the_target_is_the_source() {
        let long = "åäö\r\n".repeat(50_000);
        assert_eq!(run(&long, Vec::new()).unwrap(), long);
        assert_eq!(run("", Vec::new()).unwrap(), "");
    }

    #[test]
    fn edits_are_applied_in_any_order() {
        let edits = vec![edit(6..7, "[x]"), edit(0..2, ""), edit(3..3, "+")];
        assert_eq!(run("abcdefg", edits).unwrap(), "c+def[x]");
    }

    #[test]
    fn overlap_is_refused() {
        assert!(run("abcdefg", vec![edit(0..3, "x"), edit(2..4, "y")]).is_err());
        assert!(run("abcdefg", vec![edit(1..3, "x"), edit(3..4, "y")]).is_ok());
    }

    #[test]
    fn a_source_that_ends_early_is_refused() {
        assert_eq!(run("abc", vec![edit(2..5, "x")]).unwrap_err().kind(), ErrorKind::Damaged);
        assert_eq!(run("abc", vec![edit(9..9, "x")]).unwrap_err().kind(), ErrorKind::Damaged);
    }

    #[test]
    fn counts_what_it_did() {
        let mut out = Vec::new();
        let done = apply(&mut "abcdef".as_bytes(), vec![edit(1..3, "xyz")], &mut out).unwrap();
        assert_eq!(done, Written { read: 6, written: 7, edits: 1 });
    }
}
