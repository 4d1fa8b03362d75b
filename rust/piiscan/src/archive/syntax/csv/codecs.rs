//! Codecs of cells.

use crate::error::{Error, ErrorKind};
use crate::view::{Codec, Piece, Plain};

/// The inside of a quoted cell: two quotes are one, as one atomic piece.
#[derive(Debug)]
pub(super) struct Quoted;

/// A cell without quotes.
#[derive(Debug)]
pub(super) struct Bare;

impl Codec for Quoted {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, mut map: Option<&mut Vec<Piece>>) {
        let first = out.len();
        let mut done = 0;
        let mut from = 0;
        loop {
            let quote = memchr::memchr(b'"', &raw[from..]).map(|at| from + at);
            let doubled = quote.is_some_and(|at| raw.get(at + 1) == Some(&b'"'));
            if let (Some(at), false) = (quote, doubled) {
                from = at + 1;
                continue;
            }
            let end = quote.unwrap_or(raw.len());
            if end > done {
                if let Some(map) = map.as_deref_mut() {
                    map.push(Piece::identity(out.len() - first, done as u64, end - done));
                }
                out.extend_from_slice(&raw[done..end]);
            }
            if quote.is_none() {
                return;
            }
            if let Some(map) = map.as_deref_mut() {
                map.push(Piece::atomic(out.len() - first, 1, end as u64, 2));
            }
            out.push(b'"');
            done = end + 2;
            from = done;
        }
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        no_formula(text)?;
        out.extend(text.replace('"', "\"\"").bytes());
        Ok(())
    }
}

impl Codec for Bare {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        Plain.decode(raw, out, map);
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        no_formula(text)?;
        if text.contains(['"', ',', ';', '\t', '|', '\r', '\n']) {
            return Err(Error::new(
                ErrorKind::Config,
                "the replacement would need quotes in a CSV cell",
            ));
        }
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn is_identity(&self) -> bool {
        true
    }
}

/// A spreadsheet would take such text for a formula.
fn no_formula(text: &str) -> Result<(), Error> {
    if text.starts_with(['=', '+', '-', '@']) {
        return Err(Error::new(
            ErrorKind::Config,
            "the replacement would be a formula in a CSV cell",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::View;

    #[test]
    fn two_quotes_are_one() {
        let view = View::coded(b"a \"\"b\"\" c", 10, &Quoted);
        assert_eq!(view.bytes().as_ref(), b"a \"b\" c");
        let raw = view.raw(2..4);
        assert_eq!((raw.start, raw.end), (12, 15));
        assert_eq!(View::coded(b"a\"b", 0, &Quoted).bytes().as_ref(), b"a\"b");
    }

    #[test]
    fn refuses_what_would_break_the_row_or_run() {
        let mut out = Vec::new();
        for bad in ["a;b", "a,b", "a\tb", "a\nb", "\"a", "=1+1", "@x", "-1"] {
            assert!(Bare.encode(bad, &mut out).is_err(), "{bad:?}");
        }
        assert!(Quoted.encode("=x", &mut out).is_err());
        assert!(
            Quoted.encode("a;\"b", &mut out).is_ok() && Bare.encode("[namn]", &mut out).is_ok()
        );
    }
}
