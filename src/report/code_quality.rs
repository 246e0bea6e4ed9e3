//! GitLab's code quality report. <https://docs.gitlab.com/ci/testing/code_quality/>

use std::io;

use serde::Serialize;

use super::RenderOptions;
use super::json::compact;
use super::located::{findings, message};
use crate::model::assessment::Assessment;
use crate::model::outcome::{Outcome, Severity};

#[derive(Serialize)]
struct Entry<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

pub(super) fn write(assessment: &Assessment, _: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(b"[")?;
    for (n, finding) in findings(assessment).into_iter().enumerate() {
        let verdict = finding.verdict;
        out.write_all(if n == 0 { b"\n" } else { b",\n" })?;
        let entry = Entry {
            description: message(verdict),
            check_name: &verdict.rule.id,
            fingerprint: verdict.fingerprint(),
            severity: severity(verdict.outcome, verdict.rule.severity),
            location: Location { path: finding.file, lines: Lines { begin: finding.line } },
        };
        compact(&entry, out)?;
    }
    out.write_all(b"\n]\n")
}

const fn severity(outcome: Outcome, severity: Severity) -> &'static str {
    match (outcome, severity) {
        // What cannot be told is not yet broken.
        (Outcome::Unknown, _) => "minor",
        (_, Severity::Critical) => "blocker",
        (_, Severity::High) => "critical",
        (_, Severity::Medium) => "major",
        (_, Severity::Low) => "minor",
        (_, Severity::Info) => "info",
    }
}
