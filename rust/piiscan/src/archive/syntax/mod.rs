//! Syntaxes: grammars of messages.

use super::Syntax;

pub mod html;
pub mod mbox;
pub mod mime;

/// Every syntax, in the order of ties.
pub const SYNTAXES: &[&dyn Syntax] = &[&mbox::Mbox, &mime::Mime, &html::Html];
