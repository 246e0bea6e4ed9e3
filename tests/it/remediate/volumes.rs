//! Restore tests that make a volume: whatever fails or dies, nothing is made twice, and nothing is left.

use lastgood::model::activity::{Activity, ActivityKind, ActivityOutcome, Validation};
use lastgood::model::plan::{Action, Level, Plan, Settings, Target, TestHow};
use lastgood::model::resource::Tags;
use lastgood::remediate::apply::Report;
use lastgood::remediate::journal::replay;
use lastgood::remediate::port::{CallErrorKind, PURPOSE, PURPOSE_TAG, TestInstance};
use lastgood::remediate::sweep::{Swept, sweep};

use super::faults::{drive_on, item, now, point, sealed};
use super::restore::{Desk, ending};
use super::sim::{ACCOUNT, Disk, Mode, Sim, World};

const SNAPSHOT: &str = "arn:aws:ec2:eu-west-1::snapshot/snap-1";
const PASSED: &str = "noise\nlastgood-result: passed 1 file systems with 7 files were read\n";

fn world() -> World {
    let mut world = World::new(now());
    world.points.insert(SNAPSHOT.into(), point(&SNAPSHOT.into(), 1, Some("arn:aws:backup:eu-west-1:1:backup-vault:v")));
    let tags: Tags = [(PURPOSE_TAG.into(), PURPOSE.into())].into();
    world.instance = Some(TestInstance { id: "i-1".into(), zone: "eu-west-1a".into(), running: true, tags });
    world.says = (PASSED.into(), true);
    world
}

fn plan(level: Level) -> Plan {
    let how = TestHow { instance: Some("i-1".into()), role: Some("role".into()), ..TestHow::default() };
    let facts = point(&SNAPSHOT.into(), 1, Some("arn:aws:backup:eu-west-1:1:backup-vault:v"));
    let action = Action::RestoreTest { level, point: Some(facts), how };
    let item = item("restore-test-1", "arn:aws:ec2:eu-west-1:111122223333:volume/vol-0", action);
    sealed(vec![item], Settings::default())
}

fn run(plan: &Plan, world: World, disk: &mut Disk, fault: Option<(u32, Mode)>) -> (Report, World, u32) {
    let past = replay(&disk.entries.borrow(), &plan.sha256);
    let mut sim = Sim::new(world, disk);
    sim.fault = fault;
    let report = drive_on(plan, &mut sim, disk, past, Desk::default());
    let report = report.unwrap_or_else(|_| Report::default());
    (report, sim.world, sim.calls)
}

fn once(level: Level, change: impl Fn(&mut World)) -> ((&'static str, String), World, Vec<Activity>) {
    let mut world = world();
    change(&mut world);
    let mut disk = Disk::default();
    let (report, world, _) = run(&plan(level), world, &mut disk, None);
    let records = disk.records.borrow().clone();
    (ending(&report), world, records)
}

const BOTH: [Level; 2] = [Level::Volume, Level::BackupJob];

#[test]
fn a_restored_volume_is_looked_at_and_removed() {
    for level in BOTH {
        let ((how, what), world, records) = once(level, |_| {});
        assert!(how == "done" && what.contains("7 files were read; the volume is gone again"), "{what}");
        assert!(world.volumes.is_empty() && world.unannounced.is_empty(), "{:?}", world.unannounced);
        let record = &records[0];
        assert_eq!((record.kind, &record.outcome), (ActivityKind::RestoreTest, &ActivityOutcome::Succeeded));
        assert_eq!((record.validation, record.cleanup.as_deref()), (Some(Validation::Successful), Some("successful")));
        let reported = world.effects.iter().any(|effect| effect.starts_with("report ") && effect.ends_with(" true"));
        assert_eq!(reported, level == Level::BackupJob, "{:?}", world.effects);
    }
}

#[test]
fn what_looking_does_not_prove_does_not_pass_and_the_volume_goes_all_the_same() {
    for level in BOTH {
        for (output, good, says, validation) in [
            ("lastgood-result: failed the volume cannot be read to its end", true, "cannot be read", "failed"),
            ("lastgood-result: partial nothing is understood", true, "proves only a part", "none"),
            ("lastgood-result: passed all of it", false, "all of it", "none"),
            ("", true, "did not say", "none"),
            ("", false, "ended as Failed", "none"),
        ] {
            let ((how, why), world, records) = once(level, |world| world.says = (output.into(), good));
            assert!(how == "failed" && why.contains(says), "{why}");
            assert!(world.volumes.is_empty());
            let found =
                records[0].validation.map_or("none", |v| if v == Validation::Failed { "failed" } else { "good" });
            assert_eq!(found, validation, "{output}");
        }
    }
}

#[test]
fn nothing_is_attached_to_an_instance_that_may_be_in_production() {
    for level in BOTH {
        let ((how, why), world, records) = once(level, |world| world.instance.as_mut().unwrap().tags.clear());
        assert!(how == "refused" && why.contains("may be in production"), "{why}");
        assert!(world.effects.is_empty() && records.is_empty(), "{:?}", world.effects);
        let ((how, why), world, _) = once(level, |world| world.instance.as_mut().unwrap().running = false);
        assert!(how == "failed" && why.contains("not running") && world.effects.is_empty(), "{why}");
        assert_eq!(once(level, |world| world.instance = None).0.0, "refused");
    }
}

#[test]
fn a_volume_that_stays_is_a_failure_that_names_it() {
    let ((how, why), _, records) = once(Level::Volume, |world| world.stuck = true);
    assert!(how == "failed" && why.contains("vol-1 could not be removed"), "{why}");
    assert_eq!(records[0].cleanup.as_deref(), Some("failed"));
}

#[test]
fn a_volume_that_somebody_else_attached_is_not_looked_at() {
    for level in BOTH {
        let ((how, why), world, _) = once(level, |world| world.grabbed_by = Some("i-2".into()));
        assert!(how == "failed" && why.contains("is attached to i-2, which nobody planned"), "{why}");
        assert_eq!(world.times("look i-1"), 0, "{:?}", world.effects);
    }
}

/// Every call fails, loses its answer, or is the last thing that the process does; then it is run again.
#[test]
fn nothing_is_made_twice_and_nothing_is_left_whatever_dies() {
    for level in BOTH {
        let plan = plan(level);
        let (_, _, calls) = run(&plan, world(), &mut Disk::default(), None);
        assert!(calls > 12, "{calls}");
        for at in 3..=calls {
            for mode in [Mode::Refuse(CallErrorKind::Failed), Mode::Lose, Mode::DieBefore, Mode::DieAfter] {
                let mut disk = Disk::default();
                let (_, after, _) = run(&plan, world(), &mut disk, Some((at, mode)));
                let mut disk = Disk { entries: disk.entries.clone(), records: disk.records.clone(), ..Disk::default() };
                let left = after.clone();
                let (_, after, _) = run(&plan, after, &mut disk, None);
                let case = format!("{} {at} {mode:?}: {:?}", level.id(), after.effects);
                assert!(after.volumes.is_empty(), "left: {case}");
                assert!(after.times(&format!("make-volume {SNAPSHOT}")) <= 1, "{case}");
                assert!(after.times(&format!("start-restore {SNAPSHOT}")) <= 1, "{case}");
                assert!(after.unannounced.is_empty(), "{case}");
                // Nobody runs it again, and half a day passes: what carries the tag goes.
                let mut sim = Sim::new(left, &Disk::default());
                let places = [Target::new(&ACCOUNT.into(), &"eu-west-1".into())];
                let marked = sim.world.volumes.iter().filter(|volume| volume.marked).count();
                let young = sweep(&mut sim, &places, &[], now(), false);
                assert!(young.found.iter().all(|(_, _, swept)| matches!(swept, Swept::Young(_))), "{case}");
                let later = now() + chrono::TimeDelta::hours(13);
                let report = sweep(&mut sim, &places, &[], later, false);
                assert_eq!(report.found.len(), marked, "{case}");
                assert!(report.is_clean() && !sim.world.volumes.iter().any(|volume| volume.marked), "{case}");
            }
        }
    }
}

#[test]
fn sweep_removes_only_what_is_marked_and_has_expired_and_says_what_it_cannot_see() {
    let places = [Target::new(&ACCOUNT.into(), &"eu-west-1".into())];
    let volume = |id: &str, marked: bool, hours: Option<i64>| lastgood::remediate::port::Temporary {
        arn: format!("arn:aws:ec2:eu-west-1:111122223333:volume/{id}").into(),
        name: None,
        state: "in-use".into(),
        attached_to: Some("i-1".into()),
        attached: true,
        marked,
        expires_at: hours.map(|hours| now() + chrono::TimeDelta::hours(hours)),
    };
    let mut world = world();
    world.volumes = vec![
        volume("vol-old", true, Some(-1)),
        volume("vol-young", true, Some(1)),
        volume("vol-odd", true, None),
        volume("vol-data", false, Some(-1)),
    ];
    let disk = Disk::default();
    let mut sim = Sim::new(world, &disk);
    let dry = sweep(&mut sim, &places, &[], now(), true);
    assert!(sim.world.effects.is_empty() && dry.found.iter().any(|(_, _, swept)| *swept == Swept::Would));
    let report = sweep(&mut sim, &places, &[], now(), false);
    let left: Vec<&str> = sim.world.volumes.iter().map(|volume| volume.arn.rsplit('/').next().unwrap()).collect();
    assert_eq!(left, ["vol-young", "vol-odd", "vol-data"]);
    assert!(!report.is_clean(), "what is unclear is for people: {report:?}");
    // Right before its deletion somebody takes the mark away.
    sim.world.volumes.push(volume("vol-kept", true, Some(-1)));
    sim.world.loses_marks = true;
    let report = sweep(&mut sim, &places, &[], now(), false);
    assert!(report.found.iter().any(|(_, arn, swept)| arn.ends_with("vol-kept") && *swept == Swept::Unclear));
    assert!(sim.world.volumes.iter().any(|volume| volume.arn.ends_with("vol-kept")), "{:?}", sim.world.effects);
    sim.fault = Some((sim.calls + 1, Mode::Refuse(CallErrorKind::Denied)));
    let report = sweep(&mut sim, &places, &[], now(), false);
    assert!(report.unseen.len() == 1 && !report.is_clean());
}
