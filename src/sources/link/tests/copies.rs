//! Copies, and what their data is dated by.

use super::*;

fn copy(source: &str, destination: &str) -> Copy {
    Copy { source: source.into(), destination: destination.into() }
}

#[test]
fn the_data_of_a_copy_is_dated_by_its_source() {
    let [first, second, lost] =
        ["snap-c1", "snap-c2", "snap-c3"].map(|id| format!("arn:aws:ec2:eu-west-2::snapshot/{id}"));
    let copied = |arn: &str, day: u32| {
        let mut point = RecoveryPoint { started_at: at(day), resource: None, ..ec2(arn) };
        extra(&mut point).is_copy = true;
        point
    };
    let mut given = inventory();
    given.points = vec![ec2(SNAPSHOT), copied(&first, 20), copied(&second, 25), copied(&lost, 25)];
    let copies =
        vec![copy(SNAPSHOT, &first), copy(&first, &second), copy("arn:aws:ec2:eu-west-2::snapshot/unknown", &lost)];
    link(&mut given, &Hints { copies, ..Hints::default() });
    let data_at = |arn: &str| given.points.iter().find(|point| point.arn == arn).unwrap().data_at();
    assert_eq!(data_at(&first), Some(at(10)));
    assert_eq!(data_at(&second), Some(at(10)), "a copy of a copy");
    assert_eq!(data_at(&lost), None, "the start of the copying is never taken for the data's");
}

#[test]
fn copies_in_a_ring_or_younger_than_their_copying_are_not_dated() {
    let mut given = inventory();
    let ring = "arn:aws:ec2:eu-west-2::snapshot/snap-ring";
    let mut young = RecoveryPoint { started_at: at(5), ..ec2("arn:aws:ec2:eu-west-2::snapshot/snap-young") };
    extra(&mut young).is_copy = true;
    let mut other = ec2(ring);
    extra(&mut other).is_copy = true;
    given.points = vec![young, other, ec2(SNAPSHOT)];
    let copies = vec![copy(ring, ring), copy(SNAPSHOT, "arn:aws:ec2:eu-west-2::snapshot/snap-young")];
    link(&mut given, &Hints { copies, ..Hints::default() });
    assert!(given.points.iter().filter(|point| point.is_copy()).all(|point| point.data_at().is_none()));
}

#[test]
fn a_copy_job_tells_a_copy_that_does_not_look_like_one() {
    let mut given = inventory();
    let target = "arn:aws:backup:eu-west-2:111122223333:recovery-point:1";
    given.points =
        vec![backup(SNAPSHOT), RecoveryPoint { kind: PointKind::BackupPoint, started_at: at(20), ..backup(target) }];
    link(&mut given, &Hints { copies: vec![copy(SNAPSHOT, target)], ..Hints::default() });
    let point = given.points.iter().find(|point| point.arn == target).unwrap();
    assert!(point.is_copy());
    assert_eq!(point.data_at(), Some(at(10)));
}

#[test]
fn continuous_copies_are_dated_by_their_window_only() {
    let mut given = inventory();
    let target = "arn:aws:backup:eu-west-2:111122223333:recovery-point:1";
    let mut point = backup(target);
    extra(&mut point).continuous = Some(RestoreWindow::default());
    given.points = vec![backup(SNAPSHOT), point];
    link(&mut given, &Hints { copies: vec![copy(SNAPSHOT, target)], ..Hints::default() });
    let point = given.points.iter().find(|point| point.arn == target).unwrap();
    assert_eq!(point.extra.as_deref().unwrap().data_at, None);
}
