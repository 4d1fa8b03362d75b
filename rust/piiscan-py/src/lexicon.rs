//! `lint`, `collisions`, `explain`: lexicons for those who write them.

use piiscan::detect::keyword::{self, Explained, Outcome};
use piiscan::finding::Reading;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::guard::guard;

/// File, line, term, whether it is an error, what is wrong.
type Issue = (String, usize, String, bool, String);
/// Term, mode, whether the word alone is a finding, word, count.
type Collision = (String, &'static str, bool, String, Option<f64>);

/// What is wrong in lexicon files, in the shipped ones if there are none.
#[pyfunction]
pub(crate) fn lint(py: Python<'_>, files: Vec<(String, String)>) -> PyResult<Vec<Issue>> {
    let issues = guard(py, move || Ok(keyword::lint(&files)))?;
    Ok(issues.into_iter().map(|i| (i.file, i.line, i.term, i.is_error, i.what)).collect())
}

/// Which words of a list the stems of lexicon files hit.
#[pyfunction]
pub(crate) fn collisions(
    py: Python<'_>,
    files: Vec<(String, String)>,
    words: &str,
) -> PyResult<Vec<Collision>> {
    let found = guard(py, move || keyword::collisions(&files, words))?;
    Ok(found.into_iter().map(|c| (c.term, c.mode.name(), c.alone, c.word, c.count)).collect())
}

/// What is explained, as plain values.
pub(crate) fn described<'py>(
    py: Python<'py>,
    explained: &[Explained],
) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for one in explained {
        let dict = PyDict::new(py);
        dict.set_item("term", &one.term)?;
        dict.set_item("category", one.category.name())?;
        dict.set_item("mode", one.mode.name())?;
        dict.set_item("span", [one.start, one.end])?;
        dict.set_item("weight", one.weight)?;
        let contexts = PyList::empty(py);
        for stood in &one.contexts {
            let context = PyDict::new(py);
            context.set_item("name", &stood.name)?;
            context.set_item("role", stood.role.name())?;
            context.set_item("points", stood.points)?;
            if let Some((start, end)) = stood.span {
                context.set_item("span", [start, end])?;
            }
            contexts.append(context)?;
        }
        dict.set_item("contexts", contexts)?;
        match &one.outcome {
            Outcome::Nothing(reason) => dict.set_item("reason", reason)?,
            Outcome::Finding { score, confidence, reading, negated, alert } => {
                dict.set_item("score", score)?;
                dict.set_item("confidence", confidence.name())?;
                let reading = if *reading == Reading::Personal { "personal" } else { "topical" };
                dict.set_item("reading", reading)?;
                dict.set_item("negated", negated)?;
                if let Some(alert) = alert {
                    dict.set_item("alert", alert)?;
                }
            }
        }
        list.append(dict)?;
    }
    Ok(list)
}
