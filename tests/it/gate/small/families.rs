//! What the types become that the fixtures' plans do not hold.

use lastgood::model::fact::Fact;
use lastgood::model::resource::{BucketEncryption, Detail, ObjectLock, Versioning};
use serde_json::{Value, json};

use super::{after, named, open};

/// What is open, as `attribute why`.
fn bucket_with(ty: &str, part: &Value) -> Value {
    json!([
        {"type": "aws_s3_bucket", "name": "b", "after": {"bucket": "b"}},
        {"type": ty, "name": "x", "after": part},
    ])
}

fn bucket(resources: &Value) -> lastgood::model::resource::Bucket {
    named(&after(resources), "aws_s3_bucket.b").bucket().unwrap().clone()
}

#[test]
fn a_new_bucket_blocks_public_access_and_an_old_one_may_not() {
    assert!(
        bucket(&bucket_with("aws_s3_bucket_policy", &json!({"bucket": "b", "policy": ""})))
            .public_access_block
            .known()
            .unwrap()
            .blocks_everything()
    );
    let old = json!([{"type": "aws_s3_bucket", "name": "b", "before": {"bucket": "b"}, "after": {"bucket": "b", "tags": {}}}]);
    assert!(bucket(&old).public_access_block.is_unread());
    assert!(open(&old).iter().any(|open| open.contains("is not declared in this plan, and the bucket exists already")));
    // A switch that nobody sets is off.
    let part = json!({"bucket": "b", "block_public_acls": true});
    let block = bucket(&bucket_with("aws_s3_bucket_public_access_block", &part)).public_access_block;
    assert!(!block.known().unwrap().blocks_everything());
}

#[test]
fn object_lock_is_read_in_days_and_years() {
    let lock = |retention: Value| {
        let part =
            json!({"bucket": "b", "object_lock_enabled": "Enabled", "rule": [{"default_retention": [retention]}]});
        bucket(&bucket_with("aws_s3_bucket_object_lock_configuration", &part)).object_lock
    };
    let held = |days| Fact::Known(ObjectLock { enabled: true, mode: Some("COMPLIANCE".into()), days: Some(days) });
    assert_eq!(lock(json!({"mode": "COMPLIANCE", "days": 35})), held(35));
    assert_eq!(lock(json!({"mode": "COMPLIANCE", "years": 2})), held(730));
}

#[test]
fn versioning_that_was_never_on_is_not_suspended() {
    for (status, is) in [("Disabled", Versioning::Never), ("Suspended", Versioning::Suspended)] {
        let part = json!({"bucket": "b", "versioning_configuration": [{"status": status}]});
        assert_eq!(bucket(&bucket_with("aws_s3_bucket_versioning", &part)).versioning, Fact::Known(is));
    }
}

#[test]
fn a_disabled_lifecycle_rule_deletes_nothing_and_an_open_one_may() {
    let rule = |status: &str| json!({"bucket": "b", "rule": [{"status": status, "noncurrent_version_expiration": [{"noncurrent_days": 1}]}]});
    let rules = |resources: &Value| bucket(resources).lifecycle.known().map(Vec::len);
    assert_eq!(rules(&bucket_with("aws_s3_bucket_lifecycle_configuration", &rule("Disabled"))), Some(0));
    assert_eq!(rules(&bucket_with("aws_s3_bucket_lifecycle_configuration", &rule("Enabled"))), Some(1));
    let mut unknown = bucket_with(
        "aws_s3_bucket_lifecycle_configuration",
        &json!({"bucket": "b", "rule": [{"status": "Enabled", "noncurrent_version_expiration": [{}]}]}),
    );
    unknown[1]["unknown"] = json!({"rule": [{"noncurrent_version_expiration": [{"noncurrent_days": true}]}]});
    unknown[1]["expressions"] =
        json!({"rule": [{"noncurrent_version_expiration": [{"noncurrent_days": {"references": ["local.days"]}}]}]});
    assert_eq!(rules(&unknown), None);
}

#[test]
fn a_replication_of_a_part_or_of_what_is_open_is_none_of_the_whole() {
    let replication = |more: Value| {
        let mut rule = json!({"status": "Enabled", "destination": [{"bucket": "arn:aws:s3:::far"}]});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"bucket": "b", "rule": [rule]})
    };
    let whole = |rule: Value| {
        let found = bucket(&bucket_with("aws_s3_bucket_replication_configuration", &replication(rule))).replication;
        found.known().unwrap().iter().map(|rule| rule.whole_bucket).collect::<Vec<_>>()
    };
    assert_eq!(whole(json!({})), [true]);
    assert_eq!(whole(json!({"filter": [{"prefix": ""}]})), [true]);
    assert_eq!(whole(json!({"filter": [{"prefix": "logs/"}]})), [false]);
    assert_eq!(whole(json!({"filter": [{"tag": [{"key": "a", "value": "b"}]}]})), [false]);
    assert_eq!(whole(json!({"filter": [{"and": [{"tags": {"a": "b"}}]}]})), [false]);
    assert_eq!(whole(json!({"status": "Disabled"})), [false; 0]);
    let mut unknown = bucket_with("aws_s3_bucket_replication_configuration", &replication(json!({"status": null})));
    unknown[1]["unknown"] = json!({"rule": [{"status": true}]});
    unknown[1]["expressions"] = json!({"rule": [{"status": {"references": ["local.status"]}}]});
    assert!(bucket(&unknown).replication.is_unread());
    // The bucket that it goes to is named by reference, when its ARN is not known yet.
    let mut new = bucket_with("aws_s3_bucket_replication_configuration", &replication(json!({"destination": [{}]})));
    new[1]["unknown"] = json!({"rule": [{"destination": [{"bucket": true}]}]});
    new[1]["expressions"] = json!({"rule": [{"destination": [{"bucket": {"references": ["aws_s3_bucket.far.arn", "aws_s3_bucket.far"]}}]}]});
    new.as_array_mut().unwrap().push(json!({"type": "aws_s3_bucket", "name": "far", "after": {"bucket": "far"}}));
    assert_eq!(&*bucket(&new).replication.known().unwrap()[0].destination, "arn:aws:s3:::far");
}

#[test]
fn encryption_of_a_bucket_is_that_of_s3_unless_said() {
    let by_default = bucket(&json!([{"type": "aws_s3_bucket", "name": "b", "after": {"bucket": "b"}}])).encryption;
    assert_eq!(by_default, Fact::Known(BucketEncryption { algorithm: "AES256".into(), kms_key: None }));
}

fn database(ty: &str, values: &Value) -> lastgood::model::resource::Database {
    let inventory = after(
        &json!([{"type": ty, "name": "d", "after": values, "expressions": {"replicate_source_db": {"constant_value": "x"}}}]),
    );
    named(&inventory, &format!("{ty}.d")).database().unwrap().clone()
}

#[test]
fn databases_have_the_defaults_of_their_kinds() {
    let instance = database("aws_db_instance", &json!({"identifier": "d", "replicate_source_db": "x"}));
    assert_eq!(instance.backup_retention_days, Fact::Known(0));
    assert!(instance.encrypted.is_unread(), "its source decides");
    let plain = after(&json!([{"type": "aws_db_instance", "name": "d", "after": {"identifier": "d"}}]));
    assert_eq!(named(&plain, "aws_db_instance.d").database().unwrap().encrypted, Fact::Known(false));
    let cluster = database("aws_rds_cluster", &json!({"cluster_identifier": "d"}));
    assert_eq!(cluster.backup_retention_days, Fact::Known(1));
    assert_eq!(cluster.encrypted, Fact::Known(false));
    let replica = json!([{"type": "aws_db_instance", "name": "d", "after": {"identifier": "d"}, "expressions": {"replicate_source_db": {"constant_value": "x"}}}]);
    assert!(
        open(&replica).iter().any(|open| open.contains("the source of the database decides")),
        "{:?}",
        open(&replica)
    );
}

#[test]
fn tables_recover_35_days_unless_said_and_have_the_key_of_the_service() {
    let table = |values: Value| match &named(
        &after(&json!([{"type": "aws_dynamodb_table", "name": "t", "after": values}])),
        "aws_dynamodb_table.t",
    )
    .detail
    {
        Detail::Table(table) => table.clone(),
        other => panic!("{other:?}"),
    };
    let with = |days: Value| json!({"name": "t", "point_in_time_recovery": [{"enabled": true, "recovery_period_in_days": days}]});
    assert_eq!(table(with(json!(0))).pitr_days, Fact::Known(35));
    assert_eq!(table(with(json!(7))).pitr_days, Fact::Known(7));
    let key = table(json!({"name": "t", "server_side_encryption": [{"enabled": true}]})).kms_key;
    assert_eq!(key, Fact::Known("alias/aws/dynamodb".into()));
    assert_eq!(table(json!({"name": "t"})).kms_key, Fact::Known("".into()));
}

#[test]
fn a_file_system_in_one_zone_is_backed_up_by_itself() {
    let policy = |resources: &Value| match &named(&after(resources), "aws_efs_file_system.f").detail {
        Detail::FileSystem(system) => system.backup_policy.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(policy(&json!([{"type": "aws_efs_file_system", "name": "f", "after": {}}])), Fact::Known(false));
    let zone = json!({"id": "fs-1", "availability_zone_name": "eu-west-2a"});
    assert_eq!(policy(&json!([{"type": "aws_efs_file_system", "name": "f", "after": zone}])), Fact::Known(true));
    let gone = json!([
        {"type": "aws_efs_file_system", "name": "f", "before": zone, "after": zone},
        {"type": "aws_efs_backup_policy", "name": "p", "before": {"file_system_id": "fs-1", "backup_policy": [{"status": "ENABLED"}]}, "after": null},
    ]);
    assert_eq!(policy(&gone), Fact::Known(false));
}

#[test]
fn volumes_are_encrypted_as_the_region_has_it_and_images_may_decide() {
    let with = |default: Option<bool>, more: Value| {
        let mut all = json!([
            {"type": "aws_ebs_volume", "name": "v", "after": {"availability_zone": "eu-west-2a"}},
            {"type": "aws_instance", "name": "i", "after": {"root_block_device": [{}], "ebs_block_device": [{"encrypted": false}]}},
        ]);
        if let Some(on) = default {
            all.as_array_mut()
                .unwrap()
                .push(json!({"type": "aws_ebs_encryption_by_default", "name": "d", "after": {"enabled": on}}));
        }
        all[0].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let inventory = after(&all);
        let encrypted = |name: &str| named(&inventory, name).volume().unwrap().encrypted.known().copied();
        (
            encrypted("aws_ebs_volume.v"),
            encrypted("aws_instance.i.root_block_device[0]"),
            encrypted("aws_instance.i.ebs_block_device[0]"),
        )
    };
    assert_eq!(with(None, json!({})), (None, None, Some(false)));
    assert_eq!(with(Some(true), json!({})), (Some(true), Some(true), Some(false)));
    assert_eq!(with(Some(false), json!({})), (Some(false), None, Some(false)), "the image of a root volume decides");
    let of_snapshot = json!({"expressions": {"snapshot_id": {"constant_value": "snap-1"}}});
    assert_eq!(with(Some(false), of_snapshot), (None, None, Some(false)));
}

#[test]
fn an_attached_volume_goes_along_with_its_instance() {
    let attached = json!([
        {"type": "aws_instance", "name": "i", "after": {"id": "i-1", "volume_tags": {"from": "instance"}, "ebs_block_device": [{"tags": {"own": "yes"}}]}},
        {"type": "aws_ebs_volume", "name": "v", "after": {"id": "vol-1"}},
        {"type": "aws_volume_attachment", "name": "a", "after": {"volume_id": "vol-1", "instance_id": "i-1"}},
    ]);
    let inventory = after(&attached);
    let instance = named(&inventory, "aws_instance.i").arn.clone();
    assert_eq!(named(&inventory, "aws_ebs_volume.v").volume().unwrap().attached_to, std::slice::from_ref(&instance));
    let device = named(&inventory, "aws_instance.i.ebs_block_device[0]");
    assert_eq!(device.volume().unwrap().attached_to, [instance]);
    let tags = device.tags.known().unwrap();
    assert_eq!(tags.keys().map(|key| key.as_str()).collect::<Vec<_>>(), ["from", "own"]);
}

#[test]
fn a_vault_that_is_air_gapped_is_locked_by_itself() {
    let vault = json!([{"type": "aws_backup_logically_air_gapped_vault", "name": "v", "after": {"name": "v", "min_retention_days": 7, "max_retention_days": 35}}]);
    let inventory = after(&vault);
    let lock =
        named(&inventory, "aws_backup_logically_air_gapped_vault.v").vault().unwrap().lock.known().cloned().unwrap();
    assert_eq!(
        (lock.locked, lock.min_days, lock.max_days, lock.immutable_from.is_some()),
        (true, Some(7), Some(35), true)
    );
    let plain = after(&json!([{"type": "aws_backup_vault", "name": "v", "after": {"name": "v"}}]));
    assert!(!named(&plain, "aws_backup_vault.v").vault().unwrap().lock.known().unwrap().locked);
}

fn dlm(name: &str, state: &str, count: Value) -> Value {
    json!({"type": "aws_dlm_lifecycle_policy", "name": name, "after": {"id": name, "state": state, "policy_details": [{
        "resource_types": ["VOLUME"], "target_tags": {"a": "b"},
        "schedule": [{"name": "s", "create_rule": [{"cron_expression": "cron(0 5 * * ? *)", "interval": 24}], "retain_rule": [{"count": count}]}],
    }]}})
}

#[test]
fn lifecycle_policies_are_read_with_their_schedules() {
    let inventory = after(&json!([dlm("on", "ENABLED", json!(35)), dlm("off", "DISABLED", json!(7))]));
    let found: Vec<_> = inventory
        .dlm_policies
        .iter()
        .map(|policy| (policy.enabled, policy.schedules[0].every_hours, policy.schedules[0].keep_count))
        .collect();
    assert_eq!(found, [(false, None, Some(7)), (true, None, Some(35))]);
    assert!(inventory.reads.iter().any(|read| read.call.starts_with("dlm:")));
    let default = after(
        &json!([{"type": "aws_dlm_lifecycle_policy", "name": "d", "after": {"id": "d", "default_policy": "VOLUME", "policy_details": [{"retain_interval": 14}]}}]),
    );
    let policy = &default.dlm_policies[0];
    assert_eq!((policy.target.as_str(), policy.enabled, policy.schedules[0].keep_days), ("volume", true, Some(14)));
}

#[test]
fn an_open_lifecycle_policy_leaves_open_what_is_covered_whatever_else_is_declared() {
    for (path, unknown, expressions) in [
        ("state", json!({"state": true}), json!({"state": {"references": ["local.s"]}})),
        (
            "policy_details[0].schedule[0].retain_rule[0].count",
            json!({"policy_details": [{"schedule": [{"retain_rule": [{"count": true}]}]}]}),
            json!({"policy_details": [{"schedule": [{"retain_rule": [{"count": {"references": ["local.n"]}}]}]}]}),
        ),
    ] {
        let mut policy = dlm("open", "ENABLED", Value::Null);
        if path == "state" {
            policy["after"]["state"] = Value::Null;
        }
        (policy["unknown"], policy["expressions"]) = (unknown, expressions);
        for all in [
            json!([policy.clone(), dlm("other", "ENABLED", json!(35))]),
            json!([dlm("another", "ENABLED", json!(35)), policy]),
        ] {
            let inventory = after(&all);
            assert!(!inventory.reads.iter().any(|read| read.call.starts_with("dlm:")), "{path}");
            assert!(
                open(&all).iter().any(|open| open.contains(&format!("aws_dlm_lifecycle_policy.open.{path} "))),
                "{:?}",
                open(&all)
            );
        }
    }
}

#[test]
fn who_is_told_is_what_rules_targets_and_subscriptions_say() {
    let rule = |name: &str, state: &str| json!({"type": "aws_cloudwatch_event_rule", "name": name, "after": {"name": name, "state": state, "event_pattern": "{\"source\":[\"aws.backup\"]}"}});
    let topic = json!({"type": "aws_sns_topic", "name": "t", "after": {"name": "t", "arn": "arn:aws:sns:eu-west-2:111122223333:t"}});
    let target = json!({"type": "aws_cloudwatch_event_target", "name": "g", "after": {"rule": "on", "arn": "arn:aws:sns:eu-west-2:111122223333:t"}});
    let subscription = |protocol: &str| json!({"type": "aws_sns_topic_subscription", "name": protocol, "after": {"topic_arn": "arn:aws:sns:eu-west-2:111122223333:t", "protocol": protocol}});
    let inventory = after(&json!([rule("on", "ENABLED"), rule("off", "DISABLED"), topic, target, subscription("sqs")]));
    let on = inventory.event_rules.iter().find(|rule| rule.enabled).unwrap();
    assert_eq!(on.targets.known().unwrap().len(), 1);
    assert_eq!(inventory.event_rules.iter().filter(|rule| !rule.enabled).count(), 1);
    assert_eq!(inventory.topics[0].confirmed, Fact::Known(1));
    assert!(inventory.reads.iter().any(|read| &*read.call == "events:ListRules"));
    // A person confirms later, or never.
    assert_eq!(after(&json!([topic, subscription("email")])).topics[0].confirmed, Fact::Unread);
    assert_eq!(after(&json!([topic, subscription("sqs"), subscription("email")])).topics[0].confirmed, Fact::Known(1));
    let mut open = json!([rule("on", "ENABLED"), {"type": "aws_cloudwatch_event_target", "name": "g", "after": {"rule": "on"}, "unknown": {"arn": true}, "expressions": {"arn": {"references": ["local.topic"]}}}]);
    assert!(after(&open).event_rules[0].targets.is_unread());
    // A rule of which nobody knows what it takes may be the one.
    open[0]["after"]["event_pattern"] = Value::Null;
    (open[0]["unknown"], open[0]["expressions"]) =
        (json!({"event_pattern": true}), json!({"event_pattern": {"references": ["local.p"]}}));
    open.as_array_mut().unwrap().push(rule("other", "ENABLED"));
    assert!(!after(&open).reads.iter().any(|read| read.call.starts_with("events:")));
}

#[test]
fn a_key_of_a_for_each_that_is_open_is_open() {
    let table = |for_each: Value| {
        let mut plan = super::small(&json!([{
            "type": "aws_dynamodb_table", "name": "t", "after": {"name": "t", "point_in_time_recovery": [{}]},
            "unknown": {"point_in_time_recovery": [{"enabled": true}]},
            "expressions": {"point_in_time_recovery": [{"enabled": {"references": ["each.value"]}}]},
        }]));
        plan["configuration"]["root_module"]["resources"][0]["for_each_expression"] = for_each;
        let inventory = super::reading(&plan).after;
        let Detail::Table(table) = &named(&inventory, "aws_dynamodb_table.t").detail else { panic!("no table") };
        table.pitr_days.known().copied()
    };
    assert_eq!(table(json!({"constant_value": ["a"]})), Some(0));
    assert_eq!(table(json!({"references": ["local.all"]})), None);
    // What hangs on the whole of another resource is known only where that does not change.
    assert_eq!(table(json!({"references": ["aws_dynamodb_table.t"]})), None);
}

#[test]
fn secrets_beside_what_is_read_as_a_whole_leave_it_open() {
    let mut settings = json!([{"type": "aws_backup_region_settings", "name": "s", "after": {"resource_type_opt_in_preference": {"EBS": true}}, "sensitive": {"resource_type_opt_in_preference": {"EBS": true}}}]);
    let opt_in = |resources: &Value| {
        let inventory = after(resources);
        let found = inventory.resources.iter().find_map(|resource| resource.region_settings()).unwrap();
        found.backup_opt_in.is_unread()
    };
    assert!(opt_in(&settings));
    settings[0]["sensitive"] = json!(true);
    assert!(opt_in(&settings));
    settings[0]["sensitive"] = json!(false);
    assert!(!opt_in(&settings));
    settings[0]["unknown"] = json!({"resource_type_opt_in_preference": {"EBS": true}});
    assert!(opt_in(&settings));
}

#[test]
fn a_selection_of_an_open_list_of_exceptions_is_open() {
    let selection = |unknown: Value| {
        json!([
            {"type": "aws_backup_plan", "name": "p", "after": {"id": "p", "name": "p", "rule": []}},
            {"type": "aws_backup_selection", "name": "s", "after": {"plan_id": "p", "name": "s", "resources": ["*"]}, "unknown": unknown, "expressions": {"not_resources": {"references": ["local.not"]}}},
        ])
    };
    let selections = |resources: &Value| after(resources).plans[0].selections.clone();
    assert_eq!(selections(&selection(json!({}))).known().unwrap().len(), 1);
    assert!(selections(&selection(json!({"not_resources": true}))).is_unread());
    // A plan that is not known here may be the one that covers everything.
    let mut other = selection(json!({}));
    other[1]["after"]["plan_id"] = json!("another");
    let inventory = after(&other);
    assert_eq!(inventory.plans.len(), 2);
    assert!(inventory.plans.iter().any(|plan| plan.selections.is_unread()));
    assert!(
        open(&other).iter().any(|open| open.contains("names a plan that is not declared here")),
        "{:?}",
        open(&other)
    );
}

#[test]
fn block_devices_that_cannot_be_told_are_a_gap() {
    let instance = json!([{"type": "aws_instance", "name": "i", "after": {"id": "i-1"}, "unknown": {"ebs_block_device": true}, "expressions": {"ebs_block_device": {"references": ["local.devices"]}}}]);
    let gaps = after(&instance).gaps;
    assert!(
        gaps.iter().any(|gap| gap.message.as_ref().unwrap().contains("so not all its volumes are judged")),
        "{gaps:?}"
    );
}
