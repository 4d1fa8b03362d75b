//! What an element does to the text around it.

/// The longest name that is told apart.
const NAME_MAX: usize = 12;

/// The part an element plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// Text goes on through it: `b`, `span`, unknown ones.
    Inline,
    /// A line ends here: `br`.
    Break,
    /// Text ends before and after it: `p`, `div`.
    Block,
    /// `table`.
    Table,
    /// `tr`.
    Row,
    /// `td`.
    Cell,
    /// `th`.
    Header,
    /// `dt`.
    Term,
    /// `dd`.
    Detail,
    /// `label`.
    Label,
    /// `input`, `select`, `textarea`: the label before it is theirs.
    Control,
    /// `title`.
    Title,
    /// `script`, `style`: text, but none that a person reads.
    Script,
}

impl Element {
    /// The element of a name, in any case.
    pub(super) fn of(name: &[u8]) -> Self {
        let mut buffer = [0; NAME_MAX];
        let Some(lower) = buffer.get_mut(..name.len()) else { return Self::Inline };
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        match &*lower {
            b"br" => Self::Break,
            b"table" => Self::Table,
            b"tr" => Self::Row,
            b"td" => Self::Cell,
            b"th" => Self::Header,
            b"dt" => Self::Term,
            b"dd" => Self::Detail,
            b"label" => Self::Label,
            b"input" | b"select" | b"textarea" => Self::Control,
            b"title" => Self::Title,
            b"script" | b"style" => Self::Script,
            b"address" | b"article" | b"aside" | b"audio" | b"blockquote" | b"body" | b"button"
            | b"canvas" | b"caption" | b"center" | b"details" | b"dialog" | b"dir" | b"div"
            | b"dl" | b"fieldset" | b"figcaption" | b"figure" | b"footer" | b"form" | b"frame"
            | b"frameset" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"head" | b"header"
            | b"hgroup" | b"hr" | b"html" | b"iframe" | b"legend" | b"li" | b"main" | b"menu"
            | b"nav" | b"noframes" | b"noscript" | b"object" | b"ol" | b"optgroup" | b"option"
            | b"p" | b"pre" | b"search" | b"section" | b"summary" | b"tbody" | b"template"
            | b"tfoot" | b"thead" | b"ul" | b"video" | b"xmp" => Self::Block,
            _ => Self::Inline,
        }
    }

    /// Whether text ends at its tags.
    pub(super) fn ends_text(self) -> bool {
        !matches!(self, Self::Inline | Self::Break)
    }
}

/// Longer words are no words of the markup.
const ODD_LEN: usize = 200;

/// Attributes of looks and layout. Their values are left out unless they look like data.
const LAYOUT: [&[u8]; 28] = [
    b"class",
    b"style",
    b"width",
    b"height",
    b"align",
    b"valign",
    b"border",
    b"cellpadding",
    b"cellspacing",
    b"colspan",
    b"rowspan",
    b"bgcolor",
    b"color",
    b"face",
    b"size",
    b"rel",
    b"type",
    b"lang",
    b"dir",
    b"charset",
    b"http-equiv",
    b"role",
    b"target",
    b"tabindex",
    b"media",
    b"scope",
    b"background",
    b"method",
];

/// Whether an attribute holds nothing of a person: layout that does not look like data.
pub(super) fn is_layout(name: &[u8], value: &[u8]) -> bool {
    LAYOUT.iter().any(|layout| name.eq_ignore_ascii_case(layout)) && !is_odd(value)
}

/// Whether a word of the markup looks like data: an `@`, 6 digits or more, or more than a name has.
pub(super) fn is_odd(word: &[u8]) -> bool {
    word.len() > ODD_LEN
        || word.contains(&b'@')
        || word.iter().filter(|byte| byte.is_ascii_digit()).count() >= 6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_in_any_case() {
        assert_eq!(Element::of(b"TD"), Element::Cell);
        assert_eq!(Element::of(b"o:p"), Element::Inline);
        assert_eq!(Element::of(b"a-very-long-name"), Element::Inline);
        assert_eq!(Element::of(b"blockquote"), Element::Block);
    }

    #[test]
    fn layout_that_looks_like_data_is_data() {
        assert!(is_layout(b"WIDTH", b"100"));
        assert!(!is_layout(b"class", b"p811218-9876"));
        assert!(!is_layout(b"alt", b"1"));
    }
}
