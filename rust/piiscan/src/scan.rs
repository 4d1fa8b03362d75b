//! Text to findings: one classification pass, candidates, validators, context, claims.
