"""Seeding the databases and other managed services: AWS's structures, with a past."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import state
from seed_names import Section, moment
from state import Item


class Managed(Section):
    """The sections of a seed document that `managed` answers with."""

    def managed_sections(self) -> dict[str, Callable[[Item], None]]:
        return {
            "db_instances": self.db_instance,
            "db_clusters": self.db_cluster,
            "db_snapshots": self.db_snapshot,
            "db_cluster_snapshots": self.db_cluster_snapshot,
            "db_automated_backups": self.db_backup,
            "db_cluster_automated_backups": self.db_cluster_backup,
            "tables": self.table,
            "table_backups": self.table_backup,
            "lifecycle_policies": self.lifecycle_policy,
            "file_systems": self.file_system,
            "keys": self.kms_key,
            "topics": self.topic,
            "event_rules": self.event_rule,
        }

    def keep(self, section: str, item: Item, name: str, arn: str, found: Item) -> None:
        """Remember a structure, and what its key has become."""
        state.managed(self.place, section).append(found)
        self.names.add(item.get("key", name), name, arn, found)

    # RDS

    def rds(self, shape: str, item: Item, derived: Item) -> Item:
        tags = [{"Key": key, "Value": value} for key, value in item.get("tags", {}).items()]
        return {**derived, "TagList": tags, **self.aws_fields("rds", shape, item)}

    def db_instance(self, item: Item) -> None:
        name = item["name"]
        arn = self.place.arn("rds", f"db:{name}")
        derived: dict[str, Any] = {
            "DBInstanceIdentifier": name,
            "DBInstanceArn": arn,
            "DbiResourceId": f"db-{name.upper()}",
            "DBInstanceStatus": "available",
            "Engine": "postgres",
            "InstanceCreateTime": moment("-400d"),
            "BackupRetentionPeriod": 7,
            "PreferredBackupWindow": "03:00-03:30",
            "StorageEncrypted": False,
            "DeletionProtection": False,
            "PubliclyAccessible": False,
        }
        self.keep("db_instances", item, name, arn, self.rds("DBInstance", item, derived))

    def db_cluster(self, item: Item) -> None:
        name = item["name"]
        arn = self.place.arn("rds", f"cluster:{name}")
        derived: dict[str, Any] = {
            "DBClusterIdentifier": name,
            "DBClusterArn": arn,
            "DbClusterResourceId": f"cluster-{name.upper()}",
            "Status": "available",
            "Engine": "aurora-postgresql",
            "ClusterCreateTime": moment("-400d"),
            "BackupRetentionPeriod": 7,
            "StorageEncrypted": False,
            "DeletionProtection": False,
        }
        self.keep("db_clusters", item, name, arn, self.rds("DBCluster", item, derived))

    def db_snapshot(self, item: Item) -> None:
        name, of = item["name"], self.names.thing(item["instance"])
        arn = self.place.arn("rds", f"snapshot:{name}")
        derived = {
            "DBSnapshotIdentifier": name,
            "DBSnapshotArn": arn,
            "DBInstanceIdentifier": of["DBInstanceIdentifier"],
            "DbiResourceId": of["DbiResourceId"],
            "Engine": of["Engine"],
            "Status": "available",
            "SnapshotType": "manual",
            "SnapshotCreateTime": moment("-1d"),
            "Encrypted": of["StorageEncrypted"],
            "KmsKeyId": of.get("KmsKeyId"),
            "AllocatedStorage": 20,
        }
        found = self.rds("DBSnapshot", item, derived)
        found.setdefault("OriginalSnapshotCreateTime", found["SnapshotCreateTime"])
        found["shared_with"] = item.get("shared_with", [])
        self.keep("db_snapshots", item, name, arn, found)

    def db_cluster_snapshot(self, item: Item) -> None:
        name, of = item["name"], self.names.thing(item["cluster"])
        arn = self.place.arn("rds", f"cluster-snapshot:{name}")
        derived = {
            "DBClusterSnapshotIdentifier": name,
            "DBClusterSnapshotArn": arn,
            "DBClusterIdentifier": of["DBClusterIdentifier"],
            "DbClusterResourceId": of["DbClusterResourceId"],
            "Engine": of["Engine"],
            "Status": "available",
            "SnapshotType": "manual",
            "SnapshotCreateTime": moment("-1d"),
            "StorageEncrypted": of["StorageEncrypted"],
            "KmsKeyId": of.get("KmsKeyId"),
        }
        found = self.rds("DBClusterSnapshot", item, derived)
        found["shared_with"] = item.get("shared_with", [])
        self.keep("db_cluster_snapshots", item, name, arn, found)

    def db_backup(self, item: Item) -> None:
        name = item["name"]
        arn = self.place.arn("rds", f"auto-backup:ab-{name}")
        derived = {
            "DBInstanceAutomatedBackupsArn": arn,
            "DBInstanceIdentifier": name,
            "DBInstanceArn": self.place.arn("rds", f"db:{name}"),
            "DbiResourceId": f"db-{name.upper()}",
            "Region": self.place.region,
            "Engine": "postgres",
            "Status": "active",
            "BackupRetentionPeriod": 7,
            "RestoreWindow": {"EarliestTime": moment("-7d"), "LatestTime": moment("-5m")},
        }
        found = self.rds("DBInstanceAutomatedBackup", item, derived)
        self.keep("db_automated_backups", {"key": None, **item}, name, arn, found)

    def db_cluster_backup(self, item: Item) -> None:
        name = item["name"]
        arn = self.place.arn("rds", f"cluster-auto-backup:ab-{name}")
        derived = {
            "DBClusterAutomatedBackupsArn": arn,
            "DBClusterIdentifier": name,
            "DBClusterArn": self.place.arn("rds", f"cluster:{name}"),
            "DbClusterResourceId": f"cluster-{name.upper()}",
            "Region": self.place.region,
            "Engine": "aurora-postgresql",
            "Status": "active",
            "BackupRetentionPeriod": 7,
            "RestoreWindow": {"EarliestTime": moment("-7d"), "LatestTime": moment("-5m")},
        }
        found = self.rds("DBClusterAutomatedBackup", item, derived)
        self.keep("db_cluster_automated_backups", {"key": None, **item}, name, arn, found)

    # DynamoDB

    def table(self, item: Item) -> None:
        name = item["name"]
        arn = self.place.arn("dynamodb", f"table/{name}")
        derived: dict[str, Any] = {
            "TableName": name,
            "TableArn": arn,
            "TableStatus": "ACTIVE",
            "CreationDateTime": moment("-400d"),
            "DeletionProtectionEnabled": False,
        }
        recovery = item.get("recovery", {"PointInTimeRecoveryStatus": "DISABLED"})
        found = {
            **derived,
            **self.aws_fields("dynamodb", "TableDescription", item),
            "recovery": self.aws("dynamodb", "PointInTimeRecoveryDescription", recovery),
            "tags": [{"Key": key, "Value": value} for key, value in item.get("tags", {}).items()],
        }
        self.keep("tables", item, name, arn, found)

    def table_backup(self, item: Item) -> None:
        name, of = item["name"], self.names.thing(item["table"])
        arn = f"{of['TableArn']}/backup/{name}"
        derived = {
            "TableName": of["TableName"],
            "TableArn": of["TableArn"],
            "BackupArn": arn,
            "BackupName": name,
            "BackupCreationDateTime": moment("-1d"),
            "BackupStatus": "AVAILABLE",
            "BackupType": "USER",
        }
        found = {**derived, **self.aws_fields("dynamodb", "BackupSummary", item)}
        self.keep("table_backups", item, name, arn, found)

    # DLM and EFS

    def lifecycle_policy(self, item: Item) -> None:
        name = item["name"]
        arn = self.place.arn("dlm", f"policy/{name}")
        derived = {
            "PolicyId": name,
            "PolicyArn": arn,
            "Description": name,
            "State": "ENABLED",
            "DateCreated": moment("-400d"),
            "DateModified": moment("-400d"),
        }
        found = {**derived, **self.aws_fields("dlm", "LifecyclePolicy", item)}
        self.keep("lifecycle_policies", item, name, arn, found)

    def file_system(self, item: Item) -> None:
        name = item["name"]
        arn = self.place.arn("elasticfilesystem", f"file-system/{name}")
        tags = [{"Key": key, "Value": value} for key, value in item.get("tags", {}).items()]
        derived = {
            "OwnerId": self.place.account,
            "CreationToken": name,
            "FileSystemId": name,
            "FileSystemArn": arn,
            "CreationTime": moment("-400d"),
            "LifeCycleState": "available",
            "NumberOfMountTargets": 0,
            "SizeInBytes": {"Value": 4096},
            "PerformanceMode": "generalPurpose",
            "Encrypted": False,
            "Tags": tags,
            "backup_policy": item.get("backup_policy"),
        }
        found = {**derived, **self.aws_fields("efs", "FileSystemDescription", item)}
        self.keep("file_systems", item, name, arn, found)

    def kms_key(self, item: Item) -> None:
        name = item["name"]
        arn = self.place.arn("kms", f"key/{name}")
        derived = {
            "KeyId": name,
            "Arn": arn,
            "AWSAccountId": self.place.account,
            "CreationDate": moment("-400d"),
            "Enabled": item.get("KeyState", "Enabled") == "Enabled",
            "KeyState": "Enabled",
        }
        found = {**derived, **self.aws_fields("kms", "KeyMetadata", item)}
        self.keep("keys", item, name, arn, found)

    # EventBridge and SNS

    def event_rule(self, item: Item) -> None:
        name = item["name"]
        arn = self.place.arn("events", f"rule/{name}")
        pattern = item.get("pattern")
        derived = {"Name": name, "Arn": arn, "State": "ENABLED", "EventBusName": "default"}
        if pattern is not None:
            derived["EventPattern"] = json.dumps(pattern)
        targets = [
            {"Id": str(number), "Arn": self.names.arn(target)}
            for number, target in enumerate(item.get("targets", []))
        ]
        found = {**derived, **self.aws_fields("events", "Rule", item), "targets": targets}
        self.keep("event_rules", item, name, arn, found)

    def topic(self, item: Item) -> None:
        name = item["name"]
        arn = self.place.arn("sns", name)
        found = {
            "TopicArn": arn,
            "Owner": self.place.account,
            "SubscriptionsConfirmed": str(item.get("confirmed", 0)),
            "SubscriptionsPending": "0",
            "SubscriptionsDeleted": "0",
        }
        self.keep("topics", item, name, arn, found)
