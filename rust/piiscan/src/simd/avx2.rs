//! Vectors of AVX2: 32 bytes.

#![expect(unsafe_code, reason = "vector instructions; a value of `Avx2` proves that they exist")]
#![expect(clippy::inline_always, reason = "instructions are compiled into the task that uses them")]

use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8,
    _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
    _mm256_shuffle_epi8, _mm256_sub_epi8,
};

use super::lanes::{Lanes, table};
use super::{REACH, Task};

/// A processor with AVX2 and the bit instructions that came with it. Only [`Avx2::detect`] makes one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Avx2(());

impl Avx2 {
    /// Looks at the processor.
    pub(super) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt");
        has.then_some(Self(()))
    }

    /// Runs a task compiled for AVX2.
    pub(super) fn run<T: Task>(self, task: T) -> T::Output {
        // SAFETY: `detect` has seen every feature that `compiled` needs.
        unsafe { compiled(self, task) }
    }
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn compiled<T: Task>(isa: Avx2, task: T) -> T::Output {
    task.run(isa)
}

impl Lanes for Avx2 {
    type Bytes = __m256i;

    const LEN: usize = 32;

    #[inline(always)]
    fn load(self, bytes: &[u8; REACH], at: usize) -> __m256i {
        let lanes: &[u8; 32] = bytes[at..].first_chunk().expect("words have bytes after them");
        // SAFETY: `lanes` is 32 readable bytes, and the instruction needs no alignment; `self` proves AVX2.
        unsafe { _mm256_loadu_si256(lanes.as_ptr().cast()) }
    }

    #[inline(always)]
    fn splat(self, byte: u8) -> __m256i {
        // SAFETY: `self` proves AVX2.
        unsafe { _mm256_set1_epi8(byte.cast_signed()) }
    }

    #[inline(always)]
    fn equal(self, a: __m256i, b: __m256i) -> __m256i {
        // SAFETY: `self` proves AVX2.
        unsafe { _mm256_cmpeq_epi8(a, b) }
    }

    #[inline(always)]
    fn among<const N: usize>(self, bytes: __m256i, set: [u8; N]) -> __m256i {
        let table = table(&set);
        // SAFETY: `table` is 16 readable bytes, and the instruction needs no alignment; `self` proves AVX2.
        unsafe {
            let table = _mm256_broadcastsi128_si256(_mm_loadu_si128(table.as_ptr().cast()));
            _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, bytes), bytes)
        }
    }

    #[inline(always)]
    fn min(self, a: __m256i, b: __m256i) -> __m256i {
        // SAFETY: `self` proves AVX2.
        unsafe { _mm256_min_epu8(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: __m256i, b: __m256i) -> __m256i {
        // SAFETY: `self` proves AVX2.
        unsafe { _mm256_sub_epi8(a, b) }
    }

    #[inline(always)]
    fn and(self, a: __m256i, b: __m256i) -> __m256i {
        // SAFETY: `self` proves AVX2.
        unsafe { _mm256_and_si256(a, b) }
    }

    #[inline(always)]
    fn or(self, a: __m256i, b: __m256i) -> __m256i {
        // SAFETY: `self` proves AVX2.
        unsafe { _mm256_or_si256(a, b) }
    }

    #[inline(always)]
    fn high_bits(self, bytes: __m256i) -> u64 {
        // SAFETY: `self` proves AVX2.
        let bits = unsafe { _mm256_movemask_epi8(bytes) };
        u64::from(bits.cast_unsigned())
    }
}
