//! Sweeps a file or folder on one thread and prints how many findings there were beside the CPU time it took.
//!
//! `cargo run --profile profiling -p piiscan --example sweep_file -- PATH [ROUNDS]`. Reading, parsing and scanning, without Python and the store:
//! for profilers. The fastest round counts.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use piiscan::calendar::Date;
use piiscan::detect::Options;
use piiscan::finding::Countries;
use piiscan::lexicon::Lexicon;
use piiscan::scan::{Config, Scanner};
use piiscan::sweep::{Event, Next, Sweep, SweepConfig};
use piiscan::token::Key;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("usage: sweep_file PATH [ROUNDS]")?;
    let rounds: u32 = args.next().map_or(Ok(1), |rounds| rounds.parse())?;
    let scanner = Arc::new(Scanner::new(Config {
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
    })?);
    let (mut findings, mut fastest, mut bytes) = (0, f64::INFINITY, 0);
    for _ in 0..rounds {
        let mut config = SweepConfig::new(vec![path.clone().into()], Arc::clone(&scanner))?;
        (config.jobs, config.key) = (1, Some(Key::new([1; 32])));
        let started = Instant::now();
        let sweep = Sweep::start(config)?;
        findings = 0;
        loop {
            match sweep.next(Duration::from_secs(1)) {
                Next::Event(event) => {
                    if let Event::Part(part) = *event {
                        findings += part.findings.len();
                    }
                }
                Next::Idle => {}
                Next::Finished => break,
            }
        }
        bytes = sweep.progress().read;
        fastest = fastest.min(started.elapsed().as_secs_f64());
    }
    #[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
    let speed = bytes as f64 / fastest / 1e9;
    writeln!(
        std::io::stdout(),
        "{findings} findings, {bytes} bytes, {fastest:.3} s, {speed:.3} GB/s"
    )?;
    Ok(())
}
