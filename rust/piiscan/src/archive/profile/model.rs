//! The TOML of a profile.

use std::collections::BTreeMap;

use regex::bytes::RegexBuilder;
use serde::Deserialize;

use super::{Clock, Does, Profile, Rule, steps};
use crate::message::Role;

/// Compiled size of a line pattern, in bytes; a pattern above it is refused.
const PATTERN_MAX: usize = 1 << 20;

/// The syntaxes that profiles are for.
const SYNTAXES: &[&str] = &["text", "json", "jsonl", "csv", "xml", "html"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Toml {
    id: String,
    syntax: String,
    #[serde(default)]
    marks: Vec<String>,
    channel: Option<String>,
    record: Option<String>,
    #[serde(default)]
    mojibake: bool,
    #[serde(default)]
    bots: Vec<String>,
    #[serde(default)]
    roles: Roles,
    #[serde(default)]
    nested: BTreeMap<String, String>,
    #[serde(default)]
    opaque: Paths,
    #[serde(default)]
    join: Paths,
    #[serde(default)]
    same: Groups,
    text: Option<Text>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Roles {
    body: Vec<String>,
    subject: Vec<String>,
    sender: Vec<String>,
    recipient: Vec<String>,
    channel: Vec<String>,
    attachment_name: Vec<String>,
    time: Option<Time>,
    closed: Option<Time>,
    key: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Time {
    path: OneOrMore,
    unit: OneOrMore,
    zone: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn list(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(more) => more,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Paths {
    paths: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Groups {
    groups: Vec<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    line: String,
}

/// Reads and checks a profile.
pub(super) fn parse(toml: &str) -> Result<Profile, String> {
    let model: Toml = toml::from_str(toml).map_err(|error| error.message().to_owned())?;
    if !SYNTAXES.contains(&model.syntax.as_str()) {
        return Err(format!("no profile can be for the syntax `{}`", model.syntax));
    }
    if model.marks.is_empty() && model.text.is_none() {
        return Err("`marks` is empty: nothing would tell its objects from others".into());
    }
    let line = match &model.text {
        Some(text) => {
            let line = RegexBuilder::new(&text.line).size_limit(PATTERN_MAX).build();
            Some(line.map_err(|_| "`line` is not a pattern, or too large".to_owned())?)
        }
        None => None,
    };
    let pointers = matches!(model.syntax.as_str(), "json" | "jsonl");
    let check = |path: &String| {
        if pointers && !path.is_empty() && !path.starts_with('/') {
            return Err(format!("`{path}` is not a JSON Pointer"));
        }
        Ok(())
    };
    let rules = rules(&model)?;
    rules.iter().map(|rule| &rule.path).chain(&model.record).try_for_each(check)?;
    Ok(Profile {
        record: model.record.as_deref().map(steps),
        id: model.id,
        syntax: model.syntax,
        marks: model.marks,
        channel: model.channel,
        mojibake: model.mojibake,
        bots: model.bots.iter().map(|name| name.trim().to_lowercase()).collect(),
        rules,
        same: model.same.groups,
        line,
    })
}

type Meaning = fn(Clock) -> Does;

fn rules(model: &Toml) -> Result<Vec<Rule>, String> {
    let mut rules = Vec::new();
    let mut rule = |path: &String, does| {
        rules.push(Rule { path: path.clone(), steps: steps(path), does });
    };
    let roles = &model.roles;
    for (paths, role) in [
        (&roles.body, Role::Body),
        (&roles.subject, Role::Subject),
        (&roles.sender, Role::Sender),
        (&roles.recipient, Role::Recipient),
        (&roles.channel, Role::Channel),
        (&roles.attachment_name, Role::AttachName),
        (&model.opaque.paths, Role::Opaque),
    ] {
        for path in paths {
            rule(path, Does::Role(role));
        }
    }
    let times: [(_, Meaning); 2] = [(&roles.time, Does::Sent), (&roles.closed, Does::Closed)];
    for (time, does) in times {
        let Some(time) = time else { continue };
        let clock = Clock::new(time.unit.list(), time.zone.as_deref())?;
        time.path.list().iter().for_each(|path| rule(path, does(clock.clone())));
    }
    roles.key.iter().for_each(|path| rule(path, Does::Key));
    model.join.paths.iter().for_each(|path| rule(path, Does::Join));
    for (path, syntax) in &model.nested {
        rule(path, Does::Nested(syntax.clone()));
    }
    Ok(rules)
}
