//! From EC2's structures to ours. Pure.

use std::sync::Arc;

use aws_sdk_ec2::types;

use crate::aws::convert::{instant, maybe_instant, maybe_text};
use crate::aws::pages::Missing;
use crate::aws::place::Place;
use crate::model::Instant;
use crate::model::fact::Fact;
use crate::model::kind::Kind;
use crate::model::recovery_point::{CreatedBy, PointExtra, PointKind, PointLock, PointStatus, RecoveryPoint};
use crate::model::resource::{Detail, Existence, Instance, Resource, Tags, Volume};
use crate::model::text::Text;
use crate::sources::link::Copy;

/// The tag of what AWS Backup's restore tests make. Plans ignore such things, and they are deleted
/// within days.
const RESTORE_TEST_TAG: &str = "awsbackup-restore-test";

/// AWS Backup's tag with the ARN of what a point was made from.
const SOURCE_TAG: &str = "aws:backup:source-resource";

const GIB: u64 = 1 << 30;

pub(crate) fn tags(list: Option<&[types::Tag]>) -> Tags {
    let pairs = list.unwrap_or_default().iter();
    pairs.filter_map(|tag| Some((Text::from(tag.key()?), Text::from(tag.value().unwrap_or_default())))).collect()
}

/// The name that people gave, if any.
fn name(tags: &Tags) -> Option<Text> {
    tags.get("Name").filter(|name| !name.is_empty()).cloned()
}

/// A volume; `None` for one that a restore test made.
pub(in crate::aws) fn volume(place: &Place, volume: &types::Volume) -> Result<Option<Resource>, Missing> {
    let id = volume.volume_id().ok_or(Missing("VolumeId"))?;
    let tags = tags(volume.tags.as_deref());
    if tags.contains_key(RESTORE_TEST_TAG) {
        return Ok(None);
    }
    let attached = volume.attachments().iter().filter_map(|attachment| attachment.instance_id());
    Ok(Some(Resource {
        arn: place.arn("ec2", &format!("volume/{id}")),
        kind: Kind::EbsVolume,
        account: place.account.clone(),
        region: place.region.clone(),
        name: name(&tags),
        tags: Fact::Known(tags),
        created_at: Fact::from(maybe_instant(volume.create_time())),
        application: None,
        criticality: None,
        existence: Existence::Present,
        detail: Detail::Volume(Volume {
            size_gib: Fact::from(volume.size().and_then(|size| u64::try_from(size).ok())),
            encrypted: Fact::from(volume.encrypted()),
            kms_key: maybe_text(volume.kms_key_id()),
            attached_to: attached.map(|id| place.arn("ec2", &format!("instance/{id}"))).collect(),
        }),
    }))
}

/// An instance; `None` for one that is gone or going, or that a restore test made.
pub(in crate::aws) fn instance(place: &Place, instance: &types::Instance) -> Result<Option<Resource>, Missing> {
    let id = instance.instance_id().ok_or(Missing("InstanceId"))?;
    let tags = tags(instance.tags.as_deref());
    let state = instance.state().and_then(|state| state.name()).map(|state| state.as_str());
    // A terminated instance stays listed for about an hour.
    if matches!(state, Some("terminated" | "shutting-down")) || tags.contains_key(RESTORE_TEST_TAG) {
        return Ok(None);
    }
    let volumes = instance.block_device_mappings().iter().filter_map(|device| device.ebs()?.volume_id());
    Ok(Some(Resource {
        arn: place.arn("ec2", &format!("instance/{id}")),
        kind: Kind::Ec2Instance,
        account: place.account.clone(),
        region: place.region.clone(),
        name: name(&tags),
        tags: Fact::Known(tags),
        created_at: Fact::Unread,
        application: None,
        criticality: None,
        existence: Existence::Present,
        detail: Detail::Instance(Instance {
            state: Fact::from(state.map(Text::from)),
            volumes: Fact::Known(volumes.map(|id| place.arn("ec2", &format!("volume/{id}"))).collect()),
        }),
    }))
}

/// A snapshot, and what it is a copy of, if it says so.
pub(in crate::aws) fn snapshot(
    place: &Place,
    snapshot: &types::Snapshot,
) -> Result<(RecoveryPoint, Option<Copy>), Missing> {
    let id = snapshot.snapshot_id().ok_or(Missing("SnapshotId"))?;
    let started_at = snapshot.start_time().and_then(instant).ok_or(Missing("StartTime"))?;
    let arn = place.stored_arn(&format!("snapshot/{id}"));
    let tags = tags(snapshot.tags.as_deref());
    let description = snapshot.description().unwrap_or_default();
    let volume = snapshot.volume_id().unwrap_or_default();
    let is_copy = volume == "vol-ffffffff" || description.starts_with("[Copied ") || snapshot.transfer_type().is_some();
    let from = copied_from(place, description, "snap-", "snapshot");
    let resource = match is_copy {
        true => source_tag(&tags, Kind::EbsVolume),
        false => (!volume.is_empty()).then(|| place.arn("ec2", &format!("volume/{volume}"))),
    };
    let status = match snapshot.state().ok_or(Missing("State"))? {
        types::SnapshotState::Completed => PointStatus::Completed,
        types::SnapshotState::Pending => PointStatus::Creating,
        types::SnapshotState::Error => PointStatus::Error,
        types::SnapshotState::Recoverable | types::SnapshotState::Recovering => PointStatus::Recoverable,
        other => PointStatus::Other(Text::from(other.as_str())),
    };
    let delete_at = tags.get("aws:dlm:expirationTime").and_then(|text| dlm_time(text));
    let point = RecoveryPoint {
        kind: PointKind::EbsSnapshot,
        resource,
        account: place.account.clone(),
        region: place.region.clone(),
        vault: None,
        status,
        started_at,
        completed_at: maybe_instant(snapshot.completion_time()),
        delete_after_days: None,
        delete_at,
        encrypted: Fact::from(snapshot.encrypted()),
        kms_key: maybe_text(snapshot.kms_key_id()),
        size: snapshot.volume_size().and_then(|size| u64::try_from(size).ok()).map(|size| size * GIB),
        extra: Some(Arc::new(PointExtra {
            is_copy,
            archived: snapshot.storage_tier() == Some(&types::StorageTier::Archive),
            managed_by: manager(&tags),
            created_by: dlm_policy(&tags),
            message: maybe_text(snapshot.state_message()),
            tags: Fact::Known(tags),
            ..PointExtra::default()
        })),
        arn: arn.clone(),
    };
    let copy = from.filter(|_| is_copy).map(|source| Copy { source, destination: arn });
    Ok((point, copy))
}

/// An image, and what it is a copy of, if it says so.
pub(in crate::aws) fn image(place: &Place, image: &types::Image) -> Result<(RecoveryPoint, Option<Copy>), Missing> {
    let id = image.image_id().ok_or(Missing("ImageId"))?;
    let created = image.creation_date().ok_or(Missing("CreationDate"))?;
    let started_at = created.parse::<Instant>().map_err(|_| Missing("CreationDate that is a time"))?;
    let arn = place.stored_arn(&format!("image/{id}"));
    let tags = tags(image.tags.as_deref());
    let description = image.description().unwrap_or_default();
    let is_copy = description.starts_with("[Copied ")
        || (image.source_instance_id().is_none() && image.source_image_id().is_some());
    let from = match (image.source_image_id(), image.source_image_region()) {
        (Some(id), Some(region)) => Some(image_arn(place, region, id)),
        _ => copied_from(place, description, "ami-", "image"),
    };
    let made_from = image.source_instance_id().map(|id| place.arn("ec2", &format!("instance/{id}")));
    let resource = if is_copy { None } else { made_from };
    let status = match image.state().ok_or(Missing("State"))? {
        // A disabled image keeps its data and can be enabled again; the flag says it.
        types::ImageState::Available | types::ImageState::Disabled => PointStatus::Completed,
        types::ImageState::Pending | types::ImageState::Transient => PointStatus::Creating,
        types::ImageState::Deregistered => PointStatus::Deleting,
        types::ImageState::Error | types::ImageState::Failed | types::ImageState::Invalid => PointStatus::Error,
        other => PointStatus::Other(Text::from(other.as_str())),
    };
    let devices = || image.block_device_mappings().iter().filter_map(|device| device.ebs());
    let members = devices().filter_map(|ebs| ebs.snapshot_id());
    let gib: u64 = devices().filter_map(|ebs| u64::try_from(ebs.volume_size()?).ok()).sum();
    let point = RecoveryPoint {
        kind: PointKind::Image,
        resource: resource.or_else(|| source_tag(&tags, Kind::Ec2Instance)),
        account: place.account.clone(),
        region: place.region.clone(),
        vault: None,
        status,
        started_at,
        completed_at: None,
        delete_after_days: None,
        delete_at: None,
        encrypted: Fact::Unread,
        kms_key: None,
        size: (gib > 0).then_some(gib * GIB),
        extra: Some(Arc::new(PointExtra {
            members: members.map(|id| place.stored_arn(&format!("snapshot/{id}"))).collect(),
            is_copy,
            public: Fact::from(image.public()),
            disabled: image.state() == Some(&types::ImageState::Disabled),
            managed_by: manager(&tags),
            created_by: dlm_policy(&tags),
            message: maybe_text(image.state_reason().and_then(|reason| reason.message())),
            tags: Fact::Known(tags),
            ..PointExtra::default()
        })),
        arn: arn.clone(),
    };
    let copy = from.filter(|_| is_copy).map(|source| Copy { source, destination: arn });
    Ok((point, copy))
}

/// A snapshot lock by snapshot id.
pub(in crate::aws) fn lock(locked: &types::LockedSnapshotsInfo) -> Result<Option<(String, PointLock)>, Missing> {
    let id = locked.snapshot_id().ok_or(Missing("SnapshotId"))?;
    let state = locked.lock_state().ok_or(Missing("LockState"))?;
    let lock = PointLock { state: Text::from(state.as_str()), until: maybe_instant(locked.lock_expires_on()) };
    Ok(Some((id.to_owned(), lock)))
}

/// The service that alone may delete the point.
fn manager(tags: &Tags) -> Option<Text> {
    if tags.contains_key(SOURCE_TAG) {
        return Some(Text::from("aws-backup"));
    }
    tags.contains_key("aws:dlm:lifecycle-policy-id").then(|| Text::from("dlm"))
}

fn dlm_policy(tags: &Tags) -> Option<CreatedBy> {
    let plan = tags.get("aws:dlm:lifecycle-policy-id")?.clone();
    Some(CreatedBy { plan, rule: tags.get("aws:dlm:lifecycle-schedule-name").cloned() })
}

/// DLM writes `2026-01-04T09:16:37.130+0000`, which is not quite RFC 3339.
fn dlm_time(text: &str) -> Option<Instant> {
    let rfc = chrono::DateTime::parse_from_rfc3339(text);
    rfc.or_else(|_| chrono::DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z")).ok().map(|time| time.to_utc())
}

/// The resource that AWS Backup's tag names, if it is of the kind that such a point restores.
fn source_tag(tags: &Tags, kind: Kind) -> Option<Text> {
    let arn = tags.get(SOURCE_TAG)?;
    (crate::model::arn::Arn::parse(arn)?.kind() == Some(kind)).then(|| arn.clone())
}

fn image_arn(place: &Place, region: &str, id: &str) -> Text {
    Text::from(format!("arn:{}:ec2:{region}::image/{id}", place.partition))
}

/// The source in EC2's own description of a copy, `[Copied snap-0a from us-east-1] …`.
fn copied_from(place: &Place, description: &str, prefix: &str, noun: &str) -> Option<Text> {
    let (inside, _) = description.strip_prefix("[Copied ")?.split_once(']')?;
    let (id, region) = inside.split_once(" from ")?;
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (id.starts_with(prefix) && plain(id) && plain(region) && !region.is_empty())
        .then(|| Text::from(format!("arn:{}:ec2:{region}::{noun}/{id}", place.partition)))
}

#[cfg(test)]
mod tests;
