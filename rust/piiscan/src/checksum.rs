//! Check digits: Luhn, modulo 11, modulo 31, modulo 97. Digit arguments are values 0-9, not characters.
//!
//! A check digit says that a number was typed without a slip; it never says what the number is.

/// Whether the last digit is the Luhn digit of those before it (ISO/IEC 7812-1 annex B).
pub fn luhn(digits: &[u8]) -> bool {
    luhn_sum(digits).is_multiple_of(10)
}

/// The Luhn digit to append to `payload`.
pub fn luhn_digit(payload: &[u8]) -> u8 {
    // Weights count from the right, so the payload is summed as if a 0 stood after it.
    let sum: u32 = payload.iter().rev().enumerate().map(|(at, &d)| weighted(d, at % 2 == 0)).sum();
    u8::try_from((10 - sum % 10) % 10).unwrap_or(0)
}

fn luhn_sum(digits: &[u8]) -> u32 {
    digits.iter().rev().enumerate().map(|(at, &d)| weighted(d, at % 2 == 1)).sum()
}

/// Digit sum of a digit, doubled or not.
fn weighted(digit: u8, doubled: bool) -> u32 {
    let value = u32::from(digit) << u32::from(doubled);
    if value > 9 { value - 9 } else { value }
}

/// Whether the weighted sum of the digits is divisible by 11. Shorter of the two slices counts.
pub fn mod11(digits: &[u8], weights: &[u8]) -> bool {
    let sum: u32 = digits.iter().zip(weights).map(|(&d, &w)| u32::from(d) * u32::from(w)).sum();
    sum.is_multiple_of(11)
}

/// The alphabet of Finnish check characters: digits and letters without G, I, O, Q, Z.
pub const MOD31: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";

/// The check character of a decimal number: its remainder by 31 in the alphabet [`MOD31`].
pub fn mod31(digits: &[u8]) -> u8 {
    let rest = digits.iter().fold(0_usize, |rest, &d| (rest * 10 + usize::from(d)) % 31);
    MOD31[rest]
}

/// Remainder by 97 of text where letters count as 10 to 35 (ISO/IEC 7064 MOD 97-10). `None` if a byte is neither digit nor letter.
pub fn mod97(text: impl IntoIterator<Item = u8>) -> Option<u32> {
    text.into_iter().try_fold(0_u32, |rest, byte| {
        let value = char::from(byte).to_digit(36)?;
        Some((rest * if value > 9 { 100 } else { 10 } + value) % 97)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect()
    }

    #[test]
    fn luhn_follows_the_published_example() {
        // Skatteverket's worked example 640823-323: the sum is 36, the check digit 4.
        assert_eq!(luhn_digit(&digits("640823-323")), 4);
        assert!(luhn(&digits("640823-3234")));
        assert!(!luhn(&digits("640823-3235")));
    }

    #[test]
    fn luhn_accepts_published_card_numbers() {
        assert!(luhn(&digits("4111111111111111")));
        assert!(luhn(&digits("378282246310005")));
    }

    #[test]
    fn mod11_accepts_a_published_norwegian_organization() {
        assert!(mod11(&digits("988077917"), &[3, 2, 7, 6, 5, 4, 3, 2, 1]));
        assert!(!mod11(&digits("988077918"), &[3, 2, 7, 6, 5, 4, 3, 2, 1]));
    }

    #[test]
    fn mod31_follows_the_published_example() {
        // 131052308 mod 31 = 25, which is T.
        assert_eq!(mod31(&digits("131052308")), b'T');
    }

    #[test]
    fn mod97_accepts_a_rearranged_iban() {
        assert_eq!(mod97(*b"50000000058398257466SE45"), Some(1));
        assert_eq!(mod97(*b"50000000058398257466SE46"), Some(2));
        assert_eq!(mod97(*b"50-"), None);
    }
}
