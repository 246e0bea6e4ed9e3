"""What IAM makes of the policies of a caller: statements with wildcards, and conditions on tags, services and times.

moto knows no conditions on requests and no `NotResource`. A request often needs more than one permission: of each
thing it touches, and of what it does besides (tags set in a creating call, a role that is handed over).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from moto.ec2.models import ec2_backends

import state
from wire import Call

REQUEST_TAG = "aws:RequestTag/"
RESOURCE_TAG = "aws:ResourceTag/"


@dataclass
class Need:
    """One permission that a request needs."""

    action: str
    resource: str
    context: dict[str, str] = field(default_factory=dict)


def permitted(documents: list[Any], need: Need) -> bool:
    """A denial wins; without an allowance there is none."""
    allowed = False
    for statement in statements(documents):
        if concerns(statement, need):
            if statement["Effect"] == "Deny":
                return False
            allowed = True
    return allowed


def statements(documents: list[Any]) -> Iterator[dict[str, Any]]:
    for document in documents:
        found = json.loads(text_of(document))["Statement"]
        yield from found if isinstance(found, list) else [found]


def text_of(document: Any) -> str:
    """moto has inline policies of roles as texts, those of users as dicts, and managed ones as objects."""
    if isinstance(document, dict):
        return str(document["policy_document"])
    if isinstance(document, str):
        return document
    return str(next(v for v in document.versions if v.is_default).document)


def concerns(statement: dict[str, Any], need: Need) -> bool:
    if "Action" in statement:
        named = any_matches(statement["Action"], need.action)
    else:
        named = not any_matches(statement["NotAction"], need.action)
    if "Resource" in statement:
        meant = any_matches(statement["Resource"], need.resource)
    else:
        meant = not any_matches(statement["NotResource"], need.resource)
    conditions = statement.get("Condition", {}).items()
    return named and meant and all(holds(*condition, need.context) for condition in conditions)


def any_matches(patterns: str | list[str], value: str) -> bool:
    given = [patterns] if isinstance(patterns, str) else patterns
    return any(compiled(pattern).fullmatch(value) for pattern in given)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    text = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(text, re.IGNORECASE | re.DOTALL)


def holds(operator: str, wanted: dict[str, Any], context: dict[str, str]) -> bool:
    """A key that the request does not have fulfils no condition of ours."""
    return all(
        key in context and any(compare(operator, context[key], value) for value in listed(values))
        for key, values in wanted.items()
    )


def listed(values: Any) -> list[str]:
    return values if isinstance(values, list) else [values]


def compare(operator: str, actual: str, wanted: str) -> bool:
    if operator == "StringEquals":
        return actual == wanted
    if operator == "StringLike":
        return compiled(wanted).fullmatch(actual) is not None
    if operator == "DateGreaterThan":
        return moment(actual) > moment(wanted)
    raise ValueError(f"the test server knows no condition {operator}")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


# What a request needs

TOUCHES_MORE = {
    "backup:DeleteRecoveryPoint", "backup:StartBackupJob", "backup:StartRestoreJob",
    "ec2:AttachVolume", "ec2:CreateTags", "ec2:CreateVolume", "ec2:DeleteSnapshot", "ec2:DeleteVolume",
    "ec2:DetachVolume", "efs:DeleteFileSystem", "efs:TagResource", "s3:CopyObject", "ssm:SendCommand",
}  # fmt: skip


def needs(call: Call, action: str, resource: str) -> list[Need]:
    """Everything that must be permitted, of which `action` on `resource` is the least."""
    if call.name not in TOUCHES_MORE:
        return [Need(action, resource)]
    given = call.input
    if call.name == "ec2:CreateVolume":
        tags = request_tags(given)
        volume = call.arn("ec2", "volume/*")
        found = [Need(action, volume, tags)]
        if tags:
            found.append(Need("ec2:CreateTags", volume, tags))
        if "SnapshotId" in given:
            found.append(Need(action, ec2_arn(call, given["SnapshotId"]), {}))
        return found
    if call.name in ("ec2:AttachVolume", "ec2:DetachVolume", "ec2:DeleteVolume"):
        ids = [given[member] for member in ("VolumeId", "InstanceId") if member in given]
        return [Need(action, ec2_arn(call, name), ec2_tags(call, name)) for name in ids]
    if call.name == "ec2:CreateTags":
        tags = {REQUEST_TAG + tag["Key"]: tag.get("Value", "") for tag in given["Tags"]}
        return [
            Need(action, ec2_arn(call, name), {**tags, **ec2_tags(call, name)})
            for name in given["Resources"]
        ]
    if call.name == "ec2:DeleteSnapshot":
        name = given["SnapshotId"]
        return [Need(action, resource, ec2_tags(call, name))]
    if call.name == "ssm:SendCommand":
        document = f"arn:{call.partition}:ssm:{call.region}::document/{given['DocumentName']}"
        instances = given["InstanceIds"]
        touched = [Need(action, ec2_arn(call, name), ec2_tags(call, name)) for name in instances]
        return [Need(action, document), *touched]
    if call.name in ("backup:StartRestoreJob", "backup:StartBackupJob"):
        handed = Need("iam:PassRole", given["IamRoleArn"], {"iam:PassedToService": "backup.amazonaws.com"})
        return [Need(action, resource), handed]
    if call.name == "backup:DeleteRecoveryPoint":
        return [Need(action, resource, backup_tags(call, resource))]
    if call.name == "s3:CopyObject":
        return [Need(action, resource), source_of_copy(call)]
    if call.name == "efs:TagResource":
        tags = {REQUEST_TAG + tag["Key"]: tag["Value"] for tag in given["Tags"]}
        return [Need(action, resource, tags)]
    return [Need(action, resource, efs_tags(call))]  # efs:DeleteFileSystem


def source_of_copy(call: Call) -> Need:
    source = call.input["CopySource"]
    if isinstance(source, dict):
        name, versioned = f"{source['Bucket']}/{source['Key']}", "VersionId" in source
    else:
        name, _, version = source.lstrip("/").partition("?versionId=")
        versioned = bool(version)
    action = "s3:GetObjectVersion" if versioned else "s3:GetObject"
    return Need(action, f"arn:{call.partition}:s3:::{name}")


def request_tags(given: dict[str, Any]) -> dict[str, str]:
    return {
        REQUEST_TAG + tag["Key"]: tag.get("Value", "")
        for specification in given.get("TagSpecifications", [])
        for tag in specification.get("Tags", [])
    }


KINDS = {"vol": "volume", "i": "instance", "snap": "snapshot", "ami": "image"}


def ec2_arn(call: Call, name: str) -> str:
    kind = KINDS[name.partition("-")[0]]
    if kind in ("snapshot", "image"):
        return f"arn:{call.partition}:ec2:{call.region}::{kind}/{name}"
    return call.arn("ec2", f"{kind}/{name}")


def ec2_tags(call: Call, name: str) -> dict[str, str]:
    tags = ec2_backends[call.account][call.region].tags.get(name, {})
    return {RESOURCE_TAG + key: value for key, value in tags.items()}


def backup_tags(call: Call, arn: str) -> dict[str, str]:
    tags = state.backup(call).tags.get(arn, {})
    return {RESOURCE_TAG + key: value for key, value in tags.items()}


def efs_tags(call: Call) -> dict[str, str]:
    for found in state.managed(call, "file_systems"):
        if found["FileSystemId"] == call.input["FileSystemId"]:
            return {RESOURCE_TAG + tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}
    return {}
