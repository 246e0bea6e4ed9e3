//! Wrong and incomplete inputs: each is recognised by its own name, and none passes.

use lastgood::model::outcome::Outcome::Fail;
use lastgood::sources::iac::Problem;
use serde_json::{Value, json};

use super::super::{expect, gate, plan, problem, read};

#[test]
fn r01_every_wrong_input_has_its_own_name() {
    let named = |bytes: &[u8]| problem(bytes);
    assert_eq!(named(b""), Problem::Empty);
    assert_eq!(named(b" \r\n\t"), Problem::Empty);
    assert_eq!(named(b"PK\x03\x04\x14\x00\x08tfplan"), Problem::BinaryPlan);
    let event = r#"{"@level":"info","@message":"Terraform 1.11.4","@module":"terraform.ui","type":"version"}"#;
    assert_eq!(named(event.as_bytes()), Problem::EventStream);
    assert_eq!(named(format!("{event}\n{event}\n").as_bytes()), Problem::EventStream);
    assert_eq!(named(b"resource \"aws_s3_bucket\" \"b\" {\n}\n"), Problem::Hcl);
    assert_eq!(named(b"# a comment\nterraform {}\n"), Problem::Hcl);
    let redacted = r#"{"plan_format_version": "1.2", "provider_format_version": "1.0", "provider_schemas": {}, "resource_changes": []}"#;
    assert_eq!(named(redacted.as_bytes()), Problem::RedactedPlan);
    let raw = r#"{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "resources": []}"#;
    assert_eq!(named(raw.as_bytes()), Problem::RawState);
    assert_eq!(named(b"{\"a\": 1}"), Problem::Unknown);
    assert_eq!(named(b"[]"), problem(b"[]"));
    assert!(matches!(named(b"{\"format_version\": \"1.2\", oops}"), Problem::NotJson { .. }));
    // Each says what to do.
    for problem in [Problem::Empty, Problem::BinaryPlan, Problem::EventStream, Problem::Hcl, Problem::RedactedPlan] {
        assert!(problem.help().len() > 20, "{problem}");
    }
}

#[test]
fn r01_a_state_is_a_state() {
    let values = plan("changes")["prior_state"]["values"].clone();
    let state = json!({"format_version": "1.0", "terraform_version": "1.11.4", "values": values});
    let reading = read(state.to_string().as_bytes(), None).unwrap();
    assert!(reading.before.is_none() && !reading.after.declared.as_ref().unwrap().has_before);
    let gated = gate(&state);
    expect(&gated, "aws_backup_vault.far", "vaults-locked", Fail, "not locked");
}

#[test]
fn r01_every_cut_of_a_plan_is_noticed() {
    let text = plan("changes").to_string();
    for length in (0..text.len() - 1).step_by(97).chain([1, text.len() - 1]) {
        let said = problem(&text.as_bytes()[..length]);
        assert!(matches!(said, Problem::CutOff { .. } | Problem::Empty | Problem::NotJson { .. }), "{length}: {said}");
    }
}

#[test]
fn r02_every_encoding_gives_the_same_verdicts() {
    let text = plan("matrix").to_string();
    let utf8 = read(text.as_bytes(), None).unwrap();
    let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let bom = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for bytes in [bom, le.clone(), be.clone(), [b"\xff\xfe", &le[..]].concat(), [b"\xfe\xff", &be[..]].concat()] {
        assert_eq!(read(&bytes, None).unwrap(), utf8);
    }
}

#[test]
fn r02_json_that_power_shell_broke_is_said_so() {
    let text = plan("matrix").to_string().replacen("\"address\"", "\"addr\ness", 1);
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let said = problem(&utf16);
    assert!(matches!(said, Problem::NotJson { utf16: true, .. }), "{said}");
    assert!(said.help().contains("PowerShell") && said.help().contains("Out-File -Encoding utf8"));
    let odd: Vec<u8> = utf16.iter().copied().take(1001).collect();
    assert!(matches!(problem(&odd), Problem::Encoding(_)));
}

#[test]
fn r03_a_failed_plan_and_another_version_are_refused() {
    let mut errored = plan("matrix");
    errored["errored"] = json!(true);
    assert_eq!(problem(errored.to_string().as_bytes()), Problem::Errored);
    for version in ["2.0", "10.1", "x"] {
        let mut other = plan("matrix");
        other["format_version"] = json!(version);
        assert_eq!(problem(other.to_string().as_bytes()), Problem::Version(version.to_owned()));
    }
    // A newer minor version is read, and so are the versions before 1.0.
    for version in ["1.99", "0.2"] {
        let mut newer = plan("matrix");
        newer["format_version"] = json!(version);
        newer["something_new"] = json!({"a": [1]});
        assert!(read(newer.to_string().as_bytes(), None).is_ok(), "{version}");
    }
    let mut none = plan("matrix");
    none.as_object_mut().unwrap().remove("format_version");
    assert_eq!(problem(none.to_string().as_bytes()), Problem::Unknown);
}

#[test]
fn r03_an_incomplete_plan_never_proves_anything() {
    let incomplete = |edit: &dyn Fn(&mut Value)| {
        let mut plan = plan("matrix");
        edit(&mut plan);
        let gated = gate(&plan);
        assert!(!gated.assessment.inventory.complete);
        gated.assessment.inventory.gaps.iter().filter_map(|gap| gap.message.clone()).collect::<Vec<_>>().join("; ")
    };
    assert!(incomplete(&|plan| plan["complete"] = json!(false)).contains("complete: false"));
    let deferred = json!([{"reason": "provider_config_unknown", "resource_change": {"address": "aws_s3_bucket.d"}}]);
    assert!(incomplete(&|plan| plan["deferred_changes"] = deferred.clone()).contains("provider_config_unknown"));
    assert!(incomplete(&|plan| plan["resource_changes"][0]["index_unknown"] = json!(true)).contains("`for_each`"));
    // Older versions do not say whether they are complete.
    let mut silent = plan("matrix");
    silent.as_object_mut().unwrap().retain(|key, _| key != "complete" && key != "applyable" && key != "errored");
    assert!(gate(&silent).assessment.inventory.complete);
}
