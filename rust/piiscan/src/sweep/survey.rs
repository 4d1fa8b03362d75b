//! What a first pass found, block by block, so that the second need not look for it again.
//!
//! A value that goes from one message goes from all of them, also where nothing around it says what it is, and also from messages before. So
//! an archive is read twice before it is written: the first pass finds, the second knows every value that goes. What was found is kept packed
//! and without values, beyond some megabytes in a file without a name. A block is known by its place and by a hash of its bytes: one that
//! changed between the passes is scanned again.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::finding::{Attributes, Confidence, Finding, Fingerprint, Span};
use crate::rewrite::Shared;

/// How much may stay in memory.
const MEMORY: usize = 16 << 20; // bytes
/// Bytes of a finding.
const PACKED: usize = 34;

/// Which of the passes over an archive a sweep is.
#[derive(Clone, Debug, Default)]
pub enum Pass {
    /// The only one.
    #[default]
    Only,
    /// The first of two: it says which values go, and keeps what it found, if somebody asks for it. Nothing is changed.
    First(Option<Arc<Survey>>),
    /// The second of two.
    Second(Arc<Survey>),
}

/// The place of an object in its archive, as a hash that is the same in each pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Trail([u8; 16]);

impl Trail {
    /// That of a file.
    pub(super) fn file(root: u32, name: &[u8]) -> Self {
        Self::of(&[&root.to_be_bytes(), name])
    }

    /// That of an entry of a container.
    pub(super) fn entry(self, number: u64) -> Self {
        Self::of(&[&self.0, b"entry", &number.to_be_bytes()])
    }

    /// That of an object in a block.
    pub(super) fn child(self, block: u32, number: usize) -> Self {
        Self::of(&[&self.0, b"child", &block.to_be_bytes(), &(number as u64).to_be_bytes()])
    }

    fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(part);
        }
        Self(half(&hasher))
    }
}

/// A block: the object that holds it, its number, the name of the object and its bytes.
#[derive(Clone, Copy)]
pub(super) struct Piece<'b> {
    pub(super) trail: Trail,
    pub(super) index: u32,
    pub(super) name: &'b [u8],
    pub(super) bytes: &'b [u8],
}

/// What was found in a block.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) findings: Vec<Finding>,
    /// Bytes that do not decode.
    pub(super) lossy: u64,
}

/// What a first pass found. `Debug` shows how much.
pub struct Survey {
    folder: Option<PathBuf>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    blocks: HashMap<(Trail, u32), Place>,
    /// Every set of attributes once: there are few.
    attributes: Vec<Attributes>,
    numbers: HashMap<Attributes, u32>,
    /// The number of the last one of each detector.
    last: Vec<u32>,
    /// What is not in the file yet, and where it begins.
    tail: Vec<u8>,
    begin: u64,
    file: Option<Shared>,
    /// Whether nothing more can be kept.
    is_full: bool,
}

/// Where a block lies in what is kept.
struct Place {
    hash: [u8; 16],
    lossy: u64,
    at: u64,
    count: usize,
}

/// `Debug` shows nothing that was found.
impl std::fmt::Debug for Survey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Survey({} blocks)", self.kept().blocks.len())
    }
}

impl Survey {
    /// An empty one, with a folder for what is too much for memory. Without a folder that is not kept: it is scanned again.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, kept: Mutex::default() }
    }

    /// Keeps what was found in a block. When the disk is full or fails, what comes from then on is not kept: it is scanned again.
    pub(super) fn keep(&self, piece: &Piece<'_>, findings: &[Finding], lossy: u64) {
        let hash = hash(piece);
        let mut kept = self.kept();
        if kept.is_full {
            return;
        }
        let at = kept.begin + kept.tail.len() as u64;
        for finding in findings {
            let number = kept.number(finding);
            pack(finding, number, &mut kept.tail);
        }
        let place = Place { hash, lossy, at, count: findings.len() };
        kept.blocks.insert((piece.trail, piece.index), place);
        if kept.tail.len() > MEMORY {
            kept.is_full = match &self.folder {
                Some(folder) => kept.spill(folder).is_err(),
                None => true,
            };
        }
    }

    /// What was found in a block, if it is still the same.
    pub(super) fn recall(&self, piece: &Piece<'_>) -> Option<Found> {
        let kept = self.kept();
        let place = kept.blocks.get(&(piece.trail, piece.index))?;
        let (expected, lossy, at, len) = (place.hash, place.lossy, place.at, place.count * PACKED);
        let packed = match at.checked_sub(kept.begin) {
            Some(at) => {
                let at = usize::try_from(at).ok()?;
                kept.tail.get(at..at + len)?.to_vec()
            }
            None => kept.file.as_ref()?.read(at, len).ok()?,
        };
        let findings = packed.chunks_exact(PACKED).map(|packed| unpack(packed, &kept.attributes));
        let findings = findings.collect::<Option<Vec<_>>>()?;
        drop(kept);
        (hash(piece) == expected).then_some(Found { findings, lossy })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// The number of a set of attributes: often that of the last finding of the same detector.
    fn number(&mut self, finding: &Finding) -> u32 {
        let (detector, attributes) = (usize::from(finding.detector), finding.attributes);
        if self.last.len() <= detector {
            self.last.resize(detector + 1, u32::MAX);
        }
        let last = self.last[detector];
        if self.attributes.get(last as usize) == Some(&attributes) {
            return last;
        }
        let number = self.new_number(attributes);
        self.last[detector] = number;
        number
    }

    fn new_number(&mut self, attributes: Attributes) -> u32 {
        *self.numbers.entry(attributes).or_insert_with(|| {
            self.attributes.push(attributes);
            u32::try_from(self.attributes.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// Moves what is in memory to the file.
    fn spill(&mut self, folder: &Path) -> io::Result<()> {
        let file = match &self.file {
            Some(file) => file,
            None => self.file.insert(Shared::new(folder)?),
        };
        file.append(&self.tail)?;
        self.begin += self.tail.len() as u64;
        self.tail.clear();
        Ok(())
    }
}

fn pack(finding: &Finding, attributes: u32, out: &mut Vec<u8>) {
    let Finding { field, span, detector, confidence, fingerprint, .. } = finding;
    for number in [*field, span.start, span.end, attributes] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(&[*detector, *confidence as u8]);
    out.extend_from_slice(&fingerprint.0);
}

fn unpack(packed: &[u8], attributes: &[Attributes]) -> Option<Finding> {
    let (numbers, rest) = packed.split_at_checked(16)?;
    let number = |at: usize| numbers[4 * at..].first_chunk().map(|four| u32::from_le_bytes(*four));
    let ([detector, confidence], fingerprint) = rest.split_first_chunk::<2>()?;
    Some(Finding {
        field: number(0)?,
        span: Span { start: number(1)?, end: number(2)? },
        detector: *detector,
        confidence: [Confidence::Low, Confidence::Medium, Confidence::High]
            .into_iter()
            .find(|each| *each as u8 == *confidence)?,
        attributes: *attributes.get(number(3)? as usize)?,
        fingerprint: Fingerprint(*fingerprint.first_chunk()?),
    })
}

/// A hash of what the findings of a block depend on.
fn hash(piece: &Piece<'_>) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(piece.name.len() as u64).to_be_bytes());
    hasher.update(piece.name);
    hasher.update(piece.bytes);
    half(&hasher)
}

fn half(hasher: &blake3::Hasher) -> [u8; 16] {
    let mut out = [0; 16];
    hasher.finalize_xof().fill(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::finding::{Flags, Reading};

    fn finding(field: u32, start: u32, term: u32) -> Finding {
        Finding {
            field,
            span: Span { start, end: start + 9 },
            detector: u8::try_from(term % 40).unwrap(),
            confidence: if term.is_multiple_of(2) { Confidence::High } else { Confidence::Low },
            attributes: Attributes {
                kind: Some("vat"),
                flags: if term.is_multiple_of(3) { Flags::NEGATED } else { Flags::default() },
                reading: Some(Reading::Personal),
                term,
                ..Attributes::default()
            },
            fingerprint: Fingerprint([u8::try_from(term % 256).unwrap(); 16]),
        }
    }

    fn piece(index: u32, bytes: &[u8]) -> Piece<'_> {
        Piece { trail: Trail::file(0, b"a"), index, name: b"a", bytes }
    }

    #[test]
    fn places_are_told_apart() {
        let file = Trail::file(0, b"a.zip");
        let all = [
            file,
            Trail::file(1, b"a.zip"),
            Trail::file(0, b"b.zip"),
            file.entry(0),
            file.entry(1),
            file.entry(0).entry(0),
            file.child(0, 0),
            file.child(1, 0),
            file.child(0, 1),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(all[..at].iter().all(|other| other != one), "{at}");
        }
    }

    #[test]
    fn a_block_that_changed_is_not_known() {
        let survey = Survey::new(None);
        survey.keep(&piece(3, b"block"), &[finding(1, 2, 3)], 7);
        let found = Found { findings: vec![finding(1, 2, 3)], lossy: 7 };
        assert_eq!(survey.recall(&piece(3, b"block")), Some(found));
        let elsewhere = Piece { trail: Trail::file(1, b"a"), ..piece(3, b"block") };
        let renamed = Piece { name: b"b", ..piece(3, b"block") };
        for other in [piece(3, b"blocks"), piece(2, b"block"), elsewhere, renamed] {
            assert_eq!(survey.recall(&other), None);
        }
    }

    #[test]
    fn what_is_too_much_for_memory_is_found_again() {
        let survey = Survey::new(Some(std::env::temp_dir()));
        let block: Vec<Finding> = (0..120_000).map(|at| finding(at, at / 7, at % 500)).collect();
        for index in 0..6 {
            survey.keep(&piece(index, b"x"), &block[index as usize..], 0);
        }
        assert!(survey.kept().tail.len() <= MEMORY && survey.kept().begin > 0);
        for index in (0..6).rev() {
            let found = survey.recall(&piece(index, b"x")).unwrap();
            assert!(found.findings == block[index as usize..]);
        }
    }

    #[test]
    fn without_a_disk_memory_stays_bounded() {
        for folder in [None, Some(PathBuf::from("/nowhere/at all"))] {
            let survey = Survey::new(folder);
            let many = vec![finding(0, 0, 0); MEMORY / PACKED + 1];
            for index in 0..4 {
                survey.keep(&piece(index, b""), &many, 0);
            }
            assert!(survey.kept().tail.len() < 2 * MEMORY);
            assert_eq!(survey.recall(&piece(0, b"")).unwrap().findings.len(), many.len());
            assert_eq!(survey.recall(&piece(3, b"")), None);
        }
    }

    proptest! {
        #[test]
        fn a_finding_is_the_same_again(field in any::<u32>(), start in 0..u32::MAX - 9, term in any::<u32>()) {
            let mut packed = Vec::new();
            let finding = finding(field, start, term);
            pack(&finding, 1, &mut packed);
            prop_assert_eq!(packed.len(), PACKED);
            let attributes = [Attributes::default(), finding.attributes];
            prop_assert_eq!(unpack(&packed, &attributes), Some(finding));
            prop_assert_eq!(unpack(&packed, &attributes[..1]), None);
        }
    }
}
