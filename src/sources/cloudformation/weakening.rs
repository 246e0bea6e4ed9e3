//! What a template gives away by itself: data that goes with the resource.

use std::collections::{HashMap, HashSet};

use super::draft::Draft;
use super::family;
use super::node::Node;
use super::resolve::Scope;
use super::template::Declaration;
use super::value::{Props, Value};
use super::worlds::World;
use crate::model::text::Text;
use crate::sources::iac::Weakening;

/// Stateful resources of which somebody says that they are to be deleted with the stack, or when they are replaced.
pub(super) fn of(scope: &Scope<'_>, draft: &Draft<'_>) -> Vec<Weakening> {
    let mut found = Vec::new();
    // What no condition rules out.
    let there: HashSet<&str> = draft.declared.iter().map(|resource| resource.address.as_str()).collect();
    for declaration in &scope.template.resources {
        // What a member of a cluster stores is its cluster's.
        let is_member =
            declaration.ty == "AWS::RDS::DBInstance" && declaration.properties.get("DBClusterIdentifier").is_some();
        let holds_data = family::find(&declaration.ty).is_some_and(|info| info.holds_data) && !is_member;
        if !holds_data || !there.contains(declaration.id.as_str()) {
            continue;
        }
        let says_delete = |policy: &Option<Node>| {
            let value = policy.as_ref().map(|node| scope.eval(node, &World::default(), 0));
            value == Some(Value::Text("Delete".to_owned()))
        };
        let identity = draft.wholes.get(declaration.id.as_str()).cloned();
        let mut add = |sentence: &str, after: &str| {
            found.push(Weakening {
                address: Text::from(declaration.id.as_str()),
                declared_type: Text::from(declaration.written.as_str()),
                identity: identity.clone().unwrap_or_else(|| Text::from(scope.named(declaration).arn)),
                code: Text::from("deletion-eased"),
                before: Text::from("kept"),
                after: Text::from(after),
                sentence: Text::from(sentence),
            });
        };
        if says_delete(&declaration.deletion_policy) {
            add("`DeletionPolicy: Delete`: its data goes with the stack, or with its block", "deleted with the stack");
        }
        if says_delete(&declaration.update_replace_policy) {
            add("`UpdateReplacePolicy: Delete`: its data goes when an update replaces it", "deleted when replaced");
        }
    }
    found.extend(emptied(scope, draft));
    found
}

/// Buckets with `autoDeleteObjects` of the CDK: a resource of its own empties them, all versions too, before they go.
fn emptied(scope: &Scope<'_>, draft: &Draft<'_>) -> Vec<Weakening> {
    let mut found = Vec::new();
    let declared = draft.wholes.iter().filter_map(|(id, whole)| Some((whole, scope.declaration(id)?)));
    let buckets: HashMap<&Text, &Declaration> = declared.filter(|(_, of)| of.ty == "AWS::S3::Bucket").collect();
    for declaration in
        scope.template.resources.iter().filter(|declaration| declaration.ty == "Custom::S3AutoDeleteObjects")
    {
        let properties = scope.properties(declaration, &World::default());
        let Ok(Some(name)) = Props::new(&properties, "").name("BucketName") else { continue };
        let arn = Text::from(format!("arn:aws:s3:::{name}"));
        let Some(bucket) = buckets.get(&arn) else { continue };
        found.push(Weakening {
            address: Text::from(bucket.id.as_str()),
            declared_type: Text::from(bucket.ty.as_str()),
            identity: arn,
            code: Text::from("deletion-eased"),
            before: Text::from("kept"),
            after: Text::from("emptied and deleted"),
            sentence: Text::from(
                "`autoDeleteObjects`: the bucket is emptied, all versions too, when it goes with the stack or its block",
            ),
        });
    }
    found
}
