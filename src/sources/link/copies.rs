//! When the data of copies is from. A copy's own start is that of the copying, hours or years later.

use std::collections::HashMap;

use super::{Copy, extra};
use crate::model::Instant;
use crate::model::inventory::Inventory;
use crate::model::text::Text;

/// Copies of copies of copies: longer chains than this are not followed.
const LONGEST_CHAIN: usize = 8;

/// Date the data of each copy whose origin is in the inventory.
pub(super) fn date(inventory: &mut Inventory, copies: &[Copy]) {
    let mut source_of: HashMap<&Text, &Text> = HashMap::new();
    for copy in copies.iter().filter(|copy| copy.source != copy.destination) {
        source_of.entry(&copy.destination).or_insert(&copy.source);
    }
    for point in &mut inventory.points {
        if source_of.contains_key(&point.arn) {
            extra(point).is_copy = true;
        }
    }
    let originals: HashMap<Text, Instant> =
        inventory.points.iter().filter_map(|point| Some((point.arn.clone(), point.data_at()?))).collect();
    let origin = |arn: &Text| {
        let mut arn = arn;
        for _ in 0..LONGEST_CHAIN {
            arn = source_of.get(arn)?;
            if let Some(at) = originals.get(arn) {
                return Some(*at);
            }
        }
        None
    };
    for point in &mut inventory.points {
        if point.is_copy()
            && point.data_at().is_none()
            && point.continuous().is_none()
            && let Some(at) = origin(&point.arn)
        {
            // Data cannot be younger than its copying: such a record is not believed.
            if at <= point.started_at {
                extra(point).data_at = Some(at);
            }
        }
    }
}
