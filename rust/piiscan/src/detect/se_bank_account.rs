//! Swedish bank accounts: clearing number and account number.
//!
//! The clearing number says which bank it is and how the check digit is made. Type 1: eleven digits in all, modulo 11 over the last three of
//! the clearing number and the account (comment 1) or over everything (comment 2). Type 2: clearing number and up to ten digits, Luhn or
//! modulo 11 over the account alone; clearing numbers from 8000 may have a fifth digit, a Luhn digit of their own. Nearly one in ten numbers
//! passes, so only what stands beside a word is one. Source: Bankgirot, *Bank Account Numbers and Check Digits in Swedish Banks*.

use smallvec::SmallVec;

use super::beside::{claim, reach};
use super::number::{closes, digits_of, opens, starts_with};
use super::se_personnummer::is_identity;
use super::{CONTEXT, Candidate, Claims, Detector, Match, Near, Options, Trigger};
use crate::checksum::{luhn, mod11};
use crate::finding::{Attributes, Category, Check, Confidence, Flags};

const RANK: u8 = 12;
const DIGITS_MAX: usize = 15;
const DIGITS_MIN: usize = 7; // of a number that passes: shorter ones are numbers of bookkeeping
const SLIP_MIN: usize = 11; // of a number that does not
const CLEARING: usize = 4; // digits
const PERSONAL: [u16; 2] = [3300, 3782]; // Nordea: the account is the personal identity number
const WEIGHTS: [u8; 11] = [1, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
/// Words between a clearing number and an account.
const ACCOUNT_WORDS: [&str; 5] = ["kontonummer", "kontonr", "konto nr", "konto", "account"];

/// Clearing numbers of type 1, comment 1.
const TYPE_1_1: &[(u16, u16)] = &[
    (1100, 1399),
    (1400, 2099),
    (2400, 2499),
    (3000, 3299),
    (3301, 3399),
    (3400, 3409),
    (3410, 3781),
    (3783, 3999),
    (5000, 5999),
    (7000, 7999),
    (9060, 9069),
    (9070, 9079),
    (9120, 9124),
    (9130, 9149),
    (9170, 9179),
    (9230, 9239),
    (9250, 9259),
    (9270, 9279),
    (9280, 9289),
    (9400, 9449), // Forex: closed, but old messages hold its accounts
    (9460, 9469),
    (9580, 9589),
    (9630, 9639),
    (9680, 9689),
];
/// Clearing numbers of type 1, comment 2.
const TYPE_1_2: &[(u16, u16)] = &[
    (2300, 2399),
    (4000, 4999),
    (9020, 9029),
    (9040, 9049),
    (9100, 9109),
    (9150, 9169),
    (9190, 9199),
    (9260, 9269),
    (9390, 9399),
    (9470, 9479),
    (9550, 9569),
    (9590, 9599),
    (9640, 9649),
    (9650, 9659), // MedMera: closed, too
    (9660, 9669),
    (9670, 9679),
    (9700, 9709),
    (9710, 9719),
    (9750, 9759),
    (9780, 9789),
    (9880, 9889),
];
/// Clearing numbers of type 2 with accounts of ten digits.
const TYPE_2_TEN: &[(u16, u16)] =
    &[(3300, 3300), (3782, 3782), (9180, 9189), (9300, 9349), (9570, 9579), (9890, 9899)];
/// Clearing numbers of type 2 with shorter accounts and a Luhn digit.
const TYPE_2_SHORT: &[(u16, u16)] = &[(9500, 9549), (9960, 9969)];

/// The detector `se-bank-account`.
#[derive(Debug)]
pub(super) struct SeBankAccount;

impl Detector for SeBankAccount {
    fn id(&self) -> &'static str {
        "se-bank-account"
    }

    fn category(&self) -> Category {
        Category::Financial
    }

    fn summary(&self) -> &'static str {
        "Swedish bank accounts with clearing number"
    }

    fn rule(&self) -> &'static str {
        "Shape: a clearing number of a bank, four digits (five from 8000), and the account, as many digits as that bank has; spaces, hyphens, \
         dots, commas or the word konto between; beside kontonummer, clearing and the like.\n\
         high: the check digits of the bank pass. low: they do not, eleven digits or more (check=fail). Nothing without the word.\n\
         Accounts of Nordea that are a personal identity number are reported as that, with carrier=se-bank-account.\n\
         Source: Bankgirot, Bank Account Numbers and Check Digits in Swedish Banks."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["kontonr 6789 123 456 789", "clearing 8424-4, konto 983 189 224-6", "konto 97891111113"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Word(0)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[&[
            "kontonr*",
            "kontonummer*",
            "konto",
            "kontot",
            "clearing*",
            "bankkonto*",
            "lönekonto*",
            "sparkonto*",
            "personkonto*",
            "privatkonto*",
            "bankkontonummer*",
        ]]
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let (text, reach) = (candidate.field.text, reach(candidate));
        let mut at = reach.start;
        while at < reach.end {
            let starts = text[at].is_ascii_digit() && (at == 0 || !text[at - 1].is_ascii_digit());
            let found = starts.then(|| judge(candidate, at)).flatten();
            at = match found {
                Some(found) => {
                    claims.push(found);
                    found.end as usize
                }
                None => at + 1,
            };
        }
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        out.extend(digits_of(found).iter().map(|digit| digit + b'0'));
    }
}

/// Digits of an account and where each of its groups ends.
struct Written {
    digits: SmallVec<[u8; 16]>,
    /// Place behind the group and digits so far.
    ends: SmallVec<[(usize, usize); 8]>,
}

/// The longest account that begins at `at` and passes; else what looks like one.
fn judge(candidate: &Candidate<'_>, at: usize) -> Option<Match> {
    let text = candidate.field.text;
    let first = text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(CLEARING..=DIGITS_MAX).contains(&first) || !opens(text, at) {
        return None;
    }
    let written = read(text, at);
    let clearing = written.digits.get(..CLEARING)?;
    let clearing = clearing.iter().fold(0, |number, digit| number * 10 + u16::from(*digit));
    let passing = written.ends.iter().rev().find(|(end, count)| {
        *count >= DIGITS_MIN
            && closes(text, *end)
            && passes(clearing, &written.digits[..*count], first == CLEARING)
    });
    let (&(end, count), passes) = match passing {
        Some(found) => (found, true),
        None => (written.ends.last()?, false),
    };
    let slip = (SLIP_MIN..=DIGITS_MAX).contains(&count) && is_known(clearing, count);
    if !(passes || slip && closes(text, end)) {
        return None;
    }
    let near = candidate.near(CONTEXT, at, end);
    // A word between clearing number and account is part of what is found.
    let inside = || text[at..end].iter().any(u8::is_ascii_alphabetic);
    let near = if near.is_near() || !inside() { near } else { Near::Before };
    let digits = &written.digits[..count];
    if !near.is_near() || (PERSONAL.contains(&clearing) && is_identity(candidate, &digits[4..])) {
        return None;
    }
    let grouped = if written.ends[0].1 < count { Flags::GROUPED } else { Flags::default() };
    let attributes = Attributes {
        check: (!passes).then_some(Check::Fail),
        flags: grouped,
        digits: u8::try_from(count).unwrap_or(u8::MAX),
        ..Attributes::default()
    };
    let confidence = if passes { Confidence::High } else { Confidence::Low };
    Some(claim(at..end, RANK, confidence, near, attributes))
}

/// Groups of digits from `at` on with a space, hyphen, dot or comma between, or the word that introduces the account.
fn read(text: &[u8], at: usize) -> Written {
    let mut written = Written { digits: SmallVec::new(), ends: SmallVec::new() };
    let mut next = Some(at);
    while let Some(start) = next {
        let len = text[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if written.digits.len() + len > DIGITS_MAX {
            break;
        }
        written.digits.extend(text[start..start + len].iter().map(|byte| byte - b'0'));
        written.ends.push((start + len, written.digits.len()));
        next = gap(&text[start + len..], written.digits.len()).map(|gap| start + len + gap);
    }
    written
}

/// Bytes between two groups, the first of which closes `count` digits.
fn gap(text: &[u8], count: usize) -> Option<usize> {
    let sign = text.iter().take(3).take_while(|byte| b" -.,".contains(byte)).count();
    if text.get(sign).is_some_and(u8::is_ascii_digit) {
        return (sign > 0).then_some(sign);
    }
    if !(CLEARING..=CLEARING + 1).contains(&count) {
        return None;
    }
    // `8424-4, kontonr: 983 189 224-6`
    let part = |byte: &&u8| b" \n,;/.(".contains(byte);
    let before = text.iter().take(4).take_while(part).count();
    let word = ACCOUNT_WORDS.iter().find(|word| starts_with(&text[before..], word))?;
    let behind = before + word.len();
    let after = text[behind..].iter().take(4).take_while(|byte| b" :.".contains(byte)).count();
    text.get(behind + after).is_some_and(u8::is_ascii_digit).then_some(behind + after)
}

fn is_in(ranges: &[(u16, u16)], clearing: u16) -> bool {
    ranges.iter().any(|(first, last)| (*first..=*last).contains(&clearing))
}

/// Whether a bank has this clearing number and as many digits.
fn is_known(clearing: u16, count: usize) -> bool {
    match clearing {
        6000..=6999 => matches!(count, 12 | 13),
        8000..=8999 => (11..=15).contains(&count),
        _ if is_in(TYPE_1_1, clearing) || is_in(TYPE_1_2, clearing) => count == 11,
        _ if is_in(TYPE_2_TEN, clearing) => count == 14,
        _ => is_in(TYPE_2_SHORT, clearing) && (6..=14).contains(&count),
    }
}

/// Whether the check digits are those of the bank. `apart`: the clearing number has four digits for sure.
fn passes(clearing: u16, digits: &[u8], apart: bool) -> bool {
    let from_right = |digits: &[u8]| mod11(digits, &WEIGHTS[WEIGHTS.len() - digits.len()..]);
    let account = &digits[CLEARING..];
    if !is_known(clearing, digits.len()) && !(8000..=8999).contains(&clearing) {
        return false;
    }
    match clearing {
        6000..=6999 => from_right(account),
        8000..=8999 => {
            let five = (11..=15).contains(&digits.len()) && luhn(&digits[..5]);
            (five && luhn(&digits[5..]))
                || (apart && (6..=10).contains(&account.len()) && luhn(account))
        }
        _ if is_in(TYPE_1_1, clearing) => from_right(&digits[1..]),
        _ if is_in(TYPE_1_2, clearing) => from_right(digits),
        _ => luhn(account),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_clearing_number_has_two_rules() {
        for clearing in 1000..=9999 {
            let own = [(6000, 6999), (8000, 8999)];
            let tables = [TYPE_1_1, TYPE_1_2, TYPE_2_TEN, TYPE_2_SHORT, &own];
            let count = tables.iter().filter(|table| is_in(table, clearing)).count();
            assert!(count <= 1, "{clearing}");
        }
    }

    #[test]
    fn at_most_one_check_digit_passes() {
        for (clearing, count) in
            [(1199, 11), (4000, 11), (2300, 11), (6143, 13), (9570, 14), (9500, 12), (8424, 14)]
        {
            let mut digits = digits_of(&format!("{clearing}4983189224600000"));
            digits.truncate(count);
            let passing = (0..10).filter(|check| {
                digits[count - 1] = *check;
                passes(clearing, &digits, false)
            });
            assert!(is_known(clearing, count) && passing.count() <= 1, "{clearing}");
        }
    }

    #[test]
    fn a_word_may_stand_between_clearing_number_and_account() {
        assert_eq!(gap(b", kontonr: 983", 5), Some(11));
        assert_eq!(gap(b", 983", 5), Some(2));
        assert_eq!(gap(b", tel: 983", 5), None);
        assert_eq!(gap(b" konto 983", 9), None);
        assert_eq!(gap(b"-983", 9), Some(1));
    }
}
