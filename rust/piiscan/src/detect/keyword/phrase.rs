//! Matches token patterns around their anchor, inside the sentence.

use super::beside::{Beside, Kinds, Side};
use super::forms::Wild;
use super::words::Window;
use crate::lexicon::{Element, Fold, Pattern, PatternWord, variants};

/// A place of a compiled pattern.
#[derive(Debug)]
enum Place {
    Word { words: Vec<Wild>, clause_end: bool },
    Gap(usize, usize),
}

/// A pattern, with what stands left and right of its anchor; the left side is reversed.
#[derive(Debug)]
pub(super) struct Matcher {
    left: Vec<Place>,
    right: Vec<Place>,
    needs: Vec<Need>,
}

/// A word that a pattern cannot do without, and how far from the anchor it stands, in tokens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Need {
    side: Side,
    reach: (u8, u8),
    words: Kinds,
}

impl Need {
    /// A need that any word meets.
    pub(super) const NONE: Self = Self { side: Side::Right, reach: (0, 0), words: Kinds::ANY };

    #[inline]
    pub(super) fn is_met(&self, beside: &mut Beside<'_>) -> bool {
        beside.has(self.side, self.reach, self.words)
    }
}

/// What a side of a pattern needs.
fn needs(places: &[Place], side: Side) -> Vec<Need> {
    let (mut reach, mut needs) = ((0, 0), Vec::new());
    for place in places {
        let (least, most) = match place {
            Place::Gap(least, most) => (*least, *most),
            Place::Word { .. } => (1, 1),
        };
        reach = (reach.0 + least, reach.1 + most);
        if let Place::Word { words, clause_end: false } = place {
            let words = Kinds::of_list(words.iter().map(|word| (word.bytes(), word.is_prefix())));
            let count = |tokens| u8::try_from(tokens).expect("a pattern spans a few tokens");
            needs.push(Need { side, reach: (count(reach.0), count(reach.1)), words });
        }
    }
    needs
}

impl Matcher {
    pub(super) fn new(pattern: &Pattern, folds: &[Fold]) -> Self {
        let place = |element: &Element| match element {
            Element::Gap(least, most) => Place::Gap(usize::from(*least), usize::from(*most)),
            Element::Word(all) => Place::Word {
                clause_end: all.contains(&PatternWord::ClauseEnd),
                words: all
                    .iter()
                    .flat_map(|word| match word {
                        PatternWord::Exact(text) => wilds(text, folds, false),
                        PatternWord::Prefix(text) => wilds(text, folds, true),
                        PatternWord::ClauseEnd => Vec::new(),
                    })
                    .collect(),
            },
        };
        let (left, rest) = pattern.elements.split_at(pattern.anchor);
        let left: Vec<Place> = left.iter().rev().map(place).collect();
        let right: Vec<Place> = rest[1..].iter().map(place).collect();
        let mut needs: Vec<Need> =
            needs(&left, Side::Left).into_iter().chain(needs(&right, Side::Right)).collect();
        // what is near and rare tells soonest
        needs.sort_by_key(|need| (need.reach.1, need.words.count()));
        Self { left, right, needs }
    }

    /// Whether the words beside its anchor may be those of the pattern.
    pub(super) fn may_match(&self, beside: &mut Beside<'_>) -> bool {
        self.needs.iter().all(|need| need.is_met(beside))
    }

    /// The need that tells soonest.
    pub(super) fn first_need(&self) -> Need {
        self.needs.first().copied().unwrap_or(Need::NONE)
    }

    /// The first and last token of the match around the anchor, if there is one.
    pub(super) fn around(&self, text: &[u8], window: &Window) -> Option<(usize, usize)> {
        let at = window.at;
        let last = step(&self.right, text, window, at, Side::Right)?;
        let first = step(&self.left, text, window, at, Side::Left)?;
        Some((first, last))
    }
}

fn wilds(text: &str, folds: &[Fold], prefix: bool) -> Vec<Wild> {
    variants(text, folds).into_iter().map(|bytes| Wild::of(bytes, prefix)).collect()
}

/// Matches `places` on the tokens beside `at`; the outermost token of the match. Depth is the number of places, at most eight.
fn step(places: &[Place], text: &[u8], window: &Window, at: usize, side: Side) -> Option<usize> {
    let Some((place, rest)) = places.split_first() else { return Some(at) };
    let beside = |count: usize| match side {
        Side::Left => at.checked_sub(count),
        Side::Right => Some(at + count).filter(|next| *next < window.tokens.len()),
    };
    match place {
        Place::Gap(least, most) => {
            (*least..=*most).find_map(|count| step(rest, text, window, beside(count)?, side))
        }
        Place::Word { words, clause_end } => {
            let token = beside(1);
            let found = token.filter(|next| {
                let token = &window.tokens[*next];
                words.iter().any(|word| word.fits(token.head, &text[token.start..token.end]))
            });
            if let Some(outer) = found.and_then(|next| step(rest, text, window, next, side)) {
                return Some(outer);
            }
            let closed = match token {
                Some(next) => window.tokens[next].clause,
                None => window.closed,
            };
            (*clause_end && side == Side::Right && closed).then_some(at)
        }
    }
}
