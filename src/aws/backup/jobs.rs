//! Jobs of the last 30 days: AWS Backup forgets older ones.

use aws_sdk_backup::Client;
use aws_sdk_backup::types::{self, BackupJobState, CopyJobState, RestoreJobStatus};
use aws_smithy_types::DateTime;
use chrono::TimeDelta;

use super::{PAGE, map};
use crate::aws::calls::{Call, LIST_BACKUP_JOBS, LIST_COPY_JOBS, LIST_RESTORE_JOBS};
use crate::aws::convert::{instant, maybe_instant, maybe_text, size};
use crate::aws::pages::Missing;
use crate::aws::place::Place;
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Validation};
use crate::model::recovery_point::CreatedBy;
use crate::model::text::Text;
use crate::sources::link::Copy;

/// What AWS Backup remembers.
const MEMORY: TimeDelta = TimeDelta::days(30);

/// The instant from which job records are complete.
fn since(place: &Place) -> (Instant, DateTime) {
    let since = place.captured_at - MEMORY;
    (since, DateTime::from_secs(since.timestamp()))
}

pub(super) async fn backups(place: &Place, client: &Client) {
    let (since, after) = since(place);
    place.complete_since(LIST_BACKUP_JOBS, since);
    let fetch = |token| async move {
        let request = client.list_backup_jobs().by_created_after(after);
        let page = request.max_results(PAGE).set_next_token(token).send().await?;
        Ok((page.backup_jobs.unwrap_or_default(), page.next_token))
    };
    let take = |job| {
        let job = backup(place, &job)?;
        place.add(|found| found.activities.push(job));
        Ok(())
    };
    let _ = place.walk(LIST_BACKUP_JOBS, None, fetch, take).await;
}

pub(super) async fn copies(place: &Place, client: &Client) {
    let (since, after) = since(place);
    place.complete_since(LIST_COPY_JOBS, since);
    let fetch = |token| async move {
        let request = client.list_copy_jobs().by_created_after(after);
        let page = request.max_results(PAGE).set_next_token(token).send().await?;
        Ok((page.copy_jobs.unwrap_or_default(), page.next_token))
    };
    let take = |job| {
        let (job, made) = copy(place, &job)?;
        place.add(|found| {
            found.activities.push(job);
            found.hints.copies.extend(made);
        });
        Ok(())
    };
    let _ = place.walk(LIST_COPY_JOBS, None, fetch, take).await;
}

pub(super) async fn restores(place: &Place, client: &Client) {
    let (since, after) = since(place);
    place.complete_since(LIST_RESTORE_JOBS, since);
    let fetch = |token| async move {
        let request = client.list_restore_jobs().by_created_after(after);
        let page = request.max_results(PAGE).set_next_token(token).send().await?;
        Ok((page.restore_jobs.unwrap_or_default(), page.next_token))
    };
    let take = |job| {
        let job = restore(place, &job)?;
        place.add(|found| found.activities.push(job));
        Ok(())
    };
    let _ = place.walk(LIST_RESTORE_JOBS, None, fetch, take).await;
}

/// "Completed with issues": the state says completed, the category says otherwise.
fn completed(category: Option<&str>) -> ActivityOutcome {
    match category {
        None | Some("" | "SUCCESS") => ActivityOutcome::Succeeded,
        Some(_) => ActivityOutcome::CompletedWithIssues,
    }
}

/// What the record says, with the category of the problem where it says nothing else.
fn message(text: Option<&str>, category: Option<&str>) -> Option<Text> {
    maybe_text(text).or_else(|| maybe_text(category.filter(|category| *category != "SUCCESS")))
}

fn activity(place: &Place, call: Call, id: Option<&str>, kind: ActivityKind) -> Result<Activity, Missing> {
    let id = id.ok_or(Missing("job id"))?;
    Ok(Activity {
        account: place.account.clone(),
        region: place.region.clone(),
        ..Activity::new(id, kind, &call.name(), ActivityOutcome::Running, place.captured_at)
    })
}

fn started(date: Option<&DateTime>) -> Result<Instant, Missing> {
    date.and_then(instant).ok_or(Missing("CreationDate"))
}

fn backup(place: &Place, job: &types::BackupJob) -> Result<Activity, Missing> {
    let outcome = match job.state().ok_or(Missing("State"))? {
        BackupJobState::Completed => completed(job.message_category()),
        BackupJobState::Created | BackupJobState::Pending | BackupJobState::Running | BackupJobState::Aborting => {
            ActivityOutcome::Running
        }
        BackupJobState::Aborted => ActivityOutcome::Aborted,
        BackupJobState::Expired => ActivityOutcome::Expired,
        BackupJobState::Failed => ActivityOutcome::Failed,
        BackupJobState::Partial => ActivityOutcome::Partial,
        other => ActivityOutcome::Other(Text::from(other.as_str())),
    };
    Ok(Activity {
        resource: maybe_text(job.resource_arn()),
        point: maybe_text(job.recovery_point_arn()),
        outcome,
        started_at: started(job.creation_date())?,
        completed_at: maybe_instant(job.completion_date()),
        size: size(job.backup_size_in_bytes()),
        message: message(job.status_message(), job.message_category()),
        operator: maybe_text(job.iam_role_arn()),
        created_by: job.created_by().and_then(map::created_by),
        ..activity(place, LIST_BACKUP_JOBS, job.backup_job_id(), ActivityKind::Backup)?
    })
}

fn copy(place: &Place, job: &types::CopyJob) -> Result<(Activity, Option<Copy>), Missing> {
    let outcome = match job.state().ok_or(Missing("State"))? {
        CopyJobState::Completed => completed(job.message_category()),
        CopyJobState::Created | CopyJobState::Running => ActivityOutcome::Running,
        CopyJobState::Failed => ActivityOutcome::Failed,
        CopyJobState::Partial => ActivityOutcome::Partial,
        other => ActivityOutcome::Other(Text::from(other.as_str())),
    };
    let destination = maybe_text(job.destination_recovery_point_arn());
    let source = maybe_text(job.source_recovery_point_arn());
    let made = source.zip(destination.clone()).map(|(source, destination)| Copy { source, destination });
    let activity = Activity {
        resource: maybe_text(job.resource_arn()),
        point: destination,
        outcome,
        started_at: started(job.creation_date())?,
        completed_at: maybe_instant(job.completion_date()),
        size: size(job.backup_size_in_bytes()),
        message: message(job.status_message(), job.message_category()),
        operator: maybe_text(job.iam_role_arn()),
        created_by: job.created_by().and_then(map::created_by),
        ..activity(place, LIST_COPY_JOBS, job.copy_job_id(), ActivityKind::Copy)?
    };
    Ok((activity, made))
}

fn restore(place: &Place, job: &types::RestoreJobsListMember) -> Result<Activity, Missing> {
    use types::RestoreValidationStatus as Theirs;
    let outcome = match job.status().ok_or(Missing("Status"))? {
        RestoreJobStatus::Completed => ActivityOutcome::Succeeded,
        RestoreJobStatus::Pending | RestoreJobStatus::Running => ActivityOutcome::Running,
        RestoreJobStatus::Aborted => ActivityOutcome::Aborted,
        RestoreJobStatus::Failed => ActivityOutcome::Failed,
        other => ActivityOutcome::Other(Text::from(other.as_str())),
    };
    let plan = job.created_by().and_then(|creator| maybe_text(creator.restore_testing_plan_arn()));
    let kind = if plan.is_some() { ActivityKind::RestoreTest } else { ActivityKind::Restore };
    let validation = match job.validation_status() {
        Some(Theirs::Successful) => Some(Validation::Successful),
        Some(Theirs::Failed) => Some(Validation::Failed),
        Some(Theirs::TimedOut) => Some(Validation::TimedOut),
        Some(Theirs::Validating) => Some(Validation::Validating),
        // A verdict that is not known proves nothing: as if nobody had reported.
        _ => None,
    };
    let said = [job.status_message(), job.validation_status_message(), job.deletion_status_message()];
    let said: Vec<&str> = said.into_iter().flatten().filter(|text| !text.is_empty()).collect();
    Ok(Activity {
        resource: maybe_text(job.source_resource_arn()),
        point: maybe_text(job.recovery_point_arn()),
        outcome,
        started_at: started(job.creation_date())?,
        completed_at: maybe_instant(job.completion_date()),
        size: size(job.backup_size_in_bytes()),
        message: maybe_text(Some(&said.join("; "))),
        operator: maybe_text(job.iam_role_arn()),
        created_by: plan.map(|plan| CreatedBy { plan, rule: None }),
        validation,
        cleanup: job.deletion_status().map(|status| Text::from(status.as_str().to_lowercase())),
        ..activity(place, LIST_RESTORE_JOBS, job.restore_job_id(), kind)?
    })
}

#[cfg(test)]
mod tests;
