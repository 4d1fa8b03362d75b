//! Where a document can be cut: between two messages, so that every window but the first begins in the same state.

use memchr::memmem;

use super::walker::quoted;
use crate::archive::profile::Step;

/// Finds the end of the last complete message (behind its comma).
pub(super) fn last(bytes: &[u8], first: bool, record: &[Step]) -> Option<usize> {
    scan(bytes, first, record, bytes.len())
}

/// Finds the end of the first complete message that ends behind `after`: where reading goes on after a fault.
pub(super) fn next(bytes: &[u8], first: bool, record: &[Step], after: usize) -> Option<usize> {
    scan(bytes, first, record, after).filter(|border| *border > after)
}

/// The first border behind `goal`, or else the last one.
///
/// A cut is allowed only where the containers around are exactly those of the path of records, arrays at `*`. The scan begins at the
/// start of the document, or (`first` is false) between two messages.
fn scan(bytes: &[u8], first: bool, record: &[Step], goal: usize) -> Option<usize> {
    let levels = record.len();
    let mut scan = Scan { record, arrays: Vec::new(), matched: 0, depth: 0 };
    if !first {
        scan.arrays = record.iter().map(|step| *step == Step::Any).collect();
        scan.matched = levels;
        scan.depth = levels;
    }
    let mut border = None;
    let mut at = 0;
    let mut expect_key = false;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let Some(text) = quoted(bytes, at + 1) else { return border };
                if expect_key {
                    scan.key(&bytes[at + 1..text.end]);
                    expect_key = false;
                }
                at = text.end;
            }
            b'[' | b'{' => {
                scan.open(*byte == b'[');
                expect_key = *byte == b'{' && scan.depth <= levels;
            }
            b']' | b'}' => {
                expect_key = false;
                if scan.depth == 0 {
                    return border;
                }
                scan.close();
            }
            b',' if scan.depth <= levels => {
                if scan.depth == levels && scan.matched == levels {
                    border = Some(at + 1);
                    if at + 1 > goal {
                        return border;
                    }
                }
                expect_key = scan.arrays.last() == Some(&false);
            }
            _ => {}
        }
        at += 1;
    }
    border
}

struct Scan<'r> {
    record: &'r [Step],
    /// For containers down to the level of records: whether it is an array.
    arrays: Vec<bool>,
    /// How many steps of the path lead to what is read.
    matched: usize,
    depth: usize,
}

impl Scan<'_> {
    fn open(&mut self, array: bool) {
        if self.depth < self.record.len() {
            self.arrays.push(array);
            if array && self.matched == self.depth && self.record[self.depth] == Step::Any {
                self.matched += 1;
            }
        }
        self.depth += 1;
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.arrays.truncate(self.depth);
        self.matched = self.matched.min(self.depth);
    }

    fn key(&mut self, key: &[u8]) {
        let level = self.depth - 1;
        if self.matched >= level {
            let wanted =
                matches!(&self.record[level], Step::Key(wanted) if *wanted.as_bytes() == *key);
            self.matched = level + usize::from(wanted);
        }
    }
}

/// Whether a path of records can be cut at all: its last step stands for the elements of an array.
pub(super) fn is_cuttable(record: &[Step]) -> bool {
    // An escaped key would not be recognized byte by byte.
    let plain = |step: &Step| match step {
        Step::Any => true,
        Step::Key(key) => memmem::find(key.as_bytes(), b"\\").is_none() && !key.contains('"'),
    };
    record.last() == Some(&Step::Any) && record.iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(path: &str) -> Vec<Step> {
        let step = |part| if part == "*" { Step::Any } else { Step::Key(Box::from(part)) };
        path.split('/').skip(1).map(step).collect()
    }

    fn cut<'b>(bytes: &'b str, record: &str) -> Option<&'b str> {
        last(bytes.as_bytes(), true, &keys(record)).map(|at| &bytes[..at])
    }

    #[test]
    fn cuts_between_elements_of_the_top_array() {
        assert_eq!(cut(r#" [1, {"a": [2, 3]}, "x,""#, "/*"), Some(r#" [1, {"a": [2, 3]},"#));
        assert_eq!(cut(r#"[{"a": 1"#, "/*"), None);
        assert_eq!(cut(r#"[{"a": 1}, {"a": "cut"#, "/*"), Some(r#"[{"a": 1},"#));
        assert_eq!(cut(r"[1, 2] , 3,", "/*"), Some("[1,"));
    }

    #[test]
    fn cuts_only_within_the_path_of_records() {
        let text = r#"{"b": [1, 2], "m": {"x": [1, 2]}, "messages": [{"t": [1, 2]}, {"t""#;
        let end = text.rfind(" {").unwrap();
        assert_eq!(cut(text, "/messages/*"), Some(&text[..end]));
        assert_eq!(cut(text, "/b/*"), Some(r#"{"b": [1,"#));
        assert_eq!(cut(text, "/m/x/*"), Some(r#"{"b": [1, 2], "m": {"x": [1,"#));
        assert_eq!(cut(text, "/x/*"), None);
        assert_eq!(cut(r#"{"messages": {"a": {}, "b": {}, "#, "/messages/*"), None);
    }

    #[test]
    fn goes_on_between_two_messages() {
        let rest = br#" {"t": 1}, {"t": 2}], "z": [1, 2, 3"#;
        assert_eq!(last(rest, false, &keys("/messages/*")), Some(r#" {"t": 1},"#.len()));
        let lists = br#" {"t": 1}, {"t": 2}]}, {"m": [3, 4"#;
        assert_eq!(last(lists, false, &keys("/l/*/m/*")), Some(lists.len() - 2));
    }
}
