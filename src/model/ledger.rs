//! What an auditor asks beside the verdicts: how complete the lists are, who did and approved what, and every test,
//! statement and exception on record. It is evidence laid out for reading; nothing in it is judged.

use serde::{Deserialize, Serialize};

use super::Instant;
use super::activity::{Activity, ActivityKind, Trigger};
use super::assessment::WaiverRef;
use super::attestation::Attestation;
use super::log::LogStream;
use super::recovery_point::RestoreWindow;
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
    /// The recovery points that are stored, by age, and when they were made.
    #[serde(default)]
    pub stored: Stored,
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

/// The resources that their own services list (`Describe…`, `List…`), against those that recovery points, jobs and
/// the register of AWS Backup (`ListProtectedResources`) name, which come from other calls.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reconciliation {
    /// Number of recoverable resources that are listed.
    pub listed: u64,
    /// Number of resources that a recovery point, a job or the register of AWS Backup names.
    pub named: u64,
    /// Number of those that are both.
    pub both: u64,
    /// Those that are named and not listed, with what explains it: the first [`NAMED`].
    pub unlisted: Vec<Unlisted>,
    /// Of all that are named and not listed, the number without an explanation.
    pub unexplained: u64,
}

/// A resource that copies, jobs or the register of AWS Backup name and no list holds.
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
    /// lastgood does not judge things of its kind.
    OtherKind,
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
            Self::OtherKind => "of a kind that lastgood does not judge",
            Self::OutOfScope => "outside the accounts and regions that were to be read",
            Self::Deleted => "deleted: the complete list of its kind does not have it",
        }
    }
}

/// The recovery points that are stored at the instant that is judged. A continuous one has no age: it is updated in place.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stored {
    /// By age, the youngest first; ages that no point has are left out.
    pub ages: Vec<AgeCount>,
    /// Number of resources that have a stored point.
    pub resources: u64,
    /// When the points of a resource were made: of the resources with the worst verdicts, the first [`DRAWN`].
    pub timelines: Vec<Timeline>,
}

/// The most resources whose points are laid out one by one.
pub const DRAWN: usize = 40;

/// Stored points of one age.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeCount {
    /// Whole days since it was made.
    pub days: u64,
    /// How many can be restored from, and nothing says that they ought to be gone.
    pub usable: u64,
    /// How many a legal hold or a lock keeps.
    pub held: u64,
    /// How many ought to be gone by their own lifecycle, and nothing holds them.
    pub overdue: u64,
    /// How many cannot be restored from, or it is not known.
    pub other: u64,
}

/// When the stored points of one resource were made: instants, oldest first; of each sort the newest [`NAMED`].
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    /// Its ARN.
    pub resource: Text,
    /// Number of its stored points, continuous ones among them.
    pub points: u64,
    /// As in [`AgeCount`], and no copies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub usable: Vec<Instant>,
    /// Usable copies of other points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<Instant>,
    /// As in [`AgeCount`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Instant>,
    /// As in [`AgeCount`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overdue: Vec<Instant>,
    /// As in [`AgeCount`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other: Vec<Instant>,
    /// Between which instants one can restore to any moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continuous: Option<RestoreWindow>,
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
