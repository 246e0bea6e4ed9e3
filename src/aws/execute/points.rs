//! Recovery points: as they are now, marked, kept, deleted.

use aws_sdk_backup::operation::describe_recovery_point::DescribeRecoveryPointOutput;
use aws_sdk_backup::types::{
    CopyJob, CopyJobState, LegalHold, LegalHoldStatus, Lifecycle, RecoveryPointByBackupVault, RecoveryPointMember,
};
use aws_sdk_ec2::types::{Filter, ImageAttributeName, SnapshotAttributeName};

use super::{Spot, found, unreadable};
use crate::aws::backup::map as backup;
use crate::aws::calls::{
    BACKUP_TAG_RESOURCE, DELETE_RECOVERY_POINT, DELETE_SNAPSHOT, DESCRIBE_IMAGE_ATTRIBUTE, DESCRIBE_IMAGES,
    DESCRIBE_LOCKED_SNAPSHOTS, DESCRIBE_RECOVERY_POINT, DESCRIBE_SNAPSHOT_ATTRIBUTE, DESCRIBE_SNAPSHOTS,
    LIST_BACKUP_TAGS, LIST_COPY_JOBS, LIST_HELD_POINTS, LIST_LEGAL_HOLDS, LIST_SNAPSHOTS_IN_RECYCLE_BIN,
    UPDATE_POINT_LIFECYCLE,
};
use crate::aws::ec2::map as ec2;
use crate::aws::pages::Missing;
use crate::model::arn::short;
use crate::model::fact::Fact;
use crate::model::plan::{GoodCopy, PointFacts};
use crate::model::recovery_point::{PointKind, PointStatus, RecoveryPoint};
use crate::model::resource::Tags;
use crate::model::text::Text;
use crate::remediate::port::Called;
use crate::sources::link::take_in;

/// Every fact about a point that its services tell.
pub(super) async fn describe(spot: &Spot, planned: &PointFacts) -> Called<Option<PointFacts>> {
    let own = match planned.kind {
        PointKind::EbsSnapshot => snapshot(spot, &planned.arn).await?,
        _ => None,
    };
    let Some(vault) = &planned.vault else {
        return Ok(own.map(|point| PointFacts::of(&point, false)));
    };
    let Some(mut point) = in_vault(spot, vault, &planned.arn).await? else {
        // AWS Backup does not know it: if the snapshot is still there, it is not gone.
        return Ok(own.map(|point| PointFacts::of(&point, false)));
    };
    match &own {
        Some(own) => take_in(&mut point, own),
        None => point.extra_mut().tags = Fact::Known(tags(spot, &planned.arn).await?),
    }
    if planned.kind == PointKind::Image {
        let (public, shared_with) = launchers(spot, &planned.arn).await?;
        (point.extra_mut().public, point.extra_mut().shared_with) = (Fact::Known(public), Fact::Known(shared_with));
    }
    if let Some(image) = own.as_ref().and_then(|own| own.extra.as_ref()?.member_of.clone()) {
        point.extra_mut().member_of = Some(image);
    }
    point.extra_mut().legal_holds = legal_holds(spot, &planned.arn).await?;
    let copying = copying(spot, &planned.arn).await?;
    Ok(Some(PointFacts::of(&point, copying)))
}

/// The state of a good copy.
pub(super) async fn status(spot: &Spot, copy: &GoodCopy) -> Called<Option<PointStatus>> {
    if let Some(vault) = &copy.vault {
        return Ok(in_vault(spot, vault, &copy.arn).await?.map(|point| point.status));
    }
    Ok(match copy.kind {
        PointKind::EbsSnapshot => listed(spot, &copy.arn).await?.map(|point| point.status),
        _ => None,
    })
}

/// A snapshot as EC2 lists it.
async fn listed(spot: &Spot, arn: &str) -> Called<Option<RecoveryPoint>> {
    let request = spot.clients.ec2.describe_snapshots().snapshot_ids(short(arn));
    let Some(answer) = found(spot.send(DESCRIBE_SNAPSHOTS, request.send()).await)? else { return Ok(None) };
    let Some(snapshot) = answer.snapshots().first() else { return Ok(None) };
    let (point, _) =
        ec2::snapshot(&spot.place, snapshot).map_err(|missing| unreadable(DESCRIBE_SNAPSHOTS, missing.0))?;
    Ok(Some(point))
}

/// A snapshot with its lock, its image and with whom it is shared.
async fn snapshot(spot: &Spot, arn: &str) -> Called<Option<RecoveryPoint>> {
    let Some(mut point) = listed(spot, arn).await? else { return Ok(None) };
    let (client, id) = (&spot.clients.ec2, short(arn));
    let locks = client.describe_locked_snapshots().snapshot_ids(id).send();
    let locks = spot.send(DESCRIBE_LOCKED_SNAPSHOTS, locks).await?;
    let of_image = Filter::builder().name("block-device-mapping.snapshot-id").values(id).build();
    let images = client.describe_images().owners("self").include_disabled(true).filters(of_image).send();
    let images = spot.send(DESCRIBE_IMAGES, images).await?;
    let shares = client.describe_snapshot_attribute().snapshot_id(id);
    let shares = shares.attribute(SnapshotAttributeName::CreateVolumePermission).send();
    let shares = spot.send(DESCRIBE_SNAPSHOT_ATTRIBUTE, shares).await?;
    let extra = point.extra_mut();
    for lock in locks.snapshots() {
        let lock = ec2::lock(lock).map_err(|missing| unreadable(DESCRIBE_LOCKED_SNAPSHOTS, missing.0))?;
        extra.lock = lock.filter(|(of, _)| of == id).map(|(_, lock)| lock).or(extra.lock.take());
    }
    // The filter is not trusted: an image that has the snapshot is one whether or not it was asked for.
    let has = |image: &&aws_sdk_ec2::types::Image| {
        image.block_device_mappings().iter().any(|device| device.ebs().and_then(|ebs| ebs.snapshot_id()) == Some(id))
    };
    let image = images.images().iter().find(has).and_then(|image| image.image_id());
    extra.member_of = image.map(|id| spot.place.stored_arn(&format!("image/{id}")));
    let permissions = shares.create_volume_permissions();
    extra.public = Fact::Known(permissions.iter().any(|permission| permission.group().is_some()));
    extra.shared_with =
        Fact::Known(permissions.iter().filter_map(|permission| permission.user_id()).map(Text::from).collect());
    Ok(Some(point))
}

/// Who may launch an image: whether everybody, and the accounts. One that is gone is launched by nobody.
async fn launchers(spot: &Spot, arn: &str) -> Called<(bool, Vec<Text>)> {
    let request = spot.clients.ec2.describe_image_attribute().image_id(short(arn));
    let request = request.attribute(ImageAttributeName::LaunchPermission).send();
    let answer = found(spot.send(DESCRIBE_IMAGE_ATTRIBUTE, request).await)?;
    let permissions = answer.as_ref().map(|answer| answer.launch_permissions()).unwrap_or_default();
    let whole = |permission: &aws_sdk_ec2::types::LaunchPermission| {
        permission.user_id().or(permission.organization_arn()).or(permission.organizational_unit_arn()).map(Text::from)
    };
    let public = permissions.iter().any(|permission| permission.group().is_some());
    Ok((public, permissions.iter().filter_map(whole).collect()))
}

async fn described(spot: &Spot, vault: &str, arn: &str) -> Called<Option<DescribeRecoveryPointOutput>> {
    let request = spot.clients.backup.describe_recovery_point().backup_vault_name(short(vault)).recovery_point_arn(arn);
    found(spot.send(DESCRIBE_RECOVERY_POINT, request.send()).await)
}

/// A point as AWS Backup knows it.
async fn in_vault(spot: &Spot, vault: &Text, arn: &str) -> Called<Option<RecoveryPoint>> {
    let Some(answer) = described(spot, vault, arn).await? else { return Ok(None) };
    // The same facts as in the vault's list, so that one conversion serves both.
    let listed = RecoveryPointByBackupVault::builder()
        .set_recovery_point_arn(answer.recovery_point_arn)
        .set_backup_vault_name(answer.backup_vault_name)
        .set_backup_vault_arn(answer.backup_vault_arn)
        .set_source_backup_vault_arn(answer.source_backup_vault_arn)
        .set_resource_arn(answer.resource_arn)
        .set_resource_type(answer.resource_type)
        .set_created_by(answer.created_by)
        .set_status(answer.status)
        .set_status_message(answer.status_message)
        .set_creation_date(answer.creation_date)
        .set_completion_date(answer.completion_date)
        .set_backup_size_in_bytes(answer.backup_size_in_bytes)
        .set_calculated_lifecycle(answer.calculated_lifecycle)
        .set_lifecycle(answer.lifecycle)
        .set_encryption_key_arn(answer.encryption_key_arn)
        .is_encrypted(answer.is_encrypted)
        .set_last_restore_time(answer.last_restore_time)
        .set_parent_recovery_point_arn(answer.parent_recovery_point_arn)
        .is_parent(answer.is_parent)
        .build();
    let point = backup::point(&spot.place, vault, &listed);
    point.map(Some).map_err(|missing| unreadable(DESCRIBE_RECOVERY_POINT, missing.0))
}

async fn tags(spot: &Spot, arn: &str) -> Called<Tags> {
    let mut tags = Tags::new();
    let fetch = |token| async move {
        let page = spot.clients.backup.list_tags().resource_arn(arn).set_next_token(token).send().await?;
        Ok((page.tags.unwrap_or_default().into_iter().collect(), page.next_token))
    };
    let take = |(key, value): (String, String)| {
        tags.insert(key.into(), value.into());
        Ok(())
    };
    spot.walk(LIST_BACKUP_TAGS, fetch, take).await?;
    Ok(tags)
}

/// ARNs of the holds that keep the point. One that is being made or ended keeps it too.
async fn legal_holds(spot: &Spot, arn: &str) -> Called<Vec<Text>> {
    let mut open = Vec::new();
    let fetch = |token| async move {
        let page = spot.clients.backup.list_legal_holds().set_next_token(token).send().await?;
        Ok((page.legal_holds.unwrap_or_default(), page.next_token))
    };
    let take = |hold: LegalHold| {
        let id = hold.legal_hold_id.ok_or(Missing("LegalHoldId"))?;
        if hold.status != Some(LegalHoldStatus::Canceled) {
            open.push((id.clone(), hold.legal_hold_arn.unwrap_or(id)));
        }
        Ok(())
    };
    spot.walk(LIST_LEGAL_HOLDS, fetch, take).await?;
    let mut holds = Vec::new();
    for (id, hold) in open {
        if holds_point(spot, &id, arn).await? {
            holds.push(Text::from(hold));
        }
    }
    holds.sort();
    Ok(holds)
}

async fn holds_point(spot: &Spot, hold: &str, arn: &str) -> Called<bool> {
    let mut is_held = false;
    let fetch = |token| async move {
        let request = spot.clients.backup.list_recovery_points_by_legal_hold().legal_hold_id(hold);
        let page = request.set_next_token(token).send().await?;
        Ok((page.recovery_points.unwrap_or_default(), page.next_token))
    };
    let take = |point: RecoveryPointMember| {
        is_held |= point.recovery_point_arn() == Some(arn);
        Ok(())
    };
    spot.walk(LIST_HELD_POINTS, fetch, take).await?;
    Ok(is_held)
}

/// Whether AWS Backup copies it at this moment.
async fn copying(spot: &Spot, arn: &str) -> Called<bool> {
    let mut is_copied = false;
    for state in [CopyJobState::Created, CopyJobState::Running] {
        let fetch = |token| {
            let request = spot.clients.backup.list_copy_jobs().by_state(state.clone()).set_next_token(token);
            async move {
                let page = request.send().await?;
                Ok((page.copy_jobs.unwrap_or_default(), page.next_token))
            }
        };
        let take = |job: CopyJob| {
            is_copied |= job.source_recovery_point_arn() == Some(arn);
            Ok(())
        };
        spot.walk(LIST_COPY_JOBS, fetch, take).await?;
    }
    Ok(is_copied)
}

pub(super) async fn tag(spot: &Spot, arn: &str, kind: PointKind, tags: &Tags) -> Called<()> {
    if kind == PointKind::EbsSnapshot {
        return super::snapshots::tag(spot, arn, tags).await;
    }
    let tags = tags.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    let request = spot.clients.backup.tag_resource().resource_arn(arn).set_tags(Some(tags));
    spot.send(BACKUP_TAG_RESOURCE, request.send()).await.map(|_| ())
}

/// What lies in a vault is AWS Backup's to delete: EC2 refuses it.
pub(super) async fn delete(spot: &Spot, point: &PointFacts) -> Called<()> {
    if let Some(vault) = &point.vault {
        let request = spot.clients.backup.delete_recovery_point().backup_vault_name(short(vault));
        let request = request.recovery_point_arn(point.arn.as_str()).send();
        return spot.send(DELETE_RECOVERY_POINT, request).await.map(|_| ());
    }
    let request = spot.clients.ec2.delete_snapshot().snapshot_id(short(&point.arn)).send();
    spot.send(DELETE_SNAPSHOT, request).await.map(|_| ())
}

pub(super) async fn residue(spot: &Spot, point: &PointFacts) -> Called<Option<Text>> {
    if point.kind != PointKind::EbsSnapshot {
        return Ok(None);
    }
    let id = short(&point.arn);
    let request = spot.clients.ec2.list_snapshots_in_recycle_bin().snapshot_ids(id).send();
    let Some(answer) = found(spot.send(LIST_SNAPSHOTS_IN_RECYCLE_BIN, request).await)? else { return Ok(None) };
    let kept = answer.snapshots().iter().find(|snapshot| snapshot.snapshot_id() == Some(id));
    Ok(kept.map(|kept| {
        let until = kept.recycle_bin_exit_time().and_then(crate::aws::convert::instant);
        Text::from(until.map_or_else(
            || "the Recycle Bin".to_owned(),
            |until| format!("the Recycle Bin until {}", until.format("%Y-%m-%d %H:%M UTC")),
        ))
    }))
}

/// Both values are always given: the one that is left out would be lost.
pub(super) async fn keep(spot: &Spot, point: &PointFacts, delete_after_days: u32) -> Called<()> {
    let vault = point.vault.as_deref().unwrap_or_default();
    let now = described(spot, vault, &point.arn).await?;
    let cold = now.and_then(|now| now.lifecycle?.move_to_cold_storage_after_days).filter(|days| *days > 0);
    let lifecycle = Lifecycle::builder()
        .set_move_to_cold_storage_after_days(cold)
        .delete_after_days(i64::from(delete_after_days))
        .build();
    let request = spot.clients.backup.update_recovery_point_lifecycle().backup_vault_name(short(vault));
    let request = request.recovery_point_arn(point.arn.as_str()).lifecycle(lifecycle).send();
    spot.send(UPDATE_POINT_LIFECYCLE, request).await.map(|_| ())
}
