//! The people that senders and recipients are, known by the words of their names.
//!
//! The words become a dictionary in which the words of the other fields are looked up, in any case and form. Words that no list knows count there only
//! side by side, since a message may use them as words. A field knows the people that came before it, and nothing else: what is found
//! in it does not depend on what was read together.

use std::collections::HashMap;
use std::fmt;

use foldhash::fast::FixedState;

use super::names::{self, Heads};
use super::party::{LEFT, each, tokens};
use super::phrase;
use crate::detect::keyword::ByKey;
use crate::finding::Confidence;

/// Where a word of a participant's name is one in another text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Word {
    /// Everywhere.
    Alone,
    /// Inside sentences: it is an ordinary word as well.
    Within,
    /// Beside another only: no list has it.
    Beside,
}

const CLASSES: [Word; 3] = [Word::Alone, Word::Within, Word::Beside];
const NEVER: u32 = u32::MAX;
const SEEN: usize = 1 << 10; // fields that are remembered
const READ: usize = 1 << 11; // fields whose words are kept
const READ_MAX: usize = 128; // bytes of such a field

/// Words of the names in a field, in lower case.
type Words = Box<[(Box<[u8]>, Word)]>;

/// Words of the names of senders and recipients, in the order in which they came.
#[derive(Default)]
pub struct People {
    /// By the hash of a word: since when it is known, for every class.
    known: ByKey<u64, [u32; CLASSES.len()]>,
    count: u32,
    /// Heads of all of them, and those with the listed first names.
    heads: Option<[Heads; 2]>,
    /// Hashes of the last fields: the same people write again and again.
    seen: Vec<u64>,
    /// What was read from short fields, also by those who forgot since: it depends on nothing but the text.
    read: HashMap<Box<[u8]>, Words, FixedState>,
}

/// `Debug` shows nothing of the names, not even hashes.
impl fmt::Debug for People {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "People({} words)", self.known.len())
    }
}

/// The people that a field knows.
#[derive(Clone, Copy, Debug)]
pub struct Acquaintances<'p> {
    people: &'p People,
    until: u32,
}

impl People {
    /// Forgets everybody.
    pub(crate) fn clear(&mut self) {
        self.known.clear();
        self.seen.clear();
        self.heads = None;
        self.count = 0;
    }

    /// How many words were added.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Those that were known when so many words had been added.
    pub(crate) fn until(&self, count: u32) -> Acquaintances<'_> {
        Acquaintances { people: self, until: count }
    }

    /// Adds the people of a field of senders or recipients.
    pub(crate) fn add(&mut self, text: &[u8]) {
        let key = text.chunks(names::LONGEST).fold(1, |key, chunk| names::hash(chunk) ^ key << 1);
        self.seen.resize(SEEN, 0);
        let [.., a, b, _, _] = key.to_le_bytes();
        let place = &mut self.seen[usize::from(u16::from_le_bytes([a, b])) % SEEN];
        if std::mem::replace(place, key) == key {
            return;
        }
        let mut read = std::mem::take(&mut self.read);
        if let Some(words) = read.get(text) {
            self.insert(words);
        } else {
            let words = words(text);
            self.insert(&words);
            if text.len() <= READ_MAX {
                if read.len() == READ {
                    read.clear();
                }
                read.insert(text.into(), words);
            }
        }
        self.read = read;
    }

    fn insert(&mut self, words: &[(Box<[u8]>, Word)]) {
        for (lower, class) in words {
            let since = self.known.entry(names::hash(lower)).or_insert([NEVER; CLASSES.len()]);
            let since = &mut since[*class as usize];
            if *since != NEVER {
                continue;
            }
            *since = self.count;
            self.count += 1;
            let heads = self.heads.get_or_insert_with(|| [Heads::none(), Heads::listed().clone()]);
            for heads in heads {
                heads.add_forms(lower);
            }
        }
    }

    /// Which capitalized words are worth a look.
    pub(crate) fn heads(&self) -> &Heads {
        match &self.heads {
            Some([_, heads]) => heads,
            None => Heads::listed(),
        }
    }

    /// The same for participants alone; `None` if nobody is known.
    pub(super) fn own_heads(&self) -> Option<&Heads> {
        self.heads.as_ref().map(|[own, _]| own)
    }
}

/// The words by which the people of a field are known.
fn words(text: &[u8]) -> Words {
    let mut words = Vec::new();
    each(text, |name| {
        if name.confidence == Confidence::Low {
            return;
        }
        for token in tokens(text, name.range.clone()) {
            let word = token.of(text);
            let kinds = token.kinds(text, names::inflected);
            let class = match () {
                () if kinds.is_none() => Word::Beside,
                () if kinds.is_ambiguous() => Word::Within,
                () => Word::Alone,
            };
            let mut buffer = [0; names::LONGEST];
            let Some(lower) = names::lower(word, &mut buffer) else { continue };
            if word.len() >= LEFT && !phrase::is_particle(word) {
                words.push((lower.into(), class));
            }
        }
    });
    words.into()
}

impl Acquaintances<'_> {
    /// Whether a word, in any case, is part of a participant's name.
    pub(super) fn of(self, word: &[u8]) -> Option<Word> {
        if self.until == 0 {
            return None;
        }
        let mut buffer = [0; names::LONGEST];
        let lower = names::lower(word, &mut buffer)?;
        let mut found = self.look(lower);
        if found.is_none() {
            names::each_stem(lower, |stem| {
                found = self.look(stem);
                found.is_some()
            });
        }
        found
    }

    fn look(self, lower: &[u8]) -> Option<Word> {
        let since = self.people.known.get(&names::hash(lower))?;
        CLASSES.into_iter().find(|class| since[*class as usize] < self.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_known_by_their_words_in_any_case_and_form() {
        let mut people = People::default();
        people.add("Anna Exempelsson <a@example.se>, Kovács Bertalan, Björn Ek".as_bytes());
        let known = people.until(people.count());
        for word in ["Anna", "ANNAS", "Exempelssons", "exempelsson"] {
            let kind = if word.len() < 6 { Word::Within } else { Word::Alone };
            assert_eq!(known.of(word.as_bytes()), Some(kind), "{word}");
        }
        for word in ["Kovács", "Bertalan"] {
            assert_eq!(known.of(word.as_bytes()), Some(Word::Beside), "{word}");
        }
        assert_eq!(known.of(b"Exempel"), None);
    }

    #[test]
    fn a_field_knows_those_that_came_before() {
        let mut people = People::default();
        people.add(b"Anna Exempelsson");
        let early = people.count();
        people.add("Siv Kovács".as_bytes());
        assert_eq!(people.until(early).of(b"Siv"), None);
        assert_eq!(people.until(people.count()).of(b"Siv"), Some(Word::Within));
        people.add(b"Anna Exempelsson");
        assert_eq!(people.until(early).of(b"Anna"), Some(Word::Within));
        people.clear();
        assert_eq!(people.until(people.count()).of(b"Anna"), None);
    }
}
