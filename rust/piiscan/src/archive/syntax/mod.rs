//! Syntaxes: grammars of messages.

use std::sync::Arc;

use super::profile::{Profile, Profiles};
use super::{Arena, Probe, Sink, Syntax};
use crate::message::Role;
use crate::view::View;

pub mod csv;
pub mod html;
pub mod json;
pub mod jsonl;
mod layer;
pub mod mbox;
pub mod mime;
pub mod text;
mod url;

/// Every syntax, in the order of ties.
pub const SYNTAXES: &[&dyn Syntax] =
    &[&mbox::Mbox, &mime::Mime, &html::Html, &jsonl::Jsonl, &json::Json, &csv::Csv, &text::Text];

/// Syntaxes that a field of another syntax can hold, by the name that profiles use.
pub const NESTED: &[(&str, Nested)] = &[("url", url::nested)];

/// What is known about a field that holds another syntax.
#[derive(Clone, Copy, Debug)]
pub struct Field<'f> {
    /// What it is for.
    pub role: Role,
    /// Its path within the message.
    pub path: &'f str,
    /// What a reader of the archive sees before it.
    pub label: &'f str,
}

/// Hands over the fields within a field.
pub type Nested = for<'a> fn(View<'a>, &Field<'_>, &'a Arena<'a>, &mut dyn Sink<'a>);

/// The reader of a nested syntax. A field of a syntax that is not there is scanned as it is.
fn nested(syntax: &str) -> Option<Nested> {
    NESTED.iter().find(|(id, _)| *id == syntax).map(|(_, nested)| *nested)
}

/// What an object was recognized as.
#[derive(Clone, Debug)]
pub struct Recognized {
    /// Its grammar.
    pub syntax: &'static dyn Syntax,
    /// The vendor's layout.
    pub profile: Option<Arc<Profile>>,
    /// How well it fits, 0 to 100.
    pub score: u8,
    /// Whether another syntax fits as well: worth a warning.
    pub tied: bool,
}

/// Score of an object with all marks of a profile.
const PROFILE_SCORE: u8 = 90;

/// The best syntax for an object, if any fits. Marks of a profile count where its syntax is possible at all.
pub fn recognize(probe: &Probe<'_>, profiles: &Profiles) -> Option<Recognized> {
    let mut best: Option<Recognized> = None;
    for syntax in SYNTAXES {
        let mut score = syntax.probe(probe);
        if score == 0 {
            continue;
        }
        let profile = profiles.choose(probe, syntax.id());
        if profile.is_some() {
            score = score.max(PROFILE_SCORE);
        }
        match &mut best {
            Some(best) if best.score > score => {}
            Some(best) if best.score == score => best.tied = true,
            _ => best = Some(Recognized { syntax: *syntax, profile, score, tied: false }),
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognized(name: &str, head: &str) -> String {
        let probe = Probe { name: name.as_bytes(), head: head.as_bytes(), len: None };
        let found = recognize(&probe, &Profiles::builtin().unwrap()).unwrap();
        let profile = found.profile.map_or(String::new(), |profile| format!(" {}", profile.id));
        format!("{}{profile} {}", found.syntax.id(), found.score)
    }

    #[test]
    fn content_beats_the_name() {
        for (name, head, expected) in [
            ("x.csv", "{\"a\": 1}\n{\"a\": 2}\n", "jsonl 60"),
            ("x.txt", "{\"a\": [1,\n2]}", "json 50"),
            ("x.json", "name;age\nA;1\nB;2\nC;3\n", "csv 50"),
            ("x.json", "Hej du glade!\nTa en spade.\n", "text 5"),
            (
                "x",
                "{\"id\": 1, \"text\": \"hej\"}\n{\"id\": 2, \"text\": \"hej\"}\n",
                "jsonl generic-chat-jsonl 90",
            ),
            ("x", "[2024-05-03, 12:11] Anna: hej\n", "text signal 90"),
        ] {
            assert_eq!(recognized(name, head), expected);
        }
    }

    #[test]
    fn the_name_breaks_ties() {
        assert!(recognized("x.jsonl", "{\"a\": 1}\n").starts_with("jsonl"));
        assert!(recognized("x.json", "{\"a\": 1}\n").starts_with("json 50"));
    }

    #[test]
    fn shipped_profiles_name_syntaxes_that_exist() {
        for profile in Profiles::builtin().unwrap().iter() {
            assert!(SYNTAXES.iter().any(|syntax| syntax.id() == profile.syntax), "{}", profile.id);
        }
    }
}
