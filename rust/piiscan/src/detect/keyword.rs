//! Keyword detectors: one type, one instance per sensitive category, fed by the lexicons.
//!
//! Two steps, called by the scan. [`Keywords::filter`] sees every word of a text as bits of two bitmaps and keeps those that begin, as
//! far as eight bytes tell, like something in a lexicon: about one in fifteen. [`Keywords::verify`] looks at one such place. Nearly all are
//! ordinary words that some pattern is anchored at, so what costs least is asked first: exact comparison and ending, excluded words
//! and capitals, then whether the words on both sides may be those of the pattern (`beside`). What is left, about one in two hundred,
//! gets its sentence cut into tokens (`words`), the pattern matched (`phrase`), and its contexts looked up (`context`): score, veto, reading,
//! negation (`judge`). Nothing is allocated per word.
//!
//! Score = weight (halved where capitals are preferred and absent) + 40 if a needed context is there + boosts, at most 100; from 80 high,
//! from 50 medium, from 30 low confidence, below nothing. A needed context that is missing, or a veto, means no match. The reading
//! is personal if a person cue stands no farther away than a generic cue.
//!
//! A word may be a term in several languages: the language with more stopwords around it wins, then the longer match, then the
//! higher score. A veto in one language holds for the languages that speak no louder. A term of a language without any stopword is
//! dropped where another language has three.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::anchor::Anchors;
use crate::error::Error;
use crate::finding::{Attributes, Category, Confidence};
use crate::lexicon::{Case, Form, Inflection, Lexicon, Term, cue, variants, wrong};

mod beside;
mod collisions;
mod context;
mod eights;
mod explain;
mod filter;
mod forms;
mod gate;
mod judge;
mod letters;
mod lint;
mod phrase;
mod words;

use context::{Contexts, Negation};
use forms::{Forms, Hits, Wild};
use phrase::{Matcher, Need};

pub use collisions::{Collision, collisions};
pub(super) use eights::Key;
pub use explain::{Explained, Mode, Outcome, Role, Stood};
pub(super) use filter::Filter;
pub(super) use forms::ByKey;
#[cfg(test)]
pub(super) use gate::bitmaps;
pub use gate::failures;
pub(super) use letters::{is_word_byte, word8};
pub use lint::{Issue, lint};

/// A keyword with what it says. Offsets count bytes of the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeywordMatch {
    /// First byte of the word, or of the pattern.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Place of the category in [`Keywords::categories`].
    pub category: usize,
    /// How sure.
    pub confidence: Confidence,
    /// Term, reading, negation, alert.
    pub attributes: Attributes,
    /// First byte of the sentence, as far as it was looked at.
    pub sentence: usize,
}

/// A term ready to be applied.
#[derive(Debug)]
struct Ready {
    id: String,
    category: usize,
    lang: u8,
    case: Case,
    weight: u8,
    require_any: Vec<u16>,
    boost: Vec<(u16, u8)>,
    veto: Vec<u16>,
    exclude: Vec<Wild>,
    matcher: Option<Matcher>,
    /// Endings of a whole word, if the term matches whole words.
    endings: Option<Inflection>,
    /// Misspellings, folded.
    aliases: Vec<Vec<u8>>,
    alert: Option<&'static str>,
    cues: usize,
}

/// The cue contexts of a lexicon.
#[derive(Debug)]
struct Cues {
    person: u16,
    generic: u16,
    negation: Negation,
    /// What the lexicon calls its contexts.
    names: BTreeMap<u16, String>,
}

/// The compiled lexicons of a scanner.
#[derive(Debug)]
pub struct Keywords {
    categories: Vec<Category>,
    terms: Vec<Ready>,
    /// What each term needs beside it first of all: asked so often that it stands apart.
    firsts: Vec<Need>,
    forms: Forms,
    contexts: Contexts,
    cues: Vec<Cues>,
    digest: [u8; 32],
}

impl Keywords {
    /// Compiles lexicons. The order of files does not change what is found or the digest.
    ///
    /// # Errors
    ///
    /// Two terms share an id, or a disabled term does not exist.
    ///
    /// # Panics
    ///
    /// Never: what it relies on is checked when a lexicon is parsed.
    pub fn compile(lexicons: &[Arc<Lexicon>]) -> Result<Self, Error> {
        let mut ids = BTreeSet::new();
        for term in lexicons.iter().flat_map(|lexicon| &lexicon.terms) {
            if !ids.insert(term.id.as_str()) {
                return Err(wrong(format!("two lexicons have a term `{}`", term.id)));
            }
        }
        let disabled: BTreeSet<&str> = lexicons
            .iter()
            .flat_map(|lexicon| lexicon.disable.iter().map(String::as_str))
            .collect();
        if let Some(unknown) = disabled.iter().find(|id| !ids.contains(**id)) {
            return Err(wrong(format!("no term is called `{unknown}`, so it cannot be disabled")));
        }

        let mut sorted: Vec<([u8; 32], &Lexicon)> =
            lexicons.iter().map(|lexicon| (lexicon.digest(), &**lexicon)).collect();
        sorted.sort_unstable_by_key(|(digest, _)| *digest);
        let mut hasher = blake3::Hasher::new();
        let mut contexts = context::Collected::default();
        let (mut cues, mut used, mut langs) = (Vec::new(), Vec::new(), BTreeMap::new());
        for (digest, lexicon) in sorted {
            hasher.update(&digest);
            let next = u8::try_from(langs.len()).expect("a lexicon is of one of six languages");
            let lang = *langs.entry(lexicon.lang()).or_insert_with(|| {
                contexts.add_language(next, &lexicon.stopwords);
                next
            });
            let names: BTreeMap<&str, u16> =
                lexicon.contexts.iter().map(|(name, c)| (name.as_str(), contexts.add(c))).collect();
            let own = |name: &str| names.get(name).copied();
            cues.push(Cues {
                person: own(cue::PERSON).expect("checked by the lexicon"),
                generic: own(cue::GENERIC).expect("checked by the lexicon"),
                negation: Negation {
                    before: own(cue::NEGATOR),
                    after: own(cue::NEGATOR_AFTER),
                    affirming: own(cue::AFFIRMING),
                    clause: own(cue::CLAUSE),
                },
                names: names.iter().map(|(name, number)| (*number, (*name).to_owned())).collect(),
            });
            let active = lexicon.terms.iter().filter(|term| !disabled.contains(term.id.as_str()));
            used.extend(active.map(|term| (term, ready(term, lang, cues.len() - 1, &names))));
        }
        used.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));

        let categories: Vec<Category> = Category::ALL
            .iter()
            .copied()
            .filter(|category| used.iter().any(|(term, _)| term.category == *category))
            .collect();
        let forms = Forms::new(used.iter().map(|(term, _)| *term));
        let mut terms = Vec::with_capacity(used.len());
        for (term, mut ready) in used {
            ready.category =
                categories.iter().position(|c| *c == term.category).expect("collected from terms");
            terms.push(ready);
        }
        let first = |term: &Ready| term.matcher.as_ref().map_or(Need::NONE, Matcher::first_need);
        let firsts = terms.iter().map(first).collect();
        let digest = *hasher.finalize().as_bytes();
        Ok(Self { categories, terms, firsts, forms, contexts: contexts.compile(), cues, digest })
    }

    /// The categories that have terms, in the order of outputs. Each is a detector of its own.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// The full id of a term: `sv.health.cancer`. `term` is [`Attributes::term`], 0 means none.
    pub fn term_name(&self, term: u32) -> Option<&str> {
        let at = usize::try_from(term.checked_sub(1)?).ok()?;
        self.terms.get(at).map(|term| term.id.as_str())
    }

    /// A hash of all lexicons, whatever their order.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Appends the places of words that may be terms. Bit i of `starts` is set where a word starts at `text[base + i]`, of `ends`
    /// where the last byte of a word stands. Words that are cut by a border of the bitmaps are kept rather than lost.
    #[expect(clippy::inline_always, reason = "compiled with the pass, for its processor")]
    #[inline(always)]
    pub fn filter(
        &self,
        text: &[u8],
        base: usize,
        starts: &[u64],
        ends: &[u64],
        out: &mut Vec<u32>,
    ) {
        let forms = &self.forms;
        forms.head_filter.starts(text, base, starts, ends, out);
        forms.tail_filter.ends(text, base, (starts, ends), forms.tail_least, out);
    }

    /// Lets anchors through the filter too. [`Self::verify`] finds nothing in them.
    pub(crate) fn watch(&mut self, anchors: &Anchors) {
        self.forms.head_filter = self.forms.head_filter.and(anchors.keys());
    }

    /// Looks at one place that [`Self::filter`] gave, inside its field, and appends what it finds: at most one match per category.
    pub fn verify(
        &self,
        text: &[u8],
        field: Range<usize>,
        at: usize,
        label: &str,
        claims: &mut Vec<KeywordMatch>,
    ) {
        if let Some((word, hits)) = self.candidate(text, &field, at) {
            self.judge(text, &field, &word, &hits, label, claims);
        }
    }

    /// The word at a place that [`Self::filter`] gave, and the terms that it matches, if any.
    fn candidate(
        &self,
        text: &[u8],
        field: &Range<usize>,
        at: usize,
    ) -> Option<(Range<usize>, Hits)> {
        let (word, whole) = if at == field.start || !is_word_byte(text[at - 1]) {
            words::word_from(text, at, field)?
        } else {
            let word = words::word_to(text, at, field)?;
            if self.forms.may_start(word8(text, word.start)) {
                return None; // its start is a place of its own
            }
            (word, true)
        };
        let (mut hits, starts) = self.forms.hits_and_start(text, word.start, word.end);
        if at == word.start && !starts {
            return None; // an anchor
        }
        if !whole {
            // its own end is not known to the bitmaps: only what the start tells
            hits.retain(|hit| hit.stem.0 == 0 && word.len() > 2);
        }
        (!hits.is_empty()).then_some((word, hits))
    }
}

fn ready(term: &Term, lang: u8, cues: usize, names: &BTreeMap<&str, u16>) -> Ready {
    let number = |name: &String| *names.get(name.as_str()).expect("checked by the lexicon");
    Ready {
        id: term.id.clone(),
        category: 0,
        lang,
        case: term.case,
        weight: term.weight,
        require_any: term.require_any.iter().map(number).collect(),
        boost: term.boost.iter().map(|(name, boost)| (number(name), *boost)).collect(),
        veto: term.veto.iter().map(number).collect(),
        exclude: term.exclude.iter().map(|word| Wild::new(word)).collect(),
        matcher: match &term.form {
            Form::Pattern(pattern) => Some(Matcher::new(pattern, &term.folds)),
            Form::Stems { .. } => None,
        },
        endings: match &term.form {
            Form::Stems { modes, inflection, .. } if modes.word => Some(*inflection),
            _ => None,
        },
        aliases: term.aliases.iter().flat_map(|alias| variants(alias, &term.folds)).collect(),
        alert: term.alert,
        cues,
    }
}

#[cfg(test)]
mod tests;
