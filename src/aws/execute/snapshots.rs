//! Snapshots and backups on demand.

use aws_sdk_backup::types::Lifecycle;
use aws_sdk_ec2::types::{
    CopyTagsFromSource, Filter, InstanceSpecification, ResourceType, Snapshot, Tag, TagSpecification,
};

use super::{Spot, unreadable};
use crate::aws::calls::{
    COPY_SNAPSHOT, CREATE_SNAPSHOT, CREATE_SNAPSHOTS, CREATE_TAGS, DESCRIBE_BACKUP_JOB, DESCRIBE_SNAPSHOTS,
    START_BACKUP_JOB,
};
use crate::aws::convert::maybe_text;
use crate::aws::ec2::map as ec2;
use crate::aws::pages::Missing;
use crate::model::arn::short;
use crate::model::fact::Fact;
use crate::model::plan::VolumeRef;
use crate::model::resource::Tags;
use crate::model::text::Text;
use crate::remediate::apply::ITEM_TAG;
use crate::remediate::port::{BackupOrder, Called, Job, Made};

/// Snapshots with the tag of an item.
pub(super) async fn made(spot: &Spot, item: &str) -> Called<Vec<Made>> {
    let filter = Filter::builder().name(format!("tag:{ITEM_TAG}")).values(item).build();
    let mut made: Vec<Made> = Vec::new();
    let fetch = |token| {
        let request = spot.clients.ec2.describe_snapshots().owner_ids("self").filters(filter.clone());
        let request = request.max_results(1_000).set_next_token(token);
        async move {
            let page = request.send().await?;
            Ok((page.snapshots.unwrap_or_default(), page.next_token))
        }
    };
    let take = |snapshot| {
        made.push(one(spot, &snapshot)?);
        Ok(())
    };
    spot.walk(DESCRIBE_SNAPSHOTS, fetch, take).await?;
    made.sort_by(|a, b| a.arn.cmp(&b.arn));
    Ok(made)
}

fn one(spot: &Spot, snapshot: &Snapshot) -> Result<Made, Missing> {
    let (point, _) = ec2::snapshot(&spot.place, snapshot)?;
    let tags = point.extra.as_ref().and_then(|extra| extra.tags.known().cloned()).unwrap_or_default();
    Ok(Made {
        arn: point.arn,
        of: snapshot.volume_id().map(|id| spot.place.arn("ec2", &format!("volume/{id}"))),
        status: point.status,
        progress: maybe_text(snapshot.progress()),
        encrypted: point.encrypted == Fact::Known(true),
        tags,
    })
}

/// Tags for the call that makes something.
pub(super) fn specification<'t>(
    kind: ResourceType,
    tags: impl Iterator<Item = (&'t Text, &'t Text)>,
) -> TagSpecification {
    TagSpecification::builder().resource_type(kind).set_tags(Some(to_aws(tags))).build()
}

fn to_aws<'t>(tags: impl Iterator<Item = (&'t Text, &'t Text)>) -> Vec<Tag> {
    tags.map(|(key, value)| Tag::builder().key(key.as_str()).value(value.as_str()).build()).collect()
}

/// Add tags to a snapshot or volume.
pub(super) async fn tag(spot: &Spot, arn: &str, tags: &Tags) -> Called<()> {
    let request = spot.clients.ec2.create_tags().resources(short(arn)).set_tags(Some(to_aws(tags.iter()))).send();
    spot.send(CREATE_TAGS, request).await.map(|_| ())
}

pub(super) async fn make(spot: &Spot, instance: Option<&str>, volumes: &[VolumeRef], tags: &Tags) -> Called<()> {
    let client = &spot.clients.ec2;
    if let Some(instance) = instance {
        // EC2 copies each volume's tags to its own snapshot.
        let request = client
            .create_snapshots()
            .instance_specification(InstanceSpecification::builder().instance_id(short(instance)).build())
            .copy_tags_from_source(CopyTagsFromSource::Volume)
            .description(format!("lastgood: all volumes of {}", short(instance)))
            .tag_specifications(specification(ResourceType::Snapshot, tags.iter()));
        return spot.send(CREATE_SNAPSHOTS, request.send()).await.map(|_| ());
    }
    for volume in volumes {
        // Tags of AWS's own cannot be set.
        let own = volume.tags.iter().filter(|(key, _)| !key.starts_with("aws:") && !tags.contains_key(*key));
        let request = client
            .create_snapshot()
            .volume_id(short(&volume.arn))
            .description(format!("lastgood: {}", short(&volume.arn)))
            .tag_specifications(specification(ResourceType::Snapshot, own.chain(tags.iter())));
        spot.send(CREATE_SNAPSHOT, request.send()).await?;
    }
    Ok(())
}

pub(super) async fn copy_encrypted(spot: &Spot, snapshot: &str, tags: &Tags) -> Called<()> {
    let request = spot
        .clients
        .ec2
        .copy_snapshot()
        .source_region(spot.place.region.as_str())
        .source_snapshot_id(short(snapshot))
        .encrypted(true)
        .description(format!("lastgood: encrypted copy of {}", short(snapshot)))
        .tag_specifications(specification(ResourceType::Snapshot, tags.iter()));
    spot.send(COPY_SNAPSHOT, request.send()).await.map(|_| ())
}

pub(super) async fn start_backup(spot: &Spot, order: &BackupOrder<'_>) -> Called<Text> {
    let tags = order.tags.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    let lifecycle = Lifecycle::builder().delete_after_days(i64::from(order.delete_after_days)).build();
    let request = spot
        .clients
        .backup
        .start_backup_job()
        .resource_arn(order.resource)
        .backup_vault_name(order.vault)
        .iam_role_arn(order.role)
        .idempotency_token(order.token)
        .lifecycle(lifecycle)
        .set_recovery_point_tags(Some(tags));
    let answer = spot.send(START_BACKUP_JOB, request.send()).await?;
    answer.backup_job_id().map(Text::from).ok_or_else(|| unreadable(START_BACKUP_JOB, "BackupJobId"))
}

pub(super) async fn backup_job(spot: &Spot, job: &str) -> Called<Job> {
    let request = spot.clients.backup.describe_backup_job().backup_job_id(job).send();
    let answer = spot.send(DESCRIBE_BACKUP_JOB, request).await?;
    Ok(Job {
        state: answer.state().map(|state| Text::from(state.as_str())).unwrap_or_default(),
        message: maybe_text(answer.status_message()),
        made: maybe_text(answer.recovery_point_arn()),
    })
}
