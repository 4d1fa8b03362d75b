//! Lexicons: which words tell something sensitive, and which words around them decide what they say.
//!
//! A lexicon is a TOML file of one language and one category. A **term** is a stem, several stems or a token pattern, with a weight,
//! words that it needs, gains from or is vetoed by, and sentences that it must and must not hit. Words around a term decide
//! whether it states a fact about a person or the theme only (`reading`), and whether it is negated; these cue words are
//! shared by the lexicons of a language (`cues.toml`). Here files are read and checked; `detect::keyword` compiles and applies them.
//!
//! Users' files have the same form, may `disable` shipped terms by full id and `extend` a shipped lexicon: then its language,
//! category, defaults and contexts hold for the user's terms too.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::error::{Error, ErrorKind};
use crate::finding::{Category, Reading};

mod check;
mod file;
mod inflection;
mod pattern;
mod variant;

pub(crate) use inflection::Inflection;
pub(crate) use pattern::{Element, Pattern, PatternWord};
pub(crate) use variant::{Fold, folded, variants};

macro_rules! lexicons {
    ($($lang:literal: $($category:literal)*;)*) => {
        /// Every shipped lexicon: `<lang>.<category>` and its text.
        pub const LEXICONS: &[(&str, &str)] = &[$($((
            concat!($lang, ".", $category),
            include_str!(concat!("../data/lexicon/", $lang, "/", $category, ".toml")),
        ),)*)*];
    };
}

lexicons! {
    "sv":
        "health" "sexual-orientation" "political-opinion" "religion" "ethnic-origin" "trade-union"
        "genetic" "biometric" "criminal-offense" "gender" "social-services" "threat";
    "fi":
        "health" "sexual-orientation" "political-opinion" "religion" "ethnic-origin" "trade-union"
        "genetic" "biometric" "criminal-offense" "gender" "social-services" "threat";
    "en":
        "health" "sexual-orientation" "political-opinion" "religion" "ethnic-origin" "trade-union"
        "genetic" "biometric" "criminal-offense" "gender" "social-services" "threat";
    "nb":
        "health" "sexual-orientation" "political-opinion" "religion" "ethnic-origin" "trade-union"
        "genetic" "biometric" "criminal-offense" "gender" "social-services" "threat";
    "da":
        "health" "sexual-orientation" "political-opinion" "religion" "ethnic-origin" "trade-union"
        "genetic" "biometric" "criminal-offense" "gender" "social-services" "threat";
}

/// The cue words of every language that has any.
pub const CUES: &[(&str, &str)] = &[
    ("sv", include_str!("../data/lexicon/sv/cues.toml")),
    ("fi", include_str!("../data/lexicon/fi/cues.toml")),
    ("en", include_str!("../data/lexicon/en/cues.toml")),
    ("nb", include_str!("../data/lexicon/nb/cues.toml")),
    ("da", include_str!("../data/lexicon/da/cues.toml")),
];

/// The alerts that a term may raise.
pub const ALERTS: &[&str] = &["threat", "suicide", "violence", "protected-identity"];

/// Names of the contexts with a meaning of their own.
pub(crate) mod cue {
    pub(crate) const PERSON: &str = "person";
    pub(crate) const GENERIC: &str = "generic";
    pub(crate) const NEGATOR: &str = "negator";
    pub(crate) const NEGATOR_AFTER: &str = "negator-after";
    pub(crate) const AFFIRMING: &str = "affirming";
    pub(crate) const CLAUSE: &str = "clause";
    /// All of them.
    pub(crate) const ALL: &[&str] = &[PERSON, GENERIC, NEGATOR, NEGATOR_AFTER, AFFIRMING, CLAUSE];
    /// Those that a language cannot do without.
    pub(crate) const REQUIRED: &[&str] = &[PERSON, GENERIC, NEGATOR];
}

/// Tokens of the widest window: candidates look no farther.
pub(crate) const WINDOW_MAX: u8 = 8;

/// How capitals count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Case {
    /// Not at all.
    #[default]
    Any,
    /// Half the weight unless the stem is in capitals.
    UpperPreferred,
    /// Only in capitals.
    UpperOnly,
}

/// On which side of the term a context is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Side {
    #[default]
    Both,
    Before,
    After,
}

/// A named list of words around a term.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Context {
    /// Phrases of one to three words in lower case; a word may end in `*`.
    pub(crate) phrases: Vec<Vec<String>>,
    /// How many tokens away a word may stand.
    pub(crate) window: u8,
    pub(crate) side: Side,
}

/// Where in a word the stems of a term may stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Modes {
    pub(crate) word: bool,
    pub(crate) head: bool,
    pub(crate) tail: bool,
}

/// What a term looks for.
#[derive(Clone, Debug)]
pub(crate) enum Form {
    /// Stems and misspellings of them, in lower case.
    Stems { stems: Vec<String>, modes: Modes, inflection: Inflection },
    /// A token pattern.
    Pattern(Pattern),
}

/// A sentence of the gate.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) text: String,
    pub(crate) reading: Option<Reading>,
    pub(crate) negated: Option<bool>,
}

/// One checked term. Context names are keys of [`Lexicon::contexts`].
#[derive(Clone, Debug)]
pub(crate) struct Term {
    /// Full id: `sv.health.cancer`.
    pub(crate) id: String,
    /// Where it begins in its file, from 1.
    pub(crate) line: usize,
    /// Misspellings; they are among the stems too.
    pub(crate) aliases: Vec<String>,
    pub(crate) form: Form,
    pub(crate) case: Case,
    pub(crate) folds: Vec<Fold>,
    /// Percent.
    pub(crate) weight: u8,
    pub(crate) require_any: Vec<String>,
    /// Percent added, each context once.
    pub(crate) boost: Vec<(String, u8)>,
    pub(crate) veto: Vec<String>,
    /// Words in lower case that are not meant; `*` stands for any ending.
    pub(crate) exclude: Vec<String>,
    pub(crate) category: Category,
    pub(crate) alert: Option<&'static str>,
    pub(crate) ok: Vec<Sample>,
    pub(crate) not: Vec<Sample>,
}

/// A checked lexicon.
#[derive(Clone, Debug)]
pub struct Lexicon {
    name: String,
    version: String,
    lang: String,
    category: Category,
    pub(crate) stopwords: Vec<String>,
    /// Those of the language are shared by its lexicons.
    pub(crate) contexts: BTreeMap<String, Arc<Context>>,
    pub(crate) terms: Vec<Term>,
    pub(crate) disable: Vec<String>,
}

impl Lexicon {
    /// The shipped lexicons.
    ///
    /// # Errors
    ///
    /// A shipped file is wrong; a test keeps that from happening.
    pub fn builtin() -> Result<Vec<Arc<Self>>, Error> {
        LEXICONS.iter().map(|(name, text)| Self::parse(name, text).map(Arc::new)).collect()
    }

    /// Reads and checks one lexicon. `name` is shown in errors: the path of a user's file.
    ///
    /// # Errors
    ///
    /// The text is no lexicon, or a term breaks a rule: the error names the file, the line and the term.
    pub fn parse(name: &str, text: &str) -> Result<Self, Error> {
        check::lexicon(name, text)
    }

    /// What it was called when it was read: `sv.health`, or the path of a user's file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version that its file declares; empty if it declares none.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Its language: `sv`, `fi`, `en`, `nb`, `da`, or `mul` for forms that hold everywhere.
    pub fn lang(&self) -> &str {
        &self.lang
    }

    /// The category of its terms unless they say otherwise.
    pub fn category(&self) -> Category {
        self.category
    }

    /// Number of terms.
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether it holds no term, as a file that only disables does.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// One of its terms alone, with the contexts that it asks for and the cues of the language: what it finds is what it finds among all.
    pub(crate) fn alone(&self, term: &Term) -> Self {
        let boosts = term.boost.iter().map(|(name, _)| name);
        let own = term.require_any.iter().chain(&term.veto).chain(boosts);
        let named = own.map(String::as_str).chain(cue::ALL.iter().copied());
        let context = |name| Some((String::from(name), self.contexts.get(name)?.clone()));
        Self {
            name: self.name.clone(),
            version: self.version.clone(),
            lang: self.lang.clone(),
            category: self.category,
            stopwords: self.stopwords.clone(),
            contexts: named.filter_map(context).collect(),
            terms: vec![term.clone()],
            disable: Vec::new(),
        }
    }

    /// A hash of what it finds: terms, contexts and cue words, not comments, samples or layout.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        let mut feed = |text: &str| {
            hasher.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        feed("piiscan lexicon 1");
        feed(&self.lang);
        self.stopwords.iter().chain(&self.disable).for_each(|word| feed(word));
        for (name, context) in &self.contexts {
            feed(name);
            feed(&format!("{} {:?}", context.window, context.side));
            context.phrases.iter().for_each(|phrase| feed(&phrase.join(" ")));
        }
        for term in &self.terms {
            feed(&term.id);
            match &term.form {
                Form::Stems { stems, modes, inflection } => {
                    feed(&stems.join(" "));
                    feed(&format!("{modes:?} {}", inflection.name()));
                }
                Form::Pattern(pattern) => feed(&format!("{pattern:?}")),
            }
            feed(&format!(
                "{:?} {:?} {} {}",
                term.case,
                term.folds,
                term.weight,
                term.category.name()
            ));
            feed(&format!("{:?} {:?} {:?}", term.require_any, term.boost, term.veto));
            feed(&term.exclude.join(" "));
            feed(term.alert.unwrap_or_default());
        }
        *hasher.finalize().as_bytes()
    }
}

/// A term that breaks a rule.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    /// Where it begins in its file, from 1.
    pub(crate) line: usize,
    /// Its id as written.
    pub(crate) id: String,
    pub(crate) reason: String,
}

/// Like [`Lexicon::parse`], but goes on after a term that breaks a rule: the lexicon of the others, and those.
pub(crate) fn examined(name: &str, text: &str) -> Result<(Lexicon, Vec<Broken>), Error> {
    check::examined(name, text)
}

/// Checks a file of cue words.
pub(crate) fn check_cues(name: &str, text: &str) -> Result<(), Error> {
    check::cues(name, text)
}

/// A `Config` error of a lexicon.
pub(crate) fn wrong(reason: String) -> Error {
    Error::new(ErrorKind::Config, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "schema = 1\nlang = \"sv\"\ncategory = \"health\"\n";

    fn error(terms: &str) -> String {
        Lexicon::parse("my.toml", &format!("{HEAD}{terms}")).unwrap_err().to_string()
    }

    #[test]
    fn the_shipped_lexicons_hold_their_languages() {
        for (lexicon, (name, _)) in Lexicon::builtin().unwrap().iter().zip(LEXICONS) {
            assert_eq!(*name, format!("{}.{}", lexicon.lang(), lexicon.category().name()));
        }
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/lexicon");
        let langs = std::fs::read_dir(root).unwrap().map(|lang| lang.unwrap().path());
        let files = langs.flat_map(|lang| std::fs::read_dir(lang).unwrap());
        let names = files.map(|file| file.unwrap().file_name());
        let kept = names.filter(|name| name != "cues.toml").count();
        assert_eq!(kept, LEXICONS.len(), "every file is in the table");
    }

    #[test]
    fn every_shipped_term_has_sentences_of_both_kinds() {
        for lexicon in Lexicon::builtin().unwrap() {
            for term in &lexicon.terms {
                assert!(!term.ok.is_empty() && !term.not.is_empty(), "{}", term.id);
            }
        }
    }

    #[test]
    fn errors_name_file_line_and_term() {
        let text = "[[term]]\nid = \"x\"\nstem = \"kol\"\nweight = 0.5\nsource = \"own\"\n";
        let message = error(text);
        assert!(message.starts_with("lexicon `my.toml`, line 4, term `x`: "), "{message}");
    }

    #[test]
    fn unknown_keys_are_errors_with_their_line() {
        let message = error("[[term]]\nid = \"x\"\nstemm = \"kol\"\n");
        assert!(message.contains("line 6") && message.contains("stemm"), "{message}");
    }

    #[test]
    fn rules_of_terms_are_checked() {
        let term = |body: &str| error(&format!("[[term]]\nid = \"x\"\nsource = \"own\"\n{body}"));
        for (body, reason) in [
            ("weight = 0.6", "exactly one of"),
            ("stem = \"Kol\"\nweight = 0.6", "lower case"),
            ("stem = \"två ord\"\nweight = 0.6", "one word"),
            ("stem = \"kol\"\nweight = 0.6", "`require_any`"),
            ("stem = \"kolika\"\nweight = 0.2", "`require_any`"),
            ("stem = \"kolik\"\nweight = 0.6\nmatch = [\"compound-head\"]", "six letters"),
            (
                "stem = \"kolika\"\nweight = 0.6\nveto = [\"nowhere\"]",
                "no context is called `nowhere`",
            ),
            ("stem = \"kolika\"\nweight = 1.6", "between 0 and 1"),
            ("stem = \"kolika\"\nweight = 0.6\ncategory = \"contact\"", "no sensitive category"),
            ("stem = \"kolika\"\nweight = 0.6\nalert = \"fire\"", "no alert is called"),
            ("pattern = \"{0,1} x\"\nweight = 0.6", "starts and ends"),
        ] {
            let message = term(body);
            assert!(message.contains(reason), "{body}: {message}");
        }
        assert!(
            error("[[term]]\nid = \"x\"\nstem = \"kolika\"\nweight = 0.6").contains("`source`")
        );
    }

    #[test]
    fn two_terms_cannot_share_an_id() {
        let term = "[[term]]\nid = \"x\"\nstem = \"kolika\"\nweight = 0.6\nsource = \"own\"\n";
        assert!(error(&format!("{term}{term}")).contains("a second term has this id"));
    }

    #[test]
    fn an_extension_takes_over_language_defaults_and_contexts() {
        let text = "schema = 1\nextend = \"sv.health\"\ndisable = [\"sv.health.kol\"]\n\
                    [[term]]\nid = \"lokal\"\nstem = \"grönkullaboendet\"\nveto = [\"barbecue\"]\nsource = \"own\"\n";
        let lexicon = Lexicon::parse("my.toml", text).unwrap();
        assert_eq!((lexicon.lang(), lexicon.len()), ("sv", 1));
        assert_eq!(
            (lexicon.terms[0].id.as_str(), lexicon.terms[0].weight),
            ("sv.health.lokal", 60)
        );
        let unknown = Lexicon::parse("my.toml", "schema = 1\nextend = \"sv.golf\"\n").unwrap_err();
        assert!(unknown.to_string().contains("no lexicon is called `sv.golf`"));
    }

    #[test]
    fn the_digest_follows_the_words_and_not_the_comments() {
        let parse = |text: &str| Lexicon::parse("x", text).unwrap().digest();
        let (_, text) = LEXICONS[0];
        assert_eq!(parse(text), parse(&format!("# a comment\n{text}")));
        assert_ne!(parse(text), parse(&text.replace("stem = \"sjuk\"", "stem = \"sjuq\"")));
    }
}
