//! What becomes a record in the backup log, so that the next scan sees it as evidence.

use super::{Ending, Work, restore_test};
use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind, ActivityOutcome, Tool, Trigger};
use crate::model::log::{OWN_TOOL, SOURCE};
use crate::model::plan::{Action, Guard};
use crate::model::text::Text;

/// The record of an item that ended. Settings are no activity; neither is what a guard kept.
pub(super) fn of(work: &Work<'_, '_>, ending: &Ending) -> Option<Activity> {
    let kind = match &work.item.action {
        Action::Snapshot { .. } | Action::BackupJob { .. } => ActivityKind::Backup,
        Action::Prune { .. } if !work.only_marked => ActivityKind::Prune,
        Action::RestoreTest { .. } => ActivityKind::RestoreTest,
        _ => return None,
    };
    let (outcome, message, made) = match ending {
        Ending::Done { what, made } => (ActivityOutcome::Succeeded, what, made.first()),
        Ending::Failed { why } => (ActivityOutcome::Failed, why, None),
        Ending::Refused { guard: Guard::Waiting, why } => (ActivityOutcome::Running, why, None),
        Ending::Refused { .. } => return None,
    };
    // Whole seconds, as scans count: one that comes at once must not take it for a record of the future.
    let second = |at: Instant| chrono::SubsecRound::trunc_subsecs(at, 0);
    let now = second((work.run.now)());
    let id = format!("{}/{}", work.plan.id, work.item.id);
    let mut activity = Activity::new(id, kind, SOURCE, outcome, second(work.began));
    activity.account = work.item.account.clone();
    activity.region = work.item.region.clone();
    activity.resource = Some(work.item.resource.clone());
    activity.point = match &work.item.action {
        Action::Prune { point, .. } => Some(point.arn.clone()),
        _ => made.cloned(),
    };
    activity.completed_at = Some(now);
    activity.message = Some(Text::from(format!("{}: {message}", work.item.id)));
    activity.operator = Some(work.run.operator.clone());
    let detail = activity.detail_mut();
    detail.trigger = Some(Trigger::Manual);
    detail.tool = Some(Tool { name: OWN_TOOL.into(), version: Some(env!("CARGO_PKG_VERSION").into()) });
    restore_test::describe(work, &mut activity);
    Some(activity)
}
