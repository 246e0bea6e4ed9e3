//! What a document is: a template, or something else of the trade, each by its name.

use std::fmt;

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};

use super::node::Node;
use crate::sources::iac;

/// Keys of plans, states and events of Terraform.
const TERRAFORM: &[&str] = &[
    "format_version",
    "terraform_version",
    "planned_values",
    "resource_changes",
    "plan_format_version",
    "values",
    "lineage",
    "@level",
];

/// Whether an input is for [`read`](super::read) rather than for the reader of plans: any YAML, and any object of JSON
/// that has no key of Terraform. `name` is its file name.
pub fn is_for_cloudformation(bytes: &[u8], name: &str) -> bool {
    let Ok((text, _)) = iac::decode(bytes.to_vec()) else { return is_template_name(name) };
    let start = text.trim_start();
    if start.starts_with('{') {
        let keys = keys(start);
        return !keys.is_empty() && !keys.iter().any(|key| TERRAFORM.contains(&key.as_str()));
    }
    if start.starts_with("PK\u{3}\u{4}") || start.starts_with('[') {
        return false;
    }
    let section = |line: &str| {
        ["Resources:", "AWSTemplateFormatVersion:", "Transform:", "Parameters:"].iter().any(|key| line.starts_with(key))
    };
    is_template_name(name) || text.lines().any(section)
}

fn is_template_name(name: &str) -> bool {
    [".yaml", ".yml", ".template"].iter().any(|end| name.ends_with(end))
}

/// The keys of an object, as far as it can be read.
fn keys(text: &str) -> Vec<String> {
    struct Keys<'k>(&'k mut Vec<String>);
    impl<'de> Visitor<'de> for Keys<'_> {
        type Value = ();
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key::<String>()? {
                self.0.push(key);
                map.next_value::<IgnoredAny>()?;
            }
            Ok(())
        }
    }
    let mut found = Vec::new();
    let mut parser = serde_json::Deserializer::from_str(text);
    // What is cut off has keys all the same.
    let _ = parser.deserialize_map(Keys(&mut found));
    found
}

/// What a document without `Resources` is.
pub(super) fn instead(root: &Node) -> &'static str {
    let has = |keys: &[&str]| keys.iter().all(|key| root.get(key).is_some());
    match () {
        () if !root.is_map() => "neither a map of YAML nor an object of JSON",
        () if has(&["resource_changes"]) || has(&["planned_values"]) => "a plan of Terraform",
        () if has(&["Changes"]) || has(&["ChangeSetName"]) => "a change set, which tells what changes and no values",
        () if has(&["artifacts", "version"]) => "the manifest of a cloud assembly of the CDK",
        () if has(&["Statement"]) => "a policy (of a stack or of IAM)",
        () if has(&["Stacks"]) || has(&["StackResources"]) => "a description of deployed stacks",
        () if has(&["apiVersion", "kind"]) => "a manifest of Kubernetes",
        () if has(&["Resources"]) => "a document whose `Resources` is no map",
        () if has(&["Parameters"]) && root.entries().len() == 1 => "a file of parameters",
        () => "a document without `Resources`",
    }
}
