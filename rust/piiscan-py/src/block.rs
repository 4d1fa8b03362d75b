//! `FindingBlock`: findings as packed records that NumPy views without a copy, and as an Arrow stream.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{
    FixedSizeBinaryBuilder, MapBuilder, StringBuilder, StringDictionaryBuilder,
};
use arrow_array::types::UInt8Type;
use arrow_array::{ArrayRef, RecordBatch, StructArray, UInt32Array, UInt64Array};
use arrow_schema::Field;
use foldhash::fast::FixedState;
use piiscan::finding::{Attributes, Check, ContextWord, Finding, Flags, Reading};
use piiscan::scan::Scanner;
use piiscan::view::RawSpan;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyCapsule, PyDict, PyList};
use pyo3_arrow::ffi::{ArrayIterator, to_schema_pycapsule, to_stream_pycapsule};

use crate::error;

/// Bytes of a record: field u4, start u4, end u4, detector u1, confidence u1, attributes u2, fingerprint 16.
const RECORD: usize = 32;

/// Findings of one call, in order.
#[pyclass(frozen, module = "piiscan._core")]
pub(crate) struct FindingBlock {
    scanner: Arc<Scanner>,
    findings: Vec<Finding>,
    raws: Vec<RawSpan>,
    values: Option<Vec<String>>,
    sets: Vec<Attributes>,
    numbers: Vec<u16>,
    records: PyOnceLock<Py<PyBytes>>,
    attribute_sets: PyOnceLock<Py<PyList>>,
}

impl FindingBlock {
    /// A block of findings. Without `raws` the text was the source: raw bytes are the span.
    pub(crate) fn new(
        scanner: Arc<Scanner>,
        findings: Vec<Finding>,
        raws: Vec<RawSpan>,
        values: Option<Vec<String>>,
    ) -> Self {
        let mut sets: Vec<Attributes> = Vec::new();
        let mut known: HashMap<Attributes, u16, FixedState> = HashMap::default();
        let numbers = findings
            .iter()
            .map(|finding| {
                *known.entry(finding.attributes).or_insert_with(|| {
                    sets.push(finding.attributes);
                    // Fewer than 65,536 sets exist: the attributes are a closed list.
                    u16::try_from(sets.len() - 1).unwrap_or(u16::MAX)
                })
            })
            .collect();
        Self {
            scanner,
            findings,
            raws,
            values,
            sets,
            numbers,
            records: PyOnceLock::new(),
            attribute_sets: PyOnceLock::new(),
        }
    }

    fn pack(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.findings.len() * RECORD);
        for (finding, number) in self.findings.iter().zip(&self.numbers) {
            out.extend_from_slice(&finding.field.to_le_bytes());
            out.extend_from_slice(&finding.span.start.to_le_bytes());
            out.extend_from_slice(&finding.span.end.to_le_bytes());
            out.push(finding.detector);
            out.push(finding.confidence as u8);
            out.extend_from_slice(&number.to_le_bytes());
            out.extend_from_slice(&finding.fingerprint.0);
        }
        out
    }

    fn raw_of(&self, at: usize) -> RawSpan {
        let span = self.findings[at].span;
        self.raws.get(at).copied().unwrap_or(RawSpan {
            start: span.start.into(),
            end: span.end.into(),
            ranges: 1,
        })
    }

    /// The attributes that are set, by name.
    fn described(&self, set: &Attributes) -> Vec<(&'static str, Value)> {
        let mut out = Vec::new();
        let mut text = |name, value: Option<&'static str>| {
            if let Some(value) = value {
                out.push((name, Value::Text(value.to_owned())));
            }
        };
        text("kind", set.kind);
        text("scheme", set.scheme);
        text("carrier", set.carrier);
        text("range", set.range);
        text("alert", set.alert);
        text(
            "check",
            set.check.map(|check| match check {
                Check::Pass => "pass",
                Check::Fail => "fail",
                Check::None => "none",
            }),
        );
        text(
            "reading",
            set.reading.map(|reading| match reading {
                Reading::Topical => "topical",
                Reading::Personal => "personal",
            }),
        );
        text(
            "context",
            set.context.map(|context| match context {
                ContextWord::None => "none",
                ContextWord::After => "after",
                ContextWord::Before => "before",
                ContextWord::Adjacent => "adjacent",
            }),
        );
        if !set.countries.is_empty() {
            out.push((
                "countries",
                Value::List(set.countries.codes().map(str::to_owned).collect()),
            ));
        }
        let detectors = self.scanner.detectors();
        let candidates: Vec<String> = detectors
            .iter()
            .enumerate()
            .filter(|(at, _)| *at < 64 && set.candidates >> at & 1 == 1)
            .map(|(_, detector)| detector.id.clone())
            .collect();
        if !candidates.is_empty() {
            out.push(("candidates", Value::List(candidates)));
        }
        for (flag, name) in Flags::ALL {
            if set.flags.has(*flag) {
                out.push((*name, Value::Yes));
            }
        }
        if set.digits > 0 {
            out.push(("digits", Value::Number(set.digits)));
        }
        if let Some(term) = self.scanner.term_name(set.term) {
            out.push(("term", Value::Text(term.to_owned())));
        }
        out
    }

    fn batch(&self) -> Result<RecordBatch, arrow_schema::ArrowError> {
        let detectors = self.scanner.detectors();
        let mut names = StringDictionaryBuilder::<UInt8Type>::new();
        let mut categories = StringDictionaryBuilder::<UInt8Type>::new();
        let mut confidences = StringDictionaryBuilder::<UInt8Type>::new();
        let mut attributes = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
        let mut prints = FixedSizeBinaryBuilder::with_capacity(self.findings.len(), 16);
        for finding in &self.findings {
            let detector = &detectors[usize::from(finding.detector)];
            names.append(&detector.id)?;
            categories.append(detector.category.name())?;
            confidences.append(finding.confidence.name())?;
            for (name, value) in self.described(&finding.attributes) {
                attributes.keys().append_value(name);
                attributes.values().append_value(value.text());
            }
            attributes.append(true)?;
            prints.append_value(finding.fingerprint.0)?;
        }
        let raws = || (0..self.findings.len()).map(|at| self.raw_of(at));
        let short = |pick: fn(&Finding) -> u32| -> ArrayRef {
            Arc::new(self.findings.iter().map(pick).collect::<UInt32Array>())
        };
        RecordBatch::try_from_iter([
            ("field", short(|finding| finding.field)),
            ("detector", Arc::new(names.finish()) as ArrayRef),
            ("category", Arc::new(categories.finish())),
            ("confidence", Arc::new(confidences.finish())),
            ("start", short(|finding| finding.span.start)),
            ("end", short(|finding| finding.span.end)),
            ("raw_start", Arc::new(raws().map(|raw| raw.start).collect::<UInt64Array>())),
            ("raw_end", Arc::new(raws().map(|raw| raw.end).collect::<UInt64Array>())),
            ("attributes", Arc::new(attributes.finish())),
            ("fingerprint", Arc::new(prints.finish())),
        ])
    }
}

/// The type of a stream of record batches: a struct without nulls.
fn struct_field(batch: &RecordBatch) -> Arc<Field> {
    Arc::new(Field::new_struct("", batch.schema().fields().clone(), false))
}

/// A value of an attribute.
enum Value {
    Text(String),
    List(Vec<String>),
    Number(u8),
    Yes,
}

impl Value {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::List(list) => list.join(" "),
            Self::Number(number) => number.to_string(),
            Self::Yes => "true".to_owned(),
        }
    }

    fn set(&self, dict: &Bound<'_, PyDict>, name: &str) -> PyResult<()> {
        match self {
            Self::Text(text) => dict.set_item(name, text),
            Self::List(list) => dict.set_item(name, list),
            Self::Number(number) => dict.set_item(name, number),
            Self::Yes => dict.set_item(name, true),
        }
    }
}

#[pymethods]
impl FindingBlock {
    fn __len__(&self) -> usize {
        self.findings.len()
    }

    /// The findings at `places` (u4, little-endian), in that order.
    fn select(&self, places: &[u8]) -> PyResult<Self> {
        let places: Vec<usize> = places
            .chunks_exact(4)
            .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]) as usize)
            .collect();
        if places.iter().any(|at| *at >= self.findings.len()) {
            return Err(pyo3::exceptions::PyIndexError::new_err("no finding at that place"));
        }
        Ok(Self::new(
            self.scanner.clone(),
            places.iter().map(|at| self.findings[*at]).collect(),
            places.iter().map(|at| self.raw_of(*at)).collect(),
            self.values.as_ref().map(|all| places.iter().map(|at| all[*at].clone()).collect()),
        ))
    }

    fn __repr__(&self) -> String {
        format!("FindingBlock({} findings)", self.findings.len())
    }

    #[getter]
    fn records<'py>(&self, py: Python<'py>) -> &Bound<'py, PyBytes> {
        self.records.get_or_init(py, || PyBytes::new(py, &self.pack()).unbind()).bind(py)
    }

    #[getter]
    fn raws<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let mut out = Vec::with_capacity(self.findings.len() * 24);
        for at in 0..self.findings.len() {
            let raw = self.raw_of(at);
            out.extend_from_slice(&raw.start.to_le_bytes());
            out.extend_from_slice(&raw.end.to_le_bytes());
            out.extend_from_slice(&raw.ranges.to_le_bytes());
            out.extend_from_slice(&[0; 4]);
        }
        PyBytes::new(py, &out)
    }

    #[getter]
    fn values(&self) -> Option<Vec<String>> {
        self.values.clone()
    }

    #[getter]
    fn attribute_sets<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyList>> {
        let list = self.attribute_sets.get_or_try_init(py, || {
            let list = PyList::empty(py);
            for set in &self.sets {
                let dict = PyDict::new(py);
                for (name, value) in self.described(set) {
                    value.set(&dict, name)?;
                }
                list.append(dict)?;
            }
            Ok::<_, PyErr>(list.unbind())
        })?;
        Ok(list.bind(py))
    }

    #[getter]
    fn detectors(&self) -> Vec<String> {
        self.scanner.detectors().iter().map(|detector| detector.id.clone()).collect()
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let batch = self.batch().map_err(|_| error::internal(py))?;
        let field = struct_field(&batch);
        let array: ArrayRef = Arc::new(StructArray::from(batch));
        let reader = ArrayIterator::new([Ok(array)], field);
        Ok(to_stream_pycapsule(py, Box::new(reader), requested_schema)?)
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let batch = self.batch().map_err(|_| error::internal(py))?;
        Ok(to_schema_pycapsule(py, struct_field(&batch).as_ref())?)
    }
}
