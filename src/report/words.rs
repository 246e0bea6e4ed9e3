//! Words and figures that every format writes the same way.

use std::borrow::Cow;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::model::Instant;
use crate::model::assessment::{Assessment, ClauseStatus, PolicyRef, Subject, Summary, Verdict};
pub(crate) use crate::model::judgement::counted;
use crate::model::kind::Kind;
use crate::model::outcome::Outcome;
use crate::model::text::Text;

/// What a table of frameworks says and what it does not.
pub(crate) const FRAMEWORKS: &str = "a control's state is the worst raw outcome of the rules mapped to it, and never passed \
     where something was not read or a rule demands less than the control; how far each mapping reaches stands in \
     `lastgood policy frameworks`; that a framework is met follows from none of it";

/// The fact under which checks note the newest usable copy.
pub(crate) const LAST_GOOD: &str = "last_good";

/// The newest usable copy that a verdict knows; a saved verdict holds it as text.
pub(crate) fn last_good(verdict: &Verdict) -> Option<Instant> {
    verdict.fact(LAST_GOOD)?.to_string().parse().ok()
}

/// Outcomes in capitals where somebody has to look.
pub(crate) const fn label(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Fail => "FAIL",
        Outcome::Unknown => "UNKNOWN",
        Outcome::Waived => "WAIVED",
        Outcome::Pass => "pass",
        Outcome::NotApplicable => "n/a",
    }
}

/// What an outcome means: the glossary.
pub(crate) const fn meaning(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Fail => "evidence shows that the demand is not met (a deviation)",
        Outcome::Unknown => "the evidence could not be read or does not reach far enough; never counted as a pass",
        Outcome::Waived => "it would be a finding, and an approved exception covers it until that expires",
        Outcome::Pass => "evidence shows that the demand is met",
        Outcome::NotApplicable => "the rule demands nothing of this thing",
    }
}

/// A length as `u64`; lengths fit.
pub(crate) fn len<T>(items: &[T]) -> u64 {
    items.len() as u64
}

/// `2 fail, 1 unknown, 40 pass`: the outcomes that occur, worst first.
pub(crate) fn tally(summary: &Summary) -> String {
    let parts: Vec<String> = Outcome::ALL
        .iter()
        .filter(|outcome| summary.of(**outcome) > 0)
        .map(|outcome| format!("{} {}", summary.of(*outcome), outcome.id()))
        .collect();
    if parts.is_empty() { "nothing judged".to_owned() } else { parts.join(", ") }
}

/// An instant for people.
pub(crate) fn moment(at: Instant) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// An instant for machines.
pub(crate) fn stamp(at: Instant) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A rule's parameters in a line: `every = 1d, grace = 8h`.
pub(crate) fn parameters(expected: &BTreeMap<Text, Json>) -> String {
    expected.iter().map(|(name, value)| format!("{name} = {}", plain(value))).collect::<Vec<_>>().join(", ")
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) if !items.is_empty() => items.iter().map(plain).collect::<Vec<_>>().join(" | "),
        other => other.to_string(),
    }
}

/// `id version`, or the id alone.
pub(crate) fn policy_name(policy: &PolicyRef) -> String {
    if policy.version.is_empty() { policy.id.to_string() } else { format!("{} {}", policy.id, policy.version) }
}

/// `account/region`, or a dash for groups.
pub(crate) fn place(subject: &Subject) -> String {
    match (subject.account.is_empty(), subject.region.is_empty()) {
        (false, false) => format!("{}/{}", subject.account, subject.region),
        (false, true) => subject.account.to_string(),
        (true, false) => subject.region.to_string(),
        (true, true) => String::new(),
    }
}

/// The name for people, or the end of the ARN.
pub(crate) fn short_name(subject: &Subject) -> &str {
    if !subject.name.is_empty() {
        return &subject.name;
    }
    match subject.resource.rsplit([':', '/']).next() {
        Some(tail) if !tail.is_empty() => tail,
        _ => &subject.resource,
    }
}

/// The clause's status in words; a clause that no rule serves is not judged.
pub(crate) fn clause_label(clause: &ClauseStatus) -> &'static str {
    match (clause.rules.is_empty(), &clause.not_assessed) {
        (true, Some(_)) => "not assessed",
        (true, None) => "no rule",
        (false, _) => label(clause.status),
    }
}

/// Text cut at its backticks: whether a part stands between two, and the part. Checks and we set
/// commands so; with an odd number of them nothing is a command.
pub(crate) fn ticked(text: &str) -> Vec<(bool, &str)> {
    if text.matches('`').count() % 2 == 1 {
        return vec![(false, text)];
    }
    text.split('`').enumerate().map(|(at, part)| (at % 2 == 1, part)).filter(|(_, part)| !part.is_empty()).collect()
}

/// The clause's demand, or that there is none; with the reason where nothing judges it.
pub(crate) fn demand(clause: &ClauseStatus) -> Cow<'_, str> {
    let demand = if clause.demand.is_empty() { "(no demand on record)" } else { clause.demand.as_str() };
    match &clause.not_assessed {
        Some(why) if clause.rules.is_empty() => Cow::Owned(format!("{demand}: {why}")),
        _ => Cow::Borrowed(demand),
    }
}

/// Number of judged things over all kinds.
pub(crate) fn things(assessment: &Assessment) -> u64 {
    assessment.inventory.counts.values().sum()
}

/// `12 ebs-volume, 9 s3-bucket`.
pub(crate) fn kinds(counts: &BTreeMap<Kind, u64>) -> String {
    counts.iter().map(|(kind, number)| format!("{number} {kind}")).collect::<Vec<_>>().join(", ")
}

/// What was read, in a line.
pub(crate) fn scope(assessment: &Assessment) -> String {
    let inventory = &assessment.inventory;
    let kinds = kinds(&inventory.counts);
    let kinds = if kinds.is_empty() { kinds } else { format!(" ({kinds})") };
    format!(
        "{}, {}, {}{kinds}, {}",
        counted(len(&inventory.accounts), "account"),
        counted(len(&inventory.regions), "region"),
        counted(things(assessment), "thing"),
        counted(inventory.recovery_points, "recovery point"),
    )
}

/// The sentence on completeness, or nothing when everything was read.
pub(crate) fn incomplete(assessment: &Assessment) -> Option<String> {
    match (assessment.inventory.gaps.len() as u64, assessment.inventory.complete) {
        (0, true) => None,
        (0, false) => Some(
            "the inventory says that it is not complete, without naming what is missing; this is not a clean bill"
                .to_owned(),
        ),
        (gaps, _) => Some(format!("{} could not be read; this is not a clean bill", counted(gaps, "thing"))),
    }
}

/// Those that need a reader: findings, and what would be one but for an approved exception.
pub(crate) fn needy<'v, 'a>(verdicts: &'v [&'a Verdict]) -> impl Iterator<Item = &'a Verdict> + use<'v, 'a> {
    verdicts.iter().copied().filter(|verdict| !is_quiet(verdict.outcome))
}

/// Whether an outcome is only counted where room is short.
pub(crate) const fn is_quiet(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Pass | Outcome::NotApplicable)
}
