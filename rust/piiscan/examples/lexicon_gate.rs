//! Checks lexicon files: rules of terms, and that every term says of its sentences what they assert.
//!
//! `cargo run -p piiscan --example lexicon_gate -- FILE...`, while a lexicon is written: nothing is compiled again. With `--hits TEXT` it also
//! prints how often each term was found in a text, a line a sentence, and how many of these are personal.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use piiscan::detect::keyword::{Keywords, failures};
use piiscan::finding::Reading;
use piiscan::lexicon::Lexicon;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut out, mut lexicons, mut texts, mut wrong) =
        (std::io::stdout().lock(), Vec::new(), Vec::new(), 0);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--hits" {
            texts.push(std::fs::read_to_string(args.next().ok_or("a file after --hits")?)?);
            continue;
        }
        let lexicon = match Lexicon::parse(&arg, &std::fs::read_to_string(&arg)?) {
            Ok(lexicon) => lexicon,
            Err(error) => {
                wrong += 1;
                writeln!(out, "{error}")?;
                continue;
            }
        };
        for failure in failures(&lexicon)? {
            wrong += 1;
            writeln!(out, "{failure}")?;
        }
        writeln!(out, "{arg}: {} terms", lexicon.len())?;
        lexicons.push(Arc::new(lexicon));
    }
    let keywords = Keywords::compile(&lexicons)?;
    let mut hits: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for line in texts.iter().flat_map(|text| text.lines()) {
        for found in keywords.find(line) {
            let term = keywords.term_name(found.attributes.term).unwrap_or_default();
            let count = hits.entry(term).or_default();
            count.0 += 1;
            count.1 += u32::from(found.attributes.reading == Some(Reading::Personal));
        }
    }
    let mut hits: Vec<_> = hits.into_iter().collect();
    hits.sort_by_key(|(_, (all, _))| std::cmp::Reverse(*all));
    for (term, (all, personal)) in hits {
        writeln!(out, "{all:6} {personal:6} {term}")?;
    }
    if wrong > 0 { Err(format!("{wrong} failures").into()) } else { Ok(()) }
}
