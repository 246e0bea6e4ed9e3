//! The same snapshot, image or backup, once as its own service lists it and once as AWS Backup does.

use std::collections::{HashMap, HashSet};

use super::{extra, remark};
use crate::model::inventory::Inventory;
use crate::model::kind::Kind;
use crate::model::recovery_point::{PointKind, PointStatus, RecoveryPoint};
use crate::model::text::Text;

/// An air-gapped vault stores its points in an account of AWS, where EC2 does not list them for us.
const AIR_GAPPED: &str = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT";

/// Whether points of this kind are listed by their own service, too.
fn is_shared(point: &RecoveryPoint) -> bool {
    matches!(
        point.kind,
        PointKind::EbsSnapshot
            | PointKind::Image
            | PointKind::DbSnapshot
            | PointKind::DbClusterSnapshot
            | PointKind::TableBackup
    )
}

/// Make one point of each pair. AWS Backup's has a vault, the service's own has none.
pub(super) fn same_points(inventory: &mut Inventory) {
    let points = std::mem::take(&mut inventory.points);
    let (mut in_vaults, others): (Vec<_>, Vec<_>) = points.into_iter().partition(|point| point.vault.is_some());
    let key = |point: &RecoveryPoint| (point.account.clone(), point.arn.clone());
    let index: HashMap<(Text, Text), usize> = others
        .iter()
        .enumerate()
        .filter(|(_, point)| is_shared(point))
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
    for point in in_vaults.iter_mut().filter(|point| is_shared(point)) {
        let found = index.get(&key(point)).and_then(|number| Some((*number, others.get(*number)?)));
        if let Some((number, own)) = found {
            take_in(point, own);
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

/// Whether EC2's list is complete. Only EC2 documents that it lists what AWS Backup made.
fn ec2_was_read(inventory: &Inventory, point: &RecoveryPoint) -> bool {
    let call = match point.kind {
        PointKind::EbsSnapshot => "ec2:DescribeSnapshots",
        PointKind::Image => "ec2:DescribeImages",
        _ => return false,
    };
    inventory.was_read(&point.account, &point.region, call)
}

/// Complete AWS Backup's word by the service's own. AWS Backup knows why the point exists, the service
/// what it is.
pub(crate) fn take_in(point: &mut RecoveryPoint, own: &RecoveryPoint) {
    if gravity(&own.status) > gravity(&point.status) {
        point.status = own.status.clone();
    }
    // The service's start is the instant of the data; AWS Backup's record may be made a little later.
    if point.kind != PointKind::Image && point.continuous().is_none() {
        point.started_at = own.started_at;
    }
    point.completed_at = point.completed_at.or(own.completed_at);
    if !own.encrypted.is_unread() {
        point.encrypted = own.encrypted.clone();
        point.kms_key.clone_from(&own.kms_key);
    }
    point.size = own.size.or(point.size);
    point.delete_at = point.delete_at.or(own.delete_at);
    if point.resource.is_none() {
        point.resource.clone_from(&own.resource);
    }
    let Some(theirs) = own.extra.as_deref() else { return };
    if let Some(message) = &theirs.message {
        remark(point, message);
    }
    let ours = extra(point);
    if !theirs.tags.is_unread() {
        ours.tags.clone_from(&theirs.tags);
    }
    ours.members.clone_from(&theirs.members);
    ours.lock.clone_from(&theirs.lock);
    ours.public.clone_from(&theirs.public);
    ours.shared_with.clone_from(&theirs.shared_with);
    ours.is_copy |= theirs.is_copy;
    ours.data_at = ours.data_at.or(theirs.data_at);
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
