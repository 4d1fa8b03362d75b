//! A text of its own: the findings in it replaced, as in the body of a message.

use std::ops::Range;

use super::apply::{Field, Given, Treated};
use super::{Known, Treatment};
use crate::archive::runs::Runs;
use crate::archive::{Arena, Block};
use crate::error::Error;
use crate::message::{Role, Ts};
use crate::rewrite::apply;
use crate::scan::{Batch, FieldKind, Scanner};
use crate::sweep::event::{MessageRow, Part};
use crate::view::View;

/// A text with its findings replaced.
#[derive(Clone, PartialEq, Eq)]
pub struct TextTreated {
    /// The new text.
    pub text: String,
    /// What was replaced: bytes of the old text, bytes of the new text, place of the detector.
    pub replaced: Vec<(Range<usize>, Range<usize>, u8)>,
    /// Findings that a person has to look at first: left as they are.
    pub alerts: u64,
}

/// `Debug` shows no text.
impl std::fmt::Debug for TextTreated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TextTreated({} places)", self.replaced.len())
    }
}

impl Treatment {
    /// Treats a text as the body of a message that comes now, on a channel of this name.
    ///
    /// # Errors
    ///
    /// If an operator fails.
    pub fn text(&self, scanner: &Scanner, text: &str, channel: &str) -> Result<TextTreated, Error> {
        let mut batch = Batch::new();
        let mut scan = |text: &str| {
            let mut findings = Vec::new();
            batch.clear();
            batch.push_text(text, "", FieldKind::Text);
            scanner.scan(&mut batch, &mut findings);
            findings
        };
        let findings = scan(text);
        let row = MessageRow {
            raw_len: text.len() as u64,
            sent: Ts::UNKNOWN,
            closed: Ts::UNKNOWN,
            ..MessageRow::default()
        };
        let part = Part { findings, messages: vec![row], ..Part::default() };
        let arena = Arena::new();
        let bytes = text.as_bytes();
        let block = Block { bytes, base: 0, first: true, last: true, torn: false, arena: &arena };
        let scope = self.everywhere();
        let fields = [Field { view: View::plain(bytes, 0), role: Role::Body, path: "" }];
        let given = Given {
            treatment: self,
            scanner,
            scope: &scope,
            ids: None,
            channel,
            fields: &fields,
            part: &part,
            found: &part.findings,
            keys: &[],
            sought: None,
            named: false,
            thorough: true,
            surveys: false,
            reader: &Runs,
            block: &block,
        };
        let treated = Treated::thoroughly(&given, Known::default, |texts| {
            scan(&String::from_utf8_lossy(&texts[0]))
        });
        if let Some(error) = treated.failure {
            return Err(error);
        }
        let mut out = Vec::with_capacity(text.len());
        let (mut replaced, mut longer, mut shorter) =
            (Vec::with_capacity(treated.edits.len()), 0, 0);
        for (edit, row) in treated.edits.iter().zip(&treated.rows) {
            let old = span(&edit.raw);
            let start = old.start + longer - shorter;
            replaced.push((old.clone(), start..start + edit.bytes.len(), row.kind));
            longer += edit.bytes.len();
            shorter += old.len();
        }
        apply(&mut text.as_bytes(), treated.edits, &mut out)?;
        let text = String::from_utf8_lossy(&out).into_owned();
        Ok(TextTreated { text, replaced, alerts: treated.alerts })
    }
}

fn span(raw: &Range<u64>) -> Range<usize> {
    let narrow = |at| usize::try_from(at).unwrap_or(usize::MAX);
    narrow(raw.start)..narrow(raw.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Date;
    use crate::detect::Options;
    use crate::finding::Countries;
    use crate::lexicon::Lexicon;
    use crate::scan::Config;

    fn treated(text: &str, mask: &str) -> TextTreated {
        let config = Config {
            detectors: None,
            options: Options {
                locales: Countries::of("SE").with(Countries::of("FI")),
                reference_date: Date::parse("2026-12-31").unwrap(),
                min_digits: 7,
                strict: false,
                grouped: true,
                norway_2032: false,
            },
            key: None,
            lexicons: Lexicon::builtin().unwrap(),
        };
        let scanner = Scanner::new(config).unwrap();
        let operators: Vec<String> = scanner
            .detectors()
            .iter()
            .map(|detector| format!(r#""{0}": {{"op": "label", "label": "[{0}]"}}"#, detector.id))
            .collect();
        let ids: Vec<String> =
            scanner.detectors().iter().map(|detector| format!("{:?}", detector.id)).collect();
        let spec = format!(
            r#"{{"channels": [{{"name": "chat", "path": "**", "profile": "*", "format": "*", "channel": "*", "keep": [], "rules": [0]}}],
                "rules": [{{"detectors": [{}], "readings": ["personal"], "offices": false, "fields": ["*"], "action": "replace"}}],
                "operators": {{{}}}, "mask": "{mask}", "minimum": 2, "removed": "borttagen"}}"#,
            ids.join(", "),
            operators.join(", ")
        );
        let treatment = Treatment::new(&spec, &scanner, None).unwrap();
        treatment.text(&scanner, text, "chat").unwrap()
    }

    #[test]
    fn findings_are_replaced_and_offsets_told() {
        let text = "Ring 070-174 06 05. Mejla kim@example.org, tack.";
        let done = treated(text, "span");
        assert_eq!(done.text, "Ring [phone]. Mejla [email], tack.");
        let [phone, email] = done.replaced.as_slice() else { panic!("two places") };
        assert_eq!(
            (&text[phone.0.clone()], &done.text[phone.1.clone()]),
            ("070-174 06 05", "[phone]")
        );
        assert_eq!(
            (&text[email.0.clone()], &done.text[email.1.clone()]),
            ("kim@example.org", "[email]")
        );
        assert_eq!(treated(&done.text, "span").text, done.text);
    }

    #[test]
    fn a_sensitive_word_takes_its_sentence_along() {
        let text = "Hej! Jag har diabetes sedan 2019. Ring mig.";
        assert_eq!(treated(text, "sentence").text, "Hej! [health] Ring mig.");
        assert_eq!(treated(text, "message").text, "[health]");
    }

    #[test]
    fn the_value_goes_everywhere_it_stands() {
        let text = "Mitt personnummer är 19811218-9876. Alltså 8112189876!";
        let done = treated(text, "span").text;
        assert!(!done.contains("9876"), "{} places left", done.matches("9876").count());
    }

    #[test]
    fn a_threat_is_left_for_a_person() {
        let done = treated("Jag ska döda dig.", "span");
        assert_eq!((done.text.as_str(), done.alerts > 0), ("Jag ska döda dig.", true));
    }
}
