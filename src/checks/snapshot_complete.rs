//! `snapshot-complete`: every copy is whole, none hangs or is in error.

use super::{Answer, Args, Case, Check, CheckInfo, Param, ParamError, ParamType};
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::recovery_point::{PointKind, PointStatus, RecoveryPoint};
use crate::model::span::Span;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "snapshot-complete",
    title: "snapshots and images are complete",
    docs: "\
## What it judges
Every snapshot, image and other recovery point of the resource that was started within `lookback` is
complete. Points of resources that exist no more are judged too, and points that belong to none.

## Exact semantics
- In error, or partial (a composite with failed members, or a job whose window ended first): fails.
- Being made for longer than `pending`: fails, however long ago it was started. For less: in progress.
- An image is complete when each of its member snapshots is there and complete. A member that is not
  among the snapshots of the account, or lies in the Recycle Bin, fails.
- Completed, continuous, expired and being deleted: these were complete once, which is all that is
  asked here.
- Nothing started within `lookback`: not applicable. That backups are made at all is for `cadence`.

Source: EC2 API `Snapshot` (`State`), AWS Backup `RecoveryPointStatus`.

## What yields `unknown`
A list of recovery points was not read to its end; a state that this version does not know; an image
whose members could not be looked up. A failure that was seen is a failure all the same.
",
    remedy: "delete and repeat what failed; for a copy that hangs, look at the job's message and at the KMS key",
    kinds: &[
        Kind::EbsVolume,
        Kind::Ec2Instance,
        Kind::S3Bucket,
        Kind::RdsInstance,
        Kind::RdsCluster,
        Kind::DynamodbTable,
        Kind::EfsFileSystem,
        Kind::RecoveryPoint,
    ],
    judges_deleted: true,
    remedy_in_code: None,
    params: &[
        Param {
            name: "pending",
            ty: ParamType::Span,
            default: Some("\"24h\""),
            required: false,
            docs: "how long a copy may be in the making",
        },
        Param {
            name: "lookback",
            ty: ParamType::Span,
            default: Some("\"35d\""),
            required: false,
            docs: "how far back to look",
        },
    ],
    reads: &[
        "ec2:DescribeSnapshots",
        "ec2:DescribeImages",
        "rds:DescribeDBSnapshots",
        "rds:DescribeDBClusterSnapshots",
        "dynamodb:ListBackups",
        "backup:ListBackupVaults",
        "backup:ListRecoveryPointsByBackupVault",
    ],
    prepare,
};

struct SnapshotComplete {
    pending: Span,
    lookback: Span,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    Ok(Box::new(SnapshotComplete {
        pending: args.span("pending").unwrap_or(Span::hours(24)),
        lookback: args.span("lookback").unwrap_or(Span::days(35)),
    }))
}

/// What is to be said of one point or member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Whole,
    InProgress,
    Hanging,
    Broken,
    Missing,
    /// Its state is a word that this version does not know.
    Strange,
    /// An image without members, which an image from EBS volumes never is.
    Memberless,
    /// This call was needed to tell.
    Unread(&'static str),
}

impl Check for SnapshotComplete {
    fn judge(&self, case: &Case<'_>) -> Answer {
        let as_of = case.as_of();
        let start = self.lookback.before(as_of);
        let judged = |point: &RecoveryPoint| {
            point.started_at <= as_of && (point.started_at >= start || point.status == PointStatus::Creating)
        };
        let (mut points, mut in_progress) = (0_usize, 0_usize);
        let (mut hanging, mut broken, mut missing) = (0_usize, 0_usize, 0_usize);
        let mut strange: Option<(State, &RecoveryPoint)> = None;
        let mut unread: Option<&'static str> = None;
        for point in case.points().iter().copied().filter(|point| judged(point)) {
            points += 1;
            match self.state(case, point) {
                State::Whole => {}
                State::InProgress => in_progress += 1,
                State::Hanging => hanging += 1,
                State::Broken => broken += 1,
                State::Missing => missing += 1,
                state @ (State::Strange | State::Memberless) => strange = strange.or(Some((state, point))),
                State::Unread(call) => unread = unread.or(Some(call)),
            }
        }
        let failed = hanging + broken + missing;
        let judgement = if failed > 0 {
            Judgement::fail(match (hanging, broken, missing) {
                (0, 0, _) => "member snapshots are missing from {missing:image}",
                (0, _, 0) => "in error or partial: {broken} of {points:recovery point}",
                (_, 0, 0) => "in the making for longer than {pending}: {hanging} of {points:recovery point}",
                _ => {
                    "not whole: {failed} of {points:recovery point} ({broken} in error or partial, {hanging} in the \
                     making for longer than {pending}, {missing} without a member snapshot)"
                }
            })
            .with("failed", failed)
            .with("broken", broken)
            .with("hanging", hanging)
            .with("missing", missing)
            .with("pending", self.pending)
            .shown_by_all(self.offenders(case, &judged), 20)
        } else {
            if let Some(call) = unread {
                return Err(case.unread(call));
            }
            if let Some((state, point)) = strange {
                return Ok(Judgement::unknown(match state {
                    State::Memberless => {
                        "an image has no member snapshots on record, so it cannot be told whether it is whole"
                    }
                    _ if point.kind == PointKind::Image => {
                        "an image or a member of it has a state that this version does not know"
                    }
                    _ => "a recovery point has the state {status}, which this version does not know",
                })
                .with("status", point.status.id())
                .with("points", points)
                .shown_by(Evidence::point(point)));
            }
            case.need_all_points()?;
            if points == 0 {
                return Ok(Judgement::not_applicable("no recovery point was started in the last {lookback}")
                    .with("lookback", self.lookback));
            }
            Judgement::pass(
                "no recovery point of the last {lookback} hangs or is in error: {points} looked at, {in_progress} in \
                 progress",
            )
            .with("lookback", self.lookback)
        };
        Ok(judgement.with("points", points).with("in_progress", in_progress))
    }

    fn lookback(&self) -> Span {
        self.lookback
    }
}

impl SnapshotComplete {
    fn state(&self, case: &Case<'_>, point: &RecoveryPoint) -> State {
        let own = self.own_state(case, point);
        if own != State::Whole || point.kind != PointKind::Image {
            return own;
        }
        let members = point.extra.as_ref().map(|extra| extra.members.as_slice()).unwrap_or_default();
        if members.is_empty() {
            return match case.context.estate.read(&point.account, &point.region, "ec2:DescribeImages") {
                Some(_) => State::Memberless,
                None => State::Unread("ec2:DescribeImages"),
            };
        }
        let mut worst = State::Whole;
        for member in members {
            let state = match case.context.estate.snapshot(member) {
                Some(snapshot) if snapshot.status == PointStatus::Recoverable => State::Missing,
                Some(snapshot) => self.own_state(case, snapshot),
                None => match case.context.estate.read(&point.account, &point.region, "ec2:DescribeSnapshots") {
                    Some(_) => State::Missing,
                    None => State::Unread("ec2:DescribeSnapshots"),
                },
            };
            match state {
                State::Hanging | State::Broken | State::Missing => return state,
                State::Whole => {}
                other => worst = other,
            }
        }
        worst
    }

    fn own_state(&self, case: &Case<'_>, point: &RecoveryPoint) -> State {
        match &point.status {
            PointStatus::Error | PointStatus::Partial => State::Broken,
            PointStatus::Creating => {
                let age = case.as_of().signed_duration_since(point.started_at);
                if age > self.pending.delta() { State::Hanging } else { State::InProgress }
            }
            PointStatus::Other(_) => State::Strange,
            _ => State::Whole,
        }
    }

    /// The points that fail, with a word on why.
    fn offenders<'c>(
        &'c self,
        case: &'c Case<'_>,
        judged: &'c dyn Fn(&RecoveryPoint) -> bool,
    ) -> impl Iterator<Item = Evidence> + 'c {
        case.points().iter().copied().filter(|point| judged(point)).filter_map(move |point| {
            let evidence = Evidence::point(point);
            match self.state(case, point) {
                State::Missing => Some(evidence.note("a member snapshot is missing")),
                State::Hanging | State::Broken if point.kind == PointKind::Image => Some(Evidence {
                    note: evidence.note.or_else(|| Some("a member snapshot is not whole".into())),
                    ..evidence
                }),
                State::Hanging | State::Broken => Some(evidence),
                _ => None,
            }
        })
    }
}
