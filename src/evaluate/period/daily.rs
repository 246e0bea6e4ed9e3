//! Rules of the check `cadence`, day by day: was a good copy made, and did anybody look?

use chrono::TimeDelta;

use super::frame::{Day, Frame, Looks, in_time};
use super::{Found, OfThing};
use crate::checks::cadence;
use crate::model::Instant;
use crate::model::assessment::RuleInfo;
use crate::model::outcome::Outcome;
use crate::model::period::{AttemptOutcome, DayRemark, DayState, DeviationClass, MatrixRow, Thing};
use crate::model::span::Span;
use crate::model::text::Text;

/// One day as it was judged.
struct Cell<'a> {
    state: DayState,
    /// Missed or with issues, where an exception hides it.
    raw: DayState,
    exception: Option<&'a Text>,
    remark: Option<String>,
    /// The version and the digest of the policy that was in force.
    policy: Option<(&'a Text, &'a Text)>,
}

/// One resource under one rule.
struct Row<'f, 'a> {
    frame: &'f Frame<'a>,
    of_thing: OfThing<'f, 'a>,
    rule: &'a RuleInfo,
    thing: &'a Thing,
    number: u32,
    looks: &'f Looks,
    /// The longest time that one of its copies spans: single points span none, continuous backup may span weeks.
    longest: TimeDelta,
    by_run: &'f [Option<usize>],
}

pub(super) fn judge(frame: &Frame<'_>, of_thing: OfThing<'_, '_>, found: &mut Found) {
    let Some(first) = of_thing.first() else { return };
    let (Some(rule), Some(thing)) = (frame.rule(first), frame.thing(first)) else { return };
    let looks = frame.looks(thing);
    let mut by_run = Vec::new();
    frame.by_run(of_thing, &mut by_run);
    let longest = frame.copies(first.thing).iter().map(|copy| copy.to - copy.from).max().unwrap_or_default();
    let row = Row { frame, of_thing, rule, thing, number: first.thing, looks: &looks, longest, by_run: &by_run };
    let cells: Vec<Cell<'_>> = frame.days.iter().enumerate().map(|(at, day)| row.cell(at, day)).collect();
    if cells.iter().all(|cell| cell.state == DayState::NotInScope) {
        return;
    }
    let mut remarks = Vec::new();
    for (at, (cell, day)) in cells.iter().zip(&frame.days).enumerate() {
        found.rule(rule).totals.add(cell.state);
        if cell.state == DayState::NoEvidence {
            *found.no_evidence.entry(at).or_default() += 1;
        }
        if let Some((_, sha256)) = cell.policy {
            found.by_policy.entry(sha256.clone()).or_default().add(cell.state);
        }
        let text = cell.remark.iter().map(|text| DayRemark { day: day.name(), text: text.as_str().into() });
        remarks.extend(text);
    }
    found.rule(rule).things += 1;
    row.deviations(&cells, found);
    let subject = &thing.subject;
    found.matrix.push(MatrixRow {
        rule: rule.id.clone(),
        resource: subject.resource.clone(),
        name: subject.name.clone(),
        kind: subject.kind,
        account: subject.account.clone(),
        region: subject.region.clone(),
        days: cells.iter().map(|cell| cell.state.letter()).collect::<String>().into(),
        remarks,
    });
}

impl<'a> Row<'_, 'a> {
    fn cell(&self, at: usize, day: &Day) -> Cell<'a> {
        let plain = |state| Cell { state, raw: state, exception: None, remark: None, policy: None };
        let created = self.thing.created;
        if created.is_some_and(|created| created >= day.end) {
            return plain(DayState::NotInScope);
        }
        if day.end > self.frame.as_of {
            return plain(if self.was_in_scope(day) { DayState::Open } else { DayState::NotInScope });
        }
        let closing = self.looks.closing.get(at).copied().flatten();
        let runs = closing.map(|(first, last)| self.looks.whole.get(first..=last).unwrap_or_default());
        let Some((runs, closed_by)) = runs.and_then(|runs| Some((runs, *runs.first()?))) else {
            let state = if self.was_in_scope(day) { DayState::NoEvidence } else { DayState::NotInScope };
            let in_force = self.policy_before(day.end);
            let remark = (state == DayState::NoEvidence).then(|| self.seen_otherwise(day)).flatten();
            return Cell { remark, policy: in_force, ..plain(state) };
        };
        let verdict = self.verdict(closed_by).filter(|verdict| verdict.raw != Outcome::NotApplicable);
        let Some(rule) = verdict.and_then(|verdict| self.frame.rule(verdict)) else {
            return plain(DayState::NotInScope);
        };
        let run = self.frame.run(closed_by);
        let policy = run.map(|run| (&run.policy.version, &run.policy.sha256));
        let (state, remark) = self.state(day, rule, runs);
        let mut cell = Cell { remark, policy, ..plain(state) };
        if matches!(state, DayState::Missed | DayState::Issues)
            && let Some(waiver) = self.frame.exception(&self.rule.id, &self.thing.subject.resource, day.last_moment())
        {
            cell.state = DayState::Excepted;
            cell.exception = Some(&waiver.reference.id);
            let was = format!("{} (raw), under the approved exception {}", state.id(), waiver.reference.id);
            cell.remark = Some(was);
        }
        cell
    }

    /// Somebody looked in time, and the resource was in scope.
    fn state(&self, day: &Day, rule: &RuleInfo, runs: &[u32]) -> (DayState, Option<String>) {
        let every = rule.span("every").unwrap_or(Span::days(1));
        let limit = every.plus(rule.span("grace").unwrap_or_default());
        let latest = in_time(day).min(self.frame.as_of);
        let known_by = |first: u32| self.frame.run(first).is_some_and(|run| run.captured_at <= latest);
        let copies = || self.frame.copies(self.number).iter().filter(|copy| known_by(copy.first));
        let attempts = self.frame.attempts(self.number).iter();
        let of_day =
            || attempts.clone().filter(|tried| tried.at >= day.start && tried.at < day.end && known_by(tried.first));
        // Copies are in the order of their beginnings: what began too early to reach this day is passed over at once.
        let all = self.frame.copies(self.number);
        let earliest = day.start.checked_sub_signed(self.longest).unwrap_or(Instant::MIN_UTC);
        let near = all.partition_point(|copy| copy.from < earliest);
        let near = all.get(near..).unwrap_or_default().iter().take_while(|copy| copy.from < day.end);
        let made = near.filter(|copy| known_by(copy.first)).find(|copy| copy.to >= day.start);
        let created = self.thing.created;
        let pairs = || copies().map(|copy| (copy.from, copy.to));
        let met = if every == Span::days(1) {
            made.is_some()
        } else {
            !cadence::exceeds(pairs(), (day.start, day.end), created, limit)
        };
        if met {
            let failed_before = |copy: Instant| of_day().any(|tried| tried.at <= copy);
            let retried = made.is_some_and(|copy| copy.from == copy.to && failed_before(copy.from));
            return (if retried { DayState::Retried } else { DayState::Ok }, None);
        }
        let due = created.and_then(|created| created.checked_add_signed(limit.delta()));
        if let Some(due) = due.filter(|due| *due > day.end) {
            let text =
                format!("created on this day or lately: the first copy is due by {}", due.format("%Y-%m-%d %H:%M UTC"));
            return (DayState::NotInScope, Some(text));
        }
        // A daily copy may come within the grace of the rule, after midnight.
        let next = copies().find(|copy| copy.from >= day.end);
        let before = copies().any(|copy| copy.to < day.start);
        if let Some(next) = next.filter(|_| before && every == Span::days(1))
            && !cadence::exceeds(pairs(), (day.start, next.from), created, limit)
        {
            let at = next.from.format("%Y-%m-%d %H:%M UTC");
            return (
                DayState::Ok,
                Some(format!("no copy within the day; the one at {at} came within {limit} of the last")),
            );
        }
        let issues = of_day().any(|tried| tried.outcome == AttemptOutcome::Issues);
        let failed = of_day().count();
        let looked = runs.last().and_then(|run| self.frame.run(*run)).map(|run| run.captured_at);
        let at = looked.map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default();
        if issues {
            return (DayState::Issues, None);
        }
        let text = (failed > 0).then(|| format!("{failed} failed; looked at until {at}"));
        (DayState::Missed, text)
    }

    fn verdict(&self, run: u32) -> Option<&'a crate::model::period::VerdictSeen> {
        let place = self.by_run.get(run as usize).copied().flatten()?;
        self.of_thing.get(place).copied()
    }

    fn in_scope(&self, run: u32) -> bool {
        self.verdict(run).is_some_and(|verdict| verdict.raw != Outcome::NotApplicable)
    }

    /// Whether it was in scope as far as the looks before and after the day tell. It stays in scope until a look shows
    /// that it is gone; before the first look it was there if it was created before.
    fn was_in_scope(&self, day: &Day) -> bool {
        let before =
            self.looks.whole.partition_point(|run| self.frame.run(*run).is_some_and(|run| run.captured_at < day.end));
        let last = before.checked_sub(1).and_then(|at| self.looks.whole.get(at));
        if let Some(last) = last {
            if self.in_scope(*last) {
                return true;
            }
            let next = self.looks.whole.get(before).is_some_and(|run| self.in_scope(*run));
            return next && self.thing.created.is_some_and(|created| created < day.end);
        }
        self.looks.whole.get(before).is_none_or(|run| self.in_scope(*run))
    }

    /// The policy by which the last run before an instant judged.
    fn policy_before(&self, at: Instant) -> Option<(&'a Text, &'a Text)> {
        let runs = || self.frame.evidence.runs.iter().zip(&self.frame.ours).filter(|(_, ours)| **ours);
        let last = runs().rev().find(|(run, _)| run.captured_at < at).or_else(|| runs().next());
        last.map(|(run, _)| (&run.policy.version, &run.policy.sha256))
    }

    /// A copy of a day for which nobody looked in time: it is named, and does not count.
    fn seen_otherwise(&self, day: &Day) -> Option<String> {
        let copies = self.frame.copies(self.number);
        let copy = copies.iter().find(|copy| copy.to >= day.start && copy.from < day.end)?;
        let run = self.frame.run(copy.first).filter(|run| run.captured_at <= self.frame.as_of)?;
        Some(format!(
            "a copy of {} was seen by the run of {}; no run read every list between the end of the day and 24 hours \
             later, so it does not count",
            copy.from.max(day.start).format("%Y-%m-%d %H:%M UTC"),
            run.captured_at.format("%Y-%m-%d %H:%M UTC")
        ))
    }

    /// Days that follow on each other in the same state are one deviation.
    fn deviations(&self, cells: &[Cell<'a>], found: &mut Found) {
        let bad = |cell: &Cell<'_>| matches!(cell.raw, DayState::Missed | DayState::Issues);
        let mut at = 0;
        while let Some(cell) = cells.get(at) {
            if !bad(cell) {
                at += 1;
                continue;
            }
            let rest = cells.get(at..).unwrap_or_default();
            let length = rest
                .iter()
                .take_while(|next| next.raw == cell.raw && bad(next) && next.exception == cell.exception)
                .count();
            let (Some(first), Some(last)) = (self.frame.days.get(at), self.frame.days.get(at + length - 1)) else {
                return;
            };
            let when = if length == 1 {
                format!("on {}", first.date)
            } else {
                format!("on {length} days from {} to {}", first.date, last.date)
            };
            let (sort, sentence) = if cell.raw == DayState::Issues {
                ("issues", format!("the backup completed with issues only, {when}"))
            } else {
                ("missed", format!("no good copy {when}"))
            };
            let said = cell.remark.as_ref().filter(|_| cell.exception.is_none() && length == 1);
            let sentence = said.map_or_else(|| sentence.clone(), |said| format!("{sentence}: {said}"));
            let days = (first.date, last.date, length as u64);
            let mut deviation =
                self.frame.deviation((DeviationClass::Operating, sort), self.rule, self.thing, days, sentence);
            let after = cells.get(at + length..).unwrap_or_default();
            deviation.remediated = after.iter().any(|cell| matches!(cell.state, DayState::Ok | DayState::Retried));
            deviation.exception = cell.exception.cloned();
            deviation.policy_version = cell.policy.map(|(version, _)| version.clone()).unwrap_or_default();
            found.deviations.push(deviation);
            at += length;
        }
    }
}
