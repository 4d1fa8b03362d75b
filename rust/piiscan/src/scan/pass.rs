//! One pass over a batch: tiles, candidates, detectors, claims, findings.
//!
//! A tile's candidates are shown to the detectors that want them; their claims wait until their field has ended in the tile, so memory
//! stays small and every field is resolved as a whole.

#![expect(clippy::inline_always, reason = "the pass is compiled as one for every way to classify")]

use super::batch::{Batch, Place};
use super::fingerprint::Prints;
use super::keywords::Stage;
use super::labels::Labels;
use super::tile::{Kind, PADDING, TILE, Tile};
use super::{FieldKind, Scanner, moment, people, spelled};
use crate::detect::anchor::Anchor;
use crate::detect::claims::{Claim, Claims};
use crate::detect::context::{Cache, Lookup};
use crate::detect::run::Sep;
use crate::detect::{Candidate, DETECTORS, Field, Match, Near, Run, Word, exempt};
use crate::finding::{Attributes, Check, ContextWord, Finding};
use crate::simd::{self, Classify, WORD};

const GAP_MAX: usize = 3; // bytes between digits of one cluster

/// Working memory of a scan, kept in the batch.
#[derive(Default)]
pub(super) struct Scratch {
    tile: Box<Tile>,
    run: Run,
    claims: Claims,
    settled: Vec<Claim>,
    context: Cache,
    keywords: Stage,
    labels: Labels,
    names: people::Stage,
    prints: Prints,
}

/// A scan of one batch.
pub(super) struct Pass<'p> {
    pub(super) scanner: &'p Scanner,
    pub(super) batch: &'p mut Batch,
    pub(super) out: &'p mut Vec<Finding>,
}

impl simd::Task for Pass<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: impl Classify) {
        let Self { scanner, batch, out } = self;
        let mut scratch = std::mem::take(&mut batch.scratch);
        let len = batch.text.len();
        batch.text.resize(len + PADDING, 0);
        scratch.tile.reset();
        scratch.prints.reset(&scanner.identity);
        scratch.labels.reset();
        scratch.context.reset();
        scratch.names.reset();
        let mut walk = Walk { scanner, batch, asked: None, first: 0, parsed: 0 };
        for base in (0..len).step_by(TILE) {
            scratch.tile.read(isa, &walk.batch.text, base, len);
            walk.tile(&mut scratch, base);
            walk.settle(&mut scratch, base + TILE, out);
        }
        batch.text.truncate(len);
        batch.scratch = scratch;
    }
}

/// Where the pass stands.
struct Walk<'p> {
    scanner: &'p Scanner,
    batch: &'p Batch,
    /// The field whose context is cached.
    asked: Option<usize>,
    /// The first field that has not ended before the tile.
    first: usize,
    /// End of the last run of digits: no byte is parsed twice.
    parsed: usize,
}

/// Finds the field of rising positions.
pub(super) struct Cursor {
    field: usize,
}

impl Cursor {
    /// Starts at a field that ends before none of the positions.
    pub(super) fn new(field: usize) -> Self {
        Self { field }
    }

    /// The number of the field that was found last.
    pub(super) fn number(&self) -> u32 {
        u32::try_from(self.field).expect("a batch has less than 2^32 fields")
    }

    pub(super) fn at<'p>(&mut self, fields: &'p [Place], place: usize) -> &'p Place {
        while fields[self.field].text.end < place {
            self.field += 1;
        }
        &fields[self.field]
    }
}

/// Calls `visit` with the place of every bit, in order.
#[inline(always)]
pub(super) fn each_bit(bits: &[u64], mut visit: impl FnMut(usize, u32)) {
    for (at, &word) in bits.iter().enumerate() {
        let mut rest = word;
        while rest != 0 {
            visit(at, rest.trailing_zeros());
            rest &= rest - 1;
        }
    }
}

impl Walk<'_> {
    #[inline(always)]
    fn tile(&mut self, scratch: &mut Scratch, base: usize) {
        let Scratch { tile, run, claims, context, .. } = scratch;
        let (scanner, batch) = (self.scanner, self.batch);
        let text = &batch.text;
        let mut fields = Cursor::new(self.first);
        let mut parsed = self.parsed;
        let mut asked = self.asked;
        each_bit(tile.clusters(), |at, bit| {
            let cluster = tile.cluster(at, bit);
            let start = base + at * WORD + bit as usize;
            let may_hold = start >= parsed && cluster.may_hold(scanner.least_digits);
            let glued = cluster.is_whole() && start > 0 && text[start - 1] == b'_';
            if may_hold && !glued && !moment::is_moment(cluster, &text[start..]) {
                let place = fields.at(&batch.fields, start);
                let mut ask = Ask { scanner, batch, claims, context, asked: &mut asked };
                parsed = ask.cluster(fields.field, place, start, run);
            }
        });
        self.parsed = parsed;

        let mut fields = Cursor::new(self.first);
        each_bit(tile.rare(), |at, bit| {
            let start = base + at * WORD + bit as usize;
            let place = fields.at(&batch.fields, start);
            let (text, start) = (&text[place.text.clone()], start - place.text.start);
            let (wanted, start) = match tile.kind(at, bit) {
                Kind::Anchor => (scanner.at, spelled::anchor(text, start)),
                Kind::Bare => (scanner.at, spelled::is_bare(text, start).then_some(start)),
                Kind::Colon => (scanner.colon, Some(start)),
                Kind::Pairs => (scanner.pairs, Some(start)),
                Kind::Capitals => (scanner.capitals, is_upper(text, start).then_some(start)),
            };
            if let Some(start) = start.filter(|_| wanted != 0) {
                let mut ask = Ask { scanner, batch, claims, context, asked: &mut asked };
                ask.detectors(wanted, fields.field, place, start, Cause::Sign);
            }
        });
        if scanner.names | scanner.places != 0 {
            let mut ask = Ask { scanner, batch, claims, context, asked: &mut asked };
            scratch.names.tile(&mut ask, tile, base, self.first);
        }
        let mut fields = Cursor::new(self.first);
        scratch.keywords.tile(scanner, batch, tile, base, self.first);
        for (at, anchor) in scratch.keywords.anchors() {
            let place = fields.at(&batch.fields, at);
            let mut ask = Ask { scanner, batch, claims, context, asked: &mut asked };
            ask.word(fields.field, place, at, anchor);
        }
        self.asked = asked;
    }

    /// Turns the claims of fields that end before `end` into findings.
    fn settle(&mut self, scratch: &mut Scratch, end: usize, out: &mut Vec<Finding>) {
        let Scratch { keywords, claims, .. } = &mut *scratch;
        keywords.settle(&self.scanner.slots, self.batch, self.first, end, claims);
        let fields = &self.batch.fields;
        let labels = !self.scanner.anchors.is_empty();
        while let Some(place) = fields.get(self.first).filter(|place| place.text.end < end) {
            if labels && !place.label.is_empty() {
                self.label(scratch, place);
            }
            self.first += 1;
        }
        if scratch.claims.is_empty() {
            return;
        }
        let first = u32::try_from(self.first).expect("a batch has less than 2^32 fields");
        scratch.claims.settle_before(first, self.scanner.home, &mut scratch.settled);
        for claim in scratch.settled.drain(..) {
            out.push(self.finding(&claim, &mut scratch.prints));
        }
    }

    /// Asks the detectors whose words stand in the label of a field.
    fn label(&mut self, scratch: &mut Scratch, place: &Place) {
        let Scratch { labels, claims, context, .. } = scratch;
        let (scanner, batch, asked) = (self.scanner, self.batch, &mut self.asked);
        for anchor in labels.anchors(&scanner.anchors, &batch.labels, &place.label) {
            let mut ask = Ask { scanner, batch, claims, context, asked };
            ask.word(self.first, place, place.text.start, *anchor);
        }
    }

    fn finding(&self, claim: &Claim, prints: &mut Prints) -> Finding {
        let (found, place) = (&claim.found, &self.batch.fields[claim.field as usize]);
        let folded = &self.batch.text[place.text.clone()][found.start as usize..found.end as usize];
        Finding {
            field: place.number,
            span: self.batch.unfold(place, found.start, found.end),
            detector: claim.detector,
            confidence: found.confidence,
            attributes: if self.scanner.explains { told(found) } else { found.attributes },
            fingerprint: prints.of(self.scanner, claim.detector, folded, &found.attributes),
        }
    }
}

/// What makes a place a candidate.
#[derive(Clone, Copy)]
pub(super) enum Cause<'r> {
    /// A run of digits.
    Run(&'r Run),
    /// A word that a detector asks for.
    Word(Word),
    /// A sign or the start of a word, at the place itself.
    Sign,
}

/// Shows candidates to detectors.
pub(super) struct Ask<'p, 'c> {
    pub(super) scanner: &'p Scanner,
    pub(super) batch: &'p Batch,
    claims: &'c mut Claims,
    context: &'c Cache,
    asked: &'c mut Option<usize>,
}

impl Ask<'_, '_> {
    /// Parses every run of a cluster that begins at `start` of the buffer and gives the end of the last.
    #[inline(never)]
    fn cluster(&mut self, field: usize, place: &Place, start: usize, run: &mut Run) -> usize {
        let text = &self.batch.text[place.text.clone()];
        let mut next = Some(start - place.text.start);
        let mut end = start;
        while let Some(at) = next {
            run.parse_again(text, at);
            end = run.end as usize;
            let dotted = if is_dotted(run) { self.scanner.dots } else { 0 };
            let wanted = match self.scanner.by_digits[run.count.min(255) as usize] | dotted {
                // Addresses and versions are everywhere in exports of web services: ask only who may want them.
                some if is_address(text, run) => some & (self.scanner.dots | self.scanner.numbers),
                some => some,
            };
            if wanted != 0 && !is_glued(text, run) {
                self.detectors(wanted, field, place, run.start as usize, Cause::Run(run));
            }
            next = next_digit(text, end);
        }
        place.text.start + end
    }

    /// Asks the detector whose word begins at `at` of the buffer.
    #[inline(never)]
    fn word(&mut self, field: usize, place: &Place, at: usize, anchor: Anchor) {
        let start = at - place.text.start;
        let end = anchor.end.saturating_sub(place.text.start).max(start);
        let seen = Cause::Word(Word { list: usize::from(anchor.list), end });
        self.detectors(1 << anchor.slot, field, place, start, seen);
    }

    /// Asks the detectors of the set `wanted`, and the exempt shapes about runs.
    pub(super) fn detectors(
        &mut self,
        wanted: u32,
        field: usize,
        place: &Place,
        at: usize,
        seen: Cause<'_>,
    ) {
        let opaque = place.kind == FieldKind::Opaque;
        let mut rest = if opaque { wanted & !self.scanner.numbers } else { wanted };
        if rest == 0 {
            return;
        }
        if *self.asked == Some(field) {
            self.context.next_candidate();
        } else {
            *self.asked = Some(field);
            self.context.next_field();
        }
        let number = u32::try_from(field).expect("a batch has less than 2^32 fields");
        let lookup = Lookup { words: &self.scanner.words, cache: self.context, first: 0 };
        let (run, word) = match seen {
            Cause::Run(run) => (Some(run), None),
            Cause::Word(word) => (None, Some(word)),
            Cause::Sign => (None, None),
        };
        let mut candidate = Candidate {
            field: Field {
                text: &self.batch.text[place.text.clone()],
                label: self.batch.label_of(place),
                kind: place.kind,
            },
            at,
            run,
            word,
            options: &self.scanner.options,
            people: self.batch.people.until(place.known),
            context: lookup,
        };
        while rest != 0 {
            let slot = rest.trailing_zeros();
            rest &= rest - 1;
            let active = &self.scanner.active[slot as usize];
            candidate.context.first = active.first_list;
            self.claims.ask(number, u8::try_from(slot).expect("a set has 32 places"));
            DETECTORS[active.place].find(&candidate, self.claims);
        }
        if run.is_some() {
            exempt::claim(&candidate, self.claims);
        }
    }
}

/// The attributes of a claim with where its context word stands. Words have contexts of their own; a claim with a wrong check digit does not
/// keep its word, so that it stands in nobody's way.
fn told(found: &Match) -> Attributes {
    let silent = found.attributes.term != 0 || found.attributes.check == Some(Check::Fail);
    let context = match found.near {
        Near::No => ContextWord::None,
        Near::After => ContextWord::After,
        Near::Before => ContextWord::Before,
        Near::Adjacent => ContextWord::Adjacent,
    };
    Attributes { context: (!silent).then_some(context), ..found.attributes }
}

/// Whether three dots follow each other between groups of a run.
fn is_dotted(run: &Run) -> bool {
    run.groups.windows(3).any(|groups| groups.iter().all(|group| group.sep == Sep::Dot))
}

/// Whether a run can only be an IPv4 address or a version: four groups with dots, none with a leading zero, not all of two digits (as in
/// telephone numbers of Norway and Denmark).
fn is_address(text: &[u8], run: &Run) -> bool {
    run.is_quad()
        && !run.plus
        && run.groups.iter().all(|g| g.len == 1 || g.len <= 3 && text[g.start as usize] != b'0')
        && run.groups.iter().any(|group| group.len != 2)
}

/// Whether a run is the tail of a name of a program: `IMG_20240131`, `msg_000017`. Nobody wants those.
fn is_glued(text: &[u8], run: &Run) -> bool {
    let start = run.start as usize;
    start > 0 && text[start - 1] == b'_'
}

/// Whether two capitals stand there.
fn is_upper(text: &[u8], at: usize) -> bool {
    text[at..at + 2].iter().all(u8::is_ascii_uppercase)
}

/// The next digit of the cluster whose last run ended at `end`.
fn next_digit(text: &[u8], end: usize) -> Option<usize> {
    let separator = |byte: &u8| b" -./:()+".contains(byte);
    let gap = text[end..].iter().take(GAP_MAX).take_while(|byte| separator(byte)).count();
    text.get(end + gap).is_some_and(u8::is_ascii_digit).then_some(end + gap)
}
