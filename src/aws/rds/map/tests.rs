use aws_smithy_types::DateTime;

use super::*;
use crate::model::recovery_point::PointStatus;

fn place() -> Place {
    Place::new(&"111122223333".into(), "eu-west-2", &"aws".into(), "2026-11-22T00:00:00Z".parse().unwrap(), 1)
}

const THEN: i64 = 1_790_000_000;

fn snap() -> types::builders::DbSnapshotBuilder {
    types::DbSnapshot::builder()
        .db_snapshot_arn("arn:aws:rds:eu-west-2:111122223333:snapshot:s")
        .db_instance_identifier("orders")
        .status("available")
        .snapshot_type("manual")
        .snapshot_create_time(DateTime::from_secs(THEN))
        .original_snapshot_create_time(DateTime::from_secs(THEN))
}

fn mapped(snap: types::builders::DbSnapshotBuilder) -> RecoveryPoint {
    snapshot(&place(), &snap.build()).unwrap().unwrap().point
}

#[test]
fn a_copy_has_the_data_of_its_original() {
    let plain = mapped(snap());
    assert!(!plain.is_copy());
    assert_eq!(plain.data_at().map(|at| at.timestamp()), Some(THEN));
    let copy = mapped(snap().snapshot_create_time(DateTime::from_secs(THEN + 86_400)));
    assert!(copy.is_copy());
    assert_eq!((copy.started_at.timestamp(), copy.data_at().unwrap().timestamp()), (THEN + 86_400, THEN));
}

#[test]
fn a_copy_from_elsewhere_is_of_the_database_there() {
    let from = "arn:aws:rds:us-east-1:444455556666:snapshot:s";
    let copy = snapshot(&place(), &snap().source_db_snapshot_identifier(from).build()).unwrap().unwrap();
    assert_eq!(copy.point.resource.as_deref(), Some("arn:aws:rds:us-east-1:444455556666:db:orders"));
    assert_eq!(copy.copy.unwrap().source, from);
}

#[test]
fn states_and_owners() {
    for (state, status) in [
        ("available", PointStatus::Completed),
        ("copying", PointStatus::Creating),
        ("failed", PointStatus::Error),
        ("quantum", PointStatus::Other("quantum".into())),
    ] {
        assert_eq!(mapped(snap().status(state)).status, status);
    }
    let owner = |kind: &str| mapped(snap().snapshot_type(kind)).extra.unwrap().managed_by.clone();
    assert_eq!(owner("manual"), None);
    assert_eq!(owner("automated").as_deref(), Some("rds"));
    assert_eq!(owner("awsbackup").as_deref(), Some("aws-backup"));
}

#[test]
fn a_snapshot_that_only_begins_has_no_time_and_is_none_yet() {
    let beginning = types::DbSnapshot::builder().db_snapshot_arn("arn:aws:rds:r:a:snapshot:s");
    assert!(snapshot(&place(), &beginning.clone().status("creating").build()).unwrap().is_none());
    assert_eq!(snapshot(&place(), &beginning.status("available").build()).unwrap_err(), Missing("SnapshotCreateTime"));
}

#[test]
fn clusters_of_other_services_are_left_out() {
    let listed = |engine: &str| {
        let given = types::DbCluster::builder().db_cluster_arn("arn:aws:rds:r:a:cluster:c").engine(engine).build();
        cluster(&place(), &given).unwrap().is_some()
    };
    assert!(listed("aurora-postgresql") && listed("mysql"));
    assert!(!listed("neptune") && !listed("docdb"));
}
