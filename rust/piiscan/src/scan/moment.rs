//! Dates and times of machines, as in every line of a chat export: told from other numbers by shape, before anything is parsed.
//!
//! `2026-09-02`, `07:14:00` and both together, with a fraction and an offset. They are not personal data. Source: ISO 8601; RFC 3339.

use super::tile::Cluster;

const DATE: u64 = 0b11_0110_1111; // bit i: byte i is a digit, in `2026-09-02`
const TIME: u64 = 0b1101_1011; // in `07:14:00`
const DATE_LEN: usize = 10;
const TIME_LEN: usize = 8;

/// Whether the whole cluster at the start of `text` is a date, a time of day with seconds, or both.
pub(super) fn is_moment(cluster: Cluster, text: &[u8]) -> bool {
    let len = cluster.len as usize;
    let Some(text) = text.get(..len) else { return false };
    if cluster.digits & 0x7FF == DATE {
        return is_date(text)
            && match &text[DATE_LEN..] {
                [] => true,
                [b' ', time @ ..] => is_time(time),
                _ => false,
            };
    }
    cluster.digits & 0xFF == TIME && is_time(text)
}

/// Whether a whole text is a date with a time of day, as a field of an export holds it: nothing is found in it.
///
/// `2026-09-02T07:14:00`, or a space for `T`; then maybe a fraction of nine digits at most and `Z` or `+02:00`.
pub(super) fn is_timestamp(text: &[u8]) -> bool {
    const LONGEST: usize = "2026-09-02T07:14:00.123456789+02:00".len();
    if text.len() < DATE_LEN + 1 + TIME_LEN || text.len() > LONGEST || text[4] != b'-' {
        return false;
    }
    let (date, time) = text.split_at(DATE_LEN);
    let digits = [0, 1, 2, 3, 6, 9].iter().all(|at| date[*at].is_ascii_digit());
    let ([b'T' | b' ', time @ .., b'Z'] | [b'T' | b' ', time @ ..]) = time else { return false };
    digits && is_date(text) && is_time(time)
}

fn is_date(text: &[u8]) -> bool {
    let [.., b'-', month, _, b'-', day, _] = text[..DATE_LEN] else { return false };
    matches!(text[0], b'1' | b'2') && matches!(month, b'0' | b'1') && matches!(day, b'0'..=b'3')
}

/// `hh:mm:ss`, then a fraction, then an offset.
fn is_time(text: &[u8]) -> bool {
    let Some((time, mut rest)) = text.split_at_checked(TIME_LEN) else { return false };
    let [b'0'..=b'2', h, b':', b'0'..=b'5', m, b':', b'0'..=b'6', s] = *time else { return false };
    if let [b'.', fraction @ ..] = rest {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        rest = &fraction[digits..];
    }
    let offset = matches!(rest, [b'+' | b'-', b'0' | b'1', _, b':', b'0'..=b'5', _]);
    [h, m, s].iter().all(u8::is_ascii_digit) && (rest.is_empty() || offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> bool {
        let digits = text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit());
        let digits = digits.fold(0, |bits, (at, _)| bits | 1 << at);
        let len = u32::try_from(text.len()).unwrap();
        is_moment(Cluster { len, digits }, text.as_bytes())
    }

    #[test]
    fn knows_dates_and_times_of_machines() {
        for text in [
            "2026-09-02",
            "07:14:00",
            "2026-09-02 07:14:00",
            "07:14:00.123456",
            "07:14:00+02:00",
            "2026-09-02 07:14:00.1-05:30",
        ] {
            assert!(moment(text), "{text}");
        }
    }

    #[test]
    fn leaves_other_numbers_alone() {
        for text in [
            "2026-09-02-1234",
            "2026-19-02 ",
            "2026-39-02",
            "2026-09-02 08-123",
            "07:14:00 070",
            "07-14-00",
            "47:14:00",
            "07:14:00+46",
        ] {
            assert!(!moment(text), "{text}");
        }
    }
}
