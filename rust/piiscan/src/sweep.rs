//! Roots to findings and coverage, in parallel. The only threads of the core.
