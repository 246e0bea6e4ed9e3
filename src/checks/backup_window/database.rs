//! The preferred backup window of an RDS database: a stretch of each day in UTC, in which its automated backup may
//! begin at any time (RDS user guide, "Backup window").

use chrono::{NaiveTime, TimeDelta};
use chrono_tz::Tz;

use super::{AHEAD, stays_inside};
use crate::model::Instant;
use crate::model::application::OffPeak;
use crate::model::fact::Fact;
use crate::model::resource::Resource;
use crate::model::text::Text;

/// What the window says.
pub(super) enum Window<'a> {
    /// It is no database, or one without automated backups.
    None,
    /// It was not read.
    Unread,
    /// Its form is not known here.
    Strange(&'a Text),
    /// On each of the next days the whole window lies inside: so many days.
    Inside(usize),
    /// The window begins at this instant, and leaves the hours.
    Outside(&'a Text, Instant),
}

pub(super) fn judge<'a>(resource: &'a Resource, hours: &[OffPeak], zone: Tz, as_of: Instant) -> Window<'a> {
    let Some(database) = resource.database() else { return Window::None };
    if database.backup_retention_days == Fact::Known(0) {
        return Window::None;
    }
    let Fact::Known(text) = &database.backup_window else { return Window::Unread };
    let Some((from, to)) = parse(text) else { return Window::Strange(text) };
    let length = match to - from {
        length if length <= TimeDelta::zero() => length + TimeDelta::days(1),
        length => length,
    };
    let days = usize::try_from(AHEAD.num_days()).unwrap_or_default();
    for day in as_of.date_naive().iter_days().take(days) {
        let start = day.and_time(from).and_utc();
        if !stays_inside(start, start.checked_add_signed(length).unwrap_or(start), hours, zone) {
            return Window::Outside(text, start);
        }
    }
    Window::Inside(days)
}

/// `hh24:mi-hh24:mi`.
fn parse(text: &str) -> Option<(NaiveTime, NaiveTime)> {
    let (from, to) = text.split_once('-')?;
    let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
    Some((time(from)?, time(to)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_two_times_of_day() {
        let time = |text: &str| text.parse::<NaiveTime>().unwrap();
        assert_eq!(parse("23:15-00:45"), Some((time("23:15:00"), time("00:45:00"))));
        for bad in ["", "23:15", "25:00-26:00", "a-b"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
