//! What comes in the place of a finding, and how much goes with it.

use std::borrow::Cow;
use std::ops::Range;

use super::Treatment;
use super::apply::Work;
use super::spec::Mask;
use crate::error::Error;
use crate::finding::{Attributes, Finding, Fingerprint};
use crate::message::Role;
use crate::operate::{Op, Value};

impl<'b> Work<'_, '_, 'b> {
    /// What comes in the place of a finding.
    pub(super) fn output(
        &self,
        finding: &Finding,
        value: &str,
        place: usize,
        sender: &str,
    ) -> Result<Option<Cow<'b, str>>, Error> {
        let treatment = self.given.treatment;
        let operator = &treatment.operators[usize::from(finding.detector)];
        let id = &treatment.ids[usize::from(finding.detector)];
        let fingerprint = self.print(finding.detector, value, &finding.attributes);
        let asked = Value { detector: id, text: value, fingerprint: &fingerprint, person: sender };
        if self.is_known_output(finding.detector, value) {
            return Ok(None);
        }
        let tokens = treatment.tokens.as_ref();
        if self.is_address(place) && id == "email" {
            return operator.address(&asked, tokens, &treatment.removed);
        }
        operator.output(&asked, tokens)
    }

    /// What a pseudonym of a value is made of; nothing where no pseudonyms are made.
    pub(super) fn print(&self, kind: u8, value: &str, attributes: &Attributes) -> Fingerprint {
        let treatment = self.given.treatment;
        match (&treatment.tokens, treatment.operators[usize::from(kind)].op) {
            (Some(tokens), Op::Pseudonymize) => {
                self.given.scanner.print_of(tokens.prints(), kind, value, attributes)
            }
            _ => Fingerprint::default(),
        }
    }

    /// The output where the value stands elsewhere, not in an address field.
    pub(super) fn plain(&self, finding: &Finding, value: &str, sender: &str) -> Cow<'b, str> {
        let treatment = self.given.treatment;
        let operator = &treatment.operators[usize::from(finding.detector)];
        let detector = &treatment.ids[usize::from(finding.detector)];
        let fingerprint = self.print(finding.detector, value, &finding.attributes);
        let asked = Value { detector, text: value, fingerprint: &fingerprint, person: sender };
        let output = operator.output(&asked, treatment.tokens.as_ref());
        output.ok().flatten().unwrap_or(Cow::Borrowed(&operator.label))
    }

    /// An output in the form that a field asks for: the codec of an address field makes an address of it.
    pub(super) fn fit(
        &self,
        output: Cow<'b, str>,
        kind: u8,
        place: usize,
        value: &[u8],
    ) -> Cow<'b, str> {
        let treatment = self.given.treatment;
        let op = treatment.operators[usize::from(kind)].op;
        let is_token = matches!(op, Op::Pseudonymize | Op::Encrypt);
        if self.is_address(place) && value.contains(&b'@') && !is_token {
            Cow::Borrowed(&treatment.removed)
        } else {
            output
        }
    }

    pub(super) fn is_address(&self, place: usize) -> bool {
        self.given.scope.is_mail
            && matches!(self.given.fields[place].role, Role::Sender | Role::Recipient)
    }

    /// Whether a finding is what an operator wrote.
    pub(super) fn is_output(&self, finding: &Finding) -> bool {
        let view = &self.given.fields[finding.field as usize].view;
        let text = view.bytes();
        let span = finding.span.start as usize..finding.span.end as usize;
        match text.get(span).map(str::from_utf8) {
            Some(Ok(value)) => self.is_known_output(finding.detector, value),
            _ => false,
        }
    }

    pub(super) fn is_known_output(&self, kind: u8, value: &str) -> bool {
        self.given.treatment.is_output_of(kind, value)
    }

    /// A sensitive word with as much around it as the policy says.
    pub(super) fn widen(&self, text: &[u8], span: Range<usize>) -> Range<usize> {
        match self.given.treatment.mask {
            Mask::Span => span,
            Mask::Message => 0..text.len(),
            Mask::Sentence => sentence(text, span),
        }
    }
}

impl Treatment {
    /// Whether a value is what an operator wrote, or what it leaves as it is.
    pub(super) fn is_output_of(&self, kind: u8, value: &str) -> bool {
        let operator = &self.operators[usize::from(kind)];
        let detector = &self.ids[usize::from(kind)];
        let fingerprint = Fingerprint::default();
        let asked = Value { detector, text: value, fingerprint: &fingerprint, person: "" };
        let local = value.strip_suffix(crate::operate::DOMAIN);
        let local = local.and_then(|rest| rest.strip_suffix('@'));
        let stays = operator.op == Op::Keep || (operator.op.is_found_again() && self.again);
        stays
            || local.is_some_and(|local| self.locals.contains(local))
            || operator.is_output(&asked, self.tokens.as_ref(), &self.removed)
    }
}

/// The sentence around a span: up to a full stop, question or exclamation mark before a space, or to a line end.
fn sentence(text: &[u8], span: Range<usize>) -> Range<usize> {
    let ends = |at: usize| {
        matches!(text[at], b'\n' | b'\r')
            || (matches!(text[at], b'.' | b'!' | b'?')
                && text.get(at + 1).is_none_or(u8::is_ascii_whitespace))
    };
    let start = (0..span.start).rev().find(|at| ends(*at)).map_or(0, |at| at + 1);
    let start = (start..span.start).find(|at| text[*at] != b' ').unwrap_or(span.start);
    let stop = (span.end..text.len()).find(|at| ends(*at)).unwrap_or(text.len());
    let end = if text.get(stop).is_some_and(|byte| matches!(byte, b'.' | b'!' | b'?')) {
        stop + 1
    } else {
        stop
    };
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_at_its_mark_or_line() {
        let text = b"Hej. Jag har diabetes typ 2! Tack.\nMvh";
        let word = 13..21;
        assert_eq!(&text[sentence(text, word)], b"Jag har diabetes typ 2!");
        let line = b"rad ett\ndiabetes\nrad tre";
        assert_eq!(&line[sentence(line, 8..16)], b"diabetes");
        assert_eq!(sentence(b"diabetes", 0..8), 0..8);
    }
}
