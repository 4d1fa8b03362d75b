//! The capitalized words of a text, as far as it takes to tell whether somebody known may be named in it.
//!
//! A text that was scanned before says the same again unless somebody is known now whose name stands in it. Its capitalized words are read once;
//! looking them up takes a few nanoseconds.

use super::names::Heads;
use super::people::People;
use super::phrase::is_upper;
use crate::detect::context::is_word;

/// Words that are kept: short texts, also the names of programs, have fewer.
const MOST: usize = 16;

/// The heads of the capitalized words of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Capitals {
    /// Where [`Heads`] looks for the word.
    heads: [u16; MOST],
    /// Number of words; more than [`MOST`] when there are more than are kept.
    count: u8,
}

impl Capitals {
    /// Of a text that may hold any word.
    pub(crate) const ANY: Self = Self { heads: [0; MOST], count: u8::MAX };

    /// Those of a text, with or without what hyphens join to a word.
    pub(crate) fn of(text: &[u8]) -> Self {
        let mut found = Self::default();
        let mut start = 0;
        // Behind the text nothing is part of a word.
        for at in 0..=text.len() {
            if text.get(at).is_some_and(|byte| is_word(*byte)) {
                continue;
            }
            let (word, from) = (&text[start..at], start);
            start = at + 1;
            if word.is_empty() || !is_upper(text, from) {
                continue;
            }
            let Some(place) = found.heads.get_mut(usize::from(found.count)) else {
                return Self::ANY;
            };
            let mut head = [0; 4];
            let kept = word.len().min(4);
            head[..kept].copy_from_slice(&word[..kept]);
            *place = Heads::place(u32::from_le_bytes(head), word.len());
            found.count += 1;
        }
        found
    }

    /// Whether one of them may be part of the name of somebody.
    pub(crate) fn may_name(&self, people: &People) -> bool {
        let Some(heads) = people.own_heads() else { return false };
        let Some(words) = self.heads.get(..usize::from(self.count)) else { return true };
        words.iter().any(|place| heads.has(*place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_may_name_somebody_is_told_from_others() {
        let mut people = People::default();
        let may_name = |people: &People, text: &str| Capitals::of(text.as_bytes()).may_name(people);
        assert!(!may_name(&people, "Eva"));
        people.add("Eva Kovács".as_bytes());
        for text in ["Hej Eva!", "Evas hund", "(EVA)", "x Kovácsin", "Anna-Eva"] {
            assert!(may_name(&people, text), "{text}");
        }
        for text in ["hej eva", "Everest", "Hej Adam", "xEva", "", "Åsa å"] {
            assert!(!may_name(&people, text), "{text}");
        }
        assert!(may_name(&people, &"Adam ".repeat(MOST + 1)), "too many to be kept");
        assert!(!may_name(&people, &"Adam ".repeat(MOST)));
    }
}
