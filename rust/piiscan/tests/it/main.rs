//! The one integration binary of the core.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cases;
mod html;
mod mail;
mod mbox;
mod oracles;
mod record;
mod vectors;
