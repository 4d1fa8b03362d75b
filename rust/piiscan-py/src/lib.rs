//! The seam between the core and Python.

/// The compiled module.
#[pyo3::pymodule]
mod _core {}
