//! The two day fields of a cron expression, of which exactly one counts.

use chrono::{Datelike, NaiveDate, Weekday};

use super::error::ScheduleError;
use super::field::{Field, number};

/// The days on which a cron expression fires, months and years aside.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Days {
    OfMonth(Vec<MonthDay>),
    OfWeek(Vec<WeekDay>),
}

/// One item of the day-of-month field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum MonthDay {
    /// `15`.
    Day(u32),
    /// `L` is 0 days before the end of the month, `L-3` three.
    BeforeEnd(u32),
    /// `15W`: Monday to Friday nearest to the 15th, in the same month.
    NearestWeekday(u32),
    /// `LW`: last Monday to Friday of the month.
    LastWeekday,
}

/// One item of the day-of-week field; days count from 1, Sunday.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum WeekDay {
    /// `6`: every Friday.
    Every(u32),
    /// `6L`: the last Friday of the month.
    Last(u32),
    /// `6#3`: the third Friday of the month.
    Nth(u32, u32),
}

impl Days {
    /// Reads both day fields; exactly one of them is `?`.
    pub(super) fn parse(day_of_month: &str, day_of_week: &str) -> Result<Days, ScheduleError> {
        match (day_of_month, day_of_week) {
            (text, "?") if text != "?" => {
                let items = items(Field::DayOfMonth, text, month_day)?;
                Ok(Days::OfMonth(items))
            }
            ("?", text) if text != "?" => {
                // AWS: with `#` the field takes one expression only, `3#1,6#3` is not valid.
                if text.contains('#') && text.contains(',') {
                    return Err(Field::DayOfWeek.refuse(text));
                }
                let items = items(Field::DayOfWeek, text, week_day)?;
                Ok(Days::OfWeek(items))
            }
            _ => Err(ScheduleError::QuestionMark {
                day_of_month: day_of_month.to_owned(),
                day_of_week: day_of_week.to_owned(),
            }),
        }
    }

    /// Whether `date` is one of the days.
    pub(super) fn contain(&self, date: NaiveDate) -> bool {
        match self {
            Days::OfMonth(items) => items.iter().any(|item| item.is(date)),
            Days::OfWeek(items) => items.iter().any(|item| item.is(date)),
        }
    }
}

/// Reads a comma-separated field whose items are `special`, or else ordinary values.
fn items<T>(field: Field, text: &str, special: impl Fn(&str) -> Option<Vec<T>>) -> Result<Vec<T>, ScheduleError> {
    let mut all = Vec::new();
    for item in text.split(',') {
        all.extend(special(item).ok_or_else(|| field.refuse(text))?);
    }
    Ok(all)
}

fn month_day(item: &str) -> Option<Vec<MonthDay>> {
    let upper = item.to_ascii_uppercase();
    if upper == "L" {
        return Some(vec![MonthDay::BeforeEnd(0)]);
    }
    if upper == "LW" {
        return Some(vec![MonthDay::LastWeekday]);
    }
    // `L-3` is not in the AWS documentation but is part of the dialect that it describes.
    if let Some(before) = upper.strip_prefix("L-") {
        let days = number(before).filter(|days| (1..=30).contains(days))?;
        return Some(vec![MonthDay::BeforeEnd(days)]);
    }
    if let Some(day) = upper.strip_suffix('W') {
        return Some(vec![MonthDay::NearestWeekday(Field::DayOfMonth.value(day)?)]);
    }
    let values = Field::DayOfMonth.item(item)?;
    Some(values.into_iter().map(MonthDay::Day).collect())
}

fn week_day(item: &str) -> Option<Vec<WeekDay>> {
    let field = Field::DayOfWeek;
    if let Some((day, nth)) = item.split_once('#') {
        let nth = number(nth).filter(|nth| (1..=5).contains(nth))?;
        return Some(vec![WeekDay::Nth(field.value(day)?, nth)]);
    }
    if item.eq_ignore_ascii_case("L") {
        // AWS: "the last day of the ... week"; the week runs from Sunday to Saturday.
        return Some(vec![WeekDay::Every(7)]);
    }
    if let Some(day) = item.strip_suffix(['L', 'l']) {
        return Some(vec![WeekDay::Last(field.value(day)?)]);
    }
    Some(field.item(item)?.into_iter().map(WeekDay::Every).collect())
}

impl MonthDay {
    fn is(&self, date: NaiveDate) -> bool {
        let day = date.day();
        let length = u32::from(date.num_days_in_month());
        match *self {
            MonthDay::Day(wanted) => day == wanted,
            MonthDay::BeforeEnd(before) => day + before == length,
            MonthDay::NearestWeekday(wanted) => nearest_weekday(date, wanted) == Some(day),
            MonthDay::LastWeekday => nearest_weekday(date, length) == Some(day),
        }
    }
}

impl WeekDay {
    fn is(&self, date: NaiveDate) -> bool {
        let on = |wanted: u32| date.weekday().number_from_sunday() == wanted;
        match *self {
            WeekDay::Every(wanted) => on(wanted),
            WeekDay::Last(wanted) => on(wanted) && date.day() + 7 > u32::from(date.num_days_in_month()),
            WeekDay::Nth(wanted, nth) => on(wanted) && (date.day() - 1) / 7 + 1 == nth,
        }
    }
}

/// The day of `date`'s month that is a Monday to Friday and nearest to day `wanted`.
///
/// It stays inside the month. *Assumption*: a month without that day (`31W` in June) has none.
fn nearest_weekday(date: NaiveDate, wanted: u32) -> Option<u32> {
    let target = date.with_day(wanted)?;
    let last = u32::from(date.num_days_in_month());
    Some(match target.weekday() {
        Weekday::Sat if wanted == 1 => wanted + 2,
        Weekday::Sat => wanted - 1,
        Weekday::Sun if wanted == last => wanted - 2,
        Weekday::Sun => wanted + 1,
        _ => wanted,
    })
}
