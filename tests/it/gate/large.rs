//! Plans that are large, deep or damaged, and those that the real Terraform writes.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use lastgood::evaluate::change::{self, Scope};
use lastgood::policy::Policy;
use lastgood::sources::iac::IacError;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::small::small;
use super::{gate_with, plan, policy_of, read, shipped};

#[test]
fn a_plan_of_twenty_megabytes_is_judged() {
    let ballast = "x".repeat(2_000);
    let table = |n: usize| json!({"type": "aws_dynamodb_table", "name": format!("t{n}"), "after": {"name": format!("t{n}"), "description": ballast, "point_in_time_recovery": [{"enabled": n.is_multiple_of(2)}]}});
    let rule = "[[rule]]\nid = \"r\"\ntitle = \"t\"\ncheck = \"incremental\"\nseverity = \"low\"\n";
    let policy = policy_of(rule);
    let judged = |count: usize| {
        let bytes = small(&json!((0..count).map(table).collect::<Vec<_>>())).to_string().into_bytes();
        let start = Instant::now();
        let reading = read(&bytes, None).unwrap();
        let before = reading.before.as_ref();
        let gated = change::evaluate(&policy, &reading.after, before, super::now(), Scope::OnlyChanges);
        assert_eq!(gated.assessment.verdicts.len(), count);
        (bytes.len(), start.elapsed().as_secs_f64())
    };
    let (_, tenth) = judged(900);
    let (bytes, whole) = judged(9_000);
    assert!(bytes > 20_000_000, "{bytes}");
    assert!(whole < tenth * 40.0, "ten times as much takes {:.0} times as long", whole / tenth);
}

#[test]
fn a_selection_of_many_is_judged_in_linear_time() {
    let volumes = |count: usize| {
        let volume = |n: usize| json!({"type": "aws_s3_bucket", "name": format!("b{n}"), "after": {"bucket": format!("bucket-{n}")}});
        let mut all: Vec<Value> = (0..count).map(volume).collect();
        let named: Vec<String> = (0..count).map(|n| format!("arn:aws:s3:::bucket-{n}")).collect();
        all.push(json!({"type": "aws_backup_plan", "name": "p", "after": {"id": "p", "name": "p", "rule": []}}));
        all.push(json!({"type": "aws_backup_selection", "name": "s", "after": {"plan_id": "p", "name": "s", "resources": named}}));
        let reading = read(small(&json!(all)).to_string().as_bytes(), None).unwrap();
        let start = Instant::now();
        let estate = lastgood::model::estate::Estate::new(&reading.after);
        let covered = reading.after.resources.iter().filter(|it| !estate.coverage(it).by.is_empty()).count();
        assert_eq!(covered, count);
        start.elapsed().as_secs_f64()
    };
    let few = (0..3).map(|_| volumes(1_000)).fold(f64::MAX, f64::min);
    let many = (0..3).map(|_| volumes(4_000)).fold(f64::MAX, f64::min);
    assert!(many < few * 8.0, "four times as many take {:.1} times as long", many / few);
}

#[test]
fn what_is_nested_without_end_is_refused_or_judged() {
    let deep =
        |open: &str, inner: &str, close: &str| format!("{}{inner}{}", open.repeat(100_000), close.repeat(100_000));
    for value in [deep("[", "1", "]"), deep("{\"a\":", "1", "}")] {
        let unknown_part = format!(
            "{{\"format_version\": \"1.2\", \"terraform_version\": \"1.9\", \"resource_changes\": [], \"deep\": {value}}}"
        );
        assert!(matches!(read(unknown_part.as_bytes(), None), Ok(_) | Err(IacError::Content { .. })));
        let mut change =
            small(&json!([{"type": "aws_dynamodb_table", "name": "t", "after": {"name": "t", "tags": "DEEP"}}]))
                .to_string();
        change = change.replace("\"DEEP\"", &value);
        assert!(read(change.as_bytes(), None).is_err(), "deeper than any value of a plan");
    }
    let mut module = json!({"resources": []});
    for _ in 0..30 {
        module = json!({"module_calls": {"m": {"expressions": {}, "module": module}}});
    }
    let mut plan = plan("matrix");
    plan["configuration"]["root_module"]["module_calls"]["deep"] = json!({"module": module});
    assert!(read(plan.to_string().as_bytes(), None).is_ok());
}

/// Change a value somewhere in a document.
fn damage(plan: &mut Value, place: usize, with: &Value) {
    fn values<'v>(value: &'v mut Value, found: &mut Vec<&'v mut Value>) {
        match value {
            Value::Object(fields) => fields.values_mut().for_each(|value| values(value, found)),
            Value::Array(items) => items.iter_mut().for_each(|value| values(value, found)),
            _ => found.push(value),
        }
    }
    let mut found = Vec::new();
    values(plan, &mut found);
    let count = found.len().max(1);
    if let Some(value) = found.get_mut(place % count) {
        **value = with.clone();
    }
}

fn judged(bytes: &[u8], policy: &Policy) {
    if let Ok(mut reading) = read(bytes, None) {
        lastgood::sources::iac::join(&mut reading, None);
        let gated = change::evaluate(policy, &reading.after, reading.before.as_ref(), super::now(), Scope::All);
        assert_eq!(gated.assessment.summary.total(), gated.assessment.verdicts.len() as u64);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_plan_with_other_values_is_refused_or_judged(
        edits in proptest::collection::vec((any::<usize>(), 0_usize..10), 1..6),
    ) {
        let odd = [json!(null), json!(true), json!(-1), json!(1e300), json!(""), json!("a.b[\"c"), json!([]), json!({}), json!([null]), json!({"references": ["var.x", "module.m.o", "each.value"]})];
        let mut plan = plan("changes");
        for (place, with) in edits {
            damage(&mut plan, place, &odd[with]);
        }
        judged(plan.to_string().as_bytes(), &shipped());
    }

    #[test]
    fn a_plan_with_other_bytes_is_refused_or_judged(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = plan("changes").to_string().into_bytes();
        for (place, byte) in edits {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        judged(&bytes, &shipped());
    }
}

/// The committed plans are those that the installed Terraform writes, as far as they are judged. The providers are those of
/// `terraform providers mirror` in the folder `PLUGINS`.
#[test]
#[ignore = "needs terraform and its AWS provider (PLUGINS)"]
fn the_plans_are_those_that_terraform_writes() {
    let plugins =
        std::env::var("PLUGINS").expect("set PLUGINS to a folder of providers (`terraform providers mirror`)");
    let work = tempfile::tempdir().unwrap();
    for folder in ["changes", "matrix"] {
        let copied =
            Command::new("cp").args(["-r", &format!("fixtures/iac/terraform/{folder}")]).arg(work.path()).status();
        assert!(copied.unwrap().success());
    }
    std::fs::copy("fixtures/iac/terraform/generate", work.path().join("generate")).unwrap();
    let made = Command::new(work.path().join("generate")).env("PLUGINS", plugins).status().unwrap();
    assert!(made.success());
    for folder in ["changes", "matrix"] {
        let path = work.path().join(Path::new(folder)).join("plan.json");
        let anew: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let said = |plan: &Value| gate_with(plan, None, Scope::All, &shipped()).assessment.verdicts;
        assert_eq!(said(&anew), said(&plan(folder)), "{folder}");
    }
}
