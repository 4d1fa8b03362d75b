//! Which of several claims on the same bytes wins.
//!
//! Every validated candidate and every exempt shape claims its span. Claims are sorted by rank, then length (longer first), then start,
//! then nearest context word, then check digit, then detector; a claim is accepted if it does not overlap an accepted one. The result
//! depends on the set of claims alone, not on their order.
//!
//! | rank | claims |
//! |---|---|
//! | 1 | URLs (exempt); e-mail addresses in every form |
//! | 2 | IBAN; VAT numbers with country prefix |
//! | 3 | IP addresses; version and section numbers (exempt) |
//! | 4 | Finnish personal identity codes; identity numbers that hold letters |
//! | 5 | exempt: date, time, timestamp, time range, law reference, amount, year range |
//! | 6 | Swedish identity numbers of 12 digits with `-` or `+` |
//! | 7 | payment cards in groups |
//! | 8 | phone numbers in international form |
//! | 9 | identity numbers of 6-4 digits |
//! | 10 | Swedish identity numbers of 12 digits unseparated |
//! | 11 | phone numbers in national form |
//! | 12 | 10 digits unseparated; payment cards unseparated |
//! | 13 | dates of birth, names, addresses |
//! | 14 | long numbers, keywords |
//!
//! - Within ranks 6 to 12, claims with a context word go before claims without; of two, the one whose word stands nearer.
//! - Keywords of different categories leave each other alone.
//! - An exempt claim yields to an overlapping claim whose context word stands directly before it, and never blocks rank 13.
//! - Of several entities on one span one is found, with the best rank of them: what carries an identity number, then the nearest context word,
//!   then an expected country, then the check digit. The others become its `candidates`. Rank 14 fits anything, so it is none. The certain shapes
//!   of ranks 1 to 3 compete with their like only.
//! - A claim of rank 15 is never found: it may be a candidate and nothing else.

use std::cmp::Reverse;

use smallvec::SmallVec;

use super::{Match, Near};
use crate::finding::{Attributes, Check, Confidence, Countries};

/// Detector of claims that are not reported.
pub(crate) const EXEMPT: u8 = u8::MAX;
const DATE_OF_BIRTH: u8 = 13; // rank that exempt shapes never block
const FITS_ANYTHING: u8 = 14; // rank of long numbers and keywords
/// Rank of a claim that is never found, but may be a candidate of what is found on the same span.
pub(super) const ONLY_CANDIDATE: u8 = 15;

/// Collects the claims of detectors.
#[derive(Debug, Default)]
pub struct Claims {
    made: Vec<Claim>,
    /// The first field of them, if there are any.
    oldest: u32,
    field: u32,
    detector: u8,
}

/// A claim with who made it and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) field: u32,
    /// Place in the scanner's list, or [`EXEMPT`].
    pub(crate) detector: u8,
    pub(crate) found: Match,
}

impl Claims {
    /// A claim by the detector that is being asked.
    pub fn push(&mut self, found: Match) {
        self.make(self.detector, found);
    }

    fn make(&mut self, detector: u8, found: Match) {
        if self.made.is_empty() || self.field < self.oldest {
            self.oldest = self.field;
        }
        self.made.push(Claim { field: self.field, detector, found });
    }

    /// A claim that is not reported: the bytes are no personal data. It must cover a whole run of digits.
    pub fn exempt(&mut self, start: u32, end: u32, rank: u8) {
        let found = Match {
            start,
            end,
            rank,
            confidence: Confidence::High,
            near: Near::No,
            attributes: Attributes::default(),
        };
        self.make(EXEMPT, found);
    }

    /// Who is asked next, and about which field.
    pub(crate) fn ask(&mut self, field: u32, detector: u8) {
        self.field = field;
        self.detector = detector;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.made.is_empty()
    }

    /// Moves the accepted claims of all fields before `field` to `out`, by field and start. Claims of later fields stay.
    pub(crate) fn settle_before(&mut self, field: u32, home: Home, out: &mut Vec<Claim>) {
        // Those of a long field wait for many tiles: sorted once.
        if self.oldest >= field {
            return;
        }
        self.made.sort_unstable_by_key(|claim| (claim.field, claim.found.start));
        let settled = self.made.partition_point(|claim| claim.field < field);
        let mut rest = &mut self.made[..settled];
        while !rest.is_empty() {
            let (cluster, after) = rest.split_at_mut(cluster_len(rest));
            let first = out.len();
            resolve(cluster, home, out);
            out[first..].sort_unstable_by_key(|claim| claim.found.start);
            rest = after;
        }
        self.made.drain(..settled);
        self.oldest = self.made.first().map_or(0, |claim| claim.field);
    }
}

/// How many of the claims, sorted by field and start, overlap each other directly or through others.
fn cluster_len(claims: &[Claim]) -> usize {
    let (field, mut end, mut len) = (claims[0].field, claims[0].found.end, 1);
    let joins = |claim: &&Claim, end| claim.field == field && claim.found.start < end;
    while let Some(claim) = claims.get(len).filter(|claim| joins(claim, end)) {
        end = end.max(claim.found.end);
        len += 1;
    }
    len
}

/// What is at home where the scan runs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Home {
    /// Detectors of expected countries, one bit per place in the scanner's list.
    pub(crate) detectors: u32,
    /// The expected countries.
    pub(crate) countries: Countries,
}

impl Home {
    fn expects(self, claim: &Claim) -> bool {
        let detector = self.detectors.checked_shr(u32::from(claim.detector)).unwrap_or(0);
        detector & 1 == 1 || claim.found.attributes.countries.meets(self.countries)
    }
}

/// Accepts claims of one cluster.
fn resolve(cluster: &mut [Claim], home: Home, out: &mut Vec<Claim>) {
    if let [only] = cluster {
        if only.detector != EXEMPT && only.found.rank != ONLY_CANDIDATE {
            out.push(*only);
        }
        return;
    }
    let kept = one_of_each_span(cluster, home);
    let cluster = &mut cluster[..kept];
    cluster.sort_unstable_by_key(order);
    let mut accepted: SmallVec<[Claim; 4]> = SmallVec::new();
    for claim in cluster.iter() {
        let blocks = |other: &&mut Claim| overlap(other, claim) && !passes_by(other, claim);
        match accepted.iter_mut().find(blocks) {
            None if yields(claim, cluster) => {}
            None => accepted.push(*claim),
            Some(winner) if is_candidate(winner, claim) => {
                winner.found.attributes.candidates |= 1 << claim.detector;
            }
            Some(_) => {}
        }
    }
    out.extend(accepted.into_iter().filter(|claim| claim.detector != EXEMPT));
}

/// Moves claims to the front, of several entities on one span only the one that is meant, and gives their number.
fn one_of_each_span(cluster: &mut [Claim], home: Home) -> usize {
    cluster.sort_unstable_by_key(|claim| {
        let span = (claim.found.start, claim.found.end);
        (span, league(claim), preference(claim, home), order(claim))
    });
    let mut kept = 0;
    for at in 0..cluster.len() {
        let claim = cluster[at];
        let same = |meant: &&mut Claim| {
            (meant.found.start, meant.found.end) == (claim.found.start, claim.found.end)
                && league(meant) == league(&claim)
                && league(meant) != NO_LEAGUE
        };
        match cluster[..kept].last_mut().filter(same) {
            Some(meant) => {
                meant.found.rank = meant.found.rank.min(claim.found.rank);
                if claim.detector != meant.detector && claim.detector < 64 {
                    meant.found.attributes.candidates |= 1 << claim.detector;
                }
            }
            None if claim.found.rank == ONLY_CANDIDATE => {}
            None => {
                cluster[kept] = claim;
                kept += 1;
            }
        }
    }
    kept
}

const NO_LEAGUE: u8 = 13;

/// Entities of one league compete for a span.
fn league(claim: &Claim) -> u8 {
    match claim.found.rank {
        _ if claim.detector == EXEMPT => NO_LEAGUE,
        certain @ ..=3 => certain,
        4..=12 | ONLY_CANDIDATE => 4,
        _ => NO_LEAGUE,
    }
}

/// Which entity on a span is meant: the least.
fn preference(claim: &Claim, home: Home) -> impl Ord + use<> {
    let Match { rank, near, attributes, .. } = claim.found;
    let mistyped = attributes.check == Some(Check::Fail) && near == Near::No;
    (
        rank == ONLY_CANDIDATE,
        mistyped,
        attributes.carrier.is_none(),
        Reverse(near),
        !home.expects(claim),
        check_order(attributes.check),
        rank,
    )
}

fn check_order(check: Option<Check>) -> u8 {
    match check {
        Some(Check::Pass) => 0,
        None | Some(Check::None) => 1,
        Some(Check::Fail) => 2,
    }
}

/// The order in which claims are accepted. Total but for equal claims.
fn order(claim: &Claim) -> impl Ord + use<> {
    let found = &claim.found;
    let (tier, near) = match found.rank {
        6..=12 => (6, Reverse(found.near)),
        rank => (rank, Reverse(Near::No)),
    };
    let check = check_order(found.attributes.check);
    let length = Reverse(found.end - found.start);
    let place = (found.start, Reverse(found.near), check, claim.detector);
    (tier, near, found.rank, length, place, Reverse(found.confidence))
}

fn overlap(a: &Claim, b: &Claim) -> bool {
    a.found.start < b.found.end && b.found.start < a.found.end
}

/// Whether two overlapping claims leave each other alone: a word may be a term of several categories.
fn passes_by(a: &Claim, b: &Claim) -> bool {
    let is_word = |claim: &Claim| claim.found.attributes.term != 0;
    (is_word(a) && is_word(b) && a.detector != b.detector)
        || (a.detector == EXEMPT && b.found.rank == DATE_OF_BIRTH)
        || (b.detector == EXEMPT && a.found.rank == DATE_OF_BIRTH)
}

/// Whether an exempt claim gives way to an entity with a context word directly before it.
fn yields(claim: &Claim, cluster: &[Claim]) -> bool {
    let stronger = |other: &Claim| {
        other.detector != EXEMPT
            && other.found.near == Near::Adjacent
            && other.found.rank < DATE_OF_BIRTH
            && overlap(other, claim)
    };
    claim.detector == EXEMPT && cluster.iter().any(stronger)
}

fn is_candidate(winner: &Claim, claim: &Claim) -> bool {
    winner.detector != EXEMPT
        && claim.detector != EXEMPT
        && claim.detector != winner.detector
        && claim.detector < 64
        && claim.found.rank < FITS_ANYTHING
        && (claim.found.start, claim.found.end) == (winner.found.start, winner.found.end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn claim(detector: u8, start: u32, end: u32, rank: u8, near: Near) -> Claim {
        let attributes = Attributes::default();
        let found = Match { start, end, rank, confidence: Confidence::High, near, attributes };
        Claim { field: 0, detector, found }
    }

    /// Detector, start and end of what is accepted.
    fn settled(claims: &[Claim]) -> Vec<(u8, u32, u32)> {
        all(claims).iter().map(|c| (c.detector, c.found.start, c.found.end)).collect()
    }

    fn all(claims: &[Claim]) -> Vec<Claim> {
        let mut out = Vec::new();
        let mut set = Claims { made: claims.to_vec(), ..Claims::default() };
        set.settle_before(u32::MAX, SWEDEN, &mut out);
        out
    }

    /// Detector 5 is at home.
    const SWEDEN: Home = Home { detectors: 1 << 5, countries: Countries::NONE };

    #[test]
    fn the_lower_rank_wins_over_the_longer_span() {
        let [short, long] = [claim(1, 5, 10, 9, Near::No), claim(2, 0, 20, 14, Near::No)];
        assert_eq!(settled(&[long, short]), [(1, 5, 10)]);
    }

    #[test]
    fn context_decides_within_ranks_6_to_12_only() {
        let plain = claim(1, 0, 10, 9, Near::No);
        assert_eq!(settled(&[plain, claim(2, 0, 10, 11, Near::After)]), [(2, 0, 10)]);
        assert_eq!(settled(&[plain, claim(2, 0, 10, 13, Near::Adjacent)]), [(1, 0, 10)]);
        let iban = claim(3, 0, 10, 2, Near::No);
        assert_eq!(settled(&[iban, claim(2, 0, 10, 11, Near::Adjacent)]), [(3, 0, 10)]);
    }

    #[test]
    fn an_exempt_claim_hides_its_digits() {
        let date = claim(EXEMPT, 0, 10, 5, Near::No);
        assert_eq!(settled(&[date, claim(1, 0, 10, 14, Near::No)]), []);
        assert_eq!(settled(&[date, claim(1, 0, 10, 9, Near::Before)]), []);
    }

    #[test]
    fn an_exempt_claim_yields_to_a_word_directly_before() {
        let date = claim(EXEMPT, 0, 10, 5, Near::No);
        assert_eq!(settled(&[date, claim(1, 0, 10, 9, Near::Adjacent)]), [(1, 0, 10)]);
    }

    #[test]
    fn an_exempt_claim_never_blocks_a_date_of_birth() {
        let date = claim(EXEMPT, 5, 15, 5, Near::No);
        let claims = [date, claim(1, 0, 15, 13, Near::No), claim(2, 5, 15, 14, Near::No)];
        assert_eq!(settled(&claims), [(1, 0, 15)]);
    }

    #[test]
    fn entities_on_one_span_become_candidates() {
        let claims = [1, 2, 3].map(|detector| claim(detector, 0, 10, 8 + detector, Near::No));
        let found = all(&claims);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].found.attributes.candidates, 0b1100);
    }

    /// Detector and candidates of the one claim that is accepted.
    fn meant(claims: &[Claim]) -> (u8, u64) {
        let found = all(claims);
        assert_eq!(found.len(), 1);
        (found[0].detector, found[0].found.attributes.candidates)
    }

    fn checked(claim: Claim, check: Check) -> Claim {
        let attributes = Attributes { check: Some(check), ..claim.found.attributes };
        Claim { found: Match { attributes, ..claim.found }, ..claim }
    }

    #[test]
    fn on_one_span_context_goes_before_rank() {
        let [strong, near] = [claim(1, 0, 11, 4, Near::After), claim(2, 0, 11, 9, Near::Before)];
        assert_eq!(meant(&[strong, near]), (2, 0b10));
        // The better rank stays: what the other would have won over does not come between.
        let date = claim(EXEMPT, 0, 11, 5, Near::No);
        assert_eq!(meant(&[date, strong, near]), (2, 0b10));
    }

    #[test]
    fn on_one_span_an_expected_country_goes_before_check_and_rank() {
        let abroad = checked(claim(1, 0, 11, 9, Near::No), Check::Pass);
        assert_eq!(meant(&[abroad, claim(5, 0, 11, 12, Near::No)]), (5, 0b10));
        assert_eq!(
            meant(&[abroad, claim(5, 0, 11, 12, Near::No), claim(2, 0, 11, 9, Near::After)]).0,
            2
        );
        let mistyped = checked(claim(5, 0, 11, 12, Near::No), Check::Fail);
        assert_eq!(meant(&[abroad, mistyped]).0, 1);
    }

    #[test]
    fn a_check_digit_goes_before_rank() {
        let passes = checked(claim(1, 0, 11, 12, Near::No), Check::Pass);
        assert_eq!(meant(&[passes, claim(2, 0, 11, 9, Near::No)]), (1, 0b100));
    }

    #[test]
    fn what_carries_an_identity_number_is_the_identity_number() {
        let account = claim(1, 0, 26, 2, Near::Adjacent);
        let mut person = claim(2, 0, 26, 2, Near::No);
        person.found.attributes.carrier = Some("iban");
        assert_eq!(meant(&[account, person]), (2, 0b10));
    }

    #[test]
    fn a_mere_candidate_is_never_found() {
        let mere = claim(1, 0, 11, ONLY_CANDIDATE, Near::Adjacent);
        assert_eq!(settled(&[mere]), []);
        assert_eq!(settled(&[mere, claim(2, 5, 15, 13, Near::No)]), [(2, 5, 15)]);
        assert_eq!(meant(&[mere, claim(2, 0, 11, 12, Near::No)]), (2, 0b10));
        assert_eq!(meant(&[mere, claim(2, 0, 11, 14, Near::No)]), (2, 0));
    }

    #[test]
    fn a_long_number_is_no_candidate() {
        let found = all(&[claim(1, 0, 10, 9, Near::No), claim(2, 0, 10, 14, Near::No)]);
        assert_eq!(found[0].found.attributes.candidates, 0);
    }

    #[test]
    fn claims_of_an_open_field_stay() {
        let mut set = Claims { made: vec![claim(1, 0, 5, 9, Near::No)], ..Claims::default() };
        set.ask(1, 2);
        set.push(claim(2, 0, 5, 9, Near::No).found);
        let mut out = Vec::new();
        set.settle_before(1, SWEDEN, &mut out);
        assert_eq!((out.len(), out[0].field, set.is_empty()), (1, 0, false));
    }

    fn any_claim() -> impl Strategy<Value = Claim> {
        let near = prop::sample::select(vec![Near::No, Near::After, Near::Before, Near::Adjacent]);
        (prop::sample::select(vec![0, 1, 2, 5, EXEMPT]), 0..40_u32, 1..15_u32, 1..=15_u8, near)
            .prop_map(|(detector, start, len, rank, near)| {
                claim(detector, start, start + len, rank, near)
            })
    }

    proptest! {
        #[test]
        fn the_order_of_claims_does_not_matter(
            (claims, shuffled) in prop::collection::vec(any_claim(), 0..30)
                .prop_flat_map(|claims| (Just(claims.clone()), Just(claims).prop_shuffle()))
        ) {
            prop_assert_eq!(all(&claims), all(&shuffled));
        }

        #[test]
        fn accepted_claims_do_not_overlap(claims in prop::collection::vec(any_claim(), 0..30)) {
            let found = all(&claims);
            for pair in found.windows(2) {
                prop_assert!(pair[0].found.end <= pair[1].found.start);
            }
        }
    }
}
