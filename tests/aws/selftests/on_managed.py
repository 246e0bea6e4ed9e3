"""Databases and other managed services: as seeded, in pages, refused by IAM."""

from __future__ import annotations

from selftests.kit import ROLE, ago, client, equal, near, refused, seed, test


@test
def managed_rds_lists_have_a_past_and_pages() -> None:
    instances = [{"name": f"d{number}"} for number in range(25)]
    seed(
        db_instances=instances,
        db_snapshots=[
            {"name": "s", "instance": "d0", "SnapshotCreateTime": "-3d", "shared_with": ["all"]}
        ],
        db_clusters=[{"name": "c", "StorageEncrypted": True, "KmsKeyId": "k"}],
        db_cluster_snapshots=[{"name": "cs", "cluster": "c"}],
        db_automated_backups=[{"name": "gone", "Status": "retained"}],
        db_cluster_automated_backups=[{"name": "c"}],
    )
    api = client("rds")
    page = api.describe_db_instances(MaxRecords=20)
    equal(len(page["DBInstances"]), 20)
    page = api.describe_db_instances(MaxRecords=20, Marker=page["Marker"])
    equal((len(page["DBInstances"]), page.get("Marker")), (5, None))
    with refused("InvalidParameterValue"):
        api.describe_db_instances(MaxRecords=5)
    with refused("InvalidParameterValue"):
        api.describe_db_instances(Marker="nonsense")
    [snapshot] = api.describe_db_snapshots()["DBSnapshots"]
    assert near(snapshot["SnapshotCreateTime"], ago(days=3)), snapshot
    equal(snapshot["DBInstanceIdentifier"], "d0")
    found = api.describe_db_snapshot_attributes(DBSnapshotIdentifier="s")
    [attribute] = found["DBSnapshotAttributesResult"]["DBSnapshotAttributes"]
    equal(attribute, {"AttributeName": "restore", "AttributeValues": ["all"]})
    with refused("DBSnapshotNotFound", status=404):
        api.describe_db_snapshot_attributes(DBSnapshotIdentifier="other")
    [snapshot] = api.describe_db_cluster_snapshots()["DBClusterSnapshots"]
    equal((snapshot["StorageEncrypted"], snapshot["KmsKeyId"]), (True, "k"))
    found = api.describe_db_cluster_snapshot_attributes(DBClusterSnapshotIdentifier="cs")
    equal(len(found["DBClusterSnapshotAttributesResult"]["DBClusterSnapshotAttributes"]), 1)
    [backup] = api.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    equal(backup["Status"], "retained")
    assert near(backup["RestoreWindow"]["EarliestTime"], ago(days=7))
    equal(len(api.describe_db_cluster_automated_backups()["DBClusterAutomatedBackups"]), 1)


@test
def managed_tables_have_recovery_tags_and_backups_of_all_types() -> None:
    seed(
        tables=[
            {
                "name": "carts",
                "tags": {"a": "b"},
                "recovery": {
                    "PointInTimeRecoveryStatus": "ENABLED",
                    "EarliestRestorableDateTime": "-20d",
                },
            },
            {"name": "other"},
        ],
        table_backups=[
            {"name": "one", "table": "carts", "BackupCreationDateTime": "-3d"},
            {"name": "two", "table": "carts", "BackupType": "AWS_BACKUP"},
        ],
    )
    api = client("dynamodb")
    page = api.list_tables(Limit=1)
    equal((page["TableNames"], page["LastEvaluatedTableName"]), (["carts"], "carts"))
    page = api.list_tables(Limit=1, ExclusiveStartTableName="carts")
    equal((page["TableNames"], page.get("LastEvaluatedTableName")), (["other"], None))
    arn = api.describe_table(TableName="carts")["Table"]["TableArn"]
    equal(api.list_tags_of_resource(ResourceArn=arn)["Tags"], [{"Key": "a", "Value": "b"}])
    found = api.describe_continuous_backups(TableName="carts")["ContinuousBackupsDescription"]
    earliest = found["PointInTimeRecoveryDescription"]["EarliestRestorableDateTime"]
    assert near(earliest, ago(days=20)), earliest
    equal(len(api.list_backups()["BackupSummaries"]), 1)
    page = api.list_backups(BackupType="ALL", Limit=1)
    last = page["LastEvaluatedBackupArn"]
    page = api.list_backups(BackupType="ALL", Limit=1, ExclusiveStartBackupArn=last)
    equal((len(page["BackupSummaries"]), page.get("LastEvaluatedBackupArn")), (1, None))
    with refused("ResourceNotFoundException"):
        api.describe_table(TableName="none")


@test
def managed_lifecycle_policies_and_file_systems() -> None:
    seed(
        lifecycle_policies=[
            {
                "name": "policy-1",
                "PolicyDetails": {
                    "ResourceTypes": ["VOLUME"],
                    "TargetTags": [{"Key": "backup", "Value": "daily"}],
                    "Schedules": [
                        {
                            "Name": "daily",
                            "CreateRule": {"Interval": 24, "IntervalUnit": "HOURS"},
                            "RetainRule": {"Count": 35},
                        }
                    ],
                },
            }
        ],
        file_systems=[{"name": "fs-1", "backup_policy": "ENABLED"}, {"name": "fs-2"}],
    )
    api = client("dlm")
    [summary] = api.get_lifecycle_policies()["Policies"]
    policy = api.get_lifecycle_policy(PolicyId=summary["PolicyId"])["Policy"]
    equal(policy["PolicyDetails"]["Schedules"][0]["RetainRule"]["Count"], 35)
    with refused("ResourceNotFoundException", status=404):
        api.get_lifecycle_policy(PolicyId="policy-2")
    api = client("efs")
    page = api.describe_file_systems(MaxItems=1)
    page = api.describe_file_systems(MaxItems=1, Marker=page["NextMarker"])
    equal((page["FileSystems"][0]["FileSystemId"], page.get("NextMarker")), ("fs-2", None))
    equal(api.describe_backup_policy(FileSystemId="fs-1")["BackupPolicy"]["Status"], "ENABLED")
    with refused("PolicyNotFound", status=404):
        api.describe_backup_policy(FileSystemId="fs-2")


@test
def managed_keys_have_a_state() -> None:
    seed(keys=[{"name": "k1", "KeyState": "PendingDeletion", "DeletionDate": "+7d"}])
    api = client("kms")
    arn = "arn:aws:kms:us-east-1:123456789012:key/"
    found = api.describe_key(KeyId=f"{arn}k1")["KeyMetadata"]
    equal((found["KeyState"], found["Enabled"]), ("PendingDeletion", False))
    with refused("NotFoundException"):
        api.describe_key(KeyId=f"{arn}k2")


@test
def managed_event_rules_have_targets_pages_and_topics() -> None:
    seed(
        topics=[{"name": "ops", "confirmed": 2}, {"name": "nobody"}],
        event_rules=[
            {"name": "told", "pattern": {"source": ["aws.backup"]}, "targets": ["ops", "nobody"]},
            {"name": "off", "State": "DISABLED", "ScheduleExpression": "rate(1 day)"},
            {"name": "third", "pattern": {"source": ["aws.ec2"]}},
        ],
    )
    api = client("events")
    page = api.list_rules(Limit=2)
    equal([rule["Name"] for rule in page["Rules"]], ["told", "off"])
    equal((page["Rules"][1]["State"], page["Rules"][1].get("EventPattern")), ("DISABLED", None))
    page = api.list_rules(Limit=2, NextToken=page["NextToken"])
    equal(([rule["Name"] for rule in page["Rules"]], page.get("NextToken")), (["third"], None))
    page = api.list_targets_by_rule(Rule="told", Limit=1)
    assert page["Targets"][0]["Arn"].endswith(":ops"), page
    [target] = api.list_targets_by_rule(Rule="told", NextToken=page["NextToken"])["Targets"]
    topic = client("sns").get_topic_attributes(TopicArn=target["Arn"])["Attributes"]
    equal((topic["SubscriptionsConfirmed"], topic["TopicArn"]), ("0", target["Arn"]))
    with refused("NotFound", status=404):
        client("sns").get_topic_attributes(TopicArn=target["Arn"] + "-gone")
    own = client("sns").create_topic(Name="motos")["TopicArn"]
    equal(client("sns").get_topic_attributes(TopicArn=own)["Attributes"]["TopicArn"], own)


@test
def managed_points_restore_under_the_name_that_is_ordered() -> None:
    made = seed(
        db_instances=[{"name": "orders"}],
        tables=[{"name": "carts", "tags": {"a": "b"}}],
        file_systems=[{"name": "fs-1"}],
        vaults=[{"name": "main"}],
        recovery_points=[
            {"key": "of-db", "vault": "main", "resource": "orders"},
            {"key": "of-table", "vault": "main", "resource": "carts"},
            {"key": "of-fs", "vault": "main", "resource": "fs-1"},
        ],
    )["ids"]
    api, rds, dynamodb, efs = client("backup"), client("rds"), client("dynamodb"), client("efs")

    def restored(key: str, metadata: dict[str, str], token: str) -> str:
        order = {"RecoveryPointArn": made[key], "Metadata": metadata, "IamRoleArn": ROLE}
        job = api.start_restore_job(**order, IdempotencyToken=token)["RestoreJobId"]
        equal(api.start_restore_job(**order, IdempotencyToken=token)["RestoreJobId"], job)
        return api.describe_restore_job(RestoreJobId=job)["CreatedResourceArn"]

    arn = restored("of-db", {"dbinstanceidentifier": "copy"}, "1")
    [found] = rds.describe_db_instances(DBInstanceIdentifier="copy")["DBInstances"]
    equal((found["DBInstanceArn"], found["TagList"]), (arn, []))
    rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "k", "Value": "v"}])
    [found] = rds.describe_db_instances(DBInstanceIdentifier="copy")["DBInstances"]
    equal(found["TagList"], [{"Key": "k", "Value": "v"}])
    rds.delete_db_instance(DBInstanceIdentifier="copy", SkipFinalSnapshot=True)
    with refused("DBInstanceNotFound", status=404):
        rds.describe_db_instances(DBInstanceIdentifier="copy")
    equal(len(rds.describe_db_instances()["DBInstances"]), 1)

    restored("of-table", {"targetTableName": "copy"}, "2")
    equal(dynamodb.list_tables()["TableNames"], ["carts", "copy"])
    dynamodb.delete_table(TableName="copy")
    equal(dynamodb.list_tables()["TableNames"], ["carts"])

    arn = restored("of-fs", {"newFileSystem": "true", "CreationToken": "copy"}, "3")
    name = arn.rpartition("/")[2]
    [found] = efs.describe_file_systems(FileSystemId=name)["FileSystems"]
    equal(found["CreationToken"], "copy")
    equal(restored("of-fs", {"newFileSystem": "false"}, "4").rpartition("/")[2], "fs-1")
    efs.delete_file_system(FileSystemId=name)
    with refused("FileSystemNotFound", status=404):
        efs.describe_file_systems(FileSystemId=name)
