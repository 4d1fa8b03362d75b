//! Looks lexicons over: rules of terms, sentences of the gate, ids and stems that stand twice, terms that are dead.
//!
//! An **error** keeps a lexicon from working as it says: a broken rule, a sentence that is decided otherwise, an id that stands twice, a term
//! whose every word is excluded or whose every needed context is a veto. A **warning** is a term that adds nothing because another one
//! finds its words anyway, or a stem that two terms of a category share.
//!
//! A file is looked at together with the shipped lexicons. One at `<lang>/<category>.toml` stands for the shipped one of that name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::forms::Wild;
use super::gate::failing;
use super::judge::REQUIRED;
use super::{Keywords, Ready};
use crate::error::Error;
use crate::lexicon::{
    Broken, CUES, Case, Form, LEXICONS, Lexicon, Term, check_cues, examined, folded,
};

/// Bytes around a word that may be read.
pub(super) const PAD: usize = 64;
/// Letters that stand for the rest of a compound.
const REST: &str = "qqqq";

/// Something that is wrong in a lexicon.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issue {
    /// The file as it was named.
    pub file: String,
    /// Its line, from 1; 0 if it is about the whole file.
    pub line: usize,
    /// Full id of the term; empty if it is about none.
    pub term: String,
    /// Whether it is an error, not a warning.
    pub is_error: bool,
    /// One lowercase clause.
    pub what: String,
}

/// What is wrong in these files, each a name and its text; in the shipped ones if there are none.
pub fn lint(files: &[(String, String)]) -> Vec<Issue> {
    let shipped: Vec<(String, String)> = [LEXICONS, CUES]
        .concat()
        .iter()
        .zip(0..)
        .map(|((name, text), at)| {
            let cues = if at < LEXICONS.len() { "" } else { "/cues.toml" };
            (format!("{name}{cues}"), (*text).to_owned())
        })
        .collect();
    let files = if files.is_empty() { &shipped } else { files };
    let mut issues = Vec::new();
    let mut looked_at: Vec<Arc<Lexicon>> = Vec::new();
    for (name, text) in files {
        if name.ends_with("cues.toml") {
            issues.extend(check_cues(name, text).err().map(|error| of_file(name, &error)));
            continue;
        }
        match examined(name, text) {
            Err(error) => issues.push(of_file(name, &error)),
            Ok((lexicon, broken)) => {
                issues.extend(broken.into_iter().map(|Broken { line, id, reason }| Issue {
                    file: name.clone(),
                    line,
                    term: format!("{}.{}.{id}", lexicon.lang(), lexicon.category().name()),
                    is_error: true,
                    what: reason,
                }));
                looked_at.push(Arc::new(lexicon));
            }
        }
    }
    let all = Together::new(&looked_at, &mut issues);
    for lexicon in &looked_at {
        match failing(lexicon) {
            Ok(failing) => issues.extend(
                failing
                    .into_iter()
                    .map(|(at, what)| issue(lexicon, &lexicon.terms[at], true, what)),
            ),
            Err(error) => issues.push(of_file(lexicon.name(), &error)),
        }
        for term in &lexicon.terms {
            all.look(lexicon, term, &mut issues);
        }
    }
    issues.sort_unstable();
    issues.dedup();
    issues
}

pub(super) fn padded(word: &str) -> Vec<u8> {
    let mut bytes = vec![b' '; PAD];
    bytes.extend_from_slice(word.as_bytes());
    bytes.resize(bytes.len() + PAD, 0);
    bytes
}

fn issue(lexicon: &Lexicon, term: &Term, is_error: bool, what: String) -> Issue {
    Issue {
        file: lexicon.name().to_owned(),
        line: term.line,
        term: term.id.clone(),
        is_error,
        what,
    }
}

/// An error that names the file and perhaps the line, taken apart.
fn of_file(name: &str, error: &Error) -> Issue {
    let text = error.reason();
    let rest = text.strip_prefix(&format!("lexicon `{name}`")).unwrap_or(text);
    let lined = rest.strip_prefix(", line ").and_then(|rest| rest.split_once(": "));
    let (line, what) = match lined.map(|(line, what)| (line.parse(), what)) {
        Some((Ok(line), what)) => (line, what),
        _ => (0, rest.strip_prefix(": ").unwrap_or(rest)),
    };
    Issue {
        file: name.to_owned(),
        line,
        term: String::new(),
        is_error: true,
        what: what.to_owned(),
    }
}

/// The lexicons that are looked at with the shipped ones beside them, as they would be compiled.
struct Together<'l> {
    keywords: Option<Keywords>,
    terms: BTreeMap<&'l str, (&'l Lexicon, &'l Term)>,
}

impl<'l> Together<'l> {
    fn new(looked_at: &'l [Arc<Lexicon>], issues: &mut Vec<Issue>) -> Self {
        let replaces = |name: &str| {
            let file = format!("{}.toml", name.replace('.', "/"));
            looked_at.iter().any(|one| one.name() == name || one.name().ends_with(&file))
        };
        let shipped = Lexicon::builtin().unwrap_or_default();
        let beside: Vec<Arc<Lexicon>> =
            shipped.into_iter().filter(|lexicon| !replaces(lexicon.name())).collect();
        let mut owners: BTreeMap<String, String> = BTreeMap::new();
        let mut compiled = Vec::new();
        for lexicon in beside.iter().chain(looked_at) {
            let mut one = Lexicon::clone(lexicon);
            one.terms.retain(|term| {
                let Some(owner) = owners.get(&term.id) else {
                    owners.insert(term.id.clone(), lexicon.name().to_owned());
                    return true;
                };
                let what = format!("a term with this id also stands in `{owner}`");
                issues.push(issue(lexicon, term, true, what));
                false
            });
            compiled.push(one);
        }
        for lexicon in &mut compiled {
            let (known, unknown): (Vec<String>, Vec<String>) = std::mem::take(&mut lexicon.disable)
                .into_iter()
                .partition(|id| owners.contains_key(id));
            issues.extend(unknown.into_iter().map(|id| Issue {
                file: lexicon.name().to_owned(),
                line: 0,
                term: String::new(),
                is_error: true,
                what: format!("no term is called `{id}`, so it cannot be disabled"),
            }));
            lexicon.disable = known;
        }
        let compiled: Vec<Arc<Lexicon>> = compiled.into_iter().map(Arc::new).collect();
        let terms = looked_at
            .iter()
            .flat_map(|lexicon| {
                lexicon.terms.iter().map(move |term| (term.id.as_str(), (&**lexicon, term)))
            })
            .collect();
        Self { keywords: Keywords::compile(&compiled).ok(), terms }
    }

    /// What is wrong with a term beside the others.
    fn look(&self, lexicon: &Lexicon, term: &Term, issues: &mut Vec<Issue>) {
        let mut say = |is_error, what| issues.push(issue(lexicon, term, is_error, what));
        if !term.require_any.is_empty()
            && term.require_any.iter().all(|name| term.veto.contains(name))
        {
            say(true, "is dead: every context that it needs is a veto".to_owned());
        }
        let words = words(term);
        if words.is_empty() {
            return;
        }
        let excluded: Vec<Wild> = term.exclude.iter().map(|word| Wild::new(word)).collect();
        let swallows = |word: &String| excluded.iter().any(|wild| wild.matches(word.as_bytes()));
        if words.iter().all(|(_, word)| swallows(word)) {
            return say(true, "is dead: `exclude` holds every word that it matches".to_owned());
        }
        for stem in stems(term) {
            let mut of_stem = words.iter().filter(|(of, _)| *of == stem);
            if of_stem.all(|(_, word)| swallows(word)) {
                say(
                    false,
                    format!("stem `{stem}` is dead: `exclude` holds every word that it matches"),
                );
            }
        }
        let Some(keywords) = &self.keywords else { return };
        let rivals = |word: &str| -> BTreeSet<u32> {
            let hits = keywords.forms.hits(&padded(word), PAD, PAD + word.len());
            hits.iter()
                .map(|hit| hit.term)
                .filter(|at| keywords.terms[*at as usize].id != term.id)
                .collect()
        };
        let mut shared: Option<BTreeSet<u32>> = None;
        for (_, word) in words.iter().filter(|(_, word)| !swallows(word)) {
            let here = rivals(word);
            shared = Some(shared.map_or_else(|| here.clone(), |so_far| &so_far & &here));
        }
        for at in shared.unwrap_or_default() {
            let id = &keywords.terms[at as usize].id;
            let other = self.terms.get(id.as_str()).map(|(_, other)| *other);
            if outdoes(&keywords.terms[at as usize], keywords, term, &words)
                && !(other.is_some_and(|other| twins(term, other)) && term.id < *id)
            {
                return say(
                    false,
                    format!("adds nothing: `{id}` finds the same words, as sure or surer"),
                );
            }
        }
        for stem in stems(term) {
            let same = |(id, (owner, other)): &(&&str, &(&Lexicon, &Term))| {
                **id < term.id.as_str()
                    && owner.lang() == lexicon.lang()
                    && other.category == term.category
                    && stems(other).contains(stem)
            };
            if let Some((id, _)) = self.terms.iter().find(same) {
                say(false, format!("stem `{stem}` also stands in `{id}`"));
            }
        }
    }
}

/// The stems of a term; none of a pattern.
fn stems(term: &Term) -> &[String] {
    match &term.form {
        Form::Stems { stems, .. } => stems,
        Form::Pattern(_) => &[],
    }
}

/// Whether two terms are spelled alike, so that only one of them adds nothing.
fn twins(term: &Term, other: &Term) -> bool {
    let sorted = |term: &Term| stems(term).iter().cloned().collect::<BTreeSet<String>>();
    sorted(term) == sorted(other)
}

/// Words that a term matches, one for each stem, mode and ending, with the stem.
fn words(term: &Term) -> Vec<(&String, String)> {
    let Form::Stems { stems, modes, inflection } = &term.form else { return Vec::new() };
    let endings = inflection.endings();
    let mut words = Vec::new();
    for stem in stems {
        if modes.word {
            words.extend(endings.iter().map(|ending| (stem, format!("{stem}{ending}"))));
        }
        if modes.head {
            words.push((stem, format!("{stem}{REST}")));
        }
        if modes.tail {
            words.extend(endings.iter().map(|ending| (stem, format!("{REST}{stem}{ending}"))));
        }
    }
    words
}

/// Whether `other`, which matches the same words, is at least as sure wherever `term` is a finding.
fn outdoes(other: &Ready, keywords: &Keywords, term: &Term, words: &[(&String, String)]) -> bool {
    let name = |context: &u16| keywords.cues[other.cues].names.get(context).map(String::as_str);
    let same_place = other.id.rsplit_once('.').map(|(place, _)| place)
        == term.id.rsplit_once('.').map(|(place, _)| place);
    let boosts = |(wanted, points): &(String, u8)| {
        let has = |(context, own): &(u16, u8)| name(context) == Some(wanted) && own >= points;
        other.boost.iter().any(has)
    };
    let needed = if term.require_any.is_empty() { 0 } else { REQUIRED };
    let vetoed =
        |context: &u16| name(context).is_some_and(|n| term.veto.iter().any(|veto| veto == n));
    let excluded = |word: &[u8]| other.exclude.iter().any(|wild| wild.matches(word));
    same_place
        && keywords.categories[other.category] == term.category
        && other.matcher.is_none()
        && other.case == Case::Any
        && other.require_any.is_empty()
        && other.alert == term.alert
        && other.weight >= (term.weight + needed).min(100)
        && term.boost.iter().all(boosts)
        && other.veto.iter().all(vetoed)
        && !words.iter().any(|(_, word)| excluded(&folded(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "schema = 1\nlang = \"sv\"\ncategory = \"health\"\n";

    fn said(terms: &str) -> Vec<String> {
        let file = ("my.toml".to_owned(), format!("{HEAD}{terms}"));
        let show = |issue: &Issue| format!("{}:{} {}", issue.line, issue.term, issue.what);
        lint(&[file]).iter().map(show).collect()
    }

    /// A term with a sentence of both kinds.
    fn term(id: &str, stem: &str, rest: &str) -> String {
        format!(
            "[[term]]\nid = \"{id}\"\nstem = \"{stem}\"\nweight = 0.6\nsource = \"own\"\n{rest}\n\
             ok = [\"Jag har {stem} nu.\"]\nnot = [\"Vi har fika nu.\"]\n"
        )
    }

    #[test]
    fn the_shipped_lexicons_have_no_error() {
        let errors: Vec<Issue> = lint(&[]).into_iter().filter(|issue| issue.is_error).collect();
        assert_eq!(errors, []);
    }

    #[test]
    fn a_good_file_has_no_issue() {
        assert_eq!(said(&term("kantarell", "kantarell", "")), Vec::<String>::new());
    }

    #[test]
    fn every_broken_rule_is_told_with_its_line() {
        let two = "[[term]]\nid = \"a\"\nstem = \"Kol\"\nweight = 0.5\nsource = \"own\"\n[[term]]\nid = \"b\"\nweight = 0.5\n";
        let said = said(two);
        assert_eq!(said.len(), 2);
        assert!(said[0].starts_with("4:sv.health.a `Kol` is not in lower case"), "{said:?}");
        assert!(said[1].starts_with("9:sv.health.b `source` is missing"), "{said:?}");
    }

    #[test]
    fn an_unknown_key_and_no_toml_are_told_with_their_line() {
        assert!(said("[[term]]\nid = \"x\"\nstemm = \"kol\"\n")[0].starts_with("6: "));
        assert!(said("[[term\n")[0].starts_with("4: "));
    }

    #[test]
    fn sentences_are_tried_and_missed() {
        let wrong = term("x", "kantarell", "").replace("Vi har fika", "Vi har kantarell");
        assert_eq!(said(&wrong), ["4:sv.health.x `not` sentence 1 is a match"]);
        let none = "[[term]]\nid = \"x\"\nstem = \"kantarell\"\nweight = 0.6\nsource = \"own\"\n";
        assert_eq!(
            said(none),
            ["4:sv.health.x has no `not` sentence", "4:sv.health.x has no `ok` sentence"]
        );
    }

    #[test]
    fn an_id_and_a_stem_that_stand_twice_are_told() {
        let shipped = term("cancer", "kantarell", "");
        assert_eq!(
            said(&shipped),
            ["4:sv.health.cancer a term with this id also stands in `sv.health`"]
        );
        let twice = term("a", "kantarell", "boost = { person = 0.1 }\nveto = [\"generic\"]")
            + &term("b", "kantarell", "");
        assert_eq!(said(&twice), ["13:sv.health.b stem `kantarell` also stands in `sv.health.a`"]);
    }

    #[test]
    fn dead_terms_are_told() {
        let swallowed = term("x", "kantarell", "exclude = [\"kantarell*\"]");
        assert!(said(&swallowed).contains(
            &"4:sv.health.x is dead: `exclude` holds every word that it matches".to_owned()
        ));
        let vetoed = term("x", "kantarell", "require_any = [\"person\"]\nveto = [\"person\"]");
        assert!(
            said(&vetoed).contains(
                &"4:sv.health.x is dead: every context that it needs is a veto".to_owned()
            )
        );
        let covered = term("a", "kantarellsoppa", "")
            + &term("b", "kantarell", "match = [\"word\", \"compound-head\"]");
        assert_eq!(
            said(&covered),
            ["4:sv.health.a adds nothing: `sv.health.b` finds the same words, as sure or surer"]
        );
    }

    #[test]
    fn of_twins_one_adds_nothing() {
        let twins = term("a", "kantarell", "") + &term("b", "kantarell", "");
        assert_eq!(
            said(&twins),
            ["12:sv.health.b adds nothing: `sv.health.a` finds the same words, as sure or surer"]
        );
    }

    #[test]
    fn a_file_in_its_place_stands_for_the_shipped_one() {
        let (_, text) = LEXICONS[0];
        let file = ("data/lexicon/sv/health.toml".to_owned(), text.to_owned());
        assert!(!lint(&[file]).iter().any(|issue| issue.is_error));
        let copy = ("copy.toml".to_owned(), text.to_owned());
        assert!(lint(&[copy]).iter().any(|issue| issue.what.contains("also stands in")));
    }
}
