//! What makes a number an amount: a currency behind or before it.

/// Whether a currency follows, decimals or not.
pub(in super::super) fn unit_after(text: &[u8], end: usize) -> bool {
    const UNITS: &[&str] = &[
        "kronor", "kr", "SEK", "EUR", "euro", "euron", "euroa", "tkr", "mkr", "NOK", "DKK", "USD",
        "miljoner",
    ];
    let rest = &text[end.min(text.len())..];
    let rest = match rest {
        [b',' | b'.', a, b, after @ ..] if a.is_ascii_digit() && b.is_ascii_digit() => after,
        [b':' | b',' | b'.', b'-', ..] => return true,
        _ => rest,
    };
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    rest.starts_with("€".as_bytes())
        || UNITS.iter().any(|unit| {
            let (found, after) = rest.split_at(unit.len().min(rest.len()));
            found.eq_ignore_ascii_case(unit.as_bytes())
                && !after.first().is_some_and(u8::is_ascii_alphanumeric)
        })
}

/// Whether a currency stands before.
pub(super) fn unit_before(text: &[u8], start: usize) -> bool {
    let before = &text[..start];
    let before = before.strip_suffix(b" ").unwrap_or(before);
    ["€", "$", "£", "SEK", "EUR", "NOK", "DKK", "USD", "kr", "kr."]
        .iter()
        .any(|unit| before.ends_with(unit.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_may_follow_decimals() {
        for text in [" kr", " kronor", ",00 kr", " SEK", ":-", ",-", "€", " €", " tkr."] {
            assert!(unit_after(text.as_bytes(), 0), "{text}");
        }
        for text in ["", " kronofogden", " invånare", ",5 kr", " krona"] {
            assert!(!unit_after(text.as_bytes(), 0), "{text}");
        }
    }

    #[test]
    fn a_currency_may_stand_before() {
        assert!(unit_before(b"SEK ", 4));
        assert!(unit_before("€".as_bytes(), 3));
        assert!(!unit_before(b"nr ", 3));
    }
}
