//! What random estates showed of planning, each by itself.

use lastgood::model::fact::Fact;
use lastgood::model::gap::{Gap, GapStatus, Read};
use lastgood::model::inventory::Inventory;
use lastgood::model::kind::Kind;
use lastgood::model::plan::{Action, Guard, Plan, Settings};
use lastgood::model::recovery_point::{PointKind, PointStatus, RestoreWindow};
use lastgood::model::resource::Detail;
use lastgood::model::span::Span;

use super::guards::{ACCOUNT, OLD, estate, fate, made, now, old, read, snapshot, thing, vault};

const ELSEWHERE: &str = "eu-west-1";

/// The last copies of these names, and nothing else.
fn only(inventory: &mut Inventory, names: &[&str]) {
    inventory.points.retain(|point| names.iter().any(|name| point.arn.ends_with(&format!("/{name}"))));
}

#[test]
fn g02_a_date_that_has_not_come_proves_nothing() {
    let stale = |inventory: &mut Inventory| {
        inventory.points.retain(|point| point.started_at < Span::days(3).before(now()));
        inventory.points.push(snapshot("arn:aws:ec2:eu-west-2::snapshot/snap-tomorrow", -1));
    };
    assert_eq!(fate(stale), Err(Guard::LastGood));
}

#[test]
fn g02_a_copy_of_unknown_date_may_be_among_the_newest() {
    let undated = |inventory: &mut Inventory| {
        only(inventory, &["snap-0", "snap-1", "snap-old", "snap-older"]);
        old(inventory).extra_mut().is_copy = true;
    };
    assert_eq!(fate(undated), Err(Guard::LastGood), "its data may be ten days newer than that of the third");
    let dated = |inventory: &mut Inventory| {
        undated(inventory);
        old(inventory).extra_mut().data_at = Some(Span::days(71).before(now()));
    };
    assert_eq!(fate(dated), Ok(()), "its data is older");
    let begun_before = |inventory: &mut Inventory| old(inventory).extra_mut().is_copy = true;
    assert_eq!(fate(begun_before), Ok(()), "three copies are newer than its copying");
}

fn in_vault_elsewhere(inventory: &mut Inventory, arn: &str, days: i64, status: PointStatus) {
    let mut point = snapshot(arn, days);
    point.region = ELSEWHERE.into();
    point.status = status;
    let mut there = vault(false);
    there.region = ELSEWHERE.into();
    there.arn = there.arn.replace("eu-west-2", ELSEWHERE).into();
    point.vault = Some(there.arn.clone());
    inventory.resources.push(there);
    inventory.points.retain(|known| known.arn != point.arn);
    inventory.points.push(point);
    inventory.reads.extend(["ec2:*", "backup:*"].map(|call| Read { region: ELSEWHERE.into(), ..read(call) }));
}

#[test]
fn g04_the_only_copy_elsewhere_stays_though_it_is_expired() {
    let expired = |inventory: &mut Inventory| in_vault_elsewhere(inventory, OLD, 60, PointStatus::Expired);
    assert_eq!(fate(expired), Err(Guard::InUse), "it can be restored yet, and nothing else there can");
    let beside_a_good_one = |inventory: &mut Inventory| {
        expired(inventory);
        in_vault_elsewhere(inventory, "arn:aws:ec2:eu-west-1::snapshot/snap-good", 80, PointStatus::Completed);
    };
    assert_eq!(fate(beside_a_good_one), Ok(()), "a usable one stays there, though it is older");
    let beside_a_part = |inventory: &mut Inventory| {
        expired(inventory);
        in_vault_elsewhere(inventory, "arn:aws:ec2:eu-west-1::snapshot/snap-part", 50, PointStatus::Partial);
    };
    assert_eq!(fate(beside_a_part), Err(Guard::InUse), "a newer part of a copy is worth less");
}

#[test]
fn g06_nothing_relies_on_a_point_whose_date_says_nothing() {
    let mut inventory = estate();
    let newest = inventory.points.iter_mut().max_by_key(|point| point.started_at).unwrap();
    newest.status = PointStatus::Available;
    let advancing = newest.arn.clone();
    let plan = made(&mut inventory, Settings::default());
    let relied = plan.items.iter().filter_map(|item| match &item.action {
        Action::Prune { relies_on, .. } => Some(relies_on.iter().map(|copy| copy.arn.clone())),
        _ => None,
    });
    let relied: Vec<_> = relied.flatten().collect();
    assert!(!relied.is_empty() && !relied.contains(&advancing), "{relied:?}");
}

#[test]
fn what_a_continuous_point_reaches_back_to_is_listed_as_kept() {
    let window = |inventory: &mut Inventory| {
        let point = old(inventory);
        point.started_at = Span::days(20).before(now());
        point.status = PointStatus::Available;
        let earliest = Some(Span::days(60).before(now()));
        point.extra_mut().continuous = Some(RestoreWindow { earliest, latest: None });
    };
    assert_eq!(fate(window), Err(Guard::Continuous));
}

#[test]
fn g03_a_point_of_nobody_knows_what_is_held() {
    let mut inventory = estate();
    let arn = "arn:aws:ec2:eu-west-2::snapshot/snap-stray";
    let mut stray = snapshot(arn, 60);
    stray.resource = None;
    inventory.points.push(stray);
    inventory.resources.push(thing(arn, Kind::RecoveryPoint, Detail::None));
    let kept = made(&mut inventory, Settings::default()).kept;
    let guards: Vec<Guard> = kept.iter().filter(|kept| kept.object == arn).map(|kept| kept.guard).collect();
    assert_eq!(guards, [Guard::Hold], "{kept:#?}");
}

/// A database with a copy of each of the last days in a vault, and one that is 60 days old.
fn database(change: impl FnOnce(&mut Inventory)) -> Plan {
    const DATABASE: &str = "arn:aws:rds:eu-west-2:111122223333:db:shop";
    let mut inventory = estate();
    inventory.resources.push(thing(DATABASE, Kind::RdsInstance, Detail::None));
    inventory.resources.push(vault(false));
    for day in (0..20).chain([60]) {
        let mut point = snapshot(&format!("arn:aws:rds:eu-west-2:111122223333:snapshot:awsbackup:job-{day}"), day);
        point.kind = PointKind::DbSnapshot;
        point.resource = Some(DATABASE.into());
        point.vault = Some(vault(false).arn);
        inventory.points.push(point);
    }
    change(&mut inventory);
    let mut plan = made(&mut inventory, Settings::default());
    plan.items.retain(|item| item.resource == DATABASE);
    plan.kept.retain(|kept| kept.resource == DATABASE);
    plan
}

#[test]
fn g07_the_lists_of_the_service_that_lists_the_points_must_be_read_too() {
    let plan = database(|_| {});
    assert!(plan.items.is_empty(), "nobody asked RDS: {plan:#?}");
    assert_eq!(plan.kept.iter().map(|kept| kept.guard).collect::<Vec<_>>(), [Guard::Gap]);
    assert_eq!(database(|inventory| inventory.reads.push(read("rds:*"))).items.len(), 1);
    let about_one = database(|inventory| {
        inventory.reads.push(read("rds:*"));
        inventory.gaps.push(Gap {
            account: ACCOUNT.into(),
            region: "eu-west-2".into(),
            service: "rds".into(),
            operation: "DescribeDBSnapshotAttributes".into(),
            resource: Some("arn:aws:rds:eu-west-2:111122223333:snapshot:awsbackup:job-60".into()),
            status: GapStatus::Denied,
            code: "AccessDenied".into(),
            message: None,
            iam_action: "rds:DescribeDBSnapshotAttributes".into(),
        });
    });
    assert!(about_one.items.is_empty(), "with whom it is shared was not read: {about_one:#?}");
}

#[test]
fn g08_containers_are_not_counted_among_what_is_stored() {
    let mut inventory = estate();
    let stored = made(&mut inventory, Settings::default()).basis.stored_points;
    let mut container = snapshot("arn:aws:backup:eu-west-2:111122223333:recovery-point:composite", 3);
    container.extra_mut().is_parent = true;
    inventory.points.push(container);
    assert_eq!(made(&mut inventory, Settings::default()).basis.stored_points, stored);
}

/// What is said of the finding that something is stored for too long.
fn left(plan: &Plan) -> Vec<&str> {
    plan.left.iter().filter(|left| left.rule == "no-longer").map(|left| left.why.as_str()).collect()
}

#[test]
fn what_is_being_deleted_already_is_not_said_to_be_kept() {
    let mut inventory = estate();
    inventory.points.retain(|point| !point.arn.ends_with("older"));
    old(&mut inventory).status = PointStatus::Deleting;
    let plan = made(&mut inventory, Settings::default());
    assert!(plan.kept.is_empty(), "{:#?}", plan.kept);
    assert!(matches!(left(&plan)[..], [why] if why.contains("being deleted already")), "{:?}", plan.left);
}

#[test]
fn a_finding_that_waits_is_not_said_to_be_peoples() {
    let mut inventory = estate();
    for point in inventory.points.iter_mut().filter(|point| point.started_at < Span::days(40).before(now())) {
        let mark = ("lastgood:prune-after".into(), "2026-11-25T00:00:00Z".into());
        point.extra_mut().tags = Fact::Known([mark].into());
    }
    let plan = made(&mut inventory, Settings { two_phase: Some(Span::days(7)), ..Settings::default() });
    assert!(plan.items.is_empty() && plan.kept.iter().all(|kept| kept.guard == Guard::Waiting), "{plan:#?}");
    assert!(matches!(left(&plan)[..], [why] if why.contains("marked for deletion")), "{:?}", plan.left);
}
