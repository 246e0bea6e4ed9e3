//! `recovery-record`: what was done when a system failed is written down, and people were told.

use super::CheckInfo;
use super::restore_record::{PARAMS, prepare};
use crate::model::activity::{Activity, ActivityKind};
use crate::model::kind::Kind;

/// The check's description.
pub const INFO: CheckInfo = CheckInfo {
    id: "recovery-record",
    title: "restarts and recoveries are recorded with cause and actions, and people were told",
    docs: "\
## What it judges
Every record of the kind `recovery` in the backup logs: restarts, failovers, recoveries.

## Exact semantics
* Each record within `within` says when it began and ended, what had failed (`cause`), what was done
  (`actions`, at least one) and who did it. With `notified`, it names who was told, or a record of the kind
  `notification` is about it.
* Where no recovery is on record, nothing is demanded.

## What yields `unknown`
No log was read.
",
    remedy: "write it down: `lastgood log record --kind recovery --cause … --action … --notified … --started … --ended …`; \
             a record that lacks something is completed by a correction",
    kinds: Kind::RECOVERABLE,
    judges_deleted: false,
    remedy_in_code: None,
    params: PARAMS,
    reads: &["log:ReadRecords"],
    prepare: |args| prepare(args, ActivityKind::Recovery, lacks),
};

fn lacks(activity: &Activity) -> Option<&'static str> {
    let detail = activity.detail.as_deref();
    if activity.completed_at.is_none() {
        Some("when it ended")
    } else if activity.operator.is_none() {
        Some("who did it")
    } else if detail.is_none_or(|detail| detail.cause.is_none()) {
        Some("what had failed")
    } else if detail.is_none_or(|detail| detail.actions.is_empty()) {
        Some("what was done")
    } else {
        None
    }
}
