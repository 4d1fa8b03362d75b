//! Profiles: a vendor's paths mapped to roles.

/// A vendor's layout.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its id.
    pub id: String,
}
