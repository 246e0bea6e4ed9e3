//! GitHub-flavoured Markdown for a pull request comment or a job summary.
//!
//! Identifiers stand in code spans and prose is escaped, so that no name can become a link, a
//! mention or markup. What does not fit into a comment is left out block by block, and counted.

mod budget;
pub(in crate::report) mod escape;

use std::io;

use crate::model::assessment::{Assessment, Verdict};
use crate::model::framework::ControlState;
use crate::model::outcome::Outcome;

use super::RenderOptions;
use super::view::{ClauseView, GapView, RuleView, View};
use super::words::{
    FRAMEWORKS, LAST_GOOD, clause_label, counted, demand, incomplete, label, len, meaning, moment, needy, parameters,
    place, policy_name, scope, short_name, tally,
};
use budget::Budget;
use escape::{code, prose, ticked};

pub(super) fn write(assessment: &Assessment, _: &RenderOptions, out: &mut dyn io::Write) -> io::Result<()> {
    let view = View::new(assessment);
    let mut page = Budget::default();
    page.push("sections", &summary(&view));
    clauses(&view.clauses, &mut page);
    frameworks_in_short(assessment, &mut page);
    findings(&view.rules, &mut page);
    policy_findings(assessment, &mut page);
    gaps(&view.gaps, &mut page);
    controls(assessment, &mut page);
    page.push_last("sections", &closing(&view));
    out.write_all(page.finish().as_bytes())
}

fn summary(view: &View<'_>) -> String {
    let Assessment { run, policy, inventory, .. } = view.assessment;
    let View { conclusion, summary, .. } = view;
    let mut text = format!("## {}\n\n{}.\n", conclusion.standing.headline(), prose(&conclusion.basis()));
    if let Some(sentence) = incomplete(view.assessment) {
        text.push_str(&format!("\n> **Not complete**: {}.\n", prose(&sentence)));
    }
    text.push_str("\n| outcome | verdicts | meaning |\n| --- | ---: | --- |\n");
    for outcome in Outcome::ALL {
        text.push_str(&format!("| {} | {} | {} |\n", label(outcome), summary.of(outcome), meaning(outcome)));
    }
    text.push_str(&format!("| total | {} | |\n", summary.total()));
    let by = run.caller.as_deref().map(|caller| format!(" by {}", code(caller, false))).unwrap_or_default();
    text.push_str(&format!(
        "\n* Policy {} ({}), SHA-256 {}\n* As of {}\n* Read: {}; at {} from {}{by}\n",
        code(&policy_name(policy), false),
        prose(&policy.title),
        code(&policy.sha256, false),
        moment(run.as_of),
        prose(&scope(view.assessment)),
        moment(inventory.captured_at),
        prose(&run.source),
    ));
    text
}

fn clauses(clauses: &[ClauseView<'_>], page: &mut Budget) {
    if clauses.is_empty() {
        return;
    }
    page.push(
        "sections",
        "\n### Clauses\n\n| clause | demand | status | fail | unknown | waived | pass | n/a |\n\
         | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for ClauseView { clause, summary } in clauses {
        let planned = if clause.in_force { "" } else { " (planned)" };
        page.push(
            "clauses",
            &format!(
                "| {} | {} | {}{planned} | {} | {} | {} | {} | {} |\n",
                prose(&clause.id),
                prose(&demand(clause)),
                clause_label(clause),
                summary.fail,
                summary.unknown,
                summary.waived,
                summary.pass,
                summary.not_applicable,
            ),
        );
    }
}

fn frameworks_in_short(assessment: &Assessment, page: &mut Budget) {
    if assessment.frameworks.is_empty() {
        return;
    }
    let mut text = "\n### Outside frameworks\n\n| framework | controls | failed | unknown | passed | n/a |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n"
        .to_owned();
    for framework in &assessment.frameworks {
        let counts = ControlState::ALL.map(|state| framework.count(state).to_string()).join(" | ");
        text.push_str(&format!("| {} | {} | {counts} |\n", prose(&framework.title), framework.controls.len()));
    }
    text.push_str(&format!("\n{}.\n", ticked(FRAMEWORKS)));
    page.push("sections", &text);
}

/// Every control with its state; last, since it says nothing that the findings do not.
fn controls(assessment: &Assessment, page: &mut Budget) {
    for framework in &assessment.frameworks {
        let mut text = format!("\n#### {}\n\n", prose(&framework.title));
        text.push_str("| control | what it asks | state | strength | rules |\n| --- | --- | --- | --- | --- |\n");
        for control in &framework.controls {
            let rules: Vec<String> = control.rules.iter().map(|rule| prose(rule)).collect();
            text.push_str(&format!(
                "| {} | {} | {} | {} | {} |\n",
                prose(&control.id),
                prose(&control.title),
                control.state,
                control.strength,
                rules.join(", ")
            ));
        }
        page.push("frameworks", &text);
    }
}

fn findings(rules: &[RuleView<'_>], page: &mut Budget) {
    let mut first = true;
    for rule in rules.iter().filter(|rule| rule.has_findings() || rule.summary.waived > 0) {
        if std::mem::take(&mut first) {
            page.push("sections", "\n### Findings and approved exceptions\n");
        }
        page.push("rule headings", &heading(rule));
        for verdict in needy(&rule.verdicts) {
            page.push("findings and exceptions", &finding(verdict));
        }
    }
}

fn heading(rule: &RuleView<'_>) -> String {
    let info = rule.info;
    let clauses: Vec<String> = info.clauses.iter().map(|id| prose(id)).collect();
    let clauses = if clauses.is_empty() { "no clause".to_owned() } else { clauses.join(", ") };
    let planned = if rule.is_planned() { " (planned: not counted)" } else { "" };
    let mut text = format!(
        "\n#### {clauses}{planned}: {}\n\n{}, severity {}: {}.",
        prose(&info.title),
        code(&info.id, false),
        info.severity,
        tally(&rule.summary)
    );
    for variant in &rule.variants {
        let parameters = parameters(&variant.info.expected);
        if !parameters.is_empty() {
            let whom = if rule.variants.len() > 1 {
                format!(" ({})", counted(variant.verdicts, "verdict"))
            } else {
                String::new()
            };
            text.push_str(&format!("\\\nExpected: {}{whom}.", code(&parameters, false)));
        }
    }
    if rule.has_findings() && !info.remedy.is_empty() {
        text.push_str(&format!("\\\nRemedy: {}.", ticked(&info.remedy)));
    }
    text.push_str("\n\n");
    text
}

fn finding(verdict: &Verdict) -> String {
    let subject = &verdict.subject;
    let place = match place(subject) {
        place if place.is_empty() => place,
        place => format!(" in {}", code(&place, false)),
    };
    let mut text = format!(
        "* **{}** {} ({}{place}): {}",
        label(verdict.outcome),
        code(short_name(subject), false),
        subject.kind,
        prose(&verdict.reason())
    );
    if let Some(at) = verdict.fact(LAST_GOOD) {
        text.push_str(&format!("; last good: {}", prose(&at.to_string())));
    }
    if let Some(waiver) = &verdict.waiver {
        text.push_str(&format!(
            "; approved exception {} (raw outcome {}): {}; asked for by {}, approved by {} on {}, until {}",
            code(&waiver.id, false),
            verdict.raw_outcome,
            prose(&waiver.reason),
            prose(&waiver.requested_by),
            prose(&waiver.approved_by),
            prose(&waiver.approved_on),
            moment(waiver.expires)
        ));
    }
    if subject.resource != subject.name {
        text.push_str(&format!(" – {}", code(&subject.resource, false)));
    }
    text.push('\n');
    text
}

fn policy_findings(assessment: &Assessment, page: &mut Budget) {
    if assessment.policy_findings.is_empty() {
        return;
    }
    page.push("sections", "\n### The policy itself\n\n");
    for finding in &assessment.policy_findings {
        let word = if finding.outcome == Outcome::NotApplicable { "note" } else { label(finding.outcome) };
        let at = format!("{}:{}", finding.policy_at.file, finding.policy_at.line);
        page.push(
            "policy findings",
            &format!(
                "* **{word}** {} ({}, severity {}, {})\n",
                prose(&finding.message),
                code(&finding.code, false),
                finding.severity,
                code(&at, false)
            ),
        );
    }
}

fn gaps(groups: &[GapView<'_>], page: &mut Budget) {
    if groups.is_empty() {
        return;
    }
    page.push(
        "sections",
        "\n### Not read\n\n| IAM action | why | account/region | what |\n| --- | --- | --- | --- |\n",
    );
    for group in groups {
        for gap in &group.gaps {
            let what = gap.resource.as_deref().map_or_else(|| "the whole list".to_owned(), |id| code(id, true));
            let why = format!("{} ({})", group.status, group.code);
            let place = format!("{}/{}", gap.account, gap.region);
            page.push(
                "things not read",
                &format!("| {} | {} | {} | {what} |\n", code(group.action, true), prose(&why), code(&place, true)),
            );
        }
    }
}

fn closing(view: &View<'_>) -> String {
    let Assessment { run, inventory, .. } = view.assessment;
    let mut text = "\n### Next\n\n".to_owned();
    for step in view.conclusion.next_steps() {
        text.push_str(&format!("* {step}\n"));
    }
    let gaps = counted(len(&inventory.gaps), "gap");
    text.push_str(&format!(
        "\nlastgood {}, run {}, inventory SHA-256 {} ({gaps}).\n",
        prose(&run.version),
        code(&run.id, false),
        code(&inventory.sha256, false)
    ));
    text
}
