"""AWS Backup: vaults, plans, recovery points, tests, holds and settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from selftests.kit import (
    MAIN,
    OTHER_REGION,
    REGION,
    ROLE,
    ago,
    client,
    equal,
    near,
    pages,
    refused,
    seed,
    test,
    volume,
)

DAILY = {"RuleName": "daily", "TargetBackupVaultName": "main"}


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
    equal(
        (rules[1]["ScheduleExpression"], rules[1]["StartWindowMinutes"]), ("cron(0 5 ? * * *)", 480)
    )
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
            {"key": "continuous", "vault": "main", "resource": "docs", "CreationDate": "-50d", "Status": "AVAILABLE"},
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
    equal(
        api.describe_global_settings()["GlobalSettings"], {"isCrossAccountBackupEnabled": "false"}
    )
    api.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    equal(api.describe_global_settings()["GlobalSettings"], {"isCrossAccountBackupEnabled": "true"})
    seed(region_settings={"ResourceTypeOptInPreference": {"S3": False}}, global_settings={"x": "y"})
    equal(api.describe_region_settings()["ResourceTypeOptInPreference"]["S3"], False)
    api.create_framework(FrameworkName="f", FrameworkControls=[{"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}])  # fmt: skip
    equal(api.list_frameworks()["Frameworks"][0]["NumberOfControls"], 1)
    equal(api.describe_framework(FrameworkName="f")["FrameworkStatus"], "ACTIVE")
    equal(api.list_report_plans()["ReportPlans"], [])
