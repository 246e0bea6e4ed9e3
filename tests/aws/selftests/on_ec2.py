"""EC2: dates, pages, snapshots, locks and images."""

from __future__ import annotations

from selftests.kit import (
    OTHER,
    REGION,
    ago,
    assumed,
    client,
    equal,
    http,
    near,
    pages,
    refused,
    seed,
    test,
    volume,
)


@test
def ec2_volumes_snapshots_instances_are_backdated() -> None:
    made = seed(
        volumes=[volume(created="-400d", encrypted=True, tags={"Name": "data"})],
        snapshots=[{"key": "s", "volume": "v", "started": "-26h", "tags": {"a": "b"}}],
        instances=[{"key": "i", "volumes": ["v"], "launched": "-300d", "state": "stopped"}],
    )
    api = client("ec2")
    [found] = api.describe_volumes()["Volumes"]
    equal(found["VolumeId"], made["ids"]["v"])
    assert near(found["CreateTime"], ago(days=400)) and found["Encrypted"] and found["KmsKeyId"]
    equal(found["Tags"], [{"Key": "Name", "Value": "data"}])
    equal(found["Attachments"][0]["InstanceId"], made["ids"]["i"])
    [snapshot] = api.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    assert near(snapshot["StartTime"], ago(hours=26)), snapshot
    equal(snapshot["KmsKeyId"], found["KmsKeyId"])
    equal((snapshot["StorageTier"], snapshot["SseType"]), ("standard", "sse-kms"))
    equal(snapshot["FullSnapshotSizeInBytes"], 10 * 1024**3)
    assert snapshot["CompletionTime"] > snapshot["StartTime"]
    [instance] = api.describe_instances()["Reservations"][0]["Instances"]
    assert near(instance["LaunchTime"], ago(days=300)), instance["LaunchTime"]
    equal(instance["State"]["Name"], "stopped")
    equal([b["Ebs"]["VolumeId"] for b in instance["BlockDeviceMappings"]], [made["ids"]["v"]])


@test
def ec2_pages_are_real() -> None:
    http("POST", "/lastgood/seed/bulk", {"volumes": 30, "snapshots_per_volume": 1, "instances": 12})
    api = client("ec2")
    equal(pages(api, "describe_volumes", "Volumes", 5), [5] * 6)
    equal(pages(api, "describe_snapshots", "Snapshots", 7, OwnerIds=["self"]), [7, 7, 7, 7, 2])
    equal(pages(api, "describe_instances", "Reservations", 5), [5, 5, 2])
    equal(len(api.describe_volumes()["Volumes"]), 30)
    seen = [v["VolumeId"] for p in api.get_paginator("describe_volumes").paginate(PaginationConfig={"PageSize": 5}) for v in p["Volumes"]]  # fmt: skip
    equal(len(set(seen)), 30)
    with refused("InvalidParameterValue"):
        api.describe_volumes(MaxResults=4)
    with refused("InvalidNextToken"):
        api.describe_volumes(MaxResults=5, NextToken="nonsense")
    first = api.describe_volumes(MaxResults=5)["NextToken"]
    with refused("InvalidNextToken"):
        api.describe_snapshots(MaxResults=5, NextToken=first)
    with refused("InvalidParameterCombination"):
        api.describe_volumes(MaxResults=5, VolumeIds=[seen[0]])


@test
def ec2_snapshot_states_sharing_and_copies() -> None:
    made = seed(
        volumes=[volume()],
        snapshots=[
            {"key": "pending", "volume": "v", "state": "pending"},
            {"key": "public", "volume": "v", "public": True},
            {"key": "shared", "volume": "v", "shared_with": [OTHER]},
            {"key": "copied", "volume": "v", "copied": True},
            {"key": "archived", "volume": "v", "tier": "archive"},
            {"key": "odd", "volume": "v", "State": "recoverable", "VolumeSize": 77},
        ],
    )["ids"]
    api = client("ec2")
    found = {s["SnapshotId"]: s for s in api.describe_snapshots(OwnerIds=["self"])["Snapshots"]}
    pending = found[made["pending"]]
    assert pending["State"] == "pending" and "CompletionTime" not in pending
    equal(found[made["copied"]]["VolumeId"], "vol-ffffffff")
    equal(found[made["archived"]]["StorageTier"], "archive")
    equal((found[made["odd"]]["State"], found[made["odd"]]["VolumeSize"]), ("recoverable", 77))
    public = api.describe_snapshots(OwnerIds=["self"], RestorableByUserIds=["all"])["Snapshots"]
    equal([s["SnapshotId"] for s in public], [made["public"]])
    attribute = {"Attribute": "createVolumePermission"}
    shared = api.describe_snapshot_attribute(SnapshotId=made["shared"], **attribute)
    equal(shared["CreateVolumePermissions"], [{"UserId": OTHER}])
    other = client("ec2", keys=assumed())
    visible = {s["SnapshotId"] for s in other.describe_snapshots()["Snapshots"]}
    equal(visible, {made["public"], made["shared"]})
    equal(other.describe_snapshots(OwnerIds=["self"])["Snapshots"], [])
    pending_only = [{"Name": "status", "Values": ["pending"]}]
    equal(len(api.describe_snapshots(OwnerIds=["self"], Filters=pending_only)["Snapshots"]), 1)
    with refused("InvalidSnapshot.NotFound"):
        api.describe_snapshots(SnapshotIds=["snap-00000000000000000"])


@test
def ec2_snapshot_interface_makes_real_snapshots() -> None:
    api = client("ec2")
    new = api.create_volume(AvailabilityZone=f"{REGION}a", Size=4)["VolumeId"]
    snapshot = api.create_snapshot(VolumeId=new, Description="by hand")["SnapshotId"]
    copied = api.copy_snapshot(SourceSnapshotId=snapshot, SourceRegion=REGION)["SnapshotId"]
    [copy] = api.describe_snapshots(SnapshotIds=[copied])["Snapshots"]
    equal((copy["VolumeId"], copy["Encrypted"]), ("vol-ffffffff", True))
    api.modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"])  # fmt: skip
    api.enable_snapshot_block_public_access(State="block-all-sharing")
    with refused("OperationNotPermitted"):
        api.modify_snapshot_attribute(SnapshotId=copied, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"])  # fmt: skip
    api.delete_snapshot(SnapshotId=snapshot)
    with refused("DryRunOperation", status=412):
        api.describe_snapshots(DryRun=True)


@test
def ec2_locks_and_settings() -> None:
    made = seed(
        volumes=[volume()],
        snapshots=[
            {"key": "a", "volume": "v", "lock": {"LockMode": "compliance", "LockDuration": 30, "created": "-40d"}},
            {"key": "b", "volume": "v", "lock": {"LockMode": "compliance", "LockDuration": 30, "CoolOffPeriod": 72}},
            {"key": "c", "volume": "v"},
        ],
    )["ids"]  # fmt: skip
    api = client("ec2")
    locked = api.lock_snapshot(SnapshotId=made["c"], LockMode="governance", LockDuration=10)
    equal((locked["LockState"], locked["LockDuration"]), ("governance", 10))
    found = {s["SnapshotId"]: s["LockState"] for s in api.describe_locked_snapshots()["Snapshots"]}
    equal(found, {made["a"]: "expired", made["b"]: "compliance-cooloff", made["c"]: "governance"})
    with refused("SnapshotLocked"):
        api.delete_snapshot(SnapshotId=made["c"])
    api.unlock_snapshot(SnapshotId=made["c"])
    api.delete_snapshot(SnapshotId=made["c"])
    equal(len(api.describe_locked_snapshots(MaxResults=5)["Snapshots"]), 2)
    equal(api.get_snapshot_block_public_access_state()["State"], "unblocked")
    api.enable_snapshot_block_public_access(State="block-new-sharing")
    equal(api.get_snapshot_block_public_access_state()["State"], "block-new-sharing")
    api.disable_snapshot_block_public_access()
    equal(api.get_snapshot_block_public_access_state()["State"], "unblocked")
    equal(api.get_ebs_encryption_by_default()["EbsEncryptionByDefault"], False)
    api.enable_ebs_encryption_by_default()
    equal(api.get_ebs_encryption_by_default()["EbsEncryptionByDefault"], True)
    equal(api.create_volume(AvailabilityZone=f"{REGION}a", Size=1)["Encrypted"], True)


@test
def ec2_images_know_their_member_snapshots() -> None:
    made = seed(
        volumes=[volume(), {"key": "w", "size": 3}],
        instances=[{"key": "i", "volumes": ["v", "w"]}],
        images=[
            {"key": "old", "instance": "i", "created": "-60d", "tags": {"x": "y"}},
            {"key": "off", "instance": "i", "created": "-50d", "state": "disabled"},
        ],
    )["ids"]
    api = client("ec2")
    equal([i["ImageId"] for i in api.describe_images(Owners=["self"])["Images"]], [made["old"]])
    everything = api.describe_images(Owners=["self"], IncludeDisabled=True)["Images"]
    equal({i["ImageId"]: i["State"] for i in everything}, {made["old"]: "available", made["off"]: "disabled"})  # fmt: skip
    old = next(i for i in everything if i["ImageId"] == made["old"])
    assert old["CreationDate"].startswith(ago(days=60).strftime("%Y-%m-%dT"))
    members = [b["Ebs"]["SnapshotId"] for b in old["BlockDeviceMappings"]]
    snapshots = api.describe_snapshots(SnapshotIds=members)["Snapshots"]
    equal([s["VolumeId"] for s in snapshots], [made["v"], made["w"]])
    with refused("InvalidSnapshot.InUse"):
        api.delete_snapshot(SnapshotId=members[0])
    by_api = api.create_image(InstanceId=made["i"], Name="by hand")["ImageId"]
    [image] = api.describe_images(ImageIds=[by_api])["Images"]
    equal(len(image["BlockDeviceMappings"]), 2)
    api.disable_image(ImageId=by_api)
    equal(api.describe_images(ImageIds=[by_api])["Images"], [])
    api.deregister_image(ImageId=made["old"])
    api.delete_snapshot(SnapshotId=members[0])
