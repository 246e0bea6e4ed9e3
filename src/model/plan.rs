//! A remediation plan: what would be done, what keeps the rest, and what it was based on. Plain data; the
//! promised surface `lastgood.plan/1`.
//!
//! A plan is computed once, reviewed by people, and applied as it stands: its digest covers every byte
//! of it, so that an edited plan is refused.

mod action;
mod facts;
mod settings;

use serde::{Deserialize, Serialize};

use super::Instant;
use super::inventory::digest;
use super::text::Text;

pub use action::{Action, BucketPrefix, GoodCopy, Level, Sample, Target, TestHow, VolumeRef};
pub use facts::PointFacts;
pub use settings::{Breakers, Settings};

/// The version of the saved form. A reader refuses any other.
pub const SCHEMA: &str = "lastgood.plan/1";

/// Everything that was planned at one instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// [`SCHEMA`].
    pub schema: Text,
    /// The first 16 digits of its digest.
    pub id: Text,
    /// When it was computed.
    pub created_at: Instant,
    /// After this instant it is refused.
    pub expires_at: Instant,
    /// What it was computed from.
    pub basis: Basis,
    /// How careful it is.
    pub settings: Settings,
    /// What would be done, in this order.
    pub items: Vec<Item>,
    /// What would have been done, and what keeps it.
    #[serde(default)]
    pub kept: Vec<Kept>,
    /// Findings for which nothing is planned.
    #[serde(default)]
    pub left: Vec<Left>,
    /// All items together.
    pub totals: Estimate,
    /// SHA-256 over the canonical JSON of everything else, in hex.
    pub sha256: Text,
}

/// What a plan was computed from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// The id of the assessment's run.
    pub run: Text,
    /// The id of the policy.
    pub policy: Text,
    /// SHA-256 over the policy's files.
    pub policy_sha256: Text,
    /// SHA-256 over the inventory.
    pub inventory_sha256: Text,
    /// When the inventory was read.
    pub captured_at: Instant,
    /// The accounts that were read.
    pub accounts: Vec<Text>,
    /// How many points are stored: the breakers of the run count against it.
    pub stored_points: u64,
    /// The day of the price list that the estimates use.
    pub prices: Text,
}

/// Whether somebody has to say yes to this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disposition {
    /// It adds something and takes nothing away: `--approve all-safe` is enough.
    Safe,
    /// It deletes, or changes what people set.
    NeedsApproval,
}

impl Disposition {
    /// The name in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::NeedsApproval => "needs-approval",
        }
    }
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Stable over plans: the action's verb and the first digits of a hash of what it is done to.
    pub id: Text,
    /// What to do, and the facts that it was planned on.
    pub action: Action,
    /// Whether somebody has to say yes to this one.
    pub disposition: Disposition,
    /// The account in which it is done.
    pub account: Text,
    /// The region in which it is done.
    pub region: Text,
    /// ARN of the resource that it is for.
    pub resource: Text,
    /// The resource's name for people.
    pub name: Text,
    /// The application that it belongs to, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Text>,
    /// Why, in a sentence.
    pub reason: Text,
    /// The findings that it closes, or helps to close.
    pub closes: Vec<Finding>,
    /// What it will take.
    pub estimate: Estimate,
    /// What a reviewer should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Text>,
}

/// A finding, as assessments name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// See [`fingerprint`](super::assessment::fingerprint).
    pub fingerprint: Text,
    /// The rule.
    pub rule: Text,
    /// The thing that was judged.
    pub resource: Text,
}

/// What keeps something from being acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Guard {
    /// It is not old enough for every rule about it.
    Age,
    /// It is among the newest good copies, or there is no fresh one.
    LastGood,
    /// A legal hold, a lock or a tag keeps it, or nobody can tell.
    Hold,
    /// An image, another account or a running copy uses it, or it is the only copy elsewhere.
    InUse,
    /// Another service made it and deletes it.
    Owner,
    /// It is a continuous point.
    Continuous,
    /// Something about it was not read.
    Gap,
    /// Too many at once.
    Breaker,
    /// Marked for deletion, and the waiting time is not over.
    Waiting,
    /// This version does not delete this kind.
    NotHandled,
    /// It changed since it was planned.
    Moved,
}

impl Guard {
    /// The name in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::LastGood => "last-good",
            Self::Hold => "hold",
            Self::InUse => "in-use",
            Self::Owner => "owner",
            Self::Continuous => "continuous",
            Self::Gap => "gap",
            Self::Breaker => "breaker",
            Self::Waiting => "waiting",
            Self::NotHandled => "not-handled",
            Self::Moved => "moved",
        }
    }
}

/// Something that is not acted on, and what keeps it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// ARN of what would have been changed or deleted.
    pub object: Text,
    /// ARN of the resource that it belongs to.
    pub resource: Text,
    /// What keeps it.
    pub guard: Guard,
    /// The same in a sentence.
    pub why: Text,
}

/// Findings of one rule for which nothing is planned, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Left {
    /// The rule.
    pub rule: Text,
    /// Why nothing is planned, in a sentence.
    pub why: Text,
    /// The things that were judged.
    pub resources: Vec<Text>,
}

/// What something will take. Money is an estimate by list prices, never a bill.
#[derive(Clone, Copy, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Estimate {
    /// API calls.
    pub calls: u64,
    /// Bytes that are read or written at most.
    pub bytes: u64,
    /// Thousandths of a US dollar: for storage, of the first month.
    pub millidollars: u64,
    /// Seconds until it is done.
    pub seconds: u64,
}

impl Estimate {
    /// One after the other.
    pub const fn plus(self, other: Self) -> Self {
        Self {
            calls: self.calls.saturating_add(other.calls),
            bytes: self.bytes.saturating_add(other.bytes),
            millidollars: self.millidollars.saturating_add(other.millidollars),
            seconds: self.seconds.saturating_add(other.seconds),
        }
    }
}

impl Plan {
    /// Compute digest and id, once everything else is in place.
    pub fn seal(mut self) -> Self {
        (self.id, self.sha256) = (Text::default(), Text::default());
        let digest = digest(&self);
        self.id = Text::from(digest.get(..16).unwrap_or_default());
        self.sha256 = Text::from(digest);
        self
    }

    /// Whether it is as it was sealed.
    pub fn is_whole(&self) -> bool {
        let sealed = self.clone().seal();
        (&self.id, &self.sha256) == (&sealed.id, &sealed.sha256)
    }
}

#[cfg(test)]
mod tests;
