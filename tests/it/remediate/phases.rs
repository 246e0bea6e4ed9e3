//! Deletion in two phases, plan after plan, of a point whose tags no list gives.

use std::collections::BTreeMap;

use lastgood::model::Instant;
use lastgood::model::fact::Fact;
use lastgood::model::inventory::Inventory;
use lastgood::model::plan::{Action, PointFacts, Settings};
use lastgood::model::recovery_point::PointKind;
use lastgood::model::resource::Tags;
use lastgood::model::span::Span;
use lastgood::remediate::apply::{Apply, Approved, Report, Went, apply};
use lastgood::remediate::guard::{MARK_TAG, marked};
use lastgood::remediate::journal::{Ending, replay};

use super::faults::NoWatcher;
use super::guards::{OLD, estate, made_at, now, old, vault};
use super::restore::Desk;
use super::sim::{Disk, Sim, World};

/// One point is stored for too long: it lies in a vault, whose list gives no tags.
fn inventory() -> Inventory {
    let mut inventory = estate();
    inventory.points.retain(|point| !point.arn.ends_with("older"));
    inventory.resources.push(vault(false));
    let point = old(&mut inventory);
    point.kind = PointKind::BackupPoint;
    point.vault = Some(vault(false).arn);
    point.extra_mut().tags = Fact::Unread;
    point.extra_mut().managed_by = Some("aws-backup".into());
    inventory
}

/// The same as the service tells it of single points.
fn world(inventory: &Inventory) -> World {
    let mut world = World::new(now());
    for point in &inventory.points {
        let mut facts = PointFacts::of(point, false);
        (facts.tags, facts.public) = (Fact::Known(Tags::new()), Fact::Known(false));
        facts.shared_with = Fact::Known(Vec::new());
        world.points.insert(facts.arn.clone(), facts);
    }
    world
}

/// Plan and apply so many hours later.
fn run(inventory: &mut Inventory, mut world: World, disk: &mut Disk, hours: i64, dry_run: bool) -> (Report, World) {
    let at = Span::hours(-hours).before(now());
    let settings = Settings { two_phase: Some(Span::hours(2)), ..Settings::default() };
    let plan = made_at(inventory, settings, at);
    assert!(matches!(plan.items[..], [ref item] if matches!(item.action, Action::Prune { .. })), "{plan:#?}");
    world.now = at;
    let mut sim = Sim::new(world, disk);
    let past = replay(&disk.entries.borrow(), &plan.sha256);
    let run = Apply {
        executor: &mut sim,
        journal: disk,
        past,
        now: &|| at,
        watcher: &mut NoWatcher,
        bench: &mut Desk::default(),
        operator: "tester".into(),
        team: None,
        environment: None,
        dry_run,
    };
    let report = apply(&plan, &Approved { all: true, ..Approved::default() }, run).unwrap();
    (report, sim.world)
}

fn mark(world: &World) -> Option<Instant> {
    world.points.get(OLD).and_then(marked)
}

#[test]
fn it_is_marked_once_waits_and_is_deleted() {
    let mut inventory = inventory();
    let mut disk = Disk::default();
    let until = Some(Span::hours(-2).before(now()));
    let (dry, world) = run(&mut inventory, world(&self::inventory()), &mut disk, 0, true);
    assert_eq!((&dry.items[0].1, mark(&world)), (&Went::Would, None));

    let (first, world) = run(&mut inventory, world, &mut disk, 0, false);
    assert!(first.is_complete() && mark(&world) == until, "{first:?}");
    assert!(disk.records.borrow().is_empty(), "nothing was deleted: {:?}", disk.records);

    let (second, world) = run(&mut inventory, world, &mut disk, 1, false);
    assert!(second.is_complete() && mark(&world) == until, "it was marked anew: {second:?}");
    assert_eq!(world.times(&format!("tag {OLD}")), 1, "{:?}", world.effects);
    assert_eq!(world.times(&format!("delete {OLD}")), 0);
    assert!(disk.records.borrow().is_empty(), "nothing was deleted: {:?}", disk.records);

    let (third, world) = run(&mut inventory, world, &mut disk, 3, false);
    assert!(third.is_complete(), "{third:?}");
    assert_eq!((world.times(&format!("tag {OLD}")), world.times(&format!("delete {OLD}"))), (1, 1));
    assert_eq!(world.unannounced, Vec::<String>::new());
    assert_eq!(disk.records.borrow().len(), 1, "its deletion is on record");
}

#[test]
fn the_tags_that_are_read_then_keep_it() {
    let mut inventory = inventory();
    let mut world = world(&inventory);
    let tags = BTreeMap::from([("legal-case".into(), "7".into())]);
    world.points.get_mut(OLD).unwrap().tags = Fact::Known(tags.clone());
    let (report, mut world) = run(&mut inventory, world, &mut Disk::default(), 0, false);
    assert!(matches!(&report.items[0].1, Went::Ended(Ending::Refused { .. })), "{report:?}");
    // A mark whose time is over does not outdo another tag.
    let mark = (MARK_TAG.into(), "2026-11-01T00:00:00Z".into());
    world.points.get_mut(OLD).unwrap().tags = Fact::Known(tags.into_iter().chain([mark]).collect());
    let (report, world) = run(&mut inventory, world, &mut Disk::default(), 1, false);
    assert!(matches!(&report.items[0].1, Went::Ended(Ending::Refused { .. })), "{report:?}");
    assert_eq!(world.effects, Vec::<String>::new());
}
