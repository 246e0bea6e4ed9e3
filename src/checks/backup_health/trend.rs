//! What only shows over several backups: that they stopped, that they shrank.

use super::jobs::jobs;
use crate::checks::Case;
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome};
use crate::model::judgement::Judgement;
use crate::model::kind::Kind;
use crate::model::span::Span;
use crate::model::text::Text;

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

/// What is suspicious; 0 is nothing.
pub(super) struct Limits {
    /// Percent of the usual size below which the newest is.
    pub(super) shrink: u64,
    /// Percent of the usual size above which the newest is.
    pub(super) growth: u64,
    /// Percent of the usual time above which the newest is.
    pub(super) slow: u64,
    /// Percent of the usual time below which the newest is.
    pub(super) fast: u64,
    /// So many of the newest in a row with the same content are.
    pub(super) frozen: u64,
}

/// What is suspicious about the newest backups beside those before them.
pub(super) fn suspicious(case: &Case<'_>, start: Instant, limits: &Limits) -> Option<Judgement> {
    let odd = |usual: &Usual| usual.is_below(limits.shrink) || usual.is_above(limits.growth);
    if let Some(usual) = size(case, start).filter(odd) {
        let template = "the newest backup has {size} bytes, and those before it {median} at the median";
        return Some(Judgement::fail(template).with("size", usual.newest).with("median", usual.median));
    }
    if let Some(same) = frozen(case, start, limits.frozen) {
        return Some(Judgement::fail("the last {same:backup} hold the same content").with("same", same));
    }
    let odd = |usual: &Usual| usual.is_below(limits.fast) || usual.is_above(limits.slow);
    let usual = duration(case, start).filter(odd)?;
    let span = |seconds| Span::seconds(i64::try_from(seconds).unwrap_or(i64::MAX));
    let template = "the newest backup took {took}, and those before it {usual} at the median";
    Some(Judgement::fail(template).with("took", span(usual.newest)).with("usual", span(usual.median)))
}

/// The newest of several measures, and the median of the last ten before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Usual {
    newest: u64,
    median: u64,
}

impl Usual {
    /// `None` when they are too few to have a habit.
    fn of(measures: impl Iterator<Item = u64>) -> Option<Self> {
        let mut earlier: Vec<u64> = measures.collect();
        let newest = earlier.pop()?;
        let mut last = earlier.split_off(earlier.len().saturating_sub(10));
        last.sort_unstable();
        let median = *last.get(last.len() / 2).filter(|_| last.len() >= 5)?;
        Some(Self { newest, median })
    }

    fn is_below(&self, percent: u64) -> bool {
        u128::from(self.newest) * 100 < u128::from(self.median) * u128::from(percent)
    }

    fn is_above(&self, percent: u64) -> bool {
        percent > 0 && u128::from(self.newest) * 100 > u128::from(self.median.max(1)) * u128::from(percent)
    }
}

fn good<'a>(case: &Case<'a>, start: Instant) -> impl Iterator<Item = &'a Activity> {
    jobs(case, start).filter(|job| job.outcome == ActivityOutcome::Succeeded)
}

/// When each good backup began, and how many seconds it took.
pub(super) fn took(case: &Case<'_>, start: Instant) -> impl Iterator<Item = (i64, i64)> {
    let took = |job: &Activity| {
        let seconds = Span::between(job.started_at, job.completed_at?).as_seconds();
        (seconds >= 0).then_some((job.started_at.timestamp(), seconds))
    };
    good(case, start).filter_map(took)
}

/// How many seconds the newest backup took, and those before it.
fn duration(case: &Case<'_>, start: Instant) -> Option<Usual> {
    Usual::of(took(case, start).filter_map(|(_, seconds)| u64::try_from(seconds).ok()))
}

/// The newest size and those before it, of one level.
fn size(case: &Case<'_>, start: Instant) -> Option<Usual> {
    let no_measure = [Kind::EbsVolume, Kind::Ec2Instance, Kind::S3Bucket, Kind::RdsInstance, Kind::RdsCluster];
    if no_measure.contains(&case.resource.kind) {
        return None;
    }
    let level = |job: &Activity| job.detail.as_deref().and_then(|detail| detail.level.clone());
    let newest = good(case, start).filter(|job| job.size.is_some()).last().and_then(level);
    let approved = approved(case);
    let from = good(case, start).find(|job| approved.contains(&&job.id)).map(|job| job.started_at);
    let counts = |job: &&Activity| level(job) == newest && from.is_none_or(|from| job.started_at >= from);
    let of_jobs = Usual::of(good(case, start).filter(counts).filter_map(|job| job.size));
    of_jobs.or_else(|| {
        let inside = case.points().iter().filter(|point| point.started_at >= start && point.started_at <= case.as_of());
        let points = inside.filter(|point| point.is_usable() && !point.is_copy() && point.continuous().is_none());
        let counts = from.map_or(start, |from| from.max(start));
        Usual::of(points.filter(|point| point.started_at >= counts).filter_map(|point| point.size))
    })
}

/// The backups with which a new size begins that somebody approved.
fn approved<'a>(case: &Case<'a>) -> Vec<&'a Text> {
    let reviews = case.activities().iter().copied().filter(|activity| {
        activity.kind == ActivityKind::Review
            && activity.outcome == ActivityOutcome::Succeeded
            && activity.started_at <= case.as_of()
    });
    reviews.filter_map(|review| review.detail.as_deref()?.about.as_ref()).collect()
}

/// How many of the newest backups in a row hold the same content, where they are `limit` or more.
fn frozen(case: &Case<'_>, start: Instant, limit: u64) -> Option<u64> {
    let good: Vec<&Activity> = good(case, start).collect();
    let content = |job: &Activity| {
        let artefacts = job.detail.as_deref().map(|detail| detail.artefacts.as_slice()).unwrap_or_default();
        artefacts.iter().find_map(|artefact| artefact.content_sha256.clone())
    };
    let unchanged = |job: &Activity| job.detail.as_deref().and_then(|d| d.items?.changed) == Some(0);
    let newest = good.last().and_then(|job| content(job));
    let same = |job: &&&Activity| unchanged(job) || (newest.is_some() && content(job) == newest);
    let count = good.iter().rev().take_while(same).count() as u64;
    (limit > 0 && count >= limit.max(2)).then_some(count)
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
    fn the_last_measure_is_compared_with_the_median_of_ten_before_it() {
        let with = |newest: u64, earlier: &[u64]| Usual::of(earlier.iter().copied().chain([newest]));
        let usual = |newest, median| Some(Usual { newest, median });
        assert_eq!(with(59, &[100; 5]), usual(59, 100));
        assert_eq!(with(1, &[100; 4]), None, "four are no habit");
        assert_eq!(with(59, &[100, 100, 100, 100, 1_000_000]), usual(59, 100), "one odd size moves no median");
        let grown: Vec<u64> = [1; 20].into_iter().chain([100; 10]).collect();
        assert_eq!(with(59, &grown), usual(59, 100), "only the last ten count");
    }

    #[test]
    fn limits_themselves_are_not_crossed_and_none_is_off() {
        let of = |newest| Usual { newest, median: 100 };
        assert!(of(59).is_below(60) && !of(60).is_below(60) && !of(0).is_below(0));
        assert!(of(201).is_above(200) && !of(200).is_above(200) && !of(u64::MAX).is_above(0));
    }
}
