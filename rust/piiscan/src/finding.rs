//! What leaves a scan: spans, categories, confidence, attributes, fingerprints.
//!
//! Owns the vocabulary of a finding and nothing else. No type here can hold matched text, so no `Debug`,
//! log line or report built from a finding can show any.

use std::fmt;

/// A half-open range of **byte** offsets into the decoded view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Length in bytes.
    pub fn len(self) -> u32 {
        self.end - self.start
    }

    /// Whether the span holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether two spans share a byte.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// Legal weight of a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Personal data without special protection.
    Ordinary,
    /// Special category, Regulation (EU) 2016/679 article 9.
    Art9,
    /// Criminal convictions and offenses, article 10.
    Art10,
    /// Protected by national secrecy law or by a policy.
    Protected,
}

impl Class {
    /// The name used in outputs and `--fail-on`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Art9 => "art9",
            Self::Art10 => "art10",
            Self::Protected => "protected",
        }
    }
}

macro_rules! categories {
    ($($variant:ident $name:literal $class:ident,)*) => {
        /// What kind of personal data a finding is. A closed list; a sensitive category is also a detector id.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Category { $(#[doc = $name] $variant,)* }

        impl Category {
            /// Every category, in the order of outputs.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name used in outputs and policies.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether it is looked for unless somebody asks for something else. What people say of their own sex or gender is personal data, but
            /// of no special category: only policies that promise something about it ask for it.
            pub fn is_default(self) -> bool {
                self != Self::Gender
            }

            /// The legal class.
            pub fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)* }
            }
        }
    };
}

categories! {
    IdentityNumber "identity-number" Ordinary,
    OrganizationNumber "organization-number" Ordinary,
    Contact "contact" Ordinary,
    OnlineIdentifier "online-identifier" Ordinary,
    Financial "financial" Ordinary,
    Document "document" Ordinary,
    Asset "asset" Ordinary,
    Case "case" Ordinary,
    Address "address" Ordinary,
    Person "person" Ordinary,
    Number "number" Ordinary,
    Health "health" Art9,
    SexualOrientation "sexual-orientation" Art9,
    PoliticalOpinion "political-opinion" Art9,
    Religion "religion" Art9,
    EthnicOrigin "ethnic-origin" Art9,
    TradeUnion "trade-union" Art9,
    Genetic "genetic" Art9,
    Biometric "biometric" Art9,
    CriminalOffense "criminal-offense" Art10,
    Gender "gender" Protected,
    SocialServices "social-services" Protected,
    Threat "threat" Protected,
}

/// How sure a finding is. The numbers are part of the store's record layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Confidence {
    /// Shape alone, or a shape that fails its check digit beside a context word.
    Low = 1,
    /// Reported by default.
    Medium = 2,
    /// As sure as a scan can be.
    High = 3,
}

impl Confidence {
    /// The name used in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// One step down, never below low.
    #[must_use]
    pub fn lowered(self) -> Self {
        match self {
            Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
        }
    }
}

/// Outcome of a check digit where failing it does not reject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Check {
    /// The check digit is right.
    Pass,
    /// The check digit is wrong: a typing error beside a context word.
    Fail,
    /// The number carries no check digit.
    None,
}

/// Where the nearest context word of a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContextWord {
    /// There is none within 40 characters.
    None,
    /// After the value.
    After,
    /// Before the value.
    Before,
    /// Directly before it, or in its label.
    Adjacent,
}

/// What a keyword says: a fact about a person, or the theme only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reading {
    /// The theme only.
    Topical,
    /// A fact about a person.
    Personal,
}

macro_rules! flags {
    ($($name:ident = $bit:literal $text:literal,)*) => {
        /// A set of yes/no attributes.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct Flags(u16);

        #[allow(non_upper_case_globals, reason = "one name per attribute, spelled as in outputs")]
        impl Flags {
            $(#[doc = concat!("`", $text, "`")] pub const $name: Self = Self(1 << $bit);)*
            /// Every flag with its name in outputs.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$name, $text),)*];
        }
    };
}

flags! {
    TEMPORARY = 0 "temporary",
    SYNTHETIC = 1 "synthetic",
    PARTIAL = 2 "partial",
    SOLE_TRADER = 3 "sole_trader",
    ROLE_MAILBOX = 4 "role_mailbox",
    ORG_PHONE = 5 "org_phone",
    ROLE_ADDRESS = 6 "role_address",
    OBFUSCATED = 7 "obfuscated",
    GROUPED = 8 "grouped",
    RULE2032 = 9 "rule2032",
    NEGATED = 10 "negated",
}

impl Flags {
    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every flag of `other` is set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// A set of Nordic countries, by numbering plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Countries(u16);

impl Countries {
    /// Country codes in bit order. `XX` stands for any other country in international form.
    pub const CODES: &'static [&'static str] =
        &["SE", "FI", "AX", "NO", "DK", "FO", "GL", "IS", "XX"];

    /// No country.
    pub const NONE: Self = Self(0);

    /// The set of one country; empty for a code not in [`Self::CODES`].
    pub fn of(code: &str) -> Self {
        Self::CODES.iter().position(|c| *c == code).map_or(Self(0), |at| Self(1 << at))
    }

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the sets share a country.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether no country is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The codes in the set, in bit order.
    pub fn codes(self) -> impl Iterator<Item = &'static str> {
        Self::CODES.iter().enumerate().filter(move |(at, _)| self.0 >> at & 1 == 1).map(|(_, c)| *c)
    }
}

/// The closed set of facts that a finding may carry beside its span. Small and `Copy`: one per finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attributes {
    /// Sub-type, such as `samordningsnummer` or `vat`.
    pub kind: Option<&'static str>,
    /// Scheme of a reserve number, card brand and the like.
    pub scheme: Option<&'static str>,
    /// What an embedded identity number is wrapped in: `iban`, `vat`, `se-bank-account`.
    pub carrier: Option<&'static str>,
    /// Scope of an IP address: `public`, `private`, `loopback`, `link-local`, `documentation`.
    pub range: Option<&'static str>,
    /// Countries whose plan the value fits.
    pub countries: Countries,
    /// Other detectors that are valid for the same span, one bit per place in the scanner's list.
    pub candidates: u64,
    /// Check digit, where failing does not reject.
    pub check: Option<Check>,
    /// Yes/no attributes.
    pub flags: Flags,
    /// Number of digits in the run, capped at 255; 0 where it does not apply.
    pub digits: u8,
    /// Number of the lexicon term plus one; 0 without a term. Named by the scanner that made it.
    pub term: u32,
    /// What a keyword says.
    pub reading: Option<Reading>,
    /// `threat`, `suicide`, `violence` or `protected-identity`.
    pub alert: Option<&'static str>,
    /// Where the nearest context word stands; told by scanners that explain.
    pub context: Option<ContextWord>,
}

/// A keyed hash of a canonical value: joins one person across files, tells nothing without the key.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 16]);

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// One finding of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Number of the field in the batch or part.
    pub field: u32,
    /// Bytes of the decoded field.
    pub span: Span,
    /// Place of the detector in the scanner's list.
    pub detector: u8,
    /// How sure.
    pub confidence: Confidence,
    /// Facts beside the span.
    pub attributes: Attributes,
    /// Keyed hash of the canonical value; all zero when the scanner has no key.
    pub fingerprint: Fingerprint,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sensitive_category_has_a_class() {
        let sensitive = Category::ALL.iter().filter(|c| c.class() != Class::Ordinary).count();
        assert_eq!(sensitive, 12);
    }

    #[test]
    fn countries_keep_their_order() {
        let set = Countries::of("FI").with(Countries::of("SE"));
        assert_eq!(set.codes().collect::<Vec<_>>(), ["SE", "FI"]);
        assert!(Countries::of("??").is_empty());
    }
}
