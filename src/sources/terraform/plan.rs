//! A plan, indexed: its resource instances with the attributes that matter, and the blocks they come from.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use foldhash::{HashMap, HashMapExt as _};
use serde_json::Value;
use serde_json::value::RawValue;

use super::address::Address;
use super::attributes::{self, Attributes};
use super::family::{self, TypeInfo};
use super::format::{Change, ConfigResource, Document, Module, ModuleCall, StateModule, StateResource, Values};
use crate::sources::iac::{Action, Problem};

/// The index over one document.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) document: &'a Document<'a>,
    /// Every managed instance, in the order of the document.
    pub(super) instances: Vec<Instance<'a>>,
    /// Instances by the block they come from.
    by_block: ByBlock<'a, Vec<usize>>,
    modules: HashMap<String, &'a Module<'a>>,
    calls: HashMap<String, &'a ModuleCall<'a>>,
    blocks: ByBlock<'a, &'a ConfigResource<'a>>,
    drifted: HashMap<&'a str, &'a Values<'a>>,
    /// Those of the block that was asked for last: instances of one block come one after the other.
    expressions: RefCell<Option<(usize, Expressions)>>,
    /// Data sources that are read only during apply.
    pending: HashSet<(String, String)>,
}

/// By module, and by the block within it.
type ByBlock<'a, T> = HashMap<String, HashMap<&'a str, T>>;

/// The expressions of a block by attribute, of those that matter.
type Expressions = Rc<Attributes>;

/// One resource instance.
#[derive(Debug)]
pub(super) struct Instance<'a> {
    pub(super) address: &'a str,
    pub(super) at: Address<'a>,
    /// The block that it comes from, if that is in the configuration.
    pub(super) block: Option<&'a ConfigResource<'a>>,
    /// The module path without keys, by which its block is found.
    pub(super) module: String,
    pub(super) ty: &'a str,
    /// What is known of the type; absent where nothing of it matters.
    pub(super) info: Option<&'static TypeInfo>,
    pub(super) action: Action,
    /// Its address before the change, if that moves it.
    pub(super) previous_address: Option<&'a str>,
    pub(super) raw: Option<&'a Values<'a>>,
    pub(super) before: Option<Attributes>,
    pub(super) after: Option<Attributes>,
    pub(super) unknown: Attributes,
    pub(super) before_sensitive: Sensitive,
    pub(super) after_sensitive: Sensitive,
}

/// Which attributes are sensitive.
#[derive(Debug, Default)]
pub(super) struct Sensitive {
    /// The whole object.
    pub(super) whole: bool,
    /// By attribute: `true`, or an object or list that says where.
    pub(super) of: Attributes,
}

impl<'a> Plan<'a> {
    /// Index a document.
    ///
    /// # Errors
    /// [`Problem::Form`] for an address or a list of actions of another form.
    pub(super) fn new(document: &'a Document<'a>) -> Result<Self, Problem> {
        Self::with_drift(document, false)
    }

    /// The same with the state that Terraform remembers as what was before, where somebody else has changed it since
    /// (`resource_drift`).
    ///
    /// # Errors
    /// As for [`Plan::new`].
    pub(super) fn with_drift(document: &'a Document<'a>, drift: bool) -> Result<Self, Problem> {
        let mut plan = Self {
            document,
            instances: Vec::with_capacity(document.resource_changes.as_ref().map_or(0, Vec::len)),
            by_block: HashMap::new(),
            modules: HashMap::new(),
            calls: HashMap::new(),
            blocks: HashMap::new(),
            pending: HashSet::new(),
            drifted: HashMap::new(),
            expressions: RefCell::default(),
        };
        if let Some(configuration) = &document.configuration {
            plan.add_module(String::new(), &configuration.root_module);
        }
        for change in document.resource_drift.iter().flatten().filter(|_| drift) {
            plan.drifted.insert(&change.address, &change.change);
        }
        for change in document.resource_changes.iter().flatten() {
            plan.add_change(change)?;
        }
        if let (Some(values), None) = (&document.values, &document.resource_changes) {
            plan.add_state(&values.root_module)?;
        }
        for (index, instance) in plan.instances.iter().enumerate() {
            within(&mut plan.by_block, &instance.module).entry(instance.at.block).or_default().push(index);
        }
        Ok(plan)
    }

    fn add_module(&mut self, path: String, module: &'a Module<'a>) {
        // Within its module the address of a block is `type.name`.
        let blocks = module.resources.iter().map(|resource| (resource.address.as_ref(), resource));
        within(&mut self.blocks, &path).extend(blocks);
        for (name, call) in &module.module_calls {
            let inner = join(&path, name);
            self.calls.insert(inner.clone(), call);
            self.add_module(inner, &call.module);
        }
        self.modules.insert(path, module);
    }

    fn add_change(&mut self, change: &'a Change<'a>) -> Result<(), Problem> {
        let at = address(&change.address)?;
        let module = at.module_names().join(".");
        let values = &change.change;
        if at.is_data {
            if values.actions.iter().any(|action| action == "read") {
                self.pending.insert((module, at.block.to_owned()));
            }
            return Ok(());
        }
        // What is deposed goes away beside the instance that takes its place.
        if change.deposed.is_some() {
            return Ok(());
        }
        let info = family::find(&change.ty);
        let wanted = info.map_or(&[][..], |info| info.attributes);
        let mut action = action(values)?;
        let drifted = self.drifted.get(change.address.as_ref()).copied();
        if drifted.is_some() && action == Action::NoOp {
            action = Action::Update;
        }
        let was = drifted.unwrap_or(values);
        let block = at.block;
        let after = attributes::of(values.after, wanted)?;
        let before = if action == Action::NoOp { None } else { attributes::of(was.before, wanted)? };
        self.instances.push(Instance {
            block: self.block_at(&module, block),
            address: &change.address,
            at,
            module,
            ty: &change.ty,
            info,
            action,
            previous_address: change.previous_address.as_deref(),
            raw: Some(values),
            before,
            after,
            unknown: attributes::of(values.after_unknown, wanted)?.unwrap_or_default(),
            before_sensitive: sensitive(was.before_sensitive, wanted)?,
            after_sensitive: sensitive(values.after_sensitive, wanted)?,
        });
        Ok(())
    }

    fn add_state(&mut self, module: &'a StateModule<'a>) -> Result<(), Problem> {
        for resource in &module.resources {
            self.add_stated(resource)?;
        }
        module.child_modules.iter().try_for_each(|child| self.add_state(child))
    }

    fn add_stated(&mut self, resource: &'a StateResource<'a>) -> Result<(), Problem> {
        let at = address(&resource.address)?;
        if at.is_data {
            return Ok(());
        }
        let info = family::find(&resource.ty);
        let wanted = info.map_or(&[][..], |info| info.attributes);
        self.instances.push(Instance {
            block: None,
            address: &resource.address,
            module: at.module_names().join("."),
            at,
            ty: &resource.ty,
            info,
            action: Action::Stated,
            previous_address: None,
            raw: None,
            before: None,
            after: attributes::of(resource.values, wanted)?,
            unknown: Attributes::default(),
            before_sensitive: Sensitive::default(),
            after_sensitive: sensitive(resource.sensitive_values, wanted)?,
        });
        Ok(())
    }

    /// The expressions of the block that an instance comes from, taken apart.
    pub(super) fn expressions_of(&self, block: &'a ConfigResource<'a>, of: &Instance<'_>) -> Expressions {
        let at = std::ptr::from_ref(block).addr();
        let mut last = self.expressions.borrow_mut();
        match &*last {
            Some((known, found)) if *known == at => Rc::clone(found),
            _ => {
                let wanted = of.info.map_or(&[][..], |info| info.attributes);
                let found = Rc::new(attributes::of(block.expressions, wanted).ok().flatten().unwrap_or_default());
                *last = Some((at, Rc::clone(&found)));
                found
            }
        }
    }

    /// The block with this `type.name` in a module.
    fn block_at(&self, module: &str, block: &str) -> Option<&'a ConfigResource<'a>> {
        self.blocks.get(module)?.get(block).copied()
    }

    /// Whether a data source is read only during apply.
    pub(super) fn is_pending(&self, module: &str, block: &str) -> bool {
        self.pending.contains(&(module.to_owned(), block.to_owned()))
    }

    /// The instances of a block, by their indices.
    pub(super) fn instances_of(&self, module: &str, block: &str) -> &[usize] {
        self.by_block.get(module).and_then(|blocks| blocks.get(block)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The call of a module, by its path without keys.
    pub(super) fn call(&self, module: &str) -> Option<&'a ModuleCall<'a>> {
        self.calls.get(module).copied()
    }

    /// A module, by its path without keys.
    pub(super) fn module(&self, module: &str) -> Option<&'a Module<'a>> {
        self.modules.get(module).copied()
    }
}

/// The blocks of a module.
fn within<'m, 'a, T>(blocks: &'m mut ByBlock<'a, T>, module: &str) -> &'m mut HashMap<&'a str, T> {
    blocks.entry(module.to_owned()).or_default()
}

/// The path of a module within another.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The path of the module that calls this one, and the name of the call.
pub(super) fn parent(path: &str) -> Option<(&str, &str)> {
    if path.is_empty() { None } else { Some(path.rsplit_once('.').unwrap_or(("", path))) }
}

fn address<'a>(text: &'a str) -> Result<Address<'a>, Problem> {
    Address::parse(text).filter(|address| address.rest.is_empty()).ok_or_else(|| {
        let text: String = text.chars().take(80).filter(|c| !c.is_control()).collect();
        Problem::Form(format!("`{text}` is no address"))
    })
}

/// The actions as one. New combinations may come: the list is scanned.
fn action(values: &Values<'_>) -> Result<Action, Problem> {
    let has = |name: &str| values.actions.iter().any(|action| action == name);
    let known = ["no-op", "create", "read", "update", "delete", "forget"];
    if values.actions.is_empty() || !values.actions.iter().all(|action| known.contains(&&**action)) {
        let names: Vec<&str> = values.actions.iter().map(Cow::as_ref).collect();
        return Err(Problem::Form(format!("a change has the actions [{}]", names.join(", "))));
    }
    Ok(match () {
        () if has("create") && (has("delete") || has("forget")) => Action::Replace,
        () if has("delete") => Action::Delete,
        () if has("forget") => Action::Forget,
        () if has("create") => Action::Create,
        () if has("update") => Action::Update,
        () if has("read") => Action::Read,
        () if values.importing.is_some() => Action::Import,
        () => Action::NoOp,
    })
}

fn sensitive(raw: Option<&RawValue>, wanted: &'static [&'static str]) -> Result<Sensitive, Problem> {
    match raw.map(RawValue::get) {
        None | Some("false" | "{}" | "null") => Ok(Sensitive::default()),
        Some("true") => Ok(Sensitive { whole: true, of: Attributes::default() }),
        Some(_) => Ok(Sensitive { whole: false, of: attributes::of(raw, wanted)?.unwrap_or_default() }),
    }
}

/// Expressions of a block or provider, taken apart.
pub(super) fn expressions(raw: Option<&RawValue>) -> BTreeMap<String, Value> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}
