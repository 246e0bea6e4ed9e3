//! The frame of a period: its days, its runs, and who looked at what.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use chrono::{Days, NaiveDate};

use crate::evaluate::period::{IN_TIME, OfThing};
use crate::model::Instant;
use crate::model::assessment::{RuleInfo, fingerprint};
use crate::model::kind::Kind;
use crate::model::period::{
    Attempt, CopySeen, Deviation, DeviationClass, PeriodDays, PeriodEvidence, RunSeen, Thing, VerdictSeen,
};
use crate::model::text::Text;
use crate::policy::{Policy, Waiver};

/// A local day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Day {
    pub(super) date: NaiveDate,
    pub(super) start: Instant,
    pub(super) end: Instant,
}

impl Day {
    /// Its last moment: exceptions must be in force then, and one that ends with the day is.
    pub(super) fn last_moment(&self) -> Instant {
        self.end.checked_sub_signed(chrono::TimeDelta::nanoseconds(1)).unwrap_or(self.end)
    }

    pub(super) fn name(&self) -> Text {
        Text::from(self.date.to_string())
    }
}

pub(super) struct Frame<'a> {
    pub(super) policy: &'a Policy,
    pub(super) evidence: &'a PeriodEvidence,
    pub(super) asked: &'a PeriodDays,
    pub(super) as_of: Instant,
    pub(super) days: Vec<Day>,
    /// Whether a run judged by this policy, in any version; what was seen after `as_of` is not known yet.
    pub(super) ours: Vec<bool>,
    /// The day on which a run read, by its number.
    pub(super) day_of_run: Vec<Option<usize>>,
    copies: Cow<'a, [CopySeen]>,
    attempts: Cow<'a, [Attempt]>,
    places: RefCell<HashMap<(Text, Text, Kind), Rc<Looks>>>,
    /// The order of rules in the policy; others come after, by their ids.
    order: HashMap<Text, usize>,
}

/// Which runs looked at the things of one kind in one place.
#[derive(Debug)]
pub(super) struct Looks {
    /// Runs that listed them.
    pub(super) listed: Vec<bool>,
    /// Runs that also read every list of their recovery points.
    pub(super) whole: Vec<u32>,
    /// For each day: the first and the last whole look between its end and 24 hours later, as places in `whole`.
    pub(super) closing: Vec<Option<(usize, usize)>>,
}

impl<'a> Frame<'a> {
    pub(super) fn new(policy: &'a Policy, evidence: &'a PeriodEvidence, asked: &'a PeriodDays, as_of: Instant) -> Self {
        let mut days = Vec::new();
        let mut date = Some(asked.first);
        while let Some(day) = date.filter(|day| *day <= asked.last) {
            let (start, end) = (policy.start_of_day(day), policy.end_of_day(day));
            // A day that a zone left out has no length, and nothing can be demanded of it.
            if start < end {
                days.push(Day { date: day, start, end });
            }
            date = day.checked_add_days(Days::new(1));
        }
        let day_of = |run: &RunSeen| {
            let at = days.partition_point(|day| day.end <= run.captured_at);
            days.get(at).filter(|day| day.start <= run.captured_at).map(|_| at)
        };
        let order = policy.rules.iter().enumerate().map(|(at, rule)| (rule.info.id.clone(), at)).collect();
        Self {
            ours: evidence
                .runs
                .iter()
                .map(|run| run.policy.id == policy.identity.id && run.captured_at <= as_of)
                .collect(),
            day_of_run: evidence.runs.iter().map(day_of).collect(),
            copies: sorted(&evidence.copies, |copy| (copy.thing, copy.from, copy.to, copy.first)),
            attempts: sorted(&evidence.attempts, |attempt| (attempt.thing, attempt.at, attempt.first)),
            places: RefCell::default(),
            policy,
            evidence,
            asked,
            as_of,
            days,
            order,
        }
    }

    /// All verdicts by rule (in the order of the policy), thing (by its ARN) and time.
    pub(super) fn verdicts(&self) -> Vec<&'a VerdictSeen> {
        let mut by_arn: Vec<usize> = (0..self.evidence.things.len()).collect();
        let arn = |at: &usize| self.evidence.things.get(*at).map(|thing| &thing.subject.resource);
        by_arn.sort_by(|a, b| arn(a).cmp(&arn(b)));
        let mut rank = vec![0_usize; by_arn.len()];
        for (place, thing) in by_arn.iter().enumerate() {
            if let Some(rank) = rank.get_mut(*thing) {
                *rank = place;
            }
        }
        let rules: Vec<(usize, &Text)> = self.evidence.rules.iter().map(|rule| (self.place(rule), &rule.id)).collect();
        let known = |verdict: &&VerdictSeen| self.run(verdict.first).is_some_and(|run| run.captured_at <= self.as_of);
        let mut verdicts: Vec<&VerdictSeen> = self.evidence.verdicts.iter().filter(known).collect();
        verdicts.sort_by_key(|verdict| {
            (rules.get(verdict.rule as usize), rank.get(verdict.thing as usize), verdict.first, verdict.stream)
        });
        verdicts
    }

    pub(super) fn place(&self, rule: &RuleInfo) -> usize {
        self.order.get(&rule.id).copied().unwrap_or(usize::MAX)
    }

    pub(super) fn same(&self, one: &VerdictSeen, other: &VerdictSeen) -> bool {
        one.thing == other.thing && self.rule(one).map(|rule| &rule.id) == self.rule(other).map(|rule| &rule.id)
    }

    pub(super) fn rule(&self, verdict: &VerdictSeen) -> Option<&'a RuleInfo> {
        self.evidence.rules.get(verdict.rule as usize).map(|rule| &**rule)
    }

    pub(super) fn thing(&self, verdict: &VerdictSeen) -> Option<&'a Thing> {
        self.evidence.things.get(verdict.thing as usize)
    }

    pub(super) fn run(&self, at: u32) -> Option<&'a RunSeen> {
        self.evidence.runs.get(at as usize)
    }

    /// For each run: the verdict on the thing, by its place in `of_thing`.
    pub(super) fn by_run(&self, of_thing: OfThing<'_, '_>, found: &mut Vec<Option<usize>>) {
        found.clear();
        found.resize(self.evidence.runs.len(), None);
        for (place, verdict) in of_thing.iter().enumerate() {
            let (first, last) = (verdict.first as usize, verdict.last as usize);
            let runs = self.evidence.runs.get(first..=last).unwrap_or_default();
            for (run, slot) in runs.iter().zip(found.iter_mut().skip(first)) {
                if run.stream == verdict.stream {
                    *slot = Some(place);
                }
            }
        }
    }

    /// The good copies of a thing, by their beginning.
    pub(super) fn copies(&self, thing: u32) -> &[CopySeen] {
        slice(&self.copies, |copy| copy.thing, thing)
    }

    /// Its failed attempts, by their time.
    pub(super) fn attempts(&self, thing: u32) -> &[Attempt] {
        slice(&self.attempts, |attempt| attempt.thing, thing)
    }

    /// Who looked at things like this one.
    pub(super) fn looks(&self, thing: &Thing) -> Rc<Looks> {
        let subject = &thing.subject;
        let key = (subject.account.clone(), subject.region.clone(), subject.kind);
        if let Some(known) = self.places.borrow().get(&key) {
            return Rc::clone(known);
        }
        let looks = Rc::new(self.look(&key.0, &key.1, key.2));
        self.places.borrow_mut().insert(key, Rc::clone(&looks));
        looks
    }

    fn look(&self, account: &str, region: &str, kind: Kind) -> Looks {
        let is_group = matches!(kind, Kind::Application | Kind::Estate);
        let lists = |run: &RunSeen| {
            is_group
                || kind
                    .list_operation()
                    .is_none_or(|call| run.looked.at(account, region, call) || run.looked.at(account, "global", call))
        };
        let points = |run: &RunSeen| kind.point_operations().iter().all(|call| run.looked.at(account, region, call));
        let runs = || self.evidence.runs.iter().zip(&self.ours);
        let listed: Vec<bool> = runs().map(|(run, ours)| *ours && lists(run)).collect();
        let mut whole = Vec::new();
        for (at, ((run, _), listed)) in runs().zip(&listed).enumerate() {
            if *listed && points(run) {
                whole.push(u32::try_from(at).unwrap_or(u32::MAX));
            }
        }
        let at = |place: usize| whole.get(place).and_then(|run| self.run(*run)).map(|run| run.captured_at);
        let closing = self.days.iter().map(|day| {
            let first = whole.partition_point(|run| self.run(*run).is_some_and(|run| run.captured_at < day.end));
            let late = in_time(day);
            let last = whole.partition_point(|run| self.run(*run).is_some_and(|run| run.captured_at <= late));
            at(first).filter(|_| first < last).map(|_| (first, last - 1))
        });
        Looks { closing: closing.collect(), listed, whole }
    }

    /// The exception that covers a rule and a thing at an instant.
    pub(super) fn exception(&self, rule: &str, resource: &str, at: Instant) -> Option<&'a Waiver> {
        self.policy.waivers.iter().find(|waiver| waiver.covers(rule, resource, at))
    }

    /// A deviation with its stable id.
    pub(super) fn deviation(
        &self,
        (class, sort): (DeviationClass, &str),
        rule: &RuleInfo,
        thing: &Thing,
        (first, last, days): (NaiveDate, NaiveDate, u64),
        sentence: String,
    ) -> Deviation {
        let name = format!("{}\0{sort}\0{first}", thing.subject.resource);
        let id = fingerprint(&rule.id, &name);
        Deviation {
            id: format!("D-{}", id.get(..12).unwrap_or(&id)).into(),
            class,
            rule: rule.id.clone(),
            severity: rule.severity,
            clauses: rule.clauses.clone(),
            resource: thing.subject.resource.clone(),
            name: thing.subject.name.clone(),
            first_day: first.to_string().into(),
            last_day: last.to_string().into(),
            days,
            remediated: false,
            exception: None,
            policy_version: Text::default(),
            sentence: sentence.into(),
        }
    }
}

/// Up to when a day can still be shown.
pub(super) fn in_time(day: &Day) -> Instant {
    day.end.checked_add_signed(IN_TIME.delta()).unwrap_or(Instant::MAX_UTC)
}

fn sorted<T: Clone, K: Ord>(items: &[T], key: impl Fn(&T) -> K) -> Cow<'_, [T]> {
    if items.is_sorted_by_key(&key) {
        return Cow::Borrowed(items);
    }
    let mut items = items.to_vec();
    items.sort_unstable_by_key(key);
    Cow::Owned(items)
}

fn slice<T>(items: &[T], thing: impl Fn(&T) -> u32, wanted: u32) -> &[T] {
    let start = items.partition_point(|item| thing(item) < wanted);
    let rest = items.get(start..).unwrap_or_default();
    rest.get(..rest.partition_point(|item| thing(item) == wanted)).unwrap_or_default()
}
