//! One resource instance before or after the change, and what its attributes say: known, not set, or open.

use serde_json::Value;

use super::attributes::{has_true, marked, walk};
use super::plan::{Instance, Plan};
use super::resolve::{Holder, Known, Scope, Targets};
use crate::model::text::Text;

/// Before or after the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The state before it.
    Before,
    /// What results from it.
    After,
}

/// What an attribute says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Got<'v> {
    /// This.
    Known(&'v Value),
    /// Nobody sets it: the default of the provider or of AWS applies.
    NotSet,
    /// It cannot be told: why, to be read after the attribute.
    Open(String),
}

const SENSITIVE: &str = "is marked sensitive, so it is not read";

/// No path that is asked for has more steps.
const LONGEST: usize = 16;

/// A resource instance on one side.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'p, 'a> {
    pub(super) plan: &'p Plan<'a>,
    pub(super) instance: &'p Instance<'a>,
    pub(super) side: Side,
}

impl<'p> View<'p, '_> {
    /// Whether it is there on this side.
    pub(super) fn exists(self) -> bool {
        self.values().is_some()
    }

    /// Its own values on this side; what the change leaves alone is the same on both.
    fn values(self) -> Option<&'p super::attributes::Attributes> {
        use crate::sources::iac::Action::NoOp;
        match self.side {
            Side::After => self.instance.after.as_ref(),
            Side::Before if self.instance.action == NoOp => self.instance.after.as_ref(),
            Side::Before => self.instance.before.as_ref(),
        }
    }

    /// What the attribute at this path says; `rule.0.schedule` is a path.
    pub(super) fn got(self, path: &str) -> Got<'p> {
        at(path, |first, below| {
            if let Some(value) = self.value(first, below) {
                return if self.is_sensitive(first, below) {
                    Got::Open(SENSITIVE.to_owned())
                } else {
                    Got::Known(value)
                };
            }
            if self.side == Side::Before || !marked(self.instance.unknown.get(first), below) {
                return Got::NotSet;
            }
            self.unset_or_open(first, below)
        })
    }

    /// The value at this path where it is known: for those who need not know why it is not.
    fn known(self, path: &str) -> Option<&'p Value> {
        at(path, |first, below| self.value(first, below).filter(|_| !self.is_sensitive(first, below)))
    }

    /// What stands at a path, whether or not it may be shown.
    fn value(self, first: &str, below: &[&str]) -> Option<&'p Value> {
        walk(self.values()?.get(first)?, below).filter(|value| !value.is_null())
    }

    fn is_sensitive(self, first: &str, below: &[&str]) -> bool {
        let sensitive = self.sensitive();
        sensitive.whole || marked(sensitive.of.get(first), below)
    }

    fn sensitive(self) -> &'p super::plan::Sensitive {
        match self.side {
            Side::After => &self.instance.after_sensitive,
            Side::Before => &self.instance.before_sensitive,
        }
    }

    /// Whether anything at or below a path is open or sensitive, and why: for what is read as a whole.
    pub(super) fn open_below(self, path: &str) -> Option<String> {
        let steps: Vec<&str> = path.split('.').collect();
        let (first, below) = steps.split_first()?;
        let sensitive = self.sensitive();
        if sensitive.whole || sensitive.of.get(first).and_then(|value| walk(value, below)).is_some_and(has_true) {
            return Some(SENSITIVE.to_owned());
        }
        let open = self.side == Side::After
            && self.instance.unknown.get(first).and_then(|value| walk(value, below)).is_some_and(has_true);
        open.then(|| "is known only after apply".to_owned())
    }

    /// An attribute is unknown: is it set at all?
    fn unset_or_open(self, first: &str, below: &[&str]) -> Got<'p> {
        let Some(block) = self.instance.block else {
            return Got::Open("is known only after apply".to_owned());
        };
        let inside = self.values().and_then(|values| values.get(first)).is_some_and(|value| !value.is_null());
        // Most of what is unknown is computed by the provider: a look at the text tells that nobody sets it.
        let named = block.expressions.is_some_and(|raw| may_have(raw.get(), first));
        if !named && (below.is_empty() || !inside) {
            return Got::NotSet;
        }
        let expressions = self.plan.expressions_of(block, self.instance);
        let scope = Scope { module: &self.instance.module, for_each: block.for_each_expression };
        let Some(mut found) = expressions.get(first) else {
            // A block that is there and that the configuration does not show was made by `dynamic`.
            return if below.is_empty() || !inside {
                Got::NotSet
            } else {
                Got::Open("is known only after apply (it is set in a `dynamic` block)".to_owned())
            };
        };
        for step in below {
            match found {
                Value::Array(_) | Value::Object(_) if is_expression(found) => break,
                _ => {}
            }
            match walk(found, &[step]) {
                Some(next) => found = next,
                // The block is shown, and does not have it.
                None => return Got::NotSet,
            }
        }
        match found {
            Value::Object(_) if is_expression(found) => match self.plan.known(scope, found) {
                Known::Yes => Got::NotSet,
                Known::No(why) => Got::Open(why),
            },
            // A block whose parts are asked for one by one.
            _ => Got::NotSet,
        }
    }

    /// The resources that an attribute names.
    pub(super) fn targets(self, path: &str, one: bool) -> Targets {
        let other = || Targets::Other("is known only after apply".to_owned());
        let Some(block) = self.instance.block else { return other() };
        let expressions = self.plan.expressions_of(block, self.instance);
        let steps: Vec<&str> = path.split('.').collect();
        let Some((first, below)) = steps.split_first() else { return other() };
        let Some(found) = expressions.get(first).and_then(|value| walk(value, below)) else { return other() };
        let holder = Holder { modules: &self.instance.at.modules, key: self.instance.at.key };
        self.plan.targets(holder, found, one)
    }

    /// Whether the configuration gives the attribute anything.
    pub(super) fn is_written(self, attribute: &str) -> bool {
        self.instance.block.is_some_and(|block| {
            block.expressions.is_some_and(|raw| may_have(raw.get(), attribute))
                && self.plan.expressions_of(block, self.instance).contains_key(attribute)
        })
    }

    /// Known text.
    pub(super) fn text(self, path: &str) -> Option<&'p str> {
        self.known(path)?.as_str().filter(|text| !text.is_empty())
    }

    /// A known flag.
    pub(super) fn flag(self, path: &str) -> Option<bool> {
        self.known(path).and_then(as_flag)
    }

    /// A known whole number.
    pub(super) fn number(self, path: &str) -> Option<u64> {
        self.known(path).and_then(as_number)
    }

    /// How many blocks there are at a path.
    pub(super) fn blocks(self, path: &str) -> usize {
        self.known(path).and_then(Value::as_array).map_or(0, Vec::len)
    }

    /// The attribute as people write it: `aws_db_instance.main.backup_retention_period`, `….rule[0].schedule`.
    pub(super) fn attribute(self, path: &str) -> Text {
        let mut out = String::with_capacity(self.instance.address.len() + path.len() + 4);
        out.push_str(self.instance.address);
        for step in path.split('.') {
            if step.bytes().all(|byte| byte.is_ascii_digit()) {
                out.push_str(&format!("[{step}]"));
            } else {
                out.push('.');
                out.push_str(step);
            }
        }
        Text::from(out)
    }
}

/// Take a path apart: the attribute, and the steps below it.
fn at<T>(path: &str, look: impl FnOnce(&str, &[&str]) -> T) -> T {
    let Some((first, rest)) = path.split_once('.') else { return look(path, &[]) };
    let mut steps = [""; LONGEST];
    let mut count = 0;
    for (slot, step) in steps.iter_mut().zip(rest.split('.')) {
        *slot = step;
        count += 1;
    }
    look(first, steps.get(..count).unwrap_or_default())
}

/// Whether the text of an object may have a key: a look that spares taking most blocks apart.
fn may_have(text: &str, key: &str) -> bool {
    let is_key = |(at, _): (usize, &str)| {
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + key.len()..).unwrap_or_default());
        before.ends_with('"') && after.strip_prefix('"').is_some_and(|rest| rest.trim_start().starts_with(':'))
    };
    // Escaped, a key may be spelt otherwise.
    text.contains("\\u") || text.match_indices(key).any(is_key)
}

/// Blocks are lists or objects of expressions; an expression has one of two keys.
fn is_expression(value: &Value) -> bool {
    let Value::Object(fields) = value else { return false };
    fields.is_empty() || fields.contains_key("constant_value") || fields.contains_key("references")
}

/// A flag, also as the text that some attributes have.
pub(super) fn as_flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// A whole number, also as text or with a fraction of nothing.
pub(super) fn as_number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64().or_else(|| {
            let float = number.as_f64().filter(|float| float.fract() == 0.0 && (0.0..9e15).contains(float))?;
            format!("{float:.0}").parse().ok()
        }),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
