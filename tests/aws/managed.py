"""The databases and other managed services: lists as they were seeded, page by page.

Everything is kept as AWS's own structures (`seed_managed`); the answers are proved by botocore's
service models as all others are.
"""

from __future__ import annotations

import paging
import state
from registry import operation
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


@operation("rds:DescribeDBInstances")
def db_instances(call: Call) -> Item:
    return rds_page(call, "db_instances", "DBInstances")


@operation("rds:DescribeDBClusters")
def db_clusters(call: Call) -> Item:
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
