//! Addresses that Cloudflare hides from harvesters: a key byte, then the address with each byte combined with the key.
//!
//! `data-cfemail="5a3b..."`, `/cdn-cgi/l/email-protection#5a3b...`; what a reader sees is `[email protected]`. Source: Cloudflare, *Email Address
//! Obfuscation*.

use smallvec::SmallVec;

use super::super::number::starts_with;

const HEX_MAX: usize = 512; // digits: a key and an address of 254 bytes

/// A hidden address, in plain bytes.
pub(super) type Plain = SmallVec<[u8; 64]>;

/// The hexadecimal digits behind the attribute or path at `at`: first, one past the last.
pub(super) fn hidden(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let attribute = "data-cfemail";
    let path = "/cdn-cgi/l/email-protection#";
    let start = if starts_with(&text[at..], attribute) {
        let rest = &text[at + attribute.len()..];
        let sign = rest.iter().take(3).position(|byte| *byte == b'=')?;
        let quote = matches!(rest.get(sign + 1), Some(b'"' | b'\''));
        at + attribute.len() + sign + 1 + usize::from(quote)
    } else if starts_with(&text[at..], path) {
        at + path.len()
    } else {
        return None;
    };
    let len =
        text.get(start..)?.iter().take(HEX_MAX).take_while(|byte| byte.is_ascii_hexdigit()).count();
    (len >= 4 && len % 2 == 0).then_some((start, start + len))
}

/// The address in hexadecimal digits.
pub(super) fn decode(hex: &[u8]) -> Option<Plain> {
    let mut bytes = hex.chunks_exact(2).map(|pair| {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
        Some(digit(pair[0])? << 4 | digit(pair[1])?)
    });
    let key = bytes.next()??;
    bytes.map(|byte| byte.map(|byte| byte ^ key)).collect()
}

/// One past the text that readers see instead, if it stands at `at`.
pub(super) fn placeholder_end(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    if !starts_with(rest, "[email") {
        return None;
    }
    let mut gap = at + "[email".len();
    // One to three spaces: plain, no-break or still escaped.
    for _ in 0..3 {
        gap += match text.get(gap..)? {
            [b' ' | b'\t' | b'\n', ..] => 1,
            [0xC2, 0xA0, ..] => 2,
            rest if starts_with(rest, "&#160;") || starts_with(rest, "&nbsp;") => 6,
            _ => 0,
        };
    }
    let spaced = gap > at + "[email".len();
    (spaced && starts_with(&text[gap..], "protected]")).then_some(gap + "protected]".len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &[u8] = b"5a3b34343b743f223f372a3f361a3f223b372a363f74293f";

    #[test]
    fn decodes_the_reference_value() {
        assert_eq!(decode(HEX).unwrap().as_slice(), b"anna.exempel@example.se");
        assert_eq!(decode(b"5"), None);
        assert_eq!(decode(b"zz"), None);
    }

    #[test]
    fn finds_the_digits_behind_both_forms() {
        assert_eq!(hidden(b"data-cfemail=\"5a3b\"", 0), Some((14, 18)));
        assert_eq!(hidden(b"/cdn-cgi/l/email-protection#5a3b ", 0), Some((28, 32)));
        assert_eq!(hidden(b"data-cfemail=\"5a3\"", 0), None);
    }

    #[test]
    fn knows_the_placeholder_in_every_escape() {
        for text in ["[email protected]", "[email\u{a0}protected]", "[email&#160;protected]"] {
            assert_eq!(placeholder_end(text.as_bytes(), 0), Some(text.len()));
        }
        assert_eq!(placeholder_end(b"[emailprotected]", 0), None);
    }
}
