//! What the number detectors share: borders of a number, pieces of a run, digits of a piece.
//!
//! A run of digits may hold several numbers with a space between. A detector looks at pieces of a run: consecutive groups that
//! begin and end where a number may begin and end. It never looks past the run, except for the character on either side.

use smallvec::SmallVec;

use super::Options;
use super::run::{DIGITS_MAX, Group, Run, Sep};

/// Digit values of a piece.
pub(super) type Digits = SmallVec<[u8; DIGITS_MAX]>;

/// Words before a payment reference: its check digit proves nothing about a person, a phone or a card.
pub(super) const REFERENCE_WORDS: &[&str] = &[
    "ocr",
    "ocr-nr",
    "ocr-nummer",
    "ocrnummer",
    "ocr nr",
    "ocr nummer",
    "ref.nr",
    "ref nr",
    "refnr",
    "referens",
    "referensnr",
    "referensnummer",
    "viite",
    "viitenumero",
    "kid",
    "kid-nummer",
];

/// Whether the character before `at` is part of a word.
pub(super) fn word_before(text: &[u8], at: usize) -> bool {
    match text[..at].last() {
        None => false,
        Some(&byte) if byte.is_ascii() => byte.is_ascii_alphanumeric() || byte == b'_',
        Some(_) => char_before(text, at).is_some_and(char::is_alphanumeric),
    }
}

/// Whether the character at `at` is part of a word.
pub(super) fn word_after(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        None => false,
        Some(&byte) if byte.is_ascii() => byte.is_ascii_alphanumeric() || byte == b'_',
        Some(_) => char_after(text, at).is_some_and(char::is_alphanumeric),
    }
}

/// The character that ends at `at`.
pub(super) fn char_before(text: &[u8], at: usize) -> Option<char> {
    let from = (1..=4.min(at)).map(|len| at - len).find(|&from| text[from] & 0xC0 != 0x80)?;
    str::from_utf8(&text[from..at]).ok()?.chars().next()
}

/// The character that starts at `at`.
pub(super) fn char_after(text: &[u8], at: usize) -> Option<char> {
    let end = (at + 1..=(at + 4).min(text.len()))
        .find(|&end| text.get(end).is_none_or(|byte| byte & 0xC0 != 0x80))?;
    str::from_utf8(&text[at..end]).ok()?.chars().next()
}

/// Whether a number may start at `at`: no word or `@` before it, and no digit with one separator.
pub(super) fn opens(text: &[u8], at: usize) -> bool {
    if word_before(text, at) {
        return false;
    }
    match text[..at] {
        [.., b'@'] => false,
        [.., before, b'.' | b',' | b':' | b'/' | b'-'] => !before.is_ascii_digit(),
        _ => true,
    }
}

/// Whether a number may end at `at`: no word after it, and no separator with a digit.
pub(super) fn closes(text: &[u8], at: usize) -> bool {
    if word_after(text, at) {
        return false;
    }
    match text[at..] {
        [b'.' | b',' | b':' | b'/' | b'-', after, ..] => !after.is_ascii_digit(),
        _ => true,
    }
}

/// Consecutive groups of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'r> {
    pub(super) run: &'r Run,
    /// First group.
    pub(super) from: usize,
    /// One past the last group.
    pub(super) to: usize,
}

impl<'r> Piece<'r> {
    /// The whole run.
    pub(super) fn whole(run: &'r Run) -> Self {
        Self { run, from: 0, to: run.groups.len() }
    }

    /// The groups.
    pub(super) fn groups(&self) -> &'r [Group] {
        &self.run.groups[self.from..self.to]
    }

    /// First byte; a leading `+` or `(` included.
    pub(super) fn start(&self) -> usize {
        let start = if self.from == 0 { self.run.start } else { self.run.groups[self.from].start };
        start as usize
    }

    /// One past the last byte.
    pub(super) fn end(&self) -> usize {
        self.groups().last().map_or(self.run.end, Group::end) as usize
    }

    /// Number of digits.
    pub(super) fn count(&self) -> usize {
        self.digits().len()
    }

    /// The digit values.
    pub(super) fn digits(&self) -> &'r [u8] {
        let groups = self.groups();
        match (groups.first(), groups.last()) {
            (Some(first), Some(last)) => {
                let end = usize::from(last.first) + last.len as usize;
                &self.run.digits[usize::from(first.first)..end]
            }
            _ => &[],
        }
    }

    /// Whether its groups have just these lengths.
    pub(super) fn has_shape(&self, lengths: &[u32]) -> bool {
        self.groups().iter().map(|group| group.len).eq(lengths.iter().copied())
    }

    /// Whether a number may begin with the first group: at the start of the run by its neighbors, later after a space or a slash.
    pub(super) fn opens(&self, text: &[u8]) -> bool {
        if self.from == 0 { opens(text, self.start()) } else { parts(text, self.run, self.from) }
    }

    /// Whether a number may end with the last group: at the end of the run by its neighbors, earlier before a space or a slash.
    pub(super) fn closes(&self, text: &[u8]) -> bool {
        if self.to == self.run.groups.len() {
            self.end() != self.run.end as usize || closes(text, self.end())
        } else {
            parts(text, self.run, self.to)
        }
    }
}

/// Whether what stands before group `at` may stand between two numbers: a space, or a slash.
pub(super) fn parts(text: &[u8], run: &Run, at: usize) -> bool {
    let gap = gap(text, run, at);
    gap == b"/" || gap.contains(&b' ')
}

/// What stands before group `at`: empty before the first.
pub(super) fn gap<'t>(text: &'t [u8], run: &Run, at: usize) -> &'t [u8] {
    if at == 0 {
        return &[];
    }
    &text[run.groups[at - 1].end() as usize..run.groups[at].start as usize]
}

/// Whether a group is joined to the one before it by a character without spaces.
pub(super) fn is_tight(text: &[u8], run: &Run, at: usize) -> bool {
    gap(text, run, at).len() == 1 && run.groups[at].sep != Sep::Space
}

/// The pieces of a run whose groups have the lengths of one of the shapes.
pub(super) fn shaped<'r>(
    run: &'r Run,
    shapes: &'static [&'static [u32]],
) -> impl Iterator<Item = Piece<'r>> {
    (0..run.groups.len()).flat_map(move |from| {
        let piece = move |shape: &&[u32]| Piece { run, from, to: from + shape.len() };
        let fits = move |shape: &&&[u32]| {
            let piece = piece(shape);
            piece.to <= run.groups.len() && piece.has_shape(shape)
        };
        shapes.iter().filter(fits).map(piece)
    })
}

/// What stands between the groups of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    /// One group.
    None,
    /// A hyphen everywhere.
    Hyphen,
    /// A space everywhere: what is left of a hyphen, or the habit of a country.
    Space,
}

/// What stands between the groups of a piece, if it is the same everywhere and one of [`Joint`].
pub(super) fn joint(text: &[u8], piece: Piece<'_>) -> Option<Joint> {
    let mut gaps = (piece.from + 1..piece.to).map(|at| gap(text, piece.run, at));
    let Some(first) = gaps.next() else { return Some(Joint::None) };
    if !gaps.all(|gap| gap == first) {
        return None;
    }
    match first {
        b"-" => Some(Joint::Hyphen),
        b" " => Some(Joint::Space),
        _ => None,
    }
}

/// Where a country's two capitals start that stand before a number: directly, or with one space or hyphen between.
pub(super) fn country_before(text: &[u8], at: usize, country: [u8; 2]) -> Option<usize> {
    let before = text.get(..at)?;
    let loose = || before.strip_suffix(b" ").or(before.strip_suffix(b"-"))?.strip_suffix(&country);
    let start = before.strip_suffix(&country).or_else(loose)?.len();
    opens(text, start).then_some(start)
}

/// The digit values in a text, whatever stands between.
pub(super) fn digits_of(text: &str) -> Digits {
    text.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect()
}

/// The decimal value of at most nine digits.
pub(super) fn value(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value, &digit| value * 10 + u32::from(digit))
}

/// The pieces of a run that count as one number each, by the rule of [`Options`].
///
/// Spaces and dots join only groups that look like one number: two to four digits after the first. Years, and rows of single digits,
/// are never joined. `strict` joins everything else.
pub(super) fn numbers<'r>(run: &'r Run, options: &Options) -> impl Iterator<Item = Piece<'r>> {
    let joins = options.grouped && !is_list(run);
    let strict = options.strict;
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = run.groups.get(from + 1..)?;
        let joined = |group: &Group| {
            let free = !matches!(group.sep, Sep::Space | Sep::Dot) || strict;
            joins && (free || (2..=4).contains(&group.len))
        };
        let to = from + 1 + rest.iter().take_while(|group| joined(group)).count();
        let piece = Piece { run, from, to };
        from = to;
        Some(piece)
    })
}

/// Whether a run is a list and no number: years only, or five single digits.
fn is_list(run: &Run) -> bool {
    let years = (0..run.groups.len())
        .map(|at| Piece { run, from: at, to: at + 1 })
        .all(|group| matches!(group.digits(), [1, 9, _, _] | [2, 0, _, _]));
    years || run.groups.iter().filter(|group| group.len == 1).count() >= 5
}

/// Whether `text` starts with the lower-case `form`, in any case.
pub(super) fn starts_with(text: &[u8], form: &str) -> bool {
    let form = form.as_bytes();
    // The second bytes of å ä ö ø differ from those of their capitals by the same bit as ASCII letters do.
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte >= 0x80;
    let same = |(byte, of): (&u8, &u8)| byte == of || (letter(*of) && byte | 0x20 == *of);
    text.len() >= form.len() && text.iter().zip(form).all(same)
}

/// Whether a word is one of a list, in any case.
pub(super) fn is_one_of(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|known| known.len() == word.len() && starts_with(word, known))
}
