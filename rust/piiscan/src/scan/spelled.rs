//! `@` and the ways to write it that keep harvesters away.
//!
//! `(at) [at] {at} <at> _at_ (a) [a] (ät) (ätt) (@) [@] {@}`, `snabel-a`, `miukumauku`, `at-merkki`, `ät-merkki`, `krøllalfa`, `alfakrøll`, and
//! ` at ` before something like a domain; in any case. Also what protects addresses on web pages: the text `[email protected]`, the attribute
//! `data-cfemail` and the path `/cdn-cgi/l/email-protection#`.

/// Written forms by the place of the byte that is seen first. Sought in lower case.
const FORMS: &[(&str, usize)] = &[
    ("snabel-a", 6),
    ("at-merkki", 2),
    ("ät-merkki", 3),
    ("miukumauku", 1),
    ("krøllalfa", 3),
    ("alfakrøll", 7),
    ("data-cfemail", 4),
    ("/cdn-cgi/l/email-protection#", 4),
];

/// Written forms between brackets.
const BRACKETED: &[&str] = &["at", "a", "ät", "ätt", "@"];

/// Words between a name and a domain, as in "punkt se".
const DOTS: &[&str] = &["dot", "punkt", "piste", "prikk", "punktum"];

const DOMAIN_MAX: usize = 64; // bytes between ` at ` and the dot: the longest label and a space

/// Where the form begins that is seen first at `at` of a field's text, if there is one.
pub(super) fn anchor(text: &[u8], at: usize) -> Option<usize> {
    match text[at] {
        b'@' => Some(at),
        b'(' | b'[' | b'{' | b'<' | b'_' => is_bracketed(&text[at..]).then_some(at),
        _ => FORMS.iter().find_map(|(form, seen)| {
            let start = at.checked_sub(*seen)?;
            starts_with(&text[start..], form).then_some(start)
        }),
    }
}

fn is_bracketed(text: &[u8]) -> bool {
    let close = match text[0] {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'<' => b'>',
        bracket => bracket,
    };
    let inner = &text[1..];
    BRACKETED.iter().any(|form| starts_with(inner, form) && inner.get(form.len()) == Some(&close))
        || (close == b']' && starts_with(inner, "email"))
}

/// Whether the word "at" at the start stands between spaces and before a domain: Danish and Norwegian *at* and English *at* are words of
/// every second sentence.
pub(super) fn is_bare(text: &[u8], at: usize) -> bool {
    let (before, text) = text.split_at(at);
    if before.last() != Some(&b' ') || !starts_with(text, "at ") {
        return false;
    }
    let domain = &text[3..text.len().min(3 + DOMAIN_MAX)];
    let label = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80 || *byte == b'-';
    let len = domain.iter().take_while(|byte| label(byte)).count();
    let rest = &domain[len..];
    let inner = rest.trim_ascii_start().strip_prefix(b"(").unwrap_or(rest.trim_ascii_start());
    len > 0
        && ((rest.len() > 1 && rest[0] == b'.' && label(&rest[1]))
            || (rest.len() > inner.len() && DOTS.iter().any(|dot| starts_with(inner, dot))))
}

/// Whether `text` starts with the lower-case `form`, in any case.
fn starts_with(text: &[u8], form: &str) -> bool {
    let form = form.as_bytes();
    // The second bytes of å ä ö ø differ from those of their capitals by the same bit as ASCII letters do.
    let same = |(byte, of): (&u8, &u8)| byte == of || (is_case(*of) && byte | 0x20 == *of);
    text.len() >= form.len() && text.iter().zip(form).all(same)
}

fn is_case(byte: u8) -> bool {
    byte.is_ascii_lowercase() || matches!(byte, 0xA4 | 0xA5 | 0xB6 | 0xB8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a form begins, tried at every byte.
    fn found(text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        (0..text.len()).find_map(|at| anchor(bytes, at).or(is_bare(bytes, at).then_some(at)))
    }

    #[test]
    fn knows_every_form_in_any_case() {
        for form in [
            "@",
            "(at)",
            "[AT]",
            "{at}",
            "<at>",
            "_at_",
            "(a)",
            "[a]",
            "(ät)",
            "(ÄTT)",
            "(@)",
            "[@]",
            "snabel-a",
            "Snabel-A",
            "miukumauku",
            "at-merkki",
            "Ät-merkki",
            "krøllalfa",
            "ALFAKRØLL",
            "data-cfemail",
            "/cdn-cgi/l/email-protection#",
            "[email protected]",
        ] {
            assert_eq!(found(&format!("anna {form} exempel")), Some(5), "{form}");
        }
    }

    #[test]
    fn a_bare_at_needs_something_like_a_domain() {
        assert_eq!(found("anna at exempel.se"), Some(5));
        assert_eq!(found("anna at exempel punkt se"), Some(5));
        assert_eq!(found("anna at exempel (dot) se"), Some(5));
        assert_eq!(found("skriv at kommune er nede"), None);
        assert_eq!(found("skriv at kommune. Er nede"), None);
        assert_eq!(found("meet at "), None);
    }

    #[test]
    fn other_brackets_and_dashes_are_none() {
        assert_eq!(found("(and) is_admin e-mail radius [ett] <a href>"), None);
    }
}
