//! What expressions come to: intrinsic functions, parameters, mappings and conditions.
//!
//! What cannot be told is assumed in a [`World`]; [`worlds`](super::worlds) looks at each in which an answer could differ.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::family;
use super::functions;
use super::nested;
use super::node::{Data, Node};
use super::outputs::{Below, Outputs};
use super::template::{Declaration, Parameter, Template};
use super::value::{Props, Split, Value, Why};
use super::worlds::{MOST_VALUES, World};
use crate::model::text::Text;
use crate::sources::iac::{UNKNOWN_ACCOUNT, UNKNOWN_REGION, spelt};

/// A template with what is known beside it.
pub(super) struct Scope<'t> {
    pub(super) template: &'t Template,
    given: &'t BTreeMap<String, String>,
    /// Parameters to which the stack around gives what cannot be told.
    open: &'t BTreeMap<String, Why>,
    pub(super) account: Text,
    pub(super) region: Text,
    /// The conditions of everything that plans can take in.
    pub(super) covered_under: BTreeSet<Option<&'t str>>,
    index: HashMap<&'t str, &'t Declaration>,
    named: RefCell<HashMap<String, Named>>,
    below: Below<'t>,
    /// The outputs of nested stacks; `None` while they are looked for.
    outputs: RefCell<HashMap<String, Option<Result<Outputs, Why>>>>,
    steps: Cell<u64>,
}

/// What names a resource.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Named {
    /// What `Ref` gives.
    pub(super) reference: String,
    /// Its ARN, or the identity that stands for it.
    pub(super) arn: String,
}

/// Expressions within one another.
const DEEPEST: usize = 120;
/// Values that are looked at in all. A template of 500 resources takes some 20,000.
const MOST_STEPS: u64 = 4_000_000;

impl<'t> Scope<'t> {
    pub(super) fn new(
        template: &'t Template,
        given: &'t BTreeMap<String, String>,
        open: &'t BTreeMap<String, Why>,
        at: (Text, Text),
        below: Below<'t>,
    ) -> Self {
        let index = template.resources.iter().map(|resource| (resource.id.as_str(), resource)).collect();
        let (account, region) = at;
        let (named, outputs, steps) = (RefCell::default(), RefCell::default(), Cell::new(0));
        let covered = template.resources.iter().filter(|resource| family::is_covered(&resource.ty));
        let covered_under = covered.map(|resource| resource.condition.as_deref()).collect();
        Self { template, given, open, account, region, covered_under, index, named, below, outputs, steps }
    }

    pub(super) fn declaration(&self, id: &str) -> Option<&'t Declaration> {
        self.index.get(id).copied()
    }

    /// The texts of a collection.
    pub(super) fn texts(&self, node: &Node) -> Result<Vec<String>, String> {
        let world = World::default();
        let told = self.decide(&world, &|world| {
            let value = match self.eval(node, world, 0) {
                Value::Open(why) => return Err(why.at("")),
                value => Value::Map(vec![(String::new(), value)]),
            };
            Ok(Props::new(&value, "").names("")?.into_iter().map(str::to_owned).collect::<Vec<_>>())
        });
        told.map_err(|stuck| format!("goes over a list that {}", stuck.why.text))
    }

    /// Whether a condition holds.
    pub(super) fn condition(&self, name: &str, world: &World) -> Result<bool, Why> {
        self.condition_at(name, world, 0)
    }

    fn condition_at(&self, name: &str, world: &World, depth: usize) -> Result<bool, Why> {
        if let Some(assumed) = world.conditions.get(name) {
            return Ok(*assumed);
        }
        let Some(node) = self.template.conditions.get(name) else {
            return Err(Why::new(format!("depends on the condition `{name}`, which the template does not have")));
        };
        self.test(node, world, depth + 1).map_err(|why| {
            let split = why.split.unwrap_or_else(|| Split::Condition(name.to_owned()));
            let because = match (&why.parameter, &split) {
                (Some(parameter), _) => format!(" (give the parameter `{parameter}` with `--parameter {parameter}=…`)"),
                (None, Split::Condition(inner)) if inner != name => format!(" (and that on `{inner}`)"),
                _ => String::new(),
            };
            let text = format!("depends on the condition `{name}`, which cannot be told{because}");
            Why { text, split: Some(split), bounds: None, parameter: why.parameter }
        })
    }

    /// The truth of an expression of a condition.
    fn test(&self, node: &Node, world: &World, depth: usize) -> Result<bool, Why> {
        if depth > DEEPEST || self.is_spent() {
            return Err(Why::new("is nested too deeply"));
        }
        let Some(entry) = node.only() else {
            return match node.as_text().map(str::to_ascii_lowercase).as_deref() {
                Some("true") => Ok(true),
                Some("false") => Ok(false),
                _ => Err(Why::new("is no condition")),
            };
        };
        let all = || entry.value.items().iter().map(|item| self.test(item, world, depth + 1));
        match entry.key.as_str() {
            "Condition" => self.condition_at(entry.value.as_text().unwrap_or_default(), world, depth + 1),
            "Fn::Not" => all().next().unwrap_or_else(|| Err(Why::new("is no condition"))).map(|holds| !holds),
            "Fn::And" => any(all(), false).map(|found| !found),
            "Fn::Or" => any(all(), true),
            "Fn::Equals" => {
                let [one, other] = entry.value.items() else { return Err(Why::new("is no condition")) };
                match (self.eval(one, world, depth + 1), self.eval(other, world, depth + 1)) {
                    (Value::Open(why), _) | (_, Value::Open(why)) => Err(why),
                    (one, other) if one == other => Ok(true),
                    (Value::Formed(_), _) | (_, Value::Formed(_)) => {
                        Err(Why::new("compares with what is known only when the stack is deployed"))
                    }
                    _ => Ok(false),
                }
            }
            _ => Err(Why::new("is no condition that is known here")),
        }
    }

    fn is_spent(&self) -> bool {
        self.steps.set(self.steps.get() + 1);
        self.steps.get() > MOST_STEPS
    }

    /// The properties of a resource in a world.
    pub(super) fn properties(&self, declaration: &Declaration, world: &World) -> Value {
        self.eval(&declaration.properties, world, 0)
    }

    /// What an expression comes to.
    pub(super) fn eval(&self, node: &Node, world: &World, depth: usize) -> Value {
        if depth > DEEPEST || self.is_spent() {
            return Value::Open(Why::new("is more than can be looked at"));
        }
        let depth = depth + 1;
        match &node.data {
            Data::Null => Value::Absent,
            Data::Text(text) if text.contains("{{resolve:") => {
                Value::Open(Why::new("is a dynamic reference (`{{resolve:…}}`), looked up when the stack is deployed"))
            }
            Data::Text(text) => Value::Text(text.clone()),
            Data::List(items) => {
                let items = items.iter().map(|item| self.eval(item, world, depth));
                Value::List(items.filter(|item| *item != Value::Absent).collect())
            }
            Data::Map(entries) => {
                if let Some(entry) = node.only().filter(|e| e.key == "Ref" || e.key.starts_with("Fn::")) {
                    return match functions::call(self, &entry.key, &entry.value, world, depth) {
                        // What is made of a number has other bounds.
                        Value::Open(why) if !["Ref", "Fn::If"].contains(&entry.key.as_str()) => {
                            Value::Open(Why { bounds: None, ..why })
                        }
                        value => value,
                    };
                }
                if let Some(entry) = entries.iter().find(|entry| entry.key.starts_with("Fn::")) {
                    return Value::Open(Why::new(format!("is made by `{}` when the stack is deployed", entry.key)));
                }
                let field = |entry: &super::node::Entry| (entry.key.clone(), self.eval(&entry.value, world, depth));
                Value::Map(entries.iter().map(field).collect())
            }
        }
    }

    /// What `Ref` gives.
    pub(super) fn reference(&self, name: &str, world: &World) -> Value {
        match name {
            "AWS::NoValue" => return Value::Absent,
            "AWS::URLSuffix" if !self.region.starts_with("cn-") => return Value::Text("amazonaws.com".to_owned()),
            "AWS::NotificationARNs" => return Value::Open(Why::new("are the topics of the stack")),
            _ => {}
        }
        if let Some(value) = world.parameters.get(name).or_else(|| self.given.get(name))
            && (name.starts_with("AWS::") || self.template.parameters.contains_key(name))
        {
            return self.given_value(name, value);
        }
        match name {
            "AWS::AccountId" => return known_or(&self.account, UNKNOWN_ACCOUNT),
            "AWS::Region" => return known_or(&self.region, UNKNOWN_REGION),
            // The identities say `aws` for every partition.
            "AWS::Partition" => return Value::Text("aws".to_owned()),
            "AWS::StackName" => return Value::Formed("(stack)".to_owned()),
            "AWS::StackId" => return Value::Formed("(stack-id)".to_owned()),
            _ => {}
        }
        if let Some(parameter) = self.template.parameters.get(name) {
            return self.parameter(name, parameter);
        }
        if let Some(declaration) = self.declaration(name) {
            return Value::of_text(self.named(declaration).reference);
        }
        Value::Open(Why::new(format!("names `{name}`, which the template does not have")))
    }

    fn given_value(&self, name: &str, value: &str) -> Value {
        match self.template.parameters.get(name) {
            Some(parameter) if parameter.no_echo => hidden(name),
            Some(parameter) if parameter.is_looked_up() => looked_up(name),
            Some(parameter) if parameter.is_list() => list(value),
            _ => Value::Text(value.to_owned()),
        }
    }

    fn parameter(&self, name: &str, parameter: &Parameter) -> Value {
        let open = self.open.get(name);
        if let Some(default) = parameter.default.as_ref().filter(|_| open.is_none()) {
            return self.given_value(name, default);
        }
        if parameter.no_echo {
            return hidden(name);
        }
        let few = (1..=MOST_VALUES).contains(&parameter.allowed.len()) && !parameter.is_looked_up();
        let split = few.then(|| Split::Parameter(name.to_owned()));
        let (text, from) = match open {
            Some(why) => (format!("is the parameter `{name}`, which {}", why.text), why.parameter.clone()),
            None => (
                format!("is the parameter `{name}`, which has no value here (give it with `--parameter {name}=…`)"),
                Some(name.to_owned()),
            ),
        };
        Value::Open(Why { text, split, bounds: parameter.bounds, parameter: from })
    }

    /// What `Fn::GetAtt` gives.
    pub(super) fn attribute(&self, id: &str, attribute: &str) -> Value {
        let Some(declaration) = self.declaration(id) else {
            return Value::Open(Why::new(format!("names `{id}`, which the template does not have")));
        };
        let named = self.named(declaration);
        if nested::of(declaration).is_some() {
            return match attribute.strip_prefix("Outputs.") {
                Some(output) => self.output(declaration, output),
                None => Value::Open(Why::new(format!("is an attribute of the nested stack `{id}`"))),
            };
        }
        match (family::naming(&declaration.ty), attribute) {
            (Some(naming), _) if naming.is_arn(attribute) => Value::of_text(named.arn),
            (Some(naming), _) if naming.is_name(attribute) => Value::of_text(short(&named)),
            _ => Value::Formed(format!("({}.{})", spelt(id), spelt(attribute))),
        }
    }

    /// What a nested stack gives back.
    fn output(&self, declaration: &Declaration, name: &str) -> Value {
        let id = &declaration.id;
        if !self.outputs.borrow().contains_key(id) {
            self.outputs.borrow_mut().insert(id.clone(), None);
            let found = self.below.outputs(self, declaration);
            self.outputs.borrow_mut().insert(id.clone(), Some(found));
        }
        let why = match self.outputs.borrow().get(id).and_then(Option::as_ref) {
            // What it gets hangs on what it gives: CloudFormation refuses that.
            None => Why::new(format!("is an output of the nested stack `{id}`, which hangs on itself")),
            Some(Err(why)) => {
                Why { text: format!("is an output of the nested stack `{id}`, which {}", why.text), ..why.clone() }
            }
            Some(Ok(outputs)) => match outputs.get(name) {
                Some(Ok(text)) => return Value::Text(text.clone()),
                Some(Err(why)) => Why {
                    text: format!("is the output `{name}` of the nested stack `{id}`, which {}", why.text),
                    ..why.clone()
                },
                None => Why::new(format!(
                    "is the output `{name}` of the nested stack `{id}`, which its template does not have"
                )),
            },
        };
        Value::Open(why)
    }

    /// What names a resource, in the world of which nothing is assumed.
    pub(super) fn named(&self, declaration: &Declaration) -> Named {
        if let Some(known) = self.named.borrow().get(&declaration.id) {
            return known.clone();
        }
        let hole = format!("({})", spelt(&declaration.id));
        // A name that is made of itself is none.
        let unnamed = Named { reference: hole.clone(), arn: hole };
        self.named.borrow_mut().insert(declaration.id.clone(), unnamed.clone());
        let named = match family::naming(&declaration.ty) {
            None => unnamed,
            Some(naming) => {
                let name = naming.named_by.and_then(|property| {
                    let world = World::default();
                    let node = declaration.properties.get(property)?;
                    let found = self.decide(&world, &|world| {
                        let value = self.eval(node, world, 0);
                        Props::new(&value, property).name_here().map(|name| name.map(str::to_owned))
                    });
                    found.ok().flatten()
                });
                naming.name(name.as_deref(), &self.account, &self.region, &declaration.id)
            }
        };
        self.named.borrow_mut().insert(declaration.id.clone(), named.clone());
        named
    }
}

impl Value {
    /// Text, which may have holes.
    pub(super) fn of_text(text: String) -> Self {
        if text.contains(['(', '~']) { Self::Formed(text) } else { Self::Text(text) }
    }
}

fn short(named: &Named) -> String {
    crate::model::arn::short(&named.arn).to_owned()
}

fn known_or(value: &Text, unknown: &str) -> Value {
    if *value == unknown { Value::Formed(unknown.to_owned()) } else { Value::Text(value.to_string()) }
}

fn hidden(name: &str) -> Value {
    Value::Open(Why::new(format!("is the parameter `{name}`, whose value is hidden (`NoEcho`)")))
}

fn looked_up(name: &str) -> Value {
    Value::Open(Why::new(format!(
        "is the parameter `{name}`, which is looked up in the parameter store when the stack is deployed"
    )))
}

fn list(text: &str) -> Value {
    Value::List(text.split(',').map(|item| Value::Text(item.trim().to_owned())).collect())
}

/// Whether any is `wanted`: known as soon as one is, and otherwise only where all are known.
fn any(tests: impl Iterator<Item = Result<bool, Why>>, wanted: bool) -> Result<bool, Why> {
    let mut open = None;
    for test in tests {
        match test {
            Ok(holds) if holds == wanted => return Ok(true),
            Ok(_) => {}
            Err(why) => {
                // One that can be split is worth more.
                if open.as_ref().is_none_or(|known: &Why| known.split.is_none()) {
                    open = Some(why);
                }
            }
        }
    }
    open.map_or(Ok(false), Err)
}
