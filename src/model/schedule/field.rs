//! One field of a cron expression: its range, its names, and lists, ranges and steps over them.

use std::fmt;

use super::error::ScheduleError;

/// A field of an AWS cron expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// 0 to 59.
    Minutes,
    /// 0 to 23.
    Hours,
    /// 1 to 31.
    DayOfMonth,
    /// 1 to 12, or JAN to DEC.
    Month,
    /// 1 (Sunday) to 7 (Saturday), or SUN to SAT.
    DayOfWeek,
    /// 1970 to 2199.
    Year,
}

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Field {
    /// Lowest and highest value.
    pub(super) fn limits(self) -> (u32, u32) {
        match self {
            Field::Minutes => (0, 59),
            Field::Hours => (0, 23),
            Field::DayOfMonth => (1, 31),
            Field::Month => (1, 12),
            Field::DayOfWeek => (1, 7),
            Field::Year => (1970, 2199),
        }
    }

    /// What the field allows, in words for an error message.
    pub(super) fn allowed(self) -> &'static str {
        match self {
            Field::Minutes => "0-59, `*`, lists `5,35`, ranges `10-20` and steps `0/15`",
            Field::Hours => "0-23, `*`, lists `8,20`, ranges `20-2` and steps `0/12`",
            Field::DayOfMonth => "1-31, `*`, `?`, lists `1,15`, ranges `1-7`, steps `1/5`, `L`, `L-3`, `15W` and `LW`",
            Field::Month => "1-12 or JAN-DEC, `*`, lists `JAN,JUL`, ranges `NOV-FEB` and steps `1/3`",
            Field::DayOfWeek => {
                "1-7 (1 is Sunday) or SUN-SAT, `*`, `?`, lists `MON,FRI`, ranges `FRI-MON`, `L`, `6L` and a single `6#3`"
            }
            Field::Year => "1970-2199, `*`, lists `2026,2028`, rising ranges `2026-2030` and steps `2026/2`",
        }
    }

    /// The error that refuses `text` in this field.
    pub(super) fn refuse(self, text: &str) -> ScheduleError {
        ScheduleError::Field { field: self, text: text.to_owned() }
    }

    /// A single value: a number in range, or a name where the field has names.
    pub(super) fn value(self, text: &str) -> Option<u32> {
        let names = match self {
            Field::Month => MONTHS,
            Field::DayOfWeek => WEEKDAYS,
            _ => &[],
        };
        if let Some(index) = names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
            return u32::try_from(index + 1).ok();
        }
        let (low, high) = self.limits();
        number(text).filter(|value| (low..=high).contains(value))
    }

    /// The values of one list item: `*`, `a`, `a-b`, each with or without `/step`.
    ///
    /// A range may run over the end of the field (`20-2`, `FRI-MON`), except in the year field:
    /// years do not come round again. `a/step` runs from `a` to the end of the field, so `13/12`
    /// in the hours is 13 only.
    pub(super) fn item(self, text: &str) -> Option<Vec<u32>> {
        let (low, high) = self.limits();
        let (base, step) = match text.split_once('/') {
            // The documentation lists no step for the day of week.
            Some(_) if self == Field::DayOfWeek => return None,
            Some((base, step)) => (base, Some(number(step).filter(|step| *step > 0)?)),
            None => (text, None),
        };
        let (first, last) = if base == "*" {
            (low, high)
        } else if let Some((first, last)) = base.split_once('-') {
            (self.value(first)?, self.value(last)?)
        } else {
            let first = self.value(base)?;
            (first, if step.is_some() { high } else { first })
        };
        if first > last && self == Field::Year {
            return None;
        }
        let size = high - low + 1;
        let length = (last + size - first) % size;
        let values = (0..=length)
            .filter(|offset| offset.is_multiple_of(step.unwrap_or(1)))
            .map(|offset| low + (first - low + offset) % size);
        Some(values.collect())
    }

    /// The values of a comma-separated list, ascending, without duplicates.
    pub(super) fn list(self, text: &str) -> Result<Vec<u32>, ScheduleError> {
        let mut values = Vec::new();
        for item in text.split(',') {
            values.extend(self.item(item).ok_or_else(|| self.refuse(text))?);
        }
        values.sort_unstable();
        values.dedup();
        Ok(values)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Field::Minutes => "minutes",
            Field::Hours => "hours",
            Field::DayOfMonth => "day-of-month",
            Field::Month => "month",
            Field::DayOfWeek => "day-of-week",
            Field::Year => "year",
        })
    }
}

/// A number written in digits only; `str::parse` alone would take `+5` as well.
pub(super) fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}
