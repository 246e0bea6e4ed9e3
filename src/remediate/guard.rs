//! What keeps a recovery point from being deleted: the guards of DESIGN section 8 that can be judged from
//! facts about the point alone. They are asked when a plan is made, and again of fresh facts right before
//! anything is deleted.

use crate::model::Instant;
use crate::model::fact::Fact;
use crate::model::glob;
use crate::model::plan::{Guard, PointFacts, Settings};
use crate::model::recovery_point::{PointKind, PointStatus};
use crate::model::resource::Tags;
use crate::model::text::Text;

/// The tag that says when a marked point may be deleted.
pub const MARK_TAG: &str = "lastgood:prune-after";

/// A guard's refusal, with its sentence.
pub type Refusal = (Guard, String);

/// Whether one of the facts of the point keeps it at `now`. `cutoff`: nothing that was begun later may go.
///
/// A fact that was not read keeps nothing here: [`unread`] says what must have been read before something is
/// deleted.
pub fn keeps(point: &PointFacts, cutoff: Instant, settings: &Settings, now: Instant) -> Option<Refusal> {
    let refuse = |guard, why: String| Some((guard, why));
    if point.continuous || matches!(point.status, PointStatus::Available | PointStatus::Stopped) {
        return refuse(Guard::Continuous, "it is a continuous point, whose age says nothing".into());
    }
    if point.started_at > cutoff {
        return refuse(Guard::Age, format!("it was begun after {}", cutoff.to_rfc3339()));
    }
    match &point.status {
        PointStatus::Completed | PointStatus::Expired | PointStatus::Partial => {}
        PointStatus::Recoverable => {
            return refuse(Guard::Owner, "it lies in the Recycle Bin, whose rule deletes it".into());
        }
        other => return refuse(Guard::NotHandled, format!("its state is `{}`", other.id())),
    }
    if let Some(lock) = &point.lock
        && lock.state != "expired"
        && lock.until.is_none_or(|until| until > now)
    {
        return refuse(Guard::Hold, format!("a snapshot lock ({}) is on it", lock.state));
    }
    if !point.legal_holds.is_empty() {
        return refuse(Guard::Hold, format!("legal holds keep it: {}", point.legal_holds.join(", ")));
    }
    if let Some(key) = point.tags.known().and_then(|tags| hold_tag(tags, &settings.hold_tags)) {
        return refuse(Guard::Hold, format!("its tag `{key}` keeps it"));
    }
    if point.member_of.is_some() {
        return refuse(Guard::InUse, "an image has it, and must be deregistered first".into());
    }
    if point.public == Fact::Known(true) {
        return refuse(Guard::InUse, "anybody may use it".into());
    }
    if let Some(others) = point.shared_with.known().filter(|others| !others.is_empty()) {
        return refuse(Guard::InUse, format!("it is shared with {}", others.join(", ")));
    }
    if point.copying {
        return refuse(Guard::InUse, "a copy of it is being made".into());
    }
    owner(point)
}

/// Who has to delete it, if not we.
fn owner(point: &PointFacts) -> Option<Refusal> {
    let refuse = |guard, why: String| Some((guard, why));
    match (point.managed_by.as_deref(), &point.vault) {
        (Some("aws-backup") | None, Some(_)) => match (point.delete_after_days, &point.status) {
            (Some(days), PointStatus::Completed | PointStatus::Partial) => {
                refuse(Guard::Owner, format!("AWS Backup deletes it by its own lifecycle, after {days} days"))
            }
            _ => None,
        },
        (Some("aws-backup"), None) => {
            refuse(Guard::Owner, "AWS Backup made it, and the vault that holds it was not found".into())
        }
        (Some(other), _) => refuse(Guard::Owner, format!("{other} made it, and deletes it")),
        (None, None) => match point.kind {
            PointKind::EbsSnapshot => None,
            PointKind::Image => refuse(Guard::NotHandled, "images are deregistered by people".into()),
            _ => refuse(Guard::NotHandled, "only EBS snapshots and what lies in vaults is deleted".into()),
        },
    }
}

/// The tag whose key matches one of the patterns, in any case of letters.
pub fn hold_tag<'a, P: AsRef<str>>(tags: &'a Tags, patterns: &[P]) -> Option<&'a Text> {
    tags.keys().find(|key| {
        let key = key.to_lowercase();
        key != MARK_TAG && patterns.iter().any(|pattern| glob::matches(&pattern.as_ref().to_lowercase(), &key))
    })
}

/// When a marked point may be deleted.
pub fn marked(point: &PointFacts) -> Option<Instant> {
    point.tag(MARK_TAG)?.parse().ok()
}

/// What must be known right before a point is deleted, and is not.
pub fn unread(point: &PointFacts) -> Option<Refusal> {
    let unread = |what: &str| Some((Guard::Hold, format!("{what} could not be read")));
    if point.tags.is_unread() {
        return unread("its tags, which may keep it,");
    }
    // The others cannot be shared, or only by their vault.
    let can_be_shared = matches!(point.kind, PointKind::EbsSnapshot | PointKind::Image);
    if can_be_shared && (point.public.is_unread() || point.shared_with.is_unread()) {
        return unread("with whom it is shared");
    }
    None
}
