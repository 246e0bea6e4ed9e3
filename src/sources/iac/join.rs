//! The live account taken in: what it has beside what is declared protects, and is left uncovered, all the same.

use std::collections::HashSet;

use super::{PROTECTION_CALLS, Reading, weakened};
use crate::model::fact::Fact;
use crate::model::inventory::Inventory;
use crate::model::resource::{Detail, RegionSettings, Resource};
use crate::model::text::Text;

/// Join the live account, if it was given, and find what the change takes away.
pub fn join(reading: &mut Reading, live: Option<&Inventory>) {
    if let Some(live) = live {
        // What the change removes from the code is not brought back by the inventory.
        let removed = removed(reading);
        merge(&mut reading.after, live, &removed);
        if let Some(before) = &mut reading.before {
            merge(before, live, &HashSet::new());
        }
    }
    let Some(declared) = &mut reading.after.declared else { return };
    declared.live = live.is_some();
    let Some(before) = &reading.before else { return };
    let mut declared = std::mem::take(declared);
    let found = weakened::between(before, &reading.after, &declared);
    declared.weakenings.extend(found);
    declared.sort();
    reading.after.declared = Some(declared);
}

/// The identities that are there before the change and not after it.
fn removed(reading: &Reading) -> HashSet<Text> {
    let Some(before) = &reading.before else { return HashSet::new() };
    let after: HashSet<&Text> = identities(&reading.after).collect();
    identities(before).filter(|arn| !after.contains(arn)).cloned().collect()
}

fn identities(inventory: &Inventory) -> impl Iterator<Item = &Text> {
    let resources = inventory.resources.iter().map(|resource| &resource.arn);
    let plans = inventory.plans.iter().map(|plan| &plan.arn);
    let policies = inventory.dlm_policies.iter().map(|policy| &policy.arn);
    let rules = inventory.event_rules.iter().map(|rule| &rule.arn);
    resources.chain(plans).chain(policies).chain(rules)
}

fn merge(into: &mut Inventory, live: &Inventory, removed: &HashSet<Text>) {
    let known: HashSet<Text> = identities(into).cloned().collect();
    let wanted = |arn: &Text| !known.contains(arn) && !removed.contains(arn);
    for resource in &live.resources {
        match &resource.detail {
            Detail::Region(settings) => region(into, resource, settings),
            _ if wanted(&resource.arn) => into.resources.push(resource.clone()),
            _ => {}
        }
    }
    into.plans.extend(live.plans.iter().filter(|plan| wanted(&plan.arn)).cloned());
    into.dlm_policies.extend(live.dlm_policies.iter().filter(|policy| wanted(&policy.arn)).cloned());
    into.event_rules.extend(live.event_rules.iter().filter(|rule| wanted(&rule.arn)).cloned());
    let topics: HashSet<Text> = into.topics.iter().map(|topic| topic.arn.clone()).collect();
    into.topics.extend(live.topics.iter().filter(|topic| !topics.contains(&topic.arn)).cloned());
    into.reads.extend(live.reads.iter().cloned());
    let matters = |call: &str| PROTECTION_CALLS.contains(&call) || call == "backup:DescribeRegionSettings";
    into.gaps.extend(live.gaps.iter().filter(|gap| matters(&gap.call())).cloned());
    into.accounts.extend(live.accounts.iter().cloned());
    into.regions.extend(live.regions.iter().cloned());
    into.sort();
}

/// The account's settings of a region hold wherever the code says nothing of them.
fn region(into: &mut Inventory, resource: &Resource, live: &RegionSettings) {
    let same = |other: &&mut Resource| other.account == resource.account && other.region == resource.region;
    let mut own = into.resources.iter_mut().filter(|other| other.region_settings().is_some());
    let Some(own) = own.find(same) else {
        into.resources.push(resource.clone());
        return;
    };
    own.arn = resource.arn.clone();
    if let Detail::Region(own) = &mut own.detail {
        fill(&mut own.ebs_encryption_by_default, &live.ebs_encryption_by_default);
        fill(&mut own.snapshot_block_public_access, &live.snapshot_block_public_access);
        fill(&mut own.backup_opt_in, &live.backup_opt_in);
    }
}

fn fill<T: Clone>(own: &mut Fact<T>, live: &Fact<T>) {
    if own.is_unread() {
        *own = live.clone();
    }
}
