//! How far back the copies of a resource reach that nothing deletes too early.

use chrono::TimeDelta;

use crate::checks::Case;
use crate::model::Instant;
use crate::model::judgement::Evidence;
use crate::model::recovery_point::{PointStatus, RecoveryPoint};
use crate::model::span::Span;

/// The usable copies whose own lifecycle keeps them for long enough.
#[derive(Debug, Default)]
pub(super) struct Reach<'a> {
    /// The instant of the oldest.
    pub(super) oldest: Option<Instant>,
    /// The instant of the newest.
    pub(super) newest: Option<Instant>,
    /// The longest life of a usable copy that is deleted too early.
    pub(super) short: Option<Span>,
    /// The first trace of the resource among its points, good or not.
    pub(super) first_trace: Option<Instant>,
    /// Whether DLM made some of them: it deletes what carries no date.
    pub(super) by_dlm: bool,
    /// Whether there are points in a state that this version does not know.
    pub(super) doubtful: bool,
    shown_by: Option<&'a RecoveryPoint>,
    window_of: Option<&'a crate::model::text::Text>,
}

impl<'a> Reach<'a> {
    /// Look through the points and restore windows; `generous` lets points in unknown states count.
    pub(super) fn of(case: &Case<'a>, keep: Span, generous: bool) -> Self {
        let as_of = case.as_of();
        let mut reach = Self::default();
        for point in case.points().iter().copied().filter(|point| point.started_at <= as_of && !point.is_parent()) {
            reach.first_trace = reach.first_trace.or(Some(point.started_at));
            match &point.status {
                PointStatus::Completed | PointStatus::Available | PointStatus::Stopped => {}
                PointStatus::Other(_) => {
                    reach.doubtful = true;
                    if !generous {
                        continue;
                    }
                }
                _ => continue,
            }
            let Some((from, to)) = extent(case, point) else { continue };
            match own_life(point).filter(|life| *life < keep) {
                Some(life) => reach.short = reach.short.max(Some(life)),
                None => {
                    reach.by_dlm |= point.extra.as_ref().is_some_and(|e| e.managed_by.as_deref() == Some("dlm"));
                    if reach.add(from, to.min(as_of)) {
                        reach.shown_by = Some(point);
                    }
                }
            }
        }
        reach.windows(case);
        reach
    }

    /// Add a copy, and say whether it is the oldest.
    fn add(&mut self, from: Instant, to: Instant) -> bool {
        let first = self.oldest.is_none_or(|oldest| from < oldest);
        if first {
            self.oldest = Some(from);
        }
        self.newest = self.newest.max(Some(to));
        first
    }

    /// The restore windows of databases and tables. Where only the latest instant is known, it is one.
    fn windows(&mut self, case: &Case<'a>) {
        let resource = case.resource;
        let database = resource
            .database()
            .filter(|d| d.backup_retention_days.known() != Some(&0))
            .map(|d| (d.earliest_restorable, d.latest_restorable));
        let table = resource.table().filter(|t| t.pitr_days.known() != Some(&0));
        let window = database.or(table.map(|t| (t.earliest_restorable, t.latest_restorable)));
        let Some((earliest, Some(latest))) = window else { return };
        if self.add(earliest.unwrap_or(latest), latest.min(case.as_of())) {
            self.shown_by = None;
            self.window_of = Some(&resource.arn);
        }
    }

    /// The oldest copy.
    pub(super) fn evidence(&self) -> Option<Evidence> {
        match (self.shown_by, self.window_of) {
            (Some(point), _) => Some(Evidence { at: self.oldest, ..Evidence::point(point) }),
            (None, Some(id)) => Some(Evidence::new("resource", id.clone(), self.oldest).note("restore window")),
            (None, None) => None,
        }
    }
}

/// From when to when a point can restore. A continuous point without a known beginning reaches back for
/// its own retention, and not to before it was made.
fn extent(case: &Case<'_>, point: &RecoveryPoint) -> Option<(Instant, Instant)> {
    let Some(window) = point.continuous() else { return point.data_at().map(|at| (at, at)) };
    let captured = case.context.estate.inventory.captured_at;
    let to = match point.status {
        PointStatus::Stopped => window.latest?,
        _ => window.latest.unwrap_or(captured),
    };
    let retained = point.delete_after_days.and_then(|days| to.checked_sub_signed(TimeDelta::days(i64::from(days))));
    let from = window.earliest.or(retained.map(|retained| retained.max(point.started_at)))?;
    Some((from, to))
}

/// For how long its own lifecycle keeps it; `None` for ever.
fn own_life(point: &RecoveryPoint) -> Option<Span> {
    let days = point.delete_after_days.map(|days| Span::days(i64::from(days)));
    days.or_else(|| point.delete_at.map(|at| Span::between(point.started_at, at)))
}
