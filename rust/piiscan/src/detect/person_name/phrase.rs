//! Words of a name as they stand in a text: capitalized, one space or hyphen apart.

use super::names::{self, Kinds};

const TOKENS: usize = 5; // words of one name

/// Small words inside names.
const PARTICLES: &[&str] =
    &["von", "af", "av", "de", "van", "der", "den", "du", "bin", "al", "el", "da", "di", "dos"];

/// What follows the name of a person that a place or an organization is called after.
const CALLED_AFTER: &[&str] = &[
    "gata",
    "gatan",
    "väg",
    "vägen",
    "gränd",
    "gränden",
    "stig",
    "stigen",
    "torg",
    "torget",
    "allé",
    "allén",
    "plats",
    "plan",
    "park",
    "parken",
    "backe",
    "kulle",
    "skola",
    "skolan",
    "gård",
    "gården",
    "bibliotek",
    "museum",
    "stiftelse",
    "stiftelsen",
    "minne",
    "minnesfond",
    "fond",
    "ab",
    "aktiebolag",
    "oy",
    "oyj",
    "as",
    "aps",
    "kb",
    "hb",
    "institut",
    "institutet",
    "center",
    "centrum",
    "arena",
    "universitet",
    "sjukhus",
    "kyrka",
    "katu",
    "tie",
    "koulu",
    "säätiö",
    "gate",
    "gade",
    "vej",
    "vei",
    "plads",
    "plass",
    "skole",
];

/// A word of a name: letters, with hyphens and apostrophes inside, or an initial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Consecutive words of one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Token {
    pub(crate) fn of(self, text: &[u8]) -> &[u8] {
        &text[self.start..self.end]
    }

    /// The word that holds `at`, over hyphens.
    pub(crate) fn around(text: &[u8], at: usize) -> Self {
        let mut start = at;
        while start > 0 && (is_word(text[start - 1]) || is_inner(text, start - 1)) {
            start -= 1;
        }
        Self { start, end: end_of(text, at) }
    }

    /// The capitalized word after this one and a single space.
    pub(super) fn next(self, text: &[u8]) -> Option<Self> {
        let start = self.end + 1;
        if text.get(self.end) != Some(&b' ') || !is_upper(text, start) {
            return None;
        }
        let end = end_of(text, start);
        let initial = end == start + 1 && text.get(end) == Some(&b'.');
        Some(Self { start, end: end + usize::from(initial) })
    }

    /// The capitalized word after this one, also over small words.
    pub(super) fn next_of_name(self, text: &[u8]) -> Option<Self> {
        self.next(text).or_else(|| self.next_over_particles(text))
    }

    /// The capitalized word after this one and small words such as "von".
    fn next_over_particles(self, text: &[u8]) -> Option<Self> {
        let start = self.end + 1;
        let rest = text.get(start..).filter(|_| text[self.end] == b' ')?;
        let word = Self { start, end: start + end_of(rest, 0) };
        is_particle(word.of(text))
            .then(|| word.next(text).or_else(|| word.next_over_particles(text)))?
    }

    /// The capitalized word before this one and a single space.
    pub(crate) fn previous(self, text: &[u8]) -> Option<Self> {
        let end = self.start.checked_sub(1).filter(|at| text[*at] == b' ')?;
        let last = end.checked_sub(1).filter(|at| is_word(text[*at]))?;
        let token = Self { end, ..Self::around(text, last) };
        is_upper(text, token.start).then_some(token)
    }

    fn is_initial(self, text: &[u8]) -> bool {
        matches!(self.of(text), [_, b'.'] | [_])
    }

    /// What is known of it: of its last part, if it has hyphens; a first part that is a first name counts too.
    pub(super) fn kinds(self, text: &[u8], of: impl Fn(&[u8]) -> Kinds) -> Kinds {
        let whole = of(self.of(text));
        if !whole.is_none() {
            return whole;
        }
        let mut parts = self.of(text).split(|byte| *byte == b'-');
        let first = parts.next().map_or(Kinds::default(), &of);
        parts.next_back().map_or(first, |last| of(last).with(first))
    }
}

/// Whether a word is a small one inside names.
pub(super) fn is_particle(word: &[u8]) -> bool {
    word.len() < 4 && PARTICLES.iter().any(|particle| particle.as_bytes() == word)
}

/// Whether a hyphen or an apostrophe stands between letters.
fn is_inner(text: &[u8], at: usize) -> bool {
    matches!(text[at], b'-' | b'\'')
        && at > 0
        && is_word(text[at - 1])
        && text.get(at + 1).copied().is_some_and(is_word)
}

/// The end of the word that begins or goes on at `at`, over hyphens.
fn end_of(text: &[u8], at: usize) -> usize {
    let rest = (at..text.len()).find(|at| !is_word(text[*at]) && !is_inner(text, *at));
    rest.unwrap_or(text.len())
}

pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

/// Whether a capital of Latin-1 or Latin Extended-A stands there.
pub(crate) fn is_upper(text: &[u8], at: usize) -> bool {
    match text.get(at..) {
        Some([b'A'..=b'Z' | 0xC4 | 0xC5, ..]) => true,
        Some([0xC3, second, ..]) => (0x80..0x9F).contains(second),
        _ => false,
    }
}

/// Whether every letter of a word is a capital.
pub(super) fn is_shouted(word: &[u8]) -> bool {
    word.len() > 1 && !word.iter().any(u8::is_ascii_lowercase)
}

/// A first name and a surname side by side around the first name `token`, and what is known of both.
pub(super) fn pair(text: &[u8], token: Token) -> Option<(Span, Kinds, Kinds)> {
    let first = token.kinds(text, names::exact);
    let (mut at, mut last) = (token, None);
    for _ in 1..TOKENS {
        let (next, kinds) = if let Some(next) = at.next(text) {
            (next, next.kinds(text, names::inflected))
        } else if let Some(next) = at.next_over_particles(text) {
            // Whatever stands behind "von" is a surname.
            (next, next.kinds(text, names::inflected).with(Kinds::SHAPED))
        } else {
            break;
        };
        if last.is_some() && (!kinds.is_surname() || kinds.has(Kinds::FIRST)) {
            break;
        }
        if kinds.is_surname() {
            last = Some((next, kinds));
        } else if !kinds.has(Kinds::FIRST) && !next.is_initial(text) {
            break;
        }
        at = next;
    }
    if let Some((last, kinds)) = last {
        let fits = !first.has(Kinds::ICELANDIC) || names::is_patronymic(last.of(text));
        let span = Span { start: token.start, end: last.end };
        return (fits && stands_alone(text, span)).then_some((span, first, kinds));
    }
    let before = token.previous(text)?;
    let kinds = before.kinds(text, names::exact);
    let is_next_name = before
        .previous(text)
        .is_some_and(|other| other.kinds(text, names::exact).has(Kinds::FIRST));
    let fits = kinds.has(Kinds::LAST) && !kinds.has(Kinds::FIRST) && !is_next_name;
    let span = Span { start: before.start, end: token.end };
    (fits && !first.has(Kinds::ICELANDIC) && stands_alone(text, span))
        .then_some((span, first, kinds))
}

/// Whether a name is not part of an address on the web or of the name of a street or an organization.
pub(super) fn stands_alone(text: &[u8], span: Span) -> bool {
    let before = span.start.checked_sub(1).map(|at| text[at]);
    let after = &text[span.end..];
    let glued = match after {
        [b'@' | b'_' | b'/' | b'\\' | b'0'..=b'9', ..] => true,
        [b'.', next, ..] => next.is_ascii_alphanumeric(),
        _ => false,
    };
    if glued || before.is_some_and(|byte| matches!(byte, b'@' | b'_' | b'/' | b'\\' | b'#' | b'&'))
    {
        return false;
    }
    let Some(after) = after.strip_prefix(b" ") else { return true };
    let mut buffer = [0; names::LONGEST];
    let word = &after[..end_of(after, 0)];
    // "as" is a company in capitals only.
    if word.len() < 4 && !is_upper(word, 0) {
        return true;
    }
    let Some(word) = names::lower(word, &mut buffer) else { return true };
    !CALLED_AFTER.iter().any(|known| known.as_bytes() == word)
}

/// Whether a sentence or a line begins there.
pub(super) fn begins_sentence(text: &[u8], at: usize) -> bool {
    let before = text[..at].trim_ascii_end();
    let line = text[before.len()..at].contains(&b'\n');
    line || before.last().is_none_or(|byte| !is_word(*byte) && *byte != b',')
}

/// Whether a sentence ends before it on the same line.
pub(super) fn follows_sentence(text: &[u8], at: usize) -> bool {
    matches!(text[..at], [.., b'.' | b'!' | b'?', b' '])
}
