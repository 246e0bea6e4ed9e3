//! Every call of a whole plan fails, loses its answer or is the last thing that the process does; then it is
//! run again from what reached the disk.

use std::collections::BTreeMap;

use lastgood::model::Instant;
use lastgood::model::fact::Fact;
use lastgood::model::plan::{
    Action, Basis, Disposition, Estimate, GoodCopy, Guard, Item, Plan, PointFacts, SCHEMA, Settings, Target, VolumeRef,
};
use lastgood::model::recovery_point::{PointKind, PointStatus};
use lastgood::model::resource::{LifecycleRule, Tags, Versioning};
use lastgood::model::text::Text;
use lastgood::remediate::apply::{Apply, Approved, Report, Unfit, Watcher, Went, apply};
use lastgood::remediate::journal::{Ending, Event, Past, replay};
use lastgood::remediate::port::CallErrorKind;

use super::restore::Desk;
use super::sim::{self, ACCOUNT, Disk, Mode, Sim, World};

const REGION: &str = "eu-west-1";
const VAULT: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:main";

pub(super) fn now() -> Instant {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn snap(id: &str) -> Text {
    format!("arn:aws:ec2:{REGION}::snapshot/snap-{id}").into()
}

pub(super) fn point(arn: &Text, age_days: i64, vault: Option<&str>) -> PointFacts {
    PointFacts {
        arn: arn.clone(),
        kind: PointKind::EbsSnapshot,
        vault: vault.map(Text::from),
        status: PointStatus::Completed,
        started_at: now() - chrono::TimeDelta::days(age_days),
        size: Some(1 << 30),
        encrypted: Fact::Known(true),
        continuous: false,
        delete_after_days: None,
        tags: Fact::Known(Tags::new()),
        lock: None,
        legal_holds: Vec::new(),
        public: Fact::Known(false),
        shared_with: Fact::Known(Vec::new()),
        member_of: None,
        archived: false,
        managed_by: vault.map(|_| Text::from("aws-backup")),
        copying: false,
    }
}

pub(super) struct NoWatcher;
impl Watcher for NoWatcher {
    fn says(&mut self, _: &Item, _: &str) {}
}

pub(super) fn item(id: &str, resource: &str, action: Action) -> Item {
    Item {
        id: id.into(),
        action,
        disposition: Disposition::NeedsApproval,
        account: ACCOUNT.into(),
        region: REGION.into(),
        resource: resource.into(),
        name: "x".into(),
        application: None,
        reason: "as the test says".into(),
        closes: Vec::new(),
        estimate: Estimate::default(),
        warnings: Vec::new(),
    }
}

pub(super) fn sealed(items: Vec<Item>, settings: Settings) -> Plan {
    Plan {
        schema: SCHEMA.into(),
        id: Text::default(),
        created_at: now(),
        expires_at: now() + chrono::TimeDelta::days(1),
        basis: Basis {
            run: "r".into(),
            policy: "p".into(),
            policy_sha256: "0".into(),
            inventory_sha256: "1".into(),
            captured_at: now(),
            accounts: vec![ACCOUNT.into()],
            stored_points: 100,
            prices: "2026-11-01".into(),
        },
        settings,
        items,
        kept: Vec::new(),
        left: Vec::new(),
        totals: Estimate::default(),
        sha256: Text::default(),
    }
    .seal()
}

pub(super) fn prune(point: PointFacts, good: &[Text]) -> Action {
    let at = Target { account: ACCOUNT.into(), region: REGION.into() };
    let copy = |arn: &Text| GoodCopy { at: at.clone(), arn: arn.clone(), kind: PointKind::EbsSnapshot, vault: None };
    let cutoff = now() - chrono::TimeDelta::days(35);
    Action::Prune {
        point,
        relies_on: good.iter().map(copy).collect(),
        fresh_until: lastgood::model::Instant::MAX_UTC,
        stored: 20,
        cutoff,
    }
}

/// One of everything that this version carries out, and things beside it that nobody named.
fn script() -> (Plan, World) {
    let mut world = World::new(now());
    let (plain, vaulted, marked, kept) = (snap("old"), snap("vaulted"), snap("marked"), snap("short"));
    let good = [snap("good-1"), snap("good-2")];
    world.points.insert(plain.clone(), point(&plain, 90, None));
    world.points.insert(vaulted.clone(), point(&vaulted, 90, Some(VAULT)));
    world.points.insert(marked.clone(), point(&marked, 90, None));
    let short = PointFacts { delete_after_days: Some(7), ..point(&kept, 3, Some(VAULT)) };
    world.points.insert(kept, short.clone());
    for arn in good.iter().chain([&snap("bystander")]) {
        world.points.insert(arn.clone(), point(arn, 1, None));
    }
    let rule = LifecycleRule { id: "tidy".into(), noncurrent_days: Some(5), ..LifecycleRule::default() };
    for name in ["docs", "bystander"] {
        let settings = sim::Settings {
            versioning: Versioning::Suspended,
            encryption: ("AES256".into(), None),
            lifecycle: vec![rule.clone()],
        };
        world.buckets.insert(name.into(), settings);
    }
    let volume = |id: &str| VolumeRef {
        arn: format!("arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{id}").into(),
        encrypted: Fact::Known(false),
        size_gib: Fact::Known(8),
        tags: Tags::new(),
    };
    let (bucket, volumes) = ("arn:aws:s3:::docs", vec![volume("vol-a"), volume("vol-b")]);
    let role = Text::from("arn:aws:iam::111122223333:role/backup");
    let items = vec![
        item("set", "i-1", Action::Snapshot { instance: Some("i-1".into()), volumes, encrypt: true }),
        item("job", "table", Action::BackupJob { vault: "main".into(), role, delete_after_days: 35 }),
        item("versioning", bucket, Action::EnableVersioning { was: Versioning::Suspended }),
        item("encrypt", bucket, Action::EncryptBucket { was: "AES256".into(), kms_key: None }),
        item("volumes", "region", Action::EncryptVolumesByDefault),
        item("lifecycle", bucket, Action::KeepVersions { was: vec![rule], days: 35 }),
        item("keep", "vol-a", Action::KeepPoint { point: short, delete_after_days: 35 }),
        item("prune-plain", "vol-a", prune(point(&plain, 90, None), &good)),
        item("prune-vaulted", "vol-a", prune(point(&vaulted, 90, Some(VAULT)), &good)),
        item("mark", "vol-b", {
            let after = now() + chrono::TimeDelta::days(7);
            Action::MarkForPrune { point: point(&marked, 90, None), after, cutoff: now() - chrono::TimeDelta::days(35) }
        }),
    ];
    (sealed(items, Settings::default()), world)
}

fn drive(plan: &Plan, sim: &mut Sim, disk: &mut Disk, past: BTreeMap<Text, Past>) -> Result<Report, Unfit> {
    drive_on(plan, sim, disk, past, Desk::default())
}

/// The same with restore tests on this bench.
pub(super) fn drive_on(
    plan: &Plan,
    sim: &mut Sim,
    disk: &mut Disk,
    past: BTreeMap<Text, Past>,
    mut desk: Desk,
) -> Result<Report, Unfit> {
    let run = Apply {
        executor: sim,
        journal: disk,
        past,
        now: &now,
        watcher: &mut NoWatcher,
        bench: &mut desk,
        operator: "tester".into(),
        team: Some("infra".into()),
        environment: Some("test".into()),
        dry_run: false,
    };
    apply(plan, &Approved { all: true, ..Approved::default() }, run)
}

/// The process is started again, and nothing fails any more.
fn again(plan: &Plan, world: World, disk: &Disk) -> (Report, World) {
    let mut disk = Disk { entries: disk.entries.clone(), records: disk.records.clone(), ..Disk::default() };
    let past = replay(&disk.entries.borrow(), &plan.sha256);
    let mut sim = Sim::new(world, &disk);
    let report = drive(plan, &mut sim, &mut disk, past).unwrap();
    (report, sim.world)
}

/// Everything is done, once, and nothing beside it.
fn is_done_once(report: &Report, world: &World, before: &World, hint: &str) {
    for (id, went) in &report.items {
        let done = matches!(went, Went::Before(Ending::Done { .. }) | Went::Ended(Ending::Done { .. }));
        assert!(done, "{hint}: {id}: {went:?}");
    }
    let mut expected = [
        "snapshot i-1",
        "start-backup table",
        "enable-versioning docs",
        "encrypt-bucket docs",
        "encrypt-volumes eu-west-1",
        "keep-versions docs",
        "keep-point arn:aws:ec2:eu-west-1::snapshot/snap-short",
        "delete arn:aws:ec2:eu-west-1::snapshot/snap-old",
        "delete arn:aws:ec2:eu-west-1::snapshot/snap-vaulted",
        "tag arn:aws:ec2:eu-west-1::snapshot/snap-marked",
    ]
    .map(str::to_owned)
    .to_vec();
    for n in 0..2 {
        expected.push(format!("copy arn:aws:ec2:eu-west-1::snapshot/snap-made-{n}"));
        expected.push(format!("tag arn:aws:ec2:eu-west-1::snapshot/snap-made-{n}"));
    }
    for effect in &expected {
        assert_eq!(world.times(effect), 1, "{hint}: {effect}: {:?}", world.effects);
    }
    assert_eq!(world.effects.len(), expected.len(), "{hint}: {:?}", world.effects);
    assert_eq!(world.unannounced, Vec::<String>::new(), "{hint}");
    assert_eq!(world.buckets["bystander"], before.buckets["bystander"], "{hint}");
    for id in ["bystander", "good-1", "good-2"] {
        assert_eq!(world.points.get(&snap(id)), before.points.get(&snap(id)), "{hint}: {id}");
    }
    assert!(!world.points.contains_key(&snap("old")) && !world.points.contains_key(&snap("vaulted")), "{hint}");
    assert_eq!((world.snaps.len(), world.jobs.len()), (4, 1), "{hint}");
    assert!(world.snaps.iter().all(|snap| snap.made.status == PointStatus::Completed), "{hint}");
}

/// How many calls and writes the script takes when nothing fails.
fn undisturbed() -> (u32, u32) {
    let (plan, before) = script();
    let mut disk = Disk::default();
    let mut sim = Sim::new(before.clone(), &disk);
    let report = drive(&plan, &mut sim, &mut disk, BTreeMap::new()).unwrap();
    assert!(report.is_complete(), "{report:?}");
    is_done_once(&report, &sim.world, &before, "undisturbed");
    (sim.calls, disk.writes)
}

#[test]
fn whichever_call_fails_or_is_the_last_the_next_run_finishes_and_repeats_nothing() {
    use CallErrorKind::{Denied, Failed, NotFound, Protected};
    let (calls, _) = undisturbed();
    assert!(calls > 60, "{calls}");
    let kinds = [Denied, NotFound, Protected, Failed].map(Mode::Refuse);
    for mode in kinds.into_iter().chain([Mode::Lose, Mode::DieBefore, Mode::DieAfter]) {
        for at in 1..=calls {
            let (plan, before) = script();
            let mut disk = Disk::default();
            let mut sim = Sim::new(before.clone(), &disk);
            sim.fault = Some((at, mode));
            let hint = format!("{mode:?} at call {at}");
            let first = drive(&plan, &mut sim, &mut disk, BTreeMap::new());
            let died = matches!(mode, Mode::DieBefore | Mode::DieAfter);
            match &first {
                // Whose account it is, and what time it is there: without an answer nothing is begun.
                Err(error) => assert!(at <= 2 && sim.world.effects.is_empty(), "{hint}: {error}"),
                Ok(report) if died => assert!(report.stopped.is_some(), "{hint}: {report:?}"),
                Ok(report) => {
                    let ended = |went: &Went| matches!(went, Went::Ended(Ending::Done { .. }));
                    let not: Vec<_> = report.items.iter().filter(|(_, went)| !ended(went)).collect();
                    assert!(not.len() <= 1, "{hint}: one failure stopped others: {not:?}");
                    assert_eq!(report.is_complete(), not.is_empty(), "{hint}");
                }
            }
            let (report, world) = again(&plan, sim.world, &disk);
            is_done_once(&report, &world, &before, &hint);
        }
    }
}

#[test]
fn whichever_write_is_the_last_the_next_run_finishes_and_repeats_nothing() {
    let (_, writes) = undisturbed();
    assert!(writes > 30, "{writes}");
    for whole in [false, true] {
        for at in 1..=writes {
            let (plan, before) = script();
            let mut disk = Disk { dies_at: Some((at, whole)), ..Disk::default() };
            let mut sim = Sim::new(before.clone(), &disk);
            let report = drive(&plan, &mut sim, &mut disk, BTreeMap::new()).unwrap();
            let hint = format!("the process dies at write {at}, which is on disk: {whole}");
            assert!(report.stopped.is_some() && !report.is_complete(), "{hint}: {report:?}");
            let (report, world) = again(&plan, sim.world, &disk);
            is_done_once(&report, &world, &before, &hint);
        }
    }
}

#[test]
fn a_second_run_changes_nothing_and_asks_for_nothing() {
    let (plan, before) = script();
    let mut disk = Disk::default();
    let mut sim = Sim::new(before, &disk);
    drive(&plan, &mut sim, &mut disk, BTreeMap::new()).unwrap();
    let (effects, entries) = (sim.world.effects.clone(), disk.entries.borrow().len());
    let (report, world) = again(&plan, sim.world, &disk);
    assert!(report.items.iter().all(|(_, went)| matches!(went, Went::Before(Ending::Done { .. }))), "{report:?}");
    assert_eq!(world.effects, effects);
    let new: Vec<_> = disk.entries.borrow().iter().skip(entries).map(|entry| entry.event.clone()).collect();
    assert!(new.iter().all(|event| matches!(event, Event::Began { .. })), "{new:?}");
}

#[test]
fn what_aws_backup_answers_for_and_does_not_delete_is_a_failure() {
    let (plan, mut before) = script();
    before.undeletable.insert(snap("vaulted"));
    let mut disk = Disk::default();
    let mut sim = Sim::new(before, &disk);
    let report = drive(&plan, &mut sim, &mut disk, BTreeMap::new()).unwrap();
    for (id, went) in &report.items {
        match (id.as_str(), went) {
            ("prune-vaulted", Went::Ended(Ending::Failed { why })) => {
                assert!(why.contains("could not delete"), "{why}")
            }
            ("prune-vaulted", other) => panic!("{other:?}"),
            (_, other) => assert!(matches!(other, Went::Ended(Ending::Done { .. })), "{id}: {other:?}"),
        }
    }
    assert!(!report.is_complete());
    let (report, world) = again(&plan, sim.world, &disk);
    let (_, went) = report.items.iter().find(|(id, _)| *id == "prune-vaulted").unwrap();
    assert!(matches!(went, Went::Ended(Ending::Refused { guard: Guard::Moved, .. })), "{went:?}");
    assert_eq!(world.times(&format!("delete {}", snap("vaulted"))), 1);
}
