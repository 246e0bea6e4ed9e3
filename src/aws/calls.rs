//! Every request that can be sent, with the IAM action that allows it.
//!
//! Gaps name the action, the read-only policy (`docs/iam/read-only.json`) lists them, and a test holds
//! both against this table.

/// One operation of one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The service's prefix in IAM, such as `s3`.
    pub service: &'static str,
    /// The operation as the API names it.
    pub operation: &'static str,
    /// The IAM action that allows it. S3's often differ from the operation's name.
    pub iam_action: &'static str,
    /// What a second question by an operation is about. Its answer says nothing about the list, so it
    /// is not recorded as read.
    pub second: Option<&'static str>,
}

macro_rules! calls {
    ($table:ident: $($name:ident = $service:literal $operation:literal $(=> $action:literal)? $(, second $second:literal)?;)*) => {
        $(
            #[doc = concat!("`", $service, ":", $operation, "`.")]
            pub const $name: Call = Call {
                service: $service,
                operation: $operation,
                iam_action: calls!(@action $service $operation $($action)?),
                second: calls!(@second $($second)?),
            };
        )*

        /// All of them.
        pub const $table: &[Call] = &[$($name),*];
    };
    (@action $service:literal $operation:literal $action:literal) => { $action };
    (@action $service:literal $operation:literal) => { concat!($service, ":", $operation) };
    (@second $second:literal) => { Some($second) };
    (@second) => { None };
}

mod changes;
pub use changes::*;

calls! {
    CALLS:
    GET_CALLER_IDENTITY = "sts" "GetCallerIdentity";
    ASSUME_ROLE = "sts" "AssumeRole";

    DESCRIBE_REGIONS = "ec2" "DescribeRegions";
    DESCRIBE_INSTANCES = "ec2" "DescribeInstances";
    DESCRIBE_VOLUMES = "ec2" "DescribeVolumes";
    DESCRIBE_SNAPSHOTS = "ec2" "DescribeSnapshots";
    DESCRIBE_PUBLIC_SNAPSHOTS = "ec2" "DescribeSnapshots", second "public snapshots";
    DESCRIBE_IMAGES = "ec2" "DescribeImages";
    DESCRIBE_LOCKED_SNAPSHOTS = "ec2" "DescribeLockedSnapshots";
    DESCRIBE_SNAPSHOT_ATTRIBUTE = "ec2" "DescribeSnapshotAttribute";
    DESCRIBE_IMAGE_ATTRIBUTE = "ec2" "DescribeImageAttribute";
    GET_EBS_ENCRYPTION_BY_DEFAULT = "ec2" "GetEbsEncryptionByDefault";
    GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE = "ec2" "GetSnapshotBlockPublicAccessState";

    LIST_BUCKETS = "s3" "ListBuckets" => "s3:ListAllMyBuckets";
    GET_BUCKET_LOCATION = "s3" "GetBucketLocation";
    GET_BUCKET_VERSIONING = "s3" "GetBucketVersioning";
    GET_BUCKET_ENCRYPTION = "s3" "GetBucketEncryption" => "s3:GetEncryptionConfiguration";
    GET_BUCKET_LIFECYCLE = "s3" "GetBucketLifecycleConfiguration" => "s3:GetLifecycleConfiguration";
    GET_OBJECT_LOCK = "s3" "GetObjectLockConfiguration" => "s3:GetBucketObjectLockConfiguration";
    GET_BUCKET_REPLICATION = "s3" "GetBucketReplication" => "s3:GetReplicationConfiguration";
    GET_PUBLIC_ACCESS_BLOCK = "s3" "GetPublicAccessBlock" => "s3:GetBucketPublicAccessBlock";
    GET_BUCKET_POLICY_STATUS = "s3" "GetBucketPolicyStatus";
    GET_BUCKET_TAGGING = "s3" "GetBucketTagging";

    LIST_BACKUP_VAULTS = "backup" "ListBackupVaults";
    GET_VAULT_POLICY = "backup" "GetBackupVaultAccessPolicy";
    GET_VAULT_NOTIFICATIONS = "backup" "GetBackupVaultNotifications";
    LIST_VAULT_POINTS = "backup" "ListRecoveryPointsByBackupVault";
    LIST_BACKUP_PLANS = "backup" "ListBackupPlans";
    GET_BACKUP_PLAN = "backup" "GetBackupPlan";
    LIST_SELECTIONS = "backup" "ListBackupSelections";
    GET_SELECTION = "backup" "GetBackupSelection";
    LIST_BACKUP_JOBS = "backup" "ListBackupJobs";
    LIST_COPY_JOBS = "backup" "ListCopyJobs";
    LIST_RESTORE_JOBS = "backup" "ListRestoreJobs";
    LIST_TESTING_PLANS = "backup" "ListRestoreTestingPlans";
    LIST_TESTING_SELECTIONS = "backup" "ListRestoreTestingSelections";
    GET_TESTING_SELECTION = "backup" "GetRestoreTestingSelection";
    LIST_PROTECTED = "backup" "ListProtectedResources";
    LIST_LEGAL_HOLDS = "backup" "ListLegalHolds";
    LIST_HELD_POINTS = "backup" "ListRecoveryPointsByLegalHold";
    DESCRIBE_REGION_SETTINGS = "backup" "DescribeRegionSettings";

    DESCRIBE_DB_INSTANCES = "rds" "DescribeDBInstances";
    DESCRIBE_CLUSTERS = "rds" "DescribeDBClusters";
    DESCRIBE_DB_SNAPSHOTS = "rds" "DescribeDBSnapshots";
    DESCRIBE_CLUSTER_SNAPSHOTS = "rds" "DescribeDBClusterSnapshots";
    DESCRIBE_DB_AUTOMATED_BACKUPS = "rds" "DescribeDBInstanceAutomatedBackups";
    DESCRIBE_CLUSTER_AUTOMATED_BACKUPS = "rds" "DescribeDBClusterAutomatedBackups";
    DESCRIBE_DB_SNAPSHOT_ATTRIBUTES = "rds" "DescribeDBSnapshotAttributes";
    DESCRIBE_CLUSTER_SNAPSHOT_ATTRIBUTES = "rds" "DescribeDBClusterSnapshotAttributes";

    LIST_TABLES = "dynamodb" "ListTables";
    DESCRIBE_TABLE = "dynamodb" "DescribeTable";
    DESCRIBE_CONTINUOUS_BACKUPS = "dynamodb" "DescribeContinuousBackups";
    LIST_TABLE_TAGS = "dynamodb" "ListTagsOfResource";
    LIST_TABLE_BACKUPS = "dynamodb" "ListBackups";

    GET_LIFECYCLE_POLICIES = "dlm" "GetLifecyclePolicies";
    GET_LIFECYCLE_POLICY = "dlm" "GetLifecyclePolicy";

    DESCRIBE_FILE_SYSTEMS = "elasticfilesystem" "DescribeFileSystems";
    DESCRIBE_BACKUP_POLICY = "elasticfilesystem" "DescribeBackupPolicy";

    DESCRIBE_KEY = "kms" "DescribeKey";

    LIST_RULES = "events" "ListRules";
    LIST_TARGETS = "events" "ListTargetsByRule";
    GET_TOPIC_ATTRIBUTES = "sns" "GetTopicAttributes";
}

impl Call {
    /// `service:Operation`, as checks name what they need.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s3_actions_have_names_of_their_own() {
        assert_eq!(GET_BUCKET_ENCRYPTION.iam_action, "s3:GetEncryptionConfiguration");
        assert_eq!(DESCRIBE_VOLUMES.iam_action, "ec2:DescribeVolumes");
        assert_eq!(LIST_BUCKETS.name(), "s3:ListBuckets");
    }

    #[test]
    fn each_recorded_call_stands_once() {
        let recorded: Vec<String> = CALLS.iter().filter(|call| call.second.is_none()).map(Call::name).collect();
        let once: std::collections::BTreeSet<&String> = recorded.iter().collect();
        assert_eq!(recorded.len(), once.len());
    }
}
