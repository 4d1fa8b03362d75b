//! Syntaxes: grammars of messages.

use super::Syntax;

/// Every syntax, in the order of ties.
pub const SYNTAXES: &[&dyn Syntax] = &[];
