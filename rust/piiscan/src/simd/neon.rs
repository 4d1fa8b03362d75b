//! Vectors of NEON: 16 bytes. Every processor of this architecture has them.

#![expect(
    unsafe_code,
    reason = "vector instructions that every processor of this architecture has"
)]
#![expect(clippy::inline_always, reason = "instructions are compiled into the task that uses them")]

use std::arch::aarch64::{
    uint8x16_t, vaddv_u8, vandq_u8, vceqq_u8, vdupq_n_u8, vget_high_u8, vget_low_u8, vld1q_s8,
    vld1q_u8, vminq_u8, vorrq_u8, vqtbl1q_u8, vshlq_u8, vshrq_n_u8, vsubq_u8,
};

use super::REACH;
use super::lanes::{Lanes, table};

/// Any AArch64 processor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Neon;

impl Lanes for Neon {
    type Bytes = uint8x16_t;

    const LEN: usize = 16;

    #[inline(always)]
    fn load(self, bytes: &[u8; REACH], at: usize) -> uint8x16_t {
        let lanes: &[u8; 16] = bytes[at..].first_chunk().expect("words have bytes after them");
        // SAFETY: `lanes` is 16 readable bytes, and the instruction needs no alignment; NEON is part of AArch64.
        unsafe { vld1q_u8(lanes.as_ptr()) }
    }

    #[inline(always)]
    fn splat(self, byte: u8) -> uint8x16_t {
        // SAFETY: NEON is part of AArch64.
        unsafe { vdupq_n_u8(byte) }
    }

    #[inline(always)]
    fn equal(self, a: uint8x16_t, b: uint8x16_t) -> uint8x16_t {
        // SAFETY: NEON is part of AArch64.
        unsafe { vceqq_u8(a, b) }
    }

    #[inline(always)]
    fn among<const N: usize>(self, bytes: uint8x16_t, set: [u8; N]) -> uint8x16_t {
        let table = table(&set);
        // SAFETY: `table` is 16 readable bytes; NEON is part of AArch64.
        unsafe {
            let low = vandq_u8(bytes, vdupq_n_u8(15));
            vceqq_u8(vqtbl1q_u8(vld1q_u8(table.as_ptr()), low), bytes)
        }
    }

    #[inline(always)]
    fn min(self, a: uint8x16_t, b: uint8x16_t) -> uint8x16_t {
        // SAFETY: NEON is part of AArch64.
        unsafe { vminq_u8(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: uint8x16_t, b: uint8x16_t) -> uint8x16_t {
        // SAFETY: NEON is part of AArch64.
        unsafe { vsubq_u8(a, b) }
    }

    #[inline(always)]
    fn and(self, a: uint8x16_t, b: uint8x16_t) -> uint8x16_t {
        // SAFETY: NEON is part of AArch64.
        unsafe { vandq_u8(a, b) }
    }

    #[inline(always)]
    fn or(self, a: uint8x16_t, b: uint8x16_t) -> uint8x16_t {
        // SAFETY: NEON is part of AArch64.
        unsafe { vorrq_u8(a, b) }
    }

    #[inline(always)]
    fn high_bits(self, bytes: uint8x16_t) -> u64 {
        const PLACES: [i8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7];
        // SAFETY: `PLACES` is 16 readable bytes; NEON is part of AArch64.
        let [low, high] = unsafe {
            let bits = vshlq_u8(vshrq_n_u8::<7>(bytes), vld1q_s8(PLACES.as_ptr()));
            [vaddv_u8(vget_low_u8(bits)), vaddv_u8(vget_high_u8(bits))]
        };
        u64::from(low) | u64::from(high) << 8
    }
}
