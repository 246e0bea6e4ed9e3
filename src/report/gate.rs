//! What a gate says in a terminal: what the change breaks, where that stands in the code, and what to do.

use std::collections::HashMap;
use std::io;

use crate::model::assessment::{Assessment, Summary, Verdict};
use crate::model::baseline;
use crate::model::declared::{Declared, DeclaredResource};
use crate::model::outcome::Outcome;
use crate::model::text::Text;

use super::RenderOptions;
use super::table::page::{Page, Tone};
use super::words::{counted, label, moment, policy_name, tally};

/// What is said of one change.
#[derive(Clone, Copy, Debug)]
pub struct Gate<'a> {
    /// The verdicts that count.
    pub assessment: &'a Assessment,
    /// The code.
    pub declared: &'a Declared,
    /// The rules that need observation.
    pub left_out: &'a [Text],
    /// The verdicts on what the change leaves alone.
    pub elsewhere: &'a Summary,
    /// The name of the input.
    pub input: &'a str,
}

/// Write it.
///
/// # Errors
/// What the writer says.
pub fn write(gate: &Gate<'_>, options: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page::new(out, options);
    let assessment = gate.assessment;
    conclusion(gate, &mut page)?;
    page.blank()?;
    page.field("input", &format!("{}: {}", gate.input, gate.declared.tool))?;
    page.field("policy", &policy_name(&assessment.policy))?;
    page.field("as of", &moment(assessment.run.as_of))?;
    page.field("changes", &changes(gate.declared))?;
    let live = if gate.declared.live { "the account's inventory is taken in" } else { "not given (`--inventory`)" };
    page.field("account", live)?;
    let places = places(gate.declared);
    for (outcome, heading) in
        [(Outcome::Fail, "Broken"), (Outcome::Unknown, "Cannot be told"), (Outcome::Waived, "Approved exceptions")]
    {
        let found = worst_first(assessment, outcome);
        if found.is_empty() {
            continue;
        }
        page.heading(heading)?;
        let mut address = None;
        for verdict in found {
            if address != Some(&verdict.subject.name) {
                address = Some(&verdict.subject.name);
                subject(verdict, &places, &mut page)?;
            }
            self::verdict(verdict, &mut page)?;
        }
    }
    remedies(assessment, &mut page)?;
    for finding in &assessment.policy_findings {
        page.blank()?;
        page.item(0, Tone::of(finding.outcome), &format!("policy ({}):", finding.code), &finding.message)?;
    }
    if !assessment.inventory.gaps.is_empty() {
        page.heading("Not complete")?;
        for gap in &assessment.inventory.gaps {
            let what = gap.resource.as_deref().unwrap_or("the whole");
            let why = gap.message.as_deref().unwrap_or(&gap.code);
            page.item(2, Tone::Unsure, &format!("{what}:"), why)?;
        }
    }
    closing(gate, &mut page)
}

fn conclusion(gate: &Gate<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let (summary, known) = baseline::summary(gate.assessment);
    let (tone, word) = match () {
        () if summary.fail > 0 => (Tone::Bad, "BROKEN:"),
        () if summary.unknown > 0 || !gate.assessment.inventory.complete => (Tone::Unsure, "NOT PROVEN:"),
        () if summary.pass + summary.waived + known == 0 => (Tone::Unsure, "NOTHING JUDGED:"),
        () => (Tone::Good, "KEPT:"),
    };
    page.item(0, tone, word, &tally(&summary))
}

/// `2 create, 1 update`.
fn changes(declared: &Declared) -> String {
    let mut counts: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
    for resource in &declared.resources {
        *counts.entry(resource.action.id()).or_default() += 1;
    }
    let parts: Vec<String> = counts.iter().map(|(action, count)| format!("{count} {action}")).collect();
    if parts.is_empty() { "nothing that matters to backups".to_owned() } else { parts.join(", ") }
}

fn places(declared: &Declared) -> HashMap<&str, &DeclaredResource> {
    declared.resources.iter().map(|resource| (resource.address.as_str(), resource)).collect()
}

/// The verdicts of an outcome by address, the worst address first.
fn worst_first(assessment: &Assessment, outcome: Outcome) -> Vec<&Verdict> {
    let counts = |verdict: &&Verdict| verdict.outcome == outcome && !verdict.is_of_baseline();
    let mut found: Vec<&Verdict> = assessment.verdicts.iter().filter(counts).collect();
    let mut worst: HashMap<&Text, crate::model::outcome::Severity> = HashMap::new();
    for verdict in &found {
        let entry = worst.entry(&verdict.subject.name).or_insert(verdict.rule.severity);
        *entry = (*entry).max(verdict.rule.severity);
    }
    found.sort_by_key(|verdict| {
        let name = &verdict.subject.name;
        (std::cmp::Reverse(worst.get(name).copied()), name, std::cmp::Reverse(verdict.rule.severity))
    });
    found
}

fn subject(verdict: &Verdict, places: &HashMap<&str, &DeclaredResource>, page: &mut Page<'_>) -> io::Result<()> {
    page.blank()?;
    let name = verdict.subject.name.as_str();
    let declared = places.get(name);
    let action = declared.map(|resource| format!(" ({})", resource.action.id())).unwrap_or_default();
    page.item(0, Tone::Strong, &format!("{name}{action}"), "")?;
    if let Some(at) = declared.and_then(|resource| resource.at.as_ref()) {
        page.text(2, &format!("{}:{}", at.file, at.line))?;
    }
    Ok(())
}

fn verdict(verdict: &Verdict, page: &mut Page<'_>) -> io::Result<()> {
    let rule = &verdict.rule;
    let existing = verdict.fact("change").is_some_and(|change| change.to_string() == "existing");
    let since = if existing { ", as it was before the change" } else { "" };
    page.item(2, Tone::of(verdict.outcome), &format!("{:<8}", label(verdict.outcome)), &verdict.reason())?;
    page.text(10, &format!("rule {}, severity {}{since}", rule.id, rule.severity))?;
    match &verdict.waiver {
        Some(waiver) => {
            let until = moment(waiver.expires);
            page.text(
                10,
                &format!(
                    "approved exception {}: {}, by {}, until {until}",
                    waiver.id, waiver.reason, waiver.approved_by
                ),
            )
        }
        None => Ok(()),
    }
}

/// Each remedy once: a rule fails in the same way for many.
fn remedies(assessment: &Assessment, page: &mut Page<'_>) -> io::Result<()> {
    let mut rules: Vec<(&Text, &Text)> = Vec::new();
    for verdict in worst_first(assessment, Outcome::Fail) {
        let known = rules.iter().any(|(id, _)| **id == verdict.rule.id);
        if !known && !verdict.rule.remedy.is_empty() {
            rules.push((&verdict.rule.id, &verdict.rule.remedy));
        }
    }
    if rules.is_empty() {
        return Ok(());
    }
    page.heading("How to put it right")?;
    rules.iter().try_for_each(|(id, remedy)| page.item(2, Tone::Strong, &format!("{id}:"), remedy))
}

fn closing(gate: &Gate<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.blank()?;
    let elsewhere = gate.elsewhere;
    if elsewhere.fail + elsewhere.unknown > 0 {
        let found = counted(elsewhere.fail + elsewhere.unknown, "finding");
        page.text(0, &format!("{found} on what the change leaves alone: `--all` shows them"))?;
    }
    let (_, known) = baseline::summary(gate.assessment);
    if known > 0 {
        page.text(
            0,
            &format!("{} of the baseline, known before, not shown and not counted", counted(known, "finding")),
        )?;
    }
    if !gate.left_out.is_empty() {
        let rules = counted(gate.left_out.len() as u64, "rule");
        page.text(0, &format!("not part of the gate: {rules} that need observation (restores, logs, statements of people); `lastgood scan` judges them"))?;
    }
    if !gate.declared.has_before {
        page.text(0, "what the change takes away cannot be told: the input has no state before it")?;
    }
    conclusion(gate, page)
}
