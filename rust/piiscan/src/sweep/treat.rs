//! What a sweep changes: which messages, which findings in them, and what comes in their place.
//!
//! A policy decides; here stands what it decided, as data: channels with rules, operators, holds, and the instants before which messages are due.
//! The rules say *what*, the places say *where* ([`apply`]). A held message is left as it is, whatever the rules say. A message whose time is
//! not known, or not plausible, is left as it is by every rule that asks for its time.

use std::collections::HashSet;
use std::sync::Arc;

use globs::{FieldGlobs, Said, glob, name_glob};
use globset::GlobMatcher;
use hold::Hold;
use rule::{Facts, Rule};
use spec::{Mask, TreatmentSpec};

use super::known::{Known, Spelling};
use crate::error::{Error, ErrorKind};
use crate::finding::{Category, Finding, Fingerprint};
use crate::message::Ts;
use crate::operate::Operator;
use crate::scan::Scanner;
use crate::token::Tokens;

mod again;
mod apply;
mod finish;
mod globs;
mod hold;
mod output;
mod replace;
mod rule;
mod spec;
mod text;

pub(super) use apply::{Field, Given, Treated};
pub use text::TextTreated;

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
    /// By place of the detector: whether what it finds goes from every message, whatever its time.
    always: Vec<bool>,
}

impl Channel {
    fn seeks(&self) -> bool {
        self.always.contains(&true)
    }
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
                always: (0..detectors.len())
                    .map(|place| {
                        channel
                            .rules
                            .iter()
                            .any(|at| rules[*at].takes_always() && rules[*at].detectors[place])
                    })
                    .collect(),
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

    /// Whether values are looked for in other messages than those that they go from.
    pub fn seeks(&self) -> bool {
        self.channels.iter().any(Channel::seeks)
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
