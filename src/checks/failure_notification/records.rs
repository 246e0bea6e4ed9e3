//! What the log says of each failed backup: that somebody was told.

use chrono::TimeDelta;

use crate::checks::{Answer, Case, Unread};
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::span::Span;

/// Judge a declared component by its records.
pub(super) fn judge(case: &Case<'_>, lookback: Span, within: Span) -> Answer {
    let (start, as_of) = (lookback.before(case.as_of()), case.as_of());
    let failures: Vec<&Activity> = case
        .activities()
        .iter()
        .copied()
        .filter(|activity| activity.kind == ActivityKind::Backup && activity.outcome.is_failure())
        .filter(|activity| activity.at() >= start && activity.at() <= as_of)
        .collect();
    // Whoever is to be told may still be told.
    let due = |failure: &&&Activity| as_of.signed_duration_since(failure.at()) >= within.delta();
    let notices = notices(case);
    let told = |failure: &Activity| {
        let named = failure.detail.as_ref().is_some_and(|detail| !detail.notified.is_empty());
        named
            || notices
                .iter()
                .any(|notice| notice.outcome == ActivityOutcome::Succeeded && is_about(case, notice, failure, within))
    };
    let untold: Vec<&Activity> = failures.iter().filter(due).copied().filter(|failure| !told(failure)).collect();
    if let Some(newest) = untold.last() {
        let broken = notices
            .iter()
            .find(|notice| notice.outcome != ActivityOutcome::Succeeded && is_about(case, notice, newest, within));
        let template = match broken {
            Some(_) => "the backup of {when} failed, and the notice of it failed too: {message}",
            None => "{untold:failed backup} without a record that somebody was told, the newest of {when}",
        };
        let message = broken.and_then(|notice| notice.message.clone()).unwrap_or_else(|| "no reason is given".into());
        let judgement = Judgement::fail(template)
            .with("untold", untold.len())
            .with("when", newest.at())
            .with("failures", failures.len());
        let judgement = if broken.is_some() { judgement.with("message", message) } else { judgement };
        return Ok(judgement.shown_by_all(untold.iter().map(|failure| Evidence::activity(failure)), 20));
    }
    need_log(case, start)?;
    Ok(match failures.len() {
        0 => Judgement::not_applicable("no backup of the last {lookback} failed").with("lookback", lookback),
        n if failures.iter().any(|failure| !due(&failure)) => {
            Judgement::pass("somebody was told of each of {failures:failed backup}, or may still be within {within}")
                .with("failures", n)
                .with("within", within)
        }
        n => Judgement::pass("somebody was told of each of {failures:failed backup}").with("failures", n),
    })
}

/// All notices of the log, whatever they are about.
fn notices<'a>(case: &Case<'a>) -> Vec<&'a Activity> {
    let all = case.context.estate.inventory.activities.iter();
    all.filter(|activity| activity.kind == ActivityKind::Notification).collect()
}

fn is_about(case: &Case<'_>, notice: &Activity, failure: &Activity, within: Span) -> bool {
    let detail = notice.detail.as_ref();
    if let Some(about) = detail.and_then(|detail| detail.about.as_ref()) {
        return *about == failure.id;
    }
    let late = notice.at().signed_duration_since(failure.started_at);
    let soon =
        late >= TimeDelta::zero() && late <= within.delta() + failure.at().signed_duration_since(failure.started_at);
    let same = notice.resource.as_deref() == Some(case.resource.arn.as_str());
    let application = detail.and_then(|detail| detail.application.as_ref());
    soon && (same || (notice.resource.is_none() && application.is_some() && application == case.application()))
}

/// Insist on a log that reaches back to the beginning.
fn need_log(case: &Case<'_>, start: crate::model::Instant) -> Result<(), Unread> {
    let read = case.context.need_log()?;
    match read.since.filter(|since| since.signed_duration_since(start) > TimeDelta::days(1)) {
        None => Ok(()),
        Some(since) => {
            let why = format!("the log reaches back to {} only", since.format("%Y-%m-%d"));
            Err(Unread::not_asked("log:ReadRecords", &why))
        }
    }
}
