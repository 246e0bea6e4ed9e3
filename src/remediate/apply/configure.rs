//! Changing a setting: what it was planned on must still hold, and what was set must be seen.

use super::{Ending, Stop, Work, failed, not_of_this_kind, refused};
use crate::model::arn::short;
use crate::model::plan::{Action, Guard, PointFacts};
use crate::model::resource::{LifecycleRule, Versioning};
use crate::model::text::Text;

pub(super) fn run(work: &mut Work<'_, '_>) -> Result<Ending, Stop> {
    let bucket = short(&work.item.resource).to_owned();
    match work.item.action.clone() {
        Action::EnableVersioning { was } => versioning(work, &bucket, was),
        Action::EncryptBucket { was, kms_key } => encryption(work, &bucket, &was, kms_key.as_deref()),
        Action::EncryptVolumesByDefault => volumes(work),
        Action::KeepVersions { was, days } => versions(work, &bucket, &was, days),
        Action::KeepPoint { point, delete_after_days } => point_lifecycle(work, &point, delete_after_days),
        _ => Err(not_of_this_kind()),
    }
}

/// It is as it should be, which a dry run does not claim to have brought about.
fn done(work: &Work<'_, '_>, what: impl Into<Text>) -> Result<Ending, Stop> {
    work.for_real()?;
    Ok(Ending::Done { what: what.into(), made: Vec::new() })
}

fn versioning(work: &mut Work<'_, '_>, bucket: &str, was: Versioning) -> Result<Ending, Stop> {
    let now = work.run.executor.versioning(&work.at, bucket)?;
    if now == Versioning::Enabled {
        return done(work, "versioning is on");
    }
    if now != was {
        return Err(refused(Guard::Moved, "versioning is not as it was when this was planned"));
    }
    work.change("enable-versioning", bucket, |()| None, |executor, at| executor.enable_versioning(at, bucket))?;
    match work.run.executor.versioning(&work.at, bucket)? {
        Versioning::Enabled => done(work, "versioning is on"),
        _ => Err(failed("versioning was switched on, and is not seen to be on")),
    }
}

fn encryption(work: &mut Work<'_, '_>, bucket: &str, was: &str, key: Option<&str>) -> Result<Ending, Stop> {
    let is_set = |(algorithm, found): &(Text, Option<Text>)| {
        algorithm.starts_with("aws:kms") && (key.is_none() || found.as_deref() == key)
    };
    let now = work.run.executor.bucket_encryption(&work.at, bucket)?;
    if is_set(&now) {
        return done(work, "new objects are encrypted under KMS");
    }
    if *now.0 != *was {
        return Err(refused(Guard::Moved, format!("its default encryption was `{was}` and is `{}`", now.0)));
    }
    work.change("encrypt-bucket", bucket, |()| None, |executor, at| executor.encrypt_bucket(at, bucket, key))?;
    match is_set(&work.run.executor.bucket_encryption(&work.at, bucket)?) {
        true => done(work, "new objects are encrypted under KMS"),
        false => Err(failed("default encryption was set, and is not seen")),
    }
}

fn volumes(work: &mut Work<'_, '_>) -> Result<Ending, Stop> {
    let region = work.at.region.clone();
    let is_on = work.run.executor.volumes_encrypted(&work.at)?;
    work.for_real()?;
    if !is_on {
        work.change("encrypt-volumes", &region, |()| None, |executor, at| executor.encrypt_volumes(at))?;
    }
    match work.run.executor.volumes_encrypted(&work.at)? {
        true => done(work, "new volumes are encrypted by default"),
        false => Err(failed("the default was set, and is not seen")),
    }
}

fn versions(work: &mut Work<'_, '_>, bucket: &str, was: &[LifecycleRule], days: u32) -> Result<Ending, Stop> {
    let is_short = |rule: &LifecycleRule| rule.noncurrent_days.is_some_and(|own| own < days);
    let now = work.run.executor.lifecycle(&work.at, bucket)?;
    if !now.iter().any(is_short) {
        return done(work, format!("previous versions stay for {days} days"));
    }
    if now != was {
        return Err(refused(Guard::Moved, "its lifecycle rules are not as they were when this was planned"));
    }
    work.change("keep-versions", bucket, |()| None, |executor, at| executor.keep_versions(at, bucket, days))?;
    let now = work.run.executor.lifecycle(&work.at, bucket)?;
    match now.len() == was.len() && !now.iter().any(is_short) {
        true => done(work, format!("previous versions stay for {days} days")),
        false => Err(failed("the lifecycle was set, and is not seen to be as it should")),
    }
}

fn point_lifecycle(work: &mut Work<'_, '_>, planned: &PointFacts, days: u32) -> Result<Ending, Stop> {
    let Some(now) = work.run.executor.point(&work.at, planned)? else {
        return Err(refused(Guard::Moved, "it is gone"));
    };
    // Nothing is ever shortened: absent means for ever.
    if now.delete_after_days.is_none_or(|own| own >= days) {
        return done(work, "it is kept for long enough");
    }
    let moved = planned.moved(&now);
    if !moved.is_empty() {
        return Err(refused(Guard::Moved, moved.join("; ")));
    }
    let arn = planned.arn.clone();
    work.change("keep-point", &arn, |()| None, |executor, at| executor.keep_point(at, &now, days))?;
    let seen = work.run.executor.point(&work.at, planned)?;
    match seen.is_some_and(|point| point.delete_after_days == Some(days)) {
        true => done(work, format!("it is kept for {days} days")),
        false => Err(failed("its lifecycle was set, and is not seen")),
    }
}
