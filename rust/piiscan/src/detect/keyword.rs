//! Keyword detectors: one type, one instance per sensitive category, fed by the lexicons.
