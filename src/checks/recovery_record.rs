//! `recovery-record`: what was done when a system failed is written down, and people were told.

use super::restore_record::{Asked, records};
use super::{Answer, Args, Case, Check, CheckInfo, Group, Param, ParamError, ParamType, Unit};
use crate::model::activity::{Activity, ActivityKind};
use crate::model::kind::Kind;
use crate::model::span::Span;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "recovery-record",
    title: "restarts and recoveries are recorded with cause and actions, and people were told",
    docs: "\
## What it judges
Every record of the kind `recovery` in the backup logs: restarts, failovers, recoveries.

## Exact semantics
* Each record within `within` says when it began and ended, what had failed (`cause`), what was done
  (`actions`, at least one) and who did it. With `notified`, it names who was told, or a record of the kind
  `notification` is about it.
* Where no recovery is on record, nothing is demanded.

## What yields `unknown`
No log was read.
",
    remedy: "write it down: `lastgood log record --kind recovery --cause … --action … --notified … --started … --ended …`; \
             a record that lacks something is completed by a correction",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    params: &[
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
    ],
    reads: &["log:ReadRecords"],
    prepare,
};

struct RecoveryRecord {
    within: Span,
    notified: bool,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let within = args.span("within").unwrap_or(Span::days(366));
    if within <= Span::ZERO {
        return Err(ParamError::new("within", "nothing can be that recent", "write for example `366d`"));
    }
    Ok(Box::new(RecoveryRecord { within, notified: args.flag("notified") }))
}

impl Check for RecoveryRecord {
    fn judge(&self, case: &Case<'_>) -> Answer {
        Err(super::Unread::not_asked(&case.resource.arn, "this check judges the estate"))
    }

    fn unit(&self) -> Unit {
        Unit::Estate
    }

    fn judge_group(&self, group: &Group<'_>) -> Answer {
        let asked = Asked { kind: ActivityKind::Recovery, within: self.within, notified: self.notified, lacks };
        records(group.context, &asked)
    }

    fn lookback(&self) -> Span {
        self.within
    }
}

fn lacks(activity: &Activity) -> Option<&'static str> {
    let detail = activity.detail.as_deref();
    if activity.completed_at.is_none() {
        Some("when it ended")
    } else if activity.operator.is_none() {
        Some("who did it")
    } else if detail.is_none_or(|detail| detail.cause.is_none()) {
        Some("what had failed")
    } else if detail.is_none_or(|detail| detail.actions.is_empty()) {
        Some("what was done")
    } else {
        None
    }
}
