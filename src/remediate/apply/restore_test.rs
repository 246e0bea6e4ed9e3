//! Restore tests: what is stored is read back, and what that proves is recorded.

mod backup_job;
mod blocks;
mod made;
mod versions;
mod volume;

use super::{Ending, Stop, Work, not_of_this_kind, refused};
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Depth, EvidenceFile, Items, Validation};
use crate::model::plan::{Action, Guard, Level, PointFacts};
use crate::model::recovery_point::PointStatus;
use crate::model::text::Text;

/// What a test looked at, for its record.
#[derive(Debug, Default)]
pub(super) struct Test {
    /// How deeply it looked.
    pub(super) depth: Option<Depth>,
    /// The bytes that were read.
    pub(super) bytes: Option<u64>,
    /// The blocks or versions.
    pub(super) items: Items,
    /// Whether it proves only a part.
    pub(super) partial: bool,
    /// Whether the data was looked at, and what came of it.
    pub(super) validation: Option<Validation>,
    /// How it was compared.
    pub(super) compared_by: Option<&'static str>,
    /// Whether what was restored is gone again.
    pub(super) cleanup: Option<Text>,
    /// What is wrong.
    pub(super) errors: Vec<Text>,
    /// What is kept of it.
    pub(super) evidence: Vec<EvidenceFile>,
}

pub(super) fn run(work: &mut Work<'_, '_>) -> Result<Ending, Stop> {
    let Action::RestoreTest { level, point, how } = &work.item.action else { return Err(not_of_this_kind()) };
    let (level, how) = (*level, how.clone());
    let Some(point) = point.clone() else {
        return match level {
            Level::S3Version => versions::run(work, &how),
            _ => Err(not_of_this_kind()),
        };
    };
    still_there(work, &point)?;
    match level {
        Level::Read | Level::Filesystem => blocks::run(work, level, &point, &how),
        Level::Volume => volume::run(work, &point, &how),
        Level::BackupJob => backup_job::run(work, &point, &how),
        Level::S3Version => Err(not_of_this_kind()),
    }
}

/// The point that was planned for can still be read.
fn still_there(work: &mut Work<'_, '_>, planned: &PointFacts) -> Result<(), Stop> {
    let Some(now) = work.run.executor.point(&work.at, planned)? else {
        return Err(refused(Guard::Moved, "it is gone: make a new plan"));
    };
    if now.status != PointStatus::Completed {
        return Err(refused(Guard::Moved, format!("its status is now `{}`", now.status.id())));
    }
    if now.archived {
        return Err(refused(Guard::Moved, "it lies in the archive tier now, and cannot be read there"));
    }
    Ok(())
}

/// Tell in the record of a test what it looked at.
pub(super) fn describe(work: &Work<'_, '_>, activity: &mut Activity) {
    let Action::RestoreTest { level, point, .. } = &work.item.action else { return };
    // Reading shows that the bytes are there, not that they can be restored.
    activity.kind = if *level == Level::Read { ActivityKind::Verification } else { ActivityKind::RestoreTest };
    activity.point = point.as_ref().map(|point| point.arn.clone());
    let test = work.test.as_ref();
    activity.size = test.and_then(|test| test.bytes);
    activity.cleanup = test.and_then(|test| test.cleanup.clone());
    activity.validation = test.and_then(|test| test.validation).filter(|_| *level != Level::Read);
    if test.is_some_and(|test| test.partial) && activity.outcome == ActivityOutcome::Failed {
        activity.outcome = ActivityOutcome::Partial;
    }
    let (environment, team) = (work.run.environment.clone(), work.run.team.clone());
    let application = work.item.application.clone();
    let tested = activity.point.as_ref().unwrap_or(&work.item.resource).clone();
    let detail = activity.detail_mut();
    detail.application = application;
    detail.method = Some(Text::from(format!("restore-test:{}", level.id())));
    detail.of = Some(tested);
    detail.environment = environment;
    detail.team = team;
    detail.reason = Some(Text::from(format!("plan {}", work.plan.id)));
    if let Some(test) = test {
        detail.depth = test.depth;
        detail.items = Some(test.items);
        detail.compared_by = test.compared_by.map(Text::from);
        detail.errors.clone_from(&test.errors);
        detail.evidence.clone_from(&test.evidence);
    }
}
