//! Keyed fingerprints: HMAC-SHA-256 with domain separation.
