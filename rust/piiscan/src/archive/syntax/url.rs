//! Percent-encoding in lines of logs and in fields: `%40` is `@`, `%C3%A5` is `å`.

use super::Field;
use super::html::percent::{Percent, byte_of_hex};
use crate::archive::{Arena, Sink};
use crate::view::{Decoded, View};

/// Whether text plainly is percent-encoded: an encoded `@`, or a letter beyond ASCII.
pub(super) fn is_encoded(text: &[u8]) -> bool {
    let escape = |at: usize| match text.get(at..at + 3) {
        Some([b'%', high, low]) => byte_of_hex(*high, *low),
        _ => None,
    };
    memchr::memchr_iter(b'%', text).any(|at| match escape(at) {
        Some(b'@') => true,
        Some(0xc2..=0xdf) => matches!(escape(at + 3), Some(0x80..=0xbf)),
        _ => false,
    })
}

/// Hands over a field that is percent-encoded.
pub(super) fn nested<'a>(
    view: View<'a>,
    field: &Field<'_>,
    arena: &'a Arena<'a>,
    sink: &mut dyn Sink<'a>,
) {
    let outer: &'a Decoded<'a> = arena.alloc(Decoded::new(view));
    let view = View::coded(outer.bytes(), 0, &Percent).within(Some(outer));
    sink.field(field.role, field.path, field.label, view);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_signs_count() {
        assert!(is_encoded(b"GET /?m=a%40b"));
        assert!(is_encoded(b"%c3%a5"));
        assert!(!is_encoded(b"100 %20 %C3 %41 %"));
    }
}
