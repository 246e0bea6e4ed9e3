//! RDS instances and clusters, and those of DocumentDB and Neptune, whose ARNs and backups are of the same form.

use super::super::draft::Draft;
use super::super::view::View;
use super::{Role, TypeInfo};
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::resource::{Database, Detail, Resource};
use crate::model::text::Text;
use crate::sources::iac;

const CLUSTER: &[&str] = &[
    "id",
    "arn",
    "cluster_identifier",
    "region",
    "tags",
    "tags_all",
    "backup_retention_period",
    "preferred_backup_window",
    "storage_encrypted",
    "kms_key_id",
    "deletion_protection",
    "skip_final_snapshot",
];

pub(super) const TYPES: &[TypeInfo] = &[
    TypeInfo {
        name: "aws_db_instance",
        attributes: &[
            "id",
            "arn",
            "identifier",
            "region",
            "tags",
            "tags_all",
            "availability_zone",
            "backup_retention_period",
            "backup_window",
            "storage_encrypted",
            "kms_key_id",
            "deletion_protection",
            "publicly_accessible",
            "skip_final_snapshot",
            "delete_automated_backups",
            "replicate_source_db",
            "snapshot_identifier",
        ],
        role: Role::Whole { kind: Kind::RdsInstance, name: Some("identifier"), detail: instance },
    },
    cluster("aws_rds_cluster"),
    cluster("aws_docdb_cluster"),
    cluster("aws_neptune_cluster"),
    member("aws_rds_cluster_instance", &["aws_rds_cluster"]),
    member("aws_neptune_cluster_instance", &["aws_neptune_cluster"]),
    // Snapshots are protection: only their deletion matters here.
    TypeInfo {
        name: "aws_db_snapshot",
        attributes: &["id", "db_snapshot_arn", "db_snapshot_identifier", "region"],
        role: Role::Other,
    },
    TypeInfo {
        name: "aws_db_cluster_snapshot",
        attributes: &["id", "db_cluster_snapshot_arn", "db_cluster_snapshot_identifier", "region"],
        role: Role::Other,
    },
];

const fn cluster(name: &'static str) -> TypeInfo {
    TypeInfo {
        name,
        attributes: CLUSTER,
        role: Role::Whole { kind: Kind::RdsCluster, name: Some("cluster_identifier"), detail: of_cluster },
    }
}

/// An instance of a cluster, which has an address of its own and is judged with the cluster.
const fn member(name: &'static str, of: &'static [&'static str]) -> TypeInfo {
    TypeInfo {
        name,
        attributes: &["id", "arn", "cluster_identifier", "region", "publicly_accessible"],
        role: Role::Part {
            of,
            by: "cluster_identifier",
            facts: &["publicly_accessible"],
            apply: with_member,
            remove: |_| {},
        },
    }
}

fn instance(draft: &Draft<'_, '_>, view: View<'_, '_>, identity: &Text) -> Detail {
    let ask = draft.ask(view, Some(identity));
    // A replica or a restored database takes what is not set from its source.
    let copied = view.is_written("replicate_source_db") || view.is_written("snapshot_identifier");
    let default = |value: bool| if copied { None } else { Some(value) };
    let encrypted = ask.flag("encrypted", "storage_encrypted", default(false));
    if copied && encrypted.is_unread() {
        ask.open("encrypted", "storage_encrypted", "is not set: the source of the database decides");
    }
    Detail::Database(Box::new(Database {
        // The provider sends 0 where nobody sets it.
        backup_retention_days: ask.number("backup_retention_days", "backup_retention_period", Some(0)),
        backup_window: window(&ask, "backup_window"),
        encrypted,
        kms_key: super::key(view, "kms_key_id"),
        deletion_protection: ask.flag("deletion_protection", "deletion_protection", Some(false)),
        publicly_accessible: ask.flag("publicly_accessible", "publicly_accessible", Some(false)),
        ..Database::default()
    }))
}

fn of_cluster(draft: &Draft<'_, '_>, view: View<'_, '_>, identity: &Text) -> Detail {
    let ask = draft.ask(view, Some(identity));
    Detail::Database(Box::new(Database {
        // A day is the least of Aurora, and its default.
        backup_retention_days: ask.number("backup_retention_days", "backup_retention_period", Some(1)),
        backup_window: window(&ask, "preferred_backup_window"),
        encrypted: ask.flag("encrypted", "storage_encrypted", Some(false)),
        kms_key: super::key(view, "kms_key_id"),
        deletion_protection: ask.flag("deletion_protection", "deletion_protection", Some(false)),
        // Its instances have addresses, not the cluster: they are its parts.
        publicly_accessible: Fact::Known(false),
        ..Database::default()
    }))
}

/// A cluster is public where one of its instances is, as the collector has it too.
fn with_member(draft: &Draft<'_, '_>, view: View<'_, '_>, cluster: &mut Resource) {
    // The provider sends `false` where nobody sets it.
    let ask = draft.ask(view, Some(&cluster.arn));
    let public = ask.flag("publicly_accessible", "publicly_accessible", Some(false));
    if let Detail::Database(cluster) = &mut cluster.detail {
        cluster.publicly_accessible = iac::alike::any(&cluster.publicly_accessible, public);
    }
}

/// RDS chooses a window at random where nobody sets it.
fn window(ask: &super::super::ask::Ask<'_, '_, '_>, path: &str) -> Fact<Text> {
    let window = ask.text("backup_window", path, None);
    if window.is_unread() {
        ask.open("backup_window", path, "is not set, so that RDS chooses one at random");
    }
    window
}
