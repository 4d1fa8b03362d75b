//! `Sweep`: an archive in, parts and ledger rows out, in order.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use piiscan::archive::container::CONTAINERS;
use piiscan::archive::limits::{Limits, TABLE};
use piiscan::archive::syntax::SYNTAXES;
use piiscan::message::Seg;
use piiscan::sweep::{self, Event, Next, SweepConfig};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::block::FindingBlock;
use crate::guard::guard;
use crate::scan::Scanner;

/// How long one wait lasts before signals are looked at.
const STEP: Duration = Duration::from_millis(50);

/// Bytes of a row of a message.
const MESSAGE: usize = 40;

/// A running sweep.
#[pyclass(frozen, module = "piiscan._core")]
pub(crate) struct Sweep {
    core: sweep::Sweep,
    scanner: Arc<piiscan::scan::Scanner>,
    finished: Mutex<bool>,
}

/// Findings of one stretch of an object.
#[pyclass(frozen, get_all, module = "piiscan._core")]
pub(crate) struct Part {
    object: u64,
    index: u32,
    first_record: u64,
    block: Py<FindingBlock>,
    messages: Py<PyBytes>,
    roles: Py<PyBytes>,
    paths: Vec<(u32, String)>,
    keys: Vec<(u32, Py<PyBytes>)>,
}

/// The ledger row of one object.
#[pyclass(frozen, get_all, module = "piiscan._core")]
pub(crate) struct ObjectDone {
    ordinal: u64,
    parent: Option<u64>,
    root: u32,
    loc: String,
    loc_bytes: Py<PyBytes>,
    id: Py<PyBytes>,
    size: u64,
    mtime_ns: i64,
    status: &'static str,
    reason: String,
    format: String,
    profile: Option<String>,
    channel: Option<String>,
    scanned: u64,
    lossy: u64,
    not_scanned: u64,
    messages: u64,
    findings: u64,
    content_hash: Option<Py<PyBytes>>,
    problems: Vec<(u64, u64, &'static str, String)>,
}

/// A file that has not changed since a finished sweep.
#[pyclass(frozen, get_all, module = "piiscan._core")]
pub(crate) struct Unchanged {
    root: u32,
    id: Py<PyBytes>,
}

#[pymethods]
impl Sweep {
    #[new]
    #[pyo3(signature = (roots, *, scanner, profiles=None, limits=None, jobs=None, follow=false, exclude=None, known=None, skip=None, hash=false, reveal=false))]
    #[expect(clippy::too_many_arguments, reason = "keyword-only in Python")]
    #[expect(clippy::needless_pass_by_value, reason = "pyo3 hands over owned arguments")]
    fn new(
        py: Python<'_>,
        roots: Vec<PathBuf>,
        scanner: Py<Scanner>,
        profiles: Option<Vec<(String, String)>>,
        limits: Option<HashMap<String, u64>>,
        jobs: Option<usize>,
        follow: bool,
        exclude: Option<Vec<String>>,
        known: Option<HashMap<[u8; 8], (u64, i64)>>,
        skip: Option<Vec<PathBuf>>,
        hash: bool,
        reveal: bool,
    ) -> PyResult<Self> {
        let (core, key) = (scanner.get().core.clone(), scanner.get().key.clone());
        let kept = core.clone();
        let sweep = guard(py, move || {
            let mut set = Limits::default();
            for (name, value) in limits.unwrap_or_default() {
                set.set(&name, value)?;
            }
            let mut config = SweepConfig::new(roots, core)?;
            config.formats.profiles = config.formats.profiles.with_user(
                profiles.iter().flatten().map(|(name, text)| (name.as_str(), text.as_str())),
            )?;
            sweep::Sweep::start(SweepConfig {
                key,
                limits: set,
                jobs: jobs.unwrap_or(0),
                follow,
                exclude: exclude.unwrap_or_default(),
                known: known.unwrap_or_default(),
                skip: skip.unwrap_or_default(),
                hash,
                reveal,
                ..config
            })
        })?;
        Ok(Self { core: sweep, scanner: kept, finished: Mutex::new(false) })
    }

    fn next_event<'py>(
        &self,
        py: Python<'py>,
        timeout_ms: u64,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let mut left = Duration::from_millis(timeout_ms);
        loop {
            let step = left.min(STEP);
            match guard(py, || Ok(self.core.next(step)))? {
                Next::Event(event) => return self.convert(py, *event).map(Some),
                Next::Finished => {
                    *self.finished.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = true;
                    return Ok(None);
                }
                Next::Idle => py.check_signals()?,
            }
            left = left.saturating_sub(step);
            if left.is_zero() {
                return Ok(None);
            }
        }
    }

    #[getter]
    fn finished(&self) -> bool {
        *self.finished.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn cancel(&self) {
        self.core.cancel();
    }

    fn progress(&self) -> (u64, u64, u64, u64) {
        let progress = self.core.progress();
        (progress.read, progress.known, progress.objects, progress.findings)
    }
}

impl Sweep {
    fn convert<'py>(&self, py: Python<'py>, event: Event) -> PyResult<Bound<'py, PyAny>> {
        match event {
            Event::Part(part) => self.part(py, part),
            Event::Object(done) => Ok(Bound::new(py, object(py, done))?.into_any()),
            Event::Unchanged { root, id } => {
                Ok(Bound::new(py, Unchanged { root, id: bytes(py, &id) })?.into_any())
            }
        }
    }

    fn part<'py>(&self, py: Python<'py>, part: sweep::Part) -> PyResult<Bound<'py, PyAny>> {
        let messages = PyBytes::new_with(py, part.messages.len() * MESSAGE, |out| {
            for (row, to) in part.messages.iter().zip(out.chunks_exact_mut(MESSAGE)) {
                pack(row, to);
            }
            Ok(())
        })?;
        let block = FindingBlock::new(self.scanner.clone(), part.findings, part.raws, part.values);
        let part = Part {
            object: part.object,
            index: part.index,
            first_record: part.first_record,
            block: Py::new(py, block)?,
            messages: messages.unbind(),
            roles: bytes(py, &part.roles),
            paths: part.paths,
            keys: part.keys.iter().map(|(at, key)| (*at, bytes(py, key))).collect(),
        };
        Ok(Bound::new(py, part)?.into_any())
    }
}

fn bytes(py: Python<'_>, from: &[u8]) -> Py<PyBytes> {
    PyBytes::new(py, from).unbind()
}

/// Writes a message as `raw_start u8, sent i8, closed i8, raw_len u4, first_field u4, channel u2, flags u2, findings u4`.
fn pack(row: &sweep::MessageRow, to: &mut [u8]) {
    to[0..8].copy_from_slice(&row.raw_start.to_le_bytes());
    to[8..16].copy_from_slice(&row.sent.0.to_le_bytes());
    to[16..24].copy_from_slice(&row.closed.0.to_le_bytes());
    let len = u32::try_from(row.raw_len).unwrap_or(u32::MAX);
    to[24..28].copy_from_slice(&len.to_le_bytes());
    to[28..32].copy_from_slice(&row.first_field.to_le_bytes());
    // The channel is the object's; its number is given by the store.
    to[32..34].fill(0);
    to[34..36].copy_from_slice(&row.flags.to_le_bytes());
    to[36..40].copy_from_slice(&row.findings.to_le_bytes());
}

fn object(py: Python<'_>, done: sweep::ObjectDone) -> ObjectDone {
    let findings = done.findings();
    let exact = match done.loc.0.as_slice() {
        [Seg::Entry(name)] => name.clone(),
        _ => done.loc.to_string().into_bytes(),
    };
    ObjectDone {
        ordinal: done.ordinal,
        parent: done.parent,
        root: done.root,
        loc: done.shown.to_string(),
        loc_bytes: bytes(py, &exact),
        id: bytes(py, &done.id),
        size: done.size,
        mtime_ns: done.mtime_ns,
        status: done.coverage.status.name(),
        reason: done.coverage.reason,
        format: done.format.to_owned(),
        profile: done.profile,
        channel: done.channel,
        scanned: done.coverage.scanned,
        lossy: done.coverage.lossy,
        not_scanned: done.coverage.not_scanned,
        messages: done.coverage.messages,
        findings,
        content_hash: done.content_hash.map(|hash| bytes(py, &hash)),
        problems: done
            .problems
            .into_iter()
            .map(|p| (p.raw.start, p.raw.end, p.status.name(), p.reason))
            .collect(),
    }
}

/// Name, default, unit and reason of every limit.
#[pyfunction]
pub(crate) fn limits() -> Vec<(&'static str, u64, &'static str, &'static str)> {
    TABLE.to_vec()
}

/// The names of all containers and syntaxes.
#[pyfunction]
pub(crate) fn formats() -> Vec<&'static str> {
    let containers = CONTAINERS.iter().map(|container| container.id());
    containers.chain(SYNTAXES.iter().map(|syntax| syntax.id())).collect()
}
