//! The exit codes: a promised surface.

use std::process::ExitCode;

use crate::model::assessment::Conclusion;

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
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Findings => 3,
            Exit::Incomplete => 4,
        })
    }
}

impl From<Conclusion> for Exit {
    fn from(conclusion: Conclusion) -> Self {
        match conclusion {
            Conclusion::Compliant => Self::Fine,
            Conclusion::NotCompliant => Self::Findings,
            Conclusion::NotProven => Self::Incomplete,
        }
    }
}
