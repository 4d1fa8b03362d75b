//! Swedish property designations (*fastighetsbeteckning*).
//!
//! Municipality, district, sometimes a block, and the unit: `Skoby Berga 1:2`, `Berga S:3`, `Berga GA:4`. One to four capitalized words before
//! the unit. The owner of a property stands in a public register, so a designation names a person. Statutes, times, scales and verses have the same
//! shape. Sources: Lantmäteriet, *Fastighetsbeteckning*; fastighetsregisterförordningen (2000:308).

use super::beside::{each_run, offset};
use super::number::{closes, is_one_of, word_before};
use super::run::{Group, Run, Sep};
use super::{CONTEXT, Candidate, Claims, Detector, Match, Near, Options, Trigger};
use crate::finding::{Attributes, Category, Confidence};

mod municipalities;

use municipalities::MUNICIPALITIES;

const RANK: u8 = 12;
const WORDS_MAX: usize = 4; // before the unit
const WORD_MAX: usize = 24; // bytes of a word before the unit

/// Capitalized words before a unit that are no district: what stands at the start of a sentence, days, books of the Bible.
const OTHERS: &[&str] = &[
    "alla",
    "apg",
    "april",
    "att",
    "augusti",
    "av",
    "avsnitt",
    "bibeln",
    "de",
    "december",
    "den",
    "detaljplan",
    "detaljplanen",
    "det",
    "din",
    "en",
    "enligt",
    "ert",
    "ett",
    "fastighet",
    "fastighetens",
    "fastigheten",
    "fastigheter",
    "fastigheterna",
    "fastighetsbeteckning",
    "februari",
    "fredag",
    "från",
    "för",
    "gal",
    "galaterbrevet",
    "hebr",
    "hos",
    "i",
    "inom",
    "jak",
    "januari",
    "jer",
    "jes",
    "job",
    "joh",
    "johannes",
    "juli",
    "juni",
    "kap",
    "kapitel",
    "kl",
    "klocka",
    "klockan",
    "kor",
    "korinthierbrevet",
    "lagfart",
    "lagfarten",
    "luk",
    "lukas",
    "lukasevangeliet",
    "lördag",
    "maj",
    "mark",
    "markus",
    "mars",
    "matt",
    "matteus",
    "med",
    "min",
    "mina",
    "mitt",
    "moseboken",
    "mos",
    "mot",
    "måndag",
    "november",
    "oktober",
    "om",
    "onsdag",
    "ords",
    "ordspråksboken",
    "petr",
    "prop",
    "ps",
    "psaltaren",
    "på",
    "resultat",
    "rom",
    "romarbrevet",
    "september",
    "sfs",
    "skala",
    "slutade",
    "söndag",
    "tid",
    "till",
    "tim",
    "tisdag",
    "tomt",
    "tomten",
    "torsdag",
    "under",
    "upp",
    "uppenbarelseboken",
    "ur",
    "vår",
    "vårt",
    "version",
    "vid",
    "vers",
];

/// The detector `property-designation`.
#[derive(Debug)]
pub(super) struct PropertyDesignation;

impl Detector for PropertyDesignation {
    fn id(&self) -> &'static str {
        "property-designation"
    }

    fn category(&self) -> Category {
        Category::Asset
    }

    fn summary(&self) -> &'static str {
        "Swedish property designations (fastighetsbeteckning)"
    }

    fn rule(&self) -> &'static str {
        "Shape: one to four capitalized words and the unit: two numbers of one to four digits with a colon between, or a number behind S: or GA:.\n\
         high: beside fastighet, tomt, lagfart, detaljplan and the like. medium: the first word is a municipality of Sweden. Nothing else.\n\
         Not: a year before the colon (statutes), times of day behind a day or kl, scales, verses of the Bible.\n\
         Source: Lantmäteriet; fastighetsregisterförordningen (2000:308)."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["fastigheten Skoby Berga 1:2", "Uppsala Berga 12:34", "tomten Berga S:3"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Word(0), Trigger::First(1)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[
            &[
                "fastighet*",
                "tomt",
                "tomten",
                "tomter*",
                "lagfart*",
                "detaljplan*",
                "gemensamhetsanläggning*",
                "samfällighet*",
                "avstyckning*",
                "lantmäteri*",
                "bygglov*",
                "stamfastighet*",
            ],
            MUNICIPALITIES,
        ]
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let context = candidate.word.is_some_and(|word| word.list == CONTEXT);
        each_run(candidate, |run| {
            for at in 0..run.groups.len() {
                let found = unit(candidate.field.text, run, at)
                    .and_then(|unit| judge(candidate, unit, context));
                if let Some(found) = found {
                    claims.push(found);
                }
            }
        });
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        for (at, word) in found.split_whitespace().enumerate() {
            if at > 0 {
                out.push(b' ');
            }
            out.extend(word.to_lowercase().bytes());
        }
    }
}

/// A unit: where it starts and ends, its digits, whether it may be a time of day.
#[derive(Clone, Copy)]
struct Unit {
    start: usize,
    end: usize,
    digits: u32,
    time: bool,
}

/// `1:2`, `S:3` or `GA:4`, with its number or its first number in group `at` of a run.
fn unit(text: &[u8], run: &Run, at: usize) -> Option<Unit> {
    let group = run.groups[at];
    let (start, next) = (group.start as usize, run.groups.get(at + 1));
    let starts = at == 0 || matches!(group.sep, Sep::Space | Sep::Paren);
    if !starts || group.len > 4 || (at == 0 && run.plus) {
        return None;
    }
    let colon = next.filter(|next| next.sep == Sep::Colon && next.len <= 4);
    let (from, last) = match colon {
        Some(next) => (start, *next),
        None => (text[..start].strip_suffix(b":").and_then(common)?, group),
    };
    let end = last.end() as usize;
    let after = run.groups.get(at + 1 + usize::from(colon.is_some()));
    let ends = after.map_or_else(|| closes(text, end), |group| group.sep == Sep::Space);
    let number = |group: Group| {
        let digits = &text[group.start as usize..group.end() as usize];
        digits.iter().fold(0_u32, |number, digit| number * 10 + u32::from(digit - b'0'))
    };
    let year = colon.is_some() && (1600..2100).contains(&number(group));
    let zero = text[start] == b'0' || text[last.start as usize] == b'0' && last.len == 1;
    let time = colon.is_some() && last.len == 2 && number(group) < 24 && number(last) < 60;
    let digits = if colon.is_some() { group.len + last.len } else { group.len };
    (ends && !year && !zero).then_some(Unit { start: from, end, digits, time })
}

/// Where the letters of common land (`S`) or of a joint facility (`GA`) begin at the end of a text.
fn common(text: &[u8]) -> Option<usize> {
    let letters =
        ["GA", "S", "ga", "s"].into_iter().find(|letters| text.ends_with(letters.as_bytes()))?;
    let from = text.len() - letters.len();
    (!word_before(text, from)).then_some(from)
}

fn judge(candidate: &Candidate<'_>, unit: Unit, context: bool) -> Option<Match> {
    let text = candidate.field.text;
    let start = name(text, unit)?;
    let near = if context { candidate.near(CONTEXT, start, unit.end) } else { Near::No };
    // One word and what may be a time of day: `Lunch 11:30`.
    let one = !text[start..unit.start - 1].contains(&b' ');
    if unit.time && one && near != Near::Adjacent {
        return None;
    }
    let confidence = if near.is_near() {
        Confidence::High
    } else if !context
        && start == candidate.at
        && candidate.word.is_some_and(|word| word.end > start)
    {
        Confidence::Medium
    } else {
        return None;
    };
    Some(Match {
        start: offset(start),
        end: offset(unit.end),
        rank: RANK,
        confidence,
        near,
        attributes: Attributes {
            digits: u8::try_from(unit.digits).unwrap_or(u8::MAX),
            ..Attributes::default()
        },
    })
}

/// Where the one to four capitalized words before a unit begin.
fn name(text: &[u8], unit: Unit) -> Option<usize> {
    let mut start = unit.start;
    for count in 0..WORDS_MAX {
        let Some(before) = text[..start].strip_suffix(b" ") else { break };
        let part = |byte: &&u8| byte.is_ascii_alphabetic() || **byte == b'-' || **byte >= 0x80;
        let len = before.iter().rev().take(WORD_MAX + 1).take_while(part).count();
        let word = &before[before.len() - len..];
        if len > WORD_MAX || !is_capitalized(word) {
            break;
        }
        if is_one_of(word, OTHERS) {
            // A time behind a day or a word for it is no unit.
            if count == 0 {
                return None;
            }
            break;
        }
        start = before.len() - len;
    }
    (start < unit.start && !word_before(text, start)).then_some(start)
}

/// Whether a word of two letters or more begins with a capital and goes on in lower case.
fn is_capitalized(word: &[u8]) -> bool {
    let Ok(word) = str::from_utf8(word) else { return false };
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase) && letters.next().is_some_and(char::is_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn municipalities_are_290_and_sorted() {
        assert_eq!(MUNICIPALITIES.len(), 290);
        assert!(MUNICIPALITIES.is_sorted());
    }

    #[test]
    fn a_name_is_made_of_capitalized_words() {
        let start = |text: &str| {
            let run = Run::parse(text.as_bytes(), text.find(|c: char| c.is_ascii_digit()).unwrap());
            name(text.as_bytes(), unit(text.as_bytes(), &run, 0)?)
        };
        assert_eq!(start("vid Skoby Östra Berga 1:2"), Some(4));
        assert_eq!(start("På Berga 1:2"), Some(4));
        assert_eq!(start("Berga GA:2"), Some(0));
        assert_eq!(start("Måndag 10:30"), None);
        assert_eq!(start("berga 1:2"), None);
        assert_eq!(start("SFS 1998:204"), None);
        assert_eq!(start("Berga 1998:204"), None);
        assert_eq!(start("Berga 1:2:3"), None);
    }
}
