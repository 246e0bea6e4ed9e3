//! Findings about the policy itself that only an evaluation shows: unused waivers, scopes that match
//! nothing, an empty estate.

use foldhash::HashSet;

use crate::checks::Unit;
use crate::model::Instant;
use crate::model::assessment::{PolicyAt, PolicyFinding, Verdict};
use crate::model::inventory::Inventory;
use crate::model::outcome::{Outcome, Severity};
use crate::model::resource::Existence;
use crate::policy::rot::static_findings;
use crate::policy::{CHANGE_RULE, Policy, Rule};

/// All of them; `unjudged` are the rules that judged nothing.
pub(super) fn findings(
    policy: &Policy,
    inventory: &Inventory,
    verdicts: &[Verdict],
    unjudged: &[(&Rule, Outcome)],
    as_of: Instant,
) -> Vec<PolicyFinding> {
    let mut findings = static_findings(policy, as_of);
    // A change is a part of an estate: what it does not hold says nothing of the policy.
    if inventory.declared.is_some() {
        return findings;
    }
    findings.extend(empty_estate(policy, inventory));
    findings.extend(unjudged.iter().map(|(rule, outcome)| matches_nothing(rule, *outcome, inventory)));
    findings.extend(unused_waivers(policy, verdicts, as_of));
    findings
}

/// The rules that judged nothing, and what that means. If the things that a rule could judge do not
/// exist, and their lists were read to the end, there is nothing to demand. If they do exist, or
/// nobody could look, it is not known whether the demand is met.
pub(super) fn unjudged<'p>(
    policy: &'p Policy,
    inventory: &Inventory,
    verdicts: &[Verdict],
) -> Vec<(&'p Rule, Outcome)> {
    let judged: HashSet<&str> = verdicts.iter().map(|verdict| verdict.rule.id.as_str()).collect();
    let silent = policy.rules.iter().filter(|rule| !judged.contains(&*rule.info.id));
    silent
        .map(|rule| {
            if inventory.declared.is_some() {
                return (rule, Outcome::NotApplicable);
            }
            let demands_nothing = rule.may_match_nothing || (!exist(rule, inventory) && !unlisted(rule, inventory));
            (rule, if demands_nothing { Outcome::NotApplicable } else { Outcome::Unknown })
        })
        .collect()
}

/// Whether the things that a rule could judge were not listed to the end everywhere.
pub(super) fn unlisted(rule: &Rule, inventory: &Inventory) -> bool {
    kinds(rule).iter().filter_map(|kind| kind.list_operation()).any(|call| !read_everywhere(inventory, call))
}

fn kinds(rule: &Rule) -> &[crate::model::kind::Kind] {
    if rule.scope.kinds.is_empty() { rule.check_info.kinds } else { &rule.scope.kinds }
}

fn exist(rule: &Rule, inventory: &Inventory) -> bool {
    inventory.resources.iter().any(|r| kinds(rule).contains(&r.kind) && r.existence == Existence::Present)
}

/// Nothing was found that could be backed up: that is no proof of anything.
fn empty_estate(policy: &Policy, inventory: &Inventory) -> Option<PolicyFinding> {
    let recoverable = |kind: crate::model::kind::Kind| kind.is_recoverable();
    let any = inventory.resources.iter().any(|r| r.existence == Existence::Present && recoverable(r.kind));
    (!any).then(|| PolicyFinding {
        code: "empty-estate".into(),
        outcome: Outcome::Unknown,
        severity: Severity::High,
        message: "no resource was found that could be backed up, so nothing is shown to be compliant; check the account, the regions and the permissions".into(),
        policy_at: policy.rules.first().map_or_else(
            || PolicyAt { file: policy.identity.id.clone(), line: 1 },
            |rule| rule.info.policy_at.clone(),
        ),
    })
}

fn matches_nothing(rule: &Rule, outcome: Outcome, inventory: &Inventory) -> PolicyFinding {
    let severity = if outcome == Outcome::NotApplicable { Severity::Info } else { rule.info.severity };
    let why = match (outcome == Outcome::NotApplicable, exist(rule, inventory)) {
        (true, false) => "nothing of its kinds exists in the accounts and regions read",
        (true, true) => "its scope takes nothing in, and it says that this may be so",
        (false, true) => {
            "there are resources of its kinds, and its scope takes none of them in; check the scope, or say `may_match_nothing = true`"
        }
        (false, false) => "the lists of its kinds were not read to the end in every account and region",
    };
    let unit = if rule.check.unit() == Unit::Resource { "resource" } else { "group" };
    PolicyFinding {
        code: "scope-matches-nothing".into(),
        outcome,
        severity,
        message: format!("rule `{}` judged no {unit}: {why}", rule.info.id).into(),
        policy_at: rule.info.policy_at.clone(),
    }
}

fn read_everywhere(inventory: &Inventory, call: &str) -> bool {
    let read: HashSet<(&str, &str)> = inventory
        .reads
        .iter()
        .filter(|read| read.proves(call))
        .map(|read| (read.account.as_str(), read.region.as_str()))
        .collect();
    inventory.accounts.iter().all(|account| {
        read.contains(&(account.as_str(), "global"))
            || inventory.regions.iter().all(|region| read.contains(&(account.as_str(), region.as_str())))
    })
}

fn unused_waivers(policy: &Policy, verdicts: &[Verdict], as_of: Instant) -> Vec<PolicyFinding> {
    let of_changes = |waiver: &crate::policy::Waiver| waiver.rules.iter().all(|rule| *rule == *CHANGE_RULE);
    let in_force = policy.waivers.iter().filter(|waiver| as_of < waiver.reference.expires && !of_changes(waiver));
    in_force
        .filter(|waiver| {
            !verdicts.iter().any(|verdict| {
                verdict.raw_outcome.is_finding() && waiver.names(&verdict.rule.id, &verdict.subject.resource)
            })
        })
        .map(|waiver| PolicyFinding {
            code: "waiver-unused".into(),
            outcome: Outcome::NotApplicable,
            severity: Severity::Low,
            message: format!("waiver `{}` covers no finding any more; remove it", waiver.reference.id).into(),
            policy_at: waiver.at.clone(),
        })
        .collect()
}
