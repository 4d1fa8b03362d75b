//! What of a mail matters to those who change it: where its header blocks are, which parts are quoted-printable or flowed, and
//! which fields count the body.

use std::ops::Range;

use super::entity::{Entity, Transfer};
use super::reader::Mail;
use crate::archive::limits::Limits;
use crate::archive::{Arena, Child, Sink};
use crate::coverage::Status;
use crate::message::{Role, Ts};
use crate::view::View;

/// Ranges of the bytes of a mail.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// Header blocks, with the blank line behind.
    pub(super) headers: Vec<Range<usize>>,
    /// Bodies in quoted-printable.
    pub(super) quoted: Vec<Range<usize>>,
    /// Bodies whose lines are flowed.
    pub(super) flowed: Vec<Range<usize>>,
    /// Values of `Content-Length`, in bytes, and `Lines`.
    pub(super) lengths: Vec<Range<usize>>,
    pub(super) lines: Vec<Range<usize>>,
}

impl Outline {
    /// Reads a mail whose header starts at `at`.
    pub(super) fn of(bytes: &[u8], at: usize, limits: &Limits) -> Self {
        let (mut outline, arena, mut sink) = (Self::default(), Arena::new(), Nowhere);
        let mut mail = Mail::new(bytes, 0, limits, &arena, &mut sink);
        mail.outline = Some(&mut outline);
        mail.read(at);
        outline
    }

    /// Notes a field of the outermost header.
    pub(super) fn note_field(&mut self, name: &[u8], value: &Range<usize>) {
        match name {
            b"content-length" => self.lengths.push(value.clone()),
            b"lines" => self.lines.push(value.clone()),
            _ => {}
        }
    }

    /// Notes a body.
    pub(super) fn note_leaf(&mut self, entity: &Entity<'_>, range: &Range<usize>) {
        if entity.transfer == Transfer::QuotedPrintable {
            self.quoted.push(range.clone());
        }
        if entity.is_flowed {
            self.flowed.push(range.clone());
        }
    }
}

/// Takes fields and forgets them.
struct Nowhere;

impl<'a> Sink<'a> for Nowhere {
    fn begin(&mut self, _: u64) {}
    fn field(&mut self, _: Role, _: &str, _: &str, _: View<'a>) {}
    fn sent(&mut self, _: Ts) {}
    fn closed(&mut self, _: Ts) {}
    fn key(&mut self, _: &[u8]) {}
    fn child(&mut self, _: Child<'a>) {}
    fn end(&mut self, _: u64, _: bool) {}
    fn problem(&mut self, _: Range<u64>, _: Status, _: &str) {}
}
