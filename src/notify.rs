//! What is worth telling somebody after a scan: new failures, failures that ended, and what could not be
//! seen that could be before. Pure: how it is delivered is not known here.
//!
//! ```text
//! Assessment ─┬─ compared with the State that was told last ─► Message (or nothing to tell)
//!             └─────────────────────────────────────────────► State, to be kept once it was told
//! ```
//!
//! A failure that can no longer be judged has not ended: it stays in the state until it is seen again.

mod message;

pub use message::{Message, SCHEMA};

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use crate::model::Instant;
use crate::model::assessment::{Assessment, Verdict, fingerprint};
use crate::model::gap::Gap;
use crate::model::outcome::{Outcome, Severity};
use crate::model::text::Text;

/// The version of the saved state. A reader refuses any other.
pub const STATE_SCHEMA: &str = "lastgood.notified/1";

/// What was told last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// [`STATE_SCHEMA`].
    pub schema: Text,
    /// The id of the policy.
    pub policy: Text,
    /// The instant that was judged; none where no scan has succeeded yet.
    pub as_of: Option<Instant>,
    /// Failures by fingerprint, those that have become unknown too.
    pub failed: BTreeMap<Text, Known>,
    /// What could not be judged, by fingerprint.
    pub unknown: BTreeMap<Text, Known>,
    /// What could not be read.
    pub gaps: BTreeSet<Text>,
    /// Whether the last scan ended without an audit.
    pub no_audit: bool,
}

/// What a fingerprint stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The rule.
    pub rule: Text,
    /// The judged thing.
    pub resource: Text,
}

/// Something judged, as far as notifications care.
pub(crate) struct Finding {
    pub(crate) fingerprint: Text,
    pub(crate) known: Known,
    pub(crate) name: Text,
    pub(crate) severity: Severity,
    pub(crate) outcome: Outcome,
    pub(crate) reason: Text,
}

impl State {
    /// Nothing was told yet.
    pub fn empty(policy: &str) -> Self {
        Self {
            schema: STATE_SCHEMA.into(),
            policy: policy.into(),
            as_of: None,
            failed: BTreeMap::new(),
            unknown: BTreeMap::new(),
            gaps: BTreeSet::new(),
            no_audit: false,
        }
    }

    /// What `assessment` leaves to compare with, given what was told before. Failures below `threshold` do
    /// not count, nor do those of clauses that are only planned.
    pub fn of(assessment: &Assessment, before: Option<&Self>, threshold: Severity) -> Self {
        let mut state = Self { as_of: Some(assessment.run.as_of), ..Self::empty(&assessment.policy.id) };
        let findings = findings(assessment, threshold);
        for finding in &findings {
            let list = match finding.outcome {
                Outcome::Fail => &mut state.failed,
                Outcome::Unknown => &mut state.unknown,
                _ => continue,
            };
            list.insert(finding.fingerprint.clone(), finding.known.clone());
        }
        let unseen = Unseen::of(assessment, &findings);
        for (fingerprint, known) in before.iter().flat_map(|before| &before.failed) {
            if unseen.hides(fingerprint) {
                state.failed.insert(fingerprint.clone(), known.clone());
            }
        }
        state.gaps = assessment.inventory.gaps.iter().map(gap_key).collect();
        state
    }
}

/// What this assessment cannot say of earlier failures.
pub(crate) struct Unseen {
    judged: HashSet<Text>,
    unknown: HashSet<Text>,
    incomplete: bool,
}

impl Unseen {
    pub(crate) fn of(assessment: &Assessment, findings: &[Finding]) -> Self {
        let unknown = findings.iter().filter(|finding| finding.outcome == Outcome::Unknown);
        Self {
            judged: findings.iter().map(|finding| finding.fingerprint.clone()).collect(),
            unknown: unknown.map(|finding| finding.fingerprint.clone()).collect(),
            incomplete: !assessment.inventory.complete || !assessment.inventory.gaps.is_empty(),
        }
    }

    /// Whether it may still fail though it does not show: its verdict is unknown, or it is gone from a list
    /// that may not be whole.
    pub(crate) fn hides(&self, fingerprint: &Text) -> bool {
        self.unknown.contains(fingerprint) || (self.incomplete && !self.judged.contains(fingerprint))
    }
}

/// Every verdict and finding about the policy that counts.
pub(crate) fn findings(assessment: &Assessment, threshold: Severity) -> Vec<Finding> {
    let planned: HashSet<&Text> =
        assessment.clauses.iter().filter(|clause| !clause.in_force).map(|clause| &clause.id).collect();
    let counts = |verdict: &&Verdict| {
        let clauses = &verdict.rule.clauses;
        let waits = !clauses.is_empty() && clauses.iter().all(|clause| planned.contains(clause));
        let slight = verdict.outcome == Outcome::Fail && verdict.rule.severity < threshold;
        !waits && !slight
    };
    let verdicts = assessment.verdicts.iter().filter(counts).map(|verdict| Finding {
        fingerprint: verdict.fingerprint().into(),
        known: Known { rule: verdict.rule.id.clone(), resource: verdict.subject.resource.clone() },
        name: verdict.subject.name.clone(),
        severity: verdict.rule.severity,
        outcome: verdict.outcome,
        reason: if verdict.outcome.is_finding() { verdict.reason() } else { Text::default() },
    });
    let policy = assessment.policy_findings.iter();
    let policy =
        policy.filter(|finding| finding.outcome == Outcome::Unknown || finding.severity >= threshold).map(|finding| {
            Finding {
                fingerprint: fingerprint(&format!("policy:{}", finding.code), &finding.message).into(),
                known: Known { rule: finding.code.clone(), resource: "policy".into() },
                name: "the policy itself".into(),
                severity: finding.severity,
                outcome: finding.outcome,
                reason: finding.message.clone(),
            }
        });
    verdicts.chain(policy).collect()
}

/// A stable name of a gap: why it failed may change from scan to scan.
pub(crate) fn gap_key(gap: &Gap) -> Text {
    let resource = gap.resource.as_deref().unwrap_or_default();
    format!("{}/{} {} {resource}", gap.account, gap.region, gap.call()).into()
}
