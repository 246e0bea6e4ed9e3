//! `backup-job`: AWS Backup restores a copy as a new resource, which is looked at where somebody can, and removed again.
//!
//! What it makes gets the name that is ordered, and nothing is removed that has another: a mistake here would delete
//! the original.

use super::super::snapshot::{BETWEEN, Patience, ended_well};
use super::super::{Ending, Stop, Work, failed};
use super::Test;
use super::made::{Looked, conclude, id, tags};
use super::volume::{look, test_instance};
use crate::model::activity::Depth;
use crate::model::arn::kind;
use crate::model::kind::Kind;
use crate::model::plan::{PointFacts, TestHow};
use crate::model::text::Text;
use crate::remediate::port::{NAME_PREFIX, RESTORABLE, RestoreOrder, TestInstance};

/// How often it is looked whether a job has ended: half a day.
const PATIENCE: Patience = Patience { looks: 2_880, spoken: "half a day" };

pub(super) fn run(work: &mut Work<'_, '_>, point: &PointFacts, how: &TestHow) -> Result<Ending, Stop> {
    // Before anything is made that nobody here could remove.
    let Some(ordered) = kind(&work.item.resource).filter(|kind| RESTORABLE.contains(kind)) else {
        return Err(failed("nothing of this kind is restored for a test: it could not be removed again"));
    };
    let Some(role) = how.role.clone() else {
        return Err(failed("no role is known with which AWS Backup may restore: plan with `--restore-role`"));
    };
    let instance = if ordered == Kind::EbsVolume { test_instance(work, how)? } else { None };
    work.for_real()?;
    let mark = work.mark();
    let name = format!("{NAME_PREFIX}{}", id(&mark));
    let order = RestoreOrder {
        kind: ordered,
        name: &name,
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
    let made = restored(work, &job).and_then(|made| {
        // From here on something is there that must go.
        test.cleanup = Some("failed".into());
        ours(work, made, ordered, &name)
    });
    let made = match made {
        Ok(made) => made,
        Err(stop) => {
            work.test = Some(test);
            return Err(stop);
        }
    };
    let looked = examine(work, &made, &job, instance.as_ref());
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
    conclude(work, &made, looked, test)
}

/// What a restore job made.
fn restored(work: &mut Work<'_, '_>, job: &Text) -> Result<Text, Stop> {
    let made = ended_well(work, "", job, &PATIENCE, |executor, at| executor.restore_job(at, job))?;
    made.ok_or_else(|| failed(format!("job {job} is complete, and made nothing")))
}

/// It is what was ordered and nothing else.
fn ours(work: &mut Work<'_, '_>, made: Text, ordered: Kind, name: &str) -> Result<Text, Stop> {
    if made == work.item.resource || kind(&made) != Some(ordered) {
        return Err(foreign(&made));
    }
    // It may not be in the lists yet; but what an earlier run removed does not come back.
    for _ in 0..8 {
        match work.run.executor.temporary_state(&work.at, &made)? {
            Some(now) if ordered != Kind::EbsVolume && now.name.as_deref() != Some(name) => return Err(foreign(&made)),
            Some(_) => return Ok(made),
            None if work.past.tried("remove") => break,
            None => work.run.executor.pause(BETWEEN),
        }
    }
    Err(failed(format!("{made} was restored, and is gone before anybody could look")))
}

fn foreign(made: &str) -> Stop {
    failed(format!(
        "the job says that it made {made}, which is not what was ordered: look at it, and remove it by hand"
    ))
}

/// Mark it, and let the test instance or the caller's program look at it.
fn examine(work: &mut Work<'_, '_>, made: &Text, job: &str, on: Option<&TestInstance>) -> Result<Looked, Stop> {
    // AWS Backup sets no tags of ours: from now on `sweep` finds volumes too.
    let tags = tags(work);
    work.change("tag-restored", made, |()| None, |executor, at| executor.tag_temporary(at, made, &tags))?;
    if let Some(instance) = on {
        return look(work, made, instance);
    }
    let source = work.item.resource.clone();
    Ok(match work.run.bench.validate(made, &source) {
        Some(seen) => Looked { good: seen.good, sentence: seen.sentence.to_string() },
        None => {
            let sentence = format!(
                "job {job} restored it; nobody looked at the data (`apply --validator`, for volumes `--test-instance`)"
            );
            Looked { good: None, sentence }
        }
    })
}
