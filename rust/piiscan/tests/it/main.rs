//! The one integration binary of the core.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod build;
mod cases;
mod containers;
mod harness;
mod hostile;
mod html;
mod mail;
mod mbox;
mod oracles;
mod record;
mod sweep;
mod vectors;
