//! The part of the estate in memory that restore tests use.

use lastgood::model::Instant;
use lastgood::model::arn;
use lastgood::model::kind::Kind;
use lastgood::model::plan::{BucketPrefix, Sample, Target};
use lastgood::model::resource::Tags;
use lastgood::model::text::Text;
use lastgood::remediate::port::{
    Block, Blocks, BlocksRead, CallErrorKind, Called, EXPIRY_TAG, Inspection, Job, PURPOSE_TAG, RestoreOrder,
    RestoreTo, RestoredVersion, Restorer, Temporary, TestInstance, VersionsRead, VolumeOrder,
};

use super::sim::{Sim, World, error};

impl World {
    fn volume(&mut self, arn: &str) -> Called<&mut Temporary> {
        let known = self.volumes.iter_mut().find(|volume| *volume.arn == *arn);
        known.ok_or_else(|| error(CallErrorKind::NotFound, "volume", "InvalidVolume.NotFound"))
    }

    /// A volume, or what else is ordered, of a token: the same token gives the same.
    fn made(&mut self, token: &str, tags: Option<&Tags>) -> (bool, Text) {
        if let Some(known) = self.tokens.get(token) {
            return (false, known.clone());
        }
        let named = self.ordered.get(token).cloned();
        let arn = match &named {
            Some((kind, name)) => managed(*kind, name),
            None => Text::from(format!("arn:aws:ec2:eu-west-1:111122223333:volume/vol-{}", self.tokens.len() + 1)),
        };
        let arn = self.made_instead.clone().unwrap_or(arn);
        self.tokens.insert(token.into(), arn.clone());
        let mut volume = Temporary {
            arn: arn.clone(),
            name: named.map(|(_, name)| name),
            state: "available".into(),
            attached_to: self.grabbed_by.clone(),
            attached: self.grabbed_by.is_some(),
            marked: false,
            expires_at: None,
        };
        tags.into_iter().for_each(|tags| mark(&mut volume, tags));
        self.volumes.push(volume);
        (true, arn)
    }
}

/// The ARN of something that is no volume.
pub(super) fn managed(kind: Kind, name: &str) -> Text {
    let resource = match kind {
        Kind::RdsInstance => "rds:eu-west-1:111122223333:db:",
        Kind::RdsCluster => "rds:eu-west-1:111122223333:cluster:",
        Kind::DynamodbTable => "dynamodb:eu-west-1:111122223333:table/",
        _ => "elasticfilesystem:eu-west-1:111122223333:file-system/fs-",
    };
    format!("arn:aws:{resource}{name}").into()
}

fn mark(volume: &mut Temporary, tags: &Tags) {
    volume.marked = tags.contains_key(PURPOSE_TAG);
    volume.expires_at = tags.get(EXPIRY_TAG).map(|text| text.parse::<Instant>().unwrap());
}

impl Restorer for Sim {
    fn read_blocks(
        &mut self,
        _: &Target,
        snapshot: &str,
        _: Option<Sample>,
        to: &mut dyn Blocks,
    ) -> Called<BlocksRead> {
        self.call("read-blocks", |world| {
            let read = world.blocks.get(snapshot).cloned().unwrap_or_default();
            to.begin(1 << 30).unwrap();
            for index in 0..read.read {
                to.block(&Block { index, block_size: 8, bytes: b"8 bytes.", sha256: [1; 32] }).unwrap();
            }
            Ok(read)
        })
    }

    fn read_versions(
        &mut self,
        _: &Target,
        bucket: &str,
        _: Option<Sample>,
        to: Option<&RestoreTo<'_>>,
    ) -> Called<VersionsRead> {
        let Some(to) = to else {
            return self.call("read-versions", |world| Ok(world.versions.get(bucket).cloned().unwrap_or_default()));
        };
        let now = self.world.now;
        self.change("restore-versions", &to.place.to_string(), |world| {
            let read = world.versions.get(bucket).cloned().unwrap_or_default();
            for number in 0..read.read {
                let key = Text::from(format!("lastgood-test/{}/{number}", to.item));
                let version = Text::from(format!("v{}", world.restored.len()));
                world.restored.push(RestoredVersion { key, version, written_at: now });
            }
            Ok((true, read))
        })
    }

    fn restored_versions(&mut self, _: &Target, _: &BucketPrefix, item: Option<&str>) -> Called<Vec<RestoredVersion>> {
        self.call("restored-versions", |world| {
            let of = |one: &&RestoredVersion| item.is_none_or(|item| one.key.contains(item));
            Ok(world.restored.iter().filter(of).cloned().collect())
        })
    }

    fn remove_versions(&mut self, _: &Target, place: &BucketPrefix, these: &[RestoredVersion]) -> Called<()> {
        self.change("remove-versions", &place.to_string(), |world| {
            if !world.stuck {
                world.restored.retain(|one| !these.contains(one));
            }
            Ok((true, ()))
        })
    }

    fn restored(&mut self, _: &Target, kind: Kind) -> Called<Vec<Temporary>> {
        self.call("restored", |world| {
            let of = |one: &&Temporary| one.name.is_some() && arn::kind(&one.arn) == Some(kind);
            Ok(world.volumes.iter().filter(of).cloned().collect())
        })
    }

    fn test_instance(&mut self, _: &Target, _: &str) -> Called<Option<TestInstance>> {
        self.call("test-instance", |world| Ok(world.instance.clone()))
    }

    fn make_volume(&mut self, _: &Target, order: &VolumeOrder<'_>) -> Called<Text> {
        self.change("make-volume", order.snapshot, |world| Ok(world.made(order.token, Some(order.tags))))
    }

    fn temporary(&mut self, _: &Target, item: Option<&str>) -> Called<Vec<Temporary>> {
        self.call("temporary", |world| {
            let of = |volume: &&Temporary| {
                item.is_none_or(|item| world.tokens.get(item) == Some(&volume.arn))
                    && volume.marked
                    && volume.name.is_none()
            };
            Ok(world.volumes.iter().filter(of).cloned().collect())
        })
    }

    fn temporary_state(&mut self, _: &Target, volume: &str) -> Called<Option<Temporary>> {
        self.call("temporary-state", |world| {
            let now = world.volume(volume).ok().cloned();
            Ok(now.map(|now| Temporary { marked: now.marked && !world.loses_marks, ..now }))
        })
    }

    fn tag_temporary(&mut self, _: &Target, volume: &str, tags: &Tags) -> Called<()> {
        self.change("tag-restored", volume, |world| {
            let known = world.volume(volume)?;
            let fresh = !known.marked;
            mark(known, tags);
            Ok((fresh, ()))
        })
    }

    fn attach(&mut self, _: &Target, volume: &str, instance: &str, _: &str) -> Called<()> {
        self.change("attach", volume, |world| {
            let known = world.volume(volume)?;
            if known.attached {
                return Err(error(CallErrorKind::Protected, "attach", "VolumeInUse"));
            }
            (known.attached_to, known.attached) = (Some(instance.into()), true);
            Ok((true, ()))
        })
    }

    fn detach(&mut self, _: &Target, volume: &str) -> Called<()> {
        self.change("detach", volume, |world| {
            let known = world.volume(volume)?;
            (known.attached_to, known.attached) = (None, false);
            Ok((true, ()))
        })
    }

    fn remove(&mut self, _: &Target, volume: &str) -> Called<()> {
        self.change("remove", volume, |world| {
            if world.volume(volume)?.attached_to.is_some() {
                return Err(error(CallErrorKind::Protected, "remove", "VolumeInUse"));
            }
            if !world.stuck {
                world.volumes.retain(|known| *known.arn != *volume);
            }
            Ok((true, ()))
        })
    }

    fn inspect(&mut self, _: &Target, instance: &str, script: &str) -> Called<Text> {
        assert!(script.contains("LASTGOOD_VOLUME=vol1"), "{script}");
        self.change("look", instance, |_| Ok((true, "command-1".into())))
    }

    fn inspection(&mut self, _: &Target, _: &str, _: &str) -> Called<Inspection> {
        self.call("inspection", |world| {
            let (output, good) = world.says.clone();
            let state = if good { "Success" } else { "Failed" };
            Ok(Inspection { ended: true, good, state: state.into(), output: output.into() })
        })
    }

    fn start_restore(&mut self, _: &Target, order: &RestoreOrder<'_>) -> Called<Text> {
        self.change("start-restore", order.point, |world| {
            let job = Text::from(format!("job-{}", order.token));
            let fresh = !world.restores.contains_key(&job);
            if order.kind != Kind::EbsVolume {
                world.ordered.insert(job.clone(), (order.kind, order.name.into()));
            }
            world.restores.entry(job.clone()).or_insert(2);
            Ok((fresh, job))
        })
    }

    fn restore_job(&mut self, _: &Target, job: &str) -> Called<Job> {
        self.call("restore-job", |world| {
            let left = world.restores.get_mut(job).unwrap();
            if *left > 0 {
                *left -= 1;
                return Ok(Job { state: "RUNNING".into(), message: None, made: None });
            }
            let (_, made) = world.made(job, None);
            Ok(Job { state: "COMPLETED".into(), message: None, made: Some(made) })
        })
    }

    fn report_restore(&mut self, _: &Target, job: &str, good: bool, _: &str) -> Called<()> {
        self.change("report", &format!("{job} {good}"), |_| Ok((true, ())))
    }
}
