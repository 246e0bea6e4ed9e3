"""The databases and other managed services: lists as they were seeded, page by page.

Everything is kept as AWS's own structures (`seed_managed`); the answers are proved by botocore's
service models as all others are.
"""

from __future__ import annotations

from typing import Any

import paging
import state
from registry import Forward, operation
from state import Item
from wire import AwsError, Call


def rds_page(call: Call, section: str, member: str) -> Item:
    found = state.managed(call, section)
    page, following = paging.cut(
        call, found, size="MaxRecords", token="Marker", default=100, limits=(20, 100)
    )
    return {member: [shown(item) for item in page], "Marker": following}


def shown(item: Item) -> Item:
    """The members of AWS's structure; names in lower case are ours."""
    return {name: value for name, value in item.items() if name[0].isupper()}


def named(call: Call, section: str, member: str, missing: str) -> list[Item]:
    """The one that is asked for by its name, which is an error if it is not there."""
    name = call.input[member]
    found = [shown(item) for item in state.managed(call, section) if item[member] == name]
    if not found:
        raise AwsError(missing, f"{name} not found.", 404)
    return found


@operation("rds:DescribeDBInstances")
def db_instances(call: Call) -> Item:
    if "DBInstanceIdentifier" in call.input:
        found = named(call, "db_instances", "DBInstanceIdentifier", "DBInstanceNotFound")
        return {"DBInstances": found}
    return rds_page(call, "db_instances", "DBInstances")


@operation("rds:DescribeDBClusters")
def db_clusters(call: Call) -> Item:
    if "DBClusterIdentifier" in call.input:
        found = named(call, "db_clusters", "DBClusterIdentifier", "DBClusterNotFoundFault")
        return {"DBClusters": found}
    return rds_page(call, "db_clusters", "DBClusters")


@operation("rds:DescribeDBSnapshots")
def db_snapshots(call: Call) -> Item:
    return rds_page(call, "db_snapshots", "DBSnapshots")


@operation("rds:DescribeDBClusterSnapshots")
def db_cluster_snapshots(call: Call) -> Item:
    return rds_page(call, "db_cluster_snapshots", "DBClusterSnapshots")


@operation("rds:DescribeDBInstanceAutomatedBackups")
def db_backups(call: Call) -> Item:
    return rds_page(call, "db_automated_backups", "DBInstanceAutomatedBackups")


@operation("rds:DescribeDBClusterAutomatedBackups")
def db_cluster_backups(call: Call) -> Item:
    return rds_page(call, "db_cluster_automated_backups", "DBClusterAutomatedBackups")


def shares(call: Call, section: str, member: str, missing: str) -> tuple[str, list[Item]]:
    """The name of a snapshot, and its attributes."""
    name = call.input[member]
    found = [item for item in state.managed(call, section) if item[member] == name]
    if not found:
        raise AwsError(missing, f"{name} not found.", 404)
    values = found[0].get("shared_with", [])
    return name, [{"AttributeName": "restore", "AttributeValues": values}]


@operation("rds:DescribeDBSnapshotAttributes")
def db_snapshot_attributes(call: Call) -> Item:
    name, found = shares(call, "db_snapshots", "DBSnapshotIdentifier", "DBSnapshotNotFound")
    result = {"DBSnapshotIdentifier": name, "DBSnapshotAttributes": found}
    return {"DBSnapshotAttributesResult": result}


@operation("rds:DescribeDBClusterSnapshotAttributes")
def db_cluster_snapshot_attributes(call: Call) -> Item:
    missing = "DBClusterSnapshotNotFoundFault"
    member = "DBClusterSnapshotIdentifier"
    name, found = shares(call, "db_cluster_snapshots", member, missing)
    result = {member: name, "DBClusterSnapshotAttributes": found}
    return {"DBClusterSnapshotAttributesResult": result}


# DynamoDB: its tokens are names and ARNs


def after(items: list[Item], name: str, start: str | None, limit: int) -> tuple[list[Item], Any]:
    """One page in the order of `name`, and the name of its last item if more follow."""
    following = sorted((i for i in items if start is None or i[name] > start), key=lambda i: i[name])
    page = following[:limit]
    return page, page[-1][name] if len(following) > limit else None


def table(call: Call) -> Item:
    name = call.input["TableName"]
    for found in state.managed(call, "tables"):
        if found["TableName"] == name:
            return found
    raise Forward  # a table of moto's own, or of nobody


@operation("dynamodb:ListTables")
def tables(call: Call) -> Item:
    found = state.managed(call, "tables")
    start, limit = call.input.get("ExclusiveStartTableName"), call.input.get("Limit", 100)
    page, last = after(found, "TableName", start, limit)
    return {"TableNames": [item["TableName"] for item in page], "LastEvaluatedTableName": last}


@operation("dynamodb:DescribeTable")
def describe_table(call: Call) -> Item:
    return {"Table": shown(table(call))}


@operation("dynamodb:DescribeContinuousBackups")
def continuous_backups(call: Call) -> Item:
    recovery = table(call)["recovery"]
    description = {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": recovery,
    }
    return {"ContinuousBackupsDescription": description}


@operation("dynamodb:ListTagsOfResource")
def table_tags(call: Call) -> Item:
    for found in state.managed(call, "tables"):
        if found["TableArn"] == call.input["ResourceArn"]:
            return {"Tags": found["tags"]}
    raise AwsError("ResourceNotFoundException", "Requested resource not found", 400)


@operation("dynamodb:ListBackups")
def table_backups(call: Call) -> Item:
    wanted = call.input.get("BackupType", "USER")  # as AWS: those of others only on request
    found = state.managed(call, "table_backups")
    found = [item for item in found if wanted in ("ALL", item["BackupType"])]
    start, limit = call.input.get("ExclusiveStartBackupArn"), call.input.get("Limit", 100)
    page, last = after(found, "BackupArn", start, limit)
    return {"BackupSummaries": page, "LastEvaluatedBackupArn": last}


# DLM


@operation("dlm:GetLifecyclePolicies")
def lifecycle_policies(call: Call) -> Item:
    members = ("PolicyId", "Description", "State", "Tags", "DefaultPolicy")
    found = state.managed(call, "lifecycle_policies")
    return {"Policies": [{name: item.get(name) for name in members} for item in found]}


@operation("dlm:GetLifecyclePolicy")
def lifecycle_policy(call: Call) -> Item:
    for found in state.managed(call, "lifecycle_policies"):
        if found["PolicyId"] == call.input["PolicyId"]:
            return {"Policy": found}
    raise AwsError("ResourceNotFoundException", "There is no such policy.", 404)


# EFS


@operation("efs:DescribeFileSystems")
def file_systems(call: Call) -> Item:
    if "FileSystemId" in call.input:
        return {"FileSystems": named(call, "file_systems", "FileSystemId", "FileSystemNotFound")}
    found = state.managed(call, "file_systems")
    page, following = paging.cut(
        call, found, size="MaxItems", token="Marker", default=100, limits=(1, 1000)
    )
    return {"FileSystems": [shown(item) for item in page], "NextMarker": following}


@operation("efs:DescribeBackupPolicy")
def backup_policy(call: Call) -> Item:
    for found in state.managed(call, "file_systems"):
        if found["FileSystemId"] == call.input["FileSystemId"]:
            if found["backup_policy"] is None:
                raise AwsError("PolicyNotFound", "The file system has no policy.", 404)
            return {"BackupPolicy": {"Status": found["backup_policy"]}}
    raise AwsError("FileSystemNotFound", "There is no such file system.", 404)


# EventBridge and SNS: what is not seeded is moto's


@operation("events:ListRules")
def event_rules(call: Call) -> Item:
    found = state.managed(call, "event_rules")
    if not found:
        raise Forward
    page, following = paging.cut(
        call, found, size="Limit", token="NextToken", default=100, limits=(1, 100)
    )
    return {"Rules": [shown(item) for item in page], "NextToken": following}


@operation("events:ListTargetsByRule")
def event_targets(call: Call) -> Item:
    for rule in state.managed(call, "event_rules"):
        if rule["Name"] == call.input["Rule"]:
            page, following = paging.cut(
                call, rule["targets"], size="Limit", token="NextToken", default=100, limits=(1, 100)
            )
            return {"Targets": page, "NextToken": following}
    raise Forward


@operation("sns:GetTopicAttributes")
def topic_attributes(call: Call) -> Item:
    for topic in state.managed(call, "topics"):
        if topic["TopicArn"] == call.input["TopicArn"]:
            return {"Attributes": topic}
    raise Forward


# KMS


@operation("kms:DescribeKey")
def describe_key(call: Call) -> Item:
    for found in state.managed(call, "keys"):
        if found["Arn"] == call.input["KeyId"]:
            return {"KeyMetadata": found}
    raise AwsError("NotFoundException", f"Key '{call.input['KeyId']}' does not exist", 400)
