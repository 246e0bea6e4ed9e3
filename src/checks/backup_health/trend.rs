//! What only shows over several backups: that they stopped, that they shrank.

use super::jobs;
use crate::checks::Case;
use crate::model::Instant;
use crate::model::activity::ActivityOutcome;
use crate::model::kind::Kind;
use crate::model::span::Span;

/// Fewer backups than this have no usual interval and no usual size.
const ENOUGH: u64 = 4;

/// Starts closer than this are one backup under several rules.
const SAME: Span = Span::minutes(10);

/// Automated backups that stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stop {
    /// The average interval while they came.
    pub(super) usual: Span,
    /// The time since the last.
    pub(super) silence: Span,
    /// The last.
    pub(super) last: Instant,
}

/// Whether automated backups came regularly and then stopped.
pub(super) fn silence(case: &Case<'_>, start: Instant) -> Option<Stop> {
    let as_of = case.as_of();
    let by_jobs = regular(jobs(case, start).filter(|job| job.created_by.is_some()).map(|job| job.started_at));
    let automated = case.points().iter().filter(|point| {
        let by_plan = |extra: &crate::model::recovery_point::PointExtra| {
            (extra.created_by.is_some() || extra.managed_by.is_some()) && !extra.is_copy && extra.continuous.is_none()
        };
        point.started_at >= start && point.started_at <= as_of && point.extra.as_deref().is_some_and(by_plan)
    });
    let (usual, last) = by_jobs.or_else(|| regular(automated.map(|point| point.started_at)))?;
    // Something newer of the other sort shows that it goes on.
    let newest = jobs(case, start).map(|job| job.started_at).chain(case.points().iter().filter_map(|p| p.data_at()));
    let last = newest.filter(|at| *at <= as_of).fold(last, Instant::max);
    let silence = Span::between(last, as_of);
    (silence.as_seconds() > usual.as_seconds().saturating_mul(3)).then_some(Stop { usual, silence, last })
}

/// The average interval of ascending instants and the last of them, if they are enough.
fn regular(times: impl Iterator<Item = Instant>) -> Option<(Span, Instant)> {
    let (mut count, mut first, mut last) = (0_i64, None, None::<Instant>);
    for at in times {
        if last.is_some_and(|last| Span::between(last, at) < SAME) {
            continue;
        }
        first = first.or(Some(at));
        last = Some(at);
        count += 1;
    }
    let (first, last) = (first?, last?);
    let enough = i64::try_from(ENOUGH).is_ok_and(|enough| count >= enough);
    enough.then(|| (Span::seconds(Span::between(first, last).as_seconds() / (count - 1)), last))
}

/// How long the newest backup took and the median of the earlier ones, where it took suspiciously long.
pub(super) fn slow(case: &Case<'_>, start: Instant, percent: u64) -> Option<(Span, Span)> {
    let ended = jobs(case, start).filter(|job| job.outcome == ActivityOutcome::Succeeded);
    let mut durations: Vec<i64> =
        ended.filter_map(|job| Some(Span::between(job.started_at, job.completed_at?).as_seconds())).collect();
    let newest = durations.pop()?;
    durations.sort_unstable();
    let median = *durations.get(durations.len() / 2).filter(|_| durations.len() >= 5)?;
    let limit = i128::from(median).max(1) * i128::from(percent);
    (percent > 0 && i128::from(newest) * 100 > limit).then(|| (Span::seconds(newest), Span::seconds(median)))
}

/// The newest size and the average of the earlier ones, where the newest is suspiciously small.
pub(super) fn shrinkage(case: &Case<'_>, start: Instant, percent: u64) -> Option<(u64, u64)> {
    let no_measure = [Kind::EbsVolume, Kind::Ec2Instance, Kind::S3Bucket, Kind::RdsInstance, Kind::RdsCluster];
    if no_measure.contains(&case.resource.kind) {
        return None;
    }
    let of_jobs = jobs(case, start).filter(|job| job.outcome == ActivityOutcome::Succeeded).filter_map(|job| job.size);
    let of_points = || {
        let inside = case.points().iter().filter(|point| point.started_at >= start && point.started_at <= case.as_of());
        inside
            .filter(|point| point.is_usable() && !point.is_copy() && point.continuous().is_none())
            .filter_map(|point| point.size)
    };
    small(of_jobs, percent).unwrap_or_else(|| small(of_points(), percent).unwrap_or_default())
}

/// Whether the last of these is small; `None` when they are too few to say.
fn small(sizes: impl Iterator<Item = u64>, percent: u64) -> Option<Option<(u64, u64)>> {
    let (mut count, mut sum, mut newest) = (0_u64, 0_u128, None::<u64>);
    for size in sizes {
        if let Some(earlier) = newest.replace(size) {
            sum += u128::from(earlier);
            count += 1;
        }
    }
    if count + 1 < ENOUGH {
        return None;
    }
    let (newest, average) = (newest?, u64::try_from(sum / u128::from(count)).ok()?);
    Some((u128::from(newest) * 100 < u128::from(average) * u128::from(percent)).then_some((newest, average)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_interval_ignores_rules_that_start_together() {
        let at = |minutes: i64| Instant::from_timestamp(minutes * 60, 0).unwrap();
        let daily = [0, 5, 1440, 1445, 2880, 4320, 4321].map(at);
        assert_eq!(regular(daily.into_iter()), Some((Span::days(1), at(4320))));
        assert_eq!(regular(daily.into_iter().take(5)), None, "three are no habit");
    }

    #[test]
    fn the_last_size_is_compared_with_the_average_before_it() {
        assert_eq!(small([100, 100, 100, 49].into_iter(), 50), Some(Some((49, 100))));
        assert_eq!(small([100, 100, 100, 50].into_iter(), 50), Some(None));
        assert_eq!(small([100, 100, 1].into_iter(), 50), None);
        assert_eq!(small([0, 0, 0, 0].into_iter(), 50), Some(None));
    }
}
