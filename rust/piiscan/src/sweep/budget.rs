//! How far streams may expand: against their own size, and all streams under a root against the size of the root.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use super::Shared;
use crate::archive::limits::Limits;
use crate::error::{Error, ErrorKind};

/// Below this much output no ratio is looked at.
const FREE: u64 = 10_000_000; // bytes

/// What decompressors may still produce under one root.
#[derive(Debug)]
pub(super) struct Budget {
    /// Size of the root.
    input: u64,
    output: Cell<u64>,
}

impl Budget {
    /// A budget for a root of this size.
    pub(super) fn new(input: u64) -> Self {
        Self { input, output: Cell::new(0) }
    }

    /// Whether it is used up.
    pub(super) fn excess(&self, limits: &Limits) -> Option<&'static str> {
        let output = self.output.get();
        if output > limits.expanded {
            Some("expands to more than the limit `expanded`")
        } else if output > FREE && output / limits.ratio.max(1) > self.input {
            Some("expands more than the limit `ratio`, summed over the file")
        } else {
            None
        }
    }
}

/// How much of a stream came in.
#[derive(Debug)]
pub(super) enum Input {
    /// Known beforehand.
    Packed(u64),
    /// A counter of what was taken, and where it stood at the start.
    Meter(Rc<Cell<u64>>, u64),
}

impl Input {
    fn bytes(&self) -> u64 {
        match self {
            Self::Packed(size) => *size,
            Self::Meter(meter, start) => meter.get().saturating_sub(*start),
        }
    }
}

/// Counts what a decoder produces and stops it at a limit, or when the sweep is cancelled.
pub(super) struct Metered<'m> {
    pub(super) inner: &'m mut dyn Read,
    pub(super) shared: &'m Shared,
    pub(super) budget: &'m Budget,
    pub(super) input: Input,
    /// Whether the container compresses; copies are not counted twice.
    pub(super) expands: bool,
    pub(super) output: u64,
    /// Why it was stopped.
    pub(super) stopped: Option<&'static str>,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.shared.is_cancelled() {
            return Err(io::Error::other(Error::new(ErrorKind::Interrupted, "cancelled")));
        }
        if let Some(reason) = self.stopped {
            return Err(io::Error::other(Error::new(ErrorKind::Limit, reason)));
        }
        let len = buffer.len().min(1 << 20);
        let n = self.inner.read(&mut buffer[..len])?;
        if self.expands {
            let limits = &self.shared.config.limits;
            self.output += n as u64;
            self.budget.output.set(self.budget.output.get() + n as u64);
            self.stopped = self.budget.excess(limits);
            let ratio = self.output / limits.ratio.max(1);
            if self.output > FREE && ratio > self.input.bytes() {
                self.stopped = self.stopped.or(Some("expands more than the limit `ratio`"));
            }
        }
        Ok(n)
    }
}
