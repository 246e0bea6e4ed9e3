//! One declared resource: what its properties say, and what of it cannot be told.

use std::cell::RefCell;

use super::resolve::Scope;
use super::template::Declaration;
use super::value::{Props, Split, Stuck, Told, Value, Why};
use super::worlds::World;
use crate::model::fact::Fact;
use crate::model::text::Text;
use crate::sources::iac::{Bound, Undecided};

/// One resource in one world.
pub(super) struct View<'d, 't> {
    pub(super) scope: &'t Scope<'t>,
    pub(super) declaration: &'t Declaration,
    pub(super) world: World,
    pub(super) value: Value,
    pub(super) undecided: &'d RefCell<Vec<Undecided>>,
    pub(super) splits: &'d RefCell<Vec<Split>>,
    pub(super) bounds: &'d RefCell<Vec<Bound>>,
    /// Why it cannot be told whether it will be there at all.
    pub(super) doubt: Option<Why>,
}

impl Stuck {
    /// What cannot be told of a resource with this logical id.
    pub(super) fn undecided(&self, id: &str, identity: Option<&Text>, fact: &str) -> Undecided {
        let attribute = if self.property.is_empty() { id.to_owned() } else { format!("{id}.{}", self.property) };
        Undecided {
            identity: identity.cloned(),
            fact: Text::from(fact),
            attribute: Text::from(attribute),
            why: Text::from(self.why.text.as_str()),
        }
    }
}

impl View<'_, '_> {
    /// An answer out of the properties.
    pub(super) fn tell<T: PartialEq>(&self, ask: impl Fn(&Props<'_>) -> Told<T>) -> Told<T> {
        self.scope.decide(&self.world, &|world| {
            if *world == self.world {
                return ask(&Props::new(&self.value, ""));
            }
            ask(&Props::new(&self.scope.properties(self.declaration, world), ""))
        })
    }

    /// A fact of a judged thing; where it cannot be told, that is written down.
    pub(super) fn fact<T: PartialEq>(
        &self,
        identity: &Text,
        fact: &str,
        ask: impl Fn(&Props<'_>) -> Told<T>,
    ) -> Fact<T> {
        match self.tell(ask) {
            Ok(value) => Fact::Known(value),
            Err(stuck) => {
                self.open(Some(identity), fact, &stuck);
                Fact::Unread
            }
        }
    }

    /// The name or identity under a path, where it can be told: a key of KMS, for example.
    pub(super) fn name(&self, path: &str) -> Option<Text> {
        self.tell(|p| Ok(p.name(path)?.map(Text::from))).ok().flatten()
    }

    /// A number of a judged thing; where it cannot be told, between which numbers it lies.
    pub(super) fn days(&self, identity: &Text, fact: &str, ask: impl Fn(&Props<'_>) -> Told<u32>) -> Fact<u32> {
        let told = self.fact(identity, fact, &ask);
        if told.is_unread() {
            let ask = |world: &World| ask(&Props::new(&self.scope.properties(self.declaration, world), ""));
            if let Some((least, most)) = self.scope.bounds(&self.world, &ask, 0) {
                let (identity, fact) = (identity.clone(), Text::from(fact));
                self.bounds.borrow_mut().push(Bound { identity, fact, least, most });
            }
        }
        told
    }

    pub(super) fn open(&self, identity: Option<&Text>, fact: &str, stuck: &Stuck) {
        self.splits.borrow_mut().extend(stuck.why.split.clone());
        self.undecided.borrow_mut().push(self.undecided(identity, fact, stuck));
    }

    pub(super) fn undecided(&self, identity: Option<&Text>, fact: &str, stuck: &Stuck) -> Undecided {
        stuck.undecided(&self.declaration.id, identity, fact)
    }

    pub(super) fn place(&self) -> (Text, Text) {
        (self.scope.account.clone(), self.scope.region.clone())
    }

    pub(super) fn arn(&self) -> Text {
        Text::from(self.scope.named(self.declaration).arn)
    }

    /// Why it cannot be told whether it protects what is judged here: it may not be there where that is. What is judged
    /// under the same condition, or under one that implies it, is there only where this is too.
    pub(super) fn doubt_of_protection(&self) -> Option<&Why> {
        let own = self.declaration.condition.as_ref()?;
        let goes_along = |condition: &Option<&str>| {
            condition.is_some_and(|condition| {
                let mut world = World::default();
                world.conditions.insert(condition.to_owned(), true);
                self.scope.decide(&world, &|world| self.scope.condition(own, world).map_err(|why| why.at("")))
                    == Ok(true)
            })
        };
        self.doubt.as_ref().filter(|_| !self.scope.covered_under.iter().all(goes_along))
    }

    /// An answer that only holds if the resource is there, which may not be told either.
    pub(super) fn unless_doubtful<T>(&self, told: Told<T>) -> Told<T> {
        match self.doubt_of_protection() {
            Some(why) if told.is_ok() => Err(why.clone().at("Condition")),
            _ => told,
        }
    }
}
