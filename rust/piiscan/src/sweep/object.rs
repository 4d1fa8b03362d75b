//! One object: what it is, how it is read, and how many bytes it has.

use std::io;
use std::sync::Arc;

use super::Shared;
use super::drive::Driver;
use super::item::{Close, Object};
use crate::archive::magic::{Choice, Class, Format};
use crate::archive::runs::Runs;
use crate::archive::source::Source;
use crate::archive::{Head, Probe, Reader};
use crate::coverage::Status;
use crate::error::{Error, ErrorKind};

/// How much of an object a probe looks at.
const HEAD: usize = 64 << 10; // bytes

/// Reads an object as what it is.
pub(super) fn read(
    driver: &mut Driver<'_, '_>,
    object: &Arc<Object>,
    source: &mut Source<'_>,
    close: &mut Close,
) {
    let shared = driver.worker.shared;
    let limits = &shared.config.limits;
    let len = source.size();
    let head = match source.head(HEAD) {
        Ok(head) => head,
        Err(error) => {
            let (status, reason) = failure(&error);
            close.problems.note(status, reason);
            return driver.name(object);
        }
    };
    if head.is_empty() {
        close.format = "empty";
        return driver.name(object);
    }
    let probe = Probe::new(&object.name, head, len);
    let Choice { format, remark } = shared.config.formats.choose(&probe);
    close.format = format.id();
    if let Some(remark) = remark {
        close.problems.note(Status::Warn, remark);
    }
    let too_deep = "lies deeper than the limit `depth`";
    match format {
        Format::Container(container) => {
            driver.name(object);
            if object.depth >= limits.depth {
                close.problems.note(Status::Limit, too_deep);
            } else {
                driver.container(container, object, source, close);
            }
        }
        Format::Known(magic) if magic.class == Class::Media => {
            close.problems.note(Status::Skipped, "media without text");
            driver.name(object);
        }
        Format::Syntax(syntax, profile) if object.depth <= limits.depth => {
            let head = Head { probe, profile: profile.as_deref(), limits };
            let reader: Arc<dyn Reader> = syntax.open(&head).into();
            let channel = profile.as_ref().and_then(|profile| profile.channel.clone());
            close.channel = channel.or_else(|| reader.channel().map(str::to_owned));
            close.profile = profile.map(|profile| profile.id.clone());
            for (status, reason) in reader.remarks() {
                close.problems.note(status, reason);
            }
            driver.blocks(object, source, &reader, false, close);
        }
        format => {
            let (status, reason) = match format {
                Format::Known(magic) if magic.class == Class::Encrypted => {
                    (Status::Encrypted, "needs a key")
                }
                Format::Known(_) => (Status::Unsupported, "no reader: runs of text were searched"),
                Format::Syntax(..) => (Status::Limit, too_deep),
                _ => (Status::Unsupported, "unknown binary data: runs of text were searched"),
            };
            close.problems.note(status, reason);
            let reader: Arc<dyn Reader> = Arc::new(Runs);
            driver.blocks(object, source, &reader, true, close);
        }
    }
}

/// The size of an object that was read. What is left of a stream is read over, so that the size is what it really is.
pub(super) fn measure(shared: &Shared, source: &mut Source<'_>, close: &mut Close) {
    let rest = if source.is_stream() && !shared.is_cancelled() {
        let position = source.position();
        let rest = io::copy(source, &mut io::sink());
        source.mark(position);
        if let Err(error) = &rest {
            let (status, reason) = failure(error);
            close.problems.note(status, reason);
        }
        rest.ok()
    } else {
        None
    };
    close.size = match rest {
        Some(rest) => source.position() + rest,
        // Broken off: what the container says is the best guess.
        None => source.position().max(declared(shared, source.size())),
    };
}

/// A size that a container declares, as far as it may be believed.
pub(super) fn declared(shared: &Shared, size: Option<u64>) -> u64 {
    size.unwrap_or(0).min(shared.config.limits.expanded)
}

/// What an error of reading makes of an object.
pub(super) fn failure(error: &io::Error) -> (Status, String) {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(own) => (status(own.kind()), own.reason().to_owned()),
        None => (Status::Error, error.kind().to_string()),
    }
}

/// What a kind of error makes of an object.
pub(super) fn status(kind: ErrorKind) -> Status {
    match kind {
        ErrorKind::Limit => Status::Limit,
        ErrorKind::Encrypted => Status::Encrypted,
        ErrorKind::Unsupported => Status::Unsupported,
        _ => Status::Error,
    }
}
