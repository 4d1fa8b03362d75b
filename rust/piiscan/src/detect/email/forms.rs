//! The ways to write `@` and the dots of an address.

use super::super::number::starts_with;

/// How `@` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// `anna@exempel.se`
    Plain,
    /// `anna(at)exempel.se`, `anna [ät] exempel.se`
    Bracketed,
    /// `anna_at_exempel.se`
    Underscored,
    /// `anna @ exempel.se`, `anna snabel-a exempel.se`
    Bare,
    /// `anna at exempel punkt se`: also an ordinary word
    Word,
}

/// Names of the sign, no word of any language here.
const NAMES: &[&str] =
    &["snabel-a", "miukumauku", "at-merkki", "ät-merkki", "krøllalfa", "alfakrøll"];
const BRACKETED: &[&str] = &["at", "ät", "ätt", "a", "@"];
const DOTS: &[&str] = &["dot", "punkt", "piste", "prikk", "punktum"];

/// The written sign at `at`, with the spaces and brackets around it: form, first byte, one past the last.
pub(super) fn sign(text: &[u8], at: usize) -> Option<(At, usize, usize)> {
    let byte = *text.get(at)?;
    if byte == b'@' {
        let before = text[..at].last().copied().unwrap_or(b' ');
        let after = text.get(at + 1).copied().unwrap_or(b' ');
        return match (before, after) {
            // The bracket is an anchor of its own.
            (b'(' | b'[' | b'{', b')' | b']' | b'}') => None,
            (b' ', b' ') => Some((At::Bare, at.saturating_sub(1), at + 2)),
            _ => Some((At::Plain, at, at + 1)),
        };
    }
    let form = if byte == b'_' { At::Underscored } else { At::Bracketed };
    if let Some(end) = bracketed(text, at, BRACKETED).or_else(|| bracketed(text, at, NAMES)) {
        let (start, end) = with_spaces(text, at, end);
        return Some((form, start, end));
    }
    if let Some(name) = NAMES.iter().find(|name| starts_with(&text[at..], name)) {
        let end = at + name.len();
        let (opening, closing) = (text[..at].last(), text.get(end));
        return match (opening, closing) {
            (Some(b'(' | b'[' | b'{'), Some(b')' | b']' | b'}')) => {
                let (start, end) = with_spaces(text, at - 1, end + 1);
                Some((At::Bracketed, start, end))
            }
            (Some(b' '), Some(b' ')) => Some((At::Bare, at - 1, end + 1)),
            _ => None,
        };
    }
    let word = starts_with(&text[at..], "at ") && text[..at].last() == Some(&b' ');
    word.then(|| (At::Word, at - 1, at + 3))
}

/// How a dot is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dot {
    Plain,
    Bracketed,
    /// ` punkt `, ` . `
    Bare,
}

/// The written dot at `at`: form and one past the last byte.
pub(super) fn dot_after(text: &[u8], at: usize) -> Option<(Dot, usize)> {
    let byte = *text.get(at)?;
    if byte == b'.' {
        return Some((Dot::Plain, at + 1));
    }
    let spaced = at + usize::from(byte == b' ');
    if let Some(end) = bracketed(text, spaced, DOTS).or_else(|| bracketed(text, spaced, &["."])) {
        return Some((Dot::Bracketed, end + usize::from(text.get(end) == Some(&b' '))));
    }
    if byte != b' ' {
        return None;
    }
    let word = DOTS.iter().chain(&["."]).find(|word| {
        starts_with(&text[spaced..], word) && text.get(spaced + word.len()) == Some(&b' ')
    })?;
    Some((Dot::Bare, spaced + word.len() + 1))
}

/// The written dot that ends at `end`: form and its first byte.
pub(super) fn dot_before(text: &[u8], end: usize) -> Option<(Dot, usize)> {
    // The longest form is ` (punktum) `.
    (end.saturating_sub(11)..end)
        .filter(|at| !matches!(text[*at], b'.'))
        .find_map(|at| dot_after(text, at).filter(|(_, to)| *to == end).map(|(dot, _)| (dot, at)))
}

/// One past a bracket at `at` that holds one of the words.
fn bracketed(text: &[u8], at: usize, words: &[&str]) -> Option<usize> {
    let close = match text.get(at)? {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'<' => b'>',
        b'_' => b'_',
        _ => return None,
    };
    let inner = at + 1 + usize::from(text.get(at + 1) == Some(&b' '));
    let word = words.iter().find(|word| {
        let end = inner + word.len();
        starts_with(&text[inner.min(text.len())..], word)
            && (text.get(end) == Some(&close) || text.get(end..end + 2) == Some(&[b' ', close]))
    })?;
    let end = inner + word.len();
    Some(if text[end] == close { end + 1 } else { end + 2 })
}

fn with_spaces(text: &[u8], start: usize, end: usize) -> (usize, usize) {
    let before = start > 0 && text[start - 1] == b' ';
    (start - usize::from(before), end + usize::from(text.get(end) == Some(&b' ')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_written_sign() {
        for (text, form) in [
            ("x@y", At::Plain),
            ("x @ y", At::Bare),
            ("x(at)y", At::Bracketed),
            ("x [ÄT] y", At::Bracketed),
            ("x<at>y", At::Bracketed),
            ("x{@}y", At::Bracketed),
            ("x ( at ) y", At::Bracketed),
            ("x_at_y", At::Underscored),
            ("x Snabel-a y", At::Bare),
            ("x (snabel-a) y", At::Bracketed),
            ("x at y", At::Word),
        ] {
            let bytes = text.as_bytes();
            let found = (1..text.len()).find_map(|at| sign(bytes, at)).unwrap();
            assert_eq!((found.0, found.1, found.2), (form, 1, text.len() - 1), "{text}");
        }
    }

    #[test]
    fn reads_every_written_dot_both_ways() {
        for (text, form) in [
            ("x.y", Dot::Plain),
            ("x(dot)y", Dot::Bracketed),
            ("x [piste] y", Dot::Bracketed),
            ("x punkt y", Dot::Bare),
            ("x . y", Dot::Bare),
        ] {
            let end = text.len() - 1;
            assert_eq!(dot_after(text.as_bytes(), 1), Some((form, end)), "{text}");
            if form != Dot::Plain {
                assert_eq!(dot_before(text.as_bytes(), end), Some((form, 1)), "{text}");
            }
        }
    }
}
