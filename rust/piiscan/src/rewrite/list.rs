//! The edits of one object, packed: a few bytes for each beside what it writes. Beyond some megabytes they go to a file without a name, so memory
//! does not grow with the number of findings.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::file::unnamed;
use crate::error::{Error, ErrorKind};
use crate::view::Edit;

/// Where edits go that are too many for memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Spool {
    /// Nowhere: they stay in memory.
    #[default]
    Memory,
    /// To a file without a name in this folder.
    Folder(PathBuf),
    /// They are counted and not kept: nothing is going to be written.
    Count,
}

/// A file without a name that several lists share.
#[derive(Debug)]
pub struct Shared {
    file: Mutex<File>,
}

impl Shared {
    /// A new one in a folder.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub fn new(folder: &Path) -> io::Result<Self> {
        Ok(Self { file: Mutex::new(unnamed(folder)?) })
    }

    /// Adds bytes, and says where they begin.
    pub(crate) fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let at = file.seek(SeekFrom::End(0))?;
        file.write_all(bytes)?;
        Ok(at)
    }

    /// Bytes that were added.
    pub(crate) fn read(&self, at: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at))?;
        let mut bytes = vec![0; len];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// Edits in the order of their places.
#[derive(Clone, Default)]
pub struct EditList {
    count: usize,
    growth: i64,
    /// Where the last edit that was packed ends.
    end: u64,
    /// Stretches that went to the file: where each begins and how long it is.
    spilled: Vec<(u64, usize)>,
    file: Option<Arc<Shared>>,
    packed: Vec<u8>,
    /// Edits that came out of order, and those of parts that are encoded again: few.
    late: Vec<Edit>,
    /// Whether edits are counted and not kept.
    counts: bool,
    failure: Option<Error>,
}

impl EditList {
    /// A list that only counts.
    pub fn counting() -> Self {
        Self { counts: true, ..Self::default() }
    }

    /// Number of edits.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes of memory that the edits take, about.
    pub fn memory(&self) -> usize {
        self.packed.len()
    }

    /// Adds an edit.
    pub fn push(&mut self, edit: Edit) {
        self.count += 1;
        if self.counts {
            return;
        }
        if edit.within.is_some() || edit.raw.start < self.end || edit.raw.end < edit.raw.start {
            self.late.push(edit);
            return;
        }
        let (old, new) = (edit.raw.end - edit.raw.start, edit.bytes.len() as u64);
        let grows = i64::try_from(new).ok().and_then(|new| new.checked_sub_unsigned(old));
        self.growth = self.growth.saturating_add(grows.unwrap_or(i64::MIN));
        for number in [edit.raw.start - self.end, old, new] {
            pack(number, &mut self.packed);
        }
        self.packed.extend_from_slice(&edit.bytes);
        self.end = edit.raw.end;
    }

    /// Moves what is in memory to a file. What goes wrong is told when the edits are read.
    pub fn spill(&mut self, file: &Arc<Shared>) {
        if self.packed.is_empty() || self.failure.is_some() {
            return;
        }
        match file.append(&self.packed) {
            Ok(at) => {
                self.spilled.push((at, self.packed.len()));
                self.file.get_or_insert_with(|| Arc::clone(file));
            }
            Err(error) => self.failure = Some(error.into()),
        }
        self.packed = Vec::new();
    }

    /// Notes why edits are missing.
    pub fn fail(&mut self, error: Error) {
        self.failure.get_or_insert(error);
        self.packed = Vec::new();
    }

    /// By how many bytes the content grows; `None` if a part is encoded again.
    pub fn growth(&self) -> Option<i64> {
        self.late.iter().try_fold(self.growth, |sum, edit| {
            let (old, new) = (edit.raw.end.checked_sub(edit.raw.start)?, edit.bytes.len() as u64);
            let grows = i64::try_from(new).ok()?.checked_sub_unsigned(old)?;
            edit.within.is_none().then(|| sum.checked_add(grows))?
        })
    }

    /// The edits, if all of them are in memory.
    pub fn in_memory(&self) -> Option<Vec<Edit>> {
        if !self.spilled.is_empty() {
            return None;
        }
        self.iter().collect::<Result<_, _>>().ok()
    }

    /// Every edit, sorted by place.
    pub fn iter(&self) -> Iter<'_> {
        let mut late = self.late.clone();
        late.sort_by_key(|edit| {
            let span = edit.within.as_ref().map_or(0, |within| within.span.start);
            std::cmp::Reverse((edit.raw.start, edit.raw.end, span))
        });
        let lost = self.counts && self.count > 0;
        let lost = lost.then(|| Error::new(ErrorKind::Config, "the edits were not kept"));
        Iter {
            list: self,
            failure: self.failure.clone().or(lost),
            stretch: 0,
            bytes: Vec::new(),
            at: 0,
            end: 0,
            next: None,
            late,
        }
    }
}

impl From<Vec<Edit>> for EditList {
    /// In any order.
    fn from(mut edits: Vec<Edit>) -> Self {
        edits.sort_by_key(|edit| (edit.raw.start, edit.raw.end));
        let mut list = Self::default();
        for edit in edits {
            list.push(edit);
        }
        list
    }
}

impl<'l> IntoIterator for &'l EditList {
    type Item = Result<Edit, Error>;
    type IntoIter = Iter<'l>;

    fn into_iter(self) -> Iter<'l> {
        self.iter()
    }
}

/// `Debug` shows no text.
impl fmt::Debug for EditList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EditList({})", self.count)
    }
}

impl PartialEq for EditList {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count && self.iter().eq(other.iter())
    }
}

/// The edits of a list. It ends after an error.
#[derive(Debug)]
pub struct Iter<'l> {
    list: &'l EditList,
    failure: Option<Error>,
    /// The next stretch; what is in memory comes after those of the file.
    stretch: usize,
    bytes: Vec<u8>,
    at: usize,
    end: u64,
    next: Option<Edit>,
    /// The last one comes first.
    late: Vec<Edit>,
}

impl Iter<'_> {
    /// The next edit that was packed.
    fn unpack(&mut self) -> Result<Option<Edit>, Error> {
        while self.at == self.bytes.len() {
            let list = self.list;
            self.bytes = match (list.spilled.get(self.stretch), &list.file) {
                (Some((at, len)), Some(file)) => file.read(*at, *len)?,
                _ if self.stretch == list.spilled.len() => list.packed.clone(),
                _ => return Ok(None),
            };
            self.at = 0;
            self.stretch += 1;
        }
        let (start, old, new) = (self.number(), self.number(), self.number());
        let start = self.end + start;
        self.end = start + old;
        let len = usize::try_from(new).unwrap_or(usize::MAX);
        let bytes = self.bytes.get(self.at..).and_then(|rest| rest.get(..len)).map(<[u8]>::to_vec);
        let bytes = bytes.ok_or_else(|| Error::new(ErrorKind::Io, "the edits were damaged"))?;
        self.at += len;
        Ok(Some(Edit { raw: Range { start, end: self.end }, bytes, within: None }))
    }

    fn number(&mut self) -> u64 {
        let (mut number, mut shift) = (0, 0);
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            number |= u64::from(byte & 127) << shift;
            shift += 7;
            if byte < 128 || shift > 63 {
                break;
            }
        }
        number
    }
}

impl Iterator for Iter<'_> {
    type Item = Result<Edit, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.failure.take() {
            self.stretch = usize::MAX;
            self.late.clear();
            return Some(Err(error));
        }
        if self.next.is_none() && self.stretch != usize::MAX {
            match self.unpack() {
                Ok(edit) => self.next = edit,
                Err(error) => {
                    self.failure = Some(error);
                    return self.next();
                }
            }
        }
        let is_late = match (&self.next, self.late.last()) {
            (Some(next), Some(late)) => {
                (late.raw.start, late.raw.end) < (next.raw.start, next.raw.end)
            }
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if is_late { self.late.pop().map(Ok) } else { self.next.take().map(Ok) }
    }
}

/// Seven bits a byte, the lowest first.
fn pack(mut number: u64, out: &mut Vec<u8>) {
    while number > 127 {
        out.push((number & 127) as u8 | 128);
        number >>= 7;
    }
    out.push((number & 127) as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(raw: Range<u64>, bytes: &str) -> Edit {
        Edit { raw, bytes: bytes.as_bytes().to_vec(), within: None }
    }

    fn edits(count: u32) -> Vec<Edit> {
        let made = |at: u32| {
            let start = u64::from(at) * 300;
            edit(start..start + u64::from(at % 5), &"xxxxxx"[..at as usize % 7])
        };
        (0..count).map(made).collect()
    }

    #[test]
    fn edits_come_back_in_order() {
        let mut list = EditList::default();
        let made = edits(500);
        made.iter().cloned().for_each(|edit| list.push(edit));
        assert_eq!(list.iter().collect::<Result<Vec<_>, _>>().unwrap(), made);
        assert!(list.memory() < 500 * 16);
        let new: usize = made.iter().map(|edit| edit.bytes.len()).sum();
        let old: u64 = made.iter().map(|edit| edit.raw.end - edit.raw.start).sum();
        let grown = i64::try_from(new).unwrap() - i64::try_from(old).unwrap();
        assert_eq!(list.growth(), Some(grown));
    }

    #[test]
    fn what_comes_late_takes_its_place() {
        let mut list = EditList::from(vec![edit(9..9, "b"), edit(2..4, "a")]);
        list.push(edit(5..6, "late"));
        list.push(edit(20..21, ""));
        let starts: Vec<u64> = list.iter().map(|edit| edit.unwrap().raw.start).collect();
        assert_eq!((starts, list.len()), (vec![2, 5, 9, 20], 4));
    }

    #[test]
    fn a_file_takes_what_memory_does_not() {
        let folder = std::env::temp_dir();
        let file = Arc::new(Shared::new(&folder).unwrap());
        let (mut one, mut two) = (EditList::default(), EditList::default());
        for (at, edit) in edits(400).into_iter().enumerate() {
            one.push(edit.clone());
            two.push(edit);
            if at % 50 == 49 {
                one.spill(&file);
                two.spill(&file);
            }
        }
        assert_eq!((one.memory(), one.in_memory()), (0, None));
        assert_eq!(one, EditList::from(edits(400)));
        assert_eq!(two, one);
    }

    #[test]
    fn what_was_not_kept_is_no_empty_list() {
        let mut list = EditList::counting();
        list.push(edit(1..2, "x"));
        assert_eq!(list.len(), 1);
        assert!(list.iter().next().unwrap().is_err());
        let mut list = EditList::from(edits(3));
        list.fail(Error::new(ErrorKind::Io, "no space"));
        assert_eq!(list.iter().filter(Result::is_err).count(), 1);
        assert_eq!(list.iter().count(), 1);
    }
}
