//! Everything that a run sees at an instant: "observed passing on N of M days". A failure on any day is a deviation.

use super::frame::{Day, Frame};
use super::{Found, OfThing, class};
use crate::model::assessment::RuleInfo;
use crate::model::outcome::Outcome;
use crate::model::period::{DayState, Thing};
use crate::model::text::Text;

/// The worst that was seen on a day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    /// No run concluded anything.
    Nothing,
    NotApplicable,
    Pass,
    Unknown,
    Fail,
}

pub(super) fn judge(frame: &Frame<'_>, of_thing: OfThing<'_, '_>, found: &mut Found) {
    let Some(first) = of_thing.first() else { return };
    let (Some(rule), Some(thing)) = (frame.rule(first), frame.thing(first)) else { return };
    let mut days = vec![Seen::Nothing; frame.days.len()];
    let mut listed = vec![false; frame.days.len()];
    let looks = frame.looks(thing);
    for (day, is_listed) in frame.day_of_run.iter().zip(&looks.listed) {
        if let Some(slot) = day.and_then(|day| listed.get_mut(day)) {
            *slot |= is_listed;
        }
    }
    // Whether the last run before the period had it in scope; none where no run looked before.
    let mut before: Option<bool> = None;
    let mut by_run = Vec::new();
    frame.by_run(of_thing, &mut by_run);
    let mut version: Option<&Text> = None;
    for (at, verdict) in by_run.iter().enumerate() {
        let verdict = verdict.and_then(|place| of_thing.get(place));
        let Some(run) = frame.evidence.runs.get(at).filter(|_| frame.ours.get(at) == Some(&true)) else { continue };
        let Some(day) = frame.day_of_run.get(at).copied().flatten() else {
            if frame.days.first().is_some_and(|first| run.captured_at < first.start)
                && (verdict.is_some() || looks.listed.get(at) == Some(&true))
            {
                before = Some(verdict.is_some_and(|verdict| verdict.raw != Outcome::NotApplicable));
            }
            continue;
        };
        let Some(verdict) = verdict else { continue };
        let seen = match verdict.raw {
            Outcome::Pass | Outcome::Waived => Seen::Pass,
            Outcome::Fail => {
                version = Some(&run.policy.version);
                Seen::Fail
            }
            Outcome::Unknown => Seen::Unknown,
            Outcome::NotApplicable => Seen::NotApplicable,
        };
        if let Some(slot) = days.get_mut(day) {
            *slot = (*slot).max(seen);
        }
    }
    if days.iter().all(|seen| matches!(seen, Seen::Nothing | Seen::NotApplicable)) && before != Some(true) {
        return;
    }
    let cells = states(frame, thing, rule, &days, &listed, before);
    for cell in &cells {
        found.rule(rule).totals.add(cell.0);
    }
    found.rule(rule).things += 1;
    deviations(frame, rule, thing, version, &cells, found);
}

/// What each day comes to, and the exception that covers a failure.
fn states<'a>(
    frame: &Frame<'a>,
    thing: &Thing,
    rule: &RuleInfo,
    days: &[Seen],
    listed: &[bool],
    before: Option<bool>,
) -> Vec<(DayState, Option<&'a Text>)> {
    let mut in_scope = before;
    let mut cells = Vec::with_capacity(days.len());
    for (at, ((seen, listed), day)) in days.iter().zip(listed).zip(&frame.days).enumerate() {
        let exception = || frame.exception(&rule.id, &thing.subject.resource, day.last_moment());
        let cell = match seen {
            Seen::Fail => match exception() {
                Some(waiver) => (DayState::Excepted, Some(&waiver.reference.id)),
                None => (DayState::Missed, None),
            },
            _ if day.end > frame.as_of => (DayState::NotInScope, None),
            Seen::Pass => (DayState::Ok, None),
            Seen::Unknown => (DayState::NoEvidence, None),
            Seen::NotApplicable => (DayState::NotInScope, None),
            // A run listed things like it, and it was not among them.
            Seen::Nothing if *listed => (DayState::NotInScope, None),
            Seen::Nothing if is_meant(in_scope, day, thing, days.get(at..).unwrap_or_default()) => {
                (DayState::NoEvidence, None)
            }
            Seen::Nothing => (DayState::NotInScope, None),
        };
        match seen {
            Seen::Nothing if *listed => in_scope = Some(false),
            Seen::Nothing => {}
            Seen::NotApplicable => in_scope = Some(false),
            Seen::Pass | Seen::Unknown | Seen::Fail => in_scope = Some(true),
        }
        cells.push(cell);
    }
    cells
}

/// Whether something was demanded of it on a day on which nobody looked.
fn is_meant(in_scope: Option<bool>, day: &Day, thing: &Thing, later: &[Seen]) -> bool {
    let next = later.iter().find(|seen| **seen != Seen::Nothing).is_some_and(|seen| *seen != Seen::NotApplicable);
    match in_scope {
        Some(true) => true,
        Some(false) => next && thing.created.is_some_and(|created| created < day.end),
        None => next && thing.created.is_none_or(|created| created < day.end),
    }
}

/// From the first day of failing to the last one before a day of passing.
fn deviations(
    frame: &Frame<'_>,
    rule: &RuleInfo,
    thing: &Thing,
    version: Option<&Text>,
    cells: &[(DayState, Option<&Text>)],
    found: &mut Found,
) {
    let mut open: Option<(usize, usize, u64, Option<&Text>)> = None;
    let mut all = Vec::new();
    for (at, (state, exception)) in cells.iter().enumerate() {
        let failed = matches!(state, DayState::Missed | DayState::Excepted);
        match &mut open {
            Some((_, last, days, under)) if failed && *under == *exception => {
                *last = at;
                *days += 1;
            }
            _ if failed => {
                all.extend(open.take().map(|open| (open, false)));
                open = Some((at, at, 1, *exception));
            }
            Some(_) if *state == DayState::Ok => all.extend(open.take().map(|open| (open, true))),
            _ => {}
        }
    }
    all.extend(open.map(|open| (open, false)));
    for ((first, last, days, exception), remediated) in all {
        let (Some(first), Some(last)) = (frame.days.get(first), frame.days.get(last)) else { continue };
        let when = if first.date == last.date {
            format!("on {}", first.date)
        } else {
            format!("on {days} days from {} to {}", first.date, last.date)
        };
        let sentence = format!("observed failing {when}; demanded: {}", rule.title);
        let span = (first.date, last.date, days);
        let mut deviation = frame.deviation((class(&rule.check), "observed"), rule, thing, span, sentence);
        deviation.remediated = remediated;
        deviation.exception = exception.cloned();
        deviation.policy_version = version.cloned().unwrap_or_default();
        found.deviations.push(deviation);
    }
}
