//! Worlds: values that are assumed for what cannot be told. [`Scope::decide`] looks at each world in which an answer could
//! differ: where all give the same, it is the answer.

use std::collections::BTreeMap;

use super::resolve::Scope;
use super::value::{Split, Told};

/// Values that are assumed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct World {
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) conditions: BTreeMap<String, bool>,
}

/// Splits within one another that are looked at: 2⁵ worlds of conditions.
const DEEPEST_SPLIT: usize = 5;
/// Allowed values of a parameter that are looked at.
pub(super) const MOST_VALUES: usize = 24;
impl Scope<'_> {
    /// An answer that holds in every world that is not ruled out.
    pub(super) fn decide<T: PartialEq>(&self, world: &World, ask: &dyn Fn(&World) -> Told<T>) -> Told<T> {
        self.within(world, ask, 0)
    }

    fn within<T: PartialEq>(&self, world: &World, ask: &dyn Fn(&World) -> Told<T>, depth: usize) -> Told<T> {
        let stuck = match ask(world) {
            Ok(answer) => return Ok(answer),
            Err(stuck) => stuck,
        };
        let Some(split) = stuck.why.split.as_ref().filter(|_| depth < DEEPEST_SPLIT) else { return Err(stuck) };
        let mut same: Option<T> = None;
        for world in self.worlds(world, split) {
            match (self.within(&world, ask, depth + 1), &same) {
                (Err(_), _) => return Err(stuck),
                (Ok(answer), Some(known)) if *known != answer => return Err(stuck),
                (Ok(answer), _) => same = Some(answer),
            }
        }
        same.ok_or(stuck)
    }

    /// The least and, if known, the most of a number that cannot be told: over all that may decide it.
    pub(super) fn bounds(
        &self,
        world: &World,
        ask: &dyn Fn(&World) -> Told<u32>,
        depth: usize,
    ) -> Option<(u64, Option<u64>)> {
        let stuck = match ask(world) {
            Ok(number) => return Some((u64::from(number), Some(u64::from(number)))),
            Err(stuck) => stuck,
        };
        if stuck.why.bounds.is_some() {
            return stuck.why.bounds;
        }
        let split = stuck.why.split.as_ref().filter(|_| depth < DEEPEST_SPLIT)?;
        let worlds = self.worlds(world, split);
        let all: Option<Vec<_>> = worlds.iter().map(|world| self.bounds(world, ask, depth + 1)).collect();
        let all = all?;
        let least = all.iter().map(|(least, _)| *least).min()?;
        let most: Option<Vec<u64>> = all.iter().map(|(_, most)| *most).collect();
        Some((least, most.and_then(|most| most.into_iter().max())))
    }

    /// The worlds that a split leads to, without those that contradict what is assumed already.
    pub(super) fn worlds(&self, world: &World, split: &Split) -> Vec<World> {
        let mut worlds = Vec::new();
        match split {
            Split::Condition(name) if !world.conditions.contains_key(name) => {
                for holds in [true, false] {
                    let mut next = world.clone();
                    next.conditions.insert(name.clone(), holds);
                    worlds.push(next);
                }
            }
            Split::Parameter(name) if !world.parameters.contains_key(name) => {
                let allowed = self.template.parameters.get(name).map(|parameter| parameter.allowed.as_slice());
                for value in allowed.unwrap_or_default().iter().take(MOST_VALUES) {
                    let mut next = world.clone();
                    next.parameters.insert(name.clone(), value.clone());
                    worlds.push(next);
                }
            }
            _ => {}
        }
        worlds.retain(|world| self.is_possible(world));
        worlds
    }

    fn is_possible(&self, world: &World) -> bool {
        world.conditions.iter().all(|(name, assumed)| {
            let mut without = world.clone();
            without.conditions.remove(name);
            self.condition(name, &without).map_or(true, |holds| holds == *assumed)
        })
    }
}
