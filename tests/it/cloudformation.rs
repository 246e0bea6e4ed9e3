//! The gate over templates: values, conditions, families, coverage, what is no template, and hostile input. Each row of
//! the behaviour matrix is a test of its own.

mod clusters;
mod command;
mod coverage;
mod families;
mod hostile;
mod inputs;
mod matrix;
mod patterns;
mod undecided;
mod values;

use std::collections::BTreeMap;
use std::path::Path;

use lastgood::evaluate::change::{self, Gated, Scope};
use lastgood::model::Instant;
use lastgood::model::declared::{Declared, Undecided};
use lastgood::model::inventory::Inventory;
use lastgood::model::outcome::Outcome;
use lastgood::model::resource::{Bucket, Database, Detail, FileSystem, Resource, Table, Vault, Volume};
use lastgood::policy::{SourceFile, builtin, load};
use lastgood::sources::cloudformation::{self, Given, Stacks};
use lastgood::sources::iac::{self, IacError, Problem, Reading};

fn now() -> Instant {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn parameters(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn read(bytes: &[u8], given: &[(&str, &str)]) -> Result<Reading, IacError> {
    let parameters = parameters(given);
    let given = Given { as_of: now(), live: None, parameters: &parameters, stacks: &Stacks::default() };
    cloudformation::read(bytes.to_vec(), Path::new("template.yaml"), &given)
}

/// The inventory of a template.
fn template(text: &str) -> Inventory {
    with(text, &[])
}

fn with(text: &str, given: &[(&str, &str)]) -> Inventory {
    read(text.as_bytes(), given).unwrap_or_else(|error| panic!("{error}")).after
}

/// One resource of a template, which is named `It`.
fn it(properties: &str) -> Resource {
    resource(&template(&format!("Resources:\n  It:\n{}", indented(properties, 4))), "It").clone()
}

fn indented(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{}{line}\n", " ".repeat(by))).collect()
}

fn fixture(name: &str) -> String {
    std::fs::read_to_string(format!("fixtures/iac/cloudformation/{name}")).unwrap()
}

/// What is wrong with an input.
fn problem(bytes: &[u8]) -> Problem {
    match read(bytes, &[]) {
        Err(IacError::Content { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

fn declared(inventory: &Inventory) -> &Declared {
    inventory.declared.as_deref().unwrap()
}

fn resource<'i>(inventory: &'i Inventory, name: &str) -> &'i Resource {
    let mut found = inventory.resources.iter();
    found.find(|resource| resource.name.as_deref() == Some(name)).unwrap_or_else(|| {
        panic!("no `{name}` among {:?}", inventory.resources.iter().map(|r| &r.name).collect::<Vec<_>>())
    })
}

fn database(resource: &Resource) -> &Database {
    resource.database().unwrap()
}

fn table(resource: &Resource) -> &Table {
    resource.table().unwrap()
}

fn bucket(resource: &Resource) -> &Bucket {
    resource.bucket().unwrap()
}

fn vault(resource: &Resource) -> &Vault {
    resource.vault().unwrap()
}

fn volume(resource: &Resource) -> &Volume {
    resource.volume().unwrap()
}

fn file_system(resource: &Resource) -> &FileSystem {
    match &resource.detail {
        Detail::FileSystem(system) => system,
        other => panic!("{other:?}"),
    }
}

/// Why a fact of a resource is open: one reason, with its attribute.
fn why<'i>(inventory: &'i Inventory, name: &str, fact: &str) -> &'i Undecided {
    let identity = &resource(inventory, name).arn;
    let mut found = declared(inventory).undecided.iter();
    found
        .find(|open| open.fact == *fact && open.identity.as_ref() == Some(identity))
        .unwrap_or_else(|| panic!("nothing says why {fact} of {name} is open: {:#?}", declared(inventory).undecided))
}

/// A template, judged by the shipped policy.
fn gate(text: &str, given: &[(&str, &str)], rules: Option<&str>) -> Gated {
    let mut reading = read(text.as_bytes(), given).unwrap_or_else(|error| panic!("{error}"));
    iac::join(&mut reading, None);
    let sources = match rules {
        Some(rules) => {
            let text = format!("[policy]\nid = \"p\"\ntitle = \"p\"\nversion = \"1\"\n{rules}");
            vec![SourceFile { name: "p.toml".into(), text }]
        }
        None => builtin::default().unwrap().sources(),
    };
    let policy = load(&sources).unwrap_or_else(|problems| panic!("{problems:?}"));
    change::evaluate(&policy, &reading.after, None, now(), Scope::OnlyChanges)
}

/// Insist on the verdict of a rule on a resource, and on words of its reason.
fn expect(gated: &Gated, name: &str, rule: &str, outcome: Outcome, words: &str) {
    let mut found = gated.assessment.verdicts.iter();
    let verdict = found.find(|verdict| *verdict.subject.name == *name && *verdict.rule.id == *rule);
    let Some(verdict) = verdict else {
        let all = gated.assessment.verdicts.iter().map(|v| format!("{} {}", v.subject.name, v.rule.id));
        panic!("no verdict of {rule} on {name} among {:#?}", all.collect::<Vec<_>>())
    };
    let reason = verdict.reason();
    assert_eq!(verdict.outcome, outcome, "{rule} on {name}: {reason}");
    assert!(reason.contains(words), "{rule} on {name}: `{reason}` lacks `{words}`");
}
