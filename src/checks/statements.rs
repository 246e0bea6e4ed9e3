//! The statements of people that are about a clause, for the checks that ask for one.

use super::{Context, Unread};
use crate::model::Instant;
use crate::model::attestation::{Attestation, AttestationKind, REGISTER};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::span::Span;

/// What a check asks of a statement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demand<'p> {
    /// The clause.
    pub(super) clause: &'p str,
    /// What sort of statement.
    pub(super) kind: AttestationKind,
    /// How long ago the day may be of which it speaks.
    pub(super) within: Span,
    /// From when on writing it down is late.
    pub(super) late_after: Span,
}

/// The statement that counts, or the failure that there is none.
pub(super) enum Found<'a> {
    /// It holds today.
    Valid(&'a Attestation),
    /// None does, and why.
    None(Judgement),
}

/// The latest statement on the clause that nobody took back.
///
/// # Errors
/// [`Unread`] when no register was read.
pub(super) fn latest<'a>(context: &Context<'a>, demand: Demand<'_>) -> Result<Found<'a>, Unread> {
    context.need_declared(REGISTER, "no attestation register was read; give it with `--attestations FILE`")?;
    let known = || context.estate.inventory.attestations.iter().filter(|made| made.recorded_at <= context.as_of);
    let withdrawn = |id: &str| known().any(|other| other.withdraws.as_deref() == Some(id));
    let about = known().filter(|made| {
        made.clause == *demand.clause
            && made.kind == demand.kind
            && made.application.is_none()
            && made.withdraws.is_none()
            && !withdrawn(&made.id)
    });
    let Some(latest) = about.max_by_key(|made| (made.on, made.recorded_at)) else {
        let template = match demand.kind {
            AttestationKind::Review => "no review for clause {clause} is on record",
            AttestationKind::Procedure => "no procedure for clause {clause} is on record",
            AttestationKind::Statement => "no statement on clause {clause} is on record",
        };
        return Ok(Found::None(Judgement::fail(template).with("clause", demand.clause)));
    };
    let today = context.as_of.with_timezone(&context.zone).date_naive();
    let on = midnight(latest.on);
    let oldest = demand.within.before(context.as_of);
    let failure = if latest.valid_until < today {
        Some("the last statement, of {on}, was valid until {valid_until}")
    } else if on < oldest && midnight_after(latest.on) <= oldest {
        Some("the last statement is of {on}; the limit is {within}")
    } else {
        None
    };
    Ok(match failure {
        Some(template) => Found::None(describe(Judgement::fail(template), latest, demand)),
        None => Found::Valid(latest),
    })
}

/// The facts of a statement.
pub(super) fn describe(judgement: Judgement, made: &Attestation, demand: Demand<'_>) -> Judgement {
    let files = made.evidence.iter().map(|file| Evidence::new("evidence-file", file.path.clone(), None));
    judgement
        .with("clause", demand.clause)
        .with("by", &made.by)
        .with_some("performed_by", made.performed_by.as_ref())
        .with("on", made.on.to_string())
        .with("valid_until", made.valid_until.to_string())
        .with("within", demand.within)
        .with_some("late", late(made, demand))
        .shown_by(Evidence::new("attestation", made.id.clone(), Some(made.recorded_at)))
        .shown_by_all(files, 5)
}

/// How long after its day it was written down, where that is late.
pub(super) fn late(made: &Attestation, demand: Demand<'_>) -> Option<Span> {
    let after = Span::between(midnight(made.on), made.recorded_at);
    (after > demand.late_after).then_some(after)
}

/// What is wrong with its evidence: a failure where a file was changed since it was recorded, unknown where it
/// was not there to be compared.
pub(super) fn evidence_problem(made: &Attestation) -> Option<Judgement> {
    let changed = made.evidence.iter().find(|file| file.sha256_now.as_ref().is_some_and(|now| *now != file.sha256));
    let gone = || made.evidence.iter().find(|file| file.sha256_now.is_none());
    let changed = changed.map(|file| (Judgement::fail("{file} was changed since it was recorded on {on}"), file));
    let template = "{file} was not there to be compared with what was recorded on {on}";
    let problem = changed.or_else(|| gone().map(|file| (Judgement::unknown(template), file)));
    problem.map(|(judgement, file)| judgement.with("file", &file.path))
}

fn midnight(day: chrono::NaiveDate) -> Instant {
    day.and_time(chrono::NaiveTime::MIN).and_utc()
}

fn midnight_after(day: chrono::NaiveDate) -> Instant {
    midnight(day.succ_opt().unwrap_or(day))
}
