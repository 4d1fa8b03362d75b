//! Words around a term: which contexts they belong to, how near they stand, and which language they speak for.
//!
//! All phrases of all contexts stand in one table by the first eight bytes of their first word ([`Eights`]). Most words of a sentence
//! cost one look-up, and a short word that is a phrase is known without another comparison.

use std::collections::HashMap;

use smallvec::SmallVec;

use super::eights::{Eights, Key};
use super::forms::Wild;
use super::letters::{cut8, word_end};
use super::words::{Token, Window};
use crate::lexicon::{Context, Fold, Side, variants};

/// Languages that are told apart.
pub(super) const LANGS_MAX: usize = 8;
/// Spellings of a context word that are looked for: never one that may be another word.
const FOLDS: &[Fold] = &[Fold::Nfc, Fold::Mojibake];
/// Place of a mark that stands in the label of the field.
pub(super) const LABEL: u8 = u8::MAX;

/// What a phrase speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Context(u16),
    Language(u8),
}

/// A phrase that starts with a word.
#[derive(Clone, Copy, Debug)]
struct Phrase {
    target: Target,
    /// Place among those that are not told by the first eight bytes of a word.
    longer: Option<u32>,
}

/// A phrase in a window: token indices, both inclusive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    context: u16,
    pub(super) first: u8,
    pub(super) last: u8,
}

/// The phrases of a window.
#[derive(Debug)]
pub(super) struct Marks {
    marks: SmallVec<[Mark; 64]>,
    /// Words that speak for each language.
    pub(super) languages: [u8; LANGS_MAX],
}

/// Every context of the compiled lexicons, by number.
#[derive(Debug)]
pub(super) struct Contexts {
    limits: Vec<(u8, Side)>,
    phrases: Eights<Phrase>,
    longer: Vec<SmallVec<[Wild; 1]>>,
}

/// Collects contexts.
#[derive(Debug, Default)]
pub(super) struct Collected<'c> {
    limits: Vec<(u8, Side)>,
    phrases: Vec<(Key, Phrase)>,
    longer: Vec<SmallVec<[Wild; 1]>>,
    known: HashMap<&'c Context, u16, foldhash::fast::FixedState>,
    /// The same by place: most lexicons share those of their language.
    shared: HashMap<*const Context, u16, foldhash::fast::FixedState>,
}

impl<'c> Collected<'c> {
    /// The number of a context; equal lists of several lexicons share one.
    pub(super) fn add(&mut self, context: &'c Context) -> u16 {
        let place = std::ptr::from_ref(context);
        if let Some(number) = self.shared.get(&place).or_else(|| self.known.get(context)) {
            return *number;
        }
        let number = u16::try_from(self.limits.len()).expect("a lexicon has a few contexts");
        self.limits.push((context.window, context.side));
        context.phrases.iter().for_each(|phrase| self.phrase(Target::Context(number), phrase));
        self.known.insert(context, number);
        self.shared.insert(place, number);
        number
    }

    /// Words that speak for a language.
    pub(super) fn add_language(&mut self, number: u8, words: &[String]) {
        for word in words {
            self.phrase(Target::Language(number), std::slice::from_ref(word));
        }
    }

    fn phrase(&mut self, target: Target, phrase: &[String]) {
        // the words of a phrase are spelled the same way, all of them
        let spelled: Vec<Vec<Vec<u8>>> = phrase
            .iter()
            .map(|word| variants(word.strip_suffix('*').unwrap_or(word), FOLDS))
            .collect();
        let most = spelled.iter().map(Vec::len).max().unwrap_or(0);
        for nth in 0..most {
            let parts = spelled.iter().zip(phrase).map(|(all, word)| {
                Wild::of(all.get(nth).unwrap_or(&all[0]).clone(), word.ends_with('*'))
            });
            self.insert(target, parts.collect());
        }
    }

    fn insert(&mut self, target: Target, parts: SmallVec<[Wild; 1]>) {
        let (key, is_told) = (parts[0].key(), parts[0].is_told());
        let longer = (parts.len() > 1 || !is_told).then(|| {
            self.longer.push(parts);
            u32::try_from(self.longer.len() - 1).expect("a lexicon has a few thousand phrases")
        });
        self.phrases.push((key, Phrase { target, longer }));
    }

    pub(super) fn compile(self) -> Contexts {
        let Self { limits, phrases, longer, .. } = self;
        Contexts { limits, phrases: Eights::new(phrases.into_iter()), longer }
    }
}

impl Contexts {
    /// Every phrase that starts at most `reach` tokens from the candidate, and those of the label as standing before it.
    pub(super) fn marks(&self, text: &[u8], window: &Window, reach: usize, label: &str) -> Marks {
        let mut marks = Marks { marks: SmallVec::new(), languages: [0; LANGS_MAX] };
        let near = window.at.saturating_sub(reach)..window.tokens.len().min(window.at + reach + 1);
        for first in near {
            self.look(text, &window.tokens[first..], |target, length| match target {
                Target::Context(context) => {
                    let place = |at: usize| u8::try_from(at).unwrap_or(LABEL - 1);
                    let (first, last) = (place(first), place(first + length - 1));
                    marks.marks.push(Mark { context, first, last });
                }
                Target::Language(lang) => {
                    let count = &mut marks.languages[usize::from(lang)];
                    *count = count.saturating_add(1);
                }
            });
        }
        if !label.is_empty() {
            let tokens = words_of(label.as_bytes());
            for first in 0..tokens.len() {
                self.look(label.as_bytes(), &tokens[first..], |target, _| {
                    if let Target::Context(context) = target {
                        marks.marks.push(Mark { context, first: LABEL, last: LABEL });
                    }
                });
            }
        }
        marks
    }

    /// Calls `found` for every phrase that starts with the first of the tokens.
    fn look(&self, text: &[u8], tokens: &[Token], mut found: impl FnMut(Target, usize)) {
        let fits = |parts: &[Wild]| {
            let same = |(part, token): (&Wild, &Token)| {
                part.fits(token.head, &text[token.start..token.end])
            };
            parts.len() <= tokens.len() && parts.iter().zip(tokens).all(same)
        };
        self.phrases.each(tokens[0].head, |phrase| match phrase.longer {
            None => found(phrase.target, 1),
            Some(longer) => {
                let parts = &self.longer[longer as usize];
                if fits(parts) {
                    found(phrase.target, parts.len());
                }
            }
        });
    }

    /// Tokens between the span and the nearest phrase of a context inside its window. A phrase may lie inside a span of several
    /// tokens (then 0), but a single word is no context of itself.
    pub(super) fn nearest(&self, marks: &Marks, context: u16, span: (u8, u8)) -> Option<u8> {
        self.nearest_mark(marks, context, span).map(|(distance, _)| distance)
    }

    /// The same, with the phrase.
    pub(super) fn nearest_mark(
        &self,
        marks: &Marks,
        context: u16,
        span: (u8, u8),
    ) -> Option<(u8, Mark)> {
        let (window, side) = self.limits[usize::from(context)];
        let near = |mark: &Mark| {
            let distance = if mark.first == LABEL {
                (side != Side::After).then_some(window)?
            } else if mark.last < span.0 {
                (side != Side::After).then_some(span.0 - mark.last)?
            } else if mark.first > span.1 {
                (side != Side::Before).then_some(mark.first - span.1)?
            } else {
                (span.0 < span.1).then_some(0)?
            };
            (distance <= window).then_some((distance, *mark))
        };
        let own = marks.marks.iter().filter(|mark| mark.context == context);
        own.filter_map(near).min_by_key(|(distance, _)| *distance)
    }

    /// Whether a negator reaches the span: inside its window and on its side, in the same clause, and not part of a phrase that
    /// only looks like a negation.
    pub(super) fn negates(
        &self,
        marks: &Marks,
        window: &Window,
        negation: &Negation,
        span: (u8, u8),
    ) -> bool {
        let of = |context: Option<u16>| {
            marks
                .marks
                .iter()
                .filter(move |mark| Some(mark.context) == context && mark.first != LABEL)
        };
        let void = |negator: &Mark| {
            of(negation.affirming).any(|a| a.first <= negator.last && negator.first <= a.last)
        };
        let broken = |from: u8, to: u8| {
            let clause =
                window.tokens[usize::from(from) + 1..=usize::from(to)].iter().any(|t| t.clause);
            clause || of(negation.clause).any(|mark| from < mark.first && mark.last < to)
        };
        [negation.before, negation.after].into_iter().flatten().any(|context| {
            let (reach, side) = self.limits[usize::from(context)];
            of(Some(context)).any(|mark| {
                let reaches = if mark.last < span.0 {
                    side != Side::After && span.0 - mark.last <= reach && !broken(mark.last, span.0)
                } else if mark.first > span.1 {
                    side != Side::Before
                        && mark.first - span.1 <= reach
                        && !broken(span.1, mark.first)
                } else {
                    span.0 < span.1
                };
                reaches && !void(mark)
            })
        })
    }
}

/// The contexts that decide negation in a language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Negation {
    pub(super) before: Option<u16>,
    pub(super) after: Option<u16>,
    pub(super) affirming: Option<u16>,
    pub(super) clause: Option<u16>,
}

/// The words of a label.
fn words_of(label: &[u8]) -> SmallVec<[Token; 8]> {
    let mut tokens = SmallVec::new();
    let mut at = 0;
    while at < label.len() {
        match word_end(label, at, label.len()) {
            Some(end) if end > at => {
                tokens.push(Token { start: at, end, head: cut8(label, at, end), clause: false });
                at = end;
            }
            Some(_) => at += 1,
            None => break,
        }
    }
    tokens
}
