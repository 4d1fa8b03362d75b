//! The gate of a lexicon: every term finds each of its `ok` sentences, none of its `not` sentences, and says what they assert.
//! That of the shipped lexicons is a part of [`lint`](super::lint), and of its tests.

use std::ops::Range;
use std::sync::Arc;

use super::{KeywordMatch, Keywords};
use crate::error::Error;
use crate::finding::{Flags, Reading};
use crate::lexicon::{Lexicon, Sample};

/// Bytes behind the text that may be read.
const PAD: usize = 64;

/// One line for each sentence of a lexicon that does not say what it must, and for each term without a sentence of either kind.
/// Sentences are named by number: a user's file may quote somebody.
///
/// # Errors
///
/// The lexicon does not compile.
pub fn failures(lexicon: &Lexicon) -> Result<Vec<String>, Error> {
    let line = |(term, what): (usize, String)| format!("{}: {what}", lexicon.terms[term].id);
    Ok(failing(lexicon)?.into_iter().map(line).collect())
}

/// The same, each with the place of its term in the lexicon.
pub(super) fn failing(lexicon: &Lexicon) -> Result<Vec<(usize, String)>, Error> {
    let mut failures = Vec::new();
    for (at, term) in lexicon.terms.iter().enumerate() {
        // alone, so that no other term covers its mistakes
        let keywords = Keywords::compile(&[Arc::new(lexicon.alone(term))])?;
        let mut fail = |what: &str| failures.push((at, what.to_owned()));
        if term.ok.is_empty() {
            fail("has no `ok` sentence");
        }
        if term.not.is_empty() {
            fail("has no `not` sentence");
        }
        for (sample, number) in term.ok.iter().zip(1..) {
            if let Some(what) = misses(&keywords.find(&sample.text), sample) {
                fail(&format!("`ok` sentence {number} {what}"));
            }
        }
        for (sample, number) in term.not.iter().zip(1..) {
            if !keywords.find(&sample.text).is_empty() {
                fail(&format!("`not` sentence {number} is a match"));
            }
        }
    }
    Ok(failures)
}

/// What is wrong with the matches of an `ok` sentence.
fn misses(found: &[KeywordMatch], sample: &Sample) -> Option<String> {
    let reading = found.iter().filter_map(|claim| claim.attributes.reading).max();
    let negated = found.iter().any(|claim| claim.attributes.flags.has(Flags::NEGATED));
    if found.is_empty() {
        Some("is no match".to_owned())
    } else if sample.reading.is_some() && sample.reading != reading {
        let name = if reading == Some(Reading::Personal) { "personal" } else { "topical" };
        Some(format!("reads {name}"))
    } else if sample.negated.is_some_and(|expected| expected != negated) {
        Some(format!("is {}negated", if negated { "" } else { "not " }))
    } else {
        None
    }
}

impl Keywords {
    /// The settled matches of one text, with bitmaps made here.
    pub fn find(&self, text: &str) -> Vec<KeywordMatch> {
        let mut padded = text.as_bytes().to_vec();
        padded.resize(text.len() + PAD, 0);
        let (starts, ends) = bitmaps(&padded, 0..text.len());
        let mut places = Vec::new();
        self.filter(&padded, 0, &starts, &ends, &mut places);
        let mut claims = Vec::new();
        for place in places {
            self.verify(&padded, 0..text.len(), place as usize, "", &mut claims);
        }
        Self::settle(&mut claims);
        claims
    }
}

/// Bitmaps of word starts and last bytes of words: every byte from 0x80 is a word byte.
pub(in crate::detect) fn bitmaps(text: &[u8], range: Range<usize>) -> (Vec<u64>, Vec<u64>) {
    let words = range.len().div_ceil(64);
    let (mut starts, mut ends) = (vec![0; words], vec![0; words]);
    let word =
        |at: usize| text.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
    for at in range.clone() {
        let (place, bit) = ((at - range.start) / 64, (at - range.start) % 64);
        if word(at) && (at == 0 || !word(at - 1)) {
            starts[place] |= 1 << bit;
        }
        if word(at) && !word(at + 1) {
            ends[place] |= 1 << bit;
        }
    }
    (starts, ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_sentence_is_named_by_term_and_number() {
        let text = "schema = 1\nextend = \"sv.health\"\n[[term]]\nid = \"x\"\nstem = \"kantarell\"\nsource = \"own\"\n\
                    ok = [\"Jag har kantareller.\", { text = \"Jag har ingen kantarell.\", negated = false }]\n\
                    not = [\"Kantarellen är slut.\"]\n";
        let lexicon = Lexicon::parse("my.toml", text).unwrap();
        let expected =
            ["sv.health.x: `ok` sentence 2 is negated", "sv.health.x: `not` sentence 1 is a match"];
        assert_eq!(failures(&lexicon).unwrap(), expected);
    }
}
