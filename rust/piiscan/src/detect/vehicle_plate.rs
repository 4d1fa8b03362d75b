//! Registration numbers of vehicles.
//!
//! Sweden: three letters and three digits, since 2019 also a letter in the last place; 23 letters are in use. Finland: two or three letters,
//! a hyphen, one to three digits. Norway: two letters and five digits. Denmark: two letters, two and three digits. Only what stands beside a
//! word about vehicles is one. Sources: Transportstyrelsen (MLB 84A), Traficom, Statens vegvesen, Færdselsstyrelsen.

use super::beside::{each_word, offset};
use super::number::{closes, word_before};
use super::{CONTEXT, Candidate, Claims, Detector, Match, Options, Trigger};
use crate::finding::{Attributes, Category, Confidence, Countries};

const RANK: u8 = 12;

/// Letters that are an abbreviation or a word rather than a plate.
const OTHERS: &[&str] = &[
    "DNR", "SFS", "LSS", "SOL", "PUL", "KLO", "TEL", "PNR", "DOK", "NR", "ISO", "SEK", "EUR",
    "USD", "SIS", "COV", "VIN", "NOK", "DKK", "KL", "SE", "NO", "DK", "FI", "OCH", "DET", "SOM",
    "ATT", "MED", "DEN", "HAR", "BOX", "FAX", "MOB", "SMS", "ART", "KAP", "SID", "RAD", "REG",
    "ÅR", "LGH", "UTC", "CET", "OCR", "REF", "GBP", "CHF", "HUF", "PLN", "CZK", "ISK", "EEK",
    "CAD",
];

/// The detector `vehicle-plate`.
#[derive(Debug)]
pub(super) struct VehiclePlate;

impl Detector for VehiclePlate {
    fn id(&self) -> &'static str {
        "vehicle-plate"
    }

    fn category(&self) -> Category {
        Category::Asset
    }

    fn summary(&self) -> &'static str {
        "Registration numbers of vehicles (SE, FI, NO, DK)"
    }

    fn rule(&self) -> &'static str {
        "Shape, in capitals: ABC 123 or ABC 12A without I, Q, V, Å, Ä, Ö and a final O (SE); two or three letters, hyphen, one to three digits (FI); two \
         letters and five digits (NO, DK). Beside reg.nr, registreringsnummer, bil, fordon, parkering, rekisterinumero and the like. \
         Not: abbreviations such as DNR, SFS, ISO, SEK.\n\
         high: a letter in the last place. medium: the others. Nothing without the word.\n\
         Source: Transportstyrelsen, Traficom, Statens vegvesen, Færdselsstyrelsen."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["reg.nr ABC 12D", "bil ABC123", "rekisterinumero ABC-123"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Word(0)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[&[
            "reg.nr*",
            "reg nr",
            "reg.nummer*",
            "regnr*",
            "regnummer*",
            "registreringsn*",
            "registreringsskylt*",
            "nummerskylt*",
            "bil",
            "bilen",
            "bilens",
            "fordon*",
            "släp",
            "motorcykel*",
            "moped*",
            "parkering*",
            "felparkera*",
            "parkerad*",
            "rekisterinumero*",
            "rekisteritunnus*",
            "rek.nro",
            "auto",
            "auton",
            "ajoneuvo*",
            "pysäköin*",
            "kjøretøy*",
            "bilnummer*",
            "nummerplade*",
            "køretøj*",
            "licence plate*",
            "license plate*",
        ]]
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        each_word(candidate, |at| {
            if let Some(found) = judge(candidate, at) {
                claims.push(found);
            }
        });
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        out.extend(found.bytes().filter(|byte| !matches!(byte, b' ' | b'-')));
    }
}

fn judge(candidate: &Candidate<'_>, start: usize) -> Option<Match> {
    let text = candidate.field.text;
    let (end, countries, confidence) = plate(text, start)?;
    let before = text[..start].last();
    let glued = word_before(text, start) || matches!(before, Some(b'-' | b'/' | b'@' | b'.'));
    if glued || !closes(text, end) || text[end..].starts_with(b"-") {
        return None;
    }
    let near = candidate.near(CONTEXT, start, end);
    near.is_near().then(|| Match {
        start: offset(start),
        end: offset(end),
        rank: RANK,
        confidence,
        near,
        attributes: Attributes { countries, ..Attributes::default() },
    })
}

/// The plate that begins at `start`: its end, its countries, how sure.
fn plate(text: &[u8], start: usize) -> Option<(usize, Countries, Confidence)> {
    let rest = &text[start..];
    let letters = capitals(rest);
    let head = str::from_utf8(&rest[..letters]).ok()?;
    if letters == 0 || OTHERS.contains(&head) {
        return None;
    }
    let count = head.chars().count();
    let tail = &rest[letters..];
    if let Some(number) = tail.strip_prefix(b"-") {
        let digits = digits(number);
        let fits = (2..=3).contains(&count) && (1..=3).contains(&digits);
        return fits
            .then(|| (start + letters + 1 + digits, Countries::of("FI"), Confidence::Medium));
    }
    let space = usize::from(tail.first() == Some(&b' '));
    let number = &tail[space..];
    let from = start + letters + space;
    match (count, digits(number)) {
        (3, 3) if head.bytes().all(is_swedish) => {
            Some((from + 3, Countries::of("SE"), Confidence::Medium))
        }
        (3, 2) if head.bytes().all(is_swedish) => {
            let last = *number.get(2)?;
            let fits = is_swedish(last) && last != b'O';
            fits.then_some((from + 3, Countries::of("SE"), Confidence::High))
        }
        (2, 5) if head.is_ascii() => {
            let countries = Countries::of("NO").with(Countries::of("DK"));
            Some((from + 5, countries, Confidence::Medium))
        }
        (2, 2) if head.is_ascii() && number.get(2) == Some(&b' ') && digits(&number[3..]) == 3 => {
            Some((from + 6, Countries::of("DK"), Confidence::Medium))
        }
        _ => None,
    }
}

/// Bytes of the capitals at the start, å ä ö included; none if there are more than three.
fn capitals(text: &[u8]) -> usize {
    let mut at = 0;
    for _ in 0..4 {
        match text[at..] {
            [b'A'..=b'Z', ..] => at += 1,
            [0xC3, 0x84 | 0x85 | 0x96, ..] => at += 2,
            _ => return at,
        }
    }
    0
}

/// Digits at the start: more than five are six.
fn digits(text: &[u8]) -> usize {
    text.iter().take(6).take_while(|byte| byte.is_ascii_digit()).count()
}

/// Whether Swedish plates use the letter.
fn is_swedish(letter: u8) -> bool {
    letter.is_ascii_uppercase() && !b"IQV".contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_swedish_plates_are_23() {
        assert_eq!((b'A'..=b'Z').filter(|letter| is_swedish(*letter)).count(), 23);
    }

    #[test]
    fn a_plate_ends_with_its_last_place() {
        let end = |text: &str| plate(text.as_bytes(), 0).map(|(end, ..)| end);
        assert_eq!(end("ABC 123 x"), Some(7));
        assert_eq!(end("ABC12D"), Some(6));
        assert_eq!(end("ÅBC-1 "), Some(6));
        assert_eq!(end("AB 12 345"), Some(9));
        assert_eq!(end("ABCD 123"), None);
        assert_eq!(end("ABC 1234"), None);
        assert_eq!(end("ABC12O"), None);
        assert_eq!(end("ABC12"), None);
    }
}
