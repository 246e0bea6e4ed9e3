//! What a condition can ask for: one declaration per record, from which types, documents and evaluation follow.

use super::points::POINT;
use super::resource::RESOURCE;
use crate::cel::{Facts, Field, Got, Handle, List, Record, Shape, Value};
use crate::checks::Case;
use crate::model::application::{Application, CRITICALITIES, REGISTER};
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::log;
use crate::model::recovery_point::RecoveryPoint;
use crate::model::text::Text;

/// Declares a record and how its facts are found: name, type, meaning, and a function.
macro_rules! record {
    ($(#[$attribute:meta])* $info:ident = $name:literal, $docs:literal, for $of:ty $(, shown by $evidence:expr)?;
        $($field:literal: $shape:expr, $meaning:literal, $get:expr;)*) => {
        $(#[$attribute])*
        pub(super) static $info: crate::cel::Record = crate::cel::Record {
            name: $name,
            docs: $docs,
            fields: &[$(crate::cel::Field { name: $field, shape: $shape, docs: $meaning }),*],
        };

        impl crate::cel::Facts for $of {
            fn fact(&self, field: usize) -> crate::cel::Got<'_> {
                const GETS: &[for<'f> fn(&'f $of) -> crate::cel::Got<'f>] = &[$($get),*];
                GETS.get(field).map_or(crate::cel::Got::Foreign, |get| get(self))
            }
            $(fn evidence(&self) -> Option<crate::model::judgement::Evidence> {
                Some(($evidence)(self))
            })?
        }
    };
}
pub(super) use record;

/// The calls that read the facts.
pub(super) const READS: &[&str] = &[
    "ec2:DescribeVolumes",
    "ec2:DescribeInstances",
    "ec2:DescribeSnapshots",
    "ec2:DescribeImages",
    "ec2:GetEbsEncryptionByDefault",
    "ec2:GetSnapshotBlockPublicAccessState",
    "rds:DescribeDBInstances",
    "rds:DescribeDBClusters",
    "rds:DescribeDBSnapshots",
    "rds:DescribeDBClusterSnapshots",
    "ec2:DescribeSnapshotAttribute",
    "ec2:DescribeImageAttribute",
    "rds:DescribeDBSnapshotAttributes",
    "rds:DescribeDBClusterSnapshotAttributes",
    "dynamodb:ListTables",
    "dynamodb:DescribeTable",
    "dynamodb:ListTagsOfResource",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:ListBackups",
    "elasticfilesystem:DescribeFileSystems",
    "elasticfilesystem:DescribeBackupPolicy",
    "s3:ListBuckets",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetBucketEncryption",
    "s3:GetBucketLifecycleConfiguration",
    "s3:GetObjectLockConfiguration",
    "s3:GetBucketReplication",
    "s3:GetPublicAccessBlock",
    "s3:GetBucketPolicyStatus",
    "backup:ListBackupVaults",
    "backup:GetBackupVaultAccessPolicy",
    "backup:ListRecoveryPointsByBackupVault",
    "backup:DescribeRegionSettings",
    REGISTER,
    log::RECORDS,
];

/// One case, as the variables of an expression.
pub(super) struct Root<'c, 'a>(pub(super) &'c Case<'a>);

/// The variables.
pub(super) static SCHEMA: Record = Record {
    name: "variables",
    docs: "What an expression begins with.",
    fields: &[
        Field { name: "resource", shape: Shape::Record(&RESOURCE), docs: "The resource that is judged." },
        Field {
            name: "points",
            shape: Shape::Records(&POINT),
            docs: "Its recovery points, oldest first, wherever they lie.",
        },
        Field {
            name: "application",
            shape: Shape::Record(&APPLICATION),
            docs: "Its application in the register; not set where it has none.",
        },
        Field { name: "now", shape: Shape::Time, docs: "The instant of judgement." },
    ],
};

impl<'a> Facts for Root<'_, 'a> {
    fn fact(&self, field: usize) -> Got<'_> {
        let case = self.0;
        let handle = |record, facts, name| Got::Known(Value::Record(Handle { record, facts, name, index: None }));
        match SCHEMA.fields.get(field).map(|field| field.name) {
            Some("resource") => handle(&RESOURCE, case as &dyn Facts, "resource"),
            Some("points") => {
                let item = |(index, point): (usize, &&'a RecoveryPoint)| {
                    let facts: &dyn Facts = *point;
                    Value::Record(Handle { record: &POINT, facts, name: "points", index: Some(index) })
                };
                let items = case.points().iter().enumerate().map(item).collect();
                let calls = case.resource.kind.point_operations();
                // Vaults hold the points of others, and settings have none: an empty list would look like an answer.
                if calls.is_empty() || case.resource.kind == Kind::BackupVault {
                    return Got::Foreign;
                }
                // Logs tell of backups, and not of every copy that is stored.
                let unread = calls.iter().find(|call| **call == log::RECORDS || case.need_read(call).is_err());
                Got::Known(Value::List(List { items, rest: unread.map(|call| ("points", *call)) }))
            }
            Some("application") => match (case.context.need_applications(), case.application()) {
                (Err(_), _) => Got::Unread(REGISTER),
                (Ok(_), None) if case.resource.tags.is_unread() => Got::Unread(tagged(case)),
                (Ok(register), Some(id)) => match register.iter().find(|application| application.id == *id) {
                    Some(application) => handle(&APPLICATION, application as &dyn Facts, "application"),
                    None => Got::Absent,
                },
                (Ok(_), None) => Got::Absent,
            },
            Some("now") => Got::Known(Value::Time(case.as_of())),
            _ => Got::Foreign,
        }
    }
}

/// The call that lists the resource, and reads its common facts.
pub(super) fn listed(case: &Case<'_>) -> &'static str {
    case.resource.kind.list_operation().unwrap_or(log::RECORDS)
}

/// The call that reads its tags.
pub(super) fn tagged(case: &Case<'_>) -> &'static str {
    match case.resource.kind {
        Kind::S3Bucket => "s3:GetBucketTagging",
        Kind::DynamodbTable => "dynamodb:ListTagsOfResource",
        _ => listed(case),
    }
}

/// A fact that this call reads.
pub(super) fn fact<'f, T>(fact: &'f Fact<T>, call: &'static str, value: impl Fn(&'f T) -> Value<'f>) -> Got<'f> {
    fact.known().map_or(Got::Unread(call), |known| Got::Known(value(known)))
}

/// Something that may well not be there.
pub(super) fn optional<'f, T>(found: Option<T>, value: impl Fn(T) -> Value<'f>) -> Got<'f> {
    found.map_or(Got::Absent, |known| Got::Known(value(known)))
}

pub(super) fn text(text: &Text) -> Value<'_> {
    Value::text(text)
}

pub(super) fn texts(texts: &[Text]) -> Value<'_> {
    Value::list(texts.iter().map(text))
}

fn known(value: Value<'_>) -> Got<'_> {
    Got::Known(value)
}

record! {
    /// An application of the register.
    APPLICATION = "application", "An application, as the register describes it (`--applications`).", for Application;
    "id": Shape::Text, "Its id.", |app| known(text(&app.id));
    "name": Shape::Text, "Its name for people.", |app| optional(app.name.as_ref(), text);
    "owner": Shape::Text, "Who answers for it.", |app| optional(app.owner.as_ref(), text);
    "criticality": Shape::Word(CRITICALITIES), "How much it matters.", |app| optional(app.criticality.as_ref(), text);
    "timezone": Shape::Text, "Its time zone.", |app| optional(app.timezone.as_ref(), text);
    "rto": Shape::Span, "Recovery time objective.", |app| optional(app.rto, |span| Value::Span(span.delta()));
    "rpo": Shape::Span, "Recovery point objective.", |app| optional(app.rpo, |span| Value::Span(span.delta()));
    "priority": Shape::Int, "Its place in recovery; 1 comes first.", |app| optional(app.priority, |at| Value::Int(at.into()));
    "depends_on": Shape::Texts, "Ids of what must be up before it; not set where nobody said.",
        |app| optional(app.depends_on.as_deref(), texts);
    "stakeholders": Shape::Texts, "Who is told.",
        |app| known(Value::list(app.stakeholders.iter().map(|who| text(&who.name))));
    "runbook": Shape::Text, "Where its recovery is described.", |app| optional(app.runbook.as_ref(), text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Context;
    use crate::model::estate::Estate;
    use crate::model::inventory::Inventory;

    /// Of a resource of which nothing was read, every fact is known for certain, unread, or foreign to its kind;
    /// none is said to be absent. And each call that would read it is among those of the check.
    #[test]
    fn nothing_is_absent_that_was_not_read() {
        for kind in crate::checks::condition::INFO.kinds {
            let at = "2026-11-22T00:00:00Z".parse().unwrap();
            let inventory = Inventory::empty(at, "test");
            let context = Context::new(Estate::new(&inventory), at, chrono_tz::Tz::UTC);
            let resource = crate::checks::condition::kinds::blank(*kind);
            let case = Case::new(&resource, &context);
            let facts = (0..RESOURCE.fields.len()).map(|field| (RESOURCE.fields[field].name, case.fact(field)));
            let root = Root(&case);
            let variables = (0..SCHEMA.fields.len()).map(|field| (SCHEMA.fields[field].name, root.fact(field)));
            for (name, got) in facts.chain(variables) {
                assert!(!matches!(got, Got::Absent), "{name} of {kind}");
                if let Got::Unread(call) | Got::Known(Value::List(List { rest: Some((_, call)), .. })) = got {
                    assert!(READS.contains(&call), "{call} reads {name} of {kind} and is not among the reads");
                }
            }
        }
    }
}
