//! The JSON of `terraform show -json`, of which only what is needed is read. Values stay text until they are asked
//! for: of a plan of 5,000 changes most is never looked at.
//!
//! Source: Terraform, "JSON Output Format" and `internal/command/jsonplan`. Unknown keys are ignored, and a newer minor
//! version is accepted, as HashiCorp demands of readers.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::sources::iac::Problem;

/// A plan or a state.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Document<'a> {
    #[serde(borrow)]
    pub(super) format_version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) terraform_version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) variables: Option<BTreeMap<Cow<'a, str>, &'a RawValue>>,
    #[serde(borrow)]
    pub(super) resource_changes: Option<Vec<Change<'a>>>,
    #[serde(borrow)]
    pub(super) resource_drift: Option<Vec<Change<'a>>>,
    #[serde(borrow)]
    pub(super) deferred_changes: Option<Vec<Deferred<'a>>>,
    #[serde(borrow)]
    pub(super) prior_state: Option<State<'a>>,
    #[serde(borrow)]
    pub(super) configuration: Option<Configuration<'a>>,
    pub(super) complete: Option<bool>,
    pub(super) errored: Option<bool>,
    /// Of a state: what a plan has in `prior_state`.
    #[serde(borrow)]
    pub(super) values: Option<StateValues<'a>>,
    // What tells that it is something else.
    #[serde(borrow)]
    plan_format_version: Option<&'a RawValue>,
    planned_values: Option<serde::de::IgnoredAny>,
    #[serde(borrow)]
    version: Option<&'a RawValue>,
    #[serde(borrow)]
    lineage: Option<&'a RawValue>,
}

/// One entry of `resource_changes` or `resource_drift`.
#[derive(Debug, Deserialize)]
pub(super) struct Change<'a> {
    #[serde(borrow)]
    pub(super) address: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    pub(super) ty: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) deposed: Option<Cow<'a, str>>,
    /// Where the change moves it from.
    #[serde(borrow, default)]
    pub(super) previous_address: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(super) index_unknown: bool,
    #[serde(borrow)]
    pub(super) change: Values<'a>,
}

/// What changes, with its values unread.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Values<'a> {
    #[serde(borrow)]
    pub(super) actions: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) before: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) after: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) after_unknown: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) before_sensitive: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) after_sensitive: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) importing: Option<&'a RawValue>,
}

/// A change that Terraform put off.
#[derive(Debug, Deserialize)]
pub(super) struct Deferred<'a> {
    #[serde(borrow, default)]
    pub(super) reason: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) resource_change: Option<DeferredChange<'a>>,
}

/// What of it is named.
#[derive(Debug, Deserialize)]
pub(super) struct DeferredChange<'a> {
    #[serde(borrow)]
    pub(super) address: Cow<'a, str>,
}

/// `prior_state`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct State<'a> {
    #[serde(borrow)]
    pub(super) values: Option<StateValues<'a>>,
}

/// The modules of a state.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StateValues<'a> {
    #[serde(borrow)]
    pub(super) root_module: StateModule<'a>,
}

/// One module of a state.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StateModule<'a> {
    #[serde(borrow)]
    pub(super) resources: Vec<StateResource<'a>>,
    #[serde(borrow)]
    pub(super) child_modules: Vec<StateModule<'a>>,
}

/// One resource of a state.
#[derive(Debug, Deserialize)]
pub(super) struct StateResource<'a> {
    #[serde(borrow)]
    pub(super) address: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    pub(super) ty: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) values: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) sensitive_values: Option<&'a RawValue>,
}

/// `configuration`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Configuration<'a> {
    #[serde(borrow)]
    pub(super) provider_config: BTreeMap<Cow<'a, str>, ProviderConfig<'a>>,
    #[serde(borrow)]
    pub(super) root_module: Module<'a>,
}

/// A configured provider.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProviderConfig<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) alias: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) module_address: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) expressions: Option<&'a RawValue>,
}

/// A module of the configuration.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Module<'a> {
    #[serde(borrow)]
    pub(super) resources: Vec<ConfigResource<'a>>,
    #[serde(borrow)]
    pub(super) module_calls: BTreeMap<Cow<'a, str>, ModuleCall<'a>>,
    #[serde(borrow)]
    pub(super) outputs: BTreeMap<Cow<'a, str>, ConfigOutput<'a>>,
}

/// A call of a module.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ModuleCall<'a> {
    #[serde(borrow)]
    pub(super) source: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) expressions: BTreeMap<Cow<'a, str>, &'a RawValue>,
    #[serde(borrow)]
    pub(super) for_each_expression: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) module: Module<'a>,
}

/// An output of a module.
#[derive(Debug, Deserialize)]
pub(super) struct ConfigOutput<'a> {
    #[serde(borrow, default)]
    pub(super) expression: Option<&'a RawValue>,
}

/// A resource block.
#[derive(Debug, Deserialize)]
pub(super) struct ConfigResource<'a> {
    #[serde(borrow)]
    pub(super) address: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) provider_config_key: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) expressions: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) for_each_expression: Option<&'a RawValue>,
}

/// Read a document, and refuse what is not a plan or a state that can be judged.
///
/// # Errors
/// Each wrong input by its own [`Problem`].
pub(super) fn parse(text: &str, utf16: bool) -> Result<Document<'_>, Problem> {
    if let Some(problem) = not_json(text) {
        return Err(problem);
    }
    let document: Document<'_> = serde_json::from_str(text).map_err(|error| explain(text, &error, utf16))?;
    if document.plan_format_version.is_some() {
        return Err(Problem::RedactedPlan);
    }
    if document.version.is_some() && document.lineage.is_some() {
        return Err(Problem::RawState);
    }
    let is_plan = document.resource_changes.is_some() || document.planned_values.is_some();
    if !is_plan && document.values.is_none() && document.terraform_version.is_none() {
        return Err(if is_event(text) { Problem::EventStream } else { Problem::Unknown });
    }
    let Some(version) = &document.format_version else { return Err(Problem::Unknown) };
    if !matches!(version.split('.').next(), Some("0" | "1")) {
        return Err(Problem::Version(version.chars().take(20).filter(|c| !c.is_control()).collect()));
    }
    if document.errored == Some(true) {
        return Err(Problem::Errored);
    }
    Ok(document)
}

/// What is recognised by how it begins.
fn not_json(text: &str) -> Option<Problem> {
    let text = text.trim_start();
    if text.starts_with("PK\u{3}\u{4}") {
        return Some(Problem::BinaryPlan);
    }
    if text.starts_with('{') || text.starts_with('[') {
        return None;
    }
    let hcl = ["resource", "module", "provider", "terraform", "variable", "locals", "data", "output", "#", "//"];
    hcl.iter().any(|word| text.starts_with(word)).then_some(Problem::Hcl)
}

/// Why the parser stopped. Its own words never hold values of ours, as they name types and places alone.
fn explain(text: &str, error: &serde_json::Error, utf16: bool) -> Problem {
    // Events come one a line, each a whole object.
    let events = text.lines().filter(|line| !line.trim().is_empty()).take(2);
    if text.contains("\"@level\"") && events.clone().count() > 0 && events.clone().all(is_event) {
        return Problem::EventStream;
    }
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Eof => Problem::CutOff { line, column },
        serde_json::error::Category::Data => Problem::Form(format!("line {line}, column {column}: {}", shape(error))),
        _ => Problem::NotJson { message: format!("{} at line {line}, column {column}", shape(error)), utf16 },
    }
}

fn is_event(line: &str) -> bool {
    #[derive(Deserialize)]
    struct Event {
        #[serde(rename = "@level")]
        _level: serde::de::IgnoredAny,
    }
    serde_json::from_str::<Event>(line).is_ok()
}

/// The parser's words without what they quote: an invalid type is told with its value.
fn shape(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    match text.split_once("invalid type: ") {
        Some((_, rest)) => {
            let found = rest.split([' ', ',']).next().unwrap_or_default();
            let expected = rest.rsplit_once("expected ").map_or("something else", |(_, expected)| expected);
            format!("{found} where {expected} is expected")
        }
        None if text.contains('`') && !text.starts_with("missing field") => "another form than expected".to_owned(),
        None => text.to_owned(),
    }
}
