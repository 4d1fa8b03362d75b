//! Folder to files in a stable order.
