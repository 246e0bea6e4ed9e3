//! EC2: instances, volumes, snapshots, images, locks and the settings of the region.

pub(super) mod map;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{ImageAttributeName, SnapshotAttributeName};

use super::calls::{
    DESCRIBE_IMAGE_ATTRIBUTE, DESCRIBE_IMAGES, DESCRIBE_INSTANCES, DESCRIBE_LOCKED_SNAPSHOTS,
    DESCRIBE_PUBLIC_SNAPSHOTS, DESCRIBE_SNAPSHOT_ATTRIBUTE, DESCRIBE_SNAPSHOTS, DESCRIBE_VOLUMES,
    GET_EBS_ENCRYPTION_BY_DEFAULT, GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE,
};
use super::pages::Missing;
use super::place::Place;
use crate::model::fact::Fact;
use crate::model::recovery_point::{PointLock, RecoveryPoint};
use crate::model::text::Text;

/// Always given: without it EC2 counts the request against a smaller, unpaginated budget.
const PAGE: i32 = 1_000;

/// Pause between requests that ask about single snapshots, so that half of EC2's refill of 20 a second
/// stays for others.
const PACE: std::time::Duration = std::time::Duration::from_millis(100);

/// Read everything of the region.
pub(crate) async fn read(place: &Place, client: &Client, share_details: bool) {
    tokio::join!(
        settings(place, client),
        volumes(place, client),
        instances(place, client),
        snapshots(place, client, share_details),
        images(place, client, share_details),
    );
}

async fn settings(place: &Place, client: &Client) {
    let request = client.get_ebs_encryption_by_default().send();
    if let Some(answer) = place.ask(GET_EBS_ENCRYPTION_BY_DEFAULT, None, request).await {
        place.add(|found| found.settings.ebs_encryption_by_default = Fact::from(answer.ebs_encryption_by_default()));
    }
    let request = client.get_snapshot_block_public_access_state().send();
    if let Some(answer) = place.ask(GET_SNAPSHOT_BLOCK_PUBLIC_ACCESS_STATE, None, request).await {
        let state = answer.state().map(|state| Text::from(state.as_str()));
        place.add(|found| found.settings.snapshot_block_public_access = Fact::from(state));
    }
}

async fn volumes(place: &Place, client: &Client) {
    let fetch = |token| async move {
        let page = client.describe_volumes().max_results(PAGE).set_next_token(token).send().await?;
        Ok((page.volumes.unwrap_or_default(), page.next_token))
    };
    let take = |volume| {
        let volume = map::volume(place, &volume)?;
        place.add(|found| found.resources.extend(volume));
        Ok(())
    };
    // A failure has become a gap; nothing else here depends on the list.
    let _ = place.walk(DESCRIBE_VOLUMES, None, fetch, take).await;
}

async fn instances(place: &Place, client: &Client) {
    let fetch = |token| async move {
        let page = client.describe_instances().max_results(PAGE).set_next_token(token).send().await?;
        let reservations = page.reservations.unwrap_or_default().into_iter();
        let instances = reservations.flat_map(|reservation| reservation.instances.unwrap_or_default()).collect();
        Ok((instances, page.next_token))
    };
    let take = |instance| {
        let instance = map::instance(place, &instance)?;
        place.add(|found| found.resources.extend(instance));
        Ok(())
    };
    let _ = place.walk(DESCRIBE_INSTANCES, None, fetch, take).await;
}

async fn snapshots(place: &Place, client: &Client, share_details: bool) {
    let fetch = |token| async move {
        let page = client.describe_snapshots().owner_ids("self").max_results(PAGE).set_next_token(token).send().await?;
        Ok((page.snapshots.unwrap_or_default(), page.next_token))
    };
    let mut points: Vec<RecoveryPoint> = Vec::new();
    let take = |snapshot| {
        let (point, copy) = map::snapshot(place, &snapshot)?;
        points.push(point);
        place.add(|found| found.hints.copies.extend(copy));
        Ok(())
    };
    let listed = place.walk(DESCRIBE_SNAPSHOTS, None, fetch, take).await;
    if points.is_empty() {
        match listed {
            Ok(_) => place.nothing_to_ask(&[DESCRIBE_LOCKED_SNAPSHOTS]),
            Err(_) => place.unread(&[DESCRIBE_LOCKED_SNAPSHOTS]),
        }
        return;
    }
    let (locks, public) = tokio::join!(locked(place, client), public(place, client));
    for point in &mut points {
        let id = crate::model::arn::short(&point.arn);
        let lock = locks.get(id).cloned();
        let public = public.as_ref().map(|public| public.contains(id));
        if lock.is_some() || public.is_some() {
            let extra = point.extra_mut();
            extra.lock = lock;
            extra.public = Fact::from(public);
        }
    }
    if share_details {
        snapshot_shares(place, client, &mut points).await;
    }
    place.add(|found| found.points.append(&mut points));
}

/// Locks by snapshot id.
async fn locked(place: &Place, client: &Client) -> BTreeMap<String, PointLock> {
    let mut locks = BTreeMap::new();
    let fetch = |token| async move {
        let page = client.describe_locked_snapshots().max_results(PAGE).set_next_token(token).send().await?;
        Ok((page.snapshots.unwrap_or_default(), page.next_token))
    };
    let take = |snapshot| {
        locks.extend(map::lock(&snapshot)?);
        Ok(())
    };
    let _ = place.walk(DESCRIBE_LOCKED_SNAPSHOTS, None, fetch, take).await;
    locks
}

/// Ids of the snapshots that anybody may restore; `None` when that is not completely known.
async fn public(place: &Place, client: &Client) -> Option<BTreeSet<String>> {
    let mut public = BTreeSet::new();
    let fetch = |token| async move {
        let request = client.describe_snapshots().owner_ids("self").restorable_by_user_ids("all");
        let page = request.max_results(PAGE).set_next_token(token).send().await?;
        Ok((page.snapshots.unwrap_or_default(), page.next_token))
    };
    let take = |snapshot: aws_sdk_ec2::types::Snapshot| {
        public.insert(snapshot.snapshot_id.ok_or(Missing("SnapshotId"))?);
        Ok(())
    };
    place.walk(DESCRIBE_PUBLIC_SNAPSHOTS, None, fetch, take).await.ok()?;
    Some(public)
}

async fn snapshot_shares(place: &Place, client: &Client, points: &mut [RecoveryPoint]) {
    for point in points {
        let request = client
            .describe_snapshot_attribute()
            .snapshot_id(crate::model::arn::short(&point.arn))
            .attribute(SnapshotAttributeName::CreateVolumePermission);
        if let Some(answer) = place.ask(DESCRIBE_SNAPSHOT_ATTRIBUTE, Some(&point.arn), request.send()).await {
            let permissions = answer.create_volume_permissions();
            let accounts = permissions.iter().filter_map(|permission| permission.user_id()).map(Text::from).collect();
            point.extra_mut().shared_with = Fact::Known(accounts);
        }
        tokio::time::sleep(PACE).await;
    }
}

async fn images(place: &Place, client: &Client, share_details: bool) {
    // A disabled image is invisible otherwise, and its snapshots look as if nothing needed them.
    let fetch = |token| async move {
        let request = client.describe_images().owners("self").include_disabled(true);
        let page = request.max_results(PAGE).set_next_token(token).send().await?;
        Ok((page.images.unwrap_or_default(), page.next_token))
    };
    let mut points = Vec::new();
    let take = |image| {
        let (point, copy) = map::image(place, &image)?;
        points.push(point);
        place.add(|found| found.hints.copies.extend(copy));
        Ok(())
    };
    let _ = place.walk(DESCRIBE_IMAGES, None, fetch, take).await;
    if share_details {
        image_shares(place, client, &mut points).await;
    }
    place.add(|found| found.points.append(&mut points));
}

async fn image_shares(place: &Place, client: &Client, points: &mut [RecoveryPoint]) {
    for point in points {
        let request = client
            .describe_image_attribute()
            .image_id(crate::model::arn::short(&point.arn))
            .attribute(ImageAttributeName::LaunchPermission);
        if let Some(answer) = place.ask(DESCRIBE_IMAGE_ATTRIBUTE, Some(&point.arn), request.send()).await {
            // Organizations and organizational units are given by ARN.
            let accounts = answer.launch_permissions().iter().filter_map(|permission| {
                let arn = permission.organization_arn().or(permission.organizational_unit_arn());
                permission.user_id().or(arn).map(Text::from)
            });
            point.extra_mut().shared_with = Fact::Known(accounts.collect());
        }
        tokio::time::sleep(PACE).await;
    }
}
