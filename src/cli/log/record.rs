//! `lastgood log record`: something that happened, written down by a person or a script.

use crate::cli::args::RecordEventArgs;
use crate::cli::{Exit, Failure, Outcome, remark};
use crate::model::activity::{Activity, ActivityKind, Artefact, Bytes, Trigger, Validation};
use crate::model::log::{self, RecordType};
use crate::model::text::Text;
use crate::sources::logs::append::Entry;
use crate::sources::logs::uuid::uuid;

pub(super) fn run(args: &RecordEventArgs) -> Outcome {
    let now = super::now();
    let started_at = args.started.unwrap_or(now);
    let kind: ActivityKind = args.kind.into();
    if let Some(ended) = args.ended.filter(|ended| *ended < started_at) {
        return Err(Failure::usage(format!("`--ended {ended}` lies before `--started {started_at}`")));
    }
    if started_at > now {
        return Err(Failure::usage(format!("`--started {started_at}` lies in the future"))
            .help("record what happened; a plan is no evidence"));
    }
    let mut activity =
        Activity::new(uuid().map_err(Failure::new)?, kind, log::SOURCE, args.outcome.outcome(), started_at);
    super::describe(&mut activity, &args.activity);
    activity.completed_at = args.ended;
    activity.size = args.size;
    activity.message = args.error.first().map(|error| Text::from(error.as_str()));
    activity.validation = args.validation.map(|validation| match validation {
        crate::cli::args::ValidationArg::Successful => Validation::Successful,
        crate::cli::args::ValidationArg::Failed => Validation::Failed,
    });
    let texts = |values: &[String]| values.iter().map(|value| Text::from(value.as_str())).collect::<Vec<_>>();
    let evidence = super::evidence_files(&args.evidence, false)?;
    let detail = activity.detail_mut();
    detail.host = Some(Text::from(super::host()));
    detail.cause = args.cause.as_deref().map(Text::from);
    detail.actions = texts(&args.action);
    detail.notified = texts(&args.notified);
    detail.about = args.about.as_deref().map(Text::from);
    detail.reviewer = args.reviewer.as_deref().map(Text::from);
    detail.errors = texts(&args.error);
    detail.evidence = evidence;
    detail.bytes = args.size.map(|size| Bytes { source: Some(size), ..Bytes::default() });
    detail.artefacts =
        args.artefact.iter().map(|uri| Artefact { uri: Text::from(uri.as_str()), ..Artefact::default() }).collect();
    // What a person records happened by hand, unless it says otherwise.
    let manual = detail.trigger.is_none_or(|trigger| trigger == Trigger::Manual);
    detail.trigger = detail.trigger.or(Some(Trigger::Manual));
    if manual && activity.operator.is_none() {
        activity.operator = super::user().map(Text::from);
    }
    let (id, missing) = (activity.id.clone(), missing(&activity));
    let records = super::write(&args.activity.log, vec![Entry::activity(RecordType::Recorded, activity)])?;
    let seq = records.last().map(|record| record.seq).unwrap_or_default();
    remark(format!("recorded {} {id} as number {seq} of {}", kind.id(), args.activity.log.display()));
    if !missing.is_empty() {
        remark(format!("note: the policy may ask for {}, which was not given", missing.join(", ")));
    }
    Ok(Exit::Fine)
}

/// What the written policy demands of such a record (clauses 3.5, 6.3, 9.5, 10.7) and this one does not say.
fn missing(activity: &Activity) -> Vec<&'static str> {
    let detail = activity.detail.as_deref();
    let has = |value: bool, flag: &'static str| (!value).then_some(flag);
    let some = |get: fn(&crate::model::activity::Detail) -> bool| detail.is_some_and(get);
    let mut missing = vec![has(activity.resource.is_some() || some(|d| d.application.is_some()), "--resource")];
    match activity.kind {
        ActivityKind::Backup => missing.extend([
            has(activity.size.is_some(), "--size"),
            has(some(|d| d.method.is_some()), "--method"),
            has(some(|d| !d.artefacts.is_empty()), "--artefact"),
        ]),
        ActivityKind::Restore => missing.extend([
            has(activity.size.is_some(), "--size"),
            has(some(|d| d.data_type.is_some()), "--data-type"),
            has(some(|d| !d.notified.is_empty()), "--notified"),
        ]),
        ActivityKind::RestoreTest => missing.extend([
            has(some(|d| d.of.is_some()), "--of"),
            has(some(|d| d.depth.is_some()), "--depth"),
            has(activity.validation.is_some(), "--validation"),
            has(some(|d| d.environment.is_some()), "--environment"),
            has(some(|d| d.team.is_some()), "--team"),
        ]),
        ActivityKind::Verification => {
            missing.extend([has(some(|d| d.of.is_some()), "--of"), has(some(|d| d.depth.is_some()), "--depth")]);
        }
        ActivityKind::Recovery => missing.extend([
            has(some(|d| d.cause.is_some()), "--cause"),
            has(some(|d| !d.actions.is_empty()), "--action"),
            has(some(|d| !d.notified.is_empty()), "--notified"),
        ]),
        ActivityKind::Notification => missing.push(has(some(|d| !d.notified.is_empty()), "--notified")),
        ActivityKind::Copy | ActivityKind::Prune | ActivityKind::Review => {}
    }
    missing.into_iter().flatten().collect()
}
