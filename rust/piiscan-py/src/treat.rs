//! `Treatment`: what a policy decided, for sweeps and texts. `Tokens`: what stands for values under a key.

use std::path::PathBuf;
use std::sync::Arc;

use piiscan::sweep;
use piiscan::token::{Key, Tokens as CoreTokens};
use piiscan::{Error, ErrorKind};
use pyo3::prelude::*;

use crate::error::raise;
use crate::guard::guard;
use crate::scan::Scanner;

/// Decisions of a policy for one scanner.
#[pyclass(frozen, module = "piiscan._core")]
pub(crate) struct Treatment {
    pub(crate) core: Arc<sweep::Treatment>,
    pub(crate) scanner: Arc<piiscan::scan::Scanner>,
}

/// Old start, old end, new start, new end, place of the detector.
type Place = (usize, usize, usize, usize, u8);

#[pymethods]
impl Treatment {
    #[new]
    #[pyo3(signature = (spec, *, scanner, key=None))]
    #[expect(clippy::needless_pass_by_value, reason = "pyo3 hands over owned arguments")]
    fn new(
        py: Python<'_>,
        spec: &str,
        scanner: Py<Scanner>,
        key: Option<[u8; 32]>,
    ) -> PyResult<Self> {
        let scanner = scanner.get().core.clone();
        let tokens = key.map(|key| Key::new(key).tokens());
        let core = guard(py, || sweep::Treatment::new(spec, &scanner, tokens))?;
        Ok(Self { core: Arc::new(core), scanner })
    }

    #[getter]
    fn seeks(&self) -> bool {
        self.core.seeks()
    }

    #[pyo3(signature = (text, *, channel=""))]
    fn text(
        &self,
        py: Python<'_>,
        text: &str,
        channel: &str,
    ) -> PyResult<(String, Vec<Place>, u64)> {
        let done = guard(py, || self.core.text(&self.scanner, text, channel))?;
        let places = done.replaced.into_iter();
        let places = places.map(|(old, new, kind)| (old.start, old.end, new.start, new.end, kind));
        Ok((done.text, places.collect(), done.alerts))
    }
}

/// Tokens under a key.
#[pyclass(frozen, module = "piiscan._core")]
pub(crate) struct Tokens {
    core: CoreTokens,
}

#[pymethods]
impl Tokens {
    #[new]
    fn new(key: [u8; 32]) -> Self {
        Self { core: Key::new(key).tokens() }
    }

    #[pyo3(signature = (scanner, detector, value, *, domain=""))]
    fn pseudonym(
        &self,
        py: Python<'_>,
        scanner: &Scanner,
        detector: &str,
        value: &str,
        domain: &str,
    ) -> PyResult<String> {
        let place = scanner.core.detectors().iter().position(|found| found.id == detector);
        let place = place.and_then(|place| u8::try_from(place).ok()).ok_or_else(|| {
            let reason = format!("no detector is called `{detector}`");
            raise(py, &Error::new(ErrorKind::Config, reason))
        })?;
        let attributes = piiscan::finding::Attributes::default();
        let value = scanner.core.print_of(self.core.prints(), place, value, &attributes);
        Ok(self.core.pseudonym(detector, domain, &value))
    }

    fn is_pseudonym(&self, text: &str) -> bool {
        self.core.is_pseudonym(text)
    }

    fn seal(&self, py: Python<'_>, detector: &str, value: &str) -> PyResult<String> {
        self.core.seal(detector, value).map_err(|error| raise(py, &error))
    }

    fn open(&self, py: Python<'_>, token: &str) -> PyResult<String> {
        self.core.open(token).map_err(|error| raise(py, &error))
    }
}

/// Values that were removed, as hashes that mean nothing outside of this process.
#[pyclass(frozen, module = "piiscan._core")]
pub(crate) struct Known {
    pub(crate) core: Arc<sweep::Known>,
}

#[pymethods]
impl Known {
    /// Both sets, of sweeps of one process.
    fn joined(&self, other: &Self) -> Self {
        let mut core = sweep::Known::clone(&self.core);
        core.join(&other.core);
        Self { core: Arc::new(core) }
    }

    fn __bool__(&self) -> bool {
        !self.core.is_empty()
    }
}

/// What a first pass found: places and hashes, without values.
#[pyclass(frozen, module = "piiscan._core")]
pub(crate) struct Survey {
    pub(crate) core: Arc<sweep::Survey>,
}

#[pymethods]
impl Survey {
    #[new]
    #[pyo3(signature = (folder=None))]
    fn new(folder: Option<PathBuf>) -> Self {
        Self { core: Arc::new(sweep::Survey::new(folder)) }
    }
}
