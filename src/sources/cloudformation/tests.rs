//! What a template comes to, fact by fact.

mod inputs;
mod protection;
mod values;

use std::collections::BTreeMap;
use std::path::Path;

use super::{Given, Stacks, read};
use crate::model::fact::Fact;
use crate::model::resource::{Database, Resource};
use crate::sources::iac::{IacError, Problem, Reading};

fn try_read(text: &[u8], parameters: &[(&str, &str)]) -> Result<Reading, IacError> {
    let parameters: BTreeMap<String, String> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let as_of = "2026-11-22T00:00:00Z".parse().unwrap();
    read(
        text.to_vec(),
        Path::new("stack.yaml"),
        &Given { as_of, live: None, parameters: &parameters, stacks: &Stacks::default() },
    )
}

fn with(text: &str, parameters: &[(&str, &str)]) -> Reading {
    try_read(text.as_bytes(), parameters).unwrap_or_else(|error| panic!("{error}"))
}

fn of(text: &str) -> Reading {
    with(text, &[])
}

/// A template with one resource `X` of a type, with properties in YAML's flow form, and further sections.
fn one(ty: &str, properties: &str, sections: &str) -> String {
    format!("{sections}\nResources:\n  X:\n    Type: {ty}\n    Properties: {properties}\n")
}

fn problem(text: &str) -> Problem {
    match try_read(text.as_bytes(), &[]) {
        Err(IacError::Content { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

fn resource<'r>(reading: &'r Reading, id: &str) -> &'r Resource {
    let mut found = reading.after.resources.iter();
    found.find(|resource| resource.name.as_deref() == Some(id)).unwrap_or_else(|| panic!("no `{id}`"))
}

fn database<'r>(reading: &'r Reading, id: &str) -> &'r Database {
    resource(reading, id).database().unwrap()
}

/// Why a fact of a resource cannot be told: `Attribute why`.
fn why(reading: &Reading, id: &str, fact: &str) -> String {
    let arn = &resource(reading, id).arn;
    let declared = reading.after.declared.as_deref().unwrap();
    let mut found = declared.why_unread(arn, fact);
    found.next().map(|undecided| format!("{} {}", undecided.attribute, undecided.why)).unwrap_or_default()
}

/// The retention of a database `X` whose `BackupRetentionPeriod` is this.
fn retention(value: &str, sections: &str, parameters: &[(&str, &str)]) -> Result<u32, String> {
    let text = one("AWS::RDS::DBInstance", &format!("{{BackupRetentionPeriod: {value}}}"), sections);
    let reading = with(&text, parameters);
    match &database(&reading, "X").backup_retention_days {
        Fact::Known(days) => Ok(*days),
        Fact::Unread => Err(why(&reading, "X", "backup_retention_days")),
    }
}
