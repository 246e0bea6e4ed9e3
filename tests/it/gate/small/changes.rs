//! Actions, moves, and what a change takes away.

use lastgood::sources::iac::Action;
use serde_json::{Value, json};

use super::{after, declared, named, reading, small, weakened, weakens};

fn volume(more: &Value) -> Value {
    let mut volume = json!({"type": "aws_ebs_volume", "name": "v", "before": {"size": 1}, "after": {"size": 1}});
    volume.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!([volume])
}

fn action(resources: &Value) -> Action {
    declared(resources).resources[0].action
}

#[test]
fn every_combination_of_actions_has_its_meaning() {
    assert_eq!(action(&volume(&json!({"actions": ["no-op"]}))), Action::NoOp);
    assert_eq!(action(&volume(&json!({"actions": ["no-op"], "importing": {"id": "vol-1"}}))), Action::Import);
    assert_eq!(action(&volume(&json!({"actions": ["create", "forget"]}))), Action::Replace);
    assert_eq!(action(&volume(&json!({"actions": ["create", "delete"]}))), Action::Replace);
    assert!(Action::Import.touches() && !Action::NoOp.touches());
    let none = small(&volume(&json!({"actions": []})));
    assert!(super::super::problem(none.to_string().as_bytes()).to_string().contains("has the actions []"));
}

#[test]
fn what_is_deposed_goes_away_beside_the_instance_that_took_its_place() {
    let vault = json!({"id": "v", "name": "v"});
    let now = json!({"type": "aws_backup_vault", "name": "v", "before": vault, "after": vault});
    let mut old = now.clone();
    (old["after"], old["deposed"]) = (Value::Null, json!("abc"));
    assert_eq!(weakened(&json!([now, old])), Vec::<String>::new());
    assert_eq!(declared(&json!([now, old])).resources.len(), 1);
}

#[test]
fn somebody_elses_change_is_one_of_what_nothing_touches_too() {
    let on = json!({"id": "t", "name": "t", "point_in_time_recovery": [{"enabled": true}]});
    let off = json!({"id": "t", "name": "t", "point_in_time_recovery": [{"enabled": false}]});
    let mut plan = small(&json!([{"type": "aws_dynamodb_table", "name": "t", "before": off, "after": off}]));
    let mut drift = plan["resource_changes"][0].clone();
    (drift["change"]["before"], drift["change"]["actions"]) = (on, json!(["update"]));
    plan["resource_drift"] = json!([drift]);
    let mut reading = reading(&plan);
    lastgood::sources::iac::join(&mut reading, None);
    let found = reading.after.declared.unwrap().weakenings;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].sentence.starts_with("outside of Terraform, and not restored by this plan"), "{found:?}");
    assert_eq!(&*found[0].code, "drift-retention-shortened");
}

#[test]
fn a_move_is_told_also_of_the_devices_of_an_instance() {
    let instance = json!({"id": "i-1", "root_block_device": [{"volume_id": "vol-1", "encrypted": true}]});
    let moved = json!([{"type": "aws_instance", "name": "new", "before": instance, "after": instance, "previous_address": "aws_instance.old"}]);
    let was: Vec<(String, Option<String>)> = declared(&moved)
        .resources
        .iter()
        .map(|block| (block.address.to_string(), block.previous_address.as_ref().map(ToString::to_string)))
        .collect();
    let pair = |new: &str, old: &str| (new.to_owned(), Some(old.to_owned()));
    let device = ".root_block_device[0]";
    assert_eq!(
        was,
        [
            pair("aws_instance.new", "aws_instance.old"),
            pair(&format!("aws_instance.new{device}"), &format!("aws_instance.old{device}"))
        ]
    );
}

#[test]
fn two_databases_of_one_name_in_accounts_that_are_not_known_are_both_judged() {
    let database = |name: &str, role: &str, days: u32| json!({"type": "aws_db_instance", "name": name, "after": {"identifier": "main", "backup_retention_period": days}, "provider": format!("aws.{role}")});
    let mut plan = small(&json!([database("a", "a", 35), database("b", "b", 0)]));
    let provider = |role: &str| json!({"name": "aws", "alias": role, "expressions": {"region": {"constant_value": "eu-west-2"}, "profile": {"constant_value": role}}});
    plan["configuration"]["provider_config"] = json!({"aws.a": provider("a"), "aws.b": provider("b")});
    let inventory = reading(&plan).after;
    let days = |name: &str| named(&inventory, name).database().unwrap().backup_retention_days.known().copied();
    assert_eq!((days("aws_db_instance.a"), days("aws_db_instance.b")), (Some(35), Some(0)));
}

#[test]
fn a_data_source_that_is_read_only_during_apply_leaves_open_what_hangs_on_it() {
    let table = json!([{
        "type": "aws_dynamodb_table", "name": "t", "after": {"name": "t", "point_in_time_recovery": [{}]},
        "unknown": {"point_in_time_recovery": [{"enabled": true}]},
        "expressions": {"point_in_time_recovery": [{"enabled": {"references": ["data.aws_ssm_parameter.on.value", "data.aws_ssm_parameter.on"]}}]},
    }]);
    let mut plan = small(&table);
    let read = json!({"address": "data.aws_ssm_parameter.on", "mode": "data", "type": "aws_ssm_parameter", "name": "on", "change": {"actions": ["read"], "before": null, "after": {}}});
    let pitr = |plan: &Value| {
        let inventory = reading(plan).after;
        match &named(&inventory, "aws_dynamodb_table.t").detail {
            lastgood::model::resource::Detail::Table(table) => table.pitr_days.known().copied(),
            other => panic!("{other:?}"),
        }
    };
    // Read already: what it gave was null.
    assert_eq!(pitr(&plan), Some(0));
    plan["resource_changes"].as_array_mut().unwrap().push(read);
    assert_eq!(pitr(&plan), None);
    let open = reading(&plan).after.declared.unwrap().undecided;
    assert!(open.iter().any(|open| open.why.contains("(it comes from `data.aws_ssm_parameter.on.value`)")), "{open:?}");
}

#[test]
fn what_a_deletion_takes_along_is_said() {
    let gone = |ty: &str, before: Value| json!([{"type": ty, "name": "x", "before": before, "after": null}]);
    weakens(&gone("aws_db_snapshot", json!({"id": "snap"})), "the recovery point snap is deleted");
    weakens(&gone("aws_ebs_snapshot", json!({"id": "snap-1"})), "the recovery point snap-1 is deleted");
    weakens(&gone("aws_ami", json!({"id": "ami-1"})), "the recovery point ami-1 is deleted");
    weakens(&gone("aws_kms_key", json!({"id": "k"})), "the key k is deleted: what is encrypted under it");
    weakens(
        &gone("aws_s3_bucket", json!({"id": "b", "force_destroy": true})),
        "the bucket b is deleted with everything in it",
    );
    weakens(
        &gone("aws_rds_cluster", json!({"id": "c", "skip_final_snapshot": true})),
        "deleted without a final snapshot",
    );
    assert!(weakened(&gone("aws_rds_cluster", json!({"id": "c", "skip_final_snapshot": false}))).is_empty());
    weakens(&gone("aws_dlm_lifecycle_policy", json!({"id": "policy-1", "state": "ENABLED"})), "the lifecycle policy");
    let selection = json!({"id": "s-1", "plan_id": "p", "selection_tag": []});
    weakens(&gone("aws_backup_selection", selection), "the selection s-1 is deleted");
    let vault = json!({"id": "v", "name": "v"});
    let anew = json!([{"type": "aws_backup_vault", "name": "v", "before": vault, "after": vault, "actions": ["delete", "create"]}]);
    weakens(&anew, "the vault v is deleted and made anew");
}

#[test]
fn what_makes_a_later_loss_easier_is_said() {
    let to =
        |ty: &str, before: Value, after: Value| json!([{"type": ty, "name": "x", "before": before, "after": after}]);
    let key = |on: bool, days: u32| json!({"id": "k", "is_enabled": on, "deletion_window_in_days": days});
    weakens(&to("aws_kms_key", key(true, 30), key(false, 30)), "the key is disabled");
    weakens(&to("aws_kms_key", key(true, 30), key(true, 7)), "shortened from 30 to 7 days");
    assert!(weakened(&to("aws_kms_key", key(true, 7), key(true, 30))).is_empty());
    let database =
        |keep: bool| json!({"identifier": "d", "backup_retention_period": 7, "delete_automated_backups": !keep});
    weakens(&to("aws_db_instance", database(true), database(false)), "`delete_automated_backups` is switched on");
    let mut anew = to("aws_db_instance", database(true), database(false));
    anew[0]["actions"] = json!(["delete", "create"]);
    weakens(&anew, "`delete_automated_backups` is switched on");
    let made = json!([{"type": "aws_backup_vault", "name": "v", "after": {"name": "v", "force_destroy": true}}]);
    weakens(&made, "`force_destroy` is on");
}

#[test]
fn settings_that_get_weaker_are_said() {
    let bucket = json!({"id": "b", "bucket": "b", "arn": "arn:aws:s3:::b"});
    let with = |ty: &str, before: Value, after: Value| {
        json!([
            {"type": "aws_s3_bucket", "name": "b", "before": bucket, "after": bucket},
            {"type": ty, "name": "x", "before": before, "after": after},
        ])
    };
    let lock = |mode: &str, days: u32| json!({"bucket": "b", "object_lock_enabled": "Enabled", "rule": [{"default_retention": [{"mode": mode, "days": days}]}]});
    let locked = json!({"id": "b", "bucket": "b", "arn": "arn:aws:s3:::b", "object_lock_enabled": true});
    let of_lock = |before: Value, after: Value| {
        let mut all = with("aws_s3_bucket_object_lock_configuration", before, after);
        (all[0]["before"], all[0]["after"]) = (locked.clone(), locked.clone());
        all
    };
    weakens(&of_lock(lock("COMPLIANCE", 35), lock("GOVERNANCE", 35)), "from compliance 35 days to governance 35 days");
    weakens(&of_lock(lock("COMPLIANCE", 35), lock("COMPLIANCE", 7)), "from compliance 35 days to compliance 7 days");
    weakens(&of_lock(lock("COMPLIANCE", 35), Value::Null), "from compliance 35 days to no default retention");
    let block = |on: bool| json!({"bucket": "b", "block_public_acls": on, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": true});
    weakens(&with("aws_s3_bucket_public_access_block", block(true), block(false)), "from complete to incomplete");
    weakens(&with("aws_s3_bucket_public_access_block", block(true), Value::Null), "from complete to incomplete");
    let rules = |days: u32| json!({"bucket": "b", "rule": [{"id": "r", "status": "Enabled", "noncurrent_version_expiration": [{"noncurrent_days": days}]}]});
    weakens(&with("aws_s3_bucket_lifecycle_configuration", rules(90), rules(30)), "from 90 days to 30 days");
    weakens(&with("aws_s3_bucket_lifecycle_configuration", Value::Null, rules(30)), "from for ever to 30 days");
    let to = json!({"bucket": "b", "rule": [{"status": "Enabled", "destination": [{"bucket": "arn:aws:s3:::far"}]}]});
    weakens(
        &with("aws_s3_bucket_replication_configuration", to, Value::Null),
        "replication is weakened from 1 rules to none",
    );
    let database = |public: bool| json!([{"type": "aws_db_instance", "name": "d", "before": {"identifier": "d", "publicly_accessible": false}, "after": {"identifier": "d", "publicly_accessible": public}}]);
    weakens(&database(true), "gets a public address");
    let region =
        |ty: &str, before: Value, after: Value| json!([{"type": ty, "name": "x", "before": before, "after": after}]);
    let state = |state: &str| json!({"state": state});
    weakens(
        &region("aws_ebs_snapshot_block_public_access", state("block-all-sharing"), state("block-new-sharing")),
        "from block-all-sharing to block-new-sharing",
    );
    weakens(&region("aws_ebs_snapshot_block_public_access", state("block-all-sharing"), Value::Null), "to unblocked");
    weakens(
        &region("aws_ebs_encryption_by_default", json!({"enabled": true}), Value::Null),
        "of new volumes by default",
    );
    weakens(
        &region("aws_ebs_encryption_by_default", json!({"enabled": true}), json!({"enabled": false})),
        "by default",
    );
}

#[test]
fn plans_and_policies_that_get_weaker_are_said() {
    let rule = |name: &str, continuous: bool| json!({"rule_name": name, "schedule": "cron(0 5 * * ? *)", "target_vault_name": "v", "enable_continuous_backup": continuous, "lifecycle": [{"delete_after": 35}]});
    let plan = |id: &str, rules: Vec<Value>| json!({"id": id, "arn": format!("arn:aws:backup:eu-west-2:111122223333:backup-plan:{id}"), "name": "p", "rule": rules});
    let to = |before: Value, after: Value| json!([{"type": "aws_backup_plan", "name": "p", "before": before, "after": after}]);
    weakens(
        &to(plan("1", vec![rule("a", true)]), plan("1", vec![rule("a", false)])),
        "continuous backup of rule a of plan p",
    );
    weakens(
        &to(plan("1", vec![rule("a", false), rule("b", false)]), plan("1", vec![rule("a", false)])),
        "rule b of plan p is removed",
    );
    // Made anew it has another id, and its name tells.
    let mut anew = to(plan("1", vec![rule("a", false)]), plan("2", vec![rule("a", false)]));
    anew[0]["actions"] = json!(["delete", "create"]);
    assert!(weakened(&anew).is_empty());
    let policy = |state: &str, count: u32| {
        json!({"id": "policy-1", "arn": "arn:aws:dlm:eu-west-2:111122223333:policy/policy-1", "state": state, "policy_details": [{
            "resource_types": ["VOLUME"], "target_tags": {"a": "b"},
            "schedule": [{"name": "s", "create_rule": [{"interval": 24, "interval_unit": "HOURS"}], "retain_rule": [{"count": count}]}],
        }]})
    };
    let to = |before: Value, after: Value| json!([{"type": "aws_dlm_lifecycle_policy", "name": "p", "before": before, "after": after}]);
    weakens(&to(policy("ENABLED", 35), policy("DISABLED", 35)), "the lifecycle policy is disabled");
    weakens(&to(policy("ENABLED", 35), policy("ENABLED", 7)), "the retention of the lifecycle policy is weakened");
}

#[test]
fn what_takes_the_place_of_a_removed_part_counts() {
    let bucket = json!({"id": "b", "bucket": "b", "arn": "arn:aws:s3:::b"});
    let status = |status: &str| json!({"bucket": "b", "versioning_configuration": [{"status": status}]});
    let both = json!([
        {"type": "aws_s3_bucket", "name": "b", "before": bucket, "after": bucket},
        {"type": "aws_s3_bucket_versioning", "name": "new", "after": status("Enabled")},
        {"type": "aws_s3_bucket_versioning", "name": "old", "before": status("Enabled"), "after": null},
    ]);
    let inventory = after(&both);
    let versioning = &named(&inventory, "aws_s3_bucket.b").bucket().unwrap().versioning;
    assert_eq!(versioning.known(), Some(&lastgood::model::resource::Versioning::Enabled));
    assert!(weakened(&both).is_empty());
}

#[test]
fn a_plan_that_is_made_anew_is_the_same_by_its_name() {
    let plan = |days: u32| json!({"name": "daily", "rule": [{"rule_name": "r", "target_vault_name": "v", "lifecycle": [{"delete_after": days}]}]});
    let anew = |days: u32| {
        let mut before = plan(35);
        (before["id"], before["arn"]) = (json!("p-1"), json!("arn:aws:backup:eu-west-2:111122223333:backup-plan:p-1"));
        json!([{"type": "aws_backup_plan", "name": "daily", "before": before, "after": plan(days), "actions": ["create", "delete"]}])
    };
    assert_eq!(weakened(&anew(35)), Vec::<String>::new());
    weakens(&anew(7), "the retention of rule r of plan daily is weakened from 35 days to 7 days");
}
