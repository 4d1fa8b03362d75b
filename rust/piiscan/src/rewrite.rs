//! Source and edits to target: sort, refuse overlap, copy through.
