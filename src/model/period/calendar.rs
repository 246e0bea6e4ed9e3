//! Periods as people name them, and the units of the calendar.

use std::str::FromStr;

use chrono::{Datelike as _, Months, NaiveDate};

use crate::model::text::Text;

/// A period by its days; both ends belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodDays {
    /// As it was written.
    pub name: Text,
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
}

/// A unit of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A month.
    Month,
    /// A quarter.
    Quarter,
    /// Half a year.
    Half,
    /// A year.
    Year,
}

impl Unit {
    const fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Half => 6,
            Self::Year => 12,
        }
    }

    /// The unit of this length that a day lies in.
    pub fn of(self, day: NaiveDate) -> Option<PeriodDays> {
        let index = day.month0() / self.months();
        let first = NaiveDate::from_ymd_opt(day.year(), index * self.months() + 1, 1)?;
        let last = first.checked_add_months(Months::new(self.months()))?.pred_opt()?;
        let year = day.year();
        let name = match self {
            Self::Month => format!("{year}-{:02}", index + 1),
            Self::Quarter => format!("{year}-Q{}", index + 1),
            Self::Half => format!("{year}-H{}", index + 1),
            Self::Year => year.to_string(),
        };
        Some(PeriodDays { name: name.into(), first, last })
    }

    /// The number of this unit in a year as a word: `quarter`.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Half => "half-year",
            Self::Year => "year",
        }
    }
}

/// Why a text names no period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a period; write `2026`, `2026-H1`, `2026-Q3`, `2026-07` or `2026-07-01..2026-09-30`")]
pub struct NoPeriod {
    text: String,
}

impl FromStr for PeriodDays {
    type Err = NoPeriod;

    fn from_str(text: &str) -> Result<Self, NoPeriod> {
        parse(text).ok_or_else(|| NoPeriod { text: text.to_owned() })
    }
}

fn parse(text: &str) -> Option<PeriodDays> {
    if let Some((first, last)) = text.split_once("..") {
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        return (first <= last).then(|| PeriodDays { name: text.into(), first, last });
    }
    let (year, rest) = text.split_once('-').map_or((text, None), |(year, rest)| (year, Some(rest)));
    let year: i32 = (year.len() == 4).then(|| year.parse().ok())??;
    let (unit, number) = match rest {
        None => (Unit::Year, 1),
        Some(rest) if rest.starts_with('Q') => (Unit::Quarter, rest.get(1..)?.parse().ok()?),
        Some(rest) if rest.starts_with('H') => (Unit::Half, rest.get(1..)?.parse().ok()?),
        Some(rest) if rest.len() == 2 => (Unit::Month, rest.parse().ok()?),
        Some(_) => return None,
    };
    let month: u32 = u32::checked_sub(number, 1)?.checked_mul(unit.months())?.checked_add(1)?;
    unit.of(NaiveDate::from_ymd_opt(year, month, 1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_as_people_name_them() {
        for (text, first, last) in [
            ("2026", "2026-01-01", "2026-12-31"),
            ("2026-H2", "2026-07-01", "2026-12-31"),
            ("2026-Q3", "2026-07-01", "2026-09-30"),
            ("2028-02", "2028-02-01", "2028-02-29"),
            ("2026-07-04..2026-07-04", "2026-07-04", "2026-07-04"),
        ] {
            let found: PeriodDays = text.parse().unwrap();
            assert_eq!((found.first.to_string(), found.last.to_string()), (first.into(), last.into()), "{text}");
            assert_eq!(found.name, *text);
        }
        for text in [
            "",
            "26",
            "2026-Q5",
            "2026-Q0",
            "2026-13",
            "2026-00",
            "2026-H3",
            "2026-7",
            "2026-07-02..2026-07-01",
            "2026-07-01",
            "2026-Q99999999999",
            "last year",
            "2026-QQ",
            "20261-Q1",
            "..",
            "2026-é1",
        ] {
            assert!(text.parse::<PeriodDays>().is_err(), "{text}");
        }
    }
}
