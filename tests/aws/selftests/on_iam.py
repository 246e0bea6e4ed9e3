"""Accounts, Regions and IAM."""

from __future__ import annotations

from typing import Any

import botocore.exceptions

from selftests.kit import (
    MAIN,
    OTHER,
    OTHER_REGION,
    REGION,
    assumed,
    client,
    equal,
    http,
    refused,
    seed,
    test,
)


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
    users += [
        {"name": a.replace(":", "-"), "policy": allow([x for x in READ if x != a])} for a in READ
    ]
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


@test
def iam_conditions_and_all_that_a_request_touches_count() -> None:
    purpose = {"StringEquals": {"aws:RequestTag/purpose": "test"}}
    own = {"StringEquals": {"aws:ResourceTag/purpose": "test"}}
    statements = [
        {"Effect": "Allow", "Action": ["ec2:CreateVolume", "ec2:CreateTags"], "Resource": "*", "Condition": purpose},
        {"Effect": "Allow", "Action": "ec2:CreateVolume", "Resource": "arn:*:ec2:*::snapshot/*"},
        {"Effect": "Allow", "Action": "ec2:DeleteVolume", "Resource": "*", "Condition": own},
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:DeleteObjectVersion", "NotResource": "arn:*:s3:::docs/own/*"},
    ]  # fmt: skip
    document = {"Version": "2012-10-17", "Statement": statements}
    found = seed(
        volumes=[{"key": "data"}],
        snapshots=[{"key": "copy", "volume": "data"}],
        buckets=[{"name": "docs", "versioning": "Enabled"}],
        users=[{"name": "u", "policy": document}],
    )
    made, keys = found["ids"], found["credentials"]["u"]
    http("POST", "/lastgood/enforce-iam", True)
    ec2, s3 = client("ec2", keys=keys), client("s3", keys=keys)
    order = {"AvailabilityZone": f"{REGION}a", "SnapshotId": made["copy"]}
    with refused("UnauthorizedOperation"):
        ec2.create_volume(**order)
    tags = [{"ResourceType": "volume", "Tags": [{"Key": "purpose", "Value": "test"}]}]
    volume = ec2.create_volume(**order, TagSpecifications=tags)["VolumeId"]
    with refused("UnauthorizedOperation"):
        ec2.delete_volume(VolumeId=made["data"])
    ec2.delete_volume(VolumeId=volume)
    for key, allowed in (("own/a", True), ("a", False)):
        version = s3.put_object(Bucket="docs", Key=key, Body=b"x")["VersionId"]
        if allowed:
            s3.delete_object(Bucket="docs", Key=key, VersionId=version)
        else:
            with refused("AccessDenied"):
                s3.delete_object(Bucket="docs", Key=key, VersionId=version)
    http("POST", "/lastgood/enforce-iam", False)
