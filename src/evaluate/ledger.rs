//! The registers that stand beside the verdicts: what was listed, tested, stated, excepted and done.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike as _;

use super::stored;
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Trigger};
use crate::model::arn::Arn;
use crate::model::assessment::Verdict;
use crate::model::inventory::Inventory;
use crate::model::ledger::{ActivityCount, Duty, Exception, Ledger, ListsRead, NAMED, Reconciliation, Unlisted, Why};
use crate::model::resource::Existence;
use crate::model::text::Text;
use crate::policy::Policy;

/// Lay out what the inventory and the policy hold beside the verdicts; nothing of infrastructure code, which has no past.
pub(super) fn of(policy: &Policy, inventory: &Inventory, verdicts: &[Verdict], as_of: Instant) -> Option<Box<Ledger>> {
    if inventory.declared.is_some() {
        return None;
    }
    let told = |wanted: fn(&Activity) -> bool| inventory.activities.iter().filter(move |one| wanted(one)).cloned();
    let tests: Vec<Activity> = told(is_test).collect();
    let covering = verdicts.iter().filter_map(|verdict| Some(&verdict.waiver.as_ref()?.id));
    Some(Box::new(Ledger {
        lists: lists(inventory),
        reconciliation: reconciliation(inventory),
        stored: stored::of(inventory, verdicts, as_of),
        duties: duties(policy, inventory, &tests),
        tests,
        attestations: inventory.attestations.clone(),
        exceptions: exceptions(policy, covering, as_of),
        activities: counts(inventory),
        remediation: told(Activity::is_remediation).collect(),
        logs: inventory.logs.clone(),
    }))
}

/// Restores and recoveries are here too: each shows that a copy can be used.
fn is_test(one: &Activity) -> bool {
    matches!(
        one.kind,
        ActivityKind::RestoreTest | ActivityKind::Restore | ActivityKind::Verification | ActivityKind::Recovery
    )
}

fn lists(inventory: &Inventory) -> Vec<ListsRead> {
    let mut calls: BTreeMap<&Text, ListsRead> = BTreeMap::new();
    for read in &inventory.reads {
        let empty = || ListsRead { call: read.call.clone(), places: 0, items: 0, requests: 0, since: None };
        let sum = calls.entry(&read.call).or_insert_with(empty);
        sum.places += 1;
        sum.items += read.items;
        sum.requests += read.requests;
        // Complete everywhere only from the latest of them on.
        sum.since = sum.since.max(read.since);
    }
    calls.into_values().collect()
}

fn reconciliation(inventory: &Inventory) -> Reconciliation {
    let state: BTreeMap<&str, Existence> = inventory
        .resources
        .iter()
        .filter(|resource| resource.kind.is_recoverable())
        .map(|resource| (resource.arn.as_str(), resource.existence))
        .collect();
    let owners: BTreeSet<&str> = inventory.points.iter().filter_map(|point| point.resource.as_deref()).collect();
    // Records of logs name things of their own; these are registers, and no second list of the account.
    let jobs = inventory.activities.iter().filter(|one| one.source.starts_with("backup:"));
    let protected = inventory.protected.iter().map(Text::as_str);
    let others = jobs.filter_map(|job| job.resource.as_deref()).chain(protected);
    let named: BTreeSet<&str> = owners.iter().copied().chain(others).collect();
    let mut found = Reconciliation {
        listed: state.values().filter(|existence| existence.is_present()).count() as u64,
        named: named.len() as u64,
        ..Reconciliation::default()
    };
    for resource in named {
        let why = match state.get(resource) {
            Some(Existence::Present) => {
                found.both += 1;
                continue;
            }
            Some(Existence::Deleted) => Why::Deleted,
            Some(Existence::Unconfirmed) => Why::NotRead,
            None if is_outside(inventory, resource) => Why::OutOfScope,
            // The owner of a point stands among the resources, gone or not; where it does not, something was lost.
            None if owners.contains(resource) => Why::Unexplained,
            None => unowned(inventory, resource),
        };
        found.unexplained += u64::from(why == Why::Unexplained);
        found.unlisted.push(Unlisted { resource: resource.into(), why });
    }
    // What nothing explains is never what is cut off.
    found.unlisted.sort_by(|a, b| (a.why, &a.resource).cmp(&(b.why, &b.resource)));
    found.unlisted.truncate(NAMED);
    found
}

/// Of a resource that only jobs or the register of AWS Backup name: both outlive it.
fn unowned(inventory: &Inventory, resource: &str) -> Why {
    let Some(arn) = Arn::parse(resource) else { return Why::Unexplained };
    let Some(kind) = arn.kind() else { return Why::OtherKind };
    let is_listed = |account: &str| inventory.lists_all(kind, account, arn.region);
    // The ARNs of buckets name no account: it may be any.
    let complete = match arn.account {
        "" => inventory.accounts.iter().all(|account| is_listed(account)),
        account => is_listed(account),
    };
    if complete { Why::Deleted } else { Why::NotRead }
}

fn is_outside(inventory: &Inventory, resource: &str) -> bool {
    let Some(parts) = Arn::parse(resource) else { return false };
    let missing = |known: &[Text], name: &str| !name.is_empty() && !known.iter().any(|one| **one == *name);
    missing(&inventory.accounts, parts.account) || missing(&inventory.regions, parts.region)
}

/// Every exception of the policy. `covering` holds the id of the exception of each thing that is under one.
pub(super) fn exceptions<'a>(
    policy: &Policy,
    covering: impl Iterator<Item = &'a Text>,
    as_of: Instant,
) -> Vec<Exception> {
    let mut covers: BTreeMap<&Text, u64> = BTreeMap::new();
    for id in covering {
        *covers.entry(id).or_default() += 1;
    }
    let of = |waiver: &crate::policy::Waiver| Exception {
        waiver: (*waiver.reference).clone(),
        rules: waiver.rules.clone(),
        resources: waiver.resources.clone(),
        in_force: waiver.from <= as_of && as_of < waiver.reference.expires,
        covers: covers.get(&waiver.reference.id).copied().unwrap_or(0),
    };
    policy.waivers.iter().map(of).collect()
}

fn duties(policy: &Policy, inventory: &Inventory, tests: &[Activity]) -> Vec<Duty> {
    let identity = &policy.identity;
    let owner = identity.owner.as_deref();
    let policy_pair = [(identity.id.as_str(), owner, identity.approved_by.as_deref())];
    let waivers = policy.waivers.iter().map(|waiver| {
        let reference = &waiver.reference;
        (reference.id.as_str(), Some(reference.requested_by.as_str()), Some(reference.approved_by.as_str()))
    });
    let statements =
        inventory.attestations.iter().map(|one| (one.id.as_str(), one.performed_by.as_deref(), Some(one.by.as_str())));
    let done = |kind: ActivityKind| {
        tests.iter().filter(move |one| one.kind == kind).map(|one| {
            let reviewer = one.detail.as_ref().and_then(|detail| detail.reviewer.as_deref());
            (one.id.as_str(), one.operator.as_deref(), reviewer)
        })
    };
    let all = [
        duty("the policy: owned / approved", policy_pair.into_iter()),
        duty("exceptions: asked for / approved", waivers),
        duty("statements: performed / stated", statements),
        duty("restore tests: performed / reviewed", done(ActivityKind::RestoreTest)),
        duty("recoveries: performed / reviewed", done(ActivityKind::Recovery)),
    ];
    all.into_iter().filter(|duty| duty.separate + duty.same + duty.unknown > 0).collect()
}

fn duty<'a>(act: &str, pairs: impl Iterator<Item = (&'a str, Option<&'a str>, Option<&'a str>)>) -> Duty {
    let mut found = Duty { act: act.into(), separate: 0, same: 0, unknown: 0, named: Vec::new() };
    for (id, first, second) in pairs {
        let person = |name: &str| name.trim().to_lowercase();
        let counter = match (first, second) {
            (Some(first), Some(second)) if person(first) == person(second) => &mut found.same,
            (Some(_), Some(_)) => {
                found.separate += 1;
                continue;
            }
            _ => &mut found.unknown,
        };
        *counter += 1;
        if found.named.len() < NAMED {
            found.named.push(id.into());
        }
    }
    found
}

fn counts(inventory: &Inventory) -> Vec<ActivityCount> {
    let mut counts: BTreeMap<(i32, u32, ActivityKind, u8), ActivityCount> = BTreeMap::new();
    for one in &inventory.activities {
        let (year, month) = (one.started_at.year(), one.started_at.month());
        let trigger = one.trigger();
        let order = match trigger {
            Some(Trigger::Scheduled) => 0,
            Some(Trigger::Manual) => 1,
            None => 2,
        };
        let count = counts.entry((year, month, one.kind, order)).or_insert_with(|| ActivityCount {
            month: format!("{year:04}-{month:02}").into(),
            kind: one.kind,
            trigger,
            succeeded: 0,
            failed: 0,
            other: 0,
        });
        match &one.outcome {
            ActivityOutcome::Succeeded => count.succeeded += 1,
            outcome if outcome.is_failure() => count.failed += 1,
            _ => count.other += 1,
        }
    }
    counts.into_values().collect()
}
