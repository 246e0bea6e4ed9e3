//! OSCAL documents, held against the schemas of NIST; what these do not see (references) is checked here.

use std::collections::BTreeSet;

use lastgood::model::assessment::Assessment;
use lastgood::model::outcome::Outcome;
use lastgood::report::Format;
use serde_json::{Value, json};

use super::{estate, hostile, large, named, plain};

fn schema(name: &str) -> jsonschema::Validator {
    let text = std::fs::read_to_string(format!("fixtures/validators/oscal_{name}_schema.json")).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn results(assessment: &Assessment) -> Value {
    serde_json::from_str(&plain(assessment, Format::Oscal)).unwrap()
}

fn poam(assessment: &Assessment) -> Value {
    serde_json::from_str(&plain(assessment, Format::OscalPoam)).unwrap()
}

fn of_period(name: &str, format: &str) -> Value {
    serde_json::from_slice(&named::bytes(&named::period(name), format)).unwrap()
}

fn nothing() -> Assessment {
    let mut nothing = estate::assessment();
    nothing.verdicts.clear();
    nothing.clauses.clear();
    nothing.policy_findings.clear();
    nothing.inventory.gaps.clear();
    nothing
}

const HOSTILE: &str = "\u{1b}[31m<script>\n \u{202e}[x](javascript:1) {{ insert: param, x }} ";

fn documents() -> Vec<(&'static str, Value)> {
    let mut all = Vec::new();
    for assessment in [estate::assessment(), hostile::assessment(), nothing(), large::assessment(300)] {
        all.push(("assessment-results", results(&assessment)));
        all.push(("poam", poam(&assessment)));
    }
    for name in ["shop-db", HOSTILE, ""] {
        all.push(("assessment-results", of_period(name, "oscal")));
        all.push(("poam", of_period(name, "oscal-poam")));
    }
    all
}

#[test]
fn documents_are_what_the_schemas_of_nist_ask() {
    for name in ["assessment-results", "poam"] {
        let validator = schema(name);
        for (_, document) in documents().iter().filter(|(kind, _)| *kind == name) {
            let errors: Vec<String> =
                validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(errors.is_empty(), "{errors:#?}");
        }
    }
    let one = "/assessment-results/results/0";
    let validator = schema("assessment-results");
    let good = results(&estate::assessment());
    for (pointer, value) in [
        ("/findings/0/target/type", json!("objective")),
        ("/findings/0/target/status/state", json!("ok")),
        ("/findings/0/target/target-id", json!("1.1")),
        ("/start", json!("2026-11-22 06:00:00")),
        ("/observations/0/collected", json!("2026-11-22T06:00:00")),
        ("/observations/0/uuid", json!("7")),
        ("/observations/0/uuid", json!("00000000-0000-1000-8000-000000000000")),
        ("/risks/0/props/0/value", json!("")),
        ("/risks", json!([])),
        ("/reviewed-controls/control-selections/0", json!({})),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(&format!("{one}{pointer}")).unwrap_or_else(|| panic!("no {pointer}")) = value;
        assert!(!validator.is_valid(&bad), "{pointer}");
    }
    for (pointer, key) in [("", "reviewed-controls"), ("/risks/0", "status"), ("/observations/0", "methods")] {
        let mut bad = good.clone();
        bad.pointer_mut(&format!("{one}{pointer}")).unwrap().as_object_mut().unwrap().remove(key).unwrap();
        assert!(!validator.is_valid(&bad), "{pointer} without {key}");
    }
    let mut bad = poam(&estate::assessment());
    bad["plan-of-action-and-milestones"]["poam-items"] = json!([]);
    assert!(!schema("poam").is_valid(&bad));
}

/// References that lead nowhere, and names that two objects bear.
fn wrong_references(document: &Value) -> Vec<String> {
    let (mut names, mut references, mut wrong) = (BTreeSet::new(), Vec::new(), Vec::new());
    walk(document, &mut |key, text| {
        if key == "uuid" && !names.insert(text.to_owned()) {
            wrong.push(format!("two of {text}"));
        }
        if key.ends_with("-uuid") {
            references.push(text.to_owned());
        }
        if let (true, Some(name)) = (key == "href", text.strip_prefix('#')) {
            references.push(name.to_owned());
        }
    });
    assert!(!references.is_empty());
    wrong.extend(references.into_iter().filter(|name| !names.contains(name)));
    wrong
}

fn walk(value: &Value, see: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value.as_str() {
                    Some(text) => see(key, text),
                    None => walk(value, see),
                }
                if let (true, Some(listed)) = (key.ends_with("-uuids"), value.as_array()) {
                    listed.iter().filter_map(Value::as_str).for_each(|text| see("listed-uuid", text));
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, see)),
        _ => {}
    }
}

#[test]
fn every_reference_resolves_and_no_uuid_is_given_twice() {
    for (kind, document) in documents() {
        assert_eq!(wrong_references(&document), Vec::<String>::new(), "{kind}");
    }
    let good = results(&estate::assessment());
    let gone = "00000000-0000-4000-8000-000000000000";
    for pointer in [
        "/assessment-results/results/0/findings/0/related-observations/0/observation-uuid",
        "/assessment-results/results/0/observations/0/origins/0/actors/0/actor-uuid",
        "/assessment-results/results/0/risks/0/uuid",
        "/assessment-results/results/0/attestations/0/responsible-parties/0/party-uuids/0",
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = gone.into();
        assert!(!wrong_references(&bad).is_empty(), "{pointer}");
    }
    let mut bad = good.clone();
    bad["assessment-results"]["import-ap"]["href"] = format!("#{gone}").into();
    assert_eq!(wrong_references(&bad), [gone]);
    bad = good.clone();
    bad["assessment-results"]["uuid"] = good["assessment-results"]["results"][0]["uuid"].clone();
    assert_eq!(wrong_references(&bad).len(), 1);
}

fn number(object: &Value, name: &str) -> u64 {
    let props = object["props"].as_array().unwrap();
    props.iter().find(|prop| prop["name"] == name).unwrap()["value"].as_str().unwrap().parse().unwrap()
}

fn with<'v>(all: &'v Value, name: &str, value: &str) -> Vec<&'v Value> {
    let all = all.as_array().unwrap().iter();
    all.filter(|one| one["props"].as_array().unwrap().iter().any(|prop| prop["name"] == name && prop["value"] == value))
        .collect()
}

#[test]
fn totals_are_those_of_the_assessment() {
    let assessment = estate::assessment();
    let document = results(&assessment);
    let result = &document["assessment-results"]["results"][0];
    let plan = poam(&assessment);
    let items = &plan["plan-of-action-and-milestones"]["poam-items"];
    let rules: Vec<&Value> = result["observations"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|seen| seen["props"].as_array().unwrap().iter().any(|prop| prop["name"] == "not-applicable"))
        .collect();
    for outcome in Outcome::ALL {
        let wanted = assessment.summary.of(outcome);
        assert_eq!(number(result, outcome.id()), wanted, "{outcome}");
        assert_eq!(rules.iter().map(|rule| number(rule, outcome.id())).sum::<u64>(), wanted, "{outcome}");
        let each = if matches!(outcome, Outcome::Pass | Outcome::NotApplicable) { 0 } else { wanted };
        for all in [&result["observations"], &result["risks"], items] {
            assert_eq!(with(all, "outcome", outcome.id()).len() as u64, each, "{outcome}");
        }
    }
    let policy = assessment.policy_findings.iter().filter(|found| found.outcome.is_finding()).count() as u64;
    let open = assessment.summary.fail + assessment.summary.unknown + assessment.summary.waived;
    assert_eq!(items.as_array().unwrap().len() as u64, open + policy);
    let judged = assessment.clauses.iter().filter(|clause| clause.status != Outcome::NotApplicable).count();
    let findings = result["findings"].as_array().unwrap();
    // And the one rule that serves no clause.
    assert_eq!(findings.len(), judged + 1);
    assert_eq!(number(result, "clauses-not-applicable"), (assessment.clauses.len() - judged) as u64);
}

#[test]
fn only_what_passed_is_satisfied() {
    let mut assessment = estate::assessment();
    for (outcome, state, reason, remark) in [
        (Outcome::Pass, "satisfied", "pass", None),
        (Outcome::Fail, "not-satisfied", "fail", None),
        (Outcome::Unknown, "not-satisfied", "other", Some("evidence is missing")),
        (Outcome::Waived, "not-satisfied", "other", Some("approved exception")),
    ] {
        assessment.clauses.truncate(1);
        assessment.clauses[0].status = outcome;
        let document = results(&assessment);
        let status = &document["assessment-results"]["results"][0]["findings"].as_array().unwrap().last().unwrap()["target"]
            ["status"];
        assert_eq!((&status["state"], &status["reason"]), (&json!(state), &json!(reason)), "{outcome}");
        let said = status["remarks"].as_str().unwrap_or_default();
        assert!(remark.map_or(said.is_empty(), |remark| said.contains(remark)), "{outcome}: {said}");
    }
    let document = results(&estate::assessment());
    let risks = &document["assessment-results"]["results"][0]["risks"];
    for (outcome, status) in [("fail", "open"), ("unknown", "investigating"), ("waived", "deviation-approved")] {
        let found = with(risks, "outcome", outcome);
        assert!(!found.is_empty() && found.iter().all(|risk| risk["status"] == status), "{outcome}");
    }
    assert_eq!(with(risks, "outcome", "waived")[0]["deadline"], "2027-02-01T00:00:00Z");
}

#[test]
fn a_period_has_its_dates_its_deviations_and_a_finding_per_clause() {
    let document = of_period("shop-db", "oscal");
    let result = &document["assessment-results"]["results"][0];
    assert_eq!((&result["start"], &result["end"]), (&json!("2026-06-30T22:00:00Z"), &json!("2026-07-07T22:00:00Z")));
    let judged = |id: &str| {
        let target = format!("clause-{id}");
        let mut found = result["findings"].as_array().unwrap().iter();
        found.find(|found| found["target"]["target-id"] == *target).map(|found| found["target"]["status"].clone())
    };
    for (id, state, reason) in [
        ("1.1", "not-satisfied", "fail"),
        ("1.2", "not-satisfied", "other"),
        ("1.3", "not-satisfied", "other"),
        ("1.4", "satisfied", "pass"),
    ] {
        let status = judged(id).unwrap();
        assert_eq!((&status["state"], &status["reason"]), (&json!(state), &json!(reason)), "{id}");
    }
    assert_eq!(judged("1.5"), None);
    assert_eq!(number(result, "missed"), 2);
    assert_eq!(number(result, "required"), 18);
    let statuses: Vec<&Value> = result["risks"].as_array().unwrap().iter().map(|risk| &risk["status"]).collect();
    assert_eq!(statuses, ["open", "closed", "deviation-approved"]);
    let plan = of_period("shop-db", "oscal-poam");
    assert_eq!(plan["plan-of-action-and-milestones"]["poam-items"].as_array().unwrap().len(), 3);
}

#[test]
fn names_stay_text() {
    let shown = String::from_utf8(named::bytes(&named::period(HOSTILE), "oscal")).unwrap();
    assert!(!shown.contains(['\u{1b}', '\u{202e}']));
    assert!(shown.contains("\\\\<script\\\\>") && shown.contains("\\\\{\\\\{ insert"), "markup of others is escaped");
}

/// Statements are attestations whose parties are the people; nobody who said nothing is a party.
#[test]
fn statements_are_attestations_of_parties() {
    let assessment = estate::assessment();
    let document = results(&assessment);
    let document = &document["assessment-results"];
    let party = |uuid: &Value| {
        let all = document["metadata"]["parties"].as_array().unwrap();
        all.iter().find(|party| party["uuid"] == *uuid).unwrap()["name"].as_str().unwrap().to_owned()
    };
    let wanted = &assessment.ledger.as_deref().unwrap().attestations;
    let found = document["results"][0]["attestations"].as_array().unwrap();
    assert_eq!((found.len(), wanted.len()), (2, 2));
    for (found, wanted) in found.iter().zip(wanted) {
        let bearers: Vec<(&str, String)> = found["responsible-parties"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["role-id"].as_str().unwrap(), party(&one["party-uuids"][0])))
            .collect();
        let performer = wanted.performed_by.as_deref().unwrap().to_owned();
        assert_eq!(bearers, [("attestor", wanted.by.to_string()), ("performer", performer)]);
        let part = &found["parts"][0];
        assert_eq!(part["prose"].as_str().unwrap(), &*wanted.statement);
        let props = part["props"].as_array().unwrap();
        let told = |name: &str| props.iter().find(|prop| prop["name"] == name).unwrap()["value"].as_str().unwrap();
        assert_eq!((told("valid-until"), told("clause")), ("2027-09-03", "5.3"));
        assert!(told("evidence").starts_with("review.pdf sha256:cdcd"));
    }
    // As they are on record: of names that differ in their case it is for the reader to say whether they are one.
    assert_eq!(document["metadata"]["parties"].as_array().unwrap().len(), 3);
    let plan = poam(&assessment);
    assert!(plan["plan-of-action-and-milestones"]["metadata"].get("parties").is_none());
}
