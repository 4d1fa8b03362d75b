//! What a sweep changes: which messages, which findings in them, and what comes in their place.
//!
//! A policy decides; here stands what it decided, as data: channels with rules, operators, holds, and the instants before which messages are due.
//! The rules say *what*, the places say *where* ([`apply`]). A held message is left as it is, whatever the rules say. A message whose time is
//! not known, or not plausible, is left as it is by every rule that asks for its time.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;

use crate::error::{Error, ErrorKind};
use crate::finding::{Category, Finding, Fingerprint, Flags, Reading};
use crate::message::{Role, Ts};
use crate::operate::Operator;
use crate::scan::Scanner;
use crate::token::{Ids, Tokens};

mod apply;
mod finish;
mod output;
mod replace;
mod text;

pub(super) use apply::{Field, Given, Treated};
pub use text::TextTreated;

use super::known::{Known, Spelling};

/// 1995-01-01: what an archive says of earlier messages is not believed.
const EARLIEST: i64 = 788_918_400_000; // milliseconds since 1970

/// What is nobody's own.
const OFFICES: [Flags; 3] = [Flags::ROLE_MAILBOX, Flags::ORG_PHONE, Flags::ROLE_ADDRESS];

/// What a policy decided, as it is handed over.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TreatmentSpec {
    channels: Vec<ChannelSpec>,
    rules: Vec<RuleSpec>,
    operators: HashMap<String, Operator>,
    #[serde(default)]
    holds: Vec<HoldSpec>,
    #[serde(default)]
    mask: Mask,
    /// Least confidence: 1, 2 or 3.
    minimum: u8,
    /// Whether the archive was treated before: values that an operator leaves or moves are not looked at again.
    #[serde(default)]
    again: bool,
    /// What stands for a removed address before its domain.
    removed: String,
}

/// Which messages a channel has, and which rules count there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelSpec {
    name: String,
    path: String,
    profile: String,
    format: String,
    channel: String,
    keep: Vec<String>,
    rules: Vec<usize>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleSpec {
    detectors: Vec<String>,
    readings: Vec<String>,
    /// Whether addresses and numbers of offices count.
    offices: bool,
    fields: Vec<String>,
    #[serde(default)]
    clock: Option<Clock>,
    #[serde(default)]
    before: Option<i64>,
    /// Times after it are no times.
    #[serde(default)]
    now: Option<i64>,
    action: Action,
    /// Fingerprints, as hexadecimal: only messages that hold one of them.
    #[serde(default)]
    people: Option<Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HoldSpec {
    #[serde(default)]
    path: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    case: String,
    #[serde(default)]
    sender: String,
    /// What a store knows a case by: 16 hexadecimal digits.
    #[serde(default)]
    case_id: String,
    /// Fingerprints, as hexadecimal: of the people whose messages are held.
    #[serde(default)]
    people: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Clock {
    Sent,
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    /// Findings are replaced.
    Replace,
    /// The message is taken out; where fields are kept, all others are emptied.
    Erase,
}

/// How much a sensitive word takes with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mask {
    #[default]
    Span,
    Sentence,
    Message,
}

/// What a policy decided, ready to be carried out.
#[derive(Debug)]
pub struct Treatment {
    channels: Vec<Channel>,
    rules: Vec<Rule>,
    /// By place of the detector.
    operators: Vec<Operator>,
    /// Whether a detector finds sensitive words, by place.
    sensitive: Vec<bool>,
    ids: Vec<String>,
    /// How values are written elsewhere, by place of their detector.
    spellings: Vec<Spelling>,
    holds: Vec<Hold>,
    mask: Mask,
    minimum: u8,
    again: bool,
    removed: String,
    /// What labels become before the domain of an address.
    locals: HashSet<String>,
    tokens: Option<Tokens>,
}

#[derive(Debug)]
struct Channel {
    name: String,
    path: GlobMatcher,
    profile: GlobMatcher,
    format: GlobMatcher,
    /// What messages say of their channel.
    said: Said,
    keep: FieldGlobs,
    rules: Vec<usize>,
}

#[derive(Debug)]
struct Rule {
    /// By place of the detector.
    detectors: Vec<bool>,
    personal: bool,
    topical: bool,
    offices: bool,
    /// Every field if there are none.
    fields: Option<FieldGlobs>,
    /// The clock, the instant before which it says that a message is due, and the last instant that is believed.
    due: Option<(Clock, i64, i64)>,
    action: Action,
    people: Option<HashSet<Fingerprint>>,
}

#[derive(Debug)]
struct Hold {
    path: Option<GlobMatcher>,
    channel: Option<GlobMatcher>,
    case: Option<String>,
    case_id: Option<String>,
    sender: Option<String>,
    people: Option<HashSet<Fingerprint>>,
}

/// The message that carries an object: an attachment has its times and its channel, where it has none of its own.
#[derive(Clone, Debug, Default)]
pub(super) struct Carrier {
    pub(super) sent: Ts,
    pub(super) closed: Ts,
    pub(super) doubtful: bool,
    pub(super) channel: String,
    pub(super) key: Vec<u8>,
}

/// Whether a rule counts for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Yes,
    No,
    /// Its time is not known.
    Undetermined,
}

/// What is known of a message before its findings are looked at.
#[derive(Clone, Copy, Debug)]
struct Facts<'m> {
    sent: Ts,
    closed: Ts,
    doubtful: bool,
    key: &'m [u8],
    sender: &'m str,
}

fn glob(pattern: &str) -> Result<GlobMatcher, Error> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    Ok(glob.map_err(|_| no_glob(pattern))?.compile_matcher())
}

/// Globs that mean fields: over roles, or with `/` first over paths, in any case.
#[derive(Debug, Default)]
struct FieldGlobs {
    /// A bit for each role.
    roles: u32,
    paths: Vec<GlobMatcher>,
    count: usize,
}

impl FieldGlobs {
    fn new(patterns: &[String]) -> Result<Self, Error> {
        let mut made = Self { count: patterns.len(), ..Self::default() };
        for pattern in patterns {
            if pattern.starts_with('/') {
                let mut glob = GlobBuilder::new(pattern);
                let glob = glob.literal_separator(true).case_insensitive(true).build();
                made.paths.push(glob.map_err(|_| no_glob(pattern))?.compile_matcher());
            } else {
                let glob = name_glob(pattern)?;
                let roles = Role::ALL.iter().filter(|role| glob.is_match(role.name()));
                made.roles |= roles.fold(0, |bits, role| bits | bit(*role));
            }
        }
        Ok(made)
    }

    fn is_empty(&self) -> bool {
        self.count == 0
    }

    #[inline]
    fn fit(&self, role: Role, path: &str) -> bool {
        self.roles & bit(role) != 0 || (!self.paths.is_empty() && self.fit_path(path))
    }

    fn fit_path(&self, path: &str) -> bool {
        if path.starts_with('/') {
            return self.paths.iter().any(|glob| glob.is_match(path));
        }
        let path = format!("/{path}");
        self.paths.iter().any(|glob| glob.is_match(&path))
    }
}

fn bit(role: Role) -> u32 {
    1 << role as u32
}

/// What messages may say of their channel. Most policies do not ask.
#[derive(Debug)]
enum Said {
    Anything,
    Fits(GlobMatcher),
}

impl Said {
    fn new(pattern: &str) -> Result<Self, Error> {
        if pattern == "*" { Ok(Self::Anything) } else { name_glob(pattern).map(Self::Fits) }
    }

    fn fits(&self, channel: &str) -> bool {
        match self {
            Self::Anything => true,
            Self::Fits(glob) => glob.is_match(channel),
        }
    }
}

/// A glob over names, which have no steps.
fn name_glob(pattern: &str) -> Result<GlobMatcher, Error> {
    let glob = GlobBuilder::new(pattern).literal_separator(false).build();
    Ok(glob.map_err(|_| no_glob(pattern))?.compile_matcher())
}

fn no_glob(pattern: &str) -> Error {
    Error::new(ErrorKind::Config, format!("`{pattern}` is no pattern"))
}

impl Treatment {
    /// Makes a treatment of JSON, for the detectors of a scanner. With a key for operators that need one.
    ///
    /// # Errors
    ///
    /// If it is malformed, names what is not there, or needs a key and has none.
    pub fn new(json: &str, scanner: &Scanner, tokens: Option<Tokens>) -> Result<Self, Error> {
        let wrong = |what: String| Error::new(ErrorKind::Config, what);
        let spec: TreatmentSpec =
            serde_json::from_str(json).map_err(|error| wrong(format!("treatment: {error}")))?;
        let detectors = scanner.detectors();
        let mut operators = Vec::with_capacity(detectors.len());
        for detector in detectors {
            let operator = spec.operators.get(&detector.id);
            let operator = operator
                .ok_or_else(|| wrong(format!("detector `{}` has no operator", detector.id)))?;
            if operator.op.needs_key() && tokens.is_none() {
                let reason = format!("the operator of `{}` needs a key", detector.id);
                return Err(wrong(reason));
            }
            operators.push(operator.clone());
        }
        let rules =
            spec.rules.iter().map(|rule| Rule::new(rule, scanner)).collect::<Result<_, _>>();
        let rules: Vec<Rule> = rules?;
        let mut channels = Vec::with_capacity(spec.channels.len());
        for channel in &spec.channels {
            if channel.rules.iter().any(|rule| *rule >= rules.len()) {
                return Err(wrong(format!(
                    "channel `{}` names a rule that is not there",
                    channel.name
                )));
            }
            channels.push(Channel {
                name: channel.name.clone(),
                path: glob(&channel.path)?,
                profile: name_glob(&channel.profile)?,
                format: name_glob(&channel.format)?,
                said: Said::new(&channel.channel)?,
                keep: FieldGlobs::new(&channel.keep)?,
                rules: channel.rules.clone(),
            });
        }
        Ok(Self {
            channels,
            rules,
            operators,
            sensitive: detectors
                .iter()
                .map(|detector| detector.id == detector.category.name())
                .collect(),
            ids: detectors.iter().map(|detector| detector.id.clone()).collect(),
            spellings: detectors.iter().map(|detector| spelling(detector.category)).collect(),
            holds: spec.holds.iter().map(Hold::new).collect::<Result<_, _>>()?,
            mask: spec.mask,
            minimum: spec.minimum,
            again: spec.again,
            locals: spec.operators.values().map(|operator| local(&operator.label)).collect(),
            removed: spec.removed,
            tokens,
        })
    }

    /// Number of rules.
    pub fn rules(&self) -> usize {
        self.rules.len()
    }

    /// The channel of a message.
    fn channel(&self, object: &Scope, channel: &str) -> Option<&Channel> {
        let at = object.channels.iter().find(|at| self.channels[**at].said.fits(channel))?;
        Some(&self.channels[*at])
    }

    /// What of this treatment may count in an object.
    pub(super) fn scope(
        &self,
        path: &str,
        profile: &str,
        format: &str,
        carrier: Option<Arc<Carrier>>,
    ) -> Scope {
        let fits = |channel: &Channel| {
            channel.path.is_match(path)
                && channel.profile.is_match(profile)
                && channel.format.is_match(format)
        };
        let fit = self.channels.iter().enumerate().filter(|(_, channel)| fits(channel));
        let holds = self.holds.iter().enumerate();
        Scope {
            channels: fit.map(|(at, _)| at).collect(),
            holds: holds
                .filter(|(_, hold)| hold.path.as_ref().is_none_or(|held| held.is_match(path)))
                .map(|(at, _)| at)
                .collect(),
            is_mail: matches!(format, "mime" | "eml" | "mbox"),
            carrier,
        }
    }

    /// Every channel and no hold of a path: for a text that lies in no archive.
    fn everywhere(&self) -> Scope {
        let free = |hold: &Hold| hold.path.is_none();
        let holds = self.holds.iter().enumerate().filter(|(_, hold)| free(hold));
        Scope {
            channels: (0..self.channels.len()).collect(),
            holds: holds.map(|(at, _)| at).collect(),
            is_mail: false,
            carrier: None,
        }
    }

    /// Whether a message is held.
    fn is_held(
        &self,
        given: &Given<'_, '_>,
        channel: &Channel,
        facts: &Facts<'_>,
        found: &[Finding],
    ) -> bool {
        let holds = given.scope.holds.iter().map(|at| &self.holds[*at]);
        holds.into_iter().any(|hold| hold.covers(&channel.name, facts, given.ids, found))
    }
}

/// What of a treatment may count in one object.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    channels: Vec<usize>,
    holds: Vec<usize>,
    /// Whether its fields of senders and recipients must stay addresses.
    is_mail: bool,
    /// The message that carries the object, if it is an attachment or lies in one.
    carrier: Option<Arc<Carrier>>,
}

impl Rule {
    fn new(spec: &RuleSpec, scanner: &Scanner) -> Result<Self, Error> {
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
    fn takes(&self, finding: &Finding) -> bool {
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

    fn reaches(&self, role: Role, path: &str) -> bool {
        self.fields.as_ref().is_none_or(|fields| fields.fit(role, path))
    }

    fn due(&self, facts: Option<&Facts<'_>>) -> Due {
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

impl Hold {
    fn new(spec: &HoldSpec) -> Result<Self, Error> {
        let wrong = |what: &str| Error::new(ErrorKind::Config, what.to_owned());
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let HoldSpec { path, channel, case, sender, case_id, people } = spec;
        let parts = [path, channel, case, sender, case_id];
        if parts.iter().all(|part| part.is_empty()) && people.is_empty() {
            return Err(wrong("a hold covers nothing"));
        }
        let people: Result<HashSet<_>, _> = people
            .iter()
            .map(|hex| fingerprint(hex).ok_or_else(|| wrong("a fingerprint is malformed")))
            .collect();
        Ok(Self {
            path: given(path).map(|path| glob(&path)).transpose()?,
            channel: given(channel).map(|channel| name_glob(&channel)).transpose()?,
            case: given(case),
            case_id: given(case_id),
            sender: given(sender).map(|sender| sender.to_lowercase()),
            people: Some(people?).filter(|people| !people.is_empty()),
        })
    }

    /// Whether it covers a message of an object whose path it covers.
    fn covers(
        &self,
        channel: &str,
        facts: &Facts<'_>,
        ids: Option<&Ids>,
        found: &[Finding],
    ) -> bool {
        let id = |id: &String| ids.is_some_and(|ids| hex(&ids.of(facts.key)) == *id);
        let named = |people: &HashSet<Fingerprint>| {
            found.iter().any(|finding| people.contains(&finding.fingerprint))
        };
        self.channel.as_ref().is_none_or(|held| held.is_match(channel))
            && self.case.as_ref().is_none_or(|case| case.as_bytes() == facts.key)
            && self.case_id.as_ref().is_none_or(id)
            && self.sender.as_ref().is_none_or(|held| facts.sender.to_lowercase().contains(held))
            && self.people.as_ref().is_none_or(named)
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from(b"0123456789abcdef"[usize::from(four)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A label as the codec of an address field writes it.
fn local(label: &str) -> String {
    label.trim_matches(['[', ']']).to_ascii_lowercase()
}

/// Numbers of people, phones and accounts are written in many ways; any other number means one thing only as it stands there.
fn spelling(category: Category) -> Spelling {
    match category {
        Category::IdentityNumber
        | Category::OrganizationNumber
        | Category::Contact
        | Category::Financial => Spelling::Any,
        _ => Spelling::One,
    }
}

fn fingerprint(hex: &str) -> Option<Fingerprint> {
    let mut bytes = [0; 16];
    let digits: Vec<u32> = hex.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    if digits.len() != 32 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::try_from(pair[0] << 4 | pair[1]).ok()?;
    }
    Some(Fingerprint(bytes))
}
