//! From DynamoDB's structures to ours. Pure.

use std::sync::Arc;

use aws_sdk_dynamodb::types;

use crate::aws::convert::{instant, maybe_instant, maybe_text, positive, size};
use crate::aws::pages::Missing;
use crate::aws::place::Place;
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::recovery_point::{PointExtra, PointKind, PointStatus, RecoveryPoint};
use crate::model::resource::{Detail, Existence, Resource, Table};
use crate::model::text::Text;

/// Where the service says no period: before periods could be chosen it was always this.
const DEFAULT_DAYS: u32 = 35;

/// A table of which only the name is known yet.
pub(super) fn table(place: &Place, name: &str, arn: Text) -> Resource {
    Resource {
        arn,
        kind: Kind::DynamodbTable,
        account: place.account.clone(),
        region: place.region.clone(),
        name: Some(Text::from(name)),
        tags: Fact::Unread,
        created_at: Fact::Unread,
        application: None,
        criticality: None,
        existence: Existence::Present,
        detail: Detail::Table(Table::default()),
    }
}

/// What `DescribeTable` says.
pub(super) fn describe(table: &mut Resource, described: Option<&types::TableDescription>) {
    let Some(described) = described else { return };
    table.created_at = Fact::from(maybe_instant(described.creation_date_time()));
    if let Detail::Table(detail) = &mut table.detail {
        detail.deletion_protection = Fact::from(described.deletion_protection_enabled());
        // Without a description the key is one that AWS owns.
        let key = described.sse_description().and_then(|sse| sse.kms_master_key_arn());
        detail.kms_key = Fact::Known(Text::from(key.unwrap_or_default()));
    }
}

/// What `DescribeContinuousBackups` says.
pub(super) fn recovery(table: &mut Table, described: Option<&types::ContinuousBackupsDescription>) {
    let Some(found) = described.and_then(|described| described.point_in_time_recovery_description()) else { return };
    match found.point_in_time_recovery_status() {
        Some(types::PointInTimeRecoveryStatus::Enabled) => {
            let days = found.recovery_period_in_days().and_then(|days| positive(Some(days.into())));
            table.pitr_days = Fact::Known(days.unwrap_or(DEFAULT_DAYS));
            table.earliest_restorable = maybe_instant(found.earliest_restorable_date_time());
            table.latest_restorable = maybe_instant(found.latest_restorable_date_time());
        }
        Some(types::PointInTimeRecoveryStatus::Disabled) => table.pitr_days = Fact::Known(0),
        _ => {}
    }
}

/// A backup of the list.
pub(super) fn backup(place: &Place, backup: &types::BackupSummary) -> Result<RecoveryPoint, Missing> {
    let arn = Text::from(backup.backup_arn().ok_or(Missing("BackupArn"))?);
    let status = match backup.backup_status().ok_or(Missing("BackupStatus"))? {
        types::BackupStatus::Available => PointStatus::Completed,
        types::BackupStatus::Creating => PointStatus::Creating,
        types::BackupStatus::Deleted => PointStatus::Deleting,
        other => PointStatus::Other(Text::from(other.as_str())),
    };
    let by_backup = backup.backup_type() == Some(&types::BackupType::AwsBackup);
    Ok(RecoveryPoint {
        arn,
        kind: PointKind::TableBackup,
        resource: maybe_text(backup.table_arn()),
        account: place.account.clone(),
        region: place.region.clone(),
        vault: None,
        status,
        started_at: backup.backup_creation_date_time().and_then(instant).ok_or(Missing("BackupCreationDateTime"))?,
        completed_at: None,
        delete_after_days: None,
        delete_at: maybe_instant(backup.backup_expiry_date_time()),
        // There are no tables and no backups of them without encryption; the list says no key.
        encrypted: Fact::Known(true),
        kms_key: None,
        size: size(backup.backup_size_bytes()),
        extra: Some(Arc::new(PointExtra {
            managed_by: by_backup.then(|| Text::from("aws-backup")),
            ..PointExtra::default()
        })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(description: types::builders::PointInTimeRecoveryDescriptionBuilder) -> Fact<u32> {
        let described = types::ContinuousBackupsDescription::builder()
            .continuous_backups_status(types::ContinuousBackupsStatus::Enabled)
            .point_in_time_recovery_description(description.build())
            .build()
            .unwrap();
        let mut table = Table::default();
        recovery(&mut table, Some(&described));
        table.pitr_days
    }

    #[test]
    fn recovery_without_a_period_is_35_days_and_an_unknown_status_is_unread() {
        use types::PointInTimeRecoveryStatus as Status;
        let with =
            |status: Status| types::PointInTimeRecoveryDescription::builder().point_in_time_recovery_status(status);
        assert_eq!(days(with(Status::Enabled)), Fact::Known(35));
        assert_eq!(days(with(Status::Enabled).recovery_period_in_days(7)), Fact::Known(7));
        assert_eq!(days(with(Status::Disabled).recovery_period_in_days(7)), Fact::Known(0));
        assert_eq!(days(with(Status::from("QUANTUM"))), Fact::Unread);
    }

    #[test]
    fn a_key_that_aws_owns_is_an_answer() {
        let place =
            Place::new(&"111122223333".into(), "eu-west-2", &"aws".into(), "2026-11-22T00:00:00Z".parse().unwrap(), 1);
        let mut one = table(&place, "t", place.arn("dynamodb", "table/t"));
        assert!(one.table().unwrap().kms_key.is_unread());
        describe(&mut one, Some(&types::TableDescription::builder().build()));
        assert_eq!(one.table().unwrap().kms_key, Fact::Known(Text::default()));
    }
}
