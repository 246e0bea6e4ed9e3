//! Copies that are missing now: snapshots of volumes, backups on demand of the rest.

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, New};
use crate::model::arn;
use crate::model::assessment::Verdict;
use crate::model::coverage::backup_type;
use crate::model::fact::Fact;
use crate::model::judgement::counted;
use crate::model::kind::Kind;
use crate::model::plan::{Action, Disposition, VolumeRef};
use crate::model::recovery::last_good;
use crate::model::resource::{Existence, Resource};
use crate::model::span::Span;
use crate::model::text::Text;
use crate::remediate::price;

/// The retention of a backup on demand where no rule demands more.
const KEEP_DAYS: i64 = 35;

pub(super) fn plan(draft: &mut Draft<'_>, findings: &[&Verdict]) {
    let mut needed: BTreeMap<&str, Vec<&Verdict>> = BTreeMap::new();
    for verdict in findings.iter().copied().filter(|verdict| *verdict.rule.check == *"cadence") {
        let Some(resource) = draft.resource(verdict) else { continue };
        if resource.existence != Existence::Present {
            continue;
        }
        let grace = verdict.rule.span("grace").unwrap_or(Span::ZERO);
        let Some(limit) = verdict.rule.span("every").map(|every| every.plus(grace)) else { continue };
        match last_good(&draft.estate, resource, draft.now) {
            Some(copy) if copy.lost <= limit => {
                draft.leave(verdict, "the gap lies in the past: no new copy can fill it, and the newest is in time");
            }
            _ => needed.entry(resource.arn.as_str()).or_default().push(verdict),
        }
    }
    let instances = instances(draft, &needed);
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for (instance, volumes) in &instances {
        let closes = volumes.iter().filter_map(|arn| needed.get(arn.as_str())).flatten().copied();
        let closes: Vec<&Verdict> = closes.collect();
        done.extend(volumes.iter().map(Text::as_str));
        of_instance(draft, instance, volumes, closes);
    }
    for (arn, verdicts) in &needed {
        if !done.contains(arn)
            && let Some(resource) = draft.estate.resource(arn)
        {
            of_resource(draft, resource, verdicts);
        }
    }
}

/// Instances of which at least one of several volumes needs a copy, with all their volumes: what was written at one
/// instant can be restored together only if it was copied at one instant. The copies of an instance as a whole are
/// images, which AWS Backup makes.
fn instances(draft: &Draft<'_>, needed: &BTreeMap<&str, Vec<&Verdict>>) -> BTreeMap<Text, Vec<Text>> {
    let mut instances = BTreeMap::new();
    for arn in needed.keys() {
        let Some(resource) = draft.estate.resource(arn) else { continue };
        // A volume at several instances has no one of them as its whole.
        let Some([only]) = resource.volume().map(|volume| volume.attached_to.as_slice()) else { continue };
        let Some(instance) = draft.estate.resource(only) else { continue };
        let volumes = instance.instance().and_then(|instance| instance.volumes.known());
        if let Some(volumes) = volumes.filter(|volumes| volumes.len() > 1) {
            instances.insert(instance.arn.clone(), volumes.clone());
        }
    }
    instances
}

fn of_instance(draft: &mut Draft<'_>, arn: &Text, volumes: &[Text], closes: Vec<&Verdict>) {
    let Some(instance) = draft.estate.resource(arn) else { return };
    let volumes: Vec<VolumeRef> = volumes.iter().map(|arn| volume_ref(arn, draft.estate.resource(arn))).collect();
    let encrypt = volumes.iter().any(|volume| draft.demands.on(&volume.arn).encrypted);
    let reason =
        format!("its newest good copy is too old: {} of one instant", counted(volumes.len() as u64, "snapshot"));
    snapshot(draft, instance, Some(arn.clone()), volumes, encrypt, reason, closes);
}

fn of_resource<'a>(draft: &mut Draft<'a>, resource: &'a Resource, verdicts: &[&Verdict]) {
    match resource.kind {
        Kind::EbsVolume => {
            let volumes = vec![volume_ref(&resource.arn, Some(resource))];
            let encrypt = draft.demands.on(&resource.arn).encrypted;
            let reason = "its newest good copy is too old".to_owned();
            snapshot(draft, resource, None, volumes, encrypt, reason, verdicts.to_vec());
        }
        Kind::Ec2Instance
        | Kind::S3Bucket
        | Kind::RdsInstance
        | Kind::RdsCluster
        | Kind::DynamodbTable
        | Kind::EfsFileSystem => backup_job(draft, resource, verdicts),
        _ => leave(draft, verdicts, "lastgood cannot back up this kind: `lastgood log run` wraps the tool that does"),
    }
}

fn leave(draft: &mut Draft<'_>, verdicts: &[&Verdict], why: &str) {
    for verdict in verdicts {
        draft.leave(verdict, why);
    }
}

fn volume_ref(arn: &Text, resource: Option<&Resource>) -> VolumeRef {
    let volume = resource.and_then(Resource::volume);
    VolumeRef {
        arn: arn.clone(),
        encrypted: volume.map(|volume| volume.encrypted.clone()).unwrap_or_default(),
        size_gib: volume.map(|volume| volume.size_gib.clone()).unwrap_or_default(),
        tags: resource.and_then(|resource| resource.tags.known()).cloned().unwrap_or_default(),
    }
}

fn snapshot(
    draft: &mut Draft<'_>,
    resource: &Resource,
    instance: Option<Text>,
    volumes: Vec<VolumeRef>,
    encrypted: bool,
    reason: String,
    closes: Vec<&Verdict>,
) {
    let gib: u64 = volumes.iter().filter_map(|volume| volume.size_gib.known()).sum();
    let plain = volumes.iter().filter(|volume| volume.encrypted != Fact::Known(true)).count() as u64;
    let encrypt = encrypted && plain > 0;
    let mut warnings = Vec::new();
    if volumes.iter().any(|volume| volume.size_gib.is_unread()) {
        warnings.push("the size of a volume was not read: the estimate is too low".to_owned());
    }
    if plain > 0 {
        let then = if encrypt { "an encrypted copy follows, and is verified" } else { "no rule asks for more" };
        warnings.push(format!("{} will not be encrypted: {then}", counted(plain, "snapshot")));
    }
    let calls = 2 + 3 * volumes.len() as u64;
    // An image of the instance as a whole is another thing, and may be asked for as well.
    let object = if instance.is_some() { format!("{} volumes", resource.arn) } else { resource.arn.to_string() };
    let new = New {
        action: Action::Snapshot { instance, volumes, encrypt },
        at: None,
        object: &object,
        disposition: Disposition::Safe,
        reason,
        closes,
        estimate: price::snapshot(gib << 30, calls),
        warnings,
    };
    draft.add(resource, new);
}

fn backup_job<'a>(draft: &mut Draft<'a>, resource: &'a Resource, verdicts: &[&Verdict]) {
    let opted = draft.estate.settings(&resource.account, &resource.region);
    let opted = opted.and_then(|settings| settings.backup_opt_in.known());
    if let (Some(opted), Some(name)) = (opted, backup_type(resource.kind))
        && opted.get(name) == Some(&false)
    {
        return leave(draft, verdicts, "AWS Backup is not opted in to this kind in the region");
    }
    let (of_plan, role_of_plan) = planned(draft, resource);
    let vault = of_plan.or_else(|| vault_of_points(draft, resource)).or_else(|| draft.wanted.vault.clone());
    let Some(vault) = vault else {
        return leave(draft, verdicts, "no vault is known for it: name one with `--vault`");
    };
    let Some(role) = role_of_plan.or_else(|| draft.wanted.role.clone()) else {
        return leave(draft, verdicts, "no role is known that may back it up: name one with `--backup-role`");
    };
    let keep = draft.demands.on(&resource.arn).keep.unwrap_or(Span::days(KEEP_DAYS));
    let days = u32::try_from(keep.as_days().max(KEEP_DAYS)).unwrap_or(u32::MAX);
    let new = New {
        action: Action::BackupJob { vault: vault.clone(), role, delete_after_days: days },
        at: None,
        object: &resource.arn,
        disposition: Disposition::Safe,
        reason: format!("its newest good copy is too old: a backup on demand into `{vault}`"),
        closes: verdicts.to_vec(),
        estimate: price::backup(0),
        warnings: Vec::new(),
    };
    draft.add(resource, new);
}

/// Vault and role of a plan that covers it.
fn planned<'a>(draft: &Draft<'a>, resource: &'a Resource) -> (Option<Text>, Option<Text>) {
    let coverage = draft.estate.coverage(resource);
    let Some(covered) = coverage.by.first() else { return (None, None) };
    let vault = covered.plan.rules.first().map(|rule| rule.vault.clone());
    (vault, covered.selection.role.clone())
}

fn vault_of_points(draft: &Draft<'_>, resource: &Resource) -> Option<Text> {
    let here = |point: &&crate::model::recovery_point::RecoveryPoint| {
        point.account == resource.account && point.region == resource.region
    };
    let points = draft.estate.points(&resource.arn).iter().rev().copied().filter(here);
    points.filter_map(|point| point.vault.as_ref()).map(|vault| Text::from(arn::short(vault))).next()
}
