//! Rules: which findings they take, in which fields, and of which messages.

use std::collections::HashSet;

use super::fingerprint;
use super::globs::FieldGlobs;
use super::spec::{Action, Clock, RuleSpec};
use crate::error::{Error, ErrorKind};
use crate::finding::{Finding, Fingerprint, Flags, Reading};
use crate::message::{Role, Ts};
use crate::scan::Scanner;

/// 1995-01-01: what an archive says of earlier messages is not believed.
const EARLIEST: i64 = 788_918_400_000; // milliseconds since 1970

/// What is nobody's own.
const OFFICES: [Flags; 3] = [Flags::ROLE_MAILBOX, Flags::ORG_PHONE, Flags::ROLE_ADDRESS];

/// One rule of a policy.
#[derive(Debug)]
pub(super) struct Rule {
    /// By place of the detector.
    pub(super) detectors: Vec<bool>,
    pub(super) personal: bool,
    pub(super) topical: bool,
    pub(super) offices: bool,
    /// Every field if there are none.
    pub(super) fields: Option<FieldGlobs>,
    /// The clock, the instant before which it says that a message is due, and the last instant that is believed.
    pub(super) due: Option<(Clock, i64, i64)>,
    pub(super) action: Action,
    pub(super) people: Option<HashSet<Fingerprint>>,
}

/// Whether a rule counts for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Yes,
    No,
    /// Its time is not known.
    Undetermined,
}

/// What is known of a message before its findings are looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'m> {
    pub(super) sent: Ts,
    pub(super) closed: Ts,
    pub(super) doubtful: bool,
    pub(super) key: &'m [u8],
    pub(super) sender: &'m str,
}

impl Rule {
    pub(super) fn new(spec: &RuleSpec, scanner: &Scanner) -> Result<Self, Error> {
        let wrong = |what: &str| Error::new(ErrorKind::Config, what.to_owned());
        let detectors = scanner.detectors();
        let people = spec.people.as_ref().map(|people| {
            people
                .iter()
                .map(|hex| fingerprint(hex).ok_or_else(|| wrong("a fingerprint is malformed")))
                .collect::<Result<_, _>>()
        });
        let all = spec.fields.is_empty() || spec.fields.iter().any(|field| field == "*");
        let due = match (spec.clock, spec.before) {
            (Some(clock), Some(before)) => Some((clock, before, spec.now.unwrap_or(i64::MAX))),
            (None, None) => None,
            _ => return Err(wrong("a rule has a clock without an instant, or the reverse")),
        };
        Ok(Self {
            detectors: detectors
                .iter()
                .map(|detector| spec.detectors.contains(&detector.id))
                .collect(),
            personal: spec.readings.iter().any(|reading| reading == "personal"),
            topical: spec.readings.iter().any(|reading| reading == "topical"),
            offices: spec.offices,
            fields: if all { None } else { Some(FieldGlobs::new(&spec.fields)?) },
            due,
            action: spec.action,
            people: people.transpose()?,
        })
    }

    /// Whether it takes a finding, in whatever message.
    pub(super) fn takes(&self, finding: &Finding) -> bool {
        let flags = finding.attributes.flags;
        let office = OFFICES.iter().any(|office| flags.has(*office));
        self.detectors[usize::from(finding.detector)]
            && (self.offices || !office)
            && match finding.attributes.reading {
                Some(Reading::Personal) => self.personal,
                Some(Reading::Topical) => self.topical,
                None => true,
            }
    }

    /// Whether what it takes goes from every message, whatever its time: only such values may be looked for in other messages.
    pub(super) fn takes_always(&self) -> bool {
        self.action == Action::Replace && self.due.is_none()
    }

    pub(super) fn reaches(&self, role: Role, path: &str) -> bool {
        self.fields.as_ref().is_none_or(|fields| fields.fit(role, path))
    }

    pub(super) fn due(&self, facts: Option<&Facts<'_>>) -> Due {
        let Some((clock, before, now)) = self.due else { return Due::Yes };
        let Some(facts) = facts else { return Due::No };
        let at = match clock {
            Clock::Sent => facts.sent,
            Clock::Closed => facts.closed,
        };
        if at == Ts::UNKNOWN || at.0 < EARLIEST || at.0 > now || facts.doubtful {
            return Due::Undetermined;
        }
        if at.0 < before { Due::Yes } else { Due::No }
    }
}
