//! What a policy decided, as it is handed over: data without a life of its own.

use std::collections::HashMap;

use serde::Deserialize;

use crate::operate::Operator;

/// What a policy decided, as it is handed over.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TreatmentSpec {
    pub(super) channels: Vec<ChannelSpec>,
    pub(super) rules: Vec<RuleSpec>,
    pub(super) operators: HashMap<String, Operator>,
    #[serde(default)]
    pub(super) holds: Vec<HoldSpec>,
    #[serde(default)]
    pub(super) mask: Mask,
    /// Least confidence: 1, 2 or 3.
    pub(super) minimum: u8,
    /// Whether the archive was treated before: values that an operator leaves or moves are not looked at again.
    #[serde(default)]
    pub(super) again: bool,
    /// What stands for a removed address before its domain.
    pub(super) removed: String,
}

/// Which messages a channel has, and which rules count there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelSpec {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) profile: String,
    pub(super) format: String,
    pub(super) channel: String,
    pub(super) keep: Vec<String>,
    pub(super) rules: Vec<usize>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleSpec {
    pub(super) detectors: Vec<String>,
    pub(super) readings: Vec<String>,
    /// Whether addresses and numbers of offices count.
    pub(super) offices: bool,
    pub(super) fields: Vec<String>,
    #[serde(default)]
    pub(super) clock: Option<Clock>,
    #[serde(default)]
    pub(super) before: Option<i64>,
    /// Times after it are no times.
    #[serde(default)]
    pub(super) now: Option<i64>,
    pub(super) action: Action,
    /// Fingerprints, as hexadecimal: only messages that hold one of them.
    #[serde(default)]
    pub(super) people: Option<Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HoldSpec {
    #[serde(default)]
    pub(super) path: String,
    #[serde(default)]
    pub(super) channel: String,
    #[serde(default)]
    pub(super) case: String,
    #[serde(default)]
    pub(super) sender: String,
    /// What a store knows a case by: 16 hexadecimal digits.
    #[serde(default)]
    pub(super) case_id: String,
    /// Fingerprints, as hexadecimal: of the people whose messages are held.
    #[serde(default)]
    pub(super) people: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Clock {
    Sent,
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Action {
    /// Findings are replaced.
    Replace,
    /// The message is taken out; where fields are kept, all others are emptied.
    Erase,
}

/// How much a sensitive word takes with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mask {
    #[default]
    Span,
    Sentence,
    Message,
}
