//! Volumes that restore tests make, and the instance on which they are looked at.

use aws_sdk_ec2::types::{Filter, ResourceType, Volume};
use sha2::{Digest as _, Sha256};

use super::snapshots::specification;
use super::{Spot, found, unreadable};
use crate::aws::calls::{
    ATTACH_VOLUME, CREATE_VOLUME, DELETE_VOLUME, DESCRIBE_INSTANCES, DESCRIBE_VOLUMES, DETACH_VOLUME,
    GET_COMMAND_INVOCATION, SEND_COMMAND,
};
use crate::aws::ec2::map::tags;
use crate::aws::pages::Missing;
use crate::model::arn::short;
use crate::model::inventory::hex;
use crate::model::text::Text;
use crate::remediate::apply::ITEM_TAG;
use crate::remediate::port::{
    CallError, Called, EXPIRY_TAG, Inspection, PURPOSE, PURPOSE_TAG, Temporary, TestInstance, VolumeOrder,
};

/// Seconds that a command may take: reading a large volume is most of a day.
const COMMAND_SECONDS: &str = "43200";

pub(super) async fn instance(spot: &Spot, id: &str) -> Called<Option<TestInstance>> {
    let request = spot.clients.ec2.describe_instances().instance_ids(id).send();
    let Some(answer) = found(spot.send(DESCRIBE_INSTANCES, request).await)? else { return Ok(None) };
    let mut instances = answer.reservations().iter().flat_map(|reservation| reservation.instances());
    let Some(instance) = instances.next() else { return Ok(None) };
    let zone = instance.placement().and_then(|placement| placement.availability_zone());
    let state = instance.state().and_then(|state| state.name()).map(|name| name.as_str());
    Ok(Some(TestInstance {
        id: Text::from(id),
        zone: zone.map(Text::from).ok_or_else(|| unreadable(DESCRIBE_INSTANCES, "AvailabilityZone"))?,
        running: state == Some("running"),
        tags: tags(Some(instance.tags())),
    }))
}

pub(super) async fn make(spot: &Spot, order: &VolumeOrder<'_>) -> Called<Text> {
    // EC2 takes 64 characters of ASCII, and ours may be longer.
    let token = hex(&Sha256::digest(order.token));
    let request = spot.clients.ec2.create_volume().snapshot_id(short(order.snapshot)).availability_zone(order.zone);
    let request =
        request.client_token(token).tag_specifications(specification(ResourceType::Volume, order.tags.iter()));
    let answer = spot.send(CREATE_VOLUME, request.send()).await?;
    let id = answer.volume_id().ok_or_else(|| unreadable(CREATE_VOLUME, "VolumeId"))?;
    Ok(spot.place.arn("ec2", &format!("volume/{id}")))
}

pub(super) async fn temporary(spot: &Spot, item: Option<&str>) -> Called<Vec<Temporary>> {
    let (key, value) = item.map_or((PURPOSE_TAG, PURPOSE), |item| (ITEM_TAG, item));
    let filter = Filter::builder().name(format!("tag:{key}")).values(value).build();
    let mut all = Vec::new();
    let fetch = |token| {
        let request = spot.clients.ec2.describe_volumes().filters(filter.clone()).max_results(500);
        let request = request.set_next_token(token);
        async move {
            let page = request.send().await?;
            Ok((page.volumes.unwrap_or_default(), page.next_token))
        }
    };
    let take = |volume: Volume| {
        let one = one(spot, &volume)?;
        // On its way out it is as good as gone, and not to be used again.
        if one.state != *"deleting" && one.state != *"deleted" {
            all.push(one);
        }
        Ok(())
    };
    spot.walk(DESCRIBE_VOLUMES, fetch, take).await?;
    all.sort_by(|a, b| a.arn.cmp(&b.arn));
    Ok(all)
}

pub(super) async fn state(spot: &Spot, volume: &str) -> Called<Option<Temporary>> {
    let request = spot.clients.ec2.describe_volumes().volume_ids(short(volume)).send();
    let Some(answer) = found(spot.send(DESCRIBE_VOLUMES, request).await)? else { return Ok(None) };
    let Some(volume) = answer.volumes().first() else { return Ok(None) };
    let one = one(spot, volume).map_err(|Missing(field)| unreadable(DESCRIBE_VOLUMES, field))?;
    Ok((one.state != *"deleted").then_some(one))
}

fn one(spot: &Spot, volume: &Volume) -> Result<Temporary, Missing> {
    let id = volume.volume_id().ok_or(Missing("VolumeId"))?;
    let tags = tags(Some(volume.tags()));
    let state = |attachment: &aws_sdk_ec2::types::VolumeAttachment| attachment.state().map(|s| s.as_str().to_owned());
    let attachments = volume.attachments();
    let attachment = attachments.iter().find(|attachment| state(attachment).as_deref() != Some("detached"));
    Ok(Temporary {
        arn: spot.place.arn("ec2", &format!("volume/{id}")),
        name: None,
        state: volume.state().map(|state| Text::from(state.as_str())).ok_or(Missing("State"))?,
        attached_to: attachment.and_then(|attachment| attachment.instance_id()).map(Text::from),
        attached: attachment.and_then(state).as_deref() == Some("attached"),
        marked: tags.get(PURPOSE_TAG).map(Text::as_str) == Some(PURPOSE),
        expires_at: tags.get(EXPIRY_TAG).and_then(|expires| expires.parse().ok()),
    })
}

pub(super) async fn attach(spot: &Spot, volume: &str, instance: &str, device: &str) -> Called<()> {
    let request = spot.clients.ec2.attach_volume().volume_id(short(volume)).instance_id(instance).device(device);
    spot.send(ATTACH_VOLUME, request.send()).await.map(|_| ())
}

pub(super) async fn detach(spot: &Spot, volume: &str) -> Called<()> {
    let request = spot.clients.ec2.describe_volumes().volume_ids(short(volume)).send();
    let answer = spot.send(DESCRIBE_VOLUMES, request).await?;
    // From where it is seen to be, and from nowhere else.
    let attachment = answer.volumes().first().and_then(|volume| volume.attachments().first());
    let request = spot.clients.ec2.detach_volume().volume_id(short(volume));
    let request = request
        .set_instance_id(attachment.and_then(|attachment| attachment.instance_id()).map(str::to_owned))
        .set_device(attachment.and_then(|attachment| attachment.device()).map(str::to_owned));
    spot.send(DETACH_VOLUME, request.send()).await.map(|_| ())
}

pub(super) async fn remove(spot: &Spot, volume: &str) -> Called<()> {
    spot.send(DELETE_VOLUME, spot.clients.ec2.delete_volume().volume_id(short(volume)).send()).await.map(|_| ())
}

pub(super) async fn inspect(spot: &Spot, instance: &str, script: &str) -> Called<Text> {
    let request = spot.clients.ssm.send_command().instance_ids(instance).document_name("AWS-RunShellScript");
    let lines: Vec<String> = script.lines().map(str::to_owned).collect();
    let request = request
        .comment("lastgood: looks at a restored volume")
        .parameters("commands", lines)
        .parameters("executionTimeout", vec![COMMAND_SECONDS.to_owned()]);
    let answer = spot.send(SEND_COMMAND, request.send()).await?;
    let id = answer.command().and_then(|command| command.command_id());
    id.map(Text::from).ok_or_else(|| unreadable(SEND_COMMAND, "CommandId"))
}

pub(super) async fn inspection(spot: &Spot, instance: &str, command: &str) -> Called<Inspection> {
    let request = spot.clients.ssm.get_command_invocation().command_id(command).instance_id(instance).send();
    let answer = match spot.send(GET_COMMAND_INVOCATION, request).await {
        Ok(answer) => answer,
        // Soon after it was sent, nobody knows of it yet.
        Err(CallError { code, .. }) if *code == *"InvocationDoesNotExist" => {
            return Ok(Inspection { ended: false, good: false, state: "Pending".into(), output: Text::default() });
        }
        Err(error) => return Err(error),
    };
    let state = answer.status().map(|status| status.as_str()).unwrap_or_default();
    Ok(Inspection {
        ended: !matches!(state, "Pending" | "InProgress" | "Delayed" | "Cancelling"),
        good: state == "Success",
        state: Text::from(state),
        output: Text::from(answer.standard_output_content().unwrap_or_default()),
    })
}
