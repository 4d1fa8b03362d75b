//! A run of digits with its groups and separators, parsed once and shared by all number detectors.
//!
//! Grammar, over folded text: `[+(]?(00)?\d((SEP)?\d)*` where SEP is one of: a space; a dash with an optional space on either
//! side; `.`, `/` or `:`; `(0)` or `)` with optional spaces. Never newline, tab, comma, semicolon or letters.

use smallvec::SmallVec;

/// What stands between two groups of digits, or before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sep {
    /// Nothing: the first group.
    None,
    /// One space.
    Space,
    /// A dash, spaces around it or not.
    Dash,
    /// A full stop.
    Dot,
    /// A slash.
    Slash,
    /// A colon.
    Colon,
    /// A closing parenthesis, or `(0)`: then the group before holds the 0.
    Paren,
    /// A plus, as in personal numbers of people over 100.
    Plus,
}

/// Digits that stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// First byte in the field.
    pub start: u32,
    /// Number of digits.
    pub len: u32,
    /// What stands before it.
    pub sep: Sep,
}

impl Group {
    /// One past the last byte.
    pub fn end(&self) -> u32 {
        self.start + self.len
    }
}

/// Digits kept of a run. Longer runs are counted, but only these are looked at.
pub const DIGITS_MAX: usize = 64;

/// A run of digits.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// First byte, a leading `+` or `(` included.
    pub start: u32,
    /// One past the last digit.
    pub end: u32,
    /// Whether it starts with `+`.
    pub plus: bool,
    /// The first [`DIGITS_MAX`] digit values.
    pub digits: SmallVec<[u8; DIGITS_MAX]>,
    /// All digits, also those not kept.
    pub count: u32,
    /// The groups, as far as their digits are kept.
    pub groups: SmallVec<[Group; 8]>,
}
