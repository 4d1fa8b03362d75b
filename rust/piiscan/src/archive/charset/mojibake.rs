//! Double-encoded UTF-8 (`Ã¥` for `å`), read back as what it was.
//!
//! Each byte of a UTF-8 character was taken for a character of windows-1252 or latin-1 and encoded again. Characters that stand for bytes
//! and together are one valid UTF-8 character become that character, as one atomic piece; everything else stays. So the
//! view only ever adds sense: digits and plain words are the same in both readings.

use memchr::memmem;

use super::codecs::Pieces;
use crate::error::Error;
use crate::view::{Codec, Piece};

/// The characters of windows-1252 for the bytes 0x80 to 0x9F. Source: WHATWG encoding standard, index windows-1252.
const HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Text that may hold double-encoded characters. The raw bytes are valid UTF-8.
#[derive(Debug)]
pub struct Mojibake;

/// The codec of double-encoded text.
pub static MOJIBAKE: Mojibake = Mojibake;

impl Codec for Mojibake {
    fn decode(&self, raw: &[u8], out: &mut Vec<u8>, map: Option<&mut Vec<Piece>>) {
        let mut pieces = Pieces::new(out, map);
        for chunk in raw.utf8_chunks() {
            let mut text = chunk.valid();
            while let Some(at) = text.find(|c: char| !c.is_ascii()) {
                pieces.identity(&text.as_bytes()[..at]);
                text = &text[at..];
                let taken = if let Some((bytes, len, taken)) = character(text) {
                    pieces.atomic(&bytes[..len], taken);
                    taken
                } else {
                    let len = text.chars().next().map_or(0, char::len_utf8);
                    pieces.identity(&text.as_bytes()[..len]);
                    len
                };
                text = &text[taken..];
            }
            pieces.identity(text.as_bytes());
            if !chunk.invalid().is_empty() {
                pieces.atomic("\u{fffd}".as_bytes(), chunk.invalid().len());
            }
        }
    }

    fn encode(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// The byte that a character stands for.
fn byte(c: char) -> Option<u8> {
    let high =
        || HIGH.iter().position(|known| *known == c).and_then(|at| u8::try_from(at + 0x80).ok());
    u8::try_from(u32::from(c)).ok().filter(|byte| !byte.is_ascii()).or_else(high)
}

/// The double-encoded character at the start of `text`: its bytes, how many they are, and the length of what stands for them.
fn character(text: &str) -> Option<([u8; 4], usize, usize)> {
    let mut chars = text.chars();
    let mut taken = 0;
    let mut next = || {
        let c = chars.next()?;
        taken += c.len_utf8();
        byte(c)
    };
    let mut bytes = [next()?, 0, 0, 0];
    let len = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    for place in &mut bytes[1..len] {
        *place = next()?;
    }
    std::str::from_utf8(&bytes[..len]).ok()?;
    Some((bytes, len, taken))
}

/// Whether UTF-8 bytes plainly hold a double-encoded letter: `Ã` and a character that stands for a second byte. `Ã` is no letter of
/// a Nordic language.
pub fn is_mojibake(bytes: &[u8]) -> bool {
    memmem::find_iter(bytes, "Ã").any(|at| {
        let tail = &bytes[at..bytes.len().min(at + 8)];
        let text = tail.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        character(text).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::View;

    fn text(raw: &str) -> String {
        let view = View::coded(raw.as_bytes(), 0, &MOJIBAKE);
        String::from_utf8(view.bytes().into_owned()).unwrap()
    }

    #[test]
    fn reads_double_encoded_letters() {
        assert_eq!(text("HÃ¤lsa pÃ¥ Ã–land â€“ nu"), "Hälsa på Öland – nu");
        assert_eq!(text("H\u{c3}\u{a4}lsa \u{c3}\u{85}"), "Hälsa Å");
    }

    #[test]
    fn other_text_stays() {
        for same in ["Hälsa på Öland", "São Ã x", "5 € – 6", ""] {
            assert_eq!(text(same), same);
        }
    }

    #[test]
    fn knows_the_pattern() {
        assert!(is_mojibake("pÃ¥".as_bytes()));
        assert!(!is_mojibake("på SÃO".as_bytes()));
        assert!(!is_mojibake("Ã".as_bytes()));
    }

    #[test]
    fn a_letter_is_one_piece() {
        let raw = "xÃ¥y";
        let view = View::coded(raw.as_bytes(), 7, &MOJIBAKE);
        let span = view.raw(1..3);
        assert_eq!((span.start, span.end), (8, 8 + "Ã¥".len() as u64));
    }
}
