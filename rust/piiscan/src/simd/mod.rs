//! Classification of bytes into bitmaps; the only `unsafe` of the project is in the vector files beside this one.
//!
//! Bit i of a map stands for byte i of 64. The scalar form is the definition; the vector forms give the same bits. A task is run by
//! [`dispatch`], which looks once at what the processor can do; the whole task is compiled for each vector form.

mod scalar;

pub(crate) use scalar::Scalar;

/// Bytes that one classification covers: one bit each.
pub(crate) const WORD: usize = 64;
/// Bytes that one classification reads: the shape of an anchor is seen from its first byte.
pub(crate) const REACH: usize = WORD + 4;

/// What the 64 bytes are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Classes {
    /// `0-9`.
    pub(crate) digit: u64,
    /// What may stand between digits: space `-` `.` `/` `:` `(` `)` `+`.
    pub(crate) separator: u64,
    /// Parts of words: letters and digits of ASCII, and every byte from 0x80.
    pub(crate) word: u64,
    /// `A-F` and `a-f`.
    pub(crate) hex: u64,
    /// `:`.
    pub(crate) colon: u64,
    /// `A-Z`.
    pub(crate) upper: u64,
    /// `@`, and where one of its spelled forms may stand. Looked at again by the scan.
    pub(crate) anchor: u64,
}

/// One way to classify.
pub(crate) trait Classify: Copy {
    /// Classifies the first 64 bytes.
    fn classify(self, bytes: &[u8; REACH]) -> Classes;
}

/// What is to be done with a way to classify. `run` must be `#[inline(always)]` to be compiled for it.
pub(crate) trait Task {
    /// The result.
    type Output;

    /// Does it.
    fn run(self, classify: impl Classify) -> Self::Output;
}

/// Runs a task with the best way that the processor has.
pub(crate) fn dispatch<T: Task>(task: T) -> T::Output {
    task.run(Scalar)
}
