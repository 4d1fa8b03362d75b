//! A fixed scan whose instructions are counted: `instructions TEXT ROUNDS` scans the lines of a file so many times.
//!
//! `instructions.py` runs it under callgrind with two numbers of rounds and takes the difference, so that starting up
//! and compiling the lexicons cost nothing.

use std::io::Write;

use piiscan::scan::{Batch, Config, FieldKind, Scanner};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(path), Some(rounds)) = (args.next(), args.next()) else {
        return Err("usage: instructions TEXT ROUNDS".into());
    };
    let text = std::fs::read_to_string(path)?;
    let rounds: usize = rounds.parse()?;
    let scanner = Scanner::new(Config::default())?;
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
