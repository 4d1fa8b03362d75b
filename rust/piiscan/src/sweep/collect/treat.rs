//! What changes in a block that was scanned.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use encoding_rs::UTF_8;

use super::ask::ask;
use super::{Collector, Taken};
use crate::archive::{Block, charset};
use crate::scan::Batch;
use crate::sweep::event::MessageRow;
use crate::sweep::survey::Pass;
use crate::sweep::treat::{Carrier, Field, Given, Treated};
use crate::view::View;

impl<'a> Collector<'a, '_> {
    /// The messages that carry objects.
    pub(super) fn carriers(&self) -> HashMap<u32, Arc<Carrier>> {
        let mut carriers = HashMap::new();
        let Some(scope) = &self.work.scope else { return carriers };
        for row in self.children.iter().filter_map(|inner| inner.row) {
            carriers.entry(row).or_insert_with(|| {
                let part = &self.done.part;
                let message = part.messages[row as usize];
                let own = usize::from(message.channel).checked_sub(1);
                let key = self.keys.iter().find(|(of, _)| *of == row);
                Arc::new(Carrier {
                    sent: message.sent,
                    closed: message.closed,
                    doubtful: message.flags & MessageRow::DOUBTFUL != 0,
                    channel: own.map_or(&scope.1, |at| &part.channels[at]).clone(),
                    key: key
                        .map_or_else(Vec::new, |(_, at)| self.scratch.keys[at.clone()].to_vec()),
                })
            });
        }
        carriers
    }

    /// What changes in the block. `known` says that a first pass saw it: its values are remembered already.
    pub(super) fn treat(&mut self, block: &Block<'a>, known: bool) -> Option<Treated> {
        let fields = self.fields.take()?;
        let config = &self.shared.config;
        if !config.texts.is_empty() {
            let paths = &self.scratch.all_paths;
            let text = |view: &View<'_>| String::from_utf8_lossy(&view.bytes()).into_owned();
            let texts =
                fields.iter().map(|field| (paths.at(field.path).to_owned(), text(&field.view)));
            self.done.part.texts = Some(texts.collect());
        }
        let scope = self.work.scope.as_ref()?;
        let treatment = config.treatment.as_ref()?;
        let (paths, keys) = (&self.scratch.all_paths, &self.scratch.keys);
        let labels: Vec<&str> = fields.iter().map(|field| paths.at(field.label)).collect();
        let fields: Vec<Field<'_, '_>> = fields
            .into_iter()
            .map(|Taken { view, role, path, .. }| Field { view, role, path: paths.at(path) })
            .collect();
        let keys: Vec<(u32, &[u8])> =
            self.keys.iter().map(|(row, at)| (*row, &keys[at.clone()])).collect();
        let given = Given {
            treatment,
            scanner: &config.scanner,
            scope: &scope.0,
            ids: self.shared.ids.as_ref(),
            channel: &scope.1,
            fields: &fields,
            part: &self.done.part,
            found: &self.done.part.findings,
            keys: &keys,
            sought: config.sought.as_deref(),
            named: self.work.index == 0,
            thorough: config.thorough,
            surveys: matches!(config.pass, Pass::First(_)),
            reader: &*self.work.reader,
            block,
        };
        if given.surveys || !config.thorough {
            let mut treated = Treated::of(&given, self.shared.sibling());
            if known {
                treated.removed.clear();
            }
            if given.surveys {
                self.shared.remember(&treated.removed);
                return None;
            }
            return Some(treated);
        }
        let mut batch = Batch::remembering(&config.scanner);
        let scan = |texts: &[Cow<'_, [u8]>]| {
            let mut found = Vec::new();
            batch.clear();
            batch.forget_people();
            for ((text, field), label) in texts.iter().zip(&fields).zip(&labels) {
                let view = View::coded(text, 0, charset::codec(UTF_8));
                ask(self.work, &mut batch, field.role, label, &view);
            }
            config.scanner.scan(&mut batch, &mut found);
            found
        };
        Some(Treated::thoroughly(&given, || self.shared.sibling(), scan))
    }
}
