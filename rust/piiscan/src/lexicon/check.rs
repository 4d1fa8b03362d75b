//! From the form of a file to a checked lexicon. Every rule of terms is enforced here, for shipped and users' files alike.
//!
//! Length rule, in letters: up to three a stem matches as a whole word without endings and needs a context, or capitals; a compound
//! head needs six (Finnish five), a compound tail four. A term under 30 percent needs a context. Substrings never match.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use super::file::{self, ContextForm, File, Lines, Mode, ReadingForm, SampleForm, TermForm};
use super::{
    ALERTS, Broken, CUES, Case, Context, Fold, Form, Inflection, LEXICONS, Lexicon, Modes, Pattern,
    Sample, Term, WINDOW_MAX, cue, wrong,
};
use crate::error::Error;
use crate::finding::{Category, Class, Reading};

/// Percent under which a term needs a context to hit.
const WEAK: u8 = 30;
/// Words of a context phrase.
const PHRASE_MAX: usize = 3;
/// Bytes of a stem.
const STEM_MAX: usize = 64;
const LANGS: &[&str] = &["sv", "fi", "en", "nb", "da", "mul"];

pub(super) fn lexicon(name: &str, text: &str) -> Result<Lexicon, Error> {
    let (lexicon, broken) = examined(name, text)?;
    match broken.first() {
        None => Ok(lexicon),
        Some(Broken { line, id, reason }) => {
            Err(wrong(format!("lexicon `{name}`, line {line}, term `{id}`: {reason}")))
        }
    }
}

/// Every term that keeps the rules, and those that do not.
pub(super) fn examined(name: &str, text: &str) -> Result<(Lexicon, Vec<Broken>), Error> {
    let mut file = file::read(name, text)?;
    let fail = |reason: String| wrong(format!("lexicon `{name}`: {reason}"));
    if let Some(extended) = file.extend.take() {
        let (_, shipped) = LEXICONS
            .iter()
            .find(|(id, _)| *id == extended)
            .ok_or_else(|| fail(format!("no lexicon is called `{extended}`")))?;
        extend(&mut file, file::read(&extended, shipped)?);
    }
    let lang = file.lang.take().ok_or_else(|| fail("`lang` is missing".to_owned()))?;
    if !LANGS.contains(&lang.as_str()) {
        return Err(fail(format!("`{lang}` is not one of {}", LANGS.join(", "))));
    }
    let category = file.category.take().ok_or_else(|| fail("`category` is missing".to_owned()))?;
    let category = sensitive(&category).map_err(fail)?;

    let mut contexts = BTreeMap::new();
    let mut stopwords = std::mem::take(&mut file.stopwords);
    for cues in SHIPPED.as_deref().map_err(|reason| fail(reason.clone()))? {
        if lang == cues.lang || lang == "mul" {
            if lang != "mul" {
                stopwords.extend_from_slice(&cues.stopwords);
            }
            for (name, context) in &cues.contexts {
                join(&mut contexts, name, Arc::clone(context));
            }
        }
    }
    for own in file.contexts.keys() {
        contexts.remove(own);
    }
    merge(&mut contexts, std::mem::take(&mut file.contexts), &fail)?;
    if let Some(missing) = cue::REQUIRED.iter().find(|cue| !contexts.contains_key(**cue)) {
        return Err(fail(format!("`{lang}` has no cue words: give a context called `{missing}`")));
    }

    let (mut terms, mut broken, mut ids) = (Vec::new(), Vec::new(), BTreeSet::new());
    let mut lines = Lines::of(text);
    for spanned in std::mem::take(&mut file.term) {
        let line = lines.at(spanned.span().start);
        let form = spanned.into_inner().or(&file.defaults);
        let id = form.id.clone().unwrap_or_default();
        match term(form, line, &lang, category, &contexts) {
            Ok(term) if ids.insert(term.id.clone()) => terms.push(term),
            Ok(_) => {
                broken.push(Broken { line, id, reason: "a second term has this id".to_owned() });
            }
            Err(reason) => broken.push(Broken { line, id, reason }),
        }
    }
    let lexicon = Lexicon {
        name: name.to_owned(),
        version: file.version.unwrap_or_default(),
        lang,
        category,
        stopwords,
        contexts,
        terms,
        disable: file.disable,
    };
    Ok((lexicon, broken))
}

/// Checks the cue words of a language: every list that a language needs is there, and every word is one.
pub(super) fn cues(name: &str, text: &str) -> Result<(), Error> {
    let fail = |reason: String| wrong(format!("lexicon `{name}`: {reason}"));
    let file = file::read(name, text)?;
    if !file.term.is_empty() {
        return Err(fail("cue words have no terms".to_owned()));
    }
    let mut contexts = BTreeMap::new();
    merge(&mut contexts, file.contexts, &fail)?;
    match cue::REQUIRED.iter().find(|cue| !contexts.contains_key(**cue)) {
        Some(missing) => Err(fail(format!("no context is called `{missing}`"))),
        None => Ok(()),
    }
}

/// The cue words of a language.
struct Cues {
    lang: &'static str,
    stopwords: Vec<String>,
    contexts: BTreeMap<String, Arc<Context>>,
}

/// The cue words of every language: each lexicon of a language has them, so they are read once.
static SHIPPED: LazyLock<Result<Vec<Cues>, String>> = LazyLock::new(|| {
    let read = |(lang, text): &(&'static str, &str)| {
        let file = file::read(&format!("{lang}/cues.toml"), text)?;
        let mut contexts = BTreeMap::new();
        merge(&mut contexts, file.contexts, &wrong)?;
        Ok(Cues { lang, stopwords: file.stopwords, contexts })
    };
    CUES.iter().map(read).collect::<Result<_, Error>>().map_err(|error| error.to_string())
});

/// Takes over what an extension does not say itself.
fn extend(file: &mut File, shipped: File) {
    file.lang = file.lang.take().or(shipped.lang);
    file.category = file.category.take().or(shipped.category);
    file.defaults = std::mem::take(&mut file.defaults).or(&shipped.defaults);
    for (name, context) in shipped.contexts {
        file.contexts.entry(name).or_insert(context);
    }
}

/// Adds contexts; lists of one name, as from several languages, are joined.
fn merge(
    contexts: &mut BTreeMap<String, Arc<Context>>,
    forms: BTreeMap<String, ContextForm>,
    fail: &impl Fn(String) -> Error,
) -> Result<(), Error> {
    for (name, form) in forms {
        if form.window == 0 || form.window > WINDOW_MAX {
            return Err(fail(format!("context `{name}`: a window is 1 to {WINDOW_MAX} tokens")));
        }
        let phrases = form
            .words
            .iter()
            .map(|words| phrase(words))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|reason| fail(format!("context `{name}`: {reason}")))?;
        let context = Context { phrases, window: form.window, side: form.side };
        join(contexts, &name, Arc::new(context));
    }
    Ok(())
}

/// Adds a context; the phrases join those of its name, if there are any.
fn join(contexts: &mut BTreeMap<String, Arc<Context>>, name: &str, context: Arc<Context>) {
    match contexts.get_mut(name) {
        Some(known) => Arc::make_mut(known).phrases.extend_from_slice(&context.phrases),
        None => {
            contexts.insert(name.to_owned(), context);
        }
    }
}

fn phrase(words: &str) -> Result<Vec<String>, String> {
    let phrase: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    if phrase.is_empty() || phrase.len() > PHRASE_MAX {
        return Err(format!("`{words}` is not one to {PHRASE_MAX} words"));
    }
    for word in &phrase {
        let (stem, least) = word.strip_suffix('*').map_or((word.as_str(), 1), |stem| (stem, 3));
        if stem.chars().count() < least || !stem.chars().all(char::is_alphanumeric) {
            return Err(format!("`{word}` is not a word, or a prefix of less than three letters"));
        }
    }
    Ok(phrase)
}

fn sensitive(name: &str) -> Result<Category, String> {
    Category::ALL
        .iter()
        .copied()
        .find(|category| category.name() == name && category.class() != Class::Ordinary)
        .ok_or_else(|| format!("no sensitive category is called `{name}`"))
}

fn percent(value: f64) -> Result<u8, String> {
    if !(0.0..=1.0).contains(&value) {
        return Err(format!("{value} is not between 0 and 1"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
    Ok((value * 100.0).round() as u8)
}

fn term(
    form: TermForm,
    line: usize,
    lang: &str,
    category: Category,
    contexts: &BTreeMap<String, Arc<Context>>,
) -> Result<Term, String> {
    let id = form.id.unwrap_or_default();
    if id.is_empty()
        || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        return Err("`id` needs small letters a to z, digits and `-`".to_owned());
    }
    if form.source.is_none_or(|source| source.trim().is_empty()) {
        return Err("`source` is missing".to_owned());
    }
    let weight = percent(form.weight.ok_or("`weight` is missing")?)?;
    let require_any = form.require_any.unwrap_or_default();
    let boost: Vec<(String, u8)> = form
        .boost
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| Ok::<_, String>((name, percent(value)?)))
        .collect::<Result<_, _>>()?;
    let veto = form.veto.unwrap_or_default();
    let named = require_any.iter().chain(&veto).chain(boost.iter().map(|(name, _)| name));
    if let Some(unknown) = named.into_iter().find(|name| !contexts.contains_key(*name)) {
        return Err(format!("no context is called `{unknown}`"));
    }
    if weight < WEAK && require_any.is_empty() {
        return Err(format!("a weight under 0.{WEAK} needs `require_any`"));
    }
    let case = form.case.unwrap_or_default();
    let folds = form.fold.unwrap_or_default();
    let aliases = form.alias.unwrap_or_default();
    let stems: Vec<String> = form.stem.into_iter().chain(form.stems.unwrap_or_default()).collect();
    let what = match (form.pattern, stems.is_empty()) {
        (Some(pattern), true) => Form::Pattern(Pattern::parse(&pattern)?),
        (None, false) => {
            let stems: Vec<String> = stems.into_iter().chain(aliases.iter().cloned()).collect();
            let listed = form.modes.unwrap_or_else(|| vec![Mode::Word]);
            let modes = Modes {
                word: listed.contains(&Mode::Word),
                head: listed.contains(&Mode::CompoundHead),
                tail: listed.contains(&Mode::CompoundTail),
            };
            let inflection = form.inflection.unwrap_or_default();
            let guarded = !require_any.is_empty() || case == Case::UpperOnly;
            stems
                .iter()
                .try_for_each(|stem| length(stem, lang, modes, inflection, guarded, &folds))?;
            Form::Stems { stems, modes, inflection }
        }
        _ => return Err("exactly one of `stem`, `stems` and `pattern` is needed".to_owned()),
    };
    let alert = match form.alert {
        None => None,
        Some(alert) => Some(
            *ALERTS
                .iter()
                .find(|known| **known == alert)
                .ok_or(format!("no alert is called `{alert}`"))?,
        ),
    };
    let own = form.category.map_or(Ok(category), |name| sensitive(&name))?;
    let exclude = form.exclude.unwrap_or_default();
    if let Some(odd) = exclude.iter().find(|words| !phrase(words).is_ok_and(|p| p.len() == 1)) {
        return Err(format!("`exclude` holds `{odd}`, which is not one word"));
    }
    Ok(Term {
        id: format!("{lang}.{}.{id}", category.name()),
        line,
        aliases,
        form: what,
        case,
        folds,
        weight,
        require_any,
        boost,
        veto,
        exclude: exclude.iter().map(|word| word.to_lowercase()).collect(),
        category: own,
        alert,
        ok: samples(form.ok),
        not: samples(form.not),
    })
}

fn samples(forms: Option<Vec<SampleForm>>) -> Vec<Sample> {
    let sample = |form| match form {
        SampleForm::Text(text) => Sample { text, reading: None, negated: None },
        SampleForm::Asserted(form) => {
            let reading = form.reading.map(|reading| match reading {
                ReadingForm::Personal => Reading::Personal,
                ReadingForm::Topical => Reading::Topical,
            });
            Sample { text: form.text, reading, negated: form.negated }
        }
    };
    forms.unwrap_or_default().into_iter().map(sample).collect()
}

/// The length rule for one stem.
fn length(
    stem: &str,
    lang: &str,
    modes: Modes,
    inflection: Inflection,
    guarded: bool,
    folds: &[Fold],
) -> Result<(), String> {
    if stem.is_empty() || stem.len() > STEM_MAX || !stem.chars().all(char::is_alphanumeric) {
        return Err(format!("`{stem}` is not one word"));
    }
    if stem.to_lowercase() != stem {
        return Err(format!("`{stem}` is not in lower case"));
    }
    let letters = stem.chars().count();
    let head = if lang == "fi" { 5 } else { 6 };
    if letters <= 3 {
        if modes.head
            || modes.tail
            || inflection != Inflection::None
            || folds.contains(&Fold::Dotless)
        {
            return Err(format!(
                "`{stem}` is short: whole words only, no endings, no dotless variant"
            ));
        }
        if !guarded {
            return Err(format!("`{stem}` is short: it needs `require_any` or capitals"));
        }
    }
    if modes.head && letters < head {
        let number = if head == 5 { "five" } else { "six" };
        return Err(format!("`{stem}`: a compound head needs {number} letters"));
    }
    if modes.tail && letters < 4 {
        return Err(format!("`{stem}`: a compound tail needs four letters"));
    }
    if !(modes.word || modes.head || modes.tail) {
        return Err("`match` is empty".to_owned());
    }
    Ok(())
}
