//! Databases, tables and file systems that AWS Backup restored for a test: they are known by the name that was ordered.
//!
//! Nothing is deleted here whose name is not one of ours, whatever the caller believes.

use aws_sdk_dynamodb::types as dynamodb;
use aws_sdk_efs::types as efs;
use aws_sdk_rds::types as rds;

use super::{Spot, found, unreadable};
use crate::aws::calls::{
    Call, DELETE_DB_CLUSTER, DELETE_DB_INSTANCE, DELETE_FILE_SYSTEM, DELETE_TABLE, DESCRIBE_CLUSTERS,
    DESCRIBE_DB_INSTANCES, DESCRIBE_FILE_SYSTEMS, DESCRIBE_TABLE, LIST_TABLES, TAG_DATABASE, TAG_FILE_SYSTEM,
    TAG_TABLE,
};
use crate::aws::convert::{instant, maybe_instant};
use crate::aws::pages::Missing;
use crate::model::Instant;
use crate::model::arn::{self, short};
use crate::model::kind::Kind;
use crate::model::resource::Tags;
use crate::model::text::Text;
use crate::remediate::port::{
    CallError, CallErrorKind, Called, EXPIRY_TAG, LIFE, NAME_PREFIX, PURPOSE, PURPOSE_TAG, Temporary,
};

/// The largest page of every list.
const PAGE: i32 = 100;

/// The kind of something that is no volume.
pub(super) fn kind(arn: &str) -> Option<Kind> {
    arn::kind(arn).filter(|kind| *kind != Kind::EbsVolume)
}

/// What tests left of this kind.
pub(super) async fn list(spot: &Spot, kind: Kind) -> Called<Vec<Temporary>> {
    let mut all = match kind {
        Kind::RdsInstance => instances(spot).await,
        Kind::RdsCluster => clusters(spot).await,
        Kind::DynamodbTable => tables(spot).await,
        Kind::EfsFileSystem => file_systems(spot).await,
        _ => Ok(Vec::new()),
    }?;
    all.retain(|one| one.marked);
    all.sort_by(|a, b| a.arn.cmp(&b.arn));
    Ok(all)
}

async fn instances(spot: &Spot) -> Called<Vec<Temporary>> {
    let mut all = Vec::new();
    let fetch = |marker| async move {
        let page = spot.clients.rds.describe_db_instances().max_records(PAGE).set_marker(marker).send().await?;
        Ok((page.db_instances.unwrap_or_default(), page.marker))
    };
    let take = |one: rds::DbInstance| instance(spot, &one).map(|one| all.push(one));
    spot.walk(DESCRIBE_DB_INSTANCES, fetch, take).await?;
    Ok(all)
}

async fn clusters(spot: &Spot) -> Called<Vec<Temporary>> {
    let mut all = Vec::new();
    let fetch = |marker| async move {
        let page = spot.clients.rds.describe_db_clusters().max_records(PAGE).set_marker(marker).send().await?;
        Ok((page.db_clusters.unwrap_or_default(), page.marker))
    };
    let take = |one: rds::DbCluster| cluster(spot, &one).map(|one| all.push(one));
    spot.walk(DESCRIBE_CLUSTERS, fetch, take).await?;
    Ok(all)
}

async fn tables(spot: &Spot) -> Called<Vec<Temporary>> {
    let mut names: Vec<String> = Vec::new();
    let fetch = |start| async move {
        let page = spot.clients.dynamodb.list_tables().limit(PAGE).set_exclusive_start_table_name(start).send().await?;
        Ok((page.table_names.unwrap_or_default(), page.last_evaluated_table_name))
    };
    let take = |name: String| {
        names.push(name);
        Ok(())
    };
    spot.walk(LIST_TABLES, fetch, take).await?;
    let mut all = Vec::new();
    for name in names.iter().filter(|name| name.starts_with(NAME_PREFIX)) {
        all.extend(table_of(spot, name).await?);
    }
    Ok(all)
}

async fn file_systems(spot: &Spot) -> Called<Vec<Temporary>> {
    let mut all = Vec::new();
    let fetch = |marker| async move {
        let page = spot.clients.efs.describe_file_systems().max_items(PAGE).set_marker(marker).send().await?;
        Ok((page.file_systems.unwrap_or_default(), page.next_marker))
    };
    let take = |one: efs::FileSystemDescription| {
        // On its way out it is as good as gone.
        if !is_going(&one) {
            all.push(file_system(spot, &one));
        }
        Ok(())
    };
    spot.walk(DESCRIBE_FILE_SYSTEMS, fetch, take).await?;
    Ok(all)
}

/// One of them as it is now.
pub(super) async fn state(spot: &Spot, kind: Kind, arn: &str) -> Called<Option<Temporary>> {
    let name = short(arn);
    let missing = |call| move |Missing(field)| unreadable(call, field);
    match kind {
        Kind::RdsInstance => {
            let request = spot.clients.rds.describe_db_instances().db_instance_identifier(name).send();
            let answer = found(spot.send(DESCRIBE_DB_INSTANCES, request).await)?;
            let one = answer.as_ref().and_then(|answer| answer.db_instances().first());
            one.map(|one| instance(spot, one)).transpose().map_err(missing(DESCRIBE_DB_INSTANCES))
        }
        Kind::RdsCluster => {
            let request = spot.clients.rds.describe_db_clusters().db_cluster_identifier(name).send();
            let answer = found(spot.send(DESCRIBE_CLUSTERS, request).await)?;
            let one = answer.as_ref().and_then(|answer| answer.db_clusters().first());
            one.map(|one| cluster(spot, one)).transpose().map_err(missing(DESCRIBE_CLUSTERS))
        }
        Kind::DynamodbTable => table_of(spot, name).await,
        _ => {
            let request = spot.clients.efs.describe_file_systems().file_system_id(name).send();
            let answer = found(spot.send(DESCRIBE_FILE_SYSTEMS, request).await)?;
            let one = answer.as_ref().and_then(|answer| answer.file_systems().first());
            Ok(one.filter(|one| one.life_cycle_state != efs::LifeCycleState::Deleted).map(|one| file_system(spot, one)))
        }
    }
}

async fn table_of(spot: &Spot, name: &str) -> Called<Option<Temporary>> {
    let request = spot.clients.dynamodb.describe_table().table_name(name).send();
    let Some(answer) = found(spot.send(DESCRIBE_TABLE, request).await)? else { return Ok(None) };
    let table = answer.table().ok_or_else(|| unreadable(DESCRIBE_TABLE, "Table"))?;
    let state = table.table_status().map(dynamodb::TableStatus::as_str).unwrap_or_default();
    let arn = spot.place.arn("dynamodb", &format!("table/{name}"));
    // Its tags are another question, and its name says what it is.
    Ok(Some(temporary(arn, name, state, maybe_instant(table.creation_date_time()), &Tags::new())))
}

fn instance(spot: &Spot, one: &rds::DbInstance) -> Result<Temporary, Missing> {
    let name = one.db_instance_identifier().ok_or(Missing("DBInstanceIdentifier"))?;
    let state = one.db_instance_status().unwrap_or_default();
    let arn = spot.place.arn("rds", &format!("db:{name}"));
    Ok(temporary(arn, name, state, maybe_instant(one.instance_create_time()), &database_tags(one.tag_list())))
}

fn cluster(spot: &Spot, one: &rds::DbCluster) -> Result<Temporary, Missing> {
    let name = one.db_cluster_identifier().ok_or(Missing("DBClusterIdentifier"))?;
    let state = one.status().unwrap_or_default();
    let arn = spot.place.arn("rds", &format!("cluster:{name}"));
    Ok(temporary(arn, name, state, maybe_instant(one.cluster_create_time()), &database_tags(one.tag_list())))
}

fn file_system(spot: &Spot, one: &efs::FileSystemDescription) -> Temporary {
    let tags = one.tags.iter().map(|tag| (Text::from(&tag.key), Text::from(&tag.value))).collect();
    let arn = spot.place.arn("elasticfilesystem", &format!("file-system/{}", one.file_system_id));
    let state = one.life_cycle_state.as_str();
    temporary(arn, &one.creation_token, state, instant(&one.creation_time), &tags)
}

fn is_going(one: &efs::FileSystemDescription) -> bool {
    matches!(one.life_cycle_state, efs::LifeCycleState::Deleting | efs::LifeCycleState::Deleted)
}

fn database_tags(tags: &[rds::Tag]) -> Tags {
    tags.iter().filter_map(|tag| Some((Text::from(tag.key()?), Text::from(tag.value().unwrap_or_default())))).collect()
}

/// By its name it is ours, and by its tags; who died before the tags were set is found by the name, and its age counts.
fn temporary(arn: Text, name: &str, state: &str, made_at: Option<Instant>, tags: &Tags) -> Temporary {
    let by_name = name.starts_with(NAME_PREFIX);
    let by_age = made_at.filter(|_| by_name).map(|at| at + LIFE.delta());
    Temporary {
        arn,
        name: Some(name.into()),
        state: state.into(),
        attached_to: None,
        attached: false,
        marked: by_name || tags.get(PURPOSE_TAG).map(Text::as_str) == Some(PURPOSE),
        expires_at: tags.get(EXPIRY_TAG).and_then(|expires| expires.parse().ok()).or(by_age),
    }
}

pub(super) async fn tag(spot: &Spot, kind: Kind, arn: &str, tags: &Tags) -> Called<()> {
    let pairs = || tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    match kind {
        Kind::RdsInstance | Kind::RdsCluster => {
            let tags = pairs().map(|(key, value)| rds::Tag::builder().key(key).value(value).build()).collect();
            let request = spot.clients.rds.add_tags_to_resource().resource_name(arn).set_tags(Some(tags)).send();
            spot.send(TAG_DATABASE, request).await.map(|_| ())
        }
        Kind::DynamodbTable => {
            let tags = pairs().filter_map(|(key, value)| dynamodb::Tag::builder().key(key).value(value).build().ok());
            let request = spot.clients.dynamodb.tag_resource().resource_arn(arn).set_tags(Some(tags.collect())).send();
            spot.send(TAG_TABLE, request).await.map(|_| ())
        }
        _ => {
            let tags = pairs().filter_map(|(key, value)| efs::Tag::builder().key(key).value(value).build().ok());
            let request = spot.clients.efs.tag_resource().resource_id(short(arn)).set_tags(Some(tags.collect())).send();
            spot.send(TAG_FILE_SYSTEM, request).await.map(|_| ())
        }
    }
}

pub(super) async fn remove(spot: &Spot, kind: Kind, arn: &str) -> Called<()> {
    let (name, call) = (short(arn), deletes(kind));
    // The last lock before the deletion: it is looked at here, and not believed.
    let Some(now) = state(spot, kind, arn).await? else { return Ok(()) };
    if !now.name.as_deref().is_some_and(|name| name.starts_with(NAME_PREFIX)) {
        return Err(CallError {
            kind: CallErrorKind::Protected,
            call: call.name().into(),
            code: "not-ours".into(),
            message: format!("{arn} has no name that begins with {NAME_PREFIX}, so no restore test made it").into(),
        });
    }
    match kind {
        Kind::RdsInstance => {
            let request = spot.clients.rds.delete_db_instance().db_instance_identifier(name);
            let request = request.skip_final_snapshot(true).delete_automated_backups(true);
            spot.send(call, request.send()).await.map(|_| ())
        }
        Kind::RdsCluster => {
            let request = spot.clients.rds.delete_db_cluster().db_cluster_identifier(name);
            let request = request.skip_final_snapshot(true).delete_automated_backups(true);
            spot.send(call, request.send()).await.map(|_| ())
        }
        Kind::DynamodbTable => {
            spot.send(call, spot.clients.dynamodb.delete_table().table_name(name).send()).await.map(|_| ())
        }
        _ => spot.send(call, spot.clients.efs.delete_file_system().file_system_id(name).send()).await.map(|_| ()),
    }
}

const fn deletes(kind: Kind) -> Call {
    match kind {
        Kind::RdsInstance => DELETE_DB_INSTANCE,
        Kind::RdsCluster => DELETE_DB_CLUSTER,
        Kind::DynamodbTable => DELETE_TABLE,
        _ => DELETE_FILE_SYSTEM,
    }
}
