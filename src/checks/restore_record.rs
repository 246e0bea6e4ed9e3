//! `restore-record`: every restore is written down with all that is asked for, and people were told.

use chrono::TimeDelta;

use super::{Answer, Args, Check, CheckInfo, Context, Group, Param, ParamError, ParamType, Unit};
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::log;
use crate::model::span::Span;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "restore-record",
    title: "restores are recorded with time, size, type, operator and problems, and people were told",
    docs: "\
## What it judges
Every record of the kind `restore` in the backup logs, and every restore job of AWS Backup that was no test.

## Exact semantics
* Each record within `within` says when it began and ended, how much was restored (`size`), what sort of data
  (`data_type`) and who did it; one that did not succeed says why. With `notified`, it names who was told, or a
  record of the kind `notification` is about it.
* A restore job of AWS Backup needs a record: one that names the same recovery point, or the same resource and
  begins within a day of it. Jobs of restore testing plans are tests and need none.
* Where no restore is on record, nothing is demanded.

## What yields `unknown`
No log was read.
",
    remedy: "write it down: `lastgood log record --kind restore --of … --size … --data-type … --notified …`; \
             a record that lacks something is completed by a correction",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    remedy_in_code: None,
    params: PARAMS,
    reads: &["log:ReadRecords", "backup:ListRestoreJobs"],
    prepare: |args| prepare(args, ActivityKind::Restore, lacks),
};

/// The parameters of the checks that judge records of a kind.
pub(super) const PARAMS: &[Param] = &[
    Param {
        name: "within",
        ty: ParamType::Span,
        default: Some(r#""366d""#),
        required: false,
        docs: "How far back it looks.",
    },
    Param {
        name: "notified",
        ty: ParamType::Flag,
        default: Some("true"),
        required: false,
        docs: "Whether somebody must have been told.",
    },
];

/// Make a check of all records of a kind ready.
pub(super) fn prepare(args: &Args, kind: ActivityKind, lacks: Lacks) -> Result<Box<dyn Check>, ParamError> {
    let within = args.span("within").unwrap_or(Span::days(366));
    if within <= Span::ZERO {
        return Err(ParamError::new("within", "nothing can be that recent", "write for example `366d`"));
    }
    Ok(Box::new(Records { kind, within, notified: args.flag("notified"), lacks }))
}

/// What a record does not say and should.
pub(super) type Lacks = fn(&Activity) -> Option<&'static str>;

/// What is asked of records of a kind.
struct Records {
    kind: ActivityKind,
    within: Span,
    notified: bool,
    lacks: Lacks,
}

impl Check for Records {
    fn unit(&self) -> Unit {
        Unit::Estate
    }

    fn judge_group(&self, group: &Group<'_>) -> Answer {
        records(group.context, self)
    }

    fn lookback(&self) -> Span {
        self.within
    }
}

fn lacks(activity: &Activity) -> Option<&'static str> {
    let detail = activity.detail.as_deref();
    if activity.completed_at.is_none() {
        Some("when it ended")
    } else if activity.size.is_none() {
        Some("how much was restored")
    } else if detail.is_none_or(|detail| detail.data_type.is_none()) {
        Some("what sort of data")
    } else if activity.operator.is_none() {
        Some("who did it")
    } else if activity.outcome.is_failure() && activity.message.is_none() && detail.is_none_or(|d| d.errors.is_empty())
    {
        Some("what went wrong")
    } else {
        None
    }
}

/// Judge all records of a kind. The first that lacks something is named, the others are counted.
fn records(context: &Context<'_>, asked: &Records) -> Answer {
    let log = context.need_log()?;
    let from = asked.within.before(context.as_of);
    let all = || {
        let activities = context.estate.inventory.activities.iter();
        activities.filter(move |activity| activity.started_at >= from && activity.started_at <= context.as_of)
    };
    let of_kind = || all().filter(|activity| activity.kind == asked.kind);
    let recorded: Vec<&Activity> = of_kind()
        .filter(|activity| activity.account == log::ACCOUNT && activity.outcome != ActivityOutcome::Running)
        .collect();
    let unrecorded = || {
        let jobs = of_kind().filter(|activity| activity.account != log::ACCOUNT && activity.created_by.is_none());
        jobs.filter(|job| !recorded.iter().any(|record| is_same(job, record)))
    };
    let told = |activity: &Activity| {
        let names = activity.detail.as_ref().is_some_and(|detail| !detail.notified.is_empty());
        names
            || all().any(|other| {
                other.kind == ActivityKind::Notification
                    && other.detail.as_ref().and_then(|detail| detail.about.as_ref()) == Some(&activity.id)
            })
    };
    let wrong = |activity: &&Activity| {
        (asked.lacks)(activity).or_else(|| (asked.notified && !told(activity)).then_some("who was told"))
    };
    let facts = |judgement: Judgement| {
        judgement.with("within", asked.within).with("records", recorded.len()).with_some("log_since", log.since)
    };
    if let Some(job) = unrecorded().next() {
        let template = "the {kind} of {at} has no record in the log; {unrecorded} of that sort";
        return Ok(facts(Judgement::fail(template))
            .with("kind", asked.kind.id())
            .with("at", job.started_at)
            .with("unrecorded", unrecorded().count())
            .shown_by_all(unrecorded().map(Evidence::activity), 10));
    }
    let incomplete: Vec<(&Activity, &str)> =
        recorded.iter().filter_map(|activity| Some((*activity, wrong(activity)?))).collect();
    if let Some((activity, lacks)) = incomplete.first() {
        let template =
            "the record of the {kind} of {at} does not say {lacks}; {incomplete} of {records:record} incomplete";
        return Ok(facts(Judgement::fail(template))
            .with("kind", asked.kind.id())
            .with("at", activity.started_at)
            .with("lacks", *lacks)
            .with("incomplete", incomplete.len())
            .shown_by_all(incomplete.iter().map(|(activity, _)| Evidence::activity(activity)), 10));
    }
    Ok(match recorded.iter().max_by_key(|activity| activity.started_at) {
        None => {
            facts(Judgement::not_applicable("no {kind} is on record within {within}")).with("kind", asked.kind.id())
        }
        Some(last) => facts(Judgement::pass("{records:record}, each complete; the last is of {last}"))
            .with("last", last.started_at)
            .shown_by_all(recorded.iter().map(|activity| Evidence::activity(activity)), 10),
    })
}

fn is_same(job: &Activity, record: &Activity) -> bool {
    let of = record.point.as_ref().or_else(|| record.detail.as_ref().and_then(|detail| detail.of.as_ref()));
    let same_point = job.point.is_some() && job.point.as_ref() == of;
    let near = job.started_at.signed_duration_since(record.started_at).abs() <= TimeDelta::days(1);
    same_point || (near && job.resource.is_some() && job.resource == record.resource)
}
