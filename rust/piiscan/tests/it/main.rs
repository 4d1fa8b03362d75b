//! The one integration binary of the core.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cases;
mod formats;
mod laws;
mod reading;
