//! What stacks give to those that are nested in them, where the templates of both are inputs.
//!
//! A nested stack has the values that the stack around it gives to its parameters, and no others: those of the command
//! line are of the stacks that nothing nests. Where several nest one template, what they agree on is known.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::nested::{self, Nested};
use super::node::Node;
use super::outputs::Below;
use super::resolve::Scope;
use super::template::{self, Declaration};
use super::value::{Props, Stuck, Told, Value, Why};
use super::worlds::World;
use super::{Given, assets, cdk, is_for_cloudformation, place};
use crate::sources::iac::{self, UNKNOWN_ACCOUNT, UNKNOWN_REGION};

/// The inputs that are judged together.
#[derive(Debug, Default)]
pub struct Stacks {
    inputs: BTreeSet<PathBuf>,
    /// Those that can be read, where there are several.
    roots: BTreeMap<PathBuf, Node>,
    /// Those that nest another.
    parents: BTreeSet<PathBuf>,
    handed: BTreeMap<PathBuf, Handed>,
}

/// The values that a template gets from the stacks that nest it.
#[derive(Debug, Default)]
pub(super) struct Handed {
    /// By parameter, pseudo parameters among them.
    pub(super) known: BTreeMap<String, String>,
    /// What is given and cannot be told, with the reason.
    pub(super) open: BTreeMap<String, Why>,
}

/// Stacks within one another.
const DEEPEST: usize = 50;

/// The values of one use of a template; `None` is left to the default.
pub(super) type Use = BTreeMap<String, Result<Option<String>, Why>>;

impl Stacks {
    /// Find which of the inputs nest which, and what they hand over. What cannot be read is left to [`read`](super::read).
    pub fn of(inputs: &[PathBuf], given: &Given<'_>) -> Self {
        let mut stacks = Self { inputs: inputs.iter().map(|path| nested::plain(path)).collect(), ..Self::default() };
        for path in inputs.iter().filter(|_| inputs.len() > 1) {
            if let Some(root) = document(path) {
                stacks.roots.insert(nested::plain(path), root);
            }
        }
        let mut children = Vec::new();
        for (path, root) in &stacks.roots {
            named(root, &mut |file| children.push((nested::beside(path, file), path.clone())));
        }
        // What is handed over may be an output of another nested stack.
        let given = Given { stacks: &stacks, ..*given };
        let mut family = Family { given: &given, parents: BTreeMap::new(), uses: BTreeMap::new() };
        for (child, parent) in children {
            if stacks.roots.contains_key(&child) {
                family.parents.entry(child).or_default().insert(parent);
            }
        }
        let parents = family.parents.values().flatten().cloned().collect();
        let nested: Vec<PathBuf> = family.parents.keys().cloned().collect();
        let found = |child: PathBuf| Some((child.clone(), family.handed(&child, &mut Vec::new())?));
        let handed = nested.into_iter().filter_map(found).collect();
        (stacks.parents, stacks.handed) = (parents, handed);
        stacks
    }

    /// Whether a template is one of the inputs.
    pub(super) fn contains(&self, path: &Path) -> bool {
        self.inputs.contains(path)
    }

    /// The template of an input, where there are several.
    pub(super) fn root(&self, path: &Path) -> Option<&Node> {
        self.roots.get(path)
    }

    /// Whether an input nests another, so that what it declares may stand there.
    pub fn nests(&self, path: &Path) -> bool {
        self.parents.contains(&nested::plain(path))
    }

    /// What a template gets, if one of the inputs nests it.
    pub(super) fn handed(&self, path: &Path) -> Option<&Handed> {
        self.handed.get(&nested::plain(path))
    }
}

fn document(path: &Path) -> Option<Node> {
    let bytes = std::fs::read(path).ok()?;
    if !is_for_cloudformation(&bytes, &path.to_string_lossy()) {
        return None;
    }
    let (text, utf16) = iac::decode(bytes).ok()?;
    let mut root = template::document(&text, utf16).ok()?;
    assets::localise(&mut root, path);
    Some(root)
}

/// Every file that a document names as the template of a nested stack, within loops, too.
fn named(node: &Node, found: &mut dyn FnMut(&str)) {
    node.items().iter().for_each(|item| named(item, found));
    node.entries().iter().for_each(|entry| named(&entry.value, found));
    if let Some(ty) = node.get("Type").and_then(Node::as_text)
        && let Some(Nested::File(file)) = nested::named_by(ty, node.get("Properties"))
    {
        found(file);
    }
}

/// The inputs, while it is found out what they hand over.
struct Family<'g> {
    given: &'g Given<'g>,
    parents: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
    /// What each template gives, by the template that gets it.
    uses: BTreeMap<PathBuf, Vec<(PathBuf, Use)>>,
}

impl Family<'_> {
    /// What a template gets; `None` where nothing nests it. `around` are those that ask.
    fn handed(&mut self, path: &Path, around: &mut Vec<PathBuf>) -> Option<Handed> {
        let parents = self.parents.get(path)?.clone();
        let names = self.given.stacks.root(path).map(self::parameters).unwrap_or_default();
        let mut uses = Vec::new();
        for parent in &parents {
            // Of what is nested in itself nothing can be told: CloudFormation would never be done with it.
            if around.contains(parent) || parent == path || around.len() > DEEPEST {
                let why = || Why::new("comes from a stack that is nested in itself, or too deeply");
                uses.push(names.iter().map(|name| (name.clone(), Err(why()))).collect());
                continue;
            }
            if !self.uses.contains_key(parent) {
                around.push(path.to_owned());
                let handed = self.handed(parent, around);
                around.pop();
                let made = self.made_by(parent, handed.as_ref());
                self.uses.insert(parent.clone(), made);
            }
            let made = self.uses.get(parent).into_iter().flatten();
            uses.extend(made.filter(|(child, _)| child == path).map(|(_, made)| made.clone()));
        }
        if uses.is_empty() { None } else { Some(agreed(&uses)) }
    }

    /// What a template gives to those that are nested in it.
    fn made_by(&self, path: &Path, handed: Option<&Handed>) -> Vec<(PathBuf, Use)> {
        let Some(root) = self.given.stacks.root(path) else { return Vec::new() };
        let (parameters, open) = effective(self.given, handed);
        let given = Given { parameters: &parameters, ..*self.given };
        let beside = cdk::beside(path);
        let below = Below::new(given, path);
        let Ok(template) = super::template(root.clone(), &below, &open, &beside) else { return Vec::new() };
        let scope = Scope::new(&template, &parameters, &open, place(&given, &beside), below);
        let mut uses = Vec::new();
        for declaration in &template.resources {
            let Some(Nested::File(file)) = nested::of(declaration) else { continue };
            let child = nested::beside(path, file);
            let names = self.given.stacks.root(&child).map(self::parameters).unwrap_or_default();
            uses.extend(of(&scope, declaration, &names).map(|made| (child, made)));
        }
        uses
    }
}

/// The names of the parameters of a template.
pub(super) fn parameters(root: &Node) -> Vec<String> {
    root.get("Parameters").map(Node::entries).unwrap_or_default().iter().map(|entry| entry.key.clone()).collect()
}

/// The values of the parameters that one declaration gives, with those of its place; `None` where it makes no stack.
pub(super) fn of(scope: &Scope<'_>, declaration: &Declaration, names: &[String]) -> Option<Use> {
    let mut world = World::default();
    if let Some(name) = &declaration.condition {
        match scope.decide(&world, &|world| scope.condition(name, world).map_err(|why| why.at(""))) {
            Ok(true) => {}
            Ok(false) => return None,
            // It is looked at as it is where it is.
            Err(_) => {
                world.conditions.insert(name.clone(), true);
            }
        }
    }
    let value = |name: &str| {
        let told = scope.decide(&world, &|world| text(&scope.properties(declaration, world), name));
        told.map_err(|Stuck { why, .. }| {
            let text = format!("is what the stack `{}` around it gives, which {}", declaration.id, why.text);
            Why { text, split: None, bounds: None, parameter: why.parameter }
        })
    };
    let mut made: Use = names.iter().map(|name| (name.clone(), value(name))).collect();
    for (name, value, unknown) in
        [("AWS::AccountId", &scope.account, UNKNOWN_ACCOUNT), ("AWS::Region", &scope.region, UNKNOWN_REGION)]
    {
        made.insert(name.to_owned(), Ok(Some(value.to_string()).filter(|value| *value != unknown)));
    }
    Some(made)
}

/// A value of a parameter as text, as CloudFormation hands it over.
fn text(properties: &Value, name: &str) -> Told<Option<String>> {
    let parameters = Props::new(properties, "").at("Parameters")?;
    // The identity of a resource of the stack around means nothing, or something else, within.
    Ok(match parameters.at(name)?.is_list() {
        true => {
            let items = parameters.items(name)?;
            let items: Told<Vec<String>> = items.iter().map(Props::text_here_owned).collect();
            Some(items?.join(","))
        }
        false => parameters.text(name)?.map(str::to_owned),
    })
}

/// What all uses of a template agree on.
pub(super) fn agreed(uses: &[Use]) -> Handed {
    let mut handed = Handed::default();
    let names: BTreeSet<&String> = uses.iter().flat_map(BTreeMap::keys).collect();
    for name in names {
        let mut values = uses.iter().map(|made| made.get(name).unwrap_or(&Ok(None)));
        let Some(first) = values.next() else { continue };
        let other = values.find(|value| *value != first);
        match (first, other) {
            (Ok(Some(value)), None) => {
                handed.known.insert(name.clone(), value.clone());
            }
            (Ok(None), None) => {}
            (Err(why), _) | (_, Some(Err(why))) => {
                handed.open.insert(name.clone(), why.clone());
            }
            (Ok(_), Some(Ok(_))) => {
                let why = Why::new("is not the same in all the stacks that nest the template");
                handed.open.insert(name.clone(), why);
            }
        }
    }
    handed
}

/// The values that hold for a template, and the reasons for those that cannot be told.
pub(super) fn effective(
    given: &Given<'_>,
    handed: Option<&Handed>,
) -> (BTreeMap<String, String>, BTreeMap<String, Why>) {
    let Some(handed) = handed else { return (given.parameters.clone(), BTreeMap::new()) };
    let pseudo = given.parameters.iter().filter(|(name, _)| name.starts_with("AWS::"));
    let mut known: BTreeMap<String, String> = pseudo.map(|(name, value)| (name.clone(), value.clone())).collect();
    known.extend(handed.known.clone());
    (known, handed.open.clone())
}
