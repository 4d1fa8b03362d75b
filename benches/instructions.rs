//! A fixed scan whose instructions are counted: `instructions TEXT ROUNDS` scans the lines of a file so many times.
//!
//! `instructions.py` runs it under callgrind with two numbers of rounds and takes the difference, so that starting up
//! and compiling the lexicons cost nothing.

use std::io::Write;

use piiscan::calendar::Date;
use piiscan::detect::Options;
use piiscan::finding::Countries;
use piiscan::lexicon::Lexicon;
use piiscan::scan::{Batch, Config, FieldKind, Scanner};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(path), Some(rounds)) = (args.next(), args.next()) else {
        return Err("usage: instructions TEXT ROUNDS".into());
    };
    let text = std::fs::read_to_string(path)?;
    let rounds: usize = rounds.parse()?;
    let options = Options {
        locales: Countries::of("SE").with(Countries::of("FI")),
        reference_date: Date::new(2026, 11, 1).ok_or("no such day")?,
        min_digits: 7,
        strict: false,
        grouped: true,
        norway_2032: false,
    };
    let scanner = Scanner::new(Config {
        detectors: None,
        options,
        key: None,
        lexicons: Lexicon::builtin()?,
    })?;
    let (mut batch, mut findings) = (Batch::new(), Vec::new());
    for _ in 0..rounds {
        batch.clear();
        findings.clear();
        for line in text.lines() {
            batch.push_text(line, "", FieldKind::Text);
        }
        scanner.scan(&mut batch, &mut findings);
    }
    writeln!(std::io::stdout(), "{}", findings.len())?;
    Ok(())
}
