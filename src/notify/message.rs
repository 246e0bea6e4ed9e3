//! The message: a short JSON document for programs, with a text for people in it.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Finding, Known, State, Unseen, findings, gap_key};
use crate::model::Instant;
use crate::model::assessment::{Assessment, PolicyRef};
use crate::model::gap::Gap;
use crate::model::outcome::{Outcome, Severity};
use crate::model::text::Text;
use crate::report::conclusion::Conclusion;
use crate::report::one_line;

/// The version of the message.
pub const SCHEMA: &str = "lastgood.notification/1";

/// So many entries of each list are named; the rest is counted.
const LISTED: usize = 20;

/// So many characters of a sentence.
const LONGEST: usize = 300;

/// What is told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    schema: &'static str,
    standing: Text,
    basis: Text,
    policy: PolicyName,
    run: Option<RunName>,
    accounts: Vec<Text>,
    compared_with: Option<Instant>,
    new_failures: List<Failure>,
    repaired: List<Ended>,
    ended: List<Ended>,
    unseen: Missing,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct PolicyName {
    id: Text,
    version: Text,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct RunName {
    id: Text,
    as_of: Instant,
    version: Text,
}

/// Some entries of a list, and how many there are.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct List<T> {
    total: usize,
    listed: Vec<T>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Failure {
    fingerprint: Text,
    rule: Text,
    severity: Severity,
    resource: Text,
    name: Text,
    reason: Text,
}

/// A failure that does not fail any more, and what it is now.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Ended {
    fingerprint: Text,
    rule: Text,
    resource: Text,
    now: &'static str,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Missing {
    gaps: usize,
    unknown: usize,
    new_gaps: List<NotRead>,
    new_unknown: List<Failure>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct NotRead {
    account: Text,
    region: Text,
    call: String,
    resource: Option<Text>,
    status: &'static str,
    iam_action: Text,
}

impl<T> List<T> {
    fn of(mut all: Vec<T>) -> Self {
        let total = all.len();
        all.truncate(LISTED);
        Self { total, listed: all }
    }

    const fn empty() -> Self {
        Self { total: 0, listed: Vec::new() }
    }
}

impl Message {
    /// What is new in `assessment` against what was told before; `None` when nothing is.
    pub fn of(assessment: &Assessment, before: Option<&State>, threshold: Severity) -> Option<Self> {
        let findings = findings(assessment, threshold);
        let of = |outcome| findings.iter().filter(move |finding| finding.outcome == outcome);
        let told_failed = |finding: &&Finding| before.is_some_and(|b| b.failed.contains_key(&finding.fingerprint));
        let told_unknown = |finding: &&Finding| before.is_some_and(|b| b.unknown.contains_key(&finding.fingerprint));
        let new_failures: Vec<&Finding> = of(Outcome::Fail).filter(|finding| !told_failed(finding)).collect();
        let new_unknown: Vec<&Finding> = of(Outcome::Unknown).filter(|finding| !told_unknown(finding)).collect();
        let gaps = &assessment.inventory.gaps;
        let is_new = |gap: &&Gap| before.is_none_or(|before| !before.gaps.contains(&gap_key(gap)));
        let new_gaps: Vec<NotRead> = gaps.iter().filter(is_new).map(not_read).collect();
        let (repaired, ended) = ended(assessment, before, &findings);
        if new_failures.is_empty()
            && new_unknown.is_empty()
            && new_gaps.is_empty()
            && repaired.is_empty()
            && ended.is_empty()
        {
            return None;
        }
        let conclusion = Conclusion::of(assessment);
        let run = &assessment.run;
        let mut message = Self {
            schema: SCHEMA,
            standing: conclusion.standing.headline().into(),
            basis: conclusion.basis().into(),
            policy: PolicyName::of(&assessment.policy),
            run: Some(RunName { id: run.id.clone(), as_of: run.as_of, version: run.version.clone() }),
            accounts: assessment.inventory.accounts.clone(),
            compared_with: before.and_then(|before| before.as_of),
            new_failures: List::of(failures(new_failures)),
            repaired: List::of(repaired),
            ended: List::of(ended),
            unseen: Missing {
                gaps: gaps.len(),
                unknown: of(Outcome::Unknown).count(),
                new_gaps: List::of(new_gaps),
                new_unknown: List::of(failures(new_unknown)),
            },
            text: String::new(),
        };
        message.text = message.words();
        Some(message)
    }

    /// A scan ended without an audit. `None` where that was told already.
    pub fn no_audit(policy: &PolicyRef, why: &str, before: Option<&State>) -> Option<Self> {
        if before.is_some_and(|before| before.no_audit) {
            return None;
        }
        let mut message = Self {
            schema: SCHEMA,
            standing: "NO AUDIT".into(),
            basis: short(why),
            policy: PolicyName::of(policy),
            run: None,
            accounts: Vec::new(),
            compared_with: before.and_then(|before| before.as_of),
            new_failures: List::empty(),
            repaired: List::empty(),
            ended: List::empty(),
            unseen: Missing { gaps: 0, unknown: 0, new_gaps: List::empty(), new_unknown: List::empty() },
            text: String::new(),
        };
        message.text = message.words();
        Some(message)
    }

    /// A line of at most 100 characters of ASCII, as subjects of mails are.
    pub fn subject(&self) -> String {
        let counts = match (self.new_failures.total, self.repaired.total, self.unseen.new_gaps.total) {
            (0, 0, 0) => String::new(),
            (new, repaired, gaps) => format!(" ({new} new failures, {repaired} repaired, {gaps} newly not read)"),
        };
        let line = format!("lastgood: {} {}{counts}", self.standing, self.policy.id);
        line.chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).take(100).collect()
    }

    /// The text for people.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn words(&self) -> String {
        let mut text = format!("lastgood: {}: {}\n", self.standing, one_line(&self.basis));
        let _ = write!(text, "policy {} {}", self.policy.id, one_line(&self.policy.version));
        if let Some(run) = &self.run {
            let _ = write!(text, ", as of {}", run.as_of.format("%Y-%m-%d %H:%M:%S UTC"));
        }
        match self.compared_with {
            Some(at) => _ = writeln!(text, ", compared with {}", at.format("%Y-%m-%d %H:%M:%S UTC")),
            None => text.push_str(", compared with nothing: this is the first time\n"),
        }
        section(&mut text, "new failures", &self.new_failures, Failure::line);
        section(&mut text, "repaired", &self.repaired, Ended::line);
        section(&mut text, "no longer judged as failures", &self.ended, Ended::line);
        section(&mut text, "newly not read", &self.unseen.new_gaps, NotRead::line);
        section(&mut text, "newly unknown", &self.unseen.new_unknown, Failure::line);
        let Missing { gaps, unknown, .. } = self.unseen;
        if gaps + unknown > 0 {
            let _ = writeln!(text, "\nin all {gaps} things were not read, and {unknown} verdicts are unknown");
        }
        text
    }
}

fn section<T>(text: &mut String, title: &str, list: &List<T>, line: impl Fn(&T) -> String) {
    if list.total == 0 {
        return;
    }
    let _ = writeln!(text, "\n{title}: {}", list.total);
    for entry in &list.listed {
        let _ = writeln!(text, "  {}", one_line(&line(entry)));
    }
    if list.total > list.listed.len() {
        let _ = writeln!(text, "  … and {} more", list.total - list.listed.len());
    }
}

impl PolicyName {
    fn of(policy: &PolicyRef) -> Self {
        Self { id: policy.id.clone(), version: policy.version.clone() }
    }
}

impl Failure {
    fn line(&self) -> String {
        format!("{} ({}) {}: {}", self.rule, self.severity, self.name, self.reason)
    }
}

impl Ended {
    fn line(&self) -> String {
        format!("{} {}: {}", self.rule, self.resource, self.now)
    }
}

impl NotRead {
    fn line(&self) -> String {
        let resource = self.resource.as_deref().map(|resource| format!(" {resource}")).unwrap_or_default();
        format!("{}/{} {}{resource}: {}, needs {}", self.account, self.region, self.call, self.status, self.iam_action)
    }
}

/// The most severe first.
fn failures(mut findings: Vec<&Finding>) -> Vec<Failure> {
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.known.rule.cmp(&b.known.rule)));
    let failure = |finding: &Finding| Failure {
        fingerprint: finding.fingerprint.clone(),
        rule: finding.known.rule.clone(),
        severity: finding.severity,
        resource: finding.known.resource.clone(),
        name: finding.name.clone(),
        reason: short(&finding.reason),
    };
    findings.into_iter().map(failure).collect()
}

/// Failures told before that passed now, and those that are no failures for another reason.
fn ended(assessment: &Assessment, before: Option<&State>, all: &[Finding]) -> (Vec<Ended>, Vec<Ended>) {
    let unseen = Unseen::of(assessment, all);
    let now: std::collections::HashMap<&Text, Outcome> =
        all.iter().map(|finding| (&finding.fingerprint, finding.outcome)).collect();
    let entry = |(fingerprint, Known { rule, resource }): (&Text, &Known)| {
        let now = match now.get(fingerprint) {
            Some(Outcome::Fail) => return None,
            _ if unseen.hides(fingerprint) => return None,
            Some(outcome) => outcome.id(),
            None => "not judged",
        };
        Some(Ended { fingerprint: fingerprint.clone(), rule: rule.clone(), resource: resource.clone(), now })
    };
    let ended = before.iter().flat_map(|before| &before.failed).filter_map(entry);
    ended.partition(|ended| ended.now == Outcome::Pass.id())
}

fn not_read(gap: &Gap) -> NotRead {
    NotRead {
        account: gap.account.clone(),
        region: gap.region.clone(),
        call: gap.call(),
        resource: gap.resource.clone(),
        status: gap.status.id(),
        iam_action: gap.iam_action.clone(),
    }
}

fn short(text: &str) -> Text {
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown.into()
}
