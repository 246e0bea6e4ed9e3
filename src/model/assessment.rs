//! The stored result of one run: the promised surface `lastgood.assessment/1`.
//!
//! Every verdict is kept, passes too: they are the population an auditor samples from. Nothing here
//! computes compliance anew; reports are functions of this value alone.

mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Instant;
use super::declared::CodeAt;
use super::framework::FrameworkStatus;
use super::gap::Gap;
use super::inventory::hex;
use super::judgement::{Evidence, Judgement, Sentence, Value, Word};
use super::kind::Kind;
use super::ledger::Ledger;
use super::outcome::{Outcome, Severity};
use super::span::Span;
use super::text::Text;

/// The version of the saved form. A reader refuses any other.
pub const SCHEMA: &str = "lastgood.assessment/1";

/// The fact under which a gate notes that a finding stands in its baseline.
pub const BASELINE: &str = "baseline";

/// The result of judging one inventory by one policy at one instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    /// [`SCHEMA`].
    pub schema: Text,
    /// The run.
    pub run: Run,
    /// The policy.
    pub policy: PolicyRef,
    /// What was read, and what was not.
    pub inventory: InventoryRef,
    /// Number of verdicts by outcome.
    pub summary: Summary,
    /// The clauses of the written policy that the rules serve.
    pub clauses: Vec<ClauseStatus>,
    /// What the verdicts show of outside frameworks; assessments of earlier versions have none.
    #[serde(default)]
    pub frameworks: Vec<FrameworkStatus>,
    /// Findings about the policy itself.
    #[serde(default)]
    pub policy_findings: Vec<PolicyFinding>,
    /// What an auditor asks beside the verdicts; absent for infrastructure code and in assessments of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<Box<Ledger>>,
    /// One entry per rule and judged thing. It stays the last field: the history keeps it apart.
    pub verdicts: Vec<Verdict>,
}

/// What ran, when and for which time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Derived from policy, inventory and instant: equal inputs give equal ids.
    pub id: Text,
    /// Version of lastgood.
    pub version: Text,
    /// The instant for which everything was judged.
    pub as_of: Instant,
    /// The time that the longest look-back of any rule covers.
    pub period: Period,
    /// Where the inventory comes from.
    pub source: Text,
    /// Who read it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub caller: Option<Text>,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// Its start.
    pub from: Instant,
    /// Its end.
    pub to: Instant,
}

/// Which policy judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyRef {
    /// Its id.
    pub id: Text,
    /// Its title.
    pub title: Text,
    /// Its version.
    pub version: Text,
    /// Who owns it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub owner: Option<Text>,
    /// Who approved it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub approved_by: Option<Text>,
    /// When it was approved (a date).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub approved_on: Option<Text>,
    /// SHA-256 over its files.
    pub sha256: Text,
}

/// What the inventory held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InventoryRef {
    /// SHA-256 over its canonical JSON.
    pub sha256: Text,
    /// When it was read.
    pub captured_at: Instant,
    /// The accounts.
    pub accounts: Vec<Text>,
    /// The regions.
    pub regions: Vec<Text>,
    /// Number of judged things by kind.
    pub counts: BTreeMap<Kind, u64>,
    /// Number of recovery points.
    pub recovery_points: u64,
    /// Whether nothing failed to be read.
    pub complete: bool,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// Number of verdicts by outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Summary {
    /// Demands met.
    pub pass: u64,
    /// Demands not met.
    pub fail: u64,
    /// Demands that could not be judged.
    pub unknown: u64,
    /// Rules that demand nothing of the thing.
    pub not_applicable: u64,
    /// Approved exceptions.
    pub waived: u64,
}

/// One clause of the written policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClauseStatus {
    /// Its number, such as `1.1`.
    pub id: Text,
    /// Its demand in our words; empty when no register describes it.
    #[serde(default)]
    pub demand: Text,
    /// The worst outcome of its rules; `not-applicable` where it is not assessed.
    pub status: Outcome,
    /// Whether it counts against compliance yet.
    pub in_force: bool,
    /// How it is evidenced: `checked`, `logged`, `attested` or `procedure`, where the register says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Text>,
    /// Why no rule judges it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_assessed: Option<Text>,
    /// The rules that serve it.
    pub rules: Vec<Text>,
}

/// A finding about the policy itself: an expired or unused waiver, a scope that matches nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyFinding {
    /// What kind of rot it is, such as `waiver-expired`.
    pub code: Text,
    /// `fail`, `unknown` or `not-applicable` (for the reader's information).
    pub outcome: Outcome,
    /// How much it matters.
    pub severity: Severity,
    /// What it says.
    pub message: Text,
    /// Where in the policy.
    pub policy_at: PolicyAt,
}

/// A place in a policy file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyAt {
    /// The file, as it was named.
    pub file: Text,
    /// The line, from 1.
    pub line: u32,
}

/// The rule that a verdict follows; shared by all its verdicts.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleInfo {
    /// Its id.
    pub id: Text,
    /// What it demands, in a line.
    pub title: Text,
    /// The check that evaluates it.
    pub check: Text,
    /// The clauses that it serves.
    pub clauses: Vec<Text>,
    /// How much it matters.
    pub severity: Severity,
    /// Its parameters, defaults included.
    pub expected: BTreeMap<Text, serde_json::Value>,
    /// How to put a failure right.
    pub remedy: Text,
    /// Where it stands.
    pub policy_at: PolicyAt,
}

impl RuleInfo {
    /// A parameter that is a length of time.
    pub fn span(&self, name: &str) -> Option<Span> {
        self.expected.get(name)?.as_str()?.parse().ok()
    }
}

/// The judged thing; shared by all its verdicts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// Its ARN, or `application:NAME`, or `estate`.
    pub resource: Text,
    /// Its name for people.
    pub name: Text,
    /// What it is.
    pub kind: Kind,
    /// Its account; empty for groups.
    pub account: Text,
    /// Its region; empty for groups.
    pub region: Text,
    /// The application that it belongs to, if known.
    pub application: Option<Text>,
    /// Where it stands, if it was read from infrastructure code.
    pub code: Option<CodeAt>,
}

/// One rule's conclusion about one thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The rule.
    pub rule: Arc<RuleInfo>,
    /// The thing.
    pub subject: Arc<Subject>,
    /// What counts: the raw outcome, or `waived`.
    pub outcome: Outcome,
    /// What the check said.
    pub raw_outcome: Outcome,
    /// Why.
    pub sentence: Sentence,
    /// The facts.
    pub observed: Vec<(Word, Value)>,
    /// The objects.
    pub evidence: Vec<Evidence>,
    /// The approved exception, if one covers it.
    pub waiver: Option<Arc<WaiverRef>>,
}

/// The waiver that covers a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaiverRef {
    /// Its id.
    pub id: Text,
    /// Why it was granted.
    pub reason: Text,
    /// Who asked for it.
    pub requested_by: Text,
    /// Who approved it; never the requester.
    pub approved_by: Text,
    /// When (a date).
    pub approved_on: Text,
    /// The instant at which it stops.
    pub expires: Instant,
}

impl Verdict {
    /// A verdict from a judgement; waivers come later.
    pub fn new(rule: Arc<RuleInfo>, subject: Arc<Subject>, mut judgement: Judgement) -> Self {
        // There may be a million of them: growth reserves up to twice what is needed.
        judgement.observed.shrink_to_fit();
        judgement.evidence.shrink_to_fit();
        Self {
            rule,
            subject,
            outcome: judgement.outcome,
            raw_outcome: judgement.outcome,
            sentence: judgement.sentence,
            observed: judgement.observed,
            evidence: judgement.evidence,
            waiver: None,
        }
    }

    /// The finished sentence.
    pub fn reason(&self) -> Text {
        super::judgement::render(&self.sentence, &self.observed)
    }

    /// A fact by its name.
    pub fn fact(&self, name: &str) -> Option<&Value> {
        self.observed.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Whether the baseline of a gate holds it: it was there before, and somebody took it into account.
    pub fn is_of_baseline(&self) -> bool {
        self.fact(BASELINE).is_some()
    }

    /// A stable name for this finding over runs: it changes only with the rule's id or the thing.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.rule.id, &self.subject.resource)
    }
}

/// See [`Verdict::fingerprint`]: the first 128 bits of SHA-256 over rule id, NUL, resource, in hex.
pub fn fingerprint(rule: &str, resource: &str) -> String {
    let digest = Sha256::new().chain_update(rule).chain_update([0]).chain_update(resource).finalize();
    hex(digest.get(..16).unwrap_or_default())
}

impl Summary {
    /// Count one more verdict.
    pub fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Pass => self.pass += 1,
            Outcome::Fail => self.fail += 1,
            Outcome::Unknown => self.unknown += 1,
            Outcome::NotApplicable => self.not_applicable += 1,
            Outcome::Waived => self.waived += 1,
        }
    }

    /// The number with one outcome.
    pub const fn of(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Pass => self.pass,
            Outcome::Fail => self.fail,
            Outcome::Unknown => self.unknown,
            Outcome::NotApplicable => self.not_applicable,
            Outcome::Waived => self.waived,
        }
    }

    /// The number of all verdicts.
    pub const fn total(&self) -> u64 {
        self.pass + self.fail + self.unknown + self.not_applicable + self.waived
    }
}
