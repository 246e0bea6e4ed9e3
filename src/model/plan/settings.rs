//! How careful a plan is: the numbers behind the guards. Kept in the plan, so that its review covers them.

use serde::{Deserialize, Serialize};

use crate::model::span::Span;
use crate::model::text::Text;

/// The numbers behind the guards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// So many of the newest usable points of a resource are never deleted. At least 1.
    pub keep_newest: u32,
    /// Where no cadence rule judges a resource: its newest usable point must be younger than this, or nothing
    /// of it is deleted.
    pub fresh_within: Span,
    /// Where no rule says for how long the points of a resource must be kept: nothing younger is deleted.
    pub keep_at_least: Span,
    /// Keys of tags that keep a point, whatever their value: patterns with `*`, in any case of letters.
    pub hold_tags: Vec<Text>,
    /// Limits to how much may be deleted.
    pub breakers: Breakers,
    /// With a waiting time, points are marked first and deleted by a later plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub two_phase: Option<Span>,
}

/// Limits to how much may be deleted. Beyond one of them nothing of that resource, or of the run, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Breakers {
    /// Points of one resource.
    pub per_resource: u64,
    /// Percent of the stored points of one resource.
    pub per_resource_percent: u64,
    /// Points of one run.
    pub per_run: u64,
    /// Percent of all stored points.
    pub per_run_percent: u64,
}

impl Default for Settings {
    fn default() -> Self {
        let hold_tags = [
            "lastgood:hold",
            "*hold",
            "*legal*",
            "retain*",
            "*retention*",
            "keep*",
            "*do-not-delete*",
            "*donotdelete*",
            "*no-delete*",
        ];
        Self {
            keep_newest: 3,
            fresh_within: Span::days(2),
            keep_at_least: Span::days(35),
            hold_tags: hold_tags.map(Text::from).to_vec(),
            breakers: Breakers::default(),
            two_phase: None,
        }
    }
}

impl Default for Breakers {
    fn default() -> Self {
        Self { per_resource: 100, per_resource_percent: 60, per_run: 1000, per_run_percent: 30 }
    }
}

impl Breakers {
    /// Whether deleting `count` of the `stored` points of one resource is too much.
    pub const fn trips_for_resource(&self, count: u64, stored: u64) -> bool {
        count > self.per_resource || exceeds(count, self.per_resource_percent, stored)
    }

    /// Whether deleting `count` of all `stored` points is too much.
    pub const fn trips_for_run(&self, count: u64, stored: u64) -> bool {
        count > self.per_run || exceeds(count, self.per_run_percent, stored)
    }
}

const fn exceeds(count: u64, percent: u64, of: u64) -> bool {
    count.saturating_mul(100) > percent.saturating_mul(of)
}
