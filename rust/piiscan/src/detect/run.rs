//! A run of digits with its groups and separators, parsed once and shared by all number detectors.
//!
//! Grammar, over folded text: `[+(]?(00)?\d((SEP)?\d)*` where SEP is one of: a space; a dash with an optional space on
//! either side; `.`, `/` or `:`; `(0)` with an optional space on either side; the `)` of an area code that opened the run; the `+` of
//! a personal number of somebody over 100. Never newline, tab, comma, semicolon or letters.
//!
//! What stands left and right of a run is not looked at: detectors have different rules for it. Time is linear in the bytes of the run.

use smallvec::SmallVec;

/// What stands between two groups of digits, or before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sep {
    /// Nothing: the first group.
    None,
    /// One space.
    Space,
    /// A dash, spaces around it or not.
    Dash,
    /// A full stop.
    Dot,
    /// A slash.
    Slash,
    /// A colon.
    Colon,
    /// The opening parenthesis of `(0)`: the group is that zero.
    Open,
    /// A closing parenthesis: of `(0)`, or of the area code that the run starts with.
    Paren,
    /// A plus, as in personal numbers of people over 100.
    Plus,
}

/// Digits that stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// First byte in the field.
    pub start: u32,
    /// Number of digits.
    pub len: u32,
    /// What stands before it.
    pub sep: Sep,
    /// Its first digit in [`Run::digits`].
    pub first: u8,
    /// Its value if it has four digits at most, else more than any of those.
    pub value: u16,
}

impl Group {
    /// One past the last byte.
    pub fn end(&self) -> u32 {
        self.start + self.len
    }
}

/// Digits kept of a run. Longer runs are counted, but only these are looked at.
pub const DIGITS_MAX: usize = 64;
/// Digits of groups whose value is kept.
const SHORT: usize = 4;

/// A run of digits.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// First byte: of the digits, of a `+` before them, or of the `(` of an area code.
    pub start: u32,
    /// One past the last digit.
    pub end: u32,
    /// Whether it starts with `+`.
    pub plus: bool,
    /// The first [`DIGITS_MAX`] digit values.
    pub digits: SmallVec<[u8; DIGITS_MAX]>,
    /// All digits, also those not kept.
    pub count: u32,
    /// The groups, as far as their digits are kept: the last one is cut where they end.
    pub groups: SmallVec<[Group; 8]>,
}

impl Run {
    /// The run whose first digit is `text[at]`.
    pub fn parse(text: &[u8], at: usize) -> Self {
        let mut run = Self::default();
        run.parse_again(text, at);
        run
    }

    /// The same into a used run: a scan parses one for every candidate.
    pub(crate) fn parse_again(&mut self, text: &[u8], at: usize) {
        self.digits.clear();
        self.groups.clear();
        self.count = 0;
        self.plus = at > 0 && text[at - 1] == b'+';
        let head = at - usize::from(self.plus);
        let mut open = head > 0 && text[head - 1] == b'(';
        let mut start = head;
        let mut end = self.group(text, at, Sep::None);
        while let Some((sep, next)) = separator(text, end, open) {
            if sep == Sep::Paren {
                open = false;
                start = head - 1;
            }
            if sep == Sep::Plus && !self.is_birth_date_before_plus(text, next) {
                break;
            }
            end = self.group(text, next, sep);
            if sep == Sep::Open {
                let Some(next) = after_optional_space(text, end + 1) else { continue };
                end = self.group(text, next, Sep::Paren);
            }
        }
        self.start = offset(start);
        self.end = offset(end);
    }

    /// Whether it is four groups with dots: an address or a version.
    pub(crate) fn is_quad(&self) -> bool {
        self.groups.len() == 4 && self.groups[1..].iter().all(|group| group.sep == Sep::Dot)
    }

    /// Takes the digits from `at` on and gives the place after the last.
    fn group(&mut self, text: &[u8], at: usize, sep: Sep) -> usize {
        let first = self.digits.len();
        let (mut len, mut value) = (0, 0_u16);
        for byte in &text[at..] {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            if first + len < DIGITS_MAX {
                self.digits.push(digit);
            }
            if len < SHORT {
                value = value * 10 + u16::from(digit);
            }
            len += 1;
        }
        let kept = self.digits.len() - first;
        if kept > 0 {
            let value = if kept > SHORT { u16::MAX } else { value };
            let first = u8::try_from(first).expect("few digits are kept");
            self.groups.push(Group { start: offset(at), len: offset(kept), sep, first, value });
        }
        self.count += offset(len);
        at + len
    }

    /// `+` joins `YYMMDD` or `YYYYMMDD` with the three or four characters after it, and nothing else: `1+1` and the country code of a
    /// second phone number are not joined.
    fn is_birth_date_before_plus(&self, text: &[u8], next: usize) -> bool {
        let digits = text[next..].iter().take(5).take_while(|byte| byte.is_ascii_digit()).count();
        matches!(self.count, 6 | 8) && self.groups.len() == 1 && matches!(digits, 3 | 4)
    }
}

/// The separator at `end` and the place of the digit after it. With [`Sep::Open`] that digit is a zero and `)` follows it, then an
/// optional space and a digit.
fn separator(text: &[u8], end: usize, open: bool) -> Option<(Sep, usize)> {
    let byte = |at: usize| text.get(at).copied().unwrap_or(0);
    let digit = |at: usize| byte(at).is_ascii_digit().then_some(at);
    let found = |sep| move |at| (sep, at);
    match byte(end) {
        b' ' => match byte(end + 1) {
            b'-' => after_optional_space(text, end + 2).map(found(Sep::Dash)),
            b'(' => zero(text, end + 1),
            b')' if open => after_optional_space(text, end + 2).map(found(Sep::Paren)),
            _ => digit(end + 1).map(found(Sep::Space)),
        },
        b'-' => after_optional_space(text, end + 1).map(found(Sep::Dash)),
        b'.' => digit(end + 1).map(found(Sep::Dot)),
        b'/' => digit(end + 1).map(found(Sep::Slash)),
        b':' => digit(end + 1).map(found(Sep::Colon)),
        b'+' => digit(end + 1).map(found(Sep::Plus)),
        b')' if open => after_optional_space(text, end + 1).map(found(Sep::Paren)),
        b'(' => zero(text, end),
        _ => None,
    }
}

/// The place of the zero of `(0)` at `at`, if a digit follows.
fn zero(text: &[u8], at: usize) -> Option<(Sep, usize)> {
    let follows = text[at..].starts_with(b"(0)") && after_optional_space(text, at + 3).is_some();
    follows.then_some((Sep::Open, at + 1))
}

/// The place of a digit at `at` or behind one space.
fn after_optional_space(text: &[u8], at: usize) -> Option<usize> {
    let at = at + usize::from(text.get(at) == Some(&b' '));
    text.get(at).is_some_and(u8::is_ascii_digit).then_some(at)
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("fields are capped below 4 GiB")
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// `start..end count` and each group after its separator.
    fn shown(text: &str) -> String {
        let at = text.bytes().position(|byte| byte.is_ascii_digit()).unwrap();
        let run = Run::parse(text.as_bytes(), at);
        let mut out = text[run.start as usize..run.end as usize].to_owned();
        for group in &run.groups {
            let digits = &text[group.start as usize..group.end() as usize];
            write!(out, "|{:?} {digits}", group.sep).unwrap();
        }
        out
    }

    #[test]
    fn joins_groups_by_every_separator() {
        assert_eq!(shown("08-581 690 00"), "08-581 690 00|None 08|Dash 581|Space 690|Space 00");
        assert_eq!(
            shown("x 08 - 58.16/9:0,1"),
            "08 - 58.16/9:0|None 08|Dash 58|Dot 16|Slash 9|Colon 0"
        );
    }

    #[test]
    fn takes_the_zero_of_a_country_code() {
        let plain = "+46 (0)8 581|None 46|Open 0|Paren 8|Space 581";
        assert_eq!(shown("tel +46 (0)8 581"), plain);
        assert_eq!(shown("+46(0) 8"), "+46(0) 8|None 46|Open 0|Paren 8");
        assert_eq!(shown("+46 (0) x"), "+46|None 46");
    }

    #[test]
    fn an_area_code_keeps_its_parenthesis_only_when_it_closes_inside() {
        assert_eq!(shown("(08) 581 690"), "(08) 581 690|None 08|Paren 581|Space 690");
        assert_eq!(shown("(08-581)"), "08-581|None 08|Dash 581");
        assert_eq!(shown("3) 070-1740605"), "3|None 3");
    }

    #[test]
    fn joins_by_a_plus_only_what_may_be_a_personal_number() {
        assert_eq!(shown("121212+1212"), "121212+1212|None 121212|Plus 1212");
        assert_eq!(shown("131052+308T"), "131052+308|None 131052|Plus 308");
        assert_eq!(shown("070174+4670174"), "070174|None 070174");
        assert_eq!(shown("1+1"), "1|None 1");
    }

    #[test]
    fn stops_at_two_spaces_and_line_ends() {
        assert_eq!(shown("12  34"), "12|None 12");
        assert_eq!(shown("12\n34"), "12|None 12");
        assert_eq!(shown("12 -\n34"), "12|None 12");
    }

    #[test]
    fn counts_digits_that_it_does_not_keep() {
        let run = Run::parse(&vec![b'7'; 2 << 20], 0);
        assert_eq!((run.count, run.end), (2 << 20, 2 << 20));
        assert_eq!((run.digits.len(), run.groups.len()), (DIGITS_MAX, 1));
        assert_eq!(run.groups[0].len as usize, DIGITS_MAX);
    }
}
