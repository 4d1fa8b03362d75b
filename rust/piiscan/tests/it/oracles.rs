//! Laws of the arithmetic, on generated numbers: what is made right is found, what is made wrong is not, spellings are one value.
//!
//! Generated identity numbers use the serials 980-999 that the Swedish tax agency does not give out, and temporary Finnish codes.

use piiscan::checksum::{luhn, luhn_digit, mod31};
use piiscan::detect::Options;
use piiscan::finding::{Check, Finding, Fingerprint};
use piiscan::scan::{Config, Scanner};
use piiscan::token::Key;
use proptest::prelude::*;

use crate::cases::{options, scan, scanner};

fn keyed(detector: &str) -> Scanner {
    let detectors = Some(vec![detector.to_owned()]);
    Scanner::new(Config {
        detectors,
        options: options(),
        key: Some(Key::new([7; 32])),
        lexicons: Vec::new(),
    })
    .unwrap()
}

/// Every detector but those of words.
fn by_structure(options: Options) -> Scanner {
    Scanner::new(Config { detectors: None, options, key: None, lexicons: Vec::new() }).unwrap()
}

fn digits(text: &str) -> Vec<u8> {
    text.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect()
}

/// The one valid finding that covers the text.
fn whole(scanner: &Scanner, text: &str, label: &str) -> Option<Finding> {
    match scan(scanner, text, label)[..] {
        [found]
            if found.span.len() as usize == text.len()
                && found.attributes.check != Some(Check::Fail) =>
        {
            Some(found)
        }
        _ => None,
    }
}

/// Asserts that every spelling is found whole and has the same fingerprint.
fn assert_one_value(
    detector: &str,
    label: &str,
    spellings: &[String],
) -> Result<(), TestCaseError> {
    let scanner = keyed(detector);
    let mut prints: Vec<Fingerprint> = Vec::new();
    for text in spellings {
        let found = whole(&scanner, text, label);
        prop_assert!(found.is_some(), "a spelling is not found: {}", text.len());
        prints.extend(found.map(|found| found.fingerprint));
    }
    prop_assert!(prints[0] != Fingerprint::default());
    prop_assert!(prints.iter().all(|print| *print == prints[0]), "spellings differ");
    Ok(())
}

prop_compose! {
    /// `YYYYMMDD`, `NNN` and the check digit of a person born 1930-2025.
    fn swede()(year in 1930..=2025_u16, month in 1..=12_u8, day in 1..=28_u8, serial in 980..=999_u16) -> (String, String) {
        let date = format!("{year}{month:02}{day:02}");
        let check = luhn_digit(&digits(&format!("{}{serial}", &date[2..])));
        (date, format!("{serial}{check}"))
    }
}

prop_compose! {
    /// A temporary Finnish code.
    fn finn()(day in 1..=28_u8, month in 1..=12_u8, year in 0..=99_u8, sign in prop::sample::select(b"-YXWVUABCDEF".to_vec()), serial in 900..=999_u16) -> String {
        let date = format!("{day:02}{month:02}{year:02}");
        let check = char::from(mod31(&digits(&format!("{date}{serial}"))));
        format!("{date}{}{serial}{check}", char::from(sign))
    }
}

prop_compose! {
    /// Ten digits of a Swedish organization.
    fn organization()(first in prop::sample::select(vec![2, 5, 7, 8, 9]), second in 0..=9_u8, third in 2..=9_u8, rest in prop::collection::vec(0..=9_u8, 6)) -> String {
        let mut number = vec![first, second, third];
        number.extend(rest);
        number.push(luhn_digit(&number));
        number.iter().map(|digit| char::from(digit + b'0')).collect()
    }
}

prop_compose! {
    /// A fictional Swedish mobile number (PTS), without its trunk 0.
    fn mobile()(last in 605..=699_u16) -> String {
        format!("701740{last}")
    }
}

/// Changes one digit of a text.
fn slip(text: &str, at: usize, by: u8) -> String {
    let places: Vec<usize> =
        text.bytes().enumerate().filter(|(_, b)| b.is_ascii_digit()).map(|(at, _)| at).collect();
    let place = places[at % places.len()];
    let digit = (text.as_bytes()[place] - b'0' + by) % 10;
    format!("{}{digit}{}", &text[..place], &text[place + 1..])
}

proptest! {
    #[test]
    fn luhn_notices_every_single_slip(payload in prop::collection::vec(0..=9_u8, 1..18), at in 0..18_usize, by in 1..=9_u8) {
        let mut number = payload.clone();
        number.push(luhn_digit(&payload));
        prop_assert!(luhn(&number));
        let at = at % number.len();
        number[at] = (number[at] + by) % 10;
        prop_assert!(!luhn(&number));
    }

    #[test]
    fn every_spelling_of_a_personnummer_is_one_value((date, last) in swede()) {
        let spellings = [
            format!("{date}-{last}"),
            format!("{date}{last}"),
            format!("{}-{last}", &date[2..]),
            format!("{} {last}", &date[2..]),
            format!("{}{last}", &date[2..]),
            format!("SE{}{last}01", &date[2..]),
            format!("SE {}-{last} 01", &date[2..]),
            format!("3300 {}-{last}", &date[2..]),
        ];
        assert_one_value("se-personnummer", "personnummer", &spellings)?;
    }

    #[test]
    fn a_slip_in_a_personnummer_is_never_valid((date, last) in swede(), at in 2..12_usize, by in 1..=9_u8) {
        let wrong = slip(&format!("{date}-{last}"), at, by);
        prop_assert!(whole(&scanner(Some("se-personnummer"), options()), &wrong, "personnummer").is_none());
    }

    #[test]
    fn every_spelling_of_a_hetu_is_one_value(code in finn()) {
        assert_one_value("fi-hetu", "hetu", &[code.clone(), code.to_lowercase()])?;
    }

    #[test]
    fn a_slip_in_a_hetu_is_never_valid(code in finn(), at in 0..9_usize, by in 1..=9_u8) {
        let wrong = slip(&code, at, by);
        prop_assert!(whole(&scanner(Some("fi-hetu"), options()), &wrong, "hetu").is_none());
    }

    #[test]
    fn every_spelling_of_an_organization_is_one_value(number in organization()) {
        let (head, tail) = number.split_at(6);
        let spellings = [
            format!("{head}-{tail}"),
            number.clone(),
            format!("{head} {tail}"),
            format!("16{head}-{tail}"),
            format!("SE{number}01"),
            format!("SE {head}-{tail} 01"),
        ];
        assert_one_value("se-organisationsnummer", "organisationsnummer", &spellings)?;
    }

    #[test]
    fn every_spelling_of_a_kennitala_is_one_value(day in 1..=28_u8, month in 1..=12_u8, year in 0..=25_u8, serial in 20..=99_u8) {
        // Born 2000-2025. The check digit 10 is never given out.
        let head = format!("{day:02}{month:02}{year:02}{serial}");
        let sum: u32 = digits(&head).iter().zip([3, 2, 7, 6, 5, 4, 3, 2]).map(|(&d, w)| u32::from(d) * w).sum();
        let check = (11 - sum % 11) % 11;
        prop_assume!(check < 10);
        let number = format!("{head}{check}0");
        let bank = format!("0159260076{:02}{number}", 54);
        let account = (2..=98).map(|check| format!("IS{check:02}{bank}")).find(|account| {
            piiscan::checksum::mod97(account.bytes().cycle().skip(4).take(account.len())) == Some(1)
        });
        let spellings = [
            format!("{}-{}", &number[..6], &number[6..]),
            format!("{} {}", &number[..6], &number[6..]),
            number,
            account.unwrap(),
        ];
        assert_one_value("is-kennitala", "kennitala", &spellings)?;
    }

    #[test]
    fn every_spelling_of_a_phone_number_is_one_value(number in mobile()) {
        let (area, a, b, c) = (&number[..2], &number[2..5], &number[5..7], &number[7..]);
        let spellings = [
            format!("0{area}-{a} {b} {c}"),
            format!("0{area}-{a}{b}{c}"),
            format!("0{number}"),
            format!("+46{number}"),
            format!("+46 (0){area} {a} {b} {c}"),
            format!("0046-{area}-{a} {b} {c}"),
            format!("(0{area}) {a} {b} {c}"),
            format!("0{area}/{a} {b} {c}"),
        ];
        assert_one_value("phone", "telefon", &spellings)?;
    }

    #[test]
    fn every_spelling_of_an_address_is_one_value(local in "[a-z]{3,8}[0-9]", domain in "[a-z]{3,8}") {
        let spellings = [
            format!("{local}@{domain}.se"),
            format!("{}@{}.SE", local.to_uppercase(), domain.to_uppercase()),
            format!("{local}(at){domain}.se"),
            format!("{local} [ät] {domain} [punkt] se"),
            format!("{local} snabel-a {domain} punkt se"),
            format!("{local} @ {domain}.se"),
        ];
        assert_one_value("email", "", &spellings)?;
    }

    #[test]
    fn every_spelling_of_a_card_is_one_value(middle in prop::collection::vec(0..=9_u8, 14)) {
        let mut number = vec![4];
        number.extend(middle);
        number.push(luhn_digit(&number));
        let text: String = number.iter().map(|digit| char::from(digit + b'0')).collect();
        let groups: Vec<&str> = (0..4).map(|at| &text[at * 4..at * 4 + 4]).collect();
        assert_one_value("payment-card", "kortnummer", &[text.clone(), groups.join(" "), groups.join("-")])?;
    }

    #[test]
    fn detectors_stand_any_text(text in "[0-9a-zåäöA-Z@().:/+ _-]{0,80}") {
        let scanner = by_structure(options());
        for finding in scan(&scanner, &text, "") {
            prop_assert!(text.get(finding.span.start as usize..finding.span.end as usize).is_some());
        }
    }

    #[test]
    fn no_long_number_is_lost(text in "[0-9 .:/+-]{0,40}") {
        // Every run of seven digits that stand together is covered, whatever the detectors make of it.
        let found = scan(&by_structure(Options { strict: true, ..options() }), &text, "");
        for (start, run) in contiguous(&text) {
            let covered = found.iter().any(|f| f.span.start as usize <= start && start + run <= f.span.end as usize);
            prop_assert!(covered || run < 7, "{run} digits");
        }
    }
}

/// Starts and lengths of digits that stand together.
fn contiguous(text: &str) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
        match runs.last_mut() {
            Some((start, len)) if *start + *len == at => *len += 1,
            _ => runs.push((at, 1)),
        }
    }
    runs
}
