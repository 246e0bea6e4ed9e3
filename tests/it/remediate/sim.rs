//! An estate in memory that does what a plan asks, and fails, forgets to answer or dies where it is told to.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::rc::Rc;

use lastgood::model::Instant;
use lastgood::model::activity::Activity;
use lastgood::model::fact::Fact;
use lastgood::model::kind::Kind;
use lastgood::model::plan::{GoodCopy, PointFacts, Target, VolumeRef};
use lastgood::model::recovery_point::{PointKind, PointStatus};
use lastgood::model::resource::{LifecycleRule, Tags, Versioning};
use lastgood::model::span::Span;
use lastgood::model::text::Text;
use lastgood::remediate::journal::{Entry, Event, Journal};
use lastgood::remediate::port::{
    BackupOrder, BlocksRead, CallError, CallErrorKind, Called, Executor, Job, Made, RestoredVersion, Temporary,
    TestInstance, VersionsRead,
};

pub(super) const ACCOUNT: &str = "111122223333";

/// What happens at one call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mode {
    /// It fails, and nothing is done.
    Refuse(CallErrorKind),
    /// It is done, and the answer is lost.
    Lose,
    /// The process dies before the call reaches the service.
    DieBefore,
    /// The process dies after the service did it.
    DieAfter,
}

/// A bucket's settings.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Settings {
    pub(super) versioning: Versioning,
    pub(super) encryption: (Text, Option<Text>),
    pub(super) lifecycle: Vec<LifecycleRule>,
}

/// A snapshot on its way.
#[derive(Clone, Debug)]
pub(super) struct Snap {
    pub(super) made: Made,
    /// Lists that will not have it yet.
    late: u32,
    /// Looks until it is complete.
    takes: u32,
}

/// What is there, and what was really changed.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) now: Instant,
    pub(super) points: BTreeMap<Text, PointFacts>,
    /// Points under deletion, with the looks that it takes yet.
    pub(super) deleting: BTreeMap<Text, u32>,
    /// Looks that the deletion of a point in a vault takes.
    pub(super) deletion_takes: u32,
    /// Points that AWS Backup answers for and does not delete.
    pub(super) undeletable: BTreeSet<Text>,
    pub(super) buckets: BTreeMap<Text, Settings>,
    pub(super) volumes_encrypted: bool,
    pub(super) snaps: Vec<Snap>,
    /// Jobs by token, with the looks that they take yet.
    pub(super) jobs: BTreeMap<Text, u32>,
    /// Volumes that tests made.
    pub(super) volumes: Vec<Temporary>,
    /// The tokens with which volumes and restores were asked for, with what came of them.
    pub(super) tokens: BTreeMap<Text, Text>,
    /// Restore jobs with the looks that they take yet.
    pub(super) restores: BTreeMap<Text, u32>,
    /// The test instance.
    pub(super) instance: Option<TestInstance>,
    /// Who attaches what is made, before anybody of ours does.
    pub(super) grabbed_by: Option<Text>,
    /// What was ordered of AWS Backup under a job's id, other than volumes.
    pub(super) ordered: BTreeMap<Text, (Kind, Text)>,
    /// What jobs say they made, whatever was ordered.
    pub(super) made_instead: Option<Text>,
    /// Object versions in the place for restored ones.
    pub(super) restored: Vec<RestoredVersion>,
    /// Whether the marks of volumes are gone when they are looked at again.
    pub(super) loses_marks: bool,
    /// What the command on it says, and whether it ends well.
    pub(super) says: (String, bool),
    /// Volumes that cannot be deleted.
    pub(super) stuck: bool,
    /// What is read of each snapshot, and whether the answer is whole.
    pub(super) blocks: BTreeMap<Text, BlocksRead>,
    /// What is read of each bucket.
    pub(super) versions: BTreeMap<Text, VersionsRead>,
    /// Changes, each as `call object`.
    pub(super) effects: Vec<String>,
    /// Changes that no intent announced.
    pub(super) unannounced: Vec<String>,
}

impl World {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            now,
            points: BTreeMap::new(),
            deleting: BTreeMap::new(),
            deletion_takes: 3,
            undeletable: BTreeSet::new(),
            buckets: BTreeMap::new(),
            volumes_encrypted: false,
            snaps: Vec::new(),
            jobs: BTreeMap::new(),
            volumes: Vec::new(),
            tokens: BTreeMap::new(),
            restores: BTreeMap::new(),
            instance: None,
            grabbed_by: None,
            ordered: BTreeMap::new(),
            made_instead: None,
            restored: Vec::new(),
            loses_marks: false,
            says: (String::new(), true),
            stuck: false,
            blocks: BTreeMap::new(),
            versions: BTreeMap::new(),
            effects: Vec::new(),
            unannounced: Vec::new(),
        }
    }

    /// How often something was really done.
    pub(super) fn times(&self, effect: &str) -> usize {
        self.effects.iter().filter(|known| *known == effect).count()
    }

    fn bucket(&mut self, name: &str) -> &mut Settings {
        self.buckets.get_mut(name).unwrap_or_else(|| panic!("no bucket {name}"))
    }

    fn look(&mut self, arn: &Text) -> Option<PointFacts> {
        if let Some(left) = self.deleting.get_mut(arn) {
            if *left == 0 {
                self.deleting.remove(arn);
                if self.undeletable.contains(arn) {
                    self.points.get_mut(arn).unwrap().status = PointStatus::Expired;
                } else {
                    self.points.remove(arn);
                }
            } else {
                *left -= 1;
            }
        }
        self.points.get(arn).cloned()
    }
}

/// A journal that holds each entry whole or not at all, and fails once the process is dead.
#[derive(Clone, Default)]
pub(super) struct Disk {
    pub(super) entries: Rc<RefCell<Vec<Entry>>>,
    pub(super) records: Rc<RefCell<Vec<Activity>>>,
    pub(super) dead: Rc<Cell<bool>>,
    pub(super) writes: u32,
    /// At this write the process dies; with `true` the entry is on disk all the same.
    pub(super) dies_at: Option<(u32, bool)>,
}

impl Disk {
    /// Whether what comes next reaches the disk; the second half says whether the caller learns of it.
    fn next(&mut self) -> (bool, io::Result<()>) {
        let gone = || io::Error::other("the process is dead");
        if self.dead.get() {
            return (false, Err(gone()));
        }
        self.writes += 1;
        match self.dies_at {
            Some((at, whole)) if at == self.writes => {
                self.dead.set(true);
                (whole, Err(gone()))
            }
            _ => (true, Ok(())),
        }
    }
}

impl Journal for Disk {
    fn write(&mut self, entry: &Entry) -> io::Result<()> {
        let (whole, answer) = self.next();
        if whole {
            self.entries.borrow_mut().push(entry.clone());
        }
        answer
    }

    fn record(&mut self, activity: Activity) -> io::Result<()> {
        let (whole, answer) = self.next();
        if whole {
            self.records.borrow_mut().push(activity);
        }
        answer
    }
}

/// The executor: a world behind a line that breaks.
pub(super) struct Sim {
    pub(super) world: World,
    pub(super) calls: u32,
    pub(super) fault: Option<(u32, Mode)>,
    disk: Disk,
}

impl Sim {
    pub(super) fn new(world: World, disk: &Disk) -> Self {
        Self { world, calls: 0, fault: None, disk: disk.clone() }
    }

    pub(super) fn call<T>(&mut self, name: &str, act: impl FnOnce(&mut World) -> Called<T>) -> Called<T> {
        if self.disk.dead.get() {
            return Err(error(CallErrorKind::Failed, name, "Dead"));
        }
        self.calls += 1;
        match self.fault.filter(|(at, _)| *at == self.calls) {
            None => act(&mut self.world),
            Some((_, Mode::Refuse(kind))) => Err(error(kind, name, "Refused")),
            Some((_, Mode::Lose)) => {
                let _ = act(&mut self.world);
                Err(error(CallErrorKind::Failed, name, "Lost"))
            }
            Some((_, Mode::DieBefore)) => {
                self.disk.dead.set(true);
                Err(error(CallErrorKind::Failed, name, "Dead"))
            }
            Some((_, Mode::DieAfter)) => {
                let _ = act(&mut self.world);
                self.disk.dead.set(true);
                Err(error(CallErrorKind::Failed, name, "Dead"))
            }
        }
    }

    /// A call that may change something: `act` says whether it did.
    pub(super) fn change<T>(
        &mut self,
        name: &str,
        object: &str,
        act: impl FnOnce(&mut World) -> Called<(bool, T)>,
    ) -> Called<T> {
        let entries = Rc::clone(&self.disk.entries);
        let effect = format!("{name} {object}");
        self.call(name, move |world| {
            let (changed, answer) = act(world)?;
            let announced = matches!(entries.borrow().last().map(|entry| &entry.event), Some(Event::Intent { .. }));
            if !announced {
                world.unannounced.push(effect.clone());
            }
            if changed {
                world.effects.push(effect);
            }
            Ok(answer)
        })
    }
}

pub(super) fn error(kind: CallErrorKind, call: &str, code: &str) -> CallError {
    CallError { kind, call: call.into(), code: code.into(), message: "as the test says".into() }
}

impl Executor for Sim {
    fn account(&mut self, _: &Target) -> Called<Text> {
        self.call("account", |_| Ok(ACCOUNT.into()))
    }

    fn clock(&mut self, _: &Target) -> Called<Instant> {
        self.call("clock", |world| Ok(world.now))
    }

    fn pause(&mut self, _: Span) {}

    fn point(&mut self, _: &Target, point: &PointFacts) -> Called<Option<PointFacts>> {
        self.call("point", |world| Ok(world.look(&point.arn)))
    }

    fn good_copy(&mut self, copy: &GoodCopy) -> Called<Option<PointStatus>> {
        self.call("good-copy", |world| Ok(world.look(&copy.arn).map(|point| point.status)))
    }

    fn tag_point(&mut self, _: &Target, arn: &str, _: PointKind, tags: &Tags) -> Called<()> {
        self.change("tag", arn, |world| {
            let known = match world.points.get_mut(arn) {
                Some(point) => {
                    if point.tags.is_unread() {
                        point.tags = Fact::Known(Tags::new());
                    }
                    let Fact::Known(known) = &mut point.tags else { panic!("just made") };
                    known
                }
                None => &mut world.snaps.iter_mut().find(|snap| snap.made.arn == arn).unwrap().made.tags,
            };
            let before = known.clone();
            known.extend(tags.clone());
            Ok((*known != before, ()))
        })
    }

    fn delete_point(&mut self, _: &Target, point: &PointFacts) -> Called<()> {
        self.change("delete", &point.arn, |world| {
            let Some(now) = world.points.get_mut(&point.arn) else {
                return Err(error(CallErrorKind::NotFound, "delete", "NotFound"));
            };
            if now.status == PointStatus::Deleting {
                return Ok((false, ()));
            }
            if now.vault.is_some() {
                now.status = PointStatus::Deleting;
                world.deleting.insert(point.arn.clone(), world.deletion_takes);
            } else {
                world.points.remove(&point.arn);
            }
            Ok((true, ()))
        })
    }

    fn residue(&mut self, _: &Target, _: &PointFacts) -> Called<Option<Text>> {
        self.call("residue", |_| Ok(None))
    }

    fn keep_point(&mut self, _: &Target, point: &PointFacts, days: u32) -> Called<()> {
        self.change("keep-point", &point.arn, |world| {
            let own = &mut world.points.get_mut(&point.arn).unwrap().delete_after_days;
            let changed = *own != Some(days);
            *own = Some(days);
            Ok((changed, ()))
        })
    }

    fn made(&mut self, _: &Target, item: &str) -> Called<Vec<Made>> {
        self.call("made", |world| {
            let mut seen = Vec::new();
            for snap in &mut world.snaps {
                if snap.made.tags.get("lastgood:item").is_none_or(|of| *of != *item) {
                    continue;
                }
                if snap.late > 0 {
                    snap.late -= 1;
                    continue;
                }
                match snap.takes {
                    0 => snap.made.status = PointStatus::Completed,
                    _ => snap.takes -= 1,
                }
                seen.push(snap.made.clone());
            }
            Ok(seen)
        })
    }

    fn snapshot(&mut self, _: &Target, instance: Option<&str>, volumes: &[VolumeRef], tags: &Tags) -> Called<()> {
        let object = instance.unwrap_or("a volume").to_owned();
        self.change("snapshot", &object, |world| {
            for volume in volumes {
                world.add_snap(Some(&volume.arn), volume.encrypted == Fact::Known(true), tags);
            }
            Ok((true, ()))
        })
    }

    fn copy_encrypted(&mut self, _: &Target, snapshot: &str, tags: &Tags) -> Called<()> {
        self.change("copy", snapshot, |world| {
            world.add_snap(None, true, tags);
            Ok((true, ()))
        })
    }

    fn start_backup(&mut self, _: &Target, order: &BackupOrder<'_>) -> Called<Text> {
        self.change("start-backup", order.resource, |world| {
            let fresh = !world.jobs.contains_key(order.token);
            world.jobs.entry(Text::from(order.token)).or_insert(3);
            Ok((fresh, Text::from(order.token)))
        })
    }

    fn backup_job(&mut self, _: &Target, job: &str) -> Called<Job> {
        self.call("backup-job", |world| {
            let left = world.jobs.get_mut(job).unwrap();
            let is_done = *left == 0;
            *left = left.saturating_sub(1);
            let made = is_done.then(|| Text::from(format!("point-of-{job}")));
            let state = Text::from(if is_done { "COMPLETED" } else { "RUNNING" });
            Ok(Job { state, message: None, made })
        })
    }

    fn versioning(&mut self, _: &Target, bucket: &str) -> Called<Versioning> {
        self.call("versioning", |world| Ok(world.bucket(bucket).versioning))
    }

    fn enable_versioning(&mut self, _: &Target, bucket: &str) -> Called<()> {
        self.change("enable-versioning", bucket, |world| {
            let was = std::mem::replace(&mut world.bucket(bucket).versioning, Versioning::Enabled);
            Ok((was != Versioning::Enabled, ()))
        })
    }

    fn bucket_encryption(&mut self, _: &Target, bucket: &str) -> Called<(Text, Option<Text>)> {
        self.call("encryption", |world| Ok(world.bucket(bucket).encryption.clone()))
    }

    fn encrypt_bucket(&mut self, _: &Target, bucket: &str, key: Option<&str>) -> Called<()> {
        self.change("encrypt-bucket", bucket, |world| {
            let now = (Text::from("aws:kms"), key.map(Text::from));
            let was = std::mem::replace(&mut world.bucket(bucket).encryption, now.clone());
            Ok((was != now, ()))
        })
    }

    fn lifecycle(&mut self, _: &Target, bucket: &str) -> Called<Vec<LifecycleRule>> {
        self.call("lifecycle", |world| Ok(world.bucket(bucket).lifecycle.clone()))
    }

    fn keep_versions(&mut self, _: &Target, bucket: &str, days: u32) -> Called<()> {
        self.change("keep-versions", bucket, |world| {
            let mut changed = false;
            for own in world.bucket(bucket).lifecycle.iter_mut().filter_map(|rule| rule.noncurrent_days.as_mut()) {
                changed |= *own < days;
                *own = days.max(*own);
            }
            Ok((changed, ()))
        })
    }

    fn volumes_encrypted(&mut self, _: &Target) -> Called<bool> {
        self.call("volumes-encrypted", |world| Ok(world.volumes_encrypted))
    }

    fn encrypt_volumes(&mut self, at: &Target) -> Called<()> {
        let region = at.region.clone();
        self.change("encrypt-volumes", &region, |world| {
            Ok((!std::mem::replace(&mut world.volumes_encrypted, true), ()))
        })
    }
}

impl World {
    fn add_snap(&mut self, of: Option<&Text>, encrypted: bool, tags: &Tags) {
        let arn = Text::from(format!("arn:aws:ec2:eu-west-1::snapshot/snap-made-{}", self.snaps.len()));
        let made = Made {
            arn,
            of: of.cloned(),
            status: PointStatus::Creating,
            progress: Some("10 %".into()),
            encrypted,
            tags: tags.clone(),
        };
        self.snaps.push(Snap { made, late: 6, takes: 2 });
    }
}
