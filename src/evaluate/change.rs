//! A change of infrastructure code: judged before and after, so that what it breaks is told from what was broken.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt as _, HashSet};

use super::{assemble, clauses, is_judged, judge, rot};
use crate::model::Instant;
use crate::model::assessment::{Assessment, PolicyAt, RuleInfo, Subject, Summary, Verdict};
use crate::model::baseline::{Baseline, Known};
use crate::model::declared::{Declared, Weakening};
use crate::model::inventory::Inventory;
use crate::model::judgement::{Evidence, Judgement, Value, Word};
use crate::model::kind::Kind;
use crate::model::outcome::{Outcome, Severity};
use crate::model::text::Text;
use crate::policy::{CHANGE_RULE, Policy};

/// Which verdicts of a change count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those on what the change touches, and those that it makes worse elsewhere.
    OnlyChanges,
    /// Those on everything that is declared, too.
    All,
}

/// A change, judged.
#[derive(Debug)]
pub struct Gated {
    /// The verdicts that count.
    pub assessment: Assessment,
    /// The rules that need observation, and are no part of the gate.
    pub left_out: Vec<Text>,
    /// The verdicts on what the change leaves alone, by raw outcome.
    pub elsewhere: Summary,
}

/// How a verdict stands to the one before the change: a fact of every verdict of a gate.
const CHANGE: &str = "change";

/// Judge a change. `before` is the inventory before it, where that is known.
pub fn evaluate(policy: &Policy, after: &Inventory, before: Option<&Inventory>, as_of: Instant, scope: Scope) -> Gated {
    let empty = Declared::default();
    let declared = after.declared.as_deref().unwrap_or(&empty);
    let own: HashSet<&str> = declared.resources.iter().filter_map(|resource| resource.identity.as_deref()).collect();
    let touched: HashSet<&str> = declared
        .resources
        .iter()
        .filter(|resource| resource.action.touches())
        .filter_map(|resource| resource.identity.as_deref())
        .collect();
    let judged_before = before.map(|before| judge(policy, before, as_of)).unwrap_or_default();
    let mut elsewhere = Summary::default();
    let mut verdicts = judge(policy, after, as_of);
    let mut was = outcomes_before(&judged_before, &verdicts).into_iter();
    // All verdicts on a thing share their subject: it is looked up once.
    let mut known: HashMap<*const Subject, (bool, bool)> = HashMap::new();
    verdicts.retain_mut(|verdict| {
        let before = was.next().flatten();
        let change = standing(verdict, before);
        let (is_touched, is_own) = *known.entry(Arc::as_ptr(&verdict.subject)).or_insert_with(|| {
            let identity = verdict.subject.resource.as_str();
            (touched.contains(identity), own.contains(identity))
        });
        let counts = is_touched
            || change == "introduced" && before.is_some()
            || *verdict.rule.id == *CHANGE_RULE
            || scope == Scope::All && is_own;
        if counts {
            verdict.observed.push((Word::Borrowed(CHANGE), Value::from(change)));
        } else if is_own {
            elsewhere.add(verdict.outcome);
        }
        counts
    });
    // The remedy in words of the code, unless the policy has words of its own.
    let mut in_code: HashMap<*const RuleInfo, Arc<RuleInfo>> = HashMap::new();
    let rules: HashMap<&str, &crate::policy::Rule> =
        policy.rules.iter().map(|rule| (rule.info.id.as_str(), rule)).collect();
    for verdict in &mut verdicts {
        let Some(rule) = rules.get(verdict.rule.id.as_str()) else { continue };
        let (Some(remedy), true) = (rule.check_info.remedy_in_code, *verdict.rule.remedy == *rule.check_info.remedy)
        else {
            continue;
        };
        let remedy = if after.is_template() { remedy.template } else { remedy.terraform };
        let info = in_code
            .entry(Arc::as_ptr(&verdict.rule))
            .or_insert_with(|| Arc::new(RuleInfo { remedy: remedy.into(), ..RuleInfo::clone(&verdict.rule) }));
        verdict.rule = Arc::clone(info);
    }
    let left_out = policy.rules.iter().filter(|rule| !is_judged(rule, after));
    let left_out = left_out.map(|rule| rule.info.id.clone()).collect();
    let assessment = assemble(policy, after, as_of, Text::from(after.digest()), verdicts);
    Gated { assessment, left_out, elsewhere }
}

/// Mark the findings that a baseline holds: they count for nothing from then on, for no clause either. Gives back the
/// entries that hold nothing any more.
pub fn know<'b>(
    baseline: &'b Baseline,
    policy: &Policy,
    inventory: &Inventory,
    assessment: &mut Assessment,
) -> Vec<&'b Known> {
    let stale = baseline.mark(assessment);
    let unjudged = rot::unjudged(policy, inventory, &assessment.verdicts);
    assessment.clauses = clauses::status(policy, inventory, &assessment.verdicts, &unjudged);
    stale
}

/// For each verdict after the change the raw outcome of the same rule on the same thing before it. Both lists are by rule,
/// and by identity within it, so that they are gone through side by side.
fn outcomes_before(before: &[Verdict], after: &[Verdict]) -> Vec<Option<Outcome>> {
    let by_rule = |one: &Verdict, other: &Verdict| one.rule.id == other.rule.id;
    let mut runs: HashMap<&str, &[Verdict]> = HashMap::new();
    for run in before.chunk_by(by_rule) {
        runs.extend(run.first().map(|first| (first.rule.id.as_str(), run)));
    }
    let mut found: Vec<Option<Outcome>> = Vec::with_capacity(after.len());
    for run in after.chunk_by(by_rule) {
        let was = run.first().and_then(|first| runs.get(first.rule.id.as_str())).copied().unwrap_or_default();
        let mut ahead = was.iter().peekable();
        let mut left: Vec<&Verdict> = Vec::new();
        let start = found.len();
        for verdict in run {
            let identity = &verdict.subject.resource;
            while let Some(other) = ahead.next_if(|other| other.subject.resource < *identity) {
                left.push(other);
            }
            found.push(ahead.next_if(|other| other.subject.resource == *identity).map(|other| other.raw_outcome));
        }
        left.extend(ahead);
        // What is replaced has another identity afterwards; its address is the same, and so is its name.
        let named: HashMap<&str, Outcome> =
            left.iter().map(|verdict| (verdict.subject.name.as_str(), verdict.raw_outcome)).collect();
        for (verdict, outcome) in run.iter().zip(found.iter_mut().skip(start)).filter(|_| !named.is_empty()) {
            *outcome = outcome.or_else(|| named.get(verdict.subject.name.as_str()).copied());
        }
    }
    found
}

/// `introduced`, `existing`, `fixed` or `kept`.
fn standing(verdict: &Verdict, was: Option<Outcome>) -> &'static str {
    let worse = |outcome: Outcome| match outcome {
        Outcome::Fail => 2,
        Outcome::Unknown => 1,
        _ => 0,
    };
    let (now, was) = (worse(verdict.raw_outcome), was.map_or(0, worse));
    match () {
        () if *verdict.rule.id == *CHANGE_RULE => "introduced",
        () if now > was => "introduced",
        () if now > 0 => "existing",
        () if was > 0 => "fixed",
        () => "kept",
    }
}

/// The verdicts on what a change takes away: each fails, whatever the rules say of the result.
pub(super) fn weakenings(inventory: &Inventory) -> Vec<Verdict> {
    let Some(declared) = &inventory.declared else { return Vec::new() };
    if declared.weakenings.is_empty() {
        return Vec::new();
    }
    let rule = Arc::new(rule());
    let code = super::subjects::places(inventory);
    let kinds: HashMap<&str, &crate::model::resource::Resource> =
        inventory.resources.iter().map(|resource| (resource.arn.as_str(), resource)).collect();
    // One verdict for each thing, so that its fingerprint is its own.
    let mut things: std::collections::BTreeMap<(&Text, &Text), Vec<&Weakening>> = std::collections::BTreeMap::new();
    for weakening in &declared.weakenings {
        things.entry((&weakening.address, &weakening.identity)).or_default().push(weakening);
    }
    let verdict = |all: Vec<&Weakening>| {
        let [weakening, ..] = all.as_slice() else { return None };
        let joined = |of: fn(&Weakening) -> &Text| {
            all.iter().map(|weakening| of(weakening).as_str()).collect::<Vec<_>>().join("; ")
        };
        let resource = kinds.get(weakening.identity.as_str());
        let subject = Subject {
            resource: weakening.identity.clone(),
            name: weakening.address.clone(),
            kind: resource.map_or(Kind::Estate, |resource| resource.kind),
            account: resource.map(|resource| resource.account.clone()).unwrap_or_default(),
            region: resource.map(|resource| resource.region.clone()).unwrap_or_default(),
            application: None,
            code: code.get(weakening.address.as_str()).copied().cloned(),
        };
        let judgement = Judgement::fail("{weakening}")
            .with("weakening", joined(|weakening| &weakening.sentence))
            .with("code", joined(|weakening| &weakening.code))
            .with("before", joined(|weakening| &weakening.before))
            .with("after", joined(|weakening| &weakening.after))
            .shown_by(Evidence::new("setting", weakening.address.clone(), None));
        Some(Verdict::new(Arc::clone(&rule), Arc::new(subject), judgement))
    };
    things.into_values().filter_map(verdict).collect()
}

/// The rule that stands in no file.
fn rule() -> RuleInfo {
    RuleInfo {
        id: CHANGE_RULE.into(),
        title: "the change takes no protection away".into(),
        check: "change".into(),
        clauses: Vec::new(),
        severity: Severity::High,
        expected: std::collections::BTreeMap::new(),
        remedy:
            "leave the protection as it is, or have the exception approved: a waiver of the rule `no-weakening` for \
                 this resource"
                .into(),
        policy_at: PolicyAt { file: "(built in)".into(), line: 1 },
    }
}
