//! What the world must be able to do for a plan to be carried out. AWS is one implementation; tests have
//! another, which fails, hangs and dies where it is told to.
//!
//! Each method is one question or one change. What may be asked twice says so; everything else is asked once
//! after its intent was journalled.

mod restore;

use crate::model::Instant;
use crate::model::plan::{GoodCopy, PointFacts, Target, VolumeRef};
use crate::model::recovery_point::{PointKind, PointStatus};
use crate::model::resource::{LifecycleRule, Tags, Versioning};
use crate::model::span::Span;
use crate::model::text::Text;

pub use restore::{
    Bench, Block, Blocks, BlocksRead, EXPIRY_TAG, Examined, Inspection, LIFE, NAME_PREFIX, PURPOSE, PURPOSE_TAG, Proof,
    RESTORABLE, RESTORED_FOLDER, Rebuild, RestoreOrder, RestoreTo, RestoredVersion, Restorer, Temporary, TestInstance,
    Validated, VersionsRead, VolumeOrder,
};

/// How a call failed, as far as it matters for what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallErrorKind {
    /// The caller may not do it.
    Denied,
    /// What it is about is not there.
    NotFound,
    /// What it is about is used, locked or held: the service protects it, as it should.
    Protected,
    /// Anything else: nobody knows whether it was done.
    Failed,
}

/// Why a call did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{call}: {code}: {message}")]
pub struct CallError {
    /// How it failed.
    pub kind: CallErrorKind,
    /// `service:Operation`.
    pub call: Text,
    /// The service's error code.
    pub code: Text,
    /// The service's message.
    pub message: Text,
}

/// A snapshot or volume that an item made.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// Its ARN.
    pub arn: Text,
    /// ARN of the volume that it is of, if the service says it.
    pub of: Option<Text>,
    /// Its state.
    pub status: PointStatus,
    /// Percent that is done, if the service says it.
    pub progress: Option<Text>,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// Its tags.
    pub tags: Tags,
}

/// How far a job of AWS Backup is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its state, as the service writes it.
    pub state: Text,
    /// What it says about it.
    pub message: Option<Text>,
    /// ARN of the recovery point or resource that it made.
    pub made: Option<Text>,
}

/// A backup on demand.
#[derive(Clone, Copy, Debug)]
pub struct BackupOrder<'a> {
    /// ARN of the resource.
    pub resource: &'a str,
    /// Name of the vault.
    pub vault: &'a str,
    /// ARN of the role.
    pub role: &'a str,
    /// Retention in days.
    pub delete_after_days: u32,
    /// The same token gives the same job.
    pub token: &'a str,
    /// Tags of the recovery point.
    pub tags: &'a Tags,
}

/// The answer of a call.
pub type Called<T> = Result<T, CallError>;

/// The world.
pub trait Executor: Restorer {
    /// The account in which the calls for this place act. May be asked twice.
    fn account(&mut self, at: &Target) -> Called<Text>;
    /// The service's own clock (the `Date` of its answer). May be asked twice.
    fn clock(&mut self, at: &Target) -> Called<Instant>;
    /// Let time pass.
    fn pause(&mut self, time: Span);

    /// The point as it is now; `None` when it is gone. Reads every fact that the service tells. May be asked
    /// twice.
    fn point(&mut self, at: &Target, point: &PointFacts) -> Called<Option<PointFacts>>;
    /// The state of a good copy; `None` when it is gone. May be asked twice.
    fn good_copy(&mut self, copy: &GoodCopy) -> Called<Option<PointStatus>>;
    /// Add tags to a point. May be asked twice.
    fn tag_point(&mut self, at: &Target, arn: &str, kind: PointKind, tags: &Tags) -> Called<()>;
    /// Delete a point. An answer without error is no proof that it is gone.
    fn delete_point(&mut self, at: &Target, point: &PointFacts) -> Called<()>;
    /// Where a deleted point still lies, such as the Recycle Bin. May be asked twice.
    fn residue(&mut self, at: &Target, point: &PointFacts) -> Called<Option<Text>>;
    /// Set the retention of a point in AWS Backup; its move to cold storage stays as it is.
    fn keep_point(&mut self, at: &Target, point: &PointFacts, delete_after_days: u32) -> Called<()>;

    /// Snapshots that carry the tag of an item. May be asked twice.
    fn made(&mut self, at: &Target, item: &str) -> Called<Vec<Made>>;
    /// Make snapshots: of all volumes of an instance at one instant, or of one volume. The tags are set in the
    /// creating call.
    fn snapshot(&mut self, at: &Target, instance: Option<&str>, volumes: &[VolumeRef], tags: &Tags) -> Called<()>;
    /// Copy a snapshot within its region, encrypted. The tags are set in the creating call.
    fn copy_encrypted(&mut self, at: &Target, snapshot: &str, tags: &Tags) -> Called<()>;
    /// Start a backup on demand; its job's id. May be asked twice with one token.
    fn start_backup(&mut self, at: &Target, order: &BackupOrder<'_>) -> Called<Text>;
    /// How far a backup job is. May be asked twice.
    fn backup_job(&mut self, at: &Target, job: &str) -> Called<Job>;

    /// Versioning of a bucket. May be asked twice.
    fn versioning(&mut self, at: &Target, bucket: &str) -> Called<Versioning>;
    /// Switch it on. May be asked twice.
    fn enable_versioning(&mut self, at: &Target, bucket: &str) -> Called<()>;
    /// Algorithm and key of a bucket's default encryption. May be asked twice.
    fn bucket_encryption(&mut self, at: &Target, bucket: &str) -> Called<(Text, Option<Text>)>;
    /// Set it to KMS. May be asked twice.
    fn encrypt_bucket(&mut self, at: &Target, bucket: &str, kms_key: Option<&str>) -> Called<()>;
    /// The enabled lifecycle rules of a bucket. May be asked twice.
    fn lifecycle(&mut self, at: &Target, bucket: &str) -> Called<Vec<LifecycleRule>>;
    /// Let no enabled rule remove previous versions before so many days; everything else stays as it is. May be
    /// asked twice.
    fn keep_versions(&mut self, at: &Target, bucket: &str, days: u32) -> Called<()>;
    /// Whether new volumes are encrypted by default. May be asked twice.
    fn volumes_encrypted(&mut self, at: &Target) -> Called<bool>;
    /// Encrypt them by default. May be asked twice.
    fn encrypt_volumes(&mut self, at: &Target) -> Called<()>;
}
