//! Which log record is about which resource: by the name it carries, or as the register says.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::activity::{Activity, Detail};
use crate::model::application::LoggedAs;
use crate::model::glob;
use crate::model::inventory::Inventory;
use crate::model::log;
use crate::model::text::Text;

/// Give each log record the resource that it is about, and the application of that resource. A record
/// that names a resource by its identity keeps it; any other is matched by `logged_as` of the components,
/// in the order of the register.
pub fn attribute(inventory: &mut Inventory) {
    let mut patterns: Vec<(Text, &LoggedAs)> = Vec::new();
    for application in &inventory.applications {
        for component in &application.components {
            let arn = component.arn(&application.id);
            patterns.extend(component.logged_as.iter().map(|logged_as| (arn.clone(), logged_as)));
        }
    }
    let owners: HashMap<&str, &Text> = inventory
        .resources
        .iter()
        .filter_map(|resource| Some((resource.arn.as_str(), resource.application.as_ref()?)))
        .collect();
    let mut owned = Owned::default();
    for activity in inventory.activities.iter_mut().filter(|activity| activity.account == log::ACCOUNT) {
        let named = activity.resource.as_deref().is_some_and(is_identity);
        if !named && let Some((arn, _)) = patterns.iter().find(|(_, pattern)| matches(pattern, activity)) {
            activity.resource = Some(arn.clone());
        }
        let owner = activity.resource.as_deref().and_then(|arn| owners.get(arn)).map(|owner| (*owner).clone());
        if let Some(owner) = owner
            && activity.detail.as_ref().is_none_or(|detail| detail.application.is_none())
        {
            owned.give(activity, owner);
        }
    }
}

/// Details that were given an application. Records that shared one before share one after.
#[derive(Default)]
struct Owned(HashMap<(usize, Text), (Arc<Detail>, Arc<Detail>)>);

impl Owned {
    fn give(&mut self, activity: &mut Activity, owner: Text) {
        let before = activity.detail.get_or_insert_default();
        // The detail before is kept too, or its place in memory could come to mean another.
        let place = Arc::as_ptr(before) as usize;
        let (_, after) = self.0.entry((place, owner.clone())).or_insert_with(|| {
            let mut after = Detail::clone(before);
            after.application = Some(owner);
            (Arc::clone(before), Arc::new(after))
        });
        *before = Arc::clone(after);
    }
}

fn is_identity(resource: &str) -> bool {
    resource.starts_with("arn:") || resource.starts_with("component:")
}

fn matches(pattern: &LoggedAs, activity: &Activity) -> bool {
    let detail = activity.detail.as_deref();
    let tool = detail.and_then(|detail| detail.tool.as_ref()).map(|tool| tool.name.as_str());
    let host = detail.and_then(|detail| detail.host.as_deref());
    let sources = detail.map(|detail| detail.sources.as_slice()).unwrap_or_default();
    let glob = |pattern: &Option<Text>, value: Option<&str>| {
        pattern.as_deref().is_none_or(|pattern| value.is_some_and(|value| glob::matches(pattern, value)))
    };
    let names = || activity.resource.iter().chain(sources).map(Text::as_str);
    pattern.tool.as_deref().is_none_or(|wanted| tool == Some(wanted))
        && glob(&pattern.host, host)
        && pattern.resource.as_deref().is_none_or(|wanted| names().any(|name| glob::matches(wanted, name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inventory() -> Inventory {
        serde_json::from_value(serde_json::json!({
            "schema": "lastgood.inventory/1", "source": "test", "captured_at": "2026-11-22T00:00:00Z",
            "accounts": [], "regions": [],
            "applications": [{"id": "shop", "components": [
                {"name": "db", "kind": "mysql", "logged_as": [{"tool": "mysqldump", "host": "db*"}]},
                {"name": "files", "kind": "files", "logged_as": [{"resource": "/srv/*"}]},
            ]}],
            "resources": [
                {"arn": "component:shop/db", "kind": "mysql", "account": "declared", "region": "global", "application": "shop"},
                {"arn": "component:shop/files", "kind": "files", "account": "declared", "region": "global", "application": "shop"},
            ],
            "activities": [
                record("1", serde_json::json!({"detail": {"tool": {"name": "mysqldump"}, "host": "db1"}})),
                record("2", serde_json::json!({"detail": {"tool": {"name": "mysqldump"}, "host": "web1"}})),
                record("3", serde_json::json!({"resource": "/srv/www"})),
                record("4", serde_json::json!({"detail": {"sources": ["/etc", "/srv/x"]}})),
                record("5", serde_json::json!({"resource": "component:shop/db", "detail": {"sources": ["/srv/x"]}})),
                record("6", serde_json::json!({"resource": "arn:aws:s3:::x"})),
            ],
        }))
        .unwrap()
    }

    fn record(id: &str, more: serde_json::Value) -> serde_json::Value {
        let mut record = serde_json::json!({"id": id, "kind": "backup", "source": "log", "account": "declared",
            "region": "global", "outcome": "succeeded", "started_at": "2026-11-21T00:00:00Z"});
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        record
    }

    #[test]
    fn records_find_their_component_and_named_ones_keep_it() {
        let mut inventory = inventory();
        attribute(&mut inventory);
        let found: Vec<&str> =
            inventory.activities.iter().map(|activity| activity.resource.as_deref().unwrap_or("-")).collect();
        let files = "component:shop/files";
        assert_eq!(found, ["component:shop/db", "-", files, files, "component:shop/db", "arn:aws:s3:::x"]);
        let application =
            |n: usize| inventory.activities[n].detail.as_ref().and_then(|detail| detail.application.as_deref());
        assert_eq!((application(0), application(1), application(5)), (Some("shop"), None, None));
    }
}
