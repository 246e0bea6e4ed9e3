//! What AWS forgot is given back: activities of earlier runs join the inventory as evidence, marked as such.

use std::collections::HashSet;

use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind};
use crate::model::inventory::Inventory;
use crate::model::span::Span;
use crate::model::text::Text;

use super::store::{Forgotten, Store, StoreError};

/// What stands behind the source of an activity that only the history tells of.
pub const MARK: &str = " (history)";

/// How long AWS Backup remembers jobs (`ListBackupJobs`: "the last 30 days").
const MEMORY: Span = Span::days(30);

/// The lists of jobs that AWS Backup cuts off.
const JOBS: [&str; 3] = ["backup:ListBackupJobs", "backup:ListCopyJobs", "backup:ListRestoreJobs"];

/// Whether an activity came from the history.
pub fn is_marked(activity: &Activity) -> bool {
    activity.source.ends_with(MARK)
}

/// What makes two records the same activity: where it is recorded, and its id there.
pub(super) fn key(activity: &Activity) -> String {
    let Activity { source, account, region, id, .. } = activity;
    format!("{}|{account}|{region}|{id}", source.strip_suffix(MARK).unwrap_or(source))
}

/// Add to `inventory` every activity of the history that it does not hold itself and that began at or after
/// `since(kind)`. Nothing is doubled. Where runs without a hole read the jobs of a place, these are complete from the
/// first of them on, and the inventory says so.
///
/// # Errors
/// [`StoreError`].
pub fn join(
    store: &mut Store,
    inventory: &mut Inventory,
    since: &dyn Fn(ActivityKind) -> Instant,
) -> Result<usize, StoreError> {
    let known: HashSet<String> = inventory.activities.iter().map(key).collect();
    let Forgotten { activities, looks } = store.forgotten(since, &|key| known.contains(key))?;
    let captured_at = inventory.captured_at;
    let mut joined = 0;
    for mut activity in activities.into_iter().filter(|activity| activity.started_at <= captured_at) {
        activity.source = Text::from(format!("{}{MARK}", activity.source));
        inventory.activities.push(activity);
        joined += 1;
    }
    for read in inventory.reads.iter_mut().filter(|read| JOBS.contains(&read.call.as_str())) {
        let mut since = read.since.unwrap_or_else(|| MEMORY.before(captured_at));
        for (at, looked) in looks.iter().filter(|(at, _)| *at <= captured_at) {
            // A run that read before this instant left a hole between its end and the beginning of what is known.
            if looked.at(&read.account, &read.region, &read.call) && *at >= since {
                since = since.min(MEMORY.before(*at));
            }
        }
        read.since = Some(since);
    }
    inventory.sort();
    Ok(joined)
}
