//! (Policy, Inventory, Instant) → Assessment. Pure: equal arguments give equal bytes.
//!
//! ```text
//! resources ─ subjects ─► for each rule: scope ─► check ─► verdict ─┐
//!                                   groups (application, estate) ───┤
//!                                                                   ├─► waivers ─► rot ─► clauses, frameworks, summary
//! ```

pub mod change;
mod clauses;
mod frameworks;
pub mod history;
mod ledger;
pub mod period;
mod rot;
mod stored;
mod subjects;
pub mod testing;
mod waive;

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::checks::{Case, Check, Context, Group, Unit, Unread};
use crate::model::Instant;
use crate::model::assessment::{Assessment, InventoryRef, Period, RuleInfo, Run, SCHEMA, Subject, Summary, Verdict};
use crate::model::estate::Estate;
use crate::model::inventory::{Inventory, hex};
use crate::model::judgement::Judgement;
use crate::model::span::Span;
use crate::model::text::Text;
use crate::policy::selector::{Match, Target};
use crate::policy::{Policy, Rule};
use subjects::Judged;

/// Judge everything in `inventory` by `policy`, as of `as_of`.
pub fn evaluate(policy: &Policy, inventory: &Inventory, as_of: Instant) -> Assessment {
    let inventory_sha256 = Text::from(inventory.digest());
    let verdicts = judge(policy, inventory, as_of);
    assemble(policy, inventory, as_of, inventory_sha256, verdicts)
}

/// All verdicts in report order: by rule as the policy lists them, then by resource.
pub fn judge(policy: &Policy, inventory: &Inventory, as_of: Instant) -> Vec<Verdict> {
    let context = Context::new(Estate::new(inventory), as_of, policy.timezone);
    let judged = subjects::of(policy, inventory);
    let assigned = |judged: &Judged<'_>| (judged.subject.application.clone(), judged.criticality.map(Text::from));
    let case = |judged| {
        let (application, criticality) = assigned(judged);
        Case::new(judged.resource, &context).assigned(application, criticality)
    };
    let cases: Vec<Case<'_>> = judged.iter().map(case).collect();
    // Room for every verdict there can be, so that a million of them are never copied to a larger place.
    let most = policy.rules.iter().map(|rule| judged.iter().filter(|judged| concerns(rule, judged)).count()).sum();
    let mut verdicts = Vec::with_capacity(most);
    for rule in policy.rules.iter().filter(|rule| is_judged(rule, inventory)) {
        match rule.check.unit() {
            Unit::Resource => judge_resources(rule, &judged, &cases, &mut verdicts),
            unit => judge_groups(rule, unit, &judged, &context, &mut verdicts),
        }
    }
    verdicts.extend(change::weakenings(inventory));
    waive::apply(&policy.waivers, as_of, &mut verdicts);
    verdicts
}

/// Infrastructure code is judged by the rules that judge what is configured; the others need observation.
fn is_judged(rule: &Rule, inventory: &Inventory) -> bool {
    inventory.declared.is_none() || rule.check_info.remedy_in_code.is_some()
}

/// Put the verdicts together with everything that a reader must know of the run.
fn assemble(
    policy: &Policy,
    inventory: &Inventory,
    as_of: Instant,
    inventory_sha256: Text,
    verdicts: Vec<Verdict>,
) -> Assessment {
    let mut summary = Summary::default();
    for verdict in &verdicts {
        summary.add(verdict.outcome);
    }
    let lookback = policy.rules.iter().map(|rule| rule.check.lookback()).max().unwrap_or(Span::ZERO);
    let from = as_of.checked_sub_signed(lookback.delta()).unwrap_or(as_of);
    let unjudged = rot::unjudged(policy, inventory, &verdicts);
    let id = Sha256::new()
        .chain_update(policy.identity.sha256.as_bytes())
        .chain_update(inventory_sha256.as_bytes())
        .chain_update(as_of.to_rfc3339())
        .finalize();
    Assessment {
        schema: SCHEMA.into(),
        run: Run {
            id: hex(id.get(..8).unwrap_or_default()).into(),
            version: env!("CARGO_PKG_VERSION").into(),
            as_of,
            period: Period { from, to: as_of },
            source: inventory.source.clone(),
            caller: inventory.caller.clone(),
        },
        policy: policy.identity.clone(),
        inventory: describe(inventory, inventory_sha256),
        summary,
        clauses: clauses::status(policy, inventory, &verdicts, &unjudged),
        frameworks: frameworks::status(policy, inventory, &verdicts, &unjudged),
        policy_findings: rot::findings(policy, inventory, &verdicts, &unjudged, as_of),
        ledger: ledger::of(policy, inventory, &verdicts, as_of),
        verdicts,
    }
}

fn describe(inventory: &Inventory, sha256: Text) -> InventoryRef {
    let mut counts = std::collections::BTreeMap::new();
    for resource in &inventory.resources {
        *counts.entry(resource.kind).or_insert(0) += 1;
    }
    InventoryRef {
        sha256,
        captured_at: inventory.captured_at,
        accounts: inventory.accounts.clone(),
        regions: inventory.regions.clone(),
        counts,
        recovery_points: inventory.points.len() as u64,
        complete: inventory.gaps.is_empty(),
        gaps: inventory.gaps.clone(),
    }
}

/// The parameters that hold for one target: the last override that matches wins.
///
/// # Errors
/// Tags that were not read decide: what cannot be told.
fn effective<'r>(rule: &'r Rule, target: Target<'_>) -> Result<(&'r Arc<RuleInfo>, &'r dyn Check), &'static str> {
    for candidate in rule.overrides.iter().rev() {
        match candidate.scope.matches(target) {
            Match::Yes => return Ok((&candidate.info, &*candidate.check)),
            Match::Unknown => return Err("which parameters apply to it"),
            Match::No => {}
        }
    }
    Ok((&rule.info, &*rule.check))
}

fn tags_unread(case: &Case<'_>, what: &str) -> Unread {
    let declared = case.context.declared().and_then(|declared| declared.why_unread(&case.resource.arn, "tags").next());
    let why = declared
        .map_or_else(|| "its tags could not be read".to_owned(), |open| format!("`{}` {}", open.attribute, open.why));
    Unread::not_asked("tags", &format!("{why}, so it cannot be told {what}"))
}

/// Whether the check has anything to say about it at all.
fn concerns(rule: &Rule, judged: &Judged<'_>) -> bool {
    rule.check_info.kinds.contains(&judged.kind) && (judged.is_present || rule.check_info.judges_deleted)
}

fn judge_resources(rule: &Rule, judged: &[Judged<'_>], cases: &[Case<'_>], verdicts: &mut Vec<Verdict>) {
    for (judged, case) in judged.iter().zip(cases) {
        if !concerns(rule, judged) {
            continue;
        }
        let target = judged.target();
        let (info, judgement) = match rule.scope.matches(target) {
            Match::No => continue,
            Match::Unknown => (&rule.info, tags_unread(case, "whether the rule applies to it").judgement()),
            Match::Yes => match effective(rule, target) {
                Err(what) => (&rule.info, tags_unread(case, what).judgement()),
                Ok((info, check)) => (info, check.judge(case).unwrap_or_else(|unread| unread.judgement())),
            },
        };
        verdicts.push(Verdict::new(Arc::clone(info), Arc::clone(&judged.subject), judgement));
    }
}

fn judge_groups<'a>(
    rule: &Rule,
    unit: Unit,
    judged: &[Judged<'a>],
    context: &'a Context<'a>,
    verdicts: &mut Vec<Verdict>,
) {
    let mut uncertain = 0_usize;
    let mut members: Vec<&Judged<'_>> = Vec::new();
    for candidate in judged.iter().filter(|candidate| concerns(rule, candidate)) {
        match rule.scope.matches(candidate.target()) {
            Match::Yes => members.push(candidate),
            Match::Unknown => uncertain += 1,
            Match::No => {}
        }
    }
    for subjects::Members { key, subject, judged: members } in subjects::groups(unit, &members) {
        let resources = members.iter().map(|member| member.resource).collect();
        let group = Group { name: key, members: resources, context };
        let effective =
            members.first().map_or(Ok((&rule.info, &*rule.check)), |member| effective(rule, member.target()));
        let (info, judgement) = match effective {
            Err(what) => {
                let why = format!("its tags could not be read, so it cannot be told {what}");
                (&rule.info, Unread::not_asked("tags", &why).judgement())
            }
            Ok((info, check)) => (info, check.judge_group(&group).unwrap_or_else(|unread| unread.judgement())),
        };
        verdicts.push(Verdict::new(Arc::clone(info), subject, judgement));
    }
    if uncertain > 0 {
        let judgement = Judgement::unknown(
            "the tags of {resources:resource} could not be read, so it cannot be told whether the rule applies to them",
        )
        .with("resources", uncertain);
        verdicts.push(Verdict::new(Arc::clone(&rule.info), Arc::new(unreadable()), judgement));
    }
}

/// The subject that stands for resources whose group cannot be told.
fn unreadable() -> Subject {
    subjects::group_subject("application:?", "resources with unread tags", crate::model::kind::Kind::Application)
}
