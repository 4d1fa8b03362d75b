//! Folder to files in a stable order.
//!
//! Every name is looked at with `lstat`, so a link is seen as a link. Links are not followed unless asked for, and then never
//! out of the root or in a circle. What is not read is listed with its reason. The order is that of the bytes of the relative path,
//! so it is the same on every file system. The walk is lazy and keeps one listing per level, without recursion.
//!
//! Names are bytes: on Unix as the system stores them, on Windows as WTF-8, which is UTF-8 for every name that is valid
//! Unicode and keeps unpaired surrogates apart.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, FileType, Metadata};
use std::path::{Path, PathBuf};

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::source::{Stamp, is_out_of_descriptors};
use crate::coverage::Status;
use crate::error::{Error, ErrorKind};

/// Something under a root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Number of the root.
    pub root: u32,
    /// Its path.
    pub path: PathBuf,
    /// Its name in locations: bytes of the path relative to the root, with `/`; several roots are told apart by their own names.
    pub name: Vec<u8>,
    /// What is known without opening it.
    pub stamp: Stamp,
    /// What to do with it.
    pub kind: Kind,
}

/// What to do with something found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A regular file: read it.
    File,
    /// A folder with nothing in it: its name is all there is.
    Empty,
    /// Not read, with the reason.
    Refused(Status, String),
}

/// What a walk looks for.
#[derive(Debug, Default, Clone)]
pub struct Options {
    /// Files and folders to start from.
    pub roots: Vec<PathBuf>,
    /// Whether links are followed as long as they stay under their root.
    pub follow: bool,
    /// Globs over relative paths that are left out, and listed.
    pub exclude: Vec<String>,
    /// Files of the caller's own that are left out: a store, its key.
    pub skip: Vec<PathBuf>,
}

/// A listing of one folder, sorted; the next one last.
#[derive(Debug)]
struct Level {
    path: PathBuf,
    name: Vec<u8>,
    id: (u64, u64),
    entries: Vec<(OsString, bool)>,
}

/// Walks the roots lazily.
#[derive(Debug)]
pub struct Walk {
    options: Options,
    exclude: GlobSet,
    skip: HashSet<PathBuf>,
    labels: Vec<Vec<u8>>,
    root: usize,
    /// The canonical path of the present root.
    ground: PathBuf,
    stack: Vec<Level>,
    followed: HashSet<PathBuf>,
}

impl Walk {
    /// A walk over `options.roots`, in the order given.
    ///
    /// # Errors
    ///
    /// If a glob is malformed or a root does not exist.
    pub fn new(options: Options) -> Result<Self, Error> {
        let mut globs = GlobSetBuilder::new();
        for glob in &options.exclude {
            let glob = Glob::new(glob).map_err(|error| {
                Error::new(ErrorKind::Config, format!("exclude: {}", error.kind()))
            })?;
            globs.add(glob);
        }
        let exclude = globs
            .build()
            .map_err(|error| Error::new(ErrorKind::Config, format!("exclude: {}", error.kind())))?;
        for root in &options.roots {
            // A dangling link is listed, so only the name has to exist.
            fs::symlink_metadata(root).map_err(|error| {
                let number = options.roots.iter().position(|other| other == root).unwrap_or(0) + 1;
                let reason = format!("root {number} cannot be read: {}", error.kind());
                Error::new(ErrorKind::Io, reason)
            })?;
        }
        let skip = options.skip.iter().filter_map(|path| path.canonicalize().ok()).collect();
        let labels = labels(&options.roots);
        Ok(Self {
            options,
            exclude,
            skip,
            labels,
            root: 0,
            ground: PathBuf::new(),
            stack: Vec::new(),
            followed: HashSet::new(),
        })
    }

    /// Starts with the next root: a folder is opened, anything else is what the walk found.
    fn enter(&mut self, root: &Path) -> Option<Found> {
        // A root that is a link was named by the caller, so it is followed.
        let path = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
        let label = self.labels[self.root].clone();
        let name = if label.is_empty() { file_name(&path) } else { label.clone() };
        let meta = match fs::symlink_metadata(&path) {
            Ok(meta) => meta,
            Err(error) => return Some(self.refused(path, name, Status::Error, reason_of(&error))),
        };
        if !meta.is_dir() {
            return Some(self.look(path, name, &meta));
        }
        self.ground.clone_from(&path);
        match list(&path) {
            Ok(entries) => {
                let id = Stamp::of(&meta).id;
                self.stack.push(Level { path, name: label, id, entries });
                None
            }
            Err(error) => Some(self.refused(path, name, Status::Error, reason_of(&error))),
        }
    }

    /// What a name in the innermost folder is; `None` for a folder that was opened.
    fn visit(&mut self, entry: &OsStr) -> Option<Found> {
        let level = self.stack.last().expect("a name comes from a level");
        let path = level.path.join(entry);
        let mut name = level.name.clone();
        if !name.is_empty() {
            name.push(b'/');
        }
        name.extend_from_slice(entry.as_encoded_bytes());
        let meta = match fs::symlink_metadata(&path) {
            Ok(meta) => meta,
            Err(error) => return Some(self.refused(path, name, Status::Error, reason_of(&error))),
        };
        if self.is_excluded(&name) {
            let mut found = self.refused(path, name, Status::Skipped, "left out on request".into());
            found.stamp = if meta.is_file() { Stamp::of(&meta) } else { Stamp::default() };
            return Some(found);
        }
        if meta.is_symlink() { self.link(path, name) } else { self.settle(path, name, &meta) }
    }

    /// A folder is opened; anything else is looked at.
    fn settle(&mut self, path: PathBuf, name: Vec<u8>, meta: &Metadata) -> Option<Found> {
        if !meta.is_dir() {
            return Some(self.look(path, name, meta));
        }
        match list(&path) {
            Ok(entries) if entries.is_empty() => {
                let root = self.number();
                let stamp = Stamp { size: 0, ..Stamp::of(meta) };
                Some(Found { root, path, name, stamp, kind: Kind::Empty })
            }
            Ok(entries) => {
                self.stack.push(Level { path, name, id: Stamp::of(meta).id, entries });
                None
            }
            Err(error) => Some(self.refused(path, name, Status::Error, reason_of(&error))),
        }
    }

    /// A link, followed only on request, under the root, once, and never upwards.
    fn link(&mut self, path: PathBuf, name: Vec<u8>) -> Option<Found> {
        let refuse = |walk: &Self, path, reason: &str| {
            Some(walk.refused(path, name.clone(), Status::Skipped, reason.into()))
        };
        if !self.options.follow {
            return refuse(self, path, "link not followed");
        }
        let Ok(target) = path.canonicalize() else {
            return refuse(self, path, "link to nothing, or to itself");
        };
        if !target.starts_with(&self.ground) {
            return refuse(self, path, "link out of the root");
        }
        let Ok(meta) = fs::symlink_metadata(&target) else {
            return refuse(self, path, "link to nothing, or to itself");
        };
        let id = Stamp::of(&meta).id;
        let above = |level: &Level| level.path == target || (id != (0, 0) && level.id == id);
        if meta.is_dir() && self.stack.iter().any(above) {
            return refuse(self, path, "link to a folder above it");
        }
        if !self.followed.insert(target.clone()) {
            return refuse(self, path, "link to what another link led to");
        }
        self.settle(target, name, &meta)
    }

    /// Something that is no folder.
    fn look(&self, path: PathBuf, name: Vec<u8>, meta: &Metadata) -> Found {
        if !meta.is_file() {
            return self.refused(path, name, Status::Skipped, describe(meta.file_type()).into());
        }
        let alike = self.skip.iter().any(|own| own.file_name() == path.file_name());
        if alike && path.canonicalize().is_ok_and(|path| self.skip.contains(&path)) {
            let mut found = self.refused(path, name, Status::Skipped, "a file of piiscan".into());
            found.stamp = Stamp::of(meta);
            return found;
        }
        Found { root: self.number(), path, name, stamp: Stamp::of(meta), kind: Kind::File }
    }

    fn refused(&self, path: PathBuf, name: Vec<u8>, status: Status, reason: String) -> Found {
        let kind = Kind::Refused(status, reason);
        Found { root: self.number(), path, name, stamp: Stamp::default(), kind }
    }

    fn number(&self) -> u32 {
        u32::try_from(self.root).unwrap_or(u32::MAX)
    }

    /// Globs are matched against the path within the root.
    fn is_excluded(&self, name: &[u8]) -> bool {
        if self.exclude.is_empty() {
            return false;
        }
        let label = &self.labels[self.root];
        let within = if label.is_empty() { name } else { &name[label.len() + 1..] };
        self.exclude.is_match(Path::new(String::from_utf8_lossy(within).as_ref()))
    }
}

impl Iterator for Walk {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if let Some(level) = self.stack.last_mut() {
                let Some((entry, _)) = level.entries.pop() else {
                    self.stack.pop();
                    self.root += usize::from(self.stack.is_empty());
                    continue;
                };
                if let Some(found) = self.visit(&entry) {
                    return Some(found);
                }
                continue;
            }
            let root = self.options.roots.get(self.root)?.clone();
            let found = self.enter(&root);
            if found.is_some() || self.stack.is_empty() {
                self.root += 1;
            }
            if found.is_some() {
                return found;
            }
        }
    }
}

/// What a name sorts by.
fn key((name, folder): &(OsString, bool)) -> impl Iterator<Item = u8> {
    name.as_encoded_bytes().iter().copied().chain(folder.then_some(b'/'))
}

/// The names of a folder in reverse order of paths, so that the next one is popped. A folder sorts as if its name ended in `/`.
fn list(path: &Path) -> std::io::Result<Vec<(OsString, bool)>> {
    let mut tries = 0;
    let listing = loop {
        match fs::read_dir(path) {
            Err(error) if tries < 20 && is_out_of_descriptors(&error) => {
                tries += 1;
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            listing => break listing?,
        }
    };
    let mut entries = Vec::new();
    for entry in listing {
        let entry = entry?;
        entries.push((entry.file_name(), entry.file_type().is_ok_and(|kind| kind.is_dir())));
    }
    entries.sort_unstable_by(|a, b| key(b).cmp(key(a)));
    Ok(entries)
}

/// How several roots are told apart in locations: by their last components, as many as it takes. A single root needs no name.
fn labels(roots: &[PathBuf]) -> Vec<Vec<u8>> {
    if roots.len() < 2 {
        return vec![Vec::new(); roots.len()];
    }
    let full: Vec<Vec<Vec<u8>>> = roots
        .iter()
        .map(|root| {
            let path = root.canonicalize().unwrap_or_else(|_| root.clone());
            path.components().map(|part| part.as_os_str().as_encoded_bytes().to_vec()).collect()
        })
        .collect();
    let longest = full.iter().map(Vec::len).max().unwrap_or(1);
    for depth in 1..=longest {
        let names: Vec<Vec<u8>> = full
            .iter()
            .map(|parts| parts[parts.len().saturating_sub(depth)..].join(&b'/'))
            .collect();
        if names.iter().collect::<HashSet<_>>().len() == names.len() {
            return names;
        }
    }
    // The same root twice: told apart by number.
    (1..=roots.len()).map(|number| format!("root-{number}").into_bytes()).collect()
}

fn file_name(path: &Path) -> Vec<u8> {
    path.file_name().unwrap_or(path.as_os_str()).as_encoded_bytes().to_vec()
}

fn reason_of(error: &std::io::Error) -> String {
    error.kind().to_string()
}

#[cfg(unix)]
fn describe(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match kind {
        kind if kind.is_fifo() => "named pipe",
        kind if kind.is_socket() => "socket",
        kind if kind.is_char_device() || kind.is_block_device() => "device",
        _ => "not a regular file",
    }
}

#[cfg(not(unix))]
fn describe(_: FileType) -> &'static str {
    "not a regular file"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_of_the_same_name_are_told_apart() {
        let roots = [PathBuf::from("/nowhere/a/x"), PathBuf::from("/nowhere/b/x")];
        assert_eq!(labels(&roots), [b"a/x".to_vec(), b"b/x".to_vec()]);
        assert_eq!(labels(&roots[..1]), [b"".to_vec()]);
    }

    #[test]
    fn a_missing_root_is_refused_without_its_name() {
        let options = Options { roots: vec!["/nowhere/811218-9876".into()], ..Options::default() };
        let error = Walk::new(options).unwrap_err();
        assert!(!error.to_string().contains("811218"));
    }
}
