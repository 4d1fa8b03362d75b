//! Containers: files that hold other files.

use super::Container;

/// Every container, in the order of ties.
pub const CONTAINERS: &[&dyn Container] = &[];
