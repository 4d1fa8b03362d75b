//! Words around a span: 40 characters on either side, whole words, any case, within the paragraph.

use super::Field;

/// How near a context word stands. Greater is nearer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Near {
    /// None in the window.
    #[default]
    No,
    /// After the span.
    After,
    /// Before the span.
    Before,
    /// Directly before it: only spaces, `:`, `.`, `#` or "nr" between; or in the label.
    Adjacent,
}

impl Near {
    /// Whether there is a word at all.
    pub fn is_near(self) -> bool {
        self != Self::No
    }
}

/// Looks words up for one detector.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lookup<'t> {
    pub(crate) _words: &'t (),
}

impl Lookup<'_> {
    pub(crate) fn near(&self, _field: Field<'_>, _list: usize, _start: usize, _end: usize) -> Near {
        Near::No
    }
}
