//! The good copies of a resource that are on record, whatever made them.

use chrono::TimeDelta;

use crate::checks::Case;
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome};
use crate::model::fact::Fact;
use crate::model::judgement::Evidence;
use crate::model::kind::Kind;
use crate::model::recovery_point::{PointStatus, RecoveryPoint, RestoreWindow};
use crate::model::resource::Resource;

/// How far S3's continuous backup may lag behind (AWS Backup developer guide); RDS says about 5.
const LAG: TimeDelta = TimeDelta::minutes(15);

/// A time for which a good copy is on record: an instant, or a restore window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Good<'a> {
    /// Its beginning.
    pub(super) from: Instant,
    /// Its end; equal to `from` for an instant.
    pub(super) to: Instant,
    /// What shows it.
    pub(super) source: Source<'a>,
    /// Whether the copy itself can still be there: not so for a job whose point is gone.
    pub(super) stored: bool,
    /// Why it may be no good copy after all.
    pub(super) doubt: Option<Doubt>,
}

/// What shows a good copy.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    /// A recovery point.
    Point(&'a RecoveryPoint),
    /// A job or log record.
    Job(&'a Activity),
    /// The resource's own restore window.
    Window(&'a Resource),
    /// A copy that an earlier scan saw, whatever showed it then.
    Earlier,
}

/// Why something may be a good copy and may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// The point's state is not known to this version.
    Status,
    /// The job's outcome is not known to this version.
    Outcome,
    /// Point-in-time recovery is on, and nobody read since when.
    Window,
}

impl Doubt {
    /// The sentence of the `unknown` verdict.
    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Self::Status => {
                "the largest gap is {largest_gap} unless recovery points count whose state this version does not \
                 know; the limit is {limit}"
            }
            Self::Outcome => {
                "the largest gap is {largest_gap} unless jobs count whose outcome this version does not know; \
                 the limit is {limit}"
            }
            Self::Window => {
                "point-in-time recovery is on, and how far back it reaches was not read; without it the largest gap \
                 is {largest_gap} and the limit {limit}"
            }
        }
    }
}

impl<'a> Good<'a> {
    pub(super) fn at(at: Instant, source: Source<'a>) -> Self {
        Self { from: at, to: at, source, stored: true, doubt: None }
    }

    /// The id of what shows it.
    pub(super) fn id(&self) -> &'a str {
        match self.source {
            Source::Point(point) => &point.arn,
            Source::Job(activity) => &activity.id,
            Source::Window(resource) => &resource.arn,
            Source::Earlier => "",
        }
    }

    /// What shows it, as evidence.
    pub(super) fn evidence(&self) -> Evidence {
        match self.source {
            Source::Point(point) => Evidence { at: Some(self.to), ..Evidence::point(point) },
            Source::Job(activity) => Evidence::activity(activity),
            Source::Window(resource) => {
                Evidence::new("resource", resource.arn.clone(), Some(self.to)).note("restore window")
            }
            Source::Earlier => Evidence::new("history", "", Some(self.to)),
        }
    }
}

/// All good copies of one resource.
#[derive(Debug)]
pub(super) struct Record<'a> {
    goods: Vec<Good<'a>>,
    /// The first trace of the resource: a point or an attempt at one, good or not.
    pub(super) seen_since: Option<Instant>,
}

impl<'a> Record<'a> {
    /// Gather the good copies of a case, ordered by their beginning.
    pub(super) fn of(case: &Case<'a>) -> Self {
        let (points, activities) = (case.points(), case.activities());
        let as_of = case.as_of();
        let mut goods = Vec::with_capacity(points.len() + activities.len() + 2);
        goods.extend(points.iter().filter_map(|point| of_point(case, point)));
        of_activities(points, activities, &mut goods);
        of_resource(case, &mut goods);
        goods.retain_mut(|good| {
            good.to = good.to.min(as_of);
            good.from <= good.to
        });
        // The order is total over everything that is reported, so the order of the input never shows.
        goods.sort_unstable_by(|a, b| (a.from, a.to).cmp(&(b.from, b.to)).then_with(|| a.id().cmp(b.id())));
        let traces = [
            points.first().map(|point| point.started_at),
            activities.iter().find(|activity| activity.kind == ActivityKind::Backup).map(|first| first.started_at),
            goods.first().map(|good| good.from),
        ];
        Self { goods, seen_since: traces.into_iter().flatten().filter(|at| *at <= as_of).min() }
    }

    /// What counts without doubt.
    pub(super) fn sure(&self) -> impl Iterator<Item = &Good<'a>> {
        self.goods.iter().filter(|good| good.doubt.is_none())
    }

    /// What counts or may count.
    pub(super) fn all(&self) -> impl Iterator<Item = &Good<'a>> {
        self.goods.iter()
    }

    /// Why something may count.
    pub(super) fn doubt(&self) -> Option<Doubt> {
        self.goods.iter().find_map(|good| good.doubt)
    }

    /// When the resource was created, where that is known and to be believed.
    pub(super) fn created(&self, case: &Case<'_>) -> Option<Instant> {
        let created = *case.resource.created_at.known()?;
        let refuted = case.resource.kind == Kind::S3Bucket && self.seen_since.is_some_and(|seen| seen < created);
        (!refuted).then_some(created)
    }
}

pub(super) fn of_point<'a>(case: &Case<'a>, point: &'a RecoveryPoint) -> Option<Good<'a>> {
    if point.is_parent() {
        return None;
    }
    if let Some(window) = point.continuous() {
        return of_continuous(case, point, window);
    }
    let doubt = match &point.status {
        PointStatus::Completed | PointStatus::Available => None,
        PointStatus::Other(_) => Some(Doubt::Status),
        _ => return None,
    };
    Some(Good { doubt, ..Good::at(point.data_at()?, Source::Point(point)) })
}

fn of_continuous<'a>(case: &Case<'a>, point: &'a RecoveryPoint, window: RestoreWindow) -> Option<Good<'a>> {
    let source = Source::Point(point);
    let from = window.earliest.unwrap_or(point.started_at);
    let database = case.resource.database();
    let advancing = || {
        let of_database = database.and_then(|database| database.latest_restorable);
        of_database.or_else(|| case.context.estate.inventory.captured_at.checked_sub_signed(LAG))
    };
    match &point.status {
        PointStatus::Available => {
            let to = window.latest.or_else(advancing)?.max(from);
            Some(Good { from, to, ..Good::at(from, source) })
        }
        PointStatus::Other(_) => {
            Some(Good { from, to: case.as_of(), doubt: Some(Doubt::Status), ..Good::at(from, source) })
        }
        PointStatus::Stopped | PointStatus::Completed => {
            let to = window.latest?;
            Some(Good { from: window.earliest.unwrap_or(to), to, ..Good::at(to, source) })
        }
        _ => None,
    }
}

/// Jobs that succeeded count for themselves only when their point is not there to be judged. Both
/// lists are in order of time, so each search starts where the last one ended.
fn of_activities<'a>(points: &[&'a RecoveryPoint], activities: &[&'a Activity], goods: &mut Vec<Good<'a>>) {
    let mut cursor = 0;
    for activity in activities.iter().copied().filter(|activity| activity.kind == ActivityKind::Backup) {
        let doubt = match &activity.outcome {
            ActivityOutcome::Succeeded => None,
            ActivityOutcome::Other(_) => Some(Doubt::Outcome),
            _ => continue,
        };
        if let Some(arn) = &activity.point {
            let (before, after) = points.split_at_checked(cursor).unwrap_or((points, &[]));
            if let Some(found) = after.iter().chain(before).position(|point| point.arn == *arn) {
                cursor = (cursor + found + 1) % points.len().max(1);
                continue;
            }
        }
        let stored = !activity.source.starts_with("backup:");
        goods.push(Good { doubt, stored, ..Good::at(activity.started_at, Source::Job(activity)) });
    }
}

/// The restore windows that databases and tables have of themselves.
pub(super) fn of_resource<'a>(case: &Case<'a>, goods: &mut Vec<Good<'a>>) {
    let resource = case.resource;
    let source = Source::Window(resource);
    if let Some(database) = resource.database()
        && database.backup_retention_days != Fact::Known(0)
        && let Some(to) = database.latest_restorable
    {
        goods.push(Good { from: database.earliest_restorable.unwrap_or(to), ..Good::at(to, source) });
    }
    let Some(table) = resource.table() else { return };
    let days = table.pitr_days.known().copied().unwrap_or_default();
    let captured = case.context.estate.inventory.captured_at;
    let Some(to) = table.latest_restorable.or_else(|| captured.checked_sub_signed(LAG)) else { return };
    if days == 0 {
        return;
    }
    goods.push(Good { from: table.earliest_restorable.unwrap_or(to).min(to), ..Good::at(to, source) });
    if table.earliest_restorable.is_none() {
        let from = to.checked_sub_signed(TimeDelta::days(i64::from(days))).unwrap_or(to);
        goods.push(Good { from, doubt: Some(Doubt::Window), ..Good::at(to, source) });
    }
}
