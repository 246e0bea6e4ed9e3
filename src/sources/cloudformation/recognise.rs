//! What a document is: a template, or something else of the trade, each by its name.

use std::fmt;

use serde::de::{Deserializer as _, Error as _, IgnoredAny, MapAccess, Visitor};

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

/// Keys of templates.
const TEMPLATE: &[&str] = &[
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Mappings",
    "Outputs",
    "Parameters",
    "Resources",
    "TemplateBody",
    "Transform",
];

/// Whether an input is for [`read`](super::read) rather than for the reader of plans: any YAML, and any object of JSON
/// that has no key of Terraform. `name` is its file name. A plan is told by its first keys, however large it is.
pub fn is_for_cloudformation(bytes: &[u8], name: &str) -> bool {
    match bytes.trim_ascii_start() {
        [b'{', ..] => return is_object_of_ours(bytes),
        [b'[', ..] | [b'P', b'K', 3, 4, ..] => return false,
        _ => {}
    }
    let Ok((text, _)) = iac::decode(bytes.to_vec()) else { return is_template_name(name) };
    if text.trim_start().starts_with('{') {
        return is_object_of_ours(text.trim_start().as_bytes());
    }
    let section = |line: &str| {
        ["Resources:", "AWSTemplateFormatVersion:", "Transform:", "Parameters:"].iter().any(|key| line.starts_with(key))
    };
    is_template_name(name) || text.lines().any(section)
}

fn is_template_name(name: &str) -> bool {
    [".yaml", ".yml", ".template"].iter().any(|end| name.ends_with(end))
}

/// Whether an object is none of Terraform: by the first key that tells, or by all of them as far as it can be read.
fn is_object_of_ours(bytes: &[u8]) -> bool {
    struct Keys<'k>(&'k mut Option<bool>);
    impl<'de> Visitor<'de> for Keys<'_> {
        type Value = ();
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(key) = map.next_key::<String>()? {
                let of_terraform = TERRAFORM.contains(&key.as_str());
                *self.0 = Some(!of_terraform);
                if of_terraform || TEMPLATE.contains(&key.as_str()) {
                    // Nothing more has to be read.
                    return Err(A::Error::custom("enough"));
                }
                map.next_value::<IgnoredAny>()?;
            }
            Ok(())
        }
    }
    let mut found = None;
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    // What is cut off has keys all the same.
    let _ = parser.deserialize_map(Keys(&mut found));
    found == Some(true)
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
