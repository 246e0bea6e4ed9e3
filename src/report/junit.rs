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
    let suites = suites(assessment);
    let mut all = Counts::default();
    suites.iter().for_each(|suite| all.add(&suite.counts));
    let Counts { cases, failed, unknown, .. } = all;
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    // Both schemas in use refuse `skipped` here.
    writeln!(
        out,
        "<testsuites name=\"lastgood\" tests=\"{cases}\" failures=\"{failed}\" errors=\"{unknown}\" time=\"0\">"
    )?;
    let at = stamp(assessment.run.as_of);
    for Suite { name, counts, cases } in suites {
        writeln!(out, "  <testsuite name=\"{}\"{} timestamp=\"{at}\">", escaped(&name), counts.attributes())?;
        match cases {
            Cases::Verdicts(verdicts) => verdicts.iter().try_for_each(|verdict| case(verdict, out))?,
            Cases::Others(others) => others.iter().try_for_each(|other| other.write(out))?,
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

struct Suite<'a> {
    name: String,
    counts: Counts,
    cases: Cases<'a>,
}

enum Cases<'a> {
    Verdicts(&'a [Verdict]),
    Others(Vec<Other<'a>>),
}

/// A case that is no verdict: it never passes.
struct Other<'a> {
    class: &'static str,
    name: String,
    fails: bool,
    kind: &'a str,
    message: &'a str,
}

impl Other<'_> {
    fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let element = if self.fails { "failure" } else { "error" };
        let (name, kind, message) = (escaped(&self.name), escaped(self.kind), escaped(self.message));
        writeln!(out, "    <testcase classname=\"{}\" name=\"{name}\" time=\"0\">", self.class)?;
        writeln!(out, "      <{element} type=\"{kind}\" message=\"{message}\"/>\n    </testcase>")
    }
}

/// One for each rule, one for the policy itself, and one for what could not be read.
fn suites(assessment: &Assessment) -> Vec<Suite<'_>> {
    let rules = assessment.verdicts.chunk_by(|a, b| a.rule.id == b.rule.id).filter_map(|verdicts| {
        let rule = &verdicts.first()?.rule;
        let name = format!("{}: {}", rule.id, rule.title);
        Some(Suite { name, counts: Counts::of(verdicts), cases: Cases::Verdicts(verdicts) })
    });
    let findings = assessment.policy_findings.iter().filter(|found| found.outcome.is_finding());
    let policy = findings.enumerate().map(|(n, found)| Other {
        class: "policy",
        name: format!("{} {}", found.code, n + 1),
        fails: found.outcome == Outcome::Fail,
        kind: &found.code,
        message: &found.message,
    });
    let gaps = assessment.inventory.gaps.iter().enumerate().map(|(n, gap)| Other {
        class: "gap",
        name: format!("{} {} {} {}", gap.call(), gap.account, gap.region, n + 1),
        fails: false,
        kind: gap.status.id(),
        message: gap.message.as_deref().unwrap_or(&gap.code),
    });
    let others = [("the policy itself", policy.collect::<Vec<_>>()), ("what could not be read", gaps.collect())];
    let others = others.into_iter().filter(|(_, others)| !others.is_empty()).map(|(name, others)| {
        let failed = others.iter().filter(|other| other.fails).count() as u64;
        let cases = others.len() as u64;
        let counts = Counts { cases, failed, unknown: cases - failed, skipped: 0 };
        Suite { name: name.to_owned(), counts, cases: Cases::Others(others) }
    });
    rules.chain(others).collect()
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

    fn add(&mut self, other: &Self) {
        self.cases += other.cases;
        self.failed += other.failed;
        self.unknown += other.unknown;
        self.skipped += other.skipped;
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
