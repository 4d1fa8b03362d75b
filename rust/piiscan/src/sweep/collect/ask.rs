//! A field as the scan is asked about it.

use crate::message::Role;
use crate::scan::{Batch, FieldKind, Pushed};
use crate::sweep::item::Work;
use crate::view::View;

/// Hands a field to the scan.
#[inline]
pub(super) fn ask(
    work: &Work,
    batch: &mut Batch,
    role: Role,
    label: &str,
    view: &View<'_>,
) -> Pushed {
    let kind = match role {
        Role::Opaque => FieldKind::Opaque,
        Role::Sender | Role::Recipient => FieldKind::Party,
        Role::Time | Role::Closed if is_epoch(&view.bytes()) => FieldKind::Opaque,
        _ => FieldKind::Text,
    };
    if kind == FieldKind::Party && is_bot(work, view) {
        batch.pass_over()
    } else {
        batch.push(view, label, kind)
    }
}

/// Whether a sender or recipient is one of the bots of the layout.
fn is_bot(work: &Work, view: &View<'_>) -> bool {
    let bots = work.profile.as_ref().map_or(&[][..], |profile| &profile.bots);
    if bots.is_empty() {
        return false;
    }
    let text = view.bytes();
    let name = String::from_utf8_lossy(text.trim_ascii()).to_lowercase();
    bots.contains(&name)
}

/// Whether a time is a number of seconds, or of thousandths, millionths or billionths of them, since 1970, in this century until
/// 2096. Such a number has a length that says nothing.
fn is_epoch(time: &[u8]) -> bool {
    let whole = time.split(|byte| *byte == b'.').next().unwrap_or_default();
    matches!(whole.len(), 10 | 13 | 16 | 19)
        && matches!(whole[0], b'1'..=b'3')
        && whole.iter().all(u8::is_ascii_digit)
        && time[whole.len()..].iter().skip(1).all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_time_by_its_length_and_its_beginning() {
        for time in ["1700000000", "1700000000123", "1516454398.000069", "1700000000123456"] {
            assert!(is_epoch(time.as_bytes()), "{time}");
        }
        for other in
            ["", ".5", "0701740605", "46701740605", "811218987", "1700000000x", "17000x0000"]
        {
            assert!(!is_epoch(other.as_bytes()), "{other}");
        }
    }
}
