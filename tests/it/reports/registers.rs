//! The registers that are laid out beside the verdicts: completeness, and what is stored.

use chrono::TimeDelta;
use lastgood::demo::as_of;
use lastgood::evaluate::evaluate;
use lastgood::model::inventory::Inventory;
use lastgood::model::ledger::*;
use lastgood::model::recovery_point::{PointKind, PointStatus, RecoveryPoint, RestoreWindow};
use lastgood::policy::{builtin, load};

/// What copies name and no list holds is explained by what was read, or counted as unexplained.
#[test]
fn a_resource_that_no_list_holds_is_explained_or_counted() {
    let policy = load(&builtin::default().unwrap().sources()).unwrap_or_else(|_| panic!("it is valid"));
    let found = |change: fn(&mut Inventory)| {
        let mut inventory = lastgood::demo::inventory();
        change(&mut inventory);
        let assessment = evaluate(&policy, &inventory, as_of());
        assessment.ledger.unwrap().reconciliation
    };
    let whole = found(|_| ());
    assert_eq!((whole.unexplained, whole.named - whole.both), (0, 3));
    assert!(whole.unlisted.iter().all(|one| one.why == Why::Deleted), "{:?}", whole.unlisted);
    let lost = found(|inventory| inventory.resources.retain(|one| !one.arn.ends_with("vol-billing-ledger")));
    assert_eq!((lost.unexplained, lost.both, lost.listed), (1, whole.both - 1, whole.listed - 1));
    assert_eq!(lost.unlisted[0].why, Why::Unexplained, "it stands first");
    let elsewhere = found(|inventory| {
        inventory.resources.retain(|one| !one.arn.ends_with("vol-billing-ledger"));
        inventory.regions.retain(|region| *region != *"eu-west-2");
    });
    assert_eq!(elsewhere.unexplained, 0);
    assert_eq!(elsewhere.unlisted[0].why, Why::OutOfScope);
    // What only the register of AWS Backup names may be gone: it outlives the resource and its points.
    let named = |arn: &'static str, change: fn(&mut Inventory)| {
        let mut inventory = lastgood::demo::inventory();
        inventory.protected.push(arn.into());
        change(&mut inventory);
        let found = evaluate(&policy, &inventory, as_of()).ledger.unwrap().reconciliation;
        assert_eq!((found.named, found.unexplained), (whole.named + 1, 0), "{arn}");
        found.unlisted.iter().find(|one| one.resource == *arn).map(|one| one.why)
    };
    let gone = "arn:aws:ec2:eu-west-2:111122223333:volume/vol-gone";
    assert_eq!(named(gone, |_| ()), Some(Why::Deleted));
    assert_eq!(named("arn:aws:s3:::gone", |_| ()), Some(Why::Deleted));
    let unread = |inventory: &mut Inventory| {
        inventory.reads.retain(|read| *read.call != *"ec2:DescribeVolumes" && *read.call != *"s3:ListBuckets");
    };
    assert_eq!(named(gone, unread), Some(Why::NotRead));
    assert_eq!(named("arn:aws:s3:::gone", unread), Some(Why::NotRead));
    let lake = "arn:aws:timestream:eu-west-2:111122223333:database/lake";
    assert_eq!(named(lake, |_| ()), Some(Why::OtherKind));
    assert_eq!(named("arn:aws:ec2:eu-west-2:999999999999:volume/vol-1", |_| ()), Some(Why::OutOfScope));
}

/// Each stored point counts once, by its age and by what keeps it or ought to have deleted it.
#[test]
fn stored_points_are_counted_by_age_and_state() {
    let policy = load(&builtin::default().unwrap().sources()).unwrap_or_else(|_| panic!("it is valid"));
    let mut inventory = lastgood::demo::inventory();
    let mut made = inventory
        .points
        .iter()
        .find(|point| point.kind == PointKind::EbsSnapshot && point.resource.is_some())
        .unwrap()
        .clone();
    let owner = made.resource.clone().unwrap();
    (made.extra, made.delete_at, made.status) = (None, None, PointStatus::Completed);
    inventory.points.clear();
    let mut add = |days: i64, change: &dyn Fn(&mut RecoveryPoint)| {
        let mut point = made.clone();
        point.arn = format!("arn:aws:ec2:eu-west-2::snapshot/snap-{}", inventory.points.len()).into();
        point.started_at = as_of() - TimeDelta::days(days) - TimeDelta::hours(1);
        change(&mut point);
        inventory.points.push(point);
    };
    let due = |hours: i64| move |point: &mut RecoveryPoint| point.delete_at = Some(as_of() - TimeDelta::hours(hours));
    add(1, &|_| ());
    add(1, &|point| point.extra_mut().is_copy = true);
    add(1, &|point| point.status = PointStatus::Partial);
    add(36, &due(47));
    add(36, &due(48));
    add(36, &|point| point.status = PointStatus::Expired);
    add(36, &|point| {
        due(48)(point);
        point.extra_mut().legal_holds.push("hold-1".into());
    });
    // None of these is stored with an age of its own.
    add(2, &|point| point.status = PointStatus::Creating);
    add(2, &|point| point.status = PointStatus::Deleting);
    add(2, &|point| point.extra_mut().is_parent = true);
    add(-2, &|_| ());
    add(9, &|point| {
        let window = RestoreWindow { earliest: Some(point.started_at), latest: Some(as_of()) };
        point.extra_mut().continuous = Some(window);
    });
    let (first, second) = (as_of() - TimeDelta::hours(25), as_of() - TimeDelta::hours(36 * 24 + 1));
    let stored = evaluate(&policy, &inventory, as_of()).ledger.unwrap().stored;
    let ages = [
        AgeCount { days: 1, usable: 2, held: 0, overdue: 0, other: 1 },
        AgeCount { days: 36, usable: 1, held: 1, overdue: 2, other: 0 },
    ];
    assert_eq!((stored.ages.as_slice(), stored.resources), (ages.as_slice(), 1));
    let window = RestoreWindow { earliest: Some(as_of() - TimeDelta::hours(9 * 24 + 1)), latest: Some(as_of()) };
    let line = Timeline {
        resource: owner,
        points: 8,
        usable: vec![second, first],
        copies: vec![first],
        held: vec![second],
        overdue: vec![second, second],
        other: vec![first],
        continuous: Some(window),
    };
    assert_eq!(stored.timelines, [line]);
}
