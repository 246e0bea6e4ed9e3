//! Things that happened: backups, copies, verifications, restores, restore tests, recoveries, prunes,
//! notifications, reviews. From AWS job records or from a log; both are one type.

mod detail;

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Instant, instant, recovery_point::CreatedBy, text::Text};

pub use detail::{Artefact, Bytes, Depth, Detail, EvidenceFile, Items, Tool, Trigger};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActivityKind {
    /// A backup was made.
    Backup,
    /// A recovery point was copied.
    Copy,
    /// Data was restored for use.
    Restore,
    /// Data was restored to prove that it can be.
    RestoreTest,
    /// Stored data was verified without restoring it.
    Verification,
    /// Recovery points were deleted on purpose.
    Prune,
    /// A system was restarted, failed over or recovered after a failure.
    Recovery,
    /// People were told of a failure.
    Notification,
    /// A log, a schedule or a procedure was looked through by a person.
    Review,
}

impl ActivityKind {
    /// The name in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Copy => "copy",
            Self::Restore => "restore",
            Self::RestoreTest => "restore-test",
            Self::Verification => "verification",
            Self::Prune => "prune",
            Self::Recovery => "recovery",
            Self::Notification => "notification",
            Self::Review => "review",
        }
    }
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActivityOutcome {
    /// It did all it should.
    Succeeded,
    /// It ended as completed and reported problems: AWS Backup's "completed with issues", which
    /// includes jobs that backed up nothing.
    CompletedWithIssues,
    /// Parts of it failed.
    Partial,
    /// It failed.
    Failed,
    /// It could not start within its window.
    Expired,
    /// It was stopped.
    Aborted,
    /// It has not ended.
    Running,
    /// An outcome that this version does not know, as the service wrote it.
    Other(Text),
}

impl ActivityOutcome {
    /// The name in inventories and reports.
    pub fn id(&self) -> &str {
        match self {
            Self::Succeeded => "succeeded",
            Self::CompletedWithIssues => "completed-with-issues",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Aborted => "aborted",
            Self::Running => "running",
            Self::Other(raw) => raw,
        }
    }

    /// Whether it ended, and not well.
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::CompletedWithIssues | Self::Partial | Self::Failed | Self::Expired | Self::Aborted)
    }
}

impl From<&str> for ActivityOutcome {
    fn from(text: &str) -> Self {
        match text {
            "succeeded" => Self::Succeeded,
            "completed-with-issues" => Self::CompletedWithIssues,
            "partial" => Self::Partial,
            "failed" => Self::Failed,
            "expired" => Self::Expired,
            "aborted" => Self::Aborted,
            "running" => Self::Running,
            other => Self::Other(Text::from(other)),
        }
    }
}

impl Serialize for ActivityOutcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for ActivityOutcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer).map(|text| Self::from(text.as_str()))
    }
}

/// What became of the check on restored data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Validation {
    /// Somebody looked at the restored data, and it was right.
    Successful,
    /// Somebody looked, and it was not.
    Failed,
    /// Nobody reported in time.
    TimedOut,
    /// The check is under way.
    Validating,
}

/// One activity with all that its record says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// Its id in the record it comes from.
    #[serde(deserialize_with = "Text::of_its_own")]
    pub id: Text,
    /// What was done.
    pub kind: ActivityKind,
    /// The record it comes from, such as `backup:ListBackupJobs`.
    pub source: Text,
    /// The account.
    pub account: Text,
    /// The region.
    pub region: Text,
    /// ARN of the resource it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Text>,
    /// ARN of the recovery point made or used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<Text>,
    /// How it ended.
    pub outcome: ActivityOutcome,
    /// When it began.
    #[serde(deserialize_with = "instant::deserialize")]
    pub started_at: Instant,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "instant::maybe")]
    pub completed_at: Option<Instant>,
    /// Bytes, as the record says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// What the record says about problems.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Text>,
    /// Who did it: a role or a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Text>,
    /// The plan that made it happen; absent when somebody did it by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<CreatedBy>,
    /// For restores: what became of the check on the data. Absent when nobody reported anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<Validation>,
    /// For restore tests: whether what was restored is gone again (`successful`, `failed`, `deleting`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleanup: Option<Text>,
    /// What only logs say: how it was triggered, by which tool, what it wrote, how deeply it looked. Shared,
    /// since the many records of one job often say the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Arc<Detail>>,
}

impl Activity {
    /// An activity of which nothing but this is known yet.
    pub fn new(
        id: impl Into<Text>,
        kind: ActivityKind,
        source: &str,
        outcome: ActivityOutcome,
        started_at: Instant,
    ) -> Self {
        Self {
            id: id.into(),
            kind,
            source: Text::from(source),
            account: Text::from(super::log::ACCOUNT),
            region: Text::from(super::log::REGION),
            resource: None,
            point: None,
            outcome,
            started_at,
            completed_at: None,
            size: None,
            message: None,
            operator: None,
            created_by: None,
            validation: None,
            cleanup: None,
            detail: None,
        }
    }

    /// What only logs say, made when there is none. Records that share it are not changed.
    pub fn detail_mut(&mut self) -> &mut Detail {
        Arc::make_mut(self.detail.get_or_insert_default())
    }

    /// Whether it was done by hand or by a schedule, where that is known: a log says it, and AWS Backup
    /// names the plan of what it did by itself. AWS jobs without a plan were asked for by somebody.
    pub fn trigger(&self) -> Option<Trigger> {
        let said = self.detail.as_ref().and_then(|detail| detail.trigger);
        let of_job = || match (&self.created_by, self.source.starts_with("backup:")) {
            (Some(_), _) => Some(Trigger::Scheduled),
            (None, true) => Some(Trigger::Manual),
            (None, false) => None,
        };
        said.or_else(of_job)
    }

    /// Whether lastgood did it to put a finding right.
    pub fn is_remediation(&self) -> bool {
        let tool = self.detail.as_ref().and_then(|detail| detail.tool.as_ref());
        self.source == super::log::SOURCE && tool.is_some_and(|tool| tool.name == super::log::OWN_TOOL)
    }

    /// When it ended, or began where no end is on record.
    pub fn at(&self) -> Instant {
        self.completed_at.unwrap_or(self.started_at)
    }
}
