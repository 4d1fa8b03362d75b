//! Fields to findings: what the scan finds in a batch, or what a first pass found in the block.

use super::{Asked, Collector, REPLACEMENT};
use crate::coverage::Status;
use crate::finding::Finding;
use crate::sweep::survey::{Found, Pass};
use crate::view::RawSpan;

impl<'a> Collector<'a, '_> {
    /// Scans what was taken so far.
    pub(super) fn flush(&mut self) {
        let mut found = std::mem::take(&mut self.scratch.found);
        found.clear();
        if !self.shared.is_cancelled() {
            self.shared.config.scanner.scan(&mut self.scratch.batch, &mut found);
        }
        let mut at = 0;
        for group in found.chunk_by(|a, b| a.field == b.field) {
            // The next is near, mostly.
            at += self.asked[at..].iter().take_while(|asked| asked.number < group[0].field).count();
            self.take(at, group);
        }
        self.count_lossy();
        self.flushed = self.fields();
        self.asked.clear();
        self.scratch.batch.clear();
        self.scratch.paths.trim();
        self.scratch.found = found;
    }

    /// Findings of the field that stands at a place of those asked about.
    fn take(&mut self, at: usize, group: &[Finding]) {
        let Asked { number, view, path } = &self.asked[at];
        let number = self.flushed + number;
        let mapped = view.mapped();
        let is_name = number == 0 && self.work.index == 0;
        let chunk = &self.work.chunk;
        let part = &mut self.done.part;
        let before = part.findings.len();
        for finding in group {
            let raw = mapped.raw(finding.span.start as usize..finding.span.end as usize);
            if is_name {
                self.name_found.push((*finding, raw));
            } else if chunk.torn && !(chunk.from..chunk.to).contains(&raw.start) {
                continue;
            }
            if self.shared.config.reveal {
                let text = view.bytes();
                let found = text.get(finding.span.start as usize..finding.span.end as usize);
                let value = String::from_utf8_lossy(found.unwrap_or_default()).into_owned();
                part.values.get_or_insert_default().push(value);
            }
            part.findings.push(Finding { field: number, ..*finding });
            part.raws.push(raw);
        }
        if path.0 < path.1 && part.findings.len() > before {
            part.paths.push((number, self.scratch.paths.share(*path)));
        }
    }

    /// Counts raw bytes for which U+FFFD stands in a text, unless they are U+FFFD themselves.
    fn count_lossy(&mut self) {
        let is_name = |field: u32| field == 0 && self.flushed == 0 && self.work.index == 0;
        let mut bytes = 0;
        for field in self.scratch.batch.lossy().filter(|field| !is_name(*field)) {
            let Ok(at) = self.asked.binary_search_by_key(&field, |asked| asked.number) else {
                continue;
            };
            let view = &self.asked[at].view;
            let (text, mapped) = (view.bytes(), view.mapped());
            for at in memchr::memmem::find_iter(&text, REPLACEMENT) {
                let raw = mapped.raw(at..at + REPLACEMENT.len());
                if self.raw(&raw).is_some_and(|raw| raw != REPLACEMENT) {
                    bytes += raw.end - raw.start;
                }
            }
        }
        self.lose(bytes);
    }

    /// Bytes of the block.
    fn raw(&self, span: &RawSpan) -> Option<&'a [u8]> {
        let chunk = &self.work.chunk;
        let start = usize::try_from(span.start.checked_sub(chunk.base)?).ok()?;
        let end = usize::try_from(span.end.checked_sub(chunk.base)?).ok()?;
        chunk.bytes().get(start..end)
    }

    /// Finds what stands in the block, and keeps it for a later pass; says whether an earlier one did.
    pub(super) fn find(&mut self) -> bool {
        if let Some(found) = self.recalled.take() {
            self.recall(found);
            return true;
        }
        self.flush();
        if let (Pass::First(Some(survey)), Some(_)) = (&self.shared.config.pass, &self.fields) {
            survey.keep(&self.work.piece(), &self.done.part.findings, self.done.lossy);
        }
        false
    }

    /// Takes over what a first pass found.
    fn recall(&mut self, found: Found) {
        let name = self.fields.iter().flatten().next().filter(|_| self.work.index == 0);
        if let Some(name) = name {
            let mapped = name.view.mapped();
            let own = found.findings.iter().take_while(|finding| finding.field == 0);
            self.name_found.extend(own.map(|finding| {
                let span = finding.span.start as usize..finding.span.end as usize;
                (*finding, mapped.raw(span))
            }));
        }
        self.lose(found.lossy);
        self.done.part.findings = found.findings;
    }

    /// Counts bytes that do not decode.
    fn lose(&mut self, bytes: u64) {
        if bytes > 0 {
            self.done.lossy += bytes;
            self.done.problems.note(Status::Warn, "some bytes do not decode");
        }
    }
}
