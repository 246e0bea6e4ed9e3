//! (Policy, evidence of a period, its days, Instant) → PeriodAssessment. Pure.
//!
//! ```text
//! verdict spans ─► for each rule and thing ─┬─ cadence ──────────────── day by day ────┐
//!                                           ├─ restore-test, integrity ─ by calendar ──┼─► rules ─► clauses ─► result
//!                                           ├─ everything else ───────── as observed ──┤
//! recovery points that went ────────────────┴─ early deletion ─────────────────────────┘
//! ```
//!
//! A day has evidence when a run read the lists that concern a resource to their end between the end of the day and 24
//! hours later. Without such a run it is `no-evidence`, whatever was seen before or after.

mod by_calendar;
mod daily;
mod frame;
mod observed;
mod retention;
mod summary;

use std::collections::BTreeMap;

use crate::model::Instant;
use crate::model::assessment::RuleInfo;
use crate::model::period::{
    Basis, CalendarCell, CalendarState, DayState, Deviation, DeviationClass, MatrixRow, PeriodAssessment, PeriodDays,
    PeriodEvidence, Totals, VerdictSeen,
};
use crate::model::span::Span;
use crate::model::text::Text;
use crate::policy::Policy;
use frame::Frame;

/// How long after its end a day can still be shown.
pub const IN_TIME: Span = Span::hours(24);

/// Judge a period. Days that end after `as_of` are open.
pub fn period(policy: &Policy, evidence: &PeriodEvidence, days: &PeriodDays, as_of: Instant) -> PeriodAssessment {
    let frame = Frame::new(policy, evidence, days, as_of);
    let mut found = Found::default();
    let verdicts = frame.verdicts();
    for of_thing in verdicts.chunk_by(|a, b| frame.same(a, b)) {
        let Some(rule) = of_thing.first().and_then(|first| frame.rule(first)) else { continue };
        match basis(rule) {
            Basis::Daily => daily::judge(&frame, of_thing, &mut found),
            Basis::Calendar => by_calendar::judge(&frame, of_thing, &mut found),
            Basis::Observed => observed::judge(&frame, of_thing, &mut found),
        }
    }
    retention::judge(&frame, &verdicts, &mut found);
    summary::assemble(&frame, found)
}

/// How long before a period a copy may matter.
pub fn reach(policy: &Policy) -> Span {
    let rules = policy.rules.iter().filter(|rule| *rule.info.check == *"cadence");
    let infos =
        rules.flat_map(|rule| std::iter::once(&rule.info).chain(rule.overrides.iter().map(|changed| &changed.info)));
    let sum =
        |info: &RuleInfo| ["every", "grace"].iter().filter_map(|name| info.span(name)).fold(Span::ZERO, Span::plus);
    let margin = infos.map(|info| sum(info)).max().unwrap_or(Span::ZERO);
    margin.plus(margin).plus(Span::days(3))
}

/// How a rule is judged over a period.
fn basis(rule: &RuleInfo) -> Basis {
    match rule.check.as_str() {
        "cadence" => Basis::Daily,
        "restore-test" | "integrity-check" => Basis::Calendar,
        _ => Basis::Observed,
    }
}

/// The class of a deviation from what a check demands.
fn class(check: &str) -> DeviationClass {
    match check {
        "log-complete" | "procedure" | "restore-record" | "recovery-record" => DeviationClass::Evidence,
        "review" => DeviationClass::Timing,
        "cadence" | "backup-window" | "manual-backup" | "full-cycle" | "backup-health" | "snapshot-complete"
        | "retention-maximum" | "version-restore" | "code-backup" => DeviationClass::Operating,
        _ => DeviationClass::Design,
    }
}

/// What has been found so far.
#[derive(Default)]
struct Found {
    /// By rule id.
    rules: BTreeMap<Text, OfRule>,
    deviations: Vec<Deviation>,
    matrix: Vec<MatrixRow>,
    calendar: Vec<CalendarCell>,
    /// Days without evidence, by the number of the day.
    no_evidence: BTreeMap<usize, u64>,
    /// By the digest of the policy.
    by_policy: BTreeMap<Text, Totals>,
}

/// What has been found of one rule.
#[derive(Default)]
struct OfRule {
    things: u64,
    totals: Totals,
    early: u64,
}

impl Found {
    fn rule(&mut self, rule: &RuleInfo) -> &mut OfRule {
        self.rules.entry(rule.id.clone()).or_default()
    }

    fn test(&mut self, rule: &RuleInfo, state: CalendarState) {
        let totals = &mut self.rule(rule).totals;
        match state {
            CalendarState::Passed => totals.add(DayState::Ok),
            CalendarState::Late | CalendarState::Missing => totals.add(DayState::Missed),
            CalendarState::Excepted => totals.add(DayState::Excepted),
            CalendarState::NoEvidence => totals.add(DayState::NoEvidence),
            CalendarState::Open => totals.add(DayState::Open),
            CalendarState::NotDue => {}
        }
    }
}

/// All verdicts of one rule on one thing.
type OfThing<'v, 'a> = &'v [&'a VerdictSeen];
