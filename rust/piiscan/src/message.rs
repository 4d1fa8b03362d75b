//! Where a text stands: locations, roles of fields, messages and their times.

use std::fmt;

/// One step of a location.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Seg {
    /// A file or an entry of a container. Bytes: names need not be text.
    Entry(Vec<u8>),
    /// A message, counted from 0 within the innermost entry.
    Record(u64),
    /// A field of a message.
    Field(String),
}

/// A place in an archive, shown as `export.zip!/inbox.mbox#142/body`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Loc(pub Vec<Seg>);

impl Loc {
    /// The location of a top-level file.
    pub fn file(name: &[u8]) -> Self {
        Self(vec![Seg::Entry(name.to_vec())])
    }

    /// This location with one more step.
    #[must_use]
    pub fn join(&self, seg: Seg) -> Self {
        let mut segs = Vec::with_capacity(self.0.len() + 1);
        segs.extend_from_slice(&self.0);
        segs.push(seg);
        Self(segs)
    }

    /// Number of entries within entries; 0 for a top-level file.
    pub fn depth(&self) -> usize {
        self.0.iter().filter(|seg| matches!(seg, Seg::Entry(_))).count().saturating_sub(1)
    }
}

impl fmt::Display for Loc {
    /// Control characters and bytes that are not UTF-8 appear as `\xNN`, a backslash as `\\`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, seg) in self.0.iter().enumerate() {
            match seg {
                Seg::Entry(name) => {
                    if at > 0 {
                        f.write_str("!/")?;
                    }
                    escape(name, f)?;
                }
                Seg::Record(number) => write!(f, "#{number}")?,
                Seg::Field(path) => {
                    f.write_str("/")?;
                    escape(path.trim_start_matches('/').as_bytes(), f)?;
                }
            }
        }
        Ok(())
    }
}

/// Writes bytes so that they are safe on a terminal and can be read back.
fn escape(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            let bidi = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if c == '\\' {
                f.write_str("\\\\")?;
            } else if c.is_control() || bidi {
                let mut buffer = [0; 4];
                for byte in c.encode_utf8(&mut buffer).bytes() {
                    write!(f, "\\x{byte:02x}")?;
                }
            } else {
                fmt::Write::write_char(f, c)?;
            }
        }
        for byte in chunk.invalid() {
            write!(f, "\\x{byte:02x}")?;
        }
    }
    Ok(())
}

/// What a field is for. The numbers are part of the store's layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Role {
    /// What was said.
    Body = 0,
    /// Subject or title.
    Subject = 1,
    /// Who wrote it.
    Sender = 2,
    /// Who got it.
    Recipient = 3,
    /// When it came.
    Time = 4,
    /// When its case was closed.
    Closed = 5,
    /// Through which channel.
    Channel = 6,
    /// Name of an attachment.
    AttachName = 7,
    /// Name of a file or of an entry of a container.
    EntryName = 8,
    /// Anything else.
    Meta = 9,
    /// An id of the exporting system: long, but not a number of a person.
    Opaque = 10,
}

impl Role {
    /// Every role, by number.
    pub const ALL: &'static [Self] = &[
        Self::Body,
        Self::Subject,
        Self::Sender,
        Self::Recipient,
        Self::Time,
        Self::Closed,
        Self::Channel,
        Self::AttachName,
        Self::EntryName,
        Self::Meta,
        Self::Opaque,
    ];

    /// The name used in outputs and profiles.
    pub fn name(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Subject => "subject",
            Self::Sender => "sender",
            Self::Recipient => "recipient",
            Self::Time => "time",
            Self::Closed => "closed",
            Self::Channel => "channel",
            Self::AttachName => "attachment-name",
            Self::EntryName => "entry-name",
            Self::Meta => "meta",
            Self::Opaque => "opaque",
        }
    }
}

/// An instant: milliseconds since 1970-01-01T00:00:00Z. `Ts::UNKNOWN` where the source has none that can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ts(pub i64);

impl Ts {
    /// No instant known; never guessed from file times.
    pub const UNKNOWN: Self = Self(i64::MIN);
}

impl Default for Ts {
    fn default() -> Self {
        Self::UNKNOWN
    }
}

/// One message of an archive, without its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// First byte in the innermost object.
    pub raw_start: u64,
    /// Length in bytes.
    pub raw_len: u64,
    /// When it came.
    pub sent: Ts,
    /// When its case was closed.
    pub closed: Ts,
    /// Whether the place where it ends is doubtful, so that its times prove nothing.
    pub doubtful: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_way_into_a_container() {
        let loc = Loc::file(b"export.zip")
            .join(Seg::Entry(b"inbox.mbox".to_vec()))
            .join(Seg::Record(142))
            .join(Seg::Field("body".into()));
        assert_eq!(loc.to_string(), "export.zip!/inbox.mbox#142/body");
        assert_eq!(loc.depth(), 1);
    }

    #[test]
    fn shows_odd_bytes_of_a_name_as_escapes() {
        assert_eq!(Loc::file(b"a\x1b[31m\xff\\b").to_string(), "a\\x1b[31m\\xff\\\\b");
    }

    #[test]
    fn roles_are_numbered_by_their_place() {
        assert!(Role::ALL.iter().enumerate().all(|(at, role)| *role as usize == at));
    }
}
