//! What the documents say of a period.

use std::collections::HashMap;

use serde_json::Value;

use super::text::{Ids, line, numbers, prop, token};
use super::{Content, Deviating, Related, Things};
use crate::model::period::{Deviation, PeriodAssessment, PeriodResult, Totals};
use crate::report::period::{conclusion, standing};
use crate::report::words::{policy_name, stamp};

pub(super) fn content(period: &PeriodAssessment) -> Content {
    let (days, policy) = (&period.period, &period.policy);
    let mut props = vec![prop("result", period.result.id()), prop("period", &days.name), prop("zone", &days.zone)];
    props.extend(totals(&period.totals));
    let seed = format!("{} {} {} {}", days.name, policy.sha256, stamp(period.as_of), period.version);
    let runs = period.runs.iter().map(|run| (format!("run {}", run.id), run.inventory.to_string()));
    let mut content = Content {
        ids: Ids { seed },
        title: format!("backups over {} by {}", days.name, policy_name(policy)),
        description: conclusion(period),
        remarks: Vec::new(),
        props,
        tool_version: period.version.to_string(),
        policy: policy.clone(),
        modified: period.as_of,
        start: days.from,
        end: days.to,
        evidence: runs.collect(),
        controls: Vec::new(),
        things: Things::default(),
        statements: Vec::new(),
        summaries: Vec::new(),
        observations: Vec::new(),
        risks: Vec::new(),
        findings: Vec::new(),
        items: Vec::new(),
    };
    let mut related: HashMap<&str, Related> = HashMap::new();
    for rule in &period.rules {
        let uuid = content.ids.uuid("rule", &rule.id);
        let mut props = vec![prop("rule", &rule.id), prop("result", rule.result.id())];
        props.extend(totals(&rule.totals));
        props.extend(numbers(&[("deviations", rule.deviations), ("deviations-excepted", rule.excepted)]));
        let text = format!("{}: {}", rule.title, rule.sentence);
        let seen = content.observation(&uuid, &line(&rule.id), &line(&text), period.as_of, props);
        content.summaries.push(seen);
        related.insert(&rule.id, Related { observations: vec![uuid], risks: Vec::new() });
    }
    for (n, deviation) in period.deviations.iter().enumerate() {
        let (observation, risk) = content.one(period, deviation, n);
        let found = related.entry(&deviation.rule).or_default();
        found.observations.push(observation);
        found.risks.push(risk);
    }
    content.judge(period, &related);
    for (n, gap) in period.gaps.iter().enumerate() {
        let uuid = content.ids.uuid("gap", &n.to_string());
        let what = &gap.gap;
        let text = format!(
            "{} to {}: {} in {} {}: {}",
            gap.first_day,
            gap.last_day,
            what.call(),
            what.account,
            what.region,
            what.code
        );
        let props = vec![prop("gap", what.status.id()), prop("needs", &what.iam_action)];
        let title = line(&format!("not read: {}", what.call()));
        let seen = content.observation(&uuid, &title, &line(&text), period.as_of, props);
        content.summaries.push(seen);
    }
    content
}

impl Content {
    fn one(&mut self, period: &PeriodAssessment, deviation: &Deviation, n: usize) -> (String, String) {
        let name = if deviation.name.is_empty() { &deviation.resource } else { &deviation.name };
        let thing = self.things.subject(&self.ids, &deviation.resource, name, Vec::new);
        let reason = format!("{} to {}: {}", deviation.first_day, deviation.last_day, deviation.sentence);
        self.deviation(Deviating {
            name: format!("deviation {n} {}", deviation.id),
            title: format!("{}: {name}", deviation.rule),
            reason: &reason,
            remedy: "",
            subject: Some(thing),
            collected: period.as_of,
            evidence: Vec::new(),
            props: vec![
                prop("deviation", &deviation.id),
                prop("class", deviation.class.id()),
                prop("rule", &deviation.rule),
                prop("severity", deviation.severity.id()),
                prop("days", &deviation.days.to_string()),
                prop("standing", &standing(deviation)),
            ],
            status: match (&deviation.exception, deviation.remediated) {
                (Some(_), _) => "deviation-approved",
                (None, true) => "closed",
                (None, false) => "open",
            },
            exception: deviation.exception.is_some().then(|| standing(deviation)),
            deadline: None,
        })
    }

    /// One finding for each clause, and for each rule that serves none on record.
    fn judge(&mut self, period: &PeriodAssessment, related: &HashMap<&str, Related>) {
        let mut left_out = 0;
        for clause in &period.clauses {
            if clause.result == PeriodResult::NotApplicable {
                left_out += 1;
                continue;
            }
            let mut all = Related::default();
            clause.rules.iter().filter_map(|id| related.get(id.as_str())).for_each(|found| all.join(found));
            let mut props = numbers(&[
                ("deviations", clause.deviations),
                ("deviations-excepted", clause.excepted),
                ("no-evidence", clause.no_evidence),
            ]);
            props.push(prop("in-force", if clause.in_force { "true" } else { "false" }));
            let target = token("clause", &clause.id);
            self.controls.push(target.clone());
            let title = format!("{} {}", clause.id, clause.demand);
            self.finding(&target, &title, judged(clause.result), remark(clause.result), props, &all);
        }
        let known = |id: &str| period.clauses.iter().any(|clause| clause.id == id);
        for rule in &period.rules {
            if rule.result == PeriodResult::NotApplicable || rule.clauses.iter().any(|id| known(id)) {
                continue;
            }
            let target = token("rule", &rule.id);
            self.controls.push(target.clone());
            let all = related.get(rule.id.as_str()).cloned().unwrap_or_default();
            self.finding(&target, &rule.title, judged(rule.result), remark(rule.result), Vec::new(), &all);
        }
        self.props.extend(numbers(&[("clauses-not-applicable", left_out)]));
        if left_out > 0 {
            self.remarks.push(format!("{left_out} clauses to which nothing applied have no finding"));
        }
    }
}

fn totals(totals: &Totals) -> Vec<Value> {
    numbers(&[
        ("required", totals.required),
        ("ok", totals.ok),
        ("retried", totals.retried),
        ("issues", totals.issues),
        ("missed", totals.missed),
        ("excepted", totals.excepted),
        ("no-evidence", totals.no_evidence),
        ("open", totals.open),
    ])
}

const fn judged(result: PeriodResult) -> (bool, &'static str) {
    match result {
        PeriodResult::Satisfied => (true, "pass"),
        PeriodResult::NotSatisfied => (false, "fail"),
        _ => (false, "other"),
    }
}

const fn remark(result: PeriodResult) -> &'static str {
    match result {
        PeriodResult::NotEvaluable => "it could not be told: evidence is missing",
        PeriodResult::Excepted => "not met, under approved exceptions",
        _ => "",
    }
}
