"""AWS Backup: vaults, recovery points and protected resources."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import resources
import state
from backup_common import (
    add_point,
    calculated,
    check_lifecycle,
    find_point,
    invalid_request,
    invalid_value,
    listing,
    matching,
    not_found,
    point_of,
    vault_of,
)
from registry import operation
from state import Item, Vault
from wire import AwsError, Call, Place


def new_vault(place: Place, name: str, **fields: Any) -> Vault:
    known = state.backup(place)
    if name in known.vaults:
        raise AwsError("AlreadyExistsException", "Backup vault with the same name already exists")
    vault = Vault(
        {
            "BackupVaultName": name,
            "BackupVaultArn": place.arn("backup", f"backup-vault:{name}"),
            "VaultType": "BACKUP_VAULT",
            "VaultState": "AVAILABLE",
            "CreationDate": state.now(),
            "EncryptionKeyArn": place.arn("kms", "key/aws-backup"),
            "Locked": False,
            **fields,
        }
    )
    known.vaults[name] = vault
    return vault


def described(vault: Vault) -> Item:
    return {**vault.fields, "NumberOfRecoveryPoints": len(vault.points)}


@operation("backup:CreateBackupVault")
def create_vault(call: Call) -> Item:
    wanted = call.input
    fields = {k: wanted[k] for k in ("EncryptionKeyArn", "CreatorRequestId") if k in wanted}
    vault = new_vault(call, wanted["BackupVaultName"], **fields)
    tag(call, vault.fields["BackupVaultArn"], wanted.get("BackupVaultTags"))
    return state.project("CreateBackupVaultOutput", vault.fields)


@operation("backup:CreateLogicallyAirGappedBackupVault")
def create_air_gapped_vault(call: Call) -> Item:
    wanted = call.input
    vault = new_vault(
        call,
        wanted["BackupVaultName"],
        VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT",
        Locked=True,  # such vaults are always locked in compliance mode
        LockDate=state.now(),
        MinRetentionDays=wanted["MinRetentionDays"],
        MaxRetentionDays=wanted["MaxRetentionDays"],
    )
    tag(call, vault.fields["BackupVaultArn"], wanted.get("BackupVaultTags"))
    return state.project("CreateLogicallyAirGappedBackupVaultOutput", vault.fields)


@operation("backup:ListBackupVaults")
def list_vaults(call: Call) -> Item:
    vaults = [described(vault) for vault in state.backup(call).vaults.values()]
    return listing(call, "BackupVaultList", "BackupVaultListMember", matching(call, vaults))


@operation("backup:DescribeBackupVault")
def describe_vault(call: Call) -> Item:
    vault = vault_of(call, call.input["BackupVaultName"])
    return state.project("DescribeBackupVaultOutput", described(vault))


@operation("backup:DeleteBackupVault")
def delete_vault(call: Call) -> None:
    vault = vault_of(call, call.input["BackupVaultName"])
    if vault.points:
        raise invalid_request("Backup vault cannot be deleted because it contains recovery points.")
    del state.backup(call).vaults[vault.fields["BackupVaultName"]]


@operation("backup:PutBackupVaultAccessPolicy")
def put_policy(call: Call) -> None:
    vault_of(call, call.input["BackupVaultName"]).policy = call.input.get("Policy")


@operation("backup:GetBackupVaultAccessPolicy")
def get_policy(call: Call) -> Item:
    vault = vault_of(call, call.input["BackupVaultName"])
    if vault.policy is None:
        raise not_found("No policy is attached to the backup vault.")
    return {**named(vault), "Policy": vault.policy}


@operation("backup:DeleteBackupVaultAccessPolicy")
def delete_policy(call: Call) -> None:
    vault_of(call, call.input["BackupVaultName"]).policy = None


@operation("backup:PutBackupVaultNotifications")
def put_notifications(call: Call) -> None:
    wanted = call.input
    vault_of(call, wanted["BackupVaultName"]).notifications = {
        "SNSTopicArn": wanted["SNSTopicArn"],
        "BackupVaultEvents": wanted["BackupVaultEvents"],
    }


@operation("backup:GetBackupVaultNotifications")
def get_notifications(call: Call) -> Item:
    vault = vault_of(call, call.input["BackupVaultName"])
    if vault.notifications is None:
        raise not_found("No notifications are configured for the backup vault.")
    return {**named(vault), **vault.notifications}


@operation("backup:DeleteBackupVaultNotifications")
def delete_notifications(call: Call) -> None:
    vault_of(call, call.input["BackupVaultName"]).notifications = None


def named(vault: Vault) -> Item:
    return {k: vault.fields[k] for k in ("BackupVaultName", "BackupVaultArn")}


@operation("backup:PutBackupVaultLockConfiguration")
def lock_vault(call: Call) -> None:
    wanted = call.input
    vault = vault_of(call, wanted["BackupVaultName"])
    refuse_if_immutable(vault)
    if wanted.get("ChangeableForDays", 3) < 3:
        raise invalid_value("ChangeableForDays must be at least 3.")
    if wanted.get("MinRetentionDays", 1) > wanted.get("MaxRetentionDays", 36500):
        raise invalid_value("MinRetentionDays is greater than MaxRetentionDays.")
    vault.fields["Locked"] = True
    for name in ("MinRetentionDays", "MaxRetentionDays"):
        vault.fields[name] = wanted.get(name)
    if "ChangeableForDays" in wanted:  # compliance mode; without it, governance mode
        vault.fields["LockDate"] = state.now() + timedelta(days=wanted["ChangeableForDays"])


@operation("backup:DeleteBackupVaultLockConfiguration")
def unlock_vault(call: Call) -> None:
    vault = vault_of(call, call.input["BackupVaultName"])
    refuse_if_immutable(vault)
    vault.fields["Locked"] = False
    for name in ("MinRetentionDays", "MaxRetentionDays", "LockDate"):
        vault.fields.pop(name, None)


def refuse_if_immutable(vault: Vault) -> None:
    date = vault.fields.get("LockDate")
    if date is not None and date <= state.now():
        raise invalid_request("The vault lock configuration is immutable.")


@operation("backup:ListRecoveryPointsByBackupVault")
def list_points(call: Call) -> Item:
    vault = vault_of(call, call.input["BackupVaultName"])
    points = matching(call, vault.points.values())
    return listing(call, "RecoveryPoints", "RecoveryPointByBackupVault", points)


@operation("backup:ListRecoveryPointsByResource")
def list_points_of_resource(call: Call) -> Item:
    arn = call.input["ResourceArn"]
    points = [
        # This one list spells the size differently.
        {**point, "BackupSizeBytes": point.get("BackupSizeInBytes")}
        for vault in state.backup(call).vaults.values()
        for point in vault.points.values()
        if point["ResourceArn"] == arn
    ]
    return listing(call, "RecoveryPoints", "RecoveryPointByResource", points)


@operation("backup:DescribeRecoveryPoint")
def describe_point(call: Call) -> Item:
    vault = vault_of(call, call.input["BackupVaultName"])
    point = point_of(call, vault, call.input["RecoveryPointArn"])
    return state.project("DescribeRecoveryPointOutput", point)


@operation("backup:GetRecoveryPointRestoreMetadata")
def restore_metadata(call: Call) -> Item:
    vault = vault_of(call, call.input["BackupVaultName"])
    point = point_of(call, vault, call.input["RecoveryPointArn"])
    return {
        "BackupVaultArn": vault.fields["BackupVaultArn"],
        "RecoveryPointArn": point["RecoveryPointArn"],
        "ResourceType": point["ResourceType"],
        "RestoreMetadata": resources.restore_metadata(call, point),
    }


@operation("backup:UpdateRecoveryPointLifecycle")
def update_lifecycle(call: Call) -> Item:
    vault = vault_of(call, call.input["BackupVaultName"])
    point = point_of(call, vault, call.input["RecoveryPointArn"])
    lifecycle = call.input.get("Lifecycle") or {}
    check_lifecycle(lifecycle)
    if vault.fields["Locked"]:
        raise invalid_request("The lifecycle cannot be changed: the backup vault is locked.")
    if point["Status"] in ("AVAILABLE", "STOPPED"):
        raise invalid_request("The lifecycle of a continuous recovery point cannot be changed.")
    point["Lifecycle"] = lifecycle
    point["CalculatedLifecycle"] = calculated(lifecycle, point["CreationDate"])
    return state.project("UpdateRecoveryPointLifecycleOutput", point)


@operation("backup:DeleteRecoveryPoint")
def delete_point(call: Call) -> None:
    vault = vault_of(call, call.input["BackupVaultName"])
    point = point_of(call, vault, call.input["RecoveryPointArn"])
    arn = point["RecoveryPointArn"]
    if vault.fields["Locked"]:
        raise invalid_request("The recovery point cannot be deleted: the backup vault is locked.")
    if any(arn in held_points(call, hold) for hold in state.backup(call).legal_holds.values()):
        raise invalid_request("The recovery point cannot be deleted: it is under a legal hold.")
    if any(p.get("ParentRecoveryPointArn") == arn for p in vault.points.values()):
        raise invalid_request("The recovery point has nested recovery points.")
    if point.get("deletion_fails"):
        # AWS accepts the deletion, and only later says that it could not do it.
        point["Status"] = "EXPIRED"
        point["StatusMessage"] = "Insufficient permissions to delete the recovery point."
        return
    resources.delete_backup(call, arn)
    del vault.points[arn]


@operation("backup:DisassociateRecoveryPoint")
def disassociate_point(call: Call) -> None:
    """The resource's own service keeps the backup; AWS Backup forgets it."""
    vault = vault_of(call, call.input["BackupVaultName"])
    point = point_of(call, vault, call.input["RecoveryPointArn"])
    if point["Status"] not in ("AVAILABLE", "STOPPED"):
        raise invalid_request("Only continuous recovery points can be disassociated.")
    del vault.points[point["RecoveryPointArn"]]


@operation("backup:ListProtectedResources")
def list_protected(call: Call) -> Item:
    found = state.backup(call).protected.values()
    return listing(call, "Results", "ProtectedResource", found)


@operation("backup:ListProtectedResourcesByBackupVault")
def list_protected_of_vault(call: Call) -> Item:
    vault = vault_of(call, call.input["BackupVaultName"])
    here = state.BackupState()
    for point in vault.points.values():
        add_point(here, vault, point)
    return listing(call, "Results", "ProtectedResource", here.protected.values())


@operation("backup:DescribeProtectedResource")
def describe_protected(call: Call) -> Item:
    known = state.backup(call)
    item = known.protected.get(call.input["ResourceArn"])
    if item is None:
        raise not_found("The resource is not protected.")
    restores = [
        job
        for job in known.restore_jobs.values()
        if job.get("SourceResourceArn") == item["ResourceArn"] and job["Status"] == "COMPLETED"
    ]
    if not restores:
        return state.project("DescribeProtectedResourceOutput", item)
    latest = max(restores, key=lambda job: job["CreationDate"])
    took = latest.get("CompletionDate", latest["CreationDate"]) - latest["CreationDate"]
    return state.project(
        "DescribeProtectedResourceOutput",
        {
            **item,
            "LatestRestoreExecutionTimeMinutes": int(took.total_seconds() // 60),
            "LatestRestoreJobCreationDate": latest["CreationDate"],
            "LatestRestoreRecoveryPointCreationDate": latest.get("RecoveryPointCreationDate"),
        },
    )


def held_points(call: Call, hold: Item) -> dict[str, Item]:
    """The recovery points, by ARN, that a legal hold covers."""
    if hold["Status"] == "CANCELED":
        return {}
    selection = hold.get("RecoveryPointSelection") or {}
    dates = selection.get("DateRange")
    return {
        arn: point
        for name, vault in state.backup(call).vaults.items()
        if name in selection.get("VaultNames", [name])
        for arn, point in vault.points.items()
        if point["ResourceArn"] in selection.get("ResourceIdentifiers", [point["ResourceArn"]])
        and (not dates or dates["FromDate"] <= point["CreationDate"] <= dates["ToDate"])
        and point["Status"] not in ("AVAILABLE", "STOPPED")  # holds skip continuous points
    }


def tag(place: Place, arn: str, tags: dict[str, str] | None) -> None:
    if tags:
        state.backup(place).tags.setdefault(arn, {}).update(tags)


@operation("backup:TagResource")
def tag_resource(call: Call) -> None:
    refuse_unknown(call, call.input["ResourceArn"])
    tag(call, call.input["ResourceArn"], call.input["Tags"])


@operation("backup:UntagResource")
def untag_resource(call: Call) -> None:
    tags = state.backup(call).tags.get(call.input["ResourceArn"], {})
    for key in call.input["TagKeyList"]:
        tags.pop(key, None)


@operation("backup:ListTags")
def list_tags(call: Call) -> Item:
    refuse_unknown(call, call.input["ResourceArn"])
    return {"Tags": state.backup(call).tags.get(call.input["ResourceArn"], {})}


def refuse_unknown(call: Call, arn: str) -> None:
    """Tags belong to something: a vault, a plan, a hold, a testing plan or a point."""
    known = state.backup(call)
    arns = {vault.fields["BackupVaultArn"] for vault in known.vaults.values()}
    arns |= {plan.current["BackupPlanArn"] for plan in known.plans.values()}
    arns |= {hold["LegalHoldArn"] for hold in known.legal_holds.values()}
    arns |= {plan["RestoreTestingPlanArn"] for plan in known.testing_plans.values()}
    arns |= {framework["FrameworkArn"] for framework in known.frameworks.values()}
    if arn not in arns:
        find_point(call, arn)
