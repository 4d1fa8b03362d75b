//! The name lists, and what an ending tells of a word.
//!
//! `data/name/<lang>.tsv` is read once into one table, keyed by a hash of the lower-case name: a word is looked up in a few nanoseconds. The
//! genitive and the Finnish cases are taken off before comparing. Surnames that are in no list are known by their endings.

use std::sync::LazyLock;

/// What is known of a word: a set of the bits below.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds(u8);

impl Kinds {
    /// A first name.
    pub(crate) const FIRST: Self = Self(1);
    /// A surname.
    pub(crate) const LAST: Self = Self(2);
    /// In the Icelandic list only: counts beside a patronymic only.
    pub(crate) const ICELANDIC: Self = Self(4);
    /// An ordinary word as well.
    pub(crate) const WORD: Self = Self(8);
    /// A word that begins sentences as well.
    pub(crate) const OPENER: Self = Self(16);
    /// No list has it, its ending is that of a surname.
    pub(crate) const SHAPED: Self = Self(32);

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn is_none(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it may be an ordinary word, so that alone it says nothing.
    pub(crate) fn is_ambiguous(self) -> bool {
        self.has(Self::WORD.with(Self::OPENER))
    }

    pub(crate) fn is_surname(self) -> bool {
        self.has(Self::LAST.with(Self::SHAPED))
    }
}

/// Lists by language. The Icelandic one has every name that the law allows, so it counts for less.
const LISTS: [(&str, Kinds); 5] = [
    (include_str!("../../../data/name/sv.tsv"), Kinds(0)),
    (include_str!("../../../data/name/fi.tsv"), Kinds(0)),
    (include_str!("../../../data/name/no.tsv"), Kinds(0)),
    (include_str!("../../../data/name/da.tsv"), Kinds(0)),
    (include_str!("../../../data/name/is.tsv"), Kinds::ICELANDIC),
];

/// Endings of surnames, and how many bytes must stand before them.
const SURNAMES: &[(&str, usize)] = &[
    ("sson", 2),
    ("dotter", 3),
    ("dóttir", 3),
    ("qvist", 2),
    ("kvist", 2),
    ("ström", 2),
    ("berg", 3),
    ("gren", 3),
    ("nen", 3),
    ("sen", 3),
];

/// Finnish surnames of places. In other cases too many words look like them.
const PLACES: &[(&str, usize)] = &[
    ("ala", 3),
    ("ela", 3),
    ("ila", 3),
    ("ola", 3),
    ("ula", 3),
    ("älä", 3),
    ("elä", 3),
    ("ilä", 3),
    ("ölä", 3),
    ("ylä", 3),
];

/// Endings that are taken off: the genitive, then Finnish cases, longer ones first; what stands for them. By their last byte.
const CASES: [(u8, &[(&str, &str)]); 5] = [
    (b's', &[("s", "")]),
    (
        b'a',
        &[
            ("sesta", "nen"),
            ("sessa", "nen"),
            ("selta", "nen"),
            ("sella", "nen"),
            ("ilta", ""),
            ("illa", ""),
            ("lta", ""),
            ("lla", ""),
            ("ssa", ""),
            ("sta", ""),
            ("a", ""),
        ],
    ),
    (b'e', &[("selle", "nen"), ("ille", ""), ("lle", "")]),
    (b'n', &[("sen", "nen"), ("in", ""), ("n", "")]),
    (
        "ä".as_bytes()[1],
        &[
            ("sestä", "nen"),
            ("sessä", "nen"),
            ("seltä", "nen"),
            ("sellä", "nen"),
            ("ltä", ""),
            ("llä", ""),
            ("ssä", ""),
            ("stä", ""),
            ("ä", ""),
        ],
    ),
];

const SLOTS: usize = 1 << 14; // of the table: less than half are taken
pub(crate) const LONGEST: usize = 40; // bytes of a word that is looked up
const STEM_MIN: usize = 3; // bytes that an ending leaves

/// Every listed name.
#[derive(Debug)]
struct Table {
    slots: Box<[(u64, Kinds)]>,
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::read);

impl Table {
    fn read() -> Self {
        let mut table = Self { slots: vec![(0, Kinds(0)); SLOTS].into() };
        for (list, origin) in LISTS {
            for line in list.lines().filter(|line| !line.starts_with('#')) {
                let mut cells = line.split('\t');
                let (Some(kind), Some(name)) = (cells.next(), cells.next()) else { continue };
                let kind = if kind == "first" { Kinds::FIRST } else { Kinds::LAST };
                let other = match cells.next() {
                    Some("word") => Kinds::WORD,
                    Some("opener") => Kinds::OPENER,
                    _ => Kinds(0),
                };
                table.add(name, kind.with(other), origin);
            }
        }
        table
    }

    fn add(&mut self, name: &str, kinds: Kinds, origin: Kinds) {
        let mut buffer = [0; LONGEST];
        let Some(lower) = lower(name.as_bytes(), &mut buffer) else { return };
        let key = hash(lower);
        let mut at = place(key);
        while self.slots[at].0 != key && self.slots[at].0 != 0 {
            at = (at + 1) % SLOTS;
        }
        let (old, known) = self.slots[at];
        // A name of another list is not only Icelandic; those lists come first.
        let origin = if old == key { Kinds(known.0 & origin.0) } else { origin };
        self.slots[at] = (key, Kinds(known.0 & !Kinds::ICELANDIC.0 | kinds.0 | origin.0));
    }

    fn of(&self, lower: &[u8]) -> Kinds {
        let key = hash(lower);
        let mut at = place(key);
        loop {
            match self.slots[at] {
                (0, _) => return Kinds(0),
                (known, kinds) if known == key => return kinds,
                _ => at = (at + 1) % SLOTS,
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the shift leaves 14 bits")]
fn place(key: u64) -> usize {
    (key >> const { 64 - SLOTS.ilog2() }) as usize
}

/// A hash of a word in lower case; never 0.
pub(super) fn hash(lower: &[u8]) -> u64 {
    let mix =
        |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let (words, rest) = lower.as_chunks::<8>();
    let rest = rest.iter().fold(lower.len() as u64, |word, byte| word << 8 | u64::from(*byte));
    let hash = words.iter().fold(mix(0, rest), |hash, word| mix(hash, u64::from_le_bytes(*word)));
    hash ^ hash >> 29 | 1
}

/// The word in lower case, if it is not too long. In UTF-8 the second bytes of Latin-1 letters differ from those of their capitals by the
/// same bit as ASCII letters do.
pub(crate) fn lower<'b>(word: &[u8], buffer: &'b mut [u8; LONGEST]) -> Option<&'b [u8]> {
    let lower = buffer.get_mut(..word.len())?;
    for (to, byte) in lower.iter_mut().zip(word) {
        let capital = byte.wrapping_sub(b'A') < 26 || byte.wrapping_sub(0x80) < 0x1F;
        *to = byte | u8::from(capital) << 5;
    }
    Some(lower)
}

/// What the lists say of a word as it stands.
pub(crate) fn exact(word: &[u8]) -> Kinds {
    let mut buffer = [0; LONGEST];
    lower(word, &mut buffer).map_or(Kinds(0), |lower| TABLE.of(lower))
}

/// What the lists or the ending say of a word as it stands.
pub(crate) fn nominative(word: &[u8]) -> Kinds {
    let mut buffer = [0; LONGEST];
    let Some(lower) = lower(word, &mut buffer) else { return Kinds(0) };
    let found = TABLE.of(lower);
    if found.is_none() { shape(lower, SURNAMES).with(shape(lower, PLACES)) } else { found }
}

/// What the lists or the ending say of a word in any case. Openers and ordinary words count only as they stand.
pub(crate) fn inflected(word: &[u8]) -> Kinds {
    let mut buffer = [0; LONGEST];
    let Some(lower) = lower(word, &mut buffer) else { return Kinds(0) };
    let found = TABLE.of(lower);
    if !found.is_none() {
        return found;
    }
    let mut found = shape(lower, SURNAMES).with(shape(lower, PLACES));
    each_stem(lower, |stem| {
        let kinds = TABLE.of(stem);
        found = if kinds.is_none() { found.with(shape(stem, SURNAMES)) } else { kinds };
        !kinds.is_none()
    });
    found
}

/// Calls `visit` with every word that a word in lower case may be a case of, until it says stop.
pub(super) fn each_stem(lower: &[u8], mut visit: impl FnMut(&[u8]) -> bool) {
    let Some((_, cases)) = CASES.iter().find(|(last, _)| lower.last() == Some(last)) else {
        return;
    };
    let mut buffer = [0; LONGEST + 4];
    for (ending, instead) in *cases {
        if lower.len() < ending.len() + STEM_MIN || !ends(lower, ending.as_bytes()) {
            continue;
        }
        let stem = &lower[..lower.len() - ending.len()];
        let len = stem.len() + instead.len();
        buffer[..stem.len()].copy_from_slice(stem);
        buffer[stem.len()..len].copy_from_slice(instead.as_bytes());
        if visit(&buffer[..len]) {
            return;
        }
        // Consonant gradation: `Matin` is of Matti, `Pekalle` of Pekka.
        if let [.., before, hard @ (b'k' | b'p' | b't'), vowel] = *stem
            && *ending != "s"
            && before != hard
        {
            buffer[stem.len() - 1] = hard;
            buffer[stem.len()] = vowel;
            if visit(&buffer[..=stem.len()]) {
                return;
            }
        }
    }
}

/// Whether a word ends so. Most do not by their last byte: a loop is faster than a call that compares.
fn ends(lower: &[u8], ending: &[u8]) -> bool {
    let mut pairs = lower.iter().rev().zip(ending.iter().rev());
    lower.len() >= ending.len() && pairs.all(|(a, b)| a == b)
}

/// Whether the ending of a word in lower case is that of a surname.
fn shape(lower: &[u8], endings: &[(&str, usize)]) -> Kinds {
    let is_ending = |(ending, before): &&(&str, usize)| {
        lower.len() >= ending.len() + before && ends(lower, ending.as_bytes())
    };
    endings.iter().find(is_ending).map_or(Kinds(0), |_| Kinds::SHAPED)
}

/// Whether the ending is that of an Icelandic patronymic.
pub(super) fn is_patronymic(word: &[u8]) -> bool {
    let mut buffer = [0; LONGEST];
    let Some(lower) = lower(word, &mut buffer) else { return false };
    lower.len() > 6 && ["son", "dóttir", "dottir"].iter().any(|end| lower.ends_with(end.as_bytes()))
}

const HEAD: usize = 4; // bytes

/// The first four letters of names, as one bit each: which capitalized words are worth a look.
#[derive(Clone, Debug)]
pub(crate) struct Heads {
    bits: Box<[u64; 1024]>,
}

static HEADS: LazyLock<Heads> = LazyLock::new(|| {
    let mut heads = Heads::none();
    for (list, _) in LISTS {
        let rows = list.lines().filter_map(|line| line.strip_prefix("first\t"));
        for name in rows.filter_map(|row| row.split('\t').next()) {
            heads.add(name.as_bytes());
        }
    }
    heads
});

impl Heads {
    /// Of no name.
    pub(super) fn none() -> Self {
        Self { bits: vec![0; 1024].try_into().expect("the vector has this length") }
    }

    /// Those of the lists of first names.
    pub(crate) fn listed() -> &'static Self {
        &HEADS
    }

    /// Adds a name.
    pub(super) fn add(&mut self, name: &[u8]) {
        let mut bytes = [0; HEAD];
        let len = name.len().min(HEAD);
        bytes[..len].copy_from_slice(&name[..len]);
        let place = Self::place(u32::from_le_bytes(bytes), name.len());
        self.bits[usize::from(place >> 6)] |= 1 << (place & 63);
    }

    /// Adds a name and every form of it that [`each_stem`] takes back to it.
    pub(super) fn add_forms(&mut self, lower: &[u8]) {
        self.add(lower);
        let mut form = [0; LONGEST + 8];
        let mut cases = |stem: &[u8], instead: &str| {
            if stem.len() >= HEAD {
                return self.add(stem); // no ending is part of the head
            }
            let all = CASES.iter().flat_map(|(_, cases)| *cases);
            for (ending, _) in all.filter(|(_, of)| of.len() == instead.len()) {
                let len = stem.len() + ending.len();
                form[..stem.len()].copy_from_slice(stem);
                form[stem.len()..len].copy_from_slice(ending.as_bytes());
                self.add(&form[..len]);
            }
        };
        cases(lower, "");
        if let Some(stem) = lower.strip_suffix(b"nen") {
            cases(stem, "nen");
        }
        if let [stem @ .., hard @ (b'k' | b'p' | b't'), second, vowel] = lower
            && hard == second
        {
            let weak = [stem, &[*hard, *vowel]].concat();
            cases(&weak, "");
        }
    }

    /// Whether a word of `len` bytes may be a name; `head` is its first four bytes and what follows.
    #[expect(clippy::inline_always, reason = "compiled with the pass, for its processor")]
    #[inline(always)]
    pub(crate) fn may_hold(&self, head: u32, len: usize) -> bool {
        self.has(Self::place(head, len))
    }

    /// Place of a word in the bits: any case, at most four bytes.
    #[expect(clippy::inline_always, reason = "compiled with the pass, for its processor")]
    #[inline(always)]
    pub(super) fn place(head: u32, len: usize) -> u16 {
        let kept = u32::MAX >> (32 - 8 * len.clamp(1, HEAD));
        let [.., low, high] = ((head | 0x2020_2020) & kept).wrapping_mul(0x9E37_79B1).to_le_bytes();
        u16::from_le_bytes([low, high])
    }

    /// Whether the word at a place may be a name.
    #[expect(clippy::inline_always, reason = "compiled with the pass, for its processor")]
    #[inline(always)]
    pub(super) fn has(&self, place: u16) -> bool {
        self.bits[usize::from(place >> 6)] >> (place & 63) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_their_lists_whatever_their_case() {
        for name in ["Anna", "ANNA", "anna", "Åke", "åke", "ÅKE", "Päivi"] {
            assert!(exact(name.as_bytes()).has(Kinds::FIRST), "{name}");
        }
        assert!(exact("Svensson".as_bytes()).has(Kinds::LAST));
        assert!(exact("Stol".as_bytes()).is_none());
        assert!(!exact(b"Alexander").has(Kinds::ICELANDIC));
        assert!(exact("Ragnheiður".as_bytes()).has(Kinds::ICELANDIC));
    }

    #[test]
    fn ambiguous_names_are_marked() {
        for name in ["Björn", "Dag", "Klara", "Ek", "Berg", "Lind", "Toivo", "Onni", "Lahti"] {
            assert!(exact(name.as_bytes()).has(Kinds::WORD.with(Kinds::OPENER)), "{name}");
        }
        for name in ["Dina", "Andra", "Alla", "Per"] {
            assert!(exact(name.as_bytes()).has(Kinds::OPENER), "{name}");
        }
    }

    #[test]
    fn cases_are_taken_off() {
        for name in ["Svenssons", "Virtasen", "Virtaselle", "Mäkelän", "Lindströmin", "Korhosta"]
        {
            let kinds = inflected(name.as_bytes());
            assert_eq!(kinds.is_surname(), name != "Korhosta", "{name}");
        }
        for name in ["Annas", "Matin", "Pekalle", "Liisalta", "Annassa"] {
            assert!(inflected(name.as_bytes()).has(Kinds::FIRST), "{name}");
        }
    }

    #[test]
    fn endings_tell_surnames() {
        for name in ["Kallesson", "Jónsdóttir", "Rönnqvist", "Hakkinen", "Pihlajala", "Knudtsen"]
        {
            assert!(inflected(name.as_bytes()).is_surname(), "{name}");
        }
        for word in ["Sen", "Berg1", "Skolan", "Kommun", "Nen"] {
            assert!(!inflected(word.as_bytes()).has(Kinds::SHAPED), "{word}");
        }
    }

    #[test]
    fn heads_let_every_form_of_a_name_through() {
        for (name, forms) in [
            ("eva", "eva evas evan evalle"),
            ("bo", "bo bos bon bolla"),
            ("matti", "matti matin matille mattis"),
            ("virtanen", "virtanen virtasen virtaselle"),
            ("ine", "ine ines"),
            ("hanen", "hanen hasen hasella"),
        ] {
            let mut heads = Heads::none();
            heads.add_forms(name.as_bytes());
            for form in forms.split(' ') {
                let mut head = [0; 4];
                let kept = form.len().min(4);
                head[..kept].copy_from_slice(&form.as_bytes()[..kept]);
                assert!(heads.may_hold(u32::from_le_bytes(head), form.len()), "{form}");
            }
        }
    }

    #[test]
    fn heads_let_every_first_name_through() {
        let head = |word: &[u8; 8]| u32::from_le_bytes(*word.first_chunk().unwrap());
        for (word, len) in [(b"Anna sky", 4), (b"BO, skri", 2), (b"Alexande", 9)] {
            assert!(Heads::listed().may_hold(head(word), len));
        }
        assert!(!Heads::listed().may_hold(head(b"Bostaden"), 2 + 6));
    }
}
