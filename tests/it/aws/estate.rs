//! What the collectors make of a full estate.

use lastgood::model::activity::{ActivityKind, ActivityOutcome, Validation};
use lastgood::model::fact::Fact;
use lastgood::model::kind::Kind;
use lastgood::model::protection::ConditionOperator;
use lastgood::model::recovery_point::{PointKind, PointStatus};
use lastgood::model::resource::{Existence, Versioning};
use serde_json::json;

use super::server::{ACCOUNT, REGION, Server, now};

/// One account and region with something of everything.
pub(crate) fn seed() -> serde_json::Value {
    let mut seed = basics();
    for (section, of) in super::managed::seed().as_object().unwrap() {
        match seed.get_mut(section).and_then(|known| known.as_array_mut()) {
            Some(known) => known.extend(of.as_array().unwrap().iter().cloned()),
            None => seed[section] = of.clone(),
        }
    }
    seed
}

/// EC2, S3 and AWS Backup.
fn basics() -> serde_json::Value {
    json!({
        "volumes": [
            {"key": "data", "size": 100, "encrypted": true, "kms_key_id": "arn:aws:kms:us-east-1:123456789012:key/k1",
             "tags": {"Name": "orders data", "application": "orders"}},
            {"key": "scratch"},
            {"key": "by-test", "tags": {"awsbackup-restore-test": "yes"}}
        ],
        "snapshots": [
            {"key": "manual", "volume": "data", "started": "-3d", "tags": {"why": "release"},
             "lock": {"LockMode": "compliance", "LockDuration": 30}},
            {"key": "stuck", "volume": "scratch", "state": "pending", "started": "-2d"},
            {"key": "open", "volume": "scratch", "started": "-9d", "public": true, "tier": "archive"},
            {"key": "copied", "volume": "data", "copied": true, "started": "-1d"}
        ],
        "instances": [{"key": "web", "volumes": ["data"], "tags": {"Name": "web-1"}}],
        "images": [
            {"key": "golden", "instance": "web", "created": "-5d"},
            {"key": "retired", "instance": "web", "created": "-50d", "state": "disabled"}
        ],
        "buckets": [
            {"name": "docs", "versioning": "Enabled", "tags": {"application": "wiki"},
             "lifecycle": {"Rules": [
                {"ID": "old", "Status": "Enabled", "Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}]}},
                 "NoncurrentVersionExpiration": {"NoncurrentDays": 40, "NewerNoncurrentVersions": 3}},
                {"ID": "off", "Status": "Disabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]},
             "public_access_block": {"BlockPublicAcls": true, "IgnorePublicAcls": true,
                "BlockPublicPolicy": true, "RestrictPublicBuckets": true},
             "encryption": {"Rules": [{"ApplyServerSideEncryptionByDefault":
                {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "arn:aws:kms:us-east-1:123456789012:key/k2"}}]},
             "object_lock": {"ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 1}}}},
            {"name": "plain"},
            {"name": "paused", "versioning": "Suspended"}
        ],
        "vaults": [
            {"name": "main", "Locked": true, "MinRetentionDays": 7, "MaxRetentionDays": 400, "LockDate": "-10d",
             "policy": {"Version": "2012-10-17", "Statement": []}},
            {"name": "second"},
            {"name": "empty"}
        ],
        "plans": [{
            "key": "daily",
            "plan": {"BackupPlanName": "daily", "Rules": [{
                "RuleName": "nightly", "TargetBackupVaultName": "main", "ScheduleExpression": "cron(0 2 * * ? *)",
                "ScheduleExpressionTimezone": "Europe/London", "StartWindowMinutes": 60,
                "Lifecycle": {"DeleteAfterDays": 35},
                "CopyActions": [{"DestinationBackupVaultArn": "arn:aws:backup:us-east-1:123456789012:backup-vault:second",
                    "Lifecycle": {"DeleteAfterDays": 90}}]}]},
            "selections": [{"selection": {"SelectionName": "tagged", "Resources": ["arn:aws:ec2:*:*:volume/*"],
                "Conditions": {"StringEquals": [{"ConditionKey": "aws:ResourceTag/application", "ConditionValue": "orders"}]}}}]
        }],
        "recovery_points": [
            {"key": "rp", "vault": "main", "resource": "data", "plan": "daily", "CreationDate": "-1d"},
            {"key": "rp-old", "vault": "main", "resource": "data", "plan": "daily", "CreationDate": "-40d", "Status": "EXPIRED"},
            {"key": "rp-copy", "vault": "second", "resource": "data", "copy_of": "rp", "CreationDate": "-20h"},
            {"key": "rp-ami", "vault": "main", "resource": "web", "CreationDate": "-4d"},
            {"key": "rp-docs", "vault": "main", "resource": "docs", "Status": "AVAILABLE", "CreationDate": "-100d"},
            {"key": "rp-gone", "vault": "main", "resource": "arn:aws:ec2:us-east-1:123456789012:volume/vol-0gone",
             "RecoveryPointArn": "arn:aws:ec2:us-east-1::snapshot/snap-0gone", "CreationDate": "-6d"},
            {"key": "rp-fsx", "vault": "main", "resource": "arn:aws:fsx:us-east-1:123456789012:file-system/fs-1",
             "CreationDate": "-6d"},
            {"key": "rp-db", "vault": "main", "resource": "arn:aws:rds:us-east-1:123456789012:db:orders",
             "CreationDate": "-6d"}
        ],
        "backup_jobs": [
            {"recovery_point": "rp"},
            {"vault": "main", "resource": "docs", "State": "COMPLETED", "MessageCategory": "NO_OBJECTS",
             "StatusMessage": "No objects were backed up", "CreationDate": "-2d"},
            {"vault": "main", "resource": "data", "State": "FAILED", "MessageCategory": "AccessDenied",
             "StatusMessage": "denied", "CreationDate": "-3d"}
        ],
        "copy_jobs": [{"source": "rp", "destination": "rp-copy"}],
        "restore_testing_plans": [{
            "key": "drill",
            "plan": {"RestoreTestingPlanName": "drill", "ScheduleExpression": "cron(0 1 1 * ? *)",
                "RecoveryPointSelection": {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"],
                    "RecoveryPointTypes": ["SNAPSHOT"]}},
            "selections": [{"RestoreTestingSelectionName": "volumes", "ProtectedResourceType": "EBS",
                "ProtectedResourceArns": ["*"], "ValidationWindowHours": 8}]
        }],
        "restore_jobs": [
            {"recovery_point": "rp", "testing_plan": "drill", "ValidationStatus": "SUCCESSFUL", "DeletionStatus": "SUCCESSFUL",
             "CreationDate": "-10h", "CompletionDate": "-9h"},
            {"recovery_point": "rp-ami", "Status": "FAILED", "StatusMessage": "no capacity", "CreationDate": "-2d"}
        ],
        "legal_holds": [{"Title": "case 7", "Description": "legal, J. Doe", "Status": "ACTIVE",
            "RecoveryPointSelection": {"VaultNames": ["second"]}}],
        "region_settings": {"ResourceTypeOptInPreference": {"EBS": true, "S3": false}},
        "ebs_encryption_by_default": true,
        "snapshot_block_public_access": "block-all-sharing"
    })
}

#[test]
#[expect(clippy::cognitive_complexity, reason = "one reading of one estate, looked at from all sides")]
fn a_full_estate_is_read_and_linked() {
    let (server, ids) = Server::with(seed());
    server.reset_requests();
    let before = now();
    let collected = server.collect();
    let inventory = collected.inventory;
    assert_eq!(inventory.gaps, [], "nothing is missing");
    assert_eq!(server.problems(), json!([]));
    assert_eq!((inventory.accounts.len(), inventory.regions.len()), (1, 1));
    assert!(inventory.captured_at >= before);
    let asked: u64 = server.requests().values().sum();
    assert_eq!(collected.requests, asked, "every request is counted");

    let resource = |arn: &str| {
        inventory.resources.iter().find(|resource| resource.arn == arn).unwrap_or_else(|| panic!("no {arn}"))
    };
    let point =
        |arn: &str| inventory.points.iter().find(|point| point.arn == arn).unwrap_or_else(|| panic!("no {arn}"));

    // volumes and instances
    let data = resource(ids.arn("data"));
    assert_eq!(data.display_name(), "orders data");
    assert_eq!(data.volume().unwrap().size_gib, Fact::Known(100));
    assert_eq!(data.volume().unwrap().encrypted, Fact::Known(true));
    assert_eq!(data.volume().unwrap().attached_to, [ids.arn("web")]);
    assert!(!data.created_at.is_unread());
    assert!(inventory.resources.iter().all(|resource| resource.arn != ids.arn("by-test")));
    let web = resource(ids.arn("web"));
    assert!(web.created_at.is_unread(), "the launch time moves with every start");
    assert_eq!(web.instance().unwrap().volumes, Fact::Known(vec![ids.arn("data").into()]));

    // snapshots
    let manual = point(ids.arn("manual"));
    assert_eq!(manual.resource.as_deref(), Some(ids.arn("data")));
    let extra = manual.extra.as_deref().unwrap();
    assert_eq!(&*extra.lock.as_ref().unwrap().state, "compliance");
    assert_eq!(extra.public, Fact::Known(false));
    assert!(extra.shared_with.is_unread(), "nobody asked");
    assert_eq!(manual.tag("why"), Some("release"));
    assert_eq!(point(ids.arn("stuck")).status, PointStatus::Creating);
    let open = point(ids.arn("open")).extra.as_deref().unwrap();
    assert!(open.public == Fact::Known(true) && open.archived);
    let copied = point(ids.arn("copied"));
    assert!(copied.is_copy() && copied.resource.is_none() && copied.data_at().is_none());
    assert_eq!(resource(ids.arn("copied")).kind, Kind::RecoveryPoint);

    // images
    let golden = point(ids.arn("golden"));
    assert_eq!((golden.kind, golden.resource.as_deref()), (PointKind::Image, Some(ids.arn("web"))));
    let members = &golden.extra.as_deref().unwrap().members;
    assert_eq!(members.len(), 1);
    let member = point(&members[0]).extra.as_deref().unwrap();
    assert_eq!(member.member_of.as_deref(), Some(ids.arn("golden")));
    assert!(point(ids.arn("retired")).extra.as_deref().unwrap().disabled);

    // points of AWS Backup
    let merged: Vec<_> = inventory.points.iter().filter(|point| point.arn == ids.arn("rp")).collect();
    assert_eq!(merged.len(), 1, "EC2 and AWS Backup speak of one point");
    let rp = merged[0];
    assert!(rp.vault.as_deref().unwrap().ends_with(":backup-vault:main"));
    assert_eq!(rp.delete_after_days, Some(35));
    assert_eq!(rp.encrypted, Fact::Known(true));
    let extra = rp.extra.as_deref().unwrap();
    assert_eq!(extra.managed_by.as_deref(), Some("aws-backup"));
    assert_eq!(extra.created_by.as_ref().unwrap().plan, ids.arn("daily"));
    assert!(!extra.tags.is_unread(), "the tags are EC2's");
    assert!(extra.last_restored_at.is_some());
    assert_eq!(point(ids.arn("rp-old")).status, PointStatus::Expired, "the graver word is believed");
    let copy = point(ids.arn("rp-copy"));
    assert!(copy.is_copy());
    assert_eq!(copy.resource.as_deref(), Some(ids.arn("data")));
    assert_eq!(copy.data_at(), Some(rp.started_at), "the data is from when the source was made");
    assert_eq!(copy.extra.as_deref().unwrap().legal_holds.len(), 1);
    let ami = point(ids.arn("rp-ami"));
    assert_eq!((ami.kind, ami.resource.as_deref()), (PointKind::Image, Some(ids.arn("web"))));
    assert!(ami.encrypted.is_unread() && !ami.extra.as_deref().unwrap().members.is_empty());
    let docs_point = point(ids.arn("rp-docs"));
    assert!(docs_point.status == PointStatus::Available && docs_point.continuous().is_some());
    let gone = point("arn:aws:ec2:us-east-1::snapshot/snap-0gone");
    assert_eq!(gone.extra.as_deref().unwrap().message.as_deref(), Some("not listed by EC2"));
    assert_eq!(resource("arn:aws:ec2:us-east-1:123456789012:volume/vol-0gone").existence, Existence::Deleted);
    assert_eq!(resource("arn:aws:rds:us-east-1:123456789012:db:orders").existence, Existence::Deleted);
    assert_eq!(resource(ids.arn("rp-fsx")).kind, Kind::RecoveryPoint);

    // buckets
    let docs = resource("arn:aws:s3:::docs").bucket().unwrap();
    assert_eq!(docs.versioning, Fact::Known(Versioning::Enabled));
    let rules = docs.lifecycle.known().unwrap();
    assert_eq!(rules.len(), 1, "disabled rules are not kept");
    assert_eq!((rules[0].prefix.as_deref(), rules[0].noncurrent_days), (Some("a/"), Some(40)));
    assert_eq!((rules[0].tags.len(), rules[0].newer_noncurrent_versions), (1, Some(3)));
    assert!(docs.public_access_block.known().unwrap().blocks_everything());
    assert_eq!(&*docs.encryption.known().unwrap().algorithm, "aws:kms");
    let lock = docs.object_lock.known().unwrap();
    assert_eq!((lock.enabled, lock.mode.as_deref(), lock.days), (true, Some("COMPLIANCE"), Some(365)));
    let plain = resource("arn:aws:s3:::plain").bucket().unwrap();
    assert_eq!(plain.versioning, Fact::Known(Versioning::Never));
    assert_eq!(plain.lifecycle, Fact::Known(vec![]), "not configured is an answer");
    assert_eq!(plain.replication, Fact::Known(vec![]));
    assert_eq!(plain.policy_public, Fact::Known(false));
    assert!(!plain.object_lock.known().unwrap().enabled);
    let paused = resource("arn:aws:s3:::paused");
    assert_eq!(paused.bucket().unwrap().versioning, Fact::Known(Versioning::Suspended));
    assert_eq!((paused.region.as_str(), paused.tags.known().map(|tags| tags.len())), (REGION, Some(0)));

    // vaults
    let main = resource("arn:aws:backup:us-east-1:123456789012:backup-vault:main").vault().unwrap();
    let lock = main.lock.known().unwrap();
    assert_eq!((lock.locked, lock.min_days, lock.max_days), (true, Some(7), Some(400)));
    assert!(lock.immutable_from.is_some());
    assert!(main.policy.known().unwrap().contains("2012-10-17"));
    let second = resource("arn:aws:backup:us-east-1:123456789012:backup-vault:second").vault().unwrap();
    assert_eq!(second.policy, Fact::Known("".into()), "no policy is an answer");

    // plans
    let plan = &inventory.plans[0];
    assert_eq!(plan.arn, ids.arn("daily"));
    let rule = &plan.rules[0];
    assert_eq!((rule.vault.as_str(), rule.start_window_minutes, rule.delete_after_days), ("main", Some(60), Some(35)));
    assert_eq!(rule.timezone.as_deref(), Some("Europe/London"));
    assert_eq!(rule.copies[0].delete_after_days, Some(90));
    let selection = &plan.selections.known().unwrap()[0];
    assert_eq!(selection.conditions[0].operator, ConditionOperator::StringEquals);

    // activities
    let of = |kind: ActivityKind| inventory.activities.iter().filter(move |activity| activity.kind == kind);
    assert_eq!(of(ActivityKind::Backup).count(), 3);
    let issues = of(ActivityKind::Backup).find(|job| job.outcome == ActivityOutcome::CompletedWithIssues).unwrap();
    assert_eq!(issues.message.as_deref(), Some("No objects were backed up"));
    assert!(of(ActivityKind::Backup).any(|job| job.outcome == ActivityOutcome::Failed && job.operator.is_some()));
    assert_eq!(of(ActivityKind::Copy).next().unwrap().point.as_deref(), Some(ids.arn("rp-copy")));
    let test = of(ActivityKind::RestoreTest).next().unwrap();
    assert_eq!((test.validation, test.cleanup.as_deref()), (Some(Validation::Successful), Some("successful")));
    assert_eq!(test.resource.as_deref(), Some(ids.arn("data")));
    assert_eq!(of(ActivityKind::Restore).next().unwrap().outcome, ActivityOutcome::Failed);

    // restore testing, holds, settings
    let drill = &inventory.restore_testing[0];
    let tested = &drill.selections.known().unwrap()[0];
    assert_eq!((tested.resource_type.as_str(), tested.validation_hours), ("EBS", Some(8)));
    let hold = &inventory.legal_holds[0];
    assert_eq!((hold.status.as_str(), hold.title.as_deref()), ("ACTIVE", Some("case 7")));
    assert_eq!(hold.points.known().unwrap().len(), 1);
    let settings = resource(&format!("arn:aws:lastgood:{REGION}:{ACCOUNT}:region-settings")).region_settings().unwrap();
    assert_eq!(settings.ebs_encryption_by_default, Fact::Known(true));
    assert_eq!(settings.snapshot_block_public_access, Fact::Known("block-all-sharing".into()));
    assert_eq!(settings.backup_opt_in.known().unwrap().get("S3"), Some(&false));

    // what was read
    let read =
        |call: &str| inventory.reads.iter().find(|read| read.call == call).unwrap_or_else(|| panic!("no {call}"));
    assert_eq!(read("ec2:DescribeVolumes").items, 3);
    assert_eq!(read("backup:ListRecoveryPointsByBackupVault").requests, 4, "one walk per vault");
    assert_eq!(read("s3:ListBuckets").region, "global");
    assert_eq!((inventory.captured_at - read("backup:ListBackupJobs").since.unwrap()).num_days(), 30);
}

#[test]
fn the_answer_asks_no_more_than_it_needs() {
    let (server, _) = Server::with(seed());
    server.reset_requests();
    server.collect();
    let mut expected =
        BUDGET.iter().map(|(call, count)| ((*call).to_owned(), *count)).collect::<std::collections::BTreeMap<_, _>>();
    // locks and public snapshots are asked because there are snapshots
    expected.insert("ec2:DescribeSnapshots".into(), 2);
    expected.insert("ec2:DescribeLockedSnapshots".into(), 1);
    // the keys of the volume and of the database, and of the vaults' own points
    expected.insert("kms:DescribeKey".into(), 3);
    expected.extend(super::managed::REQUESTS.iter().map(|(call, count)| ((*call).to_owned(), *count)));
    for call in [
        "GetBucketVersioning",
        "GetBucketEncryption",
        "GetBucketLifecycleConfiguration",
        "GetObjectLockConfiguration",
        "GetBucketReplication",
        "GetPublicAccessBlock",
        "GetBucketPolicyStatus",
        "GetBucketTagging",
    ] {
        expected.insert(format!("s3:{call}"), 3);
    }
    for (call, count) in [
        ("GetBackupVaultAccessPolicy", 4),
        ("GetBackupVaultNotifications", 4),
        ("ListRecoveryPointsByBackupVault", 4),
        ("GetBackupPlan", 1),
        ("ListBackupSelections", 1),
        ("GetBackupSelection", 1),
        ("ListRestoreTestingSelections", 1),
        ("GetRestoreTestingSelection", 1),
        ("ListRecoveryPointsByLegalHold", 1),
    ] {
        expected.insert(format!("backup:{call}"), count);
    }
    assert_eq!(server.requests(), expected);
}

/// The requests for an account and region with nothing in it, the first three and the last but for
/// the account as a whole.
const BUDGET: &[(&str, u64)] = &[
    ("sts:GetCallerIdentity", 1),
    ("ec2:DescribeRegions", 1),
    ("s3:ListBuckets", 1),
    ("ec2:DescribeInstances", 1),
    ("ec2:DescribeVolumes", 1),
    ("ec2:DescribeSnapshots", 1),
    ("ec2:DescribeImages", 1),
    ("ec2:GetEbsEncryptionByDefault", 1),
    ("ec2:GetSnapshotBlockPublicAccessState", 1),
    ("backup:ListBackupVaults", 1),
    ("backup:ListBackupPlans", 1),
    ("backup:ListBackupJobs", 1),
    ("backup:ListCopyJobs", 1),
    ("backup:ListRestoreJobs", 1),
    ("backup:ListRestoreTestingPlans", 1),
    ("backup:ListLegalHolds", 1),
    ("backup:ListProtectedResources", 1),
    ("backup:DescribeRegionSettings", 1),
    ("rds:DescribeDBInstances", 1),
    ("rds:DescribeDBClusters", 1),
    ("rds:DescribeDBSnapshots", 1),
    ("rds:DescribeDBClusterSnapshots", 1),
    ("rds:DescribeDBInstanceAutomatedBackups", 1),
    ("rds:DescribeDBClusterAutomatedBackups", 1),
    ("dynamodb:ListTables", 1),
    ("dynamodb:ListBackups", 1),
    ("dlm:GetLifecyclePolicies", 1),
    ("efs:DescribeFileSystems", 1),
    ("events:ListRules", 1),
];

/// Those for each region.
pub(crate) const PER_REGION: u64 = BUDGET.len() as u64 - 3;

#[test]
fn an_empty_region_costs_few_requests_and_is_known_to_be_empty() {
    let server = Server::start();
    let collected = server.collect();
    let expected = BUDGET.iter().map(|(call, count)| ((*call).to_owned(), *count)).collect();
    assert_eq!(server.requests(), expected);
    assert_eq!(collected.requests, 3 + PER_REGION);
    let inventory = collected.inventory;
    assert_eq!(inventory.gaps, []);
    assert_eq!(inventory.resources.len(), 1, "the settings of the region");
    for call in ["ec2:DescribeLockedSnapshots", "backup:ListRecoveryPointsByBackupVault", "backup:GetBackupPlan"] {
        let read = inventory.reads.iter().find(|read| read.call == call).unwrap_or_else(|| panic!("no {call}"));
        assert_eq!((read.items, read.requests), (0, 0), "{call}: nothing to ask about is as good as empty");
    }
}

#[test]
fn three_thousand_snapshots_come_in_three_pages() {
    let server = Server::start();
    server.bulk(json!({"volumes": 1500, "snapshots_per_volume": 2, "recovery_points": 1200}));
    server.reset_requests();
    let collected = server.collect();
    let inventory = collected.inventory;
    assert_eq!(inventory.gaps, []);
    let read = |call: &str| inventory.reads.iter().find(|read| read.call == call).unwrap();
    // AWS Backup's points are snapshots, too.
    assert_eq!((read("ec2:DescribeSnapshots").items, read("ec2:DescribeSnapshots").requests), (4200, 5));
    assert_eq!((read("ec2:DescribeVolumes").items, read("ec2:DescribeVolumes").requests), (1500, 2));
    assert_eq!(read("backup:ListRecoveryPointsByBackupVault").requests, 2);
    assert_eq!(inventory.points.len(), 4200, "each point once");
    assert_eq!(inventory.points.iter().filter(|point| point.vault.is_some()).count(), 1200);
}

#[test]
fn shares_are_asked_for_on_demand() {
    let (server, ids) = Server::with(json!({
        "volumes": [{"key": "v"}],
        "snapshots": [{"key": "s", "volume": "v", "shared_with": ["210987654321"]}],
        "instances": [{"key": "i", "volumes": ["v"]}],
        "images": [{"key": "a", "instance": "i", "shared_with": ["210987654321"]}]
    }));
    let options = lastgood::aws::Options { share_details: true, ..server.options() };
    let inventory = server.try_collect(&options).unwrap().inventory;
    assert_eq!(inventory.gaps, []);
    for key in ["s", "a"] {
        let point = inventory.points.iter().find(|point| point.arn == ids.arn(key)).unwrap();
        assert_eq!(point.extra.as_deref().unwrap().shared_with, Fact::Known(vec!["210987654321".into()]), "{key}");
    }
}
