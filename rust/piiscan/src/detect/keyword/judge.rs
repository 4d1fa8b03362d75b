//! Decides what a word says that matches a term: score, veto, reading, negation, language. The rules are told in the parent module.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;

use smallvec::SmallVec;

use super::beside::Beside;
use super::context::Marks;
use super::forms::Hit;
use super::letters::cut8;
use super::words::{self, Window};
use super::{KeywordMatch, Keywords, Ready};
use crate::finding::{Attributes, Confidence, Flags, Reading};
use crate::lexicon::{Case, WINDOW_MAX};

/// Added once if one of the needed contexts is there.
pub(super) const REQUIRED: u8 = 40;
const HIGH: u8 = 80;
const MEDIUM: u8 = 50;
pub(super) const LOW: u8 = 30;
/// Tokens looked at on either side: the widest window, which patterns do not exceed.
pub(super) const REACH: usize = WINDOW_MAX as usize;
/// Stopwords of another language that drop a term whose own language has none.
const FOREIGN: u8 = 3;

/// What one term says at one place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    pub(super) score: u8,
    pub(super) reading: Reading,
    pub(super) negated: bool,
    pub(super) tokens: (usize, usize),
}

/// A term whose word and pattern fit, before its context is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Screened {
    pub(super) weight: u8,
    pub(super) tokens: (usize, usize),
}

/// Why a term is not meant.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rejected {
    /// The word is excluded: it means something else.
    Excluded,
    /// A veto stands near: it means something else.
    Vetoed(u16),
    /// It is not in capitals.
    Small,
    /// What stands around it is not that of the pattern.
    Pattern,
    /// The words around it are of another language.
    Foreign,
    /// None of the needed contexts stands near.
    Bare,
    /// Not enough speaks for it.
    Weak(u8),
}

impl Rejected {
    /// Whether the word is known to mean something else here.
    fn is_veto(self) -> bool {
        matches!(self, Self::Excluded | Self::Vetoed(_))
    }
}

impl Keywords {
    /// Decides between the terms that a word matches.
    pub(super) fn judge(
        &self,
        text: &[u8],
        field: &Range<usize>,
        word: &Range<usize>,
        hits: &[Hit],
        label: &str,
        claims: &mut Vec<KeywordMatch>,
    ) {
        // before the sentence is read
        let mut beside = Beside::new(text, field, word);
        if !hits.iter().any(|hit| self.firsts[hit.term as usize].is_met(&mut beside)) {
            return;
        }
        let letters = &text[word.clone()];
        let head = cut8(text, word.start, word.end);
        let mut weighed: SmallVec<[(Hit, Result<u8, Rejected>); 4]> = SmallVec::new();
        let mut none = true;
        for hit in hits {
            let matcher = self.terms[hit.term as usize].matcher.as_ref();
            let weight = self.weigh(*hit, head, letters).and_then(|weight| {
                let fits = matcher.is_none_or(|matcher| matcher.may_match(&mut beside));
                if fits { Ok(weight) } else { Err(Rejected::Pattern) }
            });
            none &= weight.is_err();
            weighed.push((*hit, weight));
        }
        if none {
            return;
        }
        let window = words::window(text, field, word, REACH);
        if window.tokens.get(window.at).is_none_or(|token| token.start != word.start) {
            return; // broken text
        }
        let mut screened: SmallVec<[(Hit, Result<Screened, Rejected>); 4]> = SmallVec::new();
        screened.extend(weighed.into_iter().map(|(hit, weight)| {
            (hit, weight.and_then(|weight| self.around(hit, weight, text, &window)))
        }));
        if screened.iter().all(|(_, screened)| screened.is_err()) {
            return; // before anything is looked up
        }
        let marks = self.contexts.marks(text, &window, REACH, label);
        let speaks = |hit: &Hit| marks.languages[usize::from(self.terms[hit.term as usize].lang)];
        let mut found: SmallVec<[(Hit, Verdict); 4]> = SmallVec::new();
        let mut vetoed: SmallVec<[Hit; 4]> = SmallVec::new();
        for (hit, screened) in screened {
            let term = &self.terms[hit.term as usize];
            match screened.and_then(|screened| self.verdict(term, screened, &window, &marks)) {
                Ok(verdict) => found.push((hit, verdict)),
                Err(rejected) if rejected.is_veto() => vetoed.push(hit),
                Err(_) => {}
            }
        }
        let lang = |hit: &Hit| self.terms[hit.term as usize].lang;
        let category = |hit: &Hit| self.terms[hit.term as usize].category;
        found.retain(|(hit, _)| {
            let outdone = |other: &Hit| {
                lang(other) != lang(hit)
                    && category(other) == category(hit)
                    && speaks(other) >= speaks(hit)
            };
            !vetoed.iter().any(outdone)
        });
        // per category the best term; of equals the first id
        let rank = |(hit, verdict): &(Hit, Verdict)| {
            let tokens = verdict.tokens.1 - verdict.tokens.0;
            (speaks(hit), tokens, verdict.score, hit.stem.1 - hit.stem.0)
        };
        let mut best: SmallVec<[(Hit, Verdict); 4]> = SmallVec::new();
        for one in found {
            match best.iter_mut().find(|(hit, _)| category(hit) == category(&one.0)) {
                Some(kept) if rank(kept) < rank(&one) => *kept = one,
                Some(_) => {}
                None => best.push(one),
            }
        }
        for (hit, verdict) in best {
            let term = &self.terms[hit.term as usize];
            let mut flags = Flags::default();
            if verdict.negated {
                flags = flags.with(Flags::NEGATED);
            }
            claims.push(KeywordMatch {
                start: window.tokens[verdict.tokens.0].start,
                end: window.tokens[verdict.tokens.1].end,
                category: term.category,
                confidence: confidence(verdict.score),
                attributes: Attributes {
                    flags,
                    term: hit.term + 1,
                    reading: Some(verdict.reading),
                    alert: term.alert,
                    ..Attributes::default()
                },
                sentence: window.sentence,
            });
        }
    }

    /// What a term weighs on this word, unless it is excluded or not in capitals.
    fn weigh(&self, hit: Hit, head: u64, letters: &[u8]) -> Result<u8, Rejected> {
        let term = &self.terms[hit.term as usize];
        if term.exclude.iter().any(|excluded| excluded.fits(head, letters)) {
            return Err(Rejected::Excluded);
        }
        let stem = &letters[usize::from(hit.stem.0)..usize::from(hit.stem.1)];
        match term.case {
            Case::UpperOnly if !is_upper(stem) => Err(Rejected::Small),
            Case::UpperPreferred if !is_upper(stem) => Ok(term.weight / 2),
            _ => Ok(term.weight),
        }
    }

    /// The tokens of a term, if it is no pattern or what stands around the word is that of the pattern.
    fn around(
        &self,
        hit: Hit,
        weight: u8,
        text: &[u8],
        window: &Window,
    ) -> Result<Screened, Rejected> {
        let tokens = match &self.terms[hit.term as usize].matcher {
            Some(matcher) => matcher.around(text, window).ok_or(Rejected::Pattern)?,
            None => (window.at, window.at),
        };
        Ok(Screened { weight, tokens })
    }

    /// Whether the word itself and its pattern are what a term means.
    pub(super) fn screen(
        &self,
        hit: Hit,
        text: &[u8],
        word: &Range<usize>,
        window: &Window,
    ) -> Result<Screened, Rejected> {
        let head = cut8(text, word.start, word.end);
        let weight = self.weigh(hit, head, &text[word.clone()])?;
        self.around(hit, weight, text, window)
    }

    /// What one term says at one place.
    pub(super) fn verdict(
        &self,
        term: &Ready,
        Screened { weight, tokens }: Screened,
        window: &Window,
        marks: &Marks,
    ) -> Result<Verdict, Rejected> {
        let own = usize::from(term.lang);
        let foreign = marks.languages.iter().max().copied().unwrap_or(0);
        if marks.languages[own] == 0 && foreign >= FOREIGN {
            return Err(Rejected::Foreign);
        }
        let place = |at: usize| u8::try_from(at).unwrap_or(u8::MAX);
        let span = (place(tokens.0), place(tokens.1));
        let near = |context: &u16| self.contexts.nearest(marks, *context, span);
        if let Some(veto) = term.veto.iter().find(|context| near(context).is_some()) {
            return Err(Rejected::Vetoed(*veto));
        }
        let mut score = weight;
        if !term.require_any.is_empty() {
            term.require_any.iter().find_map(near).ok_or(Rejected::Bare)?;
            score = score.saturating_add(REQUIRED);
        }
        for (context, boost) in &term.boost {
            if near(context).is_some() {
                score = score.saturating_add(*boost);
            }
        }
        let score = score.min(100);
        if score < LOW {
            return Err(Rejected::Weak(score));
        }
        let cues = &self.cues[term.cues];
        let reading = match (near(&cues.person), near(&cues.generic)) {
            (Some(person), Some(generic)) if person > generic => Reading::Topical,
            (Some(_), _) => Reading::Personal,
            (None, _) => Reading::Topical,
        };
        let negated = self.contexts.negates(marks, window, &cues.negation, span);
        Ok(Verdict { score, reading, negated, tokens })
    }

    /// Settles the matches of one field: of overlapping matches of a category the longer stays, then the first; every match of a
    /// category in a sentence takes the highest reading there. Sorts by place.
    pub fn settle(claims: &mut Vec<KeywordMatch>) {
        claims.sort_by_key(|claim| (claim.category, Reverse(claim.end - claim.start), claim.start));
        let mut kept: Vec<KeywordMatch> = Vec::with_capacity(claims.len());
        for claim in claims.iter() {
            let rival = |other: &KeywordMatch| {
                other.category == claim.category
                    && other.start < claim.end
                    && claim.start < other.end
            };
            if !kept.iter().any(rival) {
                kept.push(*claim);
            }
        }
        let personal: BTreeSet<(usize, usize)> = kept
            .iter()
            .filter(|claim| claim.attributes.reading == Some(Reading::Personal))
            .map(|claim| (claim.category, claim.sentence))
            .collect();
        for claim in &mut kept {
            if personal.contains(&(claim.category, claim.sentence)) {
                claim.attributes.reading = Some(Reading::Personal);
            }
        }
        kept.sort_by_key(|claim| (claim.start, claim.category));
        *claims = kept;
    }
}

/// How sure a score is.
pub(super) fn confidence(score: u8) -> Confidence {
    match score {
        HIGH.. => Confidence::High,
        MEDIUM.. => Confidence::Medium,
        _ => Confidence::Low,
    }
}

/// Whether every letter is a capital; letters beyond Latin-1 count as capitals.
pub(super) fn is_upper(stem: &[u8]) -> bool {
    let small = |at: usize| match stem[at] {
        byte if byte.is_ascii_lowercase() => true,
        0xa0..=0xbf => at > 0 && stem[at - 1] == 0xc3,
        _ => false,
    };
    !(0..stem.len()).any(small)
}
