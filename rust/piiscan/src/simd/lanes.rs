//! Classification by vectors, written once for every instruction set.

#![expect(clippy::inline_always, reason = "it is compiled for the instruction set of its caller")]

use super::{Classes, Classify, REACH, WORD};

/// Operations on vectors of bytes. A value proves that the processor has them.
pub(super) trait Lanes: Copy {
    /// A vector.
    type Bytes: Copy;

    /// Bytes in a vector: 32 or less.
    const LEN: usize;

    /// The bytes from `at` on.
    fn load(self, bytes: &[u8; REACH], at: usize) -> Self::Bytes;

    /// The byte in every lane.
    fn splat(self, byte: u8) -> Self::Bytes;

    /// All bits set in lanes that are equal, none in others.
    fn equal(self, a: Self::Bytes, b: Self::Bytes) -> Self::Bytes;

    /// The same for lanes that hold a byte of the set. No two bytes of it have the same lower four bits, none is above 0x7F.
    fn among<const N: usize>(self, bytes: Self::Bytes, set: [u8; N]) -> Self::Bytes;

    /// The lower of two unsigned bytes.
    fn min(self, a: Self::Bytes, b: Self::Bytes) -> Self::Bytes;

    /// The difference without overflow checks.
    fn sub(self, a: Self::Bytes, b: Self::Bytes) -> Self::Bytes;

    /// Bits of both.
    fn and(self, a: Self::Bytes, b: Self::Bytes) -> Self::Bytes;

    /// Bits of either.
    fn or(self, a: Self::Bytes, b: Self::Bytes) -> Self::Bytes;

    /// The highest bit of every lane.
    fn high_bits(self, bytes: Self::Bytes) -> u64;
}

impl<L: Lanes> Classify for L {
    #[inline(always)]
    fn classify(self, bytes: &[u8; REACH]) -> Classes {
        let mut out = Classes::default();
        for at in (0..WORD).step_by(L::LEN) {
            let byte = self.load(bytes, at);
            let lower = self.or(byte, self.splat(0x20));
            let next = self.load(bytes, at + 1);
            let second = self.or(next, self.splat(0x20));
            let digit = within(self, byte, b'0', 10);
            let letter = within(self, lower, b'a', 26);
            // The highest bit of a byte from 0x80 is its own mark.
            let word = self.or(self.or(digit, letter), byte);
            let bits = |mask| self.high_bits(mask) << at;
            out.digit |= bits(digit);
            out.separator |= bits(self.among(byte, *b" -./:()+"));
            out.word |= bits(word);
            out.colon |= bits(is(self, byte, b':'));
            out.anchor |= bits(anchor(self, lower, second));
            out.at |= bits(self.and(is(self, lower, b'a'), is(self, second, b't')));
            out.upper |= bits(capital(self, byte, next));
        }
        out
    }

    #[inline(always)]
    fn quotes(self, bytes: &[u8; REACH]) -> u64 {
        let mut bits = 0;
        for at in (0..WORD).step_by(L::LEN) {
            let byte = self.load(bytes, at);
            let mark = self.or(is(self, byte, b'"'), is(self, byte, b'\\'));
            bits |= self.high_bits(mark) << at;
        }
        bits
    }
}

#[inline(always)]
fn is<L: Lanes>(isa: L, bytes: L::Bytes, byte: u8) -> L::Bytes {
    isa.equal(bytes, isa.splat(byte))
}

/// Bytes of the range of `len` from `first`.
#[inline(always)]
fn within<L: Lanes>(isa: L, bytes: L::Bytes, first: u8, len: u8) -> L::Bytes {
    let offset = isa.sub(bytes, isa.splat(first));
    isa.equal(isa.min(offset, isa.splat(len - 1)), offset)
}

/// See the scalar form for what is sought.
#[inline(always)]
fn capital<L: Lanes>(isa: L, first: L::Bytes, second: L::Bytes) -> L::Bytes {
    let latin = isa.and(is(isa, first, 0xC3), within(isa, second, 0x80, 0x1F));
    isa.or(within(isa, first, b'A', 26), isa.or(latin, within(isa, first, 0xC4, 2)))
}

/// See the scalar form for what is sought.
#[inline(always)]
fn anchor<L: Lanes>(isa: L, first: L::Bytes, second: L::Bytes) -> L::Bytes {
    let sign = is(isa, first, 0x60);
    let opening = isa.among(first, *b"({<\x7F-");
    let inner = isa.or(isa.among(second, *b"\x60aecm"), second);
    let iu = isa.and(is(isa, first, b'i'), is(isa, second, b'u'));
    let ol = isa.and(is(isa, first, 0xB8), is(isa, second, b'l'));
    isa.or(isa.or(sign, isa.and(opening, inner)), isa.or(iu, ol))
}

/// A table that gives a byte of the set to its lower four bits, and to others a byte that has other ones.
#[inline(always)]
pub(super) fn table(set: &[u8]) -> [u8; 16] {
    let mut table = [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];
    for byte in set {
        table[usize::from(byte & 15)] = *byte;
    }
    table
}
