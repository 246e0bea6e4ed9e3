//! The canonical log, `lastgood.log/1`: JSON Lines, one record a line, append-only, each naming the
//! SHA-256 of the line before. The attestation register is kept in the same form.
//!
//! Here live the nouns; reading, writing and verifying files live in `sources`.

use serde::de::IntoDeserializer as _;
use serde::{Deserialize, Serialize};

use super::Instant;
use super::activity::Activity;
use super::attestation::Attestation;
use super::text::Text;

/// The version of a record. A reader refuses any other.
pub const SCHEMA: &str = "lastgood.log/1";

/// The account of declared components and of log records: they belong to none of AWS.
pub const ACCOUNT: &str = "declared";

/// The source of an activity that was recorded in a canonical log first, and not read from a tool's record.
pub const SOURCE: &str = "log";

/// The tool of what `lastgood apply` did.
pub const OWN_TOOL: &str = "lastgood";

/// The region of declared components and of log records.
pub const REGION: &str = "global";

/// The call whose [`Read`](super::gap::Read), in [`ACCOUNT`] and [`REGION`], proves that the logs were read to
/// their end; its `since` is the time of their first record.
pub const RECORDS: &str = "log:ReadRecords";

/// What a record is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordType {
    /// A command is about to run. With no `finished` of the same activity id it hung or was killed.
    Started,
    /// It ended, one way or another.
    Finished,
    /// Something that happened, written down afterwards by a person or a script.
    Recorded,
    /// A record of another tool, read later.
    Imported,
    /// A dated, attributed, expiring statement.
    Attested,
    /// The log lives, though nothing happened.
    Heartbeat,
    /// An earlier record was wrong; no line is ever edited.
    Correction,
    /// The first line of a new file of the same stream.
    Continued,
    /// The head of the chain was put where it cannot be changed.
    Anchor,
    /// The line before was torn: its writer died. Its bytes are named by their SHA-256.
    Torn,
}

impl RecordType {
    /// The type of this name; none where this version does not know it.
    pub fn parse(name: &str) -> Option<Self> {
        Self::deserialize(name.into_deserializer()).map_err(|_: serde::de::value::Error| ()).ok()
    }
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// [`SCHEMA`].
    pub schema: Text,
    /// The UUID of the stream: one log file of one writer, over all its rotations.
    pub stream: Text,
    /// 0, 1, 2, … over all rotations, never reset.
    pub seq: u64,
    /// SHA-256 of the exact bytes of the line before, without its line feed, in hex; 64 zeros for the first.
    pub prev: Text,
    /// When it was written.
    pub time: Instant,
    /// What it is for.
    #[serde(rename = "type")]
    pub record_type: RecordType,
    /// What wrote it, such as `lastgood/0.1.0@db1`.
    pub writer: Text,
    /// What happened: for `started`, `finished`, `recorded`, `imported` and `correction`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<Box<Activity>>,
    /// What was stated: for `attested`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Box<Attestation>>,
    /// For `correction`: the `seq` of the record that was wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<u64>,
    /// For `continued`: the old file; for `anchor`: where the head was put; for `torn`: the SHA-256 of its
    /// bytes; for `heartbeat` and `correction`: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
}

/// What reading a log found, for the check `log-complete`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogStream {
    /// The UUID of the stream, or the path of a native log.
    pub id: Text,
    /// The file or files.
    pub files: Vec<Text>,
    /// `lastgood.log/1` or the name of the reader.
    pub format: Text,
    /// How many records it holds.
    pub records: u64,
    /// The time of the first record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_at: Option<Instant>,
    /// The time of the last record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Instant>,
    /// SHA-256 of the last line, in hex: the head of the chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Text>,
    /// The instant of the oldest anchor that the chain agrees with: unbroken and outside the writer's reach since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchored_since: Option<Instant>,
    /// What is wrong with it, each with its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<LogProblem>,
}

/// Something wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogProblem {
    /// A short word: `chain-broken`, `seq-gap`, `torn-line`, `not-understood`, `no-timezone`, `secret`, …
    pub code: Text,
    /// The file.
    pub file: Text,
    /// The line, from 1; 0 for the whole file.
    #[serde(default)]
    pub line: u64,
    /// What is wrong, in a sentence.
    pub message: Text,
}
