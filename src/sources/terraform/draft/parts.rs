//! What is declared beside the resource it belongs to: which one that is, and what becomes of it there.

use super::super::family::{self, Role};
use super::super::resolve::Targets;
use super::super::view::{Got, Side, View};
use super::Draft;
use crate::model::fact::Fact;
use crate::model::resource::{Detail, Resource};
use crate::model::text::Text;
use crate::sources::iac::{self, Action, Undecided, alike};

impl<'p, 'a> Draft<'p, 'a> {
    #[expect(clippy::too_many_arguments, reason = "the fields of a role, which is a constant of the type")]
    pub(super) fn add_part(
        &mut self,
        index: usize,
        view: View<'p, 'a>,
        ty: &'static str,
        exists: bool,
        of: &'static [&'static str],
        by: &'static str,
        facts: &'static [&'static str],
        apply: fn(&Draft<'_, '_>, View<'_, '_>, &mut Resource),
        remove: fn(&mut Resource),
    ) {
        // What is removed is found by what it was.
        let there = if exists { view } else { View { side: Side::Before, ..view } };
        let gone = !exists && self.side == Side::After && there.exists();
        if !exists && !gone {
            return;
        }
        let whole = match self.whole_of(there, by, of) {
            Ok(Some(arn)) => Some(arn),
            Err((candidates, why)) if !candidates.is_empty() => {
                for at in candidates.into_iter().filter(|_| exists) {
                    self.change(at, |draft, resource| draft.leave_open(view, by, facts, resource, &why));
                }
                None
            }
            // It belongs to something that is not declared here, and is judged with it all the same; but one of several
            // that goes away tells nothing of the others.
            _ if exists || facts != ADDED_TO => self.absent(there, of, by, facts),
            _ => None,
        };
        let Some(arn) = whole else { return };
        self.set_whole(index, Some(arn.clone()));
        // Another part of the type may have taken the place of one that is removed.
        let replaced = gone && self.has_part.contains(&(arn.clone(), ty));
        let Some(at) = self.by_arn.get(&arn).copied().filter(|_| !replaced) else { return };
        let forgotten = gone && view.instance.action == Action::Forget;
        if exists {
            self.has_part.insert((arn, ty));
        }
        if !forgotten {
            self.reset(facts, at);
        }
        self.change(at, |draft, resource| {
            if exists {
                apply(draft, view, resource);
            } else if forgotten {
                draft.leave_open(view, by, facts, resource, "leaves management, so that it can change unseen");
            } else {
                remove(resource);
            }
        });
    }

    /// The identity of a whole that is not declared here; it is put among what is judged.
    fn absent(
        &mut self,
        view: View<'p, 'a>,
        of: &'static [&'static str],
        by: &str,
        facts: &'static [&'static str],
    ) -> Option<Text> {
        if facts.is_empty() {
            return None;
        }
        let Role::Whole { kind, .. } = &family::all().find(|info| of.contains(&info.name))?.role else { return None };
        let place = self.places.place(view);
        let arn = iac::identity(*kind, &place.0, &place.1, view.text(by), view.instance.address);
        if !self.by_arn.contains_key(&arn) {
            let whole = alike::absent(self.live, *kind, arn.clone(), place, view.instance.address)?;
            for fact in alike::unread(&whole) {
                self.ask(view, Some(&arn)).open(fact, by, alike::UNKNOWN_WHOLE);
            }
            self.push(whole);
        }
        Some(arn)
    }

    /// The whole that a part points to; the places of those that it may be, and why that cannot be told.
    fn whole_of(
        &self,
        view: View<'p, 'a>,
        by: &str,
        of: &'static [&'static str],
    ) -> Result<Option<Text>, (Vec<usize>, String)> {
        if let Some(text) = view.text(by) {
            return Ok(self.instance_named(text, of).and_then(|index| self.identities.get(index).cloned().flatten()));
        }
        let why = match view.got(by) {
            Got::Open(why) => why,
            _ => "is known only after apply".to_owned(),
        };
        let place = |index: &usize| {
            let arn = self.identities.get(*index)?.as_ref()?;
            self.by_arn.get(arn).copied()
        };
        match view.targets(by, true) {
            Targets::All(found) => {
                let of_type =
                    |index: &&usize| self.plan.instances.get(**index).is_some_and(|instance| of.contains(&instance.ty));
                match found.iter().find(of_type) {
                    Some(index) => Ok(self.identities.get(*index).cloned().flatten()),
                    None => Ok(None),
                }
            }
            Targets::OneOf(found) => Err((found.iter().filter_map(place).collect(), why)),
            Targets::Other(_) => {
                let all = 0..self.plan.instances.len();
                let of_type = all.filter(|index| self.plan.instances.get(*index).is_some_and(|i| of.contains(&i.ty)));
                Err((of_type.filter_map(|index| place(&index)).collect(), why))
            }
        }
    }

    /// What several may set becomes what only the last one says: forget what the whole said of itself. What each of
    /// several adds to stays.
    fn reset(&mut self, facts: &'static [&'static str], at: usize) {
        let Some(arn) = self.inventory.resources.get(at).map(|resource| resource.arn.clone()) else { return };
        if let Some(open) = self.undecided.borrow_mut().get_mut(&Some(arn)) {
            open.retain(|open| !facts.contains(&open.fact.as_str()) || ADDED_TO.contains(&open.fact.as_str()));
        }
    }

    /// A fact that a part sets, where it cannot be told whose part it is.
    fn leave_open(&self, view: View<'_, '_>, by: &str, facts: &[&str], resource: &mut Resource, why: &str) {
        for fact in facts {
            clear(resource, fact);
            let mut undecided = self.undecided.borrow_mut();
            undecided.entry(Some(resource.arn.clone())).or_default().push(Undecided {
                identity: Some(resource.arn.clone()),
                fact: Text::from(*fact),
                attribute: view.attribute(by),
                why: Text::from(why),
            });
        }
    }
}

/// Facts of a whole that its parts make together.
const ADDED_TO: &[&str] = &["publicly_accessible"];

/// Make a fact unread, by its name.
fn clear(resource: &mut Resource, fact: &str) {
    match (&mut resource.detail, fact) {
        (Detail::Bucket(bucket), "versioning") => bucket.versioning = Fact::Unread,
        (Detail::Bucket(bucket), "encryption") => bucket.encryption = Fact::Unread,
        (Detail::Bucket(bucket), "lifecycle") => bucket.lifecycle = Fact::Unread,
        (Detail::Bucket(bucket), "public_access_block") => bucket.public_access_block = Fact::Unread,
        (Detail::Bucket(bucket), "object_lock") => bucket.object_lock = Fact::Unread,
        (Detail::Bucket(bucket), "replication") => bucket.replication = Fact::Unread,
        (Detail::Bucket(bucket), "policy_public") => bucket.policy_public = Fact::Unread,
        (Detail::Vault(vault), "lock") => vault.lock = Fact::Unread,
        (Detail::Vault(vault), "policy") => vault.policy = Fact::Unread,
        (Detail::Vault(vault), "notifications") => vault.notifications = Fact::Unread,
        // One instance that is known to be public is enough.
        (Detail::Database(database), "publicly_accessible") => {
            database.publicly_accessible = alike::any(&database.publicly_accessible, Fact::Unread);
        }
        (Detail::FileSystem(system), "backup_policy") => system.backup_policy = Fact::Unread,
        _ => {}
    }
}
