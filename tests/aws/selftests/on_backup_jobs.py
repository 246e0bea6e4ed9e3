"""AWS Backup: backup, copy and restore jobs, and what they really make."""

from __future__ import annotations

from selftests.kit import (
    MAIN,
    OTHER,
    OTHER_REGION,
    REGION,
    ROLE,
    ago,
    assumed,
    client,
    equal,
    near,
    pages,
    refused,
    seed,
    test,
    volume,
)


@test
def backup_of_a_volume_is_a_snapshot_and_restores_to_a_volume() -> None:
    made = seed(volumes=[volume(encrypted=True)], vaults=[{"name": "main"}])
    api, ec2 = client("backup"), client("ec2")
    started = api.start_backup_job(BackupVaultName="main", ResourceArn=made["arns"]["v"], IamRoleArn=ROLE, Lifecycle={"DeleteAfterDays": 35}, RecoveryPointTags={"x": "y"})  # fmt: skip
    job = api.describe_backup_job(BackupJobId=started["BackupJobId"])
    equal(
        (job["State"], job["ResourceType"], job["MessageCategory"]), ("COMPLETED", "EBS", "SUCCESS")
    )
    arn = job["RecoveryPointArn"]
    snapshot_id = arn.rpartition("/")[2]
    [snapshot] = ec2.describe_snapshots(SnapshotIds=[snapshot_id])["Snapshots"]
    equal(snapshot["VolumeId"], made["ids"]["v"])
    [tag] = snapshot["Tags"]
    equal(tag["Key"], "aws:backup:source-resource")
    equal(tag["Value"], f"{made['ids']['v']}:{started['BackupJobId']}")
    point = api.describe_recovery_point(BackupVaultName="main", RecoveryPointArn=arn)
    equal(
        (point["Status"], point["IsEncrypted"], point["StorageClass"]), ("COMPLETED", True, "WARM")
    )
    assert near(point["CalculatedLifecycle"]["DeleteAt"], ago(days=-35))
    equal(api.list_tags(ResourceArn=arn)["Tags"], {"x": "y"})
    with refused("InvalidParameterValue"):
        ec2.delete_snapshot(SnapshotId=snapshot_id)
    metadata = api.get_recovery_point_restore_metadata(BackupVaultName="main", RecoveryPointArn=arn)
    inferred = api.get_restore_testing_inferred_metadata(
        BackupVaultName="main", RecoveryPointArn=arn
    )
    equal(metadata["RestoreMetadata"], inferred["InferredMetadata"])
    restore = api.start_restore_job(RecoveryPointArn=arn, Metadata=metadata["RestoreMetadata"], IamRoleArn=ROLE)  # fmt: skip
    done = api.describe_restore_job(RestoreJobId=restore["RestoreJobId"])
    equal((done["Status"], done["SourceResourceArn"]), ("COMPLETED", made["arns"]["v"]))
    [restored] = ec2.describe_volumes(VolumeIds=[done["CreatedResourceArn"].rpartition("/")[2]])["Volumes"]  # fmt: skip
    equal(
        (restored["SnapshotId"], restored["Size"], restored["Encrypted"]), (snapshot_id, 10, True)
    )
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
    job = api.start_backup_job(
        BackupVaultName="main", ResourceArn=made["arns"]["i"], IamRoleArn=ROLE
    )
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
    assert (
        "minimum of 30"
        in api.describe_backup_job(BackupJobId=short["BackupJobId"])["StatusMessage"]
    )
    equal(
        [j["ResourceType"] for j in api.list_backup_jobs(ByState="COMPLETED")["BackupJobs"]], ["S3"]
    )
    with refused("InvalidRequestException"):
        api.delete_recovery_point(BackupVaultName="main", RecoveryPointArn=good["RecoveryPointArn"])
    with refused("InvalidRequestException"):
        api.update_recovery_point_lifecycle(BackupVaultName="main", RecoveryPointArn=good["RecoveryPointArn"], Lifecycle={"DeleteAfterDays": 40})  # fmt: skip
    with refused("InvalidRequestException"):
        api.stop_backup_job(BackupJobId=good["BackupJobId"])
    with refused("InvalidParameterValueException", "ParamValidationError"):
        api.list_backup_jobs(MaxResults=1001)


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
