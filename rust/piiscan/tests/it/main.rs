//! The one integration binary of the core.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attached;
mod build;
mod cases;
mod containers;
mod erase;
mod formats;
mod harness;
mod hostile;
mod html;
mod laws;
mod mail;
mod mbox;
mod oracles;
mod reading;
mod rebuild;
mod record;
mod replacing;
mod sweep;
mod treating;
mod vectors;
