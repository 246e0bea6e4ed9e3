//! The exit codes: a promised surface.

use std::process::ExitCode;

use crate::model::assessment::{Assessment, Verdict};
use crate::model::outcome::{Outcome, Severity};
use crate::model::text::Text;
use crate::report::conclusion::Conclusion;

/// How the program ended, for scripts and pipelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: everything that was asked for was done; for audits, compliant.
    Fine,
    /// 1: the tool failed; no audit was performed.
    Failed,
    /// 2: wrong usage, or a policy that is not valid.
    Usage,
    /// 3: findings at or above `--fail-on`. Wins over 4.
    Findings,
    /// 4: no such finding, and the evidence is incomplete.
    Incomplete,
    /// 5: `apply` stopped, or not everything that was approved is done.
    Stopped,
    /// `log run`: whatever the wrapped command said.
    OfCommand(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Findings => 3,
            Exit::Incomplete => 4,
            Exit::Stopped => 5,
            Exit::OfCommand(status) => status,
        })
    }
}

impl Exit {
    /// The exit code of an audit. Failures below `threshold` are shown and do not count; neither do
    /// those of clauses that are only planned.
    pub fn of(assessment: &Assessment, threshold: Severity) -> Self {
        let fails = |outcome: Outcome, severity: Severity| outcome == Outcome::Fail && severity >= threshold;
        let policy_fails = assessment.policy_findings.iter().any(|f| fails(f.outcome, f.severity));
        let counts = counting(assessment.clauses.iter().map(|clause| (clause.id.as_str(), clause.in_force)));
        let verdict_fails =
            |v: &Verdict| !v.is_of_baseline() && fails(v.outcome, v.rule.severity) && counts(&v.rule.clauses);
        if policy_fails || assessment.verdicts.iter().any(verdict_fails) {
            return Self::Findings;
        }
        if !Conclusion::of(assessment).proven {
            return Self::Incomplete;
        }
        Self::Fine
    }
}

/// Whether what serves some clauses counts: not if all of them (each given with whether it is in force) are only planned.
pub(super) fn counting<'a>(clauses: impl Iterator<Item = (&'a str, bool)>) -> impl Fn(&[Text]) -> bool {
    let planned: Vec<&str> = clauses.filter(|(_, in_force)| !in_force).map(|(id, _)| id).collect();
    move |serves| serves.is_empty() || serves.iter().any(|clause| !planned.contains(&clause.as_str()))
}
