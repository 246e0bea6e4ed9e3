//! `volume`: a volume is made of the copy, looked at on the test instance, and removed again.

use super::super::snapshot::BETWEEN;
use super::super::{Ending, Stop, Work, failed, refused};
use super::Test;
use super::made::{Looked, conclude, tags, wait};
use crate::model::activity::Depth;
use crate::model::arn::short;
use crate::model::plan::{Guard, PointFacts, TestHow};
use crate::model::text::Text;
use crate::remediate::port::{Inspection, PURPOSE, PURPOSE_TAG, Temporary, TestInstance, VolumeOrder};

/// How often it is looked whether a command has ended: half a day, for what reads a large volume.
const LOOKS: u32 = 2_880;

/// The device under which a volume is attached; Nitro instances name it otherwise, and are asked by the volume's id.
const DEVICE: &str = "/dev/sdx";

/// What is run on the test instance.
const LOOK: &str = include_str!("look.sh");

pub(super) fn run(work: &mut Work<'_, '_>, point: &PointFacts, how: &TestHow) -> Result<Ending, Stop> {
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

fn no_instance() -> Stop {
    failed("no test instance is known: plan with `--test-instance`")
}

/// The instance that was named for tests, if any. Nothing is attached to one that does not carry the mark of it.
pub(super) fn test_instance(work: &mut Work<'_, '_>, how: &TestHow) -> Result<Option<TestInstance>, Stop> {
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

/// Attach it, look at it, detach it.
pub(super) fn look(work: &mut Work<'_, '_>, volume: &Text, instance: &TestInstance) -> Result<Looked, Stop> {
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
