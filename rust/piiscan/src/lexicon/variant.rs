//! Spelling variants of a word, made when a lexicon is compiled, so that the text is never changed.
//!
//! Everything is compared as folded bytes: `byte | 0x20` maps ASCII capitals to small letters and the UTF-8 forms of Å Ä Ö Ø Æ É
//! to those of å ä ö ø æ é (C3 85 and C3 A5 differ in that bit only). It does not fold Š and Ž: a lexicon lists both.

use serde::Deserialize;

/// One way in which people and programs spell å ä ö differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Fold {
    /// Capitals. Always on; may be written for clarity.
    Case,
    /// Letters decomposed into base letter and combining mark (Unicode NFD).
    Nfc,
    /// a for å ä æ, o for ö ø: off where the result is another word.
    Dotless,
    /// aa for å, ae for ä æ, oe for ö ø.
    Aeoe,
    /// UTF-8 read as Latin-1 and encoded again: `Ã¥` for å.
    Mojibake,
}

/// The bytes under comparison.
pub(crate) fn folded(text: &str) -> Vec<u8> {
    text.bytes().map(|byte| byte | 0x20).collect()
}

/// The word itself first, then each distinct variant, as folded bytes.
pub(crate) fn variants(word: &str, folds: &[Fold]) -> Vec<Vec<u8>> {
    let mut all = vec![folded(word)];
    // Only letters beyond ASCII have variants.
    for fold in folds.iter().filter(|_| !word.is_ascii()) {
        let bytes = folded(&word.chars().map(|c| spelled(c, *fold)).collect::<String>());
        if !all.contains(&bytes) {
            all.push(bytes);
        }
    }
    all
}

/// One letter in a variant spelling; itself where the variant has no other.
fn spelled(letter: char, fold: Fold) -> String {
    let other = match (fold, letter) {
        (Fold::Nfc, 'å') => "a\u{30A}",
        (Fold::Nfc, 'ä') => "a\u{308}",
        (Fold::Nfc, 'ö') => "o\u{308}",
        (Fold::Nfc, 'é') => "e\u{301}",
        (Fold::Dotless, 'å' | 'ä' | 'æ') => "a",
        (Fold::Dotless, 'ö' | 'ø') => "o",
        (Fold::Dotless, 'é') => "e",
        (Fold::Aeoe, 'å') => "aa",
        (Fold::Aeoe, 'ä' | 'æ') => "ae",
        (Fold::Aeoe, 'ö' | 'ø') => "oe",
        (Fold::Mojibake, 'å' | 'ä' | 'ö' | 'é' | 'ø' | 'æ') => {
            let mut utf8 = [0; 2];
            return letter.encode_utf8(&mut utf8).bytes().map(char::from).collect();
        }
        _ => return letter.to_string(),
    };
    other.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_and_small_letters_fold_to_the_same_bytes() {
        assert_eq!(folded("ÅÄÖØÆÉ"), folded("åäöøæé"));
    }

    #[test]
    fn variants_are_distinct_and_start_with_the_word() {
        let all = variants("ångest", &[Fold::Case, Fold::Dotless, Fold::Aeoe, Fold::Nfc]);
        assert_eq!(all.len(), 4);
        assert_eq!(all[1..3], [folded("angest"), folded("aangest")]);
        assert_eq!(variants("cancer", &[Fold::Dotless, Fold::Mojibake]).len(), 1);
    }

    #[test]
    fn mojibake_is_utf8_encoded_twice() {
        assert_eq!(variants("å", &[Fold::Mojibake])[1], [0xE3, 0xA3, 0xE2, 0xA5]);
    }
}
