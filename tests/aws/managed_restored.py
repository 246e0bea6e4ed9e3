"""Databases, tables and file systems that AWS Backup restores: made, tagged, deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import state
from backup_common import invalid_request, split_arn
from registry import Forward, operation
from state import Item
from wire import AwsError, Call, Place


@dataclass(frozen=True)
class Sort:
    """One kind: where it is kept, what its name and ARN are called, and the key of a restore's metadata."""

    section: str
    name: str
    arn: str
    key: str
    born: str


SORTS = {
    ("rds", "db"): Sort("db_instances", "DBInstanceIdentifier", "DBInstanceArn", "dbinstanceidentifier", "InstanceCreateTime"),  # fmt: skip
    ("rds", "cluster"): Sort("db_clusters", "DBClusterIdentifier", "DBClusterArn", "dbclusteridentifier", "ClusterCreateTime"),  # fmt: skip
    ("dynamodb", "table"): Sort("tables", "TableName", "TableArn", "targettablename", "CreationDateTime"),  # fmt: skip
    ("elasticfilesystem", "file-system"): Sort("file_systems", "FileSystemId", "FileSystemArn", "creationtoken", "CreationTime"),  # fmt: skip
}


def metadata(service: str, kind: str, name: str) -> dict[str, str] | None:
    """What AWS suggests: a name that says what it is for."""
    fresh = f"awsbackup-restore-test-{state.uuid()[:8]}"
    if service == "rds":
        key = "DBInstanceIdentifier" if kind == "db" else "DBClusterIdentifier"
        return {key: fresh, "DeletionProtection": "false"}
    if service == "dynamodb":
        return {"targetTableName": fresh, "encryptionType": "Default"}
    if service == "elasticfilesystem":
        return {"file-system-id": name, "newFileSystem": "true", "Encrypted": "true"}
    return None


def restore(place: Place, source: str, given: dict[str, str]) -> str | None:
    """Make one like the source, under the name that the metadata gives it; their keys are read in any case."""
    service, kind, name = split_arn(source)
    sort = SORTS.get((service, kind))
    items = state.managed(place, sort.section) if sort else []
    original = next((item for item in items if sort and item[sort.name] == name), None)
    if sort is None or original is None:
        return None
    metadata = {key.lower(): value for key, value in given.items()}
    if service == "elasticfilesystem":
        if metadata.get("newfilesystem") != "true":
            return source  # into the original, as AWS would
        name = f"fs-{state.uuid().replace('-', '')[:17]}"
    else:
        name = metadata[sort.key]
    if any(item[sort.name] == name for item in items):
        raise invalid_request(f"{name} exists already.")
    separator = ":" if service == "rds" else "/"
    made = {**original, sort.name: name, sort.arn: place.arn(service, f"{kind}{separator}{name}")}
    made[sort.born] = state.now()
    made[{"rds": "TagList", "dynamodb": "tags"}.get(service, "Tags")] = []
    if service == "elasticfilesystem":
        made["CreationToken"] = metadata.get(sort.key, "")
    items.append(made)
    return str(made[sort.arn])


def one(call: Call, section: str, is_it: Callable[[Item], bool], missing: str, status: int) -> Item:
    for found in state.managed(call, section):
        if is_it(found):
            return found
    raise AwsError(missing, "It does not exist.", status)


def add(tags: list[Item], more: list[Item]) -> list[Item]:
    new = {tag["Key"] for tag in more}
    return [tag for tag in tags if tag["Key"] not in new] + more


@operation("rds:AddTagsToResource")
def tag_database(call: Call) -> Item:
    arn = call.input["ResourceName"]
    section, member = ("db_clusters", "DBClusterArn") if ":cluster:" in arn else ("db_instances", "DBInstanceArn")  # fmt: skip
    found = one(call, section, lambda item: item[member] == arn, "DBInstanceNotFound", 404)
    found["TagList"] = add(found["TagList"], call.input["Tags"])
    return {}


def delete_database(call: Call, kind: str, missing: str) -> str:
    sort = SORTS["rds", kind]
    name = call.input[sort.name]
    found = one(call, sort.section, lambda item: item[sort.name] == name, missing, 404)
    if not call.input.get("SkipFinalSnapshot"):
        raise AwsError("InvalidParameterCombination", "FinalDBSnapshotIdentifier is required.", 400)
    state.managed(call, sort.section).remove(found)
    return str(name)


@operation("rds:DeleteDBInstance")
def delete_instance(call: Call) -> Item:
    name = delete_database(call, "db", "DBInstanceNotFound")
    return {"DBInstance": {"DBInstanceIdentifier": name, "DBInstanceStatus": "deleting"}}


@operation("rds:DeleteDBCluster")
def delete_cluster(call: Call) -> Item:
    name = delete_database(call, "cluster", "DBClusterNotFoundFault")
    return {"DBCluster": {"DBClusterIdentifier": name, "Status": "deleting"}}


@operation("dynamodb:TagResource")
def tag_table(call: Call) -> Item:
    arn = call.input["ResourceArn"]
    found = one(call, "tables", lambda item: item["TableArn"] == arn, "ResourceNotFoundException", 400)  # fmt: skip
    found["tags"] = add(found["tags"], call.input["Tags"])
    return {}


@operation("dynamodb:DeleteTable")
def delete_table(call: Call) -> Item:
    name = call.input["TableName"]
    for found in state.managed(call, "tables"):
        if found["TableName"] == name:
            state.managed(call, "tables").remove(found)
            return {"TableDescription": {"TableName": name, "TableStatus": "DELETING"}}
    raise Forward  # a table of moto's own, or of nobody


@operation("efs:TagResource")
def tag_file_system(call: Call) -> Item:
    name = call.input["ResourceId"]
    found = one(call, "file_systems", lambda item: item["FileSystemId"] == name, "FileSystemNotFound", 404)  # fmt: skip
    found["Tags"] = add(found["Tags"], call.input["Tags"])
    return {}


@operation("efs:DeleteFileSystem")
def delete_file_system(call: Call) -> Item:
    name = call.input["FileSystemId"]
    found = one(call, "file_systems", lambda item: item["FileSystemId"] == name, "FileSystemNotFound", 404)  # fmt: skip
    state.managed(call, "file_systems").remove(found)
    return {}
