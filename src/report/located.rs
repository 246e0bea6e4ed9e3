//! Findings at their place, for formats that show them beside the code.

use std::cmp::Reverse;

use crate::model::assessment::{Assessment, Verdict};
use crate::model::outcome::{Outcome, Severity};

/// A finding and where it is shown.
pub(super) struct Finding<'a> {
    pub(super) verdict: &'a Verdict,
    /// A path with forward slashes, relative to the repository where the code is.
    pub(super) file: String,
    /// From 1.
    pub(super) line: u32,
}

/// Every finding that is to be acted on, the worst first. What the baseline holds and what is excepted is none.
pub(super) fn findings(assessment: &Assessment) -> Vec<Finding<'_>> {
    let new = |verdict: &&Verdict| verdict.outcome.is_finding() && !verdict.is_of_baseline();
    let mut found: Vec<Finding<'_>> = assessment.verdicts.iter().filter(new).map(place).collect();
    found.sort_by_key(|finding| Reverse((finding.verdict.outcome == Outcome::Fail, finding.verdict.rule.severity)));
    found
}

/// Where a verdict is shown: its block in the code, or else the rule.
pub(super) fn place(verdict: &Verdict) -> Finding<'_> {
    let (file, line) = match &verdict.subject.code {
        Some(at) => (&at.file, at.line),
        None => (&verdict.rule.policy_at.file, verdict.rule.policy_at.line),
    };
    // `builtin:` is no folder, and a path must not look like another scheme.
    let file = file.replace(['\\', ':'], "/");
    let file = file.trim_start_matches("./").trim_start_matches('/').to_owned();
    Finding { verdict, file, line: line.max(1) }
}

/// How loud a finding is, in the three levels of code hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Error,
    Warning,
    Note,
}

/// What is broken is an error from high on; what cannot be told warns.
pub(super) const fn level(outcome: Outcome, severity: Severity) -> Level {
    match (outcome, severity) {
        (Outcome::Fail, Severity::Critical | Severity::High) => Level::Error,
        (Outcome::Fail, Severity::Medium) | (Outcome::Unknown, Severity::Critical | Severity::High) => Level::Warning,
        _ => Level::Note,
    }
}

/// The reason, with the word that tells what cannot be told from what is broken.
pub(super) fn message(verdict: &Verdict) -> String {
    let name = super::words::short_name(&verdict.subject);
    match verdict.outcome {
        Outcome::Unknown => format!("{name}: cannot be told: {}", verdict.reason()),
        _ => format!("{name}: {}", verdict.reason()),
    }
}
