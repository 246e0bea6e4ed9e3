"""AWS Backup: backup, copy and restore jobs.

A job is done as soon as it is started: there is no clock to wait for. What it made is
real for EBS and EC2 (a snapshot, an image, a volume, an instance of moto).
"""

from __future__ import annotations

from typing import Any

import resources
import state
from backup_common import (
    FULLY_MANAGED,
    add_point,
    calculated,
    check_lifecycle,
    find_point,
    invalid_request,
    listing,
    not_found,
    recent_jobs,
    resource_type,
    split_arn,
    vault_by_arn,
    vault_of,
)
from backup_vaults import tag
from registry import operation
from state import Item, Vault
from wire import Call


def retention_refusal(vault: Vault, lifecycle: Item | None) -> str | None:
    """Why a locked vault does not take a backup with this lifecycle."""
    days = (lifecycle or {}).get("DeleteAfterDays", -1)
    minimum = vault.fields.get("MinRetentionDays")
    maximum = vault.fields.get("MaxRetentionDays")
    if not vault.fields["Locked"]:
        return None
    if minimum is not None and 0 < days < minimum:
        return f"Retention of {days} days is less than the vault's minimum of {minimum} days."
    if maximum is not None and (days < 0 or days > maximum):
        return f"The retention is greater than the vault's maximum of {maximum} days."
    return None


def new_point(vault: Vault, arn: str, resource: str, **fields: Any) -> Item:
    """A recovery point that has just been made; explicit fields win."""
    created = fields.get("CreationDate") or state.now()
    kind = fields.get("ResourceType") or resource_type(resource)
    lifecycle = fields.get("Lifecycle")
    point = {
        "RecoveryPointArn": arn,
        "BackupVaultName": vault.fields["BackupVaultName"],
        "BackupVaultArn": vault.fields["BackupVaultArn"],
        "VaultType": vault.fields["VaultType"],
        "ResourceArn": resource,
        "ResourceType": kind,
        "Status": "COMPLETED",
        "CreationDate": created,
        "InitiationDate": created,
        "CompletionDate": created,
        "CalculatedLifecycle": calculated(lifecycle, created) or None,
        "StorageClass": "WARM",
        "IsParent": False,
        "IsEncrypted": kind in FULLY_MANAGED,
        "BackupSizeInBytes": 0,
    }
    if kind in FULLY_MANAGED:
        point["EncryptionKeyArn"] = vault.fields["EncryptionKeyArn"]
    point |= fields
    if point["Status"] in ("AVAILABLE", "STOPPED", "CREATING") and "CompletionDate" not in fields:
        del point["CompletionDate"]  # these have not been completed
    return point


@operation("backup:StartBackupJob")
def start_backup(call: Call) -> Item:
    wanted = call.input
    vault = vault_of(call, wanted["BackupVaultName"])
    resource = wanted["ResourceArn"]
    lifecycle = wanted.get("Lifecycle")
    kind = resource_type(resource)
    check_lifecycle(lifecycle)
    resources.must_exist(call, resource)
    job = {
        "AccountId": call.account,
        "BackupJobId": state.uuid().upper(),
        "BackupVaultName": vault.fields["BackupVaultName"],
        "BackupVaultArn": vault.fields["BackupVaultArn"],
        "ResourceArn": resource,
        "ResourceType": kind,
        "ResourceName": split_arn(resource)[2],
        "IamRoleArn": wanted["IamRoleArn"],
        "CreationDate": state.now(),
        "InitiationDate": state.now(),
        "CompletionDate": state.now(),
        "RecoveryPointLifecycle": lifecycle,
        "BackupOptions": wanted.get("BackupOptions"),
        "IsParent": False,
        "State": "COMPLETED",
        "PercentDone": "100.0",
        "MessageCategory": "SUCCESS",
    }
    state.backup(call).backup_jobs[job["BackupJobId"]] = job
    refusal = retention_refusal(vault, lifecycle)
    if refusal:
        job |= {"State": "FAILED", "PercentDone": "0.0", "MessageCategory": "InvalidParameters"}
        job["StatusMessage"] = refusal
        return state.project("StartBackupJobOutput", job)
    made = resources.make_backup(call, resource, job["BackupJobId"])
    point = new_point(
        vault,
        made.arn,
        resource,
        ResourceName=job["ResourceName"],
        IamRoleArn=wanted["IamRoleArn"],
        Lifecycle=lifecycle,
        **made.fields,
    )
    add_point(state.backup(call), vault, point)
    tag(call, made.arn, wanted.get("RecoveryPointTags"))
    job |= {k: point[k] for k in ("RecoveryPointArn", "BackupSizeInBytes", "IsEncrypted")}
    job["BytesTransferred"] = point["BackupSizeInBytes"]
    return state.project("StartBackupJobOutput", job)


@operation("backup:StopBackupJob")
def stop_backup(call: Call) -> None:
    job = job_of(call, "backup_jobs", call.input["BackupJobId"])
    if job["State"] not in ("CREATED", "PENDING", "RUNNING"):
        raise invalid_request("The backup job has already ended.")
    job |= {"State": "ABORTED", "CompletionDate": state.now()}


@operation("backup:DescribeBackupJob")
def describe_backup(call: Call) -> Item:
    job = job_of(call, "backup_jobs", call.input["BackupJobId"])
    return state.project("DescribeBackupJobOutput", job)


@operation("backup:ListBackupJobs")
def list_backups(call: Call) -> Item:
    return listing(call, "BackupJobs", "BackupJob", recent_jobs(call, "backup_jobs"))


def job_of(call: Call, kind: str, job_id: str) -> Item:
    jobs: dict[str, Item] = getattr(state.backup(call), kind)
    if job_id not in jobs:
        raise not_found(f"Could not find job {job_id}.")
    return jobs[job_id]


@operation("backup:StartCopyJob")
def start_copy(call: Call) -> Item:
    wanted = call.input
    source = vault_of(call, wanted["SourceBackupVaultName"])
    _, original = find_point(call, wanted["RecoveryPointArn"])
    account, region, target = vault_by_arn(wanted["DestinationBackupVaultArn"])
    lifecycle = wanted.get("Lifecycle") or original.get("Lifecycle")
    job = {
        "AccountId": call.account,
        "CopyJobId": state.uuid().upper(),
        "SourceBackupVaultArn": source.fields["BackupVaultArn"],
        "SourceRecoveryPointArn": original["RecoveryPointArn"],
        "DestinationBackupVaultArn": target.fields["BackupVaultArn"],
        "DestinationRecoveryPointLifecycle": lifecycle,
        "ResourceArn": original["ResourceArn"],
        "ResourceType": original["ResourceType"],
        "IamRoleArn": wanted["IamRoleArn"],
        "CreationDate": state.now(),
        "CompletionDate": state.now(),
        "BackupSizeInBytes": original.get("BackupSizeInBytes"),
        "IsParent": False,
        "State": "COMPLETED",
        "MessageCategory": "SUCCESS",
    }
    state.backup(call).copy_jobs[job["CopyJobId"]] = job
    refusal = retention_refusal(target, lifecycle)
    if refusal:
        job |= {"State": "FAILED", "StatusMessage": refusal, "MessageCategory": "InvalidParameters"}
        return state.project("StartCopyJobOutput", job)
    arn = resources.copy_backup(call, original["RecoveryPointArn"], account, region)
    copied = {k: original[k] for k in ("IamRoleArn", "BackupSizeInBytes") if k in original}
    point = new_point(
        target,
        arn,
        original["ResourceArn"],
        ResourceType=original["ResourceType"],
        SourceBackupVaultArn=source.fields["BackupVaultArn"],
        Lifecycle=lifecycle,
        # A copy is encrypted with the key of the vault it goes to.
        IsEncrypted=True,
        EncryptionKeyArn=target.fields["EncryptionKeyArn"],
        **copied,
    )
    add_point(state.backup_state(account, region), target, point)
    job["DestinationRecoveryPointArn"] = arn
    return state.project("StartCopyJobOutput", job)


@operation("backup:DescribeCopyJob")
def describe_copy(call: Call) -> Item:
    job = job_of(call, "copy_jobs", call.input["CopyJobId"])
    return {"CopyJob": state.project("CopyJob", job)}


@operation("backup:ListCopyJobs")
def list_copies(call: Call) -> Item:
    return listing(call, "CopyJobs", "CopyJob", recent_jobs(call, "copy_jobs"))


@operation("backup:StartRestoreJob")
def start_restore(call: Call) -> Item:
    wanted = call.input
    vault, point = find_point(call, wanted["RecoveryPointArn"])
    for known in state.backup(call).restore_jobs.values():
        token = wanted.get("IdempotencyToken")
        if token and known.get("token") == token:
            return {"RestoreJobId": known["RestoreJobId"]}
    if point["Status"] in ("CREATING", "DELETING", "PARTIAL"):
        raise invalid_request(f"A recovery point that is {point['Status']} cannot be restored.")
    created = resources.restore(call, point, wanted["Metadata"])
    job = {
        "AccountId": call.account,
        "RestoreJobId": state.uuid().upper(),
        "RecoveryPointArn": point["RecoveryPointArn"],
        "RecoveryPointCreationDate": point["CreationDate"],
        "SourceResourceArn": point["ResourceArn"],
        "BackupVaultArn": vault.fields["BackupVaultArn"],
        "ResourceType": point["ResourceType"],
        "IamRoleArn": wanted.get("IamRoleArn"),
        "CreationDate": state.now(),
        "CompletionDate": state.now(),
        "Status": "COMPLETED",
        "PercentDone": "100.00%",
        "BackupSizeInBytes": point.get("BackupSizeInBytes"),
        "CreatedResourceArn": created,
        "IsParent": False,
        "Metadata": wanted["Metadata"],
        "token": wanted.get("IdempotencyToken"),
    }
    state.backup(call).restore_jobs[job["RestoreJobId"]] = job
    point["LastRestoreTime"] = job["CompletionDate"]
    return {"RestoreJobId": job["RestoreJobId"]}


@operation("backup:DescribeRestoreJob")
def describe_restore(call: Call) -> Item:
    job = job_of(call, "restore_jobs", call.input["RestoreJobId"])
    return state.project("DescribeRestoreJobOutput", job)


@operation("backup:GetRestoreJobMetadata")
def restore_job_metadata(call: Call) -> Item:
    job = job_of(call, "restore_jobs", call.input["RestoreJobId"])
    return state.project("GetRestoreJobMetadataOutput", job)


@operation("backup:ListRestoreJobs")
def list_restores(call: Call) -> Item:
    return listing(call, "RestoreJobs", "RestoreJobsListMember", recent_jobs(call, "restore_jobs"))


@operation("backup:ListRestoreJobsByProtectedResource")
def list_restores_of_resource(call: Call) -> Item:
    arn = call.input["ResourceArn"]
    jobs = [j for j in recent_jobs(call, "restore_jobs") if j.get("SourceResourceArn") == arn]
    return listing(call, "RestoreJobs", "RestoreJobsListMember", jobs)


@operation("backup:PutRestoreValidationResult")
def put_validation(call: Call) -> None:
    job = job_of(call, "restore_jobs", call.input["RestoreJobId"])
    if job["Status"] != "COMPLETED":
        raise invalid_request("The restore job has not completed.")
    if job.get("ValidationStatus") not in (None, "VALIDATING"):
        raise invalid_request("The validation result has already been set.")
    job["ValidationStatus"] = call.input["ValidationStatus"]
    job["ValidationStatusMessage"] = call.input.get("ValidationStatusMessage")
