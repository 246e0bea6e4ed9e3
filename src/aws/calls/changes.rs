//! What carrying out a plan calls besides, and which role needs it: a role that makes copies cannot delete any,
//! and none can remove a lock, a hold or a guard.

use std::collections::BTreeSet;

use serde_json::json;

use super::{
    Call, DESCRIBE_CLUSTERS, DESCRIBE_DB_INSTANCES, DESCRIBE_FILE_SYSTEMS, DESCRIBE_IMAGE_ATTRIBUTE, DESCRIBE_IMAGES,
    DESCRIBE_INSTANCES, DESCRIBE_LOCKED_SNAPSHOTS, DESCRIBE_REGIONS, DESCRIBE_SNAPSHOT_ATTRIBUTE, DESCRIBE_SNAPSHOTS,
    DESCRIBE_TABLE, DESCRIBE_VOLUMES, GET_BUCKET_ENCRYPTION, GET_BUCKET_LIFECYCLE, GET_BUCKET_LOCATION,
    GET_BUCKET_VERSIONING, GET_EBS_ENCRYPTION_BY_DEFAULT, LIST_COPY_JOBS, LIST_HELD_POINTS, LIST_LEGAL_HOLDS,
    LIST_TABLES,
};

calls! {
    CHANGES:
    CREATE_SNAPSHOT = "ec2" "CreateSnapshot";
    CREATE_SNAPSHOTS = "ec2" "CreateSnapshots";
    COPY_SNAPSHOT = "ec2" "CopySnapshot";
    CREATE_TAGS = "ec2" "CreateTags";
    ENABLE_EBS_ENCRYPTION_BY_DEFAULT = "ec2" "EnableEbsEncryptionByDefault";
    START_BACKUP_JOB = "backup" "StartBackupJob";
    DESCRIBE_BACKUP_JOB = "backup" "DescribeBackupJob";
    BACKUP_TAG_RESOURCE = "backup" "TagResource";
    UPDATE_POINT_LIFECYCLE = "backup" "UpdateRecoveryPointLifecycle";
    PUT_BUCKET_VERSIONING = "s3" "PutBucketVersioning";
    PUT_BUCKET_ENCRYPTION = "s3" "PutBucketEncryption" => "s3:PutEncryptionConfiguration";
    PUT_BUCKET_LIFECYCLE = "s3" "PutBucketLifecycleConfiguration" => "s3:PutLifecycleConfiguration";

    DESCRIBE_RECOVERY_POINT = "backup" "DescribeRecoveryPoint";
    LIST_BACKUP_TAGS = "backup" "ListTags";
    DELETE_SNAPSHOT = "ec2" "DeleteSnapshot";
    DELETE_RECOVERY_POINT = "backup" "DeleteRecoveryPoint";
    LIST_SNAPSHOTS_IN_RECYCLE_BIN = "ec2" "ListSnapshotsInRecycleBin";

    LIST_SNAPSHOT_BLOCKS = "ebs" "ListSnapshotBlocks";
    GET_SNAPSHOT_BLOCK = "ebs" "GetSnapshotBlock";
    LIST_OBJECT_VERSIONS = "s3" "ListObjectVersions" => "s3:ListBucketVersions";
    GET_OBJECT_VERSION = "s3" "GetObject" => "s3:GetObjectVersion";
    CREATE_VOLUME = "ec2" "CreateVolume";
    ATTACH_VOLUME = "ec2" "AttachVolume";
    DETACH_VOLUME = "ec2" "DetachVolume";
    DELETE_VOLUME = "ec2" "DeleteVolume";
    SEND_COMMAND = "ssm" "SendCommand";
    GET_COMMAND_INVOCATION = "ssm" "GetCommandInvocation";
    GET_INFERRED_METADATA = "backup" "GetRestoreTestingInferredMetadata";
    START_RESTORE_JOB = "backup" "StartRestoreJob";
    DESCRIBE_RESTORE_JOB = "backup" "DescribeRestoreJob";
    PUT_RESTORE_VALIDATION = "backup" "PutRestoreValidationResult";
    COPY_OBJECT = "s3" "CopyObject" => "s3:PutObject";
    DELETE_OBJECT_VERSION = "s3" "DeleteObject" => "s3:DeleteObjectVersion";
    TAG_DATABASE = "rds" "AddTagsToResource";
    DELETE_DB_INSTANCE = "rds" "DeleteDBInstance";
    DELETE_DB_CLUSTER = "rds" "DeleteDBCluster";
    TAG_TABLE = "dynamodb" "TagResource";
    DELETE_TABLE = "dynamodb" "DeleteTable";
    TAG_FILE_SYSTEM = "elasticfilesystem" "TagResource";
    DELETE_FILE_SYSTEM = "elasticfilesystem" "DeleteFileSystem";
}

/// The facts about points that are looked at again.
const POINTS: &[Call] = &[
    DESCRIBE_REGIONS,
    DESCRIBE_SNAPSHOTS,
    DESCRIBE_LOCKED_SNAPSHOTS,
    DESCRIBE_IMAGES,
    DESCRIBE_IMAGE_ATTRIBUTE,
    DESCRIBE_SNAPSHOT_ATTRIBUTE,
    DESCRIBE_RECOVERY_POINT,
    LIST_BACKUP_TAGS,
    LIST_LEGAL_HOLDS,
    LIST_HELD_POINTS,
    LIST_COPY_JOBS,
];

/// A role with what it may call, and what it must not whatever else is granted.
#[derive(Clone, Copy, Debug)]
pub struct Role {
    /// Its name in `docs/iam`.
    pub name: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// What it calls.
    pub calls: &'static [&'static [Call]],
    /// Actions that are denied to it.
    pub denied: &'static [&'static str],
    /// Actions that it needs though it never calls them, such as passing a role.
    pub implied: &'static [&'static str],
}

/// What no role of ours may ever do: take away what protects backups.
const GUARDS: &[&str] = &[
    "backup:CancelLegalHold",
    "backup:DeleteBackupVault",
    "backup:DeleteBackupVaultAccessPolicy",
    "backup:DeleteBackupVaultLockConfiguration",
    "backup:PutBackupVaultAccessPolicy",
    "backup:PutBackupVaultLockConfiguration",
    "ec2:UnlockSnapshot",
    "rbin:DeleteRule",
    "rbin:UnlockRule",
    "rbin:UpdateRule",
    "s3:BypassGovernanceRetention",
];

/// What a role for restore tests may do only with what carries the tag of tests.
const TAGGED: &[&str] = &[
    "ec2:AttachVolume",
    "ec2:CreateTags",
    "ec2:CreateVolume",
    "ec2:DeleteVolume",
    "ec2:DetachVolume",
    "elasticfilesystem:DeleteFileSystem",
    "elasticfilesystem:TagResource",
    "ssm:SendCommand",
];

/// What it may do only with what has the name that tests give: before it is tagged there is nothing else to know it by.
const NAMED: &[(&str, &[&str])] = &[
    ("rds:AddTagsToResource", &["arn:*:rds:*:*:db:lastgood-test-*", "arn:*:rds:*:*:cluster:lastgood-test-*"]),
    ("rds:DeleteDBInstance", &["arn:*:rds:*:*:db:lastgood-test-*"]),
    ("rds:DeleteDBCluster", &["arn:*:rds:*:*:cluster:lastgood-test-*"]),
    ("dynamodb:DeleteTable", &["arn:*:dynamodb:*:*:table/lastgood-test-*"]),
    ("dynamodb:TagResource", &["arn:*:dynamodb:*:*:table/lastgood-test-*"]),
    ("s3:PutObject", TEST_OBJECTS),
    ("s3:DeleteObjectVersion", TEST_OBJECTS),
];

/// The folder of restored object versions, wherever it lies.
const TEST_OBJECTS: &[&str] = &["arn:*:s3:::*/lastgood-test/*"];

/// The roles that change something.
pub const ROLES: &[Role] = &[
    Role {
        name: "create",
        purpose: "makes copies and puts settings right (`apply` of snapshot and configure items)",
        calls: &[
            POINTS,
            &[
                CREATE_SNAPSHOT,
                CREATE_SNAPSHOTS,
                COPY_SNAPSHOT,
                CREATE_TAGS,
                ENABLE_EBS_ENCRYPTION_BY_DEFAULT,
                GET_EBS_ENCRYPTION_BY_DEFAULT,
                START_BACKUP_JOB,
                DESCRIBE_BACKUP_JOB,
                BACKUP_TAG_RESOURCE,
                UPDATE_POINT_LIFECYCLE,
                GET_BUCKET_VERSIONING,
                PUT_BUCKET_VERSIONING,
                GET_BUCKET_ENCRYPTION,
                PUT_BUCKET_ENCRYPTION,
                GET_BUCKET_LIFECYCLE,
                PUT_BUCKET_LIFECYCLE,
            ],
        ],
        denied: GUARDS,
        implied: &["iam:PassRole"],
    },
    Role {
        name: "prune",
        purpose: "deletes what a reviewed plan names (`apply` of prune items)",
        calls: &[
            POINTS,
            &[CREATE_TAGS, BACKUP_TAG_RESOURCE, DELETE_SNAPSHOT, DELETE_RECOVERY_POINT, LIST_SNAPSHOTS_IN_RECYCLE_BIN],
        ],
        denied: GUARDS,
        implied: &[],
    },
    Role {
        name: "restore-test",
        purpose: "reads back what is stored, and restores it for a while (`apply` of restore-test items, `sweep`)",
        calls: &[
            POINTS,
            &[
                LIST_SNAPSHOT_BLOCKS,
                GET_SNAPSHOT_BLOCK,
                LIST_OBJECT_VERSIONS,
                GET_OBJECT_VERSION,
                GET_BUCKET_LOCATION,
                COPY_OBJECT,
                DELETE_OBJECT_VERSION,
                DESCRIBE_VOLUMES,
                DESCRIBE_INSTANCES,
                CREATE_VOLUME,
                CREATE_TAGS,
                ATTACH_VOLUME,
                DETACH_VOLUME,
                DELETE_VOLUME,
                SEND_COMMAND,
                GET_COMMAND_INVOCATION,
                GET_INFERRED_METADATA,
                START_RESTORE_JOB,
                DESCRIBE_RESTORE_JOB,
                PUT_RESTORE_VALIDATION,
                DESCRIBE_DB_INSTANCES,
                DESCRIBE_CLUSTERS,
                TAG_DATABASE,
                DELETE_DB_INSTANCE,
                DELETE_DB_CLUSTER,
                LIST_TABLES,
                DESCRIBE_TABLE,
                TAG_TABLE,
                DELETE_TABLE,
                DESCRIBE_FILE_SYSTEMS,
                TAG_FILE_SYSTEM,
                DELETE_FILE_SYSTEM,
            ],
        ],
        denied: GUARDS,
        // Blocks and objects come decrypted, and volumes of encrypted snapshots need a grant: the key's policy must
        // allow it too.
        implied: &[
            "iam:PassRole",
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:GenerateDataKeyWithoutPlaintext",
        ],
    },
];

impl Role {
    /// Every action that it needs, sorted.
    pub fn actions(&self) -> BTreeSet<&'static str> {
        let called = self.calls.iter().flat_map(|calls| calls.iter()).map(|call| call.iam_action);
        called.chain(self.implied.iter().copied()).collect()
    }

    /// Its policy as IAM takes it (`docs/iam`).
    pub fn policy(&self) -> serde_json::Value {
        let restores = self.actions().contains(DELETE_VOLUME.iam_action);
        let (tagged, actions): (Vec<&str>, Vec<&str>) =
            self.actions().into_iter().partition(|action| restores && TAGGED.contains(action));
        let named = |action: &&str| restores && NAMED.iter().any(|(named, _)| named == action);
        let actions = actions.into_iter().filter(|action| !named(action));
        let (passing, plain): (Vec<&str>, Vec<&str>) = actions.partition(|action| *action == "iam:PassRole");
        let mut statements = vec![json!({
            "Sid": "Needed", "Effect": "Allow", "Action": plain, "Resource": "*"
        })];
        if !passing.is_empty() {
            statements.push(json!({
                "Sid": "HandOver", "Effect": "Allow", "Action": passing, "Resource": "*",
                "Condition": {"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}}
            }));
        }
        if restores {
            // What a test makes says so from the call on that makes it, and nothing else can be attached or deleted.
            let (makes, uses): (Vec<&str>, Vec<&str>) =
                tagged.into_iter().partition(|action| action.contains(":Create") || action.ends_with(":TagResource"));
            statements.push(json!({
                "Sid": "MakeForTests", "Effect": "Allow", "Action": makes, "Resource": "*",
                "Condition": {"StringEquals": {"aws:RequestTag/lastgood:purpose": "restore-test"}}
            }));
            statements.push(json!({
                "Sid": "MakeOfSnapshots", "Effect": "Allow", "Action": "ec2:CreateVolume", "Resource": "arn:*:ec2:*::snapshot/*"
            }));
            statements.push(json!({
                "Sid": "RunTheScript", "Effect": "Allow", "Action": "ssm:SendCommand",
                "Resource": "arn:*:ssm:*::document/AWS-RunShellScript"
            }));
            for (number, (action, resources)) in NAMED.iter().enumerate() {
                statements.push(json!({
                    "Sid": format!("OfTestsOnly{}", number + 1), "Effect": "Allow", "Action": action, "Resource": resources
                }));
            }
            statements.push(json!({
                "Sid": "UseOfTests", "Effect": "Allow", "Action": uses, "Resource": "*",
                "Condition": {"StringEquals": {"aws:ResourceTag/lastgood:purpose": "restore-test"}}
            }));
        }
        statements.push(json!({"Sid": "NoGuardIsRemoved", "Effect": "Deny", "Action": self.denied, "Resource": "*"}));
        // Whatever else is granted: versions go only where tests put them.
        let action = DELETE_OBJECT_VERSION.iam_action;
        let versions = match restores {
            true => {
                json!({"Sid": "NoVersionIsDeleted", "Effect": "Deny", "Action": action, "NotResource": TEST_OBJECTS})
            }
            false => json!({"Sid": "NoVersionIsDeleted", "Effect": "Deny", "Action": action, "Resource": ["*"]}),
        };
        statements.push(versions);
        if self.actions().contains("ec2:DeleteSnapshot") {
            // On the server's side, and so without a race: whatever our own guards did.
            statements.push(json!({
                "Sid": "NothingHeldIsDeleted", "Effect": "Deny",
                "Action": ["ec2:DeleteSnapshot", "backup:DeleteRecoveryPoint"], "Resource": "*",
                "Condition": {"StringLike": {"aws:ResourceTag/lastgood:hold": "*"}}
            }));
        } else {
            let stored =
                ["backup:DeleteRecoveryPoint", "ec2:DeleteSnapshot", "ec2:DeleteVolume", "ec2:DeregisterImage"];
            let stored: Vec<&str> = stored.into_iter().filter(|action| !self.actions().contains(action)).collect();
            statements.push(json!({
                "Sid": "NothingIsDeleted", "Effect": "Deny", "Resource": "*", "Action": stored
            }));
        }
        json!({"Version": "2012-10-17", "Statement": statements})
    }
}
