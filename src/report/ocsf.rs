//! OCSF 1.8.0, class Compliance Finding (2003): an event per verdict, a line each, for SIEMs and security lakes.
//!
//! Only fields that 1.6 has too. Times are milliseconds. What cannot be told is a warning, never a pass; an approved exception
//! is suppressed and keeps what the check said. Source: <https://schema.ocsf.io/1.8.0/classes/compliance_finding>.

use std::io;

use serde_json::{Map, Value, json};

use super::RenderOptions;
use super::json::{compact, set};
use super::words::{policy_name, short_name, stamp};
use crate::model::assessment::{Assessment, Verdict};
use crate::model::outcome::{Outcome, Severity};

pub(super) fn write(assessment: &Assessment, _: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    for verdict in &assessment.verdicts {
        compact(&event(assessment, verdict), out)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn event(assessment: &Assessment, verdict: &Verdict) -> Value {
    let (rule, subject, run) = (&verdict.rule, &verdict.subject, &assessment.run);
    let (severity_id, severity) = severity(verdict);
    let (status_id, status) = status(verdict);
    let (compliance_id, compliance) = compliance(verdict.raw_outcome);
    let mut cloud = json!({"provider": "AWS"});
    let mut resource = json!({"uid": subject.resource, "name": short_name(subject), "type": subject.kind.id()});
    if !subject.region.is_empty() {
        set(&mut cloud, "region", json!(subject.region));
        set(&mut resource, "region", json!(subject.region));
    }
    if let Some(application) = &subject.application {
        set(&mut resource, "namespace", json!(application));
    }
    if !subject.account.is_empty() {
        set(&mut cloud, "account", json!({"uid": subject.account}));
    }
    let reason = verdict.reason();
    let observed: Map<String, Value> =
        verdict.observed.iter().map(|(name, value)| (name.to_string(), json!(value))).collect();
    let mut event = json!({
        "activity_id": 1, "activity_name": "Create",
        "category_uid": 2, "category_name": "Findings",
        "class_uid": 2003, "class_name": "Compliance Finding",
        "type_uid": 200_301, "type_name": "Compliance Finding: Create",
        "time": run.as_of.timestamp_millis(),
        "start_time": run.period.from.timestamp_millis(), "end_time": run.period.to.timestamp_millis(),
        "severity_id": severity_id, "severity": severity,
        "status_id": status_id, "status": status,
        "message": reason,
        "metadata": {
            "version": "1.8.0", "profiles": ["cloud"], "correlation_uid": run.id,
            "product": {"name": "lastgood", "vendor_name": "lastgood", "version": run.version},
        },
        "cloud": cloud,
        "finding_info": {
            "uid": verdict.fingerprint(), "title": rule.title, "desc": reason,
            "analytic": {"uid": rule.id, "name": rule.id, "type_id": 1, "type": "Rule"},
        },
        "compliance": {
            "status_id": compliance_id, "status": compliance, "desc": rule.title,
            "control": rule.clauses.join(", "), "requirements": rule.clauses,
            "standards": [policy_name(&assessment.policy)],
        },
        "resources": [resource],
        "evidences": [{"data": {"observed": observed, "objects": verdict.evidence}}],
        "unmapped": unmapped(verdict),
    });
    if !rule.remedy.is_empty() {
        set(&mut event, "remediation", json!({"desc": rule.remedy}));
    }
    event
}

/// What the schema has no place for.
fn unmapped(verdict: &Verdict) -> Value {
    let mut rest = json!({
        "outcome": verdict.outcome.id(), "raw_outcome": verdict.raw_outcome.id(), "check": verdict.rule.check,
        "rule_severity": verdict.rule.severity.id(), "baseline": verdict.is_of_baseline(),
    });
    if let Some(waiver) = &verdict.waiver {
        set(
            &mut rest,
            "exception",
            json!({
                "id": waiver.id, "reason": waiver.reason, "approved_by": waiver.approved_by,
                "approved_on": waiver.approved_on, "expires": stamp(waiver.expires),
            }),
        );
    }
    rest
}

/// That of the rule where something is wrong; what is as it should be informs.
fn severity(verdict: &Verdict) -> (u8, &'static str) {
    if matches!(verdict.outcome, Outcome::Pass | Outcome::NotApplicable) {
        return (1, "Informational");
    }
    match verdict.rule.severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

/// Where it stands as a finding.
fn status(verdict: &Verdict) -> (u8, &'static str) {
    match verdict.outcome {
        Outcome::Waived => (3, "Suppressed"),
        outcome if outcome.is_finding() && verdict.is_of_baseline() => (3, "Suppressed"),
        Outcome::Fail | Outcome::Unknown => (1, "New"),
        Outcome::Pass => (4, "Resolved"),
        Outcome::NotApplicable => (99, "Not Applicable"),
    }
}

/// What the check said, whatever was approved.
const fn compliance(raw: Outcome) -> (u8, &'static str) {
    match raw {
        Outcome::Pass => (1, "Pass"),
        Outcome::Unknown => (2, "Warning"),
        Outcome::Fail | Outcome::Waived => (3, "Fail"),
        Outcome::NotApplicable => (0, "Unknown"),
    }
}
