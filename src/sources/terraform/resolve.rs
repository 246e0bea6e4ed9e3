//! Whether an expression can be known before apply, and which resources it names.
//!
//! `after_unknown: true` alone says neither that somebody set an attribute nor that its value is open: the provider may
//! simply compute it. The configuration tells: an expression of which everything is known has a value that Terraform
//! knew too; if the attribute is unknown all the same, the value was `null`, and nobody has set it.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::address::{Address, Step, longest, steps};
use super::attributes;
use super::plan::{Plan, join, parent};
use crate::sources::iac::Action;

/// Chains of variables and outputs are followed no deeper: modules are never nested that far.
const DEEPEST: usize = 32;

/// `{"constant_value": …}` or `{"references": […]}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Expression<'a> {
    #[serde(borrow, deserialize_with = "present")]
    pub(super) constant_value: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) references: Option<Vec<Cow<'a, str>>>,
}

/// A constant `null` is a constant.
fn present<'de: 'a, 'a, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&'a RawValue>::deserialize(deserializer).map(Some)
}

/// What can be said of an expression before apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Terraform knew its value when it planned.
    Yes,
    /// It did not, or that cannot be told: why, to be read after the attribute.
    No(String),
}

const AFTER_APPLY: &str = "is known only after apply";

/// Where a reference stands: a module instance, and the block with its `for_each`.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    /// The module path without keys.
    pub(super) module: &'s str,
    /// The `for_each` of the block or call in which the expression stands.
    pub(super) for_each: Option<&'s RawValue>,
}

impl Plan<'_> {
    /// Whether an expression, as a value of `expressions`, is known.
    pub(super) fn known(&self, scope: Scope<'_>, expression: &Value) -> Known {
        let text = expression.to_string();
        self.known_text(scope, &text, 0)
    }

    fn known_raw(&self, scope: Scope<'_>, raw: Option<&RawValue>, depth: usize) -> Known {
        raw.map_or(Known::Yes, |raw| self.known_text(scope, raw.get(), depth))
    }

    fn known_text(&self, scope: Scope<'_>, text: &str, depth: usize) -> Known {
        let Ok(expression) = serde_json::from_str::<Expression<'_>>(text) else {
            return Known::No("has an expression of a form that is not known here".to_owned());
        };
        if expression.constant_value.is_some() {
            return Known::Yes;
        }
        let Some(references) = expression.references else {
            return Known::No("is set by an expression that the plan does not show".to_owned());
        };
        if depth > DEEPEST {
            return Known::No("depends on itself".to_owned());
        }
        let each = longest(&references).map(|reference| self.known_reference(scope, reference, depth + 1));
        each.into_iter().find(|known| *known != Known::Yes).unwrap_or(Known::Yes)
    }

    fn known_reference(&self, scope: Scope<'_>, reference: &str, depth: usize) -> Known {
        let Some(parts) = steps(reference) else { return Known::No(AFTER_APPLY.to_owned()) };
        match parts.as_slice() {
            [Step::Name("var"), Step::Name(name), ..] => self.known_variable(scope.module, name, depth),
            [Step::Name("local"), Step::Name(name), ..] => Known::No(format!(
                "depends on `local.{name}`, and a plan does not show locals: pass it as a variable, or decide it in the plan"
            )),
            [Step::Name("each"), Step::Name("value"), ..] => self.known_raw(scope, scope.for_each, depth),
            [Step::Name("each" | "count" | "path" | "terraform" | "self"), ..] => Known::Yes,
            [Step::Name("module"), Step::Name(call), rest @ ..] => {
                let rest = if let [Step::Key(_), rest @ ..] = rest { rest } else { rest };
                let inner = join(scope.module, call);
                let outputs = self.module(&inner).map(|module| &module.outputs);
                match (rest, outputs) {
                    ([Step::Name(output), ..], Some(outputs)) => {
                        let expression = outputs.get(*output).and_then(|output| output.expression);
                        self.known_raw(Scope { module: &inner, for_each: None }, expression, depth)
                    }
                    // The module as a whole.
                    _ => Known::No(format!("{AFTER_APPLY} (it comes from `{reference}`)")),
                }
            }
            _ => self.known_attribute(scope.module, reference),
        }
    }

    fn known_variable(&self, module: &str, name: &str, depth: usize) -> Known {
        let Some((caller, _)) = parent(module) else { return Known::Yes };
        let Some(call) = self.call(module) else { return Known::No(AFTER_APPLY.to_owned()) };
        let scope = Scope { module: caller, for_each: call.for_each_expression };
        // What the caller does not give has its default, which is a constant.
        self.known_raw(scope, call.expressions.get(name).copied(), depth)
    }

    fn known_attribute(&self, module: &str, reference: &str) -> Known {
        let unknown = || Known::No(format!("{AFTER_APPLY} (it comes from `{reference}`)"));
        let Some(address) = Address::parse(reference) else { return unknown() };
        let block = address.block;
        if address.is_data {
            return if self.is_pending(module, block) { unknown() } else { Known::Yes };
        }
        let mut instances = self.instances_of(module, block).iter().filter_map(|index| self.instances.get(*index));
        let attribute = address.rest.iter().find_map(|step| match step {
            Step::Name(name) => Some(*name),
            Step::Key(_) => None,
        });
        let open = instances.any(|instance| match (instance.raw, attribute) {
            (None, _) => false,
            (Some(raw), Some(name)) => attributes::is_unknown(raw.after_unknown, name),
            (Some(_), None) => instance.action != Action::NoOp,
        });
        if open { unknown() } else { Known::Yes }
    }
}

/// The resource instances that an expression names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Targets {
    /// These, all of them.
    All(Vec<usize>),
    /// One of these, and it cannot be told which.
    OneOf(Vec<usize>),
    /// It names something else, or that cannot be told.
    Other(String),
}

/// The module instance and key that an expression belongs to.
#[derive(Clone, Copy)]
pub(super) struct Holder<'h> {
    /// The module instances, with keys.
    pub(super) modules: &'h [(&'h str, Option<&'h str>)],
    /// The key of the resource.
    pub(super) key: Option<&'h str>,
}

impl Plan<'_> {
    /// Follow an expression to the resources it names; `one` where only a single one can be meant.
    pub(super) fn targets(&self, holder: Holder<'_>, expression: &Value, one: bool) -> Targets {
        self.targets_text(holder, &expression.to_string(), one, 0)
    }

    fn targets_text(&self, holder: Holder<'_>, text: &str, one: bool, depth: usize) -> Targets {
        let Ok(Expression { references: Some(references), .. }) = serde_json::from_str::<Expression<'_>>(text) else {
            return Targets::Other("is set by an expression that the plan does not show".to_owned());
        };
        if depth > DEEPEST {
            return Targets::Other("depends on itself".to_owned());
        }
        let keyed = references.iter().any(|reference| reference.starts_with("each.") || *reference == "count.index");
        let named = longest(&references).filter(|reference| !is_of_the_block(reference));
        let mut found = Vec::new();
        for reference in named {
            match self.target(holder, reference, keyed, depth + 1) {
                Targets::All(mut more) => found.append(&mut more),
                other => return other,
            }
        }
        found.sort_unstable();
        found.dedup();
        match found.len() {
            0 => Targets::Other("names no resource of this plan".to_owned()),
            1 => Targets::All(found),
            _ if one => Targets::OneOf(found),
            _ => Targets::All(found),
        }
    }

    fn target(&self, holder: Holder<'_>, reference: &str, keyed: bool, depth: usize) -> Targets {
        let other = |why: &str| Targets::Other(format!("{why} `{reference}`"));
        let Some(parts) = steps(reference) else { return other("depends on") };
        match parts.as_slice() {
            [Step::Name("var"), Step::Name(name), ..] => {
                let names: Vec<&str> = holder.modules.iter().map(|(name, _)| *name).collect();
                let Some(((_, key), outer)) = holder.modules.split_last() else { return other("depends on") };
                let given = self.call(&names.join(".")).and_then(|call| call.expressions.get(*name).copied());
                let Some(given) = given else { return other("depends on") };
                self.targets_text(Holder { modules: outer, key: *key }, given.get(), false, depth)
            }
            [Step::Name("module"), Step::Name(call), rest @ ..] => {
                let (key, rest) = match rest {
                    [Step::Key(key), rest @ ..] => (Some(*key), rest),
                    rest => (None, rest),
                };
                let [Step::Name(output), ..] = rest else { return other("depends on") };
                let path = holder.modules.iter().map(|(name, _)| *name).chain([*call]).collect::<Vec<_>>().join(".");
                let expression = self.module(&path).and_then(|module| module.outputs.get(*output)?.expression);
                let Some(expression) = expression else { return other("depends on") };
                let key = key.or(if keyed { holder.key } else { None });
                let modules: Vec<_> = holder.modules.iter().copied().chain([(*call, key)]).collect();
                self.targets_text(Holder { modules: &modules, key: None }, expression.get(), false, depth)
            }
            [Step::Name("local" | "data" | "path" | "terraform"), ..] => other("depends on"),
            _ => self.instances_named(holder, reference, keyed).map_or_else(|| other("depends on"), Targets::All),
        }
    }

    fn instances_named(&self, holder: Holder<'_>, reference: &str, keyed: bool) -> Option<Vec<usize>> {
        let address = Address::parse(reference)?;
        let path = holder.modules.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(".");
        let of_block = self.instances_of(&path, address.block);
        // A module instance without a key stands for all, where the key could not be told.
        let fits = |modules: &[(&str, Option<&str>)]| {
            modules.len() == holder.modules.len()
                && modules.iter().zip(holder.modules).all(|(own, asked)| asked.1.is_none() || own.1 == asked.1)
        };
        let instances = || {
            let here = of_block.iter().copied().filter_map(|index| Some((index, self.instances.get(index)?)));
            here.filter(|(_, instance)| fits(&instance.at.modules))
        };
        let with_key = |key: Option<&str>| -> Vec<usize> {
            instances().filter(|(_, instance)| instance.at.key == key).map(|(index, _)| index).collect()
        };
        if let Some(key) = address.key {
            return Some(with_key(Some(key)));
        }
        if keyed && holder.key.is_some() {
            let same = with_key(holder.key);
            if !same.is_empty() {
                return Some(same);
            }
        }
        Some(instances().map(|(index, _)| index).collect())
    }
}

/// `each.key` and the like say which instance, not which resource.
fn is_of_the_block(reference: &str) -> bool {
    reference.starts_with("each.") || reference.starts_with("count.") || reference.starts_with("path.")
}
