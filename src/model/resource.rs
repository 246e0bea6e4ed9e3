//! Things that must be recoverable, and the other things that rules judge.

mod bucket;

use super::notification::VaultNotifications;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Instant, fact::Fact, kind::Kind, text::Text};

pub use bucket::{Bucket, BucketEncryption, LifecycleRule, ObjectLock, PublicAccessBlock, ReplicationRule, Versioning};

/// Tags or labels, sorted by key.
pub type Tags = BTreeMap<Text, Text>;

/// Whether the thing itself still exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Existence {
    /// It was listed.
    #[default]
    Present,
    /// Its recovery points name it, and a complete list of its kind does not have it.
    Deleted,
    /// Its recovery points name it, and the list of its kind could not be read.
    Unconfirmed,
}

impl Existence {
    /// Serde's `skip_serializing_if`.
    pub fn is_present(&self) -> bool {
        *self == Self::Present
    }
}

/// One judged thing with the facts read about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// The identity: its ARN (for a stray recovery point, the point's ARN).
    pub arn: Text,
    /// What it is.
    pub kind: Kind,
    /// The owning account.
    pub account: Text,
    /// The region, or `global`.
    pub region: Text,
    /// Its name for people, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Fact::is_unread")]
    pub tags: Fact<Tags>,
    /// When it was made. Nothing older can be demanded of it. For EC2 instances this stays unread:
    /// the launch time moves with every start.
    #[serde(default, skip_serializing_if = "Fact::is_unread")]
    pub created_at: Fact<Instant>,
    /// The application that the register puts it into; without a register, a tag says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Text>,
    /// How much it matters, as the register says: `critical`, `high`, `medium` or `low`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criticality: Option<Text>,
    /// Whether it still exists.
    #[serde(default, skip_serializing_if = "Existence::is_present")]
    pub existence: Existence,
    /// What is particular to its kind.
    #[serde(default, skip_serializing_if = "Detail::is_none")]
    pub detail: Detail,
}

/// The facts particular to a kind.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Detail {
    /// Nothing was read beyond the common facts.
    #[default]
    None,
    /// An EBS volume.
    Volume(Volume),
    /// An EC2 instance.
    Instance(Instance),
    /// An S3 bucket.
    Bucket(Box<Bucket>),
    /// An RDS instance or cluster.
    Database(Box<Database>),
    /// A DynamoDB table.
    Table(Table),
    /// An EFS file system.
    FileSystem(FileSystem),
    /// An AWS Backup vault.
    Vault(Box<Vault>),
    /// The settings of an account in a region.
    Region(Box<RegionSettings>),
}

impl Detail {
    /// Serde's `skip_serializing_if`.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// EBS volume (`ec2:DescribeVolumes`).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Volume {
    /// Size in GiB.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub size_gib: Fact<u64>,
    /// Whether it is encrypted at rest.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub encrypted: Fact<bool>,
    /// The KMS key, if encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<Text>,
    /// ARNs of the instances it is attached to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attached_to: Vec<Text>,
}

/// EC2 instance (`ec2:DescribeInstances`).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Instance {
    /// `running`, `stopped`, …
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub state: Fact<Text>,
    /// ARNs of the attached EBS volumes.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub volumes: Fact<Vec<Text>>,
}

/// RDS instance or cluster.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `available`, `stopped`, … A stopped instance makes no automated backups.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub status: Fact<Text>,
    /// Days of automated backups; 0 is off.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub backup_retention_days: Fact<u32>,
    /// When its automated backups begin, `hh24:mi-hh24:mi` in UTC (`PreferredBackupWindow`).
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub backup_window: Fact<Text>,
    /// The latest instant to which it can be restored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest_restorable: Option<Instant>,
    /// The earliest instant to which it can be restored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earliest_restorable: Option<Instant>,
    /// Whether its storage is encrypted.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub encrypted: Fact<bool>,
    /// The KMS key, if encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<Text>,
    /// Whether it is protected against deletion.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub deletion_protection: Fact<bool>,
    /// Whether it has a public address.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub publicly_accessible: Fact<bool>,
}

/// DynamoDB table.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Table {
    /// Days of point-in-time recovery; 0 is off.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub pitr_days: Fact<u32>,
    /// The earliest instant to which it can be restored (`dynamodb:DescribeContinuousBackups`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earliest_restorable: Option<Instant>,
    /// The latest instant to which it can be restored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest_restorable: Option<Instant>,
    /// Whether it is protected against deletion.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub deletion_protection: Fact<bool>,
    /// The KMS key; empty when it is one that AWS owns.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub kms_key: Fact<Text>,
}

/// EFS file system.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileSystem {
    /// Whether it is encrypted at rest.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub encrypted: Fact<bool>,
    /// The KMS key, if encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<Text>,
    /// Whether the automatic backup policy is on.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub backup_policy: Fact<bool>,
}

/// AWS Backup vault (`backup:ListBackupVaults`, `backup:GetBackupVaultAccessPolicy`).
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Vault {
    /// `BACKUP_VAULT`, `LOGICALLY_AIR_GAPPED_BACKUP_VAULT`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_type: Option<Text>,
    /// The KMS key of the vault.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub kms_key: Fact<Text>,
    /// The lock.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub lock: Fact<VaultLock>,
    /// The access policy as JSON text; empty when there is none.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub policy: Fact<Text>,
    /// What it sends to a topic by itself.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub notifications: Fact<VaultNotifications>,
    /// The number of recovery points, as the vault reports it (approximate, by AWS's own words).
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub points: Fact<u64>,
}

/// Vault Lock. Locked without a date is governance mode: an administrator can remove it. With a
/// date it is compliance mode, immutable from that date on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VaultLock {
    /// Whether a lock is set.
    pub locked: bool,
    /// Shortest retention that new points may have, in days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_days: Option<u32>,
    /// Longest retention that new points may have, in days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_days: Option<u32>,
    /// When a compliance lock becomes immutable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub immutable_from: Option<Instant>,
}

/// Settings that hold for a whole account in a region.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegionSettings {
    /// `ec2:GetEbsEncryptionByDefault`.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub ebs_encryption_by_default: Fact<bool>,
    /// `block-all-sharing`, `block-new-sharing` or `unblocked` (`ec2:GetSnapshotBlockPublicAccessState`).
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub snapshot_block_public_access: Fact<Text>,
    /// AWS Backup's opt-in per resource type, such as `EBS` (`backup:DescribeRegionSettings`).
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub backup_opt_in: Fact<BTreeMap<Text, bool>>,
}

impl Resource {
    /// The name for people: the `Name` tag or id, whichever there is.
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| super::arn::short(&self.arn))
    }

    /// The value of a tag; `None` when it is absent or tags were not read.
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags.known()?.get(key).map(Text::as_str)
    }

    /// The volume's facts; all unread where the detail is missing.
    pub fn volume(&self) -> Option<&Volume> {
        match &self.detail {
            Detail::Volume(volume) => Some(volume),
            _ => None,
        }
    }

    /// The instance's facts.
    pub fn instance(&self) -> Option<&Instance> {
        match &self.detail {
            Detail::Instance(instance) => Some(instance),
            _ => None,
        }
    }

    /// The bucket's facts.
    pub fn bucket(&self) -> Option<&Bucket> {
        match &self.detail {
            Detail::Bucket(bucket) => Some(bucket),
            _ => None,
        }
    }

    /// The database's facts.
    pub fn database(&self) -> Option<&Database> {
        match &self.detail {
            Detail::Database(database) => Some(database),
            _ => None,
        }
    }

    /// The table's facts.
    pub fn table(&self) -> Option<&Table> {
        match &self.detail {
            Detail::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The vault's facts.
    pub fn vault(&self) -> Option<&Vault> {
        match &self.detail {
            Detail::Vault(vault) => Some(vault),
            _ => None,
        }
    }

    /// The region settings.
    pub fn region_settings(&self) -> Option<&RegionSettings> {
        match &self.detail {
            Detail::Region(settings) => Some(settings),
            _ => None,
        }
    }
}
