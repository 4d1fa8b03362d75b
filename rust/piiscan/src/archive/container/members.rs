//! What gzip, zstd, bzip2 and xz share: compressed members that follow each other and form one text.
//!
//! Members are joined, because tools cut them anywhere: a value may begin in one and end in the next.

use std::io::{self, Read};

use super::{Each, Report, aside, skip_zeros, trailing};
use crate::archive::source::Source;
use crate::archive::{Content, Entry, Flow};
use crate::error::{Error, ErrorKind};

mod rebuild;

pub(super) use rebuild::{Encode, Fill, Names, rebuild};

/// How much of a head is looked at to tell a member.
const PEEK: usize = 4 << 10; // bytes

/// A format of members.
pub(super) trait Members {
    /// The decoder of one member.
    type Decoder<'s, 'r: 's>: Read;

    /// Begins a member.
    fn open<'s, 'r>(source: &'s mut Source<'r>) -> io::Result<Self::Decoder<'s, 'r>>;

    /// The source behind a member.
    fn close<'s, 'r>(decoder: Self::Decoder<'s, 'r>) -> &'s mut Source<'r>;

    /// Whether a member begins here.
    fn begins(head: &[u8]) -> bool;

    /// Whether a member begins here that goes on with the text of the one before.
    fn continues(head: &[u8]) -> bool {
        Self::begins(head)
    }

    /// The name that the header of a member gives its text.
    fn name(_head: &[u8]) -> Option<Vec<u8>> {
        None
    }

    /// Reads what stands around members and is none of their text.
    fn around(_source: &mut Source<'_>, _beside: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}

/// Members as one stream.
struct Joined<'m, 's, 'r: 's, M: Members> {
    decoder: Option<M::Decoder<'s, 'r>>,
    source: Option<&'s mut Source<'r>>,
    begun: bool,
    beside: &'m mut Vec<u8>,
    failure: &'m mut Option<Error>,
}

impl<M: Members> Joined<'_, '_, '_, M> {
    /// Opens the first member, or the next one if it goes on with the text.
    fn advance(&mut self) -> io::Result<bool> {
        let Some(source) = self.source.take() else { return Ok(false) };
        if self.begun {
            skip_zeros(source)?;
            M::around(source, self.beside)?;
            if !M::continues(source.head(PEEK)?) {
                return Ok(false);
            }
        }
        self.begun = true;
        self.decoder = Some(M::open(source)?);
        Ok(true)
    }

    fn step(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(decoder) = &mut self.decoder else {
                if self.advance()? {
                    continue;
                }
                return Ok(0);
            };
            let n = decoder.read(buffer)?;
            if n > 0 {
                return Ok(n);
            }
            self.source = self.decoder.take().map(M::close);
        }
    }
}

impl<M: Members> Read for Joined<'_, '_, '_, M> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if let Some(error) = &*self.failure {
            return Err(io::Error::other(error.clone()));
        }
        self.step(buffer).map_err(|error| {
            let error = reason(&error);
            self.failure.get_or_insert_with(|| error.clone());
            io::Error::other(error)
        })
    }
}

/// An error of a decoder as our own. Its text may come from a library, so only the kind is kept.
fn reason(error: &io::Error) -> Error {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(own) => own.clone(),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            Error::new(ErrorKind::Damaged, "the compressed data is cut off")
        }
        None => Error::new(ErrorKind::Damaged, "the compressed data is damaged"),
    }
}

/// The entries of a compressed file: one, or one for each text that a header names.
pub(super) fn entries<M: Members>(
    source: &mut Source<'_>,
    stem: &[u8],
    each: Each<'_>,
    report: Report<'_>,
) -> Result<(), Error> {
    loop {
        let mut beside = Vec::new();
        M::around(source, &mut beside)?;
        let head = source.head(PEEK)?;
        let begins = M::begins(head);
        let name = M::name(head).unwrap_or_else(|| stem.to_vec());
        let mut failure = None;
        let mut flow = Flow::Continue(());
        if begins {
            let mut joined = Joined::<M> {
                decoder: None,
                source: Some(&mut *source),
                begun: false,
                beside: &mut beside,
                failure: &mut failure,
            };
            let content = Content::Data(&mut joined);
            flow = each(Entry { name: &name, len: None, packed: None, content });
        }
        if flow.is_continue() {
            flow = aside(b"(skippable frames)", &beside, each);
        }
        if let Some(error) = failure {
            return Err(error);
        }
        if flow.is_break() {
            return Ok(());
        }
        if !begins {
            return Ok(trailing(source, each, report)?);
        }
        skip_zeros(source)?;
    }
}

/// A name without its last extension, which says how it is compressed.
pub(super) fn stem(name: &[u8]) -> Vec<u8> {
    let name = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    match name.iter().rposition(|byte| *byte == b'.') {
        Some(dot) if dot > 0 && name[dot..].eq_ignore_ascii_case(b".tgz") => {
            [&name[..dot], b".tar"].concat()
        }
        Some(dot) if dot > 0 => name[..dot].to_vec(),
        _ => name.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_named_without_its_compression() {
        assert_eq!(stem(b"a/b/logg.txt.gz"), b"logg.txt");
        assert_eq!(stem(b"export.tgz"), b"export.tar");
        assert_eq!(stem(b".gz"), b".gz");
    }
}
