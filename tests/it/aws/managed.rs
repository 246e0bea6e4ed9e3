//! Databases and other managed services, read together with what AWS Backup says about them.

use lastgood::model::fact::Fact;
use lastgood::model::gap::GapStatus;
use lastgood::model::inventory::Inventory;
use lastgood::model::kind::Kind;
use lastgood::model::recovery_point::{PointKind, PointStatus, RecoveryPoint};
use lastgood::model::resource::{Detail, Existence, Resource};
use serde_json::{Value, json};

use super::server::{REGION, Server};

const DB_KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/db";
const ARN: &str = "arn:aws:rds:us-east-1:123456789012:";
const TABLE: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/";
pub(crate) const NOBODY: &str = "arn:aws:sns:us-east-1:123456789012:nobody";
const FILE_SYSTEM: &str = "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/";

/// What the full estate has of these services.
pub(crate) fn seed() -> Value {
    json!({
        "db_instances": [
            {"name": "billing", "BackupRetentionPeriod": 35, "LatestRestorableTime": "-5m", "StorageEncrypted": true,
             "KmsKeyId": DB_KEY, "DeletionProtection": true, "tags": {"application": "billing"}},
            {"name": "idle", "DBInstanceStatus": "stopped", "BackupRetentionPeriod": 0},
            {"name": "shop-1", "Engine": "aurora-postgresql", "DBClusterIdentifier": "shop", "PubliclyAccessible": true}
        ],
        "db_clusters": [
            {"name": "shop", "EarliestRestorableTime": "-7d", "LatestRestorableTime": "-5m"},
            {"name": "graph", "Engine": "neptune"}
        ],
        "db_snapshots": [
            {"name": "rds:billing-1", "instance": "billing", "SnapshotType": "automated", "SnapshotCreateTime": "-2d"},
            {"name": "before-release", "instance": "billing", "SnapshotCreateTime": "-30d", "shared_with": ["210987654321"]},
            {"name": "billing-copy", "instance": "billing", "SnapshotCreateTime": "-1d", "OriginalSnapshotCreateTime": "-9d"},
            {"name": "awsbackup:job-1", "instance": "billing", "SnapshotType": "awsbackup", "SnapshotCreateTime": "-4d",
             "tags": {"from": "rds"}}
        ],
        "db_cluster_snapshots": [
            {"name": "rds:shop-1", "cluster": "shop", "SnapshotType": "automated"},
            {"name": "shop-final", "cluster": "shop", "shared_with": ["all"]},
            {"name": "graph-1", "cluster": "graph"}
        ],
        "db_automated_backups": [
            {"name": "billing", "RestoreWindow": {"EarliestTime": "-35d", "LatestTime": "-5m"}},
            {"name": "former", "Status": "retained", "RestoreWindow": {"EarliestTime": "-12d", "LatestTime": "-5d"}}
        ],
        "db_cluster_automated_backups": [{"name": "shop"}],
        "tables": [
            {"name": "carts", "tags": {"application": "shop"}, "DeletionProtectionEnabled": true,
             "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": DB_KEY},
             "recovery": {"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 20,
                "EarliestRestorableDateTime": "-20d", "LatestRestorableDateTime": "-5m"}},
            {"name": "sessions"}
        ],
        "table_backups": [
            {"name": "by-hand", "table": "carts", "BackupCreationDateTime": "-8d", "BackupSizeBytes": 10},
            {"name": "by-plan", "table": "carts", "BackupCreationDateTime": "-2d", "BackupType": "AWS_BACKUP"}
        ],
        "lifecycle_policies": [
            {"name": "policy-0a", "PolicyDetails": {"ResourceTypes": ["VOLUME"],
                "TargetTags": [{"Key": "application", "Value": "orders"}],
                "Schedules": [{"Name": "twice a day", "CreateRule": {"Interval": 12, "IntervalUnit": "HOURS"},
                    "RetainRule": {"Count": 35}}]}},
            {"name": "policy-0b", "State": "DISABLED", "DefaultPolicy": true,
             "PolicyDetails": {"ResourceType": "VOLUME", "CreateInterval": 1, "RetainInterval": 14}}
        ],
        "keys": [
            {"name": "db", "KeyState": "PendingDeletion", "DeletionDate": "+7d"},
            {"name": "k1"}
        ],
        "file_systems": [
            {"name": "fs-0a", "Name": "home", "Encrypted": true, "KmsKeyId": DB_KEY, "backup_policy": "ENABLED",
             "tags": {"application": "wiki"}},
            {"name": "fs-0b"},
            {"name": "fs-0c", "LifeCycleState": "deleting"}
        ],
        "topics": [{"name": "ops", "confirmed": 2}, {"name": "nobody"}],
        "event_rules": [
            {"name": "backup-failures", "targets": ["ops", "arn:aws:sqs:us-east-1:123456789012:audit"],
             "pattern": {"source": ["aws.backup"], "detail-type": ["Backup Job State Change"],
                "detail": {"state": ["FAILED", "EXPIRED", "PARTIAL"]}}},
            {"name": "off", "State": "DISABLED", "pattern": {"source": ["aws.backup"]}, "targets": ["nobody"]},
            {"name": "instances", "pattern": {"source": ["aws.ec2"]}, "targets": ["ops"]},
            {"name": "nightly", "ScheduleExpression": "rate(1 day)", "targets": ["ops"]}
        ],
        "vaults": [{"name": "databases", "notifications": {
            "SNSTopicArn": NOBODY, "BackupVaultEvents": ["BACKUP_JOB_COMPLETED"]}}],
        "recovery_points": [
            {"key": "rp-billing", "vault": "databases", "resource": "billing",
             "RecoveryPointArn": format!("{ARN}snapshot:awsbackup:job-1"), "CreationDate": "-4d", "Lifecycle": {"DeleteAfterDays": 35}},
            {"key": "rp-carts", "vault": "databases", "resource": "carts",
             "RecoveryPointArn": format!("{TABLE}carts/backup/by-plan"), "CreationDate": "-2d"}
        ]
    })
}

/// The requests that this costs beyond those for an empty region.
pub(crate) const REQUESTS: &[(&str, u64)] = &[
    ("dynamodb:DescribeTable", 2),
    ("dynamodb:DescribeContinuousBackups", 2),
    ("dynamodb:ListTagsOfResource", 2),
    ("dlm:GetLifecyclePolicy", 2),
    ("efs:DescribeBackupPolicy", 2),
    ("events:ListTargetsByRule", 1),
    ("sns:GetTopicAttributes", 2),
];

pub(crate) fn resource<'a>(inventory: &'a Inventory, arn: &str) -> &'a Resource {
    inventory.resources.iter().find(|resource| resource.arn == arn).unwrap_or_else(|| panic!("no {arn}"))
}

fn point<'a>(inventory: &'a Inventory, arn: &str) -> &'a RecoveryPoint {
    let found: Vec<_> = inventory.points.iter().filter(|point| point.arn == arn).collect();
    assert_eq!(found.len(), 1, "{arn}: {found:#?}");
    found[0]
}

fn days_old(inventory: &Inventory, at: Option<lastgood::model::Instant>) -> i64 {
    (inventory.captured_at - at.unwrap() + chrono::TimeDelta::minutes(10)).num_days()
}

#[test]
fn databases_are_read_with_their_snapshots_and_windows() {
    let (server, _) = Server::with(seed());
    let inventory = server.collect().inventory;
    assert_eq!(inventory.gaps, []);
    assert_eq!(server.problems(), json!([]));

    let billing = resource(&inventory, &format!("{ARN}db:billing"));
    assert_eq!((billing.kind, billing.tag("application")), (Kind::RdsInstance, Some("billing")));
    let database = billing.database().unwrap();
    assert_eq!(database.backup_retention_days, Fact::Known(35));
    assert_eq!(database.backup_window, Fact::Known("03:00-03:30".into()));
    assert_eq!((&database.encrypted, database.kms_key.as_deref()), (&Fact::Known(true), Some(DB_KEY)));
    assert_eq!(database.deletion_protection, Fact::Known(true));
    assert_eq!(days_old(&inventory, database.earliest_restorable), 35, "its automated backup says it");
    assert_eq!(days_old(&inventory, database.latest_restorable), 0);
    let idle = resource(&inventory, &format!("{ARN}db:idle")).database().unwrap();
    assert_eq!((&idle.status, &idle.backup_retention_days), (&Fact::Known("stopped".into()), &Fact::Known(0)));
    let shop = resource(&inventory, &format!("{ARN}cluster:shop"));
    assert_eq!(shop.kind, Kind::RdsCluster);
    assert_eq!(days_old(&inventory, shop.database().unwrap().earliest_restorable), 7);
    assert_eq!(shop.database().unwrap().publicly_accessible, Fact::Known(true), "a member is");
    for left_out in ["db:shop-1", "cluster:graph", "cluster-snapshot:graph-1"] {
        let arn = format!("{ARN}{left_out}");
        assert!(inventory.resources.iter().all(|resource| resource.arn != arn.as_str()), "{arn}");
    }

    let automated = point(&inventory, &format!("{ARN}snapshot:rds:billing-1"));
    assert_eq!((automated.kind, automated.delete_after_days), (PointKind::DbSnapshot, Some(35)));
    assert_eq!(automated.resource.as_deref(), Some(&*billing.arn));
    let manual = point(&inventory, &format!("{ARN}snapshot:before-release"));
    assert_eq!((manual.delete_after_days, days_old(&inventory, manual.data_at())), (None, 30));
    let copied = point(&inventory, &format!("{ARN}snapshot:billing-copy"));
    assert!(copied.is_copy());
    assert_eq!(days_old(&inventory, copied.data_at()), 9, "the data is as old as the original");
    let joined = point(&inventory, &format!("{ARN}snapshot:awsbackup:job-1"));
    assert!(joined.vault.as_deref().unwrap().ends_with(":databases"));
    assert_eq!((joined.delete_after_days, joined.tag("from")), (Some(35), Some("rds")));
    let shop_point = point(&inventory, &format!("{ARN}cluster-snapshot:shop-final"));
    assert_eq!((shop_point.kind, shop_point.resource.as_deref()), (PointKind::DbClusterSnapshot, Some(&*shop.arn)));

    let kept = point(&inventory, &format!("{ARN}auto-backup:ab-former"));
    assert_eq!(kept.status, PointStatus::Stopped);
    assert_eq!(days_old(&inventory, kept.continuous().unwrap().earliest), 12);
    assert_eq!(resource(&inventory, &format!("{ARN}db:former")).existence, Existence::Deleted);
}

#[test]
fn shares_of_database_snapshots_are_asked_for_on_demand() {
    let (server, _) = Server::with(seed());
    let options = lastgood::aws::Options { share_details: true, ..server.options() };
    let inventory = server.try_collect(&options).unwrap().inventory;
    assert_eq!(inventory.gaps, []);
    let shares = |name: &str| {
        let extra = point(&inventory, &format!("{ARN}{name}")).extra.as_deref().unwrap();
        (extra.public.clone(), extra.shared_with.clone())
    };
    let (no, yes) = (Fact::Known(false), Fact::Known(true));
    assert_eq!(shares("snapshot:before-release"), (no.clone(), Fact::Known(vec!["210987654321".into()])));
    assert_eq!(shares("cluster-snapshot:shop-final"), (yes, Fact::Known(vec![])));
    assert_eq!(shares("snapshot:rds:billing-1"), (no, Fact::Known(vec![])), "RDS shares none of its own");
}

#[test]
fn each_managed_list_that_fails_is_a_gap_and_the_others_are_read() {
    let (server, _) = Server::with(seed());
    for (call, fault, status) in [
        ("rds:DescribeDBInstances", "AccessDenied", GapStatus::Denied),
        ("rds:DescribeDBSnapshots", "Throttling", GapStatus::Throttled),
        ("rds:DescribeDBClusterSnapshots", "truncated-page", GapStatus::Incomplete),
        ("rds:DescribeDBInstanceAutomatedBackups", "repeated-token", GapStatus::Incomplete),
    ] {
        server.faults(json!([{"operation": call, "fault": fault}]));
        let inventory = server.collect().inventory;
        server.no_faults();
        assert_eq!(inventory.gaps.len(), 1, "{call}: {:#?}", inventory.gaps);
        assert_eq!((inventory.gaps[0].call().as_str(), inventory.gaps[0].status), (call, status));
        assert_eq!(inventory.gaps[0].region, REGION);
        assert!(inventory.reads.iter().all(|read| read.call != call), "{call} does not count as read");
        assert!(inventory.reads.iter().any(|read| read.call == "rds:DescribeDBClusters"));
    }
}

#[test]
fn tables_are_read_with_their_recovery_and_backups() {
    let (server, _) = Server::with(seed());
    let inventory = server.collect().inventory;
    assert_eq!(inventory.gaps, []);
    let carts = resource(&inventory, &format!("{TABLE}carts"));
    assert_eq!((carts.kind, carts.tag("application")), (Kind::DynamodbTable, Some("shop")));
    assert!(!carts.created_at.is_unread());
    let table = carts.table().unwrap();
    assert_eq!((&table.pitr_days, &table.deletion_protection), (&Fact::Known(20), &Fact::Known(true)));
    assert_eq!(table.kms_key, Fact::Known(DB_KEY.into()));
    assert_eq!(days_old(&inventory, table.earliest_restorable), 20);
    let sessions = resource(&inventory, &format!("{TABLE}sessions"));
    assert_eq!(sessions.table().unwrap().pitr_days, Fact::Known(0));
    assert_eq!(sessions.table().unwrap().kms_key, Fact::Known("".into()), "a key that AWS owns");
    assert_eq!(sessions.tags, Fact::Known([].into()));
    let by_hand = point(&inventory, &format!("{TABLE}carts/backup/by-hand"));
    assert_eq!((by_hand.kind, by_hand.size, &by_hand.vault), (PointKind::TableBackup, Some(10), &None));
    assert_eq!((by_hand.resource.as_deref(), days_old(&inventory, by_hand.data_at())), (Some(&*carts.arn), 8));
    let by_plan = point(&inventory, &format!("{TABLE}carts/backup/by-plan"));
    assert!(by_plan.vault.as_deref().unwrap().ends_with(":databases"), "both services speak of one backup");
}

#[test]
fn a_table_of_which_something_is_denied_keeps_the_rest() {
    let (server, _) = Server::with(seed());
    let denied = ["DescribeTable", "DescribeContinuousBackups", "ListTagsOfResource"];
    for operation in denied {
        server.faults(
            json!([{"operation": format!("dynamodb:{operation}"), "resource": "carts", "fault": "AccessDenied"}]),
        );
        let inventory = server.collect().inventory;
        server.no_faults();
        assert_eq!(inventory.gaps.len(), 1, "{:#?}", inventory.gaps);
        assert_eq!(inventory.gaps[0].resource.as_deref(), Some(&*format!("{TABLE}carts")));
        let carts = resource(&inventory, &format!("{TABLE}carts"));
        let table = carts.table().unwrap();
        let unread = [table.kms_key.is_unread(), table.pitr_days.is_unread(), carts.tags.is_unread()];
        assert_eq!(unread, denied.map(|other| other == operation), "{operation}");
    }
    for (list, detail) in [("ListTables", "DescribeContinuousBackups"), ("ListBackups", "none")] {
        for (fault, status) in [("AccessDenied", GapStatus::Denied), ("truncated-page", GapStatus::Incomplete)] {
            server.faults(json!([{"operation": format!("dynamodb:{list}"), "fault": fault}]));
            let inventory = server.collect().inventory;
            server.no_faults();
            assert_eq!(inventory.gaps.len(), 1, "{list} {fault}: {:#?}", inventory.gaps);
            assert_eq!(inventory.gaps[0].status, status);
            let read = |call: &str| inventory.reads.iter().any(|read| read.call == format!("dynamodb:{call}").as_str());
            assert!(!read(list) && !read(detail), "{list} {fault}");
        }
    }
}

#[test]
fn lifecycle_policies_are_read_and_one_that_is_denied_leaves_them_unknown() {
    let (server, _) = Server::with(seed());
    let inventory = server.collect().inventory;
    let [first, second] = &inventory.dlm_policies[..] else { panic!("{:#?}", inventory.dlm_policies) };
    assert_eq!((first.enabled, first.target.as_str(), first.target_tags.len()), (true, "volume", 1));
    assert_eq!((first.schedules[0].every_hours, first.schedules[0].keep_count), (Some(12), Some(35)));
    assert_eq!((second.enabled, second.schedules[0].keep_days), (false, Some(14)));
    assert!(inventory.reads.iter().any(|read| read.call == "dlm:GetLifecyclePolicies"));
    server.faults(json!([{"operation": "dlm:GetLifecyclePolicy", "resource": "policy-0a", "fault": "AccessDenied"}]));
    let inventory = server.collect().inventory;
    assert_eq!(inventory.dlm_policies.len(), 1);
    assert_eq!(inventory.gaps.len(), 2, "{:#?}", inventory.gaps);
    assert!(inventory.gaps.iter().all(|gap| gap.iam_action == "dlm:GetLifecyclePolicy"));
    assert!(inventory.reads.iter().all(|read| !read.call.starts_with("dlm:")), "it might cover anything");
}

#[test]
fn file_systems_are_read_with_their_backup_policy() {
    let (server, _) = Server::with(seed());
    let inventory = server.collect().inventory;
    let of = |name: &str| match &resource(&inventory, &format!("{FILE_SYSTEM}{name}")).detail {
        Detail::FileSystem(system) => system,
        other => panic!("{other:?}"),
    };
    let home = resource(&inventory, &format!("{FILE_SYSTEM}fs-0a"));
    assert_eq!((home.display_name(), home.tag("application")), ("home", Some("wiki")));
    assert_eq!((&of("fs-0a").encrypted, of("fs-0a").kms_key.as_deref()), (&Fact::Known(true), Some(DB_KEY)));
    assert_eq!(of("fs-0a").backup_policy, Fact::Known(true));
    assert_eq!((&of("fs-0b").encrypted, &of("fs-0b").backup_policy), (&Fact::Known(false), &Fact::Known(false)));
    let going = format!("{FILE_SYSTEM}fs-0c");
    assert!(inventory.resources.iter().all(|resource| resource.arn != going.as_str()));
    server.faults(json!([{"operation": "efs:DescribeBackupPolicy", "resource": "fs-0a", "fault": "AccessDenied"}]));
    let inventory = server.collect().inventory;
    assert_eq!(inventory.gaps.len(), 1, "{:#?}", inventory.gaps);
    assert_eq!(inventory.gaps[0].iam_action, "elasticfilesystem:DescribeBackupPolicy");
}

#[test]
fn the_keys_of_points_are_asked_for_once_each() {
    let (server, _) = Server::with(super::estate::seed());
    let inventory = server.collect().inventory;
    let state = |name: &str| {
        let arn = format!("arn:aws:kms:us-east-1:123456789012:key/{name}");
        let found: Vec<_> = inventory.keys.iter().filter(|key| key.arn == arn.as_str()).collect();
        assert_eq!(found.len(), 1, "{arn}: {:#?}", inventory.keys);
        found[0]
    };
    assert_eq!((state("k1").state.as_str(), state("k1").deletes_at), ("Enabled", None));
    assert_eq!(state("db").state, "PendingDeletion");
    assert!(state("db").deletes_at.unwrap() > inventory.captured_at);
    assert!(inventory.keys.iter().all(|key| !key.arn.ends_with("key/k2")), "no point lies under it");
    server.faults(json!([{"operation": "kms:DescribeKey", "resource": "key/db", "fault": "AccessDenied"}]));
    let inventory = server.collect().inventory;
    assert_eq!(inventory.gaps.len(), 1, "{:#?}", inventory.gaps);
    assert_eq!(inventory.gaps[0].resource.as_deref(), Some(DB_KEY));
    assert!(inventory.keys.iter().all(|key| key.arn != DB_KEY));
}
