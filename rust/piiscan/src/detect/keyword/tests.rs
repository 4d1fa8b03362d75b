//! Keyword detection as a whole: fast path against a naive word walk, languages, users' lexicons.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::beside::Beside;
use super::gate::bitmaps;
use super::*;
use crate::finding::{Flags, Reading};

fn shipped() -> Keywords {
    Keywords::compile(&Lexicon::builtin().unwrap()).unwrap()
}

/// `text` with 64 zero bytes behind it.
fn padded(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(text.len() + 64, 0);
    bytes
}

/// Matches by the fast path, the text cut into tiles of `tile` bytes.
fn fast(keywords: &Keywords, text: &str, tile: usize) -> Vec<KeywordMatch> {
    let bytes = padded(text);
    let (mut places, mut claims) = (Vec::new(), Vec::new());
    for base in (0..text.len()).step_by(tile) {
        let (starts, ends) = bitmaps(&bytes, base..text.len().min(base + tile));
        keywords.filter(&bytes, base, &starts, &ends, &mut places);
    }
    for place in places {
        keywords.verify(&bytes, 0..text.len(), place as usize, "", &mut claims);
    }
    Keywords::settle(&mut claims);
    claims
}

/// Matches by walking over the words and comparing each with every form: no bitmaps, no filters, no keys.
fn walked(keywords: &Keywords, text: &str) -> Vec<KeywordMatch> {
    let (bytes, field) = (padded(text), 0..text.len());
    let mut claims = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let run = (at..text.len()).take_while(|at| is_word_byte(bytes[*at])).count();
        let word = at..letters::word_end(&bytes, at, text.len()).unwrap_or(at);
        let mut hits = keywords.forms.hits_by_walking(&bytes, word.start, word.end);
        if word.len() < run {
            hits.retain(|hit| hit.stem.0 == 0 && word.len() > 2);
        }
        if !hits.is_empty() {
            deny_nothing(keywords, &bytes, &field, &word, &hits);
            keywords.judge(&bytes, &field, &word, &hits, "", &mut claims);
        }
        at += run.max(1);
    }
    Keywords::settle(&mut claims);
    claims
}

/// What is let go by the words beside it is no match in its sentence either.
fn deny_nothing(
    keywords: &Keywords,
    text: &[u8],
    field: &Range<usize>,
    word: &Range<usize>,
    hits: &[forms::Hit],
) {
    let window = words::window(text, field, word, judge::REACH);
    if window.tokens.get(window.at).is_none_or(|token| token.start != word.start) {
        return; // broken text
    }
    for term in hits.iter().map(|hit| &keywords.terms[hit.term as usize]) {
        let Some(matcher) = &term.matcher else { continue };
        let may = matcher.may_match(&mut Beside::new(text, field, word));
        assert!(may || matcher.around(text, &window).is_none(), "{}", term.id);
    }
}

/// Names of the terms found, with `p` or `t` for the reading and `n` for negated.
fn said(keywords: &Keywords, text: &str) -> Vec<String> {
    let name = |claim: &KeywordMatch| {
        let reading = if claim.attributes.reading == Some(Reading::Personal) { "p" } else { "t" };
        let negated = if claim.attributes.flags.has(Flags::NEGATED) { "n" } else { "" };
        format!("{} {reading}{negated}", keywords.term_name(claim.attributes.term).unwrap())
    };
    keywords.find(text).iter().map(name).collect()
}

#[test]
fn every_sentence_of_every_lexicon_is_found_alike_by_both_paths() {
    let keywords = shipped();
    let mut all = String::new();
    for lexicon in Lexicon::builtin().unwrap() {
        for sample in lexicon.terms.iter().flat_map(|term| term.ok.iter().chain(&term.not)) {
            all.push_str(&sample.text);
            all.push('\n');
        }
    }
    // The walk compares each word with every form, so it goes over each sentence once only.
    let expected = walked(&keywords, &all);
    assert!(expected.len() > 400, "{}", expected.len());
    for tile in [64, 128, 192, 2048, 4096] {
        assert_eq!(fast(&keywords, &all, tile), expected, "tiles of {tile}");
    }
}

#[test]
fn a_term_is_found_wherever_a_tile_ends() {
    let keywords = shipped();
    for shift in 0..130 {
        let text = format!("{}jag har MS, hudcancer och diabetes", " ".repeat(shift));
        assert_eq!(fast(&keywords, &text, 64), walked(&keywords, &text), "{shift}");
        assert_eq!(fast(&keywords, &text, 64).len(), 3, "{shift}");
    }
}

/// Words, parts of words and everything that may stand between them.
fn piece() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "cancer",
        "Hud",
        "diabetes",
        "ångest",
        "ÅNGEST",
        "MS",
        "ms",
        "KOL",
        "hiv",
        "inte",
        "jag",
        "en",
        "ei",
        "syöpä",
        "vård",
        "mår",
        "dåligt",
        "mental",
        "health",
        "i",
        "på",
        "sjuk",
        "sjukt",
        "ADHD",
        "information",
        "om",
        "masennus",
        "a\u{308}",
        "Ã¥ngest",
        "asperger",
        "Downs",
        "socialförvaltningens",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "syndrom",
        "bröt",
        "benet",
        "min",
        "son",
        "mul",
        "on",
        "ärr",
        "é",
        "日本",
    ]);
    let mark = prop::sample::select(vec![
        " ", " ", " ", " ", ", ", ". ", ".", "! ", "\n", "\n\n", "-", "”", "“", "…", "😢", "«",
        "\t", "'", ":", "/", "1", "_", "",
    ]);
    prop_oneof![
        4 => (word, mark).prop_map(|(word, mark)| format!("{word}{mark}")),
        1 => "[a-zåäöA-Z ]{0,12}",
        1 => any::<String>().prop_map(|text| text.chars().take(6).collect()),
    ]
}

static SHIPPED: LazyLock<Keywords> = LazyLock::new(shipped);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_fast_path_finds_what_a_walk_over_the_words_finds(
        pieces in prop::collection::vec(piece(), 0..40), tile in 1usize..6,
    ) {
        let text = pieces.concat();
        prop_assert_eq!(fast(&SHIPPED, &text, tile * 64), walked(&SHIPPED, &text));
    }

    #[test]
    fn broken_bytes_do_no_harm(
        mut bytes in prop::collection::vec(
            prop_oneof![any::<u8>(), prop::sample::select(b"cancer MShiv \xe2\xc3\xa5\xf0.".to_vec())], 0..300,
        ),
    ) {
        let keywords = &SHIPPED;
        let len = bytes.len();
        bytes.resize(len + 64, 0);
        let mut claims = Vec::new();
        for at in 0..len {
            keywords.verify(&bytes, 0..len, at, "", &mut claims);
        }
        prop_assert!(claims.iter().all(|claim| claim.start < claim.end && claim.end <= len));
    }
}

#[test]
fn the_language_of_the_sentence_decides_whose_cues_count() {
    let keywords = shipped();
    let found = said(&keywords, "Det finns en broschyr om diabetes på biblioteket.");
    assert_eq!(found, ["sv.health.diabetes t"]);
    assert_eq!(
        said(&keywords, "Minulla ei ole diabetes, vaan jotain muuta."),
        ["fi.health.diabetes pn"]
    );
    assert_eq!(
        said(&keywords, "She has no diabetes as far as we can tell."),
        ["en.health.diabetes pn"]
    );
}

#[test]
fn a_match_takes_the_highest_reading_of_its_sentence() {
    let keywords = shipped();
    let text = "Jag undrar vart man vänder sig om man har en allergi och vad som då gäller för barn med astma i skolan.";
    let readings: Vec<_> = keywords.find(text).iter().map(|c| c.attributes.reading).collect();
    assert_eq!(readings.len(), 2);
    assert_eq!(readings[0], readings[1]);
}

#[test]
fn the_label_of_a_field_counts_as_standing_before_it() {
    let keywords = shipped();
    let text = padded("KOL");
    let mut claims = Vec::new();
    keywords.verify(&text, 0..3, 0, "Ärende", &mut claims);
    assert!(claims.is_empty());
    keywords.verify(&text, 0..3, 0, "Diagnos", &mut claims);
    assert_eq!(claims.len(), 1);
}

#[test]
fn a_user_adds_and_disables_terms() {
    let mut lexicons = Lexicon::builtin().unwrap();
    let own = "schema = 1\nextend = \"sv.health\"\ndisable = [\"sv.health.cancer\"]\n[[term]]\nid = \"ekgarden\"\n\
               stem = \"ekgården\"\nsource = \"own\"\n";
    lexicons.push(Arc::new(Lexicon::parse("my.toml", own).unwrap()));
    let keywords = Keywords::compile(&lexicons).unwrap();
    assert_eq!(
        said(&keywords, "Jag bor på Ekgården och har haft hudcancer."),
        ["sv.health.ekgarden p"]
    );
    assert_ne!(keywords.digest(), shipped().digest());
}

#[test]
fn a_disabled_term_that_does_not_exist_is_an_error() {
    let own = Lexicon::parse(
        "my.toml",
        "schema = 1\nextend = \"sv.health\"\ndisable = [\"sv.health.golf\"]\n",
    );
    let error = Keywords::compile(&[Arc::new(own.unwrap())]).unwrap_err();
    assert!(error.to_string().contains("no term is called `sv.health.golf`"));
}

#[test]
fn the_order_of_lexicons_changes_nothing() {
    let mut lexicons = Lexicon::builtin().unwrap();
    lexicons.reverse();
    let turned = Keywords::compile(&lexicons).unwrap();
    assert_eq!(turned.digest(), shipped().digest());
    assert_eq!(turned.term_name(1), shipped().term_name(1));
    assert_eq!((turned.term_name(0), turned.term_name(u32::MAX)), (None, None));
}

#[test]
fn a_scanner_without_lexicons_finds_nothing() {
    let keywords = Keywords::compile(&[]).unwrap();
    assert!(keywords.categories().is_empty() && keywords.find("Jag har cancer.").is_empty());
}

#[test]
fn anchors_change_nothing_of_what_is_found() {
    let mut keywords = shipped();
    let list: &[&str] = &["hud*", "jag", "diab*", "mental health", "ms", "en", "cancer*", "bröst"];
    keywords.watch(&Anchors::compile([(0, 0, list)].into_iter()));
    for lexicon in Lexicon::builtin().unwrap() {
        for sample in lexicon.terms.iter().flat_map(|term| term.ok.iter().chain(&term.not)) {
            let expected = walked(&keywords, &sample.text);
            assert_eq!(fast(&keywords, &sample.text, 64), expected, "{}", sample.text);
        }
    }
}
