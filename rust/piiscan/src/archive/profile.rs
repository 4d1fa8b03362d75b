//! Profiles: a vendor's paths mapped to roles.

use std::sync::Arc;

use super::Probe;
use crate::error::Error;

/// A vendor's layout.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its id.
    pub id: String,
    /// The channel of its messages.
    pub channel: Option<String>,
}

/// The profiles of a run.
#[derive(Clone, Debug, Default)]
pub struct Profiles {}

impl Profiles {
    /// The shipped profiles.
    ///
    /// # Errors
    ///
    /// If a shipped profile is not valid.
    pub fn builtin() -> Result<Self, Error> {
        Ok(Self {})
    }

    /// The profile of a syntax whose marks the head holds.
    pub fn choose(&self, _probe: &Probe<'_>, _syntax: &str) -> Option<Arc<Profile>> {
        None
    }
}
