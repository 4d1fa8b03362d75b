//! `Scanner`: options in, findings of texts out.

use std::cell::RefCell;
use std::sync::Arc;

use piiscan::calendar::Date;
use piiscan::detect::Options;
use piiscan::finding::{Countries, Finding};
use piiscan::lexicon::Lexicon;
use piiscan::scan::{Batch, Config, FieldKind, Scanner as CoreScanner};
use piiscan::token::Key;
use piiscan::{Error, ErrorKind};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::block::FindingBlock;
use crate::guard::guard;
use crate::lexicon::described;

/// Bytes of text scanned at once; a longer batch is scanned in several.
const BATCH: usize = 1 << 20;

thread_local! {
    /// Buffers of this thread: a short text costs no allocation of its own.
    static SCRATCH: RefCell<(Batch, Vec<Finding>)> = RefCell::new((Batch::new(), Vec::new()));
}

/// An immutable scanner.
#[pyclass(frozen, module = "piiscan._core")]
pub(crate) struct Scanner {
    pub(crate) core: Arc<CoreScanner>,
    pub(crate) key: Option<Key>,
}

fn countries(codes: &[String]) -> Result<Countries, Error> {
    codes.iter().try_fold(Countries::default(), |set, code| {
        let one = Countries::of(code);
        if one.is_empty() {
            return Err(Error::new(ErrorKind::Config, format!("no country is called `{code}`")));
        }
        Ok(set.with(one))
    })
}

#[pymethods]
impl Scanner {
    #[new]
    #[pyo3(signature = (*, detectors=None, locales=None, reference_date, min_digits=7, strict=false, grouped=true, norway_2032=None, explain=false, key=None, lexicons=None))]
    #[expect(clippy::too_many_arguments, reason = "keyword-only in Python")]
    fn new(
        py: Python<'_>,
        detectors: Option<Vec<String>>,
        locales: Option<Vec<String>>,
        reference_date: &str,
        min_digits: u8,
        strict: bool,
        grouped: bool,
        norway_2032: Option<bool>,
        explain: bool,
        key: Option<[u8; 32]>,
        lexicons: Option<Vec<(String, String)>>,
    ) -> PyResult<Self> {
        let locales = locales.unwrap_or_else(|| vec!["SE".to_owned(), "FI".to_owned()]);
        let reference_date = Date::parse(reference_date);
        guard(py, move || {
            let reference_date = reference_date.ok_or_else(|| {
                Error::new(ErrorKind::Config, "the reference date is not written YYYY-MM-DD")
            })?;
            let options = Options {
                locales: countries(&locales)?,
                reference_date,
                min_digits,
                strict,
                grouped,
                norway_2032: norway_2032.unwrap_or_else(|| Options::norway_2032_on(reference_date)),
            };
            let mut words = Lexicon::builtin()?;
            for (name, text) in lexicons.unwrap_or_default() {
                words.push(Arc::new(Lexicon::parse(&name, &text)?));
            }
            let key = key.map(Key::new);
            let config = Config { detectors, options, key: key.clone(), lexicons: words };
            let core = CoreScanner::new(config)?;
            let core = if explain { core.explaining() } else { core };
            Ok(Self { core: Arc::new(core), key })
        })
    }

    fn scan(&self, py: Python<'_>, text: &str) -> PyResult<FindingBlock> {
        let found = guard(py, || {
            SCRATCH.with_borrow_mut(|(batch, out)| {
                out.clear();
                self.core.scan_text(text, batch, out);
                Ok(out.clone())
            })
        })?;
        Ok(FindingBlock::new(self.core.clone(), found, Vec::new(), None))
    }

    fn scan_batch(
        &self,
        py: Python<'_>,
        texts: Vec<pyo3::pybacked::PyBackedStr>,
    ) -> PyResult<FindingBlock> {
        let found = guard(py, move || Ok(self.scan_all(texts.iter().map(|text| &**text))))?;
        Ok(FindingBlock::new(self.core.clone(), found, Vec::new(), None))
    }

    fn scan_arrow(
        &self,
        py: Python<'_>,
        stream: pyo3_arrow::PyChunkedArray,
    ) -> PyResult<FindingBlock> {
        let (chunks, _) = stream.into_inner();
        let found = guard(py, || {
            let texts = columns(&chunks)?;
            Ok(self.scan_all(texts.into_iter()))
        })?;
        Ok(FindingBlock::new(self.core.clone(), found, Vec::new(), None))
    }

    /// The id of a name under the key: a location, or the key of a message. `None` without a key.
    fn ident(&self, name: &[u8]) -> Option<[u8; 8]> {
        self.key.as_ref().map(|key| key.ids().of(name))
    }

    /// The id of a file under the key, by its path below the root.
    fn file_ident(&self, name: &[u8]) -> Option<[u8; 8]> {
        self.key.as_ref().map(|key| piiscan::sweep::file_id(&key.ids(), name))
    }

    #[getter]
    fn detectors<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for detector in self.core.detectors() {
            let dict = PyDict::new(py);
            dict.set_item("id", &detector.id)?;
            dict.set_item("category", detector.category.name())?;
            dict.set_item("class", detector.category.class().name())?;
            dict.set_item("summary", &detector.summary)?;
            dict.set_item("rule", &detector.rule)?;
            dict.set_item("examples", &detector.examples)?;
            list.append(dict)?;
        }
        Ok(list)
    }

    #[getter]
    fn digest(&self) -> String {
        self.core.digest()
    }

    #[getter]
    fn detectors_digest(&self) -> String {
        self.core.detectors_digest()
    }

    #[getter]
    fn lexicon_digest(&self) -> String {
        self.core.lexicon_digest()
    }

    #[getter]
    fn lexicons(&self) -> Vec<(&str, &str, &str)> {
        let all = self.core.lexicons().iter();
        all.map(|one| (one.name.as_str(), one.version.as_str(), one.digest.as_str())).collect()
    }

    fn explain<'py>(&self, py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyList>> {
        let explained = guard(py, || Ok(self.core.explain(text)))?;
        described(py, &explained)
    }

    #[getter]
    fn key_id(&self) -> Option<String> {
        self.key.as_ref().map(Key::id)
    }

    fn __repr__(&self) -> String {
        format!("Scanner({} detectors)", self.core.detectors().len())
    }
}

impl Scanner {
    /// Scans texts in batches of bounded size; `field` of a finding is the place of its text.
    fn scan_all<'t>(&self, texts: impl Iterator<Item = &'t str>) -> Vec<Finding> {
        SCRATCH.with_borrow_mut(|(batch, out)| {
            let mut all = Vec::new();
            let (mut first, mut next) = (0_u32, 0_u32);
            let mut flush = |batch: &mut Batch, first: u32, all: &mut Vec<Finding>| {
                out.clear();
                self.core.scan(batch, out);
                all.extend(out.iter().map(|f| Finding { field: f.field + first, ..*f }));
                batch.clear();
            };
            batch.clear();
            for text in texts {
                batch.push_text(text, "", FieldKind::Text);
                next += 1;
                if batch.len_bytes() >= BATCH {
                    flush(batch, first, &mut all);
                    first = next;
                }
            }
            flush(batch, first, &mut all);
            all
        })
    }
}

/// The texts of one column of strings, nulls as empty texts so that rows keep their numbers.
fn columns(chunks: &[arrow_array::ArrayRef]) -> Result<Vec<&str>, Error> {
    use arrow_array::cast::AsArray;
    use arrow_schema::DataType;

    let mut out = Vec::new();
    for chunk in chunks {
        match chunk.data_type() {
            DataType::Utf8 => {
                out.extend(chunk.as_string::<i32>().iter().map(Option::unwrap_or_default));
            }
            DataType::LargeUtf8 => {
                out.extend(chunk.as_string::<i64>().iter().map(Option::unwrap_or_default));
            }
            DataType::Utf8View => {
                out.extend(chunk.as_string_view().iter().map(Option::unwrap_or_default));
            }
            DataType::Struct(_) if chunk.as_struct().num_columns() == 1 => {
                out.extend(columns(std::slice::from_ref(chunk.as_struct().column(0)))?);
            }
            _ => {
                return Err(Error::new(
                    ErrorKind::Config,
                    "the stream is not one column of strings",
                ));
            }
        }
    }
    Ok(out)
}

/// What every detector is, for listings that need no scanner of their own.
#[pyfunction]
pub(crate) fn detectors(py: Python<'_>) -> PyResult<Bound<'_, PyList>> {
    let scanner =
        Scanner::new(py, None, None, "2000-01-01", 7, false, true, None, false, None, None)?;
    scanner.detectors(py)
}
