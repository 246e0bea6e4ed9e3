//! What a history keeps of a scan that only the checks know: which recovery points are good copies.

use crate::checks::{Context, cadence};
use crate::model::Instant;
use crate::model::activity::ActivityKind;
use crate::model::estate::Estate;
use crate::model::inventory::Inventory;
use crate::model::span::Span;
use crate::model::text::Text;
use crate::policy::Policy;

/// The good copies of an inventory.
#[derive(Clone, Debug, Default)]
pub struct Copies {
    /// For each recovery point, in order: the time for which it is a good copy.
    pub reaches: Vec<Option<(Instant, Instant)>>,
    /// The restore windows that resources have of themselves.
    pub windows: Vec<(Text, Instant, Instant)>,
}

/// Work out which copies are good, as the check `cadence` sees it.
pub fn copies(policy: &Policy, inventory: &Inventory, as_of: Instant) -> Copies {
    let context = Context::new(Estate::new(inventory), as_of, policy.timezone);
    Copies { reaches: cadence::reaches(&context), windows: cadence::windows(&context) }
}

/// How far back activities of a kind can matter to the rules of a policy.
pub fn lookback(policy: &Policy, kind: ActivityKind) -> Span {
    let call = match kind {
        ActivityKind::Backup => "backup:ListBackupJobs",
        ActivityKind::Copy => "backup:ListCopyJobs",
        ActivityKind::Restore | ActivityKind::RestoreTest => "backup:ListRestoreJobs",
        _ => "log:ReadRecords",
    };
    let reads = policy.rules.iter().filter(|rule| rule.check_info.reads.contains(&call));
    reads.map(|rule| rule.check.lookback()).max().unwrap_or(Span::ZERO)
}
