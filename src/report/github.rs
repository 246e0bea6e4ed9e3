//! Workflow commands of GitHub Actions: `::error file=…,line=…,title=…::message`.
//!
//! GitHub shows ten of each level for a step and drops the rest in silence, so the worst ten are written and a last line
//! says how many more there are. <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use std::io;

use super::RenderOptions;
use super::located::{Finding, Level, findings, level, message};
use super::safe::visible;
use crate::model::assessment::Assessment;
use crate::model::outcome::Outcome;

/// What GitHub shows of a level.
const SHOWN: usize = 10;

pub(super) fn write(assessment: &Assessment, _: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    let found = findings(assessment);
    let mut rest = 0_usize;
    for (wanted, word) in [(Level::Error, "error"), (Level::Warning, "warning"), (Level::Note, "notice")] {
        let of_level: Vec<&Finding<'_>> = found
            .iter()
            .filter(|finding| level(finding.verdict.outcome, finding.verdict.rule.severity) == wanted)
            .collect();
        // The last notice is for the line that says how many more there are.
        let room = if wanted == Level::Note { SHOWN - 1 } else { SHOWN };
        rest += of_level.len().saturating_sub(room);
        for finding in of_level.into_iter().take(room) {
            let rule = &finding.verdict.rule;
            let (file, title) = (property(&finding.file), property(&format!("{}: {}", rule.id, rule.title)));
            writeln!(
                out,
                "::{word} file={file},line={},title={title}::{}",
                finding.line,
                data(&message(finding.verdict))
            )?;
        }
    }
    for finding in assessment.policy_findings.iter().filter(|finding| finding.outcome == Outcome::Fail) {
        writeln!(out, "::error title=policy ({})::{}", property(&finding.code), data(&finding.message))?;
    }
    let gaps = assessment.inventory.gaps.len();
    if gaps > 0 {
        writeln!(out, "::warning title=not complete::{gaps} things could not be read: see the whole report")?;
    }
    if rest > 0 {
        writeln!(out, "::notice title=lastgood::{rest} more findings: see the whole report")?;
    }
    Ok(())
}

/// A message: what would end it is escaped, what acts on a terminal is written out.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
