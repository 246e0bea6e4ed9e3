//! The same arithmetic for what a history tells: which copies were good, and whether an interval was too long.

use super::gaps::{Stretch, sweep};
use super::record::{Good, Source, of_point, of_resource};
use crate::checks::{Case, Context};
use crate::model::Instant;
use crate::model::span::Span;
use crate::model::text::Text;

/// For each recovery point of the inventory, in its order: the time for which it is a good copy without doubt.
pub fn reaches<'a>(context: &'a Context<'a>) -> Vec<Option<(Instant, Instant)>> {
    let mut last: Option<Case<'_>> = None;
    let points = context.estate.inventory.points.iter();
    points
        .map(|point| {
            let arn = point.resource.as_deref()?;
            if last.as_ref().is_none_or(|case| case.resource.arn != *arn) {
                last = Some(Case::new(context.estate.resource(arn)?, context));
            }
            let good = of_point(last.as_ref()?, point).filter(|good| good.doubt.is_none())?;
            Some((good.from, good.to))
        })
        .collect()
}

/// The restore windows that resources have of themselves, without doubt.
pub fn windows<'a>(context: &'a Context<'a>) -> Vec<(Text, Instant, Instant)> {
    let mut found = Vec::new();
    for resource in &context.estate.inventory.resources {
        let mut goods = Vec::new();
        of_resource(&Case::new(resource, context), &mut goods);
        let sure = goods.iter().filter(|good| good.doubt.is_none());
        found.extend(sure.map(|good| (resource.arn.clone(), good.from, good.to)));
    }
    found
}

/// Whether an interval between good copies that touches `[start, end]` was longer than `limit` by its end. Copies come
/// in order of their beginning, those before the stretch too; nothing is demanded from before `created`.
pub fn exceeds(
    copies: impl Iterator<Item = (Instant, Instant)>,
    (start, end): (Instant, Instant),
    created: Option<Instant>,
    limit: Span,
) -> bool {
    let goods: Vec<Good<'_>> = copies
        .filter(|(from, _)| *from <= end)
        .map(|(from, to)| Good { from, to: to.min(end), ..Good::at(from, Source::Earlier) })
        .collect();
    let young = created.filter(|created| *created > start);
    let stretch = Stretch { start: young.unwrap_or(start), as_of: end, earlier: young.is_none() };
    sweep(goods.iter(), &stretch).largest.exceeds(limit)
}
