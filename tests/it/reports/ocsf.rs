//! OCSF events: totals, places of outcomes, and a reader that others wrote.

use lastgood::model::assessment::Assessment;
use lastgood::model::outcome::Outcome;
use lastgood::report::Format;
use serde_json::{Value, json};

use super::python::python;
use super::{estate, hostile, plain};

fn events(assessment: &Assessment) -> Vec<Value> {
    plain(assessment, Format::Ocsf).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_verdict_is_an_event_and_only_a_pass_passes() {
    let assessment = estate::assessment();
    let events = events(&assessment);
    assert_eq!(events.len(), assessment.verdicts.len());
    for (event, verdict) in events.iter().zip(&assessment.verdicts) {
        let wanted = match verdict.outcome {
            Outcome::Pass => json!([1, 4]),
            Outcome::Fail => json!([3, 1]),
            Outcome::Unknown => json!([2, 1]),
            Outcome::Waived => json!([3, 3]),
            Outcome::NotApplicable => json!([0, 99]),
        };
        assert_eq!(json!([event["compliance"]["status_id"], event["status_id"]]), wanted, "{}", verdict.outcome);
        assert_eq!(event["finding_info"]["uid"], verdict.fingerprint());
        assert_eq!(event["resources"][0]["uid"], *verdict.subject.resource);
        assert_eq!(event["compliance"]["requirements"], json!(verdict.rule.clauses));
        assert_eq!(event["time"], json!(assessment.run.as_of.timestamp_millis()));
        assert!(event["time"].as_u64().unwrap() > 1_000_000_000_000, "milliseconds");
    }
    for outcome in Outcome::ALL {
        let found = events.iter().filter(|event| event["unmapped"]["outcome"] == outcome.id()).count() as u64;
        assert_eq!(found, assessment.summary.of(outcome), "{outcome}");
    }
}

/// Names are kept exactly, and none splits a line.
#[test]
fn hostile_names_stay_on_their_line() {
    let assessment = hostile::assessment();
    let events = events(&assessment);
    assert_eq!(events.len(), assessment.verdicts.len());
    for (event, verdict) in events.iter().zip(&assessment.verdicts) {
        assert_eq!(event["finding_info"]["analytic"]["uid"], *verdict.rule.id);
    }
}

const SCRIPT: &str = "
import sys, json
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
events = [ComplianceFinding.model_validate_json(line) for line in sys.stdin.buffer]
assert all(event.type_uid == 200301 and event.class_uid == 2003 for event in events)
print(len(events), sum(event.compliance.status_id == 1 for event in events))
";

#[test]
#[ignore = "needs Python with py-ocsf-models"]
fn ocsf_is_read_by_the_models_of_prowler() {
    for assessment in [estate::assessment(), hostile::assessment()] {
        let passed = assessment.verdicts.iter().filter(|verdict| verdict.raw_outcome == Outcome::Pass).count();
        let read = python(SCRIPT, plain(&assessment, Format::Ocsf).as_bytes()).unwrap();
        assert_eq!(read.trim(), format!("{} {passed}", assessment.verdicts.len()));
    }
    let good = &events(&estate::assessment())[0];
    for (pointer, value) in [
        ("/severity_id", json!(7)),
        ("/compliance/status_id", json!("Pass")),
        ("/type_uid", json!(2003)),
        ("/time", json!("2026-11-22T06:00:00Z")),
        ("/status_id", json!(42)),
        ("/finding_info/uid", Value::Null),
        ("/resources", json!({})),
        ("/evidences/0/data", json!("text")),
        ("/metadata/product", Value::Null),
        ("/compliance", Value::Null),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        assert!(python(SCRIPT, bad.to_string().as_bytes()).is_err(), "{pointer}");
    }
}
