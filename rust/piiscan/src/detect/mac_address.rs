//! Hardware addresses of network interfaces (MAC, EUI-48).
//!
//! Six pairs of hexadecimal digits with colons or with hyphens between, or three groups of four with dots. All zeros and all ones are nobody's.
//! Sources: IEEE 802; IETF RFC 9542 (notation with hyphens); the notation with dots is that of network equipment.

use super::beside::offset;
use super::number::{word_after, word_before};
use super::{CONTEXT, Candidate, Claims, Detector, Match, Options, Trigger};
use crate::finding::{Attributes, Category, Confidence};

const RANK: u8 = 3;
const PAIRS_LEN: usize = 17; // bytes
const PAIRS_SEEN: usize = 14; // bytes before the fifth separator
const GROUPS_LEN: usize = 14; // bytes
const GROUPS_SEEN: usize = 9; // bytes before the second separator

/// The detector `mac-address`.
#[derive(Debug)]
pub(super) struct MacAddress;

impl Detector for MacAddress {
    fn id(&self) -> &'static str {
        "mac-address"
    }

    fn category(&self) -> Category {
        Category::OnlineIdentifier
    }

    fn summary(&self) -> &'static str {
        "Hardware addresses of network interfaces (MAC)"
    }

    fn rule(&self) -> &'static str {
        "Shape: six pairs of hexadecimal digits with colons or hyphens between, or three groups of four with dots; not all zeros or all F, \
         no pair or group more. Pairs of decimal digits with hyphens, and groups of decimal digits, only beside a context word.\n\
         high: pairs. medium: groups of four.\n\
         Source: IEEE 802, RFC 9542."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["00:00:5e:00:53:af", "00-00-5E-00-53-AF", "0000.5e00.53af"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Pairs]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[&[
            "mac",
            "mac-adress*",
            "macadress*",
            "mac-osoite*",
            "mac-address*",
            "mac address*",
            "hwaddr",
            "ether",
            "ethernet",
            "wlan",
            "wifi",
            "wi-fi",
            "bssid",
            "fysisk adress",
            "physical address",
        ]]
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let (text, at) = (candidate.field.text, candidate.at);
        let (start, len, confidence) = match text[at] {
            b':' | b'-' => (at.checked_sub(PAIRS_SEEN), PAIRS_LEN, Confidence::High),
            b'.' => (at.checked_sub(GROUPS_SEEN), GROUPS_LEN, Confidence::Medium),
            _ => return,
        };
        let Some(start) = start else { return };
        let Some(found) = text.get(start..start + len) else { return };
        if !is_address(found, text[at]) || !stands_alone(text, start, len, text[at]) {
            return;
        }
        let near = candidate.near(CONTEXT, start, start + len);
        // Dates and other numbers have hyphens and dots too.
        let letters = found.iter().any(u8::is_ascii_alphabetic);
        if !letters && text[at] != b':' && !near.is_near() {
            return;
        }
        claims.push(Match {
            start: offset(start),
            end: offset(start + len),
            rank: RANK,
            confidence,
            near,
            attributes: Attributes::default(),
        });
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        let kept = found.bytes().filter(u8::is_ascii_hexdigit);
        out.extend(kept.map(|byte| byte.to_ascii_lowercase()));
    }
}

/// Whether the bytes are groups of hexadecimal digits with one separator, and somebody's address.
fn is_address(found: &[u8], separator: u8) -> bool {
    let group = if separator == b'.' { 4 } else { 2 };
    let shaped = found.iter().enumerate().all(|(at, byte)| {
        if at % (group + 1) == group { *byte == separator } else { byte.is_ascii_hexdigit() }
    });
    let digits = || found.iter().filter(|byte| **byte != separator);
    let all = |of: &[u8]| digits().all(|byte| of.contains(byte));
    shaped && !all(b"0") && !all(b"fF")
}

/// Whether no letter or digit touches it, and no further group.
fn stands_alone(text: &[u8], start: usize, len: usize, separator: u8) -> bool {
    let end = start + len;
    let group = if separator == b'.' { 4 } else { 2 };
    let hex = |bytes: &[u8]| bytes.len() == group && bytes.iter().all(u8::is_ascii_hexdigit);
    let before = text[..start].strip_suffix(&[separator]).is_some_and(|rest| {
        let from = rest.len().saturating_sub(group);
        hex(&rest[from..]) && !word_before(text, from)
    });
    let after = text[end..]
        .strip_prefix(&[separator])
        .is_some_and(|rest| hex(&rest[..rest.len().min(group)]) && !word_after(rest, group));
    !before && !after && !word_before(text, start) && !word_after(text, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_has_all_zeros_or_all_ones() {
        assert!(is_address(b"00:00:5e:00:53:af", b':'));
        assert!(!is_address(b"00:00:00:00:00:00", b':'));
        assert!(!is_address(b"FF-FF-FF-ff-ff-ff", b'-'));
        assert!(is_address(b"ff0f.ffff.ffff", b'.'));
        assert!(!is_address(b"00:00:5g:00:53:af", b':'));
    }
}
