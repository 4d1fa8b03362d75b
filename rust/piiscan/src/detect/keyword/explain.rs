//! Explains: every place where a term stood in a text, what was near it, and why it is a finding or none.
//!
//! Takes the same steps as a scan, one by one, and asks at the end what the scan itself settled on: what is said here is what happens.

use std::ops::Range;

use super::context::{LABEL, Marks};
use super::forms::Hit;
use super::gate::bitmaps;
use super::judge::{REACH, REQUIRED, Rejected, confidence};
use super::words::{self, Window};
use super::{KeywordMatch, Keywords, Ready};
use crate::finding::{Category, Confidence, Flags, Reading};

/// How a term matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// A stem and an ending were the whole word.
    Word,
    /// A stem was the start of a longer word.
    CompoundHead,
    /// A stem was the end of a longer word.
    CompoundTail,
    /// A word of a token pattern stood there.
    Pattern,
    /// A misspelling that the lexicon lists.
    Alias,
}

impl Mode {
    /// The name in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Word => "word",
            Self::CompoundHead => "compound-head",
            Self::CompoundTail => "compound-tail",
            Self::Pattern => "pattern",
            Self::Alias => "alias",
        }
    }
}

/// What a context is to a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The term needs it, or another one like it.
    Required,
    /// It makes the term surer.
    Boost,
    /// It forbids the term.
    Veto,
    /// It tells that the sentence speaks of a person.
    Person,
    /// It tells that the sentence speaks of the theme only.
    Generic,
}

impl Role {
    /// The name in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Boost => "boost",
            Self::Veto => "veto",
            Self::Person => "person",
            Self::Generic => "generic",
        }
    }
}

/// A context that stood near enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stood {
    /// Its name in the lexicon.
    pub name: String,
    /// What it is to the term.
    pub role: Role,
    /// Added to the score.
    pub points: u8,
    /// First and one past the last byte of its nearest phrase; `None` in the label of the field.
    pub span: Option<(usize, usize)>,
}

/// What became of a term at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A finding.
    Finding {
        /// 30 to 100.
        score: u8,
        /// How sure.
        confidence: Confidence,
        /// What it says; that of the whole sentence.
        reading: Reading,
        /// Whether it is negated.
        negated: bool,
        /// The alert of the term.
        alert: Option<&'static str>,
    },
    /// No finding, and why: one lowercase clause.
    Nothing(String),
}

/// A place where a term stood. Offsets count bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// First byte of the word, or of the pattern.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Full id: `sv.health.cancer`.
    pub term: String,
    /// Category of the term.
    pub category: Category,
    /// How it matched.
    pub mode: Mode,
    /// Weight of the term, halved where capitals are preferred and absent.
    pub weight: u8,
    /// The contexts near it.
    pub contexts: Vec<Stood>,
    /// What became of it.
    pub outcome: Outcome,
}

impl Keywords {
    /// Every place in a field where a term stood, by place and term. Behind the field 64 bytes may be read.
    pub fn explain(&self, text: &[u8], field: &Range<usize>, label: &str) -> Vec<Explained> {
        let (starts, ends) = bitmaps(text, field.clone());
        let mut places = Vec::new();
        self.filter(text, field.start, &starts, &ends, &mut places);
        places.sort_unstable();
        places.dedup();
        let mut claims = Vec::new();
        for place in &places {
            self.verify(text, field.clone(), *place as usize, label, &mut claims);
        }
        Self::settle(&mut claims);
        let mut explained = Vec::new();
        for place in places {
            let Some((word, hits)) = self.candidate(text, field, place as usize) else { continue };
            let window = words::window(text, field, &word, REACH);
            if window.tokens.get(window.at).is_none_or(|token| token.start != word.start) {
                continue; // broken text
            }
            let marks = self.contexts.marks(text, &window, REACH, label);
            let near = Near { text, word: &word, window: &window, marks: &marks };
            explained.extend(hits.iter().map(|hit| self.explain_hit(*hit, near, &claims)));
        }
        explained.sort_by(|a, b| (a.start, a.end, &a.term).cmp(&(b.start, b.end, &b.term)));
        explained.dedup(); // a pattern is met at each of its words that may be its anchor
        explained
    }

    fn explain_hit(&self, hit: Hit, near: Near<'_>, claims: &[KeywordMatch]) -> Explained {
        let Near { text, word, window, marks } = near;
        let term = &self.terms[hit.term as usize];
        let screened = self.screen(hit, text, word, window);
        let (weight, tokens) = match screened {
            Ok(screened) => (screened.weight, screened.tokens),
            Err(_) => (term.weight, (window.at, window.at)),
        };
        let (start, end) = (window.tokens[tokens.0].start, window.tokens[tokens.1].end);
        let verdict = screened.and_then(|screened| self.verdict(term, screened, window, marks));
        let outcome = match verdict {
            Err(rejected) => Outcome::Nothing(self.reason(term, rejected)),
            Ok(verdict) => {
                let own = |claim: &&KeywordMatch| {
                    claim.attributes.term == hit.term + 1
                        && (claim.start, claim.end) == (start, end)
                };
                match claims.iter().find(own) {
                    Some(claim) => Outcome::Finding {
                        score: verdict.score,
                        confidence: confidence(verdict.score),
                        reading: claim.attributes.reading.unwrap_or(verdict.reading),
                        negated: claim.attributes.flags.has(Flags::NEGATED),
                        alert: term.alert,
                    },
                    None => Outcome::Nothing(self.outdone(term, start..end, claims)),
                }
            }
        };
        Explained {
            start,
            end,
            term: term.id.clone(),
            category: self.categories[term.category],
            mode: self.mode(term, hit, &text[word.clone()]),
            weight,
            contexts: self.stood(term, near, tokens),
            outcome,
        }
    }

    /// How a hit matched.
    pub(super) fn mode(&self, term: &Ready, hit: Hit, word: &[u8]) -> Mode {
        let (from, to) = (usize::from(hit.stem.0), usize::from(hit.stem.1));
        let stem: Vec<u8> = word[from..to].iter().map(|byte| byte | 0x20).collect();
        let whole = |endings| self.forms.is_ending(endings, &word[to..]);
        if term.matcher.is_some() {
            Mode::Pattern
        } else if term.aliases.iter().any(|alias| stem.starts_with(alias)) {
            Mode::Alias
        } else if from > 0 {
            Mode::CompoundTail
        } else if term.endings.is_some_and(whole) {
            Mode::Word
        } else {
            Mode::CompoundHead
        }
    }

    /// The contexts of a term that stood near it, and the cues of the reading.
    fn stood(&self, term: &Ready, near: Near<'_>, tokens: (usize, usize)) -> Vec<Stood> {
        let place = |at: usize| u8::try_from(at).unwrap_or(u8::MAX);
        let span = (place(tokens.0), place(tokens.1));
        let cues = &self.cues[term.cues];
        let mut stood = Vec::new();
        let mut look = |context: u16, role, points| {
            let found = self.contexts.nearest_mark(near.marks, context, span);
            if let Some((_, mark)) = found {
                let token = |at: u8| near.window.tokens[usize::from(at)];
                stood.push(Stood {
                    name: cues.names.get(&context).cloned().unwrap_or_default(),
                    role,
                    points,
                    span: (mark.first != LABEL)
                        .then(|| (token(mark.first).start, token(mark.last).end)),
                });
            }
            found.is_some()
        };
        let mut points = REQUIRED; // once, however many are there
        for context in &term.require_any {
            if look(*context, Role::Required, points) {
                points = 0;
            }
        }
        for (context, boost) in &term.boost {
            look(*context, Role::Boost, *boost);
        }
        for context in &term.veto {
            look(*context, Role::Veto, 0);
        }
        look(cues.person, Role::Person, 0);
        look(cues.generic, Role::Generic, 0);
        stood
    }

    fn reason(&self, term: &Ready, rejected: Rejected) -> String {
        let name = |context: &u16| {
            let name = self.cues[term.cues].names.get(context);
            format!("`{}`", name.map_or("", String::as_str))
        };
        match rejected {
            Rejected::Excluded => "the word is excluded".to_owned(),
            Rejected::Vetoed(context) => format!("vetoed by {}", name(&context)),
            Rejected::Small => "it is not in capitals".to_owned(),
            Rejected::Pattern => "the words around it are not those of the pattern".to_owned(),
            Rejected::Foreign => "the words around it are of another language".to_owned(),
            Rejected::Bare => {
                let needed: Vec<String> = term.require_any.iter().map(name).collect();
                format!("no needed context is near: {}", needed.join(", "))
            }
            Rejected::Weak(score) => format!("score {score} is under {}", super::judge::LOW),
        }
    }

    /// Why a term that fits is no finding: another one holds its place.
    fn outdone(&self, term: &Ready, span: Range<usize>, claims: &[KeywordMatch]) -> String {
        let rival = claims.iter().find(|claim| {
            claim.category == term.category && claim.start < span.end && span.start < claim.end
        });
        match rival.and_then(|claim| self.term_name(claim.attributes.term)) {
            Some(other) => format!("`{other}` fits better at this place"),
            None => "in another language the word means something else here".to_owned(),
        }
    }
}

/// Where a hit stands.
#[derive(Clone, Copy)]
struct Near<'t> {
    text: &'t [u8],
    word: &'t Range<usize>,
    window: &'t Window,
    marks: &'t Marks,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Lexicon;

    fn explain(text: &str) -> Vec<Explained> {
        let keywords = Keywords::compile(&Lexicon::builtin().unwrap()).unwrap();
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(text.len() + 64, 0);
        keywords.explain(&bytes, &(0..text.len()), "")
    }

    fn of(text: &str, term: &str) -> Explained {
        explain(text).into_iter().find(|e| e.term == term).unwrap()
    }

    #[test]
    fn the_worked_example_of_a_weak_term_adds_up() {
        let kol = of("Läkaren säger att pappa har KOL sedan länge.", "sv.health.kol");
        assert_eq!((kol.start, kol.end, kol.mode, kol.weight), (30, 33, Mode::Word, 20));
        let Outcome::Finding { score, reading, negated, .. } = kol.outcome else { panic!() };
        assert_eq!((score, reading, negated), (90, Reading::Personal, false));
        let counted: Vec<(&str, u8)> =
            kol.contexts.iter().map(|c| (c.name.as_str(), c.points)).collect();
        assert_eq!(counted, [("illness", 40), ("person", 30), ("person", 0)]);
        assert_eq!(kol.contexts[0].span, Some((26, 29)));
    }

    #[test]
    fn a_veto_and_a_missing_context_are_named() {
        let vetoed = of("Vi har kol till grillen i kväll.", "sv.health.kol");
        assert_eq!(vetoed.outcome, Outcome::Nothing("vetoed by `barbecue`".to_owned()));
        assert!(vetoed.contexts.iter().any(|c| c.role == Role::Veto && c.span == Some((16, 23))));
        let bare = of("Kol bryts i gruvan vid Kiruna.", "sv.health.kol");
        let Outcome::Nothing(reason) = bare.outcome else { panic!() };
        assert!(reason.starts_with("vetoed by") || reason.starts_with("no needed context"));
    }

    #[test]
    fn modes_are_told_apart() {
        assert_eq!(of("Hon har cancer nu.", "sv.health.cancer").mode, Mode::Word);
        assert_eq!(of("Vi söker cancervården här.", "sv.health.cancer").mode, Mode::CompoundHead);
        assert_eq!(of("Hon fick hudcancer i år.", "sv.health.cancer").mode, Mode::CompoundTail);
        assert_eq!(of("Min man bröt benet i går.", "sv.health.brutit-ben").mode, Mode::Pattern);
    }

    #[test]
    fn what_is_explained_as_a_finding_is_what_is_found() {
        let keywords = Keywords::compile(&Lexicon::builtin().unwrap()).unwrap();
        for lexicon in Lexicon::builtin().unwrap() {
            for sample in lexicon.terms.iter().flat_map(|term| term.ok.iter().chain(&term.not)) {
                let name = |term| keywords.term_name(term).unwrap().to_owned();
                let mut found: Vec<(usize, String)> = (keywords.find(&sample.text).iter())
                    .map(|claim| (claim.start, name(claim.attributes.term)))
                    .collect();
                found.sort();
                let said = explain_with(&keywords, &sample.text);
                assert_eq!(said, found, "{}", sample.text);
            }
        }
    }

    fn explain_with(keywords: &Keywords, text: &str) -> Vec<(usize, String)> {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(text.len() + 64, 0);
        let all = keywords.explain(&bytes, &(0..text.len()), "");
        let is_finding = |e: &Explained| matches!(e.outcome, Outcome::Finding { .. });
        let mut all: Vec<_> = all.into_iter().filter(is_finding).collect();
        all.sort_by(|a, b| (a.start, &a.term).cmp(&(b.start, &b.term)));
        all.into_iter().map(|e| (e.start, e.term)).collect()
    }
}
