//! What a sweep is asked to do.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::known::Known;
use super::survey::Pass;
use super::treat::Treatment;
use crate::archive::container::CONTAINERS;
use crate::archive::limits::Limits;
use crate::archive::magic::Formats;
use crate::archive::profile::Profiles;
use crate::archive::syntax::SYNTAXES;
use crate::error::Error;
use crate::rewrite::Spool;
use crate::scan::Scanner;
use crate::token::Key;

/// What a sweep does.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "named settings of a run, each independent")]
pub struct SweepConfig {
    /// Files and folders.
    pub roots: Vec<PathBuf>,
    /// Finds personal data.
    pub scanner: Arc<Scanner>,
    /// Syntaxes, containers and layouts of vendors.
    pub formats: Formats,
    /// When to stop.
    pub limits: Limits,
    /// Number of threads; 0 for one per core.
    pub jobs: usize,
    /// Whether links are followed within their root.
    pub follow: bool,
    /// Globs over relative paths that are left out.
    pub exclude: Vec<String>,
    /// Files that were finished before, by id (see [`ObjectDone::id`]): with the same size and time they are not opened. Takes a key.
    pub known: HashMap<[u8; 8], (u64, i64)>,
    /// Files of the caller's own, such as its store.
    pub skip: Vec<PathBuf>,
    /// Whether contents are hashed.
    pub hash: bool,
    /// Key of the ids of objects and messages; without it objects are numbered and messages have no keys.
    pub key: Option<Key>,
    /// Whether parts hold the matched text of their findings.
    pub reveal: bool,
    /// Ids of objects whose texts are handed over whole.
    pub texts: HashSet<[u8; 8]>,
    /// Whether messages without findings have keys too.
    pub all_keys: bool,
    /// Only files with these ids, if any are given (see [`ObjectDone::id`]). Takes a key.
    pub only: Option<HashSet<[u8; 8]>>,
    /// What is changed; nothing without it.
    pub treatment: Option<Arc<Treatment>>,
    /// Values that are removed wherever they stand, from an earlier sweep: see [`Sweep::removed`].
    pub sought: Option<Arc<Known>>,
    /// Whether what was treated is looked at again, until nothing more comes to light.
    pub thorough: bool,
    /// Which of the passes of a treatment this is.
    pub pass: Pass,
    /// Where edits go that are too many for memory.
    pub spool: Spool,
    /// What comes in the place of an object within another that cannot be read whole; such objects stay without it.
    pub notice: Option<String>,
}

impl SweepConfig {
    /// A sweep with all tables and default limits.
    ///
    /// # Errors
    ///
    /// If a shipped profile is malformed, which a test rules out.
    pub fn new(roots: Vec<PathBuf>, scanner: Arc<Scanner>) -> Result<Self, Error> {
        let profiles = Profiles::builtin()?;
        Ok(Self {
            roots,
            scanner,
            formats: Formats { containers: CONTAINERS, syntaxes: SYNTAXES, profiles },
            limits: Limits::default(),
            jobs: 0,
            follow: false,
            exclude: Vec::new(),
            known: HashMap::new(),
            skip: Vec::new(),
            hash: false,
            key: None,
            reveal: false,
            texts: HashSet::new(),
            all_keys: false,
            only: None,
            treatment: None,
            sought: None,
            thorough: false,
            pass: Pass::Only,
            spool: Spool::default(),
            notice: None,
        })
    }
}
