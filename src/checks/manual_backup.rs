//! `manual-backup`: backups are also made by hand where that is demanded, and say how and by whom.

use std::collections::BTreeSet;

use super::{Answer, Args, Case, Check, CheckInfo, Context, Group, Param, ParamError, ParamType, Unit};
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Trigger};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::resource::Resource;
use crate::model::span::Span;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "manual-backup",
    title: "manual backups are made, and carry method and operator",
    docs: "\
## What it judges
Backups that were made by hand: log records that say so, and jobs of AWS Backup without a plan.

## Exact semantics
* At least one succeeded within `within`, of the application (`per = \"application\"`) or of anything in scope
  (`per = \"estate\"`).
* Each of them says who made it (`operator`; for jobs their role) and by which method (`method`; jobs of AWS
  Backup are the method `aws-backup`).
* Over all of them at least `methods` different methods are in use.

## What yields `unknown`
There is none, and no log was read or it does not reach back over the period; what set a backup off is not
on record.
",
    remedy: "run manual backups through `lastgood log run --trigger manual --method …`, or record them: \
             `lastgood log record --kind backup --method … --operator …`",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    remedy_in_code: None,
    params: &[
        Param {
            name: "within",
            ty: ParamType::Span,
            default: None,
            required: true,
            docs: "How long ago the last one may have been made.",
        },
        Param {
            name: "per",
            ty: ParamType::Choice(&["application", "estate"]),
            default: Some(r#""application""#),
            required: false,
            docs: "Whether each application needs one, or all together.",
        },
        Param {
            name: "methods",
            ty: ParamType::Count,
            default: Some("1"),
            required: false,
            docs: "How many different methods must be in use.",
        },
    ],
    reads: &["log:ReadRecords", "backup:ListBackupJobs"],
    prepare,
};

struct ManualBackup {
    within: Span,
    unit: Unit,
    methods: u64,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let within = args.span("within").unwrap_or(Span::ZERO);
    if within <= Span::ZERO {
        return Err(ParamError::new("within", "no backup can be that recent", "write for example `92d`"));
    }
    let estate = args.text("per").is_some_and(|per| *per == *"estate");
    let unit = if estate { Unit::Estate } else { Unit::Application };
    Ok(Box::new(ManualBackup { within, unit, methods: args.count("methods").unwrap_or(1) }))
}

impl Check for ManualBackup {
    fn judge(&self, case: &Case<'_>) -> Answer {
        self.members(&[case.resource], case.context)
    }

    fn unit(&self) -> Unit {
        self.unit
    }

    fn judge_group(&self, group: &Group<'_>) -> Answer {
        self.members(&group.members, group.context)
    }

    fn lookback(&self) -> Span {
        self.within
    }
}

fn method(activity: &Activity) -> Option<&str> {
    let said = activity.detail.as_ref().and_then(|detail| detail.method.as_deref());
    said.or_else(|| activity.source.starts_with("backup:").then_some("aws-backup"))
}

impl ManualBackup {
    fn members(&self, members: &[&Resource], context: &Context<'_>) -> Answer {
        let from = self.within.before(context.as_of);
        let backups =
            members.iter().flat_map(|member| context.estate.activities(&member.arn)).copied().filter(|activity| {
                activity.kind == ActivityKind::Backup
                    && activity.outcome == ActivityOutcome::Succeeded
                    && activity.at() >= from
                    && activity.at() <= context.as_of
            });
        let (mut manual, mut unsaid): (Vec<&Activity>, Vec<&Activity>) = (Vec::new(), Vec::new());
        for activity in backups {
            match activity.trigger() {
                Some(Trigger::Manual) => manual.push(activity),
                None => unsaid.push(activity),
                Some(Trigger::Scheduled) => {}
            }
        }
        let methods: BTreeSet<&str> = manual.iter().filter_map(|activity| method(activity)).collect();
        let facts = |judgement: Judgement| {
            let list = methods.iter().copied().collect::<Vec<_>>().join(", ");
            judgement
                .with("within", self.within)
                .with("manual", manual.len())
                .with("methods", methods.len())
                .with("method_list", list)
        };
        let lacking = manual.iter().find_map(|activity| match (&activity.operator, method(activity)) {
            (None, _) => Some((activity, "who made it")),
            (_, None) => Some((activity, "by which method")),
            _ => None,
        });
        if let Some((activity, lacks)) = lacking {
            return Ok(facts(Judgement::fail("the manual backup of {at} does not say {lacks}"))
                .with("at", activity.at())
                .with("lacks", lacks)
                .shown_by(Evidence::activity(activity)));
        }
        if let Some(last) = manual.iter().max_by_key(|activity| activity.at()) {
            let few = (methods.len() as u64) < self.methods;
            let judgement = if few {
                Judgement::fail("{methods:method} in use ({method_list}); {needed} are asked for")
                    .with("needed", self.methods)
            } else {
                Judgement::pass("{manual:manual backup} within {within}, the last on {last} ({method_list})")
            };
            let evidence = manual.iter().map(|activity| Evidence::activity(activity));
            return Ok(facts(judgement).with("last", last.at()).shown_by_all(evidence, 10));
        }
        if let Some(activity) = unsaid.last() {
            return Ok(facts(Judgement::unknown(
                "no backup is marked as manual, and what set {unsaid} off is not on record",
            ))
            .with("unsaid", unsaid.len())
            .shown_by(Evidence::activity(activity)));
        }
        let log = context.need_log()?;
        if log.since.is_none_or(|since| since > from) {
            let template = "no manual backup on record; the log reaches back to {log_since} only";
            return Ok(facts(Judgement::unknown(template)).with("log_since", log.since.unwrap_or(context.as_of)));
        }
        Ok(facts(Judgement::fail("no manual backup within {within}")))
    }
}
