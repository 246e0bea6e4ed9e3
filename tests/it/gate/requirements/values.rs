//! Three states of a value: known, not set, open; and the addresses on the way.

use lastgood::model::outcome::Outcome::{Fail, Pass, Unknown};
use serde_json::{Value, json};

use super::super::{change, expect, gate, plan};

const HOSTED: &str = "module.host.module.service.aws_db_instance.hosted";

/// The call of the inner module, two deep.
fn inner(plan: &mut Value) -> &mut Value {
    &mut plan["configuration"]["root_module"]["module_calls"]["host"]["module"]["module_calls"]["service"]
}

#[test]
fn r04_null_at_the_end_of_a_chain_is_not_set() {
    // The variable's default is null: the provider's own default applies, and automated backups are off.
    expect(&gate(&plan("matrix")), HOSTED, "kept-35-days", Fail, "automated backups are off");
}

#[test]
fn r04_a_chain_that_ends_in_something_unknown_is_open() {
    let mut plan = plan("matrix");
    inner(&mut plan)["expressions"] = json!({"retention": {"references": ["var.days"]}});
    let outer = &mut plan["configuration"]["root_module"]["module_calls"]["host"];
    outer["expressions"] = json!({"days": {"references": ["terraform_data.later.id", "terraform_data.later"]}});
    let words = "backup_retention_period` is known only after apply (it comes from `terraform_data.later.id`)";
    expect(&gate(&plan), HOSTED, "kept-35-days", Unknown, words);
}

#[test]
fn r04_a_chain_through_an_output_is_followed() {
    let mut plan = plan("matrix");
    let root = &mut plan["configuration"]["root_module"];
    let blocks = root["resources"].as_array_mut().unwrap();
    let block = blocks.iter_mut().find(|block| block["address"] == "aws_db_instance.unknown_retention").unwrap();
    block["expressions"]["backup_retention_period"] = json!({"references": ["module.host.days", "module.host"]});
    root["module_calls"]["host"]["module"]["outputs"]["days"] =
        json!({"expression": {"references": ["module.service.days", "module.service"]}});
    let service = &mut root["module_calls"]["host"]["module"]["module_calls"]["service"]["module"]["outputs"];
    service["days"] = json!({"expression": {"references": ["var.retention"]}});
    // It ends at a default of null.
    expect(&gate(&plan), "aws_db_instance.unknown_retention", "kept-35-days", Fail, "automated backups are off");
    let outputs = &mut plan["configuration"]["root_module"]["module_calls"]["host"]["module"]["outputs"];
    outputs["days"] = json!({"expression": {"references": ["local.days"]}});
    let words = "depends on `local.days`, and a plan does not show locals";
    expect(&gate(&plan), "aws_db_instance.unknown_retention", "kept-35-days", Unknown, words);
}

#[test]
fn r04_a_chain_that_goes_in_circles_ends() {
    let mut plan = plan("matrix");
    let outputs = &mut plan["configuration"]["root_module"]["module_calls"]["host"]["module"]["outputs"];
    outputs["a"] = json!({"expression": {"references": ["module.service.a", "module.service"]}});
    let service = inner(&mut plan);
    service["module"]["outputs"]["a"] = json!({"expression": {"references": ["var.retention"]}});
    service["expressions"] = json!({"retention": {"references": ["module.service.a"]}});
    expect(&gate(&plan), HOSTED, "kept-35-days", Unknown, "depends on itself");
}

#[test]
fn r04_unknown_at_an_ancestor_is_unknown_below() {
    let mut plan = plan("matrix");
    let table = change(&mut plan, "aws_dynamodb_table.pitr_on");
    table["change"]["after"].as_object_mut().unwrap().remove("point_in_time_recovery");
    table["change"]["after_unknown"]["point_in_time_recovery"] = json!(true);
    let blocks = plan["configuration"]["root_module"]["resources"].as_array_mut().unwrap();
    let block = blocks.iter_mut().find(|block| block["address"] == "aws_dynamodb_table.pitr_on").unwrap();
    block["expressions"]["point_in_time_recovery"] =
        json!([{"enabled": {"references": ["terraform_data.later.id", "terraform_data.later"]}}]);
    let words = "`aws_dynamodb_table.pitr_on.point_in_time_recovery[0].enabled` is known only after apply";
    expect(&gate(&plan), "aws_dynamodb_table.pitr_on", "automated", Unknown, words);
}

#[test]
fn r04_a_dynamic_block_is_not_in_the_configuration_and_is_open_all_the_same() {
    let mut plan = plan("matrix");
    let table = change(&mut plan, "aws_dynamodb_table.pitr_on");
    table["change"]["after"]["point_in_time_recovery"] = json!([{}]);
    table["change"]["after_unknown"]["point_in_time_recovery"] =
        json!([{"enabled": true, "recovery_period_in_days": true}]);
    let blocks = plan["configuration"]["root_module"]["resources"].as_array_mut().unwrap();
    let block = blocks.iter_mut().find(|block| block["address"] == "aws_dynamodb_table.pitr_on").unwrap();
    block["expressions"].as_object_mut().unwrap().remove("point_in_time_recovery");
    expect(&gate(&plan), "aws_dynamodb_table.pitr_on", "automated", Unknown, "`dynamic` block");
}

#[test]
fn r04_without_a_configuration_nothing_is_taken_for_not_set() {
    let mut plan = plan("matrix");
    plan.as_object_mut().unwrap().remove("configuration");
    expect(&gate(&plan), "aws_dynamodb_table.pitr_not_set", "automated", Unknown, "is known only after apply");
    // What is known is known.
    expect(&gate(&plan), "aws_dynamodb_table.pitr_on", "access-limited", Pass, "not public");
}

#[test]
fn r05_keys_hold_dots_brackets_and_quotes() {
    let mut text = plan("matrix").to_string();
    text = text.replace(r#"off.dotted[0]"#, r#"a\\\"].b[c"#);
    let plan: Value = serde_json::from_str(&text).unwrap();
    let address = r#"aws_s3_bucket.sibling["a\"].b[c"]"#;
    expect(&gate(&plan), address, "s3-versioning", Fail, "suspended");
}

#[test]
fn r05_what_is_no_address_is_refused() {
    for odd in ["", "aws_s3_bucket", "aws_s3_bucket.b[\"open", "a b.c d.e", "module.m"] {
        let mut plan = plan("matrix");
        plan["resource_changes"][0]["address"] = json!(odd);
        let said = super::super::problem(plan.to_string().as_bytes()).to_string();
        assert!(said.contains("is no address"), "{odd}: {said}");
    }
}
