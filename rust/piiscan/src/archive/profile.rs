//! Profiles: a vendor's layout as data. A format is a syntax times a profile; a new ticket system needs no code.
//!
//! A profile is a TOML file: `marks` that must all occur in the head of an object, `record` (where one message begins) and rules
//! that map paths to roles. Paths are JSON Pointers with `*` for any index or key, names of columns in a CSV file, or names of groups
//! of the line pattern in a text file. A field without a rule is `Meta` and is scanned all the same.

use std::sync::Arc;

use regex::bytes::Regex;

use super::{Probe, syntax::text};
use crate::error::{Error, ErrorKind};
use crate::message::Role;

mod clock;
mod model;

pub use clock::Clock;

/// The shipped profiles: id and TOML.
pub const PROFILES: &[(&str, &str)] = &[
    ("slack-export", include_str!("../../data/profile/slack-export.toml")),
    ("teams", include_str!("../../data/profile/teams.toml")),
    ("telegram", include_str!("../../data/profile/telegram.toml")),
    ("facebook-messenger-json", include_str!("../../data/profile/facebook-messenger-json.toml")),
    ("discord", include_str!("../../data/profile/discord.toml")),
    ("bot-framework-transcript", include_str!("../../data/profile/bot-framework-transcript.toml")),
    ("municipal-errand-page", include_str!("../../data/profile/municipal-errand-page.toml")),
    ("municipal-errand", include_str!("../../data/profile/municipal-errand.toml")),
    ("chatbot-log-jsonl", include_str!("../../data/profile/chatbot-log-jsonl.toml")),
    ("call-recording-json", include_str!("../../data/profile/call-recording-json.toml")),
    ("call-list-csv", include_str!("../../data/profile/call-list-csv.toml")),
    ("contact-center-csv", include_str!("../../data/profile/contact-center-csv.toml")),
    ("customer-register-csv", include_str!("../../data/profile/customer-register-csv.toml")),
    ("sms-csv", include_str!("../../data/profile/sms-csv.toml")),
    ("generic-chat-jsonl", include_str!("../../data/profile/generic-chat-jsonl.toml")),
    ("generic-chat-json", include_str!("../../data/profile/generic-chat-json.toml")),
    ("generic-tickets-csv", include_str!("../../data/profile/generic-tickets-csv.toml")),
    ("whatsapp", include_str!("../../data/profile/whatsapp.toml")),
    ("signal", include_str!("../../data/profile/signal.toml")),
    ("call-transcript-vtt", include_str!("../../data/profile/call-transcript-vtt.toml")),
];

/// A vendor's layout.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its id.
    pub id: String,
    /// The id of the syntax it is for.
    pub syntax: String,
    /// What must occur in the head of an object.
    pub marks: Vec<String>,
    /// The channel of its messages.
    pub channel: Option<String>,
    /// Where one message begins, if the object holds several.
    pub record: Option<Vec<Step>>,
    /// Whether text is double-encoded UTF-8.
    pub mojibake: bool,
    /// Names of bots, in lower case: as senders and recipients they are nobody.
    pub bots: Vec<String>,
    /// What paths mean.
    pub rules: Vec<Rule>,
    /// Paths that repeat each other: a value found in one is in the others as well.
    pub same: Vec<Vec<String>>,
    /// The first line of a message in a text file.
    pub line: Option<Regex>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A member with this key.
    Key(Box<str>),
    /// Any member or element.
    Any,
}

/// What a path means.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The path as written.
    pub path: String,
    /// Its steps.
    pub steps: Vec<Step>,
    /// What it means.
    pub does: Does,
}

/// The meaning of a path.
#[derive(Clone, Debug)]
pub enum Does {
    /// It has this role.
    Role(Role),
    /// It tells when the message came.
    Sent(Clock),
    /// It tells when the case was closed.
    Closed(Clock),
    /// It is the stable key of the message.
    Key,
    /// It holds another syntax.
    Nested(String),
    /// The strings of this array form one text.
    Join,
}

impl Profile {
    /// Reads a profile. `name` is the name of its file, for messages.
    ///
    /// # Errors
    ///
    /// If it is not a valid profile.
    pub fn parse(name: &str, toml: &str) -> Result<Self, Error> {
        model::parse(toml)
            .map_err(|reason| Error::new(ErrorKind::Config, format!("profile `{name}`: {reason}")))
    }

    /// Rules whose path is this name, in any case: columns and groups.
    pub fn rules_of<'p>(&'p self, name: &str) -> impl Iterator<Item = &'p Rule> {
        let name = name.trim().to_lowercase();
        self.rules.iter().filter(move |rule| rule.path.trim().to_lowercase() == name)
    }

    /// How plainly the head of an object is this profile's; 0 when it is not.
    fn score(&self, head: &[u8]) -> usize {
        let has = |mark: &String| match self.syntax.as_str() {
            "csv" => contains_in_any_case(head, mark.as_bytes()),
            _ => memchr::memmem::find(head, mark.as_bytes()).is_some(),
        };
        if !self.marks.iter().all(has) {
            return 0;
        }
        let lines = self.line.as_ref().map_or(0, |line| text::matching_lines(head, line));
        if self.line.is_some() && lines == 0 { 0 } else { self.marks.len() + lines }
    }
}

/// The profiles of a run.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    list: Vec<Arc<Profile>>,
}

impl Profiles {
    /// The shipped profiles.
    ///
    /// # Errors
    ///
    /// If a shipped profile is not valid, which a test rules out.
    pub fn builtin() -> Result<Self, Error> {
        let list = PROFILES.iter().map(|(id, toml)| Profile::parse(id, toml).map(Arc::new));
        Ok(Self { list: list.collect::<Result<_, _>>()? })
    }

    /// Adds profiles of the user, as (file name, TOML). They win over shipped ones of the same id, and in a tie.
    ///
    /// # Errors
    ///
    /// If one is not valid.
    pub fn with_user<'t>(
        mut self,
        files: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<Self, Error> {
        let mut list = Vec::new();
        for (name, toml) in files {
            let profile = Profile::parse(name, toml)?;
            self.list.retain(|shipped| shipped.id != profile.id);
            list.push(Arc::new(profile));
        }
        list.append(&mut self.list);
        Ok(Self { list })
    }

    /// The profile with this id.
    pub fn get(&self, id: &str) -> Option<&Arc<Profile>> {
        self.list.iter().find(|profile| profile.id == id)
    }

    /// Every profile, in the order of ties.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Profile>> {
        self.list.iter()
    }

    /// The profile of a syntax whose marks the head holds; the one with most marks wins.
    pub fn choose(&self, probe: &Probe<'_>, syntax: &str) -> Option<Arc<Profile>> {
        let head = probe.text();
        let mut best: Option<(usize, &Arc<Profile>)> = None;
        for profile in self.list.iter().filter(|profile| profile.syntax == syntax) {
            let score = profile.score(head);
            if score > best.map_or(0, |(most, _)| most) {
                best = Some((score, profile));
            }
        }
        best.map(|(_, profile)| Arc::clone(profile))
    }
}

/// Whether the first line holds a mark: names of columns are written in any case.
fn contains_in_any_case(head: &[u8], mark: &[u8]) -> bool {
    let line = head.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    line.windows(mark.len().max(1)).any(|window| window.eq_ignore_ascii_case(mark))
}

/// Splits a JSON Pointer with `*`.
fn steps(path: &str) -> Vec<Step> {
    let parts = path.split('/').skip(1);
    let step = |part: &str| match part {
        "*" => Step::Any,
        key => Step::Key(key.replace("~1", "/").replace("~0", "~").into()),
    };
    parts.map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(head: &[u8]) -> Probe<'_> {
        Probe::new(b"x", head, None)
    }

    #[test]
    fn every_shipped_profile_is_valid_and_has_its_id() {
        let profiles = Profiles::builtin().unwrap();
        for ((id, _), profile) in PROFILES.iter().zip(profiles.iter()) {
            assert_eq!(*id, profile.id);
            assert!(!profile.marks.is_empty() || profile.line.is_some(), "{id} has no marks");
        }
    }

    #[test]
    fn the_profile_with_most_marks_wins() {
        let profile = |id: &str, marks| {
            format!("id = \"{id}\"\nsyntax = \"json\"\nmarks = {marks}\n[roles]\nbody = [\"/t\"]\n")
        };
        let (one, two) = (profile("one", r#"["a"]"#), profile("two", r#"["a", "b"]"#));
        let profiles =
            Profiles::default().with_user([("1.toml", one.as_str()), ("2.toml", &two)]).unwrap();
        assert_eq!(profiles.choose(&probe(b"[\"a\", \"b\"]"), "json").unwrap().id, "two");
        assert_eq!(profiles.choose(&probe(b"[\"a\"]"), "json").unwrap().id, "one");
        assert!(profiles.choose(&probe(b"[\"a\"]"), "csv").is_none());
        assert!(profiles.choose(&probe(b"[]"), "json").is_none());
    }

    #[test]
    fn a_profile_of_the_user_replaces_the_shipped_one() {
        let toml = "id = \"teams\"\nsyntax = \"json\"\nmarks = [\"zz\"]\n[roles]\nbody = [\"/t\"]";
        let profiles = Profiles::builtin().unwrap().with_user([("t.toml", toml)]).unwrap();
        assert_eq!(profiles.iter().filter(|profile| profile.id == "teams").count(), 1);
        assert_eq!(profiles.get("teams").unwrap().marks, ["zz"]);
    }

    #[test]
    fn a_fault_names_the_file_and_the_reason() {
        let error =
            Profile::parse("x.toml", "id = \"x\"\nsyntax = \"json\"\nmark = []").unwrap_err();
        assert!(error.to_string().starts_with("profile `x.toml`: "));
        for bad in [
            "id = \"x\"\nsyntax = \"nope\"\nmarks = [\"a\"]",
            "id = \"x\"\nsyntax = \"json\"\nmarks = [\"a\"]\n[roles]\nbody = [\"no-slash\"]",
            "id = \"x\"\nsyntax = \"json\"\nmarks = [\"a\"]\n[roles]\nauthor = [\"/a\"]",
            "id = \"x\"\nsyntax = \"json\"\nmarks = [\"a\"]\n[roles]\ntime = { path = \"/a\", unit = \"weeks\" }",
            "id = \"x\"\nsyntax = \"text\"\n[text]\nline = '('",
            "id = \"x\"\nsyntax = \"json\"\nmarks = []",
        ] {
            assert!(Profile::parse("x", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn keys_of_a_path_are_unescaped() {
        assert_eq!(
            steps("/a~1b/*/c~0"),
            [Step::Key("a/b".into()), Step::Any, Step::Key("c~".into())]
        );
        assert_eq!(steps(""), []);
    }
}
