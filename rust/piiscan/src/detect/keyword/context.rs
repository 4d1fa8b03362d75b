//! Words around a term: which contexts they belong to, how near they stand, and which language they speak for.
//!
//! All phrases of all contexts stand in one table by the hash of their first word, prefixes in a second one by their first bytes,
//! both behind small bitmaps, so that most words of a sentence cost one look-up.

use std::collections::HashMap;

use smallvec::SmallVec;

use super::forms::{ByKey, Wild};
use super::words::{Token, Window, word_end};
use crate::lexicon::{Context, Fold, Side, variants};

/// Languages that are told apart.
pub(super) const LANGS_MAX: usize = 8;
/// Words of the bitmap before the table of words.
const BLOOM: usize = 1 << 9;
/// Bytes of a prefix that are its key.
const PREFIX_KEY: usize = 3;
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

#[derive(Debug)]
struct Phrase {
    target: Target,
    parts: SmallVec<[Wild; 1]>,
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
    marks: SmallVec<[Mark; 32]>,
    /// Words that speak for each language.
    pub(super) languages: [u8; LANGS_MAX],
}

/// Every context of the compiled lexicons, by number.
#[derive(Debug)]
pub(super) struct Contexts {
    limits: Vec<(u8, Side)>,
    phrases: Vec<Phrase>,
    words: ByKey<u64, SmallVec<[u32; 2]>>,
    prefixes: ByKey<u32, Vec<u32>>,
    bloom: Box<[u64; BLOOM]>,
    prefix_bloom: Box<[u64; BLOOM]>,
    known: HashMap<String, u16>,
}

/// Hash of a word over its folded bytes.
fn hash(word: &[u8]) -> u64 {
    let mut hash = word.len() as u64;
    for chunk in word.chunks(8) {
        let mut bytes = [0x20; 8];
        bytes[..chunk.len()].copy_from_slice(chunk);
        let folded = u64::from_le_bytes(bytes) | 0x2020_2020_2020_2020;
        hash = (hash.rotate_left(23) ^ folded).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    hash ^ hash >> 29
}

fn prefix_key(word: &[u8]) -> u32 {
    u32::from_le_bytes([word[0], word[1], word[2], 0]) | 0x0020_2020
}

impl Contexts {
    pub(super) fn new() -> Self {
        Self {
            limits: Vec::new(),
            phrases: Vec::new(),
            words: ByKey::default(),
            prefixes: ByKey::default(),
            bloom: Box::new([0; BLOOM]),
            prefix_bloom: Box::new([0; BLOOM]),
            known: HashMap::new(),
        }
    }

    /// The number of a context; equal lists of several lexicons share one.
    pub(super) fn add(&mut self, context: &Context) -> u16 {
        let key = format!("{context:?}");
        if let Some(number) = self.known.get(&key) {
            return *number;
        }
        let number = u16::try_from(self.limits.len()).expect("a lexicon has a few contexts");
        self.limits.push((context.window, context.side));
        context.phrases.iter().for_each(|phrase| self.phrase(Target::Context(number), phrase));
        self.known.insert(key, number);
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
            self.insert(Phrase { target, parts: parts.collect() });
        }
    }

    fn insert(&mut self, phrase: Phrase) {
        let number =
            u32::try_from(self.phrases.len()).expect("a lexicon has a few thousand phrases");
        let first = &phrase.parts[0];
        if first.is_prefix() {
            let key = prefix_key(first.bytes());
            let (word, bit) = bloom(u64::from(key));
            self.prefix_bloom[word] |= 1 << bit;
            self.prefixes.entry(key).or_default().push(number);
        } else {
            let key = hash(first.bytes());
            self.words.entry(key).or_default().push(number);
            let (word, bit) = bloom(key);
            self.bloom[word] |= 1 << bit;
        }
        self.phrases.push(phrase);
    }

    /// Every phrase that starts at most `reach` tokens from the candidate, and those of the label as standing before it.
    pub(super) fn marks(&self, text: &[u8], window: &Window, reach: usize, label: &str) -> Marks {
        let mut marks = Marks { marks: SmallVec::new(), languages: [0; LANGS_MAX] };
        let near = window.at.saturating_sub(reach)..window.tokens.len().min(window.at + reach + 1);
        for first in near {
            self.look(text, &window.tokens[first..], |phrase, length| match phrase {
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
                self.look(label.as_bytes(), &tokens[first..], |phrase, _| {
                    if let Target::Context(context) = phrase {
                        marks.marks.push(Mark { context, first: LABEL, last: LABEL });
                    }
                });
            }
        }
        marks
    }

    /// Calls `found` for every phrase that starts with the first of the tokens.
    fn look(&self, text: &[u8], tokens: &[Token], mut found: impl FnMut(Target, usize)) {
        let word = |token: &Token| &text[token.start..token.end];
        let first = word(&tokens[0]);
        let mut check = |number: &u32| {
            let phrase = &self.phrases[*number as usize];
            let fits = phrase.parts.len() <= tokens.len()
                && phrase.parts.iter().zip(tokens).all(|(part, token)| part.matches(word(token)));
            if fits {
                found(phrase.target, phrase.parts.len());
            }
        };
        let key = hash(first);
        let (at, bit) = bloom(key);
        if self.bloom[at] >> bit & 1 == 1 {
            self.words.get(&key).into_iter().flatten().for_each(&mut check);
        }
        if first.len() >= PREFIX_KEY {
            let key = prefix_key(first);
            let (at, bit) = bloom(u64::from(key));
            if self.prefix_bloom[at] >> bit & 1 == 1 {
                self.prefixes.get(&key).into_iter().flatten().for_each(&mut check);
            }
        }
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

fn bloom(key: u64) -> (usize, u32) {
    let hash = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> const { 64 - (BLOOM * 64).ilog2() };
    #[expect(clippy::cast_possible_truncation, reason = "the shift leaves 15 bits")]
    let hash = hash as u32;
    ((hash >> 6) as usize, hash & 63)
}

/// The words of a label.
fn words_of(label: &[u8]) -> SmallVec<[Token; 8]> {
    let mut tokens = SmallVec::new();
    let mut at = 0;
    while at < label.len() {
        match word_end(label, at, label.len()) {
            Some(end) if end > at => {
                tokens.push(Token { start: at, end, clause: false });
                at = end;
            }
            Some(_) => at += 1,
            None => break,
        }
    }
    tokens
}
