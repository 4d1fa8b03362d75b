//! `piiscan::Error` to `piiscan.errors.*`. The tree of exceptions stands in Python only.

use piiscan::{Error, ErrorKind};
use pyo3::prelude::*;

mod errors {
    pyo3::import_exception!(piiscan.errors, ArchiveError);
    pyo3::import_exception!(piiscan.errors, PolicyError);
    pyo3::import_exception!(piiscan.errors, InternalError);
}

/// The numbers by which Python knows a full disk and one that fails; the same on every system.
const ENOSPC: i32 = 28;
const EIO: i32 = 5;

/// The exception of an error of the core.
pub(crate) fn raise(_py: Python<'_>, error: &Error) -> PyErr {
    let text = error.to_string();
    match error.kind() {
        ErrorKind::Config => errors::PolicyError::new_err(text),
        ErrorKind::NoSpace => pyo3::exceptions::PyOSError::new_err((ENOSPC, text)),
        ErrorKind::Output => pyo3::exceptions::PyOSError::new_err((EIO, text)),
        ErrorKind::Interrupted => pyo3::exceptions::PyKeyboardInterrupt::new_err(()),
        _ => errors::ArchiveError::new_err(text),
    }
}

/// The exception after a panic.
pub(crate) fn internal(_py: Python<'_>) -> PyErr {
    errors::InternalError::new_err(
        "internal error in the core: please report the place named above",
    )
}
