//! The recovery points that are stored: how old they are, what keeps them, and when they were made.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;

use crate::model::Instant;
use crate::model::assessment::Verdict;
use crate::model::inventory::Inventory;
use crate::model::ledger::{AgeCount, DRAWN, NAMED, Stored, Timeline};
use crate::model::outcome::Outcome;
use crate::model::recovery_point::{PointStatus, RecoveryPoint, RestoreWindow};

/// What deletion may take after it is due, as `retention-maximum` takes it where a policy says nothing.
const GRACE: TimeDelta = TimeDelta::hours(48);

enum Sort {
    Usable,
    Copy,
    Held,
    Overdue,
    Other,
}

/// Lay out what is stored at `as_of`.
pub(super) fn of(inventory: &Inventory, verdicts: &[Verdict], as_of: Instant) -> Stored {
    let mut ages: BTreeMap<u64, AgeCount> = BTreeMap::new();
    let mut lines: BTreeMap<&str, Timeline> = BTreeMap::new();
    // A composite's parts stand for its container; a point that is not there yet, or no more, is not stored.
    let stored = |point: &&RecoveryPoint| point.is_stored() && !point.is_parent() && point.started_at <= as_of;
    for point in inventory.points.iter().filter(stored) {
        let mut line = point.resource.as_deref().map(|resource| {
            lines.entry(resource).or_insert_with(|| Timeline { resource: resource.into(), ..Timeline::default() })
        });
        if let Some(line) = &mut line {
            line.points += 1;
        }
        if let Some(window) = point.continuous() {
            if let Some(line) = line {
                line.continuous = Some(line.continuous.map_or(window, |known| wider(known, window)));
            }
            continue;
        }
        let days = u64::try_from((as_of - point.started_at).num_days()).unwrap_or(0);
        let age = ages.entry(days).or_insert_with(|| AgeCount { days, ..AgeCount::default() });
        let sort = sort(point, as_of);
        *match sort {
            Sort::Usable | Sort::Copy => &mut age.usable,
            Sort::Held => &mut age.held,
            Sort::Overdue => &mut age.overdue,
            Sort::Other => &mut age.other,
        } += 1;
        let Some(line) = line else { continue };
        match sort {
            Sort::Usable => &mut line.usable,
            Sort::Copy => &mut line.copies,
            Sort::Held => &mut line.held,
            Sort::Overdue => &mut line.overdue,
            Sort::Other => &mut line.other,
        }
        .push(point.started_at);
    }
    let resources = lines.len() as u64;
    Stored { ages: ages.into_values().collect(), resources, timelines: worst(lines, verdicts) }
}

fn sort(point: &RecoveryPoint, as_of: Instant) -> Sort {
    let due = point.status == PointStatus::Expired
        || point.delete_at.is_some_and(|at| as_of.signed_duration_since(at) >= GRACE);
    match () {
        () if point.is_held(as_of) => Sort::Held,
        () if due => Sort::Overdue,
        () if !point.is_usable() => Sort::Other,
        () if point.is_copy() => Sort::Copy,
        () => Sort::Usable,
    }
}

fn wider(one: RestoreWindow, other: RestoreWindow) -> RestoreWindow {
    let earliest = match (one.earliest, other.earliest) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    RestoreWindow { earliest, latest: one.latest.max(other.latest) }
}

/// Those of the resources with the worst verdicts, each with its newest points.
fn worst(lines: BTreeMap<&str, Timeline>, verdicts: &[Verdict]) -> Vec<Timeline> {
    let mut faults: HashMap<&str, (u64, u64)> = HashMap::new();
    for verdict in verdicts {
        let (fails, unknowns) = faults.entry(&verdict.subject.resource).or_default();
        *fails += u64::from(verdict.outcome == Outcome::Fail);
        *unknowns += u64::from(verdict.outcome == Outcome::Unknown);
    }
    let mut lines: Vec<Timeline> = lines.into_values().collect();
    lines.sort_by_cached_key(|line| (Reverse(faults.get(line.resource.as_str()).copied()), line.resource.clone()));
    lines.truncate(DRAWN);
    for line in &mut lines {
        for all in [&mut line.usable, &mut line.copies, &mut line.held, &mut line.overdue, &mut line.other] {
            all.sort_unstable();
            all.drain(..all.len().saturating_sub(NAMED));
        }
    }
    lines
}
