//! Syntaxes: grammars of messages.

use super::{Arena, Sink, Syntax};
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
pub const NESTED: &[(&str, Nested)] = &[("html", html::nested), ("url", url::nested)];

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::profile::{Does, Profiles};

    #[test]
    fn shipped_profiles_name_syntaxes_that_exist() {
        for profile in Profiles::builtin().unwrap().iter() {
            assert!(SYNTAXES.iter().any(|syntax| syntax.id() == profile.syntax), "{}", profile.id);
            for rule in &profile.rules {
                if let Does::Nested(syntax) = &rule.does {
                    assert!(nested(syntax).is_some(), "{}: {syntax}", profile.id);
                }
            }
        }
    }
}
