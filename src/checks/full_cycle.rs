//! `full-cycle`: within each cycle every component of an application was backed up in full.

use super::{Answer, Args, Case, Check, CheckInfo, Context, Group, Param, ParamError, ParamType, Unit};
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::log;
use crate::model::recovery_point::PointStatus;
use crate::model::resource::Resource;
use crate::model::span::Span;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "full-cycle",
    title: "every component of an application completed a full backup within the cycle",
    docs: "\
## What it judges
Each application: the newest full backup of each member.

## Exact semantics
* A recovery point of AWS restores the whole resource by itself, however it is stored, and counts as full by the
  instant of its data; a continuous one by the latest instant to which it restores.
* A backup of the log counts by its start if it succeeded and its `level` is `full`, or it says no level: a tool
  that has levels names them.
* Every member needs one that is younger than `within` and `grace` together. A member that is itself younger is not
  waited for.

## What yields `unknown`
A member without one whose recovery points, or the logs, were not read to their end; resources of no application.
",
    remedy: "take a full backup of the components that are named, and find out why the cycle missed them",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    remedy_in_code: None,
    params: &[
        Param {
            name: "within",
            ty: ParamType::Span,
            default: Some(r#""7d""#),
            required: false,
            docs: "The length of the cycle.",
        },
        Param {
            name: "grace",
            ty: ParamType::Span,
            default: Some(r#""8h""#),
            required: false,
            docs: "How much later a backup may be.",
        },
    ],
    reads: &["ec2:DescribeSnapshots", "backup:ListRecoveryPointsByBackupVault", "log:ReadRecords"],
    prepare,
};

struct FullCycle {
    within: Span,
    grace: Span,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let within = args.span("within").unwrap_or(Span::days(7));
    if within <= Span::ZERO {
        return Err(ParamError::new("within", "a cycle has a length", "write for example `7d`"));
    }
    Ok(Box::new(FullCycle { within, grace: args.span("grace").unwrap_or(Span::ZERO) }))
}

impl Check for FullCycle {
    fn judge(&self, case: &Case<'_>) -> Answer {
        self.members(&[case.resource], case.context)
    }

    fn unit(&self) -> Unit {
        Unit::Application
    }

    fn judge_group(&self, group: &Group<'_>) -> Answer {
        if let Some(judgement) = group.unassigned() {
            return Ok(judgement);
        }
        self.members(&group.members, group.context)
    }

    fn lookback(&self) -> Span {
        self.within
    }
}

impl FullCycle {
    fn members<'a>(&self, members: &[&'a Resource], context: &'a Context<'a>) -> Answer {
        let from = self.within.plus(self.grace).before(context.as_of);
        let is_young = |member: &Resource| member.created_at.known().is_some_and(|created| *created > from);
        let full: Vec<(&Resource, Option<Instant>)> = members
            .iter()
            .filter(|member| !is_young(member))
            .map(|member| (*member, newest(member, context)))
            .collect();
        let facts = |judgement: Judgement| judgement.with("within", self.within).with("members", full.len());
        let missing: Vec<&Resource> = full
            .iter()
            .filter(|(_, newest)| newest.is_none_or(|newest| newest < from))
            .map(|(member, _)| *member)
            .collect();
        let Some(first) = missing.first() else {
            let Some(oldest) = full.iter().filter_map(|(_, newest)| *newest).min() else {
                return Ok(facts(Judgement::not_applicable("nothing here is older than {within}")));
            };
            let template = "{members:component} backed up in full; the least recent on {oldest}";
            return Ok(facts(Judgement::pass(template)).with("oldest", oldest));
        };
        // A full backup that nobody listed may exist.
        for member in &missing {
            if member.account == log::ACCOUNT {
                context.need_log()?;
            } else {
                Case::new(member, context).need_all_points()?;
            }
        }
        let names: Vec<&str> = missing.iter().take(5).map(|member| member.display_name()).collect();
        let last = full.iter().find(|(member, _)| member.arn == first.arn).and_then(|(_, newest)| *newest);
        let template = "no full backup within {within} of {missing} of {members:component}: {names}";
        Ok(facts(Judgement::fail(template))
            .with("missing", missing.len())
            .with("names", names.join(", "))
            .with_some("last_good", last)
            .shown_by_all(missing.iter().map(|member| Evidence::new("resource", member.arn.clone(), None)), 10))
    }
}

/// The instant of the newest full backup.
fn newest(member: &Resource, context: &Context<'_>) -> Option<Instant> {
    let captured = context.estate.inventory.captured_at;
    let points = context.estate.points(&member.arn).iter().filter_map(|point| match point.continuous() {
        Some(window) if point.status == PointStatus::Available => Some(window.latest.unwrap_or(captured)),
        Some(window) => window.latest,
        None if point.is_usable() => point.data_at(),
        None => None,
    });
    let backups =
        context.estate.activities(&member.arn).iter().filter(|activity| is_full(activity)).map(|a| a.started_at);
    points.chain(backups).filter(|at| *at <= context.as_of).max()
}

fn is_full(activity: &Activity) -> bool {
    let level = activity.detail.as_ref().and_then(|detail| detail.level.as_deref());
    activity.kind == ActivityKind::Backup
        && activity.outcome == ActivityOutcome::Succeeded
        && activity.account == log::ACCOUNT
        && level.is_none_or(|level| level == "full")
}
