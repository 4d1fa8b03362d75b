//! `Sweep`: an archive in, parts and ledger rows out, in order.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use piiscan::archive::container::CONTAINERS;
use piiscan::archive::limits::{Limits, TABLE};
use piiscan::archive::syntax::SYNTAXES;
use piiscan::message::Seg;
use piiscan::rewrite::Spool;
use piiscan::sweep::{self, Event, Next, Pass, SweepConfig};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::block::FindingBlock;
use crate::edits::Edits;
use crate::guard::guard;
use crate::scan::Scanner;
use crate::treat::{Known, Survey, Treatment};

/// How long one wait lasts before signals are looked at.
const STEP: Duration = Duration::from_millis(50);

/// Bytes of a row of a message.
const MESSAGE: usize = 40;

/// Bytes of a row of a message's key.
const KEY: usize = 12;

/// A running sweep.
#[pyclass(frozen, module = "piiscan._core")]
pub(crate) struct Sweep {
    core: sweep::Sweep,
    scanner: Arc<piiscan::scan::Scanner>,
    /// Whoever changes an archive asks for what changes, not for what was found.
    treats: bool,
    finished: Mutex<bool>,
}

/// Findings of one stretch of an object.
#[pyclass(frozen, module = "piiscan._core")]
pub(crate) struct Part {
    texts: Option<Vec<(String, String)>>,
    #[pyo3(get)]
    object: u64,
    #[pyo3(get)]
    id: Py<PyBytes>,
    #[pyo3(get)]
    index: u32,
    #[pyo3(get)]
    first_record: u64,
    #[pyo3(get)]
    block: Py<FindingBlock>,
    #[pyo3(get)]
    messages: Py<PyBytes>,
    #[pyo3(get)]
    roles: Py<PyBytes>,
    paths: Vec<(u32, Arc<str>)>,
    #[pyo3(get)]
    keys: Py<PyBytes>,
    #[pyo3(get)]
    channels: Vec<String>,
}

#[pymethods]
impl Part {
    #[getter]
    fn paths(&self) -> Vec<(u32, &str)> {
        self.paths.iter().map(|(field, path)| (*field, &**path)).collect()
    }

    /// Number, path and text of the fields from `start` to before `end`; none if the object was not asked for.
    fn fields(&self, start: usize, end: usize) -> Vec<(usize, &str, &str)> {
        let texts = self.texts.as_deref().unwrap_or_default();
        let range = start.min(texts.len())..end.min(texts.len());
        let numbered = texts.iter().enumerate().take(range.end).skip(range.start);
        numbered.map(|(at, (path, text))| (at, path.as_str(), text.as_str())).collect()
    }
}

/// The ledger row of one object.
#[pyclass(frozen, module = "piiscan._core")]
pub(crate) struct ObjectDone {
    core: sweep::ObjectDone,
    #[pyo3(get)]
    ordinal: u64,
    #[pyo3(get)]
    parent: Option<u64>,
    #[pyo3(get)]
    root: u32,
    #[pyo3(get)]
    loc: String,
    #[pyo3(get)]
    loc_bytes: Py<PyBytes>,
    #[pyo3(get)]
    id: Py<PyBytes>,
    #[pyo3(get)]
    size: u64,
    #[pyo3(get)]
    mtime_ns: i64,
    #[pyo3(get)]
    status: &'static str,
    #[pyo3(get)]
    reason: String,
    #[pyo3(get)]
    format: String,
    #[pyo3(get)]
    profile: Option<String>,
    #[pyo3(get)]
    channel: Option<String>,
    #[pyo3(get)]
    scanned: u64,
    #[pyo3(get)]
    lossy: u64,
    #[pyo3(get)]
    not_scanned: u64,
    #[pyo3(get)]
    messages: u64,
    #[pyo3(get)]
    findings: u64,
    #[pyo3(get)]
    content_hash: Option<Py<PyBytes>>,
    #[pyo3(get)]
    problems: Vec<(u64, u64, &'static str, String)>,
    #[pyo3(get)]
    renamed: Option<Py<PyBytes>>,
    #[pyo3(get)]
    unchanged: Option<String>,
    #[pyo3(get)]
    edits: usize,
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
    #[pyo3(signature = (roots, *, scanner, profiles=None, limits=None, jobs=None, follow=false, exclude=None, known=None, skip=None, hash=false, reveal=false, texts=None, all_keys=false, only=None, treatment=None, sought=None, thorough=false, survey=None, first=false, spool=None, counting=false, notice=None))]
    #[expect(clippy::too_many_arguments, reason = "keyword-only in Python")]
    #[expect(clippy::fn_params_excessive_bools, reason = "keyword-only in Python")]
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
        texts: Option<HashSet<[u8; 8]>>,
        all_keys: bool,
        only: Option<HashSet<[u8; 8]>>,
        treatment: Option<Py<Treatment>>,
        sought: Option<Py<Known>>,
        thorough: bool,
        survey: Option<Py<Survey>>,
        first: bool,
        spool: Option<PathBuf>,
        counting: bool,
        notice: Option<String>,
    ) -> PyResult<Self> {
        let treats = treatment.is_some();
        let spool = match spool {
            _ if counting => Spool::Count,
            Some(folder) => Spool::Folder(folder),
            None => Spool::Memory,
        };
        let (core, key) = (scanner.get().core.clone(), scanner.get().key.clone());
        let kept = core.clone();
        let treatment = treatment.map(|treatment| treatment.get().core.clone());
        let sought = sought.map(|sought| sought.get().core.clone());
        let pass = match survey.map(|survey| survey.get().core.clone()) {
            survey if first => Pass::First(survey),
            Some(survey) => Pass::Second(survey),
            None => Pass::Only,
        };
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
                texts: texts.unwrap_or_default(),
                all_keys,
                only,
                treatment,
                sought,
                thorough,
                pass,
                spool,
                notice,
                ..config
            })
        })?;
        Ok(Self { core: sweep, scanner: kept, treats, finished: Mutex::new(false) })
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
                Next::Event(event) if self.treats && matches!(*event, Event::Part(_)) => continue,
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

    /// Writes a file of this sweep with its changes: bytes read, bytes written, edits, SHA-256 of both.
    #[expect(clippy::type_complexity, reason = "read in one place")]
    #[expect(clippy::needless_pass_by_value, reason = "pyo3 hands over owned arguments")]
    fn write(
        &self,
        py: Python<'_>,
        done: &ObjectDone,
        source: PathBuf,
        target: PathBuf,
    ) -> PyResult<(u64, u64, u64, Py<PyBytes>, Py<PyBytes>)> {
        let done = &done.core;
        let result = guard(py, || self.core.write(&source, done, &target))?;
        let written = result.written;
        let (before, after) = (bytes(py, &result.source), bytes(py, &result.target));
        Ok((written.read, written.written, written.edits, before, after))
    }

    /// The values that were removed so far.
    fn removed(&self) -> Known {
        Known { core: Arc::new(self.core.removed()) }
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
            Event::Edits(edits) => {
                Ok(Bound::new(py, Edits::new(py, &self.scanner, &edits))?.into_any())
            }
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
        let keys = PyBytes::new_with(py, part.keys.len() * KEY, |out| {
            for ((at, key), to) in part.keys.iter().zip(out.chunks_exact_mut(KEY)) {
                to[..4].copy_from_slice(&at.to_le_bytes());
                to[4..].copy_from_slice(key);
            }
            Ok(())
        })?;
        let block = FindingBlock::new(self.scanner.clone(), part.findings, part.raws, part.values);
        let part = Part {
            texts: part.texts,
            object: part.object,
            id: bytes(py, &part.id),
            index: part.index,
            first_record: part.first_record,
            block: Py::new(py, block)?,
            messages: messages.unbind(),
            roles: bytes(py, &part.roles),
            paths: part.paths,
            channels: part.channels,
            keys: keys.unbind(),
        };
        Ok(Bound::new(py, part)?.into_any())
    }
}

pub(crate) fn bytes(py: Python<'_>, from: &[u8]) -> Py<PyBytes> {
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
    to[32..34].copy_from_slice(&row.channel.to_le_bytes());
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
        reason: done.coverage.reason.clone(),
        format: done.format.to_owned(),
        profile: done.profile.clone(),
        channel: done.channel.clone(),
        scanned: done.coverage.scanned,
        lossy: done.coverage.lossy,
        not_scanned: done.coverage.not_scanned,
        messages: done.coverage.messages,
        findings,
        content_hash: done.content_hash.map(|hash| bytes(py, &hash)),
        problems: done
            .problems
            .iter()
            .map(|p| (p.raw.start, p.raw.end, p.status.name(), p.reason.clone()))
            .collect(),
        renamed: done.renamed.as_ref().map(|name| bytes(py, name)),
        unchanged: done.unchanged.clone(),
        edits: done.changes.as_ref().map_or(0, |changes| changes.count()),
        core: done,
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
