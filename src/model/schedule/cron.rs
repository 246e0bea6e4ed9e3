//! `cron(...)`: the six fields and the days and minutes on which they fire.

use chrono::{DateTime, Datelike, Days as DayCount, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use super::days::Days;
use super::error::ScheduleError;
use super::field::Field;
use super::zone::{MissingLocalTime, instant};

/// A cron expression of AWS, without its time zone.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cron {
    /// Times of day, ascending.
    times: Vec<NaiveTime>,
    days: Days,
    months: Vec<u32>,
    /// `None` for every year.
    years: Option<Vec<u32>>,
}

impl Cron {
    /// Reads what stands between the parentheses of `cron(...)`.
    pub(super) fn parse(body: &str) -> Result<Cron, ScheduleError> {
        let fields: Vec<&str> = body.split_whitespace().collect();
        let [minutes, hours, day_of_month, month, day_of_week, year] = fields.as_slice() else {
            return Err(ScheduleError::FieldCount { fields: body.to_owned(), found: fields.len() });
        };
        let minutes = Field::Minutes.list(minutes)?;
        let hours = Field::Hours.list(hours)?;
        let times = hours
            .iter()
            .flat_map(|hour| minutes.iter().map(move |minute| (*hour, *minute)))
            .filter_map(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0))
            .collect();
        let days = Days::parse(day_of_month, day_of_week)?;
        let months = Field::Month.list(month)?;
        let years = match *year {
            "*" => None,
            text => Some(Field::Year.list(text)?),
        };
        Ok(Cron { times, days, months, years })
    }

    /// Whether the year field is anything but `*`.
    pub(super) fn names_years(&self) -> bool {
        self.years.is_some()
    }

    /// Start instants in `[from, to)`, ascending, without duplicates.
    pub(super) fn occurrences(
        &self,
        zone: Tz,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        missing: MissingLocalTime,
    ) -> Vec<DateTime<Utc>> {
        // A local date is at most a day away from the UTC date, and shifting can add another:
        // Samoa once left out a whole day.
        let margin = DayCount::new(2);
        let first = from.date_naive().checked_sub_days(margin);
        let last = to.date_naive().checked_add_days(margin);
        let first = first.unwrap_or(NaiveDate::MIN).max(DateTime::UNIX_EPOCH.date_naive());
        let last = last.unwrap_or(NaiveDate::MAX).min(end_of_time().date_naive());

        let mut found: Vec<_> = first
            .iter_days()
            .take_while(|date| *date <= last)
            .filter(|date| self.fires_on(*date))
            .flat_map(|date| self.times.iter().map(move |time| date.and_time(*time)))
            .filter_map(|local| instant(zone, local, missing))
            .filter(|at| (from..to).contains(at))
            .collect();
        // Shifting moves a start past, or onto, a later one of the same schedule.
        found.sort_unstable();
        found.dedup();
        found
    }

    fn fires_on(&self, date: NaiveDate) -> bool {
        let (low, high) = Field::Year.limits();
        let Ok(year) = u32::try_from(date.year()) else {
            return false;
        };
        let year_fits = match &self.years {
            None => (low..=high).contains(&year),
            Some(years) => years.binary_search(&year).is_ok(),
        };
        year_fits && self.months.binary_search(&date.month()).is_ok() && self.days.contain(date)
    }
}

/// An instant that no schedule reaches: the last year of the grammar is over in every time zone.
pub(super) fn end_of_time() -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(2200, 1, 2).map_or(DateTime::<Utc>::MAX_UTC, |date| date.and_time(NaiveTime::MIN).and_utc())
}
