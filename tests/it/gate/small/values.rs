//! Values that say little, or in another form.

use lastgood::model::fact::Fact;
use lastgood::model::inventory::Inventory;
use lastgood::model::protection::BackupPlan;
use lastgood::model::resource::{Detail, ObjectLock, VaultLock};
use serde_json::{Value, json};

use super::{after, named, open, small};

#[test]
fn an_expression_that_the_plan_does_not_show_is_open() {
    let database = json!([{
        "type": "aws_db_instance", "name": "d", "after": {"identifier": "d"},
        "unknown": {"backup_retention_period": true}, "expressions": {"backup_retention_period": {}},
    }]);
    let inventory = after(&database);
    assert_eq!(named(&inventory, "aws_db_instance.d").database().unwrap().backup_retention_days, Fact::Unread);
    let why = open(&database);
    assert!(why.iter().any(|why| why.contains("is set by an expression that the plan does not show")), "{why:?}");
}

#[test]
fn what_a_part_says_takes_the_place_of_what_the_bucket_does_not_tell() {
    let mut resources = json!([
        {
            "type": "aws_s3_bucket", "name": "b", "after": {"bucket": "b"}, "unknown": {"versioning": true},
            "expressions": {"versioning": [{"enabled": {"references": ["local.on"]}}]},
        },
        {"type": "aws_s3_bucket_versioning", "name": "x", "after": {"bucket": "b", "versioning_configuration": [{"status": "Enabled"}]}},
    ]);
    let says_versioning = |resources: &Value| open(resources).iter().any(|open| open.contains("local.on"));
    assert!(!says_versioning(&resources), "it is known all the same");
    resources.as_array_mut().unwrap().pop();
    assert!(says_versioning(&resources));
}

#[test]
fn volumes_are_encrypted_by_the_setting_of_their_own_region() {
    let with = |setting: Value| {
        let resources = json!([
            {"type": "aws_ebs_volume", "name": "v", "after": {"size": 1, "availability_zone": "eu-west-2a"}},
            {"type": "aws_ebs_encryption_by_default", "name": "e", "after": setting},
        ]);
        match &named(&after(&resources), "aws_ebs_volume.v").detail {
            Detail::Volume(volume) => volume.encrypted.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(with(json!({})), Fact::Known(true), "it is on where nobody says otherwise");
    assert_eq!(with(json!({"enabled": false})), Fact::Known(false));
    assert_eq!(with(json!({"enabled": true, "region": "us-east-1"})), Fact::Unread);
}

#[test]
fn a_selection_may_belong_to_a_plan_of_the_account() {
    let arn = "arn:aws:backup:eu-west-2:111122223333:backup-plan:abc";
    let mut live = Inventory::empty(crate::gate::now(), "aws");
    live.plans.push(BackupPlan {
        arn: arn.into(),
        name: "daily".into(),
        account: "111122223333".into(),
        region: "eu-west-2".into(),
        rules: Vec::new(),
        selections: Fact::Known(Vec::new()),
    });
    let plan = small(&json!([{"type": "aws_backup_selection", "name": "s", "after": {"name": "s", "plan_id": "abc"}}]));
    let of = |live: Option<&Inventory>| {
        let inventory = crate::gate::read(plan.to_string().as_bytes(), live).unwrap().after;
        inventory
            .plans
            .iter()
            .map(|plan| (plan.arn.to_string(), plan.selections.known().map(Vec::len)))
            .collect::<Vec<_>>()
    };
    assert_eq!(of(Some(&live)), [(arn.to_owned(), Some(1))]);
    assert_eq!(of(None)[0].1, None, "what it takes in cannot be told");
}

#[test]
fn what_is_removed_leaves_the_bucket_locked_and_the_vault_unlocked() {
    let retention = json!([{"default_retention": [{"mode": "COMPLIANCE", "days": 30}]}]);
    let bucket =
        json!({"bucket": "b", "object_lock_enabled": true, "object_lock_configuration": [{"rule": retention}]});
    let inventory = after(&json!([
        {"type": "aws_s3_bucket", "name": "b", "before": bucket, "after": bucket},
        {"type": "aws_s3_bucket_object_lock_configuration", "name": "l", "before": {"bucket": "b", "rule": retention}, "after": null},
        {"type": "aws_backup_vault", "name": "v", "before": {"name": "v"}, "after": {"name": "v"}},
        {"type": "aws_backup_vault_lock_configuration", "name": "l", "before": {"backup_vault_name": "v", "min_retention_days": 7}, "after": null},
    ]));
    let lock = named(&inventory, "aws_s3_bucket.b").bucket().unwrap().object_lock.clone();
    assert_eq!(lock, Fact::Known(ObjectLock { enabled: true, mode: None, days: None }));
    match &named(&inventory, "aws_backup_vault.v").detail {
        Detail::Vault(vault) => assert_eq!(vault.lock, Fact::Known(VaultLock::default())),
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_open_exception_of_a_selection_leaves_open_what_it_takes_in() {
    let inventory = after(&json!([
        {"type": "aws_backup_plan", "name": "p", "after": {"id": "p", "name": "p", "rule": []}},
        {
            "type": "aws_backup_selection", "name": "s",
            "after": {"plan_id": "p", "name": "s", "resources": ["*"], "not_resources": ["arn:aws:s3:::a", null]},
            "unknown": {"not_resources": [false, true]}, "expressions": {"not_resources": {"references": ["local.not"]}},
        },
    ]));
    assert!(inventory.plans[0].selections.is_unread(), "what is `null` in the list may be anything");
}

#[test]
fn what_the_change_removes_is_not_brought_back_by_the_account() {
    let table = |after: Value| {
        let before = json!({"name": "t", "arn": "arn:aws:dynamodb:eu-west-2:111122223333:table/t"});
        let after = if after.is_null() { after } else { before.clone() };
        small(&json!([{"type": "aws_dynamodb_table", "name": "t", "before": before, "after": after}]))
    };
    let mut live = super::reading(&table(json!(true))).after;
    live.declared = None;
    let mut reading = super::reading(&table(Value::Null));
    lastgood::sources::iac::join(&mut reading, Some(&live));
    let tables = |inventory: &Inventory| inventory.resources.iter().filter(|of| of.arn.ends_with("table/t")).count();
    assert_eq!((tables(&live), tables(reading.before.as_ref().unwrap()), tables(&reading.after)), (1, 1, 0));
}
