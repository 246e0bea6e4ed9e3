//! The intrinsic functions.

use super::node::Node;
use super::resolve::Scope;
use super::value::{Value, Why};
use super::worlds::World;

fn open(text: impl Into<String>) -> Value {
    Value::Open(Why::new(text))
}

fn deployed(key: &str) -> Value {
    open(format!("is made by `{key}` when the stack is deployed"))
}

/// What a call comes to.
pub(super) fn call(scope: &Scope<'_>, key: &str, argument: &Node, world: &World, depth: usize) -> Value {
    let eval = |node: &Node| scope.eval(node, world, depth);
    match (key, argument.items()) {
        ("Ref", _) => scope.reference(argument.as_text().unwrap_or_default(), world),
        ("Fn::GetAtt", [id, attribute]) => match (eval(id), eval(attribute)) {
            (Value::Text(id), Value::Text(attribute)) => scope.attribute(&id, &attribute),
            _ => deployed(key),
        },
        ("Fn::GetAtt", _) => match argument.as_text().and_then(|text| text.split_once('.')) {
            Some((id, attribute)) => scope.attribute(id, attribute),
            None => deployed(key),
        },
        ("Fn::If", [condition, then, otherwise]) => {
            match scope.condition(condition.as_text().unwrap_or_default(), world) {
                Ok(true) => eval(then),
                Ok(false) => eval(otherwise),
                Err(why) => {
                    let (then, otherwise) = (eval(then), eval(otherwise));
                    if then == otherwise { then } else { Value::Open(why) }
                }
            }
        }
        ("Fn::Sub", [template, names]) => substitute(scope, template, Some(names), world, depth),
        ("Fn::Sub", _) => substitute(scope, argument, None, world, depth),
        ("Fn::Join", [delimiter, list]) => {
            let Value::List(items) = eval(list) else {
                return match eval(list) {
                    Value::Open(why) => Value::Open(why),
                    _ => deployed(key),
                };
            };
            let delimiter = delimiter.as_text().unwrap_or_default();
            let mut parts = Vec::new();
            for (index, item) in items.into_iter().enumerate() {
                if index > 0 && !delimiter.is_empty() {
                    parts.push(Value::Text(delimiter.to_owned()));
                }
                parts.push(item);
            }
            concat(parts)
        }
        ("Fn::Split", [delimiter, text]) => match (delimiter.as_text(), eval(text)) {
            (Some(delimiter), Value::Text(text)) if !delimiter.is_empty() => {
                Value::List(text.split(delimiter).map(|part| Value::Text(part.to_owned())).collect())
            }
            (Some(delimiter), Value::Formed(text)) if !delimiter.is_empty() && !delimiter.contains(['(', ')']) => {
                Value::List(text.split(delimiter).map(|part| Value::of_text(part.to_owned())).collect())
            }
            (_, Value::Open(why)) => Value::Open(why),
            _ => deployed(key),
        },
        ("Fn::Select", [index, list]) => match (eval(index), eval(list)) {
            (Value::Open(why), _) | (_, Value::Open(why)) => Value::Open(why),
            (Value::Text(index), Value::List(items)) => {
                let found = index.trim().parse::<usize>().ok().and_then(|index| items.get(index).cloned());
                found.unwrap_or_else(|| open("selects an item that the list does not have"))
            }
            _ => deployed(key),
        },
        ("Fn::FindInMap", [map, first, second]) => find(scope, map, first, second, None, world, depth),
        ("Fn::FindInMap", [map, first, second, default]) => {
            let default = default.get("DefaultValue").map(eval);
            find(scope, map, first, second, default, world, depth)
        }
        ("Fn::Length", _) => match eval(argument) {
            Value::List(items) => Value::Text(items.len().to_string()),
            Value::Open(why) => Value::Open(why),
            _ => deployed(key),
        },
        ("Fn::ImportValue", _) => match eval(argument) {
            Value::Text(name) => open(format!("is the export `{name}` of another stack")),
            _ => open("is an export of another stack"),
        },
        ("Fn::Transform", _) => {
            let name = argument.get("Name").and_then(Node::as_text).unwrap_or("?");
            open(format!("is made by the transform `{name}` when the stack is deployed"))
        }
        ("Fn::GetAZs" | "Fn::Cidr" | "Fn::Base64" | "Fn::ToJsonString", _) => deployed(key),
        _ => open(format!("uses `{key}`, which is not known here")),
    }
}

/// Texts one after the other.
pub(super) fn concat(parts: Vec<Value>) -> Value {
    let mut text = String::new();
    let mut formed = false;
    let mut stuck: Option<Why> = None;
    for part in parts {
        match part {
            Value::Text(part) => text.push_str(&part),
            Value::Formed(part) => {
                formed = true;
                text.push_str(&part);
            }
            Value::Absent => {}
            Value::Open(why) => {
                // One that can be decided is worth more.
                if stuck.as_ref().is_none_or(|known| known.split.is_none() && why.split.is_some()) {
                    stuck = Some(why);
                }
            }
            Value::List(_) | Value::Map(_) => stuck = Some(Why::new("joins something that is no text")),
        }
    }
    match stuck {
        Some(why) => Value::Open(why),
        None if formed => Value::Formed(text),
        None if text.contains("{{resolve:") => open("is a dynamic reference (`{{resolve:…}}`)"),
        None => Value::Text(text),
    }
}

fn substitute(scope: &Scope<'_>, template: &Node, names: Option<&Node>, world: &World, depth: usize) -> Value {
    let Some(text) = template.as_text() else { return deployed("Fn::Sub") };
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        parts.push(Value::Text(before.to_owned()));
        let Some((name, after)) = after.split_once('}') else {
            parts.push(Value::Text("${".to_owned()));
            rest = after;
            continue;
        };
        rest = after;
        if let Some(literal) = name.strip_prefix('!') {
            parts.push(Value::Text(format!("${{{literal}}}")));
            continue;
        }
        let own = names.and_then(|names| names.get(name));
        parts.push(match (own, name.split_once('.')) {
            (Some(node), _) => scope.eval(node, world, depth),
            (None, Some((id, attribute))) => scope.attribute(id, attribute),
            (None, None) => scope.reference(name, world),
        });
    }
    parts.push(Value::Text(rest.to_owned()));
    concat(parts)
}

fn find(
    scope: &Scope<'_>,
    map: &Node,
    first: &Node,
    second: &Node,
    default: Option<Value>,
    world: &World,
    depth: usize,
) -> Value {
    let eval = |node: &Node| scope.eval(node, world, depth);
    let missing = || default.clone().unwrap_or_else(|| open("looks for an entry that the mapping does not have"));
    let map = match eval(map) {
        Value::Text(name) => match scope.template.mappings.get(&name) {
            Some(map) => map,
            None => return missing(),
        },
        Value::Open(why) => return Value::Open(why),
        _ => return deployed("Fn::FindInMap"),
    };
    let second = match eval(second) {
        Value::Text(second) => second,
        Value::Open(why) => return Value::Open(why),
        _ => return deployed("Fn::FindInMap"),
    };
    let at = |first: &Node| first.get(&second).map(eval);
    match eval(first) {
        Value::Text(first) => map.get(&first).and_then(at).unwrap_or_else(missing),
        other => {
            // Where every entry says the same, it does not matter which.
            let mut all = map.entries().iter().map(|entry| at(&entry.value));
            match (all.next().flatten(), other) {
                (Some(value), _) if default.is_none() && all.all(|other| other.as_ref() == Some(&value)) => value,
                (_, Value::Open(why)) => Value::Open(why),
                _ => open(
                    "depends on the region or account, which is not known here (give it with `--parameter AWS::Region=…`)",
                ),
            }
        }
    }
}
