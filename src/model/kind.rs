//! What a rule can judge.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $id:literal),* $(,)?) => {
        /// The kind of a judged thing, as policies and reports write it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Kind { $($(#[$doc])* $name),* }

        impl Kind {
            /// Every kind, in the order in which reports list them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name in policies and reports.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }
        }
    };
}

kinds! {
    /// An EBS volume.
    EbsVolume = "ebs-volume",
    /// An EC2 instance.
    Ec2Instance = "ec2-instance",
    /// A general-purpose S3 bucket.
    S3Bucket = "s3-bucket",
    /// An RDS database instance that is not a member of a cluster.
    RdsInstance = "rds-instance",
    /// An Aurora or Multi-AZ database cluster.
    RdsCluster = "rds-cluster",
    /// A DynamoDB table.
    DynamodbTable = "dynamodb-table",
    /// An EFS file system.
    EfsFileSystem = "efs-file-system",
    /// A declared MySQL or MariaDB database.
    Mysql = "mysql",
    /// A declared PostgreSQL database.
    Postgresql = "postgresql",
    /// A declared code repository.
    Repository = "repository",
    /// Declared configuration.
    Configuration = "configuration",
    /// Declared files.
    Files = "files",
    /// An AWS Backup vault.
    BackupVault = "backup-vault",
    /// A recovery point whose resource cannot be told: judged by itself.
    RecoveryPoint = "recovery-point",
    /// The settings of one account in one region.
    AccountRegion = "account-region",
    /// A group of resources, judged as one where a rule says so.
    Application = "application",
    /// Everything in the rule's scope, judged as one where a rule says so.
    Estate = "estate",
}

impl Kind {
    /// The kinds that must be recoverable.
    pub const RECOVERABLE: &'static [Self] = &[
        Self::EbsVolume,
        Self::Ec2Instance,
        Self::S3Bucket,
        Self::RdsInstance,
        Self::RdsCluster,
        Self::DynamodbTable,
        Self::EfsFileSystem,
        Self::Mysql,
        Self::Postgresql,
        Self::Repository,
        Self::Configuration,
        Self::Files,
    ];

    /// Whether the thing must be recoverable. Vaults, settings, stray points and groups are judged
    /// but are not themselves restored; a scope of `*` means the recoverable kinds.
    pub fn is_recoverable(self) -> bool {
        Self::RECOVERABLE.contains(&self)
    }

    /// The plain word for a sentence.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::EbsVolume => "volume",
            Self::Ec2Instance => "instance",
            Self::S3Bucket => "bucket",
            Self::RdsInstance | Self::Mysql | Self::Postgresql => "database",
            Self::RdsCluster => "database cluster",
            Self::DynamodbTable => "table",
            Self::EfsFileSystem => "file system",
            Self::Repository => "repository",
            Self::Configuration => "configuration",
            Self::Files => "file set",
            Self::BackupVault => "vault",
            Self::RecoveryPoint => "recovery point",
            Self::AccountRegion => "region settings",
            Self::Application => "application",
            Self::Estate => "estate",
        }
    }

    /// The calls that together list every recovery point of a resource of this kind. A statement
    /// about "all recovery points" needs each of them read to the end. Declared components are known
    /// by their logs only.
    pub const fn point_operations(self) -> &'static [&'static str] {
        const BACKUP: &str = "backup:ListRecoveryPointsByBackupVault";
        match self {
            Self::EbsVolume | Self::RecoveryPoint => &["ec2:DescribeSnapshots", BACKUP],
            Self::Ec2Instance => &["ec2:DescribeImages", BACKUP],
            Self::RdsInstance => &["rds:DescribeDBSnapshots", BACKUP],
            Self::RdsCluster => &["rds:DescribeDBClusterSnapshots", BACKUP],
            Self::DynamodbTable => &["dynamodb:ListBackups", BACKUP],
            Self::S3Bucket | Self::EfsFileSystem | Self::BackupVault => &[BACKUP],
            Self::Mysql | Self::Postgresql | Self::Repository | Self::Configuration | Self::Files => {
                &["log:ReadRecords"]
            }
            Self::AccountRegion | Self::Application | Self::Estate => &[],
        }
    }

    /// The call that lists the resources of this kind, where AWS has one.
    pub const fn list_operation(self) -> Option<&'static str> {
        match self {
            Self::EbsVolume => Some("ec2:DescribeVolumes"),
            Self::Ec2Instance => Some("ec2:DescribeInstances"),
            Self::S3Bucket => Some("s3:ListBuckets"),
            Self::RdsInstance => Some("rds:DescribeDBInstances"),
            Self::RdsCluster => Some("rds:DescribeDBClusters"),
            Self::DynamodbTable => Some("dynamodb:ListTables"),
            Self::EfsFileSystem => Some("elasticfilesystem:DescribeFileSystems"),
            Self::BackupVault => Some("backup:ListBackupVaults"),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl FromStr for Kind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|kind| kind.id() == text).ok_or(())
    }
}
