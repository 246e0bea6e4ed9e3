//! Making one consistent inventory of what several services say about the same things.
//!
//! EC2 and AWS Backup list the same snapshots, copies lose where they come from, and points name
//! resources that no list has. Each step below settles one of these, and nothing is invented: what no
//! service said stays unread.
//!
//! ```text
//! same snapshot twice ─ merge ─► one point ─ members, holds ─► copies: data instants ─ owners ─► sorted
//! ```

mod copies;
mod merge;
mod owners;

#[cfg(feature = "aws")]
pub(crate) use merge::take_in;

use std::collections::{HashMap, HashSet};

use crate::model::inventory::Inventory;
use crate::model::recovery_point::{PointExtra, PointKind, RecoveryPoint};
use crate::model::text::Text;

/// What a collector knows besides the inventory.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// Which points are copies of which.
    pub copies: Vec<Copy>,
    /// ARNs of things that exist and were left out, such as buckets of other regions.
    pub elsewhere: HashSet<Text>,
}

impl Hints {
    /// Add what another collector knows.
    pub fn extend(&mut self, other: Self) {
        self.copies.extend(other.copies);
        self.elsewhere.extend(other.elsewhere);
    }
}

/// One point was made by copying another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// ARN of the point that was copied.
    pub source: Text,
    /// ARN of the copy.
    pub destination: Text,
}

/// Join what the services said, and put the inventory into its canonical order.
pub fn link(inventory: &mut Inventory, hints: &Hints) {
    drop_repeated(inventory);
    merge::same_points(inventory);
    name_members(inventory);
    put_holds(inventory);
    copies::date(inventory, &hints.copies);
    owners::complete(inventory, hints);
    inventory.sort();
}

/// A list that changes while it is walked may give an item twice.
fn drop_repeated(inventory: &mut Inventory) {
    let mut seen = HashSet::new();
    inventory.resources.retain(|resource| seen.insert(resource.arn.clone()));
    let mut seen = HashSet::new();
    inventory.points.retain(|point| {
        seen.insert((point.account.clone(), point.region.clone(), point.vault.clone(), point.arn.clone()))
    });
    let mut seen = HashSet::new();
    inventory.activities.retain(|activity| {
        seen.insert((activity.source.clone(), activity.account.clone(), activity.region.clone(), activity.id.clone()))
    });
    let mut seen = HashSet::new();
    inventory.plans.retain(|plan| seen.insert(plan.arn.clone()));
    let mut seen = HashSet::new();
    inventory.dlm_policies.retain(|policy| seen.insert(policy.arn.clone()));
    let mut seen = HashSet::new();
    inventory.keys.retain(|key| seen.insert(key.arn.clone()));
    let mut seen = HashSet::new();
    inventory.restore_testing.retain(|plan| seen.insert(plan.arn.clone()));
    let mut seen = HashSet::new();
    inventory.legal_holds.retain(|hold| seen.insert((hold.account.clone(), hold.region.clone(), hold.id.clone())));
}

/// Write into each member snapshot which image it belongs to.
fn name_members(inventory: &mut Inventory) {
    let mut image_of: HashMap<(Text, Text), Text> = HashMap::new();
    for image in inventory.points.iter().filter(|point| point.kind == PointKind::Image) {
        for member in image.extra.iter().flat_map(|extra| &extra.members) {
            image_of.insert((image.account.clone(), member.clone()), image.arn.clone());
        }
    }
    if image_of.is_empty() {
        return;
    }
    for point in inventory.points.iter_mut().filter(|point| point.kind == PointKind::EbsSnapshot) {
        if let Some(image) = image_of.get(&(point.account.clone(), point.arn.clone())) {
            extra(point).member_of = Some(image.clone());
        }
    }
}

/// Write into each point which legal holds keep it. While a hold is being made or lifted it counts.
fn put_holds(inventory: &mut Inventory) {
    let mut holds: HashMap<(Text, Text, Text), Vec<Text>> = HashMap::new();
    for hold in inventory.legal_holds.iter().filter(|hold| hold.status != "CANCELED") {
        for point in hold.points.known().into_iter().flatten() {
            let place = (hold.account.clone(), hold.region.clone(), point.clone());
            holds.entry(place).or_default().push(hold.id.clone());
        }
    }
    if holds.is_empty() {
        return;
    }
    for point in &mut inventory.points {
        if let Some(ids) = holds.get(&(point.account.clone(), point.region.clone(), point.arn.clone())) {
            let extra = extra(point);
            extra.legal_holds.extend(ids.iter().cloned());
            extra.legal_holds.sort();
            extra.legal_holds.dedup();
        }
    }
}

fn extra(point: &mut RecoveryPoint) -> &mut PointExtra {
    point.extra_mut()
}

/// Add a sentence to what is said about a point.
fn remark(point: &mut RecoveryPoint, text: &str) {
    let message = &mut extra(point).message;
    *message = Some(match message.take() {
        Some(said) => Text::from(format!("{said}; {text}")),
        None => Text::from(text),
    });
}

#[cfg(test)]
mod tests;
