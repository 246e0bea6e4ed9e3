//! What a restore test proves, and what its record says.

use std::collections::BTreeMap;

use lastgood::model::activity::{Activity, ActivityKind, ActivityOutcome, Depth, EvidenceFile, Validation};
use lastgood::model::arn::short;
use lastgood::model::plan::{Action, Level, Sample, Settings, TestHow};
use lastgood::model::recovery_point::PointStatus;
use lastgood::remediate::apply::{Report, Went};
use lastgood::remediate::journal::Ending;
use lastgood::remediate::port::{
    Bench, Block, Blocks, BlocksRead, CallErrorKind, Examined, Proof, Rebuild, Validated, VersionsRead,
};

use super::faults::{drive_on, item, now, point, sealed};
use super::sim::{Disk, Mode, Sim, World};

const SNAPSHOT: &str = "arn:aws:ec2:eu-west-1::snapshot/snap-1";
const BUCKET: &str = "arn:aws:s3:::shop-data";

/// A bench on which nothing is built, and that answers as it is told to.
#[derive(Clone, Copy, Default)]
pub(super) struct Desk {
    pub(super) proof: Option<Proof>,
    /// Whether the caller's program finds the data good.
    pub(super) validator: Option<Option<bool>>,
}

impl Blocks for Desk {
    fn begin(&mut self, _: u64) -> Result<(), String> {
        Ok(())
    }
    fn block(&mut self, _: &Block<'_>) -> Result<(), String> {
        Ok(())
    }
}

impl Rebuild for Desk {
    fn finish(self: Box<Self>) -> Result<Examined, String> {
        let evidence =
            vec![EvidenceFile { path: "snap-1.blocks".into(), sha256: "ab".into(), ..EvidenceFile::default() }];
        let proof = self.proof.ok_or("the disk is full")?;
        Ok(Examined { proof, sentence: "as the test says".into(), files_compared: false, evidence })
    }
}

impl Bench for Desk {
    fn validate(&mut self, restored: &str, source: &str) -> Option<Validated> {
        let sentence = format!("{} looks like {}", short(restored), short(source)).into();
        self.validator.map(|good| Validated { good, sentence })
    }

    fn open(&mut self, _: &str, _: &str, _: bool, _: bool) -> Result<Box<dyn Rebuild>, String> {
        Ok(Box::new(*self))
    }
}

struct Case {
    world: World,
    desk: Desk,
    level: Level,
    sample: Option<Sample>,
    fault: Option<(u32, Mode)>,
}

impl Case {
    fn of(level: Level) -> Self {
        let mut world = World::new(now());
        world.points.insert(SNAPSHOT.into(), point(&SNAPSHOT.into(), 1, None));
        let blocks = BlocksRead { listed: 4, read: 4, bytes: 32, damaged: Vec::new() };
        world.blocks.insert(SNAPSHOT.into(), blocks);
        Self { world, desk: Desk { proof: Some(Proof::Whole), validator: None }, level, sample: None, fault: None }
    }

    fn run(self) -> (Report, Vec<Activity>) {
        let of_bucket = self.level == Level::S3Version;
        let action = Action::RestoreTest {
            level: self.level,
            point: (!of_bucket).then(|| point(&SNAPSHOT.into(), 1, None)),
            how: TestHow { sample: self.sample, ..TestHow::default() },
        };
        let resource = if of_bucket { BUCKET } else { "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1" };
        let plan = sealed(vec![item("restore-test-1", resource, action)], Settings::default());
        let mut disk = Disk::default();
        let mut sim = Sim::new(self.world, &disk);
        sim.fault = self.fault;
        let report = drive_on(&plan, &mut sim, &mut disk, BTreeMap::new(), self.desk).unwrap();
        assert!(sim.world.effects.is_empty(), "a test changes nothing: {:?}", sim.world.effects);
        let records = disk.records.borrow().clone();
        (report, records)
    }
}

pub(super) fn ending(report: &Report) -> (&'static str, String) {
    match &report.items[0].1 {
        Went::Ended(Ending::Done { what, .. }) => ("done", what.to_string()),
        Went::Ended(Ending::Failed { why }) => ("failed", why.to_string()),
        Went::Ended(Ending::Refused { why, .. }) => ("refused", why.to_string()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_block_that_was_read_and_verified_is_a_full_read() {
    let (report, records) = Case::of(Level::Read).run();
    let (how, what) = ending(&report);
    assert!(how == "done" && what.contains("all 4 blocks read and verified"), "{what}");
    let record = &records[0];
    assert_eq!((record.kind, &record.outcome), (ActivityKind::Verification, &ActivityOutcome::Succeeded));
    assert_eq!((record.size, record.point.as_deref(), record.validation), (Some(32), Some(SNAPSHOT), None));
    let detail = record.detail.as_ref().unwrap();
    assert_eq!((detail.depth, detail.of.as_deref()), (Some(Depth::FullRead), Some(SNAPSHOT)));
    assert_eq!((detail.team.as_deref(), detail.environment.as_deref()), (Some("infra"), Some("test")));
    assert_eq!((detail.items.unwrap().total, detail.items.unwrap().done), (Some(4), Some(4)));
    assert_eq!(detail.evidence[0].path.as_str(), "snap-1.blocks");
}

#[test]
fn a_sample_says_what_it_would_have_found() {
    let mut case = Case::of(Level::Read);
    case.sample = Some(Sample { count: 4, seed: 7 });
    case.world.blocks.get_mut(SNAPSHOT).unwrap().listed = 1_000;
    let (report, records) = case.run();
    let (how, what) = ending(&report);
    assert!(how == "done" && what.contains("4 of 1000 blocks, drawn by the seed 7"), "{what}");
    assert!(what.contains("with a probability of 0 %"), "{what}");
    assert_eq!(records[0].detail.as_ref().unwrap().depth, Some(Depth::Sampled));
}

#[test]
fn what_is_damaged_short_or_unread_fails_and_is_recorded() {
    type Change = fn(&mut Case);
    let cases: [(&str, Change, &str); 5] = [
        ("a block differs", |case| case.world.blocks.get_mut(SNAPSHOT).unwrap().damaged = vec![2], "block 2 is not"),
        ("a block is missing", |case| case.world.blocks.get_mut(SNAPSHOT).unwrap().listed = 5, "only 4 of 5"),
        ("it differs from before", |case| case.desk.proof = Some(Proof::Damage), "as the test says"),
        ("the bench fails", |case| case.desk.proof = None, "the disk is full"),
        (
            "the service fails",
            |case| case.fault = Some((4, Mode::Refuse(CallErrorKind::Denied))),
            "read-blocks: Refused",
        ),
    ];
    for level in [Level::Read, Level::Filesystem] {
        for (name, change, says) in &cases {
            let mut case = Case::of(level);
            change(&mut case);
            let (report, records) = case.run();
            let (how, why) = ending(&report);
            assert!(how == "failed" && why.contains(says), "{name}: {how} {why}");
            assert!(!report.is_complete());
            assert_eq!(records[0].outcome, ActivityOutcome::Failed, "{name}");
            assert!(records[0].validation != Some(Validation::Successful), "{name}");
        }
    }
}

#[test]
fn a_rebuilt_volume_passes_only_as_a_whole() {
    let (report, records) = Case::of(Level::Filesystem).run();
    assert_eq!(ending(&report).0, "done");
    let record = &records[0];
    assert_eq!((record.kind, &record.outcome), (ActivityKind::RestoreTest, &ActivityOutcome::Succeeded));
    assert_eq!(record.validation, Some(Validation::Successful));
    assert_eq!(record.detail.as_ref().unwrap().depth, Some(Depth::Restored));
    let mut case = Case::of(Level::Filesystem);
    case.desk.proof = Some(Proof::Part);
    let (report, records) = case.run();
    let (how, why) = ending(&report);
    assert!(how == "failed" && why.contains("proves only a part"), "{why}");
    assert_eq!((&records[0].outcome, records[0].validation), (&ActivityOutcome::Partial, None));
    let mut case = Case::of(Level::Filesystem);
    case.desk.proof = Some(Proof::Damage);
    assert_eq!(case.run().1[0].validation, Some(Validation::Failed));
}

#[test]
fn what_moved_since_the_plan_is_not_tested() {
    type Change = fn(&mut World);
    let cases: [(Change, &str); 3] = [
        (|world| _ = world.points.remove(SNAPSHOT), "it is gone"),
        (|world| world.points.get_mut(SNAPSHOT).unwrap().status = PointStatus::Error, "is now `error`"),
        (|world| world.points.get_mut(SNAPSHOT).unwrap().archived = true, "archive tier"),
    ];
    for (change, says) in cases {
        let mut case = Case::of(Level::Read);
        change(&mut case.world);
        let (report, records) = case.run();
        let (how, why) = ending(&report);
        assert!(how == "refused" && why.contains(says), "{why}");
        assert!(records.is_empty(), "nothing was tested");
    }
}

#[test]
fn versions_pass_only_if_every_one_was_read_and_verified() {
    let good = VersionsRead { listed: 9, read: 5, verified: 5, bytes: 50, restored: 0, wrong: Vec::new(), archived: 0 };
    let of = |read: VersionsRead| {
        let mut case = Case::of(Level::S3Version);
        case.sample = Some(Sample { count: 5, seed: 0 });
        case.world.versions.insert("shop-data".into(), read);
        let (report, records) = case.run();
        let (how, why) = ending(&report);
        (how, why, records[0].clone())
    };
    let (how, what, record) = of(good.clone());
    assert!(how == "done" && what.contains("5 of 9 previous versions, drawn by the seed 0 read"), "{what}");
    assert_eq!((record.kind, record.validation), (ActivityKind::RestoreTest, Some(Validation::Successful)));
    assert_eq!((record.size, record.detail.as_ref().unwrap().depth), (Some(50), Some(Depth::Compared)));
    for (change, says, outcome) in [
        (VersionsRead { verified: 4, ..good.clone() }, "proves only a part", "partial"),
        (VersionsRead { archived: 1, ..good.clone() }, "1 in an archive", "partial"),
        (VersionsRead { wrong: vec!["`a`: bad".into()], ..good.clone() }, "`a`: bad", "failed"),
        (VersionsRead { listed: 0, read: 0, verified: 0, ..good.clone() }, "no previous version", "failed"),
        (VersionsRead { read: 0, verified: 0, archived: 9, ..good }, "9 lie in an archive", "failed"),
    ] {
        let (how, why, record) = of(change);
        assert!(how == "failed" && why.contains(says), "{why}");
        assert_eq!((record.outcome.id(), record.validation == Some(Validation::Successful)), (outcome, false));
    }
}
