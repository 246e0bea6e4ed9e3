//! Approved exceptions: they change what counts, never what was found.

use std::sync::Arc;

use crate::model::Instant;
use crate::model::assessment::Verdict;
use crate::model::outcome::Outcome;
use crate::policy::Waiver;

/// Mark every finding that a waiver in force covers. The first waiver that covers it counts.
pub(super) fn apply(waivers: &[Waiver], as_of: Instant, verdicts: &mut [Verdict]) {
    if waivers.is_empty() {
        return;
    }
    for verdict in verdicts.iter_mut().filter(|verdict| verdict.raw_outcome.is_finding()) {
        let covering = waivers.iter().find(|waiver| waiver.covers(&verdict.rule.id, &verdict.subject.resource, as_of));
        if let Some(waiver) = covering {
            verdict.outcome = Outcome::Waived;
            verdict.waiver = Some(Arc::clone(&waiver.reference));
        }
    }
}
