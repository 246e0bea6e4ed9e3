//! What an auditor asks beside the verdicts: how complete the lists are, who did and approved what, and every test,
//! statement and exception on record. It is evidence laid out for reading; nothing in it is judged.

use serde::{Deserialize, Serialize};

use super::Instant;
use super::activity::{Activity, ActivityKind, Trigger};
use super::assessment::WaiverRef;
use super::attestation::Attestation;
use super::log::LogStream;
use super::text::Text;

/// The most names that a list of examples holds; the number beside it counts all.
pub const NAMED: usize = 200;

/// The registers of one assessment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// Lists that were walked to their end, by call.
    pub lists: Vec<ListsRead>,
    /// Two independent enumerations of the estate, held against each other.
    pub reconciliation: Reconciliation,
    /// Restores, restore tests, verifications and recoveries on record, oldest first.
    pub tests: Vec<Activity>,
    /// Statements of people, oldest first.
    pub attestations: Vec<Attestation>,
    /// Every exception of the policy, whether it covers anything or not.
    pub exceptions: Vec<Exception>,
    /// Where two people are needed: whether there were two.
    pub duties: Vec<Duty>,
    /// All activities on record, counted by month.
    pub activities: Vec<ActivityCount>,
    /// What lastgood itself did to put findings right, oldest first.
    pub remediation: Vec<Activity>,
    /// The logs that were read.
    pub logs: Vec<LogStream>,
}

/// The lists of one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListsRead {
    /// `service:Operation`.
    pub call: Text,
    /// In how many pairs of account and region it was walked to its end.
    pub places: u64,
    /// How many items it held.
    pub items: u64,
    /// How many requests it took.
    pub requests: u64,
    /// For records that the service forgets: the instant from which they are complete everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Instant>,
}

/// The resources that their own services list (`Describe…`, `List…`), against those that recovery points and
/// jobs name, which come from other calls.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reconciliation {
    /// Number of recoverable resources that are listed.
    pub listed: u64,
    /// Number of resources that a recovery point or a job names.
    pub named: u64,
    /// Number of those that are both.
    pub both: u64,
    /// Those that are named and not listed, with what explains it: the first [`NAMED`].
    pub unlisted: Vec<Unlisted>,
    /// Of all that are named and not listed, the number without an explanation.
    pub unexplained: u64,
}

/// A resource that copies or jobs name and no list holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unlisted {
    /// Its ARN.
    pub resource: Text,
    /// Why it is not listed.
    pub why: Why,
}

/// Why a resource is not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Nothing explains it.
    Unexplained,
    /// The list of its kind could not be read.
    NotRead,
    /// Its account or region was not among those that were to be read.
    OutOfScope,
    /// The complete list of its kind does not have it: it was deleted.
    Deleted,
}

impl Why {
    /// What it means.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Unexplained => "unexplained",
            Self::NotRead => "the list of its kind could not be read",
            Self::OutOfScope => "outside the accounts and regions that were to be read",
            Self::Deleted => "deleted: the complete list of its kind does not have it",
        }
    }
}

/// An exception of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Id, reason, people, dates.
    pub waiver: WaiverRef,
    /// The rules, by id or glob.
    pub rules: Vec<Text>,
    /// The resources, as ARNs or globs.
    pub resources: Vec<Text>,
    /// Whether it holds at the instant that is judged.
    pub in_force: bool,
    /// Number of verdicts that it covers.
    pub covers: u64,
}

/// One sort of act that needs two people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// The act with its two parts, such as `restore tests: performed / reviewed`.
    pub act: Text,
    /// How often two people did it.
    pub separate: u64,
    /// How often one did both.
    pub same: u64,
    /// How often one of the two is not on record.
    pub unknown: u64,
    /// The acts that were not done by two people as far as is on record: the first [`NAMED`] ids.
    pub named: Vec<Text>,
}

/// Activities of a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityCount {
    /// The month in UTC, such as `2026-11`.
    pub month: Text,
    /// What was done.
    pub kind: ActivityKind,
    /// Whether a schedule or a person set it off; absent where nothing says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
    /// How many did all they should.
    pub succeeded: u64,
    /// How many ended otherwise.
    pub failed: u64,
    /// How many have not ended, or ended in a way that is not understood.
    pub other: u64,
}
