//! Less of a value: the month of a date, the decade of an age, the network of an address, the area of a postcode.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The general form of a value; `None` where none is known.
pub(super) fn general(detector: &str, text: &str) -> Option<String> {
    match detector {
        "ip-address" => network(text),
        "date-of-birth" => month(text).or_else(|| decade(text)),
        "street-address" => area(text),
        _ => None,
    }
}

/// Whether a value is already as general as [`general`] would make it.
pub(super) fn is_general(detector: &str, text: &str) -> bool {
    // A scan finds the address of a network without its length.
    general(detector, text).is_some_and(|general| {
        general == text
            || general.strip_suffix("/24") == Some(text)
            || general.strip_suffix("/48") == Some(text)
    }) || (detector == "date-of-birth" && is_month(text))
}

/// The /24 of an IPv4 address, the /48 of an IPv6 address; a port and a zone are left out.
fn network(text: &str) -> Option<String> {
    let bare = text.split(['%', '/']).next()?;
    let bare = bare.strip_prefix('[').map_or(bare, |rest| rest.split(']').next().unwrap_or(rest));
    let parsed: Option<IpAddr> = bare.parse().ok();
    let address = parsed.or_else(|| bare.rsplit_once(':')?.0.parse().ok())?;
    Some(match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{}/24", Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    })
}

/// Year and month of a date written with digits.
fn month(text: &str) -> Option<String> {
    let groups: Vec<&str> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let (year, month) = match *groups.as_slice() {
        [year, month, _] if year.len() == 4 => (year, month),
        [_, month, year] if year.len() == 4 => (year, month),
        [date] if date.len() == 8 => (&date[..4], &date[4..6]),
        _ => return None,
    };
    let number: u8 = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    Some(format!("{year}-{number:02}"))
}

fn is_month(text: &str) -> bool {
    text.split_once('-').is_some_and(|(year, month)| {
        let digits =
            |text: &str, len| text.len() == len && text.bytes().all(|b| b.is_ascii_digit());
        digits(year, 4) && digits(month, 2)
    })
}

/// The ten years that an age lies in.
fn decade(text: &str) -> Option<String> {
    let digits: String =
        text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    let age: u32 = digits.parse().ok().filter(|age| *age < 130)?;
    Some(format!("[{}-{}]", age / 10 * 10, age / 10 * 10 + 9))
}

/// The first two digits of a postcode of five, as `[12xxx]`.
fn area(text: &str) -> Option<String> {
    let digit = |byte: u8| byte.is_ascii_digit();
    let bytes = text.as_bytes();
    (0..bytes.len()).rev().find_map(|at| {
        let rest = &bytes[at..];
        let free = at == 0 || !digit(bytes[at - 1]);
        let five = rest.len() >= 5 && rest[..5].iter().all(|byte| digit(*byte));
        let split = rest.len() >= 6
            && rest[3] == b' '
            && rest[..3].iter().chain(&rest[4..6]).all(|byte| digit(*byte));
        let len = if split { 6 } else { 5 };
        let ends = rest.get(len).is_none_or(|byte| !digit(*byte));
        (free && ends && (five || split)).then(|| format!("[{}xxx]", &text[at..at + 2]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lose_what_tells_people_apart() {
        for (detector, text, expected) in [
            ("ip-address", "192.0.2.17", "192.0.2.0/24"),
            ("ip-address", "192.0.2.17:8080", "192.0.2.0/24"),
            ("ip-address", "2001:db8:1:2::17", "2001:db8:1::/48"),
            ("ip-address", "fe80::1%eth0", "fe80::/48"),
            ("date-of-birth", "1981-12-18", "1981-12"),
            ("date-of-birth", "18.2.1981", "1981-02"),
            ("date-of-birth", "19811218", "1981-12"),
            ("date-of-birth", "43 år", "[40-49]"),
            ("street-address", "Storgatan 1, 123 45 Umeå", "[12xxx]"),
            ("street-address", "Mannerheimintie 5, 00100 Helsinki", "[00xxx]"),
        ] {
            assert_eq!(general(detector, text).as_deref(), Some(expected), "{text}");
        }
        for (detector, text) in [
            ("ip-address", "no"),
            ("date-of-birth", "i maj"),
            ("street-address", "Storgatan 1"),
            ("email", "kim@example.org"),
        ] {
            assert_eq!(general(detector, text), None, "{text}");
        }
    }
}
