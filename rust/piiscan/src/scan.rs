//! Text to findings: one classification pass, candidates, validators, context, claims.
//!
//! A [`Batch`] holds the fields of a block in one buffer, folded to one spelling of digits, dashes and spaces. [`Scanner::scan`] classifies
//! the buffer into bitmaps, tile by tile, and finds candidates in them: clusters of digits, `@` and its spelled forms, colons of addresses,
//! heads of IBANs, words. Detectors look at candidates only. Their claims are resolved for each field; what is accepted
//! becomes a finding, with a fingerprint if the scanner has a key.
//!
//! **Invariant:** no I/O, no clock, no threads, no failure. The same fields give the same findings, however they are batched. The names of
//! senders and recipients count in the fields that come after them, until [`Batch::forget_people`].

use std::fmt::Write as _;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::detect::anchor::Anchors;
use crate::detect::claims::Home;
use crate::detect::context::Words;
use crate::detect::keyword::Keywords;
use crate::detect::{DETECTORS, Options, Trigger};
use crate::error::{Error, ErrorKind};
use crate::finding::{Category, Finding};
use crate::lexicon::Lexicon;
use crate::token::{Fingerprints, Key};

mod batch;
mod explain;
mod fingerprint;
mod fold;
mod keywords;
mod labels;
mod moment;
mod pass;
mod people;
mod seen;
mod spelled;
mod tile;

pub use crate::detect::FieldKind;
pub use batch::{Batch, Pushed};

/// Changes when the engine finds something else in the same text.
const ENGINE: &str = "piiscan engine 1";

/// What a scanner is made of.
#[derive(Clone, Debug)]
pub struct Config {
    /// Ids of the detectors that run; all if `None`, but for categories that are not looked for by default.
    pub detectors: Option<Vec<String>>,
    /// Options of detectors.
    pub options: Options,
    /// The key of fingerprints; without it they are zero.
    pub key: Option<Key>,
    /// Words of sensitive categories; each category that has words is a detector.
    pub lexicons: Vec<Arc<Lexicon>>,
}

/// Places of the categories of lexicons in the list of detectors; none for those that do not run.
type Slots = Vec<Option<u8>>;

/// A detector of a scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetectorInfo {
    /// Its id, such as `se-personnummer`.
    pub id: String,
    /// Its category.
    pub category: Category,
    /// One line for people.
    pub summary: String,
    /// Shape, rule, confidence and source.
    pub rule: String,
    /// Published test numbers or synthetic examples.
    pub examples: Vec<String>,
}

/// A lexicon of a scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LexiconInfo {
    /// `sv.health`, or the path of a user's file.
    pub name: String,
    /// The version that it declares; empty if it declares none.
    pub version: String,
    /// Hash of what it finds, in hexadecimal.
    pub digest: String,
}

/// Finds personal data in texts. Immutable: one scanner serves all threads.
#[derive(Debug)]
pub struct Scanner {
    /// Tells it from every other scanner.
    identity: Arc<()>,
    options: Options,
    fingerprints: Option<Fingerprints>,
    detectors: Vec<DetectorInfo>,
    /// Detectors by structure that run; their places are those of findings.
    active: Vec<Active>,
    words: Words,
    keywords: Keywords,
    lexicons: Vec<LexiconInfo>,
    slots: Slots,
    anchors: Anchors,
    /// Sets of places in `active` by number of digits of a run.
    by_digits: Box<[u32; 256]>,
    /// The fewest digits that any detector wants.
    least_digits: u32,
    /// Sets of detectors by the other triggers.
    dots: u32,
    at: u32,
    colon: u32,
    capitals: u32,
    pairs: u32,
    names: u32,
    places: u32,
    /// Detectors of expected countries.
    home: Home,
    /// Whether findings tell where their context word stands.
    explains: bool,
    /// Detectors of numbers that are personal by their length alone: not asked about opaque fields.
    numbers: u32,
}

/// A detector that runs.
#[derive(Clone, Copy, Debug)]
struct Active {
    /// Place in [`DETECTORS`].
    place: usize,
    /// Number of its first list of context words.
    first_list: usize,
}

impl Scanner {
    /// Compiles detectors and their words.
    ///
    /// # Errors
    ///
    /// If an id names no detector, or the lexicons do not fit together.
    ///
    /// # Panics
    ///
    /// Never: the number of detectors is checked by a test.
    pub fn new(config: Config) -> Result<Self, Error> {
        let Config { detectors: wanted, options, key, lexicons } = config;
        let keywords = Keywords::compile(&lexicons)?;
        let is_wanted = |id: &str| wanted.as_ref().is_none_or(|ids| ids.iter().any(|w| w == id));
        let is_known = |id: &str| {
            DETECTORS.iter().any(|detector| detector.id() == id)
                || keywords.categories().iter().any(|category| category.name() == id)
        };
        if let Some(unknown) = wanted.iter().flatten().find(|id| !is_known(id)) {
            let reason = format!("no detector is called `{unknown}`");
            return Err(Error::new(ErrorKind::Config, reason));
        }
        let mut scanner = Self {
            identity: Arc::new(()),
            explains: false,
            home: Home { detectors: 0, countries: options.locales },
            options,
            fingerprints: key.map(|key| key.fingerprints()),
            detectors: Vec::new(),
            active: Vec::new(),
            words: Words::default(),
            slots: Slots::new(),
            keywords,
            lexicons: lexicons.iter().map(|lexicon| about(lexicon)).collect(),
            anchors: Anchors::compile(std::iter::empty()),
            dots: 0,
            by_digits: Box::new([0; 256]),
            least_digits: u32::MAX,
            at: 0,
            colon: 0,
            capitals: 0,
            pairs: 0,
            names: 0,
            places: 0,
            numbers: 0,
        };
        let mut lists = Vec::new();
        for (place, detector) in DETECTORS.iter().enumerate() {
            if !is_wanted(detector.id()) {
                continue;
            }
            let bit = 1 << scanner.active.len();
            scanner.active.push(Active { place, first_list: lists.len() });
            let is_context =
                |list: &(u8, _)| !detector.triggers().contains(&Trigger::First(list.0));
            lists.extend(
                (0_u8..).zip(detector.words()).map(
                    |list| {
                        if is_context(&list) { *list.1 } else { &[] }
                    },
                ),
            );
            for trigger in detector.triggers() {
                scanner.add(*trigger, bit);
            }
            if detector.countries().meets(scanner.options.locales) {
                scanner.home.detectors |= bit;
            }
            if detector.category() == Category::Number {
                scanner.numbers |= bit;
            }
            scanner.detectors.push(DetectorInfo {
                id: detector.id().to_owned(),
                category: detector.category(),
                summary: detector.summary().to_owned(),
                rule: detector.rule().to_owned(),
                examples: detector.examples().iter().map(|text| (*text).to_owned()).collect(),
            });
        }
        scanner.words = Words::compile(&lists);
        scanner.anchors = Anchors::compile(scanner.anchored());
        scanner.keywords.watch(&scanner.anchors);
        let mut slots: Vec<Option<usize>> = Vec::new();
        for category in scanner.keywords.categories() {
            let is_wanted = match &wanted {
                Some(_) => is_wanted(category.name()),
                None => category.is_default(),
            };
            slots.push(is_wanted.then_some(scanner.detectors.len()));
            if is_wanted {
                scanner.detectors.push(of_words(*category));
            }
        }
        if slots.iter().any(Option::is_some) {
            let slot = |slot| u8::try_from(slot).expect("there are less than 255 detectors");
            scanner.slots = slots.into_iter().map(|place| place.map(slot)).collect();
        }
        Ok(scanner)
    }

    /// Lets findings tell where their nearest context word stands: [`Attributes::context`](crate::finding::Attributes::context).
    #[must_use]
    pub fn explaining(self) -> Self {
        Self { explains: true, ..self }
    }

    fn add(&mut self, trigger: Trigger, bit: u32) {
        match trigger {
            Trigger::Digits(least, most) => {
                // The last set is that of every longer run.
                for set in &mut self.by_digits[usize::from(least)..=usize::from(most)] {
                    *set |= bit;
                }
                self.least_digits = self.least_digits.min(u32::from(least));
            }
            Trigger::Dots => self.dots |= bit,
            Trigger::At => self.at |= bit,
            Trigger::Colon => self.colon |= bit,
            Trigger::Capitals => self.capitals |= bit,
            Trigger::Pairs => self.pairs |= bit,
            Trigger::Word(_) | Trigger::First(_) => {} // compiled together
            Trigger::Name => self.names |= bit,
            Trigger::Place => self.places |= bit,
        }
    }

    /// The lists of words that are candidates: place of the detector in `active`, number of the list, its words.
    fn anchored(&self) -> impl Iterator<Item = (u8, u8, &'static [&'static str])> {
        (0..).zip(&self.active).flat_map(|(slot, active)| {
            let detector = DETECTORS[active.place];
            detector.triggers().iter().filter_map(move |trigger| match *trigger {
                Trigger::Word(list) | Trigger::First(list) => {
                    Some((slot, list, detector.words()[usize::from(list)]))
                }
                _ => None,
            })
        })
    }

    /// The detectors, in the order of [`Finding::detector`].
    pub fn detectors(&self) -> &[DetectorInfo] {
        &self.detectors
    }

    /// The name of the term of a finding, such as `sv.health.cancer`. `term` is that of its attributes.
    pub fn term_name(&self, term: u32) -> Option<&str> {
        self.keywords.term_name(term)
    }

    /// Names everything that decides what is found: engine, options, detectors, lexicons.
    pub fn digest(&self) -> String {
        let options = format!("{:?}", self.options);
        let parts = [&self.detectors_digest(), &self.lexicon_digest(), options.as_str()];
        hex(&sha256([ENGINE, env!("CARGO_PKG_VERSION")].into_iter().chain(parts)))
    }

    /// Hash of the rules of the detectors by structure that run, in hexadecimal.
    pub fn detectors_digest(&self) -> String {
        let words = |place: usize| DETECTORS[place].words().iter().flat_map(|list| list.iter());
        hex(&sha256(self.active.iter().flat_map(|active| {
            let detector = DETECTORS[active.place];
            [detector.id(), detector.rule()].into_iter().chain(words(active.place).copied())
        })))
    }

    /// The lexicons, in the order in which they were given.
    pub fn lexicons(&self) -> &[LexiconInfo] {
        &self.lexicons
    }

    /// Hash of the compiled lexicons and of the categories that run, in hexadecimal.
    pub fn lexicon_digest(&self) -> String {
        let ids = self.detectors[self.active.len()..].iter().map(|detector| detector.id.as_str());
        let words = hex(&self.keywords.digest());
        hex(&sha256(ids.chain([words.as_str()])))
    }

    /// Appends the findings of all fields, by field and start. The batch is left as it is, but one that remembers has to be cleared before it
    /// is scanned again.
    ///
    /// # Panics
    ///
    /// If the batch remembers for another scanner.
    pub fn scan(&self, batch: &mut Batch, out: &mut Vec<Finding>) {
        assert!(batch.is_for(self), "a batch that remembers is for one scanner");
        let first = out.len();
        crate::simd::dispatch(pass::Pass { scanner: self, batch: &mut *batch, out: &mut *out });
        batch.complete(first, out);
    }

    /// Appends the findings of one text. The batch is emptied first.
    pub fn scan_text(&self, text: &str, batch: &mut Batch, out: &mut Vec<Finding>) {
        batch.clear();
        batch.push_text(text, "", FieldKind::Text);
        self.scan(batch, out);
    }
}

/// What is said of the detector of a category of words.
fn of_words(category: Category) -> DetectorInfo {
    let name = category.name();
    DetectorInfo {
        id: name.to_owned(),
        category,
        summary: format!("Words about {}", name.replace('-', " ")),
        rule: "A term of a lexicon, with the words around it that it asks for. Confidence by the weight of the \
               term and its contexts. `reading` is `personal` if the sentence speaks of a person."
            .to_owned(),
        examples: Vec::new(),
    }
}

fn about(lexicon: &Lexicon) -> LexiconInfo {
    LexiconInfo {
        name: lexicon.name().to_owned(),
        version: lexicon.version().to_owned(),
        digest: hex(&lexicon.digest()),
    }
}

/// SHA-256 over texts, each with its length before it.
fn sha256<'t>(texts: impl IntoIterator<Item = &'t str>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests;
