//! Classification of bytes into bitmaps; the only `unsafe` of the project is in the vector files beside this one.
//!
//! Bit i of a map stands for byte i of 64. The scalar form is the definition; the vector forms give the same bits. A task is run by
//! [`dispatch`], which looks once at what the processor can do; the whole task is compiled for each form.

pub(crate) mod eight;
mod lanes;
#[cfg(any(test, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod scalar;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "x86_64")]
mod sse2;

#[cfg(any(test, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(crate) use scalar::Scalar;

/// Bytes that one classification covers: one bit each.
pub(crate) const WORD: usize = 64;
/// Bytes that one classification reads: an anchor is seen with the byte after it.
pub(crate) const REACH: usize = WORD + 1;

/// What the 64 bytes are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Classes {
    /// `0-9`.
    pub(crate) digit: u64,
    /// What may stand between digits: space `-` `.` `/` `:` `(` `)` `+`.
    pub(crate) separator: u64,
    /// Parts of words: letters and digits of ASCII, and every byte from 0x80.
    pub(crate) word: u64,
    /// `:`.
    pub(crate) colon: u64,
    /// `@`, and where one of its spelled forms may stand. Looked at again by the scan.
    pub(crate) anchor: u64,
    /// `a` before `t`.
    pub(crate) at: u64,
    /// Capitals: ASCII, and the first bytes of those of Latin-1; of Latin Extended-A capital or not.
    pub(crate) upper: u64,
}

/// One way to classify.
pub(crate) trait Classify: Copy {
    /// Classifies the first 64 bytes.
    fn classify(self, bytes: &[u8; REACH]) -> Classes;

    /// Which of the first 64 bytes are `"` or `\\`.
    fn quotes(self, bytes: &[u8; REACH]) -> u64;
}

/// What is to be done with a way to classify. `run` must be `#[inline(always)]` to be compiled for it.
pub(crate) trait Task {
    /// The result.
    type Output;

    /// Does it.
    fn run(self, isa: impl Classify) -> Self::Output;
}

/// Runs a task with the best way that the processor has.
pub(crate) fn dispatch<T: Task>(task: T) -> T::Output {
    #[cfg(target_arch = "x86_64")]
    return match avx2::Avx2::detect() {
        Some(isa) => isa.run(task),
        None => task.run(sse2::Sse2),
    };
    #[cfg(target_arch = "aarch64")]
    return task.run(neon::Neon);
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    task.run(Scalar)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every way of this processor gives the bits of the scalar form.
    fn agrees(bytes: &[u8; REACH]) {
        let expected = Scalar.classify(bytes);
        let quotes = Scalar.quotes(bytes);
        #[cfg(target_arch = "x86_64")]
        {
            assert_eq!(sse2::Sse2.classify(bytes), expected);
            assert_eq!(sse2::Sse2.quotes(bytes), quotes);
            if let Some(isa) = avx2::Avx2::detect() {
                assert_eq!(isa.classify(bytes), expected);
                assert_eq!(isa.quotes(bytes), quotes);
            }
        }
        #[cfg(target_arch = "aarch64")]
        {
            assert_eq!(neon::Neon.classify(bytes), expected);
            assert_eq!(neon::Neon.quotes(bytes), quotes);
        }
    }

    #[test]
    fn every_pair_of_bytes_has_the_same_classes() {
        for first in 0..=255 {
            for second in 0..=255 {
                let mut bytes = [0; REACH];
                bytes.iter_mut().step_by(2).for_each(|byte| *byte = first);
                bytes.iter_mut().skip(1).step_by(2).for_each(|byte| *byte = second);
                agrees(&bytes);
            }
        }
    }

    #[test]
    fn a_spelled_at_is_seen_at_every_place() {
        for form in ["@", "(at)", "_at_", "-a", "iu", "øl", "[em"] {
            for at in 0..WORD {
                let mut bytes = [b'x'; REACH + 4];
                bytes[at..at + form.len()].copy_from_slice(form.as_bytes());
                let bytes = bytes.first_chunk().unwrap();
                let place = at + usize::from(form == "øl");
                let expected = if place < WORD { 1 << place } else { 0 };
                assert_eq!(Scalar.classify(bytes).anchor & expected, expected, "{form} {at}");
                agrees(bytes);
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_have_the_same_classes(
            bytes in prop::collection::vec(any::<u8>(), REACH),
            text in "[ -~åäöøæÅÄÖØÆÉßŠš –]{65}"
        ) {
            agrees(bytes.first_chunk().unwrap());
            agrees(text.as_bytes().first_chunk().unwrap());
        }
    }
}
