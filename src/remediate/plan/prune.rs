//! What is stored for too long, and what of it may go.
//!
//! The order of the guards is that of doubt: first whether everything about the resource was read, then
//! whether its good copies are safe, then the facts of each point, then how much it would be at once.

mod gaps;
mod newest;

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, New};
use crate::model::Instant;
use crate::model::activity::{ActivityKind, ActivityOutcome};
use crate::model::assessment::Verdict;
use crate::model::plan::{Action, Disposition, GoodCopy, Guard, Kept, PointFacts, Target};
use crate::model::recovery_point::{PointKind, PointStatus, RecoveryPoint};
use crate::model::resource::{Existence, Resource};
use crate::model::span::Span;
use crate::model::text::Text;
use crate::remediate::guard::{Refusal, hold_tag, keeps, marked};
use crate::remediate::price;
use gaps::Gaps;
use newest::Newest;

/// Keys of tags on a resource that keep all of its points. Other words that keep a point, such as `retention`, say of a
/// resource how it is backed up.
const RESOURCE_HOLDS: &[&str] = &["lastgood:hold", "*hold", "*legal*"];

/// A point that may go.
struct Candidate<'a> {
    point: &'a RecoveryPoint,
    facts: PointFacts,
    cutoff: Instant,
}

/// The points of one resource that may go, with the findings that this closes.
struct Batch<'a, 'v> {
    resource: &'a Resource,
    verdicts: Vec<&'v Verdict>,
    stored: u64,
    relies_on: Vec<GoodCopy>,
    fresh_until: Instant,
    candidates: Vec<Candidate<'a>>,
    /// How many are too old and stay.
    kept: usize,
}

pub(super) fn plan(draft: &mut Draft<'_>, findings: &[&Verdict]) {
    let mut by_resource: BTreeMap<&str, Vec<&Verdict>> = BTreeMap::new();
    for verdict in findings.iter().copied().filter(|verdict| *verdict.rule.check == *"retention-maximum") {
        by_resource.entry(&verdict.subject.resource).or_default().push(verdict);
    }
    let mut gaps = Gaps::of(&draft.estate);
    let mut batches = Vec::new();
    for verdicts in by_resource.into_values() {
        let Some(first) = verdicts.first() else { continue };
        let Some(resource) = draft.resource(first) else { continue };
        if let Some(batch) = batch(draft, &mut gaps, resource, verdicts) {
            batches.push(batch);
        }
    }
    run_breaker(draft, &mut batches);
    for batch in batches {
        add(draft, batch);
    }
}

/// Everything of a resource that is too old, less what a guard keeps.
fn batch<'a, 'v>(
    draft: &mut Draft<'a>,
    gaps: &mut Gaps<'a>,
    resource: &'a Resource,
    verdicts: Vec<&'v Verdict>,
) -> Option<Batch<'a, 'v>> {
    let now = draft.now;
    let limit = verdicts.iter().filter_map(|verdict| limit(verdict)).min()?;
    let too_old = limit.before(now);
    let demand = draft.demands.on(&resource.arn);
    let cutoff = demand.keep(&draft.wanted.settings).before(now).min(too_old);
    let points = draft.estate.points(&resource.arn);
    let stored: Vec<&RecoveryPoint> =
        points.iter().copied().filter(|point| point.is_stored() && !point.is_parent()).collect();
    let late = |point: &RecoveryPoint| {
        let since = point.continuous().and_then(|window| window.earliest).unwrap_or(point.started_at);
        since.min(point.started_at) < too_old || point.status == PointStatus::Expired
    };
    let newest = Newest::of(&draft.estate, &stored, draft.wanted.settings.keep_newest, resource, now);
    let whole = whole_resource(draft, gaps, resource, &demand, &stored, &newest);
    let copying = copying(draft, resource);
    let (mut candidates, mut kept) = (Vec::new(), 0);
    for point in stored.iter().copied().filter(|point| late(point)) {
        let facts = PointFacts::of(point, copying);
        let refusal = whole
            .clone()
            .or_else(|| newest.keeps(point))
            .or_else(|| part_of_more(point))
            .or_else(|| locked_vault(draft, point))
            .or_else(|| keeps(&facts, cutoff, &draft.wanted.settings, now));
        match refusal {
            Some(refusal) => {
                keep(draft, point, resource, refusal);
                kept += 1;
            }
            None => candidates.push(Candidate { point, facts, cutoff }),
        }
    }
    let relies_on = newest.relied_on();
    let fresh = demand.fresh(&draft.wanted.settings);
    let fresh_until = newest.at.and_then(|at| at.checked_add_signed(fresh.delta())).unwrap_or(now);
    let stored = stored.len() as u64;
    let mut batch = Batch { resource, verdicts, stored, relies_on, fresh_until, candidates, kept };
    resource_breaker(draft, &mut batch);
    Some(batch)
}

/// When the rule calls a point too old.
fn limit(verdict: &Verdict) -> Option<Span> {
    Some(verdict.rule.span("limit")?.plus(verdict.rule.span("grace").unwrap_or(Span::ZERO)))
}

fn keep(draft: &mut Draft<'_>, point: &RecoveryPoint, resource: &Resource, (guard, why): Refusal) {
    let kept = Kept { object: point.arn.clone(), resource: resource.arn.clone(), guard, why: Text::from(why) };
    draft.kept.insert(kept);
}

/// What keeps every point of the resource.
fn whole_resource(
    draft: &Draft<'_>,
    gaps: &mut Gaps<'_>,
    resource: &Resource,
    demand: &super::demands::Demand,
    stored: &[&RecoveryPoint],
    newest: &Newest<'_>,
) -> Option<Refusal> {
    match resource.existence {
        Existence::Present if resource.kind.is_recoverable() => {}
        Existence::Present => return Some((Guard::Hold, "nobody knows what it restores".into())),
        Existence::Deleted => {
            return Some((Guard::LastGood, "what it restores is gone: it may be the only copy left".into()));
        }
        Existence::Unconfirmed => return Some((Guard::Gap, "it was not read whether what it restores exists".into())),
    }
    match resource.tags.known() {
        None => return Some((Guard::Hold, "the tags of what it restores were not read: they may demand more".into())),
        Some(tags) => {
            if let Some(key) = hold_tag(tags, RESOURCE_HOLDS) {
                return Some((Guard::Hold, format!("the tag `{key}` of what it restores keeps it")));
            }
        }
    }
    if demand.uncertain {
        return Some((Guard::Gap, "a rule about what it restores could not be judged".into()));
    }
    let mut places: BTreeSet<(&Text, &Text)> = stored.iter().map(|point| (&point.account, &point.region)).collect();
    places.insert((&resource.account, &resource.region));
    let mut in_places = places.into_iter().filter_map(|at| gaps.at(&draft.estate, at.0, at.1, resource.kind));
    if let Some(why) = in_places.next().or_else(|| gaps.about(resource)) {
        return Some((Guard::Gap, why));
    }
    let fresh = demand.fresh(&draft.wanted.settings);
    match newest.at {
        Some(at) if at >= fresh.before(draft.now) => None,
        Some(at) => {
            let age = Span::between(at, draft.now).spoken();
            Some((Guard::LastGood, format!("the newest good copy is {age} old, and may be at most {}", fresh.spoken())))
        }
        None => Some((Guard::LastGood, "there is no good copy whose date is known".into())),
    }
}

fn part_of_more(point: &RecoveryPoint) -> Option<Refusal> {
    let parent = point.extra.as_ref()?.parent.as_ref()?;
    Some((Guard::InUse, format!("it is a part of {parent}")))
}

/// A locked vault lets nobody delete; its points go by their lifecycle.
fn locked_vault(draft: &Draft<'_>, point: &RecoveryPoint) -> Option<Refusal> {
    let name = crate::model::arn::short(point.vault.as_ref()?);
    let vault = draft.estate.vault(&point.account, &point.region, name);
    match vault.and_then(|vault| vault.vault()).and_then(|vault| vault.lock.known()) {
        None => Some((Guard::Gap, format!("it was not read whether the vault `{name}` is locked"))),
        Some(lock) if lock.locked => Some((Guard::Hold, format!("the vault `{name}` is locked"))),
        Some(_) => None,
    }
}

/// Whether a copy of one of its points is under way. The record of a copy names what it makes, not what it is
/// of, so that it keeps them all.
fn copying(draft: &Draft<'_>, resource: &Resource) -> bool {
    let running = |activity: &&crate::model::activity::Activity| {
        activity.kind == ActivityKind::Copy && activity.outcome == ActivityOutcome::Running
    };
    draft.estate.activities(&resource.arn).iter().any(running)
}

fn resource_breaker(draft: &mut Draft<'_>, batch: &mut Batch<'_, '_>) {
    let (count, stored) = (batch.candidates.len() as u64, batch.stored);
    let breakers = draft.wanted.settings.breakers;
    if !breakers.trips_for_resource(count, stored) {
        return;
    }
    let why = format!(
        "{count} of {stored} points of one resource would go at once; at most {} or {} % may",
        breakers.per_resource, breakers.per_resource_percent
    );
    keep_all(draft, batch, &why);
}

/// Too many at once are none.
fn keep_all(draft: &mut Draft<'_>, batch: &mut Batch<'_, '_>, why: &str) {
    for candidate in std::mem::take(&mut batch.candidates) {
        keep(draft, candidate.point, batch.resource, (Guard::Breaker, why.to_owned()));
        batch.kept += 1;
    }
}

fn run_breaker(draft: &mut Draft<'_>, batches: &mut [Batch<'_, '_>]) {
    let count: u64 = batches.iter().map(|batch| batch.candidates.len() as u64).sum();
    let stored = draft.stored_points();
    let breakers = draft.wanted.settings.breakers;
    if !breakers.trips_for_run(count, stored) {
        return;
    }
    let why = format!(
        "{count} of {stored} points would go at once; at most {} or {} % may",
        breakers.per_run, breakers.per_run_percent
    );
    for batch in batches {
        keep_all(draft, batch, &why);
    }
}

fn add(draft: &mut Draft<'_>, batch: Batch<'_, '_>) {
    let (mut planned, mut waiting) = (0_usize, 0_usize);
    for Candidate { point, facts, cutoff } in batch.candidates {
        let age = Span::between(point.started_at, draft.now).spoken();
        let warnings = warnings(&facts);
        let (stored, relies_on, fresh_until) = (batch.stored, &batch.relies_on, batch.fresh_until);
        let prune = |point| Action::Prune { point, relies_on: relies_on.clone(), fresh_until, stored, cutoff };
        let (action, reason) = match phase(draft, &facts) {
            Phase::Only => (prune(facts), format!("it was begun {age} ago, and is stored for too long")),
            Phase::Over(after) => {
                let reason = format!("it was begun {age} ago, and marked for deletion after {}", after.to_rfc3339());
                (prune(facts), reason)
            }
            Phase::Unread => {
                let reason = format!("it was begun {age} ago: deleted if its mark says so, marked if it has none");
                (prune(facts), reason)
            }
            Phase::Waits(after) => {
                let why = format!("it is marked, and may be deleted after {}", after.to_rfc3339());
                keep(draft, point, batch.resource, (Guard::Waiting, why));
                waiting += 1;
                continue;
            }
            Phase::First(after) => {
                let reason = format!("it was begun {age} ago: marked now, deleted by a later plan");
                (Action::MarkForPrune { point: facts, after, cutoff }, reason)
            }
        };
        planned += 1;
        let new = New {
            action,
            at: Some(Target::new(&point.account, &point.region)),
            object: &point.arn,
            disposition: Disposition::NeedsApproval,
            reason,
            closes: batch.verdicts.clone(),
            estimate: price::calls(8, 5),
            warnings,
        };
        draft.add(batch.resource, new);
    }
    let why = match (planned, waiting, batch.kept) {
        (1.., _, _) => return,
        (0, 1.., _) => "what may go is marked for deletion, and the waiting time is not over",
        (0, 0, 1..) => "everything that is too old is kept by a guard",
        (0, 0, 0) => "what is too old is being deleted already: look at its role and its message if that does not end",
    };
    for verdict in &batch.verdicts {
        draft.leave(verdict, why);
    }
}

fn warnings(facts: &PointFacts) -> Vec<String> {
    let mut warnings = Vec::new();
    if facts.archived {
        warnings.push("it lies in an archive tier: deleting it within 90 days is charged as if it stayed".to_owned());
    }
    if facts.kind == PointKind::EbsSnapshot && facts.vault.is_none() && facts.public.is_unread() {
        warnings.push("with whom it is shared is asked before it is deleted".to_owned());
    }
    if facts.tags.is_unread() {
        warnings.push("its tags are asked for before it is deleted".to_owned());
    }
    warnings
}

/// How far the deletion of a point is.
enum Phase {
    /// There is only one phase.
    Only,
    /// It is to be marked, and may be deleted after this instant.
    First(Instant),
    /// It is marked, and may be deleted only after this instant.
    Waits(Instant),
    /// It is marked, and this instant is over.
    Over(Instant),
    /// No list gives its tags, so that nobody knows yet whether it is marked: who applies the plan sees it.
    Unread,
}

fn phase(draft: &Draft<'_>, facts: &PointFacts) -> Phase {
    let Some(wait) = draft.wanted.settings.two_phase else { return Phase::Only };
    match marked(facts) {
        Some(after) if after <= draft.now => Phase::Over(after),
        Some(after) => Phase::Waits(after),
        None if facts.tags.is_unread() => Phase::Unread,
        None => Phase::First(draft.now.checked_add_signed(wait.delta()).unwrap_or(draft.now)),
    }
}
