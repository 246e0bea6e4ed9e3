//! References to what is not there. CloudFormation refuses them; a template that was cut off between two resources is
//! valid YAML and shows by them alone.

use super::node::{Data, Node};
use super::template::Template;
use crate::sources::iac::Problem;

/// Insist that everything is there that is referred to. Where transforms or loops make what nobody wrote, nothing is
/// insisted on.
///
/// # Errors
/// [`Problem::Form`] with the first name that nothing has.
pub(super) fn refuse(template: &Template) -> Result<(), Problem> {
    let makes_others = |name: &String| name != "AWS::LanguageExtensions";
    if template.transforms.iter().any(makes_others) || !template.unread.is_empty() {
        return Ok(());
    }
    let there: std::collections::HashSet<&str> = template.resources.iter().map(|r| r.id.as_str()).collect();
    let look = Look { template, there };
    for (name, node) in &template.conditions {
        look.at(name, node)?;
    }
    for resource in &template.resources {
        if let Some(name) = &resource.condition {
            look.condition(&resource.id, name, resource.line)?;
        }
        look.at(&resource.id, &resource.properties)?;
    }
    Ok(())
}

struct Look<'t> {
    template: &'t Template,
    there: std::collections::HashSet<&'t str>,
}

impl Look<'_> {
    fn at(&self, owner: &str, node: &Node) -> Result<(), Problem> {
        if let Some(call) = node.only() {
            let first = call.value.items().first().and_then(Node::as_text);
            match call.key.as_str() {
                "Ref" => self.name(owner, call.value.as_text(), node.line)?,
                "Fn::GetAtt" => {
                    let text = first.or_else(|| call.value.as_text()?.split('.').next());
                    if let Some(id) = text.filter(|id| !self.there.contains(id)) {
                        return Err(dangling(owner, id, node.line, "no resource"));
                    }
                }
                "Fn::Sub" => {
                    let names = call.value.items().get(1);
                    let own = |name: &str| names.is_some_and(|names| names.get(name).is_some());
                    let mut rest = first.or(call.value.as_text()).unwrap_or_default();
                    while let Some((name, after)) = rest.split_once("${").and_then(|(_, after)| after.split_once('}')) {
                        rest = after;
                        if name.starts_with('!') || own(name) {
                            continue;
                        }
                        match name.split_once('.') {
                            Some((id, _)) if !self.there.contains(id) => {
                                return Err(dangling(owner, id, node.line, "no resource"));
                            }
                            Some(_) => {}
                            None => self.name(owner, Some(name), node.line)?,
                        }
                    }
                }
                "Fn::If" => {
                    if let Some(name) = first {
                        self.condition(owner, name, node.line)?;
                    }
                }
                _ => {}
            }
        }
        match &node.data {
            Data::List(items) => items.iter().try_for_each(|item| self.at(owner, item)),
            Data::Map(entries) => entries.iter().try_for_each(|entry| self.at(owner, &entry.value)),
            _ => Ok(()),
        }
    }

    fn name(&self, owner: &str, name: Option<&str>, line: u32) -> Result<(), Problem> {
        let known = |name: &str| {
            name.starts_with("AWS::") || self.template.parameters.contains_key(name) || self.there.contains(name)
        };
        match name.filter(|name| !known(name)) {
            Some(name) => Err(dangling(owner, name, line, "neither a parameter nor a resource")),
            None => Ok(()),
        }
    }

    fn condition(&self, owner: &str, name: &str, line: u32) -> Result<(), Problem> {
        if self.template.conditions.contains_key(name) {
            return Ok(());
        }
        Err(dangling(owner, name, line, "no condition"))
    }
}

fn dangling(owner: &str, name: &str, line: u32, what: &str) -> Problem {
    let short = |text: &str| text.chars().take(100).collect::<String>();
    let (owner, name) = (short(owner), short(name));
    Problem::Form(format!("`{owner}` refers to `{name}` (line {line}), which is {what} of it; is it cut off?"))
}
