//! What the documents say of one run.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::text::{Ids, line, numbers, prop, token};
use super::{Content, Deviating, Related, Things};
use crate::model::assessment::{Assessment, Summary, Verdict, WaiverRef};
use crate::model::outcome::Outcome;
use crate::report::view::{RuleView, View};
use crate::report::words::{demand, incomplete, needy, policy_name, scope, short_name, stamp, tally};

pub(super) fn content(assessment: &Assessment) -> Content {
    let view = View::new(assessment);
    let run = &assessment.run;
    let captured = assessment.inventory.captured_at;
    let conclusion = &view.conclusion;
    let mut props = vec![prop("conclusion", conclusion.standing.headline()), prop("run-id", &run.id)];
    props.extend(outcomes(&view.summary));
    props.extend(numbers(&[("gaps", conclusion.gaps), ("baseline", conclusion.known)]));
    props.push(prop("looked-back-from", &stamp(run.period.from)));
    let mut content = Content {
        ids: Ids { seed: run.id.to_string() },
        title: format!("backups by {}, as of {}", policy_name(&assessment.policy), stamp(run.as_of)),
        description: format!("{}: {}", conclusion.standing.headline(), conclusion.basis()),
        remarks: [Some(scope(assessment)), incomplete(assessment)].into_iter().flatten().collect(),
        props,
        tool_version: run.version.to_string(),
        policy: assessment.policy.clone(),
        modified: run.as_of,
        start: captured.min(run.as_of),
        end: captured.max(run.as_of),
        evidence: vec![("inventory".to_owned(), assessment.inventory.sha256.to_string())],
        controls: Vec::new(),
        things: Things::default(),
        statements: assessment.ledger.as_deref().map(|ledger| ledger.attestations.clone()).unwrap_or_default(),
        summaries: Vec::new(),
        observations: Vec::new(),
        risks: Vec::new(),
        findings: Vec::new(),
        items: Vec::new(),
    };
    let known: HashSet<&str> = assessment.clauses.iter().map(|clause| clause.id.as_str()).collect();
    let mut related: HashMap<&str, Related> = HashMap::new();
    let mut number = 0;
    for rule in &view.rules {
        let found = content.rule(assessment, rule, &mut number);
        if !rule.info.clauses.iter().any(|id| known.contains(id.as_str())) {
            content.of_rule(rule, &found);
        }
        related.insert(&rule.info.id, found);
    }
    let mut left_out = 0;
    for clause in &view.clauses {
        let status = clause.clause;
        let target = token("clause", &status.id);
        if status.status == Outcome::NotApplicable {
            left_out += 1;
            continue;
        }
        let mut all = Related::default();
        status.rules.iter().filter_map(|id| related.get(id.as_str())).for_each(|found| all.join(found));
        let mut props = outcomes(&clause.summary);
        props.push(prop("in-force", if status.in_force { "true" } else { "false" }));
        let title = format!("{} {}", status.id, demand(status));
        content.controls.push(target.clone());
        content.finding(&target, &title, judged(status.status), remark(status.status), props, &all);
    }
    content.props.extend(numbers(&[("clauses-not-applicable", left_out)]));
    if left_out > 0 {
        content.remarks.push(format!("{left_out} clauses to which nothing applied have no finding"));
    }
    content.others(assessment);
    content
}

impl Content {
    /// The observations of a rule: one with its numbers, and one for each verdict that is not quiet.
    fn rule(&mut self, assessment: &Assessment, rule: &RuleView<'_>, number: &mut u64) -> Related {
        let at = assessment.inventory.captured_at;
        let uuid = self.ids.uuid("rule", &rule.info.id);
        let mut props = vec![prop("rule", &rule.info.id)];
        props.extend(outcomes(&rule.summary));
        let text = format!("{}: {}", rule.info.title, tally(&rule.summary));
        let seen = self.observation(&uuid, &line(&rule.info.id), &line(&text), at, props);
        self.summaries.push(seen);
        let mut related = Related { observations: vec![uuid], risks: Vec::new() };
        for verdict in needy(&rule.verdicts) {
            *number += 1;
            let (observation, risk) = self.verdict(assessment, verdict, *number);
            related.observations.push(observation);
            related.risks.push(risk);
        }
        related
    }

    fn verdict(&mut self, assessment: &Assessment, verdict: &Verdict, number: u64) -> (String, String) {
        let (rule, subject) = (&verdict.rule, &verdict.subject);
        let thing = self.things.subject(&self.ids, &subject.resource, short_name(subject), || {
            let places = [
                ("kind", subject.kind.id()),
                ("account", &subject.account),
                ("region", &subject.region),
                ("application", subject.application.as_deref().unwrap_or_default()),
            ];
            places.iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| prop(name, text)).collect()
        });
        let inventory = format!("#{}", self.ids.uuid("evidence", "inventory"));
        let evidence = verdict.evidence.iter().map(|one| {
            let at = one.at.map(|at| format!(" at {}", stamp(at))).unwrap_or_default();
            json!({"href": inventory, "description": line(&format!("{} {}{at}", one.what, one.id))})
        });
        let evidence: Vec<Value> = evidence.collect();
        let waived = verdict.waiver.as_deref().filter(|_| verdict.outcome == Outcome::Waived);
        let reason = verdict.reason();
        self.deviation(Deviating {
            name: format!("verdict {number}"),
            title: format!("{}: {}", rule.id, short_name(subject)),
            reason: &reason,
            remedy: &rule.remedy,
            subject: Some(thing),
            collected: assessment.inventory.captured_at,
            evidence,
            props: vec![
                prop("rule", &rule.id),
                prop("outcome", verdict.outcome.id()),
                prop("raw-outcome", verdict.raw_outcome.id()),
                prop("severity", rule.severity.id()),
                prop("fingerprint", &verdict.fingerprint()),
            ],
            status: status(verdict.outcome),
            exception: waived.map(exception),
            deadline: waived.map(|waiver| waiver.expires),
        })
    }

    /// The finding of a rule that serves no clause on record.
    fn of_rule(&mut self, rule: &RuleView<'_>, related: &Related) {
        let outcome = Outcome::all(rule.verdicts.iter().map(|verdict| verdict.outcome));
        if outcome == Outcome::NotApplicable {
            return;
        }
        let target = token("rule", &rule.info.id);
        self.controls.push(target.clone());
        self.finding(&target, &rule.info.title, judged(outcome), remark(outcome), outcomes(&rule.summary), related);
    }

    /// What is wrong with the policy itself, and what could not be read.
    fn others(&mut self, assessment: &Assessment) {
        let found = assessment.policy_findings.iter().filter(|found| found.outcome.is_finding());
        for (n, found) in found.enumerate() {
            self.deviation(Deviating {
                name: format!("policy {n}"),
                title: format!("policy: {}", found.code),
                reason: &found.message,
                remedy: "",
                subject: None,
                collected: assessment.run.as_of,
                evidence: Vec::new(),
                props: vec![prop("policy-finding", &found.code), prop("severity", found.severity.id())],
                status: "open",
                exception: None,
                deadline: None,
            });
        }
        for (n, gap) in assessment.inventory.gaps.iter().enumerate() {
            let uuid = self.ids.uuid("gap", &n.to_string());
            let text = format!(
                "{} in {} {}: {}",
                gap.call(),
                gap.account,
                gap.region,
                gap.message.as_deref().unwrap_or(&gap.code)
            );
            let props = vec![prop("gap", gap.status.id()), prop("needs", &gap.iam_action)];
            let title = line(&format!("not read: {}", gap.call()));
            let seen = self.observation(&uuid, &title, &line(&text), assessment.inventory.captured_at, props);
            self.summaries.push(seen);
        }
    }
}

fn outcomes(summary: &Summary) -> Vec<Value> {
    Outcome::ALL.map(|outcome| prop(outcome.id(), &summary.of(outcome).to_string())).into()
}

/// Whether it is satisfied, with the reason.
const fn judged(outcome: Outcome) -> (bool, &'static str) {
    match outcome {
        Outcome::Pass => (true, "pass"),
        Outcome::Fail => (false, "fail"),
        _ => (false, "other"),
    }
}

const fn remark(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Unknown => "it could not be told: evidence is missing",
        Outcome::Waived => "not met, under an approved exception",
        _ => "",
    }
}

const fn status(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Waived => "deviation-approved",
        Outcome::Unknown => "investigating",
        _ => "open",
    }
}

fn exception(waiver: &WaiverRef) -> String {
    format!(
        "approved exception {}: {}; asked for by {}, approved by {} on {}, until {}",
        waiver.id,
        waiver.reason,
        waiver.requested_by,
        waiver.approved_by,
        waiver.approved_on,
        stamp(waiver.expires)
    )
}
