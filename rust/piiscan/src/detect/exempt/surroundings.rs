//! What stands around a run: URL, UUID, case number, version, postal address.

use super::super::number::{Piece, char_after, char_before, gap, is_one_of, starts_with};
use super::super::run::Sep;

const UUID_LEN: usize = 36; // bytes
const URL_MAX: usize = 512; // bytes looked back: a longer URL exempts only its first part

/// Whether `at` is inside a URL.
pub(super) fn in_url(text: &[u8], at: usize) -> bool {
    let from = at.saturating_sub(URL_MAX);
    let ends = |byte: &u8| matches!(byte, b'\0'..=b' ' | b'<' | b'>' | b'"' | b'|');
    let start = text[from..at].iter().rposition(ends).map_or(from, |end| from + end + 1);
    let token = &text[start..at];
    let token = token.strip_prefix(b"(").unwrap_or(token);
    // The shortest beginning of a URL has four bytes; most numbers stand after a space.
    token.len() >= 4
        && (token.windows(3).any(|w| w == b"://") || token[..4].eq_ignore_ascii_case(b"www."))
}

/// Whether a run is a piece of a UUID: 8-4-4-4-12 hexadecimal digits (RFC 9562).
pub(super) fn in_uuid(text: &[u8], run: Piece<'_>) -> bool {
    let (start, end) = (run.start(), run.end());
    if !text[..start].ends_with(b"-") && text.get(end) != Some(&b'-') {
        return false;
    }
    let part = |byte: &&u8| byte.is_ascii_hexdigit() || **byte == b'-';
    let before = text[..start].iter().rev().take(UUID_LEN).take_while(part).count();
    let after = text[start..].iter().take(UUID_LEN + 1).take_while(part).count();
    let token = &text[start - before..start + after];
    token.len() == UUID_LEN
        && token.split(|byte| *byte == b'-').map(<[u8]>::len).eq([8, 4, 4, 4, 12])
}

/// The word before `at`, with only spaces, `:`, `.`, `#` or "nr" between, and where it starts. Empty if there is none.
pub(in super::super) fn word_before(text: &[u8], at: usize) -> (&[u8], usize) {
    let mut end = at;
    loop {
        let trimmed =
            text[..end].trim_suffix_while(|byte| matches!(byte, b' ' | b':' | b'.' | b'#'));
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80;
        let start = trimmed.trim_suffix_while(word).len();
        let found = &trimmed[start..];
        if is_one_of(found, &["nr", "nummer", "no"]) && start > 0 {
            end = start;
            continue;
        }
        return (found, start);
    }
}

trait TrimSuffix {
    fn trim_suffix_while(&self, drop: impl Fn(u8) -> bool) -> &Self;
}

impl TrimSuffix for [u8] {
    fn trim_suffix_while(&self, drop: impl Fn(u8) -> bool) -> &Self {
        let kept = self.iter().rposition(|&byte| !drop(byte)).map_or(0, |at| at + 1);
        &self[..kept]
    }
}

/// Whether the dots of a run are those of a version or a section.
pub(super) fn is_version(text: &[u8], run: Piece<'_>) -> bool {
    const BEFORE: &[&str] = &[
        "v",
        "ver",
        "version",
        "versio",
        "versionen",
        "release",
        "build",
        "avsnitt",
        "kap",
        "kapitel",
        "punkt",
        "punkten",
        "kohta",
        "luku",
        "section",
        "avsnit",
        "kapittel",
    ];
    let groups = run.groups();
    groups.len() >= 3
        && groups[1..].iter().all(|group| group.sep == Sep::Dot)
        && (text[..run.start()].ends_with("§ ".as_bytes())
            || is_one_of(word_before(text, run.start()).0, BEFORE))
}

/// Whether a run is a case number: letters of a registry before it, or a keyword.
pub(super) fn is_case_number(text: &[u8], run: Piece<'_>) -> bool {
    const BEFORE: &[&str] = &[
        "dnr",
        "diarienr",
        "diarienummer",
        "dnro",
        "diaarinumero",
        "asianumero",
        "ärende",
        "ärendet",
        "ärendenr",
        "ärendenummer",
        "mål",
        "målnr",
        "sak",
        "saksnr",
        "saksnummer",
        "sagsnr",
    ];
    let start = run.start();
    // Behind a keyword an identity number is still one.
    let person = run.has_shape(&[6, 4]) || run.has_shape(&[8, 4]);
    let by_keyword = || !person && is_one_of(word_before(text, start).0, BEFORE);
    has_registry_shape(text, run) || is_court_number(text, run) || by_keyword()
}

/// `KS/2019/0001/0009`, `KS 2019:123`, `VM/1959/03.01.01/2017`: two to six capitals before a run that begins or ends with a year.
fn has_registry_shape(text: &[u8], run: Piece<'_>) -> bool {
    let groups = run.groups();
    let tight = (run.from + 1..run.to).all(|at| gap(text, run.run, at).len() == 1);
    let (mut at, slash) = match text[..run.start()] {
        [.., b'/'] => (run.start() - 1, true),
        [.., b'-' | b' '] => (run.start() - 1, false),
        _ => return false,
    };
    let mut capitals = 0;
    while let Some(letter) = char_before(text, at).filter(|c| c.is_uppercase()) {
        (at, capitals) = (at - letter.len_utf8(), capitals + 1);
    }
    let whole = !char_before(text, at).is_some_and(char::is_alphanumeric);
    let by_slash = |sep| matches!(sep, Sep::Slash | Sep::Colon | Sep::Dash | Sep::Dot);
    let later = groups[1..].iter().all(|group| by_slash(group.sep));
    tight
        && whole
        && later
        && (2..=6).contains(&capitals)
        && groups.len() >= 2
        && (is_year(run, 0) || (slash && is_year(run, groups.len() - 1)))
}

/// `T 12345-19`: a letter of the courts, number, year.
fn is_court_number(text: &[u8], run: Piece<'_>) -> bool {
    let letter = match text[..run.start()] {
        [.., b' '] => char_before(text, run.start() - 1),
        _ => None,
    };
    let Some(letter) = letter.filter(|c| "BTMÄKÖ".contains(*c)) else { return false };
    let before = run.start() - 1 - letter.len_utf8();
    let groups = run.groups();
    !char_before(text, before).is_some_and(char::is_alphanumeric)
        && groups.len() == 2
        && (1..=5).contains(&groups[0].len)
        && groups[1].len == 2
        && groups[1].sep == Sep::Dash
}

/// `Storgatan 12 791 29 Falun`, `Box 123 791 29 Falun`: a number after a street or box, then a postcode and a capital.
pub(super) fn is_address(text: &[u8], run: Piece<'_>) -> bool {
    const BOX: &[&str] = &["box", "pb", "pl", "postbox", "postboks"];
    const STREETS: &[&str] = &[
        "gatan", "vägen", "gränd", "gränden", "stig", "stigen", "torg", "torget", "allén",
        "backen", "plan", "leden", "katu", "tie", "kuja", "polku", "tori", "gata", "veien", "gade",
        "vej", "väg",
    ];
    let groups = run.groups();
    let lengths: (u32, bool) = match groups {
        [first, a, b] => (first.len, a.len == 3 && b.len == 2 && b.sep == Sep::Space),
        [first, a] => (first.len, a.len == 5),
        _ => return false,
    };
    if lengths.0 > 5
        || !lengths.1
        || groups[1].sep != Sep::Space
        || run.digits().first() == Some(&0)
    {
        return false;
    }
    let city = text.get(run.end()) == Some(&b' ')
        && char_after(text, run.end() + 1).is_some_and(char::is_uppercase);
    let word = word_before(text, run.start()).0;
    let street = || {
        STREETS
            .iter()
            .any(|end| word.len() > end.len() && starts_with(&word[word.len() - end.len()..], end))
    };
    city && (is_one_of(word, BOX) || (lengths.0 <= 4 && street()))
}

fn is_year(run: Piece<'_>, at: usize) -> bool {
    let group = Piece { from: run.from + at, to: run.from + at + 1, ..run };
    matches!(group.digits(), [1, 9, _, _] | [2, 0, _, _])
}

#[cfg(test)]
mod tests {
    use super::super::super::run::Run;
    use super::*;

    #[test]
    fn finds_the_word_before_a_number() {
        assert_eq!(word_before(b"Dnr: 12", 5).0, b"Dnr");
        assert_eq!(word_before("Ärende nr. #12".as_bytes(), 13).0, "Ärende".as_bytes());
        assert_eq!(word_before(b"12", 0).0, b"");
        assert_eq!(word_before(b"nr 12", 3).0, b"nr");
    }

    #[test]
    fn knows_a_piece_of_a_uuid() {
        for (text, at) in [
            ("x cc236cf1-c00f-4479-8341-ecf5dd90b5b9.", 16),
            ("11111111-aaaa-bbbb-cccc-ddddeeee0002", 0),
        ] {
            let run = Run::parse(text.as_bytes(), at);
            assert!(in_uuid(text.as_bytes(), Piece::whole(&run)), "{text}");
        }
        let text = b"cc236cf1-c00f-4479-8341-ecf5dd90b5b";
        assert!(!in_uuid(text, Piece::whole(&Run::parse(text, 14))));
    }

    #[test]
    fn knows_the_inside_of_a_url() {
        assert!(in_url(b"se https://x.se/a/12", 18));
        assert!(in_url(b"(www.x.se/12", 10));
        assert!(!in_url(b"https://x.se 12", 13));
        assert!(!in_url(b"a/12", 2));
    }
}
