//! Words of addresses: what streets end in, what looks like them, what stands before and behind.

use std::sync::LazyLock;

/// How much the ending of a street says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// Hardly anything but streets ends so.
    Strong,
    /// Ordinary words end so too: not without a postcode or a word about addresses.
    Weak,
}

use Weight::{Strong, Weak};

/// What the names of streets end in. Sources: Lantmäteriet, *Ortnamn och namnvård*; libpostal dictionaries.
pub(super) const ENDINGS: &[(&str, Weight)] = &[
    // Swedish
    ("gatan", Strong),
    ("gata", Strong),
    ("vägen", Strong),
    ("väg", Strong),
    ("gränden", Strong),
    ("gränd", Strong),
    ("stigen", Strong),
    ("stig", Strong),
    ("torget", Strong),
    ("torg", Strong),
    ("allén", Strong),
    ("allé", Strong),
    ("backen", Strong),
    ("stråket", Strong),
    ("kajen", Strong),
    ("esplanaden", Strong),
    ("brinken", Strong),
    ("plan", Weak),
    ("planen", Weak),
    ("plats", Weak),
    ("platsen", Weak),
    ("leden", Weak),
    ("ringen", Weak),
    ("kroken", Weak),
    ("slingan", Weak),
    // Finnish
    ("katu", Strong),
    ("tie", Strong),
    ("kuja", Strong),
    ("polku", Strong),
    ("raitti", Strong),
    ("ranta", Strong),
    ("rinne", Strong),
    ("penger", Strong),
    ("bulevardi", Strong),
    ("esplanadi", Strong),
    ("aukio", Strong),
    ("taival", Strong),
    ("puistikko", Strong),
    ("kaari", Weak),
    ("väylä", Weak),
    ("tori", Weak),
    // Norwegian and Danish
    ("gaten", Strong),
    ("gate", Weak),
    ("veien", Strong),
    ("vei", Strong),
    ("gade", Strong),
    ("vej", Strong),
    ("vejen", Strong),
    ("vænget", Strong),
    ("stræde", Strong),
    ("plass", Weak),
    ("plads", Weak),
];

/// Endings in the definite form: in lower case they are words of their own, "hela vägen".
pub(super) const DEFINITE: &[&str] = &[
    "gatan",
    "vägen",
    "gränden",
    "stigen",
    "torget",
    "allén",
    "backen",
    "stråket",
    "kajen",
    "esplanaden",
    "brinken",
    "planen",
    "platsen",
    "leden",
    "ringen",
    "kroken",
    "slingan",
    "gaten",
    "veien",
    "vejen",
    "vænget",
];

/// Words that end like a street and are none.
pub(super) const NO_STREET: &[&str] = &[
    "utgången",
    "ingången",
    "färdvägen",
    "omvägen",
    "bakvägen",
    "genvägen",
    "motorvägen",
    "järnvägen",
    "riksvägen",
    "länsvägen",
    "europavägen",
    "luftvägen",
    "sjövägen",
    "cykelvägen",
    "gångvägen",
    "huvudvägen",
    "halvvägen",
    "mellanvägen",
    "återvägen",
    "körvägen",
    "skadegata",
    "valtatie",
    "kantatie",
    "maantie",
    "moottoritie",
    "rautatie",
    "seututie",
    "yhdystie",
    "brigade",
    "motorväg",
    "järnväg",
    "riksväg",
    "länsväg",
    "europaväg",
    "cykelväg",
    "utväg",
    "omväg",
    "genväg",
    "planen",
    "ringen",
    "katie",
    "landbacken",
    "skidbacken",
    "uppförsbacken",
    "nedförsbacken",
    "fordonsplatsen",
    "arbetsplatsen",
    "parkeringsplatsen",
];

/// Small words of the names of streets.
pub(super) const PARTS: &[&str] = &[
    "norra",
    "södra",
    "östra",
    "västra",
    "stora",
    "lilla",
    "nya",
    "gamla",
    "övre",
    "nedre",
    "yttre",
    "inre",
    "mellersta",
    "sankt",
    "st",
    "s:t",
    "s:ta",
    "iso",
    "pieni",
    "itäinen",
    "läntinen",
    "pohjoinen",
    "eteläinen",
    "vanha",
    "uusi",
    "nordre",
    "søndre",
    "vestre",
    "østre",
    "store",
    "lille",
    "gamle",
    "nye",
    "kung",
    "drottning",
    "prins",
    "karl",
    "kong",
];

/// Words before a street that are not part of it.
pub(super) const LABELS: &[&str] = &[
    "adress",
    "adressen",
    "besöksadress",
    "besök",
    "postadress",
    "gatuadress",
    "hemadress",
    "leveransadress",
    "fakturaadress",
    "folkbokföringsadress",
    "bostadsadress",
    "adresse",
    "besøksadresse",
    "postadresse",
    "osoite",
    "käyntiosoite",
    "postiosoite",
    "kotiosoite",
    "address",
    "street",
    "gata",
    "väg",
    "från",
    "till",
    "på",
    "vid",
    "hos",
    "i",
    "av",
    "den",
    "det",
    "denna",
    "min",
    "vår",
    "hela",
    "längs",
    "utmed",
    "bor",
    "bodde",
    "flyttat",
    "ny",
    "hörnet",
    "korsningen",
    "längst",
    "halva",
    "samma",
];

/// What a number counts, so that it is no number of a house.
pub(super) const UNITS: &[&str] = &[
    "km",
    "m",
    "cm",
    "mm",
    "mil",
    "meter",
    "metri",
    "metriä",
    "kilometer",
    "kr",
    "kronor",
    "euro",
    "euroa",
    "eur",
    "sek",
    "år",
    "vuotta",
    "personer",
    "st",
    "stycken",
    "kpl",
    "min",
    "minuter",
    "minuuttia",
    "minuutti",
    "timmar",
    "timme",
    "tuntia",
    "dagar",
    "veckor",
    "månader",
    "gånger",
    "kg",
    "kvm",
    "m2",
    "ha",
    "elever",
    "barn",
    "platser",
    "procent",
    "prosenttia",
    "h",
    "tim",
    "sekunder",
    "bilar",
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
];

/// What boxes at post offices are called; a capital first.
pub(super) const BOXES: &[&str] =
    &["Box", "BOX", "PB", "PL", "Postbox", "Postboks", "Boks", "Postboks", "P.O. Box", "PO Box"];

/// The last three bytes of words that a number of a house or of a box may follow, one bit each.
static TAILS: LazyLock<[u64; 64]> = LazyLock::new(|| {
    let mut bits = [0; 64];
    // Before the short ones of boxes stands what begins a line or a bracket.
    let boxes =
        BOXES.iter().flat_map(|word| [" ", "\n", "(", "\t"].map(|first| format!("{first}{word}")));
    for word in boxes.chain(ENDINGS.iter().map(|(ending, _)| (*ending).to_owned())) {
        let key = key(word.as_bytes().last_chunk().copied().unwrap_or_default());
        bits[key >> 6] |= 1 << (key & 63);
    }
    bits
});

/// Place of three bytes, in any case, in the bits.
fn key([a, b, c]: [u8; 3]) -> usize {
    ((u32::from_le_bytes([a, b, c, 0]) | 0x0020_2020).wrapping_mul(0x9E37_79B1) >> 20) as usize
}

/// Whether a street or a box may end with the last three bytes of `before`.
pub(super) fn may_end(before: &[u8]) -> bool {
    before.last_chunk().is_none_or(|last| TAILS[key(*last) >> 6] >> (key(*last) & 63) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_and_box_may_end_a_street() {
        for (ending, _) in ENDINGS {
            assert!(may_end(format!("Stor{ending}").as_bytes()), "{ending}");
        }
        for word in BOXES {
            assert!(may_end(format!(" {word}").as_bytes()), "{word}");
        }
        assert!(!may_end(b"punkt") && !may_end(b" kl"));
    }
}
