//! The compiled core of piiscan: says what personal data is in message archives, and where.
//!
//! The core answers *what is there*. It knows no Python, no policy, no clock and no network. Text is decoded for
//! scanning; every finding knows its span in the decoded text and its range of raw bytes in the source.

pub mod archive;
pub mod calendar;
pub mod checksum;
pub mod coverage;
pub mod detect;
pub mod error;
pub mod finding;
pub mod lexicon;
pub mod message;
pub mod operate;
pub mod rewrite;
pub mod scan;
mod simd;
pub mod sweep;
pub mod token;
pub mod view;

pub use error::{Error, ErrorKind};
