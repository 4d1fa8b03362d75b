//! The parts of an address around a written sign, and its canonical form.

use smallvec::SmallVec;

use super::super::number::{char_after, char_before};
use super::forms::{At, Dot, dot_after, dot_before, sign};

const LOCAL_MAX: usize = 64; // bytes, RFC 5321 4.5.3.1.1
const ADDRESS_MAX: usize = 254; // bytes, RFC 5321 with erratum 1690
const LABEL_MAX: usize = 63; // bytes, RFC 1035 2.3.4
const LABELS_MAX: usize = 8; // of a domain, more are no address

/// A written address: where it stands and how it is written.
#[derive(Clone, Debug)]
pub(super) struct Address {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) at: At,
    /// A dot as a word between spaces.
    pub(super) bare_dot: bool,
    /// A dot as a word, in brackets or not.
    pub(super) spelled_dot: bool,
    /// Parts of the local part, between its dots.
    local: SmallVec<[(usize, usize); 4]>,
    /// Labels of the domain.
    labels: SmallVec<[(usize, usize); 4]>,
}

impl Address {
    /// Reads the address around the sign at `at`.
    pub(super) fn read(text: &[u8], at: usize) -> Option<Self> {
        let (form, left, right) = sign(text, at)?;
        let mut address = Self {
            start: left,
            end: right,
            at: form,
            bare_dot: false,
            spelled_dot: false,
            local: SmallVec::new(),
            labels: SmallVec::new(),
        };
        address.read_local(text, left)?;
        address.read_domain(text, right)?;
        (address.end - address.start <= ADDRESS_MAX).then_some(address)
    }

    fn read_local(&mut self, text: &[u8], end: usize) -> Option<()> {
        let mut end = end;
        loop {
            let mut start = end;
            while let Some(found) = char_before(text, start).filter(|c| is_local(*c)) {
                start -= found.len_utf8();
                if end - start > LOCAL_MAX {
                    return None;
                }
            }
            // Quotes, bullets and signs before an address are not part of it.
            while start < end && matches!(text[start], b'\'' | b'-' | b'+' | b'%') {
                start += 1;
            }
            let part = &text[start..end];
            if part.is_empty()
                || part[0] == b'.'
                || part.ends_with(b".")
                || part.windows(2).any(|w| w == b"..")
            {
                return None;
            }
            self.local.insert(0, (start, end));
            self.start = start;
            if self.at == At::Plain || self.local.len() > 4 {
                break;
            }
            match dot_before(text, start) {
                Some((dot, before))
                    if dot != Dot::Plain && char_before(text, before).is_some_and(is_local) =>
                {
                    self.bare_dot |= dot == Dot::Bare;
                    self.spelled_dot = true;
                    end = before;
                }
                _ => break,
            }
        }
        let before = char_before(text, self.start);
        (!before.is_some_and(|c| matches!(c, '@' | '.'))).then_some(())
    }

    fn read_domain(&mut self, text: &[u8], start: usize) -> Option<()> {
        let mut at = start;
        let mut written = SmallVec::<[Dot; 4]>::new();
        while self.labels.len() < LABELS_MAX {
            let Some(end) = label_end(text, at) else { break };
            self.labels.push((at, end));
            let Some((dot, next)) = dot_after(text, end) else { break };
            // After a real dot the word belongs to the sentence.
            if dot == Dot::Bare
                && (written.contains(&Dot::Plain) || self.at == At::Plain && next - end == 3)
            {
                break;
            }
            written.push(dot);
            at = next;
        }
        // What looks like another label may be the next sentence or a number.
        while self.labels.last().is_some_and(|&(from, to)| !is_top(&text[from..to])) {
            self.labels.pop();
        }
        if self.labels.len() < 2 {
            return None;
        }
        written.truncate(self.labels.len() - 1);
        self.bare_dot |= written.contains(&Dot::Bare);
        self.spelled_dot |= written.iter().any(|dot| *dot != Dot::Plain);
        self.end = self.labels.last()?.1;
        Some(())
    }

    /// The local part without a spelled dot, if it has one part.
    pub(super) fn local<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        match self.local[..] {
            [(start, end)] => &text[start..end],
            _ => &[],
        }
    }

    /// The last label of the domain.
    pub(super) fn top<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        self.labels.last().map_or(&[], |&(start, end)| &text[start..end])
    }

    /// Appends the address in lower case, its domain in A-labels.
    pub(super) fn canonical(&self, text: &[u8], out: &mut Vec<u8>) {
        let lower = |(start, end): (usize, usize)| {
            str::from_utf8(&text[start..end]).unwrap_or_default().to_lowercase()
        };
        for (place, part) in self.local.iter().enumerate() {
            if place > 0 {
                out.push(b'.');
            }
            out.extend(lower(*part).bytes());
        }
        for (place, label) in self.labels.iter().enumerate() {
            out.push(if place == 0 { b'@' } else { b'.' });
            let label = lower(*label);
            if label.is_ascii() {
                out.extend(label.bytes());
            } else {
                out.extend(b"xn--");
                punycode(&label, out);
            }
        }
    }
}

fn is_local(found: char) -> bool {
    found.is_alphanumeric() || matches!(found, '.' | '_' | '-' | '+' | '\'' | '%')
}

/// One past a label at `at`: letters, digits and inner hyphens.
fn label_end(text: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    while let Some(found) = char_after(text, end).filter(|c| c.is_alphanumeric() || *c == '-') {
        end += found.len_utf8();
        if end - at > LABEL_MAX {
            return None;
        }
    }
    while end > at && text[end - 1] == b'-' {
        end -= 1;
    }
    (end > at && text[at] != b'-').then_some(end)
}

/// Whether a label may be the last: two letters or more, or an A-label.
fn is_top(label: &[u8]) -> bool {
    let Ok(label) = str::from_utf8(label) else { return false };
    let letters = label.chars().all(char::is_alphabetic) && label.chars().count() >= 2;
    letters
        || label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--") && label.len() > 4)
}

/// Appends the Punycode form of a label (RFC 3492).
fn punycode(label: &str, out: &mut Vec<u8>) {
    const BASE: u32 = 36;
    const T_MIN: u32 = 1;
    const T_MAX: u32 = 26;
    let digit = |value: u32| b"abcdefghijklmnopqrstuvwxyz0123456789"[value as usize];
    let basic = label.chars().filter(char::is_ascii).count();
    out.extend(label.bytes().filter(u8::is_ascii));
    if basic > 0 {
        out.push(b'-');
    }
    let length = u32::try_from(label.chars().count()).unwrap_or(0);
    let mut handled = u32::try_from(basic).unwrap_or(0);
    let (first, mut next, mut delta, mut bias) = (handled, 128_u32, 0_u32, 72_u32);
    while handled < length {
        let Some(least) = label.chars().map(u32::from).filter(|c| *c >= next).min() else { return };
        delta += (least - next) * (handled + 1);
        next = least;
        for code in label.chars().map(u32::from) {
            delta += u32::from(code < next);
            if code != next {
                continue;
            }
            let (mut rest, mut k) = (delta, BASE);
            loop {
                let threshold = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
                if rest < threshold {
                    break;
                }
                out.push(digit(threshold + (rest - threshold) % (BASE - threshold)));
                rest = (rest - threshold) / (BASE - threshold);
                k += BASE;
            }
            out.push(digit(rest));
            delta = if handled == first { delta / 700 } else { delta / 2 };
            delta += delta / (handled + 1);
            let mut k = 0;
            while delta > (BASE - T_MIN) * T_MAX / 2 {
                delta /= BASE - T_MIN;
                k += BASE;
            }
            bias = k + (BASE - T_MIN + 1) * delta / (delta + 38);
            delta = 0;
            handled += 1;
        }
        (delta, next) = (delta + 1, next + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> Option<String> {
        let bytes = text.as_bytes();
        let address = (0..text.len()).find_map(|at| Address::read(bytes, at))?;
        let mut out = Vec::new();
        address.canonical(bytes, &mut out);
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn every_spelling_has_one_canonical_form() {
        for text in [
            "anna.ek@exempel.se",
            "Anna.Ek@EXEMPEL.se",
            "anna.ek(at)exempel.se",
            "anna.ek [at] exempel [punkt] se",
            "anna punkt ek snabel-a exempel punkt se",
            "anna(dot)ek(at)exempel(dot)se",
        ] {
            assert_eq!(canonical(text).as_deref(), Some("anna.ek@exempel.se"), "{text}");
        }
    }

    #[test]
    fn domains_are_written_in_a_labels() {
        assert_eq!(canonical("x@malmö.se").unwrap(), "x@xn--malm-8qa.se");
        assert_eq!(canonical("x@räksmörgås.se").unwrap(), "x@xn--rksmrgs-5wao1o.se");
        assert_eq!(canonical("x@bücher.example").unwrap(), "x@xn--bcher-kva.example");
    }

    #[test]
    fn refuses_what_is_no_address() {
        for text in [
            "a@b",
            "info@kommun",
            "t@192.168.0.1",
            "a..b@x.se",
            ".a@x.se",
            "a.@x.se",
            "@x.se",
            "a@-x.se",
            "a@x.s",
        ] {
            assert_eq!(canonical(text), None, "{text}");
        }
    }

    #[test]
    fn long_parts_are_refused_in_linear_time() {
        assert_eq!(canonical(&format!("{}@x.se", "a".repeat(65))), None);
        assert_eq!(canonical(&format!("a@{}.se", "b".repeat(64))), None);
        assert!(canonical(&format!("{}@x.se", "a".repeat(64))).is_some());
    }
}
