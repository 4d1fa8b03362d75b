//! Check digits: Luhn, modulo 11, modulo 31, modulo 97. Arguments are digit values 0-9, not characters.
