//! Keyed fingerprints: HMAC-SHA-256 with domain separation.
//!
//! All Swedish personal numbers can be hashed in seconds, so nothing here is hashed without a key. The key is 256 bits from a random
//! source; what is used are subkeys, HMAC-SHA-256 of the key over a label. A fingerprint is HMAC-SHA-256 cut to 128 bits over purpose,
//! type and canonical value, each with its length before it, so that no two inputs share an encoding. Ids of objects and messages are
//! keyed BLAKE3 cut to 64 bits. Source: RFC 2104, RFC 4231.

use std::fmt;
use std::hint::black_box;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::finding::Fingerprint;

mod pseudonym;

pub use pseudonym::Tokens;

const PURPOSE: &[u8] = b"finding"; // of fingerprints, against other uses of one subkey
const LETTERS: &[u8; 16] = b"bcdfghjkmnpqrstv"; // of key ids, four bits each: no vowel, so no word

/// A 256-bit key. `Debug` shows nothing of it; its memory is overwritten when it is dropped.
pub struct Key([u8; 32]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        black_box(&mut self.0).fill(0);
        black_box(&self.0);
    }
}

impl Clone for Key {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl Key {
    /// The key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key of these bytes, if there are 32.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The key for one use.
    #[must_use]
    pub fn subkey(&self, label: &str) -> Self {
        Self(hmac(&self.0).chain_update(label).finalize().into_bytes().into())
    }

    /// Four letters that name the key in tokens and reports. Tells nothing of the key.
    pub fn id(&self) -> String {
        let Self(bytes) = self.subkey("id");
        let letter = |four: u8| char::from(LETTERS[usize::from(four)]);
        bytes[..2].iter().flat_map(|byte| [letter(byte >> 4), letter(byte & 15)]).collect()
    }

    /// Tells a wrong key from the right one.
    pub fn check(&self) -> [u8; 8] {
        let Self(bytes) = self.subkey("check");
        first(&bytes)
    }

    /// Makes fingerprints under this key.
    pub fn fingerprints(&self) -> Fingerprints {
        Fingerprints { keyed: hmac(&self.subkey("fingerprint").0) }
    }

    /// Makes ids of objects and messages under this key.
    pub fn ids(&self) -> Ids {
        Ids { key: self.subkey("object") }
    }
}

fn hmac(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("a key of any length is accepted")
}

/// A hash cut short.
fn first<const N: usize>(hash: &[u8; 32]) -> [u8; N] {
    *hash.first_chunk().expect("hashes are cut to 16 bytes or less")
}

/// Makes fingerprints. Holds the two keyed states of HMAC, so a fingerprint costs two compressions.
#[derive(Clone)]
pub struct Fingerprints {
    keyed: Hmac<Sha256>,
}

impl fmt::Debug for Fingerprints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprints(..)")
    }
}

impl Fingerprints {
    /// The fingerprint of a canonical value of a detector.
    pub fn of(&self, detector: &str, canonical: &[u8]) -> Fingerprint {
        let mut mac = self.keyed.clone();
        for part in [PURPOSE, detector.as_bytes(), canonical] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let bytes: [u8; 32] = mac.finalize().into_bytes().into();
        Fingerprint(first(&bytes))
    }
}

/// Makes ids of objects and messages.
#[derive(Clone)]
pub struct Ids {
    key: Key,
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ids(..)")
    }
}

impl Ids {
    /// The id of a name, such as the place of an object.
    pub fn of(&self, name: &[u8]) -> [u8; 8] {
        first(blake3::keyed_hash(&self.key.0, name).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        let [high, low] = [|byte: u8| byte >> 4, |byte: u8| byte & 15];
        let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
        bytes.iter().flat_map(|byte| [digit(high(*byte)), digit(low(*byte))]).collect()
    }

    fn hmac_sha256(key: &[u8], data: &[u8]) -> String {
        let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap();
        hex(&mac.chain_update(data).finalize().into_bytes())
    }

    #[test]
    fn agrees_with_the_vectors_of_rfc_4231() {
        assert_eq!(
            hmac_sha256(&[0x0B; 20], b"Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            hmac_sha256(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hmac_sha256(&[0xAA; 20], &[0xDD; 50]),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        );
        assert_eq!(
            hmac_sha256(&[0xAA; 131], b"Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn a_fingerprint_is_hmac_over_lengths_and_parts() {
        let key = Key::new([7; 32]);
        let mut message = Vec::new();
        for part in ["finding", "email", "anna@example.se"] {
            message.extend((part.len() as u64).to_be_bytes());
            message.extend(part.as_bytes());
        }
        let expected = hmac_sha256(&key.subkey("fingerprint").0, &message);
        let found = key.fingerprints().of("email", b"anna@example.se");
        assert_eq!(format!("{found:?}"), expected[..32]);
    }

    #[test]
    fn keys_and_types_separate_fingerprints() {
        let of = |key, detector| Key::new([key; 32]).fingerprints().of(detector, b"1");
        assert_ne!(of(1, "phone"), of(2, "phone"));
        assert_ne!(of(1, "phone"), of(1, "long-number"));
    }

    #[test]
    fn a_key_has_a_name_of_four_consonants_and_a_check_value() {
        let [one, other] = [Key::new([1; 32]), Key::new([2; 32])];
        assert!(one.id().len() == 4 && one.id().bytes().all(|letter| LETTERS.contains(&letter)));
        assert_ne!(one.id(), other.id());
        assert_ne!(one.check(), other.check());
        assert_eq!(one.check(), one.clone().check());
    }

    #[test]
    fn ids_depend_on_key_and_name() {
        let id = |key, name: &str| Key::new([key; 32]).ids().of(name.as_bytes());
        assert_eq!(id(1, "a.zip!/b"), id(1, "a.zip!/b"));
        assert_ne!(id(1, "a.zip!/b"), id(1, "a.zip!/c"));
        assert_ne!(id(1, "a"), id(2, "a"));
    }

    #[test]
    fn a_key_is_named_by_four_consonants() {
        let ids: Vec<String> = (0..16).map(|n| Key::new([n; 32]).id()).collect();
        assert!(ids.iter().all(|id| id.len() == 4 && id.bytes().all(|b| LETTERS.contains(&b))));
        assert!(ids.windows(2).all(|two| two[0] != two[1]));
    }

    #[test]
    fn debug_shows_no_key() {
        let key = Key::from_slice(&[0xAB; 32]).unwrap();
        let shown = format!("{key:?} {:?} {:?}", key.fingerprints(), key.ids());
        assert_eq!(shown, "Key(..) Fingerprints(..) Ids(..)");
        assert!(Key::from_slice(&[0; 31]).is_none());
    }
}
