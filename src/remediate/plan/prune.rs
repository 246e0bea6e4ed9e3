//! What is stored for too long, and what of it may go.
//!
//! The order of the guards is that of doubt: first whether everything about the resource was read, then
//! whether its good copies are safe, then the facts of each point, then how much it would be at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Draft, New, span};
use crate::model::Instant;
use crate::model::activity::{ActivityKind, ActivityOutcome};
use crate::model::assessment::Verdict;
use crate::model::plan::{Action, Disposition, GoodCopy, Guard, Kept, PointFacts, Target};
use crate::model::recovery_point::{PointKind, PointStatus, RecoveryPoint};
use crate::model::resource::{Existence, Resource};
use crate::model::span::Span;
use crate::model::text::Text;
use crate::remediate::guard::{MARK_TAG, Refusal, keeps};
use crate::remediate::price;

/// Lists that must have been read to their end where a point lies, before any of it is deleted.
const NEEDED: [&str; 7] = [
    "ec2:DescribeSnapshots",
    "ec2:DescribeLockedSnapshots",
    "ec2:DescribeImages",
    "backup:ListBackupVaults",
    "backup:ListRecoveryPointsByBackupVault",
    "backup:ListLegalHolds",
    "backup:ListRecoveryPointsByLegalHold",
];

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
}

pub(super) fn plan(draft: &mut Draft<'_>, findings: &[&Verdict]) {
    let mut by_resource: BTreeMap<&str, Vec<&Verdict>> = BTreeMap::new();
    for verdict in findings.iter().copied().filter(|verdict| *verdict.rule.check == *"retention-maximum") {
        by_resource.entry(&verdict.subject.resource).or_default().push(verdict);
    }
    let mut gaps = Gaps::default();
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
    gaps: &mut Gaps,
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
    let late = |point: &RecoveryPoint| point.started_at < too_old || point.status == PointStatus::Expired;
    let newest = Newest::of(&stored, draft.wanted.settings.keep_newest, resource);
    let whole = whole_resource(draft, gaps, resource, &demand, &stored, &newest);
    let copying = copying(draft, resource);
    let mut candidates = Vec::new();
    for point in stored.iter().copied().filter(|point| late(point)) {
        let facts = PointFacts::of(point, copying);
        let refusal = whole
            .clone()
            .or_else(|| newest.keeps(point))
            .or_else(|| part_of_more(point))
            .or_else(|| locked_vault(draft, point))
            .or_else(|| keeps(&facts, cutoff, &draft.wanted.settings, now));
        match refusal {
            Some(refusal) => keep(draft, point, resource, refusal),
            None => candidates.push(Candidate { point, facts, cutoff }),
        }
    }
    let relies_on = newest.relied_on();
    let fresh = demand.fresh(&draft.wanted.settings);
    let fresh_until = newest.at.and_then(|at| at.checked_add_signed(fresh.delta())).unwrap_or(now);
    let mut batch = Batch { resource, verdicts, stored: stored.len() as u64, relies_on, fresh_until, candidates };
    resource_breaker(draft, &mut batch);
    Some(batch)
}

/// When the rule calls a point too old.
fn limit(verdict: &Verdict) -> Option<Span> {
    Some(span(verdict, "limit")?.plus(span(verdict, "grace").unwrap_or(Span::ZERO)))
}

fn keep(draft: &mut Draft<'_>, point: &RecoveryPoint, resource: &Resource, (guard, why): Refusal) {
    let kept = Kept { object: point.arn.clone(), resource: resource.arn.clone(), guard, why: Text::from(why) };
    draft.kept.insert(kept);
}

/// What keeps every point of the resource.
fn whole_resource(
    draft: &Draft<'_>,
    gaps: &mut Gaps,
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
    if resource.tags.is_unread() {
        return Some((Guard::Hold, "the tags of what it restores were not read: they may demand more".into()));
    }
    if demand.uncertain {
        return Some((Guard::Gap, "a rule about what it restores could not be judged".into()));
    }
    let mut places: BTreeSet<(&Text, &Text)> = stored.iter().map(|point| (&point.account, &point.region)).collect();
    places.insert((&resource.account, &resource.region));
    for (account, region) in places {
        if let Some(why) = gaps.at(draft, account, region, resource) {
            return Some((Guard::Gap, why));
        }
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

/// The good copies that stay whatever their age.
struct Newest<'a> {
    /// The instant of the newest data.
    at: Option<Instant>,
    good: Vec<&'a RecoveryPoint>,
    only_elsewhere: BTreeSet<&'a str>,
    count: u32,
}

impl<'a> Newest<'a> {
    fn of(stored: &[&'a RecoveryPoint], count: u32, resource: &Resource) -> Self {
        let mut usable: Vec<(Instant, &RecoveryPoint)> = stored
            .iter()
            .filter(|point| point.is_usable())
            .filter_map(|point| Some((point.data_at()?, *point)))
            .collect();
        usable.sort_by_key(|(at, point)| (std::cmp::Reverse(*at), &point.arn));
        let most = usize::try_from(count.max(1)).unwrap_or(usize::MAX);
        // The newest of each other place, of copies without a known date too: the one begun last.
        let mut elsewhere: HashMap<(&str, &str), &RecoveryPoint> = HashMap::new();
        for point in stored.iter().filter(|point| point.is_usable()) {
            if (&point.account, &point.region) == (&resource.account, &resource.region) {
                continue;
            }
            let newest = elsewhere.entry((&point.account, &point.region)).or_insert(point);
            if (point.started_at, &point.arn) > (newest.started_at, &newest.arn) {
                *newest = point;
            }
        }
        Self {
            at: usable.first().map(|(at, _)| *at),
            good: usable.iter().take(most).map(|(_, point)| *point).collect(),
            only_elsewhere: elsewhere.into_values().map(|point| point.arn.as_str()).collect(),
            count,
        }
    }

    fn relied_on(&self) -> Vec<GoodCopy> {
        let copy = |point: &&RecoveryPoint| GoodCopy {
            at: Target::new(&point.account, &point.region),
            arn: point.arn.clone(),
            kind: point.kind,
            vault: point.vault.clone(),
        };
        self.good.iter().map(copy).collect()
    }

    fn keeps(&self, point: &RecoveryPoint) -> Option<Refusal> {
        if self.good.iter().any(|good| good.arn == point.arn) {
            return Some((Guard::LastGood, format!("it is among the {} newest good copies", self.count)));
        }
        self.only_elsewhere
            .contains(point.arn.as_str())
            .then(|| (Guard::InUse, format!("it is the newest copy in {}/{}", point.account, point.region)))
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

/// Whether the lists of a place were read, asked once for each.
#[derive(Default)]
struct Gaps(HashMap<(Text, Text), Option<String>>);

impl Gaps {
    /// What was not read in a place that could keep a point there.
    fn at(&mut self, draft: &Draft<'_>, account: &Text, region: &Text, resource: &Resource) -> Option<String> {
        let key = (account.clone(), region.clone());
        let known = self.0.entry(key).or_insert_with(|| Self::unread(draft, account, region));
        known.clone().or_else(|| {
            let gaps = draft.estate.inventory.gaps.iter();
            let own = gaps.filter(|gap| gap.resource.as_ref() == Some(&resource.arn)).map(|gap| gap.call()).next()?;
            Some(format!("{own} of what it restores was not read"))
        })
    }

    fn unread(draft: &Draft<'_>, account: &Text, region: &Text) -> Option<String> {
        let inventory = draft.estate.inventory;
        let missing = NEEDED.iter().find(|call| draft.estate.read(account, region, call).is_none());
        if let Some(call) = missing {
            return Some(format!("{call} was not read to its end in {account}/{region}"));
        }
        let open = |hold: &&crate::model::protection::LegalHold| {
            hold.account == *account && hold.region == *region && hold.status != "CANCELED" && hold.points.is_unread()
        };
        if let Some(hold) = inventory.legal_holds.iter().find(open) {
            return Some(format!("it was not read which points the legal hold {} keeps", hold.id));
        }
        // A gap about a bucket's tags says nothing about snapshots; one about a list does.
        let matters = |gap: &&crate::model::gap::Gap| {
            gap.account == *account && gap.region == *region && matches!(gap.service.as_str(), "ec2" | "backup")
        };
        let gap = inventory.gaps.iter().find(matters)?;
        Some(format!("{} was not read in {account}/{region}", gap.call()))
    }
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
    if batch.candidates.is_empty() {
        for verdict in &batch.verdicts {
            draft.leave(verdict, "everything that is too old is kept by a guard");
        }
        return;
    }
    for Candidate { point, facts, cutoff } in batch.candidates {
        let object = point.arn.clone();
        let age = Span::between(point.started_at, draft.now).spoken();
        let mut warnings = Vec::new();
        if facts.archived {
            warnings
                .push("it lies in an archive tier: deleting it within 90 days is charged as if it stayed".to_owned());
        }
        if facts.kind == PointKind::EbsSnapshot && facts.vault.is_none() && facts.public.is_unread() {
            warnings.push("with whom it is shared is asked before it is deleted".to_owned());
        }
        if facts.tags.is_unread() {
            warnings.push("its tags are asked for before it is deleted".to_owned());
        }
        let (stored, relies_on, fresh_until) = (batch.stored, &batch.relies_on, batch.fresh_until);
        let prune = |point| Action::Prune { point, relies_on: relies_on.clone(), fresh_until, stored, cutoff };
        let (action, reason) = match draft.wanted.settings.two_phase {
            None => {
                let reason = format!("it was begun {age} ago, and is stored for too long");
                (prune(facts), reason)
            }
            Some(wait) => match marked(&facts) {
                Some(after) if after <= draft.now => {
                    let reason =
                        format!("it was begun {age} ago, and marked for deletion after {}", after.to_rfc3339());
                    (prune(facts), reason)
                }
                Some(after) => {
                    let why = format!("it is marked, and may be deleted after {}", after.to_rfc3339());
                    keep(draft, point, batch.resource, (Guard::Waiting, why));
                    continue;
                }
                None => {
                    let after = draft.now.checked_add_signed(wait.delta()).unwrap_or(draft.now);
                    let reason = format!("it was begun {age} ago: marked now, deleted by a later plan");
                    (Action::MarkForPrune { point: facts, after, cutoff }, reason)
                }
            },
        };
        let new = New {
            action,
            at: Some(Target::new(&point.account, &point.region)),
            object: &object,
            disposition: Disposition::NeedsApproval,
            reason,
            closes: batch.verdicts.clone(),
            estimate: price::calls(8, 5),
            warnings,
        };
        draft.add(batch.resource, new);
    }
}

/// When a marked point may be deleted.
fn marked(point: &PointFacts) -> Option<Instant> {
    point.tag(MARK_TAG)?.parse().ok()
}
