//! What there is to judge: each resource with its application, and groups of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::HashMap;

use crate::checks::Unit;
use crate::model::assessment::Subject;
use crate::model::declared::CodeAt;
use crate::model::inventory::Inventory;
use crate::model::kind::Kind;
use crate::model::resource::Resource;
use crate::model::text::Text;
use crate::policy::Policy;
use crate::policy::selector::Target;

/// AWS Backup's mark on what a restore test made. Plans ignore such resources, and so do we: they are
/// gone again within hours.
const RESTORE_TEST_MARK: &str = "awsbackup-restore-test";

/// A resource ready to be judged.
pub(super) struct Judged<'a> {
    pub(super) resource: &'a Resource,
    /// The resource's own, here as well: every rule asks every resource for it, most of them for nothing else.
    pub(super) kind: Kind,
    pub(super) is_present: bool,
    pub(super) subject: Arc<Subject>,
    pub(super) criticality: Option<&'a str>,
}

impl Judged<'_> {
    pub(super) fn target(&self) -> Target<'_> {
        Target { resource: self.resource, subject: &self.subject, criticality: self.criticality }
    }
}

/// Every resource but the leftovers of restore tests.
pub(super) fn of<'a>(policy: &Policy, inventory: &'a Inventory) -> Vec<Judged<'a>> {
    let is_leftover = |resource: &Resource| {
        resource.tag(RESTORE_TEST_MARK).is_some() || resource.tag("Name") == Some(RESTORE_TEST_MARK)
    };
    let resources = inventory.resources.iter().filter(|resource| !is_leftover(resource));
    let code = places(inventory);
    resources
        .map(|resource| Judged {
            resource,
            kind: resource.kind,
            is_present: resource.existence.is_present(),
            subject: Arc::new(Subject {
                resource: resource.arn.clone(),
                name: Text::from(resource.display_name()),
                kind: resource.kind,
                account: resource.account.clone(),
                region: resource.region.clone(),
                application: resource
                    .application
                    .as_ref()
                    .or_else(|| resource.tags.known()?.get(&*policy.application_tag))
                    .cloned(),
                code: code.get(resource.display_name()).copied().cloned(),
            }),
            criticality: resource.criticality.as_deref().or_else(|| resource.tag(&policy.criticality_tag)),
        })
        .collect()
}

/// Where each address stands in the code. What is declared has its address for a name.
pub(super) fn places(inventory: &Inventory) -> HashMap<&str, &CodeAt> {
    let blocks = inventory.declared.iter().flat_map(|declared| &declared.resources);
    blocks.filter_map(|block| Some((block.address.as_str(), block.at.as_ref()?))).collect()
}

/// A group with its members.
pub(super) struct Members<'m, 'a> {
    /// The application, empty for none; or `estate`.
    pub(super) key: Text,
    pub(super) subject: Arc<Subject>,
    pub(super) judged: Vec<&'m Judged<'a>>,
}

/// The members by group, in the order of their names. Resources of no application come as the group
/// without a name, so that they are not forgotten.
pub(super) fn groups<'m, 'a>(unit: Unit, members: &[&'m Judged<'a>]) -> Vec<Members<'m, 'a>> {
    if unit == Unit::Estate {
        if members.is_empty() {
            return Vec::new();
        }
        let subject = group_subject("estate", "estate", Kind::Estate);
        return vec![Members { key: Text::from("estate"), subject: Arc::new(subject), judged: members.to_vec() }];
    }
    let mut by_name: BTreeMap<Text, Vec<&'m Judged<'a>>> = BTreeMap::new();
    for member in members {
        by_name.entry(member.subject.application.clone().unwrap_or_default()).or_default().push(member);
    }
    by_name
        .into_iter()
        .map(|(key, judged)| {
            let name = if key.is_empty() { "(no application)" } else { &*key };
            let mut subject = group_subject(&format!("application:{name}"), name, Kind::Application);
            subject.application = (!key.is_empty()).then(|| key.clone());
            Members { key, subject: Arc::new(subject), judged }
        })
        .collect()
}

/// A subject that is not one resource.
pub(super) fn group_subject(id: &str, name: &str, kind: Kind) -> Subject {
    Subject {
        resource: id.into(),
        name: name.into(),
        kind,
        account: Text::default(),
        region: Text::default(),
        application: None,
        code: None,
    }
}
