//! From verdicts to the clauses of the written policy.

use std::collections::BTreeMap;

use foldhash::HashMap;

use super::is_judged;
use crate::model::assessment::{ClauseStatus, Verdict};
use crate::model::inventory::Inventory;
use crate::model::outcome::Outcome;
use crate::model::text::Text;
use crate::policy::{Policy, Rule};

/// The status of every clause that a rule serves or the register has in force, in clause order. A
/// clause in force that nothing judged is `unknown`: no evidence is not compliance.
pub(super) fn status(
    policy: &Policy,
    inventory: &Inventory,
    verdicts: &[Verdict],
    unjudged: &[(&Rule, Outcome)],
) -> Vec<ClauseStatus> {
    let mut by_rule: HashMap<&str, Outcome> =
        unjudged.iter().map(|(rule, outcome)| (rule.info.id.as_str(), *outcome)).collect();
    for verdict in verdicts {
        let entry = by_rule.entry(&verdict.rule.id).or_insert(Outcome::NotApplicable);
        // What the baseline of a gate holds is known, and counts for nothing.
        if verdict.is_of_baseline() {
            continue;
        }
        *entry = entry.and(verdict.outcome);
    }
    let mut serving: BTreeMap<&Text, Vec<&Text>> = BTreeMap::new();
    for rule in &policy.rules {
        for clause in &rule.info.clauses {
            serving.entry(clause).or_default().push(&rule.info.id);
        }
    }
    for clause in &policy.clauses {
        serving.entry(&clause.id).or_default();
    }
    let mut clauses: Vec<ClauseStatus> = serving
        .into_iter()
        .map(|(id, rules)| {
            let registered = policy.clauses.iter().find(|clause| clause.id == *id);
            let judged = rules.iter().filter_map(|rule| by_rule.get(rule.as_str()).copied());
            let not_assessed = registered.and_then(|clause| clause.not_assessed.clone());
            // Of infrastructure code a clause is judged by what is configured, or not at all.
            let judges =
                |id: &&Text| policy.rules.iter().any(|rule| rule.info.id == **id && is_judged(rule, inventory));
            let not_assessed = if inventory.declared.is_some() && !rules.iter().any(judges) {
                Some(not_assessed.unwrap_or_else(|| NEEDS_OBSERVATION.into()))
            } else {
                not_assessed
            };
            let status = match (rules.is_empty(), &not_assessed) {
                (false, Some(_)) if inventory.declared.is_some() => Outcome::NotApplicable,
                (true, Some(_)) => Outcome::NotApplicable,
                (true, None) => Outcome::Unknown,
                (false, _) => Outcome::all(judged),
            };
            ClauseStatus {
                id: id.clone(),
                demand: registered.map(|clause| clause.demand.clone()).unwrap_or_default(),
                status,
                in_force: registered.is_none_or(|clause| clause.in_force),
                evidence: registered.and_then(|clause| clause.evidence.clone()),
                not_assessed,
                rules: rules.into_iter().cloned().collect(),
            }
        })
        .collect();
    clauses.sort_by(|a, b| number(&a.id).cmp(&number(&b.id)).then_with(|| a.id.cmp(&b.id)));
    clauses
}

/// Why a clause is not assessed of infrastructure code.
const NEEDS_OBSERVATION: &str = "needs observation: infrastructure code cannot show it, `lastgood scan` does";

/// `10.2` comes after `9.8`; what is not a number sorts last.
fn number(id: &str) -> Vec<u64> {
    id.split('.').map(|part| part.parse().unwrap_or(u64::MAX)).collect()
}
