//! The seam between the core and Python: arguments in, interpreter released, result out. Nothing is decided here.

mod block;
mod edits;
mod error;
mod guard;
mod lexicon;
mod scan;
mod sweep;
mod treat;

/// The compiled module. Its documentation is the stub beside the Python package.
#[pyo3::pymodule]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::block::FindingBlock;
    #[pymodule_export]
    use crate::edits::Edits;
    #[pymodule_export]
    use crate::lexicon::{collisions, lint};
    #[pymodule_export]
    use crate::scan::{Scanner, detectors};
    #[pymodule_export]
    use crate::sweep::{ObjectDone, Part, Sweep, Unchanged, formats, limits};
    #[pymodule_export]
    use crate::treat::{Known, Survey, Tokens, Treatment};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::guard::quiet_panics();
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
