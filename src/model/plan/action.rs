//! What can be done, with the facts that it was planned on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::PointFacts;
use crate::model::Instant;
use crate::model::fact::Fact;
use crate::model::recovery_point::PointKind;
use crate::model::resource::{LifecycleRule, Tags, Versioning};
use crate::model::text::Text;

/// Where something is done: one account in one region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The account.
    pub account: Text,
    /// The region.
    pub region: Text,
}

impl Target {
    /// The place of a thing that names both.
    pub fn new(account: &Text, region: &Text) -> Self {
        Self { account: account.clone(), region: region.clone() }
    }
}

/// A volume of which a snapshot is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolumeRef {
    /// Its ARN.
    pub arn: Text,
    /// Whether it is encrypted; its snapshots are as it is.
    #[serde(default, skip_serializing_if = "Fact::is_unread")]
    pub encrypted: Fact<bool>,
    /// Its size in GiB.
    #[serde(default, skip_serializing_if = "Fact::is_unread")]
    pub size_gib: Fact<u64>,
    /// Its tags, which its snapshot gets too.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
}

/// A good copy that makes an older one dispensable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoodCopy {
    /// Where it lies.
    pub at: Target,
    /// Its ARN.
    pub arn: Text,
    /// What kind of copy it is.
    pub kind: PointKind,
    /// ARN of the vault that holds it, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<Text>,
}

/// How much a restore test proves, in rising strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Every or sampled blocks are read and their checksums verified.
    Read,
    /// A previous version of objects is read and compared by checksum.
    S3Version,
    /// An image is rebuilt from all blocks, and its file systems are checked.
    Filesystem,
    /// A volume is made, attached to a test instance and looked at there.
    Volume,
    /// AWS Backup restores it as a new resource, which is removed again.
    BackupJob,
}

impl Level {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Read, Self::S3Version, Self::Filesystem, Self::Volume, Self::BackupJob];

    /// The name in flags, plans and records.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::S3Version => "s3-version",
            Self::Filesystem => "filesystem",
            Self::Volume => "volume",
            Self::BackupJob => "backup-job",
        }
    }
}

/// Blocks or versions drawn by chance that anybody can repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// How many at most.
    pub count: u64,
    /// The seed by which they are drawn: the same gives the same.
    pub seed: u64,
}

/// A prefix in a bucket, in which nothing but what restore tests make may lie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketPrefix {
    /// The bucket's name.
    pub bucket: Text,
    /// The prefix, without a slash at its ends; empty for the whole bucket.
    pub prefix: Text,
}

impl fmt::Display for BucketPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

impl FromStr for BucketPrefix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("s3://").unwrap_or_default();
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(format!("`{text}` is no place in S3: write `s3://BUCKET/PREFIX`"));
        }
        Ok(Self { bucket: bucket.into(), prefix: prefix.trim_matches('/').into() })
    }
}

/// How a restore test is made, where its level leaves that open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TestHow {
    /// What is read of blocks and versions; all of them without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
    /// Id of the instance to which a restored volume is attached, and on which it is looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<Text>,
    /// ARN of the role with which AWS Backup restores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Text>,
    /// Where previous versions are restored to and compared; they are only read without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore_to: Option<BucketPrefix>,
}

impl TestHow {
    /// Whether nothing is said.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// Snapshots of volumes: of all volumes of an instance at one instant, or of one volume.
    Snapshot {
        /// ARN of the instance whose volumes these are; absent for a lone volume.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instance: Option<Text>,
        /// The volumes.
        volumes: Vec<VolumeRef>,
        /// Whether an encrypted copy must follow where the result is not encrypted.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        encrypt: bool,
    },
    /// A backup of AWS Backup on demand, of what EC2 cannot snapshot.
    BackupJob {
        /// The name of the vault.
        vault: Text,
        /// ARN of the role that makes it.
        role: Text,
        /// Retention in days.
        delete_after_days: u32,
    },
    /// The deletion of a recovery point.
    Prune {
        /// The point as it was planned on.
        point: PointFacts,
        /// The newest good copies, which must still be there when it is deleted.
        relies_on: Vec<GoodCopy>,
        /// After this instant the newest of them is too old, unless a newer plan says otherwise.
        fresh_until: Instant,
        /// How many points of the resource are stored: the breakers count against it.
        stored: u64,
        /// Nothing begun after this instant may be deleted by this item.
        cutoff: Instant,
    },
    /// The first phase of a deletion: the point is marked, and nothing else.
    MarkForPrune {
        /// The point as it was planned on.
        point: PointFacts,
        /// From this instant on it may be deleted.
        after: Instant,
        /// Nothing begun after this instant may be marked.
        cutoff: Instant,
    },
    /// A restore test.
    RestoreTest {
        /// How much it proves.
        level: Level,
        /// The point that is tested; absent for the versions of a bucket.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        point: Option<PointFacts>,
        /// How it is made, where the level leaves that open.
        #[serde(default, skip_serializing_if = "TestHow::is_default")]
        how: TestHow,
    },
    /// Versioning of a bucket is switched on.
    EnableVersioning {
        /// What it was.
        was: Versioning,
    },
    /// Default encryption of a bucket with KMS.
    EncryptBucket {
        /// The algorithm that it had.
        was: Text,
        /// The key; the account's own for S3 if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kms_key: Option<Text>,
    },
    /// New EBS volumes and copies of an account in a region are encrypted by default.
    EncryptVolumesByDefault,
    /// Lifecycle rules of a bucket remove no previous version before so many days.
    KeepVersions {
        /// The enabled rules as they were.
        was: Vec<LifecycleRule>,
        /// The days.
        days: u32,
    },
    /// The lifecycle of a recovery point in AWS Backup; always both of its values are set.
    KeepPoint {
        /// The point as it was planned on.
        point: PointFacts,
        /// The days after which it is deleted: never less than before.
        delete_after_days: u32,
    },
}

impl Action {
    /// The verb: `--only` and ids of items use it.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Snapshot { .. } | Self::BackupJob { .. } => "snapshot",
            Self::Prune { .. } | Self::MarkForPrune { .. } => "prune",
            Self::RestoreTest { .. } => "restore-test",
            _ => "configure",
        }
    }

    /// The verbs there are.
    pub const VERBS: [&'static str; 4] = ["snapshot", "configure", "restore-test", "prune"];
}
