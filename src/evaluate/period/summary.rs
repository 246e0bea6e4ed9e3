//! From days and tests to rules, clauses and a result.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::frame::Frame;
use super::{Found, OfRule, basis};
use crate::evaluate::ledger::exceptions;
use crate::model::assessment::RuleInfo;
use crate::model::gap::Gap;
use crate::model::period::{
    Basis, CollectorDay, Days, Deviation, PeriodAssessment, PeriodClause, PeriodGap, PeriodResult, PeriodRule,
    PeriodRun, PolicyUse, SCHEMA, Totals,
};
use crate::model::text::Text;

pub(super) fn assemble(frame: &Frame<'_>, mut found: Found) -> PeriodAssessment {
    found.deviations.sort_by(|a, b| {
        let key = |deviation: &Deviation| {
            (deviation.exception.is_some(), std::cmp::Reverse(deviation.severity), deviation.first_day.clone())
        };
        key(a).cmp(&key(b)).then_with(|| (&a.rule, &a.resource, &a.id).cmp(&(&b.rule, &b.resource, &b.id)))
    });
    let rules = rules(frame, &found);
    let clauses = clauses(frame, &rules);
    let nothing = !has_runs(frame);
    let in_force = clauses.iter().filter(|clause| clause.in_force).map(|clause| clause.result);
    let free = rules.iter().filter(|rule| rule.clauses.is_empty()).map(|rule| rule.result);
    let worst = in_force.chain(free).max().unwrap_or(PeriodResult::NotApplicable);
    // Nothing that was demanded and shown is no proof of anything.
    let empty = nothing || worst == PeriodResult::NotApplicable;
    let result = if empty { worst.max(PeriodResult::NotEvaluable) } else { worst };
    let mut totals = Totals::default();
    rules.iter().filter(|rule| rule.basis == Basis::Daily).for_each(|rule| totals.join(&rule.totals));
    let (from, to) = (frame.policy.start_of_day(frame.asked.first), frame.policy.end_of_day(frame.asked.last));
    PeriodAssessment {
        schema: SCHEMA.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        period: Days {
            name: frame.asked.name.clone(),
            first: frame.asked.first.to_string().into(),
            last: frame.asked.last.to_string().into(),
            days: frame.days.len() as u64,
            zone: frame.policy.timezone.name().into(),
            from,
            to,
        },
        as_of: frame.as_of,
        result,
        policy: frame.policy.identity.clone(),
        policies: policies(frame, &found),
        totals,
        clauses,
        rules,
        collector: collector(frame, &found),
        gaps: gaps(frame),
        runs: runs(frame),
        exceptions: exceptions(
            frame.policy,
            found.deviations.iter().filter_map(|one| one.exception.as_ref()),
            frame.as_of,
        ),
        deviations: found.deviations,
        calendar: found.calendar,
        matrix: found.matrix,
    }
}

/// The runs of the policy that read within the period, with the day.
fn in_period<'f, 'a>(
    frame: &'f Frame<'a>,
) -> impl Iterator<Item = (usize, &'a crate::model::period::RunSeen)> + use<'f, 'a> {
    let runs = frame.evidence.runs.iter().zip(&frame.ours).zip(&frame.day_of_run);
    runs.filter(|((_, ours), _)| **ours).filter_map(|((run, _), day)| Some(((*day)?, run)))
}

fn has_runs(frame: &Frame<'_>) -> bool {
    in_period(frame).next().is_some()
}

fn result(totals: &Totals, deviations: u64, excepted: u64) -> PeriodResult {
    match (deviations, totals.no_evidence, excepted, totals.required) {
        (1.., ..) => PeriodResult::NotSatisfied,
        (_, 1.., ..) => PeriodResult::NotEvaluable,
        (_, _, 1.., _) => PeriodResult::Excepted,
        (_, _, _, 0) => PeriodResult::NotApplicable,
        _ => PeriodResult::Satisfied,
    }
}

fn rules(frame: &Frame<'_>, found: &Found) -> Vec<PeriodRule> {
    // The newest version of a rule speaks for it: that of the policy, or the last one on record.
    let mut known: BTreeMap<(usize, &Text), &RuleInfo> = BTreeMap::new();
    for rule in frame.evidence.rules.iter() {
        known.insert((frame.place(rule), &rule.id), rule);
    }
    for rule in &frame.policy.rules {
        known.insert((frame.place(&rule.info), &rule.info.id), &rule.info);
    }
    let mut counts: HashMap<&Text, (u64, u64)> = HashMap::new();
    for deviation in &found.deviations {
        let (open, excepted) = counts.entry(&deviation.rule).or_default();
        *if deviation.exception.is_some() { excepted } else { open } += 1;
    }
    let nothing = OfRule::default();
    let judged = known.into_values().map(|rule| {
        let of = found.rules.get(&rule.id).unwrap_or(&nothing);
        let (deviations, excepted) = counts.get(&rule.id).copied().unwrap_or_default();
        let mut result = result(&of.totals, deviations, excepted);
        if !has_runs(frame) {
            result = result.max(PeriodResult::NotEvaluable);
        }
        let basis = basis(rule);
        PeriodRule {
            id: rule.id.clone(),
            title: rule.title.clone(),
            check: rule.check.clone(),
            clauses: rule.clauses.clone(),
            severity: rule.severity,
            basis,
            result,
            things: of.things,
            totals: of.totals,
            deviations,
            excepted,
            sentence: sentence(frame, basis, of).into(),
        }
    });
    judged.collect()
}

fn plural(number: u64, noun: &str) -> String {
    crate::model::judgement::counted(number, noun)
}

fn sentence(frame: &Frame<'_>, basis: Basis, of: &OfRule) -> String {
    let Totals { required, ok, retried, issues, missed, excepted, no_evidence, open } = of.totals;
    if !has_runs(frame) {
        return "no run read anything in the period".into();
    }
    if required + open == 0 {
        return "nothing was in its scope".into();
    }
    let mut parts = Vec::new();
    let mut part = |number: u64, text: String| {
        if number > 0 {
            parts.push(text);
        }
    };
    let head = match basis {
        Basis::Daily => {
            part(retried, format!("{retried} of them at a second attempt"));
            part(issues, format!("{issues} with issues only"));
            part(missed, format!("{missed} missed"));
            part(excepted, format!("{excepted} under an approved exception"));
            part(no_evidence, format!("{no_evidence} without evidence"));
            format!("over the period, {ok} of {} met", plural(required, "resource-day"))
        }
        Basis::Calendar => {
            part(missed, format!("{missed} late or missing"));
            part(excepted, format!("{excepted} under an approved exception"));
            part(no_evidence, format!("{no_evidence} without evidence"));
            part(open, format!("{open} not due yet"));
            format!("by calendar, {ok} of {} passed", plural(required, "demanded test"))
        }
        Basis::Observed => {
            part(missed, format!("failing on {missed}"));
            part(excepted, format!("failing under an approved exception on {excepted}"));
            part(no_evidence, format!("not evaluable on {no_evidence}"));
            part(of.early, plural(of.early, "early deletion"));
            format!("observed passing on {ok} of {}", plural(required, "resource-day"))
        }
    };
    if parts.is_empty() { head } else { format!("{head}; {}", parts.join(", ")) }
}

fn clauses(frame: &Frame<'_>, rules: &[PeriodRule]) -> Vec<PeriodClause> {
    let described: Vec<&Text> = frame.policy.clauses.iter().map(|clause| &clause.id).collect();
    let mut other: BTreeSet<&Text> = rules.iter().flat_map(|rule| &rule.clauses).collect();
    other.retain(|id| !described.contains(id));
    let clause = |id: &Text| {
        let known = frame.policy.clauses.iter().find(|clause| clause.id == *id);
        let serving: Vec<&PeriodRule> = rules.iter().filter(|rule| rule.clauses.contains(id)).collect();
        PeriodClause {
            id: id.clone(),
            demand: known.map(|clause| clause.demand.clone()).unwrap_or_default(),
            in_force: known.is_none_or(|clause| clause.in_force),
            result: serving.iter().map(|rule| rule.result).max().unwrap_or(PeriodResult::NotApplicable),
            rules: serving.iter().map(|rule| rule.id.clone()).collect(),
            deviations: serving.iter().map(|rule| rule.deviations).sum(),
            excepted: serving.iter().map(|rule| rule.excepted).sum(),
            no_evidence: serving.iter().map(|rule| rule.totals.no_evidence).sum(),
        }
    };
    described.into_iter().chain(other).map(clause).collect()
}

fn policies(frame: &Frame<'_>, found: &Found) -> Vec<PolicyUse> {
    let mut uses: Vec<PolicyUse> = Vec::new();
    for (day, run) in in_period(frame) {
        let name = frame.days.get(day).map(|day| day.name()).unwrap_or_default();
        match uses.iter_mut().find(|known| known.sha256 == run.policy.sha256) {
            Some(known) => {
                known.last_day = name;
                known.runs += 1;
            }
            None => uses.push(PolicyUse {
                version: run.policy.version.clone(),
                sha256: run.policy.sha256.clone(),
                first_day: name.clone(),
                last_day: name,
                runs: 1,
                totals: found.by_policy.get(&run.policy.sha256).copied().unwrap_or_default(),
            }),
        }
    }
    uses
}

fn collector(frame: &Frame<'_>, found: &Found) -> Vec<CollectorDay> {
    let mut days: Vec<CollectorDay> = frame
        .days
        .iter()
        .enumerate()
        .filter(|(_, day)| day.start < frame.as_of)
        .map(|(at, day)| CollectorDay {
            day: day.name(),
            runs: 0,
            complete: 0,
            no_evidence: found.no_evidence.get(&at).copied().unwrap_or(0),
        })
        .collect();
    for (day, run) in in_period(frame) {
        if let Some(day) = days.get_mut(day) {
            day.runs += 1;
            day.complete += u64::from(run.gaps.is_empty());
        }
    }
    days
}

fn gaps(frame: &Frame<'_>) -> Vec<PeriodGap> {
    let mut gaps: BTreeMap<Gap, (usize, usize, u64)> = BTreeMap::new();
    for (day, run) in in_period(frame) {
        for gap in &run.gaps {
            let (_, last, runs) = gaps.entry(gap.clone()).or_insert((day, day, 0));
            *last = day;
            *runs += 1;
        }
    }
    let name = |day: usize| frame.days.get(day).map(|day| day.name()).unwrap_or_default();
    let found = gaps.into_iter().map(|(gap, (first, last, runs))| PeriodGap {
        first_day: name(first),
        last_day: name(last),
        runs,
        gap,
    });
    found.collect()
}

fn runs(frame: &Frame<'_>) -> Vec<PeriodRun> {
    let judged = frame.evidence.runs.iter().zip(&frame.ours).filter(|(_, ours)| **ours);
    judged
        .map(|(run, _)| PeriodRun {
            id: run.id.clone(),
            captured_at: run.captured_at,
            policy_version: run.policy.version.clone(),
            inventory: run.inventory.clone(),
            complete: run.gaps.is_empty(),
        })
        .collect()
}
