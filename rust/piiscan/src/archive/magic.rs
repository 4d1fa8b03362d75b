//! What bytes are: magic numbers, then the best offer of the tables.
//!
//! Content beats the name. A name that promises something else than the content is worth a warning.

use std::sync::Arc;

use super::profile::{Profile, Profiles};
use super::{Container, Probe, Syntax};

/// What is known about a kind of file that has no reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Image, sound, video or font: no text.
    Media,
    /// A document or database that a reader could be made for.
    Document,
    /// Needs a key.
    Encrypted,
}

/// A kind of file by its magic number.
#[derive(Clone, Copy, Debug)]
pub struct Magic {
    /// The name used in outputs; also the usual extension.
    pub id: &'static str,
    /// What is known about it.
    pub class: Class,
    at: usize,
    bytes: &'static [u8],
}

const fn magic(id: &'static str, class: Class, at: usize, bytes: &'static [u8]) -> Magic {
    Magic { id, class, at, bytes }
}

/// Magic numbers of what has no reader.
pub const MAGIC: &[Magic] = &[
    magic("png", Class::Media, 0, b"\x89PNG\r\n\x1a\n"),
    magic("jpeg", Class::Media, 0, b"\xff\xd8\xff"),
    magic("gif", Class::Media, 0, b"GIF8"),
    magic("webp", Class::Media, 8, b"WEBP"),
    magic("wav", Class::Media, 8, b"WAVE"),
    magic("avi", Class::Media, 8, b"AVI LIST"),
    magic("mp3", Class::Media, 0, b"ID3"),
    magic("mp4", Class::Media, 4, b"ftyp"),
    magic("ogg", Class::Media, 0, b"OggS"),
    magic("flac", Class::Media, 0, b"fLaC"),
    magic("amr", Class::Media, 0, b"#!AMR"),
    magic("webm", Class::Media, 0, b"\x1a\x45\xdf\xa3"),
    magic("tiff", Class::Media, 0, b"II*\0"),
    magic("tiff", Class::Media, 0, b"MM\0*"),
    magic("ico", Class::Media, 0, b"\0\0\x01\0"),
    magic("woff", Class::Media, 0, b"wOFF"),
    magic("woff2", Class::Media, 0, b"wOF2"),
    magic("ttf", Class::Media, 0, b"\0\x01\0\0\0"),
    magic("otf", Class::Media, 0, b"OTTO"),
    magic("pdf", Class::Document, 0, b"%PDF-"),
    magic("ole", Class::Document, 0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    magic("pst", Class::Document, 0, b"!BDN"),
    magic("tnef", Class::Document, 0, b"\x78\x9f\x3e\x22"),
    magic("sqlite", Class::Document, 0, b"SQLite format 3\0"),
    magic("7z", Class::Document, 0, b"7z\xbc\xaf\x27\x1c"),
    magic("rar", Class::Document, 0, b"Rar!\x1a\x07"),
    magic("cab", Class::Document, 0, b"MSCF\0\0\0\0"),
    magic("lz4", Class::Document, 0, b"\x04\x22\x4d\x18"),
    magic("lzip", Class::Document, 0, b"LZIP\x01"),
    magic("compress", Class::Document, 0, b"\x1f\x9d"),
    magic("openssl", Class::Encrypted, 0, b"Salted__"),
    magic("age", Class::Encrypted, 0, b"age-encryption.org/v1"),
    magic("kdbx", Class::Encrypted, 0, b"\x03\xd9\xa2\x9a"),
];

/// How an object is read.
#[derive(Clone, Debug)]
pub enum Format {
    /// Entries.
    Container(&'static dyn Container),
    /// Messages, with the layout of a vendor if its marks are there.
    Syntax(&'static dyn Syntax, Option<Arc<Profile>>),
    /// Known, without a reader.
    Known(&'static Magic),
    /// Neither text nor known.
    Binary,
}

impl Format {
    /// The name used in outputs.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Container(container) => container.id(),
            Self::Syntax(syntax, _) => syntax.id(),
            Self::Known(magic) => magic.id,
            Self::Binary => "binary",
        }
    }

    /// Whether magic bytes tell it, so that a name can be wrong about it.
    fn is_sure(&self) -> bool {
        matches!(self, Self::Container(_) | Self::Known(_))
    }
}

/// The tables that an object is tried against.
#[derive(Clone, Debug)]
pub struct Formats {
    /// Containers, in the order of ties.
    pub containers: &'static [&'static dyn Container],
    /// Syntaxes, in the order of ties.
    pub syntaxes: &'static [&'static dyn Syntax],
    /// Layouts of vendors.
    pub profiles: Profiles,
}

/// What an object is taken for.
#[derive(Clone, Debug)]
pub struct Choice {
    /// How it is read.
    pub format: Format,
    /// What is odd about it: a tie, a name that promises something else.
    pub remark: Option<String>,
}

impl Formats {
    /// What fits best: the highest score, the first of several.
    pub fn choose(&self, probe: &Probe<'_>) -> Choice {
        let mut best: (u8, Option<Format>) = (0, None);
        let mut tied = None;
        for container in self.containers {
            let score = container.probe(probe);
            if score > best.0 {
                best = (score, Some(Format::Container(*container)));
            }
        }
        if best.0 < 95
            && let Some(magic) = MAGIC.iter().find(|magic| magic.fits(probe.head))
        {
            best = (95, Some(Format::Known(magic)));
        }
        // Nothing that is read as text is as sure as a magic number.
        let syntaxes = if best.0 < 95 { self.syntaxes } else { &[] };
        for syntax in syntaxes {
            let own = syntax.probe(probe);
            if own == 0 {
                continue;
            }
            // Marks of a profile count only where its syntax is possible at all.
            let profile = self.profiles.choose(probe, syntax.id());
            let score = if profile.is_some() { own.max(90) } else { own };
            if score > best.0 {
                best = (score, Some(Format::Syntax(*syntax, profile)));
                tied = None;
            } else if score == best.0
                && score >= 20
                && let Some(first @ Format::Syntax(..)) = &best.1
            {
                tied = Some(format!("read as {}, may be {}", first.id(), syntax.id()));
            }
        }
        let format = match best {
            (2.., Some(format)) => format,
            (_, Some(format)) if !is_binary(probe.head) => format,
            _ => Format::Binary,
        };
        let remark = promised(&format, &probe.extension()).or(tied);
        Choice { format, remark }
    }
}

impl Magic {
    fn fits(&self, head: &[u8]) -> bool {
        head.get(self.at..).is_some_and(|head| head.starts_with(self.bytes))
            && (self.at != 8 || head.starts_with(b"RIFF"))
    }
}

/// Whether bytes hold what no text holds: zeros, or many control characters.
fn is_binary(head: &[u8]) -> bool {
    let control = |byte: &&u8| matches!(byte, 0x01..=0x06 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f);
    head.contains(&0) || head.iter().filter(control).count() * 20 > head.len()
}

/// Extensions and the ids of what they promise.
const PROMISES: &[(&str, &[&str])] = &[
    ("zip", &["zip"]),
    ("docx", &["zip", "ole"]),
    ("xlsx", &["zip", "ole"]),
    ("pptx", &["zip", "ole"]),
    ("odt", &["zip"]),
    ("ods", &["zip"]),
    ("jar", &["zip"]),
    ("tar", &["tar"]),
    ("gz", &["gzip"]),
    ("tgz", &["gzip"]),
    ("zst", &["zstd"]),
    ("bz2", &["bzip2"]),
    ("xz", &["xz"]),
    ("doc", &["ole", "zip"]),
    ("xls", &["ole", "zip"]),
    ("msg", &["ole"]),
    ("pdf", &["pdf"]),
    ("pst", &["pst"]),
    ("ost", &["pst"]),
    ("7z", &["7z"]),
    ("rar", &["rar"]),
    ("sqlite", &["sqlite"]),
    ("png", &["png"]),
    ("jpg", &["jpeg"]),
    ("jpeg", &["jpeg"]),
    ("gif", &["gif"]),
    ("mp3", &["mp3"]),
    ("mp4", &["mp4"]),
    ("wav", &["wav"]),
];

/// Extensions of text.
const TEXTS: &[&str] = &[
    "txt", "log", "csv", "tsv", "json", "jsonl", "ndjson", "xml", "html", "htm", "eml", "mbox",
    "vtt", "srt", "sbv", "md", "ics", "vcf",
];

/// What a name promised, if the content is something else.
fn promised(format: &Format, extension: &str) -> Option<String> {
    let id = format.id();
    match PROMISES.iter().find(|(name, _)| *name == extension) {
        Some((_, ids)) if ids.contains(&id) => None,
        Some(_) => Some(format!("the name ends in .{extension}, the content is {id}")),
        None if format.is_sure() && TEXTS.contains(&extension) => {
            Some(format!("the name ends in .{extension}, the content is {id}"))
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::container::CONTAINERS;
    use super::*;

    fn choose(name: &[u8], head: &[u8]) -> Choice {
        let formats =
            Formats { containers: CONTAINERS, syntaxes: &[], profiles: Profiles::default() };
        formats.choose(&Probe::new(name, head, Some(head.len() as u64)))
    }

    #[test]
    fn content_beats_the_name() {
        let choice = choose(b"anteckning.txt", b"\x1f\x8b\x08\0\0\0\0\0\0\x03");
        assert_eq!(choice.format.id(), "gzip");
        assert!(choice.remark.unwrap().contains("content is gzip"));
    }

    #[test]
    fn a_riff_file_is_told_by_its_second_mark() {
        assert_eq!(choose(b"a", b"RIFF\x24\0\0\0WAVEfmt ").format.id(), "wav");
        assert_eq!(choose(b"a", b"xxxx\x24\0\0\0WAVEfmt ").format.id(), "binary");
    }

    #[test]
    fn every_magic_number_is_told_apart() {
        for (at, magic) in MAGIC.iter().enumerate() {
            let mut head = b"RIFF\0\0\0\0".to_vec();
            head.resize(magic.at, 0);
            if magic.at != 8 {
                head.fill(0);
            }
            head.extend(magic.bytes);
            let first = MAGIC.iter().position(|other| other.fits(&head));
            assert_eq!(first, Some(at), "{}", magic.id);
        }
    }
}
