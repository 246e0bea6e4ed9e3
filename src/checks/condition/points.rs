//! The facts of recovery points: those that a point shows by itself. Locks and holds are lists of their own, and a
//! point without one says nothing where the list was not read.

use super::facts::{fact, optional, record, text, texts};
use crate::cel::{Got, Shape, Value};
use crate::model::fact::Fact;
use crate::model::judgement::Evidence;
use crate::model::recovery_point::{PointExtra, PointKind, RecoveryPoint};

/// The kinds of points, as inventories write them.
const KINDS: &[&str] =
    &["ebs-snapshot", "image", "backup-point", "db-snapshot", "db-cluster-snapshot", "table-backup", "dump", "mirror"];

/// The name of a point's kind, and the call that lists such points.
const fn kind(point: &RecoveryPoint) -> (&'static str, &'static str) {
    match point.kind {
        PointKind::EbsSnapshot => ("ebs-snapshot", "ec2:DescribeSnapshots"),
        PointKind::Image => ("image", "ec2:DescribeImages"),
        PointKind::BackupPoint => ("backup-point", "backup:ListRecoveryPointsByBackupVault"),
        PointKind::DbSnapshot => ("db-snapshot", "rds:DescribeDBSnapshots"),
        PointKind::DbClusterSnapshot => ("db-cluster-snapshot", "rds:DescribeDBClusterSnapshots"),
        PointKind::TableBackup => ("table-backup", "dynamodb:ListBackups"),
        PointKind::Dump => ("dump", "log:ReadRecords"),
        PointKind::Mirror => ("mirror", "log:ReadRecords"),
    }
}

/// The call that says whom a point is shared with.
const fn shares(point: &RecoveryPoint) -> &'static str {
    match point.kind {
        PointKind::EbsSnapshot => "ec2:DescribeSnapshotAttribute",
        PointKind::Image => "ec2:DescribeImageAttribute",
        PointKind::DbSnapshot => "rds:DescribeDBSnapshotAttributes",
        PointKind::DbClusterSnapshot => "rds:DescribeDBClusterSnapshotAttributes",
        PointKind::BackupPoint | PointKind::TableBackup | PointKind::Dump | PointKind::Mirror => kind(point).1,
    }
}

/// The call that says whether a point is public: of EBS snapshots and images, the one that lists them.
const fn publicity(point: &RecoveryPoint) -> &'static str {
    match point.kind {
        PointKind::EbsSnapshot | PointKind::Image => kind(point).1,
        _ => shares(point),
    }
}

fn known(value: Value<'_>) -> Got<'_> {
    Got::Known(value)
}

/// A rare fact; a point without any has none of them.
fn extra<'p>(point: &'p RecoveryPoint, get: fn(&'p PointExtra) -> Got<'p>) -> Got<'p> {
    point.extra.as_deref().map_or(Got::Absent, get)
}

/// A rare fact that must be read, by this call.
fn read<'p, T>(
    point: &'p RecoveryPoint,
    call: &'static str,
    get: fn(&'p PointExtra) -> &'p Fact<T>,
    value: fn(&'p T) -> Value<'p>,
) -> Got<'p> {
    point.extra.as_deref().map_or(Got::Unread(call), |extra| fact(get(extra), call, value))
}

/// A rare switch, which is off where nothing is said.
fn switch(point: &RecoveryPoint, get: fn(&PointExtra) -> bool) -> Got<'_> {
    known(Value::Bool(point.extra.as_deref().is_some_and(get)))
}

record! {
    /// A recovery point.
    POINT = "point", "A stored copy: a snapshot, an image, a recovery point of AWS Backup, a dump, a mirror.",
        for RecoveryPoint, shown by Evidence::point;
    "arn": Shape::Text, "Its ARN.", |point| known(text(&point.arn));
    "kind": Shape::Word(KINDS), "What kind of copy it is.", |point| known(Value::text(kind(point).0));
    "account": Shape::Text, "The account that holds it.", |point| known(text(&point.account));
    "region": Shape::Text, "The region that holds it.", |point| known(text(&point.region));
    "vault": Shape::Text, "ARN of the vault that holds it.", |point| optional(point.vault.as_ref(), text);
    "status": Shape::Text, "`completed`, `available`, `stopped`, `partial`, `creating`, `deleting`, `expired`, `error`, `recoverable`, or what the service calls it.",
        |point| known(Value::text(point.status.id()));
    "usable": Shape::Bool, "Whether one could restore from it today.", |point| known(Value::Bool(point.is_usable()));
    "started_at": Shape::Time, "The instant of its data; of a copy, that of the copying.", |point| known(Value::Time(point.started_at));
    "data_at": Shape::Time, "The instant of its data; not set for a copy of unknown age and for continuous points.",
        |point| optional(point.data_at(), Value::Time);
    "completed_at": Shape::Time, "When it was complete.", |point| optional(point.completed_at, Value::Time);
    "delete_after_days": Shape::Int, "The retention set on it; not set when it is kept until somebody deletes it.",
        |point| optional(point.delete_after_days, |days| Value::Int(days.into()));
    "delete_at": Shape::Time, "When its own lifecycle deletes it.", |point| optional(point.delete_at, Value::Time);
    "encrypted": Shape::Bool, "Whether it is encrypted; of images, their member snapshots say it.",
        |point| fact(&point.encrypted, kind(point).1, |flag| Value::Bool(*flag));
    "kms_key": Shape::Text, "Its KMS key, if it is encrypted with one.", |point| match &point.kms_key {
        None if point.encrypted.is_unread() => Got::Unread(kind(point).1),
        key => optional(key.as_ref(), text),
    };
    "size": Shape::Int, "Its size in bytes, as the service reports it: of an EBS snapshot, that of the volume.",
        |point| optional(point.size, Value::int);
    "is_copy": Shape::Bool, "Whether it is a copy of another point.", |point| known(Value::Bool(point.is_copy()));
    "continuous": Shape::Bool, "Whether it is continuous: one point, restorable to any instant of its window.",
        |point| known(Value::Bool(point.continuous().is_some()));
    "earliest": Shape::Time, "Of a continuous point: the earliest instant to which one can restore.",
        |point| optional(point.continuous().and_then(|window| window.earliest), Value::Time);
    "latest": Shape::Time, "Of a continuous point: the latest instant to which one can restore.",
        |point| optional(point.continuous().and_then(|window| window.latest), Value::Time);
    "plan": Shape::Text, "The plan or policy that made it; not set for one made on demand.",
        |point| extra(point, |extra| optional(extra.created_by.as_ref(), |by| text(&by.plan)));
    "managed_by": Shape::Text, "The service that alone may delete it: `aws-backup`, `dlm`, `rds`.",
        |point| extra(point, |extra| optional(extra.managed_by.as_ref(), text));
    "tags": Shape::Tags, "Its tags.", |point| read(point, kind(point).1, |extra| &extra.tags, |tags| {
        Value::map(tags.iter().map(|(key, value)| (key.as_str(), text(value))))
    });
    "public": Shape::Bool, "Whether anybody may restore it.",
        |point| read(point, publicity(point), |extra| &extra.public, |flag| Value::Bool(*flag));
    "shared_with": Shape::Texts, "The accounts that it is shared with.",
        |point| read(point, shares(point), |extra| &extra.shared_with, |accounts| texts(accounts));
    "archived": Shape::Bool, "Whether it lies in a cold or archive tier.", |point| switch(point, |extra| extra.archived);
    "disabled": Shape::Bool, "Whether the image is disabled.", |point| switch(point, |extra| extra.disabled);
}
