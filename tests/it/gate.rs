//! The gate over plans that the real Terraform made (`fixtures/iac/terraform/generate`), and over what the tests make of
//! them: each requirement and each row of the behaviour matrix is a test of its own.

mod assets;
mod command;
mod families;
mod hosts;
mod large;
mod matrix;
mod nested;
mod outputs;
mod requirements;
mod several;
mod small;
mod standing;
mod walk;

use std::path::Path;

use lastgood::evaluate::change::{self, Gated, Scope};
use lastgood::model::Instant;
use lastgood::model::assessment::Verdict;
use lastgood::model::inventory::Inventory;
use lastgood::model::outcome::Outcome;
use lastgood::policy::{Policy, SourceFile, builtin, load};
use lastgood::sources::iac::{self, IacError, Problem, Reading};
use lastgood::sources::terraform::{self, Given};
use serde_json::Value;

/// The instant of every gate here.
fn now() -> Instant {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

/// The real plan of a fixture.
fn plan(name: &str) -> Value {
    let path = format!("fixtures/iac/terraform/{name}/plan.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The entry of a resource in `resource_changes`.
fn change<'v>(plan: &'v mut Value, address: &str) -> &'v mut Value {
    let changes = plan["resource_changes"].as_array_mut().unwrap();
    changes.iter_mut().find(|change| change["address"] == address).unwrap_or_else(|| panic!("no `{address}`"))
}

fn shipped() -> Policy {
    load(&builtin::default().unwrap().sources()).unwrap_or_else(|_| panic!("the shipped policy is valid"))
}

fn read(bytes: &[u8], live: Option<&Inventory>) -> Result<Reading, IacError> {
    terraform::read(bytes.to_vec(), Path::new("plan.json"), &Given { as_of: now(), live })
}

/// What is wrong with an input.
fn problem(bytes: &[u8]) -> Problem {
    match read(bytes, None) {
        Err(IacError::Content { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

/// A plan, judged by the shipped policy.
fn gate(plan: &Value) -> Gated {
    gate_with(plan, None, Scope::OnlyChanges, &shipped())
}

fn gate_with(plan: &Value, live: Option<&Inventory>, scope: Scope, policy: &Policy) -> Gated {
    let mut reading = read(plan.to_string().as_bytes(), live).unwrap();
    iac::join(&mut reading, live);
    change::evaluate(policy, &reading.after, reading.before.as_ref(), now(), scope)
}

/// A policy of one rule.
fn policy_of(rule: &str) -> Policy {
    let head = "[policy]\nid = \"p\"\ntitle = \"p\"\nversion = \"1\"\n";
    let text = format!("{head}{rule}");
    load(&[SourceFile { name: "p.toml".into(), text }]).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// The verdict of a rule on an address.
fn verdict<'g>(gated: &'g Gated, address: &str, rule: &str) -> &'g Verdict {
    let mut found = gated.assessment.verdicts.iter();
    found.find(|verdict| *verdict.subject.name == *address && *verdict.rule.id == *rule).unwrap_or_else(|| {
        let all = gated.assessment.verdicts.iter().map(|v| format!("{} {}", v.subject.name, v.rule.id));
        panic!("no verdict of {rule} on {address} among {:#?}", all.collect::<Vec<_>>())
    })
}

/// Insist on an outcome, and on words of the sentence.
fn expect(gated: &Gated, address: &str, rule: &str, outcome: Outcome, words: &str) {
    let found = verdict(gated, address, rule);
    let reason = found.reason();
    assert_eq!(found.raw_outcome, outcome, "{rule} on {address}: {reason}");
    assert!(reason.contains(words), "{rule} on {address}: `{reason}` lacks `{words}`");
}

/// The rule on changes.
const CHANGE: &str = lastgood::policy::CHANGE_RULE;
