//! Which ordinary words the stems of lexicons hit, from a word list of the user's: what a term costs in texts that are not about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::explain::Mode;
use super::judge::{LOW, is_upper};
use super::lint::{PAD, padded};
use super::{Keywords, Ready};
use crate::error::Error;
use crate::lexicon::{Case, Lexicon, examined};

/// A word of a list that a term hits, whatever the words around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Collision {
    /// Full id of the term.
    pub term: String,
    /// How it matches.
    pub mode: Mode,
    /// Whether the word alone is a finding: the term needs no context.
    pub alone: bool,
    /// The word as the list spells it.
    pub word: String,
    /// How often it occurs, if the list says so.
    pub count: Option<f64>,
}

/// Which words of a list the stems of these lexicons hit, terms with the most frequent words first, and words by frequency. A line of the list is
/// a word, with a number before or after it if it is counted. Files with errors are left out.
///
/// # Errors
///
/// The files do not fit together.
pub fn collisions(files: &[(String, String)], words: &str) -> Result<Vec<Collision>, Error> {
    let lexicons = if files.is_empty() {
        Lexicon::builtin()?
    } else {
        let parsed = files.iter().filter(|(name, _)| !name.ends_with("cues.toml"));
        parsed
            .filter_map(|(name, text)| examined(name, text).ok())
            .map(|one| alone(&one.0))
            .collect()
    };
    let keywords = Keywords::compile(&lexicons)?;
    let mut found: BTreeMap<u32, Vec<Collision>> = BTreeMap::new();
    for (word, count) in words.lines().filter_map(counted) {
        let bytes = padded(word);
        for hit in keywords.forms.hits(&bytes, PAD, PAD + word.len()) {
            let term = &keywords.terms[hit.term as usize];
            let Some(weight) = weight(term, word) else { continue };
            found.entry(hit.term).or_default().push(Collision {
                term: term.id.clone(),
                mode: keywords.mode(term, hit, word.as_bytes()),
                alone: term.require_any.is_empty() && weight >= LOW,
                word: word.to_owned(),
                count,
            });
        }
    }
    let often = |collision: &Collision| collision.count.unwrap_or(1.0);
    let mut groups: Vec<Vec<Collision>> = found.into_values().collect();
    for group in &mut groups {
        group.sort_by(|a, b| often(b).total_cmp(&often(a)).then_with(|| a.word.cmp(&b.word)));
    }
    let total = |group: &Vec<Collision>| group.iter().map(often).sum::<f64>();
    groups.sort_by(|a, b| total(b).total_cmp(&total(a)).then_with(|| a[0].term.cmp(&b[0].term)));
    Ok(groups.into_iter().flatten().collect())
}

/// The lexicon without the terms that it disables elsewhere.
fn alone(lexicon: &Lexicon) -> Arc<Lexicon> {
    let mut lexicon = lexicon.clone();
    lexicon.disable.clear();
    Arc::new(lexicon)
}

/// A word of a list and how often it occurs.
fn counted(line: &str) -> Option<(&str, Option<f64>)> {
    let mut parts = line.split([' ', '\t', ',', ';']).filter(|part| !part.is_empty());
    let (first, second) = (parts.next()?, parts.next());
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let (word, count) = match second {
        Some(word) if number(word).is_none() && number(first).is_some() => (word, number(first)),
        second => (first, second.and_then(number)),
    };
    (word.chars().all(char::is_alphanumeric) && word.len() <= PAD).then_some((word, count))
}

/// What a term weighs on a word of its own; `None` if it never hits it.
fn weight(term: &Ready, word: &str) -> Option<u8> {
    if term.matcher.is_some() || term.exclude.iter().any(|wild| wild.matches(word.as_bytes())) {
        return None;
    }
    match (term.case, is_upper(word.as_bytes())) {
        (Case::UpperOnly, false) => None,
        (Case::UpperPreferred, false) => Some(term.weight / 2),
        _ => Some(term.weight),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_list_are_hit_most_frequent_first() {
        let text = "schema = 1\nlang = \"sv\"\ncategory = \"health\"\n[[term]]\nid = \"x\"\nstem = \"kantarell\"\nweight = 0.6\n\
                    source = \"own\"\nmatch = [\"word\", \"compound-head\"]\nexclude = [\"kantarellgatan\"]\n";
        let list =
            "kantarellen 5\nKantarellgul\t70\nkantarellgatan 900\n# 1\n12 kantarell\nfika 1000\n";
        let found = collisions(&[("my.toml".to_owned(), text.to_owned())], list).unwrap();
        let shown: Vec<(&str, Mode, bool, Option<f64>)> =
            found.iter().map(|c| (c.word.as_str(), c.mode, c.alone, c.count)).collect();
        assert_eq!(
            shown,
            [
                ("Kantarellgul", Mode::CompoundHead, true, Some(70.0)),
                ("kantarell", Mode::Word, true, Some(12.0)),
                ("kantarellen", Mode::CompoundHead, true, Some(5.0)),
            ]
        );
    }
}
