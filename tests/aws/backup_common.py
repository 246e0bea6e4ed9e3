"""What the AWS Backup operations share: look-ups, filters and kinds of resources."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import paging
import state
from state import Item, Plan, Vault
from wire import AwsError, Call

JOB_HISTORY = timedelta(days=30)

# (service, first part of the resource) of an ARN -> AWS Backup's resource type.
RESOURCE_TYPES = {
    ("ec2", "volume"): "EBS",
    ("ec2", "instance"): "EC2",
    ("rds", "db"): "RDS",
    ("rds", "cluster"): "Aurora",
    ("dynamodb", "table"): "DynamoDB",
    ("elasticfilesystem", "file-system"): "EFS",
    ("fsx", "file-system"): "FSx",
    ("cloudformation", "stack"): "CloudFormation",
    ("storagegateway", "gateway"): "Storage Gateway",
}

# Types whose recovery points AWS Backup encrypts itself, with the vault's key.
FULLY_MANAGED = {"S3", "EFS", "CloudFormation", "VirtualMachine", "Timestream"}


def not_found(message: str) -> AwsError:
    return AwsError("ResourceNotFoundException", message)


def invalid_request(message: str) -> AwsError:
    return AwsError("InvalidRequestException", message)


def invalid_value(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message)


def split_arn(arn: str) -> tuple[str, str, str]:
    """(service, kind, id) of a resource's ARN."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        raise invalid_value(f"Invalid ARN: {arn}")
    service, rest = parts[2], parts[5]
    if service == "s3":
        return service, "bucket", rest
    separator = "/" if "/" in rest.partition(":")[0] else ":"
    kind, _, name = rest.partition(separator)
    return service, kind, name


def resource_type(arn: str) -> str:
    service, kind, _ = split_arn(arn)
    if service == "s3":
        return "S3"
    if (service, kind) not in RESOURCE_TYPES:
        raise invalid_value(f"Unsupported resource type: {arn}")
    return RESOURCE_TYPES[service, kind]


def vault_of(call: Call, name: str) -> Vault:
    vault = state.backup(call).vaults.get(name)
    if vault is None:
        # AWS answers AccessDeniedException to describing an unknown vault, so that names
        # cannot be guessed; the other operations answer "not found".
        if call.operation == "DescribeBackupVault":
            message = "Insufficient privileges to perform this action."
            raise AwsError("AccessDeniedException", message, 403)
        raise not_found(f"Backup vault {name} does not exist.")
    return vault


def vault_by_arn(arn: str) -> tuple[str, str, Vault]:
    """(account, Region, vault) of a vault's ARN, in whatever account it is."""
    _, _, _, region, account, rest = arn.split(":", 5)
    vault = state.backup_state(account, region).vaults.get(rest.removeprefix("backup-vault:"))
    if vault is None:
        raise not_found(f"Backup vault {arn} does not exist.")
    return account, region, vault


def point_of(call: Call, vault: Vault, arn: str) -> Item:
    if arn not in vault.points:
        raise not_found(f"Cannot find recovery point {arn}.")
    return vault.points[arn]


def find_point(call: Call, arn: str) -> tuple[Vault, Item]:
    for vault in state.backup(call).vaults.values():
        if arn in vault.points:
            return vault, vault.points[arn]
    raise not_found(f"Cannot find recovery point {arn}.")


def plan_of(call: Call, plan_id: str) -> Plan:
    plan = state.backup(call).plans.get(plan_id)
    if plan is None:
        raise not_found("Failed reading Backup plan with provided version")
    return plan


def calculated(lifecycle: Item | None, created: datetime) -> Item:
    """The dates that follow from a lifecycle: days are counted from the creation."""
    lifecycle = lifecycle or {}
    days = {
        "MoveToColdStorageAt": lifecycle.get("MoveToColdStorageAfterDays"),
        "DeleteAt": lifecycle.get("DeleteAfterDays"),
    }
    return {k: created + timedelta(days=d) for k, d in days.items() if d is not None and d > 0}


def check_lifecycle(lifecycle: Item | None) -> None:
    lifecycle = lifecycle or {}
    cold = lifecycle.get("MoveToColdStorageAfterDays", -1)
    delete = lifecycle.get("DeleteAfterDays", -1)
    if cold > 0 and 0 < delete < cold + 90:
        raise invalid_value(
            "DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays"
        )


def add_point(state_: state.BackupState, vault: Vault, point: Item) -> None:
    """Put a recovery point in its vault and remember its resource as protected."""
    vault.points[point["RecoveryPointArn"]] = point
    arn = point["ResourceArn"]
    known = state_.protected.get(arn)
    if known is None or known["LastBackupTime"] <= point["CreationDate"]:
        state_.protected[arn] = {
            "ResourceArn": arn,
            "ResourceType": point["ResourceType"],
            "ResourceName": point.get("ResourceName"),
            "LastBackupTime": point["CreationDate"],
            "LastBackupVaultArn": point["BackupVaultArn"],
            "LastRecoveryPointArn": point["RecoveryPointArn"],
        }


def member(name: str) -> Callable[[Item, Any], bool]:
    return lambda item, wanted: item.get(name) == wanted


def before(name: str) -> Callable[[Item, Any], bool]:
    return lambda item, limit: name in item and item[name] < limit


def after(name: str) -> Callable[[Item, Any], bool]:
    return lambda item, limit: name in item and item[name] > limit


def created_by(name: str) -> Callable[[Item, Any], bool]:
    return lambda item, wanted: item.get("CreatedBy", {}).get(name) == wanted


# What each "By…" input of a list operation asks of an item.
FILTERS: dict[str, Callable[[Item, Any], bool]] = {
    "ByResourceArn": member("ResourceArn"),
    "ByResourceType": member("ResourceType"),
    "ByState": member("State"),
    "ByStatus": member("Status"),
    "ByBackupVaultName": member("BackupVaultName"),
    "ByMessageCategory": member("MessageCategory"),
    "ByParentJobId": member("ParentJobId"),
    "ByParentRecoveryPointArn": member("ParentRecoveryPointArn"),
    "ByDestinationVaultArn": member("DestinationBackupVaultArn"),
    "BySourceRecoveryPointArn": member("SourceRecoveryPointArn"),
    "ByVaultType": member("VaultType"),
    "ByBackupPlanId": created_by("BackupPlanId"),
    "ByRestoreTestingPlanArn": created_by("RestoreTestingPlanArn"),
    "ByCreatedBefore": before("CreationDate"),
    "ByCreatedAfter": after("CreationDate"),
    "ByCompleteBefore": before("CompletionDate"),
    "ByCompleteAfter": after("CompletionDate"),
    "ByRecoveryPointCreationDateBefore": before("RecoveryPointCreationDate"),
    "ByRecoveryPointCreationDateAfter": after("RecoveryPointCreationDate"),
}


def matching(call: Call, items: Iterable[Item]) -> list[Item]:
    """The items that all "By…" inputs of the call let through."""
    tests = [(FILTERS[k], v) for k, v in call.input.items() if k in FILTERS]
    return [item for item in items if all(test(item, wanted) for test, wanted in tests)]


def listing(call: Call, member_name: str, shape: str, items: Iterable[Item]) -> Item:
    """One page of items as a list operation's answer."""
    page, following = paging.cut(call, list(items), default=1000)
    found = [state.project(shape, item) for item in page]
    return {member_name: found, "NextToken": following}


def recent_jobs(call: Call, kind: str) -> list[Item]:
    """The jobs that AWS still knows: those of the last 30 days, newest first.

    `ByAccountId="*"` asks for every account's jobs, as the management account may.
    """
    wanted = call.input.get("ByAccountId") or call.account
    oldest = state.now() - JOB_HISTORY
    jobs = [
        job
        for (account, region), known in state.world().backup.items()
        if region == call.region and wanted in ("*", account)
        for job in getattr(known, kind).values()
        if job.get("CompletionDate", state.now()) >= oldest
    ]
    return sorted(matching(call, jobs), key=lambda job: job["CreationDate"], reverse=True)
