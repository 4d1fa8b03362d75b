//! Patterns over paths, names, and the fields of messages.

use globset::{GlobBuilder, GlobMatcher};

use crate::error::{Error, ErrorKind};
use crate::message::Role;

pub(super) fn glob(pattern: &str) -> Result<GlobMatcher, Error> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build();
    Ok(glob.map_err(|_| no_glob(pattern))?.compile_matcher())
}

/// Globs that mean fields: over roles, or with `/` first over paths, in any case.
#[derive(Debug, Default)]
pub(super) struct FieldGlobs {
    /// A bit for each role.
    roles: u32,
    paths: Vec<GlobMatcher>,
    count: usize,
}

impl FieldGlobs {
    pub(super) fn new(patterns: &[String]) -> Result<Self, Error> {
        let mut made = Self { count: patterns.len(), ..Self::default() };
        for pattern in patterns {
            if pattern.starts_with('/') {
                let mut glob = GlobBuilder::new(pattern);
                let glob = glob.literal_separator(true).case_insensitive(true).build();
                made.paths.push(glob.map_err(|_| no_glob(pattern))?.compile_matcher());
            } else {
                let glob = name_glob(pattern)?;
                let roles = Role::ALL.iter().filter(|role| glob.is_match(role.name()));
                made.roles |= roles.fold(0, |bits, role| bits | bit(*role));
            }
        }
        Ok(made)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    #[inline]
    pub(super) fn fit(&self, role: Role, path: &str) -> bool {
        self.roles & bit(role) != 0 || (!self.paths.is_empty() && self.fit_path(path))
    }

    fn fit_path(&self, path: &str) -> bool {
        if path.starts_with('/') {
            return self.paths.iter().any(|glob| glob.is_match(path));
        }
        let path = format!("/{path}");
        self.paths.iter().any(|glob| glob.is_match(&path))
    }
}

pub(super) fn bit(role: Role) -> u32 {
    1 << role as u32
}

/// What messages may say of their channel. Most policies do not ask.
#[derive(Debug)]
pub(super) enum Said {
    Anything,
    Fits(GlobMatcher),
}

impl Said {
    pub(super) fn new(pattern: &str) -> Result<Self, Error> {
        if pattern == "*" { Ok(Self::Anything) } else { name_glob(pattern).map(Self::Fits) }
    }

    pub(super) fn fits(&self, channel: &str) -> bool {
        match self {
            Self::Anything => true,
            Self::Fits(glob) => glob.is_match(channel),
        }
    }
}

/// A glob over names, which have no steps.
pub(super) fn name_glob(pattern: &str) -> Result<GlobMatcher, Error> {
    let glob = GlobBuilder::new(pattern).literal_separator(false).build();
    Ok(glob.map_err(|_| no_glob(pattern))?.compile_matcher())
}

pub(super) fn no_glob(pattern: &str) -> Error {
    Error::new(ErrorKind::Config, format!("`{pattern}` is no pattern"))
}
