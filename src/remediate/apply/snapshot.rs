//! Making snapshots and backups on demand: found again by their tags, waited for, and verified.

use super::{Ending, ITEM_TAG, Stop, Work, failed, not_of_this_kind, refused};
use crate::model::plan::{Action, Guard, Target, VolumeRef};
use crate::model::recovery_point::{PointKind, PointStatus};
use crate::model::resource::Tags;
use crate::model::span::Span;
use crate::model::text::Text;
use crate::remediate::port::{BackupOrder, Called, Executor, Job, Made};

/// How often and how long it is looked whether something is complete: a first snapshot may take a day.
const LOOKS: u32 = 5_760;
pub(super) const BETWEEN: Span = Span::seconds(15);

/// A call that was answered may not be seen in lists at once.
const LATE: u32 = 8;

/// The change that makes snapshots, as the journal calls it.
const SNAPSHOT: &str = "snapshot";

/// The change that makes an encrypted copy.
const COPY: &str = "copy-encrypted";

/// Says that a snapshot is the encrypted copy of another.
const COPY_TAG: &str = "lastgood:encrypted-copy-of";

/// Says that a verified encrypted copy exists: what carries it may be pruned.
const SUPERSEDED_TAG: &str = "lastgood:superseded-by";

pub(super) fn run(work: &mut Work<'_, '_>) -> Result<Ending, Stop> {
    match &work.item.action {
        Action::Snapshot { instance, volumes, encrypt } => {
            let (instance, volumes) = (instance.clone(), volumes.clone());
            snapshot(work, instance.as_deref(), &volumes, *encrypt)
        }
        Action::BackupJob { vault, role, delete_after_days } => {
            let (vault, role) = (vault.clone(), role.clone());
            backup(work, &vault, &role, *delete_after_days)
        }
        _ => Err(not_of_this_kind()),
    }
}

/// Tags of what the item makes: where it comes from, and for whom.
fn tags(work: &Work<'_, '_>) -> Tags {
    let rule = work.item.closes.first().map(|finding| finding.rule.clone()).unwrap_or_default();
    [
        (Text::from(ITEM_TAG), Text::from(work.mark())),
        (Text::from("lastgood:rule"), rule),
        (Text::from("lastgood:managed"), Text::from("true")),
    ]
    .into()
}

fn originals(made: &[Made]) -> impl Iterator<Item = &Made> {
    made.iter().filter(|made| !made.tags.contains_key(COPY_TAG))
}

fn snapshot(
    work: &mut Work<'_, '_>,
    instance: Option<&str>,
    volumes: &[VolumeRef],
    encrypt: bool,
) -> Result<Ending, Stop> {
    let mark = work.mark();
    let before = work.run.executor.made(&work.at, &mark)?;
    work.for_real()?;
    // An earlier run may have asked for it.
    let is_there = originals(&before).next().is_some() || (work.past.tried(SNAPSHOT) && seen_late(work, &mark)?);
    if !is_there {
        let tags = tags(work);
        let object = instance.unwrap_or(&work.item.resource).to_owned();
        work.change(SNAPSHOT, &object, |()| None, |executor, at| executor.snapshot(at, instance, volumes, &tags))?;
    }
    let made = complete(work, &mark, volumes.len(), |made| originals(made).cloned().collect())?;
    let all_of = |volume: &VolumeRef| made.iter().any(|made| made.of.as_ref() == Some(&volume.arn));
    // An instance may have lost or gained a volume since; then the set is not what was planned.
    if let Some(missing) = volumes.iter().find(|volume| !all_of(volume)) {
        return Err(failed(format!("there is no snapshot of {}, which was planned", missing.arn)));
    }
    let plain: Vec<&Made> = made.iter().filter(|made| !made.encrypted).collect();
    let mut arns: Vec<Text> = made.iter().map(|made| made.arn.clone()).collect();
    if encrypt && !plain.is_empty() {
        arns.extend(encrypted_copies(work, &mark, &plain)?);
        return Ok(Ending::Done { what: "complete, with encrypted copies".into(), made: arns });
    }
    let what = if plain.is_empty() { "complete" } else { "complete, and not encrypted" };
    Ok(Ending::Done { what: what.into(), made: arns })
}

/// An earlier run asked for it; the list may have been late.
fn seen_late(work: &mut Work<'_, '_>, mark: &str) -> Result<bool, Stop> {
    for _ in 0..LATE {
        if !work.run.executor.made(&work.at, mark)?.is_empty() {
            return Ok(true);
        }
        work.run.executor.pause(BETWEEN);
    }
    Ok(false)
}

/// Wait until so many are there, and all of them are complete.
fn complete(
    work: &mut Work<'_, '_>,
    mark: &str,
    wanted: usize,
    choose: impl Fn(&[Made]) -> Vec<Made>,
) -> Result<Vec<Made>, Stop> {
    let mut said = String::new();
    for look in 0..LOOKS {
        let made = choose(&work.run.executor.made(&work.at, mark)?);
        if let Some(broken) =
            made.iter().find(|made| !matches!(made.status, PointStatus::Completed | PointStatus::Creating))
        {
            return Err(failed(format!("{} is `{}`", broken.arn, broken.status.id())));
        }
        if made.len() >= wanted && made.iter().all(|made| made.status == PointStatus::Completed) {
            return Ok(made);
        }
        if made.len() < wanted && look >= LATE {
            return Err(failed(format!("{} of {wanted} are seen", made.len())));
        }
        let progress: Vec<&str> = made.iter().filter_map(|made| made.progress.as_deref()).collect();
        let progress = progress.join(", ");
        if progress != said {
            work.says(&format!("is being made: {progress}"));
            said = progress;
        }
        work.run.executor.pause(BETWEEN);
    }
    Err(failed("it is not complete after a day"))
}

/// Encrypted copies of what is not encrypted; each original is marked once its copy is seen to be good.
fn encrypted_copies(work: &mut Work<'_, '_>, mark: &str, plain: &[&Made]) -> Result<Vec<Text>, Stop> {
    let copy_of = |made: &[Made], original: &str| -> Vec<Made> {
        made.iter().filter(|made| made.tags.get(COPY_TAG).is_some_and(|of| *of == *original)).cloned().collect()
    };
    let mut arns = Vec::new();
    for original in plain {
        let mut known = copy_of(&work.run.executor.made(&work.at, mark)?, &original.arn);
        // An earlier run may have asked for it, and the list be late: a second copy would cost as much again.
        for _ in 0..LATE {
            if !known.is_empty() || !work.past.tried(COPY) {
                break;
            }
            work.run.executor.pause(BETWEEN);
            known = copy_of(&work.run.executor.made(&work.at, mark)?, &original.arn);
        }
        if known.is_empty() {
            let mut tags = tags(work);
            tags.insert(Text::from(COPY_TAG), original.arn.clone());
            let arn = original.arn.clone();
            work.change(COPY, &arn, |()| None, |executor, at| executor.copy_encrypted(at, &arn, &tags))?;
        }
        let copies = complete(work, mark, 1, |made| copy_of(made, &original.arn))?;
        let Some(copy) = copies.first().filter(|copy| copy.encrypted) else {
            return Err(failed(format!("the copy of {} is not encrypted", original.arn)));
        };
        if !original.tags.contains_key(SUPERSEDED_TAG) {
            let tags: Tags = [(Text::from(SUPERSEDED_TAG), copy.arn.clone())].into();
            let arn = original.arn.clone();
            work.change(
                "tag",
                &arn,
                |()| None,
                |executor, at| executor.tag_point(at, &arn, PointKind::EbsSnapshot, &tags),
            )?;
        }
        arns.push(copy.arn.clone());
    }
    Ok(arns)
}

fn backup(work: &mut Work<'_, '_>, vault: &str, role: &str, days: u32) -> Result<Ending, Stop> {
    work.for_real()?;
    // The same token gives the same job: asking again after a crash starts no second one.
    let (tags, token, resource) = (tags(work), work.mark(), work.item.resource.clone());
    let order = BackupOrder { resource: &resource, vault, role, delete_after_days: days, token: &token, tags: &tags };
    let known = work.past.made.first().cloned();
    let job = match known {
        Some(job) => job,
        None => work.change(
            "start-backup",
            &resource,
            |job: &Text| Some(job.clone()),
            |executor, at| executor.start_backup(at, &order),
        )?,
    };
    let patience = Patience { looks: LOOKS, spoken: "a day" };
    let made = ended_well(work, "backup ", &job, &patience, |executor, at| executor.backup_job(at, &job))?;
    let made = made.ok_or_else(|| failed("the job is complete, and made nothing"))?;
    Ok(Ending::Done { what: format!("backup job {job} is complete").into(), made: vec![made] })
}

/// How often it is looked whether a job has ended, and how long that is in words.
pub(super) struct Patience {
    pub(super) looks: u32,
    pub(super) spoken: &'static str,
}

/// Wait until a job of AWS Backup has ended well; what it made, if it says so.
pub(super) fn ended_well(
    work: &mut Work<'_, '_>,
    sort: &str,
    job: &Text,
    patience: &Patience,
    ask: impl Fn(&mut dyn Executor, &Target) -> Called<Job>,
) -> Result<Option<Text>, Stop> {
    let mut said = Text::default();
    for _ in 0..patience.looks {
        let now = ask(work.run.executor, &work.at)?;
        let message = now.message.as_deref().unwrap_or("no reason is given");
        match now.state.as_str() {
            "COMPLETED" => return Ok(now.made),
            "FAILED" | "ABORTED" | "EXPIRED" | "PARTIAL" => {
                return Err(failed(format!("{sort}job {job} ended as {}: {message}", now.state)));
            }
            _ => {}
        }
        if now.state != said {
            work.says(&format!("job {job} is {}", now.state));
            said = now.state;
        }
        work.run.executor.pause(BETWEEN);
    }
    Err(refused(Guard::Waiting, format!("{sort}job {job} is not complete after {}", patience.spoken)))
}
