//! `with`: the parameters of a check, read by what the check declares.

use std::collections::BTreeMap;

use toml::Spanned;

use super::diagnostic::{Diagnostic, quoted};
use super::place::At;
use super::read::{Reader, default_value};
use super::row::{Loose, Value};
use super::shape::Field;
use super::suggest::did_you_mean;
use crate::checks::params::Arg;
use crate::checks::{Args, Check, CheckInfo};
use crate::model::assessment::PolicyAt;
use crate::model::text::Text;

/// Parameters that somebody wrote, of the right type, by name.
pub(super) type Given = BTreeMap<&'static str, (Arg, At)>;

/// A check made ready, and what it was made from.
pub(super) struct Prepared {
    /// The check.
    pub(super) check: Box<dyn Check>,
    /// All parameters, for reports.
    pub(super) expected: BTreeMap<Text, serde_json::Value>,
    /// Where the parameters stand that are not defaults.
    pub(super) origins: BTreeMap<&'static str, PolicyAt>,
}

/// Read what was written. `None` if any of it is wrong.
pub(super) fn read(check: &CheckInfo, with: Option<&Loose<'_>>, problems: &mut Vec<Diagnostic>) -> Option<Given> {
    let mut given = Given::new();
    let mut good = true;
    for (name, entry) in with.into_iter().flatten() {
        let Some(param) = check.params.iter().find(|param| param.name == &**name) else {
            good = false;
            let message = format!("the check `{}` has no parameter {}", check.id, quoted(name));
            let names = check.params.iter().map(|param| param.name);
            let help = match check.params {
                [] => "it takes no parameters".to_owned(),
                _ => did_you_mean(name, "its parameters are", names),
            };
            problems
                .push(Diagnostic::error("unknown-parameter", message).at(&entry.key, "unknown parameter").help(help));
            continue;
        };
        let value = Spanned::new(entry.at.span.clone(), entry.value.clone());
        let read = Reader { file: &entry.at.file, problems }.entry(&Field::from(param), &value);
        match read.and_then(|read| arg(read.value)) {
            Some(arg) => _ = given.insert(param.name, (arg, entry.at.clone())),
            None => good = false,
        }
    }
    good.then_some(given)
}

/// Add the defaults and make the check ready. `rule` is where a parameter that is missing is reported.
pub(super) fn prepare(check: &CheckInfo, given: &Given, rule: &At, problems: &mut Vec<Diagnostic>) -> Option<Prepared> {
    let mut args = Args::default();
    let mut good = true;
    for param in check.params {
        match (given.get(param.name), param.default) {
            (Some((arg, _)), _) => args.set(param.name, arg.clone()),
            (None, Some(default)) => {
                let value = default_value(&Field::from(param), default).and_then(arg);
                value.into_iter().for_each(|arg| args.set(param.name, arg));
            }
            (None, None) if param.required => {
                good = false;
                let message = format!("the check `{}` needs the parameter `{}`", check.id, param.name);
                let help = format!("write for example `with = {{ {} = {} }}`", param.name, Field::from(param).example);
                problems.push(Diagnostic::error("missing-parameter", message).at(rule, "in this rule").help(help));
            }
            (None, None) => {}
        }
    }
    if !good {
        return None;
    }
    match (check.prepare)(&args) {
        Ok(ready) => Some(Prepared {
            check: ready,
            expected: args.iter().map(|(name, arg)| (Text::from(name), json(arg))).collect(),
            origins: given.iter().map(|(name, (_, at))| (*name, at.policy_at())).collect(),
        }),
        Err(error) => {
            let at = given.get(error.param).map_or(rule, |(_, at)| at);
            problems.push(Diagnostic::error("bad-parameter", error.message).at(at, "").help(error.help));
            None
        }
    }
}

fn arg(value: Value<'_>) -> Option<Arg> {
    match value {
        Value::Span(span) => Some(Arg::Span(span)),
        Value::Count(count) => Some(Arg::Count(count)),
        Value::Flag(flag) => Some(Arg::Flag(flag)),
        Value::Text(text) => Some(Arg::Text(text)),
        Value::Words(words) => Some(Arg::Texts(words.into_iter().map(|word| word.text).collect())),
        Value::Date(_)
        | Value::Time(_)
        | Value::Raw(_)
        | Value::Tags(_)
        | Value::Row(_)
        | Value::Rows(_)
        | Value::Loose(_) => None,
    }
}

fn json(arg: &Arg) -> serde_json::Value {
    match arg {
        Arg::Span(span) => span.to_string().into(),
        Arg::Count(count) => (*count).into(),
        Arg::Flag(flag) => (*flag).into(),
        Arg::Text(text) => text.as_str().into(),
        Arg::Texts(texts) => texts.iter().map(Text::as_str).collect(),
    }
}
