//! What the transform of SAM (`AWS::Serverless-2016-10-31`) makes of its own types, as far as it matters here: tables,
//! and the events that functions are told of.

use super::node::{Data, Entry, Node};
use super::template::{Declaration, Template};

/// Put what the transform makes in the place of its own types.
pub(super) fn unfold(template: &mut Template) {
    let mut made = Vec::new();
    for resource in &mut template.resources {
        match resource.ty.as_str() {
            "AWS::Serverless::SimpleTable" => {
                resource.ty = "AWS::DynamoDB::Table".to_owned();
                if let Some(globals) = template.globals.get("SimpleTable") {
                    fill(&mut resource.properties, globals);
                }
            }
            "AWS::Serverless::Function" => made.extend(events(resource)),
            _ => {}
        }
    }
    template.resources.extend(made);
}

/// What the globals say holds where the resource says nothing.
fn fill(properties: &mut Node, globals: &Node) {
    if let Data::Map(own) = &mut properties.data {
        for entry in globals.entries() {
            match own.iter_mut().find(|known| known.key == entry.key) {
                Some(known) if known.value.is_map() && entry.value.is_map() => fill(&mut known.value, &entry.value),
                Some(_) => {}
                None => own.push(entry.clone()),
            }
        }
    }
}

/// The rules and subscriptions that bring events to a function.
fn events(function: &Declaration) -> Vec<Declaration> {
    let events = function.properties.get("Events").map(Node::entries).unwrap_or_default();
    events.iter().filter_map(|event| of_event(function, event)).collect()
}

fn of_event(function: &Declaration, event: &Entry) -> Option<Declaration> {
    let line = event.line;
    let properties = event.value.get("Properties")?;
    let parts = vec![Node::text(line, &function.id), Node::text(line, "Arn")];
    let target = Node::map(line, "Fn::GetAtt", Node { line, data: Data::List(parts) });
    let entry = |key: &str, value: Node| Entry { key: key.to_owned(), line, value };
    let take = |from: &str, to: &str| properties.get(from).map(|value| entry(to, value.clone()));
    let (ty, mut made) = match event.value.get("Type")?.as_text()? {
        "EventBridgeRule" | "CloudWatchEvent" => {
            let targets = Node { line, data: Data::List(vec![Node::map(line, "Arn", target)]) };
            let state = take("State", "State").or_else(|| match properties.get("Enabled")?.as_text()? {
                "false" => Some(entry("State", Node::text(line, "DISABLED"))),
                _ => None,
            });
            let fields = [take("Pattern", "EventPattern"), take("EventBusName", "EventBusName"), state];
            ("AWS::Events::Rule", fields.into_iter().flatten().chain([entry("Targets", targets)]).collect::<Vec<_>>())
        }
        "SNS" => {
            let fields = [take("Topic", "TopicArn"), Some(entry("Protocol", Node::text(line, "lambda")))];
            ("AWS::SNS::Subscription", fields.into_iter().flatten().collect())
        }
        _ => return None,
    };
    made.shrink_to_fit();
    Some(Declaration {
        id: format!("{}{}", function.id, event.key),
        ty: ty.to_owned(),
        written: function.written.clone(),
        line,
        properties: Node { line, data: Data::Map(made) },
        condition: function.condition.clone(),
        deletion_policy: None,
        update_replace_policy: None,
    })
}
