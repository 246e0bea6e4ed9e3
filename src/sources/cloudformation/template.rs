//! The parts of a template, and what is none.

use std::collections::{BTreeMap, HashMap};

use super::node::{Data, Node};
use super::{json, yaml};
use crate::sources::iac::Problem;

/// A template, taken apart.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) version: Option<String>,
    pub(super) parameters: BTreeMap<String, Parameter>,
    pub(super) mappings: Node,
    pub(super) conditions: HashMap<String, Node>,
    pub(super) resources: Vec<Declaration>,
    /// The names of the transforms, and those that cannot be told.
    pub(super) transforms: Vec<String>,
    pub(super) globals: Node,
    /// What could not be unfolded: the key and the reason.
    pub(super) unread: Vec<(String, String)>,
}

/// A parameter.
#[derive(Debug, Default)]
pub(super) struct Parameter {
    pub(super) ty: String,
    pub(super) default: Option<String>,
    pub(super) allowed: Vec<String>,
    /// Of a number: `MinValue` and `MaxValue`.
    pub(super) bounds: Option<(u64, Option<u64>)>,
    /// Its value enters no output.
    pub(super) no_echo: bool,
}

impl Parameter {
    pub(super) fn is_list(&self) -> bool {
        self.ty == "CommaDelimitedList" || self.ty.starts_with("List<")
    }

    /// Its value is the name of an entry of the parameter store, which the stack looks up.
    pub(super) fn is_looked_up(&self) -> bool {
        self.ty.starts_with("AWS::SSM::Parameter::Value<")
    }
}

/// A resource as it is declared.
#[derive(Clone, Debug)]
pub(super) struct Declaration {
    pub(super) id: String,
    pub(super) ty: String,
    /// The type as it is written, which a transform may turn into another.
    pub(super) written: String,
    pub(super) line: u32,
    pub(super) properties: Node,
    pub(super) condition: Option<String>,
    pub(super) deletion_policy: Option<Node>,
    pub(super) update_replace_policy: Option<Node>,
}

/// Read a document of either form.
///
/// # Errors
/// What is wrong with it.
pub(super) fn document(text: &str, utf16: bool) -> Result<Node, Problem> {
    let root = parse(text, utf16)?;
    // `aws cloudformation get-template` wraps it.
    match root.get("TemplateBody").map(|body| (&body.data, body)) {
        Some((Data::Text(text), _)) => parse(text, false),
        Some((Data::Map(_), body)) => Ok(body.clone()),
        _ => Ok(root),
    }
}

fn parse(text: &str, utf16: bool) -> Result<Node, Problem> {
    if text.trim_start().starts_with('{') {
        match json::parse(text, utf16) {
            // A flow mapping of YAML begins as JSON does.
            Err(problem @ Problem::NotJson { .. }) => yaml::parse(text).map_err(|_| problem),
            other => other,
        }
    } else {
        yaml::parse(text)
    }
}

impl Template {
    /// Take a document apart.
    ///
    /// # Errors
    /// [`Problem::NotTemplate`] and [`Problem::Form`].
    pub(super) fn new(root: &Node) -> Result<Self, Problem> {
        let Some(resources) = root.get("Resources").filter(|resources| resources.is_map()) else {
            return Err(Problem::NotTemplate(super::recognise::instead(root)));
        };
        if resources.entries().is_empty() {
            return Err(Problem::Form("its `Resources` are empty, which CloudFormation refuses".to_owned()));
        }
        refuse_null(root)?;
        let nothing = Node { line: 1, data: Data::Null };
        let part = |name: &str| root.get(name).unwrap_or(&nothing);
        let conditions = part("Conditions").entries().iter();
        let mut template = Self {
            version: root.get("AWSTemplateFormatVersion").and_then(Node::as_text).map(str::to_owned),
            parameters: part("Parameters").entries().iter().map(|e| (e.key.clone(), parameter(&e.value))).collect(),
            mappings: part("Mappings").clone(),
            conditions: conditions.map(|entry| (entry.key.clone(), entry.value.clone())).collect(),
            resources: Vec::new(),
            transforms: transforms(part("Transform")),
            globals: part("Globals").clone(),
            unread: Vec::new(),
        };
        for entry in resources.entries() {
            if entry.key.starts_with("Fn::") {
                template.unread.push((entry.key.clone(), "is not unfolded".to_owned()));
                continue;
            }
            template.resources.push(declaration(&entry.key, entry.line, &entry.value)?);
        }
        Ok(template)
    }
}

/// CloudFormation refuses `null`, which also stands where a template was cut off after a colon.
fn refuse_null(node: &Node) -> Result<(), Problem> {
    match &node.data {
        Data::Null => {
            let line = node.line;
            Err(Problem::Form(format!("a value is empty (line {line}), which CloudFormation refuses; is it cut off?")))
        }
        Data::Text(_) => Ok(()),
        Data::List(items) => items.iter().try_for_each(refuse_null),
        Data::Map(entries) => {
            // Metadata is no part of what is made.
            let mut entries = entries.iter().filter(|entry| entry.key != "Metadata");
            entries.try_for_each(|entry| refuse_null(&entry.value))
        }
    }
}

pub(super) fn declaration(id: &str, line: u32, node: &Node) -> Result<Declaration, Problem> {
    let Some(ty) = node.get("Type").and_then(Node::as_text) else {
        let id: String = id.chars().take(100).collect();
        return Err(Problem::Form(format!("the resource `{id}` has no `Type` (line {line})")));
    };
    Ok(Declaration {
        id: id.to_owned(),
        ty: ty.to_owned(),
        written: ty.to_owned(),
        line,
        properties: node.get("Properties").cloned().unwrap_or(Node { line, data: Data::Map(Vec::new()) }),
        condition: node.get("Condition").and_then(Node::as_text).map(str::to_owned),
        deletion_policy: node.get("DeletionPolicy").cloned(),
        update_replace_policy: node.get("UpdateReplacePolicy").cloned(),
    })
}

fn parameter(node: &Node) -> Parameter {
    let text = |name: &str| node.get(name).and_then(Node::as_text).map(str::to_owned);
    let number = |name: &str| text(name).and_then(|text| text.trim().parse().ok());
    let allowed = node.get("AllowedValues").map(Node::items).unwrap_or_default();
    Parameter {
        ty: text("Type").unwrap_or_default(),
        default: text("Default").or_else(|| match node.get("Default").map(|node| &node.data) {
            Some(Data::Null) => Some(String::new()),
            _ => None,
        }),
        allowed: allowed.iter().filter_map(Node::as_text).map(str::to_owned).collect(),
        bounds: number("MinValue").map(|least| (least, number("MaxValue"))),
        no_echo: text("NoEcho").is_some_and(|text| text.eq_ignore_ascii_case("true")),
    }
}

fn transforms(node: &Node) -> Vec<String> {
    let name = |node: &Node| node.as_text().or_else(|| node.get("Name")?.as_text()).unwrap_or("?").to_owned();
    match &node.data {
        Data::Null => Vec::new(),
        Data::List(items) => items.iter().map(name).collect(),
        _ => vec![name(node)],
    }
}
