//! Eight bytes of a text as one integer, first byte lowest: what is asked of each is asked of all of them at once.

#![expect(clippy::inline_always, reason = "compiled with its callers, for their processor")]

/// The high bit of every byte.
pub(crate) const HIGH: u64 = every(0x80);
/// What makes ASCII letters lower case. Digits stay as they are.
pub(crate) const FOLD: u64 = every(0x20);

/// Eight times this byte.
pub(crate) const fn every(byte: u8) -> u64 {
    byte as u64 * 0x0101_0101_0101_0101
}

/// The eight bytes at a place, if there are so many.
#[inline(always)]
pub(crate) fn load(text: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*text.get(at..)?.first_chunk()?))
}

/// The mask of so many bytes, eight at most.
#[inline(always)]
pub(crate) fn mask(bytes: usize) -> u64 {
    const MASKS: [u64; 9] = {
        let mut masks = [0; 9];
        let mut at = 1;
        while at < 9 {
            masks[at] = masks[at - 1] << 8 | 0xff;
            at += 1;
        }
        masks
    };
    MASKS[bytes.min(8)]
}

/// The high bits of those bytes that are ASCII, but no letter or digit.
#[inline(always)]
pub(crate) fn signs(bytes: u64) -> u64 {
    // No sum reaches the next byte: seven bits and less than 0x80.
    let low = bytes & !HIGH;
    let folded = low | FOLD;
    let letter = folded.wrapping_add(every(0x80 - b'a'));
    let beyond = folded.wrapping_add(every(0x80 - b'z' - 1));
    let digit = low.wrapping_add(every(0x80 - b'0'));
    let past = low.wrapping_add(every(0x80 - b'9' - 1));
    !(letter & !beyond | digit & !past | bytes) & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_what_is_neither_letter_nor_digit_nor_beyond_ascii() {
        for byte in 0..=255_u8 {
            let is_sign = byte.is_ascii() && !byte.is_ascii_alphanumeric();
            assert_eq!(signs(every(byte)), if is_sign { HIGH } else { 0 }, "{byte:#x}");
            let beside = u64::from_le_bytes([b'a', byte, 0xff, byte, b'0', b'z', byte, 0x80]);
            let expected = if is_sign { 0x0080_0000_8000_8000 } else { 0 };
            assert_eq!(signs(beside), expected, "{byte:#x}");
        }
    }

    #[test]
    fn a_mask_keeps_the_first_bytes() {
        assert_eq!((mask(0), mask(1), mask(3)), (0, 0xff, 0xff_ffff));
        assert_eq!((mask(8), mask(9)), (u64::MAX, u64::MAX));
    }
}
