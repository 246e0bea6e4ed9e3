//! What the types of each family become in the inventory.

use lastgood::model::fact::Fact;
use lastgood::model::resource::Resource;
use serde_json::{Value, json};

use super::{change, plan, read};

fn resource(plan: &Value, address: &str) -> Resource {
    let reading = read(plan.to_string().as_bytes(), None).unwrap();
    reading
        .after
        .resources
        .into_iter()
        .find(|r| r.name.as_deref() == Some(address))
        .unwrap_or_else(|| panic!("{address}"))
}

#[test]
fn the_matrix_becomes_this_inventory() {
    let reading = read(plan("matrix").to_string().as_bytes(), None).unwrap();
    let mut inventory = serde_json::to_value(&reading.after).unwrap();
    inventory["declared"]["tool"] = json!("terraform");
    insta::with_settings!({ snapshot_path => "../../../fixtures/iac/terraform/snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_json_snapshot!("matrix", inventory);
    });
}

#[test]
fn the_changes_become_this_inventory() {
    let reading = read(plan("changes").to_string().as_bytes(), None).unwrap();
    insta::with_settings!({ snapshot_path => "../../../fixtures/iac/terraform/snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_json_snapshot!("changes", serde_json::to_value(&reading.after).unwrap());
    });
}

#[test]
fn a_vault_lock_in_compliance_mode_settles_after_its_days() {
    let mut plan = plan("changes");
    let lock = change(&mut plan, "aws_backup_vault_lock_configuration.main");
    lock["change"]["after"]["changeable_for_days"] = json!(3);
    let vault = resource(&plan, "aws_backup_vault.main");
    let Fact::Known(lock) = vault.vault().unwrap().lock else { panic!("open") };
    assert_eq!(lock.immutable_from.unwrap().to_rfc3339(), "2026-11-25T00:00:00+00:00");
}

#[test]
fn a_removed_part_leaves_what_the_provider_leaves() {
    let mut plan = plan("changes");
    let versioning = change(&mut plan, "aws_s3_bucket_versioning.assets");
    versioning["change"]["actions"] = json!(["delete"]);
    versioning["change"]["after"] = Value::Null;
    let bucket = resource(&plan, "aws_s3_bucket.assets");
    assert_eq!(bucket.bucket().unwrap().versioning, Fact::Known(lastgood::model::resource::Versioning::Suspended));
}
