//! The TOML form of lexicons and cue files, exactly as written. Unknown keys are errors; meaning is checked in `check`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::inflection::Inflection;
use super::variant::Fold;
use super::{Case, Side};
use crate::error::{Error, ErrorKind};

/// A lexicon file, or the cue file of a language (then without terms).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) schema: u32,
    pub(super) lang: Option<String>,
    pub(super) category: Option<String>,
    #[expect(dead_code, reason = "declared for readers of the file; not part of what it finds")]
    license: Option<String>,
    pub(super) version: Option<String>,
    /// `sv.health`: a user's file that adds to a shipped one.
    pub(super) extend: Option<String>,
    /// Full ids of terms that shall not run.
    #[serde(default)]
    pub(super) disable: Vec<String>,
    /// Words that speak for the language.
    #[serde(default)]
    pub(super) stopwords: Vec<String>,
    #[serde(default)]
    pub(super) defaults: TermForm,
    #[serde(default)]
    pub(super) contexts: BTreeMap<String, ContextForm>,
    #[serde(default)]
    pub(super) term: Vec<Spanned<TermForm>>,
}

/// A named list of words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContextForm {
    pub(super) words: Vec<String>,
    pub(super) window: u8,
    #[serde(default)]
    pub(super) side: Side,
}

/// A term, or the defaults of terms.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TermForm {
    pub(super) id: Option<String>,
    pub(super) stem: Option<String>,
    pub(super) stems: Option<Vec<String>>,
    pub(super) pattern: Option<String>,
    #[serde(rename = "match")]
    pub(super) modes: Option<Vec<Mode>>,
    pub(super) inflection: Option<Inflection>,
    pub(super) case: Option<Case>,
    pub(super) fold: Option<Vec<Fold>>,
    pub(super) alias: Option<Vec<String>>,
    pub(super) weight: Option<f64>,
    pub(super) require_any: Option<Vec<String>>,
    pub(super) boost: Option<BTreeMap<String, f64>>,
    pub(super) veto: Option<Vec<String>>,
    pub(super) exclude: Option<Vec<String>>,
    pub(super) category: Option<String>,
    pub(super) alert: Option<String>,
    pub(super) source: Option<String>,
    pub(super) ok: Option<Vec<SampleForm>>,
    pub(super) not: Option<Vec<SampleForm>>,
}

impl TermForm {
    /// The term with each field that it does not set taken from the defaults.
    pub(super) fn or(self, defaults: &Self) -> Self {
        let or = defaults.clone();
        Self {
            id: self.id,
            stem: self.stem,
            stems: self.stems,
            pattern: self.pattern,
            modes: self.modes.or(or.modes),
            inflection: self.inflection.or(or.inflection),
            case: self.case.or(or.case),
            fold: self.fold.or(or.fold),
            alias: self.alias.or(or.alias),
            weight: self.weight.or(or.weight),
            require_any: self.require_any.or(or.require_any),
            boost: self.boost.or(or.boost),
            veto: self.veto.or(or.veto),
            exclude: self.exclude.or(or.exclude),
            category: self.category.or(or.category),
            alert: self.alert.or(or.alert),
            source: self.source.or(or.source),
            ok: self.ok.or(or.ok),
            not: self.not.or(or.not),
        }
    }
}

/// Where in a word a stem may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Mode {
    /// The whole word, with an ending of the inflection.
    Word,
    /// The start of a word.
    CompoundHead,
    /// The end of a longer word, with an ending of the inflection.
    CompoundTail,
}

/// A sentence that must or must not hit.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum SampleForm {
    Text(String),
    Asserted(Asserted),
}

/// A sentence with what it must say.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asserted {
    pub(super) text: String,
    pub(super) reading: Option<ReadingForm>,
    pub(super) negated: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ReadingForm {
    Personal,
    Topical,
}

/// Reads the form. The error names the file and the line.
pub(super) fn read(name: &str, text: &str) -> Result<File, Error> {
    let file: File = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| Lines::of(text).at(span.start));
        let reason = error.message().replace('\n', "; ");
        Error::new(ErrorKind::Config, format!("lexicon `{name}`, line {line}: {reason}"))
    })?;
    if file.schema == 1 {
        return Ok(file);
    }
    let reason =
        format!("lexicon `{name}`: schema {} is not known, this version reads 1", file.schema);
    Err(Error::new(ErrorKind::Config, reason))
}

/// Tells the lines of rising places in a text.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// The line of a byte, from 1; the byte is not before the last one asked for.
    pub(super) fn at(&mut self, at: usize) -> usize {
        let passed = self.text.as_bytes().get(self.at..at).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed).count();
        self.at = at.max(self.at);
        self.line
    }
}
