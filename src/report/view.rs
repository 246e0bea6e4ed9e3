//! An assessment, grouped for readers: a borrowed view that every format for people walks.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::model::assessment::{Assessment, ClauseStatus, RuleInfo, Summary, Verdict};
use crate::model::baseline;
use crate::model::gap::{Gap, GapStatus};
use crate::model::outcome::Outcome;

use super::conclusion::Conclusion;

/// The grouped assessment.
pub(crate) struct View<'a> {
    pub(crate) assessment: &'a Assessment,
    pub(crate) conclusion: Conclusion,
    /// The verdicts by outcome, without those that the baseline of a gate holds.
    pub(crate) summary: Summary,
    pub(crate) clauses: Vec<ClauseView<'a>>,
    /// Rules by their first clause, in the order of the clauses; rules without one last.
    pub(crate) rules: Vec<RuleView<'a>>,
    pub(crate) gaps: Vec<GapView<'a>>,
}

/// A clause with the verdicts of its rules, counted.
pub(crate) struct ClauseView<'a> {
    pub(crate) clause: &'a ClauseStatus,
    pub(crate) summary: Summary,
}

/// A rule with its verdicts.
pub(crate) struct RuleView<'a> {
    /// The first variant: id, title, check and clauses are those of all.
    pub(crate) info: &'a RuleInfo,
    /// The clause under which it is listed.
    pub(crate) clause: Option<&'a ClauseStatus>,
    /// Its parameters, one entry per override that judged something.
    pub(crate) variants: Vec<Variant<'a>>,
    pub(crate) summary: Summary,
    /// Worst first, then by place and name.
    pub(crate) verdicts: Vec<&'a Verdict>,
}

/// One set of a rule's parameters.
pub(crate) struct Variant<'a> {
    pub(crate) info: &'a Arc<RuleInfo>,
    pub(crate) verdicts: u64,
}

/// Gaps that one permission would close.
pub(crate) struct GapView<'a> {
    pub(crate) action: &'a str,
    pub(crate) status: GapStatus,
    pub(crate) code: &'a str,
    pub(crate) gaps: Vec<&'a Gap>,
}

impl<'a> View<'a> {
    /// Group `assessment`. Linear in its verdicts, but for their sorting.
    pub(crate) fn new(assessment: &'a Assessment) -> Self {
        let mut rules: Vec<RuleView<'a>> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        for verdict in assessment.verdicts.iter().filter(|verdict| !verdict.is_of_baseline()) {
            let index = *known.entry(&verdict.rule.id).or_insert_with(|| {
                rules.push(RuleView::new(&verdict.rule));
                rules.len() - 1
            });
            if let Some(rule) = rules.get_mut(index) {
                rule.add(verdict);
            }
        }
        let positions: HashMap<&str, usize> =
            assessment.clauses.iter().enumerate().map(|(at, clause)| (clause.id.as_str(), at)).collect();
        for rule in &mut rules {
            let first = rule.info.clauses.first().and_then(|id| positions.get(id.as_str()));
            rule.clause = first.and_then(|at| assessment.clauses.get(*at));
            rule.verdicts.sort_by_cached_key(|verdict| {
                let subject = &verdict.subject;
                (Reverse(verdict.outcome), &subject.account, &subject.region, &subject.name, &subject.resource)
            });
        }
        rules.sort_by_key(|rule| {
            let first = rule.info.clauses.first();
            let at = first.and_then(|id| positions.get(id.as_str())).copied().unwrap_or(usize::MAX);
            (at, first.is_none(), first, &rule.info.id)
        });
        let clauses = clauses(assessment, &rules);
        let gaps = gaps(&assessment.inventory.gaps);
        let (summary, _) = baseline::summary(assessment);
        Self { assessment, conclusion: Conclusion::of(assessment), summary, clauses, rules, gaps }
    }
}

impl ClauseView<'_> {
    /// Whether the two are steps of one statement, and one judgement serves both.
    pub(crate) fn is_alike(&self, other: &Self) -> bool {
        let (a, b) = (self.clause, other.clause);
        a.rules == b.rules
            && !a.rules.is_empty()
            && (a.in_force, a.status, self.summary) == (b.in_force, b.status, other.summary)
            && parent(&a.id) == parent(&b.id)
    }
}

/// The statement of which the clause is a step.
fn parent(id: &str) -> &str {
    id.rsplit_once('.').map_or("", |(parent, _)| parent)
}

fn clauses<'a>(assessment: &'a Assessment, rules: &[RuleView<'a>]) -> Vec<ClauseView<'a>> {
    let mut counts: HashMap<&str, Summary> = HashMap::new();
    for rule in rules {
        for id in &rule.info.clauses {
            let summary = counts.entry(id).or_default();
            summary.pass += rule.summary.pass;
            summary.fail += rule.summary.fail;
            summary.unknown += rule.summary.unknown;
            summary.not_applicable += rule.summary.not_applicable;
            summary.waived += rule.summary.waived;
        }
    }
    let summary = |clause: &ClauseStatus| counts.get(clause.id.as_str()).copied().unwrap_or_default();
    assessment.clauses.iter().map(|clause| ClauseView { clause, summary: summary(clause) }).collect()
}

fn gaps(gaps: &[Gap]) -> Vec<GapView<'_>> {
    let mut groups: BTreeMap<(&str, GapStatus, &str), Vec<&Gap>> = BTreeMap::new();
    for gap in gaps {
        groups.entry((&gap.iam_action, gap.status, &gap.code)).or_default().push(gap);
    }
    let group = |((action, status, code), mut gaps): ((_, _, _), Vec<_>)| {
        gaps.sort();
        GapView { action, status, code, gaps }
    };
    groups.into_iter().map(group).collect()
}

impl<'a> RuleView<'a> {
    fn new(info: &'a Arc<RuleInfo>) -> Self {
        Self { info, clause: None, variants: Vec::new(), summary: Summary::default(), verdicts: Vec::new() }
    }

    fn add(&mut self, verdict: &'a Verdict) {
        let rule = &verdict.rule;
        match self.variants.iter_mut().find(|known| Arc::ptr_eq(known.info, rule) || known.info == rule) {
            Some(variant) => variant.verdicts += 1,
            None => self.variants.push(Variant { info: rule, verdicts: 1 }),
        }
        self.summary.add(verdict.outcome);
        self.verdicts.push(verdict);
    }

    /// Whether somebody has to act on it.
    pub(crate) fn has_findings(&self) -> bool {
        self.summary.fail + self.summary.unknown > 0
    }

    /// Whether all its clauses are planned, as far as the register knows its first.
    pub(crate) fn is_planned(&self) -> bool {
        self.clause.is_some_and(|clause| !clause.in_force)
    }

    /// The verdicts with `outcome`, by place and name.
    pub(crate) fn with(&self, outcome: Outcome) -> impl Iterator<Item = &'a Verdict> {
        self.verdicts.iter().copied().filter(move |verdict| verdict.outcome == outcome)
    }
}
