//! RDS: database instances and clusters, their snapshots, and what is kept of automated backups.
//!
//! Each list stands for itself; `whole` then puts together what they say about the same database.
//! Neptune and DocumentDB answer to the same calls and are left out: AWS Backup and lastgood know them
//! as other kinds.

mod map;
mod shares;
mod whole;

use aws_sdk_rds::Client;

use self::map::{Backup, Database, Instance, Snapshot};
use super::calls::{
    DESCRIBE_CLUSTER_AUTOMATED_BACKUPS, DESCRIBE_CLUSTER_SNAPSHOTS, DESCRIBE_CLUSTERS, DESCRIBE_DB_AUTOMATED_BACKUPS,
    DESCRIBE_DB_INSTANCES, DESCRIBE_DB_SNAPSHOTS,
};
use super::place::Place;

/// The largest page of every list.
const PAGE: i32 = 100;

/// Read everything of the region.
pub(crate) async fn read(place: &Place, client: &Client, share_details: bool) {
    let (instances, clusters, snapshots, cluster_snapshots, backups, cluster_backups) = tokio::join!(
        instances(place, client),
        clusters(place, client),
        snapshots(place, client),
        cluster_snapshots(place, client),
        backups(place, client),
        cluster_backups(place, client),
    );
    let (snapshots, backups) = ([snapshots, cluster_snapshots].concat(), [backups, cluster_backups].concat());
    let mut whole = whole::join(instances, clusters, snapshots, backups);
    if share_details {
        shares::read(place, client, &mut whole.points).await;
    }
    place.add(|found| {
        found.resources.append(&mut whole.resources);
        found.points.append(&mut whole.points);
        found.hints.copies.append(&mut whole.copies);
        found.hints.elsewhere.extend(whole.elsewhere);
    });
}

async fn instances(place: &Place, client: &Client) -> Vec<Instance> {
    let mut instances = Vec::new();
    let fetch = |marker| async move {
        let page = client.describe_db_instances().max_records(PAGE).set_marker(marker).send().await?;
        Ok((page.db_instances.unwrap_or_default(), page.marker))
    };
    let take = |instance| {
        instances.push(map::instance(place, &instance)?);
        Ok(())
    };
    // Here and below: a failure has become a gap, and what came before it is kept.
    let _ = place.walk(DESCRIBE_DB_INSTANCES, None, fetch, take).await;
    instances
}

async fn clusters(place: &Place, client: &Client) -> Vec<Database> {
    let mut clusters = Vec::new();
    let fetch = |marker| async move {
        let page = client.describe_db_clusters().max_records(PAGE).set_marker(marker).send().await?;
        Ok((page.db_clusters.unwrap_or_default(), page.marker))
    };
    let take = |cluster| {
        clusters.extend(map::cluster(place, &cluster)?);
        Ok(())
    };
    let _ = place.walk(DESCRIBE_CLUSTERS, None, fetch, take).await;
    clusters
}

/// Manual and automated ones and those of AWS Backup; without a type, those of others are not listed.
async fn snapshots(place: &Place, client: &Client) -> Vec<Snapshot> {
    let mut snapshots = Vec::new();
    let fetch = |marker| async move {
        let page = client.describe_db_snapshots().max_records(PAGE).set_marker(marker).send().await?;
        Ok((page.db_snapshots.unwrap_or_default(), page.marker))
    };
    let take = |snapshot| {
        snapshots.extend(map::snapshot(place, &snapshot)?);
        Ok(())
    };
    let _ = place.walk(DESCRIBE_DB_SNAPSHOTS, None, fetch, take).await;
    snapshots
}

async fn cluster_snapshots(place: &Place, client: &Client) -> Vec<Snapshot> {
    let mut snapshots = Vec::new();
    let fetch = |marker| async move {
        let page = client.describe_db_cluster_snapshots().max_records(PAGE).set_marker(marker).send().await?;
        Ok((page.db_cluster_snapshots.unwrap_or_default(), page.marker))
    };
    let take = |snapshot| {
        snapshots.extend(map::cluster_snapshot(place, &snapshot)?);
        Ok(())
    };
    let _ = place.walk(DESCRIBE_CLUSTER_SNAPSHOTS, None, fetch, take).await;
    snapshots
}

async fn backups(place: &Place, client: &Client) -> Vec<Backup> {
    let mut backups = Vec::new();
    let fetch = |marker| async move {
        let request = client.describe_db_instance_automated_backups();
        let page = request.max_records(PAGE).set_marker(marker).send().await?;
        Ok((page.db_instance_automated_backups.unwrap_or_default(), page.marker))
    };
    let take = |backup| {
        backups.push(map::backup(place, &backup)?);
        Ok(())
    };
    let _ = place.walk(DESCRIBE_DB_AUTOMATED_BACKUPS, None, fetch, take).await;
    backups
}

async fn cluster_backups(place: &Place, client: &Client) -> Vec<Backup> {
    let mut backups = Vec::new();
    let fetch = |marker| async move {
        let request = client.describe_db_cluster_automated_backups();
        let page = request.max_records(PAGE).set_marker(marker).send().await?;
        Ok((page.db_cluster_automated_backups.unwrap_or_default(), page.marker))
    };
    let take = |backup| {
        backups.extend(map::cluster_backup(place, &backup)?);
        Ok(())
    };
    let _ = place.walk(DESCRIBE_CLUSTER_AUTOMATED_BACKUPS, None, fetch, take).await;
    backups
}
