//! What every call of the core goes through: the interpreter released, a panic turned into an exception.

use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::prelude::*;

use crate::error;

/// Runs `work` with the interpreter released. A panic becomes `InternalError`: its payload may hold text of an archive, so only the
/// hook below says where it happened.
///
/// # Errors
///
/// What `work` returns, or `InternalError` after a panic.
pub(crate) fn guard<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, piiscan::Error> + Send,
) -> PyResult<T> {
    match py.detach(|| catch_unwind(AssertUnwindSafe(work))) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(error::raise(py, &error)),
        Err(_) => Err(error::internal(py)),
    }
}

/// Makes panics say where they happened and nothing else.
pub(crate) fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        if let Some(place) = info.location() {
            use std::io::Write;
            // Nothing can be done about a closed stderr inside a panic.
            let _ = writeln!(
                std::io::stderr(),
                "piiscan: internal error at {}:{}",
                place.file(),
                place.line()
            );
        }
    }));
}
