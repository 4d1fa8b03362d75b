//! Which charset bytes are in, and codecs that decode them with a map.
//!
//! The order: byte order mark, declared label, validity as UTF-8, UTF-16 by its pattern of NUL bytes, UTF-7 by its pattern, a guess with
//! a hint for Swedish and Finnish, and windows-1252 when nothing else is left. A declared charset that the bytes contradict goes back to
//! detection. Labels follow the WHATWG encoding standard: latin-1 and us-ascii mean windows-1252. Nothing is ever dropped: bytes
//! that do not decode become U+FFFD.
//!
//! The decision is made once per object, from its head, so that every window of it decodes alike.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::view::Codec;

mod codecs;
mod mojibake;
mod utf7;

pub use mojibake::{MOJIBAKE, is_mojibake};

/// Enough of a head to see the pattern of UTF-16.
const PATTERN_LEN: usize = 4096;

/// What the head of an object tells about its charset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detected {
    /// The charset; windows-1252 stands in for UTF-7, see `utf7`.
    pub encoding: &'static Encoding,
    /// Whether it is a guess: worth a warning.
    pub guessed: bool,
    /// Length of the byte order mark; it belongs to no field.
    pub bom: usize,
    /// Whether a declared charset was set aside because the bytes contradict it.
    pub invalid_declared: bool,
    /// Whether it is UTF-7, which is not among the encodings of the web.
    pub utf7: bool,
}

impl Detected {
    fn sure(encoding: &'static Encoding, bom: usize) -> Self {
        Self { encoding, guessed: false, bom, invalid_declared: false, utf7: false }
    }

    fn guess(encoding: &'static Encoding) -> Self {
        Self { guessed: true, ..Self::sure(encoding, 0) }
    }

    /// How the bytes decode.
    pub fn codec(&self) -> &'static dyn Codec {
        if self.utf7 { &utf7::UTF_7 } else { codec(self.encoding) }
    }

    /// The name of the charset for a message.
    pub fn name(&self) -> &'static str {
        if self.utf7 { "UTF-7" } else { self.encoding.name() }
    }

    /// The size and shape of a code unit.
    pub fn unit(&self) -> Unit {
        if self.encoding == UTF_16LE {
            Unit::Utf16Le
        } else if self.encoding == UTF_16BE {
            Unit::Utf16Be
        } else {
            Unit::Byte
        }
    }
}

/// The code unit of a charset: where a line can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// ASCII bytes mean ASCII characters.
    Byte,
    /// Two bytes, the low one first.
    Utf16Le,
    /// Two bytes, the high one first.
    Utf16Be,
}

impl Unit {
    /// The end of the last line that ends in `line_end` (LF or CR) within `bytes`, which begin at a code unit.
    pub fn last_line_end(self, bytes: &[u8], line_end: u8) -> Option<usize> {
        let (width, high) = match self {
            Self::Byte => return memchr::memrchr(line_end, bytes).map(|at| at + 1),
            Self::Utf16Le => (2, 1),
            Self::Utf16Be => (2, 0),
        };
        let mut end = bytes.len();
        while let Some(at) = memchr::memrchr(line_end, &bytes[..end]) {
            let start = at & !1;
            let unit = bytes.get(start..start + width);
            if unit.is_some_and(|unit| unit[high] == 0 && unit[1 - high] == line_end) {
                return Some(start + width);
            }
            end = at;
        }
        None
    }
}

/// Decides the charset of an object from its first bytes and the label it declares.
pub fn detect(head: &[u8], declared: Option<&[u8]>) -> Detected {
    if let Some((encoding, bom)) = Encoding::for_bom(head) {
        return Detected::sure(encoding, bom);
    }
    match declared.map(|label| from_label(head, label)) {
        Some(Declared::Valid(detected)) => detected,
        Some(Declared::Contradicted) => Detected { invalid_declared: true, ..from_bytes(head) },
        Some(Declared::Unknown) | None => from_bytes(head),
    }
}

enum Declared {
    Valid(Detected),
    Contradicted,
    Unknown,
}

fn from_label(head: &[u8], label: &[u8]) -> Declared {
    let label = label.trim_ascii().to_ascii_lowercase();
    if matches!(label.as_slice(), b"utf-7" | b"utf7" | b"unicode-1-1-utf-7") {
        let utf7 = Detected { utf7: true, ..Detected::sure(WINDOWS_1252, 0) };
        return if head.is_ascii() { Declared::Valid(utf7) } else { Declared::Contradicted };
    }
    let Some(encoding) = Encoding::for_label_no_replacement(&label) else {
        return Declared::Unknown;
    };
    if encoding == UTF_8 {
        return match utf8(head) {
            Utf8::Invalid => Declared::Contradicted,
            Utf8::Valid | Utf8::Mostly => Declared::Valid(Detected::sure(UTF_8, 0)),
        };
    }
    if encoding == UTF_16LE || encoding == UTF_16BE {
        return match utf16(head) {
            Some(found) if label == b"utf-16" => Declared::Valid(Detected::sure(found, 0)),
            None if utf8(head) == Utf8::Valid && !head.is_empty() => Declared::Contradicted,
            _ => Declared::Valid(Detected::sure(encoding, 0)),
        };
    }
    let seven_bit = matches!(label.as_slice(), b"us-ascii" | b"ascii" | b"ansi_x3.4-1968");
    if seven_bit && !head.is_ascii() {
        return Declared::Contradicted;
    }
    Declared::Valid(Detected::sure(encoding, 0))
}

fn from_bytes(head: &[u8]) -> Detected {
    if let Some(encoding) = utf16(head) {
        return Detected::guess(encoding);
    }
    match utf8(head) {
        Utf8::Valid if utf7::looks_like(head) => {
            Detected { utf7: true, ..Detected::guess(WINDOWS_1252) }
        }
        Utf8::Valid => Detected::sure(UTF_8, 0),
        Utf8::Mostly => Detected::guess(UTF_8),
        Utf8::Invalid => {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
            detector.feed(head, true);
            Detected::guess(detector.guess(Some(b"se"), Utf8Detection::Deny))
        }
    }
}

#[derive(PartialEq, Eq)]
enum Utf8 {
    /// A character cut off by the end of the head is no fault.
    Valid,
    /// Some broken bytes among more characters that no other charset explains: lines of another charset, most likely.
    Mostly,
    Invalid,
}

fn utf8(head: &[u8]) -> Utf8 {
    match std::str::from_utf8(head) {
        Ok(_) => return Utf8::Valid,
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => return Utf8::Valid,
        Err(_) => {}
    }
    let (mut good, mut bad) = (0, 0);
    for chunk in head.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    if good > bad { Utf8::Mostly } else { Utf8::Invalid }
}

/// UTF-16 without a mark: text of the Latin script has a NUL in every other byte, always on the same side. Runs of NUL bytes in
/// other text are on both sides.
fn utf16(head: &[u8]) -> Option<&'static Encoding> {
    let head = &head[..head.len().min(PATTERN_LEN) & !1];
    memchr::memchr(0, head)?; // nearly no text has any, and this is asked often
    let mut nul = [0_usize; 2];
    for unit in head.as_chunks::<2>().0 {
        nul[0] += usize::from(unit[0] == 0);
        nul[1] += usize::from(unit[1] == 0);
    }
    let pairs = head.len() / 2;
    if pairs < 2 {
        return None;
    }
    match nul {
        [even, odd] if odd * 2 > pairs && even * 10 < odd => Some(UTF_16LE),
        [even, odd] if even * 2 > pairs && odd * 10 < even => Some(UTF_16BE),
        _ => None,
    }
}

/// The codec of a charset. The web's placeholder for charsets that it refuses to decode is read as windows-1252, which loses nothing.
pub fn codec(encoding: &'static Encoding) -> &'static dyn Codec {
    if encoding == UTF_8 {
        return &codecs::UTF_8_LOSSY;
    }
    let encoding = if encoding == REPLACEMENT { WINDOWS_1252 } else { encoding };
    codecs::of(encoding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::View;

    fn text(detected: &Detected, bytes: &[u8]) -> String {
        let view = View::coded(&bytes[detected.bom..], detected.bom as u64, detected.codec());
        String::from_utf8(view.bytes().into_owned()).unwrap()
    }

    fn utf16le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn a_mark_wins_over_the_label() {
        let bytes = b"\xef\xbb\xbf\xc3\xa5";
        let found = detect(bytes, Some(b"latin1"));
        assert_eq!((found.encoding, found.bom, found.guessed), (UTF_8, 3, false));
        assert_eq!(text(&found, bytes), "å");
    }

    #[test]
    fn a_declared_utf8_that_is_latin1_is_set_aside() {
        let found = detect(b"Hej, h\xe4r bor \xc5sa i G\xf6teborg", Some(b"UTF-8"));
        assert!(found.invalid_declared && found.guessed);
        assert_eq!(found.encoding, WINDOWS_1252);
    }

    #[test]
    fn latin1_is_windows_1252_in_swedish_and_finnish() {
        for bytes in [
            b"Bj\xf6rn \xc5kerstr\xf6m bor p\xe5 \xd6stra gatan".as_slice(),
            b"H\xe4n asuu H\xe4meenlinnassa, sy\xf6 p\xe4\xe4ss\xe4",
            b"\xc5sa",
            b"r\xe4tt \x80 100 \x96 ja",
        ] {
            let found = detect(bytes, None);
            assert_eq!(found.encoding, WINDOWS_1252);
            assert!(found.guessed);
        }
    }

    #[test]
    fn utf16_without_a_mark_is_seen_by_its_nuls() {
        let bytes = utf16le("Åsa Öberg, 070");
        let found = detect(&bytes, None);
        assert_eq!((found.encoding, found.guessed), (UTF_16LE, true));
        assert_eq!(text(&found, &bytes), "Åsa Öberg, 070");
        let swapped: Vec<u8> = bytes.as_chunks::<2>().0.iter().flat_map(|u| [u[1], u[0]]).collect();
        assert_eq!(detect(&swapped, Some(b"utf-16")).encoding, UTF_16BE);
    }

    #[test]
    fn runs_of_nul_bytes_are_not_utf16() {
        let bytes = b"\0\0\0\0\0\0\0\0number 811218-9876\0\0\0\0\0\0\0\0\0\0\0\0";
        assert_eq!(detect(bytes, None).encoding, UTF_8);
    }

    #[test]
    fn a_utf16_label_on_plain_bytes_is_set_aside() {
        let found = detect(b"{\"text\": \"hej\"}", Some(b"utf-16"));
        assert_eq!((found.encoding, found.invalid_declared), (UTF_8, true));
    }

    #[test]
    fn a_few_broken_bytes_leave_utf8_what_it_is() {
        let found = detect("åäö åäö åäö".as_bytes(), None);
        assert!(!found.guessed);
        let mut bytes = "åäö åäö åäö".as_bytes().to_vec();
        bytes.extend_from_slice(b"\xff x");
        let found = detect(&bytes, None);
        assert_eq!((found.encoding, found.guessed), (UTF_8, true));
        assert_eq!(text(&found, &bytes), "åäö åäö åäö\u{fffd} x");
    }

    #[test]
    fn a_character_cut_by_the_end_of_the_head_is_no_fault() {
        assert!(!detect(b"p\xc3\xa5 och \xc3", None).guessed);
    }

    #[test]
    fn us_ascii_with_eight_bits_is_detected_anew() {
        let found = detect("på".as_bytes(), Some(b"us-ascii"));
        assert_eq!((found.encoding, found.invalid_declared), (UTF_8, true));
        assert_eq!(detect(b"hej", Some(b"x-unknown")).encoding, UTF_8);
    }

    #[test]
    fn utf7_is_read_when_declared_or_plain() {
        let found = detect(b"Hej +AOU- hej", None);
        assert!(found.utf7);
        assert_eq!(text(&found, b"Hej +AOU- hej"), "Hej å hej");
        assert!(detect(b"1 +- 1", Some(b"utf-7")).utf7);
        for plain in [b"+46-70 123 45 67".as_slice(), b"a+b-c", b"+358-9-310", b"C+AB-"] {
            assert!(!detect(plain, None).utf7);
        }
    }

    #[test]
    fn lines_of_utf16_end_in_whole_units() {
        let bytes = utf16le("a\nb\u{0a00}c");
        assert_eq!(Unit::Utf16Le.last_line_end(&bytes, b'\n'), Some(4));
        assert_eq!(Unit::Byte.last_line_end(b"a\nbc\nd", b'\n'), Some(5));
        assert_eq!(Unit::Byte.last_line_end(b"abc", b'\n'), None);
    }
}
