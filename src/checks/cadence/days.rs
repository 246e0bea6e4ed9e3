//! The matrix of days: one letter for every UTC day of the window.

use super::record::Record;
use crate::checks::Case;
use crate::model::Instant;
use crate::model::activity::{ActivityKind, ActivityOutcome};
use crate::model::recovery_point::PointStatus;
use crate::model::span::Span;
use crate::model::text::Text;

/// No matrix is wider than this: a year and a month.
const WIDEST: usize = 400;

/// Days since 1970-01-01, UTC.
fn day(at: Instant) -> i64 {
    at.timestamp().div_euclid(86_400)
}

/// The first day of the matrix, and the number of its days. An instant at midnight ends the day before.
pub(super) fn range(as_of: Instant, lookback: Span) -> (i64, usize) {
    let last = (as_of.timestamp() - 1).div_euclid(86_400);
    let start = lookback.before(as_of);
    let count = usize::try_from(last - day(start) + 1).unwrap_or(1).min(WIDEST);
    (last - i64::try_from(count).unwrap_or(1) + 1, count)
}

/// The date of a day, as `2026-11-22`.
pub(super) fn name(day: i64) -> Text {
    let at = Instant::from_timestamp(day.saturating_mul(86_400), 0).unwrap_or_default();
    Text::from(at.format("%Y-%m-%d").to_string())
}

/// The letters of `count` days from `first` on.
pub(super) fn letters(case: &Case<'_>, record: &Record<'_>, first: i64, count: usize) -> Text {
    let mut buffer = [b'-'; WIDEST];
    let Some(cells) = buffer.get_mut(..count.min(WIDEST)) else { return Text::default() };
    if let Some(created) = record.created(case) {
        let before = usize::try_from(day(created) - first).unwrap_or(0);
        cells.iter_mut().take(before).for_each(|cell| *cell = b'.');
    }
    let mut mark = |from: Instant, to: Instant, letter: u8| {
        let skip = usize::try_from((day(from) - first).max(0)).unwrap_or(usize::MAX);
        let end = usize::try_from(day(to) - first + 1).unwrap_or(0);
        cells.iter_mut().take(end).skip(skip).for_each(|cell| *cell = letter);
    };
    let as_of = case.as_of();
    for point in case.points().iter().filter(|point| point.started_at <= as_of) {
        let bad = matches!(
            point.status,
            PointStatus::Partial | PointStatus::Error | PointStatus::Expired | PointStatus::Recoverable
        );
        if bad && !point.is_parent() && !point.is_copy() && point.continuous().is_none() {
            mark(point.started_at, point.started_at, b'x');
        }
    }
    let attempts = case.activities().iter().filter(|activity| activity.kind == ActivityKind::Backup);
    for activity in attempts.filter(|activity| activity.started_at <= as_of) {
        if !matches!(activity.outcome, ActivityOutcome::Succeeded | ActivityOutcome::Running) {
            mark(activity.started_at, activity.started_at, b'x');
        }
    }
    record.all().filter(|good| good.doubt.is_some()).for_each(|good| mark(good.from, good.to, b'?'));
    record.sure().for_each(|good| mark(good.from, good.to, b'+'));
    if cells.contains(&b'-') && case.need_all_points().is_err() {
        cells.iter_mut().filter(|cell| **cell == b'-').for_each(|cell| *cell = b'?');
    }
    Text::from(std::str::from_utf8(cells).unwrap_or_default())
}
