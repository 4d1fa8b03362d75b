//! International bank account numbers.
//!
//! Country, two check digits, the national account: 15 to 34 characters, in groups of four with spaces or in one piece. With the first four
//! characters moved to the end the number is 1 modulo 97. Source: ISO 13616-1; lengths: IBAN registry.

use smallvec::SmallVec;

use super::number::{opens, word_after};
use super::{CONTEXT, Candidate, Claims, Detector, Match, Near, Options, Trigger};
use crate::checksum::mod97;
use crate::finding::{Attributes, Category, Check, Confidence, Flags};

const RANK: u8 = 2;
const FEWEST: u8 = 13; // digits of an account without letters, check digits included
const RANK_WRONG_CHECK: u8 = 12;
const SHORTEST: usize = 15; // characters
const LONGEST: usize = 34; // characters
const KEPT: usize = 36; // bytes on the stack, a size that smallvec has

/// Characters of an account number of each country.
const LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

/// Words for accounts.
pub(super) const WORDS: &[&str] = &[
    "iban*",
    "kontonr",
    "kontonummer*",
    "konto",
    "bankkonto*",
    "tilinumero*",
    "tili",
    "account",
    "kontonr.",
];

/// The detector `iban`.
#[derive(Debug)]
pub(super) struct Iban;

impl Detector for Iban {
    fn id(&self) -> &'static str {
        "iban"
    }

    fn category(&self) -> Category {
        Category::Financial
    }

    fn summary(&self) -> &'static str {
        "International bank account numbers (IBAN)"
    }

    fn rule(&self) -> &'static str {
        "Shape: two letters of a country (capitals, or small letters before digits alone), two check digits, the account; as long as the IBAN registry says for the country, with single spaces \
         between groups or none; 1 modulo 97.\n\
         high: passes. low: wrong check digits directly after a context word (check=fail). Countries that are not in the registry only \
         beside a context word, with 15-34 characters.\n\
         Source: ISO 13616-1, IBAN registry."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["SE45 5000 0000 0583 9825 7466", "FI2112345600000785", "NO9386011117947"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Capitals, Trigger::Digits(FEWEST, u8::MAX)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[WORDS]
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let text = candidate.field.text;
        let start = match candidate.run {
            None => candidate.at,
            // `se45 5000 ...`: no capitals to be asked for.
            Some(run) => match before_digits(text, run.groups[0].start as usize) {
                Some(start) => start,
                None => return,
            },
        };
        let Some(country) = text.get(start..start + 2) else { return };
        if !opens(text, start) {
            return;
        }
        let is_of = |code: &[u8]| code.eq_ignore_ascii_case(country);
        let known = LENGTHS.iter().find(|(code, _)| is_of(*code)).map(|(_, length)| *length);
        let (account, end) = match known {
            Some(length) => take(&text[start..], length),
            None => take_token(&text[start..]),
        };
        let end = start + end;
        if account.len() < SHORTEST
            || known.is_some_and(|length| length != account.len())
            || word_after(text, end)
        {
            return;
        }
        let near = candidate.near(CONTEXT, start, end);
        let passes = passes(&account);
        let digits = account.iter().filter(|byte| byte.is_ascii_digit()).count();
        let grouped = end - start > account.len();
        let (confidence, rank, check) = match (passes, known, near) {
            (true, Some(_), _) => (Confidence::High, RANK, None),
            (true, None, near) if near.is_near() => (Confidence::High, RANK, None),
            (false, Some(_), Near::Adjacent) => {
                (Confidence::Low, RANK_WRONG_CHECK, Some(Check::Fail))
            }
            _ => return,
        };
        claims.push(Match {
            start: u32::try_from(start).expect("fields are capped below 4 GiB"),
            end: u32::try_from(end).expect("fields are capped below 4 GiB"),
            rank,
            confidence,
            near: if passes { near } else { Near::No },
            attributes: Attributes {
                check,
                flags: if grouped { Flags::GROUPED } else { Flags::default() },
                digits: u8::try_from(digits).unwrap_or(u8::MAX),
                ..Attributes::default()
            },
        });
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        let kept = found.bytes().filter(u8::is_ascii_alphanumeric);
        out.extend(kept.map(|byte| byte.to_ascii_uppercase()));
    }
}

pub(super) type Account = SmallVec<[u8; KEPT]>;

/// The account number that starts at `start` and its end, if its country is known and its check digits are right.
pub(super) fn valid(text: &[u8], start: usize) -> Option<(Account, usize)> {
    let country = text.get(start..start + 2).filter(|_| opens(text, start))?;
    let (_, length) = LENGTHS.iter().find(|(code, _)| code[..] == *country)?;
    let (account, end) = take(&text[start..], *length);
    let whole = account.len() == *length && !word_after(text, start + end);
    (whole && passes(&account)).then_some((account, start + end))
}

/// Where a country in small letters begins that stands directly before digits.
fn before_digits(text: &[u8], digits: usize) -> Option<usize> {
    match text[..digits] {
        [.., a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
            (a.is_ascii_lowercase() || b.is_ascii_lowercase()).then_some(digits - 2)
        }
        _ => None,
    }
}

fn passes(account: &[u8]) -> bool {
    mod97(account[4..].iter().chain(&account[..4]).copied()) == Some(1)
}

/// The first `length` characters, the country in any case, with single spaces or dashes left out, and the place behind the last.
fn take(text: &[u8], length: usize) -> (Account, usize) {
    let mut account = Account::new();
    let mut end = 0;
    for (at, &byte) in text.iter().enumerate() {
        let follows_one = at == end;
        match byte {
            b'A'..=b'Z' | b'0'..=b'9' => account.push(byte),
            b'a'..=b'z' if at < 2 => account.push(byte.to_ascii_uppercase()),
            b' ' | b'-' if follows_one => continue,
            _ => break,
        }
        end = at + 1;
        if account.len() == length {
            break;
        }
    }
    (account, end)
}

/// The capitals and digits that stand together.
fn take_token(text: &[u8]) -> (Account, usize) {
    let part = |byte: &&u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let account: Account = text.iter().take(LONGEST).take_while(part).copied().collect();
    let len = account.len();
    (account, len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_sorted_and_within_bounds() {
        assert!(LENGTHS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(LENGTHS.iter().all(|(_, length)| (SHORTEST..=LONGEST).contains(length)));
    }

    #[test]
    fn takes_single_separators_only() {
        assert_eq!(take(b"NO93 8601 1117 947 x", 15).1, 18);
        assert_eq!(take(b"NO93  8601 1117 947", 15).0.len(), 4);
        assert_eq!(take(b"NO93-8601-1117-947", 15).0.len(), 15);
    }
}
