"""Tests of the test server itself, by boto3 over real HTTP.

    python selftest.py [NAME …]

Starts its own server, resets it before each test, and ends with `N passed, M failed`.
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import socket
import subprocess
import sys
import time
import traceback
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import botocore.exceptions
from botocore.config import Config
from botocore.parsers import ResponseParserError

HERE = pathlib.Path(__file__).parent
MAIN, OTHER = "123456789012", "210987654321"
REGION, OTHER_REGION = "us-east-1", "eu-west-1"
ROLE = f"arn:aws:iam::{MAIN}:role/AWSBackup"
DAILY = {"RuleName": "daily", "TargetBackupVaultName": "main"}

TESTS: list[Callable[[], None]] = []
endpoint = ""


def test(function: Callable[[], None]) -> Callable[[], None]:
    TESTS.append(function)
    return function


def client(service: str, region: str = REGION, keys: dict[str, str] | None = None) -> Any:
    keys = keys or {"access_key_id": "test", "secret_access_key": "test"}
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=keys["access_key_id"],
        aws_secret_access_key=keys["secret_access_key"],
        aws_session_token=keys.get("session_token"),
        config=Config(
            retries={"max_attempts": 0},
            connect_timeout=5,
            read_timeout=60,
            s3={"addressing_style": "path"},
        ),
    )


def http(method: str, path: str, document: Any = None) -> Any:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    request = urllib.request.Request(
        endpoint + path,
        data=None if document is None else body,
        headers={"Content-Type": "application/octet-stream"},  # moto would not see a form's body
        method=method,
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def seed(**document: Any) -> dict[str, Any]:
    return http("POST", "/lastgood/seed", document)


def fault(**rule: Any) -> None:
    http("POST", "/lastgood/faults", [rule])


def ago(**parts: float) -> datetime:
    return datetime.now(timezone.utc) - timedelta(**parts)


def near(found: datetime, wanted: datetime) -> bool:
    return abs((found - wanted).total_seconds()) < 60


def equal(found: Any, wanted: Any) -> None:
    assert found == wanted, f"{found!r} is not {wanted!r}"


@contextlib.contextmanager
def refused(*codes: str, status: int | None = None) -> Iterator[None]:
    """The block must be refused with one of these error codes."""
    try:
        yield
    except botocore.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        assert code in codes, f"{code} instead of {codes}: {error}"
        if status is not None:
            equal(error.response["ResponseMetadata"]["HTTPStatusCode"], status)
        return
    raise AssertionError(f"not refused with {codes}")


def pages(api: Any, operation: str, member: str, size: int, **arguments: Any) -> list[int]:
    """The lengths of the pages, followed by hand: NextToken until there is none."""
    call = getattr(api, operation)
    page = call(MaxResults=size, **arguments)
    lengths = [len(page[member])]
    while page.get("NextToken"):
        page = call(MaxResults=size, NextToken=page["NextToken"], **arguments)
        lengths.append(len(page[member]))
    return lengths


def volume(**fields: Any) -> dict[str, Any]:
    return {"key": "v", "size": 10, **fields}


# EC2


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


# S3


@test
def s3_lists_buckets_in_pages_with_regions() -> None:
    names = [f"bucket-{n:02}" for n in range(7)]
    seed(buckets=[{"name": n, "created": "-100d"} for n in names])
    seed(region=OTHER_REGION, buckets=[{"name": "elsewhere"}])
    api = client("s3")
    page = api.list_buckets(MaxBuckets=3)
    equal(len(page["Buckets"]), 3)
    assert near(page["Buckets"][0]["CreationDate"], ago(days=100))
    seen = [b["Name"] for p in api.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 3}) for b in p["Buckets"]]  # fmt: skip
    equal(seen, [*names, "elsewhere"])
    there = api.list_buckets(BucketRegion=OTHER_REGION)["Buckets"]
    equal([(b["Name"], b["BucketRegion"]) for b in there], [("elsewhere", OTHER_REGION)])
    equal(len(api.list_buckets(Prefix="bucket-0")["Buckets"]), 7)
    equal(api.get_bucket_location(Bucket="elsewhere")["LocationConstraint"], OTHER_REGION)
    with refused("InvalidArgument"):
        api.list_buckets(ContinuationToken="nonsense")


@test
def s3_reads_back_what_was_put() -> None:
    api = client("s3")
    api.create_bucket(Bucket="plain")
    api.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    equal("Status" in api.get_bucket_versioning(Bucket="plain"), False)
    aes = api.get_bucket_encryption(Bucket="plain")["ServerSideEncryptionConfiguration"]
    equal(aes["Rules"][0]["ApplyServerSideEncryptionByDefault"], {"SSEAlgorithm": "AES256"})
    with refused("NoSuchLifecycleConfiguration", status=404):
        api.get_bucket_lifecycle_configuration(Bucket="plain")
    with refused("ReplicationConfigurationNotFoundError", status=404):
        api.get_bucket_replication(Bucket="plain")
    with refused("ObjectLockConfigurationNotFoundError", status=404):
        api.get_object_lock_configuration(Bucket="plain")
    with refused("NoSuchPublicAccessBlockConfiguration"):
        api.get_public_access_block(Bucket="plain")
    with refused("NoSuchTagSet"):
        api.get_bucket_tagging(Bucket="plain")
    with refused("NoSuchBucketPolicy"):
        api.get_bucket_policy(Bucket="plain")
    with refused("NoSuchBucket", status=404):
        api.get_bucket_versioning(Bucket="not-there")
    with refused("NoSuchBucket", status=404):
        api.get_bucket_encryption(Bucket="not-there")
    equal(api.get_object_lock_configuration(Bucket="locked")["ObjectLockConfiguration"], {"ObjectLockEnabled": "Enabled"})  # fmt: skip
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 35}}}  # fmt: skip
    api.put_object_lock_configuration(Bucket="locked", ObjectLockConfiguration=lock)
    equal(api.get_object_lock_configuration(Bucket="locked")["ObjectLockConfiguration"], lock)
    api.put_bucket_versioning(Bucket="plain", VersioningConfiguration={"Status": "Enabled", "MFADelete": "Disabled"})  # fmt: skip
    versioning = api.get_bucket_versioning(Bucket="plain")
    equal((versioning["Status"], versioning["MFADelete"]), ("Enabled", "Disabled"))
    rules = [
        {"ID": "a", "Status": "Enabled", "Filter": {"And": {"Prefix": "x/", "Tags": [{"Key": "k", "Value": "v"}]}}, "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]},
        {"ID": "b", "Status": "Disabled", "Filter": {"ObjectSizeGreaterThan": 500}, "NoncurrentVersionExpiration": {"NoncurrentDays": 35, "NewerNoncurrentVersions": 5}},
    ]  # fmt: skip
    api.put_bucket_lifecycle_configuration(Bucket="plain", LifecycleConfiguration={"Rules": rules})
    equal(api.get_bucket_lifecycle_configuration(Bucket="plain")["Rules"], rules)
    api.delete_bucket_lifecycle(Bucket="plain")
    with refused("NoSuchLifecycleConfiguration"):
        api.get_bucket_lifecycle_configuration(Bucket="plain")
    api.create_bucket(Bucket="target")
    api.put_bucket_versioning(Bucket="target", VersioningConfiguration={"Status": "Enabled"})
    replication = {
        "Role": ROLE,
        "Rules": [{"ID": "r", "Priority": 7, "Status": "Enabled", "Filter": {"Prefix": "docs/"}, "DeleteMarkerReplication": {"Status": "Enabled"}, "Destination": {"Bucket": "arn:aws:s3:::target", "StorageClass": "STANDARD"}}],
    }  # fmt: skip
    with refused("InvalidRequest"):
        api.create_bucket(Bucket="unversioned")
        api.put_bucket_replication(Bucket="unversioned", ReplicationConfiguration=replication)
    api.put_bucket_replication(Bucket="plain", ReplicationConfiguration=replication)
    equal(api.get_bucket_replication(Bucket="plain")["ReplicationConfiguration"], replication)
    kms = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/x"}, "BucketKeyEnabled": True}]}  # fmt: skip
    api.put_bucket_encryption(Bucket="plain", ServerSideEncryptionConfiguration=kms)
    equal(api.get_bucket_encryption(Bucket="plain")["ServerSideEncryptionConfiguration"], kms)
    api.delete_bucket_encryption(Bucket="plain")
    equal(api.get_bucket_encryption(Bucket="plain")["ServerSideEncryptionConfiguration"], aes)
    api.put_object(Bucket="plain", Key="a/b", Body=b"hello")
    equal(api.get_object(Bucket="plain", Key="a/b")["Body"].read(), b"hello")
    equal(api.head_object(Bucket="plain", Key="a/b")["ContentLength"], 5)
    api.delete_bucket(Bucket="target")
    api.create_bucket(Bucket="target")
    equal("Status" in api.get_bucket_versioning(Bucket="target"), False)


@test
def s3_seeded_configurations_are_read() -> None:
    rules = {"Rules": [{"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}]}  # fmt: skip
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": False}  # fmt: skip
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Years": 1}}}  # fmt: skip
    policy = {"Version": "2012-10-17", "Statement": []}
    seed(buckets=[{"name": "full", "versioning": "Suspended", "mfa_delete": "Enabled", "lifecycle": rules, "object_lock": lock, "public_access_block": block, "policy": policy, "tags": {"team": "a&b <c>"}}])  # fmt: skip
    api = client("s3")
    versioning = api.get_bucket_versioning(Bucket="full")
    equal((versioning["Status"], versioning["MFADelete"]), ("Suspended", "Enabled"))
    equal(api.get_bucket_lifecycle_configuration(Bucket="full")["Rules"], rules["Rules"])
    equal(api.get_object_lock_configuration(Bucket="full")["ObjectLockConfiguration"], lock)
    equal(api.get_public_access_block(Bucket="full")["PublicAccessBlockConfiguration"], block)
    equal(json.loads(api.get_bucket_policy(Bucket="full")["Policy"]), policy)
    equal(api.get_bucket_tagging(Bucket="full")["TagSet"], [{"Key": "team", "Value": "a&b <c>"}])


# AWS Backup


@test
def backup_vaults() -> None:
    api = client("backup")
    made = api.create_backup_vault(BackupVaultName="main", BackupVaultTags={"a": "b"})
    with refused("AlreadyExistsException"):
        api.create_backup_vault(BackupVaultName="main")
    found = api.describe_backup_vault(BackupVaultName="main")
    equal((found["NumberOfRecoveryPoints"], found["Locked"], found["VaultType"]), (0, False, "BACKUP_VAULT"))  # fmt: skip
    assert found["EncryptionKeyArn"].startswith("arn:aws:kms:")
    api.put_backup_vault_lock_configuration(BackupVaultName="main", MinRetentionDays=7, MaxRetentionDays=90, ChangeableForDays=3)  # fmt: skip
    found = api.describe_backup_vault(BackupVaultName="main")
    equal((found["Locked"], found["MinRetentionDays"], found["MaxRetentionDays"]), (True, 7, 90))
    assert near(found["LockDate"], ago(days=-3)), found["LockDate"]
    api.delete_backup_vault_lock_configuration(BackupVaultName="main")
    equal("LockDate" in api.describe_backup_vault(BackupVaultName="main"), False)
    with refused("ResourceNotFoundException"):
        api.get_backup_vault_access_policy(BackupVaultName="main")
    api.put_backup_vault_access_policy(BackupVaultName="main", Policy='{"Statement": []}')
    equal(api.get_backup_vault_access_policy(BackupVaultName="main")["Policy"], '{"Statement": []}')
    api.delete_backup_vault_access_policy(BackupVaultName="main")
    with refused("ResourceNotFoundException"):
        api.get_backup_vault_notifications(BackupVaultName="main")
    api.put_backup_vault_notifications(BackupVaultName="main", SNSTopicArn="arn:aws:sns:us-east-1:1:t", BackupVaultEvents=["BACKUP_JOB_FAILED"])  # fmt: skip
    equal(api.get_backup_vault_notifications(BackupVaultName="main")["BackupVaultEvents"], ["BACKUP_JOB_FAILED"])  # fmt: skip
    api.delete_backup_vault_notifications(BackupVaultName="main")
    equal(api.list_tags(ResourceArn=made["BackupVaultArn"])["Tags"], {"a": "b"})
    api.tag_resource(ResourceArn=made["BackupVaultArn"], Tags={"c": "d"})
    api.untag_resource(ResourceArn=made["BackupVaultArn"], TagKeyList=["a"])
    equal(api.list_tags(ResourceArn=made["BackupVaultArn"])["Tags"], {"c": "d"})
    api.create_logically_air_gapped_backup_vault(BackupVaultName="gap", MinRetentionDays=7, MaxRetentionDays=60)  # fmt: skip
    gapped = api.list_backup_vaults(ByVaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT")
    equal([v["BackupVaultName"] for v in gapped["BackupVaultList"]], ["gap"])
    with refused("InvalidRequestException"):
        api.delete_backup_vault_lock_configuration(BackupVaultName="gap")
    equal(len(api.list_backup_vaults()["BackupVaultList"]), 2)
    api.delete_backup_vault(BackupVaultName="main")
    with refused("AccessDeniedException"):
        api.describe_backup_vault(BackupVaultName="main")
    with refused("ResourceNotFoundException"):
        api.list_recovery_points_by_backup_vault(BackupVaultName="main")


@test
def backup_plans_and_selections() -> None:
    api = client("backup")
    rule = {
        **DAILY,
        "ScheduleExpression": "cron(0 3 ? * MON-FRI *)",
        "ScheduleExpressionTimezone": "Europe/Berlin",
        "StartWindowMinutes": 60,
        "CompletionWindowMinutes": 300,
        "EnableContinuousBackup": True,
        "Lifecycle": {"DeleteAfterDays": 35},
        "RecoveryPointTags": {"made": "daily"},
        "CopyActions": [{"DestinationBackupVaultArn": f"arn:aws:backup:{OTHER_REGION}:{MAIN}:backup-vault:copies", "Lifecycle": {"DeleteAfterDays": 60}}],
    }  # fmt: skip
    document = {"BackupPlanName": "daily", "Rules": [rule, {"RuleName": "bare", "TargetBackupVaultName": "main"}]}  # fmt: skip
    made = api.create_backup_plan(BackupPlan=document, BackupPlanTags={"a": "b"})
    plan_id = made["BackupPlanId"]
    rules = api.get_backup_plan(BackupPlanId=plan_id)["BackupPlan"]["Rules"]
    rule_ids = [found.pop("RuleId") for found in rules]
    equal((rules[0], len(set(rule_ids))), (rule, 2))
    equal((rules[1]["ScheduleExpression"], rules[1]["StartWindowMinutes"]), ("cron(0 5 ? * * *)", 480))
    equal(api.list_tags(ResourceArn=made["BackupPlanArn"])["Tags"], {"a": "b"})
    changed = api.update_backup_plan(BackupPlanId=plan_id, BackupPlan={**document, "Rules": [rule]})
    equal(len(api.list_backup_plan_versions(BackupPlanId=plan_id)["BackupPlanVersionsList"]), 2)
    old = api.get_backup_plan(BackupPlanId=plan_id, VersionId=made["VersionId"])
    equal(len(old["BackupPlan"]["Rules"]), 2)
    equal(api.get_backup_plan(BackupPlanId=plan_id)["VersionId"], changed["VersionId"])
    with refused("InvalidParameterValueException"):
        bad = {**DAILY, "Lifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 60}}
        api.create_backup_plan(BackupPlan={"BackupPlanName": "cold", "Rules": [bad]})
    conditions = {"StringEquals": [{"ConditionKey": "aws:ResourceTag/stage", "ConditionValue": "prod"}], "StringNotLike": [{"ConditionKey": "aws:ResourceTag/team", "ConditionValue": "x*"}]}  # fmt: skip
    selection = {
        "SelectionName": "some",
        "IamRoleArn": ROLE,
        "Resources": ["arn:aws:ec2:*:*:volume/*"],
        "NotResources": ["arn:aws:ec2:*:*:volume/vol-1"],
        "ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": "backup", "ConditionValue": "daily"}],
        "Conditions": conditions,
    }  # fmt: skip
    selection_id = api.create_backup_selection(BackupPlanId=plan_id, BackupSelection=selection)["SelectionId"]  # fmt: skip
    found = api.get_backup_selection(BackupPlanId=plan_id, SelectionId=selection_id)
    equal(
        {k: v for k, v in found["BackupSelection"].items() if k != "Conditions"},
        {k: v for k, v in selection.items() if k != "Conditions"},
    )
    equal({k: v for k, v in found["BackupSelection"]["Conditions"].items() if v}, conditions)
    with refused("InvalidParameterValueException"):
        api.create_backup_selection(BackupPlanId=plan_id, BackupSelection={"SelectionName": "none", "IamRoleArn": ROLE})  # fmt: skip
    equal(len(api.list_backup_selections(BackupPlanId=plan_id)["BackupSelectionsList"]), 1)
    with refused("InvalidRequestException"):
        api.delete_backup_plan(BackupPlanId=plan_id)
    api.delete_backup_selection(BackupPlanId=plan_id, SelectionId=selection_id)
    api.delete_backup_plan(BackupPlanId=plan_id)
    equal(api.list_backup_plans()["BackupPlansList"], [])
    [deleted] = api.list_backup_plans(IncludeDeleted=True)["BackupPlansList"]
    assert near(deleted["DeletionDate"], ago())


@test
def backup_of_a_volume_is_a_snapshot_and_restores_to_a_volume() -> None:
    made = seed(volumes=[volume(encrypted=True)], vaults=[{"name": "main"}])
    api, ec2 = client("backup"), client("ec2")
    started = api.start_backup_job(BackupVaultName="main", ResourceArn=made["arns"]["v"], IamRoleArn=ROLE, Lifecycle={"DeleteAfterDays": 35}, RecoveryPointTags={"x": "y"})  # fmt: skip
    job = api.describe_backup_job(BackupJobId=started["BackupJobId"])
    equal((job["State"], job["ResourceType"], job["MessageCategory"]), ("COMPLETED", "EBS", "SUCCESS"))
    arn = job["RecoveryPointArn"]
    snapshot_id = arn.rpartition("/")[2]
    [snapshot] = ec2.describe_snapshots(SnapshotIds=[snapshot_id])["Snapshots"]
    equal(snapshot["VolumeId"], made["ids"]["v"])
    [tag] = snapshot["Tags"]
    equal(tag["Key"], "aws:backup:source-resource")
    equal(tag["Value"], f"{made['ids']['v']}:{started['BackupJobId']}")
    point = api.describe_recovery_point(BackupVaultName="main", RecoveryPointArn=arn)
    equal((point["Status"], point["IsEncrypted"], point["StorageClass"]), ("COMPLETED", True, "WARM"))
    assert near(point["CalculatedLifecycle"]["DeleteAt"], ago(days=-35))
    equal(api.list_tags(ResourceArn=arn)["Tags"], {"x": "y"})
    with refused("InvalidParameterValue"):
        ec2.delete_snapshot(SnapshotId=snapshot_id)
    metadata = api.get_recovery_point_restore_metadata(BackupVaultName="main", RecoveryPointArn=arn)
    inferred = api.get_restore_testing_inferred_metadata(BackupVaultName="main", RecoveryPointArn=arn)
    equal(metadata["RestoreMetadata"], inferred["InferredMetadata"])
    restore = api.start_restore_job(RecoveryPointArn=arn, Metadata=metadata["RestoreMetadata"], IamRoleArn=ROLE)  # fmt: skip
    done = api.describe_restore_job(RestoreJobId=restore["RestoreJobId"])
    equal((done["Status"], done["SourceResourceArn"]), ("COMPLETED", made["arns"]["v"]))
    [restored] = ec2.describe_volumes(VolumeIds=[done["CreatedResourceArn"].rpartition("/")[2]])["Volumes"]  # fmt: skip
    equal((restored["SnapshotId"], restored["Size"], restored["Encrypted"]), (snapshot_id, 10, True))
    api.put_restore_validation_result(RestoreJobId=restore["RestoreJobId"], ValidationStatus="SUCCESSFUL", ValidationStatusMessage="ok")  # fmt: skip
    with refused("InvalidRequestException"):
        api.put_restore_validation_result(RestoreJobId=restore["RestoreJobId"], ValidationStatus="FAILED")  # fmt: skip
    [listed] = api.list_restore_jobs(ByStatus="COMPLETED")["RestoreJobs"]
    equal(listed["ValidationStatus"], "SUCCESSFUL")
    equal(len(api.list_restore_jobs_by_protected_resource(ResourceArn=made["arns"]["v"])["RestoreJobs"]), 1)  # fmt: skip
    equal(api.get_restore_job_metadata(RestoreJobId=restore["RestoreJobId"])["Metadata"], metadata["RestoreMetadata"])  # fmt: skip
    [point] = api.list_recovery_points_by_backup_vault(BackupVaultName="main")["RecoveryPoints"]
    assert near(point["LastRestoreTime"], ago())
    protected = api.describe_protected_resource(ResourceArn=made["arns"]["v"])
    assert near(protected["LatestRestoreJobCreationDate"], ago())
    equal(protected["LastRecoveryPointArn"], arn)
    api.delete_recovery_point(BackupVaultName="main", RecoveryPointArn=arn)
    with refused("InvalidSnapshot.NotFound"):
        ec2.describe_snapshots(SnapshotIds=[snapshot_id])
    equal(api.list_recovery_points_by_backup_vault(BackupVaultName="main")["RecoveryPoints"], [])
    equal(len(api.list_protected_resources()["Results"]), 1)  # ever backed up


@test
def backup_of_an_instance_is_an_image() -> None:
    made = seed(
        volumes=[volume(), {"key": "w"}],
        instances=[{"key": "i", "volumes": ["v", "w"]}],
        vaults=[{"name": "main"}],
    )
    api, ec2 = client("backup"), client("ec2")
    job = api.start_backup_job(BackupVaultName="main", ResourceArn=made["arns"]["i"], IamRoleArn=ROLE)
    image_id = job["RecoveryPointArn"].rpartition("/")[2] if "RecoveryPointArn" in job else ""
    [image] = ec2.describe_images(ImageIds=[image_id])["Images"]
    members = [b["Ebs"]["SnapshotId"] for b in image["BlockDeviceMappings"]]
    volumes = [s["VolumeId"] for s in ec2.describe_snapshots(SnapshotIds=members)["Snapshots"]]
    equal(volumes, [made["ids"]["v"], made["ids"]["w"]])
    with refused("InvalidParameterValue"):
        ec2.deregister_image(ImageId=image_id)
    restore = api.start_restore_job(RecoveryPointArn=job["RecoveryPointArn"], Metadata={"InstanceType": "t3.small"})  # fmt: skip
    done = api.describe_restore_job(RestoreJobId=restore["RestoreJobId"])
    new = done["CreatedResourceArn"].rpartition("/")[2]
    found = ec2.describe_instances(InstanceIds=[new])["Reservations"][0]["Instances"][0]
    equal((found["ImageId"], found["InstanceType"]), (image_id, "t3.small"))
    api.delete_recovery_point(BackupVaultName="main", RecoveryPointArn=job["RecoveryPointArn"])
    equal(ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"], [])


@test
def backup_jobs_can_fail_and_be_refused() -> None:
    made = seed(volumes=[volume()], buckets=[{"name": "docs"}], vaults=[{"name": "main", "Locked": True, "MinRetentionDays": 30, "MaxRetentionDays": 60}])  # fmt: skip
    api = client("backup")
    arguments = {"BackupVaultName": "main", "IamRoleArn": ROLE}
    with refused("ResourceNotFoundException"):
        api.start_backup_job(ResourceArn=f"arn:aws:ec2:{REGION}:{MAIN}:volume/vol-1", **arguments)
    with refused("InvalidParameterValueException"):
        api.start_backup_job(ResourceArn="arn:aws:iam::1:role/x", **arguments)
    short = api.start_backup_job(ResourceArn=made["arns"]["v"], Lifecycle={"DeleteAfterDays": 7}, **arguments)  # fmt: skip
    api.start_backup_job(ResourceArn=made["arns"]["v"], **arguments)  # for ever: too long
    good = api.start_backup_job(ResourceArn="arn:aws:s3:::docs", Lifecycle={"DeleteAfterDays": 35}, **arguments)  # fmt: skip
    failed = api.list_backup_jobs(ByState="FAILED")["BackupJobs"]
    equal(len(failed), 2)
    assert "minimum of 30" in api.describe_backup_job(BackupJobId=short["BackupJobId"])["StatusMessage"]
    equal([j["ResourceType"] for j in api.list_backup_jobs(ByState="COMPLETED")["BackupJobs"]], ["S3"])
    with refused("InvalidRequestException"):
        api.delete_recovery_point(BackupVaultName="main", RecoveryPointArn=good["RecoveryPointArn"])
    with refused("InvalidRequestException"):
        api.update_recovery_point_lifecycle(BackupVaultName="main", RecoveryPointArn=good["RecoveryPointArn"], Lifecycle={"DeleteAfterDays": 40})  # fmt: skip
    with refused("InvalidRequestException"):
        api.stop_backup_job(BackupJobId=good["BackupJobId"])
    with refused("InvalidParameterValueException", "ParamValidationError"):
        api.list_backup_jobs(MaxResults=1001)


@test
def backup_points_have_every_field_and_filter() -> None:
    made = seed(
        volumes=[volume(), {"key": "w"}],
        buckets=[{"name": "docs"}],
        vaults=[{"name": "main"}, {"name": "second"}],
        plans=[{"key": "p", "created": "-90d", "plan": {"BackupPlanName": "daily", "Rules": [{**DAILY, "Lifecycle": {"DeleteAfterDays": 35}}]}}],
        recovery_points=[
            {"key": "a", "vault": "main", "resource": "v", "CreationDate": "-26h", "plan": "p", "rule": "daily", "tags": {"t": "1"}},
            {"key": "b", "vault": "main", "resource": "v", "CreationDate": "-60d", "Status": "EXPIRED", "StatusMessage": "no role"},
            {"key": "c", "vault": "main", "resource": "docs", "CreationDate": "-200d", "Status": "AVAILABLE"},
            {"key": "d", "vault": "main", "resource": "w", "Status": "SOMETHING_NEW", "StorageClass": "COLD"},
            {"key": "e", "vault": "second", "resource": "v", "CreationDate": "-2h", "IsEncrypted": True},
            {"key": "f", "vault": "main", "resource": f"arn:aws:rds:{REGION}:{MAIN}:db:orders", "RecoveryPointArn": f"arn:aws:rds:{REGION}:{MAIN}:snapshot:awsbackup:job-1"},
            {"key": "parent", "vault": "main", "resource": f"arn:aws:cloudformation:{REGION}:{MAIN}:stack/s/1", "IsParent": True},
            {"key": "child", "vault": "main", "resource": "w", "ParentRecoveryPointArn": "@parent", "CompositeMemberIdentifier": "w"},
        ],
    )  # fmt: skip
    arns = made["arns"]
    api = client("backup")

    def listed(**filters: Any) -> list[str]:
        answer = api.list_recovery_points_by_backup_vault(BackupVaultName="main", **filters)
        return [p["RecoveryPointArn"] for p in answer["RecoveryPoints"]]

    equal(len(listed()), 7)
    equal(listed(ByResourceArn=arns["v"]), [arns["a"], arns["b"]])
    equal(listed(ByResourceType="S3"), [arns["c"]])
    equal(listed(ByCreatedBefore=ago(days=100)), [arns["c"]])
    equal(listed(ByCreatedAfter=ago(hours=27), ByResourceArn=arns["v"]), [arns["a"]])
    equal(listed(ByBackupPlanId=made["ids"]["p"]), [arns["a"]])
    equal(listed(ByParentRecoveryPointArn=arns["parent"]), [arns["child"]])
    points = {p["RecoveryPointArn"]: p for p in api.list_recovery_points_by_backup_vault(BackupVaultName="main")["RecoveryPoints"]}  # fmt: skip
    first = points[arns["a"]]
    equal(first["CreatedBy"]["BackupRuleName"], "daily")
    equal(first["Lifecycle"], {"DeleteAfterDays": 35})
    assert near(first["CalculatedLifecycle"]["DeleteAt"], ago(hours=26) + timedelta(days=35))
    assert near(first["CreationDate"], ago(hours=26))
    equal(points[arns["d"]]["Status"], "SOMETHING_NEW")
    equal("CompletionDate" in points[arns["c"]], False)
    equal(api.describe_recovery_point(BackupVaultName="main", RecoveryPointArn=arns["d"])["StorageClass"], "COLD")  # fmt: skip
    [snapshot] = client("ec2").describe_snapshots(SnapshotIds=[made["ids"]["a"]])["Snapshots"]
    assert near(snapshot["StartTime"], ago(hours=26)), "the real snapshot is backdated, too"
    by_resource = api.list_recovery_points_by_resource(ResourceArn=arns["v"])["RecoveryPoints"]
    equal({p["BackupVaultName"] for p in by_resource}, {"main", "second"})
    assert by_resource[0]["BackupSizeBytes"] == 10 * 1024**3
    equal(pages(api, "list_recovery_points_by_backup_vault", "RecoveryPoints", 3, BackupVaultName="main"), [3, 3, 1])  # fmt: skip
    equal(api.describe_backup_vault(BackupVaultName="main")["NumberOfRecoveryPoints"], 7)
    protected = {r["ResourceArn"]: r for r in api.list_protected_resources()["Results"]}
    equal(len(protected), 5)
    assert near(protected[arns["v"]]["LastBackupTime"], ago(hours=2))
    equal(len(api.list_protected_resources_by_backup_vault(BackupVaultName="second")["Results"]), 1)
    changed = api.update_recovery_point_lifecycle(BackupVaultName="main", RecoveryPointArn=arns["a"], Lifecycle={"DeleteAfterDays": 90})  # fmt: skip
    assert near(changed["CalculatedLifecycle"]["DeleteAt"], ago(hours=26) + timedelta(days=90))
    with refused("InvalidRequestException"):
        api.update_recovery_point_lifecycle(BackupVaultName="main", RecoveryPointArn=arns["c"], Lifecycle={"DeleteAfterDays": 30})  # fmt: skip
    with refused("InvalidRequestException"):
        api.delete_recovery_point(BackupVaultName="main", RecoveryPointArn=arns["parent"])
    api.disassociate_recovery_point(BackupVaultName="main", RecoveryPointArn=arns["c"])
    equal(listed(ByResourceType="S3"), [])


@test
def backup_deletion_can_fail_later() -> None:
    made = seed(volumes=[volume()], vaults=[{"name": "main"}], recovery_points=[{"key": "r", "vault": "main", "resource": "v", "deletion_fails": True}])  # fmt: skip
    api = client("backup")
    arn = made["arns"]["r"]
    api.delete_recovery_point(BackupVaultName="main", RecoveryPointArn=arn)
    equal(api.describe_recovery_point(BackupVaultName="main", RecoveryPointArn=arn)["Status"], "EXPIRED")  # fmt: skip


@test
def backup_copies_go_to_other_regions_and_accounts() -> None:
    made = seed(volumes=[volume()], vaults=[{"name": "main"}], recovery_points=[{"key": "r", "vault": "main", "resource": "v", "Lifecycle": {"DeleteAfterDays": 35}}])  # fmt: skip
    there = seed(account=OTHER, region=OTHER_REGION, vaults=[{"name": "copies", "key": "copies"}])
    api = client("backup")
    job_id = api.start_copy_job(RecoveryPointArn=made["arns"]["r"], SourceBackupVaultName="main", DestinationBackupVaultArn=there["arns"]["copies"], IamRoleArn=ROLE)["CopyJobId"]  # fmt: skip
    job = api.describe_copy_job(CopyJobId=job_id)["CopyJob"]
    equal(job["State"], "COMPLETED")
    other = client("backup", OTHER_REGION, assumed())
    [point] = other.list_recovery_points_by_backup_vault(BackupVaultName="copies")["RecoveryPoints"]
    equal(point["RecoveryPointArn"], job["DestinationRecoveryPointArn"])
    assert point["SourceBackupVaultArn"].endswith(":backup-vault:main") and point["IsEncrypted"]
    equal(point["Lifecycle"], {"DeleteAfterDays": 35})
    [snapshot] = client("ec2", OTHER_REGION, assumed()).describe_snapshots(OwnerIds=["self"])["Snapshots"]  # fmt: skip
    equal(snapshot["VolumeId"], "vol-ffffffff")
    equal(len(api.list_copy_jobs(ByDestinationVaultArn=there["arns"]["copies"])["CopyJobs"]), 1)
    equal(other.list_copy_jobs()["CopyJobs"], [])
    equal(api.list_copy_jobs(ByState="FAILED")["CopyJobs"], [])


@test
def backup_jobs_are_seeded_and_forgotten_after_30_days() -> None:
    made = seed(
        volumes=[volume()],
        vaults=[{"name": "main"}],
        recovery_points=[{"key": "r", "vault": "main", "resource": "v", "CreationDate": "-5d"}, {"key": "q", "vault": "main", "resource": "v", "CreationDate": "-4d"}],
        backup_jobs=[
            {"key": "ok", "recovery_point": "r"},
            {"key": "bad", "vault": "main", "resource": "v", "CreationDate": "-3d", "State": "FAILED", "MessageCategory": "AccessDenied", "StatusMessage": "no"},
            {"key": "old", "vault": "main", "resource": "v", "CreationDate": "-40d"},
            {"key": "running", "vault": "main", "resource": "v", "CreationDate": "-1h", "State": "RUNNING", "PercentDone": "10.0"},
        ],
        copy_jobs=[{"source": "r", "destination": "q"}, {"source": "r", "State": "FAILED", "DestinationBackupVaultArn": "arn:aws:backup:x:1:backup-vault:y"}],
        restore_jobs=[{"key": "rj", "recovery_point": "r", "CreationDate": "-2d", "CompletionDate": "-47h", "ValidationStatus": "FAILED"}],
    )["ids"]  # fmt: skip
    api = client("backup")
    equal([j["BackupJobId"] for j in api.list_backup_jobs()["BackupJobs"]], [made["running"], made["bad"], made["ok"]])  # fmt: skip
    [bad] = api.list_backup_jobs(ByMessageCategory="AccessDenied")["BackupJobs"]
    equal(bad["StatusMessage"], "no")
    equal(len(api.list_backup_jobs(ByCompleteAfter=ago(days=4))["BackupJobs"]), 1)
    equal(len(api.list_backup_jobs(ByCreatedBefore=ago(days=2))["BackupJobs"]), 2)
    equal(len(api.list_backup_jobs(ByAccountId="*")["BackupJobs"]), 3)
    equal(pages(api, "list_backup_jobs", "BackupJobs", 2), [2, 1])
    equal(len(api.list_copy_jobs()["CopyJobs"]), 2)
    restored = api.describe_restore_job(RestoreJobId=made["rj"])
    equal(restored["ValidationStatus"], "FAILED")
    protected = api.describe_protected_resource(ResourceArn=restored["SourceResourceArn"])
    equal(protected["LatestRestoreExecutionTimeMinutes"], 60)
    api.stop_backup_job(BackupJobId=made["running"])
    equal(api.describe_backup_job(BackupJobId=made["running"])["State"], "ABORTED")


@test
def backup_restore_testing() -> None:
    api = client("backup")
    selection = {"Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": ["*"], "RecoveryPointTypes": ["SNAPSHOT"], "SelectionWindowDays": 14}  # fmt: skip
    plan = {"RestoreTestingPlanName": "monthly", "ScheduleExpression": "cron(0 6 1 * ? *)", "RecoveryPointSelection": selection}  # fmt: skip
    made = api.create_restore_testing_plan(RestoreTestingPlan=plan, Tags={"a": "b"})
    found = api.get_restore_testing_plan(RestoreTestingPlanName="monthly")["RestoreTestingPlan"]
    equal(found["RecoveryPointSelection"], {"ExcludeVaults": [], **selection} if "ExcludeVaults" in found["RecoveryPointSelection"] else selection)  # fmt: skip
    equal(found["StartWindowHours"], 24)
    equal(api.list_tags(ResourceArn=made["RestoreTestingPlanArn"])["Tags"], {"a": "b"})
    document = {"RestoreTestingSelectionName": "volumes", "IamRoleArn": ROLE, "ProtectedResourceType": "EBS", "ProtectedResourceArns": ["*"], "ValidationWindowHours": 4}  # fmt: skip
    api.create_restore_testing_selection(RestoreTestingPlanName="monthly", RestoreTestingSelection=document)  # fmt: skip
    chosen = api.get_restore_testing_selection(RestoreTestingPlanName="monthly", RestoreTestingSelectionName="volumes")  # fmt: skip
    equal({k: chosen["RestoreTestingSelection"][k] for k in document}, document)
    equal(len(api.list_restore_testing_selections(RestoreTestingPlanName="monthly")["RestoreTestingSelections"]), 1)  # fmt: skip
    equal(len(api.list_restore_testing_plans()["RestoreTestingPlans"]), 1)
    api.delete_restore_testing_selection(RestoreTestingPlanName="monthly", RestoreTestingSelectionName="volumes")  # fmt: skip
    api.delete_restore_testing_plan(RestoreTestingPlanName="monthly")
    with refused("ResourceNotFoundException"):
        api.get_restore_testing_plan(RestoreTestingPlanName="monthly")


@test
def backup_legal_holds() -> None:
    made = seed(
        volumes=[volume()],
        buckets=[{"name": "docs"}],
        vaults=[{"name": "main"}],
        recovery_points=[
            {"key": "old", "vault": "main", "resource": "v", "CreationDate": "-50d"},
            {"key": "new", "vault": "main", "resource": "v"},
            {"key": "continuous", "vault": "main", "resource": "docs", "Status": "AVAILABLE"},
        ],
        legal_holds=[{"key": "starting", "Title": "t", "Status": "CREATING", "RecoveryPointSelection": {"VaultNames": ["none"]}}],
    )  # fmt: skip
    api = client("backup")
    hold = api.create_legal_hold(Title="case", Description="d", RecoveryPointSelection={"VaultNames": ["main"], "DateRange": {"FromDate": ago(days=100), "ToDate": ago(days=10)}})  # fmt: skip
    equal(hold["Status"], "ACTIVE")
    held = api.list_recovery_points_by_legal_hold(LegalHoldId=hold["LegalHoldId"])["RecoveryPoints"]
    equal([p["RecoveryPointArn"] for p in held], [made["arns"]["old"]])
    with refused("InvalidRequestException"):
        api.delete_recovery_point(BackupVaultName="main", RecoveryPointArn=made["arns"]["old"])
    equal({h["Status"] for h in api.list_legal_holds()["LegalHolds"]}, {"ACTIVE", "CREATING"})
    api.cancel_legal_hold(LegalHoldId=hold["LegalHoldId"], CancelDescription="over", RetainRecordInDays=5)  # fmt: skip
    over = api.get_legal_hold(LegalHoldId=hold["LegalHoldId"])
    equal((over["Status"], over["CancelDescription"]), ("CANCELED", "over"))
    api.delete_recovery_point(BackupVaultName="main", RecoveryPointArn=made["arns"]["old"])


@test
def backup_settings_and_frameworks() -> None:
    api = client("backup")
    equal(api.describe_region_settings()["ResourceTypeOptInPreference"]["EBS"], True)
    api.update_region_settings(ResourceTypeOptInPreference={"EBS": False})
    equal(api.describe_region_settings()["ResourceTypeOptInPreference"]["EBS"], False)
    equal(client("backup", OTHER_REGION).describe_region_settings()["ResourceTypeOptInPreference"]["EBS"], True)  # fmt: skip
    equal(api.describe_global_settings()["GlobalSettings"], {"isCrossAccountBackupEnabled": "false"})
    api.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    equal(api.describe_global_settings()["GlobalSettings"], {"isCrossAccountBackupEnabled": "true"})
    seed(region_settings={"ResourceTypeOptInPreference": {"S3": False}}, global_settings={"x": "y"})
    equal(api.describe_region_settings()["ResourceTypeOptInPreference"]["S3"], False)
    api.create_framework(FrameworkName="f", FrameworkControls=[{"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}])  # fmt: skip
    equal(api.list_frameworks()["Frameworks"][0]["NumberOfControls"], 1)
    equal(api.describe_framework(FrameworkName="f")["FrameworkStatus"], "ACTIVE")
    equal(api.list_report_plans()["ReportPlans"], [])


# Accounts, IAM


def assumed(account: str = OTHER, role: str = "scan") -> dict[str, str]:
    arn = f"arn:aws:iam::{account}:role/{role}"
    found = client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    return {
        "access_key_id": found["AccessKeyId"],
        "secret_access_key": found["SecretAccessKey"],
        "session_token": found["SessionToken"],
    }


@test
def accounts_and_regions_are_apart() -> None:
    estates = [
        {"account": account, "region": region, "volumes": [{"key": f"{account}{region}"}], "vaults": [{"name": f"{account}-{region}"}]}
        for account in (MAIN, OTHER)
        for region in (REGION, OTHER_REGION)
    ]  # fmt: skip
    made = http("POST", "/lastgood/seed", {"estates": estates})["ids"]
    for account, keys in ((MAIN, None), (OTHER, assumed())):
        equal(client("sts", keys=keys).get_caller_identity()["Account"], account)
        for region in (REGION, OTHER_REGION):
            found = client("ec2", region, keys).describe_volumes()["Volumes"]
            equal([v["VolumeId"] for v in found], [made[account + region]])
            vaults = client("backup", region, keys).list_backup_vaults()["BackupVaultList"]
            equal([v["BackupVaultName"] for v in vaults], [f"{account}-{region}"])


READ = [
    "ec2:DescribeVolumes", "ec2:DescribeSnapshots", "ec2:DescribeLockedSnapshots",
    "backup:ListBackupVaults", "backup:ListRecoveryPointsByBackupVault",
    "s3:ListAllMyBuckets", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration", "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketPublicAccessBlock", "s3:GetBucketVersioning", "s3:GetBucketTagging",
    "s3:GetBucketPolicy", "s3:GetBucketLocation", "s3:GetInventoryConfiguration",
]  # fmt: skip

# What each of the actions is for. The empty bucket has none of the configurations.
USES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "ec2:DescribeVolumes": ("ec2", "describe_volumes", {}),
    "ec2:DescribeSnapshots": ("ec2", "describe_snapshots", {"OwnerIds": ["self"]}),
    "ec2:DescribeLockedSnapshots": ("ec2", "describe_locked_snapshots", {}),
    "backup:ListBackupVaults": ("backup", "list_backup_vaults", {}),
    "backup:ListRecoveryPointsByBackupVault": ("backup", "list_recovery_points_by_backup_vault", {"BackupVaultName": "main"}),
    "s3:ListAllMyBuckets": ("s3", "list_buckets", {}),
    "s3:GetEncryptionConfiguration": ("s3", "get_bucket_encryption", {"Bucket": "docs"}),
    "s3:GetLifecycleConfiguration": ("s3", "get_bucket_lifecycle_configuration", {"Bucket": "docs"}),
    "s3:GetReplicationConfiguration": ("s3", "get_bucket_replication", {"Bucket": "docs"}),
    "s3:GetBucketObjectLockConfiguration": ("s3", "get_object_lock_configuration", {"Bucket": "docs"}),
    "s3:GetBucketPublicAccessBlock": ("s3", "get_public_access_block", {"Bucket": "docs"}),
    "s3:GetBucketVersioning": ("s3", "get_bucket_versioning", {"Bucket": "docs"}),
    "s3:GetBucketTagging": ("s3", "get_bucket_tagging", {"Bucket": "docs"}),
    "s3:GetBucketPolicy": ("s3", "get_bucket_policy", {"Bucket": "docs"}),
    "s3:GetBucketLocation": ("s3", "get_bucket_location", {"Bucket": "docs"}),
    "s3:GetInventoryConfiguration": ("s3", "list_bucket_inventory_configurations", {"Bucket": "docs"}),
}  # fmt: skip

NOT_CONFIGURED = {
    "NoSuchLifecycleConfiguration", "ReplicationConfigurationNotFoundError", "NoSuchTagSet",
    "ObjectLockConfigurationNotFoundError", "NoSuchPublicAccessBlockConfiguration",
    "NoSuchBucketPolicy",
}  # fmt: skip

DENIED = {"ec2": "UnauthorizedOperation", "backup": "AccessDeniedException", "s3": "AccessDenied"}


def allow(actions: list[str], resource: str = "*") -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


def outcome(action: str, keys: dict[str, str]) -> str:
    """`done`, or the error code; "not configured" is done."""
    service, method, arguments = USES[action]
    try:
        getattr(client(service, keys=keys), method)(**arguments)
    except botocore.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        return "done" if code in NOT_CONFIGURED else code
    return "done"


@test
def iam_each_action_is_needed_and_sufficient() -> None:
    users = [{"name": "all", "policy": allow(READ)}, {"name": "none"}]
    users += [{"name": a.replace(":", "-"), "policy": allow([x for x in READ if x != a])} for a in READ]
    made = seed(users=users, vaults=[{"name": "main"}], buckets=[{"name": "docs"}])["credentials"]
    http("POST", "/moto-api/reset-auth", b"0")
    for action in READ:
        denied = DENIED[action.partition(":")[0]]
        equal((action, outcome(action, made["all"])), (action, "done"))
        equal((action, outcome(action, made["none"])), (action, denied))
        equal((action, outcome(action, made[action.replace(":", "-")])), (action, denied))
    stranger = {"access_key_id": "AKIAIOSFODNN7STRANGE", "secret_access_key": "x"}
    equal(outcome("ec2:DescribeVolumes", stranger), "AuthFailure")
    equal(outcome("backup:ListBackupVaults", stranger), "UnrecognizedClientException")
    equal(outcome("s3:ListAllMyBuckets", stranger), "InvalidAccessKeyId")
    forged = {**made["all"], "secret_access_key": "wrong"}
    equal(outcome("backup:ListBackupVaults", forged), "SignatureDoesNotMatch")


@test
def iam_roles_and_resources() -> None:
    mine = f"arn:aws:backup:{REGION}:{MAIN}:backup-vault:main"
    seed(
        vaults=[{"name": "main"}, {"name": "second"}],
        roles=[{"name": "scan", "policy": allow(["backup:ListRecoveryPointsByBackupVault"], mine)}],
    )
    keys = assumed(MAIN, "scan")
    http("POST", "/moto-api/reset-auth", b"0")
    api = client("backup", keys=keys)
    api.list_recovery_points_by_backup_vault(BackupVaultName="main")
    with refused("AccessDeniedException", status=403):
        api.list_recovery_points_by_backup_vault(BackupVaultName="second")
    with refused("AccessDeniedException", status=403):
        api.list_backup_vaults()
    http("POST", "/lastgood/enforce-iam", False)
    client("backup").list_backup_vaults()
    http("POST", "/lastgood/enforce-iam", True)
    with refused("UnrecognizedClientException"):
        client("backup").list_backup_vaults()
    http("POST", "/lastgood/reset")
    client("backup").list_backup_vaults()  # not enforced any more


# Faults, counts, control


@test
def faults_have_the_format_of_each_protocol() -> None:
    expected = {
        "AccessDenied": [("UnauthorizedOperation", 403), ("AccessDenied", 403), ("AccessDeniedException", 403), ("AccessDenied", 403)],
        "Throttling": [("RequestLimitExceeded", 503), ("SlowDown", 503), ("ThrottlingException", 429), ("Throttling", 400)],
        "InternalError": [("InternalError", 500), ("InternalError", 500), ("ServiceUnavailableException", 500), ("InternalFailure", 500)],
        "ExpiredToken": [("RequestExpired", 400), ("ExpiredToken", 400), ("ExpiredTokenException", 403), ("ExpiredToken", 403)],
        "UnrecognizedClient": [("AuthFailure", 401), ("InvalidAccessKeyId", 403), ("UnrecognizedClientException", 403), ("InvalidClientTokenId", 403)],
    }  # fmt: skip
    calls = [
        ("ec2:DescribeVolumes", client("ec2").describe_volumes),
        ("s3:ListBuckets", client("s3").list_buckets),
        ("backup:ListBackupVaults", client("backup").list_backup_vaults),
        ("sts:GetCallerIdentity", client("sts").get_caller_identity),
    ]
    for kind, codes in expected.items():
        for (name, call), (code, status) in zip(calls, codes):
            fault(operation=name, fault=kind, times=1)
            with refused(code, status=status):
                call()
            call()  # only once


@test
def faults_can_be_narrowed() -> None:
    seed(buckets=[{"name": "one"}, {"name": "two"}])
    api = client("s3")
    fault(operation="s3:GetBucketVersioning", resource="two", fault="AccessDenied")
    api.get_bucket_versioning(Bucket="one")
    with refused("AccessDenied"):
        api.get_bucket_versioning(Bucket="two")
    fault(operation="backup:*", region=OTHER_REGION, fault="Throttling")
    client("backup").list_backup_vaults()
    with refused("ThrottlingException"):
        client("backup", OTHER_REGION).list_backup_jobs()
    fault(operation="ec2:DescribeVolumes", account=OTHER, fault="AccessDenied")
    client("ec2").describe_volumes()
    with refused("UnauthorizedOperation"):
        client("ec2", keys=assumed()).describe_volumes()
    equal(len(http("GET", "/lastgood/faults")), 3)
    http("DELETE", "/lastgood/faults")
    api.get_bucket_versioning(Bucket="two")
    for bad in ({"operation": "x", "fault": "slow"}, {"operation": "s3:X", "fault": "nonsense"}, {"operation": "iam:ListUsers", "fault": "repeated-token"}, {"operation": "s3:X", "fault": "reset", "time": 1}):  # fmt: skip
        try:
            fault(**bad)
        except urllib.error.HTTPError as error:
            equal(error.code, 400)
        else:
            raise AssertionError(f"accepted {bad}")


@test
def faults_of_the_connection() -> None:
    api = client("backup")
    fault(operation="backup:ListBackupVaults", fault="slow", seconds=1, times=1)
    started = time.monotonic()
    api.list_backup_vaults()
    assert 1 <= time.monotonic() - started < 3
    for service, name, call in (
        ("backup", "ListBackupVaults", "list_backup_vaults"),
        ("ec2", "DescribeVolumes", "describe_volumes"),
        ("s3", "ListBuckets", "list_buckets"),
    ):
        fault(operation=f"{service}:{name}", fault="garbage", times=1)
        try:
            # botocore takes JSON that it cannot read for an empty answer.
            equal(getattr(client(service), call)().get("BackupVaultList"), None)
        except ResponseParserError:
            equal(service, "ec2")
        except botocore.exceptions.ClientError as error:
            # …and takes a 200 of S3 that it cannot read for a 500, to try again.
            equal((service, error.response["Error"]["Code"]), ("s3", "500"))
        fault(operation=f"{service}:{name}", fault="reset", times=1)
        try:
            getattr(client(service), call)()
        except (botocore.exceptions.ConnectionClosedError, botocore.exceptions.EndpointConnectionError, botocore.exceptions.HTTPClientError):  # fmt: skip
            pass
        else:
            raise AssertionError(f"{service} got an answer")
        getattr(client(service), call)()
    fault(operation="ec2:DescribeVolumes", fault="reset", times=1)
    with socket.create_connection(("127.0.0.1", int(endpoint.rpartition(":")[2]))) as raw:
        body = b"Action=DescribeVolumes&Version=2016-11-15"
        head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\nContent-Length: {len(body)}\r\nAuthorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0\r\n\r\n"  # fmt: skip
        raw.sendall(head.encode() + body)
        try:
            got = raw.recv(1000)
        except ConnectionResetError:
            got = b""
        equal(got, b"")


@test
def faults_of_pages() -> None:
    http("POST", "/lastgood/seed/bulk", {"volumes": 12, "recovery_points": 12})
    seed(buckets=[{"name": f"b-{n}"} for n in range(3)])
    for api, method, arguments, operation in (
        (client("ec2"), "describe_volumes", {"MaxResults": 5}, "ec2:DescribeVolumes"),
        (client("backup"), "list_recovery_points_by_backup_vault", {"BackupVaultName": "bulk", "MaxResults": 5}, "backup:ListRecoveryPointsByBackupVault"),
    ):  # fmt: skip
        call = getattr(api, method)
        fault(operation=operation, fault="repeated-token")
        tokens = [call(**arguments)["NextToken"]]
        tokens += [call(**arguments, NextToken=tokens[0])["NextToken"]]
        equal(tokens[0], tokens[1])
        http("DELETE", "/lastgood/faults")
        fault(operation=operation, fault="truncated-page")
        lost = call(**arguments)["NextToken"]
        with refused("InternalError", "ServiceUnavailableException", status=500):
            call(**arguments, NextToken=lost)
        http("DELETE", "/lastgood/faults")
    fault(operation="s3:ListBuckets", fault="truncated-page")
    api = client("s3")
    token = api.list_buckets()["ContinuationToken"]
    with refused("InternalError", status=500):
        api.list_buckets(ContinuationToken=token)


@test
def requests_are_counted() -> None:
    http("POST", "/lastgood/reset-requests")
    client("ec2").describe_volumes()
    client("ec2", OTHER_REGION).describe_volumes()
    client("s3").list_buckets()
    fault(operation="backup:ListBackupVaults", fault="AccessDenied")
    with refused("AccessDeniedException"):
        client("backup").list_backup_vaults()
    equal(http("GET", "/lastgood/requests"), {"ec2:DescribeVolumes": 2, "s3:ListBuckets": 1, "backup:ListBackupVaults": 1})  # fmt: skip
    detail = http("GET", "/lastgood/requests?detail")
    equal(detail[1], {"operation": "ec2:DescribeVolumes", "account": MAIN, "region": OTHER_REGION, "status": 200})  # fmt: skip
    equal(detail[3]["status"], 403)
    http("POST", "/lastgood/reset-requests")
    equal(http("GET", "/lastgood/requests"), {})


@test
def bad_seeds_are_told() -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"volume": []}, "unknown sections"),
        ({"snapshots": [{"volume": "nothing"}]}, "nothing before this"),
        ({"vaults": [{"name": "x", "Lockt": True}]}, "no member ['Lockt']"),
        ({"volumes": [{"key": "v"}, {"key": "v"}]}, "two things"),
        ({"recovery_points": [{"resource": "v"}]}, "'vault' is missing"),
    ]
    for document, message in wrong:
        try:
            seed(**document)
        except urllib.error.HTTPError as error:
            text = json.load(error)["error"]
            assert error.code == 400 and message in text, text
        else:
            raise AssertionError(f"accepted {document}")


@test
def demo_estate_and_reset() -> None:
    made = http("POST", "/lastgood/seed", json.loads((HERE / "demo.json").read_text()))
    region = "eu-central-1"
    equal(len(client("ec2", region).describe_volumes()["Volumes"]), 3)
    equal(len(client("backup", region).list_backup_jobs()["BackupJobs"]), 3)
    [copy] = client("backup", "eu-west-1").list_recovery_points_by_backup_vault(BackupVaultName="copies")["RecoveryPoints"]  # fmt: skip
    equal(copy["ResourceArn"], made["arns"]["db-data"])
    http("POST", "/lastgood/reset")
    equal(client("ec2", region).describe_volumes()["Volumes"], [])
    equal(client("backup", region).list_backup_vaults()["BackupVaultList"], [])
    equal(client("s3").list_buckets()["Buckets"], [])


@test
def other_services_still_work() -> None:
    iam = client("iam")
    iam.create_user(UserName="someone")
    equal([u["UserName"] for u in iam.list_users()["Users"]], ["someone"])
    table = {"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}]}  # fmt: skip
    dynamodb = client("dynamodb")
    dynamodb.create_table(TableName="t", BillingMode="PAY_PER_REQUEST", **table)
    status = dynamodb.describe_continuous_backups(TableName="t")["ContinuousBackupsDescription"]
    equal(status["ContinuousBackupsStatus"], "ENABLED")
    regions = {r["RegionName"] for r in client("ec2").describe_regions()["Regions"]}
    assert {REGION, OTHER_REGION} <= regions
    counts = http("GET", "/lastgood/requests")
    equal(counts["dynamodb:DescribeContinuousBackups"], 1)


def run(chosen: list[str]) -> int:
    global endpoint
    command = [sys.executable, str(HERE / "server.py"), "--exit-with-stdin"]
    passed = failed = 0
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin and server.stdout
        endpoint = server.stdout.readline().decode().rpartition(" ")[2].strip()
        for function in TESTS:
            if chosen and not any(name in function.__name__ for name in chosen):
                continue
            http("POST", "/lastgood/reset")
            try:
                function()
                equal(http("GET", "/lastgood/problems"), [])
            except Exception:
                failed += 1
                print(f"FAILED {function.__name__}\n{traceback.format_exc()}")
            else:
                passed += 1
        server.stdin.close()
        server.wait(timeout=10)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed or server.returncode else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
