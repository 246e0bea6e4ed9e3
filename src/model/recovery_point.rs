//! Stored copies from which a resource can be restored.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Instant, fact::Fact, resource::Tags, text::Text};

/// What kind of copy it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PointKind {
    /// An EBS snapshot, whoever made it.
    EbsSnapshot,
    /// An Amazon Machine Image with its member snapshots.
    Image,
    /// A point stored by AWS Backup under an ARN of its own.
    BackupPoint,
    /// A snapshot of an RDS instance.
    DbSnapshot,
    /// A snapshot of an RDS cluster.
    DbClusterSnapshot,
    /// An on-demand DynamoDB backup.
    TableBackup,
    /// A dump file.
    Dump,
    /// A mirror of a repository.
    Mirror,
}

/// State of a recovery point, over all mechanisms (AWS Backup's words where it has one).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PointStatus {
    /// Finished and restorable.
    Completed,
    /// Continuous and advancing.
    Available,
    /// Continuous, no longer advancing; restorable inside its window.
    Stopped,
    /// Some members failed, or the window ended first.
    Partial,
    /// Being made.
    Creating,
    /// Being deleted.
    Deleting,
    /// Past its retention, and AWS Backup could not delete it.
    Expired,
    /// The copy failed.
    Error,
    /// In the Recycle Bin, or being taken out of it.
    Recoverable,
    /// A state that this version does not know, as the service wrote it.
    Other(Text),
}

impl PointStatus {
    /// The name in inventories and reports.
    pub fn id(&self) -> &str {
        match self {
            Self::Completed => "completed",
            Self::Available => "available",
            Self::Stopped => "stopped",
            Self::Partial => "partial",
            Self::Creating => "creating",
            Self::Deleting => "deleting",
            Self::Expired => "expired",
            Self::Error => "error",
            Self::Recoverable => "recoverable",
            Self::Other(raw) => raw,
        }
    }
}

impl From<&str> for PointStatus {
    fn from(text: &str) -> Self {
        match text {
            "completed" => Self::Completed,
            "available" => Self::Available,
            "stopped" => Self::Stopped,
            "partial" => Self::Partial,
            "creating" => Self::Creating,
            "deleting" => Self::Deleting,
            "expired" => Self::Expired,
            "error" => Self::Error,
            "recoverable" => Self::Recoverable,
            other => Self::Other(Text::from(other)),
        }
    }
}

impl Serialize for PointStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for PointStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer).map(|text| Self::from(text.as_str()))
    }
}

/// A recovery point. Fields that most points have stand here; the rest is in [`PointExtra`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryPoint {
    /// Its ARN.
    pub arn: Text,
    /// What kind of copy it is.
    pub kind: PointKind,
    /// ARN of the resource that it restores. A copied snapshot's volume id is arbitrary and is
    /// never used here (EC2 API, `Snapshot`); such a point stays without a resource unless AWS
    /// Backup or a tag names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Text>,
    /// The account that holds it.
    pub account: Text,
    /// The region that holds it.
    pub region: Text,
    /// ARN of the vault that holds it, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<Text>,
    /// Its state.
    pub status: PointStatus,
    /// The consistency point: the instant of the data (`StartTime`, `CreationDate`). For a copy it
    /// is the start of the copying, which is later than the data: see [`PointExtra::data_at`].
    pub started_at: Instant,
    /// When it was complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Instant>,
    /// Retention in days set on the point; absent when it is kept until somebody deletes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_after_days: Option<u32>,
    /// When its own lifecycle deletes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_at: Option<Instant>,
    /// Whether it is encrypted. Unread for images: their member snapshots say it.
    #[serde(default, skip_serializing_if = "Fact::is_unread")]
    pub encrypted: Fact<bool>,
    /// The KMS key, if encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<Text>,
    /// Size in bytes as the service reports it: the volume's size for EBS, not the stored bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Facts that few points have, or that many points share: equal ones share one allocation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Arc<PointExtra>>,
}

/// The less common facts of a recovery point.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PointExtra {
    /// Its tags.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub tags: Fact<Tags>,
    /// ARNs of an image's member snapshots.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Text>,
    /// ARN of the image that this snapshot belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_of: Option<Text>,
    /// Whether it is a composite's container: not restorable by itself and never counted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_parent: bool,
    /// ARN of the composite that this point belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<Text>,
    /// Whether it is a copy of another point.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_copy: bool,
    /// The instant of the data in a copy, where the source is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_at: Option<Instant>,
    /// For continuous points: the instants between which one can restore.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continuous: Option<RestoreWindow>,
    /// The plan and rule that made it; absent for on-demand points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<CreatedBy>,
    /// Snapshot lock (`ec2:DescribeLockedSnapshots`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<PointLock>,
    /// Ids of legal holds on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub legal_holds: Vec<Text>,
    /// Whether anybody may restore it.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub public: Fact<bool>,
    /// Accounts that it is shared with.
    #[serde(skip_serializing_if = "Fact::is_unread")]
    pub shared_with: Fact<Vec<Text>>,
    /// Whether it lies in a cold or archive tier, out of reach for days.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    /// Whether the image is disabled.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// The service that owns it and alone may delete it: `aws-backup`, `dlm`, `rds`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<Text>,
    /// What the service said about its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Text>,
    /// When somebody last restored from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_restored_at: Option<Instant>,
}

/// The window of a continuous recovery point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RestoreWindow {
    /// Earliest restorable instant, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earliest: Option<Instant>,
    /// Latest restorable instant, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest: Option<Instant>,
}

/// What made a recovery point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreatedBy {
    /// Plan ARN, or the policy of another mechanism.
    pub plan: Text,
    /// Rule id or name inside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Text>,
}

/// EBS snapshot lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointLock {
    /// `governance`, `compliance`, `compliance-cooloff` or `expired`.
    pub state: Text,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
}

impl RecoveryPoint {
    /// Whether it is continuous (point-in-time recovery): one point, updated in place.
    pub fn continuous(&self) -> Option<RestoreWindow> {
        self.extra.as_ref().and_then(|extra| extra.continuous)
    }

    /// Whether one could restore from it today: finished, or continuous and advancing, no
    /// composite's container. Says nothing about how old its data is.
    pub fn is_usable(&self) -> bool {
        matches!(self.status, PointStatus::Completed | PointStatus::Available) && !self.is_parent()
    }

    /// Whether it still holds data, usable or not: everything but points being made or deleted.
    /// `Expired` ones are still restorable and still billed.
    pub fn is_stored(&self) -> bool {
        !matches!(self.status, PointStatus::Creating | PointStatus::Deleting | PointStatus::Error)
    }

    /// Whether it is only a composite's container.
    pub fn is_parent(&self) -> bool {
        self.extra.as_ref().is_some_and(|extra| extra.is_parent)
    }

    /// Whether it is a copy of another point.
    pub fn is_copy(&self) -> bool {
        self.extra.as_ref().is_some_and(|extra| extra.is_copy)
    }

    /// The instant of the data it holds; `None` for a copy whose source is not known, and for
    /// continuous points (their window says it).
    pub fn data_at(&self) -> Option<Instant> {
        match &self.extra {
            Some(extra) if extra.continuous.is_some() => None,
            Some(extra) if extra.is_copy => extra.data_at,
            _ => Some(self.started_at),
        }
    }

    /// Its less common facts, to change them.
    pub fn extra_mut(&mut self) -> &mut PointExtra {
        Arc::make_mut(self.extra.get_or_insert_default())
    }

    /// Its tags, where read.
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.extra.as_ref()?.tags.known()?.get(key).map(Text::as_str)
    }

    /// Whether a legal hold or a snapshot lock keeps it at `as_of`.
    pub fn is_held(&self, as_of: Instant) -> bool {
        self.extra.as_ref().is_some_and(|extra| {
            !extra.legal_holds.is_empty()
                || extra
                    .lock
                    .as_ref()
                    .is_some_and(|lock| lock.state != "expired" && lock.until.is_none_or(|until| until > as_of))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vector_21_an_unknown_status_keeps_its_raw_text_and_is_not_usable() {
        let status = PointStatus::from("QUANTUM");
        assert_eq!(status.id(), "QUANTUM");
        let json = serde_json::to_string(&status).unwrap();
        assert_eq!(serde_json::from_str::<PointStatus>(&json).unwrap(), status);
    }
}
