//! `log-complete`: the backup log is unbroken, reaches back, and its records say what is asked for.

use super::{Answer, Args, Check, CheckInfo, Context, Group, Param, ParamError, ParamType, Unit};
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Trigger};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::log;
use crate::model::span::Span;
use crate::model::text::Text;

const KINDS: &[&str] =
    &["backup", "copy", "restore", "restore-test", "verification", "prune", "recovery", "notification", "review"];

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "log-complete",
    title: "the log is unbroken, reaches back over the period, and its records are complete",
    docs: "\
## What it judges
The backup logs as a whole, and each record of the kinds `kinds` within `lookback`.

## Exact semantics
* No log has a broken chain, a gap in its numbers, a record that differs from an anchor, or an end before one. A line
  torn by a writer that died is an event on record and breaks nothing.
* The logs reach back over `lookback`.
* Each record of `kinds` (and of `trigger`, where given) says when it ended (not before it began) and how, and what it was about: an
  ARN or a component that the register knows (`logged_as` says of which component records are that do not name one); a backup, restore or test that
  succeeded says its size; what was done by hand, and every restore, says by whom; a failure says what went wrong.
* A record that names a time zone among what is missing has no time that could be relied on, and fails.
* `reconcile`: every backup that AWS Backup made without a plan has a record: one that names its recovery point, or the
  same resource within a day.

## What yields `unknown`
No log was read, or a part of one could not be; the logs do not reach back over the period.
",
    remedy: "write every backup, restore and test through `lastgood log run` or `record`; keep old files of a rotated log; \
             `lastgood log verify` names what is broken",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    remedy_in_code: None,
    params: &[
        Param {
            name: "kinds",
            ty: ParamType::Choices(KINDS),
            default: Some(r#"["backup"]"#),
            required: false,
            docs: "The sorts of records that must be complete.",
        },
        Param {
            name: "trigger",
            ty: ParamType::Choice(&["any", "manual", "scheduled"]),
            default: Some(r#""any""#),
            required: false,
            docs: "Only what was set off in this way.",
        },
        Param {
            name: "lookback",
            ty: ParamType::Span,
            default: Some(r#""35d""#),
            required: false,
            docs: "How far back the logs must reach.",
        },
        Param {
            name: "reconcile",
            ty: ParamType::Flag,
            default: Some("true"),
            required: false,
            docs: "Whether on-demand backups of AWS Backup must have a record.",
        },
    ],
    reads: &["log:ReadRecords", "backup:ListBackupJobs"],
    prepare,
};

struct LogComplete {
    kinds: Vec<Text>,
    trigger: Option<Trigger>,
    lookback: Span,
    reconcile: bool,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let lookback = args.span("lookback").unwrap_or(Span::days(35));
    if lookback <= Span::ZERO {
        return Err(ParamError::new("lookback", "it would look at nothing", "write for example `35d`"));
    }
    if args.texts("kinds").is_empty() {
        return Err(ParamError::new("kinds", "it would look at no record", "write for example `[\"backup\"]`"));
    }
    let trigger = match args.text("trigger").map(Text::as_str) {
        Some("manual") => Some(Trigger::Manual),
        Some("scheduled") => Some(Trigger::Scheduled),
        _ => None,
    };
    Ok(Box::new(LogComplete {
        kinds: args.texts("kinds").to_vec(),
        trigger,
        lookback,
        reconcile: args.flag("reconcile"),
    }))
}

impl Check for LogComplete {
    fn unit(&self) -> Unit {
        Unit::Estate
    }

    fn judge_group(&self, group: &Group<'_>) -> Answer {
        let context = group.context;
        if let Some(judgement) = broken(context) {
            return Ok(judgement);
        }
        let log = context.need_log()?;
        let from = self.lookback.before(context.as_of);
        let records: Vec<&Activity> =
            self.records(context, from).filter(|activity| activity.account == log::ACCOUNT).collect();
        let anchored = context.estate.inventory.logs.iter().filter_map(|stream| stream.anchored_since).max();
        let facts = |judgement: Judgement| {
            judgement
                .with("records", records.len())
                .with("lookback", self.lookback)
                .with_some("log_since", log.since)
                .with_some("anchored_since", anchored)
        };
        let incomplete: Vec<(&Activity, &str)> =
            records.iter().filter_map(|activity| Some((*activity, lacks(activity, context)?))).collect();
        if let Some((activity, lacks)) = incomplete.first() {
            let template =
                "the record of the {kind} of {at} does not say {lacks}; {incomplete} of {records:record} incomplete";
            return Ok(facts(Judgement::fail(template))
                .with("kind", activity.kind.id())
                .with("at", activity.started_at)
                .with("lacks", *lacks)
                .with("incomplete", incomplete.len())
                .shown_by_all(incomplete.iter().map(|(activity, _)| Evidence::activity(activity)), 10));
        }
        let jobs = self.unrecorded(context, from, &records);
        if let Some(job) = jobs.first() {
            let template = "the on-demand backup of {at} has no record in the log; {unrecorded} of that sort";
            return Ok(facts(Judgement::fail(template))
                .with("at", job.started_at)
                .with("unrecorded", jobs.len())
                .shown_by_all(jobs.iter().map(|job| Evidence::activity(job)), 10));
        }
        if log.since.is_none_or(|since| since > from) {
            let template = "the logs begin on {log_since}, and {lookback} are asked for";
            return Ok(facts(Judgement::unknown(template)));
        }
        if records.is_empty() {
            return Ok(facts(Judgement::not_applicable("no such record within {lookback}; the logs are unbroken")));
        }
        Ok(facts(Judgement::pass("{records:record} within {lookback}, each complete, in unbroken logs")))
    }

    fn lookback(&self) -> Span {
        self.lookback
    }
}

/// A log that was tampered with, or is shorter than it was.
fn broken(context: &Context<'_>) -> Option<Judgement> {
    let harmless = |code: &str| matches!(code, "torn-line" | "not-understood" | "correction");
    let problems = || {
        let streams = context.estate.inventory.logs.iter();
        streams
            .flat_map(|stream| stream.problems.iter().map(move |problem| (stream, problem)))
            .filter(|(_, p)| !harmless(&p.code))
    };
    let (stream, problem) = problems().next()?;
    let place = format!("{}:{}", problem.file, problem.line);
    Some(
        Judgement::fail("{place}: {problem}; {problems:problem} in the logs")
            .with("place", place)
            .with("problem", &problem.message)
            .with("code", &problem.code)
            .with("problems", problems().count())
            .shown_by(Evidence::new("log", stream.id.clone(), stream.last_at)),
    )
}

fn lacks(activity: &Activity, context: &Context<'_>) -> Option<&'static str> {
    let detail = activity.detail.as_deref();
    let good = activity.outcome == ActivityOutcome::Succeeded;
    let by_hand = activity.trigger() == Some(Trigger::Manual)
        || matches!(activity.kind, ActivityKind::Restore | ActivityKind::RestoreTest);
    let sized = matches!(activity.kind, ActivityKind::Backup | ActivityKind::Restore | ActivityKind::RestoreTest);
    let without = |name: &str| detail.is_some_and(|detail| detail.missing.iter().any(|missing| *missing == *name));
    if activity.outcome == ActivityOutcome::Running {
        None
    } else if without("timezone") {
        Some("in which time zone its times are")
    } else if activity.completed_at.is_none_or(|ended| ended < activity.started_at) {
        Some("when it ended")
    } else if !names_something(activity, context) {
        Some("what it was about, in a name that is known")
    } else if good && sized && activity.size.is_none() {
        Some("its size")
    } else if by_hand && activity.operator.is_none() {
        Some("who did it")
    } else if !good && activity.message.is_none() && detail.is_none_or(|d| d.errors.is_empty() && d.warnings.is_empty())
    {
        Some("what went wrong")
    } else {
        None
    }
}

/// Whether a record names what it was about, by its ARN or as the register knows it; reviews and notices may be about
/// no single thing.
fn names_something(activity: &Activity, context: &Context<'_>) -> bool {
    match activity.resource.as_deref() {
        Some(name) if name.starts_with("arn:") => true,
        Some(name) if name.starts_with("component:") => context.estate.resource(name).is_some(),
        _ => matches!(activity.kind, ActivityKind::Notification | ActivityKind::Review),
    }
}

impl LogComplete {
    fn records<'a>(&self, context: &Context<'a>, from: Instant) -> impl Iterator<Item = &'a Activity> {
        let as_of = context.as_of;
        context.estate.inventory.activities.iter().filter(move |activity| {
            activity.started_at >= from
                && activity.started_at <= as_of
                && self.kinds.iter().any(|kind| *kind == *activity.kind.id())
                && self.trigger.is_none_or(|trigger| activity.trigger() == Some(trigger))
        })
    }

    /// On-demand backups of AWS Backup without a record.
    fn unrecorded<'a>(&self, context: &Context<'a>, from: Instant, records: &[&Activity]) -> Vec<&'a Activity> {
        if !self.reconcile {
            return Vec::new();
        }
        let is_on_demand = |activity: &&Activity| {
            activity.source == *"backup:ListBackupJobs"
                && activity.created_by.is_none()
                && activity.outcome == ActivityOutcome::Succeeded
        };
        let has_record = |job: &Activity| {
            records.iter().any(|record| {
                let near = job.started_at.signed_duration_since(record.started_at).abs() <= chrono::TimeDelta::days(1);
                (job.point.is_some() && job.point == record.point)
                    || (near && job.resource.is_some() && job.resource == record.resource)
            })
        };
        self.records(context, from).filter(is_on_demand).filter(|job| !has_record(job)).collect()
    }
}
