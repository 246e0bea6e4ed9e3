//! Snapshots and automated backups. Pure.

use std::sync::Arc;

use aws_sdk_rds::types;
use chrono::TimeDelta;

use super::{Backup, Snapshot, is_own, tags};
use crate::aws::convert::{maybe_instant, maybe_text, positive};
use crate::aws::pages::Missing;
use crate::aws::place::Place;
use crate::model::Instant;
use crate::model::arn::Arn;
use crate::model::fact::Fact;
use crate::model::recovery_point::{PointExtra, PointKind, PointStatus, RecoveryPoint, RestoreWindow};
use crate::model::text::Text;
use crate::sources::link::Copy;

const GIB: u64 = 1 << 30;

/// What the two kinds of snapshot have in common.
struct Given<'a> {
    kind: PointKind,
    arn: Option<&'a str>,
    /// `db` or `cluster`.
    noun: &'static str,
    /// The name of the database when the snapshot was made.
    database: Option<&'a str>,
    id: Option<&'a str>,
    status: Option<&'a str>,
    snapshot_type: Option<&'a str>,
    created: Option<Instant>,
    original: Option<Instant>,
    /// ARN of the snapshot that it was copied from.
    source: Option<&'a str>,
    encrypted: Option<bool>,
    kms_key: Option<&'a str>,
    gib: Option<i32>,
    retention: Option<i32>,
    tags: Option<&'a [types::Tag]>,
}

/// A snapshot of an instance; `None` for one that is only beginning and has no time yet.
pub(in crate::aws::rds) fn snapshot(place: &Place, given: &types::DbSnapshot) -> Result<Option<Snapshot>, Missing> {
    stored(
        place,
        &Given {
            kind: PointKind::DbSnapshot,
            arn: given.db_snapshot_arn(),
            noun: "db",
            database: given.db_instance_identifier(),
            id: given.dbi_resource_id(),
            status: given.status(),
            snapshot_type: given.snapshot_type(),
            created: maybe_instant(given.snapshot_create_time()),
            original: maybe_instant(given.original_snapshot_create_time()),
            source: given.source_db_snapshot_identifier(),
            encrypted: given.encrypted(),
            kms_key: given.kms_key_id(),
            gib: given.allocated_storage(),
            retention: given.backup_retention_period(),
            tags: given.tag_list.as_deref(),
        },
    )
}

/// A snapshot of a cluster; `None` also for those of Neptune and DocumentDB.
pub(in crate::aws::rds) fn cluster_snapshot(
    place: &Place,
    given: &types::DbClusterSnapshot,
) -> Result<Option<Snapshot>, Missing> {
    if !is_own(given.engine()) {
        return Ok(None);
    }
    stored(
        place,
        &Given {
            kind: PointKind::DbClusterSnapshot,
            arn: given.db_cluster_snapshot_arn(),
            noun: "cluster",
            database: given.db_cluster_identifier(),
            id: given.db_cluster_resource_id(),
            status: given.status(),
            snapshot_type: given.snapshot_type(),
            created: maybe_instant(given.snapshot_create_time()),
            original: None,
            source: given.source_db_cluster_snapshot_arn(),
            encrypted: given.storage_encrypted(),
            kms_key: given.kms_key_id(),
            gib: given.allocated_storage(),
            retention: given.backup_retention_period(),
            tags: given.tag_list.as_deref(),
        },
    )
}

fn stored(place: &Place, given: &Given<'_>) -> Result<Option<Snapshot>, Missing> {
    let arn = Text::from(given.arn.ok_or(Missing("an ARN"))?);
    let status = match given.status.ok_or(Missing("Status"))? {
        "available" => PointStatus::Completed,
        "creating" | "copying" | "backing-up" => PointStatus::Creating,
        "deleting" => PointStatus::Deleting,
        "failed" => PointStatus::Error,
        other => PointStatus::Other(Text::from(other)),
    };
    let Some(created) = given.created.or(given.original) else {
        // RDS gives a snapshot its time when it has begun to write it.
        return if status == PointStatus::Creating { Ok(None) } else { Err(Missing("SnapshotCreateTime")) };
    };
    // Only copies between accounts or regions name their source; the time of any copy moves.
    let source = given.source.filter(|source| !source.is_empty());
    let moved = given.original.is_some_and(|original| created - original > TimeDelta::minutes(1));
    let is_copy = source.is_some() || moved;
    let automated = given.snapshot_type == Some("automated");
    let by_backup = given.snapshot_type == Some("awsbackup") || arn.contains(":awsbackup:");
    // A source elsewhere tells where the database is, too.
    let origin = source.and_then(Arn::parse).filter(|arn| arn.service == "rds");
    let resource = given.database.filter(|name| !name.is_empty()).map(|name| match origin {
        Some(of) => Text::from(format!("arn:{}:rds:{}:{}:{}:{name}", of.partition, of.region, of.account, given.noun)),
        None => place.arn("rds", &format!("{}:{name}", given.noun)),
    });
    let copy = source.map(|source| Copy { source: Text::from(source), destination: arn.clone() });
    let managed_by = match (by_backup, automated) {
        (true, _) => Some(Text::from("aws-backup")),
        (false, true) => Some(Text::from("rds")),
        (false, false) => None,
    };
    let extra = PointExtra {
        tags: Fact::Known(tags(given.tags)),
        is_copy,
        data_at: given.original.filter(|_| is_copy),
        managed_by,
        ..PointExtra::default()
    };
    Ok(Some(Snapshot {
        of: maybe_text(given.id),
        automated,
        copy,
        point: RecoveryPoint {
            arn,
            kind: given.kind,
            resource,
            account: place.account.clone(),
            region: place.region.clone(),
            vault: None,
            status,
            started_at: if is_copy { created } else { given.original.unwrap_or(created) },
            completed_at: None,
            delete_after_days: given.retention.filter(|_| automated).and_then(|days| positive(Some(days.into()))),
            delete_at: None,
            encrypted: Fact::from(given.encrypted),
            kms_key: maybe_text(given.kms_key),
            size: given.gib.and_then(|gib| u64::try_from(gib).ok()).map(|gib| gib * GIB),
            extra: Some(Arc::new(extra)),
        },
    }))
}

/// The automated backup of an instance.
pub(in crate::aws::rds) fn backup(place: &Place, given: &types::DbInstanceAutomatedBackup) -> Result<Backup, Missing> {
    let of = given.db_instance_arn().ok_or(Missing("DBInstanceArn"))?;
    let arn = given.db_instance_automated_backups_arn().unwrap_or(of);
    let mut backup = kept(place, PointKind::DbSnapshot, arn, of, given.status(), given.restore_window());
    backup.of = maybe_text(given.dbi_resource_id());
    backup.point.delete_after_days = given.backup_retention_period().and_then(|days| positive(Some(days.into())));
    backup.point.encrypted = Fact::from(given.encrypted());
    backup.point.kms_key = maybe_text(given.kms_key_id());
    backup.point.extra_mut().tags = Fact::Known(tags(given.tag_list.as_deref()));
    Ok(backup)
}

/// The automated backup of a cluster; `None` for those of Neptune and DocumentDB.
pub(in crate::aws::rds) fn cluster_backup(
    place: &Place,
    given: &types::DbClusterAutomatedBackup,
) -> Result<Option<Backup>, Missing> {
    if !is_own(given.engine()) {
        return Ok(None);
    }
    let of = given.db_cluster_arn().ok_or(Missing("DBClusterArn"))?;
    let arn = given.db_cluster_automated_backups_arn().unwrap_or(of);
    let mut backup = kept(place, PointKind::DbClusterSnapshot, arn, of, given.status(), given.restore_window());
    backup.of = maybe_text(given.db_cluster_resource_id());
    backup.point.delete_after_days = given.backup_retention_period().and_then(|days| positive(Some(days.into())));
    backup.point.encrypted = Fact::from(given.storage_encrypted());
    backup.point.kms_key = maybe_text(given.kms_key_id());
    backup.point.extra_mut().tags = Fact::Known(tags(given.tag_list.as_deref()));
    Ok(Some(backup))
}

/// An automated backup as a continuous point: one can restore to any instant of its window.
fn kept(
    place: &Place,
    kind: PointKind,
    arn: &str,
    of: &str,
    status: Option<&str>,
    window: Option<&types::RestoreWindow>,
) -> Backup {
    let window = RestoreWindow {
        earliest: window.and_then(|window| maybe_instant(window.earliest_time())),
        latest: window.and_then(|window| maybe_instant(window.latest_time())),
    };
    let status = match status.unwrap_or_default() {
        "active" | "replicating" => PointStatus::Available,
        // Of a deleted database: it no longer advances.
        "retained" => PointStatus::Stopped,
        "creating" => PointStatus::Creating,
        other => PointStatus::Other(Text::from(other)),
    };
    let is_copy = Arn::parse(of).is_some_and(|arn| arn.region != place.region.as_str());
    Backup {
        of: None,
        window,
        point: RecoveryPoint {
            arn: Text::from(arn),
            kind,
            resource: Some(Text::from(of)),
            account: place.account.clone(),
            region: place.region.clone(),
            vault: None,
            status,
            started_at: window.earliest.unwrap_or(place.captured_at),
            completed_at: None,
            delete_after_days: None,
            delete_at: None,
            encrypted: Fact::Unread,
            kms_key: None,
            size: None,
            extra: Some(Arc::new(PointExtra {
                is_copy,
                continuous: Some(window),
                managed_by: Some(Text::from("rds")),
                ..PointExtra::default()
            })),
        },
    }
}
