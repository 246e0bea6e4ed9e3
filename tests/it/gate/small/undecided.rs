//! What cannot be told and would pass if it were taken for what holds where nobody says anything.

use lastgood::model::fact::Fact;
use lastgood::model::resource::Detail;
use serde_json::{Value, json};

use super::{after, named, open};

/// A bucket with one lifecycle rule: what it says, what is unknown of it, and its expressions.
fn lifecycle(rule: &Value, unknown: &Value, expressions: &Value) -> Value {
    json!([
        {"type": "aws_s3_bucket", "name": "b", "after": {"bucket": "b"}},
        {"type": "aws_s3_bucket_lifecycle_configuration", "name": "l", "after": {"bucket": "b", "rule": [rule]},
            "unknown": {"rule": [unknown]}, "expressions": {"rule": [expressions]}},
    ])
}

#[test]
fn what_decides_what_a_lifecycle_rule_deletes_may_not_be_open() {
    let known = |resources: &Value| {
        let inventory = after(resources);
        let lifecycle = named(&inventory, "aws_s3_bucket.b").bucket().unwrap().lifecycle.clone();
        lifecycle.known().map(|rules| rules.iter().any(|rule| rule.expire_on.is_some()))
    };
    let dated = |date: &str| json!({"status": "Enabled", "expiration": [{"date": date}]});
    let nothing = json!({});
    assert_eq!(known(&lifecycle(&dated("2027-01-01T00:00:00Z"), &nothing, &nothing)), Some(true));
    let odd = lifecycle(&dated("next year"), &nothing, &nothing);
    assert_eq!(known(&odd), None);
    assert!(open(&odd).iter().any(|why| why.contains("expiration[0].date is no date")), "{:?}", open(&odd));
    for (rule, unknown, expressions) in [
        (
            json!({"expiration": [{}]}),
            json!({"expiration": [{"date": true}]}),
            json!({"expiration": [{"date": {"references": ["local.d"]}}]}),
        ),
        (
            json!({"filter": [{"and": [{}]}]}),
            json!({"filter": [{"and": [{"object_size_less_than": true}]}]}),
            json!({"filter": [{"and": [{"object_size_less_than": {"references": ["local.d"]}}]}]}),
        ),
        (
            json!({"filter": [{"and": [{"tags": {"a": "b"}}]}]}),
            json!({"filter": [{"and": [{"tags": {"c": true}}]}]}),
            json!({"filter": [{"and": [{"tags": {"references": ["local.d"]}}]}]}),
        ),
        (
            json!({"filter": [{"tag": [{}]}]}),
            json!({"filter": [{"tag": [{"value": true}]}]}),
            json!({"filter": [{"tag": [{"value": {"references": ["local.d"]}}]}]}),
        ),
    ] {
        let resources = lifecycle(&rule, &unknown, &expressions);
        assert_eq!(known(&resources), None, "{unknown}");
        assert!(
            open(&resources).iter().any(|why| why.contains("local.d") || why.contains("known only after apply")),
            "{:?}",
            open(&resources)
        );
    }
}

#[test]
fn a_rule_that_may_be_off_or_listen_elsewhere_leaves_open_who_is_told() {
    let with = |attribute: Option<&str>| {
        let mut rule = json!({"type": "aws_cloudwatch_event_rule", "name": "r", "after": {"name": "r", "event_pattern": "{\"source\":[\"aws.backup\"]}"}});
        if let Some(attribute) = attribute {
            rule["unknown"] = json!({attribute: true});
            rule["expressions"] = json!({attribute: {"references": ["local.x"]}});
        }
        let inventory = after(&json!([rule]));
        (inventory.event_rules.len(), inventory.reads.iter().any(|read| &*read.call == "events:ListRules"))
    };
    assert_eq!(with(None), (1, true));
    for attribute in ["event_bus_name", "state", "is_enabled"] {
        assert_eq!(with(Some(attribute)), (0, false), "{attribute}");
    }
}

#[test]
fn a_default_policy_whose_interval_is_open_leaves_open_what_is_covered() {
    let policy = |unknown: Value, expressions: Value| {
        let policy = json!([{"type": "aws_dlm_lifecycle_policy", "name": "d",
            "after": {"id": "d", "default_policy": "VOLUME", "policy_details": [{}]}, "unknown": unknown, "expressions": expressions}]);
        after(&policy).dlm_policies.len()
    };
    assert_eq!(policy(json!({}), json!({})), 1);
    for name in ["create_interval", "retain_interval"] {
        let (unknown, reference) = (json!({name: true}), json!({name: {"references": ["local.n"]}}));
        assert_eq!(policy(json!({"policy_details": [unknown]}), json!({"policy_details": [reference]})), 0, "{name}");
    }
}

#[test]
fn somebody_may_have_taken_the_backups_off_a_file_system_that_exists() {
    let policy = |resources: &Value| match &named(&after(resources), "aws_efs_file_system.f").detail {
        Detail::FileSystem(system) => system.backup_policy.clone(),
        other => panic!("{other:?}"),
    };
    let zone = json!({"id": "fs-1", "availability_zone_name": "eu-west-2a"});
    let there = json!([{"type": "aws_efs_file_system", "name": "f", "before": zone, "after": zone}]);
    assert_eq!(policy(&there), Fact::Unread);
    assert!(open(&there).iter().any(|why| why.contains("the file system exists already")), "{:?}", open(&there));
    let later = json!([{"type": "aws_efs_file_system", "name": "f", "after": {}, "unknown": {"availability_zone_name": true},
        "expressions": {"availability_zone_name": {"references": ["local.z"]}}}]);
    assert_eq!(policy(&later), Fact::Unread);
}

#[test]
fn a_plan_with_one_open_rule_promises_nothing_that_can_be_told() {
    let plan = |unknown: Value, expressions: Value| {
        let daily = json!({"rule_name": "daily", "target_vault_name": "v", "schedule": "cron(0 5 * * ? *)", "lifecycle": [{"delete_after": 35}]});
        let other = json!({"rule_name": "other", "target_vault_name": "v", "lifecycle": [{"delete_after": 35}]});
        let plan = json!([{"type": "aws_backup_plan", "name": "p", "after": {"id": "p", "name": "p", "rule": [daily, other]},
            "unknown": unknown, "expressions": expressions}]);
        after(&plan).plans[0].selections.is_unread()
    };
    assert!(!plan(json!({}), json!({})));
    let reference = json!({"references": ["local.s"]});
    assert!(plan(json!({"rule": [{}, {"schedule": true}]}), json!({"rule": [{}, {"schedule": reference}]})));
}
