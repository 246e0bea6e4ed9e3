//! Restore tests and integrity checks: each quarter (or month, half-year, year) of the calendar must hold a passed one.
//!
//! Which tests count, the check itself said at each run; here its dates meet the calendar.

use super::frame::Frame;
use super::{Found, OfThing};
use crate::model::Instant;
use crate::model::outcome::Outcome;
use crate::model::period::{CalendarCell, CalendarState, DeviationClass, PeriodDays, Unit};
use crate::model::span::Span;

pub(super) fn judge(frame: &Frame<'_>, of_thing: OfThing<'_, '_>, found: &mut Found) {
    let Some(newest) = of_thing.last() else { return };
    let (Some(rule), Some(thing)) = (frame.rule(newest), frame.thing(newest)) else { return };
    let unit = unit(rule.span("within").unwrap_or(Span::days(366)));
    let mut day = Some(frame.asked.first);
    let mut judged = false;
    while let Some(part) = day.filter(|day| *day <= frame.asked.last).and_then(|day| unit.of(day)) {
        day = part.last.succ_opt();
        let Some((state, at)) = state(frame, of_thing, &part) else { continue };
        judged = true;
        let end = frame.policy.end_of_day(part.last);
        let last_moment = end.checked_sub_signed(chrono::TimeDelta::nanoseconds(1)).unwrap_or(end);
        let failed = matches!(state, CalendarState::Late | CalendarState::Missing);
        let exception = frame.exception(&rule.id, &thing.subject.resource, last_moment).filter(|_| failed);
        let shown = if exception.is_some() { CalendarState::Excepted } else { state };
        found.test(rule, shown);
        found.calendar.push(CalendarCell {
            rule: rule.id.clone(),
            resource: thing.subject.resource.clone(),
            name: thing.subject.name.clone(),
            unit: part.name.clone(),
            state: shown,
            at,
        });
        if !failed {
            continue;
        }
        let local = |at: Instant| at.with_timezone(&frame.policy.timezone).date_naive();
        let (class, sentence, last, days) = match at {
            Some(at) => {
                let late = (local(at) - part.last).num_days().max(1);
                let plural = if late == 1 { "" } else { "s" };
                let sentence = format!(
                    "no passed test in {}; the next one was on {}, {late} day{plural} late",
                    part.name,
                    local(at)
                );
                (DeviationClass::Timing, sentence, local(at), u64::try_from(late).unwrap_or(1))
            }
            None => (DeviationClass::Operating, format!("no passed test in {}", part.name), part.last, 1),
        };
        let mut deviation =
            frame.deviation((class, "calendar"), rule, thing, (part.last, last.max(part.last), days), sentence);
        deviation.remediated = at.is_some();
        deviation.exception = exception.map(|waiver| waiver.reference.id.clone());
        deviation.policy_version = version(frame, end);
        found.deviations.push(deviation);
    }
    if judged {
        found.rule(rule).things += 1;
    }
}

/// The unit of the calendar that a length of time stands for.
fn unit(within: Span) -> Unit {
    match within.as_days() {
        ..=45 => Unit::Month,
        46..=120 => Unit::Quarter,
        121..=250 => Unit::Half,
        _ => Unit::Year,
    }
}

/// What became of the test of one unit; none where the thing was not in scope in it.
fn state(frame: &Frame<'_>, of_thing: OfThing<'_, '_>, part: &PeriodDays) -> Option<(CalendarState, Option<Instant>)> {
    let (start, end) = (frame.policy.start_of_day(part.first), frame.policy.end_of_day(part.last));
    let tests = || of_thing.iter().filter(|verdict| verdict.raw == Outcome::Pass).filter_map(|verdict| verdict.tested);
    if let Some(at) = tests().find(|at| *at >= start && *at < end) {
        return Some((CalendarState::Passed, Some(at)));
    }
    if end > frame.as_of || part.last > frame.asked.last {
        return Some((CalendarState::Open, None));
    }
    // What the first look after the end said: the check knows whether the record reaches back, and what is too young.
    let ours = |at: usize| frame.ours.get(at) == Some(&true);
    let runs = frame.evidence.runs.iter().enumerate();
    let next = runs.clone().find(|(at, run)| ours(*at) && run.captured_at >= end);
    let Some((next, _)) = next else { return Some((CalendarState::NoEvidence, None)) };
    let at_run = |run: usize| {
        of_thing.iter().find(|verdict| {
            let covers = verdict.first as usize <= run && run <= verdict.last as usize;
            covers && frame.evidence.runs.get(run).is_some_and(|run| run.stream == verdict.stream)
        })
    };
    let seen_in_unit = runs
        .filter(|(at, run)| ours(*at) && run.captured_at >= start && run.captured_at < end)
        .any(|(at, _)| at_run(at).is_some());
    match at_run(next).map(|verdict| verdict.raw) {
        None if seen_in_unit => Some((CalendarState::NotDue, None)),
        None => None,
        Some(Outcome::NotApplicable) => Some((CalendarState::NotDue, None)),
        Some(Outcome::Unknown) => Some((CalendarState::NoEvidence, None)),
        Some(_) => match tests().filter(|at| *at >= end).min() {
            Some(late) => Some((CalendarState::Late, Some(late))),
            None => Some((CalendarState::Missing, None)),
        },
    }
}

fn version(frame: &Frame<'_>, end: Instant) -> crate::model::text::Text {
    let runs = frame.evidence.runs.iter().zip(&frame.ours).filter(|(_, ours)| **ours);
    let last = runs.rev().find(|(run, _)| run.captured_at < end);
    last.map(|(run, _)| run.policy.version.clone()).unwrap_or_default()
}
