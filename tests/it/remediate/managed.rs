//! Restore tests of databases, tables and file systems by AWS Backup, and of object versions in another place: whatever
//! fails or dies, nothing is made twice, nothing is left, and nothing goes that no test made.

use lastgood::model::activity::{Activity, ActivityOutcome, Validation};
use lastgood::model::kind::Kind;
use lastgood::model::plan::{Action, BucketPrefix, Level, Plan, Settings, Target, TestHow};
use lastgood::remediate::apply::Report;
use lastgood::remediate::journal::replay;
use lastgood::remediate::port::{CallErrorKind, NAME_PREFIX, RestoredVersion, Temporary, VersionsRead};
use lastgood::remediate::sweep::{Swept, sweep};

use super::faults::{drive_on, item, now, point, sealed};
use super::restore::{Desk, ending};
use super::sim::{ACCOUNT, Disk, Mode, Sim, World};
use super::sim_restore::managed;

const POINT: &str = "arn:aws:backup:eu-west-1:111122223333:recovery-point:p1";
const VAULT: &str = "arn:aws:backup:eu-west-1:1:backup-vault:v";
const KINDS: [Kind; 4] = [Kind::RdsInstance, Kind::RdsCluster, Kind::DynamodbTable, Kind::EfsFileSystem];

fn world() -> World {
    let mut world = World::new(now());
    world.points.insert(POINT.into(), point(&POINT.into(), 1, Some(VAULT)));
    world
}

fn plan_of(resource: &str) -> Plan {
    let how = TestHow { role: Some("role".into()), ..TestHow::default() };
    let point = Some(point(&POINT.into(), 1, Some(VAULT)));
    let action = Action::RestoreTest { level: Level::BackupJob, point, how };
    sealed(vec![item("restore-test-1", resource, action)], Settings::default())
}

fn plan(kind: Kind) -> Plan {
    plan_of(&managed(kind, "orders"))
}

fn run(plan: &Plan, world: World, disk: &mut Disk, desk: Desk, fault: Option<(u32, Mode)>) -> (Report, World, u32) {
    let past = replay(&disk.entries.borrow(), &plan.sha256);
    let mut sim = Sim::new(world, disk);
    sim.fault = fault;
    let report = drive_on(plan, &mut sim, disk, past, desk).unwrap_or_else(|_| Report::default());
    (report, sim.world, sim.calls)
}

fn once(plan: &Plan, world: World, validator: Option<Option<bool>>) -> ((&'static str, String), World, Vec<Activity>) {
    let mut disk = Disk::default();
    let (report, world, _) = run(plan, world, &mut disk, Desk { validator, ..Desk::default() }, None);
    let records = disk.records.borrow().clone();
    (ending(&report), world, records)
}

#[test]
fn what_aws_backup_restored_is_looked_at_by_the_callers_program_and_removed() {
    for kind in KINDS {
        let ((how, what), world, records) = once(&plan(kind), world(), Some(Some(true)));
        assert!(how == "done" && what.contains("looks like") && what.ends_with("is gone again"), "{kind:?}: {what}");
        assert!(world.volumes.is_empty() && world.unannounced.is_empty());
        assert!(world.effects.iter().any(|effect| effect.starts_with("report ") && effect.ends_with(" true")));
        let record = &records[0];
        assert_eq!((record.validation, record.cleanup.as_deref()), (Some(Validation::Successful), Some("successful")));

        let ((how, why), world, records) = once(&plan(kind), self::world(), Some(Some(false)));
        assert!(how == "failed" && world.volumes.is_empty(), "{why}");
        assert!(world.effects.iter().any(|effect| effect.ends_with(" false")), "{:?}", world.effects);
        assert_eq!(records[0].validation, Some(Validation::Failed));
    }
}

#[test]
fn a_restore_at_which_nobody_looked_proves_only_a_part() {
    for validator in [None, Some(None)] {
        for kind in KINDS {
            let ((how, why), world, records) = once(&plan(kind), world(), validator);
            assert!(how == "failed" && why.contains("proves only a part"), "{why}");
            assert!(world.volumes.is_empty() && records[0].outcome == ActivityOutcome::Partial);
            assert!(!world.effects.iter().any(|effect| effect.starts_with("report ")), "{:?}", world.effects);
        }
    }
}

#[test]
fn what_was_not_ordered_is_never_removed() {
    for kind in KINDS {
        let source = managed(kind, "orders");
        let other = managed(kind, "payments");
        let volume = "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1".into();
        for made in [source, other, volume] {
            let mut world = world();
            world.made_instead = Some(made.clone());
            // The original has a name of its own.
            world.volumes.push(Temporary {
                arn: made.clone(),
                name: Some("orders".into()),
                state: "available".into(),
                attached_to: None,
                attached: false,
                marked: false,
                expires_at: None,
            });
            let ((how, why), world, records) = once(&plan(kind), world, Some(Some(true)));
            assert!(how == "failed" && why.contains("not what was ordered"), "{made}: {why}");
            assert!(world.times(&format!("remove {made}")) == 0, "{:?}", world.effects);
            assert_eq!(records[0].cleanup.as_deref(), Some("failed"));
        }
    }
}

#[test]
fn an_instance_and_a_bucket_are_not_restored_for_a_test() {
    for resource in ["arn:aws:ec2:eu-west-1:111122223333:instance/i-1", "arn:aws:s3:::shop-data"] {
        let ((how, why), world, _) = once(&plan_of(resource), world(), Some(Some(true)));
        assert!(how == "failed" && why.contains("could not be removed again") && world.effects.is_empty(), "{why}");
    }
}

#[test]
fn nothing_is_restored_twice_and_nothing_is_left_whatever_dies() {
    for kind in KINDS {
        let plan = plan(kind);
        let desk = || Desk { validator: Some(Some(true)), ..Desk::default() };
        let (_, _, calls) = run(&plan, world(), &mut Disk::default(), desk(), None);
        assert!(calls > 8, "{calls}");
        for at in 3..=calls {
            for mode in [Mode::Refuse(CallErrorKind::Failed), Mode::Lose, Mode::DieBefore, Mode::DieAfter] {
                let mut disk = Disk::default();
                let (_, left, _) = run(&plan, world(), &mut disk, desk(), Some((at, mode)));
                let mut disk = Disk { entries: disk.entries.clone(), records: disk.records.clone(), ..Disk::default() };
                let (_, after, _) = run(&plan, left.clone(), &mut disk, desk(), None);
                let case = format!("{kind:?} {at} {mode:?}: {:?}", after.effects);
                assert!(after.volumes.is_empty() && after.unannounced.is_empty(), "{case}");
                assert!(after.times(&format!("start-restore {POINT}")) <= 1, "{case}");
                // Nobody runs it again: what has a name of ours goes when its time is over, marked or not.
                let mut sim = Sim::new(left, &Disk::default());
                for one in &mut sim.world.volumes {
                    assert!(one.name.as_ref().is_some_and(|name| name.starts_with(NAME_PREFIX)), "{case}");
                    one.marked = true;
                    one.expires_at = one.expires_at.or(Some(now() + chrono::TimeDelta::hours(12)));
                }
                let places = [Target::new(&ACCOUNT.into(), &"eu-west-1".into())];
                let report = sweep(&mut sim, &places, &[], now() + chrono::TimeDelta::hours(13), false);
                assert!(report.is_clean() && sim.world.volumes.is_empty(), "{case}");
            }
        }
    }
}

fn place() -> BucketPrefix {
    "s3://scratch/tests/".parse().unwrap()
}

fn plan_of_versions(bucket: &str) -> Plan {
    let how = TestHow { restore_to: Some(place()), ..TestHow::default() };
    let action = Action::RestoreTest { level: Level::S3Version, point: None, how };
    sealed(vec![item("restore-test-1", &format!("arn:aws:s3:::{bucket}"), action)], Settings::default())
}

fn bucket(read: VersionsRead) -> World {
    let mut world = world();
    world.versions.insert("shop-data".into(), read);
    world
}

const ALL: VersionsRead =
    VersionsRead { listed: 3, read: 3, verified: 1, bytes: 9, restored: 3, wrong: Vec::new(), archived: 0 };

#[test]
fn versions_are_restored_elsewhere_compared_and_gone_again() {
    let plan = plan_of_versions("shop-data");
    let ((how, what), world, records) = once(&plan, bucket(ALL), None);
    assert!(how == "done" && what.contains("3 restored to s3://scratch/tests and the same there"), "{what}");
    assert!(world.restored.is_empty() && world.unannounced.is_empty());
    assert_eq!(records[0].cleanup.as_deref(), Some("successful"));
    // What was read and could not be restored is proved in part only.
    let ((how, why), ..) = once(&plan, bucket(VersionsRead { restored: 2, verified: 3, ..ALL }), None);
    assert!(how == "failed" && why.contains("proves only a part"), "{why}");
    // Into the same bucket nothing is restored: its versions would have to be deleted.
    let ((how, why), world, _) = once(&plan_of_versions("scratch"), bucket(ALL), None);
    assert!(how == "refused" && world.effects.is_empty(), "{why}");
}

#[test]
fn restored_versions_that_stay_are_a_failure() {
    let mut world = bucket(ALL);
    world.stuck = true;
    let ((how, why), world, records) = once(&plan_of_versions("shop-data"), world, None);
    assert!(how == "failed" && why.contains("3 object versions are still there"), "{why}");
    assert_eq!((records[0].cleanup.as_deref(), world.restored.len()), (Some("failed"), 3));
}

#[test]
fn no_restored_version_is_left_whatever_dies() {
    let plan = plan_of_versions("shop-data");
    let (_, _, calls) = run(&plan, bucket(ALL), &mut Disk::default(), Desk::default(), None);
    for at in 3..=calls {
        for mode in [Mode::Refuse(CallErrorKind::Failed), Mode::Lose, Mode::DieBefore, Mode::DieAfter] {
            let mut disk = Disk::default();
            let (_, left, _) = run(&plan, bucket(ALL), &mut disk, Desk::default(), Some((at, mode)));
            let mut disk = Disk { entries: disk.entries.clone(), records: disk.records.clone(), ..Disk::default() };
            let (_, after, _) = run(&plan, left.clone(), &mut disk, Desk::default(), None);
            // A failure that was told is the end of an item; only `sweep` comes after it.
            let told = matches!(mode, Mode::Refuse(_) | Mode::Lose);
            assert!(after.restored.is_empty() || told, "{at} {mode:?}: {:?}", after.restored);
            let mut sim = Sim::new(after, &Disk::default());
            let at_place = (Target::new(&ACCOUNT.into(), &"eu-west-1".into()), place());
            let report = sweep(&mut sim, &[], &[at_place], now() + chrono::TimeDelta::hours(13), false);
            assert!(report.is_clean() && sim.world.restored.is_empty(), "{at} {mode:?}: {report:?}");
        }
    }
}

#[test]
fn sweep_removes_only_versions_whose_time_is_over() {
    let version = |key: &str, hours: i64| RestoredVersion {
        key: format!("tests/lastgood-test/x/{key}").into(),
        version: "v".into(),
        written_at: now() - chrono::TimeDelta::hours(hours),
    };
    let mut world = world();
    world.restored = vec![version("old", 13), version("young", 11)];
    let disk = Disk::default();
    let mut sim = Sim::new(world, &disk);
    let places = [(Target::new(&ACCOUNT.into(), &"eu-west-1".into()), place())];
    let dry = sweep(&mut sim, &[], &places, now(), true);
    assert!(dry.found.iter().any(|(_, _, swept)| *swept == Swept::Would) && sim.world.restored.len() == 2);
    let report = sweep(&mut sim, &[], &places, now(), false);
    assert!(report.is_clean() && report.found.len() == 2, "{report:?}");
    assert_eq!(sim.world.restored, [version("young", 11)]);
    sim.world.restored.push(version("stuck", 13));
    sim.world.stuck = true;
    assert!(!sweep(&mut sim, &[], &places, now(), false).is_clean());
    sim.fault = Some((sim.calls + 1, Mode::Refuse(CallErrorKind::Denied)));
    assert_eq!(sweep(&mut sim, &[], &places, now(), false).unseen.len(), 1);
}
