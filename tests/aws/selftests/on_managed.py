"""Databases and other managed services: as seeded, in pages, refused by IAM."""

from __future__ import annotations

from selftests.kit import ago, client, equal, near, refused, seed, test


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
