//! A phone number taken apart: form, country, national number.

use super::super::number::Digits;
use super::plan::{Kind, PLANS, Plan};
use crate::finding::Countries;

/// Digits of the longest national number of a country without a trunk 0: those of Iceland.
const BARE_MAX: usize = 9;

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// With the calling code, behind `+` or `00`.
    International,
    /// With the trunk 0.
    Trunk,
    /// The national number as it is, in countries without a trunk 0.
    Bare,
}

/// What the digits of a number say.
#[derive(Clone, Debug)]
pub(super) struct Number {
    pub(super) form: Form,
    /// Every country whose plan has the number; `XX` for a country without a plan here.
    pub(super) countries: Countries,
    /// What the first of these plans says.
    pub(super) kind: Option<Kind>,
    /// The national number, without trunk 0; all digits behind the `+` for countries without a plan.
    pub(super) national: Digits,
}

impl Number {
    /// Takes digits apart. `None` if they are too few or too many for the form.
    pub(super) fn read(digits: &[u8], plus: bool, optional_zero: bool) -> Option<Self> {
        let abroad = match digits {
            digits if plus => Some(digits),
            [0, 0, digits @ ..] => Some(digits),
            _ => None,
        };
        match (abroad, digits) {
            (Some(digits), _) => Self::international(digits, optional_zero),
            (None, [0, national @ ..]) => Some(Self::national(Form::Trunk, national)),
            (None, national) if national.len() > BARE_MAX => None,
            (None, national) => Some(Self::national(Form::Bare, national)),
        }
    }

    fn international(digits: &[u8], optional_zero: bool) -> Option<Self> {
        let form = Form::International;
        let coded = PLANS.iter().filter(|plan| digits.starts_with(plan.code));
        let Some(first) = coded.clone().next() else {
            let plausible = (7..=15).contains(&digits.len()) && digits[0] != 0;
            let countries = Countries::of("XX");
            return plausible.then(|| Self {
                form,
                countries,
                kind: None,
                national: digits.into(),
            });
        };
        let mut national = &digits[first.code.len()..];
        if (first.trunk || optional_zero) && national.first() == Some(&0) {
            national = &national[1..];
        }
        Some(Self::in_plans(form, coded, national))
    }

    fn national(form: Form, national: &[u8]) -> Self {
        let trunk = form == Form::Trunk;
        Self::in_plans(form, PLANS.iter().filter(|plan| plan.trunk == trunk), national)
    }

    fn in_plans<'p>(
        form: Form,
        plans: impl IntoIterator<Item = &'p Plan>,
        national: &[u8],
    ) -> Self {
        let mut found =
            Self { form, countries: Countries::default(), kind: None, national: national.into() };
        for plan in plans {
            // Åland shares the plan of Finland: only its own numbers are its own.
            let shared =
                plan.country == Countries::of("AX") && found.countries.meets(Countries::of("FI"));
            let Some(kind) = plan.kind(national).filter(|_| !shared) else { continue };
            found.kind = found.kind.or(Some(kind));
            found.countries = found.countries.with(plan.country);
        }
        found
    }

    /// Whether it is a number of a country without a plan here.
    pub(super) fn is_foreign(&self) -> bool {
        self.countries == Countries::of("XX")
    }

    /// Whether it has as many digits as numbers of its form usually have: a mistyped number keeps its length.
    pub(super) fn has_usual_length(&self) -> bool {
        match self.form {
            Form::International | Form::Trunk => (7..=9).contains(&self.national.len()),
            Form::Bare => false,
        }
    }

    /// Whether only an organization has such a number: in the country whose habit of writing it follows, or in all.
    pub(super) fn is_organization(&self, written_in: Countries) -> bool {
        let mut kinds = self.plans().map(|plan| (plan.country, plan.kind(&self.national)));
        let organization = |kind: Option<Kind>| kind.is_some_and(Kind::is_organization);
        match kinds.clone().find(|(country, _)| country.meets(written_in)) {
            Some((_, kind)) => organization(kind),
            None => kinds.clone().next().is_some() && kinds.all(|(_, kind)| organization(kind)),
        }
    }

    fn plans(&self) -> impl Iterator<Item = &'static Plan> + Clone + use<> {
        let countries = self.countries;
        PLANS.iter().filter(move |plan| countries.meets(plan.country))
    }

    /// Appends the number in E.164 form without `+`. A national number that fits several countries is taken for a mobile number before
    /// others, then for one of the locales: every spelling gives the same bytes.
    pub(super) fn canonical(&self, locales: Countries, out: &mut Vec<u8>) {
        let likely = |plan: &&Plan| {
            let mobile = plan.kind(&self.national) == Some(Kind::Mobile);
            (plan.country.meets(locales), mobile)
        };
        // The first of equals, so the order of the plans decides.
        let best = self.plans().fold(None, |best: Option<&Plan>, plan| match best {
            Some(best) if likely(&best) >= likely(&plan) => Some(best),
            _ => Some(plan),
        });
        let code = best.map_or(&[][..], |plan| plan.code);
        out.extend(code.iter().chain(&self.national).map(|digit| digit + b'0'));
    }
}
