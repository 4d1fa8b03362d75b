//! Values are found wherever they stand, and nothing else is.

use proptest::prelude::*;

use super::*;

fn add(known: &mut Known, value: &str, spelling: Spelling, note: u32) {
    if let Some(print) = known.print(value, spelling) {
        known.add(&print, note);
    }
}

fn hits(known: &Known, text: &[u8]) -> Vec<(Range<usize>, u32)> {
    let mut out = Vec::new();
    known.find(text, &mut out);
    out.into_iter().map(|hit| (hit.span, hit.note)).collect()
}

fn found(values: &[&str], text: &str) -> Vec<String> {
    let mut known = Known::default();
    for value in values {
        add(&mut known, value, Spelling::Any, 7);
    }
    let out = hits(&known, text.as_bytes());
    assert!(out.iter().all(|(_, note)| *note == 7));
    out.into_iter().map(|(range, _)| text[range].to_owned()).collect()
}

#[test]
fn numbers_are_found_in_any_spelling() {
    let values = ["19811218-9876"];
    for text in ["811218-9876", "8112189876", "19811218 9876", "81 12 18 98 76"] {
        assert_eq!(found(&values, &format!("nr {text}, tack")), [text]);
    }
    for text in ["811218-98765", "5811218-9876", "8112189877", "811218", "81\n1218\n\n\n\n\n9876"] {
        assert!(found(&values, text).is_empty(), "{text}");
    }
}

#[test]
fn a_number_of_one_spelling_is_no_time_of_day() {
    let mut known = Known::default();
    add(&mut known, "20020815", Spelling::One, 0);
    add(&mut known, "1 250 000", Spelling::One, 1);
    add(&mut known, "0 0 0 0 0 0 0", Spelling::One, 2);
    let none = b"22 Aug 2002 08:15:02, 2002-08-15, 1250000, 0 0 0 0 0 0 0";
    assert!(hits(&known, none).is_empty());
    assert_eq!(hits(&known, b"nr 20020815 och 1 250 000."), [(3..11, 0), (16..25, 1)]);
}

#[test]
fn words_are_found_whole_and_in_any_case() {
    let values = ["Åsa Öberg", "kim.berg@example.org", "ABC 12D", "131052-308T"];
    assert_eq!(
        found(
            &values,
            "hej ÅSA ÖBERG och Kim.Berg@Example.org, bil abc12d eller ABC 12D, 131052-308t"
        ),
        ["ÅSA ÖBERG", "Kim.Berg@Example.org", "ABC 12D", "131052-308t"]
    );
    assert!(found(&values, "Åsa Öbergsson, Öberg Åsa, berg@example.org").is_empty());
}

#[test]
fn no_value_goes_across_what_stands_between_fields() {
    for text in ["Åsa\n\n\n\n\nÖberg", "811218\n\n\n\n\n9876"] {
        assert!(found(&["Åsa Öberg", "811218-9876"], text).is_empty(), "{text:?}");
    }
}

#[test]
fn what_means_too_little_is_not_remembered() {
    for value in ["Anna", "123456", "", "Li Bo", "diabetes"] {
        assert!(found(&[value], value).is_empty(), "{value}");
    }
}

#[test]
fn siblings_join() {
    let mut one = Known::default();
    let mut two = one.sibling();
    add(&mut two, "Åsa Öberg", Spelling::One, 0);
    one.join(&two);
    assert_eq!(hits(&one, "från Åsa Öberg".as_bytes()).len(), 1);
    one.clear();
    assert!(one.is_empty());
}

#[test]
fn where_every_note_counts_all_are_told() {
    let print = |known: &Known, value| known.print(value, Spelling::Any).unwrap();
    let notes = |known: &Known, text: &str| {
        let mut out = Vec::new();
        known.find(text.as_bytes(), &mut out);
        let mut notes = known.notes_of(&out[0]).to_vec();
        notes.sort_unstable();
        (out[0].note, notes)
    };
    let mut one = Known::default();
    for note in [5, 3, 5, 9] {
        one.gather(&print(&one, "811218-9876"), note);
    }
    one.gather(&print(&one, "070-174 06 05"), 4);
    assert_eq!(notes(&one, "8112189876"), (3, vec![3, 5, 9]));
    assert_eq!(notes(&one, "0701740605"), (4, vec![4]));
    let mut two = one.sibling();
    two.gather(&print(&two, "0701740605"), 2);
    two.join(&one);
    assert_eq!(notes(&two, "8112189876"), (3, vec![3, 5, 9]));
    assert_eq!(notes(&two, "0701740605"), (2, vec![2, 4]));
}

#[test]
fn broken_text_is_no_problem() {
    let mut known = Known::default();
    add(&mut known, "Åsa Öberg", Spelling::One, 0);
    assert_eq!(hits(&known, b"\xff\xfe \xc3\x85sa \xc3\x96berg \xc3"), [(3..14, 0)]);
}

#[test]
fn of_many_values_each_is_found_and_words_keep_their_order_of_letters() {
    let name = |at: u32| format!("namn{} efternamn{}x", at % 97, at);
    let mut known = Known::default();
    (0..3_000).for_each(|at| add(&mut known, &name(at), Spelling::One, at));
    for at in 0..3_000 {
        let text = format!("hej {} tack", name(at));
        assert_eq!(hits(&known, text.as_bytes()), [(4..text.len() - 5, at)]);
    }
    for other in ["namn1 efternamn3001x", "amnn1 efternamn1x", "efternamn1x namn1", "namn1"] {
        assert!(hits(&known, other.as_bytes()).is_empty(), "{other}");
    }
}

proptest! {
    #[test]
    fn a_value_is_found_wherever_it_stands(
        pieces in prop::collection::vec((0..VALUES.len() + FILLERS.len(), 0..BETWEEN.len()), 1..12),
    ) {
        let mut known = Known::default();
        for (at, value) in VALUES.iter().enumerate() {
            add(&mut known, value, Spelling::One, u32::try_from(at).unwrap());
        }
        let (mut text, mut expected) = (String::new(), Vec::new());
        for (piece, between) in pieces {
            let start = text.len();
            text.push_str(VALUES.get(piece).unwrap_or_else(|| &FILLERS[piece - VALUES.len()]));
            if piece < VALUES.len() {
                expected.push((start..text.len(), u32::try_from(piece).unwrap()));
            }
            text.push_str(BETWEEN[between]);
        }
        prop_assert_eq!(hits(&known, text.as_bytes()), expected);
    }
}

const VALUES: [&str; 5] =
    ["Åsa Öberg", "kim.berg@example.org", "131052-308T", "Šárka Nováková", "Bo–Lindqvist-Ek"];
const FILLERS: [&str; 6] =
    ["åsa", "Öbergsson", "×", "naïve “ord”", "kim", "ett längre ord som ingen söker"];
const BETWEEN: [&str; 6] = [". .. ", " – och – ", "😊", "\n\n; (", "“ ... ”", "…… "];
