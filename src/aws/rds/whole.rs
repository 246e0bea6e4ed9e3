//! What RDS's lists say about the same database, put together. Pure.

use std::collections::HashMap;

use super::map::{Backup, Database, Instance, Snapshot};
use crate::model::fact::Fact;
use crate::model::recovery_point::RecoveryPoint;
use crate::model::resource::{Detail, Resource};
use crate::model::text::Text;
use crate::sources::link::Copy;

/// Everything of a region.
#[derive(Default)]
pub(super) struct Whole {
    pub(super) resources: Vec<Resource>,
    pub(super) points: Vec<RecoveryPoint>,
    pub(super) copies: Vec<Copy>,
    /// ARNs of the members of clusters.
    pub(super) elsewhere: Vec<Text>,
}

/// Join the lists. A snapshot goes to the database that has its lasting id: after a renaming the name
/// in the snapshot is another one's, or nobody's.
pub(super) fn join(
    instances: Vec<Instance>,
    clusters: Vec<Database>,
    snapshots: Vec<Snapshot>,
    backups: Vec<Backup>,
) -> Whole {
    let mut whole = Whole::default();
    let mut databases = clusters;
    let mut public: HashMap<Text, bool> = HashMap::new();
    for instance in instances {
        match instance {
            Instance::Alone(database) => databases.push(*database),
            Instance::Member { arn, cluster, public: open } => {
                whole.elsewhere.push(arn);
                if let Some(open) = open {
                    *public.entry(cluster).or_default() |= open;
                }
            }
        }
    }
    for database in &mut databases {
        let open = database.resource.name.as_ref().and_then(|name| public.get(name)).copied();
        if let Detail::Database(detail) = &mut database.resource.detail
            && detail.publicly_accessible.is_unread()
        {
            detail.publicly_accessible = Fact::from(open);
        }
    }
    let index = |databases: &[Database]| -> (HashMap<Text, usize>, HashMap<Text, usize>) {
        let ids = databases.iter().enumerate().filter_map(|(number, of)| Some((of.id.clone()?, number)));
        let arns = databases.iter().enumerate().map(|(number, of)| (of.resource.arn.clone(), number));
        (ids.collect(), arns.collect())
    };
    let (by_id, by_arn) = index(&databases);
    let owner = |id: Option<&Text>, arn: Option<&Text>| {
        let lasting = id.and_then(|id| by_id.get(id));
        lasting.or_else(|| arn.and_then(|arn| by_arn.get(arn))).copied()
    };
    for Backup { point, of, window } in backups {
        let found = owner(of.as_ref(), point.resource.as_ref()).and_then(|number| databases.get_mut(number));
        // That of a living database is the window that it says itself, only longer known.
        if let Some(database) = found.filter(|database| of.is_none() || database.id == of)
            && let Detail::Database(detail) = &mut database.resource.detail
        {
            detail.earliest_restorable = detail.earliest_restorable.or(window.earliest);
            detail.latest_restorable = detail.latest_restorable.or(window.latest);
            continue;
        }
        whole.points.push(point);
    }
    for Snapshot { mut point, of, automated, copy } in snapshots {
        let found = owner(of.as_ref(), point.resource.as_ref()).and_then(|number| databases.get(number));
        if let Some(database) = found {
            point.resource = Some(database.resource.arn.clone());
            let kept = database.resource.database().and_then(|of| of.backup_retention_days.known().copied());
            if automated && point.delete_after_days.is_none() {
                point.delete_after_days = kept.filter(|days| *days > 0);
            }
        }
        whole.copies.extend(copy);
        whole.points.push(point);
    }
    whole.resources = databases.into_iter().map(|database| database.resource).collect();
    whole
}

#[cfg(test)]
mod tests;
