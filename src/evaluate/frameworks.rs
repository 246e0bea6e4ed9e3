//! From verdicts to the controls of outside frameworks, by the mappings of the policy.

use foldhash::HashMap;

use super::rot;
use crate::model::assessment::{Summary, Verdict};
use crate::model::framework::{ControlState, ControlStatus, FrameworkStatus};
use crate::model::inventory::Inventory;
use crate::model::outcome::Outcome;
use crate::policy::frameworks::Control;
use crate::policy::{Policy, Rule};

/// The state of every mapped control. It follows from the raw outcomes: an approved exception is ours and
/// lifts no outside demand. A rule that judged only what could be listed is unknown at best.
pub(super) fn status(
    policy: &Policy,
    inventory: &Inventory,
    verdicts: &[Verdict],
    unjudged: &[(&Rule, Outcome)],
) -> Vec<FrameworkStatus> {
    if policy.frameworks.is_empty() {
        return Vec::new();
    }
    let mut by_rule: HashMap<&str, (Outcome, Summary)> =
        unjudged.iter().map(|(rule, outcome)| (rule.info.id.as_str(), (*outcome, Summary::default()))).collect();
    for verdict in verdicts {
        let (worst, summary) = by_rule.entry(&verdict.rule.id).or_insert((Outcome::NotApplicable, Summary::default()));
        *worst = worst.and(verdict.raw_outcome);
        summary.add(verdict.outcome);
    }
    for rule in policy.rules.iter().filter(|rule| rot::unlisted(rule, inventory)) {
        if let Some((worst, _)) = by_rule.get_mut(rule.info.id.as_str()) {
            *worst = worst.and(Outcome::Unknown);
        }
    }
    let controls = |controls: &[Control]| controls.iter().map(|control| self::control(control, &by_rule)).collect();
    policy
        .frameworks
        .iter()
        .map(|framework| FrameworkStatus {
            id: framework.id.clone(),
            title: framework.title.clone(),
            note: framework.note.clone(),
            mapping_sha256: framework.sha256.clone(),
            controls: controls(&framework.controls),
        })
        .collect()
}

fn control(control: &Control, by_rule: &HashMap<&str, (Outcome, Summary)>) -> ControlStatus {
    let mut verdicts = Summary::default();
    let mut worst = Outcome::NotApplicable;
    for (outcome, summary) in control.rules.iter().filter_map(|rule| by_rule.get(rule.as_str())) {
        worst = worst.and(*outcome);
        verdicts.pass += summary.pass;
        verdicts.fail += summary.fail;
        verdicts.unknown += summary.unknown;
        verdicts.not_applicable += summary.not_applicable;
        verdicts.waived += summary.waived;
    }
    ControlStatus {
        id: control.id.clone(),
        title: control.title.clone(),
        strength: control.strength,
        state: ControlState::of(worst, control.missing.is_empty() && control.shortfalls.is_empty()),
        clauses: control.clauses.clone(),
        rules: control.rules.clone(),
        rationale: control.rationale.clone(),
        missing: control.missing.clone(),
        shortfalls: control.shortfalls.clone(),
        verdicts,
    }
}
