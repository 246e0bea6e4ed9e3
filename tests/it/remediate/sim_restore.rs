//! The part of the estate in memory that restore tests use.

use lastgood::model::Instant;
use lastgood::model::plan::{Sample, Target};
use lastgood::model::resource::Tags;
use lastgood::model::text::Text;
use lastgood::remediate::port::{
    Block, Blocks, BlocksRead, CallErrorKind, Called, EXPIRY_TAG, Inspection, Job, PURPOSE_TAG, RestoreOrder, Restorer,
    Temporary, TestInstance, VersionsRead, VolumeOrder,
};

use super::sim::{Sim, World, error};

impl World {
    fn volume(&mut self, arn: &str) -> Called<&mut Temporary> {
        let known = self.volumes.iter_mut().find(|volume| *volume.arn == *arn);
        known.ok_or_else(|| error(CallErrorKind::NotFound, "volume", "InvalidVolume.NotFound"))
    }

    /// A volume of a token: the same token gives the same.
    fn made(&mut self, token: &str, tags: Option<&Tags>) -> (bool, Text) {
        if let Some(known) = self.tokens.get(token) {
            return (false, known.clone());
        }
        let arn = Text::from(format!("arn:aws:ec2:eu-west-1:111122223333:volume/vol-{}", self.tokens.len() + 1));
        self.tokens.insert(token.into(), arn.clone());
        let mut volume = Temporary {
            arn: arn.clone(),
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

    fn read_versions(&mut self, _: &Target, bucket: &str, _: Option<Sample>) -> Called<VersionsRead> {
        self.call("read-versions", |world| Ok(world.versions.get(bucket).cloned().unwrap_or_default()))
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
                item.is_none_or(|item| world.tokens.get(item) == Some(&volume.arn)) && volume.marked
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
        self.change("tag-volume", volume, |world| {
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
