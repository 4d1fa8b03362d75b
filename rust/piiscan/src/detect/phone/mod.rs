//! Phone numbers of Sweden, Finland, Åland, Norway, Denmark, the Faroes, Greenland and Iceland, and of other countries in international form.
//!
//! `+46 (0)8 581 690 00`, `0046-8...`, `08-581 690 00`, `(08) 581 690 00`, `029 566 6700`, `22 12 34 56`. A number counts if a numbering plan has
//! it (`data/phone`, from libphonenumber). The national form does not tell the countries apart: one finding names all that fit.
//! Source: the national numbering plans as libphonenumber collects them; ITU-T E.164 for lengths.

mod number;
mod plan;

use super::number::{Piece, REFERENCE_WORDS, char_after, digits_of, gap, is_tight};
use super::run::{Run, Sep};
use super::{ANTI, CONTEXT, Candidate, Claims, Detector, Match, Near, Options, Trigger, exempt};
use crate::finding::{Attributes, Category, Confidence, Countries, Flags};
use number::{Form, Number};

/// List of [`Detector::words`]: switchboards and customer services.
const ORGANIZATION: usize = 2;
/// List of [`Detector::words`]: payment references.
const REFERENCE: usize = 3;

const GROUPS_MAX: usize = 8; // `00 46 (0)8 12 34 56 78` has eight
const NATIONAL_MAX: usize = 10; // digits of a usual number with its trunk 0
const INTERNATIONAL: u8 = 8; // rank
const NATIONAL: u8 = 11; // rank

/// The detector `phone`.
#[derive(Debug)]
pub(super) struct Phone;

impl Detector for Phone {
    fn id(&self) -> &'static str {
        "phone"
    }

    fn category(&self) -> Category {
        Category::Contact
    }

    fn summary(&self) -> &'static str {
        "Phone numbers: Nordic numbering plans, other countries in international form"
    }

    fn rule(&self) -> &'static str {
        "Shape: +46, 0046 or the trunk 0 and a national number that the numbering plan of SE, FI, AX, NO, DK, FO, GL or IS has, \
         in groups with spaces, dashes, dots, a slash after the area code, or parentheses; other countries only with + or 00.\n\
         high: international form of a Nordic plan; trunk 0, valid in SE or FI, with a context word.\n\
         medium: trunk 0 in groups; other countries with +; NO, DK, IS, FO, GL in groups with a context word or the locale.\n\
         low: trunk 0 without groups and context; right length but not in the plan, with a context word.\n\
         One step down near kr, dnr, kontonr, art.nr, box. countries: every plan that has the number. org_phone: toll-free, \
         shared-cost and company ranges, or a word such as växel.\n\
         Source: libphonenumber (Apache-2.0), ITU-T E.164."
    }

    fn examples(&self) -> &'static [&'static str] {
        &["070-174 06 05", "+46 (0)70 174 06 05", "0046-70-1740605"]
    }

    fn triggers(&self) -> &'static [Trigger] {
        &[Trigger::Digits(6, u8::MAX)]
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        &[
            &[
                "tel",
                "tele",
                "telefon*",
                "telenr",
                "tfn",
                "tlfn",
                "phone*",
                "mobil*",
                "ring",
                "ringa",
                "ringer",
                "nås på",
                "når mig på",
                "växel*",
                "sms",
                "sms:a",
                "jour*",
                "puh",
                "puhelin*",
                "puhelim*",
                "gsm",
                "soita*",
                "soittaa",
                "vaihde*",
                "kännykkä*",
                "matkapuhelin*",
                "tlf",
                "telf",
                "simi",
                "sími",
                "símanúmer",
                "farsími",
                "fax",
                "faksi",
                "call",
                "cell",
                "whatsapp",
                "swish",
                "kundtjänst*",
                "asiakaspalvelu*",
            ],
            &[
                "kr",
                "dnr",
                "kontonr",
                "kontonummer",
                "art.nr",
                "artnr",
                "artikelnr",
                "artikelnummer",
                "box",
                "ean",
                "isbn",
            ],
            &[
                "växel*",
                "vaihde*",
                "kundtjänst*",
                "kundservice",
                "asiakaspalvelu*",
                "sentralbord*",
                "omstilling*",
                "switchboard",
            ],
            REFERENCE_WORDS,
        ]
    }

    fn find(&self, candidate: &Candidate<'_>, claims: &mut Claims) {
        let Some(run) = candidate.run else { return };
        let mut from = 0;
        let mut free = 0; // groups before this one belong to other numbers
        while from < run.groups.len() {
            let taken = may_start(candidate, run, from, free)
                .then(|| longest(candidate, run, from))
                .flatten();
            let Some((to, found)) = taken else {
                from += 1;
                continue;
            };
            claims.push(found);
            (from, free) = (to, to);
        }
    }

    fn canonical(&self, found: &str, _: &Attributes, options: &Options, out: &mut Vec<u8>) {
        let digits = digits_of(found);
        let plus = found.starts_with('+');
        match Number::read(&digits, plus, found.contains("(0)")) {
            Some(number) => number.canonical(options.locales, out),
            None => out.extend(digits.iter().map(|digit| digit + b'0')),
        }
    }
}

/// Whether a phone number may start at a group: where the run starts, or behind another number.
fn may_start(candidate: &Candidate<'_>, run: &Run, from: usize, free: usize) -> bool {
    let text = candidate.field.text;
    if !(Piece { run, from, to: from + 1 }).opens(text) {
        return false;
    }
    if from == free {
        return true;
    }
    // Behind another number: a long group, a personal number, a date. Or a shape that only phone numbers have: `070-...`.
    let before = &run.groups[free..from];
    let long = before.last().is_some_and(|group| group.len >= 5);
    let personal =
        matches!(before, [.., date, serial] if matches!(date.len, 6 | 8) && serial.len == 4);
    let area = Piece { run, from, to: from + 1 }.digits()[0] == 0
        && from + 1 < run.groups.len()
        && run.groups[from + 1].sep == Sep::Dash
        && is_tight(text, run, from + 1);
    let exempt = || exempt::covers(text, Piece { run, from: free, to: from }, candidate.options);
    long || personal || area || exempt()
}

/// The longest number from a group on, and one past its last group. In national form at most ten digits come first: Finnish company
/// numbers may be longer, but what follows a number is more often something else.
fn longest(candidate: &Candidate<'_>, run: &Run, from: usize) -> Option<(usize, Match)> {
    let text = candidate.field.text;
    let last = run.groups.len().min(from + GROUPS_MAX);
    let pieces = (from + 1..=last)
        .rev()
        .map(|to| Piece { run, from, to })
        .filter(|piece| (6..=19).contains(&piece.count()) && closes(text, *piece));
    let national = !run.plus || from > 0;
    let is_usual = |piece: &Piece<'_>| national && piece.count() <= NATIONAL_MAX;
    let (usual, others) =
        (pieces.clone().filter(is_usual), pieces.filter(|piece| !is_usual(piece)));
    usual.chain(others).find_map(|piece| Some((piece.to, judge(candidate, piece)?)))
}

/// Whether a number may end there. On web pages the next word is often glued to it: `08-581 690 00Öppet`.
fn closes(text: &[u8], piece: Piece<'_>) -> bool {
    let glued = || {
        let first = char_after(text, piece.end()).filter(|c| c.is_alphabetic());
        let second = first.and_then(|c| char_after(text, piece.end() + c.len_utf8()));
        second.is_some_and(|c| c.is_alphabetic() || c == '-') && piece.groups().len() > 1
    };
    piece.closes(text) || (piece.end() == piece.run.end as usize && glued())
}

/// The claim on a piece of a run, if it is a phone number.
fn judge(candidate: &Candidate<'_>, piece: Piece<'_>) -> Option<Match> {
    let text = candidate.field.text;
    let plus = piece.from == 0 && piece.run.plus;
    let optional_zero = piece.groups().iter().any(|group| group.sep == Sep::Open);
    let number = Number::read(piece.digits(), plus, optional_zero)?;
    if !has_groups(text, piece, number.form) {
        return None;
    }
    let (start, end) = (piece.start(), piece.end());
    // Context is the dearest question: asked when the answer decides.
    let near = || candidate.near(CONTEXT, start, end);
    let locales = candidate.options.locales;
    let grouped = piece.groups().len() > 1;
    let ends = piece.to == piece.run.groups.len();
    let national = Countries::of("SE").with(Countries::of("FI")).with(Countries::of("AX"));
    let confidence = match number.form {
        Form::International if number.kind.is_some() => Confidence::High,
        Form::International if number.is_foreign() && plus => Confidence::Medium,
        Form::International if number.is_foreign() && (grouped || near().is_near()) => {
            Confidence::Low
        }
        Form::Trunk if number.countries.meets(national) && near().is_near() => Confidence::High,
        Form::Trunk
            if number.countries.meets(national) && grouped && number.national.len() >= 6 =>
        {
            Confidence::Medium
        }
        Form::Trunk if number.countries.meets(national) && number.national.len() >= 7 => {
            Confidence::Low
        }
        Form::Bare if number.countries.is_empty() => return None,
        Form::Bare
            if grouped
                && is_nordic_grouping(piece)
                && (number.countries.meets(locales) || near().is_near()) =>
        {
            Confidence::Medium
        }
        Form::Bare => match candidate.before(CONTEXT, start) {
            Near::Adjacent | Near::Before if number.countries.meets(locales) => Confidence::Medium,
            Near::Adjacent if number.national.len() >= 7 => Confidence::Low,
            _ => return None,
        },
        // A mistyped number: nothing may follow it that could be its end.
        Form::International | Form::Trunk
            if ends && number.has_usual_length() && near().is_near() =>
        {
            Confidence::Low
        }
        _ => return None,
    };
    let near = near();
    if number.form != Form::International && candidate.near(REFERENCE, start, end) == Near::Adjacent
    {
        return None;
    }
    let anti = candidate.near(ANTI, start, end).is_near();
    let mut flags = if grouped { Flags::GROUPED } else { Flags::default() };
    if number.is_organization(written_in(piece))
        || candidate.near(ORGANIZATION, start, end).is_near()
    {
        flags = flags.with(Flags::ORG_PHONE);
    }
    let digits = u8::try_from(piece.count()).unwrap_or(u8::MAX);
    Some(Match {
        start: u32::try_from(start).ok()?,
        end: u32::try_from(end).ok()?,
        // `001105-9847` is far more often somebody born in 2000 than a number in America.
        rank: if number.form == Form::International && (plus || !number.is_foreign()) {
            INTERNATIONAL
        } else {
            NATIONAL
        },
        confidence: if anti { confidence.lowered() } else { confidence },
        near,
        attributes: Attributes {
            countries: number.countries,
            flags,
            digits,
            ..Attributes::default()
        },
    })
}

/// Whether the groups are those of a phone number: no colon, a slash only behind the area code, no single digits but codes.
fn has_groups(text: &[u8], piece: Piece<'_>, form: Form) -> bool {
    let groups = piece.groups();
    // A calling code, `(0)` and the area codes of capitals have one digit.
    let codes = if form == Form::International { 4 } else { 0 };
    let usual = groups.iter().enumerate().all(|(at, group)| {
        let sep = match group.sep {
            Sep::Colon | Sep::Plus => at == 0,
            Sep::Slash => at <= 1,
            Sep::None | Sep::Space | Sep::Dash | Sep::Dot | Sep::Open | Sep::Paren => true,
        };
        sep && (group.len >= 2 || at < codes)
    });
    // Dots part the groups of a number alike: `08.581.690.00`. `01.02-05` is something else.
    let dots = groups[1..].iter().filter(|group| group.sep == Sep::Dot).count();
    let alike = dots == 0 || dots + 1 >= groups.len() - 1;
    let few = form == Form::International || groups.len() <= 6;
    let inner = (piece.from + 1..piece.to)
        .all(|at| gap(text, piece.run, at) != b"/" || at == piece.from + 1);
    usual && alike && few && inner && !(form == Form::Trunk && dots > 0 && groups.len() < 3)
}

/// `NN NN NN NN`, `NNN NN NNN`, `NNN NNNN`, `NN NN NN`, `NNN NNN`, `NNNN NNNN`: the groups of countries without a trunk 0.
fn is_nordic_grouping(piece: Piece<'_>) -> bool {
    const SHAPES: &[&[u32]] = &[&[2, 2, 2, 2], &[3, 2, 3], &[3, 4], &[2, 2, 2], &[3, 3], &[4, 4]];
    let dashed = piece.groups()[1..].iter().any(|group| group.sep != Sep::Space);
    SHAPES.iter().any(|shape| piece.has_shape(shape)) && (!dashed || piece.has_shape(&[3, 4]))
}

/// The country whose habit the groups follow: Swedes write a dash behind the area code and pairs at the end. `0800` is a code in Finland only.
fn written_in(piece: Piece<'_>) -> Countries {
    let groups = piece.groups();
    if groups[0].len == 4 && piece.digits().starts_with(&[0, 8, 0, 0]) {
        return Countries::of("FI");
    }
    let dash = groups.get(1).is_some_and(|group| matches!(group.sep, Sep::Dash | Sep::Slash));
    let pairs = groups.len() > 2 && groups.last().is_some_and(|group| group.len == 2);
    match groups.len() {
        1 => Countries::default(),
        _ if dash || pairs => Countries::of("SE"),
        _ => Countries::of("FI"),
    }
}
