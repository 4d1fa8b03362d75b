//! Dates, times, statute numbers, amounts: what may stand in a row that is exempt.
//!
//! A row is read from the left. `strong` items make it exempt; `weak` ones (a single time, a year, a small number such as the `12` of
//! `1998:204 12 §`) may stand beside a strong one.

use super::super::Options;
use super::super::number::{Piece, gap, is_tight, value};
use super::super::run::{DIGITS_MAX, Run, Sep};
use super::currency::{unit_after, unit_before};
use crate::calendar::Date;

const YOUNG: u16 = 15; // years: a date-like number of 12 digits is a timestamp rather than a person, if it is younger
const OFFSET_MAX: u32 = 1400; // hours and minutes from Greenwich
const YEARS_MAX: u32 = 300; // of a range: a longer one is more likely a number
const SMALL_DIGITS: usize = 5; // of weak numbers in a row: more may be a number of its own

/// What the last item of a row is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Other,
    /// A time: two of them are a range.
    Time,
    /// A number of one or two digits, such as the first day of `12-15.3.2021`.
    Day,
}

/// What a row of items is so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct State {
    reached: bool,
    strong: bool,
    last: Last,
    /// Digits of weak numbers at the end.
    small: usize,
}

/// One past the last group of the longest exempt row from group `from` on, among the ends that `ends` allows.
pub(super) fn longest(
    text: &[u8],
    run: &Run,
    options: &Options,
    from: usize,
    ends: impl Fn(usize) -> bool,
) -> Option<usize> {
    let row = Row { text, run, options };
    let mut states = [State::default(); DIGITS_MAX + 1];
    states[from].reached = true;
    let mut found = None;
    for at in from..run.groups.len() {
        let state = states[at];
        if !state.reached || !(at == from || row.may_part(at)) {
            continue;
        }
        row.each_item(at, |item| {
            let Some(next) = row.after(state, at, at == from, item) else { return };
            let to = at + item.groups;
            if !states[to].reached || (next.strong && !states[to].strong) {
                states[to] = next;
            }
            if next.strong && ends(to) {
                found = found.max(Some(to));
            }
        });
    }
    found
}

/// Whether a piece of 8 and 4 or 6 digits is `YYYYMMDD-HHMM(SS)`, and too young to be a person who writes.
pub(in super::super) fn is_timestamp(piece: Piece<'_>, options: &Options) -> bool {
    let digits = piece.digits();
    let shaped = piece.has_shape(&[8, 4]) || piece.has_shape(&[8, 6]);
    if !shaped || !matches!(piece.groups()[1].sep, Sep::Dash | Sep::Space) {
        return false;
    }
    let two = |at: usize| value(&digits[at..at + 2]);
    let year = u16::try_from(value(&digits[..4])).unwrap_or(0);
    let date = Date::new(year, digits[4] * 10 + digits[5], digits[6] * 10 + digits[7]);
    let time = two(8) < 24 && two(10) < 60 && (digits.len() == 12 || two(12) < 60);
    date.is_some() && time && year + YOUNG > options.reference_date.year()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Strong,
    Time,
    /// A year, a day and month, a small number.
    Weak,
}

#[derive(Clone, Copy, Debug)]
struct Item {
    kind: Kind,
    groups: usize,
}

#[derive(Clone, Copy)]
struct Row<'t> {
    text: &'t [u8],
    run: &'t Run,
    options: &'t Options,
}

impl Row<'_> {
    /// Whether what stands before group `at` may stand between two items.
    fn may_part(&self, at: usize) -> bool {
        matches!(self.run.groups[at].sep, Sep::Space | Sep::Dash | Sep::Paren)
    }

    /// The state behind an item, if the item may follow.
    fn after(&self, state: State, at: usize, first: bool, item: Item) -> Option<State> {
        let tight =
            !first && self.run.groups[at].sep == Sep::Dash && is_tight(self.text, self.run, at);
        let digits: usize = (at..at + item.groups).map(|group| self.len(group)).sum();
        let mut next = State { reached: true, strong: state.strong, ..State::default() };
        match item.kind {
            // A weak number before a dash is the first day of a range, nothing longer.
            _ if tight && state.small > 0 && !(state.last == Last::Day) => return None,
            // `8.00-16`: an hour closes a range of times.
            Kind::Weak if tight && (state.last == Last::Time) && digits <= 2 => next.strong = true,
            Kind::Weak if tight && !((state.last == Last::Day) && digits <= 2) => return None,
            Kind::Strong => next.strong = true,
            Kind::Time => {
                next.strong |= (state.last == Last::Time) || ((state.last == Last::Day) && tight);
                next.last = Last::Time;
            }
            Kind::Weak => {
                next.small = state.small + digits;
                if digits <= 2 || item.groups == 2 {
                    next.last = Last::Day;
                }
            }
        }
        (next.small <= SMALL_DIGITS).then_some(next)
    }

    fn each_item(&self, at: usize, mut give: impl FnMut(Item)) {
        // A timestamp is all that begins with more than four digits.
        if self.len(at) > 4 {
            if !self.options.strict
                && self.exists(at + 1)
                && is_timestamp(self.piece(at, at + 2), self.options)
            {
                give(Item { kind: Kind::Strong, groups: 2 });
            }
            return;
        }
        let mut item = |kind, groups| give(Item { kind, groups });
        let date = self.is_date(at);
        if date || self.is_iso_date(at) {
            item(Kind::Strong, 3);
        }
        for groups in self.dated_time(at).into_iter().flatten() {
            item(Kind::Strong, groups);
        }
        if let Some(groups) = self.fraction_of_time(at) {
            item(Kind::Strong, groups);
        }
        if self.is_time(at) {
            item(Kind::Time, 2);
            if self.is_tight_by(at + 2, &[Sep::Colon, Sep::Dot]) && self.is_two(at + 2, 59) {
                item(Kind::Time, 3);
            }
        }
        // `8-16.30` and `8.00-16`: an hour beside a time. `12-15.3.2021`: a day. `15.3-20.4.2021`: day and month.
        if self.len(at) <= 2 {
            item(Kind::Weak, 1);
        }
        if self.is_day_and_month(at) {
            item(Kind::Weak, 2);
        }
        if self.options.strict {
            return;
        }
        if matches!(self.len(at), 3) || (self.len(at) == 4 && self.is_between(at, 1800, 2099)) {
            item(Kind::Weak, 1);
        }
        // `28.12.2007/1497`: the day of a Finnish statute and its number.
        if date && self.is_tight_by(at + 3, &[Sep::Slash]) && self.len(at + 3) <= 4 {
            item(Kind::Strong, 4);
        }
        if self.is_range_of_years(at) {
            item(Kind::Strong, 2);
        }
        for groups in [self.statute(at), self.scale(at)].into_iter().flatten() {
            item(Kind::Strong, groups);
        }
        if let Some(groups) = self.amount(at) {
            item(Kind::Strong, groups);
        }
    }

    /// `2021-11-15`, `2021.11.15`, `2021/11/15`.
    fn is_iso_date(&self, at: usize) -> bool {
        let seps = [Sep::Dash, Sep::Dot, Sep::Slash];
        self.is_between(at, 1900, 2099)
            && self.len(at) == 4
            && self.is_tight_by(at + 1, &seps)
            && self.is_tight_by(at + 2, &[self.run.groups[at + 1].sep])
            && self.is_month(at + 1)
            && self.is_day(at + 2)
    }

    /// `15.11.2021`, `15/11/21`, `15-11-2021`, `15/11-2021`, `15/11 2021`, `11/15/2021`.
    fn is_date(&self, at: usize) -> bool {
        let american = self.is_month(at)
            && self.is_day(at + 1)
            && self.exists(at + 2)
            && self.run.groups[at + 2].sep == Sep::Slash;
        let usual = self.is_day(at) && self.is_month(at + 1);
        if !self.exists(at + 2) || !(usual || american) {
            return false;
        }
        let (first, second) = (self.run.groups[at + 1].sep, self.run.groups[at + 2].sep);
        let year = self.len(at + 2) == 4 && self.is_between(at + 2, 1700, 2099);
        let short = self.len(at + 2) == 2;
        let tight = [at + 1, at + 2].map(|at| is_tight(self.text, self.run, at));
        match (first, second) {
            (Sep::Dot, Sep::Dot) | (Sep::Slash, Sep::Slash) => {
                tight == [true; 2] && (year || short)
            }
            (Sep::Dash, Sep::Dash) => tight == [true; 2] && year,
            (Sep::Slash, Sep::Dash | Sep::Space) => {
                tight[0] && (year || second == Sep::Dash && short)
            }
            _ => false,
        }
    }

    /// `15.3` or `15/3`.
    fn is_day_and_month(&self, at: usize) -> bool {
        self.is_day(at)
            && self.is_tight_by(at + 1, &[Sep::Dot, Sep::Slash])
            && self.is_month(at + 1)
    }

    /// `00:01:02.345`, `01:02.345`: number of groups.
    fn fraction_of_time(&self, at: usize) -> Option<usize> {
        let two = |at: usize| self.is_tight_by(at, &[Sep::Colon]) && self.is_two(at, 59);
        let parts = 1 + (at + 1..=at + 2).take_while(|at| two(*at)).count();
        let fraction = self.is_tight_by(at + parts, &[Sep::Dot]) && self.len(at + parts) == 3;
        (parts > 1 && self.is_two(at, 59) && fraction).then_some(parts + 1)
    }

    /// `8.00`, `16:30`.
    fn is_time(&self, at: usize) -> bool {
        self.len(at) <= 2
            && self.is_between(at, 0, 24)
            && self.is_tight_by(at + 1, &[Sep::Colon, Sep::Dot])
            && self.is_two(at + 1, 59)
    }

    /// The numbers of `23 februari 2011 14:01`, `26 Jul 2002 07:06:01 -0400`, `04/Mar/2025:09:12:33` of a web server's log and
    /// `Fri Jul 19 22:24:10 2002`; a time with an offset. Number of groups of each.
    fn dated_time(&self, at: usize) -> [Option<usize>; 3] {
        let spaced = |at: usize| self.exists(at) && self.run.groups[at].sep == Sep::Space;
        let seconds = |at: usize| {
            self.is_time(at) && self.is_tight_by(at + 2, &[Sep::Colon]) && self.is_two(at + 2, 59)
        };
        let offset = |at: usize| {
            let dash = self.exists(at) && self.run.groups[at].sep == Sep::Dash;
            usize::from(dash && self.len(at) == 4 && self.is_between(at, 0, OFFSET_MAX))
        };
        let time = |at: usize| {
            let short = self.is_time(at).then_some(2);
            if seconds(at) { Some(3 + offset(at + 3)) } else { short }
        };
        let logged = self.is_tight_by(at + 1, &[Sep::Colon]) && seconds(at + 1);
        let timed = self.is_year(at) && (spaced(at + 1) || logged);
        let after_year = timed.then(|| time(at + 1)).flatten();
        let before_year = self.is_day(at)
            && spaced(at + 1)
            && seconds(at + 1)
            && spaced(at + 4)
            && self.is_year(at + 4);
        let with_offset = seconds(at) && offset(at + 3) == 1;
        [after_year.map(|groups| 1 + groups), before_year.then_some(5), with_offset.then_some(4)]
    }

    fn is_year(&self, at: usize) -> bool {
        self.len(at) == 4 && self.is_between(at, 1900, 2099)
    }

    /// `1733-1849`, `2019/2020`: years, or hours without a separator.
    fn is_range_of_years(&self, at: usize) -> bool {
        if self.len(at) != 4 || self.len(at + 1) != 4 {
            return false;
        }
        let [first, second] = [at, at + 1].map(|at| u32::from(self.run.groups[at].value));
        let by_dash = matches!(self.run.groups[at + 1].sep, Sep::Dash | Sep::Slash);
        by_dash
            && first >= 1000
            && second <= 2099
            && (1..=YEARS_MAX).contains(&second.wrapping_sub(first))
    }

    /// `1:100 000`: number of groups.
    fn scale(&self, at: usize) -> Option<usize> {
        let one = self.len(at) == 1 && self.is_between(at, 1, 1);
        if !one || !self.is_tight_by(at + 1, &[Sep::Colon]) || self.len(at + 1) > 3 {
            return None;
        }
        let thousands = self.run.groups[at + 2..]
            .iter()
            .take_while(|group| group.len == 3 && group.sep == Sep::Space)
            .count();
        (thousands > 0).then_some(2 + thousands)
    }

    /// `1998:204`, `2009/10:80`, `661/2019`, `2016/679`: number of groups.
    fn statute(&self, at: usize) -> Option<usize> {
        let short = |at: usize| self.exists(at) && self.len(at) <= 4;
        let year = |at, first| self.len(at) == 4 && self.is_between(at, first, 2099);
        if self.is_tight_by(at + 1, &[Sep::Slash]) {
            let session =
                year(at, 1800) && self.is_tight_by(at + 2, &[Sep::Colon]) && short(at + 2);
            if session && matches!(self.len(at + 1), 2 | 4) {
                return Some(3);
            }
            let either = (year(at, 1900) && short(at + 1)) || (short(at) && year(at + 1, 1800));
            return either.then_some(2);
        }
        let colon = self.is_tight_by(at + 1, &[Sep::Colon]);
        (colon && year(at, 1600) && short(at + 1)).then_some(2)
    }

    /// `1 250 000 kr`, `€ 1.250.000,00`, `1 250 000-1 500 000 kr`: number of groups.
    fn amount(&self, at: usize) -> Option<usize> {
        let seps = [Sep::Space, Sep::Dot];
        let next = self.run.groups.get(at + 1)?;
        if next.len != 3 {
            return None;
        }
        let sep = next.sep;
        let thousands = self.run.groups[at + 1..]
            .iter()
            .take_while(|group| group.len == 3 && group.sep == sep)
            .count();
        let to = at + 1 + thousands;
        let digits = self.piece(at, to).digits();
        if thousands == 0 || self.len(at) > 3 || digits[0] == 0 || !seps.contains(&sep) {
            return None;
        }
        let (start, end) = (self.run.groups[at].start as usize, self.piece(at, to).end());
        let ranged = || {
            let more = self.run.groups.get(to).filter(|group| group.sep == Sep::Dash);
            more.is_some() && self.amount(to).is_some()
        };
        (unit_after(self.text, end) || unit_before(self.text, start) || ranged()).then_some(to - at)
    }

    fn exists(&self, at: usize) -> bool {
        at < self.run.groups.len()
    }

    fn len(&self, at: usize) -> usize {
        self.run.groups.get(at).map_or(usize::MAX, |group| group.len as usize)
    }

    fn piece(&self, from: usize, to: usize) -> Piece<'_> {
        Piece { run: self.run, from, to }
    }

    fn is_between(&self, at: usize, low: u32, high: u32) -> bool {
        let value = self.run.groups.get(at).map_or(u16::MAX, |group| group.value);
        (low..=high).contains(&u32::from(value))
    }

    fn is_day(&self, at: usize) -> bool {
        self.len(at) <= 2 && self.is_between(at, 1, 31)
    }

    fn is_month(&self, at: usize) -> bool {
        self.len(at) <= 2 && self.is_between(at, 1, 12)
    }

    fn is_two(&self, at: usize, high: u32) -> bool {
        self.len(at) == 2 && self.is_between(at, 0, high)
    }

    fn is_tight_by(&self, at: usize, seps: &[Sep]) -> bool {
        self.exists(at)
            && seps.contains(&self.run.groups[at].sep)
            && gap(self.text, self.run, at).len() == 1
    }
}
