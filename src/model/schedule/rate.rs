//! `rate(value unit)`: fixed intervals.

use chrono::{DateTime, Utc};

use super::cron::end_of_time;
use super::error::ScheduleError;
use super::field::number;

/// A fixed interval in seconds, counted from the Unix epoch.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rate {
    seconds: i64,
}

impl Rate {
    /// Reads what stands between the parentheses of `rate(...)`.
    pub(super) fn parse(body: &str) -> Result<Rate, ScheduleError> {
        let refuse = || ScheduleError::Rate(body.to_owned());
        let mut words = body.split_whitespace();
        let (Some(value), Some(unit), None) = (words.next(), words.next(), words.next()) else {
            return Err(refuse());
        };
        let value = number(value).ok_or_else(refuse)?;
        // AWS wants the singular after 1 and the plural otherwise.
        let unit_seconds = match (value, unit) {
            (1, "minute") | (2.., "minutes") => 60,
            (1, "hour") | (2.., "hours") => 3_600,
            (1, "day") | (2.., "days") => 86_400,
            _ => return Err(refuse()),
        };
        Ok(Rate { seconds: i64::from(value) * unit_seconds })
    }

    /// The multiples of the interval in `[from, to)`.
    pub(super) fn occurrences(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let to = to.min(end_of_time());
        let from = from.max(DateTime::UNIX_EPOCH);
        let whole = from.timestamp();
        let mut at = whole - whole % self.seconds;
        let mut found = Vec::new();
        while let Some(instant) = DateTime::from_timestamp(at, 0).filter(|instant| *instant < to) {
            // The multiple that was rounded down to lies before `from` as a rule.
            if instant >= from {
                found.push(instant);
            }
            at += self.seconds;
        }
        found
    }
}
