//! What changes in an object: in its own bytes, or in the objects that it holds.

use std::collections::BTreeMap;
use std::fmt;

use super::EditList;

/// The changes of one object. Nothing set: the object is copied as it is.
#[derive(Clone, Default, PartialEq)]
pub struct Changes {
    /// Edits in the bytes of the object itself. Of an object that is a container they are not used.
    pub edits: EditList,
    /// Its new name, if it is an entry.
    pub name: Option<Vec<u8>>,
    /// The changes of its entries, if it is a container: by the number of entries that `Container::entries` handed out before, those
    /// that were refused and those that are no files (comments, gaps) counted.
    pub entries: BTreeMap<u32, Self>,
    /// The whole content, new: a notice in place of what could not be read.
    pub replaced: Option<Vec<u8>>,
}

/// `Debug` never shows text.
impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Changes({} edits, {} entries)", self.edits.len(), self.entries.len())
    }
}

impl Changes {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && !self.touches_content()
    }

    /// Number of places that change, in the objects within too.
    pub fn count(&self) -> usize {
        let own = self.edits.len() + usize::from(self.name.is_some() || self.replaced.is_some());
        own + self.entries.values().map(Self::count).sum::<usize>()
    }

    /// Whether the content changes, not only the name.
    pub fn touches_content(&self) -> bool {
        self.replaced.is_some()
            || !self.edits.is_empty()
            || self.entries.values().any(|changes| !changes.is_empty())
    }

    /// By how many bytes the content grows, if its edits are plain and all that changes.
    pub(super) fn growth(&self) -> Option<i64> {
        if self.replaced.is_some() || !self.entries.is_empty() {
            return None;
        }
        self.edits.growth()
    }
}
