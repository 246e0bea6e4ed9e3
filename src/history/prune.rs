//! Recovery points that went: when, how old, by whom, and whether that was too early.

use serde::Serialize;

use crate::model::Instant;
use crate::model::activity::{Activity, ActivityKind};
use crate::model::period::Departed;
use crate::model::span::Span;
use crate::model::text::Text;

/// A line of the prune log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// The point.
    pub point: Text,
    /// What it restored.
    pub resource: Text,
    /// The instant of its data.
    pub created: Instant,
    /// When a run saw it last.
    pub last_seen: Instant,
    /// When a run saw it gone.
    pub gone: Instant,
    /// It was at most this old when it went.
    pub age_at_most: Span,
    /// How long it was promised to be kept, where a rule or its own lifecycle says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promised: Option<Span>,
    /// Whether it was surely younger than promised.
    pub early: bool,
    /// Who deleted it, where a record of a prune tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Text>,
}

/// How long a point was promised to be kept: what the policy demands, or its own lifecycle where that is shorter, since
/// a plan may make short-lived points besides those that are kept for long.
pub fn promised(departed: &Departed, keep: Option<Span>) -> Option<Span> {
    let own = departed.own_days.map(|days| Span::days(i64::from(days)));
    match (keep, own) {
        (Some(keep), Some(own)) => Some(keep.min(own)),
        (keep, own) => keep.or(own),
    }
}

/// Whether a point surely went before its time: at the run that missed it, it was younger still.
pub fn is_early(departed: &Departed, keep: Option<Span>) -> bool {
    let age = Span::between(departed.created, departed.gone);
    departed.usable && promised(departed, keep).is_some_and(|promised| age < promised)
}

/// The prune log. `keep` says what the policy demands of a resource; `activities` are those on record.
pub fn log(departed: &[Departed], keep: &dyn Fn(&str) -> Option<Span>, activities: &[Activity]) -> Vec<Pruned> {
    let prunes: Vec<&Activity> = activities.iter().filter(|activity| activity.kind == ActivityKind::Prune).collect();
    let line = |departed: &Departed| {
        let named = |prune: &&&Activity| prune.point.as_ref() == Some(&departed.arn);
        let by = prunes.iter().find(named).map(|prune| {
            prune.operator.clone().unwrap_or_else(|| Text::from(format!("{} {}", prune.source, prune.id)))
        });
        let keep = keep(&departed.resource);
        Pruned {
            point: departed.arn.clone(),
            resource: departed.resource.clone(),
            created: departed.created,
            last_seen: departed.last_seen,
            gone: departed.gone,
            age_at_most: Span::between(departed.created, departed.gone),
            promised: promised(departed, keep),
            early: is_early(departed, keep),
            by,
        }
    };
    departed.iter().map(line).collect()
}
