//! The days of one verdict: what each character means, and where runs of them lie.

use chrono::NaiveDate;

use crate::model::assessment::Verdict;

use super::heat::{Glyph, Mark, shifted};

/// What is known of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Day {
    Good,
    None,
    Bad,
    Before,
    Open,
}

impl Day {
    pub(super) const ALL: [Self; 5] = [Self::Good, Self::None, Self::Bad, Self::Open, Self::Before];

    const fn of(c: char) -> Self {
        match c {
            '+' => Self::Good,
            '-' => Self::None,
            'x' => Self::Bad,
            '.' => Self::Before,
            _ => Self::Open,
        }
    }

    /// How it is drawn.
    pub(super) const fn mark(self) -> Mark {
        let (class, glyph) = match self {
            Self::Good => ("good", Glyph::Nothing),
            Self::None => ("none", Glyph::Bar),
            Self::Bad => ("bad", Glyph::Cross),
            Self::Before => ("before", Glyph::Nothing),
            Self::Open => ("open", Glyph::Dot),
        };
        Mark { class, glyph, words: self.words() }
    }

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Good => "usable recovery point",
            Self::None => "none",
            Self::Bad => "only failed or unusable attempts",
            Self::Before => "before the resource existed",
            Self::Open => "not known",
        }
    }
}

/// One verdict's days.
pub(super) struct Line<'a> {
    pub(super) verdict: &'a Verdict,
    pub(super) from: NaiveDate,
    pub(super) days: Vec<Day>,
}

/// Equal days in a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) day: Day,
    pub(super) start: u64,
    pub(super) length: u64,
}

impl<'a> Line<'a> {
    /// Read them from the facts `days` and `days_from`; nothing if there are none that can be read.
    pub(super) fn of(verdict: &'a Verdict) -> Option<Self> {
        let from = verdict.fact("days_from")?.to_string();
        let from = NaiveDate::parse_from_str(from.get(..10)?, "%Y-%m-%d").ok()?;
        let days: Vec<Day> = verdict.fact("days")?.to_string().chars().map(Day::of).collect();
        (!days.is_empty() && days.len() <= 3_700 && shifted(from, days.len() as u64).is_some()).then_some(Self {
            verdict,
            from,
            days,
        })
    }

    pub(super) fn count(&self, day: Day) -> usize {
        self.days.iter().filter(|known| **known == day).count()
    }

    /// Days without a usable copy, and days of which it is not known.
    pub(super) fn missed(&self) -> (usize, usize) {
        (self.count(Day::None) + self.count(Day::Bad), self.count(Day::Open))
    }

    /// Whether there is such a day.
    pub(super) fn has_holes(&self) -> bool {
        self.missed() != (0, 0)
    }

    pub(super) fn stretches(&self) -> Vec<Stretch> {
        let mut start = 0;
        let stretch = |days: &[Day]| {
            let length = days.len() as u64;
            start += length;
            days.first().map(|day| Stretch { day: *day, start: start - length, length })
        };
        self.days.chunk_by(|a, b| a == b).filter_map(stretch).collect()
    }

    /// `2026-11-19 to 2026-11-21 none`, for each stretch without a usable copy; the first few.
    pub(super) fn holes(&self, most: usize) -> String {
        let holes: Vec<Stretch> =
            self.stretches().into_iter().filter(|stretch| !matches!(stretch.day, Day::Good | Day::Before)).collect();
        let mut parts: Vec<String> = holes.iter().take(most).map(|hole| self.dates(hole)).collect();
        if holes.len() > most {
            parts.push(format!("and {} more", holes.len() - most));
        }
        if parts.is_empty() { "no such day".to_owned() } else { parts.join("; ") }
    }

    fn dates(&self, stretch: &Stretch) -> String {
        let day = |offset| shifted(self.from, offset).map(|day| day.to_string()).unwrap_or_default();
        let first = day(stretch.start);
        let to =
            if stretch.length > 1 { format!(" to {}", day(stretch.start + stretch.length - 1)) } else { String::new() };
        format!("{first}{to} {}", stretch.day.words())
    }
}
