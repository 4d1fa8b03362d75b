//! Reads and edits an object of a syntax that a test names, whatever its bytes look like.

use std::ops::Range;

use piiscan::view::settle;

use crate::reading::{Field, Object, Recorded};

impl Recorded {
    /// The texts of a path.
    pub(crate) fn texts(&self, path: &str) -> Vec<&str> {
        self.fields.iter().filter(|field| field.path == path).map(|field| &*field.text).collect()
    }

    /// The only text of a path.
    pub(crate) fn text(&self, path: &str) -> &str {
        let [text] = self.texts(path)[..] else { panic!("{path}: {:?}", self.texts(path)) };
        text
    }

    /// The field that holds a text.
    pub(crate) fn holding(&self, text: &str) -> &Field {
        let found = self.fields.iter().find(|field| field.text.contains(text));
        found.unwrap_or_else(|| panic!("no field holds {text}: {:?}", self.fields))
    }

    /// The reasons of all problems.
    pub(crate) fn reasons(&self) -> Vec<&str> {
        self.problems.iter().map(|(_, _, reason)| &**reason).collect()
    }
}

/// Reads an object as one block.
pub(crate) fn read(id: &str, bytes: &[u8]) -> Recorded {
    Object::of(id).read(bytes, usize::MAX)
}

/// Reads an object in windows of about `size` bytes.
pub(crate) fn read_windows(id: &str, bytes: &[u8], size: usize) -> Recorded {
    Object::of(id).read(bytes, size)
}

/// The object with a text replaced in every field that holds it.
pub(crate) fn edited(id: &str, bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    let object = Object::of(id);
    let mut edits = Vec::new();
    for (number, field) in object.read(bytes, usize::MAX).fields.iter().enumerate() {
        for (at, _) in field.text.match_indices(old) {
            edits.extend(object.edits(bytes, number, at..at + old.len(), new).unwrap());
        }
    }
    let narrow = |range: &Range<u64>| {
        usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()
    };
    let edits = settle(edits, |range| &bytes[narrow(&range)]).unwrap();
    let mut out = bytes.to_vec();
    for edit in edits.into_iter().rev() {
        out.splice(narrow(&edit.raw), edit.bytes);
    }
    out
}

/// Checks that an edit changes what it should and nothing else.
pub(crate) fn check_edit(id: &str, bytes: &[u8], old: &str, new: &str) {
    let (before, after) = (read(id, bytes), read(id, &edited(id, bytes, old, new)));
    let texts = |record: &Recorded| -> Vec<(String, String)> {
        record.fields.iter().map(|field| (field.path.clone(), field.text.clone())).collect()
    };
    assert!(before.fields.iter().any(|field| field.text.contains(old)), "nothing to edit");
    let expected: Vec<_> =
        texts(&before).into_iter().map(|(path, text)| (path, text.replace(old, new))).collect();
    assert_eq!(texts(&after), expected);
}
