//! The changes of an object and of the objects within it, put together from what is said of them in order.

use std::collections::HashMap;

use std::sync::Arc;

use super::event::EditRow;
use super::item::{Edited, Handle, Item};
use crate::archive::seam::Seams;
use crate::coverage::Status;
use crate::rewrite::{Changes, EditList, Shared, Spool};

/// How much the edits of a file may take in memory.
const MEMORY: usize = 8 << 20; // bytes

/// Objects that are not closed yet, with what is known of their changes.
#[derive(Debug, Default)]
pub(super) struct Gather {
    spool: Spool,
    /// What comes in the place of an object that cannot be read whole.
    notice: Option<String>,
    /// Edits of the present file that were too many for memory.
    file: Option<Arc<Shared>>,
    /// Bytes of edits in memory.
    memory: usize,
    open: HashMap<Handle, Node>,
    /// Changes of those that were closed and lie in nothing that is open here.
    pub(super) done: Vec<(Handle, Changes)>,
}

#[derive(Debug, Default)]
struct Node {
    parent: Option<Handle>,
    /// Its number among the entries of its parent; none for what lies within a block.
    number: Option<u32>,
    /// Entries so far.
    entries: u32,
    changes: Changes,
    seams: Seams,
    status: Status,
}

impl Gather {
    /// With a place for edits that are too many for memory, and what comes in the place of what cannot be read whole.
    pub(super) fn new(spool: Spool, notice: Option<String>) -> Self {
        Self { spool, notice, ..Self::default() }
    }

    /// Takes notice of an item.
    pub(super) fn see(&mut self, item: &mut Item) {
        match item {
            Item::Open(open) => {
                let parent = open.parent.and_then(|parent| self.open.get_mut(&parent));
                let number = match parent {
                    Some(parent) if !open.inner => {
                        parent.entries += 1;
                        Some(parent.entries - 1)
                    }
                    _ => None,
                };
                let mut node = Node { parent: open.parent, number, ..Node::default() };
                if self.spool == Spool::Count {
                    node.changes.edits = EditList::counting();
                }
                self.open.insert(open.handle, node);
            }
            Item::Edited(edited) => self.edited(edited),
            Item::Close(close) => {
                let Some(mut node) = self.open.remove(&close.handle) else { return };
                let status = node.status.max(close.problems.status);
                if let (Some(notice), Some(_), true) =
                    (&self.notice, node.parent, status.is_incomplete())
                {
                    let replaced = Some(notice.clone().into_bytes());
                    node.changes =
                        Changes { name: node.changes.name, replaced, ..Changes::default() };
                    close.is_left_out = true;
                }
                let parent = node.parent.and_then(|parent| self.open.get_mut(&parent));
                match (parent, node.number) {
                    (Some(parent), Some(number)) => {
                        if !node.changes.is_empty() {
                            parent.changes.entries.insert(number, node.changes);
                        }
                    }
                    // Its changes are edits of the parent already.
                    (Some(_), None) => {}
                    (None, _) => {
                        self.done.push((close.handle, node.changes));
                        (self.file, self.memory) = (None, 0);
                    }
                }
            }
            Item::Scanned(scanned) => {
                if let Some(node) = self.open.get_mut(&scanned.handle) {
                    node.status = node.status.max(scanned.problems.status);
                }
            }
            Item::Unchanged { .. } => {}
        }
    }

    fn edited(&mut self, edited: &mut Edited) {
        let Some(node) = self.open.get_mut(&edited.handle) else { return };
        // Whoever sees it first is the innermost that asks: those around it need nothing of it.
        let list = &mut node.changes.edits;
        let before = list.memory();
        edited.edits.drain(..).for_each(|edit| list.push(edit));
        if let Some(edit) = node.seams.add(std::mem::take(&mut edited.seam)) {
            let raw = edit.raw.clone();
            edited.rows.push(EditRow { raw, len: 0, token: None, kind: EditRow::ERASED });
            list.push(edit);
        }
        self.memory += list.memory() - before;
        if let (true, Spool::Folder(folder)) = (self.memory > MEMORY, &self.spool) {
            self.memory -= list.memory();
            if self.file.is_none() {
                match Shared::new(folder) {
                    Ok(file) => self.file = Some(Arc::new(file)),
                    Err(error) => list.fail(error.into()),
                }
            }
            if let Some(file) = &self.file {
                list.spill(file);
            }
        }
        if edited.renamed.is_some() {
            node.changes.name.clone_from(&edited.renamed);
        }
    }
}
