//! SARIF 2.1.0 as code scanning reads it: one run, every rule declared, a result per finding.
//!
//! Results that are excepted, or that the baseline holds, are left out: GitHub shows suppressed results as open alerts.
//! Fingerprints follow the rule and the thing, never the line, so that an alert stays itself while code moves. Source of the
//! limits: GitHub's "SARIF support for code scanning".

use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};

use super::RenderOptions;
use super::json::pretty;
use super::located::{Finding, Level, findings, level, message};
use crate::model::assessment::{Assessment, RuleInfo};
use crate::model::outcome::{Outcome, Severity};

/// GitHub keeps so many results of a run and drops the rest: the worst are written, and how many more there are.
const MOST_RESULTS: usize = 5_000;

pub(super) fn write(assessment: &Assessment, options: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    let rules: BTreeMap<&str, &RuleInfo> =
        assessment.verdicts.iter().map(|verdict| (verdict.rule.id.as_str(), &*verdict.rule)).collect();
    let places: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(n, id)| (*id, n)).collect();
    let found = findings(assessment);
    let left = found.len().saturating_sub(MOST_RESULTS);
    let results: Vec<Value> = found
        .iter()
        .take(MOST_RESULTS)
        .map(|finding| result(finding, places.get(finding.verdict.rule.id.as_str()).copied()))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "lastgood",
                "version": assessment.run.version,
                "semanticVersion": assessment.run.version,
                "rules": rules.values().map(|rule| self::rule(rule)).collect::<Vec<_>>(),
            }},
            "automationDetails": {"id": category(assessment, options.input)},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications(assessment, left),
            }],
            "results": results,
        }],
    });
    pretty(&log, out)?;
    out.write_all(b"\n")
}

/// What tells the results of one audit from those of another: GitHub takes what stands before the last `/` as the
/// category, and refuses two runs of one category.
fn category(assessment: &Assessment, input: Option<&str>) -> String {
    let policy = &assessment.policy.id;
    input.map_or_else(|| format!("lastgood/{policy}/"), |input| format!("lastgood/{policy}/{input}/"))
}

fn rule(rule: &RuleInfo) -> Value {
    let clauses = match rule.clauses.as_slice() {
        [] => String::new(),
        clauses => format!("\n\nClauses of the policy: {}.", clauses.join(", ")),
    };
    json!({
        "id": rule.id,
        "name": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.title},
        "help": {
            "text": rule.remedy,
            "markdown": format!("**To put it right:** {}.{clauses}", super::markdown::escape::ticked(&rule.remedy)),
        },
        "defaultConfiguration": {"level": word(level(Outcome::Fail, rule.severity))},
        "properties": {
            "tags": ["backup", rule.check],
            "precision": "very-high",
            "security-severity": security(rule.severity),
        },
    })
}

fn result(finding: &Finding<'_>, rule_index: Option<usize>) -> Value {
    let verdict = finding.verdict;
    json!({
        "ruleId": verdict.rule.id,
        "ruleIndex": rule_index,
        "kind": if verdict.outcome == Outcome::Unknown { "review" } else { "fail" },
        "level": word(level(verdict.outcome, verdict.rule.severity)),
        "message": {"text": message(verdict)},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": uri(&finding.file)},
                "region": {"startLine": finding.line},
            },
            "logicalLocations": [{"fullyQualifiedName": verdict.subject.name, "kind": "resource"}],
        }],
        "partialFingerprints": {"primaryLocationLineHash": verdict.fingerprint(), "lastgood/v1": verdict.fingerprint()},
        "properties": {"outcome": verdict.outcome.id(), "resource": verdict.subject.resource},
    })
}

/// What a reader must know besides the results.
fn notifications(assessment: &Assessment, left: usize) -> Vec<Value> {
    let note = |level: &str, text: String| json!({"level": level, "message": {"text": text}});
    let mut notes: Vec<Value> = assessment
        .inventory
        .gaps
        .iter()
        .map(|gap| {
            let why = gap.message.as_deref().unwrap_or(&gap.code);
            note("warning", format!("not read: {} in {}/{}: {why}", gap.call(), gap.account, gap.region))
        })
        .collect();
    notes.extend(assessment.policy_findings.iter().filter(|finding| finding.outcome.is_finding()).map(|finding| {
        let level = if finding.outcome == Outcome::Fail { "error" } else { "warning" };
        note(level, format!("policy ({}): {}", finding.code, finding.message))
    }));
    if left > 0 {
        notes.push(note("warning", format!("{left} more findings are not listed: the worst {MOST_RESULTS} are")));
    }
    notes
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

/// GitHub's scale: above 9.0 is critical, from 7.0 high, from 4.0 medium.
const fn security(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "1.0",
    }
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
