//! Tokens that stand for values: pseudonyms, which only the key joins with a value, and sealed values, which the key opens again.
//!
//! `TYPE_kkkk_` and letters: `PNR_bdfh_` + 20 letters of tag + 6 of check. Sixteen consonants carry four bits each, so a token holds no digit, no
//! word, no `@`. The tag is HMAC-SHA-256 cut to 80 bits; the check value tells a token from an imitation, so nobody hides data by writing
//! something that looks like one. A sealed value is AES-SIV (RFC 5297) with the type as associated data: equal values give equal text, and
//! it is 16 bytes longer than the value.

use std::fmt;

use aes_siv::KeyInit as _;
use aes_siv::siv::Aes256Siv;
use hmac::Mac;

use super::{Fingerprints, Key, LETTERS, hmac};
use crate::error::{Error, ErrorKind};
use crate::finding::Fingerprint;

const VERSION: &[u8] = b"piiscan/v1";
const TAG: usize = 10; // bytes: 80 bits, 20 letters
const CHECK: usize = 3; // bytes: 24 bits, 6 letters
const SEALED: &str = "ENC"; // before the type of a value that can be opened

/// Makes and knows tokens under one key.
#[derive(Clone)]
pub struct Tokens {
    tag: Key,
    check: Key,
    siv: [u8; 64],
    id: String,
    prints: Fingerprints,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.id)
    }
}

impl Drop for Tokens {
    fn drop(&mut self) {
        std::hint::black_box(&mut self.siv).fill(0);
        std::hint::black_box(&self.siv);
    }
}

impl Key {
    /// Makes tokens under this key.
    pub fn tokens(&self) -> Tokens {
        let mut siv = [0; 64];
        siv[..32].copy_from_slice(&self.subkey("siv one").0);
        siv[32..].copy_from_slice(&self.subkey("siv two").0);
        Tokens {
            tag: self.subkey("token"),
            check: self.subkey("token check"),
            siv,
            id: self.id(),
            prints: self.fingerprints(),
        }
    }
}

impl Tokens {
    /// Whether a text is a pseudonym or a sealed value of this key.
    pub fn is_token(&self, text: &str) -> bool {
        // Nearly nothing that is found has the two marks of a token.
        text.bytes().filter(|byte| *byte == b'_').count() >= 2
            && (self.is_pseudonym(text) || self.is_sealed(text))
    }

    /// Makes the fingerprints that pseudonyms are made of.
    pub fn prints(&self) -> &Fingerprints {
        &self.prints
    }

    /// The pseudonym of a value, given as its fingerprint. Tokens of two domains cannot be joined without the key.
    pub fn pseudonym(&self, detector: &str, domain: &str, value: &Fingerprint) -> String {
        let mac = fields(&self.tag, &[VERSION, domain.as_bytes(), detector.as_bytes(), &value.0]);
        let tag: [u8; TAG] = super::first(&mac);
        let kind = prefix(detector);
        let check: [u8; CHECK] = super::first(&self.check_of(&kind, &self.id, &tag));
        format!("{kind}_{}_{}{}", self.id, letters(&tag), letters(&check))
    }

    /// Whether a text is a pseudonym that was made under this key. Upper and lower case count as equal: addresses lose it.
    pub fn is_pseudonym(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        let mut parts = text.split('_');
        let (Some(kind), Some(id), Some(code), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        let Some(bytes) = bytes(code).filter(|bytes| bytes.len() == TAG + CHECK) else {
            return false;
        };
        let check = self.check_of(&kind.to_ascii_uppercase(), id, &bytes[..TAG]);
        id == self.id && bytes[TAG..] == check[..CHECK]
    }

    /// A value as a token that [`Self::open`] turns back.
    ///
    /// # Errors
    ///
    /// Never for values that fit in memory.
    pub fn seal(&self, detector: &str, value: &str) -> Result<String, Error> {
        let kind = prefix(detector);
        let mut cipher = Aes256Siv::new(&self.siv.into());
        let sealed = cipher
            .encrypt([VERSION, kind.as_bytes()], value.as_bytes())
            .map_err(|_| Error::new(ErrorKind::Limit, "a value is too long to be encrypted"))?;
        Ok(format!("{SEALED}_{kind}_{}_{}", self.id, letters(&sealed)))
    }

    /// The value of a sealed token.
    ///
    /// # Errors
    ///
    /// If it is no such token, or was made under another key.
    pub fn open(&self, token: &str) -> Result<String, Error> {
        let wrong = |reason| Error::new(ErrorKind::Config, reason);
        let mut parts = token.split('_');
        let (Some(SEALED), Some(kind), Some(id), Some(code), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong("no encrypted value"));
        };
        if id != self.id {
            return Err(wrong("encrypted under another key"));
        }
        let sealed = bytes(code).ok_or_else(|| wrong("no encrypted value"))?;
        let mut cipher = Aes256Siv::new(&self.siv.into());
        let value = cipher
            .decrypt([VERSION, kind.as_bytes()], &sealed)
            .map_err(|_| wrong("an encrypted value was changed, or is of another key"))?;
        String::from_utf8(value).map_err(|_| wrong("no encrypted value"))
    }

    /// Whether a text is a sealed value of this key. Upper and lower case count as equal, as in [`Self::is_pseudonym`].
    pub fn is_sealed(&self, text: &str) -> bool {
        let mut parts = text.splitn(3, '_');
        let (Some(head), Some(kind), Some(rest)) = (parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        let upper = format!("{head}_{kind}").to_ascii_uppercase();
        self.open(&format!("{upper}_{}", rest.to_ascii_lowercase())).is_ok()
    }

    /// A number from -365 to 365 that belongs to a name: how many days the dates of one person are moved.
    pub fn days(&self, domain: &str, person: &str) -> i32 {
        let mac = fields(&self.tag, &[VERSION, b"days", domain.as_bytes(), person.as_bytes()]);
        let number = u32::from_be_bytes(super::first(&mac));
        i32::try_from(number % 731).unwrap_or_default() - 365
    }

    fn check_of(&self, kind: &str, id: &str, tag: &[u8]) -> [u8; 32] {
        fields(&self.check, &[kind.as_bytes(), id.as_bytes(), tag])
    }
}

/// HMAC over fields, each with its length before it.
fn fields(key: &Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = hmac(&key.0);
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// What a token says of its type: short names for those met most.
fn prefix(detector: &str) -> String {
    let short = match detector {
        "se-personnummer" => "PNR",
        "fi-hetu" => "HETU",
        "no-fodselsnummer" => "FNR",
        "dk-cpr" => "CPR",
        "is-kennitala" => "KT",
        "email" => "MAIL",
        "phone" => "TEL",
        "ip-address" => "IP",
        "long-number" => "NUM",
        "person-name" => "NAME",
        "street-address" => "ADDR",
        "date-of-birth" => "BORN",
        "profile-url" => "PROFILE",
        "case-number" => "CASE",
        other => {
            return other
                .bytes()
                .filter(u8::is_ascii_alphabetic)
                .map(|byte| char::from(byte.to_ascii_uppercase()))
                .collect();
        }
    };
    short.to_owned()
}

fn letters(bytes: &[u8]) -> String {
    let letter = |four: u8| char::from(LETTERS[usize::from(four)]);
    bytes.iter().flat_map(|byte| [letter(byte >> 4), letter(byte & 15)]).collect()
}

fn bytes(letters: &str) -> Option<Vec<u8>> {
    let four = |byte: u8| LETTERS.iter().position(|letter| *letter == byte);
    letters
        .as_bytes()
        .chunks(2)
        .map(|pair| match *pair {
            [high, low] => u8::try_from(four(high)? << 4 | four(low)?).ok(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(key: u8) -> Tokens {
        Key::new([key; 32]).tokens()
    }

    fn value(number: u64) -> Fingerprint {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        Fingerprint(bytes)
    }

    #[test]
    fn a_token_has_letters_only() {
        let token = tokens(1).pseudonym("se-personnummer", "", &value(7));
        let (kind, rest) = token.split_once('_').unwrap();
        let (id, code) = rest.split_once('_').unwrap();
        assert_eq!((kind, id.len(), code.len()), ("PNR", 4, 26));
        assert!(code.bytes().all(|byte| LETTERS.contains(&byte)));
    }

    #[test]
    fn key_type_domain_and_value_make_the_token() {
        let one = tokens(1);
        let token = one.pseudonym("email", "a", &value(1));
        assert_eq!(token, one.pseudonym("email", "a", &value(1)));
        for other in [
            one.pseudonym("email", "b", &value(1)),
            one.pseudonym("phone", "a", &value(1)),
            one.pseudonym("email", "a", &value(2)),
            tokens(2).pseudonym("email", "a", &value(1)),
        ] {
            assert_ne!(token.rsplit('_').next(), other.rsplit('_').next());
        }
    }

    #[test]
    fn an_imitation_is_no_token() {
        let one = tokens(1);
        let token = one.pseudonym("email", "", &value(1));
        assert!(one.is_pseudonym(&token) && one.is_pseudonym(&token.to_ascii_lowercase()));
        assert!(!tokens(2).is_pseudonym(&token));
        let imitated = format!("{}b", &token[..token.len() - 1]);
        assert!(!one.is_pseudonym(&imitated) || imitated == token);
        assert!(!one.is_pseudonym(&token.replacen("MAIL", "TEL", 1)));
        assert!(!one.is_pseudonym("MAIL_bdfh_") && !one.is_pseudonym("a_b_c_d"));
    }

    #[test]
    fn a_sealed_value_comes_back_and_any_change_is_noticed() {
        let one = tokens(1);
        for value in ["192.0.2.7", "", "Åsa Öberg", "2001:db8::1"] {
            let sealed = one.seal("ip-address", value).unwrap();
            assert_eq!(one.open(&sealed).unwrap(), value);
            assert!(one.is_sealed(&sealed) && !tokens(2).is_sealed(&sealed));
            assert!(!sealed.bytes().any(|byte| byte.is_ascii_digit() || byte == b'@'));
            let changed = sealed.replacen("ENC_IP_", "ENC_TEL_", 1);
            assert!(one.open(&changed).is_err());
        }
        assert_eq!(one.seal("phone", "1").unwrap(), one.seal("phone", "1").unwrap());
    }

    #[test]
    fn a_sealed_value_is_sixteen_bytes_longer() {
        let sealed = tokens(3).seal("phone", "0123456789abc").unwrap();
        assert_eq!(sealed.rsplit('_').next().unwrap().len(), 2 * (16 + 13));
    }

    #[test]
    fn both_kinds_are_tokens_of_their_key_alone() {
        let one = tokens(1);
        for token in [one.pseudonym("email", "", &value(1)), one.seal("phone", "07").unwrap()] {
            assert!(one.is_token(&token) && one.is_token(&token.to_ascii_lowercase()));
            assert!(!tokens(2).is_token(&token) && !one.is_token(&token.replace('_', "-")));
        }
    }

    #[test]
    fn days_stay_within_a_year() {
        let one = tokens(1);
        let days: Vec<i32> = (0..500).map(|n| one.days("", &format!("p{n}"))).collect();
        assert!(days.iter().all(|days| (-365..=365).contains(days)));
        assert!(days.iter().any(|days| *days < 0) && days.iter().any(|days| *days > 0));
        assert_eq!(one.days("", "p1"), days[1]);
    }
}
