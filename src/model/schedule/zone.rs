//! From local time to an instant, across clock changes.

use chrono::{DateTime, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// What a schedule does when its local time does not exist because clocks were put forward.
///
/// AWS Backup does not document it; EventBridge Scheduler skips. An auditor looks at both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingLocalTime {
    /// The start does not happen.
    Skipped,
    /// The start happens as if clocks had not been put forward: 02:30 runs at what is now 03:30.
    Shifted,
}

/// The instant of a local time; of a repeated local time, the first.
pub(super) fn instant(zone: Tz, local: NaiveDateTime, missing: MissingLocalTime) -> Option<DateTime<Utc>> {
    // Most rules have no time zone, and UTC needs no search in a table.
    if zone == Tz::UTC {
        return Some(local.and_utc());
    }
    if let Some(found) = zone.from_local_datetime(&local).earliest() {
        return Some(found.to_utc());
    }
    match missing {
        MissingLocalTime::Skipped => None,
        MissingLocalTime::Shifted => {
            // Read as UTC, a local time is at most 14 hours past its instant; 15 hours earlier is
            // before the clock change, and close enough that no other change lies between.
            let before = local.checked_sub_signed(TimeDelta::hours(15))?;
            let offset = zone.offset_from_utc_datetime(&before).fix();
            Some(local.checked_sub_offset(offset)?.and_utc())
        }
    }
}
