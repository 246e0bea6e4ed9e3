use aws_sdk_backup::types;
use aws_smithy_types::DateTime;

use super::*;

const VAULT: &str = "arn:aws:backup:eu-west-2:111122223333:backup-vault:main";

fn place() -> Place {
    Place::new(&"111122223333".into(), "eu-west-2", &"aws".into(), "2026-11-22T00:00:00Z".parse().unwrap(), 1)
}

fn rp(arn: &str) -> types::builders::RecoveryPointByBackupVaultBuilder {
    types::RecoveryPointByBackupVault::builder()
        .recovery_point_arn(arn)
        .status(types::RecoveryPointStatus::Completed)
        .creation_date(DateTime::from_secs(1_763_000_000))
}

fn mapped(builder: types::builders::RecoveryPointByBackupVaultBuilder) -> RecoveryPoint {
    point(&place(), &VAULT.into(), &builder.build()).unwrap()
}

const FULL: &str = "arn:aws:backup:eu-west-2:111122223333:recovery-point:1";

#[test]
fn kinds_follow_from_arns() {
    for (arn, kind) in [
        ("arn:aws:ec2:eu-west-2::snapshot/snap-1", PointKind::EbsSnapshot),
        ("arn:aws:ec2:eu-west-2::image/ami-1", PointKind::Image),
        ("arn:aws:rds:eu-west-2:111122223333:snapshot:awsbackup:job-1", PointKind::DbSnapshot),
        ("arn:aws:rds:eu-west-2:111122223333:cluster-snapshot:awsbackup:job-1", PointKind::DbClusterSnapshot),
        ("arn:aws:dynamodb:eu-west-2:111122223333:table/t/backup/0", PointKind::TableBackup),
        (FULL, PointKind::BackupPoint),
        ("odd", PointKind::BackupPoint),
    ] {
        assert_eq!(point_kind(arn), kind, "{arn}");
    }
}

#[test]
fn vectors_09_10_21_states_of_points() {
    use types::RecoveryPointStatus as Theirs;
    for (state, status, continuous) in [
        (Theirs::Completed, PointStatus::Completed, false),
        (Theirs::Available, PointStatus::Available, true),
        (Theirs::Stopped, PointStatus::Stopped, true),
        (Theirs::Partial, PointStatus::Partial, false),
        (Theirs::Expired, PointStatus::Expired, false),
        (Theirs::Deleting, PointStatus::Deleting, false),
        (Theirs::Creating, PointStatus::Creating, false),
        (Theirs::from("QUANTUM"), PointStatus::Other("QUANTUM".into()), false),
    ] {
        let point = mapped(rp(FULL).status(state));
        assert_eq!((&point.status, point.continuous().is_some()), (&status, continuous));
    }
}

#[test]
fn retention_of_minus_one_is_for_ever() {
    let forever = types::Lifecycle::builder().delete_after_days(-1).build();
    assert_eq!(mapped(rp(FULL).lifecycle(forever)).delete_after_days, None);
    let days = types::Lifecycle::builder().delete_after_days(35).build();
    assert_eq!(mapped(rp(FULL).lifecycle(days)).delete_after_days, Some(35));
}

#[test]
fn an_image_says_nothing_of_its_encryption() {
    let image = rp("arn:aws:ec2:eu-west-2::image/ami-1").is_encrypted(true).encryption_key_arn("k");
    let image = mapped(image);
    assert!(image.encrypted.is_unread() && image.kms_key.is_none());
    let full = mapped(rp(FULL).is_encrypted(true).encryption_key_arn("k"));
    assert_eq!((full.encrypted, full.kms_key.as_deref()), (Fact::Known(true), Some("k")));
}

#[test]
fn vector_12_containers_copies_and_cold_points_are_told() {
    let cold =
        types::CalculatedLifecycle::builder().move_to_cold_storage_at(DateTime::from_secs(1_764_000_000)).build();
    let creator = types::RecoveryPointCreator::builder().backup_plan_arn("plan").backup_rule_id("rule").build();
    let point =
        mapped(rp(FULL).is_parent(true).source_backup_vault_arn("v").calculated_lifecycle(cold).created_by(creator));
    assert!(point.is_parent() && point.is_copy() && !point.is_usable());
    let extra = point.extra.unwrap();
    assert!(extra.archived);
    assert_eq!(extra.created_by, Some(CreatedBy { plan: "plan".into(), rule: Some("rule".into()) }));
    let later =
        types::CalculatedLifecycle::builder().move_to_cold_storage_at(DateTime::from_secs(1_900_000_000)).build();
    assert!(!mapped(rp(FULL).calculated_lifecycle(later)).extra.unwrap().archived);
}

#[test]
fn a_point_without_identity_state_or_time_is_reported() {
    let missing = |builder: types::builders::RecoveryPointByBackupVaultBuilder| {
        point(&place(), &VAULT.into(), &builder.build()).unwrap_err()
    };
    assert_eq!(missing(types::RecoveryPointByBackupVault::builder()), Missing("RecoveryPointArn"));
    assert_eq!(missing(types::RecoveryPointByBackupVault::builder().recovery_point_arn("a")), Missing("Status"));
    assert_eq!(missing(rp(FULL).set_creation_date(None)), Missing("CreationDate"));
}

#[test]
fn a_lock_that_is_not_mentioned_is_unread() {
    let with = |locked: Option<bool>| {
        let member = types::BackupVaultListMember::builder().backup_vault_arn(VAULT).set_locked(locked).build();
        vault(&place(), &member).unwrap().vault().unwrap().lock.clone()
    };
    assert!(with(None).is_unread());
    assert_eq!(with(Some(false)).known().map(|lock| lock.locked), Some(false));
}
