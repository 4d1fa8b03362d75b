//! The changes of an object and of the objects within it, put together from what is said of them in order.

use std::collections::HashMap;

use super::event::EditRow;
use super::item::{Edited, Handle, Item};
use crate::archive::seam::Seams;
use crate::rewrite::Changes;

/// Objects that are not closed yet, with what is known of their changes.
#[derive(Debug, Default)]
pub(super) struct Gather {
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
}

impl Gather {
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
                let node = Node { parent: open.parent, number, ..Node::default() };
                self.open.insert(open.handle, node);
            }
            Item::Edited(edited) => self.edited(edited),
            Item::Close(close) => {
                let Some(node) = self.open.remove(&close.handle) else { return };
                let parent = node.parent.and_then(|parent| self.open.get_mut(&parent));
                match (parent, node.number) {
                    (Some(parent), Some(number)) => {
                        if !node.changes.is_empty() {
                            parent.changes.entries.insert(number, node.changes);
                        }
                    }
                    // Its changes are edits of the parent already.
                    (Some(_), None) => {}
                    (None, _) => self.done.push((close.handle, node.changes)),
                }
            }
            Item::Scanned(_) | Item::Unchanged { .. } => {}
        }
    }

    fn edited(&mut self, edited: &mut Edited) {
        let Some(node) = self.open.get_mut(&edited.handle) else { return };
        // Whoever sees it first is the innermost that asks: those around it need nothing of it.
        node.changes.edits.append(&mut edited.edits);
        if let Some(edit) = node.seams.add(std::mem::take(&mut edited.seam)) {
            let raw = edit.raw.clone();
            edited.rows.push(EditRow { raw, len: 0, token: None, kind: EditRow::ERASED });
            node.changes.edits.push(edit);
        }
        if edited.renamed.is_some() {
            node.changes.name.clone_from(&edited.renamed);
        }
    }
}
