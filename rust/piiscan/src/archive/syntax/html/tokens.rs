//! The tokenizer: tags, attributes, comments and the text between them, as ranges of the source.
//!
//! A reduced form of the HTML Living Standard, 13.2.5: no tree is built and nothing is an error, so every byte belongs to a token. One
//! pass; what is never closed reaches to the end.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memmem};

/// Elements whose content is text up to their end tag. In the last two the text holds references.
const RAW: [&[u8]; 8] =
    [b"script", b"style", b"xmp", b"iframe", b"noembed", b"noframes", b"title", b"textarea"];

/// A token, as ranges of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Text between tags.
    Text(Range<usize>),
    /// The content of an element without markup: script, style, title.
    Raw(Range<usize>),
    /// A start tag; the attributes stand beside.
    Start(Range<usize>),
    /// An end tag, and what stands in it after the name.
    End(Range<usize>, Range<usize>),
    /// A comment, declaration or processing instruction, without its delimiters.
    Comment(Range<usize>),
}

/// An attribute. Without a value its value is empty.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    /// Its name.
    pub(super) name: Range<usize>,
    /// Its value without quotes.
    pub(super) value: Range<usize>,
}

/// Goes through a text.
#[derive(Debug)]
pub(super) struct Tokens<'t> {
    text: &'t [u8],
    at: usize,
    raw: Option<Range<usize>>,
}

impl<'t> Tokens<'t> {
    /// The tokens of a text.
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0, raw: None }
    }

    /// The next token. After a start tag `attributes` holds its attributes.
    pub(super) fn next(&mut self, attributes: &mut Vec<Attribute>) -> Option<Token> {
        if let Some(name) = self.raw.take() {
            let end = self.end_tag(name);
            if end > self.at {
                let range = self.at..end;
                self.at = end;
                return Some(Token::Raw(range));
            }
        }
        let first = self.at;
        if first >= self.text.len() {
            return None;
        }
        if let Some(token) = self.markup(attributes) {
            return Some(token);
        }
        let mut from = first + usize::from(self.text[first] == b'<');
        while let Some(found) = memchr(b'<', &self.text[from..]) {
            if is_markup(&self.text[from + found..]) {
                self.at = from + found;
                return Some(Token::Text(first..self.at));
            }
            from += found + 1;
        }
        self.at = self.text.len();
        Some(Token::Text(first..self.at))
    }

    fn markup(&mut self, attributes: &mut Vec<Attribute>) -> Option<Token> {
        let rest = &self.text[self.at..];
        if !is_markup(rest) {
            return None;
        }
        match rest {
            [b'<', b'!', b'-', b'-', ..] => Some(Token::Comment(self.until(4, b"-->"))),
            [b'<', b'!', b'[', b'C', b'D', b'A', b'T', b'A', b'[', ..] => {
                Some(Token::Text(self.until(9, b"]]>")))
            }
            [b'<', b'!' | b'?', ..] => Some(Token::Comment(self.until(2, b">"))),
            [b'<', b'/', ..] => {
                let name = self.name(self.at + 2);
                let end = memchr(b'>', &self.text[name.end..]);
                let end = end.map_or(self.text.len(), |end| name.end + end);
                self.at = (end + 1).min(self.text.len());
                let rest = name.end..end;
                Some(Token::End(name, rest))
            }
            _ => {
                let name = self.name(self.at + 1);
                self.attributes(name.end, attributes);
                let is_raw = |raw: &&[u8]| self.text[name.clone()].eq_ignore_ascii_case(raw);
                if RAW.iter().any(is_raw) {
                    self.raw = Some(name.clone());
                }
                Some(Token::Start(name))
            }
        }
    }

    /// The range from `skip` bytes after here up to a delimiter; goes on behind it.
    fn until(&mut self, skip: usize, delimiter: &[u8]) -> Range<usize> {
        let first = self.at + skip;
        let (end, next) = match memmem::find(&self.text[first..], delimiter) {
            Some(found) => (first + found, first + found + delimiter.len()),
            None => (self.text.len(), self.text.len()),
        };
        self.at = next;
        first..end
    }

    fn name(&self, first: usize) -> Range<usize> {
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
        let rest = &self.text[first..];
        first..first + rest.iter().position(is_end).unwrap_or(rest.len())
    }

    /// Reads attributes up to the end of the tag.
    fn attributes(&mut self, first: usize, out: &mut Vec<Attribute>) {
        out.clear();
        let text = self.text;
        let mut at = first;
        loop {
            at += run(&text[at..], |byte| byte.is_ascii_whitespace() || byte == b'/');
            match text.get(at) {
                None => break,
                Some(b'>') => {
                    at += 1;
                    break;
                }
                Some(_) => {}
            }
            let name = at..at
                + 1
                + run(&text[at + 1..], |byte| {
                    !byte.is_ascii_whitespace() && !matches!(byte, b'=' | b'/' | b'>')
                });
            at = name.end + run(&text[name.end..], |byte| byte.is_ascii_whitespace());
            if text.get(at) != Some(&b'=') {
                out.push(Attribute { value: name.end..name.end, name });
                continue;
            }
            at += 1;
            at += run(&text[at..], |byte| byte.is_ascii_whitespace());
            let value = if let Some(quote @ (b'"' | b'\'')) = text.get(at) {
                let first = at + 1;
                let end = memchr(*quote, &text[first..]).map_or(text.len(), |end| first + end);
                at = (end + 1).min(text.len());
                first..end
            } else {
                let len = run(&text[at..], |byte| !byte.is_ascii_whitespace() && byte != b'>');
                at += len;
                at - len..at
            };
            out.push(Attribute { name, value });
        }
        self.at = at;
    }

    /// Where the end tag of a raw element stands.
    fn end_tag(&self, name: Range<usize>) -> usize {
        let name = &self.text[name];
        memchr_iter(b'<', &self.text[self.at..])
            .map(|found| self.at + found)
            .find(|at| {
                let rest = &self.text[*at..];
                rest.get(1) == Some(&b'/')
                    && rest.get(2..2 + name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name))
                    && rest.get(2 + name.len()).is_none_or(|byte| {
                        byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>')
                    })
            })
            .unwrap_or(self.text.len())
    }
}

fn run(text: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| !belongs(*byte)).unwrap_or(text.len())
}

/// Whether `<` begins markup here.
fn is_markup(text: &[u8]) -> bool {
    match text {
        [b'<', b'!' | b'?', ..] => true,
        [b'<', b'/', byte, ..] | [b'<', byte, ..] => byte.is_ascii_alphabetic(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let (mut tokens, mut attributes) = (Tokens::new(text.as_bytes()), Vec::new());
        let mut out = Vec::new();
        while let Some(token) = tokens.next(&mut attributes) {
            let (kind, range) = match token {
                Token::Text(range) => ("text", range),
                Token::Raw(range) => ("raw", range),
                Token::Start(range) => ("start", range),
                Token::End(range, _) => ("end", range),
                Token::Comment(range) => ("comment", range),
            };
            out.push(format!("{kind} {}", &text[range]));
            if kind == "start" {
                for attribute in &attributes {
                    let value = &text[attribute.value.clone()];
                    out.push(format!("{}={value}", &text[attribute.name.clone()]));
                }
            }
        }
        out
    }

    #[test]
    fn tags_have_attributes() {
        assert_eq!(
            shown("a<b c = \"d > e\" f='g' h=i/j k>l</B >"),
            ["text a", "start b", "c=d > e", "f=g", "h=i/j", "k=", "text l", "end B"]
        );
    }

    #[test]
    fn raw_elements_end_at_their_end_tag() {
        assert_eq!(
            shown("<script>a</scripts><b></SCRIPT>c<title>d"),
            ["start script", "raw a</scripts><b>", "end SCRIPT", "text c", "start title", "raw d"]
        );
    }

    #[test]
    fn what_is_no_markup_is_text() {
        assert_eq!(shown("1 < 2 <3 </ a> <"), ["text 1 < 2 <3 </ a> <"]);
        assert_eq!(shown("<<b>"), ["text <", "start b"]);
    }

    #[test]
    fn what_is_never_closed_reaches_to_the_end() {
        assert_eq!(shown("<!-- a"), ["comment  a"]);
        assert_eq!(shown("<a b=\"c"), ["start a", "b=c"]);
        assert_eq!(shown("<![CDATA[x]]>y<!DOCTYPE z>"), ["text x", "text y", "comment DOCTYPE z"]);
    }
}
