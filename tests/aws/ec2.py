"""EC2 operations that moto lacks or answers too roughly for a backup audit.

The objects are moto's. What moto has no place for hangs on them: `lastgood` on a snapshot
(members of the answer that win over the derived ones) and `lastgood_members` on an image
(its devices and their snapshots).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.utils import generic_filter

import paging
import resources
import state
from registry import Forward, operation
from state import Item
from wire import AwsError, Call

LIMITS = (5, 1000)


def fast_tags(self: Any) -> list[dict[str, str]]:
    """The tags of one resource, by looking them up.

    moto filters all tags of the Region for each resource that it describes, which makes
    listing some thousands of resources take minutes.
    """
    tags = self.ec2_backend.tags.get(self.id, {})
    return [{"key": k, "value": v, "resource_id": self.id} for k, v in tags.items()]


TaggedEC2Resource.get_tags = fast_tags


def backend_of(call: Call) -> Any:
    return resources.ec2(call.account, call.region)


def filters_of(call: Call) -> dict[str, list[str]]:
    return {f["Name"]: f.get("Values", []) for f in call.input.get("Filters", [])}


def refuse_dry_run(call: Call) -> None:
    if call.input.get("DryRun"):
        message = "Request would have succeeded, but DryRun flag is set."
        raise AwsError("DryRunOperation", message, 412)


def refuse_ids_with_pages(call: Call, ids: str, name: str) -> None:
    if call.input.get(ids) and call.input.get("MaxResults"):
        message = f"The parameter {name} cannot be used with the parameter maxResults"
        raise AwsError("InvalidParameterCombination", message)


def tags_of(backend: Any, resource_id: str) -> list[Item]:
    return [{"Key": k, "Value": v} for k, v in backend.tags.get(resource_id, {}).items()]


@operation("ec2:DescribeVolumes")
def describe_volumes(call: Call) -> Item:
    refuse_dry_run(call)
    refuse_ids_with_pages(call, "VolumeIds", "volumeSet")
    backend = backend_of(call)
    found = backend.describe_volumes(call.input.get("VolumeIds"), filters_of(call))
    page, following = paging.cut(call, found, limits=LIMITS)
    return {"Volumes": [volume(backend, v) for v in page], "NextToken": following}


def volume(backend: Any, item: Any) -> Item:
    return {
        "VolumeId": item.id,
        "Size": int(item.size),
        "AvailabilityZone": item.availability_zone,
        "State": item.status,
        "CreateTime": item.create_time,
        "VolumeType": item.volume_type,
        "Iops": int(item.iops) if item.iops else None,
        "Encrypted": bool(item.encrypted),
        "KmsKeyId": item.kms_key_id if item.encrypted else None,
        "SnapshotId": item.snapshot_id or "",
        "MultiAttachEnabled": bool(item.multi_attach_enabled),
        "Tags": tags_of(backend, item.id),
        "Attachments": [
            {
                "VolumeId": item.id,
                "InstanceId": attachment.instance.id,
                "Device": attachment.device,
                "State": attachment.status,
                "AttachTime": attachment.attach_time,
                "DeleteOnTermination": False,
            }
            for attachment in item.attachments
        ],
    }


@operation("ec2:DescribeSnapshots")
def describe_snapshots(call: Call) -> Item:
    refuse_dry_run(call)
    wanted = call.input
    found = visible_snapshots(call)
    if wanted.get("SnapshotIds"):
        by_id = {s.id: s for s in found}
        missing = [i for i in wanted["SnapshotIds"] if i not in by_id]
        if missing:
            message = f"The snapshot '{missing[0]}' does not exist."
            raise AwsError("InvalidSnapshot.NotFound", message)
        found = [by_id[i] for i in wanted["SnapshotIds"]]
    if wanted.get("OwnerIds"):
        owners = {call.account if o == "self" else o for o in wanted["OwnerIds"]}
        found = [s for s in found if s.owner_id in owners]
    if wanted.get("RestorableByUserIds"):
        found = [s for s in found if restorable(s, wanted["RestorableByUserIds"], call.account)]
    if filters_of(call):
        found = generic_filter(filters_of(call), found)
    page, following = paging.cut(call, found, limits=LIMITS)
    return {"Snapshots": [snapshot(s) for s in page], "NextToken": following}


def visible_snapshots(call: Call) -> list[Any]:
    """The account's own snapshots, and those of others that it may use."""
    found = list(backend_of(call).snapshots.values())
    for account, regions in list(resources.ec2_backends.items()):
        if account != call.account and call.region in regions:
            others = regions[call.region].snapshots.values()
            found += [s for s in others if restorable(s, ["all", call.account], call.account)]
    return found


def restorable(item: Any, users: list[str], account: str) -> bool:
    """Whether any of `users` ("all", "self" or an account) was let create volumes of it."""
    if "all" in users and "all" in item.create_volume_permission_groups:
        return True
    wanted = {account if user == "self" else user for user in users}
    own = "self" in users and item.owner_id == account
    return own or bool(wanted & item.create_volume_permission_userids)


def snapshot(item: Any) -> Item:
    done = item.status == "completed"
    fields = {
        "SnapshotId": item.id,
        "VolumeId": item.volume.id,
        "VolumeSize": int(item.volume.size),
        "State": item.status,
        "Progress": "100%" if done else "42%",
        "StartTime": item.start_time,
        "CompletionTime": item.start_time + timedelta(minutes=5) if done else None,
        "FullSnapshotSizeInBytes": int(item.volume.size) * resources.GIB if done else None,
        "OwnerId": item.owner_id,
        "Description": item.description or "",
        "Encrypted": bool(item.encrypted),
        "KmsKeyId": resources.snapshot_key(item),
        "SseType": "sse-kms" if item.encrypted else None,
        "StorageTier": item.storage_tier,
        "RestoreExpiryTime": item.restore_expiry_time,
        "Tags": tags_of(item.ec2_backend, item.id),
    }
    return {**fields, **getattr(item, "lastgood", {})}


@operation("ec2:DescribeSnapshotAttribute")
def describe_snapshot_attribute(call: Call) -> Item:
    refuse_dry_run(call)
    item = backend_of(call).get_snapshot(call.input["SnapshotId"])
    answer: Item = {"SnapshotId": item.id}
    if call.input["Attribute"] == "createVolumePermission":
        groups = [{"Group": g} for g in sorted(item.create_volume_permission_groups)]
        users = [{"UserId": u} for u in sorted(item.create_volume_permission_userids)]
        answer["CreateVolumePermissions"] = groups + users
    return answer


@operation("ec2:ModifySnapshotAttribute")
def modify_snapshot_attribute(call: Call) -> None:
    """Sharing is refused where public access is blocked; moto does the rest."""
    sharing = "all" in call.input.get("GroupNames", [])
    if sharing and state.ec2_state(call.account, call.region).block_public_access != "unblocked":
        message = "Public sharing of snapshots is blocked in this Region."
        raise AwsError("OperationNotPermitted", message)
    raise Forward


@operation("ec2:CopySnapshot")
def copy_snapshot(call: Call) -> Item:
    refuse_dry_run(call)
    wanted = call.input
    source = resources.ec2(call.account, wanted["SourceRegion"])
    copied = resources.copy_snapshot(
        source.get_snapshot(wanted["SourceSnapshotId"]),
        backend_of(call),
        description=wanted.get("Description"),
        kms_key_id=wanted.get("KmsKeyId"),
    )
    for specification in wanted.get("TagSpecifications", []):
        copied.add_tags({tag["Key"]: tag["Value"] for tag in specification.get("Tags", [])})
    return {"SnapshotId": copied.id, "Tags": tags_of(copied.ec2_backend, copied.id)}


@operation("ec2:DeleteSnapshot")
def delete_snapshot(call: Call) -> None:
    """Refuse what AWS refuses: what AWS Backup manages, and locked snapshots."""
    wanted = call.input["SnapshotId"]
    if resources.SOURCE_TAG in backend_of(call).tags.get(wanted, {}):
        message = f"The snapshot {wanted} is managed by the AWS Backup service and cannot be"
        raise AwsError("InvalidParameterValue", f"{message} deleted via EC2 APIs.")
    lock = state.ec2_state(call.account, call.region).locks.get(wanted)
    if lock and lock_now(lock)["LockState"] != "expired":
        raise AwsError("SnapshotLocked", f"The snapshot {wanted} is locked.")
    raise Forward


@operation("ec2:LockSnapshot")
def lock_snapshot(call: Call) -> Item:
    refuse_dry_run(call)
    wanted = call.input
    item = backend_of(call).get_snapshot(wanted["SnapshotId"])
    if ("LockDuration" in wanted) == ("ExpirationDate" in wanted):
        message = "Specify either LockDuration or ExpirationDate."
        raise AwsError("InvalidParameterCombination", message)
    lock = new_lock(item, state.now(), wanted)
    state.ec2_state(call.account, call.region).locks[item.id] = lock
    answer = lock_now(lock)
    return {k: v for k, v in answer.items() if k != "OwnerId"}


def new_lock(item: Any, created: datetime, wanted: Item) -> Item:
    """A lock with the mode, duration or end date, and cooling-off hours of `wanted`."""
    expires = wanted.get("ExpirationDate") or created + timedelta(days=wanted["LockDuration"])
    lock = {
        "OwnerId": item.owner_id,
        "SnapshotId": item.id,
        "LockState": wanted["LockMode"],
        "LockDuration": max((expires - created).days, 1),
        "LockCreatedOn": created,
        "LockDurationStartTime": created,
        "LockExpiresOn": expires,
    }
    if wanted["LockMode"] == "compliance" and wanted.get("CoolOffPeriod"):
        hours = wanted["CoolOffPeriod"]
        lock["CoolOffPeriod"] = hours
        lock["CoolOffPeriodExpiresOn"] = created + timedelta(hours=hours)
    return lock


def lock_now(lock: Item) -> Item:
    """The lock with its state as it is at this moment."""
    now = state.now()
    if lock["LockExpiresOn"] <= now:
        return {**lock, "LockState": "expired"}
    if lock.get("CoolOffPeriodExpiresOn", now) > now:
        return {**lock, "LockState": "compliance-cooloff"}
    return lock


@operation("ec2:UnlockSnapshot")
def unlock_snapshot(call: Call) -> Item:
    refuse_dry_run(call)
    locks = state.ec2_state(call.account, call.region).locks
    wanted = call.input["SnapshotId"]
    if wanted not in locks or lock_now(locks[wanted])["LockState"] == "compliance":
        raise AwsError("IncorrectState", f"The snapshot {wanted} cannot be unlocked.")
    del locks[wanted]
    return {"SnapshotId": wanted}


@operation("ec2:DescribeLockedSnapshots")
def describe_locked_snapshots(call: Call) -> Item:
    refuse_dry_run(call)
    ids = call.input.get("SnapshotIds")
    states = filters_of(call).get("lock-state")
    locks = [
        lock_now(lock)
        for snapshot_id, lock in state.ec2_state(call.account, call.region).locks.items()
        if snapshot_id in backend_of(call).snapshots and (not ids or snapshot_id in ids)
    ]
    locks = [lock for lock in locks if not states or lock["LockState"] in states]
    page, following = paging.cut(call, locks, limits=LIMITS)
    return {"Snapshots": page, "NextToken": following}


@operation("ec2:ListSnapshotsInRecycleBin")
def snapshots_in_recycle_bin(call: Call) -> Item:
    refuse_dry_run(call)
    return {"Snapshots": []}  # no rule of the Recycle Bin keeps any here


@operation("ec2:GetSnapshotBlockPublicAccessState")
def get_block_public_access(call: Call) -> Item:
    refuse_dry_run(call)
    known = state.ec2_state(call.account, call.region)
    return {"State": known.block_public_access, "ManagedBy": "account"}


@operation("ec2:EnableSnapshotBlockPublicAccess")
def enable_block_public_access(call: Call) -> Item:
    refuse_dry_run(call)
    state.ec2_state(call.account, call.region).block_public_access = call.input["State"]
    return {"State": call.input["State"]}


@operation("ec2:DisableSnapshotBlockPublicAccess")
def disable_block_public_access(call: Call) -> Item:
    refuse_dry_run(call)
    state.ec2_state(call.account, call.region).block_public_access = "unblocked"
    return {"State": "unblocked"}


@operation("ec2:GetEbsEncryptionByDefault")
def get_encryption_by_default(call: Call) -> Item:
    refuse_dry_run(call)
    on = backend_of(call).get_ebs_encryption_by_default()
    return {"EbsEncryptionByDefault": on, "SseType": "sse-kms" if on else "none"}


@operation("ec2:CreateVolume")
def create_volume(call: Call) -> None:
    """Encryption by default: moto keeps the setting, but does not act on it."""
    if backend_of(call).get_ebs_encryption_by_default() and "Encrypted" not in call.input:
        call.body += b"&Encrypted=true"
    raise Forward


@operation("ec2:DescribeInstances")
def describe_instances(call: Call) -> Item:
    refuse_dry_run(call)
    refuse_ids_with_pages(call, "InstanceIds", "instancesSet")
    backend = backend_of(call)
    if call.input.get("InstanceIds"):
        ids = call.input["InstanceIds"]
        found = backend.get_reservations_by_instance_ids(ids, filters=filters_of(call))
    else:
        found = backend.describe_instances(filters=filters_of(call) or None)
    page, following = paging.cut(call, found, limits=LIMITS)
    reservations = [
        {
            "ReservationId": reservation.id,
            "OwnerId": reservation.owner_id,
            "Groups": [],
            "Instances": [instance(backend, i) for i in reservation.instances],
        }
        for reservation in page
    ]
    return {"Reservations": reservations, "NextToken": following}


def instance(backend: Any, item: Any) -> Item:
    """An instance without its network, which no backup has: moto takes 5 ms to tell it."""
    return {
        "InstanceId": item.id,
        "ImageId": item.image_id,
        "InstanceType": item.instance_type,
        "State": {"Code": item.instance_state.code, "Name": item.instance_state.name},
        "StateTransitionReason": item.state_transition_reason or "",
        "LaunchTime": item.launch_time,
        "Placement": {"AvailabilityZone": item.availability_zone, "Tenancy": "default"},
        "Architecture": item.architecture,
        "Platform": item.platform,
        "VirtualizationType": item.virtualization_type,
        "Hypervisor": item.hypervisor,
        "RootDeviceName": item.root_device_name,
        "RootDeviceType": item.root_device_type,
        "EbsOptimized": bool(item.ebs_optimized),
        "KeyName": item.key_name,
        "Monitoring": {"State": item.monitoring_state},
        "AmiLaunchIndex": item.ami_launch_index,
        "InstanceLifecycle": item.lifecycle,
        "SubnetId": item.subnet_id,
        "VpcId": item.vpc_id,
        "PrivateIpAddress": item.private_ip,
        "SecurityGroups": [{"GroupId": g.id, "GroupName": g.name} for g in item.security_groups],
        "Tags": tags_of(backend, item.id),
        "BlockDeviceMappings": [
            {
                "DeviceName": device,
                "Ebs": {
                    "VolumeId": block.volume_id,
                    "Status": "attached",
                    "AttachTime": block.attach_time,
                    "DeleteOnTermination": bool(block.delete_on_termination),
                },
            }
            for device, block in item.block_device_mapping.items()
        ],
    }


@operation("ec2:CreateImage")
def create_image(call: Call) -> Item:
    refuse_dry_run(call)
    wanted = call.input
    image = resources.make_image(
        backend_of(call), wanted["InstanceId"], wanted["Name"], wanted.get("Description", "")
    )
    for specification in wanted.get("TagSpecifications", []):
        tags = {tag["Key"]: tag["Value"] for tag in specification.get("Tags", [])}
        if specification["ResourceType"] == "image":
            image.add_tags(tags)
        else:
            for _, member in image.lastgood_members:
                member.add_tags(tags)
    return {"ImageId": image.id}


@operation("ec2:DescribeImages")
def describe_images(call: Call) -> Item:
    refuse_dry_run(call)
    wanted = call.input
    backend = backend_of(call)
    filters = filters_of(call)
    members = filters.pop("block-device-mapping.snapshot-id", None)
    found = backend.describe_images(
        ami_ids=wanted.get("ImageIds"),
        filters=filters,
        exec_users=wanted.get("ExecutableUsers"),
        owners=wanted.get("Owners"),
    )
    if not wanted.get("IncludeDisabled"):
        found = [image for image in found if image.state != "disabled"]
    if members is not None:
        found = [i for i in found if {s.id for _, s in members_of(i)} & set(members)]
    page, following = paging.cut(call, found, limits=LIMITS)
    return {"Images": [image(backend, i) for i in page], "NextToken": following}


def members_of(item: Any) -> list[tuple[str, Any]]:
    """Device and snapshot of each member of an image."""
    members = getattr(item, "lastgood_members", None)
    # An image of moto's own making has one.
    return members if members is not None else [(item.root_device_name, item.ebs_snapshot)]


def image(backend: Any, item: Any) -> Item:
    members = members_of(item)
    return {
        "ImageId": item.id,
        "Name": item.name,
        "Description": item.description or None,
        "State": item.state,
        "OwnerId": item.owner_id,
        "ImageOwnerAlias": item.owner_alias,
        "CreationDate": item.creation_date.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "Public": item.is_public,
        "Architecture": item.architecture,
        "ImageType": item.image_type,
        "ImageLocation": item.image_location or f"{item.owner_id}/{item.name}",
        "Hypervisor": item.hypervisor or "xen",
        "VirtualizationType": item.virtualization_type or "hvm",
        "RootDeviceName": item.root_device_name,
        "RootDeviceType": "ebs",
        "SourceInstanceId": item.source_instance_id,
        "DeregistrationProtection": "disabled",
        "Tags": tags_of(backend, item.id),
        "BlockDeviceMappings": [
            {
                "DeviceName": device,
                "Ebs": {
                    "SnapshotId": member.id,
                    "VolumeSize": int(member.volume.size),
                    "VolumeType": member.volume.volume_type,
                    "Encrypted": bool(member.encrypted),
                    "DeleteOnTermination": False,
                },
            }
            for device, member in members
        ],
    }


@operation("ec2:DeregisterImage")
def deregister_image(call: Call) -> None:
    wanted = call.input["ImageId"]
    if resources.SOURCE_TAG in backend_of(call).tags.get(wanted, {}):
        message = f"The image {wanted} is managed by the AWS Backup service."
        raise AwsError("InvalidParameterValue", message)
    raise Forward
