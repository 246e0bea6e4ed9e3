//! What Data Lifecycle Manager policies keep, and of which resources.
//!
//! Retention by count is not retention in days: 35 snapshots of a 12-hour schedule reach back 17.5 days.

use chrono::TimeDelta;

use super::Instant;
use super::protection::{DlmPolicy, DlmSchedule};
use super::resource::Resource;
use super::schedule::{MissingLocalTime, Schedule};
use super::span::Span;

/// What a schedule keeps, and how far apart its snapshots are at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// How long a snapshot is kept at least.
    pub keep: Span,
    /// The longest time between two of them.
    pub interval: Span,
}

/// The days of one schedule's starts that are looked at: months of every length, both clock changes.
const HORIZON: TimeDelta = TimeDelta::days(740);

/// Whether the policy is enabled and names this volume or instance. `None` when its tags would decide
/// and were not read.
pub fn selects(policy: &DlmPolicy, resource: &Resource) -> Option<bool> {
    if !policy.enabled || policy.account != resource.account || policy.region != resource.region {
        return Some(false);
    }
    let target = match policy.target.as_str() {
        "volume" => resource.volume().is_some() || resource.kind == super::kind::Kind::EbsVolume,
        "instance" => resource.kind == super::kind::Kind::Ec2Instance,
        _ => false,
    };
    if !target || policy.target_tags.is_empty() {
        return Some(target);
    }
    let tags = resource.tags.known()?;
    Some(policy.target_tags.iter().any(|test| tags.get(&test.key) == Some(&test.value)))
}

/// What a policy keeps: that of its schedule with the longest retention.
pub fn kept(policy: &DlmPolicy, as_of: Instant) -> Option<Kept> {
    policy.schedules.iter().filter_map(|schedule| schedule_kept(schedule, as_of)).max_by_key(|kept| kept.keep)
}

/// What one schedule keeps; `None` when it says neither a count nor an age, or cannot be read.
pub fn schedule_kept(schedule: &DlmSchedule, as_of: Instant) -> Option<Kept> {
    let age = schedule.keep_days.map(|days| Span::days(i64::from(days)));
    if let Some(hours) = schedule.every_hours {
        let every = i64::from(hours);
        let counted = schedule.keep_count.map(|count| Span::hours(every.saturating_mul(i64::from(count))));
        return Some(Kept { keep: counted.or(age)?, interval: Span::hours(every) });
    }
    let cron = Schedule::parse(Some(schedule.cron.as_deref()?), None).ok()?;
    let starts = cron.occurrences(as_of, as_of.checked_add_signed(HORIZON)?, MissingLocalTime::Skipped);
    let interval = starts.iter().zip(starts.iter().skip(1)).map(|(a, b)| Span::between(*a, *b)).max()?;
    // The snapshot that leaves when `count` newer ones are there has lived for their intervals.
    let counted = schedule.keep_count.and_then(|count| {
        let count = usize::try_from(count).ok()?;
        starts.iter().zip(starts.iter().skip(count)).map(|(a, b)| Span::between(*a, *b)).min()
    });
    Some(Kept { keep: counted.or(age)?, interval })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(schedule: DlmSchedule) -> Option<String> {
        schedule_kept(&schedule, "2026-11-22T00:00:00Z".parse().unwrap()).map(|kept| kept.keep.to_string())
    }

    #[test]
    fn vector_16_a_count_is_not_days() {
        let counted = |every_hours, keep_count| DlmSchedule {
            every_hours: Some(every_hours),
            keep_count: Some(keep_count),
            ..DlmSchedule::default()
        };
        assert_eq!(keep(counted(12, 35)).unwrap(), "420h", "17.5 days");
        assert_eq!(keep(counted(24, 35)).unwrap(), "35d");
    }

    #[test]
    fn vector_16_the_default_policy_keeps_14_days_at_most() {
        let schedule = DlmSchedule { every_hours: Some(24), keep_days: Some(14), ..DlmSchedule::default() };
        assert_eq!(keep(schedule).unwrap(), "14d");
    }

    #[test]
    fn a_count_over_a_cron_takes_the_shortest_stretch() {
        let cron = |text: &str, count| DlmSchedule {
            cron: Some(text.into()),
            keep_count: Some(count),
            ..DlmSchedule::default()
        };
        assert_eq!(keep(cron("cron(0 5 ? * * *)", 35)).unwrap(), "35d");
        assert_eq!(keep(cron("cron(0 5 ? * MON-FRI *)", 1)).unwrap(), "1d", "a weekend can only lengthen it");
        assert_eq!(keep(cron("cron(0 5 ? * MON-FRI *)", 5)).unwrap(), "7d");
        assert_eq!(keep(cron("cron(nonsense)", 5)), None);
        assert_eq!(keep(DlmSchedule { every_hours: Some(24), ..DlmSchedule::default() }), None);
    }
}
