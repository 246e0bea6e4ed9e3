//! What cannot be told and would pass if it were taken for what holds where nobody says anything.

use lastgood::model::fact::Fact;
use lastgood::model::resource::Detail;
use serde_json::{Value, json};

use super::super::several::{folder, gate};
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

/// What a policy says that asks for copies in another region or account.
fn copies(tier: &str) -> String {
    format!(
        "[policy]\nid = \"p\"\ntitle = \"p\"\nversion = \"1\"\n[[rule]]\nid = \"off-site\"\ntitle = \"t\"\ncheck = \"copy-tiers\"\n\
         severity = \"high\"\nscope = {{ kinds = [\"dynamodb-table\"] }}\nwith = {{ every = \"7d\", tier = \"{tier}\" }}\n"
    )
}

#[test]
fn a_copy_to_a_vault_that_is_not_known_is_neither_off_site_nor_here() {
    let judged = |tier: &str, vault: Option<&str>| {
        let copy = vault.map_or_else(|| json!({}), |vault| json!({"destination_vault_arn": vault}));
        let rule =
            json!({"rule_name": "r", "schedule": "cron(0 5 ? * * *)", "target_vault_name": "v", "copy_action": [copy]});
        let mut plan = json!({"type": "aws_backup_plan", "name": "p", "after": {"name": "p", "rule": [rule]}});
        if vault.is_none() {
            let at = |what: Value| json!({"rule": [{"copy_action": [{"destination_vault_arn": what}]}]});
            plan["unknown"] = at(json!(true));
            plan["expressions"] = at(json!({"references": ["local.vault"]}));
        }
        let selection = json!({"name": "s", "plan_id": "1", "selection_tag": [{"key": "backup", "type": "STRINGEQUALS", "value": "yes"}]});
        let mut resources = json!([
            {"type": "aws_dynamodb_table", "name": "t", "after": {"name": "t", "tags": {"backup": "yes"}, "tags_all": {"backup": "yes"}}},
            {"type": "aws_backup_selection", "name": "s", "after": selection},
            {"type": "aws_backup_region_settings", "name": "o", "after": {"resource_type_opt_in_preference": {"DynamoDB": true}}},
        ]);
        plan["after"]["id"] = json!("1");
        resources.as_array_mut().unwrap().push(plan);
        let plan = super::small(&resources).to_string();
        let folder = folder(&[("plan.json", &plan), ("p.toml", &copies(tier))]);
        let (code, out, _) = gate(folder.path(), &["plan.json", "--policies", "p.toml", "--all"]);
        (code, out)
    };
    let vault = |place: &str| format!("arn:aws:backup:{place}:111122223333:backup-vault:x");
    let (code, out) = judged("region", Some(&vault("eu-central-1")));
    assert_eq!(code, 0, "{out}");
    let (code, out) = judged("region", Some(&vault("eu-west-2")));
    assert!(code == 3 && out.contains("no rule of a backup plan that covers it copies it off-site"), "{out}");
    let (code, out) = judged("region", None);
    let why = "`aws_backup_plan.p.rule[0].copy_action[0].destination_vault_arn` depends on `local.vault`";
    assert!(code == 4 && out.contains(why) && out.contains("whether that lies in another region"), "{out}");
    // The plan does not say in which account it is applied.
    let (code, out) = judged("account", Some(&vault("eu-west-2")));
    assert!(code == 4 && out.contains("cannot be told whether that lies in another account"), "{out}");
    assert_eq!(judged("any", Some(&vault("eu-central-1"))).0, 0, "the region is another one, whatever the account");
}

#[test]
fn a_copy_to_a_vault_that_is_declared_lies_where_that_is() {
    let rule = json!({"rule_name": "r", "target_vault_name": "v", "copy_action": [{}]});
    let at = |what: Value| json!({"rule": [{"copy_action": [{"destination_vault_arn": what}]}]});
    let reference = json!({"references": ["aws_backup_vault.far.arn", "aws_backup_vault.far"]});
    let mut plan = super::small(&json!([
        {"type": "aws_backup_vault", "name": "far", "after": {"name": "far"}, "unknown": {"arn": true}, "provider": "aws.far"},
        {"type": "aws_backup_plan", "name": "p", "after": {"name": "p", "rule": [rule]}, "unknown": at(json!(true)), "expressions": at(reference)},
    ]));
    plan["configuration"]["provider_config"]["aws.far"] =
        json!({"name": "aws", "alias": "far", "expressions": {"region": {"constant_value": "eu-central-1"}}});
    let inventory = super::reading(&plan).after;
    let vault = &inventory.plans[0].rules[0].copies[0].vault;
    assert!(vault.known().is_some_and(|vault| vault.contains(":eu-central-1:")), "{vault:?}");
}
