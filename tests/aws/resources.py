"""The things that are backed up: what a backup, a copy or a restore makes of them in moto.

Backups of EBS volumes and EC2 instances are real snapshots and images, so that a scan of
EC2 and a scan of AWS Backup see the same estate. Other backups are only a name, and what is
restored of them is like the original.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.block_device import BlockDeviceType
from moto.ec2.models.elastic_block_store import VolumeAttachment
from moto.ec2.utils import random_ami_id, random_snapshot_id
from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

import managed_restored
import state
from backup_common import not_found, split_arn
from state import Item
from wire import Place

GIB = 1 << 30
# "Snapshots created by a copy snapshot operation have an arbitrary volume ID."
BOGUS_VOLUME = "vol-ffffffff"
SOURCE_TAG = "aws:backup:source-resource"


@dataclass
class Made:
    """A backup: the ARN of its recovery point, and what is known of it."""

    arn: str
    fields: Item = field(default_factory=dict)


def ec2(account: str, region: str) -> Any:
    return ec2_backends[account][region]


def s3(account: str, region: str = "us-east-1") -> Any:
    return s3_backends[account][get_partition(region)]


def ec2_arn(region: str, kind: str, name: str) -> str:
    """The ARN of a snapshot or an image, which has no account in it."""
    return f"arn:{get_partition(region)}:ec2:{region}::{kind}/{name}"


def must_exist(place: Place, resource: str) -> None:
    service, kind, name = split_arn(resource)
    backend = ec2(place.account, place.region)
    if (service, kind) == ("ec2", "volume") and name not in backend.volumes:
        raise not_found(f"Volume {name} does not exist.")
    if (service, kind) == ("ec2", "instance") and not find_instance(backend, name):
        raise not_found(f"Instance {name} does not exist.")
    if service == "s3" and name not in s3(place.account, place.region).buckets:
        raise not_found(f"Bucket {name} does not exist.")


def find_instance(backend: Any, name: str) -> Any:
    for reservation in backend.reservations.values():
        for instance in reservation.instances:
            if instance.id == name:
                return instance
    return None


def make_backup(place: Place, resource: str, job_id: str) -> Made:
    service, kind, name = split_arn(resource)
    backend = ec2(place.account, place.region)
    tags = {SOURCE_TAG: f"{name}:{job_id}"}
    if (service, kind) == ("ec2", "volume"):
        description = "This snapshot is created by the AWS Backup service."
        snapshot = backend.create_snapshot(name, description)
        snapshot.add_tags(tags)
        return Made(ec2_arn(place.region, "snapshot", snapshot.id), snapshot_fields(snapshot))
    if (service, kind) == ("ec2", "instance"):
        image = make_image(backend, name, f"AwsBackup_{name}_{job_id}")
        image.add_tags(tags)
        for _, snapshot in image.lastgood_members:
            snapshot.add_tags(tags)
        size = sum(snapshot.volume_size for _, snapshot in image.lastgood_members) * GIB
        return Made(ec2_arn(place.region, "image", image.id), {"BackupSizeInBytes": size})
    if service == "s3":
        return Made(place.arn("backup", f"recovery-point:{name}-{state.uuid()[:8]}"))
    if service == "rds":
        prefix = "cluster-snapshot" if kind == "cluster" else "snapshot"
        return Made(place.arn("rds", f"{prefix}:awsbackup:job-{job_id.lower()}"))
    return Made(place.arn("backup", f"recovery-point:{state.uuid()}"))


def snapshot_fields(snapshot: Any) -> Item:
    """What a recovery point says of the snapshot that it is."""
    fields = {"BackupSizeInBytes": snapshot.volume_size * GIB, "IsEncrypted": snapshot.encrypted}
    key = snapshot_key(snapshot)
    return {**fields, "EncryptionKeyArn": key} if key else fields


def snapshot_key(snapshot: Any) -> str | None:
    if not snapshot.encrypted:
        return None
    return snapshot.kms_key_id or getattr(snapshot.volume, "kms_key_id", None)


def make_image(
    backend: Any,
    instance_id: str,
    name: str,
    description: str = "",
    created: datetime | None = None,
) -> Any:
    """An image with a snapshot of every attached volume.

    moto's own CreateImage makes one snapshot of a volume that has nothing to do with
    the instance; who looks for the indirect backup of a volume would never find it.
    """
    instance = backend.get_instance(instance_id)
    image = backend.create_image(instance_id, name, description, [])
    backend.snapshots.pop(image.ebs_snapshot.id)
    image.root_device_type = "ebs"
    image.root_device_name = instance.root_device_name
    image.lastgood_members = []
    for device, block in instance.block_device_mapping.items():
        snapshot = backend.create_snapshot(
            block.volume_id,
            f"Created by CreateImage({instance_id}) for {image.id}",
            from_ami=image.id,
        )
        snapshot.start_time = created or snapshot.start_time
        image.lastgood_members.append((device, snapshot))
    image.creation_date = created or image.creation_date
    return image


def backing(arn: str) -> tuple[str, str, str] | None:
    """(Region, "snapshot" or "image", id) if a recovery point is a thing of EC2."""
    parts = arn.split(":", 5)
    if parts[2] != "ec2":
        return None
    kind, _, name = parts[5].partition("/")
    return parts[3], kind, name


def delete_backup(place: Place, arn: str) -> None:
    """Delete what a recovery point is made of, if moto has it."""
    found = backing(arn)
    if found is None:
        return
    _, kind, name = found
    backend = ec2(place.account, place.region)
    if kind == "snapshot" and name in backend.snapshots:
        backend.delete_snapshot(name)
    elif kind == "image" and name in backend.amis:
        members = getattr(backend.amis[name], "lastgood_members", [])
        backend.deregister_image(name)
        for _, snapshot in members:
            backend.delete_snapshot(snapshot.id)


def copy_backup(place: Place, arn: str, account: str, region: str) -> str:
    """Copy what a recovery point is made of to another account or Region: the new ARN."""
    found = backing(arn)
    if found is None:
        partition = get_partition(region)
        return f"arn:{partition}:backup:{region}:{account}:recovery-point:{state.uuid()}"
    source_region, kind, name = found
    source = ec2(place.account, source_region)
    target = ec2(account, region)
    if kind == "snapshot" and name in source.snapshots:
        copied = copy_snapshot(source.snapshots[name], target)
        return ec2_arn(region, "snapshot", copied.id)
    if kind == "image" and name in source.amis:
        return ec2_arn(region, "image", copy_image(source.amis[name], target).id)
    # The original is known by name only, and so is its copy.
    new_id = random_snapshot_id() if kind == "snapshot" else random_ami_id()
    return ec2_arn(region, kind, new_id)


def copy_snapshot(original: Any, target: Any, **fields: Any) -> Any:
    """A copy: encrypted, and with a volume id that says nothing."""
    snapshot = type(original)(
        target,
        random_snapshot_id(),
        original.volume,
        fields.get("description") or f"Copied from {original.id}",
        encrypted=True,
        kms_key_id=fields.get("kms_key_id"),
    )
    snapshot.lastgood = {"VolumeId": BOGUS_VOLUME}
    target.snapshots[snapshot.id] = snapshot
    return snapshot


def copy_image(original: Any, target: Any) -> Any:
    image = target.register_image(original.name, original.description)
    target.snapshots.pop(image.ebs_snapshot.id)
    image.root_device_type = "ebs"
    image.lastgood_members = []
    for device, snapshot in getattr(original, "lastgood_members", []):
        copied = copy_snapshot(snapshot, target)
        copied.from_ami = image.id
        image.lastgood_members.append((device, copied))
    return image


def restore_metadata(place: Place, point: Item) -> dict[str, str]:
    """What AWS suggests for restoring a recovery point."""
    service, kind, name = split_arn(point["ResourceArn"])
    zone = f"{place.region}a"
    if (service, kind) == ("ec2", "volume"):
        volume = ec2(place.account, place.region).volumes.get(name)
        encrypted = str(bool(volume and volume.encrypted)).lower()
        return {"volumeId": name, "encrypted": encrypted, "availabilityZone": zone}
    if (service, kind) == ("ec2", "instance"):
        instance = find_instance(ec2(place.account, place.region), name)
        kind_of_instance = instance.instance_type if instance else "t3.micro"
        return {"InstanceType": kind_of_instance, "Placement": f'{{"AvailabilityZone":"{zone}"}}'}
    if service == "s3":
        return {"DestinationBucketName": name, "NewBucket": "false", "Encrypted": "true"}
    return managed_restored.metadata(service, kind, name) or {"ResourceId": name}


def restore(place: Place, point: Item, metadata: dict[str, str]) -> str:
    """Make a new resource of a recovery point: its ARN."""
    backend = ec2(place.account, place.region)
    found = backing(point["RecoveryPointArn"])
    if found and found[1] == "snapshot" and found[2] in backend.snapshots:
        snapshot = backend.snapshots[found[2]]
        volume = backend.create_volume(
            size=int(metadata.get("volumeSize", snapshot.volume_size)),
            zone_name=metadata.get("availabilityZone", f"{place.region}a"),
            snapshot_id=snapshot.id,
            encrypted=metadata.get("encrypted", str(snapshot.encrypted)).lower() == "true",
        )
        return place.arn("ec2", f"volume/{volume.id}")
    if found and found[1] == "image" and found[2] in backend.amis:
        instance = launch(backend, found[2], metadata.get("InstanceType", "t3.micro"))
        return place.arn("ec2", f"instance/{instance.id}")
    service, kind, name = split_arn(point["ResourceArn"])
    if service == "s3":
        return point["ResourceArn"]
    made = managed_restored.restore(place, point["ResourceArn"], metadata)
    if made is not None:
        return made
    return place.arn(service, f"{kind}/{name}-restored-{state.uuid()[:8]}")


def launch(backend: Any, image_id: str, instance_type: str, **fields: Any) -> Any:
    reservation = backend.run_instances(
        image_id,
        1,
        None,
        [],
        instance_type=instance_type,
        is_instance_type_default=True,  # or moto looks the type up among all it knows
        region_name=backend.region_name,
        placement=None,
        **fields,
    )
    instance = reservation.instances[0]
    instance.virtualization_type = "hvm"  # moto says paravirtual of images that it does not know
    return instance


def attach(volume: Any, instance: Any, device: str) -> None:
    """What moto's attach_volume does, without its search among copies of all instances."""
    volume.attachment = VolumeAttachment(volume, instance, device, "attached")
    instance.block_device_mapping[device] = BlockDeviceType(
        volume_id=volume.id, status=volume.status, size=volume.size
    )
