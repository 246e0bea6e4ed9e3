//! What the rules demand of each resource, read off its verdicts: those that pass speak too.

use std::collections::HashMap;

use crate::model::assessment::Assessment;
use crate::model::outcome::Outcome;
use crate::model::plan::Settings;
use crate::model::span::Span;

/// What is demanded of one resource.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Demand {
    /// The longest time for which some rule wants its points kept.
    pub(super) keep: Option<Span>,
    /// The oldest that its newest usable point may be, by the strictest rule.
    pub(super) fresh: Option<Span>,
    /// Whether a rule that says how long to keep, or how fresh to be, could not be judged.
    pub(super) uncertain: bool,
    /// Whether a rule wants its points encrypted.
    pub(super) encrypted: bool,
}

impl Demand {
    /// Nothing younger than this may be deleted.
    pub(super) fn keep(&self, settings: &Settings) -> Span {
        self.keep.unwrap_or(settings.keep_at_least)
    }

    /// Nothing may be deleted unless the newest usable point is younger than this.
    pub(super) fn fresh(&self, settings: &Settings) -> Span {
        self.fresh.unwrap_or(settings.fresh_within)
    }
}

/// What is demanded of every resource.
#[derive(Debug)]
pub(super) struct Demands<'a>(HashMap<&'a str, Demand>);

impl<'a> Demands<'a> {
    pub(super) fn of(assessment: &'a Assessment) -> Self {
        let mut demands: HashMap<&str, Demand> = HashMap::new();
        for verdict in &assessment.verdicts {
            let check = verdict.rule.check.as_str();
            if verdict.raw_outcome == Outcome::NotApplicable
                || !["retention-minimum", "cadence", "encryption"].contains(&check)
            {
                continue;
            }
            let demand = demands.entry(verdict.subject.resource.as_str()).or_default();
            match check {
                "retention-minimum" => {
                    let keep = verdict.rule.span("keep");
                    demand.keep = demand.keep.max(keep);
                    demand.uncertain |= keep.is_none() || verdict.raw_outcome == Outcome::Unknown;
                }
                "cadence" => {
                    let grace = verdict.rule.span("grace").unwrap_or(Span::ZERO);
                    match verdict.rule.span("every").map(|every| every.plus(grace)) {
                        None => demand.uncertain = true,
                        Some(fresh) => demand.fresh = Some(demand.fresh.map_or(fresh, |known| known.min(fresh))),
                    }
                    demand.uncertain |= verdict.raw_outcome == Outcome::Unknown;
                }
                _ => demand.encrypted = true,
            }
        }
        Self(demands)
    }

    /// What is demanded of a resource; nothing of those that no rule judges.
    pub(super) fn on(&self, resource: &str) -> Demand {
        self.0.get(resource).copied().unwrap_or_default()
    }
}
