//! `volume` and `backup-job`: a volume is made of the copy, looked at on the test instance, and removed again.
//!
//! Whatever goes wrong, what was made is removed, and seen to be gone. What a killed run left is found again by its tag
//! or its job, or by `lastgood sweep` once it has expired.

use super::super::snapshot::{BETWEEN, Patience, ended_well};
use super::super::{Ending, Stop, Work, failed, refused};
use super::Test;
use crate::model::activity::{Depth, Items, Validation};
use crate::model::arn::short;
use crate::model::plan::{Guard, PointFacts, TestHow};
use crate::model::resource::Tags;
use crate::model::span::Span;
use crate::model::text::Text;
use crate::remediate::apply::ITEM_TAG;
use crate::remediate::port::{
    EXPIRY_TAG, Inspection, PURPOSE, PURPOSE_TAG, RestoreOrder, Temporary, TestInstance, VolumeOrder,
};
use crate::remediate::sweep::reached;

/// How long something made for a test may live.
const LIFE: Span = Span::hours(12);

/// How often and how long it is looked whether something has happened: half a day for what reads a large volume.
const LOOKS: u32 = 2_880;

/// The device under which a volume is attached; Nitro instances name it otherwise, and are asked by the volume's id.
const DEVICE: &str = "/dev/sdx";

/// What is run on the test instance.
const LOOK: &str = include_str!("look.sh");

pub(super) fn of_snapshot(work: &mut Work<'_, '_>, point: &PointFacts, how: &TestHow) -> Result<Ending, Stop> {
    let instance = test_instance(work, how)?.ok_or_else(no_instance)?;
    let (mark, tags) = (work.mark(), tags(work));
    let known = temporary(work, &mark)?;
    work.for_real()?;
    let volume = match known.into_iter().next() {
        Some(known) => known.arn,
        None => {
            let order = VolumeOrder { snapshot: &point.arn, zone: &instance.zone, token: &mark, tags: &tags };
            let made = |arn: &Text| Some(arn.clone());
            work.change("make-volume", &point.arn, made, |executor, at| executor.make_volume(at, &order))?
        }
    };
    let looked = look(work, &volume, &instance);
    let test = Test { depth: Some(Depth::Restored), bytes: point.size, ..Test::default() };
    conclude(work, &volume, looked, test)
}

pub(super) fn by_backup(work: &mut Work<'_, '_>, point: &PointFacts, how: &TestHow) -> Result<Ending, Stop> {
    // Before anything is made that nobody here could remove.
    if !short(&work.item.resource).starts_with("vol-") {
        return Err(failed("only volumes are restored for a test: nothing else could be removed again"));
    }
    let Some(role) = how.role.clone() else {
        return Err(failed("no role is known with which AWS Backup may restore: plan with `--restore-role`"));
    };
    let instance = test_instance(work, how)?;
    work.for_real()?;
    let mark = work.mark();
    let order = RestoreOrder {
        point: &point.arn,
        vault: point.vault.as_deref().unwrap_or_default(),
        role: &role,
        zone: instance.as_ref().map(|instance| instance.zone.as_str()),
        token: &mark,
    };
    // The same token gives the same job: asking again after a crash starts no second one.
    let known = work.past.made.first().cloned();
    let job = match known {
        Some(job) => job,
        None => work.change(
            "start-restore",
            &point.arn,
            |job: &Text| Some(job.clone()),
            |executor, at| executor.start_restore(at, &order),
        )?,
    };
    let mut test = Test { depth: Some(Depth::Restored), bytes: point.size, ..Test::default() };
    let volume = match restored(work, &job) {
        Ok(volume) => volume,
        Err(stop) => {
            work.test = Some(test);
            return Err(stop);
        }
    };
    if !short(&volume).starts_with("vol-") {
        test.cleanup = Some("failed".into());
        work.test = Some(test);
        return Err(failed(format!("job {job} made {volume}, which this version does not remove: remove it by hand")));
    }
    // AWS Backup sets no tags of ours: from now on `sweep` finds it.
    let tags = tags(work);
    let looked = match work.change(
        "tag-volume",
        &volume,
        |()| None,
        |executor, at| executor.tag_temporary(at, &volume, &tags),
    ) {
        Ok(()) => match &instance {
            Some(instance) => look(work, &volume, instance),
            None => Ok(Looked {
                good: None,
                sentence: format!("job {job} restored it; nobody looked at the data (`--test-instance`)"),
            }),
        },
        Err(stop) => Err(stop),
    };
    if let Ok(Looked { good: Some(good), sentence }) = &looked {
        let (good, sentence) = (*good, sentence.clone());
        // AWS takes one result; that it has one already is no failure of the test.
        match work.change("report", &job, |()| None, |executor, at| executor.report_restore(at, &job, good, &sentence))
        {
            Err(Stop::Journal(error)) => return Err(Stop::Journal(error)),
            Err(_) => work.says("AWS Backup did not take the result"),
            Ok(()) => {}
        }
    }
    conclude(work, &volume, looked, test)
}

fn no_instance() -> Stop {
    failed("no test instance is known: plan with `--test-instance`")
}

/// What looking found.
struct Looked {
    /// Whether the data is as it should be; `None` where that is not known, or only of a part.
    good: Option<bool>,
    sentence: String,
}

/// Whatever came of looking, the volume goes, and is seen to be gone.
fn conclude(
    work: &mut Work<'_, '_>,
    volume: &Text,
    looked: Result<Looked, Stop>,
    mut test: Test,
) -> Result<Ending, Stop> {
    if let Err(Stop::Journal(error)) = looked {
        return Err(Stop::Journal(error));
    }
    let left = match remove(work, volume) {
        Ok(()) => None,
        Err(Stop::Journal(error)) => return Err(Stop::Journal(error)),
        Err(Stop::Ended(Ending::Failed { why } | Ending::Refused { why, .. })) => Some(why),
        Err(Stop::Ended(Ending::Done { .. }) | Stop::Would) => Some("it was not tried".into()),
    };
    test.cleanup = Some(if left.is_none() { "successful" } else { "failed" }.into());
    test.items = Items { total: Some(1), done: Some(u64::from(looked.is_ok())), ..Items::default() };
    let ending = match (looked, left) {
        (Err(stop), _) => Err(stop),
        (Ok(looked), Some(why)) => Err(failed(format!("{}; {volume} could not be removed: {why}", looked.sentence))),
        (Ok(Looked { good: Some(true), sentence }), None) => {
            test.validation = Some(Validation::Successful);
            Ok(Ending::Done { what: format!("{sentence}; the volume is gone again").into(), made: Vec::new() })
        }
        (Ok(Looked { good: Some(false), sentence }), None) => {
            test.validation = Some(Validation::Failed);
            test.errors.push(sentence.as_str().into());
            Err(failed(sentence))
        }
        (Ok(Looked { good: None, sentence }), None) => {
            test.partial = true;
            Err(failed(format!("it proves only a part: {sentence}")))
        }
    };
    work.test = Some(test);
    ending
}

/// The instance that was named for tests, if any. Nothing is attached to one that does not carry the mark of it.
fn test_instance(work: &mut Work<'_, '_>, how: &TestHow) -> Result<Option<TestInstance>, Stop> {
    let Some(id) = &how.instance else { return Ok(None) };
    let Some(instance) = work.run.executor.test_instance(&work.at, id)? else {
        return Err(refused(Guard::Moved, format!("the test instance {id} is not there")));
    };
    if instance.tags.get(PURPOSE_TAG).map(Text::as_str) != Some(PURPOSE) {
        let why = format!("{id} has no tag `{PURPOSE_TAG}` = `{PURPOSE}`, so it may be in production");
        return Err(refused(Guard::NotHandled, why));
    }
    if !instance.running {
        return Err(failed(format!("the test instance {id} is not running")));
    }
    Ok(Some(instance))
}

fn temporary(work: &mut Work<'_, '_>, mark: &str) -> Result<Vec<Temporary>, Stop> {
    let mut known = work.run.executor.temporary(&work.at, Some(mark))?;
    // What an earlier run asked for may not be in the list yet.
    for _ in 0..8 {
        if !known.is_empty() || !work.past.tried("make-volume") {
            break;
        }
        work.run.executor.pause(BETWEEN);
        known = work.run.executor.temporary(&work.at, Some(mark))?;
    }
    Ok(known)
}

/// Tags of what a test makes: whose it is, what for, and until when.
fn tags(work: &Work<'_, '_>) -> Tags {
    let expires = (work.run.now)() + LIFE.delta();
    [
        (Text::from(ITEM_TAG), Text::from(work.mark())),
        (Text::from(PURPOSE_TAG), Text::from(PURPOSE)),
        (Text::from(EXPIRY_TAG), Text::from(expires.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))),
    ]
    .into()
}

/// Attach it, look at it, detach it.
fn look(work: &mut Work<'_, '_>, volume: &Text, instance: &TestInstance) -> Result<Looked, Stop> {
    let now = wait(work, volume, "available", |state| state.state == "available" || state.attached_to.is_some())?;
    match now.attached_to {
        Some(on) if on != instance.id => {
            return Err(failed(format!("{volume} is attached to {on}, which nobody planned")));
        }
        Some(_) => {}
        None => {
            work.change("attach", volume, |()| None, |executor, at| executor.attach(at, volume, &instance.id, DEVICE))?
        }
    }
    wait(work, volume, "attached", |state| state.attached)?;
    let script = format!("LASTGOOD_VOLUME={}\nLASTGOOD_DEVICE={DEVICE}\n{LOOK}", short(volume).replace('-', ""));
    let command =
        work.change("look", volume, |_: &Text| None, |executor, at| executor.inspect(at, &instance.id, &script))?;
    let inspection = inspected(work, &instance.id, &command)?;
    Ok(judge(&inspection))
}

fn inspected(work: &mut Work<'_, '_>, instance: &Text, command: &Text) -> Result<Inspection, Stop> {
    for _ in 0..LOOKS {
        let inspection = work.run.executor.inspection(&work.at, instance, command)?;
        if inspection.ended {
            return Ok(inspection);
        }
        work.run.executor.pause(BETWEEN);
    }
    Err(failed(format!("command {command} has not ended after half a day")))
}

/// What the last line of the script says. Silence, and an end that is not the script's own, prove nothing.
fn judge(inspection: &Inspection) -> Looked {
    let said = inspection.output.lines().rev().find_map(|line| line.strip_prefix("lastgood-result: "));
    let (word, sentence) = said.and_then(|said| said.split_once(' ')).unwrap_or(("", ""));
    let good = match (inspection.good, word) {
        (true, "passed") => Some(true),
        (_, "failed") => Some(false),
        _ => None,
    };
    let sentence = match (sentence.is_empty(), inspection.good) {
        (false, _) => sentence.to_owned(),
        (true, true) => "the test instance did not say what it found".to_owned(),
        (true, false) => format!("the command on the test instance ended as {}", inspection.state),
    };
    Looked { good, sentence }
}

/// Detach it, delete it, and see that it is gone.
fn remove(work: &mut Work<'_, '_>, volume: &Text) -> Result<(), Stop> {
    let Some(now) = work.run.executor.temporary_state(&work.at, volume)? else { return Ok(()) };
    if now.attached_to.is_some() {
        work.change("detach", volume, |()| None, |executor, at| executor.detach(at, volume))?;
        wait(work, volume, "detached", |state| state.attached_to.is_none())?;
    }
    work.change("remove", volume, |()| None, |executor, at| executor.remove(at, volume))?;
    match reached(work.run.executor, &work.at, volume, |now| now.is_none())? {
        true => Ok(()),
        false => Err(failed("it is still there a quarter of an hour after its deletion")),
    }
}

fn wait(
    work: &mut Work<'_, '_>,
    volume: &Text,
    what: &str,
    is: impl Fn(&Temporary) -> bool,
) -> Result<Temporary, Stop> {
    let mut last = None;
    let seen = reached(work.run.executor, &work.at, volume, |now| {
        last = now.cloned();
        now.is_none_or(&is)
    })?;
    match last {
        None => Err(failed(format!("{volume} is gone"))),
        Some(now) if seen => Ok(now),
        Some(_) => Err(failed(format!("{volume} is not {what} after a quarter of an hour"))),
    }
}

/// The volume that a restore job made.
fn restored(work: &mut Work<'_, '_>, job: &Text) -> Result<Text, Stop> {
    let patience = Patience { looks: LOOKS, spoken: "half a day" };
    let made = ended_well(work, "", job, &patience, |executor, at| executor.restore_job(at, job))?;
    made.ok_or_else(|| failed(format!("job {job} is complete, and made nothing")))
}
