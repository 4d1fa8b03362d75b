//! Detectors: one file each, one line in [`DETECTORS`]. Pure functions over a candidate and its surroundings.
//!
//! The scan makes one pass over a text and finds candidates: runs of digits, `@` and its spelled forms, colons of
//! addresses, pairs of capitals before digits, words that a detector asks for. A detector declares which candidates it wants ([`Trigger`]), checks shape and
//! arithmetic, asks for context words, and makes claims. Claims are resolved in [`claims`].
//!
//! **Invariant:** no I/O, no clock, no state, no failure, no panic; time linear in the length of the candidate.

use std::fmt::Debug;

use crate::calendar::Date;
use crate::finding::{Attributes, Category, Confidence, Countries};

pub(crate) mod anchor;
pub mod claims;
pub mod context;
pub mod exempt;
pub mod run;

mod beside;
mod case_number;
mod date_of_birth;
mod dk_cpr;
mod dk_cvr;
mod email;
mod fi_hetu;
mod fi_satu;
mod fi_y_tunnus;
mod iban;
mod ip_address;
mod is_kennitala;
pub mod keyword;
mod long_number;
mod mac_address;
mod no_fodselsnummer;
mod no_organisasjonsnummer;
mod number;
mod organization;
mod passport;
mod payment_card;
pub(crate) mod person_name;
mod phone;
mod profile_url;
mod property_designation;
mod se_bank_account;
mod se_bankgiro;
mod se_organisationsnummer;
mod se_personnummer;
mod se_plusgiro;
pub(crate) mod street_address;
mod vehicle_plate;

pub use claims::Claims;
pub use context::Near;
pub(crate) use person_name::Capitals;
pub use person_name::{Acquaintances, People};
pub use run::Run;

/// Every detector by structure, in the order of outputs. Keyword detectors come from the lexicons.
pub const DETECTORS: &[&dyn Detector] = &[
    &long_number::LongNumber,
    &se_personnummer::SePersonnummer,
    &fi_hetu::FiHetu,
    &email::Email,
    &phone::Phone,
    &ip_address::IpAddress,
    &iban::Iban,
    &payment_card::PaymentCard,
    &se_bank_account::SeBankAccount,
    &se_bankgiro::SeBankgiro,
    &se_plusgiro::SePlusgiro,
    &mac_address::MacAddress,
    &case_number::CaseNumber,
    &passport::Passport,
    &vehicle_plate::VehiclePlate,
    &profile_url::ProfileUrl,
    &property_designation::PropertyDesignation,
    &se_organisationsnummer::SeOrganisationsnummer,
    &fi_y_tunnus::FiYTunnus,
    &fi_satu::FiSatu,
    &no_fodselsnummer::NoFodselsnummer,
    &no_organisasjonsnummer::NoOrganisasjonsnummer,
    &dk_cpr::DkCpr,
    &dk_cvr::DkCvr,
    &is_kennitala::IsKennitala,
    &person_name::PersonName,
    &street_address::StreetAddress,
    &date_of_birth::DateOfBirth,
];

/// Which candidates a detector is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Runs of digits that hold at least this many digits and at most that many; letters around are not counted.
    Digits(u8, u8),
    /// Runs of digits with three dots in a row between groups, whatever their number, as in an IPv4 address.
    Dots,
    /// `@` (also between spaces or brackets) and its spelled forms: `(at)`, `[at]`, `snabel-a` ... The anchor is its first byte. Also the
    /// forms that hide an address from harvesters: `[email protected]`, `data-cfemail`, `/cdn-cgi/l/email-protection#`.
    At,
    /// A colon between hexadecimal groups, as in an IPv6 address. The anchor is the first colon of its token.
    Colon,
    /// Pairs of letters and digits with a sign between, or groups of four with digits among them, as in a MAC address. The anchor is the sign
    /// behind the fifth pair or the second group.
    Pairs,
    /// Two capital letters and two digits at the start of a word, as in an IBAN. The anchor is the first capital.
    Capitals,
    /// The words of the detector's own list of this number (see [`Detector::words`]), where they stand in the text or in the label.
    Word(u8),
    /// The same for words that what is found begins with. They are no context: [`Candidate::near`] does not know them.
    First(u8),
    /// A capitalized word that is a listed first name or belongs to a sender or recipient that came before; the anchor is its first byte. Also
    /// the first byte of a field of senders or recipients.
    Name,
    /// A number behind a word that ends like a street or is a box, or a capital behind a number that ends like a postcode; the anchor is
    /// the first byte of the number or the capital.
    Place,
}

/// What a field may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldKind {
    /// What people wrote.
    #[default]
    Text,
    /// Who wrote or got it.
    Party,
    /// Ids of systems: no number in it is a number of a person because of its length alone.
    Opaque,
}

/// A word that made a place a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Number of its list in [`Detector::words`].
    pub list: usize,
    /// One past its last byte. A word of the label is empty and stands at the start of the field.
    pub end: usize,
}

/// Options of a scan that change what is found. Part of the engine digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Countries whose national forms are expected.
    pub locales: Countries,
    /// The day that dates are judged against: never the clock of the machine.
    pub reference_date: Date,
    /// Digits from which a run is a long number.
    pub min_digits: u8,
    /// Whether only written dates and times are exempt from `long-number`.
    pub strict: bool,
    /// Whether `long-number` joins groups of digits.
    pub grouped: bool,
    /// Whether Norwegian numbers by the rule of 2032 count. See [`Options::norway_2032_on`].
    pub norway_2032: bool,
}

impl Options {
    /// Whether the check digits that Norway gives out from 2032-01-01 are expected on a day.
    pub fn norway_2032_on(day: Date) -> bool {
        day.year() >= 2032
    }
}

/// One field of a batch as a detector sees it: folded text and what stands around it.
#[derive(Clone, Copy)]
pub struct Field<'t> {
    /// The folded text. Other scripts' digits, dashes and spaces have their ASCII form (see the scan).
    pub text: &'t [u8],
    /// What a reader sees before the value: JSON key, column, header name. Counts as context directly before it.
    pub label: &'t str,
    /// What it may hold.
    pub kind: FieldKind,
}

impl Debug for Field<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Field({} bytes)", self.text.len())
    }
}

/// A place where a detector may find something.
#[derive(Debug)]
pub struct Candidate<'t> {
    /// The field.
    pub field: Field<'t>,
    /// Where the candidate stands: first byte of the run, or the anchor.
    pub at: usize,
    /// The run of digits, for [`Trigger::Digits`].
    pub run: Option<&'t Run>,
    /// The word, for [`Trigger::Word`] and [`Trigger::First`]: it starts at `at`.
    pub word: Option<Word>,
    /// The options of the scan.
    pub options: &'t Options,
    /// Senders and recipients that are known to the field.
    pub people: Acquaintances<'t>,
    /// Looks up context words around a span.
    pub(crate) context: context::Lookup<'t>,
}

impl Candidate<'_> {
    /// How near a word of the detector's list number `list` (see [`Detector::words`]) stands to `start..end`: within 40 characters on
    /// either side, in the same paragraph, or in the label.
    pub fn near(&self, list: usize, start: usize, end: usize) -> Near {
        self.context.near(self.field, list, start, end)
    }

    /// The same for words before `start` alone, which is cheaper: never [`Near::After`].
    pub fn before(&self, list: usize, start: usize) -> Near {
        self.context.before(self.field, list, start)
    }
}

/// A claim of a detector on a span. Bytes of the folded text of the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Order of claims: 1 wins over 14.
    pub rank: u8,
    /// How sure.
    pub confidence: Confidence,
    /// Nearest context word.
    pub near: Near,
    /// Facts beside the span.
    pub attributes: Attributes,
}

/// The first list of [`Detector::words`]: context words.
pub const CONTEXT: usize = 0;
/// The second list of [`Detector::words`]: words that speak against it.
pub const ANTI: usize = 1;

/// A detector by structure.
pub trait Detector: Debug + Send + Sync {
    /// The id used everywhere: `se-personnummer`. Never renamed, never reused.
    fn id(&self) -> &'static str;

    /// Its category.
    fn category(&self) -> Category;

    /// One line for people.
    fn summary(&self) -> &'static str;

    /// Shape, rule, confidence and source, as shown by `piiscan detectors show`.
    fn rule(&self) -> &'static str;

    /// Published test numbers or synthetic examples that it finds, for documentation.
    fn examples(&self) -> &'static [&'static str];

    /// Which candidates it wants.
    fn triggers(&self) -> &'static [Trigger];

    /// Lists of words it asks for by number: [`CONTEXT`], [`ANTI`], then its own. Whole words in lower case; `*` at the end stands
    /// for any ending; a term may be two or three words.
    fn words(&self) -> &'static [&'static [&'static str]] {
        &[]
    }

    /// The countries whose numbers it knows, where they are those of some countries. Of several detectors that fit a number, that of an
    /// expected country is meant.
    fn countries(&self) -> Countries {
        Countries::default()
    }

    /// Looks at one candidate and claims what it finds. One candidate may give several claims.
    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims);

    /// Appends the canonical form of a found text, the input of fingerprints: the same person gives the same bytes in every
    /// spelling. `found` is folded text.
    fn canonical(&self, found: &str, attributes: &Attributes, options: &Options, out: &mut Vec<u8>);
}
