//! The findings that were there when a gate was first put up: known, not approved, and to be worked off.
//!
//! An entry holds for one rule, one address and one reason. A finding whose reason has changed is a new one: retention
//! that falls from 7 days to 1 is not what somebody took into account. What takes protection away never stands in a baseline.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::assessment::{Assessment, BASELINE, Summary};
use super::judgement::{Value, Word};
use super::outcome::Outcome;
use super::text::Text;

/// The version of the saved form. A reader refuses any other.
pub const SCHEMA: &str = "lastgood.baseline/1";

/// Known findings, in the order of rule and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// [`SCHEMA`].
    pub schema: Text,
    /// The findings.
    pub findings: Vec<Known>,
}

/// A finding that is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The id of the rule.
    pub rule: Text,
    /// The address in the code.
    pub address: Text,
    /// `fail` or `unknown`.
    pub outcome: Outcome,
    /// What was found.
    pub reason: Text,
}

impl Baseline {
    /// What is found now. Verdicts of `never` are left out: a change that takes something away is no standing fact.
    pub fn of(assessment: &Assessment, never: &str) -> Self {
        let standing =
            assessment.verdicts.iter().filter(|verdict| verdict.outcome.is_finding() && *verdict.rule.id != *never);
        let mut findings: Vec<Known> = standing
            .map(|verdict| Known {
                rule: verdict.rule.id.clone(),
                address: verdict.subject.name.clone(),
                outcome: verdict.outcome,
                reason: verdict.reason(),
            })
            .collect();
        findings.sort();
        findings.dedup();
        Self { schema: SCHEMA.into(), findings }
    }

    /// The same after a change that moves resources to other addresses (`moves`: old to new): what is known of them goes
    /// along, also where the reason names the address.
    #[must_use]
    pub fn follow(mut self, moves: &BTreeMap<Text, Text>) -> Self {
        for known in &mut self.findings {
            if let Some(to) = moves.get(&known.address) {
                known.reason = Text::from(known.reason.replace(known.address.as_str(), to));
                known.address = to.clone();
            }
        }
        self.findings.sort();
        self
    }

    /// Mark the findings that it holds, and give back the entries that hold nothing any more.
    pub fn mark<'b>(&'b self, assessment: &mut Assessment) -> Vec<&'b Known> {
        let mut unused: HashMap<(&Text, &Text), Vec<&'b Known>> = HashMap::new();
        for known in &self.findings {
            unused.entry((&known.rule, &known.address)).or_default().push(known);
        }
        for verdict in assessment.verdicts.iter_mut().filter(|verdict| verdict.outcome.is_finding()) {
            let Some(of_both) = unused.get_mut(&(&verdict.rule.id, &verdict.subject.name)) else { continue };
            let reason = verdict.reason();
            let held = of_both.iter().position(|known| known.outcome == verdict.outcome && known.reason == reason);
            if let Some(place) = held {
                of_both.swap_remove(place);
                verdict.observed.push((Word::from(BASELINE), Value::from("known")));
            }
        }
        let mut stale: Vec<&Known> = unused.into_values().flatten().collect();
        stale.sort();
        stale
    }
}

/// The number of verdicts by outcome without those that the baseline holds, and how many it holds.
pub fn summary(assessment: &Assessment) -> (Summary, u64) {
    let (mut summary, mut held) = (Summary::default(), 0);
    for verdict in &assessment.verdicts {
        if verdict.is_of_baseline() { held += 1 } else { summary.add(verdict.outcome) }
    }
    (summary, held)
}
