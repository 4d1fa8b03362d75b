//! Classification by a table: the definition of every class, and the fallback.

use super::{Classes, Classify, REACH, WORD};

/// Needs nothing of the processor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scalar;

const DIGIT: u8 = 1;
const SEPARATOR: u8 = 2;
const WORD_BYTE: u8 = 4;
const HEX: u8 = 8;
const COLON: u8 = 16;
const UPPER: u8 = 32;
const ANCHOR: u8 = 64; // begins a shape of an anchor; what follows decides

const TABLE: [u8; 256] = table();

const fn table() -> [u8; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the loop ends at 256")]
        let byte = at as u8;
        let mut bits = 0;
        if byte.is_ascii_digit() {
            bits |= DIGIT | WORD_BYTE;
        }
        if byte.is_ascii_alphabetic() || byte >= 0x80 {
            bits |= WORD_BYTE;
        }
        if matches!(byte, b' ' | b'-' | b'.' | b'/' | b':' | b'(' | b')' | b'+') {
            bits |= SEPARATOR;
        }
        if matches!(byte | 0x20, b'a'..=b'f') {
            bits |= HEX;
        }
        if byte == b':' {
            bits |= COLON;
        }
        if byte.is_ascii_uppercase() {
            bits |= UPPER;
        }
        if matches!(byte | 0x20, 0x60 | b'(' | b'{' | b'<' | 0x7F | b'-' | b'i' | 0xB8 | b' ') {
            bits |= ANCHOR;
        }
        table[at] = bits;
        at += 1;
    }
    table
}

impl Classify for Scalar {
    fn classify(self, bytes: &[u8; REACH]) -> Classes {
        let mut out = Classes::default();
        for at in 0..WORD {
            let bits = TABLE[usize::from(bytes[at])];
            let bit = |class| u64::from(bits & class != 0) << at;
            out.digit |= bit(DIGIT);
            out.separator |= bit(SEPARATOR);
            out.word |= bit(WORD_BYTE);
            out.hex |= bit(HEX);
            out.colon |= bit(COLON);
            out.upper |= bit(UPPER);
            if bits & ANCHOR != 0 {
                out.anchor |= u64::from(is_anchor(&bytes[at..at + 4])) << at;
            }
        }
        out
    }
}

/// Whether an anchor stands at the first byte: `@`; a bracket or `_` before `a`, `e`, `@` or a letter with lead byte C3; `-a`, `-m`, `-c`
/// as in `snabel-a`, `at-merkki`, `data-cfemail`; `iu` as in `miukumauku`; `øl` as in `alfakrøll`; ` at `. Bytes are compared with
/// bit 0x20 set, so a few signs ride along.
fn is_anchor(bytes: &[u8]) -> bool {
    let [first, second, third] = [bytes[0] | 0x20, bytes[1] | 0x20, bytes[2] | 0x20];
    match first {
        0x60 => true,
        b'(' | b'{' | b'<' | 0x7F => matches!(second, b'a' | b'e' | 0x60 | 0xE3),
        b'-' => bytes[0] == b'-' && matches!(second, b'a' | b'm' | b'c'),
        b'i' => second == b'u',
        0xB8 => second == b'l',
        b' ' => bytes[0] == b' ' && second == b'a' && third == b't' && bytes[3] == b' ',
        _ => false,
    }
}
