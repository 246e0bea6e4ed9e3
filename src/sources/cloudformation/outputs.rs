//! What nested stacks give back: their outputs, where their templates are inputs.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use super::nested::{self, Nested};
use super::node::Node;
use super::resolve::Scope;
use super::stacks::{self, agreed, effective};
use super::template::{Declaration, Template};
use super::value::{Props, Stuck, Told, Value, Why};
use super::worlds::World;
use super::{Given, cdk, place};

/// Where a template is, so that what it nests is found.
#[derive(Clone)]
pub(super) struct Below<'g> {
    pub(super) given: Given<'g>,
    path: PathBuf,
    /// The templates around it.
    around: Vec<PathBuf>,
    /// Templates that were looked at for their outputs.
    looked_at: Rc<Cell<usize>>,
}

/// The outputs of one nested stack.
pub(super) type Outputs = BTreeMap<String, Result<String, Why>>;

/// Templates that are looked at in all: one that nests others twice each, and so on, is more than anybody waits for.
const MOST: usize = 500;

impl<'g> Below<'g> {
    pub(super) fn new(given: Given<'g>, path: &std::path::Path) -> Self {
        Self { given, path: nested::plain(path), around: Vec::new(), looked_at: Rc::default() }
    }

    /// What a nested stack gives back, with what the stack around gives to it.
    pub(super) fn outputs(&self, scope: &Scope<'_>, declaration: &Declaration) -> Result<Outputs, Why> {
        let not_read = || Why::new("is not read (give its template as an input, too)");
        let Some(Nested::File(file)) = nested::of(declaration) else { return Err(not_read()) };
        let child = nested::beside(&self.path, file);
        let root = self.given.stacks.root(&child).ok_or_else(not_read)?;
        self.looked_at.set(self.looked_at.get() + 1);
        if child == self.path || self.around.contains(&child) || self.looked_at.get() > MOST {
            return Err(Why::new("is nested in itself, or too deeply"));
        }
        let made = stacks::of(scope, declaration, &stacks::parameters(root));
        let made = made.ok_or_else(|| Why::new("is never made"))?;
        let (parameters, open) = effective(&self.given, Some(&agreed(&[made])));
        let given = Given { parameters: &parameters, ..self.given };
        let beside = cdk::beside(&child);
        let mut around = self.around.clone();
        around.push(self.path.clone());
        let below = Below { given, path: child, around, looked_at: Rc::clone(&self.looked_at) };
        let template = super::template(root.clone(), &below, &open, &beside);
        let template = template.map_err(|_| Why::new("cannot be read"))?;
        let scope = Scope::new(&template, &parameters, &open, place(&given, &beside), below);
        let outputs = root.get("Outputs").map(Node::entries).unwrap_or_default();
        Ok(outputs.iter().map(|output| (output.key.clone(), told(&scope, &template, &output.value))).collect())
    }
}

/// The value of one output, as text.
fn told(scope: &Scope<'_>, template: &Template, output: &Node) -> Result<String, Why> {
    let closed = |Stuck { why, .. }: Stuck| Why { split: None, bounds: None, ..*why };
    let mut world = World::default();
    if let Some(name) = output.get("Condition").and_then(Node::as_text) {
        if !template.conditions.contains_key(name) {
            return Err(Why::new("has a condition that its template does not have"));
        }
        let holds = scope.decide(&world, &|world| scope.condition(name, world).map_err(|why| why.at("")));
        if !holds.map_err(closed)? {
            return Err(Why::new("is not there under its condition"));
        }
        world.conditions.insert(name.to_owned(), true);
    }
    let Some(value) = output.get("Value") else { return Err(Why::new("has no value")) };
    // The identity of a resource of the nested stack means nothing, or something else, in the stack around.
    let ask = |world: &World| -> Told<String> {
        let value = Value::Map(vec![("Value".to_owned(), scope.eval(value, world, 0))]);
        let text = Props::new(&value, "").text("Value")?.map(str::to_owned);
        text.ok_or_else(|| Why::new("has no value").at("Value"))
    };
    scope.decide(&world, &ask).map_err(closed)
}
