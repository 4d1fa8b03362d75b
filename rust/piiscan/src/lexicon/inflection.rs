//! Named sets of word endings. Closed lists, no stemmer: an ending that is not here does not match.
//!
//! Swedish: the regular noun and adjective endings, each noun ending also with the genitive s. Finnish: the case endings that
//! stand directly after a short surface stem; longer stems let the endings run free. Norwegian Bokmål and Danish: the
//! regular noun endings. English: the plural; a genitive apostrophe ends the word.

use serde::Deserialize;

/// Which endings may follow a stem in word and compound-tail mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Inflection {
    /// The stem alone.
    #[default]
    None,
    SvNoun,
    SvAdj,
    FiWord,
    EnNoun,
    NbNoun,
    DaNoun,
}

const SV_NOUN: &[&str] =
    &["n", "en", "et", "t", "a", "ar", "or", "er", "na", "erna", "arna", "orna"];
const SV_ADJ: &[&str] = &["t", "a", "e", "are", "ast", "aste"];
const FI_WORD: &[&str] = &[
    "n", "a", "ä", "t", "na", "nä", "ksi", "ssa", "ssä", "sta", "stä", "lla", "llä", "lta", "ltä",
    "lle", "in", "en", "ta", "tä", "ja", "jä", "ni", "si",
];
const EN_NOUN: &[&str] = &["s", "es"];
const NB_NOUN: &[&str] = &["n", "en", "a", "et", "t", "r", "er", "e", "ne", "ene"];
const DA_NOUN: &[&str] = &["n", "en", "et", "t", "r", "er", "e", "ne", "ene", "erne"];

impl Inflection {
    /// Every ending, the empty one first.
    pub(crate) fn endings(self) -> Vec<String> {
        let (bare, genitive) = match self {
            Self::None => (&[][..], false),
            Self::SvNoun => (SV_NOUN, true),
            Self::SvAdj => (SV_ADJ, false),
            Self::FiWord => (FI_WORD, false),
            Self::EnNoun => (EN_NOUN, false),
            Self::NbNoun => (NB_NOUN, true),
            Self::DaNoun => (DA_NOUN, true),
        };
        let mut endings = vec![String::new()];
        endings.extend(bare.iter().map(ToString::to_string));
        if genitive {
            endings.extend(endings.clone().iter().map(|ending| format!("{ending}s")));
        }
        endings
    }

    /// The name in lexicon files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SvNoun => "sv-noun",
            Self::SvAdj => "sv-adj",
            Self::FiWord => "fi-word",
            Self::EnNoun => "en-noun",
            Self::NbNoun => "nb-noun",
            Self::DaNoun => "da-noun",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swedish_noun_takes_every_ending_with_and_without_genitive() {
        let endings = Inflection::SvNoun.endings();
        assert_eq!(endings.len(), 26);
        assert!(endings.iter().any(|e| e == "ernas") && endings[0].is_empty());
    }

    #[test]
    fn no_inflection_is_the_stem_alone() {
        assert_eq!(Inflection::None.endings(), [""]);
    }
}
