//! E-mail addresses that a content delivery network has hidden: `data-cfemail="7a1b3a4..."`.
//!
//! Hex digits; the first byte is the key, every other byte is a character XOR the key. The address is restored by a script in the
//! browser, so a stored page still holds it.

use crate::error::Error;
use crate::view::{Codec, Piece};

use super::percent::byte_of_hex;

/// The key of what is written.
const KEY: u8 = 0x2a;

/// A hidden address. It can only be replaced whole.
#[derive(Debug)]
pub(super) struct CfEmail;

impl Codec for CfEmail {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        let start = out.len();
        let mut bytes = raw.chunks_exact(2).map_while(|pair| byte_of_hex(pair[0], pair[1]));
        if let Some(key) = bytes.next() {
            let text: Vec<u8> = bytes.map(|byte| byte ^ key).collect();
            out.extend_from_slice(String::from_utf8_lossy(&text).as_bytes());
        }
        if let Some(map) = map {
            map.push(Piece::atomic(0, out.len() - start, 0, raw.len()));
        }
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        if text.is_empty() {
            return Ok(()); // nothing is hidden
        }
        out.extend_from_slice(format!("{KEY:02x}").as_bytes());
        for byte in text.bytes() {
            out.extend_from_slice(format!("{:02x}", byte ^ KEY).as_bytes());
        }
        Ok(())
    }

    fn replaces_whole(&self) -> bool {
        true
    }
}

/// Whether this is such a value.
pub(super) fn is_hidden(raw: &[u8]) -> bool {
    raw.len() >= 8 && raw.len().is_multiple_of(2) && raw.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::View;

    #[test]
    fn the_key_is_the_first_byte() {
        let mut raw = Vec::new();
        CfEmail.encode("anna@example.se", &mut raw).unwrap();
        assert!(is_hidden(&raw));
        let view = View::coded(&raw, 7, &CfEmail);
        assert_eq!(&*view.bytes(), b"anna@example.se");
        assert_eq!(view.edits(2..4, "x").unwrap()[0].raw, 7..7 + raw.len() as u64);
    }
}
