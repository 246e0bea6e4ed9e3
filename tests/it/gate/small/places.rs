//! Accounts, regions and tags, as far as the plan tells them.

use serde_json::{Value, json};

use super::{named, reading, small};

fn place(plan: &Value) -> (String, String) {
    let inventory = reading(plan).after;
    let table = named(&inventory, "aws_dynamodb_table.t");
    (table.account.to_string(), table.region.to_string())
}

fn table(values: Value) -> Value {
    small(&json!([{"type": "aws_dynamodb_table", "name": "t", "after": values}]))
}

#[test]
fn the_region_is_that_of_the_resource_before_that_of_its_provider() {
    assert_eq!(place(&table(json!({"name": "t"}))).1, "eu-west-2");
    assert_eq!(place(&table(json!({"name": "t", "region": "eu-central-1"}))).1, "eu-central-1");
    let mut open =
        small(&json!([{"type": "aws_ebs_volume", "name": "v", "after": {"availability_zone": "us-east-1a"}}]));
    open["configuration"]["provider_config"]["aws"]["expressions"] = json!({});
    let inventory = reading(&open).after;
    assert_eq!(&*named(&inventory, "aws_ebs_volume.v").region, "us-east-1", "by its zone");
}

#[test]
fn the_account_is_told_by_arns_roles_and_what_the_provider_allows() {
    assert_eq!(place(&table(json!({"name": "t"}))).0, "(account)");
    let key = |account: &str| json!({"type": "aws_kms_key", "name": account, "before": {"arn": format!("arn:aws:kms:eu-west-2:{account}:key/k")}, "after": {"arn": format!("arn:aws:kms:eu-west-2:{account}:key/k")}});
    let new = json!({"type": "aws_dynamodb_table", "name": "t", "after": {"name": "t"}});
    assert_eq!(place(&small(&json!([new, key("a1")]))).0, "a1", "everything is made with one set of credentials");
    assert_eq!(place(&small(&json!([new, key("111122223333"), key("444455556666")]))).0, "(account)");
    let with = |expressions: Value| {
        let mut plan = small(&json!([new]));
        plan["configuration"]["provider_config"]["aws"]["expressions"] = expressions;
        place(&plan).0
    };
    assert_eq!(with(json!({"allowed_account_ids": {"constant_value": ["111122223333"]}})), "111122223333");
    let role = json!([{"role_arn": {"constant_value": "arn:aws:iam::444455556666:role/r"}}]);
    assert_eq!(with(json!({"assume_role": role})), "444455556666");
}

#[test]
fn one_account_is_not_told_of_another_that_has_other_credentials() {
    let key = json!({"type": "aws_kms_key", "name": "k", "before": {"arn": "arn:aws:kms:eu-west-2:111122223333:key/k"}, "after": {"arn": "arn:aws:kms:eu-west-2:111122223333:key/k"}});
    let mut plan = small(
        &json!([{"type": "aws_dynamodb_table", "name": "t", "after": {"name": "t"}, "provider": "aws.far"}, key]),
    );
    plan["configuration"]["provider_config"]["aws.far"] =
        json!({"name": "aws", "alias": "far", "expressions": {"profile": {"constant_value": "far"}}});
    assert_eq!(place(&plan).0, "(account)");
    plan["configuration"]["provider_config"]["aws.far"] =
        json!({"name": "aws", "alias": "far", "expressions": {"region": {"constant_value": "us-east-1"}}});
    assert_eq!(place(&plan), ("111122223333".to_owned(), "us-east-1".to_owned()));
}

#[test]
fn tags_of_the_provider_and_of_the_resource_come_together() {
    let with = |defaults: Value, tags: Value, unknown: Value| {
        let mut plan = small(
            &json!([{"type": "aws_dynamodb_table", "name": "t", "after": tags, "unknown": unknown, "expressions": {"tags": {"constant_value": {}}}}]),
        );
        plan["configuration"]["provider_config"]["aws"]["expressions"]["default_tags"] = defaults;
        let inventory = reading(&plan).after;
        let tags = named(&inventory, "aws_dynamodb_table.t").tags.known().cloned();
        tags.map(|tags| tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" "))
    };
    let defaults = json!([{"tags": {"constant_value": {"a": "default", "b": "default"}}}]);
    // Terraform itself has put them together.
    let all = json!({"name": "t", "tags": {"a": "own"}, "tags_all": {"a": "own", "b": "default", "c": "more"}});
    assert_eq!(with(defaults.clone(), all, json!({})).as_deref(), Some("a=own b=default c=more"));
    let own = json!({"name": "t", "tags": {"a": "own"}});
    assert_eq!(with(defaults, own.clone(), json!({"tags_all": true})).as_deref(), Some("a=own b=default"));
}
