//! Parameters of `Content-Type` and `Content-Disposition`: `name="a b.txt"`, and the form of RFC 2231 with charset, percent-encoding
//! and continuations: `name*0*=utf-8''%C3%A5; name*1=sa.txt`.

use std::borrow::Cow;
use std::ops::Range;

use super::super::html::percent::{Percent, PercentBytes};
use super::values::Value;
use crate::archive::Arena;
use crate::archive::charset;
use crate::view::{Codec, Decoded, Part, Plain, View};

/// One parameter, or one section of a continued one.
#[derive(Clone, Debug)]
struct Param {
    name: Range<usize>,
    section: u32,
    is_extended: bool,
    value: Range<usize>,
}

/// The value of such a field, taken apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Params {
    /// The part before the first semicolon.
    pub(super) main: Range<usize>,
    params: Vec<Param>,
}

/// Parameters of one field that are kept; no field needs more.
const PARAMS_MAX: usize = 1000;

impl Params {
    /// Takes a value apart.
    pub(super) fn parse(raw: &[u8]) -> Self {
        let main = raw.iter().position(|byte| *byte == b';').unwrap_or(raw.len());
        let mut out = Self { main: 0..main, params: Vec::new() };
        let mut at = main;
        while at < raw.len() && out.params.len() < PARAMS_MAX {
            at += run(&raw[at..], |byte| byte == b';' || byte.is_ascii_whitespace());
            let name = at..at + run(&raw[at..], |byte| !matches!(byte, b'=' | b';'));
            at = name.end;
            if raw.get(at) != Some(&b'=') {
                continue;
            }
            at += 1;
            at += run(&raw[at..], |byte| byte.is_ascii_whitespace());
            let value = if raw.get(at) == Some(&b'"') {
                let first = at + 1;
                let end = quoted_end(raw, first);
                at = (end + 1).min(raw.len());
                first..end
            } else {
                let len = run(&raw[at..], |byte| byte != b';' && byte != b'\r' && byte != b'\n');
                let len = raw[at..at + len].trim_ascii_end().len();
                at += len;
                at - len..at
            };
            out.params.push(Param::new(raw, name, value));
        }
        out
    }

    /// The sections of a parameter, in order.
    fn sections(&self, raw: &[u8], name: &[u8]) -> Vec<&Param> {
        let is_it = |param: &&Param| raw[param.name.clone()].eq_ignore_ascii_case(name);
        let mut found: Vec<&Param> = self.params.iter().filter(is_it).collect();
        // Mailers write both forms: the extended one says more.
        if found.iter().any(|param| param.is_extended) {
            let has_sections = found.iter().any(|param| param.section > 0);
            found.retain(|param| param.is_extended || has_sections);
        }
        found.sort_by_key(|param| param.section);
        found.dedup_by_key(|param| param.section);
        found
    }

    /// The bytes of a parameter of the protocol: a boundary, a label.
    pub(super) fn get<'r>(&self, raw: &'r [u8], name: &[u8]) -> Option<Cow<'r, [u8]>> {
        match *self.sections(raw, name) {
            [] => None,
            [param] if !param.is_extended => Some(Cow::Borrowed(&raw[param.value.clone()])),
            ref sections => {
                let mut out = Vec::new();
                for (at, param) in sections.iter().enumerate() {
                    let value = if at == 0 { param.text(raw).1 } else { param.value.clone() };
                    param.codec().decode(&raw[value], &mut out, None);
                }
                Some(Cow::Owned(out))
            }
        }
    }

    /// Whether a parameter has this value.
    pub(super) fn is(&self, raw: &[u8], name: &[u8], value: &[u8]) -> bool {
        self.get(raw, name).is_some_and(|found| found.eq_ignore_ascii_case(value))
    }

    /// The text of a parameter that people choose, and the raw ranges it takes.
    pub(super) fn text<'a>(
        &self,
        value: Value<'a>,
        name: &[u8],
        arena: &'a Arena<'a>,
    ) -> Option<(View<'a>, Vec<Range<usize>>)> {
        let sections = self.sections(value.raw, name);
        let taken = sections.iter().map(|param| param.value.clone()).collect();
        let part = |range: Range<usize>, codec, hard| Part {
            at: value.at + range.start as u64,
            raw: &value.raw[range],
            codec,
            hard,
        };
        let (label, first) = sections.first()?.text(value.raw);
        if let [param] = *sections {
            let inner = Value { raw: &value.raw[first.clone()], at: value.at + first.start as u64 };
            if !param.is_extended {
                return Some((inner.text(), taken));
            }
            let is_utf8 = label.is_empty() || label.eq_ignore_ascii_case(b"utf-8");
            if is_utf8 && inner.raw.is_ascii() {
                return Some((View::coded(inner.raw, inner.at, &Percent), taken));
            }
        }
        let parts = sections.iter().enumerate().map(|(at, param)| {
            part(if at == 0 { first.clone() } else { param.value.clone() }, param.codec(), at > 0)
        });
        let bytes: &Decoded<'a> = arena.alloc(Decoded::new(View::joined(parts)));
        let label = (!label.is_empty()).then_some(label);
        let codec = charset::detect(bytes.bytes(), label).codec();
        Some((View::coded(bytes.bytes(), 0, codec).within(Some(bytes)), taken))
    }
}

impl Param {
    fn new(raw: &[u8], name: Range<usize>, value: Range<usize>) -> Self {
        let text = raw[name.clone()].trim_ascii_end();
        let is_extended = text.ends_with(b"*");
        let text = text.strip_suffix(b"*").unwrap_or(text);
        let star = text.iter().position(|byte| *byte == b'*');
        let section =
            star.and_then(|star| std::str::from_utf8(&text[star + 1..]).ok()?.parse().ok());
        let len = if section.is_some() { star.unwrap_or(text.len()) } else { text.len() };
        Self {
            name: name.start..name.start + len,
            section: section.unwrap_or(0),
            is_extended,
            value,
        }
    }

    /// Charset and text of a first section: `utf-8'sv'text`.
    fn text<'r>(&self, raw: &'r [u8]) -> (&'r [u8], Range<usize>) {
        let value = &raw[self.value.clone()];
        let mut quotes = memchr::memchr_iter(b'\'', value);
        match (quotes.next(), quotes.next()) {
            (Some(one), Some(two)) if self.is_extended => {
                (&value[..one], self.value.start + two + 1..self.value.end)
            }
            _ => (&[], self.value.clone()),
        }
    }

    fn codec(&self) -> &'static dyn Codec {
        if self.is_extended { &PercentBytes } else { &Plain }
    }
}

fn quoted_end(raw: &[u8], first: usize) -> usize {
    let mut at = first;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &raw[at..]) {
        at += found;
        if raw[at] == b'"' {
            return at;
        }
        at = (at + 2).min(raw.len());
    }
    raw.len()
}

fn run(raw: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    raw.iter().position(|byte| !belongs(*byte)).unwrap_or(raw.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str, name: &str) -> Option<String> {
        let arena = Arena::new();
        let value = Value { raw: raw.as_bytes(), at: 0 };
        let (view, _) = Params::parse(value.raw).text(value, name.as_bytes(), &arena)?;
        Some(String::from_utf8(view.bytes().into_owned()).unwrap())
    }

    fn get(raw: &str, name: &str) -> Option<String> {
        let found =
            Params::parse(raw.as_bytes()).get(raw.as_bytes(), name.as_bytes())?.into_owned();
        Some(String::from_utf8(found).unwrap())
    }

    #[test]
    fn reads_tokens_and_quoted_values() {
        let raw = "text/plain; Charset=utf-8 ;\r\n boundary=\"a;b\\\"c\"; x; y=";
        assert_eq!(get(raw, "charset").as_deref(), Some("utf-8"));
        assert_eq!(get(raw, "boundary").as_deref(), Some("a;b\\\"c"));
        assert_eq!((get(raw, "x"), get(raw, "y").as_deref()), (None, Some("")));
        assert_eq!(&raw[Params::parse(raw.as_bytes()).main], "text/plain");
    }

    #[test]
    fn joins_continuations_in_order() {
        let raw = "x; name*1=sa.; name*0*=iso-8859-1'sv'%C5; name*2=txt";
        assert_eq!(text(raw, "name").as_deref(), Some("Åsa.txt"));
        assert_eq!(get("x; boundary*0=ab; boundary*1=cd", "boundary").as_deref(), Some("abcd"));
    }

    #[test]
    fn the_extended_form_wins() {
        let raw = "attachment; filename=_sa.txt; filename*=UTF-8''%C3%85sa.txt";
        assert_eq!(text(raw, "filename").as_deref(), Some("Åsa.txt"));
    }

    #[test]
    fn encoded_words_in_quotes_are_read() {
        let raw = "x; name=\"=?utf-8?Q?=C3=85sa?=.txt\"";
        assert_eq!(text(raw, "name").as_deref(), Some("Åsa.txt"));
    }

    #[test]
    fn a_missing_quote_reaches_to_the_end() {
        assert_eq!(get("x; name=\"a; b", "name").as_deref(), Some("a; b"));
    }
}
