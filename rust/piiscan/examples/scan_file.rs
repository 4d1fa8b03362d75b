//! Scans a file of plain text as often as told and prints what was found beside the time it took.
//!
//! `cargo run --profile profiling -p piiscan --example scan_file -- FILE [ROUNDS]`. Fields are paragraphs. Under callgrind the count of instructions of
//! one round is the measure; elsewhere it is the fastest round.

use std::io::Write as _;
use std::time::Instant;

use piiscan::calendar::Date;
use piiscan::detect::Options;
use piiscan::finding::{Countries, Finding};
use piiscan::lexicon::Lexicon;
use piiscan::scan::{Batch, Config, FieldKind, Scanner};
use piiscan::token::Key;

const BLOCK: usize = 1 << 20; // bytes that are scanned together

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("usage: scan_file FILE [ROUNDS]")?;
    let rounds: u32 = args.next().map_or(Ok(1), |rounds| rounds.parse())?;
    let text = std::fs::read_to_string(path)?;
    let scanner = Scanner::new(Config {
        detectors: None,
        options: Options {
            locales: Countries::of("SE").with(Countries::of("FI")),
            reference_date: Date::new(2026, 1, 1).ok_or("a date")?,
            min_digits: 7,
            strict: false,
            grouped: true,
            norway_2032: false,
        },
        key: Some(Key::new([1; 32])),
        lexicons: Lexicon::builtin()?,
    })?;
    let (mut batch, mut findings) = (Batch::new(), Vec::new());
    let mut counts = vec![0_usize; scanner.detectors().len()];
    let paragraphs: Vec<&str> = text.split_inclusive("\n\n").collect();
    let mut fastest = f64::INFINITY;
    for _ in 0..rounds {
        let started = Instant::now();
        counts.fill(0);
        round(&scanner, &paragraphs, &mut batch, &mut findings, &mut counts);
        fastest = fastest.min(started.elapsed().as_secs_f64());
    }
    let mut out = std::io::stdout().lock();
    for (detector, count) in scanner.detectors().iter().zip(&counts) {
        writeln!(out, "{:24} {count:9}", detector.id)?;
    }
    let bytes = f64::from(u32::try_from(text.len())?);
    let found = f64::from(u32::try_from(counts.iter().sum::<usize>())?);
    writeln!(out, "{:.2} findings per KB", found / bytes * 1000.0)?;
    writeln!(out, "{:.3} GB/s", bytes / fastest / 1e9)?;
    Ok(())
}

/// Scans everything once. Not inlined: `--toggle-collect='scan_file::round'` counts nothing else.
#[inline(never)]
fn round(
    scanner: &Scanner,
    paragraphs: &[&str],
    batch: &mut Batch,
    findings: &mut Vec<Finding>,
    counts: &mut [usize],
) {
    let mut fields = paragraphs.iter().peekable();
    while fields.peek().is_some() {
        batch.clear();
        findings.clear();
        while let Some(field) = fields.next_if(|_| batch.len_bytes() < BLOCK) {
            batch.push_text(field, "", FieldKind::Text);
        }
        scanner.scan(batch, findings);
        for finding in findings.iter() {
            counts[usize::from(finding.detector)] += 1;
        }
    }
}
