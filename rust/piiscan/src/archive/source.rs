//! Where bytes come from: files, memory, decoders. Never mapped, never the whole file.

/// Bytes of one object.
#[derive(Debug)]
pub struct Source {}
