//! What a log says of an activity beyond what AWS's job records hold.
//!
//! Every field may be absent: "not said" is never "zero" or "no".

use serde::{Deserialize, Serialize};

use crate::model::text::Text;

/// What set an activity off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// A schedule: cron, a timer, a backup plan.
    Scheduled,
    /// A person.
    Manual,
}

impl Trigger {
    /// The name in logs and reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Manual => "manual",
        }
    }
}

/// How deeply a verification or test looked, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Depth {
    /// The artefact was listed.
    Listed,
    /// Its index or metadata was consistent (`restic check`, `pg_restore --list`).
    Metadata,
    /// A sample of its data was read.
    Sampled,
    /// All of its data was read and matched its checksums (`restic check --read-data`).
    FullRead,
    /// Its data was restored.
    Restored,
    /// Its data was restored and compared with the original or with known counts or checksums.
    Compared,
}

impl Depth {
    /// The names of all depths, weakest first.
    pub const IDS: &'static [&'static str] = &["listed", "metadata", "sampled", "full-read", "restored", "compared"];

    /// The name in logs, policies and reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Metadata => "metadata",
            Self::Sampled => "sampled",
            Self::FullRead => "full-read",
            Self::Restored => "restored",
            Self::Compared => "compared",
        }
    }

    /// The depth of this name.
    pub fn parse(id: &str) -> Option<Self> {
        [Self::Listed, Self::Metadata, Self::Sampled, Self::FullRead, Self::Restored, Self::Compared]
            .into_iter()
            .find(|depth| depth.id() == id)
    }
}

/// The program that did it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its name, such as `restic`.
    pub name: Text,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Text>,
}

/// Sizes in bytes. Which of them a tool says, and which may be compared over time, differs by tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bytes {
    /// The logical, full size of what was backed up, restored or read. The only one that may be
    /// compared from one backup to the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<u64>,
    /// What it takes in the store, after compression and deduplication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored: Option<u64>,
    /// What was written or sent this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<u64>,
}

/// Numbers of files, objects, tables or blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Items {
    /// How many there were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// How many were done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<u64>,
    /// How many failed or were left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<u64>,
    /// How many were new or changed since the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<u64>,
    /// How many were deleted from the copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted: Option<u64>,
}

/// A stored thing that a backup made: a file, an object, a snapshot of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artefact {
    /// Its id or place: a path, `s3://bucket/key`, a snapshot id.
    pub uri: Text,
    /// The version of the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<Text>,
    /// Bytes as stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// SHA-256 of the stored bytes, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Text>,
    /// Bytes of the content before compression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_bytes: Option<u64>,
    /// SHA-256 of the content before compression, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_sha256: Option<Text>,
    /// Whether the mark was found that a tool writes last (a dump's trailer). Absent where the tool
    /// writes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trailer: Option<bool>,
    /// Whether it is encrypted, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted: Option<bool>,
}

/// A file that is kept as evidence: the tool's own output, a screenshot, a runbook.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceFile {
    /// Its path, as it was named.
    pub path: Text,
    /// SHA-256 when it was recorded, in hex.
    pub sha256: Text,
    /// Its size in bytes when it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Its headings and numbered steps, for procedures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outline: Vec<Text>,
    /// SHA-256 now, when the record was read: equal to `sha256`, or the file was changed; absent when
    /// the file is gone or nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256_now: Option<Text>,
}

/// What only logs say of an activity.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Detail {
    /// What set it off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
    /// The application that it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<Text>,
    /// What sort of data: `mysql`, `postgresql`, `files`, `git`, `configuration`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_type: Option<Text>,
    /// The method: `file-system`, `database-dump`, `server-snapshot`, `repository-mirror`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Text>,
    /// `full`, `incremental` or `differential`, where the tool says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Text>,
    /// The program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<Tool>,
    /// The reader that took this record from the tool's own output; absent where only its exit status speaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub native: Option<Text>,
    /// The command with its arguments, secrets blotted out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<Text>,
    /// The machine it ran on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<Text>,
    /// The paths, databases or URLs that were backed up, as the tool recorded them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Text>,
    /// The command's exit status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_status: Option<i32>,
    /// The signal that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Sizes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Bytes>,
    /// Numbers of things.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Items>,
    /// What it made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub artefacts: Vec<Artefact>,
    /// Problems, as the tool worded them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Text>,
    /// Lesser problems.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Text>,
    /// Files kept as evidence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<EvidenceFile>,
    /// For verifications, restores and tests: the artefact, recovery point or run it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<Text>,
    /// For verifications, restores and tests: how deeply it looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<Depth>,
    /// How the data was compared: `checksums`, `row-counts`, `file-manifest`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared_by: Option<Text>,
    /// Where the data was restored to, or the copy lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Text>,
    /// `test` or `production`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Text>,
    /// The team of the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<Text>,
    /// Who looked it over; never the operator where duties are to be separate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<Text>,
    /// Why it was done: a ticket, a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// For recoveries: what had failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Text>,
    /// For recoveries: what was done, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Text>,
    /// Who was told: people, lists, channels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notified: Vec<Text>,
    /// For notifications: the activity it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<Text>,
    /// What a record of this sort should say and this one does not, such as `timezone` or `size`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Text>,
}
