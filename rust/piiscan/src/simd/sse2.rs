//! Vectors of SSE2: 16 bytes. Every processor of this architecture has them.

#![expect(
    unsafe_code,
    reason = "vector instructions that every processor of this architecture has"
)]
#![expect(clippy::inline_always, reason = "instructions are compiled into the task that uses them")]

use std::arch::x86_64::{
    __m128i, _mm_and_si128, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_min_epu8, _mm_movemask_epi8,
    _mm_or_si128, _mm_set1_epi8, _mm_sub_epi8,
};

use super::REACH;
use super::lanes::Lanes;

/// Any x86-64 processor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sse2;

impl Lanes for Sse2 {
    type Bytes = __m128i;

    const LEN: usize = 16;

    #[inline(always)]
    fn load(self, bytes: &[u8; REACH], at: usize) -> __m128i {
        let lanes: &[u8; 16] = bytes[at..].first_chunk().expect("words have bytes after them");
        // SAFETY: `lanes` is 16 readable bytes, and the instruction needs no alignment; SSE2 is part of x86-64.
        unsafe { _mm_loadu_si128(lanes.as_ptr().cast()) }
    }

    #[inline(always)]
    fn splat(self, byte: u8) -> __m128i {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_set1_epi8(byte.cast_signed()) }
    }

    #[inline(always)]
    fn equal(self, a: __m128i, b: __m128i) -> __m128i {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_cmpeq_epi8(a, b) }
    }

    #[inline(always)]
    fn among<const N: usize>(self, bytes: __m128i, set: [u8; N]) -> __m128i {
        set.iter()
            .fold(self.splat(0), |any, byte| self.or(any, self.equal(bytes, self.splat(*byte))))
    }

    #[inline(always)]
    fn min(self, a: __m128i, b: __m128i) -> __m128i {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_min_epu8(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: __m128i, b: __m128i) -> __m128i {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_sub_epi8(a, b) }
    }

    #[inline(always)]
    fn and(self, a: __m128i, b: __m128i) -> __m128i {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_and_si128(a, b) }
    }

    #[inline(always)]
    fn or(self, a: __m128i, b: __m128i) -> __m128i {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_or_si128(a, b) }
    }

    #[inline(always)]
    fn high_bits(self, bytes: __m128i) -> u64 {
        // SAFETY: SSE2 is part of x86-64.
        let bits = unsafe { _mm_movemask_epi8(bytes) };
        u64::from(bits.cast_unsigned())
    }
}
