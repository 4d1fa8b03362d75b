//! The findings of one message, replaced: what comes in their place, where else their values stand, and the edits of each field.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::ops::Range;

use super::Channel;
use super::again::Replaced;
use super::apply::Work;
use crate::error::{Error, ErrorKind};
use crate::finding::{Attributes, Finding};
use crate::operate::Value;
use crate::sweep::event::EditRow;
use crate::sweep::known::Known;
use crate::view::{Edit, Layout, View};

/// A span of a field and what comes in its place.
#[derive(Clone, Debug)]
pub(super) struct Change<'b> {
    /// The field.
    place: usize,
    span: Range<usize>,
    output: Cow<'b, str>,
    kind: u8,
}

/// Texts up to this length are looked through together: most fields are shorter than what it takes to begin with one.
const SHORT: usize = 1 << 10; // bytes

/// What stands between two fields: no value goes across it.
const BETWEEN: &[u8] = b"\n\n\n\n\n";

/// Short texts of one message, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Joined {
    text: Vec<u8>,
    /// Each field, and where it starts.
    starts: Vec<(usize, usize)>,
}

impl Joined {
    fn clear(&mut self) {
        self.text.clear();
        self.starts.clear();
    }

    fn add(&mut self, place: usize, text: &[u8]) {
        self.starts.push((place, self.text.len()));
        self.text.extend_from_slice(text);
        self.text.extend_from_slice(BETWEEN);
    }
}

/// The edits of a field, and what each is for.
#[derive(Debug, Default)]
pub(super) struct Made {
    edits: Vec<Edit>,
    kinds: Vec<u8>,
}

impl<'a, 'b> Work<'_, 'a, 'b> {
    /// Replaces the findings that active rules take, and their values elsewhere in the message.
    pub(super) fn replace(
        &mut self,
        fields: &Range<usize>,
        found: &[Finding],
        own: &Channel,
        active: &[usize],
        sender: &str,
    ) {
        self.message.clear();
        self.outputs.clear();
        self.changes.clear();
        self.texts.clear();
        self.texts.resize(fields.len(), None);
        self.alerts.clear();
        let is_alert = |finding: &Finding| finding.attributes.alert.is_some();
        self.alerts.extend(found.iter().filter(|finding| is_alert(finding)).map(place_of));
        let rules = &self.given.treatment.rules;
        for finding in found.iter().filter(|finding| !is_alert(finding)) {
            let place = finding.field as usize;
            let taken = |at: &usize| rules[*at].takes(finding) && self.reaches(*at, finding);
            if !self.is_asked(finding) || self.is_kept(own, place) || !active.iter().any(taken) {
                continue;
            }
            let always = active.iter().any(|at| rules[*at].takes_always() && taken(at));
            let text = self.text(fields, place);
            if let Err(error) = self.change(finding, &text, sender, always) {
                self.out.failure = Some(error);
            }
            self.texts[place - fields.start] = Some(text);
        }
        if self.given.surveys {
            return;
        }
        self.settle();
        if self.message.seeks() {
            self.seek(fields, own, None, sender);
        }
        if let Some(sought) = self.given.sought.filter(|sought| sought.seeks()) {
            self.seek(fields, own, Some(sought), sender);
        }
        let changes = std::mem::take(&mut self.changes);
        for own in changes.chunk_by(|one, two| one.place == two.place) {
            self.edit(own);
        }
        if self.given.thorough {
            self.out.replaced.extend(changes.iter().map(|change| Replaced {
                place: change.place,
                span: change.span.clone(),
                output: change.output.clone().into_owned(),
            }));
        }
        self.changes = changes;
    }

    /// Notes what comes in the place of a finding, and its value: for all messages if it goes from them whatever their time.
    fn change(
        &mut self,
        finding: &Finding,
        text: &[u8],
        sender: &str,
        always: bool,
    ) -> Result<(), Error> {
        let treatment = self.given.treatment;
        let ((place, span), kind) = (place_of(finding), finding.detector);
        let Some(Ok(value)) = text.get(span.clone()).map(str::from_utf8) else { return Ok(()) };
        let Some(output) = self.output(finding, value, place, sender)? else { return Ok(()) };
        let detector = usize::from(kind);
        let sensitive = treatment.sensitive[detector];
        let goes = !sensitive && !treatment.operators[detector].op.is_found_again();
        let print = self.message.print(value, treatment.spellings[detector]).filter(|_| goes);
        if let Some(print) = print {
            let note = u32::try_from(self.outputs.len()).unwrap_or(u32::MAX);
            match self.given.sought {
                // It is going to be found with those of all messages.
                Some(sought) if sought.has(&print) => self.message.learn(&print, note),
                _ => self.message.add(&print, note),
            }
            if always {
                self.out.removed.push((print, u32::from(kind)));
            }
            let elsewhere = if self.is_address(place) {
                self.plain(finding, value, sender)
            } else {
                output.clone()
            };
            self.outputs.push((elsewhere, kind));
        }
        let span = if sensitive { self.spread(text, span, place) } else { span };
        self.changes.push(Change { place, span, output, kind });
        Ok(())
    }

    /// What goes with a sensitive word, but for a sentence in which an alert stands: of that only the word goes, since a person
    /// has to read the rest.
    fn spread(&self, text: &[u8], span: Range<usize>, place: usize) -> Range<usize> {
        let wide = self.widen(text, span.clone());
        let alarmed = self.alerts.iter().any(|(field, alert)| {
            *field == place && alert.start < wide.end && wide.start < alert.end
        });
        if alarmed { span } else { wide }
    }

    /// Adds the values of the message, or those that are sought everywhere, where no change stands yet.
    fn seek(
        &mut self,
        fields: &Range<usize>,
        own: &Channel,
        everywhere: Option<&Known>,
        sender: &str,
    ) {
        let mut joined = std::mem::take(&mut self.joined);
        joined.clear();
        for place in fields.clone() {
            if self.is_kept(own, place) {
                continue;
            }
            let text = self.text(fields, place);
            if text.len() > SHORT {
                self.seek_in(&text, &[(place, 0)], own, everywhere, sender);
            } else {
                joined.add(place, &text);
            }
            self.texts[place - fields.start] = Some(text);
        }
        self.seek_in(&joined.text, &joined.starts, own, everywhere, sender);
        self.joined = joined;
        self.settle();
    }

    /// The same in a text of fields, with where each of them starts in it.
    fn seek_in(
        &mut self,
        text: &[u8],
        starts: &[(usize, usize)],
        channel: &Channel,
        everywhere: Option<&Known>,
        sender: &str,
    ) {
        let mut hits = std::mem::take(&mut self.hits);
        hits.clear();
        everywhere.unwrap_or(&self.message).find(text, &mut hits);
        for hit in hits.drain(..) {
            let value = &text[hit.span.clone()];
            let own = starts.partition_point(|(_, start)| *start <= hit.span.start) - 1;
            let (place, start) = starts[own];
            let span = hit.span.start - start..hit.span.end - start;
            if self.is_taken(place, &span) {
                continue;
            }
            let goes = |kind: &&u32| channel.always.get(**kind as usize) == Some(&true);
            let kind = || everywhere?.notes_of(&hit).iter().filter(goes).min();
            let found = match self.message.note_of(&hit) {
                Some(note) => Ok(self.outputs.get(note as usize).cloned()),
                None => kind().map_or(Ok(None), |kind| {
                    self.sought(value, u8::try_from(*kind).unwrap_or_default(), sender)
                }),
            };
            match found {
                Ok(Some((output, kind))) => {
                    let output = self.fit(output, kind, place, value);
                    self.changes.push(Change { place, span, output, kind });
                }
                Ok(None) => {}
                Err(error) => self.out.failure = Some(error),
            }
        }
        self.hits = hits;
    }

    /// What comes in the place of a value that is sought everywhere.
    fn sought(
        &self,
        value: &[u8],
        kind: u8,
        sender: &str,
    ) -> Result<Option<(Cow<'b, str>, u8)>, Error> {
        let treatment = self.given.treatment;
        let Ok(value) = str::from_utf8(value) else { return Ok(None) };
        if self.is_known_output(kind, value) {
            return Ok(None);
        }
        let fingerprint = self.print(kind, value, &Attributes::default());
        let detector = &treatment.ids[usize::from(kind)];
        let asked = Value { detector, text: value, fingerprint: &fingerprint, person: sender };
        let operator = &treatment.operators[usize::from(kind)];
        let output = operator.output(&asked, treatment.tokens.as_ref())?;
        Ok(output.map(|output| (output, kind)))
    }

    /// Whether a change that is settled takes a whole span. One that takes a part of it becomes one with it.
    fn is_taken(&self, place: usize, span: &Range<usize>) -> bool {
        let settled = &self.changes[..self.settled];
        let before = |change: &Change<'_>| (change.place, change.span.end) < (place, span.end);
        let next = settled.get(settled.partition_point(before));
        next.is_some_and(|next| next.place == place && next.span.start <= span.start)
    }

    /// Sorts the changes. Those that meet become one.
    fn settle(&mut self) {
        self.changes
            .sort_by_key(|change| (change.place, change.span.start, Reverse(change.span.end)));
        self.changes.dedup_by(|next, last| {
            let meets = last.place == next.place && next.span.start < last.span.end;
            if meets {
                last.span.end = last.span.end.max(next.span.end);
            }
            meets
        });
        self.settled = self.changes.len();
    }

    /// Makes the edits of a field: changes in order, of which none meets another.
    fn edit(&mut self, changes: &[Change<'b>]) {
        let place = changes[0].place;
        let view = &self.given.fields[place].view;
        let layout = Layout::default();
        // Two spans may touch one escape, or one number that is replaced whole: then they are one.
        let mut merged = Cow::Borrowed(changes);
        let mut made = std::mem::take(&mut self.made);
        let ended = loop {
            made.edits.clear();
            made.kinds.clear();
            match edits_of(view, &layout, &merged, &mut made) {
                Ok(Some(at)) => {
                    let merged = merged.to_mut();
                    let next = merged.remove(at + 1);
                    merged[at].span.end = next.span.end;
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        match ended {
            Err(error) => self.out.failure = Some(error),
            Ok(()) if self.given.named && place == 0 => self.out.name.append(&mut made.edits),
            Ok(()) => {
                let kinds = made.edits.iter().zip(&made.kinds);
                self.kinds.extend(
                    kinds.map(|(edit, kind)| (edit.raw.start, *kind, edit.within.is_some())),
                );
                self.out.edits.append(&mut made.edits);
            }
        }
        self.made = made;
    }

    /// Empties every field that is not kept.
    pub(super) fn empty(&mut self, fields: &Range<usize>, own: &Channel) {
        for place in fields.clone() {
            if self.is_kept(own, place) {
                continue;
            }
            let end = self.given.fields[place].view.bytes().len();
            if end > 0 {
                let (output, kind) = (Cow::Borrowed(""), EditRow::ERASED);
                self.edit(&[Change { place, span: 0..end, output, kind }]);
            }
        }
    }

    /// The text of a field of the present message, taken out of what is kept: whoever takes it puts it back.
    fn text(&mut self, fields: &Range<usize>, place: usize) -> Cow<'a, [u8]> {
        let kept = self.texts[place - fields.start].take();
        kept.unwrap_or_else(|| self.given.fields[place].view.bytes())
    }
}

fn place_of(finding: &Finding) -> (usize, Range<usize>) {
    (finding.field as usize, finding.span.start as usize..finding.span.end as usize)
}

/// Makes the edits of spans in order. Gives the place of a span whose edits overlap those of the next, if there is one.
fn edits_of(
    view: &View<'_>,
    layout: &Layout,
    changes: &[Change<'_>],
    out: &mut Made,
) -> Result<Option<usize>, Error> {
    let is_whole = |edit: &Edit| edit.within.is_none();
    for (at, change) in changes.iter().enumerate() {
        let before = out.edits.len().saturating_sub(1);
        view.edits_in(layout, change.span.clone(), &change.output, &mut out.edits)?;
        let clash = out.edits[before..].windows(2).any(|pair| {
            pair[0].raw.end > pair[1].raw.start && (is_whole(&pair[0]) || is_whole(&pair[1]))
        });
        if clash && at == 0 {
            return Err(Error::new(ErrorKind::Unsupported, "a value overlaps itself"));
        }
        if clash {
            return Ok(Some(at - 1));
        }
        out.kinds.resize(out.edits.len(), change.kind);
    }
    Ok(None)
}
