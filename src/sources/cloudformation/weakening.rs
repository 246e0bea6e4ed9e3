//! What a template gives away by itself: data that goes with the resource.

use super::draft::Draft;
use super::family;
use super::node::Node;
use super::resolve::{Scope, World};
use super::value::Value;
use crate::model::text::Text;
use crate::sources::iac::Weakening;

/// Stateful resources of which somebody says that they are to be deleted with the stack, or when they are replaced.
pub(super) fn of(scope: &Scope<'_>, draft: &Draft<'_>) -> Vec<Weakening> {
    let mut found = Vec::new();
    for declaration in &scope.template.resources {
        let holds_data = family::find(&declaration.ty).is_some_and(|info| info.holds_data);
        // What no condition rules out.
        let is_there = draft.declared.iter().any(|resource| *resource.address == *declaration.id);
        if !holds_data || !is_there {
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
    found
}
