//! AWS schedule expressions: what they mean and when they start a backup.
//!
//! A backup rule of AWS Backup carries a schedule expression, an optional time zone and a start
//! window. This module reads the expression ([`Schedule::parse`]), lists the instants at which it
//! fires ([`Schedule::occurrences`]), applies the overlap optimisation of AWS Backup inside one
//! plan ([`effective_starts`]) and says how far apart the starts of one resource can be
//! ([`cadence_bounds`]). It reads no clock and does no I/O.
//!
//! Sources: AWS Backup developer guide "Backup plan options and configuration" and API type
//! `BackupRule`; Amazon EventBridge user guide "Cron expressions reference" and "Rate expressions
//! reference". What those pages leave open is marked *assumption* where it is decided.

mod cadence;
mod cron;
mod days;
mod error;
mod field;
mod plan;
mod rate;
mod zone;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

pub use cadence::{CadenceBounds, cadence_bounds};
pub use error::ScheduleError;
pub use field::Field;
pub use plan::{RuleSchedule, Start, effective_starts};
pub use zone::MissingLocalTime;

use cron::Cron;
use rate::Rate;

/// What AWS Backup runs when a rule has no `ScheduleExpression`: 05:00 every day.
pub const DEFAULT_EXPRESSION: &str = "cron(0 5 ? * * *)";

/// An AWS schedule in a time zone.
///
/// Two schedules are equal when their expressions are written alike and their zones are the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    expression: String,
    zone: Tz,
    timing: Timing,
}

/// The two kinds of recurring expression.
#[derive(Debug, Clone, PartialEq)]
enum Timing {
    Cron(Cron),
    Rate(Rate),
}

impl Schedule {
    /// Reads an expression and a time zone.
    ///
    /// - `expression`: `cron(minutes hours day-of-month month day-of-week year)` or
    ///   `rate(value unit)`; `None` is [`DEFAULT_EXPRESSION`].
    /// - `timezone`: an IANA name, spelt as in the IANA database; `None` is UTC.
    ///
    /// `rate(...)` is not documented for AWS Backup; it is read all the same so that a caller can
    /// warn about it ([`Schedule::is_rate`]).
    ///
    /// # Errors
    ///
    /// Every expression outside the documented grammar, and every unknown zone, is refused with a
    /// message that names the offending field and what it allows.
    pub fn parse(expression: Option<&str>, timezone: Option<&str>) -> Result<Schedule, ScheduleError> {
        let expression = expression.unwrap_or(DEFAULT_EXPRESSION).trim();
        let zone = match timezone {
            None => Tz::UTC,
            Some(name) => name.parse().map_err(|_| ScheduleError::Timezone(name.to_owned()))?,
        };
        let timing = if let Some(body) = body(expression, "cron(") {
            Timing::Cron(Cron::parse(body)?)
        } else if let Some(body) = body(expression, "rate(") {
            Timing::Rate(Rate::parse(body)?)
        } else if body(expression, "at(").is_some() {
            return Err(ScheduleError::OneTime(expression.to_owned()));
        } else {
            return Err(ScheduleError::Form(expression.to_owned()));
        };
        Ok(Schedule { expression: expression.to_owned(), zone, timing })
    }

    /// All start instants in `[from, to)`, ascending, without duplicates.
    ///
    /// `missing` says what happens to local times that a clock change leaves out. A local time
    /// that a clock change repeats runs once, the first time. Both are *assumptions* taken from
    /// EventBridge Scheduler: AWS Backup documents neither.
    ///
    /// A `rate` counts from the Unix epoch and knows no time zone, so that the result does not
    /// depend on `from` (AWS counts from the creation of the schedule, which is not known here:
    /// intervals are right, the phase is not).
    ///
    /// Nothing fires before 1970 or after 2199, the years of the grammar. The cost is one step
    /// for each day of the range and one for each start.
    pub fn occurrences(&self, from: DateTime<Utc>, to: DateTime<Utc>, missing: MissingLocalTime) -> Vec<DateTime<Utc>> {
        match &self.timing {
            Timing::Cron(cron) => cron.occurrences(self.zone, from, to, missing),
            Timing::Rate(rate) => rate.occurrences(from, to),
        }
    }

    /// The first start at or after `from`, or `None` when the schedule never fires again.
    pub fn next(&self, from: DateTime<Utc>, missing: MissingLocalTime) -> Option<DateTime<Utc>> {
        // Most schedules fire within days; looking at ever longer stretches keeps those cheap,
        // and the bound keeps a schedule of every minute from filling the memory.
        const LONGEST_DAYS: i64 = 1_500;
        let mut start = from.max(DateTime::UNIX_EPOCH);
        let mut days = 2;
        while start < cron::end_of_time() {
            let end = start.checked_add_signed(TimeDelta::days(days))?;
            if let Some(first) = self.occurrences(start, end, missing).first() {
                return Some(*first);
            }
            start = end;
            days = (days * 4).min(LONGEST_DAYS);
        }
        None
    }

    /// The expression as the user wrote it, without surrounding white space.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The IANA name of the time zone.
    pub fn timezone(&self) -> &'static str {
        self.zone.name()
    }

    /// Whether this is a `rate(...)` expression, which AWS Backup does not document.
    pub fn is_rate(&self) -> bool {
        matches!(self.timing, Timing::Rate(_))
    }

    /// Whether the year field names particular years, so that the schedule may begin or end.
    fn names_years(&self) -> bool {
        match &self.timing {
            Timing::Cron(cron) => cron.names_years(),
            Timing::Rate(_) => false,
        }
    }
}

/// What stands between `opening` and the closing parenthesis.
fn body<'a>(expression: &'a str, opening: &str) -> Option<&'a str> {
    expression.strip_prefix(opening)?.strip_suffix(')')
}
