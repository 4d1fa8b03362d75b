//! Lexicons: lists of sensitive words with their contexts, compiled for the scan.
