//! Holds: messages that stay as they are, whatever the rules say.

use std::collections::HashSet;

use globset::GlobMatcher;

use super::fingerprint;
use super::globs::{glob, name_glob};
use super::rule::Facts;
use super::spec::HoldSpec;
use crate::error::{Error, ErrorKind};
use crate::finding::{Finding, Fingerprint};
use crate::token::Ids;

/// One hold: it covers what fits all that it says.
#[derive(Debug)]
pub(super) struct Hold {
    pub(super) path: Option<GlobMatcher>,
    pub(super) channel: Option<GlobMatcher>,
    pub(super) case: Option<String>,
    pub(super) case_id: Option<String>,
    pub(super) sender: Option<String>,
    pub(super) people: Option<HashSet<Fingerprint>>,
}

impl Hold {
    pub(super) fn new(spec: &HoldSpec) -> Result<Self, Error> {
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
    pub(super) fn covers(
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
