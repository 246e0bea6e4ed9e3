//! What is particular to S3 buckets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Tags;
use crate::model::{Instant, fact::Fact, text::Text};

/// S3 bucket: one fact per configuration call.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bucket {
    /// `s3:GetBucketVersioning`.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub versioning: Fact<Versioning>,
    /// Whether deletes need the root user's MFA (`s3:GetBucketVersioning`).
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub mfa_delete: Fact<bool>,
    /// Default encryption (`s3:GetBucketEncryption`).
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub encryption: Fact<BucketEncryption>,
    /// Lifecycle rules; none is an empty list (`s3:GetBucketLifecycleConfiguration`).
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub lifecycle: Fact<Vec<LifecycleRule>>,
    /// `s3:GetObjectLockConfiguration`.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub object_lock: Fact<ObjectLock>,
    /// Enabled replication rules (`s3:GetBucketReplication`).
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub replication: Fact<Vec<ReplicationRule>>,
    /// `s3:GetPublicAccessBlock` of the bucket.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub public_access_block: Fact<PublicAccessBlock>,
    /// Whether the bucket policy makes it public, as S3 itself judges (`s3:GetBucketPolicyStatus`).
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub policy_public: Fact<bool>,
}

/// State of versioning. `Never` and `Suspended` differ in what they can still restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Versioning {
    /// Every version is kept.
    Enabled,
    /// Old versions stay, new writes overwrite the null version.
    Suspended,
    /// It was never enabled.
    Never,
}

/// Default encryption of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketEncryption {
    /// `AES256`, `aws:kms`, `aws:kms:dsse`, or `none` where the service says there is none.
    pub algorithm: Text,
    /// The KMS key, if one is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<Text>,
}

/// One enabled lifecycle rule of a bucket. Disabled rules are not kept.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LifecycleRule {
    /// Its id.
    pub id: Text,
    /// Key prefix; empty for the whole bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<Text>,
    /// Object tags that must all be present.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: Tags,
    /// Only objects larger than this many bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub larger_than: Option<u64>,
    /// Only objects smaller than this many bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smaller_than: Option<u64>,
    /// Days after which current versions expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expire_days: Option<u32>,
    /// Whether current versions expire at a date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expire_on: Option<Instant>,
    /// Days after which noncurrent versions are removed for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noncurrent_days: Option<u32>,
    /// Newer noncurrent versions that are kept besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newer_noncurrent_versions: Option<u32>,
}

/// Object Lock of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ObjectLock {
    /// Whether Object Lock is enabled at all.
    pub enabled: bool,
    /// `GOVERNANCE` or `COMPLIANCE`, if there is a default retention.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Text>,
    /// Default retention in days (a year is 365).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// One enabled replication rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplicationRule {
    /// ARN of the destination bucket.
    pub destination: Text,
    /// Owner of the destination, if named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Text>,
    /// Whether the whole bucket is replicated.
    #[serde(default)]
    pub whole_bucket: bool,
}

/// The four switches of S3 Block Public Access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PublicAccessBlock {
    /// New public ACLs are refused.
    pub block_public_acls: bool,
    /// Existing public ACLs are ignored.
    pub ignore_public_acls: bool,
    /// New public policies are refused.
    pub block_public_policy: bool,
    /// Public policies give access to AWS services and the owner's account only.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// Whether nothing public can take effect.
    pub const fn blocks_everything(self) -> bool {
        self.block_public_acls && self.ignore_public_acls && self.block_public_policy && self.restrict_public_buckets
    }
}
