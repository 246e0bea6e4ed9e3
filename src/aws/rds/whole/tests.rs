use aws_sdk_rds::types;
use aws_smithy_types::DateTime;

use super::*;
use crate::aws::place::Place;
use crate::aws::rds::map;
use crate::model::recovery_point::PointStatus;

const DB: &str = "arn:aws:rds:eu-west-2:111122223333:db:";

fn place() -> Place {
    Place::new(&"111122223333".into(), "eu-west-2", &"aws".into(), "2026-11-22T00:00:00Z".parse().unwrap(), 1)
}

fn instance(name: &str, id: &str) -> Instance {
    let given = types::DbInstance::builder()
        .db_instance_arn(format!("{DB}{name}"))
        .db_instance_identifier(name)
        .dbi_resource_id(id)
        .backup_retention_period(7);
    map::instance(&place(), &given.build()).unwrap()
}

fn snapshot(of: &str, id: &str, kind: &str) -> Snapshot {
    let given = types::DbSnapshot::builder()
        .db_snapshot_arn(format!("arn:aws:rds:eu-west-2:111122223333:snapshot:{of}-{id}"))
        .db_instance_identifier(of)
        .dbi_resource_id(id)
        .status("available")
        .snapshot_type(kind)
        .snapshot_create_time(DateTime::from_secs(1_790_000_000));
    map::snapshot(&place(), &given.build()).unwrap().unwrap()
}

fn backup(of: &str, id: &str, status: &str) -> Backup {
    let window = types::RestoreWindow::builder()
        .earliest_time(DateTime::from_secs(1_789_000_000))
        .latest_time(DateTime::from_secs(1_790_000_000));
    let given = types::DbInstanceAutomatedBackup::builder()
        .db_instance_arn(of)
        .dbi_resource_id(id)
        .db_instance_automated_backups_arn(format!("arn:aws:rds:eu-west-2:111122223333:auto-backup:ab-{id}"))
        .status(status)
        .restore_window(window.build());
    map::backup(&place(), &given.build()).unwrap()
}

#[test]
fn a_snapshot_follows_its_database_through_a_renaming() {
    let whole = join(
        vec![instance("orders-new", "db-1"), instance("orders", "db-2")],
        vec![],
        vec![snapshot("orders", "db-1", "manual"), snapshot("orders", "db-0", "manual")],
        vec![],
    );
    let of: Vec<_> = whole.points.iter().map(|point| point.resource.as_deref().unwrap()).collect();
    let (renamed, same_name) = (format!("{DB}orders-new"), format!("{DB}orders"));
    assert_eq!(of, [renamed.as_str(), same_name.as_str()], "of an id that is gone the name decides");
}

#[test]
fn automated_snapshots_are_kept_as_long_as_the_database_says() {
    let whole = join(
        vec![instance("orders", "db-1")],
        vec![],
        vec![snapshot("orders", "db-1", "automated"), snapshot("orders", "db-1", "manual")],
        vec![],
    );
    assert_eq!(whole.points.iter().map(|point| point.delete_after_days).collect::<Vec<_>>(), [Some(7), None]);
}

#[test]
fn an_automated_backup_is_a_window_of_the_living_and_a_point_of_the_deleted() {
    let orders = format!("{DB}orders");
    let elsewhere = "arn:aws:rds:us-east-1:111122223333:db:other";
    let whole = join(
        vec![instance("orders", "db-1")],
        vec![],
        vec![],
        vec![
            backup(&orders, "db-1", "active"),
            backup(&orders, "db-0", "retained"),
            backup(elsewhere, "db-9", "replicating"),
        ],
    );
    assert_eq!(whole.resources[0].database().unwrap().earliest_restorable.unwrap().timestamp(), 1_789_000_000);
    let [retained, replica] = &whole.points[..] else { panic!("{:#?}", whole.points) };
    assert_eq!((&retained.status, retained.resource.as_deref()), (&PointStatus::Stopped, Some(&*orders)));
    assert_eq!(retained.continuous().unwrap().latest.unwrap().timestamp(), 1_790_000_000);
    assert!(!retained.is_copy());
    assert!(replica.is_copy() && replica.status == PointStatus::Available);
    assert_eq!(replica.resource.as_deref(), Some(elsewhere));
}

#[test]
fn a_cluster_is_as_public_as_its_members() {
    let member = |name: &str, public| {
        let given = types::DbInstance::builder()
            .db_instance_arn(format!("{DB}{name}"))
            .db_cluster_identifier("shop")
            .publicly_accessible(public);
        map::instance(&place(), &given.build()).unwrap()
    };
    let cluster = || {
        let given = types::DbCluster::builder()
            .db_cluster_arn("arn:aws:rds:eu-west-2:111122223333:cluster:shop")
            .db_cluster_identifier("shop");
        map::cluster(&place(), &given.build()).unwrap().unwrap()
    };
    let public = |members| {
        let whole = join(members, vec![cluster()], vec![], vec![]);
        assert_eq!(whole.resources.len(), 1, "members are not judged by themselves");
        whole.resources[0].database().unwrap().publicly_accessible.clone()
    };
    assert_eq!(public(vec![member("a", false), member("b", true)]), Fact::Known(true));
    assert_eq!(public(vec![member("a", false)]), Fact::Known(false));
    assert_eq!(public(vec![]), Fact::Unread);
}
