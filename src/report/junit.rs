//! JUnit XML in the form that Jenkins, GitLab, Azure and GitHub's readers share: a suite per rule, a case per verdict.
//!
//! A broken demand is a `failure`. What cannot be told is an `error`: no reader takes that for a pass. Approved exceptions,
//! findings of the baseline and what a rule demands nothing of are `skipped`, with the reason.

use std::io;

use super::RenderOptions;
use super::located::place;
use super::safe::visible;
use super::words::stamp;
use crate::model::assessment::{Assessment, Verdict};
use crate::model::outcome::Outcome;

pub(super) fn write(assessment: &Assessment, _: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    let rules: Vec<&[Verdict]> = assessment.verdicts.chunk_by(|a, b| a.rule.id == b.rule.id).collect();
    let policy: Vec<_> = assessment.policy_findings.iter().filter(|found| found.outcome.is_finding()).collect();
    let gaps = &assessment.inventory.gaps;
    let mut all = Counts::of(&assessment.verdicts);
    all.cases += (policy.len() + gaps.len()) as u64;
    all.failed += policy.iter().filter(|found| found.outcome == Outcome::Fail).count() as u64;
    all.unknown += (policy.iter().filter(|found| found.outcome != Outcome::Fail).count() + gaps.len()) as u64;
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    // Both schemas in use refuse `skipped` here.
    let Counts { cases, failed, unknown, .. } = all;
    writeln!(
        out,
        "<testsuites name=\"lastgood\" tests=\"{cases}\" failures=\"{failed}\" errors=\"{unknown}\" time=\"0\">"
    )?;
    let at = stamp(assessment.run.as_of);
    for verdicts in rules {
        let Some(first) = verdicts.first() else { continue };
        let counts = Counts::of(verdicts).attributes();
        let name = escaped(&format!("{}: {}", first.rule.id, first.rule.title));
        writeln!(out, "  <testsuite name=\"{name}\"{counts} timestamp=\"{at}\">")?;
        verdicts.iter().try_for_each(|verdict| case(verdict, out))?;
        writeln!(out, "  </testsuite>")?;
    }
    if !policy.is_empty() {
        let failed = policy.iter().filter(|found| found.outcome == Outcome::Fail).count() as u64;
        let counts = Counts { cases: policy.len() as u64, failed, unknown: policy.len() as u64 - failed, skipped: 0 };
        writeln!(out, "  <testsuite name=\"the policy itself\"{} timestamp=\"{at}\">", counts.attributes())?;
        for (n, found) in policy.iter().enumerate() {
            let element = if found.outcome == Outcome::Fail { "failure" } else { "error" };
            let (code, message) = (escaped(&found.code), escaped(&found.message));
            writeln!(out, "    <testcase classname=\"policy\" name=\"{code} {}\" time=\"0\">", n + 1)?;
            writeln!(out, "      <{element} type=\"{code}\" message=\"{message}\"/>\n    </testcase>")?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    if !gaps.is_empty() {
        let counts = Counts { cases: gaps.len() as u64, failed: 0, unknown: gaps.len() as u64, skipped: 0 };
        writeln!(out, "  <testsuite name=\"what could not be read\"{} timestamp=\"{at}\">", counts.attributes())?;
        for (n, gap) in gaps.iter().enumerate() {
            let name = escaped(&format!("{} {} {} {}", gap.call(), gap.account, gap.region, n + 1));
            let message = escaped(gap.message.as_deref().unwrap_or(&gap.code));
            writeln!(out, "    <testcase classname=\"gap\" name=\"{name}\" time=\"0\">")?;
            writeln!(out, "      <error type=\"{}\" message=\"{message}\"/>\n    </testcase>", gap.status.id())?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// What is unique in its suite: the address where it stands in code, the ARN of what was observed.
fn name_of(verdict: &Verdict) -> &str {
    if verdict.subject.code.is_some() { &verdict.subject.name } else { &verdict.subject.resource }
}

fn case(verdict: &Verdict, out: &mut dyn io::Write) -> io::Result<()> {
    let (class, name) = (escaped(&verdict.rule.id), escaped(name_of(verdict)));
    write!(out, "    <testcase classname=\"{class}\" name=\"{name}\" time=\"0\"")?;
    let reason = escaped(&verdict.reason());
    // The schema of Jenkins knows no place of a case, so the text says it.
    let at = place(verdict);
    let at = escaped(&format!("{}:{}", at.file, at.line));
    match state(verdict) {
        State::Passed => return writeln!(out, "/>"),
        State::Failed => {
            let (severity, remedy) = (verdict.rule.severity, escaped(&verdict.rule.remedy));
            writeln!(
                out,
                ">\n      <failure type=\"{severity}\" message=\"{reason}\">{at}: {reason}\n{remedy}</failure>"
            )?;
        }
        State::Unknown => {
            writeln!(out, ">\n      <error type=\"unknown\" message=\"{reason}\">{at}: {reason}</error>")?
        }
        State::Skipped(why) => writeln!(out, ">\n      <skipped message=\"{}: {reason}\"/>", escaped(&why))?,
    }
    writeln!(out, "    </testcase>")
}

enum State {
    Passed,
    Failed,
    Unknown,
    Skipped(String),
}

fn state(verdict: &Verdict) -> State {
    match (verdict.outcome, &verdict.waiver) {
        (outcome, _) if outcome.is_finding() && verdict.is_of_baseline() => {
            State::Skipped("in the baseline".to_owned())
        }
        (Outcome::Pass, _) => State::Passed,
        (Outcome::Fail, _) => State::Failed,
        (Outcome::Unknown, _) => State::Unknown,
        (Outcome::Waived, Some(waiver)) => {
            State::Skipped(format!("approved exception {}, {}", waiver.id, waiver.reason))
        }
        (Outcome::Waived, None) => State::Skipped("approved exception".to_owned()),
        (Outcome::NotApplicable, _) => State::Skipped("not applicable".to_owned()),
    }
}

#[derive(Default)]
struct Counts {
    cases: u64,
    failed: u64,
    unknown: u64,
    skipped: u64,
}

impl Counts {
    fn of(verdicts: &[Verdict]) -> Self {
        let mut counts = Self { cases: verdicts.len() as u64, ..Self::default() };
        for verdict in verdicts {
            match state(verdict) {
                State::Passed => {}
                State::Failed => counts.failed += 1,
                State::Unknown => counts.unknown += 1,
                State::Skipped(_) => counts.skipped += 1,
            }
        }
        counts
    }

    fn attributes(&self) -> String {
        let Self { cases, failed, unknown, skipped } = self;
        format!(" tests=\"{cases}\" failures=\"{failed}\" errors=\"{unknown}\" skipped=\"{skipped}\" time=\"0\"")
    }
}

/// Text in XML: what has a meaning there is escaped, what no XML may hold or acts on a screen is written out.
fn escaped(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // No character of XML 1.0.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
