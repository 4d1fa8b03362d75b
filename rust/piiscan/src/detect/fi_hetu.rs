//! Finnish personal identity codes (*henkilötunnus*, HETU).
//!
//! `DDMMYY` sign `ZZZ` check, such as `131052-308T`: the sign tells the century (`+` 1800s; `-` Y X W V U 1900s; A-F 2000s), the check character is
//! the number of the nine digits modulo 31 in an alphabet without G I O Q Z. ZZZ 900-999 is temporary. The sign is part of the
//! identity: `100190-999P` and `100190Y999P` are two codes. Source: laki väestötietojärjestelmästä (661/2009) 11 §; valtioneuvoston asetus
//! (128/2010), signs of 2023; Digital and Population Data Services Agency.

use super::number::{Piece, closes, value};
use super::{CONTEXT, Candidate, Claims, Detector, Match, Near, Options, Trigger};
use crate::calendar::Date;
use crate::checksum::{MOD31, mod31};
use crate::finding::{Attributes, Category, Check, Confidence, Countries, Flags};

const LENGTH: usize = 11; // characters
const RANK: u8 = 4;
const RANK_WRONG_CHECK: u8 = 12;

/// The detector `fi-hetu`.
#[derive(Debug)]
pub(super) struct FiHetu;

impl Detector for FiHetu {
    fn id(&self) -> &'static str {
        "fi-hetu"
    }

    fn category(&self) -> Category {
        Category::IdentityNumber
    }

    fn summary(&self) -> &'static str {
        "Finnish personal identity codes (henkilötunnus)"
    }

    fn rule(&self) -> &'static str {
        "Shape: DDMMYY, a sign (+ - Y X W V U A B C D E F), ZZZ from 002, a check character: the nine digits modulo 31. The date exists in \
         the century of the sign; dates to come are accepted. ZZZ from 900 is temporary.\n\
         high: the sign or the check character is a letter, or a context word, or locale FI.\n\
         medium: a hyphen and a digit without these; temporary without a context word; sign lost (131052308T) beside a context word.\n\
         low: a wrong check character beside a context word (check=fail).\n\
         Source: laki 661/2009 11 §, asetus 128/2010; Digital and Population Data Services Agency."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["131052-308T", "131052A308T", "010594Y9032", "010101-0101"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Digits(6, u8::MAX)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[&[
            "henkilötunnu*",
            "hetu",
            "hetu:*",
            "hetun",
            "hetua",
            "hetuni",
            "sotu",
            "sotutunnus",
            "syntymäaika*",
            "henkilötunnukse*",
            "personbeteckning*",
            "socialskyddssignum",
            "personal identity code",
            "identity code",
            "pic",
            "finnish id",
        ]]
    }

    fn countries(&self) -> Countries {
        Countries::of("FI")
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let Some(run) = candidate.run.filter(|run| !run.plus) else { return };
        let text = candidate.field.text;
        for from in 0..run.groups.len() {
            let piece = Piece { run, from, to: from + 1 };
            let found = match run.groups[from].len {
                6 => whole(candidate, piece),
                9 => without_sign(candidate, piece),
                _ => None,
            };
            if let Some(found) = found.filter(|_| piece.opens(text)) {
                claims.push(found);
            }
        }
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        let upper = found.bytes().map(|byte| byte.to_ascii_uppercase());
        if found.len() == LENGTH - 1 {
            // The sign was lost; most living people were born in the 1900s.
            out.extend(upper.clone().take(6).chain([b'-']).chain(upper.skip(6)));
        } else {
            out.extend(upper);
        }
    }
}

/// `DDMMYY-ZZZC`, from its first six digits.
fn whole(candidate: &Candidate<'_>, date: Piece<'_>) -> Option<Match> {
    let text = candidate.field.text;
    let (start, end) = (date.start(), date.start() + LENGTH);
    let [sign, a, b, c, check] = *text.get(date.end()..end)? else { return None };
    let century = century(sign)?;
    let serial = [a, b, c];
    if !serial.iter().all(u8::is_ascii_digit) || !closes(text, end) {
        return None;
    }
    let check = check.to_ascii_uppercase();
    if !MOD31.contains(&check) {
        return None;
    }
    let mut digits = [0; 9];
    digits[..6].copy_from_slice(date.digits());
    digits[6..].copy_from_slice(&serial.map(|byte| byte - b'0'));
    let number = value(&digits[6..]);
    if number < 2 || !has_date(&digits, century) {
        return None;
    }
    let near = candidate.near(CONTEXT, start, end);
    let temporary = number >= 900;
    let mut attributes = attributes(&digits, temporary);
    if mod31(&digits) != check {
        if !near.is_near() {
            return None;
        }
        attributes.check = Some(Check::Fail);
        return Some(claim(start, end, RANK_WRONG_CHECK, Confidence::Low, Near::No, attributes));
    }
    let letters = sign.is_ascii_alphabetic() || check.is_ascii_alphabetic();
    let local = candidate.options.locales.meets(Countries::of("FI"));
    let confidence = match near.is_near() {
        true => Confidence::High,
        false if temporary => Confidence::Medium,
        false if letters || local => Confidence::High,
        false => Confidence::Medium,
    };
    Some(claim(start, end, RANK, confidence, near, attributes))
}

/// `131052308T`: the sign was lost on the way.
fn without_sign(candidate: &Candidate<'_>, nine: Piece<'_>) -> Option<Match> {
    let text = candidate.field.text;
    let (start, end) = (nine.start(), nine.end() + 1);
    let check = text.get(end - 1)?.to_ascii_uppercase();
    let digits = <&[u8; 9]>::try_from(nine.digits()).ok()?;
    let number = value(&digits[6..]);
    let dated = [18, 19, 20].into_iter().any(|century| has_date(digits, century));
    if !check.is_ascii_alphabetic()
        || mod31(digits) != check
        || number < 2
        || !dated
        || !closes(text, end)
    {
        return None;
    }
    let near = candidate.near(CONTEXT, start, end);
    let attributes = attributes(digits, number >= 900);
    near.is_near().then(|| claim(start, end, RANK, Confidence::Medium, near, attributes))
}

fn century(sign: u8) -> Option<u16> {
    match sign.to_ascii_uppercase() {
        b'+' => Some(18),
        b'-' | b'U'..=b'Y' => Some(19),
        b'A'..=b'F' => Some(20),
        _ => None,
    }
}

fn has_date(digits: &[u8; 9], century: u16) -> bool {
    let two = |at: usize| digits[at] * 10 + digits[at + 1];
    Date::new(century * 100 + u16::from(two(4)), two(2), two(0)).is_some()
}

fn attributes(digits: &[u8; 9], temporary: bool) -> Attributes {
    let flags = if temporary { Flags::TEMPORARY } else { Flags::default() };
    Attributes { flags, digits: u8::try_from(digits.len()).unwrap_or(0), ..Attributes::default() }
}

fn claim(
    start: usize,
    end: usize,
    rank: u8,
    confidence: Confidence,
    near: Near,
    attributes: Attributes,
) -> Match {
    let offset = |at| u32::try_from(at).expect("fields are capped below 4 GiB");
    Match { start: offset(start), end: offset(end), rank, confidence, near, attributes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_tells_the_century() {
        assert_eq!(
            b"+-YXWVUABCDEFyf".map(century),
            [18, 19, 19, 19, 19, 19, 19, 20, 20, 20, 20, 20, 20, 19, 20].map(Some)
        );
        assert_eq!(b"/GTZ ".map(century), [None; 5]);
    }

    #[test]
    fn leap_days_belong_to_their_century() {
        let digits = [2, 9, 0, 2, 0, 0, 3, 0, 8];
        assert!(has_date(&digits, 20));
        assert!(!has_date(&digits, 19));
    }
}
