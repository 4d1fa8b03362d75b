//! A block with its findings to edits: message by message, field by field.

use std::borrow::Cow;
use std::ops::Range;

use super::{Action, Channel, Due, Facts, Scope, Treatment};
use crate::archive::seam::Seam;
use crate::archive::{Block, Reader};
use crate::error::{Error, ErrorKind};
use crate::finding::{Attributes, Confidence, Finding};
use crate::message::{Role, Ts};
use crate::operate::{Op, Value};
use crate::scan::Scanner;
use crate::sweep::event::{EditRow, MessageRow, Outcome, Part};
use crate::sweep::known::{Known, Word};
use crate::token::Ids;
use crate::view::{Edit, Layout, View};

/// A field of a block.
#[derive(Debug)]
pub(in crate::sweep) struct Field<'a, 'p> {
    pub(in crate::sweep) view: View<'a>,
    pub(in crate::sweep) role: Role,
    pub(in crate::sweep) path: &'p str,
}

/// What is looked at.
#[derive(Debug)]
pub(in crate::sweep) struct Given<'a, 'b> {
    pub(in crate::sweep) treatment: &'b Treatment,
    pub(in crate::sweep) scanner: &'b Scanner,
    pub(in crate::sweep) scope: &'b Scope,
    /// Makes the ids under which a store knows messages.
    pub(in crate::sweep) ids: Option<&'b Ids>,
    /// The channel of the object.
    pub(in crate::sweep) channel: &'b str,
    /// Every field of the block, in order.
    pub(in crate::sweep) fields: &'b [Field<'a, 'b>],
    pub(in crate::sweep) part: &'b Part,
    /// The keys of messages, by row.
    pub(in crate::sweep) keys: &'b [(u32, &'b [u8])],
    /// Values that are removed wherever they stand.
    pub(in crate::sweep) sought: Option<&'b Known>,
    /// Whether the first field is the name of the object.
    pub(in crate::sweep) named: bool,
    pub(in crate::sweep) reader: &'b dyn Reader,
    pub(in crate::sweep) block: &'b Block<'a>,
}

/// What comes of it.
#[derive(Debug)]
pub(in crate::sweep) struct Treated {
    /// Settled and sorted, in bytes of the object.
    pub(in crate::sweep) edits: Vec<Edit>,
    /// The edits of the name, in bytes of the name.
    pub(in crate::sweep) name: Vec<Edit>,
    /// What each edit is for.
    pub(in crate::sweep) rows: Vec<EditRow>,
    /// What taking messages out means for the blocks before.
    pub(in crate::sweep) seam: Seam,
    /// Messages by rule and outcome.
    pub(in crate::sweep) outcomes: Vec<(u32, Outcome, u64)>,
    /// Findings that a person has to look at: left as they are.
    pub(in crate::sweep) alerts: u64,
    /// Values that were removed.
    pub(in crate::sweep) removed: Known,
    /// Why something could not be changed.
    pub(in crate::sweep) failure: Option<Error>,
}

/// A span of a field and what comes in its place.
#[derive(Debug)]
struct Change {
    span: Range<usize>,
    output: String,
    kind: u8,
}

impl Treated {
    /// Treats a block.
    pub(in crate::sweep) fn of(given: &Given<'_, '_>, removed: Known) -> Self {
        let mut work = Work {
            given,
            out: Self {
                edits: Vec::new(),
                name: Vec::new(),
                rows: Vec::new(),
                seam: Seam::default(),
                outcomes: Vec::new(),
                alerts: 0,
                removed,
                failure: None,
            },
            erased: Vec::new(),
            message: given.sought.map_or_else(Known::default, Known::sibling),
            outputs: Vec::new(),
            texts: Vec::new(),
            words: Vec::new(),
            kinds: Vec::new(),
        };
        work.run();
        work.out
    }
}

pub(super) struct Work<'g, 'a, 'b> {
    pub(super) given: &'g Given<'a, 'b>,
    pub(super) out: Treated,
    /// Messages that are taken out.
    pub(super) erased: Vec<Range<u64>>,
    /// Values removed from the present message, noted by place in `outputs`.
    message: Known,
    outputs: Vec<(String, u8)>,
    /// Text of the fields of the present message that were looked at.
    texts: Vec<Option<Cow<'a, [u8]>>>,
    /// The words of a text.
    words: Vec<Word>,
    /// What each edit is for, by its first byte, and whether a whole part is encoded again for it.
    pub(super) kinds: Vec<(u64, u8, bool)>,
}

impl<'a> Work<'_, 'a, '_> {
    fn run(&mut self) {
        let given = self.given;
        let rows = &given.part.messages;
        let count = given.fields.len();
        let place = |field: u32| (field as usize).min(count);
        let first = rows.first().map_or(count, |row| place(row.first_field));
        let mut found = given.part.findings.as_slice();
        let mut keys = given.keys.iter().peekable();
        // What stands before the messages, the name of the object among it.
        let (own, rest) = split(found, first);
        found = rest;
        self.group(0..first, own, None, given.channel);
        for (at, row) in rows.iter().enumerate() {
            let end = rows.get(at + 1).map_or(count, |next| place(next.first_field));
            let (own, rest) = split(found, end);
            found = rest;
            while keys.next_if(|(of, _)| (*of as usize) < at).is_some() {}
            let key = keys.next_if(|(of, _)| *of as usize == at).map_or(&[][..], |(_, key)| *key);
            let range = place(row.first_field)..end;
            if row.flags & MessageRow::OUTSIDE != 0 {
                self.group(range, own, None, given.channel);
                continue;
            }
            let channel = match usize::from(row.channel).checked_sub(1) {
                Some(at) => given.part.channels.get(at).map_or(given.channel, String::as_str),
                None => given.channel,
            };
            self.group(range, own, Some((row, key)), channel);
        }
        self.finish();
    }

    /// Treats the fields of a message, or of what stands between messages.
    fn group(
        &mut self,
        fields: Range<usize>,
        found: &[Finding],
        message: Option<(&MessageRow, &[u8])>,
        channel: &str,
    ) {
        let given = self.given;
        let treatment = given.treatment;
        let Some(own) = treatment.channel(given.scope, channel) else { return };
        let sender = match message {
            Some(_) if treatment.asks_for_senders() => self.sender(&fields),
            _ => String::new(),
        };
        let carrier = given.scope.carrier.as_deref();
        let known = |own: Ts, carried: Ts| if own == Ts::UNKNOWN { carried } else { own };
        let facts = match (message, carrier) {
            (Some((row, key)), None) => Some(Facts {
                sent: row.sent,
                closed: row.closed,
                doubtful: row.flags & MessageRow::DOUBTFUL != 0,
                key,
                sender: &sender,
            }),
            // What an attachment holds came with its message, whatever it says of itself.
            (row, Some(carrier)) => {
                let (row, key) =
                    row.map_or((MessageRow::UNTIMED, &[][..]), |(row, key)| (*row, key));
                Some(Facts {
                    sent: known(row.sent, carrier.sent),
                    closed: known(row.closed, carrier.closed),
                    doubtful: carrier.doubtful,
                    key: if key.is_empty() { &carrier.key } else { key },
                    sender: &sender,
                })
            }
            (None, None) => None,
        };
        let nothing =
            Facts { sent: Ts::UNKNOWN, closed: Ts::UNKNOWN, doubtful: true, key: &[], sender: "" };
        let held = treatment.is_held(given, own, facts.as_ref().unwrap_or(&nothing), found);
        let alerts = found.iter().filter(|finding| finding.attributes.alert.is_some()).count();
        self.out.alerts += alerts as u64;
        let mut active: Vec<usize> = Vec::new();
        for at in &own.rules {
            let rule = &treatment.rules[*at];
            let named = |people: &std::collections::HashSet<_>| {
                found.iter().any(|finding| people.contains(&finding.fingerprint))
            };
            if rule.people.as_ref().is_some_and(|people| !named(people)) {
                continue;
            }
            let hit = match rule.action {
                Action::Erase => {
                    message.is_some() && fields.clone().any(|field| !self.is_kept(own, field))
                }
                Action::Replace => found.iter().any(|finding| {
                    self.is_asked(finding)
                        && rule.takes(finding)
                        && self.reaches(*at, finding)
                        && !self.is_kept(own, finding.field as usize)
                        && !self.is_output(finding)
                }),
            };
            let outcome = match (hit, rule.due(facts.as_ref())) {
                (false, _) | (_, Due::No) => continue,
                (_, Due::Undetermined) => Outcome::Undetermined,
                (_, Due::Yes) if held => Outcome::Held,
                (_, Due::Yes) => {
                    active.push(*at);
                    Outcome::Done
                }
            };
            if message.is_some() {
                self.count(*at, outcome);
            }
        }
        if held {
            return;
        }
        let erases = active.iter().any(|at| treatment.rules[*at].action == Action::Erase);
        if erases && let Some((row, _)) = message {
            if own.keep.is_empty() {
                self.erased.push(row.raw_start..row.raw_start + row.raw_len);
            } else {
                self.empty(&fields, own);
            }
            return;
        }
        let timeless = || own.rules.iter().any(|at| treatment.rules[*at].due.is_none());
        let seeks = given.sought.is_some() && timeless();
        if !active.is_empty() || seeks {
            self.replace(&fields, found, own, &active, &sender);
        }
    }

    /// Replaces the findings that active rules take, and their values elsewhere in the message.
    fn replace(
        &mut self,
        fields: &Range<usize>,
        found: &[Finding],
        own: &Channel,
        active: &[usize],
        sender: &str,
    ) {
        let treatment = self.given.treatment;
        self.message.clear();
        self.outputs.clear();
        self.texts.clear();
        self.texts.resize(fields.len(), None);
        let mut changes: Vec<Vec<Change>> = (0..fields.len()).map(|_| Vec::new()).collect();
        let alerts: Vec<&Finding> =
            found.iter().filter(|finding| finding.attributes.alert.is_some()).collect();
        for finding in found {
            let place = finding.field as usize;
            let taken =
                |at: &usize| treatment.rules[*at].takes(finding) && self.reaches(*at, finding);
            if !self.is_asked(finding) || self.is_kept(own, place) || !active.iter().any(taken) {
                continue;
            }
            if finding.attributes.alert.is_some() {
                continue;
            }
            let at = place - fields.start;
            let text = self.text(fields, place);
            let span = finding.span.start as usize..finding.span.end as usize;
            let Some(Ok(value)) = text.get(span.clone()).map(str::from_utf8) else { continue };
            match self.output(finding, value, place, sender) {
                Ok(Some(output)) => {
                    let kind = finding.detector;
                    let operator = &treatment.operators[usize::from(kind)];
                    let sensitive = treatment.sensitive[usize::from(kind)];
                    if !sensitive && !operator.op.is_found_again() {
                        let note = u32::try_from(self.outputs.len()).unwrap_or(u32::MAX);
                        self.outputs.push((self.plain(finding, value, sender), kind));
                        let spelling = treatment.spellings[usize::from(kind)];
                        self.message.add(value, spelling, note);
                        self.out.removed.add(value, spelling, u32::from(kind));
                    }
                    let span =
                        if sensitive { self.spread(&text, span, place, &alerts) } else { span };
                    changes[at].push(Change { span, output, kind });
                }
                Ok(None) => {}
                Err(error) => self.out.failure = Some(error),
            }
            self.texts[at] = Some(text);
        }
        for place in fields.clone() {
            if self.is_kept(own, place) {
                continue;
            }
            self.seek(fields, place, &mut changes[place - fields.start], sender);
        }
        for (place, changes) in fields.clone().zip(changes) {
            self.edit(place, changes);
        }
    }

    /// What goes with a sensitive word, but for a sentence in which an alert stands: of that only the word goes, since a person
    /// has to read the rest.
    fn spread(
        &self,
        text: &[u8],
        span: Range<usize>,
        place: usize,
        alerts: &[&Finding],
    ) -> Range<usize> {
        let wide = self.widen(text, span.clone());
        let alarmed = alerts.iter().any(|alert| {
            alert.field as usize == place
                && (alert.span.start as usize) < wide.end
                && wide.start < alert.span.end as usize
        });
        if alarmed { span } else { wide }
    }

    /// Adds the values of the message, and those that are sought everywhere, where no change stands yet.
    fn seek(
        &mut self,
        fields: &Range<usize>,
        place: usize,
        changes: &mut Vec<Change>,
        sender: &str,
    ) {
        let sought = self.given.sought.filter(|sought| !sought.is_empty());
        if self.message.is_empty() && sought.is_none() {
            return;
        }
        let text = self.text(fields, place);
        let (mut hits, mut words) = (Vec::new(), std::mem::take(&mut self.words));
        self.message.split(&text, &mut words);
        self.message.find(&text, &words, &mut hits);
        for (span, note) in hits.drain(..) {
            if let Some((output, kind)) = self.outputs.get(note as usize) {
                let (output, kind) = (self.fit(output, *kind, place, &text, &span), *kind);
                add(changes, Change { span, output, kind });
            }
        }
        if let Some(sought) = sought {
            sought.find(&text, &words, &mut hits);
        }
        self.words = words;
        for (span, note) in hits {
            let kind = u8::try_from(note).unwrap_or_default();
            let Ok(value) = str::from_utf8(&text[span.clone()]) else { continue };
            if self.is_known_output(kind, value) {
                continue;
            }
            let fingerprint = self.print(kind, value, &Attributes::default());
            let id = &self.given.treatment.ids[usize::from(kind)];
            let asked =
                Value { detector: id, text: value, fingerprint: &fingerprint, person: sender };
            let operator = &self.given.treatment.operators[usize::from(kind)];
            match operator.output(&asked, self.given.treatment.tokens.as_ref()) {
                Ok(Some(output)) => {
                    let output = self.fit(&output, kind, place, &text, &span);
                    add(changes, Change { span, output, kind });
                }
                Ok(None) => {}
                Err(error) => self.out.failure = Some(error),
            }
        }
    }

    /// Makes the edits of a field.
    fn edit(&mut self, place: usize, mut changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        changes.sort_by_key(|change| (change.span.start, std::cmp::Reverse(change.span.end)));
        let mut merged: Vec<Change> = Vec::with_capacity(changes.len());
        for change in changes {
            match merged.last_mut() {
                Some(last) if change.span.start < last.span.end => {
                    last.span.end = last.span.end.max(change.span.end);
                }
                _ => merged.push(change),
            }
        }
        let view = &self.given.fields[place].view;
        let layout = view.layout();
        // Two spans may touch one escape, or one number that is replaced whole: then they are one.
        let edits = loop {
            match edits_of(view, &layout, &merged) {
                Ok(Ok(edits)) => break edits,
                Ok(Err(at)) => {
                    let next = merged.remove(at + 1);
                    merged[at].span.end = next.span.end;
                }
                Err(error) => {
                    self.out.failure = Some(error);
                    return;
                }
            }
        };
        let is_name = self.given.named && place == 0;
        for (edit, kind) in edits {
            if is_name {
                self.out.name.push(edit);
            } else {
                self.kinds.push((edit.raw.start, kind, edit.within.is_some()));
                self.out.edits.push(edit);
            }
        }
    }

    /// Empties every field that is not kept.
    fn empty(&mut self, fields: &Range<usize>, own: &Channel) {
        for place in fields.clone() {
            if self.is_kept(own, place) {
                continue;
            }
            let end = self.given.fields[place].view.bytes().len();
            if end > 0 {
                let kind = EditRow::ERASED;
                self.edit(place, vec![Change { span: 0..end, output: String::new(), kind }]);
            }
        }
    }

    /// Whether a finding is sure enough.
    fn is_asked(&self, finding: &Finding) -> bool {
        let least = match self.given.treatment.minimum {
            3.. => Confidence::High,
            2 => Confidence::Medium,
            _ => Confidence::Low,
        };
        finding.confidence >= least && (finding.field as usize) < self.given.fields.len()
    }

    fn is_kept(&self, own: &Channel, place: usize) -> bool {
        let field = &self.given.fields[place];
        own.keep.fit(field.role, field.path)
    }

    fn reaches(&self, rule: usize, finding: &Finding) -> bool {
        let field = &self.given.fields[finding.field as usize];
        self.given.treatment.rules[rule].reaches(field.role, field.path)
    }

    fn sender(&self, fields: &Range<usize>) -> String {
        let own = &self.given.fields[fields.clone()];
        let sender = own.iter().find(|field| field.role == Role::Sender);
        sender.map_or_else(String::new, |field| {
            String::from_utf8_lossy(&field.view.bytes()).into_owned()
        })
    }

    /// The text of a field of the present message, taken out of what is kept: whoever takes it puts it back.
    fn text(&mut self, fields: &Range<usize>, place: usize) -> Cow<'a, [u8]> {
        let kept = self.texts[place - fields.start].take();
        kept.unwrap_or_else(|| self.given.fields[place].view.bytes())
    }

    fn count(&mut self, rule: usize, outcome: Outcome) {
        let rule = u32::try_from(rule).unwrap_or(u32::MAX);
        let known =
            self.out.outcomes.iter_mut().find(|(of, what, _)| (*of, *what) == (rule, outcome));
        match known {
            Some((_, _, count)) => *count += 1,
            None => self.out.outcomes.push((rule, outcome, 1)),
        }
    }
}

impl Treatment {
    /// Whether somebody asks who sent a message.
    fn asks_for_senders(&self) -> bool {
        self.holds.iter().any(|hold| hold.sender.is_some())
            || self.operators.iter().any(|operator| operator.op == Op::ShiftDate)
    }
}

/// Findings of fields before `end`, and the others.
fn split(found: &[Finding], end: usize) -> (&[Finding], &[Finding]) {
    // A message has few: stepping over them is sooner done than a search in those of the whole block.
    let behind = |finding: &Finding| finding.field as usize >= end;
    found.split_at(found.iter().position(behind).unwrap_or(found.len()))
}

/// Adds a change where none stands yet.
fn add(changes: &mut Vec<Change>, change: Change) {
    let meets =
        |other: &Change| change.span.start < other.span.end && other.span.start < change.span.end;
    if !changes.iter().any(meets) {
        changes.push(change);
    }
}

/// The edits of spans in order; the place of a span whose edits overlap those of the next.
fn edits_of(
    view: &View<'_>,
    layout: &Layout,
    changes: &[Change],
) -> Result<Result<Vec<(Edit, u8)>, usize>, Error> {
    let mut out: Vec<(Edit, u8)> = Vec::with_capacity(changes.len());
    for (at, change) in changes.iter().enumerate() {
        let edits = view.edits_in(layout, change.span.clone(), &change.output)?;
        for edit in edits {
            let clash = out.last().is_some_and(|(last, _)| {
                last.raw.end > edit.raw.start && (last.within.is_none() || edit.within.is_none())
            });
            if clash {
                if at == 0 {
                    return Err(Error::new(ErrorKind::Unsupported, "a value overlaps itself"));
                }
                return Ok(Err(at - 1));
            }
            out.push((edit, change.kind));
        }
    }
    Ok(Ok(out))
}
