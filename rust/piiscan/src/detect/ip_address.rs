//! Internet addresses, version 4 and 6.
//!
//! Four numbers 0-255 with dots and without leading zeros; or the textual forms of RFC 4291 with an optional zone. A prefix length belongs
//! to the address. Versions (`v1.2.3.4`), section numbers and times are none. Sources: RFC 791, RFC 4291, RFC 4007; ranges: IANA
//! special-purpose registries (RFC 6890).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::exempt::word_before as keyword_before;
use super::number::{char_before, closes, parts, word_after, word_before};
use super::run::{Run, Sep};
use super::{ANTI, CONTEXT, Candidate, Claims, Detector, Match, Near, Options, Trigger};
use crate::finding::{Attributes, Category, Confidence};

const RANK: u8 = 3;
const PRODUCT_MAX: usize = 32; // letters of the name of a browser
const V6_MAX: usize = 45; // characters of the longest textual form

/// The detector `ip-address`.
#[derive(Debug)]
pub(super) struct IpAddress;

impl Detector for IpAddress {
    fn id(&self) -> &'static str {
        "ip-address"
    }

    fn category(&self) -> Category {
        Category::OnlineIdentifier
    }

    fn summary(&self) -> &'static str {
        "Internet addresses, version 4 and 6"
    }

    fn rule(&self) -> &'static str {
        "Shape: four numbers 0-255 with dots, no leading zeros, no fifth part; or IPv6 as in RFC 4291 with an optional zone; an optional \
         prefix length. range: public, private, loopback, link-local, documentation.\n\
         high: IPv6 with three groups or more; IPv4 beside a context word or in a Received header.\n\
         medium: other IPv4; shorter IPv6.\n\
         Not reported: versions and section numbers (after v, version, avsnitt ...), object identifiers, times.\n\
         Source: RFC 791, RFC 4291, RFC 6890."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["192.0.2.17", "10.0.0.12", "2001:db8::8a2e:370:7334", "198.51.100.0/24"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Dots, Trigger::Colon]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[
            &[
                "ip",
                "ip-adress*",
                "ipadress*",
                "ip-osoit*",
                "ip-numm*",
                "ip-address*",
                "client",
                "client_ip",
                "clientip",
                "remote_addr",
                "x-forwarded-for",
                "x-originating-ip",
                "received",
                "ipv4",
                "ipv6",
                "host",
                "loggade",
                "adress",
                "addr",
            ],
            &[
                "version*", "ver", "versio*", "avsnitt", "kap", "kapitel", "punkt*", "section",
                "kohta", "luku", "release", "build", "oid", "firmware", "bilaga",
            ],
        ]
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        match candidate.run {
            Some(run) if run.groups.len() >= 4 => v4(candidate, run, claims),
            Some(_) => {}
            None => claims_v6(candidate, claims),
        }
    }

    fn canonical(&self, found: &str, _: &Attributes, _: &Options, out: &mut Vec<u8>) {
        let (address, prefix) = found.split_once('/').map_or((found, None), |(a, p)| (a, Some(p)));
        let bare = address.split('%').next().unwrap_or(address);
        // An IPv4 address was found without leading zeros: it is its own canonical form.
        if bare.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            out.extend_from_slice(bare.as_bytes());
        } else {
            match bare.parse::<IpAddr>() {
                Ok(parsed) => out.extend(parsed.to_canonical().to_string().bytes()),
                Err(_) => out.extend(bare.bytes()),
            }
        }
        if let Some(prefix) = prefix {
            out.push(b'/');
            out.extend(prefix.bytes());
        }
    }
}

/// Four groups with dots between, and something else than a dot on either side.
fn v4(candidate: &Candidate<'_>, run: &Run, claims: &mut Claims) {
    let text = candidate.field.text;
    let groups = &run.groups;
    let dotted = |at: usize| groups.get(at).is_some_and(|group| group.sep == Sep::Dot);
    let mut digits = 0;
    for at in 0..groups.len() {
        let first_digit = digits;
        digits += groups[at].len as usize;
        let four = dotted(at + 1) && dotted(at + 2) && dotted(at + 3);
        if !four || dotted(at) || dotted(at + 4) {
            continue;
        }
        let (start, mut end) = (groups[at].start as usize, groups[at + 3].end() as usize);
        let Some(address) = octets(run, at, first_digit) else { continue };
        let left = if at == 0 {
            !word_before(text, start) && !after_dot_or_at(text, start)
        } else {
            groups[at].sep == Sep::Dash || parts(text, run, at)
        };
        // A port, the end of a range and a prefix length may follow.
        let right = match groups.get(at + 4).map(|group| group.sep) {
            None => closes(text, end),
            Some(Sep::Slash) => {
                if let Some(prefix) = prefix(text, end, 32) {
                    end = prefix;
                }
                true
            }
            Some(Sep::Space | Sep::Colon | Sep::Dash | Sep::Open) => true,
            Some(_) => false,
        };
        if !left
            || !right
            || candidate.near(ANTI, start, end) == Near::Adjacent
            || is_version(text, start)
        {
            continue;
        }
        let near = candidate.near(CONTEXT, start, end);
        let confidence = if near.is_near() { Confidence::High } else { Confidence::Medium };
        let digits = groups[at..at + 4].iter().map(|group| group.len).sum::<u32>();
        let attributes = Attributes {
            range: Some(range_v4(address)),
            digits: u8::try_from(digits).unwrap_or(0),
            ..Attributes::default()
        };
        claims.push(claim(start, end, confidence, near, attributes));
    }
}

fn octets(run: &Run, at: usize, first_digit: usize) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut digits = run.digits.get(first_digit..)?;
    for (octet, group) in octets.iter_mut().zip(&run.groups[at..]) {
        let (own, rest) = digits.split_at_checked(group.len as usize)?;
        if own.len() > 3 || (own.len() > 1 && own[0] == 0) {
            return None;
        }
        *octet = u8::try_from(super::number::value(own)).ok()?;
        digits = rest;
    }
    Some(Ipv4Addr::from(octets))
}

fn after_dot_or_at(text: &[u8], start: usize) -> bool {
    matches!(text[..start], [.., b'@'] | [.., b'0'..=b'9', b'.' | b','])
}

/// `v 1.2.3.4`, `§ 1.2.3.4`, `?v=1.2.3.4`, `Chrome/1.2.3.4`.
fn is_version(text: &[u8], start: usize) -> bool {
    let before = &text[..start];
    before.ends_with("§ ".as_bytes())
        || [b"?v=", b"&v="].iter().any(|query| before.ends_with(*query))
        || is_product(before)
        || keyword_before(text, start).0.eq_ignore_ascii_case(b"v")
}

/// Whether the name of a product and a slash stand before, as in the header `User-Agent` (RFC 9110, 10.1.5).
fn is_product(before: &[u8]) -> bool {
    let Some(before) = before.strip_suffix(b"/") else { return false };
    let letters = before.iter().rev().take(PRODUCT_MAX).take_while(|b| b.is_ascii_alphabetic());
    let (rest, name) = before.split_at(before.len() - letters.count());
    name.first().is_some_and(u8::is_ascii_uppercase)
        && !name.eq_ignore_ascii_case(b"ip")
        && matches!(rest.last(), None | Some(b' ' | b'(' | b'"'))
}

/// One past `/nn` at `at`, if `nn` is at most `most` and ends there.
fn prefix(text: &[u8], at: usize, most: u32) -> Option<usize> {
    let digits =
        text.get(at + 1..)?.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let value = str::from_utf8(&text[at + 1..at + 1 + digits]).ok()?.parse::<u32>().ok()?;
    let end = at + 1 + digits;
    (text[at] == b'/' && digits <= 3 && value <= most && !word_after(text, end)).then_some(end)
}

/// The token around the first colon, read by the parser of the standard library.
fn claims_v6(candidate: &Candidate<'_>, claims: &mut Claims) {
    let text = candidate.field.text;
    let at = candidate.at;
    let hex = |byte: &u8| byte.is_ascii_hexdigit();
    let first = text[..at].iter().rev().take(5).take_while(|byte| hex(byte)).count();
    let start = at - first;
    let part = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let mut len = text[start..].iter().take(V6_MAX + 1).take_while(|byte| part(byte)).count();
    // A sentence may end behind the address.
    while len > 0
        && (text[start + len - 1] == b'.'
            || (text[start..start + len].ends_with(b":")
                && !text[start..start + len].ends_with(b"::")))
    {
        len -= 1;
    }
    if first > 4 || !(3..=V6_MAX).contains(&len) || word_before(text, start) {
        return;
    }
    if matches!(char_before(text, start), Some(':' | '@')) {
        return;
    }
    let token = str::from_utf8(&text[start..start + len]).unwrap_or_default();
    // `dead::beef` is a name in a program rather than an address.
    if !token.bytes().any(|byte| byte.is_ascii_digit()) {
        return;
    }
    let Ok(address) = token.parse::<Ipv6Addr>() else { return };
    let mut end = start + len;
    if text.get(end) == Some(&b'%') {
        let zone =
            text[end + 1..].iter().take(16).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        end += if zone > 0 { zone + 1 } else { 0 };
    }
    end = prefix(text, end, 128).unwrap_or(end);
    if word_after(text, end) {
        return;
    }
    let groups = token.split(':').filter(|group| !group.is_empty()).count();
    let near = candidate.near(CONTEXT, start, end);
    let confidence = if groups >= 3 { Confidence::High } else { Confidence::Medium };
    let attributes = Attributes { range: Some(range_v6(address)), ..Attributes::default() };
    claims.push(claim(start, end, confidence, near, attributes));
}

fn range_v4(address: Ipv4Addr) -> &'static str {
    match address {
        _ if address.is_loopback() => "loopback",
        _ if address.is_private() => "private",
        _ if address.is_link_local() => "link-local",
        _ if address.is_documentation() => "documentation",
        _ => "public",
    }
}

fn range_v6(address: Ipv6Addr) -> &'static str {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return range_v4(mapped);
    }
    match address.segments() {
        _ if address.is_loopback() => "loopback",
        _ if address.is_unique_local() => "private",
        _ if address.is_unicast_link_local() => "link-local",
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => "documentation",
        _ => "public",
    }
}

fn claim(
    start: usize,
    end: usize,
    confidence: Confidence,
    near: Near,
    attributes: Attributes,
) -> Match {
    let offset = |at| u32::try_from(at).expect("fields are capped below 4 GiB");
    Match { start: offset(start), end: offset(end), rank: RANK, confidence, near, attributes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_special_ranges() {
        let range = |text: &str| match text.parse().unwrap() {
            IpAddr::V4(address) => range_v4(address),
            IpAddr::V6(address) => range_v6(address),
        };
        for (address, expected) in [
            ("127.0.0.1", "loopback"),
            ("10.0.0.12", "private"),
            ("172.31.0.1", "private"),
            ("169.254.1.1", "link-local"),
            ("192.0.2.1", "documentation"),
            ("8.8.8.8", "public"),
            ("::1", "loopback"),
            ("fd00::1", "private"),
            ("fe80::1", "link-local"),
            ("2001:db8::1", "documentation"),
            ("::ffff:10.0.0.1", "private"),
            ("2a00:801::1", "public"),
        ] {
            assert_eq!(range(address), expected, "{address}");
        }
    }

    #[test]
    fn a_prefix_length_ends_with_its_digits() {
        assert_eq!(prefix(b"x/24 ", 1, 32), Some(4));
        assert_eq!(prefix(b"x/33", 1, 32), None);
        assert_eq!(prefix(b"x/24a", 1, 32), None);
        assert_eq!(prefix(b"x/", 1, 32), None);
    }
}
