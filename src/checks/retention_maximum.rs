//! `retention-maximum`: nothing is stored for longer than allowed, unless it is held.

use chrono::TimeDelta;

use super::{Answer, Args, Case, Check, CheckInfo, Param, ParamError, ParamType};
use crate::model::Instant;
use crate::model::judgement::{Evidence, Judgement};
use crate::model::kind::Kind;
use crate::model::recovery_point::{PointKind, PointStatus, RecoveryPoint};
use crate::model::span::Span;
use crate::model::text::Text;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "retention-maximum",
    title: "nothing is stored for longer than allowed",
    docs: "\
## What it judges
No recovery point of the resource is older than `limit + grace`, unless a legal hold or a snapshot
lock keeps it. Points of resources that exist no more are judged too, and points that belong to none.

## Exact semantics
- Age counts from the start of the point, as AWS's own retention does; for a copy from the start of the
  copying. `grace` covers that AWS deletes within 8 hours after the end, and within 24 after a hold.
- `EXPIRED`: AWS Backup should have deleted it and could not (role deleted or not allowed, image in use,
  versioning off). It is still restorable and still billed, and fails whatever its age. A point whose
  deletion was due more than `grace` ago and that is still `DELETING` fails likewise.
- In the Recycle Bin is still stored.
- Continuous points are updated in place: their creation date says nothing. `AVAILABLE` and `STOPPED`
  are judged by their earliest restorable instant where it is known, and otherwise not at all; neither
  are points that are being made or in error.
- A snapshot that belongs to an image that exists is judged with the image, which alone can release it
  (disabled images included); it counts as `kept_by_image`.
- What is judged is what is stored, not what is planned: `kept_until` reports the latest date on which
  a point's own lifecycle deletes it.
- Previous versions of S3 objects are no recovery points here; that they are kept costs storage.

Source: AWS Backup developer guide (lifecycle, `RecoveryPointStatus`), EC2 `DescribeLockedSnapshots`.

## What yields `unknown`
A list of recovery points was not read to its end; a point is too old, and it could not be read whether
it is held (`ec2:DescribeLockedSnapshots`, `backup:ListLegalHolds`); a state that this version does not
know. A failure that was seen is a failure all the same.
",
    remedy: "delete what nobody needs, after a look at what it is; for points \
             stuck in deletion restore the role that made them, then delete them through AWS Backup",
    kinds: &[
        Kind::EbsVolume,
        Kind::Ec2Instance,
        Kind::S3Bucket,
        Kind::RdsInstance,
        Kind::RdsCluster,
        Kind::DynamodbTable,
        Kind::EfsFileSystem,
        Kind::Mysql,
        Kind::Postgresql,
        Kind::Repository,
        Kind::Configuration,
        Kind::Files,
        Kind::RecoveryPoint,
    ],
    judges_deleted: true,
    remedy_in_code: None,
    params: &[
        Param {
            name: "limit",
            ty: ParamType::Span,
            default: None,
            required: true,
            docs: "the longest time for which a copy may be stored",
        },
        Param {
            name: "grace",
            ty: ParamType::Span,
            default: Some("\"48h\""),
            required: false,
            docs: "what deletion may take",
        },
    ],
    reads: &[
        "ec2:DescribeSnapshots",
        "ec2:DescribeImages",
        "ec2:DescribeLockedSnapshots",
        "rds:DescribeDBSnapshots",
        "rds:DescribeDBClusterSnapshots",
        "dynamodb:ListBackups",
        "backup:ListBackupVaults",
        "backup:ListRecoveryPointsByBackupVault",
        "backup:ListLegalHolds",
        "backup:ListRecoveryPointsByLegalHold",
    ],
    prepare,
};

struct RetentionMaximum {
    limit: Span,
    grace: Span,
}

fn prepare(args: &Args) -> Result<Box<dyn Check>, ParamError> {
    let limit = args.span("limit").unwrap_or_default();
    if limit <= Span::ZERO {
        return Err(ParamError::new("limit", "`limit` must be longer than nothing", "write for example `35d`"));
    }
    Ok(Box::new(RetentionMaximum { limit, grace: args.span("grace").unwrap_or(Span::hours(48)) }))
}

/// What is to be said of one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stay {
    /// Within the limit, or not stored at all.
    Fine,
    /// Older than the limit.
    Old,
    /// Its deletion was due and did not happen.
    Stuck,
    /// One of the two, and held.
    Held,
    /// One of the two, and nobody read whether it is held.
    HoldUnread(&'static str),
    /// Old, and released only by its image.
    KeptByImage,
    /// Its state is a word that this version does not know, and it is old.
    Strange,
}

/// The points of a resource, counted.
#[derive(Default)]
struct Count<'a> {
    stored: usize,
    old: usize,
    stuck: usize,
    held: usize,
    kept_by_image: usize,
    unread: Option<&'static str>,
    strange: Option<&'a RecoveryPoint>,
    oldest: Option<Instant>,
    oldest_offender: Option<Instant>,
    kept_until: Option<Instant>,
    message: Option<&'a Text>,
}

impl Check for RetentionMaximum {
    fn judge(&self, case: &Case<'_>) -> Answer {
        let count = self.count(case);
        let judgement = if count.old + count.stuck > 0 {
            self.fails(case, &count)
        } else {
            if let Some(call) = count.unread {
                return Err(case.unread(call));
            }
            if let Some(point) = count.strange {
                return Ok(Judgement::unknown(
                    "a recovery point older than {limit} has the state {status}, which this version does not know",
                )
                .with("limit", self.limit)
                .with("status", point.status.id())
                .shown_by(Evidence::point(point)));
            }
            case.need_all_points()?;
            Judgement::pass(match (count.stored, count.held) {
                (0, _) => "no recovery point is stored",
                (_, 0) => "nothing is stored for longer than {limit}: {points:recovery point}",
                _ => "nothing is stored for longer than {limit} but what is held: {held} of {points:recovery point}",
            })
        };
        Ok(judgement
            .with("limit", self.limit)
            .with("points", count.stored)
            .with_some("held", (count.held > 0).then_some(count.held))
            .with_some("kept_by_image", (count.kept_by_image > 0).then_some(count.kept_by_image))
            .with_some("oldest", count.oldest)
            .with_some("kept_until", count.kept_until))
    }
}

impl RetentionMaximum {
    fn count<'a>(&self, case: &Case<'a>) -> Count<'a> {
        let as_of = case.as_of();
        let mut count = Count::default();
        for point in case.points().iter().copied().filter(|point| point.started_at <= as_of && !point.is_parent()) {
            let since = stored_since(point);
            if point.is_stored() {
                count.stored += 1;
                count.oldest = earlier(count.oldest, since);
                count.kept_until = count.kept_until.max(deleted_at(point));
            }
            let stay = self.stay(case, point);
            match stay {
                Stay::Fine => {}
                Stay::Old => count.old += 1,
                Stay::Stuck => {
                    count.stuck += 1;
                    count.message = count.message.or(point.extra.as_ref().and_then(|extra| extra.message.as_ref()));
                }
                Stay::Held => count.held += 1,
                Stay::KeptByImage => count.kept_by_image += 1,
                Stay::HoldUnread(call) => count.unread = count.unread.or(Some(call)),
                Stay::Strange => count.strange = count.strange.or(Some(point)),
            }
            if matches!(stay, Stay::Old | Stay::Stuck) {
                count.oldest_offender = earlier(count.oldest_offender, since);
            }
        }
        count
    }

    fn stay(&self, case: &Case<'_>, point: &RecoveryPoint) -> Stay {
        let as_of = case.as_of();
        let longer = |since: Instant, than: Span| as_of.signed_duration_since(since) > than.delta();
        let old = stored_since(point).is_some_and(|since| longer(since, self.limit.plus(self.grace)));
        let found = match &point.status {
            PointStatus::Creating | PointStatus::Error => Stay::Fine,
            PointStatus::Expired => Stay::Stuck,
            PointStatus::Deleting => {
                let due = deleted_at(point).or_else(|| point.started_at.checked_add_signed(self.limit.delta()));
                if due.is_some_and(|due| longer(due, self.grace)) { Stay::Stuck } else { Stay::Fine }
            }
            PointStatus::Other(_) if old => Stay::Strange,
            _ if old => Stay::Old,
            _ => Stay::Fine,
        };
        if found == Stay::Fine {
            Stay::Fine
        } else if point.is_held(as_of) {
            Stay::Held
        } else if kept_by_image(case, point) {
            Stay::KeptByImage
        } else if let Some(call) = hold_unread(case, point) {
            Stay::HoldUnread(call)
        } else {
            found
        }
    }

    fn fails(&self, case: &Case<'_>, count: &Count<'_>) -> Judgement {
        let age = count.oldest_offender.map(|since| Span::between(since, case.as_of()));
        let sentence = match (count.old, count.stuck, count.message) {
            (_, 0, _) => "stored for longer than {limit}: {old} of {points:recovery point}, the oldest for {age}",
            (0, _, Some(_)) => {
                "stuck in deletion, still restorable and still billed: {stuck:recovery point}, the oldest from {age} \
                 ago: {message}"
            }
            (0, _, None) => {
                "stuck in deletion, still restorable and still billed: {stuck:recovery point}, the oldest from {age} ago"
            }
            _ => {
                "stored for longer than {limit}: {old} of {points:recovery point}, and stuck in deletion: {stuck}; the \
                 oldest is from {age} ago"
            }
        };
        let offends = |point: &&RecoveryPoint| {
            point.started_at <= case.as_of()
                && !point.is_parent()
                && matches!(self.stay(case, point), Stay::Old | Stay::Stuck)
        };
        Judgement::fail(sentence)
            .with("old", count.old)
            .with("stuck", count.stuck)
            .with_some("age", age)
            .with_some("message", count.message)
            .shown_by_all(case.points().iter().copied().filter(offends).map(Evidence::point), 20)
    }
}

/// Since when it has been stored. For a continuous point: the earliest instant that it can restore.
fn stored_since(point: &RecoveryPoint) -> Option<Instant> {
    match point.continuous() {
        Some(window) => window.earliest,
        None => Some(point.started_at),
    }
}

/// When its own lifecycle deletes it.
fn deleted_at(point: &RecoveryPoint) -> Option<Instant> {
    let days = || point.delete_after_days.and_then(|days| TimeDelta::try_days(i64::from(days)));
    point.delete_at.or_else(|| point.started_at.checked_add_signed(days()?))
}

fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    [a, b].into_iter().flatten().min()
}

/// Whether an image that exists keeps this snapshot. Where images were not listed, the snapshot's word
/// that it belongs to one is believed: nobody should delete it on ours.
fn kept_by_image(case: &Case<'_>, point: &RecoveryPoint) -> bool {
    let Some(image) = point.extra.as_ref().and_then(|extra| extra.member_of.as_deref()) else { return false };
    let estate = &case.context.estate;
    estate.image(image).is_some() || estate.read(&point.account, &point.region, "ec2:DescribeImages").is_none()
}

/// The call that would tell whether it is held, if that was not read.
fn hold_unread(case: &Case<'_>, point: &RecoveryPoint) -> Option<&'static str> {
    const LOCKS: &str = "ec2:DescribeLockedSnapshots";
    const HOLDS: &str = "backup:ListLegalHolds";
    const HELD: &str = "backup:ListRecoveryPointsByLegalHold";
    let estate = &case.context.estate;
    let unread = |call| estate.read(&point.account, &point.region, call).is_none();
    if point.kind == PointKind::EbsSnapshot && unread(LOCKS) {
        return Some(LOCKS);
    }
    point.vault.as_ref()?;
    let open = estate.inventory.legal_holds.iter().any(|hold| {
        hold.account == point.account
            && hold.region == point.region
            && hold.status != "CANCELED"
            && hold.points.is_unread()
    });
    if unread(HOLDS) { Some(HOLDS) } else { open.then_some(HELD) }
}
