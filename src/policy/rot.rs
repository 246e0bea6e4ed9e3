//! Rot that shows without an inventory: what no longer fits in the policy itself.

use chrono::TimeDelta;

use super::{Policy, Waiver};
use crate::model::Instant;
use crate::model::assessment::{PolicyAt, PolicyFinding};
use crate::model::outcome::{Outcome, Severity};
use crate::model::text::Text;

/// How long before its end a waiver is announced.
const SOON: TimeDelta = TimeDelta::days(14);

/// Findings about the policy, in the order of waivers, rules, clauses. Unused waivers and scopes
/// that match nothing need an inventory and are found by the evaluation.
pub fn static_findings(policy: &Policy, as_of: Instant) -> Vec<PolicyFinding> {
    let mut findings: Vec<PolicyFinding> = Vec::new();
    for waiver in &policy.waivers {
        findings.extend(term(waiver, as_of));
        findings.extend(breadth(waiver));
    }
    findings.extend(rules(policy));
    findings.extend(clauses(policy));
    findings
}

/// Whether a waiver's time is over, nearly over, or yet to come.
fn term(waiver: &Waiver, as_of: Instant) -> Option<PolicyFinding> {
    let reference = &waiver.reference;
    let id = &reference.id;
    let end = reference.expires.format("%Y-%m-%dT%H:%M:%SZ");
    let left = reference.expires.signed_duration_since(as_of);
    let (code, outcome, severity, message) = if left <= TimeDelta::zero() {
        let message = format!("waiver `{id}` expired at {end}; what it covered counts again");
        ("waiver-expired", Outcome::Fail, Severity::Medium, message)
    } else if as_of < waiver.from {
        let message =
            format!("waiver `{id}` was approved on {}, after the instant of this audit", reference.approved_on);
        ("waiver-not-yet-approved", Outcome::NotApplicable, Severity::Info, message)
    } else if left <= SOON {
        let message = format!("waiver `{id}` expires at {end}; renew it or put right what it covers");
        ("waiver-expiring", Outcome::NotApplicable, Severity::Info, message)
    } else {
        return None;
    };
    Some(finding(code, outcome, severity, message, &waiver.at))
}

/// Whether a waiver names everything: then nobody weighed what it lifts.
fn breadth(waiver: &Waiver) -> Option<PolicyFinding> {
    let all = |patterns: &[Text]| patterns.iter().any(|pattern| pattern.chars().all(|char| char == '*'));
    let id = &waiver.reference.id;
    let what = match (all(&waiver.rules), all(&waiver.resources)) {
        (true, true) => "every rule for every resource",
        (true, false) => "every rule for its resources",
        (false, true) => "its rules for every resource",
        (false, false) => return None,
    };
    let message = format!("waiver `{id}` lifts {what}; name what the exception was approved for");
    Some(finding("waiver-too-broad", Outcome::Fail, Severity::Medium, message, &waiver.at))
}

/// Rules that are switched off, and rules that no clause asks for.
fn rules(policy: &Policy) -> impl Iterator<Item = PolicyFinding> {
    let disabled = policy.disabled.iter().map(|rule| {
        let message = format!("rule `{}` is switched off; nothing is judged by it", rule.id);
        finding("rule-disabled", Outcome::NotApplicable, Severity::Info, message, &rule.at)
    });
    let needless = policy.rules.iter().filter(|rule| rule.info.clauses.is_empty()).map(|rule| {
        let message = format!("rule `{}` serves no clause of the written policy", rule.info.id);
        finding("rule-without-clause", Outcome::NotApplicable, Severity::Low, message, &rule.info.policy_at)
    });
    disabled.chain(needless)
}

/// Clauses in force that no rule serves.
fn clauses(policy: &Policy) -> impl Iterator<Item = PolicyFinding> {
    let served = |id: &Text| policy.rules.iter().any(|rule| rule.info.clauses.contains(id));
    policy
        .clauses
        .iter()
        .filter(move |clause| clause.in_force && clause.not_assessed.is_none() && !served(&clause.id))
        .map(|clause| {
            let message = format!("clause {} is in force and no rule serves it: it was not assessed", clause.id);
            finding("clause-not-assessed", Outcome::Unknown, Severity::Info, message, &clause.at)
        })
}

fn finding(code: &str, outcome: Outcome, severity: Severity, message: String, at: &PolicyAt) -> PolicyFinding {
    PolicyFinding { code: code.into(), outcome, severity, message: message.into(), policy_at: at.clone() }
}
