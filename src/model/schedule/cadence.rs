//! How far apart the backups of one resource are, as configured and at worst.

use chrono::{DateTime, TimeDelta, Utc};

use super::{MissingLocalTime, RuleSchedule, effective_starts};

/// Two years and a margin: a hole of up to a year lies in it whole, wherever it begins, and so do
/// both clock changes and months of every length.
const USUAL_DAYS: i64 = 740;

/// More than two leap years apart: for rules of 29 February, fifth Fridays and year fields.
const RARE_DAYS: i64 = 3_300;

/// Fewer starts than this in [`USUAL_DAYS`] may depend on leap years and on weekdays of dates, and
/// are cheap to follow for [`RARE_DAYS`].
const FEW_STARTS: usize = 120;

/// More starts than hourly backups, the most frequent that AWS Backup runs, give in
/// [`USUAL_DAYS`]: following them for years would cost more than a year field could tell.
const MANY_STARTS: usize = 20_000;

/// The largest distance between starts that the plans of one resource allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CadenceBounds {
    /// Longest time between two consecutive scheduled starts, in the worse of the two readings of
    /// a missing local time. It is real time: a daily rule in a zone with clock changes has 25
    /// hours once a year, and an hourly one 2 hours.
    pub configured: TimeDelta,
    /// The two starts that are so far apart; the earliest such pair.
    pub configured_between: (DateTime<Utc>, DateTime<Utc>),
    /// `configured` plus the largest start window of a rule that starts at all: the later job may
    /// begin that late and still be on schedule. The run time of the job is not in it.
    pub worst_legal: TimeDelta,
    /// Whether the two readings of a missing local time give different longest times.
    pub dst_dependent: bool,
    /// First start at or after the `from` that was given. It may be far off when the year field
    /// says so; the time until then is not part of `configured`.
    pub first: DateTime<Utc>,
    /// The last start, when no rule fires ever after; `None` when the schedule goes on.
    pub ends: Option<DateTime<Utc>>,
}

/// What one reading of a missing local time gives.
struct Reading {
    gap: TimeDelta,
    between: (DateTime<Utc>, DateTime<Utc>),
    widest_window: TimeDelta,
    first: DateTime<Utc>,
    last: DateTime<Utc>,
}

/// Bounds on the cadence of one resource that the given plans cover.
///
/// Starts are enumerated from `from` for at least 740 days, and for nine years when they are few
/// or when a year field names years. Overlapping rules are optimised inside a plan
/// ([`effective_starts`]), not between plans. Of the two readings of a missing local time the one with the longer gap counts.
///
/// `None` when fewer than two starts lie in that time: then there is no cadence.
pub fn cadence_bounds<P: AsRef<[RuleSchedule]>>(plans: &[P], from: DateTime<Utc>) -> Option<CadenceBounds> {
    let until = |days| from.checked_add_signed(TimeDelta::days(days));
    let names_years = plans.iter().flat_map(AsRef::as_ref).any(|rule| rule.schedule.names_years());
    let usual = starts(plans, from, until(USUAL_DAYS)?, MissingLocalTime::Skipped);
    let rare = usual.len() < if names_years { MANY_STARTS } else { FEW_STARTS };

    let end = until(if rare { RARE_DAYS } else { USUAL_DAYS })?;
    let skipped = if rare { starts(plans, from, end, MissingLocalTime::Skipped) } else { usual };
    let skipped = reading(&skipped)?;
    let shifted = reading(&starts(plans, from, end, MissingLocalTime::Shifted))?;

    let dst_dependent = skipped.gap != shifted.gap;
    let (worse, missing) = if shifted.gap > skipped.gap {
        (shifted, MissingLocalTime::Shifted)
    } else {
        (skipped, MissingLocalTime::Skipped)
    };
    let goes_on = plans.iter().flat_map(AsRef::as_ref).any(|rule| rule.schedule.next(end, missing).is_some());
    Some(CadenceBounds {
        configured: worse.gap,
        configured_between: worse.between,
        worst_legal: worse.gap.checked_add(&worse.widest_window).unwrap_or(TimeDelta::MAX),
        dst_dependent,
        first: worse.first,
        ends: (!goes_on).then_some(worse.last),
    })
}

/// The starts of all plans with their start windows, in order of time.
fn starts<P: AsRef<[RuleSchedule]>>(
    plans: &[P],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    missing: MissingLocalTime,
) -> Vec<(DateTime<Utc>, TimeDelta)> {
    let mut all = Vec::new();
    for plan in plans {
        let rules = plan.as_ref();
        let of_plan = effective_starts(rules, from, to, missing);
        all.extend(of_plan.iter().filter_map(|start| {
            let rule = rules.get(start.rule)?;
            Some((start.at, rule.start_window))
        }));
    }
    all.sort_unstable();
    all
}

/// The longest gap of ascending starts; `None` when they are fewer than two instants.
fn reading(starts: &[(DateTime<Utc>, TimeDelta)]) -> Option<Reading> {
    let (first, _) = *starts.first()?;
    let (last, _) = *starts.last()?;
    let mut longest = (first, first);
    for ((earlier, _), (later, _)) in starts.iter().zip(starts.iter().skip(1)) {
        if *later - *earlier > longest.1 - longest.0 {
            longest = (*earlier, *later);
        }
    }
    let windows = starts.iter().map(|(_, window)| *window);
    Some(Reading {
        // Several plans may start at the same instant; that is one backup time, not a cadence.
        gap: Some(longest.1 - longest.0).filter(|gap| !gap.is_zero())?,
        between: longest,
        widest_window: windows.max()?.max(TimeDelta::zero()),
        first,
        last,
    })
}
