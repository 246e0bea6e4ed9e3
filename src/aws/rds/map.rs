//! From RDS's structures to ours. Pure.

mod stored;

use aws_sdk_rds::types;

pub(super) use self::stored::{backup, cluster_backup, cluster_snapshot, snapshot};

use crate::aws::convert::{maybe_instant, maybe_text};
use crate::aws::pages::Missing;
use crate::aws::place::Place;
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::recovery_point::{RecoveryPoint, RestoreWindow};
use crate::model::resource::{self, Detail, Existence, Resource, Tags};
use crate::model::text::Text;
use crate::sources::link::Copy;

/// A database, with the id that stays when it is renamed.
#[derive(Clone, Debug)]
pub(super) struct Database {
    pub(super) resource: Resource,
    pub(super) id: Option<Text>,
}

/// An instance of the list.
#[derive(Clone, Debug)]
pub(super) enum Instance {
    /// A database by itself.
    Alone(Box<Database>),
    /// A member of a cluster, which is judged in its place.
    Member { arn: Text, cluster: Text, public: Option<bool> },
}

/// A snapshot of the list.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    pub(super) point: RecoveryPoint,
    /// The lasting id of its database.
    pub(super) of: Option<Text>,
    /// Whether RDS made it by itself, and deletes it when the database's retention has passed.
    pub(super) automated: bool,
    /// What it is a copy of.
    pub(super) copy: Option<Copy>,
}

/// An automated backup: that of a living database, of a deleted one, or a replica in another region.
#[derive(Clone, Debug)]
pub(super) struct Backup {
    pub(super) point: RecoveryPoint,
    pub(super) of: Option<Text>,
    pub(super) window: RestoreWindow,
}

fn tags(list: Option<&[types::Tag]>) -> Tags {
    let pairs = list.unwrap_or_default().iter();
    pairs.filter_map(|tag| Some((Text::from(tag.key()?), Text::from(tag.value().unwrap_or_default())))).collect()
}

/// Whether the engine is RDS's own.
fn is_own(engine: Option<&str>) -> bool {
    !matches!(engine, Some("neptune" | "docdb"))
}

fn days(number: Option<i32>) -> Fact<u32> {
    Fact::from(number.and_then(|days| u32::try_from(days).ok()))
}

/// A database instance.
pub(super) fn instance(place: &Place, instance: &types::DbInstance) -> Result<Instance, Missing> {
    let arn = Text::from(instance.db_instance_arn().ok_or(Missing("DBInstanceArn"))?);
    if let Some(cluster) = maybe_text(instance.db_cluster_identifier()) {
        return Ok(Instance::Member { arn, cluster, public: instance.publicly_accessible() });
    }
    let detail = resource::Database {
        status: Fact::from(maybe_text(instance.db_instance_status())),
        backup_retention_days: days(instance.backup_retention_period()),
        backup_window: Fact::from(maybe_text(instance.preferred_backup_window())),
        latest_restorable: maybe_instant(instance.latest_restorable_time()),
        // The automated backups say it.
        earliest_restorable: None,
        encrypted: Fact::from(instance.storage_encrypted()),
        kms_key: maybe_text(instance.kms_key_id()),
        deletion_protection: Fact::from(instance.deletion_protection()),
        publicly_accessible: Fact::from(instance.publicly_accessible()),
    };
    Ok(Instance::Alone(Box::new(Database {
        id: maybe_text(instance.dbi_resource_id()),
        resource: Resource {
            arn,
            kind: Kind::RdsInstance,
            account: place.account.clone(),
            region: place.region.clone(),
            name: maybe_text(instance.db_instance_identifier()),
            tags: Fact::Known(tags(instance.tag_list.as_deref())),
            created_at: Fact::from(maybe_instant(instance.instance_create_time())),
            application: None,
            criticality: None,
            existence: Existence::Present,
            detail: Detail::Database(Box::new(detail)),
        },
    })))
}

/// A cluster; `None` for one of Neptune or DocumentDB.
pub(super) fn cluster(place: &Place, cluster: &types::DbCluster) -> Result<Option<Database>, Missing> {
    let arn = Text::from(cluster.db_cluster_arn().ok_or(Missing("DBClusterArn"))?);
    if !is_own(cluster.engine()) {
        return Ok(None);
    }
    let detail = resource::Database {
        status: Fact::from(maybe_text(cluster.status())),
        backup_retention_days: days(cluster.backup_retention_period()),
        backup_window: Fact::from(maybe_text(cluster.preferred_backup_window())),
        latest_restorable: maybe_instant(cluster.latest_restorable_time()),
        earliest_restorable: maybe_instant(cluster.earliest_restorable_time()),
        encrypted: Fact::from(cluster.storage_encrypted()),
        kms_key: maybe_text(cluster.kms_key_id()),
        deletion_protection: Fact::from(cluster.deletion_protection()),
        // Of Aurora the members say it.
        publicly_accessible: Fact::from(cluster.publicly_accessible()),
    };
    Ok(Some(Database {
        id: maybe_text(cluster.db_cluster_resource_id()),
        resource: Resource {
            arn,
            kind: Kind::RdsCluster,
            account: place.account.clone(),
            region: place.region.clone(),
            name: maybe_text(cluster.db_cluster_identifier()),
            tags: Fact::Known(tags(cluster.tag_list.as_deref())),
            created_at: Fact::from(maybe_instant(cluster.cluster_create_time())),
            application: None,
            criticality: None,
            existence: Existence::Present,
            detail: Detail::Database(Box::new(detail)),
        },
    }))
}

#[cfg(test)]
mod tests;
