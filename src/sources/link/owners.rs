//! Whose the points are: resources that only points remember, and points that belong to nothing.

use std::collections::{HashMap, HashSet};

use super::{Hints, remark};
use crate::model::arn::{Arn, short};
use crate::model::fact::Fact;
use crate::model::inventory::Inventory;
use crate::model::kind::Kind;
use crate::model::recovery_point::RecoveryPoint;
use crate::model::resource::{Detail, Existence, Resource};
use crate::model::text::Text;

/// Give every point a judged thing, and every activity the resource that its point has.
pub(super) fn complete(inventory: &mut Inventory, hints: &Hints) {
    let mut points = std::mem::take(&mut inventory.points);
    let mut known: HashSet<Text> = inventory.resources.iter().map(|resource| resource.arn.clone()).collect();
    let mut added: HashMap<Text, Resource> = HashMap::new();
    for point in &mut points {
        if let Some(owner) = point.resource.clone() {
            if known.contains(&owner) {
                continue;
            }
            if let Some(resource) = remembered(inventory, hints, point, &owner) {
                // Another point may settle what this one leaves open.
                let seen = added.entry(owner).or_insert_with(|| resource.clone());
                if seen.existence == Existence::Unconfirmed {
                    *seen = resource;
                }
                continue;
            }
            remark(point, &format!("recovery point of {owner}"));
            point.resource = None;
        }
        if known.insert(point.arn.clone()) {
            inventory.resources.push(stray(point));
        }
    }
    inventory.resources.extend(added.into_values());
    inventory.points = points;
    let owner_of: HashMap<&Text, &Text> =
        inventory.points.iter().filter_map(|point| Some((&point.arn, point.resource.as_ref()?))).collect();
    for activity in inventory.activities.iter_mut().filter(|activity| activity.resource.is_none()) {
        activity.resource = activity.point.as_ref().and_then(|point| owner_of.get(point)).map(|owner| (*owner).clone());
    }
}

/// A resource that no list has, though a point names it; `None` for kinds that lastgood does not know.
fn remembered(inventory: &Inventory, hints: &Hints, point: &RecoveryPoint, owner: &Text) -> Option<Resource> {
    let arn = Arn::parse(owner)?;
    let kind = arn.kind()?;
    // S3 leaves account and region out of its ARNs.
    let account = if arn.account.is_empty() { point.account.clone() } else { Text::from(arn.account) };
    let region = if arn.region.is_empty() { point.region.clone() } else { Text::from(arn.region) };
    // The copy of a bucket's point may lie in another account than the bucket.
    let certain = !arn.account.is_empty() || !point.is_copy();
    let gone = certain && !hints.elsewhere.contains(owner) && inventory.lists_all(kind, &account, &region);
    Some(Resource {
        arn: owner.clone(),
        kind,
        account,
        region,
        name: None,
        tags: Fact::Unread,
        created_at: Fact::Unread,
        application: None,
        criticality: None,
        existence: if gone { Existence::Deleted } else { Existence::Unconfirmed },
        detail: Detail::None,
    })
}

/// A point as a judged thing of its own.
fn stray(point: &RecoveryPoint) -> Resource {
    Resource {
        arn: point.arn.clone(),
        kind: Kind::RecoveryPoint,
        account: point.account.clone(),
        region: point.region.clone(),
        name: Some(Text::from(short(&point.arn))),
        tags: point.extra.as_ref().map_or(Fact::Unread, |extra| extra.tags.clone()),
        created_at: Fact::Known(point.started_at),
        application: None,
        criticality: None,
        existence: Existence::Present,
        detail: Detail::None,
    }
}
