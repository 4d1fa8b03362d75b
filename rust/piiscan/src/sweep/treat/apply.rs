//! A block with its findings to edits: message by message, field by field.

use std::borrow::Cow;
use std::ops::Range;

use super::again::Replaced;
use super::replace::{Change, Joined, Made};
use super::rule::{Due, Facts};
use super::spec::Action;
use super::{Channel, Scope, Treatment};
use crate::archive::seam::Seam;
use crate::archive::{Block, Reader};
use crate::error::Error;
use crate::finding::{Confidence, Finding};
use crate::message::{Role, Ts};
use crate::operate::Op;
use crate::scan::Scanner;
use crate::sweep::event::{EditRow, MessageRow, Outcome, Part};
use crate::sweep::known::{Hit, Known, Print};
use crate::token::Ids;
use crate::view::{Edit, View};

/// A field of a block.
#[derive(Debug)]
pub(in crate::sweep) struct Field<'a, 'p> {
    pub(in crate::sweep) view: View<'a>,
    pub(in crate::sweep) role: Role,
    pub(in crate::sweep) path: &'p str,
}

/// What is looked at.
#[derive(Clone, Copy, Debug)]
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
    /// By field and place. Those of the part, and what came to light since.
    pub(in crate::sweep) found: &'b [Finding],
    /// The keys of messages, by row.
    pub(in crate::sweep) keys: &'b [(u32, &'b [u8])],
    /// Values that are removed wherever they stand.
    pub(in crate::sweep) sought: Option<&'b Known>,
    /// Whether the first field is the name of the object.
    pub(in crate::sweep) named: bool,
    /// Whether what is replaced is told, so that the new texts can be looked at.
    pub(in crate::sweep) thorough: bool,
    /// Whether it is only asked which values go.
    pub(in crate::sweep) surveys: bool,
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
    /// Values that were removed, with the places of their detectors.
    pub(in crate::sweep) removed: Vec<(Print, u32)>,
    /// What came where, in the texts of the fields, by field and place.
    pub(super) replaced: Vec<Replaced>,
    /// Why something could not be changed.
    pub(in crate::sweep) failure: Option<Error>,
}

impl Treated {
    /// Treats a block. `values` is an empty set, a sibling of the one that what was removed is added to.
    pub(in crate::sweep) fn of(given: &Given<'_, '_>, values: Known) -> Self {
        let names = given.part.channels.iter().map(String::as_str);
        let names = std::iter::once(given.channel).chain(names);
        let mut work = Work {
            given,
            out: Self {
                edits: Vec::with_capacity(given.found.len()),
                name: Vec::new(),
                rows: Vec::new(),
                seam: Seam::default(),
                outcomes: Vec::new(),
                alerts: 0,
                removed: Vec::with_capacity(given.found.len()),
                replaced: Vec::new(),
                failure: None,
            },
            erased: Vec::new(),
            message: values,
            outputs: Vec::new(),
            texts: Vec::new(),
            changes: Vec::new(),
            settled: 0,
            alerts: Vec::new(),
            hits: Vec::new(),
            made: Made::default(),
            joined: Joined::default(),
            active: Vec::new(),
            channels: names.map(|name| given.treatment.channel(given.scope, name)).collect(),
            kinds: Vec::with_capacity(given.found.len()),
        };
        work.run();
        work.out
    }
}

/// A block under treatment, with memory for one message.
pub(super) struct Work<'g, 'a, 'b> {
    pub(super) given: &'g Given<'a, 'b>,
    pub(super) out: Treated,
    /// Messages that are taken out.
    pub(super) erased: Vec<Range<u64>>,
    /// Values removed from the present message, noted by place in `outputs`.
    pub(super) message: Known,
    pub(super) outputs: Vec<(Cow<'b, str>, u8)>,
    /// Text of the fields of the present message that were looked at.
    pub(super) texts: Vec<Option<Cow<'a, [u8]>>>,
    /// What changes in the present message.
    pub(super) changes: Vec<Change<'b>>,
    /// How many of them are in order, none meeting another.
    pub(super) settled: usize,
    /// Where alerts stand in it: the field and the span.
    pub(super) alerts: Vec<(usize, Range<usize>)>,
    pub(super) hits: Vec<Hit>,
    pub(super) made: Made,
    pub(super) joined: Joined,
    /// The rules that count for the present message.
    active: Vec<usize>,
    /// The channel of messages that say nothing of it, then of those that say each of the names of the block.
    channels: Vec<Option<&'b Channel>>,
    /// What each edit is for, by its first byte, and whether a whole part is encoded again for it.
    pub(super) kinds: Vec<(u64, u8, bool)>,
}

impl Work<'_, '_, '_> {
    fn run(&mut self) {
        let given = self.given;
        let rows = &given.part.messages;
        let count = given.fields.len();
        let place = |field: u32| (field as usize).min(count);
        let first = rows.first().map_or(count, |row| place(row.first_field));
        let mut found = given.found;
        let mut keys = given.keys.iter().peekable();
        // What stands before the messages, the name of the object among it.
        let (own, rest) = split(found, first);
        found = rest;
        self.group(0..first, own, None, 0);
        for (at, row) in rows.iter().enumerate() {
            let end = rows.get(at + 1).map_or(count, |next| place(next.first_field));
            let (own, rest) = split(found, end);
            found = rest;
            while keys.next_if(|(of, _)| (*of as usize) < at).is_some() {}
            let key = keys.next_if(|(of, _)| *of as usize == at).map_or(&[][..], |(_, key)| *key);
            let range = place(row.first_field)..end;
            if row.flags & MessageRow::OUTSIDE != 0 {
                self.group(range, own, None, 0);
                continue;
            }
            self.group(range, own, Some((row, key)), row.channel);
        }
        if !given.surveys {
            self.finish();
        }
    }

    /// Treats the fields of a message, or of what stands between messages.
    fn group(
        &mut self,
        fields: Range<usize>,
        found: &[Finding],
        message: Option<(&MessageRow, &[u8])>,
        channel: u16,
    ) {
        let given = self.given;
        let treatment = given.treatment;
        let own = self.channels.get(usize::from(channel)).or_else(|| self.channels.first());
        let Some(&Some(own)) = own else { return };
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
        let mut active = std::mem::take(&mut self.active);
        active.clear();
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
            if given.surveys {
                // Nothing of it stays: no value has to be looked for.
            } else if own.keep.is_empty() {
                self.erased.push(row.raw_start..row.raw_start + row.raw_len);
            } else {
                self.empty(&fields, own);
            }
            return;
        }
        let seeks = given.sought.is_some() && own.seeks();
        if !active.is_empty() || seeks {
            self.replace(&fields, found, own, &active, &sender);
        }
        self.active = active;
    }

    /// Whether a finding is sure enough.
    pub(super) fn is_asked(&self, finding: &Finding) -> bool {
        let least = match self.given.treatment.minimum {
            3.. => Confidence::High,
            2 => Confidence::Medium,
            _ => Confidence::Low,
        };
        finding.confidence >= least && (finding.field as usize) < self.given.fields.len()
    }

    pub(super) fn is_kept(&self, own: &Channel, place: usize) -> bool {
        let field = &self.given.fields[place];
        own.keep.fit(field.role, field.path)
    }

    pub(super) fn reaches(&self, rule: usize, finding: &Finding) -> bool {
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
