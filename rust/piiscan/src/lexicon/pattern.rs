//! Token patterns: words, `(a|b)`, `{m,n}` for a gap of tokens, `*` for any ending, `$` for the end of a clause. Not a regex.
//!
//! A pattern is looked for around its **anchor**: the element whose shortest alternative is longest, since the words of
//! the anchor go into the same filters as stems.

/// One place of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    /// Any one of these words.
    Word(Vec<PatternWord>),
    /// From `.0` to `.1` tokens, whatever they are.
    Gap(u8, u8),
}

/// An alternative of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PatternWord {
    /// This word.
    Exact(String),
    /// Any word that starts so.
    Prefix(String),
    /// Nothing: the clause ends after the word before.
    ClauseEnd,
}

/// A parsed pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    pub(crate) elements: Vec<Element>,
    /// Index of the anchor in `elements`.
    pub(crate) anchor: usize,
}

/// Tokens that a pattern may span: keeps the window of a candidate small.
const REACH_MAX: usize = super::WINDOW_MAX as usize;

impl Pattern {
    /// Parses the text form. The error says what is wrong, not where.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let elements = text.split_whitespace().map(element).collect::<Result<Vec<_>, _>>()?;
        let is_gap = |e: Option<&Element>| matches!(e, None | Some(Element::Gap(..)));
        if is_gap(elements.first()) || is_gap(elements.last()) {
            return Err("a pattern starts and ends with a word".to_owned());
        }
        let before = elements.iter().rev().skip(1);
        if before
            .into_iter()
            .any(|e| matches!(e, Element::Word(w) if w.contains(&PatternWord::ClauseEnd)))
        {
            return Err("`$` may stand in the last place only".to_owned());
        }
        let reach: usize = elements
            .iter()
            .map(|e| if let Element::Gap(_, most) = e { usize::from(*most) } else { 1 })
            .sum();
        if reach > REACH_MAX {
            return Err(format!("a pattern spans at most {REACH_MAX} tokens"));
        }
        let anchor = (0..elements.len())
            .max_by_key(|at| (anchor_length(&elements[*at]), usize::MAX - at))
            .filter(|at| anchor_length(&elements[*at]) >= 3)
            .ok_or("one place needs words of three letters or more, all of its alternatives")?;
        Ok(Self { elements, anchor })
    }

    /// The words of the anchor.
    pub(crate) fn anchor_words(&self) -> &[PatternWord] {
        match &self.elements[self.anchor] {
            Element::Word(words) => words,
            Element::Gap(..) => &[],
        }
    }
}

/// Letters of the shortest alternative; 0 where a place cannot be an anchor. A prefix needs four letters.
fn anchor_length(element: &Element) -> usize {
    let Element::Word(words) = element else { return 0 };
    let length = |word: &PatternWord| match word {
        PatternWord::Exact(word) => word.chars().count(),
        PatternWord::Prefix(stem) if stem.chars().count() >= 4 => stem.chars().count(),
        PatternWord::Prefix(_) | PatternWord::ClauseEnd => 0,
    };
    words.iter().map(length).min().unwrap_or(0)
}

fn element(text: &str) -> Result<Element, String> {
    if let Some(gap) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        let (least, most) =
            gap.split_once(',').ok_or_else(|| format!("`{text}` is not `{{m,n}}`"))?;
        return match (least.parse(), most.parse()) {
            (Ok(least), Ok(most)) if least <= most => Ok(Element::Gap(least, most)),
            _ => Err(format!("`{text}` is not `{{m,n}}`")),
        };
    }
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(text);
    inner.split('|').map(word).collect::<Result<_, _>>().map(Element::Word)
}

fn word(text: &str) -> Result<PatternWord, String> {
    if text == "$" {
        return Ok(PatternWord::ClauseEnd);
    }
    let (stem, prefix) = text.strip_suffix('*').map_or((text, false), |stem| (stem, true));
    if stem.is_empty() || !stem.chars().all(char::is_alphanumeric) {
        return Err(format!("`{text}` is not one word"));
    }
    let stem = stem.to_lowercase();
    Ok(if prefix { PatternWord::Prefix(stem) } else { PatternWord::Exact(stem) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_anchor_is_the_place_with_the_longest_words() {
        let pattern = Pattern::parse("(ha|har) {0,2} sex ($|med)").unwrap();
        assert_eq!(pattern.elements.len(), 4);
        assert_eq!(pattern.anchor, 2);
    }

    #[test]
    fn says_what_is_wrong_with_a_pattern() {
        for (text, reason) in [
            ("{0,2} sex", "starts and ends"),
            ("a {2,1} sex", "is not `{m,n}`"),
            ("är i", "three letters"),
            ("sex $ med", "last place"),
            ("a {0,20} sexuell", "at most"),
            ("sjuk-skriven x", "is not one word"),
        ] {
            assert!(Pattern::parse(text).unwrap_err().contains(reason), "{text}");
        }
    }
}
