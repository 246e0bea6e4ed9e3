//! Recovery points that went younger than was promised when they were last seen.

use std::collections::BTreeMap;

use super::Found;
use super::frame::Frame;
use crate::model::period::{Departed, DeviationClass, VerdictSeen};
use crate::model::span::Span;

/// By rule, thing and day: the points that went too early, each with the time that was promised.
type Early<'a> = BTreeMap<(u32, u32, chrono::NaiveDate), Vec<(&'a Departed, Span)>>;

pub(super) fn judge(frame: &Frame<'_>, verdicts: &[&VerdictSeen], found: &mut Found) {
    let things: std::collections::HashMap<&str, u32> =
        (0_u32..).zip(&frame.evidence.things).map(|(at, thing)| (thing.subject.resource.as_str(), at)).collect();
    let retention =
        |verdict: &&&VerdictSeen| frame.rule(verdict).is_some_and(|rule| *rule.check == *"retention-minimum");
    let mut by_thing: BTreeMap<u32, Vec<&VerdictSeen>> = BTreeMap::new();
    for verdict in verdicts.iter().filter(retention) {
        by_thing.entry(verdict.thing).or_default().push(verdict);
    }
    let mut early: Early<'_> = BTreeMap::new();
    for departed in frame.evidence.departed.iter().filter(|departed| departed.usable && departed.gone <= frame.as_of) {
        let date = departed.gone.with_timezone(&frame.policy.timezone).date_naive();
        if date < frame.asked.first || date > frame.asked.last {
            continue;
        }
        let Some(thing) = things.get(departed.resource.as_str()) else { continue };
        for verdict in by_thing.get(thing).into_iter().flatten() {
            // The version of the rule that was in force when it was last seen.
            let at = |run: u32| frame.run(run).map(|run| run.captured_at);
            let in_force = at(verdict.first).is_some_and(|first| first <= departed.last_seen)
                && at(verdict.last).is_some_and(|last| departed.last_seen <= last);
            let Some(keep) = frame.rule(verdict).and_then(|rule| rule.span("keep")).filter(|_| in_force) else {
                continue;
            };
            let own = departed.own_days.map(|days| Span::days(i64::from(days)));
            let promised = own.map_or(keep, |own| own.min(keep));
            if Span::between(departed.created, departed.gone) < promised {
                early.entry((verdict.rule, *thing, date)).or_default().push((departed, promised));
            }
        }
    }
    for ((rule, thing, date), points) in early {
        let (Some(rule), Some(thing), Some((first, promised))) =
            (frame.evidence.rules.get(rule as usize), frame.evidence.things.get(thing as usize), points.first())
        else {
            continue;
        };
        let others = match points.len() {
            1 => String::new(),
            more => format!(" (and {} more)", more - 1),
        };
        let sentence = format!(
            "{}{others} went at an age of at most {}; {promised} were promised; last seen {}",
            first.arn,
            Span::between(first.created, first.gone).spoken(),
            first.last_seen.format("%Y-%m-%d %H:%M UTC"),
        );
        let days = (date, date, 1);
        let sort = (DeviationClass::Operating, "early-deletion");
        let mut deviation = frame.deviation(sort, rule, thing, days, sentence);
        let day = frame.days.iter().find(|day| day.date == date);
        let exception = day.and_then(|day| frame.exception(&rule.id, &thing.subject.resource, day.last_moment()));
        deviation.exception = exception.map(|waiver| waiver.reference.id.clone());
        let last = frame.evidence.runs.iter().zip(&frame.ours).rev();
        let in_force = last.filter(|(_, ours)| **ours).find(|(run, _)| run.captured_at <= first.last_seen);
        deviation.policy_version = in_force.map(|(run, _)| run.policy.version.clone()).unwrap_or_default();
        found.rule(rule).early += 1;
        found.deviations.push(deviation);
    }
}
