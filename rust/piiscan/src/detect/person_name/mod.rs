//! Names of people.
//!
//! A first name and a surname side by side, both capitalized; what stands after words that introduce or sign; senders and recipients of a message
//! and their names in its text; the name that an e-mail address spells. A single word that is also an ordinary word is never reported
//! without one of those. Sources of the lists: `data/README.md`; names of streets and organizations called after people are left out.

mod capitals;
mod cues;
mod introduced;
mod names;
mod party;
mod people;
pub(crate) mod phrase;
mod spelled;
mod standing;

use std::sync::LazyLock;

use super::{Candidate, Claims, Detector, FieldKind, Match, Near, Options, Trigger};
use crate::finding::{Attributes, Category, Confidence};
use people::Word;
use phrase::{Span, Token};

pub(crate) use capitals::Capitals;
pub(crate) use names::{Kinds, LONGEST, exact, lower};
pub use people::{Acquaintances, People};

const RANK: u8 = 13;

/// The words of [`cues`], then roles and ways of going to a school.
static WORDS: LazyLock<Vec<&[&str]>> = LazyLock::new(|| {
    let own: [&'static [&'static str]; 2] = [&standing::ROLES, &standing::SCHOOLED];
    cues::WORDS.iter().copied().chain(own).collect()
});
const ROLE_LIST: usize = cues::WORDS.len();

/// The detector `person-name`.
#[derive(Debug)]
pub(super) struct PersonName;

/// Whether a capitalized word is worth asking for.
pub(crate) fn is_worth(word: &[u8], people: Acquaintances<'_>) -> bool {
    exact(word).has(Kinds::FIRST) || people.of(word).is_some()
}

impl Detector for PersonName {
    fn id(&self) -> &'static str {
        "person-name"
    }

    fn category(&self) -> Category {
        Category::Person
    }

    fn summary(&self) -> &'static str {
        "Names of people"
    }

    fn rule(&self) -> &'static str {
        "Shape: capitalized words with one space or hyphen between.\n\
         high: a listed first name beside a listed surname; a sender or recipient of two words or more of which one is listed, and \
         the words of it in other fields (medium for ordinary words).\n\
         medium: a listed first name beside a word with the ending of a surname (-sson, -dotter, -qvist, -ström, -berg, -gren, \
         -nen, -la, -sen); both words ordinary words too; a sender of two words that no list has; a sender that is one listed name.\n\
         Also high with two words and medium with one: behind jag heter, nimeni on, my name is, jeg heter, navnet mitt er; behind \
         hälsningar, mvh, terveisin, regards, hilsen; a listed one behind handläggare, kontakta, herr, fru, tyttäreni, my wife and behind \
         labels such as Namn:; a listed first name behind jag är, olen, this is, and alone on the line below \
         tack, kiitos, thanks, takk. medium: what an e-mail address `given.family@` beside it spells.\n\
         low, with a kind: a role said of somebody or beside its place (är rektor, on rehtori), a school by name behind words of going there \
         (går på Norrskolan): evidence that may single somebody out beside an age and a place, no name.\n\
         low: a sender that is one other word; a word that often begins sentences beside a surname that is an ordinary word.\n\
         Genitive and Finnish cases are taken off before comparing. Not: one ambiguous word alone; streets, places and companies \
         called after a person; systems and departments.\n\
         Source: name lists of Faker (MIT); Statistics Sweden, name statistics."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["Anna Exempelsson", "Matti Meikäläinen"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[
            Trigger::Name,
            Trigger::At,
            Trigger::Word(0),
            Trigger::Word(1),
            Trigger::Word(2),
            Trigger::Word(3),
            Trigger::Word(4),
            Trigger::Word(5),
            Trigger::Word(6),
            Trigger::Word(7),
        ]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &WORDS
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let text = candidate.field.text;
        if candidate.field.kind == FieldKind::Party {
            party::each(text, |name| {
                let span = Span { start: name.range.start, end: name.range.end };
                claims.push(claim(span, name.confidence));
            });
            return;
        }
        if let Some(word) = candidate.word {
            if word.list >= ROLE_LIST {
                let found = standing::find(text, candidate.at, word, word.list == ROLE_LIST);
                if let Some((span, kind)) = found {
                    claims.push(evidence(span, kind));
                }
                return;
            }
            if let Some((span, confidence)) = introduced::name(candidate, word) {
                claims.push(claim(span, confidence));
            }
            return;
        }
        if text[candidate.at] == b'@' {
            spelled::each(text, candidate.at, |span| claims.push(claim(span, Confidence::Medium)));
            return;
        }
        // Other forms of `@` spell nothing, a colon or a bracket begins no name.
        if !phrase::is_word(text[candidate.at]) {
            return;
        }
        let token = Token::around(text, candidate.at);
        // Behind a hyphen it was seen from its start, if that is a name.
        let seen = token.start < candidate.at
            && is_worth(&text[token.start..candidate.at - 1], candidate.people);
        if seen || !phrase::is_upper(text, token.start) {
            return;
        }
        let paired = candidate_pair(candidate, token);
        if let Some((span, confidence)) = paired {
            claims.push(claim(span, confidence));
        }
        if let Some((span, confidence)) = acquainted(candidate, token) {
            claims.push(claim(span, confidence));
        }
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        canonical(found, out);
    }
}

/// A first name and a surname.
fn candidate_pair(candidate: &Candidate<'_>, token: Token) -> Option<(Span, Confidence)> {
    let text = candidate.field.text;
    if !token.kinds(text, exact).has(Kinds::FIRST) {
        return None;
    }
    let (span, first, last) = phrase::pair(text, token)?;
    let shouted = phrase::is_shouted(token.of(text));
    if shouted && !phrase::is_shouted(&text[span.start..span.end]) {
        return None;
    }
    let opens = first.has(Kinds::OPENER) && phrase::follows_sentence(text, span.start);
    let confidence = match (first.is_ambiguous(), last.is_ambiguous()) {
        (true, true) if opens => Confidence::Low,
        (true, true) => Confidence::Medium,
        _ if last.has(Kinds::LAST) && !first.has(Kinds::ICELANDIC) => Confidence::High,
        _ => Confidence::Medium,
    };
    Some((span, confidence))
}

/// Words of the name of a participant.
fn acquainted(candidate: &Candidate<'_>, token: Token) -> Option<(Span, Confidence)> {
    let (text, people) = (candidate.field.text, candidate.people);
    let own = people.of(token.of(text))?;
    let mut span = Span { start: token.start, end: token.end };
    let (mut at, mut count) = (token, 1);
    while let Some(next) = at.next(text).filter(|next| people.of(next.of(text)).is_some()) {
        (span.end, at) = (next.end, next);
        count += 1;
    }
    if count == 1 {
        // A single word: not if it goes on as part of something longer that was seen from its start.
        let seen = token.previous(text).is_some_and(|word| people.of(word.of(text)).is_some());
        // An ordinary word is a name where no capital belongs.
        let confidence = match own {
            Word::Alone => Confidence::High,
            Word::Within if !phrase::begins_sentence(text, token.start) => Confidence::Medium,
            _ => return None,
        };
        return (!seen && phrase::stands_alone(text, span)).then_some((span, confidence));
    }
    phrase::stands_alone(text, span).then_some((span, Confidence::High))
}

/// What tells who somebody is without naming anybody.
fn evidence(span: Span, kind: &'static str) -> Match {
    let attributes = Attributes { kind: Some(kind), ..Attributes::default() };
    Match { attributes, ..claim(span, Confidence::Low) }
}

fn claim(span: Span, confidence: Confidence) -> Match {
    Match {
        start: u32::try_from(span.start).expect("fields are capped below 4 GiB"),
        end: u32::try_from(span.end).expect("fields are capped below 4 GiB"),
        rank: RANK,
        confidence,
        near: Near::No,
        attributes: Attributes::default(),
    }
}

/// Lower case, single spaces, given names first, without a case ending on the last word.
fn canonical(found: &str, out: &mut Vec<u8>) {
    let lower = found.to_lowercase();
    let mut words: Vec<&str> =
        lower.split([' ', ',', '\n', '"']).filter(|word| !word.is_empty()).collect();
    if let [before, .., after] = words[..]
        && exact(after.as_bytes()).has(Kinds::FIRST)
        && exact(before.as_bytes()).has(Kinds::LAST)
        && !exact(before.as_bytes()).has(Kinds::FIRST)
    {
        words.rotate_left(1);
    }
    let last = words.pop().unwrap_or_default();
    for word in words {
        out.extend_from_slice(word.as_bytes());
        out.push(b' ');
    }
    let mut stem = last.as_bytes().to_vec();
    if last.len() <= LONGEST && exact(last.as_bytes()).is_none() {
        names::each_stem(last.as_bytes(), |word| {
            let known = exact(word);
            if !known.is_none() {
                stem = word.to_vec();
            }
            !known.is_none()
        });
    }
    out.extend_from_slice(&stem);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_one_canonical_form() {
        let of = |text: &str| {
            let mut out = Vec::new();
            canonical(text, &mut out);
            String::from_utf8(out).unwrap()
        };
        for text in
            ["Anna Svensson", "ANNA SVENSSON", "Svensson, Anna", "Svensson Anna", "Anna Svenssons"]
        {
            assert_eq!(of(text), "anna svensson", "{text}");
        }
        assert_eq!(of("Matti Virtaselle"), "matti virtanen");
        assert_eq!(of("Bo von Ek"), "bo von ek");
    }
}
