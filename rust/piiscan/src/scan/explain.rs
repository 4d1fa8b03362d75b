//! Explains what the lexicons see in one text, with places in the text as it was given.

use super::batch::Batch;
use super::{FieldKind, Scanner};
use crate::detect::keyword::{Explained, Outcome};

/// Bytes behind a text that may be read.
const PAD: usize = 64;

impl Scanner {
    /// Every place where a term stood in a text, with what was near it, and why it is a finding or none. For people who write
    /// lexicons: a scan says the same in far less time.
    pub fn explain(&self, text: &str) -> Vec<Explained> {
        let mut batch = Batch::new();
        batch.push_text(text, "", FieldKind::Text);
        let Some(place) = batch.fields.first().cloned() else { return Vec::new() };
        let mut folded = batch.text.clone();
        folded.resize(folded.len() + PAD, 0);
        let mut findings = Vec::new();
        self.scan(&mut batch, &mut findings);
        let short = |at: usize| u32::try_from(at - place.text.start).unwrap_or(u32::MAX);
        let span = |start: usize, end: usize| {
            let span = batch.unfold(&place, short(start), short(end));
            (span.start as usize, span.end as usize)
        };
        let mut explained = self.keywords.explain(&folded, &place.text, "");
        for one in &mut explained {
            (one.start, one.end) = span(one.start, one.end);
            for stood in &mut one.contexts {
                stood.span = stood.span.map(|(start, end)| span(start, end));
            }
            let is_found = findings.iter().any(|finding| {
                finding.span.start as usize == one.start
                    && self.term_name(finding.attributes.term) == Some(&one.term)
            });
            if !is_found && matches!(one.outcome, Outcome::Finding { .. }) {
                let runs = self.detectors().iter().any(|d| d.id == one.category.name());
                one.outcome = Outcome::Nothing(if runs {
                    "another detector holds the place".to_owned()
                } else {
                    format!("detector `{}` does not run", one.category.name())
                });
            }
        }
        explained
    }
}

#[cfg(test)]
mod tests {
    use crate::calendar::Date;
    use crate::detect::Options;
    use crate::finding::Countries;
    use crate::lexicon::Lexicon;
    use crate::scan::{Config, Scanner};

    use super::*;

    fn scanner(detectors: Option<Vec<String>>) -> Scanner {
        let options = Options {
            locales: Countries::of("SE"),
            reference_date: Date::new(2026, 11, 22).unwrap(),
            min_digits: 7,
            strict: false,
            grouped: true,
            norway_2032: false,
        };
        let lexicons = Lexicon::builtin().unwrap();
        Scanner::new(Config { detectors, options, key: None, lexicons }).unwrap()
    }

    #[test]
    fn places_are_those_of_the_text_as_it_was_given() {
        let text = "Hon sa: ”jag\u{200b} har can\u{ad}cer”.";
        let explained = scanner(None).explain(text);
        let cancer = explained.iter().find(|one| one.term == "sv.health.cancer").unwrap();
        assert_eq!(&text[cancer.start..cancer.end], "can\u{ad}cer");
        assert!(matches!(cancer.outcome, Outcome::Finding { .. }));
    }

    #[test]
    fn a_category_that_does_not_run_is_told() {
        let explained = scanner(Some(vec!["email".to_owned()])).explain("Jag har cancer.");
        let cancer = explained.iter().find(|one| one.term == "sv.health.cancer").unwrap();
        assert_eq!(cancer.outcome, Outcome::Nothing("detector `health` does not run".to_owned()));
    }
}
