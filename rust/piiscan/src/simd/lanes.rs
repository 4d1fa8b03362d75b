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
            let digit = within(self, byte, b'0', 10);
            let letter = within(self, lower, b'a', 26);
            // The highest bit of a byte from 0x80 is its own mark.
            let word = self.or(self.or(digit, letter), byte);
            let bits = |mask| self.high_bits(mask) << at;
            out.digit |= bits(digit);
            out.separator |= bits(separator(self, byte));
            out.word |= bits(word);
            out.hex |= bits(within(self, lower, b'a', 6));
            out.colon |= bits(is(self, byte, b':'));
            out.upper |= bits(within(self, byte, b'A', 26));
            out.anchor |= bits(anchor(self, bytes, at, byte, lower));
        }
        out
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

#[inline(always)]
fn separator<L: Lanes>(isa: L, byte: L::Bytes) -> L::Bytes {
    let dash_dot_slash = within(isa, byte, b'-', 3);
    let brackets = within(isa, byte, b'(', 2);
    let space_plus = isa.or(is(isa, byte, b' '), is(isa, byte, b'+'));
    isa.or(isa.or(dash_dot_slash, brackets), isa.or(space_plus, is(isa, byte, b':')))
}

/// See the scalar form for what is sought.
#[inline(always)]
fn anchor<L: Lanes>(
    isa: L,
    bytes: &[u8; REACH],
    at: usize,
    byte: L::Bytes,
    lower: L::Bytes,
) -> L::Bytes {
    let second = isa.or(isa.load(bytes, at + 1), isa.splat(0x20));
    let third = isa.or(isa.load(bytes, at + 2), isa.splat(0x20));
    let fourth = isa.load(bytes, at + 3);
    let (and, or) = (|a, b| isa.and(a, b), |a, b| isa.or(a, b));
    let (now, next) = (|byte| is(isa, lower, byte), |byte| is(isa, second, byte));
    let before_a = next(b'a');
    let bracket = or(or(now(b'('), now(b'{')), or(now(b'<'), now(0x7F)));
    let in_bracket = or(or(before_a, next(b'e')), or(next(0x60), next(0xE3)));
    let dash = and(is(isa, byte, b'-'), or(before_a, or(next(b'm'), next(b'c'))));
    let iu = and(now(b'i'), next(b'u'));
    let ol = and(now(0xB8), next(b'l'));
    let spaces = and(is(isa, byte, b' '), is(isa, fourth, b' '));
    let bare = and(and(spaces, before_a), is(isa, third, b't'));
    let formed = or(and(bracket, in_bracket), or(dash, iu));
    or(or(now(0x60), formed), or(ol, bare))
}
