//! From AWS Backup's structures to ours. Pure.

use std::sync::Arc;

use aws_sdk_backup::types;

use crate::aws::convert::{instant, maybe_instant, maybe_text, positive, size};
use crate::aws::pages::Missing;
use crate::aws::place::Place;
use crate::model::arn::Arn;
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::recovery_point::{CreatedBy, PointExtra, PointKind, PointStatus, RecoveryPoint, RestoreWindow};
use crate::model::resource::{Detail, Existence, Resource, Vault, VaultLock};
use crate::model::text::Text;

/// A vault of the list; its access policy and notifications come later.
pub(in crate::aws) fn vault(place: &Place, vault: &types::BackupVaultListMember) -> Result<Resource, Missing> {
    let arn = Text::from(vault.backup_vault_arn().ok_or(Missing("BackupVaultArn"))?);
    Ok(Resource {
        kind: Kind::BackupVault,
        account: place.account.clone(),
        region: place.region.clone(),
        name: maybe_text(vault.backup_vault_name()),
        tags: Fact::Unread,
        created_at: Fact::from(maybe_instant(vault.creation_date())),
        application: None,
        criticality: None,
        existence: Existence::Present,
        detail: Detail::Vault(Box::new(Vault {
            vault_type: vault.vault_type().map(|kind| Text::from(kind.as_str())),
            kms_key: Fact::from(maybe_text(vault.encryption_key_arn())),
            lock: Fact::from(vault.locked().map(|locked| VaultLock {
                locked,
                min_days: positive(vault.min_retention_days()),
                max_days: positive(vault.max_retention_days()),
                immutable_from: maybe_instant(vault.lock_date()),
            })),
            policy: Fact::Unread,
            notifications: Fact::Unread,
            points: Fact::from(size(Some(vault.number_of_recovery_points()))),
        })),
        arn,
    })
}

/// What kind of copy an ARN of AWS Backup names.
pub(in crate::aws) fn point_kind(arn: &str) -> PointKind {
    let Some(arn) = Arn::parse(arn) else { return PointKind::BackupPoint };
    let head = arn.resource.split(['/', ':']).next().unwrap_or_default();
    match (arn.service, head) {
        ("ec2", "snapshot") => PointKind::EbsSnapshot,
        ("ec2", "image") => PointKind::Image,
        ("rds", "snapshot") => PointKind::DbSnapshot,
        ("rds", "cluster-snapshot") => PointKind::DbClusterSnapshot,
        ("dynamodb", "table") => PointKind::TableBackup,
        _ => PointKind::BackupPoint,
    }
}

/// A recovery point of a vault's list.
pub(in crate::aws) fn point(
    place: &Place,
    vault: &Text,
    point: &types::RecoveryPointByBackupVault,
) -> Result<RecoveryPoint, Missing> {
    use types::RecoveryPointStatus as Theirs;
    let arn = point.recovery_point_arn().ok_or(Missing("RecoveryPointArn"))?;
    let kind = point_kind(arn);
    let (status, is_continuous) = match point.status().ok_or(Missing("Status"))? {
        Theirs::Completed => (PointStatus::Completed, false),
        Theirs::Available => (PointStatus::Available, true),
        Theirs::Stopped => (PointStatus::Stopped, true),
        Theirs::Partial => (PointStatus::Partial, false),
        Theirs::Creating => (PointStatus::Creating, false),
        Theirs::Deleting => (PointStatus::Deleting, false),
        Theirs::Expired => (PointStatus::Expired, false),
        other => (PointStatus::Other(Text::from(other.as_str())), false),
    };
    let lifecycle = point.lifecycle();
    let calculated = point.calculated_lifecycle();
    let cold_at = calculated.and_then(|calculated| maybe_instant(calculated.move_to_cold_storage_at()));
    // An image has no encryption of its own: its member snapshots have.
    let encrypted = if kind == PointKind::Image { Fact::Unread } else { Fact::Known(point.is_encrypted()) };
    Ok(RecoveryPoint {
        arn: Text::from(arn),
        kind,
        resource: maybe_text(point.resource_arn()),
        account: place.account.clone(),
        region: place.region.clone(),
        vault: Some(vault.clone()),
        status,
        started_at: point.creation_date().and_then(instant).ok_or(Missing("CreationDate"))?,
        completed_at: maybe_instant(point.completion_date()),
        delete_after_days: lifecycle.and_then(|lifecycle| positive(lifecycle.delete_after_days())),
        delete_at: calculated.and_then(|calculated| maybe_instant(calculated.delete_at())),
        kms_key: maybe_text(point.encryption_key_arn()).filter(|_| encrypted == Fact::Known(true)),
        encrypted,
        size: size(point.backup_size_in_bytes()),
        extra: Some(Arc::new(PointExtra {
            is_parent: point.is_parent(),
            parent: maybe_text(point.parent_recovery_point_arn()),
            is_copy: point.source_backup_vault_arn().is_some_and(|source| !source.is_empty()),
            // The list does not say between which instants one can restore.
            continuous: is_continuous.then(RestoreWindow::default),
            created_by: point.created_by().and_then(created_by),
            // Once that day has come, it lies in cold storage.
            archived: cold_at.is_some_and(|at| at <= place.captured_at),
            managed_by: Some(Text::from("aws-backup")),
            message: maybe_text(point.status_message()),
            last_restored_at: maybe_instant(point.last_restore_time()),
            ..PointExtra::default()
        })),
    })
}

/// The plan and rule behind a point or job; `None` when somebody did it by hand.
pub(in crate::aws) fn created_by(creator: &types::RecoveryPointCreator) -> Option<CreatedBy> {
    let plan = maybe_text(creator.backup_plan_arn()).or_else(|| maybe_text(creator.backup_plan_id()))?;
    let rule = maybe_text(creator.backup_rule_id()).or_else(|| maybe_text(creator.backup_rule_name()));
    Some(CreatedBy { plan, rule })
}

#[cfg(test)]
mod tests;
