//! Classification by a table: the definition of every class, and the fallback.

use super::{Classes, Classify, REACH, WORD};

/// Needs nothing of the processor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scalar;

const DIGIT: u8 = 1;
const SEPARATOR: u8 = 2;
const WORD_BYTE: u8 = 4;
const COLON: u8 = 8;
const PAIR: u8 = 16; // begins a shape of two bytes; what follows decides
const UPPER: u8 = 32; // a capital, or the first byte of a letter that may be one

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
        if byte == b':' {
            bits |= COLON;
        }
        if byte.is_ascii_uppercase() || matches!(byte, 0xC3..=0xC5) {
            bits |= UPPER;
        }
        if matches!(byte | 0x20, 0x60 | b'(' | b'{' | b'<' | 0x7F | b'-' | b'i' | 0xB8 | b'a') {
            bits |= PAIR;
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
            out.colon |= bit(COLON);
            let small = bytes[at] == 0xC3 && !(0x80..0x9F).contains(&bytes[at + 1]);
            out.upper |= bit(UPPER) & !(u64::from(small) << at);
            if bits & PAIR != 0 {
                let [first, second] = [bytes[at] | 0x20, bytes[at + 1] | 0x20];
                out.anchor |= u64::from(is_anchor(first, second)) << at;
                out.at |= u64::from(first == b'a' && second == b't') << at;
            }
        }
        out
    }

    fn quotes(self, bytes: &[u8; REACH]) -> u64 {
        let mark = |at: usize| u64::from(matches!(bytes[at], b'"' | b'\\')) << at;
        (0..WORD).fold(0, |bits, at| bits | mark(at))
    }
}

/// Whether an anchor stands at the first of two bytes: `@`; a bracket, `_` or `-` before `a`, `e`, `c`, `m`, `@` or a byte from 0x80, as in
/// `(at)`, `(ät)`, `snabel-a`, `at-merkki`, `data-cfemail`; `iu` as in `miukumauku`; `øl` as in `alfakrøll`. Bytes come with bit 0x20
/// set, so a few other signs ride along.
fn is_anchor(first: u8, second: u8) -> bool {
    match first {
        0x60 => true,
        b'(' | b'{' | b'<' | 0x7F | b'-' => {
            matches!(second, b'a' | b'e' | b'c' | b'm' | 0x60 | 0x80..)
        }
        b'i' => second == b'u',
        0xB8 => second == b'l',
        _ => false,
    }
}
