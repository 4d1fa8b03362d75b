//! Lines of mail: they end in LF, CRLF or a lone CR.

use std::ops::Range;

use memchr::{memchr, memchr2};

/// The line that starts at `from`: where its text ends and where the next line starts.
pub(in super::super) fn line(bytes: &[u8], from: usize) -> (usize, usize) {
    match memchr2(b'\r', b'\n', &bytes[from..]) {
        None => (bytes.len(), bytes.len()),
        Some(len) => {
            let end = from + len;
            let is_crlf = bytes[end] == b'\r' && bytes.get(end + 1) == Some(&b'\n');
            (end, end + 1 + usize::from(is_crlf))
        }
    }
}

/// The range without one line end at its end.
pub(in super::super) fn without_line_end(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let text = &bytes[range.clone()];
    let len = match text {
        [.., b'\r', b'\n'] => 2,
        [.., b'\r' | b'\n'] => 1,
        _ => 0,
    };
    range.start..range.end - len
}

/// Whether a line begins like a header field: printable ASCII without a colon, then a colon.
pub(in super::super) fn is_header(line: &[u8]) -> bool {
    name_len(line).is_some()
}

/// Length of the name of a header field, if the line is one. Blanks before the colon are tolerated.
pub(in super::super) fn name_len(line: &[u8]) -> Option<usize> {
    let colon = memchr(b':', &line[..line.len().min(NAME_MAX)])?;
    let name = line[..colon].trim_ascii_end();
    let is_name =
        !name.is_empty() && name.iter().all(|byte| matches!(byte, b'!'..=b'9' | b';'..=b'~'));
    is_name.then_some(name.len())
}

/// The longest name of a header field.
pub(in super::super) const NAME_MAX: usize = 256;

/// Names of fields that begin the header of a mail.
const KNOWN: [&[u8]; 25] = [
    b"from",
    b"to",
    b"cc",
    b"bcc",
    b"date",
    b"subject",
    b"received",
    b"return-path",
    b"message-id",
    b"mime-version",
    b"content-type",
    b"content-length",
    b"delivered-to",
    b"reply-to",
    b"sender",
    b"status",
    b"envelope-to",
    b"dkim-signature",
    b"authentication-results",
    b"lines",
    b"path",
    b"newsgroups",
    b"organization",
    b"references",
    b"in-reply-to",
];

/// Whether a line is a header field that mails have.
pub(in super::super) fn is_known_header(line: &[u8]) -> bool {
    let Some(len) = memchr(b':', &line[..line.len().min(NAME_MAX)]) else { return false };
    let name = &line[..len];
    let has_prefix = |prefix: &[u8]| {
        len > prefix.len()
            && name[..prefix.len()].eq_ignore_ascii_case(prefix)
            && name_len(line) == Some(len)
    };
    KNOWN.iter().any(|known| name.eq_ignore_ascii_case(known))
        || has_prefix(b"x-")
        || has_prefix(b"resent-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_in_three_ways() {
        let bytes = b"a\r\nb\nc\rd";
        assert_eq!(line(bytes, 0), (1, 3));
        assert_eq!(line(bytes, 3), (4, 5));
        assert_eq!(line(bytes, 5), (6, 7));
        assert_eq!(line(bytes, 7), (8, 8));
        assert_eq!(without_line_end(bytes, 0..3), 0..1);
    }

    #[test]
    fn a_header_has_a_name_and_a_colon() {
        assert!(is_header(b"Subject: a") && is_header(b"X:") && is_header(b"To : b"));
        assert!(!is_header(b": a") && !is_header(b"a b: c") && !is_header(b"\xc3\xa5: c"));
    }

    #[test]
    fn known_names_are_whole_names() {
        assert!(is_known_header(b"SUBJECT: a") && is_known_header(b"x-Spam: 1"));
        assert!(!is_known_header(b"x-: a") && !is_known_header(b"Subjects: a"));
        assert!(!is_known_header(b"resent-a b: c") && !is_known_header(b"Subject a"));
    }
}
