//! `incremental`: backups take only what changed.

use super::{Answer, Args, Case, Check, CheckInfo, InCode, Param, ParamError, ParamType};
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::span::Span;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "incremental",
    title: "backups are incremental or differential",
    docs: "\
## What it judges
Each resource: how its backups of the last `lookback` were made.

## Exact semantics
* Snapshots of EBS volumes, images made of them, backups of EFS and S3 by AWS Backup, and snapshots and automated
  backups of RDS store only what changed since the one before; this is so by the nature of the service.
* On-demand backups of DynamoDB are full copies each time: a table passes by point-in-time recovery alone.
* Declared components: a backup of the log whose `level` is `incremental` or `differential`, or that was made by a tool
  which stores every block once (restic, borg, borgmatic, rustic, kopia, duplicity, git, rsync, rsnapshot).
* The last backup counts where none of the period is incremental: a full dump every day fails.

## What yields `unknown`
No log was read; no backup is on record; the backup says neither its level nor a tool that is known here; point-in-time
recovery was not read.
",
    remedy: "use a tool that stores only what changed (pgBackRest, mariabackup, restic, borg), or approve the full dump as an \
             exception where the data is small",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    remedy_in_code: Some(InCode {
        terraform: "switch on `point_in_time_recovery`",
        template: "switch on `PointInTimeRecoverySpecification`",
    }),
    params: &[Param {
        name: "lookback",
        ty: ParamType::Span,
        default: Some(r#""35d""#),
        required: false,
        docs: "How far back it looks.",
    }],
    reads: &["log:ReadRecords", "dynamodb:DescribeContinuousBackups"],
    prepare,
};

/// Tools that store every block, or every version of a file, once.
const STORE_ONCE: &[&str] =
    &["restic", "borg", "borgmatic", "rustic", "kopia", "duplicity", "git", "rsync", "rsnapshot"];

struct Incremental {
    lookback: Span,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let lookback = args.span("lookback").unwrap_or(Span::days(35));
    if lookback <= Span::ZERO {
        return Err(ParamError::new("lookback", "it would look at nothing", "write for example `35d`"));
    }
    Ok(Box::new(Incremental { lookback }))
}

impl Check for Incremental {
    fn judge(&self, case: &Case<'_>) -> Answer {
        let by_nature = |mechanism: &'static str| {
            if case.points().iter().any(|point| point.is_usable()) {
                Ok(Judgement::pass("{mechanism} store only what changed").with("mechanism", mechanism))
            } else if case.is_declared() {
                Ok(Judgement::not_applicable("{mechanism} store only what changed, whichever makes them")
                    .with("mechanism", mechanism))
            } else {
                case.need_all_points()?;
                Ok(Judgement::not_applicable("there is no backup; other rules say so"))
            }
        };
        match case.resource.kind {
            Kind::EbsVolume => by_nature("snapshots"),
            Kind::Ec2Instance => by_nature("the snapshots of its images"),
            Kind::S3Bucket => by_nature("backups of buckets"),
            Kind::EfsFileSystem => by_nature("backups of file systems"),
            Kind::RdsInstance | Kind::RdsCluster => by_nature("snapshots and automated backups"),
            Kind::DynamodbTable => {
                let days = case
                    .need(case.resource.table().map(|table| &table.pitr_days), "dynamodb:DescribeContinuousBackups")?;
                Ok(if *days > 0 {
                    Judgement::pass("point-in-time recovery records each change")
                } else {
                    Judgement::fail("its backups are full copies, and point-in-time recovery is off")
                })
            }
            _ => self.logged(case),
        }
    }

    fn lookback(&self) -> Span {
        self.lookback
    }
}

impl Incremental {
    fn logged(&self, case: &Case<'_>) -> Answer {
        case.context.need_log()?;
        let from = self.lookback.before(case.as_of());
        let backups = || {
            case.activities().iter().copied().filter(|activity| {
                activity.kind == ActivityKind::Backup
                    && activity.outcome == ActivityOutcome::Succeeded
                    && activity.started_at >= from
                    && activity.started_at <= case.as_of()
            })
        };
        let Some(last) = backups().last() else {
            return Ok(Judgement::unknown("no backup within {lookback} is on record").with("lookback", self.lookback));
        };
        let say = |judgement: Judgement, activity: &Activity| {
            let detail = activity.detail.as_deref();
            judgement
                .with("at", activity.started_at)
                .with_some("level", detail.and_then(|detail| detail.level.as_ref()))
                .with_some("tool", detail.and_then(|detail| detail.tool.as_ref()).map(|tool| tool.name.clone()))
                .shown_by(Evidence::activity(activity))
        };
        if let Some(good) = backups().filter(|activity| is_incremental(activity) == Some(true)).last() {
            let template = match good.detail.as_ref().and_then(|detail| detail.level.as_deref()) {
                Some("incremental" | "differential") => "the backup of {at} is {level}",
                _ => "the backup of {at} by {tool} stores only what changed",
            };
            return Ok(say(Judgement::pass(template), good));
        }
        Ok(match is_incremental(last) {
            Some(_) => say(Judgement::fail("the backups are full each time; the last is of {at}"), last),
            None => say(Judgement::unknown("the backup of {at} does not say whether it is full"), last),
        })
    }
}

fn is_incremental(activity: &Activity) -> Option<bool> {
    let detail = activity.detail.as_deref()?;
    let by_tool = detail.tool.as_ref().is_some_and(|tool| STORE_ONCE.contains(&tool.name.as_str()));
    match detail.level.as_deref() {
        Some("incremental" | "differential") => Some(true),
        _ if by_tool => Some(true),
        Some("full") => Some(false),
        _ => None,
    }
}
