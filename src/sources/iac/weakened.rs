//! What a change takes away of protection: the inventory before it against the one after it.
//!
//! A rule may be lax enough to pass the result; that somebody shortens a retention is worth a word all the same. What
//! is open on one side is not compared: the rules say that it cannot be told.

mod facts;
mod plans;

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt as _};

use crate::model::inventory::Inventory;
use crate::model::text::Text;
use crate::sources::iac::{Declared, Weakening};

/// Every weakening between the two; `declared` tells the addresses. In canonical order.
pub fn between(before: &Inventory, after: &Inventory, declared: &Declared) -> Vec<Weakening> {
    let mut found = Found::new(declared);
    facts::compare(before, after, &mut found);
    plans::compare(before, after, &mut found);
    found.weakenings.sort();
    found.weakenings.dedup();
    found.weakenings
}

/// What was found so far.
struct Found<'d> {
    addresses: HashMap<&'d str, (&'d Text, &'d Text)>,
    /// What leaves management without being deleted.
    forgotten: BTreeSet<&'d str>,
    weakenings: Vec<Weakening>,
}

impl<'d> Found<'d> {
    fn new(declared: &'d Declared) -> Self {
        let mut addresses = HashMap::new();
        for resource in &declared.resources {
            let Some(identity) = &resource.identity else { continue };
            // The whole comes before its parts: its address is what the identity is made of.
            let entry = addresses.entry(identity.as_str()).or_insert((&resource.address, &resource.declared_type));
            if !entry.1.starts_with(resource.declared_type.as_str()) && entry.1.starts_with(&*resource.declared_type) {
                *entry = (&resource.address, &resource.declared_type);
            }
        }
        let forgotten = declared.resources.iter().filter(|r| r.action == super::Action::Forget);
        let forgotten = forgotten.filter_map(|resource| resource.identity.as_deref()).collect();
        Self { addresses, forgotten, weakenings: Vec::new() }
    }

    /// Add one; `what` names the setting, and the sentence says what it was and what it becomes.
    fn add(&mut self, of: Of<'_>, code: &str, what: &str, before: &str, after: &str) {
        self.say(of, code, before, after, format!("{what} is weakened from {before} to {after}"));
    }

    fn say(&mut self, of: Of<'_>, code: &str, before: &str, after: &str, sentence: String) {
        let known = self.addresses.get(of.identity.as_str());
        let address = of.address.or(known.map(|(address, _)| *address)).unwrap_or(of.identity);
        self.weakenings.push(Weakening {
            address: address.clone(),
            declared_type: known.map(|(_, ty)| (*ty).clone()).unwrap_or_default(),
            identity: of.identity.clone(),
            code: Text::from(code),
            before: Text::from(before),
            after: Text::from(after),
            sentence: Text::from(sentence),
        });
    }

    /// Whether it is a thing of the code.
    fn is_declared(&self, identity: &Text) -> bool {
        self.addresses.contains_key(identity.as_str())
    }

    /// Add that something is gone.
    fn gone(&mut self, of: Of<'_>, noun: &str, name: &str) {
        if self.forgotten.contains(of.identity.as_str()) {
            let sentence =
                format!("the {noun} {name} leaves management: it can be changed or deleted unseen from then on");
            self.say(of, "forgotten", "managed", "not managed", sentence);
        } else {
            self.say(of, "deleted", "present", "deleted", format!("the {noun} {name} is deleted"));
        }
    }
}

/// What a weakening is about.
#[derive(Clone, Copy)]
struct Of<'o> {
    identity: &'o Text,
    /// Its address, where the thing itself carries it.
    address: Option<&'o Text>,
}
