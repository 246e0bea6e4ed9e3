mod copies;
mod gone;

use std::sync::Arc;

use super::*;
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome};
use crate::model::fact::Fact;
use crate::model::gap::Read;
use crate::model::kind::Kind;
use crate::model::protection::LegalHold;
use crate::model::recovery_point::{CreatedBy, PointLock, PointStatus, RestoreWindow};
use crate::model::resource::{Detail, Existence, Resource, Vault};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-2";
const VOLUME: &str = "arn:aws:ec2:eu-west-2:111122223333:volume/vol-1";
const VAULT: &str = "arn:aws:backup:eu-west-2:111122223333:backup-vault:main";
const SNAPSHOT: &str = "arn:aws:ec2:eu-west-2::snapshot/snap-1";

fn at(day: u32) -> Instant {
    format!("2026-11-{day:02}T00:00:00Z").parse().unwrap()
}

fn inventory() -> Inventory {
    Inventory::empty(at(30), "test")
}

/// A point as EC2 lists it.
fn ec2(arn: &str) -> RecoveryPoint {
    RecoveryPoint {
        arn: arn.into(),
        kind: if arn.contains("image/") { PointKind::Image } else { PointKind::EbsSnapshot },
        resource: Some(VOLUME.into()),
        account: ACCOUNT.into(),
        region: REGION.into(),
        vault: None,
        status: PointStatus::Completed,
        started_at: at(10),
        completed_at: Some(at(11)),
        delete_after_days: None,
        delete_at: None,
        encrypted: Fact::Known(true),
        kms_key: Some("key".into()),
        size: Some(1 << 30),
        extra: Some(Arc::new(PointExtra {
            tags: Fact::Known([(Text::from("a"), Text::from("b"))].into()),
            public: Fact::Known(false),
            lock: Some(PointLock { state: "governance".into(), until: None }),
            ..PointExtra::default()
        })),
    }
}

/// The same as AWS Backup lists it.
fn backup(arn: &str) -> RecoveryPoint {
    RecoveryPoint {
        vault: Some(VAULT.into()),
        completed_at: None,
        delete_after_days: Some(35),
        delete_at: Some(at(29)),
        encrypted: Fact::Known(false),
        kms_key: None,
        size: None,
        extra: Some(Arc::new(PointExtra {
            created_by: Some(CreatedBy { plan: "plan".into(), rule: None }),
            managed_by: Some("aws-backup".into()),
            ..PointExtra::default()
        })),
        ..ec2(arn)
    }
}

fn volume(arn: &str) -> Resource {
    Resource {
        arn: arn.into(),
        kind: Kind::EbsVolume,
        account: ACCOUNT.into(),
        region: REGION.into(),
        name: None,
        tags: Fact::Unread,
        created_at: Fact::Unread,
        application: None,
        criticality: None,
        existence: Existence::Present,
        detail: Detail::None,
    }
}

fn read(call: &str, region: &str) -> Read {
    Read { account: ACCOUNT.into(), region: region.into(), call: call.into(), items: 0, requests: 1, since: None }
}

fn linked(mut inventory: Inventory) -> Inventory {
    link(&mut inventory, &Hints::default());
    inventory
}

fn message(point: &RecoveryPoint) -> Option<&str> {
    point.extra.as_ref()?.message.as_deref()
}

#[test]
fn the_same_snapshot_becomes_one_point_with_both_words() {
    let mut given = inventory();
    given.points = vec![ec2(SNAPSHOT), backup(SNAPSHOT)];
    let points = linked(given).points;
    assert_eq!(points.len(), 1);
    let (point, extra) = (&points[0], points[0].extra.as_deref().unwrap());
    assert_eq!(
        (point.vault.as_deref(), point.delete_after_days, point.delete_at),
        (Some(VAULT), Some(35), Some(at(29)))
    );
    assert_eq!((&point.encrypted, point.kms_key.as_deref()), (&Fact::Known(true), Some("key")));
    assert_eq!((point.size, point.completed_at), (Some(1 << 30), Some(at(11))));
    assert!(extra.created_by.is_some() && extra.lock.is_some() && extra.public == Fact::Known(false));
    assert_eq!(point.tag("a"), Some("b"));
    assert_eq!(message(point), None);
}

#[test]
fn of_two_states_the_graver_is_believed() {
    use PointStatus::{Available, Completed, Creating, Deleting, Error, Expired, Other, Partial, Recoverable};
    for (from_backup, from_ec2, believed) in [
        (Expired, Completed, Expired),
        (Partial, Completed, Partial),
        (Deleting, Completed, Deleting),
        (Completed, Creating, Creating),
        (Completed, Error, Error),
        (Completed, Recoverable, Recoverable),
        (Completed, Other("odd".into()), Other("odd".into())),
        (Completed, Completed, Completed),
        (Available, Completed, Available),
        (Expired, Creating, Expired),
        (Creating, Completed, Creating),
    ] {
        let mut given = inventory();
        given.points = vec![
            RecoveryPoint { status: from_backup.clone(), ..backup(SNAPSHOT) },
            RecoveryPoint { status: from_ec2.clone(), ..ec2(SNAPSHOT) },
        ];
        assert_eq!(linked(given).points[0].status, believed, "{from_backup:?} and {from_ec2:?}");
    }
}

#[test]
fn unread_facts_of_ec2_do_not_erase_what_aws_backup_says() {
    let mut given = inventory();
    given.points = vec![RecoveryPoint { encrypted: Fact::Unread, extra: None, ..ec2(SNAPSHOT) }, backup(SNAPSHOT)];
    assert_eq!(linked(given).points[0].encrypted, Fact::Known(false));
}

#[test]
fn one_snapshot_in_two_vaults_stays_two_points() {
    let mut given = inventory();
    let second = RecoveryPoint {
        vault: Some("arn:aws:backup:eu-west-2:111122223333:backup-vault:b".into()),
        ..backup(SNAPSHOT)
    };
    given.points = vec![backup(SNAPSHOT), second, ec2(SNAPSHOT), backup(SNAPSHOT)];
    let points = linked(given).points;
    assert_eq!(points.len(), 2);
    assert!(points.iter().all(|point| point.encrypted == Fact::Known(true)), "both are completed by EC2");
}

#[test]
fn accounts_are_not_mixed() {
    let mut given = inventory();
    given.points = vec![RecoveryPoint { account: "999999999999".into(), ..ec2(SNAPSHOT) }, backup(SNAPSHOT)];
    assert_eq!(linked(given).points.len(), 2);
}

#[test]
fn a_point_that_ec2_does_not_list_keeps_its_state_with_a_remark() {
    let with = |change: &dyn Fn(&mut Inventory)| {
        let mut given = inventory();
        given.points = vec![backup(SNAPSHOT)];
        given.reads = vec![read("ec2:DescribeSnapshots", REGION)];
        change(&mut given);
        linked(given).points.remove(0)
    };
    let point = with(&|_| {});
    assert_eq!((message(&point), &point.status), (Some("not listed by EC2"), &PointStatus::Completed));
    assert_eq!(message(&with(&|given| given.reads.clear())), None, "the list was not read");
    assert_eq!(message(&with(&|given| given.reads[0].region = "us-east-1".into())), None, "elsewhere");
    assert_eq!(message(&with(&|given| given.points[0].account = "999999999999".into())), None, "another account");
    assert_eq!(message(&with(&|given| given.points[0].status = PointStatus::Creating)), None, "not there yet");
    let vault = Resource {
        arn: VAULT.into(),
        kind: Kind::BackupVault,
        detail: Detail::Vault(Box::new(Vault {
            vault_type: Some("LOGICALLY_AIR_GAPPED_BACKUP_VAULT".into()),
            ..Vault::default()
        })),
        ..volume(VAULT)
    };
    assert_eq!(message(&with(&|given| given.resources.push(vault.clone()))), None, "kept in an account of AWS");
    let image = with(&|given| {
        given.points[0].kind = PointKind::Image;
        given.reads.push(read("ec2:DescribeImages", REGION));
    });
    assert_eq!(message(&image), Some("not listed by EC2"));
}

#[test]
fn members_know_their_image() {
    let image = "arn:aws:ec2:eu-west-2::image/ami-1";
    let mut given = inventory();
    let mut ami = ec2(image);
    extra(&mut ami).members = vec![SNAPSHOT.into()];
    given.points = vec![ami, ec2(SNAPSHOT), backup(image)];
    let points = linked(given).points;
    assert_eq!(points.len(), 2);
    let member = points.iter().find(|point| point.arn == SNAPSHOT).unwrap();
    assert_eq!(member.extra.as_deref().unwrap().member_of.as_deref(), Some(image));
}

#[test]
fn holds_are_written_into_points_until_they_are_canceled() {
    let hold = |id: &str, status: &str, points: Fact<Vec<Text>>| LegalHold {
        id: id.into(),
        account: ACCOUNT.into(),
        region: REGION.into(),
        status: status.into(),
        title: None,
        description: None,
        created_at: None,
        points,
        tags: Fact::Unread,
    };
    let mut given = inventory();
    given.points = vec![backup(SNAPSHOT)];
    given.legal_holds = vec![
        hold("b", "ACTIVE", Fact::Known(vec![SNAPSHOT.into()])),
        hold("a", "CREATING", Fact::Known(vec![SNAPSHOT.into()])),
        hold("c", "CANCELING", Fact::Known(vec![SNAPSHOT.into()])),
        hold("d", "CANCELED", Fact::Known(vec![SNAPSHOT.into()])),
        hold("e", "ACTIVE", Fact::Unread),
    ];
    assert_eq!(linked(given).points[0].extra.as_deref().unwrap().legal_holds, ["a", "b", "c"]);
}

#[test]
fn points_of_unknown_kinds_and_of_nothing_are_judged_by_themselves() {
    let fsx = "arn:aws:fsx:eu-west-2:111122223333:file-system/fs-1";
    let point = "arn:aws:backup:eu-west-2:111122223333:recovery-point:1";
    let mut given = inventory();
    given.points = vec![
        RecoveryPoint { kind: PointKind::BackupPoint, resource: Some(fsx.into()), ..backup(point) },
        RecoveryPoint { resource: None, ..ec2(SNAPSHOT) },
    ];
    let given = linked(given);
    assert!(given.points.iter().all(|point| point.resource.is_none()));
    let about: Vec<_> = given.resources.iter().map(|resource| (resource.arn.as_str(), resource.kind)).collect();
    assert_eq!(about, [(point, Kind::RecoveryPoint), (SNAPSHOT, Kind::RecoveryPoint)]);
    let said = given.points.iter().find(|point| point.vault.is_some()).and_then(message);
    assert_eq!(said, Some("recovery point of arn:aws:fsx:eu-west-2:111122223333:file-system/fs-1"));
    let stray = given.resources.iter().find(|resource| resource.arn == SNAPSHOT).unwrap();
    assert_eq!(stray.tag("a"), Some("b"), "its tags are the point's");
}

#[test]
fn an_activity_without_a_resource_takes_its_points() {
    let mut given = inventory();
    given.points = vec![backup(SNAPSHOT)];
    given.activities = vec![Activity {
        id: "1".into(),
        kind: ActivityKind::Restore,
        source: "backup:ListRestoreJobs".into(),
        account: ACCOUNT.into(),
        region: REGION.into(),
        resource: None,
        point: Some(SNAPSHOT.into()),
        outcome: ActivityOutcome::Succeeded,
        started_at: at(12),
        completed_at: None,
        size: None,
        message: None,
        operator: None,
        created_by: None,
        validation: None,
        cleanup: None,
        detail: None,
    }];
    assert_eq!(linked(given).activities[0].resource.as_deref(), Some(VOLUME));
}

#[test]
fn what_a_changing_list_gave_twice_is_kept_once_and_in_order() {
    let mut given = inventory();
    given.points = vec![ec2(SNAPSHOT), ec2("arn:aws:ec2:eu-west-2::snapshot/snap-0"), ec2(SNAPSHOT)];
    given.resources = vec![volume(VOLUME), volume(VOLUME)];
    let given = linked(given);
    assert_eq!(given.resources.len(), 1);
    let ids: Vec<_> = given.points.iter().map(|point| crate::model::arn::short(&point.arn)).collect();
    assert_eq!(ids, ["snap-0", "snap-1"]);
}

#[test]
fn linking_twice_changes_nothing_more() {
    let mut given = inventory();
    let mut ami = ec2("arn:aws:ec2:eu-west-2::image/ami-1");
    extra(&mut ami).members = vec![SNAPSHOT.into()];
    given.points = vec![
        ami,
        ec2(SNAPSHOT),
        backup(SNAPSHOT),
        RecoveryPoint { resource: None, ..ec2("arn:aws:ec2:eu-west-2::snapshot/snap-2") },
    ];
    let once = linked(given);
    assert_eq!(linked(once.clone()), once);
}

#[test]
fn a_database_snapshot_or_table_backup_of_aws_backup_is_one_point() {
    for (kind, arn) in [
        (PointKind::DbSnapshot, "arn:aws:rds:eu-west-2:111122223333:snapshot:awsbackup:job-1"),
        (PointKind::DbClusterSnapshot, "arn:aws:rds:eu-west-2:111122223333:cluster-snapshot:awsbackup:job-1"),
        (PointKind::TableBackup, "arn:aws:dynamodb:eu-west-2:111122223333:table/t/backup/01"),
    ] {
        let mut own = RecoveryPoint { kind, ..ec2(arn) };
        own.extra_mut().is_copy = true;
        own.extra_mut().data_at = Some(at(9));
        let mut given = inventory();
        given.reads = vec![read("ec2:*", REGION)];
        let alone = RecoveryPoint { kind, arn: "other".into(), ..backup(arn) };
        given.points = vec![own, RecoveryPoint { kind, ..backup(arn) }, alone];
        let points = linked(given).points;
        assert_eq!(points.len(), 2, "{arn}");
        let (joined, alone) = (&points[0], &points[1]);
        assert_eq!((joined.arn.as_str(), joined.vault.as_deref()), (arn, Some(VAULT)));
        assert_eq!((joined.delete_after_days, joined.data_at()), (Some(35), Some(at(9))));
        assert_eq!(joined.tag("a"), Some("b"));
        assert_eq!(message(alone), None, "EC2 cannot have listed it");
    }
}
