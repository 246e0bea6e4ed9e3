//! Small plans, written by hand: what the real plans of the fixtures do not hold.

mod absent;
mod changes;
mod clusters;
mod families;
mod joined;
mod places;
mod settings;
mod undecided;
mod values;

use lastgood::model::inventory::Inventory;
use lastgood::model::resource::Resource;
use lastgood::sources::iac::{Declared, Reading};
use serde_json::{Value, json};

/// A plan of these resources. Each has `type`, `name` and what is said of it: `before`, `after`, `unknown`,
/// `expressions`, and whatever else stands in its entry (`actions`, `previous_address`, `deposed`, `importing`).
pub(super) fn small(resources: &Value) -> Value {
    let (mut changes, mut blocks) = (Vec::new(), Vec::new());
    for resource in resources.as_array().unwrap() {
        let text = |key: &str| resource[key].as_str().unwrap().to_owned();
        let address = format!("{}.{}", text("type"), text("name"));
        let of = |key: &str, otherwise: Value| resource.get(key).cloned().unwrap_or(otherwise);
        let actions = match (resource["before"].is_null(), resource["after"].is_null()) {
            (true, _) => json!(["create"]),
            (false, true) => json!(["delete"]),
            _ if resource["before"] == resource["after"] => json!(["no-op"]),
            _ => json!(["update"]),
        };
        let mut change = json!({
            "address": address, "mode": "managed", "type": text("type"), "name": text("name"),
            "change": {
                "actions": of("actions", actions), "before": resource["before"], "after": resource["after"],
                "after_unknown": of("unknown", json!({})), "before_sensitive": false,
                "after_sensitive": of("sensitive", json!(false)),
            },
        });
        for key in ["previous_address", "deposed"] {
            if let Some(value) = resource.get(key) {
                change[key] = value.clone();
            }
        }
        if let Some(importing) = resource.get("importing") {
            change["change"]["importing"] = importing.clone();
        }
        changes.push(change);
        let key = of("provider", json!("aws"));
        blocks
            .push(json!({"address": address, "provider_config_key": key, "expressions": of("expressions", json!({}))}));
    }
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes,
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-2"}}}},
            "root_module": {"resources": blocks},
        },
    })
}

fn reading(plan: &Value) -> Reading {
    super::read(plan.to_string().as_bytes(), None).unwrap()
}

/// The inventory after the change.
fn after(resources: &Value) -> Inventory {
    reading(&small(resources)).after
}

fn declared(resources: &Value) -> Declared {
    *after(resources).declared.unwrap()
}

/// What is open after a change, and why.
fn open(resources: &Value) -> Vec<String> {
    declared(resources).undecided.iter().map(|open| format!("{} {}", open.attribute, open.why)).collect()
}

fn named<'i>(inventory: &'i Inventory, name: &str) -> &'i Resource {
    let found = inventory.resources.iter().find(|resource| resource.name.as_deref() == Some(name));
    found.unwrap_or_else(|| panic!("no `{name}`"))
}

/// The weakenings of a change, in words.
fn weakened(resources: &Value) -> Vec<String> {
    let mut reading = reading(&small(resources));
    lastgood::sources::iac::join(&mut reading, None);
    reading.after.declared.unwrap().weakenings.iter().map(|weakening| weakening.sentence.to_string()).collect()
}

/// Insist that exactly one weakening is said, with these words.
fn weakens(resources: &Value, words: &str) {
    let found = weakened(resources);
    assert!(found.len() == 1 && found[0].contains(words), "{found:#?} is not `{words}`");
}
