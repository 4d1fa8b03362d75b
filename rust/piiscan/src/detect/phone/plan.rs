//! The numbering plans: which national numbers exist, and what kind they are.
//!
//! The plans are data, `data/phone/<cc>.tsv`: leading digits and lengths, derived from libphonenumber. They are read once, into
//! rows sorted by first digit, so that one look compares a number with a dozen rows. No plan says whether a number is in use.

use std::sync::LazyLock;

use smallvec::SmallVec;

use crate::finding::Countries;

/// What kind of number a plan says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The outer bounds of the plan; never the kind of a number.
    General,
    Fixed,
    Mobile,
    TollFree,
    Premium,
    SharedCost,
    Personal,
    Voip,
    Pager,
    /// Numbers of companies and authorities without a place.
    Uan,
    Voicemail,
}

impl Kind {
    /// Whether only organizations have such numbers.
    pub(super) fn is_organization(self) -> bool {
        matches!(self, Self::TollFree | Self::Premium | Self::SharedCost | Self::Uan)
    }

    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "general_desc" => Self::General,
            "fixed_line" => Self::Fixed,
            "mobile" => Self::Mobile,
            "toll_free" => Self::TollFree,
            "premium_rate" => Self::Premium,
            "shared_cost" => Self::SharedCost,
            "personal_number" => Self::Personal,
            "voip" => Self::Voip,
            "pager" => Self::Pager,
            "uan" => Self::Uan,
            "voicemail" => Self::Voicemail,
            _ => return None,
        })
    }
}

/// Leading digits and lengths of some national numbers.
#[derive(Debug)]
struct Row {
    kind: Kind,
    /// One set of digits per place, bit `d` for the digit `d`.
    leading: SmallVec<[u16; 6]>,
    shortest: usize,
    longest: usize,
}

impl Row {
    fn parse(line: &str) -> Option<Self> {
        let mut cells = line.split('\t');
        let kind = Kind::named(cells.next()?)?;
        let leading = sets(cells.next()?)?;
        let shortest = cells.next()?.parse().ok()?;
        let longest = cells.next()?.parse().ok()?;
        Some(Self { kind, leading, shortest, longest })
    }

    fn holds(&self, number: &[u8]) -> bool {
        (self.shortest..=self.longest).contains(&number.len())
            && self.leading.iter().zip(number).all(|(set, &digit)| set >> digit & 1 == 1)
    }
}

/// Digits and classes such as `7[02369]` as sets.
fn sets(pattern: &str) -> Option<SmallVec<[u16; 6]>> {
    let mut found = SmallVec::new();
    let mut bytes = pattern.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'[' {
            found.push(1 << digit(byte)?);
            continue;
        }
        let (mut set, mut last) = (0_u16, 0_u8);
        loop {
            match bytes.next()? {
                b']' => break,
                b'-' => {
                    let end = digit(bytes.next()?)?;
                    (last..=end).for_each(|d| set |= 1 << d);
                }
                byte => {
                    last = digit(byte)?;
                    set |= 1 << last;
                }
            }
        }
        found.push(set);
    }
    Some(found)
}

fn digit(byte: u8) -> Option<u8> {
    byte.is_ascii_digit().then(|| byte - b'0')
}

/// The numbering plan of one country.
#[derive(Debug)]
pub(super) struct Plan {
    /// The country as a set of one.
    pub(super) country: Countries,
    /// The calling code.
    pub(super) code: &'static [u8],
    /// Whether national numbers are dialed with a 0 before them.
    pub(super) trunk: bool,
    rows: [Vec<Row>; 10],
}

impl Plan {
    fn parse(country: &str, code: &'static [u8], text: &str) -> Self {
        let mut rows: [Vec<Row>; 10] = Default::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let row = Row::parse(line).expect("a checked-in plan is well formed");
            for (first, bucket) in rows.iter_mut().enumerate() {
                if row.leading[0] >> first & 1 == 1 {
                    bucket.push(Row { leading: row.leading.clone(), ..row });
                }
            }
        }
        let trunk = matches!(code, [4, 6] | [3, 5, 8]);
        Self { country: Countries::of(country), code, trunk, rows }
    }

    /// The kind of a national number (without trunk 0), if the plan has it.
    pub(super) fn kind(&self, number: &[u8]) -> Option<Kind> {
        let rows = &self.rows[usize::from(*number.first()?)];
        let within = rows.iter().any(|row| row.kind == Kind::General && row.holds(number));
        let kind = rows.iter().find(|row| row.kind != Kind::General && row.holds(number))?.kind;
        within.then_some(kind)
    }
}

macro_rules! plans {
    ($($country:literal $code:literal $file:literal,)*) => {
        /// Every plan, in the order of [`Countries::CODES`].
        pub(super) static PLANS: LazyLock<[Plan; 8]> = LazyLock::new(|| {
            [$(Plan::parse(
                $country, $code, include_str!(concat!("../../../data/phone/", $file, ".tsv"))
            ),)*]
        });
    };
}

plans! {
    "SE" b"\x04\x06" "se",
    "FI" b"\x03\x05\x08" "fi",
    "AX" b"\x03\x05\x08" "ax",
    "NO" b"\x04\x07" "no",
    "DK" b"\x04\x05" "dk",
    "FO" b"\x02\x09\x08" "fo",
    "GL" b"\x02\x09\x09" "gl",
    "IS" b"\x03\x05\x04" "is",
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(country: &str, number: &str) -> Option<Kind> {
        let number: Vec<u8> = number.bytes().map(|b| b - b'0').collect();
        PLANS.iter().find(|p| p.country == Countries::of(country)).unwrap().kind(&number)
    }

    #[test]
    fn knows_the_published_example_numbers() {
        for (country, number, expected) in [
            ("SE", "8123456", Kind::Fixed),
            ("SE", "701234567", Kind::Mobile),
            ("SE", "20123456", Kind::TollFree),
            ("SE", "9001234567", Kind::Premium),
            ("SE", "771234567", Kind::SharedCost),
            ("SE", "751234567", Kind::Personal),
            ("SE", "740123456", Kind::Pager),
            ("SE", "102345678", Kind::Uan),
            ("SE", "254123456789", Kind::Voicemail),
            ("FI", "131234567", Kind::Fixed),
            ("FI", "412345678", Kind::Mobile),
            ("FI", "10112345", Kind::Uan),
            ("AX", "181234567", Kind::Fixed),
            ("NO", "21234567", Kind::Fixed),
            ("NO", "02000", Kind::Uan),
            ("NO", "85012345", Kind::Voip),
            ("DK", "32123456", Kind::Fixed),
            ("DK", "34412345", Kind::Mobile),
            ("FO", "201234", Kind::Fixed),
            ("GL", "321000", Kind::Fixed),
            ("IS", "4101234", Kind::Fixed),
            ("IS", "6111234", Kind::Mobile),
        ] {
            assert_eq!(kind(country, number), Some(expected), "{country} {number}");
        }
    }

    #[test]
    fn refuses_short_and_emergency_numbers() {
        for number in ["112", "11313", "11414", "116117", "1177", "118118"] {
            let fits = ["SE", "FI", "AX", "NO", "DK", "IS"].map(|country| kind(country, number));
            assert_eq!(fits, [None; 6], "{number}");
        }
        assert_eq!(kind("SE", "90000"), None);
    }

    #[test]
    fn refuses_a_wrong_length() {
        assert_eq!(kind("SE", "70123456"), None);
        assert_eq!(kind("SE", "7012345678"), None);
        assert_eq!(kind("NO", "2123456"), None);
    }
}
