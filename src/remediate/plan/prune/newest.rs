//! The copies of a resource that stay whatever their age.

use std::collections::{BTreeSet, HashMap};

use crate::model::Instant;
use crate::model::estate::Estate;
use crate::model::plan::{GoodCopy, Guard, Target};
use crate::model::recovery_point::{PointStatus, RecoveryPoint};
use crate::model::resource::Resource;
use crate::remediate::guard::Refusal;

/// The newest good copies, and one copy in each other place.
pub(super) struct Newest<'a> {
    /// The instant of the newest data.
    pub(super) at: Option<Instant>,
    good: Vec<&'a RecoveryPoint>,
    /// The instant of the oldest data among them, if they are as many as asked for.
    since: Option<Instant>,
    elsewhere: BTreeSet<&'a str>,
    count: usize,
    /// Those that look good, and lie under a key that cannot be used.
    unreadable: BTreeSet<&'a str>,
}

impl<'a> Newest<'a> {
    pub(super) fn of(
        estate: &Estate<'a>,
        stored: &[&'a RecoveryPoint],
        count: u32,
        resource: &Resource,
        now: Instant,
    ) -> Self {
        // Without its key a copy is noise: it makes no other one dispensable.
        let dead = |point: &&&RecoveryPoint| {
            let key = point.kms_key.as_ref().and_then(|key| estate.key(key));
            key.is_some_and(|key| key.is_usable() == Some(false))
        };
        let unreadable: BTreeSet<&str> = stored.iter().filter(dead).map(|point| point.arn.as_str()).collect();
        let good = |point: &&&RecoveryPoint| is_good(point) && !unreadable.contains(point.arn.as_str());
        let dated = stored.iter().filter(good).filter_map(|point| Some((point.data_at()?, *point)));
        // A date that has not come yet is no proof of anything.
        let mut good: Vec<(Instant, &RecoveryPoint)> = dated.filter(|(at, _)| *at <= now).collect();
        good.sort_by_key(|(at, point)| (std::cmp::Reverse(*at), &point.arn));
        let count = usize::try_from(count.max(1)).unwrap_or(usize::MAX);
        good.truncate(count);
        Self {
            at: good.first().map(|(at, _)| *at),
            since: good.get(count - 1).map(|(at, _)| *at),
            good: good.into_iter().map(|(_, point)| point).collect(),
            elsewhere: elsewhere(stored, resource),
            count,
            unreadable,
        }
    }

    /// The good copies that make older ones dispensable.
    pub(super) fn relied_on(&self) -> Vec<GoodCopy> {
        let copy = |point: &&RecoveryPoint| GoodCopy {
            at: Target::new(&point.account, &point.region),
            arn: point.arn.clone(),
            kind: point.kind,
            vault: point.vault.clone(),
        };
        self.good.iter().map(copy).collect()
    }

    pub(super) fn keeps(&self, point: &RecoveryPoint) -> Option<Refusal> {
        let count = self.count;
        if self.good.iter().any(|good| good.arn == point.arn) {
            return Some((Guard::LastGood, format!("it is among the {count} newest good copies")));
        }
        let good = is_good(point) && !self.unreadable.contains(point.arn.as_str());
        let undated = good && point.data_at().is_none() && point.continuous().is_none();
        if undated && self.since.is_none_or(|since| point.started_at > since) {
            let why = format!("when its data is from is not known: it may be among the {count} newest good copies");
            return Some((Guard::LastGood, why));
        }
        self.elsewhere
            .contains(point.arn.as_str())
            .then(|| (Guard::InUse, format!("it is the newest copy in {}/{}", point.account, point.region)))
    }
}

/// Whether it can be restored as it is, and is of one instant: the date of a continuous point says nothing.
fn is_good(point: &RecoveryPoint) -> bool {
    point.is_usable() && point.status == PointStatus::Completed
}

/// The copy of each other place that stays, of those without a known date too: a usable one if there is one, or else
/// what can be restored yet; of several the one begun last.
fn elsewhere<'a>(stored: &[&'a RecoveryPoint], resource: &Resource) -> BTreeSet<&'a str> {
    let worth = |point: &RecoveryPoint| match point.status {
        PointStatus::Completed | PointStatus::Available => 3,
        PointStatus::Expired | PointStatus::Stopped => 2,
        PointStatus::Partial => 1,
        _ => 0,
    };
    let rank = |point: &'a RecoveryPoint| (worth(point), point.started_at, &point.arn);
    let home = (&resource.account, &resource.region);
    let mut best: HashMap<(&str, &str), &RecoveryPoint> = HashMap::new();
    for point in stored.iter().copied().filter(|point| (&point.account, &point.region) != home) {
        let known = best.entry((&point.account, &point.region)).or_insert(point);
        if rank(point) > rank(known) {
            *known = point;
        }
    }
    best.into_values().map(|point| point.arn.as_str()).collect()
}
