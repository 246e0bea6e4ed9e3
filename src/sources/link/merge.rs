//! The same snapshot or image, once as EC2 lists it and once as AWS Backup does.

use std::collections::{HashMap, HashSet};

use super::{extra, remark, was_read};
use crate::model::inventory::Inventory;
use crate::model::kind::Kind;
use crate::model::recovery_point::{PointKind, PointStatus, RecoveryPoint};
use crate::model::text::Text;

/// An air-gapped vault stores its points in an account of AWS, where EC2 does not list them for us.
const AIR_GAPPED: &str = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT";

/// Make one point of each pair. AWS Backup's has a vault, EC2's has none.
pub(super) fn same_points(inventory: &mut Inventory) {
    let shared_kind = |point: &RecoveryPoint| matches!(point.kind, PointKind::EbsSnapshot | PointKind::Image);
    let points = std::mem::take(&mut inventory.points);
    let (mut in_vaults, others): (Vec<_>, Vec<_>) = points.into_iter().partition(|point| point.vault.is_some());
    let key = |point: &RecoveryPoint| (point.account.clone(), point.arn.clone());
    let index: HashMap<(Text, Text), usize> = others
        .iter()
        .enumerate()
        .filter(|(_, point)| shared_kind(point))
        .map(|(number, point)| (key(point), number))
        .collect();
    let air_gapped: HashSet<Text> = inventory
        .resources
        .iter()
        .filter(|resource| resource.kind == Kind::BackupVault)
        .filter(|resource| resource.vault().and_then(|vault| vault.vault_type.as_deref()) == Some(AIR_GAPPED))
        .map(|resource| resource.arn.clone())
        .collect();
    let mut listed: HashMap<(Text, Text, PointKind), bool> = HashMap::new();
    let mut merged = HashSet::new();
    for point in in_vaults.iter_mut().filter(|point| shared_kind(point)) {
        let found = index.get(&key(point)).and_then(|number| Some((*number, others.get(*number)?)));
        if let Some((number, ec2)) = found {
            take_in(point, ec2);
            merged.insert(number);
            continue;
        }
        let complete = *listed
            .entry((point.account.clone(), point.region.clone(), point.kind))
            .or_insert_with(|| ec2_was_read(inventory, point));
        let may_be_absent = matches!(point.status, PointStatus::Creating | PointStatus::Deleting)
            || point.vault.as_ref().is_some_and(|vault| air_gapped.contains(vault));
        if complete && !may_be_absent {
            remark(point, "not listed by EC2");
        }
    }
    let others = others.into_iter().enumerate().filter(|(number, _)| !merged.contains(number));
    in_vaults.extend(others.map(|(_, point)| point));
    inventory.points = in_vaults;
}

fn ec2_was_read(inventory: &Inventory, point: &RecoveryPoint) -> bool {
    let call = if point.kind == PointKind::Image { "ec2:DescribeImages" } else { "ec2:DescribeSnapshots" };
    was_read(inventory, &point.account, &point.region, call)
}

/// Complete AWS Backup's word by EC2's. AWS Backup knows why the point exists, EC2 what it is.
fn take_in(point: &mut RecoveryPoint, ec2: &RecoveryPoint) {
    if gravity(&ec2.status) > gravity(&point.status) {
        point.status = ec2.status.clone();
    }
    // EC2's start is the instant of the data; AWS Backup's record may be made a little later.
    if point.kind == PointKind::EbsSnapshot {
        point.started_at = ec2.started_at;
    }
    point.completed_at = point.completed_at.or(ec2.completed_at);
    if !ec2.encrypted.is_unread() {
        point.encrypted = ec2.encrypted.clone();
        point.kms_key.clone_from(&ec2.kms_key);
    }
    point.size = ec2.size.or(point.size);
    point.delete_at = point.delete_at.or(ec2.delete_at);
    if point.resource.is_none() {
        point.resource.clone_from(&ec2.resource);
    }
    let Some(theirs) = ec2.extra.as_deref() else { return };
    if let Some(message) = &theirs.message {
        remark(point, message);
    }
    let ours = extra(point);
    ours.tags.clone_from(&theirs.tags);
    ours.members.clone_from(&theirs.members);
    ours.lock.clone_from(&theirs.lock);
    ours.public.clone_from(&theirs.public);
    ours.shared_with.clone_from(&theirs.shared_with);
    ours.is_copy |= theirs.is_copy;
    ours.archived |= theirs.archived;
    ours.disabled |= theirs.disabled;
    if ours.created_by.is_none() {
        ours.created_by.clone_from(&theirs.created_by);
    }
}

/// How little one may rely on a point in this state: of two words the graver one is believed.
fn gravity(status: &PointStatus) -> u8 {
    match status {
        PointStatus::Completed | PointStatus::Available => 0,
        PointStatus::Stopped => 1,
        PointStatus::Other(_) => 2,
        PointStatus::Creating => 3,
        PointStatus::Expired => 4,
        PointStatus::Partial => 5,
        PointStatus::Recoverable => 6,
        PointStatus::Deleting => 7,
        PointStatus::Error => 8,
    }
}
